//! The ends of connections: from what people write to nodes of the network.

use super::world::Staged;
use groma_lang::diag;
use groma_prove::model::{GroupId, ItemId, Network, NodeId, NodeKind, Presence, SubnetId};
use ipnet::IpNet;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What is known of each node for finding it.
struct Fact {
    /// The root module.
    root: Arc<str>,
    /// The address in it.
    addr: Arc<str>,
    tags: BTreeMap<String, String>,
}

/// Finds nodes by what people write.
pub struct Ends<'n> {
    network: &'n Network,
    facts: Vec<Fact>,
    /// The nodes that have, or may have, an interface with a group, and whether they surely do.
    by_group: BTreeMap<GroupId, BTreeMap<NodeId, bool>>,
    /// The nodes that have an interface in a subnet.
    by_subnet: BTreeMap<SubnetId, BTreeSet<NodeId>>,
    /// The words that environments, components and networks have.
    words: BTreeSet<String>,
    /// Whether a manifest has checked what is named: then it may have no interface.
    checked: bool,
    /// What a manifest declares: environment (or `network.NAME`), and component.
    declared: Vec<(String, String)>,
}

/// The nodes that an end means.
#[derive(Clone, Debug, Default)]
pub struct End {
    /// As it is written.
    pub text: String,
    /// The nodes, in order.
    pub nodes: Vec<NodeId>,
    /// Whether some of its nodes are, or may be, in it only in part or not at all: a range that
    /// a node's addresses leave, a group that is only one of those a node may have.
    pub part: bool,
}

/// Root module and address of an item: `levels-prod: aws_subnet.a` without what stands
/// before (`the network interface of ...`).
pub fn split(name: &str) -> (&str, &str) {
    let (before, addr) = match name.rsplit_once(": ") {
        Some((b, a)) => (b, a),
        None => ("", name),
    };
    let root = before.rsplit(' ').next().unwrap_or("");
    let addr = if before.is_empty() { addr.rsplit(" of ").next().unwrap_or(addr) } else { addr };
    (root, addr)
}

impl<'n> Ends<'n> {
    /// For a network of a world.
    pub fn new(network: &'n Network, staged: &Staged) -> Ends<'n> {
        let mut tags: BTreeMap<(Arc<str>, String), BTreeMap<String, String>> = BTreeMap::new();
        for o in &staged.world.objects {
            let all = o.values.get_attr("tags_all").or_else(|| o.values.get_attr("tags"));
            let map = all.as_ref().and_then(|t| t.as_fields()).map(|f| {
                f.iter().filter_map(|(k, v)| Some((k.to_string(), v.as_str()?.to_owned()))).collect()
            });
            tags.insert((o.root.clone(), o.addr.to_string()), map.unwrap_or_default());
        }
        let mut facts = Vec::new();
        for n in &network.nodes {
            let (root, addr) = split(&network.items[n.item.index()].name);
            let (root, addr): (Arc<str>, Arc<str>) = (root.into(), addr.into());
            let tags = tags.get(&(root.clone(), addr.to_string())).cloned().unwrap_or_default();
            facts.push(Fact { root, addr, tags });
        }
        let mut by_group: BTreeMap<GroupId, BTreeMap<NodeId, bool>> = BTreeMap::new();
        let mut by_subnet: BTreeMap<SubnetId, BTreeSet<NodeId>> = BTreeMap::new();
        for i in &network.interfaces {
            for (g, presence) in i.groups.iter().flatten() {
                *by_group.entry(*g).or_default().entry(i.node).or_default() |= *presence == Presence::Sure;
            }
            // With groups that nobody knows it may be in any of its VPC.
            if i.unknown_groups.is_some() {
                let vpc = network.subnets[i.subnet.index()].vpc;
                for (g, _) in network.groups.iter().enumerate().filter(|(_, g)| g.vpc == vpc) {
                    by_group.entry(GroupId(g as u32)).or_default().entry(i.node).or_default();
                }
            }
            by_subnet.entry(i.subnet).or_default().insert(i.node);
        }
        let mut words = BTreeSet::new();
        for n in &network.nodes {
            words.extend(n.labels.iter().map(|l| l.to_string()));
        }
        let mut declared = Vec::new();
        for root in &staged.roots {
            words.insert(root.label.clone());
            words.extend(root.components.values().cloned());
            let components = root.components.values().chain([const { &String::new() }]);
            declared.extend(components.map(|c| (root.label.clone(), c.clone())));
        }
        let checked = !staged.roots.is_empty();
        Ends { network, facts, by_group, by_subnet, words, checked, declared }
    }

    fn item(&self, i: ItemId) -> &str {
        &self.network.items[i.index()].name
    }

    fn all(&self) -> impl Iterator<Item = NodeId> + '_ {
        (0..self.network.nodes.len() as u32).map(NodeId)
    }

    /// Whether something is an end for people: not the node of a gateway.
    fn ordinary(&self, n: NodeId) -> bool {
        match &self.network.nodes[n.index()].kind {
            NodeKind::Resource(ty) => !matches!(
                &**ty,
                "aws_nat_gateway" | "aws_ec2_transit_gateway_vpc_attachment" | "aws_networkfirewall_firewall"
            ),
            _ => false,
        }
    }

    /// The labels of a node: environment (or `network.NAME`), and component.
    fn labels(&self, n: NodeId) -> (&str, &str) {
        let l = &self.network.nodes[n.index()].labels;
        (l.first().map_or("", |s| s), l.get(1).map_or("", |s| s))
    }

    /// The nodes that a text means. On failure, what is wrong and what there is.
    pub fn find(&self, text: &str) -> Result<End, String> {
        let kind = |k: &dyn Fn(&NodeKind) -> bool| -> Vec<NodeId> {
            self.all().filter(|n| k(&self.network.nodes[n.index()].kind)).collect()
        };
        let end = |nodes: Vec<NodeId>| End { text: text.to_owned(), nodes, part: false };
        match text {
            "internet" => return Ok(end(kind(&|k| *k == NodeKind::Internet))),
            // Clients of a Client VPN are outside too; they have addresses of its endpoint.
            "vpn" => {
                let client = |k: &NodeKind| matches!(k, NodeKind::Resource(ty) if &**ty == "aws_ec2_client_vpn_endpoint");
                return Ok(end(kind(&|k| *k == NodeKind::Outside || client(k))));
            }
            "*" => return Ok(end(self.all().filter(|n| self.ordinary(*n)).collect())),
            _ => {}
        }
        if let Some(range) = range(text) {
            let (nodes, part) = self.in_range(&range);
            return Ok(End { text: text.to_owned(), nodes, part });
        }
        if let Some(tag) = text.strip_prefix("tag:") {
            let (k, v) = tag.split_once('=').unwrap_or((tag, "*"));
            let has = |n: &NodeId| self.facts[n.index()].tags.get(k).is_some_and(|x| glob(v, x));
            let nodes: Vec<NodeId> = self.all().filter(has).collect();
            return if nodes.is_empty() {
                Err(format!("Nothing that has a network interface has the tag {k} with the value {v}."))
            } else {
                Ok(end(nodes))
            };
        }
        let labelled = self.by_label(text);
        if !labelled.is_empty() {
            return Ok(end(labelled));
        }
        let (nodes, part) = self.by_address(text);
        if !nodes.is_empty() {
            return Ok(End { text: text.to_owned(), nodes, part });
        }
        if self.checked
            && !text.contains(['[', '"'])
            && !text.starts_with("aws_")
            && !text.starts_with("module.")
        {
            return Ok(end(Vec::new()));
        }
        Err(self.nothing(text))
    }

    /// As [`Ends::find`], where nothing has checked the text: what is written wrongly is not
    /// found, in a manifest either.
    pub fn existing(&self, text: &str) -> Result<End, String> {
        let end = self.find(text)?;
        let general = matches!(text, "internet" | "vpn" | "*") || range(text).is_some();
        if !end.nodes.is_empty() || general || self.declares(text) {
            return Ok(end);
        }
        Err(self.nothing(text))
    }

    /// Whether a manifest declares what is named so, with a network interface or without.
    pub fn declares(&self, text: &str) -> bool {
        self.declared.iter().any(|(env, component)| is_called(text, env, component))
    }

    fn by_label(&self, text: &str) -> Vec<NodeId> {
        self.all()
            .filter(|n| {
                let (env, component) = self.labels(*n);
                is_called(text, env, component)
            })
            .collect()
    }

    /// Whether a text names security groups, subnets or VPCs.
    fn holds_others(&self, text: &str) -> bool {
        let net = self.network;
        let items = net.groups.iter().map(|g| g.item).chain(net.subnets.iter().map(|s| s.item));
        let mut items = items.chain(net.vpcs.iter().map(|v| v.item));
        items.any(|i| covers(text, split(self.item(i)).1))
    }

    /// With whether some may not be meant.
    fn by_address(&self, text: &str) -> (Vec<NodeId>, bool) {
        let mut out: BTreeSet<NodeId> = BTreeSet::new();
        for n in self.all() {
            let f = &self.facts[n.index()];
            if matches!(self.network.nodes[n.index()].kind, NodeKind::Service(_)) {
                if let NodeKind::Service(s) = &self.network.nodes[n.index()].kind
                    && text.strip_prefix("aws:").is_some_and(|t| glob(t, s))
                {
                    out.insert(n);
                }
                continue;
            }
            if covers(text, &f.addr) || covers(text, &format!("{}: {}", f.root, f.addr)) {
                out.insert(n);
            }
        }
        // A network interface of its own is a part of what it is attached to.
        let mut part = false;
        for i in &self.network.interfaces {
            if !out.contains(&i.node)
                && i.item != self.network.nodes[i.node.index()].item
                && covers(text, split(self.item(i.item)).1)
                && self.ordinary(i.node)
            {
                out.insert(i.node);
                part |= self.network.interfaces.iter().any(|x| x.node == i.node && x.item != i.item);
            }
        }
        // A group, subnet or VPC means what is in it.
        let mut members: BTreeMap<NodeId, bool> = BTreeMap::new();
        for (g, nodes) in &self.by_group {
            if covers(text, split(self.item(self.network.groups[g.index()].item)).1) {
                for (n, sure) in nodes {
                    *members.entry(*n).or_default() |= sure;
                }
            }
        }
        for (s, nodes) in &self.by_subnet {
            let subnet = &self.network.subnets[s.index()];
            let vpc = self.network.vpcs[subnet.vpc.index()].item;
            if covers(text, split(self.item(subnet.item)).1) || covers(text, split(self.item(vpc)).1) {
                out.extend(nodes.iter().filter(|n| self.ordinary(**n)));
            }
        }
        part |= members.iter().any(|(n, sure)| !sure && !out.contains(n));
        out.extend(members.into_keys());
        (out.into_iter().collect(), part)
    }

    /// With whether some are, or may be, outside of it.
    fn in_range(&self, range: &IpNet) -> (Vec<NodeId>, bool) {
        let net = self.network;
        let mut part = false;
        let overlaps = |r: &IpNet| r.contains(range) || range.contains(r);
        let mut out: BTreeSet<NodeId> = BTreeSet::new();
        for i in &net.interfaces {
            let ranges =
                if i.addresses.is_empty() { &net.subnets[i.subnet.index()].ranges } else { &i.addresses };
            if (ranges.is_empty() || ranges.iter().any(overlaps)) && self.ordinary(i.node) {
                out.insert(i.node);
                part |= ranges.is_empty() || ranges.iter().any(|r| !range.contains(r));
            }
        }
        for n in self.all() {
            let everything = match net.nodes[n.index()].kind {
                NodeKind::Outside => true,
                NodeKind::Internet => !private(range),
                _ => false,
            };
            if everything {
                out.insert(n);
                part = true;
            }
        }
        (out.into_iter().collect(), part)
    }

    /// Why nothing is found, with what there is.
    fn nothing(&self, text: &str) -> String {
        if self.holds_others(text) {
            return format!("{text} is there, but nothing is in it: no network interface.");
        }
        if let Some((end, port)) = text.rsplit_once(':')
            && (port.starts_with(|c: char| c.is_ascii_digit()) || port == "icmp")
            && self.existing(end).is_ok()
        {
            return format!("An end has no port. The port is said apart: -port={port}, and {end}.");
        }
        let mut names: BTreeSet<String> = self.words.clone();
        for (n, f) in self.all().zip(&self.facts) {
            if self.ordinary(n) {
                names.insert(f.addr.to_string());
                names.insert(f.addr.split('[').next().unwrap_or(&f.addr).to_owned());
            }
        }
        names.extend(["internet", "vpn"].map(str::to_owned));
        if let Some(near) = diag::suggest(text, names.iter().map(String::as_str)) {
            return format!("{text:?} is nothing that has a network interface here. Did you mean {near}?");
        }
        let some: Vec<&str> = names.iter().filter(|n| n.contains('.')).take(8).map(String::as_str).collect();
        let list = if some.is_empty() {
            String::new()
        } else {
            format!(" Here are, for instance: {}.", some.join(", "))
        };
        format!(
            "{text:?} is nothing that has a network interface here. An end is internet, vpn, *, a range (10.0.0.0/8), \
             a resource or module address (aws_instance.web, module.api, aws_instance.*), what is in a security \
             group, subnet or VPC (aws_security_group.db), or tag:NAME=VALUE.{list}"
        )
    }

    /// The kind of environment in `KIND.other`, which is an end in manifests only: elsewhere it
    /// is the address of something that is called so.
    pub fn others_of<'t>(&self, text: &'t str) -> Option<&'t str> {
        let kind = text.strip_suffix(".other")?;
        let address = kind.contains('.') || kind.starts_with("aws_") || kind == "module";
        (self.checked && !address).then_some(kind)
    }

    /// The environment of a node.
    pub fn environment(&self, n: NodeId) -> &str {
        self.labels(n).0
    }

    /// Nodes as people see them: `prod: service.web`, or the address.
    pub fn name(&self, n: NodeId) -> String {
        self.item(self.network.nodes[n.index()].item).to_owned()
    }
}

/// Whether a text means a component of an environment: `prod`, `database.*`,
/// `prod.service.web`, `network.shared`.
fn is_called(text: &str, env: &str, component: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    let of_kind =
        |k: &str, name: &str| component.split_once('.').is_some_and(|(a, b)| a == k && glob(name, b));
    !env.is_empty()
        && match parts[..] {
            [e] => named(e, env),
            ["network", name] => env.strip_prefix("network.").is_some_and(|e| glob(name, e)),
            [k, name] => of_kind(k, name),
            [e, k, name] => named(e, env) && of_kind(k, name),
            _ => false,
        }
}

/// An environment by name: `staging`, or all of one kind (`branch` for `branch-x`).
fn named(text: &str, env: &str) -> bool {
    env == text || env.strip_prefix(text).is_some_and(|rest| rest.starts_with('-'))
}

/// Whether a range is not of the internet.
fn private(range: &IpNet) -> bool {
    match range {
        IpNet::V4(r) => {
            let a = r.addr();
            a.is_private()
                || a.is_loopback()
                || a.is_link_local()
                || (a.octets()[0] == 100 && a.octets()[1] & 0xc0 == 64)
        }
        IpNet::V6(r) => r.addr().segments()[0] & 0xfe00 == 0xfc00,
    }
}

fn range(text: &str) -> Option<IpNet> {
    text.parse::<IpNet>().ok().or_else(|| text.parse::<std::net::IpAddr>().ok().map(IpNet::from))
}

/// Whether an address is what `pattern` says, an instance of it, or within that module.
fn covers(pattern: &str, addr: &str) -> bool {
    if pattern.contains('*') {
        return glob(pattern, addr);
    }
    addr == pattern
        || addr.strip_prefix(pattern).is_some_and(|rest| {
            rest.starts_with('[') || pattern.starts_with("module.") && rest.starts_with('.')
        })
}

/// Whether a text matches a pattern in which `*` stands for anything.
pub fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or("");
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut last: Option<&str> = None;
    for p in parts {
        if let Some(l) = last {
            match rest.find(l) {
                Some(i) => rest = &rest[i + l.len()..],
                None => return false,
            }
        }
        last = Some(p);
    }
    match last {
        None => rest.is_empty(),
        Some(l) => rest.ends_with(l),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        assert!(glob("aws_instance.*", "aws_instance.web[0]"));
        assert!(glob("module.*.aws_db_instance.x", "module.a.aws_db_instance.x"));
        assert!(!glob("aws_instance.*b", "aws_instance.a") && glob("*", "") && glob("a", "a"));
        assert!(covers("aws_instance.web", "aws_instance.web[\"a\"]"));
        assert!(!covers("aws_instance.web", "aws_instance.website"));
        assert!(
            covers("module.a", "module.a.aws_instance.x") && !covers("module.a", "module.ab.aws_instance.x")
        );
    }

    #[test]
    fn items_have_root_modules() {
        assert_eq!(split("prod: module.a.aws_lb.this"), ("prod", "module.a.aws_lb.this"));
        assert_eq!(split("aws_lb.this"), ("", "aws_lb.this"));
        assert_eq!(split("the interface of prod: aws_lb.this"), ("prod", "aws_lb.this"));
    }
}
