//! `moved`, `removed` and `import`: what changed since the last run.

use super::Cx;
use super::constant::bool_arg;
use super::resource;
use super::traversal::{self, target, unquoted};
use crate::content::{Content, Shape, content, opt, req};
use crate::model::{Import, Moved, Removed};
use groma_lang::{Attribute, Block, Diagnostic, Expr, ExprKind, Span};
use groma_value::addr::{Key, Mode, Target};

const MOVED: Shape = Shape { attrs: &[req("from"), req("to")], blocks: &[] };

fn address(a: &Attribute, json: bool, cx: &mut Cx<'_>) -> Option<(Target, Span)> {
    let expr = if json { unquoted(&a.expr, true, cx) } else { a.expr.clone() };
    let t = traversal::reference(&expr, cx)?;
    match target(&t) {
        Ok(found) => Some((found, a.expr.span)),
        Err(bad) => {
            cx.error(bad.span, "Invalid address", bad.detail);
            None
        }
    }
}

/// A `moved` block.
pub(crate) fn moved(block: &Block, cx: &mut Cx<'_>) -> Option<Moved> {
    let found = content(&block.body, &MOVED, cx);
    let mut side = |name: &str| found.attr(name).and_then(|a| address(a, block.body.json, cx));
    let (from, to) = (side("from"), side("to"));
    let ((from, from_span), (to, to_span)) = (from?, to?);
    if matches!(from, Target::Module(_)) != matches!(to, Target::Module(_)) {
        cx.error(
            block.header,
            "Invalid \"moved\" addresses",
            "A resource can only become a resource, and a module only a module: both addresses must be of the same kind.",
        );
        return None;
    }
    Some(Moved { from, to, from_span, to_span, span: block.header })
}

const REMOVED: Shape = Shape {
    attrs: &[req("from")],
    blocks: &[("lifecycle", &[]), ("connection", &[]), ("provisioner", &["type"])],
};
const REMOVED_LIFECYCLE: Shape = Shape { attrs: &[opt("destroy")], blocks: &[] };

/// A `removed` block.
pub(crate) fn removed(block: &Block, cx: &mut Cx<'_>) -> Option<Removed> {
    let found = content(&block.body, &REMOVED, cx);
    let from = found.attr("from").and_then(|a| removed_address(a, block.body.json, cx));
    let mut destroy = true;
    let mut provisioners = Vec::new();
    let managed = !matches!(&from, Some(Target::Module(_)));
    let (mut lifecycle_seen, mut connection) = (None::<Span>, None::<(Span, groma_lang::Body)>);
    for b in &found.blocks {
        match &*b.ty.name {
            "lifecycle" => {
                if let Some(first) = lifecycle_seen {
                    let place = cx.place(first);
                    cx.error(b.header, "Duplicate lifecycle block", format!("This removed block has a lifecycle block already, at {place}."));
                    continue;
                }
                lifecycle_seen = Some(b.header);
                let l = content(&b.body, &REMOVED_LIFECYCLE, cx);
                destroy = l.attr("destroy").and_then(|a| bool_arg(a, cx)).unwrap_or(true);
            }
            "connection" if !managed => cx.error(
                b.header,
                "Invalid connection block",
                "Only the removal of a managed resource runs provisioners, so only there a connection has a use.",
            ),
            "connection" => {
                if let Some((first, _)) = &connection {
                    let place = cx.place(*first);
                    cx.error(b.header, "Duplicate connection block", format!("This removed block has a connection block already, at {place}."));
                    continue;
                }
                connection = Some((b.header, b.body.clone()));
            }
            _ if !managed => cx.error(
                b.header,
                "Invalid provisioner block",
                "Only the removal of a managed resource runs provisioners.",
            ),
            _ => {
                let Some(p) = resource::provisioner(b, cx) else { continue };
                if p.on_destroy {
                    provisioners.push(p);
                } else {
                    cx.error(
                        b.header,
                        "Invalid provisioner block",
                        "Nothing is created here, so a provisioner must be one for destruction:\n    when = destroy",
                    );
                }
            }
        }
    }
    // The model has one place for a connection: with the provisioner that uses it.
    if let Some((_, body)) = connection {
        for p in &mut provisioners {
            p.connection.get_or_insert_with(|| body.clone());
        }
    }
    Some(Removed { from: from?, destroy, provisioners, span: block.header })
}

fn removed_address(a: &Attribute, json: bool, cx: &mut Cx<'_>) -> Option<Target> {
    let (from, span) = address(a, json, cx)?;
    let keyed = |d: &str| Diagnostic::error("Resource instance keys not allowed", d).at(span);
    if let Target::Instance(_) = &from {
        cx.diags.push(keyed(
            "A removed block is about a resource with all its instances, not about one of them.",
        ));
        return None;
    }
    if from.module().steps().iter().any(|(_, k)| *k != Key::None) {
        let mut d = keyed("A removed block is about a module with all its instances, not about one of them.");
        d.summary = "Module instance keys not allowed".into();
        cx.diags.push(d);
        return None;
    }
    if let Target::Resource(r) = &from
        && r.resource.mode != Mode::Managed
    {
        cx.error(
            span,
            "Data source address not allowed",
            "A data source has nothing to forget: its block can just be deleted.",
        );
        return None;
    }
    Some(from)
}

const IMPORT: Shape =
    Shape { attrs: &[opt("for_each"), opt("id"), opt("identity"), opt("provider"), req("to")], blocks: &[] };

/// An `import` block. `identity` is of Terraform 1.12.
pub(crate) fn import(block: &Block, cx: &mut Cx<'_>) -> Option<Import> {
    let json = block.body.json;
    let found = content(&block.body, &IMPORT, cx);
    let identity = found.attr("identity").map(|a| a.expr.clone());
    match (found.attr("id"), &identity) {
        (None, None) => cx.error(
            crate::content::missing_place(&block.body),
            "Missing required argument",
            "The argument \"id\" must be set here, or \"identity\" where the provider has one for the resource type.",
        ),
        (Some(_), Some(identity)) => cx.error(
            identity.span,
            "Invalid combination of arguments",
            "An object is named by its \"id\" or by its \"identity\": remove one of the two.",
        ),
        _ => {}
    }
    let provider = found.attr("provider").and_then(|a| resource::provider_arg(a, json, cx));
    let (provider, provider_key) = provider.map_or((None, None), |(p, key)| (Some(p), key));
    let to = import_to(&found, json, cx)?;
    let id = found.attr("id").map(|a| a.expr.clone());
    if id.is_some() == identity.is_some() {
        return None;
    }
    let for_each = found.attr("for_each").map(|a| a.expr.clone());
    Some(Import { to, id, identity, for_each, provider, provider_key, span: block.header })
}

/// The address: constant but for keys, which may be expressions.
fn import_to(found: &Content, json: bool, cx: &mut Cx<'_>) -> Option<Expr> {
    let a = found.attr("to")?;
    let to = if json { unquoted(&a.expr, true, cx) } else { a.expr.clone() };
    let skeleton = without_keys(&to);
    let Some(t) = skeleton.as_traversal() else {
        cx.error(a.expr.span, "Invalid import address", "The address of a resource instance is needed here.");
        return None;
    };
    match target(&t) {
        Ok(Target::Resource(r)) if r.resource.mode == Mode::Managed => Some(to),
        Ok(Target::Instance(r)) if r.resource.mode == Mode::Managed => Some(to),
        Ok(_) => {
            cx.error(a.span, "Invalid import address", "Only managed resources can be imported.");
            None
        }
        Err(bad) => {
            cx.error(bad.span, "Invalid address", bad.detail);
            cx.error(a.span, "Invalid import address", "Only managed resources can be imported.");
            None
        }
    }
}

/// The same expression with keys that are not constant left out.
fn without_keys(e: &Expr) -> Expr {
    match &e.kind {
        ExprKind::GetAttr(s, a) => {
            Expr { kind: ExprKind::GetAttr(Box::new(without_keys(s)), a.clone()), span: e.span }
        }
        ExprKind::Index(s, k) if matches!(k.kind, ExprKind::Literal(_)) => {
            Expr { kind: ExprKind::Index(Box::new(without_keys(s)), k.clone()), span: e.span }
        }
        ExprKind::Index(s, _) => without_keys(s),
        _ => e.clone(),
    }
}
