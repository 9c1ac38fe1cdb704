//! Base64, URL encoding, JSON, and gzip.

use super::build::*;
use super::{Function, Parameter};
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use groma_value::{Type, Value, json};
use std::io::Read;

/// Padded; bits that do not count may be anything.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
);

fn str_param() -> Parameter {
    param("str", Type::String, "The text.")
}

pub(super) fn functions() -> Vec<Function> {
    vec![
        function("base64encode", "The bytes of a text in Base64.", [str_param()], Type::String, |a| {
            Ok(Value::string(to_base64(text(&a[0]).as_bytes())))
        }),
        function(
            "base64decode",
            "The text of which the bytes are given in Base64.",
            [str_param().marked()],
            Type::String,
            |a| {
                let bytes = decode_marked(&a[0])?;
                let Ok(s) = String::from_utf8(bytes) else {
                    return fail("the result of decoding the provided string is not valid UTF-8");
                };
                Ok(Value::string(s).with_marks(&a[0].marks()))
            },
        ),
        function("base64gzip", "A text compressed, in Base64.", [str_param()], Type::String, |a| {
            Ok(Value::string(to_base64(&super::gzip::compress(text(&a[0]).as_bytes()))))
        }),
        // As in OpenTofu.
        function(
            "base64gunzip",
            "The text that is compressed and in Base64.",
            [str_param().marked()],
            Type::String,
            |a| {
                let bytes = decode_marked(&a[0])?;
                let mut out = Vec::new();
                if let Err(e) = flate2::read::MultiGzDecoder::new(&*bytes).read_to_end(&mut out) {
                    return fail(format!("failed to gunzip bytestream: {e}"));
                }
                Ok(Value::string(String::from_utf8_lossy(&out)).with_marks(&a[0].marks()))
            },
        ),
        function("urlencode", "A text as part of a URL.", [str_param()], Type::String, |a| {
            Ok(Value::string(url_encode(text(&a[0]))))
        }),
        // As in OpenTofu.
        function("urldecode", "The text of a part of a URL.", [str_param()], Type::String, |a| {
            url_decode(text(&a[0])).map_or_else(
                |e| fail(format!("failed to decode URL: invalid URL escape {}", quote(&e))),
                |s| Ok(Value::string(s)),
            )
        }),
        function(
            "jsonencode",
            "A value as JSON.",
            [param("val", Type::Dynamic, "The value.").null().unknown().dynamic()],
            Type::String,
            jsonencode,
        ),
        function("jsondecode", "The value that a JSON text means.", [str_param()], Type::Dynamic, |a| {
            json::decode_implied(text(&a[0])).or_else(|e| fail(e.message))
        })
        .typed(|a| jsondecode_type(&a[0]))
        .nullable(),
    ]
}

pub(super) fn to_base64(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

/// The bytes of a Base64 text, in which line breaks do not count; or the
/// position of what is wrong.
pub(super) fn from_base64(s: &str) -> Result<Vec<u8>, usize> {
    let kept: Vec<u8> = s.bytes().filter(|b| *b != b'\n' && *b != b'\r').collect();
    BASE64.decode(&kept).map_err(|_| misplaced(s))
}

/// Where Go finds the first mistake: a byte that does not belong there, the end
/// where padding is missing, or the group of four that is not complete.
fn misplaced(s: &str) -> usize {
    let mut bytes = s.bytes().enumerate().filter(|(_, b)| *b != b'\n' && *b != b'\r').peekable();
    let (mut group, mut len) = (0, 0);
    while let Some((at, b)) = bytes.next() {
        match b {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' => {
                if len == 0 {
                    group = at;
                }
                len = (len + 1) % 4;
            }
            b'=' if len == 2 => match bytes.next() {
                None => return s.len(),
                Some((_, b'=')) => return bytes.next().map_or(s.len(), |(at, _)| at),
                Some((next, _)) => return next - 1,
            },
            b'=' if len == 3 => return bytes.next().map_or(s.len(), |(at, _)| at),
            _ => return at,
        }
    }
    group
}

fn decode_marked(v: &Value) -> Res<Vec<u8>> {
    let s = text(v);
    from_base64(s)
        .or_else(|_| fail(format!("failed to decode base64 data {}", redact(|| quote(s), &v.marks()))))
}

fn url_encode(s: &str) -> String {
    let mut out = String::new();
    for b in s.bytes() {
        match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(b)),
            b' ' => out.push('+'),
            b => out.push_str(&format!("%{b:02X}")),
        }
    }
    out
}

/// Or the escape that is not one.
fn url_decode(s: &str) -> Result<String, String> {
    let bytes = s.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        match bytes[i] {
            b'%' => {
                let hex = bytes.get(i + 1..i + 3).and_then(|h| std::str::from_utf8(h).ok());
                let byte = hex
                    .filter(|h| h.bytes().all(|b| b.is_ascii_hexdigit()))
                    .and_then(|h| u8::from_str_radix(h, 16).ok());
                let Some(byte) = byte else {
                    let end = (i + 3).min(bytes.len());
                    return Err(String::from_utf8_lossy(&bytes[i..end]).into_owned());
                };
                out.push(byte);
                i += 3;
            }
            b'+' => {
                out.push(b' ');
                i += 1;
            }
            b => {
                out.push(b);
                i += 1;
            }
        }
    }
    Ok(String::from_utf8_lossy(&out).into_owned())
}

fn jsonencode(args: &[Value]) -> Res<Value> {
    let v = &args[0];
    if v.is_wholly_known() {
        return json::encode_implied(v).map_or_else(|e| fail(e.message), |s| Ok(Value::string(s)));
    }
    if !v.definitely_not_null() {
        return Ok(Value::unknown(Type::String));
    }
    // The first character is certain where the type is.
    let first = match v.ty() {
        Type::String => "\"",
        Type::Object(_) | Type::Map(_) => "{",
        Type::Tuple(_) | Type::List(_) | Type::Set(_) => "[",
        _ => return Ok(Value::unknown(Type::String)),
    };
    Ok(Value::unknown_refined(
        Type::String,
        groma_value::Refinement { prefix: first.into(), ..groma_value::Refinement::not_null() },
    ))
}

fn jsondecode_type(v: &Value) -> Res<Type> {
    let prefix = v.refinement().map_or("", |r| r.prefix.trim());
    match prefix.chars().next() {
        None | Some('{' | '[' | 'n') => Ok(Type::Dynamic),
        Some('"') => Ok(Type::String),
        Some('t' | 'f') => Ok(Type::Bool),
        Some('-' | '.' | '0'..='9') => Ok(Type::Number),
        Some(c) => {
            let shown = quote(c.encode_utf8(&mut [0; 4]));
            let shown = &shown[1..shown.len() - 1];
            fail_arg(0, format!("a JSON document cannot begin with the character '{shown}'"))
        }
    }
}
