//! `for` expressions.

use super::parser::{Parsed, Parser};
use super::token::{Tok, Token};
use crate::ast::{Expr, ExprKind, ForExpr, Ident};

const SUMMARY: &str = "Invalid 'for' expression";

impl Parser<'_> {
    /// From the word `for` to the closing bracket. Newlines are not significant.
    pub fn for_expression(&mut self, open: Token, closing: Tok) -> Parsed<Expr> {
        let intro_start = self.read();
        let (key_name, value_name) = self.for_names(open)?;
        let collection = self.expression()?;
        let colon = self.peek();
        if colon.kind != Tok::Colon {
            return self.for_error(
                open,
                colon,
                "A colon is expected after the collection of a 'for' expression.",
            );
        }
        self.read();
        let intro = self.span(intro_start).to(self.span(colon));

        let mut value = self.expression()?;
        let mut key = None;
        let mut group = false;
        if let Some(arrow) = self.eat(Tok::FatArrow) {
            if closing == Tok::CBrack {
                return self.for_error(
                    open,
                    arrow,
                    "A 'for' expression in brackets makes a tuple, which has no keys. For an object, use braces.",
                );
            }
            key = Some(value);
            value = self.expression()?;
            group = self.eat(Tok::Ellipsis).is_some();
        } else if closing == Tok::CBrace {
            let next = self.peek();
            return self.for_error(
                open,
                next,
                "A 'for' expression in braces makes an object and needs a key: \"key => value\".",
            );
        } else if let Some(dots) = self.eat(Tok::Ellipsis) {
            return self.for_error(
                open,
                dots,
                "Grouping by \"...\" needs keys, so it works for objects only.",
            );
        }

        let mut condition = None;
        let next = self.peek();
        if self.is_word(next, "if") {
            self.read();
            condition = Some(self.expression()?);
        }
        let close = self.peek();
        if close.kind != closing {
            return self.for_error(
                open,
                close,
                if closing == Tok::CBrack {
                    "A closing bracket is expected here, to end the 'for' expression."
                } else {
                    "A closing brace is expected here, to end the 'for' expression."
                },
            );
        }
        self.read();
        let kind = ExprKind::For(Box::new(ForExpr {
            key_name,
            value_name,
            collection,
            key,
            value,
            condition,
            group,
            intro,
        }));
        Ok(Expr { kind, span: self.span(open).to(self.span(close)) })
    }

    fn for_error<T>(&mut self, open: Token, at: Token, detail: &str) -> Parsed<T> {
        self.fail_within(self.span(at), self.span(open).to(self.span(at)), SUMMARY, detail)
    }

    fn for_names(&mut self, open: Token) -> Parsed<(Option<Ident>, Ident)> {
        let first = self.peek();
        if first.kind != Tok::Ident {
            return self.for_error(open, first, "After 'for' the name of a variable is expected.");
        }
        self.read();
        let first = self.ident(first);
        let mut names = (None, first);
        if self.eat(Tok::Comma).is_some() {
            let second = self.peek();
            if second.kind != Tok::Ident {
                return self.for_error(
                    open,
                    second,
                    "After the comma the name of a second variable is expected.",
                );
            }
            self.read();
            names = (Some(names.1), self.ident(second));
        }
        let word = self.peek();
        if !self.is_word(word, "in") {
            return self.for_error(
                open,
                word,
                "After the names of a 'for' expression the word 'in' is expected.",
            );
        }
        self.read();
        Ok(names)
    }
}
