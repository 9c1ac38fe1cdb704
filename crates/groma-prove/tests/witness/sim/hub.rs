//! Transit gateways.

use super::{At, Carried, Direction, End, Link, Sim, Step, Way, stop};
use groma_prove::model::*;
use ipnet::IpNet;

impl Sim<'_> {
    /// From a subnet into a hub: by the attachment's interface in the same zone; there is
    /// none for other zones ("Amazon VPC attachments in AWS Transit Gateway"). The ACL of
    /// that interface's subnet sees the packet come in, even where it is the sender's
    /// own subnet ("Network ACLs for transit gateways").
    pub(super) fn enter_hub(&mut self, hub: HubId, from: SubnetId, carried: &mut Carried) -> Step {
        let (vpc, zone) = (self.subnet(from).vpc, self.subnet(from).zone.clone());
        let attached =
            self.world.network.attachments.iter().enumerate().find_map(|(index, a)| match &a.what {
                Attached::Vpc { vpc: v, subnets, .. } if a.hub == hub && *v == vpc => {
                    Some((AttachmentId(index as u32), subnets))
                }
                _ => None,
            });
        let Some((attachment, subnets)) = attached else { return stop("the VPC is not attached to the hub") };
        let Some(entry) = subnets.iter().copied().find(|s| self.subnet(*s).zone == zone) else {
            return stop("the attachment has no subnet in this zone");
        };
        self.acl(from, Direction::Out, &carried.packet)?;
        self.acl(entry, Direction::In, &carried.packet)?;
        carried.zone = zone;
        carried.way = match carried.way {
            Way::Local if self.member_in(vpc, carried.packet.src).is_some() => Way::Hub(hub),
            _ => Way::Lost,
        };
        Ok(At::Hub(attachment))
    }

    /// The table that is associated with where a packet comes from decides: the longest
    /// prefix, then static before propagated ("How AWS Transit Gateway works").
    pub(super) fn hub(&mut self, from: AttachmentId, carried: &mut Carried) -> Step {
        let attachment = &self.world.network.attachments[from.index()];
        let Some((table, _)) = attachment.table else { return stop("the attachment has no hub table") };
        let to = carried.packet.dst;
        let routes = &self.world.network.hub_tables[table.index()].routes;
        let matching: Vec<&HubRoute> =
            routes.iter().filter(|r| r.range.is_some_and(|range| range.contains(&to))).collect();
        let rank = |r: &HubRoute| (r.range.as_ref().map_or(0, IpNet::prefix_len), !r.propagated);
        let Some(best) = matching.iter().map(|r| rank(r)).max() else {
            return stop(format!("no hub route to {to}"));
        };
        let mut equal: Vec<Option<AttachmentId>> = Vec::new();
        for route in matching.iter().filter(|r| rank(r) == best) {
            if !equal.contains(&route.attachment) {
                equal.push(route.attachment);
            }
        }
        let Some(next) = equal[self.choose(equal.len())] else { return stop("a black hole of a hub") };
        let out = &self.world.network.attachments[next.index()];
        if out.hub != attachment.hub {
            return stop("an attachment of another hub");
        }
        self.note(|| format!("hub {} to attachment {}", out.hub.0, next.0));
        match &out.what {
            Attached::Vpc { subnets, appliance, .. } => {
                let subnet = self.entry(next, subnets, *appliance, carried)?;
                if carried.way == Way::Local {
                    carried.way = Way::Lost;
                }
                Ok(At::Leaving(subnet))
            }
            Attached::Outside { node, ranges } => {
                if ranges.as_ref().is_some_and(|r| !r.iter().any(|r| r.contains(&to))) {
                    // What others do with it is not known.
                    self.by_chance = true;
                    return stop("not behind the attachment");
                }
                Ok(At::Done(End::Outside(*node, Link::Attachment(next))))
            }
            Attached::Hub(other) => {
                let back = self
                    .world
                    .network
                    .attachments
                    .iter()
                    .position(|a| a.hub == *other && matches!(a.what, Attached::Hub(h) if h == out.hub));
                carried.way = Way::Lost;
                carried.zone = None;
                match back {
                    Some(back) => Ok(At::Hub(AttachmentId(back as u32))),
                    None => stop("the other hub has no such attachment"),
                }
            }
        }
    }

    /// The interface by which a packet enters an attached VPC: in the zone where it
    /// entered the hub; in appliance mode, one for both directions of a connection, any
    /// ("How AWS Transit Gateway works": availability zones, appliance mode).
    fn entry(
        &mut self,
        attachment: AttachmentId,
        subnets: &[SubnetId],
        appliance: bool,
        carried: &Carried,
    ) -> Result<SubnetId, super::Drop> {
        if subnets.is_empty() {
            return stop("the attachment has no subnets");
        }
        if !appliance
            && carried.zone.is_some()
            && let Some(same) = subnets.iter().copied().find(|s| self.subnet(*s).zone == carried.zone)
        {
            return Ok(same);
        }
        if let Some(stuck) = self.stuck.get(&attachment) {
            return Ok(*stuck);
        }
        let chosen = subnets[self.choose(subnets.len())];
        if appliance {
            self.stuck.insert(attachment, chosen);
        }
        Ok(chosen)
    }
}
