//! The JSON syntax. JSON values become expressions: objects and arrays with
//! expressions in them, strings that are templates. What is a block and what is
//! an attribute depends on the schema (see [`crate::Body::json_blocks`]).

use super::lexer::Start;
use super::parser::{Failed, MAX_DEPTH, Offsets, Parsed, SHALLOW_DEPTH};
use super::{Input, on_deep_stack, whole};
use crate::ast::{Attribute, Body, Expr, ExprKind, Ident, ObjectItem};
use crate::diag::Diagnostics;
use crate::source::{SourceFile, Span};
use groma_value::{Name, Number, Type, Value};

/// Reads a file of the JSON syntax. The body has attributes only.
pub fn parse_json_file(file: &SourceFile, diags: &mut Diagnostics) -> Body {
    parse_json_file_with(file, &|_| false, diags)
}

/// [`parse_json_file`] where `literal` tells, by the property names that lead to
/// a value, whether strings there (and further inside) are plain text instead of
/// templates: the defaults of variables, for example, or all of a file of
/// variables' values.
pub fn parse_json_file_with(
    file: &SourceFile,
    literal: &(dyn Fn(&[Name]) -> bool + Sync),
    diags: &mut Diagnostics,
) -> Body {
    let attempt = |depth| {
        let mut reader = Reader::new(file, literal, depth);
        let root = reader.document();
        (root.ok(), reader.diags, reader.too_deep)
    };
    let mut result = attempt(SHALLOW_DEPTH);
    if result.2
        && let Some(deep) = on_deep_stack(|| attempt(MAX_DEPTH))
    {
        result = deep;
    }
    let (root, found, _) = result;
    let broken = found.has_errors();
    diags.extend(found);
    let mut attributes = Vec::new();
    let mut end = Span::new(file.id, file.text.len(), file.text.len());
    let mut span = Span::new(file.id, 0, file.text.len());
    if let Some(root) = root {
        span = root.span;
        end = Span { start: span.end.saturating_sub(1), ..span };
        root_attributes(file, root, !broken, &mut attributes, diags);
    }
    Body { attributes, blocks: Vec::new(), span, end, json: true }
}

/// The attributes of the root: an object, or an array of objects.
fn root_attributes(
    file: &SourceFile,
    root: Expr,
    report: bool,
    out: &mut Vec<Attribute>,
    diags: &mut Diagnostics,
) {
    match root.kind {
        ExprKind::Object(items) => out.extend(items.into_iter().filter_map(|i| attribute(file, i))),
        ExprKind::Tuple(elements) => {
            for element in elements {
                if let ExprKind::Object(items) = element.kind {
                    out.extend(items.into_iter().filter_map(|i| attribute(file, i)));
                } else if report {
                    diags.error(
                        element.span.start_point().widen(),
                        "Incorrect JSON value type",
                        "Here a JSON object with arguments and blocks is expected.",
                    );
                }
            }
        }
        _ if report => diags.error(
            root.span.start_point().widen(),
            "Root value must be object",
            "The configuration in JSON syntax must be an object, or an array of objects.",
        ),
        _ => {}
    }
}

/// The item as an attribute; `None` for a comment (`"//"`).
pub(super) fn attribute(file: &SourceFile, item: ObjectItem) -> Option<Attribute> {
    let name = json_string(file, &item.key)?;
    if name == "//" {
        return None;
    }
    let span = item.key.span.to(item.value.span);
    Some(Attribute { name: Ident { name: Name::from(name), span: item.key.span }, expr: item.value, span })
}

/// The plain text of an expression that is a string in JSON syntax, template
/// sequences and all; `None` for anything else. This is what settings read that
/// do not take templates.
pub fn json_string(file: &SourceFile, expr: &Expr) -> Option<String> {
    let raw = file.slice(expr.span);
    (raw.len() > 1 && raw.starts_with('"')).then(|| json_text(raw))
}

/// Reads a string of JSON syntax as an expression of native syntax, as in
/// `depends_on`, `provider` or a variable's `type`. `None` after an error, and for
/// what is no string.
pub fn json_expression(file: &SourceFile, expr: &Expr, diags: &mut Diagnostics) -> Option<Expr> {
    if !file.slice(expr.span).starts_with('"') {
        return None;
    }
    let mut reader = Reader::new(file, &|_| true, SHALLOW_DEPTH);
    reader.pos = expr.span.start as usize;
    let (text, map) = reader.string_content().ok()?;
    let input = Input { text: &text, map: Some(&map), start: Start::Normal };
    whole(file, input, diags, |p| p.whole_expression())
}

/// The text of a JSON string given with its quotes; of a bad one, what can be read.
pub(crate) fn json_text(raw: &str) -> String {
    let inner = raw.strip_prefix('"').unwrap_or(raw);
    if !inner.contains('\\') {
        return inner.strip_suffix('"').unwrap_or(inner).to_owned();
    }
    let mut out = String::new();
    let mut pos = 0;
    let bytes = inner.as_bytes();
    while let Some(&b) = bytes.get(pos) {
        match b {
            b'"' => break,
            b'\\' => match escape(bytes, pos) {
                Some((c, len)) => {
                    out.push(c);
                    pos += len;
                }
                None => pos += 1,
            },
            _ => {
                let len = inner[pos..].find(['"', '\\']).unwrap_or(inner.len() - pos);
                out.push_str(&inner[pos..pos + len]);
                pos += len;
            }
        }
    }
    out
}

impl Span {
    /// At least one byte long, for the place of a character.
    fn widen(self) -> Span {
        Span { end: self.end.max(self.start + 1), ..self }
    }
}

struct Reader<'a> {
    file: &'a SourceFile,
    bytes: &'a [u8],
    pos: usize,
    diags: Diagnostics,
    path: Vec<Name>,
    literal: &'a (dyn Fn(&[Name]) -> bool + Sync),
    is_literal: bool,
    depth: u32,
    max_depth: u32,
    too_deep: bool,
}

impl<'a> Reader<'a> {
    fn new(
        file: &'a SourceFile,
        literal: &'a (dyn Fn(&[Name]) -> bool + Sync),
        max_depth: u32,
    ) -> Reader<'a> {
        Reader {
            file,
            bytes: file.text.as_bytes(),
            pos: 0,
            diags: Diagnostics::new(),
            path: Vec::new(),
            literal,
            is_literal: literal(&[]),
            depth: 0,
            max_depth,
            too_deep: false,
        }
    }

    fn document(&mut self) -> Parsed<Expr> {
        let value = self.value()?;
        if self.next_byte().is_some() {
            return self.fail_here("Extraneous data after value", "The JSON value ends before this.");
        }
        Ok(value)
    }

    /// The next byte that is no blank.
    fn next_byte(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.bytes.get(self.pos) {
            self.pos += 1;
        }
        self.bytes.get(self.pos).copied()
    }

    fn fail<T>(&mut self, start: usize, end: usize, summary: &str, detail: impl Into<String>) -> Parsed<T> {
        self.diags.error(Span::new(self.file.id, start, end), summary, detail);
        Err(Failed)
    }

    /// An error about the character here.
    fn fail_here<T>(&mut self, summary: &str, detail: &str) -> Parsed<T> {
        let len = self.file.text[self.pos..].chars().next().map_or(0, char::len_utf8);
        self.fail(self.pos, self.pos + len, summary, detail)
    }

    fn value(&mut self) -> Parsed<Expr> {
        const START: &str = "A JSON value is an object, an array, a string, a number, true, false or null.";
        let start = match self.next_byte() {
            Some(_) => self.pos,
            None => return self.fail_here("Missing value", "The JSON text ends where a value is expected."),
        };
        let kind = match self.bytes[self.pos] {
            b'{' => self.nested(Self::object)?,
            b'[' => self.nested(Self::array)?,
            b'"' => return self.string(),
            b'0'..=b'9' | b'-' | b'+' | b'.' => self.number()?,
            b'a'..=b'z' | b'A'..=b'Z' => self.keyword()?,
            b'}' | b']' => return self.fail_here("Missing JSON value", START),
            _ => return self.fail_here("Invalid start of value", START),
        };
        Ok(Expr { kind, span: Span::new(self.file.id, start, self.pos) })
    }

    fn nested(&mut self, f: fn(&mut Self) -> Parsed<ExprKind>) -> Parsed<ExprKind> {
        if self.depth >= self.max_depth {
            self.too_deep = true;
            let detail = format!("JSON values can be nested at most {MAX_DEPTH} levels deep.");
            return self.fail_here("Expression nested too deeply", &detail);
        }
        self.depth += 1;
        let result = f(self);
        self.depth -= 1;
        result
    }

    fn object(&mut self) -> Parsed<ExprKind> {
        let open = self.pos;
        self.pos += 1;
        let mut items = Vec::new();
        if self.next_byte() == Some(b'}') {
            self.pos += 1;
            return Ok(ExprKind::Object(items));
        }
        loop {
            if self.next_byte() != Some(b'"') {
                let start = self.pos;
                self.value()?;
                return self.fail(
                    start,
                    start + 1,
                    "Invalid object property name",
                    "The name of a property of a JSON object must be a string, in double quotes.",
                );
            }
            let key = self.string()?;
            if self.next_byte() != Some(b':') {
                return self.fail_here(
                    "Missing property value colon",
                    "A colon is needed between the name and the value of a property.",
                );
            }
            self.pos += 1;
            let name = json_string(self.file, &key).unwrap_or_default();
            self.path.push(Name::from(name));
            let outer = self.is_literal;
            self.is_literal = outer || (self.literal)(&self.path);
            let value = self.value();
            self.is_literal = outer;
            self.path.pop();
            items.push(ObjectItem { key, value: value? });
            match self.next_byte() {
                Some(b',') => {
                    let comma = self.pos;
                    self.pos += 1;
                    if self.next_byte() == Some(b'}') {
                        return self.fail(
                            comma,
                            comma + 1,
                            "Trailing comma in object",
                            "In JSON no comma may follow the last property of an object.",
                        );
                    }
                }
                Some(b'}') => {
                    self.pos += 1;
                    return Ok(ExprKind::Object(items));
                }
                Some(b']') => {
                    return self.fail_here(
                        "Mismatched braces",
                        "A JSON object is closed by a brace, not by a bracket.",
                    );
                }
                None => {
                    return self.fail(
                        open,
                        open + 1,
                        "Unclosed object",
                        "The closing brace of this object is missing.",
                    );
                }
                Some(_) => {
                    return self.fail_here(
                        "Missing attribute separator comma",
                        "A comma is needed between the properties of an object.",
                    );
                }
            }
        }
    }

    fn array(&mut self) -> Parsed<ExprKind> {
        let open = self.pos;
        self.pos += 1;
        let mut items = Vec::new();
        if self.next_byte() == Some(b']') {
            self.pos += 1;
            return Ok(ExprKind::Tuple(items));
        }
        loop {
            items.push(self.value()?);
            match self.next_byte() {
                Some(b',') => {
                    let comma = self.pos;
                    self.pos += 1;
                    if self.next_byte() == Some(b']') {
                        return self.fail(
                            comma,
                            comma + 1,
                            "Trailing comma in array",
                            "In JSON no comma may follow the last value of an array.",
                        );
                    }
                }
                Some(b']') => {
                    self.pos += 1;
                    return Ok(ExprKind::Tuple(items));
                }
                Some(b'}') => {
                    return self.fail_here(
                        "Mismatched brackets",
                        "A JSON array is closed by a bracket, not by a brace.",
                    );
                }
                None => {
                    return self.fail(
                        open,
                        open + 1,
                        "Unclosed array",
                        "The closing bracket of this array is missing.",
                    );
                }
                Some(_) => {
                    return self.fail_here(
                        "Missing attribute separator comma",
                        "A comma is needed between the values of an array.",
                    );
                }
            }
        }
    }

    fn number(&mut self) -> Parsed<ExprKind> {
        let start = self.pos;
        while let Some(b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E') = self.bytes.get(self.pos) {
            self.pos += 1;
        }
        let text = &self.file.text[start..self.pos];
        match json_number(text) {
            Some(number) => Ok(ExprKind::Literal(Value::Number(number))),
            None => {
                let end = self.pos;
                self.fail(
                    start,
                    end,
                    "Invalid JSON number",
                    format!("\"{text}\" is not a number as JSON writes it."),
                )
            }
        }
    }

    fn keyword(&mut self) -> Parsed<ExprKind> {
        let start = self.pos;
        while self.bytes.get(self.pos).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_') {
            self.pos += 1;
        }
        let word = &self.file.text[start..self.pos];
        let value = match word {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::null(Type::Dynamic),
            _ => {
                let end = self.pos;
                let known = crate::diag::suggest(&word.to_lowercase(), ["true", "false", "null"].into_iter());
                let hint = known.map(|k| format!(" Did you mean \"{k}\"?")).unwrap_or_default();
                return self.fail(
                    start,
                    end,
                    "Invalid JSON keyword",
                    format!("\"{word}\" is no keyword of JSON; true, false and null are.{hint}"),
                );
            }
        };
        Ok(ExprKind::Literal(value))
    }

    /// A string, which is a template unless the place says otherwise.
    fn string(&mut self) -> Parsed<Expr> {
        let start = self.pos;
        let (text, map) = self.string_content()?;
        let span = Span::new(self.file.id, start, self.pos);
        if self.is_literal || !(text.contains("${") || text.contains("%{")) {
            return Ok(Expr { kind: ExprKind::Literal(Value::string(text)), span });
        }
        let input = Input { text: &text, map: Some(&map), start: Start::Template };
        let template = whole(self.file, input, &mut self.diags, |p| p.bare_template());
        // An error within one string leaves the rest of the file readable.
        let kind = template.map_or(ExprKind::Literal(Value::dynamic()), |t| t.kind);
        Ok(Expr { kind, span })
    }

    /// The text of the string here, and where its parts stand.
    fn string_content(&mut self) -> Parsed<(String, Offsets)> {
        const SUMMARY: &str = "Invalid JSON string";
        self.pos += 1;
        let mut text = String::new();
        let mut map = Offsets(vec![(0, self.pos as u32)]);
        let mut from = self.pos;
        loop {
            match self.bytes.get(self.pos) {
                Some(b'"') => {
                    text.push_str(&self.file.text[from..self.pos]);
                    self.pos += 1;
                    return Ok((text, map));
                }
                Some(b'\\') => {
                    text.push_str(&self.file.text[from..self.pos]);
                    let Some((c, len)) = escape(self.bytes, self.pos) else {
                        let end = (self.pos + 2).min(self.bytes.len());
                        let end = if self.file.text.is_char_boundary(end) { end } else { self.pos + 1 };
                        return self.fail(self.pos, end, SUMMARY, "This is no escape sequence of JSON.");
                    };
                    map.0.push((text.len() as u32, self.pos as u32));
                    text.push(c);
                    self.pos += len;
                    from = self.pos;
                    map.0.push((text.len() as u32, self.pos as u32));
                }
                None => return self.fail_here(SUMMARY, "The closing quote of the string is missing."),
                Some(0..0x20) => {
                    return self.fail_here(
                        SUMMARY,
                        "Newlines and other control characters must be escaped in JSON, as in \\n. The closing quote \
                         may be missing.",
                    );
                }
                Some(_) => self.pos += 1,
            }
        }
    }
}

/// The character that the escape at `pos` stands for, and the length of the escape.
fn escape(bytes: &[u8], pos: usize) -> Option<(char, usize)> {
    let c = match bytes.get(pos + 1)? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => {
            let high = hex(bytes, pos + 2)?;
            if let Some(c) = char::from_u32(high) {
                return Some((c, 6));
            }
            if bytes.get(pos + 6..pos + 8) == Some(b"\\u")
                && let Some(low @ 0xdc00..0xe000) = hex(bytes, pos + 8)
                && high < 0xdc00
            {
                let code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                return Some((char::from_u32(code)?, 12));
            }
            // Half of a pair stands for no character.
            return Some((char::REPLACEMENT_CHARACTER, 6));
        }
        _ => return None,
    };
    Some((c, 2))
}

fn hex(bytes: &[u8], pos: usize) -> Option<u32> {
    let digits = bytes.get(pos..pos + 4)?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// A number as JSON writes it.
fn json_number(text: &str) -> Option<Number> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let whole = digits.len() - digits.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    if whole == 0 || (whole > 1 && digits.starts_with('0')) {
        return None;
    }
    let mut rest = &digits[whole..];
    if let Some(fraction) = rest.strip_prefix('.') {
        rest = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
        if rest.len() == fraction.len() {
            return None;
        }
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        rest = exponent.trim_start_matches(|c: char| c.is_ascii_digit());
        if rest.len() == exponent.len() {
            return None;
        }
    }
    if rest.is_empty() { Number::parse(text) } else { None }
}
