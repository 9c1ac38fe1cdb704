//! Small networks in few words.

use groma_prove::model::*;
use groma_prove::world::Location;
use ipnet::IpNet;
use std::sync::Arc;

/// A network that grows by calls; methods return ids.
#[derive(Default)]
pub struct Net {
    pub n: Network,
}

pub fn net(text: &str) -> IpNet {
    text.parse().expect("a range")
}

/// A rule for everything: `all("0.0.0.0/0")`.
pub fn all(range: &str) -> (Protocol, Option<Ports>, Peer) {
    (Protocol::Any, None, Peer::Range(net(range)))
}

pub fn tcp(port: u16, range: &str) -> (Protocol, Option<Ports>, Peer) {
    (Protocol::Number(6), Some(Ports { from: port, to: port }), Peer::Range(net(range)))
}

pub fn tcp_from(port: u16, group: GroupId) -> (Protocol, Option<Ports>, Peer) {
    (Protocol::Number(6), Some(Ports { from: port, to: port }), Peer::Group(group))
}

/// A VPC with its main table and its default ACL.
pub type Of = (VpcId, TableId, AclId);

type RuleOf = (Protocol, Option<Ports>, Peer);

impl Net {
    pub fn item(&mut self, name: &str) -> ItemId {
        self.n.items.push(Item { name: name.into(), place: None });
        ItemId(self.n.items.len() as u32 - 1)
    }
    pub fn doubt(&mut self, why: &str) -> DoubtId {
        let item = self.item(why);
        self.n.doubts.push(Doubt { item, attribute: None, why: why.into() });
        DoubtId(self.n.doubts.len() as u32 - 1)
    }
    pub fn node(&mut self, name: &str, kind: NodeKind) -> NodeId {
        let item = self.item(name);
        self.n.nodes.push(Node { item, kind, labels: Vec::new(), listens: None });
        NodeId(self.n.nodes.len() as u32 - 1)
    }
    pub fn internet(&mut self) -> NodeId {
        self.node("internet", NodeKind::Internet)
    }
    /// A VPC with a main table of its local routes and an ACL that allows everything.
    pub fn vpc(&mut self, name: &str, ranges: &[&str]) -> Of {
        let item = self.item(name);
        let vpc = VpcId(self.n.vpcs.len() as u32);
        let ranges: Vec<IpNet> = ranges.iter().map(|r| net(r)).collect();
        let location = Location { account: Some("1".into()), region: Some("eu-west-1".into()) };
        self.n.vpcs.push(Vpc {
            item,
            location,
            ranges: ranges.clone(),
            described: true,
            outside: None,
            blocked: None,
        });
        let table = self.table(vpc);
        let acl = self.acl(vpc);
        for range in ["0.0.0.0/0", "::/0"] {
            self.entry(acl, true, 100, true, None, range);
            self.entry(acl, false, 100, true, None, range);
        }
        (vpc, table, acl)
    }
    pub fn table(&mut self, vpc: VpcId) -> TableId {
        let item = self.item("table");
        let local = |range: &IpNet| Route {
            range: Some(*range),
            target: Target::Local,
            propagated: false,
            presence: Presence::Sure,
            item,
        };
        let routes = self.n.vpcs[vpc.index()].ranges.iter().map(local).collect();
        self.n.tables.push(Table { item, vpc, routes });
        TableId(self.n.tables.len() as u32 - 1)
    }
    pub fn route(&mut self, table: TableId, range: &str, target: Target) {
        let item = self.item(&format!("route {range}"));
        let range = Some(net(range));
        let route = Route { range, target, propagated: false, presence: Presence::Sure, item };
        self.n.tables[table.index()].routes.push(route);
    }
    /// An ACL that allows nothing.
    pub fn acl(&mut self, vpc: VpcId) -> AclId {
        let item = self.item("acl");
        self.n.acls.push(Acl { item, vpc, ingress: Vec::new(), egress: Vec::new() });
        AclId(self.n.acls.len() as u32 - 1)
    }
    /// An entry for TCP ports, or for everything.
    pub fn entry(
        &mut self,
        acl: AclId,
        inbound: bool,
        number: u32,
        allow: bool,
        tcp: Option<(u16, u16)>,
        range: &str,
    ) {
        let item = self.item(&format!("entry {number}"));
        let protocol = if tcp.is_some() { Protocol::Number(6) } else { Protocol::Any };
        let ports = tcp.map(|(from, to)| Ports { from, to });
        let range = Some(net(range));
        let entry =
            AclEntry { number, allow, protocol, ports, icmp: None, range, presence: Presence::Sure, item };
        let acl = &mut self.n.acls[acl.index()];
        if inbound { acl.ingress.push(entry) } else { acl.egress.push(entry) }
    }
    pub fn subnet(&mut self, of: Of, ranges: &[&str], zone: &str) -> SubnetId {
        let item = self.item(&format!("subnet {}", ranges[0]));
        self.n.subnets.push(Subnet {
            item,
            vpc: of.0,
            zone: Some(zone.into()),
            ranges: ranges.iter().map(|r| net(r)).collect(),
            table: of.1,
            table_presence: Presence::Sure,
            other_tables: Vec::new(),
            acl: of.2,
            acl_presence: Presence::Sure,
        });
        SubnetId(self.n.subnets.len() as u32 - 1)
    }
    pub fn group(&mut self, vpc: VpcId, ingress: Vec<RuleOf>, egress: Vec<RuleOf>) -> GroupId {
        let item = self.item("group");
        let rules = |rules: Vec<RuleOf>| {
            let rule = |(protocol, ports, peer)| Rule {
                protocol,
                ports,
                icmp: None,
                peer,
                presence: Presence::Sure,
                item,
            };
            rules.into_iter().map(rule).collect()
        };
        self.n.groups.push(Group { item, vpc, ingress: rules(ingress), egress: rules(egress) });
        GroupId(self.n.groups.len() as u32 - 1)
    }
    /// A group that allows everything.
    pub fn open_group(&mut self, vpc: VpcId) -> GroupId {
        let everything = || vec![all("0.0.0.0/0"), all("::/0")];
        self.group(vpc, everything(), everything())
    }
    /// Something with one interface.
    pub fn host(&mut self, name: &str, subnet: SubnetId, groups: &[GroupId]) -> NodeId {
        let node = self.node(name, NodeKind::Resource("aws_instance".into()));
        self.interface(node, InterfaceKind::Ordinary, subnet, Some(groups));
        node
    }
    pub fn interface(
        &mut self,
        node: NodeId,
        kind: InterfaceKind,
        subnet: SubnetId,
        groups: Option<&[GroupId]>,
    ) -> InterfaceId {
        let item = self.n.nodes[node.index()].item;
        let v6 = self.n.subnets[subnet.index()].ranges.iter().any(|r| matches!(r, IpNet::V6(_)));
        self.n.interfaces.push(Interface {
            item,
            kind,
            node,
            subnet,
            groups: groups.map(|g| g.iter().map(|g| (*g, Presence::Sure)).collect()),
            unknown_groups: None,
            addresses: Vec::new(),
            families: (Tri::Yes, if v6 { Tri::Yes } else { Tri::No }),
            public: Tri::No,
            source_dest_check: Tri::Yes,
            many: false,
            presence: Presence::Sure,
        });
        InterfaceId(self.n.interfaces.len() as u32 - 1)
    }
    /// The first interface of a node.
    pub fn of(&mut self, node: NodeId) -> &mut Interface {
        self.n.interfaces.iter_mut().find(|i| i.node == node).expect("an interface")
    }
    pub fn gateway(&mut self, vpc: Option<VpcId>, kind: GatewayKind) -> GatewayId {
        let item = self.item("gateway");
        self.n.gateways.push(Gateway { item, vpc, kind, table: None, presence: Presence::Sure });
        GatewayId(self.n.gateways.len() as u32 - 1)
    }
    pub fn nat(&mut self, vpc: VpcId, subnet: SubnetId, public: bool) -> GatewayId {
        let node = self.node("nat", NodeKind::Resource("aws_nat_gateway".into()));
        let interface = self.interface(node, InterfaceKind::Nat, subnet, None);
        self.n.interfaces[interface.index()].public = if public { Tri::Yes } else { Tri::No };
        self.gateway(Some(vpc), GatewayKind::Nat { interface, public })
    }
    pub fn firewall(&mut self, subnet: SubnetId) -> InterfaceId {
        let node = self.node("firewall", NodeKind::Resource("aws_networkfirewall_firewall".into()));
        self.interface(node, InterfaceKind::Inspection, subnet, None)
    }
    pub fn peering(&mut self, a: VpcId, b: VpcId) -> PeeringId {
        let item = self.item("peering");
        self.n.peerings.push(Peering { item, ends: (a, b), same_region: Tri::Yes, active: Tri::Yes });
        PeeringId(self.n.peerings.len() as u32 - 1)
    }
    /// A transit gateway with one empty table.
    pub fn hub(&mut self) -> (HubId, HubTableId) {
        let item = self.item("hub");
        self.n.hubs.push(Hub { item, group_references: Tri::No, described: true, outside: None });
        let hub = HubId(self.n.hubs.len() as u32 - 1);
        (hub, self.hub_table(hub))
    }
    pub fn hub_table(&mut self, hub: HubId) -> HubTableId {
        let item = self.item("hub table");
        self.n.hub_tables.push(HubTable { item, hub, routes: Vec::new() });
        HubTableId(self.n.hub_tables.len() as u32 - 1)
    }
    pub fn attach(
        &mut self,
        hub: HubId,
        table: Option<HubTableId>,
        vpc: VpcId,
        subnets: &[SubnetId],
    ) -> AttachmentId {
        let what = Attached::Vpc { vpc, subnets: subnets.to_vec(), appliance: false };
        self.attachment(hub, table, what)
    }
    pub fn attachment(&mut self, hub: HubId, table: Option<HubTableId>, what: Attached) -> AttachmentId {
        let item = self.item("attachment");
        let table = table.map(|t| (t, Presence::Sure));
        self.n.attachments.push(Attachment { item, hub, what, table, presence: Presence::Sure });
        AttachmentId(self.n.attachments.len() as u32 - 1)
    }
    pub fn hub_route(&mut self, table: HubTableId, range: &str, attachment: Option<AttachmentId>) {
        let item = self.item(&format!("hub route {range}"));
        let range = Some(net(range));
        let route = HubRoute { range, attachment, propagated: false, presence: Presence::Sure, item };
        self.n.hub_tables[table.index()].routes.push(route);
    }
    pub fn relay(&mut self, from: NodeId, accepts: u16, to: NodeId, connects: u16) -> &mut Relay {
        let item = self.item("listener");
        let ports = |p| Some((Protocol::Number(6), Ports { from: p, to: p }));
        self.n.relays.push(Relay {
            item,
            from,
            accepts: ports(accepts),
            to,
            connects: ports(connects),
            keeps_client: Tri::No,
            direct: false,
            presence: Presence::Sure,
        });
        self.n.relays.last_mut().expect("just pushed")
    }
    pub fn service(&mut self, name: &str) -> NodeId {
        self.node(name, NodeKind::Service(Arc::from(name)))
    }
}
