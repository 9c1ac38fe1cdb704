//! `resource`, `data` and `ephemeral`.

use super::constant::bool_arg;
use super::traversal::{keyword, list, plain_string, reference, reference_list, unquoted};
use super::{BAD_NAME, Cx, check, check_repetition, is_identifier, provider};
use crate::content::{Arg, Content, Shape, content, opt, partial_content};
use crate::model::{Lifecycle, LocalProvider, Provisioner, Resource};
use groma_lang::ast::TraversalStep;
use groma_lang::{Attribute, Block, Body, Expr, Span};
use groma_value::Name;
use groma_value::addr::{Mode, Resource as ResourceAddr};

const META: &[Arg] = &[opt("count"), opt("for_each"), opt("provider"), opt("depends_on")];

const MANAGED: Shape = Shape {
    attrs: META,
    blocks: &[
        ("locals", &[]),
        ("lifecycle", &[]),
        ("connection", &[]),
        ("provisioner", &["type"]),
        ("_", &[]),
    ],
};
const OTHER: Shape = Shape { attrs: META, blocks: &[("lifecycle", &[]), ("locals", &[]), ("_", &[])] };

/// A `resource`, `data` or `ephemeral` block.
pub(crate) fn resource(block: &Block, mode: Mode, cx: &mut Cx<'_>) -> Option<Resource> {
    decode(block, mode, None, cx)
}

/// A `data` block in a check.
pub(crate) fn nested_data(block: &Block, check: &Name, cx: &mut Cx<'_>) -> Option<Resource> {
    decode(block, Mode::Data, Some(check), cx)
}

fn decode(block: &Block, mode: Mode, check: Option<&Name>, cx: &mut Cx<'_>) -> Option<Resource> {
    let [ty, name] = &block.labels[..] else { return None };
    let addr = ResourceAddr { mode, ty: ty.name.clone(), name: name.name.clone() };
    let shape = if mode == Mode::Managed { &MANAGED } else { &OTHER };
    let (found, mut body) = partial_content(&block.body, shape, cx);
    let kind = match mode {
        Mode::Managed => "resource",
        Mode::Data => "data",
        Mode::Ephemeral => "ephemeral",
    };
    let what = if mode == Mode::Data { "data source" } else { "resource type" };
    if !is_identifier(&ty.name) {
        cx.error(ty.span, format!("Invalid {what} name"), BAD_NAME);
    }
    let what = if mode == Mode::Data { "data resource" } else { "resource" };
    if !is_identifier(&name.name) {
        cx.error(name.span, format!("Invalid {what} name"), BAD_NAME);
    }
    if check.is_some() {
        for a in ["count", "for_each"].iter().filter_map(|n| found.attr(n)) {
            cx.error(
                a.name.span,
                format!("Invalid \"{}\" attribute", a.name.name),
                "A data block within a check has one instance: neither count nor for_each may be set.",
            );
        }
    } else {
        check_repetition(&found, cx);
    }
    let written = found.attr("provider");
    let (provider, provider_key) = written
        .and_then(|a| provider_arg(a, block.body.json, cx))
        .unwrap_or_else(|| (implied_local(&ty.name), None));
    let depends_on =
        found.attr("depends_on").map(|a| reference_list(&a.expr, block.body.json, cx)).unwrap_or_default();
    let mut resource = Resource {
        addr,
        provider,
        provider_key,
        provider_span: written.map(|a| a.expr.span),
        count: found.attr("count").map(|a| a.expr.clone()),
        for_each: found.attr("for_each").map(|a| a.expr.clone()),
        depends_on,
        lifecycle: Lifecycle::default(),
        connection: None,
        provisioners: Vec::new(),
        body: Body { attributes: Vec::new(), blocks: Vec::new(), ..body.clone() },
        span: block.header,
        check: check.cloned(),
    };
    let mut seen = Seen::default();
    for b in &found.blocks {
        match &*b.ty.name {
            "lifecycle" if check.is_some() => cx.error(
                b.header,
                "Invalid lifecycle block",
                "A data block within a check has no lifecycle of its own: the check decides about it.",
            ),
            "lifecycle" => {
                if seen.first(&mut |s| &mut s.lifecycle, b, "resource", cx) {
                    resource.lifecycle = lifecycle(b, &resource.addr, kind, cx);
                }
            }
            "connection" => {
                if seen.first(&mut |s| &mut s.connection, b, "resource", cx) {
                    resource.connection = Some(b.body.clone());
                }
            }
            "provisioner" => resource.provisioners.extend(provisioner(b, cx)),
            "_" => escaping(b, &mut seen.escaping, &mut body, kind, cx),
            other => cx.error(
                b.ty.span,
                format!("Reserved block type name in {kind} block"),
                format!("The block type \"{other}\" is kept for later versions of the language."),
            ),
        }
    }
    super::check_enabled(&found, resource.lifecycle.enabled.as_ref(), cx);
    // Destroy-time provisioners use the resource's connection, at a time when
    // nothing else may exist any more.
    if let Some(connection) = &resource.connection
        && resource.provisioners.iter().any(|p| p.on_destroy && p.connection.is_none())
    {
        only_self(connection, cx);
    }
    resource.body = body;
    Some(resource)
}

#[derive(Default)]
struct Seen {
    lifecycle: Option<Span>,
    connection: Option<Span>,
    escaping: Option<Span>,
}

impl Seen {
    /// Whether this is the first block of its type; others are reported.
    fn first(
        &mut self,
        slot: &mut dyn FnMut(&mut Seen) -> &mut Option<Span>,
        b: &Block,
        owner: &str,
        cx: &mut Cx<'_>,
    ) -> bool {
        let ty = &b.ty.name;
        match slot(self) {
            Some(first) => {
                let place = cx.place(*first);
                cx.error(
                    b.header,
                    format!("Duplicate {ty} block"),
                    format!("This {owner} has a {ty} block already, at {place}."),
                );
                false
            }
            none => {
                *none = Some(b.header);
                true
            }
        }
    }
}

/// The `_` block, whose content is always meant for the provider.
pub(crate) fn escaping(b: &Block, seen: &mut Option<Span>, body: &mut Body, kind: &str, cx: &mut Cx<'_>) {
    if let Some(first) = *seen {
        let place = cx.place(first);
        cx.error(
            b.ty.span,
            "Duplicate escaping block",
            format!("A {kind} block can have one block \"_\", and this has one already, at {place}."),
        );
        return;
    }
    *seen = Some(b.header);
    body.attributes.extend(b.body.attributes.iter().cloned());
    body.blocks.extend(b.body.blocks.iter().cloned());
}

/// The local name of the provider that a resource type belongs to.
pub(crate) fn implied_provider(ty: &str) -> &str {
    ty.split_once('_').map_or(ty, |(p, _)| p)
}

/// The configuration that is used where none is named.
pub(crate) fn implied_local(ty: &str) -> LocalProvider {
    LocalProvider { name: implied_provider(ty).into(), alias: None }
}

/// The `provider` argument: a local name, perhaps an alias, and perhaps a key.
pub(crate) fn provider_arg(
    attr: &Attribute,
    json: bool,
    cx: &mut Cx<'_>,
) -> Option<(LocalProvider, Option<Expr>)> {
    let expr = unquoted(&attr.expr, json, cx);
    provider::instance(&expr, cx)
}

const LIFECYCLE: Shape = Shape {
    attrs: &[
        opt("enabled"),
        opt("create_before_destroy"),
        opt("prevent_destroy"),
        opt("ignore_changes"),
        opt("replace_triggered_by"),
    ],
    blocks: &[("action_trigger", &[]), ("precondition", &[]), ("postcondition", &[])],
};

fn lifecycle(block: &Block, addr: &ResourceAddr, kind: &str, cx: &mut Cx<'_>) -> Lifecycle {
    let found = content(&block.body, &LIFECYCLE, cx);
    let mut out =
        Lifecycle { enabled: found.attr("enabled").map(|a| a.expr.clone()), ..Lifecycle::default() };
    if addr.mode == Mode::Managed {
        managed_lifecycle(&found, block.body.json, &mut out, cx);
    } else {
        for a in found.attrs.values().filter(|a| &*a.name.name != "enabled") {
            cx.error(
                a.name.span,
                format!("Invalid {kind} resource lifecycle argument"),
                format!(
                    "\"{}\" is for managed resources only: a {kind} block creates and destroys nothing.",
                    a.name.name
                ),
            );
        }
    }
    for b in &found.blocks {
        let ty = &*b.ty.name;
        if ty == "action_trigger" {
            if addr.mode == Mode::Managed {
                out.triggers.extend(super::asked::trigger(b, cx));
            } else {
                let detail = format!("Nothing changes a {kind} block's objects, so nothing is triggered.");
                cx.error(b.header, format!("Invalid {kind} resource lifecycle block"), detail);
            }
            continue;
        }
        let Some(rule) = check::rule(b, cx) else { continue };
        check::refuse_own_name(&rule, ty, addr, cx);
        if ty == "precondition" {
            out.preconditions.push(rule);
        } else {
            out.postconditions.push(rule);
        }
    }
    out
}

fn managed_lifecycle(found: &Content, json: bool, out: &mut Lifecycle, cx: &mut Cx<'_>) {
    out.create_before_destroy = found.attr("create_before_destroy").and_then(|a| bool_arg(a, cx));
    if let Some(a) = found.attr("prevent_destroy") {
        if super::module_call::is_early(&a.expr) {
            out.prevent_destroy_expr = Some(a.expr.clone());
        } else {
            out.prevent_destroy = bool_arg(a, cx).unwrap_or(false);
        }
        out.prevent_destroy_span = Some(a.span);
    }
    if let Some(a) = found.attr("replace_triggered_by") {
        out.replace_triggered_by = triggers(&a.expr, json, cx);
    }
    if let Some(a) = found.attr("ignore_changes") {
        let all = keyword(&a.expr) == Some("all") || json && plain_string(&a.expr) == Some("all");
        if all {
            out.ignore_all = true;
        } else {
            out.ignore_changes = ignored(&a.expr, json, cx);
        }
    }
}

fn ignored(expr: &Expr, json: bool, cx: &mut Cx<'_>) -> Vec<Expr> {
    let mut out = Vec::new();
    let mut star = None;
    for item in list(expr, cx).unwrap_or_default() {
        if plain_string(item) == Some("*") {
            star = Some(item.span);
            cx.error(
                expr.span,
                "Invalid ignore_changes wildcard",
                "To ignore changes of all arguments, write: ignore_changes = all",
            );
            continue;
        }
        let item = unquoted(item, json, cx);
        if reference(&item, cx).is_some() {
            out.push(item);
        }
    }
    if let Some(span) = star
        && !out.is_empty()
    {
        cx.error(
            span,
            "Invalid ignore_changes ruleset",
            "Either all changes are ignored or those which are listed: \"*\" and references do not go together.",
        );
    }
    out
}

/// `replace_triggered_by`: references to managed resources, whose keys may be
/// `count.index` and `each.key`.
fn triggers(expr: &Expr, json: bool, cx: &mut Cx<'_>) -> Vec<Expr> {
    let mut out = Vec::new();
    for item in list(expr, cx).unwrap_or_default() {
        let item = if json { unquoted(item, json, cx) } else { item.clone() };
        match crate::references::check_trigger(&item, cx.diags) {
            Ok(true) => out.push(item),
            Ok(false) => {}
            Err(d) => {
                cx.diags.push(*d);
                break;
            }
        }
    }
    out
}

const PROVISIONER: Shape = Shape {
    attrs: &[opt("when"), opt("on_failure")],
    blocks: &[("_", &[]), ("lifecycle", &[]), ("connection", &[])],
};

/// A `provisioner` block.
pub(crate) fn provisioner(block: &Block, cx: &mut Cx<'_>) -> Option<Provisioner> {
    let ty = block.labels.first()?.clone();
    let (found, mut body) = partial_content(&block.body, &PROVISIONER, cx);
    if ["chef", "habitat", "puppet", "salt-masterless"].contains(&&*ty.name) {
        cx.error(
            ty.span,
            format!("The \"{}\" provisioner has been removed", ty.name),
            "It was removed from the language long ago. A configuration management tool is better started by what \
             boots the machine, such as user data or an image.",
        );
        return None;
    }
    let json = block.body.json;
    let on_destroy = word(&found, "when", &["create", "destroy"], json, cx) == Some("destroy");
    if on_destroy {
        only_self(&body, cx);
    }
    let continue_on_failure = word(&found, "on_failure", &["continue", "fail"], json, cx) == Some("continue");
    let (mut connection, mut escaped) = (None::<(Span, Body)>, None);
    for b in &found.blocks {
        match &*b.ty.name {
            "_" => escaping(b, &mut escaped, &mut body, "provisioner", cx),
            "connection" => {
                if let Some((first, _)) = &connection {
                    let place = cx.place(*first);
                    cx.error(
                        b.header,
                        "Duplicate connection block",
                        format!("This provisioner has a connection block already, at {place}."),
                    );
                } else {
                    connection = Some((b.header, b.body.clone()));
                }
            }
            other => cx.error(
                b.ty.span,
                "Reserved block type name in provisioner block",
                format!("The block type \"{other}\" is kept for later versions of the language."),
            ),
        }
    }
    let connection = connection.map(|(_, b)| b);
    if let (true, Some(c)) = (on_destroy, &connection) {
        only_self(c, cx);
    }
    Some(Provisioner { ty, on_destroy, continue_on_failure, connection, body, span: block.header })
}

fn word(
    found: &Content,
    arg: &str,
    words: &'static [&'static str],
    json: bool,
    cx: &mut Cx<'_>,
) -> Option<&'static str> {
    let a = found.attr(arg)?;
    let quoted = plain_string(&a.expr);
    if quoted.is_some() && !json {
        cx.warning(
            a.expr.span,
            "Quoted keywords are deprecated",
            "This word stands here without quotes; remove them.",
        );
    }
    let given = quoted.or_else(|| keyword(&a.expr));
    let known = words.iter().find(|w| Some(**w) == given).copied();
    if known.is_none() {
        cx.error(
            a.expr.span,
            format!("Invalid \"{arg}\" keyword"),
            format!("\"{arg}\" is one of these words: {}.", words.join(", ")),
        );
    }
    known
}

/// Reports what a destroy-time provisioner refers to besides its own resource.
fn only_self(body: &Body, cx: &mut Cx<'_>) {
    for a in &body.attributes {
        for t in a.expr.references() {
            let attr = match &t.steps[..] {
                [TraversalStep::Attr(a), ..] => Some(&*a.name),
                _ => None,
            };
            let fine = match &*t.root.name {
                "self" | "path" | "terraform" => true,
                "count" => attr == Some("index"),
                "each" => attr == Some("key"),
                _ => false,
            };
            if !fine {
                cx.error(
                    a.expr.span,
                    "Invalid reference from destroy provisioner",
                    format!(
                        "\"{}\" may be gone already when this runs. A destroy-time provisioner and its connection \
                         refer only to the object itself, by \"self\", \"count.index\" and \"each.key\".",
                        t.root.name
                    ),
                );
            }
        }
    }
}
