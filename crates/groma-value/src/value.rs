//! Values.

use crate::marks::{Mark, Marks};
use crate::number::Number;
use crate::path::{Path, PathStep};
use crate::refine::Refinement;
use crate::types::{Name, ObjectType, Type};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// A value of the language. Immutable; cloning copies at most a pointer or two.
///
/// Invariants: `Marked` never directly holds another `Marked`; elements of a
/// set are never marked, deeply (their marks are on the set); elements of a
/// list, set or map have the collection's element type exactly; strings are in
/// Unicode normal form C. The constructors keep these; matching on the
/// variants is the usual way to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A null of a type.
    Null(Type),
    /// A value not known yet, with what is known about it.
    Unknown(Type, Option<Arc<Refinement>>),
    /// A boolean.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    String(Arc<str>),
    /// A list.
    List(Arc<Elements>),
    /// A set: elements in iteration order (see [`crate::set`]), without duplicates.
    Set(Arc<Elements>),
    /// A map.
    Map(Arc<MapValue>),
    /// A tuple.
    Tuple(Arc<Vec<Value>>),
    /// An object.
    Object(Arc<Fields>),
    /// A value with marks; never nested directly.
    Marked(Arc<(Value, Marks)>),
}

/// The content of a list or set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elements {
    /// The element type.
    pub ty: Type,
    /// The elements.
    pub items: Vec<Value>,
}

/// The content of a map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapValue {
    /// The element type.
    pub ty: Type,
    /// The elements by key.
    pub items: Fields,
}

/// Named values sorted by name: the content of an object or a map.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(Vec<(Name, Value)>);

impl Fields {
    /// No fields.
    pub fn new() -> Fields {
        Fields::default()
    }
    /// The value of `name`. O(log n).
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.binary_search_by(|(n, _)| (**n).cmp(name)).ok().map(|i| &self.0[i].1)
    }
    /// Whether there is a field `name`.
    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }
    /// Sets a field. O(n) for a new name.
    pub fn insert(&mut self, name: impl Into<Name>, value: Value) {
        let name = name.into();
        match self.0.binary_search_by(|(n, _)| n.cmp(&name)) {
            Ok(i) => self.0[i].1 = value,
            Err(i) => self.0.insert(i, (name, value)),
        }
    }
    /// Removes a field.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let i = self.0.binary_search_by(|(n, _)| (**n).cmp(name)).ok()?;
        Some(self.0.remove(i).1)
    }
    /// The fields in order of names (byte order).
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&Name, &Value)> + ExactSizeIterator {
        self.0.iter().map(|(n, v)| (n, v))
    }
    /// The names in order.
    pub fn names(&self) -> impl Iterator<Item = &Name> {
        self.0.iter().map(|(n, _)| n)
    }
    /// The values in order of names.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.0.iter().map(|(_, v)| v)
    }
    /// Changes every value.
    pub fn map_values(&self, mut f: impl FnMut(&Name, &Value) -> Value) -> Fields {
        Fields(self.0.iter().map(|(n, v)| (n.clone(), f(n, v))).collect())
    }
    /// Number of fields.
    pub fn len(&self) -> usize {
        self.0.len()
    }
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Sorts by name; of equal names the last wins. O(n log n).
impl<N: Into<Name>> FromIterator<(N, Value)> for Fields {
    fn from_iter<I: IntoIterator<Item = (N, Value)>>(iter: I) -> Self {
        let mut v: Vec<(Name, Value)> = iter.into_iter().map(|(n, v)| (n.into(), v)).collect();
        if v.windows(2).all(|w| w[0].0 < w[1].0) {
            return Fields(v);
        }
        v.sort_by(|a, b| a.0.cmp(&b.0)); // stable: later duplicates stay later
        let mut out: Vec<(Name, Value)> = Vec::with_capacity(v.len());
        for (n, x) in v {
            match out.last_mut() {
                Some(last) if last.0 == n => last.1 = x,
                _ => out.push((n, x)),
            }
        }
        Fields(out)
    }
}

impl IntoIterator for Fields {
    type Item = (Name, Value);
    type IntoIter = std::vec::IntoIter<(Name, Value)>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// A list of unknowns is made of a length that is known only up to here (elements).
const MAX_LENGTH_TO_SPELL_OUT: u64 = 1 << 16;

/// Normal form C, without a copy where the text has it already.
pub fn nfc(s: &str) -> Arc<str> {
    if s.is_ascii() || is_nfc(s) { Arc::from(s) } else { s.nfc().collect::<String>().into() }
}

/// Constructors.
impl Value {
    /// A null of type `ty`.
    pub fn null(ty: Type) -> Value {
        Value::Null(ty)
    }
    /// An unknown of type `ty` about which nothing else is known.
    pub fn unknown(ty: Type) -> Value {
        Value::Unknown(ty, None)
    }
    /// An unknown of unknown type.
    pub fn dynamic() -> Value {
        Value::Unknown(Type::Dynamic, None)
    }
    /// An unknown with a refinement. An empty refinement, or one on `Dynamic`
    /// (cty allows none there), is dropped; a refinement that leaves one value
    /// gives that value, and one that tells a list's length gives the list.
    pub fn unknown_refined(ty: Type, r: Refinement) -> Value {
        if ty == Type::Dynamic {
            return Value::Unknown(ty, None);
        }
        if r.not_null == Some(false) {
            return Value::Null(ty);
        }
        if r.is_empty() {
            return Value::Unknown(ty, None);
        }
        if r.not_null == Some(true) {
            if let (Some((min, true)), Some((max, true))) = (&r.number_min, &r.number_max)
                && ty == Type::Number
                && min == max
            {
                return Value::Number(min.clone());
            }
            match (&ty, r.len_max) {
                (Type::List(t), Some(0)) => return Value::list((**t).clone(), Vec::new()),
                (Type::Set(t), Some(0)) => return Value::set((**t).clone(), Vec::new()),
                (Type::Map(t), Some(0)) => return Value::map::<Name>((**t).clone(), []),
                (Type::List(t), Some(n)) if n == r.len_min && n <= MAX_LENGTH_TO_SPELL_OUT => {
                    let items = vec![Value::unknown((**t).clone()); n as usize];
                    return Value::list((**t).clone(), items);
                }
                (Type::Set(t), Some(1)) if r.len_min == 1 => {
                    return Value::set((**t).clone(), vec![Value::unknown((**t).clone())]);
                }
                _ => {}
            }
        }
        Value::Unknown(ty, Some(Arc::new(r)))
    }
    /// Says more about the value, if it is unknown; a known value stays as it is.
    /// Marks are kept. What does not apply to the type is ignored.
    pub fn refine(self, r: &Refinement) -> Value {
        match self {
            Value::Unknown(Type::Dynamic, _) => self,
            Value::Unknown(ty, old) => {
                let r = r.clone().restricted_to(&ty);
                let r = match old {
                    Some(old) => old.and(&r),
                    None => r,
                };
                Value::unknown_refined(ty, r)
            }
            Value::Marked(m) => {
                let (v, marks) = Value::Marked(m).unmark();
                v.refine(r).with_marks(&marks)
            }
            v => v,
        }
    }
    /// Says of the value, if it is unknown, that it will not be null.
    pub fn refine_not_null(self) -> Value {
        match &self {
            Value::Unknown(..) | Value::Marked(_) => self.refine(&Refinement::not_null()),
            _ => self,
        }
    }
    /// An unknown that will not be null.
    pub fn unknown_not_null(ty: Type) -> Value {
        Value::unknown_refined(ty, Refinement::not_null())
    }
    /// A string, normalised to form C.
    pub fn string(s: impl AsRef<str>) -> Value {
        Value::String(nfc(s.as_ref()))
    }
    /// An integer.
    pub fn int(n: i64) -> Value {
        Value::Number(Number::from_i64(n))
    }
    /// A boolean.
    pub fn bool(b: bool) -> Value {
        Value::Bool(b)
    }
    /// A list whose elements all have type `ty` already.
    pub fn list(ty: Type, items: Vec<Value>) -> Value {
        Value::List(Arc::new(Elements { ty, items }))
    }
    /// A set whose elements all have type `ty` already: sorts, removes
    /// duplicates, moves marks of elements (deep) to the set.
    pub fn set(ty: Type, items: Vec<Value>) -> Value {
        let mut marks = Marks::new();
        let items: Vec<Value> = if items.iter().any(Value::contains_marked) {
            items
                .into_iter()
                .map(|v| {
                    let (v, m) = v.unmark_deep();
                    marks.extend(&m);
                    v
                })
                .collect()
        } else {
            items
        };
        Value::Set(Arc::new(Elements { ty, items: crate::set::normalize(items) })).with_marks(&marks)
    }
    /// A map whose elements all have type `ty` already.
    pub fn map<N: Into<Name>>(ty: Type, items: impl IntoIterator<Item = (N, Value)>) -> Value {
        Value::Map(Arc::new(MapValue { ty, items: items.into_iter().collect() }))
    }
    /// A tuple.
    pub fn tuple(items: Vec<Value>) -> Value {
        Value::Tuple(Arc::new(items))
    }
    /// An object.
    pub fn object<N: Into<Name>>(fields: impl IntoIterator<Item = (N, Value)>) -> Value {
        Value::Object(Arc::new(fields.into_iter().collect()))
    }
    /// The empty object.
    pub fn empty_object() -> Value {
        Value::Object(Arc::new(Fields::new()))
    }
}

/// Inspection.
impl Value {
    /// The type; marks do not matter. O(1) for collections, O(size) for tuples and objects.
    pub fn ty(&self) -> Type {
        match self {
            Value::Null(t) | Value::Unknown(t, _) => t.clone(),
            Value::Bool(_) => Type::Bool,
            Value::Number(_) => Type::Number,
            Value::String(_) => Type::String,
            Value::List(e) => Type::list(e.ty.clone()),
            Value::Set(e) => Type::set(e.ty.clone()),
            Value::Map(m) => Type::map(m.ty.clone()),
            Value::Tuple(v) => Type::tuple(v.iter().map(Value::ty)),
            Value::Object(f) => Type::Object(Arc::new(ObjectType {
                attrs: f.iter().map(|(n, v)| (n.clone(), v.ty())).collect::<BTreeMap<_, _>>(),
                optional: BTreeSet::new(),
            })),
            Value::Marked(m) => m.0.ty(),
        }
    }
    /// The value without its outermost marks, by reference.
    pub fn peel(&self) -> &Value {
        match self {
            Value::Marked(m) => &m.0,
            v => v,
        }
    }
    /// Whether it is null, looking through marks.
    pub fn is_null(&self) -> bool {
        matches!(self.peel(), Value::Null(_))
    }
    /// Whether it is not unknown, looking through marks; elements may be unknown.
    pub fn is_known(&self) -> bool {
        !matches!(self.peel(), Value::Unknown(..))
    }
    /// Whether nothing within is unknown. O(size).
    pub fn is_wholly_known(&self) -> bool {
        match self {
            Value::Unknown(..) => false,
            Value::List(e) | Value::Set(e) => e.items.iter().all(Value::is_wholly_known),
            Value::Map(m) => m.items.values().all(Value::is_wholly_known),
            Value::Tuple(v) => v.iter().all(Value::is_wholly_known),
            Value::Object(f) => f.values().all(Value::is_wholly_known),
            Value::Marked(m) => m.0.is_wholly_known(),
            _ => true,
        }
    }
    /// The string, if it is a known string (through marks).
    pub fn as_str(&self) -> Option<&str> {
        match self.peel() {
            Value::String(s) => Some(s),
            _ => None,
        }
    }
    /// The boolean, if it is a known boolean (through marks).
    pub fn as_bool(&self) -> Option<bool> {
        match self.peel() {
            Value::Bool(b) => Some(*b),
            _ => None,
        }
    }
    /// The number, if it is a known number (through marks).
    pub fn as_number(&self) -> Option<&Number> {
        match self.peel() {
            Value::Number(n) => Some(n),
            _ => None,
        }
    }
    /// The fields, if it is a known object or map (through marks).
    pub fn as_fields(&self) -> Option<&Fields> {
        match self.peel() {
            Value::Object(f) => Some(f),
            Value::Map(m) => Some(&m.items),
            _ => None,
        }
    }
    /// The elements, if it is a known list, set or tuple (through marks).
    pub fn as_elements(&self) -> Option<&[Value]> {
        match self.peel() {
            Value::List(e) | Value::Set(e) => Some(&e.items),
            Value::Tuple(v) => Some(v),
            _ => None,
        }
    }
    /// What is known about it, if it is unknown.
    pub fn refinement(&self) -> Option<&Refinement> {
        match self.peel() {
            Value::Unknown(_, Some(r)) => Some(r),
            _ => None,
        }
    }
    /// Whether it is certain not to be null: known and not null, or refined so.
    pub fn definitely_not_null(&self) -> bool {
        match self.peel() {
            Value::Null(_) => false,
            Value::Unknown(_, r) => r.as_ref().is_some_and(|r| r.not_null == Some(true)),
            _ => true,
        }
    }
    /// The attribute `name` of an object (or element of a map): marks of the
    /// object are added; an unknown object gives an unknown; `None` where there
    /// is no such attribute or the value is null or not an object.
    pub fn get_attr(&self, name: &str) -> Option<Value> {
        match self {
            Value::Object(f) => f.get(name).cloned(),
            Value::Map(m) => m.items.get(name).cloned(),
            Value::Unknown(Type::Dynamic, _) => Some(Value::dynamic()),
            Value::Unknown(Type::Object(o), _) => o.attrs.get(name).cloned().map(Value::unknown),
            Value::Unknown(Type::Map(t), _) => Some(Value::unknown((**t).clone())),
            Value::Marked(m) => Some(m.0.get_attr(name)?.with_marks(&m.1)),
            _ => None,
        }
    }
    /// The element at `key`: a number for lists and tuples, a string for maps
    /// and objects, the element itself for sets. Marks as in [`Value::get_attr`].
    /// `None` where there is none. The language's own index operation, with its
    /// conversions and messages, is in [`crate::ops`].
    pub fn get_index(&self, key: &Value) -> Option<Value> {
        match (self, key) {
            (_, Value::Marked(k)) => Some(self.get_index(&k.0)?.with_marks(&k.1)),
            (Value::Marked(m), _) => Some(m.0.get_index(key)?.with_marks(&m.1)),
            (Value::List(e), Value::Number(n)) => e.items.get(n.as_usize()?).cloned(),
            (Value::Tuple(v), Value::Number(n)) => v.get(n.as_usize()?).cloned(),
            (Value::Map(_) | Value::Object(_), Value::String(s)) => self.get_attr(s),
            (Value::Set(e), k) => e.items.iter().find(|x| *x == k).cloned(),
            (Value::Unknown(Type::Dynamic, _), _) => Some(Value::dynamic()),
            (Value::Unknown(Type::List(t) | Type::Map(t), _), _) => Some(Value::unknown((**t).clone())),
            (Value::Unknown(Type::Set(_), _), k) => Some(k.clone()),
            (Value::Unknown(Type::Tuple(ts), _), Value::Number(n)) => {
                ts.get(n.as_usize()?).cloned().map(Value::unknown)
            }
            (Value::Unknown(Type::Object(o), _), Value::String(s)) => {
                o.attrs.get(s).cloned().map(Value::unknown)
            }
            _ => None,
        }
    }
}

/// Marks.
impl Value {
    /// The outermost marks.
    pub fn marks(&self) -> Marks {
        match self {
            Value::Marked(m) => m.1.clone(),
            _ => Marks::new(),
        }
    }
    /// Whether the value itself has marks.
    pub fn is_marked(&self) -> bool {
        matches!(self, Value::Marked(_))
    }
    /// Whether the value itself has `mark`.
    pub fn has_mark(&self, mark: &Mark) -> bool {
        matches!(self, Value::Marked(m) if m.1.contains(mark))
    }
    /// Adds marks to the value itself.
    pub fn with_marks(self, marks: &Marks) -> Value {
        if marks.is_empty() {
            return self;
        }
        match self {
            Value::Marked(m) => Value::Marked(Arc::new((m.0.clone(), m.1.union(marks)))),
            v => Value::Marked(Arc::new((v, marks.clone()))),
        }
    }
    /// Adds one mark to the value itself.
    pub fn mark(self, mark: Mark) -> Value {
        self.with_marks(&Marks::from_iter([mark]))
    }
    /// The value without its outermost marks, and those marks.
    pub fn unmark(self) -> (Value, Marks) {
        match self {
            Value::Marked(m) => match Arc::try_unwrap(m) {
                Ok(pair) => pair,
                Err(m) => (m.0.clone(), m.1.clone()),
            },
            v => (v, Marks::new()),
        }
    }
    /// Whether anything within has marks. O(size).
    pub fn contains_marked(&self) -> bool {
        match self {
            Value::Marked(_) => true,
            Value::List(e) => e.items.iter().any(Value::contains_marked),
            Value::Map(m) => m.items.values().any(Value::contains_marked),
            Value::Tuple(v) => v.iter().any(Value::contains_marked),
            Value::Object(f) => f.values().any(Value::contains_marked),
            _ => false,
        }
    }
    /// Whether anything within must not be shown. O(size).
    pub fn contains_sensitive(&self) -> bool {
        let mut found = false;
        self.walk(&mut |_, v| {
            found |= v.marks().is_sensitive();
            !found
        });
        found
    }
    /// Without any marks within, and the union of all of them. Shares what had none.
    pub fn unmark_deep(&self) -> (Value, Marks) {
        let mut marks = Marks::new();
        let v = self.unmark_walk(&mut Path::new(), &mut |_, m| marks.extend(m));
        (v, marks)
    }
    /// Without any marks within, and where each was, outermost first. Marks of a
    /// set's elements are at the set's path.
    pub fn unmark_deep_with_paths(&self) -> (Value, Vec<(Path, Marks)>) {
        let mut out = Vec::new();
        let v = self.unmark_walk(&mut Path::new(), &mut |p, m| out.push((p.clone(), m.clone())));
        (v, out)
    }
    fn unmark_walk(&self, path: &mut Path, f: &mut dyn FnMut(&Path, &Marks)) -> Value {
        if !self.contains_marked() {
            return self.clone();
        }
        match self {
            Value::Marked(m) => {
                f(path, &m.1);
                m.0.unmark_walk(path, f)
            }
            Value::List(e) => {
                let items = Self::walk_items(&e.items, path, f);
                Value::List(Arc::new(Elements { ty: e.ty.clone(), items }))
            }
            Value::Tuple(v) => Value::Tuple(Arc::new(Self::walk_items(v, path, f))),
            Value::Map(m) => {
                let items = m.items.map_values(|n, v| {
                    path.push(PathStep::Index(Value::String(n.clone())));
                    let v = v.unmark_walk(path, f);
                    path.pop();
                    v
                });
                Value::Map(Arc::new(MapValue { ty: m.ty.clone(), items }))
            }
            Value::Object(o) => Value::Object(Arc::new(o.map_values(|n, v| {
                path.push(PathStep::Attr(n.clone()));
                let v = v.unmark_walk(path, f);
                path.pop();
                v
            }))),
            v => v.clone(),
        }
    }
    fn walk_items(items: &[Value], path: &mut Path, f: &mut dyn FnMut(&Path, &Marks)) -> Vec<Value> {
        items
            .iter()
            .enumerate()
            .map(|(i, v)| {
                path.push(PathStep::Index(Value::int(i as i64)));
                let v = v.unmark_walk(path, f);
                path.pop();
                v
            })
            .collect()
    }
    /// Adds marks at paths. A path that leads into an unknown or a set marks that
    /// as a whole, as nothing within can carry marks. Linear in the size of the
    /// value and of the paths together.
    pub fn mark_with_paths(&self, marks: &[(Path, Marks)]) -> Value {
        if marks.is_empty() {
            return self.clone();
        }
        self.mark_all(&marks.iter().map(|(p, m)| (p.steps(), m)).collect::<Vec<_>>())
    }
    fn mark_all(&self, marks: &[(&[PathStep], &Marks)]) -> Value {
        if let Value::Marked(m) = self {
            return m.0.mark_all(marks).with_marks(&m.1);
        }
        let mut here = Marks::new();
        let mut by_name: BTreeMap<&str, Vec<(&[PathStep], &Marks)>> = BTreeMap::new();
        let mut by_index: BTreeMap<usize, Vec<(&[PathStep], &Marks)>> = BTreeMap::new();
        let indivisible = matches!(self, Value::Set(_) | Value::Unknown(..));
        for (steps, m) in marks {
            match steps.split_first() {
                None => here.extend(m),
                Some(_) if indivisible => here.extend(m),
                Some((PathStep::Attr(n) | PathStep::Index(Value::String(n)), rest)) => {
                    by_name.entry(n).or_default().push((rest, m));
                }
                Some((PathStep::Index(Value::Number(n)), rest)) => {
                    if let Some(i) = n.as_usize() {
                        by_index.entry(i).or_default().push((rest, m));
                    }
                }
                Some(_) => {}
            }
        }
        let field = |n: &Name, v: &Value| match by_name.get(&**n) {
            Some(inner) => v.mark_all(inner),
            None => v.clone(),
        };
        let element = |(i, v): (usize, &Value)| match by_index.get(&i) {
            Some(inner) => v.mark_all(inner),
            None => v.clone(),
        };
        let marked = match self {
            Value::Object(f) if !by_name.is_empty() => Value::Object(Arc::new(f.map_values(field))),
            Value::Map(m) if !by_name.is_empty() => {
                Value::Map(Arc::new(MapValue { ty: m.ty.clone(), items: m.items.map_values(field) }))
            }
            Value::List(e) if !by_index.is_empty() => {
                let items = e.items.iter().enumerate().map(element).collect();
                Value::List(Arc::new(Elements { ty: e.ty.clone(), items }))
            }
            Value::Tuple(items) if !by_index.is_empty() => {
                Value::Tuple(Arc::new(items.iter().enumerate().map(element).collect()))
            }
            v => v.clone(),
        };
        marked.with_marks(&here)
    }
    /// Rebuilds the value bottom-up: `f` gets each value after its children were
    /// rebuilt, with its path. Marks are kept around what `f` returns.
    pub fn transform(&self, f: &mut dyn FnMut(&Path, Value) -> Value) -> Value {
        self.transform_at(&mut Path::new(), f)
    }
    fn transform_at(&self, path: &mut Path, f: &mut dyn FnMut(&Path, Value) -> Value) -> Value {
        let step = |path: &mut Path, s: PathStep, v: &Value, f: &mut dyn FnMut(&Path, Value) -> Value| {
            path.push(s);
            let v = v.transform_at(path, f);
            path.pop();
            v
        };
        let rebuilt = match self {
            Value::Marked(m) => return m.0.transform_at(path, f).with_marks(&m.1),
            Value::List(e) => {
                let items = e
                    .items
                    .iter()
                    .enumerate()
                    .map(|(i, v)| step(path, PathStep::Index(Value::int(i as i64)), v, f))
                    .collect();
                Value::list(e.ty.clone(), items)
            }
            Value::Tuple(items) => Value::tuple(
                items
                    .iter()
                    .enumerate()
                    .map(|(i, v)| step(path, PathStep::Index(Value::int(i as i64)), v, f))
                    .collect(),
            ),
            Value::Set(e) => {
                let items = e.items.iter().map(|v| step(path, PathStep::Index(v.clone()), v, f)).collect();
                Value::set(e.ty.clone(), items)
            }
            Value::Map(m) => Value::Map(Arc::new(MapValue {
                ty: m.ty.clone(),
                items: m.items.map_values(|n, v| step(path, PathStep::Index(Value::String(n.clone())), v, f)),
            })),
            Value::Object(o) => {
                Value::Object(Arc::new(o.map_values(|n, v| step(path, PathStep::Attr(n.clone()), v, f))))
            }
            v => v.clone(),
        };
        f(path, rebuilt)
    }
    /// Visits every value, outermost first; `f` returns whether to go into it.
    pub fn walk(&self, f: &mut dyn FnMut(&Path, &Value) -> bool) {
        self.walk_at(&mut Path::new(), f);
    }
    fn walk_at(&self, path: &mut Path, f: &mut dyn FnMut(&Path, &Value) -> bool) {
        if !f(path, self) {
            return;
        }
        let mut go = |path: &mut Path, s: PathStep, v: &Value| {
            path.push(s);
            v.walk_at(path, f);
            path.pop();
        };
        match self.peel() {
            Value::List(e) => {
                for (i, v) in e.items.iter().enumerate() {
                    go(path, PathStep::Index(Value::int(i as i64)), v);
                }
            }
            Value::Tuple(items) => {
                for (i, v) in items.iter().enumerate() {
                    go(path, PathStep::Index(Value::int(i as i64)), v);
                }
            }
            Value::Set(e) => {
                for v in &e.items {
                    go(path, PathStep::Index(v.clone()), v);
                }
            }
            Value::Map(m) => {
                for (n, v) in m.items.iter() {
                    go(path, PathStep::Index(Value::String(n.clone())), v);
                }
            }
            Value::Object(o) => {
                for (n, v) in o.iter() {
                    go(path, PathStep::Attr(n.clone()), v);
                }
            }
            _ => {}
        }
    }
}

impl From<&str> for Value {
    fn from(s: &str) -> Value {
        Value::string(s)
    }
}
impl From<String> for Value {
    fn from(s: String) -> Value {
        Value::string(s)
    }
}
impl From<bool> for Value {
    fn from(b: bool) -> Value {
        Value::Bool(b)
    }
}
impl From<i64> for Value {
    fn from(n: i64) -> Value {
        Value::int(n)
    }
}
