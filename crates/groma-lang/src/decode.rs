//! Bodies to values by schema: what a `resource` block says, as an object of the
//! type that the provider's schema implies.
//!
//! Includes `dynamic` blocks, and attributes of object lists that old
//! configurations write as blocks. Meta-arguments (`count`, `lifecycle`, ...) are
//! none of its business: the caller names them to be left out.

mod attr_blocks;
mod content;
mod dynamic;
mod json;
mod paths;
mod references;

pub use paths::{missing_item, span_of_path};
pub use references::{references_in_body, references_in_body_skipping};

use crate::ast::{Attribute, Block, Body};
use crate::diag::{Diagnostic, Diagnostics};
use crate::eval::{Env, Scope, quote};
use crate::source::Span;
use attr_blocks::AttributeBlocks;
use content::{Content, Shape};
use groma_value::schema::{self, NestedBlock, Nesting};
use groma_value::types::ObjectType;
use groma_value::{Fields, Marks, Name, Type, Value, convert};
use std::sync::Arc;

/// The value of a body, of exactly the type that `schema` implies. What is wrong
/// adds diagnostics and counts as unknown.
pub fn decode_block(
    body: &Body,
    schema: &schema::Block,
    scope: &dyn Scope,
    diags: &mut Diagnostics,
) -> Value {
    decode_block_skipping(body, schema, &[], scope, diags)
}

/// As [`decode_block`], without the attributes and blocks named in `skip`.
pub fn decode_block_skipping(
    body: &Body,
    schema: &schema::Block,
    skip: &[&str],
    scope: &dyn Scope,
    diags: &mut Diagnostics,
) -> Value {
    let within = Within { env: Env::new(scope), marks: None, unknown: false };
    let modes = AttributeBlocks::new(schema);
    within.body(body, schema, &modes, skip, diags)
}

/// What a body stands in.
#[derive(Clone, Copy)]
struct Within<'a> {
    /// The scope, with the iterators of `dynamic` blocks around.
    env: Env<'a>,
    /// The marks of the `for_each` of the `dynamic` block that made this body:
    /// they go to the values of its attributes.
    marks: Option<&'a Marks>,
    /// Whether the body is made by a `dynamic` block with an unknown `for_each`:
    /// then nothing in it is known.
    unknown: bool,
}

/// A block type that blocks are decoded for.
#[derive(Clone, Copy)]
struct Target<'t> {
    name: &'t str,
    schema: &'t schema::Block,
    modes: &'t AttributeBlocks<'t>,
    /// The names of its labels.
    labels: &'t [&'t str],
    nesting: Nesting,
    /// Whether the blocks stand for an attribute's elements. Then marks of a
    /// `dynamic` block's `for_each` go to the parts only.
    attribute: bool,
}

/// One decoded block.
struct Decoded {
    value: Value,
    /// Whether the number of blocks of this type is not known.
    unknown: bool,
    labels: Vec<Name>,
    header: Span,
    /// Where Terraform sees the block when it is one too many.
    place: Span,
}

impl Within<'_> {
    fn body(
        &self,
        body: &Body,
        schema: &schema::Block,
        modes: &AttributeBlocks<'_>,
        skip: &[&str],
        diags: &mut Diagnostics,
    ) -> Value {
        let shape = Shape::of(body, schema, modes);
        let content = content::read(body, &shape, skip, diags);
        let attributes = schema.attributes.iter().map(|(name, attribute)| {
            let value = if shape.has_block(name) {
                self.attribute_blocks(name, attribute, &content, diags)
            } else {
                self.attribute(name, attribute, content.attribute(name), diags)
            };
            (name.clone(), value)
        });
        let mut fields: Vec<(Name, Value)> = attributes.collect();
        for (name, nested) in &schema.blocks {
            if !schema.attributes.contains_key(name) {
                fields.push((name.clone(), self.nested(name, nested, modes, body, &content, diags)));
            }
        }
        Value::Object(Arc::new(fields.into_iter().collect::<Fields>()))
    }

    fn attribute(
        &self,
        name: &str,
        schema: &schema::Attribute,
        attribute: Option<&Attribute>,
        diags: &mut Diagnostics,
    ) -> Value {
        let Some(attribute) = attribute else { return Value::null(schema.ty.clone()) };
        let value = if self.unknown { Value::dynamic() } else { self.env.eval(&attribute.expr, diags) };
        let value = match self.marks {
            Some(m) => value.with_marks(m),
            None => value,
        };
        let converted = match &schema.nested {
            Some(nested) => convert(&value, &nested_type(nested)),
            None => convert(&value, &schema.ty),
        };
        converted.unwrap_or_else(|e| {
            let expr = &attribute.expr;
            let detail = format!("Inappropriate value for attribute {}: {}.", quote(name), e.message);
            let d = Diagnostic::error("Incorrect attribute value type", detail)
                .at(expr.span)
                .within(attribute.name.span.to(expr.span));
            diags.push(self.env.noted(d, expr));
            Value::unknown(schema.ty.clone())
        })
    }

    /// An attribute written as blocks: a list of objects of their contents.
    fn attribute_blocks(
        &self,
        name: &str,
        attribute: &schema::Attribute,
        content: &Content<'_>,
        diags: &mut Diagnostics,
    ) -> Value {
        let schema = attr_blocks::schema_of_elements(&attribute.ty);
        let modes = AttributeBlocks::new(&schema);
        let target = Target {
            name,
            schema: &schema,
            modes: &modes,
            labels: &[],
            nesting: Nesting::List,
            attribute: true,
        };
        let decoded = self.blocks(&target, content, diags);
        let Some(first) = decoded.first() else { return Value::null(attribute.ty.clone()) };
        let span = first.header;
        let items = decoded.into_iter().map(|d| d.value).collect();
        let list = Value::list(schema.implied_type().clone(), items);
        convert(&list, &attribute.ty).unwrap_or_else(|e| {
            let detail = format!("Inappropriate value for attribute {}: {}.", quote(name), e.message);
            diags.error(span, "Incorrect attribute value type", detail);
            Value::unknown(attribute.ty.clone())
        })
    }

    /// The value of all blocks of one type.
    fn nested(
        &self,
        name: &str,
        nested: &NestedBlock,
        modes: &AttributeBlocks<'_>,
        body: &Body,
        content: &Content<'_>,
        diags: &mut Diagnostics,
    ) -> Value {
        let labels: &[&str] = if nested.nesting == Nesting::Map { &["key"] } else { &[] };
        let modes = modes.inner(&nested.block);
        let target = Target {
            name,
            schema: &nested.block,
            modes: &modes,
            labels,
            nesting: nested.nesting,
            attribute: false,
        };
        let decoded = self.blocks(&target, content, diags);
        let unknown = decoded.iter().any(|d| d.unknown);
        match nested.nesting {
            Nesting::Single | Nesting::Group => self.single(name, nested, body, decoded, diags),
            _ if unknown => Value::unknown(nested.implied_type()),
            Nesting::Map => map_of(name, nested, decoded, diags),
            Nesting::List | Nesting::Set => {
                check_count(name, nested, body, &decoded, diags);
                let ty = nested.block.implied_type();
                let items: Vec<Value> = decoded.into_iter().map(|d| d.value).collect();
                match nested.nesting {
                    Nesting::Set => Value::set(ty.clone(), items),
                    _ if ty.has_dynamic() => Value::tuple(items),
                    _ => Value::list(ty.clone(), items),
                }
            }
        }
    }

    fn single(
        &self,
        name: &str,
        nested: &NestedBlock,
        body: &Body,
        decoded: Vec<Decoded>,
        diags: &mut Diagnostics,
    ) -> Value {
        if let [first, second, ..] = decoded.as_slice() {
            let place = self.env.scope.describe_span(first.header);
            let place = place.map(|p| format!(" Previous definition was at {p}.")).unwrap_or_default();
            let detail = format!("Only one block of type {} is allowed.{place}", quote(name));
            diags.error(second.header, format!("Duplicate {name} block"), detail);
        }
        if let Some(d) = decoded.into_iter().next() {
            return d.value;
        }
        if nested.min_items == 1 {
            let detail = format!("A block of type {} is required here.", quote(name));
            diags.error(missing_item(body), format!("Missing {name} block"), detail);
        }
        nested.empty_value()
    }

    /// Decodes all blocks of a type, `dynamic` ones expanded, in source order.
    fn blocks(&self, target: &Target<'_>, content: &Content<'_>, diags: &mut Diagnostics) -> Vec<Decoded> {
        let mut out = Vec::new();
        for block in content.blocks() {
            if *block.ty.name == *target.name {
                let within = Within { marks: None, ..*self };
                let labels = block.labels.iter().map(|l| l.name.clone()).collect();
                within.block(target, (block, labels), &block.body, &mut out, diags);
            } else if content::is_dynamic_for(block, target.name) {
                self.expand(target, block, &mut out, diags);
            }
        }
        out
    }

    /// Adds one block. As in Terraform, the blocks that do not count any more are
    /// not looked into: all but the first of those that may be there once, and
    /// what follows a block whose number is not known.
    fn block(
        &self,
        target: &Target<'_>,
        header: (&Block, Vec<Name>),
        body: &Body,
        out: &mut Vec<Decoded>,
        diags: &mut Diagnostics,
    ) {
        let single = matches!(target.nesting, Nesting::Single | Nesting::Group);
        if !single && out.last().is_some_and(|d| d.unknown) {
            return;
        }
        let decode = if single { out.is_empty() } else { !(self.unknown && target.nesting == Nesting::Map) };
        let mut value = Value::dynamic();
        if decode {
            value = self.body(body, target.schema, target.modes, &[], diags);
        }
        if let (Some(m), false) = (self.marks, single || target.attribute) {
            value = value.with_marks(m);
        }
        let (block, labels) = header;
        out.push(Decoded {
            value,
            unknown: self.unknown,
            labels,
            header: block.header,
            place: missing_item(body),
        });
    }
}

fn check_count(name: &str, nested: &NestedBlock, body: &Body, decoded: &[Decoded], diags: &mut Diagnostics) {
    let (min, max, quoted) = (nested.min_items, nested.max_items, quote(name));
    if (decoded.len() as u64) < min {
        let detail = format!("At least {min} {quoted} blocks are required.");
        diags.error(missing_item(body), format!("Insufficient {name} blocks"), detail);
    } else if max > 0
        && let Some(extra) = decoded.get(max as usize)
    {
        let detail = format!("No more than {max} {quoted} blocks are allowed");
        diags.error(extra.place, format!("Too many {name} blocks"), detail);
    }
}

/// Blocks by their label.
fn map_of(name: &str, nested: &NestedBlock, decoded: Vec<Decoded>, diags: &mut Diagnostics) -> Value {
    let mut items = Fields::new();
    for d in decoded {
        let key = d.labels.into_iter().next().unwrap_or_else(|| Name::from(""));
        if items.contains(&key) {
            let detail = format!(
                "A block for {name} {} was already defined. The {name} labels must be unique.",
                quote(&key)
            );
            diags.error(d.header, format!("Duplicate {name} block"), detail);
            continue;
        }
        items.insert(key, d.value);
    }
    let ty = nested.block.implied_type();
    if ty.has_dynamic() { Value::Object(Arc::new(items)) } else { Value::map(ty.clone(), items) }
}

/// The type that the value of a nested attribute is converted to: attributes that
/// need not be written may be absent.
fn nested_type(nested: &schema::NestedObject) -> Type {
    let attrs = nested.attributes.iter().map(|(n, a)| {
        (n.clone(), a.nested.as_ref().map_or_else(|| a.ty.clone(), |inner| nested_type(inner)))
    });
    let optional = nested.attributes.iter().filter(|(_, a)| a.optional || a.computed);
    let object = Type::Object(Arc::new(ObjectType {
        attrs: attrs.collect(),
        optional: optional.map(|(n, _)| n.clone()).collect(),
    }));
    match nested.nesting {
        Nesting::Single | Nesting::Group => object,
        Nesting::List => Type::list(object),
        Nesting::Set => Type::set(object),
        Nesting::Map => Type::map(object),
    }
}

#[cfg(test)]
mod tests;
