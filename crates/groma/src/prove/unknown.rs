//! What is unknown about two ends: for answers that hang on it without a way that shows it.

use groma_prove::engine::Engine;
use groma_prove::model::{
    DoubtId, GroupId, InterfaceId, ItemId, Network, NodeId, Peer, Presence, Rule, SubnetId, Target, Tri,
};
use groma_prove::witness::Uncertain;

/// Everything about the interfaces, groups, subnets, tables and ACLs of two nodes, and about
/// what joins networks, that is not certain. Never empty.
pub fn about(engine: &Engine<'_>, a: NodeId, b: NodeId) -> Vec<Uncertain> {
    let mut all = Unknown { net: engine.network(), out: Vec::new() };
    for node in [a, b] {
        for i in 0..all.net.interfaces.len() {
            if all.net.interfaces[i].node == node {
                all.interface(InterfaceId(i as u32));
            }
        }
    }
    all.joints(b);
    all.out.extend(engine.open());
    if all.out.is_empty() {
        let item = all.net.nodes[b.index()].item;
        let why = "some of the addresses or ways that are possible let it through and others do not";
        all.out.push(Uncertain { doubt: None, item, why: why.into() });
    }
    all.out
}

struct Unknown<'n> {
    net: &'n Network,
    out: Vec<Uncertain>,
}

impl Unknown<'_> {
    fn push(&mut self, doubt: Option<DoubtId>, item: ItemId, why: &str) {
        let new = Uncertain { doubt, item, why: why.into() };
        if !self.out.contains(&new) {
            self.out.push(new);
        }
    }

    fn doubt(&mut self, d: DoubtId) {
        let doubt = self.net.doubts[d.index()].clone();
        self.push(Some(d), doubt.item, &doubt.why);
    }

    fn presence(&mut self, p: Presence) {
        if let Presence::Maybe(d) = p {
            self.doubt(d);
        }
    }

    fn tri(&mut self, t: Tri) {
        if let Tri::Maybe(d) = t {
            self.doubt(d);
        }
    }

    fn interface(&mut self, id: InterfaceId) {
        let i = &self.net.interfaces[id.index()];
        self.presence(i.presence);
        for t in [i.families.0, i.families.1, i.public, i.source_dest_check] {
            self.tri(t);
        }
        if let Some(d) = i.unknown_groups {
            self.doubt(d);
        }
        for (g, p) in i.groups.iter().flatten() {
            self.presence(*p);
            self.group(*g);
        }
        self.subnet(i.subnet);
    }

    fn group(&mut self, g: GroupId) {
        let group = &self.net.groups[g.index()];
        for rule in group.ingress.iter().chain(&group.egress) {
            self.rule(rule);
        }
    }

    fn rule(&mut self, rule: &Rule) {
        self.presence(rule.presence);
        match rule.peer {
            Peer::Anything(d) => self.doubt(d),
            Peer::List(l) if self.net.prefix_lists[l.index()].entries.is_none() => {
                let item = self.net.prefix_lists[l.index()].item;
                self.push(None, item, "the entries of this prefix list are not known");
            }
            _ => {}
        }
    }

    fn subnet(&mut self, s: SubnetId) {
        let subnet = &self.net.subnets[s.index()];
        self.presence(subnet.table_presence);
        self.presence(subnet.acl_presence);
        for t in [subnet.table].iter().chain(&subnet.other_tables) {
            for r in &self.net.tables[t.index()].routes {
                self.presence(r.presence);
                if let Target::Anywhere(d) = r.target {
                    self.doubt(d);
                }
                if r.range.is_none() {
                    self.push(None, r.item, "for which addresses this route is, is not known");
                }
            }
        }
        let acl = &self.net.acls[subnet.acl.index()];
        for e in acl.ingress.iter().chain(&acl.egress) {
            self.presence(e.presence);
            if e.range.is_none() {
                self.push(None, e.item, "the addresses of this entry are not known");
            }
        }
    }

    /// What joins networks, and what passes on to a node.
    fn joints(&mut self, to: NodeId) {
        let net = self.net;
        for r in net.relays.iter().filter(|r| r.to == to) {
            self.presence(r.presence);
            self.tri(r.keeps_client);
        }
        net.gateways.iter().for_each(|g| self.presence(g.presence));
        net.peerings.iter().for_each(|p| {
            self.tri(p.active);
            self.tri(p.same_region);
        });
        net.attachments.iter().for_each(|a| self.presence(a.presence));
        for r in net.hub_tables.iter().flat_map(|t| &t.routes) {
            self.presence(r.presence);
        }
    }
}
