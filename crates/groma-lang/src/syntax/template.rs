//! Templates: quoted strings, heredocs, and the files of `templatefile`.
//!
//! A template is read into a flat list of pieces first, because trimming by `~`
//! and the removal of a heredoc's indentation look at neighbours in the text,
//! whatever directive these belong to. Then directives are matched up.

use super::parser::{Parsed, Parser};
use super::strings::unescape;
use super::token::{Tok, Token};
use crate::ast::{Expr, ExprKind, Ident, TemplatePart};
use crate::diag::Diagnostics;
use crate::source::Span;
use groma_value::Value;
use std::sync::Arc;
use std::vec::IntoIter;
use unicode_segmentation::UnicodeSegmentation;

const DIRECTIVE: &str = "Invalid template directive";

enum Piece {
    Text { value: String, span: Span },
    Interpolation(Expr),
    If(Expr, Span),
    Else(Span),
    EndIf(Span),
    For { key_name: Option<Ident>, value_name: Ident, collection: Box<Expr>, span: Span },
    EndFor(Span),
}

impl Parser<'_> {
    /// A quoted string or a heredoc.
    pub fn template_expression(&mut self) -> Parsed<Expr> {
        let open = self.read();
        let heredoc = open.kind == Tok::OHeredoc;
        let end = if heredoc { Tok::CHeredoc } else { Tok::CQuote };
        let flush = heredoc && open.text(self.text).starts_with("<<-");
        self.template(open, end, flush)
    }

    /// The template of a whole file.
    pub fn bare_template(&mut self) -> Parsed<Expr> {
        let start = Token { kind: Tok::Eof, start: 0, end: 0 };
        self.template(start, Tok::Eof, false)
    }

    /// What follows `open`, up to `end` (taken).
    fn template(&mut self, open: Token, end: Tok, flush: bool) -> Parsed<Expr> {
        let (mut pieces, close) = self.with_newlines(true, |p| p.pieces(open, end))?;
        if flush {
            remove_indentation(&mut pieces);
        }
        let span = self.span_between(open.start, close.end);
        let kind = if let [Piece::Interpolation(_)] = &pieces[..] {
            let Some(Piece::Interpolation(inner)) = pieces.pop() else { return Err(super::parser::Failed) };
            ExprKind::TemplateWrap(Box::new(inner))
        } else if pieces.iter().all(|p| matches!(p, Piece::Text { .. })) {
            let text: String = pieces
                .iter()
                .map(|p| if let Piece::Text { value, .. } = p { value.as_str() } else { "" })
                .collect();
            ExprKind::Literal(Value::string(text))
        } else {
            let mut rest = pieces.into_iter();
            let mut parts = Vec::new();
            self.parts(&mut rest, &mut parts, None, close)?;
            ExprKind::Template(parts)
        };
        Ok(Expr { kind, span })
    }

    fn pieces(&mut self, open: Token, end: Tok) -> Parsed<(Vec<Piece>, Token)> {
        let mut pieces = Vec::new();
        let mut trim_next = false;
        loop {
            let token = self.read();
            if token.kind == end {
                return Ok((pieces, token));
            }
            let trim = std::mem::take(&mut trim_next);
            match token.kind {
                Tok::QuotedLit | Tok::StringLit => {
                    let quoted = token.kind == Tok::QuotedLit;
                    let mut value = self.unescape(token, quoted);
                    if trim {
                        value = value.trim_start().to_owned();
                    }
                    pieces.push(Piece::Text { value, span: self.span(token) });
                }
                Tok::Interp | Tok::Control => {
                    if token.end - token.start == 3
                        && let Some(Piece::Text { value, .. }) = pieces.last_mut()
                    {
                        value.truncate(value.trim_end().len());
                    }
                    let (piece, close) = self.with_newlines(false, |p| {
                        if token.kind == Tok::Interp {
                            p.interpolation(token, end)
                        } else {
                            p.directive(token)
                        }
                    })?;
                    trim_next = close.end - close.start == 2;
                    pieces.push(piece);
                }
                _ => {
                    let span = self.span(token);
                    let detail = match end {
                        Tok::CQuote => "The closing quote of the string is missing.".to_owned(),
                        _ => format!(
                            "The closing marker \"{}\" of the string that begins in line {} is missing. It must stand \
                             alone in its line, and a newline must follow it.",
                            open.text(self.text).trim_start_matches(['<', '-']).trim_end(),
                            self.source.line_of(self.span(open).start),
                        ),
                    };
                    return self.fail(span, "Unterminated template string", detail);
                }
            }
        }
    }

    /// After `${`.
    fn interpolation(&mut self, open: Token, end: Tok) -> Parsed<(Piece, Token)> {
        const EXTRA: &str = "Extra characters after interpolation expression";
        const UNCLOSED: &str = "Unclosed template interpolation sequence";
        let expr = self.expression()?;
        let close = self.peek();
        let context = self.span(open).to(self.span(close));
        match close.kind {
            Tok::SeqEnd => {
                self.read();
                Ok((Piece::Interpolation(expr), close))
            }
            Tok::Eof => self.fail(
                self.span(open),
                UNCLOSED,
                "The file ends before the brace that closes this interpolation. Brackets or quotes within it may not \
                 match.",
            ),
            Tok::OQuote | Tok::CQuote if end == Tok::CQuote => self.fail(
                self.span(open),
                UNCLOSED,
                "The string ends before the brace that closes this interpolation. Brackets or quotes within it may \
                 not match.",
            ),
            Tok::Colon => self.fail_within(
                self.span(close),
                context,
                EXTRA,
                "A colon means nothing here. If this is meant for another language, such as a shell, write \"$${\" in \
                 place of \"${\".",
            ),
            _ => self.fail_within(
                self.span(close),
                context,
                EXTRA,
                "The interpolation must end with a closing brace after its expression.\n\nIf this is meant for \
                 another language, such as a shell, write \"$${\" in place of \"${\".",
            ),
        }
    }

    /// After `%{`.
    fn directive(&mut self, open: Token) -> Parsed<(Piece, Token)> {
        let word = self.peek();
        let context = self.span(open).to(self.span(word));
        if word.kind != Tok::Ident {
            return self.fail_within(
                self.span(word),
                context,
                DIRECTIVE,
                "After \"%{\" one of the words if, else, endif, for, endfor is expected. Write \"%%{\" for the \
                 characters themselves.",
            );
        }
        self.read();
        let text = word.text(self.text);
        let span = self.span(open);
        let mut piece = match text {
            "if" => Piece::If(self.expression()?, span),
            "else" => Piece::Else(span),
            "endif" => Piece::EndIf(span),
            "for" => self.for_directive(open)?,
            "endfor" => Piece::EndFor(span),
            _ => {
                return self.fail_within(
                    self.span(word),
                    context,
                    "Invalid template control keyword",
                    format!("\"{text}\" is no directive. Known are if, else, endif, for and endfor."),
                );
            }
        };
        let close = self.peek();
        let whole = self.span(open).to(self.span(close));
        if close.kind != Tok::SeqEnd {
            return self.fail_within(
                self.span(close),
                whole,
                &format!("Extra characters in {text} marker"),
                "The directive must end with a closing brace here.",
            );
        }
        self.read();
        match &mut piece {
            Piece::If(_, s) | Piece::Else(s) | Piece::EndIf(s) | Piece::EndFor(s) => *s = whole,
            Piece::For { span, .. } => *span = whole,
            Piece::Text { .. } | Piece::Interpolation(_) => {}
        }
        Ok((piece, close))
    }

    fn for_directive(&mut self, open: Token) -> Parsed<Piece> {
        const SUMMARY: &str = "Invalid 'for' directive";
        let fail = |p: &mut Self, at: Token, detail: &str| {
            p.fail_within(p.span(at), p.span(open).to(p.span(at)), SUMMARY, detail)
        };
        let first = self.peek();
        if first.kind != Tok::Ident {
            return fail(self, first, "After 'for' the name of a variable is expected.");
        }
        self.read();
        let mut value_name = self.ident(first);
        let mut key_name = None;
        if self.eat(Tok::Comma).is_some() {
            let second = self.peek();
            if second.kind != Tok::Ident {
                return fail(self, second, "After the comma the name of a second variable is expected.");
            }
            self.read();
            key_name = Some(std::mem::replace(&mut value_name, self.ident(second)));
        }
        let word = self.peek();
        if !self.is_word(word, "in") {
            return fail(self, word, "After the names of a 'for' directive the word 'in' is expected.");
        }
        self.read();
        let collection = Box::new(self.expression()?);
        Ok(Piece::For { key_name, value_name, collection, span: self.span(open) })
    }

    /// Moves pieces to `out` up to what ends the directive `within` (at the top:
    /// all of them), and returns it. `close` is the end of the template.
    fn parts(
        &mut self,
        rest: &mut IntoIter<Piece>,
        out: &mut Vec<TemplatePart>,
        within: Option<(&'static str, Span)>,
        close: Token,
    ) -> Parsed<Option<Piece>> {
        while let Some(piece) = rest.next() {
            match piece {
                Piece::Text { value, span } => push_text(out, value, span),
                Piece::Interpolation(expr) => out.push(TemplatePart::Interpolation(expr)),
                Piece::If(condition, span) => {
                    let part = self.deeper(|p| p.if_parts(rest, condition, span, close))?;
                    out.push(part);
                }
                Piece::For { key_name, value_name, collection, span } => {
                    let mut body = Vec::new();
                    let end = self.deeper(|p| p.parts(rest, &mut body, Some(("for", span)), close))?;
                    let span = match end {
                        Some(Piece::EndFor(end)) => span.to(end),
                        Some(Piece::Else(end)) => {
                            return self.unexpected(end, "else", "It belongs to an if directive.");
                        }
                        Some(Piece::EndIf(end)) => {
                            return self.unexpected(end, "endif", "A for directive is open.");
                        }
                        _ => span,
                    };
                    out.push(TemplatePart::For { key_name, value_name, collection: *collection, body, span });
                }
                Piece::Else(_) | Piece::EndIf(_) | Piece::EndFor(_) if within.is_some() => {
                    return Ok(Some(piece));
                }
                Piece::Else(span) => return self.unexpected(span, "else", "No if directive is open."),
                Piece::EndIf(span) => return self.unexpected(span, "endif", "No if directive is open."),
                Piece::EndFor(span) => return self.unexpected(span, "endfor", "No for directive is open."),
            }
        }
        match within {
            None => Ok(None),
            Some((word, open)) => {
                let line = self.source.line_of(open.start);
                self.fail(
                    self.span(close),
                    "Unexpected end of template",
                    format!("The {word} directive in line {line} is not closed by \"%{{ end{word} }}\"."),
                )
            }
        }
    }

    fn if_parts(
        &mut self,
        rest: &mut IntoIter<Piece>,
        condition: Expr,
        open: Span,
        close: Token,
    ) -> Parsed<TemplatePart> {
        let mut then = Vec::new();
        let mut otherwise = Vec::new();
        let mut end = self.parts(rest, &mut then, Some(("if", open)), close)?;
        if let Some(Piece::Else(_)) = end {
            end = self.parts(rest, &mut otherwise, Some(("if", open)), close)?;
        }
        match end {
            Some(Piece::EndIf(end)) => {
                Ok(TemplatePart::If { condition, then, otherwise, span: open.to(end) })
            }
            Some(Piece::Else(span)) => self.unexpected(span, "else", "The if directive has an else already."),
            Some(Piece::EndFor(span)) => self.unexpected(span, "endfor", "An if directive is open."),
            _ => Err(super::parser::Failed),
        }
    }

    fn unexpected<T>(&mut self, span: Span, word: &str, why: &str) -> Parsed<T> {
        self.fail(
            span,
            &format!("Unexpected {word} directive"),
            format!("There is nothing for this {word} to belong to. {why}"),
        )
    }

    /// The text that a token stands for.
    fn unescape(&mut self, token: Token, quoted: bool) -> String {
        let mut errors = Diagnostics::new();
        let span_at = |start: usize, end: usize| self.span_between(start as u32, end as u32);
        let value = unescape(token.text(self.text), quoted, token.start as usize, &span_at, &mut errors);
        if !self.silent {
            self.diags.extend(errors);
        }
        value
    }

    /// A quoted string without interpolation, as a label.
    pub fn quoted_literal(&mut self) -> Parsed<(String, Span)> {
        let open = self.read();
        let mut text = String::new();
        loop {
            let token = self.with_newlines(true, Self::read);
            match token.kind {
                Tok::CQuote => return Ok((text, self.span(open).to(self.span(token)))),
                Tok::QuotedLit => {
                    text += &self.unescape(token, true);
                }
                Tok::Interp | Tok::Control => {
                    let which = if token.kind == Tok::Interp { "$" } else { "%" };
                    return self.fail(
                        self.span(token),
                        "Invalid string literal",
                        format!(
                            "This string must be constant, without templates. For the character itself write \
                             \"{which}{which}\"."
                        ),
                    );
                }
                Tok::Eof => {
                    return self.fail(
                        self.span(token),
                        "Unterminated string literal",
                        "The file ends before the closing quote of the string.",
                    );
                }
                _ => {
                    return self.fail(
                        self.span(token),
                        "Invalid string literal",
                        "This must not stand in a string. Its closing quote may be missing.",
                    );
                }
            }
        }
    }
}

fn push_text(out: &mut Vec<TemplatePart>, value: String, span: Span) {
    if value.is_empty() {
        return;
    }
    if let Some(TemplatePart::Text(text, at)) = out.last_mut() {
        *text = Arc::from(format!("{text}{value}"));
        *at = at.to(span);
    } else {
        out.push(TemplatePart::Text(Arc::from(value), span));
    }
}

/// `<<-`: removes from each line the indentation that all lines have in common.
/// Blank lines do not count; a line that starts with a sequence has none.
fn remove_indentation(pieces: &mut [Piece]) {
    let mut least = usize::MAX;
    let mut line_start = true;
    let mut starts = Vec::new();
    for (i, piece) in pieces.iter().enumerate() {
        let text = if let Piece::Text { value, .. } = piece { Some(value.as_str()) } else { None };
        if std::mem::take(&mut line_start) {
            match text {
                Some(text) => {
                    let trimmed = text.trim_start();
                    if !(trimmed.is_empty() && text.ends_with('\n')) {
                        let indent = text[..text.len() - trimmed.len()].graphemes(true).count();
                        least = least.min(indent);
                        starts.push(i);
                    }
                }
                None => least = 0,
            }
        }
        line_start = text.is_some_and(|t| t.ends_with('\n'));
    }
    for i in starts {
        if let Piece::Text { value, span } = &mut pieces[i] {
            let cut: usize = value.graphemes(true).take(least).map(str::len).sum();
            value.drain(..cut);
            span.start += cut as u32;
        }
    }
}
