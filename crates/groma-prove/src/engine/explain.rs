//! Examples for answers, and what stops what does not work.

use super::core::{Combination, Core, Seen, example};
mod blocked;
mod crossing;

use super::filters::unanswered;
use super::lanes::{ALL, Lanes, NONE};
use super::map::{Map, Span};
use super::trace::{Spot, Trace, Tracer};
use super::walk::{End, Step};
use super::{ANY_CLIENT_PORTS, Ask, CLIENT_PORTS, Engine};
use crate::model::{InterfaceId, NodeId, Presence, Relay, Tri};
use crate::ports::{Family, Traffic};
use crate::reach::{Bound, Question, Ways};
use crate::witness::{Connection, Hop, HopKind, Uncertain, Witness};
use std::collections::HashSet;

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
        if let Some(all) = core.parties_of_node(node) {
            return all.map(|party| At { node, interface: None, party }).collect();
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
            let found = self.connection(family, from, to, want, bound);
            let translated = || {
                (self.nat64 && family == Family::V4)
                    .then(|| self.shown_as_translated(from, self.assumed(family, from, to, want)))
            };
            return Some(vec![found.or_else(translated)?]);
        }
        if ways.public {
            let public = self.direct(family, from, to, true);
            if self.holds(family, public, want, bound) {
                return self.over_internet(family, from, to, want, bound);
            }
        }
        if !ways.relays {
            return None;
        }
        self.over_relays(family, from, to, want, bound, ways, None, seen)
    }

    /// A way over relays. `among`: the last one is one of these.
    #[allow(clippy::too_many_arguments, reason = "a question and where it comes from")]
    fn over_relays(
        &self,
        family: Family,
        from: NodeId,
        to: NodeId,
        want: Want,
        bound: Bound,
        ways: Ways,
        among: Option<&[usize]>,
        seen: &mut HashSet<NodeId>,
    ) -> Option<Vec<(Connection, Vec<Uncertain>)>> {
        if !seen.insert(to) {
            return None;
        }
        let relays = self.network.relays.iter().enumerate();
        for (_, relay) in relays.filter(|(n, r)| r.to == to && among.is_none_or(|a| a.contains(n))) {
            let passes = |before: Option<usize>| {
                let last = self.passed_on(family, from, before, relay, ways.public);
                self.holds(family, last, want, bound)
            };
            let own = passes(None);
            let earlier = self.network.relays.iter().enumerate().filter(|(_, m)| m.to == relay.from);
            let earlier: Vec<usize> = earlier.map(|(m, _)| m).filter(|m| passes(Some(*m))).collect();
            if !own && earlier.is_empty() {
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
                    _ if own && relay.direct && relay.from == from => Some(Vec::new()),
                    Some((protocol, port)) if own => {
                        let want = Want { protocol, port, ..want };
                        self.way(other, from, relay.from, want, bound, before, seen)
                    }
                    _ => self.behind(other, from, (relay, &earlier), want, bound, ways, seen),
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

    /// A way to a relay that is itself behind others.
    #[allow(clippy::too_many_arguments, reason = "a question and where it comes from")]
    fn behind(
        &self,
        family: Family,
        from: NodeId,
        (relay, others): (&Relay, &[usize]),
        want: Want,
        bound: Bound,
        ways: Ways,
        seen: &mut HashSet<NodeId>,
    ) -> Option<Vec<(Connection, Vec<Uncertain>)>> {
        let lanes = self.lanes(from, relay.from, ways)[family.index()];
        let mut traffic = self.lane(family, lanes, want.question, bound);
        if let Some((protocol, ports)) = relay.accepts {
            traffic = traffic.and(&Traffic::of_rule(family, protocol, Some(ports), None));
        }
        let (protocol, port) = traffic.example(family)?;
        let want = Want { protocol, port, ..want };
        self.over_relays(family, from, relay.from, want, bound, ways, Some(others), seen)
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
