//! Transit gateways and cloud WAN core networks.

use std::collections::HashMap;

use super::build::*;
use super::read::Known;
use super::subnets::push_new;
use crate::model::*;

/// What decides about a hub's attachments by default.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Defaults {
    pub(crate) association: Option<HubTableId>,
    pub(crate) propagation: Option<HubTableId>,
}

const TGW: &str = "aws_ec2_transit_gateway";
pub(crate) const ATTACHMENT: &str = "transit_gateway_attachment_id";
pub(crate) const TABLE: &str = "transit_gateway_route_table_id";

/// What is read of hubs before their attachments.
#[derive(Default)]
pub(crate) struct HubNotes {
    pub(crate) defaults: HashMap<HubId, Defaults>,
    /// Attachments that must not get default associations or propagations.
    pub(crate) no_association: Vec<AttachmentId>,
    pub(crate) no_propagation: Vec<AttachmentId>,
    /// Whether the range that an attachment propagates are unknown (BGP), or none.
    pub(crate) dynamic: Vec<AttachmentId>,
    /// Attachments whose IPv6 support is off.
    pub(crate) v4_only: Vec<AttachmentId>,
    /// Whether default association of an attachment is a guess.
    pub(crate) guessed: Vec<AttachmentId>,
}

impl<'w> Build<'w> {
    fn add_hub(&mut self, item: ItemId, group_references: Tri, described: bool) -> HubId {
        self.net.hubs.push(Hub { item, group_references, described, outside: None });
        HubId(self.net.hubs.len() as u32 - 1)
    }
    pub(crate) fn add_hub_table(&mut self, item: ItemId, hub: HubId) -> HubTableId {
        self.net.hub_tables.push(HubTable { item, hub, routes: Vec::new() });
        HubTableId(self.net.hub_tables.len() as u32 - 1)
    }
    pub(crate) fn attach(
        &mut self,
        item: ItemId,
        hub: HubId,
        what: Attached,
        presence: Presence,
    ) -> AttachmentId {
        self.net.attachments.push(Attachment { item, hub, what, table: None, presence });
        AttachmentId(self.net.attachments.len() as u32 - 1)
    }
    fn name_attachment(&mut self, o: Obj, a: AttachmentId, names: &[&str]) {
        for name in names {
            if let Known::Is(id) = self.get(o, name).id() {
                push_new(self.attachments.entry(id).or_default(), a);
            }
        }
    }

    /// The hub with an id; of one that is not in this world nothing is known.
    pub(crate) fn hub(&mut self, o: Obj, id: Known<&'w str>) -> HubId {
        if let Known::Is(id) = id
            && let Some(h) = self.hubs.get(id)
        {
            return *h;
        }
        let place = self.world.objects[o].place.clone();
        let of = self.item(o);
        let item = match id {
            Known::Is(id) => self.named(format!("the transit gateway {id}"), place),
            _ => {
                self.unsupported(of, "to which transit gateway it belongs is not known", Vec::new());
                self.part("the transit gateway", of)
            }
        };
        let doubt = self.doubt(item, "", "it is not in this configuration");
        let h = self.add_hub(item, Tri::Maybe(doubt), false);
        if let Known::Is(id) = id {
            self.hubs.insert(id, h);
        }
        h
    }

    /// Hubs and their tables, before routes that lead to them are read.
    pub(crate) fn read_hubs(&mut self) -> HubNotes {
        let mut notes = HubNotes::default();
        for o in self.of(TGW).into_iter().chain(self.data(TGW)) {
            if matches!(self.get(o, "id").id(), Known::Is(id) if self.hubs.contains_key(id)) {
                continue;
            }
            let item = self.item(o);
            let described = self.of(TGW).contains(&o);
            // "Security group referencing" is off unless it is turned on.
            let references = match self.get(o, "security_group_referencing_support").flag() {
                Known::Is(b) => yes(b),
                Known::Absent if described => Tri::No,
                _ => Tri::Maybe(self.doubt(item, "security_group_referencing_support", NOT_KNOWN)),
            };
            let h = self.add_hub(item, references, described);
            for name in ["id", "arn"] {
                if let Known::Is(id) = self.get(o, name).id() {
                    self.hubs.insert(id, h);
                }
            }
            if described {
                // "Transit gateways": one table, for both, unless that is disabled.
                let association = self.get(o, "default_route_table_association").flag() != Known::Is(false);
                let propagation = self.get(o, "default_route_table_propagation").flag() != Known::Is(false);
                if association || propagation {
                    let name = self.part("the default route table", item);
                    let t = self.add_hub_table(name, h);
                    let d = Defaults {
                        association: association.then_some(t),
                        propagation: propagation.then_some(t),
                    };
                    notes.defaults.insert(h, d);
                    for name in ["association_default_route_table_id", "propagation_default_route_table_id"] {
                        if let Known::Is(id) = self.get(o, name).id() {
                            self.hub_tables.insert(id, t);
                        }
                    }
                }
            }
        }
        for o in self.of("aws_networkmanager_core_network") {
            let item = self.item(o);
            let doubt = self.doubt(item, "", "which segments reach each other is not read from its policy");
            let h = self.add_hub(item, Tri::Maybe(doubt), false);
            for name in ["id", "arn"] {
                if let Known::Is(id) = self.get(o, name).id() {
                    self.hubs.insert(id, h);
                }
            }
        }
        for o in self
            .of("aws_ec2_transit_gateway_route_table")
            .into_iter()
            .chain(self.data("aws_ec2_transit_gateway_route_table"))
        {
            let Known::Is(id) = self.get(o, "id").id() else { continue };
            if self.hub_tables.contains_key(id) {
                continue;
            }
            let item = self.item(o);
            let hub = self.hub(o, self.get(o, "transit_gateway_id").id());
            let t = self.add_hub_table(item, hub);
            self.hub_tables.insert(id, t);
            if self.data("aws_ec2_transit_gateway_route_table").contains(&o) {
                self.net.hubs[hub.index()].described = false;
            }
        }
        for (ty, association) in [
            ("aws_ec2_transit_gateway_default_route_table_association", true),
            ("aws_ec2_transit_gateway_default_route_table_propagation", false),
        ] {
            for o in self.of(ty) {
                let hub = self.hub(o, self.get(o, "transit_gateway_id").id());
                let table = self.hub_table_at(o, hub);
                let d = notes.defaults.entry(hub).or_default();
                if association { d.association = Some(table) } else { d.propagation = Some(table) }
            }
        }
        notes
    }
    fn hub_table_at(&mut self, o: Obj, hub: HubId) -> HubTableId {
        let id = self.get(o, TABLE).id();
        if let Known::Is(id) = id
            && let Some(t) = self.hub_tables.get(id)
        {
            return *t;
        }
        let item = self.item(o);
        let name = match id {
            Known::Is(id) => self.named(format!("the transit gateway route table {id}"), None),
            _ => {
                self.unsupported(
                    item,
                    "which transit gateway route table it concerns is not known",
                    Vec::new(),
                );
                self.part("the transit gateway route table", item)
            }
        };
        let t = self.add_hub_table(name, hub);
        self.net.hubs[hub.index()].described = false;
        if let Known::Is(id) = id {
            self.hub_tables.insert(id, t);
        }
        t
    }

    /// Attachments, their tables, and all routes of hubs.
    pub(crate) fn read_attachments(&mut self, mut notes: HubNotes) {
        self.read_vpc_attachments(&mut notes);
        self.read_other_attachments(&mut notes);
        self.read_core_attachments();
        self.associate(&mut notes);
        self.propagate_to_hubs(&notes);
        self.read_hub_routes();
        self.close_open_hubs();
    }

    /// "Transit gateway attachments to a VPC": one that comes from another account has to be
    /// accepted.
    fn read_vpc_attachments(&mut self, notes: &mut HubNotes) {
        let accepters = self.of("aws_ec2_transit_gateway_vpc_attachment_accepter");
        for o in self.of("aws_ec2_transit_gateway_vpc_attachment") {
            let item = self.item(o);
            let hub_id = self.get(o, "transit_gateway_id").id();
            let hub = self.hub(o, hub_id);
            let vpc = self.vpc_at(o, "vpc_id");
            let many = self.get(o, "subnet_ids").many();
            let mut subnets: Vec<SubnetId> =
                many.items.iter().map(|s| self.subnet(o, s.id(), Some(vpc))).collect();
            if many.unknown {
                subnets = self.vpc_info[vpc.index()].subnets.clone();
            }
            let id = self.get(o, "id").id();
            let accepter = accepters.iter().copied().find(
                |a| matches!((self.get(*a, ATTACHMENT).id(), id), (Known::Is(a), Known::Is(b)) if a == b),
            );
            let owner = match hub_id {
                Known::Is(h) => self.find(o, &[TGW], h),
                _ => None,
            };
            let accepted = accepter.is_some()
                || owner.is_some_and(|t| {
                    let same = self.location(t).account == self.location(o).account;
                    let auto = self.get(t, "auto_accept_shared_attachments").flag() == Known::Is(true);
                    same || auto || self.world.objects[t].location == self.world.objects[o].location
                });
            let presence = if accepted {
                Presence::Sure
            } else {
                self.maybe(item, "transit_gateway_id", "whether it is accepted is not in this configuration")
            };
            let appliance = self.get(o, "appliance_mode_support").flag() == Known::Is(true);
            let a = self.attach(item, hub, Attached::Vpc { vpc, subnets, appliance }, presence);
            self.name_attachment(o, a, &["id", "arn"]);
            if self.get(o, "security_group_referencing_support").flag() == Known::Is(false)
                && self.net.hubs[hub.index()].group_references == Tri::Yes
            {
                let doubt =
                    self.doubt(item, "security_group_referencing_support", "it is off for this attachment");
                self.net.hubs[hub.index()].group_references = Tri::Maybe(doubt);
            }
            if !matches!(self.get(o, "ipv6_support").flag(), Known::Is(true) | Known::Unknown) {
                notes.v4_only.push(a);
            }
            // Of a gateway of another account the state says false, whatever its owner has set.
            let foreign = owner.is_some_and(|t| {
                let accounts = (self.location(t).account, self.location(o).account);
                matches!(accounts, (Some(a), Some(b)) if a != b)
            });
            if foreign && self.exists(o) {
                notes.guessed.push(a);
            }
            let said = |b: &Build<'w>, name: &str| {
                let own = match foreign && b.exists(o) {
                    true => Known::Absent,
                    false => b.get(o, name).flag(),
                };
                let of_accepter = accepter.map_or(Known::Absent, |x| b.get(x, name).flag());
                own == Known::Is(false) || of_accepter == Known::Is(false)
            };
            if said(self, "transit_gateway_default_route_table_association") {
                notes.no_association.push(a);
            }
            if said(self, "transit_gateway_default_route_table_propagation") {
                notes.no_propagation.push(a);
            }
        }
        for o in accepters.into_iter().chain(self.data("aws_ec2_transit_gateway_vpc_attachment")) {
            let id = self.get(o, ATTACHMENT).id().or(|| self.get(o, "id").id());
            let Known::Is(id) = id else { continue };
            if self.attachments.contains_key(id) {
                continue;
            }
            let item = self.item(o);
            let hub = self.hub(o, self.get(o, "transit_gateway_id").id());
            let vpc = self.vpc_at(o, "vpc_id");
            let many = self.get(o, "subnet_ids").many();
            let mut subnets: Vec<SubnetId> =
                many.items.iter().map(|s| self.subnet(o, s.id(), Some(vpc))).collect();
            if subnets.is_empty() {
                subnets = self.vpc_info[vpc.index()].subnets.clone();
            }
            let presence = self.maybe(item, "", "the attachment is not in this configuration");
            let a = self.attach(item, hub, Attached::Vpc { vpc, subnets, appliance: false }, presence);
            self.attachments.entry(id).or_default().push(a);
        }
    }

    /// VPN connections, Direct Connect, peerings, Connect.
    fn read_other_attachments(&mut self, notes: &mut HubNotes) {
        for o in self.of("aws_vpn_connection") {
            if self.get(o, "transit_gateway_id").is_absent() {
                continue;
            }
            let item = self.item(o);
            let hub = self.hub(o, self.get(o, "transit_gateway_id").id());
            let node = self.outside(o);
            let a = self.attach(item, hub, Attached::Outside { node, ranges: None }, Presence::Sure);
            self.name_attachment(o, a, &[ATTACHMENT]);
            let connection = self.get(o, "id").id();
            for d in self.data("aws_ec2_transit_gateway_vpn_attachment") {
                if self.get(d, "vpn_connection_id").id() == connection {
                    self.name_attachment(d, a, &["id"]);
                }
            }
            if self.get(o, "static_routes_only").flag() == Known::Is(true) {
                notes.no_propagation.push(a);
            } else {
                notes.dynamic.push(a);
            }
        }
        for o in self.of("aws_dx_gateway_association") {
            let Known::Is(id) = self.get(o, "associated_gateway_id").id() else { continue };
            let Some(hub) = self.hubs.get(id).copied() else { continue };
            let item = self.item(o);
            let node = self.outside(o);
            let a = self.attach(item, hub, Attached::Outside { node, ranges: None }, Presence::Sure);
            let gateway = self.get(o, "dx_gateway_id").id();
            for d in self.data("aws_ec2_transit_gateway_dx_gateway_attachment") {
                if self.get(d, "dx_gateway_id").id() == gateway {
                    self.name_attachment(d, a, &["id"]);
                }
            }
            notes.dynamic.push(a);
        }
        for o in self.of("aws_ec2_transit_gateway_connect") {
            let item = self.item(o);
            let hub = self.hub(o, self.get(o, "transit_gateway_id").id());
            let node = self.outside(o);
            let a = self.attach(item, hub, Attached::Outside { node, ranges: None }, Presence::Sure);
            self.name_attachment(o, a, &["id"]);
            notes.dynamic.push(a);
            for (name, list) in [
                ("transit_gateway_default_route_table_association", &mut notes.no_association),
                ("transit_gateway_default_route_table_propagation", &mut notes.no_propagation),
            ] {
                if self.get(o, name).flag() == Known::Is(false) {
                    list.push(a);
                }
            }
        }
        // "Transit gateway peering attachments": one attachment of both gateways, to be accepted,
        // without propagation.
        let accepters = self.of("aws_ec2_transit_gateway_peering_attachment_accepter");
        for o in self.of("aws_ec2_transit_gateway_peering_attachment") {
            let item = self.item(o);
            let id = self.get(o, "id").id();
            let accepter = accepters.iter().copied().find(
                |a| matches!((self.get(*a, ATTACHMENT).id(), id), (Known::Is(a), Known::Is(b)) if a == b),
            );
            let presence = match accepter {
                Some(_) => Presence::Sure,
                None => self.maybe(item, "", "whether it is accepted is not in this configuration"),
            };
            let here = self.hub(o, self.get(o, "transit_gateway_id").id());
            let there = self.hub(o, self.get(o, "peer_transit_gateway_id").id());
            for (hub, other) in [(here, there), (there, here)] {
                let a = self.attach(item, hub, Attached::Hub(other), presence);
                self.name_attachment(o, a, &["id"]);
                if let Some(x) = accepter {
                    self.name_attachment(x, a, &["id"]);
                }
                for d in self.data("aws_ec2_transit_gateway_peering_attachment") {
                    self.name_attachment(d, a, &["id"]);
                }
                notes.no_propagation.push(a);
                notes.guessed.push(a);
            }
        }
        for o in accepters {
            let Known::Is(id) = self.get(o, ATTACHMENT).id() else { continue };
            if self.attachments.contains_key(id) {
                continue;
            }
            let item = self.item(o);
            let here = self.hub(o, self.get(o, "transit_gateway_id").id());
            let there = self.hub(o, self.get(o, "peer_transit_gateway_id").id());
            let a = self.attach(item, here, Attached::Hub(there), Presence::Sure);
            self.attachments.entry(id).or_default().push(a);
            self.name_attachment(o, a, &["id"]);
            notes.no_propagation.push(a);
            notes.guessed.push(a);
        }
    }

    /// Attachments of core networks: which segment each is in is decided by a policy that is not
    /// read, so all may reach all.
    fn read_core_attachments(&mut self) {
        for o in self.of("aws_networkmanager_vpc_attachment") {
            let item = self.item(o);
            let hub = self.hub(o, self.get(o, "core_network_id").id());
            let arn = self.get(o, "vpc_arn");
            let vpc = match arn.id() {
                Known::Is(a) => {
                    let short = a.rsplit('/').next().unwrap_or(a);
                    match self.vpcs.get(a).or_else(|| self.vpcs.get(short)) {
                        Some(v) => *v,
                        None => self.vpc_at(o, "vpc_arn"),
                    }
                }
                _ => self.vpc_at(o, "vpc_arn"),
            };
            let many = self.get(o, "subnet_arns").many();
            let subnets = many.items.iter().map(|s| self.subnet(o, s.id(), Some(vpc))).collect();
            let presence = self.maybe(item, "", "a policy decides whether it is accepted");
            let a = self.attach(item, hub, Attached::Vpc { vpc, subnets, appliance: false }, presence);
            self.name_attachment(o, a, &["id", "attachment_id"]);
        }
        for ty in [
            "aws_networkmanager_site_to_site_vpn_attachment",
            "aws_networkmanager_connect_attachment",
            "aws_networkmanager_dx_gateway_attachment",
        ] {
            for o in self.of(ty) {
                let item = self.item(o);
                let hub = self.hub(o, self.get(o, "core_network_id").id());
                let node = self.outside(o);
                let presence = self.maybe(item, "", "a policy decides whether it is accepted");
                self.attach(item, hub, Attached::Outside { node, ranges: None }, presence);
            }
        }
        for o in self.of("aws_networkmanager_transit_gateway_peering") {
            let item = self.item(o);
            let core = self.hub(o, self.get(o, "core_network_id").id());
            let gateway = match self.get(o, "transit_gateway_arn").id() {
                Known::Is(a) => {
                    let short = a.rsplit('/').next().unwrap_or(a);
                    self.hub(o, Known::Is(if self.hubs.contains_key(a) { a } else { short }))
                }
                k => self.hub(o, k),
            };
            let presence = self.maybe(item, "", "a policy decides what passes");
            self.attach(item, core, Attached::Hub(gateway), presence);
            let a = self.attach(item, gateway, Attached::Hub(core), presence);
            self.name_attachment(o, a, &["id", "transit_gateway_peering_attachment_id"]);
            // Its routes come by BGP.
            let item = self.item(o);
            for t in 0..self.net.hub_tables.len() {
                if self.net.hub_tables[t].hub == gateway {
                    self.net.hub_tables[t].routes.push(HubRoute {
                        range: None,
                        attachment: Some(a),
                        propagated: true,
                        presence,
                        item,
                    });
                }
            }
        }
    }

    /// Hubs of others: something is attached to them.
    fn close_open_hubs(&mut self) {
        for h in 0..self.net.hubs.len() {
            if !self.net.hubs[h].described {
                let name = self.net.items[self.net.hubs[h].item.index()].name.clone();
                let item = self.named(format!("what else is attached to {name}"), None);
                self.net.hubs[h].outside = Some(self.new_node(item, NodeKind::Outside));
            }
        }
    }
}
