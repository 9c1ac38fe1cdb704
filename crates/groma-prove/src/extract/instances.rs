//! Instances, launch templates and what launches from them.

use super::build::*;
use super::groups::Groups;
use super::interfaces::Spec;
use super::read::{Known, Many, View};
use super::subnets::push_new;
use crate::model::*;

/// What a launch template or configuration says of interfaces.
#[derive(Clone, Debug)]
struct Template<'w> {
    subnets: Many<'w>,
    groups: Vec<Many<'w>>,
    public: Known<bool>,
    v6: Known<bool>,
    /// Whether another version may be meant.
    other: bool,
}

impl<'w> Build<'w> {
    pub(crate) fn read_instances(&mut self) {
        for o in self.of_any(&["aws_instance", "aws_spot_instance_request"]) {
            self.read_instance(o);
        }
        for o in self.data("aws_instance") {
            let Known::Is(id) = self.get(o, "id").id() else { continue };
            if self.find(o, &["aws_instance"], id).is_some_and(|x| x != o)
                || self.get(o, "subnet_id").is_absent()
            {
                continue;
            }
            let item = self.item(o);
            let subnet = self.subnet_at(o, "subnet_id");
            let mut groups = self.groups_at(o, "vpc_security_group_ids", None);
            let doubt = self.doubt(item, "", "it is not managed here");
            groups.unknown = Some(doubt);
            let maybe = Tri::Maybe(doubt);
            let node = self.node(o);
            let spec = Spec {
                groups: Some(groups),
                families: (Tri::Yes, maybe),
                public: maybe,
                source_dest_check: maybe,
                ..Spec::new(item, node, subnet)
            };
            let i = self.interface_of(o, spec);
            self.name_interface(o, i, &["network_interface_id"]);
        }
        for o in self.of("aws_autoscaling_group") {
            self.read_scaling_group(o);
        }
        for o in self.of_any(&["aws_ec2_fleet", "aws_spot_fleet_request"]) {
            self.read_fleet(o);
        }
    }

    fn read_instance(&mut self, o: Obj) {
        let item = self.item(o);
        let node = self.node(o);
        // Interfaces that it is given are read as such; then it has no other.
        let given: Vec<View<'w>> = ["network_interface", "primary_network_interface"]
            .iter()
            .flat_map(|n| self.get(o, n).many().items)
            .filter(|n| !n.get("network_interface_id").is_absent())
            .collect();
        let unknown =
            ["network_interface", "primary_network_interface"].iter().any(|n| self.get(o, n).many().unknown);
        // The first of them is the primary one.
        let mut given = given;
        given.sort_by_key(|n| n.get("device_index").num().is().unwrap_or(0));
        let mut all_known = !given.is_empty() && !unknown;
        for n in &given {
            match n.get("network_interface_id").id() {
                Known::Is(id) if self.enis.contains_key(id) => {
                    let enis = self.enis[id].clone();
                    self.holders.entry(o).or_default().extend(enis);
                }
                _ => all_known = false,
            }
        }
        if all_known {
            return;
        }
        let template = self.get(o, "launch_template");
        let template = if template.is_absent() { None } else { self.template(o, template) };
        let view = self.get(o, "subnet_id");
        let mut id = view.id();
        if matches!(id, Known::Is(s) if view.is_stand_in() && !self.subnets.contains_key(s)) {
            id = Known::Absent; // left to AWS
        }
        if let (Known::Absent, Some(t)) = (id, &template) {
            id = match t.subnets.items.first() {
                Some(s) => s.id(),
                None if t.subnets.unknown => Known::Unknown,
                None => Known::Absent,
            };
        }
        if (unknown || !given.is_empty()) && id.is_absent() {
            id = Known::Unknown; // an interface of others
        }
        let subnet = match id {
            Known::Absent => self.default_subnet(o),
            id => self.subnet(o, id, None),
        };
        let vpc = self.vpc_of_subnet(subnet);
        let mut many = vec![self.get(o, "vpc_security_group_ids").many()];
        // By names or ids, for default VPCs.
        let named = self.get(o, "security_groups").many();
        if many[0].absent && !named.absent {
            many = vec![named.clone()];
        }
        let mut groups = match &template {
            Some(t) if many[0].absent => self.groups_by_id_or_name(o, vpc, &t.groups, Some(vpc)),
            _ => self.groups_by_id_or_name(o, vpc, &many, Some(vpc)),
        };
        if unknown || !given.is_empty() || template.as_ref().is_some_and(|t| t.other) {
            groups.unknown = Some(self.doubt(item, "launch_template", "what it launches with is not known"));
        }
        // "IP addressing for your VPCs and subnets": what the launch says goes before what the
        // subnet says.
        let said = self.get(o, "associate_public_ip_address").flag();
        let said = match &template {
            Some(t) => said.or(|| t.public),
            None => said,
        };
        // One that exists and has one, has one, whatever it was launched with.
        let has = self.exists(o) && matches!(self.get(o, "public_ip").text(), Known::Is(_));
        let public = if has { Tri::Yes } else { self.public(o, said, subnet) };
        let mut v6 = self.wants_v6(o, subnet);
        if let Some(t) = &template {
            v6 = or(v6, self.known_tri(o, "launch_template", t.v6));
        }
        let source_dest_check = self.tri(o, "source_dest_check", true);
        let spec = Spec {
            groups: Some(groups),
            families: (Tri::Yes, v6),
            public,
            source_dest_check,
            ..Spec::new(item, node, subnet)
        };
        let i = self.interface_of(o, spec);
        if !self.get(o, "private_ip").is_absent() {
            let addresses = self.addresses_at(o, &["private_ip", "secondary_private_ips", "ipv6_addresses"]);
            self.set_addresses(i, addresses);
        }
        self.name_interface(o, i, &["primary_network_interface_id"]);
    }
    fn known_tri(&mut self, o: Obj, attribute: &str, k: Known<bool>) -> Tri {
        match k {
            Known::Is(b) => yes(b),
            Known::Absent => Tri::No,
            Known::Unknown => {
                let item = self.item(o);
                Tri::Maybe(self.doubt(item, attribute, NOT_KNOWN))
            }
        }
    }
    /// Whether there is a public address: as said, or as the subnet does it.
    pub(crate) fn public(&mut self, o: Obj, said: Known<bool>, subnet: SubnetId) -> Tri {
        match said {
            Known::Is(b) => yes(b),
            Known::Absent => self.subnet_info[subnet.index()].public,
            Known::Unknown => {
                let item = self.item(o);
                Tri::Maybe(self.doubt(item, "associate_public_ip_address", NOT_KNOWN))
            }
        }
    }
    /// "Default VPCs": what names no subnet is launched into a default one.
    fn default_subnet(&mut self, o: Obj) -> SubnetId {
        let vpc = self.default_vpc(o);
        let defaults = self.of("aws_default_subnet");
        let zone = self.get(o, "availability_zone").text();
        let known = defaults.into_iter().find(|s| {
            self.location(*s) == self.location(o)
                && (zone.is_absent() || self.get(*s, "availability_zone").text() == zone)
        });
        if let Some(s) = known {
            return self.subnet_at(s, "id");
        }
        let s = self.subnet(o, Known::Absent, Some(vpc));
        if self.net.vpcs[vpc.index()].described {
            // As AWS makes default subnets.
            let main = self.vpc_info[vpc.index()].clone();
            let ranges = self.net.vpcs[vpc.index()].ranges.clone();
            let subnet = &mut self.net.subnets[s.index()];
            subnet.ranges = ranges;
            subnet.table_presence = main.main_presence;
            subnet.acl_presence = Presence::Sure;
            subnet.other_tables.clear();
            self.subnet_info[s.index()] =
                SubnetInfo { public: Tri::Yes, assign_v6: Tri::No, families: (Tri::Yes, Tri::No) };
        }
        s
    }
    /// The default subnets of the zones that an object names; of all, if it names none.
    fn default_subnets_of_zones(&mut self, o: Obj) -> Vec<SubnetId> {
        let zones = self.get(o, "availability_zones").many();
        let here = |b: &Self, s: &Obj| b.location(*s) == b.location(o);
        let all: Vec<Obj> = self.of("aws_default_subnet").into_iter().filter(|s| here(self, s)).collect();
        let named = |s: &Obj| {
            let zone = self.get(*s, "availability_zone").text();
            zones.absent || zones.items.iter().any(|z| z.text() == zone)
        };
        let of_zones: Vec<Obj> = all.into_iter().filter(named).collect();
        // A zone without one here has one of which nothing is known.
        if zones.unknown || of_zones.len() < zones.items.len().max(1) {
            let other = self.default_subnet(o);
            let mut out: Vec<SubnetId> = of_zones.iter().map(|s| self.subnet_at(*s, "id")).collect();
            push_new(&mut out, other);
            return out;
        }
        of_zones.iter().map(|s| self.subnet_at(*s, "id")).collect()
    }
    /// Groups by ids, or by names within a VPC.
    fn groups_by_id_or_name(
        &mut self,
        o: Obj,
        vpc: VpcId,
        many: &[Many<'w>],
        default: Option<VpcId>,
    ) -> Groups {
        let mut by_name = Vec::new();
        let mut by_id: Vec<Many<'w>> = many.to_vec();
        for m in &mut by_id {
            m.items.retain(|v| match v.id() {
                Known::Is(t) if !t.starts_with("sg-") && !self.groups.contains_key(t) => {
                    by_name.push(t);
                    false
                }
                _ => true,
            });
        }
        let mut named = Vec::new();
        for name in by_name {
            let found = self.find(o, &["aws_security_group", "aws_default_security_group"], name);
            match found.map(|g| self.get(g, "id").id()) {
                Some(Known::Is(id)) => named.push((self.group(o, id), Presence::Sure)),
                _ if name == "default" => named.push((self.vpc_info[vpc.index()].group, Presence::Sure)),
                _ => named.push((self.group(o, name), Presence::Sure)),
            }
        }
        let default = if named.is_empty() { default } else { None };
        let mut groups = self.groups_of(o, "vpc_security_group_ids", &by_id, default);
        groups.known.extend(named);
        groups
    }

    /// The launch template that a block (`id`, `name`, `version`) means.
    fn template(&mut self, o: Obj, block: View<'w>) -> Option<Template<'w>> {
        let names = ["id", "launch_template_id", "name", "launch_template_name"];
        let said = names.iter().map(|n| block.get(n).id()).find(|k| !k.is_absent());
        let found = match said {
            Some(Known::Is(text)) => self.find(o, &["aws_launch_template"], text),
            None => return None,
            _ => None,
        };
        let unknown = Many { items: Vec::new(), unknown: true, absent: false };
        let Some(t) = found else {
            return Some(Template {
                subnets: unknown.clone(),
                groups: vec![unknown],
                public: Known::Unknown,
                v6: Known::Unknown,
                other: true,
            });
        };
        let interfaces = self.get(t, "network_interfaces").many();
        let mut out = Template {
            subnets: Many { items: Vec::new(), unknown: false, absent: true },
            groups: Vec::new(),
            public: Known::Absent,
            v6: Known::Absent,
            other: interfaces.unknown || self.other_version(t, block),
        };
        for n in &interfaces.items {
            let subnet = n.get("subnet_id").many();
            out.subnets.items.extend(subnet.items);
            out.subnets.unknown |= subnet.unknown;
            let groups = n.get("security_groups").many();
            if !groups.absent {
                out.groups.push(groups);
            }
            out.public = match (out.public, n.get("associate_public_ip_address").flag()) {
                (Known::Is(true), _) | (_, Known::Is(true)) => Known::Is(true),
                (Known::Unknown, _) | (_, Known::Unknown) => Known::Unknown,
                (a, b) => a.or(|| b),
            };
            let count = n.get("ipv6_address_count").num();
            let listed = !n.get("ipv6_addresses").is_absent() || !n.get("ipv6_prefixes").is_absent();
            let wants = n.get("primary_ipv6").flag() == Known::Is(true);
            if listed || wants || !matches!(count, Known::Absent | Known::Is(0)) {
                out.v6 = if count.is_unknown() { Known::Unknown } else { Known::Is(true) };
            }
            if !n.get("network_interface_id").is_absent() {
                out.other = true;
            }
        }
        for name in ["vpc_security_group_ids", "security_group_names"] {
            let groups = self.get(t, name).many();
            if !groups.absent {
                out.groups.push(groups);
            }
        }
        Some(out)
    }
    /// Whether a template has versions, and one other than the last may be meant. A new template
    /// has one version; of one that exists the last is described here.
    fn other_version(&self, t: Obj, block: View<'w>) -> bool {
        if !self.exists(t) {
            return false;
        }
        let latest = self.get(t, "latest_version").num();
        let default = self.get(t, "default_version").num();
        match block.get("version").id() {
            Known::Is("$Latest") => false,
            Known::Is("$Default") | Known::Absent => {
                self.get(t, "update_default_version").flag() != Known::Is(true)
                    && (latest.is().is_none() || latest.is() != default.is())
            }
            Known::Is(text) => {
                let said: Option<i64> = text.parse().ok();
                !block.get("version").is_stand_in() && latest.is().is_some() && said != latest.is()
            }
            Known::Unknown => false,
        }
    }
    /// The groups and the public flag of the launch template that an object names.
    pub(crate) fn template_groups(&mut self, o: Obj) -> Option<(Groups, Known<bool>)> {
        let block = self.get(o, "launch_template");
        if block.is_absent() {
            return None;
        }
        let t = self.template(o, block)?;
        let mut groups = self.groups_of(o, "launch_template", &t.groups, None);
        if t.other {
            let item = self.item(o);
            groups.unknown =
                Some(self.doubt(item, "launch_template", "which version it launches is not known"));
        }
        Some((groups, t.public))
    }
    fn configuration(&self, o: Obj) -> Option<Template<'w>> {
        let name = match self.get(o, "launch_configuration").id() {
            Known::Absent => return None,
            Known::Is(n) => Some(n),
            Known::Unknown => None,
        };
        let none = Many { items: Vec::new(), unknown: false, absent: true };
        let Some(c) = name.and_then(|n| self.find(o, &["aws_launch_configuration"], n)) else {
            let unknown = Many { items: Vec::new(), unknown: true, absent: false };
            return Some(Template {
                subnets: none,
                groups: vec![unknown],
                public: Known::Unknown,
                v6: Known::Absent,
                other: true,
            });
        };
        Some(Template {
            subnets: none,
            groups: vec![self.get(c, "security_groups").many()],
            public: self.get(c, "associate_public_ip_address").flag(),
            v6: Known::Absent,
            other: false,
        })
    }

    fn read_scaling_group(&mut self, o: Obj) {
        let mut templates = Vec::new();
        let direct = self.get(o, "launch_template");
        if !direct.is_absent() {
            templates.extend(self.template(o, direct));
        }
        let mixed = self.get(o, "mixed_instances_policy.launch_template");
        if !mixed.is_absent() {
            templates.extend(self.template(o, mixed.get("launch_template_specification")));
            for over in mixed.get("override").many().items {
                let own = over.get("launch_template_specification");
                if !own.is_absent() {
                    templates.extend(self.template(o, own));
                }
            }
        }
        templates.extend(self.configuration(o));
        let subnets = self.get(o, "vpc_zone_identifier").many();
        self.launch(o, &templates, subnets);
    }
    fn read_fleet(&mut self, o: Obj) {
        let mut templates: Vec<(Option<Template<'w>>, Vec<View<'w>>)> = Vec::new();
        let configs = self.get(o, "launch_template_config").many();
        if configs.unknown {
            let item = self.item(o);
            self.unsupported(item, "what it launches is known after apply only", Vec::new());
        }
        for c in configs.items {
            let t = self.template(o, c.get("launch_template_specification"));
            let overrides: Vec<View<'w>> =
                ["override", "overrides"].iter().flat_map(|n| c.get(n).many().items).collect();
            templates
                .push((t, overrides.iter().map(|x| x.get("subnet_id")).filter(|s| !s.is_absent()).collect()));
        }
        for c in self.get(o, "launch_specification").many().items {
            let t = Template {
                subnets: Many { items: Vec::new(), unknown: false, absent: true },
                groups: vec![c.get("vpc_security_group_ids").many()],
                public: c.get("associate_public_ip_address").flag(),
                v6: Known::Absent,
                other: false,
            };
            let subnet = Some(c.get("subnet_id")).filter(|s| !s.is_absent());
            templates.push((Some(t), subnet.into_iter().collect()));
        }
        for (t, items) in templates {
            let absent = items.is_empty();
            self.launch(o, &t.into_iter().collect::<Vec<_>>(), Many { items, unknown: false, absent });
        }
    }
    /// Classes of interfaces: one for each template and subnet.
    fn launch(&mut self, o: Obj, templates: &[Template<'w>], subnets: Many<'w>) {
        let item = self.item(o);
        let node = self.node(o);
        if templates.is_empty() && self.get(o, "instance_id").is_absent() {
            self.unsupported(item, "what it launches is not known", Vec::new());
        }
        for t in templates {
            let mut places: Vec<SubnetId> = Vec::new();
            let at = if subnets.absent { &t.subnets } else { &subnets };
            for s in &at.items {
                // One text with commas, as `vpc_zone_identifier` was once.
                places.push(self.subnet(o, s.id(), None));
            }
            if at.unknown {
                places.push(self.subnet(o, Known::Unknown, None));
            }
            if places.is_empty() {
                places = self.default_subnets_of_zones(o);
            }
            for subnet in places {
                let vpc = self.vpc_of_subnet(subnet);
                let mut groups = self.groups_by_id_or_name(o, vpc, &t.groups, Some(vpc));
                if t.other {
                    groups.unknown =
                        Some(self.doubt(item, "launch_template", "which version it launches is not known"));
                }
                let public = if t.other && t.public != Known::Is(true) {
                    self.public(o, Known::Unknown, subnet)
                } else {
                    self.public(o, t.public, subnet)
                };
                let wanted = self.known_tri(o, "launch_template", t.v6);
                let native = self.subnet_info[subnet.index()].families.0 == Tri::No;
                let v6 = or(or(wanted, yes(native)), self.subnet_info[subnet.index()].assign_v6);
                let spec = Spec {
                    groups: Some(groups),
                    families: (Tri::Yes, v6),
                    public,
                    many: true,
                    ..Spec::new(item, node, subnet)
                };
                self.interface_of(o, spec);
            }
        }
    }
}
