//! Saying why there is no conversion between two types.

use super::can_convert;
use crate::set::quoted;
use crate::types::{ObjectType, Type};

/// Why `got` does not convert to `want`, in Terraform's words: "string required",
/// `attribute "a" is required`, `element 0: number required`.
pub fn mismatch_message(got: &Type, want: &Type) -> String {
    let required = || format!("{} required", want.friendly_name_for_constraint());
    let possible = |t: &Type, e: &Type| can_convert(t, e, true);
    match (got, want) {
        (Type::Object(got), Type::Object(want)) => objects(got, want),
        (Type::Tuple(_), Type::List(e)) if **e == Type::Dynamic => {
            "all list elements must have the same type".into()
        }
        (Type::Tuple(_), Type::Set(e)) if **e == Type::Dynamic => {
            "all set elements must have the same type".into()
        }
        (Type::Object(_), Type::Map(e)) if **e == Type::Dynamic => {
            "all map elements must have the same type".into()
        }
        (Type::Tuple(items), Type::List(e) | Type::Set(e)) => {
            match items.iter().enumerate().find(|(_, t)| !possible(t, e)) {
                Some((i, t)) => format!("element {i}: {}", mismatch_message(t, e)),
                None => format!("all elements must be {}", e.friendly_name_for_constraint()),
            }
        }
        (Type::Object(o), Type::Map(e)) => match o.attrs.iter().find(|(_, t)| !possible(t, e)) {
            Some((n, t)) => format!("element {}: {}", quoted(n), mismatch_message(t, e)),
            None => format!("all elements must be {}", e.friendly_name_for_constraint()),
        },
        (Type::List(got) | Type::Set(got), Type::List(e)) => {
            format!("incorrect list element type: {}", mismatch_message(got, e))
        }
        (Type::List(got) | Type::Set(got), Type::Set(e)) => {
            format!("incorrect set element type: {}", mismatch_message(got, e))
        }
        (Type::Map(got), Type::Map(e)) => format!("incorrect map element type: {}", mismatch_message(got, e)),
        _ => required(),
    }
}

/// Missing attributes first; then one that cannot convert; then one that
/// converts only unsafely.
fn objects(got: &ObjectType, want: &ObjectType) -> String {
    let missing: Vec<String> = want
        .attrs
        .keys()
        .filter(|n| !got.attrs.contains_key(*n) && !want.optional.contains(*n))
        .map(|n| quoted(n))
        .collect();
    match missing.as_slice() {
        [] => {}
        [a] => return format!("attribute {a} is required"),
        [a, b] => return format!("attributes {a} and {b} are required"),
        [first @ .., last] => return format!("attributes {}, and {last} are required", first.join(", ")),
    }
    for allow_unsafe in [true, false] {
        for (n, w) in &want.attrs {
            if let Some(g) = got.attrs.get(n)
                && !can_convert(g, w, allow_unsafe)
            {
                return format!("attribute {}: {}", quoted(n), mismatch_message(g, w));
            }
        }
    }
    "incorrect object attributes".into()
}
