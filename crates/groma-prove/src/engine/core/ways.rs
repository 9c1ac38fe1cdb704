//! Ways between locations, with their filters by either address.

use super::parties::GLOBAL;
use super::{Cells, Combination, Core, Seen};
use crate::engine::filters::{self, GroupKey, Packets, Way};
use crate::engine::lanes::{ALL, Lanes, MAY, NONE, ONE_WAY, Op, PERHAPS_BACK, Pool};
use crate::engine::map::{Map, Span, fold, product};
use crate::engine::routes::Place;
use crate::engine::walk::{Direction, End, Leg, Start, Step, Walk, walk};
use crate::model::{Attached, InterfaceId, InterfaceKind, Network, SubnetId, Tri, VpcId};
use crate::ports::{Family, PortSet, Traffic};
use std::rc::Rc;

/// Ways of answers: pieces of the client's addresses, for each the possibilities, each a
/// chain of legs over the translators.
type Backs = Vec<(Span, Vec<Vec<Rc<Leg>>>)>;

/// Filters by either address, and what neither decides.
struct Sides {
    fixed: Lanes,
    to: Vec<Rc<Map>>,
    from: Vec<Rc<Map>>,
}

impl Core<'_> {
    fn acl(&mut self, subnet: SubnetId, way: Way, packets: Packets) -> Rc<Map> {
        if let Some(map) = self.acls.get(&(subnet, way, packets)) {
            return map.clone();
        }
        let map = Rc::new(filters::subnet_map(self.net, &mut self.pool, self.family, subnet, way, packets));
        self.acls.insert((subnet, way, packets), map.clone());
        map
    }

    /// What a subnet's ACL lets in, and to which connections it lets answers out.
    pub fn acls_of(&mut self, subnet: SubnetId) -> [Rc<Map>; 2] {
        [self.acl(subnet, Way::In, Packets::Opening), self.acl(subnet, Way::Out, Packets::AnswersToAny)]
    }

    fn box_map(&mut self, interface: InterfaceId) -> (Rc<Map>, Rc<Map>) {
        if let Some(maps) = self.box_maps.get(&interface) {
            return maps.clone();
        }
        let i = &self.net.interfaces[interface.index()];
        let groups = self.intern_groups(GroupKey::of(i)) as usize;
        let ingress = filters::with_all_members(&mut self.pool, &self.groups[groups].ingress);
        let egress = filters::with_all_members(&mut self.pool, &self.groups[groups].egress);
        let maps = (Rc::new(ingress), Rc::new(egress));
        self.box_maps.insert(interface, maps.clone());
        maps
    }

    /// Addresses that the internet knows: of IPv6 the global ones.
    fn global_map(&mut self) -> Rc<Map> {
        let family = self.family;
        let map = self.global.get_or_insert_with(|| {
            let mut map = Map::empty();
            match family {
                Family::V4 => map.push(0, ALL),
                Family::V6 => {
                    map.push(0, NONE);
                    map.push(GLOBAL.0, ALL);
                    map.push(GLOBAL.1 + 1, NONE);
                }
            }
            Rc::new(map)
        });
        map.clone()
    }

    pub fn walk(&mut self, start: Start, own: Option<VpcId>, to: u32, direction: Direction) -> Rc<Walk> {
        let key = (start, own, to, direction);
        if let Some(found) = self.walks.get(&key) {
            return found.clone();
        }
        let found = Rc::new(walk(&self.routing, start, own, &self.locs[to as usize], direction));
        self.walks.insert(key, found.clone());
        found
    }

    fn start_of(place: Place) -> Start {
        match place {
            Place::Subnet(s, _) => Start::Subnet(s),
            Place::Internet | Place::Translated => Start::Internet,
            Place::Outside(n) | Place::Service(n) => Start::Outside(n),
        }
    }

    /// All possibilities between two locations.
    pub fn cells(&mut self, from: u32, to: u32, any_port: bool) -> Rc<Cells> {
        let key = u64::from(from) << 33 | u64::from(to) << 1 | u64::from(any_port);
        if let Some(found) = self.cells.get(&key) {
            return found.clone();
        }
        let (a, b) = (self.locs[from as usize].place, self.locs[to as usize].place);
        let forward = self.walk(Self::start_of(a), a.vpc(), to, Direction::Opening);
        let mut cells: Cells = Vec::new();
        for (piece, legs) in forward.iter() {
            if legs.iter().all(|l| l.end == End::NotThere) {
                continue;
            }
            // Sources are cut as the answers' ways are.
            let mut parts: Vec<(Span, Vec<Combination>)> = Vec::new();
            let backs: Vec<Backs> = legs.iter().map(|leg| self.backs(leg, b, from)).collect();
            for part in common(&self.locs[from as usize].spans, &backs) {
                let (mut combinations, mut elsewhere) = (Vec::new(), false);
                for (leg, backs) in legs.iter().zip(&backs) {
                    if leg.end == End::NotThere {
                        continue;
                    }
                    let leg = leg.clone();
                    let back = backs.iter().find(|(s, _)| s.0 <= part.0 && part.1 <= s.1);
                    let mut ways: Vec<Vec<Rc<Leg>>> = back.map(|(_, w)| w.clone()).unwrap_or_default();
                    ways.retain(|w| same_zones(self.net, &leg, w));
                    if ways.is_empty() {
                        ways.push(Vec::new());
                    }
                    for way in ways {
                        // An address that this network has for itself is not the internet's.
                        if way.last().is_some_and(|l| l.end == End::NotThere) {
                            elsewhere = true;
                            continue;
                        }
                        combinations.push(self.combine(&leg, way, (a, b), *piece, part, any_port));
                    }
                }
                if !combinations.is_empty() || !elsewhere {
                    parts.push((part, combinations));
                }
            }
            if !parts.is_empty() {
                cells.push((*piece, parts));
            }
        }
        let cells = Rc::new(cells);
        self.cells.insert(key, cells.clone());
        cells
    }

    /// The ways of answers to what came by `leg`.
    fn backs(&mut self, leg: &Leg, b: Place, from: u32) -> Backs {
        if leg.end != End::Arrived || leg.open() {
            return Vec::new();
        }
        let start = match (b, leg.exit()) {
            (Place::Internet, Some(gateway)) => Start::Gateway(gateway),
            (Place::Service(_), Some(gateway)) => Start::Gateway(gateway),
            (place, _) => Self::start_of(place),
        };
        // From the destination to the last translator, and so on to the first.
        let (mut at, mut chains): (Start, Vec<Vec<Rc<Leg>>>) = (start, vec![Vec::new()]);
        for translator in leg.translators().rev() {
            let there = self.loc_of(translator);
            let walked = self.walk(at, b.vpc(), there, Direction::Answer);
            let legs: Vec<Rc<Leg>> = walked.iter().flat_map(|(_, l)| l.iter().cloned()).collect();
            chains = chains
                .iter()
                .flat_map(|c| legs.iter().map(|l| c.iter().cloned().chain([l.clone()]).collect()))
                .collect();
            at = Start::Subnet(self.routing.home(translator).0);
        }
        let walked = self.walk(at, b.vpc(), from, Direction::Answer);
        let mut out = Vec::new();
        for (piece, legs) in walked.iter() {
            let ways = chains
                .iter()
                .flat_map(|c| legs.iter().map(|l| c.iter().cloned().chain([l.clone()]).collect()))
                .collect();
            out.push((*piece, ways));
        }
        out
    }

    /// One way there and one way back, as filters by either address.
    fn combine(
        &mut self,
        leg: &Rc<Leg>,
        way: Vec<Rc<Leg>>,
        (a, b): (Place, Place),
        piece: Span,
        part: Span,
        any_port: bool,
    ) -> Combination {
        let mut sides = Sides { fixed: ALL, to: Vec::new(), from: Vec::new() };
        let mut members = (ALL, ALL);
        let mut public = (false, a == Place::Internet && matches!(b, Place::Subnet(..)));
        let seen = self.opening(leg, &mut sides, &mut members, &mut public);
        let refer = self.may_refer(a, b);
        if refer[0] && seen == Seen::Own {
            members.0 = self.pool.or(members.0, MAY);
        }
        if refer[1] {
            members.1 = self.pool.or(members.1, MAY);
        }
        if a == Place::Internet && b != a {
            let map = self.global_map();
            sides.to.push(map);
        }
        match leg.end {
            End::Arrived => {}
            End::NotThere | End::Stopped(_) => sides.fixed = NONE,
        }
        if sides.fixed != NONE && !leg.open() {
            if way.is_empty() {
                // Nothing leads back.
                sides.fixed = self.pool.and(sides.fixed, ONE_WAY);
            }
            let client = if any_port { Packets::AnswersToAny } else { Packets::Answers };
            let count = way.len();
            for (n, back) in way.iter().enumerate() {
                // Between the translators answers go to the translator's ports.
                let packets = if n + 1 < count { Packets::AnswersToAny } else { client };
                let translator = leg.translators().rev().nth(n);
                let translator = if n + 1 < count { translator } else { None };
                self.answer(back, translator, packets, &mut sides);
            }
            let back_boxes: Vec<InterfaceId> =
                way.iter().flat_map(|l| l.boxes().collect::<Vec<_>>()).collect();
            let translators: Vec<InterfaceId> = leg.translators().collect();
            let there: Vec<InterfaceId> = leg.boxes().filter(|i| !translators.contains(i)).collect();
            let back: Vec<InterfaceId> =
                back_boxes.into_iter().rev().filter(|i| !translators.contains(i)).collect();
            if there != back {
                // A firewall that sees one direction only drops it, as a rule.
                sides.fixed = self.pool.and(sides.fixed, PERHAPS_BACK);
            }
        }
        let (to, from) = if sides.fixed == NONE {
            (vec![(piece.0, ALL)], vec![(part.0, ALL)])
        } else {
            let maps: Vec<&Map> = sides.to.iter().map(|m| &**m).collect();
            let to = product(&mut self.pool, &maps, piece);
            let maps: Vec<&Map> = sides.from.iter().map(|m| &**m).collect();
            (to, product(&mut self.pool, &maps, part))
        };
        Combination {
            fixed: sides.fixed,
            to,
            from,
            members,
            seen,
            public,
            opening: leg.clone(),
            answers: way,
        }
    }

    /// The filters of an opening packet's way.
    fn opening(
        &mut self,
        leg: &Leg,
        sides: &mut Sides,
        members: &mut (Lanes, Lanes),
        public: &mut (bool, bool),
    ) -> Seen {
        let mut seen = Seen::Own;
        for step in &leg.steps {
            match *step {
                Step::Out(subnet) => {
                    let map = self.acl(subnet, Way::Out, Packets::Opening);
                    sides.to.push(map);
                }
                Step::In(subnet) => {
                    let map = self.acl(subnet, Way::In, Packets::Opening);
                    self.by_source(map, seen, sides);
                }
                Step::Pass(interface) => {
                    let kind = self.net.interfaces[interface.index()].kind;
                    // "Security group rules": a reference to a group does not let through
                    // what comes by way of a middlebox. Treated as unknown.
                    let weak = |pool: &mut Pool, l| pool.and(l, MAY);
                    *members = (weak(&mut self.pool, members.0), weak(&mut self.pool, members.1));
                    if kind != InterfaceKind::Inspection {
                        let (ingress, egress) = self.box_map(interface);
                        self.by_source(ingress, seen, sides);
                        sides.to.push(egress);
                    }
                }
                Step::Translate(interface, gateway) => {
                    seen = if seen == Seen::Any { seen } else { Seen::Translator(interface) };
                    *members = (NONE, if gateway { NONE } else { members.1 });
                    if gateway {
                        let known = self.nat_protocols();
                        sides.fixed = self.pool.and(sides.fixed, known);
                    }
                }
                Step::Gateway(_) => *members = (NONE, NONE),
                Step::Public(None) => {
                    public.0 = true;
                    let map = self.global_map();
                    sides.from.push(map);
                }
                Step::Public(Some(interface)) => {
                    let i = &self.net.interfaces[interface.index()];
                    let is = match i.public {
                        _ if i.kind == InterfaceKind::Nat => ALL,
                        Tri::Yes => ALL,
                        Tri::Maybe(_) => MAY,
                        Tri::No => NONE,
                    };
                    sides.fixed = self.pool.and(sides.fixed, is);
                }
                Step::Peering(peering) => {
                    // "Update your security groups to reference peer security groups": in
                    // the same region.
                    let same = tri(self.net.peerings[peering.index()].same_region);
                    *members = (self.pool.and(members.0, same), self.pool.and(members.1, same));
                }
                Step::Attachment(attachment, _) => {
                    // "Security group referencing" of transit gateways: inbound rules only.
                    let hub = self.net.attachments[attachment.index()].hub;
                    let same = tri(self.net.hubs[hub.index()].group_references);
                    *members = (self.pool.and(members.0, same), NONE);
                }
                Step::Only(_) => sides.fixed = self.pool.and(sides.fixed, MAY),
                Step::Open(_) => {
                    sides.fixed = self.pool.and(sides.fixed, MAY);
                    seen = Seen::Any;
                    *members = (MAY, MAY);
                }
                Step::Route(..) | Step::HubRoute(..) | Step::Note(_) => {}
            }
        }
        seen
    }

    /// NAT gateways know TCP, UDP and ICMP.
    fn nat_protocols(&mut self) -> Lanes {
        let traffic = Traffic {
            tcp: PortSet::all(),
            udp: PortSet::all(),
            icmp: PortSet::all(),
            others: crate::ports::Others::default(),
        };
        self.pool.rule(traffic, true)
    }

    fn by_source(&mut self, map: Rc<Map>, seen: Seen, sides: &mut Sides) {
        match seen {
            Seen::Own => sides.from.push(map),
            Seen::Translator(interface) => {
                let lanes = self.over_addresses(&map, interface);
                sides.fixed = self.pool.and(sides.fixed, lanes);
            }
            Seen::Any => {}
        }
    }

    /// A map over the addresses that an interface can have.
    fn over_addresses(&mut self, map: &Map, interface: InterfaceId) -> Lanes {
        let spans = self.addresses(interface);
        fold(&mut self.pool, map, &spans, Op::Either)
    }

    /// The filters of an answer: from the destination (its address decides inbound) to the
    /// client or a translator.
    fn answer(&mut self, leg: &Leg, translator: Option<InterfaceId>, packets: Packets, sides: &mut Sides) {
        match leg.end {
            End::Arrived => {}
            End::NotThere | End::Stopped(_) => sides.fixed = self.pool.and(sides.fixed, ONE_WAY),
        }
        let mut open = false;
        for step in &leg.steps {
            match *step {
                Step::Out(subnet) => {
                    let map = self.acl(subnet, Way::Out, packets);
                    match translator {
                        Some(interface) => {
                            let lanes = self.over_addresses(&map, interface);
                            sides.fixed = self.pool.and(sides.fixed, lanes);
                        }
                        None => sides.from.push(map),
                    }
                }
                Step::In(subnet) if !open => {
                    let map = self.acl(subnet, Way::In, packets);
                    sides.to.push(map);
                }
                Step::Only(_) => sides.fixed = self.pool.and(sides.fixed, PERHAPS_BACK),
                Step::Open(_) => {
                    sides.fixed = self.pool.and(sides.fixed, PERHAPS_BACK);
                    open = true;
                }
                _ => {}
            }
        }
    }
}

fn tri(tri: Tri) -> Lanes {
    match tri {
        Tri::Yes => ALL,
        Tri::Maybe(_) => MAY,
        Tri::No => NONE,
    }
}

/// Pieces of `spans` cut where any of the walks is cut.
fn common(spans: &[Span], walks: &[Backs]) -> Vec<Span> {
    let mut starts: Vec<u128> = walks.iter().flatten().map(|(s, _)| s.0).collect();
    starts.sort_unstable();
    starts.dedup();
    let mut out = Vec::new();
    for span in spans {
        let mut from = span.0;
        let within = starts.partition_point(|s| *s <= span.0)..starts.partition_point(|s| *s <= span.1);
        for start in &starts[within] {
            out.push((from, start - 1));
            from = *start;
        }
        out.push((from, span.1));
    }
    out
}

/// Whether both directions take the same zone where appliance mode sees to it: at each
/// attachment in appliance mode the same subnet ("Appliance mode").
fn same_zones(net: &Network, leg: &Leg, way: &[Rc<Leg>]) -> bool {
    let doors = |leg: &Leg| -> Vec<_> {
        let door = |s: &Step| match s {
            Step::Attachment(a, Some(door)) => match &net.attachments[a.index()].what {
                Attached::Vpc { appliance: true, .. } => Some((*a, *door)),
                _ => None,
            },
            _ => None,
        };
        leg.steps.iter().filter_map(door).collect()
    };
    let there = doors(leg);
    let back = way.iter().flat_map(|l| doors(l));
    back.into_iter().all(|(a, door)| there.iter().all(|(b, d)| a != *b || door == *d))
}
