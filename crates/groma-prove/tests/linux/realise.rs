//! A network without doubts, made of Linux network namespaces: an instance is one, a VPC's
//! router is one, a NAT gateway, a hub, the internet gateway of a VPC and the internet
//! are one each.
//!
//! Security groups are stateful nftables at the instance, network ACLs stateless ones in
//! the router between ports of different subnets, route tables are policy routing by the
//! port where a packet comes in, NAT gateways are connection-tracked `snat`, public
//! addresses are rewritten statelessly.

use crate::concrete::Concrete;
use groma_prove::model::*;
use ipnet::IpNet;
use std::fmt::Write as _;
use std::net::IpAddr;

/// Hosts of the internet.
pub const HOSTS: [&str; 4] = ["8.8.8.8", "203.0.113.7", "2001:4860::8", "2a00:1450::7"];

/// What runs in one namespace.
pub struct Space {
    /// Without the prefix.
    pub name: String,
    /// A shell script that sets it up once its links are there.
    pub script: String,
}

/// A pair of connected devices: namespace and device name of both ends.
pub type Cable = ((String, String), (String, String));

pub struct Plan {
    pub spaces: Vec<Space>,
    pub cables: Vec<Cable>,
}

/// A place where a router meets something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Port {
    /// An interface of the VPC: an instance or a NAT gateway.
    Member(usize),
    /// The hub's interface in a subnet.
    Attachment(AttachmentId),
    Internet,
    EgressOnly,
    Peering(PeeringId),
}

impl Port {
    fn device(self) -> String {
        match self {
            Self::Member(m) => format!("m{m}"),
            Self::Attachment(a) => format!("a{}", a.0),
            Self::Internet => "igw".to_owned(),
            Self::EgressOnly => "eigw".to_owned(),
            Self::Peering(p) => format!("p{}", p.0),
        }
    }
}

/// The address of the other end of a router's cables (they are between two devices, so
/// all can have the same).
const NEXT4: &str = "169.254.0.2";
const ROUTER4: &str = "169.254.0.1";
const NEXT6: &str = "fe80::2";
const ROUTER6: &str = "fe80::1";

/// Of a peering's cable both ends are routers, which may have several.
fn peer_ends(id: PeeringId, second: bool) -> (String, String) {
    let at = 1 + 2 * id.0 + u32::from(second);
    (format!("169.254.1.{at}"), format!("fe80::1:{at}"))
}

const START: &str = "set -e\nip link set lo up\n\
    for f in all default; do echo 0 > /proc/sys/net/ipv4/conf/$f/rp_filter; \
    echo 0 > /proc/sys/net/ipv4/conf/$f/send_redirects; echo 0 > /proc/sys/net/ipv6/conf/$f/accept_dad; \
    echo 0 > /proc/sys/net/ipv6/conf/$f/accept_ra; done\n";
const FORWARD: &str =
    "echo 1 > /proc/sys/net/ipv4/ip_forward\necho 1 > /proc/sys/net/ipv6/conf/all/forwarding\n";

/// Brings up a device with link addresses.
fn device(name: &str, four: &str, six: &str) -> String {
    format!(
        "echo 1 > /proc/sys/net/ipv6/conf/{name}/addr_gen_mode\n\
         echo 0 > /proc/sys/net/ipv4/conf/{name}/rp_filter\n\
         echo 0 > /proc/sys/net/ipv4/conf/{name}/send_redirects\n\
         ip link set {name} up\nip addr add {four}/32 dev {name}\nip addr add {six}/64 dev {name} nodad\n"
    )
}

fn flag(six: bool) -> &'static str {
    if six { "-6" } else { "-4" }
}

fn is_six(range: &IpNet) -> bool {
    matches!(range, IpNet::V6(_))
}

struct Realiser<'a> {
    world: &'a Concrete,
    plan: Plan,
}

/// How to build it. Networks must have been generated in the style for Linux.
pub fn realise(world: &Concrete) -> Plan {
    let mut r = Realiser { world, plan: Plan { spaces: Vec::new(), cables: Vec::new() } };
    for member in 0..world.members.len() {
        if world.interface(member).kind == InterfaceKind::Nat {
            r.nat(member);
        } else {
            r.instance(member);
        }
    }
    for vpc in 0..world.network.vpcs.len() as u32 {
        r.router(VpcId(vpc));
        r.gateways(VpcId(vpc));
    }
    for hub in 0..world.network.hubs.len() as u32 {
        r.hub(HubId(hub));
    }
    r.internet();
    r.plan
}

impl Realiser<'_> {
    fn space(&mut self, name: String, script: String) {
        self.plan.spaces.push(Space { name, script });
    }

    fn cable(&mut self, a: (&str, &str), b: (&str, &str)) {
        let owned = |(n, d): (&str, &str)| (n.to_owned(), d.to_owned());
        self.plan.cables.push((owned(a), owned(b)));
    }

    /// An instance: its addresses, everything to the router, its security groups.
    fn instance(&mut self, member: usize) {
        let name = format!("i{member}");
        let mut script = START.to_owned();
        script += &device("eth0", NEXT4, NEXT6);
        for address in &self.world.members[member].addresses {
            let (length, nodad) = if address.is_ipv4() { (32, "") } else { (128, " nodad") };
            let _ = writeln!(script, "ip addr add {address}/{length} dev eth0{nodad}");
            if address.is_ipv4() {
                let _ = writeln!(script, "ip route add default via {ROUTER4} dev eth0 onlink src {address}");
            } else {
                let _ = writeln!(script, "ip -6 route add default via {ROUTER6} dev eth0 src {address}");
            }
        }
        let mut rules = "table inet sg {\n".to_owned();
        for (hook, side) in [("input", true), ("output", false)] {
            let _ = writeln!(rules, " chain {hook} {{ type filter hook {hook} priority 0; policy drop;");
            let device = if side { "iifname" } else { "oifname" };
            let _ = writeln!(rules, "  {device} lo accept");
            rules += "  icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert } accept\n";
            rules += "  ct state established accept\n";
            let interface = self.world.interface(member);
            for (group, _) in interface.groups.iter().flatten() {
                let group = &self.world.network.groups[group.index()];
                for rule in if side { &group.ingress } else { &group.egress } {
                    self.group_rule(member, rule, side, &mut rules);
                }
            }
            rules += " }\n";
        }
        rules += "}\n";
        let _ = write!(script, "nft -f - <<'RULES'\n{rules}RULES\n");
        self.space(name.clone(), script);
        let vpc = self.world.vpc(member);
        self.cable((&name, "eth0"), (&format!("r{}", vpc.0), &Port::Member(member).device()));
    }

    fn group_rule(&self, member: usize, rule: &Rule, ingress: bool, out: &mut String) {
        let Some(what) = matcher(rule.protocol, rule.ports, rule.icmp) else { return };
        let ranges: Vec<IpNet> = match rule.peer {
            Peer::Range(range) => vec![range],
            Peer::List(list) => {
                self.world.network.prefix_lists[list.index()].entries.clone().unwrap_or_default()
            }
            Peer::Group(group) => self.referenced(member, group, ingress),
            Peer::Anything(_) => Vec::new(),
        };
        for range in ranges {
            for what in &what {
                if what.fits(&range) {
                    let side = if ingress { "saddr" } else { "daddr" };
                    let _ = writeln!(out, "  {}{} accept", address_match(side, &range), what.text);
                }
            }
        }
    }

    /// The private addresses that a reference means: members in the same VPC, in a peered
    /// one of the same region, inbound also in one attached to a hub that supports it.
    fn referenced(&self, member: usize, group: GroupId, ingress: bool) -> Vec<IpNet> {
        let net = &self.world.network;
        let (own, theirs) = (self.world.vpc(member), net.groups[group.index()].vpc);
        let peered = net.peerings.iter().any(|p| {
            p.active == Tri::Yes
                && p.same_region == Tri::Yes
                && (p.ends == (own, theirs) || p.ends == (theirs, own))
        });
        let hub = ingress && net.hubs.iter().any(|h| h.group_references == Tri::Yes);
        if own != theirs && !peered && !hub {
            return Vec::new();
        }
        (0..self.world.members.len())
            .filter(|m| {
                let groups = self.world.interface(*m).groups.as_ref();
                self.world.vpc(*m) == theirs && groups.is_some_and(|g| g.iter().any(|(g, _)| *g == group))
            })
            .flat_map(|m| self.world.members[m].addresses.iter().copied().map(IpNet::from))
            .collect()
    }

    /// A NAT gateway: what comes is sent back in its own name; what it did not ask for is
    /// dropped.
    fn nat(&mut self, member: usize) {
        let name = format!("i{member}");
        let own = self.world.members[member].addresses.iter().find(|a| a.is_ipv4());
        let Some(own) = own else { return };
        let mut script = START.to_owned() + FORWARD;
        script += &device("eth0", NEXT4, NEXT6);
        let _ = writeln!(script, "ip addr add {own}/32 dev eth0");
        let _ = writeln!(script, "ip route add default via {ROUTER4} dev eth0 onlink");
        let _ = write!(
            script,
            "nft -f - <<'RULES'\ntable ip nat {{\n\
             chain after {{ type nat hook postrouting priority 100; ct state new snat to {own}; }}\n\
             chain into {{ type filter hook input priority 0; policy drop; }}\n\
             chain over {{ type filter hook forward priority 0; policy drop;\n  \
             ct state established accept\n  ct state new ip daddr != {own} accept\n }}\n}}\n\
             table ip6 nat {{\n chain over {{ type filter hook forward priority 0; policy drop; }}\n}}\nRULES\n"
        );
        self.space(name.clone(), script);
        let vpc = self.world.vpc(member);
        self.cable((&name, "eth0"), (&format!("r{}", vpc.0), &Port::Member(member).device()));
    }

    /// The ports of a VPC's router, with the subnet where each is, if in one.
    fn ports(&self, vpc: VpcId) -> Vec<(Port, Option<SubnetId>)> {
        let net = &self.world.network;
        let mut ports: Vec<(Port, Option<SubnetId>)> = (0..self.world.members.len())
            .filter(|m| self.world.vpc(*m) == vpc)
            .map(|m| (Port::Member(m), Some(self.world.interface(m).subnet)))
            .collect();
        for (index, attachment) in net.attachments.iter().enumerate() {
            if let Attached::Vpc { vpc: v, subnets, .. } = &attachment.what
                && *v == vpc
                && let Some(subnet) = subnets.first()
            {
                ports.push((Port::Attachment(AttachmentId(index as u32)), Some(*subnet)));
            }
        }
        if self.has(vpc, &GatewayKind::Internet) {
            ports.push((Port::Internet, None));
        }
        if self.has(vpc, &GatewayKind::EgressOnly) {
            ports.push((Port::EgressOnly, None));
        }
        for (index, peering) in net.peerings.iter().enumerate() {
            if peering.active == Tri::Yes && (peering.ends.0 == vpc || peering.ends.1 == vpc) {
                ports.push((Port::Peering(PeeringId(index as u32)), None));
            }
        }
        ports
    }

    fn has(&self, vpc: VpcId, kind: &GatewayKind) -> bool {
        self.world.network.gateways.iter().any(|g| g.vpc == Some(vpc) && g.kind == *kind)
    }

    /// The port to which a route leads; `None`: packets are dropped.
    fn target(&self, vpc: VpcId, target: Target, six: bool) -> Option<Port> {
        let net = &self.world.network;
        match target {
            Target::Gateway(id) => {
                let gateway = &net.gateways[id.index()];
                if gateway.vpc != Some(vpc) {
                    return None;
                }
                match &gateway.kind {
                    GatewayKind::Internet => Some(Port::Internet),
                    GatewayKind::EgressOnly => six.then_some(Port::EgressOnly),
                    GatewayKind::Nat { interface, .. } => {
                        let member = self.world.members.iter().position(|m| m.interface == *interface)?;
                        (!six).then_some(Port::Member(member))
                    }
                    _ => None,
                }
            }
            Target::Peering(id) => {
                let peering = &net.peerings[id.index()];
                let joins = peering.ends.0 == vpc || peering.ends.1 == vpc;
                (peering.active == Tri::Yes && joins).then_some(Port::Peering(id))
            }
            Target::Hub(hub) => net.attachments.iter().enumerate().find_map(|(index, a)| match &a.what {
                Attached::Vpc { vpc: v, subnets, .. } if a.hub == hub && *v == vpc && !subnets.is_empty() => {
                    Some(Port::Attachment(AttachmentId(index as u32)))
                }
                _ => None,
            }),
            _ => None,
        }
    }

    fn is_second(&self, peering: PeeringId, vpc: VpcId) -> bool {
        self.world.network.peerings[peering.index()].ends.1 == vpc
    }

    fn router(&mut self, vpc: VpcId) {
        let name = format!("r{}", vpc.0);
        let ports = self.ports(vpc);
        let mut script = START.to_owned() + FORWARD;
        let mut tables = String::new();
        let mut rules = String::new();
        for (port, subnet) in &ports {
            let dev = port.device();
            let side = match port {
                Port::Peering(id) => peer_ends(*id, self.is_second(*id, vpc)),
                _ => (ROUTER4.to_owned(), ROUTER6.to_owned()),
            };
            script += &device(&dev, &side.0, &side.1);
            let table = subnet.map_or(99, |s| 100 + self.world.network.subnets[s.index()].table.0);
            for family in ["-4", "-6"] {
                let _ = writeln!(rules, "ip {family} rule add iif {dev} lookup {table} pref 1000");
            }
        }
        let own: Vec<TableId> = (0..self.world.network.tables.len() as u32)
            .map(TableId)
            .filter(|t| self.world.network.tables[t.index()].vpc == vpc)
            .collect();
        self.local(vpc, 99, &mut tables);
        for table in own {
            self.local(vpc, 100 + table.0, &mut tables);
            for route in &self.world.network.tables[table.index()].routes {
                let (Some(range), false) = (route.range, route.target == Target::Local) else { continue };
                let six = is_six(&range);
                let id = 100 + table.0;
                match self.target(vpc, route.target, six) {
                    None => {
                        let _ = writeln!(tables, "ip {} route add blackhole {range} table {id}", flag(six));
                    }
                    Some(port) => {
                        let (next4, next6) = match port {
                            Port::Peering(id) => peer_ends(id, !self.is_second(id, vpc)),
                            _ => (NEXT4.to_owned(), NEXT6.to_owned()),
                        };
                        let next = if six { next6 } else { next4 };
                        let _ = writeln!(
                            tables,
                            "ip {} route add {range} via {next} dev {} onlink table {id}",
                            flag(six),
                            port.device()
                        );
                    }
                }
            }
        }
        script += &tables;
        script += &rules;
        script += "for f in -4 -6; do ip $f rule del lookup main; done\nip -4 rule del lookup default\n";
        let _ = write!(script, "nft -f - <<'RULES'\n{}RULES\n", self.acls(vpc, &ports));
        self.space(name.clone(), script);
        for (index, peering) in self.world.network.peerings.iter().enumerate() {
            if peering.active == Tri::Yes && peering.ends.0 == vpc {
                let dev = Port::Peering(PeeringId(index as u32)).device();
                self.cable((&name, &dev), (&format!("r{}", peering.ends.1.0), &dev));
            }
        }
    }

    /// Who has which address; the rest of the VPC is nobody.
    fn local(&self, vpc: VpcId, table: u32, out: &mut String) {
        for range in &self.world.network.vpcs[vpc.index()].ranges {
            let _ = writeln!(out, "ip {} route add blackhole {range} table {table}", flag(is_six(range)));
        }
        for member in 0..self.world.members.len() {
            if self.world.vpc(member) != vpc {
                continue;
            }
            for address in &self.world.members[member].addresses {
                let (family, length) = if address.is_ipv4() { ("-4", 32) } else { ("-6", 128) };
                let dev = Port::Member(member).device();
                let _ = writeln!(out, "ip {family} route add {address}/{length} dev {dev} table {table}");
            }
        }
    }

    /// Network ACLs, and that a peering carries nothing from beyond.
    fn acls(&self, vpc: VpcId, ports: &[(Port, Option<SubnetId>)]) -> String {
        let mut text = "table inet acl {\n".to_owned();
        let subnets: Vec<SubnetId> = (0..self.world.network.subnets.len() as u32)
            .map(SubnetId)
            .filter(|s| self.world.network.subnets[s.index()].vpc == vpc)
            .collect();
        for subnet in &subnets {
            let acl = &self.world.network.acls[self.world.network.subnets[subnet.index()].acl.index()];
            for (side, entries) in [("in", &acl.ingress), ("out", &acl.egress)] {
                let _ = writeln!(text, " chain {side}{} {{", subnet.0);
                let mut sorted: Vec<&AclEntry> = entries.iter().collect();
                sorted.sort_by_key(|e| e.number);
                for entry in sorted {
                    let (Some(range), Some(what)) =
                        (entry.range, matcher(entry.protocol, entry.ports, entry.icmp))
                    else {
                        continue;
                    };
                    let verdict = if entry.allow { "return" } else { "drop" };
                    let direction = if side == "in" { "saddr" } else { "daddr" };
                    for what in what.iter().filter(|w| w.fits(&range)) {
                        let _ =
                            writeln!(text, "  {}{} {verdict}", address_match(direction, &range), what.text);
                    }
                }
                text += "  drop\n }\n";
            }
        }
        text += " chain over { type filter hook forward priority 0; policy accept;\n";
        for (from, from_subnet) in ports {
            for (to, to_subnet) in ports {
                let attached = matches!(to, Port::Attachment(_));
                if from_subnet == to_subnet && from_subnet.is_some() && !attached {
                    continue;
                }
                let path = format!("iifname {} oifname {}", from.device(), to.device());
                if let Some(subnet) = from_subnet {
                    let _ = writeln!(text, "  {path} jump out{}", subnet.0);
                }
                if let Some(subnet) = to_subnet {
                    let _ = writeln!(text, "  {path} jump in{}", subnet.0);
                }
                if matches!(to, Port::Peering(_) | Port::EgressOnly | Port::Internet) {
                    // Only what an interface of this VPC sends.
                    for range in &self.world.network.vpcs[vpc.index()].ranges {
                        let _ = writeln!(text, "  {path} {} accept", address_match("saddr", range));
                    }
                    let _ = writeln!(text, "  {path} drop");
                }
            }
        }
        text += " }\n}\n";
        text
    }

    /// The internet and egress-only gateways of a VPC, in one namespace.
    fn gateways(&mut self, vpc: VpcId) {
        let (internet, only) =
            (self.has(vpc, &GatewayKind::Internet), self.has(vpc, &GatewayKind::EgressOnly));
        if !internet && !only {
            return;
        }
        let (name, router) = (format!("g{}", vpc.0), format!("r{}", vpc.0));
        let mut script = START.to_owned() + FORWARD;
        script += &device("net", NEXT4, NEXT6);
        if internet {
            script += &device("igw", NEXT4, NEXT6);
            self.cable((&name, "igw"), (&router, "igw"));
        }
        if only {
            script += &device("eigw", NEXT4, NEXT6);
            self.cable((&name, "eigw"), (&router, "eigw"));
        }
        let back = if internet { "igw" } else { "eigw" };
        let _ = writeln!(script, "ip route add default via {ROUTER4} dev net onlink");
        let _ = writeln!(script, "ip -6 route add default via {ROUTER6} dev net");
        for range in &self.world.network.vpcs[vpc.index()].ranges {
            let six = is_six(range);
            let via = if six { ROUTER6 } else { ROUTER4 };
            let _ = writeln!(script, "ip {} route add {range} via {via} dev {back} onlink", flag(six));
        }
        let mut text = "table ip one {\n".to_owned();
        text += " chain before { type filter hook prerouting priority -300; policy accept;\n  notrack\n";
        let public = self.public(vpc);
        for (private, public) in &public {
            let _ = writeln!(text, "  iifname net ip daddr {public} ip daddr set {private} accept");
        }
        text += "  iifname net drop\n  iifname eigw drop\n";
        for (private, _) in &public {
            let _ = writeln!(text, "  iifname igw ip saddr {private} accept");
        }
        text += "  iifname igw drop\n }\n";
        text += " chain after { type filter hook postrouting priority 300; policy accept;\n";
        for (private, public) in &public {
            let _ = writeln!(text, "  oifname net ip saddr {private} ip saddr set {public}");
        }
        text += " }\n}\ntable ip6 six { chain over { type filter hook forward priority 0; policy accept;\n";
        text += "  ct state established accept\n";
        if !internet {
            text += "  iifname net drop\n";
        }
        text += " }\n}\n";
        let _ = write!(script, "nft -f - <<'RULES'\n{text}RULES\n");
        self.space(name.clone(), script);
        self.cable((&name, "net"), ("x", &format!("g{}", vpc.0)));
    }

    /// Private and public addresses of those that have both; private NAT gateways have
    /// none.
    fn public(&self, vpc: VpcId) -> Vec<(IpAddr, IpAddr)> {
        let net = &self.world.network;
        self.world
            .members
            .iter()
            .enumerate()
            .filter(|(m, _)| self.world.vpc(*m) == vpc)
            .filter(|(_, member)| {
                !net.gateways.iter().any(|g| {
                    matches!(g.kind, GatewayKind::Nat { interface, public: false } if interface == member.interface)
                })
            })
            .filter_map(|(_, member)| {
                let private = member.addresses.iter().find(|a| a.is_ipv4())?;
                Some((*private, IpAddr::V4(member.public?)))
            })
            .collect()
    }

    /// A transit gateway: a table for each of its route tables, chosen by where a packet
    /// comes from.
    fn hub(&mut self, hub: HubId) {
        let name = format!("h{}", hub.0);
        let mut script = START.to_owned() + FORWARD;
        let mut rules = String::new();
        let net = &self.world.network;
        let mut cables = Vec::new();
        for (index, attachment) in net.attachments.iter().enumerate() {
            let Attached::Vpc { vpc, subnets, .. } = &attachment.what else { continue };
            if attachment.hub != hub || subnets.is_empty() {
                continue;
            }
            let dev = Port::Attachment(AttachmentId(index as u32)).device();
            script += &device(&dev, NEXT4, NEXT6);
            cables.push((dev.clone(), format!("r{}", vpc.0)));
            if let Some((table, _)) = attachment.table {
                for family in ["-4", "-6"] {
                    let _ =
                        writeln!(rules, "ip {family} rule add iif {dev} lookup {} pref 1000", 100 + table.0);
                }
            }
        }
        for (index, table) in net.hub_tables.iter().enumerate() {
            if table.hub != hub {
                continue;
            }
            // Of equal ranges the static one.
            let mut routes: Vec<&HubRoute> = table.routes.iter().collect();
            routes.sort_by_key(|r| r.propagated);
            let mut done: Vec<IpNet> = Vec::new();
            for route in routes {
                let Some(range) = route.range else { continue };
                if done.contains(&range) {
                    continue;
                }
                done.push(range);
                let six = is_six(&range);
                let empty = |a: &AttachmentId| matches!(&net.attachments[a.index()].what, Attached::Vpc { subnets, .. } if subnets.is_empty());
                let _ = match route.attachment.filter(|a| !empty(a)) {
                    Some(a) => writeln!(
                        script,
                        "ip {} route add {range} via {} dev {} onlink table {}",
                        flag(six),
                        if six { ROUTER6 } else { ROUTER4 },
                        Port::Attachment(a).device(),
                        100 + index
                    ),
                    None => {
                        writeln!(script, "ip {} route add blackhole {range} table {}", flag(six), 100 + index)
                    }
                };
            }
        }
        script += &rules;
        script += "for f in -4 -6; do ip $f rule del lookup main; done\nip -4 rule del lookup default\n";
        self.space(name.clone(), script);
        for (dev, router) in cables {
            self.cable((&name, &dev), (&router, &dev));
        }
    }

    fn internet(&mut self) {
        let mut script = START.to_owned() + FORWARD;
        for host in HOSTS {
            let length = if host.contains(':') { "128 nodad" } else { "32" };
            let _ = writeln!(script, "ip addr add {host}/{}", length.to_owned() + " dev lo");
        }
        for vpc in (0..self.world.network.vpcs.len() as u32).map(VpcId) {
            let internet = self.has(vpc, &GatewayKind::Internet);
            if !internet && !self.has(vpc, &GatewayKind::EgressOnly) {
                continue;
            }
            let dev = format!("g{}", vpc.0);
            script += &device(&dev, ROUTER4, ROUTER6);
            for (_, public) in self.public(vpc) {
                let _ = writeln!(script, "ip route add {public}/32 via {NEXT4} dev {dev} onlink");
            }
            for range in self.world.network.vpcs[vpc.index()].ranges.iter().filter(|r| is_six(r)) {
                let _ = writeln!(script, "ip -6 route add {range} via {NEXT6} dev {dev}");
            }
        }
        self.space("x".to_owned(), script);
    }
}

/// A match on protocol and ports, and to which families it belongs.
struct Matcher {
    text: String,
    four: bool,
    six: bool,
}

impl Matcher {
    fn fits(&self, range: &IpNet) -> bool {
        if is_six(range) { self.six } else { self.four }
    }
}

/// TCP and UDP are probed, so rules for other protocols are left out (`None`).
fn matcher(protocol: Protocol, ports: Option<Ports>, icmp: Option<(i16, i16)>) -> Option<Vec<Matcher>> {
    let both = |text: String| Some(vec![Matcher { text, four: true, six: true }]);
    match (protocol, icmp) {
        (Protocol::Any, _) => both(String::new()),
        (Protocol::Number(number @ (6 | 17)), _) => {
            let name = if number == 6 { "tcp" } else { "udp" };
            match ports {
                None => both(format!(" meta l4proto {name}")),
                Some(p) => both(format!(" {name} dport {}-{}", p.from, p.to)),
            }
        }
        _ => None,
    }
}

fn address_match(side: &str, range: &IpNet) -> String {
    let family = if is_six(range) { "ip6" } else { "ip" };
    if range.prefix_len() == 0 {
        // Of this family.
        return format!("meta nfproto {}", if is_six(range) { "ipv6" } else { "ipv4" });
    }
    format!("{family} {side} {range}")
}
