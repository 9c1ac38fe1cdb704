//! The syntax tree. Every node has its span.

use crate::source::Span;
use groma_value::{Name, Value};
use std::sync::Arc;

/// A name with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Ident {
    /// The name.
    pub name: Name,
    /// Where it stands.
    pub span: Span,
}

/// The content of a file or block.
#[derive(Clone, Debug, PartialEq)]
pub struct Body {
    /// Attributes in source order. Names are unique (the parser reports others).
    pub attributes: Vec<Attribute>,
    /// Blocks in source order.
    pub blocks: Vec<Block>,
    /// All of it.
    pub span: Span,
    /// Where something missing would be reported: the end of the file, or the
    /// closing brace.
    pub end: Span,
    /// From JSON syntax: everything is an attribute until a schema tells that it
    /// is a block (see [`Body::json_blocks`] in `json_syntax`).
    pub json: bool,
}

/// `name = expr`
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// The name.
    pub name: Ident,
    /// The value.
    pub expr: Expr,
    /// All of it.
    pub span: Span,
}

/// `type "label" { ... }`
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// The type.
    pub ty: Ident,
    /// The labels.
    pub labels: Vec<Ident>,
    /// The content.
    pub body: Body,
    /// The header: type and labels, what messages point at.
    pub header: Span,
    /// All of it, closing brace included.
    pub span: Span,
}

impl Body {
    /// The attribute `name`.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|a| &*a.name.name == name)
    }
    /// The blocks of type `ty`.
    pub fn blocks_of<'a>(&'a self, ty: &'a str) -> impl Iterator<Item = &'a Block> {
        self.blocks.iter().filter(move |b| &*b.ty.name == ty)
    }
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of expressions.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// A number, `true`, `false`, `null`, or a template without interpolation
    /// (escapes resolved).
    Literal(Value),
    /// A template with more than literal text; the result is a string.
    Template(Vec<TemplatePart>),
    /// `"${expr}"`: the value itself, of any type.
    TemplateWrap(Box<Expr>),
    /// `[a, b]`
    Tuple(Vec<Expr>),
    /// `{ a = 1, (b) = 2, "c" = 3 }`
    Object(Vec<ObjectItem>),
    /// The first name of a reference: `var` in `var.x`, or a local name of a
    /// `for` expression.
    Variable(Name),
    /// `source.name`
    GetAttr(Box<Expr>, Ident),
    /// `source[key]`; also the legacy `source.0` (then `key` is a number literal).
    Index(Box<Expr>, Box<Expr>),
    /// `source[*].each` or `source.*.each`: `each` is evaluated for each element,
    /// which `SplatItem` within it stands for.
    Splat {
        /// What is iterated over.
        source: Box<Expr>,
        /// What is evaluated for each element.
        each: Box<Expr>,
        /// The place of the `[*]` or `.*`.
        marker: Span,
    },
    /// The element of the innermost enclosing [`ExprKind::Splat`].
    SplatItem,
    /// `name(args)`, `provider::aws::arn_parse(args)`
    Call {
        /// The name, namespaces joined by `::`.
        name: Ident,
        /// The arguments.
        args: Vec<Expr>,
        /// Whether the last argument is expanded by `...`.
        expand: bool,
        /// The place from `(` to `)`.
        parens: Span,
    },
    /// `cond ? then : otherwise`
    Conditional(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `left op right`
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// `op operand`
    Unary(UnaryOp, Box<Expr>),
    /// `[for ...]` or `{for ...}`
    For(Box<ForExpr>),
    /// `(expr)`
    Parens(Box<Expr>),
}

/// One item of an object expression.
#[derive(Clone, Debug, PartialEq)]
pub struct ObjectItem {
    /// The key. A bare name (`a = 1`) is a `Literal` string, and so is nothing else
    /// that is a reference: `(a) = 1` is `Parens`. A bare traversal `a.b = 1` stays
    /// what it is, for the evaluator to refuse.
    pub key: Expr,
    /// The value.
    pub value: Expr,
}

/// A `for` expression.
#[derive(Clone, Debug, PartialEq)]
pub struct ForExpr {
    /// The key or index name, if two names are given.
    pub key_name: Option<Ident>,
    /// The value name.
    pub value_name: Ident,
    /// What is iterated over.
    pub collection: Expr,
    /// The result key, for the object form.
    pub key: Option<Expr>,
    /// The result value.
    pub value: Expr,
    /// The `if` condition.
    pub condition: Option<Expr>,
    /// Whether values are grouped by key with `...`.
    pub group: bool,
    /// The place of `for ... :`, without the results.
    pub intro: Span,
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq)]
pub enum TemplatePart {
    /// Text, escapes resolved, trimming by `~` and heredoc indentation applied.
    Text(Arc<str>, Span),
    /// `${expr}`
    Interpolation(Expr),
    /// `%{ if c }a%{ else }b%{ endif }`
    If {
        /// The condition.
        condition: Expr,
        /// When true.
        then: Vec<TemplatePart>,
        /// When false.
        otherwise: Vec<TemplatePart>,
        /// All of it.
        span: Span,
    },
    /// `%{ for k, v in c }a%{ endfor }`
    For {
        /// The key name.
        key_name: Option<Ident>,
        /// The value name.
        value_name: Ident,
        /// What is iterated over.
        collection: Expr,
        /// Repeated for each element.
        body: Vec<TemplatePart>,
        /// All of it.
        span: Span,
    },
}

/// Binary operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum BinaryOp {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

/// Unary operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum UnaryOp {
    Negate,
    Not,
}

/// A reference as far as it is known without evaluation: `var.x`, `aws_vpc.main[0].id`.
#[derive(Clone, Debug, PartialEq)]
pub struct Traversal {
    /// The first name.
    pub root: Ident,
    /// What follows, up to the first step that is not constant.
    pub steps: Vec<TraversalStep>,
    /// All of it.
    pub span: Span,
}

/// One step of a [`Traversal`].
#[derive(Clone, Debug, PartialEq)]
pub enum TraversalStep {
    /// `.name`
    Attr(Ident),
    /// `[constant]`
    Index(Value, Span),
}

/// The arguments of a call that are values: all but the type of `convert`.
pub fn value_arguments<'e>(name: &Ident, args: &'e [Expr]) -> &'e [Expr] {
    match &*name.name {
        "convert" | "core::convert" => &args[..args.len().min(1)],
        _ => args,
    }
}

impl Expr {
    /// Reads the expression as a traversal made of constants only (as in
    /// `depends_on`, `provider`, `ignore_changes`, `moved.from`), or `None`.
    pub fn as_traversal(&self) -> Option<Traversal> {
        match &self.kind {
            ExprKind::Variable(name) => Some(Traversal {
                root: Ident { name: name.clone(), span: self.span },
                steps: Vec::new(),
                span: self.span,
            }),
            ExprKind::GetAttr(source, attr) => {
                let mut t = source.as_traversal()?;
                t.steps.push(TraversalStep::Attr(attr.clone()));
                t.span = self.span;
                Some(t)
            }
            ExprKind::Index(source, key) => {
                let mut t = source.as_traversal()?;
                let ExprKind::Literal(k) = &key.kind else { return None };
                t.steps.push(TraversalStep::Index(k.clone(), key.span));
                t.span = self.span;
                Some(t)
            }
            _ => None,
        }
    }

    /// All references to names from outside of the expression, each as far as it
    /// is constant, in source order. Names bound by `for` within are left out.
    pub fn references(&self) -> Vec<Traversal> {
        let mut out = Vec::new();
        self.collect_references(&mut Vec::new(), &mut out);
        out
    }

    fn collect_references(&self, bound: &mut Vec<Name>, out: &mut Vec<Traversal>) {
        match &self.kind {
            ExprKind::Literal(_) | ExprKind::SplatItem => {}
            ExprKind::Variable(_) | ExprKind::GetAttr(..) | ExprKind::Index(..) => {
                // Walk down the chain; index expressions on the way may refer to more.
                let mut root = self;
                loop {
                    root = match &root.kind {
                        ExprKind::GetAttr(s, _) | ExprKind::Index(s, _) => s,
                        _ => break,
                    };
                }
                if let ExprKind::Variable(name) = &root.kind {
                    if !bound.contains(name) {
                        out.push(self.static_prefix());
                    }
                } else {
                    root.collect_references(bound, out);
                }
                self.collect_chain_keys(bound, out);
            }
            ExprKind::Template(parts) => collect_parts(parts, bound, out),
            ExprKind::TemplateWrap(e) | ExprKind::Parens(e) | ExprKind::Unary(_, e) => {
                e.collect_references(bound, out);
            }
            ExprKind::Tuple(items) => items.iter().for_each(|e| e.collect_references(bound, out)),
            ExprKind::Object(items) => {
                for i in items {
                    i.key.collect_references(bound, out);
                    i.value.collect_references(bound, out);
                }
            }
            ExprKind::Splat { source, each, .. } => {
                source.collect_references(bound, out);
                each.collect_references(bound, out);
            }
            ExprKind::Call { name, args, .. } => {
                value_arguments(name, args).iter().for_each(|e| e.collect_references(bound, out));
            }
            ExprKind::Conditional(a, b, c) => {
                a.collect_references(bound, out);
                b.collect_references(bound, out);
                c.collect_references(bound, out);
            }
            ExprKind::Binary(_, a, b) => {
                a.collect_references(bound, out);
                b.collect_references(bound, out);
            }
            ExprKind::For(f) => {
                f.collection.collect_references(bound, out);
                let depth = bound.len();
                bound.extend(f.key_name.iter().map(|i| i.name.clone()));
                bound.push(f.value_name.name.clone());
                for e in f.key.iter().chain([&f.value]).chain(&f.condition) {
                    e.collect_references(bound, out);
                }
                bound.truncate(depth);
            }
        }
    }

    /// References in the index keys of a chain of `.attr` and `[key]`.
    fn collect_chain_keys(&self, bound: &mut Vec<Name>, out: &mut Vec<Traversal>) {
        match &self.kind {
            ExprKind::GetAttr(s, _) => s.collect_chain_keys(bound, out),
            ExprKind::Index(s, k) => {
                s.collect_chain_keys(bound, out);
                k.collect_references(bound, out);
            }
            _ => {}
        }
    }

    /// The longest constant traversal that a chain starting in a variable begins with.
    fn static_prefix(&self) -> Traversal {
        if let Some(t) = self.as_traversal() {
            return t;
        }
        match &self.kind {
            ExprKind::GetAttr(s, _) | ExprKind::Index(s, _) => s.static_prefix(),
            // Not reached: callers pass chains that start in a variable.
            _ => Traversal {
                root: Ident { name: Name::from(""), span: self.span },
                steps: Vec::new(),
                span: self.span,
            },
        }
    }
}

fn collect_parts(parts: &[TemplatePart], bound: &mut Vec<Name>, out: &mut Vec<Traversal>) {
    for p in parts {
        match p {
            TemplatePart::Text(..) => {}
            TemplatePart::Interpolation(e) => e.collect_references(bound, out),
            TemplatePart::If { condition, then, otherwise, .. } => {
                condition.collect_references(bound, out);
                collect_parts(then, bound, out);
                collect_parts(otherwise, bound, out);
            }
            TemplatePart::For { key_name, value_name, collection, body, .. } => {
                collection.collect_references(bound, out);
                let depth = bound.len();
                bound.extend(key_name.iter().map(|i| i.name.clone()));
                bound.push(value_name.name.clone());
                collect_parts(body, bound, out);
                bound.truncate(depth);
            }
        }
    }
}
