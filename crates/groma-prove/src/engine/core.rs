//! Answers for one family: ends, ways and filters put together.

mod parties;
mod ways;

pub use parties::{GLOBAL, example, internet};

use super::filters::{GroupKey, GroupSet, Packets, Way, by_membership, with_all_members};
use super::lanes::{Fast, Lanes, MAY, NONE, Op, Pool};
use super::map::{Map, Span, fold, last};
use super::routes::{Loc, Place, Routing};
use super::walk::{Direction, Leg, Start, Walk};
use crate::model::{Attached, InterfaceId, Network, NodeId, NodeKind, SubnetId, Tri, VpcId};
use crate::ports::Family;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

/// An end: a class of interfaces that nothing tells apart, or a node outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
    acls: Fast<(SubnetId, Way, Packets), Rc<Map>>,
    /// Of appliances: inbound, outbound.
    box_maps: Fast<InterfaceId, (Rc<Map>, Rc<Map>)>,
    global: Option<Rc<Map>>,
    walks: Fast<(Start, Option<VpcId>, u32, Direction), Rc<Walk>>,
    cells: Fast<u64, Rc<Cells>>,
    /// Parties by interface, and of nodes without interfaces.
    pub parties: Vec<Party>,
    party_ids: Fast<Party, u32>,
    of_interface: Vec<Option<u32>>,
    of_node: HashMap<NodeId, u32>,
    rests: HashMap<NodeId, u32>,
    nat64: Option<u32>,
    /// All IPv4 addresses as NAT64 shows them, of whatever a NAT gateway reaches.
    pub behind_nat64: Option<u32>,
    members: Fast<u64, Lanes>,
    /// VPCs between which references to groups may count: inbound, outbound.
    related: [HashSet<(VpcId, VpcId)>; 2],
    folds: Fast<(u32, u32, u8), Lanes>,
    anybody: Fast<u32, (Lanes, Lanes)>,
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
            acls: Fast::default(),
            box_maps: Fast::default(),
            global: None,
            walks: Fast::default(),
            cells: Fast::default(),
            parties: Vec::new(),
            party_ids: Fast::default(),
            of_interface: Vec::new(),
            of_node: HashMap::new(),
            rests: HashMap::new(),
            nat64: None,
            behind_nat64: None,
            members: Fast::default(),
            related: Default::default(),
            folds: Fast::default(),
            anybody: Fast::default(),
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
                if let Some(rest) = core.rest_of_outside(node, party) {
                    core.rests.insert(node, rest);
                }
            }
        }
        if family == Family::V6 {
            core.nat64 = Some(core.nat64_party(Place::Internet));
            core.behind_nat64 = Some(core.nat64_party(Place::Translated));
        }
        core.relate();
        core
    }

    /// Frees what is remembered of ways.
    pub fn forget_ways(&mut self) {
        self.walks.clear();
        self.cells.clear();
    }

    /// All possibilities between two parties.
    pub fn cells_of(&mut self, from: u32, to: u32) -> Rc<Cells> {
        let (a, b) = (&self.parties[from as usize], &self.parties[to as usize]);
        let (a_loc, b_loc, any_port) = (a.loc, b.loc, a.any_port);
        self.cells(a_loc, b_loc, any_port)
    }

    /// One possibility between two parties.
    pub fn value_of(&mut self, c: &Combination, from: u32, to: u32, piece: Span, part: Span) -> Lanes {
        let (a, b) = (self.parties[from as usize], self.parties[to as usize]);
        let op = |place: Place| if place.plural() { Op::Some } else { Op::Either };
        let ops = (op(self.locs[a.loc as usize].place), op(self.locs[b.loc as usize].place));
        let lanes = self.value(c, &a, &b, piece, part, ops.0, ops.1);
        let exists = self.pool.and(a.exists, b.exists);
        self.pool.and(lanes, exists)
    }

    /// What is not understood may carry this between two parties.
    pub fn unsupported_of(&mut self, from: u32, to: u32) -> Lanes {
        let (a, b) = (self.parties[from as usize], self.parties[to as usize]);
        self.unsupported(&a, &b)
    }

    /// The parties of a node without interfaces; none of one with interfaces.
    pub fn parties_of_node(&self, node: NodeId) -> Option<impl Iterator<Item = u32>> {
        let party = self.party_of_node(node)?;
        let rest = self.rests.get(&node).copied();
        Some([party].into_iter().chain(rest).chain(self.translated_internet(node)))
    }

    /// The party of an interface; none for those that are no ends.
    pub fn party_of(&self, interface: InterfaceId) -> Option<u32> {
        self.of_interface[interface.index()]
    }
    /// The party of a node without interfaces.
    pub fn party_of_node(&self, node: NodeId) -> Option<u32> {
        self.of_node.get(&node).copied()
    }
    /// Behind which addresses of this family another family's internet may be.
    pub fn translated_internet(&self, node: NodeId) -> Option<u32> {
        self.nat64.filter(|_| self.net.nodes[node.index()].kind == NodeKind::Internet)
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
        let id = *self.party_ids.entry(party).or_insert(next);
        if id == next {
            self.parties.push(party);
        }
        id
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

    /// "Security group referencing": a reference means addresses of members, so it may count
    /// whichever way a packet takes between VPCs that are joined.
    fn relate(&mut self) {
        for peering in &self.net.peerings {
            if peering.same_region != Tri::No && peering.active != Tri::No {
                let (a, b) = peering.ends;
                for side in &mut self.related {
                    side.extend([(a, b), (b, a)]);
                }
            }
        }
        for (hub, attachments) in &self.routing.of_hub {
            if self.net.hubs[hub.index()].group_references == Tri::No {
                continue;
            }
            let vpc = |a: &crate::model::AttachmentId| match self.net.attachments[a.index()].what {
                Attached::Vpc { vpc, .. } => Some(vpc),
                _ => None,
            };
            let vpcs: Vec<VpcId> = attachments.iter().filter_map(vpc).collect();
            for a in &vpcs {
                self.related[0].extend(vpcs.iter().map(|b| (*a, *b)));
            }
        }
    }

    /// Whether references between two places may count: inbound, outbound.
    fn may_refer(&self, a: Place, b: Place) -> [bool; 2] {
        let (Some(a), Some(b)) = (a.vpc(), b.vpc()) else { return [false; 2] };
        std::array::from_fn(|side| a == b || self.related[side].contains(&(a, b)))
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

    /// The same, not remembered.
    pub fn compute(&mut self, from: u32, to: u32) -> Lanes {
        let (a, b) = (self.parties[from as usize], self.parties[to as usize]);
        let exists = self.pool.and(a.exists, b.exists);
        if exists == NONE {
            return NONE;
        }
        let (a_place, b_place) = (self.locs[a.loc as usize].place, self.locs[b.loc as usize].place);
        if !matches!(a_place, Place::Subnet(..)) && !matches!(b_place, Place::Subnet(..)) {
            return NONE;
        }
        if matches!(a_place, Place::Service(_)) || self.nat64 == Some(from) {
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
                // An appliance that sends in its own name is a member of its own groups.
                let own = self.intern_groups(GroupKey::of(&self.net.interfaces[interface.index()]));
                let members = self.membership(b.groups, own, true);
                let members = self.pool.and(members, MAY);
                let lanes = self.pool.or(lanes, members);
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
    /// any, whatever routes and ACLs say; of the ends' groups what may be somebody's.
    fn unsupported(&mut self, a: &Party, b: &Party) -> Lanes {
        if self.net.unsupported.is_empty() {
            return NONE;
        }
        let places = (self.locs[a.loc as usize].place, self.locs[b.loc as usize].place);
        let opens = |place: Place, vpcs: &[VpcId]| match place {
            Place::Subnet(_, vpc) => vpcs.is_empty() || vpcs.contains(&vpc),
            _ => true,
        };
        if !self.net.unsupported.iter().any(|u| opens(places.0, &u.vpcs) && opens(places.1, &u.vpcs)) {
            return NONE;
        }
        let (out, into) = (self.anybody(a.groups).1, self.anybody(b.groups).0);
        self.pool.and(out, into)
    }

    /// What groups may let in and out if nobody knows who is at the other end: it may have
    /// any address, and carry any group.
    fn anybody(&mut self, groups: u32) -> (Lanes, Lanes) {
        if let Some(found) = self.anybody.get(&groups) {
            return *found;
        }
        let whole = [(0, last(self.family))];
        let set = &self.groups[groups as usize];
        let [into, out] = [&set.ingress, &set.egress].map(|side| {
            let map = with_all_members(&mut self.pool, side);
            let lanes = fold(&mut self.pool, &map, &whole, Op::Some);
            self.pool.and(lanes, MAY)
        });
        self.anybody.insert(groups, (into, out));
        (into, out)
    }
}

fn fold_pieces(pool: &mut Pool, pieces: &[(u128, Lanes)], op: Op) -> Lanes {
    let folded = pieces.iter().map(|p| p.1).reduce(|a, b| pool.op(op, a, b));
    folded.unwrap_or(NONE)
}
