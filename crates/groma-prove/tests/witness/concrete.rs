//! One of the worlds that a network with doubts may turn out to be: nothing is uncertain
//! in it, and every interface has addresses.

use crate::rng::Rng;
use groma_prove::model::*;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// One interface as it exists: a class of the model stands for one or several.
#[derive(Clone, Debug)]
pub struct Member {
    pub interface: InterfaceId,
    /// Private addresses, at most one family empty.
    pub addresses: Vec<IpAddr>,
    /// The public IPv4 address that the internet gateway translates to and from.
    pub public: Option<Ipv4Addr>,
}

/// A network without doubts, and who is in it.
#[derive(Clone, Debug)]
pub struct Concrete {
    pub network: Network,
    pub members: Vec<Member>,
}

impl Concrete {
    /// The interface class of a member.
    pub fn interface(&self, member: usize) -> &Interface {
        &self.network.interfaces[self.members[member].interface.index()]
    }

    /// The VPC of a member.
    pub fn vpc(&self, member: usize) -> VpcId {
        self.network.subnets[self.interface(member).subnet.index()].vpc
    }

    /// The members of a node.
    pub fn of_node(&self, node: NodeId) -> Vec<usize> {
        (0..self.members.len()).filter(|m| self.interface(*m).node == node).collect()
    }
}

/// Resolves every doubt of `network` at random, each on its own.
pub fn resolve(network: &Network, rng: &mut Rng) -> Concrete {
    let mut net = network.clone();
    let pool = ranges_of_interest(network);
    let mut resolver = Resolver { rng, pool };
    resolver.groups(&mut net);
    resolver.acls(&mut net);
    resolver.routes(&mut net);
    resolver.hubs(&mut net);
    resolver.rest(&mut net);
    let members = resolver.members(&mut net);
    Concrete { network: net, members }
}

struct Resolver<'a> {
    rng: &'a mut Rng,
    pool: Vec<IpNet>,
}

impl Resolver<'_> {
    fn present(&mut self, presence: &mut Presence) -> bool {
        match *presence {
            Presence::Sure => true,
            Presence::Maybe(_) => {
                *presence = Presence::Sure;
                self.rng.percent(50)
            }
        }
    }

    fn tri(&mut self, tri: &mut Tri) {
        if let Tri::Maybe(_) = *tri {
            *tri = if self.rng.percent(50) { Tri::Yes } else { Tri::No };
        }
    }

    fn range(&mut self) -> IpNet {
        *self.rng.pick(&self.pool)
    }

    fn peer(&mut self, peer: &mut Peer) {
        if let Peer::Anything(_) = *peer {
            *peer = Peer::Range(self.range());
        }
    }

    fn groups(&mut self, net: &mut Network) {
        for group in &mut net.groups {
            for rules in [&mut group.ingress, &mut group.egress] {
                rules.retain_mut(|rule| self.present(&mut rule.presence));
                for rule in rules {
                    self.peer(&mut rule.peer);
                }
            }
        }
        // Interfaces with groups that nobody knows get one with any rules.
        for interface in 0..net.interfaces.len() {
            let subnet = net.interfaces[interface].subnet;
            let Some(groups) = net.interfaces[interface].groups.as_mut() else { continue };
            groups.retain_mut(|(_, presence)| self.present(presence));
            if net.interfaces[interface].unknown_groups.take().is_none() {
                continue;
            }
            let item = net.interfaces[interface].item;
            let mut rules = || -> Vec<Rule> {
                (0..self.rng.below(3))
                    .map(|_| Rule {
                        protocol: if self.rng.percent(50) { Protocol::Any } else { Protocol::Number(6) },
                        ports: None,
                        icmp: None,
                        peer: Peer::Range(*self.rng.pick(&self.pool)),
                        presence: Presence::Sure,
                        item,
                    })
                    .collect()
            };
            let (ingress, egress) = (rules(), rules());
            net.groups.push(Group { item, vpc: net.subnets[subnet.index()].vpc, ingress, egress });
            let id = GroupId(net.groups.len() as u32 - 1);
            if let Some(groups) = net.interfaces[interface].groups.as_mut() {
                groups.push((id, Presence::Sure));
            }
        }
    }

    fn acls(&mut self, net: &mut Network) {
        for acl in &mut net.acls {
            for entries in [&mut acl.ingress, &mut acl.egress] {
                entries.retain_mut(|entry| self.present(&mut entry.presence));
                for entry in entries {
                    if entry.range.is_none() {
                        entry.range = Some(self.range());
                    }
                }
            }
        }
        for subnet in 0..net.subnets.len() {
            let (vpc, presence) = (net.subnets[subnet].vpc, net.subnets[subnet].acl_presence);
            if let Presence::Maybe(_) = presence {
                let candidates: Vec<AclId> = (0..net.acls.len() as u32)
                    .map(AclId)
                    .filter(|acl| net.acls[acl.index()].vpc == vpc)
                    .collect();
                net.subnets[subnet].acl = *self.rng.pick(&candidates);
                net.subnets[subnet].acl_presence = Presence::Sure;
            }
            if let Presence::Maybe(_) = net.subnets[subnet].table_presence {
                let mut candidates = net.subnets[subnet].other_tables.clone();
                candidates.push(net.subnets[subnet].table);
                net.subnets[subnet].table = *self.rng.pick(&candidates);
                net.subnets[subnet].table_presence = Presence::Sure;
                net.subnets[subnet].other_tables.clear();
            }
        }
    }

    fn routes(&mut self, net: &mut Network) {
        for table in 0..net.tables.len() {
            let vpc = net.tables[table].vpc;
            let mut routes = std::mem::take(&mut net.tables[table].routes);
            routes.retain_mut(|route| self.present(&mut route.presence));
            for route in &mut routes {
                if route.range.is_none() {
                    route.range = Some(self.range());
                }
                if let Target::Anywhere(_) = route.target {
                    let candidates = targets(net, vpc);
                    route.target = *self.rng.pick(&candidates);
                }
            }
            net.tables[table].routes = routes;
        }
    }

    fn hubs(&mut self, net: &mut Network) {
        for hub in &mut net.hubs {
            self.tri(&mut hub.group_references);
        }
        for attachment in &mut net.attachments {
            if let Some((_, presence)) = attachment.table.as_mut()
                && !self.present(presence)
            {
                attachment.table = None;
            }
            if let Attached::Outside { ranges: ranges @ None, .. } = &mut attachment.what {
                *ranges = Some(vec![*self.rng.pick(&self.pool)]);
            }
        }
        for table in &mut net.hub_tables {
            table.routes.retain_mut(|route| self.present(&mut route.presence));
            for route in &mut table.routes {
                if route.range.is_none() {
                    route.range = Some(*self.rng.pick(&self.pool));
                }
            }
        }
        // Attachments and gateways are referred to by index: those that are not there
        // stay, taken apart from what they join.
        for attachment in 0..net.attachments.len() {
            let mut presence = net.attachments[attachment].presence;
            if !self.present(&mut presence) {
                let id = AttachmentId(attachment as u32);
                net.attachments[attachment].table = None;
                if let Attached::Vpc { subnets, .. } = &mut net.attachments[attachment].what {
                    subnets.clear();
                }
                for table in &mut net.hub_tables {
                    table.routes.retain(|route| route.attachment != Some(id));
                }
            }
            net.attachments[attachment].presence = Presence::Sure;
        }
    }

    fn rest(&mut self, net: &mut Network) {
        for list in &mut net.prefix_lists {
            if list.entries.is_none() {
                list.entries = Some((0..self.rng.below(3)).map(|_| *self.rng.pick(&self.pool)).collect());
            }
        }
        for gateway in &mut net.gateways {
            if !self.present(&mut gateway.presence) {
                gateway.vpc = None;
            }
            gateway.presence = Presence::Sure;
            if let GatewayKind::Private { ranges: ranges @ None, .. } = &mut gateway.kind {
                *ranges = Some(vec![*self.rng.pick(&self.pool)]);
            }
            if let GatewayKind::Other(_) = gateway.kind
                && self.rng.percent(50)
            {
                gateway.kind = GatewayKind::Internet;
            }
        }
        for peering in &mut net.peerings {
            self.tri(&mut peering.active);
            self.tri(&mut peering.same_region);
        }
        net.relays.retain_mut(|relay| self.present(&mut relay.presence));
        for relay in &mut net.relays {
            self.tri(&mut relay.keeps_client);
        }
        for subnet in 0..net.subnets.len() {
            if net.subnets[subnet].zone.is_none() {
                net.subnets[subnet].zone = Some(if self.rng.percent(50) { "za" } else { "zb" }.into());
            }
        }
    }

    fn members(&mut self, net: &mut Network) -> Vec<Member> {
        let mut taken: HashSet<IpAddr> = net
            .interfaces
            .iter()
            .flat_map(|i| i.addresses.iter())
            .filter(|a| a.prefix_len() == a.max_prefix_len())
            .map(IpNet::addr)
            .collect();
        let mut members = Vec::new();
        for index in 0..net.interfaces.len() {
            let mut interface = net.interfaces[index].clone();
            if !self.present(&mut interface.presence) {
                continue;
            }
            self.tri(&mut interface.families.0);
            self.tri(&mut interface.families.1);
            self.tri(&mut interface.public);
            self.tri(&mut interface.source_dest_check);
            net.interfaces[index] = interface.clone();
            let count = if interface.many { 1 + self.rng.below(3) } else { 1 };
            for _ in 0..count {
                let addresses = if interface.addresses.is_empty() {
                    self.addresses(net, &interface, &mut taken)
                } else {
                    let mut own: Vec<IpAddr> = Vec::new();
                    for range in &interface.addresses {
                        own.push(within(*range, self.rng));
                    }
                    own
                };
                if addresses.is_empty() {
                    continue;
                }
                let public = (interface.public == Tri::Yes && addresses.iter().any(IpAddr::is_ipv4))
                    .then(|| Ipv4Addr::from(0xc612_0000 + 1 + members.len() as u32));
                members.push(Member { interface: InterfaceId(index as u32), addresses, public });
            }
        }
        members
    }

    fn addresses(&mut self, net: &Network, of: &Interface, taken: &mut HashSet<IpAddr>) -> Vec<IpAddr> {
        let subnet = &net.subnets[of.subnet.index()];
        let ranges =
            if subnet.ranges.is_empty() { &net.vpcs[subnet.vpc.index()].ranges } else { &subnet.ranges };
        let mut found = Vec::new();
        for (want, four) in [(of.families.0, true), (of.families.1, false)] {
            let of_family: Vec<&IpNet> =
                ranges.iter().filter(|r| matches!(r, IpNet::V4(_)) == four).collect();
            if want != Tri::Yes || of_family.is_empty() {
                continue;
            }
            for _ in 0..200 {
                let address = within(**self.rng.pick(&of_family), self.rng);
                if taken.insert(address) {
                    found.push(address);
                    break;
                }
            }
        }
        found
    }
}

/// An address of a range, often one at its ends.
pub fn within(range: IpNet, rng: &mut Rng) -> IpAddr {
    let choice = rng.below(4);
    match range {
        IpNet::V4(range) => {
            let (first, last) = (u32::from(range.network()), u32::from(range.broadcast()));
            let at = match choice {
                0 => first,
                1 => last,
                _ => rng.between(u64::from(first), u64::from(last)) as u32,
            };
            IpAddr::V4(Ipv4Addr::from(at))
        }
        IpNet::V6(range) => {
            let (first, last) = (u128::from(range.network()), u128::from(range.broadcast()));
            let random = (u128::from(rng.next()) << 64 | u128::from(rng.next())) & (last - first);
            let at = match choice {
                0 => first,
                1 => last,
                _ => first + random,
            };
            IpAddr::V6(Ipv6Addr::from(at))
        }
    }
}

/// Everything that a route of a VPC's table may lead to.
fn targets(net: &Network, vpc: VpcId) -> Vec<Target> {
    let mut all = vec![Target::Blackhole];
    for (index, gateway) in net.gateways.iter().enumerate() {
        if gateway.vpc == Some(vpc) {
            all.push(Target::Gateway(GatewayId(index as u32)));
        }
    }
    for (index, peering) in net.peerings.iter().enumerate() {
        if peering.ends.0 == vpc || peering.ends.1 == vpc {
            all.push(Target::Peering(PeeringId(index as u32)));
        }
    }
    all.extend((0..net.hubs.len() as u32).map(|hub| Target::Hub(HubId(hub))));
    all
}

/// The ranges that make a difference in this network: all that are written anywhere, and
/// everything.
pub fn ranges_of_interest(net: &Network) -> Vec<IpNet> {
    let mut all = vec![IpNet::V4(Ipv4Net::default()), IpNet::V6(Ipv6Net::default())];
    all.extend(net.vpcs.iter().flat_map(|v| v.ranges.iter().copied()));
    all.extend(net.subnets.iter().flat_map(|s| s.ranges.iter().copied()));
    all.extend(net.tables.iter().flat_map(|t| t.routes.iter().filter_map(|r| r.range)));
    all.extend(net.hub_tables.iter().flat_map(|t| t.routes.iter().filter_map(|r| r.range)));
    for group in &net.groups {
        for rule in group.ingress.iter().chain(&group.egress) {
            if let Peer::Range(range) = rule.peer {
                all.push(range);
            }
        }
    }
    for acl in &net.acls {
        all.extend(acl.ingress.iter().chain(&acl.egress).filter_map(|e| e.range));
    }
    for list in &net.prefix_lists {
        all.extend(list.entries.iter().flatten().copied());
    }
    for gateway in &net.gateways {
        if let GatewayKind::Private { ranges: Some(ranges), .. } = &gateway.kind {
            all.extend(ranges);
        }
    }
    for attachment in &net.attachments {
        if let Attached::Outside { ranges: Some(ranges), .. } = &attachment.what {
            all.extend(ranges);
        }
    }
    all.extend(net.interfaces.iter().flat_map(|i| i.addresses.iter().copied()));
    all.sort();
    all.dedup();
    all
}
