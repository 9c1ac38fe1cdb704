//! JSON: values by type, and types.
//!
//! The text is the one that state and plan files hold: compact, names sorted,
//! numbers with all their digits, and `<`, `>`, `&`, U+2028 and U+2029 escaped.

mod parse;
mod tree;

pub use parse::{decode, decode_implied};
pub use tree::{from_json, from_json_implied, implied_type, to_json};

use crate::convert::convert;
use crate::path::{Path, PathError, PathStep};
use crate::types::{Name, ObjectType, Type};
use crate::value::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;

/// Encodes a wholly known, unmarked value by `ty` (a `Dynamic` place becomes
/// `{"value":…,"type":…}`), compact, object keys sorted. A value of another type
/// is converted first.
pub fn encode(v: &Value, ty: &Type) -> Result<String, PathError> {
    let mut out = String::new();
    match write_typed(v, ty, &mut out) {
        Ok(()) => Ok(out),
        Err(Failure::Error(e)) => Err(e),
        Err(Failure::Mismatch) => {
            out.clear();
            match write_typed(&convert(v, ty)?, ty, &mut out) {
                Ok(()) => Ok(out),
                Err(Failure::Error(e)) => Err(e),
                Err(Failure::Mismatch) => Err(PathError::here(format!("{} required", ty.friendly_name()))),
            }
        }
    }
}

/// Encodes by the value's own type, so that no place is `Dynamic`: what
/// `jsonencode` does.
pub fn encode_implied(v: &Value) -> Result<String, PathError> {
    let mut out = String::new();
    write_plain(v, &mut out)?;
    Ok(out)
}

enum Failure {
    Error(PathError),
    /// The value is not of the type.
    Mismatch,
}

impl Failure {
    fn at(self, step: impl FnOnce() -> PathStep) -> Failure {
        match self {
            Failure::Error(e) => Failure::Error(within(e, step())),
            f => f,
        }
    }
}

/// Prepends a step to an error's place.
pub(crate) fn within(mut e: PathError, step: PathStep) -> PathError {
    e.path.0.insert(0, step);
    e
}

fn refuse(v: &Value) -> Result<(), PathError> {
    match v {
        Value::Marked(_) => Err(PathError::here("value has marks, so it cannot be serialized as JSON")),
        Value::Unknown(..) => Err(PathError::here("value is not known")),
        _ => Ok(()),
    }
}

fn write_leaf(v: &Value, out: &mut String) -> Result<(), PathError> {
    match v {
        Value::Null(_) => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(n) if n.is_infinite() => {
            return Err(PathError::here("cannot serialize infinity as JSON"));
        }
        Value::Number(n) => {
            let _ = write!(out, "{n}");
        }
        Value::String(s) => write_string(s, out),
        v => refuse(v)?,
    }
    Ok(())
}

fn write_typed(v: &Value, ty: &Type, out: &mut String) -> Result<(), Failure> {
    refuse(v).map_err(Failure::Error)?;
    if *ty == Type::Dynamic {
        if matches!(v, Value::Null(Type::Dynamic)) {
            out.push_str("null");
            return Ok(());
        }
        out.push_str("{\"value\":");
        write_plain(v, out).map_err(Failure::Error)?;
        out.push_str(",\"type\":");
        write_type(&v.ty(), out);
        out.push('}');
        return Ok(());
    }
    match (v, ty) {
        (Value::Null(_), _)
        | (Value::Bool(_), Type::Bool)
        | (Value::Number(_), Type::Number)
        | (Value::String(_), Type::String) => write_leaf(v, out).map_err(Failure::Error),
        (Value::List(e), Type::List(t)) | (Value::Set(e), Type::Set(t)) => {
            out.push('[');
            for (i, x) in e.items.iter().enumerate() {
                comma(i, out);
                write_typed(x, t, out).map_err(|f| f.at(|| PathStep::Index(Value::int(i as i64))))?;
            }
            out.push(']');
            Ok(())
        }
        (Value::Tuple(items), Type::Tuple(ts)) if items.len() == ts.len() => {
            out.push('[');
            for (i, (x, t)) in items.iter().zip(ts.iter()).enumerate() {
                comma(i, out);
                write_typed(x, t, out).map_err(|f| f.at(|| PathStep::Index(Value::int(i as i64))))?;
            }
            out.push(']');
            Ok(())
        }
        (Value::Map(m), Type::Map(t)) => {
            out.push('{');
            for (i, (n, x)) in m.items.iter().enumerate() {
                key(i, n, out);
                write_typed(x, t, out).map_err(|f| f.at(|| PathStep::Index(Value::String(n.clone()))))?;
            }
            out.push('}');
            Ok(())
        }
        (Value::Object(f), Type::Object(o)) if f.len() == o.attrs.len() => {
            out.push('{');
            for (i, ((n, x), (name, t))) in f.iter().zip(o.attrs.iter()).enumerate() {
                if n != name {
                    return Err(Failure::Mismatch);
                }
                key(i, n, out);
                write_typed(x, t, out).map_err(|f| f.at(|| PathStep::Attr(n.clone())))?;
            }
            out.push('}');
            Ok(())
        }
        _ => Err(Failure::Mismatch),
    }
}

fn write_plain(v: &Value, out: &mut String) -> Result<(), PathError> {
    match v {
        Value::List(_) | Value::Set(_) | Value::Tuple(_) => {
            out.push('[');
            for (i, x) in v.as_elements().unwrap_or_default().iter().enumerate() {
                comma(i, out);
                write_plain(x, out).map_err(|e| within(e, PathStep::Index(Value::int(i as i64))))?;
            }
            out.push(']');
            Ok(())
        }
        Value::Map(m) => {
            out.push('{');
            for (i, (n, x)) in m.items.iter().enumerate() {
                key(i, n, out);
                write_plain(x, out).map_err(|e| within(e, PathStep::Index(Value::String(n.clone()))))?;
            }
            out.push('}');
            Ok(())
        }
        Value::Object(f) => {
            out.push('{');
            for (i, (n, x)) in f.iter().enumerate() {
                key(i, n, out);
                write_plain(x, out).map_err(|e| within(e, PathStep::Attr(n.clone())))?;
            }
            out.push('}');
            Ok(())
        }
        v => write_leaf(v, out),
    }
}

fn comma(i: usize, out: &mut String) {
    if i > 0 {
        out.push(',');
    }
}

fn key(i: usize, name: &str, out: &mut String) {
    comma(i, out);
    write_string(name, out);
    out.push(':');
}

/// Appends a JSON string, escaped as Go's `encoding/json` escapes it: so state
/// and plan files written here have the same bytes.
pub fn write_string(s: &str, out: &mut String) {
    out.reserve(s.len() + 2);
    out.push('"');
    let mut plain = 0;
    for (i, b) in s.bytes().enumerate() {
        let short = match b {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0x08 => "\\b",
            0x0c => "\\f",
            b'<' | b'>' | b'&' | 0..0x20 => "",
            // U+2028 and U+2029 are E2 80 A8 and E2 80 A9.
            0xe2 if matches!(s.as_bytes().get(i + 1..i + 3), Some([0x80, 0xa8 | 0xa9])) => "",
            _ => continue,
        };
        out.push_str(&s[plain..i]);
        plain = i + 1;
        if !short.is_empty() {
            out.push_str(short);
        } else if b == 0xe2 {
            out.push_str(if s.as_bytes()[i + 2] == 0xa8 { "\\u2028" } else { "\\u2029" });
            plain = i + 3;
        } else {
            let _ = write!(out, "\\u{b:04x}");
        }
    }
    out.push_str(&s[plain..]);
    out.push('"');
}

/// A type in cty's JSON form, as compact text: `"string"`, `["list","string"]`,
/// `["object",{…}]`, with a third element where attributes are optional.
pub fn type_to_text(ty: &Type) -> String {
    let mut out = String::new();
    write_type(ty, &mut out);
    out
}

fn write_type(ty: &Type, out: &mut String) {
    let of = |kind: &str, t: &Type, out: &mut String| {
        out.push_str("[\"");
        out.push_str(kind);
        out.push_str("\",");
        write_type(t, out);
        out.push(']');
    };
    match ty {
        Type::Dynamic => out.push_str("\"dynamic\""),
        Type::Bool => out.push_str("\"bool\""),
        Type::Number => out.push_str("\"number\""),
        Type::String => out.push_str("\"string\""),
        Type::List(t) => of("list", t, out),
        Type::Set(t) => of("set", t, out),
        Type::Map(t) => of("map", t, out),
        Type::Tuple(ts) => {
            out.push_str("[\"tuple\",[");
            for (i, t) in ts.iter().enumerate() {
                comma(i, out);
                write_type(t, out);
            }
            out.push_str("]]");
        }
        Type::Object(o) => {
            out.push_str("[\"object\",{");
            for (i, (n, t)) in o.attrs.iter().enumerate() {
                key(i, n, out);
                write_type(t, out);
            }
            out.push('}');
            if !o.optional.is_empty() {
                out.push_str(",[");
                for (i, n) in o.optional.iter().enumerate() {
                    comma(i, out);
                    write_string(n, out);
                }
                out.push(']');
            }
            out.push(']');
        }
    }
}

/// A type in cty's JSON form.
pub fn type_to_json(ty: &Type) -> serde_json::Value {
    use serde_json::Value as J;
    let of = |kind: &str, t: &Type| J::Array(vec![kind.into(), type_to_json(t)]);
    match ty {
        Type::Dynamic => "dynamic".into(),
        Type::Bool => "bool".into(),
        Type::Number => "number".into(),
        Type::String => "string".into(),
        Type::List(t) => of("list", t),
        Type::Set(t) => of("set", t),
        Type::Map(t) => of("map", t),
        Type::Tuple(ts) => J::Array(vec!["tuple".into(), J::Array(ts.iter().map(type_to_json).collect())]),
        Type::Object(o) => {
            let attrs = o.attrs.iter().map(|(n, t)| (n.to_string(), type_to_json(t))).collect();
            let mut parts = vec!["object".into(), J::Object(attrs)];
            if !o.optional.is_empty() {
                parts.push(J::Array(o.optional.iter().map(|n| J::String(n.to_string())).collect()));
            }
            J::Array(parts)
        }
    }
}

/// Reads a type in cty's JSON form.
pub fn type_from_json(json: &serde_json::Value) -> Result<Type, PathError> {
    use serde_json::Value as J;
    let wrong = || PathError::here("invalid type description");
    match json {
        J::String(s) => match s.as_str() {
            "dynamic" => Ok(Type::Dynamic),
            "bool" => Ok(Type::Bool),
            "number" => Ok(Type::Number),
            "string" => Ok(Type::String),
            s => {
                let mut quoted = String::new();
                crate::set::quote(s, &mut quoted);
                Err(PathError::here(format!("invalid primitive type name {quoted}")))
            }
        },
        J::Array(parts) => {
            let kind = parts.first().and_then(J::as_str).unwrap_or_default();
            match (kind, &parts[parts.len().min(1)..]) {
                ("list", [t]) => Ok(Type::list(type_from_json(t)?)),
                ("set", [t]) => Ok(Type::set(type_from_json(t)?)),
                ("map", [t]) => Ok(Type::map(type_from_json(t)?)),
                ("tuple", [J::Array(ts)]) => {
                    Ok(Type::Tuple(ts.iter().map(type_from_json).collect::<Result<Vec<_>, _>>()?.into()))
                }
                ("object", [J::Object(attrs), rest @ ..]) if rest.len() <= 1 => {
                    let attrs = attrs
                        .iter()
                        .map(|(n, t)| Ok((crate::value::nfc(n), type_from_json(t)?)))
                        .collect::<Result<BTreeMap<Name, Type>, PathError>>()?;
                    let optional = match rest {
                        [] => BTreeSet::new(),
                        [J::Array(names)] => {
                            let name = |n: &J| Some(crate::value::nfc(n.as_str()?));
                            names.iter().map(name).collect::<Option<BTreeSet<Name>>>().ok_or_else(wrong)?
                        }
                        _ => return Err(wrong()),
                    };
                    Ok(Type::Object(Arc::new(ObjectType { attrs, optional })))
                }
                ("list" | "set" | "map" | "tuple" | "object", _) => Err(wrong()),
                _ => Err(PathError::here("invalid complex type kind name")),
            }
        }
        _ => Err(wrong()),
    }
}

/// Reads a type in cty's JSON form from text.
pub fn type_from_text(text: &str) -> Result<Type, PathError> {
    match text {
        // The common ones, without a parser.
        "\"string\"" => Ok(Type::String),
        "\"number\"" => Ok(Type::Number),
        "\"bool\"" => Ok(Type::Bool),
        "\"dynamic\"" => Ok(Type::Dynamic),
        _ => {
            let json = serde_json::from_str(text)
                .map_err(|e| PathError::new(Path::new(), format!("invalid type description: {e}")))?;
            type_from_json(&json)
        }
    }
}
