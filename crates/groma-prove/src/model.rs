//! The network as a prover sees it: identities resolved, ranges parsed, every doubt
//! kept as a doubt.
//!
//! Indices ([`VpcId`], ...) point into the vectors of [`Network`]. The model is plain
//! data: [`crate::world::World`] is read into it by the extraction, tests and the
//! simulator build it directly.

use crate::world::{Location, Place};
use ipnet::IpNet;
use std::sync::Arc;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u32);
        impl $name {
            /// As an index.
            pub fn index(self) -> usize { self.0 as usize }
        }
    )*};
}
ids! {
    /// Into [`Network::items`].
    ItemId,
    /// Into [`Network::vpcs`].
    VpcId,
    /// Into [`Network::subnets`].
    SubnetId,
    /// Into [`Network::tables`].
    TableId,
    /// Into [`Network::acls`].
    AclId,
    /// Into [`Network::groups`].
    GroupId,
    /// Into [`Network::interfaces`].
    InterfaceId,
    /// Into [`Network::gateways`].
    GatewayId,
    /// Into [`Network::peerings`].
    PeeringId,
    /// Into [`Network::hubs`].
    HubId,
    /// Into [`Network::attachments`].
    AttachmentId,
    /// Into [`Network::hub_tables`].
    HubTableId,
    /// Into [`Network::prefix_lists`].
    PrefixListId,
    /// Into [`Network::nodes`].
    NodeId,
    /// Into [`Network::doubts`].
    DoubtId,
}

/// Something in a configuration that an answer can point at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Root module and address, `levels-prod: module.a.aws_subnet.b["c"]`, or a name
    /// for what has no address ("the default network ACL of ...").
    pub name: Arc<str>,
    /// Where it is written.
    pub place: Option<Place>,
}

/// Why something is only a possibility.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// What is doubtful.
    pub item: ItemId,
    /// The attribute, if one: `ingress[0].cidr_blocks`.
    pub attribute: Option<Arc<str>>,
    /// Why, as a clause for people: "its range is known after apply only".
    pub why: Arc<str>,
}

/// Whether something is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Presence {
    /// Certainly.
    Sure,
    /// Perhaps. Counts as there when asking what could be reached, as absent when
    /// asking what surely works; for what forbids (deny entries, black holes), the
    /// other way round.
    Maybe(DoubtId),
}

/// A yes, a no, or a doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tri {
    /// No.
    No,
    /// Yes.
    Yes,
    /// Either.
    Maybe(DoubtId),
}

/// A transport protocol of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Protocol {
    /// All protocols (`-1`).
    Any,
    /// An IP protocol number: 6 TCP, 17 UDP, 1 ICMP, 58 ICMPv6, ...
    Number(u8),
}

/// Destination ports, both ends included. For ICMP: type in `from`, code in `to` as
/// AWS writes it, -1 for all, kept in [`Rule::icmp`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ports {
    /// The first.
    pub from: u16,
    /// The last.
    pub to: u16,
}

/// The other end of a security group rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Peer {
    /// Addresses.
    Range(IpNet),
    /// Private addresses of the interfaces that carry this group, in the same VPC or a
    /// peered one of the same region (or an attached one, where the hub supports
    /// references).
    Group(GroupId),
    /// The entries of a prefix list.
    List(PrefixListId),
    /// Unknown: anything.
    Anything(DoubtId),
}

/// A rule of a security group: an allowance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Which protocol.
    pub protocol: Protocol,
    /// Destination ports, for TCP and UDP; all where absent.
    pub ports: Option<Ports>,
    /// For ICMP: type and code, -1 for all.
    pub icmp: Option<(i16, i16)>,
    /// The other end.
    pub peer: Peer,
    /// Whether it is there.
    pub presence: Presence,
    /// The rule's resource, or the group's where rules are inline.
    pub item: ItemId,
}

/// A security group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The resource.
    pub item: ItemId,
    /// Its VPC.
    pub vpc: VpcId,
    /// Allowed in.
    pub ingress: Vec<Rule>,
    /// Allowed out.
    pub egress: Vec<Rule>,
}

/// An entry of a network ACL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AclEntry {
    /// Its number: the lowest that matches decides.
    pub number: u32,
    /// Whether it allows.
    pub allow: bool,
    /// Which protocol.
    pub protocol: Protocol,
    /// Destination ports; all where absent.
    pub ports: Option<Ports>,
    /// For ICMP: type and code, -1 for all.
    pub icmp: Option<(i16, i16)>,
    /// Source (inbound) or destination (outbound) addresses; `None`: unknown.
    pub range: Option<IpNet>,
    /// Whether it is there, as described.
    pub presence: Presence,
    /// The entry's resource, or the ACL's.
    pub item: ItemId,
}

/// A network ACL: ordered, stateless; what matches no entry is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acl {
    /// The resource.
    pub item: ItemId,
    /// Its VPC.
    pub vpc: VpcId,
    /// Into the subnet, sorted by number.
    pub ingress: Vec<AclEntry>,
    /// Out of the subnet, sorted by number.
    pub egress: Vec<AclEntry>,
}

/// Where a route leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Target {
    /// Within the VPC.
    Local,
    /// An internet, NAT, egress-only, virtual private or other gateway.
    Gateway(GatewayId),
    /// A VPC peering.
    Peering(PeeringId),
    /// A transit gateway, by the VPC's attachment; `None`: the VPC has none, or an
    /// unknown one: a black hole for the first.
    Hub(HubId),
    /// An interface (a NAT instance, an appliance, a firewall's or gateway load
    /// balancer's endpoint).
    Interface(InterfaceId),
    /// What once was there: packets are dropped.
    Blackhole,
    /// Unknown: could lead anywhere.
    Anywhere(DoubtId),
}

/// A route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// For which destinations; `None`: unknown ones. A route for a prefix list is one
    /// route for each entry.
    pub range: Option<IpNet>,
    /// Where to.
    pub target: Target,
    /// Whether it was propagated: of equal ranges the static one is taken.
    pub propagated: bool,
    /// Whether it is there.
    pub presence: Presence,
    /// The route's resource, or the table's.
    pub item: ItemId,
}

/// A route table of a VPC. `routes` contains the local routes of all its ranges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The resource.
    pub item: ItemId,
    /// Its VPC.
    pub vpc: VpcId,
    /// The routes in no order.
    pub routes: Vec<Route>,
}

/// A VPC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vpc {
    /// The resource; for VPCs that are only referred to, whatever refers to them.
    pub item: ItemId,
    /// Whose it is and where.
    pub location: Location,
    /// All its ranges, IPv4 and IPv6. Empty: unknown.
    pub ranges: Vec<IpNet>,
    /// Whether all of it is in this world. If not (a VPC of somebody else), interfaces,
    /// routes and rules in it are unknown, and it is open.
    pub described: bool,
    /// The node that stands for what is in it and not in this world (kind `Outside`).
    /// Only where `described` is false.
    pub outside: Option<NodeId>,
    /// Whether block public access (`aws_vpc_block_public_access_options`) closes it, but for
    /// [`Network::openings`].
    pub blocked: Option<(BlockMode, ItemId)>,
}

/// What VPC block public access forbids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockMode {
    /// Both directions over internet gateways.
    Bidirectional,
    /// Only connections from outside.
    Ingress,
}

/// An exclusion from VPC block public access.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// The resource.
    pub item: ItemId,
    /// In which VPC.
    pub vpc: VpcId,
    /// Which subnet; `None`: all of the VPC.
    pub subnet: Option<SubnetId>,
    /// Whether only connections from inside are let through.
    pub egress_only: bool,
    /// Whether it is there.
    pub presence: Presence,
}

/// A subnet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subnet {
    /// The resource.
    pub item: ItemId,
    /// Its VPC.
    pub vpc: VpcId,
    /// The availability zone, if known: `eu-west-1a`.
    pub zone: Option<Arc<str>>,
    /// Its ranges, IPv4 and IPv6. Empty: unknown, anything in the VPC.
    pub ranges: Vec<IpNet>,
    /// The route table that is associated, or the main one.
    pub table: TableId,
    /// Whether that is certain.
    pub table_presence: Presence,
    /// Other tables that may be the one, if it is not certain.
    pub other_tables: Vec<TableId>,
    /// The network ACL that is associated, or the default one.
    pub acl: AclId,
    /// Whether that is certain; if not, any ACL of the VPC may be the one.
    pub acl_presence: Presence,
}

/// What an interface belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum InterfaceKind {
    /// An instance, task, function, database, cache, broker, file system: something
    /// that talks for itself.
    Ordinary,
    /// A node of a load balancer.
    LoadBalancer,
    /// A NAT gateway's: has no security group, changes addresses.
    Nat,
    /// An interface endpoint's: leads to an AWS or other service.
    Endpoint,
    /// An endpoint of a network firewall or gateway load balancer: passes packets on
    /// unchanged, no security group.
    Inspection,
    /// An attachment of a transit gateway: no security group.
    Attachment,
}

/// A class of equal interfaces in one subnet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// The resource that it comes from.
    pub item: ItemId,
    /// What it belongs to.
    pub kind: InterfaceKind,
    /// The node that it is a part of.
    pub node: NodeId,
    /// Its subnet.
    pub subnet: SubnetId,
    /// Security groups; the union of their rules counts. `None`: it has none at all
    /// (nothing filters).
    pub groups: Option<Vec<(GroupId, Presence)>>,
    /// More groups that nobody knows: any rules at all.
    pub unknown_groups: Option<DoubtId>,
    /// Private addresses if known (single addresses as /32 and /128). Empty: any address
    /// of the subnet, of each family that `families` says.
    pub addresses: Vec<IpNet>,
    /// Whether it has an IPv4 and an IPv6 address.
    pub families: (Tri, Tri),
    /// Whether it has a public IPv4 address (or an elastic one).
    pub public: Tri,
    /// Whether packets that are not from or for its own address are dropped.
    pub source_dest_check: Tri,
    /// Whether there may be several of it.
    pub many: bool,
    /// Whether it is there.
    pub presence: Presence,
}

/// What kind of gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GatewayKind {
    /// Internet gateway, both families.
    Internet,
    /// Egress-only internet gateway, IPv6 from inside only.
    EgressOnly,
    /// NAT gateway with an interface; `public`: has an elastic address, leads to the
    /// internet by its own subnet's routes. A private one translates to its own
    /// private address.
    Nat {
        /// Its interfaces (one, or one a zone for regional ones).
        interface: InterfaceId,
        /// Whether it is a public one.
        public: bool,
    },
    /// Virtual private gateway: to what is at the other end of VPN and Direct Connect,
    /// whose ranges are these (unknown where `None`).
    Private {
        /// The ranges behind it.
        ranges: Option<Vec<IpNet>>,
        /// The outside node.
        outside: NodeId,
    },
    /// A gateway endpoint (S3, DynamoDB): to the service only.
    Service {
        /// The service's node.
        service: NodeId,
    },
    /// Something this model does not know: leads anywhere.
    Other(DoubtId),
}

/// A gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gateway {
    /// The resource.
    pub item: ItemId,
    /// The VPC that it is attached to; an internet gateway without one carries nothing.
    pub vpc: Option<VpcId>,
    /// What kind.
    pub kind: GatewayKind,
    /// The edge-associated route table, for what comes in through it.
    pub table: Option<TableId>,
    /// Whether it is there and attached.
    pub presence: Presence,
}

/// A VPC peering.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peering {
    /// The resource.
    pub item: ItemId,
    /// Both ends.
    pub ends: (VpcId, VpcId),
    /// Whether both are in the same region (only then do group references work).
    pub same_region: Tri,
    /// Whether it is accepted.
    pub active: Tri,
}

/// A transit gateway (or a cloud WAN core network, as one hub).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hub {
    /// The resource.
    pub item: ItemId,
    /// Whether group references cross it.
    pub group_references: Tri,
    /// Whether everything attached to it is in this world.
    pub described: bool,
    /// The node that stands for what is attached and not in this world (kind `Outside`).
    /// Only where `described` is false.
    pub outside: Option<NodeId>,
}

/// What is attached to a hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attached {
    /// A VPC by these subnets: packets that come out enter there, one subnet a zone.
    Vpc {
        /// Which.
        vpc: VpcId,
        /// The subnets with the attachment's interfaces.
        subnets: Vec<SubnetId>,
        /// Appliance mode: both directions take the same zone.
        appliance: bool,
    },
    /// Something outside: VPN, Direct Connect gateway, a peer hub of others.
    Outside {
        /// The node.
        node: NodeId,
        /// Its ranges if known.
        ranges: Option<Vec<IpNet>>,
    },
    /// Another hub of this world.
    Hub(HubId),
}

/// An attachment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// The resource.
    pub item: ItemId,
    /// To which hub.
    pub hub: HubId,
    /// What.
    pub what: Attached,
    /// The table that decides for what comes from it. `None`: none, what it sends is
    /// dropped.
    pub table: Option<(HubTableId, Presence)>,
    /// Whether it is there and accepted.
    pub presence: Presence,
}

/// A route table of a hub, propagated routes included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HubTable {
    /// The resource.
    pub item: ItemId,
    /// Of which hub.
    pub hub: HubId,
    /// Range, attachment (`None`: a black hole), whether propagated, whether it is
    /// there, and the resource.
    pub routes: Vec<HubRoute>,
}

/// A route of a hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HubRoute {
    /// For which destinations; `None`: unknown.
    pub range: Option<IpNet>,
    /// To where; `None`: black hole.
    pub attachment: Option<AttachmentId>,
    /// Whether it was propagated.
    pub propagated: bool,
    /// Whether it is there.
    pub presence: Presence,
    /// The resource.
    pub item: ItemId,
}

/// A prefix list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrefixList {
    /// The resource, or the AWS-managed list's name.
    pub item: ItemId,
    /// Its entries; `None`: unknown.
    pub entries: Option<Vec<IpNet>>,
    /// For lists of AWS services: the service's node.
    pub service: Option<NodeId>,
}

/// What a node is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// Something with interfaces in this world: its type, `aws_instance`.
    Resource(Arc<str>),
    /// Everything on the internet: all public addresses.
    Internet,
    /// What is behind a VPN, Direct Connect, or in a network of others.
    Outside,
    /// An AWS service behind endpoints: `s3`.
    Service(Arc<str>),
}

/// An end of a question: what a person names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The resource.
    pub item: ItemId,
    /// What it is.
    pub kind: NodeKind,
    /// The groups of a manifest that it belongs to, most general first: environment,
    /// then component: `["staging", "service.web"]`; from tags, filled in by the caller.
    pub labels: Vec<Arc<str>>,
    /// Ports on which it listens, if the resource says so (load balancers, databases,
    /// caches); `None`: any.
    pub listens: Option<Vec<(Protocol, Ports)>>,
}

/// How something passes a connection on by opening one of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relay {
    /// The resource (a listener, an endpoint service, ...).
    pub item: ItemId,
    /// Who passes on.
    pub from: NodeId,
    /// The ports on which it accepts; `None`: any.
    pub accepts: Option<(Protocol, Ports)>,
    /// To whom.
    pub to: NodeId,
    /// The ports to which it connects; `None`: any.
    pub connects: Option<(Protocol, Ports)>,
    /// Whether the target sees the client's address (network load balancers): then the
    /// target's filters see the client, not the relay.
    pub keeps_client: Tri,
    /// Whether the relay needs no network path to the target (a service inside AWS).
    pub direct: bool,
    /// Whether it is there.
    pub presence: Presence,
}

impl Relay {
    /// From one node to another within AWS, on any port: no path of the network is needed.
    pub fn inside(item: ItemId, from: NodeId, to: NodeId, presence: Presence) -> Relay {
        let (accepts, connects) = (None, None);
        Relay { item, from, accepts, to, connects, keeps_client: Tri::No, direct: true, presence }
    }
}

/// A resource that could carry traffic and is not understood, or only in part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsupported {
    /// The resource.
    pub item: ItemId,
    /// What could pass: a clause for people.
    pub why: Arc<str>,
    /// The VPCs between which, and between which and the outside, it could pass something;
    /// empty: any.
    pub vpcs: Vec<VpcId>,
}

/// The network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the types say it")]
pub struct Network {
    pub items: Vec<Item>,
    pub doubts: Vec<Doubt>,
    pub vpcs: Vec<Vpc>,
    pub openings: Vec<Opening>,
    pub subnets: Vec<Subnet>,
    pub tables: Vec<Table>,
    pub acls: Vec<Acl>,
    pub groups: Vec<Group>,
    pub interfaces: Vec<Interface>,
    pub gateways: Vec<Gateway>,
    pub peerings: Vec<Peering>,
    pub hubs: Vec<Hub>,
    pub attachments: Vec<Attachment>,
    pub hub_tables: Vec<HubTable>,
    pub prefix_lists: Vec<PrefixList>,
    pub nodes: Vec<Node>,
    /// Nodes outside behind which there may be more than the ranges that are known.
    pub more_behind: Vec<NodeId>,
    pub relays: Vec<Relay>,
    pub unsupported: Vec<Unsupported>,
}
