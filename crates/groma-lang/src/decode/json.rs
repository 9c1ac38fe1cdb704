//! Blocks in bodies of JSON syntax, where a property is a block only because the
//! schema says so.

use crate::ast::{Attribute, Block, Body, Expr, ExprKind, Ident, ObjectItem};
use crate::diag::Diagnostics;
use crate::eval::quote;
use crate::source::Span;
use groma_value::Value;

const BAD_TYPE: &str = "Incorrect JSON value type";

/// Reads one property as blocks: an object for each level of labels, then an
/// object, or arrays of objects, with the contents.
pub(super) fn blocks(property: &Attribute, labels: &[&str], diags: &mut Diagnostics) -> Vec<Block> {
    let mut reader = Reader { ty: &property.name, given: Vec::new(), out: Vec::new(), diags };
    reader.level(&property.expr, labels);
    reader.out
}

struct Reader<'a> {
    ty: &'a Ident,
    /// The labels of the levels around.
    given: Vec<Ident>,
    out: Vec<Block>,
    diags: &'a mut Diagnostics,
}

impl Reader<'_> {
    fn level(&mut self, value: &Expr, labels: &[&str]) {
        let Some((label, deeper)) = labels.split_first() else { return self.bodies(value) };
        let mut items: Vec<&ObjectItem> = Vec::new();
        match &value.kind {
            ExprKind::Object(found) => items.extend(found),
            ExprKind::Tuple(elements) => {
                for element in elements {
                    if let ExprKind::Object(found) = &element.kind {
                        items.extend(found);
                    } else {
                        let detail = format!(
                            "A JSON object is required here, to specify {label} labels for this block."
                        );
                        self.diags.error(start(element), BAD_TYPE, detail);
                    }
                }
            }
            _ if is_null(value) => {}
            _ => {
                let detail = format!(
                    "Either a JSON object or JSON array of objects is required here, to specify {label} labels for this block."
                );
                self.diags.error(start(value), BAD_TYPE, detail);
            }
        }
        if items.is_empty() {
            let detail = format!(
                "At least one object property is required, whose name represents the {} block's {label}.",
                self.ty.name
            );
            self.diags.error(start(value), "Missing block label", detail);
        }
        for item in items {
            let Some(name) = key(item) else { continue };
            self.given.push(name);
            self.level(&item.value, deeper);
            self.given.pop();
        }
    }

    fn bodies(&mut self, value: &Expr) {
        match &value.kind {
            ExprKind::Object(_) => self.body(value),
            ExprKind::Tuple(elements) => {
                for element in elements {
                    match &element.kind {
                        ExprKind::Object(_) => self.body(element),
                        // An array within the array is one body in several parts.
                        ExprKind::Tuple(_) => self.bodies(element),
                        _ if is_null(element) => {}
                        _ => self.diags.error(
                            start(element),
                            BAD_TYPE,
                            "Either a JSON object or JSON array of objects is required here, to define arguments and child blocks.",
                        ),
                    }
                }
            }
            _ if is_null(value) => {}
            _ => {
                let detail = format!(
                    "Either a JSON object or a JSON array is required, representing the contents of one or more {} blocks.",
                    quote(&self.ty.name)
                );
                self.diags.error(start(value), BAD_TYPE, detail);
            }
        }
    }

    fn body(&mut self, value: &Expr) {
        let ExprKind::Object(items) = &value.kind else { return };
        let attributes = items.iter().filter_map(|item| {
            let name = key(item)?;
            Some(Attribute { span: name.span.to(item.value.span), name, expr: item.value.clone() })
        });
        let close = Span { start: value.span.end.saturating_sub(1), ..value.span };
        let body = Body {
            attributes: attributes.collect(),
            blocks: Vec::new(),
            span: value.span,
            end: close,
            json: true,
        };
        self.out.push(Block {
            ty: self.ty.clone(),
            labels: self.given.clone(),
            body,
            header: start(value),
            span: value.span,
        });
    }
}

/// The name of a property. A name with a template in it means nothing here.
fn key(item: &ObjectItem) -> Option<Ident> {
    match &item.key.kind {
        ExprKind::Literal(Value::String(name)) => Some(Ident { name: name.clone(), span: item.key.span }),
        _ => None,
    }
}

fn is_null(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Literal(Value::Null(_)))
}

/// Messages about an object or array point at where it opens.
fn start(expr: &Expr) -> Span {
    match expr.kind {
        ExprKind::Object(_) | ExprKind::Tuple(_) => {
            Span { end: (expr.span.start + 1).min(expr.span.end), ..expr.span }
        }
        _ => expr.span,
    }
}
