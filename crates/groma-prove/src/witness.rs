//! Answers that can be followed: a packet on its way, or all that stops it.

use crate::model::{DoubtId, InterfaceId, ItemId, NodeId};
use crate::ports::Family;
use crate::reach::{Bound, Question};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

/// A packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Packet {
    /// IPv4 or IPv6.
    pub family: Family,
    /// The protocol number.
    pub protocol: u8,
    /// Where from. For interfaces whose address is not known yet: one that it can get; on the
    /// internet's side of an internet gateway its public one, see [`example_public`].
    pub source: IpAddr,
    /// Where to.
    pub destination: IpAddr,
    /// The source port; for protocols without ports 0.
    pub source_port: u16,
    /// The destination port; for ICMP `type * 256 + code`; for protocols without ports 0.
    pub port: u16,
}

/// A public IPv4 address for an interface in examples: AWS gives one that nobody knows before, so
/// it is one that is kept for documentation (RFC 5737).
pub fn example_public(interface: InterfaceId) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(198, 51, 100, 1 + (interface.0 % 254) as u8))
}

/// What a hop is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HopKind {
    /// The interface that sends, or a host outside.
    Source,
    /// A security group of the sender, outbound.
    GroupOut,
    /// A security group of the receiver, inbound.
    GroupIn,
    /// A network ACL, out of a subnet.
    AclOut,
    /// A network ACL, into a subnet.
    AclIn,
    /// A route of a VPC's table, or of a gateway's.
    Route,
    /// An internet gateway: from here on the packet is on the internet, or was there.
    Gateway,
    /// A NAT gateway, or an instance that translates: `packet` is as it leaves.
    Nat,
    /// An appliance, firewall or gateway load balancer endpoint that passes it on.
    Middlebox,
    /// A peering.
    Peering,
    /// A transit gateway's attachment.
    Attachment,
    /// A route of a transit gateway's table.
    HubRoute,
    /// A relay: accepts the connection and opens one of its own.
    Relay,
    /// Something unknown or not supported that could pass it on.
    Unknown,
    /// VPC block public access.
    BlockedAccess,
    /// The interface that receives, or a host outside.
    Destination,
}

/// A step of a packet, and what decided there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// What decided.
    pub kind: HopKind,
    /// The decisive resource: the rule, entry or route if it has one of its own, else
    /// what contains it.
    pub item: ItemId,
    /// For people, a clause: "rule 100 allows tcp 443 from 10.0.0.0/8".
    pub what: Arc<str>,
    /// The packet as it leaves this hop.
    pub packet: Packet,
    /// If this hop only may be as it says.
    pub doubt: Option<Uncertain>,
}

/// Why something is only a possibility.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uncertain {
    /// The doubt of the network, if it is one.
    pub doubt: Option<DoubtId>,
    /// What is doubtful.
    pub item: ItemId,
    /// Why, a clause for people: "its range is known after apply only".
    pub why: Arc<str>,
}

/// One connection of a way, from opening to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// Who opens it.
    pub from: NodeId,
    /// To whom.
    pub to: NodeId,
    /// The opening packet as it leaves `from`.
    pub packet: Packet,
    /// Its way.
    pub forward: Vec<Hop>,
    /// The way of the answer, if the question needs one.
    pub back: Vec<Hop>,
}

/// An example for an answer: a way that works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// To which question.
    pub question: Question,
    /// Under which bound it works: the strictest that holds for this very way.
    pub bound: Bound,
    /// One connection, or one for each relay on the way, in order.
    pub connections: Vec<Connection>,
    /// What it relies on that is not certain; empty unless `bound` is `May`.
    pub doubts: Vec<Uncertain>,
}

/// What stops a packet at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocker {
    /// What kind of setting.
    pub kind: BlockerKind,
    /// Where: the entry or route if one decides, else the group, ACL, table, interface
    /// to which something would have to be added.
    pub item: ItemId,
    /// Whether it stops the answer, not the opening packet.
    pub back: bool,
    /// For people, a sentence without a full stop: "no rule of the group allows tcp 5432
    /// from 10.1.2.0/24".
    pub what: Arc<str>,
    /// If it only may stop it.
    pub doubt: Option<Uncertain>,
}

/// Kinds of settings that stop packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BlockerKind {
    /// No outbound rule of the sender's groups allows it.
    GroupOut,
    /// No inbound rule of the receiver's groups allows it.
    GroupIn,
    /// An entry of a network ACL denies it, or none allows it.
    Acl,
    /// No route leads there.
    NoRoute,
    /// The route is a black hole, or leads to what is not there, not attached or not
    /// accepted.
    Blackhole,
    /// The route leads somewhere else.
    Elsewhere,
    /// No public address (IPv4), or no IPv6 address.
    NoAddress,
    /// VPC block public access.
    BlockedAccess,
    /// What it comes to carries no such traffic: peering and gateways are not transitive,
    /// NAT is from inside only, protocols that NAT does not know.
    NotCarried,
    /// The transit gateway has no route, or no association.
    Hub,
    /// The answer does not pass the NAT or firewall that the question passed.
    Asymmetric,
    /// The relay does not accept or pass on this port.
    Relay,
}

/// Why something does not work: every setting that would have to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocked {
    /// The packet that was tried.
    pub packet: Packet,
    /// All that stops it, in the order of its way, then of the answer's way.
    pub blockers: Vec<Blocker>,
}
