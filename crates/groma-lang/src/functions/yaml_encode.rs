//! `yamlencode`: block style, as Terraform writes it. The text ends up in user
//! data and manifests, where any other layout would be a change.

use super::build::{Res, fail};
use groma_value::{Fields, Value};

/// Text in double quotes is folded at the first space beyond this column.
const WIDTH: usize = 80;
/// A longer key gets a line of its own (bytes).
const LONGEST_KEY: usize = 128;
const INDENT: i64 = 2;

/// A wholly known, unmarked value as a YAML document.
pub(super) fn encode(v: &Value) -> Res<String> {
    let mut e = Emitter { out: String::new(), column: 0, indent: -1, whitespace: true, indention: true };
    e.node(v, Place::Root)?;
    if e.column > 0 {
        e.line_break();
    }
    // A plain scalar that is all there is needs an end.
    if matches!(v, Value::Number(_) | Value::Bool(_) | Value::Null(_)) {
        e.out.push_str("...\n");
    }
    Ok(e.out)
}

#[derive(Clone, Copy, PartialEq)]
enum Place {
    Root,
    Item,
    Key,
    /// The value of a mapping.
    Entry,
}

struct Emitter {
    out: String,
    /// Characters since the last line break.
    column: usize,
    /// The indentation of the collection being written; -1 outside of all.
    indent: i64,
    /// Whether the last character was white space.
    whitespace: bool,
    /// Whether the line so far has only indentation, dashes and such.
    indention: bool,
}

impl Emitter {
    fn put(&mut self, s: &str) {
        self.out.push_str(s);
        self.column += s.chars().count();
    }
    fn line_break(&mut self) {
        self.out.push('\n');
        self.column = 0;
    }
    fn indicator(&mut self, s: &str, needs_space: bool, indention: bool) {
        if needs_space && !self.whitespace {
            self.put(" ");
        }
        self.put(s);
        self.whitespace = false;
        self.indention &= indention;
    }
    /// Begins a line, if the place is not already where an indented line begins.
    fn begin_line(&mut self) {
        let indent = self.indent.max(0) as usize;
        if !self.indention || self.column > indent || (self.column == indent && !self.whitespace) {
            self.line_break();
        }
        while self.column < indent {
            self.put(" ");
        }
        self.whitespace = true;
        self.indention = true;
    }
    fn deeper<T>(&mut self, flow: bool, same: bool, f: impl FnOnce(&mut Emitter) -> T) -> T {
        let before = self.indent;
        self.indent = match before {
            ..0 if flow => INDENT,
            ..0 => 0,
            n if same => n,
            n => n + INDENT,
        };
        let out = f(self);
        self.indent = before;
        out
    }

    fn node(&mut self, v: &Value, place: Place) -> Res<()> {
        match v {
            Value::Null(_) => self.plain("null"),
            Value::Bool(b) => self.plain(if *b { "true" } else { "false" }),
            Value::Number(n) => self.plain(&n.to_string()),
            Value::String(s) => self.string(s, place),
            Value::List(e) | Value::Set(e) => self.sequence(&e.items, place)?,
            Value::Tuple(items) => self.sequence(items, place)?,
            Value::Map(m) => self.mapping(&m.items)?,
            Value::Object(f) => self.mapping(f)?,
            Value::Unknown(..) | Value::Marked(_) => return fail("cannot serialize unknown value as YAML"),
        }
        Ok(())
    }
    fn plain(&mut self, s: &str) {
        self.indicator(s, true, false);
    }
    fn sequence(&mut self, items: &[Value], place: Place) -> Res<()> {
        if items.is_empty() {
            self.plain("[]");
            return Ok(());
        }
        // A list right after a key is not indented.
        let same = place == Place::Entry && !self.indention;
        self.deeper(false, same, |e| {
            for item in items {
                e.begin_line();
                e.indicator("-", true, true);
                e.node(item, Place::Item)?;
            }
            Ok(())
        })
    }
    fn mapping(&mut self, fields: &Fields) -> Res<()> {
        if fields.is_empty() {
            self.plain("{}");
            return Ok(());
        }
        self.deeper(false, false, |e| {
            for (name, v) in fields.iter() {
                e.begin_line();
                if name.len() <= LONGEST_KEY && !name.chars().any(is_break) {
                    e.string(name, Place::Key);
                    e.indicator(":", false, false);
                } else {
                    e.indicator("?", true, true);
                    e.string(name, Place::Entry);
                    e.begin_line();
                    e.indicator(":", true, true);
                }
                e.node(v, Place::Entry)?;
            }
            Ok(())
        })
    }
    fn string(&mut self, s: &str, place: Place) {
        self.deeper(true, false, |e| {
            if place != Place::Key && s.contains('\n') && fits_block(s) {
                e.literal(s);
            } else {
                e.quoted(s, place != Place::Key);
            }
        });
    }
    fn literal(&mut self, s: &str) {
        self.indicator("|", true, false);
        if s.starts_with(|c| c == ' ' || is_break(c)) {
            self.put("2");
        }
        let mut last = s.chars().rev();
        if !last.next().is_some_and(is_break) {
            self.put("-");
        } else if last.next().is_none_or(is_break) {
            self.put("+");
        }
        self.line_break();
        self.whitespace = true;
        self.indention = true;
        let mut at_start = true;
        for c in s.chars() {
            if is_break(c) {
                self.out.push(c);
                self.column = 0;
                self.indention = true;
                at_start = true;
            } else {
                if at_start {
                    self.begin_line();
                }
                self.put(c.encode_utf8(&mut [0; 4]));
                self.indention = false;
                at_start = false;
            }
        }
    }
    fn quoted(&mut self, s: &str, fold: bool) {
        self.indicator("\"", true, false);
        let mut after_space = false;
        let mut chars = s.char_indices().peekable();
        while let Some((i, c)) = chars.next() {
            let next = chars.peek().map(|(_, c)| *c);
            if c == ' ' {
                if fold && !after_space && self.column > WIDTH && i > 0 && next.is_some() {
                    self.begin_line();
                    if next == Some(' ') {
                        self.put("\\");
                    }
                } else {
                    self.put(" ");
                }
                after_space = true;
                continue;
            }
            after_space = false;
            if is_printable(c) && !is_break(c) && c != '"' && c != '\\' {
                self.put(c.encode_utf8(&mut [0; 4]));
            } else {
                self.put(&escape(c));
            }
        }
        self.indicator("\"", false, false);
    }
}

fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// What is written as it is: of the characters beyond the basic plane none.
fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

/// Whether a block can hold a text of several lines.
fn fits_block(s: &str) -> bool {
    let mut before = None;
    for c in s.chars() {
        if !is_printable(c) || (is_break(c) && before == Some(' ')) {
            return false;
        }
        before = Some(c);
    }
    before != Some(' ')
}

fn escape(c: char) -> String {
    let short = match c {
        '\0' => '0',
        '\u{7}' => 'a',
        '\u{8}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{b}' => 'v',
        '\u{c}' => 'f',
        '\r' => 'r',
        '\u{1b}' => 'e',
        '"' | '\\' => c,
        '\u{85}' => 'N',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        c => {
            let n = c as u32;
            return if n < 0x100 {
                format!("\\x{n:02X}")
            } else if n < 0x10000 {
                format!("\\u{n:04X}")
            } else {
                format!("\\U{n:08X}")
            };
        }
    };
    format!("\\{short}")
}
