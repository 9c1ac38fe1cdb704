//! Ways between VPCs and to the outside: peerings, transit gateways, VPN.

use super::{End, Maybe, Step, Walker};
use crate::engine::map::Span;
use crate::engine::routes::{Entry, Place};
use crate::model::{
    Attached, AttachmentId, HubId, HubTableId, ItemId, NodeId, PeeringId, Presence, SubnetId, Tri, VpcId,
};
use crate::witness::BlockerKind;

impl Walker<'_, '_> {
    pub(super) fn start_outside(&mut self, node: NodeId, span: Span) {
        let entries = self.r.entries.get(&node).cloned().unwrap_or_default();
        let item = self.r.net.nodes[node.index()].item;
        for entry in &entries {
            // The other end chooses the way in; one that cannot lead there is not chosen.
            if let (Entry::Gateway(g), Place::Subnet(_, vpc)) = (entry, self.to)
                && self.r.net.gateways[g.index()].vpc != Some(vpc)
                && entries.len() > 1
            {
                continue;
            }
            self.branch(|w| match *entry {
                Entry::Gateway(g) => w.come_in(g, span),
                Entry::Attachment(a) => {
                    w.steps.push(Step::Attachment(a, None));
                    w.through_hub(a, None, span);
                }
                Entry::Vpc(vpc) => w.start_undescribed(vpc, span),
                Entry::Hub(hub) => w.open_hub(hub, span),
            });
        }
        if entries.is_empty() {
            self.stop(span, BlockerKind::NotCarried, item, "nothing of this network leads in from there");
        }
    }

    /// From a VPC of which nothing is known.
    pub(super) fn start_undescribed(&mut self, vpc: VpcId, span: Span) {
        let net = self.r.net;
        let mut any = false;
        for (n, peering) in net.peerings.iter().enumerate() {
            let other = match peering.ends {
                (a, b) if a == vpc => b,
                (a, b) if b == vpc => a,
                _ => continue,
            };
            if self.to.vpc() == Some(other) {
                any = true;
                self.branch(|w| {
                    w.only(net.vpcs[vpc.index()].item, "what is in this VPC is not described");
                    w.cross_peering(PeeringId(n as u32), other, span);
                });
            }
        }
        for (n, attachment) in net.attachments.iter().enumerate() {
            if matches!(attachment.what, Attached::Vpc { vpc: v, .. } if v == vpc) {
                any = true;
                self.branch(|w| {
                    w.only(net.vpcs[vpc.index()].item, "what is in this VPC is not described");
                    w.steps.push(Step::Attachment(AttachmentId(n as u32), None));
                    w.through_hub(AttachmentId(n as u32), None, span);
                });
            }
        }
        if !any {
            let item = net.vpcs[vpc.index()].item;
            self.stop(span, BlockerKind::NotCarried, item, "nothing of this network leads in from there");
        }
    }

    /// Over VPN or Direct Connect.
    pub(super) fn at_outside(&mut self, outside: NodeId, item: ItemId, span: Span) {
        match self.to {
            Place::Outside(node) if node == outside => self.end(span, End::Arrived),
            Place::Service(_) => {
                self.stop(span, BlockerKind::Elsewhere, item, "the route leads outside");
            }
            // What is outside may pass it on, to the internet or back in.
            _ => {
                let item = self.r.net.nodes[outside.index()].item;
                if self.loops(2, outside.0) {
                    return self.stop(span, BlockerKind::NoRoute, item, "the routes lead in a circle");
                }
                let why = "what is outside may pass packets on";
                self.steps.push(Step::Open(Maybe { doubt: None, item, why }));
                match self.to {
                    Place::Subnet(..) => self.start_outside(outside, span),
                    _ => self.end(span, End::Arrived),
                }
            }
        }
    }

    /// "VPC peering": active, between the two VPCs and nothing behind them.
    pub(super) fn at_peering(&mut self, id: PeeringId, vpc: VpcId, span: Span) {
        let peering = &self.r.net.peerings[id.index()];
        let other = match peering.ends {
            (a, b) if a == vpc => b,
            (a, b) if b == vpc => a,
            _ => {
                let why = "the peering does not belong to the VPC of the route";
                return self.stop(span, BlockerKind::Blackhole, peering.item, why);
            }
        };
        if !self.of_this_vpc(vpc, peering.item, span) {
            return;
        }
        self.cross_peering(id, other, span);
    }

    pub(super) fn cross_peering(&mut self, id: PeeringId, other: VpcId, span: Span) {
        let net = self.r.net;
        let peering = &net.peerings[id.index()];
        self.steps.push(Step::Peering(id));
        match peering.active {
            Tri::Yes => {}
            Tri::Maybe(d) => self.need(Presence::Maybe(d), peering.item, "the peering may not be accepted"),
            Tri::No => {
                return self.stop(span, BlockerKind::Blackhole, peering.item, "the peering is not accepted");
            }
        }
        let far = &net.vpcs[other.index()];
        match self.to {
            Place::Subnet(subnet, there) if there == other => {
                self.steps.push(Step::In(subnet));
                self.end(span, End::Arrived);
            }
            Place::Outside(node) if far.outside == Some(node) => {
                self.anywhere(None, far.item, "what is in this VPC is not described", span);
            }
            Place::Internet | Place::Service(_) | Place::Outside(_) | Place::Translated => {
                let why = "a peering lends no gateway: only addresses of the other VPC are reached over it";
                self.stop(span, BlockerKind::NotCarried, peering.item, why);
            }
            Place::Subnet(..) => {
                let why = "the peering leads to another VPC";
                self.stop(span, BlockerKind::Elsewhere, peering.item, why);
            }
        }
    }

    /// "How network ACLs work with transit gateways": the attachment's subnet looks at
    /// the source inbound, also where the sender is in that subnet. "Amazon VPC
    /// attachments": only from zones in which the VPC is attached.
    pub(super) fn at_hub(&mut self, hub: HubId, subnet: SubnetId, vpc: VpcId, route: ItemId, span: Span) {
        let net = self.r.net;
        let attachments = self.r.attachments.get(&(vpc, hub)).cloned().unwrap_or_default();
        if attachments.is_empty() {
            if net.hubs[hub.index()].described {
                return self.stop(
                    span,
                    BlockerKind::Blackhole,
                    route,
                    "the VPC is not attached to the transit gateway",
                );
            }
            let why = "what is attached to the transit gateway is not all in this configuration";
            return self.anywhere(None, net.hubs[hub.index()].item, why, span);
        }
        for id in attachments {
            let attachment = &net.attachments[id.index()];
            let Attached::Vpc { subnets, .. } = &attachment.what else { continue };
            let doors = self.doors(subnets, subnet);
            if doors.is_empty() {
                let why = "the VPC is attached in no subnet of the sender's zone";
                self.stop(span, BlockerKind::Hub, attachment.item, why);
            }
            for door in doors {
                self.branch(|w| {
                    w.steps.push(Step::In(door));
                    w.steps.push(Step::Attachment(id, Some(door)));
                    w.through_hub(id, Some(door), span);
                });
            }
        }
    }

    /// Subnets of an attachment that serve a zone: those of the same zone; all of unknown
    /// zone; all, if the sender's zone is not known or is a local zone.
    pub(super) fn doors(&self, subnets: &[SubnetId], from: SubnetId) -> Vec<SubnetId> {
        let zone = |s: SubnetId| self.r.net.subnets[s.index()].zone.as_deref();
        let alive = |s: &SubnetId| self.r.is_lost(*s) != Some(true);
        match zone(from) {
            Some(here) if is_regional(here) => {
                // One that is named by a zone id may be in any.
                let serves = |s: &SubnetId| zone(*s).is_none_or(|z| z == here || !is_regional(z));
                subnets.iter().copied().filter(alive).filter(serves).collect()
            }
            _ => subnets.iter().copied().filter(alive).collect(),
        }
    }

    /// What an attachment sends, by the hub's table for it.
    pub(super) fn through_hub(&mut self, id: AttachmentId, door: Option<SubnetId>, span: Span) {
        let net = self.r.net;
        let attachment = &net.attachments[id.index()];
        let hub = &net.hubs[attachment.hub.index()];
        self.need(attachment.presence, attachment.item, "the attachment may not be there or not be accepted");
        if self.loops(1, id.0) {
            return self.stop(span, BlockerKind::Hub, attachment.item, "the routes lead in a circle");
        }
        if !hub.described {
            self.branch(|w| w.open_hub(attachment.hub, span));
        }
        let mut tables = Vec::new();
        match attachment.table {
            None if hub.described => {
                let why = "the attachment is associated with no table of the transit gateway";
                return self.stop(span, BlockerKind::Hub, attachment.item, why);
            }
            None => return,
            Some((table, Presence::Sure)) => tables.push(table),
            Some((table, Presence::Maybe(doubt))) => {
                let why =
                    "with which table of the transit gateway the attachment is associated is not certain";
                self.steps.push(Step::Note(Maybe { doubt: Some(doubt), item: attachment.item, why }));
                self.branch(|w| w.stop(span, BlockerKind::Hub, attachment.item, why));
                tables.push(table);
                let all = (0..net.hub_tables.len() as u32).map(HubTableId);
                tables.extend(all.filter(|t| *t != table && net.hub_tables[t.index()].hub == attachment.hub));
            }
        }
        for table in tables {
            let routing = self.r;
            for (piece, choice) in routing.hub_table(table).within(span) {
                for route in choice {
                    self.branch(|w| w.take_hub(table, *route, door, piece));
                }
            }
        }
    }

    pub(super) fn take_hub(
        &mut self,
        table: HubTableId,
        route: Option<u32>,
        door: Option<SubnetId>,
        span: Span,
    ) {
        let net = self.r.net;
        let Some(n) = route else {
            let item = net.hub_tables[table.index()].item;
            return self.stop(span, BlockerKind::Hub, item, "the transit gateway's table has no route there");
        };
        let route = &net.hub_tables[table.index()].routes[n as usize];
        self.steps.push(Step::HubRoute(table, n));
        self.note(route.presence, route.item, "this route of the transit gateway may not be there");
        let Some(id) = route.attachment else {
            return self.stop(
                span,
                BlockerKind::Blackhole,
                route.item,
                "the transit gateway's route is a black hole",
            );
        };
        self.out_of_hub(id, door, span);
    }

    pub(super) fn out_of_hub(&mut self, id: AttachmentId, door: Option<SubnetId>, span: Span) {
        let net = self.r.net;
        let attachment = &net.attachments[id.index()];
        self.need(attachment.presence, attachment.item, "the attachment may not be there or not be accepted");
        match &attachment.what {
            Attached::Outside { node, .. } => {
                self.steps.push(Step::Attachment(id, None));
                self.at_outside(*node, attachment.item, span);
            }
            Attached::Hub(far) => {
                self.steps.push(Step::Attachment(id, None));
                let back = self.r.of_hub.get(far).into_iter().flatten().copied();
                let back: Vec<AttachmentId> = back
                    .filter(|a| matches!(net.attachments[a.index()].what, Attached::Hub(h) if h == attachment.hub))
                    .collect();
                if back.is_empty() {
                    if net.hubs[far.index()].described {
                        let why = "the other transit gateway has no attachment for this peering";
                        return self.stop(span, BlockerKind::Hub, attachment.item, why);
                    }
                    return self.open_hub(*far, span);
                }
                for far in back {
                    self.branch(|w| {
                        w.steps.push(Step::Attachment(far, None));
                        w.through_hub(far, None, span);
                    });
                }
            }
            Attached::Vpc { vpc, subnets, appliance } => {
                let far = &net.vpcs[vpc.index()];
                if matches!(self.to, Place::Outside(node) if far.outside == Some(node)) {
                    self.steps.push(Step::Attachment(id, None));
                    return self.anywhere(None, far.item, "what is in this VPC is not described", span);
                }
                // In the zone it came from if the VPC is attached there; in appliance mode
                // a zone is chosen for each flow, and both directions take it.
                let alive = subnets.iter().copied().filter(|s| self.r.is_lost(*s) != Some(true));
                let alive: Vec<SubnetId> = alive.collect();
                let mut doors = match door {
                    Some(door) if !appliance => self.doors(subnets, door),
                    _ => Vec::new(),
                };
                if doors.is_empty() {
                    doors = alive;
                }
                if doors.is_empty() {
                    self.stop(span, BlockerKind::Hub, attachment.item, "the attachment has no subnet");
                }
                for door in doors {
                    self.branch(|w| {
                        w.steps.push(Step::Attachment(id, Some(door)));
                        w.emit(door, span);
                    });
                }
            }
        }
    }

    /// Through a hub whose attachments and tables are not all known: to whatever is
    /// attached.
    pub(super) fn open_hub(&mut self, hub: HubId, span: Span) {
        let net = self.r.net;
        let item = net.hubs[hub.index()].item;
        let attached = match self.to {
            Place::Subnet(_, vpc) => {
                self.r.attachments.contains_key(&(vpc, hub)) || !net.vpcs[vpc.index()].described
            }
            _ => true,
        };
        if attached {
            let why = "what is attached to the transit gateway is not all in this configuration";
            self.anywhere(None, item, why, span);
        } else {
            self.stop(
                span,
                BlockerKind::Hub,
                item,
                "the destination's VPC is not attached to the transit gateway",
            );
        }
    }
}

/// Whether a name is that of an availability zone, not of a local zone.
pub fn is_regional(zone: &str) -> bool {
    zone.matches('-').count() <= 3 && zone.ends_with(|c: char| c.is_ascii_lowercase())
}
