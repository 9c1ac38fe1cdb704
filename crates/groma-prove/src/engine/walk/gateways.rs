//! Gateways of a VPC, and interfaces that pass packets on.

use super::{Direction, End, Maybe, NAT64, Start, Step, Stop, Walker};
use crate::engine::map::Span;
use crate::engine::routes::Place;
use crate::model::{
    BlockMode, GatewayId, GatewayKind, InterfaceId, InterfaceKind, ItemId, Opening, Presence, SubnetId,
    Target, Tri, VpcId,
};
use crate::ports::Family;
use crate::witness::BlockerKind;

const OTHER_VPC: &str = "the packet's source is not an address of this VPC, and a gateway carries only those";

impl Walker<'_, '_> {
    /// Out of a gateway into its VPC. "Gateway route tables", Amazon VPC User Guide: an
    /// associated table may send it to an interface instead.
    pub(super) fn come_in(&mut self, id: GatewayId, span: Span) {
        let net = self.r.net;
        let gateway = &net.gateways[id.index()];
        self.steps.push(Step::Gateway(id));
        self.need(gateway.presence, gateway.item, "the gateway may not be there or not be attached");
        let perhaps = if gateway.presence == Presence::Sure { None } else { self.to.vpc() };
        let Some(vpc) = gateway.vpc.or(perhaps) else {
            return self.stop(
                span,
                BlockerKind::NotCarried,
                gateway.item,
                "the gateway is attached to no VPC",
            );
        };
        if matches!(gateway.kind, GatewayKind::Internet | GatewayKind::EgressOnly)
            && !self.access_allowed(vpc, id, span)
        {
            return;
        }
        let Place::Subnet(subnet, there) = self.to else {
            return self.stop(span, BlockerKind::NotCarried, gateway.item, "a gateway leads to its VPC only");
        };
        let Some(table) = gateway.table else { return self.local_in(vpc, subnet, there, span) };
        let routing = self.r;
        for (piece, choice) in routing.table(table).within(span) {
            for route in choice {
                self.branch(|w| match *route {
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

    pub(super) fn local_in(&mut self, vpc: VpcId, subnet: SubnetId, there: VpcId, span: Span) {
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
    /// and egress-only gateways open from inside; exclusions open a VPC or a subnet. Whether
    /// the second mode lets instances with public addresses out is not said: they may.
    /// Whether it goes on.
    pub(super) fn access_allowed(&mut self, vpc: VpcId, gateway: GatewayId, span: Span) -> bool {
        let Some((mode, item)) = self.r.net.vpcs[vpc.index()].blocked else { return true };
        let (both, out) = (self.opened(vpc, false), self.opened(vpc, true));
        if both.1 {
            return true;
        }
        let why = "an exclusion from VPC block public access may let it pass";
        if mode == BlockMode::Ingress || out.0 {
            let certain = mode == BlockMode::Ingress || out.1;
            let kind = &self.r.net.gateways[gateway.index()].kind;
            if *kind == GatewayKind::EgressOnly || self.translated_or_answer() {
                if !certain {
                    self.only(item, why);
                }
                return true;
            }
            let comes_in = self.to != Place::Internet;
            if !comes_in || self.direction == Direction::Answer {
                self.only(item, why);
                return true;
            }
        }
        if both.0 {
            self.only(item, why);
            return true;
        }
        self.stop(span, BlockerKind::BlockedAccess, item, "VPC block public access closes the VPC");
        false
    }

    /// Whether exclusions open the way, perhaps and certainly: in both directions, or at least
    /// for connections from inside. One for a subnet is certain if each subnet on the way has
    /// one.
    fn opened(&self, vpc: VpcId, out: bool) -> (bool, bool) {
        let net = self.r.net;
        let fits = |o: &&Opening| o.vpc == vpc && (out || !o.egress_only);
        let mut found = net.openings.iter().filter(fits).peekable();
        if found.peek().is_none() {
            return (false, false);
        }
        let mut on_way: Vec<SubnetId> = self.origin.into_iter().collect();
        on_way.extend(self.steps.iter().filter_map(|s| match *s {
            Step::Out(subnet) | Step::In(subnet) => Some(subnet),
            _ => None,
        }));
        if let Place::Subnet(subnet, _) = self.to {
            on_way.push(subnet);
        }
        on_way.retain(|s| net.subnets[s.index()].vpc == vpc);
        let (mut perhaps, mut whole, mut certain) = (false, false, Vec::new());
        for o in found {
            let sure = o.presence == Presence::Sure;
            match o.subnet {
                None => (perhaps, whole) = (true, whole || sure),
                Some(s) if on_way.contains(&s) => {
                    perhaps = true;
                    certain.extend(sure.then_some(s));
                }
                Some(_) => {}
            }
        }
        let each = !on_way.is_empty() && on_way.iter().all(|s| certain.contains(s));
        (perhaps, whole || each)
    }

    /// Whether it is translated, or is on its way to a NAT gateway.
    pub(super) fn translated_or_answer(&self) -> bool {
        self.translated.is_some() || self.direction == Direction::Answer && self.own.is_none()
    }

    /// Whether the source is an address of this VPC; if not, gateways and peerings do not
    /// carry it ("VPC peering limitations": edge to edge routing; "How AWS Transit Gateway
    /// works").
    pub(super) fn of_this_vpc(&mut self, vpc: VpcId, item: ItemId, span: Span) -> bool {
        let is = self.source_vpc() == Some(vpc);
        if !is {
            self.stop(span, BlockerKind::NotCarried, item, OTHER_VPC);
        }
        is
    }

    pub(super) fn at_gateway(&mut self, id: GatewayId, subnet: SubnetId, vpc: VpcId, span: Span) {
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
        // One of which it is not known where it is attached may be attached here.
        if gateway.vpc != Some(vpc) && (gateway.vpc.is_some() || gateway.presence == Presence::Sure) {
            let why = "the gateway is not attached to the VPC of the route";
            return self.stop(span, BlockerKind::Blackhole, gateway.item, why);
        }
        if !self.of_this_vpc(vpc, gateway.item, span) {
            return;
        }
        match &gateway.kind {
            GatewayKind::Internet => self.at_internet_gateway(id, vpc, span),
            GatewayKind::EgressOnly => {
                if !self.access_allowed(vpc, id, span) {
                    return;
                }
                // "Egress-only internet gateways": IPv6, from inside only.
                if self.r.family == Family::V4 {
                    let why = "an egress-only gateway carries IPv6 only";
                    return self.stop(span, BlockerKind::NotCarried, gateway.item, why);
                }
                if self.direction == Direction::Answer {
                    // Nothing says that an answer which leaves is refused.
                    self.only(gateway.item, "an egress-only gateway is for connections from inside");
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

    pub(super) fn at_internet_gateway(&mut self, id: GatewayId, vpc: VpcId, span: Span) {
        let gateway = &self.r.net.gateways[id.index()];
        if !self.access_allowed(vpc, id, span) {
            return;
        }
        self.steps.push(Step::Gateway(id));
        self.steps.push(Step::Public(self.translated));
        self.onto_internet(gateway.item, span);
    }

    /// On the internet: there, or in again elsewhere for IPv6, whose addresses are the
    /// same on both sides.
    pub(super) fn onto_internet(&mut self, gateway: ItemId, span: Span) {
        if self.r.family == Family::V6 && NAT64.0 <= span.0 && span.1 <= NAT64.1 {
            let why = "addresses under 64:ff9b::/96 are for NAT gateways, the internet has none of them";
            return self.stop(span, BlockerKind::NotCarried, gateway, why);
        }
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
    pub(super) fn at_nat(
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
    pub(super) fn private_stays_inside(&mut self, before: usize, interface: InterfaceId, item: ItemId) {
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
    pub(super) fn nat64(&mut self, home: SubnetId, item: ItemId, span: Span) {
        if self.to == Place::Translated {
            let why = "behind NAT64 the rest of the way is not followed";
            self.steps.push(Step::Open(Maybe { doubt: None, item, why }));
            return self.end(span, End::Arrived);
        }
        if self.to != Place::Internet {
            let why = "under 64:ff9b::/96 is IPv4 only";
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

    /// A route to an interface ("Middlebox routing wizard"; "NAT instances": without the
    /// source/destination check). `from`: the subnet it leaves; none: from a gateway.
    pub(super) fn at_interface(&mut self, id: InterfaceId, from: Option<SubnetId>, vpc: VpcId, span: Span) {
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
