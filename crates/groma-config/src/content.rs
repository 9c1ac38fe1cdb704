//! Reading a body by the arguments and blocks that are allowed in it.
//!
//! The blocks of the language itself have few, fixed arguments, so their shape is
//! written as static tables; blocks whose shape comes from a provider are left to
//! `groma_lang::decode`.

use crate::decode::Cx;
use groma_lang::diag::suggest;
use groma_lang::syntax::json_to_blocks;
use groma_lang::{Attribute, Block, Body, Diagnostics, Span};
use std::collections::BTreeMap;

/// The shape of a body.
pub(crate) struct Shape {
    /// Arguments.
    pub attrs: &'static [Arg],
    /// Blocks: type and label names.
    pub blocks: &'static [(&'static str, &'static [&'static str])],
}

/// One allowed argument.
pub(crate) struct Arg {
    /// Its name.
    pub name: &'static str,
    /// Whether it must be there.
    pub required: bool,
}

/// An argument that may be left out.
pub(crate) const fn opt(name: &'static str) -> Arg {
    Arg { name, required: false }
}
/// An argument that must be there.
pub(crate) const fn req(name: &'static str) -> Arg {
    Arg { name, required: true }
}

/// What a body has of its shape.
pub(crate) struct Content {
    /// The arguments found, by name.
    pub attrs: BTreeMap<&'static str, Attribute>,
    /// The blocks found, in source order, with the right number of labels.
    pub blocks: Vec<Block>,
}

impl Content {
    /// An argument.
    pub fn attr(&self, name: &str) -> Option<&Attribute> {
        self.attrs.get(name)
    }
    /// The blocks of a type.
    pub fn blocks_of<'a>(&'a self, ty: &'a str) -> impl Iterator<Item = &'a Block> {
        self.blocks.iter().filter(move |b| &*b.ty.name == ty)
    }
}

/// Reads a body that may hold nothing but `shape`.
pub(crate) fn content(body: &Body, shape: &Shape, cx: &mut Cx<'_>) -> Content {
    let (found, rest) = partial_content(body, shape, cx);
    for a in &rest.attributes {
        let name = &*a.name.name;
        if rest.json && name == "//" {
            continue; // A comment, by convention of the JSON syntax.
        }
        let mut detail = format!("There is no argument \"{name}\" here.");
        if let Some(other) = suggest(name, shape.attrs.iter().map(|a| a.name)) {
            detail += &format!(" Is \"{other}\" meant?");
        } else if shape.blocks.iter().any(|(ty, _)| *ty == name) {
            detail += &format!(" To write a block of type \"{name}\", leave out the equals sign.");
        }
        cx.error(a.name.span, unsupported_argument(rest.json), detail);
    }
    for b in &rest.blocks {
        let name = &*b.ty.name;
        let mut detail = format!("There are no blocks of type \"{name}\" here.");
        if let Some(other) = suggest(name, shape.blocks.iter().map(|b| b.0)) {
            detail += &format!(" Is \"{other}\" meant?");
        } else if shape.attrs.iter().any(|a| a.name == name) {
            detail += &format!(" To set the argument \"{name}\", write an equals sign after it.");
        }
        cx.error(b.ty.span, "Unsupported block type", detail);
    }
    found
}

fn unsupported_argument(json: bool) -> &'static str {
    if json { "Extraneous JSON object property" } else { "Unsupported argument" }
}

/// Reads what `shape` names, and gives back a body of all the rest.
pub(crate) fn partial_content(body: &Body, shape: &Shape, cx: &mut Cx<'_>) -> (Content, Body) {
    let mut found = Content { attrs: BTreeMap::new(), blocks: Vec::new() };
    let mut rest =
        Body { attributes: Vec::new(), blocks: Vec::new(), span: body.span, end: body.end, json: body.json };
    if body.json {
        let file = cx.sources.get(body.span.file);
        let is_block = |name: &str| shape.blocks.iter().any(|(ty, _)| *ty == name);
        body.json_check_duplicates(&file, is_block, cx.diags);
    }
    for a in &body.attributes {
        if let Some(arg) = shape.attrs.iter().find(|s| s.name == &*a.name.name) {
            found.attrs.insert(arg.name, a.clone());
        } else if let Some((_, labels)) =
            shape.blocks.iter().find(|(ty, _)| body.json && *ty == &*a.name.name)
        {
            found.blocks.extend(json_blocks(a, labels, cx));
        } else {
            rest.attributes.push(a.clone());
        }
    }
    for b in &body.blocks {
        match shape.blocks.iter().find(|(ty, _)| *ty == &*b.ty.name) {
            Some((_, labels)) => {
                if labels_fit(b, labels, cx.diags) {
                    found.blocks.push(b.clone());
                }
            }
            None => rest.blocks.push(b.clone()),
        }
    }
    for arg in shape.attrs.iter().filter(|a| a.required && !found.attrs.contains_key(a.name)) {
        cx.error(
            missing_place(body),
            "Missing required argument",
            format!("The argument \"{}\" must be set here.", arg.name),
        );
    }
    (found, rest)
}

fn labels_fit(block: &Block, labels: &[&str], diags: &mut Diagnostics) -> bool {
    let ty = &block.ty.name;
    if let Some(extra) = block.labels.get(labels.len()) {
        let detail = match labels {
            [] => format!("Blocks of type {ty} have no labels."),
            _ => format!("Blocks of type {ty} have {} labels: {}.", labels.len(), labels.join(", ")),
        };
        let d = groma_lang::Diagnostic::error(format!("Extraneous label for {ty}"), detail);
        diags.push(d.at(extra.span).within(block.header));
        return false;
    }
    if let Some(missing) = labels.get(block.labels.len()) {
        let detail = format!("Blocks of type {ty} have {} labels: {}.", labels.len(), labels.join(", "));
        diags.error(missing_place(&block.body), format!("Missing {missing} for {ty}"), detail);
        return false;
    }
    true
}

/// Where something missing from a body is reported: its opening brace, as people
/// look at the top of a block for what it is.
pub(crate) fn missing_place(body: &Body) -> Span {
    if body.json || body.span.start == 0 {
        return body.end;
    }
    Span { start: body.span.start - 1, end: body.span.start, ..body.span }
}

/// " Did you mean …?" for the name among `names` that `given` is likely a slip of,
/// or nothing.
pub(crate) fn did_you_mean<'a>(given: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    suggest(given, names.into_iter()).map_or(String::new(), |n| format!(" Did you mean \"{n}\"?"))
}

/// A property in JSON syntax as blocks with such labels.
pub(crate) fn json_blocks(property: &Attribute, labels: &[&str], cx: &mut Cx<'_>) -> Vec<Block> {
    let file = cx.sources.get(property.span.file);
    let mut blocks = json_to_blocks(&file, &property.name, &property.expr, labels, cx.diags);
    for b in &mut blocks {
        // Messages about a block point at its opening brace, which tells blocks
        // of one type apart.
        b.header = Span { end: b.body.span.start + 1, ..b.body.span };
    }
    blocks
}
