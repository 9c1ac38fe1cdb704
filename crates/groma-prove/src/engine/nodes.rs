//! Answers about nodes: their interfaces, the public way, relays, all pairs.

use super::Engine;
use super::core::Core;
use super::dense::Dense;
use super::lanes::{ALL, Fast, Lanes, MAY, NONE, Op};
use super::map::{Map, fold, last};
use super::routes::Place;
use crate::model::{InterfaceId, InterfaceKind, NodeId, NodeKind, Ports, Presence, Protocol, Relay, Tri};
use crate::ports::{Family, Traffic};
use crate::reach::{AllPairs, Answers, Reach, Ways};
use std::collections::HashMap;
use std::rc::Rc;

impl Engine<'_> {
    /// What travels from one node to another.
    ///
    /// A node with several interfaces: by any of them. To itself: between its members,
    /// if there may be several. Nodes of NAT gateways, firewalls and attachments are no
    /// ends: nothing travels to or from them.
    ///
    /// To the internet: to some (`Must`) or every (`Everywhere`) public address.
    pub fn reach(&self, from: NodeId, to: NodeId, ways: Ways) -> Reach {
        self.answer(self.lanes(from, to, ways))
    }

    fn answer(&self, lanes: [Lanes; 2]) -> Reach {
        let of = |family: Family| Answers {
            lanes: self.cores[family.index()].borrow().pool.traffic(lanes[family.index()]),
        };
        Reach { v4: of(Family::V4), v6: of(Family::V6) }
    }

    /// The parties of a node.
    pub(super) fn parties(&self, core: &Core<'_>, node: NodeId) -> Vec<u32> {
        match core.parties_of_node(node) {
            Some(all) => all.collect(),
            None => self.interfaces[node.index()].iter().filter_map(|i| core.party_of(*i)).collect(),
        }
    }

    /// Both families.
    pub(super) fn lanes(&self, from: NodeId, to: NodeId, ways: Ways) -> [Lanes; 2] {
        let mut lanes = Family::BOTH.map(|family| self.direct(family, from, to, ways.public));
        if ways.relays && !self.network.relays.is_empty() {
            let through = self.relayed(from, ways.public);
            for (n, relay) in self.network.relays.iter().enumerate() {
                if relay.to == to {
                    for family in Family::BOTH {
                        let last = self.passed(family, from, n, &through[n], ways.public);
                        let pool = &mut self.cores[family.index()].borrow_mut().pool;
                        lanes[family.index()] = pool.or(lanes[family.index()], last);
                    }
                }
            }
        }
        lanes
    }

    /// Without relays.
    pub(super) fn direct(&self, family: Family, from: NodeId, to: NodeId, public: bool) -> Lanes {
        let core = &mut *self.cores[family.index()].borrow_mut();
        let (sources, targets) = (self.parties(core, from), self.parties(core, to));
        let mut all = NONE;
        for (n, a) in sources.iter().enumerate() {
            for (m, b) in targets.iter().enumerate() {
                if from == to && n == m && !core.parties[*a as usize].many {
                    continue;
                }
                let lanes = core.pair(*a, *b);
                all = core.pool.or(all, lanes);
            }
        }
        if public && from != to {
            let lanes = self.public(core, from, to);
            all = core.pool.or(all, lanes);
        }
        if family == Family::V4 {
            let lanes = self.translated(core, from, to);
            all = core.pool.or(all, lanes);
        }
        all
    }

    /// Out to the internet and in again by a public address; to services on the internet.
    /// IPv6 has the same addresses on both sides: walks follow it themselves.
    fn public(&self, core: &mut Core<'_>, from: NodeId, to: NodeId) -> Lanes {
        let Some(internet) = self.internet else { return NONE };
        if from == internet || to == internet {
            return NONE;
        }
        let world = core.party_of_node(internet);
        let Some(world) = world else { return NONE };
        let kind = |n: NodeId| &self.network.nodes[n.index()].kind;
        let leaves = |core: &mut Core<'_>, to: u32| {
            let mut all = NONE;
            for party in self.parties(core, from) {
                let lanes = core.pair(party, to);
                all = core.pool.or(all, lanes);
            }
            all
        };
        match (kind(from), kind(to)) {
            (NodeKind::Resource(_), NodeKind::Service(_)) => {
                let (party, known) = core.service_on_internet(to);
                let lanes = leaves(core, party);
                if known { lanes } else { core.pool.and(lanes, MAY) }
            }
            (NodeKind::Resource(_) | NodeKind::Outside, NodeKind::Resource(_))
                if core.family == Family::V4 =>
            {
                let mut enters = NONE;
                for party in self.parties(core, to) {
                    let lanes = core.pair(world, party);
                    enters = core.pool.or(enters, lanes);
                }
                if enters == NONE {
                    return NONE;
                }
                // What is outside may be on the internet too.
                let leaves = if *kind(from) == NodeKind::Outside { MAY } else { leaves(core, world) };
                // Both addresses are some that nobody knows: it works for sure only if it
                // works for all.
                let (leaves, enters) = (core.pool.strict(leaves), core.pool.strict(enters));
                core.pool.and(leaves, enters)
            }
            _ => NONE,
        }
    }

    /// Which relays a node gets through, and how it comes to each.
    fn relayed(&self, from: NodeId, public: bool) -> Rc<Vec<Arrivals>> {
        // What is asked without the public way is asked seldom, and not remembered.
        if public && let Some(found) = self.relayed.borrow().get(&from) {
            return found.clone();
        }
        let relays = &self.network.relays;
        let sure = |relay: &Relay, bits: u8| match relay.presence {
            Presence::Sure => bits,
            Presence::Maybe(_) => bits & MAY_BITS,
        };
        let mut through: Vec<Arrivals> = relays
            .iter()
            .map(|relay| {
                let bits = Family::BOTH.map(|family| {
                    // What passes on is there already: the internet, with its entries.
                    let lanes = match relay.direct && relay.from == from {
                        true => ALL,
                        false => self.direct(family, from, relay.from, public),
                    };
                    self.within(family, lanes, relay.accepts)
                });
                let bits = bits.map(|(family, lanes)| self.cores[family].borrow().pool.filled(lanes));
                Arrivals { own: sure(relay, bits[0] | bits[1]), behind: Vec::new() }
            })
            .collect();
        loop {
            let mut grown = false;
            for (n, relay) in relays.iter().enumerate() {
                for (m, before) in relays.iter().enumerate() {
                    if before.to != relay.from || through[m].all() & !through[n].by(m) == 0 {
                        continue;
                    }
                    let bits = Family::BOTH.map(|family| {
                        let lanes = self.passed(family, from, m, &through[m], public);
                        let (family, lanes) = self.within(family, lanes, relay.accepts);
                        self.cores[family].borrow().pool.filled(lanes)
                    });
                    grown |= through[n].add(m, sure(relay, bits[0] | bits[1]));
                }
            }
            if !grown {
                break;
            }
        }
        let through = Rc::new(through);
        if public {
            self.relayed.borrow_mut().insert(from, through.clone());
        }
        through
    }

    /// What a relay passes on for somebody who comes to it like this.
    fn passed(&self, family: Family, from: NodeId, n: usize, how: &Arrivals, public: bool) -> Lanes {
        let mut all = NONE;
        let behind = how.behind.iter().map(|(m, bits)| (Some(*m), *bits));
        for (before, bits) in [(None, how.own)].into_iter().chain(behind).filter(|(_, bits)| *bits != 0) {
            let lanes = self.passed_on(family, from, before, &self.network.relays[n], public);
            let pool = &mut self.cores[family.index()].borrow_mut().pool;
            let lanes = pool.keep(lanes, bits);
            all = pool.or(all, lanes);
        }
        all
    }

    fn within(&self, family: Family, lanes: Lanes, what: Option<(Protocol, Ports)>) -> (usize, Lanes) {
        let core = &mut *self.cores[family.index()].borrow_mut();
        let Some((protocol, ports)) = what else { return (family.index(), lanes) };
        let rule = core.pool.rule(Traffic::of_rule(family, protocol, Some(ports), None), true);
        (family.index(), core.pool.and(lanes, rule))
    }

    /// What a relay passes on for `client`, once it has accepted. `before`: the relay that opened
    /// the connection to it, if the client did not.
    pub(super) fn passed_on(
        &self,
        family: Family,
        client: NodeId,
        before: Option<usize>,
        relay: &Relay,
        public: bool,
    ) -> Lanes {
        let lanes = if relay.direct { ALL } else { self.direct(family, relay.from, relay.to, public) };
        let (_, mut lanes) = self.within(family, lanes, relay.connects);
        if relay.keeps_client != Tri::No && !relay.direct {
            lanes = match before.map(|m| &self.network.relays[m]) {
                None => self.seen_as_client(client, relay, family, lanes),
                // "Client IP preservation has no effect on inbound traffic from AWS PrivateLink. The
                // source IP of the AWS PrivateLink traffic is always the private IP address of the
                // Network Load Balancer." (Elastic Load Balancing, "Edit target group attributes for
                // your Network Load Balancer")
                Some(m) if self.is_endpoint(m.from) => lanes,
                // Of others who pass on, one or the other address is seen.
                Some(m) => {
                    let clients = [client, m.from].map(|c| self.seen_as_client(c, relay, family, lanes));
                    let pool = &mut self.cores[family.index()].borrow_mut().pool;
                    let (either, all) = (pool.or(clients[0], clients[1]), pool.and(clients[0], clients[1]));
                    let either = pool.or(either, lanes);
                    let (either, all) = (pool.and(either, MAY), pool.and(all, lanes));
                    pool.or(either, all)
                }
            };
            lanes = self.within(family, lanes, relay.connects).1;
        }
        let core = &mut *self.cores[family.index()].borrow_mut();
        if relay.presence == Presence::Sure { lanes } else { core.pool.and(lanes, MAY) }
    }

    /// Whether a node is an interface endpoint: what it opens comes by PrivateLink.
    fn is_endpoint(&self, node: NodeId) -> bool {
        let mut own = self.interfaces[node.index()].iter().map(|i| self.network.interfaces[i.index()].kind);
        own.any(|kind| kind == InterfaceKind::Endpoint)
    }

    /// "Client IP preservation" of network load balancers: the target's groups and ACL see the
    /// client, and rules that reference the load balancer's groups match as well ("Security
    /// groups for your Network Load Balancer").
    fn seen_as_client(&self, client: NodeId, relay: &Relay, family: Family, lanes: Lanes) -> Lanes {
        let core = &mut *self.cores[family.index()].borrow_mut();
        let whole = [(0, last(core.family))];
        let (mut seen, mut passed) = (NONE, NONE);
        for target in self.parties(core, relay.to) {
            let target_loc = core.parties[target as usize].loc;
            for source in self.parties(core, client) {
                let (groups, loc) = (core.parties[target as usize].groups, core.parties[source as usize].loc);
                let map = core.groups[groups as usize].ingress.map.clone();
                let acl = match core.locs[target_loc as usize].place {
                    Place::Subnet(subnet, _) => core.acls_of(subnet),
                    _ => [Rc::new(Map::constant(ALL)), Rc::new(Map::constant(ALL))],
                };
                // By which of its addresses an interface comes is not known.
                let of = |core: &mut Core<'_>, map: &Map| match core.locs[loc as usize].place {
                    Place::Internet => fold(&mut core.pool, map, &core.locs[loc as usize].spans, Op::Some),
                    _ => {
                        let (any, every) = (
                            fold(&mut core.pool, map, &whole, Op::Some),
                            fold(&mut core.pool, map, &whole, Op::Either),
                        );
                        let any = core.pool.and(any, MAY);
                        core.pool.or(any, every)
                    }
                };
                let lanes = of(core, &map);
                seen = core.pool.or(seen, lanes);
                let (into, back) = (of(core, &acl[0]), of(core, &acl[1]));
                let both = core.pool.and(into, back);
                passed = core.pool.or(passed, both);
            }
            for balancer in self.parties(core, relay.from) {
                let (groups, other) =
                    (core.parties[target as usize].groups, core.parties[balancer as usize].groups);
                let members = core.membership(groups, other, true);
                seen = core.pool.or(seen, members);
            }
        }
        let surely = core.pool.and(lanes, seen);
        let surely = core.pool.and(surely, passed);
        // Clients that come in the other family are not seen, nor is it always sure who is one.
        let other = if core.family == Family::V4 { Family::V6 } else { Family::V4 };
        let of = |i: &InterfaceId| {
            let families = self.network.interfaces[i.index()].families;
            (if other == Family::V4 { families.0 } else { families.1 }) != Tri::No
        };
        let mixed = self.interfaces[relay.from.index()].iter().any(of);
        let possibly = match relay.keeps_client {
            Tri::Yes if !mixed => seen,
            _ => core.pool.or(lanes, seen),
        };
        let possibly = core.pool.and(possibly, MAY);
        core.pool.or(surely, possibly)
    }

    /// All pairs at once: see [`AllPairs`].
    pub fn reach_all(&self, ways: Ways) -> AllPairs {
        let mut all = self.classes(ways.relays);
        let mut answers: Fast<(u32, u32), u32> = Fast::default();
        let members: Vec<NodeId> = all.classes.iter().map(|c| c[0]).collect();
        let parties = Family::BOTH.map(|family| {
            let core = self.cores[family.index()].borrow();
            members.iter().map(|n| self.parties(&core, *n)).collect::<Vec<_>>()
        });
        let public = if ways.public { self.public_sides(&members) } else { Vec::new() };
        let resource = |n: NodeId| matches!(self.network.nodes[n.index()].kind, NodeKind::Resource(_));
        let relays = ways.relays && !self.network.relays.is_empty();
        let mut dense = Family::BOTH.map(|family| Dense::new(&mut self.cores[family.index()].borrow_mut()));
        // One source location after the other.
        let mut order: Vec<usize> = (0..members.len()).collect();
        order.sort_by_cached_key(|a| {
            let first = |family: Family| {
                let core = self.cores[family.index()].borrow();
                parties[family.index()][*a].first().map(|p| dense[family.index()].order(&core, *p))
            };
            Family::BOTH.map(first)
        });
        for (a, from) in order.into_iter().map(|a| (a, members[a])) {
            for (b, to) in members.iter().enumerate() {
                let relayed = relays && self.network.relays.iter().any(|r| r.to == *to);
                let lanes = if a == b {
                    self.among(&all.classes[a], ways)
                } else if relayed || ways.public && !(resource(from) && resource(*to)) {
                    self.lanes(from, *to, ways)
                } else {
                    let mut lanes = [NONE; 2];
                    for family in Family::BOTH {
                        let (sources, targets) = (&parties[family.index()][a], &parties[family.index()][b]);
                        if targets.is_empty() || sources.is_empty() && !self.nat64 {
                            continue;
                        }
                        let core = &mut *self.cores[family.index()].borrow_mut();
                        let mut sum = NONE;
                        if family == Family::V4 && ways.public {
                            sum = core.pool.and(public[a].0, public[b].1);
                        }
                        for (source, target) in
                            sources.iter().flat_map(|s| targets.iter().map(move |t| (*s, *t)))
                        {
                            let one = dense[family.index()].pair(core, source, target);
                            sum = core.pool.or(sum, one);
                        }
                        if family == Family::V4 {
                            let one = self.translated(core, from, *to);
                            sum = core.pool.or(sum, one);
                        }
                        lanes[family.index()] = sum;
                    }
                    lanes
                };
                if lanes == [NONE, NONE] {
                    continue;
                }
                let next = all.reaches.len() as u32;
                let id = *answers.entry((lanes[0].0, lanes[1].0)).or_insert(next);
                if id == next {
                    all.reaches.push(self.answer(lanes));
                }
                all.edges.push((a as u32, b as u32, id));
            }
        }
        all.edges.sort_unstable();
        all
    }

    /// For each node what leaves to the IPv4 internet and what enters from it, as strict as
    /// unknown public addresses need.
    fn public_sides(&self, nodes: &[NodeId]) -> Vec<(Lanes, Lanes)> {
        let Some(internet) = self.internet else { return vec![(NONE, NONE); nodes.len()] };
        let core = &mut *self.cores[0].borrow_mut();
        let Some(world) = core.party_of_node(internet) else { return vec![(NONE, NONE); nodes.len()] };
        let side = |node: &NodeId| {
            let (mut leaves, mut enters) = (NONE, NONE);
            for party in self.parties(core, *node) {
                let (out, into) = (core.pair(party, world), core.pair(world, party));
                (leaves, enters) = (core.pool.or(leaves, out), core.pool.or(enters, into));
            }
            (core.pool.strict(leaves), core.pool.strict(enters))
        };
        nodes.iter().map(side).collect()
    }

    /// Between different nodes of a class, or members of its only node.
    fn among(&self, class: &[NodeId], ways: Ways) -> [Lanes; 2] {
        match class {
            [first, second, ..] => self.lanes(*first, *second, ways),
            [only] => self.lanes(*only, *only, ways),
            [] => [NONE, NONE],
        }
    }

    fn classes(&self, relays: bool) -> AllPairs {
        let mut all = AllPairs { class_of: vec![None; self.network.nodes.len()], ..AllPairs::default() };
        type Key = (Vec<u32>, Vec<u32>, Option<NodeId>);
        let mut known: HashMap<Key, u32> = HashMap::new();
        for n in 0..self.network.nodes.len() {
            let node = NodeId(n as u32);
            let [v4, v6] = Family::BOTH.map(|family| {
                let mut parties = self.parties(&self.cores[family.index()].borrow(), node);
                parties.sort_unstable();
                parties
            });
            // What has no interface may still be what a relay leads to: a public endpoint.
            let goal = || relays && self.network.relays.iter().any(|r| r.to == node);
            if v4.is_empty() && v6.is_empty() && !goal() {
                continue;
            }
            let part_of_relay = self.network.relays.iter().any(|r| r.from == node || r.to == node);
            let resource = matches!(self.network.nodes[n].kind, NodeKind::Resource(_));
            let alone = (relays && part_of_relay || !resource).then_some(node);
            let next = all.classes.len() as u32;
            let class = *known.entry((v4, v6, alone)).or_insert(next);
            if class == next {
                all.classes.push(Vec::new());
            }
            all.classes[class as usize].push(node);
            all.class_of[n] = Some(class);
        }
        all
    }
}

/// How somebody comes to a relay: in which lanes, as bits, a connection to it, and all before that,
/// are there.
#[derive(Clone, Debug, Default)]
pub(super) struct Arrivals {
    /// By a connection of its own.
    own: u8,
    /// By those that other relays open, these by their indices.
    behind: Vec<(usize, u8)>,
}

impl Arrivals {
    fn by(&self, relay: usize) -> u8 {
        self.behind.iter().find(|b| b.0 == relay).map_or(0, |b| b.1)
    }

    fn all(&self) -> u8 {
        self.behind.iter().fold(self.own, |all, b| all | b.1)
    }

    /// Whether that is more than there was.
    fn add(&mut self, relay: usize, bits: u8) -> bool {
        let more = bits & !self.by(relay) != 0;
        match self.behind.iter_mut().find(|b| b.0 == relay) {
            Some(b) => b.1 |= bits,
            None if more => self.behind.push((relay, bits)),
            None => {}
        }
        more
    }
}

/// The lanes of `May`.
const MAY_BITS: u8 = 0b00_1001;
