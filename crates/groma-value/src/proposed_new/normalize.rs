//! Mending values of providers built on the legacy SDK, and filling in unknowns.

use super::Shape;
use crate::marks::Marks;
use crate::path::Path;
use crate::schema::{Attribute, Block, NestedBlock, Nesting};
use crate::types::Name;
use crate::value::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Makes nested blocks neither null nor unknown, which the legacy SDK lets them
/// be: null becomes empty, unknown one block of unknown attributes. Marks are kept.
pub fn normalize_object_from_legacy_sdk(schema: &Block, v: &Value) -> Value {
    if !v.contains_marked() {
        return normalize(schema, v);
    }
    let (bare, marks): (Value, Vec<(Path, Marks)>) = v.unmark_deep_with_paths();
    normalize(schema, &bare).mark_with_paths(&marks)
}

fn normalize(schema: &Block, v: &Value) -> Value {
    match v {
        Value::Null(_) => Value::Null(schema.implied_type().clone()),
        // Nothing to mend.
        Value::Object(_) if schema.blocks.is_empty() => v.clone(),
        Value::Object(f) => Value::Object(Arc::new(f.map_values(|n, v| match schema.blocks.get(n) {
            // The legacy SDK has no dynamic types.
            Some(b) if !b.block.implied_type().has_dynamic() => normalize_block(b, v),
            _ => v.clone(),
        }))),
        v => v.clone(),
    }
}

fn normalize_block(b: &NestedBlock, v: &Value) -> Value {
    let ty = b.block.implied_type();
    match (b.nesting, v) {
        (Nesting::Single | Nesting::Group, Value::Unknown(..)) => unknown_block_stub(&b.block),
        (Nesting::Group, Value::Null(_)) => b.block.empty_value(),
        (Nesting::Single | Nesting::Group, v) => normalize(&b.block, v),
        (Nesting::List, Value::Unknown(..)) => Value::list(ty.clone(), vec![unknown_block_stub(&b.block)]),
        (Nesting::Set, Value::Unknown(..)) => Value::set(ty.clone(), vec![unknown_block_stub(&b.block)]),
        (Nesting::List | Nesting::Set, Value::Null(_)) => b.empty_value(),
        (Nesting::List, Value::List(e)) if !e.items.is_empty() => {
            Value::list(ty.clone(), e.items.iter().map(|v| normalize(&b.block, v)).collect())
        }
        (Nesting::Set, Value::Set(e)) if !e.items.is_empty() => {
            Value::set(ty.clone(), e.items.iter().map(|v| normalize(&b.block, v)).collect())
        }
        // The legacy SDK has no maps of blocks.
        (_, v) => v.clone(),
    }
}

/// A block whose attributes are all unknown, in place of a block that is unknown
/// itself.
pub fn unknown_block_stub(schema: &Block) -> Value {
    let attrs = schema.attributes.iter().map(|(n, a)| (n.clone(), Value::unknown(a.ty.clone())));
    let blocks = schema.blocks.iter().map(|(n, b)| {
        let ty = b.block.implied_type();
        let v = match b.nesting {
            Nesting::Single | Nesting::Group => unknown_block_stub(&b.block),
            Nesting::List if ty.has_dynamic() => Value::tuple(vec![unknown_block_stub(&b.block)]),
            Nesting::List => Value::list(ty.clone(), vec![unknown_block_stub(&b.block)]),
            Nesting::Set => Value::set(ty.clone(), vec![unknown_block_stub(&b.block)]),
            Nesting::Map => b.empty_value(),
        };
        (n.clone(), v)
    });
    Value::object(attrs.chain(blocks))
}

/// Makes every computed attribute that is null unknown, at all depths: what a
/// provider that computes everything at apply would plan.
pub fn set_unknowns(schema: &Block, v: &Value) -> Value {
    in_shape(&Shape::Block(schema), v)
}

fn in_shape(shape: &Shape<'_>, v: &Value) -> Value {
    match v {
        Value::Marked(m) => in_shape(shape, &m.0).with_marks(&m.1),
        Value::Object(f) => Value::Object(Arc::new(f.map_values(|n, v| {
            if let Some(a) = shape.attributes().get(n) {
                return in_attribute(a, v);
            }
            match shape {
                Shape::Block(b) => match b.blocks.get(n) {
                    Some(b) => in_all(&Shape::Block(&b.block), b.nesting, v),
                    None => v.clone(),
                },
                Shape::Object(_) => v.clone(),
            }
        }))),
        v => v.clone(),
    }
}

fn in_attribute(a: &Attribute, v: &Value) -> Value {
    match (&a.nested, v.peel()) {
        (_, Value::Null(_)) if a.computed => Value::unknown(a.ty.clone()).with_marks(&v.marks()),
        (Some(o), _) if any_computed(&o.attributes) => in_all(&Shape::Object(o), o.nesting, v),
        _ => v.clone(),
    }
}

fn any_computed(attrs: &BTreeMap<Name, Attribute>) -> bool {
    attrs.values().any(|a| a.computed || a.nested.as_ref().is_some_and(|o| any_computed(&o.attributes)))
}

fn in_all(shape: &Shape<'_>, nesting: Nesting, v: &Value) -> Value {
    match (v, nesting) {
        (Value::Marked(m), _) => in_all(shape, nesting, &m.0).with_marks(&m.1),
        (Value::List(e), _) => {
            Value::list(e.ty.clone(), e.items.iter().map(|v| in_shape(shape, v)).collect())
        }
        (Value::Set(e), _) => Value::set(e.ty.clone(), e.items.iter().map(|v| in_shape(shape, v)).collect()),
        (Value::Tuple(items), _) => Value::tuple(items.iter().map(|v| in_shape(shape, v)).collect()),
        (Value::Map(m), _) => Value::map(m.ty.clone(), m.items.map_values(|_, v| in_shape(shape, v))),
        (Value::Object(f), Nesting::Map) => Value::Object(Arc::new(f.map_values(|_, v| in_shape(shape, v)))),
        (v, _) => in_shape(shape, v),
    }
}
