//! What a body holds, checked against what it may hold.

use super::attr_blocks::AttributeBlocks;
use super::paths::missing_item;
use crate::ast::{Attribute, Block, Body};
use crate::diag::{Diagnostic, Diagnostics, suggest};
use crate::eval::quote;
use crate::source::Span;
use groma_value::schema::{self, Nesting};
use std::borrow::Cow;
use std::collections::HashMap;

/// The names that a body may hold.
pub(super) struct Shape<'s> {
    /// Attributes, and whether they are required.
    pub attributes: Vec<(&'s str, bool)>,
    /// Block types with the names of their labels.
    pub blocks: Vec<(&'s str, &'s [&'s str])>,
    /// Whether there may be `dynamic` blocks for the block types.
    pub dynamic: bool,
}

impl<'s> Shape<'s> {
    /// The shape of `schema`, with those attributes as blocks that `body` writes so.
    pub fn of(body: &Body, schema: &'s schema::Block, modes: &AttributeBlocks<'_>) -> Shape<'s> {
        let mut shape = Shape { attributes: Vec::new(), blocks: Vec::new(), dynamic: true };
        for (name, attribute) in &schema.attributes {
            if !body.json && modes.written_as_blocks(name, attribute, body) {
                shape.blocks.push((name, &[]));
            } else {
                shape.attributes.push((name, attribute.required));
            }
        }
        for (name, nested) in &schema.blocks {
            shape.blocks.push((name, if nested.nesting == Nesting::Map { &["key"] } else { &[] }));
        }
        shape
    }

    pub fn has_block(&self, name: &str) -> bool {
        self.blocks.iter().any(|(n, _)| *n == name)
    }

    fn has_attribute(&self, name: &str) -> bool {
        self.attributes.iter().any(|(n, _)| *n == name)
    }

    fn labels(&self, name: &str) -> Option<&'s [&'s str]> {
        match self.blocks.iter().find(|(n, _)| *n == name) {
            Some((_, labels)) => Some(labels),
            None if self.dynamic && name == DYNAMIC => Some(&["type"]),
            None => None,
        }
    }

    fn block_names(&self) -> impl Iterator<Item = &'s str> {
        self.blocks.iter().map(|(n, _)| *n).chain(self.dynamic.then_some(DYNAMIC))
    }
}

const DYNAMIC: &str = "dynamic";

/// What was found.
pub(super) struct Content<'b> {
    attributes: HashMap<&'b str, &'b Attribute>,
    blocks: Vec<Cow<'b, Block>>,
}

impl<'b> Content<'b> {
    pub fn attribute(&self, name: &str) -> Option<&'b Attribute> {
        self.attributes.get(name).copied()
    }
    /// The blocks of the shape's types, `dynamic` ones among them, in source order.
    pub fn blocks(&self) -> impl Iterator<Item = &Block> {
        self.blocks.iter().map(|b| &**b)
    }
}

/// Whether this is a `dynamic` block for blocks of type `name`.
pub(super) fn is_dynamic_for(block: &Block, name: &str) -> bool {
    *block.ty.name == *DYNAMIC && block.labels.len() == 1 && *block.labels[0].name == *name
}

/// Reads a body, reporting what may not stand there and what is missing.
pub(super) fn read<'b>(
    body: &'b Body,
    shape: &Shape<'_>,
    skip: &[&str],
    diags: &mut Diagnostics,
) -> Content<'b> {
    let content =
        if body.json { read_json(body, shape, skip, diags) } else { read_native(body, shape, skip, diags) };
    for (name, required) in &shape.attributes {
        if *required && !content.attributes.contains_key(name) {
            let detail = format!("The argument {} is required, but no definition was found.", quote(name));
            diags.error(missing_item(body), "Missing required argument", detail);
        }
    }
    content
}

fn read_native<'b>(body: &'b Body, shape: &Shape<'_>, skip: &[&str], diags: &mut Diagnostics) -> Content<'b> {
    let mut content = Content { attributes: HashMap::new(), blocks: Vec::new() };
    for attribute in &body.attributes {
        let name = &*attribute.name.name;
        if skip.contains(&name) {
            continue;
        }
        if shape.has_attribute(name) {
            content.attributes.insert(name, attribute);
        } else {
            let detail = format!(
                "An argument named {} is not expected here.{}",
                quote(name),
                attribute_hint(name, body, shape)
            );
            diags.error(attribute.name.span, "Unsupported argument", detail);
        }
    }
    for block in &body.blocks {
        let name = &*block.ty.name;
        if skip.contains(&name) {
            continue;
        }
        match shape.labels(name) {
            None => {
                let detail = format!(
                    "Blocks of type {} are not expected here.{}",
                    quote(name),
                    block_hint(name, shape)
                );
                diags.error(block.ty.span, "Unsupported block type", detail);
            }
            Some(labels) if check_labels(block, labels, diags) && check_dynamic(block, shape, diags) => {
                content.blocks.push(Cow::Borrowed(block));
            }
            Some(_) => {}
        }
    }
    content
}

fn attribute_hint(name: &str, body: &Body, shape: &Shape<'_>) -> String {
    let unset = shape.attributes.iter().map(|(n, _)| *n).filter(|n| body.attribute(n).is_none());
    match suggest(name, unset) {
        Some(s) => format!(" Did you mean {}?", quote(&s)),
        None if shape.labels(name).is_some() => {
            format!(" Did you mean to define a block of type {}?", quote(name))
        }
        None => String::new(),
    }
}

fn block_hint(name: &str, shape: &Shape<'_>) -> String {
    match suggest(name, shape.block_names()) {
        Some(s) => format!(" Did you mean {}?", quote(&s)),
        None if shape.has_attribute(name) => format!(
            " Did you mean to define argument {}? If so, use the equals sign to assign it a value.",
            quote(name)
        ),
        None => String::new(),
    }
}

fn check_labels(block: &Block, labels: &[&str], diags: &mut Diagnostics) -> bool {
    let name = &block.ty.name;
    let names = || labels.join(", ");
    // Up to the opening brace, just before the body.
    let brace =
        Span { start: block.body.span.start.saturating_sub(1), end: block.body.span.start, ..block.span };
    let d = if let Some(extra) = block.labels.get(labels.len()) {
        let detail = match labels.len() {
            0 => format!("No labels are expected for {name} blocks."),
            n => format!("Only {n} labels ({}) are expected for {name} blocks.", names()),
        };
        Diagnostic::error(format!("Extraneous label for {name}"), detail).at(extra.span)
    } else if let Some(missing) = labels.get(block.labels.len()) {
        let detail = format!("All {name} blocks must have {} labels ({}).", labels.len(), names());
        Diagnostic::error(format!("Missing {missing} for {name}"), detail).at(brace)
    } else {
        return true;
    };
    diags.push(d.within(block.ty.span.to(brace)));
    false
}

/// A `dynamic` block must be for a block type that may stand here.
fn check_dynamic(block: &Block, shape: &Shape<'_>, diags: &mut Diagnostics) -> bool {
    if *block.ty.name != *DYNAMIC || shape.has_block(DYNAMIC) {
        return true;
    }
    let Some(label) = block.labels.first() else { return true };
    if shape.has_block(&label.name) {
        return true;
    }
    let detail = format!("Blocks of type {} are not expected here.", quote(&label.name));
    diags.error(label.span, "Unsupported block type", detail);
    false
}

fn read_json<'b>(body: &'b Body, shape: &Shape<'_>, skip: &[&str], diags: &mut Diagnostics) -> Content<'b> {
    let mut content = Content { attributes: HashMap::new(), blocks: Vec::new() };
    for attribute in &body.attributes {
        let name = &*attribute.name.name;
        // A property "//" is a comment.
        if skip.contains(&name) || name == "//" {
            continue;
        }
        if shape.has_attribute(name) {
            if content.attributes.contains_key(name) {
                let detail = format!("The argument {} was already set.", quote(name));
                let d = Diagnostic::error("Duplicate argument", detail);
                diags.push(d.at(attribute.name.span).within(attribute.span));
                continue;
            }
            content.attributes.insert(name, attribute);
        } else if let Some(labels) = shape.labels(name) {
            for block in super::json::blocks(attribute, labels, diags) {
                if check_dynamic(&block, shape, diags) {
                    content.blocks.push(Cow::Owned(block));
                }
            }
        } else {
            let unset = shape.attributes.iter().map(|(n, _)| *n).filter(|n| body.attribute(n).is_none());
            let hint = suggest(name, unset.chain(shape.block_names()));
            let hint = hint.map(|s| format!(" Did you mean {}?", quote(&s))).unwrap_or_default();
            let detail = format!("No argument or block type is named {}.{hint}", quote(name));
            let d = Diagnostic::error("Extraneous JSON object property", detail);
            diags.push(d.at(attribute.name.span).within(attribute.span));
        }
    }
    content
}
