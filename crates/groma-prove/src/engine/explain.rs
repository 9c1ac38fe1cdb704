//! Examples for answers, and what stops what does not work.

use super::core::{Combination, Core, Seen, example};
use super::filters::unanswered;
use super::lanes::{ALL, Lanes, NONE};
use super::map::{Map, Span};
use super::routes::Place;
use super::trace::{Spot, Trace, Tracer};
use super::walk::{Direction, End, Start, Step};
use super::{ANY_CLIENT_PORTS, Ask, CLIENT_PORTS, Crossing, Engine};
use crate::model::{InterfaceId, InterfaceKind, ItemId, NodeId, Presence, SubnetId, Tri};
use crate::ports::{Family, Traffic};
use crate::reach::{Bound, Question, Ways};
use crate::witness::{Blocked, Blocker, BlockerKind, Connection, Hop, HopKind, Uncertain, Witness};
use std::collections::HashSet;
use std::rc::Rc;

/// An end as it can be asked: a node, one of its interfaces, and its party.
#[derive(Clone, Copy)]
struct At {
    node: NodeId,
    interface: Option<InterfaceId>,
    party: u32,
}

/// A packet that is looked for.
#[derive(Clone, Copy)]
struct Want {
    protocol: u8,
    port: u16,
    question: Question,
}

/// A way found for a packet: which possibility, between which addresses.
struct Found<'c> {
    combination: &'c Combination,
    from: u128,
    to: u128,
}

fn lane(question: Question, bound: Bound) -> usize {
    question as usize * 3 + bound as usize
}

impl Engine<'_> {
    fn ends(&self, core: &Core<'_>, node: NodeId) -> Vec<At> {
        if let Some(party) = core.party_of_node(node) {
            return vec![At { node, interface: None, party }];
        }
        let with = |i: &InterfaceId| Some(At { node, interface: Some(*i), party: core.party_of(*i)? });
        self.interfaces[node.index()].iter().filter_map(with).collect()
    }

    /// An example for an answer that is not empty; `None` if it is.
    ///
    /// The public way (out to the internet, in again) is shown as two connections.
    pub fn witness(&self, ask: &Ask) -> Option<Witness> {
        let lanes = self.lanes(ask.from, ask.to, ask.ways)[ask.family.index()];
        let mut traffic = self.lane(ask.family, lanes, ask.question, ask.bound);
        if let Some(within) = &ask.within {
            traffic = traffic.and(within);
        }
        let (protocol, port) = traffic.example(ask.family)?;
        let want = Want { protocol, port, question: ask.question };
        let mut seen = HashSet::new();
        let connections = self.way(ask.family, ask.from, ask.to, want, ask.bound, ask.ways, &mut seen)?;
        let mut doubts: Vec<Uncertain> = Vec::new();
        for doubt in connections.iter().flat_map(|c| &c.1) {
            if !doubts.contains(doubt) {
                doubts.push(doubt.clone());
            }
        }
        // The way shown may rely on doubts although another one needs none.
        let bound = if ask.bound == Bound::May && doubts.is_empty() { Bound::Must } else { ask.bound };
        let connections = connections.into_iter().map(|c| c.0).collect();
        Some(Witness { question: ask.question, bound, connections, doubts })
    }

    fn lane(&self, family: Family, lanes: Lanes, question: Question, bound: Bound) -> Traffic {
        self.cores[family.index()].borrow().pool.lane(lanes, lane(question, bound)).clone()
    }

    fn holds(&self, family: Family, lanes: Lanes, want: Want, bound: Bound) -> bool {
        self.lane(family, lanes, want.question, bound).contains(family, want.protocol, want.port)
    }

    /// A way, as connections with their doubts: directly, over relays, over the internet.
    #[allow(clippy::too_many_arguments, reason = "a question and where it comes from")]
    fn way(
        &self,
        family: Family,
        from: NodeId,
        to: NodeId,
        want: Want,
        bound: Bound,
        ways: Ways,
        seen: &mut HashSet<NodeId>,
    ) -> Option<Vec<(Connection, Vec<Uncertain>)>> {
        let direct = self.direct(family, from, to, false);
        if self.holds(family, direct, want, bound) {
            return Some(vec![self.connection(family, from, to, want, bound)?]);
        }
        if ways.public {
            let public = self.direct(family, from, to, true);
            if self.holds(family, public, want, bound) {
                return self.over_internet(family, from, to, want, bound);
            }
        }
        if !ways.relays || !seen.insert(to) {
            return None;
        }
        for relay in self.network.relays.iter().filter(|r| r.to == to) {
            let last = self.passed_on(family, from, relay, ways.public);
            if !self.holds(family, last, want, bound) {
                continue;
            }
            for other in [family, if family == Family::V4 { Family::V6 } else { Family::V4 }] {
                let before = Ways { relays: false, ..ways };
                let lanes = self.lanes(from, relay.from, before)[other.index()];
                let mut traffic = self.lane(other, lanes, want.question, bound);
                if let Some((protocol, ports)) = relay.accepts {
                    traffic = traffic.and(&Traffic::of_rule(other, protocol, Some(ports), None));
                }
                let chain = match traffic.example(other) {
                    Some((protocol, port)) => {
                        let want = Want { protocol, port, ..want };
                        self.way(other, from, relay.from, want, bound, before, seen)
                    }
                    None => self.behind(other, from, relay.from, relay.accepts, want, bound, ways, seen),
                };
                let Some(mut chain) = chain else { continue };
                let (mut connection, mut doubts) = self
                    .connection(family, relay.from, to, want, bound)
                    .unwrap_or_else(|| self.assumed(family, relay.from, to, want));
                let doubt = match relay.presence {
                    Presence::Maybe(d) => Some(super::decide::reason(self.network, d)),
                    Presence::Sure => None,
                };
                let what = "accepts the connection and opens one of its own".into();
                doubts.extend(doubt.clone());
                let hop =
                    Hop { kind: HopKind::Relay, item: relay.item, what, packet: connection.packet, doubt };
                connection.forward.insert(0, hop);
                chain.push((connection, doubts));
                return Some(chain);
            }
        }
        None
    }

    /// A way to a relay that is itself behind a relay.
    #[allow(clippy::too_many_arguments, reason = "a question and where it comes from")]
    fn behind(
        &self,
        family: Family,
        from: NodeId,
        relay: NodeId,
        accepts: Option<(crate::model::Protocol, crate::model::Ports)>,
        want: Want,
        bound: Bound,
        ways: Ways,
        seen: &mut HashSet<NodeId>,
    ) -> Option<Vec<(Connection, Vec<Uncertain>)>> {
        let lanes = self.lanes(from, relay, ways)[family.index()];
        let mut traffic = self.lane(family, lanes, want.question, bound);
        if let Some((protocol, ports)) = accepts {
            traffic = traffic.and(&Traffic::of_rule(family, protocol, Some(ports), None));
        }
        let (protocol, port) = traffic.example(family)?;
        self.way(family, from, relay, Want { protocol, port, ..want }, bound, ways, seen)
    }

    fn over_internet(
        &self,
        family: Family,
        from: NodeId,
        to: NodeId,
        want: Want,
        bound: Bound,
    ) -> Option<Vec<(Connection, Vec<Uncertain>)>> {
        let internet = self.internet?;
        let out = self.connection(family, from, internet, want, bound);
        let into = self.connection(family, internet, to, want, bound);
        let both: Vec<_> = out.into_iter().chain(into).collect();
        (!both.is_empty()).then_some(both)
    }

    /// A connection that no way of the network shows: what is not understood may carry it.
    fn assumed(&self, family: Family, from: NodeId, to: NodeId, want: Want) -> (Connection, Vec<Uncertain>) {
        let core = self.cores[family.index()].borrow();
        let spot = |node| {
            let at = self.ends(&core, node);
            let address = at.first().map_or(0, |a| core.example_address(core.parties[a.party as usize].loc));
            Spot { node, interface: at.first().and_then(|a| a.interface), address }
        };
        let (a, b) = (spot(from), spot(to));
        let tracer = Tracer {
            core: &core,
            family,
            protocol: want.protocol,
            port: want.port,
            client: CLIENT,
            nat: CLIENT,
        };
        let leg = super::walk::Leg { steps: Vec::new(), end: End::Arrived };
        let mut trace = tracer.opening(&leg, a, b, [Tri::Yes; 2]);
        let packet = trace.hops[0].packet;
        let mut doubts = Vec::new();
        for (n, open) in self.open().into_iter().enumerate() {
            let hop = Hop {
                kind: HopKind::Unknown,
                item: open.item,
                what: "may carry it".into(),
                packet,
                doubt: Some(open.clone()),
            };
            doubts.push(open);
            trace.hops.insert((n + 2).min(trace.hops.len()), hop);
        }
        (Connection { from, to, packet, forward: trace.hops, back: Vec::new() }, doubts)
    }

    /// One connection over the network.
    fn connection(
        &self,
        family: Family,
        from: NodeId,
        to: NodeId,
        want: Want,
        bound: Bound,
    ) -> Option<(Connection, Vec<Uncertain>)> {
        let core = &mut *self.cores[family.index()].borrow_mut();
        let (sources, targets) = (self.ends(core, from), self.ends(core, to));
        // The strictest way that there is, not stricter than needed first.
        for bound in [Bound::Must, Bound::May].into_iter().filter(|b| *b <= bound || *b == Bound::Must) {
            for a in &sources {
                for b in &targets {
                    let lanes = core.pair(a.party, b.party);
                    if !core.pool.lane(lanes, lane(want.question, bound)).contains(
                        family,
                        want.protocol,
                        want.port,
                    ) {
                        continue;
                    }
                    let cells = core.cells_of(a.party, b.party);
                    for (piece, parts) in cells.iter() {
                        for (part, combinations) in parts {
                            for c in combinations {
                                let found = find(core, c, a, b, (*piece, *part), want, bound);
                                if let Some(found) = found {
                                    return Some(self.shown(core, &found, a, b, want));
                                }
                            }
                        }
                    }
                }
            }
        }
        None
    }

    fn shown(
        &self,
        core: &Core<'_>,
        found: &Found<'_>,
        a: &At,
        b: &At,
        want: Want,
    ) -> (Connection, Vec<Uncertain>) {
        let c = found.combination;
        let from = Spot { node: a.node, interface: a.interface, address: found.from };
        let to = Spot { node: b.node, interface: b.interface, address: found.to };
        let (forward, back) = traced(core, c, from, to, want, None);
        let mut doubts = forward.doubts;
        doubts.extend(back.doubts);
        for at in [a, b] {
            if let Some(i) = at.interface
                && let Presence::Maybe(d) = self.network.interfaces[i.index()].presence
            {
                doubts.push(super::decide::reason(self.network, d));
            }
        }
        let packet = forward.hops[0].packet;
        let back = if want.question == Question::Completes { back.hops } else { Vec::new() };
        (Connection { from: a.node, to: b.node, packet, forward: forward.hops, back }, doubts)
    }

    /// Everything that stops a packet of `protocol` to `port` (for ICMP
    /// `type * 256 + code`) from `from` to `to`, over the network and without relays; for a
    /// target behind relays ask for each connection. Empty blockers: nothing stops it.
    /// `None`: there is no packet to try, because one end has no address of this family
    /// at all.
    ///
    /// Of several interfaces those with the least in the way are shown.
    pub fn blocked(
        &self,
        from: NodeId,
        to: NodeId,
        family: Family,
        protocol: u8,
        port: u16,
    ) -> Option<Blocked> {
        let core = &mut *self.cores[family.index()].borrow_mut();
        let want = Want { protocol, port, question: Question::Completes };
        let mut best: Option<Blocked> = None;
        for a in &self.ends(core, from) {
            for b in &self.ends(core, to) {
                if a.interface.is_some() && a.interface == b.interface && !core.parties[a.party as usize].many
                {
                    continue;
                }
                let Some(blocked) = self.blocked_pair(core, a, b, want) else { continue };
                if best.as_ref().is_none_or(|best| blocked.blockers.len() < best.blockers.len()) {
                    best = Some(blocked);
                }
            }
        }
        best
    }

    fn blocked_pair(&self, core: &mut Core<'_>, a: &At, b: &At, want: Want) -> Option<Blocked> {
        let family = core.family;
        let cells = core.cells_of(a.party, b.party);
        let plural = [a, b].map(|at| core.locs[core.parties[at.party as usize].loc as usize].place.plural());
        let ports = if core.parties[a.party as usize].any_port { ANY_CLIENT_PORTS } else { CLIENT_PORTS };
        let mut tried: Option<Blocked> = None;
        for (piece, parts) in cells.iter() {
            let mut over: Option<Blocked> = None;
            for (part, combinations) in parts {
                let mut all: Option<Blocked> = None;
                for c in combinations {
                    let (from, to) = worst(core, c, a, b, (*piece, *part), want);
                    let from = Spot { node: a.node, interface: a.interface, address: from };
                    let to = Spot { node: b.node, interface: b.interface, address: to };
                    let (mut forward, back) = traced(core, c, from, to, want, Some(ports));
                    if c.public.1
                        && let Some(i) = b.interface
                    {
                        let tracer = tracer(core, want);
                        tracer.needs_public(i, &mut forward);
                    }
                    let mut blockers = forward.blockers;
                    blockers.extend(back.blockers);
                    if let End::Stopped(_) = c.opening.end {
                        blockers.extend(beyond(core, from, to, want));
                    } else if !c.opening.open() && !balanced(core, c) {
                        blockers.push(Blocker {
                            kind: BlockerKind::Asymmetric,
                            item: c
                                .opening
                                .boxes()
                                .next()
                                .or_else(|| c.answers.iter().find_map(|l| l.boxes().next()))
                                .map_or(ItemId(0), |i| self.network.interfaces[i.index()].item),
                            back: true,
                            what: "the answer does not pass the firewall that the question passed".into(),
                            doubt: None,
                        });
                    }
                    let blocked = Blocked { packet: forward.hops[0].packet, blockers };
                    all = Some(match all {
                        None => blocked,
                        Some(mut all) => {
                            // Another possibility: it is not certain which of them is real.
                            all.blockers.extend(blocked.blockers);
                            all
                        }
                    });
                }
                let Some(mut blocked) = all else { continue };
                tidy(&mut blocked.blockers);
                over = Some(telling(over, blocked, plural[0]));
            }
            if let Some(over) = over {
                tried = Some(telling(tried, over, plural[1]));
            }
        }
        if tried.is_none() {
            let (x, y) = (core.parties[a.party as usize].loc, core.parties[b.party as usize].loc);
            if core.locs[x as usize].spans.is_empty() || core.locs[y as usize].spans.is_empty() {
                return None;
            }
            let tracer = Tracer {
                core,
                family,
                protocol: want.protocol,
                port: want.port,
                client: CLIENT,
                nat: CLIENT,
            };
            let leg = super::walk::Leg { steps: Vec::new(), end: End::NotThere };
            let from = Spot { node: a.node, interface: a.interface, address: core.example_address(x) };
            let to = Spot { node: b.node, interface: b.interface, address: core.example_address(y) };
            let trace = tracer.opening(&leg, from, to, [Tri::No; 2]);
            let item = self.network.nodes[b.node.index()].item;
            let what = "no way of the network leads there".into();
            let mut blockers = trace.blockers;
            blockers.push(Blocker { kind: BlockerKind::NoRoute, item, back: false, what, doubt: None });
            return Some(Blocked { packet: trace.hops[0].packet, blockers });
        }
        tried
    }

    /// Whether all that may leave a node to the internet passes a NAT gateway or a
    /// firewall: `nat` and `inspection` say which of them count.
    pub fn must_cross(&self, node: NodeId, nat: bool, inspection: bool) -> Crossing {
        let Some(internet) = self.internet else { return Crossing::NoEgress };
        let mut crossed: Vec<ItemId> = Vec::new();
        let mut leaves = false;
        for family in Family::BOTH {
            let core = &mut *self.cores[family.index()].borrow_mut();
            for a in &self.ends(core, node) {
                for b in &self.ends(core, internet) {
                    let cells = core.cells_of(a.party, b.party);
                    for (piece, parts) in cells.iter() {
                        for (part, combinations) in parts {
                            for c in combinations {
                                let lanes = core.value_of(c, a.party, b.party, *piece, *part);
                                let traffic =
                                    core.pool.lane(lanes, lane(Question::Delivered, Bound::May)).clone();
                                let Some((protocol, port)) = traffic.example(family) else { continue };
                                leaves = true;
                                let counts = |s: &Step| match s {
                                    Step::Translate(i, true) if nat => Some(*i),
                                    Step::Pass(i) if inspection => Some(*i).filter(|i| {
                                        self.network.interfaces[i.index()].kind == InterfaceKind::Inspection
                                    }),
                                    _ => None,
                                };
                                let passed: Vec<InterfaceId> =
                                    c.opening.steps.iter().filter_map(counts).collect();
                                for i in &passed {
                                    let item = self.network.interfaces[i.index()].item;
                                    if !crossed.contains(&item) {
                                        crossed.push(item);
                                    }
                                }
                                if passed.is_empty() {
                                    let want = Want { protocol, port, question: Question::Delivered };
                                    let found = find(core, c, a, b, (*piece, *part), want, Bound::May);
                                    let Some(found) = found else { continue };
                                    let (connection, doubts) = self.shown(core, &found, a, b, want);
                                    let bound = if doubts.is_empty() { Bound::Must } else { Bound::May };
                                    return Crossing::Avoided(Box::new(Witness {
                                        question: Question::Delivered,
                                        bound,
                                        connections: vec![connection],
                                        doubts,
                                    }));
                                }
                            }
                        }
                    }
                    let opened = core.unsupported_of(a.party, b.party);
                    let traffic = core.pool.lane(opened, lane(Question::Delivered, Bound::May)).clone();
                    if let Some((protocol, port)) = traffic.example(family) {
                        let want = Want { protocol, port, question: Question::Delivered };
                        drop(cells);
                        return self.unsupported_crossing(family, a.node, b.node, want);
                    }
                }
            }
        }
        if leaves { Crossing::Always(crossed) } else { Crossing::NoEgress }
    }

    fn unsupported_crossing(&self, family: Family, from: NodeId, to: NodeId, want: Want) -> Crossing {
        let doubts = self.open();
        let packet = crate::witness::Packet {
            family,
            protocol: want.protocol,
            source: super::map::address(family, 0),
            destination: super::map::address(family, 0),
            source_port: CLIENT,
            port: want.port,
        };
        let hop = |open: &Uncertain| Hop {
            kind: HopKind::Unknown,
            item: open.item,
            what: "may carry it".into(),
            packet,
            doubt: Some(open.clone()),
        };
        let forward = doubts.iter().map(hop).collect();
        let connection = Connection { from, to, packet, forward, back: Vec::new() };
        Crossing::Avoided(Box::new(Witness {
            question: want.question,
            bound: Bound::May,
            connections: vec![connection],
            doubts,
        }))
    }
}

/// Of two parts of an end's addresses the one that says more. Of many hosts one that
/// works is enough; of an address that is not known yet all have to.
fn telling(old: Option<Blocked>, new: Blocked, plural: bool) -> Blocked {
    match old {
        Some(old) if plural && old.blockers.len() <= new.blockers.len() => old,
        Some(old) if !plural && !old.blockers.is_empty() => old,
        _ => new,
    }
}

/// The client's port in examples, if it does.
const CLIENT: u16 = 40000;

fn tracer<'c, 'n>(core: &'c Core<'n>, want: Want) -> Tracer<'c, 'n> {
    Tracer {
        core,
        family: core.family,
        protocol: want.protocol,
        port: want.port,
        client: CLIENT,
        nat: CLIENT,
    }
}

/// Both directions of one way. The client's port is one whose answers pass, if any does;
/// of `among`, one whose answers do not.
fn traced(
    core: &Core<'_>,
    c: &Combination,
    from: Spot,
    to: Spot,
    want: Want,
    among: Option<(u16, u16)>,
) -> (Trace, Trace) {
    let tri = |lanes: Lanes| match lanes {
        ALL => Tri::Yes,
        NONE => Tri::No,
        _ => Tri::Maybe(crate::model::DoubtId(0)),
    };
    let members = [tri(c.members.0), tri(c.members.1)];
    let spots: Vec<Spot> = c
        .opening
        .translators()
        .rev()
        .map(|i| {
            let node = core.net.interfaces[i.index()].node;
            Spot { node, interface: Some(i), address: core.first_address(i) }
        })
        .collect();
    let answered = !unanswered(core.family).contains(core.family, want.protocol, want.port);
    let ports = client_ports(core, c);
    let within = |range: Option<(u16, u16)>| {
        let (first, last) = range.unwrap_or(ANY_CLIENT_PORTS);
        ports.iter().copied().filter(move |p| first <= *p && *p <= last)
    };
    let attempt = |client: u16, nat: u16| {
        let tracer = Tracer { client, nat, ..tracer(core, want) };
        let forward = tracer.opening(&c.opening, from, to, members);
        let back = if answered { tracer.answer(&c.answers, &spots, to, from) } else { Trace::default() };
        (forward, back)
    };
    // The one port, then the other: they are looked at in different places.
    let better = |new: &(Trace, Trace), old: &(Trace, Trace)| match among {
        None => new.1.blockers.len() < old.1.blockers.len(),
        Some(_) => new.1.blockers.len() > old.1.blockers.len(),
    };
    let (mut client, mut best) = (CLIENT, attempt(CLIENT, CLIENT));
    let asks = answered && !(among.is_none() && best.1.blockers.is_empty());
    for port in within(among).filter(|p| asks && *p != CLIENT) {
        let new = attempt(port, CLIENT);
        if better(&new, &best) {
            (client, best) = (port, new);
        }
    }
    for port in within(None).filter(|p| asks && !spots.is_empty() && *p != CLIENT) {
        let new = attempt(client, port);
        if better(&new, &best) {
            best = new;
        }
    }
    best
}

/// Client ports that entries of the ACLs on the answer's way tell apart.
fn client_ports(core: &Core<'_>, c: &Combination) -> Vec<u16> {
    let mut ports = vec![CLIENT];
    for step in c.answers.iter().flat_map(|l| &l.steps) {
        let (Step::Out(subnet) | Step::In(subnet)) = step else { continue };
        let acl = &core.net.acls[core.net.subnets[subnet.index()].acl.index()];
        for entry in acl.ingress.iter().chain(&acl.egress) {
            if let Some(range) = entry.ports {
                ports.extend([
                    range.from.saturating_sub(1),
                    range.from,
                    range.to,
                    range.to.saturating_add(1),
                ]);
            }
        }
    }
    ports.extend([CLIENT_PORTS.0, CLIENT_PORTS.1, ANY_CLIENT_PORTS.0, ANY_CLIENT_PORTS.1]);
    ports.retain(|p| *p >= ANY_CLIENT_PORTS.0);
    let mut seen = HashSet::new();
    ports.retain(|p| seen.insert(*p));
    ports
}

/// Pieces of a side: where both the way's filters and the group's map are constant.
fn pieces(filters: &[(u128, Lanes)], map: &Map, span: Span) -> Vec<(Span, Lanes, Lanes)> {
    let mut out = Vec::new();
    for (n, (start, filter)) in filters.iter().enumerate() {
        let end = filters.get(n + 1).map_or(span.1, |next| next.0 - 1);
        out.extend(map.pieces((*start, end)).into_iter().map(|(piece, lanes)| (piece, *filter, lanes)));
    }
    out
}

/// Addresses between which a possibility carries a packet.
fn find<'c>(
    core: &mut Core<'_>,
    c: &'c Combination,
    a: &At,
    b: &At,
    (piece, part): (Span, Span),
    want: Want,
    bound: Bound,
) -> Option<Found<'c>> {
    let at = lane(want.question, bound);
    let family = core.family;
    let has = |core: &Core<'_>, lanes| core.pool.lane(lanes, at).contains(family, want.protocol, want.port);
    let value = core.value_of(c, a.party, b.party, piece, part);
    if !has(core, value) {
        return None;
    }
    let (to, from) = sides(core, c, a, b, piece, part);
    let pick = |core: &Core<'_>, side: &[(Span, Lanes)]| {
        side.iter().find(|(_, lanes)| has(core, *lanes)).map(|(span, _)| example(*span))
    };
    Some(Found { combination: c, to: pick(core, &to)?, from: pick(core, &from)? })
}

/// Addresses at which a possibility stops a packet, if there are.
fn worst(
    core: &mut Core<'_>,
    c: &Combination,
    a: &At,
    b: &At,
    (piece, part): (Span, Span),
    want: Want,
) -> (u128, u128) {
    let at = lane(want.question, Bound::Must);
    let family = core.family;
    let (to, from) = sides(core, c, a, b, piece, part);
    let pick = |core: &Core<'_>, side: &[(Span, Lanes)], plural: bool| {
        let has = |lanes| core.pool.lane(lanes, at).contains(family, want.protocol, want.port);
        // Of many hosts one that works is enough.
        let found = side.iter().find(|(_, lanes)| has(*lanes) == plural).or(side.first());
        found.map_or(0, |(span, _)| example(*span))
    };
    let plural =
        |core: &Core<'_>, at: &At| core.locs[core.parties[at.party as usize].loc as usize].place.plural();
    (pick(core, &from, plural(core, a)), pick(core, &to, plural(core, b)))
}

/// What each address of either side lets through, the ends' groups included.
#[allow(clippy::type_complexity, reason = "two sides of pieces; local to this file")]
fn sides(
    core: &mut Core<'_>,
    c: &Combination,
    a: &At,
    b: &At,
    piece: Span,
    part: Span,
) -> (Vec<(Span, Lanes)>, Vec<(Span, Lanes)>) {
    let (ga, gb) = (core.parties[a.party as usize].groups, core.parties[b.party as usize].groups);
    let (out, into) = (core.membership(ga, gb, false), core.membership(gb, ga, true));
    let (out, into) = (core.pool.and(out, c.members.1), core.pool.and(into, c.members.0));
    let egress = core.groups[ga as usize].egress.map.clone();
    let ingress = core.groups[gb as usize].ingress.map.clone();
    let to = pieces(&c.to, &egress, piece);
    let to = to.into_iter().map(|(span, filter, lanes)| {
        let lanes = core.pool.or(lanes, out);
        (span, core.pool.and(filter, lanes))
    });
    let to: Vec<_> = to.collect();
    let from = match c.seen {
        Seen::Own => pieces(&c.from, &ingress, part)
            .into_iter()
            .map(|(span, filter, lanes)| {
                let lanes = core.pool.or(lanes, into);
                (span, core.pool.and(filter, lanes))
            })
            .collect(),
        // The destination does not see this address.
        _ => pieces(&c.from, &Map::constant(ALL), part).into_iter().map(|(s, f, _)| (s, f)).collect(),
    };
    (to, from)
}

/// Whether both directions pass the same firewalls.
fn balanced(core: &Core<'_>, c: &Combination) -> bool {
    let firewall = |i: &InterfaceId| core.net.interfaces[i.index()].kind == InterfaceKind::Inspection;
    let there: Vec<_> = c.opening.boxes().filter(firewall).collect();
    let back = c.answers.iter().flat_map(|l| l.boxes().collect::<Vec<_>>()).filter(firewall);
    let back: Vec<_> = back.collect::<Vec<_>>().into_iter().rev().collect();
    there == back || c.answers.is_empty()
}

/// What else would stop a packet that gets nowhere: the ACLs of both ends' subnets and
/// the answer's way.
fn beyond(core: &mut Core<'_>, from: Spot, to: Spot, want: Want) -> Vec<Blocker> {
    let family = core.family;
    let home = |core: &Core<'_>, spot: Spot| spot.interface.map(|i| core.routing.home(i));
    let (a, b) = (home(core, from), home(core, to));
    let mut steps = Vec::new();
    let subnet = |at: Option<(SubnetId, crate::model::VpcId)>| at.map(|h| h.0);
    if subnet(a) != subnet(b) {
        steps.extend(subnet(a).map(Step::Out));
        steps.extend(subnet(b).map(Step::In));
    }
    let mut legs = vec![];
    if let Some((subnet, vpc)) = b {
        let place = match a {
            Some((s, v)) => Place::Subnet(s, v),
            None => core.place_of(from.node),
        };
        let there = core.loc_at(place, from.address);
        let walked = core.walk(Start::Subnet(subnet), Some(vpc), there, Direction::Answer);
        legs = walked.iter().flat_map(|(_, l)| l.iter().cloned().map(Rc::new)).take(1).collect();
    }
    let tracer =
        Tracer { core, family, protocol: want.protocol, port: want.port, client: CLIENT, nat: CLIENT };
    let leg = super::walk::Leg { steps, end: End::Arrived };
    let mut blockers = tracer.opening(&leg, from, to, [Tri::Maybe(crate::model::DoubtId(0)); 2]).blockers;
    // Groups are in the opening's own trace already.
    blockers.retain(|b| b.kind == BlockerKind::Acl);
    blockers.extend(tracer.answer(&legs, &[], to, from).blockers);
    blockers
}

/// In order, each once.
fn tidy(blockers: &mut Vec<Blocker>) {
    let mut seen: Vec<(BlockerKind, ItemId, bool, std::sync::Arc<str>)> = Vec::new();
    blockers.retain(|b| {
        let key = (b.kind, b.item, b.back, b.what.clone());
        let new = !seen.contains(&key);
        if new {
            seen.push(key);
        }
        new
    });
    blockers.sort_by_key(|b| b.back);
}
