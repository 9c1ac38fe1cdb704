//! JSON as text, with the escapes that Go's encoder writes, so that what tools
//! compare or sign has the same bytes.

use groma_value::json::write_string;
use serde_json::Value as Json;

/// Compact text, with `<`, `>` and `&` escaped: `show -json`, `providers schema -json`, streamed messages.
pub fn to_text(json: &Json) -> String {
    let mut out = String::new();
    write(json, None, &mut out);
    out
}

/// Text with an indentation of two spaces: `output -json`, `validate -json`.
pub fn to_text_indented(json: &Json) -> String {
    let mut out = String::new();
    write(json, Some(0), &mut out);
    out
}

/// `depth`: the indentation of what is around, in steps of two spaces; `None`: compact.
fn write(json: &Json, depth: Option<usize>, out: &mut String) {
    let inner = depth.map(|d| d + 1);
    match json {
        Json::Null => out.push_str("null"),
        Json::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Json::Number(n) => out.push_str(n.as_str()),
        Json::String(s) => write_string(s, out),
        Json::Array(items) if items.is_empty() => out.push_str("[]"),
        Json::Array(items) => {
            for (i, x) in items.iter().enumerate() {
                out.push(if i == 0 { '[' } else { ',' });
                new_line(inner, out);
                write(x, inner, out);
            }
            new_line(depth, out);
            out.push(']');
        }
        Json::Object(members) if members.is_empty() => out.push_str("{}"),
        Json::Object(members) => {
            for (i, (name, x)) in members.iter().enumerate() {
                out.push(if i == 0 { '{' } else { ',' });
                new_line(inner, out);
                write_string(name, out);
                out.push_str(if depth.is_some() { ": " } else { ":" });
                write(x, inner, out);
            }
            new_line(depth, out);
            out.push('}');
        }
    }
}

fn new_line(depth: Option<usize>, out: &mut String) {
    if let Some(d) = depth {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", d));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_forms() {
        let j = serde_json::json!({"b": ["<&>\n", 1.50, {}], "a": []});
        assert_eq!(to_text(&j), r#"{"b":["\u003c\u0026\u003e\n",1.5,{}],"a":[]}"#);
        assert_eq!(
            to_text_indented(&j),
            "{\n  \"b\": [\n    \"\\u003c\\u0026\\u003e\\n\",\n    1.5,\n    {}\n  ],\n  \"a\": []\n}"
        );
    }
}
