//! Queries: asking providers what exists, with `list` blocks (since Terraform 1.14).

use crate::context::Context;
use crate::graph::Graph;
use crate::plan::PlanOptions;
use crate::plan_walk::{ImportTarget, Planner};
use crate::provider_calls::{call_failed, provider_diags};
use crate::scope::ModuleScope;
use crate::walk::{Phase, Walk};
use groma_config::List;
use groma_lang::write::{argument_text, block_text};
use groma_lang::{Diagnostic, Diagnostics, Expr};
use groma_provider::{ListRequest, Listed};
use groma_state::State;
use groma_value::addr::{Key, Mode, ModuleInstance, ProviderConfig, Resource, ResourceInstance};
use groma_value::{Name, Type, Value};

/// How many objects are asked for where `limit` says nothing.
const LIMIT: i64 = 100;

/// One object that was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The `list` block's instance: `list.aws_instance.web["a"]`.
    pub list: String,
    /// The resource type.
    pub ty: Name,
    /// Its name for people.
    pub display_name: String,
    /// Its identity.
    pub identity: Option<Value>,
    /// The object, where `include_resource` asks for it.
    pub resource: Option<Value>,
    /// Configuration for taking it over: the `resource` block and the `import` block.
    pub generated: Option<(String, String)>,
}

/// Asks the providers for what the `list` blocks look for. Lists are in the order in which
/// they are written; each is there even if nothing was found: the name, and what was found.
/// With `generate`, configuration is written for each object.
pub async fn query(
    cx: &Context,
    state: &State,
    opts: &PlanOptions,
    generate: bool,
) -> (Vec<(String, Vec<Found>)>, Diagnostics) {
    let graph = Graph::new(&cx.config, state);
    let walk = Walk::new(cx, &graph, Phase::Plan, &opts.variables, state.clone(), None);
    let planner = Planner::new(walk, opts, state.clone(), Default::default());
    let lists = &cx.config.root.module.lists;
    let outside = lists.iter().flat_map(List::references).filter(|t| groma_config::list_of(t).is_none());
    planner.evaluate_for(outside.collect()).await;
    let order = match in_order(lists) {
        Ok(order) => order,
        Err(d) => {
            planner.walk.push(d);
            Vec::new()
        }
    };
    // By their place in the configuration.
    let mut out: Vec<Vec<(String, Vec<Found>)>> = vec![Vec::new(); lists.len()];
    let mut failed = vec![false; lists.len()];
    if !planner.walk.diags.borrow().has_errors() {
        for i in order {
            // What is wrong with one is no reason not to ask for the others, but for those that
            // need what it finds.
            failed[i] = needs(lists, i).iter().any(|&n| failed[n])
                || planner.list(&lists[i], generate, &mut out[i]).await.is_none();
        }
    }
    let diags = planner.walk.diags.take();
    (out.into_iter().flatten().collect(), diags)
}

/// The lists whose findings a list refers to.
fn needs(lists: &[List], i: usize) -> Vec<usize> {
    let references = lists[i].references();
    let named = references.iter().filter_map(groma_config::list_of);
    let place = |(ty, name): (&Name, &Name)| {
        lists.iter().position(|l| l.asked.ty.name == *ty && l.asked.name.name == *name)
    };
    named.filter_map(place).collect()
}

/// The lists, each after those that it refers to, otherwise as they are written.
fn in_order(lists: &[List]) -> Result<Vec<usize>, Diagnostic> {
    let mut order = Vec::new();
    let mut left: Vec<usize> = (0..lists.len()).collect();
    while !left.is_empty() {
        let ready = left.iter().position(|&i| needs(lists, i).iter().all(|n| order.contains(n)));
        let Some(at) = ready else {
            let named = |&i: &usize| format!("list.{}.{}", lists[i].asked.ty.name, lists[i].asked.name.name);
            let names: Vec<String> = left.iter().map(named).collect();
            let detail = format!(
                "Each of these lists refers to another one of them, or to itself: {}.",
                names.join(", ")
            );
            return Err(Diagnostic::error("Cycle", detail).at(lists[left[0]].asked.span));
        };
        order.push(left.remove(at));
    }
    Ok(order)
}

/// What others see of a list, or of one instance of it.
fn seen(found: &[Found]) -> Value {
    let one = |f: &Found| {
        let or_null = |v: &Option<Value>| v.clone().unwrap_or_else(|| Value::null(Type::Dynamic));
        Value::object([
            ("display_name", Value::from(&*f.display_name)),
            ("identity", or_null(&f.identity)),
            ("state", or_null(&f.resource)),
        ])
    };
    Value::object([("data", Value::tuple(found.iter().map(one).collect()))])
}

impl<'a> Planner<'a> {
    /// Asks for one list. `None` after an error.
    async fn list(&'a self, list: &List, generate: bool, out: &mut Vec<(String, Vec<Found>)>) -> Option<()> {
        let walk = &self.walk;
        let root = ModuleInstance::root();
        let asked = &list.asked;
        let provider_addr = crate::graph::provider_of(&walk.cx.config.root, &asked.provider)?;
        let p = &provider_addr.provider.provider;
        let schemas = walk.schemas(p)?;
        let ty = &asked.ty.name;
        let Some(schema) = schemas.list(ty) else {
            walk.push(crate::actions::not_offered(asked, p, "list", &schemas.list_types()));
            return None;
        };
        let mut values = Vec::new();
        let mut ok = true;
        for (key, repetition) in walk.asked_instances(asked, &root)? {
            let name = format!("list.{ty}.{}{key}", asked.name.name);
            let scope = || Some(walk.scope(&root)?.with_repetition(repetition.clone()));
            let chosen = asked.provider_key.as_ref();
            let provider_addr = walk.chosen_provider(&root, &asked.provider, chosen, scope)?;
            let provider = walk.provider(&provider_addr).await?;
            let scope = scope()?;
            let include = self.known(&list.include_resource, &Type::Bool, &scope)?;
            let limit = self.known(&list.limit, &Type::Number, &scope)?;
            let limit = match &limit {
                Some(Value::Number(n)) => n.as_i64().filter(|n| *n > 0),
                _ => Some(LIMIT),
            };
            let Some(limit) = limit else {
                let detail = "The limit is a whole number greater than zero.";
                let span = list.limit.as_ref().map_or(list.asked.span, |e| e.span);
                walk.push(Diagnostic::error("Invalid limit argument", detail).at(span));
                return None;
            };
            let mut diags = Diagnostics::new();
            let config = groma_lang::decode::decode_block(&asked.config, &schema.block, &scope, &mut diags);
            if !walk.report(diags) {
                return None;
            }
            let config = config.unmark_deep().0;
            if !config.is_wholly_known() {
                let detail = "What a list asks for has to be known: it may not depend on what is made only by an apply.";
                walk.push(Diagnostic::error("Invalid list configuration", detail).at(list.asked.span));
                return None;
            }
            let include = include.is_some_and(|v| v.as_bool() == Some(true));
            let answer = match provider.validate_list_config(ty, &config).await {
                Ok(d) if d.iter().any(|d| d.error) => Ok((Vec::new(), d)),
                Ok(mut told) => {
                    let _slot = walk.slots.acquire().await.ok()?;
                    let req =
                        ListRequest { ty, config: &config, include_resource: include || generate, limit };
                    provider.list_resource(req).await.map(|(found, d)| {
                        told.extend(d);
                        (found, told)
                    })
                }
                Err(e) => Err(e),
            };
            let (found, d) = match answer {
                Ok(answer) => answer,
                Err(e) => {
                    walk.push(call_failed(&e).at(list.asked.span));
                    return None;
                }
            };
            let mut diags = Diagnostics::new();
            provider_diags(&mut diags, d, Some(&asked.config), Some(list.asked.span), Some(name.clone()));
            ok &= walk.report(diags);
            let mut all = Vec::new();
            for (i, listed) in found.into_iter().enumerate() {
                let generated = match generate {
                    true => self.take_over(list, &key, i, &listed, &provider_addr).await,
                    false => None,
                };
                all.push(Found {
                    list: name.clone(),
                    ty: ty.clone(),
                    display_name: listed.display_name,
                    identity: listed.identity,
                    resource: listed.resource.filter(|_| include),
                    generated,
                });
            }
            values.push((key, seen(&all)));
            out.push((name, all));
        }
        let value = match (&asked.count, &asked.for_each) {
            (None, None) => values.pop()?.1,
            (Some(_), _) => Value::tuple(values.into_iter().map(|(_, v)| v).collect()),
            _ => Value::object(values.into_iter().filter_map(|(k, v)| match k {
                Key::Str(k) => Some((k, v)),
                _ => None,
            })),
        };
        walk.lists.borrow_mut().insert((ty.clone(), asked.name.name.clone()), value);
        ok.then_some(())
    }

    /// The value of an argument of the block itself, if it is given. The outer `None` after
    /// an error.
    fn known(&self, e: &Option<Expr>, ty: &Type, scope: &ModuleScope<'_>) -> Option<Option<Value>> {
        let Some(e) = e else { return Some(None) };
        let value = self.walk.eval(e, scope)?.unmark_deep().0;
        match groma_value::convert(&value, ty) {
            Ok(v) if v.is_null() => Some(None),
            Ok(v) if v.is_known() => Some(Some(v)),
            other => {
                let why = other.err().map_or("it is not known".to_owned(), |e| e.to_string());
                let detail = format!("The value of the argument is unsuitable: {why}.");
                self.walk.push(Diagnostic::error("Invalid list argument", detail).at(e.span));
                None
            }
        }
    }

    /// The blocks that take an object over. `None`, with a diagnostic, where it cannot be.
    async fn take_over(
        &'a self,
        list: &List,
        key: &Key,
        index: usize,
        listed: &Listed,
        provider_addr: &ProviderConfig,
    ) -> Option<(String, String)> {
        let walk = &self.walk;
        let of_key = match key {
            Key::None => String::new(),
            Key::Int(i) => format!("_{i}"),
            Key::Str(s) => format!("_{}", identifier(s)),
        };
        let name = format!("{}{of_key}_{index}", list.asked.name.name);
        let resource =
            Resource { mode: Mode::Managed, ty: list.asked.ty.name.clone(), name: name.as_str().into() };
        let addr = ResourceInstance { module: ModuleInstance::root(), resource, key: Key::None };
        let Some(identity) = listed.identity.clone() else {
            let detail = format!(
                "The provider gave no identity for {:?}, so no configuration can be written for it.",
                listed.display_name
            );
            walk.push(Diagnostic::warning("Object without an identity", detail).at(list.asked.span));
            return None;
        };
        let schema = walk.schema(&provider_addr.provider.provider, Mode::Managed, &list.asked.ty.name)?;
        let object = match &listed.resource {
            Some(object) => object.clone(),
            None => {
                let provider = walk.provider(provider_addr).await?;
                let target = ImportTarget {
                    id: None,
                    identity: Some(identity.clone()),
                    span: Some(list.asked.span),
                    to: None,
                };
                self.import(&addr, &target, &schema, provider_addr, &provider).await?.0.value
            }
        };
        // A block's type says which provider it is of, but for its alias and odd names.
        let implied = list.asked.ty.name.split('_').next() == Some(&*list.asked.provider.name);
        let provider = match &list.asked.provider.alias {
            Some(alias) => format!("provider = {}.{alias}\n", list.asked.provider.name),
            None if implied => String::new(),
            None => format!("provider = {}\n", list.asked.provider.name),
        };
        let block = self.block_of(&addr, &schema.block, provider_addr, &object, &provider).await?;
        let mut body = format!("to = {addr}\n{provider}");
        body.push_str(&argument_text("identity", &without_nulls(&identity)));
        Some((block, block_text("import", &[], &body)))
    }
}

/// An object without attributes that say nothing.
fn without_nulls(v: &Value) -> Value {
    let fields = v.as_fields().into_iter().flat_map(|f| f.iter());
    Value::object(
        fields.filter(|(_, v)| !v.is_null()).map(|(n, v)| (n.clone(), v.clone())).collect::<Vec<_>>(),
    )
}

/// A text as a part of a name.
fn identifier(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' || c == '-' { c } else { '_' }).collect()
}
