//! `provider` blocks, and references to them.

use super::constant::string_arg;
use super::resource::escaping;
use super::{BAD_NAME, Cx, is_identifier};
use crate::content::{Shape, opt, partial_content};
use crate::model::{LocalProvider, ProviderBlock};
use groma_lang::ast::TraversalStep;
use groma_lang::{Block, Expr, ExprKind};

const PROVIDER: Shape = Shape {
    attrs: &[opt("version"), opt("alias"), opt("count"), opt("depends_on"), opt("for_each"), opt("source")],
    blocks: &[("_", &[]), ("lifecycle", &[]), ("locals", &[])],
};

/// A `provider` block.
pub(crate) fn provider(block: &Block, cx: &mut Cx<'_>) -> Option<ProviderBlock> {
    let name = block.labels.first()?;
    let (found, mut body) = partial_content(&block.body, &PROVIDER, cx);
    if !check_local_name(&name.name, block.header, cx) {
        return None;
    }
    let mut alias = None;
    if let Some(a) = found.attr("alias") {
        alias = string_arg(a, cx);
        if let Some(text) = &alias
            && !is_identifier(text)
        {
            cx.error(
                a.expr.span,
                "Invalid provider configuration alias",
                format!("An alias is a name. {BAD_NAME}"),
            );
        }
    }
    let mut version = None;
    if let Some(a) = found.attr("version") {
        cx.warning(
            a.expr.span,
            "Version constraints inside provider configuration blocks are deprecated",
            "Versions belong into the required_providers block, where they are decided on before any provider is \
             configured. The argument \"version\" of provider blocks is accepted for old configurations only.",
        );
        if let Some(text) = string_arg(a, cx) {
            super::terraform::check_constraint(&text, a.expr.span, cx);
            version = Some((text, a.expr.span));
        }
    }
    let for_each = found.attr("for_each").map(|a| a.expr.clone());
    if let (Some(a), None) = (found.attr("for_each"), &alias) {
        cx.error(
            a.name.span,
            "Alias required when using \"for_each\"",
            "A configuration without alias is what resources use that name none, so there is one instance of it. \
             Give the configuration an alias.",
        );
    }
    for a in ["count", "depends_on", "source"].iter().filter_map(|n| found.attr(n)) {
        cx.error(
            a.name.span,
            "Reserved argument name in provider block",
            format!("The argument \"{}\" is kept for later versions of the language.", a.name.name),
        );
    }
    let mut escaped = None;
    for b in &found.blocks {
        if &*b.ty.name == "_" {
            escaping(b, &mut escaped, &mut body, "provider", cx);
        } else {
            cx.error(
                b.ty.span,
                "Reserved block type name in provider block",
                format!("The block type \"{}\" is kept for later versions of the language.", b.ty.name),
            );
        }
    }
    Some(ProviderBlock {
        local: LocalProvider { name: name.name.to_lowercase().into(), alias: alias.map(Into::into) },
        version,
        for_each,
        body,
        span: block.header,
    })
}

/// Reports a local name that is not in the form all provider names have. Gives
/// whether it is a name at all.
pub(crate) fn check_local_name(name: &str, span: groma_lang::Span, cx: &mut Cx<'_>) -> bool {
    let well_formed = !name.is_empty()
        && name.chars().all(|c| c.is_alphanumeric() || c == '-')
        && !name.starts_with('-')
        && !name.ends_with('-');
    if !well_formed {
        cx.error(
            span,
            "Invalid provider local name",
            format!("\"{name}\" is no name for a provider: letters, digits and dashes are allowed, and no dash at either end."),
        );
        return false;
    }
    let lower = name.to_lowercase();
    if lower != name {
        cx.error(
            span,
            "Invalid provider local name",
            format!("Names of providers are in lower case: write \"{lower}\" instead of \"{name}\"."),
        );
        return false;
    }
    true
}

/// `aws`, `aws.west`, or `aws.by_region[KEY]` with any expression as the key.
pub(crate) fn instance(expr: &Expr, cx: &mut Cx<'_>) -> Option<(LocalProvider, Option<Expr>)> {
    if let ExprKind::Index(source, key) = &expr.kind
        && matches!(source.kind, ExprKind::GetAttr(..))
    {
        return Some((reference(source, cx)?, Some((**key).clone())));
    }
    Some((reference(expr, cx)?, None))
}

/// `aws` or `aws.west`.
pub(crate) fn reference(expr: &Expr, cx: &mut Cx<'_>) -> Option<LocalProvider> {
    const SUMMARY: &str = "Invalid provider configuration reference";
    let Some(t) = expr.as_traversal() else {
        cx.error(
            expr.span,
            SUMMARY,
            "A provider is named by its local name, and perhaps a dot and an alias: aws.west",
        );
        return None;
    };
    if !check_local_name(&t.root.name, t.root.span, cx) {
        return None;
    }
    let alias = match &t.steps[..] {
        [] => None,
        [TraversalStep::Attr(a)] => Some(a.name.clone()),
        [TraversalStep::Index(_, s), ..] => {
            cx.error(*s, SUMMARY, "After a provider's name, only a dot and an alias may follow.");
            return None;
        }
        _ => {
            cx.error(
                expr.span,
                SUMMARY,
                "A provider is named by its local name, and perhaps a dot and an alias: aws.west",
            );
            return None;
        }
    };
    Some(LocalProvider { name: t.root.name.to_lowercase().into(), alias })
}
