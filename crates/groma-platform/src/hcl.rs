//! Writing HCL: expressions and blocks as values, given out as formatted text.

use std::fmt::Write as _;

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Ex {
    /// A string, to be quoted.
    Text(String),
    /// HCL as it stands: a reference, a call, a number.
    Raw(String),
    /// A tuple.
    List(Vec<Ex>),
    /// An object; keys are quoted where they have to be.
    Map(Vec<(String, Ex)>),
}

impl Ex {
    /// A string.
    pub fn text(s: impl Into<String>) -> Ex {
        Ex::Text(s.into())
    }
    /// HCL as it stands.
    pub fn raw(s: impl Into<String>) -> Ex {
        Ex::Raw(s.into())
    }
    /// A number.
    pub fn number(n: impl std::fmt::Display) -> Ex {
        Ex::Raw(n.to_string())
    }
    /// A list of strings.
    pub fn texts<S: Into<String>>(items: impl IntoIterator<Item = S>) -> Ex {
        Ex::List(items.into_iter().map(Ex::text).collect())
    }
    /// Whether it is an empty list or object.
    pub fn is_empty(&self) -> bool {
        matches!(self, Ex::List(l) if l.is_empty()) || matches!(self, Ex::Map(m) if m.is_empty())
    }

    fn write(&self, out: &mut String, depth: usize) {
        match self {
            Ex::Text(s) => quote(s, out),
            Ex::Raw(s) => out.push_str(s),
            Ex::List(items) if items.is_empty() => out.push_str("[]"),
            Ex::List(items) => {
                let simple =
                    items.iter().all(|i| matches!(i, Ex::Text(_) | Ex::Raw(_))) && self.width() <= 90;
                if simple {
                    out.push('[');
                    for (i, item) in items.iter().enumerate() {
                        if i > 0 {
                            out.push_str(", ");
                        }
                        item.write(out, depth);
                    }
                    out.push(']');
                    return;
                }
                out.push_str("[\n");
                for item in items {
                    indent(out, depth + 1);
                    item.write(out, depth + 1);
                    out.push_str(",\n");
                }
                indent(out, depth);
                out.push(']');
            }
            Ex::Map(fields) if fields.is_empty() => out.push_str("{}"),
            Ex::Map(fields) => {
                let simple = fields.len() <= 4
                    && fields.iter().all(|(_, v)| matches!(v, Ex::Text(_) | Ex::Raw(_)))
                    && self.width() <= 70;
                if simple {
                    out.push_str("{ ");
                    for (i, (k, v)) in fields.iter().enumerate() {
                        if i > 0 {
                            out.push_str(", ");
                        }
                        key(k, out);
                        out.push_str(" = ");
                        v.write(out, depth);
                    }
                    out.push_str(" }");
                    return;
                }
                out.push_str("{\n");
                for (k, v) in fields {
                    indent(out, depth + 1);
                    key(k, out);
                    out.push_str(" = ");
                    v.write(out, depth + 1);
                    out.push('\n');
                }
                indent(out, depth);
                out.push('}');
            }
        }
    }

    fn width(&self) -> usize {
        let mut s = String::new();
        match self {
            Ex::List(items) => items.iter().for_each(|i| {
                i.write(&mut s, 0);
                s.push_str(", ");
            }),
            Ex::Map(f) => f.iter().for_each(|(k, v)| {
                s.push_str(k);
                s.push_str(" = ");
                v.write(&mut s, 0);
                s.push_str(", ");
            }),
            other => other.write(&mut s, 0),
        }
        s.len()
    }
}

fn indent(out: &mut String, depth: usize) {
    for _ in 0..depth {
        out.push_str("  ");
    }
}

fn is_identifier(s: &str) -> bool {
    let mut c = s.chars();
    c.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && c.all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

fn key(k: &str, out: &mut String) {
    if is_identifier(k) { out.push_str(k) } else { quote(k, out) }
}

/// Quotes a string so that it means itself: no interpolation.
fn quote(s: &str, out: &mut String) {
    out.push('"');
    let mut rest = s.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' | '%' if rest.peek() == Some(&'{') => {
                out.push(c);
                out.push(c);
            }
            c if (c as u32) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// A block with its arguments and blocks in order.
#[derive(Clone, Debug)]
pub struct Block {
    head: String,
    comment: String,
    items: Vec<Item>,
}

#[derive(Clone, Debug)]
enum Item {
    Arg(String, Ex),
    Block(Block),
    Gap,
}

impl Block {
    /// A block of a type, with labels.
    pub fn new(kind: &str, labels: &[&str]) -> Block {
        let mut head = kind.to_owned();
        for l in labels {
            head.push(' ');
            quote(l, &mut head);
        }
        Block { head, comment: String::new(), items: Vec::new() }
    }

    /// With a comment line above.
    pub fn comment(mut self, text: impl Into<String>) -> Block {
        self.comment = text.into();
        self
    }

    /// With an argument.
    pub fn arg(mut self, name: &str, value: Ex) -> Block {
        self.set(name, value);
        self
    }

    /// With an argument, unless it is an empty list or object.
    pub fn some(mut self, name: &str, value: Ex) -> Block {
        if !value.is_empty() {
            self.set(name, value);
        }
        self
    }

    /// With an argument if there is a value.
    pub fn maybe(mut self, name: &str, value: Option<Ex>) -> Block {
        if let Some(v) = value {
            self.set(name, v);
        }
        self
    }

    /// With an argument only if `on`.
    pub fn when(mut self, on: bool, name: &str, value: Ex) -> Block {
        if on {
            self.set(name, value);
        }
        self
    }

    /// With a nested block.
    pub fn block(mut self, b: Block) -> Block {
        self.items.push(Item::Block(b));
        self
    }

    /// With an empty line.
    pub fn gap(mut self) -> Block {
        self.items.push(Item::Gap);
        self
    }

    /// Adds an argument.
    pub fn set(&mut self, name: &str, value: Ex) {
        self.items.push(Item::Arg(name.to_owned(), value));
    }

    fn write(&self, out: &mut String, depth: usize) {
        for line in self.comment.lines() {
            indent(out, depth);
            let _ = writeln!(out, "# {line}");
        }
        indent(out, depth);
        out.push_str(&self.head);
        if self.items.is_empty() {
            out.push_str(" {}\n");
            return;
        }
        out.push_str(" {\n");
        for (i, item) in self.items.iter().enumerate() {
            match item {
                Item::Arg(name, v) => {
                    indent(out, depth + 1);
                    out.push_str(name);
                    out.push_str(" = ");
                    v.write(out, depth + 1);
                    out.push('\n');
                }
                Item::Block(b) => {
                    if i > 0 {
                        out.push('\n');
                    }
                    b.write(out, depth + 1);
                }
                Item::Gap => out.push('\n'),
            }
        }
        indent(out, depth);
        out.push_str("}\n");
    }
}

/// The text of a file: the blocks in order, formatted as `groma fmt` would.
pub fn file(blocks: &[Block]) -> String {
    let mut out = String::new();
    for (i, b) in blocks.iter().enumerate() {
        if i > 0 {
            out.push('\n');
        }
        b.write(&mut out, 0);
    }
    groma_lang::syntax::format(&out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_mean_themselves() {
        let b = Block::new("module", &["a"])
            .arg("x", Ex::text("a ${b} \"c\" %{ d } $e"))
            .arg("longer", Ex::Map(vec![("k-1".into(), Ex::number(2)), ("a b".into(), Ex::raw("var.x"))]))
            .some("none", Ex::List(vec![]));
        assert_eq!(
            file(&[b]),
            "module \"a\" {\n  x      = \"a $${b} \\\"c\\\" %%{ d } $e\"\n  longer = { k-1 = 2, \"a b\" = var.x }\n}\n"
        );
    }
}
