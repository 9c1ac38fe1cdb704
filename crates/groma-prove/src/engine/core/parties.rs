//! Ends: which addresses they have, what tells them apart.

use super::{Core, Party};
use crate::engine::filters::GroupKey;
use crate::engine::lanes::{ALL, MAY, NONE};
use crate::engine::map::{Span, last, span, tidy};
use crate::engine::routes::{Loc, Place};
use crate::engine::walk::NAT64;
use crate::model::{Attached, GatewayKind, InterfaceId, InterfaceKind, NodeId, NodeKind, Presence, Tri};
use crate::ports::Family;

impl Core<'_> {
    /// The addresses that an interface can have: its own if known, else those of its
    /// subnet, else of its VPC, else any.
    pub(super) fn addresses(&self, interface: InterfaceId) -> Vec<Span> {
        let i = &self.net.interfaces[interface.index()];
        let subnet = &self.net.subnets[i.subnet.index()];
        let vpc = &self.net.vpcs[subnet.vpc.index()];
        for ranges in [&i.addresses, &subnet.ranges, &vpc.ranges] {
            let spans: Vec<Span> = ranges.iter().filter_map(|r| span(self.family, r)).collect();
            if !spans.is_empty() {
                return tidy(spans);
            }
        }
        vec![(0, last(self.family))]
    }

    /// The location of an interface, end or not.
    pub(super) fn loc_of(&mut self, interface: InterfaceId) -> u32 {
        let (subnet, vpc) = self.routing.home(interface);
        let spans = self.addresses(interface);
        self.intern_loc(Loc { place: Place::Subnet(subnet, vpc), spans })
    }

    pub(super) fn interface_party(&mut self, id: InterfaceId) -> Option<u32> {
        let i = &self.net.interfaces[id.index()];
        if matches!(i.kind, InterfaceKind::Nat | InterfaceKind::Inspection | InterfaceKind::Attachment) {
            return None;
        }
        let families = match self.family {
            Family::V4 => i.families.0,
            Family::V6 => i.families.1,
        };
        let mut exists = match families {
            Tri::No => return None,
            Tri::Yes => ALL,
            Tri::Maybe(_) => MAY,
        };
        if i.presence != Presence::Sure {
            exists = MAY;
        }
        match self.routing.is_lost(i.subnet) {
            Some(true) => return None,
            Some(false) => exists = MAY,
            None => {}
        }
        let public = match (self.family, i.public) {
            (Family::V6, _) | (_, Tri::Yes) => ALL,
            (_, Tri::Maybe(_)) => MAY,
            (_, Tri::No) => NONE,
        };
        // "Custom network ACLs": Linux uses 32768 to 60999, load balancers and Lambda
        // functions 1024 to 65535.
        let lambda = |kind: &NodeKind| matches!(kind, NodeKind::Resource(t) if t.starts_with("aws_lambda"));
        let any_port = i.kind != InterfaceKind::Ordinary || lambda(&self.net.nodes[i.node.index()].kind);
        let (loc, groups) = (self.loc_of(id), self.intern_groups(GroupKey::of(i)));
        let many = i.many;
        Some(self.intern_party(Party { loc, groups, exists, public, any_port, many }))
    }

    pub(super) fn outside_party(&mut self, node: NodeId) -> Option<u32> {
        let (place, spans) = match &self.net.nodes[node.index()].kind {
            NodeKind::Resource(_) => return None,
            NodeKind::Internet => (Place::Internet, internet(self.family)),
            NodeKind::Outside => (Place::Outside(node), self.outside_ranges(node).0),
            NodeKind::Service(_) => (Place::Service(node), self.service_ranges(node)),
        };
        let unknown = matches!(place, Place::Outside(_)) && spans[..] == [(0, last(self.family))];
        let loc = self.intern_loc(Loc { place, spans });
        // What is in a VPC of others may carry any group.
        let others = self.net.vpcs.iter().any(|v| v.outside == Some(node))
            || self.net.hubs.iter().any(|h| h.outside == Some(node));
        let groups = self.intern_groups(if others { GroupKey::unknown() } else { GroupKey::none() });
        // Some address is enough for `Must`, but of an unknown network nobody knows one.
        let exists = if unknown { MAY } else { ALL };
        Some(self.intern_party(Party { loc, groups, exists, public: ALL, any_port: true, many: true }))
    }

    /// Of a network outside of which some ranges are known: whatever else may be in it.
    pub(super) fn rest_of_outside(&mut self, node: NodeId, party: u32) -> Option<u32> {
        let whole = vec![(0, last(self.family))];
        let place = Place::Outside(node);
        let known = &self.locs[self.parties[party as usize].loc as usize];
        if known.place != place || known.spans == whole || self.outside_ranges(node).1 {
            return None;
        }
        let loc = self.intern_loc(Loc { place, spans: whole });
        let party = Party { loc, exists: MAY, ..self.parties[party as usize] };
        Some(self.intern_party(party))
    }

    /// What NAT64 shows of the IPv4 internet: IPv6 addresses that are only possibly ways
    /// to it.
    pub(super) fn nat64_party(&mut self, place: Place) -> u32 {
        let loc = self.intern_loc(Loc { place, spans: vec![NAT64] });
        let groups = self.intern_groups(GroupKey::none());
        self.intern_party(Party { loc, groups, exists: MAY, public: ALL, any_port: true, many: true })
    }

    /// A NAT gateway as the sender of what it translates from IPv6.
    pub fn translator_party(&mut self, interface: InterfaceId) -> Option<u32> {
        let i = &self.net.interfaces[interface.index()];
        if self.routing.is_lost(i.subnet) == Some(true) {
            return None;
        }
        let public = if i.public == Tri::No { NONE } else { MAY };
        let (loc, groups) = (self.loc_of(interface), self.intern_groups(GroupKey::none()));
        Some(self.intern_party(Party { loc, groups, exists: MAY, public, any_port: true, many: false }))
    }

    /// The ranges that are known, and whether these are all. If none is known: all addresses.
    pub(super) fn outside_ranges(&self, node: NodeId) -> (Vec<Span>, bool) {
        let mut spans = Vec::new();
        let mut complete = !self.net.more_behind.contains(&node);
        let mut add = |ranges: Option<&[ipnet::IpNet]>| match ranges {
            Some(ranges) => spans.extend(ranges.iter().filter_map(|r| span(self.family, r))),
            None => complete = false,
        };
        for gateway in &self.net.gateways {
            if let GatewayKind::Private { ranges, outside } = &gateway.kind
                && *outside == node
            {
                add(ranges.as_deref());
            }
        }
        for attachment in &self.net.attachments {
            if let Attached::Outside { node: n, ranges } = &attachment.what
                && *n == node
            {
                add(ranges.as_deref());
            }
        }
        for vpc in &self.net.vpcs {
            if vpc.outside == Some(node) {
                add((!vpc.ranges.is_empty()).then_some(&*vpc.ranges));
            }
        }
        if self.net.hubs.iter().any(|h| h.outside == Some(node)) {
            add(None);
        }
        if !complete && spans.is_empty() {
            return (vec![(0, last(self.family))], false);
        }
        (tidy(spans), complete)
    }

    pub(super) fn service_ranges(&self, node: NodeId) -> Vec<Span> {
        let lists = self.net.prefix_lists.iter().filter(|l| l.service == Some(node));
        let entries: Option<Vec<_>> = lists.map(|l| l.entries.as_ref()).collect();
        let spans: Vec<Span> = match &entries {
            Some(lists) => lists.iter().flat_map(|l| l.iter()).filter_map(|r| span(self.family, r)).collect(),
            None => Vec::new(),
        };
        if spans.is_empty() { internet(self.family) } else { tidy(spans) }
    }

    /// The internet as far as it is a service; whether its addresses are known.
    pub fn service_on_internet(&mut self, node: NodeId) -> (u32, bool) {
        let spans = self.service_ranges(node);
        let known = spans != internet(self.family);
        let loc = self.intern_loc(Loc { place: Place::Internet, spans });
        let groups = self.intern_groups(GroupKey::none());
        let party = Party { loc, groups, exists: ALL, public: ALL, any_port: true, many: true };
        (self.intern_party(party), known)
    }

    /// An address that an interface can have.
    pub fn first_address(&self, interface: InterfaceId) -> u128 {
        self.addresses(interface).first().map_or(0, |s| example(*s))
    }

    /// An address of a location.
    pub fn example_address(&self, loc: u32) -> u128 {
        self.locs[loc as usize].spans.first().map_or(0, |s| example(*s))
    }

    /// One address of a place, as a location.
    pub fn loc_at(&mut self, place: Place, address: u128) -> u32 {
        self.intern_loc(Loc { place, spans: vec![(address, address)] })
    }

    /// Where a node without interfaces is.
    pub fn place_of(&self, node: NodeId) -> Place {
        match self.party_of_node(node) {
            Some(party) => self.locs[self.parties[party as usize].loc as usize].place,
            None => Place::Outside(node),
        }
    }
}

/// Global unicast addresses of IPv6.
pub const GLOBAL: Span = (0x2000 << 112, (0x4000 << 112) - 1);

/// The addresses of the internet: all but special ranges (RFC 6890); of IPv6 global
/// unicast.
pub fn internet(family: Family) -> Vec<Span> {
    match family {
        Family::V6 => vec![GLOBAL],
        Family::V4 => {
            let special: [(u32, u8); 10] = [
                (0x0000_0000, 8),
                (0x0a00_0000, 8),
                (0x6440_0000, 10),
                (0x7f00_0000, 8),
                (0xa9fe_0000, 16),
                (0xac10_0000, 12),
                (0xc000_0000, 24),
                (0xc0a8_0000, 16),
                (0xc612_0000, 15),
                (0xe000_0000, 3),
            ];
            let mut next = 0u128;
            let mut out = Vec::new();
            for (from, length) in special {
                let (from, size) = (u128::from(from), 1u128 << (32 - length));
                if from > next {
                    out.push((next, from - 1));
                }
                next = from + size;
            }
            out
        }
    }
}

/// An address of a range that a host can have: not one of the first, which are the
/// router's.
pub fn example(span: Span) -> u128 {
    if span.1 - span.0 >= 32 { span.0 + 10 } else { span.0 }
}
