//! From a place in a value back to the place in the source.

use crate::ast::{Block, Body, Expr, ExprKind};
use crate::source::Span;
use groma_value::{Path, PathStep, Value};

/// Where Terraform points at when something is missing in a body: the opening
/// brace of a block, the start of a file; in JSON, the closing brace.
pub fn missing_item(body: &Body) -> Span {
    if body.json {
        return body.end;
    }
    // The span of a block's body begins just behind its opening brace.
    let start = body.span.start.saturating_sub(u32::from(body.span.start > 0));
    Span { file: body.span.file, start, end: start }
}

/// The place of the part of the configuration that `path` of the decoded value
/// comes from, as near as can be told: an expression, or where it is missing.
/// A block made by `dynamic` is found at the `content` that describes it.
pub fn span_of_path(body: &Body, path: &Path) -> Span {
    let mut body = body;
    let mut steps = path.steps();
    while let Some((PathStep::Attr(name), rest)) = steps.split_first() {
        if let Some(attribute) = body.attribute(name) {
            return span_in_expr(&attribute.expr, rest).unwrap_or(attribute.expr.span);
        }
        let blocks: Vec<&Block> = blocks_of(body, name).collect();
        let (found, rest) = match rest.split_first() {
            Some((PathStep::Index(key), rest)) => (block_at(&blocks, key), rest),
            _ => (if let [only] = blocks.as_slice() { Some(*only) } else { None }, rest),
        };
        let Some(block) = found else {
            return blocks.first().map_or_else(|| missing_item(body), |b| b.header);
        };
        if rest.is_empty() {
            return block.header;
        }
        body = content_of(block);
        steps = rest;
    }
    missing_item(body)
}

/// Blocks of a type, written or `dynamic`.
fn blocks_of<'b>(body: &'b Body, name: &'b str) -> impl Iterator<Item = &'b Block> {
    body.blocks.iter().filter(move |b| *b.ty.name == *name || super::content::is_dynamic_for(b, name))
}

fn content_of(block: &Block) -> &Body {
    let content = (&*block.ty.name == "dynamic").then(|| block.body.blocks_of("content").next()).flatten();
    content.map_or(&block.body, |c| &c.body)
}

fn block_at<'b>(blocks: &[&'b Block], key: &Value) -> Option<&'b Block> {
    let dynamic = blocks.iter().copied().find(|b| &*b.ty.name == "dynamic");
    match key.peel() {
        // Behind a dynamic block the numbers do not tell which block it is.
        Value::Number(n) => {
            let at = n.as_usize()?;
            let before = blocks.iter().position(|b| &*b.ty.name == "dynamic");
            match before {
                Some(d) if at >= d => dynamic,
                _ => blocks.get(at).copied(),
            }
        }
        Value::String(s) => {
            blocks.iter().copied().find(|b| b.labels.first().is_some_and(|l| *l.name == **s)).or(dynamic)
        }
        _ => {
            if let [only] = blocks {
                Some(only)
            } else {
                None
            }
        }
    }
}

/// The place within an expression that lists its parts.
fn span_in_expr(expr: &Expr, steps: &[PathStep]) -> Option<Span> {
    let Some((first, rest)) = steps.split_first() else { return Some(expr.span) };
    let inner = match (&expr.kind, first) {
        (ExprKind::Parens(e) | ExprKind::TemplateWrap(e), _) => return span_in_expr(e, steps),
        (ExprKind::Tuple(items), PathStep::Index(Value::Number(n))) => items.get(n.as_usize()?)?,
        (ExprKind::Object(items), PathStep::Attr(name) | PathStep::Index(Value::String(name))) => {
            let named = |e: &Expr| matches!(&e.kind, ExprKind::Literal(Value::String(s)) if s == name);
            &items.iter().rev().find(|i| named(&i.key))?.value
        }
        // One block in JSON syntax need not be in an array.
        (ExprKind::Object(_), PathStep::Index(_)) => return span_in_expr(expr, rest),
        _ => return Some(expr.span),
    };
    Some(span_in_expr(inner, rest).unwrap_or(inner.span))
}
