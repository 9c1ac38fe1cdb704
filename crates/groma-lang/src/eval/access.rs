//! Attribute access and indexing, with the language's conversions and messages.

use super::text::quote;
use groma_value::{Marks, Number, Type, Value, convert};

/// Why an access failed.
#[derive(Clone, Debug, PartialEq)]
pub struct AccessError {
    /// The summary of the diagnostic.
    pub summary: &'static str,
    /// Its detail.
    pub detail: String,
}

fn fail<T>(summary: &'static str, detail: impl Into<String>) -> Result<T, AccessError> {
    Err(AccessError { summary, detail: detail.into() })
}

/// `value.name`: an attribute of an object, or an element of a map. Marks of the
/// value are added to the result; an unknown value gives an unknown.
pub fn get_attr(value: &Value, name: &str) -> Result<Value, AccessError> {
    const UNSUPPORTED: &str = "Unsupported attribute";
    let (inner, marks) = split(value);
    let missing =
        || fail(UNSUPPORTED, format!("This object does not have an attribute named {}.", quote(name)));
    let found = match inner {
        Value::Null(_) => {
            return fail(
                "Attempt to get attribute from null value",
                "This value is null, so it does not have any attributes.",
            );
        }
        Value::Unknown(Type::Dynamic, _) => Value::dynamic(),
        Value::Object(fields) => match fields.get(name) {
            Some(v) => v.clone(),
            None => return missing(),
        },
        Value::Unknown(Type::Object(o), _) => match o.attrs.get(name) {
            Some(t) => Value::unknown(t.clone()),
            None => return missing(),
        },
        Value::Map(m) => match m.items.get(name) {
            Some(v) => v.clone(),
            None => {
                let detail = format!("This map does not have an element with the key {}.", quote(name));
                return fail("Missing map element", detail);
            }
        },
        Value::Unknown(Type::Map(t), _) => Value::unknown((**t).clone()),
        other => return fail(UNSUPPORTED, no_attributes(other, name)),
    };
    Ok(match marks {
        Some(m) => found.with_marks(m),
        None => found,
    })
}

/// Why a value of this type has no attributes, with the hint that fits it.
fn no_attributes(value: &Value, name: &str) -> String {
    match value.ty() {
        Type::List(t) if matches!(*t, Type::Object(_)) => {
            let what = if t.attr(name).is_some() { format!("attribute {}", quote(name)) } else { "an attribute".into() };
            format!(
                "Can't access attributes on a list of objects. Did you mean to access {what} for a specific element of the list, or across all elements of the list?"
            )
        }
        Type::Set(t) if matches!(*t, Type::Object(_)) => {
            "Can't access attributes on a set of objects. Did you mean to access an attribute across all elements of the set?".into()
        }
        t if t.is_primitive() => {
            format!("Can't access attributes on a primitive-typed value ({}).", t.friendly_name())
        }
        _ => "This value does not have any attributes.".into(),
    }
}

/// The value without its outermost marks, and those.
fn split(value: &Value) -> (&Value, Option<&Marks>) {
    match value {
        Value::Marked(m) => (&m.0, Some(&m.1)),
        v => (v, None),
    }
}

const INVALID: &str = "Invalid index";
const NO_SUCH: &str = "The given key does not identify an element in this collection value";

fn no_such<T>(reason: &str) -> Result<T, AccessError> {
    let colon = if reason.is_empty() { "" } else { ": " };
    fail(INVALID, format!("{NO_SUCH}{colon}{reason}."))
}

/// `collection[key]`: an element of a list or tuple by number, of a map or object
/// by string, with the key converted to that. Marks of both are added to the
/// result; an unknown collection or key gives an unknown.
pub fn index(collection: &Value, key: &Value) -> Result<Value, AccessError> {
    let (coll, coll_marks) = split(collection);
    let (bare_key, key_marks) = split(key);
    if matches!(coll, Value::Null(_)) {
        return fail("Attempt to index null value", "This value is null, so it does not have any indices.");
    }
    if matches!(bare_key, Value::Null(_)) {
        return fail(INVALID, "Can't use a null value as an indexing key.");
    }
    let with_collection_marks = |v: Value| match coll_marks {
        Some(m) => v.with_marks(m),
        None => v,
    };
    let is_dynamic = |v: &Value| matches!(v, Value::Unknown(Type::Dynamic, _));
    if is_dynamic(coll) || is_dynamic(bare_key) {
        return Ok(with_collection_marks(Value::dynamic()));
    }
    let found = match coll {
        Value::List(_) | Value::Tuple(_) | Value::Unknown(Type::List(_) | Type::Tuple(_), _) => {
            let key = convert_key(bare_key, &Type::Number)?;
            match sequence_element(coll, &key, coll_marks.is_some())? {
                Some(v) => v,
                None => return Ok(with_collection_marks(unknown_element(coll))),
            }
        }
        Value::Map(_) | Value::Unknown(Type::Map(_), _) => {
            let key = convert_key(bare_key, &Type::String)?;
            match (coll, key) {
                (Value::Map(m), Value::String(s)) => match m.items.get(&s) {
                    Some(v) => v.clone(),
                    None => return no_such(""),
                },
                _ => return Ok(with_collection_marks(unknown_element(coll))),
            }
        }
        Value::Object(_) | Value::Unknown(Type::Object(_), _) => {
            // Marks of the key are dropped here, as HCL does.
            return object_element(coll, bare_key).map(with_collection_marks);
        }
        Value::Set(_) | Value::Unknown(Type::Set(_), _) => {
            return fail(
                INVALID,
                "Elements of a set are identified only by their value and don't have any separate index or key to select with, so it's only possible to perform operations across all elements of the set.",
            );
        }
        _ => return fail(INVALID, "This value does not have any indices."),
    };
    let found = with_collection_marks(found);
    Ok(match key_marks {
        Some(m) => found.with_marks(m),
        None => found,
    })
}

fn convert_key(key: &Value, ty: &Type) -> Result<Value, AccessError> {
    convert(key, ty).or_else(|e| no_such(&e.message))
}

/// What an element is when it cannot be known which one it is.
fn unknown_element(coll: &Value) -> Value {
    match coll {
        Value::List(e) => Value::unknown(e.ty.clone()),
        Value::Map(m) => Value::unknown(m.ty.clone()),
        Value::Unknown(Type::List(t) | Type::Map(t), _) => Value::unknown((**t).clone()),
        _ => Value::dynamic(),
    }
}

/// The element of a list or tuple; `None` when that cannot be known.
fn sequence_element(coll: &Value, key: &Value, marked: bool) -> Result<Option<Value>, AccessError> {
    let Value::Number(n) = key else { return Ok(None) };
    let (found, len) = match coll {
        Value::List(e) => (n.as_usize().and_then(|i| e.items.get(i)).cloned(), Some(e.items.len())),
        Value::Tuple(v) => (n.as_usize().and_then(|i| v.get(i)).cloned(), Some(v.len())),
        Value::Unknown(Type::Tuple(ts), _) => {
            (n.as_usize().and_then(|i| ts.get(i)).map(|t| Value::unknown(t.clone())), Some(ts.len()))
        }
        // The length of an unknown list is not known, and so neither is whether
        // even a negative or fractional index is out of it.
        _ => return Ok(None),
    };
    match found {
        Some(v) => Ok(Some(v)),
        None => no_such(bad_index_reason(n, len.filter(|_| !marked))),
    }
}

fn bad_index_reason(n: &Number, len: Option<usize>) -> &'static str {
    if n.as_i64().is_none() && !is_whole(n) {
        return "indexing a sequence requires a whole number, but the given index has a fractional part";
    }
    if n.signum() < 0 {
        return "a negative number is not a valid index for a sequence";
    }
    // HCL says so only for the first index past the end.
    match len {
        Some(0) if n.signum() == 0 => "the collection has no elements",
        Some(len) if n.as_usize() == Some(len) => {
            "the given index is greater than or equal to the length of the collection"
        }
        _ => "",
    }
}

fn is_whole(n: &Number) -> bool {
    n.to_float().repr().exponent() >= 0
}

fn object_element(coll: &Value, key: &Value) -> Result<Value, AccessError> {
    let numeric = matches!(key, Value::Number(_) | Value::Unknown(Type::Number, _));
    let key = convert_key(key, &Type::String)?;
    let Value::Object(fields) = coll else { return Ok(Value::dynamic()) };
    let Value::String(name) = &key else { return Ok(Value::dynamic()) };
    match fields.get(name) {
        Some(v) => Ok(v.clone()),
        None if numeric => fail(
            INVALID,
            format!(
                "{NO_SUCH}. An object only supports looking up attributes by name, not by numeric index."
            ),
        ),
        None => no_such(""),
    }
}
