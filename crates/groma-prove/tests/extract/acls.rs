use groma_prove::model::*;
use serde_json::json;

use crate::support::*;

#[test]
fn entries_inline_and_as_resources() {
    let net = network(json!({
        "aws_vpc.a": {"cidr_block": "10.0.0.0/16"},
        "aws_subnet.s": {"vpc_id": "@aws_vpc.a", "cidr_block": "10.0.1.0/24"},
        "aws_network_acl.n": {"vpc_id": "@aws_vpc.a", "subnet_ids": ["@aws_subnet.s"], "ingress": [
            {"rule_no": 200, "action": "deny", "protocol": "-1", "from_port": 0, "to_port": 0, "cidr_block": "0.0.0.0/0"},
            {"rule_no": 100, "action": "allow", "protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_block": "10.0.0.0/8", "ipv6_cidr_block": ""},
        ]},
        "aws_network_acl_rule.out": {"network_acl_id": "@aws_network_acl.n", "egress": true, "rule_number": 50, "rule_action": "allow", "protocol": "17", "from_port": 53, "to_port": 53, "ipv6_cidr_block": "::/0"},
        "aws_network_acl_rule.icmp": {"network_acl_id": "@aws_network_acl.n", "egress": false, "rule_number": 50, "rule_action": "allow", "protocol": "icmp", "icmp_type": -1, "icmp_code": -1, "cidr_block": "10.0.0.0/8"},
    }));
    let acl = net.acl("aws_network_acl.n");
    assert_eq!(
        acl.ingress.iter().map(|e| (e.number, e.allow)).collect::<Vec<_>>(),
        [(50, true), (100, true), (200, false)]
    );
    assert_eq!(acl.ingress[0].icmp, Some((-1, -1)));
    assert_eq!(acl.ingress[1].ports, Some(Ports { from: 443, to: 443 }));
    assert_eq!(acl.ingress[2].protocol, Protocol::Any);
    assert_eq!(acl.egress[0].protocol, Protocol::Number(17));
    assert_eq!(acl.egress[0].range.unwrap().to_string(), "::/0");
    let s = net.subnet("aws_subnet.s");
    assert_eq!(
        (net.name(net.0.acls[s.acl.index()].item), s.acl_presence),
        ("aws_network_acl.n", Presence::Sure)
    );
    assert!(net.0.doubts.is_empty());
}

#[test]
fn an_adopted_default_acl_allows_nothing_by_itself() {
    let net = network(json!({
        "aws_vpc.a": {"cidr_block": "10.0.0.0/16"},
        "aws_vpc.b": {"cidr_block": "10.0.0.0/16"},
        "aws_default_network_acl.d": {"default_network_acl_id": "@aws_vpc.a.default_network_acl_id"},
        "aws_network_acl_rule.b": {"network_acl_id": "@aws_vpc.b.default_network_acl_id", "rule_number": 1, "rule_action": "deny", "protocol": "-1", "cidr_block": "0.0.0.0/0"},
        "aws_subnet.s": {"vpc_id": "@aws_vpc.a", "cidr_block": "10.0.1.0/24"},
    }));
    assert!(net.acl("aws_default_network_acl.d").ingress.is_empty());
    assert_eq!(
        net.name(net.0.acls[net.subnet("aws_subnet.s").acl.index()].item),
        "aws_default_network_acl.d"
    );
    // Rules beside those that AWS made.
    let numbers: Vec<u32> =
        net.acl("the default network ACL of aws_vpc.b").ingress.iter().map(|e| e.number).collect();
    assert_eq!(numbers, [1, 100, 101]);
}

#[test]
fn what_is_not_known_of_an_entry() {
    let net = network(json!({
        "aws_vpc.a": {"cidr_block": "10.0.0.0/16"},
        "aws_network_acl.n": {"vpc_id": "@aws_vpc.a", "ingress": "?"},
        "aws_network_acl.m": {"vpc_id": "@aws_vpc.a", "egress": [
            {"rule_no": "?", "action": "allow", "protocol": "tcp", "from_port": 1, "to_port": 2, "cidr_block": "10.0.0.0/8"},
            {"rule_no": 9, "action": "?", "protocol": "tcp", "from_port": 1, "to_port": 2, "cidr_block": {"$invented": "10.1.2.3/32"}},
        ]},
    }));
    let all = &net.acl("aws_network_acl.n").ingress;
    assert!(all.iter().any(|e| e.allow) && all.iter().any(|e| !e.allow));
    assert!(all.iter().all(|e| e.presence != Presence::Sure));
    let m = net.acl("aws_network_acl.m");
    assert_eq!(
        m.egress.iter().map(|e| (e.number, e.allow)).collect::<Vec<_>>(),
        [(0, true), (9, true), (9, false)]
    );
    assert!(m.egress.iter().all(|e| e.presence != Presence::Sure));
    assert_eq!(m.egress[1].range, None);
    assert!(m.ingress.is_empty());
}
