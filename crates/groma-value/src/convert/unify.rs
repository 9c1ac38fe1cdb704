//! Finding one type for several.

use super::{ConvertError, apply, can_convert};
use crate::path::PathError;
use crate::types::{Name, ObjectType, Type};
use crate::value::Value;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// The single type that all of `types` convert to safely, or `None`.
pub fn unify(types: &[Type]) -> Option<Type> {
    unify_refs(&distinct(types.iter()), false).map(|u| u.ty)
}

/// As [`unify`], with conversions that may fail for some values.
pub fn unify_unsafe(types: &[Type]) -> Option<Type> {
    unify_refs(&distinct(types.iter()), true).map(|u| u.ty)
}

/// Converts all values to the one type that [`unify`] finds. Where one of unknown
/// type leaves it open what the others would become, all become unknown.
/// `None`: there is no such type. An error is that of one value's conversion.
pub fn unify_values(values: &[Value]) -> Option<Result<(Type, Vec<Value>), ConvertError>> {
    unify_each(values, false)
}

/// As [`unify_values`], with conversions that may fail for some values.
pub fn unify_values_unsafe(values: &[Value]) -> Option<Result<(Type, Vec<Value>), ConvertError>> {
    unify_each(values, true)
}

fn unify_each(values: &[Value], allow_unsafe: bool) -> Option<Result<(Type, Vec<Value>), ConvertError>> {
    let types: Vec<Type> = values.iter().map(Value::ty).collect();
    let unified = unify_refs(&distinct(types.iter()), allow_unsafe)?;
    if unified.undecided {
        let unknown = values.iter().map(|v| Value::dynamic().with_marks(&v.marks())).collect();
        return Some(Ok((Type::Dynamic, unknown)));
    }
    let values = values.iter().map(|v| apply::apply(v, &unified.ty, allow_unsafe)).collect::<Result<_, _>>();
    Some(values.map(|v| (unified.ty, v)))
}

/// What types unify to.
pub(super) struct Unified {
    pub ty: Type,
    /// The type is `Dynamic` because it depends on a type not known yet.
    undecided: bool,
}

fn decided(ty: Type) -> Option<Unified> {
    Some(Unified { ty, undecided: false })
}

/// Different types in order of first occurrence.
pub(super) fn distinct<'a>(types: impl Iterator<Item = &'a Type>) -> Vec<&'a Type> {
    let mut seen = HashSet::new();
    let mut out: Vec<&Type> = Vec::new();
    for t in types {
        // Neighbours are usually equal, and comparing is cheaper than hashing.
        if out.last().is_none_or(|last| *last != t) && seen.insert(t) {
            out.push(t);
        }
    }
    out
}

/// `types` are distinct.
pub(super) fn unify_refs(types: &[&Type], allow_unsafe: bool) -> Option<Unified> {
    match types {
        [] => return None,
        [t] => return decided((*t).clone()),
        _ => {}
    }
    let count = |f: fn(&Type) -> bool| types.iter().filter(|t| f(t)).count();
    let all = types.len();
    let maps = count(|t| matches!(t, Type::Map(_)));
    let lists = count(|t| matches!(t, Type::List(_)));
    let sets = count(|t| matches!(t, Type::Set(_)));
    let objects = count(|t| matches!(t, Type::Object(_)));
    let tuples = count(|t| matches!(t, Type::Tuple(_)));
    let dynamics = count(|t| *t == Type::Dynamic);
    // A type of the same kind that is none of those given is tried first: with
    // unsafe conversions an object would otherwise shrink to a subset of itself.
    let one_kind = [maps, lists, sets, objects, tuples].into_iter().any(|n| n > 0 && n + dynamics == all);
    if one_kind && dynamics > 0 {
        return Some(Unified { ty: Type::Dynamic, undecided: true });
    }
    if one_kind {
        let elements = || distinct(types.iter().filter_map(|t| t.element()));
        return match types[0] {
            Type::Map(_) => decided(Type::map(unify_refs(&elements(), allow_unsafe)?.ty)),
            Type::List(_) => decided(Type::list(unify_refs(&elements(), allow_unsafe)?.ty)),
            Type::Set(_) => decided(Type::set(unify_refs(&elements(), allow_unsafe)?.ty)),
            Type::Object(_) => objects_to_one(types, allow_unsafe),
            _ => tuples_to_one(types, allow_unsafe),
        };
    }
    if maps > 0 && maps + objects + dynamics == all {
        // Objects often are maps that were written out.
        let as_map = objects_to_map(types, allow_unsafe)
            .and_then(|map| replaced(types, |t| matches!(t, Type::Object(_)), &map.ty, allow_unsafe))
            .filter(|u| matches!(u.ty, Type::Map(_)));
        if as_map.is_some() {
            return as_map;
        }
    } else if lists > 0 && lists + tuples + dynamics == all {
        let as_list = tuples_to_list(types, allow_unsafe)
            .and_then(|list| replaced(types, |t| matches!(t, Type::Tuple(_)), &list.ty, allow_unsafe))
            .filter(|u| matches!(u.ty, Type::List(_)));
        if as_list.is_some() {
            return as_list;
        }
    } else if objects > 0 && tuples > 0 {
        return None;
    }
    let suits = |want: &Type| types.iter().all(|t| *t == want || can_convert(t, want, allow_unsafe));
    preference(types).into_iter().map(|i| types[i]).find(|t| suits(t)).and_then(|t| decided(t.clone()))
}

fn replaced(types: &[&Type], which: fn(&Type) -> bool, by: &Type, allow_unsafe: bool) -> Option<Unified> {
    let types = distinct(types.iter().map(|t| if which(t) { by } else { *t }));
    unify_refs(&types, allow_unsafe)
}

fn objects_to_one(types: &[&Type], allow_unsafe: bool) -> Option<Unified> {
    let objects: Vec<&Arc<ObjectType>> =
        types.iter().filter_map(|t| if let Type::Object(o) = t { Some(o) } else { None }).collect();
    let first = objects.first()?;
    if !objects.iter().all(|o| o.attrs.keys().eq(first.attrs.keys())) {
        return objects_to_map(types, allow_unsafe);
    }
    let mut attrs: BTreeMap<Name, Type> = BTreeMap::new();
    for n in first.attrs.keys() {
        let across = distinct(objects.iter().filter_map(|o| o.attrs.get(n)));
        attrs.insert(n.clone(), unify_refs(&across, allow_unsafe)?.ty);
    }
    let ty = Type::Object(Arc::new(ObjectType { attrs, optional: Default::default() }));
    if types.iter().all(|t| can_convert(t, &ty, allow_unsafe)) {
        return decided(ty);
    }
    objects_to_map(types, allow_unsafe)
}

fn objects_to_map(types: &[&Type], allow_unsafe: bool) -> Option<Unified> {
    let attrs = types.iter().filter_map(|t| if let Type::Object(o) = t { Some(o) } else { None });
    let attrs = distinct(attrs.flat_map(|o| o.attrs.values()));
    let ty = Type::map(unify_refs(&attrs, allow_unsafe)?.ty);
    let objects = types.iter().filter(|t| matches!(t, Type::Object(_)));
    objects.into_iter().all(|t| can_convert(t, &ty, allow_unsafe)).then(|| decided(ty))?
}

fn tuples_to_one(types: &[&Type], allow_unsafe: bool) -> Option<Unified> {
    let tuples: Vec<&Arc<[Type]>> =
        types.iter().filter_map(|t| if let Type::Tuple(ts) = t { Some(ts) } else { None }).collect();
    let first = tuples.first()?;
    if !tuples.iter().all(|t| t.len() == first.len()) {
        return tuples_to_list(types, allow_unsafe);
    }
    let mut items = Vec::with_capacity(first.len());
    for i in 0..first.len() {
        items.push(unify_refs(&distinct(tuples.iter().map(|t| &t[i])), allow_unsafe)?.ty);
    }
    let ty = Type::tuple(items);
    if types.iter().all(|t| can_convert(t, &ty, allow_unsafe)) {
        return decided(ty);
    }
    tuples_to_list(types, allow_unsafe)
}

fn tuples_to_list(types: &[&Type], allow_unsafe: bool) -> Option<Unified> {
    let items = types.iter().filter_map(|t| if let Type::Tuple(ts) = t { Some(ts) } else { None });
    let items = distinct(items.flat_map(|ts| ts.iter()));
    let ty = Type::list(unify_refs(&items, allow_unsafe)?.ty);
    let tuples = types.iter().filter(|t| matches!(t, Type::Tuple(_)));
    tuples.into_iter().all(|t| can_convert(t, &ty, allow_unsafe)).then(|| decided(ty))?
}

/// Indices of `types`, more general ones first, otherwise in the given order.
fn preference(types: &[&Type]) -> Vec<usize> {
    let n = types.len();
    let mut below: Vec<Vec<usize>> = vec![Vec::new(); n];
    let mut above = vec![0usize; n];
    for i in 0..n {
        for j in i + 1..n {
            match generality(types[i], types[j]) {
                c if c < 0 => {
                    below[i].push(j);
                    above[j] += 1;
                }
                c if c > 0 => {
                    below[j].push(i);
                    above[i] += 1;
                }
                _ => {}
            }
        }
    }
    let mut order: Vec<usize> = (0..n).filter(|i| above[*i] == 0).collect();
    let mut next = 0;
    while let Some(&i) = order.get(next) {
        next += 1;
        for &j in &below[i] {
            above[j] -= 1;
            if above[j] == 0 {
                order.push(j);
            }
        }
    }
    order
}

/// Negative where `a` is more general than `b`, positive where less.
fn generality(a: &Type, b: &Type) -> i32 {
    match (a, b) {
        (Type::Dynamic, Type::Dynamic) => 0,
        // Anything can stand where the type is open, so a real type is preferred.
        (_, Type::Dynamic) => -1,
        (Type::Dynamic, _) => 1,
        (Type::String, Type::Bool | Type::Number) => -1,
        (Type::Bool | Type::Number, Type::String) => 1,
        (Type::List(a), Type::List(b)) | (Type::Set(a), Type::Set(b)) | (Type::Map(a), Type::Map(b)) => {
            generality(a, b)
        }
        (Type::List(_) | Type::Tuple(_), Type::Set(_)) | (Type::List(_), Type::Tuple(_)) => -1,
        (Type::Set(_), Type::List(_) | Type::Tuple(_)) | (Type::Tuple(_), Type::List(_)) => 1,
        (Type::Map(_), Type::Object(_)) => -1,
        (Type::Object(_), Type::Map(_)) => 1,
        (Type::Object(a), Type::Object(b)) if a.attrs.keys().eq(b.attrs.keys()) => {
            all_together(a.attrs.values().zip(b.attrs.values()))
        }
        (Type::Tuple(a), Type::Tuple(b)) if a.len() == b.len() => all_together(a.iter().zip(b.iter())),
        _ => 0,
    }
}

fn all_together<'a>(pairs: impl Iterator<Item = (&'a Type, &'a Type)>) -> i32 {
    let (mut more, mut less) = (false, false);
    for (a, b) in pairs {
        let c = generality(a, b);
        more |= c < 0;
        less |= c > 0;
    }
    i32::from(less) - i32::from(more)
}

/// Converts values of possibly different types to what those unify to.
pub(super) fn to_common_type(items: Vec<Value>, allow_unsafe: bool) -> Result<Vec<Value>, ConvertError> {
    let types: Vec<Type> = items.iter().map(Value::ty).collect();
    let Some(unified) = unify_refs(&distinct(types.iter()), allow_unsafe) else {
        return Err(PathError::here("cannot find a common base type for all elements"));
    };
    items.iter().map(|v| apply::apply(v, &unified.ty, allow_unsafe)).collect()
}

/// The one type of all the values, to which nulls and unknowns of unknown type
/// are set. The values are given back where there is none.
pub(super) fn settle(items: Vec<Value>) -> Result<(Type, Vec<Value>), Vec<Value>> {
    let mut ty = Type::Dynamic;
    for v in &items {
        match v.peel() {
            Value::Null(Type::Dynamic) | Value::Unknown(Type::Dynamic, _) => {}
            v if ty == Type::Dynamic => ty = v.ty(),
            v if super::has_type(v, &ty) => {}
            _ => return Err(items),
        }
    }
    if ty == Type::Dynamic {
        return Ok((ty, items));
    }
    let items = items.into_iter().map(|v| retype(v, &ty)).collect();
    Ok((ty, items))
}

fn retype(v: Value, ty: &Type) -> Value {
    match v {
        Value::Null(Type::Dynamic) => Value::Null(ty.clone()),
        Value::Unknown(Type::Dynamic, _) => Value::unknown(ty.clone()),
        Value::Marked(m) => {
            let (v, marks) = Value::Marked(m).unmark();
            retype(v, ty).with_marks(&marks)
        }
        v => v,
    }
}
