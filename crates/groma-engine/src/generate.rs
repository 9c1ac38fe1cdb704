//! Configuration for objects that are imported and have none.

use crate::context::Context;
use crate::graph::Graph;
use crate::plan::PlanOptions;
use crate::plan_walk::Planner;
use crate::provider_calls::call_failed;
use crate::walk::{Phase, Walk};
use groma_config::Import;
use groma_lang::write::{argument_text, block_text};
use groma_lang::{Diagnostic, Diagnostics};
use groma_state::State;
use groma_value::addr::{ConfigResource, Key, ProviderConfig, ResourceInstance};
use groma_value::schema::{Attribute, Block, Nesting};
use groma_value::{PathStep, Type, Value};

/// Configuration that was generated for an object.
#[derive(Clone, Debug)]
pub struct Generated {
    /// The instance that the object is imported to.
    pub addr: ResourceInstance,
    /// The block as text, formatted.
    pub text: String,
    /// The id that the object was imported by.
    pub id: Option<String>,
}

/// Reads the objects that `import` blocks name and no block of the root module is for,
/// and writes a block for each. What the provider does not accept together is left
/// out of the blocks, as far as it may be left out.
pub async fn generate_config(
    cx: &Context,
    state: &State,
    opts: &PlanOptions,
) -> (Vec<Generated>, Diagnostics) {
    let graph = Graph::new(&cx.config, state);
    let mut walk = Walk::new(cx, &graph, Phase::Plan, &opts.variables, state.clone(), None);
    walk.deferral = crate::deferral::Deferral::planning(opts.allow_deferral);
    let planner = Planner::new(walk, opts, state.clone(), Default::default());
    let wanted: Vec<(&Import, ConfigResource)> = cx
        .config
        .root
        .module
        .imports
        .iter()
        .filter_map(|i| Some((i, crate::plan_managed::import_target(&i.to)?)))
        .filter(|(_, c)| c.module.names().is_empty() && graph.resource(c).is_none())
        .collect();
    if wanted.is_empty() {
        return (Vec::new(), Diagnostics::new());
    }
    let imports: Vec<&Import> = wanted.iter().map(|(i, _)| *i).collect();
    planner.evaluate_for_imports(&imports).await;
    let mut out = Vec::new();
    if !planner.walk.diags.borrow().has_errors() {
        for (import, config) in &wanted {
            out.extend(planner.generate(import, config).await);
        }
    }
    let diags = planner.walk.diags.take();
    (out, diags)
}

impl<'a> Planner<'a> {
    async fn generate(&'a self, import: &Import, config: &ConfigResource) -> Option<Generated> {
        let walk = &self.walk;
        let targets = self.import_targets(import)?;
        let [(addr, target)] = &targets[..] else { return None };
        if addr.key != Key::None {
            walk.push(
                Diagnostic::error(
                    "Configuration for import target does not exist",
                    format!("There is no {config} in the configuration. Configuration can be generated only for a resource without count and for_each: write the block for {addr} by hand."),
                )
                .at(import.to.span),
            );
            return None;
        }
        let provider_addr = self.import_provider(import, config)?;
        let Some(schema) = walk.schema(
            &provider_addr.provider.provider,
            groma_value::addr::Mode::Managed,
            &addr.resource.ty,
        ) else {
            walk.push(
                Diagnostic::error(
                    "Invalid resource type",
                    format!(
                        "The provider {} does not support resource type {:?}.",
                        provider_addr.provider.provider.for_display(),
                        &*addr.resource.ty
                    ),
                )
                .at(import.to.span),
            );
            return None;
        };
        let provider = walk.provider(&provider_addr).await?;
        let (object, importing) = self.import(addr, target, &schema, &provider_addr, &provider).await?;
        let mut text = match &importing.id {
            Some(id) => format!("# __generated__ by Terraform from {id:?}\n"),
            None => "# __generated__ by Terraform\n".to_owned(),
        };
        text.push_str(&self.block_of(addr, &schema.block, &provider_addr, &object.value, "").await?);
        Some(Generated { addr: addr.clone(), text, id: importing.id })
    }

    /// The block for an object that exists, beginning with the arguments `first`.
    pub(crate) async fn block_of(
        &'a self,
        addr: &ResourceInstance,
        block: &Block,
        provider_addr: &ProviderConfig,
        object: &Value,
        first: &str,
    ) -> Option<String> {
        let mut value = configurable(block, &object.unmark_deep().0, true);
        let left_out = self.settle(addr, block, provider_addr, &mut value).await?;
        let mut body = first.to_owned();
        write_body(block, &value, &left_out, true, &mut body);
        Some(block_text("resource", &[&*addr.resource.ty, &*addr.resource.name], &body))
    }

    /// The provider configuration of an import without a block: the one that it names, or
    /// the default one of its type.
    fn import_provider(&'a self, import: &Import, config: &ConfigResource) -> Option<ProviderConfig> {
        let root = self.walk.cx.config.root.clone();
        if let Some(local) = &import.provider {
            let module = groma_value::addr::ModuleInstance::root();
            let scope = || self.walk.scope(&module);
            return self.walk.chosen_provider(&module, local, import.provider_key.as_ref(), scope);
        }
        let ty = &*config.resource.ty;
        let local = ty.split_once('_').map_or(ty, |(p, _)| p);
        let provider = match root.module.required_providers.get(local) {
            Some(r) => r.source.clone(),
            None => groma_value::addr::Provider::implied(local),
        };
        Some(ProviderConfig {
            module: groma_value::addr::ModulePath::root(),
            provider: groma_value::addr::ProviderAlias { provider, alias: None, key: Key::None },
        })
    }

    /// Asks the provider whether the configuration is valid, and takes away one argument
    /// that it does not accept after the other. The names of those.
    async fn settle(
        &'a self,
        addr: &ResourceInstance,
        block: &Block,
        provider_addr: &ProviderConfig,
        value: &mut Value,
    ) -> Option<Vec<groma_value::Name>> {
        let mut left_out = Vec::new();
        loop {
            let answer = match self.walk.cx.validator(provider_addr).await {
                Ok(p) => p.validate_resource_config(&addr.resource.ty, value).await,
                Err(e) => Err(e),
            };
            let diags = match answer {
                Ok(d) => d,
                Err(e) => {
                    self.walk.push(call_failed(&e).about(addr));
                    return None;
                }
            };
            // What is wrong beyond that is told when the plan is made.
            let refused = diags.iter().filter(|d| d.error).find_map(|d| {
                let PathStep::Attr(name) = d.path.as_ref()?.0.first()? else { return None };
                let optional = block.attributes.get(name).is_some_and(|a| a.optional);
                let set = value.get_attr(name).is_some_and(|v| !v.is_null());
                (optional && set).then(|| name.clone())
            });
            let Some(name) = refused else { return Some(left_out) };
            let mut fields = value.as_fields().cloned().unwrap_or_default();
            let ty = block.attributes.get(&name).map_or(Type::Dynamic, |a| a.ty.clone());
            fields.insert(name.clone(), Value::null(ty));
            *value = Value::object(fields);
            left_out.push(name);
        }
    }
}

/// What of an object can be written in a block: computed attributes, secrets and the `id`
/// of old providers are null.
fn configurable(block: &Block, object: &Value, top: bool) -> Value {
    let null = |ty: &Type| Value::null(ty.clone());
    let fields = object.as_fields();
    let get = |name: &str| fields.and_then(|f| f.get(name)).cloned();
    let attributes = block.attributes.iter().map(|(name, a)| {
        let found = get(name).filter(|_| shown(name, a, top) && !a.sensitive && !a.write_only);
        // Old providers make no difference between an empty text and none.
        let found = found.filter(|v| v.as_str() != Some(""));
        (name.clone(), found.unwrap_or_else(|| null(&a.ty)))
    });
    let blocks = block.blocks.iter().map(|(name, b)| {
        let found = get(name).unwrap_or_else(|| Value::null(Type::Dynamic));
        let one = |v: &Value| configurable(&b.block, v, false);
        let inner = b.block.implied_type().clone();
        let v = match (&found, b.nesting) {
            (Value::List(l), Nesting::List) => {
                Value::list(inner, l.items.iter().map(one).collect::<Vec<_>>())
            }
            (Value::Set(s), Nesting::Set) => Value::set(inner, s.items.iter().map(one).collect::<Vec<_>>()),
            (Value::Map(m), Nesting::Map) => {
                Value::map(inner, m.items.iter().map(|(k, v)| (k.clone(), one(v))).collect::<Vec<_>>())
            }
            (Value::Object(_), Nesting::Single | Nesting::Group) => one(&found),
            _ => found.clone(),
        };
        (name.clone(), v)
    });
    Value::object(attributes.chain(blocks).collect::<Vec<_>>())
}

/// Whether an attribute is written at all.
fn shown(name: &str, a: &Attribute, top: bool) -> bool {
    let given = (a.required || a.optional) && !a.deprecated;
    // Old providers let everybody set the id, which nobody may.
    given && !(top && name == "id" && a.optional && a.computed)
}

fn write_body(block: &Block, value: &Value, left_out: &[groma_value::Name], top: bool, out: &mut String) {
    for (name, a) in block.attributes.iter().filter(|(n, a)| shown(n, a, top)) {
        if top && left_out.contains(name) {
            continue;
        }
        if a.sensitive || a.write_only {
            out.push_str(&format!("{name} = null # sensitive\n"));
            continue;
        }
        let v = value.get_attr(name).unwrap_or_else(|| Value::null(Type::Dynamic));
        out.push_str(&argument_text(name, &v));
    }
    for (name, b) in &block.blocks {
        let v = value.get_attr(name).unwrap_or_else(|| Value::null(Type::Dynamic));
        let mut one = |labels: &[&str], v: &Value| {
            let mut body = String::new();
            write_body(&b.block, v, &[], false, &mut body);
            out.push_str(&block_text(name, labels, &body));
        };
        match (&v, b.nesting) {
            (v, Nesting::List | Nesting::Set) => {
                v.as_elements().unwrap_or_default().iter().for_each(|v| one(&[], v));
            }
            (v, Nesting::Map) => {
                for (k, v) in v.as_fields().into_iter().flat_map(|f| f.iter()) {
                    one(&[k], v);
                }
            }
            (v, Nesting::Single | Nesting::Group) => {
                if !v.is_null() {
                    one(&[], v);
                }
            }
        }
    }
}
