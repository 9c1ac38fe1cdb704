//! The iteration order and identity of set elements.
//!
//! The order is visible (in state and plan files, in `for` over a set, in
//! `tolist`), so it is the one of cty: primitives by their own order; everything
//! else by the bytes of a canonical text; unknowns after that, nulls last.

use crate::value::Value;
use std::cmp::Ordering;

/// Sorts elements into iteration order and removes duplicates. An element with
/// anything unknown within equals no other. O(n log n).
pub fn normalize(mut items: Vec<Value>) -> Vec<Value> {
    if items.len() < 2 {
        return items;
    }
    if items.iter().all(is_plain) {
        if !items.is_sorted_by(|a, b| compare_plain(a, b) == Ordering::Less) {
            items.sort_by(compare_plain);
            items.dedup();
        }
        return items;
    }
    let mut keyed: Vec<(u8, Vec<u8>, Value)> =
        items.into_iter().map(|v| (class(&v), sort_key(&v), v)).collect();
    keyed.sort_by(order);
    let mut out: Vec<Value> = Vec::with_capacity(keyed.len());
    let mut rest = keyed.into_iter().peekable();
    while let Some(first) = rest.next() {
        let run = out.len();
        let mut next = |prev: &(u8, Vec<u8>, Value)| rest.next_if(|x| order(prev, x) == Ordering::Equal);
        let Some(second) = next(&first) else {
            out.push(first.2);
            continue;
        };
        // Different values may share a key (numbers are cut to ten digits), so
        // equality decides; but a run of partly unknown values has no duplicates.
        let mut same = vec![second];
        while let Some(x) = next(&first) {
            same.push(x);
        }
        out.push(first.2);
        let mut known: Vec<usize> = if out[run].is_wholly_known() { vec![run] } else { Vec::new() };
        for (_, _, v) in same {
            if v.is_wholly_known() {
                if known.iter().any(|&i| out[i] == v) {
                    continue;
                }
                known.push(out.len());
            }
            out.push(v);
        }
    }
    out
}

/// The iteration order of two elements of one set.
pub fn compare(a: &Value, b: &Value) -> Ordering {
    if is_plain(a) && is_plain(b) {
        return compare_plain(a, b);
    }
    class(a).cmp(&class(b)).then_with(|| sort_key(a).cmp(&sort_key(b)))
}

fn is_plain(v: &Value) -> bool {
    matches!(v, Value::String(_) | Value::Number(_) | Value::Bool(_))
}

fn compare_plain(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Number(a), Value::Number(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        // Only in a set whose elements have no common type.
        _ => sort_key(a).cmp(&sort_key(b)),
    }
}

fn order(a: &(u8, Vec<u8>, Value), b: &(u8, Vec<u8>, Value)) -> Ordering {
    a.0.cmp(&b.0).then_with(|| match is_plain(&a.2) && is_plain(&b.2) {
        true => compare_plain(&a.2, &b.2),
        false => a.1.cmp(&b.1),
    })
}

/// Known, unknown, null.
fn class(v: &Value) -> u8 {
    match v.peel() {
        Value::Unknown(..) => 1,
        Value::Null(_) => 2,
        _ => 0,
    }
}

fn sort_key(v: &Value) -> Vec<u8> {
    let mut out = String::new();
    if !is_plain(v) {
        append_key(v, &mut out);
    }
    out.into_bytes()
}

/// The text by which values of one type that are not primitives are told apart and
/// ordered. Its CRC-32 is what cty calls the hash of the value, which
/// `.terraform/terraform.tfstate` stores for a backend's configuration.
pub fn canonical_text(v: &Value) -> String {
    let mut out = String::new();
    append_key(v, &mut out);
    out
}

/// A text that is the same for values that are the same, but for refinements.
/// Different values may share it.
pub(crate) fn key_of<'a>(values: impl IntoIterator<Item = &'a Value>) -> Vec<u8> {
    let mut out = String::new();
    for v in values {
        append_key(v, &mut out);
        out.push(';');
    }
    out.into_bytes()
}

/// The canonical text by which elements that are not primitives are ordered.
fn append_key(v: &Value, out: &mut String) {
    let all = |out: &mut String, items: &[Value]| {
        for v in items {
            append_key(v, out);
            out.push(';');
        }
    };
    match v {
        Value::Marked(m) => append_key(&m.0, out),
        Value::Unknown(..) => out.push('?'),
        Value::Null(_) => out.push('~'),
        Value::Bool(b) => out.push(if *b { 'T' } else { 'F' }),
        Value::Number(n) => out.push_str(&n.text_g(Some(10))),
        Value::String(s) => quote(s, out),
        Value::List(e) | Value::Set(e) => {
            out.push('[');
            all(out, &e.items);
            out.push(']');
        }
        Value::Tuple(items) => {
            out.push('<');
            all(out, items);
            out.push('>');
        }
        Value::Map(m) => {
            out.push('{');
            for (k, v) in m.items.iter() {
                quote(k, out);
                out.push(':');
                append_key(v, out);
                out.push(';');
            }
            out.push('}');
        }
        Value::Object(f) => {
            out.push('<');
            for v in f.values() {
                append_key(v, out);
                out.push(';');
            }
            out.push('>');
        }
    }
}

/// A text quoted as Terraform's messages quote names.
pub fn quoted(s: &str) -> String {
    let mut out = String::with_capacity(s.len() + 2);
    quote(s, &mut out);
    out
}

/// Appends a text quoted as Go's `%q` does.
pub fn quote(s: &str, out: &mut String) {
    out.push('"');
    let mut probe = String::new();
    for c in s.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            ' '..='~' => out.push(c),
            '\x07' => out.push_str("\\a"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x0b' => out.push_str("\\v"),
            '\0'..='\x7f' => out.push_str(&format!("\\x{:02x}", c as u32)),
            _ => {
                // The standard library's notion of printable, which only for a
                // first character also asks for combining marks.
                probe.clear();
                probe.push('a');
                probe.push(c);
                if probe.escape_debug().nth(1) == Some(c) {
                    out.push(c);
                } else if (c as u32) < 0x10000 {
                    out.push_str(&format!("\\u{:04x}", c as u32));
                } else {
                    out.push_str(&format!("\\U{:08x}", c as u32));
                }
            }
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Number;
    use crate::types::Type;

    fn key(v: &Value) -> String {
        let mut out = String::new();
        append_key(v, &mut out);
        out
    }

    #[test]
    fn keys_have_ctys_bytes() {
        let obj = Value::object([
            ("b", Value::string("x\n\"é\u{200b}\u{301}")),
            ("a", Value::int(12)),
            ("c", Value::list(Type::Bool, vec![Value::Bool(true), Value::Null(Type::Bool)])),
            ("d", Value::map(Type::String, [("k", Value::unknown(Type::String))])),
        ]);
        assert_eq!(key(&obj), "<12;\"x\\n\\\"é\\u200b\u{301}\";[T;~;];{\"k\":?;};>");
        assert_eq!(key(&Value::tuple(vec![Value::Bool(false)])), "<F;>");
        assert_eq!(
            key(&Value::string("\u{7f}\u{1}\u{a0}\u{1F600}\u{E000}")),
            "\"\\x7f\\x01\\u00a0\u{1F600}\\ue000\""
        );
    }

    #[test]
    fn primitives_sort_by_value_and_lose_duplicates() {
        let n = |s| Value::Number(Number::parse(s).unwrap());
        let Value::Set(e) = Value::set(Type::Number, vec![n("10"), n("9"), n("10.0"), n("-1"), n("0.5")])
        else {
            panic!()
        };
        assert_eq!(e.items, vec![n("-1"), n("0.5"), n("9"), n("10")]);
        let s = |s: &str| Value::string(s);
        assert_eq!(normalize(vec![s("b"), s("a"), s("b"), s("B")]), vec![s("B"), s("a"), s("b")]);
        assert_eq!(
            normalize(vec![
                Value::Null(Type::String),
                Value::unknown(Type::String),
                s("z"),
                s("a"),
                Value::Null(Type::String)
            ]),
            vec![s("a"), s("z"), Value::unknown(Type::String), Value::Null(Type::String)]
        );
    }

    #[test]
    fn unknown_elements_never_equal() {
        let o = |v| Value::object([("a", v)]);
        let items = vec![
            o(Value::unknown(Type::String)),
            o(Value::string("x")),
            o(Value::unknown(Type::String)),
            o(Value::string("x")),
        ];
        assert_eq!(
            normalize(items),
            vec![o(Value::string("x")), o(Value::unknown(Type::String)), o(Value::unknown(Type::String))]
        );
    }

    #[test]
    fn equal_keys_of_different_values_stay_apart() {
        let o = |n: &str| Value::object([("a", Value::Number(Number::parse(n).unwrap()))]);
        let items = vec![o("12345678901"), o("12345678902"), o("12345678901")];
        assert_eq!(normalize(items).len(), 2);
    }
}
