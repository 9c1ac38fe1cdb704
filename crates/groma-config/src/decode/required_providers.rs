//! The `required_providers` block.

use super::Cx;
use super::provider::{check_local_name, reference};
use super::terraform::check_constraint;
use super::traversal::{list, plain_string, unquoted};
use crate::model::{LocalProvider, RequiredProvider};
use groma_lang::{Attribute, Block, Expr, ExprKind};
use groma_value::addr::Provider;
use groma_value::{Name, Type, convert};
use std::collections::BTreeMap;

/// The entries of a `required_providers` block.
pub(crate) fn decode(block: &Block, cx: &mut Cx<'_>) -> BTreeMap<Name, RequiredProvider> {
    for b in &block.body.blocks {
        cx.error(
            b.ty.span,
            "Unexpected \"".to_owned() + &b.ty.name + "\" block",
            "A required_providers block holds arguments only.",
        );
    }
    let mut out = BTreeMap::new();
    for a in &block.body.attributes {
        if block.body.json && &*a.name.name == "//" {
            continue;
        }
        if let Some(entry) = entry(a, block.body.json, cx) {
            out.insert(a.name.name.clone(), entry);
        }
    }
    out
}

fn entry(a: &Attribute, json: bool, cx: &mut Cx<'_>) -> Option<RequiredProvider> {
    let name = &a.name.name;
    let before = cx.diags.len();
    check_local_name(name, a.name.span, cx);
    if cx.diags.iter().skip(before).any(groma_lang::Diagnostic::is_error) {
        return None;
    }
    let mut out = RequiredProvider {
        source: Provider::implied(name),
        version: String::new(),
        aliases: Vec::new(),
        span: a.span,
    };
    if let ExprKind::Literal(v) = &a.expr.kind
        && let Ok(text) = convert(v, &Type::String)
        && let Some(text) = text.as_str()
    {
        if check_constraint(text, a.expr.span, cx) {
            out.version = text.to_owned();
        }
        return Some(out);
    }
    let ExprKind::Object(items) = &a.expr.kind else {
        cx.error(
            a.expr.span,
            "Invalid required_providers object",
            "An entry of required_providers is an object with a source and a version, or a version alone as a string.",
        );
        return None;
    };
    for item in items {
        let Some(key) = key(&item.key) else {
            cx.error(item.key.span, "Invalid Attribute", "The attribute's name must be a plain word.");
            continue;
        };
        match key {
            "version" => match plain_string(&item.value) {
                Some(text) => {
                    if check_constraint(text, item.value.span, cx) {
                        out.version = text.to_owned();
                    }
                }
                None => cx.error(item.value.span, "Invalid version constraint", "The version is a string."),
            },
            "source" => match plain_string(&item.value) {
                Some(text) => match Provider::parse(text) {
                    Ok(p) => out.source = p,
                    Err(why) => {
                        cx.error(item.value.span, "Invalid provider source string", format!("{why}."))
                    }
                },
                None => cx.error(item.value.span, "Invalid source", "The source is a string."),
            },
            "configuration_aliases" => out.aliases = aliases(&item.value, name, json, cx),
            other => {
                cx.error(
                    item.key.span,
                    "Invalid required_providers object",
                    format!(
                        "\"{other}\" is none of source, version and configuration_aliases. A provider is configured in \
                         a provider block."
                    ),
                );
                break;
            }
        }
    }
    Some(out)
}

fn key(e: &Expr) -> Option<&str> {
    match &e.kind {
        ExprKind::Variable(n) => Some(n),
        _ => plain_string(e),
    }
}

fn aliases(e: &Expr, name: &Name, json: bool, cx: &mut Cx<'_>) -> Vec<LocalProvider> {
    const SUMMARY: &str = "Invalid configuration_aliases value";
    let mut out = Vec::new();
    for item in list(e, cx).unwrap_or_default() {
        let item = unquoted(item, json, cx);
        let Some(p) = reference(&item, cx) else { continue };
        if p.name != *name {
            cx.error(
                e.span,
                SUMMARY,
                format!("Aliases begin with the name of the provider they belong to, \"{name}\" here and not \"{}\".", p.name),
            );
            continue;
        }
        out.push(p);
    }
    out
}
