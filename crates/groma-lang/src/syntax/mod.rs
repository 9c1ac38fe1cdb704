//! The syntax: text to tree, and text to formatted text.
//!
//! Native syntax is read by a lexer and a recursive-descent parser of our own.
//! Both carry on after errors: a file yields a tree as far as it can be read,
//! and diagnostics for each item that cannot.

mod body;
mod check;
mod expr;
mod for_expr;
mod format;
mod headers;
mod json;
mod json_blocks;
mod lexer;
mod parser;
mod strings;
mod template;
mod token;

#[cfg(test)]
mod tests;

pub use format::{format, format_file};
pub(crate) use headers::block_headers;
pub(crate) use json::json_text;
pub use json::{json_expression, json_string, parse_json_file, parse_json_file_with};
pub use json_blocks::json_to_blocks;
pub use lexer::is_identifier;
pub use parser::MAX_DEPTH;

use crate::ast::{Body, Expr};
use crate::diag::Diagnostics;
use crate::source::{SourceFile, Span};
use lexer::Start;
use parser::{Offsets, Parsed, Parser, SHALLOW_DEPTH};
use token::{Tok, Token};

/// Stack for texts that nest deeply: [`MAX_DEPTH`] levels in an unoptimised build, with room to spare.
const DEEP_STACK: usize = 128 << 20;

/// Reads a file of the native syntax. The body holds what could be read; an
/// expression that could not be read is an unknown literal.
pub fn parse_file(file: &SourceFile, diags: &mut Diagnostics) -> Body {
    run(file, Input::file(file, Start::Normal), diags, |p| p.body(None))
}

/// Reads a text that is one expression, as in the console or in `-var`.
/// `None` after an error.
pub fn parse_expr(file: &SourceFile, diags: &mut Diagnostics) -> Option<Expr> {
    whole(file, Input::file(file, Start::Normal), diags, |p| p.whole_expression())
}

/// Reads a text that is a template, as a file for `templatefile`. `None` after an error.
pub fn parse_template(file: &SourceFile, diags: &mut Diagnostics) -> Option<Expr> {
    whole(file, Input::file(file, Start::Template), diags, |p| p.bare_template())
}

/// A text to parse: a file, or the content of a string in it.
struct Input<'a> {
    text: &'a str,
    map: Option<&'a Offsets>,
    start: Start,
}

impl<'a> Input<'a> {
    fn file(file: &'a SourceFile, start: Start) -> Input<'a> {
        Input { text: &file.text, map: None, start }
    }

    /// The tokens that the parser works with: no comments, and a newline for each
    /// comment that includes one.
    fn tokens(&self, file: &SourceFile, diags: &mut Diagnostics) -> Vec<Token> {
        let mut tokens = lexer::lex(self.text, self.start);
        let span_at = |start: usize, end: usize| match self.map {
            None => Span::new(file.id, start, end),
            Some(map) => Span { file: file.id, start: map.at(start as u32), end: map.at(end as u32) },
        };
        check::check_tokens(file, self.text, &tokens, &span_at, diags);
        tokens.retain_mut(|t| {
            if t.kind == Tok::Comment && t.text(self.text).ends_with('\n') {
                t.kind = Tok::Newline;
            }
            t.kind != Tok::Comment
        });
        tokens
    }
}

/// [`run`] for what must be read wholly.
fn whole(
    file: &SourceFile,
    input: Input<'_>,
    diags: &mut Diagnostics,
    parse: impl Fn(&mut Parser<'_>) -> Parsed<Expr> + Send + Sync,
) -> Option<Expr> {
    let mut found = Diagnostics::new();
    let expr = run(file, input, &mut found, parse).ok().filter(|_| !found.has_errors());
    diags.extend(found);
    expr
}

/// Runs the parser on this stack, and where the text nests deeply, again on a larger one.
fn run<T: Send>(
    file: &SourceFile,
    input: Input<'_>,
    diags: &mut Diagnostics,
    parse: impl Fn(&mut Parser<'_>) -> T + Send + Sync,
) -> T {
    let tokens = input.tokens(file, diags);
    let attempt = |depth| {
        let mut parser = match input.map {
            None => Parser::new(file, &tokens, depth),
            Some(map) => Parser::new_in_string(file, input.text, map, &tokens, depth),
        };
        let result = parse(&mut parser);
        (result, parser.diags, parser.too_deep)
    };
    let (result, found, too_deep) = attempt(SHALLOW_DEPTH);
    if !too_deep {
        diags.extend(found);
        return result;
    }
    // Without a thread, the shallow attempt's diagnostics tell what happened.
    let (result, found, _) = on_deep_stack(|| attempt(MAX_DEPTH)).unwrap_or((result, found, true));
    diags.extend(found);
    result
}

/// Runs `f` on a stack for texts that nest deeply.
fn on_deep_stack<T: Send>(f: impl FnOnce() -> T + Send) -> Option<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(DEEP_STACK).spawn_scoped(scope, f);
        thread.ok().and_then(|t| t.join().ok())
    })
}
