//! Where packets go: routes followed from an emitter to a destination, without filters.
//!
//! A walk yields the ways that a packet may take, each as a list of steps; filters are
//! read off the steps afterwards. Usually there is one way; doubts make several.

mod gateways;
mod hubs;

pub use hubs::is_regional;

use super::map::Span;
use super::routes::{Loc, Place, Routing};
use crate::model::{
    AttachmentId, DoubtId, GatewayId, GatewayKind, HubTableId, InterfaceId, ItemId, NodeId, PeeringId,
    Presence, SubnetId, TableId, Target, VpcId,
};
use crate::witness::BlockerKind;
use std::rc::Rc;

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
pub type Walk = Vec<(Span, Vec<Rc<Leg>>)>;

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
            origin: if let Start::Subnet(subnet) = start { Some(subnet) } else { None },
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
        return vec![(span, legs.into_iter().map(|(_, l)| Rc::new(l)).collect())];
    }
    let legs: Vec<(Span, Rc<Leg>)> = legs.into_iter().map(|(s, l)| (s, Rc::new(l))).collect();
    let mut starts: Vec<u128> = vec![span.0];
    for ((from, to), _) in &legs {
        starts.push((*from).max(span.0));
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
    origin: Option<SubnetId>,
    translated: Option<InterfaceId>,
    steps: Vec<Step>,
    seen: Vec<(u8, u32, usize)>,
    legs: Vec<(Span, Leg)>,
}

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
            Place::Internet | Place::Translated => net.nodes.first().map_or(ItemId(0), |n| n.item),
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
        // What leads into a VPC that is not described is not known.
        if matches!(start, Start::Internet | Start::Outside(_))
            && let Place::Subnet(_, vpc) = self.to
            && !self.r.net.vpcs[vpc.index()].described
        {
            let item = self.r.net.vpcs[vpc.index()].item;
            self.branch(|w| w.anywhere(None, item, "what leads into this VPC is not known", span));
        }
        match start {
            Start::Subnet(subnet) => self.emit(subnet, span),
            Start::Gateway(gateway) => self.come_in(gateway, span),
            Start::Internet => {
                let Place::Subnet(_, vpc) = self.to else { return };
                let mut gateways = self.r.gateways.get(&vpc).cloned().unwrap_or_default();
                gateways.extend(&self.r.adrift);
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
            let routing = self.r;
            for (piece, choice) in routing.table(table).within(span) {
                for route in choice {
                    if !self.is_for_service(table, *route) {
                        self.branch(|w| w.take(subnet, table, *route, piece));
                    }
                }
            }
        }
    }

    /// Whether a route is for public addresses of a service only, which ones is not known, and
    /// the destination is something else ("Gateway endpoints").
    fn is_for_service(&self, table: TableId, route: Option<u32>) -> bool {
        let net = self.r.net;
        let Some(route) = route.map(|n| &net.tables[table.index()].routes[n as usize]) else { return false };
        let service = match route.target {
            Target::Gateway(g) => matches!(net.gateways[g.index()].kind, GatewayKind::Service { .. }),
            _ => false,
        };
        service && route.range.is_none() && matches!(self.to, Place::Subnet(..) | Place::Outside(_))
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
}

/// 64:ff9b::/96.
pub const NAT64: Span = (0x64_ff9b << 96, (0x64_ff9b << 96) | 0xffff_ffff);
