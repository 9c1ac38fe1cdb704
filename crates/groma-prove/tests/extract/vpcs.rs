use groma_prove::model::*;
use serde_json::json;

use crate::support::*;

#[test]
fn ranges_and_what_comes_with_a_vpc() {
    let net = network(json!({
        "aws_vpc.a": {"cidr_block": "10.0.0.0/16"},
        "aws_vpc_ipv4_cidr_block_association.b": {"vpc_id": "@aws_vpc.a", "cidr_block": "100.64.0.0/16"},
        "aws_subnet.s": {"vpc_id": "@aws_vpc.a", "cidr_block": "10.0.1.0/24", "availability_zone": "eu-west-1a"},
    }));
    let vpc = &net.0.vpcs[net.vpc("aws_vpc.a").index()];
    assert!(vpc.described);
    assert_eq!(
        vpc.ranges.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["10.0.0.0/16", "100.64.0.0/16"]
    );
    let s = net.subnet("aws_subnet.s");
    assert_eq!(s.zone.as_deref(), Some("eu-west-1a"));
    assert_eq!((s.table_presence, s.acl_presence), (Presence::Sure, Presence::Sure));
    assert_eq!(net.name(net.0.tables[s.table.index()].item), "the main route table of aws_vpc.a");
    assert_eq!(net.routes("the main route table of aws_vpc.a"), ["10.0.0.0/16 local", "100.64.0.0/16 local"]);
    // "Default network ACLs" allow everything, default groups their own members.
    let acl = net.acl("the default network ACL of aws_vpc.a");
    assert!(acl.ingress.iter().all(|e| e.allow && e.protocol == Protocol::Any) && acl.ingress.len() == 2);
    let group = net.group("the default security group of aws_vpc.a");
    assert_eq!(net.rules(&group.ingress), ["any the default security group of aws_vpc.a"]);
    assert_eq!(net.rules(&group.egress), ["any 0.0.0.0/0", "any ::/0"]);
    assert!(net.0.unsupported.is_empty() && net.0.doubts.is_empty());
}

#[test]
fn addresses_that_are_not_known_are_no_addresses() {
    let net = network(json!({
        "aws_vpc.pool": {"cidr_block": {"$invented": "10.9.0.0/16"}, "ipv4_ipam_pool_id": "ipam-1"},
        "aws_subnet.s": {"vpc_id": "@aws_vpc.pool", "cidr_block": {"$invented": "10.9.1.0/24"}},
    }));
    assert!(net.0.vpcs[0].ranges.is_empty());
    assert_eq!(net.unsupported(), ["aws_vpc.pool"]);
    assert_eq!(net.subnet("aws_subnet.s").ranges.len(), 1);
    assert_eq!(net.subnet("aws_subnet.s").ranges[0].to_string(), "0.0.0.0/0");
    assert_eq!(net.table("the main route table of aws_vpc.pool").routes[0].range, None);
}

/// Amazon's own IPv6 ranges are not known before, but nothing that is written down overlaps them.
#[test]
fn assigned_ipv6_ranges_count_unless_something_may_overlap_them() {
    let with = |literal: &str| {
        network(json!({
            "aws_vpc.a": {
                "cidr_block": "10.0.0.0/16", "assign_generated_ipv6_cidr_block": true,
                "ipv6_cidr_block": {"$invented": "2a05:d018:1:100::/56"},
            },
            "aws_subnet.s": {
                "vpc_id": "@aws_vpc.a", "cidr_block": "10.0.1.0/24",
                "ipv6_cidr_block": {"$invented": "2a05:d018:1:101::/64"},
            },
            "aws_security_group.g": {"vpc_id": "@aws_vpc.a", "ingress": [
                {"protocol": "tcp", "from_port": 1, "to_port": 2, "ipv6_cidr_blocks": [literal]},
            ]},
        }))
    };
    for harmless in ["::/0", "fd00::/8", "2606:4700::/32"] {
        let net = with(harmless);
        assert_eq!(net.0.vpcs[0].ranges[1].to_string(), "2a05:d018:1:100::/56", "{harmless}");
        assert_eq!(net.subnet("aws_subnet.s").ranges[1].to_string(), "2a05:d018:1:101::/64");
        assert!(net.0.unsupported.is_empty());
    }
    let net = with("2a05:d018::/32");
    assert_eq!(net.0.vpcs[0].ranges.len(), 1);
    assert_eq!(net.unsupported(), ["aws_vpc.a"]);
    assert_eq!(net.subnet("aws_subnet.s").ranges[1].to_string(), "::/0");
}

#[test]
fn what_others_own_is_open() {
    let net = network(json!({
        "data.aws_vpc.shared": {"id": "vpc-1", "cidr_block": "10.0.0.0/16"},
        "aws_subnet.s": {"vpc_id": "vpc-1", "cidr_block": "10.0.1.0/24"},
        "aws_subnet.t": {"vpc_id": "vpc-2", "cidr_block": "10.0.1.0/24"},
    }));
    for (name, vpc) in [("data.aws_vpc.shared", "aws_subnet.s"), ("the VPC vpc-2", "aws_subnet.t")] {
        let id = net.vpc(name);
        assert!(!net.0.vpcs[id.index()].described);
        assert_eq!(net.subnet(vpc).vpc, id);
        assert_ne!(net.subnet(vpc).table_presence, Presence::Sure);
        assert!(net.routes(&format!("the main route table of {name}")).contains(&"? anywhere".to_owned()));
        let outside = &net.0.nodes[net.0.vpcs[id.index()].outside.unwrap().index()];
        assert_eq!(
            (net.name(outside.item), &outside.kind),
            (&*format!("what else there is of {name}"), &NodeKind::Outside)
        );
    }
}

#[test]
fn the_default_vpc_is_public() {
    let net = network(json!({
        "aws_default_vpc.d": {"cidr_block": "172.31.0.0/16"},
        "aws_default_subnet.s": {"availability_zone": "eu-west-1a", "cidr_block": "172.31.0.0/20", "vpc_id": "@aws_default_vpc.d"},
        "aws_security_group.g": {},
        "aws_instance.i": {"subnet_id": "@aws_default_subnet.s", "vpc_security_group_ids": ["@aws_security_group.g"]},
        "aws_instance.j": {},
    }));
    let vpc = net.vpc("aws_default_vpc.d");
    assert_eq!(net.group("aws_security_group.g").vpc, vpc);
    assert_eq!(net.interface("aws_instance.i").public, Tri::Yes);
    let j = net.interface("aws_instance.j");
    assert_eq!((j.public, net.0.subnets[j.subnet.index()].vpc), (Tri::Yes, vpc));
    let gateway = "the internet gateway of aws_default_vpc.d";
    assert_eq!(
        net.routes("the main route table of aws_default_vpc.d"),
        [format!("0.0.0.0/0 {gateway}"), "172.31.0.0/16 local".to_owned()]
    );
    // Adopting the table removes the route.
    let net = network(json!({
        "aws_default_vpc.d": {"cidr_block": "172.31.0.0/16"},
        "aws_default_route_table.t": {"default_route_table_id": "@aws_default_vpc.d.main_route_table_id"},
    }));
    assert_eq!(net.routes("aws_default_route_table.t"), ["172.31.0.0/16 local"]);
}

#[test]
fn public_access_is_blocked_in_one_account_and_region() {
    let net = network(json!({
        "aws_vpc.a": {"cidr_block": "10.0.0.0/16"},
        "aws_vpc.b": {"cidr_block": "10.0.0.0/16", "$region": "us-east-1"},
        "aws_vpc.c": {"cidr_block": "10.0.0.0/16"},
        "aws_vpc_block_public_access_options.o": {"internet_gateway_block_mode": "block-bidirectional"},
        "aws_subnet.s": {"vpc_id": "@aws_vpc.a", "cidr_block": "10.0.1.0/24"},
        "aws_vpc_block_public_access_exclusion.x": {"internet_gateway_exclusion_mode": "allow-egress", "vpc_id": "@aws_vpc.c"},
        "aws_vpc_block_public_access_exclusion.y": {"internet_gateway_exclusion_mode": "allow-bidirectional", "subnet_id": "@aws_subnet.s"},
        "aws_vpc_block_public_access_exclusion.z": {"internet_gateway_exclusion_mode": "?", "vpc_id": "@aws_vpc.a"},
    }));
    let blocked = |name| net.0.vpcs[net.vpc(name).index()].blocked.map(|b| b.0);
    assert_eq!(blocked("aws_vpc.a"), Some(BlockMode::Bidirectional));
    assert_eq!(blocked("aws_vpc.b"), None);
    assert_eq!(blocked("aws_vpc.c"), Some(BlockMode::Bidirectional));
    let openings: Vec<_> = net.0.openings.iter().map(|o| (o.vpc, o.subnet, o.egress_only)).collect();
    let (a, c) = (net.vpc("aws_vpc.a"), net.vpc("aws_vpc.c"));
    assert_eq!(openings, [(c, None, true), (a, Some(SubnetId(0)), false), (a, None, false)]);
    let sure: Vec<bool> = net.0.openings.iter().map(|o| o.presence == Presence::Sure).collect();
    assert_eq!(sure, [true, true, false]);
    // What it blocks may be nothing.
    let net = network(json!({
        "aws_vpc.a": {"cidr_block": "10.0.0.0/16"},
        "aws_vpc_block_public_access_options.o": {"internet_gateway_block_mode": "?"},
    }));
    assert!(net.0.openings[0].subnet.is_none() && net.0.openings[0].presence != Presence::Sure);
}

/// A VPC and subnets that data sources found, as small configurations have them.
#[test]
fn the_default_vpc_by_data_sources() {
    let net = network(json!({
        "data.aws_vpc.d": {"id": "vpc-1", "default": true, "cidr_block": "172.31.0.0/16"},
        "data.aws_subnets.d": {"filter": [{"name": "vpc-id", "values": ["vpc-1"]}], "ids": ["subnet-1", "subnet-2"]},
        "aws_security_group.g": {"vpc_id": "vpc-1"},
        "aws_security_group.h": {},
        "aws_instance.listed": {"subnet_id": "subnet-2", "vpc_security_group_ids": ["@aws_security_group.g"], "associate_public_ip_address": true},
        "aws_instance.by_group": {"subnet_id": "subnet-9", "vpc_security_group_ids": ["@aws_security_group.g"]},
        "aws_instance.anywhere": {"subnet_id": "?", "vpc_security_group_ids": ["@aws_security_group.g"]},
        "aws_instance.nowhere": {"subnet_id": "?"},
        "aws_instance.nothing_said": {"vpc_security_group_ids": ["@aws_security_group.h"]},
        "aws_lb.b": {"subnets": ["subnet-1", "subnet-2"], "security_groups": ["@aws_security_group.g"]},
    }));
    let vpc = net.vpc("data.aws_vpc.d");
    assert_eq!(net.group("aws_security_group.h").vpc, vpc);
    for name in ["listed", "by_group", "anywhere", "nothing_said"] {
        let i = net.interface(&format!("aws_instance.{name}"));
        let s = &net.0.subnets[i.subnet.index()];
        assert_eq!(s.vpc, vpc, "{name}");
        assert!(s.table_presence != Presence::Sure && s.acl_presence != Presence::Sure, "{name}");
        assert!(i.unknown_groups.is_none());
    }
    // Of a subnet of which nothing is known it is not certain that it is IPv4.
    assert_ne!(net.interface("aws_instance.listed").public, Tri::No);
    assert!(is_maybe(net.interface("aws_instance.nothing_said").public));
    assert!(net.interfaces("aws_lb.b").iter().all(|i| net.0.subnets[i.subnet.index()].vpc == vpc));
    assert_eq!(net.unsupported(), ["aws_instance.nowhere"]);
}
