//! Time and memory of all pairs on a large network: `prove_scale [INTERFACES] [GROUPS] [VPCS] [RULES]`.
//!
//! VPCs behind one transit gateway with three tables and a shared VPC for egress; each VPC
//! has three zones with public, private, data and attachment subnets, ACLs, and groups with
//! rules for ranges and for other groups. One line of numbers, for `cargo xtask bench`.

#![allow(clippy::print_stdout, reason = "its purpose")]

use groma_prove::engine::Engine;
use groma_prove::model::*;
use groma_prove::reach::Ways;
use groma_prove::world::Location;
use ipnet::{IpNet, Ipv4Net};
use std::net::Ipv4Addr;
use std::time::Instant;

fn main() {
    let numbers: Vec<usize> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    let at = |n: usize, default: usize| numbers.get(n).copied().unwrap_or(default);
    let (interfaces, groups, vpcs, rules) = (at(0, 2000), at(1, 500), at(2, 40), at(3, 12));
    let network = network(interfaces, groups, vpcs, rules);
    let count: usize = network.groups.iter().map(|g| g.ingress.len() + g.egress.len()).sum();
    let entries: usize = network.acls.iter().map(|a| a.ingress.len() + a.egress.len()).sum();
    let routes: usize = network.tables.iter().map(|t| t.routes.len()).sum();
    let start = Instant::now();
    let engine = Engine::new(&network);
    let prepared = start.elapsed();
    let all = engine.reach_all(Ways::ALL);
    let total = start.elapsed();
    let pairs = all.nodes().count();
    println!(
        "interfaces {} groups {} rules {} acl-entries {} routes {} classes {} class-edges {} pairs {} answers {} \
         prepare-s {:.2} total-s {:.2} cpu-s {:.2} peak-mb {}",
        network.interfaces.len(),
        network.groups.len(),
        count,
        entries,
        routes,
        all.classes.len(),
        all.edges.len(),
        pairs,
        all.reaches.len(),
        prepared.as_secs_f64(),
        total.as_secs_f64(),
        processor_seconds(),
        peak_megabytes(),
    );
}

/// The network; `rules` of each group.
pub fn network(interfaces: usize, groups: usize, vpcs: usize, rules: usize) -> Network {
    Build::default().all(interfaces, groups, vpcs.max(1), rules)
}

/// User and system time of this process so far, which other processes do not stretch; 0 where
/// the system does not say. Ticks are hundredths of a second (`man 5 proc_pid_stat`).
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2).filter_map(|n| n.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}

/// From the system's account of this process; 0 where it keeps none.
fn peak_megabytes() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|l| l.split_whitespace().next()).and_then(|n| n.parse::<usize>().ok());
    kilobytes.unwrap_or(0) / 1024
}

#[derive(Default)]
struct Build {
    n: Network,
    random: u64,
}

fn net(a: usize, b: usize, c: usize, d: usize, length: u8) -> IpNet {
    let address = Ipv4Addr::new(a as u8, b as u8, c as u8, d as u8);
    IpNet::V4(Ipv4Net::new_assert(address, length).trunc())
}

impl Build {
    /// A number below `end`; the same sequence each time.
    fn below(&mut self, end: usize) -> usize {
        self.random =
            self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) as usize % end.max(1)
    }

    fn item(&mut self, name: &str) -> ItemId {
        self.n.items.push(Item { name: name.into(), place: None });
        ItemId(self.n.items.len() as u32 - 1)
    }

    fn all(mut self, interfaces: usize, groups: usize, vpcs: usize, rules: usize) -> Network {
        let item = self.item("everything");
        self.n.nodes.push(Node { item, kind: NodeKind::Internet, labels: Vec::new(), listens: None });
        let hub = HubId(0);
        self.n.hubs.push(Hub { item, group_references: Tri::Yes, described: true, outside: None });
        for _ in 0..3 {
            self.n.hub_tables.push(HubTable { item, hub, routes: Vec::new() });
        }
        let mut homes: Vec<Vec<SubnetId>> = Vec::new();
        for v in 0..vpcs {
            let home = self.vpc(v, hub, item);
            homes.push(home);
        }
        self.hub_routes(vpcs, item);
        let mut of_vpc: Vec<Vec<GroupId>> = vec![Vec::new(); vpcs];
        for g in 0..groups {
            let v = g % vpcs;
            self.n.groups.push(Group { item, vpc: VpcId(v as u32), ingress: Vec::new(), egress: Vec::new() });
            of_vpc[v].push(GroupId(g as u32));
        }
        for (v, own) in of_vpc.iter().enumerate() {
            for g in own {
                for n in 0..rules {
                    let rule = self.rule(v, vpcs, own, n, item);
                    self.n.groups[g.index()].ingress.push(rule);
                }
                for _ in 0..2 {
                    let any = Rule {
                        protocol: Protocol::Any,
                        ports: None,
                        icmp: None,
                        peer: Peer::Range(net(0, 0, 0, 0, 0)),
                        presence: Presence::Sure,
                        item,
                    };
                    self.n.groups[g.index()].egress.push(any);
                }
            }
        }
        for i in 0..interfaces {
            let v = i % vpcs;
            self.interface(i, &of_vpc[v], &homes[v]);
        }
        self.n
    }

    fn vpc(&mut self, v: usize, hub: HubId, item: ItemId) -> Vec<SubnetId> {
        let vpc = VpcId(v as u32);
        let range = net(10, v, 0, 0, 16);
        let location = Location { account: Some("1".into()), region: Some("eu-west-1".into()) };
        self.n.vpcs.push(Vpc {
            item,
            location,
            ranges: vec![range],
            described: true,
            outside: None,
            blocked: None,
        });
        let gateway = |kind| Gateway { item, vpc: Some(vpc), kind, table: None, presence: Presence::Sure };
        let igw = GatewayId(self.n.gateways.len() as u32);
        self.n.gateways.push(gateway(GatewayKind::Internet));
        let tables = self.n.tables.len() as u32;
        let to_hub = ("10.0.0.0/8".parse().ok(), Target::Hub(hub));
        let default = Some(net(0, 0, 0, 0, 0));
        let local = (Some(range), Target::Local);
        for routes in [
            vec![local, to_hub, (default, Target::Gateway(igw))],
            vec![local, to_hub, (default, Target::Hub(hub))],
            vec![local, to_hub],
        ] {
            let route =
                |(range, target)| Route { range, target, propagated: false, presence: Presence::Sure, item };
            self.n.tables.push(Table { item, vpc, routes: routes.into_iter().map(route).collect() });
        }
        let acls = self.n.acls.len() as u32;
        for kind in 0..3u32 {
            self.acl(vpc, kind, v, item);
        }
        let mut doors = Vec::new();
        let mut homes = Vec::new();
        for (z, zone) in ["eu-west-1a", "eu-west-1b", "eu-west-1c"].into_iter().enumerate() {
            for kind in 0..4 {
                let id = SubnetId(self.n.subnets.len() as u32);
                let table = TableId(tables + [0, 1, 2, 2][kind]);
                self.n.subnets.push(Subnet {
                    item,
                    vpc,
                    zone: Some(zone.into()),
                    ranges: vec![net(10, v, kind * 16 + z, 0, 24)],
                    table,
                    table_presence: Presence::Sure,
                    other_tables: Vec::new(),
                    acl: AclId(acls + [0, 1, 2, 1][kind]),
                    acl_presence: Presence::Sure,
                });
                if kind == 3 { doors.push(id) } else { homes.push(id) }
            }
        }
        let what = Attached::Vpc { vpc, subnets: doors, appliance: false };
        let table = Some((HubTableId(v as u32 % 3), Presence::Sure));
        self.n.attachments.push(Attachment { item, hub, what, table, presence: Presence::Sure });
        homes
    }

    /// Public: everything; private: from the organisation; data: database ports only.
    fn acl(&mut self, vpc: VpcId, kind: u32, v: usize, item: ItemId) {
        let entry = |number, allow, ports: Option<(u16, u16)>, range| AclEntry {
            number,
            allow,
            protocol: if ports.is_some() { Protocol::Number(6) } else { Protocol::Any },
            ports: ports.map(|(from, to)| Ports { from, to }),
            icmp: None,
            range: Some(range),
            presence: Presence::Sure,
            item,
        };
        let mut ingress = vec![entry(50, false, Some((3389, 3389)), net(0, 0, 0, 0, 0))];
        let mut egress = Vec::new();
        match kind {
            0 => ingress.push(entry(100, true, None, net(0, 0, 0, 0, 0))),
            1 => {
                ingress.push(entry(100, true, None, net(10, 0, 0, 0, 8)));
                ingress.push(entry(110, true, Some((1024, 65535)), net(0, 0, 0, 0, 0)));
            }
            _ => {
                ingress.push(entry(90, false, None, net(10, (v + 1) % 200, 0, 0, 16)));
                ingress.push(entry(100, true, Some((5432, 5432)), net(10, v, 0, 0, 16)));
                ingress.push(entry(110, true, Some((1024, 65535)), net(10, 0, 0, 0, 8)));
            }
        }
        egress.push(entry(100, true, None, net(0, 0, 0, 0, 0)));
        self.n.acls.push(Acl { item, vpc, ingress, egress });
    }

    /// Each table knows its own third of the VPCs, and the first VPC, which all share.
    fn hub_routes(&mut self, vpcs: usize, item: ItemId) {
        for table in 0..3 {
            for v in (0..vpcs).filter(|v| v % 3 == table || *v == 0 || table == 0) {
                self.n.hub_tables[table].routes.push(HubRoute {
                    range: Some(net(10, v, 0, 0, 16)),
                    attachment: Some(AttachmentId(v as u32)),
                    propagated: true,
                    presence: Presence::Sure,
                    item,
                });
            }
        }
    }

    fn rule(&mut self, v: usize, vpcs: usize, own: &[GroupId], n: usize, item: ItemId) -> Rule {
        let port = [22, 80, 443, 3306, 5432, 6379, 8080, 9092][self.below(8)] as u16;
        let peer = match n % 4 {
            0 => Peer::Group(own[self.below(own.len())]),
            1 => Peer::Range(net(10, v, self.below(48), 0, 24)),
            2 => Peer::Range(net(10, self.below(vpcs), 0, 0, 16)),
            _ => Peer::Range(net(10, self.below(vpcs), self.below(64), self.below(256), 28)),
        };
        Rule {
            protocol: Protocol::Number(6),
            ports: Some(Ports { from: port, to: port + self.below(3) as u16 }),
            icmp: None,
            peer,
            presence: Presence::Sure,
            item,
        }
    }

    fn interface(&mut self, i: usize, own: &[GroupId], homes: &[SubnetId]) {
        let item = self.item("host");
        let node = NodeId(self.n.nodes.len() as u32);
        let kind = NodeKind::Resource("aws_instance".into());
        self.n.nodes.push(Node { item, kind, labels: Vec::new(), listens: None });
        let mut carried: Vec<(GroupId, Presence)> = Vec::new();
        for _ in 0..=self.below(2) {
            carried.extend(own.get(self.below(own.len())).map(|g| (*g, Presence::Sure)));
        }
        let subnet = homes[self.below(homes.len())];
        self.n.interfaces.push(Interface {
            item,
            kind: InterfaceKind::Ordinary,
            node,
            subnet,
            groups: Some(carried),
            unknown_groups: None,
            addresses: Vec::new(),
            families: (Tri::Yes, Tri::No),
            public: if i.is_multiple_of(7) { Tri::Yes } else { Tri::No },
            source_dest_check: Tri::Yes,
            many: false,
            presence: Presence::Sure,
        });
    }
}
