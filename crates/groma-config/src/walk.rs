//! Walks over expressions.

use groma_lang::ast::{TemplatePart, value_arguments};
use groma_lang::{Expr, ExprKind, Ident};

/// Calls `f` for each expression within `expr`, itself first, in source order.
pub(crate) fn expressions<'e>(expr: &'e Expr, f: &mut dyn FnMut(&'e Expr)) {
    f(expr);
    match &expr.kind {
        ExprKind::Literal(_) | ExprKind::Variable(_) | ExprKind::SplatItem => {}
        ExprKind::Template(parts) => template(parts, f),
        ExprKind::TemplateWrap(e) | ExprKind::Parens(e) | ExprKind::Unary(_, e) | ExprKind::GetAttr(e, _) => {
            expressions(e, f);
        }
        ExprKind::Tuple(items) => items.iter().for_each(|e| expressions(e, f)),
        ExprKind::Object(items) => {
            for i in items {
                expressions(&i.key, f);
                expressions(&i.value, f);
            }
        }
        ExprKind::Index(a, b) | ExprKind::Binary(_, a, b) => {
            expressions(a, f);
            expressions(b, f);
        }
        ExprKind::Splat { source, each, .. } => {
            expressions(source, f);
            expressions(each, f);
        }
        ExprKind::Call { name, args, .. } => {
            value_arguments(name, args).iter().for_each(|e| expressions(e, f));
        }
        ExprKind::Conditional(a, b, c) => {
            expressions(a, f);
            expressions(b, f);
            expressions(c, f);
        }
        ExprKind::For(x) => {
            expressions(&x.collection, f);
            for e in x.key.iter().chain([&x.value]).chain(&x.condition) {
                expressions(e, f);
            }
        }
    }
}

fn template<'e>(parts: &'e [TemplatePart], f: &mut dyn FnMut(&'e Expr)) {
    for p in parts {
        match p {
            TemplatePart::Text(..) => {}
            TemplatePart::Interpolation(e) => expressions(e, f),
            TemplatePart::If { condition, then, otherwise, .. } => {
                expressions(condition, f);
                template(then, f);
                template(otherwise, f);
            }
            TemplatePart::For { collection, body, .. } => {
                expressions(collection, f);
                template(body, f);
            }
        }
    }
}

/// Calls `f` for each function call within `expr`, with its name and arguments.
pub(crate) fn calls<'e>(expr: &'e Expr, f: &mut dyn FnMut(&'e Ident, &'e [Expr])) {
    expressions(expr, &mut |e| {
        if let ExprKind::Call { name, args, .. } = &e.kind {
            f(name, args);
        }
    });
}
