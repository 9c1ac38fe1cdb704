//! Spellings of old that the formatter brings up to date: values that are one
//! interpolation and nothing else, types in quotes, labels without quotes.

use super::super::token::{Tok, Token};
use super::Piece;
use crate::ast::{Block, Body, Expr};
use crate::source::Span;
use unicode_normalization::UnicodeNormalization;

/// What replaces a range of tokens.
struct Edit<'a> {
    start: usize,
    end: usize,
    with: Vec<Piece<'a>>,
}

/// The tokens as pieces, with the spellings of old replaced.
pub(super) fn rewrite<'a>(text: &'a str, tokens: &[Token], body: &Body) -> Vec<Piece<'a>> {
    let mut rewriter = Rewriter { text, tokens, edits: Vec::new() };
    rewriter.body(body, &[]);
    let Rewriter { mut edits, .. } = rewriter;
    edits.sort_by_key(|e| e.start);
    let mut out = Vec::with_capacity(tokens.len());
    let mut at = 0;
    for edit in edits {
        out.extend(tokens[at..edit.start].iter().map(|t| Piece::new(t.kind, t.text(text))));
        out.extend(edit.with);
        at = edit.end;
    }
    out.extend(tokens[at..].iter().filter(|t| t.kind != Tok::Eof).map(|t| Piece::new(t.kind, t.text(text))));
    out
}

struct Rewriter<'a, 't> {
    text: &'a str,
    tokens: &'t [Token],
    edits: Vec<Edit<'a>>,
}

impl<'a> Rewriter<'a, '_> {
    fn body(&mut self, body: &Body, within: &[&str]) {
        for attribute in &body.attributes {
            if within == ["variable"] && &*attribute.name.name == "type" {
                self.type_constraint(&attribute.expr);
            } else {
                self.value(&attribute.expr);
            }
        }
        for block in &body.blocks {
            self.labels(block);
            let mut within = within.to_vec();
            within.push(&block.ty.name);
            self.body(&block.body, &within);
        }
    }

    /// The indexes of the tokens of a span.
    fn range(&self, span: Span) -> (usize, usize) {
        let start = self.tokens.partition_point(|t| t.start < span.start);
        let end = self.tokens.partition_point(|t| t.start < span.end);
        (start, end)
    }

    fn piece(&self, token: &Token) -> Piece<'a> {
        Piece::new(token.kind, token.text(self.text))
    }

    /// `list` is `list(any)`; types in quotes are of the language's first years.
    fn type_constraint(&mut self, expr: &Expr) {
        let (start, end) = self.range(expr.span);
        let call = |name: &'static str, argument: &'static str| {
            vec![
                Piece::new(Tok::Ident, name),
                Piece::new(Tok::OParen, "("),
                Piece::new(Tok::Ident, argument),
                Piece::new(Tok::CParen, ")"),
            ]
        };
        let with = match &self.tokens[start..end] {
            [word] if word.kind == Tok::Ident => match word.text(self.text) {
                "list" => call("list", "any"),
                "map" => call("map", "any"),
                "set" => call("set", "any"),
                _ => return,
            },
            [open, word, close] if open.kind == Tok::OQuote && close.kind == Tok::CQuote => {
                match word.text(self.text) {
                    "string" => vec![Piece::new(Tok::Ident, "string")],
                    "list" => call("list", "string"),
                    "map" => call("map", "string"),
                    _ => return,
                }
            }
            _ => return,
        };
        self.edits.push(Edit { start, end, with });
    }

    /// `"${x}"` is `x`. What spans lines gets parentheses, if it has none.
    fn value(&mut self, expr: &Expr) {
        let (start, end) = self.range(expr.span);
        let [open, begin, inside @ .., finish, close] = &self.tokens[start..end] else { return };
        let kinds = (open.kind, begin.kind, finish.kind, close.kind);
        if kinds != (Tok::OQuote, Tok::Interp, Tok::SeqEnd, Tok::CQuote) || inside.is_empty() {
            return;
        }
        let mut quotes = 0;
        for token in inside {
            match token.kind {
                Tok::OQuote => quotes += 1,
                Tok::CQuote => quotes -= 1,
                Tok::Interp | Tok::SeqEnd | Tok::QuotedLit if quotes <= 0 => return,
                _ => {}
            }
        }
        let is_text = |t: &Token| t.kind != Tok::Newline;
        let Some(first) = inside.iter().position(is_text) else { return };
        let last = inside.iter().rposition(is_text).unwrap_or(first);
        let inside = &inside[first..=last];
        let lines = inside.iter().any(|t| t.kind == Tok::Newline);
        let wrapped = inside.first().is_some_and(|t| t.kind == Tok::OParen)
            && inside.last().is_some_and(|t| t.kind == Tok::CParen);
        let mut with: Vec<Piece<'a>> = inside.iter().map(|t| self.piece(t)).collect();
        if lines && !wrapped {
            with.insert(0, Piece::new(Tok::OParen, "("));
            with.push(Piece::new(Tok::CParen, ")"));
        }
        self.edits.push(Edit { start, end, with });
    }

    /// Labels in quotes, nothing between them.
    fn labels(&mut self, block: &Block) {
        let Some(last) = block.labels.last() else { return };
        let start = self.range(block.ty.span).1;
        let end = self.range(last.span).1;
        let mut with = Vec::new();
        for label in &block.labels {
            with.push(Piece::new(Tok::OQuote, "\""));
            with.push(Piece::new(Tok::QuotedLit, escape(&label.name)));
            with.push(Piece::new(Tok::CQuote, "\""));
        }
        self.edits.push(Edit { start, end, with });
    }
}

/// The text as it is written between quotes.
fn escape(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.nfc().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '$' | '%' => {
                out.push(c);
                if chars.peek() == Some(&'{') {
                    out.push(c);
                }
            }
            _ => out.push(c),
        }
    }
    out
}
