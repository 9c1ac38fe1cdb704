//! Access, roles, edges, VPNs, alarms, modules.

use super::Parts;
use crate::manifest::reference;
use crate::manifest::text;
use crate::manifest::value::{Val, ValKind};
use crate::model::*;
use crate::schedule;
use groma_lang::Diagnostics;
use std::collections::BTreeMap;

pub(super) fn access(p: &Parts<'_>, diags: &mut Diagnostics) -> Access {
    let a = p.args;
    let ttl = a.text("ttl").and_then(|t| schedule::duration(&t).ok()).unwrap_or(3600);
    if !(3600..=12 * 3600).contains(&ttl) {
        diags.error(
            a.span("ttl"),
            "Value out of range",
            "AWS gives sessions of one hour to twelve. Write a time from \"1h\" to \"12h\".",
        );
    }
    let tunnel = p.uses("tunnel");
    if a.get("tunnel").is_none_or(|v| v.elements().is_empty()) {
        diags.warning(a.span, "Access to nothing", format!("{} names nothing that is reached. Add tunnel = [database.NAME.read], for instance, or remove the block.", a.title));
    }
    with_ports(p, "tunnel", &tunnel, diags);
    Access {
        name: p.name.to_owned(),
        group: a.text("group").unwrap_or_default(),
        tunnel,
        allow: a.texts("allow"),
        ttl,
        span: a.span,
    }
}

/// Refuses what nobody can connect to.
fn with_ports(p: &Parts<'_>, name: &str, uses: &[Use], diags: &mut Diagnostics) {
    for u in uses {
        let what = match &u.target {
            UseTarget::Component { id, .. } => match id.kind {
                Kind::Database | Kind::Cache | Kind::Stream | Kind::Service => continue,
                _ => format!("{id} has no port"),
            },
            UseTarget::Elsewhere { environment, service } => {
                format!("environment.{environment}.service.{service} is in another environment")
            }
            UseTarget::Internet { .. } => "The internet is not in the environment".into(),
        };
        diags.error(
            u.span,
            "Nothing to connect to",
            format!("{what}, so \"{name}\" of {} cannot lead there. It leads to databases, caches, streams and services of this environment; for rights on other things there is role.", p.args.title),
        );
    }
}

pub(super) fn role(p: &Parts<'_>, diags: &mut Diagnostics) -> Role {
    let a = p.args;
    let trusted = a.texts("trusted");
    if trusted.is_empty() {
        diags.error(
            a.span("trusted"),
            "Trusted by nobody",
            format!(
                "Nobody could take on {}. Name somebody: trusted = [\"github:OWNER/REPOSITORY\"].",
                a.title
            ),
        );
    }
    for v in a.elements("trusted") {
        if let Some(name) = v.text().and_then(|t| t.strip_prefix("account:"))
            && !(name.len() == 12 && name.chars().all(|c| c.is_ascii_digit()))
            && p.m.account(name).is_none()
        {
            let names: Vec<&str> = p.m.platform.accounts.iter().map(|a| a.name.as_str()).collect();
            diags.error(v.span, "Unknown account", format!("The platform block has no account \"{name}\". There {} {}; another account is written by its number.", if names.len() == 1 { "is" } else { "are" }, crate::manifest::spec::and(&names)));
        }
    }
    let uses = p.uses("uses");
    for u in &uses {
        let network = match &u.target {
            UseTarget::Component { id, .. } => matches!(id.kind, Kind::Cache | Kind::Service),
            _ => true,
        };
        if network {
            diags.error(u.span, "Not for a role", format!("{} is outside of the network, so it cannot connect to this. A role may use what AWS itself gives out; for connections there is access.", a.title));
        }
    }
    let may = a.texts("may");
    if uses.is_empty() && may.is_empty() && a.get("uses").is_none_or(|v| v.elements().is_empty()) {
        diags.warning(a.span, "Role for nothing", format!("{} may do nothing. Say what: uses = [bucket.NAME.write] or may = [\"deploy\"], for instance.", a.title));
    }
    Role { name: p.name.to_owned(), trusted, uses, may, span: a.span }
}

pub(super) fn edge(p: &Parts<'_>, diags: &mut Diagnostics) -> Edge {
    let a = p.args;
    let kind = match a.text("kind").as_deref() {
        Some("waf") => EdgeKind::Waf,
        Some("cloudfront") => EdgeKind::Cloudfront,
        _ => EdgeKind::Cloudflare,
    };
    if kind == EdgeKind::Cloudflare && a.get("rate").is_some() {
        diags.error(
            a.span("rate"),
            "Argument without meaning",
            "Cloudflare limits rates itself, where it is configured. Remove \"rate\".",
        );
    }
    Edge { name: p.name.to_owned(), kind, rate: p.whole("rate"), allow: a.texts("allow"), span: a.span }
}

pub(super) fn vpn(p: &Parts<'_>, diags: &mut Diagnostics) -> Option<Vpn> {
    let a = p.args;
    let cidrs: Vec<_> = a.texts("cidrs").iter().filter_map(|c| text::cidr(c).ok()).collect();
    if cidrs.is_empty() {
        diags.error(a.span("cidrs"), "No networks", format!("Without networks of the other side nothing is routed into {}. Write cidrs = [\"192.168.0.0/24\"], for instance.", a.title));
    }
    let reaches = p.uses("reaches");
    with_ports(p, "reaches", &reaches, diags);
    Some(Vpn {
        name: p.name.to_owned(),
        peer: a.text("peer")?,
        cidrs,
        asn: p.whole("asn"),
        reaches,
        span: a.span,
    })
}

pub(super) fn alarm(p: &Parts<'_>, diags: &mut Diagnostics) -> Alarm {
    let a = p.args;
    if a.get("emails").is_some_and(|v| v.elements().is_empty()) {
        diags.error(a.span("emails"), "Nobody is told", format!("{} tells nobody. Write a mail address, emails = [\"ops@example.com\"], or remove the block: the alarms are there without it.", a.title));
    }
    Alarm { name: p.name.to_owned(), emails: p.args.texts("emails"), span: p.args.span }
}

pub(super) fn module(p: &Parts<'_>, diags: &mut Diagnostics) -> ModuleCall {
    let a = p.args;
    let source = a.text("source").unwrap_or_default();
    // A module of a registry is [HOST/]NAMESPACE/NAME/PROVIDER.
    let parts = source.split('/').count();
    let registry = !source.starts_with('.')
        && !source.contains("::")
        && !source.contains(':')
        && (3..=4).contains(&parts);
    if a.get("version").is_some() && !registry {
        diags.error(a.span("version"), "Version without a registry", format!("Only modules of a registry have versions, and {source:?} is none. Remove \"version\"; a tag of a repository goes into its source, as ?ref=TAG."));
    }
    let inputs = a.fields("inputs").iter().map(|f| (f.name.clone(), input(p, &f.value))).collect();
    ModuleCall { name: p.name.to_owned(), source, version: a.text("version"), inputs, span: a.span }
}

fn input(p: &Parts<'_>, v: &Val) -> ModuleInput {
    match &v.kind {
        ValKind::Ref(r) => {
            reference::attribute(r, p.context).unwrap_or_else(|_| ModuleInput::Constant("null".into()))
        }
        ValKind::List(items) => ModuleInput::List(items.iter().map(|v| input(p, v)).collect()),
        ValKind::Object(fields) => {
            let fields: BTreeMap<_, _> =
                fields.iter().map(|f| (f.name.clone(), input(p, &f.value))).collect();
            ModuleInput::Object(fields)
        }
        ValKind::Null => ModuleInput::Constant("null".into()),
        ValKind::Bool(b) => ModuleInput::Constant(b.to_string()),
        ValKind::Number(n) => ModuleInput::Constant(n.to_string()),
        ValKind::Text(t) => ModuleInput::Constant(quoted(t)),
    }
}

/// A text as HCL has it.
fn quoted(text: &str) -> String {
    groma_lang::eval::quote(text).replace("${", "$${").replace("%{", "%%{")
}
