//! Blocks in JSON syntax: nested objects, a level for each label, then an object
//! or arrays of objects, one for each block.

use super::json::{attribute, json_string};
use crate::ast::{Block, Body, Expr, ExprKind, Ident};
use crate::diag::Diagnostics;
use crate::source::{SourceFile, Span};
use groma_value::{Name, Value};
use std::collections::HashMap;

const BAD_TYPE: &str = "Incorrect JSON value type";

impl Body {
    /// The blocks of type `ty` of a body in JSON syntax. `label_names` are the
    /// names of the labels that such blocks have, for messages.
    pub fn json_blocks(
        &self,
        file: &SourceFile,
        ty: &str,
        label_names: &[&str],
        diags: &mut Diagnostics,
    ) -> Vec<Block> {
        let properties = self.attributes.iter().filter(|a| &*a.name.name == ty);
        properties.flat_map(|a| json_to_blocks(file, &a.name, &a.expr, label_names, diags)).collect()
    }

    /// Reports attributes that a body in JSON syntax has more than once. A block
    /// type may occur as often as it likes: `is_block` tells these.
    pub fn json_check_duplicates(
        &self,
        file: &SourceFile,
        is_block: impl Fn(&str) -> bool,
        diags: &mut Diagnostics,
    ) {
        let mut seen: HashMap<&str, Span> = HashMap::new();
        for attribute in &self.attributes {
            let name = &attribute.name;
            match seen.get(&*name.name) {
                Some(first) if !is_block(&name.name) => {
                    let line = file.line_of(first.start);
                    diags.error(
                        name.span,
                        "Duplicate argument",
                        format!(
                            "The argument \"{}\" has a value already, from {} line {line}.",
                            name.name, file.name
                        ),
                    );
                }
                Some(_) => {}
                None => {
                    seen.insert(&name.name, name.span);
                }
            }
        }
    }
}

/// Reads the value of property `ty` as blocks with labels of these names. The
/// bodies are again in JSON syntax.
pub fn json_to_blocks(
    file: &SourceFile,
    ty: &Ident,
    value: &Expr,
    label_names: &[&str],
    diags: &mut Diagnostics,
) -> Vec<Block> {
    let mut reader = Blocks { file, ty, diags, out: Vec::new() };
    reader.labels(value, label_names, &mut Vec::new());
    reader.out
}

struct Blocks<'a> {
    file: &'a SourceFile,
    ty: &'a Ident,
    diags: &'a mut Diagnostics,
    out: Vec<Block>,
}

impl Blocks<'_> {
    fn labels(&mut self, value: &Expr, names: &[&str], labels: &mut Vec<Ident>) {
        let [name, deeper @ ..] = names else { return self.bodies(value, labels) };
        let mut items = Vec::new();
        match &value.kind {
            ExprKind::Object(found) => items.extend(found),
            ExprKind::Tuple(elements) => {
                for element in elements {
                    if let ExprKind::Object(found) = &element.kind {
                        items.extend(found);
                    } else if !is_null(element) {
                        self.diags.error(
                            place(element),
                            BAD_TYPE,
                            format!("Here a JSON object is expected, whose property names are {name} labels."),
                        );
                    }
                }
            }
            _ if is_null(value) => {}
            _ => self.diags.error(
                place(value),
                BAD_TYPE,
                format!("Here a JSON object, or an array of objects, is expected, whose property names are {name} labels."),
            ),
        }
        if items.is_empty() {
            self.diags.error(
                place(value),
                "Missing block label",
                format!(
                    "A block of type \"{}\" has a {name} label: the name of a property of the object here.",
                    self.ty.name
                ),
            );
        }
        for item in items {
            let text = json_string(self.file, &item.key).unwrap_or_default();
            labels.push(Ident { name: Name::from(text), span: item.key.span });
            self.labels(&item.value, deeper, labels);
            labels.pop();
        }
    }

    /// An object is a block; arrays, however nested, hold blocks; null is none.
    fn bodies(&mut self, value: &Expr, labels: &[Ident]) {
        match &value.kind {
            ExprKind::Object(items) => {
                let attributes = items.iter().filter_map(|i| attribute(self.file, i.clone())).collect();
                let end = Span { start: value.span.end.saturating_sub(1), ..value.span };
                let body = Body { attributes, blocks: Vec::new(), span: value.span, end, json: true };
                let header = labels.last().map_or(self.ty.span, |l| self.ty.span.to(l.span));
                self.out.push(Block {
                    ty: self.ty.clone(),
                    labels: labels.to_vec(),
                    body,
                    header,
                    span: self.ty.span.to(value.span),
                });
            }
            ExprKind::Tuple(elements) => {
                for element in elements {
                    match &element.kind {
                        ExprKind::Object(_) | ExprKind::Tuple(_) => self.bodies(element, labels),
                        _ if is_null(element) => {}
                        _ => self.diags.error(
                            place(element),
                            BAD_TYPE,
                            format!(
                                "Here a JSON object is expected, with the arguments of a block of type \"{}\".",
                                self.ty.name
                            ),
                        ),
                    }
                }
            }
            _ if is_null(value) => {}
            // What could not be read has been reported.
            ExprKind::Literal(Value::Unknown(..)) => {}
            _ => self.diags.error(
                place(value),
                BAD_TYPE,
                format!(
                    "Here a JSON object, or an array of objects, is expected, with the arguments of blocks of type \
                     \"{}\".",
                    self.ty.name
                ),
            ),
        }
    }
}

fn is_null(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Literal(Value::Null(_)))
}

/// A value that spans lines is shown by its first character.
fn place(expr: &Expr) -> Span {
    match expr.kind {
        ExprKind::Object(_) | ExprKind::Tuple(_) => {
            Span { end: (expr.span.start + 1).min(expr.span.end), ..expr.span }
        }
        _ => expr.span,
    }
}
