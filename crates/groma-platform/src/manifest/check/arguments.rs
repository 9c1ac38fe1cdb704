//! Checks of what an `environment` block says.

use crate::manifest::Manifest;
use crate::manifest::environment::Declared;
use crate::model::*;
use groma_lang::Diagnostics;

/// Checks the arguments of an environment.
pub(crate) fn environment_args(
    m: &Manifest,
    own: &Declared,
    e: &Environment,
    network: Option<&Network>,
    diags: &mut Diagnostics,
) {
    let a = &own.args;
    if own.args.number("size").is_some_and(|s| s <= 0.0) {
        diags.error(a.span("size"), "Value out of range", "An environment of no size has nothing in it. Write a number above 0, such as 0.25; to stop what costs there is park.");
    }
    if e.protect {
        if e.ttl.is_some() {
            diags.error(
                a.span("ttl"),
                "Protected, but not for long",
                format!(
                    "{} is protected, so it cannot be taken down after a time. Remove ttl, or protect.",
                    a.title
                ),
            );
        }
        if own.each.is_some() {
            diags.error(a.span("each"), "Protected, but one of many", format!("{} is protected, and environments that are made for a label come and go. Remove each, or protect.", a.title));
        }
        if e.park.is_some() {
            diags.warning(
                a.span("park"),
                "Protected, but parked",
                format!(
                    "{} is protected, and parking stops everything in it. Remove park, if people rely on it.",
                    a.title
                ),
            );
        }
    }
    if e.park_load_balancer
        && e.park.is_none()
        && a.get("park_load_balancer").is_some()
        && own.each.is_none()
        && e.ttl.is_none()
    {
        diags.warning(
            a.span("park_load_balancer"),
            "Never parked by itself",
            format!("{} has no park, so this holds only for groma park.", a.title),
        );
    }
    if own.each.is_some() && a.get("cidr").is_some() {
        diags.error(
            a.span("cidr"),
            "One range for many",
            format!(
                "All environments {} would have the same addresses. Remove cidr: each gets its own.",
                own.name
            ),
        );
    }
    if let Some(n) = network {
        in_network(m, own, e, n, diags);
    }
}

/// Checks that an environment can be in its network.
fn in_network(m: &Manifest, own: &Declared, e: &Environment, n: &Network, diags: &mut Diagnostics) {
    let a = &own.args;
    for name in ["zones", "cidr", "nat"] {
        if a.get(name).is_some() {
            diags.error(
                a.span(name),
                "Argument without meaning",
                format!(
                    "{} lives in network.{}, which has {name} of its own. Say it there, or remove network.",
                    a.title, n.name
                ),
            );
        }
    }
    if e.region != n.region {
        let name = if a.get("region").is_some() { "region" } else { "network" };
        diags.error(
            a.span(name),
            "Network in another region",
            format!(
                "{} is in {}, and network.{} in {}. Give it a network in {1}, or remove region.",
                a.title, e.region, n.name, n.region
            ),
        );
    }
    if e.account != n.account && !n.accounts.contains(&e.account) {
        let name = if a.get("account").is_some() { "account" } else { "network" };
        diags.error(
            a.span(name),
            "Network of another account",
            format!(
                "{} is in the account {}, and network.{} in {}, which does not share it. Add accounts = [\"{1}\"] to the \
                 network, or write account = \"{3}\".",
                a.title, e.account, n.name, n.account
            ),
        );
    }
    // What protects production is that nothing else is in its network.
    if a.written("network").is_none()
        && !e.protect
        && let Some(like) = &e.like
        && m.declared.iter().any(|d| d.name == *like && d.args.flag("protect"))
    {
        diags.warning(
            a.span,
            "In the network of a protected environment",
            format!(
                "{} takes over the network of {like}, which is protected. Name another network, or write network = null \
                 for one of its own; to stay there, write network = network.{}.",
                a.title, n.name
            ),
        );
    }
}
