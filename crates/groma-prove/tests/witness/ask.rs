//! What the simulator says of a pair of nodes: every address, source port and NAT port
//! that makes a difference is tried.

use crate::concrete::Concrete;
use crate::probe::Probes;
use crate::rng::Rng;
use crate::sim::{End, ICMP, ICMP6, Link, Outcome, Packet, Sim, TCP, UDP};
use groma_prove::model::*;
use std::cell::RefCell;
use std::collections::HashMap;
use std::net::IpAddr;
use std::rc::Rc;

/// How often something that chance decides is tried.
const TRIES: u64 = 6;

/// What was seen of one destination port between two nodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// A packet was delivered at least once; in all ways of at least one pair of
    /// interfaces, for some address of what is outside; for every such address.
    pub delivered: Bounds,
    /// The same for connections that complete.
    pub completes: Bounds,
    /// Chance played a part: the bounds are not exact.
    pub by_chance: bool,
}

/// The least and the most that can be said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    pub may: bool,
    pub must: bool,
    pub everywhere: bool,
}

/// Which protocol and destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct What {
    pub four: bool,
    pub protocol: u8,
    /// For ICMP `type * 256 + code`.
    pub port: u16,
}

/// All ports from which connections come ("Custom network ACLs": ephemeral ports, Amazon
/// VPC User Guide).
const ANY: (u16, u16) = (1024, 65535);

/// Ports from which a node's connections surely come: those of Linux for what is ours,
/// any for others and for load balancers.
fn client_ports(world: &Concrete, node: NodeId) -> (u16, u16) {
    let ours = |i: &Interface| i.node == node && i.kind == InterfaceKind::Ordinary;
    if world.network.interfaces.iter().any(ours) { (32768, 60999) } else { ANY }
}

fn packet(what: What, src: IpAddr, dst: IpAddr, sport: u16) -> Packet {
    let (sport, dport) = match what.protocol {
        ICMP | ICMP6 => (what.port >> 8, what.port & 0xff),
        TCP | UDP => (sport, what.port),
        _ => (0, 0),
    };
    Packet { src, dst, protocol: what.protocol, sport, dport }
}

/// The places where a node sends or receives, with its addresses of a family.
///
/// Outer list: alternatives of which one is enough (interfaces); inner: all have to work
/// (members of a class).
type Ends = Vec<Vec<(End, Vec<IpAddr>)>>;

pub struct Asker<'a> {
    pub world: &'a Concrete,
    pub probes: &'a Probes,
    /// Whether going out to the internet and in again counts.
    pub public: bool,
    known: RefCell<HashMap<(NodeId, bool), Rc<Ends>>>,
}

impl<'a> Asker<'a> {
    pub fn new(world: &'a Concrete, probes: &'a Probes, public: bool) -> Self {
        Self { world, probes, public, known: RefCell::default() }
    }

    fn ends(&self, node: NodeId, four: bool) -> Rc<Ends> {
        if let Some(known) = self.known.borrow().get(&(node, four)) {
            return known.clone();
        }
        let new = Rc::new(self.find_ends(node, four));
        self.known.borrow_mut().insert((node, four), new.clone());
        new
    }

    fn find_ends(&self, node: NodeId, four: bool) -> Ends {
        let net = &self.world.network;
        let mut all = Vec::new();
        match net.nodes[node.index()].kind {
            NodeKind::Internet => {
                let addresses = self.probes.public.iter().copied().filter(|a| a.is_ipv4() == four).collect();
                all.push(vec![(End::Internet, addresses)]);
            }
            NodeKind::Outside => {
                for (index, gateway) in net.gateways.iter().enumerate() {
                    if let GatewayKind::Private { ranges: Some(ranges), outside } = &gateway.kind
                        && *outside == node
                    {
                        let link = Link::Gateway(GatewayId(index as u32));
                        all.push(vec![(End::Outside(node, link), self.probes.within(ranges, four))]);
                    }
                }
                for (index, attachment) in net.attachments.iter().enumerate() {
                    if let Attached::Outside { node: n, ranges: Some(ranges) } = &attachment.what
                        && *n == node
                    {
                        let link = Link::Attachment(AttachmentId(index as u32));
                        all.push(vec![(End::Outside(node, link), self.probes.within(ranges, four))]);
                    }
                }
            }
            NodeKind::Service(_) => {
                let entries: Vec<_> = net
                    .prefix_lists
                    .iter()
                    .filter(|l| l.service == Some(node))
                    .flat_map(|l| l.entries.iter().flatten().copied())
                    .collect();
                for (index, gateway) in net.gateways.iter().enumerate() {
                    if gateway.kind == (GatewayKind::Service { service: node }) {
                        let end = End::Service(node, GatewayId(index as u32));
                        all.push(vec![(end, self.probes.within(&entries, four))]);
                    }
                }
            }
            NodeKind::Resource(_) => {
                for interface in 0..net.interfaces.len() as u32 {
                    let of: Vec<_> = (0..self.world.members.len())
                        .filter(|m| self.world.members[*m].interface == InterfaceId(interface))
                        .filter(|m| self.world.interface(*m).node == node)
                        .filter_map(|m| {
                            let own = self.world.members[m].addresses.iter().find(|a| a.is_ipv4() == four)?;
                            Some((End::Member(m), vec![*own]))
                        })
                        .collect();
                    if !of.is_empty() {
                        all.push(of);
                    }
                }
            }
        }
        all
    }

    /// Where a node can be reached: by private addresses, and, if the internet counts, by
    /// public ones.
    fn targets(&self, node: NodeId, four: bool) -> Rc<Ends> {
        let private = self.ends(node, four);
        if !self.public || !four {
            return private;
        }
        let mut all: Ends = (*private).clone();
        for alternative in private.iter() {
            let public: Vec<(End, Vec<IpAddr>)> = alternative
                .iter()
                .filter_map(|(end, _)| match end {
                    End::Member(m) => Some((*end, vec![IpAddr::V4(self.world.members[*m].public?)])),
                    _ => None,
                })
                .collect();
            if !public.is_empty() && public.len() == alternative.len() {
                all.push(public);
            }
        }
        Rc::new(all)
    }

    /// Whether a node has addresses of a family to try at all.
    pub fn has_addresses(&self, node: NodeId, four: bool) -> bool {
        self.ends(node, four).iter().flatten().any(|(_, addresses)| !addresses.is_empty())
    }

    /// Whether it is ever delivered, and completes, for some addresses and ports only.
    pub fn glance(&self, from: NodeId, to: NodeId, what: What, rng: &mut Rng) -> (bool, bool) {
        let (low, high) = client_ports(self.world, from);
        let (mut delivered, mut completes) = (false, false);
        let (sources, targets) = (self.ends(from, what.four), self.targets(to, what.four));
        for (from, src) in sources.iter().flatten() {
            for (to, dst) in targets.iter().flatten() {
                if from == to || src.is_empty() || dst.is_empty() {
                    continue;
                }
                for _ in 0..2 {
                    let (src, dst) = (*rng.pick(src), *rng.pick(dst));
                    let Some(dst) = self.destination(*from, *to, dst) else { continue };
                    let sport = *rng.pick(&[low, high, 33_000]);
                    let outcome = self.run(*from, packet(what, src, dst, sport), rng.next(), 1024);
                    let (d, c) = self.judge(&outcome, *to);
                    delivered |= d;
                    completes |= c;
                }
            }
        }
        (delivered, completes)
    }

    /// The address to send to, to reach an address: from the internet the public one.
    fn destination(&self, from: End, to: End, dst: IpAddr) -> Option<IpAddr> {
        match (from, to, dst) {
            (End::Internet, End::Member(member), IpAddr::V4(_)) => {
                self.world.members[member].public.map(IpAddr::V4)
            }
            _ => Some(dst),
        }
    }

    /// The answer for one destination port (of ICMP: type and code).
    pub fn seen(&self, from: NodeId, to: NodeId, what: What) -> Seen {
        let mut seen = Seen::default();
        let sources = self.ends(from, what.four);
        let targets = self.targets(to, what.four);
        let (low, high) = client_ports(self.world, from);
        let sports = match what.protocol {
            TCP | UDP => {
                let mut all = self.probes.client_ports(ANY.0, ANY.1);
                all.extend([low, high]);
                all.into_iter().map(|p| (p, (low..=high).contains(&p))).collect()
            }
            _ => vec![(0, true)],
        };
        for source in sources.iter() {
            for target in targets.iter() {
                let mut all = Tally::new();
                for (from, sources) in source {
                    for (to, targets) in target {
                        if from == to {
                            continue;
                        }
                        // Of what is outside, some address (must), every one (everywhere).
                        let outside = sources.len() > 1
                            || targets.len() > 1
                            || !matches!((from, to), (End::Member(_), End::Member(_)));
                        let mut some = Seen::default();
                        let mut every = Tally::new();
                        for src in sources {
                            for dst in targets {
                                let one = self.one(*from, *to, what, *src, *dst, &sports);
                                seen.by_chance |= one.by_chance;
                                some.delivered.may |= one.delivered.may;
                                some.delivered.must |= one.delivered.must;
                                some.completes.may |= one.completes.may;
                                some.completes.must |= one.completes.must;
                                every.delivered &= one.delivered.must;
                                every.completes &= one.completes.must;
                                every.any = true;
                            }
                        }
                        let every_is = |all: bool, some: bool| if outside { all } else { some };
                        all.any |= every.any;
                        seen.delivered.may |= some.delivered.may;
                        seen.completes.may |= some.completes.may;
                        all.delivered &= some.delivered.must;
                        all.completes &= some.completes.must;
                        all.delivered_everywhere &= every_is(every.delivered, some.delivered.must);
                        all.completes_everywhere &= every_is(every.completes, some.completes.must);
                    }
                }
                if all.any {
                    seen.delivered.must |= all.delivered;
                    seen.completes.must |= all.completes;
                    seen.delivered.everywhere |= all.delivered_everywhere;
                    seen.completes.everywhere |= all.completes_everywhere;
                }
            }
        }
        seen
    }

    fn one(&self, from: End, to: End, what: What, src: IpAddr, dst: IpAddr, sports: &[(u16, bool)]) -> Seen {
        let mut seen = Seen::default();
        let (mut delivered, mut completes) = (true, true);
        let Some(dst) = self.destination(from, to, dst) else { return seen };
        for (sport, usual) in sports {
            let packet = packet(what, src, dst, *sport);
            let first = self.run(from, packet, 0, 1024);
            let nat_ports = if first.translated && matches!(what.protocol, TCP | UDP) {
                self.probes.client_ports(1024, 65535)
            } else {
                vec![1024]
            };
            for nat_port in nat_ports {
                let tries = if first.by_chance { TRIES } else { 1 };
                for seed in 0..tries {
                    let outcome = self.run(from, packet, seed, nat_port);
                    seen.by_chance |= outcome.by_chance;
                    let (d, c) = self.judge(&outcome, to);
                    seen.delivered.may |= d;
                    seen.completes.may |= c;
                    seen.by_chance |= beyond(&outcome, to);
                    delivered &= d || !usual;
                    completes &= c || !usual;
                }
            }
            if !seen.delivered.may && !seen.by_chance {
                // Whether it is delivered does not depend on the source port.
                return seen;
            }
        }
        seen.delivered.must = delivered;
        seen.completes.must = completes;
        seen
    }

    fn run(&self, from: End, packet: Packet, seed: u64, nat_port: u16) -> Outcome {
        let mut sim = Sim::new(self.world, seed);
        sim.nat_port = nat_port;
        sim.connect(from, packet)
    }

    fn judge(&self, outcome: &Outcome, to: End) -> (bool, bool) {
        let arrived = outcome.delivered.as_ref().is_ok_and(|end| *end == to);
        let delivered = arrived && (self.public || !outcome.crossed.0);
        (delivered, delivered && outcome.completes() && (self.public || !outcome.crossed.1))
    }

    /// What happens to one packet, in words, for a failure's report.
    pub fn tell(&self, from: NodeId, to: NodeId, what: What) -> String {
        let mut text = String::new();
        for source in self.ends(from, what.four).iter().flatten() {
            for target in self.targets(to, what.four).iter().flatten() {
                let (Some(src), Some(dst)) = (source.1.first(), target.1.first()) else { continue };
                let dst = self.destination(source.0, target.0, *dst).unwrap_or(*dst);
                let (low, _) = client_ports(self.world, from);
                let mut sim = Sim::new(self.world, 0);
                sim.trace = true;
                let outcome = sim.connect(source.0, packet(what, *src, dst, low));
                text += &format!(
                    "    {:?} -> {:?}: {:?}, answer {:?}\n",
                    source.0, target.0, outcome.delivered, outcome.answered
                );
                for hop in &outcome.hops {
                    text += &format!("      {hop}\n");
                }
            }
        }
        text
    }
}

/// Networks of others may carry on what is not for them.
fn beyond(outcome: &Outcome, to: End) -> bool {
    matches!(outcome.delivered, Ok(end @ End::Outside(..)) if end != to)
}

struct Tally {
    any: bool,
    delivered: bool,
    completes: bool,
    delivered_everywhere: bool,
    completes_everywhere: bool,
}

impl Tally {
    fn new() -> Self {
        Self {
            any: false,
            delivered: true,
            completes: true,
            delivered_everywhere: true,
            completes_everywhere: true,
        }
    }
}
