//! What an author knows of values that are not known yet: OpenTofu's functions that begin with
//! `assume`. A known value is held against it, an unknown one remembers it.

use super::Function;
use super::build::*;
use groma_value::{Refinement, Type, Value, convert};

pub(super) fn functions() -> Vec<Function> {
    let anything = |name| param(name, Type::Dynamic, "Any value.").null().unknown().dynamic().marked();
    let mut out = vec![
        function(
            "assumeequal",
            "The second value, which the first must be equal to.",
            [anything("actual_value"), anything("expected_value")],
            Type::Dynamic,
            equal_to,
        )
        .nullable(),
        function(
            "assumenotnull",
            "The value, which must not be null.",
            [anything("value")],
            Type::Dynamic,
            |a| match &a[0].peel() {
                Value::Null(_) => fail_arg(0, "must not be null"),
                _ => Ok(a[0].clone().refine_not_null()),
            },
        )
        .nullable(),
        function(
            "assumestringprefix",
            "The string, which must begin with a prefix.",
            [
                param("string", Type::String, "A string.").null().unknown().dynamic().marked(),
                param("expected_prefix", Type::String, "What it begins with.").marked(),
            ],
            Type::String,
            |a| {
                let prefix = text(a[1].peel());
                match a[0].peel() {
                    Value::String(s) if !s.starts_with(prefix) => {
                        fail_arg(0, format!("must begin with {}", quote(prefix)))
                    }
                    Value::Unknown(..) => Ok(a[0].clone().refine(&Refinement::string_prefix(prefix))),
                    _ => Ok(a[0].clone()),
                }
            },
        )
        .nullable(),
    ];
    for (kind, ty) in [
        ("list", Type::list(Type::Dynamic)),
        ("set", Type::set(Type::Dynamic)),
        ("map", Type::map(Type::Dynamic)),
    ] {
        out.push(length(kind, ty.clone(), true, true));
        out.push(length(kind, ty.clone(), true, false));
        out.push(length(kind, ty, false, true));
    }
    out
}

fn equal_to(a: &[Value]) -> Res<Value> {
    let actual = match convert(&a[0], &a[1].ty()) {
        Ok(v) => v,
        Err(e) => return fail_arg(0, e.message),
    };
    match equal(&actual.unmark_deep().0, &a[1].clone().unmark_deep().0) {
        Some(false) => fail_arg(0, "must be equal to the expected value"),
        _ => Ok(a[1].clone()),
    }
}

/// `assumelistlength` and those like it: with a lower bound, an upper one, or both.
fn length(kind: &'static str, ty: Type, lower: bool, upper: bool) -> Function {
    let end = match (lower, upper) {
        (true, false) => "min",
        (false, true) => "max",
        _ => "",
    };
    let bound = |name| param(name, Type::Number, "A number of elements.");
    let mut params = vec![param(kind, ty.clone(), "A collection.").null().unknown().dynamic().marked()];
    params.extend(lower.then(|| bound("min_length")));
    params.extend(upper.then(|| bound("max_length")));
    let description = format!("The {kind}, which must have a number of elements within bounds.");
    function(&format!("assume{kind}length{end}"), &description, params, ty, move |a| {
        let size = |i: usize| -> Res<u64> {
            let n = int_arg(a, i)?;
            u64::try_from(n).or_else(|_| fail_arg(i, "must not be negative"))
        };
        let min = if lower { size(1)? } else { 0 };
        let max = if upper { Some(size(a.len() - 1)?) } else { None };
        if max.is_some_and(|m| m < min) {
            return fail_arg(a.len() - 1, "must not be less than the lower bound");
        }
        let v = a[0].peel();
        let count = v.as_elements().map(|e| e.len()).or_else(|| v.as_fields().map(|f| f.iter().count()));
        match count {
            // Unknown elements of a set may turn out to be one.
            Some(n) if !unsettled(v) => {
                let n = n as u64;
                if n < min {
                    return fail_arg(0, format!("must have at least {min} elements, and has {n}"));
                }
                match max {
                    Some(m) if n > m => fail_arg(0, format!("must have at most {m} elements, and has {n}")),
                    _ => Ok(a[0].clone()),
                }
            }
            _ => Ok(a[0].clone().refine(&Refinement::length(min, max))),
        }
    })
    .typed(|a| Ok(a[0].ty()))
    .nullable()
}
