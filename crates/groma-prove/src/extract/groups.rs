//! Security groups and their rules.

use super::build::*;
use super::protocols::{ports_of, protocol_of};
use super::read::{Known, View};
use super::vpc::everything;
use crate::model::*;

/// The part of a rule beside its peer.
#[derive(Clone, Copy)]
struct What {
    protocol: Protocol,
    ports: Option<Ports>,
    icmp: Option<(i16, i16)>,
    presence: Presence,
}

impl<'w> Build<'w> {
    pub(crate) fn add_group(&mut self, item: ItemId, vpc: VpcId) -> GroupId {
        self.net.groups.push(Group { item, vpc, ingress: Vec::new(), egress: Vec::new() });
        GroupId(self.net.groups.len() as u32 - 1)
    }
    fn any_rule(&self, group: GroupId, peer: Peer, presence: Presence) -> Rule {
        let item = self.net.groups[group.index()].item;
        Rule { protocol: Protocol::Any, ports: None, icmp: None, peer, presence, item }
    }
    /// "Default security groups for your VPCs": in from its own members, out to everywhere.
    pub(crate) fn default_group_rules(&mut self, group: GroupId) {
        let own = self.any_rule(group, Peer::Group(group), Presence::Sure);
        self.net.groups[group.index()].ingress.push(own);
        for range in everything() {
            let out = self.any_rule(group, Peer::Range(range), Presence::Sure);
            self.net.groups[group.index()].egress.push(out);
        }
    }
    /// A group of which nothing is known.
    pub(crate) fn open_group(&mut self, group: GroupId, doubt: DoubtId) {
        let rule = self.any_rule(group, Peer::Anything(doubt), Presence::Maybe(doubt));
        self.net.groups[group.index()].ingress.push(rule.clone());
        self.net.groups[group.index()].egress.push(rule);
    }

    /// Groups without their rules.
    pub(crate) fn read_groups(&mut self) {
        for o in self.of("aws_default_security_group") {
            let item = self.item(o);
            let known = match self.get(o, "id").id() {
                Known::Is(id) => self.groups.get(id).copied(),
                _ => None,
            };
            let group = match known {
                Some(g) => g,
                None => {
                    let vpc = self.vpc_at(o, "vpc_id");
                    self.vpc_info[vpc.index()].group
                }
            };
            // "aws_default_security_group": all rules are removed, then those here are made.
            let g = &mut self.net.groups[group.index()];
            g.item = item;
            g.ingress.clear();
            g.egress.clear();
            self.name_group(o, group);
        }
        for o in self.of("aws_security_group") {
            let item = self.item(o);
            let vpc = self.vpc_at(o, "vpc_id");
            let group = self.add_group(item, vpc);
            self.name_group(o, group);
        }
        for o in self.data("aws_security_group") {
            if matches!(self.get(o, "id").id(), Known::Is(id) if self.groups.contains_key(id)) {
                continue;
            }
            let item = self.item(o);
            let vpc = self.vpc_at(o, "vpc_id");
            // A VPC's default group is described along with it.
            if self.get(o, "name").id() == Known::Is("default") && self.net.vpcs[vpc.index()].described {
                let group = self.vpc_info[vpc.index()].group;
                self.name_group(o, group);
                continue;
            }
            let group = self.add_group(item, vpc);
            let doubt = self.doubt(item, "", "it is not managed here: its rules are not known");
            self.open_group(group, doubt);
            self.name_group(o, group);
        }
    }
    fn name_group(&mut self, o: Obj, group: GroupId) {
        for name in ["id", "arn"] {
            if let Known::Is(id) = self.get(o, name).id() {
                self.groups.insert(id, group);
            }
        }
    }
    /// The group with an id, also as `account/sg-..` or an ARN.
    pub(crate) fn group(&mut self, o: Obj, id: &'w str) -> GroupId {
        let short = id.rsplit('/').next().unwrap_or(id);
        if let Some(g) = self.groups.get(id).or_else(|| self.groups.get(short)) {
            return *g;
        }
        let place = self.world.objects[o].place.clone();
        let vpc = self.named(format!("the VPC of {short}"), place.clone());
        let vpc = self.add_vpc(vpc, Default::default(), false);
        let item = self.named(format!("the security group {short}"), place);
        let group = self.add_group(item, vpc);
        let doubt = self.doubt(item, "", "it is not in this configuration");
        self.open_group(group, doubt);
        self.groups.insert(short, group);
        group
    }
    /// The groups that interfaces of an object have. Where it names none: the default group of
    /// the VPC, or none at all.
    pub(crate) fn groups_at(&mut self, o: Obj, path: &str, default: Option<VpcId>) -> Groups {
        let many = self.get(o, path).many();
        self.groups_of(o, path, &[many], default)
    }
    pub(crate) fn groups_of(
        &mut self,
        o: Obj,
        path: &str,
        many: &[super::read::Many<'w>],
        default: Option<VpcId>,
    ) -> Groups {
        let mut out = Groups { known: Vec::new(), unknown: None };
        for m in many {
            let mut unknown = m.unknown;
            for v in &m.items {
                match v.id() {
                    Known::Is(id) => {
                        let group = self.group(o, id);
                        if !out.known.iter().any(|(g, _)| *g == group) {
                            out.known.push((group, Presence::Sure));
                        }
                    }
                    Known::Absent => {}
                    Known::Unknown => unknown = true,
                }
            }
            if unknown {
                let item = self.item(o);
                out.unknown = Some(self.doubt(item, path, "which security groups it has is not known"));
            }
        }
        if out.known.is_empty()
            && out.unknown.is_none()
            && let Some(vpc) = default
        {
            out.known.push((self.vpc_info[vpc.index()].group, Presence::Sure));
        }
        out
    }

    pub(crate) fn read_rules(&mut self) {
        for o in self.of_any(&["aws_security_group", "aws_default_security_group"]) {
            let item = self.item(o);
            let group = match self.get(o, "id").id() {
                Known::Is(id) if self.groups.contains_key(id) => self.groups[id],
                _ => match self.net.groups.iter().position(|g| g.item == item) {
                    Some(g) => GroupId(g as u32),
                    None => continue,
                },
            };
            // "aws_security_group": the rule that allows everything out, which AWS adds to new
            // groups, is removed by the provider.
            for (name, out) in [("ingress", false), ("egress", true)] {
                let rules = self.get(o, name).many();
                if rules.unknown {
                    let doubt = self.doubt(item, name, "its rules are known after apply only");
                    let rule = self.any_rule(group, Peer::Anything(doubt), Presence::Maybe(doubt));
                    self.push_rule(group, out, rule);
                }
                for (i, r) in rules.items.iter().enumerate() {
                    self.read_rule(o, &[(group, None)], *r, &format!("{name}[{i}]"), &[out]);
                }
            }
        }
        for o in self.of("aws_security_group_rule") {
            let out: &[bool] = match self.get(o, "type").text() {
                Known::Is("ingress") => &[false],
                Known::Is("egress") => &[true],
                _ => &[false, true],
            };
            let groups = self.groups_of_rule(o);
            self.read_rule(o, &groups, self.view(o), "", out);
        }
        for (ty, out) in
            [("aws_vpc_security_group_ingress_rule", false), ("aws_vpc_security_group_egress_rule", true)]
        {
            for o in self.of(ty) {
                let groups = self.groups_of_rule(o);
                self.read_rule(o, &groups, self.view(o), "", &[out]);
            }
        }
    }
    fn groups_of_rule(&mut self, o: Obj) -> Vec<(GroupId, Option<Presence>)> {
        match self.get(o, "security_group_id").id() {
            Known::Is(id) => vec![(self.group(o, id), None)],
            _ => {
                let item = self.item(o);
                let doubt = self.maybe(item, "security_group_id", "to which group it belongs is not known");
                (0..self.net.groups.len() as u32).map(|g| (GroupId(g), Some(doubt))).collect()
            }
        }
    }
    fn push_rule(&mut self, group: GroupId, out: bool, rule: Rule) {
        let g = &mut self.net.groups[group.index()];
        if out { g.egress.push(rule) } else { g.ingress.push(rule) }
    }

    fn read_rule(
        &mut self,
        o: Obj,
        groups: &[(GroupId, Option<Presence>)],
        r: View<'w>,
        at: &str,
        outs: &[bool],
    ) {
        let item = self.item(o);
        let at = |name: &str| if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") };
        let mut what = self.rule_what(item, r, &at);
        if outs.len() > 1 {
            what.presence = self.maybe(item, &at("type"), NOT_KNOWN);
        }
        let mut peers: Vec<(Peer, Presence)> = Vec::new();
        for name in ["cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6"] {
            let many = r.get(name).many();
            let mut unknown = many.unknown;
            for v in &many.items {
                match v.net() {
                    Known::Is(net) => peers.push((Peer::Range(net), Presence::Sure)),
                    Known::Absent => {}
                    Known::Unknown => unknown = true,
                }
            }
            if unknown {
                let doubt = self.doubt(item, &at(name), "its range is not known");
                peers.push((Peer::Anything(doubt), Presence::Maybe(doubt)));
            }
        }
        let own = r.get("self").flag();
        let own_maybe = own.is_unknown().then(|| self.maybe(item, &at("self"), NOT_KNOWN));
        for name in ["prefix_list_ids", "prefix_list_id"] {
            let many = r.get(name).many();
            for v in &many.items {
                if !v.is_absent() {
                    let list = self.list(o, v.id(), &at(name));
                    peers.push((Peer::List(list), Presence::Sure));
                }
            }
            if many.unknown {
                let list = self.list(o, Known::Unknown, &at(name));
                peers.push((Peer::List(list), Presence::Sure));
            }
        }
        let others = !peers.is_empty() || own == Known::Is(true);
        for name in ["security_groups", "source_security_group_id", "referenced_security_group_id"] {
            let many = r.get(name).many();
            let mut unknown = many.unknown;
            for v in &many.items {
                match v.id() {
                    // Left to the provider, where the peer is something else.
                    Known::Is(id)
                        if v.is_stand_in()
                            && others
                            && name == "source_security_group_id"
                            && !self.groups.contains_key(id) => {}
                    // A group that AWS makes, for something that is not known: whoever has it.
                    Known::Is(id) if v.may_be_stand_in() && self.made_by_aws(id) => unknown = true,
                    Known::Is(id) => {
                        let group = self.group(o, id);
                        peers.push((Peer::Group(group), Presence::Sure));
                    }
                    Known::Absent => {}
                    Known::Unknown => unknown = true,
                }
            }
            if unknown && !(others && name == "source_security_group_id") {
                let doubt = self.doubt(item, &at(name), "which group it names is not known");
                peers.push((Peer::Anything(doubt), Presence::Maybe(doubt)));
            }
        }
        for (group, doubt) in groups {
            let of_group = doubt.unwrap_or(Presence::Sure);
            let mut all = peers.clone();
            if own == Known::Is(true) {
                all.push((Peer::Group(*group), Presence::Sure));
            } else if let Some(m) = own_maybe {
                all.push((Peer::Group(*group), m));
            }
            for (peer, presence) in all {
                let presence = both(both(what.presence, presence), of_group);
                let rule = Rule {
                    protocol: what.protocol,
                    ports: what.ports,
                    icmp: what.icmp,
                    peer,
                    presence,
                    item,
                };
                for out in outs {
                    self.push_rule(*group, *out, rule.clone());
                }
            }
        }
    }
    /// Whether nothing here is, or has, the group with this id.
    fn made_by_aws(&self, id: &str) -> bool {
        let short = id.rsplit('/').next().unwrap_or(id);
        !self.groups.contains_key(id) && !self.groups.contains_key(short)
    }
    /// "IpPermission" (EC2 API): for protocols other than TCP, UDP and ICMP all ports are allowed,
    /// whatever is written.
    fn rule_what(&mut self, item: ItemId, r: View<'w>, at: &dyn Fn(&str) -> String) -> What {
        let name = if r.get("ip_protocol").is_absent() && !r.get("ip_protocol").is_unknown() {
            "protocol"
        } else {
            "ip_protocol"
        };
        let mut what = What { protocol: Protocol::Any, ports: None, icmp: None, presence: Presence::Sure };
        match protocol_of(r.get(name).text()) {
            Some(p) => what.protocol = p,
            None => what.presence = self.maybe(item, &at(name), "its protocol is not known"),
        }
        let (from, to) = (r.get("from_port").num(), r.get("to_port").num());
        match what.protocol {
            Protocol::Number(6 | 17) => match ports_of(from, to) {
                Some(ports) => what.ports = ports,
                None => what.presence = self.maybe(item, &at("from_port"), "its ports are not known"),
            },
            Protocol::Number(1 | 58) => match (from, to) {
                (Known::Is(t), Known::Is(c)) => what.icmp = Some((t as i16, c as i16)),
                (Known::Is(t), Known::Absent) => what.icmp = Some((t as i16, -1)),
                (Known::Absent, Known::Absent) => {}
                _ => what.presence = self.maybe(item, &at("from_port"), "its ICMP type is not known"),
            },
            _ => {}
        }
        what
    }
}

/// The groups of an interface.
#[derive(Clone, Debug)]
pub(crate) struct Groups {
    /// Those that are known.
    pub(crate) known: Vec<(GroupId, Presence)>,
    /// Whether there may be others.
    pub(crate) unknown: Option<DoubtId>,
}
