use groma_prove::model::*;
use serde_json::{Value, json};

use crate::support::*;

fn base() -> Value {
    json!({
        "aws_vpc.a": {"cidr_block": "10.0.0.0/16"},
        "aws_vpc.b": {"cidr_block": "10.1.0.0/16"},
        "aws_subnet.s": {"vpc_id": "@aws_vpc.a", "cidr_block": "10.0.1.0/24"},
        "aws_subnet.p": {"vpc_id": "@aws_vpc.a", "cidr_block": "10.0.2.0/24"},
        "aws_internet_gateway.g": {"vpc_id": "@aws_vpc.a"},
        "aws_route_table.t": {"vpc_id": "@aws_vpc.a"},
        "aws_route_table_association.s": {"subnet_id": "@aws_subnet.s", "route_table_id": "@aws_route_table.t"},
    })
}
fn with(more: Value) -> Net {
    let mut all = base();
    for (k, v) in more.as_object().unwrap() {
        all[k] = v.clone();
    }
    network(all)
}

#[test]
fn routes_of_resources_and_inline_ones() {
    let net = with(json!({
        "aws_route.out": {"route_table_id": "@aws_route_table.t", "destination_cidr_block": "0.0.0.0/0", "gateway_id": "@aws_internet_gateway.g"},
        "aws_eip.e": {},
        "aws_nat_gateway.n": {"subnet_id": "@aws_subnet.p", "allocation_id": "@aws_eip.e"},
        "aws_route_table.u": {"vpc_id": "@aws_vpc.a", "route": {"$set": [
            {"cidr_block": "0.0.0.0/0", "nat_gateway_id": "@aws_nat_gateway.n", "gateway_id": ""},
            {"cidr_block": "", "ipv6_cidr_block": "::/0", "egress_only_gateway_id": "@aws_egress_only_internet_gateway.e"},
        ]}},
        "aws_egress_only_internet_gateway.e": {"vpc_id": "@aws_vpc.a"},
    }));
    assert_eq!(net.routes("aws_route_table.t"), ["0.0.0.0/0 aws_internet_gateway.g", "10.0.0.0/16 local"]);
    assert_eq!(
        net.routes("aws_route_table.u"),
        ["0.0.0.0/0 aws_nat_gateway.n", "10.0.0.0/16 local", "::/0 aws_egress_only_internet_gateway.e"]
    );
    let s = net.subnet("aws_subnet.s");
    assert_eq!(net.name(net.0.tables[s.table.index()].item), "aws_route_table.t");
    assert_eq!(s.table_presence, Presence::Sure);
    let nat = net.interface("aws_nat_gateway.n");
    assert_eq!((nat.kind, nat.public, nat.groups.clone()), (InterfaceKind::Nat, Tri::Yes, None));
    assert!(matches!(net.gateway("aws_nat_gateway.n").kind, GatewayKind::Nat { public: true, .. }));
    assert!(net.0.unsupported.is_empty(), "{:?}", net.unsupported());
}

#[test]
fn private_nat_has_no_public_address() {
    let net = with(json!({
        "aws_nat_gateway.n": {"subnet_id": "@aws_subnet.p", "connectivity_type": "private"},
    }));
    assert_eq!(net.interface("aws_nat_gateway.n").public, Tri::No);
    assert!(matches!(net.gateway("aws_nat_gateway.n").kind, GatewayKind::Nat { public: false, .. }));
}

#[test]
fn the_main_table_is_that_of_its_association() {
    let net = with(json!({
        "aws_route_table.m": {"vpc_id": "@aws_vpc.a"},
        "aws_main_route_table_association.m": {"vpc_id": "@aws_vpc.a", "route_table_id": "@aws_route_table.m"},
    }));
    let name = |s: &str| net.name(net.0.tables[net.subnet(s).table.index()].item).to_owned();
    assert_eq!(name("aws_subnet.p"), "aws_route_table.m");
    assert_eq!(name("aws_subnet.s"), "aws_route_table.t");
    assert_eq!(net.subnet("aws_subnet.p").table_presence, Presence::Sure);
}

#[test]
fn an_association_that_is_not_known_may_be_any() {
    let net = with(json!({
        "aws_route_table.u": {"vpc_id": "@aws_vpc.a"},
        "aws_route_table_association.x": {"subnet_id": "?", "route_table_id": "@aws_route_table.u"},
        "aws_route_table_association.y": {"subnet_id": "@aws_subnet.p", "route_table_id": "?"},
    }));
    let s = net.subnet("aws_subnet.s");
    assert_ne!(s.table_presence, Presence::Sure);
    assert!(s.other_tables.iter().any(|t| net.name(net.0.tables[t.index()].item) == "aws_route_table.u"));
    let p = net.subnet("aws_subnet.p");
    assert_ne!(p.table_presence, Presence::Sure);
    assert!(p.other_tables.len() >= 3, "{:?}", p.other_tables);
}

#[test]
fn where_a_route_leads_that_is_not_known() {
    let net = with(json!({
        "aws_route.a": {"route_table_id": "@aws_route_table.t", "destination_cidr_block": "0.0.0.0/0", "gateway_id": "?"},
        "aws_route.b": {"route_table_id": "@aws_route_table.t", "destination_cidr_block": "?", "gateway_id": "@aws_internet_gateway.g"},
        "aws_route.c": {"route_table_id": "@aws_route_table.t", "destination_cidr_block": "192.168.0.0/16", "vpc_peering_connection_id": "pcx-9"},
        "aws_route.d": {"route_table_id": "@aws_route_table.t", "destination_cidr_block": "10.5.0.0/16", "transit_gateway_id": "tgw-9"},
        "aws_route.e": {"route_table_id": "@aws_route_table.t", "destination_prefix_list_id": "pl-9", "gateway_id": "igw-9"},
    }));
    assert_eq!(
        net.routes("aws_route_table.t"),
        [
            "0.0.0.0/0 anywhere",
            "10.0.0.0/16 local",
            "10.5.0.0/16 the transit gateway tgw-9",
            "192.168.0.0/16 the peering pcx-9",
            "? aws_internet_gateway.g perhaps",
            "? the internet gateway igw-9 perhaps",
        ]
    );
    assert!(!net.0.hubs[0].described);
}

#[test]
fn the_local_route_can_be_replaced() {
    let net = with(json!({
        "aws_network_interface.appliance": {"subnet_id": "@aws_subnet.p", "source_dest_check": false},
        "aws_route_table.m": {"vpc_id": "@aws_vpc.a", "route": [
            {"cidr_block": "10.0.0.0/16", "network_interface_id": "@aws_network_interface.appliance"},
        ]},
        "aws_route_table_association.edge": {"gateway_id": "@aws_internet_gateway.g", "route_table_id": "@aws_route_table.m"},
        "aws_route_table.n": {"vpc_id": "@aws_vpc.a", "route": [
            {"cidr_block": "10.0.0.0/16", "gateway_id": "local"},
        ]},
    }));
    assert_eq!(net.routes("aws_route_table.m"), ["10.0.0.0/16 aws_network_interface.appliance"]);
    assert_eq!(net.routes("aws_route_table.n"), ["10.0.0.0/16 local"]);
    let edge = net.gateway("aws_internet_gateway.g").table.unwrap();
    assert_eq!(net.name(net.0.tables[edge.index()].item), "aws_route_table.m");
    assert_eq!(net.interface("aws_network_interface.appliance").source_dest_check, Tri::No);
}

#[test]
fn peerings_have_to_be_accepted() {
    let net = with(json!({
        "aws_vpc.c": {"cidr_block": "10.2.0.0/16", "$region": "us-east-1"},
        "aws_vpc_peering_connection.ab": {"vpc_id": "@aws_vpc.a", "peer_vpc_id": "@aws_vpc.b", "auto_accept": true},
        "aws_vpc_peering_connection.ac": {"vpc_id": "@aws_vpc.a", "peer_vpc_id": "@aws_vpc.c", "peer_region": "us-east-1"},
        "aws_vpc_peering_connection_accepter.ac": {"vpc_peering_connection_id": "@aws_vpc_peering_connection.ac", "auto_accept": true},
        "aws_vpc_peering_connection.bc": {"vpc_id": "@aws_vpc.b", "peer_vpc_id": "@aws_vpc.c", "peer_region": "us-east-1"},
        "aws_route.r": {"route_table_id": "@aws_route_table.t", "destination_cidr_block": "10.1.0.0/16", "vpc_peering_connection_id": "@aws_vpc_peering_connection.ab"},
    }));
    let p = &net.0.peerings;
    assert_eq!((p[0].same_region, p[0].active), (Tri::Yes, Tri::Yes));
    assert_eq!((p[1].same_region, p[1].active), (Tri::No, Tri::Yes));
    assert_eq!(p[1].ends, (net.vpc("aws_vpc.a"), net.vpc("aws_vpc.c")));
    assert!(is_maybe(p[2].active));
    assert!(
        net.routes("aws_route_table.t").contains(&"10.1.0.0/16 aws_vpc_peering_connection.ab".to_owned())
    );
}

#[test]
fn virtual_private_gateways_propagate_what_their_connections_have() {
    let with = |static_only: bool, exists: bool| {
        with(json!({
            "aws_vpn_gateway.v": {"$exists": exists, "vpc_id": "@aws_vpc.a"},
            "aws_customer_gateway.c": {"type": "ipsec.1", "ip_address": "198.51.100.1"},
            "aws_vpn_connection.c": {"vpn_gateway_id": "@aws_vpn_gateway.v", "customer_gateway_id": "@aws_customer_gateway.c", "static_routes_only": static_only},
            "aws_vpn_connection_route.r": {"vpn_connection_id": "@aws_vpn_connection.c", "destination_cidr_block": "192.168.0.0/24"},
            "aws_vpn_gateway_route_propagation.p": {"vpn_gateway_id": "@aws_vpn_gateway.v", "route_table_id": "@aws_route_table.t"},
        }))
    };
    let net = with(true, false);
    assert_eq!(
        net.routes("aws_route_table.t"),
        ["10.0.0.0/16 local", "192.168.0.0/24 aws_vpn_gateway.v propagated"]
    );
    assert!(net.0.unsupported.is_empty(), "{:?}", net.unsupported());
    assert!(net.0.more_behind.is_empty());
    // Of one that exists, there may be connections that are described elsewhere.
    let net = with(true, true);
    assert_eq!(
        net.routes("aws_route_table.t"),
        [
            "10.0.0.0/16 local",
            "192.168.0.0/24 aws_vpn_gateway.v propagated",
            "? aws_vpn_gateway.v propagated perhaps"
        ]
    );
    assert_eq!(net.0.more_behind.len(), 1);
    let net = with(false, false);
    assert_eq!(
        net.routes("aws_route_table.t"),
        ["10.0.0.0/16 local", "? aws_vpn_gateway.v propagated perhaps"]
    );
    assert_eq!(net.node("aws_vpn_gateway.v").kind, NodeKind::Outside);
}
