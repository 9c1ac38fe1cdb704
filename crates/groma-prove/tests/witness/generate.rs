//! Random networks, small and nasty: ranges that overlap, rules that nearly match, routes
//! that beat each other, everything that can be there being there sometimes.

use crate::build::{Build, range};
use crate::rng::Rng;
use groma_prove::model::*;
use ipnet::IpNet;

/// What a network may have.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    /// Presences, ranges and targets that are uncertain.
    pub doubts: bool,
    /// Addresses that are known after apply only, and classes of several.
    pub classes: bool,
    /// Appliances, whose behaviour nobody knows.
    pub appliances: bool,
    /// Load balancers and endpoints.
    pub relays: bool,
    /// Only what the namespaces of one machine can imitate.
    pub linux: bool,
}

struct Generator {
    b: Build,
    rng: Rng,
    style: Style,
    /// IPv4 and IPv6 ranges for rules.
    pool: Vec<String>,
}

const PORTS: [u16; 9] = [0, 22, 53, 80, 443, 1023, 1024, 32768, 65535];

pub fn generate(seed: u64, style: Style) -> Network {
    let mut g = Generator { b: Build::new(), rng: Rng::new(seed), style, pool: Vec::new() };
    let count = 1 + g.rng.below(3);
    for index in 0..count {
        g.vpc(index);
    }
    g.pool.extend(
        [
            "0.0.0.0/0",
            "0.0.0.0/0",
            "::/0",
            "10.0.0.0/8",
            "8.8.8.0/24",
            "0.0.0.0/1",
            "2001:4860::/32",
            "2000::/3",
        ]
        .map(str::to_owned),
    );
    g.acls();
    g.groups();
    g.interfaces();
    g.gateways();
    g.joins();
    if style.relays {
        g.relays();
    }
    g.routes();
    if style.doubts {
        g.doubts();
    }
    g.b.net
}

impl Generator {
    fn vpc(&mut self, index: usize) {
        // Now and then the same range as another VPC.
        let second = if self.rng.percent(8) { 0 } else { index };
        let six = self.rng.percent(50);
        let mut ranges = vec![format!("10.{second}.0.0/16")];
        if six {
            ranges.push(format!("2600:1f00:{index}::/56"));
        }
        if self.rng.percent(15) {
            ranges.push(format!("10.{}.0.0/20", 100 + index));
        }
        let refs: Vec<&str> = ranges.iter().map(String::as_str).collect();
        let vpc = self.b.vpc(&refs);
        self.pool.extend(ranges.iter().cloned());
        let tables: Vec<TableId> = (0..1 + self.rng.below(3)).map(|_| self.b.table(vpc)).collect();
        let acl = self.b.open_acl(vpc);
        for number in 0..1 + self.rng.below(3) {
            let four = if number == 2 && ranges.len() == 3 {
                format!("10.{}.{number}.0/24", 100 + index)
            } else if self.rng.percent(20) {
                format!("10.{second}.{number}.0/28")
            } else {
                format!("10.{second}.{number}.0/24")
            };
            let mut own = vec![four];
            if six && self.rng.percent(80) {
                own.push(format!("2600:1f00:{index}:{number}::/64"));
            }
            self.pool.extend(own.iter().cloned());
            self.pool.push(own[0].replace("0/24", "128/25").replace("0/28", "8/29"));
            let refs: Vec<&str> = own.iter().map(String::as_str).collect();
            let zone = if self.style.linux || self.rng.percent(60) { "za" } else { "zb" };
            let table = *self.rng.pick(&tables);
            self.b.subnet(vpc, zone, &refs, table, acl);
        }
        if self.rng.percent(8) && !self.style.linux {
            let mode = if self.rng.percent(50) { BlockMode::Bidirectional } else { BlockMode::Ingress };
            let item = self.b.item("aws_vpc_block_public_access_options.o");
            self.b.net.vpcs[vpc.index()].blocked = Some((mode, item));
        }
    }

    fn some_range(&mut self) -> String {
        self.rng.pick(&self.pool).clone()
    }

    fn protocol(&mut self) -> (Protocol, Option<Ports>, Option<(i16, i16)>) {
        match self.rng.below(10) {
            0..=2 => (Protocol::Any, None, None),
            3..=6 => (Protocol::Number(6), Some(self.ports()), None),
            7 => (Protocol::Number(17), Some(self.ports()), None),
            8 => {
                let number = if self.rng.percent(60) { 1 } else { 58 };
                let icmp = *self.rng.pick(&[(-1, -1), (8, -1), (8, 0), (0, 0), (128, -1), (3, 4)]);
                (Protocol::Number(number), None, Some(icmp))
            }
            _ => (Protocol::Number(47), None, None),
        }
    }

    fn ports(&mut self) -> Ports {
        if self.rng.percent(25) {
            return Ports { from: 1024, to: 65535 };
        }
        let (a, b) = (*self.rng.pick(&PORTS), *self.rng.pick(&PORTS));
        if self.rng.percent(50) {
            return Ports { from: a, to: a };
        }
        Ports { from: a.min(b), to: a.max(b) }
    }

    fn acls(&mut self) {
        for subnet in 0..self.b.net.subnets.len() {
            if !self.rng.percent(35) {
                continue;
            }
            let vpc = self.b.net.subnets[subnet].vpc;
            let acl = self.b.acl(vpc);
            for ingress in [true, false] {
                let mut entries = Vec::new();
                let mut number = 0;
                for _ in 0..self.rng.below(5) {
                    number += 1 + self.rng.below(100) as u32;
                    let (protocol, ports, icmp) = self.protocol();
                    let allow = self.rng.percent(60);
                    let of = self.some_range();
                    let mut entry = self.b.entry(number, allow, protocol, ports, &of);
                    entry.icmp = icmp;
                    entries.push(entry);
                }
                if self.rng.percent(70) {
                    for (more, all) in [(1000, "0.0.0.0/0"), (1001, "::/0")] {
                        let entry = self.b.entry(more, true, Protocol::Any, None, all);
                        entries.push(entry);
                    }
                }
                let acl = &mut self.b.net.acls[acl.index()];
                *(if ingress { &mut acl.ingress } else { &mut acl.egress }) = entries;
            }
            self.b.net.subnets[subnet].acl = acl;
        }
    }

    fn groups(&mut self) {
        for vpc in 0..self.b.net.vpcs.len() as u32 {
            for _ in 0..1 + self.rng.below(3) {
                if self.rng.percent(30) {
                    self.b.open_group(VpcId(vpc));
                } else {
                    self.b.group(VpcId(vpc));
                }
            }
        }
        for group in 0..self.b.net.groups.len() {
            for ingress in [true, false] {
                let mut rules = Vec::new();
                for _ in 0..self.rng.below(4) {
                    let (protocol, ports, icmp) = self.protocol();
                    let peer = self.peer();
                    let mut rule = self.b.rule(protocol, ports, peer);
                    rule.icmp = icmp;
                    rules.push(rule);
                }
                if self.rng.percent(if ingress { 15 } else { 55 }) {
                    for all in ["0.0.0.0/0", "::/0"] {
                        let rule = self.b.rule(Protocol::Any, None, Peer::Range(range(all)));
                        rules.push(rule);
                    }
                }
                let group = &mut self.b.net.groups[group];
                (if ingress { &mut group.ingress } else { &mut group.egress }).extend(rules);
            }
        }
    }

    fn peer(&mut self) -> Peer {
        match self.rng.below(10) {
            0..=3 => Peer::Group(GroupId(self.rng.below(self.b.net.groups.len()) as u32)),
            4 => {
                if self.b.net.prefix_lists.len() < 2 {
                    let entries: Vec<String> = (0..self.rng.below(3)).map(|_| self.some_range()).collect();
                    let refs: Vec<&str> = entries.iter().map(String::as_str).collect();
                    self.b.list(&refs, None);
                }
                Peer::List(PrefixListId(self.rng.below(self.b.net.prefix_lists.len()) as u32))
            }
            _ => Peer::Range(range(&self.some_range())),
        }
    }

    /// A free address of a subnet for each of its families.
    fn addresses(&mut self, subnet: SubnetId) -> Vec<String> {
        let at = 4 + self.b.net.interfaces.len() as u32;
        let high = self.rng.percent(40);
        let of = |r: &IpNet| match r {
            IpNet::V4(r) => {
                let base = u32::from(r.network());
                let at =
                    if high && r.prefix_len() == 24 { 128 + at } else { at % (1 << (32 - r.prefix_len())) };
                format!("{}/32", std::net::Ipv4Addr::from(base + at))
            }
            IpNet::V6(r) => {
                format!("{}/128", std::net::Ipv6Addr::from(u128::from(r.network()) + u128::from(at)))
            }
        };
        self.b.net.subnets[subnet.index()].ranges.iter().map(of).collect()
    }

    fn subnet(&mut self) -> SubnetId {
        SubnetId(self.rng.below(self.b.net.subnets.len()) as u32)
    }

    fn groups_for(&mut self, subnet: SubnetId) -> Vec<GroupId> {
        let vpc = self.b.net.subnets[subnet.index()].vpc;
        let own: Vec<GroupId> = (0..self.b.net.groups.len() as u32)
            .map(GroupId)
            .filter(|g| self.b.net.groups[g.index()].vpc == vpc)
            .collect();
        let mut groups = vec![*self.rng.pick(&own)];
        if self.rng.percent(30) {
            let more = *self.rng.pick(&own);
            if !groups.contains(&more) {
                groups.push(more);
            }
        }
        groups
    }

    fn new_interface(&mut self, kind: InterfaceKind, name: &str, subnet: SubnetId) -> InterfaceId {
        let node = self.b.node(
            &format!("aws_{name}.n{}", self.b.net.nodes.len()),
            NodeKind::Resource(format!("aws_{name}").into()),
        );
        let groups = self.groups_for(subnet);
        let addresses = self.addresses(subnet);
        let mut refs: Vec<&str> = addresses.iter().map(String::as_str).collect();
        if refs.len() > 1 && self.rng.percent(25) {
            refs.pop();
        }
        let groups = match kind {
            InterfaceKind::Inspection | InterfaceKind::Nat | InterfaceKind::Attachment => None,
            _ => Some(groups.as_slice()),
        };
        let id = self.b.interface(kind, node, subnet, groups, &refs);
        let public = self.rng.percent(45) && groups.is_some();
        let interface = &mut self.b.net.interfaces[id.index()];
        interface.public = if public { Tri::Yes } else { Tri::No };
        if self.style.classes && groups.is_some() && self.rng.percent(40) {
            let interface = &mut self.b.net.interfaces[id.index()];
            interface.addresses.clear();
            interface.many = self.rng.percent(50);
        }
        id
    }

    fn interfaces(&mut self) {
        for _ in 0..2 + self.rng.below(4) {
            let subnet = self.subnet();
            let id = self.new_interface(InterfaceKind::Ordinary, "instance", subnet);
            if self.style.appliances && self.rng.percent(25) {
                self.b.net.interfaces[id.index()].source_dest_check = Tri::No;
            }
        }
        if self.rng.percent(15) && !self.style.linux {
            let subnet = self.subnet();
            self.new_interface(InterfaceKind::Inspection, "networkfirewall_firewall", subnet);
        }
    }

    fn gateways(&mut self) {
        for vpc in (0..self.b.net.vpcs.len() as u32).map(VpcId) {
            let own: Vec<SubnetId> = (0..self.b.net.subnets.len() as u32)
                .map(SubnetId)
                .filter(|s| self.b.net.subnets[s.index()].vpc == vpc)
                .collect();
            if self.rng.percent(75) {
                let id = self.b.gateway(vpc, GatewayKind::Internet);
                if self.rng.percent(20) && !self.style.linux {
                    self.edge_table(id, vpc);
                }
            }
            if self.rng.percent(35) {
                self.b.gateway(vpc, GatewayKind::EgressOnly);
            }
            if self.rng.percent(50) {
                let subnet = *self.rng.pick(&own);
                let address = self.addresses(subnet)[0].clone();
                let public = self.rng.percent(75);
                self.b.nat(subnet, &address, public);
            }
            if self.rng.percent(25) && !self.style.linux {
                let outside = self.b.node("aws_customer_gateway.c", NodeKind::Outside);
                let ranges = Some(vec![range("192.168.0.0/16")]);
                self.b.gateway(vpc, GatewayKind::Private { ranges, outside });
            }
            if self.rng.percent(25) && !self.style.linux {
                let service = self.b.node("s3", NodeKind::Service("s3".into()));
                self.b.list(&["52.218.0.0/17"], Some(service));
                self.b.gateway(vpc, GatewayKind::Service { service });
            }
        }
    }

    fn edge_table(&mut self, gateway: GatewayId, vpc: VpcId) {
        let table = self.b.table(vpc);
        self.b.net.gateways[gateway.index()].table = Some(table);
        self.middlebox_routes(table, vpc, 60);
    }

    /// Routes for a subnet of the VPC by way of a firewall or appliance.
    fn middlebox_routes(&mut self, table: TableId, vpc: VpcId, percent: u64) {
        let boxes: Vec<InterfaceId> = (0..self.b.net.interfaces.len() as u32)
            .map(InterfaceId)
            .filter(|i| {
                let interface = &self.b.net.interfaces[i.index()];
                self.b.net.subnets[interface.subnet.index()].vpc == vpc
                    && (interface.kind == InterfaceKind::Inspection || interface.source_dest_check == Tri::No)
            })
            .collect();
        let subnets: Vec<Subnet> = self.b.net.subnets.iter().filter(|s| s.vpc == vpc).cloned().collect();
        if boxes.is_empty() || !self.rng.percent(percent) {
            return;
        }
        let to = *self.rng.pick(&boxes);
        for range in &self.rng.pick(&subnets).ranges {
            self.b.route(table, &range.to_string(), Target::Interface(to));
        }
    }

    fn joins(&mut self) {
        let vpcs: Vec<VpcId> = (0..self.b.net.vpcs.len() as u32).map(VpcId).collect();
        for a in &vpcs {
            for b in &vpcs {
                let overlap = self.b.net.vpcs[a.index()].ranges[0] == self.b.net.vpcs[b.index()].ranges[0];
                if a < b && !overlap && self.rng.percent(45) {
                    let id = self.b.peering(*a, *b);
                    let peering = &mut self.b.net.peerings[id.index()];
                    if self.rng.percent(15) {
                        peering.same_region = Tri::No;
                    }
                    if self.rng.percent(10) {
                        peering.active = Tri::No;
                    }
                }
            }
        }
        if vpcs.len() > 1 && self.rng.percent(50) {
            self.hub(&vpcs);
        }
    }

    fn hub(&mut self, vpcs: &[VpcId]) {
        let hub = self.b.hub();
        if self.rng.percent(30) {
            self.b.net.hubs[hub.index()].group_references = Tri::Yes;
        }
        let tables: Vec<HubTableId> = (0..1 + self.rng.below(2)).map(|_| self.b.hub_table(hub)).collect();
        for vpc in vpcs {
            if !self.rng.percent(85) {
                continue;
            }
            let mut entries: Vec<SubnetId> = Vec::new();
            for subnet in 0..self.b.net.subnets.len() {
                let s = &self.b.net.subnets[subnet];
                let new = entries.iter().all(|e| self.b.net.subnets[e.index()].zone != s.zone);
                if s.vpc == *vpc && new && (entries.is_empty() || self.rng.percent(40)) {
                    entries.push(SubnetId(subnet as u32));
                }
            }
            let appliance = self.rng.percent(10) && !self.style.linux;
            let table = self.rng.percent(90).then(|| *self.rng.pick(&tables));
            let what = Attached::Vpc { vpc: *vpc, subnets: entries, appliance };
            let id = self.b.attach(hub, what, table);
            for table in &tables {
                if self.rng.percent(70) {
                    for range in self.b.net.vpcs[vpc.index()].ranges.clone() {
                        self.b.hub_route(*table, &range.to_string(), Some(id), true);
                    }
                }
            }
        }
        if self.rng.percent(25) && !self.style.linux {
            let node = self.b.node("aws_vpn_connection.c", NodeKind::Outside);
            let ranges = Some(vec![range("172.16.0.0/16")]);
            let table = Some(*self.rng.pick(&tables));
            let id = self.b.attach(hub, Attached::Outside { node, ranges }, table);
            self.b.hub_route(tables[0], "172.16.0.0/16", Some(id), true);
        }
        for table in &tables {
            if self.rng.percent(40) {
                let to = self.some_range();
                let attachment = (self.rng.percent(70) && !self.b.net.attachments.is_empty())
                    .then(|| AttachmentId(self.rng.below(self.b.net.attachments.len()) as u32));
                self.b.hub_route(*table, &to, attachment, false);
            }
        }
    }

    fn relays(&mut self) {
        for _ in 0..1 + self.rng.below(2) {
            let subnet = self.subnet();
            let id = self.new_interface(InterfaceKind::LoadBalancer, "lb", subnet);
            let (item, from) = {
                let interface = &self.b.net.interfaces[id.index()];
                (interface.item, interface.node)
            };
            let vpc = self.b.net.subnets[subnet.index()].vpc;
            let targets: Vec<NodeId> = self
                .b
                .net
                .interfaces
                .iter()
                .filter(|i| {
                    i.kind == InterfaceKind::Ordinary && self.b.net.subnets[i.subnet.index()].vpc == vpc
                })
                .map(|i| i.node)
                .collect();
            if targets.is_empty() {
                continue;
            }
            let to = *self.rng.pick(&targets);
            let accepts = Some((Protocol::Number(6), Ports { from: 443, to: 443 }));
            let connects = Some((Protocol::Number(6), Ports { from: 80, to: 80 }));
            let keeps_client = if self.rng.percent(35) { Tri::Yes } else { Tri::No };
            let presence = Presence::Sure;
            self.b.net.relays.push(Relay {
                item,
                from,
                accepts,
                to,
                connects,
                keeps_client,
                direct: false,
                presence,
            });
        }
        if self.rng.percent(40) {
            let subnet = self.subnet();
            let id = self.new_interface(InterfaceKind::Endpoint, "vpc_endpoint", subnet);
            let service = self.b.node("sqs", NodeKind::Service("sqs".into()));
            let interface = &self.b.net.interfaces[id.index()];
            let (item, from) = (interface.item, interface.node);
            let accepts = Some((Protocol::Number(6), Ports { from: 443, to: 443 }));
            let keeps_client = Tri::No;
            let presence = Presence::Sure;
            self.b.net.relays.push(Relay {
                item,
                from,
                accepts,
                to: service,
                connects: accepts,
                keeps_client,
                direct: true,
                presence,
            });
        }
    }

    fn routes(&mut self) {
        let edges: Vec<TableId> = self.b.net.gateways.iter().filter_map(|g| g.table).collect();
        for table in (0..self.b.net.tables.len() as u32).map(TableId) {
            if edges.contains(&table) {
                continue;
            }
            let vpc = self.b.net.tables[table.index()].vpc;
            for _ in 0..1 + self.rng.below(4) {
                self.some_route(table, vpc);
            }
            self.middlebox_routes(table, vpc, 30);
        }
    }

    fn some_route(&mut self, table: TableId, vpc: VpcId) {
        let mut choices: Vec<(Vec<String>, Target)> = Vec::new();
        let defaults = |six: bool, four: bool| -> Vec<String> {
            let mut all = Vec::new();
            if four {
                all.push("0.0.0.0/0".to_owned());
            }
            if six {
                all.push("::/0".to_owned());
            }
            all
        };
        for (index, gateway) in self.b.net.gateways.iter().enumerate() {
            if gateway.vpc != Some(vpc) {
                continue;
            }
            let target = Target::Gateway(GatewayId(index as u32));
            let to = match &gateway.kind {
                GatewayKind::Internet => defaults(true, true),
                GatewayKind::EgressOnly => defaults(true, false),
                GatewayKind::Nat { .. } if self.rng.percent(10) && !self.style.linux => {
                    vec!["64:ff9b::/96".to_owned()]
                }
                GatewayKind::Nat { .. } => defaults(false, true),
                GatewayKind::Private { .. } => vec!["192.168.0.0/16".to_owned()],
                GatewayKind::Service { .. } => vec!["52.218.0.0/17".to_owned()],
                GatewayKind::Other(_) => defaults(true, true),
            };
            choices.push((to, target));
        }
        let ranges = |vpc: VpcId, net: &Network| -> Vec<String> {
            net.vpcs[vpc.index()].ranges.iter().map(ToString::to_string).collect()
        };
        for (index, peering) in self.b.net.peerings.iter().enumerate() {
            let other = match peering.ends {
                (a, b) if a == vpc => b,
                (a, b) if b == vpc => a,
                _ => continue,
            };
            choices.push((ranges(other, &self.b.net), Target::Peering(PeeringId(index as u32))));
        }
        for hub in 0..self.b.net.hubs.len() as u32 {
            for other in 0..self.b.net.vpcs.len() as u32 {
                if VpcId(other) != vpc {
                    choices.push((ranges(VpcId(other), &self.b.net), Target::Hub(HubId(hub))));
                }
            }
            choices.push((defaults(true, true), Target::Hub(HubId(hub))));
            choices.push((vec!["172.16.0.0/12".to_owned()], Target::Hub(HubId(hub))));
        }
        for (index, interface) in self.b.net.interfaces.iter().enumerate() {
            let passes =
                interface.kind == InterfaceKind::Inspection || interface.source_dest_check == Tri::No;
            if passes && self.b.net.subnets[interface.subnet.index()].vpc == vpc {
                choices.push((defaults(true, true), Target::Interface(InterfaceId(index as u32))));
            }
        }
        choices.push((vec![self.some_range()], Target::Blackhole));
        let (to, target) = choices[self.rng.below(choices.len())].clone();
        let odd = self.rng.percent(12);
        for to in if odd { vec![self.some_range()] } else { to } {
            let range = range(&to);
            // Half of the range now and then, so that a longer prefix competes.
            let range = match range {
                IpNet::V4(r) if r.prefix_len() > 0 && r.prefix_len() < 25 && self.rng.percent(15) => {
                    IpNet::V4(ipnet::Ipv4Net::new(r.network(), r.prefix_len() + 1).unwrap_or(r))
                }
                other => other,
            };
            let gateway = match target {
                Target::Gateway(id) => Some(&self.b.net.gateways[id.index()].kind),
                _ => None,
            };
            let propagated = matches!(gateway, Some(GatewayKind::Private { .. })) && self.rng.percent(60);
            let taken = |r: &Route| r.range == Some(range) && r.propagated == propagated;
            // Nothing static is more specific than the local route but what leads to an
            // interface or a gateway load balancer ("Middlebox routing").
            let local = self.b.net.vpcs[vpc.index()].ranges.iter().any(|l| l.contains(&range));
            let inward = matches!(target, Target::Interface(_)) || propagated;
            if self.b.net.tables[table.index()].routes.iter().any(taken) || local && !inward {
                continue;
            }
            self.b.route(table, &range.to_string(), target);
            if let Some(route) = self.b.net.tables[table.index()].routes.last_mut() {
                route.propagated = propagated;
            }
        }
    }

    fn doubt(&mut self, percent: u64) -> Option<DoubtId> {
        self.rng.percent(percent).then(|| self.b.doubt(ItemId(0)))
    }

    /// Makes things uncertain, here and there.
    fn doubts(&mut self) {
        for index in 0..self.b.net.groups.len() {
            for ingress in [true, false] {
                let count = |n: &Network| {
                    let group = &n.groups[index];
                    if ingress { group.ingress.len() } else { group.egress.len() }
                };
                for rule in 0..count(&self.b.net) {
                    let (presence, peer) = (self.doubt(12), self.doubt(8));
                    let group = &mut self.b.net.groups[index];
                    let rule = &mut (if ingress { &mut group.ingress } else { &mut group.egress })[rule];
                    if let Some(doubt) = presence {
                        rule.presence = Presence::Maybe(doubt);
                    }
                    if let Some(doubt) = peer {
                        rule.peer = Peer::Anything(doubt);
                    }
                }
            }
        }
        for index in 0..self.b.net.acls.len() {
            for ingress in [true, false] {
                let count = |n: &Network| {
                    let acl = &n.acls[index];
                    if ingress { acl.ingress.len() } else { acl.egress.len() }
                };
                for entry in 0..count(&self.b.net) {
                    let (presence, unknown) = (self.doubt(12), self.doubt(8));
                    let acl = &mut self.b.net.acls[index];
                    let entry = &mut (if ingress { &mut acl.ingress } else { &mut acl.egress })[entry];
                    if let Some(doubt) = presence {
                        entry.presence = Presence::Maybe(doubt);
                    }
                    if let Some(doubt) = unknown {
                        entry.range = None;
                        entry.presence = Presence::Maybe(doubt);
                    }
                }
            }
        }
        for table in 0..self.b.net.tables.len() {
            for route in 0..self.b.net.tables[table].routes.len() {
                if self.b.net.tables[table].routes[route].target == Target::Local {
                    continue;
                }
                let (presence, unknown, anywhere) = (self.doubt(12), self.doubt(6), self.doubt(6));
                let route = &mut self.b.net.tables[table].routes[route];
                if let Some(doubt) = presence {
                    route.presence = Presence::Maybe(doubt);
                }
                if let Some(doubt) = unknown {
                    route.range = None;
                    route.presence = Presence::Maybe(doubt);
                }
                if let Some(doubt) = anywhere {
                    route.target = Target::Anywhere(doubt);
                }
            }
        }
        for subnet in 0..self.b.net.subnets.len() {
            let vpc = self.b.net.subnets[subnet].vpc;
            if let Some(doubt) = self.doubt(8) {
                self.b.net.subnets[subnet].acl_presence = Presence::Maybe(doubt);
            }
            if let Some(doubt) = self.doubt(8) {
                let edges: Vec<TableId> = self.b.net.gateways.iter().filter_map(|g| g.table).collect();
                let own = self.b.net.subnets[subnet].table;
                let others = (0..self.b.net.tables.len() as u32)
                    .map(TableId)
                    .filter(|t| *t != own && !edges.contains(t) && self.b.net.tables[t.index()].vpc == vpc)
                    .collect();
                self.b.net.subnets[subnet].other_tables = others;
                self.b.net.subnets[subnet].table_presence = Presence::Maybe(doubt);
            }
            if let Some(_doubt) = self.doubt(6) {
                self.b.net.subnets[subnet].zone = None;
            }
        }
        for index in 0..self.b.net.interfaces.len() {
            let maybe = [6, 5, 8, 8, 8, 8].map(|p| self.doubt(p));
            let interface = &mut self.b.net.interfaces[index];
            if let Some(doubt) = maybe[0] {
                interface.presence = Presence::Maybe(doubt);
            }
            if interface.groups.is_some() {
                interface.unknown_groups = maybe[1];
                if let (Some(doubt), Some(groups)) = (maybe[2], interface.groups.as_mut()) {
                    groups[0].1 = Presence::Maybe(doubt);
                }
                if let Some(doubt) = maybe[3] {
                    interface.public = Tri::Maybe(doubt);
                }
                if let (Some(doubt), true) = (maybe[4], self.style.appliances) {
                    interface.source_dest_check = Tri::Maybe(doubt);
                }
                if let (Some(doubt), true) = (maybe[5], interface.addresses.is_empty()) {
                    interface.families.1 = Tri::Maybe(doubt);
                }
            }
        }
        for index in 0..self.b.net.gateways.len() {
            if let Some(doubt) = self.doubt(8) {
                self.b.net.gateways[index].presence = Presence::Maybe(doubt);
            }
            let unknown = self.rng.percent(15);
            if let (true, GatewayKind::Private { ranges, .. }) =
                (unknown, &mut self.b.net.gateways[index].kind)
            {
                *ranges = None;
            }
        }
        for index in 0..self.b.net.peerings.len() {
            if let Some(doubt) = self.doubt(15) {
                self.b.net.peerings[index].active = Tri::Maybe(doubt);
            }
            if let Some(doubt) = self.doubt(10) {
                self.b.net.peerings[index].same_region = Tri::Maybe(doubt);
            }
        }
        self.doubts_of_hubs();
        for index in 0..self.b.net.prefix_lists.len() {
            if self.rng.percent(15) && self.b.net.prefix_lists[index].service.is_none() {
                self.b.net.prefix_lists[index].entries = None;
            }
        }
    }

    fn doubts_of_hubs(&mut self) {
        for index in 0..self.b.net.hubs.len() {
            if let Some(doubt) = self.doubt(15) {
                self.b.net.hubs[index].group_references = Tri::Maybe(doubt);
            }
        }
        for index in 0..self.b.net.attachments.len() {
            let maybe = [10, 10].map(|p| self.doubt(p));
            let attachment = &mut self.b.net.attachments[index];
            if let Some(doubt) = maybe[0] {
                attachment.presence = Presence::Maybe(doubt);
            }
            if let (Some(doubt), Some(table)) = (maybe[1], attachment.table.as_mut()) {
                table.1 = Presence::Maybe(doubt);
            }
        }
        for table in 0..self.b.net.hub_tables.len() {
            for route in 0..self.b.net.hub_tables[table].routes.len() {
                let maybe = [10, 6].map(|p| self.doubt(p));
                let route = &mut self.b.net.hub_tables[table].routes[route];
                if let Some(doubt) = maybe[0] {
                    route.presence = Presence::Maybe(doubt);
                }
                if let Some(doubt) = maybe[1] {
                    route.range = None;
                    route.presence = Presence::Maybe(doubt);
                }
            }
        }
    }
}
