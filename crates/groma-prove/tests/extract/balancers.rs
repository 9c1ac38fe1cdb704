use groma_prove::model::*;
use serde_json::{Value, json};

use crate::support::*;

fn with(more: Value) -> Net {
    let mut all = json!({
        "aws_vpc.a": {"cidr_block": "10.0.0.0/16"},
        "aws_subnet.x": {"vpc_id": "@aws_vpc.a", "cidr_block": "10.0.1.0/24"},
        "aws_subnet.y": {"vpc_id": "@aws_vpc.a", "cidr_block": "10.0.2.0/24"},
        "aws_security_group.g": {"vpc_id": "@aws_vpc.a"},
        "aws_instance.i": {"subnet_id": "@aws_subnet.y"},
        "aws_instance.j": {"subnet_id": "@aws_subnet.y", "private_ip": "10.0.2.9"},
    });
    for (k, v) in more.as_object().unwrap() {
        all[k] = v.clone();
    }
    network(all)
}

#[test]
fn an_application_load_balancer() {
    let net = with(json!({
        "aws_lb.b": {"subnets": ["@aws_subnet.x", "@aws_subnet.y"], "security_groups": ["@aws_security_group.g"]},
        "aws_lb_target_group.t": {"port": 8080, "protocol": "HTTP", "vpc_id": "@aws_vpc.a"},
        "aws_lb_target_group.u": {"port": 80, "protocol": "HTTP", "target_type": "ip"},
        "aws_lb_target_group.l": {"target_type": "lambda"},
        "aws_lb_target_group_attachment.t": {"target_group_arn": "@aws_lb_target_group.t.arn", "target_id": "@aws_instance.i"},
        "aws_lb_target_group_attachment.u": {"target_group_arn": "@aws_lb_target_group.u.arn", "target_id": "10.0.2.9", "port": 81},
        "aws_lb_target_group_attachment.l": {"target_group_arn": "@aws_lb_target_group.l.arn", "target_id": "@aws_lambda_function.f.arn"},
        "aws_lambda_function.f": {},
        "aws_ecs_service.s": {"network_configuration": [{"subnets": ["@aws_subnet.y"]}], "load_balancer": [{"target_group_arn": "@aws_lb_target_group.u.arn", "container_port": 9000}]},
        "aws_lb_listener.https": {"load_balancer_arn": "@aws_lb.b.arn", "port": 443, "protocol": "HTTPS", "default_action": [{"type": "forward", "target_group_arn": "@aws_lb_target_group.t.arn"}]},
        "aws_lb_listener.http": {"load_balancer_arn": "@aws_lb.b.arn", "port": 80, "protocol": "HTTP", "default_action": [{"type": "redirect"}]},
        "aws_lb_listener_rule.r": {"listener_arn": "@aws_lb_listener.https.arn", "action": [{"type": "forward", "forward": [{"target_group": [{"arn": "@aws_lb_target_group.u.arn"}, {"arn": "@aws_lb_target_group.l.arn"}]}]}]},
    }));
    let b = net.interfaces("aws_lb.b");
    assert!(b.len() == 2 && b.iter().all(|i| i.public == Tri::Yes && i.kind == InterfaceKind::LoadBalancer));
    let mut listens: Vec<u16> =
        net.node("aws_lb.b").listens.as_ref().unwrap().iter().map(|l| l.1.from).collect();
    listens.sort();
    assert_eq!(listens, [80, 443]);
    assert_eq!(
        net.relays(),
        [
            "aws_lb.b -> aws_ecs_service.s: 443 -> 9000",
            "aws_lb.b -> aws_instance.i: 443 -> 8080",
            "aws_lb.b -> aws_instance.j: 443 -> 81",
            "aws_lb.b -> aws_lambda_function.f: 443 -> 0-65535 direct",
        ]
    );
    assert!(net.0.unsupported.is_empty(), "{:?}", net.unsupported());
}

#[test]
fn network_load_balancers_keep_clients_or_not() {
    let with = |ty: &str, protocol: &str, flag: Value| {
        let target = if ty == "ip" { "10.0.2.9" } else { "@aws_instance.i" };
        let net = with(json!({
            "aws_lb.n": {"load_balancer_type": "network", "internal": true, "subnet_mapping": [{"subnet_id": "@aws_subnet.x"}]},
            "aws_lb_target_group.t": {"port": 53, "protocol": protocol, "target_type": ty, "preserve_client_ip": flag},
            "aws_lb_target_group_attachment.t": {"target_group_arn": "@aws_lb_target_group.t.arn", "target_id": target},
            "aws_lb_listener.l": {"load_balancer_arn": "@aws_lb.n.arn", "port": 53, "protocol": protocol, "default_action": [{"target_group_arn": "@aws_lb_target_group.t.arn"}]},
        }));
        let n = net.interface("aws_lb.n");
        assert_eq!((n.public, &n.groups), (Tri::No, &None));
        net.relays()
    };
    assert_eq!(with("instance", "TCP", Value::Null), ["aws_lb.n -> aws_instance.i: 53 -> 53 keeps"]);
    assert_eq!(with("instance", "TCP", json!("false")), ["aws_lb.n -> aws_instance.i: 53 -> 53"]);
    assert_eq!(with("ip", "TCP", Value::Null), ["aws_lb.n -> aws_instance.j: 53 -> 53"]);
    assert_eq!(with("ip", "UDP", Value::Null), ["aws_lb.n -> aws_instance.j: udp 53 -> udp 53 keeps"]);
    assert_eq!(
        with("instance", "TCP_UDP", Value::Null),
        ["aws_lb.n -> aws_instance.i: 53 -> 53 keeps", "aws_lb.n -> aws_instance.i: udp 53 -> udp 53 keeps"]
    );
}

#[test]
fn groups_of_load_balancers() {
    let net = with(json!({
        "aws_lb.alb": {"subnets": ["@aws_subnet.x"]},
        "aws_lb.nlb": {"load_balancer_type": "network", "subnets": ["@aws_subnet.x"], "security_groups": ["@aws_security_group.g"]},
        "aws_lb.unknown": {"load_balancer_type": "network", "subnets": ["@aws_subnet.x"], "security_groups": "?", "internal": "?"},
        "aws_elb.c": {"subnets": ["@aws_subnet.x"], "internal": true},
    }));
    assert_eq!(net.groups_of(net.interface("aws_lb.alb")), ["the default security group of aws_vpc.a"]);
    assert_eq!(net.groups_of(net.interface("aws_lb.nlb")), ["aws_security_group.g"]);
    let unknown = net.interface("aws_lb.unknown");
    assert!(unknown.unknown_groups.is_some() && is_maybe(unknown.public));
    assert_eq!(net.interface("aws_elb.c").public, Tri::No);
    // Nothing listens without listeners.
    assert_eq!(net.node("aws_lb.alb").listens.as_deref(), Some(&[][..]));
}

#[test]
fn scaling_groups_and_classic_load_balancers() {
    let net = with(json!({
        "aws_launch_template.t": {},
        "aws_autoscaling_group.a": {"name": "a", "vpc_zone_identifier": ["@aws_subnet.y"], "launch_template": [{"id": "@aws_launch_template.t"}], "load_balancers": ["classic"]},
        "aws_elb.c": {"name": "classic", "subnets": ["@aws_subnet.x"], "instances": ["@aws_instance.i"], "listener": [{"lb_port": 80, "instance_port": 8000, "lb_protocol": "http", "instance_protocol": "http"}]},
        "aws_lb.b": {"subnets": ["@aws_subnet.x"]},
        "aws_lb_target_group.t": {"port": 1, "protocol": "HTTP"},
        "aws_lb_listener.l": {"load_balancer_arn": "@aws_lb.b.arn", "port": "?", "protocol": "HTTP", "default_action": [{"target_group_arn": "@aws_lb_target_group.t.arn"}]},
        "aws_autoscaling_attachment.a": {"autoscaling_group_name": "a", "lb_target_group_arn": "@aws_lb_target_group.t.arn"},
        "aws_lb_listener.m": {"load_balancer_arn": "@aws_lb.b.arn", "port": 5, "protocol": "HTTP", "default_action": [{"target_group_arn": "arn:of-others"}]},
    }));
    assert_eq!(
        net.relays(),
        [
            "aws_elb.c -> aws_autoscaling_group.a: 80 -> 8000",
            "aws_elb.c -> aws_instance.i: 80 -> 8000",
            "aws_lb.b -> aws_autoscaling_group.a: any -> 1",
        ]
    );
    assert_eq!(net.node("aws_lb.b").listens, None);
    assert_eq!(net.unsupported(), ["aws_lb_listener.m"]);
}

#[test]
fn services_that_lead_in_from_the_internet() {
    let net = with(json!({
        "aws_lb.b": {"subnets": ["@aws_subnet.x"], "internal": true},
        "aws_lb_listener.l": {"load_balancer_arn": "@aws_lb.b.arn", "port": 80, "protocol": "HTTP", "default_action": [{"type": "fixed-response"}]},
        "aws_apigatewayv2_vpc_link.v": {"subnet_ids": ["@aws_subnet.y"], "security_group_ids": ["@aws_security_group.g"]},
        "aws_apigatewayv2_integration.i": {"connection_type": "VPC_LINK", "connection_id": "@aws_apigatewayv2_vpc_link.v", "integration_uri": "@aws_lb_listener.l.arn"},
        "aws_globalaccelerator_endpoint_group.e": {"endpoint_configuration": [{"endpoint_id": "@aws_instance.i", "client_ip_preservation_enabled": true}]},
        "aws_cloudfront_vpc_origin.o": {"vpc_origin_endpoint_config": [{"arn": "@aws_lb.b.arn"}]},
        "aws_api_gateway_vpc_link.r": {"target_arns": ["arn:of-others"]},
    }));
    assert_eq!(
        net.relays(),
        [
            "aws_apigatewayv2_vpc_link.v -> aws_lb.b: any -> 80",
            "the internet -> aws_apigatewayv2_vpc_link.v: any -> any direct perhaps",
            "the internet -> aws_instance.i: any -> any keeps direct perhaps",
            "the internet -> aws_lb.b: any -> any direct perhaps",
        ]
    );
    assert_eq!(net.unsupported(), ["aws_api_gateway_vpc_link.r"]);
}
