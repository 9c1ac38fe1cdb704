//! A structural comparison of two JSON documents which a person can read.

use std::collections::HashMap;
use std::fmt;

use serde_json::Value;

/// One place where two documents differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Where, such as `plan.resource_changes[terraform_data.a].change.after.input`.
    pub path: String,
    /// What is there on the left; `None` for nothing.
    pub left: Option<Value>,
    /// What is there on the right; `None` for nothing.
    pub right: Option<Value>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} | {}", self.path, short(self.left.as_ref()), short(self.right.as_ref()))
    }
}

fn short(value: Option<&Value>) -> String {
    let Some(value) = value else { return "(nothing)".to_owned() };
    let text = value.to_string();
    match text.char_indices().nth(160) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// All differences, in the order of the left document. The order of object keys does not count; that of lists does.
pub fn differences(left: &Value, right: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    walk("", left, right, &mut found);
    found
}

fn walk(path: &str, left: &Value, right: &Value, found: &mut Vec<Difference>) {
    match (left, right) {
        (Value::Object(a), Value::Object(b)) => {
            for (key, value) in a {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                step(path, Some(value), b.get(key), found);
            }
            for (key, value) in b.iter().filter(|(key, _)| !a.contains_key(*key)) {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                step(path, None, Some(value), found);
            }
        }
        (Value::Array(a), Value::Array(b)) => match (identities(a), identities(b)) {
            (Some(ids), Some(other)) => {
                let places: HashMap<&String, usize> =
                    other.iter().enumerate().map(|(i, id)| (id, i)).collect();
                for (id, item) in ids.iter().zip(a) {
                    step(format!("{path}[{id}]"), Some(item), places.get(id).and_then(|&i| b.get(i)), found);
                }
                for (id, item) in other.iter().zip(b).filter(|(id, _)| !ids.contains(id)) {
                    step(format!("{path}[{id}]"), None, Some(item), found);
                }
                let common: Vec<&String> = ids.iter().filter(|id| places.contains_key(id)).collect();
                let theirs: Vec<&String> = other.iter().filter(|id| ids.contains(id)).collect();
                if common != theirs {
                    let [left, right] = [common, theirs].map(|ids| ids.into_iter().cloned().collect());
                    found.push(Difference {
                        path: format!("{path} (order)"),
                        left: Some(left),
                        right: Some(right),
                    });
                }
            }
            _ => {
                for index in 0..a.len().max(b.len()) {
                    step(format!("{path}[{index}]"), a.get(index), b.get(index), found);
                }
            }
        },
        _ if left == right => {}
        _ => found.push(Difference {
            path: path.to_owned(),
            left: Some(left.clone()),
            right: Some(right.clone()),
        }),
    }
}

fn step(path: String, left: Option<&Value>, right: Option<&Value>, found: &mut Vec<Difference>) {
    match (left, right) {
        (Some(left), Some(right)) => walk(&path, left, right, found),
        _ => found.push(Difference { path, left: left.cloned(), right: right.cloned() }),
    }
}

/// A name for each item when all are objects which have one and all names are distinct: then items are compared by
/// name, and one item too many does not shift all the others.
fn identities(items: &[Value]) -> Option<Vec<String>> {
    let ids: Vec<String> = items.iter().map(identity).collect::<Option<_>>()?;
    let mut sorted: Vec<&String> = ids.iter().collect();
    sorted.sort();
    sorted.dedup();
    (sorted.len() == ids.len()).then_some(ids)
}

fn identity(item: &Value) -> Option<String> {
    let item = item.as_object()?;
    let text = |key: &str| item.get(key).and_then(Value::as_str);
    let base = if let Some(address) = text("address") {
        address.to_owned()
    } else if let (Some(mode), Some(kind), Some(name)) = (text("mode"), text("type"), text("name")) {
        format!(
            "{}{mode} {kind}.{name}",
            text("module").map(|module| format!("{module} ")).unwrap_or_default()
        )
    } else if let Some(display) = item.get("address").and_then(|address| address.get("to_display")?.as_str())
    {
        display.to_owned()
    } else if item.contains_key("attributes") && item.contains_key("schema_version") {
        // An instance in a state file: the only one has no key.
        item.get("index_key").map(Value::to_string).unwrap_or_default()
    } else {
        return None;
    };
    Some(text("deposed").map(|key| format!("{base} {key}")).unwrap_or(base))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn lines(left: Value, right: Value) -> Vec<String> {
        differences(&left, &right).iter().map(Difference::to_string).collect()
    }

    #[test]
    fn equal_documents_have_no_differences_whatever_the_order_of_keys() {
        assert_eq!(lines(json!({"a": 1, "b": [1, {}]}), json!({"b": [1, {}], "a": 1})), Vec::<String>::new());
    }

    #[test]
    fn items_with_names_are_compared_by_name() {
        let left = json!({"r": [{"address": "a", "v": 1}, {"address": "b", "v": 2}]});
        let right = json!({"r": [{"address": "x"}, {"address": "b", "v": 3}]});
        let expected = [
            "r[a]: {\"address\":\"a\",\"v\":1} | (nothing)",
            "r[b].v: 2 | 3",
            "r[x]: (nothing) | {\"address\":\"x\"}",
        ];
        assert_eq!(lines(left, right), expected);
    }

    #[test]
    fn another_order_is_a_difference() {
        let [a, b] = ["a", "b"].map(|name| json!({"mode": "managed", "type": "t", "name": name}));
        let found = lines(json!([a, b]), json!([b, a]));
        assert_eq!(
            found,
            [" (order): [\"managed t.a\",\"managed t.b\"] | [\"managed t.b\",\"managed t.a\"]"]
        );
        assert_eq!(lines(json!([1, 2]), json!([2, 1])), ["[0]: 1 | 2", "[1]: 2 | 1"]);
    }
}
