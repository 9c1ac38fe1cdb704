//! Examples are replayed, explanations tested by doing what they say, and verdicts by
//! changing what decides them.

use crate::agree::{NodeNames, Report, ends, internet_six, opens, run, strict};
use crate::ask::{Asker, What};
use crate::concrete::{Concrete, resolve};
use crate::generate::{Style, generate};
use crate::probe::Probes;
use crate::rng::Rng;
use crate::sim::{End, Link, Outcome, Packet, Sim};
use groma_prove::engine::{Ask, Engine};
use groma_prove::model::*;
use groma_prove::ports::Family;
use groma_prove::reach::{Bound, Question, Ways};
use groma_prove::witness::{Blocked, BlockerKind, example_public};
use std::net::IpAddr;

/// The end which has this address, or by which packets of a node with it come.
fn end_of(world: &Concrete, node: NodeId, address: IpAddr) -> Option<End> {
    let net = &world.network;
    match net.nodes[node.index()].kind {
        NodeKind::Internet => Some(End::Internet),
        NodeKind::Outside => {
            let gateway = net
                .gateways
                .iter()
                .position(|g| matches!(&g.kind, GatewayKind::Private { outside, .. } if *outside == node));
            let attachment = net
                .attachments
                .iter()
                .position(|a| matches!(&a.what, Attached::Outside { node: n, .. } if *n == node));
            match (gateway, attachment) {
                (Some(g), _) => Some(End::Outside(node, Link::Gateway(GatewayId(g as u32)))),
                (_, Some(a)) => Some(End::Outside(node, Link::Attachment(AttachmentId(a as u32)))),
                _ => None,
            }
        }
        NodeKind::Service(_) => None,
        NodeKind::Resource(_) => world
            .of_node(node)
            .into_iter()
            .find(|m| {
                let member = &world.members[*m];
                member.addresses.contains(&address) || address == example_public(member.interface)
            })
            .map(End::Member),
    }
}

/// Sends a packet of the engine's.
fn send(
    world: &Concrete,
    from: NodeId,
    to: NodeId,
    packet: &groma_prove::witness::Packet,
) -> Option<(Outcome, bool)> {
    if packet.protocol == if packet.source.is_ipv4() { 58 } else { 1 } {
        // The other family's ICMP: nobody sends it.
        return None;
    }
    let start = end_of(world, from, packet.source)?;
    let icmp = matches!(packet.protocol, 1 | 58);
    let mut dst = packet.destination;
    if let (End::Internet, Some(End::Member(m)), true) =
        (start, end_of(world, to, packet.destination), dst.is_ipv4())
    {
        dst = IpAddr::V4(world.members[m].public?);
    }
    let sent = Packet {
        src: packet.source,
        dst,
        protocol: packet.protocol,
        sport: if icmp { packet.port >> 8 } else { packet.source_port },
        dport: if icmp { packet.port & 0xff } else { packet.port },
    };
    let mut sim = Sim::new(world, 1);
    sim.trace = true;
    let outcome = sim.connect(start, sent);
    let there = match outcome.delivered {
        Ok(End::Member(m)) => world.interface(m).node == to,
        Ok(End::Internet) => world.network.nodes[to.index()].kind == NodeKind::Internet,
        Ok(End::Outside(node, _) | End::Service(node, _)) => node == to,
        Err(_) => false,
    };
    Some((outcome, there))
}

fn family(four: bool) -> Family {
    if four { Family::V4 } else { Family::V6 }
}

/// Every example travels as it says.
fn examples(seed: u64, style: Style, report: &mut Report) -> (usize, usize) {
    let net = generate(seed, style);
    let world = resolve(&net, &mut Rng::new(seed));
    let engine = Engine::new(&net);
    let (mut asked, mut shown) = (0, 0);
    for from in ends(&net).into_iter().filter(|n| opens(&net, *n)) {
        for to in ends(&net) {
            if from == to || matches!(net.nodes[to.index()].kind, NodeKind::Service(_)) {
                continue;
            }
            let reach = engine.reach(from, to, Ways::NETWORK);
            for (four, question) in
                [(true, Question::Delivered), (true, Question::Completes), (false, Question::Completes)]
            {
                if !strict() && internet_six(&net, from, to, four) {
                    continue;
                }
                asked += 1;
                let family = family(four);
                if reach.get(family, question, Bound::Must).is_empty() {
                    continue;
                }
                let ask =
                    Ask { from, to, family, question, bound: Bound::Must, ways: Ways::NETWORK, within: None };
                let Some(witness) = engine.witness(&ask) else {
                    report.add((seed, "no example for what surely works", question), || {
                        format!("seed {seed}: {} -> {}: no example", net.called(from), net.called(to))
                    });
                    continue;
                };
                for connection in &witness.connections {
                    let Some((outcome, there)) =
                        send(&world, connection.from, connection.to, &connection.packet)
                    else {
                        continue;
                    };
                    shown += 1;
                    let right = there && (question == Question::Delivered || outcome.completes());
                    if !right && !outcome.by_chance {
                        report.add((seed, "an example does not travel", question), || {
                            format!(
                                "seed {seed}: {} -> {}, {question:?}: the example does not travel\n  {:?}\n  {:?}, answer {:?}\n    {}",
                                net.called(from),
                                net.called(to),
                                connection.packet,
                                outcome.delivered,
                                outcome.answered,
                                outcome.hops.join("\n    ")
                            )
                        });
                    }
                }
            }
        }
    }
    (asked, shown)
}

/// Does what an explanation asks for, if all of it can be done by allowing.
fn repair(net: &mut Network, blocked: &Blocked) -> bool {
    for blocker in &blocked.blockers {
        let item = blocker.item;
        let everything = ["0.0.0.0/0", "::/0"].map(crate::build::range);
        match blocker.kind {
            BlockerKind::GroupIn | BlockerKind::GroupOut => {
                let ingress = blocker.kind == BlockerKind::GroupIn;
                let Some(group) = net.groups.iter_mut().find(|g| g.item == item) else { return false };
                for range in everything {
                    (if ingress { &mut group.ingress } else { &mut group.egress }).push(Rule {
                        protocol: Protocol::Any,
                        ports: None,
                        icmp: None,
                        peer: Peer::Range(range),
                        presence: Presence::Sure,
                        item,
                    });
                }
            }
            BlockerKind::Acl => {
                let of =
                    |a: &Acl| a.item == item || a.ingress.iter().chain(&a.egress).any(|e| e.item == item);
                let Some(acl) = net.acls.iter_mut().find(|a| of(a)) else { return false };
                let whole = acl.item == item;
                for entries in [&mut acl.ingress, &mut acl.egress] {
                    if !whole && !entries.iter().any(|e| e.item == item) {
                        continue;
                    }
                    for range in everything {
                        entries.insert(
                            0,
                            AclEntry {
                                number: 0,
                                allow: true,
                                protocol: Protocol::Any,
                                ports: None,
                                icmp: None,
                                range: Some(range),
                                presence: Presence::Sure,
                                item,
                            },
                        );
                    }
                }
            }
            _ => return false,
        }
    }
    true
}

/// What is said to block does block, and nothing else does.
fn explanations(seed: u64, style: Style, report: &mut Report) -> (usize, usize) {
    let net = generate(seed, style);
    let mut rng = Rng::new(seed);
    let world = resolve(&net, &mut rng);
    let engine = Engine::new(&net);
    let (mut asked, mut repaired) = (0, 0);
    for from in ends(&net).into_iter().filter(|n| opens(&net, *n)) {
        for to in ends(&net) {
            let kind = &net.nodes[to.index()].kind;
            if from == to || matches!(kind, NodeKind::Service(_) | NodeKind::Outside) {
                continue;
            }
            let port = *rng.pick(&[22, 80, 443, 8080]);
            let Some(blocked) = engine.blocked(from, to, Family::V4, 6, port) else { continue };
            if blocked.blockers.iter().any(|b| b.doubt.is_some()) {
                continue;
            }
            let Some((outcome, there)) = send(&world, from, to, &blocked.packet) else { continue };
            if outcome.by_chance {
                continue;
            }
            asked += 1;
            let told = |what: &str, outcome: &Outcome| {
                format!(
                    "seed {seed}: {} -> {}: {what}\n  {:?}\n  {:?}\n  {:?}, answer {:?}\n    {}",
                    net.called(from),
                    net.called(to),
                    blocked.packet,
                    blocked.blockers.iter().map(|b| format!("{:?} {}", b.kind, b.what)).collect::<Vec<_>>(),
                    outcome.delivered,
                    outcome.answered,
                    outcome.hops.join("\n    ")
                )
            };
            let works = there && outcome.completes();
            if works != blocked.blockers.is_empty() {
                let what = if works { "nothing blocks it" } else { "something blocks it, unsaid" };
                report.add((seed, what, Question::Completes), || told(what, &outcome));
                continue;
            }
            if works {
                continue;
            }
            let mut better = net.clone();
            if !repair(&mut better, &blocked) {
                continue;
            }
            repaired += 1;
            let world = resolve(&better, &mut Rng::new(seed));
            let Some((outcome, there)) = send(&world, from, to, &blocked.packet) else { continue };
            if !(there && outcome.completes() || outcome.by_chance) {
                let what = "all that was named is repaired, and it still does not work";
                report.add((seed, what, Question::Completes), || told(what, &outcome));
            }
        }
    }
    (asked, repaired)
}

/// Changes one setting.
fn mutate(net: &mut Network, rng: &mut Rng) -> bool {
    match rng.below(9) {
        0 | 1 => {
            let group = rng.below(net.groups.len());
            let group = &mut net.groups[group];
            let rules = if rng.percent(50) { &mut group.ingress } else { &mut group.egress };
            if rules.is_empty() {
                return false;
            }
            let at = rng.below(rules.len());
            rules.remove(at);
        }
        2 => {
            let acl = rng.below(net.acls.len());
            let acl = &mut net.acls[acl];
            let entries = if rng.percent(50) { &mut acl.ingress } else { &mut acl.egress };
            if entries.is_empty() {
                return false;
            }
            let at = rng.below(entries.len());
            entries[at].allow = !entries[at].allow;
        }
        3 => {
            // The last becomes the first.
            let acl = rng.below(net.acls.len());
            let acl = &mut net.acls[acl];
            let entries = if rng.percent(50) { &mut acl.ingress } else { &mut acl.egress };
            if entries.len() < 2 {
                return false;
            }
            if let Some(mut last) = entries.pop() {
                last.number = 0;
                entries.insert(0, last);
            }
        }
        4 | 5 => {
            let table = rng.below(net.tables.len());
            let routes = &mut net.tables[table].routes;
            let at = rng.below(routes.len());
            if routes[at].target == Target::Local {
                return false;
            }
            routes[at].target = Target::Blackhole;
        }
        6 => {
            let at = rng.below(net.interfaces.len());
            let public = &mut net.interfaces[at].public;
            *public = if *public == Tri::Yes { Tri::No } else { Tri::Yes };
        }
        7 => {
            let at = rng.below(net.subnets.len());
            let vpc = net.subnets[at].vpc;
            let edges: Vec<TableId> = net.gateways.iter().filter_map(|g| g.table).collect();
            let tables: Vec<TableId> = (0..net.tables.len() as u32)
                .map(TableId)
                .filter(|t| net.tables[t.index()].vpc == vpc && !edges.contains(t))
                .collect();
            net.subnets[at].table = *rng.pick(&tables);
        }
        _ => {
            if net.peerings.is_empty() {
                return false;
            }
            let at = rng.below(net.peerings.len());
            net.peerings[at].active = Tri::No;
        }
    }
    true
}

/// A changed setting that changes what the simulator sees changes the verdict.
fn mutations(seed: u64, style: Style, report: &mut Report) -> (usize, usize) {
    let net = generate(seed, style);
    let mut rng = Rng::new(seed ^ 0x77);
    let world = resolve(&net, &mut rng);
    let probes = Probes::new(&net);
    let asker = Asker::new(&world, &probes, false);
    let nodes = ends(&net);
    let (mut tried, mut flipped) = (0, 0);
    for _ in 0..4 {
        let (from, to) = (*rng.pick(&nodes), *rng.pick(&nodes));
        let what = What { four: true, protocol: 6, port: *rng.pick(&[22, 80, 443, 1024]) };
        if from == to || !opens(&net, from) || matches!(net.nodes[to.index()].kind, NodeKind::Service(_)) {
            continue;
        }
        let before = asker.seen(from, to, what);
        if before.by_chance {
            continue;
        }
        for _ in 0..8 {
            let mut changed = net.clone();
            if !mutate(&mut changed, &mut rng) {
                continue;
            }
            tried += 1;
            let world = resolve(&changed, &mut Rng::new(seed));
            let after = Asker::new(&world, &probes, false).seen(from, to, what);
            if after.by_chance || after.completes.must == before.completes.must {
                continue;
            }
            flipped += 1;
            let engine = Engine::new(&changed);
            let reach = engine.reach(from, to, Ways::NETWORK);
            let says =
                |bound| reach.get(Family::V4, Question::Completes, bound).contains(Family::V4, 6, what.port);
            if says(Bound::Must) != after.completes.must || says(Bound::May) != after.completes.may {
                report.add((seed, "the verdict does not flip", Question::Completes), || {
                    format!(
                        "seed {seed}: {} -> {} {what:?}: one setting changed, {before:?} became {after:?}; the engine says may {} must {}",
                        net.called(from),
                        net.called(to),
                        says(Bound::May),
                        says(Bound::Must)
                    )
                });
            }
        }
    }
    (tried, flipped)
}

#[test]
fn examples_travel() {
    let style = Style::default();
    run("examples", 50_000, 250, |s| generate(s, style), |seed, report| examples(seed, style, report));
}

#[test]
fn what_blocks_is_all_that_blocks() {
    let style = Style::default();
    run(
        "explanations",
        60_000,
        250,
        |s| generate(s, style),
        |seed, report| explanations(seed, style, report),
    );
}

#[test]
fn decisive_changes_flip_verdicts() {
    let style = Style::default();
    run("mutations", 70_000, 400, |s| generate(s, style), |seed, report| mutations(seed, style, report));
}
