//! Decoding MessagePack from memory, directed by the type.

use super::{REFINED, key};
use crate::json::{type_from_text, within};
use crate::number::Number;
use crate::path::{PathError, PathStep};
use crate::refine::Refinement;
use crate::types::{Name, ObjectType, Type};
use crate::value::{Value, nfc};

/// A refinement larger than this (bytes) is refused.
const MAX_REFINEMENT: usize = 1024;

/// Decodes by `ty`.
pub fn decode(bytes: &[u8], ty: &Type) -> Result<Value, PathError> {
    let mut r = Reader { bytes };
    r.value(ty)
}

struct Reader<'a> {
    /// What is left to read.
    bytes: &'a [u8],
}

fn error<T>(message: impl Into<String>) -> Result<T, PathError> {
    Err(PathError::here(message))
}

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8], PathError> {
        match self.bytes.split_at_checked(n) {
            Some((head, rest)) => {
                self.bytes = rest;
                Ok(head)
            }
            None => error("unexpected end of data"),
        }
    }
    fn byte(&mut self) -> Result<u8, PathError> {
        Ok(self.take(1)?[0])
    }
    /// An unsigned big-endian number of `n` bytes.
    fn uint(&mut self, n: usize) -> Result<u64, PathError> {
        Ok(self.take(n)?.iter().fold(0, |acc, b| acc << 8 | u64::from(*b)))
    }
    fn len(&mut self, n: usize) -> Result<usize, PathError> {
        usize::try_from(self.uint(n)?).or_else(|_| error("unexpected end of data"))
    }
    fn peek(&self) -> Result<u8, PathError> {
        self.bytes.first().copied().ok_or_else(|| PathError::here("unexpected end of data"))
    }
    fn str(&mut self, required: &str) -> Result<&'a str, PathError> {
        let n = match self.byte()? {
            b @ 0xa0..=0xbf => usize::from(b & 0x1f),
            0xd9 | 0xc4 => self.len(1)?,
            0xda | 0xc5 => self.len(2)?,
            0xdb | 0xc6 => self.len(4)?,
            _ => return error(required),
        };
        std::str::from_utf8(self.take(n)?).or_else(|_| error(format!("{required}: invalid UTF-8")))
    }
    fn array_len(&mut self, required: &str) -> Result<usize, PathError> {
        match self.byte()? {
            b @ 0x90..=0x9f => Ok(usize::from(b & 0x0f)),
            0xdc => self.len(2),
            0xdd => self.len(4),
            _ => error(required),
        }
    }
    fn map_len(&mut self, required: &str) -> Result<usize, PathError> {
        match self.byte()? {
            b @ 0x80..=0x8f => Ok(usize::from(b & 0x0f)),
            0xde => self.len(2),
            0xdf => self.len(4),
            _ => error(required),
        }
    }
    /// No more than the remaining bytes can hold, so that a wrong length cannot
    /// ask for a huge allocation.
    fn capacity(&self, n: usize) -> usize {
        n.min(self.bytes.len())
    }
    fn value(&mut self, ty: &Type) -> Result<Value, PathError> {
        match (self.peek()?, ty) {
            // Whatever the extension type, it is an unknown.
            (0xc7..=0xc9 | 0xd4..=0xd8, _) => self.unknown(ty),
            (0xc0, _) => {
                self.byte()?;
                Ok(Value::Null(ty.clone()))
            }
            (_, Type::Bool) => match self.byte()? {
                0xc2 => Ok(Value::Bool(false)),
                0xc3 => Ok(Value::Bool(true)),
                _ => error("bool is required"),
            },
            (_, Type::Number) => Ok(Value::Number(self.number()?)),
            (_, Type::String) => Ok(Value::String(nfc(self.str("string is required")?))),
            (_, Type::List(t)) => Ok(Value::list((**t).clone(), self.elements(t, "a list is required")?)),
            (_, Type::Set(t)) => Ok(Value::set((**t).clone(), self.elements(t, "a set is required")?)),
            (_, Type::Tuple(ts)) => {
                let n = self.array_len("a tuple is required")?;
                if n != ts.len() {
                    return error(format!("a tuple of length {} is required", ts.len()));
                }
                let items = ts.iter().enumerate();
                let items = items.map(|(i, t)| self.value(t).map_err(|e| within(e, super::index(i))));
                Ok(Value::tuple(items.collect::<Result<_, _>>()?))
            }
            (_, Type::Map(t)) => {
                let n = self.map_len("a map is required")?;
                let mut items: Vec<(Name, Value)> = Vec::with_capacity(self.capacity(n));
                for _ in 0..n {
                    let k = nfc(self.str("all keys must be strings")?);
                    let v =
                        self.value(t).map_err(|e| within(e, PathStep::Index(Value::String(k.clone()))))?;
                    items.push((k, v));
                }
                Ok(Value::map((**t).clone(), items))
            }
            (_, Type::Object(o)) => self.object(o),
            (_, Type::Dynamic) => {
                if self.array_len("a dynamic value must be an array")? != 2 {
                    return error("dynamic value array must have exactly two elements");
                }
                let ty = type_from_text(self.str("type of dynamic value is required")?)?;
                self.value(&ty)
            }
        }
    }
    fn elements(&mut self, ty: &Type, required: &str) -> Result<Vec<Value>, PathError> {
        let n = self.array_len(required)?;
        let mut items = Vec::with_capacity(self.capacity(n));
        for i in 0..n {
            items.push(self.value(ty).map_err(|e| within(e, super::index(i)))?);
        }
        Ok(items)
    }
    fn object(&mut self, ty: &ObjectType) -> Result<Value, PathError> {
        let n = self.map_len("an object is required")?;
        if n != ty.attrs.len() {
            return error(format!("an object with {} attributes is required ({n} given)", ty.attrs.len()));
        }
        let mut fields: Vec<(Name, Value)> = Vec::with_capacity(self.capacity(n));
        // Attributes usually come in the order of the type.
        let mut expected = ty.attrs.iter();
        for _ in 0..n {
            let k = self.str("all keys must be strings")?;
            let mut ahead = expected.clone();
            let (name, t) = match ahead.next() {
                Some((name, t)) if **name == *k => {
                    expected = ahead;
                    (name, t)
                }
                _ => match ty.attrs.get_key_value(k) {
                    Some(known) => known,
                    None => {
                        return Err(within(PathError::here("unsupported attribute"), PathStep::Attr(nfc(k))));
                    }
                },
            };
            let v = self.value(t).map_err(|e| within(e, PathStep::Attr(name.clone())))?;
            fields.push((name.clone(), v));
        }
        let v = Value::object(fields);
        match v.as_fields() {
            Some(f) if f.len() == n => Ok(v),
            _ => error("an object has an attribute twice"),
        }
    }
    fn number(&mut self) -> Result<Number, PathError> {
        Ok(match self.peek()? {
            0xa0..=0xbf | 0xd9..=0xdb | 0xc4..=0xc6 => {
                return match Number::parse(self.str("number is required")?) {
                    Some(n) => Ok(n),
                    None => error("number is required"),
                };
            }
            b @ 0x00..=0x7f => {
                self.byte()?;
                Number::from_i64(i64::from(b))
            }
            b @ 0xe0..=0xff => {
                self.byte()?;
                Number::from_i64(i64::from(b as i8))
            }
            b @ 0xcc..=0xcf => {
                self.byte()?;
                Number::from_u64(self.uint(1 << (b - 0xcc))?)
            }
            b @ 0xd0..=0xd3 => {
                self.byte()?;
                let n = self.uint(1 << (b - 0xd0))?;
                Number::from_i64(match b {
                    0xd0 => i64::from(n as i8),
                    0xd1 => i64::from(n as i16),
                    0xd2 => i64::from(n as i32),
                    _ => n as i64,
                })
            }
            0xca => {
                self.byte()?;
                let bits = self.uint(4)? as u32;
                float(f64::from(f32::from_bits(bits)))?
            }
            0xcb => {
                self.byte()?;
                let bits = self.uint(8)?;
                float(f64::from_bits(bits))?
            }
            _ => return error("number is required"),
        })
    }
    fn unknown(&mut self, ty: &Type) -> Result<Value, PathError> {
        let n = match self.byte()? {
            b @ 0xd4..=0xd8 => 1usize << (b - 0xd4),
            0xc7 => self.len(1)?,
            0xc8 => self.len(2)?,
            _ => self.len(4)?,
        };
        let kind = self.byte()? as i8;
        let body = self.take(n)?;
        // One byte says nothing: it is how the unrefined unknown is written.
        if n <= 1 {
            return Ok(Value::unknown(ty.clone()));
        }
        if kind != REFINED {
            return error(format!("unsupported extension type 0x{kind:02x} with len {n}"));
        }
        if n > MAX_REFINEMENT {
            return error("oversize unknown value refinement");
        }
        if *ty == Type::Dynamic {
            return Ok(Value::dynamic());
        }
        Reader { bytes: body }.refinement(ty).map(|r| Value::unknown_refined(ty.clone(), r))
    }
    fn refinement(&mut self, ty: &Type) -> Result<Refinement, PathError> {
        let wrong = |what: &str| error(format!("failed to decode msgpack extension body: {what}"));
        let mut r = Refinement::default();
        let n = self.map_len("failed to decode msgpack extension body: not a map")?;
        for _ in 0..n {
            let k = match self.number()?.as_i64() {
                Some(k) => k,
                None => return wrong("non-integer key in map"),
            };
            match k {
                key::IS_NULL => match self.byte()? {
                    0xc2 => r.not_null = Some(true),
                    0xc3 => r.not_null = Some(false),
                    _ => return wrong("null refinement is not boolean"),
                },
                key::PREFIX if *ty == Type::String => {
                    r.prefix = nfc(self.str("string prefix refinement is not string")?).to_string();
                }
                key::PREFIX => return wrong("string prefix refinement for non-string type"),
                key::NUMBER_MIN | key::NUMBER_MAX if *ty == Type::Number => {
                    if self.array_len("number bound refinement must be [number, bool] array")? != 2 {
                        return wrong("number bound refinement must be [number, bool] array");
                    }
                    let bound = self.number()?;
                    let inclusive = match self.byte()? {
                        0xc2 => false,
                        0xc3 => true,
                        _ => return wrong("number bound refinement must be [number, bool] array"),
                    };
                    match k {
                        key::NUMBER_MIN => r.number_min = Some((bound, inclusive)),
                        _ => r.number_max = Some((bound, inclusive)),
                    }
                }
                key::NUMBER_MIN | key::NUMBER_MAX => {
                    return wrong("numeric bound refinement for non-number type");
                }
                key::LENGTH_MIN | key::LENGTH_MAX if ty.is_collection() => {
                    let Some(bound) = self.number()?.as_u64() else {
                        return wrong("length bound refinement must be integer");
                    };
                    match k {
                        key::LENGTH_MIN => r.len_min = bound,
                        // The greatest machine integer is how "no bound" is written.
                        _ => r.len_max = (bound < i64::MAX as u64).then_some(bound),
                    }
                }
                key::LENGTH_MIN | key::LENGTH_MAX => {
                    return wrong("length bound refinement for non-collection type");
                }
                // Kinds of refinement that we do not know say nothing to us.
                _ => self.skip()?,
            }
        }
        Ok(r)
    }
    /// Passes over one item of any kind.
    fn skip(&mut self) -> Result<(), PathError> {
        let mut items = 1usize;
        while items > 0 {
            items -= 1;
            let n = match self.byte()? {
                0x00..=0x7f | 0xc0..=0xc3 | 0xe0..=0xff => 0,
                b @ 0x80..=0x8f => {
                    items += 2 * usize::from(b & 0x0f);
                    0
                }
                b @ 0x90..=0x9f => {
                    items += usize::from(b & 0x0f);
                    0
                }
                b @ 0xa0..=0xbf => usize::from(b & 0x1f),
                0xc4 | 0xd9 => self.len(1)?,
                0xc5 | 0xda => self.len(2)?,
                0xc6 | 0xdb => self.len(4)?,
                0xc7 => self.len(1)? + 1,
                0xc8 => self.len(2)? + 1,
                0xc9 => self.len(4)? + 1,
                b @ 0xca..=0xcb => 4 << (b - 0xca),
                b @ 0xcc..=0xcf => 1 << (b - 0xcc),
                b @ 0xd0..=0xd3 => 1 << (b - 0xd0),
                b @ 0xd4..=0xd8 => (1 << (b - 0xd4)) + 1,
                0xdc => {
                    items += self.len(2)?;
                    0
                }
                0xdd => {
                    items += self.len(4)?;
                    0
                }
                0xde => {
                    items += 2 * self.len(2)?;
                    0
                }
                0xdf => {
                    items += 2 * self.len(4)?;
                    0
                }
            };
            self.take(n)?;
        }
        Ok(())
    }
}

fn float(f: f64) -> Result<Number, PathError> {
    Number::from_f64(f).ok_or_else(|| PathError::here("number is required"))
}
