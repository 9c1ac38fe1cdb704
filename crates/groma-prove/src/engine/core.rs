//! Answers for one family: ends, ways and filters put together.

use super::filters::{self, GroupKey, GroupSet, Packets, Way, by_membership};
use super::lanes::{ALL, Fast, Lanes, MAY, NONE, ONE_WAY, Op, PERHAPS_BACK, Pool};
use super::map::{Map, Span, fold, last, product, span, tidy};
use super::routes::{Loc, Place, Routing};
use super::walk::{Direction, End, Leg, Start, Step, Walk, walk};
use crate::model::{
    Attached, GatewayKind, InterfaceId, InterfaceKind, Network, NodeId, NodeKind, Presence, SubnetId, Tri,
    VpcId,
};
use crate::ports::{Family, PortSet, Traffic};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

/// An end: a class of interfaces that nothing tells apart, or a node outside.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Party {
    /// Index of its location.
    pub loc: u32,
    /// Index of its group set.
    pub groups: u32,
    /// Whether it is there, and has an address of this family.
    pub exists: Lanes,
    /// Whether the internet knows it: a public IPv4 address.
    pub public: Lanes,
    /// Whether as a client it may use any port from 1024 on.
    pub any_port: bool,
    /// Whether there may be several of it.
    pub many: bool,
}

/// The two sides of one possibility for a pair of locations, without the ends' groups.
#[derive(Debug)]
pub struct Combination {
    /// What neither address decides.
    pub fixed: Lanes,
    /// By destination address.
    pub to: Vec<(u128, Lanes)>,
    /// By source address.
    pub from: Vec<(u128, Lanes)>,
    /// What references to groups count: inbound, outbound.
    pub members: (Lanes, Lanes),
    /// The source that the destination sees.
    pub seen: Seen,
    /// Whether the sender, the receiver need a public address.
    pub public: (bool, bool),
    /// The ways, for explanations: opening, and answers from the destination backwards.
    pub opening: Rc<Leg>,
    pub answers: Vec<Rc<Leg>>,
}

/// Whose address the destination sees as the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// The sender's.
    Own,
    /// A translator's private address.
    Translator(InterfaceId),
    /// Nobody knows.
    Any,
}

/// Ways of answers: pieces of the client's addresses, for each the possibilities, each a
/// chain of legs over the translators.
type Backs = Vec<(Span, Vec<Vec<Rc<Leg>>>)>;

/// A pair of locations: pieces of the destination, pieces of the source, possibilities.
pub type Cells = Vec<(Span, Vec<(Span, Vec<Combination>)>)>;

pub struct Core<'n> {
    pub net: &'n Network,
    pub family: Family,
    pub pool: Pool,
    pub routing: Routing<'n>,
    pub locs: Vec<Loc>,
    loc_ids: HashMap<Loc, u32>,
    pub groups: Vec<GroupSet>,
    group_ids: HashMap<GroupKey, u32>,
    acls: HashMap<(SubnetId, Way, Packets), Rc<Map>>,
    /// Of appliances: inbound, outbound.
    box_maps: HashMap<InterfaceId, (Rc<Map>, Rc<Map>)>,
    global: Option<Rc<Map>>,
    walks: HashMap<(Start, Option<VpcId>, u32, Direction), Rc<Walk>>,
    cells: Fast<u64, Rc<Cells>>,
    /// Parties by interface, and of nodes without interfaces.
    pub parties: Vec<Party>,
    party_ids: HashMap<Party, u32>,
    of_interface: Vec<Option<u32>>,
    of_node: HashMap<NodeId, u32>,
    members: Fast<u64, Lanes>,
    folds: Fast<(u32, u32, u8), Lanes>,
    pub pairs: Fast<u64, Lanes>,
}

impl<'n> Core<'n> {
    pub fn new(net: &'n Network, family: Family, lost: Option<Arc<str>>) -> Self {
        let mut core = Self {
            net,
            family,
            pool: Pool::new(family),
            routing: Routing::new(net, family, lost),
            locs: Vec::new(),
            loc_ids: HashMap::new(),
            groups: Vec::new(),
            group_ids: HashMap::new(),
            acls: HashMap::new(),
            box_maps: HashMap::new(),
            global: None,
            walks: HashMap::new(),
            cells: Fast::default(),
            parties: Vec::new(),
            party_ids: HashMap::new(),
            of_interface: Vec::new(),
            of_node: HashMap::new(),
            members: Fast::default(),
            folds: Fast::default(),
            pairs: Fast::default(),
        };
        for n in 0..net.interfaces.len() {
            let party = core.interface_party(InterfaceId(n as u32));
            core.of_interface.push(party);
        }
        for n in 0..net.nodes.len() {
            let node = NodeId(n as u32);
            if let Some(party) = core.outside_party(node) {
                core.of_node.insert(node, party);
            }
        }
        core
    }

    /// All possibilities between two parties.
    pub fn cells_of(&mut self, from: u32, to: u32) -> Rc<Cells> {
        let (a, b) = (&self.parties[from as usize], &self.parties[to as usize]);
        let (a_loc, b_loc, any_port) = (a.loc, b.loc, a.any_port);
        self.cells(a_loc, b_loc, any_port)
    }

    /// One possibility between two parties.
    pub fn value_of(&mut self, c: &Combination, from: u32, to: u32, piece: Span, part: Span) -> Lanes {
        let (a, b) = (self.parties[from as usize].clone(), self.parties[to as usize].clone());
        let op = |place: Place| if place.plural() { Op::Some } else { Op::Either };
        let ops = (op(self.locs[a.loc as usize].place), op(self.locs[b.loc as usize].place));
        let lanes = self.value(c, &a, &b, piece, part, ops.0, ops.1);
        let exists = self.pool.and(a.exists, b.exists);
        self.pool.and(lanes, exists)
    }

    /// What is not understood may carry this between two parties.
    pub fn unsupported_of(&mut self, from: u32, to: u32) -> Lanes {
        let (a, b) = (self.parties[from as usize].clone(), self.parties[to as usize].clone());
        self.unsupported(&a, &b)
    }

    /// An address that an interface can have.
    pub fn first_address(&self, interface: InterfaceId) -> u128 {
        self.addresses(interface).first().map_or(0, |s| example(*s))
    }

    /// An address of a location.
    pub fn example_address(&self, loc: u32) -> u128 {
        self.locs[loc as usize].spans.first().map_or(0, |s| example(*s))
    }

    /// One address of a place, as a location.
    pub fn loc_at(&mut self, place: Place, address: u128) -> u32 {
        self.intern_loc(Loc { place, spans: vec![(address, address)] })
    }

    /// Where a node without interfaces is.
    pub fn place_of(&self, node: NodeId) -> Place {
        match self.party_of_node(node) {
            Some(party) => self.locs[self.parties[party as usize].loc as usize].place,
            None => Place::Outside(node),
        }
    }

    /// The party of an interface; none for those that are no ends.
    pub fn party_of(&self, interface: InterfaceId) -> Option<u32> {
        self.of_interface[interface.index()]
    }
    /// The party of a node without interfaces.
    pub fn party_of_node(&self, node: NodeId) -> Option<u32> {
        self.of_node.get(&node).copied()
    }

    fn intern_loc(&mut self, loc: Loc) -> u32 {
        let next = self.locs.len() as u32;
        let id = *self.loc_ids.entry(loc.clone()).or_insert(next);
        if id == next {
            self.locs.push(loc);
        }
        id
    }

    fn intern_groups(&mut self, key: GroupKey) -> u32 {
        if let Some(id) = self.group_ids.get(&key) {
            return *id;
        }
        let id = self.groups.len() as u32;
        let set = GroupSet::new(self.net, &mut self.pool, self.family, key.clone());
        self.groups.push(set);
        self.group_ids.insert(key, id);
        id
    }

    fn intern_party(&mut self, party: Party) -> u32 {
        let next = self.parties.len() as u32;
        let id = *self.party_ids.entry(party.clone()).or_insert(next);
        if id == next {
            self.parties.push(party);
        }
        id
    }

    /// The addresses that an interface can have: its own if known, else those of its
    /// subnet, else of its VPC, else any.
    fn addresses(&self, interface: InterfaceId) -> Vec<Span> {
        let i = &self.net.interfaces[interface.index()];
        let subnet = &self.net.subnets[i.subnet.index()];
        let vpc = &self.net.vpcs[subnet.vpc.index()];
        for ranges in [&i.addresses, &subnet.ranges, &vpc.ranges] {
            let spans: Vec<Span> = ranges.iter().filter_map(|r| span(self.family, r)).collect();
            if !spans.is_empty() {
                return tidy(spans);
            }
        }
        vec![(0, last(self.family))]
    }

    /// The location of an interface, end or not.
    fn loc_of(&mut self, interface: InterfaceId) -> u32 {
        let (subnet, vpc) = self.routing.home(interface);
        let spans = self.addresses(interface);
        self.intern_loc(Loc { place: Place::Subnet(subnet, vpc), spans })
    }

    fn interface_party(&mut self, id: InterfaceId) -> Option<u32> {
        let i = &self.net.interfaces[id.index()];
        if matches!(i.kind, InterfaceKind::Nat | InterfaceKind::Inspection | InterfaceKind::Attachment) {
            return None;
        }
        let families = match self.family {
            Family::V4 => i.families.0,
            Family::V6 => i.families.1,
        };
        let mut exists = match families {
            Tri::No => return None,
            Tri::Yes => ALL,
            Tri::Maybe(_) => MAY,
        };
        if i.presence != Presence::Sure {
            exists = MAY;
        }
        match self.routing.is_lost(i.subnet) {
            Some(true) => return None,
            Some(false) => exists = MAY,
            None => {}
        }
        let public = match (self.family, i.public) {
            (Family::V6, _) | (_, Tri::Yes) => ALL,
            (_, Tri::Maybe(_)) => MAY,
            (_, Tri::No) => NONE,
        };
        // "Custom network ACLs": Linux uses 32768 to 60999, load balancers and Lambda
        // functions 1024 to 65535.
        let lambda = |kind: &NodeKind| matches!(kind, NodeKind::Resource(t) if t.starts_with("aws_lambda"));
        let any_port = i.kind != InterfaceKind::Ordinary || lambda(&self.net.nodes[i.node.index()].kind);
        let (loc, groups) = (self.loc_of(id), self.intern_groups(GroupKey::of(i)));
        let many = i.many;
        Some(self.intern_party(Party { loc, groups, exists, public, any_port, many }))
    }

    fn outside_party(&mut self, node: NodeId) -> Option<u32> {
        let (place, spans) = match &self.net.nodes[node.index()].kind {
            NodeKind::Resource(_) => return None,
            NodeKind::Internet => (Place::Internet, internet(self.family)),
            NodeKind::Outside => (Place::Outside(node), self.outside_ranges(node)),
            NodeKind::Service(_) => (Place::Service(node), self.service_ranges(node)),
        };
        let loc = self.intern_loc(Loc { place, spans });
        let groups = self.intern_groups(GroupKey::none());
        Some(self.intern_party(Party { loc, groups, exists: ALL, public: ALL, any_port: true, many: true }))
    }

    /// Unknown ranges are all addresses.
    fn outside_ranges(&self, node: NodeId) -> Vec<Span> {
        let all = vec![(0, last(self.family))];
        let mut spans = Vec::new();
        let mut add = |ranges: Option<&[ipnet::IpNet]>| match ranges {
            Some(ranges) => {
                spans.extend(ranges.iter().filter_map(|r| span(self.family, r)));
                true
            }
            None => false,
        };
        for gateway in &self.net.gateways {
            if let GatewayKind::Private { ranges, outside } = &gateway.kind
                && *outside == node
                && !add(ranges.as_deref())
            {
                return all;
            }
        }
        for attachment in &self.net.attachments {
            if let Attached::Outside { node: n, ranges } = &attachment.what
                && *n == node
                && !add(ranges.as_deref())
            {
                return all;
            }
        }
        for vpc in &self.net.vpcs {
            if vpc.outside == Some(node) && !add((!vpc.ranges.is_empty()).then_some(&*vpc.ranges)) {
                return all;
            }
        }
        if self.net.hubs.iter().any(|h| h.outside == Some(node)) {
            return all;
        }
        tidy(spans)
    }

    fn service_ranges(&self, node: NodeId) -> Vec<Span> {
        let lists = self.net.prefix_lists.iter().filter(|l| l.service == Some(node));
        let entries: Option<Vec<_>> = lists.map(|l| l.entries.as_ref()).collect();
        let spans: Vec<Span> = match &entries {
            Some(lists) => lists.iter().flat_map(|l| l.iter()).filter_map(|r| span(self.family, r)).collect(),
            None => Vec::new(),
        };
        if spans.is_empty() { internet(self.family) } else { tidy(spans) }
    }

    /// The internet as far as it is a service; whether its addresses are known.
    pub fn service_on_internet(&mut self, node: NodeId) -> (u32, bool) {
        let spans = self.service_ranges(node);
        let known = spans != internet(self.family);
        let loc = self.intern_loc(Loc { place: Place::Internet, spans });
        let groups = self.intern_groups(GroupKey::none());
        let party = Party { loc, groups, exists: ALL, public: ALL, any_port: true, many: true };
        (self.intern_party(party), known)
    }

    fn acl(&mut self, subnet: SubnetId, way: Way, packets: Packets) -> Rc<Map> {
        if let Some(map) = self.acls.get(&(subnet, way, packets)) {
            return map.clone();
        }
        let map = Rc::new(filters::subnet_map(self.net, &mut self.pool, self.family, subnet, way, packets));
        self.acls.insert((subnet, way, packets), map.clone());
        map
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
            Place::Internet => Start::Internet,
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
                    let leg = Rc::new(leg.clone());
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
            let legs: Vec<Rc<Leg>> =
                walked.iter().flat_map(|(_, l)| l.iter().cloned().map(Rc::new)).collect();
            chains = chains
                .iter()
                .flat_map(|c| legs.iter().map(|l| c.iter().cloned().chain([l.clone()]).collect()))
                .collect();
            at = Start::Subnet(self.routing.home(translator).0);
        }
        let walked = self.walk(at, b.vpc(), from, Direction::Answer);
        let mut out = Vec::new();
        for (piece, legs) in walked.iter() {
            let legs: Vec<Rc<Leg>> = legs.iter().cloned().map(Rc::new).collect();
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

    /// What rules about groups let through between two group sets: `ingress` of the first.
    pub fn membership(&mut self, groups: u32, other: u32, ingress: bool) -> Lanes {
        let key = u64::from(groups) << 33 | u64::from(other) << 1 | u64::from(ingress);
        if let Some(found) = self.members.get(&key) {
            return *found;
        }
        let set = &self.groups[groups as usize];
        let side = if ingress { &set.ingress } else { &set.egress };
        let lanes = by_membership(&mut self.pool, side, &self.groups[other as usize].key);
        self.members.insert(key, lanes);
        lanes
    }

    /// What travels from one party to another over the network.
    pub fn pair(&mut self, from: u32, to: u32) -> Lanes {
        let key = u64::from(from) << 32 | u64::from(to);
        if let Some(found) = self.pairs.get(&key) {
            return *found;
        }
        let lanes = self.compute(from, to);
        self.pairs.insert(key, lanes);
        lanes
    }

    fn compute(&mut self, from: u32, to: u32) -> Lanes {
        let (a, b) = (self.parties[from as usize].clone(), self.parties[to as usize].clone());
        let exists = self.pool.and(a.exists, b.exists);
        if exists == NONE {
            return NONE;
        }
        let (a_place, b_place) = (self.locs[a.loc as usize].place, self.locs[b.loc as usize].place);
        if !matches!(a_place, Place::Subnet(..)) && !matches!(b_place, Place::Subnet(..)) {
            return NONE;
        }
        if matches!(a_place, Place::Service(_)) {
            return NONE;
        }
        let cells = self.cells(a.loc, b.loc, a.any_port);
        let single = cells.iter().all(|(_, parts)| parts.iter().all(|(_, c)| c.len() <= 1));
        let ops = |place: Place| if place.plural() && single { Op::Some } else { Op::Either };
        let (op_a, op_b) = (ops(a_place), ops(b_place));
        let mut result: Option<Lanes> = None;
        for (piece, parts) in cells.iter() {
            let mut over: Option<Lanes> = None;
            for (part, combinations) in parts {
                let mut either: Option<Lanes> = None;
                for c in combinations {
                    let lanes = self.value(c, &a, &b, *piece, *part, op_a, op_b);
                    either = Some(either.map_or(lanes, |e| self.pool.op(Op::Either, e, lanes)));
                }
                let lanes = either.unwrap_or(NONE);
                over = Some(over.map_or(lanes, |o| self.pool.op(op_a, o, lanes)));
            }
            let lanes = over.unwrap_or(NONE);
            result = Some(result.map_or(lanes, |r| self.pool.op(op_b, r, lanes)));
        }
        let lanes = result.unwrap_or(NONE);
        let opened = self.unsupported(&a, &b);
        let lanes = self.pool.or(lanes, opened);
        self.pool.and(lanes, exists)
    }

    /// One possibility with the ends' groups.
    #[allow(clippy::too_many_arguments, reason = "all ends of one product")]
    fn value(
        &mut self,
        c: &Combination,
        a: &Party,
        b: &Party,
        piece: Span,
        part: Span,
        op_a: Op,
        op_b: Op,
    ) -> Lanes {
        if c.fixed == NONE {
            return NONE;
        }
        let mut lanes = c.fixed;
        if c.public.0 {
            lanes = self.pool.and(lanes, a.public);
        }
        if c.public.1 {
            lanes = self.pool.and(lanes, b.public);
        }
        let members_out = self.membership(a.groups, b.groups, false);
        let members_out = self.pool.and(members_out, c.members.1);
        let out = self.side(a.groups, false, b.loc, piece, &c.to, members_out, op_b);
        lanes = self.pool.and(lanes, out);
        if lanes == NONE {
            return NONE;
        }
        let members_in = self.membership(b.groups, a.groups, true);
        let members_in = self.pool.and(members_in, c.members.0);
        let seen = match c.seen {
            Seen::Own => self.side(b.groups, true, a.loc, part, &c.from, members_in, op_a),
            Seen::Translator(interface) => {
                let spans = self.addresses(interface);
                let groups = &self.groups[b.groups as usize].ingress.map;
                let lanes = fold(&mut self.pool, groups, &spans, Op::Either);
                let lanes = self.pool.or(lanes, members_in);
                let from = fold_pieces(&mut self.pool, &c.from, op_a);
                self.pool.and(lanes, from)
            }
            Seen::Any => {
                let whole = [(0, last(self.family))];
                let groups = &self.groups[b.groups as usize].ingress.map;
                let lanes = fold(&mut self.pool, groups, &whole, Op::Some);
                let lanes = self.pool.or(lanes, members_in);
                let from = fold_pieces(&mut self.pool, &c.from, op_a);
                self.pool.and(lanes, from)
            }
        };
        self.pool.and(lanes, seen)
    }

    /// One end's groups and the way's filters by the other end's address, over a piece.
    #[allow(clippy::too_many_arguments, reason = "all ends of one product")]
    fn side(
        &mut self,
        groups: u32,
        ingress: bool,
        loc: u32,
        piece: Span,
        filters: &[(u128, Lanes)],
        members: Lanes,
        op: Op,
    ) -> Lanes {
        let set = &self.groups[groups as usize];
        let map = if ingress { &set.ingress.map } else { &set.egress.map };
        if let [(_, constant)] = filters {
            let spans = &self.locs[loc as usize].spans;
            let folded = if spans.len() == 1 && spans[0] == piece {
                let key = (groups << 1 | u32::from(ingress), loc, op as u8);
                match self.folds.get(&key) {
                    Some(found) => *found,
                    None => {
                        let lanes = fold(&mut self.pool, map, &[piece], op);
                        self.folds.insert(key, lanes);
                        lanes
                    }
                }
            } else {
                fold(&mut self.pool, map, &[piece], op)
            };
            let lanes = self.pool.or(folded, members);
            return self.pool.and(lanes, *constant);
        }
        let mut result: Option<Lanes> = None;
        for (n, (start, filter)) in filters.iter().enumerate() {
            let end = filters.get(n + 1).map_or(piece.1, |next| next.0 - 1);
            let set = &self.groups[groups as usize];
            let map = if ingress { &set.ingress.map } else { &set.egress.map };
            let lanes = fold(&mut self.pool, map, &[(*start, end)], op);
            let lanes = self.pool.or(lanes, members);
            let lanes = self.pool.and(lanes, *filter);
            result = Some(result.map_or(lanes, |r| self.pool.op(op, r, lanes)));
        }
        result.unwrap_or(NONE)
    }

    /// What resources that are not understood may carry: from any VPC that they open to
    /// any, whatever routes and ACLs say; the ends' groups still count.
    fn unsupported(&mut self, a: &Party, b: &Party) -> Lanes {
        let places = (self.locs[a.loc as usize].place, self.locs[b.loc as usize].place);
        let opens = |place: Place, vpcs: &[VpcId]| match place {
            Place::Subnet(_, vpc) => vpcs.is_empty() || vpcs.contains(&vpc),
            _ => true,
        };
        if !self.net.unsupported.iter().any(|u| opens(places.0, &u.vpcs) && opens(places.1, &u.vpcs)) {
            return NONE;
        }
        let whole = [(0, last(self.family))];
        let out = fold(&mut self.pool, &self.groups[a.groups as usize].egress.map, &whole, Op::Some);
        let into = fold(&mut self.pool, &self.groups[b.groups as usize].ingress.map, &whole, Op::Some);
        let (members_out, members_in) =
            (self.membership(a.groups, b.groups, false), self.membership(b.groups, a.groups, true));
        let (out, into) = (self.pool.or(out, members_out), self.pool.or(into, members_in));
        let lanes = self.pool.and(out, into);
        self.pool.and(lanes, MAY)
    }
}

/// Filters by either address, and what neither decides.
struct Sides {
    fixed: Lanes,
    to: Vec<Rc<Map>>,
    from: Vec<Rc<Map>>,
}

fn tri(tri: Tri) -> Lanes {
    match tri {
        Tri::Yes => ALL,
        Tri::Maybe(_) => MAY,
        Tri::No => NONE,
    }
}

fn fold_pieces(pool: &mut Pool, pieces: &[(u128, Lanes)], op: Op) -> Lanes {
    let folded = pieces.iter().map(|p| p.1).reduce(|a, b| pool.op(op, a, b));
    folded.unwrap_or(NONE)
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

/// An address of a range that a host can have: not one of the first, which are the
/// router's.
pub fn example(span: Span) -> u128 {
    if span.1 - span.0 >= 32 { span.0 + 10 } else { span.0 }
}

/// Global unicast addresses of IPv6.
const GLOBAL: Span = (0x2000 << 112, (0x4000 << 112) - 1);

/// The addresses of the internet: all but special ranges (RFC 6890), and with what
/// NAT64 shows of IPv4.
pub fn internet(family: Family) -> Vec<Span> {
    match family {
        Family::V6 => vec![super::walk::NAT64, GLOBAL],
        Family::V4 => {
            let special: [(u32, u8); 10] = [
                (0x0000_0000, 8),
                (0x0a00_0000, 8),
                (0x6440_0000, 10),
                (0x7f00_0000, 8),
                (0xa9fe_0000, 16),
                (0xac10_0000, 12),
                (0xc000_0000, 24),
                (0xc0a8_0000, 16),
                (0xc612_0000, 15),
                (0xe000_0000, 3),
            ];
            let mut next = 0u128;
            let mut out = Vec::new();
            for (from, length) in special {
                let (from, size) = (u128::from(from), 1u128 << (32 - length));
                if from > next {
                    out.push((next, from - 1));
                }
                next = from + size;
            }
            out
        }
    }
}
