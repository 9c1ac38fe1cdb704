//! Which table of a hub decides for which attachment, and the routes of those tables.

use super::build::*;
use super::hubs::{ATTACHMENT, HubNotes, TABLE};
use super::read::Known;
use super::subnets::push_new;
use crate::model::*;

impl<'w> Build<'w> {
    fn attachment_at(&self, id: Known<&'w str>, hub: Option<HubId>) -> Vec<AttachmentId> {
        let Known::Is(id) = id else { return Vec::new() };
        let all = self.attachments.get(id).cloned().unwrap_or_default();
        match hub {
            Some(h) => {
                let of: Vec<_> =
                    all.iter().copied().filter(|a| self.net.attachments[a.index()].hub == h).collect();
                of
            }
            None => all,
        }
    }

    /// "Transit gateway route tables": an attachment is associated with one table.
    pub(crate) fn associate(&mut self, notes: &mut HubNotes) {
        let mut explicit: Vec<AttachmentId> = Vec::new();
        for o in self.of("aws_ec2_transit_gateway_route_table_association") {
            let item = self.item(o);
            let id = self.get(o, ATTACHMENT).id();
            let table = match self.get(o, TABLE).id() {
                Known::Is(t) => self.hub_tables.get(t).copied(),
                _ => None,
            };
            let Some(table) = table else {
                self.unsupported(
                    item,
                    "which transit gateway route table it concerns is not known",
                    Vec::new(),
                );
                let doubt = self.maybe(item, TABLE, NOT_KNOWN);
                for a in self.attachment_at(id, None) {
                    let hub = self.net.attachments[a.index()].hub;
                    let any = self.net.hub_tables.iter().position(|t| t.hub == hub);
                    self.net.attachments[a.index()].table = any.map(|t| (HubTableId(t as u32), doubt));
                    explicit.push(a);
                }
                continue;
            };
            let hub = self.net.hub_tables[table.index()].hub;
            let on = self.attachment_at(id, Some(hub));
            if on.is_empty() && !matches!(id, Known::Is(_)) {
                self.unsupported(item, "which attachment it concerns is not known", Vec::new());
            }
            for a in on {
                let twice = explicit.contains(&a);
                let presence =
                    if twice { self.maybe(item, TABLE, "it is associated twice") } else { Presence::Sure };
                self.net.attachments[a.index()].table = Some((table, presence));
                explicit.push(a);
            }
        }
        for a in 0..self.net.attachments.len() {
            let id = AttachmentId(a as u32);
            let Attachment { hub, item, .. } = self.net.attachments[a];
            if explicit.contains(&id) {
                continue;
            }
            // Of a hub of others anything may be.
            if !self.net.hubs[hub.index()].described {
                continue;
            }
            if notes.no_association.contains(&id) {
                continue;
            }
            let Some(table) = notes.defaults.get(&hub).and_then(|d| d.association) else { continue };
            let presence = if notes.guessed.contains(&id) {
                self.maybe(item, "", "whether it is associated by default is not certain")
            } else {
                Presence::Sure
            };
            self.net.attachments[a].table = Some((table, presence));
        }
    }
    /// "Route propagation": the ranges of an attached VPC; of VPN and Direct Connect what BGP brings.
    pub(crate) fn propagate_to_hubs(&mut self, notes: &HubNotes) {
        for a in 0..self.net.attachments.len() {
            let id = AttachmentId(a as u32);
            let hub = self.net.attachments[a].hub;
            if !notes.no_propagation.contains(&id)
                && let Some(t) = notes.defaults.get(&hub).and_then(|d| d.propagation)
            {
                let item = self.net.attachments[a].item;
                self.propagate_to(t, id, item, notes);
            }
        }
        for o in self.of("aws_ec2_transit_gateway_route_table_propagation") {
            let item = self.item(o);
            let table = match self.get(o, TABLE).id() {
                Known::Is(t) => self.hub_tables.get(t).copied(),
                _ => None,
            };
            let hub = table.map(|t| self.net.hub_tables[t.index()].hub);
            let id = self.get(o, ATTACHMENT).id();
            let on = self.attachment_at(id, hub);
            let Some(table) = table.filter(|_| !on.is_empty()) else {
                self.unsupported(item, "what it propagates where is not known", Vec::new());
                continue;
            };
            for a in on {
                self.propagate_to(table, a, item, notes);
            }
        }
    }
    fn propagate_to(&mut self, table: HubTableId, a: AttachmentId, item: ItemId, notes: &HubNotes) {
        let Attachment { what, presence, item: of, .. } = self.net.attachments[a.index()].clone();
        let push = |b: &mut Build<'w>, range, presence| {
            let route = HubRoute { range, attachment: Some(a), propagated: true, presence, item };
            push_new(&mut b.net.hub_tables[table.index()].routes, route);
        };
        match what {
            Attached::Vpc { vpc, .. } => {
                let ranges = self.net.vpcs[vpc.index()].ranges.clone();
                let whole = self.net.vpcs[vpc.index()].described && !ranges.is_empty();
                for r in ranges {
                    let p = if r.addr().is_ipv6() && notes.v4_only.contains(&a) {
                        let off = self.maybe(of, "ipv6_support", "IPv6 support is off for this attachment");
                        both(presence, off)
                    } else {
                        presence
                    };
                    push(self, Some(r), p);
                }
                if !whole {
                    let p = self.maybe(of, "vpc_id", "not all ranges of its VPC are known");
                    push(self, None, p);
                }
            }
            Attached::Outside { .. } if notes.dynamic.contains(&a) => {
                let p = self.maybe(of, "", "which routes it brings is known at runtime only (BGP)");
                push(self, None, p);
            }
            _ => {}
        }
    }

    pub(crate) fn read_hub_routes(&mut self) {
        for o in
            self.of_any(&["aws_ec2_transit_gateway_route", "aws_ec2_transit_gateway_prefix_list_reference"])
        {
            let item = self.item(o);
            let tables: Vec<HubTableId> = match self.get(o, TABLE).id() {
                Known::Is(t) => match self.hub_tables.get(t) {
                    Some(t) => vec![*t],
                    None => {
                        self.unsupported(
                            item,
                            "its transit gateway is not in this configuration",
                            Vec::new(),
                        );
                        continue;
                    }
                },
                _ => {
                    self.unsupported(item, "to which table it belongs is not known", Vec::new());
                    continue;
                }
            };
            let (ranges, sure) = self.ranges_of_hub_route(o, item);
            for table in tables {
                let hub = self.net.hub_tables[table.index()].hub;
                let black = self.get(o, "blackhole").flag();
                let id = self.get(o, ATTACHMENT).id();
                let mut to: Vec<(Option<AttachmentId>, Presence)> =
                    self.attachment_at(id, Some(hub)).into_iter().map(|a| (Some(a), sure)).collect();
                if black == Known::Is(true) {
                    to = vec![(None, sure)];
                } else if to.is_empty() {
                    to = self.somewhere(o, hub, id);
                }
                for r in &ranges {
                    for (attachment, presence) in &to {
                        let route = HubRoute {
                            range: *r,
                            attachment: *attachment,
                            propagated: false,
                            presence: both(*presence, sure),
                            item,
                        };
                        push_new(&mut self.net.hub_tables[table.index()].routes, route);
                    }
                }
            }
        }
    }
    fn ranges_of_hub_route(&mut self, o: Obj, item: ItemId) -> (Vec<Option<ipnet::IpNet>>, Presence) {
        if self.ty(o) == "aws_ec2_transit_gateway_route" {
            return match self.get(o, "destination_cidr_block").net() {
                Known::Is(net) => (vec![Some(net)], Presence::Sure),
                _ => (vec![None], self.maybe(item, "destination_cidr_block", NOT_KNOWN)),
            };
        }
        let list = self.list(o, self.get(o, "prefix_list_id").id(), "prefix_list_id");
        match self.net.prefix_lists[list.index()].entries.clone() {
            Some(e) => (e.into_iter().map(Some).collect(), Presence::Sure),
            None => (vec![None], self.maybe(item, "prefix_list_id", "the entries of the list are not known")),
        }
    }
    /// Where a route leads whose attachment is not in this world: to something outside, or to any
    /// attachment if not even its id is known.
    fn somewhere(&mut self, o: Obj, hub: HubId, id: Known<&'w str>) -> Vec<(Option<AttachmentId>, Presence)> {
        let item = self.item(o);
        let doubt = self.maybe(item, ATTACHMENT, "the attachment is not in this configuration");
        match id {
            Known::Is(text) => {
                let name = self.named(format!("the attachment {text}"), None);
                let node = self.new_node(name, NodeKind::Outside);
                let a = self.attach(name, hub, Attached::Outside { node, ranges: None }, doubt);
                self.attachments.entry(text).or_default().push(a);
                vec![(Some(a), doubt)]
            }
            _ => {
                let all = (0..self.net.attachments.len()).filter(|a| self.net.attachments[*a].hub == hub);
                all.map(|a| (Some(AttachmentId(a as u32)), doubt)).collect()
            }
        }
    }
}
