//! Whether a blank stands between two tokens of a line.

use super::Piece;
use super::Tok;

/// Whether a blank follows `this`, which stands after `before` (if not first in
/// its cell) and before `after`.
pub(super) fn blank_after(before: Option<&Piece<'_>>, this: &Piece<'_>, after: &Piece<'_>) -> bool {
    use Tok::{
        Bang, CBrace, CHeredoc, CQuote, Comma, Control, Dot, DoubleColon, Ellipsis, Ident, Interp, Minus,
        Newline, Number, OBrace, OBrack, OHeredoc, OParen, OQuote, QuotedLit, SeqEnd, StringLit,
    };
    match (this.kind, after.kind) {
        (_, Newline) => false,
        // A call, a namespaced name, an attribute.
        (Ident, OParen | DoubleColon) | (DoubleColon, Ident) => false,
        (Dot, _) | (_, Dot) => false,
        (_, Comma | Ellipsis) => false,
        (Comma, _) => true,
        // Text keeps its blanks within its tokens.
        (QuotedLit | StringLit | OQuote | OHeredoc, _) | (_, QuotedLit | StringLit | CQuote | CHeredoc) => {
            false
        }
        // `in [1]` is not an index.
        (Ident, _) if this.text == "in" && before.is_some_and(|b| b.kind == Ident) => true,
        (Ident | Number, OBrack) => false,
        (_, OBrack) if this.bracket_change() < 0 => false,
        (Minus, _) => before.is_some_and(|b| ends_operand(b.kind)),
        (Bang, _) => false,
        (OBrace, CBrace) => false,
        (OBrace, _) | (_, CBrace) => true,
        // `${ { a = 1 } }`
        (Interp | Control, OBrace) | (CBrace, SeqEnd) => true,
        (SeqEnd, Interp | Control) => false,
        _ => this.bracket_change() <= 0 && after.bracket_change() >= 0,
    }
}

/// Whether a minus after such a token subtracts, rather than negates.
fn ends_operand(kind: Tok) -> bool {
    !matches!(
        kind,
        Tok::OParen
            | Tok::OBrace
            | Tok::OBrack
            | Tok::Equal
            | Tok::Colon
            | Tok::Comma
            | Tok::Question
            | Tok::Plus
            | Tok::Minus
            | Tok::Star
            | Tok::Slash
            | Tok::Percent
            | Tok::EqualOp
            | Tok::NotEqual
            | Tok::Less
            | Tok::LessEq
            | Tok::Greater
            | Tok::GreaterEq
            | Tok::And
            | Tok::Or
            | Tok::Bang
    )
}
