//! Decoding JSON text straight into values, without an intermediate tree and
//! without machine floats.
//!
//! Messages for malformed text are in the words that `jsondecode` reports.

use super::{type_from_text, within};
use crate::number::Number;
use crate::path::{PathError, PathStep};
use crate::types::{Name, ObjectType, Type};
use crate::value::{Fields, Value, nfc};
use std::borrow::Cow;

/// Deeper nesting than this is refused rather than risking the stack.
const MAX_DEPTH: usize = 512;

/// Decodes by `ty`. Absent attributes are null; strings, numbers and booleans
/// stand for each other where that is unambiguous.
pub fn decode(text: &str, ty: &Type) -> Result<Value, PathError> {
    let mut r = Reader { bytes: text.as_bytes(), text, at: 0 };
    let v = r.typed(ty)?;
    r.end()?;
    Ok(v)
}

/// Decodes by the type that the text itself implies: objects, tuples, and a
/// null of unknown type. What `jsondecode` does.
pub fn decode_implied(text: &str) -> Result<Value, PathError> {
    let mut r = Reader { bytes: text.as_bytes(), text, at: 0 };
    let v = r.implied(0)?;
    r.end()?;
    Ok(v)
}

struct Reader<'a> {
    bytes: &'a [u8],
    text: &'a str,
    at: usize,
}

fn error<T>(message: impl Into<String>) -> Result<T, PathError> {
    Err(PathError::here(message))
}

/// A byte as messages show it.
fn shown(b: u8) -> String {
    match b {
        b'\'' => "'\\''".into(),
        b'"' => "'\"'".into(),
        b => {
            let mut s = String::new();
            crate::set::quote(char::from(b).encode_utf8(&mut [0; 4]), &mut s);
            format!("'{}'", &s[1..s.len() - 1])
        }
    }
}

impl<'a> Reader<'a> {
    /// The next byte that is not white space.
    fn peek(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.bytes.get(self.at) {
            self.at += 1;
        }
        self.bytes.get(self.at).copied()
    }
    fn end(&mut self) -> Result<(), PathError> {
        match self.peek() {
            // A closing bracket too many passes, as it does in Terraform.
            None | Some(b']' | b'}') => Ok(()),
            Some(_) => error("extraneous data after JSON object"),
        }
    }
    fn unexpected<T>(&self, context: &str) -> Result<T, PathError> {
        match self.bytes.get(self.at) {
            Some(&b) => error(format!("invalid character {}{context}", shown(b))),
            None => error("unexpected EOF"),
        }
    }
    fn literal(&mut self, word: &'static str) -> Result<(), PathError> {
        for (i, expected) in word.bytes().enumerate() {
            if self.bytes.get(self.at) != Some(&expected) {
                debug_assert!(i > 0);
                return self.unexpected(&format!(" in literal {word} (expecting {})", shown(expected)));
            }
            self.at += 1;
        }
        Ok(())
    }
    fn number(&mut self) -> Result<&'a str, PathError> {
        let start = self.at;
        if self.bytes.get(self.at) == Some(&b'-') {
            self.at += 1;
        }
        match self.bytes.get(self.at) {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits(),
            _ => return self.unexpected(" in numeric literal"),
        }
        if self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            if !self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
                return self.unexpected(" after decimal point in numeric literal");
            }
            self.digits();
        }
        if let Some(b'e' | b'E') = self.bytes.get(self.at) {
            self.at += 1;
            if let Some(b'+' | b'-') = self.bytes.get(self.at) {
                self.at += 1;
            }
            if !self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
                return self.unexpected(" in exponent of numeric literal");
            }
            self.digits();
        }
        Ok(&self.text[start..self.at])
    }
    fn digits(&mut self) {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
    }
    /// A string; the cursor is at its opening quote.
    fn string(&mut self) -> Result<Cow<'a, str>, PathError> {
        self.at += 1;
        let start = self.at;
        loop {
            match self.bytes.get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Cow::Borrowed(&self.text[start..self.at - 1]));
                }
                Some(b'\\') => break,
                Some(0..0x20) | None => return self.unexpected(" in string literal"),
                Some(_) => self.at += 1,
            }
        }
        let mut out = self.text[start..self.at].to_owned();
        let mut plain = self.at;
        loop {
            match self.bytes.get(self.at) {
                Some(b'"') => {
                    out.push_str(&self.text[plain..self.at]);
                    self.at += 1;
                    return Ok(Cow::Owned(out));
                }
                Some(b'\\') => {
                    out.push_str(&self.text[plain..self.at]);
                    self.at += 1;
                    out.push(self.escape()?);
                    plain = self.at;
                }
                Some(0..0x20) | None => return self.unexpected(" in string literal"),
                Some(_) => self.at += 1,
            }
        }
    }
    fn escape(&mut self) -> Result<char, PathError> {
        let c = match self.bytes.get(self.at) {
            Some(&b @ (b'"' | b'\\' | b'/')) => char::from(b),
            Some(b'b') => '\x08',
            Some(b'f') => '\x0c',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                let high = self.hex()?;
                if (0xd800..0xdc00).contains(&high) && self.bytes.get(self.at..self.at + 2) == Some(b"\\u") {
                    let back = self.at;
                    self.at += 2;
                    let low = self.hex()?;
                    if (0xdc00..0xe000).contains(&low) {
                        let c = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                        return Ok(char::from_u32(c).unwrap_or(char::REPLACEMENT_CHARACTER));
                    }
                    self.at = back;
                }
                // Half of a pair alone is no character.
                return Ok(char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            _ => return self.unexpected(" in string escape code"),
        };
        self.at += 1;
        Ok(c)
    }
    fn hex(&mut self) -> Result<u32, PathError> {
        let mut n = 0;
        for _ in 0..4 {
            match self.bytes.get(self.at).and_then(|b| char::from(*b).to_digit(16)) {
                Some(d) => n = n * 16 + d,
                None => return self.unexpected(" in \\u hexadecimal character escape"),
            }
            self.at += 1;
        }
        Ok(n)
    }
    /// After `[` or an element: whether another element follows. The cursor is
    /// then at it.
    fn element(&mut self, first: bool) -> Result<bool, PathError> {
        match self.peek() {
            None => error("EOF"),
            Some(b']') => {
                self.at += 1;
                Ok(false)
            }
            Some(_) if first => Ok(true),
            Some(b',') => {
                self.at += 1;
                match self.peek() {
                    None => error("EOF"),
                    Some(b']') => self.unexpected(" looking for beginning of value"),
                    Some(_) => Ok(true),
                }
            }
            Some(_) => self.unexpected(" after array element"),
        }
    }
    /// After `{` or a property: the next property's name, with the cursor at its value.
    fn property(&mut self, first: bool) -> Result<Option<Cow<'a, str>>, PathError> {
        match self.peek() {
            None => return error("EOF"),
            Some(b'}') => {
                self.at += 1;
                return Ok(None);
            }
            Some(b'"') if first => {}
            Some(_) if first => return self.unexpected(""),
            Some(b',') => {
                self.at += 1;
                match self.peek() {
                    None => return error("EOF"),
                    Some(b'"') => {}
                    Some(_) => return self.unexpected(" looking for beginning of object key string"),
                }
            }
            Some(_) => return self.unexpected(" after object key:value pair"),
        }
        let name = self.string()?;
        match self.peek() {
            None => return error("EOF"),
            Some(b':') => self.at += 1,
            Some(_) => return self.unexpected(" after object key"),
        }
        match self.peek() {
            None => error("EOF"),
            Some(_) => Ok(Some(name)),
        }
    }
    fn implied(&mut self, depth: usize) -> Result<Value, PathError> {
        if depth > MAX_DEPTH {
            return error("exceeded max depth");
        }
        match self.peek() {
            None => error("EOF"),
            Some(b'n') => self.literal("null").map(|()| Value::Null(Type::Dynamic)),
            Some(b't') => self.literal("true").map(|()| Value::Bool(true)),
            Some(b'f') => self.literal("false").map(|()| Value::Bool(false)),
            Some(b'"') => Ok(Value::String(nfc(&self.string()?))),
            Some(b'-' | b'0'..=b'9') => number(self.number()?),
            Some(b'[') => {
                self.at += 1;
                let mut items = Vec::new();
                while self.element(items.is_empty())? {
                    let step = items.len() as i64;
                    items.push(
                        self.implied(depth + 1).map_err(|e| within(e, PathStep::Index(Value::int(step))))?,
                    );
                }
                Ok(Value::tuple(items))
            }
            Some(b'{') => {
                self.at += 1;
                let mut fields: Vec<(Name, Value)> = Vec::new();
                let mut first = true;
                while let Some(name) = self.property(std::mem::take(&mut first))? {
                    let name = nfc(&name);
                    let v = self.implied(depth + 1).map_err(|e| within(e, PathStep::Attr(name.clone())))?;
                    fields.push((name, v));
                }
                Ok(Value::object(fields))
            }
            Some(_) => self.unexpected(" looking for beginning of value"),
        }
    }
    fn typed(&mut self, ty: &Type) -> Result<Value, PathError> {
        match (self.peek(), ty) {
            (None, _) => error("EOF"),
            (Some(b'n'), _) => self.literal("null").map(|()| Value::Null(ty.clone())),
            (Some(b't'), Type::Bool) => self.literal("true").map(|()| Value::Bool(true)),
            (Some(b'f'), Type::Bool) => self.literal("false").map(|()| Value::Bool(false)),
            (Some(b'"'), Type::Bool) => match &*self.string()? {
                "true" | "1" => Ok(Value::Bool(true)),
                "false" | "0" => Ok(Value::Bool(false)),
                _ => error("a bool is required"),
            },
            (_, Type::Bool) => error("bool is required"),
            (Some(b'"'), Type::Number) => number(&self.string()?),
            (Some(b'-' | b'0'..=b'9'), Type::Number) => number(self.number()?),
            (_, Type::Number) => error("number is required"),
            (Some(b'"'), Type::String) => Ok(Value::String(nfc(&self.string()?))),
            (Some(b'-' | b'0'..=b'9'), Type::String) => Ok(Value::string(self.number()?)),
            (Some(b't'), Type::String) => self.literal("true").map(|()| Value::string("true")),
            (Some(b'f'), Type::String) => self.literal("false").map(|()| Value::string("false")),
            (_, Type::String) => error("string is required"),
            (Some(b'['), Type::List(t)) => Ok(Value::list((**t).clone(), self.elements(t)?)),
            (Some(b'['), Type::Set(t)) => Ok(Value::set((**t).clone(), self.elements(t)?)),
            (Some(b'['), Type::Tuple(ts)) => self.tuple(ts),
            (_, Type::List(_) | Type::Set(_) | Type::Tuple(_)) => error("missing expected ["),
            (Some(b'{'), Type::Map(t)) => {
                self.at += 1;
                let mut items: Vec<(Name, Value)> = Vec::new();
                let mut first = true;
                while let Some(name) = self.property(std::mem::take(&mut first))? {
                    let name = nfc(&name);
                    let v =
                        self.typed(t).map_err(|e| within(e, PathStep::Index(Value::String(name.clone()))))?;
                    items.push((name, v));
                }
                Ok(Value::map((**t).clone(), items))
            }
            (Some(b'{'), Type::Object(o)) => self.object(o),
            (Some(b'{'), Type::Dynamic) => self.dynamic(),
            (_, Type::Map(_) | Type::Object(_) | Type::Dynamic) => error("missing expected {"),
        }
    }
    fn elements(&mut self, ty: &Type) -> Result<Vec<Value>, PathError> {
        self.at += 1;
        let mut items = Vec::new();
        while self.element(items.is_empty())? {
            let step = items.len() as i64;
            items.push(self.typed(ty).map_err(|e| within(e, PathStep::Index(Value::int(step))))?);
        }
        Ok(items)
    }
    fn tuple(&mut self, types: &[Type]) -> Result<Value, PathError> {
        self.at += 1;
        let mut items = Vec::with_capacity(types.len());
        while self.element(items.is_empty())? {
            let Some(ty) = types.get(items.len()) else {
                return error(format!("too many tuple elements (need {})", types.len()));
            };
            let step = items.len() as i64;
            items.push(self.typed(ty).map_err(|e| within(e, PathStep::Index(Value::int(step))))?);
        }
        if items.len() < types.len() {
            return error(format!("not enough tuple elements (need {})", types.len()));
        }
        Ok(Value::tuple(items))
    }
    fn object(&mut self, ty: &ObjectType) -> Result<Value, PathError> {
        self.at += 1;
        let mut fields: Vec<(Name, Value)> = Vec::with_capacity(ty.attrs.len());
        // Properties usually come in the order of the type.
        let mut expected = ty.attrs.iter();
        let mut first = true;
        while let Some(name) = self.property(std::mem::take(&mut first))? {
            let mut ahead = expected.clone();
            let (name, t) = match ahead.next() {
                Some((n, t)) if **n == *name => {
                    expected = ahead;
                    (n, t)
                }
                _ => match ty.attrs.get_key_value(&*name).or_else(|| ty.attrs.get_key_value(&*nfc(&name))) {
                    Some(known) => known,
                    None => {
                        let mut quoted = String::new();
                        crate::set::quote(&name, &mut quoted);
                        return error(format!("unsupported attribute {quoted}"));
                    }
                },
            };
            let v = self.typed(t).map_err(|e| within(e, PathStep::Attr(name.clone())))?;
            fields.push((name.clone(), v));
        }
        let fields: Fields = fields.into_iter().collect();
        Ok(complete(fields, ty))
    }
    /// `{"value": …, "type": …}`, in either order.
    fn dynamic(&mut self) -> Result<Value, PathError> {
        self.at += 1;
        let (mut ty, mut value) = (None, None);
        let mut first = true;
        while let Some(name) = self.property(std::mem::take(&mut first))? {
            let start = self.at;
            self.skip()?;
            let raw = &self.text[start..self.at];
            match &*name {
                "type" => {
                    ty = Some(type_from_text(raw).map_err(|e| {
                        PathError::here(format!("failed to decode type for dynamic value: {}", e.message))
                    })?);
                }
                "value" => value = Some(raw),
                other => {
                    let mut quoted = String::new();
                    crate::set::quote(other, &mut quoted);
                    return error(format!("invalid key {quoted} in dynamically-typed value"));
                }
            }
        }
        let Some(ty) = ty else { return error("missing type in dynamically-typed value") };
        let Some(value) = value else { return error("missing value in dynamically-typed value") };
        decode(value, &ty)
    }
    /// Passes over one value, checking its syntax.
    fn skip(&mut self) -> Result<(), PathError> {
        let mut open: Vec<u8> = Vec::new();
        let mut first = false;
        loop {
            // Between elements, find the next value, or close.
            match open.last() {
                Some(b'[') if !self.element(first)? => {
                    open.pop();
                    first = false;
                    if open.is_empty() {
                        return Ok(());
                    }
                    continue;
                }
                Some(b'{') if self.property(first)?.is_none() => {
                    open.pop();
                    first = false;
                    if open.is_empty() {
                        return Ok(());
                    }
                    continue;
                }
                _ => {}
            }
            first = false;
            match self.peek() {
                Some(b @ (b'[' | b'{')) => {
                    self.at += 1;
                    open.push(b);
                    first = true;
                    continue;
                }
                Some(b'"') => drop(self.string()?),
                Some(b'n') => self.literal("null")?,
                Some(b't') => self.literal("true")?,
                Some(b'f') => self.literal("false")?,
                Some(b'-' | b'0'..=b'9') => drop(self.number()?),
                Some(_) => return self.unexpected(" looking for beginning of value"),
                None => return error("EOF"),
            }
            if open.is_empty() {
                return Ok(());
            }
        }
    }
}

fn number(s: &str) -> Result<Value, PathError> {
    Number::parse(s).map(Value::Number).ok_or_else(|| PathError::here("a number is required"))
}

/// An object of the type, in which what is absent is null.
pub(super) fn complete(fields: Fields, ty: &ObjectType) -> Value {
    if fields.len() == ty.attrs.len() {
        return Value::Object(std::sync::Arc::new(fields));
    }
    Value::object(
        ty.attrs
            .iter()
            .map(|(n, t)| (n.clone(), fields.get(n).cloned().unwrap_or_else(|| Value::Null(t.clone())))),
    )
}
