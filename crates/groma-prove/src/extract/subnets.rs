//! Subnets, and which route table and network ACL each has.

use super::build::*;
use super::read::Known;
use super::vpc::everything;
use crate::model::*;

impl<'w> Build<'w> {
    pub(crate) fn read_subnets(&mut self) {
        for o in self.of_any(&["aws_subnet", "aws_default_subnet"]) {
            self.read_subnet(o);
        }
        for o in self.data("aws_subnet") {
            if let Known::Is(id) = self.get(o, "id").id()
                && !self.subnets.contains_key(id)
            {
                self.read_subnet(o);
            }
        }
        self.read_subnet_ids();
    }

    /// Subnets of which a data source tells no more than that they are in a VPC.
    fn read_subnet_ids(&mut self) {
        for o in self.data("aws_subnets").into_iter().chain(self.data("aws_subnet_ids")) {
            let by_filter = self.get(o, "filter").many().items.into_iter().find_map(|f| {
                let values = f.get("values").many().items;
                let named = f.get("name").id() == Known::Is("vpc-id") && values.len() == 1;
                named.then(|| values[0].id().is()).flatten()
            });
            let Some(vpc) = by_filter.or(self.get(o, "vpc_id").id().is()) else { continue };
            let Some(vpc) = self.vpcs.get(vpc).copied() else { continue };
            for s in self.get(o, "ids").many().items {
                if let Known::Is(id) = s.id() {
                    self.subnet(o, Known::Is(id), Some(vpc));
                }
            }
        }
    }
    /// The VPC of the groups that an object names: its interfaces are in the same.
    fn vpc_by_groups(&self, o: Obj) -> Option<VpcId> {
        let mut found: Vec<VpcId> = Vec::new();
        self.world.objects[o].values.walk(&mut |_, v| {
            if let Some(g) = v.as_str().and_then(|t| self.groups.get(t)) {
                push_new(&mut found, self.net.groups[g.index()].vpc);
            }
            true
        });
        match found.as_slice() {
            [one] if !self.ty(o).starts_with("aws_security_group") => Some(*one),
            _ => None,
        }
    }

    fn read_subnet(&mut self, o: Obj) -> SubnetId {
        let item = self.item(o);
        let default = self.ty(o) == "aws_default_subnet";
        let vpc = if default && !self.known_vpc(o) { self.default_vpc(o) } else { self.vpc_at(o, "vpc_id") };
        // "Default subnets": they assign public IPv4 addresses, others do not ("Modify the IP
        // addressing attributes of your subnet").
        let public = self.tri(o, "map_public_ip_on_launch", default);
        let assign_v6 = self.tri(o, "assign_ipv6_address_on_creation", false);
        let native = self.tri(o, "ipv6_native", false);
        let v4 = match native {
            Tri::Yes => Tri::No,
            Tri::No => Tri::Yes,
            maybe => maybe,
        };
        let range6 = self.get(o, "ipv6_cidr_block");
        let v6 = match range6.id() {
            Known::Is(_) => Tri::Yes,
            Known::Absent => yes(native == Tri::Yes),
            Known::Unknown => Tri::Maybe(self.doubt(item, "ipv6_cidr_block", NOT_KNOWN)),
        };
        let subnet = self.add_subnet(item, vpc, SubnetInfo { public, assign_v6, families: (v4, v6) });
        for name in ["id", "arn"] {
            if let Known::Is(id) = self.get(o, name).id() {
                self.subnets.insert(id, subnet);
            }
        }
        // A made-up zone may be any: it is not another one than a zone that is named.
        let zone = self.get(o, "availability_zone").text();
        let zone = zone.or(|| self.get(o, "availability_zone_id").text());
        let mut ranges = Vec::new();
        for (attribute, family, everything) in
            [("cidr_block", v4, everything()[0]), ("ipv6_cidr_block", v6, everything()[1])]
        {
            match self.get(o, attribute).net() {
                Known::Is(net) => ranges.push(net),
                _ if family == Tri::No => {}
                // Anything of that family in the VPC.
                _ => {
                    let of_vpc = &self.net.vpcs[vpc.index()].ranges;
                    let is_v4 = everything.addr().is_ipv4();
                    let before = ranges.len();
                    ranges.extend(of_vpc.iter().filter(|r| r.addr().is_ipv4() == is_v4));
                    if ranges.len() == before {
                        ranges.push(everything);
                    }
                }
            }
        }
        let s = &mut self.net.subnets[subnet.index()];
        s.zone = zone.is().map(Into::into);
        s.ranges = ranges;
        subnet
    }
    fn known_vpc(&self, o: Obj) -> bool {
        matches!(self.get(o, "vpc_id").id(), Known::Is(id) if self.vpcs.contains_key(id))
    }

    pub(crate) fn add_subnet(&mut self, item: ItemId, vpc: VpcId, info: SubnetInfo) -> SubnetId {
        let id = SubnetId(self.net.subnets.len() as u32);
        let of = &self.vpc_info[vpc.index()];
        let (table, table_presence, acl) = (of.main, of.main_presence, of.acl);
        self.net.subnets.push(Subnet {
            item,
            vpc,
            zone: None,
            ranges: Vec::new(),
            table,
            table_presence,
            other_tables: Vec::new(),
            acl,
            acl_presence: table_presence,
        });
        self.subnet_info.push(info);
        self.vpc_info[vpc.index()].subnets.push(id);
        id
    }

    /// The subnet that an attribute of an object names.
    pub(crate) fn subnet_at(&mut self, o: Obj, path: &str) -> SubnetId {
        let id = self.get(o, path).id();
        self.subnet(o, id, None)
    }
    /// The subnet with an id; of one that is not in this world only the VPC may be known.
    pub(crate) fn subnet(&mut self, o: Obj, id: Known<&'w str>, vpc: Option<VpcId>) -> SubnetId {
        let item = self.item(o);
        let vpc = vpc.or_else(|| match id {
            Known::Is(id) if !self.subnets.contains_key(id) => self.vpc_by_groups(o),
            Known::Unknown => self.vpc_by_groups(o),
            _ => None,
        });
        let known = match id {
            Known::Is(id) => {
                // ARNs, as DataSync and Cloud WAN have them, end with the id.
                let short = id.rsplit('/').next().unwrap_or(id);
                match self.subnets.get(id).or_else(|| self.subnets.get(short)) {
                    Some(s) => return *s,
                    None => Some(id),
                }
            }
            // "Default VPCs": what names no subnet is placed into a default one.
            Known::Absent => None,
            Known::Unknown => {
                if vpc.is_none() {
                    self.unsupported(item, "it is not known in which subnet it is", Vec::new());
                }
                None
            }
        };
        let place = self.world.objects[o].place.clone();
        let vpc = match (vpc, id) {
            (Some(v), _) => v,
            (None, Known::Absent) => self.default_vpc(o),
            (None, _) => {
                let name = match known {
                    Some(id) => format!("the VPC of {id}"),
                    None => "an unknown VPC".to_owned(),
                };
                let name = self.named(name, place.clone());
                self.add_vpc(name, Default::default(), false)
            }
        };
        let name = match known {
            Some(id) => self.named(format!("the subnet {id}"), place),
            None => self.part("the subnet", item),
        };
        let doubt = self.doubt(name, "", "nothing is known of this subnet");
        let maybe = Tri::Maybe(doubt);
        let info = SubnetInfo { public: maybe, assign_v6: maybe, families: (maybe, maybe) };
        let s = self.add_subnet(name, vpc, info);
        self.net.subnets[s.index()].table_presence = Presence::Maybe(doubt);
        self.net.subnets[s.index()].acl_presence = Presence::Maybe(doubt);
        let tables: Vec<TableId> = self.tables_of(vpc);
        self.net.subnets[s.index()].other_tables = tables;
        if let Some(id) = known {
            self.subnets.insert(id, s);
        }
        s
    }
    /// All tables of a VPC, known so far.
    pub(crate) fn tables_of(&self, vpc: VpcId) -> Vec<TableId> {
        let all = (0..self.net.tables.len() as u32).map(TableId);
        all.filter(|t| self.net.tables[t.index()].vpc == vpc).collect()
    }

    /// "Subnet route tables": a subnet has one table, the one that is associated, or else the
    /// main one of its VPC.
    pub(crate) fn read_table_associations(&mut self) {
        for o in self.of("aws_main_route_table_association") {
            let vpc = self.vpc_at(o, "vpc_id");
            let (table, presence) = self.table_at(o, "route_table_id", Some(vpc));
            // Before subnets have tables of their own: each has the main one so far.
            for s in self.vpc_info[vpc.index()].subnets.clone() {
                let old = self.net.subnets[s.index()].table;
                self.set_table(s, table, presence, old);
            }
            self.vpc_info[vpc.index()].main = table;
        }
        let mut seen: Vec<Option<TableId>> = vec![None; self.net.subnets.len()];
        for o in self.data("aws_route_table") {
            for a in self.get(o, "associations").many().items {
                let Known::Is(subnet) = a.get("subnet_id").id() else { continue };
                let (table, _) = self.table_at(o, "id", None);
                if let Some(s) = self.subnets.get(subnet).copied()
                    && s.index() < seen.len()
                {
                    let old = self.net.subnets[s.index()].table;
                    self.set_table(s, table, Presence::Sure, old);
                    seen[s.index()] = Some(table);
                }
            }
        }
        for o in self.of("aws_route_table_association") {
            if !self.get(o, "gateway_id").is_absent() {
                continue;
            }
            match self.get(o, "subnet_id").id() {
                Known::Unknown => {
                    let item = self.item(o);
                    let (table, _) = self.table_at(o, "route_table_id", None);
                    let doubt = self.doubt(item, "subnet_id", NOT_KNOWN);
                    let vpc = self.net.tables[table.index()].vpc;
                    for s in self.vpc_info[vpc.index()].subnets.clone() {
                        let subnet = &mut self.net.subnets[s.index()];
                        subnet.table_presence = Presence::Maybe(doubt);
                        push_new(&mut subnet.other_tables, table);
                    }
                }
                id => {
                    let s = self.subnet(o, id, None);
                    seen.resize(self.net.subnets.len(), None);
                    let vpc = self.net.subnets[s.index()].vpc;
                    let (table, presence) = self.table_at(o, "route_table_id", Some(vpc));
                    let old = self.net.subnets[s.index()].table;
                    match seen[s.index()] {
                        // A second table is refused by AWS, or replaces the first.
                        Some(first) if first != table => {
                            let item = self.item(o);
                            let doubt = self.doubt(item, "subnet_id", "the subnet is associated twice");
                            self.set_table(s, first, Presence::Maybe(doubt), table);
                        }
                        _ => self.set_table(s, table, presence, old),
                    }
                    seen[s.index()] = Some(table);
                }
            }
        }
    }
    fn set_table(&mut self, s: SubnetId, table: TableId, presence: Presence, other: TableId) {
        let vpc = self.net.subnets[s.index()].vpc;
        let all = if presence == Presence::Sure { Vec::new() } else { self.tables_of(vpc) };
        let subnet = &mut self.net.subnets[s.index()];
        let sure_before = subnet.table_presence == Presence::Sure || presence == Presence::Sure;
        subnet.table = table;
        subnet.table_presence = presence;
        if presence == Presence::Sure && sure_before {
            subnet.other_tables.clear();
        } else {
            push_new(&mut subnet.other_tables, other);
            for t in all {
                push_new(&mut subnet.other_tables, t);
            }
        }
    }
}

pub(crate) fn push_new<T: PartialEq>(to: &mut Vec<T>, what: T) {
    if !to.contains(&what) {
        to.push(what);
    }
}
