//! Expressions: operators by precedence climbing, terms, and what follows terms.

use super::parser::{Parsed, Parser};
use super::token::{Tok, Token};
use crate::ast::{BinaryOp, Expr, ExprKind, Ident, ObjectItem, UnaryOp};
use groma_value::{Name, Number, Type, Value};

/// The operator of a token and how tightly it binds.
fn binary_operator(kind: Tok) -> Option<(BinaryOp, u8)> {
    Some(match kind {
        Tok::Or => (BinaryOp::Or, 1),
        Tok::And => (BinaryOp::And, 2),
        Tok::EqualOp => (BinaryOp::Equal, 3),
        Tok::NotEqual => (BinaryOp::NotEqual, 3),
        Tok::Less => (BinaryOp::Less, 4),
        Tok::LessEq => (BinaryOp::LessEqual, 4),
        Tok::Greater => (BinaryOp::Greater, 4),
        Tok::GreaterEq => (BinaryOp::GreaterEqual, 4),
        Tok::Plus => (BinaryOp::Add, 5),
        Tok::Minus => (BinaryOp::Subtract, 5),
        Tok::Star => (BinaryOp::Multiply, 6),
        Tok::Slash => (BinaryOp::Divide, 6),
        Tok::Percent => (BinaryOp::Modulo, 6),
        _ => return None,
    })
}

impl Parser<'_> {
    /// An expression and nothing else.
    pub fn whole_expression(&mut self) -> Parsed<Expr> {
        self.with_newlines(false, |p| {
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
    }

    /// An expression of any kind.
    pub fn expression(&mut self) -> Parsed<Expr> {
        self.deeper(Self::conditional)
    }

    fn conditional(&mut self) -> Parsed<Expr> {
        let condition = self.binary(1)?;
        if self.eat(Tok::Question).is_none() {
            return Ok(condition);
        }
        let then = self.expression()?;
        let colon = self.peek();
        if colon.kind != Tok::Colon {
            return self.fail_within(
                self.span(colon),
                condition.span.to(self.span(colon)),
                "Missing false expression in conditional",
                "The conditional operator (... ? ... : ...) needs a second result, after a colon.",
            );
        }
        self.read();
        let otherwise = self.expression()?;
        let span = condition.span.to(otherwise.span);
        Ok(Expr {
            kind: ExprKind::Conditional(Box::new(condition), Box::new(then), Box::new(otherwise)),
            span,
        })
    }

    fn binary(&mut self, lowest: u8) -> Parsed<Expr> {
        let mut left = self.operand()?;
        // All operators group from the left, so a chain is as deep as it is long.
        let mut chain = 0;
        while let Some((op, level)) = binary_operator(self.peek_kind()) {
            if level < lowest {
                break;
            }
            chain += 1;
            if self.depth + chain > self.max_depth {
                return self.refuse_depth();
            }
            self.read();
            let right = self.deeper(|p| p.binary(level + 1))?;
            let span = left.span.to(right.span);
            left = Expr { kind: ExprKind::Binary(op, Box::new(left), Box::new(right)), span };
        }
        Ok(left)
    }

    /// A term with the steps that follow it.
    fn operand(&mut self) -> Parsed<Expr> {
        let token = self.peek();
        let op = match token.kind {
            Tok::Minus => UnaryOp::Negate,
            Tok::Bang => UnaryOp::Not,
            _ => {
                let term = self.term(token)?;
                return self.steps(term);
            }
        };
        self.read();
        let inner = self.deeper(Self::operand)?;
        let span = self.span(token).to(inner.span);
        Ok(Expr { kind: ExprKind::Unary(op, Box::new(inner)), span })
    }

    fn term(&mut self, token: Token) -> Parsed<Expr> {
        match token.kind {
            Tok::OParen => self.parentheses(),
            Tok::Number => {
                self.read();
                let value = self.number(token)?;
                Ok(Expr { kind: ExprKind::Literal(value), span: self.span(token) })
            }
            Tok::Ident => self.named(),
            Tok::OQuote | Tok::OHeredoc => self.template_expression(),
            Tok::OBrack => self.tuple(),
            Tok::OBrace => self.object(),
            Tok::Eof => self.fail(
                self.span(token),
                "Missing expression",
                "Here an expression must begin, but the text ends.",
            ),
            _ => self.fail(
                self.span(token),
                "Invalid expression",
                match token.kind {
                    Tok::Newline => "Here an expression must begin, but the line ends.".to_owned(),
                    _ => format!(
                        "Here an expression must begin; \"{}\" cannot begin one.",
                        token.text(self.text)
                    ),
                },
            ),
        }
    }

    fn parentheses(&mut self) -> Parsed<Expr> {
        let open = self.read();
        self.with_newlines(false, |p| {
            let inner = p.expression()?;
            let close = p.peek();
            if close.kind != Tok::CParen {
                return p.fail_within(
                    p.span(close),
                    p.span(open).to(p.span(close)),
                    "Unbalanced parentheses",
                    "A closing parenthesis is expected here, to end the expression.",
                );
            }
            p.read();
            Ok(Expr { kind: ExprKind::Parens(Box::new(inner)), span: p.span(open).to(p.span(close)) })
        })
    }

    fn number(&mut self, token: Token) -> Parsed<Value> {
        match Number::parse(token.text(self.text)) {
            Some(number) => Ok(Value::Number(number)),
            None => self.fail(
                self.span(token),
                "Invalid number literal",
                format!("\"{}\" is not a number.", token.text(self.text)),
            ),
        }
    }

    /// A name, a keyword, or a function call.
    fn named(&mut self) -> Parsed<Expr> {
        let token = self.read();
        if matches!(self.peek_kind(), Tok::OParen | Tok::DoubleColon) {
            return self.call(token);
        }
        let kind = match token.text(self.text) {
            "true" => ExprKind::Literal(Value::Bool(true)),
            "false" => ExprKind::Literal(Value::Bool(false)),
            "null" => ExprKind::Literal(Value::null(Type::Dynamic)),
            _ => ExprKind::Variable(self.name(token)),
        };
        Ok(Expr { kind, span: self.span(token) })
    }

    fn call(&mut self, first: Token) -> Parsed<Expr> {
        let mut name = self.ident(first);
        if self.peek_kind() == Tok::DoubleColon {
            let mut full = name.name.to_string();
            while self.eat(Tok::DoubleColon).is_some() {
                let part = self.peek();
                if part.kind != Tok::Ident {
                    return self.fail_within(
                        self.span(part),
                        name.span.to(self.span(part)),
                        "Missing function name",
                        "After \"::\" the name of a function, or of a further namespace, is expected.",
                    );
                }
                self.read();
                full.push_str("::");
                full.push_str(part.text(self.text));
                name.span = name.span.to(self.span(part));
            }
            name.name = Name::from(full);
            let next = self.peek();
            if next.kind != Tok::OParen {
                return self.fail_within(
                    self.span(next),
                    name.span.to(self.span(next)),
                    "Missing open parenthesis",
                    "A name with \"::\" is a function's; its arguments in parentheses must follow.",
                );
            }
        }
        let open = self.read();
        self.with_newlines(false, |p| p.arguments(name, open))
    }

    fn arguments(&mut self, name: Ident, open: Token) -> Parsed<Expr> {
        let mut args = Vec::new();
        let mut expand = false;
        let close = loop {
            if let Some(close) = self.eat(Tok::CParen) {
                break close;
            }
            args.push(self.expression()?);
            let next = self.read();
            let context = name.span.to(self.span(next));
            match next.kind {
                Tok::CParen => break next,
                Tok::Comma => {}
                Tok::Ellipsis => {
                    expand = true;
                    let close = self.peek();
                    if close.kind != Tok::CParen {
                        return self.fail_within(
                            self.span(next),
                            context,
                            "Missing closing parenthesis",
                            "An argument expanded by \"...\" is the last one; a closing parenthesis must follow.",
                        );
                    }
                    break self.read();
                }
                Tok::Eof => {
                    return self.fail_within(
                        self.span(open),
                        context,
                        "Unterminated function call",
                        "The file ends before the closing parenthesis of this function call. The parentheses of its \
                         arguments may not match.",
                    );
                }
                _ => {
                    return self.fail_within(
                        self.span(next),
                        context,
                        "Missing argument separator",
                        "A comma is needed between the arguments of a function call.",
                    );
                }
            }
        };
        let parens = self.span(open).to(self.span(close));
        let span = name.span.to(parens);
        Ok(Expr { kind: ExprKind::Call { name, args, expand, parens }, span })
    }

    fn tuple(&mut self) -> Parsed<Expr> {
        let open = self.read();
        self.with_newlines(false, |p| {
            let first = p.peek();
            if p.is_word(first, "for") {
                return p.for_expression(open, Tok::CBrack);
            }
            let mut items = Vec::new();
            let close = loop {
                if let Some(close) = p.eat(Tok::CBrack) {
                    break close;
                }
                if p.peek_kind() == Tok::Eof {
                    return p.unterminated(open, "Unterminated tuple constructor expression", "]");
                }
                items.push(p.expression()?);
                let next = p.peek();
                match next.kind {
                    Tok::Comma => {
                        p.read();
                    }
                    Tok::CBrack => {}
                    Tok::Eof => {
                        return p.unterminated(open, "Unterminated tuple constructor expression", "]");
                    }
                    _ => {
                        return p.fail_within(
                            p.span(next),
                            p.span(open).to(p.span(next)),
                            "Missing item separator",
                            "A comma is needed before the next item.",
                        );
                    }
                }
            };
            Ok(Expr { kind: ExprKind::Tuple(items), span: p.span(open).to(p.span(close)) })
        })
    }

    fn unterminated<T>(&mut self, open: Token, summary: &str, close: &str) -> Parsed<T> {
        self.fail(
            self.span(open),
            summary,
            format!("The file ends before the \"{close}\" that belongs to this bracket. Other brackets may not match."),
        )
    }

    fn object(&mut self) -> Parsed<Expr> {
        let open = self.read();
        // `for` may stand on a later line, while newlines separate items otherwise.
        let first = self.with_newlines(false, |p| {
            let pos = p.pos;
            let first = p.peek();
            if !p.is_word(first, "for") {
                p.pos = pos;
            }
            first
        });
        if self.is_word(first, "for") {
            return self.with_newlines(false, |p| p.for_expression(open, Tok::CBrace));
        }
        self.with_newlines(true, |p| p.object_items(open))
    }

    fn object_items(&mut self, open: Token) -> Parsed<Expr> {
        let mut items = Vec::new();
        let close = loop {
            let next = self.peek();
            match next.kind {
                Tok::Newline => {
                    self.read();
                    continue;
                }
                Tok::CBrace => break self.read(),
                Tok::Eof => {
                    return self.unterminated(open, "Unterminated object constructor expression", "}");
                }
                _ => {}
            }
            let key = self.expression()?;
            self.object_separator(&key, open)?;
            let value = self.expression()?;
            items.push(ObjectItem { key: object_key(key), value });
            let next = self.peek();
            match next.kind {
                Tok::Comma | Tok::Newline => {
                    self.read();
                }
                Tok::CBrace => {}
                Tok::Eof => {
                    return self.unterminated(open, "Unterminated object constructor expression", "}");
                }
                _ => {
                    return self.fail_within(
                        self.span(next),
                        self.span(open).to(self.span(next)),
                        "Missing attribute separator",
                        "A newline or a comma is needed before the next attribute.",
                    );
                }
            }
        };
        Ok(Expr { kind: ExprKind::Object(items), span: self.span(open).to(self.span(close)) })
    }

    fn object_separator(&mut self, key: &Expr, open: Token) -> Parsed<()> {
        let next = self.peek();
        let context = self.span(open).to(self.span(next));
        let (summary, detail) = match next.kind {
            Tok::Equal | Tok::Colon => {
                self.read();
                return Ok(());
            }
            Tok::Newline | Tok::Comma => (
                "Missing attribute value",
                match key.as_traversal() {
                    Some(t) if t.steps.is_empty() => format!(
                        "An equals sign and a value must follow the attribute's name, as in \"{} = ...\".",
                        t.root.name
                    ),
                    _ => "An equals sign and a value must follow the attribute's key.".to_owned(),
                },
            ),
            Tok::Eof => return self.unterminated(open, "Unterminated object constructor expression", "}"),
            _ => (
                "Missing key/value separator",
                "An equals sign (\"=\") is needed between the key and the value of an attribute.".to_owned(),
            ),
        };
        self.fail_within(self.span(next), context, summary, detail)
    }

    /// `.name`, `[key]`, `.0`, `[*]` and `.*` after a term.
    fn steps(&mut self, term: Expr) -> Parsed<Expr> {
        let mut expr = term;
        let mut chain = 0;
        loop {
            let token = self.peek();
            expr = match token.kind {
                Tok::Dot => self.dot(expr)?,
                Tok::OBrack => self.bracket(expr)?,
                _ => return Ok(expr),
            };
            chain += 1;
            if self.depth + chain > self.max_depth {
                return self.refuse_depth();
            }
        }
    }

    fn dot(&mut self, source: Expr) -> Parsed<Expr> {
        let dot = self.read();
        let next = self.peek();
        match next.kind {
            Tok::Ident => {
                self.read();
                let attr = self.ident(next);
                let span = source.span.to(attr.span);
                Ok(Expr { kind: ExprKind::GetAttr(Box::new(source), attr), span })
            }
            Tok::Number => self.legacy_index(source, next),
            Tok::Star => {
                self.read();
                self.attribute_splat(source, dot, next)
            }
            _ => self.fail_within(
                self.span(next),
                self.span(dot).to(self.span(next)),
                "Invalid attribute name",
                "After a dot the name of an attribute is expected.",
            ),
        }
    }

    /// `a.0`, the index syntax of old. In `a.0.1` the lexer takes `0.1` for one number,
    /// which the language refuses.
    fn legacy_index(&mut self, source: Expr, token: Token) -> Parsed<Expr> {
        self.read();
        let text = token.text(self.text);
        let value = if text.contains('.') { None } else { Number::parse(text) };
        let Some(value) = value else {
            return self.fail(
                self.span(token),
                "Invalid legacy index syntax",
                "After a dot, one index can be given without brackets, not two. Write them in brackets, as in \"[0][1]\".",
            );
        };
        let key = Expr { kind: ExprKind::Literal(Value::Number(value)), span: self.span(token) };
        let span = source.span.to(key.span);
        Ok(Expr { kind: ExprKind::Index(Box::new(source), Box::new(key)), span })
    }

    /// `a.*.b.c`: names and legacy indexes that follow apply to each element, brackets to the result.
    fn attribute_splat(&mut self, source: Expr, dot: Token, star: Token) -> Parsed<Expr> {
        let marker = self.span(dot).to(self.span(star));
        let mut each = Expr { kind: ExprKind::SplatItem, span: marker };
        let mut chain = 0;
        while self.peek_kind() == Tok::Dot {
            let pos = self.pos;
            let dot = self.read();
            let next = self.peek();
            if next.kind == Tok::Star {
                return self.fail_within(
                    self.span(next),
                    marker.to(self.span(next)),
                    "Nested splat expression not allowed",
                    "A splat of the form \".*\" cannot be applied within another one. Use \"[*]\" instead.",
                );
            }
            if !matches!(next.kind, Tok::Ident | Tok::Number) {
                return self.fail_within(
                    self.span(dot),
                    marker.to(self.span(next)),
                    "Invalid attribute name",
                    "After a dot the name of an attribute is expected.",
                );
            }
            self.pos = pos;
            each = self.dot(each)?;
            chain += 1;
            if self.depth + chain > self.max_depth {
                return self.refuse_depth();
            }
        }
        let span = source.span.to(each.span);
        Ok(Expr { kind: ExprKind::Splat { source: Box::new(source), each: Box::new(each), marker }, span })
    }

    fn bracket(&mut self, source: Expr) -> Parsed<Expr> {
        let open = self.read();
        // No newline is allowed within `[*]`, unlike within other brackets.
        if self.eat(Tok::Star).is_some() {
            return self.full_splat(source, open);
        }
        let (key, close) = self.with_newlines(false, |p| {
            let key = p.expression()?;
            let close = p.peek();
            if close.kind != Tok::CBrack {
                let end = p.bracket_end();
                return p.fail_within(
                    p.span(end),
                    p.span(open).to(p.span(end)),
                    "Missing close bracket on index",
                    "A closing bracket is expected here, to end the index.",
                );
            }
            Ok((key, p.read()))
        })?;
        let span = source.span.to(self.span(close));
        Ok(Expr { kind: ExprKind::Index(Box::new(source), Box::new(key)), span })
    }

    /// The `]` that belongs to the bracket the parser is in, or the end of the text:
    /// what should have come there already.
    fn bracket_end(&self) -> Token {
        let mut open = 0;
        let rest = &self.tokens[self.pos..];
        let end = rest.iter().find(|t| {
            match t.kind {
                Tok::OBrack => open += 1,
                Tok::CBrack if open > 0 => open -= 1,
                Tok::CBrack => return true,
                _ => {}
            }
            false
        });
        end.copied().unwrap_or(self.tokens[self.tokens.len() - 1])
    }

    /// After `[*`; all that follows the bracket applies to each element.
    fn full_splat(&mut self, source: Expr, open: Token) -> Parsed<Expr> {
        let close = self.peek();
        if close.kind != Tok::CBrack {
            let end = self.bracket_end();
            return self.fail_within(
                self.span(end),
                self.span(open).to(self.span(end)),
                "Missing close bracket on splat index",
                "The star of a splat must be followed by a closing bracket, as in \"[*]\".",
            );
        }
        self.read();
        let marker = self.span(open).to(self.span(close));
        let item = Expr { kind: ExprKind::SplatItem, span: marker };
        let each = self.deeper(|p| p.steps(item))?;
        let span = source.span.to(each.span);
        Ok(Expr { kind: ExprKind::Splat { source: Box::new(source), each: Box::new(each), marker }, span })
    }
}

/// A bare name, also `true`, `false` and `null`, is a key of that name.
fn object_key(key: Expr) -> Expr {
    let name: Name = match &key.kind {
        ExprKind::Variable(name) => name.clone(),
        ExprKind::Literal(Value::Bool(b)) => Name::from(if *b { "true" } else { "false" }),
        ExprKind::Literal(Value::Null(_)) => Name::from("null"),
        _ => return key,
    };
    Expr { kind: ExprKind::Literal(Value::String(name)), span: key.span }
}
