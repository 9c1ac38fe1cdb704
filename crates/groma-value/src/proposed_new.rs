//! How a managed resource's object changes: what is proposed to a provider, and
//! whether what it answers keeps the rules.
//!
//! The values given here are unmarked and of the schema's implied type. Messages
//! about a provider's faults are for its developers.

mod compatible;
mod normalize;
mod plan_valid;

pub use compatible::assert_object_compatible;
pub use normalize::{normalize_object_from_legacy_sdk, set_unknowns, unknown_block_stub};
pub use plan_valid::assert_plan_valid;

use crate::schema::{Attribute, Block, NestedBlock, NestedObject, Nesting};
use crate::types::{Name, Type};
use crate::value::{Fields, Value};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The object that a provider is asked to plan: the configuration, with prior
/// values for computed attributes that are not configured. Nested objects are
/// matched by index, by key, or, in sets, by what is configured in them.
///
/// `prior` may be null (creation). A null `config` (deletion) gives `prior`.
pub fn proposed_new(schema: &Block, prior: &Value, config: &Value) -> Value {
    match (prior.is_null(), config) {
        (_, Value::Null(_)) => prior.clone(),
        // Nothing set at all is what an empty block would have been.
        (true, _) => propose(schema, &schema.empty_value(), config),
        (false, _) => propose(schema, prior, config),
    }
}

/// What a data source (or another object that is read later) will be: the
/// configuration, with computed attributes that are not configured unknown.
pub fn planned_data_resource_object(schema: &Block, config: &Value) -> Value {
    // An unknown prior object has unknown attributes, which then are proposed.
    propose(schema, &Value::unknown(schema.implied_type().clone()), config)
}

fn propose(schema: &Block, prior: &Value, config: &Value) -> Value {
    let Value::Object(fields) = config else { return prior.clone() };
    Value::Object(Arc::new(fields.map_values(|n, v| {
        let before = || part(prior, n).unwrap_or_else(|| Value::Null(v.ty()));
        if let Some(a) = schema.attributes.get(n) {
            return propose_attribute(a, &before(), v);
        }
        match schema.blocks.get(n) {
            Some(b) => propose_block(b, &before(), v),
            None => v.clone(),
        }
    })))
}

/// An attribute of an object that may be null or unknown.
fn part(object: &Value, name: &str) -> Option<Value> {
    match object {
        Value::Null(t) => t.attr(name).cloned().map(Value::Null),
        v => v.get_attr(name),
    }
}

fn propose_attribute(a: &Attribute, prior: &Value, config: &Value) -> Value {
    if a.computed && config.is_null() {
        // A prior value in which something stands that only configuration can
        // set comes from a configuration that is gone now.
        let was_configured = a.optional && a.nested.as_ref().is_some_and(|o| has_configured(o, prior));
        return if was_configured { config.clone() } else { prior.clone() };
    }
    match &a.nested {
        Some(o) => propose_nested(&Shape::Object(o), o.nesting, prior, config),
        None => config.clone(),
    }
}

fn propose_block(b: &NestedBlock, prior: &Value, config: &Value) -> Value {
    propose_nested(&Shape::Block(&b.block), b.nesting, prior, config)
}

/// Whether an attribute that is not computed has a value.
fn has_configured(o: &NestedObject, v: &Value) -> bool {
    let of_object = |v: &Value| {
        let Value::Object(f) = v else { return false };
        f.iter().any(|(n, v)| match o.attributes.get(n) {
            _ if v.is_null() => false,
            Some(a) if !a.computed => true,
            Some(a) => a.nested.as_ref().is_some_and(|o| has_configured(o, v)),
            None => false,
        })
    };
    match v {
        Value::Map(m) => m.items.values().any(of_object),
        v => match v.as_elements() {
            Some(items) => items.iter().any(of_object),
            None => of_object(v),
        },
    }
}

/// What the objects in a block or nested attribute look like.
enum Shape<'a> {
    Block(&'a Block),
    Object(&'a NestedObject),
}

impl Shape<'_> {
    fn attributes(&self) -> &BTreeMap<Name, Attribute> {
        match self {
            Shape::Block(b) => &b.attributes,
            Shape::Object(o) => &o.attributes,
        }
    }
    fn propose(&self, prior: &Value, config: &Value) -> Value {
        match (self, config) {
            (Shape::Block(b), _) => proposed_new(b, prior, config),
            (Shape::Object(o), Value::Object(f)) => Value::Object(Arc::new(f.map_values(|n, v| {
                let before = part(prior, n).unwrap_or_else(|| Value::Null(v.ty()));
                o.attributes.get(n).map_or_else(|| v.clone(), |a| propose_attribute(a, &before, v))
            }))),
            (Shape::Object(_), config) => config.clone(),
        }
    }
}

fn propose_nested(shape: &Shape<'_>, nesting: Nesting, prior: &Value, config: &Value) -> Value {
    if !config.is_known() {
        return config.clone();
    }
    match nesting {
        Nesting::Single if config.is_null() => config.clone(),
        Nesting::Single | Nesting::Group => shape.propose(prior, config),
        Nesting::List => match config {
            Value::List(e) => Value::list(e.ty.clone(), propose_elements(shape, prior, &e.items)),
            Value::Tuple(items) => Value::tuple(propose_elements(shape, prior, items)),
            v => v.clone(),
        },
        Nesting::Map => {
            let one = |n: &Name, v: &Value| match prior.as_fields().and_then(|f| f.get(n)) {
                Some(before) => shape.propose(before, v),
                None => v.clone(),
            };
            match config {
                Value::Map(m) => Value::map(m.ty.clone(), m.items.map_values(one)),
                Value::Object(f) => Value::Object(Arc::new(f.map_values(one))),
                v => v.clone(),
            }
        }
        Nesting::Set => match config {
            Value::Set(e) if !e.items.is_empty() => propose_set(shape, prior, &e.ty, &e.items),
            v => v.clone(),
        },
    }
}

fn propose_elements(shape: &Shape<'_>, prior: &Value, items: &[Value]) -> Vec<Value> {
    let before = |i: usize| match prior {
        Value::Unknown(..) => prior.get_index(&Value::int(i as i64)),
        v => v.as_elements().and_then(|items| items.get(i)).cloned(),
    };
    let items = items.iter().enumerate();
    items.map(|(i, v)| before(i).map_or_else(|| v.clone(), |before| shape.propose(&before, v))).collect()
}

/// Elements of sets have no identity but their value, so a prior element stands
/// for a configured one if the provider could have computed it from that. Each
/// prior element is used once; where several fit, the first in order.
fn propose_set(shape: &Shape<'_>, prior: &Value, ty: &Type, items: &[Value]) -> Value {
    let priors = if let Value::Set(e) = prior { e.items.as_slice() } else { &[] };
    // Only elements alike in what must be alike are compared with each other.
    let mut alike: HashMap<Vec<u8>, Vec<usize>> = HashMap::new();
    for (i, p) in priors.iter().enumerate() {
        alike.entry(configured_key(shape, p)).or_default().push(i);
    }
    let items = items.iter().map(|config| {
        let found = alike.get_mut(&configured_key(shape, config)).and_then(|candidates| {
            let at = candidates.iter().position(|&i| could_come_from(shape, &priors[i], config))?;
            Some(&priors[candidates.remove(at)])
        });
        match found {
            Some(p) => shape.propose(p, config),
            None => shape.propose(&Value::Null(ty.clone()), config),
        }
    });
    Value::set(ty.clone(), items.collect())
}

/// The same for a prior element and the configured one it came from: the
/// attributes that are not computed.
fn configured_key(shape: &Shape<'_>, v: &Value) -> Vec<u8> {
    let Value::Object(f) = v else { return Vec::new() };
    let attrs = shape.attributes();
    let fixed = f.iter().filter(|(n, _)| attrs.get(*n).is_some_and(|a| !a.computed && a.nested.is_none()));
    crate::set::key_of(fixed.map(|(_, v)| v))
}

/// Whether a provider could have made `prior` from `config`: it differs only in
/// computed attributes that are not configured.
fn could_come_from(shape: &Shape<'_>, prior: &Value, config: &Value) -> bool {
    if same_unrefined(prior, config) {
        return true;
    }
    let Value::Object(fields) = prior else { return true };
    let child = |n: &str| match config {
        Value::Null(_) => None,
        v => v.get_attr(n),
    };
    fields.iter().all(|(n, p)| {
        let Some(c) = child(n) else { return false };
        if same_unrefined(p, &c) {
            return true;
        }
        // Elements of a set within a set cannot be matched.
        if matches!(c.ty(), Type::Set(_)) {
            return false;
        }
        let nested = match (shape.attributes().get(n), shape) {
            (Some(a), _) => match &a.nested {
                None => return a.computed && c.is_null(),
                Some(o) => (Shape::Object(o), o.nesting),
            },
            (None, Shape::Block(b)) => match b.blocks.get(n) {
                Some(b) => (Shape::Block(&b.block), b.nesting),
                None => return false,
            },
            (None, Shape::Object(_)) => return false,
        };
        parts_could_come_from(&nested.0, nested.1, p, &c)
    })
}

fn parts_could_come_from(shape: &Shape<'_>, nesting: Nesting, prior: &Value, config: &Value) -> bool {
    match (nesting, prior) {
        // Nothing within to compare.
        (_, Value::Null(_) | Value::Unknown(..)) => true,
        (_, _) if config.is_null() => false,
        (Nesting::Single | Nesting::Group, _) => could_come_from(shape, prior, config),
        (Nesting::Map, _) => prior.as_fields().is_some_and(|f| {
            f.iter().all(|(n, p)| config.get_attr(n).is_some_and(|c| could_come_from(shape, p, &c)))
        }),
        (Nesting::List, _) => prior.as_elements().is_some_and(|items| {
            items.iter().enumerate().all(|(i, p)| {
                config.get_index(&Value::int(i as i64)).is_some_and(|c| could_come_from(shape, p, &c))
            })
        }),
        (Nesting::Set, _) => false,
    }
}

/// Whether the values are the same, whatever is known of what is unknown in them.
fn same_unrefined(a: &Value, b: &Value) -> bool {
    let fields = |x: &Fields, y: &Fields| {
        x.len() == y.len() && x.iter().zip(y.iter()).all(|((n, x), (m, y))| n == m && same_unrefined(x, y))
    };
    let items =
        |x: &[Value], y: &[Value]| x.len() == y.len() && x.iter().zip(y).all(|(x, y)| same_unrefined(x, y));
    match (a, b) {
        (Value::Unknown(s, _), Value::Unknown(t, _)) => s == t,
        // A large machine float that went to a provider comes back as the integer
        // it is, which prints otherwise.
        (Value::Number(x), Value::Number(y)) => x == y || x.cmp(y).is_eq(),
        (Value::Object(x), Value::Object(y)) => Arc::ptr_eq(x, y) || fields(x, y),
        (Value::Tuple(x), Value::Tuple(y)) => Arc::ptr_eq(x, y) || items(x, y),
        (Value::Map(x), Value::Map(y)) => Arc::ptr_eq(x, y) || x.ty == y.ty && fields(&x.items, &y.items),
        (Value::List(x), Value::List(y)) | (Value::Set(x), Value::Set(y)) => {
            Arc::ptr_eq(x, y) || x.ty == y.ty && items(&x.items, &y.items)
        }
        (Value::Marked(x), Value::Marked(y)) => x.1 == y.1 && same_unrefined(&x.0, &y.0),
        _ => a == b,
    }
}

#[cfg(test)]
mod tests;
