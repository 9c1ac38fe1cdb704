//! Values in the shape of a schema: making a value fit, and finding the places
//! that the schema says something about.

use crate::convert::convert;
use crate::json::within;
use crate::marks::Marks;
use crate::path::{Path, PathError, PathStep};
use crate::schema::{Attribute, Block, NestedBlock, NestedObject, Nesting};
use crate::set::quoted;
use crate::types::{Name, Type};
use crate::value::Value;
use std::collections::BTreeMap;

/// The fault of an attribute that the schema asks for or does not have.
fn fault<T>(message: String) -> Result<T, PathError> {
    Err(PathError::here(message))
}

impl Block {
    /// Converts `v` to a value of this block: absent optional attributes become
    /// null, absent blocks empty. An attribute that the block does not have, or a
    /// required one that is absent, is an error. Marks are kept.
    pub fn coerce_value(&self, v: &Value) -> Result<Value, PathError> {
        let ty = self.implied_type();
        let fields = match v {
            Value::Marked(m) => return Ok(self.coerce_value(&m.0)?.with_marks(&m.1)),
            Value::Null(_) => return Ok(Value::Null(ty.clone())),
            Value::Unknown(..) => return Ok(Value::unknown(ty.clone())),
            Value::Object(f) => f,
            _ => return fault("an object is required".into()),
        };
        if let Some(n) =
            fields.names().find(|n| !self.attributes.contains_key(*n) && !self.blocks.contains_key(*n))
        {
            return fault(format!("unexpected attribute {}", quoted(n)));
        }
        let mut out: Vec<(Name, Value)> = Vec::with_capacity(self.attributes.len() + self.blocks.len());
        for (n, a) in &self.attributes {
            let v = match fields.get(n) {
                Some(v) if a.nested.is_none() => convert(v, &a.ty),
                Some(v) => convert(v, &a.config_type()),
                None if a.optional || a.computed => Ok(Value::Null(a.ty.clone())),
                None => return fault(format!("attribute {} is required", quoted(n))),
            };
            out.push((n.clone(), v.map_err(|e| within(e, PathStep::Attr(n.clone())))?));
        }
        for (n, b) in &self.blocks {
            let v = match fields.get(n) {
                Some(v) => b.coerce_value(v).map_err(|e| within(e, PathStep::Attr(n.clone())))?,
                None => b.empty_value(),
            };
            out.push((n.clone(), v));
        }
        Ok(Value::object(out))
    }
    /// Whether a value of `ty` is one of this block, where dynamic places of the
    /// schema may be of any type.
    pub fn accepts_type(&self, ty: &Type) -> bool {
        crate::ops::conforms(ty, self.implied_type())
    }
    /// The value of a block about which nothing is known: an object in which every
    /// attribute and nested block is unknown.
    pub fn unknown_value(&self) -> Value {
        let attrs = self.attributes.iter().map(|(n, a)| (n.clone(), Value::unknown(a.ty.clone())));
        let blocks = self.blocks.iter().map(|(n, b)| (n.clone(), Value::unknown(b.implied_type())));
        Value::object(attrs.chain(blocks))
    }
    /// Where the schema says that `v` is sensitive, in `v` as far as that goes.
    pub fn sensitive_paths(&self, v: &Value) -> Vec<Path> {
        let mut out = Vec::new();
        if self.contains_sensitive() {
            Find {
                flag: |a| a.sensitive,
                block: Block::contains_sensitive,
                object: NestedObject::contains_sensitive,
            }
            .in_block(self, v, &mut Path::new(), &mut out);
        }
        out
    }
    /// Where the schema says that `v` is write-only.
    pub fn write_only_paths(&self, v: &Value) -> Vec<Path> {
        let mut out = Vec::new();
        if self.contains_write_only() && v.is_known() && !v.is_null() {
            Find {
                flag: |a| a.write_only,
                block: Block::contains_write_only,
                object: NestedObject::contains_write_only,
            }
            .in_block(self, v, &mut Path::new(), &mut out);
        }
        out
    }
    /// Marks as sensitive what the schema says is.
    pub fn mark_sensitive(&self, v: &Value) -> Value {
        let paths = self.sensitive_paths(v);
        if paths.is_empty() {
            return v.clone();
        }
        let marks: Vec<(Path, Marks)> = paths.into_iter().map(|p| (p, Marks::sensitive())).collect();
        v.mark_with_paths(&marks)
    }
    /// The value with null in place of write-only attributes, so that it can be
    /// stored. Shares what has none.
    pub fn without_write_only(&self, v: &Value) -> Value {
        if !self.contains_write_only() {
            return v.clone();
        }
        match v {
            Value::Marked(m) => self.without_write_only(&m.0).with_marks(&m.1),
            Value::Object(f) => Value::Object(std::sync::Arc::new(f.map_values(|n, v| {
                if let Some(a) = self.attributes.get(n) {
                    return a.without_write_only(v);
                }
                match self.blocks.get(n) {
                    Some(b) => map_objects(v, &|v| b.block.without_write_only(v)),
                    None => v.clone(),
                }
            }))),
            v => v.clone(),
        }
    }
    /// The attribute that `path` ends at; `None` for a block, an element, or a
    /// place within an attribute without structure of its own.
    pub fn attribute_at(&self, path: &Path) -> Option<&Attribute> {
        let mut steps = path.steps();
        let mut block = self;
        loop {
            let (step, rest) = steps.split_first()?;
            steps = rest;
            let PathStep::Attr(n) = step else { continue };
            match block.attributes.get(n) {
                Some(a) => return a.at(steps),
                None => block = &block.blocks.get(n)?.block,
            }
        }
    }
}

impl Attribute {
    fn at(&self, rest: &[PathStep]) -> Option<&Attribute> {
        if rest.is_empty() {
            return Some(self);
        }
        let nested = self.nested.as_ref()?;
        let at =
            rest.iter().position(|s| matches!(s, PathStep::Attr(n) if nested.attributes.contains_key(n)))?;
        let PathStep::Attr(n) = &rest[at] else { return None };
        nested.attributes.get(n)?.at(&rest[at + 1..])
    }
    fn without_write_only(&self, v: &Value) -> Value {
        if self.write_only {
            return Value::Null(self.ty.clone());
        }
        match &self.nested {
            Some(o) if o.contains_write_only() => map_objects(v, &|v| match v {
                Value::Object(f) => Value::Object(std::sync::Arc::new(f.map_values(|n, v| {
                    o.attributes.get(n).map_or_else(|| v.clone(), |a| a.without_write_only(v))
                }))),
                v => v.clone(),
            }),
            _ => v.clone(),
        }
    }
}

/// Applies `f` to the objects of a block or nested attribute, whatever the nesting.
fn map_objects(v: &Value, f: &dyn Fn(&Value) -> Value) -> Value {
    match v {
        Value::Marked(m) => map_objects(&m.0, f).with_marks(&m.1),
        Value::List(e) => Value::list(e.ty.clone(), e.items.iter().map(f).collect()),
        Value::Set(e) => Value::set(e.ty.clone(), e.items.iter().map(f).collect()),
        Value::Tuple(items) => Value::tuple(items.iter().map(f).collect()),
        Value::Map(m) => Value::map(m.ty.clone(), m.items.iter().map(|(n, v)| (n.clone(), f(v)))),
        v => f(v),
    }
}

impl NestedBlock {
    fn coerce_value(&self, v: &Value) -> Result<Value, PathError> {
        let one = |v: &Value, step: PathStep| self.block.coerce_value(v).map_err(|e| within(e, step));
        let inner = self.block.implied_type();
        let required = |what: &str| fault(format!("must be a {what}"));
        match (v, self.nesting) {
            (Value::Marked(m), _) => Ok(self.coerce_value(&m.0)?.with_marks(&m.1)),
            (_, Nesting::Single | Nesting::Group) => self.block.coerce_value(v),
            (Value::Null(_), _) => Ok(Value::Null(self.implied_type())),
            (Value::Unknown(..), _) => Ok(Value::unknown(self.implied_type())),
            (_, Nesting::List | Nesting::Set) => {
                let list = self.nesting == Nesting::List;
                let Some(items) = v.as_elements() else { return required(if list { "list" } else { "set" }) };
                let mut out = Vec::with_capacity(items.len());
                for (i, v) in items.iter().enumerate() {
                    out.push(one(v, PathStep::Index(Value::int(i as i64)))?);
                }
                Ok(match list {
                    true if inner.has_dynamic() => Value::tuple(out),
                    true => Value::list(inner.clone(), out),
                    false => Value::set(inner.clone(), out),
                })
            }
            (_, Nesting::Map) => {
                let Some(items) = v.as_fields() else { return required("map") };
                let mut out: Vec<(Name, Value)> = Vec::with_capacity(items.len());
                for (n, v) in items.iter() {
                    out.push((n.clone(), one(v, PathStep::Index(Value::String(n.clone())))?));
                }
                Ok(if inner.has_dynamic() { Value::object(out) } else { Value::map(inner.clone(), out) })
            }
        }
    }
}

/// Collects the paths of attributes with a flag.
struct Find {
    flag: fn(&Attribute) -> bool,
    /// Whether it is worth going into a block.
    block: fn(&Block) -> bool,
    object: fn(&NestedObject) -> bool,
}

impl Find {
    fn in_block(&self, block: &Block, v: &Value, path: &mut Path, out: &mut Vec<Path>) {
        self.in_attributes(&block.attributes, v, path, out);
        for (n, b) in &block.blocks {
            if !(self.block)(&b.block) {
                continue;
            }
            // A block that is not there has no attributes to speak of.
            let Some(inner) = v.get_attr(n) else { continue };
            path.push(PathStep::Attr(n.clone()));
            each_object(&inner, b.nesting, path, &mut |v, path| self.in_block(&b.block, v, path, out));
            path.pop();
        }
    }
    fn in_attributes(
        &self,
        attrs: &BTreeMap<Name, Attribute>,
        v: &Value,
        path: &mut Path,
        out: &mut Vec<Path>,
    ) {
        for (n, a) in attrs {
            if (self.flag)(a) {
                out.push(path.attr(n.clone()));
                continue;
            }
            let Some(nested) = a.nested.as_ref().filter(|o| (self.object)(o)) else { continue };
            let Some(inner) = v.get_attr(n) else { continue };
            path.push(PathStep::Attr(n.clone()));
            each_object(&inner, nested.nesting, path, &mut |v, path| {
                self.in_attributes(&nested.attributes, v, path, out);
            });
            path.pop();
        }
    }
}

/// Calls `f` with each object of a block or nested attribute that is known and
/// not null, and its path.
fn each_object(v: &Value, nesting: Nesting, path: &mut Path, f: &mut dyn FnMut(&Value, &mut Path)) {
    let mut go = |v: &Value, step: PathStep| {
        path.push(step);
        if let Value::Object(_) = v.peel() {
            f(v, path);
        }
        path.pop();
    };
    match (v.peel(), nesting) {
        (Value::Object(_), Nesting::Single | Nesting::Group) => f(v, path),
        (Value::List(e), _) => {
            for (i, v) in e.items.iter().enumerate() {
                go(v, PathStep::Index(Value::int(i as i64)));
            }
        }
        (Value::Tuple(items), _) => {
            for (i, v) in items.iter().enumerate() {
                go(v, PathStep::Index(Value::int(i as i64)));
            }
        }
        (Value::Set(e), _) => e.items.iter().for_each(|v| go(v, PathStep::Index(v.clone()))),
        (Value::Map(m), _) => {
            for (n, v) in m.items.iter() {
                go(v, PathStep::Index(Value::String(n.clone())));
            }
        }
        // A map of blocks with dynamic parts is an object of objects.
        (Value::Object(o), Nesting::Map) => {
            for (n, v) in o.iter() {
                go(v, PathStep::Attr(n.clone()));
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn block() -> Block {
        let inner = Block::of_attributes([
            ("port", Attribute::required(Type::Number)),
            ("key", Attribute { sensitive: true, ..Attribute::optional(Type::String) }),
        ]);
        let nested = NestedObject {
            attributes: [
                ("user", Attribute::required(Type::String)),
                (
                    "pass",
                    Attribute { sensitive: true, write_only: true, ..Attribute::optional(Type::String) },
                ),
            ]
            .map(|(n, a)| (Name::from(n), a))
            .into(),
            nesting: Nesting::Map,
        };
        let mut b = Block::of_attributes([
            ("id", Attribute::computed(Type::String)),
            ("name", Attribute::required(Type::String)),
            ("secret", Attribute { sensitive: true, ..Attribute::optional(Type::String) }),
            (
                "login",
                Attribute {
                    ty: nested.implied_type(),
                    nested: Some(Arc::new(nested)),
                    ..Attribute::optional(Type::Dynamic)
                },
            ),
        ]);
        let nested =
            |nesting| NestedBlock { block: Arc::new(inner.clone()), nesting, min_items: 0, max_items: 0 };
        b.blocks = [
            ("rule", nested(Nesting::List)),
            ("also", nested(Nesting::Set)),
            ("one", nested(Nesting::Single)),
        ]
        .map(|(n, b)| (Name::from(n), b))
        .into();
        b
    }

    fn config() -> Value {
        let rule = |port: Value| Value::object([("port", port)]);
        Value::object([
            ("name", Value::int(5)),
            ("rule", Value::tuple(vec![rule("80".into()), rule(Value::int(81))])),
            ("also", Value::tuple(vec![rule(Value::int(1))])),
            ("login", Value::object([("a", Value::object([("user", "u".into()), ("pass", "p".into())]))])),
        ])
    }

    #[test]
    fn coercion_fills_and_converts() {
        let b = block();
        let v = b.coerce_value(&config()).unwrap();
        assert_eq!(v.ty(), *b.implied_type());
        assert_eq!(v.get_attr("name"), Some("5".into()));
        assert_eq!(v.get_attr("id"), Some(Value::Null(Type::String)));
        assert_eq!(
            v.get_attr("rule").unwrap().get_index(&Value::int(0)).unwrap().get_attr("port"),
            Some(Value::int(80))
        );
        assert_eq!(v.get_attr("one").unwrap(), Value::Null(b.blocks["one"].block.implied_type().clone()));
        assert_eq!(b.coerce_value(&v).unwrap(), v);
        assert_eq!(b.coerce_value(&Value::dynamic()).unwrap(), Value::unknown(b.implied_type().clone()));
    }

    #[test]
    fn coercion_reports_the_place() {
        let b = block();
        let e = |v: Value| b.coerce_value(&v).unwrap_err().to_string();
        assert_eq!(e(Value::empty_object()), "attribute \"name\" is required");
        assert_eq!(
            e(Value::object([("nam", "x")].map(|(n, v)| (n, Value::from(v))))),
            "unexpected attribute \"nam\""
        );
        assert_eq!(e(Value::int(1)), "an object is required");
        let with = |n: &str, v: Value| Value::object([("name", "x".into()), (n, v)]);
        assert_eq!(e(with("rule", "x".into())), ".rule: must be a list");
        assert_eq!(
            e(with("rule", Value::tuple(vec![Value::object([("port", Value::from("http"))])]))),
            ".rule[0].port: a number is required"
        );
        assert_eq!(
            e(with("rule", Value::tuple(vec![Value::empty_object()]))),
            ".rule[0]: attribute \"port\" is required"
        );
        assert_eq!(
            e(with("login", Value::object([("a", Value::empty_object())]))),
            ".login: element \"a\": attribute \"user\" is required"
        );
    }

    #[test]
    fn flagged_paths() {
        let b = block();
        let v = b.coerce_value(&config()).unwrap();
        let show = |paths: Vec<Path>| paths.iter().map(Path::to_string).collect::<Vec<_>>();
        assert_eq!(
            show(b.sensitive_paths(&v)),
            [".login[\"a\"].pass", ".secret", ".also[...].key", ".rule[0].key", ".rule[1].key"]
        );
        assert_eq!(show(b.write_only_paths(&v)), [".login[\"a\"].pass"]);
        assert_eq!(show(b.sensitive_paths(&Value::Null(b.implied_type().clone()))), [".secret"]);
        let marked = b.mark_sensitive(&v);
        assert!(marked.get_attr("also").unwrap().is_marked());
        assert!(!marked.get_attr("rule").unwrap().is_marked());
        assert_eq!(marked.unmark_deep().0, v);
        let stored = b.without_write_only(&v);
        let login = stored.get_attr("login").unwrap().get_index(&"a".into()).unwrap();
        assert_eq!(
            (login.get_attr("pass").unwrap().is_null(), login.get_attr("user")),
            (true, Some("u".into()))
        );
    }

    #[test]
    fn attributes_by_path() {
        let b = block();
        let at = |p: Path| b.attribute_at(&p).map(|a| (a.sensitive, a.write_only));
        let root = Path::new();
        assert_eq!(at(root.attr("secret")), Some((true, false)));
        assert_eq!(at(root.attr("login").index("a".into()).attr("pass")), Some((true, true)));
        assert_eq!(at(root.attr("rule").index(Value::int(0)).attr("key")), Some((true, false)));
        assert_eq!(at(root.attr("rule")), None);
        assert_eq!(at(root.attr("name").attr("x")), None);
    }
}
