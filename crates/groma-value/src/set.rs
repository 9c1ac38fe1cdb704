//! The iteration order and identity of set elements.

use crate::value::Value;

/// Sorts elements into iteration order and removes duplicates.
pub fn normalize(mut items: Vec<Value>) -> Vec<Value> {
    items.sort_by(compare);
    items.dedup_by(|a, b| a.is_wholly_known() && a == b);
    items
}

/// The iteration order of two elements of one set.
pub fn compare(a: &Value, b: &Value) -> std::cmp::Ordering {
    match (a, b) {
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Number(a), Value::Number(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        _ => format!("{a:?}").cmp(&format!("{b:?}")),
    }
}
