//! VPCs: their ranges, what AWS creates with each of them, VPCs of others.

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::build::*;
use super::read::Known;
use super::subnets::push_new;
use crate::model::*;
use crate::world::Location;

impl<'w> Build<'w> {
    pub(crate) fn read_vpcs(&mut self) {
        for o in self.of_any(&["aws_vpc", "aws_default_vpc"]) {
            let item = self.item(o);
            let vpc = self.add_vpc(item, self.location(o), true);
            if self.ty(o) == "aws_default_vpc" {
                self.default_vpcs.insert(self.location(o), vpc);
            }
            self.name_vpc(o, vpc);
            let range = self.get(o, "cidr_block");
            if self.ty(o) == "aws_default_vpc" && range.net().is().is_none() {
                // "Default VPCs": 172.31.0.0/16.
                self.push_range(vpc, net4(172, 31, 16));
            } else if range.is_absent() {
                // "VPC CIDR blocks": a pool assigns it when the VPC is created.
                self.unknown_range(o, vpc, "its IPv4 range comes from a pool");
            } else {
                self.vpc_range(o, vpc, "cidr_block");
            }
            let assigned = self.get(o, "assign_generated_ipv6_cidr_block").flag() != Known::Is(false)
                && !self.get(o, "assign_generated_ipv6_cidr_block").is_absent();
            let pool = !self.get(o, "ipv6_ipam_pool_id").is_absent();
            if self.get(o, "ipv6_cidr_block").is_absent() && pool {
                self.unknown_range(o, vpc, "its IPv6 range is known after apply only");
            } else if self.get(o, "ipv6_cidr_block").is_absent() && assigned {
                self.assigned.push((o, vpc));
            } else {
                self.vpc_range(o, vpc, "ipv6_cidr_block");
            }
        }
        for o in self.data("aws_vpc") {
            let Known::Is(id) = self.get(o, "id").id() else { continue };
            if self.vpcs.contains_key(id) {
                continue;
            }
            let item = self.item(o);
            let vpc = self.add_vpc(item, self.location(o), false);
            self.name_vpc(o, vpc);
            if self.get(o, "default").flag() == Known::Is(true) {
                self.default_vpcs.entry(self.location(o)).or_insert(vpc);
            }
            self.vpc_range(o, vpc, "cidr_block");
            self.vpc_range(o, vpc, "ipv6_cidr_block");
            for a in self.get(o, "cidr_block_associations").many().items {
                if let Known::Is(net) = a.get("cidr_block").net() {
                    self.push_range(vpc, net);
                }
            }
        }
        for (ty, attribute) in [
            ("aws_vpc_ipv4_cidr_block_association", "cidr_block"),
            ("aws_vpc_ipv6_cidr_block_association", "ipv6_cidr_block"),
        ] {
            for o in self.of(ty) {
                let vpc = self.vpc_at(o, "vpc_id");
                let assigned = ty == "aws_vpc_ipv6_cidr_block_association"
                    && self.get(o, "ipv6_ipam_pool_id").is_absent();
                match self.get(o, attribute).net() {
                    Known::Is(net) => self.push_range(vpc, net),
                    _ if assigned => self.assigned.push((o, vpc)),
                    _ => self.unknown_range(o, vpc, "a range of its VPC is known after apply only"),
                }
            }
        }
    }

    /// "VPC CIDR blocks": ranges of IPv6 that Amazon assigns are /56. Which one it is, the
    /// subnets in it tell; without any nothing has an address of it.
    pub(crate) fn read_assigned_ranges(&mut self) {
        for (o, vpc) in std::mem::take(&mut self.assigned) {
            let subnets = self.vpc_info[vpc.index()].subnets.clone();
            let ranges = subnets.iter().flat_map(|s| &self.net.subnets[s.index()].ranges);
            let six = ranges.filter_map(|r| if let IpNet::V6(n) = r { Some(*n) } else { None });
            let mut blocks: Vec<Option<IpNet>> = Vec::new();
            for net in six {
                let block = Ipv6Net::new(net.addr(), 56).ok().filter(|_| net.prefix_len() >= 56);
                push_new(&mut blocks, block.map(|b| IpNet::V6(b.trunc())));
            }
            match blocks.as_slice() {
                [] => {}
                [Some(block)] => self.push_range(vpc, *block),
                _ => self.unknown_range(o, vpc, "which of its IPv6 ranges is which is not known"),
            }
        }
    }

    fn name_vpc(&mut self, o: Obj, vpc: VpcId) {
        if let Known::Is(id) = self.get(o, "id").id() {
            self.vpcs.insert(id, vpc);
        }
        if let Known::Is(arn) = self.get(o, "arn").id() {
            self.vpcs.insert(arn, vpc);
        }
        let info = self.vpc_info[vpc.index()].clone();
        for name in ["main_route_table_id", "default_route_table_id"] {
            if let Known::Is(id) = self.get(o, name).id() {
                self.tables.entry(id).or_insert(info.main);
            }
        }
        if let Known::Is(id) = self.get(o, "default_network_acl_id").id() {
            self.acls.entry(id).or_insert(info.acl);
        }
        if let Known::Is(id) = self.get(o, "default_security_group_id").id() {
            self.groups.entry(id).or_insert(info.group);
        }
    }

    fn vpc_range(&mut self, o: Obj, vpc: VpcId, attribute: &str) {
        match self.get(o, attribute).net() {
            Known::Is(net) => self.push_range(vpc, net),
            Known::Absent => {}
            Known::Unknown => self.unknown_range(o, vpc, "one of its ranges is known after apply only"),
        }
    }
    fn push_range(&mut self, vpc: VpcId, net: IpNet) {
        let ranges = &mut self.net.vpcs[vpc.index()].ranges;
        if !ranges.contains(&net) {
            ranges.push(net);
        }
    }
    /// A VPC some of whose addresses are unknown: everything in it is in doubt.
    fn unknown_range(&mut self, o: Obj, vpc: VpcId, why: &str) {
        let item = self.item(o);
        self.unsupported(item, why, vec![vpc]);
        self.narrow.push(item);
    }

    /// A VPC with what AWS creates along with it. Those of others (`described` is false) have
    /// tables, lists and groups of which nothing is known, and something in them.
    pub(crate) fn add_vpc(&mut self, item: ItemId, location: Location, described: bool) -> VpcId {
        let vpc = VpcId(self.net.vpcs.len() as u32);
        let ranges = Vec::new();
        self.net.vpcs.push(Vpc { item, location, ranges, described, outside: None, blocked: None });
        let main = self.part("the main route table", item);
        let main = self.add_table(main, vpc);
        let acl_item = self.part("the default network ACL", item);
        let acl = self.add_acl(acl_item, vpc);
        let group = self.part("the default security group", item);
        let group = self.add_group(group, vpc);
        let main_presence = Presence::Sure;
        self.vpc_info.push(VpcInfo { main, main_presence, acl, group, subnets: Vec::new() });
        if described {
            self.default_acl_entries(acl);
            self.default_group_rules(group);
        } else {
            let doubt =
                self.doubt(item, "", "it is not in this configuration: nothing is known of what is in it");
            self.vpc_info[vpc.index()].main_presence = Presence::Maybe(doubt);
            self.open_table(main, doubt);
            self.open_acl(acl, doubt);
            self.open_group(group, doubt);
            let name = self.part("what else there is", item);
            let outside = self.new_node(name, NodeKind::Outside);
            self.net.vpcs[vpc.index()].outside = Some(outside);
        }
        vpc
    }

    /// The VPC that an attribute of an object names.
    pub(crate) fn vpc_at(&mut self, o: Obj, attribute: &str) -> VpcId {
        let view = self.get(o, attribute);
        let id = match view.id() {
            Known::Is(id) if view.is_stand_in() && self.computed.contains(id) => Known::Unknown,
            id => id,
        };
        match id {
            Known::Is(id) => match self.vpcs.get(id) {
                Some(vpc) => *vpc,
                // A stand-in for what AWS takes by itself.
                None if self.get(o, attribute).is_stand_in() => self.default_vpc(o),
                None => self.foreign_vpc(o, id),
            },
            // "Default VPCs": where no VPC is named, it is the default one of the region.
            Known::Absent => self.default_vpc(o),
            Known::Unknown => {
                let item = self.item(o);
                self.unsupported(item, "it is not known in which VPC it is", Vec::new());
                let name = self.part("the unknown VPC", item);
                self.add_vpc(name, Location::default(), false)
            }
        }
    }
    fn foreign_vpc(&mut self, o: Obj, id: &'w str) -> VpcId {
        let place = self.world.objects[o].place.clone();
        let item = self.named(format!("the VPC {id}"), place);
        let vpc = self.add_vpc(item, Location::default(), false);
        self.vpcs.insert(id, vpc);
        vpc
    }
    pub(crate) fn default_vpc(&mut self, o: Obj) -> VpcId {
        let location = self.location(o);
        if let Some(vpc) = self.default_vpcs.get(&location) {
            return *vpc;
        }
        let region = location.region.as_deref().unwrap_or("the region");
        let item = self.named(format!("the default VPC of {region}"), None);
        let vpc = self.add_vpc(item, location.clone(), false);
        self.push_range(vpc, net4(172, 31, 16));
        self.default_vpcs.insert(location, vpc);
        vpc
    }

    /// `aws_vpc_block_public_access_options` ("Block public access to VPCs and subnets"): of one
    /// account and region, both for what exists and what is new.
    pub(crate) fn read_blocks(&mut self) {
        for o in self.of("aws_vpc_block_public_access_options") {
            let item = self.item(o);
            let (mode, known) = match self.get(o, "internet_gateway_block_mode").text() {
                Known::Is("block-bidirectional") => (BlockMode::Bidirectional, true),
                Known::Is("block-ingress") => (BlockMode::Ingress, true),
                Known::Is("off") | Known::Absent => continue,
                _ => (BlockMode::Bidirectional, false),
            };
            let mut here = self.location(o);
            let mut one_place =
                self.world.objects.iter().all(|x| x.location == self.world.objects[o].location);
            // In a state only what has an ARN says where it is.
            if here == Location::default() {
                let vpcs = self.net.vpcs.iter().filter(|v| v.described);
                let mut places: Vec<&Location> = Vec::new();
                vpcs.for_each(|v| push_new(&mut places, &v.location));
                if let [one] = places[..] {
                    (here, one_place) = (one.clone(), true);
                }
            }
            for v in 0..self.net.vpcs.len() {
                let certain = here.account.is_some() && here.region.is_some();
                if self.net.vpcs[v].location != here || !(certain || one_place) {
                    continue;
                }
                self.net.vpcs[v].blocked = Some((mode, item));
                if !known {
                    let presence = self.maybe(item, "internet_gateway_block_mode", NOT_KNOWN);
                    let vpc = VpcId(v as u32);
                    self.net.openings.push(Opening { item, vpc, subnet: None, egress_only: false, presence });
                }
            }
        }
        for o in self.of("aws_vpc_block_public_access_exclusion") {
            let item = self.item(o);
            let (egress_only, presence) = match self.get(o, "internet_gateway_exclusion_mode").text() {
                Known::Is("allow-egress") => (true, Presence::Sure),
                Known::Is("allow-bidirectional") => (false, Presence::Sure),
                _ => (false, self.maybe(item, "internet_gateway_exclusion_mode", NOT_KNOWN)),
            };
            let opening = |vpc, subnet, presence| Opening { item, vpc, subnet, egress_only, presence };
            let (vpc, subnet) = (self.get(o, "vpc_id"), self.get(o, "subnet_id"));
            if vpc.is_unknown() || subnet.is_unknown() {
                let presence = self.maybe(item, "vpc_id", "what it opens is known after apply only");
                for v in 0..self.net.vpcs.len() as u32 {
                    self.net.openings.push(opening(VpcId(v), None, presence));
                }
            } else if vpc.is_absent() {
                let subnet = self.subnet_at(o, "subnet_id");
                self.net.openings.push(opening(self.vpc_of_subnet(subnet), Some(subnet), presence));
            } else {
                let vpc = self.vpc_at(o, "vpc_id");
                self.net.openings.push(opening(vpc, None, presence));
            }
        }
    }
}

fn net4(a: u8, b: u8, len: u8) -> IpNet {
    Ipv4Net::new_assert([a, b, 0, 0].into(), len).into()
}

/// All addresses of IPv4 and of IPv6.
pub(crate) fn everything() -> [IpNet; 2] {
    [Ipv4Net::default().into(), Ipv6Net::default().into()]
}
