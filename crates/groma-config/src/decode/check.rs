//! Check rules (`validation`, `precondition`, `postcondition`, `assert`) and
//! `check` blocks.

use super::{Cx, resource};
use crate::content::{Shape, content, partial_content, req};
use crate::model::{Check, CheckRule, Resource};
use groma_lang::ast::{Traversal, TraversalStep};
use groma_lang::{Block, Expr};
use groma_value::addr::{Mode, Resource as ResourceAddr};

const RULE: Shape = Shape { attrs: &[req("condition"), req("error_message")], blocks: &[] };

/// One rule; `None` if it has no condition or no message.
pub(crate) fn rule(block: &Block, cx: &mut Cx<'_>) -> Option<CheckRule> {
    let found = content(&block.body, &RULE, cx);
    let condition = found.attr("condition").map(|a| a.expr.clone());
    if let Some(c) = &condition
        && c.references().is_empty()
    {
        cx.error(
            c.span,
            format!("Invalid {} expression", block.ty.name),
            "The condition refers to nothing, so it would always have the same result.",
        );
    }
    let error_message = found.attr("error_message")?.expr.clone();
    Some(CheckRule { condition: condition?, error_message, span: block.header })
}

/// Reports rules of a resource that name the resource itself instead of `self`.
pub(crate) fn refuse_own_name(rule: &CheckRule, kind: &str, addr: &ResourceAddr, cx: &mut Cx<'_>) {
    let mut refuse = |e: &Expr| {
        for t in e.references().iter().filter(|t| names_resource(t, addr)) {
            cx.error(
                t.span,
                format!("Invalid reference in {kind}"),
                format!("{addr} may not refer to itself by its address."),
            );
        }
    };
    refuse(&rule.condition);
    refuse(&rule.error_message);
}

/// Whether a reference begins with the address of a resource.
pub(crate) fn names_resource(t: &Traversal, addr: &ResourceAddr) -> bool {
    let attr = |i: usize| match t.steps.get(i) {
        Some(TraversalStep::Attr(a)) => Some(&*a.name),
        _ => None,
    };
    let first = Some(&*t.root.name);
    let (ty, name) = match addr.mode {
        Mode::Managed if first == Some("resource") => (attr(0), attr(1)),
        Mode::Managed => (first, attr(0)),
        Mode::Data if first == Some("data") => (attr(0), attr(1)),
        Mode::Ephemeral if first == Some("ephemeral") => (attr(0), attr(1)),
        Mode::Data | Mode::Ephemeral => return false,
    };
    ty == Some(&*addr.ty) && name == Some(&*addr.name)
}

const CHECK: Shape = Shape { attrs: &[], blocks: &[("data", &["type", "name"]), ("assert", &[])] };

/// A `check` block, and the data source within it.
pub(crate) fn check(block: &Block, cx: &mut Cx<'_>) -> Option<(Check, Option<Resource>)> {
    let name = block.labels.first()?.clone();
    let (found, rest) = partial_content(&block.body, &CHECK, cx);
    // What is left over is reported by an empty shape.
    content(&rest, &Shape { attrs: &[], blocks: &[] }, cx);
    cx.check_name(&name, "Invalid check block name");
    let mut data: Option<Resource> = None;
    let mut asserts = Vec::new();
    for b in &found.blocks {
        if &*b.ty.name == "assert" {
            asserts.extend(rule(b, cx));
        } else if let Some(first) = &data {
            let place = cx.place(first.span);
            cx.error(
                b.header,
                "Multiple data resource blocks",
                format!(
                    "The check \"{}\" has a data block already, at {place}, and may have one only.",
                    name.name
                ),
            );
        } else {
            let before = cx.diags.len();
            let decoded = resource::nested_data(b, &name.name, cx);
            if !cx.diags.iter().skip(before).any(groma_lang::Diagnostic::is_error) {
                data = decoded;
            }
        }
    }
    if asserts.is_empty() {
        cx.error(block.header, "Zero assert blocks", "A check has at least one assert block.");
    }
    let addr = data.as_ref().map(|d| d.addr.clone());
    Some((Check { name, data: addr, asserts, span: block.header }, data))
}
