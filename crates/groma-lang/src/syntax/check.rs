//! Diagnostics for characters that have no place in the language.

use super::strings::SpanAt;
use super::token::{Tok, Token};
use crate::diag::Diagnostics;
use crate::source::SourceFile;

/// Reports invalid tokens. Operators and quotes of other languages are reported
/// once a line: they come in pairs.
pub fn check_tokens(
    file: &SourceFile,
    text: &str,
    tokens: &[Token],
    span_at: SpanAt<'_>,
    diags: &mut Diagnostics,
) {
    let mut told = [0; 4];
    for token in tokens {
        let place = || span_at(token.start as usize, token.end as usize);
        let (group, summary, detail) = match token.kind {
            Tok::BitAnd => {
                (0, "Unsupported operator", "There are no bitwise operators. The logical one is \"&&\".")
            }
            Tok::BitOr => {
                (0, "Unsupported operator", "There are no bitwise operators. The logical one is \"||\".")
            }
            Tok::BitNot => {
                (0, "Unsupported operator", "There are no bitwise operators. The logical one is \"!\".")
            }
            Tok::BitXor => (0, "Unsupported operator", "There are no bitwise operators."),
            Tok::Apostrophe => {
                (1, "Invalid character", "Strings stand in double quotes (\"), not in single quotes.")
            }
            Tok::Backtick => (
                2,
                "Invalid character",
                "The character \"`\" has no meaning. Strings of several lines are written as heredocs, which begin \
                 with \"<<EOT\".",
            ),
            Tok::Semicolon => (
                3,
                "Invalid character",
                "The character \";\" has no meaning. Newlines separate arguments and blocks, commas the items of \
                 collections.",
            ),
            Tok::QuotedNewline => {
                diags.error(
                    place(),
                    "Invalid multi-line string",
                    "A string in quotes must end in the line in which it begins. Write \\n for a newline, or use a \
                     heredoc, which begins with \"<<EOT\".",
                );
                continue;
            }
            // Reported where the file was read.
            Tok::Invalid if token.text(text) == "\u{fffd}" => continue,
            Tok::Invalid => {
                let detail = match token.text(text) {
                    "\u{201c}" | "\u{201d}" => {
                        "Typographic quotes have no meaning; word processors put them in place of straight ones. \
                         Write a straight quote (\")."
                            .to_owned()
                    }
                    text => format!("The character {text:?} has no meaning here."),
                };
                diags.error(place(), "Invalid character", detail);
                continue;
            }
            _ => continue,
        };
        let span = place();
        let line = file.line_of(span.start);
        if told[group] < line {
            told[group] = line;
            diags.error(span, summary, detail);
        }
    }
}
