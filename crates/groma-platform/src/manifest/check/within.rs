//! Checks of one environment as it is.

use crate::manifest::Manifest;
use crate::manifest::build::all_uses;
use crate::manifest::environment::Resolved;
use crate::manifest::facts;
use crate::manifest::names::{self, SLUG};
use crate::model::*;
use groma_lang::Diagnostics;
use std::collections::{BTreeMap, BTreeSet};

/// Checks an environment.
pub(crate) fn within(m: &Manifest, r: &Resolved, diags: &mut Diagnostics) {
    names_of_resources(m, r, diags);
    names_taken(r, diags);
    services(r, diags);
    shared_instances(r, diags);
    functions(r, diags);
    buckets(r, diags);
    topics(r, diags);
    circle_of_uses(r, diags);
    elsewhere(m, r, diags);
    hosts(m, r, diags);
    zones(m, r, diags);
    vpns(r, diags);
    roles(m, r, diags);
    settings(r, diags);
}

fn id(kind: Kind, name: &str) -> ComponentId {
    ComponentId { kind, name: name.to_owned() }
}

/// The network of an environment.
fn network<'a>(m: &'a Manifest, e: &'a Environment) -> &'a Network {
    match &e.network {
        NetworkRef::Named(n) => m.networks.get(n).unwrap_or(&e.own_network),
        NetworkRef::Own => &e.own_network,
    }
}

/// The fewest characters that a label must be able to have.
const LABEL: usize = 4;

/// Names in AWS are made of platform, environment and component, and are limited.
fn names_of_resources(m: &Manifest, r: &Resolved, diags: &mut Diagnostics) {
    let e = &r.environment;
    let platform = &m.platform.name;
    // A sample's label stands for short ones.
    let slug = match r.each && e.label.as_deref() == Some(crate::manifest::SAMPLE) {
        true => format!("{}-{}", e.name, "x".repeat(LABEL)),
        false => e.slug.clone(),
    };
    let ids: BTreeSet<&ComponentId> = r.places.keys().map(|(id, _)| id).collect();
    for id in ids {
        let Some((name, what, over)) = names::too_long(platform, &slug, id) else { continue };
        let shown = if r.each { e.name.clone() } else { slug.clone() };
        let detail = match r.each {
            true if e.label.as_deref() != Some(crate::manifest::SAMPLE) => format!(
                "The {what} of {id} would be called \"{name}\", {over} {} too long for AWS. Choose a shorter label, or a shorter name for {id}.",
                characters(over)
            ),
            true => format!(
                "In the environments {shown}, the {what} of {id} is called \"{platform}-{shown}-LABEL-{}\", which leaves a \
                 label fewer than {LABEL} characters. Shorten the name of the platform, the environment or the component by {over}.",
                id.name
            ),
            false => format!(
                "The {what} of {id} would be called \"{name}\", {over} {} too long for AWS. Shorten the name of the platform, \
                 the environment or the component.",
                characters(over)
            ),
        };
        diags.error(r.place(id, ""), "Name too long for AWS", detail);
    }
    if e.slug.len() > SLUG {
        diags.error(
            e.span,
            "Name too long for AWS",
            format!("\"{}\" has more than {SLUG} characters. Shorten it.", e.slug),
        );
    }
}

/// Things that have a role or a log group of their name cannot share it.
fn names_taken(r: &Resolved, diags: &mut Diagnostics) {
    let c = &r.environment.components;
    let mut taken: BTreeMap<&str, &'static str> = BTreeMap::new();
    let services = c.services.values().map(|x| (x.name.as_str(), "service", x.span));
    let functions = c.functions.values().map(|x| (x.name.as_str(), "function", x.span));
    let jobs = c.jobs.values().map(|x| (x.name.as_str(), "job", x.span));
    let accesses = c.accesses.values().map(|x| (x.name.as_str(), "access", x.span));
    let roles = c.roles.values().map(|x| (x.name.as_str(), "role", x.span));
    for (name, kind, span) in services.chain(functions).chain(jobs).chain(accesses).chain(roles) {
        if let Some(other) = taken.insert(name, kind) {
            diags.error(
                span,
                "A name that is taken in AWS",
                format!(
                    "{other}.{name} and {kind}.{name} would both need a role named {name} in the same environment. Give one of them another name."
                ),
            );
        }
    }
}

fn characters(n: usize) -> &'static str {
    if n == 1 { "character" } else { "characters" }
}

fn services(r: &Resolved, diags: &mut Diagnostics) {
    let c = &r.environment.components;
    for s in c.services.values() {
        let me = id(Kind::Service, &s.name);
        if let Some(queue) = &s.scale.backlog {
            let receives = s.uses.iter().any(|u| {
                matches!(&u.target, UseTarget::Component { id, right: Right::Receive } if id.kind == Kind::Queue && id.name == *queue)
            });
            if !receives {
                diags.error(
                    r.place(&me, "scale"),
                    "Backlog of another's queue",
                    format!("{me} follows the backlog of queue.{queue}, but receives nothing from it. Add queue.{queue}.receive to uses, or remove backlog."),
                );
            }
        }
        if s.hosts.is_empty() {
            for (name, there) in [("path", !s.paths.is_empty()), ("edge", s.edge.is_some())] {
                if there {
                    diags.error(
                        r.place(&me, name),
                        "Argument without a host",
                        format!("\"{name}\" is about requests from the internet, and {me} has no host. Add host = \"NAME\", or remove it."),
                    );
                }
            }
            if s.scale.requests.is_some() && s.port.is_none() {
                diags.error(
                    r.place(&me, "scale"),
                    "Requests of nobody",
                    format!(
                        "{me} has no host and nothing uses it, so there are no requests to count. Add host = \"NAME\", or follow cpu."
                    ),
                );
            }
        }
    }
}

/// Containers share instances, so those have one size.
fn shared_instances(r: &Resolved, diags: &mut Diagnostics) {
    let mut first: Option<&Service> = None;
    for s in r.environment.components.services.values().filter(|s| s.run == Run::Containers) {
        let me = id(Kind::Service, &s.name);
        if !r.places.contains_key(&(me.clone(), "size")) {
            continue;
        }
        match first {
            Some(f) if f.instance != s.instance => diags.error(
                r.place(&me, "size"),
                "Two sizes of shared instances",
                format!("service.{} and {me} run on the same instances, which cannot be {} and {}. Write one size.", f.name, f.instance, s.instance),
            ),
            Some(_) => {}
            None => first = Some(s),
        }
    }
}

fn functions(r: &Resolved, diags: &mut Diagnostics) {
    let c = &r.environment.components;
    for f in c.functions.values() {
        let me = id(Kind::Function, &f.name);
        for (trigger, span) in &f.on {
            match trigger {
                Trigger::Created(b) | Trigger::Removed(b) => {
                    let writes = f.uses.iter().find(|u| {
                        matches!(&u.target, UseTarget::Component { id, right: Right::Write } if id.kind == Kind::Bucket && id.name == *b)
                    });
                    if let Some(u) = writes {
                        diags.error(
                            u.span,
                            "Function starts itself",
                            format!("{me} is started by objects in bucket.{b} and writes objects there, so it would start itself again and again. Let it write to another bucket."),
                        );
                    }
                }
                Trigger::Queue(q) => {
                    let Some(queue) = c.queues.get(q) else { continue };
                    if queue.visibility < f.timeout {
                        diags.error(
                            *span,
                            "Messages handled twice",
                            format!(
                                "{me} may take {} seconds, and messages of queue.{q} are hidden for {} only, which AWS refuses. \
                                 Write visibility = {} in queue.{q}, or a shorter timeout here.",
                                f.timeout,
                                queue.visibility,
                                f.timeout.saturating_mul(6).min(43_200)
                            ),
                        );
                    }
                }
                Trigger::Topic(t) => {
                    if c.topics.get(t).is_some_and(|t| t.fifo) {
                        diags.error(*span, "Topic with order", format!("AWS does not start functions from topics that keep order, such as topic.{t}. Put a queue with fifo = true between them."));
                    }
                }
                Trigger::Schedule(_) => {}
            }
        }
    }
}

fn buckets(r: &Resolved, diags: &mut Diagnostics) {
    let c = &r.environment.components;
    for b in c.buckets.values() {
        let me = id(Kind::Bucket, &b.name);
        if let Some(e) = b.edge.as_ref().and_then(|e| c.edges.get(e))
            && e.kind != EdgeKind::Cloudfront
        {
            let kind = if e.kind == EdgeKind::Waf { "a firewall of load balancers" } else { "Cloudflare" };
            diags.error(
                r.place(&me, "edge"),
                "Edge of another kind",
                format!("A CDN is CloudFront, and edge.{} is {kind}. Give {me} an edge with kind = \"cloudfront\".", e.name),
            );
        }
        let mut path = vec![b.name.as_str()];
        while let Some(next) = path.last().and_then(|n| c.buckets.get(*n)).and_then(|b| b.copy.as_deref()) {
            if next == b.name {
                path.push(next);
                // Said once, at the first name of the circle.
                if path.iter().min() == Some(&b.name.as_str()) {
                    let detail = match path.len() {
                        2 => format!("{me} cannot be its own copy. Name another bucket."),
                        _ => format!(
                            "Objects would be copied in a circle: {}. Remove one copy.",
                            path.join(" to ")
                        ),
                    };
                    diags.error(r.place(&me, "copy"), "Circle of copies", detail);
                }
                break;
            }
            if path.contains(&next) {
                break;
            }
            path.push(next);
        }
        if let Some(to) = b.copy.as_ref().and_then(|n| c.buckets.get(n))
            && !to.versions
        {
            diags.error(r.place(&me, "copy"), "Copy without versions", format!("AWS copies objects only into a bucket that keeps versions, and bucket.{} has versions = false. Remove that.", to.name));
        }
        if let Some(edge) = b.edge.as_ref().and_then(|e| c.edges.get(e))
            && edge.kind == EdgeKind::Cloudflare
        {
            diags.error(r.place(&me, "edge"), "Edge of another kind", format!("edge.{} is Cloudflare, which stands in front of load balancers, and {me} has a CDN of its own. Name an edge of kind \"waf\".", edge.name));
        }
    }
}

fn topics(r: &Resolved, diags: &mut Diagnostics) {
    let c = &r.environment.components;
    for t in c.topics.values() {
        for (to, span) in &t.to {
            match to {
                Subscriber::Queue(q) if c.queues.get(q).is_some_and(|q| q.fifo != t.fifo) => {
                    let (has, not) = if t.fifo { ("topic", "queue") } else { ("queue", "topic") };
                    diags.error(
                        *span,
                        "Order lost on the way",
                        format!("topic.{} and queue.{q}: the {has} keeps order and the {not} does not. Write fifo = true in both, or in neither.", t.name),
                    );
                }
                Subscriber::Email(_) | Subscriber::Https(_) if t.fifo => {
                    diags.error(*span, "Order lost on the way", format!("topic.{} keeps order, and AWS sends such notifications to queues only. Remove this, or fifo.", t.name));
                }
                _ => {}
            }
        }
    }
}

/// Who uses whom among what runs must not be a circle: nothing could be brought up first.
fn circle_of_uses(r: &Resolved, diags: &mut Diagnostics) {
    let c = &r.environment.components;
    let mut edges: BTreeMap<ComponentId, Vec<ComponentId>> = BTreeMap::new();
    for (from, u) in all_uses(c) {
        if let UseTarget::Component { id, .. } = &u.target
            && matches!(id.kind, Kind::Service | Kind::Function)
        {
            edges.entry(from).or_default().push(id.clone());
        }
    }
    let mut reported: BTreeSet<ComponentId> = BTreeSet::new();
    for start in edges.keys() {
        let Some(path) = path_back(start, &edges) else { continue };
        if path.iter().any(|p| reported.contains(p)) {
            continue;
        }
        reported.extend(path.iter().cloned());
        let detail = match path.len() {
            1 => format!("{start} uses itself. Remove it from uses: what runs within it needs no rights."),
            _ => {
                let mut names: Vec<String> = path.iter().map(ComponentId::to_string).collect();
                names.push(start.to_string());
                format!(
                    "{}. What uses each other cannot be brought up one after the other: let one of them use a queue or a topic in between.",
                    names.join(" uses ")
                )
            }
        };
        diags.error(r.place(start, "uses"), "Circle of uses", detail);
    }
}

/// The shortest way from a component back to itself.
fn path_back(
    start: &ComponentId,
    edges: &BTreeMap<ComponentId, Vec<ComponentId>>,
) -> Option<Vec<ComponentId>> {
    let mut from: BTreeMap<&ComponentId, &ComponentId> = BTreeMap::new();
    let mut next = std::collections::VecDeque::from([start]);
    while let Some(at) = next.pop_front() {
        for to in edges.get(at).into_iter().flatten() {
            if to == start {
                let mut path = vec![at.clone()];
                let mut at = at;
                while at != start {
                    at = from.get(at)?;
                    path.push(at.clone());
                }
                path.reverse();
                return Some(path);
            }
            if !from.contains_key(to) {
                from.insert(to, at);
                next.push_back(to);
            }
        }
    }
    None
}

/// Services of other environments must be there and be reached.
fn elsewhere(m: &Manifest, r: &Resolved, diags: &mut Diagnostics) {
    let e = &r.environment;
    for (_, u) in all_uses(&e.components) {
        let UseTarget::Elsewhere { environment, service } = &u.target else { continue };
        if *environment == e.name {
            diags.error(
                u.span,
                "The environment itself",
                format!("{environment} is this environment. Write service.{service}."),
            );
        }
        let Some(other) = m.declared.iter().find(|d| d.name == *environment) else { continue };
        if let Some(each) = &other.each {
            diags.error(u.span, "One of many", format!("There is one environment {environment} for each {each}, so it is not clear which is meant. Use a service of an environment without each."));
        }
    }
}

/// The hosts of an environment: in the domain, and each for one thing.
fn hosts(m: &Manifest, r: &Resolved, diags: &mut Diagnostics) {
    let c = &r.environment.components;
    let all = vec![String::new()];
    let mut taken: BTreeMap<(&str, &str), ComponentId> = BTreeMap::new();
    let services = c
        .services
        .values()
        .flat_map(|s| s.hosts.iter().map(move |h| (id(Kind::Service, &s.name), "host", h, &s.paths[..])));
    let cdns =
        c.buckets.values().filter_map(|b| Some((id(Kind::Bucket, &b.name), "cdn", b.cdn.as_ref()?, &[][..])));
    for (me, argument, host, paths) in services.chain(cdns) {
        let place = r.place(&me, argument);
        if let Some(domain) = &m.platform.domain
            && host != domain
            && !host.ends_with(&format!(".{domain}"))
        {
            diags.error(place, "Host outside of the domain", format!("{host} of {me} is not in {domain}, the platform's domain, so it cannot be made there. Write \"{}.{domain}\", or remove domain from the platform block.", me.name));
        }
        for path in if paths.is_empty() { all.as_slice() } else { paths } {
            match taken.get(&(host.as_str(), path.as_str())) {
                Some(other) if *other != me => {
                    diags.error(
                        place,
                        "Two answers for one host",
                        format!("{other} has the host {host} already{}. Give {me} another host, or different paths to both.", if path.is_empty() { String::new() } else { format!(" for {path}") }),
                    );
                }
                Some(_) => {}
                None => {
                    let clash = taken.iter().find(|((h, _), other)| {
                        *h == host && (other.kind == Kind::Bucket || me.kind == Kind::Bucket)
                    });
                    if let Some((_, other)) = clash {
                        diags.error(
                            place,
                            "Two answers for one host",
                            format!("{other} has the host {host} already. Give {me} another host."),
                        );
                    }
                    taken.insert((host.as_str(), path.as_str()), me.clone());
                }
            }
        }
        if host.len() > 253 || host.trim_start_matches("*.").split('.').any(|l| l.len() > 63) {
            diags.error(
                place,
                "Wrong host name",
                format!(
                    "{host} is too long for a host name: 63 characters between dots, 253 in all. Shorten it."
                ),
            );
        }
    }
}

/// What needs two zones.
fn zones(m: &Manifest, r: &Resolved, diags: &mut Diagnostics) {
    let e = &r.environment;
    let n = network(m, e);
    let most = facts::zones(&n.region);
    if n.zones > most {
        diags.error(
            n.span,
            "Too many zones",
            format!(
                "The network of the environment {} is to have {} zones, and {} has {most}. Write zones = {most} or less, or choose a region with more: us-east-1 has six, us-west-2 and ap-northeast-2 have four.",
                e.name, n.zones, n.region
            ),
        );
    }
    if n.zones > 1 {
        return;
    }
    let c = &e.components;
    let hosted = c
        .services
        .values()
        .find(|s| !s.hosts.is_empty())
        .map(|s| (id(Kind::Service, &s.name), "a load balancer"));
    let database = c.databases.keys().next().map(|d| (id(Kind::Database, d), "a database"));
    let stream = c.streams.keys().next().map(|s| (id(Kind::Stream, s), "a Kafka cluster"));
    if let Some((component, what)) = hosted.or(database).or(stream) {
        diags.error(
            n.span,
            "Too few zones",
            format!("{component} needs {what}, which AWS makes only in two zones or more, and the environment {} has one. Write zones = 2 or more.", e.name),
        );
    }
}

fn vpns(r: &Resolved, diags: &mut Diagnostics) {
    let e = &r.environment;
    for v in e.components.vpns.values() {
        let me = id(Kind::Vpn, &v.name);
        if r.each {
            diags.error(r.place(&me, ""), "One tunnel for many", format!("{me} would be made for each environment {}, and the other side has one address. Add only = [environment.NAME] to it.", e.name));
        }
    }
}

/// Whether two ranges have an address in common.
pub(super) fn overlap(a: &ipnet::Ipv4Net, b: &ipnet::Ipv4Net) -> bool {
    a.contains(b) || b.contains(a)
}

/// What a role cannot be given the rights for.
fn roles(m: &Manifest, r: &Resolved, diags: &mut Diagnostics) {
    let e = &r.environment;
    let n = network(m, e);
    for role in e.components.roles.values() {
        let me = id(Kind::Role, &role.name);
        let place = r.place(&me, "may");
        let may = |names: &[&str]| role.may.iter().find(|m| names.contains(&m.as_str()));
        if let Some(what) = may(&["park", "resume", "scale", "status"])
            && let Some(account) = m.platform.accounts.iter().find(|a| a.name == e.account)
            && let Some(other) = &account.role
        {
            diags.error(place, "Another role would do it", format!("The account {} is worked in as {other}, so groma {what} would take that role on, with all of its rights, and {me} may not. Remove \"role\" from the account, or {what} from may.", account.name));
        }
        let Some(what) = may(&["park", "resume"]) else { continue };
        if e.park_load_balancer && e.components.services.values().any(|s| !s.hosts.is_empty()) {
            diags.error(place, "More than a role may remove", format!("Parking {} removes its load balancers with their certificates and names, which {me} cannot be given rights for. Remove {what} from may, or park_load_balancer from the environment.", e.name));
        }
        if n.firewall.is_some() {
            diags.error(place, "More than a role may remove", format!("Parking {} removes the network's firewall, which {me} cannot be given rights for. Remove {what} from may, or the role from this environment.", e.name));
        }
        if n.account != e.account {
            diags.error(place, "Rights in another account", format!("Parking {} removes NAT gateways of a network that is in the account {}, where {me} has no rights. Remove {what} from may, or the role from this environment.", e.name, n.account));
        }
    }
}

/// Settings whose names cannot be, or that Groma gives itself.
fn settings(r: &Resolved, diags: &mut Diagnostics) {
    let c = &r.environment.components;
    let services = c.services.values().map(|s| (id(Kind::Service, &s.name), &s.settings, &s.uses));
    let functions = c.functions.values().map(|f| (id(Kind::Function, &f.name), &f.settings, &f.uses));
    let jobs = c.jobs.values().map(|j| (id(Kind::Job, &j.name), &j.settings, &j.uses));
    for (me, own, uses) in services.chain(functions).chain(jobs) {
        let place = r.place(&me, "settings");
        for name in own.keys() {
            let upper: String = name
                .chars()
                .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' })
                .collect();
            let good = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
                && name.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
            if !good {
                diags.error(place, "Wrong name of a setting", format!("{name:?} of {me} cannot be the name of an environment variable, which has letters, digits and _, and no digit at the beginning. Write {}{upper}.", if upper.starts_with(|c: char| c.is_ascii_digit()) { "_" } else { "" }));
                continue;
            }
            let given = crate::compile::settings_of(uses);
            let common = ["GROMA_PLATFORM", "GROMA_ENVIRONMENT", "AWS_REGION_NAME"].contains(&name.as_str())
                || name == "PORT"
                    && c.services.get(&me.name).is_some_and(|s| me.kind == Kind::Service && s.port.is_some());
            if common || given.iter().any(|g| g == name) {
                diags.error(place, "Setting that is there already", format!("{me} has a setting {name} without being told: it comes from what the service is and from its uses. Give yours another name, or remove it."));
            } else if me.kind == Kind::Function && (name.starts_with("AWS_") || name.starts_with("LAMBDA_")) {
                diags.error(place, "Setting of Lambda's", format!("Lambda keeps names that begin with AWS_ and LAMBDA_ for itself, so {me} cannot have {name}. Give it another name."));
            }
        }
    }
}
