use groma_prove::model::*;
use serde_json::{Value, json};

use crate::support::*;

fn with(gateway: Value, more: Value) -> Net {
    let mut all = json!({
        "aws_vpc.a": {"cidr_block": "10.0.0.0/16"},
        "aws_vpc.b": {"cidr_block": "10.1.0.0/16"},
        "aws_subnet.a": {"vpc_id": "@aws_vpc.a", "cidr_block": "10.0.1.0/24"},
        "aws_subnet.b": {"vpc_id": "@aws_vpc.b", "cidr_block": "10.1.1.0/24"},
        "aws_ec2_transit_gateway.g": gateway,
        "aws_ec2_transit_gateway_vpc_attachment.a": {"transit_gateway_id": "@aws_ec2_transit_gateway.g", "vpc_id": "@aws_vpc.a", "subnet_ids": ["@aws_subnet.a"]},
        "aws_ec2_transit_gateway_vpc_attachment.b": {"transit_gateway_id": "@aws_ec2_transit_gateway.g", "vpc_id": "@aws_vpc.b", "subnet_ids": ["@aws_subnet.b"]},
    });
    for (k, v) in more.as_object().unwrap() {
        all[k] = v.clone();
    }
    network(all)
}
fn routes(net: &Net, table: &str) -> Vec<String> {
    let t =
        net.0.hub_tables.iter().find(|t| net.name(t.item) == table).unwrap_or_else(|| panic!("no {table}"));
    let mut out: Vec<String> = t
        .routes
        .iter()
        .map(|r| {
            let to = r.attachment.map_or("nowhere", |a| net.name(net.0.attachments[a.index()].item));
            let doubt = if r.presence == Presence::Sure { "" } else { " perhaps" };
            let propagated = if r.propagated { " propagated" } else { "" };
            format!("{} {to}{propagated}{doubt}", r.range.map_or("?".to_owned(), |r| r.to_string()))
        })
        .collect();
    out.sort();
    out
}
fn table_of(net: &Net, attachment: &str) -> Option<(String, bool)> {
    let a = net.0.attachments.iter().find(|a| net.name(a.item) == attachment).unwrap();
    a.table.map(|(t, p)| (net.name(net.0.hub_tables[t.index()].item).to_owned(), p == Presence::Sure))
}
const A: &str = "aws_ec2_transit_gateway_vpc_attachment.a";
const B: &str = "aws_ec2_transit_gateway_vpc_attachment.b";
const DEFAULT: &str = "the default route table of aws_ec2_transit_gateway.g";

#[test]
fn everything_reaches_everything_by_default() {
    let net = with(json!({}), json!({}));
    assert_eq!(table_of(&net, A), Some((DEFAULT.to_owned(), true)));
    assert_eq!(
        routes(&net, DEFAULT),
        [format!("10.0.0.0/16 {A} propagated"), format!("10.1.0.0/16 {B} propagated")]
    );
    assert_eq!(net.0.hubs[0].group_references, Tri::No);
    assert!(net.0.attachments.iter().all(|a| a.presence == Presence::Sure));
    assert!(net.0.unsupported.is_empty() && net.0.doubts.is_empty());
}

#[test]
fn tables_of_their_own() {
    let net = with(
        json!({"default_route_table_association": "disable", "default_route_table_propagation": "disable", "security_group_referencing_support": "enable"}),
        json!({
            "aws_ec2_transit_gateway_route_table.t": {"transit_gateway_id": "@aws_ec2_transit_gateway.g"},
            "aws_ec2_transit_gateway_route_table_association.a": {"transit_gateway_attachment_id": format!("@{A}"), "transit_gateway_route_table_id": "@aws_ec2_transit_gateway_route_table.t"},
            "aws_ec2_transit_gateway_route_table_propagation.b": {"transit_gateway_attachment_id": format!("@{B}"), "transit_gateway_route_table_id": "@aws_ec2_transit_gateway_route_table.t"},
            "aws_ec2_transit_gateway_route.s": {"destination_cidr_block": "10.1.9.0/24", "blackhole": true, "transit_gateway_route_table_id": "@aws_ec2_transit_gateway_route_table.t"},
            "aws_ec2_transit_gateway_route.v": {"destination_cidr_block": "192.168.0.0/16", "transit_gateway_attachment_id": "@aws_vpn_connection.c.transit_gateway_attachment_id", "transit_gateway_route_table_id": "@aws_ec2_transit_gateway_route_table.t"},
            "aws_vpn_connection.c": {"transit_gateway_id": "@aws_ec2_transit_gateway.g", "customer_gateway_id": "cgw-1", "static_routes_only": true},
        }),
    );
    assert_eq!(table_of(&net, A), Some(("aws_ec2_transit_gateway_route_table.t".to_owned(), true)));
    assert_eq!(table_of(&net, B), None);
    assert_eq!(
        routes(&net, "aws_ec2_transit_gateway_route_table.t"),
        [
            format!("10.1.0.0/16 {B} propagated"),
            "10.1.9.0/24 nowhere".to_owned(),
            "192.168.0.0/16 aws_vpn_connection.c".to_owned(),
        ]
    );
    assert_eq!(net.0.hubs[0].group_references, Tri::Yes);
    assert!(net.0.unsupported.is_empty(), "{:?}", net.unsupported());
}

#[test]
fn defaults_can_be_turned_off_for_an_attachment() {
    let net = with(
        json!({}),
        json!({
            "aws_ec2_transit_gateway_vpc_attachment.a": {
                "transit_gateway_id": "@aws_ec2_transit_gateway.g", "vpc_id": "@aws_vpc.a", "subnet_ids": ["@aws_subnet.a"],
                "transit_gateway_default_route_table_association": false, "transit_gateway_default_route_table_propagation": false,
            },
            "aws_vpn_connection.c": {"transit_gateway_id": "@aws_ec2_transit_gateway.g", "customer_gateway_id": "cgw-1"},
        }),
    );
    assert_eq!(table_of(&net, A), None);
    assert_eq!(
        routes(&net, DEFAULT),
        [format!("10.1.0.0/16 {B} propagated"), "? aws_vpn_connection.c propagated perhaps".to_owned()]
    );
}

#[test]
fn attachments_of_other_accounts_wait() {
    let with = |auto: &str, accepter: bool| {
        let mut more = json!({
            "aws_ec2_transit_gateway_vpc_attachment.b": {"$account": "222222222222", "transit_gateway_id": "@aws_ec2_transit_gateway.g", "vpc_id": "@aws_vpc.b", "subnet_ids": ["@aws_subnet.b"]},
        });
        if accepter {
            more["aws_ec2_transit_gateway_vpc_attachment_accepter.b"] = json!({"transit_gateway_attachment_id": format!("@{B}"), "transit_gateway_default_route_table_association": false});
        }
        let net = with(json!({"auto_accept_shared_attachments": auto}), more);
        let b = net.0.attachments.iter().find(|a| net.name(a.item) == B).unwrap();
        (b.presence == Presence::Sure, b.table.is_some())
    };
    assert_eq!(with("disable", false), (false, true));
    assert_eq!(with("enable", false), (true, true));
    assert_eq!(with("disable", true), (true, false));
}

#[test]
fn gateways_of_two_regions() {
    let net = with(
        json!({}),
        json!({
            "aws_ec2_transit_gateway.h": {"$region": "us-east-1"},
            "aws_ec2_transit_gateway_peering_attachment.p": {"transit_gateway_id": "@aws_ec2_transit_gateway.g", "peer_transit_gateway_id": "@aws_ec2_transit_gateway.h", "peer_region": "us-east-1"},
            "aws_ec2_transit_gateway_peering_attachment_accepter.p": {"transit_gateway_attachment_id": "@aws_ec2_transit_gateway_peering_attachment.p"},
            "aws_ec2_transit_gateway_route.there": {"destination_cidr_block": "10.9.0.0/16", "transit_gateway_attachment_id": "@aws_ec2_transit_gateway_peering_attachment.p", "transit_gateway_route_table_id": "@aws_ec2_transit_gateway.g.association_default_route_table_id"},
            "aws_ec2_transit_gateway_route.back": {"destination_cidr_block": "10.0.0.0/16", "transit_gateway_attachment_id": "@aws_ec2_transit_gateway_peering_attachment_accepter.p", "transit_gateway_route_table_id": "@aws_ec2_transit_gateway.h.association_default_route_table_id"},
        }),
    );
    let peer = "aws_ec2_transit_gateway_peering_attachment.p";
    assert!(routes(&net, DEFAULT).contains(&format!("10.9.0.0/16 {peer}")));
    let h = "the default route table of aws_ec2_transit_gateway.h";
    assert_eq!(routes(&net, h), [format!("10.0.0.0/16 {peer}")]);
    let t = net.0.hub_tables.iter().find(|t| net.name(t.item) == h).unwrap();
    let a = &net.0.attachments[t.routes[0].attachment.unwrap().index()];
    assert_eq!((a.hub, &a.what), (t.hub, &Attached::Hub(HubId(0))));
}

#[test]
fn a_gateway_of_others_is_open() {
    let net = network(json!({
        "aws_vpc.a": {"cidr_block": "10.0.0.0/16"},
        "aws_subnet.a": {"vpc_id": "@aws_vpc.a", "cidr_block": "10.0.1.0/24"},
        "aws_ec2_transit_gateway_vpc_attachment.a": {"transit_gateway_id": "tgw-1", "vpc_id": "@aws_vpc.a", "subnet_ids": ["@aws_subnet.a"]},
        "aws_networkmanager_core_network.c": {},
        "aws_networkmanager_vpc_attachment.a": {"core_network_id": "@aws_networkmanager_core_network.c", "vpc_arn": "@aws_vpc.a.arn", "subnet_arns": ["@aws_subnet.a.arn"]},
        "aws_route_table.t": {"vpc_id": "@aws_vpc.a", "route": [{"cidr_block": "10.0.0.0/8", "core_network_arn": "@aws_networkmanager_core_network.c.arn"}]},
    }));
    assert!(net.0.hubs.iter().all(|h| !h.described));
    for h in &net.0.hubs {
        let outside = &net.0.nodes[h.outside.unwrap().index()];
        assert_eq!(outside.kind, NodeKind::Outside);
        assert_eq!(net.name(outside.item), format!("what else is attached to {}", net.name(h.item)));
    }
    assert!(net.0.attachments.len() == 2 && net.0.attachments.iter().all(|a| a.table.is_none()));
    assert_eq!(
        net.routes("aws_route_table.t"),
        ["10.0.0.0/16 local", "10.0.0.0/8 aws_networkmanager_core_network.c"]
    );
}
