//! The formatter. It works on tokens: it sets the blanks before each token and
//! leaves the tokens, their order and the lines alone, but for a few spellings of
//! old (see [`rewrite`]).
//!
//! The layout is the one that `terraform fmt` gives, byte for byte; that decides
//! whenever a rule here looks arbitrary.

mod layout;
mod rewrite;
mod spacing;

use super::lexer::{Start, lex};
use super::token::Tok;
use crate::diag::Diagnostics;
use crate::source::{SourceFile, Sources};
use std::borrow::Cow;

/// A token with the blanks before it.
#[derive(Clone, Debug)]
struct Piece<'a> {
    kind: Tok,
    text: Cow<'a, str>,
    blanks: usize,
}

impl<'a> Piece<'a> {
    fn new(kind: Tok, text: impl Into<Cow<'a, str>>) -> Piece<'a> {
        Piece { kind, text: text.into(), blanks: 0 }
    }

    /// How many more brackets are open after the token than before.
    fn bracket_change(&self) -> isize {
        match self.kind {
            Tok::OBrace | Tok::OBrack | Tok::OParen | Tok::Interp | Tok::Control => 1,
            Tok::CBrace | Tok::CBrack | Tok::CParen | Tok::SeqEnd => -1,
            _ => 0,
        }
    }

    fn ends_line(&self) -> bool {
        self.kind == Tok::Newline || (self.kind == Tok::Comment && self.text.ends_with('\n'))
    }
}

/// The text in canonical layout. A text with syntax errors is returned as it is.
pub fn format(text: &str) -> String {
    let file = Sources::new().add("", text);
    format_file(&file, &mut Diagnostics::new()).unwrap_or_else(|| text.to_owned())
}

/// The text of a file in canonical layout; `None` after errors of syntax, which are reported.
pub fn format_file(file: &SourceFile, diags: &mut Diagnostics) -> Option<String> {
    let text = &*file.text;
    let mut found = Diagnostics::new();
    let body = super::parse_file(file, &mut found);
    let bad = found.has_errors();
    diags.extend(found);
    if bad {
        return None;
    }
    let tokens = lex(text, Start::Normal);
    let mut pieces = rewrite::rewrite(text, &tokens, &body);
    drop(body);
    layout::layout(&mut pieces);
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for piece in &pieces {
        out.extend(std::iter::repeat_n(' ', piece.blanks));
        out.push_str(&piece.text);
    }
    // Blanks at the very end belong to no line, and stay.
    let end = tokens.len().checked_sub(2).map_or(0, |last| tokens[last].end as usize);
    out.extend(text[end..].chars().filter(|c| *c != '\u{feff}').map(|_| ' '));
    Some(out)
}
