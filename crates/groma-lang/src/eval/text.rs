//! Text in messages: quoting and places.

use crate::source::{Sources, Span};

/// Quotes as the messages of the language do (`%q` of Go): printable text stays,
/// the rest is escaped.
pub fn quote(s: &str) -> String {
    let mut out = String::with_capacity(s.len() + 2);
    out.push('"');
    for c in s.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\x07' => out.push_str("\\a"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x0b' => out.push_str("\\v"),
            ' '..='~' => out.push(c),
            c if c.is_ascii() => out.push_str(&format!("\\x{:02x}", c as u32)),
            c if is_printable(c) => out.push(c),
            c if (c as u32) < 0x10000 => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push_str(&format!("\\U{:08x}", c as u32)),
        }
    }
    out.push('"');
    out
}

/// Whether Go prints the character as it is: letters, marks, numbers,
/// punctuation and symbols. The standard library's escaping has the same table
/// but also escapes a combining mark at the start, hence the letter before it.
pub(crate) fn is_printable(c: char) -> bool {
    let mut text = String::from("a");
    text.push(c);
    text.escape_debug().nth(1) == Some(c)
}

/// A place as text: `main.tf:3,5-9`, or `main.tf:3,5-4,2` over several lines.
pub fn range_text(sources: &Sources, span: Span) -> String {
    let file = sources.get(span.file);
    let (start, end) = (file.position(span.start), file.position(span.end));
    if start.line == end.line {
        return format!("{}:{},{}-{}", file.name, start.line, start.column, end.column);
    }
    format!("{}:{},{}-{},{}", file.name, start.line, start.column, end.line, end.column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quote_escapes_like_go() {
        assert_eq!(quote("a\"b\\c\n\u{7f}"), r#""a\"b\\c\n\x7f""#);
        assert_eq!(quote("h\u{e9}\u{301}\u{a0}\u{1f600}"), "\"h\u{e9}\u{301}\\u00a0\u{1f600}\"");
    }
}
