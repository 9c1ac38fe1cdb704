//! Checks of everything together.

use super::flows;
use super::within::overlap;
use crate::manifest::Manifest;
use crate::manifest::environment::{self, Resolved};
use crate::manifest::foundation::of;
use crate::model::*;
use groma_lang::{Diagnostics, Span};
use std::collections::BTreeMap;

/// Checks what several blocks say of one another.
pub(crate) fn across(m: &Manifest, all: &[Resolved], diags: &mut Diagnostics) {
    flows::flows(m, diags);
    addresses(m, all, diags);
    hosts(all, diags);
    labels(m, diags);
    elsewhere(m, all, diags);
    networks(m, all, diags);
    unused(m, all, diags);
    nothing(m, all, diags);
}

/// Addresses that are written must not overlap.
fn addresses(m: &Manifest, all: &[Resolved], diags: &mut Diagnostics) {
    let mut taken: Vec<(String, ipnet::Ipv4Net)> = Vec::new();
    let mut add = |what: String, net: ipnet::Ipv4Net, span: Span, diags: &mut Diagnostics| {
        if let Some((other, theirs)) = taken.iter().find(|(w, n)| *w != what && overlap(n, &net)) {
            diags.error(
                span,
                "Overlapping addresses",
                format!("{net} of {what} overlaps with {theirs} of {other}, so there could never be a route between them. Give one of them another range, or leave cidr out: free addresses are found then."),
            );
        }
        taken.push((what, net));
    };
    for e in of(&m.entries, "network") {
        if let Some(net) = m.networks.get(&e.name).and_then(|n| n.cidr) {
            let span = e.block.body.attribute("cidr").map_or(e.block.header, |a| a.expr.span);
            add(format!("network.{}", e.name), net, span, diags);
        }
    }
    for (d, r) in
        all.iter().filter_map(|r| Some((m.declared.iter().find(|d| d.name == r.environment.name)?, r)))
    {
        if let Some(net) = r.environment.own_network.cidr.filter(|_| r.environment.network == NetworkRef::Own)
        {
            add(format!("environment.{}", d.name), net, d.args.span("cidr"), diags);
        }
    }
    for r in all {
        for v in r.environment.components.vpns.values() {
            let id = ComponentId { kind: Kind::Vpn, name: v.name.clone() };
            for net in &v.cidrs {
                let span = r.places.get(&(id.clone(), "cidrs")).copied().unwrap_or(v.span);
                add(id.to_string(), *net, span, diags);
                if overlap(net, &m.platform.addresses)
                    && net.prefix_len() <= m.platform.addresses.prefix_len()
                {
                    diags.error(span, "Overlapping addresses", format!("{net} of {id} takes all of the platform's addresses, {}, so no network could be made. Set addresses in the platform block to another range.", m.platform.addresses));
                }
            }
        }
    }
}

/// One host is for one environment.
fn hosts(all: &[Resolved], diags: &mut Diagnostics) {
    let mut taken: BTreeMap<String, &Environment> = BTreeMap::new();
    for r in all {
        let e = &r.environment;
        let services = e.components.services.values().flat_map(|s| {
            s.hosts
                .iter()
                .map(move |h| (ComponentId { kind: Kind::Service, name: s.name.clone() }, "host", h))
        });
        let cdns = e.components.buckets.values().filter_map(|b| {
            Some((ComponentId { kind: Kind::Bucket, name: b.name.clone() }, "cdn", b.cdn.as_ref()?))
        });
        for (id, argument, host) in services.chain(cdns) {
            let place = r.places.get(&(id.clone(), argument)).copied().unwrap_or(e.span);
            if r.each && !host.contains(e.label.as_deref().unwrap_or_default()) {
                diags.error(
                    place,
                    "Two environments with one host name",
                    format!("All environments {0} would have the host {host} for {id}. Let {0} be like another environment, or put ${{environment.slug}} into the host.", e.name),
                );
            }
            match taken.get(host) {
                Some(other) if other.name != e.name => diags.error(
                    place,
                    "Two environments with one host name",
                    format!(
                        "The environments {} and {} would both have the host {host} for {id}. Let one be like the other (like = environment.{0}), say another in it, hosts = {{ {} = \"…\" }}, or put ${{environment.slug}} into the host.",
                        other.name, e.name, id.name
                    ),
                ),
                Some(_) => {}
                None => drop(taken.insert(host.clone(), e)),
            }
        }
    }
}

/// No environment may be called as one of many would be.
fn labels(m: &Manifest, diags: &mut Diagnostics) {
    for many in m.declared.iter().filter(|d| d.each.is_some()) {
        for d in m.declared.iter().filter(|d| d.name != many.name) {
            if let Some(label) = d.name.strip_prefix(&many.name).and_then(|n| n.strip_prefix('-')) {
                diags.error(
                    d.args.span,
                    "Name of one of many",
                    format!("\"{}\" is what the environment {} with the label \"{label}\" is called. Give one of them another name.", d.name, many.name),
                );
            }
        }
    }
}

/// Services of other environments are there, in the same network or a peer of it.
fn elsewhere(m: &Manifest, all: &[Resolved], diags: &mut Diagnostics) {
    for r in all {
        let e = &r.environment;
        for (who, u) in crate::manifest::build::all_uses(&e.components) {
            let UseTarget::Elsewhere { environment, service } = &u.target else { continue };
            let Some(other) = all.iter().map(|r| &r.environment).find(|o| o.name == *environment) else {
                continue;
            };
            if !other.components.services.contains_key(service) {
                diags.error(u.span, "Reference to something that is not there", format!("The environment {environment} has no service.{service}: only or except keeps it out. Let it be there, or remove this."));
                continue;
            }
            let reached = match (&e.network, &other.network) {
                (NetworkRef::Named(a), NetworkRef::Named(b)) => {
                    let peers =
                        |a: &str, b: &str| m.networks.get(a).is_some_and(|n| n.peers.iter().any(|p| p == b));
                    a == b || peers(a, b) || peers(b, a)
                }
                _ => false,
            };
            if !reached && other.name != e.name {
                let name = |e: &Environment| match &e.network {
                    NetworkRef::Named(n) => format!("network.{n}"),
                    NetworkRef::Own => "a network of its own".into(),
                };
                diags.error(
                    u.span,
                    "No way to another network",
                    format!(
                        "{who} of {} is in {}, and service.{service} of {environment} in {}. Let both be in declared networks, and add peers = [network.NAME] to one of them.",
                        e.name,
                        name(e),
                        name(other)
                    ),
                );
            }
        }
    }
}

/// What networks share is in the environments that live in them.
fn networks(m: &Manifest, all: &[Resolved], diags: &mut Diagnostics) {
    for e in of(&m.entries, "network") {
        let Some(n) = m.networks.get(&e.name) else { continue };
        let here = NetworkRef::Named(n.name.clone());
        let inside: Vec<&Environment> =
            all.iter().map(|r| &r.environment).filter(|x| x.network == here).collect();
        let span = |name: &str| e.block.body.attribute(name).map_or(e.block.header, |a| a.expr.span);
        for peer in &n.peers {
            let Some(p) = m.networks.get(peer) else { continue };
            if p.peers.contains(&n.name) && p.name < n.name {
                diags.error(span("peers"), "Peers twice", format!("network.{peer} names network.{} among its peers already, and one route leads both ways. Remove it here.", n.name));
            }
        }
        if inside.is_empty() {
            let peered = m.networks.values().any(|o| o.peers.contains(&n.name));
            if !peered && n.peers.is_empty() {
                diags.warning(e.block.header, "Unused network", format!("No environment lives in network.{}. Name it in one, network = network.{0}, or remove it.", n.name));
            }
            continue;
        }
        for id in &n.shares {
            let missing = inside.iter().find(|x| !x.components.ids().any(|i| i == *id));
            if missing.is_some() && !inside.iter().any(|x| x.components.ids().any(|i| i == *id)) {
                diags.error(span("share"), "Shared by nobody", format!("No environment of network.{} has {id}: only or except keeps it out. Remove it from share.", n.name));
            }
        }
    }
    circle_of_peers(m, diags);
}

/// Root modules come one after the other, so peers must not name one another in a circle.
fn circle_of_peers(m: &Manifest, diags: &mut Diagnostics) {
    for e in of(&m.entries, "network") {
        let mut path = vec![e.name.as_str()];
        let mut stack: Vec<&str> =
            m.networks.get(&e.name).map(|n| n.peers.iter().map(String::as_str).collect()).unwrap_or_default();
        while let Some(next) = stack.pop() {
            if next == e.name {
                // Two that name each other, and one that names itself, are reported on their own.
                let longer = path.len() > 2 && path.iter().min() == Some(&e.name.as_str());
                if longer {
                    let span = e.block.body.attribute("peers").map_or(e.block.header, |a| a.expr.span);
                    diags.error(span, "Circle of peers", format!("Peers are named in a circle: {}. One route leads both ways, so each pair needs to be named once: turn one of them round.", path.join(", ")));
                }
                break;
            }
            if !path.contains(&next) {
                path.push(next);
                stack.extend(
                    m.networks.get(next).into_iter().flat_map(|n| n.peers.iter().map(String::as_str)),
                );
            }
        }
    }
}

/// Images and secrets that nothing uses are most often forgotten.
fn unused(m: &Manifest, all: &[Resolved], diags: &mut Diagnostics) {
    for e in of(&m.entries, "image") {
        let used = all.iter().any(|r| {
            let c = &r.environment.components;
            c.services.values().any(|s| s.image.name == e.name)
                || c.jobs.values().any(|j| j.image.name == e.name)
        });
        if !used && !written(m, "image", &e.name) {
            diags.warning(
                e.block.header,
                "Unused image",
                format!("No service or job runs image.{}. Name it in one, or remove it.", e.name),
            );
        }
    }
    for e in of(&m.entries, "edge") {
        if !written(m, "edge", &e.name) {
            diags.warning(e.block.header, "Unused edge", format!("edge.{0} stands in front of nothing. Add edge = edge.{0} to a service with a host, or to a bucket with a CDN; or remove it.", e.name));
        }
    }
    for e in of(&m.entries, "function") {
        let started = all
            .iter()
            .any(|r| r.environment.components.functions.get(&e.name).is_some_and(|f| !f.on.is_empty()));
        if !started && !written(m, "function", &e.name) {
            diags.warning(e.block.header, "Never started", format!("Nothing starts function.{0}. Say what does: on = [queue.NAME], or function.{0}.invoke in the uses of a service.", e.name));
        }
    }
    for e in of(&m.entries, "secret") {
        if !written(m, "secret", &e.name) {
            diags.warning(e.block.header, "Unused secret", format!("Nobody may read secret.{0}. Add secret.{0}.read to the uses of those who need it, or remove it.", e.name));
        }
    }
}

/// Whether something refers to a block anywhere.
fn written(m: &Manifest, keyword: &str, name: &str) -> bool {
    let nested = m.entries.iter().flat_map(|e| &e.block.body.blocks).map(|b| &b.body);
    let mut bodies = m.entries.iter().map(|e| &e.block.body).chain(nested);
    bodies.any(|b| {
        b.attributes.iter().flat_map(|a| a.expr.references()).any(|r| {
            let first = r.steps.first().and_then(|s| match s {
                groma_lang::ast::TraversalStep::Attr(a) => Some(&*a.name),
                groma_lang::ast::TraversalStep::Index(v, _) => v.as_str(),
            });
            *r.root.name == *keyword && first == Some(name)
        })
    })
}

/// Components that are nowhere, and manifests without environments.
fn nothing(m: &Manifest, all: &[Resolved], diags: &mut Diagnostics) {
    let first = m.entries.iter().find(|e| e.spec.kind.is_some());
    if environment::any(m).is_none() {
        if let Some(e) = first {
            diags.error(e.block.header, "No environment", format!("{} would never be brought up, because the manifest has no environment. Add one:\n    environment \"dev\" {{}}", e.title()));
        }
        return;
    }
    if all.len() < m.declared.len() {
        return;
    }
    for e in environment::nowhere(m, all) {
        diags.warning(
            e.block.header,
            "Never brought up",
            format!(
                "No environment has {}: only and except keep it out everywhere. Correct them, or remove it.",
                e.title()
            ),
        );
    }
}
