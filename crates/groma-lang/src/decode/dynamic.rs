//! `dynamic` blocks: blocks made for each element of a collection.

use super::content::{self, Content, Shape};
use super::paths::missing_item;
use super::{Decoded, Target, Within};
use crate::ast::{Block, Body, Expr, ExprKind};
use crate::diag::{Diagnostic, Diagnostics};
use crate::eval::{Env, Local, elements, is_iterable, quote};
use groma_value::{Marks, Name, Type, Value, convert};

const INVALID_FOR_EACH: &str = "Invalid dynamic for_each value";
const INVALID_LABEL: &str = "Invalid dynamic block label";

/// What a `dynamic` block says.
struct Spec<'b> {
    /// The name that stands for the element in `content`.
    iterator: Name,
    labels: Vec<&'b Expr>,
}

/// What the blocks made by a `dynamic` block have in common.
struct Made<'b> {
    block: &'b Block,
    /// The body of its `content`.
    body: &'b Body,
    spec: Spec<'b>,
    /// The marks of its `for_each`.
    marks: Marks,
}

impl Within<'_> {
    /// Adds the blocks that a `dynamic` block makes.
    pub(super) fn expand(
        &self,
        target: &Target<'_>,
        block: &Block,
        out: &mut Vec<Decoded>,
        diags: &mut Diagnostics,
    ) {
        let Some(content) = read_spec_content(&block.body, target.labels, diags) else { return };
        let Some((spec, value)) = self.spec(block, &content, target.labels, diags) else { return };
        let Some(body) = content_body(block, &content, diags) else { return };
        let (value, marks) = value.unmark();
        let made = Made { block, body, spec, marks };
        if value.is_known() {
            for (key, value) in elements(&value) {
                self.instance(target, &made, (key, value.clone()), self.unknown, out, diags);
            }
        } else {
            self.instance(target, &made, (Value::dynamic(), Value::dynamic()), true, out, diags);
        }
    }

    fn instance(
        &self,
        target: &Target<'_>,
        made: &Made<'_>,
        element: (Value, Value),
        unknown: bool,
        out: &mut Vec<Decoded>,
        diags: &mut Diagnostics,
    ) {
        let object = Value::object([("key", element.0), ("value", element.1)]);
        let local = Local { name: &made.spec.iterator, value: &object, outer: self.env.locals };
        let env = self.env.with_local(&local);
        let mut labels = Vec::with_capacity(made.spec.labels.len());
        for expr in &made.spec.labels {
            let Some(label) = label(&env, expr, diags) else { return };
            labels.push(label);
        }
        let marks = (!made.marks.is_empty()).then_some(&made.marks);
        let within = Within { env, marks, unknown };
        within.block(target, (made.block, labels), made.body, out, diags);
    }

    /// Reads and checks the arguments, and evaluates `for_each`.
    fn spec<'b>(
        &self,
        block: &Block,
        content: &Content<'b>,
        labels: &[&str],
        diags: &mut Diagnostics,
    ) -> Option<(Spec<'b>, Value)> {
        let name = block.labels.first().map(|l| l.name.clone())?;
        let iterator = match content.attribute("iterator") {
            Some(a) => iterator_name(&a.expr, block.body.json, diags)?,
            None => name.clone(),
        };
        let for_each = &content.attribute("for_each")?.expr;
        let before = diags.len();
        let value = self.env.eval(for_each, diags);
        if diags.iter().skip(before).any(Diagnostic::is_error) {
            return None;
        }
        if let Some(problem) = not_iterable(&value) {
            let d = Diagnostic::error(INVALID_FOR_EACH, problem).at(for_each.span);
            diags.push(self.env.noted(d, for_each));
            return None;
        }
        let labels = match content.attribute("labels") {
            Some(a) => label_exprs(&a.expr, &name, labels.len(), diags)?,
            None => Vec::new(),
        };
        Some((Spec { iterator, labels }, value))
    }
}

fn read_spec_content<'b>(body: &'b Body, labels: &[&str], diags: &mut Diagnostics) -> Option<Content<'b>> {
    let mut attributes = vec![("for_each", true), ("iterator", false)];
    if !labels.is_empty() {
        attributes.push(("labels", true));
    }
    let shape = Shape { attributes, blocks: vec![("content", &[])], dynamic: false };
    let before = diags.len();
    let content = content::read(body, &shape, &[], diags);
    let failed = diags.iter().skip(before).any(Diagnostic::is_error);
    (!failed).then_some(content)
}

fn content_body<'c>(block: &Block, content: &'c Content<'_>, diags: &mut Diagnostics) -> Option<&'c Body> {
    let mut blocks = content.blocks();
    let Some(first) = blocks.next() else {
        diags.error(
            missing_item(&block.body),
            "Missing dynamic content block",
            "A dynamic block must have a nested block of type \"content\" to describe the body of each generated block.",
        );
        return None;
    };
    if let Some(second) = blocks.next() {
        diags.error(
            second.header,
            "Extraneous dynamic content block",
            "Only one nested content block is allowed for each dynamic block.",
        );
        return None;
    }
    Some(&first.body)
}

/// The name that an `iterator` argument gives: a string in JSON syntax.
pub(super) fn iterator_name(expr: &Expr, json: bool, diags: &mut Diagnostics) -> Option<Name> {
    if json
        && let ExprKind::Literal(Value::String(name)) = &expr.kind
        && crate::syntax::is_identifier(name)
    {
        return Some(name.clone());
    }
    match expr.as_traversal() {
        Some(t) if t.steps.is_empty() => Some(t.root.name),
        Some(t) => {
            let detail = "Dynamic iterator must be a single variable name.";
            diags.error(t.span, "Invalid dynamic iterator name", detail);
            None
        }
        None => {
            diags.error(
                expr.span,
                "Invalid expression",
                "A single static variable reference is required: only attribute access and indexing with constant keys. No calculations, function calls, template expressions, etc are allowed here.",
            );
            None
        }
    }
}

/// Why a value cannot be used in `for_each`. An unknown of unknown type can.
fn not_iterable(value: &Value) -> Option<String> {
    let (null, ty) = match value.peel() {
        Value::Unknown(Type::Dynamic, _) => return None,
        Value::Null(Type::Dynamic) => (true, None),
        v => (v.is_null(), Some(v.ty())),
    };
    match ty {
        Some(ty) if !is_iterable(&ty) => Some(format!(
            "Cannot use a {} value in for_each. An iterable collection is required.",
            ty.friendly_name()
        )),
        _ if null => Some("Cannot use a null value in for_each.".into()),
        _ => None,
    }
}

fn label_exprs<'b>(
    expr: &'b Expr,
    name: &str,
    count: usize,
    diags: &mut Diagnostics,
) -> Option<Vec<&'b Expr>> {
    let ExprKind::Tuple(items) = &expr.kind else {
        diags.error(expr.span, "Invalid expression", "A static list expression is required.");
        return None;
    };
    let detail = || format!("Blocks of type {} require {count} label(s).", quote(name));
    if let Some(extra) = items.get(count) {
        diags.error(extra.span, "Extraneous dynamic block label", detail());
        return None;
    }
    if items.len() < count {
        diags.error(expr.span, "Insufficient dynamic block labels", detail());
        return None;
    }
    Some(items.iter().collect())
}

/// A label must be a string that is known and not secret: it is part of addresses.
fn label(env: &Env<'_>, expr: &Expr, diags: &mut Diagnostics) -> Option<Name> {
    let before = diags.len();
    let value = env.eval(expr, diags);
    if diags.iter().skip(before).any(Diagnostic::is_error) {
        return None;
    }
    let problem = match convert(&value, &Type::String) {
        Ok(Value::String(s)) => return Some(s),
        Err(e) => format!("Cannot use this value as a dynamic block label: {}.", e.message),
        Ok(v) if v.is_null() => "Cannot use a null value as a dynamic block label.".into(),
        Ok(v) if !v.is_known() => {
            "This value is not yet known. Dynamic block labels must be immediately-known values.".into()
        }
        Ok(_) => "This value has dynamic marks that make it unsuitable for use as a block label.".into(),
    };
    diags.push(env.noted(Diagnostic::error(INVALID_LABEL, problem).at(expr.span), expr));
    None
}
