//! Values and types as `terraform console` prints them: the language's own
//! syntax, with conversions where that alone would not tell the type.

use crate::eval::quote;
use groma_value::{Fields, Type, Value};

/// A value. Several lines for collections, tuples, objects and text of several lines.
pub fn format_console(value: &Value) -> String {
    let mut out = String::new();
    write_value(value, 0, &mut out);
    out
}

fn write_value(value: &Value, indent: usize, out: &mut String) {
    if !value.is_known() {
        return out.push_str("(known after apply)");
    }
    if let Value::Marked(m) = value {
        if m.1.is_sensitive() {
            return out.push_str("(sensitive value)");
        }
        if m.1.is_ephemeral() {
            return out.push_str("(ephemeral value)");
        }
    }
    match value.peel() {
        Value::Null(ty) => out.push_str(&null(ty)),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Number(n) => out.push_str(&n.to_string()),
        Value::String(s) => write_string(s, indent, out),
        Value::Object(f) => write_mapping(f, indent, out),
        Value::Map(m) => wrapped("tomap", out, |out| write_mapping(&m.items, indent, out)),
        Value::Tuple(items) => write_sequence(items, indent, out),
        Value::List(e) => wrapped("tolist", out, |out| write_sequence(&e.items, indent, out)),
        Value::Set(e) => wrapped("toset", out, |out| write_sequence(&e.items, indent, out)),
        // Not reached: unknown was handled, marks never nest.
        Value::Unknown(..) | Value::Marked(_) => out.push_str("(known after apply)"),
    }
}

fn wrapped(function: &str, out: &mut String, inner: impl FnOnce(&mut String)) {
    out.push_str(function);
    out.push('(');
    inner(out);
    out.push(')');
}

fn null(ty: &Type) -> String {
    match ty {
        Type::Dynamic => "null".into(),
        Type::String => "tostring(null)".into(),
        Type::Number => "tonumber(null)".into(),
        Type::Bool => "tobool(null)".into(),
        Type::List(t) => format!("tolist(null) /* of {} */", t.friendly_name()),
        Type::Set(t) => format!("toset(null) /* of {} */", t.friendly_name()),
        Type::Map(t) => format!("tomap(null) /* of {} */", t.friendly_name()),
        t => format!("null /* {} */", t.friendly_name()),
    }
}

/// Text of several lines is a heredoc.
fn write_string(text: &str, indent: usize, out: &mut String) {
    if !text.contains('\n') {
        return out.push_str(&quote(text));
    }
    let mut delimiter = String::from("EOT");
    while text.split('\n').any(|line| line.trim() == delimiter) {
        delimiter.push('_');
    }
    out.push_str(if indent > 0 { "<<-" } else { "<<" });
    out.push_str(&delimiter);
    for line in text.split('\n').chain([delimiter.as_str()]) {
        new_line(indent, out);
        out.push_str(line);
    }
}

fn new_line(indent: usize, out: &mut String) {
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', indent));
}

fn write_mapping(fields: &Fields, indent: usize, out: &mut String) {
    out.push('{');
    for (name, value) in fields.iter() {
        new_line(indent + 2, out);
        write_string(name, indent + 2, out);
        out.push_str(" = ");
        write_value(value, indent + 2, out);
    }
    if !fields.is_empty() {
        new_line(indent, out);
    }
    out.push('}');
}

fn write_sequence(items: &[Value], indent: usize, out: &mut String) {
    out.push('[');
    for value in items {
        new_line(indent + 2, out);
        write_value(value, indent + 2, out);
        out.push(',');
    }
    if !items.is_empty() {
        new_line(indent, out);
    }
    out.push(']');
}

/// A type as the console's `type(...)` prints it: parts that have parts themselves
/// on lines of their own.
pub fn format_type(ty: &Type) -> String {
    let mut out = String::new();
    write_type(ty, 0, &mut out);
    out
}

fn write_type(ty: &Type, indent: usize, out: &mut String) {
    let collection = |name: &str, t: &Type, out: &mut String| {
        wrapped(name, out, |out| {
            if t.is_primitive() || *t == Type::Dynamic {
                return write_type(t, indent, out);
            }
            new_line(indent + 4, out);
            write_type(t, indent + 4, out);
            out.push(',');
            new_line(indent, out);
        });
    };
    match ty {
        Type::Dynamic => out.push_str("dynamic"),
        Type::Bool => out.push_str("bool"),
        Type::Number => out.push_str("number"),
        Type::String => out.push_str("string"),
        Type::List(t) => collection("list", t, out),
        Type::Set(t) => collection("set", t, out),
        Type::Map(t) => collection("map", t, out),
        Type::Tuple(ts) => {
            out.push_str("tuple([");
            for t in ts.iter() {
                new_line(indent + 4, out);
                write_type(t, indent + 4, out);
                out.push(',');
            }
            if !ts.is_empty() {
                new_line(indent, out);
            }
            out.push_str("])");
        }
        Type::Object(o) => {
            out.push_str("object({");
            for (name, t) in &o.attrs {
                new_line(indent + 4, out);
                out.push_str(name);
                out.push_str(": ");
                write_type(t, indent + 4, out);
                out.push(',');
            }
            if !o.attrs.is_empty() {
                new_line(indent, out);
            }
            out.push_str("})");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_parts_stand_on_their_own_lines() {
        let ty = Type::object([
            ("a", Type::tuple([Type::String])),
            ("b", Type::map(Type::Bool)),
            ("c", Type::list(Type::object([("z", Type::Number)]))),
        ]);
        let text = "object({\n    a: tuple([\n        string,\n    ]),\n    b: map(bool),\n    c: list(\n        object({\n            z: number,\n        }),\n    ),\n})";
        assert_eq!(format_type(&ty), text);
        assert_eq!(format_type(&Type::tuple([])), "tuple([])");
        assert_eq!(format_type(&Type::set(Type::Dynamic)), "set(dynamic)");
    }
}
