//! Diagnostics as text for terminals and as data for machine-readable output, in
//! the layouts that tools around Terraform know.
//!
//! The text has two forms: with colours it stands in a box with a rule at its
//! left; without, it is plain paragraphs.

use crate::diag::{Diagnostic, Severity, ValueNote};
use crate::outline::context_of;
use crate::source::{Position, SourceFile, Sources, Span};
use std::fmt::Write;

/// Gives the signature of a function by its name.
pub type SignatureOf<'a> = &'a dyn Fn(&str) -> Option<FunctionSignature>;

/// How to render.
#[derive(Clone, Copy)]
pub struct RenderOptions<'a> {
    /// ANSI colours, and the place underlined in the snippet.
    pub color: bool,
    /// A box with a rule at the left (usual with colours).
    pub boxed: bool,
    /// Columns of the terminal; 78 where there is none. 0 means no wrapping.
    pub width: usize,
    /// Gives the signature of a function, to show it where a call failed.
    pub signature: Option<SignatureOf<'a>>,
}

impl RenderOptions<'_> {
    /// What is written to a pipe with `-no-color`: plain, 78 columns.
    pub fn plain() -> RenderOptions<'static> {
        RenderOptions { color: false, boxed: false, width: 78, signature: None }
    }
}

/// A function's signature, for messages. Types are in the JSON notation of the
/// language: `string`, `["list","string"]`, `dynamic`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionSignature {
    /// The parameters: name and type.
    pub params: Vec<(String, String)>,
    /// The parameter that takes all further arguments.
    pub variadic: Option<(String, String)>,
    /// The type of the result.
    pub return_type: String,
}

/// A diagnostic as machine-readable output has it.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonDiagnostic {
    /// `error` or `warning`.
    pub severity: &'static str,
    /// As in [`Diagnostic`].
    pub summary: String,
    /// As in [`Diagnostic`].
    pub detail: String,
    /// As in [`Diagnostic`].
    pub address: Option<String>,
    /// The place, at least one byte long.
    pub range: Option<JsonRange>,
    /// The source around the place.
    pub snippet: Option<JsonSnippet>,
}

/// A place.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonRange {
    /// The name of the file.
    pub filename: String,
    /// First position.
    pub start: Position,
    /// Position after the last.
    pub end: Position,
}

/// Source code around a place.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonSnippet {
    /// The header of the top-level block around the place: `resource "a" "b"`.
    pub context: Option<String>,
    /// Whole lines, without the last newline.
    pub code: String,
    /// The number of the first line, from 1.
    pub start_line: u32,
    /// Where the place begins in `code`, in bytes.
    pub highlight_start_offset: usize,
    /// Where it ends.
    pub highlight_end_offset: usize,
    /// The values that took part: `traversal` and `statement`.
    pub values: Vec<ValueNote>,
    /// The call that failed.
    pub function_call: Option<JsonFunctionCall>,
}

/// A function call that failed.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonFunctionCall {
    /// The name as written.
    pub called_as: String,
    /// The signature, if the caller of the renderer knows it.
    pub signature: Option<FunctionSignature>,
}

/// The diagnostic as data. `signature` as in [`RenderOptions`].
pub fn render_json(
    diagnostic: &Diagnostic,
    sources: &Sources,
    signature: Option<SignatureOf<'_>>,
) -> JsonDiagnostic {
    let place = diagnostic.subject.map(|s| (sources.get(s.file), s));
    JsonDiagnostic {
        severity: match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        summary: diagnostic.summary.clone(),
        detail: diagnostic.detail.clone(),
        address: diagnostic.address.clone(),
        range: place.as_ref().map(|(file, span)| range(file, *span)),
        snippet: place.and_then(|(file, span)| snippet(diagnostic, &file, span, signature)),
    }
}

fn range(file: &SourceFile, span: Span) -> JsonRange {
    let start = file.position(span.start);
    let end = if span.is_empty() {
        Position { line: start.line, column: start.column + 1, byte: start.byte + 1 }
    } else {
        file.position(span.end)
    };
    JsonRange { filename: file.name.clone(), start, end }
}

/// The lines around a place. `None` when the file has no text to show.
fn snippet(
    diagnostic: &Diagnostic,
    file: &SourceFile,
    subject: Span,
    signature: Option<SignatureOf<'_>>,
) -> Option<JsonSnippet> {
    if file.text.is_empty() {
        return None;
    }
    let around = diagnostic.context.filter(|c| c.file == subject.file).map_or(subject, |c| c.to(subject));
    let first = file.line_of(around.start);
    // A place that ends with a newline reaches into the next line, which is shown too.
    let mut last = file.line_of(around.end).max(first);
    while last > first && file.line(last).is_empty() && file.line_start(last) >= file.text.len() {
        last -= 1;
    }
    let start = file.line_start(first);
    let end = file.line_start(last) + file.line(last).len();
    let code = file.text.get(start..end).unwrap_or("").replace('\r', "");
    let removed = |to: usize| file.text[start..to.clamp(start, end)].matches('\r').count();
    let offset = |byte: u32| (byte as usize).clamp(start, end) - start - removed(byte as usize);
    let highlight_start_offset = offset(subject.start);
    let highlight_end_offset = offset(if subject.is_empty() { subject.end + 1 } else { subject.end });
    Some(JsonSnippet {
        context: context_of(file, subject.start),
        highlight_start_offset: floor_boundary(&code, highlight_start_offset),
        highlight_end_offset: floor_boundary(&code, highlight_end_offset),
        code,
        start_line: first,
        values: diagnostic.values.clone(),
        function_call: diagnostic.function.as_ref().map(|name| JsonFunctionCall {
            called_as: name.clone(),
            signature: signature.and_then(|s| s(name)),
        }),
    })
}

fn floor_boundary(text: &str, mut offset: usize) -> usize {
    offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// The diagnostic as text, newline at the end included.
pub fn render_text(diagnostic: &Diagnostic, sources: &Sources, options: &RenderOptions<'_>) -> String {
    let style = Style { color: options.color };
    let content = content(diagnostic, sources, options, style);
    if !options.boxed {
        return format!("\n{content}");
    }
    let color = match diagnostic.severity {
        Severity::Error => RED,
        Severity::Warning => YELLOW,
    };
    let (color, reset) = if options.color { (color, RESET) } else { ("", "") };
    let mut out = format!("{color}╷{reset}{reset}\n");
    for line in content.strip_suffix('\n').unwrap_or(&content).split('\n') {
        let _ = writeln!(out, "{color}│{reset} {reset}{line}");
    }
    let _ = writeln!(out, "{color}╵{reset}{reset}");
    out
}

const RED: &str = "\x1b[31m";
const YELLOW: &str = "\x1b[33m";
const BOLD: &str = "\x1b[1m";
const UNDERLINE: &str = "\x1b[4m";
const DARK_GRAY: &str = "\x1b[90m";
const RESET: &str = "\x1b[0m";

#[derive(Clone, Copy)]
struct Style {
    color: bool,
}

impl Style {
    fn code(self, code: &'static str) -> &'static str {
        if self.color { code } else { "" }
    }
}

/// All but the box.
fn content(diagnostic: &Diagnostic, sources: &Sources, options: &RenderOptions<'_>, style: Style) -> String {
    let (bold, reset) = (style.code(BOLD), style.code(RESET));
    let (color, word) = match diagnostic.severity {
        Severity::Error => (style.code(RED), "Error: "),
        Severity::Warning => (style.code(YELLOW), "Warning: "),
    };
    let mut out = format!("{bold}{color}{word}{reset}{reset}{bold}{}{reset}\n\n", diagnostic.summary);
    if let Some(address) = &diagnostic.address {
        let _ = writeln!(out, "{reset}  with {address},");
    }
    if let Some(subject) = diagnostic.subject {
        let file = sources.get(subject.file);
        source(&mut out, diagnostic, &file, subject, options, style);
    } else if diagnostic.address.is_some() {
        out.push('\n');
    }
    if !diagnostic.detail.is_empty() {
        let room =
            if options.boxed { options.width.saturating_sub(3) } else { options.width.saturating_sub(1) };
        for line in diagnostic.detail.split('\n') {
            if line.starts_with(' ') || options.width == 0 {
                out.push_str(line);
            } else {
                wrap(&mut out, line, room.max(1));
            }
            out.push('\n');
        }
    }
    out
}

/// Where it is, the lines, and the values.
fn source(
    out: &mut String,
    diagnostic: &Diagnostic,
    file: &SourceFile,
    subject: Span,
    options: &RenderOptions<'_>,
    style: Style,
) {
    let (bold, gray, reset) = (style.code(BOLD), style.code(DARK_GRAY), style.code(RESET));
    let line = file.line_of(subject.start);
    // The part about the source begins with a reset, be it here or before the address.
    let first = if diagnostic.address.is_some() { "" } else { reset };
    let Some(snippet) = snippet(diagnostic, file, subject, options.signature) else {
        let _ = writeln!(out, "{first}  on {} line {line}:\n  (source code not available)\n", file.name);
        return;
    };
    let context = snippet.context.as_ref().map(|c| format!(", in {c}")).unwrap_or_default();
    let _ = writeln!(out, "{first}  on {} line {line}{context}:", file.name);

    let (start, end) = (snippet.highlight_start_offset, snippet.highlight_end_offset);
    let (before, rest) = snippet.code.split_at(start);
    let (marked, after) = rest.split_at(end.max(start) - start);
    let code = format!("{before}{}{marked}{reset}{after}{reset}", style.code(UNDERLINE));
    for (i, text) in code.split('\n').enumerate() {
        let _ = writeln!(out, "{:4}: {text}", snippet.start_line + i as u32);
    }

    if snippet.values.is_empty() && snippet.function_call.is_none() {
        out.push('\n');
        return;
    }
    let _ = writeln!(out, "    {gray}├────────────────{reset}");
    out.push_str(reset);
    if let Some(call) = &snippet.function_call {
        let _ = write!(out, "    {gray}│{reset} while calling {bold}{}{reset}({reset}", call.called_as);
        if let Some(signature) = &call.signature {
            let mut names: Vec<String> = signature.params.iter().map(|(name, _)| name.clone()).collect();
            names.extend(signature.variadic.iter().map(|(name, _)| format!("{name}...")));
            out.push_str(&names.join(", "));
        }
        out.push_str(")\n");
    }
    for value in &snippet.values {
        let _ = writeln!(out, "    {gray}│{reset} {bold}{}{reset} {}", value.expr, value.statement);
    }
    if !snippet.values.is_empty() {
        out.push_str(reset);
    }
    out.push('\n');
}

/// Appends `line` with newlines in place of blanks where it is wider than `limit`
/// characters. Words are never broken; a no-break space belongs to its word.
fn wrap(out: &mut String, line: &str, limit: usize) {
    let blank = |c: char| c.is_whitespace() && c != '\u{a0}';
    let mut column = 0;
    let mut rest = line;
    while !rest.is_empty() {
        let word_at = rest.find(|c| !blank(c)).unwrap_or(rest.len());
        let (blanks, after) = rest.split_at(word_at);
        let (word, after) = after.split_at(after.find(blank).unwrap_or(after.len()));
        rest = after;
        let (blanks_len, word_len) = (blanks.chars().count(), word.chars().count());
        if word.is_empty() {
            if column + blanks_len <= limit {
                out.push_str(blanks);
            }
        } else if column + blanks_len > 1 && column + blanks_len + word_len > limit {
            out.push('\n');
            out.push_str(word);
            column = word_len;
        } else {
            out.push_str(blanks);
            out.push_str(word);
            column += blanks_len + word_len;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> (Sources, Diagnostic) {
        let sources = Sources::new();
        let text = "resource \"aws_vpc\" \"x\" {\n  cidr_block = \"x\"\n}\n";
        let file = sources.add("main.tf", text);
        let start = text.find("\"x\"\n}").expect("the value");
        let d = Diagnostic::error("bad CIDR", "").at(Span::new(file.id, start, start + 3)).about("aws_vpc.x");
        (sources, d)
    }

    #[test]
    fn the_address_stands_before_the_place() {
        let (sources, d) = sample();
        let expected = "\nError: bad CIDR\n\n  with aws_vpc.x,\n  on main.tf line 2, in resource \"aws_vpc\" \"x\":\n   \
                        2:   cidr_block = \"x\"\n\n";
        assert_eq!(render_text(&d, &sources, &RenderOptions::plain()), expected);
        let options = RenderOptions { color: true, boxed: true, ..RenderOptions::plain() };
        let rule = "\x1b[31m│\x1b[0m \x1b[0m";
        let expected = [
            "\x1b[31m╷\x1b[0m\x1b[0m\n",
            rule,
            "\x1b[1m\x1b[31mError: \x1b[0m\x1b[0m\x1b[1mbad CIDR\x1b[0m\n",
            rule,
            "\n",
            rule,
            "\x1b[0m  with aws_vpc.x,\n",
            rule,
            "  on main.tf line 2, in resource \"aws_vpc\" \"x\":\n",
            rule,
            "   2:   cidr_block = \x1b[4m\"x\"\x1b[0m\x1b[0m\n",
            rule,
            "\n\x1b[31m╵\x1b[0m\x1b[0m\n",
        ];
        assert_eq!(render_text(&d, &sources, &options), expected.concat());
    }

    #[test]
    fn details_are_wrapped_but_not_indented_lines() {
        let (sources, mut d) = sample();
        d.subject = None;
        d.address = None;
        d.detail = "one two three\n  indented stays on its line\n\nunbreakableword x".into();
        let options = RenderOptions { width: 9, ..RenderOptions::plain() };
        assert_eq!(
            render_text(&d, &sources, &options),
            "\nError: bad CIDR\n\none two\nthree\n  indented stays on its line\n\nunbreakableword\nx\n"
        );
    }

    #[test]
    fn blank_lines_within_the_place_are_shown() {
        let (sources, mut d) = sample();
        let file = sources.add("b.tf", "a = [\n\n  1 2\n]\n");
        d = Diagnostic { address: None, ..d }
            .at(Span::new(file.id, 11, 12))
            .within(Span::new(file.id, 4, 12));
        let text = render_text(&d, &sources, &RenderOptions::plain());
        assert!(text.contains("  on b.tf line 3:\n   1: a = [\n   2: \n   3:   1 2\n"), "{text}");
    }
}
