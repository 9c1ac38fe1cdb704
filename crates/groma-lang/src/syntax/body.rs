//! Bodies: attributes and blocks.

use super::parser::{Failed, Parsed, Parser};
use super::token::{Tok, Token};
use crate::ast::{Attribute, Block, Body, Expr, Ident};
use crate::diag::Diagnostic;
use crate::source::Span;
use groma_value::Name;
use std::collections::HashMap;

const REQUIRED: &str = "Argument or block definition required";
const BAD_BLOCK: &str = "Invalid block definition";
const BAD_LINE: &str = "Invalid single-argument block definition";

impl Parser<'_> {
    /// The content of a file, or of a block up to its closing brace (taken).
    /// `opened` is the opening brace.
    pub fn body(&mut self, opened: Option<Token>) -> Body {
        let start = opened.map_or(0, |t| t.end);
        let mut body = Content::default();
        let end = loop {
            let token = self.peek();
            match token.kind {
                Tok::Newline => {
                    self.read();
                }
                Tok::Ident => self.item(&mut body),
                Tok::CBrace if opened.is_some() => break self.read(),
                Tok::Eof => {
                    if let Some(brace) = opened {
                        self.unclosed(brace);
                    }
                    break token;
                }
                _ => self.no_item(token),
            }
        };
        let start = if opened.is_some() { start } else { 0 };
        Body {
            attributes: body.attributes,
            blocks: body.blocks,
            span: self.span_between(start, if opened.is_some() { end.start } else { end.end }),
            end: self.span(end),
            json: false,
        }
    }

    /// The file ends within a block. After other errors this is likely to be their consequence.
    fn unclosed(&mut self, brace: Token) {
        if self.diags.is_empty() {
            self.error(
                self.span(brace),
                "Unclosed configuration block",
                "The file ends before the closing brace of this block. A brace may be missing here, or braces further \
                 down do not match.",
            );
        }
        self.silent = true;
    }

    /// Something where an item should begin.
    fn no_item(&mut self, token: Token) {
        let start = self.pos;
        let span = self.span(token);
        let brace = matches!(token.kind, Tok::CBrace | Tok::OBrace);
        // After an error this is likely to be its consequence.
        self.silent |= !self.diags.is_empty();
        if token.kind == Tok::OQuote {
            self.error(span, "Invalid argument name", "The name of an argument stands without quotes.");
        } else {
            self.error(span, REQUIRED, "Here an argument or a block must begin, with its name.");
        }
        if brace {
            self.silent = true;
            self.read();
            return;
        }
        self.recover(start);
        if self.pos == start {
            self.read();
        }
    }

    fn item(&mut self, body: &mut Content) {
        let start = self.pos;
        let token = self.read();
        let name = self.ident(token);
        match self.peek_kind() {
            Tok::Equal => {
                self.read();
                let attribute = self.attribute_value(name, start, false);
                self.add_attribute(body, attribute);
            }
            Tok::OQuote | Tok::OBrace | Tok::Ident => {
                let block = self.block(name, start);
                body.blocks.push(block);
            }
            _ => {
                self.error(
                    name.span,
                    REQUIRED,
                    format!(
                        "A name alone means nothing here. Give the argument a value (\"{0} = ...\"), or write a block \
                         (\"{0} {{ ... }}\").",
                        name.name
                    ),
                );
                self.recover(start);
            }
        }
    }

    fn add_attribute(&mut self, body: &mut Content, attribute: Attribute) {
        if let Some(first) = body.seen.get(&attribute.name.name) {
            let line = self.source.line_of(body.attributes[*first].name.span.start);
            let detail = format!(
                "The argument \"{}\" has a value already, from {} line {}. Each argument may be set only once.",
                attribute.name.name, self.source.name, line
            );
            self.error(attribute.name.span, "Attribute redefined", detail);
            return;
        }
        body.seen.insert(attribute.name.name.clone(), body.attributes.len());
        body.attributes.push(attribute);
    }

    /// What follows `name =`. `line` is for a block in one line: no newline is
    /// needed (nor taken).
    fn attribute_value(&mut self, name: Ident, start: usize, line: bool) -> Attribute {
        let from = self.prev_end();
        let expr = match self.expression() {
            Ok(expr) => expr,
            Err(Failed) => {
                self.recover(start);
                let expr = self.unreadable(self.span_between(from, self.prev_end()));
                return Attribute { span: name.span.to(expr.span), name, expr };
            }
        };
        let next = self.peek();
        if !line && !matches!(next.kind, Tok::Newline | Tok::Eof) {
            self.missing_newline(next, &expr);
            self.recover(start);
        }
        Attribute { span: name.span.to(expr.span), name, expr }
    }

    fn missing_newline(&mut self, next: Token, expr: &Expr) {
        let context = expr.span.to(self.span(next));
        if next.kind == Tok::Comma {
            self.error_within(
                self.span(next),
                context,
                "Unexpected comma after argument",
                "Arguments are separated by newlines, not by commas.",
            );
        } else {
            self.error_within(
                self.span(next),
                context,
                "Missing newline after argument",
                "The value of the argument ends before this; a newline must follow it.",
            );
        }
    }

    fn block(&mut self, ty: Ident, start: usize) -> Block {
        let mut labels = Vec::new();
        let header = self.labels(&ty, &mut labels);
        let header_span = labels.last().map_or(ty.span, |l: &Ident| ty.span.to(l.span));
        let body = match header {
            Ok(brace) => self.block_body(brace, start),
            Err(Failed) => {
                self.recover(start);
                self.silent = true;
                let end = self.span_between(self.prev_end(), self.prev_end());
                Body { attributes: Vec::new(), blocks: Vec::new(), span: end, end, json: false }
            }
        };
        let span = self.span_between(ty.span.start, body.end.end);
        Block { ty, labels, body, header: header_span, span }
    }

    /// The labels and the opening brace.
    fn labels(&mut self, ty: &Ident, labels: &mut Vec<Ident>) -> Parsed<Token> {
        loop {
            let token = self.peek();
            let context = ty.span.to(self.span(token));
            match token.kind {
                Tok::OBrace => return Ok(self.read()),
                Tok::Ident => {
                    self.read();
                    labels.push(self.ident(token));
                }
                Tok::OQuote => {
                    let (text, span) = self.quoted_literal()?;
                    labels.push(Ident { name: Name::from(&*text), span });
                }
                Tok::Equal => {
                    return self.fail_within(
                        self.span(token),
                        context,
                        BAD_BLOCK,
                        "The equals sign gives a value to an argument; it has no place in the header of a block.",
                    );
                }
                Tok::Newline => {
                    return self.fail_within(
                        self.span(token),
                        context,
                        BAD_BLOCK,
                        "The content of a block stands between \"{\" and \"}\", and the opening brace stands in the \
                         line of the block's header.",
                    );
                }
                _ => {
                    return self.fail_within(
                        self.span(token),
                        context,
                        BAD_BLOCK,
                        "Here a label in quotes or the opening brace (\"{\") of the block is expected.",
                    );
                }
            }
        }
    }

    fn block_body(&mut self, brace: Token, start: usize) -> Body {
        let body = self.with_newlines(true, |p| match p.peek_kind() {
            Tok::Newline | Tok::Eof | Tok::CBrace => {
                // Blocks nest as deep as the expressions may.
                p.deeper(|p| Ok(p.body(Some(brace))))
            }
            _ => p.line_body(brace),
        });
        let Ok(body) = body else {
            self.recover(start);
            self.silent = true;
            let end = self.span_between(self.prev_end(), self.prev_end());
            let span = self.span_between(brace.end, end.start);
            return Body { attributes: Vec::new(), blocks: Vec::new(), span, end, json: false };
        };
        let next = self.peek();
        if !matches!(next.kind, Tok::Newline | Tok::Eof) {
            self.error_within(
                self.span(next),
                body.end.to(self.span(next)),
                "Missing newline after block definition",
                "The block ends with its closing brace; a newline must follow it.",
            );
            let here = self.pos;
            self.silent |= next.kind == Tok::CBrace;
            self.recover(here);
        }
        body
    }

    /// The content of a block in one line: one argument at most.
    fn line_body(&mut self, brace: Token) -> Parsed<Body> {
        let start = self.pos;
        let token = self.peek();
        let line = self.span_between(brace.start, token.end);
        if token.kind != Tok::Ident {
            return self.fail_within(
                self.span(token),
                line,
                REQUIRED,
                "Here the name of an argument is expected.",
            );
        }
        self.read();
        let name = self.ident(token);
        match self.peek_kind() {
            Tok::Equal => {}
            Tok::OQuote | Tok::OBrace | Tok::Ident => {
                let next = self.peek();
                return self.fail_within(
                    name.span.to(self.span(next)),
                    line,
                    "Argument definition required",
                    format!(
                        "A block in one line holds one argument and no block. To set \"{}\", put an equals sign after \
                         it; a nested block goes on lines of its own.",
                        name.name
                    ),
                );
            }
            _ => {
                return self.fail_within(
                    name.span,
                    line,
                    REQUIRED,
                    format!("Give the argument a value with an equals sign: \"{} = ...\".", name.name),
                );
            }
        }
        self.read();
        let attribute = self.attribute_value(name, start, true);
        let next = self.peek();
        let end = match next.kind {
            Tok::CBrace => self.read(),
            Tok::Comma => {
                return self.line_error(
                    next,
                    line,
                    "A block in one line holds one argument only. With more, each goes on a line of its own.",
                );
            }
            Tok::Newline => {
                return self.line_error(
                    next,
                    line,
                    "The closing brace of a block that begins in one line stands in the same line. With more \
                     arguments, each goes on a line of its own.",
                );
            }
            Tok::Eof => {
                self.unclosed(brace);
                return Err(Failed);
            }
            _ if self.silent => return Err(Failed),
            _ => {
                return self.line_error(
                    next,
                    line,
                    "The closing brace must follow the one argument of a block in one line.",
                );
            }
        };
        Ok(Body {
            attributes: vec![attribute],
            blocks: Vec::new(),
            span: self.span_between(brace.end, end.start),
            end: self.span(end),
            json: false,
        })
    }

    fn line_error(&mut self, next: Token, line: Span, detail: &str) -> Parsed<Body> {
        if !self.silent {
            self.diags.push(Diagnostic::error(BAD_LINE, detail).at(self.span(next)).within(line));
        }
        Err(Failed)
    }
}

#[derive(Default)]
struct Content {
    attributes: Vec<Attribute>,
    blocks: Vec<Block>,
    seen: HashMap<Name, usize>,
}
