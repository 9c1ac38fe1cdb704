//! Network ACLs.

use super::build::*;
use super::protocols::{ports_of, protocol_of};
use super::read::{Known, View};
use super::subnets::push_new;
use super::vpc::everything;
use crate::model::*;

impl<'w> Build<'w> {
    pub(crate) fn add_acl(&mut self, item: ItemId, vpc: VpcId) -> AclId {
        self.net.acls.push(Acl { item, vpc, ingress: Vec::new(), egress: Vec::new() });
        AclId(self.net.acls.len() as u32 - 1)
    }
    fn push_all(
        &mut self,
        acl: AclId,
        number: u32,
        allow: bool,
        presence: Presence,
        item: ItemId,
        families: &[usize],
    ) {
        for f in families {
            let entry = AclEntry {
                number: number + *f as u32,
                allow,
                protocol: Protocol::Any,
                ports: None,
                icmp: None,
                range: Some(everything()[*f]),
                presence,
                item,
            };
            self.net.acls[acl.index()].ingress.push(entry.clone());
            self.net.acls[acl.index()].egress.push(entry);
        }
    }
    /// "Default network ACLs": the one that comes with a VPC allows everything, IPv4 by rule 100
    /// and IPv6 by rule 101.
    pub(crate) fn default_acl_entries(&mut self, acl: AclId) {
        let item = self.net.acls[acl.index()].item;
        self.push_all(acl, 100, true, Presence::Sure, item, &[0, 1]);
    }
    /// An ACL of which nothing is known.
    pub(crate) fn open_acl(&mut self, acl: AclId, doubt: DoubtId) {
        let item = self.net.acls[acl.index()].item;
        self.push_all(acl, 0, true, Presence::Maybe(doubt), item, &[0, 1]);
    }

    pub(crate) fn read_acls(&mut self) {
        for o in self.of("aws_default_network_acl") {
            let item = self.item(o);
            // "aws_default_network_acl": all entries are removed, then those here are made.
            let acl = match self.get(o, "default_network_acl_id").id() {
                Known::Is(id) if self.acls.contains_key(id) => {
                    let acl = self.acls[id];
                    let a = &mut self.net.acls[acl.index()];
                    a.item = item;
                    a.ingress.clear();
                    a.egress.clear();
                    acl
                }
                id => {
                    let vpc = self.vpc_at(o, "vpc_id");
                    let acl = self.add_acl(item, vpc);
                    if !self.net.vpcs[vpc.index()].described {
                        self.vpc_info[vpc.index()].acl = acl;
                    }
                    if let Known::Is(id) = id {
                        self.acls.insert(id, acl);
                    } else {
                        self.unsupported(item, "it is not known which network ACL it is", Vec::new());
                    }
                    acl
                }
            };
            if let Known::Is(id) = self.get(o, "id").id() {
                self.acls.entry(id).or_insert(acl);
            }
            self.inline_entries(o, acl);
        }
        for o in self.of("aws_network_acl") {
            let item = self.item(o);
            let vpc = self.vpc_at(o, "vpc_id");
            let acl = self.add_acl(item, vpc);
            if let Known::Is(id) = self.get(o, "id").id() {
                self.acls.insert(id, acl);
            }
            self.inline_entries(o, acl);
        }
        for o in self.of("aws_network_acl_rule") {
            let outward = match self.get(o, "egress").flag() {
                Known::Is(true) => vec![true],
                Known::Is(false) | Known::Absent => vec![false],
                Known::Unknown => vec![false, true],
            };
            let doubtful = (outward.len() > 1).then(|| {
                let item = self.item(o);
                self.maybe(item, "egress", NOT_KNOWN)
            });
            for acl in self.acls_at(o) {
                for out in &outward {
                    let all = doubtful.or(acl.1);
                    self.read_entry(o, acl.0, self.view(o), "", *out, all);
                }
            }
        }
        for a in &mut self.net.acls {
            a.ingress.sort_by_key(|e| e.number);
            a.egress.sort_by_key(|e| e.number);
        }
    }
    /// The ACLs that a rule may belong to.
    fn acls_at(&mut self, o: Obj) -> Vec<(AclId, Option<Presence>)> {
        let id = self.get(o, "network_acl_id").id();
        if let Known::Is(id) = id {
            return match self.acls.get(id) {
                Some(acl) => vec![(*acl, None)],
                // One of others, of which nothing is known: a rule more does not close it.
                None => Vec::new(),
            };
        }
        let item = self.item(o);
        let doubt = self.maybe(item, "network_acl_id", NOT_KNOWN);
        (0..self.net.acls.len() as u32).map(|a| (AclId(a), Some(doubt))).collect()
    }

    fn inline_entries(&mut self, o: Obj, acl: AclId) {
        for (name, out) in [("ingress", false), ("egress", true)] {
            let entries = self.get(o, name).many();
            if entries.unknown {
                let item = self.item(o);
                let maybe = self.maybe(item, name, NOT_KNOWN);
                let mut other = Acl { item, vpc: VpcId(0), ingress: Vec::new(), egress: Vec::new() };
                std::mem::swap(&mut other, &mut self.net.acls[acl.index()]);
                self.push_all(acl, 0, true, maybe, item, &[0, 1]);
                self.push_all(acl, 0, false, maybe, item, &[0, 1]);
                let made = std::mem::replace(&mut self.net.acls[acl.index()], other);
                let to = &mut self.net.acls[acl.index()];
                if out { to.egress.extend(made.egress) } else { to.ingress.extend(made.ingress) }
            }
            for (i, e) in entries.items.iter().enumerate() {
                self.read_entry(o, acl, *e, &format!("{name}[{i}]"), out, None);
            }
        }
    }

    fn read_entry(&mut self, o: Obj, acl: AclId, e: View<'w>, at: &str, out: bool, doubt: Option<Presence>) {
        let item = self.item(o);
        let at = |name: &str| if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") };
        let mut presence = doubt.unwrap_or(Presence::Sure);
        let mut maybe = |b: &mut Build<'w>, name: &str, why: &str| {
            let p = b.maybe(item, &at(name), why);
            presence = both(presence, p);
        };
        let number = match e.get("rule_no").num().or(|| e.get("rule_number").num()) {
            Known::Is(n) if (0..=32766).contains(&n) => n as u32,
            _ => {
                maybe(self, "rule_number", "its number is not known");
                0
            }
        };
        let actions = match e.get("action").text().or(|| e.get("rule_action").text()) {
            Known::Is(a) if a.eq_ignore_ascii_case("allow") => vec![true],
            Known::Is(a) if a.eq_ignore_ascii_case("deny") => vec![false],
            _ => {
                maybe(self, "rule_action", "whether it allows is not known");
                vec![true, false]
            }
        };
        let protocol = protocol_of(e.get("protocol").text());
        if protocol.is_none() {
            maybe(self, "protocol", "its protocol is not known");
        }
        let protocol = protocol.unwrap_or(Protocol::Any);
        let (mut ports, mut icmp) = (None, None);
        match protocol {
            Protocol::Number(6 | 17) => match ports_of(e.get("from_port").num(), e.get("to_port").num()) {
                Some(p) => ports = p,
                None => maybe(self, "from_port", "its ports are not known"),
            },
            Protocol::Number(1 | 58) => match (e.get("icmp_type").num(), e.get("icmp_code").num()) {
                (Known::Is(t), Known::Is(c)) => icmp = Some((t as i16, c as i16)),
                _ => maybe(self, "icmp_type", "its ICMP type and code are not known"),
            },
            _ => {}
        }
        let mut ranges = Vec::new();
        for name in ["cidr_block", "ipv6_cidr_block"] {
            match e.get(name).net() {
                Known::Is(net) => ranges.push(Some(net)),
                Known::Absent => {}
                Known::Unknown => {
                    maybe(self, name, "its range is not known");
                    ranges.push(None);
                }
            }
        }
        if ranges.is_empty() {
            maybe(self, "cidr_block", "no range is named");
            ranges.push(None);
        }
        for range in ranges {
            for allow in &actions {
                let entry = AclEntry { number, allow: *allow, protocol, ports, icmp, range, presence, item };
                let acl = &mut self.net.acls[acl.index()];
                if out { acl.egress.push(entry) } else { acl.ingress.push(entry) }
            }
        }
    }

    /// "Network ACL basics": a subnet has one ACL, the default one of its VPC unless another is
    /// associated.
    pub(crate) fn read_acl_associations(&mut self) {
        let mut pairs: Vec<(Obj, Known<&'w str>, AclId)> = Vec::new();
        for o in self.of_any(&["aws_network_acl", "aws_default_network_acl"]) {
            let name = if self.ty(o) == "aws_network_acl" { "id" } else { "default_network_acl_id" };
            let item = self.item(o);
            let acl = match self.get(o, name).id() {
                Known::Is(id) if self.acls.contains_key(id) => self.acls[id],
                _ => match self.net.acls.iter().position(|a| a.item == item) {
                    Some(a) => AclId(a as u32),
                    None => continue,
                },
            };
            let subnets = self.get(o, "subnet_ids").many();
            pairs.extend(subnets.items.iter().map(|s| (o, s.id(), acl)));
            if subnets.unknown {
                pairs.push((o, Known::Unknown, acl));
            }
        }
        for o in self.of("aws_network_acl_association") {
            let subnet = self.get(o, "subnet_id").id();
            let acl = match self.get(o, "network_acl_id").id() {
                Known::Is(id) if self.acls.contains_key(id) => self.acls[id],
                _ => {
                    let item = self.item(o);
                    let s = self.subnet(o, subnet, None);
                    let vpc = self.net.subnets[s.index()].vpc;
                    let name = self.part("the network ACL", item);
                    let acl = self.add_acl(name, vpc);
                    let doubt = self.doubt(item, "network_acl_id", "it is not in this configuration");
                    self.open_acl(acl, doubt);
                    acl
                }
            };
            pairs.push((o, subnet, acl));
        }
        let mut seen: Vec<Vec<AclId>> = Vec::new();
        for (o, subnet, acl) in pairs {
            let item = self.item(o);
            if let Known::Is(_) = subnet {
                let s = self.subnet(o, subnet, None);
                seen.resize(self.net.subnets.len(), Vec::new());
                push_new(&mut seen[s.index()], acl);
                self.net.subnets[s.index()].acl = acl;
                self.net.subnets[s.index()].acl_presence = match seen[s.index()].len() {
                    1 => Presence::Sure,
                    _ => self.maybe(item, "subnet_ids", "the subnet is associated twice"),
                };
            } else {
                let doubt = self.maybe(item, "subnet_ids", NOT_KNOWN);
                let vpc = self.net.acls[acl.index()].vpc;
                for s in self.vpc_info[vpc.index()].subnets.clone() {
                    self.net.subnets[s.index()].acl_presence = doubt;
                }
            }
        }
    }
}
