//! One packet at one filter: which rule or entry decides, in words.

use super::filters::Way;
use super::map::{address, span};
use crate::model::{
    Acl, AclId, DoubtId, GroupId, Interface, InterfaceId, ItemId, Network, Peer, Presence, Rule, SubnetId,
};
use crate::ports::{Family, TCP, Traffic, UDP};
use crate::witness::Uncertain;
use std::sync::Arc;

/// A packet at a filter: what it is, and the address that the filter looks at.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'n> {
    pub family: Family,
    pub protocol: u8,
    pub port: u16,
    pub other: u128,
    /// Whether rules about groups count, and whom they would have to name.
    pub member: Option<&'n Interface>,
    /// Whether rules about groups count for sure.
    pub member_sure: bool,
}

/// What a filter does with it.
#[derive(Clone, Debug)]
pub struct Decision {
    /// Passes, is stopped; `None`: either.
    pub passes: Option<bool>,
    /// What decides.
    pub item: ItemId,
    /// In words, a clause.
    pub what: String,
    /// Why it may also be otherwise.
    pub doubt: Option<Uncertain>,
}

/// `tcp 443`, `icmp type 8`, `protocol 47`.
pub fn named(family: Family, protocol: u8, port: u16) -> String {
    match protocol {
        TCP => format!("tcp {port}"),
        UDP => format!("udp {port}"),
        n if n == family.icmp() && port & 0xff == 0 => format!("icmp type {}", port >> 8),
        n if n == family.icmp() => format!("icmp type {} code {}", port >> 8, port & 0xff),
        n => format!("protocol {n}"),
    }
}

/// A doubt of the network as a reason.
pub fn reason(net: &Network, doubt: DoubtId) -> Uncertain {
    let d = &net.doubts[doubt.index()];
    Uncertain { doubt: Some(doubt), item: d.item, why: d.why.clone() }
}

fn direction(way: Way) -> &'static str {
    match way {
        Way::In => "from",
        Way::Out => "to",
    }
}

/// The security groups of an interface.
pub fn groups(net: &Network, interface: InterfaceId, way: Way, seen: &Seen<'_>) -> Decision {
    let i = &net.interfaces[interface.index()];
    let packet = named(seen.family, seen.protocol, seen.port);
    let other = address(seen.family, seen.other);
    let side = if way == Way::In { "inbound" } else { "outbound" };
    let Some(carried) = &i.groups else {
        let what = "no security group filters here".to_owned();
        return Decision { passes: Some(true), item: i.item, what, doubt: None };
    };
    let mut possible: Option<Decision> = None;
    for (group, presence) in carried {
        let g = &net.groups[group.index()];
        let rules = if way == Way::In { &g.ingress } else { &g.egress };
        for rule in rules {
            let traffic = Traffic::of_rule(seen.family, rule.protocol, rule.ports, rule.icmp);
            if !traffic.contains(seen.family, seen.protocol, seen.port) {
                continue;
            }
            let Some((peer, doubt)) = peer_matches(net, rule, seen) else { continue };
            let doubt = [*presence, rule.presence]
                .iter()
                .find_map(|p| if let Presence::Maybe(d) = p { Some(reason(net, *d)) } else { None })
                .or(doubt);
            let what = format!("{side} rule allows {packet} {} {peer}", direction(way));
            let passes = if doubt.is_none() { Some(true) } else { None };
            let decision = Decision { passes, item: rule.item, what, doubt };
            if passes.is_some() {
                return decision;
            }
            possible.get_or_insert(decision);
        }
    }
    if let Some(possible) = possible {
        return possible;
    }
    if let Some(doubt) = i.unknown_groups {
        let what = format!("groups that are not known may allow {packet} {} {other}", direction(way));
        return Decision { passes: None, item: i.item, what, doubt: Some(reason(net, doubt)) };
    }
    let (item, whose) = match carried.as_slice() {
        [] => (i.item, "it has no security group, and so no rule"),
        [(only, _)] => (net.groups[only.index()].item, "no rule of the security group"),
        [(first, _), ..] => (net.groups[first.index()].item, "no rule of its security groups"),
    };
    let what = format!("{whose} allows {packet} {} {other} ({side})", direction(way));
    Decision { passes: Some(false), item, what, doubt: None }
}

/// Whether a rule's peer is the other end: how it is called, and why it may not be.
fn peer_matches(net: &Network, rule: &Rule, seen: &Seen<'_>) -> Option<(String, Option<Uncertain>)> {
    let within = |range| span(seen.family, range).is_some_and(|s| s.0 <= seen.other && seen.other <= s.1);
    let unknown = |item: ItemId, why: &str| Some(Uncertain { doubt: None, item, why: Arc::from(why) });
    match &rule.peer {
        Peer::Range(range) => within(range).then(|| (range.to_string(), None)),
        Peer::List(list) => {
            let list = &net.prefix_lists[list.index()];
            let name = &net.items[list.item.index()].name;
            match &list.entries {
                Some(entries) => {
                    entries.iter().find(|e| within(*e)).map(|e| (format!("{e} of {name}"), None))
                }
                None => Some((
                    name.to_string(),
                    unknown(list.item, "the entries of this prefix list are not known"),
                )),
            }
        }
        Peer::Group(group) => {
            let member = seen.member?;
            let presence = carries(member, *group)?;
            let doubt = match presence {
                Presence::Maybe(d) => Some(reason(net, d)),
                Presence::Sure if !seen.member_sure => {
                    unknown(rule.item, "whether references to groups count on this way is not certain")
                }
                Presence::Sure => None,
            };
            Some((format!("members of {}", net.items[net.groups[group.index()].item.index()].name), doubt))
        }
        Peer::Anything(doubt) => Some(("an unknown peer".to_owned(), Some(reason(net, *doubt)))),
    }
}

fn carries(interface: &Interface, group: GroupId) -> Option<Presence> {
    let carried = interface.groups.iter().flatten().find(|(g, _)| *g == group).map(|(_, p)| *p);
    carried.or(interface.unknown_groups.map(Presence::Maybe))
}

/// The network ACL of a subnet.
pub fn acl(net: &Network, subnet: SubnetId, way: Way, seen: &Seen<'_>) -> Decision {
    let s = &net.subnets[subnet.index()];
    let decision = one_acl(net, &net.acls[s.acl.index()], way, seen);
    let Presence::Maybe(doubt) = s.acl_presence else { return decision };
    let others = net.acls.iter().enumerate().filter(|(n, a)| a.vpc == s.vpc && AclId(*n as u32) != s.acl);
    let mut all = others.map(|(_, a)| one_acl(net, a, way, seen)).collect::<Vec<_>>();
    all.insert(0, decision);
    let passing = all.iter().position(|d| d.passes != Some(false));
    let same = all.iter().all(|d| d.passes == all[0].passes);
    let mut decision = all.swap_remove(passing.unwrap_or(0));
    if !same {
        decision.passes = None;
        decision.doubt = Some(reason(net, doubt));
    }
    decision
}

fn one_acl(net: &Network, acl: &Acl, way: Way, seen: &Seen<'_>) -> Decision {
    let packet = named(seen.family, seen.protocol, seen.port);
    let other = address(seen.family, seen.other);
    let entries = if way == Way::In { &acl.ingress } else { &acl.egress };
    let side = if way == Way::In { "inbound" } else { "outbound" };
    let mut order: Vec<_> = entries.iter().collect();
    order.sort_by_key(|e| e.number);
    // A doubtful entry leaves open what later ones do.
    let mut possible: Option<(bool, Decision)> = None;
    for entry in order {
        let traffic = Traffic::of_rule(seen.family, entry.protocol, entry.ports, entry.icmp);
        let within = entry.range.as_ref().is_none_or(|range| {
            span(seen.family, range).is_some_and(|s| s.0 <= seen.other && seen.other <= s.1)
        });
        if !within || !traffic.contains(seen.family, seen.protocol, seen.port) {
            continue;
        }
        let verb = if entry.allow { "allows" } else { "denies" };
        let what = match &entry.range {
            Some(range) => {
                format!("{side} entry {} {verb} {packet} {} {range}", entry.number, direction(way))
            }
            None => {
                format!("{side} entry {} {verb} {packet} {} unknown addresses", entry.number, direction(way))
            }
        };
        let doubt = match (entry.presence, &entry.range) {
            (Presence::Maybe(d), _) => Some(reason(net, d)),
            (_, None) => Some(Uncertain {
                doubt: None,
                item: entry.item,
                why: "the addresses of this entry are not known".into(),
            }),
            _ => None,
        };
        match (doubt, possible) {
            (None, None) => {
                return Decision { passes: Some(entry.allow), item: entry.item, what, doubt: None };
            }
            // An earlier doubtful entry that would do the same changes nothing.
            (None, Some((allow, _))) if allow == entry.allow => {
                return Decision { passes: Some(entry.allow), item: entry.item, what, doubt: None };
            }
            (None, Some((_, earlier))) => return earlier,
            (Some(doubt), None) => {
                let decision = Decision { passes: None, item: entry.item, what, doubt: Some(doubt) };
                possible = Some((entry.allow, decision));
            }
            (Some(_), earlier) => possible = earlier,
        }
    }
    match possible {
        Some((true, decision)) => decision,
        _ => {
            let what = format!("no {side} entry allows {packet} {} {other}", direction(way));
            Decision { passes: Some(false), item: acl.item, what, doubt: None }
        }
    }
}
