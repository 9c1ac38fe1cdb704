//! The headers of top-level blocks, read off the tokens: also of files that
//! cannot be parsed.

use super::lexer::{Start, lex};
use super::strings::unescape;
use super::token::Tok;
use crate::diag::Diagnostics;
use crate::source::{FileId, Span};

/// A top-level block.
pub(crate) struct Header {
    pub ty: String,
    pub labels: Vec<String>,
    /// The first byte of the type.
    pub start: u32,
    /// One past the closing brace, or the end of the file.
    pub end: u32,
}

/// The top-level blocks of a text in native syntax.
pub(crate) fn block_headers(text: &str) -> Vec<Header> {
    let tokens = lex(text, Start::Normal);
    let mut out: Vec<Header> = Vec::new();
    let mut current: Option<Header> = None;
    let mut depth = 0usize;
    let mut line_start = true;
    for token in &tokens {
        let word = token.text(text);
        if depth > 0 {
            match token.kind {
                Tok::OBrace | Tok::OBrack | Tok::OParen | Tok::Interp | Tok::Control => depth += 1,
                Tok::CBrace | Tok::CBrack | Tok::CParen | Tok::SeqEnd => depth -= 1,
                _ => {}
            }
            if depth == 0
                && let Some(mut block) = current.take()
            {
                block.end = token.end;
                out.push(block);
                line_start = false;
            }
            continue;
        }
        match token.kind {
            Tok::Newline | Tok::Comment => {
                // Without a brace it is no block, unless it was meant to be one.
                if word.ends_with('\n') {
                    out.extend(
                        current.take().filter(|b| !b.labels.is_empty()).map(|b| b.ending(token.start)),
                    );
                    line_start = true;
                }
            }
            Tok::Ident if line_start => {
                current = Some(Header {
                    ty: word.to_owned(),
                    labels: Vec::new(),
                    start: token.start,
                    end: token.end,
                });
                line_start = false;
            }
            Tok::Ident => {
                if let Some(block) = &mut current {
                    block.labels.push(word.to_owned());
                }
            }
            Tok::QuotedLit => {
                if let Some(block) = &mut current {
                    let nowhere = |_, _| Span::new(FileId(0), 0, 0);
                    block.labels.push(unescape(word, true, 0, &nowhere, &mut Diagnostics::new()));
                }
            }
            Tok::OQuote | Tok::CQuote => {}
            Tok::OBrace => depth = 1,
            Tok::OBrack | Tok::OParen => {
                current = None;
                depth = 1;
            }
            Tok::Equal => {
                // An argument, or a block header with an error in it.
                current = current.take().filter(|b| !b.labels.is_empty());
                line_start = false;
            }
            _ => line_start = false,
        }
    }
    out.extend(current.map(|b| b.ending(text.len() as u32)));
    out
}

impl Header {
    fn ending(self, end: u32) -> Header {
        Header { end, ..self }
    }
}
