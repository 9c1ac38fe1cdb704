//! Security groups and network ACLs, one packet at a time.

use super::Sim;
use super::packet::{Carried, Drop, Packet, TCP, UDP, Way};
use groma_prove::model::*;
use std::net::IpAddr;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Direction {
    In,
    Out,
}

/// Whether a rule's protocol, ports and ICMP type admit a packet.
///
/// Ports count for TCP and UDP only ("Security group rules" and "Network ACL rules",
/// Amazon VPC User Guide: for `-1` all ports are meant whatever is given).
fn admits(protocol: Protocol, ports: Option<Ports>, icmp: Option<(i16, i16)>, packet: &Packet) -> bool {
    match protocol {
        Protocol::Any => return true,
        Protocol::Number(number) if number != packet.protocol => return false,
        Protocol::Number(_) => {}
    }
    if matches!(packet.protocol, TCP | UDP) {
        return ports.is_none_or(|p| p.from <= packet.dport && packet.dport <= p.to);
    }
    if packet.is_icmp() {
        return icmp.is_none_or(|(kind, code)| {
            (kind == -1 || i32::from(kind) == i32::from(packet.sport))
                && (code == -1 || i32::from(code) == i32::from(packet.dport))
        });
    }
    true
}

impl Sim<'_> {
    /// A security group check at one interface: a union of allowances over all its
    /// groups, and whatever belongs to a connection that was let through before
    /// ("Security group connection tracking", Amazon EC2 User Guide).
    pub(super) fn security_groups(
        &mut self,
        member: usize,
        direction: Direction,
        carried: &Carried,
    ) -> Result<(), Drop> {
        let interface = self.world.interface(member);
        let Some(groups) = &interface.groups else { return Ok(()) };
        let world = self.world;
        if self.tracked.contains(&(member, direction, carried.packet)) {
            return Ok(());
        }
        // Through a middlebox a reference does not match, says AWS of appliances
        // ("Security group rules", Amazon VPC User Guide: "if you reference the security
        // group of the other instance as the source, this does not allow traffic"); of
        // firewalls' endpoints it says nothing.
        let mut through = false;
        let allowed = groups.iter().any(|(group, _)| {
            let group = &world.network.groups[group.index()];
            let rules = if direction == Direction::In { &group.ingress } else { &group.egress };
            rules.iter().any(|rule| {
                admits(rule.protocol, rule.ports, rule.icmp, &carried.packet)
                    && self.peer(rule.peer, member, direction, carried, &mut through)
            })
        });
        let allowed = allowed
            || through && {
                self.by_chance = true;
                self.rng.percent(50)
            };
        if !allowed {
            return Err(Drop(format!(
                "security groups of member {member}, {direction:?}: {:?}",
                carried.packet
            )));
        }
        let back = if direction == Direction::In { Direction::Out } else { Direction::In };
        self.tracked.insert((member, back, carried.packet.reply()));
        Ok(())
    }

    fn peer(
        &self,
        peer: Peer,
        member: usize,
        direction: Direction,
        carried: &Carried,
        through: &mut bool,
    ) -> bool {
        let other = if direction == Direction::In { carried.packet.src } else { carried.packet.dst };
        match peer {
            Peer::Range(range) => range.contains(&other),
            Peer::List(list) => {
                let entries = self.world.network.prefix_lists[list.index()].entries.as_ref();
                entries.is_some_and(|entries| entries.iter().any(|e| e.contains(&other)))
            }
            Peer::Group(group) if direction == Direction::In => {
                self.came_from(group, member, carried, through)
            }
            Peer::Group(group) => self.goes_to(group, member, other, through),
            Peer::Anything(_) => unreachable!("doubts are resolved"),
        }
    }

    fn carries(&self, member: usize, group: GroupId) -> bool {
        let groups = self.world.interface(member).groups.as_ref();
        groups.is_some_and(|groups| groups.iter().any(|(g, _)| *g == group))
    }

    /// A reference as a source means the private addresses of the members ("Security
    /// group referencing", Amazon VPC User Guide). Over a peering in the same region
    /// ("Update your security groups to reference peer security groups", Amazon VPC
    /// Peering Guide); over a transit gateway that supports it ("Introducing security
    /// group referencing for AWS Transit Gateway": inbound only).
    fn came_from(&self, group: GroupId, member: usize, carried: &Carried, through: &mut bool) -> bool {
        let Some(sender) = carried.sender else { return false };
        if !self.carries(sender, group) {
            return false;
        }
        let (own, theirs) = (self.world.vpc(member), self.world.network.groups[group.index()].vpc);
        let by_way = match carried.way {
            Way::Local => own == theirs,
            Way::Peering(peering) => {
                self.world.network.peerings[peering.index()].same_region == Tri::Yes && own != theirs
            }
            Way::Hub(hub) => {
                self.world.network.hubs[hub.index()].group_references == Tri::Yes && own != theirs
            }
            Way::Middlebox | Way::Lost => false,
        };
        if !by_way && carried.way != Way::Lost {
            // The reference means addresses, and the address is right; only the way is
            // another than the one that makes the reference valid.
            *through |= own == theirs || self.peered(own, theirs) || self.joined(own, theirs);
        }
        by_way
    }

    fn peered(&self, a: VpcId, b: VpcId) -> bool {
        self.world.network.peerings.iter().any(|p| {
            p.active == Tri::Yes && p.same_region == Tri::Yes && (p.ends == (a, b) || p.ends == (b, a))
        })
    }

    /// Whether a hub that supports references has attachments of both.
    fn joined(&self, a: VpcId, b: VpcId) -> bool {
        let net = &self.world.network;
        let attached = |hub: usize, vpc: VpcId| {
            net.attachments.iter().any(|t| {
                t.hub.index() == hub
                    && matches!(&t.what, Attached::Vpc { vpc: v, subnets, .. } if *v == vpc && !subnets.is_empty())
            })
        };
        (0..net.hubs.len())
            .any(|h| net.hubs[h].group_references == Tri::Yes && attached(h, a) && attached(h, b))
    }

    /// A reference as a destination: the private addresses of the members in the same
    /// VPC, or in one that is peered in the same region; not over a transit gateway.
    ///
    /// Nothing says what happens if the packet then takes another way: the sender's filter
    /// sees addresses only.
    fn goes_to(&self, group: GroupId, member: usize, address: IpAddr, through: &mut bool) -> bool {
        let (own, theirs) = (self.world.vpc(member), self.world.network.groups[group.index()].vpc);
        let has = (0..self.world.members.len()).any(|other| {
            self.world.vpc(other) == theirs
                && self.world.members[other].addresses.contains(&address)
                && self.carries(other, group)
        });
        if has && own != theirs && self.peered(own, theirs) {
            let table = self.world.network.subnets[self.world.interface(member).subnet.index()].table;
            let routes = &self.world.network.tables[table.index()].routes;
            let best = routes
                .iter()
                .filter(|r| r.range.is_some_and(|r| r.contains(&address)))
                .max_by_key(|r| (r.range.map_or(0, |r| r.prefix_len()), !r.propagated));
            let straight = best.is_some_and(|r| matches!(r.target, Target::Peering(_)));
            *through |= !straight;
            return straight;
        }
        has && own == theirs
    }

    /// A network ACL check: entries in the order of their numbers, the first that
    /// matches decides, none means no ("Network ACL rules", Amazon VPC User Guide).
    pub(super) fn acl(
        &mut self,
        subnet: SubnetId,
        direction: Direction,
        packet: &Packet,
    ) -> Result<(), Drop> {
        let acl = &self.world.network.acls[self.world.network.subnets[subnet.index()].acl.index()];
        let (entries, other) = match direction {
            Direction::In => (&acl.ingress, packet.src),
            Direction::Out => (&acl.egress, packet.dst),
        };
        let first = entries
            .iter()
            .filter(|e| e.range.is_some_and(|r| r.contains(&other)))
            .filter(|e| admits(e.protocol, e.ports, e.icmp, packet))
            .min_by_key(|e| e.number);
        if first.is_some_and(|entry| entry.allow) {
            return Ok(());
        }
        Err(Drop(format!("network ACL of subnet {}, {direction:?}: {packet:?}", subnet.0)))
    }

    /// Both checks on the way from one subnet to another; within one there are none
    /// ("Control subnet traffic with network access control lists", Amazon VPC User
    /// Guide).
    pub(super) fn cross(
        &mut self,
        from: Option<SubnetId>,
        to: SubnetId,
        packet: &Packet,
    ) -> Result<(), Drop> {
        if from == Some(to) {
            return Ok(());
        }
        if let Some(from) = from {
            self.acl(from, Direction::Out, packet)?;
        }
        self.acl(to, Direction::In, packet)
    }
}
