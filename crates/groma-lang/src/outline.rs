//! Which block a place is in, for messages: found by the tokens alone, so that it
//! works in files that cannot be parsed, and remembered for the next message.

use crate::ast::{Expr, ExprKind};
use crate::source::SourceFile;
use crate::syntax::{block_headers, json_string, json_value};
use std::fmt::Write;

/// A named range of bytes with others within.
#[derive(Debug)]
pub(crate) struct Node {
    start: u32,
    end: u32,
    name: String,
    children: Vec<Node>,
}

/// The header of the block around the byte before `offset`, or the path of
/// properties in JSON syntax. The byte before: a message about a whole header
/// does not need to repeat it.
pub(crate) fn context_of(file: &SourceFile, offset: u32) -> Option<String> {
    let at = offset.checked_sub(1)?;
    let mut nodes = file.outline(|| if file.name.ends_with(".json") { json(file) } else { native(file) });
    let mut path = String::new();
    while let Some(node) = nodes.iter().find(|n| n.start <= at && at < n.end) {
        path.push_str(&node.name);
        nodes = &node.children;
    }
    let path = path.strip_prefix('.').unwrap_or(&path);
    (!path.is_empty()).then(|| path.to_owned())
}

fn native(file: &SourceFile) -> Vec<Node> {
    let headers = block_headers(&file.text);
    headers
        .into_iter()
        .map(|h| {
            let mut name = h.ty;
            for label in h.labels {
                let _ = write!(name, " {label:?}");
            }
            Node { start: h.start, end: h.end, name, children: Vec::new() }
        })
        .collect()
}

fn json(file: &SourceFile) -> Vec<Node> {
    json_value(file).and_then(|root| node(file, String::new(), &root)).into_iter().collect()
}

fn node(file: &SourceFile, name: String, expr: &Expr) -> Option<Node> {
    let children = match &expr.kind {
        ExprKind::Object(items) => items
            .iter()
            .filter_map(|i| node(file, format!(".{}", json_string(file, &i.key)?), &i.value))
            .collect(),
        ExprKind::Tuple(items) => {
            items.iter().enumerate().filter_map(|(i, e)| node(file, format!("[{i}]"), e)).collect()
        }
        _ => return None,
    };
    Some(Node { start: expr.span.start, end: expr.span.end, name, children })
}
