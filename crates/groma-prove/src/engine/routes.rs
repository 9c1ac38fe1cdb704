//! Route tables as maps from destination to the routes that may be taken.

use super::map::{Span, pieces, span};
use crate::model::{
    Attached, AttachmentId, GatewayId, GatewayKind, HubId, HubTableId, InterfaceId, Network, NodeId,
    Presence, SubnetId, TableId, VpcId,
};
use crate::ports::Family;
use std::collections::HashMap;
use std::sync::Arc;

/// What may be taken: indices of routes. `None`: no route. One: it is certain.
pub type Choice = Vec<Option<u32>>;

/// A table. Starts, from 0, sorted.
#[derive(Clone, Debug, Default)]
pub struct RouteMap {
    starts: Vec<(u128, u32)>,
    choices: Vec<Choice>,
}

impl RouteMap {
    /// "Route priority", Amazon VPC User Guide: the longest prefix that matches; of equal
    /// ones static before propagated. The same holds for transit gateways.
    ///
    /// Routes: range (`None`: unknown), propagated, certain.
    fn new(family: Family, routes: impl Iterator<Item = (Option<Span>, bool, bool)>) -> Self {
        let routes: Vec<_> = routes.collect();
        let ranges = routes.iter().enumerate();
        let ranges: Vec<(Span, u32)> = ranges.filter_map(|(n, r)| Some((r.0?, n as u32))).collect();
        let anywhere: Vec<Option<u32>> =
            (0..routes.len() as u32).filter(|n| routes[*n as usize].0.is_none()).map(Some).collect();
        let mut map = Self::default();
        let mut known: HashMap<Choice, u32> = HashMap::new();
        pieces(family, ranges, |piece, over| {
            // Outermost first, so the longest are last.
            let mut over: Vec<u32> = over.to_vec();
            let size = |n: &u32| routes[*n as usize].0.map_or(u128::MAX, |s| s.1 - s.0);
            over.sort_by_key(|n| (size(n), routes[*n as usize].1));
            let mut choice = anywhere.clone();
            let mut decided: Option<(u128, bool)> = None;
            for n in over {
                let key = (size(&n), routes[n as usize].1);
                if decided.is_some_and(|d| d != key) {
                    break;
                }
                choice.push(Some(n));
                if routes[n as usize].2 {
                    decided = Some(key);
                }
            }
            if decided.is_none() {
                choice.push(None);
            }
            let next = map.choices.len() as u32;
            let id = *known.entry(choice.clone()).or_insert(next);
            if id == next {
                map.choices.push(choice);
            }
            if map.starts.last().is_none_or(|end| end.1 != id) {
                map.starts.push((piece.0, id));
            }
        });
        map
    }

    /// The pieces of a span with what may be taken for them.
    pub fn within(&self, at: Span) -> impl Iterator<Item = (Span, &Choice)> {
        let from = self.starts.partition_point(|e| e.0 <= at.0).saturating_sub(1);
        let rest = self.starts[from..].iter().enumerate().take_while(move |(_, e)| e.0 <= at.1);
        rest.map(move |(n, e)| {
            let end = self.starts.get(from + n + 1).map_or(u128::MAX, |next| next.0 - 1);
            ((e.0.max(at.0), end.min(at.1)), &self.choices[e.1 as usize])
        })
    }
}

/// A set of addresses somewhere.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Loc {
    pub place: Place,
    /// Sorted and disjoint; empty: no address of this family.
    pub spans: Vec<Span>,
}

/// Where an end is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    Subnet(SubnetId, VpcId),
    Internet,
    Outside(NodeId),
    Service(NodeId),
    /// Whatever a NAT gateway leads to that translates from IPv6.
    Translated,
}

impl Place {
    pub fn vpc(self) -> Option<VpcId> {
        match self {
            Self::Subnet(_, vpc) => Some(vpc),
            _ => None,
        }
    }
    /// Whether its addresses are those of many hosts.
    pub fn plural(self) -> bool {
        !matches!(self, Self::Subnet(..) | Self::Translated)
    }
}

/// All that decides where packets go, one family, prepared for lookups.
pub struct Routing<'n> {
    pub net: &'n Network,
    pub family: Family,
    pub lost: Option<Arc<str>>,
    tables: Vec<RouteMap>,
    hub_tables: Vec<RouteMap>,
    /// Attachments of a VPC to a hub.
    pub attachments: HashMap<(VpcId, HubId), Vec<AttachmentId>>,
    /// All attachments of a hub.
    pub of_hub: HashMap<HubId, Vec<AttachmentId>>,
    /// Gateways of a VPC.
    pub gateways: HashMap<VpcId, Vec<GatewayId>>,
    /// Gateways of which it is not known where they are attached.
    pub adrift: Vec<GatewayId>,
    /// Ways in from an outside node.
    pub entries: HashMap<NodeId, Vec<Entry>>,
}

/// A way into the network from an outside node.
#[derive(Clone, Copy, Debug)]
pub enum Entry {
    Gateway(GatewayId),
    Attachment(AttachmentId),
    /// It is what is in this VPC, which is not described.
    Vpc(VpcId),
    /// It is what else is attached to this hub.
    Hub(HubId),
}

impl<'n> Routing<'n> {
    pub fn new(net: &'n Network, family: Family, lost: Option<Arc<str>>) -> Self {
        let of = |range: &Option<ipnet::IpNet>| match range {
            // A range of the other family never matches: an empty span is none.
            Some(range) => span(family, range).map(Some),
            None => Some(None),
        };
        let sure = |p: &Presence| *p == Presence::Sure;
        let tables = net.tables.iter().map(|t| {
            let routes = t.routes.iter().map(|r| (of(&r.range), r.propagated, sure(&r.presence)));
            Self::map(family, routes)
        });
        let hub_tables = net.hub_tables.iter().map(|t| {
            let routes = t.routes.iter().map(|r| (of(&r.range), r.propagated, sure(&r.presence)));
            Self::map(family, routes)
        });
        let mut routing = Self {
            net,
            family,
            tables: tables.collect(),
            hub_tables: hub_tables.collect(),
            lost,
            attachments: HashMap::new(),
            of_hub: HashMap::new(),
            gateways: HashMap::new(),
            adrift: Vec::new(),
            entries: HashMap::new(),
        };
        for (n, attachment) in net.attachments.iter().enumerate() {
            let id = AttachmentId(n as u32);
            routing.of_hub.entry(attachment.hub).or_default().push(id);
            match &attachment.what {
                Attached::Vpc { vpc, .. } => {
                    routing.attachments.entry((*vpc, attachment.hub)).or_default().push(id);
                }
                Attached::Outside { node, .. } => {
                    routing.entries.entry(*node).or_default().push(Entry::Attachment(id));
                }
                Attached::Hub(_) => {}
            }
        }
        for (n, gateway) in net.gateways.iter().enumerate() {
            let id = GatewayId(n as u32);
            if let Some(vpc) = gateway.vpc {
                routing.gateways.entry(vpc).or_default().push(id);
            } else if gateway.presence != Presence::Sure {
                routing.adrift.push(id);
            }
            if let GatewayKind::Private { outside, .. } = gateway.kind {
                routing.entries.entry(outside).or_default().push(Entry::Gateway(id));
            }
        }
        for (n, vpc) in net.vpcs.iter().enumerate() {
            if let Some(node) = vpc.outside {
                routing.entries.entry(node).or_default().push(Entry::Vpc(VpcId(n as u32)));
            }
        }
        for (n, hub) in net.hubs.iter().enumerate() {
            if let Some(node) = hub.outside {
                routing.entries.entry(node).or_default().push(Entry::Hub(HubId(n as u32)));
            }
        }
        routing
    }

    /// Routes of the other family are left out, and indices stay those of the table.
    fn map(family: Family, routes: impl Iterator<Item = (Option<Option<Span>>, bool, bool)>) -> RouteMap {
        let routes: Vec<_> = routes.collect();
        let kept: Vec<u32> = (0..routes.len() as u32).filter(|n| routes[*n as usize].0.is_some()).collect();
        let of = |n: &u32| {
            let r = routes[*n as usize];
            (r.0.flatten(), r.1, r.2 && r.0.flatten().is_some())
        };
        let mut map = RouteMap::new(family, kept.iter().map(of));
        for choice in &mut map.choices {
            for route in choice.iter_mut().flatten() {
                *route = kept[*route as usize];
            }
        }
        map
    }

    pub fn table(&self, table: TableId) -> &RouteMap {
        &self.tables[table.index()]
    }
    pub fn hub_table(&self, table: HubTableId) -> &RouteMap {
        &self.hub_tables[table.index()]
    }

    /// Whether what is in a subnet is lost with the zone: certainly, perhaps.
    pub fn is_lost(&self, subnet: SubnetId) -> Option<bool> {
        let lost = self.lost.as_ref()?;
        match &self.net.subnets[subnet.index()].zone {
            Some(zone) if zone == lost => Some(true),
            Some(_) => None,
            None => Some(false),
        }
    }

    /// The subnet of an interface.
    pub fn home(&self, interface: InterfaceId) -> (SubnetId, VpcId) {
        let subnet = self.net.interfaces[interface.index()].subnet;
        (subnet, self.net.subnets[subnet.index()].vpc)
    }
}
