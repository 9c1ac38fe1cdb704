use groma_prove::extract;
use groma_prove::world::World;
use groma_value::Value;
use serde_json::json;

use crate::support::*;

#[test]
fn what_is_not_understood_is_named() {
    let net = network(json!({
        "aws_vpc.a": {"cidr_block": "10.0.0.0/16"},
        "aws_vpclattice_service_network_vpc_association.l": {"vpc_identifier": "@aws_vpc.a"},
        "aws_cloudformation_stack.s": {"name": "s"},
        "aws_a_type_of_tomorrow.t": {"name": "s"},
        "aws_iam_role.r": {"name": "r"},
        "aws_s3_bucket.b": {"bucket": "b"},
        "random_id.r": {"byte_length": 4},
        "mysql_user.u": {"user": "u"},
        "terraform_data.d": {},
        "cloudflare_record.r": {"name": "r"},
        "cloudflare_zero_trust_tunnel_cloudflared.t": {"name": "t"},
        "google_compute_vpn_tunnel.t": {"name": "t"},
        "tailscale_tailnet_key.k": {},
        "data.aws_caller_identity.c": {},
    }));
    let mut named = net.unsupported();
    named.sort();
    assert_eq!(
        named,
        [
            "aws_a_type_of_tomorrow.t",
            "aws_cloudformation_stack.s",
            "aws_vpclattice_service_network_vpc_association.l",
            "cloudflare_zero_trust_tunnel_cloudflared.t",
            "google_compute_vpn_tunnel.t",
            "tailscale_tailnet_key.k",
        ]
    );
    let of = |name: &str| {
        let u = net.0.unsupported.iter().find(|u| net.name(u.item) == name).unwrap();
        u.vpcs.clone()
    };
    assert_eq!(of("aws_vpclattice_service_network_vpc_association.l"), [net.vpc("aws_vpc.a")]);
    assert!(of("aws_cloudformation_stack.s").is_empty());
}

#[test]
fn what_is_open_in_a_plan_is_named() {
    let mut w = World::default();
    w.open.push(("module.a.aws_instance.b".into(), "its count is not known".into()));
    let net = Net(extract(&w));
    assert_eq!(net.unsupported(), ["module.a.aws_instance.b"]);
}

/// Whatever attributes are, nothing fails.
#[test]
fn any_value_anywhere() {
    let objects = [
        "aws_vpc",
        "aws_default_vpc",
        "aws_subnet",
        "aws_route_table",
        "aws_default_route_table",
        "aws_route",
        "aws_route_table_association",
        "aws_main_route_table_association",
        "aws_network_acl",
        "aws_network_acl_rule",
        "aws_default_network_acl",
        "aws_network_acl_association",
        "aws_security_group",
        "aws_security_group_rule",
        "aws_default_security_group",
        "aws_vpc_security_group_ingress_rule",
        "aws_instance",
        "aws_network_interface",
        "aws_network_interface_sg_attachment",
        "aws_eip",
        "aws_eip_association",
        "aws_nat_gateway",
        "aws_lb",
        "aws_lb_listener",
        "aws_lb_listener_rule",
        "aws_lb_target_group",
        "aws_lb_target_group_attachment",
        "aws_elb",
        "aws_autoscaling_group",
        "aws_launch_template",
        "aws_ecs_service",
        "aws_eks_cluster",
        "aws_eks_node_group",
        "aws_db_instance",
        "aws_rds_cluster",
        "aws_rds_cluster_instance",
        "aws_db_proxy_target",
        "aws_vpc_endpoint",
        "aws_vpc_endpoint_service",
        "aws_vpc_peering_connection",
        "aws_vpc_peering_connection_accepter",
        "aws_ec2_transit_gateway",
        "aws_ec2_transit_gateway_vpc_attachment",
        "aws_ec2_transit_gateway_route_table",
        "aws_ec2_transit_gateway_route",
        "aws_ec2_transit_gateway_route_table_association",
        "aws_ec2_transit_gateway_route_table_propagation",
        "aws_ec2_transit_gateway_peering_attachment",
        "aws_ec2_transit_gateway_prefix_list_reference",
        "aws_vpn_gateway",
        "aws_vpn_connection",
        "aws_vpn_gateway_route_propagation",
        "aws_networkfirewall_firewall",
        "aws_ec2_client_vpn_endpoint",
        "aws_lambda_function",
        "aws_globalaccelerator_endpoint_group",
        "aws_apigatewayv2_vpc_link",
        "aws_vpc_block_public_access_options",
        "aws_vpc_block_public_access_exclusion",
        "aws_internet_gateway",
        "aws_internet_gateway_attachment",
        "aws_ec2_managed_prefix_list",
        "aws_ec2_managed_prefix_list_entry",
    ];
    let names = [
        "vpc_id",
        "subnet_id",
        "subnet_ids",
        "subnets",
        "route_table_id",
        "route",
        "cidr_block",
        "ingress",
        "egress",
        "security_group_id",
        "security_groups",
        "gateway_id",
        "network_interface",
        "launch_template",
        "target_id",
        "default_action",
        "transit_gateway_id",
        "transit_gateway_attachment_id",
        "vpc_config",
        "from_port",
        "protocol",
        "cidr_blocks",
        "rule_number",
        "listener",
        "instances",
        "cluster_identifier",
        "entry",
        "subnet_mapping",
    ];
    let values = [
        json!(null),
        json!("?"),
        json!(""),
        json!("x"),
        json!(-7),
        json!(true),
        json!([]),
        json!(["?"]),
        json!([{}]),
        json!([{"vpc_id": 3, "subnets": "?", "cidr_blocks": [7], "protocol": "tcp", "from_port": 99999, "cidr_block": "1.2.3.4/99"}]),
        json!({}),
        json!({"$set": ["?", "y"]}),
    ];
    for (n, v) in values.iter().enumerate() {
        let mut all = json!({});
        for ty in objects {
            let mut o = json!({});
            for name in names {
                o[name] = v.clone();
            }
            all[format!("{ty}.a")] = o;
        }
        let net = network(all);
        assert!(net.0.items.len() > objects.len(), "{n}");
    }
    // Values that are no objects at all.
    for v in
        [Value::dynamic(), Value::empty_object(), Value::string("x"), Value::null(groma_value::Type::Dynamic)]
    {
        let mut w = world(json!({"aws_vpc.a": {}, "aws_instance.b": {}, "aws_lb.c": {}}));
        w.objects.iter_mut().for_each(|o| o.values = v.clone());
        extract(&w);
    }
}
