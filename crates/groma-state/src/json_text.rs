//! Indented JSON text with the bytes that Go's `encoding/json` writes, in one
//! pass and without a tree.

use groma_value::json::write_string;

/// Writes JSON: indented by two spaces, as `MarshalIndent` does, or compact.
pub(crate) struct Writer {
    out: String,
    indented: bool,
    depth: usize,
    /// Whether the innermost container has an element already.
    filled: bool,
}

impl Writer {
    pub(crate) fn new() -> Writer {
        Writer { out: String::new(), indented: true, depth: 0, filled: false }
    }
    /// Writes one line without white space.
    pub(crate) fn compact() -> Writer {
        Writer { indented: false, ..Writer::new() }
    }
    /// The text so far.
    pub(crate) fn into_text(self) -> String {
        self.out
    }
    /// The bytes of a file: the text and a line break.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.out.push('\n');
        self.out.into_bytes()
    }
    fn newline(&mut self) {
        if self.indented {
            newline(&mut self.out, self.depth);
        }
    }
    fn open(&mut self, bracket: char) {
        self.out.push(bracket);
        self.depth += 1;
        self.filled = false;
    }
    fn close(&mut self, bracket: char) {
        self.depth -= 1;
        if self.filled {
            self.newline();
        }
        self.out.push(bracket);
        self.filled = true;
    }
    pub(crate) fn object(&mut self, body: impl FnOnce(&mut Writer)) {
        self.open('{');
        body(self);
        self.close('}');
    }
    pub(crate) fn array<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        mut body: impl FnMut(&mut Writer, T),
    ) {
        self.open('[');
        for item in items {
            self.next();
            body(self, item);
        }
        self.close(']');
    }
    /// Begins the next element: comma, line break, indentation.
    pub(crate) fn next(&mut self) {
        if self.filled {
            self.out.push(',');
        }
        self.filled = true;
        self.newline();
    }
    pub(crate) fn key(&mut self, name: &str) {
        self.next();
        write_string(name, &mut self.out);
        self.out.push_str(if self.indented { ": " } else { ":" });
    }
    pub(crate) fn string(&mut self, s: &str) {
        write_string(s, &mut self.out);
    }
    pub(crate) fn display(&mut self, x: impl std::fmt::Display) {
        use std::fmt::Write;
        let _ = write!(self.out, "{x}");
    }
    /// Writes JSON text as Go writes a `RawMessage`: tokens stay as they are
    /// written, but white space is laid out anew and what could end a script
    /// element in HTML is escaped.
    pub(crate) fn raw(&mut self, text: &str) {
        if self.indented {
            reindent(text, self.depth, &mut self.out);
        } else {
            self.out.push_str(&compact(text));
        }
    }
}

fn newline(out: &mut String, depth: usize) {
    const SPACES: &str = "                                                                ";
    out.push('\n');
    let mut n = depth * 2;
    while n > 0 {
        let k = n.min(SPACES.len());
        out.push_str(&SPACES[..k]);
        n -= k;
    }
}

fn reindent(text: &str, mut depth: usize, out: &mut String) {
    let bytes = text.as_bytes();
    let mut i = 0;
    // An opened bracket gets its line break only when something follows in it.
    let mut opened = false;
    while i < bytes.len() {
        let b = bytes[i];
        match b {
            b' ' | b'\n' | b'\r' | b'\t' => {
                i += 1;
                continue;
            }
            b'}' | b']' => {
                depth -= 1;
                if !opened {
                    newline(out, depth);
                }
                opened = false;
                out.push(char::from(b));
                i += 1;
                continue;
            }
            _ => {}
        }
        if opened {
            newline(out, depth);
            opened = false;
        }
        match b {
            b'{' | b'[' => {
                out.push(char::from(b));
                depth += 1;
                opened = true;
                i += 1;
            }
            b',' => {
                out.push(',');
                newline(out, depth);
                i += 1;
            }
            b':' => {
                out.push_str(": ");
                i += 1;
            }
            b'"' => {
                let end = string_end(bytes, i);
                escape_html(&text[i..end], out);
                i = end;
            }
            _ => {
                let start = i;
                while i < bytes.len()
                    && !matches!(bytes[i], b',' | b':' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t')
                {
                    i += 1;
                }
                out.push_str(&text[start..i]);
            }
        }
    }
}

/// The end of the string token that starts at `i`.
fn string_end(bytes: &[u8], i: usize) -> usize {
    let mut j = i + 1;
    while j < bytes.len() {
        match bytes[j] {
            b'"' => return j + 1,
            b'\\' => j += 2,
            _ => j += 1,
        }
    }
    bytes.len()
}

fn escape_html(token: &str, out: &mut String) {
    let bytes = token.as_bytes();
    let mut plain = 0;
    for (i, b) in bytes.iter().enumerate() {
        let (escape, len) = match b {
            b'<' => ("\\u003c", 1),
            b'>' => ("\\u003e", 1),
            b'&' => ("\\u0026", 1),
            0xe2 if bytes.get(i + 1..i + 3) == Some(&[0x80, 0xa8]) => ("\\u2028", 3),
            0xe2 if bytes.get(i + 1..i + 3) == Some(&[0x80, 0xa9]) => ("\\u2029", 3),
            _ => continue,
        };
        out.push_str(&token[plain..i]);
        out.push_str(escape);
        plain = i + len;
    }
    out.push_str(&token[plain..]);
}

/// Valid JSON text without the white space between its tokens.
pub(crate) fn compact(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    let mut i = 0;
    while i < bytes.len() {
        match bytes[i] {
            b' ' | b'\n' | b'\r' | b'\t' => i += 1,
            b'"' => {
                let end = string_end(bytes, i);
                out.push_str(&text[i..end]);
                i = end;
            }
            _ => {
                let start = i;
                while i < bytes.len() && !matches!(bytes[i], b'"' | b' ' | b'\n' | b'\r' | b'\t') {
                    i += 1;
                }
                out.push_str(&text[start..i]);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_text_is_laid_out_anew() {
        let text = r#" { "a" : [ ] , "b":[1, {"c":"x\"<}"} , { }],"d":null } "#;
        assert_eq!(compact(text), r#"{"a":[],"b":[1,{"c":"x\"<}"},{}],"d":null}"#);
        let mut w = Writer::new();
        w.raw(text);
        let expected = "{\n  \"a\": [],\n  \"b\": [\n    1,\n    {\n      \"c\": \"x\\\"\\u003c}\"\n    },\n    {}\n  ],\n  \"d\": null\n}\n";
        assert_eq!(String::from_utf8(w.finish()).unwrap(), expected);
    }
}
