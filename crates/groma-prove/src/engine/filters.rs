//! Security groups and network ACLs as maps from the other end's address.

use super::lanes::{ALL, Lanes, MAY, NONE, Op, Pool};
use super::map::{Map, Span, last, pieces, span};
use super::{ANY_CLIENT_PORTS, CLIENT_PORTS};
use crate::model::{AclEntry, AclId, GroupId, Interface, Network, Peer, Presence, Rule, SubnetId};
use crate::ports::{Family, PortSet, Traffic};
use std::collections::BTreeMap;

/// Which groups an interface carries: what tells filters apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GroupKey {
    /// Sorted; whether each is certain. `None`: nothing filters.
    groups: Option<Vec<(GroupId, bool)>>,
    /// Perhaps others.
    unknown: bool,
}

impl GroupKey {
    pub fn of(interface: &Interface) -> Self {
        let groups = interface.groups.as_ref().map(|groups| {
            let mut groups: Vec<_> = groups.iter().map(|(g, p)| (*g, *p == Presence::Sure)).collect();
            groups.sort_unstable();
            groups.dedup();
            groups
        });
        Self { groups, unknown: interface.unknown_groups.is_some() }
    }

    /// Of what no security group filters.
    pub fn none() -> Self {
        Self { groups: None, unknown: false }
    }

    /// Of what may carry any group, and whose own filters are not known.
    pub fn unknown() -> Self {
        Self { groups: None, unknown: true }
    }

    /// The groups that are carried, certainly or perhaps.
    pub fn known(&self) -> impl Iterator<Item = GroupId> + '_ {
        self.groups.iter().flatten().map(|(g, _)| *g)
    }

    /// Whether any other group may be carried.
    pub fn has_unknown(&self) -> bool {
        self.unknown
    }

    /// Whether a group is carried: certainly, perhaps, not.
    fn carries(&self, group: GroupId) -> Option<bool> {
        let certain = |sure: bool| self.groups.iter().flatten().any(|(g, s)| *g == group && (*s || !sure));
        if certain(true) {
            Some(true)
        } else if certain(false) || self.unknown {
            Some(false)
        } else {
            None
        }
    }
}

/// One direction of all groups of an interface together.
#[derive(Clone, Debug)]
pub struct Side {
    /// By address.
    pub map: Map,
    /// By membership of the other end.
    pub members: Vec<(GroupId, Lanes)>,
}

/// The filter of a set of groups. "Security group rules", Amazon VPC User Guide: rules
/// only allow, those of all groups are taken together; no rule, no traffic; answers to
/// what was allowed pass whatever the rules say ("Connection tracking").
#[derive(Clone, Debug)]
pub struct GroupSet {
    pub key: GroupKey,
    pub ingress: Side,
    pub egress: Side,
}

impl GroupSet {
    pub fn new(net: &Network, pool: &mut Pool, family: Family, key: GroupKey) -> Self {
        let Some(groups) = &key.groups else {
            let open = Side { map: Map::constant(ALL), members: Vec::new() };
            return Self { key, ingress: open.clone(), egress: open };
        };
        let ingress =
            Self::side(pool, net, family, groups.iter().map(|(g, s)| (&*net.groups[g.index()].ingress, *s)));
        let egress =
            Self::side(pool, net, family, groups.iter().map(|(g, s)| (&*net.groups[g.index()].egress, *s)));
        let mut set = Self { key: key.clone(), ingress, egress };
        if key.unknown {
            for side in [&mut set.ingress, &mut set.egress] {
                side.map = side.map.zip(&Map::constant(MAY), |a, b| pool.or(a, b));
            }
        }
        set
    }

    fn side<'r>(
        pool: &mut Pool,
        net: &Network,
        family: Family,
        rules: impl Iterator<Item = (&'r [Rule], bool)>,
    ) -> Side {
        let mut ranges: BTreeMap<Span, Lanes> = BTreeMap::new();
        let mut members: BTreeMap<GroupId, Lanes> = BTreeMap::new();
        let whole = (0, last(family));
        for (rules, carried) in rules {
            for rule in rules {
                let sure = carried && rule.presence == Presence::Sure;
                let traffic = Traffic::of_rule(family, rule.protocol, rule.ports, rule.icmp);
                let mut add = |pool: &mut Pool, span: Option<Span>, sure: bool| {
                    let Some(span) = span else { return };
                    let lanes = pool.rule(traffic.clone(), sure);
                    let entry = ranges.entry(span).or_insert(NONE);
                    *entry = pool.or(*entry, lanes);
                };
                match &rule.peer {
                    Peer::Range(net) => add(pool, span(family, net), sure),
                    Peer::Anything(_) => add(pool, Some(whole), false),
                    Peer::List(list) => match &net.prefix_lists[list.index()].entries {
                        Some(entries) => entries.iter().for_each(|e| add(pool, span(family, e), sure)),
                        None => add(pool, Some(whole), false),
                    },
                    Peer::Group(group) => {
                        let lanes = pool.rule(traffic, sure);
                        let entry = members.entry(*group).or_insert(NONE);
                        *entry = pool.or(*entry, lanes);
                    }
                }
            }
        }
        let mut map = Map::empty();
        pieces(family, ranges.into_iter().collect(), |span, over| {
            let lanes = over.iter().fold(NONE, |all, l| pool.or(all, *l));
            map.push(span.0, lanes);
        });
        Side { map, members: members.into_iter().collect() }
    }
}

/// What rules about groups let through for somebody who carries `other`.
pub fn by_membership(pool: &mut Pool, side: &Side, other: &GroupKey) -> Lanes {
    let mut all = NONE;
    for (group, lanes) in &side.members {
        let lanes = match other.carries(*group) {
            Some(true) => *lanes,
            Some(false) => pool.and(*lanes, MAY),
            None => continue,
        };
        all = pool.or(all, lanes);
    }
    all
}

/// A side with all rules about groups taken as possible: for what an appliance passes on.
pub fn with_all_members(pool: &mut Pool, side: &Side) -> Map {
    let members = side.members.iter().fold(NONE, |all, (_, l)| pool.or(all, *l));
    let members = pool.and(members, MAY);
    side.map.zip(&Map::constant(members), |a, b| pool.or(a, b))
}

/// What an ACL's map says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Packets {
    /// Opening packets: which of them pass.
    Opening,
    /// Answers: to which connections answers can pass, if the client is of a known kind.
    Answers,
    /// The same for clients of any kind.
    AnswersToAny,
}

/// Whether an ACL's entries are asked for packets into or out of the subnet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    In,
    Out,
}

/// What a network ACL lets through ("Network ACL basics": the rule with the lowest number
/// that matches decides, what matches none is denied; stateless). For each piece of
/// addresses: what certainly or possibly passes.
fn acl_map(net: &Network, pool: &mut Pool, family: Family, acl: AclId, way: Way, packets: Packets) -> Map {
    let acl = &net.acls[acl.index()];
    let entries: &[AclEntry] = match way {
        Way::In => &acl.ingress,
        Way::Out => &acl.egress,
    };
    let mut order: Vec<&AclEntry> = entries.iter().collect();
    order.sort_by_key(|e| e.number);
    let ranges = order.iter().enumerate().filter_map(|(n, e)| match &e.range {
        Some(range) => Some((span(family, range)?, n)),
        None => Some(((0, last(family)), n)),
    });
    let mut map = Map::empty();
    pieces(family, ranges.collect(), |span, over| {
        let mut over = over.to_vec();
        over.sort_unstable();
        let [may, must] = [true, false].map(|may| {
            let (mut allowed, mut rest) = (Traffic::none(), Traffic::all(family));
            for entry in over.iter().map(|n| order[*n]) {
                let sure = entry.presence == Presence::Sure && entry.range.is_some();
                // What is doubtful is open for "may" and closed for "must", so a doubtful
                // entry counts in only one of them.
                if sure || entry.allow == may {
                    let traffic =
                        Traffic::of_rule(family, entry.protocol, entry.ports, entry.icmp).and(&rest);
                    rest = rest.minus(&traffic);
                    if entry.allow {
                        allowed = allowed.or(&traffic);
                    }
                }
            }
            allowed
        });
        let lanes = match packets {
            Packets::Opening => pool.both(may, must),
            Packets::Answers => {
                pool.answers(answered(family, &may, None), answered(family, &must, Some(CLIENT_PORTS)))
            }
            Packets::AnswersToAny => {
                pool.answers(answered(family, &may, None), answered(family, &must, Some(ANY_CLIENT_PORTS)))
            }
        };
        map.push(span.0, lanes);
    });
    map
}

/// Which connections get their answers through where `passes` passes: answers go to the
/// client's port ("Custom network ACLs": ephemeral ports). `all`: to each of these; else
/// any ephemeral port is enough.
fn answered(family: Family, passes: &Traffic, all: Option<(u16, u16)>) -> Traffic {
    let ports = |set: &PortSet| {
        let enough = match all {
            Some((from, to)) => set.contains_all(&PortSet::range(from, to)),
            None => !set.and(&PortSet::range(ANY_CLIENT_PORTS.0, ANY_CLIENT_PORTS.1)).is_empty(),
        };
        if enough { PortSet::all() } else { PortSet::default() }
    };
    // Echo requests are answered by echo replies of the same code.
    let (request, reply) = echo(family);
    let replies = passes.icmp.and(&PortSet::range(reply << 8, reply << 8 | 0xff));
    let moved = replies
        .ranges()
        .iter()
        .map(|(a, b)| (a - (reply << 8) + (request << 8), b - (reply << 8) + (request << 8)));
    let answered = moved.fold(PortSet::default(), |all, (a, b)| all.or(&PortSet::range(a, b)));
    let icmp = unanswered(family).icmp.or(&answered);
    Traffic { tcp: ports(&passes.tcp), udp: ports(&passes.udp), icmp, others: passes.others }
}

/// The types of echo request and reply.
fn echo(family: Family) -> (u16, u16) {
    match family {
        Family::V4 => (8, 0),
        Family::V6 => (128, 129),
    }
}

/// What needs no answer: ICMP but echo requests.
pub fn unanswered(family: Family) -> Traffic {
    let (request, _) = echo(family);
    let icmp = PortSet::range(request << 8, request << 8 | 0xff).complement();
    Traffic { icmp, ..Traffic::none() }
}

/// The ACL of a subnet; if it is not certain which, any of its VPC.
pub fn subnet_map(
    net: &Network,
    pool: &mut Pool,
    family: Family,
    subnet: SubnetId,
    way: Way,
    packets: Packets,
) -> Map {
    let subnet = &net.subnets[subnet.index()];
    let mut map = acl_map(net, pool, family, subnet.acl, way, packets);
    if subnet.acl_presence != Presence::Sure {
        for (n, acl) in net.acls.iter().enumerate() {
            let id = AclId(n as u32);
            if acl.vpc == subnet.vpc && id != subnet.acl {
                let other = acl_map(net, pool, family, id, way, packets);
                map = map.zip(&other, |a, b| pool.op(Op::Either, a, b));
            }
        }
    }
    map
}
