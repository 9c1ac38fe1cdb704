//! Internet, NAT, egress-only and virtual private gateways, peerings, edge associations.

use super::build::*;
use super::interfaces::Spec;
use super::read::Known;
use super::vpc::everything;
use crate::model::*;

impl<'w> Build<'w> {
    fn add_gateway(
        &mut self,
        item: ItemId,
        vpc: Option<VpcId>,
        kind: GatewayKind,
        presence: Presence,
    ) -> GatewayId {
        self.net.gateways.push(Gateway { item, vpc, kind, table: None, presence });
        GatewayId(self.net.gateways.len() as u32 - 1)
    }
    fn name_gateway(&mut self, o: Obj, gateway: GatewayId) {
        for name in ["id", "arn", "internet_gateway_id"] {
            if let Known::Is(id) = self.get(o, name).id() {
                self.gateways.entry(id).or_insert(gateway);
            }
        }
    }
    /// The internet gateway of a VPC, made if there is none: for default VPCs.
    pub(crate) fn internet_gateway_of(&mut self, vpc: VpcId, of: ItemId) -> GatewayId {
        let is = |g: &Gateway| g.vpc == Some(vpc) && g.kind == GatewayKind::Internet;
        if let Some(g) = self.net.gateways.iter().position(is) {
            return GatewayId(g as u32);
        }
        let item = self.part("the internet gateway", of);
        self.add_gateway(item, Some(vpc), GatewayKind::Internet, Presence::Sure)
    }
    /// One that a route names and that is not in this world. "CreateRoute" takes only one that is
    /// attached to the VPC.
    pub(crate) fn foreign_internet_gateway(&mut self, o: Obj, vpc: VpcId, id: &'w str) -> GatewayId {
        let place = self.world.objects[o].place.clone();
        let item = self.named(format!("the internet gateway {id}"), place);
        let presence = self.maybe(item, "", "it is not in this configuration");
        let g = self.add_gateway(item, Some(vpc), GatewayKind::Internet, presence);
        self.gateways.insert(id, g);
        g
    }

    pub(crate) fn read_gateways(&mut self) {
        for o in self.of("aws_internet_gateway") {
            let item = self.item(o);
            let vpc = if self.get(o, "vpc_id").is_absent() { None } else { Some(self.vpc_at(o, "vpc_id")) };
            let g = self.add_gateway(item, vpc, GatewayKind::Internet, Presence::Sure);
            self.name_gateway(o, g);
        }
        for o in self.of("aws_internet_gateway_attachment") {
            let vpc = self.vpc_at(o, "vpc_id");
            let id = self.get(o, "internet_gateway_id").id();
            match id {
                Known::Is(id) if self.gateways.contains_key(id) => {
                    let g = self.gateways[id];
                    self.net.gateways[g.index()].vpc = Some(vpc);
                }
                id => {
                    let item = self.item(o);
                    let g = self.add_gateway(item, Some(vpc), GatewayKind::Internet, Presence::Sure);
                    if let Known::Is(id) = id {
                        self.gateways.insert(id, g);
                    }
                }
            }
        }
        for o in self.data("aws_internet_gateway") {
            let Known::Is(id) = self.get(o, "internet_gateway_id").id().or(|| self.get(o, "id").id()) else {
                continue;
            };
            if self.gateways.contains_key(id) {
                continue;
            }
            let item = self.item(o);
            let attached = self.get(o, "attachments").get("vpc_id").id();
            let vpc = match attached {
                Known::Is(v) => self.vpcs.get(v).copied(),
                _ => None,
            };
            let g = self.add_gateway(item, vpc, GatewayKind::Internet, Presence::Sure);
            self.gateways.insert(id, g);
        }
        for o in self.of("aws_egress_only_internet_gateway") {
            let item = self.item(o);
            let vpc = self.vpc_at(o, "vpc_id");
            let g = self.add_gateway(item, Some(vpc), GatewayKind::EgressOnly, Presence::Sure);
            self.name_gateway(o, g);
        }
        for o in self.of("aws_nat_gateway").into_iter().chain(self.data("aws_nat_gateway")) {
            self.read_nat(o);
        }
        // What leads to networks of a carrier or on an Outpost.
        for (ty, why) in [
            ("aws_ec2_carrier_gateway", "it leads to a carrier's network"),
            ("aws_ec2_local_gateway_route_table_vpc_association", "it leads to the network of an Outpost"),
        ] {
            for o in self.of(ty) {
                let item = self.item(o);
                let vpc = self.vpc_at(o, "vpc_id");
                let doubt = self.doubt(item, "", why);
                let g = self.add_gateway(item, Some(vpc), GatewayKind::Other(doubt), Presence::Sure);
                self.name_gateway(o, g);
                self.unsupported(item, why, vec![vpc]);
            }
        }
    }

    /// "NAT gateways": in a subnet, with an elastic address unless it is private, without security
    /// groups. A regional one (`availability_mode`) is in no subnet and has its own way out.
    fn read_nat(&mut self, o: Obj) {
        if matches!(self.get(o, "id").id(), Known::Is(id) if self.gateways.contains_key(id)) {
            return;
        }
        let item = self.item(o);
        let regional = self.get(o, "availability_mode").text() == Known::Is("regional");
        let public = match self.get(o, "connectivity_type").text() {
            Known::Is("private") => false,
            Known::Is(_) | Known::Absent => true,
            Known::Unknown => {
                self.unsupported(
                    item,
                    "whether it leads to the internet is known after apply only",
                    Vec::new(),
                );
                true
            }
        };
        let subnet = if regional {
            let vpc = self.vpc_at(o, "vpc_id");
            let name = self.part("the subnet", item);
            let info = SubnetInfo { public: Tri::No, assign_v6: Tri::No, families: (Tri::Yes, Tri::No) };
            let s = self.add_subnet(name, vpc, info);
            let table = self.part("the route table", item);
            let table = self.add_table(table, vpc);
            let gateway = self.internet_gateway_of(vpc, item);
            self.push_route(
                table,
                Some(everything()[0]),
                Target::Gateway(gateway),
                false,
                Presence::Sure,
                item,
            );
            self.net.subnets[s.index()].table = table;
            self.net.subnets[s.index()].table_presence = Presence::Sure;
            s
        } else {
            self.subnet_at(o, "subnet_id")
        };
        let node = self.node(o);
        let interface = self.interface(Spec {
            kind: InterfaceKind::Nat,
            public: yes(public),
            families: (Tri::Yes, Tri::No),
            source_dest_check: Tri::No,
            ..Spec::new(item, node, subnet)
        });
        let mut addresses = Vec::new();
        if let Known::Is(net) = self.get(o, "private_ip").net() {
            addresses.push(net);
        }
        if !self.get(o, "secondary_private_ip_addresses").is_absent()
            || self.get(o, "secondary_private_ip_address_count").num() != Known::Absent
        {
            addresses.clear();
        }
        self.net.interfaces[interface.index()].addresses = addresses;
        let vpc = self.net.subnets[subnet.index()].vpc;
        let g = self.add_gateway(item, Some(vpc), GatewayKind::Nat { interface, public }, Presence::Sure);
        self.name_gateway(o, g);
        if let Known::Is(eni) = self.get(o, "network_interface_id").id() {
            self.enis.entry(eni).or_default().push(interface);
        }
    }

    /// "VPC peering": active once it is accepted.
    pub(crate) fn read_peerings(&mut self) {
        let accepters = self.of("aws_vpc_peering_connection_accepter");
        for o in self.of("aws_vpc_peering_connection") {
            let id = self.get(o, "id").id();
            let item = self.item(o);
            let ends = (self.vpc_at(o, "vpc_id"), self.vpc_at(o, "peer_vpc_id"));
            let accepter = accepters.iter().find(|a| {
                let of = self.get(**a, "vpc_peering_connection_id").id();
                matches!((of, id), (Known::Is(a), Known::Is(b)) if a == b)
            });
            let accepted = [Some(&o), accepter].into_iter().flatten().any(|x| {
                self.get(*x, "auto_accept").flag() == Known::Is(true)
                    || self.get(*x, "accept_status").text() == Known::Is("active")
            });
            let active = if accepted {
                Tri::Yes
            } else {
                Tri::Maybe(self.doubt(item, "auto_accept", "it is not accepted in this configuration"))
            };
            // A state does not say where a peering is; that is where its VPC is.
            let of_vpc = self.net.vpcs[ends.0.index()].location.region.clone();
            let here = self.location(o).region.or(of_vpc);
            let same_region = match self.get(o, "peer_region").text() {
                // "CreateVpcPeeringConnection": the requester's region where none is named.
                Known::Absent => Tri::Yes,
                Known::Is(r) => match here {
                    Some(h) => yes(*h == *r),
                    None => Tri::Maybe(self.doubt(item, "peer_region", "its own region is not known")),
                },
                Known::Unknown => {
                    let of = |v: VpcId| self.net.vpcs[v.index()].location.region.clone();
                    match (of(ends.0), of(ends.1)) {
                        (Some(a), Some(b)) => yes(a == b),
                        _ => Tri::Maybe(self.doubt(item, "peer_region", NOT_KNOWN)),
                    }
                }
            };
            self.add_peering(o, Peering { item, ends, same_region, active });
        }
        for o in accepters.iter().copied().chain(self.data("aws_vpc_peering_connection")) {
            let id = self.get(o, "vpc_peering_connection_id").id().or(|| self.get(o, "id").id());
            let Known::Is(id) = id else {
                let item = self.item(o);
                self.unsupported(item, "which peering it accepts is not known", Vec::new());
                continue;
            };
            if self.peerings.contains_key(id) {
                continue;
            }
            // The other side is not in this world.
            let item = self.item(o);
            let side = |b: &mut Build<'w>, name| match b.get(o, name).id() {
                Known::Is(_) => b.vpc_at(o, name),
                _ => {
                    let vpc = b.part("a VPC", item);
                    b.unsupported(item, "which VPCs it joins is not known", Vec::new());
                    b.add_vpc(vpc, Default::default(), false)
                }
            };
            let ends = (side(self, "vpc_id"), side(self, "peer_vpc_id"));
            let doubt = self.doubt(item, "", "the peering is not in this configuration");
            let p = Peering { item, ends, same_region: Tri::Maybe(doubt), active: Tri::Maybe(doubt) };
            self.add_peering(o, p);
            let p = PeeringId(self.net.peerings.len() as u32 - 1);
            self.peerings.insert(id, p);
        }
    }
    fn add_peering(&mut self, o: Obj, p: Peering) {
        let id = PeeringId(self.net.peerings.len() as u32);
        self.net.peerings.push(p);
        if let Known::Is(text) = self.get(o, "id").id() {
            self.peerings.insert(text, id);
        }
    }

    /// Virtual private gateways, and what is behind them ("AWS Site-to-Site VPN": the static routes
    /// of a connection, or what BGP brings; "Direct Connect gateways").
    pub(crate) fn read_private_gateways(&mut self) {
        for o in self.of("aws_vpn_gateway").into_iter().chain(self.data("aws_vpn_gateway")) {
            let Known::Is(id) = self.get(o, "id").id() else { continue };
            if self.gateways.contains_key(id) {
                continue;
            }
            let item = self.item(o);
            let attached = self
                .of("aws_vpn_gateway_attachment")
                .into_iter()
                .find(|a| self.get(*a, "vpn_gateway_id").id() == Known::Is(id));
            let vpc = match attached {
                Some(a) => Some(self.vpc_at(a, "vpc_id")),
                None => {
                    let view = ["vpc_id", "attached_vpc_id"].map(|n| (n, self.get(o, n)));
                    let said = view.iter().find(|(_, v)| {
                        let left =
                            v.is_stand_in() && matches!(v.id(), Known::Is(i) if !self.vpcs.contains_key(i));
                        !(v.is_absent() || left)
                    });
                    said.map(|(n, _)| *n).map(|n| self.vpc_at(o, n))
                }
            };
            let ranges = self.ranges_behind(id);
            let outside = self.outside(o);
            if self.exists(o) {
                // Others may have made more connections that end at it.
                self.net.more_behind.push(outside);
            }
            let kind = GatewayKind::Private { ranges, outside };
            let g = self.add_gateway(item, vpc, kind, Presence::Sure);
            self.name_gateway(o, g);
        }
        for o in self.of("aws_vpn_gateway_attachment") {
            if !matches!(self.get(o, "vpn_gateway_id").id(), Known::Is(id) if self.gateways.contains_key(id))
            {
                let item = self.item(o);
                let vpc = self.vpc_at(o, "vpc_id");
                let outside = self.outside(o);
                let kind = GatewayKind::Private { ranges: None, outside };
                let g = self.add_gateway(item, Some(vpc), kind, Presence::Sure);
                if let Known::Is(id) = self.get(o, "vpn_gateway_id").id() {
                    self.gateways.insert(id, g);
                }
            }
        }
        // What ends at a gateway that is not in this world is still something outside.
        for o in self.of("aws_vpn_connection") {
            let known = ["vpn_gateway_id", "transit_gateway_id"].iter().any(|n| {
                matches!(self.get(o, n).id(), Known::Is(id) if self.gateways.contains_key(id) || self.hubs.contains_key(id))
            });
            if !known {
                let item = self.item(o);
                self.unsupported(item, "it is not known which networks it joins", Vec::new());
            }
        }
    }
    fn ranges_behind(&mut self, id: &str) -> Option<Vec<ipnet::IpNet>> {
        let mut ranges = Vec::new();
        for c in self.of("aws_vpn_connection") {
            match self.get(c, "vpn_gateway_id").id() {
                Known::Is(g) if g == id => {}
                Known::Unknown => return None,
                _ => continue,
            }
            if self.get(c, "static_routes_only").flag() != Known::Is(true) {
                return None;
            }
            let connection = self.get(c, "id").id();
            for r in self.of("aws_vpn_connection_route") {
                let of = self.get(r, "vpn_connection_id").id();
                if of.is_unknown() || connection.is_unknown() {
                    return None;
                }
                if of == connection {
                    ranges.push(self.get(r, "destination_cidr_block").net().is()?);
                }
            }
        }
        let direct = [
            ("aws_dx_gateway_association", "associated_gateway_id"),
            ("aws_dx_gateway_association", "vpn_gateway_id"),
            ("aws_dx_private_virtual_interface", "vpn_gateway_id"),
            ("aws_dx_hosted_private_virtual_interface_accepter", "vpn_gateway_id"),
        ];
        for (ty, name) in direct {
            for d in self.of(ty) {
                match self.get(d, name).id() {
                    Known::Is(g) if g != id => {}
                    Known::Absent => {}
                    _ => return None,
                }
            }
        }
        Some(ranges)
    }

    /// "Gateway route tables": an association of a table with a gateway decides for what comes in.
    pub(crate) fn read_edge_associations(&mut self) {
        for o in self.of("aws_route_table_association") {
            if self.get(o, "gateway_id").is_absent() {
                continue;
            }
            let item = self.item(o);
            match self.get(o, "gateway_id").id() {
                Known::Is(id) if self.gateways.contains_key(id) => {
                    let g = self.gateways[id];
                    let vpc = self.net.gateways[g.index()].vpc;
                    let (table, _) = self.table_at(o, "route_table_id", vpc);
                    self.net.gateways[g.index()].table = Some(table);
                }
                _ => self.unsupported(item, "it is not known to which gateway the table belongs", Vec::new()),
            }
        }
    }
}
