//! Packets, who sent them and how they came.

use groma_prove::model::{GatewayId, HubId, NodeId, PeeringId};
use std::net::IpAddr;

pub const ICMP: u8 = 1;
pub const TCP: u8 = 6;
pub const UDP: u8 = 17;
pub const ICMP6: u8 = 58;

/// A packet. For ICMP the ports are type (source) and code (destination).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Packet {
    pub src: IpAddr,
    pub dst: IpAddr,
    pub protocol: u8,
    pub sport: u16,
    pub dport: u16,
}

impl Packet {
    pub fn is_icmp(&self) -> bool {
        matches!(self.protocol, ICMP | ICMP6)
    }

    /// What the receiver answers: addresses and ports exchanged; an echo request (8, or
    /// 128 in IPv6) becomes an echo reply (0, 129).
    pub fn reply(&self) -> Packet {
        let (sport, dport) = match (self.protocol, self.sport) {
            (ICMP, 8) => (0, self.dport),
            (ICMP6, 128) => (129, self.dport),
            (ICMP | ICMP6, other) => (other, self.dport),
            _ => (self.dport, self.sport),
        };
        Packet { src: self.dst, dst: self.src, protocol: self.protocol, sport, dport }
    }
}

/// Where a packet starts or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum End {
    /// An interface, by its place in `Concrete::members`.
    Member(usize),
    /// The internet.
    Internet,
    /// Something behind a VPN or Direct Connect, reached over this link.
    Outside(NodeId, Link),
    /// An AWS service behind a gateway endpoint.
    Service(NodeId, GatewayId),
}

/// How what is outside is joined to a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Link {
    /// By a virtual private gateway.
    Gateway(GatewayId),
    /// By an attachment of a hub.
    Attachment(groma_prove::model::AttachmentId),
}

/// How a packet came so far, as far as references of security groups care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Never outside its VPC.
    Local,
    /// Over one peering.
    Peering(PeeringId),
    /// Over one hub.
    Hub(HubId),
    /// In its VPC, through an appliance or firewall.
    Middlebox,
    /// Over several hubs, or from the internet: references do not match.
    Lost,
}

/// A packet under way.
#[derive(Clone, Debug)]
pub struct Carried {
    pub packet: Packet,
    /// The interface whose private address the source is, if one.
    pub sender: Option<usize>,
    pub way: Way,
    /// The zone where it entered a hub.
    pub zone: Option<std::sync::Arc<str>>,
}

/// Why a packet ends before its destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drop(pub String);
