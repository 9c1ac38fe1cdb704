//! Operators of the language that look at more than two known primitives:
//! equality, comparison, logic, length, membership.
//!
//! Each gives an answer with unknown operands as soon as what is known about
//! them decides it, and otherwise an unknown that is not null. Marks of the
//! operands go to the result. Arithmetic is on [`crate::Number`].

use crate::convert::has_type;
use crate::marks::Marks;
use crate::number::Number;
use crate::refine::Refinement;
use crate::types::Type;
use crate::value::Value;

/// Whether two values are equal: a boolean, perhaps unknown.
///
/// Nulls of all types are equal. Values of different types are not, numbers and
/// strings included. Marks within the operands count, but when exactly one is
/// null only its own and the other's outermost.
pub fn equals(a: &Value, b: &Value) -> Value {
    if !a.contains_marked() && !b.contains_marked() {
        return answer(equal(a, b));
    }
    let (bare_a, deep_a) = a.unmark_deep();
    let (bare_b, deep_b) = b.unmark_deep();
    let result = answer(equal(&bare_a, &bare_b));
    if bare_a.is_null() != bare_b.is_null() {
        result.with_marks(&a.marks().union(&b.marks()))
    } else {
        result.with_marks(&deep_a.union(&deep_b))
    }
}

/// The negation of [`equals`].
pub fn not_equal(a: &Value, b: &Value) -> Value {
    let (v, marks) = equals(a, b).unmark();
    match v {
        Value::Bool(v) => Value::Bool(!v),
        v => v,
    }
    .with_marks(&marks)
}

fn answer(known: Option<bool>) -> Value {
    match known {
        Some(b) => Value::Bool(b),
        None => Value::unknown_not_null(Type::Bool),
    }
}

/// Whether two unmarked values are equal, if that is decided.
fn equal(a: &Value, b: &Value) -> Option<bool> {
    match (a, b) {
        (Value::Null(_), b) if b.definitely_not_null() => return Some(false),
        (a, Value::Null(_)) if a.definitely_not_null() => return Some(false),
        (Value::Unknown(t, r), known) | (known, Value::Unknown(t, r)) => {
            if matches!(known, Value::Unknown(..)) {
                return None;
            }
            if r.as_ref().is_some_and(|r| excludes(r, t, known)) {
                return Some(false);
            }
            // A null may still turn up, which equals a null of any type.
            if known.is_null() || t.has_dynamic() || has_type(known, t) {
                return None;
            }
            return Some(false);
        }
        (Value::Null(_), Value::Null(_)) => return Some(true),
        _ => {}
    }
    if !type_is_known(a) || !type_is_known(b) {
        let (s, t) = (a.ty(), b.ty());
        return if conforms(&s, &t) || conforms(&t, &s) { None } else { Some(false) };
    }
    match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => Some(a == b),
        (Value::Number(a), Value::Number(b)) => Some(a == b),
        (Value::String(a), Value::String(b)) => Some(a == b),
        (Value::List(x), Value::List(y)) if x.ty == y.ty => {
            if x.items.len() != y.items.len() {
                Some(false)
            } else {
                in_order(&x.items, &y.items)
            }
        }
        (Value::Tuple(x), Value::Tuple(y)) if a.ty() == b.ty() => in_order(x, y),
        (Value::Set(x), Value::Set(y)) if x.ty == y.ty => {
            if !a.is_wholly_known() || !b.is_wholly_known() {
                None
            } else {
                Some(x.items == y.items)
            }
        }
        (Value::Map(x), Value::Map(y)) if x.ty == y.ty => {
            if !x.items.names().eq(y.items.names()) {
                return Some(false);
            }
            in_any_order(x.items.values().zip(y.items.values()))
        }
        (Value::Object(x), Value::Object(y)) if a.ty() == b.ty() => in_any_order(x.values().zip(y.values())),
        _ => Some(false),
    }
}

/// What comes first decides: an undecided element before a different one leaves
/// the whole undecided.
fn in_order(a: &[Value], b: &[Value]) -> Option<bool> {
    for (a, b) in a.iter().zip(b) {
        if !equal(a, b)? {
            return Some(false);
        }
    }
    Some(true)
}

/// One different attribute decides.
fn in_any_order<'a>(pairs: impl Iterator<Item = (&'a Value, &'a Value)>) -> Option<bool> {
    let mut result = Some(true);
    for (a, b) in pairs {
        match equal(a, b) {
            Some(true) => {}
            Some(false) => return Some(false),
            None => result = None,
        }
    }
    result
}

/// Whether an unknown of type `ty` refined by `r` cannot turn out to be `v`.
fn excludes(r: &Refinement, ty: &Type, v: &Value) -> bool {
    match v {
        Value::Null(_) => r.not_null == Some(true),
        Value::String(s) if *ty == Type::String => !s.starts_with(&*r.prefix),
        Value::Number(n) if *ty == Type::Number => {
            let below = |(min, inclusive): &(Number, bool)| n < min || n == min && !inclusive;
            let above = |(max, inclusive): &(Number, bool)| n > max || n == max && !inclusive;
            r.number_min.as_ref().is_some_and(below) || r.number_max.as_ref().is_some_and(above)
        }
        Value::List(_) | Value::Set(_) | Value::Map(_) => {
            let have = Refinement::of(v);
            have.len_max.is_some_and(|n| n < r.len_min) || r.len_max.is_some_and(|n| n < have.len_min)
        }
        _ => false,
    }
}

/// Whether no unknown of unknown type is within.
fn type_is_known(v: &Value) -> bool {
    match v {
        Value::Unknown(t, _) => !t.has_dynamic(),
        Value::List(e) | Value::Set(e) => !e.ty.has_dynamic() || e.items.iter().all(type_is_known),
        Value::Map(m) => !m.ty.has_dynamic() || m.items.values().all(type_is_known),
        Value::Tuple(items) => items.iter().all(type_is_known),
        Value::Object(f) => f.values().all(type_is_known),
        Value::Marked(m) => type_is_known(&m.0),
        _ => true,
    }
}

/// Whether `given` is `want` where that says `Dynamic` for any type.
pub fn conforms(given: &Type, want: &Type) -> bool {
    match (given, want) {
        (_, Type::Dynamic) => true,
        (Type::List(a), Type::List(b)) | (Type::Set(a), Type::Set(b)) | (Type::Map(a), Type::Map(b)) => {
            conforms(a, b)
        }
        (Type::Tuple(a), Type::Tuple(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| conforms(a, b))
        }
        (Type::Object(a), Type::Object(b)) => {
            a.attrs.keys().eq(b.attrs.keys())
                && a.attrs.values().zip(b.attrs.values()).all(|(a, b)| conforms(a, b))
        }
        (a, b) => a == b,
    }
}

/// `<`, `>`, `<=`, `>=`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `<`
    Less,
    /// `>`
    Greater,
    /// `<=`
    LessOrEqual,
    /// `>=`
    GreaterOrEqual,
}

/// Compares two numbers, perhaps unknown; what is known of an unknown's range may
/// decide. `None` where an operand is null or no number.
pub fn compare(op: Comparison, a: &Value, b: &Value) -> Option<Value> {
    let marks = a.marks().union(&b.marks());
    let result = match (a.peel(), b.peel()) {
        (Value::Number(a), Value::Number(b)) => Some(match op {
            Comparison::Less => a < b,
            Comparison::Greater => a > b,
            // A number equal by its digits may differ in size.
            Comparison::LessOrEqual => a == b || a.cmp(b).is_lt(),
            Comparison::GreaterOrEqual => a == b || a.cmp(b).is_gt(),
        }),
        (a, b) => {
            let a = range(a)?;
            let b = range(b)?;
            match op {
                Comparison::Less => less(&a, &b),
                Comparison::Greater => less(&b, &a),
                // Bounds are taken as exclusive, so that only one answer is left.
                Comparison::LessOrEqual => {
                    less(&a, &b).filter(|l| *l).or_else(|| apart(&a, &b).then_some(false))
                }
                Comparison::GreaterOrEqual => {
                    less(&b, &a).filter(|l| *l).or_else(|| apart(&b, &a).then_some(false))
                }
            }
        }
    };
    Some(answer(result).with_marks(&marks))
}

type Range = (Option<Number>, Option<Number>);

fn range(v: &Value) -> Option<Range> {
    match v {
        Value::Number(n) => Some((Some(n.clone()), Some(n.clone()))),
        Value::Unknown(Type::Number, Some(r)) => {
            let bound = |b: &Option<(Number, bool)>| b.as_ref().map(|b| b.0.clone());
            Some((bound(&r.number_min), bound(&r.number_max)))
        }
        Value::Unknown(Type::Number | Type::Dynamic, _) => Some((None, None)),
        _ => None,
    }
}

/// Whether `a < b` for all, or for no, numbers of the ranges.
fn less(a: &Range, b: &Range) -> Option<bool> {
    if let (Some(a), Some(b)) = (&a.1, &b.0)
        && a < b
    {
        return Some(true);
    }
    apart(a, b).then_some(false)
}

/// Whether all of `a` is greater than all of `b`.
fn apart(a: &Range, b: &Range) -> bool {
    matches!((&a.0, &b.1), (Some(a), Some(b)) if a > b)
}

/// The negation of a boolean, perhaps unknown. `None` where it is null or none.
pub fn not(v: &Value) -> Option<Value> {
    let result = match v.peel() {
        Value::Bool(b) => Some(!b),
        Value::Unknown(Type::Bool | Type::Dynamic, _) => None,
        _ => return None,
    };
    Some(answer(result).with_marks(&v.marks()))
}

/// Whether both are true; false as soon as one is known to be. `None` where an
/// operand is null or no boolean.
pub fn and(a: &Value, b: &Value) -> Option<Value> {
    logic(a, b, false)
}

/// Whether one is true; true as soon as one is known to be. `None` where an
/// operand is null or no boolean.
pub fn or(a: &Value, b: &Value) -> Option<Value> {
    logic(a, b, true)
}

fn logic(a: &Value, b: &Value, decisive: bool) -> Option<Value> {
    let known = |v: &Value| match v.peel() {
        Value::Bool(b) => Some(Some(*b)),
        Value::Unknown(Type::Bool | Type::Dynamic, _) => Some(None),
        _ => None,
    };
    let result = match (known(a)?, known(b)?) {
        (Some(x), _) | (_, Some(x)) if x == decisive => Some(decisive),
        (_, Some(x)) if x == decisive => Some(decisive),
        (Some(_), Some(_)) => Some(!decisive),
        _ => None,
    };
    Some(answer(result).with_marks(&a.marks().union(&b.marks())))
}

/// Least and greatest number of elements that a set may turn out to have, as
/// unknown elements may turn out equal to others.
pub(crate) fn set_length_range(items: &[Value]) -> (u64, u64) {
    let max = items.len() as u64;
    let exact = max <= 1 || items.iter().all(Value::is_wholly_known);
    (if exact { max } else { 1 }, max)
}

/// The number of elements of a collection, tuple or object: a number, perhaps
/// unknown within bounds. `None` for nulls and other types.
pub fn length(v: &Value) -> Option<Value> {
    let int = |n: usize| Value::int(n as i64);
    Some(match v {
        Value::Marked(m) => length(&m.0)?.with_marks(&m.1),
        Value::List(e) => int(e.items.len()),
        Value::Map(m) => int(m.items.len()),
        Value::Tuple(items) => int(items.len()),
        Value::Object(f) => int(f.len()),
        Value::Set(e) => {
            let (min, max) = set_length_range(&e.items);
            bounded(min, max)
        }
        Value::Unknown(Type::Tuple(ts), _) => int(ts.len()),
        Value::Unknown(Type::Object(o), _) => int(o.attrs.len()),
        Value::Unknown(Type::Dynamic, _) => Value::unknown_not_null(Type::Number),
        Value::Unknown(t, r) if t.is_collection() => {
            let max = r.as_ref().and_then(|r| r.len_max).unwrap_or(i64::MAX as u64);
            bounded(r.as_ref().map_or(0, |r| r.len_min), max)
        }
        _ => return None,
    })
}

fn bounded(min: u64, max: u64) -> Value {
    let r = Refinement::number_range(Some(Number::from_u64(min)), Some(Number::from_u64(max)));
    Value::unknown_refined(Type::Number, r)
}

/// Whether a set has an element equal to `elem`: a boolean, perhaps unknown.
/// `None` where `set` is null or no set.
pub fn set_contains(set: &Value, elem: &Value) -> Option<Value> {
    let mut marks: Marks = set.marks();
    let (elem, more) = elem.unmark_deep();
    marks.extend(&more);
    let result = match set.peel() {
        Value::Unknown(Type::Set(_) | Type::Dynamic, _) => None,
        Value::Set(e) => {
            let open = e.ty.has_dynamic() || matches!(elem.ty(), Type::Dynamic);
            if !open && !has_type(&elem, &e.ty) {
                Some(false)
            } else if !elem.is_known() {
                None
            } else if elem.is_wholly_known() && has(&e.items, &elem) {
                Some(true)
            } else {
                (elem.is_wholly_known() && set.is_wholly_known()).then_some(false)
            }
        }
        _ => return None,
    };
    Some(answer(result).with_marks(&marks))
}

/// Whether sorted elements include one equal to `v`. O(log n).
fn has(items: &[Value], v: &Value) -> bool {
    let from = items.partition_point(|x| crate::set::compare(x, v).is_lt());
    items[from..].iter().take_while(|x| crate::set::compare(x, v).is_eq()).any(|x| x == v)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn num(n: i64) -> Value {
        Value::int(n)
    }
    fn u(t: Type) -> Value {
        Value::unknown(t)
    }
    fn some() -> Value {
        Value::unknown_not_null(Type::Bool)
    }

    /// Each checked with a plan of Terraform, in which the unknown was the `id` of
    /// a planned resource: a string that is not null.
    #[test]
    fn equality_with_unknowns() {
        let id = Value::unknown_not_null(Type::String);
        let yes = Value::Bool(true);
        let no = Value::Bool(false);
        let x = || Value::string("x");
        let arn = Value::unknown_refined(Type::String, Refinement::string_prefix("arn-"));
        let list = |v: Vec<Value>| Value::list(Type::String, v);
        let set = |v: Vec<Value>| Value::set(Type::String, v);
        let obj = |v: Value| Value::object([("a", v)]);
        for (a, b, r) in [
            (id.clone(), Value::Null(Type::Dynamic), no.clone()),
            (u(Type::String), Value::Null(Type::Dynamic), some()),
            (id.clone(), x(), some()),
            (arn.clone(), "foo".into(), no.clone()),
            (arn, "arn-1".into(), some()),
            (Value::tuple(vec![id.clone()]), Value::tuple(vec![id.clone(), num(1)]), no.clone()),
            (Value::tuple(vec![id.clone()]), Value::tuple(vec![id.clone()]), some()),
            (list(vec![id.clone()]), list(vec![id.clone(), x()]), no.clone()),
            (set(vec![id.clone()]), set(vec![x()]), some()),
            (obj(id.clone()), Value::object([("b", num(1))]), no.clone()),
            (id.clone(), Value::empty_object(), no.clone()),
            (obj(id.clone()), Value::Null(Type::Dynamic), no.clone()),
            (Value::tuple(vec![Value::Null(Type::Dynamic)]), Value::tuple(vec![id.clone()]), no.clone()),
            (Value::dynamic(), x(), some()),
            (Value::dynamic(), obj(num(1)), some()),
            (num(0), Value::Number(Number::from_i64(0).neg()), yes.clone()),
            (num(1), "1".into(), no.clone()),
            (Value::Null(Type::String), Value::Null(Type::Number), yes.clone()),
            (x(), x(), yes.clone()),
        ] {
            assert_eq!(equals(&a, &b), r, "{a:?} == {b:?}");
            assert_eq!(equals(&b, &a), r, "{b:?} == {a:?}");
        }
        // One attribute that differs is enough, whatever the others become.
        let ab = |a: Value, n| Value::object([("a", a), ("b", num(n))]);
        assert_eq!(equals(&ab(id.clone(), 1), &ab(x(), 2)), no);
        assert_eq!(equals(&ab(id, 1), &ab(x(), 1)), some());
    }

    #[test]
    fn equality_keeps_marks() {
        let s = Marks::sensitive();
        let v = Value::object([("a", Value::string("x").with_marks(&s))]);
        assert_eq!(equals(&v, &v), Value::Bool(true).with_marks(&s));
        assert_eq!(equals(&v, &Value::Null(Type::Dynamic)), Value::Bool(false));
        assert_eq!(
            equals(&v.clone().with_marks(&s), &Value::Null(Type::Dynamic)),
            Value::Bool(false).with_marks(&s)
        );
        assert_eq!(not_equal(&v, &v), Value::Bool(false).with_marks(&s));
    }

    /// Each checked with a plan of Terraform.
    #[test]
    fn comparison_by_range() {
        let set = Value::set(Type::String, vec![u(Type::String), "b".into()]);
        let len = length(&set).unwrap();
        assert_eq!(len.refinement().unwrap().number_max, Some((Number::from_i64(2), true)));
        let c = |op, n| compare(op, &len, &num(n)).unwrap();
        assert_eq!(c(Comparison::Greater, 0), Value::Bool(true));
        assert_eq!(c(Comparison::Greater, 5), Value::Bool(false));
        assert_eq!(c(Comparison::GreaterOrEqual, 1), some());
        assert_eq!(c(Comparison::GreaterOrEqual, 3), Value::Bool(false));
        assert_eq!(c(Comparison::Less, 1), some());
        assert_eq!(c(Comparison::Less, 3), Value::Bool(true));
        assert_eq!(c(Comparison::LessOrEqual, 0), Value::Bool(false));
        assert_eq!(compare(Comparison::Less, &num(1), &num(2)), Some(Value::Bool(true)));
        assert_eq!(compare(Comparison::Less, &u(Type::Number), &num(2)), Some(some()));
        assert_eq!(compare(Comparison::Less, &Value::Null(Type::Number), &num(2)), None);
        assert_eq!(compare(Comparison::Less, &"a".into(), &num(2)), None);
    }

    #[test]
    fn logic_is_decided_by_one_operand() {
        let (t, f, q) = (Value::Bool(true), Value::Bool(false), some());
        for (a, b, both, one) in [
            (&t, &t, &t, &t),
            (&t, &f, &f, &t),
            (&f, &f, &f, &f),
            (&q, &f, &f, &q),
            (&q, &t, &q, &t),
            (&q, &q, &q, &q),
        ] {
            for (a, b) in [(a, b), (b, a)] {
                assert_eq!(and(a, b).as_ref(), Some(both), "{a:?} && {b:?}");
                assert_eq!(or(a, b).as_ref(), Some(one), "{a:?} || {b:?}");
            }
        }
        assert_eq!(and(&t, &Value::Null(Type::Bool)), None);
        assert_eq!(not(&f), Some(t));
        assert_eq!(not(&u(Type::Bool)), Some(some()));
    }

    #[test]
    fn lengths() {
        let n = |v: Value| length(&v).unwrap();
        assert_eq!(n(Value::tuple(vec![num(1), u(Type::String)])), num(2));
        assert_eq!(n(u(Type::tuple([Type::Bool]))), num(1));
        assert_eq!(n(Value::set(Type::String, vec![u(Type::String)])), num(1));
        let bound = n(u(Type::list(Type::Bool)));
        assert_eq!(bound.refinement().unwrap().number_min, Some((Number::from_i64(0), true)));
        assert_eq!(n(Value::unknown_refined(Type::map(Type::Bool), Refinement::length(2, Some(2)))), num(2));
        assert_eq!(length(&"abc".into()), None);
        assert_eq!(
            n(Value::tuple(vec![]).with_marks(&Marks::sensitive())),
            num(0).with_marks(&Marks::sensitive())
        );
    }

    #[test]
    fn membership() {
        let s = Value::set(Type::String, vec!["a".into(), "b".into()]);
        assert_eq!(set_contains(&s, &"a".into()), Some(Value::Bool(true)));
        assert_eq!(set_contains(&s, &"c".into()), Some(Value::Bool(false)));
        assert_eq!(set_contains(&s, &num(1)), Some(Value::Bool(false)));
        assert_eq!(set_contains(&s, &u(Type::String)), Some(some()));
        let open = Value::set(Type::String, vec!["a".into(), u(Type::String)]);
        assert_eq!(set_contains(&open, &"a".into()), Some(Value::Bool(true)));
        assert_eq!(set_contains(&open, &"c".into()), Some(some()));
        assert_eq!(set_contains(&num(1), &"c".into()), None);
    }
}
