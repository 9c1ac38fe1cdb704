//! Schemas in binary form: numbers in seven bits a byte, texts with their length in front, the blocks
//! of a schema in an order in which each comes after those within it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use groma_value::schema::{Attribute, Block, NestedBlock, Nesting, Schema};
use groma_value::types::ObjectType;
use groma_value::{Name, Type};

const FLAGS: usize = 6;

fn flags(a: &Attribute) -> [bool; FLAGS] {
    [a.required, a.optional, a.computed, a.sensitive, a.write_only, a.deprecated]
}

/// Encodes a schema without its descriptions. `None` for nested attributes (protocol 6), for which
/// this format has no place.
pub fn encode_schema(schema: &Schema) -> Option<Vec<u8>> {
    let mut blocks = Blocks::default();
    blocks.add(&schema.block)?;
    let mut out = Vec::new();
    number(&mut out, u64::try_from(schema.version).ok()?);
    number(&mut out, blocks.bytes.len() as u64);
    for bytes in &blocks.bytes {
        out.extend_from_slice(bytes);
    }
    Some(out)
}

#[derive(Default)]
struct Blocks {
    bytes: Vec<Vec<u8>>,
    known: HashMap<Vec<u8>, u64>,
}

impl Blocks {
    fn add(&mut self, block: &Block) -> Option<u64> {
        let mut out = vec![u8::from(block.deprecated)];
        number(&mut out, block.attributes.len() as u64);
        for (name, a) in &block.attributes {
            if a.nested.is_some() {
                return None;
            }
            text(&mut out, name);
            let bits = flags(a).iter().enumerate().fold(0, |bits, (i, on)| bits | u8::from(*on) << i);
            out.push(bits);
            write_type(&mut out, &a.ty);
        }
        number(&mut out, block.blocks.len() as u64);
        for (name, nested) in &block.blocks {
            text(&mut out, name);
            out.push(nested.nesting as u8);
            number(&mut out, nested.min_items);
            number(&mut out, nested.max_items);
            let inner = self.add(&nested.block)?;
            number(&mut out, inner);
        }
        if let Some(at) = self.known.get(&out) {
            return Some(*at);
        }
        let at = self.bytes.len() as u64;
        self.known.insert(out.clone(), at);
        self.bytes.push(out);
        Some(at)
    }
}

fn number(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

fn text(out: &mut Vec<u8>, s: &str) {
    number(out, s.len() as u64);
    out.extend_from_slice(s.as_bytes());
}

fn write_type(out: &mut Vec<u8>, ty: &Type) {
    match ty {
        Type::Dynamic => out.push(0),
        Type::Bool => out.push(1),
        Type::Number => out.push(2),
        Type::String => out.push(3),
        Type::List(t) | Type::Set(t) | Type::Map(t) => {
            out.push(if let Type::List(_) = ty {
                4
            } else if let Type::Set(_) = ty {
                5
            } else {
                6
            });
            write_type(out, t);
        }
        Type::Tuple(ts) => {
            out.push(7);
            number(out, ts.len() as u64);
            ts.iter().for_each(|t| write_type(out, t));
        }
        Type::Object(o) => {
            out.push(8);
            number(out, o.attrs.len() as u64);
            for (n, t) in &o.attrs {
                text(out, n);
                write_type(out, t);
            }
        }
    }
}

/// Decodes what [`encode_schema`] gave; `None` where the bytes are something else.
pub fn decode_schema(bytes: &[u8]) -> Option<Schema> {
    let mut input = Input(bytes);
    let version = i64::try_from(input.number()?).ok()?;
    let count = input.number()?;
    let mut blocks: Vec<Arc<Block>> = Vec::new();
    for _ in 0..count {
        let block = input.block(&blocks)?;
        blocks.push(Arc::new(block));
    }
    Some(Schema { version, block: blocks.pop()? })
}

struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }
    fn number(&mut self) -> Option<u64> {
        let (mut n, mut shift) = (0u64, 0);
        loop {
            let b = self.byte()?;
            n |= u64::from(b & 0x7f).checked_shl(shift)?;
            if b < 0x80 {
                return Some(n);
            }
            shift += 7;
        }
    }
    fn text(&mut self) -> Option<&'a str> {
        let length = self.number()? as usize;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        std::str::from_utf8(text).ok()
    }
    fn ty(&mut self) -> Option<Type> {
        Some(match self.byte()? {
            0 => Type::Dynamic,
            1 => Type::Bool,
            2 => Type::Number,
            3 => Type::String,
            4 => Type::list(self.ty()?),
            5 => Type::set(self.ty()?),
            6 => Type::map(self.ty()?),
            7 => {
                let count = self.number()?;
                Type::tuple((0..count).map(|_| self.ty()).collect::<Option<Vec<_>>>()?)
            }
            8 => {
                let mut attrs = BTreeMap::new();
                for _ in 0..self.number()? {
                    let name = Name::from(self.text()?);
                    attrs.insert(name, self.ty()?);
                }
                Type::Object(Arc::new(ObjectType { attrs, ..ObjectType::default() }))
            }
            _ => return None,
        })
    }
    fn block(&mut self, done: &[Arc<Block>]) -> Option<Block> {
        let deprecated = self.byte()? != 0;
        let mut attributes = BTreeMap::new();
        for _ in 0..self.number()? {
            let name = Name::from(self.text()?);
            let bits = self.byte()?;
            let on = |i: usize| bits >> i & 1 != 0;
            let attribute = Attribute {
                required: on(0),
                optional: on(1),
                computed: on(2),
                sensitive: on(3),
                write_only: on(4),
                deprecated: on(5),
                ..Attribute::new(self.ty()?)
            };
            attributes.insert(name, attribute);
        }
        let mut blocks = BTreeMap::new();
        for _ in 0..self.number()? {
            let name = Name::from(self.text()?);
            let nesting = match self.byte()? {
                n if n == Nesting::Single as u8 => Nesting::Single,
                n if n == Nesting::Group as u8 => Nesting::Group,
                n if n == Nesting::List as u8 => Nesting::List,
                n if n == Nesting::Set as u8 => Nesting::Set,
                n if n == Nesting::Map as u8 => Nesting::Map,
                _ => return None,
            };
            let (min_items, max_items) = (self.number()?, self.number()?);
            let block = done.get(self.number()? as usize)?.clone();
            blocks.insert(name, NestedBlock { block, nesting, min_items, max_items });
        }
        let mut block = Block::of_attributes(attributes);
        block.blocks = blocks;
        block.deprecated = deprecated;
        Some(block)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemas_come_back_and_equal_blocks_are_stored_once() {
        let inner = || Block::of_attributes([("port", Attribute::required(Type::Number))]);
        let nested =
            |nesting| NestedBlock { block: Arc::new(inner()), nesting, min_items: 0, max_items: 300 };
        let mut block = Block::of_attributes([
            ("id", Attribute::computed(Type::String)),
            ("x", Attribute::optional(Type::set(Type::object([("k", Type::map(Type::Bool))])))),
        ]);
        block.blocks.insert("a".into(), nested(Nesting::List));
        block.blocks.insert("b".into(), nested(Nesting::Set));
        let schema = Schema { version: 3, block: Arc::new(block) };
        let bytes = encode_schema(&schema).unwrap();
        let back = decode_schema(&bytes).unwrap();
        assert_eq!(format!("{back:?}"), format!("{schema:?}"));
        let (a, b) = (&back.block.blocks["a"], &back.block.blocks["b"]);
        assert!(Arc::ptr_eq(&a.block, &b.block));
        assert!(decode_schema(&bytes[..bytes.len() - 1]).is_none());
    }
}
