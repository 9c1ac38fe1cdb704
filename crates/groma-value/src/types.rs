//! Types of values.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

/// An attribute, variable or map key name; shared, so cloning is a pointer copy.
pub type Name = Arc<str>;

/// The type of a value. Cloning is cheap.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Type {
    /// Any type (`any` in a constraint); the type of an unknown of unknown type.
    Dynamic,
    /// `bool`
    Bool,
    /// `number`
    Number,
    /// `string`
    String,
    /// `list(T)`
    List(Arc<Type>),
    /// `set(T)`
    Set(Arc<Type>),
    /// `map(T)`
    Map(Arc<Type>),
    /// `tuple([T, ...])`
    Tuple(Arc<[Type]>),
    /// `object({ name = T, ... })`
    Object(Arc<ObjectType>),
}

/// The attributes of an object type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectType {
    /// Attribute types by name.
    pub attrs: BTreeMap<Name, Type>,
    /// Names of attributes that may be absent in a value to be converted
    /// (`optional(T)`). Empty for the type of an actual value.
    pub optional: BTreeSet<Name>,
}

impl Type {
    /// `list(elem)`
    pub fn list(elem: Type) -> Type {
        Type::List(Arc::new(elem))
    }
    /// `set(elem)`
    pub fn set(elem: Type) -> Type {
        Type::Set(Arc::new(elem))
    }
    /// `map(elem)`
    pub fn map(elem: Type) -> Type {
        Type::Map(Arc::new(elem))
    }
    /// `tuple([..])`
    pub fn tuple(elems: impl IntoIterator<Item = Type>) -> Type {
        Type::Tuple(elems.into_iter().collect())
    }
    /// `object({..})` without optional attributes.
    pub fn object<N: Into<Name>>(attrs: impl IntoIterator<Item = (N, Type)>) -> Type {
        Type::Object(Arc::new(ObjectType {
            attrs: attrs.into_iter().map(|(n, t)| (n.into(), t)).collect(),
            optional: BTreeSet::new(),
        }))
    }
    /// `object({..})` in which the `optional` names may be absent.
    pub fn object_with_optional(attrs: BTreeMap<Name, Type>, optional: BTreeSet<Name>) -> Type {
        Type::Object(Arc::new(ObjectType { attrs, optional }))
    }
    /// Whether this is `bool`, `number` or `string`.
    pub fn is_primitive(&self) -> bool {
        matches!(self, Type::Bool | Type::Number | Type::String)
    }
    /// Whether this is a list, set or map (not a tuple or object).
    pub fn is_collection(&self) -> bool {
        matches!(self, Type::List(_) | Type::Set(_) | Type::Map(_))
    }
    /// The element type of a list, set or map.
    pub fn element(&self) -> Option<&Type> {
        match self {
            Type::List(t) | Type::Set(t) | Type::Map(t) => Some(t),
            _ => None,
        }
    }
    /// The type of attribute `name` of an object type.
    pub fn attr(&self, name: &str) -> Option<&Type> {
        match self {
            Type::Object(o) => o.attrs.get(name),
            _ => None,
        }
    }
    /// Whether `Dynamic` occurs anywhere within.
    pub fn has_dynamic(&self) -> bool {
        match self {
            Type::Dynamic => true,
            Type::Bool | Type::Number | Type::String => false,
            Type::List(t) | Type::Set(t) | Type::Map(t) => t.has_dynamic(),
            Type::Tuple(ts) => ts.iter().any(Type::has_dynamic),
            Type::Object(o) => o.attrs.values().any(Type::has_dynamic),
        }
    }
    /// The same type with every object attribute required.
    pub fn without_optional(&self) -> Type {
        match self {
            Type::List(t) => Type::list(t.without_optional()),
            Type::Set(t) => Type::set(t.without_optional()),
            Type::Map(t) => Type::map(t.without_optional()),
            Type::Tuple(ts) => Type::tuple(ts.iter().map(Type::without_optional)),
            Type::Object(o) => Type::object(o.attrs.iter().map(|(n, t)| (n.clone(), t.without_optional()))),
            t => t.clone(),
        }
    }
    /// Whether an object type anywhere within has optional attributes.
    pub fn has_optional(&self) -> bool {
        match self {
            Type::Dynamic | Type::Bool | Type::Number | Type::String => false,
            Type::List(t) | Type::Set(t) | Type::Map(t) => t.has_optional(),
            Type::Tuple(ts) => ts.iter().any(Type::has_optional),
            Type::Object(o) => !o.optional.is_empty() || o.attrs.values().any(Type::has_optional),
        }
    }
    /// The name used in messages: `string`, `list of string`, `object`, `tuple`, ...
    /// (the wording of Terraform's diagnostics).
    pub fn friendly_name(&self) -> String {
        let of = |kind: &str, t: &Type| format!("{kind} of {}", t.friendly_name());
        match self {
            Type::Dynamic => "dynamic".into(),
            Type::Bool => "bool".into(),
            Type::Number => "number".into(),
            Type::String => "string".into(),
            Type::List(t) => of("list", t),
            Type::Set(t) => of("set", t),
            Type::Map(t) => of("map", t),
            Type::Tuple(_) => "tuple".into(),
            Type::Object(_) => "object".into(),
        }
    }
    /// As [`Type::friendly_name`], for a type used as a constraint: `Dynamic` is
    /// "any type" (at the top) or "any single type" (as an element).
    pub fn friendly_name_for_constraint(&self) -> String {
        let of = |kind: &str, t: &Type| match t {
            Type::Dynamic => format!("{kind} of any single type"),
            t => format!("{kind} of {}", t.friendly_name_for_constraint()),
        };
        match self {
            Type::Dynamic => "any type".into(),
            Type::List(t) => of("list", t),
            Type::Set(t) => of("set", t),
            Type::Map(t) => of("map", t),
            t => t.friendly_name(),
        }
    }
}

/// Prints the type in the syntax of type constraints: `list(string)`.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Dynamic => f.write_str("any"),
            Type::Bool => f.write_str("bool"),
            Type::Number => f.write_str("number"),
            Type::String => f.write_str("string"),
            Type::List(t) => write!(f, "list({t})"),
            Type::Set(t) => write!(f, "set({t})"),
            Type::Map(t) => write!(f, "map({t})"),
            Type::Tuple(ts) => {
                f.write_str("tuple([")?;
                for (i, t) in ts.iter().enumerate() {
                    if i > 0 {
                        f.write_str(", ")?;
                    }
                    write!(f, "{t}")?;
                }
                f.write_str("])")
            }
            Type::Object(o) => {
                f.write_str("object({")?;
                for (i, (n, t)) in o.attrs.iter().enumerate() {
                    if i > 0 {
                        f.write_str(", ")?;
                    }
                    if o.optional.contains(n) {
                        write!(f, "{n} = optional({t})")?;
                    } else {
                        write!(f, "{n} = {t}")?;
                    }
                }
                f.write_str("})")
            }
        }
    }
}
