use groma_prove::model::*;
use serde_json::{Value, json};

use crate::support::*;

fn with(more: Value) -> Net {
    let mut all = json!({
        "aws_vpc.a": {"cidr_block": "10.0.0.0/16"},
        "aws_subnet.public": {"vpc_id": "@aws_vpc.a", "cidr_block": "10.0.1.0/24", "map_public_ip_on_launch": true},
        "aws_subnet.private": {"vpc_id": "@aws_vpc.a", "cidr_block": "10.0.2.0/24"},
        "aws_subnet.dual": {"vpc_id": "@aws_vpc.a", "cidr_block": "10.0.3.0/24", "ipv6_cidr_block": "2001:db8::/64", "assign_ipv6_address_on_creation": true},
        "aws_security_group.g": {"vpc_id": "@aws_vpc.a", "name": "web"},
        "aws_security_group.h": {"vpc_id": "@aws_vpc.a"},
    });
    for (k, v) in more.as_object().unwrap() {
        all[k] = v.clone();
    }
    network(all)
}

#[test]
fn who_is_public() {
    let net = with(json!({
        "aws_instance.by_subnet": {"subnet_id": "@aws_subnet.public"},
        "aws_instance.says_no": {"subnet_id": "@aws_subnet.public", "associate_public_ip_address": false},
        "aws_instance.says_yes": {"subnet_id": "@aws_subnet.private", "associate_public_ip_address": true},
        "aws_instance.unknown": {"subnet_id": "@aws_subnet.private", "associate_public_ip_address": "?"},
        "aws_instance.eip": {"subnet_id": "@aws_subnet.private"},
        "aws_eip.e": {"instance": "@aws_instance.eip"},
        "aws_instance.assoc": {"subnet_id": "@aws_subnet.private"},
        "aws_eip_association.e": {"instance_id": "@aws_instance.assoc", "allocation_id": "@aws_eip.f"},
        "aws_eip.f": {},
    }));
    let public = |n: &str| net.interface(&format!("aws_instance.{n}")).public;
    assert_eq!([public("by_subnet"), public("says_no")], [Tri::Yes, Tri::No]);
    assert_eq!([public("says_yes"), public("eip"), public("assoc")], [Tri::Yes; 3]);
    assert!(is_maybe(public("unknown")));
}

#[test]
fn addresses_families_and_groups() {
    let net = with(json!({
        "aws_instance.a": {"subnet_id": "@aws_subnet.private", "vpc_security_group_ids": ["@aws_security_group.g"], "private_ip": "10.0.2.9", "source_dest_check": false},
        "aws_instance.b": {"subnet_id": "@aws_subnet.dual", "private_ip": {"$invented": "10.0.3.9"}},
        "aws_instance.c": {"subnet_id": "@aws_subnet.private", "security_groups": ["web"]},
        "aws_instance.d": {"subnet_id": "@aws_subnet.private", "vpc_security_group_ids": "?"},
        "aws_network_interface_sg_attachment.x": {"security_group_id": "@aws_security_group.h", "network_interface_id": "@aws_instance.a.primary_network_interface_id"},
    }));
    let a = net.interface("aws_instance.a");
    assert_eq!(a.addresses[0].to_string(), "10.0.2.9/32");
    assert_eq!((a.source_dest_check, a.families), (Tri::No, (Tri::Yes, Tri::No)));
    assert_eq!(net.groups_of(a), ["aws_security_group.g", "aws_security_group.h"]);
    let b = net.interface("aws_instance.b");
    assert!(b.addresses.is_empty());
    assert_eq!((b.families, b.source_dest_check), ((Tri::Yes, Tri::Yes), Tri::Yes));
    assert_eq!(net.groups_of(b), ["the default security group of aws_vpc.a"]);
    assert_eq!(net.groups_of(net.interface("aws_instance.c")), ["aws_security_group.g"]);
    let d = net.interface("aws_instance.d");
    assert!(d.unknown_groups.is_some() && d.groups.as_ref().unwrap().is_empty());
}

#[test]
fn interfaces_of_their_own() {
    let net = with(json!({
        "aws_network_interface.n": {"subnet_id": "@aws_subnet.private", "private_ips": ["10.0.2.5"], "security_groups": ["@aws_security_group.g"]},
        "aws_instance.i": {"network_interface": [{"device_index": 0, "network_interface_id": "@aws_network_interface.n"}]},
        "aws_network_interface.second": {"subnet_id": "@aws_subnet.public"},
        "aws_network_interface_attachment.s": {"instance_id": "@aws_instance.i", "network_interface_id": "@aws_network_interface.second", "device_index": 1},
        "aws_eip.e": {"network_interface": "@aws_network_interface.second"},
        "aws_network_interface.free": {"subnet_id": "@aws_subnet.public"},
    }));
    let of = net.interfaces("aws_instance.i");
    assert_eq!(of.len(), 2);
    assert_eq!((of[0].public, of[0].addresses[0].to_string()), (Tri::No, "10.0.2.5/32".to_owned()));
    assert_eq!(of[1].public, Tri::Yes);
    // One that is made by itself gets no public address.
    assert_eq!(net.interface("aws_network_interface.free").public, Tri::No);
}

#[test]
fn scaling_groups_have_a_class_for_each_subnet() {
    let net = with(json!({
        "aws_launch_template.t": {"name": "t", "vpc_security_group_ids": ["@aws_security_group.g"]},
        "aws_autoscaling_group.a": {"vpc_zone_identifier": ["@aws_subnet.public", "@aws_subnet.private"], "launch_template": [{"id": "@aws_launch_template.t", "version": "$Latest"}]},
        "aws_launch_template.u": {"name": "u", "network_interfaces": [{"associate_public_ip_address": "true", "security_groups": ["@aws_security_group.h"]}]},
        "aws_autoscaling_group.b": {"vpc_zone_identifier": ["@aws_subnet.private"], "mixed_instances_policy": [{"launch_template": [{
            "launch_template_specification": [{"launch_template_name": "u"}],
            "override": [{"instance_type": "a"}, {"launch_template_specification": [{"launch_template_id": "@aws_launch_template.t"}]}],
        }]}]},
        "aws_launch_configuration.c": {"name": "c", "security_groups": ["@aws_security_group.h"], "associate_public_ip_address": false},
        "aws_autoscaling_group.c": {"vpc_zone_identifier": ["@aws_subnet.public"], "launch_configuration": "c"},
        "aws_autoscaling_group.d": {"vpc_zone_identifier": ["@aws_subnet.private"], "launch_template": [{"id": "lt-9"}]},
    }));
    let a = net.interfaces("aws_autoscaling_group.a");
    assert_eq!(a.iter().map(|i| i.public).collect::<Vec<_>>(), [Tri::Yes, Tri::No]);
    assert!(a.iter().all(|i| i.many && net.groups_of(i) == ["aws_security_group.g"]));
    let b = net.interfaces("aws_autoscaling_group.b");
    assert_eq!(b.len(), 2);
    assert_eq!((b[0].public, net.groups_of(b[0])), (Tri::Yes, vec!["aws_security_group.h"]));
    assert_eq!((b[1].public, net.groups_of(b[1])), (Tri::No, vec!["aws_security_group.g"]));
    assert_eq!(net.interface("aws_autoscaling_group.c").public, Tri::No);
    let d = net.interface("aws_autoscaling_group.d");
    assert!(d.unknown_groups.is_some() && is_maybe(d.public));
}

/// A template that exists may have versions that are not the one described.
#[test]
fn versions_of_templates() {
    let with = |version: Value, update: bool| {
        let net = with(json!({
            "aws_launch_template.t": {"$exists": true, "latest_version": 3, "default_version": 1, "update_default_version": update, "vpc_security_group_ids": ["@aws_security_group.g"]},
            "aws_instance.i": {"subnet_id": "@aws_subnet.private", "launch_template": [{"id": "@aws_launch_template.t", "version": version}]},
        }));
        net.interface("aws_instance.i").unknown_groups.is_some()
    };
    assert!(with(json!("$Default"), false) && with(json!(null), false) && with(json!("2"), false));
    assert!(!with(json!("$Default"), true) && !with(json!("$Latest"), false) && !with(json!("3"), false));
}

#[test]
fn containers() {
    let net = with(json!({
        "aws_ecs_cluster.c": {"name": "c"},
        "aws_ecs_service.f": {"cluster": "@aws_ecs_cluster.c", "network_configuration": [{"subnets": ["@aws_subnet.private", "@aws_subnet.public"], "security_groups": ["@aws_security_group.g"], "assign_public_ip": false}]},
        "aws_ecs_service.bridge": {"cluster": "@aws_ecs_cluster.c"},
        "aws_ecs_capacity_provider.p": {"name": "p", "auto_scaling_group_provider": [{"auto_scaling_group_arn": "@aws_autoscaling_group.a.arn"}]},
        "aws_ecs_cluster_capacity_providers.c": {"cluster_name": "c", "capacity_providers": ["p"]},
        "aws_launch_template.t": {"vpc_security_group_ids": ["@aws_security_group.h"]},
        "aws_autoscaling_group.a": {"vpc_zone_identifier": ["@aws_subnet.private"], "launch_template": [{"id": "@aws_launch_template.t"}]},
        "aws_lambda_function.l": {"vpc_config": [{"subnet_ids": ["@aws_subnet.public"], "security_group_ids": ["@aws_security_group.g"]}]},
        "aws_lambda_function.outside": {"vpc_config": []},
    }));
    let f = net.interfaces("aws_ecs_service.f");
    assert_eq!(f.iter().map(|i| i.public).collect::<Vec<_>>(), [Tri::No, Tri::No]);
    let bridge = net.interface("aws_ecs_service.bridge");
    assert_eq!((net.groups_of(bridge), bridge.presence), (vec!["aws_security_group.h"], Presence::Sure));
    // Never public, and nothing connects to it.
    assert_eq!(net.interface("aws_lambda_function.l").public, Tri::No);
    assert_eq!(net.node("aws_lambda_function.l").listens.as_deref(), Some(&[][..]));
    // Without a VPC it has the internet, and nothing connects to it.
    assert_eq!(net.interface("aws_lambda_function.outside").public, Tri::Yes);
    assert_eq!(net.node("aws_lambda_function.outside").listens.as_deref(), Some(&[][..]));
    assert!(net.0.unsupported.is_empty(), "{:?}", net.unsupported());
}

#[test]
fn kubernetes() {
    let net = with(json!({
        "aws_eks_cluster.c": {"name": "c", "vpc_config": [{"subnet_ids": ["@aws_subnet.private"], "security_group_ids": ["@aws_security_group.g"]}]},
        "aws_eks_node_group.n": {"cluster_name": "c", "subnet_ids": ["@aws_subnet.public"], "remote_access": [{"ec2_ssh_key": "k"}]},
        "aws_eks_fargate_profile.f": {"cluster_name": "c", "subnet_ids": ["@aws_subnet.private"]},
    }));
    let own = "the cluster security group of aws_eks_cluster.c";
    assert_eq!(net.groups_of(net.interface("aws_eks_cluster.c")), ["aws_security_group.g", own]);
    let nodes = net.interface("aws_eks_node_group.n");
    assert_eq!(nodes.public, Tri::Yes);
    let access = "the remote access security group of aws_eks_node_group.n";
    assert_eq!(net.groups_of(nodes), [own, access]);
    assert_eq!(net.rules(&net.group(access).ingress), ["tcp 22 0.0.0.0/0"]);
    assert_eq!(net.groups_of(net.interface("aws_eks_fargate_profile.f")), [own]);
}

#[test]
fn clients_of_a_vpn() {
    let net = with(json!({
        "aws_ec2_client_vpn_endpoint.v": {"client_cidr_block": "10.200.0.0/16", "security_group_ids": ["@aws_security_group.g"], "vpc_id": "@aws_vpc.a"},
        "aws_ec2_client_vpn_network_association.a": {"client_vpn_endpoint_id": "@aws_ec2_client_vpn_endpoint.v", "subnet_id": "@aws_subnet.private"},
        "aws_ec2_client_vpn_authorization_rule.r": {"client_vpn_endpoint_id": "@aws_ec2_client_vpn_endpoint.v", "target_network_cidr": "0.0.0.0/0", "authorize_all_groups": true},
    }));
    let i = net.interface("aws_ec2_client_vpn_endpoint.v");
    assert_eq!((net.groups_of(i), i.presence), (vec!["aws_security_group.g"], Presence::Sure));
    assert!(net.0.unsupported.is_empty(), "{:?}", net.unsupported());
}
