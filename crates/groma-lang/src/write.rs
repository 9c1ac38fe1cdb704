//! Values as the expressions that give them, in the layout of the formatter.

use crate::syntax;
use groma_value::Value;

/// A known, unmarked value as an expression. Lists and sets stand in brackets on one
/// line, objects and maps have a line for each element; types are not told, so a set
/// becomes a tuple.
pub fn expression_text(value: &Value) -> String {
    // The formatter wants a body.
    let text = syntax::format(&format!("x = {}\n", unformatted(value)));
    text.strip_prefix("x = ").unwrap_or(&text).trim_end_matches('\n').to_owned()
}

/// Arguments, one for each pair, as the lines of a file.
pub fn arguments_text<'a>(arguments: impl IntoIterator<Item = (&'a str, &'a Value)>) -> String {
    let mut text = String::new();
    for (name, value) in arguments {
        text.push_str(name);
        text.push_str(" = ");
        write(value, &mut text);
        text.push('\n');
    }
    syntax::format(&text)
}

fn unformatted(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut String) {
    match value.peel() {
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Number(n) => out.push_str(&n.to_string()),
        Value::String(s) => quote(s, out),
        v @ (Value::List(_) | Value::Set(_) | Value::Tuple(_)) => {
            out.push('[');
            for (i, e) in v.as_elements().unwrap_or_default().iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                write(e, out);
            }
            out.push(']');
        }
        v @ (Value::Map(_) | Value::Object(_)) => {
            let fields = v.as_fields();
            let mut fields = fields.iter().flat_map(|f| f.iter()).peekable();
            if fields.peek().is_none() {
                out.push_str("{}");
                return;
            }
            out.push_str("{\n");
            for (name, e) in fields {
                if syntax::is_identifier(name) {
                    out.push_str(name);
                } else {
                    quote(name, out);
                }
                out.push_str(" = ");
                write(e, out);
                out.push('\n');
            }
            out.push('}');
        }
        _ => out.push_str("null"),
    }
}

/// Appends a string as a literal that means itself: nothing in it is interpolated.
pub fn quote(s: &str, out: &mut String) {
    out.push('"');
    let mut chars = s.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '$' | '%' => {
                out.push(c);
                if chars.peek() == Some(&'{') {
                    out.push(c);
                }
            }
            c if crate::eval::text::is_printable(c) => out.push(c),
            c if (c as u32) < 0x10000 => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push_str(&format!("\\U{:08x}", c as u32)),
        }
    }
    out.push('"');
}

/// An argument with a known value, on lines of its own, not formatted yet. A text that is
/// JSON becomes a call of `jsonencode`.
pub fn argument_text(name: &str, value: &Value) -> String {
    let mut out = format!("{name} = ");
    match value.as_str().and_then(json_value) {
        Some(v) => {
            out.push_str("jsonencode(");
            write(&v, &mut out);
            out.push(')');
        }
        None => write(value, &mut out),
    }
    out.push('\n');
    out
}

/// The value of a text that is a JSON object or array with something in it.
fn json_value(text: &str) -> Option<Value> {
    let text = text.trim();
    if !text.starts_with(['{', '[']) {
        return None;
    }
    let v = groma_value::json::decode_implied(text).ok()?;
    let empty = match v.as_elements() {
        Some(e) => e.is_empty(),
        None => v.as_fields().is_none_or(|f| f.iter().next().is_none()),
    };
    (!empty).then_some(v)
}

/// A block with the text of its body, formatted.
pub fn block_text(kind: &str, labels: &[&str], body: &str) -> String {
    let mut out = kind.to_owned();
    for l in labels {
        out.push(' ');
        quote(l, &mut out);
    }
    out.push_str(" {\n");
    out.push_str(body);
    out.push_str("}\n");
    syntax::format(&out)
}
