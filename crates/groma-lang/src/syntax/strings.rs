//! What the text between quotes and in templates stands for.

use crate::diag::Diagnostics;
use crate::source::Span;

/// Makes a span from a range of offsets in the text.
pub type SpanAt<'a> = &'a dyn Fn(usize, usize) -> Span;

/// Resolves `$${`, `%%{` and, if `quoted`, backslash escapes. `start` is the offset
/// of `raw` in the text; bad escapes are reported and left out.
pub fn unescape(
    raw: &str,
    quoted: bool,
    start: usize,
    span_at: SpanAt<'_>,
    diags: &mut Diagnostics,
) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(i) = rest.find(|c| matches!(c, '$' | '%') || (quoted && c == '\\')) {
        out.push_str(&rest[..i]);
        rest = &rest[i..];
        let at = start + raw.len() - rest.len();
        if rest.starts_with("$${") || rest.starts_with("%%{") {
            out.push_str(&rest[1..3]);
            rest = &rest[3..];
        } else if rest.starts_with('\\') {
            let len = escape(rest, &mut out, at, span_at, diags);
            rest = &rest[len..];
        } else {
            out.push_str(&rest[..1]);
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}

/// Resolves the escape at the start of `rest`; returns its length.
fn escape(rest: &str, out: &mut String, at: usize, span_at: SpanAt<'_>, diags: &mut Diagnostics) -> usize {
    const SUMMARY: &str = "Invalid escape sequence";
    let Some(selector) = rest[1..].chars().next() else {
        let span = span_at(at, at + 1);
        diags.error(
            span,
            SUMMARY,
            "A backslash must be followed by what it escapes; write \\\\ for a backslash.",
        );
        return 1;
    };
    let simple = match selector {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        '"' => '"',
        '\\' => '\\',
        'u' | 'U' => {
            let (want, words) = if selector == 'u' { (4, "four") } else { (8, "eight") };
            let digits = rest[2..].bytes().take(want).take_while(u8::is_ascii_hexdigit).count();
            let len = 2 + digits;
            let span = span_at(at, at + len);
            if digits < want {
                diags.error(
                    span,
                    SUMMARY,
                    format!("After \\{selector} there must be exactly {words} hexadecimal digits."),
                );
                return len;
            }
            let code = u32::from_str_radix(&rest[2..len], 16).unwrap_or(u32::MAX);
            match char::from_u32(code) {
                Some(c) => out.push(c),
                None => diags.error(
                    span,
                    SUMMARY,
                    format!("There is no Unicode character U+{code:04x} that UTF-8 can represent."),
                ),
            }
            return len;
        }
        other => {
            let len = 1 + other.len_utf8();
            diags.error(
                span_at(at, at + len),
                SUMMARY,
                format!("\\{other} is not an escape sequence. Known are \\n, \\r, \\t, \\\", \\\\, \\uNNNN and \\UNNNNNNNN."),
            );
            return len;
        }
    };
    out.push(simple);
    2
}
