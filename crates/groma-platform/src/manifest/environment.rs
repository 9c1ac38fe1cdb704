//! Environments: what each is like, what it takes over, and what is in it.

use super::build::{self, Layers};
use super::check;
use super::decode::{self, Args, Context, named};
use super::evaluate::Scope;
use super::foundation::{nat, network_cidr, of};
use super::names;
use super::read::{self, Entry};
use super::spec;
use super::value::Val;
use super::{Manifest, hosts};
use crate::model::*;
use crate::schedule;
use groma_lang::ast::Block;
use groma_lang::{Diagnostic, Diagnostics, Span};
use std::collections::{BTreeMap, BTreeSet};

/// An environment as it is declared.
#[derive(Clone, Debug)]
pub(crate) struct Declared {
    pub name: String,
    pub each: Option<String>,
    pub like: Option<String>,
    /// Its arguments, with a sample of a label.
    pub args: Args,
    /// Where it stands among the blocks.
    pub entry: usize,
}

/// An environment as it is, with the places of what its components say.
pub(crate) struct Resolved {
    pub environment: Environment,
    pub each: bool,
    pub places: Places,
    /// Components whose hosts are written for this environment.
    pub own_hosts: BTreeSet<ComponentId>,
}

/// The places of arguments, by component.
pub(crate) type Places = BTreeMap<(ComponentId, &'static str), Span>;

/// Reads the `environment` blocks.
pub(super) fn declared(m: &Manifest, diags: &mut Diagnostics) -> Vec<Declared> {
    let mut out = Vec::new();
    for (entry, e) in m.entries.iter().enumerate().filter(|(_, e)| e.spec.keyword == "environment") {
        // Whether it is one of many is known only after its arguments are read, and is
        // needed to read them: a label is there if the block says so.
        let each = e.block.body.attribute("each").is_some();
        let scope = scope(m, &e.name, each.then_some(super::SAMPLE));
        let args = args_of(m, e, &scope, diags);
        for b in &e.block.body.blocks {
            override_of(m, e, b, diags);
        }
        out.push(Declared {
            name: e.name.clone(),
            each: args.text("each"),
            like: args.named("like"),
            args,
            entry,
        });
    }
    out
}

/// The arguments of an `environment` block.
fn args_of(m: &Manifest, e: &Entry, scope: &Scope, diags: &mut Diagnostics) -> Args {
    let context = Context { dir: &m.dir, names: &m.names, scope, environment: None };
    let mut args = Args::new(e.title(), e.block.header, e.spec.args);
    args.read(&e.block.body, e.spec, 0, &context, diags);
    args
}

/// What expressions of an environment's block can know.
fn scope(m: &Manifest, name: &str, label: Option<&str>) -> Scope {
    let mut scope = m.scope();
    scope.environment.insert("name", name.to_owned());
    scope.environment.insert("slug", names::slug(name, label));
    scope.environment.insert("label", label.unwrap_or_default().to_owned());
    scope
}

/// Checks the header of a block within an environment.
fn override_of(m: &Manifest, e: &Entry, b: &Block, diags: &mut Diagnostics) {
    let keyword = &*b.ty.name;
    let Some(spec) = spec::block(keyword).filter(|s| s.kind.is_some()) else {
        let components: Vec<&str> =
            spec::BLOCKS.iter().filter(|s| s.kind.is_some()).map(|s| s.keyword).collect();
        let remedy =
            match (e.spec.arg(keyword), groma_lang::diag::suggest(keyword, components.iter().copied())) {
                (Some(_), _) => {
                    format!("\"{keyword}\" is an argument: put an equals sign after it, \"{keyword} = …\".")
                }
                (None, Some(near)) => format!("Did you mean {near}?"),
                (None, None) => format!(
                    "Within an environment, blocks of components say what is different there: {}.",
                    spec::and(&components)
                ),
            };
        diags.error(
            b.header,
            "Unknown block",
            format!("An environment has no block \"{keyword}\". {remedy}"),
        );
        return;
    };
    let Some((name, span)) = read::label(b, spec, diags) else { return };
    if !m.names.has(spec.keyword, &name) {
        diags.error(
            span,
            "Unknown component",
            format!(
                "{keyword}.{name} is not declared, so there is nothing to say differently here. {} To have something in one environment only, declare it outside with only = [environment.{}].",
                m.names.remedy(spec.keyword, &name),
                e.name
            ),
        );
    }
    for inner in &b.body.blocks {
        diags.error(
            inner.header,
            "Block within a block",
            format!("Within {} {keyword} block stand arguments only.", spec::article(keyword)),
        );
    }
    let same =
        |other: &&Block| other.ty.name == b.ty.name && other.labels.first().is_some_and(|l| *l.name == *name);
    if e.block.body.blocks.iter().find(same).is_some_and(|first| first.span != b.span) {
        diags.error(
            b.header,
            "Name given twice",
            format!("What is different of {keyword}.{name} is said above already. Put both into one block."),
        );
    }
}

/// Whether environments are like one another in a circle, which is reported.
pub(super) fn cycles(declared: &[Declared], diags: &mut Diagnostics) -> bool {
    let like = |name: &str| declared.iter().find(|d| d.name == name).and_then(|d| d.like.clone());
    let mut reported: BTreeSet<String> = BTreeSet::new();
    for d in declared {
        let mut path = vec![d.name.clone()];
        while let Some(next) = like(path.last().map_or("", String::as_str)) {
            if next == d.name {
                if !reported.contains(&d.name) {
                    reported.extend(path.iter().cloned());
                    path.push(next);
                    let whole = path.join(" is like ");
                    let detail = match path.len() {
                        2 => format!("{} cannot be like itself. Remove like.", d.args.title),
                        _ => format!("No environment is the first: {whole}. Remove one like."),
                    };
                    diags.error(d.args.span("like"), "Circle of environments", detail);
                }
                break;
            }
            if path.contains(&next) {
                break;
            }
            path.push(next);
        }
    }
    !reported.is_empty()
}

/// The environments that one is like, the original first and itself last.
fn chain<'m>(m: &'m Manifest, d: &'m Declared) -> Vec<&'m Declared> {
    let mut chain = vec![d];
    let mut next = d.like.as_deref();
    while let Some(name) = next {
        let Some(found) = m.declared.iter().find(|d| d.name == name) else { break };
        if chain.iter().any(|c| c.name == found.name) {
            break;
        }
        chain.push(found);
        next = found.like.as_deref();
    }
    chain.reverse();
    chain
}

/// What the nearest environment of the chain says, and how near it is.
fn said<'a>(chain: &'a [&'a Declared], name: &str) -> Option<(usize, &'a Val)> {
    chain.iter().enumerate().rev().find_map(|(i, d)| Some((i, d.args.written(name)?)))
}

/// An environment with everything in it. `None` after errors that leave nothing to work with.
pub(super) fn resolve(
    m: &Manifest,
    declared: &Declared,
    label: Option<&str>,
    diags: &mut Diagnostics,
) -> Option<Resolved> {
    let entry = m.entries.get(declared.entry)?;
    let slug = names::slug(&declared.name, label);
    let mut scope = scope(m, &declared.name, label);
    // Hosts of one of many depend on the label.
    let own = Declared { args: args_of(m, entry, &scope, &mut Diagnostics::new()), ..declared.clone() };
    let mut chain = chain(m, declared);
    chain.pop();
    chain.push(&own);
    let last = chain.len() - 1;

    let network = said(&chain, "network");
    let named_network = network.and_then(|(_, v)| named(v)).and_then(|n| m.networks.get(&n));
    let near = |at: usize| named_network.is_none() || network.is_none_or(|(n, _)| at >= n);
    let account = match said(&chain, "account").filter(|(at, _)| near(*at)) {
        Some((_, v)) => m.known_account(v, diags)?,
        None => match named_network {
            Some(n) => n.account.clone(),
            None => m.default_account()?,
        },
    };
    let region = match said(&chain, "region").filter(|(at, _)| near(*at)).and_then(|(_, v)| v.text()) {
        Some(r) => r.to_owned(),
        None => named_network.map_or(&m.platform.region, |n| &n.region).clone(),
    };
    scope.environment.insert("account", account.clone());
    scope.environment.insert("account_id", m.account(&account).map_or(String::new(), |a| a.id.clone()));
    scope.environment.insert("region", region.clone());

    let sizes: Vec<f64> = chain.iter().map(|d| d.args.number("size").unwrap_or(1.0)).collect();
    let environment = Environment {
        name: declared.name.clone(),
        label: label.map(str::to_owned),
        network: named_network.map_or(NetworkRef::Own, |n| NetworkRef::Named(n.name.clone())),
        own_network: own_network(&chain, &slug, &account, &region, last, diags),
        account,
        region,
        protect: own.args.flag("protect"),
        like: declared.like.clone(),
        size: sizes.iter().product(),
        park: own.args.text("park").and_then(|t| schedule::weekly(&t).ok()),
        park_load_balancer: own.args.flag("park_load_balancer"),
        ttl: own.args.text("ttl").and_then(|t| schedule::duration(&t).ok()),
        components: Components::default(),
        span: own.args.span,
        slug,
    };
    check::environment_args(m, &own, &environment, named_network, diags);

    let mut resolved = Resolved {
        environment,
        each: declared.each.is_some(),
        places: Places::new(),
        own_hosts: BTreeSet::new(),
    };
    components(m, &chain, &sizes, &scope, &mut resolved, diags);
    hosts::settle(m, &own, &mut resolved, diags);
    build::ports(m, &mut resolved);
    check::within(m, &resolved, diags);
    Some(resolved)
}

fn own_network(
    chain: &[&Declared],
    slug: &str,
    account: &str,
    region: &str,
    last: usize,
    diags: &mut Diagnostics,
) -> Network {
    let own = &chain[last].args;
    let zones = said(chain, "zones").map_or(own, |(i, _)| &chain[i].args);
    let nats = said(chain, "nat").map_or(own, |(i, _)| &chain[i].args);
    let cidr = own.text("cidr").and_then(|c| c.parse().ok());
    if let Some(net) = cidr {
        network_cidr(net, own.span("cidr"), diags);
    }
    Network {
        name: slug.to_owned(),
        account: account.to_owned(),
        region: region.to_owned(),
        zones: zones.whole("zones").and_then(|z| u8::try_from(z).ok()).unwrap_or(3),
        cidr,
        nat: nat(nats.text("nat")),
        shares: BTreeSet::new(),
        shares_load_balancer: false,
        peers: Vec::new(),
        firewall: None,
        accounts: Vec::new(),
        flow_log_days: 0,
        ipv6: false,
        endpoints: BTreeSet::new(),
        span: own.span,
    }
}

/// Reads what the environment has, the overrides of the chain over it.
fn components(
    m: &Manifest,
    chain: &[&Declared],
    sizes: &[f64],
    scope: &Scope,
    resolved: &mut Resolved,
    diags: &mut Diagnostics,
) {
    let name = resolved.environment.name.clone();
    let mut present = BTreeSet::new();
    for e in &m.entries {
        let Some(kind) = e.spec.kind else { continue };
        let context = Context { dir: &m.dir, names: &m.names, scope, environment: None };
        if is_in(e, &name, &context, diags) {
            present.insert(ComponentId { kind, name: e.name.clone() });
        }
    }
    let context = Context { dir: &m.dir, names: &m.names, scope, environment: Some((&name, &present)) };
    for e in &m.entries {
        let Some(kind) = e.spec.kind else { continue };
        let id = ComponentId { kind, name: e.name.clone() };
        let overrides: Vec<(usize, &Block)> = chain
            .iter()
            .enumerate()
            .flat_map(|(i, d)| {
                let blocks = m.entries[d.entry].block.body.blocks.iter();
                blocks.filter(|b| is_of(b, e)).map(move |b| (i + 1, b))
            })
            .collect();
        if !present.contains(&id) {
            if let Some((_, b)) = overrides.iter().find(|(layer, _)| *layer == chain.len()) {
                diags.push(
                    Diagnostic::error(
                        "Override of something that is not there",
                        format!("The environment {name} has no {id}: only or except of {id} keeps it out. Let it be there too, or remove this block."),
                    )
                    .at(b.header),
                );
            }
            continue;
        }
        let mut args = Args::new(e.title(), e.block.header, e.spec.args);
        let mut well = args.read(&e.block.body, e.spec, 0, &context, diags);
        for (layer, b) in overrides {
            well &= args.read(&b.body, e.spec, layer, &context, diags);
        }
        // What is written wrongly is not missing.
        well = well && args.complete(diags);
        for (arg, v) in args.all() {
            resolved.places.insert((id.clone(), arg), v.span);
            let own = v.layer == chain.len() || v.elements().iter().any(|v| v.varies);
            if own && matches!(arg, "host" | "cdn" | "domain") {
                resolved.own_hosts.insert(id.clone());
            }
        }
        resolved.places.insert((id, ""), e.block.header);
        if well {
            let layers = Layers { sizes };
            build::component(
                m,
                kind,
                &e.name,
                &args,
                &layers,
                &context,
                &mut resolved.environment.components,
                diags,
            );
        }
    }
}

fn is_of(b: &Block, e: &Entry) -> bool {
    *b.ty.name == *e.spec.keyword && b.labels.first().is_some_and(|l| *l.name == *e.name)
}

/// Whether `only` and `except` let a component be in an environment.
fn is_in(e: &Entry, environment: &str, context: &Context<'_>, diags: &mut Diagnostics) -> bool {
    let mut args = Args::new(e.title(), e.block.header, e.spec.args);
    for common in spec::COMMON {
        let Some(a) = e.block.body.attribute(common.name) else { continue };
        let value = context.scope.value(&a.expr, diags);
        let Some(v) =
            value.and_then(|v| decode::fit(v, &common.ty, &format!("\"{}\"", common.name), context, diags))
        else {
            return true;
        };
        args.put(common, v);
    }
    let has = |name: &str| args.elements(name).iter().filter_map(named).any(|n| n == environment);
    if let (Some(_), Some(v)) = (args.get("only"), args.get("except")) {
        diags.error(
            v.span,
            "Both only and except",
            format!("{} has only, which says it all. Remove except.", e.title()),
        );
    }
    (args.get("only").is_none() || has("only")) && !has("except")
}

/// The entries of components that no environment has.
pub(super) fn nowhere<'m>(m: &'m Manifest, resolved: &[Resolved]) -> Vec<&'m Entry> {
    let there = |e: &Entry| {
        e.spec.kind.is_none_or(|kind| {
            let id = ComponentId { kind, name: e.name.clone() };
            resolved.iter().any(|r| r.places.contains_key(&(id.clone(), "")))
        })
    };
    m.entries.iter().filter(|e| !there(e)).collect()
}

/// The first environment, for messages.
pub(super) fn any(m: &Manifest) -> Option<&Entry> {
    of(&m.entries, "environment").next()
}
