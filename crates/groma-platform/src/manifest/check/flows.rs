//! The ends of connections in `prove` blocks.

use crate::manifest::Manifest;
use crate::manifest::spec;
use groma_lang::{Diagnostics, Span, diag};

/// Checks what `prove` blocks name.
pub(super) fn flows(m: &Manifest, diags: &mut Diagnostics) {
    for p in &m.proves {
        for (text, span) in p.connections() {
            let Ok(flow) = crate::flow::Flow::parse(text) else { continue };
            let (from, to) = (flow.from.as_str(), flow.to.as_str());
            for e in [from, to] {
                end(m, e, *span, diags);
            }
            if from == to && !from.ends_with(".other") {
                diags.error(
                    *span,
                    "Wrong proof",
                    format!(
                        "\"{text}\" is about one and the same, which always reaches itself. Write two ends."
                    ),
                );
            }
        }
        for (text, span) in p.no_egress.iter().chain(&p.nat).chain(&p.firewall) {
            end(m, text, *span, diags);
        }
        for (text, span) in &p.never {
            if p.always.iter().any(|(a, _)| a == text) {
                diags.error(
                    *span,
                    "Contradiction",
                    format!("\"{text}\" is in never and in always. Remove one of them."),
                );
            }
        }
    }
}

/// Checks one end: `internet`, `*`, an environment, `branch.other`, a component, `KIND.*`,
/// `ENVIRONMENT.KIND.NAME`, `network.NAME`.
fn end(m: &Manifest, text: &str, span: Span, diags: &mut Diagnostics) {
    let parts: Vec<&str> = text.split('.').collect();
    let environment = |name: &str| m.names.has("environment", name);
    let component = |kind: &str, name: &str| {
        spec::block(kind).is_some_and(|b| b.kind.is_some()) && (name == "*" || m.names.has(kind, name))
    };
    if text.parse::<ipnet::IpNet>().is_ok() {
        return;
    }
    let known = match parts[..] {
        ["internet" | "*" | "vpn"] => true,
        [name] => environment(name),
        ["network", name] => name == "*" || m.names.has("network", name),
        [name, "other"] if environment(name) => {
            if m.declared.iter().any(|d| d.name == name && d.each.is_none()) {
                diags.error(span, "Wrong proof", format!("There is only one environment {name}, so there is no other. Write {name}, or declare it with each."));
            }
            true
        }
        [kind, name] => component(kind, name),
        [name, kind, of] => environment(name) && component(kind, of),
        _ => false,
    };
    if known {
        return;
    }
    let remedy = match parts[..] {
        [kind, name] if spec::block(kind).is_some() => m.names.remedy(kind, name),
        _ => {
            let kinds = spec::BLOCKS.iter().filter(|b| b.kind.is_some()).map(|b| b.keyword);
            let names: Vec<&str> =
                m.names.of("environment").chain(["internet", "network", "vpn"]).chain(kinds).collect();
            match diag::suggest(parts[0], names.iter().copied()) {
                Some(near) => format!("Did you mean {near}?"),
                None => "An end is internet, vpn, *, a range (10.0.0.0/8), an environment (prod), another of its kind (branch.other), a component \
                         (database.main, database.*, prod.database.main) or a network (network.tools)."
                    .into(),
            }
        }
    };
    diags.error(span, "Unknown end in a proof", format!("\"{text}\" is nothing that is declared. {remedy}"));
}
