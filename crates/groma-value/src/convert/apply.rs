//! Conversion of a value where the types say that there is a conversion.

use super::unify::{self, distinct};
use super::{ConvertError, can_convert, element_type, has_type, mismatch_message};
use crate::json::within;
use crate::number::Number;
use crate::ops;
use crate::path::{PathError, PathStep};
use crate::refine::Refinement;
use crate::set::quoted;
use crate::types::{Name, ObjectType, Type};
use crate::value::{Fields, Value};
use std::sync::Arc;

fn index(i: usize) -> PathStep {
    PathStep::Index(Value::int(i as i64))
}

fn key(n: &Name) -> PathStep {
    PathStep::Index(Value::String(n.clone()))
}

/// The type without optional attributes, copied only if it has some.
fn bare(ty: &Type) -> Type {
    if ty.has_optional() { ty.without_optional() } else { ty.clone() }
}

/// Converts. `can_convert` of the value's type and `ty` must hold.
pub(super) fn apply(v: &Value, ty: &Type, allow_unsafe: bool) -> Result<Value, ConvertError> {
    if *ty == Type::Dynamic || has_type(v, ty) {
        return Ok(v.clone());
    }
    match (v, ty) {
        (Value::Marked(m), _) => Ok(apply(&m.0, ty, allow_unsafe)?.with_marks(&m.1)),
        (Value::Null(t), _) => Ok(Value::Null(fill_dynamic(t, bare(ty)))),
        (Value::Unknown(t, r), _) => Ok(unknown(t, r.as_deref(), fill_dynamic(t, bare(ty)))),
        (Value::Number(n), Type::String) => Ok(Value::String(n.to_string().into())),
        (Value::Bool(b), Type::String) => Ok(Value::string(if *b { "true" } else { "false" })),
        (Value::String(s), Type::Number) => match Number::parse(s) {
            Some(n) => Ok(Value::Number(n)),
            None => Err(PathError::here("a number is required")),
        },
        (Value::String(s), Type::Bool) => match &**s {
            "true" | "1" => Ok(Value::Bool(true)),
            "false" | "0" => Ok(Value::Bool(false)),
            s => Err(PathError::here(match s.to_lowercase().as_str() {
                l @ ("true" | "false") => {
                    format!("a bool is required; to convert from string, use lowercase \"{l}\"")
                }
                _ => "a bool is required".to_owned(),
            })),
        },
        (Value::Object(f), Type::Object(o)) => object(f, o, allow_unsafe),
        (Value::Map(m), Type::Object(o)) => map_to_object(&m.items, o, allow_unsafe),
        (Value::Tuple(items), Type::Tuple(ts)) => {
            let items = items.iter().zip(ts.iter()).enumerate();
            let items = items.map(|(i, (v, t))| apply(v, t, allow_unsafe).map_err(|e| within(e, index(i))));
            Ok(Value::tuple(items.collect::<Result<_, _>>()?))
        }
        (Value::Set(e), Type::List(t)) if !matches!(ops::length(v), Some(Value::Number(_))) => {
            // Unknown elements may turn out equal to others.
            Ok(Value::unknown(Type::list(fill_dynamic(&e.ty, bare(t)))))
        }
        (Value::List(e) | Value::Set(e), Type::List(t) | Type::Set(t)) => {
            let to_list = matches!(ty, Type::List(_));
            if e.items.is_empty() {
                return Ok(collection(to_list, fill_dynamic(&e.ty, bare(t)), Vec::new()));
            }
            let items = each(&e.items, t, allow_unsafe)?;
            same_typed(to_list, items, t)
        }
        (Value::Tuple(items), Type::List(t) | Type::Set(t)) => {
            let to_list = matches!(ty, Type::List(_));
            if items.is_empty() {
                return Ok(collection(to_list, bare(t), Vec::new()));
            }
            let types: Vec<Type> =
                if **t == Type::Dynamic { items.iter().map(Value::ty).collect() } else { vec![] };
            let t = element_type(&distinct(types.iter()), t, allow_unsafe).unwrap_or_else(|| (**t).clone());
            let mut items = each(items, &t, allow_unsafe)?;
            if to_list && t.has_dynamic() {
                items = unify::to_common_type(items, allow_unsafe)?;
            }
            same_typed(to_list, items, &t)
        }
        (Value::Object(f), Type::Map(t)) => {
            if f.is_empty() {
                return Ok(Value::map::<Name>(bare(t), []));
            }
            let types: Vec<Type> =
                if **t == Type::Dynamic { f.values().map(Value::ty).collect() } else { vec![] };
            let t = element_type(&distinct(types.iter()), t, allow_unsafe).unwrap_or_else(|| (**t).clone());
            map(f, &t, allow_unsafe, allow_unsafe, "attribute types must all match for conversion to map")
        }
        (Value::Map(m), Type::Map(t)) => {
            if m.items.is_empty() {
                return Ok(Value::map::<Name>(fill_dynamic(&m.ty, bare(t)), []));
            }
            map(&m.items, t, allow_unsafe, false, "element types must all match for conversion to map")
        }
        _ => Err(PathError::here(mismatch_message(&v.ty(), ty))),
    }
}

fn each(items: &[Value], ty: &Type, allow_unsafe: bool) -> Result<Vec<Value>, ConvertError> {
    let items = items.iter().enumerate();
    items.map(|(i, v)| apply(v, ty, allow_unsafe).map_err(|e| within(e, index(i)))).collect()
}

fn collection(list: bool, ty: Type, items: Vec<Value>) -> Value {
    if list { Value::list(ty, items) } else { Value::set(ty, items) }
}

fn same_typed(list: bool, items: Vec<Value>, ty: &Type) -> Result<Value, ConvertError> {
    if !ty.has_dynamic() {
        return Ok(collection(list, bare(ty), items));
    }
    match unify::settle(items) {
        Ok((ty, items)) => Ok(collection(list, ty, items)),
        Err(_) => {
            let kind = if list { "list" } else { "set" };
            Err(PathError::here(format!("element types must all match for conversion to {kind}")))
        }
    }
}

fn map(
    f: &Fields,
    ty: &Type,
    allow_unsafe: bool,
    unify_unsafe: bool,
    error: &str,
) -> Result<Value, ConvertError> {
    let mut items: Vec<Value> = Vec::with_capacity(f.len());
    for (n, v) in f.iter() {
        items.push(apply(v, ty, allow_unsafe).map_err(|e| within(e, key(n)))?);
    }
    let (ty, items) = if !ty.has_dynamic() {
        (bare(ty), items)
    } else {
        if matches!(ty, Type::List(_) | Type::Set(_) | Type::Map(_) | Type::Object(_)) {
            items = unify::to_common_type(items, unify_unsafe)?;
        }
        unify::settle(items).map_err(|_| PathError::here(error))?
    };
    Ok(Value::map(ty, f.names().cloned().zip(items)))
}

fn object(f: &Fields, ty: &ObjectType, allow_unsafe: bool) -> Result<Value, ConvertError> {
    let mut out: Vec<(Name, Value)> = Vec::with_capacity(ty.attrs.len());
    for (n, t) in &ty.attrs {
        let v = match f.get(n) {
            Some(v) => apply(v, t, allow_unsafe).map_err(|e| within(e, PathStep::Attr(n.clone())))?,
            None => Value::Null(bare(t)),
        };
        out.push((n.clone(), v));
    }
    Ok(Value::object(out))
}

fn map_to_object(items: &Fields, ty: &ObjectType, allow_unsafe: bool) -> Result<Value, ConvertError> {
    let mut out: Vec<(Name, Value)> = Vec::with_capacity(ty.attrs.len());
    let mut missing = None;
    for (n, t) in &ty.attrs {
        let v = match items.get(n) {
            Some(v) => {
                let have = v.ty();
                if !can_convert(&have, t, allow_unsafe) {
                    return Err(PathError::here(format!(
                        "map element type is incompatible with attribute {}: {}",
                        quoted(n),
                        mismatch_message(&have, t)
                    )));
                }
                apply(v, t, allow_unsafe).map_err(|e| within(e, key(n)))?
            }
            None => {
                if !ty.optional.contains(n) {
                    missing = missing.or(Some(n));
                }
                Value::Null(bare(t))
            }
        };
        out.push((n.clone(), v));
    }
    // Reported only when all that is there converts.
    if let Some(n) = missing {
        return Err(PathError::here(format!("map has no element for required attribute {}", quoted(n))));
    }
    Ok(Value::object(out))
}

/// An unknown of type `to`, with what stays true of it through the conversion.
fn unknown(from: &Type, r: Option<&Refinement>, to: Type) -> Value {
    let old = r.cloned().unwrap_or_default();
    let mut new = Refinement { not_null: old.not_null.filter(|n| *n), ..Refinement::default() };
    match (from, &to) {
        (Type::Object(o), Type::Map(_)) => {
            new.len_min = o.attrs.len() as u64;
            new.len_max = Some(o.attrs.len() as u64);
        }
        (Type::Tuple(ts), Type::List(_)) => {
            new.len_min = ts.len() as u64;
            new.len_max = Some(ts.len() as u64);
        }
        // Elements may turn out equal, but not all vanish.
        (Type::Tuple(ts), Type::Set(_)) => {
            new.len_min = ts.len().min(1) as u64;
            new.len_max = Some(ts.len() as u64);
        }
        (from, Type::Set(_)) if from.is_collection() => {
            new.len_min = old.len_min.min(1);
            new.len_max = old.len_max;
        }
        (from, to) if from.is_collection() && to.is_collection() => {
            new.len_min = old.len_min;
            new.len_max = old.len_max;
        }
        _ => {}
    }
    Value::unknown_refined(to, new)
}

/// `out` with the types that `from` has in place of `Dynamic`.
fn fill_dynamic(from: &Type, out: Type) -> Type {
    if *from == Type::Dynamic || !out.has_dynamic() {
        return out;
    }
    let element = |parts: &[&Type], t: &Type| match unify::unify_refs(parts, true) {
        Some(u) => fill_dynamic(&u.ty, t.clone()),
        None => t.clone(),
    };
    match (from, &out) {
        (from, Type::Dynamic) => from.clone(),
        (Type::Map(a), Type::Map(b)) => Type::map(fill_dynamic(a, (**b).clone())),
        (Type::Object(a), Type::Map(b)) => Type::map(element(&distinct(a.attrs.values()), b)),
        (Type::List(a) | Type::Set(a), Type::List(b)) => Type::list(fill_dynamic(a, (**b).clone())),
        (Type::List(a) | Type::Set(a), Type::Set(b)) => Type::set(fill_dynamic(a, (**b).clone())),
        (Type::Tuple(a), Type::List(b)) => Type::list(element(&distinct(a.iter()), b)),
        (Type::Tuple(a), Type::Set(b)) => Type::set(element(&distinct(a.iter()), b)),
        (Type::Tuple(a), Type::Tuple(b)) if a.len() == b.len() => {
            Type::tuple(a.iter().zip(b.iter()).map(|(a, b)| fill_dynamic(a, b.clone())))
        }
        (Type::Map(a), Type::Object(b)) => {
            let attrs = b.attrs.iter().map(|(n, t)| (n.clone(), fill_dynamic(a, t.clone())));
            Type::Object(Arc::new(ObjectType { attrs: attrs.collect(), optional: b.optional.clone() }))
        }
        (Type::Object(a), Type::Object(b)) => {
            let attrs = b.attrs.iter().map(|(n, t)| match a.attrs.get(n) {
                Some(from) => (n.clone(), fill_dynamic(from, t.clone())),
                None => (n.clone(), t.clone()),
            });
            Type::Object(Arc::new(ObjectType { attrs: attrs.collect(), optional: b.optional.clone() }))
        }
        _ => out,
    }
}
