//! Defaults of optional object attributes, as type constraints declare them:
//! `object({ a = optional(string, "x") })`.

use super::unify;
use crate::refine::Refinement;
use crate::types::{Name, Type};
use crate::value::{Fields, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The default values within a type constraint.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Defaults {
    /// The type that these defaults belong to; decides how children are named.
    pub ty: Option<Type>,
    /// Default values of the attributes of an object.
    pub default_values: BTreeMap<Name, Value>,
    /// Defaults within parts: by attribute name for an object, by decimal index
    /// for a tuple, under the empty name for the elements of a collection.
    pub children: BTreeMap<Name, Defaults>,
}

impl Defaults {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.default_values.is_empty() && self.children.is_empty()
    }
    /// Sets attributes that are absent or null, at any depth, to their defaults.
    /// The result may still need conversion to the type. What does not fit the
    /// type is left for that conversion to report.
    pub fn apply(&self, v: &Value) -> Value {
        if self.is_empty() {
            return v.clone();
        }
        match v {
            Value::Marked(m) => self.apply(&m.0).with_marks(&m.1),
            Value::Tuple(items) => Value::tuple(self.elements(items)),
            Value::List(e) if e.items.is_empty() => v.clone(),
            Value::List(e) => match unified(self.elements(&e.items)) {
                Ok((ty, items)) => Value::list(ty, items),
                Err(items) => Value::tuple(items),
            },
            Value::Set(e) if e.items.is_empty() => v.clone(),
            Value::Set(e) => match unified(self.elements(&e.items)) {
                Ok((ty, items)) => Value::set(ty, items),
                Err(items) => Value::tuple(items),
            },
            Value::Object(f) => Value::Object(Arc::new(self.fields(f))),
            Value::Map(m) => {
                let fields = self.fields(&m.items);
                if fields.is_empty() {
                    return v.clone();
                }
                let (names, values): (Vec<Name>, Vec<Value>) = fields.into_iter().unzip();
                match unified(values) {
                    Ok((ty, values)) => Value::map(ty, names.into_iter().zip(values)),
                    Err(values) => Value::object(names.into_iter().zip(values)),
                }
            }
            v => v.clone(),
        }
    }
    fn child(&self, name: &str) -> Option<&Defaults> {
        match &self.ty {
            Some(Type::Object(_) | Type::Tuple(_)) => self.children.get(name),
            _ => self.children.get(""),
        }
    }
    fn elements(&self, items: &[Value]) -> Vec<Value> {
        let by_index = matches!(self.ty, Some(Type::Tuple(_)));
        let of = |i: usize| if by_index { self.children.get(&*i.to_string()) } else { self.children.get("") };
        items.iter().enumerate().map(|(i, v)| of(i).map_or_else(|| v.clone(), |d| d.apply(v))).collect()
    }
    fn fields(&self, fields: &Fields) -> Fields {
        let mut out: Vec<(Name, Value)> = Vec::with_capacity(fields.len() + self.default_values.len());
        for (n, v) in fields.iter() {
            let v = self.child(n).map_or_else(|| v.clone(), |d| d.apply(v));
            out.push((n.clone(), v));
        }
        let mut out: Fields = out.into_iter().collect();
        for (n, default) in &self.default_values {
            let v = match out.get(n) {
                Some(v) if !v.is_null() => v.clone(),
                _ => self.children.get(n).map_or_else(|| default.clone(), |d| d.apply(default)),
            };
            // Whatever the value will be, the default stands in for null.
            let v = if default.definitely_not_null() { v.refine(&Refinement::not_null()) } else { v };
            out.insert(n.clone(), v);
        }
        out
    }
}

/// The values as one type, or as they were where there is none.
fn unified(values: Vec<Value>) -> Result<(Type, Vec<Value>), Vec<Value>> {
    match unify::unify_values_unsafe(&values) {
        Some(Ok((_, items))) => unify::settle(items).map_err(|_| values),
        _ => Err(values),
    }
}
