//! Verdicts as text and as JSON.

use super::verdict::{Case, Finding, Verdict};
use crate::render::Paint;
use groma_lang::Sources;
use groma_prove::model::{ItemId, Network};
use groma_prove::ports::{TCP, UDP};
use groma_prove::witness::{Blocked, Connection, Hop, HopKind, Packet, Uncertain, Witness};
use serde_json::{Value as Json, json};

/// `NAME (FILE:LINE)`
fn item(net: &Network, i: ItemId) -> (String, String) {
    let item = &net.items[i.index()];
    let place = item.place.as_ref().map(|p| format!("{}:{}", p.file, p.line)).unwrap_or_default();
    (item.name.to_string(), place)
}

/// Where a property is written.
fn place(f: &Finding, sources: &Sources) -> String {
    f.span.map_or_else(String::new, |s| {
        let file = sources.get(s.file);
        format!("{}:{}", file.name.trim_start_matches("./"), file.position(s.start).line)
    })
}

/// `tcp 10.0.0.4:32768 -> 10.0.1.5:443`
pub fn packet(p: &Packet) -> String {
    let host = |a: &std::net::IpAddr| match a {
        std::net::IpAddr::V6(x) => format!("[{x}]"),
        x => x.to_string(),
    };
    let (source, destination) = (host(&p.source), host(&p.destination));
    match p.protocol {
        TCP => format!("tcp {source}:{} -> {destination}:{}", p.source_port, p.port),
        UDP => format!("udp {source}:{} -> {destination}:{}", p.source_port, p.port),
        1 | 58 => format!("icmp type {} code {} {source} -> {destination}", p.port >> 8, p.port & 0xff),
        n => format!("protocol {n} {source} -> {destination}"),
    }
}

/// A word for a hop.
pub fn hop_word(k: HopKind) -> &'static str {
    match k {
        HopKind::Source => "from",
        HopKind::GroupOut => "group, out",
        HopKind::GroupIn => "group, in",
        HopKind::AclOut => "acl, out",
        HopKind::AclIn => "acl, in",
        HopKind::Route => "route",
        HopKind::Gateway => "gateway",
        HopKind::Nat => "nat",
        HopKind::Middlebox => "firewall",
        HopKind::Peering => "peering",
        HopKind::Attachment => "attachment",
        HopKind::HubRoute => "hub route",
        HopKind::Relay => "relay",
        HopKind::Unknown => "unknown",
        HopKind::BlockedAccess => "access",
        HopKind::Destination => "to",
    }
}

fn hops(net: &Network, list: &[Hop], indent: &str, out: &mut String) {
    for h in list {
        let (name, place) = item(net, h.item);
        let place = if place.is_empty() { place } else { format!("  ({place})") };
        out.push_str(&format!("{indent}{:11} {name}{place}\n", hop_word(h.kind)));
        if !h.what.is_empty() {
            out.push_str(&format!("{indent}{:11}   {}\n", "", h.what));
        }
        if let Some(d) = &h.doubt {
            out.push_str(&format!("{indent}{:11}   perhaps: {}\n", "", d.why));
        }
    }
}

/// A way, hop by hop.
pub fn witness(net: &Network, w: &Witness, indent: &str) -> String {
    let mut out = String::new();
    for (i, c) in w.connections.iter().enumerate() {
        let name = |n: groma_prove::model::NodeId| item(net, net.nodes[n.index()].item).0;
        let which = if w.connections.len() > 1 { format!("connection {}: ", i + 1) } else { String::new() };
        out.push_str(&format!("{indent}{which}{} -> {}: {}\n", name(c.from), name(c.to), packet(&c.packet)));
        let inner = format!("{indent}  ");
        hops(net, &c.forward, &inner, &mut out);
        if !c.back.is_empty() {
            out.push_str(&format!("{indent}the answer:\n"));
            hops(net, &c.back, &inner, &mut out);
        }
    }
    out
}

/// All that stops a packet.
pub fn blocked(net: &Network, b: &Blocked, indent: &str) -> String {
    let mut out = format!("{indent}{}\n", packet(&b.packet));
    if b.blockers.is_empty() {
        out.push_str(&format!("{indent}nothing on the network stops it\n"));
    }
    for x in &b.blockers {
        let (name, place) = item(net, x.item);
        let place = if place.is_empty() { place } else { format!("  ({place})") };
        let back = if x.back { " (the answer)" } else { "" };
        out.push_str(&format!("{indent}- {name}{place}\n{indent}    {}{back}\n", x.what));
        if let Some(d) = &x.doubt {
            out.push_str(&format!("{indent}    perhaps: {}\n", d.why));
        }
    }
    out
}

/// What is unknown, each once.
pub fn doubts(net: &Network, list: &[Uncertain], indent: &str) -> String {
    let mut out = String::new();
    let mut seen = Vec::new();
    for d in list {
        let (name, place) = item(net, d.item);
        let attribute = d.doubt.and_then(|x| net.doubts[x.index()].attribute.clone());
        let attribute = attribute.map(|a| format!(", {a}")).unwrap_or_default();
        let place = if place.is_empty() { place } else { format!("  ({place})") };
        let line = format!("{indent}- {name}{attribute}: {}{place}\n", d.why);
        if !seen.contains(&line) {
            out.push_str(&line);
            seen.push(line);
        }
    }
    out
}

fn case(net: &Network, c: &Case, out: &mut String) {
    let net = c.network.as_deref().unwrap_or(net);
    let when = if c.when.is_empty() { String::new() } else { format!(", {}", c.when) };
    let traffic = if c.traffic.is_empty() { String::new() } else { format!(": {}", c.traffic) };
    out.push_str(&format!("    {} -> {}{traffic}{when}\n", c.from, c.to));
    if let Some(w) = &c.witness {
        out.push_str(&witness(net, w, "      "));
    }
    if let Some(b) = &c.blocked {
        out.push_str("      stopped by:\n");
        out.push_str(&blocked(net, b, "      "));
    }
    if !c.doubts.is_empty() {
        out.push_str("      this depends on:\n");
        out.push_str(&doubts(net, &c.doubts, "      "));
    }
}

/// Findings for people.
pub fn text(net: &Network, findings: &[Finding], sources: &Sources, paint: Paint) -> String {
    let mut out = String::new();
    for f in findings {
        let color = match f.verdict {
            Verdict::Proved => "1;32",
            Verdict::Refuted => "1;31",
            Verdict::NotProved => "1;33",
        };
        let word = paint.code(color, &format!("{:10}", f.verdict.word()));
        let at = place(f, sources);
        let at = if at.is_empty() { at } else { format!("  ({at})") };
        out.push_str(&format!("{word}  {}{at}\n", f.property));
        if !f.note.is_empty() {
            out.push_str(&format!("    {}\n", f.note));
        }
        for c in &f.cases {
            case(net, c, &mut out);
        }
        if f.more > 0 {
            out.push_str(&format!("    and {} more like this\n", f.more));
        }
    }
    let count = |v: Verdict| findings.iter().filter(|f| f.verdict == v).count();
    let (p, r, n) = (count(Verdict::Proved), count(Verdict::Refuted), count(Verdict::NotProved));
    let mut parts = vec![format!("{p} proved")];
    if r > 0 {
        parts.push(format!("{r} refuted"));
    }
    if n > 0 {
        parts.push(format!("{n} not proved"));
    }
    let all = findings.len();
    out.push_str(&format!(
        "\n{all} {}: {}.\n",
        if all == 1 { "property" } else { "properties" },
        parts.join(", ")
    ));
    out
}

fn item_json(net: &Network, i: ItemId) -> Json {
    let item = &net.items[i.index()];
    let place = item.place.as_ref();
    json!({ "name": &*item.name, "file": place.map(|p| &*p.file), "line": place.map(|p| p.line) })
}

fn packet_json(p: &Packet) -> Json {
    json!({
        "protocol": p.protocol,
        "source": p.source.to_string(),
        "destination": p.destination.to_string(),
        "source_port": p.source_port,
        "port": p.port,
    })
}

fn doubts_json(net: &Network, list: &[Uncertain]) -> Json {
    let one = |d: &Uncertain| {
        let attribute = d.doubt.and_then(|x| net.doubts[x.index()].attribute.clone());
        json!({ "item": item_json(net, d.item), "attribute": attribute.as_deref(), "why": &*d.why })
    };
    Json::Array(list.iter().map(one).collect())
}

/// A way as JSON.
pub fn witness_json(net: &Network, w: &Witness) -> Json {
    let hop = |h: &Hop| {
        json!({
            "kind": hop_word(h.kind),
            "item": item_json(net, h.item),
            "what": &*h.what,
            "packet": packet_json(&h.packet),
            "doubt": h.doubt.as_ref().map(|d| &*d.why),
        })
    };
    let connection = |c: &Connection| {
        json!({
            "from": item_json(net, net.nodes[c.from.index()].item),
            "to": item_json(net, net.nodes[c.to.index()].item),
            "packet": packet_json(&c.packet),
            "forward": c.forward.iter().map(hop).collect::<Vec<_>>(),
            "back": c.back.iter().map(hop).collect::<Vec<_>>(),
        })
    };
    Json::Array(w.connections.iter().map(connection).collect())
}

/// What stops a packet, as JSON.
pub fn blocked_json(net: &Network, b: &Blocked) -> Json {
    let blockers: Vec<Json> = b
        .blockers
        .iter()
        .map(|x| {
            let doubt = x.doubt.as_ref().map(|d| &*d.why);
            json!({ "kind": format!("{:?}", x.kind), "item": item_json(net, x.item), "answer": x.back, "what": &*x.what, "doubt": doubt })
        })
        .collect();
    json!({ "packet": packet_json(&b.packet), "blockers": blockers })
}

/// Findings for programs.
pub fn json(net: &Network, findings: &[Finding], notes: &[(String, String)], sources: &Sources) -> Json {
    let case = |c: &Case| {
        let net = c.network.as_deref().unwrap_or(net);
        json!({
            "from": c.from,
            "to": c.to,
            "traffic": c.traffic,
            "when": c.when,
            "path": c.witness.as_ref().map(|w| witness_json(net, w)),
            "blocked": c.blocked.as_ref().map(|b| blocked_json(net, b)),
            "unknown": doubts_json(net, &c.doubts),
        })
    };
    let one = |f: &Finding| {
        json!({
            "block": f.block,
            "property": f.property,
            "place": place(f, sources),
            "verdict": f.verdict.word(),
            "note": f.note,
            "cases": f.cases.iter().map(case).collect::<Vec<_>>(),
            "more": f.more,
        })
    };
    let unsupported: Vec<Json> =
        net.unsupported.iter().map(|u| json!({ "item": item_json(net, u.item), "why": &*u.why })).collect();
    let notes: Vec<Json> = notes.iter().map(|(a, why)| json!({ "what": a, "why": why })).collect();
    json!({
        "format_version": "1.0",
        "properties": findings.iter().map(one).collect::<Vec<_>>(),
        "not_understood": unsupported,
        "not_evaluated": notes,
    })
}
