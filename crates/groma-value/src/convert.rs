//! Conversion of values to types, and unification of types.
//!
//! A conversion is *safe* when every value of the one type has a counterpart in
//! the other (number to string), *unsafe* when that depends on the value (string
//! to number). The language converts implicitly with both; unification for
//! `list(any)` and the like only where a type-level conversion exists.

mod apply;
mod defaults;
mod mismatch;
mod unify;

pub use defaults::Defaults;
pub use mismatch::mismatch_message;
pub use unify::{unify, unify_unsafe, unify_values, unify_values_unsafe};

use crate::path::PathError;
use crate::types::Type;
use crate::value::Value;

/// Why a value cannot become a type: the place within the value and the reason.
pub type ConvertError = PathError;

/// Converts `v` to `ty` with the language's implicit conversions (unsafe ones
/// such as string to number included). Marks are kept. `Dynamic` accepts
/// anything. Attributes of `v` that the type does not have are dropped; optional
/// ones that `v` does not have become null.
pub fn convert(v: &Value, ty: &Type) -> Result<Value, ConvertError> {
    convert_if(v, ty, true)
}

/// As [`convert`], with safe conversions only.
pub fn convert_safe(v: &Value, ty: &Type) -> Result<Value, ConvertError> {
    convert_if(v, ty, false)
}

fn convert_if(v: &Value, ty: &Type, allow_unsafe: bool) -> Result<Value, ConvertError> {
    if *ty == Type::Dynamic || has_type(v, ty) {
        return Ok(v.clone());
    }
    let have = v.ty();
    if !can_convert(&have, ty, allow_unsafe) {
        return Err(PathError::here(mismatch_message(&have, ty)));
    }
    apply::apply(v, ty, allow_unsafe)
}

/// Whether every value of type `from` converts to `to`.
pub fn is_safe_conversion(from: &Type, to: &Type) -> bool {
    can_convert(from, to, false)
}

/// Whether some values of type `from` convert to `to`.
pub fn is_possible_conversion(from: &Type, to: &Type) -> bool {
    can_convert(from, to, true)
}

/// Whether `v` is of type `ty`, but for which attributes are optional. Does not
/// allocate, unlike comparing [`Value::ty`].
pub fn has_type(v: &Value, ty: &Type) -> bool {
    match (v, ty) {
        (Value::Marked(m), _) => has_type(&m.0, ty),
        (Value::Null(t) | Value::Unknown(t, _), _) => same_but_optional(t, ty),
        (Value::Bool(_), Type::Bool)
        | (Value::Number(_), Type::Number)
        | (Value::String(_), Type::String) => true,
        (Value::List(e), Type::List(t)) | (Value::Set(e), Type::Set(t)) => same_but_optional(&e.ty, t),
        (Value::Map(m), Type::Map(t)) => same_but_optional(&m.ty, t),
        (Value::Tuple(items), Type::Tuple(ts)) => {
            items.len() == ts.len() && items.iter().zip(ts.iter()).all(|(v, t)| has_type(v, t))
        }
        (Value::Object(f), Type::Object(o)) => {
            f.len() == o.attrs.len()
                && f.iter().zip(o.attrs.iter()).all(|((n, v), (m, t))| n == m && has_type(v, t))
        }
        _ => false,
    }
}

/// Whether the types are equal but for which attributes are optional.
fn same_but_optional(a: &Type, b: &Type) -> bool {
    match (a, b) {
        (Type::List(a), Type::List(b)) | (Type::Set(a), Type::Set(b)) | (Type::Map(a), Type::Map(b)) => {
            std::sync::Arc::ptr_eq(a, b) || same_but_optional(a, b)
        }
        (Type::Tuple(a), Type::Tuple(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same_but_optional(a, b))
        }
        (Type::Object(a), Type::Object(b)) => {
            std::sync::Arc::ptr_eq(a, b)
                || a.attrs.len() == b.attrs.len()
                    && a.attrs.iter().zip(&b.attrs).all(|((n, s), (m, t))| n == m && same_but_optional(s, t))
        }
        _ => a == b,
    }
}

/// Whether there is a conversion between the types, which for a particular value
/// may still fail.
fn can_convert(from: &Type, to: &Type, allow_unsafe: bool) -> bool {
    let can = |a: &Type, b: &Type| can_convert(a, b, allow_unsafe);
    if *to == Type::Dynamic || *from == Type::Dynamic && allow_unsafe || same_but_optional(from, to) {
        return true;
    }
    match (from, to) {
        (Type::Number | Type::Bool, Type::String) => true,
        (Type::String, Type::Number | Type::Bool) => allow_unsafe,
        (Type::Object(a), Type::Object(b)) => b.attrs.iter().all(|(n, t)| match a.attrs.get(n) {
            Some(s) => can(s, t),
            None => b.optional.contains(n),
        }),
        (Type::Tuple(a), Type::Tuple(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| can(a, b))
        }
        (Type::List(a) | Type::Set(a), Type::List(b)) => can(a, b),
        // The order and duplicates are lost.
        (Type::List(a), Type::Set(b)) => allow_unsafe && can(a, b),
        (Type::Set(a), Type::Set(b)) | (Type::Map(a), Type::Map(b)) => can(a, b),
        (Type::Tuple(items), Type::List(t) | Type::Set(t)) => {
            let items = unify::distinct(items.iter());
            match element_type(&items, t, allow_unsafe) {
                // Elements of types of their own are no collection.
                Some(Type::Dynamic) => items.iter().all(|t| **t == Type::Dynamic),
                Some(t) => items.iter().all(|s| can(s, &t)),
                None => false,
            }
        }
        (Type::Object(a), Type::Map(t)) => {
            let attrs = unify::distinct(a.attrs.values());
            match element_type(&attrs, t, allow_unsafe) {
                Some(t) => attrs.iter().all(|s| can(s, &t)),
                None => false,
            }
        }
        // Which keys the map has is not known by its type.
        (Type::Map(t), Type::Object(b)) => {
            allow_unsafe && b.attrs.iter().all(|(n, u)| can(t, u) || b.optional.contains(n))
        }
        _ => false,
    }
}

/// The element type of a collection made of parts of the given types, when `ty`
/// is asked for: what they unify to if that is left open.
fn element_type(parts: &[&Type], ty: &Type, allow_unsafe: bool) -> Option<Type> {
    match ty {
        Type::Dynamic if !parts.is_empty() => unify::unify_refs(parts, allow_unsafe).map(|u| u.ty),
        t => Some(t.clone()),
    }
}

#[cfg(test)]
mod tests;
