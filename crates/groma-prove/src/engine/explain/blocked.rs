//! What stops what does not work.

use super::{At, CLIENT, Want, lane, sides, traced, tracer};
use crate::engine::core::{Combination, Core, example};
use crate::engine::lanes::Lanes;
use crate::engine::map::Span;
use crate::engine::routes::Place;
use crate::engine::trace::{Spot, Tracer};
use crate::engine::walk::{Direction, End, Leg, Start, Step};
use crate::engine::{ANY_CLIENT_PORTS, CLIENT_PORTS, Engine};
use crate::model::{DoubtId, InterfaceId, InterfaceKind, ItemId, NodeId, SubnetId, Tri, VpcId};
use crate::ports::Family;
use crate::reach::{Bound, Question};
use crate::witness::{Blocked, Blocker, BlockerKind};

impl Engine<'_> {
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
                if core.translated_internet(b.node) == Some(b.party)
                    || core.translated_internet(a.node) == Some(a.party)
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
            let leg = Leg { steps: Vec::new(), end: End::NotThere };
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
    let subnet = |at: Option<(SubnetId, VpcId)>| at.map(|h| h.0);
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
        legs = walked.iter().flat_map(|(_, l)| l.iter().cloned()).take(1).collect();
    }
    let tracer =
        Tracer { core, family, protocol: want.protocol, port: want.port, client: CLIENT, nat: CLIENT };
    let leg = Leg { steps, end: End::Arrived };
    let mut blockers = tracer.opening(&leg, from, to, [Tri::Maybe(DoubtId(0)); 2]).blockers;
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
