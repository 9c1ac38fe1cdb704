use groma_prove::model::*;
use serde_json::{Value, json};

use crate::support::*;

fn with(more: Value) -> Net {
    let mut all = json!({
        "aws_vpc.a": {"cidr_block": "10.0.0.0/16"},
        "aws_subnet.x": {"vpc_id": "@aws_vpc.a", "cidr_block": "10.0.1.0/24", "availability_zone": "eu-west-1a"},
        "aws_subnet.y": {"vpc_id": "@aws_vpc.a", "cidr_block": "10.0.2.0/24", "availability_zone": "eu-west-1b"},
        "aws_security_group.g": {"vpc_id": "@aws_vpc.a"},
        "aws_route_table.t": {"vpc_id": "@aws_vpc.a"},
    });
    for (k, v) in more.as_object().unwrap() {
        all[k] = v.clone();
    }
    network(all)
}

#[test]
fn gateway_and_interface_endpoints() {
    let net = with(json!({
        "aws_vpc_endpoint.s3": {"vpc_id": "@aws_vpc.a", "service_name": "com.amazonaws.eu-west-1.s3", "route_table_ids": ["@aws_route_table.t"]},
        "aws_vpc_endpoint.ddb": {"vpc_id": "@aws_vpc.a", "service_name": "com.amazonaws.eu-west-1.dynamodb", "vpc_endpoint_type": "Gateway"},
        "aws_vpc_endpoint_route_table_association.d": {"vpc_endpoint_id": "@aws_vpc_endpoint.ddb", "route_table_id": "@aws_route_table.t"},
        "aws_vpc_endpoint.sqs": {"vpc_id": "@aws_vpc.a", "service_name": "com.amazonaws.eu-west-1.sqs", "vpc_endpoint_type": "Interface", "subnet_ids": ["@aws_subnet.x", "@aws_subnet.y"], "security_group_ids": ["@aws_security_group.g"]},
        "aws_vpc_endpoint.ssm": {"vpc_id": "@aws_vpc.a", "service_name": "com.amazonaws.eu-west-1.ssm", "vpc_endpoint_type": "Interface"},
        "aws_vpc_endpoint_subnet_association.s": {"vpc_endpoint_id": "@aws_vpc_endpoint.ssm", "subnet_id": "@aws_subnet.x"},
    }));
    assert_eq!(
        net.routes("aws_route_table.t"),
        ["10.0.0.0/16 local", "192.88.99.0/28 aws_vpc_endpoint.ddb", "192.88.99.16/28 aws_vpc_endpoint.s3"]
    );
    let sqs = net.interfaces("aws_vpc_endpoint.sqs");
    assert!(sqs.len() == 2 && sqs.iter().all(|i| i.kind == InterfaceKind::Endpoint && i.public == Tri::No));
    assert_eq!(
        net.groups_of(net.interface("aws_vpc_endpoint.ssm")),
        ["the default security group of aws_vpc.a"]
    );
    assert_eq!(
        net.relays(),
        [
            "aws_vpc_endpoint.sqs -> the service sqs: any -> any direct",
            "aws_vpc_endpoint.ssm -> the service ssm: any -> any direct",
        ]
    );
    assert!(net.0.unsupported.is_empty(), "{:?}", net.unsupported());
}

#[test]
fn private_links_lead_to_load_balancers() {
    let net = with(json!({
        "aws_lb.n": {"load_balancer_type": "network", "internal": true, "subnets": ["@aws_subnet.x"]},
        "aws_vpc_endpoint_service.s": {"acceptance_required": false, "network_load_balancer_arns": ["@aws_lb.n.arn"]},
        "aws_vpc_endpoint_service.t": {"acceptance_required": true, "network_load_balancer_arns": ["@aws_lb.n.arn"]},
        "aws_vpc_endpoint.e": {"vpc_id": "@aws_vpc.a", "service_name": "@aws_vpc_endpoint_service.s.service_name", "vpc_endpoint_type": "Interface", "subnet_ids": ["@aws_subnet.y"]},
        "aws_vpc_endpoint.f": {"vpc_id": "@aws_vpc.a", "service_name": "@aws_vpc_endpoint_service.t.service_name", "vpc_endpoint_type": "Interface", "subnet_ids": ["@aws_subnet.y"]},
        "aws_vpc_endpoint.foreign": {"vpc_id": "@aws_vpc.a", "service_name": "com.amazonaws.vpce.eu-west-1.vpce-svc-1", "vpc_endpoint_type": "Interface", "subnet_ids": ["@aws_subnet.y"]},
        "aws_instance.i": {"subnet_id": "@aws_subnet.x"},
        "aws_lb_target_group.t": {"port": 80, "protocol": "TCP"},
        "aws_lb_target_group_attachment.t": {"target_group_arn": "@aws_lb_target_group.t.arn", "target_id": "@aws_instance.i"},
        "aws_lb_listener.l": {"load_balancer_arn": "@aws_lb.n.arn", "port": 80, "protocol": "TCP", "default_action": [{"target_group_arn": "@aws_lb_target_group.t.arn"}]},
    }));
    assert_eq!(
        net.relays(),
        [
            "aws_lb.n -> aws_instance.i: 80 -> 80 keeps",
            // The load balancer's port is the endpoint's.
            "aws_vpc_endpoint.e -> aws_lb.n: 80 -> 80 direct",
            "aws_vpc_endpoint.f -> aws_lb.n: 80 -> 80 direct perhaps",
            "aws_vpc_endpoint.foreign -> the service com.amazonaws.vpce.eu-west-1.vpce-svc-1: any -> any direct",
        ]
    );
}

#[test]
fn firewalls_are_passed_by_their_endpoints() {
    let net = with(json!({
        "aws_networkfirewall_firewall.f": {
            "vpc_id": "@aws_vpc.a",
            "subnet_mapping": [{"subnet_id": "@aws_subnet.x"}, {"subnet_id": "@aws_subnet.y"}],
            "firewall_status": [{"sync_states": {"$set": [
                {"availability_zone": "eu-west-1b", "attachment": [{"endpoint_id": "vpce-b", "subnet_id": "?"}]},
                {"availability_zone": "eu-west-1a", "attachment": [{"endpoint_id": "vpce-a", "subnet_id": "@aws_subnet.x"}]},
            ]}}],
        },
        "aws_route.a": {"route_table_id": "@aws_route_table.t", "destination_cidr_block": "0.0.0.0/0", "vpc_endpoint_id": "vpce-b"},
        "aws_route_table.u": {"vpc_id": "@aws_vpc.a", "route": [{"cidr_block": "0.0.0.0/0", "vpc_endpoint_id": "@aws_vpc_endpoint.gwlb"}]},
        "aws_vpc_endpoint.gwlb": {"vpc_id": "@aws_vpc.a", "vpc_endpoint_type": "GatewayLoadBalancer", "service_name": "com.amazonaws.vpce.eu-west-1.vpce-svc-1", "subnet_ids": ["@aws_subnet.x"]},
    }));
    let f = net.interfaces("aws_networkfirewall_firewall.f");
    assert!(f.iter().all(|i| i.kind == InterfaceKind::Inspection && i.groups.is_none()));
    let route = net.table("aws_route_table.t").routes.iter().find(|r| r.target != Target::Local).unwrap();
    let Target::Interface(i) = route.target else { panic!("{route:?}") };
    let subnet = net.0.interfaces[i.index()].subnet;
    assert_eq!(net.name(net.0.subnets[subnet.index()].item), "aws_subnet.y");
    assert_eq!(net.routes("aws_route_table.u"), ["0.0.0.0/0 aws_vpc_endpoint.gwlb", "10.0.0.0/16 local"]);
    assert!(net.0.unsupported.is_empty(), "{:?}", net.unsupported());
}
