//! The syntax: text to tree, and text to formatted text.
//!
//! Native syntax is read by a lexer and a recursive-descent parser of our own.
//! Both carry on after errors: a file yields a tree as far as it can be read,
//! and diagnostics for each item that cannot.

mod body;
mod check;
mod expr;
mod for_expr;
mod lexer;
mod number;
mod parser;
mod strings;
mod template;
mod token;

pub use lexer::is_identifier;
pub use parser::MAX_DEPTH;

use crate::ast::{Body, Expr};
use crate::diag::Diagnostics;
use crate::source::SourceFile;
use lexer::Start;
use parser::{Parsed, Parser, SHALLOW_DEPTH};
use token::{Tok, Token};

/// Stack for texts that nest deeply: [`MAX_DEPTH`] levels in an unoptimised build, with room to spare.
const DEEP_STACK: usize = 128 << 20;

/// Reads a file of the native syntax. The body holds what could be read; an
/// expression that could not be read is an unknown literal.
pub fn parse_file(file: &SourceFile, diags: &mut Diagnostics) -> Body {
    let tokens = tokens(file, Start::Normal, diags);
    run(file, &tokens, diags, |p| p.body(None))
}

/// Reads a text that is one expression, as in the console or in `-var`.
/// `None` after an error.
pub fn parse_expr(file: &SourceFile, diags: &mut Diagnostics) -> Option<Expr> {
    let before = diags.len();
    let tokens = tokens(file, Start::Normal, diags);
    let expr = run(file, &tokens, diags, |p| {
        p.with_newlines(false, |p| {
            let expr = p.expression()?;
            let next = p.peek();
            if next.kind == Tok::Eof {
                return Ok(expr);
            }
            p.fail(
                p.span(next),
                "Extra characters after expression",
                format!("The expression ends before \"{}\".", next.text(p.text)),
            )
        })
    });
    expr.ok().filter(|_| diags.iter().skip(before).all(|d| !d.is_error()))
}

/// Reads a text that is a template, as a file for `templatefile`. `None` after an error.
pub fn parse_template(file: &SourceFile, diags: &mut Diagnostics) -> Option<Expr> {
    let before = diags.len();
    let tokens = tokens(file, Start::Template, diags);
    let expr: Parsed<Expr> = run(file, &tokens, diags, |p| p.bare_template());
    expr.ok().filter(|_| diags.iter().skip(before).all(|d| !d.is_error()))
}

/// The tokens that the parser works with: no comments, and a newline for each
/// comment that includes one.
fn tokens(file: &SourceFile, start: Start, diags: &mut Diagnostics) -> Vec<Token> {
    let mut tokens = lexer::lex(&file.text, start);
    check::check_tokens(file, &tokens, diags);
    tokens.retain_mut(|t| {
        if t.kind == Tok::Comment && t.text(&file.text).ends_with('\n') {
            t.kind = Tok::Newline;
        }
        t.kind != Tok::Comment
    });
    tokens
}

/// Runs the parser on this stack, and where the text nests deeply, again on a larger one.
fn run<T: Send>(
    file: &SourceFile,
    tokens: &[Token],
    diags: &mut Diagnostics,
    parse: impl Fn(&mut Parser<'_>) -> T + Send + Sync,
) -> T {
    let attempt = |depth| {
        let mut parser = Parser::new(file, tokens, depth);
        let result = parse(&mut parser);
        (result, parser.diags, parser.too_deep)
    };
    let (result, found, too_deep) = attempt(SHALLOW_DEPTH);
    if !too_deep {
        diags.extend(found);
        return result;
    }
    let deep = std::thread::scope(|scope| {
        let thread =
            std::thread::Builder::new().stack_size(DEEP_STACK).spawn_scoped(scope, || attempt(MAX_DEPTH));
        thread.ok().and_then(|t| t.join().ok())
    });
    // Without a thread, the shallow attempt's diagnostics tell what happened.
    let (result, found, _) = deep.unwrap_or((result, found, true));
    diags.extend(found);
    result
}
