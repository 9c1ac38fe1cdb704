//! Interfaces: network interfaces of their own, addresses and groups that are added to others'.

use std::collections::HashMap;

use ipnet::IpNet;

use super::build::*;
use super::groups::Groups;
use super::read::Known;
use super::subnets::push_new;
use crate::model::*;

pub(crate) const INSTANCES: [&str; 2] = ["aws_instance", "aws_spot_instance_request"];
/// What launches instances.
const LAUNCHERS: [&str; 6] = [
    "aws_autoscaling_group",
    "aws_batch_compute_environment",
    "aws_ec2_fleet",
    "aws_eks_node_group",
    "aws_emr_cluster",
    "aws_spot_fleet_request",
];

/// What an interface is made of; see [`Interface`].
#[derive(Clone, Debug)]
pub(crate) struct Spec {
    pub(crate) item: ItemId,
    pub(crate) kind: InterfaceKind,
    pub(crate) node: NodeId,
    pub(crate) subnet: SubnetId,
    /// `None`: nothing filters.
    pub(crate) groups: Option<Groups>,
    pub(crate) addresses: Vec<IpNet>,
    pub(crate) families: (Tri, Tri),
    pub(crate) public: Tri,
    pub(crate) source_dest_check: Tri,
    pub(crate) many: bool,
    pub(crate) presence: Presence,
}

impl Spec {
    /// An IPv4 interface without groups.
    pub(crate) fn new(item: ItemId, node: NodeId, subnet: SubnetId) -> Spec {
        Spec {
            item,
            kind: InterfaceKind::Ordinary,
            node,
            subnet,
            groups: None,
            addresses: Vec::new(),
            families: (Tri::Yes, Tri::No),
            public: Tri::No,
            source_dest_check: Tri::Yes,
            many: false,
            presence: Presence::Sure,
        }
    }
}

impl<'w> Build<'w> {
    pub(crate) fn interface(&mut self, mut s: Spec) -> InterfaceId {
        // An interface that can have groups has one at least.
        if let Some(g) = &mut s.groups
            && g.known.is_empty()
            && g.unknown.is_none()
        {
            g.unknown = Some(self.doubt(s.item, "", "which security groups it has is not known"));
        }
        // A subnet of one family gives no addresses of the other.
        let of_subnet = self.subnet_info[s.subnet.index()].families;
        let families = (and(s.families.0, of_subnet.0), and(s.families.1, of_subnet.1));
        let public = and(s.public, families.0);
        let unknown_groups = s.groups.as_ref().and_then(|g| g.unknown);
        self.net.interfaces.push(Interface {
            item: s.item,
            kind: s.kind,
            node: s.node,
            subnet: s.subnet,
            groups: s.groups.map(|g| g.known),
            unknown_groups,
            addresses: s.addresses,
            families,
            public,
            source_dest_check: s.source_dest_check,
            many: s.many,
            presence: s.presence,
        });
        InterfaceId(self.net.interfaces.len() as u32 - 1)
    }
    /// An interface that belongs to an object.
    pub(crate) fn interface_of(&mut self, o: Obj, s: Spec) -> InterfaceId {
        let i = self.interface(s);
        self.holders.entry(o).or_default().push(i);
        i
    }
    pub(crate) fn vpc_of_subnet(&self, s: SubnetId) -> VpcId {
        self.net.subnets[s.index()].vpc
    }

    /// Addresses that an object's attributes give, if all are known: `None` if there are others.
    pub(crate) fn addresses_at(&self, o: Obj, names: &[&str]) -> Vec<IpNet> {
        let mut out = Vec::new();
        for name in names {
            for v in self.get(o, name).many().items {
                match v.net() {
                    Known::Is(net) => push_new(&mut out, net),
                    _ => return Vec::new(),
                }
            }
        }
        out
    }
    /// Whether an instance or interface gets an IPv6 address: "Assign IPv6 addresses to an
    /// instance": if it asks for one, else if its subnet assigns them.
    pub(crate) fn wants_v6(&mut self, o: Obj, subnet: SubnetId) -> Tri {
        let item = self.item(o);
        let assign = self.subnet_info[subnet.index()].assign_v6;
        let native = self.subnet_info[subnet.index()].families.0 == Tri::No;
        let mut out = or(assign, yes(native));
        for name in ["ipv6_address_count", "ipv6_prefix_count"] {
            match self.get(o, name).num() {
                Known::Is(0) => {}
                Known::Is(_) => out = Tri::Yes,
                Known::Absent => {}
                Known::Unknown => out = or(out, Tri::Maybe(self.doubt(item, name, NOT_KNOWN))),
            }
        }
        for name in ["ipv6_addresses", "ipv6_address_list", "ipv6_prefixes"] {
            let many = self.get(o, name).many();
            if !many.items.is_empty() {
                out = Tri::Yes;
            } else if many.unknown {
                out = or(out, Tri::Maybe(self.doubt(item, name, NOT_KNOWN)));
            }
        }
        let primary = self.tri(o, "enable_primary_ipv6", false);
        or(out, primary)
    }

    pub(crate) fn read_network_interfaces(&mut self) {
        let owners = self.owners();
        for o in self.of("aws_network_interface") {
            let item = self.item(o);
            let subnet = self.subnet_at(o, "subnet_id");
            let vpc = self.vpc_of_subnet(subnet);
            let groups = self.groups_at(o, "security_groups", Some(vpc));
            // Prefixes and counts are addresses that nobody knows.
            let counted =
                ["private_ips_count", "ipv4_prefix_count", "ipv6_address_count", "ipv6_prefix_count"];
            let more = counted.iter().any(|n| !matches!(self.get(o, n).num(), Known::Absent | Known::Is(0)));
            let listed = self.get(o, "private_ips").is_absent() && self.get(o, "private_ip_list").is_absent();
            let names =
                ["private_ip", "private_ips", "private_ip_list", "ipv6_addresses", "ipv6_address_list"];
            let addresses = if more || listed || !self.get(o, "ipv4_prefixes").is_absent() {
                Vec::new()
            } else {
                self.addresses_at(o, &names)
            };
            let families = (Tri::Yes, self.wants_v6(o, subnet));
            let source_dest_check = self.tri(o, "source_dest_check", true);
            let node = match self.owner_of(o, &owners) {
                Some(instance) => self.node(instance),
                None => self.node(o),
            };
            let spec =
                Spec { groups: Some(groups), families, source_dest_check, ..Spec::new(item, node, subnet) };
            let i = self.interface_of(o, spec);
            self.set_addresses(i, addresses);
            self.name_interface(o, i, &["id", "arn"]);
        }
        for o in self.data("aws_network_interface") {
            let Known::Is(id) = self.get(o, "id").id() else { continue };
            if self.enis.contains_key(id) {
                continue;
            }
            let item = self.item(o);
            let subnet = self.subnet_at(o, "subnet_id");
            let mut groups = self.groups_at(o, "security_groups", None);
            let doubt = self.doubt(item, "security_groups", "it is not managed here");
            groups.unknown = Some(doubt);
            let node = self.node(o);
            let maybe = Tri::Maybe(doubt);
            let spec = Spec {
                groups: Some(groups),
                families: (maybe, maybe),
                public: maybe,
                source_dest_check: maybe,
                ..Spec::new(item, node, subnet)
            };
            let i = self.interface_of(o, spec);
            self.enis.entry(id).or_default().push(i);
        }
    }
    /// Keeps addresses where they are complete for each family that the interface surely has.
    pub(crate) fn set_addresses(&mut self, i: InterfaceId, addresses: Vec<IpNet>) {
        let (v4, v6) = self.net.interfaces[i.index()].families;
        let has = |four: bool| addresses.iter().any(|a| a.addr().is_ipv4() == four);
        if (v4 == Tri::No || has(true)) && (v6 == Tri::No || has(false)) {
            self.net.interfaces[i.index()].addresses = addresses;
        }
    }
    pub(crate) fn name_interface(&mut self, o: Obj, i: InterfaceId, names: &[&str]) {
        for name in names {
            if let Known::Is(id) = self.get(o, name).id() {
                push_new(self.enis.entry(id).or_default(), i);
            }
        }
    }
    /// The instances that network interfaces are attached to, by the interfaces' ids.
    fn owners(&self) -> HashMap<&'w str, Obj> {
        let mut out = HashMap::new();
        for i in self.of_any(&INSTANCES) {
            for block in ["network_interface", "primary_network_interface"] {
                for n in self.get(i, block).many().items {
                    out.extend(n.get("network_interface_id").id().is().map(|id| (id, i)));
                }
            }
        }
        for a in self.of("aws_network_interface_attachment") {
            if let (Known::Is(id), Known::Is(i)) =
                (self.get(a, "network_interface_id").id(), self.get(a, "instance_id").id())
            {
                out.extend(self.find(a, &INSTANCES, i).map(|i| (id, i)));
            }
        }
        out
    }
    fn owner_of(&self, o: Obj, owners: &HashMap<&'w str, Obj>) -> Option<Obj> {
        if let Known::Is(i) = self.get(o, "attachment.instance").id()
            && let Some(i) = self.find(o, &INSTANCES, i)
        {
            return Some(i);
        }
        self.get(o, "id").id().is().and_then(|id| owners.get(id).copied())
    }

    /// `aws_network_interface_sg_attachment`: a group more.
    pub(crate) fn read_added_groups(&mut self) {
        for o in self.of("aws_network_interface_sg_attachment") {
            let item = self.item(o);
            let groups = self.groups_at(o, "security_group_id", None);
            let (on, presence) = match self.get(o, "network_interface_id").id() {
                Known::Is(id) => match self.enis.get(id) {
                    Some(e) => (e.clone(), Presence::Sure),
                    // Of one that nothing here names: it may be a scaling group's.
                    None => {
                        let why = "whose interface it is is not known";
                        (self.nameless(), self.maybe(item, "network_interface_id", why))
                    }
                },
                _ => {
                    let all = (0..self.net.interfaces.len() as u32).map(InterfaceId).collect();
                    (all, self.maybe(item, "network_interface_id", NOT_KNOWN))
                }
            };
            for i in on {
                let interface = &mut self.net.interfaces[i.index()];
                let Some(of) = &mut interface.groups else { continue };
                for (g, _) in &groups.known {
                    if !of.iter().any(|(x, _)| x == g) {
                        of.push((*g, presence));
                    }
                }
                interface.unknown_groups = interface.unknown_groups.or(groups.unknown);
            }
        }
    }

    /// The interfaces of instances whose ids nothing here knows, as something else launches them.
    fn nameless(&self) -> Vec<InterfaceId> {
        let all = (0..self.net.interfaces.len() as u32).map(InterfaceId);
        all.filter(|i| {
            let kind = &self.net.nodes[self.net.interfaces[i.index()].node.index()].kind;
            matches!(kind, NodeKind::Resource(ty) if LAUNCHERS.contains(&&**ty))
        })
        .collect()
    }

    /// "Elastic IP addresses": a public IPv4 address for an instance or interface.
    pub(crate) fn read_elastic_addresses(&mut self) {
        for o in self.of_any(&["aws_eip", "aws_eip_association"]) {
            let item = self.item(o);
            let mut unknown = None;
            let mut nameless = false;
            for name in ["network_interface", "network_interface_id", "instance", "instance_id"] {
                let view = self.get(o, name);
                match view.id() {
                    Known::Is(id) => {
                        let eni = self.enis.get(id).cloned();
                        let instance = self
                            .find(o, &["aws_instance", "aws_spot_instance_request"], id)
                            .and_then(|i| self.holders.get(&i).cloned())
                            .map(|e| e.into_iter().take(1).collect());
                        match eni.or(instance) {
                            Some(found) => {
                                found.iter().for_each(|i| self.net.interfaces[i.index()].public = Tri::Yes);
                            }
                            // One that nothing here names may be a scaling group's.
                            None => nameless |= !view.is_stand_in(),
                        }
                    }
                    Known::Absent => {}
                    Known::Unknown => unknown = Some(name),
                }
            }
            if let Some(name) = unknown {
                let doubt = self.doubt(item, name, "what gets the public address is not known");
                for i in &mut self.net.interfaces {
                    if i.public == Tri::No && i.kind == InterfaceKind::Ordinary {
                        i.public = Tri::Maybe(doubt);
                    }
                }
            } else if nameless {
                let doubt = self.doubt(item, "", "what gets the public address is not in this configuration");
                for i in self.nameless() {
                    let x = &mut self.net.interfaces[i.index()];
                    x.public = or(x.public, Tri::Maybe(doubt));
                }
            }
        }
    }
}
