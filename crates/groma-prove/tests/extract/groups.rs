use serde_json::json;

use crate::support::*;

#[test]
fn inline_rules_and_rule_resources() {
    let net = network(json!({
        "aws_vpc.a": {"cidr_block": "10.0.0.0/16"},
        "aws_security_group.web": {"vpc_id": "@aws_vpc.a", "ingress": {"$set": [
            {"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_blocks": ["0.0.0.0/0"], "ipv6_cidr_blocks": ["::/0"], "prefix_list_ids": [], "security_groups": {"$set": []}, "self": false},
            {"protocol": "tcp", "from_port": 80, "to_port": 80, "cidr_blocks": [], "security_groups": {"$set": ["@aws_security_group.db"]}, "self": true},
        ]}},
        "aws_security_group.db": {"vpc_id": "@aws_vpc.a"},
        "aws_security_group_rule.r": {"type": "ingress", "security_group_id": "@aws_security_group.db", "protocol": "tcp", "from_port": 3306, "to_port": 3306, "source_security_group_id": "@aws_security_group.web"},
        "aws_vpc_security_group_ingress_rule.i": {"security_group_id": "@aws_security_group.db", "ip_protocol": "icmp", "from_port": 8, "to_port": -1, "cidr_ipv4": "10.0.0.0/8"},
        "aws_vpc_security_group_egress_rule.e": {"security_group_id": "@aws_security_group.db", "ip_protocol": "-1", "cidr_ipv6": "::/0"},
        "aws_vpc_security_group_egress_rule.f": {"security_group_id": "@aws_security_group.db", "ip_protocol": "udp", "from_port": 53, "to_port": 53, "prefix_list_id": "@aws_ec2_managed_prefix_list.l"},
        "aws_ec2_managed_prefix_list.l": {"entry": [{"cidr": "10.7.0.0/16"}]},
        "aws_ec2_managed_prefix_list_entry.l": {"prefix_list_id": "@aws_ec2_managed_prefix_list.l", "cidr": "10.8.0.0/16"},
    }));
    let web = net.group("aws_security_group.web");
    assert_eq!(
        net.rules(&web.ingress),
        [
            "tcp 443 0.0.0.0/0",
            "tcp 443 ::/0",
            "tcp 80 aws_security_group.db",
            "tcp 80 aws_security_group.web"
        ]
    );
    // The provider removes the rule that AWS adds.
    assert!(web.egress.is_empty());
    let db = net.group("aws_security_group.db");
    assert_eq!(net.rules(&db.ingress), ["1 8/-1 10.0.0.0/8", "tcp 3306 aws_security_group.web"]);
    assert_eq!(net.rules(&db.egress), ["any ::/0", "udp 53 aws_ec2_managed_prefix_list.l"]);
    assert_eq!(net.0.prefix_lists[0].entries.as_ref().unwrap().len(), 2);
    assert!(net.0.doubts.is_empty() && net.0.unsupported.is_empty());
}

#[test]
fn protocols_that_have_no_ports() {
    let net = network(json!({
        "aws_vpc.a": {"cidr_block": "10.0.0.0/16"},
        "aws_security_group.g": {"vpc_id": "@aws_vpc.a", "ingress": [
            {"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["10.0.0.0/8"]},
            {"protocol": "50", "from_port": 0, "to_port": 0, "cidr_blocks": ["10.0.0.0/8"]},
            {"protocol": "tcp", "from_port": 0, "to_port": 0, "cidr_blocks": ["10.0.0.0/8"]},
        ]},
    }));
    let g = net.group("aws_security_group.g");
    assert_eq!(net.rules(&g.ingress), ["50 10.0.0.0/8", "any 10.0.0.0/8", "tcp 0 10.0.0.0/8"]);
}

#[test]
fn an_adopted_default_group_allows_nothing_by_itself() {
    let net = network(json!({
        "aws_vpc.a": {"cidr_block": "10.0.0.0/16"},
        "aws_vpc.b": {"cidr_block": "10.0.0.0/16"},
        "aws_subnet.s": {"vpc_id": "@aws_vpc.a", "cidr_block": "10.0.1.0/24"},
        "aws_default_security_group.d": {"vpc_id": "@aws_vpc.a", "id": "@aws_vpc.a.default_security_group_id"},
        "aws_vpc_security_group_ingress_rule.i": {"security_group_id": "@aws_vpc.b.default_security_group_id", "ip_protocol": "-1", "cidr_ipv4": "10.0.0.0/8"},
        "aws_instance.i": {"subnet_id": "@aws_subnet.s"},
    }));
    assert!(net.group("aws_default_security_group.d").ingress.is_empty());
    assert_eq!(net.groups_of(net.interface("aws_instance.i")), ["aws_default_security_group.d"]);
    let b = net.group("the default security group of aws_vpc.b");
    assert_eq!(net.rules(&b.ingress), ["any 10.0.0.0/8", "any the default security group of aws_vpc.b"]);
}

#[test]
fn what_is_not_known_is_open() {
    let net = network(json!({
        "aws_vpc.a": {"cidr_block": "10.0.0.0/16"},
        "aws_security_group.g": {"vpc_id": "@aws_vpc.a", "ingress": "?"},
        "aws_security_group.h": {"vpc_id": "@aws_vpc.a", "ingress": [
            {"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": [{"$invented": "10.0.3.4/32"}]},
            {"protocol": "?", "from_port": 22, "to_port": 22, "cidr_blocks": ["10.0.0.0/8"]},
            {"protocol": "tcp", "from_port": {"$invented": 3306}, "to_port": {"$invented": 3306}, "cidr_blocks": ["10.0.0.0/8"]},
            {"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": "?"},
            {"protocol": "tcp", "from_port": 23, "to_port": 23, "self": "?"},
        ]},
        "aws_security_group_rule.nowhere": {"type": "?", "security_group_id": "@aws_security_group.i", "protocol": "tcp", "from_port": 1, "to_port": 1, "cidr_blocks": ["10.0.0.0/8"]},
        "aws_security_group.i": {"vpc_id": "@aws_vpc.a"},
        "aws_security_group_rule.somewhere": {"type": "ingress", "security_group_id": "?", "protocol": "tcp", "from_port": 2, "to_port": 2, "cidr_blocks": ["10.0.0.0/8"]},
        "data.aws_security_group.d": {"id": "sg-1", "vpc_id": "@aws_vpc.a"},
    }));
    let of = |name: &str| net.rules(&net.group(name).ingress);
    assert_eq!(of("aws_security_group.g"), ["any anything perhaps", "tcp 2 10.0.0.0/8 perhaps"]);
    assert_eq!(
        of("aws_security_group.h"),
        [
            "any 10.0.0.0/8 perhaps",
            "tcp 10.0.0.0/8 perhaps",
            "tcp 2 10.0.0.0/8 perhaps",
            "tcp 22 anything perhaps",
            "tcp 22 anything perhaps",
            "tcp 23 aws_security_group.h perhaps",
        ]
    );
    assert_eq!(of("aws_security_group.i"), ["tcp 1 10.0.0.0/8 perhaps", "tcp 2 10.0.0.0/8 perhaps"]);
    assert_eq!(net.rules(&net.group("aws_security_group.i").egress), ["tcp 1 10.0.0.0/8 perhaps"]);
    assert_eq!(of("data.aws_security_group.d"), ["any anything perhaps", "tcp 2 10.0.0.0/8 perhaps"]);
}

/// Elements of sets have no marks of their own: a literal beside a stand-in stays one, an address
/// that an object was given does not.
#[test]
fn stand_ins_within_sets() {
    let net = network(json!({
        "aws_vpc.a": {"cidr_block": "10.0.0.0/16"},
        "aws_subnet.s": {"vpc_id": "@aws_vpc.a", "cidr_block": "10.0.1.0/24"},
        "aws_instance.i": {"subnet_id": "@aws_subnet.s", "private_ip": {"$invented": "10.0.1.77"}},
        "aws_security_group.g": {"vpc_id": "@aws_vpc.a", "ingress": {"$set": [
            {"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": [{"$invented": "10.0.1.77/32"}, "192.168.0.0/16"], "security_groups": ["@aws_security_group.h"]},
        ]}},
        "aws_security_group.h": {"vpc_id": "@aws_vpc.a"},
    }));
    assert_eq!(
        net.rules(&net.group("aws_security_group.g").ingress),
        ["tcp 22 192.168.0.0/16", "tcp 22 anything perhaps", "tcp 22 aws_security_group.h"]
    );
}

#[test]
fn references_across_accounts() {
    let net = network(json!({
        "aws_vpc.a": {"cidr_block": "10.0.0.0/16"},
        "aws_security_group.g": {"vpc_id": "@aws_vpc.a", "id": "sg-1"},
        "aws_security_group.h": {"vpc_id": "@aws_vpc.a", "ingress": [
            {"protocol": "-1", "from_port": 0, "to_port": 0, "security_groups": ["222222222222/sg-1", "222222222222/sg-2"]},
        ]},
    }));
    assert_eq!(
        net.rules(&net.group("aws_security_group.h").ingress),
        ["any aws_security_group.g", "any the security group sg-2"]
    );
    let foreign = net.group("the security group sg-2");
    assert!(!net.0.vpcs[foreign.vpc.index()].described);
}

/// A list that a data source could not read, or that nobody read, has unknown entries.
#[test]
fn lists_of_others() {
    let net = network(json!({
        "aws_vpc.a": {"cidr_block": "10.0.0.0/16"},
        "data.aws_ec2_managed_prefix_list.cdn": {"id": "pl-1", "name": "com.amazonaws.global.cloudfront.origin-facing", "entries": []},
        "data.aws_ec2_managed_prefix_list.s3": {"id": "pl-2", "name": "com.amazonaws.eu-west-1.s3", "entries": [{"cidr": "3.5.64.0/21"}]},
        "aws_security_group.g": {"vpc_id": "@aws_vpc.a", "ingress": [
            {"protocol": "tcp", "from_port": 80, "to_port": 80, "prefix_list_ids": ["pl-1", "pl-2", "pl-3"]},
        ]},
    }));
    let lists = &net.0.prefix_lists;
    assert_eq!(lists.iter().map(|l| l.entries.is_some()).collect::<Vec<_>>(), [false, true, false]);
    assert!(lists[1].service.is_some() && lists[0].service.is_none());
    assert_eq!(net.group("aws_security_group.g").ingress.len(), 3);
}
