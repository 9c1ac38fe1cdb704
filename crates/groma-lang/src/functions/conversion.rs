//! Conversions that are asked for, and what is about marks.

use super::Function;
use super::build::*;
use groma_value::{Mark, Type, Value, convert};

pub(super) fn functions() -> Vec<Function> {
    let anything = || param("value", Type::Dynamic, "Any value.").null().unknown().dynamic().marked();
    vec![
        to("tobool", "The value as a bool.", Type::Bool),
        to("tonumber", "The value as a number.", Type::Number),
        to("tostring", "The value as a string.", Type::String),
        to("tolist", "The value as a list.", Type::list(Type::Dynamic)),
        to("toset", "The value as a set.", Type::set(Type::Dynamic)),
        to("tomap", "The value as a map.", Type::map(Type::Dynamic)),
        function("sensitive", "The value, not to be shown from now on.", [anything()], Type::Dynamic, |a| {
            Ok(a[0].clone().mark(Mark::Sensitive))
        })
        .nullable(),
        function(
            "nonsensitive",
            "The value, which may be shown from now on.",
            [anything()],
            Type::Dynamic,
            |a| {
                let (v, mut marks) = a[0].clone().unmark();
                marks.remove(&Mark::Sensitive);
                marks.remove(&Mark::SensitiveOutput);
                Ok(v.with_marks(&marks))
            },
        )
        .nullable(),
        function("issensitive", "Whether the value must not be shown.", [anything()], Type::Bool, |a| {
            if a[0].marks().is_sensitive() {
                return Ok(Value::bool(true));
            }
            // Another value may still turn up for which it is.
            Ok(if a[0].is_known() { Value::bool(false) } else { Value::unknown(Type::Bool) })
        }),
        function(
            "ephemeralasnull",
            "The value with null in place of all that must not be stored.",
            [anything()],
            Type::Dynamic,
            |a| Ok(without_ephemeral(&a[0])),
        )
        .nullable(),
    ]
}

fn to(name: &'static str, description: &str, ty: Type) -> Function {
    let (wanted, of_unknown) = (ty.clone(), ty.clone());
    let to = |v: &Value, ty: &Type| convert(v, ty).or_else(|_| fail_arg(0, why_not(v, ty)));
    function(
        name,
        description,
        [param("v", Type::Dynamic, "The value to convert.").null().dynamic().marked()],
        ty,
        move |a| to(&a[0], &wanted),
    )
    .typed(move |a| to(&a[0], &of_unknown).map(|_| of_unknown.clone()))
    .nullable()
}

fn why_not(v: &Value, wanted: &Type) -> String {
    let (v, marks) = v.unmark_deep();
    let (got, to) = (v.ty().friendly_name(), wanted.friendly_name_for_constraint());
    let possible = matches!((&v, wanted), (Value::String(_), Type::Bool | Type::Number));
    if possible && marks.is_ephemeral() {
        return format!("cannot convert this ephemeral {got} to {to}");
    }
    if possible && marks.is_sensitive() {
        return format!("cannot convert this sensitive {got} to {to}");
    }
    match (&v, wanted) {
        (Value::String(s), Type::Bool) => {
            format!(r#"cannot convert {} to bool; only the strings "true" or "false" are allowed"#, quote(s))
        }
        (Value::String(s), Type::Number) => format!(
            "cannot convert {} to number; given string must be a decimal representation of a number",
            quote(s)
        ),
        _ => format!("cannot convert {got} to {to}"),
    }
}

fn without_ephemeral(v: &Value) -> Value {
    if !v.contains_marked() {
        return v.clone();
    }
    let (inner, mut marks) = v.clone().unmark();
    let ephemeral = marks.is_ephemeral();
    marks.remove(&Mark::Ephemeral);
    if ephemeral && inner.is_known() {
        return Value::null(inner.ty()).with_marks(&marks);
    }
    descend(&inner).with_marks(&marks)
}

fn descend(v: &Value) -> Value {
    match v {
        Value::List(e) => Value::list(e.ty.clone(), e.items.iter().map(without_ephemeral).collect()),
        Value::Tuple(items) => Value::tuple(items.iter().map(without_ephemeral).collect()),
        Value::Map(m) => {
            Value::map(m.ty.clone(), m.items.iter().map(|(n, v)| (n.clone(), without_ephemeral(v))))
        }
        Value::Object(f) => Value::object(f.iter().map(|(n, v)| (n.clone(), without_ephemeral(v)))),
        v => v.clone(),
    }
}
