//! `module` blocks.

use super::constant::string_arg;
use super::resource::escaping;
use super::traversal::{reference_list, unquoted};
use super::{Cx, check_repetition, provider};
use crate::content::{Shape, content, opt, partial_content, req};
use crate::model::{LocalProvider, ModuleCall, PassedProvider};
use crate::source_addr::ModuleSource;
use groma_lang::{Attribute, Block, Expr, ExprKind, Ident, Span};

const MODULE: Shape = Shape {
    attrs: &[
        req("source"),
        opt("version"),
        opt("count"),
        opt("for_each"),
        opt("depends_on"),
        opt("providers"),
    ],
    blocks: &[("_", &[]), ("lifecycle", &[]), ("locals", &[])],
};

const LIFECYCLE: Shape = Shape { attrs: &[opt("enabled")], blocks: &[] };

/// A `module` block.
pub(crate) fn module_call(block: &Block, cx: &mut Cx<'_>) -> Option<ModuleCall> {
    let name = block.labels.first()?.clone();
    let json = block.body.json;
    let (found, mut body) = partial_content(&block.body, &MODULE, cx);
    cx.check_name(&name, "Invalid module instance name");
    let early = |name: &str| found.attr(name).map(|a| &a.expr).filter(|e| is_early(e)).cloned();
    let (source_expr, version_expr) = (early("source"), early("version"));
    let version = found.attr("version").filter(|_| version_expr.is_none()).and_then(|a| version_arg(a, cx));
    let source = found.attr("source").and_then(|a| {
        if source_expr.is_some() {
            return Some((String::new(), a.expr.span));
        }
        let text = string_arg(a, cx)?;
        if version_expr.is_none() {
            check_source(&text, a.expr.span, found.attr("version").is_some(), cx);
        }
        Some((text, a.expr.span))
    });
    check_repetition(&found, cx);
    let depends_on = found.attr("depends_on").map(|a| reference_list(&a.expr, json, cx)).unwrap_or_default();
    let providers = found.attr("providers").map(|a| provider_map(a, json, cx));
    for b in &body.blocks {
        cx.error(
            b.ty.span,
            "Unsupported block type",
            format!("There are no blocks of type \"{}\" here: a module is given arguments only.", b.ty.name),
        );
    }
    let (mut escaped, mut lifecycle, mut enabled) = (None, None, None);
    for b in &found.blocks {
        match &*b.ty.name {
            "_" => escaping(b, &mut escaped, &mut body, "module", cx),
            "lifecycle" => {
                if let Some(first) = lifecycle.replace(b.header) {
                    let place = cx.place(first);
                    let detail = format!("This module has a lifecycle block already, at {place}.");
                    cx.error(b.header, "Duplicate lifecycle block", detail);
                }
                enabled = content(&b.body, &LIFECYCLE, cx).attr("enabled").map(|a| a.expr.clone());
            }
            other => cx.error(
                b.ty.span,
                "Reserved block type name in module block",
                format!("The block type \"{other}\" is kept for later versions of the language."),
            ),
        }
    }
    super::check_enabled(&found, enabled.as_ref(), cx);
    let (source, source_span) = source.unwrap_or((String::new(), block.header));
    Some(ModuleCall {
        name,
        source,
        source_span,
        version,
        source_expr,
        version_expr,
        count: found.attr("count").map(|a| a.expr.clone()),
        for_each: found.attr("for_each").map(|a| a.expr.clone()),
        enabled,
        depends_on,
        providers,
        body,
        span: block.header,
    })
}

/// Whether it has to be worked out from other values or by functions.
pub(crate) fn is_early(e: &Expr) -> bool {
    let mut calls = false;
    crate::walk::calls(e, &mut |_, _| calls = true);
    calls || !e.references().is_empty()
}

fn version_arg(a: &Attribute, cx: &mut Cx<'_>) -> Option<(String, Span)> {
    let text = string_arg(a, cx)?;
    super::terraform::check_constraint(&text, a.expr.span, cx).then_some((text, a.expr.span))
}

fn check_source(text: &str, span: Span, has_version: bool, cx: &mut Cx<'_>) {
    let parsed = if has_version { ModuleSource::parse_registry(text) } else { ModuleSource::parse(text) };
    let Err(why) = parsed else { return };
    if has_version {
        cx.error(
            span,
            "Invalid registry module source address",
            format!("{why}\n\nOnly modules of a registry have versions, so the argument \"version\" makes this the address of one."),
        );
    } else {
        cx.error(span, "Invalid module source address", why);
    }
}

/// `providers = { callee = caller }`.
pub(crate) fn provider_map(a: &Attribute, json: bool, cx: &mut Cx<'_>) -> Vec<PassedProvider> {
    let ExprKind::Object(items) = &a.expr.kind else {
        cx.error(a.expr.span, "Invalid expression", "A map written out in braces is needed here.");
        return Vec::new();
    };
    let mut out: Vec<PassedProvider> = Vec::new();
    for item in items {
        let key = bare_key(&item.key, json, cx);
        let key = provider::reference(&key, cx);
        let value = unquoted(&item.value, json, cx);
        let value = provider::instance(&value, cx);
        let (Some(inner), Some((outer, key))) = (key, value) else { continue };
        let span = item.value.span;
        if let Some(p) = out.iter().find(|p| p.inner == inner) {
            let place = cx.place(p.span);
            cx.error(
                span,
                "Duplicate provider address",
                format!("The provider {} has been passed already, at {place}.", show(&inner)),
            );
            continue;
        }
        out.push(PassedProvider { inner, outer, key, span });
    }
    out
}

/// A local name and alias as written.
pub(crate) fn show(p: &LocalProvider) -> String {
    match &p.alias {
        Some(a) => format!("{}.{a}", p.name),
        None => p.name.to_string(),
    }
}

/// A key of the map as a reference: a bare name is a string for the parser.
fn bare_key(key: &Expr, json: bool, cx: &mut Cx<'_>) -> Expr {
    if let ExprKind::Literal(v) = &key.kind
        && let Some(text) = v.as_str()
    {
        let file = cx.sources.get(key.span.file);
        let quoted = file.slice(key.span).starts_with('"');
        if !quoted && super::is_identifier(text) {
            return Expr { kind: ExprKind::Variable(text.into()), span: key.span };
        }
        return unquoted(key, json, cx);
    }
    match &key.kind {
        ExprKind::Parens(_) => key.clone(),
        ExprKind::GetAttr(source, attr) => {
            // `aws.west = ...`: the first name may be a literal, as for a bare name.
            let source = bare_key(source, json, cx);
            let attr = Ident { name: attr.name.clone(), span: attr.span };
            Expr { kind: ExprKind::GetAttr(Box::new(source), attr), span: key.span }
        }
        _ => key.clone(),
    }
}
