//! A network in short, for the reports of failures.

use groma_prove::model::*;
use std::fmt::Write as _;

fn maybe(presence: Presence) -> &'static str {
    if presence == Presence::Sure { "" } else { "?" }
}

fn tri(tri: Tri) -> &'static str {
    match tri {
        Tri::Yes => "yes",
        Tri::No => "no",
        Tri::Maybe(_) => "?",
    }
}

fn what(protocol: Protocol, ports: Option<Ports>, icmp: Option<(i16, i16)>) -> String {
    let ports = ports.map_or_else(String::new, |p| format!(" {}-{}", p.from, p.to));
    let icmp = icmp.map_or_else(String::new, |i| format!(" {i:?}"));
    match protocol {
        Protocol::Any => "any".to_owned(),
        Protocol::Number(n) => format!("{n}{ports}{icmp}"),
    }
}

fn ranges(ranges: &[ipnet::IpNet]) -> String {
    ranges.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn some(range: Option<ipnet::IpNet>) -> String {
    range.map_or_else(|| "UNKNOWN".to_owned(), |r| r.to_string())
}

pub fn dump(net: &Network) -> String {
    let mut t = String::new();
    for (i, v) in net.vpcs.iter().enumerate() {
        let _ = writeln!(t, "vpc {i}: {} blocked {:?}", ranges(&v.ranges), v.blocked.map(|b| b.0));
    }
    for (i, s) in net.subnets.iter().enumerate() {
        let others: Vec<u32> = s.other_tables.iter().map(|t| t.0).collect();
        let _ = writeln!(
            t,
            "subnet {i}: vpc {} zone {:?} {} table {}{}{others:?} acl {}{}",
            s.vpc.0,
            s.zone,
            ranges(&s.ranges),
            s.table.0,
            maybe(s.table_presence),
            s.acl.0,
            maybe(s.acl_presence)
        );
    }
    for (i, table) in net.tables.iter().enumerate() {
        let _ = writeln!(t, "table {i}: vpc {}", table.vpc.0);
        for r in table.routes.iter().filter(|r| r.target != Target::Local) {
            let propagated = if r.propagated { " propagated" } else { "" };
            let _ = writeln!(t, "  {} -> {:?}{propagated}{}", some(r.range), r.target, maybe(r.presence));
        }
    }
    for (i, acl) in net.acls.iter().enumerate() {
        let _ = writeln!(t, "acl {i}: vpc {}", acl.vpc.0);
        for (side, entries) in [("in", &acl.ingress), ("out", &acl.egress)] {
            for e in entries {
                let _ = writeln!(
                    t,
                    "  {side} {} {} {} {}{}",
                    e.number,
                    if e.allow { "allow" } else { "deny" },
                    what(e.protocol, e.ports, e.icmp),
                    some(e.range),
                    maybe(e.presence)
                );
            }
        }
    }
    for (i, list) in net.prefix_lists.iter().enumerate() {
        let entries = list.entries.as_ref().map_or_else(|| "UNKNOWN".to_owned(), |e| ranges(e));
        let _ = writeln!(t, "list {i}: {entries} service {:?}", list.service);
    }
    for (i, group) in net.groups.iter().enumerate() {
        let _ = writeln!(t, "group {i}: vpc {}", group.vpc.0);
        for (side, rules) in [("in", &group.ingress), ("out", &group.egress)] {
            for r in rules {
                let peer = match r.peer {
                    Peer::Range(range) => range.to_string(),
                    other => format!("{other:?}"),
                };
                let _ =
                    writeln!(t, "  {side} {} {peer}{}", what(r.protocol, r.ports, r.icmp), maybe(r.presence));
            }
        }
    }
    for (i, f) in net.interfaces.iter().enumerate() {
        let groups: Option<Vec<String>> =
            f.groups.as_ref().map(|g| g.iter().map(|(g, p)| format!("{}{}", g.0, maybe(*p))).collect());
        let _ = writeln!(
            t,
            "interface {i}{}: {:?} node {} subnet {} groups {groups:?}{} [{}] families {}/{} public {} check {}{}",
            maybe(f.presence),
            f.kind,
            f.node.0,
            f.subnet.0,
            if f.unknown_groups.is_some() { "+unknown" } else { "" },
            ranges(&f.addresses),
            tri(f.families.0),
            tri(f.families.1),
            tri(f.public),
            tri(f.source_dest_check),
            if f.many { " many" } else { "" }
        );
    }
    for (i, g) in net.gateways.iter().enumerate() {
        let _ = writeln!(
            t,
            "gateway {i}{}: vpc {:?} {:?} edge table {:?}",
            maybe(g.presence),
            g.vpc.map(|v| v.0),
            g.kind,
            g.table.map(|t| t.0)
        );
    }
    for (i, p) in net.peerings.iter().enumerate() {
        let _ = writeln!(
            t,
            "peering {i}: {} {} same region {} active {}",
            p.ends.0.0,
            p.ends.1.0,
            tri(p.same_region),
            tri(p.active)
        );
    }
    for (i, h) in net.hubs.iter().enumerate() {
        let _ = writeln!(t, "hub {i}: references {}", tri(h.group_references));
    }
    for (i, a) in net.attachments.iter().enumerate() {
        let table = a.table.map(|(t, p)| format!("{}{}", t.0, maybe(p)));
        let _ =
            writeln!(t, "attachment {i}{}: hub {} {:?} table {table:?}", maybe(a.presence), a.hub.0, a.what);
    }
    for (i, table) in net.hub_tables.iter().enumerate() {
        let _ = writeln!(t, "hub table {i}: hub {}", table.hub.0);
        for r in &table.routes {
            let propagated = if r.propagated { " propagated" } else { "" };
            let to = r.attachment.map(|a| a.0);
            let _ = writeln!(t, "  {} -> {to:?}{propagated}{}", some(r.range), maybe(r.presence));
        }
    }
    for r in &net.relays {
        let _ = writeln!(
            t,
            "relay{}: {} -> {} accepts {:?} connects {:?} keeps client {} direct {}",
            maybe(r.presence),
            r.from.0,
            r.to.0,
            r.accepts,
            r.connects,
            tri(r.keeps_client),
            r.direct
        );
    }
    t
}
