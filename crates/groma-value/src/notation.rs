//! Values and types in cty's own notation, which messages about a provider's
//! faults use: their readers are the provider's developers.

use crate::refine::Refinement;
use crate::set::{quote, quoted};
use crate::types::Type;
use crate::value::{Fields, Value};
use std::fmt::Write;

/// `cty.StringVal("x")`, `cty.UnknownVal(cty.List(cty.String))`, ...
pub fn value(v: &Value) -> String {
    let mut out = String::new();
    write_value(v, &mut out);
    out
}

/// `cty.Map(cty.String)`, ...
pub fn type_name(ty: &Type) -> String {
    let mut out = String::new();
    write_type(ty, &mut out);
    out
}

fn write_value(v: &Value, out: &mut String) {
    match v {
        Value::Null(t) => call("NullVal", t, out),
        Value::Unknown(Type::Dynamic, _) => out.push_str("cty.DynamicVal"),
        Value::Unknown(t, r) => {
            call("UnknownVal", t, out);
            if let Some(r) = r {
                write_refinement(r, out);
            }
        }
        Value::Bool(true) => out.push_str("cty.True"),
        Value::Bool(false) => out.push_str("cty.False"),
        Value::Number(n) if n.is_integer() => {
            let _ = write!(out, "cty.NumberIntVal({})", n.text_g(None));
        }
        Value::Number(n) => {
            let _ = match n.to_f64_exact().and_then(crate::Number::from_f64) {
                Some(f) => write!(out, "cty.NumberFloatVal({})", f.text_g(None)),
                None => write!(out, "cty.MustParseNumberVal(\"{n}\")"),
            };
        }
        Value::String(s) => {
            out.push_str("cty.StringVal(");
            quote(s, out);
            out.push(')');
        }
        Value::List(e) if e.items.is_empty() => call("ListValEmpty", &e.ty, out),
        Value::Set(e) if e.items.is_empty() => call("SetValEmpty", &e.ty, out),
        Value::Map(m) if m.items.is_empty() => call("MapValEmpty", &m.ty, out),
        Value::Tuple(items) if items.is_empty() => out.push_str("cty.EmptyTupleVal"),
        Value::Object(f) if f.is_empty() => out.push_str("cty.EmptyObjectVal"),
        Value::List(e) => elements("ListVal", &e.items, out),
        Value::Set(e) => elements("SetVal", &e.items, out),
        Value::Tuple(items) => elements("TupleVal", items, out),
        Value::Map(m) => fields("MapVal", &m.items, out),
        Value::Object(f) => fields("ObjectVal", f, out),
        // What is marked must not be shown.
        Value::Marked(m) if m.1.is_sensitive() => out.push_str("(sensitive value)"),
        Value::Marked(m) => write_value(&m.0, out),
    }
}

fn call(name: &str, ty: &Type, out: &mut String) {
    out.push_str("cty.");
    out.push_str(name);
    out.push('(');
    write_type(ty, out);
    out.push(')');
}

fn elements(name: &str, items: &[Value], out: &mut String) {
    let _ = write!(out, "cty.{name}([]cty.Value{{");
    for (i, v) in items.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        write_value(v, out);
    }
    out.push_str("})");
}

fn fields(name: &str, fields: &Fields, out: &mut String) {
    let _ = write!(out, "cty.{name}(map[string]cty.Value{{");
    for (i, (n, v)) in fields.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        quote(n, out);
        out.push(':');
        write_value(v, out);
    }
    out.push_str("})");
}

fn write_refinement(r: &Refinement, out: &mut String) {
    if *r == Refinement::not_null() {
        out.push_str(".RefineNotNull()");
        return;
    }
    out.push_str(".Refine()");
    if r.not_null == Some(true) {
        out.push_str(".NotNull()");
    }
    if !r.prefix.is_empty() {
        let _ = write!(out, ".StringPrefixFull({})", quoted(&r.prefix));
    }
    for (which, bound) in [("Lower", &r.number_min), ("Upper", &r.number_max)] {
        if let Some((n, inclusive)) = bound {
            let _ = write!(out, ".Number{which}Bound({}, {inclusive})", value(&Value::Number(n.clone())));
        }
    }
    if r.len_min > 0 {
        let _ = write!(out, ".CollectionLengthLowerBound({})", r.len_min);
    }
    if let Some(n) = r.len_max {
        let _ = write!(out, ".CollectionLengthUpperBound({n})");
    }
    out.push_str(".NewValue()");
}

fn write_type(ty: &Type, out: &mut String) {
    match ty {
        Type::Dynamic => out.push_str("cty.DynamicPseudoType"),
        Type::Bool => out.push_str("cty.Bool"),
        Type::Number => out.push_str("cty.Number"),
        Type::String => out.push_str("cty.String"),
        Type::List(t) => call("List", t, out),
        Type::Set(t) => call("Set", t, out),
        Type::Map(t) => call("Map", t, out),
        Type::Tuple(ts) if ts.is_empty() => out.push_str("cty.EmptyTuple"),
        Type::Tuple(ts) => {
            out.push_str("cty.Tuple([]cty.Type{");
            for (i, t) in ts.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                write_type(t, out);
            }
            out.push_str("})");
        }
        Type::Object(o) if o.attrs.is_empty() => out.push_str("cty.EmptyObject"),
        Type::Object(o) => {
            out.push_str("cty.Object(map[string]cty.Type{");
            for (i, (n, t)) in o.attrs.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                quote(n, out);
                out.push(':');
                write_type(t, out);
            }
            out.push_str("})");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_cty_prints() {
        for (v, text) in [
            (Value::int(5), "cty.NumberIntVal(5)"),
            (Value::int(10_000_000), "cty.NumberIntVal(1e+07)"),
            (
                Value::Number(crate::Number::from_f64(2f64.powi(70)).unwrap()),
                "cty.NumberIntVal(1.1805916207174113e+21)",
            ),
            (Value::Number(crate::Number::parse("0.5").unwrap()), "cty.NumberFloatVal(0.5)"),
            (Value::Number(crate::Number::parse("0.1").unwrap()), "cty.MustParseNumberVal(\"0.1\")"),
            (Value::Null(Type::list(Type::String)), "cty.NullVal(cty.List(cty.String))"),
            (Value::dynamic(), "cty.DynamicVal"),
            (Value::unknown_not_null(Type::Bool), "cty.UnknownVal(cty.Bool).RefineNotNull()"),
            (
                Value::object([
                    ("b", Value::tuple(vec![Value::Bool(true), "x\n".into()])),
                    ("a", Value::tuple(vec![])),
                ]),
                "cty.ObjectVal(map[string]cty.Value{\"a\":cty.EmptyTupleVal, \"b\":cty.TupleVal([]cty.Value{cty.True, cty.StringVal(\"x\\n\")})})",
            ),
            (
                Value::set(Type::object([("a", Type::Dynamic)]), vec![]),
                "cty.SetValEmpty(cty.Object(map[string]cty.Type{\"a\":cty.DynamicPseudoType}))",
            ),
        ] {
            assert_eq!(value(&v), text);
        }
    }
}
