//! The state of the parser: a cursor over tokens, nesting, and recovery.

use super::token::{Tok, Token};
use crate::ast::{Expr, ExprKind, Ident};
use crate::diag::Diagnostics;
use crate::source::{FileId, SourceFile, Span};
use groma_value::{Name, Value};
use std::collections::HashMap;

/// The parser gave up on the item; the reason is in the diagnostics.
#[derive(Debug)]
pub struct Failed;

/// A node, or nothing because of a reported error.
pub type Parsed<T> = Result<T, Failed>;

/// Expressions nest at most this deep (brackets, operators and steps all count),
/// so that code that walks the tree recursively knows the stack that it needs.
pub const MAX_DEPTH: u32 = 1000;

/// Depth up to which the parser runs on the caller's stack.
pub const SHALLOW_DEPTH: u32 = 48;

pub struct Parser<'a> {
    pub file: FileId,
    pub source: &'a SourceFile,
    pub text: &'a str,
    /// Without comments: one with a newline is a newline.
    pub tokens: &'a [Token],
    pub pos: usize,
    /// Whether newlines count, innermost last.
    newlines: Vec<bool>,
    pub diags: Diagnostics,
    /// After an error that leaves the nesting in doubt, further ones would
    /// mostly be consequences of it.
    pub silent: bool,
    pub depth: u32,
    pub max_depth: u32,
    /// The text nests deeper than `max_depth`.
    pub too_deep: bool,
    /// Where the text stands in the file, when it is the content of a JSON string.
    map: Option<&'a Offsets>,
    names: HashMap<&'a str, Name>,
}

/// Places in a file of the parts of a decoded text: pairs of offsets in the text
/// and in the file, ascending; between two entries both advance alike.
#[derive(Debug, Default)]
pub struct Offsets(pub Vec<(u32, u32)>);

impl Offsets {
    /// The place in the file of `offset` in the text.
    pub fn at(&self, offset: u32) -> u32 {
        let i = self.0.partition_point(|(text, _)| *text <= offset);
        let (text, file) = i.checked_sub(1).and_then(|i| self.0.get(i)).copied().unwrap_or((0, 0));
        file + (offset - text)
    }
}

impl<'a> Parser<'a> {
    pub fn new(source: &'a SourceFile, tokens: &'a [Token], max_depth: u32) -> Parser<'a> {
        Parser {
            file: source.id,
            source,
            text: &source.text,
            tokens,
            pos: 0,
            newlines: vec![true],
            diags: Diagnostics::new(),
            silent: false,
            depth: 0,
            max_depth,
            too_deep: false,
            map: None,
            names: HashMap::new(),
        }
    }

    /// For a text that is not the file itself but the content of a string in it.
    pub fn new_in_string(
        source: &'a SourceFile,
        text: &'a str,
        map: &'a Offsets,
        tokens: &'a [Token],
        max_depth: u32,
    ) -> Parser<'a> {
        Parser { text, map: Some(map), ..Parser::new(source, tokens, max_depth) }
    }

    fn skip_newlines(&mut self) {
        if self.newlines.last() == Some(&false) {
            while self.tokens[self.pos].kind == Tok::Newline {
                self.pos += 1;
            }
        }
    }

    /// The next token.
    pub fn peek(&mut self) -> Token {
        self.skip_newlines();
        self.tokens[self.pos]
    }

    /// The kind of the next token.
    pub fn peek_kind(&mut self) -> Tok {
        self.peek().kind
    }

    /// Takes the next token. The last one, `Eof`, stays.
    pub fn read(&mut self) -> Token {
        let token = self.peek();
        if token.kind != Tok::Eof {
            self.pos += 1;
        }
        token
    }

    /// Takes the next token if it is of this kind.
    pub fn eat(&mut self, kind: Tok) -> Option<Token> {
        (self.peek_kind() == kind).then(|| self.read())
    }

    /// The end of the last token that was read, newlines left out.
    pub fn prev_end(&self) -> u32 {
        let before = self.tokens[..self.pos].iter().rev().find(|t| t.kind != Tok::Newline);
        before.map_or(0, |t| t.end)
    }

    /// Runs `f` with newlines significant or not.
    pub fn with_newlines<T>(&mut self, significant: bool, f: impl FnOnce(&mut Self) -> T) -> T {
        self.newlines.push(significant);
        let result = f(self);
        self.newlines.pop();
        result
    }

    /// Runs `f` one level deeper.
    pub fn deeper<T>(&mut self, f: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.depth += 1;
        let result = if self.depth > self.max_depth { self.refuse_depth() } else { f(self) };
        self.depth -= 1;
        result
    }

    /// Reports that the text nests too deeply.
    pub fn refuse_depth<T>(&mut self) -> Parsed<T> {
        self.too_deep = true;
        let span = self.span(self.tokens[self.pos]);
        self.fail(
            span,
            "Expression nested too deeply",
            format!("Expressions can be nested at most {MAX_DEPTH} levels deep. Move parts of it into local values."),
        )
    }

    pub fn span(&self, token: Token) -> Span {
        self.span_between(token.start, token.end)
    }

    pub fn span_between(&self, start: u32, end: u32) -> Span {
        let end = end.max(start);
        match self.map {
            None => Span { file: self.file, start, end },
            Some(map) => Span { file: self.file, start: map.at(start), end: map.at(end) },
        }
    }

    pub fn name(&mut self, token: Token) -> Name {
        let text = token.text(self.text);
        self.names.entry(text).or_insert_with(|| Name::from(text)).clone()
    }

    pub fn ident(&mut self, token: Token) -> Ident {
        Ident { name: self.name(token), span: self.span(token) }
    }

    /// Whether `token` is the word.
    pub fn is_word(&self, token: Token, word: &str) -> bool {
        token.kind == Tok::Ident && token.text(self.text) == word
    }

    /// Adds an error.
    pub fn error(&mut self, span: Span, summary: &str, detail: impl Into<String>) {
        if !self.silent {
            self.diags.error(span, summary, detail);
        }
    }

    /// Adds an error with a wider range to show.
    pub fn error_within(&mut self, span: Span, context: Span, summary: &str, detail: impl Into<String>) {
        if !self.silent {
            let d = crate::diag::Diagnostic::error(summary, detail).at(span).within(context);
            self.diags.push(d);
        }
    }

    /// Adds an error and gives up on the item.
    pub fn fail<T>(&mut self, span: Span, summary: &str, detail: impl Into<String>) -> Parsed<T> {
        self.error(span, summary, detail);
        Err(Failed)
    }

    /// [`Parser::fail`] with a wider range to show.
    pub fn fail_within<T>(
        &mut self,
        span: Span,
        context: Span,
        summary: &str,
        detail: impl Into<String>,
    ) -> Parsed<T> {
        self.error_within(span, context, summary, detail);
        Err(Failed)
    }

    /// What stands for an expression that could not be read.
    pub fn unreadable(&self, span: Span) -> Expr {
        Expr { kind: ExprKind::Literal(Value::dynamic()), span }
    }

    /// After a failed item that began at token `start`: goes to the newline (not
    /// taken) or the closing brace that ends it. Where brackets do not match, the
    /// end is a guess, and the parser goes on silently.
    pub fn recover(&mut self, start: usize) {
        let mut open: Vec<Tok> = Vec::new();
        let mut i = start;
        loop {
            let kind = self.tokens[i].kind;
            match kind {
                Tok::Eof => {
                    self.silent |= !open.is_empty();
                    break;
                }
                Tok::Newline if open.is_empty() && i >= self.pos => break,
                Tok::OBrace
                | Tok::OBrack
                | Tok::OParen
                | Tok::OQuote
                | Tok::OHeredoc
                | Tok::Interp
                | Tok::Control => open.push(kind),
                Tok::CBrace | Tok::CBrack | Tok::CParen | Tok::CQuote | Tok::CHeredoc | Tok::SeqEnd => {
                    let matches = match open.last() {
                        Some(Tok::OBrace) => kind == Tok::CBrace,
                        Some(Tok::OBrack) => kind == Tok::CBrack,
                        Some(Tok::OParen) => kind == Tok::CParen,
                        Some(Tok::OQuote) => kind == Tok::CQuote,
                        Some(Tok::OHeredoc) => kind == Tok::CHeredoc,
                        Some(_) => kind == Tok::SeqEnd,
                        None => false,
                    };
                    if matches {
                        open.pop();
                    } else if kind == Tok::CBrace {
                        // Of the enclosing block.
                        self.silent |= !open.is_empty();
                        break;
                    } else {
                        self.silent = true;
                    }
                }
                _ => {}
            }
            i += 1;
        }
        self.pos = i.max(self.pos);
    }
}
