//! Values as plain JSON, and the three shadows of a value that plan JSON has:
//! what is known, what is not, and what is sensitive.

use groma_value::addr::Key;
use groma_value::{Name, Path, PathStep, Type, Value, json};
use serde_json::{Map, Value as Json};

/// A JSON object under construction. Members keep the order in which they are put.
#[derive(Default)]
pub(crate) struct Obj(Map<String, Json>);

impl Obj {
    pub fn new() -> Obj {
        Obj::default()
    }
    /// A member.
    pub fn put(&mut self, name: &str, value: impl Into<Json>) -> &mut Obj {
        self.0.insert(name.to_owned(), value.into());
        self
    }
    /// A member, if there is one.
    pub fn opt(&mut self, name: &str, value: Option<impl Into<Json>>) -> &mut Obj {
        if let Some(v) = value {
            self.put(name, v);
        }
        self
    }
    /// A member, unless it is empty text.
    pub fn text(&mut self, name: &str, value: impl AsRef<str>) -> &mut Obj {
        let value = value.as_ref();
        if value.is_empty() { self } else { self.put(name, value) }
    }
    /// A member, if it is true.
    pub fn flag(&mut self, name: &str, value: bool) -> &mut Obj {
        if value { self.put(name, true) } else { self }
    }
    /// A member, unless it is an empty object or array.
    pub fn filled(&mut self, name: &str, value: Json) -> &mut Obj {
        let empty = match &value {
            Json::Object(o) => o.is_empty(),
            Json::Array(a) => a.is_empty(),
            _ => false,
        };
        if empty { self } else { self.put(name, value) }
    }
    pub fn json(self) -> Json {
        Json::Object(self.0)
    }
}

/// Named members in the given order.
pub(crate) fn object<N: AsRef<str>>(members: impl IntoIterator<Item = (N, Json)>) -> Json {
    Json::Object(members.into_iter().map(|(n, v)| (n.as_ref().to_owned(), v)).collect())
}

/// The value without types and marks. An unknown is null; a caller to whom that
/// matters uses [`known`].
pub fn plain(v: &Value) -> Json {
    known(v).unwrap_or(Json::Null)
}

/// The known part of a value: unknown members of maps and objects are left out,
/// and unknown elements are null, as their places are told by their order.
pub(crate) fn known(v: &Value) -> Option<Json> {
    Some(match v {
        Value::Marked(m) => return known(&m.0),
        Value::Unknown(..) => return None,
        Value::Null(_) => Json::Null,
        Value::Bool(b) => Json::Bool(*b),
        Value::String(s) => Json::String(s.to_string()),
        // An infinity has no JSON form; nothing that is stored has one.
        Value::Number(_) => json::to_json(v, &Type::Number).unwrap_or(Json::Null),
        Value::List(e) | Value::Set(e) => Json::Array(e.items.iter().map(plain).collect()),
        Value::Tuple(items) => Json::Array(items.iter().map(plain).collect()),
        Value::Map(m) => members(m.items.iter(), known),
        Value::Object(f) => members(f.iter(), known),
    })
}

fn members<'a>(
    fields: impl Iterator<Item = (&'a Name, &'a Value)>,
    f: impl Fn(&Value) -> Option<Json>,
) -> Json {
    Json::Object(fields.filter_map(|(n, v)| Some((n.to_string(), f(v)?))).collect())
}

fn unless_false(v: Json) -> Option<Json> {
    (v != Json::Bool(false)).then_some(v)
}

/// The same structure with `true` where something is unknown. Known members of
/// maps and objects are left out.
pub(crate) fn unknown_as_bool(v: &Value) -> Json {
    match v {
        Value::Marked(m) => unknown_as_bool(&m.0),
        Value::Unknown(..) => Json::Bool(true),
        Value::List(e) | Value::Set(e) => Json::Array(e.items.iter().map(unknown_as_bool).collect()),
        Value::Tuple(items) => Json::Array(items.iter().map(unknown_as_bool).collect()),
        Value::Map(m) => members(m.items.iter(), |v| unless_false(unknown_as_bool(v))),
        Value::Object(f) => members(f.iter(), |v| unless_false(unknown_as_bool(v))),
        _ => Json::Bool(false),
    }
}

/// The same structure with `true` where something is sensitive. Members of maps
/// and objects that are not are left out; of an unknown collection nothing is said.
pub(crate) fn sensitive_as_bool(v: &Value) -> Json {
    match v {
        Value::Marked(m) if m.1.is_sensitive() => Json::Bool(true),
        Value::Marked(m) => sensitive_as_bool(&m.0),
        Value::List(e) | Value::Set(e) => Json::Array(e.items.iter().map(sensitive_as_bool).collect()),
        Value::Tuple(items) => Json::Array(items.iter().map(sensitive_as_bool).collect()),
        Value::Map(m) => members(m.items.iter(), |v| unless_false(sensitive_as_bool(v))),
        Value::Object(f) => members(f.iter(), |v| unless_false(sensitive_as_bool(v))),
        Value::Unknown(Type::List(_) | Type::Set(_) | Type::Tuple(_), _) => Json::Array(Vec::new()),
        Value::Unknown(Type::Map(_) | Type::Object(_), _) => Json::Object(Map::new()),
        _ => Json::Bool(false),
    }
}

/// A path as an array of names and keys.
pub(crate) fn path(p: &Path) -> Json {
    let step = |s: &PathStep| match s {
        PathStep::Attr(n) => Json::String(n.to_string()),
        PathStep::Index(v) => plain(v),
    };
    Json::Array(p.steps().iter().map(step).collect())
}

/// An instance key; nothing for a resource without `count` and `for_each`.
pub(crate) fn key(k: &Key) -> Option<Json> {
    match k {
        Key::None => None,
        Key::Int(i) => Some((*i).into()),
        Key::Str(s) => Some(Json::String(s.to_string())),
    }
}

/// The attributes of an object, as far as they are known. Nothing for null.
pub(crate) fn attributes(v: &Value) -> Option<Json> {
    match v.peel() {
        Value::Object(f) => Some(members(f.iter(), known)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use groma_value::Mark;

    fn sample() -> Value {
        Value::object([
            ("known", Value::int(1)),
            ("half", Value::Number(groma_value::Number::parse("2.50").unwrap())),
            ("later", Value::unknown(Type::String)),
            ("list", Value::tuple(vec![Value::from("a"), Value::unknown(Type::String)])),
            ("secret", Value::from("s").mark(Mark::Sensitive)),
            ("unlisted", Value::unknown(Type::list(Type::String))),
            ("none", Value::null(Type::String)),
            ("map", Value::map(Type::String, [("k", Value::unknown(Type::String)), ("l", Value::from("x"))])),
        ])
    }

    #[test]
    fn shadows_of_a_value() {
        let v = sample();
        assert_eq!(
            known(&v).unwrap(),
            serde_json::json!({
                "half": 2.5, "known": 1, "list": ["a", null], "map": {"l": "x"}, "none": null, "secret": "s"
            })
        );
        assert_eq!(
            unknown_as_bool(&v),
            serde_json::json!({"later": true, "list": [false, true], "map": {"k": true}, "unlisted": true})
        );
        assert_eq!(
            sensitive_as_bool(&v),
            serde_json::json!({"list": [false, false], "map": {}, "secret": true, "unlisted": []})
        );
        assert_eq!(sensitive_as_bool(&Value::null(Type::String)), Json::Bool(false));
        assert_eq!(known(&Value::unknown(Type::Bool)), None);
    }

    #[test]
    fn paths_and_keys() {
        let p = Path::new().attr("a").index(Value::int(0)).index("k".into());
        assert_eq!(path(&p), serde_json::json!(["a", 0, "k"]));
        assert_eq!(key(&Key::None), None);
        assert_eq!(key(&Key::Str("x".into())), Some("x".into()));
    }
}
