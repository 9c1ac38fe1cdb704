//! Gateways of a VPC.

use super::{At, Carried, Direction, End, Link, Packet, Sim, Step, Way, stop};
use groma_prove::model::*;
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The prefix by which IPv6 reaches IPv4 over a NAT gateway ("DNS64 and NAT64", Amazon
/// VPC User Guide): 64:ff9b::/96.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let parts = address.segments();
    (parts[..6] == [0x64, 0xff9b, 0, 0, 0, 0])
        .then(|| Ipv4Addr::from(u32::from(parts[6]) << 16 | u32::from(parts[7])))
}

/// Whether an address can be routed on the internet.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(a) => {
            let [first, second, ..] = a.octets();
            !(a.is_private()
                || a.is_loopback()
                || a.is_link_local()
                || a.is_multicast()
                || a.is_broadcast()
                || first == 0
                || first >= 240
                || first == 100 && second & 0xc0 == 64)
        }
        // Global unicast.
        IpAddr::V6(a) => a.segments()[0] & 0xe000 == 0x2000,
    }
}

impl Sim<'_> {
    fn blocked(&self, vpc: VpcId) -> Option<BlockMode> {
        self.world.network.vpcs[vpc.index()].blocked.map(|(mode, _)| mode)
    }

    pub(super) fn gateway(&mut self, id: GatewayId, from: SubnetId, carried: &mut Carried) -> Step {
        let gateway = &self.world.network.gateways[id.index()];
        let vpc = self.subnet(from).vpc;
        if gateway.vpc != Some(vpc) {
            return stop("the gateway is not attached to the VPC");
        }
        match &gateway.kind {
            GatewayKind::Internet => {
                self.acl(from, Direction::Out, &carried.packet)?;
                self.leave_to_internet(vpc, carried)
            }
            GatewayKind::EgressOnly => {
                self.acl(from, Direction::Out, &carried.packet)?;
                self.egress_only(id, vpc, carried)
            }
            GatewayKind::Nat { interface, .. } => self.translate(id, *interface, from, carried),
            GatewayKind::Private { ranges, outside } => {
                self.acl(from, Direction::Out, &carried.packet)?;
                if self.member_in(vpc, carried.packet.src).is_none() {
                    // "Edge to edge routing" is for no gateway ("VPC peering limitations").
                    return stop("a private gateway carries nothing from beyond the VPC");
                }
                let there = ranges.as_ref().is_none_or(|r| r.iter().any(|r| r.contains(&carried.packet.dst)));
                if !there {
                    // What others do with it is not known.
                    self.by_chance = true;
                    return stop("not behind the private gateway");
                }
                Ok(At::Done(End::Outside(*outside, Link::Gateway(id))))
            }
            GatewayKind::Service { service } => {
                self.acl(from, Direction::Out, &carried.packet)?;
                // "Endpoint connections cannot be extended out of a VPC" ("Gateway
                // endpoints", AWS PrivateLink Guide).
                if self.member_in(vpc, carried.packet.src).is_none() {
                    return stop("a gateway endpoint carries nothing from beyond the VPC");
                }
                if !self.of_service(*service, carried.packet.dst) {
                    return stop("not an address of the service");
                }
                Ok(At::Done(End::Service(*service, id)))
            }
            GatewayKind::Other(_) => stop("nothing known"),
        }
    }

    /// Whether an address is in a prefix list of a service; services without lists have
    /// every address.
    fn of_service(&self, service: NodeId, address: IpAddr) -> bool {
        let mut lists =
            self.world.network.prefix_lists.iter().filter(|l| l.service == Some(service)).peekable();
        lists.peek().is_none()
            || lists.any(|l| l.entries.as_ref().is_some_and(|e| e.iter().any(|e| e.contains(&address))))
    }

    /// Out by an internet gateway: IPv4 needs a public address, which takes the place of
    /// the private one; IPv6 addresses are public by themselves ("Enable internet access
    /// for a VPC using an internet gateway", Amazon VPC User Guide).
    fn leave_to_internet(&mut self, vpc: VpcId, carried: &mut Carried) -> Step {
        let Some(sender) = self.member_in(vpc, carried.packet.src) else {
            return stop("an internet gateway carries nothing from beyond the VPC");
        };
        let nat = self.world.interface(sender).kind == InterfaceKind::Nat;
        match self.blocked(vpc) {
            Some(BlockMode::Bidirectional) => return stop("block public access"),
            // "Only traffic to and from NAT gateways and egress-only internet gateways is
            // allowed" ("Block public access to VPCs and subnets"); exclusions for egress
            // allow outbound traffic without saying of whom.
            Some(BlockMode::Ingress) if !nat => {
                self.by_chance = true;
                if self.rng.percent(50) {
                    return stop("block public access");
                }
            }
            _ => {}
        }
        if carried.packet.src.is_ipv4() {
            let Some(public) = self.public(sender) else { return stop("no public IPv4 address") };
            carried.packet.src = IpAddr::V4(public);
        }
        self.note(|| format!("internet gateway of VPC {}: {:?}", vpc.0, carried.packet));
        self.on_internet(carried)
    }

    fn public(&self, member: usize) -> Option<Ipv4Addr> {
        let interface = self.world.members[member].interface;
        let private =
            self.world.network.gateways.iter().any(
                |g| matches!(g.kind, GatewayKind::Nat { interface: i, public: false } if i == interface),
            );
        // The internet gateway drops what a private NAT gateway sends ("NAT gateways").
        if private { None } else { self.world.members[member].public }
    }

    /// On the internet: to one of the world's own public addresses, or to others.
    fn on_internet(&mut self, carried: &mut Carried) -> Step {
        carried.sender = None;
        carried.way = Way::Lost;
        let to = carried.packet.dst;
        let ours = self.world.members.iter().any(|m| {
            m.public.is_some_and(|p| IpAddr::V4(p) == to) || to.is_ipv6() && m.addresses.contains(&to)
        });
        if ours {
            self.on_internet = true;
            return Ok(At::FromInternet);
        }
        let in_a_vpc = self.world.network.vpcs.iter().any(|v| v.ranges.iter().any(|r| r.contains(&to)));
        if !is_public(to) || in_a_vpc {
            return stop(format!("{to} is not on the internet"));
        }
        Ok(At::Done(End::Internet))
    }

    fn gateway_in(&self, vpc: VpcId) -> bool {
        self.world.network.gateways.iter().any(|g| g.kind == GatewayKind::Internet && g.vpc == Some(vpc))
    }

    /// IPv6 from inside only ("Enable outbound IPv6 traffic using an egress-only internet
    /// gateway", Amazon VPC User Guide).
    fn egress_only(&mut self, id: GatewayId, vpc: VpcId, carried: &mut Carried) -> Step {
        if carried.packet.src.is_ipv4() {
            return stop("an egress-only gateway carries IPv6 only");
        }
        if self.member_in(vpc, carried.packet.src).is_none() {
            return stop("an egress-only gateway carries nothing from beyond the VPC");
        }
        if self.blocked(vpc) == Some(BlockMode::Bidirectional) {
            return stop("block public access");
        }
        let answers = self.tracked.iter().any(|(_, d, p)| *d == Direction::Out && *p == carried.packet);
        if answers && self.gateway_in(vpc) {
            // An answer to what came in by the internet gateway: nothing says whether a
            // stateful gateway lets it out.
            self.by_chance = true;
            if self.rng.percent(50) {
                return stop("it is no connection of the egress-only gateway");
            }
        }
        self.outbound.insert((id, carried.packet.reply()));
        self.note(|| format!("egress-only gateway {}", id.0));
        self.on_internet(carried)
    }

    /// From the internet to an address of the world.
    pub(super) fn enter_from_internet(&mut self, carried: &mut Carried) -> Step {
        carried.sender = None;
        carried.way = Way::Lost;
        let to = carried.packet.dst;
        let found = (0..self.world.members.len()).find(|m| match to {
            IpAddr::V4(to) => self.world.members[*m].public == Some(to),
            IpAddr::V6(_) => self.world.members[*m].addresses.contains(&to),
        });
        let Some(member) = found else { return stop("nobody has this public address") };
        let vpc = self.world.vpc(member);
        let nat = self.world.interface(member).kind == InterfaceKind::Nat;
        let packet = carried.packet;
        let only = |(g, p): &(GatewayId, Packet)| {
            *p == packet && self.world.network.gateways[g.index()].vpc == Some(vpc)
        };
        if self.outbound.iter().any(only) {
            if self.blocked(vpc) == Some(BlockMode::Bidirectional) {
                return stop("block public access");
            }
            return Ok(At::Local(vpc, None));
        }
        let gateways = &self.world.network.gateways;
        let gateway = gateways.iter().position(|g| g.kind == GatewayKind::Internet && g.vpc == Some(vpc));
        let Some(gateway) = gateway else { return stop("no internet gateway on the way in") };
        match self.blocked(vpc) {
            Some(BlockMode::Bidirectional) => return stop("block public access"),
            Some(BlockMode::Ingress) if !nat => {
                // A new connection is what the mode forbids; answers to what it let out
                // are as uncertain as that.
                let known = self.tracked.contains(&(member, Direction::In, self.inside(member, packet)));
                self.by_chance |= known;
                if !known || self.rng.percent(50) {
                    return stop("block public access");
                }
            }
            _ => {}
        }
        carried.packet = self.inside(member, packet);
        self.note(|| format!("in by the internet gateway of VPC {}", vpc.0));
        Ok(At::Edge(GatewayId(gateway as u32), vpc))
    }

    fn inside(&self, member: usize, packet: Packet) -> Packet {
        let own = self.world.members[member].addresses.iter().find(|a| a.is_ipv4());
        match own {
            Some(own) if packet.dst.is_ipv4() => Packet { dst: *own, ..packet },
            _ => packet,
        }
    }

    /// In by a gateway: its own route table, if it has one, may send what comes in to an
    /// appliance ("Gateway route tables", Amazon VPC User Guide).
    pub(super) fn edge(&mut self, id: GatewayId, vpc: VpcId, carried: &mut Carried) -> Step {
        // Neither kind of gateway hands on what is for somewhere else.
        let own = |r: &IpNet| r.contains(&carried.packet.dst);
        if !self.world.network.vpcs[vpc.index()].ranges.iter().any(own) {
            return stop("not for this VPC");
        }
        let Some(table) = self.world.network.gateways[id.index()].table else {
            return Ok(At::Local(vpc, None));
        };
        match self.route(table, carried.packet.dst)? {
            Target::Local => Ok(At::Local(vpc, None)),
            Target::Interface(interface) => Ok(At::Through(interface, None)),
            other => stop(format!("an edge table cannot lead to {other:?}")),
        }
    }

    /// A NAT gateway puts its private address in the place of the source, whatever lies
    /// beyond ("NAT gateways"); TCP, UDP and ICMP only ("NAT gateway basics", Amazon VPC
    /// User Guide).
    fn translate(
        &mut self,
        id: GatewayId,
        interface: InterfaceId,
        from: SubnetId,
        carried: &mut Carried,
    ) -> Step {
        let members = self.members_of(interface);
        let Some(&member) = members.first() else { return stop("the NAT gateway has no interface") };
        let own = self.world.members[member].addresses.iter().find(|a| a.is_ipv4()).copied();
        let Some(own) = own else { return stop("the NAT gateway has no address") };
        let subnet = self.world.interface(member).subnet;
        self.cross(Some(from), subnet, &carried.packet)?;
        let inside = carried.packet;
        let outside = match (inside.src, inside.dst) {
            _ if !matches!(inside.protocol, super::TCP | super::UDP | super::ICMP | super::ICMP6) => {
                return stop("NAT carries TCP, UDP and ICMP");
            }
            (IpAddr::V4(_), IpAddr::V4(_)) => Packet { src: own, ..inside },
            (_, IpAddr::V6(to)) => match embedded(to) {
                Some(to) if !inside.is_icmp() => Packet { src: own, dst: IpAddr::V4(to), ..inside },
                _ => return stop("NAT translates IPv6 to 64:ff9b::/96 only"),
            },
            _ => return stop("mixed families"),
        };
        let outside = if outside.is_icmp() { outside } else { Packet { sport: self.nat_port, ..outside } };
        if self.translated.values().any(|answer| answer.reply() == inside) {
            // Through the same gateway again.
            return stop("it goes in circles");
        }
        self.translated.insert((id, outside.reply()), inside.reply());
        carried.packet = outside;
        carried.sender = Some(member);
        carried.way = Way::Local;
        self.note(|| format!("NAT gateway {}: {outside:?}", id.0));
        Ok(At::Leaving(subnet))
    }

    /// An answer to a NAT gateway goes to whom it belongs; all else is dropped.
    pub(super) fn nat_answer(&mut self, member: usize, carried: &mut Carried) -> Step {
        let interface = self.world.members[member].interface;
        let gateway = self.world.network.gateways.iter().position(|g| {
            matches!(g.kind, GatewayKind::Nat { interface: i, .. } if i == interface) && g.vpc.is_some()
        });
        let Some(gateway) = gateway else { return stop("a NAT interface without its gateway") };
        let key = (GatewayId(gateway as u32), carried.packet);
        let Some(inside) = self.translated.get(&key).copied() else {
            return stop("a NAT gateway takes answers only");
        };
        carried.packet = inside;
        carried.sender = None;
        carried.way = Way::Lost;
        self.note(|| format!("NAT gateway {gateway} gives back {inside:?}"));
        Ok(At::Leaving(self.world.interface(member).subnet))
    }
}
