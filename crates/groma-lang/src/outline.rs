//! Which block a place is in, for messages: found by the tokens alone, so that it
//! works in files that cannot be parsed, and remembered for the next message.

use crate::source::SourceFile;
use crate::syntax::{block_headers, json_text};
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

/// Objects and arrays with the names that lead to them. What is not closed reaches
/// to the end of the file.
fn json(file: &SourceFile) -> Vec<Node> {
    let text = &*file.text;
    let bytes = text.as_bytes();
    let mut open: Vec<Open> = vec![Open::new(0, String::new(), false)];
    let mut pos = 0;
    while let Some(&b) = bytes.get(pos) {
        if open.len() > crate::syntax::MAX_DEPTH as usize {
            break;
        }
        let Some(top) = open.last_mut() else { break };
        match b {
            b'"' => {
                let end = string_end(bytes, pos);
                top.key = json_text(text.get(pos..end).unwrap_or_default());
                pos = end;
                continue;
            }
            b',' => top.index += 1,
            b'{' | b'[' => {
                let name = if top.is_array {
                    format!("[{}]", top.index)
                } else if top.key.is_empty() {
                    String::new()
                } else {
                    format!(".{}", top.key)
                };
                open.push(Open::new(pos, name, b == b'['));
            }
            b'}' | b']' if open.len() > 1 => close(&mut open, pos + 1),
            _ => {}
        }
        pos += 1;
    }
    while open.len() > 1 {
        close(&mut open, text.len());
    }
    open.pop().map(|o| o.node.children).unwrap_or_default()
}

/// An object or array whose end is yet to come.
struct Open {
    node: Node,
    is_array: bool,
    /// The latest string: the key, when a value follows.
    key: String,
    index: usize,
}

impl Open {
    fn new(start: usize, name: String, is_array: bool) -> Open {
        let node = Node { start: start as u32, end: 0, name, children: Vec::new() };
        Open { node, is_array, key: String::new(), index: 0 }
    }
}

fn close(open: &mut Vec<Open>, end: usize) {
    if let Some(mut closed) = open.pop()
        && let Some(parent) = open.last_mut()
    {
        closed.node.end = end as u32;
        parent.node.children.push(closed.node);
    }
}

/// One past the closing quote of the string that starts at `start`, or the end of its line.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut pos = start + 1;
    while let Some(b) = bytes.get(pos) {
        match b {
            b'"' => return pos + 1,
            b'\n' => return pos,
            b'\\' => pos += 2,
            _ => pos += 1,
        }
    }
    bytes.len()
}
