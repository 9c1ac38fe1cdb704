//! What the references of a plan's configuration say of attributes that the plan does not know.

use groma_prove::world::Object;
use groma_provider::Schemas;
use groma_value::addr::{ModuleInstance, ResourceInstance};
use groma_value::{Mark, Value, json};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is made up of an unknown attribute, by instance and path.
pub type Known = BTreeMap<ResourceInstance, Value>;

/// Follows the references of a configuration.
pub struct Linker<'a> {
    /// The root module of the configuration.
    pub configuration: &'a Json,
    /// The objects of the plan.
    pub made: &'a Known,
}

impl Linker<'_> {
    /// An object with what its configuration refers to in the place of what is unknown,
    /// where that is not ambiguous.
    pub fn linked(&self, o: &Object) -> Value {
        let Some(expressions) = self.block(&o.addr).map(|b| &b["expressions"]) else {
            return o.values.clone();
        };
        let values = match o.exists {
            false => unset(&o.values, expressions, &o.addr.resource.ty),
            true => o.values.clone(),
        };
        self.value(&values, expressions, o, false)
    }

    /// The configuration of a resource.
    fn block(&self, addr: &ResourceInstance) -> Option<&Json> {
        let wanted = format!("{}.{}", addr.resource.ty, addr.resource.name);
        self.module(&addr.module)?["resources"].as_array()?.iter().find(|r| r["address"] == wanted.as_str())
    }

    fn module(&self, m: &ModuleInstance) -> Option<&Json> {
        let mut at = self.configuration;
        for (name, _) in m.steps() {
            at = &at["module_calls"][&**name]["module"];
        }
        (!at.is_null()).then_some(at)
    }

    fn value(&self, v: &Value, e: &Json, o: &Object, nested: bool) -> Value {
        match v.peel() {
            Value::Object(f) => {
                let out = f.map_values(|n, v| match &e[&**n] {
                    Json::Null => left(v, nested),
                    inner => self.attribute(v, inner, o),
                });
                Value::Object(Arc::new(out)).with_marks(&v.marks())
            }
            _ => v.clone(),
        }
    }

    fn attribute(&self, v: &Value, e: &Json, o: &Object) -> Value {
        if v.is_wholly_known() && !v.has_mark(&Mark::Invented) {
            return v.clone();
        }
        // Nested blocks: one expression each. In sets it is the one whose constants fit.
        if let (Json::Array(blocks), Some(items)) = (e, v.as_elements()) {
            let ordered = matches!(v.peel(), Value::List(_)) && blocks.len() == items.len();
            let block = |i: usize, v: &Value| {
                if ordered {
                    return blocks.get(i);
                }
                let mut fitting = blocks.iter().filter(|b| constants_fit(v, b));
                fitting.next().filter(|_| fitting.next().is_none())
            };
            let items = items.iter().enumerate();
            let items: Vec<Value> = items
                .map(|(i, v)| block(i, v).map_or_else(|| v.clone(), |e| self.value(v, e, o, true)))
                .collect();
            return match v.peel() {
                Value::List(l) => Value::list(l.ty.clone(), items),
                Value::Set(l) => Value::set(l.ty.clone(), items),
                _ => Value::tuple(items),
            };
        }
        let found = self.targets(&o.addr.module, e, o, 0);
        // Blocks that are written as attributes: one expression for all.
        if let Some(items) = v.as_elements()
            && items.iter().any(|x| matches!(x.peel(), Value::Object(_)))
        {
            let alone = items.len() == 1;
            let items = items.iter().map(|x| element(x, &found, alone)).collect();
            return match v.peel() {
                Value::List(l) => Value::list(l.ty.clone(), items),
                Value::Set(l) => Value::set(l.ty.clone(), items),
                _ => Value::tuple(items),
            };
        }
        let targets: Vec<Value> = found.into_iter().map(|t| t.value).collect();
        match v.peel() {
            Value::Tuple(items) if items.len() == targets.len() && items.iter().all(|v| !v.is_known()) => {
                Value::tuple(targets)
            }
            Value::Unknown(groma_value::Type::String, _) | Value::String(_) => match &targets[..] {
                [one] => one.clone(),
                _ => Value::unknown(groma_value::Type::String),
            },
            Value::Unknown(ty @ (groma_value::Type::List(x) | groma_value::Type::Set(x)), _)
                if **x == groma_value::Type::String && !targets.is_empty() && self.listed(e) =>
            {
                match ty {
                    groma_value::Type::List(_) => Value::list(groma_value::Type::String, targets),
                    _ => Value::set(groma_value::Type::String, targets),
                }
            }
            _ => v.clone(),
        }
    }

    /// Whether an expression's references are what its value lists, as far as can be
    /// told: nothing but attributes that identify.
    fn listed(&self, e: &Json) -> bool {
        let refs = e["references"].as_array().into_iter().flatten().filter_map(Json::as_str);
        refs.filter(|r| !r.starts_with("each.") && !r.starts_with("count."))
            .all(|r| !r.starts_with("local.") && !r.starts_with("path."))
    }

    /// The values that an expression's references lead to.
    fn targets(&self, module: &ModuleInstance, e: &Json, o: &Object, depth: usize) -> Vec<Target> {
        let refs: Vec<&str> =
            e["references"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
        let mut out = Vec::new();
        for (i, r) in refs.iter().enumerate() {
            // Each reference is followed by those that it begins with.
            let before = |end: &str| i > 0 && refs[i - 1].starts_with(&format!("{r}{end}"));
            if before(".") || before("[") {
                continue;
            }
            if depth > 16 || r.starts_with("each.") || r.starts_with("count.") || r.starts_with("local.") {
                // What it comes to cannot be told from here.
                return Vec::new();
            }
            match self.reference(module, r, o, depth) {
                Some(mut v) => out.append(&mut v),
                None => return Vec::new(),
            }
        }
        out
    }

    fn reference(&self, module: &ModuleInstance, r: &str, o: &Object, depth: usize) -> Option<Vec<Target>> {
        if let Some(name) = r.strip_prefix("var.") {
            let name = name.split(['.', '[']).next()?;
            let parent = module.parent()?;
            let (call, _) = module.last()?;
            let e = &self.module(&parent)?["module_calls"][&**call]["expressions"][name];
            let found = self.targets(&parent, e, o, depth + 1);
            return (!found.is_empty()).then_some(found);
        }
        if let Some(rest) = r.strip_prefix("module.") {
            let (call, output) = rest.split_once('.')?;
            let call = call.split('[').next()?;
            let output = output.split(['.', '[']).next()?;
            let child = module.child(groma_value::Name::from(call), groma_value::addr::Key::None);
            let e = &self.module(&child)?["outputs"][output]["expression"];
            let found = self.targets(&child, e, o, depth + 1);
            return (!found.is_empty()).then_some(found);
        }
        let parts: Vec<&str> = r.split('.').collect();
        let (ty, rest) = match parts[..] {
            ["data", ..] => return None,
            [ty, ref rest @ ..] => (ty, rest),
            [] => return None,
        };
        let (name, attribute) = (rest.first()?.split('[').next()?, rest.get(1)?);
        let instances: Vec<(&ResourceInstance, &Value)> = self
            .made
            .iter()
            .filter(|(a, _)| {
                a.module.path() == module.path()
                    && (a.module == *module
                        || module.steps().iter().all(|(_, k)| *k == groma_value::addr::Key::None))
                    && &*a.resource.ty == ty
                    && &*a.resource.name == name
            })
            .filter(|(a, _)| match rest.first().and_then(|n| n.split_once('[')) {
                Some((_, key)) => a.to_string().ends_with(&format!("[{key}")),
                None => true,
            })
            .collect();
        let target = |(addr, v): &(&ResourceInstance, &Value)| {
            let mut value = v.get_attr(attribute)?;
            // What its own configuration sets is not made up, but what that refers to.
            let own = matches!(*attribute, "id" | "arn");
            if !own && (!value.is_known() || value.has_mark(&Mark::Invented)) {
                match &self.block(addr)?["expressions"][*attribute] {
                    Json::Null => {}
                    e => {
                        let of = Object { addr: (*addr).clone(), ..o.clone() };
                        match &self.targets(&addr.module, e, &of, depth + 1)[..] {
                            [one] => value = one.value.clone(),
                            _ => return None,
                        }
                    }
                }
            }
            Some(Target { ty: ty.to_owned(), attribute: (*attribute).to_owned(), value })
        };
        let values: Option<Vec<Target>> = instances.iter().map(target).collect();
        values.filter(|v| !v.is_empty() && v.iter().all(|t| t.value.is_known()))
    }
}

/// What a reference leads to.
#[derive(Clone, Debug)]
struct Target {
    /// The resource type.
    ty: String,
    /// Which attribute of it.
    attribute: String,
    /// The attribute's value.
    value: Value,
}

/// An element of a list of objects of which one expression is known, with what it refers to where
/// an attribute's name says which of that it must be: `nat_gateway_id` is the id of a NAT gateway.
/// `alone`: it is the only element.
fn element(v: &Value, targets: &[Target], alone: bool) -> Value {
    let Some(fields) = v.as_fields() else { return v.clone() };
    let names: Vec<&str> = fields.iter().map(|(n, _)| &**n).collect();
    let out = fields.map_values(|n, v| {
        let text = matches!(v, Value::Unknown(groma_value::Type::String | groma_value::Type::Dynamic, _));
        let list = matches!(v, Value::Unknown(groma_value::Type::List(_) | groma_value::Type::Set(_), _));
        let several = n.ends_with('s');
        if !(text || list) {
            return v.clone();
        }
        let fitting: Vec<&Target> = targets.iter().filter(|t| fits(t, n, &names)).collect();
        match &fitting[..] {
            [one] if several => Value::tuple(vec![one.value.clone()]),
            [one] if text => one.value.clone(),
            many if several && alone && !many.is_empty() => {
                Value::tuple(many.iter().map(|t| t.value.clone()).collect())
            }
            _ => v.clone(),
        }
    });
    Value::Object(Arc::new(out)).with_marks(&v.marks())
}

/// Whether an attribute's name says that it is what a reference leads to, and no other name does
/// so better: the words of `nat_gateway_id` are in `aws_nat_gateway`.
fn fits(target: &Target, name: &str, names: &[&str]) -> bool {
    if !matches!(&*target.attribute, "id" | "arn") {
        return false;
    }
    let words = |n: &str| -> Vec<String> {
        let stem = n.trim_end_matches('s');
        let stem = ["_id", "_arn"].iter().find_map(|e| stem.strip_suffix(e)).unwrap_or(stem);
        stem.split('_').map(str::to_owned).collect()
    };
    let of_type: Vec<&str> = target.ty.split('_').collect();
    let score = |n: &str| {
        let words = words(n);
        words.iter().all(|w| of_type.contains(&&**w)).then_some(words.len())
    };
    let own = score(name);
    own.is_some() && names.iter().all(|n| score(n) <= own)
}

/// Whether what a nested block's configuration says outright is what an element has.
fn constants_fit(v: &Value, block: &Json) -> bool {
    block.as_object().into_iter().flatten().all(|(name, e)| {
        let Some(said) = e.get("constant_value") else { return true };
        let (Some(has), Ok(said)) = (v.get_attr(name), json::from_json_implied(said)) else { return true };
        if !has.is_wholly_known() {
            return true;
        }
        let text =
            |v: &Value| v.as_str().map(str::to_owned).or_else(|| v.as_number().map(ToString::to_string));
        match (has.as_elements(), said.as_elements()) {
            (Some(a), Some(b)) => {
                a.len() == b.len() && a.iter().all(|x| b.iter().any(|y| text(x) == text(y)))
            }
            _ => has == said || text(&has).is_some() && text(&has) == text(&said),
        }
    })
}

/// A new object without what the provider will compute where the configuration sets nothing:
/// defaults of AWS decide it. Identities stay as they were made up.
fn unset(v: &Value, expressions: &Json, ty: &str) -> Value {
    let (Some(fields), Some(schema)) = (v.as_fields(), groma_sandbox::Embedded.resource(ty)) else {
        return v.clone();
    };
    let out = fields.map_values(|n, v| match v {
        Value::Unknown(ty, _)
            if expressions[&**n].is_null()
                && schema.block.attributes.get(n).is_some_and(|a| a.optional && a.computed) =>
        {
            Value::null(ty.clone())
        }
        v => v.clone(),
    });
    Value::Object(Arc::new(out)).with_marks(&v.marks())
}

/// What the configuration does not set.
fn left(v: &Value, nested: bool) -> Value {
    match v {
        Value::Unknown(
            ty @ (groma_value::Type::List(_) | groma_value::Type::Set(_) | groma_value::Type::Map(_)),
            _,
        ) => Value::null(ty.clone()),
        Value::Unknown(ty @ (groma_value::Type::Bool | groma_value::Type::Number), _) if nested => {
            Value::null(ty.clone())
        }
        v => v.clone(),
    }
}
