//! Arguments that must be constant.

use super::Cx;
use groma_lang::eval::{Nothing, evaluate as evaluate_in};
use groma_lang::{Attribute, Expr};
use groma_value::{Type, Value, convert};

/// Evaluates an expression in which no name has a meaning and no function may be
/// called.
pub(crate) fn evaluate(expr: &Expr, cx: &mut Cx<'_>) -> Option<Value> {
    let mut wrong = false;
    for r in expr.references() {
        cx.error(
            r.span,
            "Variables not allowed",
            "This must be known before anything else is: it cannot refer to anything.",
        );
        wrong = true;
    }
    crate::walk::calls(expr, &mut |name, _| {
        cx.error(
            name.span,
            "Function calls not allowed",
            "This must be known before anything else is: it cannot call functions.",
        );
        wrong = true;
    });
    if wrong {
        return None;
    }
    let before = cx.diags.len();
    let value = evaluate_in(expr, &Nothing, cx.diags);
    (!cx.diags.iter().skip(before).any(groma_lang::Diagnostic::is_error)).then_some(value)
}

/// Evaluates and converts.
fn evaluate_as(expr: &Expr, ty: &Type, cx: &mut Cx<'_>) -> Option<Value> {
    let unsuitable = |cx: &mut Cx<'_>, why: String| {
        cx.error(expr.span, "Unsuitable value type", format!("This value does not fit here: {why}."));
        None
    };
    let Some(value) = evaluate(expr, cx) else {
        return unsuitable(cx, "it must be known".into());
    };
    match convert(&value, ty) {
        Ok(v) => Some(v),
        Err(e) => unsuitable(cx, e.to_string()),
    }
}

/// A constant `true` or `false`; null counts as not set.
pub(crate) fn bool_arg(attr: &Attribute, cx: &mut Cx<'_>) -> Option<bool> {
    let v = evaluate_as(&attr.expr, &Type::Bool, cx)?;
    not_null(v, attr, "bool", cx)?.as_bool()
}

/// A constant string; null counts as not set.
pub(crate) fn string_arg(attr: &Attribute, cx: &mut Cx<'_>) -> Option<String> {
    let v = evaluate_as(&attr.expr, &Type::String, cx)?;
    Some(not_null(v, attr, "string", cx)?.as_str()?.to_owned())
}

fn not_null(v: Value, attr: &Attribute, what: &str, cx: &mut Cx<'_>) -> Option<Value> {
    if v.is_null() {
        cx.error(
            attr.expr.span,
            "Unsuitable value type",
            format!("This value does not fit here: it is null, and a {what} is needed."),
        );
        return None;
    }
    Some(v)
}
