//! MessagePack as the provider protocol uses it.
//!
//! Directed by the type: a `Dynamic` place is `[type as JSON, value]`, an unknown
//! is extension 0, one with refinements extension 12, which holds a map of them.

mod read;

pub use read::decode;

use crate::convert::convert;
use crate::json::{type_to_text, within};
use crate::number::Number;
use crate::path::{PathError, PathStep};
use crate::refine::Refinement;
use crate::types::Type;
use crate::value::Value;
use rmp::encode as mp;

/// Extension type of an unknown with refinements.
const REFINED: i8 = 0x0c;
/// A receiver need not accept a longer prefix (bytes).
const MAX_PREFIX: usize = 256;

/// Keys of the refinement map.
mod key {
    pub const IS_NULL: i64 = 1;
    pub const PREFIX: i64 = 2;
    pub const NUMBER_MIN: i64 = 3;
    pub const NUMBER_MAX: i64 = 4;
    pub const LENGTH_MIN: i64 = 5;
    pub const LENGTH_MAX: i64 = 6;
}

/// Encodes an unmarked value by `ty`; unknowns and refinements included. A value
/// of another type is converted first.
pub fn encode(v: &Value, ty: &Type) -> Result<Vec<u8>, PathError> {
    let mut out = Vec::with_capacity(256);
    match write(v, Some(ty), &mut out) {
        Ok(()) => Ok(out),
        Err(Failure::Error(e)) => Err(e),
        Err(Failure::Mismatch) => {
            out.clear();
            match write(&convert(v, ty)?, Some(ty), &mut out) {
                Ok(()) => Ok(out),
                Err(Failure::Error(e)) => Err(e),
                Err(Failure::Mismatch) => Err(PathError::here(format!("{} required", ty.friendly_name()))),
            }
        }
    }
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

/// Writes a string the way Go's encoder does.
fn write_str(s: &str, out: &mut Vec<u8>) {
    put(mp::write_str(out, s));
}

/// Writing to memory cannot fail.
fn put<T, E>(r: Result<T, E>) {
    debug_assert!(r.is_ok());
}

/// `None` for the type means the value's own, in which nothing is dynamic.
fn write(v: &Value, ty: Option<&Type>, out: &mut Vec<u8>) -> Result<(), Failure> {
    if ty == Some(&Type::Dynamic)
        && !matches!(v, Value::Null(Type::Dynamic) | Value::Unknown(Type::Dynamic, _))
    {
        if let Value::Marked(_) = v {
            return Err(marked());
        }
        put(mp::write_array_len(out, 2));
        put(mp::write_bin(out, type_to_text(&v.ty()).as_bytes()));
        return write(v, None, out);
    }
    match (v, ty) {
        (Value::Marked(_), _) => Err(marked()),
        (Value::Unknown(_, r), _) => {
            write_unknown(r.as_deref(), out);
            Ok(())
        }
        (Value::Null(_), _) => {
            put(mp::write_nil(out));
            Ok(())
        }
        (Value::Bool(b), None | Some(Type::Bool)) => {
            put(mp::write_bool(out, *b));
            Ok(())
        }
        (Value::Number(n), None | Some(Type::Number)) => {
            write_number(n, out);
            Ok(())
        }
        (Value::String(s), None | Some(Type::String)) => {
            write_str(s, out);
            Ok(())
        }
        (Value::List(e), None | Some(Type::List(_))) | (Value::Set(e), None | Some(Type::Set(_))) => {
            put(mp::write_array_len(out, e.items.len() as u32));
            for (i, x) in e.items.iter().enumerate() {
                write(x, ty.and_then(Type::element), out).map_err(|f| f.at(|| index(i)))?;
            }
            Ok(())
        }
        (Value::Tuple(items), None) => {
            put(mp::write_array_len(out, items.len() as u32));
            for (i, x) in items.iter().enumerate() {
                write(x, None, out).map_err(|f| f.at(|| index(i)))?;
            }
            Ok(())
        }
        (Value::Tuple(items), Some(Type::Tuple(ts))) if ts.len() == items.len() => {
            put(mp::write_array_len(out, items.len() as u32));
            for (i, (x, t)) in items.iter().zip(ts.iter()).enumerate() {
                write(x, Some(t), out).map_err(|f| f.at(|| index(i)))?;
            }
            Ok(())
        }
        (Value::Map(m), None | Some(Type::Map(_))) => {
            put(mp::write_map_len(out, m.items.len() as u32));
            for (n, x) in m.items.iter() {
                write_str(n, out);
                write(x, ty.and_then(Type::element), out)
                    .map_err(|f| f.at(|| PathStep::Index(Value::String(n.clone()))))?;
            }
            Ok(())
        }
        (Value::Object(fields), None) => {
            put(mp::write_map_len(out, fields.len() as u32));
            for (n, x) in fields.iter() {
                write_str(n, out);
                write(x, None, out).map_err(|f| f.at(|| PathStep::Attr(n.clone())))?;
            }
            Ok(())
        }
        (Value::Object(fields), Some(Type::Object(o))) if fields.len() == o.attrs.len() => {
            put(mp::write_map_len(out, fields.len() as u32));
            for ((n, x), (name, t)) in fields.iter().zip(o.attrs.iter()) {
                if n != name {
                    return Err(Failure::Mismatch);
                }
                write_str(n, out);
                write(x, Some(t), out).map_err(|f| f.at(|| PathStep::Attr(n.clone())))?;
            }
            Ok(())
        }
        _ => Err(Failure::Mismatch),
    }
}

fn index(i: usize) -> PathStep {
    PathStep::Index(Value::int(i as i64))
}

fn marked() -> Failure {
    Failure::Error(PathError::here("value has marks, so it cannot be serialized"))
}

/// As an integer, else as a float where that is exact, else as decimal text.
fn write_number(n: &Number, out: &mut Vec<u8>) {
    if let Some(i) = n.as_i64() {
        put(mp::write_sint(out, i));
    } else if n.is_infinite() {
        put(mp::write_f64(out, n.to_f64()));
    } else if let (false, Some(f)) = (n.is_integer(), n.to_f64_exact()) {
        put(mp::write_f64(out, f));
    } else {
        write_str(&n.to_string(), out);
    }
}

fn write_unknown(r: Option<&Refinement>, out: &mut Vec<u8>) {
    let mut body = Vec::new();
    let mut entries = 0;
    let mut entry = |key: i64, body: &mut Vec<u8>| {
        entries += 1;
        put(mp::write_sint(body, key));
    };
    if let Some(r) = r {
        if r.not_null == Some(true) {
            entry(key::IS_NULL, &mut body);
            put(mp::write_bool(&mut body, false));
        }
        for (k, bound) in [(key::NUMBER_MIN, &r.number_min), (key::NUMBER_MAX, &r.number_max)] {
            if let Some((n, inclusive)) = bound
                && !n.is_infinite()
            {
                entry(k, &mut body);
                put(mp::write_array_len(&mut body, 2));
                write_number(n, &mut body);
                put(mp::write_bool(&mut body, *inclusive));
            }
        }
        if !r.prefix.is_empty() {
            entry(key::PREFIX, &mut body);
            write_str(&safe_prefix(&r.prefix), &mut body);
        }
        if r.len_min > 0 {
            entry(key::LENGTH_MIN, &mut body);
            put(mp::write_uint(&mut body, r.len_min));
        }
        if let Some(max) = r.len_max {
            entry(key::LENGTH_MAX, &mut body);
            put(mp::write_uint(&mut body, max));
        }
    }
    if entries == 0 {
        out.extend_from_slice(&[0xd4, 0, 0]);
        return;
    }
    let mut len = Vec::new();
    put(mp::write_map_len(&mut len, entries));
    put(mp::write_ext_meta(out, (len.len() + body.len()) as u32, REFINED));
    out.extend_from_slice(&len);
    out.extend_from_slice(&body);
}

/// A prefix that every receiver accepts. A cut one also loses its last
/// character, as what follows could combine with it.
fn safe_prefix(prefix: &str) -> std::borrow::Cow<'_, str> {
    if prefix.len() <= MAX_PREFIX {
        return prefix.into();
    }
    let mut end = MAX_PREFIX - 1;
    while !prefix.is_char_boundary(end) {
        end -= 1;
    }
    crate::refine::known_prefix(&prefix[..end]).into()
}
