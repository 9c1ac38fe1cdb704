//! Route tables of VPCs and their routes.

use ipnet::IpNet;

use super::build::*;
use super::read::{Known, View};
use crate::model::*;

/// Attributes of a route that say where it leads, but for `gateway_id`.
const TARGETS: [&str; 11] = [
    "gateway_id",
    "nat_gateway_id",
    "transit_gateway_id",
    "vpc_peering_connection_id",
    "egress_only_gateway_id",
    "vpc_endpoint_id",
    "network_interface_id",
    "instance_id",
    "core_network_arn",
    "carrier_gateway_id",
    "local_gateway_id",
];

impl<'w> Build<'w> {
    pub(crate) fn add_table(&mut self, item: ItemId, vpc: VpcId) -> TableId {
        self.net.tables.push(Table { item, vpc, routes: Vec::new() });
        TableId(self.net.tables.len() as u32 - 1)
    }
    /// A table that may lead anywhere.
    pub(crate) fn open_table(&mut self, table: TableId, doubt: DoubtId) {
        let item = self.net.tables[table.index()].item;
        self.net.tables[table.index()].routes.push(Route {
            range: None,
            target: Target::Anywhere(doubt),
            propagated: false,
            presence: Presence::Maybe(doubt),
            item,
        });
    }

    /// Tables without their routes.
    pub(crate) fn read_tables(&mut self) {
        for o in self.of("aws_default_route_table") {
            let (table, _) = self.table_at(o, "default_route_table_id", None);
            let item = self.item(o);
            self.net.tables[table.index()].item = item;
            if let Known::Is(id) = self.get(o, "id").id() {
                self.tables.entry(id).or_insert(table);
            }
        }
        for o in self.of("aws_route_table") {
            let item = self.item(o);
            let vpc = self.vpc_at(o, "vpc_id");
            let table = self.add_table(item, vpc);
            if let Known::Is(id) = self.get(o, "id").id() {
                self.tables.insert(id, table);
            }
        }
        for o in self.data("aws_route_table") {
            let Known::Is(id) = self.get(o, "route_table_id").id().or(|| self.get(o, "id").id()) else {
                continue;
            };
            if self.tables.contains_key(id) {
                continue;
            }
            let item = self.item(o);
            let vpc = self.vpc_at(o, "vpc_id");
            let main = self
                .get(o, "associations")
                .many()
                .items
                .iter()
                .any(|a| a.get("main").flag() == Known::Is(true));
            let table = if main {
                self.vpc_info[vpc.index()].main
            } else {
                let t = self.add_table(item, vpc);
                let doubt = self.doubt(item, "routes", "it is not managed here: routes may be added");
                self.open_table(t, doubt);
                t
            };
            self.tables.insert(id, table);
        }
    }

    /// The table that an attribute of an object names. One of others may lead anywhere.
    pub(crate) fn table_at(&mut self, o: Obj, attribute: &str, vpc: Option<VpcId>) -> (TableId, Presence) {
        let view = self.get(o, attribute);
        self.table(o, attribute, view.id(), vpc)
    }
    pub(crate) fn table(
        &mut self,
        o: Obj,
        attribute: &str,
        id: Known<&'w str>,
        vpc: Option<VpcId>,
    ) -> (TableId, Presence) {
        if let Known::Is(id) = id
            && let Some(t) = self.tables.get(id)
        {
            return (*t, Presence::Sure);
        }
        let item = self.item(o);
        let doubt = self.doubt(item, attribute, "the route table is not in this configuration");
        let place = self.world.objects[o].place.clone();
        let vpc = vpc.unwrap_or_else(|| {
            self.unsupported(item, "it is not known of which VPC the route table is", Vec::new());
            let name = self.part("an unknown VPC", item);
            self.add_vpc(name, Default::default(), false)
        });
        let name = match id {
            Known::Is(id) => self.named(format!("the route table {id}"), place),
            _ => self.part("the route table", item),
        };
        let t = self.add_table(name, vpc);
        self.open_table(t, doubt);
        if let Known::Is(id) = id {
            self.tables.insert(id, t);
        }
        (t, Presence::Maybe(doubt))
    }

    pub(crate) fn read_routes(&mut self) {
        // "Default VPCs": the main table has a route to the internet gateway that comes with it.
        for o in self.of("aws_default_vpc") {
            let vpc = self.default_vpc(o);
            let item = self.item(o);
            let adopted = self.of("aws_default_route_table").into_iter().any(|t| {
                let id = self.get(t, "default_route_table_id").id();
                matches!(id, Known::Is(id) if self.tables.get(id) == Some(&self.vpc_info[vpc.index()].main))
            });
            let gateway = self.internet_gateway_of(vpc, item);
            if !adopted {
                let table = self.vpc_info[vpc.index()].main;
                let item = self.net.tables[table.index()].item;
                let range = Some(super::vpc::everything()[0]);
                self.push_route(table, range, Target::Gateway(gateway), false, Presence::Sure, item);
            }
        }
        for o in self.of_any(&["aws_route_table", "aws_default_route_table"]) {
            let id = if self.ty(o) == "aws_route_table" { "id" } else { "default_route_table_id" };
            let item = self.item(o);
            let table = match self.get(o, id).id() {
                Known::Is(t) if self.tables.contains_key(t) => self.tables[t],
                // A table that nobody can refer to by an id.
                _ => match self.net.tables.iter().position(|t| t.item == item) {
                    Some(t) => TableId(t as u32),
                    None => continue,
                },
            };
            let routes = self.get(o, "route").many();
            if routes.unknown {
                let doubt = self.doubt(item, "route", NOT_KNOWN);
                self.open_table(table, doubt);
            }
            for (i, r) in routes.items.iter().enumerate() {
                self.read_route(o, table, *r, &format!("route[{i}]"), false);
            }
            let gateways = self.get(o, "propagating_vgws").many();
            for g in &gateways.items {
                self.propagate(o, table, g.id());
            }
            if gateways.unknown {
                self.propagate(o, table, Known::Unknown);
            }
        }
        for o in self.data("aws_route_table") {
            let Known::Is(id) = self.get(o, "route_table_id").id().or(|| self.get(o, "id").id()) else {
                continue;
            };
            let Some(table) = self.tables.get(id).copied() else { continue };
            let vpc = self.net.tables[table.index()].vpc;
            if self.net.vpcs[vpc.index()].described {
                continue;
            }
            for (i, r) in self.get(o, "routes").many().items.iter().enumerate() {
                self.read_route(o, table, *r, &format!("routes[{i}]"), true);
            }
        }
        for o in self.of("aws_route") {
            let (table, _) = self.table_at(o, "route_table_id", None);
            self.read_route(o, table, self.view(o), "", false);
        }
        for o in self.of("aws_vpn_gateway_route_propagation") {
            let (table, _) = self.table_at(o, "route_table_id", None);
            let gateway = self.get(o, "vpn_gateway_id").id();
            self.propagate(o, table, gateway);
        }
        self.local_routes();
    }

    /// "Route tables": each has a route for every range of its VPC, to within the VPC. Such a route
    /// may be given another target, and no route for the same range beside it can exist.
    fn local_routes(&mut self) {
        for t in 0..self.net.tables.len() {
            let Table { item, vpc, .. } = self.net.tables[t];
            let ranges = self.net.vpcs[vpc.index()].ranges.clone();
            let local =
                |range, presence| Route { range, target: Target::Local, propagated: false, presence, item };
            let routes = &mut self.net.tables[t].routes;
            for range in &ranges {
                let same = |r: &Route| {
                    r.range == Some(*range)
                        && !r.propagated
                        && (r.presence == Presence::Sure || r.target == Target::Local)
                };
                if !routes.iter().any(same) {
                    routes.push(local(Some(*range), Presence::Sure));
                }
            }
            if ranges.is_empty() {
                let doubt = self.doubt(item, "", "the ranges of its VPC are not known");
                self.net.tables[t].routes.push(local(None, Presence::Maybe(doubt)));
            }
        }
    }

    pub(crate) fn push_route(
        &mut self,
        table: TableId,
        range: Option<IpNet>,
        target: Target,
        propagated: bool,
        presence: Presence,
        item: ItemId,
    ) {
        let route = Route { range, target, propagated, presence, item };
        let routes = &mut self.net.tables[table.index()].routes;
        if !routes.contains(&route) {
            routes.push(route);
        }
    }

    fn read_route(&mut self, o: Obj, table: TableId, r: View<'w>, at: &str, read: bool) {
        let item = self.item(o);
        let vpc = self.net.tables[table.index()].vpc;
        let at = |name: &str| if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") };
        let Some(target) = self.route_target(o, vpc, r, &at("gateway_id")) else { return };
        let presence = Presence::Sure;
        let mut said = false;
        for name in ["cidr_block", "ipv6_cidr_block", "destination_cidr_block", "destination_ipv6_cidr_block"]
        {
            let range = r.get(name).net();
            if range.is_absent() {
                continue;
            }
            said = true;
            match range {
                Known::Is(net) => {
                    self.push_route(
                        table,
                        Some(net),
                        target,
                        read && target != Target::Local,
                        presence,
                        item,
                    );
                }
                _ => {
                    let maybe = self.maybe(item, &at(name), NOT_KNOWN);
                    self.push_route(table, None, target, false, maybe, item);
                }
            }
        }
        let list = r.get("destination_prefix_list_id");
        if !list.is_absent() {
            said = true;
            self.list_route(o, table, list.id(), target, &at("destination_prefix_list_id"));
        }
        if !said {
            let maybe = self.maybe(item, &at("cidr_block"), "no destination is named");
            self.push_route(table, None, target, false, maybe, item);
        }
    }
    /// "Prefix lists": a route for a list is one for each of its entries.
    pub(crate) fn list_route(
        &mut self,
        o: Obj,
        table: TableId,
        list: Known<&'w str>,
        target: Target,
        attribute: &str,
    ) {
        let item = self.item(o);
        let list = self.list(o, list, attribute);
        match self.net.prefix_lists[list.index()].entries.clone() {
            Some(entries) => {
                for e in entries {
                    self.push_route(table, Some(e), target, false, Presence::Sure, item);
                }
            }
            None => {
                let maybe = self.maybe(item, attribute, "the entries of the prefix list are not known");
                self.push_route(table, None, target, false, maybe, item);
            }
        }
    }

    /// Where a route leads; `None`: nothing is said.
    fn route_target(&mut self, o: Obj, vpc: VpcId, r: View<'w>, at: &str) -> Option<Target> {
        let item = self.item(o);
        let mut unknown = false;
        for name in TARGETS {
            let id = match r.get(name).id() {
                Known::Is(id) => id,
                Known::Absent => continue,
                Known::Unknown => {
                    unknown = true;
                    continue;
                }
            };
            return Some(self.target(o, vpc, name, id));
        }
        if unknown {
            return Some(Target::Anywhere(self.doubt(item, at, "where it leads is known after apply only")));
        }
        Some(Target::Anywhere(self.doubt(item, at, "no target is named")))
    }
    fn target(&mut self, o: Obj, vpc: VpcId, name: &str, id: &'w str) -> Target {
        let item = self.item(o);
        if name == "gateway_id" && id == "local" {
            return Target::Local;
        }
        if let Some(g) = self.gateways.get(id) {
            return Target::Gateway(*g);
        }
        if let Some(p) = self.peerings.get(id) {
            return Target::Peering(*p);
        }
        if let Some(h) = self.hubs.get(id) {
            return Target::Hub(*h);
        }
        if let Some(eni) = self.enis.get(id).and_then(|e| e.first()) {
            return Target::Interface(*eni);
        }
        if name == "instance_id"
            && let Some(i) = self.find(o, &["aws_instance", "aws_spot_instance_request"], id)
            && let Some(eni) = self.holders.get(&i).and_then(|e| e.first())
        {
            return Target::Interface(*eni);
        }
        match name {
            "gateway_id" if id.starts_with("igw-") => {
                Target::Gateway(self.foreign_internet_gateway(o, vpc, id))
            }
            "gateway_id" if id.starts_with("vgw-") => {
                let doubt =
                    self.doubt(item, name, "the virtual private gateway is not in this configuration");
                Target::Anywhere(doubt)
            }
            "transit_gateway_id" => Target::Hub(self.hub(o, Known::Is(id))),
            "vpc_peering_connection_id" => {
                let place = self.world.objects[o].place.clone();
                let item = self.named(format!("the peering {id}"), place);
                let doubt = self.doubt(item, "", "it is not in this configuration");
                let other = self.named(format!("the VPC behind {id}"), None);
                let other = self.add_vpc(other, Default::default(), false);
                let p = PeeringId(self.net.peerings.len() as u32);
                let maybe = Tri::Maybe(doubt);
                self.net.peerings.push(Peering {
                    item,
                    ends: (vpc, other),
                    same_region: maybe,
                    active: maybe,
                });
                self.peerings.insert(id, p);
                Target::Peering(p)
            }
            _ => Target::Anywhere(self.doubt(item, name, "what it leads to is not in this configuration")),
        }
    }

    /// "Enable route propagation": a virtual private gateway's routes, those of its VPN
    /// connections and Direct Connect.
    fn propagate(&mut self, o: Obj, table: TableId, gateway: Known<&'w str>) {
        let item = self.item(o);
        let known = match gateway {
            Known::Is(id) => self.gateways.get(id).copied(),
            _ => None,
        };
        let Some(g) = known else {
            let doubt = self.doubt(item, "vpn_gateway_id", "the gateway is not known");
            let maybe = Presence::Maybe(doubt);
            self.push_route(table, None, Target::Anywhere(doubt), true, maybe, item);
            return;
        };
        let (ranges, more) = match &self.net.gateways[g.index()].kind {
            GatewayKind::Private { ranges, outside } => {
                (ranges.clone(), ranges.is_none() || self.net.more_behind.contains(outside))
            }
            _ => (None, true),
        };
        for r in ranges.into_iter().flatten() {
            self.push_route(table, Some(r), Target::Gateway(g), true, Presence::Sure, item);
        }
        if more {
            let maybe = self.maybe(item, "", "which routes are propagated is known at runtime only (BGP)");
            self.push_route(table, None, Target::Gateway(g), true, maybe, item);
        }
    }
}
