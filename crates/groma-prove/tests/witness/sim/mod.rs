//! A packet simulator: it walks one packet through a network without doubts, hop by hop,
//! and then its answer, with the state that the first left behind.
//!
//! It shares nothing with the symbolic engine but the model, and was written from AWS's
//! documentation; the pages are named where their rules are.

mod filter;
mod gateway;
mod hub;
mod packet;

pub use filter::Direction;
pub use gateway::is_public;
pub use packet::{Carried, Drop, End, ICMP, ICMP6, Link, Packet, TCP, UDP, Way};

use crate::concrete::Concrete;
use crate::rng::Rng;
use groma_prove::model::*;
use ipnet::IpNet;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// Longer ways are loops.
const HOPS: usize = 40;

/// What became of a connection attempt.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Where the first packet ended, or why it did not.
    pub delivered: Result<End, Drop>,
    /// Whether the answer came back; `None` if nothing was delivered.
    pub answered: Option<Result<(), Drop>>,
    /// Whether chance decided something which AWS leaves open (what an appliance does,
    /// which zone a hub takes).
    pub by_chance: bool,
    /// Whether the packet, and its answer, crossed the internet without ending there.
    pub crossed: (bool, bool),
    /// Whether a NAT gateway changed it.
    pub translated: bool,
    /// What happened, for people.
    pub hops: Vec<String>,
}

impl Outcome {
    pub fn completes(&self) -> bool {
        matches!(self.answered, Some(Ok(())))
    }
}

/// One connection attempt through one network.
pub struct Sim<'w> {
    world: &'w Concrete,
    rng: Rng,
    by_chance: bool,
    /// Packets that an interface lets pass because of others which it let pass.
    tracked: BTreeSet<(usize, Direction, Packet)>,
    /// For each NAT gateway: what an answer looks like outside, and inside.
    translated: BTreeMap<(GatewayId, Packet), Packet>,
    /// What egress-only gateways let in again.
    outbound: BTreeSet<(GatewayId, Packet)>,
    /// Appliances and firewalls that the packet under way went through.
    inspected: Vec<usize>,
    /// Which subnet a hub in appliance mode chose, once for a connection.
    stuck: BTreeMap<AttachmentId, SubnetId>,
    /// What appliances decided to do, once for a connection.
    appliances: BTreeMap<usize, Appliance>,
    masqueraded: BTreeMap<(usize, Packet), Packet>,
    hops: Vec<String>,
    /// Whether to say what happens.
    pub trace: bool,
    on_internet: bool,
    /// The port that NAT gateways put in.
    pub nat_port: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Appliance {
    Drops,
    Forwards,
    Masquerades,
}

/// Where a packet is.
enum At {
    /// About to leave a subnet: its route table decides.
    Leaving(SubnetId),
    /// In the VPC, to be delivered to an address of it, from this subnet or from outside.
    Local(VpcId, Option<SubnetId>),
    /// Sent to an interface by a route.
    Through(InterfaceId, Option<SubnetId>),
    /// Given to a gateway by a route of a table of a subnet.
    Gateway(GatewayId, SubnetId),
    /// Given to a peering from a VPC.
    Peering(PeeringId, SubnetId),
    /// Given to a hub by an attachment.
    Hub(AttachmentId),
    /// On its way from the internet to an address.
    FromInternet,
    /// Come in through a gateway: its own table decides.
    Edge(GatewayId, VpcId),
    /// Arrived.
    Done(End),
}

type Step = Result<At, Drop>;

fn stop<T>(why: impl Into<String>) -> Result<T, Drop> {
    Err(Drop(why.into()))
}

impl<'w> Sim<'w> {
    pub fn new(world: &'w Concrete, seed: u64) -> Self {
        Self {
            world,
            rng: Rng::new(seed),
            by_chance: false,
            tracked: BTreeSet::new(),
            translated: BTreeMap::new(),
            outbound: BTreeSet::new(),
            inspected: Vec::new(),
            stuck: BTreeMap::new(),
            appliances: BTreeMap::new(),
            masqueraded: BTreeMap::new(),
            hops: Vec::new(),
            trace: false,
            on_internet: false,
            nat_port: 1024,
        }
    }

    /// Sends the first packet of a connection, and its answer.
    pub fn connect(mut self, from: End, packet: Packet) -> Outcome {
        let mut first = Carried { packet, sender: None, way: Way::Local, zone: None };
        let delivered = self.walk(from, &mut first);
        let crossed = (self.on_internet, false);
        self.on_internet = false;
        let answered = delivered.as_ref().ok().map(|to| {
            let through = std::mem::take(&mut self.inspected);
            if packet.is_icmp() && !matches!((packet.protocol, packet.sport), (ICMP, 8) | (ICMP6, 128)) {
                // Only an echo request has an answer.
                return Ok(());
            }
            self.note(|| "answer".to_owned());
            let mut answer =
                Carried { packet: first.packet.reply(), sender: None, way: Way::Local, zone: None };
            let end = self.walk(*to, &mut answer)?;
            if end != from && !same_outside(end, from) || answer.packet != packet.reply() {
                return stop(format!("the answer reaches {end:?} as {:?}", answer.packet));
            }
            let mut back = std::mem::take(&mut self.inspected);
            back.reverse();
            if through != back {
                // What sees half of a connection may or may not let it pass ("Asymmetric
                // routing", AWS Network Firewall Developer Guide).
                self.by_chance = true;
                if self.rng.percent(50) {
                    return stop("a middlebox saw one direction only");
                }
            }
            Ok(())
        });
        let crossed = (crossed.0, self.on_internet);
        Outcome {
            delivered,
            answered,
            by_chance: self.by_chance,
            crossed,
            translated: !self.translated.is_empty(),
            hops: self.hops,
        }
    }

    fn note(&mut self, what: impl FnOnce() -> String) {
        if self.trace {
            self.hops.push(what());
        }
    }

    fn choose(&mut self, n: usize) -> usize {
        if n > 1 {
            self.by_chance = true;
        }
        self.rng.below(n)
    }

    fn walk(&mut self, from: End, carried: &mut Carried) -> Result<End, Drop> {
        let mut at = self.start(from, carried)?;
        for _ in 0..HOPS {
            at = match at {
                At::Leaving(subnet) => self.leave(subnet, carried)?,
                At::Local(vpc, from) => self.local(vpc, from, carried)?,
                At::Through(interface, from) => self.through(interface, from, carried)?,
                At::Gateway(gateway, from) => self.gateway(gateway, from, carried)?,
                At::Peering(peering, from) => self.peering(peering, from, carried)?,
                At::Hub(attachment) => self.hub(attachment, carried)?,
                At::FromInternet => self.enter_from_internet(carried)?,
                At::Edge(gateway, vpc) => self.edge(gateway, vpc, carried)?,
                At::Done(end) => return Ok(end),
            };
        }
        stop("it goes in circles")
    }

    fn start(&mut self, from: End, carried: &mut Carried) -> Step {
        match from {
            End::Member(member) => {
                self.note(|| format!("member {member} sends {:?}", carried.packet));
                let interface = self.world.interface(member);
                if !self.world.members[member].addresses.contains(&carried.packet.src)
                    && interface.source_dest_check != Tri::No
                {
                    return stop("the source is not the interface's");
                }
                carried.sender = Some(member);
                carried.way = Way::Local;
                self.security_groups(member, Direction::Out, carried)?;
                Ok(At::Leaving(interface.subnet))
            }
            End::Internet => Ok(At::FromInternet),
            End::Outside(_, Link::Gateway(gateway)) => {
                carried.way = Way::Lost;
                match self.world.network.gateways[gateway.index()].vpc {
                    Some(vpc) => Ok(At::Edge(gateway, vpc)),
                    None => stop("the gateway is attached to nothing"),
                }
            }
            End::Outside(_, Link::Attachment(attachment)) => {
                carried.way = Way::Lost;
                Ok(At::Hub(attachment))
            }
            // Services behind gateway endpoints only answer; the answer comes into the
            // VPC of the endpoint ("Gateway endpoints", AWS PrivateLink Guide).
            End::Service(_, gateway) => {
                carried.way = Way::Lost;
                match self.world.network.gateways[gateway.index()].vpc {
                    Some(vpc) => Ok(At::Local(vpc, None)),
                    None => stop("the gateway is attached to nothing"),
                }
            }
        }
    }

    fn subnet(&self, subnet: SubnetId) -> &'w Subnet {
        &self.world.network.subnets[subnet.index()]
    }

    fn member_in(&self, vpc: VpcId, address: IpAddr) -> Option<usize> {
        (0..self.world.members.len())
            .find(|m| self.world.vpc(*m) == vpc && self.world.members[*m].addresses.contains(&address))
    }

    /// The members of an interface class.
    fn members_of(&self, interface: InterfaceId) -> Vec<usize> {
        (0..self.world.members.len()).filter(|m| self.world.members[*m].interface == interface).collect()
    }

    /// Out of a subnet. Within it there is no route ("Inspect traffic between subnets",
    /// Amazon VPC User Guide: routes direct traffic *between* subnets).
    fn leave(&mut self, subnet: SubnetId, carried: &mut Carried) -> Step {
        let here = self.subnet(subnet);
        if let Some(member) = self.member_in(here.vpc, carried.packet.dst)
            && self.world.interface(member).subnet == subnet
        {
            return Ok(At::Local(here.vpc, Some(subnet)));
        }
        let target = self.route(here.table, carried.packet.dst)?;
        self.note(|| format!("subnet {}: route to {target:?}", subnet.0));
        match target {
            Target::Local => Ok(At::Local(here.vpc, Some(subnet))),
            Target::Gateway(gateway) => Ok(At::Gateway(gateway, subnet)),
            Target::Peering(peering) => Ok(At::Peering(peering, subnet)),
            Target::Hub(hub) => self.enter_hub(hub, subnet, carried),
            Target::Interface(interface) => Ok(At::Through(interface, Some(subnet))),
            Target::Blackhole => stop("a black hole"),
            Target::Anywhere(_) => unreachable!("doubts are resolved"),
        }
    }

    /// The route that a table has for a destination: the longest prefix; of equal ones
    /// the static one; and nothing that was propagated beats the local route, however
    /// long ("How route priority works", Amazon VPC User Guide; "Route tables and AWS
    /// Site-to-Site VPN route priority").
    fn route(&mut self, table: TableId, destination: IpAddr) -> Result<Target, Drop> {
        let routes = &self.world.network.tables[table.index()].routes;
        let matching: Vec<&Route> =
            routes.iter().filter(|r| r.range.is_some_and(|range| range.contains(&destination))).collect();
        let local = matching.iter().any(|r| r.target == Target::Local);
        let rank = |r: &Route| (r.range.as_ref().map_or(0, IpNet::prefix_len), !r.propagated);
        let candidates: Vec<&Route> = matching.iter().copied().filter(|r| !(local && r.propagated)).collect();
        let Some(best) = candidates.iter().map(|r| rank(r)).max() else {
            return stop(format!("no route to {destination} in table {}", table.0));
        };
        let mut equal: Vec<Target> = Vec::new();
        for route in candidates.iter().filter(|r| rank(r) == best) {
            if !equal.contains(&route.target) {
                equal.push(route.target);
            }
        }
        Ok(equal[self.choose(equal.len())])
    }

    /// To an address of a VPC.
    fn local(&mut self, vpc: VpcId, from: Option<SubnetId>, carried: &mut Carried) -> Step {
        let Some(member) = self.member_in(vpc, carried.packet.dst) else {
            return stop(format!("nobody has {} in VPC {}", carried.packet.dst, vpc.0));
        };
        let interface = self.world.interface(member);
        self.cross(from, interface.subnet, &carried.packet)?;
        match interface.kind {
            InterfaceKind::Nat => self.nat_answer(member, carried),
            InterfaceKind::Inspection | InterfaceKind::Attachment => stop("it is for no end"),
            InterfaceKind::Ordinary | InterfaceKind::LoadBalancer | InterfaceKind::Endpoint => {
                self.security_groups(member, Direction::In, carried)?;
                self.note(|| format!("member {member} receives {:?}", carried.packet));
                if let Some(inside) = self.masqueraded.get(&(member, carried.packet)).copied() {
                    // An answer to what an appliance sent on in its own name.
                    self.inspected.push(member);
                    carried.packet = inside;
                    carried.sender = None;
                    carried.way = Way::Lost;
                    self.security_groups(member, Direction::Out, carried)?;
                    return Ok(At::Leaving(interface.subnet));
                }
                Ok(At::Done(End::Member(member)))
            }
        }
    }

    /// A route leads to an interface: a NAT instance or another appliance, or the
    /// endpoint of a firewall ("Work with NAT instances", "Middlebox routing", Amazon VPC
    /// User Guide). What an appliance does is its own affair.
    fn through(&mut self, to: InterfaceId, from: Option<SubnetId>, carried: &mut Carried) -> Step {
        let members = self.members_of(to);
        if members.is_empty() {
            return stop("the interface does not exist: a black hole");
        }
        let member = members[self.choose(members.len())];
        let interface = self.world.interface(member);
        if let Some(from) = from
            && self.subnet(from).vpc != self.world.vpc(member)
        {
            return stop("the interface is in another VPC");
        }
        self.cross(from, interface.subnet, &carried.packet)?;
        carried.way = match carried.way {
            Way::Local | Way::Middlebox => Way::Middlebox,
            _ => Way::Lost,
        };
        match interface.kind {
            InterfaceKind::Inspection => {
                self.note(|| format!("member {member} inspects"));
                self.inspected.push(member);
                return Ok(At::Leaving(interface.subnet));
            }
            InterfaceKind::Nat | InterfaceKind::Attachment => {
                return stop("no route leads to such an interface");
            }
            InterfaceKind::Ordinary | InterfaceKind::LoadBalancer | InterfaceKind::Endpoint => {}
        }
        if interface.source_dest_check != Tri::No {
            return stop("source/destination check of an appliance");
        }
        self.security_groups(member, Direction::In, carried)?;
        let does = match self.appliances.get(&member) {
            Some(does) => *does,
            None => {
                self.by_chance = true;
                *self.rng.pick(&[Appliance::Drops, Appliance::Forwards, Appliance::Masquerades])
            }
        };
        self.appliances.insert(member, does);
        self.note(|| format!("appliance {member}: {does:?}"));
        self.inspected.push(member);
        match does {
            Appliance::Drops => return stop("an appliance drops it"),
            Appliance::Forwards => {}
            Appliance::Masquerades => {
                let own = self.world.members[member]
                    .addresses
                    .iter()
                    .find(|a| a.is_ipv4() == carried.packet.src.is_ipv4());
                let Some(own) = own else { return stop("the appliance has no such address") };
                let inside = carried.packet;
                let back = self.tracked_back(&inside);
                if !back {
                    carried.packet.src = *own;
                    self.masqueraded.insert((member, carried.packet.reply()), inside.reply());
                    carried.sender = Some(member);
                    carried.way = Way::Local;
                }
            }
        }
        self.security_groups(member, Direction::Out, carried)?;
        Ok(At::Leaving(interface.subnet))
    }

    /// Whether a packet is an answer of this connection (an appliance does not
    /// masquerade those).
    fn tracked_back(&self, packet: &Packet) -> bool {
        self.masqueraded.values().any(|inside| inside == packet)
    }

    /// Over a peering: from an interface of one VPC to an interface of the other, never
    /// on to anything else ("VPC peering limitations", Amazon VPC Peering Guide).
    fn peering(&mut self, id: PeeringId, from: SubnetId, carried: &mut Carried) -> Step {
        let peering = &self.world.network.peerings[id.index()];
        let here = self.subnet(from).vpc;
        if peering.active != Tri::Yes {
            return stop("the peering is not active");
        }
        let other = match peering.ends {
            (a, b) if a == here => b,
            (a, b) if b == here => a,
            _ => return stop("the peering joins other VPCs"),
        };
        if self.member_in(here, carried.packet.src).is_none() {
            return stop("a peering carries nothing from beyond");
        }
        self.acl(from, Direction::Out, &carried.packet)?;
        carried.way = if carried.way == Way::Local { Way::Peering(id) } else { Way::Lost };
        self.note(|| format!("peering {} to VPC {}", id.0, other.0));
        Ok(At::Local(other, None))
    }
}

fn same_outside(a: End, b: End) -> bool {
    matches!((a, b), (End::Outside(a, _), End::Outside(b, _)) if a == b)
}
