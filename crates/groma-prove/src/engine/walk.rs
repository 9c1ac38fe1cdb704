//! Where packets go: routes followed from an emitter to a destination, without filters.
//!
//! A walk yields the ways that a packet may take, each as a list of steps; filters are
//! read off the steps afterwards. Usually there is one way; doubts make several.

use super::map::Span;
use super::routes::{Entry, Loc, Place, Routing};
use crate::model::{
    Attached, AttachmentId, BlockMode, DoubtId, GatewayId, GatewayKind, HubId, HubTableId, InterfaceId,
    InterfaceKind, ItemId, NodeId, PeeringId, Presence, SubnetId, TableId, Target, Tri, VpcId,
};
use crate::ports::Family;
use crate::witness::BlockerKind;

/// Why something is only possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Maybe {
    pub doubt: Option<DoubtId>,
    pub item: ItemId,
    pub why: &'static str,
}

/// Why a packet goes no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop {
    pub kind: BlockerKind,
    pub item: ItemId,
    pub why: &'static str,
}

/// A step of a way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Leaves a subnet: its ACL looks at the destination.
    Out(SubnetId),
    /// Enters a subnet: its ACL looks at the source.
    In(SubnetId),
    /// A route decides.
    Route(TableId, u32),
    /// A route of a hub decides.
    HubRoute(HubTableId, u32),
    /// Through a gateway (internet, egress-only, private, service).
    Gateway(GatewayId),
    /// The source is an interface's public address from here on. Without an interface:
    /// the sender's own.
    Public(Option<InterfaceId>),
    /// Through a peering.
    Peering(PeeringId),
    /// Into or out of a hub, by an attachment and the subnet of it.
    Attachment(AttachmentId, Option<SubnetId>),
    /// An appliance or firewall passes it on. Its own groups look at it.
    Pass(InterfaceId),
    /// The source is an interface's private address from here on; `true`: a NAT
    /// gateway, which knows TCP, UDP and ICMP only.
    Translate(InterfaceId, bool),
    /// Only possible: counts under `May` alone.
    Only(Maybe),
    /// Not certain, but what else may happen is another way of the same walk.
    Note(Maybe),
    /// From here on nothing is certain: under `May` everything that looks at the source
    /// passes, and answers come back.
    Open(Maybe),
}

/// How a way ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// At the destination.
    Arrived,
    /// The destination was an address of the internet, but this network has it for
    /// itself or for a service: not what was asked.
    NotThere,
    /// It goes no further.
    Stopped(Stop),
}

/// A way.
#[derive(Clone, Debug, PartialEq)]
pub struct Leg {
    pub steps: Vec<Step>,
    pub end: End,
}

impl Leg {
    /// The VPC whose gateway leads out to the internet, and that gateway.
    pub fn exit(&self) -> Option<GatewayId> {
        self.steps.iter().rev().find_map(|s| if let Step::Gateway(g) = s { Some(*g) } else { None })
    }
    /// Appliances that passed it on, in order.
    pub fn boxes(&self) -> impl DoubleEndedIterator<Item = InterfaceId> {
        self.steps.iter().filter_map(|s| if let Step::Pass(i) = s { Some(*i) } else { None })
    }
    /// What changed the source, in order.
    pub fn translators(&self) -> impl DoubleEndedIterator<Item = InterfaceId> {
        self.steps.iter().filter_map(|s| if let Step::Translate(i, _) = s { Some(*i) } else { None })
    }
    /// Whether nothing is known of it.
    pub fn open(&self) -> bool {
        self.steps.iter().any(|s| matches!(s, Step::Open(_)))
    }
}

/// Where a walk starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Start {
    /// An interface of a subnet sends.
    Subnet(SubnetId),
    /// It comes from the internet through a gateway of this VPC.
    Gateway(GatewayId),
    /// It comes from the internet: through any internet gateway of the destination's VPC.
    Internet,
    /// It comes from outside.
    Outside(NodeId),
}

/// Whether a packet opens a connection or answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    Opening,
    Answer,
}

/// Ways for each part of the destination's addresses.
pub type Walk = Vec<(Span, Vec<Leg>)>;

/// More alternatives than this and the rest of them is taken as open: contradictory
/// networks must not take exponential time.
const MOST_LEGS: usize = 64;

/// Walks from `start` to all addresses of `to`. `vpc`: where the sender's own address is.
pub fn walk(routing: &Routing<'_>, start: Start, vpc: Option<VpcId>, to: &Loc, direction: Direction) -> Walk {
    let mut out = Vec::new();
    for span in &to.spans {
        let mut walker = Walker {
            r: routing,
            to: to.place,
            direction,
            own: vpc,
            translated: None,
            steps: Vec::new(),
            seen: Vec::new(),
            legs: Vec::new(),
        };
        walker.start(start, *span);
        out.extend(cut(*span, walker.legs));
    }
    out
}

/// Legs with their own spans, as pieces with all the legs of each.
fn cut(span: Span, legs: Vec<(Span, Leg)>) -> Walk {
    if legs.iter().all(|(s, _)| *s == span) {
        return vec![(span, legs.into_iter().map(|(_, l)| l).collect())];
    }
    let mut starts: Vec<u128> = vec![span.0];
    for ((from, to), _) in &legs {
        starts.push(*from);
        if *to < span.1 {
            starts.push(to + 1);
        }
    }
    starts.sort_unstable();
    starts.dedup();
    let ends = starts.iter().skip(1).map(|s| s - 1).chain([span.1]);
    let covering = |piece: Span| {
        let within = legs.iter().filter(|(s, _)| s.0 <= piece.0 && piece.1 <= s.1);
        (piece, within.map(|(_, l)| l.clone()).collect())
    };
    starts.iter().copied().zip(ends).map(covering).collect()
}

struct Walker<'r, 'n> {
    r: &'r Routing<'n>,
    to: Place,
    direction: Direction,
    own: Option<VpcId>,
    translated: Option<InterfaceId>,
    steps: Vec<Step>,
    seen: Vec<(u8, u32, usize)>,
    legs: Vec<(Span, Leg)>,
}

const OTHER_VPC: &str = "the packet's source is not an address of this VPC, and a gateway carries only those";

impl Walker<'_, '_> {
    fn end(&mut self, span: Span, end: End) {
        if self.legs.len() < MOST_LEGS {
            self.legs.push((span, Leg { steps: self.steps.clone(), end }));
        } else if self.legs.len() == MOST_LEGS {
            let item = self.item_of_destination();
            self.steps.push(Step::Open(Maybe {
                doubt: None,
                item,
                why: "too many ways are possible to follow them all",
            }));
            // For all addresses: what is left out could lead any of them on.
            let leg = Leg { steps: self.steps.clone(), end: End::Arrived };
            self.legs.push(((0, u128::MAX), leg));
        }
    }

    fn item_of_destination(&self) -> ItemId {
        let net = self.r.net;
        match self.to {
            Place::Subnet(s, _) => net.subnets[s.index()].item,
            Place::Outside(n) | Place::Service(n) => net.nodes[n.index()].item,
            Place::Internet => net.nodes.first().map_or(ItemId(0), |n| n.item),
        }
    }

    fn stop(&mut self, span: Span, kind: BlockerKind, item: ItemId, why: &'static str) {
        self.end(span, End::Stopped(Stop { kind, item, why }));
    }

    /// Runs with steps and state that are put back afterwards.
    fn branch(&mut self, run: impl FnOnce(&mut Self)) {
        let (steps, seen, translated) = (self.steps.len(), self.seen.len(), self.translated);
        run(self);
        self.steps.truncate(steps);
        self.seen.truncate(seen);
        self.translated = translated;
    }

    /// Marks a presence; whether it may be there at all.
    fn need(&mut self, presence: Presence, item: ItemId, why: &'static str) {
        if let Presence::Maybe(doubt) = presence {
            self.steps.push(Step::Only(Maybe { doubt: Some(doubt), item, why }));
        }
    }

    fn only(&mut self, item: ItemId, why: &'static str) {
        self.steps.push(Step::Only(Maybe { doubt: None, item, why }));
    }

    /// Whether this place was passed before with the same source: a loop.
    fn loops(&mut self, kind: u8, id: u32) -> bool {
        let translations = self.steps.iter().filter(|s| matches!(s, Step::Translate(..))).count();
        let key = (kind, id, translations);
        if self.seen.contains(&key) {
            return true;
        }
        self.seen.push(key);
        false
    }

    fn translated_by(&self, interface: InterfaceId) -> bool {
        self.steps.iter().any(|s| matches!(s, Step::Translate(i, _) if *i == interface))
    }

    /// The VPC in which the packet's source is an address.
    fn source_vpc(&self) -> Option<VpcId> {
        match self.translated {
            Some(i) => Some(self.r.home(i).1),
            None => self.own,
        }
    }

    fn start(&mut self, start: Start, span: Span) {
        match start {
            Start::Subnet(subnet) => self.emit(subnet, span),
            Start::Gateway(gateway) => self.come_in(gateway, span),
            Start::Internet => {
                let Place::Subnet(_, vpc) = self.to else { return };
                let gateways = self.r.gateways.get(&vpc).cloned().unwrap_or_default();
                let gateways: Vec<GatewayId> = gateways
                    .into_iter()
                    .filter(|g| match self.r.net.gateways[g.index()].kind {
                        GatewayKind::Internet => true,
                        // Answers come back through it.
                        GatewayKind::EgressOnly => self.direction == Direction::Answer,
                        _ => false,
                    })
                    .collect();
                for gateway in &gateways {
                    self.branch(|w| w.come_in(*gateway, span));
                }
                if gateways.is_empty() {
                    let item = self.r.net.vpcs[vpc.index()].item;
                    self.stop(
                        span,
                        BlockerKind::NotCarried,
                        item,
                        "no internet gateway is attached to the VPC",
                    );
                }
            }
            Start::Outside(node) => self.start_outside(node, span),
        }
    }

    fn start_outside(&mut self, node: NodeId, span: Span) {
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
    fn start_undescribed(&mut self, vpc: VpcId, span: Span) {
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

    /// Out of a gateway into its VPC. "Gateway route tables", Amazon VPC User Guide: an
    /// associated table may send it to an interface instead.
    fn come_in(&mut self, id: GatewayId, span: Span) {
        let net = self.r.net;
        let gateway = &net.gateways[id.index()];
        self.steps.push(Step::Gateway(id));
        self.need(gateway.presence, gateway.item, "the gateway may not be there or not be attached");
        let Some(vpc) = gateway.vpc else {
            return self.stop(
                span,
                BlockerKind::NotCarried,
                gateway.item,
                "the gateway is attached to no VPC",
            );
        };
        if matches!(gateway.kind, GatewayKind::Internet | GatewayKind::EgressOnly)
            && let Some(stop) = self.access_blocked(vpc, &gateway.kind)
        {
            return self.end(span, End::Stopped(stop));
        }
        let Place::Subnet(subnet, there) = self.to else {
            return self.stop(span, BlockerKind::NotCarried, gateway.item, "a gateway leads to its VPC only");
        };
        let Some(table) = gateway.table else { return self.local_in(vpc, subnet, there, span) };
        let pieces: Vec<_> = self.r.table(table).within(span).map(|(s, c)| (s, c.clone())).collect();
        for (piece, choice) in pieces {
            for route in choice {
                self.branch(|w| match route {
                    None => w.local_in(vpc, subnet, there, piece),
                    Some(n) => {
                        let route = &net.tables[table.index()].routes[n as usize];
                        w.steps.push(Step::Route(table, n));
                        w.note(route.presence, route.item, "this route may not be there");
                        match route.target {
                            Target::Local => w.local_in(vpc, subnet, there, piece),
                            Target::Interface(i) => w.at_interface(i, None, vpc, piece),
                            Target::Anywhere(d) => {
                                w.anywhere(Some(d), route.item, "where the route leads is not known", piece)
                            }
                            _ => {
                                let why = "the gateway's table leads elsewhere, which gateways do not do";
                                w.stop(piece, BlockerKind::Elsewhere, route.item, why);
                            }
                        }
                    }
                });
            }
        }
    }

    fn local_in(&mut self, vpc: VpcId, subnet: SubnetId, there: VpcId, span: Span) {
        if vpc == there {
            self.steps.push(Step::In(subnet));
            self.end(span, End::Arrived);
        } else {
            let item = self.r.net.vpcs[vpc.index()].item;
            self.stop(
                span,
                BlockerKind::NotCarried,
                item,
                "the destination is in another VPC, and what comes in is delivered locally only",
            );
        }
    }

    /// "Block public access to VPCs and subnets": both directions, or all but what NAT
    /// and egress-only gateways open from inside.
    fn access_blocked(&self, vpc: VpcId, kind: &GatewayKind) -> Option<Stop> {
        let (mode, item) = self.r.net.vpcs[vpc.index()].blocked?;
        let outward = *kind == GatewayKind::EgressOnly || self.translated_or_answer();
        if mode == BlockMode::Ingress && outward {
            return None;
        }
        Some(Stop { kind: BlockerKind::BlockedAccess, item, why: "VPC block public access closes the VPC" })
    }

    /// Whether it is translated, or is on its way to a NAT gateway.
    fn translated_or_answer(&self) -> bool {
        self.translated.is_some() || self.direction == Direction::Answer && self.own.is_none()
    }

    fn note(&mut self, presence: Presence, item: ItemId, why: &'static str) {
        if let Presence::Maybe(doubt) = presence {
            self.steps.push(Step::Note(Maybe { doubt: Some(doubt), item, why }));
        }
    }

    /// An interface of `subnet` sends.
    fn emit(&mut self, subnet: SubnetId, span: Span) {
        let net = self.r.net;
        // Packets within a subnet are neither routed nor filtered by ACLs ("Network ACLs":
        // traffic within a subnet is not affected).
        if matches!(self.to, Place::Subnet(s, _) if s == subnet) {
            return self.end(span, End::Arrived);
        }
        let here = &net.subnets[subnet.index()];
        if self.loops(0, subnet.0) {
            return self.stop(span, BlockerKind::NoRoute, here.item, "the routes lead in a circle");
        }
        let mut tables = vec![here.table];
        if let Presence::Maybe(doubt) = here.table_presence {
            self.steps.push(Step::Note(Maybe {
                doubt: Some(doubt),
                item: here.item,
                why: "which route table the subnet has is not certain",
            }));
            tables.extend(here.other_tables.iter().filter(|t| **t != here.table));
            if here.other_tables.is_empty() {
                self.branch(|w| {
                    w.anywhere(
                        Some(doubt),
                        here.item,
                        "which route table the subnet has is not certain",
                        span,
                    );
                });
            }
        }
        for table in tables {
            let pieces: Vec<_> = self.r.table(table).within(span).map(|(s, c)| (s, c.clone())).collect();
            for (piece, choice) in pieces {
                for route in choice {
                    self.branch(|w| w.take(subnet, table, route, piece));
                }
            }
        }
    }

    fn take(&mut self, subnet: SubnetId, table: TableId, route: Option<u32>, span: Span) {
        let net = self.r.net;
        let Some(n) = route else {
            let item = net.tables[table.index()].item;
            return self.stop(span, BlockerKind::NoRoute, item, "the route table has no route there");
        };
        let route = &net.tables[table.index()].routes[n as usize];
        self.steps.push(Step::Route(table, n));
        let why = if route.range.is_none() {
            "for which addresses this route is, is not known"
        } else {
            "this route may not be there"
        };
        self.note(route.presence, route.item, why);
        let vpc = net.subnets[subnet.index()].vpc;
        match route.target {
            Target::Local => match self.to {
                Place::Subnet(there, v) if v == vpc => {
                    self.steps.push(Step::Out(subnet));
                    self.steps.push(Step::In(there));
                    self.end(span, End::Arrived);
                }
                Place::Internet => self.end(span, End::NotThere),
                _ => {
                    let why = "these addresses are local to the sender's VPC";
                    self.stop(span, BlockerKind::Elsewhere, route.item, why);
                }
            },
            Target::Gateway(g) => self.at_gateway(g, subnet, vpc, span),
            Target::Peering(p) => {
                self.steps.push(Step::Out(subnet));
                self.at_peering(p, vpc, span);
            }
            Target::Hub(h) => {
                self.steps.push(Step::Out(subnet));
                self.at_hub(h, subnet, vpc, route.item, span);
            }
            Target::Interface(i) => self.at_interface(i, Some(subnet), vpc, span),
            Target::Blackhole => {
                self.stop(span, BlockerKind::Blackhole, route.item, "the route leads to what is gone");
            }
            Target::Anywhere(d) => {
                self.anywhere(Some(d), route.item, "where the route leads is not known", span)
            }
        }
    }

    /// Nothing is known of the rest of the way.
    fn anywhere(&mut self, doubt: Option<DoubtId>, item: ItemId, why: &'static str, span: Span) {
        self.steps.push(Step::Open(Maybe { doubt, item, why }));
        self.end(span, End::Arrived);
    }

    /// Whether the source is an address of this VPC; if not, gateways and peerings do not
    /// carry it ("VPC peering limitations": edge to edge routing; "How AWS Transit Gateway
    /// works").
    fn of_this_vpc(&mut self, vpc: VpcId, item: ItemId, span: Span) -> bool {
        let is = self.source_vpc() == Some(vpc);
        if !is {
            self.stop(span, BlockerKind::NotCarried, item, OTHER_VPC);
        }
        is
    }

    fn at_gateway(&mut self, id: GatewayId, subnet: SubnetId, vpc: VpcId, span: Span) {
        let net = self.r.net;
        let gateway = &net.gateways[id.index()];
        if let GatewayKind::Nat { interface, public } = gateway.kind {
            return self.at_nat(id, interface, public, subnet, vpc, span);
        }
        if let GatewayKind::Other(doubt) = gateway.kind {
            return self.anywhere(Some(doubt), gateway.item, "what this gateway leads to is not known", span);
        }
        self.steps.push(Step::Out(subnet));
        self.need(gateway.presence, gateway.item, "the gateway may not be there or not be attached");
        if gateway.vpc != Some(vpc) {
            let why = "the gateway is not attached to the VPC of the route";
            return self.stop(span, BlockerKind::Blackhole, gateway.item, why);
        }
        if !self.of_this_vpc(vpc, gateway.item, span) {
            return;
        }
        match &gateway.kind {
            GatewayKind::Internet => self.at_internet_gateway(id, vpc, span),
            GatewayKind::EgressOnly => {
                if let Some(stop) = self.access_blocked(vpc, &gateway.kind) {
                    return self.end(span, End::Stopped(stop));
                }
                // "Egress-only internet gateways": IPv6, from inside only.
                if self.r.family == Family::V4 || self.direction == Direction::Answer {
                    let why = "an egress-only gateway carries IPv6 connections from inside only";
                    return self.stop(span, BlockerKind::NotCarried, gateway.item, why);
                }
                self.steps.push(Step::Gateway(id));
                self.steps.push(Step::Public(None));
                self.onto_internet(gateway.item, span);
            }
            GatewayKind::Private { outside, .. } => {
                self.steps.push(Step::Gateway(id));
                self.at_outside(*outside, gateway.item, span);
            }
            GatewayKind::Service { service } => {
                self.steps.push(Step::Gateway(id));
                match self.to {
                    Place::Service(node) if node == *service => self.end(span, End::Arrived),
                    Place::Internet => self.end(span, End::NotThere),
                    _ => {
                        let why = "the gateway endpoint leads to its service only";
                        self.stop(span, BlockerKind::Elsewhere, gateway.item, why);
                    }
                }
            }
            GatewayKind::Nat { .. } | GatewayKind::Other(_) => {}
        }
    }

    fn at_internet_gateway(&mut self, id: GatewayId, vpc: VpcId, span: Span) {
        let gateway = &self.r.net.gateways[id.index()];
        if let Some(stop) = self.access_blocked(vpc, &gateway.kind) {
            return self.end(span, End::Stopped(stop));
        }
        self.steps.push(Step::Gateway(id));
        self.steps.push(Step::Public(self.translated));
        self.onto_internet(gateway.item, span);
    }

    /// On the internet: there, or in again elsewhere for IPv6, whose addresses are the
    /// same on both sides.
    fn onto_internet(&mut self, gateway: ItemId, span: Span) {
        match (self.to, self.r.family) {
            (Place::Internet, _) => self.end(span, End::Arrived),
            (Place::Subnet(..), Family::V6) => {
                if self.loops(3, 0) {
                    return self.stop(span, BlockerKind::NoRoute, gateway, "the routes lead in a circle");
                }
                self.start(Start::Internet, span);
            }
            _ => {
                let why = "the gateway leads to the internet, and this is a private address";
                self.stop(span, BlockerKind::Elsewhere, gateway, why);
            }
        }
    }

    /// "NAT gateways", Amazon VPC User Guide: connections from inside only; a public one
    /// needs an internet gateway in its subnet's routes; addresses become its own. Not for
    /// what comes by peering or VPN.
    fn at_nat(
        &mut self,
        id: GatewayId,
        interface: InterfaceId,
        public: bool,
        subnet: SubnetId,
        vpc: VpcId,
        span: Span,
    ) {
        let net = self.r.net;
        let gateway = &net.gateways[id.index()];
        let (home, nat_vpc) = self.r.home(interface);
        self.need(gateway.presence, gateway.item, "the NAT gateway may not be there");
        if self.direction == Direction::Answer {
            let why = "a NAT gateway passes no answers to connections that it did not open";
            return self.stop(span, BlockerKind::Asymmetric, gateway.item, why);
        }
        if self.translated_by(interface) {
            return self.stop(
                span,
                BlockerKind::NoRoute,
                gateway.item,
                "the NAT gateway's subnet leads back to it",
            );
        }
        match self.r.is_lost(home) {
            Some(true) => {
                let why = "the NAT gateway is in the zone that is lost";
                return self.stop(span, BlockerKind::Blackhole, gateway.item, why);
            }
            Some(false) => self.only(gateway.item, "the NAT gateway may be in the zone that is lost"),
            None => {}
        }
        if nat_vpc != vpc {
            self.only(
                gateway.item,
                "the NAT gateway is in another VPC than the route, which AWS does not take",
            );
        }
        let known = self.r.family == Family::V4;
        if !known {
            // NAT64 ("DNS64 and NAT64"): from IPv6 to IPv4 under a well-known prefix.
            let (from, to) = NAT64;
            if span.1 < from || span.0 > to {
                let why = "NAT gateways carry IPv4, and of IPv6 the range 64:ff9b::/96 only";
                return self.stop(span, BlockerKind::NotCarried, gateway.item, why);
            }
        }
        if home != subnet {
            self.steps.push(Step::Out(subnet));
            self.steps.push(Step::In(home));
        }
        self.steps.push(Step::Translate(interface, true));
        self.translated = Some(interface);
        if known {
            let before = self.legs.len();
            self.emit(home, span);
            if !public {
                self.private_stays_inside(before, interface, gateway.item);
            }
        } else {
            self.nat64(home, gateway.item, span);
        }
    }

    /// A private NAT gateway has no public address.
    fn private_stays_inside(&mut self, before: usize, interface: InterfaceId, item: ItemId) {
        let why = "a private NAT gateway has no public address";
        for (_, leg) in &mut self.legs[before..] {
            let public = leg.steps.contains(&Step::Public(Some(interface)));
            if public && leg.end == End::Arrived {
                leg.end = End::Stopped(Stop { kind: BlockerKind::NoAddress, item, why });
            }
        }
    }

    /// The rest of the way is IPv4: out of the NAT gateway's subnet to the internet. It is
    /// only possible: its filters are not followed in the other family.
    fn nat64(&mut self, home: SubnetId, item: ItemId, span: Span) {
        if self.to != Place::Internet {
            let why = "under 64:ff9b::/96 is the IPv4 internet only";
            return self.stop(span, BlockerKind::Elsewhere, item, why);
        }
        let vpc = self.r.net.subnets[home.index()].vpc;
        let gateways = self.r.gateways.get(&vpc).cloned().unwrap_or_default();
        let internet = gateways.iter().find(|g| self.r.net.gateways[g.index()].kind == GatewayKind::Internet);
        match internet {
            Some(g) => {
                self.steps.push(Step::Gateway(*g));
                let why = "behind NAT64 the rest of the way is not followed";
                self.steps.push(Step::Open(Maybe { doubt: None, item, why }));
                self.end(span, End::Arrived);
            }
            None => self.stop(span, BlockerKind::NoRoute, item, "no internet gateway is attached to the VPC"),
        }
    }

    /// Over VPN or Direct Connect.
    fn at_outside(&mut self, outside: NodeId, item: ItemId, span: Span) {
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
    fn at_peering(&mut self, id: PeeringId, vpc: VpcId, span: Span) {
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

    fn cross_peering(&mut self, id: PeeringId, other: VpcId, span: Span) {
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
            Place::Internet | Place::Service(_) | Place::Outside(_) => {
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
    fn at_hub(&mut self, hub: HubId, subnet: SubnetId, vpc: VpcId, route: ItemId, span: Span) {
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
    fn doors(&self, subnets: &[SubnetId], from: SubnetId) -> Vec<SubnetId> {
        let zone = |s: SubnetId| self.r.net.subnets[s.index()].zone.as_deref();
        let alive = |s: &SubnetId| self.r.is_lost(*s) != Some(true);
        let regional = |z: &str| z.matches('-').count() <= 3 && z.ends_with(|c: char| c.is_ascii_lowercase());
        match zone(from) {
            Some(here) if regional(here) => {
                let serves = |s: &SubnetId| zone(*s).is_none_or(|z| z == here);
                subnets.iter().copied().filter(alive).filter(serves).collect()
            }
            _ => subnets.iter().copied().filter(alive).collect(),
        }
    }

    /// What an attachment sends, by the hub's table for it.
    fn through_hub(&mut self, id: AttachmentId, door: Option<SubnetId>, span: Span) {
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
            let pieces: Vec<_> = self.r.hub_table(table).within(span).map(|(s, c)| (s, c.clone())).collect();
            for (piece, choice) in pieces {
                for route in choice {
                    self.branch(|w| w.take_hub(table, route, door, piece));
                }
            }
        }
    }

    fn take_hub(&mut self, table: HubTableId, route: Option<u32>, door: Option<SubnetId>, span: Span) {
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

    fn out_of_hub(&mut self, id: AttachmentId, door: Option<SubnetId>, span: Span) {
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
    fn open_hub(&mut self, hub: HubId, span: Span) {
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

    /// A route to an interface ("Middlebox routing wizard"; "NAT instances": without the
    /// source/destination check). `from`: the subnet it leaves; none: from a gateway.
    fn at_interface(&mut self, id: InterfaceId, from: Option<SubnetId>, vpc: VpcId, span: Span) {
        let net = self.r.net;
        let interface = &net.interfaces[id.index()];
        let (home, there) = self.r.home(id);
        if from != Some(home) {
            self.steps.extend(from.map(Step::Out));
            self.steps.push(Step::In(home));
        }
        self.need(interface.presence, interface.item, "the interface may not be there");
        match self.r.is_lost(home) {
            Some(true) => {
                let why = "the interface is in the zone that is lost";
                return self.stop(span, BlockerKind::Blackhole, interface.item, why);
            }
            Some(false) => self.only(interface.item, "the interface may be in the zone that is lost"),
            None => {}
        }
        if there != vpc {
            self.only(
                interface.item,
                "the interface is in another VPC than the route, which AWS does not take",
            );
        }
        // It may be the destination itself.
        if matches!(self.to, Place::Subnet(s, _) if s == home) && interface.kind == InterfaceKind::Ordinary {
            self.branch(|w| {
                w.only(interface.item, "the route's interface may be the destination itself");
                w.end(span, End::Arrived);
            });
        }
        match interface.kind {
            InterfaceKind::Inspection => {
                self.steps.push(Step::Pass(id));
                return self.emit(home, span);
            }
            InterfaceKind::Ordinary => match interface.source_dest_check {
                Tri::Yes => {
                    let why = "the interface checks source and destination and drops what is not its own";
                    return self.stop(span, BlockerKind::NotCarried, interface.item, why);
                }
                Tri::No => self.only(
                    interface.item,
                    "whether what is behind this interface passes packets on is not known",
                ),
                Tri::Maybe(d) => self.steps.push(Step::Only(Maybe {
                    doubt: Some(d),
                    item: interface.item,
                    why: "whether the interface checks source and destination is not certain",
                })),
            },
            _ => self.only(interface.item, "an interface of this kind is no target of a route"),
        }
        self.steps.push(Step::Pass(id));
        self.branch(|w| w.emit(home, span));
        // Or it translates, as NAT instances do.
        if self.direction == Direction::Opening && !self.translated_by(id) {
            self.steps.push(Step::Translate(id, false));
            self.translated = Some(id);
            self.emit(home, span);
        }
    }
}

/// 64:ff9b::/96.
pub const NAT64: Span = (0x64_ff9b << 96, (0x64_ff9b << 96) | 0xffff_ffff);
