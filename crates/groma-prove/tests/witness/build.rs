//! Networks by hand: the few lines that a test needs for a VPC.

use groma_prove::model::*;
use groma_prove::world::Location;
use ipnet::IpNet;
use std::sync::Arc;

/// A network under construction.
#[derive(Default)]
pub struct Build {
    pub net: Network,
}

pub fn range(text: &str) -> IpNet {
    text.parse().unwrap_or_else(|_| panic!("{text} is no range"))
}

impl Build {
    /// With the internet as the first node.
    pub fn new() -> Self {
        let mut build = Self::default();
        build.node("internet", NodeKind::Internet);
        build
    }

    pub fn item(&mut self, name: impl Into<Arc<str>>) -> ItemId {
        self.net.items.push(Item { name: name.into(), place: None });
        ItemId(self.net.items.len() as u32 - 1)
    }

    pub fn doubt(&mut self, item: ItemId) -> DoubtId {
        self.net.doubts.push(Doubt { item, attribute: None, why: "it is known after apply only".into() });
        DoubtId(self.net.doubts.len() as u32 - 1)
    }

    pub fn node(&mut self, name: &str, kind: NodeKind) -> NodeId {
        let item = self.item(name);
        self.net.nodes.push(Node { item, kind, labels: Vec::new(), listens: None });
        NodeId(self.net.nodes.len() as u32 - 1)
    }

    pub fn vpc(&mut self, ranges: &[&str]) -> VpcId {
        let id = VpcId(self.net.vpcs.len() as u32);
        let item = self.item(format!("aws_vpc.v{}", id.0));
        let location = Location { account: Some("111111111111".into()), region: Some("eu-west-1".into()) };
        let ranges = ranges.iter().map(|r| range(r)).collect();
        self.net.vpcs.push(Vpc { item, location, ranges, described: true, outside: None, blocked: None });
        id
    }

    /// A route table with the local routes.
    pub fn table(&mut self, vpc: VpcId) -> TableId {
        let id = TableId(self.net.tables.len() as u32);
        let item = self.item(format!("aws_route_table.t{}", id.0));
        let local = |range: &IpNet| Route {
            range: Some(*range),
            target: Target::Local,
            propagated: false,
            presence: Presence::Sure,
            item,
        };
        let routes = self.net.vpcs[vpc.index()].ranges.iter().map(local).collect();
        self.net.tables.push(Table { item, vpc, routes });
        id
    }

    pub fn route(&mut self, table: TableId, to: &str, target: Target) {
        let item = self.item(format!("aws_route.{}:{to}", table.0));
        self.net.tables[table.index()].routes.push(Route {
            range: Some(range(to)),
            target,
            propagated: false,
            presence: Presence::Sure,
            item,
        });
    }

    /// A network ACL without entries: it refuses everything.
    pub fn acl(&mut self, vpc: VpcId) -> AclId {
        let id = AclId(self.net.acls.len() as u32);
        let item = self.item(format!("aws_network_acl.a{}", id.0));
        self.net.acls.push(Acl { item, vpc, ingress: Vec::new(), egress: Vec::new() });
        id
    }

    /// A network ACL that allows everything.
    pub fn open_acl(&mut self, vpc: VpcId) -> AclId {
        let id = self.acl(vpc);
        for (number, everything) in [(100, "0.0.0.0/0"), (101, "::/0")] {
            let entry = self.entry(number, true, Protocol::Any, None, everything);
            self.net.acls[id.index()].ingress.push(entry.clone());
            self.net.acls[id.index()].egress.push(entry);
        }
        id
    }

    pub fn entry(
        &mut self,
        number: u32,
        allow: bool,
        protocol: Protocol,
        ports: Option<Ports>,
        of: &str,
    ) -> AclEntry {
        let item = self.item(format!("aws_network_acl_rule.{number}"));
        let range = Some(range(of));
        AclEntry { number, allow, protocol, ports, icmp: None, range, presence: Presence::Sure, item }
    }

    pub fn subnet(
        &mut self,
        vpc: VpcId,
        zone: &str,
        ranges: &[&str],
        table: TableId,
        acl: AclId,
    ) -> SubnetId {
        let id = SubnetId(self.net.subnets.len() as u32);
        let item = self.item(format!("aws_subnet.s{}", id.0));
        self.net.subnets.push(Subnet {
            item,
            vpc,
            zone: Some(zone.into()),
            ranges: ranges.iter().map(|r| range(r)).collect(),
            table,
            table_presence: Presence::Sure,
            other_tables: Vec::new(),
            acl,
            acl_presence: Presence::Sure,
        });
        id
    }

    pub fn group(&mut self, vpc: VpcId) -> GroupId {
        let id = GroupId(self.net.groups.len() as u32);
        let item = self.item(format!("aws_security_group.g{}", id.0));
        self.net.groups.push(Group { item, vpc, ingress: Vec::new(), egress: Vec::new() });
        id
    }

    pub fn rule(&mut self, protocol: Protocol, ports: Option<Ports>, peer: Peer) -> Rule {
        let item = self.item(format!("aws_vpc_security_group_rule.{}", self.net.items.len()));
        Rule { protocol, ports, icmp: None, peer, presence: Presence::Sure, item }
    }

    /// A group that lets everything in and out.
    pub fn open_group(&mut self, vpc: VpcId) -> GroupId {
        let id = self.group(vpc);
        for everything in ["0.0.0.0/0", "::/0"] {
            let rule = self.rule(Protocol::Any, None, Peer::Range(range(everything)));
            self.net.groups[id.index()].ingress.push(rule.clone());
            self.net.groups[id.index()].egress.push(rule);
        }
        id
    }

    pub fn interface(
        &mut self,
        kind: InterfaceKind,
        node: NodeId,
        subnet: SubnetId,
        groups: Option<&[GroupId]>,
        addresses: &[&str],
    ) -> InterfaceId {
        let id = InterfaceId(self.net.interfaces.len() as u32);
        let item = self.net.nodes[node.index()].item;
        let addresses: Vec<IpNet> = addresses.iter().map(|a| range(a)).collect();
        let has = |four: bool| {
            if addresses.iter().any(|a| matches!(a, IpNet::V4(_)) == four) { Tri::Yes } else { Tri::No }
        };
        self.net.interfaces.push(Interface {
            item,
            kind,
            node,
            subnet,
            groups: groups.map(|g| g.iter().map(|g| (*g, Presence::Sure)).collect()),
            unknown_groups: None,
            families: (has(true), has(false)),
            addresses,
            public: Tri::No,
            source_dest_check: Tri::Yes,
            many: false,
            presence: Presence::Sure,
        });
        id
    }

    pub fn gateway(&mut self, vpc: VpcId, kind: GatewayKind) -> GatewayId {
        let id = GatewayId(self.net.gateways.len() as u32);
        let item = self.item(format!("gateway.{}", id.0));
        self.net.gateways.push(Gateway { item, vpc: Some(vpc), kind, table: None, presence: Presence::Sure });
        id
    }

    /// A NAT gateway and its interface.
    pub fn nat(&mut self, subnet: SubnetId, address: &str, public: bool) -> GatewayId {
        let node = self.node(
            &format!("aws_nat_gateway.{}", self.net.gateways.len()),
            NodeKind::Resource("aws_nat_gateway".into()),
        );
        let interface = self.interface(InterfaceKind::Nat, node, subnet, None, &[address]);
        self.net.interfaces[interface.index()].public = if public { Tri::Yes } else { Tri::No };
        let vpc = self.net.subnets[subnet.index()].vpc;
        let gateway = self.gateway(vpc, GatewayKind::Nat { interface, public });
        self.net.gateways[gateway.index()].item = self.net.nodes[node.index()].item;
        gateway
    }

    pub fn peering(&mut self, a: VpcId, b: VpcId) -> PeeringId {
        let id = PeeringId(self.net.peerings.len() as u32);
        let item = self.item(format!("aws_vpc_peering_connection.p{}", id.0));
        self.net.peerings.push(Peering { item, ends: (a, b), same_region: Tri::Yes, active: Tri::Yes });
        id
    }

    pub fn hub(&mut self) -> HubId {
        let id = HubId(self.net.hubs.len() as u32);
        let item = self.item(format!("aws_ec2_transit_gateway.h{}", id.0));
        self.net.hubs.push(Hub { item, group_references: Tri::No, described: true, outside: None });
        id
    }

    pub fn hub_table(&mut self, hub: HubId) -> HubTableId {
        let id = HubTableId(self.net.hub_tables.len() as u32);
        let item = self.item(format!("aws_ec2_transit_gateway_route_table.t{}", id.0));
        self.net.hub_tables.push(HubTable { item, hub, routes: Vec::new() });
        id
    }

    pub fn attach(&mut self, hub: HubId, what: Attached, table: Option<HubTableId>) -> AttachmentId {
        let id = AttachmentId(self.net.attachments.len() as u32);
        let item = self.item(format!("aws_ec2_transit_gateway_vpc_attachment.a{}", id.0));
        let table = table.map(|t| (t, Presence::Sure));
        self.net.attachments.push(Attachment { item, hub, what, table, presence: Presence::Sure });
        id
    }

    pub fn hub_route(
        &mut self,
        table: HubTableId,
        to: &str,
        attachment: Option<AttachmentId>,
        propagated: bool,
    ) {
        let item = self.item(format!("aws_ec2_transit_gateway_route.{}:{to}", table.0));
        self.net.hub_tables[table.index()].routes.push(HubRoute {
            range: Some(range(to)),
            attachment,
            propagated,
            presence: Presence::Sure,
            item,
        });
    }

    pub fn list(&mut self, entries: &[&str], service: Option<NodeId>) -> PrefixListId {
        let id = PrefixListId(self.net.prefix_lists.len() as u32);
        let item = self.item(format!("aws_ec2_managed_prefix_list.l{}", id.0));
        let entries = Some(entries.iter().map(|e| range(e)).collect());
        self.net.prefix_lists.push(PrefixList { item, entries, service });
        id
    }
}
