//! One packet on one way: every step of it, and what decided there.

use super::core::Core;
use super::decide::{self, Decision, Seen, named, reason};
use super::filters::Way;
use super::map::address;
use super::walk::{End, Leg, Maybe, Step};
use crate::model::{
    GatewayId, GatewayKind, Interface, InterfaceId, InterfaceKind, ItemId, NodeId, Target, Tri,
};
use crate::ports::{Family, TCP, UDP};
use crate::witness::{Blocker, BlockerKind, Hop, HopKind, Packet, Uncertain, example_public};
use std::net::IpAddr;
use std::sync::Arc;

/// An end of a concrete packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    pub node: NodeId,
    pub interface: Option<InterfaceId>,
    pub address: u128,
}

/// What a way does with a packet: the hops, and whatever stops it.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    pub hops: Vec<Hop>,
    pub blockers: Vec<Blocker>,
    pub doubts: Vec<Uncertain>,
}

/// A packet under way.
pub struct Tracer<'c, 'n> {
    pub core: &'c Core<'n>,
    pub family: Family,
    pub protocol: u8,
    /// Destination port of the opening packet.
    pub port: u16,
    /// The client's port.
    pub client: u16,
    /// The port of what translates.
    pub nat: u16,
}

impl<'n> Tracer<'_, 'n> {
    fn packet(&self, source: u128, destination: u128, back: bool) -> Packet {
        self.packet_of(self.client, source, destination, back)
    }

    fn packet_of(&self, client: u16, source: u128, destination: u128, back: bool) -> Packet {
        let (mut from, mut to) = (client, self.port);
        if self.protocol == self.family.icmp() {
            // Answers to echo requests are echo replies of the same code.
            let reply = if self.family == Family::V4 { 0 } else { 129 << 8 };
            (from, to) = (0, if back { reply | self.port & 0xff } else { self.port });
        } else if self.protocol != TCP && self.protocol != UDP {
            (from, to) = (0, 0);
        } else if back {
            std::mem::swap(&mut from, &mut to);
        }
        Packet {
            family: self.family,
            protocol: self.protocol,
            source: address(self.family, source),
            destination: address(self.family, destination),
            source_port: from,
            port: to,
        }
    }

    fn item_of(&self, spot: Spot) -> ItemId {
        match spot.interface {
            Some(i) => self.core.net.interfaces[i.index()].item,
            None => self.core.net.nodes[spot.node.index()].item,
        }
    }

    fn seen(&self, other: u128, packet: &Packet, member: Option<(&'n Interface, bool)>) -> Seen<'n> {
        Seen {
            family: self.family,
            protocol: self.protocol,
            port: packet.port,
            other,
            member: member.map(|m| m.0),
            member_sure: member.is_some_and(|m| m.1),
        }
    }

    /// The opening packet. `members`: whether references to groups count, inbound and
    /// outbound: surely, perhaps, not.
    pub fn opening(&self, leg: &Leg, from: Spot, to: Spot, members: [Tri; 2]) -> Trace {
        let net = self.core.net;
        let mut trace = Trace::default();
        let mut packet = self.packet(from.address, to.address, false);
        if let Some(public) = self.called_from_outside(leg, from, to) {
            packet.destination = public;
        }
        trace.hop(HopKind::Source, self.item_of(from), "sends".into(), packet, None);
        let interface = |i: Option<InterfaceId>| i.map(|i| &net.interfaces[i.index()]);
        let member = |tri: Tri, other: Option<&'n Interface>| match tri {
            Tri::No => None,
            Tri::Yes => other.map(|i| (i, true)),
            Tri::Maybe(_) => other.map(|i| (i, false)),
        };
        if let Some(i) = from.interface {
            let seen = self.seen(to.address, &packet, member(members[1], interface(to.interface)));
            let decision = decide::groups(net, i, Way::Out, &seen);
            trace.decision(HopKind::GroupOut, BlockerKind::GroupOut, decision, packet, false);
        }
        let packet = self.steps(leg, (from, to), packet, false, &mut trace);
        if let Some(i) = to.interface {
            let own = packet.source == address(self.family, from.address);
            // Behind an appliance that sends in its own name, its groups count.
            let known = match leg.translators().last() {
                Some(i) => interface(Some(i)).map(|i| (i, false)),
                None => member(members[0], interface(from.interface)).filter(|_| own),
            };
            let mut decision =
                decide::groups(net, i, Way::In, &self.seen(number(packet.source), &packet, known));
            if leg.open() && decision.passes == Some(false) {
                // From whom it comes is not known, so some rule may match.
                decision = any_rule(net, i, decision);
            }
            trace.decision(HopKind::GroupIn, BlockerKind::GroupIn, decision, packet, false);
        }
        if leg.end == End::Arrived {
            trace.hop(HopKind::Destination, self.item_of(to), "receives".into(), packet, None);
        }
        trace
    }

    /// The answer, by the legs from the destination over translators to the client.
    pub fn answer(&self, legs: &[impl AsRef<Leg>], translators: &[Spot], from: Spot, to: Spot) -> Trace {
        let mut trace = Trace::default();
        let mut at = from;
        for (n, leg) in legs.iter().enumerate() {
            let next = translators.get(n).copied().unwrap_or(to);
            let client = if n + 1 < legs.len() { self.nat } else { self.client };
            let source = Spot { address: from.address, ..at };
            let mut packet = self.packet_of(client, from.address, next.address, true);
            if let Some(public) = self.called_from_outside(leg.as_ref(), source, next) {
                packet.destination = public;
            }
            if n == 0 {
                trace.hop(HopKind::Source, self.item_of(from), "answers".into(), packet, None);
            } else {
                trace.hop(HopKind::Nat, self.item_of(at), "translates the answer back".into(), packet, None);
            }
            let packet = self.steps(leg.as_ref(), (source, next), packet, true, &mut trace);
            if n + 1 == legs.len() && leg.as_ref().end == End::Arrived {
                trace.hop(HopKind::Destination, self.item_of(to), "receives the answer".into(), packet, None);
            }
            at = next;
        }
        trace
    }

    /// The steps of a leg; the packet as it is at its end.
    fn steps(
        &self,
        leg: &Leg,
        (from, to): (Spot, Spot),
        mut packet: Packet,
        back: bool,
        trace: &mut Trace,
    ) -> Packet {
        let net = self.core.net;
        let name = |item: ItemId| net.items[item.index()].name.clone();
        let mut unknown_source = false;
        for step in &leg.steps {
            match *step {
                Step::Out(subnet) => {
                    let seen = self.seen(to.address, &packet, None);
                    let decision = decide::acl(net, subnet, Way::Out, &seen);
                    trace.decision(HopKind::AclOut, BlockerKind::Acl, decision, packet, back);
                }
                Step::In(subnet) => {
                    let seen = self.seen(number(packet.source), &packet, None);
                    let mut decision = decide::acl(net, subnet, Way::In, &seen);
                    if unknown_source && decision.passes == Some(false) {
                        decision.passes = None;
                    }
                    trace.decision(HopKind::AclIn, BlockerKind::Acl, decision, packet, back);
                }
                Step::Route(table, n) => {
                    let route = &net.tables[table.index()].routes[n as usize];
                    let range = route.range.map_or("unknown addresses".to_owned(), |r| r.to_string());
                    let what = format!("route for {range} leads to {}", self.target(route.target));
                    trace.hop(HopKind::Route, route.item, what, packet, None);
                }
                Step::HubRoute(table, n) => {
                    let route = &net.hub_tables[table.index()].routes[n as usize];
                    let range = route.range.map_or("unknown addresses".to_owned(), |r| r.to_string());
                    let target = route.attachment.map(|a| net.attachments[a.index()].item);
                    let what = match target {
                        Some(item) => format!("route for {range} leads to {}", name(item)),
                        None => format!("route for {range} is a black hole"),
                    };
                    trace.hop(HopKind::HubRoute, route.item, what, packet, None);
                }
                Step::Gateway(g) => {
                    self.translated(g, (from, to), leg, &mut packet);
                    trace.hop(
                        HopKind::Gateway,
                        net.gateways[g.index()].item,
                        "passes it on".into(),
                        packet,
                        None,
                    );
                }
                Step::Public(interface) => {
                    let interface = interface.or(if back { None } else { from.interface });
                    if let Some(i) = interface {
                        let decision = self.public(i);
                        trace.blocker(BlockerKind::NoAddress, decision, back);
                    }
                }
                Step::Peering(p) => {
                    trace.hop(
                        HopKind::Peering,
                        net.peerings[p.index()].item,
                        "carries it".into(),
                        packet,
                        None,
                    );
                }
                Step::Attachment(a, door) => {
                    let what = match door {
                        Some(s) => format!("by {}", name(net.subnets[s.index()].item)),
                        None => "carries it".to_owned(),
                    };
                    trace.hop(HopKind::Attachment, net.attachments[a.index()].item, what, packet, None);
                }
                Step::Pass(i) => {
                    let interface = &net.interfaces[i.index()];
                    trace.hop(HopKind::Middlebox, interface.item, "passes it on".into(), packet, None);
                    if interface.kind != InterfaceKind::Inspection && !back {
                        for (way, other) in [(Way::In, number(packet.source)), (Way::Out, to.address)] {
                            let mut decision = decide::groups(net, i, way, &self.seen(other, &packet, None));
                            if decision.passes == Some(false) {
                                decision = any_member(net, i, way, decision);
                            }
                            let (hop, kind) = match way {
                                Way::In => (HopKind::GroupIn, BlockerKind::GroupIn),
                                Way::Out => (HopKind::GroupOut, BlockerKind::GroupOut),
                            };
                            trace.decision(hop, kind, decision, packet, back);
                        }
                    }
                }
                Step::Translate(i, gateway) => {
                    let interface = &net.interfaces[i.index()];
                    packet.source = address(self.family, self.core.first_address(i));
                    if self.protocol == TCP || self.protocol == UDP {
                        packet.source_port = self.nat;
                    }
                    let what = "sends it on with its own address".into();
                    trace.hop(HopKind::Nat, interface.item, what, packet, None);
                    if gateway && ![TCP, UDP, self.family.icmp()].contains(&self.protocol) {
                        let what = format!(
                            "NAT gateways do not carry {}",
                            named(self.family, self.protocol, self.port)
                        );
                        let decision =
                            Decision { passes: Some(false), item: interface.item, what, doubt: None };
                        trace.blocker(BlockerKind::NotCarried, decision, back);
                    }
                }
                Step::Note(maybe) => trace.doubt(self.uncertain(maybe)),
                Step::Only(maybe) => {
                    let doubt = self.uncertain(maybe);
                    trace.doubt(doubt.clone());
                    trace.possible(maybe, doubt, back);
                }
                Step::Open(maybe) => {
                    unknown_source = true;
                    let doubt = self.uncertain(maybe);
                    trace.possible(maybe, doubt.clone(), back);
                    trace.doubts.push(doubt.clone());
                    let what = "may pass it on".to_owned();
                    trace.hop(HopKind::Unknown, maybe.item, what, packet, Some(doubt));
                }
            }
        }
        if let End::Stopped(stop) = leg.end {
            let doubt = trace.noted(leg, self);
            let decision = Decision {
                passes: if doubt.is_some() { None } else { Some(false) },
                item: stop.item,
                what: stop.why.to_owned(),
                doubt,
            };
            trace.blocker(stop.kind, decision, back);
        }
        packet
    }

    /// "Internet gateways": what leaves has the sender's public IPv4 address from there on, what
    /// enters the receiver's private one.
    fn translated(&self, g: GatewayId, (from, to): (Spot, Spot), leg: &Leg, packet: &mut Packet) {
        if self.family != Family::V4 || self.core.net.gateways[g.index()].kind != GatewayKind::Internet {
            return;
        }
        match (leg.translators().last().or(from.interface), to.interface) {
            (Some(sender), _) => packet.source = example_public(sender),
            (None, Some(_)) => packet.destination = address(self.family, to.address),
            (None, None) => {}
        }
    }

    /// The public address by which somebody on the internet calls an interface.
    fn called_from_outside(&self, leg: &Leg, from: Spot, to: Spot) -> Option<IpAddr> {
        let internet = |s: &Step| match s {
            Step::Gateway(g) => self.core.net.gateways[g.index()].kind == GatewayKind::Internet,
            _ => false,
        };
        let enters = self.family == Family::V4 && from.interface.is_none() && leg.steps.iter().any(internet);
        to.interface.filter(|_| enters).map(example_public)
    }

    /// Whether the internet knows an interface.
    fn public(&self, interface: InterfaceId) -> Decision {
        let i = &self.core.net.interfaces[interface.index()];
        let (passes, doubt) = match (self.family, i.public) {
            _ if i.kind == InterfaceKind::Nat => (Some(true), None),
            (Family::V6, _) | (_, Tri::Yes) => (Some(true), None),
            (_, Tri::No) => (Some(false), None),
            (_, Tri::Maybe(d)) => (None, Some(reason(self.core.net, d))),
        };
        let what = "it has no public IPv4 address".to_owned();
        Decision { passes, item: i.item, what, doubt }
    }

    /// The public address that the destination needs for what comes from the internet.
    pub fn needs_public(&self, interface: InterfaceId, trace: &mut Trace) {
        let decision = self.public(interface);
        trace.blocker(BlockerKind::NoAddress, decision, false);
    }

    fn uncertain(&self, maybe: Maybe) -> Uncertain {
        match maybe.doubt {
            Some(doubt) => reason(self.core.net, doubt),
            None => Uncertain { doubt: None, item: maybe.item, why: maybe.why.into() },
        }
    }

    fn target(&self, target: Target) -> Arc<str> {
        let net = self.core.net;
        let name = |item: ItemId| net.items[item.index()].name.clone();
        match target {
            Target::Local => "the VPC itself".into(),
            Target::Gateway(g) => name(net.gateways[g.index()].item),
            Target::Peering(p) => name(net.peerings[p.index()].item),
            Target::Hub(h) => name(net.hubs[h.index()].item),
            Target::Interface(i) => name(net.interfaces[i.index()].item),
            Target::Blackhole => "a black hole".into(),
            Target::Anywhere(_) => "something unknown".into(),
        }
    }
}

impl Trace {
    fn hop(&mut self, kind: HopKind, item: ItemId, what: String, packet: Packet, doubt: Option<Uncertain>) {
        self.hops.push(Hop { kind, item, what: what.into(), packet, doubt });
    }

    /// The last hop is doubtful.
    fn doubt(&mut self, doubt: Uncertain) {
        if let Some(hop) = self.hops.last_mut()
            && hop.doubt.is_none()
        {
            hop.doubt = Some(doubt.clone());
        }
        self.doubts.push(doubt);
    }

    fn decision(&mut self, hop: HopKind, kind: BlockerKind, decision: Decision, packet: Packet, back: bool) {
        if decision.passes == Some(false) {
            return self.blocker(kind, decision, back);
        }
        let (what, doubt) = (decision.what.clone(), decision.doubt.clone());
        self.doubts.extend(doubt.clone());
        self.hop(hop, decision.item, what, packet, doubt);
        self.blocker(kind, decision, back);
    }

    pub fn blocker(&mut self, kind: BlockerKind, decision: Decision, back: bool) {
        if decision.passes != Some(true) {
            let what = match decision.passes {
                Some(false) => decision.what,
                _ => format!("only perhaps: {}", decision.what),
            };
            self.blockers.push(Blocker {
                kind,
                item: decision.item,
                back,
                what: what.into(),
                doubt: decision.doubt,
            });
        }
    }

    /// A step that is only possible stops what has to work.
    fn possible(&mut self, maybe: Maybe, doubt: Uncertain, back: bool) {
        let what = maybe.why.into();
        let kind = BlockerKind::NotCarried;
        self.blockers.push(Blocker { kind, item: maybe.item, back, what, doubt: Some(doubt) });
    }

    /// Why the leg's end may not be as it is: a doubt that other legs take the other way.
    fn noted(&self, leg: &Leg, tracer: &Tracer<'_, '_>) -> Option<Uncertain> {
        let note = leg.steps.iter().find_map(|s| match s {
            Step::Note(maybe) => Some(*maybe),
            _ => None,
        });
        note.map(|maybe| tracer.uncertain(maybe))
    }
}

pub fn number(address: std::net::IpAddr) -> u128 {
    match address {
        std::net::IpAddr::V4(a) => u128::from(u32::from(a)),
        std::net::IpAddr::V6(a) => u128::from(a),
    }
}

/// Some inbound rule may match a source that nobody knows.
fn any_rule(net: &crate::model::Network, interface: InterfaceId, decision: Decision) -> Decision {
    let carried = net.interfaces[interface.index()].groups.iter().flatten();
    let mut rules = carried.flat_map(|(g, _)| &net.groups[g.index()].ingress);
    match rules.next() {
        Some(rule) => Decision {
            passes: None,
            item: rule.item,
            what: "an inbound rule may allow it: with which source it comes is not known".into(),
            doubt: None,
        },
        None => decision,
    }
}

/// A rule about a group may match what an appliance passes on.
fn any_member(net: &crate::model::Network, interface: InterfaceId, way: Way, decision: Decision) -> Decision {
    let carried = net.interfaces[interface.index()].groups.iter().flatten();
    let mut rules = carried.flat_map(|(g, _)| match way {
        Way::In => &net.groups[g.index()].ingress,
        Way::Out => &net.groups[g.index()].egress,
    });
    match rules.find(|r| matches!(r.peer, crate::model::Peer::Group(_))) {
        Some(rule) => Decision {
            passes: None,
            item: rule.item,
            what: "a rule about a group may allow what is passed on".into(),
            doubt: None,
        },
        None => decision,
    }
}
