//! Values from and to `serde_json` trees, for documents of which a value is a part.

use super::parse::complete;
use super::{Failure, refuse, type_from_json, type_to_json, within};
use crate::convert::convert;
use crate::number::Number;
use crate::path::{PathError, PathStep};
use crate::types::{Name, Type};
use crate::value::{Fields, Value, nfc};
use serde_json::Value as Json;

/// As [`super::encode`], to a tree.
pub fn to_json(v: &Value, ty: &Type) -> Result<Json, PathError> {
    match typed(v, ty) {
        Ok(j) => Ok(j),
        Err(Failure::Error(e)) => Err(e),
        Err(Failure::Mismatch) => match typed(&convert(v, ty)?, ty) {
            Ok(j) => Ok(j),
            Err(Failure::Error(e)) => Err(e),
            Err(Failure::Mismatch) => Err(PathError::here(format!("{} required", ty.friendly_name()))),
        },
    }
}

fn leaf(v: &Value) -> Result<Json, PathError> {
    Ok(match v {
        Value::Bool(b) => Json::Bool(*b),
        Value::Number(n) if n.is_infinite() => {
            return Err(PathError::here("cannot serialize infinity as JSON"));
        }
        Value::Number(n) => match n.as_i64() {
            Some(i) if i != 0 && n.precision() >= 64 => i.into(),
            _ => {
                n.to_string().parse().map(Json::Number).map_err(|_| PathError::here("number is required"))?
            }
        },
        Value::String(s) => Json::String(s.to_string()),
        v => {
            refuse(v)?;
            Json::Null
        }
    })
}

fn index(i: usize) -> PathStep {
    PathStep::Index(Value::int(i as i64))
}

fn typed(v: &Value, ty: &Type) -> Result<Json, Failure> {
    refuse(v).map_err(Failure::Error)?;
    match (v, ty) {
        (Value::Null(_), t) if *t != Type::Dynamic => Ok(Json::Null),
        (Value::Null(Type::Dynamic), _) => Ok(Json::Null),
        (v, Type::Dynamic) => {
            let mut o = serde_json::Map::new();
            let own = v.ty();
            o.insert("value".into(), typed(v, &own)?);
            o.insert("type".into(), type_to_json(&own));
            Ok(Json::Object(o))
        }
        (Value::Bool(_), Type::Bool)
        | (Value::Number(_), Type::Number)
        | (Value::String(_), Type::String) => leaf(v).map_err(Failure::Error),
        (Value::List(e), Type::List(t)) | (Value::Set(e), Type::Set(t)) => {
            let items = e.items.iter().enumerate().map(|(i, x)| typed(x, t).map_err(|f| f.at(|| index(i))));
            Ok(Json::Array(items.collect::<Result<_, _>>()?))
        }
        (Value::Tuple(items), Type::Tuple(ts)) if items.len() == ts.len() => {
            let items = items.iter().zip(ts.iter()).enumerate();
            let items = items.map(|(i, (x, t))| typed(x, t).map_err(|f| f.at(|| index(i))));
            Ok(Json::Array(items.collect::<Result<_, _>>()?))
        }
        (Value::Map(m), Type::Map(t)) => {
            let items = m.items.iter().map(|(n, x)| {
                let j = typed(x, t).map_err(|f| f.at(|| PathStep::Index(Value::String(n.clone()))))?;
                Ok((n.to_string(), j))
            });
            Ok(Json::Object(items.collect::<Result<_, _>>()?))
        }
        (Value::Object(f), Type::Object(o)) if f.len() == o.attrs.len() => {
            let items = f.iter().zip(o.attrs.iter()).map(|((n, x), (name, t))| {
                if n != name {
                    return Err(Failure::Mismatch);
                }
                Ok((n.to_string(), typed(x, t).map_err(|f| f.at(|| PathStep::Attr(n.clone())))?))
            });
            Ok(Json::Object(items.collect::<Result<_, _>>()?))
        }
        _ => Err(Failure::Mismatch),
    }
}

/// As [`super::decode`], from a tree.
pub fn from_json(json: &Json, ty: &Type) -> Result<Value, PathError> {
    let wrong = |what: &str| Err(PathError::here(what));
    match (json, ty) {
        (Json::Null, _) => Ok(Value::Null(ty.clone())),
        (Json::Bool(b), Type::Bool) => Ok(Value::Bool(*b)),
        (Json::String(s), Type::Bool) => match s.as_str() {
            "true" | "1" => Ok(Value::Bool(true)),
            "false" | "0" => Ok(Value::Bool(false)),
            _ => wrong("a bool is required"),
        },
        (_, Type::Bool) => wrong("bool is required"),
        (Json::Number(n), Type::Number) => number(n.as_str()),
        (Json::String(s), Type::Number) => number(s),
        (_, Type::Number) => wrong("number is required"),
        (Json::String(s), Type::String) => Ok(Value::string(s)),
        (Json::Number(n), Type::String) => Ok(Value::string(n.as_str())),
        (Json::Bool(b), Type::String) => Ok(Value::string(if *b { "true" } else { "false" })),
        (_, Type::String) => wrong("string is required"),
        (Json::Array(items), Type::List(t)) => Ok(Value::list((**t).clone(), elements(items, t)?)),
        (Json::Array(items), Type::Set(t)) => Ok(Value::set((**t).clone(), elements(items, t)?)),
        (Json::Array(items), Type::Tuple(ts)) => {
            if items.len() != ts.len() {
                let few = if items.len() < ts.len() { "not enough" } else { "too many" };
                return wrong(&format!("{few} tuple elements (need {})", ts.len()));
            }
            let items = items.iter().zip(ts.iter()).enumerate();
            let items = items.map(|(i, (j, t))| from_json(j, t).map_err(|e| within(e, index(i))));
            Ok(Value::tuple(items.collect::<Result<_, _>>()?))
        }
        (_, Type::List(_) | Type::Set(_) | Type::Tuple(_)) => wrong("missing expected ["),
        (Json::Object(o), Type::Map(t)) => {
            let items = o.iter().map(|(n, j)| {
                let n = nfc(n);
                let v = from_json(j, t).map_err(|e| within(e, PathStep::Index(Value::String(n.clone()))))?;
                Ok((n, v))
            });
            Ok(Value::map((**t).clone(), items.collect::<Result<Vec<(Name, Value)>, PathError>>()?))
        }
        (Json::Object(o), Type::Object(ot)) => {
            let mut fields: Vec<(Name, Value)> = Vec::with_capacity(ot.attrs.len());
            for (n, j) in o {
                let Some((name, t)) = ot.attrs.get_key_value(n.as_str()) else {
                    let mut quoted = String::new();
                    crate::set::quote(n, &mut quoted);
                    return wrong(&format!("unsupported attribute {quoted}"));
                };
                let v = from_json(j, t).map_err(|e| within(e, PathStep::Attr(name.clone())))?;
                fields.push((name.clone(), v));
            }
            let fields: Fields = fields.into_iter().collect();
            Ok(complete(fields, ot))
        }
        (Json::Object(o), Type::Dynamic) => {
            if let Some(other) = o.keys().find(|k| *k != "type" && *k != "value") {
                let mut quoted = String::new();
                crate::set::quote(other, &mut quoted);
                return wrong(&format!("invalid key {quoted} in dynamically-typed value"));
            }
            let Some(t) = o.get("type") else { return wrong("missing type in dynamically-typed value") };
            let Some(v) = o.get("value") else { return wrong("missing value in dynamically-typed value") };
            from_json(v, &type_from_json(t)?)
        }
        (_, Type::Map(_) | Type::Object(_) | Type::Dynamic) => wrong("missing expected {"),
    }
}

fn elements(items: &[Json], ty: &Type) -> Result<Vec<Value>, PathError> {
    items.iter().enumerate().map(|(i, j)| from_json(j, ty).map_err(|e| within(e, index(i)))).collect()
}

fn number(s: &str) -> Result<Value, PathError> {
    Number::parse(s).map(Value::Number).ok_or_else(|| PathError::here("a number is required"))
}

/// The type that a tree implies: objects and tuples; null has no type of its own.
pub fn implied_type(json: &Json) -> Type {
    match json {
        Json::Null => Type::Dynamic,
        Json::Bool(_) => Type::Bool,
        Json::Number(_) => Type::Number,
        Json::String(_) => Type::String,
        Json::Array(items) => Type::tuple(items.iter().map(implied_type)),
        Json::Object(o) => Type::object(o.iter().map(|(n, j)| (nfc(n), implied_type(j)))),
    }
}

/// As [`super::decode_implied`], from a tree.
pub fn from_json_implied(json: &Json) -> Result<Value, PathError> {
    Ok(match json {
        Json::Null => Value::Null(Type::Dynamic),
        Json::Bool(b) => Value::Bool(*b),
        Json::Number(n) => number(n.as_str())?,
        Json::String(s) => Value::string(s),
        Json::Array(items) => Value::tuple(items.iter().map(from_json_implied).collect::<Result<_, _>>()?),
        Json::Object(o) => Value::object(
            o.iter()
                .map(|(n, j)| Ok((nfc(n), from_json_implied(j)?)))
                .collect::<Result<Vec<_>, PathError>>()?,
        ),
    })
}
