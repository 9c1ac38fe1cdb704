//! Blocks that ask a provider for something other than an object of its own, in a `config`
//! block: `list` in query files, and `action` (both since Terraform 1.14).

use super::traversal::{keyword, list as items, plain_string, unquoted};
use super::{BAD_NAME, Cx, check_repetition, is_identifier, resource};
use crate::content::{Arg, Content, Shape, content, opt, req};
use crate::model::{ActionEvent, ActionRef, ActionTrigger, Asked, List};
use groma_lang::ast::TraversalStep;
use groma_lang::{Block, Body, Expr, ExprKind};

const CONFIG: &[(&str, &[&str])] = &[("config", &[])];
const ACTION: &[Arg] = &[opt("count"), opt("for_each"), opt("provider")];
const LIST: &[Arg] = &[opt("count"), opt("for_each"), opt("include_resource"), opt("limit"), opt("provider")];
const TRIGGER: Shape = Shape { attrs: &[req("actions"), opt("condition"), req("events")], blocks: &[] };

/// A `list` block.
pub(crate) fn list(block: &Block, cx: &mut Cx<'_>) -> Option<List> {
    let (asked, found) = asked(block, LIST, cx)?;
    let expr = |name: &str| found.attr(name).map(|a| a.expr.clone());
    Some(List { asked, include_resource: expr("include_resource"), limit: expr("limit") })
}

/// An `action` block.
pub(crate) fn action(block: &Block, cx: &mut Cx<'_>) -> Option<Asked> {
    Some(asked(block, ACTION, cx)?.0)
}

fn asked(block: &Block, attrs: &'static [Arg], cx: &mut Cx<'_>) -> Option<(Asked, Content)> {
    let [ty, name] = &block.labels[..] else { return None };
    let found = content(&block.body, &Shape { attrs, blocks: CONFIG }, cx);
    let kind = &*block.ty.name;
    if !is_identifier(&ty.name) {
        cx.error(ty.span, format!("Invalid {kind} type name"), BAD_NAME);
    }
    if !is_identifier(&name.name) {
        cx.error(name.span, format!("Invalid {kind} name"), BAD_NAME);
    }
    check_repetition(&found, cx);
    if let [_, second, ..] = &found.blocks[..] {
        let detail = format!("A block of type \"{kind}\" has one config block at most.");
        cx.error(second.header, "Duplicate config block", detail);
    }
    let written = found.attr("provider");
    let implied = || (resource::implied_local(&ty.name), None);
    let (provider, provider_key) =
        written.and_then(|a| resource::provider_arg(a, block.body.json, cx)).unwrap_or_else(implied);
    let config = match found.blocks.first() {
        Some(b) => b.body.clone(),
        None => Body { attributes: Vec::new(), blocks: Vec::new(), ..block.body.clone() },
    };
    let asked = Asked {
        ty: ty.clone(),
        name: name.clone(),
        provider,
        provider_key,
        provider_span: written.map(|a| a.expr.span),
        count: found.attr("count").map(|a| a.expr.clone()),
        for_each: found.attr("for_each").map(|a| a.expr.clone()),
        config,
        span: block.header,
    };
    Some((asked, found))
}

/// An `action_trigger` block of a `lifecycle` block.
pub(crate) fn trigger(block: &Block, cx: &mut Cx<'_>) -> Option<ActionTrigger> {
    let found = content(&block.body, &TRIGGER, cx);
    let json = block.body.json;
    let mut events = Vec::new();
    for e in items(&found.attr("events")?.expr, cx).unwrap_or_default() {
        let name = if json { plain_string(e) } else { keyword(e) };
        match name.and_then(ActionEvent::of) {
            Some(event) => events.push(event),
            None => cx.error(
                e.span,
                "Invalid action trigger event",
                format!(
                    "An event is one of {}, without quotes.",
                    ActionEvent::ALL.map(ActionEvent::as_str).join(", ")
                ),
            ),
        }
    }
    let mut actions = Vec::new();
    for e in items(&found.attr("actions")?.expr, cx).unwrap_or_default() {
        actions.extend(action_ref(&unquoted(e, json, cx), cx));
    }
    for (name, empty) in [("events", events.is_empty()), ("actions", actions.is_empty())] {
        if empty && let Some(a) = found.attr(name) {
            cx.error(a.expr.span, format!("No {name} specified"), "Without it the trigger would do nothing.");
        }
    }
    let condition = found.attr("condition").map(|a| a.expr.clone());
    Some(ActionTrigger { events, condition, actions, span: block.header })
}

/// `action.TYPE.NAME`, perhaps with a key, which may be any expression.
fn action_ref(e: &Expr, cx: &mut Cx<'_>) -> Option<ActionRef> {
    let (plain, key) = match &e.kind {
        ExprKind::Index(of, key) => (&**of, Some((**key).clone())),
        _ => (e, None),
    };
    if let Some(t) = plain.as_traversal()
        && &*t.root.name == "action"
        && let [TraversalStep::Attr(ty), TraversalStep::Attr(name)] = &t.steps[..]
    {
        return Some(ActionRef { ty: ty.name.clone(), name: name.name.clone(), key, span: e.span });
    }
    cx.error(
        e.span,
        "Invalid action reference",
        "An action of this module is named here: action.TYPE.NAME, followed by a key in brackets if it has count or for_each.",
    );
    None
}
