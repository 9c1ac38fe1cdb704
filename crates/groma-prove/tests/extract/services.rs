use groma_prove::engine::Engine;
use groma_prove::ports::{Family, Traffic};
use groma_prove::reach::{Bound, Question, Ways};
use serde_json::{Value, json};

use crate::support::*;

/// An instance that a rule lets talk to a list, behind NAT; and more.
fn with(more: Value) -> Net {
    let mut all = json!({
        "aws_vpc.a": {"cidr_block": "10.0.0.0/16"},
        "aws_internet_gateway.i": {"vpc_id": "@aws_vpc.a"},
        "aws_subnet.public": {"vpc_id": "@aws_vpc.a", "cidr_block": "10.0.1.0/24"},
        "aws_subnet.private": {"vpc_id": "@aws_vpc.a", "cidr_block": "10.0.2.0/24"},
        "aws_route_table.public": {"vpc_id": "@aws_vpc.a"},
        "aws_route_table.private": {"vpc_id": "@aws_vpc.a"},
        "aws_route_table_association.public": {"subnet_id": "@aws_subnet.public", "route_table_id": "@aws_route_table.public"},
        "aws_route_table_association.private": {"subnet_id": "@aws_subnet.private", "route_table_id": "@aws_route_table.private"},
        "aws_route.out": {"route_table_id": "@aws_route_table.public", "destination_cidr_block": "0.0.0.0/0", "gateway_id": "@aws_internet_gateway.i"},
        "aws_eip.n": {"domain": "vpc"},
        "aws_nat_gateway.n": {"subnet_id": "@aws_subnet.public", "allocation_id": "@aws_eip.n"},
        "aws_route.nat": {"route_table_id": "@aws_route_table.private", "destination_cidr_block": "0.0.0.0/0", "nat_gateway_id": "@aws_nat_gateway.n"},
        "aws_vpc_endpoint.s3": {"vpc_id": "@aws_vpc.a", "service_name": "com.amazonaws.eu-west-1.s3", "route_table_ids": ["@aws_route_table.private"]},
        "aws_security_group.g": {"vpc_id": "@aws_vpc.a"},
        "aws_vpc_security_group_egress_rule.r": {"security_group_id": "@aws_security_group.g", "ip_protocol": "tcp", "from_port": 443, "to_port": 443, "prefix_list_id": "@aws_vpc_endpoint.s3.prefix_list_id"},
        "aws_instance.i": {"subnet_id": "@aws_subnet.private", "vpc_security_group_ids": ["@aws_security_group.g"]},
    });
    for (k, v) in more.as_object().unwrap() {
        all[k] = v.clone();
    }
    network(all)
}

fn reach(net: &Net, to: &str, bound: Bound) -> Traffic {
    let engine = Engine::new(&net.0);
    let reach = engine.reach(net.node_id("aws_instance.i"), net.node_id(to), Ways::ALL);
    reach.get(Family::V4, Question::Completes, bound).clone()
}

const S3: &str = "the service s3";
const WORLD: &str = "the internet";

#[test]
fn what_is_for_a_service_goes_to_its_endpoint() {
    let net = with(json!({}));
    assert_eq!(
        net.routes("aws_route_table.private"),
        ["0.0.0.0/0 aws_nat_gateway.n", "10.0.0.0/16 local", "192.88.99.0/28 aws_vpc_endpoint.s3"]
    );
    let https = Traffic::of_tcp(groma_prove::ports::PortSet::range(443, 443));
    assert_eq!(reach(&net, S3, Bound::Must), https);
    assert_eq!(reach(&net, S3, Bound::May), https);
    assert!(reach(&net, WORLD, Bound::May).is_empty());
}

#[test]
fn without_a_route_it_goes_over_the_internet() {
    let net = with(json!({
        "aws_vpc_endpoint.s3": {"vpc_id": "@aws_vpc.a", "service_name": "com.amazonaws.eu-west-1.s3"},
    }));
    assert!(!reach(&net, WORLD, Bound::Must).is_empty(), "the service is on the internet");
    assert!(!reach(&net, S3, Bound::Must).is_empty());
}

#[test]
fn other_public_addresses_may_be_the_services() {
    let rule = json!({"security_group_id": "@aws_security_group.g", "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_ipv4": "52.216.0.0/15"});
    let net = with(json!({ "aws_vpc_security_group_egress_rule.r": rule }));
    assert!(!reach(&net, S3, Bound::May).is_empty() && reach(&net, S3, Bound::Must).is_empty());
    assert!(!reach(&net, WORLD, Bound::Must).is_empty());
    // Private ones are not.
    let rule = json!({"security_group_id": "@aws_security_group.g", "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_ipv4": "10.0.0.0/8"});
    let net = with(json!({ "aws_vpc_security_group_egress_rule.r": rule }));
    assert!(reach(&net, S3, Bound::May).is_empty());
}

#[test]
fn entries_of_acls_for_public_addresses_may_let_it_through() {
    let acl = |entry: Value| {
        json!({"vpc_id": "@aws_vpc.a", "subnet_ids": ["@aws_subnet.private"],
               "egress": [entry], "ingress": [{"rule_no": 1, "action": "allow", "protocol": "-1", "cidr_block": "0.0.0.0/0", "from_port": 0, "to_port": 0}]})
    };
    let some = |action: &str, range: &str| json!({"rule_no": 1, "action": action, "protocol": "-1", "cidr_block": range, "from_port": 0, "to_port": 0});
    let net = with(json!({ "aws_network_acl.n": acl(some("allow", "52.216.0.0/15")) }));
    assert!(!reach(&net, S3, Bound::May).is_empty() && reach(&net, S3, Bound::Must).is_empty());
    let net = with(json!({ "aws_network_acl.n": acl(some("allow", "10.0.0.0/8")) }));
    assert!(reach(&net, S3, Bound::May).is_empty());
    let net = with(json!({ "aws_network_acl.n": acl(some("allow", "0.0.0.0/0")) }));
    assert!(!reach(&net, S3, Bound::Must).is_empty());
}

#[test]
fn routes_for_some_public_addresses_leave_it_open() {
    for destination in ["52.0.0.0/8", "192.0.0.0/3"] {
        let net = with(json!({
            "aws_route.other": {"route_table_id": "@aws_route_table.private", "destination_cidr_block": destination, "nat_gateway_id": "@aws_nat_gateway.n"},
        }));
        assert!(net.routes("aws_route_table.private").contains(&"? aws_vpc_endpoint.s3".to_owned()));
        assert!(!reach(&net, WORLD, Bound::May).is_empty() && reach(&net, S3, Bound::Must).is_empty());
    }
}

#[test]
fn a_service_has_one_list_in_a_region() {
    let net = with(json!({
        "aws_vpc.b": {"cidr_block": "10.1.0.0/16"},
        "aws_route_table.b": {"vpc_id": "@aws_vpc.b"},
        "aws_vpc_endpoint.other": {"vpc_id": "@aws_vpc.b", "service_name": "com.amazonaws.eu-west-1.s3", "route_table_ids": ["@aws_route_table.b"]},
        "aws_vpc.c": {"cidr_block": "10.2.0.0/16"},
        "aws_route_table.c": {"vpc_id": "@aws_vpc.c"},
        "aws_vpc_endpoint.far": {"vpc_id": "@aws_vpc.c", "service_name": "com.amazonaws.us-east-1.s3", "route_table_ids": ["@aws_route_table.c"]},
        "aws_vpc.d": {"cidr_block": "10.3.0.0/16"},
        "aws_route_table.d": {"vpc_id": "@aws_vpc.d"},
        "aws_vpc_endpoint.both": {"vpc_id": "@aws_vpc.d", "service_name": "com.amazonaws.us-east-1.s3", "ip_address_type": "dualstack", "route_table_ids": ["@aws_route_table.d"]},
    }));
    assert_eq!(net.routes("aws_route_table.b")[1], "192.88.99.0/28 aws_vpc_endpoint.other");
    assert_eq!(net.routes("aws_route_table.c")[1], "192.88.99.16/28 aws_vpc_endpoint.far");
    // Lists of IPv6 are others.
    assert_eq!(net.routes("aws_route_table.d")[1], "? aws_vpc_endpoint.both");
}
