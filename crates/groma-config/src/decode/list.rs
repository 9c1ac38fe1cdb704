//! `list` blocks of query files (since Terraform 1.14).

use super::{BAD_NAME, Cx, check_repetition, is_identifier, resource};
use crate::content::{Shape, content, opt};
use crate::model::{List, LocalProvider};
use groma_lang::{Block, Body};

const LIST: Shape = Shape {
    attrs: &[opt("count"), opt("for_each"), opt("include_resource"), opt("limit"), opt("provider")],
    blocks: &[("config", &[])],
};

/// A `list` block.
pub(crate) fn list(block: &Block, cx: &mut Cx<'_>) -> Option<List> {
    let [ty, name] = &block.labels[..] else { return None };
    let found = content(&block.body, &LIST, cx);
    if !is_identifier(&ty.name) {
        cx.error(ty.span, "Invalid resource type name", BAD_NAME);
    }
    if !is_identifier(&name.name) {
        cx.error(name.span, "Invalid list name", BAD_NAME);
    }
    check_repetition(&found, cx);
    if let [_, second, ..] = &found.blocks[..] {
        cx.error(second.header, "Duplicate config block", "A list block has one config block at most.");
    }
    let written = found.attr("provider");
    let implied = || LocalProvider { name: resource::implied_provider(&ty.name).into(), alias: None };
    let provider =
        written.and_then(|a| resource::provider_arg(a, block.body.json, cx)).unwrap_or_else(implied);
    let expr = |name: &str| found.attr(name).map(|a| a.expr.clone());
    let config = match found.blocks.first() {
        Some(b) => b.body.clone(),
        None => Body { attributes: Vec::new(), blocks: Vec::new(), ..block.body.clone() },
    };
    Some(List {
        ty: ty.clone(),
        name: name.clone(),
        provider,
        provider_span: written.map(|a| a.expr.span),
        count: expr("count"),
        for_each: expr("for_each"),
        include_resource: expr("include_resource"),
        limit: expr("limit"),
        config,
        span: block.header,
    })
}
