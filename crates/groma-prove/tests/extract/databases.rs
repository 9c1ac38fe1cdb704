use groma_prove::engine::Engine;
use groma_prove::model::*;
use groma_prove::ports::Family;
use groma_prove::reach::{Bound, Question, Ways};
use serde_json::{Value, json};

use crate::support::*;

fn with(more: Value) -> Net {
    let mut all = json!({
        "aws_vpc.a": {"cidr_block": "10.0.0.0/16"},
        "aws_subnet.x": {"vpc_id": "@aws_vpc.a", "cidr_block": "10.0.1.0/24", "map_public_ip_on_launch": true},
        "aws_subnet.y": {"vpc_id": "@aws_vpc.a", "cidr_block": "10.0.2.0/24"},
        "aws_db_subnet_group.s": {"name": "data", "subnet_ids": ["@aws_subnet.x", "@aws_subnet.y"]},
        "aws_security_group.g": {"vpc_id": "@aws_vpc.a"},
    });
    for (k, v) in more.as_object().unwrap() {
        all[k] = v.clone();
    }
    network(all)
}
fn ports(net: &Net, node: &str) -> Option<Vec<u16>> {
    net.node(node).listens.as_ref().map(|l| l.iter().map(|(_, p)| p.from).collect())
}

#[test]
fn databases_are_in_their_subnet_groups() {
    let net = with(json!({
        "aws_db_instance.d": {"engine": "postgres", "db_subnet_group_name": "data", "vpc_security_group_ids": ["@aws_security_group.g"]},
        "aws_db_instance.public": {"engine": "mysql", "port": 3307, "db_subnet_group_name": "data", "publicly_accessible": true},
        "aws_db_instance.replica": {"replicate_source_db": "@aws_db_instance.d.identifier"},
        "aws_rds_cluster.c": {"engine": "aurora-mysql", "cluster_identifier": "c", "db_subnet_group_name": "data", "vpc_security_group_ids": ["@aws_security_group.g"]},
        "aws_rds_cluster_instance.c": {"engine": "aurora-mysql", "cluster_identifier": "c", "publicly_accessible": true},
        "aws_db_instance.oracle": {"engine": "oracle-ee", "db_subnet_group_name": "data"},
        "aws_db_instance.elsewhere": {"engine": "mysql", "db_subnet_group_name": "of-others"},
    }));
    let d = net.interfaces("aws_db_instance.d");
    assert_eq!(d.len(), 2);
    assert!(d.iter().all(|i| i.public == Tri::No && net.groups_of(i) == ["aws_security_group.g"]));
    assert_eq!(ports(&net, "aws_db_instance.d"), Some(vec![5432]));
    let public = net.interfaces("aws_db_instance.public");
    assert!(public.iter().all(|i| i.public == Tri::Yes));
    assert_eq!(net.groups_of(public[0]), ["the default security group of aws_vpc.a"]);
    assert_eq!(ports(&net, "aws_db_instance.public"), Some(vec![3307]));
    assert_eq!(net.interfaces("aws_db_instance.replica").len(), 2);
    // A cluster is as public as its instances.
    for name in ["aws_rds_cluster.c", "aws_rds_cluster_instance.c"] {
        let of = net.interfaces(name);
        assert_eq!(of.len(), 2, "{name}");
        assert!(of.iter().all(|i| i.public == Tri::Yes && net.groups_of(i) == ["aws_security_group.g"]));
        assert_eq!(ports(&net, name), Some(vec![3306]));
    }
    assert_eq!(ports(&net, "aws_db_instance.oracle"), None);
    let elsewhere = net.interface("aws_db_instance.elsewhere");
    let s = &net.0.subnets[elsewhere.subnet.index()];
    assert!(!net.0.vpcs[s.vpc.index()].described && s.ranges.is_empty());
}

#[test]
fn caches_brokers_and_files() {
    let net = with(json!({
        "aws_elasticache_subnet_group.s": {"name": "cache", "subnet_ids": ["@aws_subnet.y"]},
        "aws_elasticache_replication_group.r": {"subnet_group_name": "cache", "security_group_ids": ["@aws_security_group.g"]},
        "aws_elasticache_cluster.m": {"engine": "memcached", "subnet_group_name": "cache"},
        "aws_msk_cluster.k": {"broker_node_group_info": [{"client_subnets": ["@aws_subnet.x", "@aws_subnet.y"], "security_groups": ["@aws_security_group.g"]}]},
        "aws_msk_cluster.p": {"broker_node_group_info": [{"client_subnets": ["@aws_subnet.x"], "security_groups": ["@aws_security_group.g"], "connectivity_info": [{"public_access": [{"type": "SERVICE_PROVIDED_EIPS"}]}]}]},
        "aws_efs_mount_target.e": {"subnet_id": "@aws_subnet.y"},
        "aws_opensearch_domain.inside": {"vpc_options": [{"subnet_ids": ["@aws_subnet.y"], "security_group_ids": ["@aws_security_group.g"]}]},
        "aws_opensearch_domain.outside": {"vpc_options": []},
        "aws_route53_resolver_endpoint.r": {"ip_address": [{"subnet_id": "@aws_subnet.x"}, {"subnet_id": "@aws_subnet.y"}], "security_group_ids": ["@aws_security_group.g"]},
    }));
    assert_eq!(ports(&net, "aws_elasticache_replication_group.r"), Some(vec![6379]));
    assert_eq!(ports(&net, "aws_elasticache_cluster.m"), Some(vec![11211]));
    assert_eq!(
        net.groups_of(net.interface("aws_elasticache_cluster.m")),
        ["the default security group of aws_vpc.a"]
    );
    assert!(net.interfaces("aws_msk_cluster.k").iter().all(|i| i.public == Tri::No));
    assert_eq!(net.interface("aws_msk_cluster.p").public, Tri::Yes);
    assert_eq!(ports(&net, "aws_efs_mount_target.e"), Some(vec![2049]));
    assert_eq!(net.interface("aws_opensearch_domain.inside").public, Tri::No);
    assert_eq!(net.relays(), ["the internet -> aws_opensearch_domain.outside: any -> any keeps direct"]);
    assert_eq!(net.interfaces("aws_route53_resolver_endpoint.r").len(), 2);
    assert!(net.0.unsupported.is_empty(), "{:?}", net.unsupported());
}

#[test]
fn proxies_pass_on() {
    let net = with(json!({
        "aws_db_instance.d": {"engine": "postgres", "identifier": "d", "db_subnet_group_name": "data"},
        "aws_db_proxy.p": {"name": "p", "vpc_subnet_ids": ["@aws_subnet.y"], "vpc_security_group_ids": ["@aws_security_group.g"]},
        "aws_db_proxy_target.t": {"db_proxy_name": "p", "db_instance_identifier": "d", "target_group_name": "default"},
    }));
    assert_eq!(net.relays(), ["aws_db_proxy.p -> aws_db_instance.d: any -> 5432"]);
}

#[test]
fn what_is_public_by_default_and_members() {
    let net = with(json!({
        "aws_rds_cluster.multi": {"engine": "postgres", "db_cluster_instance_class": "db.m5d.large", "db_subnet_group_name": "data"},
        "aws_rds_cluster.aurora": {"engine": "aurora-postgresql", "db_subnet_group_name": "data"},
        "aws_elasticache_subnet_group.s": {"name": "cache", "subnet_ids": ["@aws_subnet.y"]},
        "aws_elasticache_replication_group.r": {"subnet_group_name": "cache", "security_group_ids": ["@aws_security_group.g"]},
        "aws_elasticache_cluster.member": {"replication_group_id": "@aws_elasticache_replication_group.r"},
        "aws_emr_cluster.e": {"ec2_attributes": [{"subnet_id": "@aws_subnet.y"}]},
        "aws_db_instance.restored": {"engine": "mysql", "restore_to_point_in_time": [{"source_db_instance_identifier": "of-others"}]},
        "aws_ecs_service.lattice": {"network_configuration": [{"subnets": ["@aws_subnet.y"]}], "vpc_lattice_configurations": [{"port_name": "x"}]},
        "aws_ecs_service.registered": {"network_configuration": [{"subnets": ["@aws_subnet.y"]}], "load_balancer": [{"target_group_arn": "arn:of-others", "container_port": 1}]},
    }));
    assert!(net.interfaces("aws_rds_cluster.multi").iter().all(|i| is_maybe(i.public)));
    assert!(net.interfaces("aws_rds_cluster.aurora").iter().all(|i| i.public == Tri::No));
    let member = net.interface("aws_elasticache_cluster.member");
    assert_eq!(net.groups_of(member), ["aws_security_group.g"]);
    assert_eq!(net.name(net.0.subnets[member.subnet.index()].item), "aws_subnet.y");
    assert!(net.interface("aws_emr_cluster.e").unknown_groups.is_some());
    let mut named = net.unsupported();
    named.sort();
    assert_eq!(named, ["aws_db_instance.restored", "aws_ecs_service.lattice", "aws_ecs_service.registered"]);
}

/// A public endpoint has no interface here, and is reached all the same.
#[test]
fn public_endpoints_are_reached() {
    let net = network(json!({
        "aws_vpc.a": {"cidr_block": "10.0.0.0/16"},
        "aws_opensearch_domain.outside": {"vpc_options": []},
        "aws_transfer_server.s": {"endpoint_type": "PUBLIC"},
    }));
    let all = Engine::new(&net.0).reach_all(Ways::ALL);
    for to in ["aws_opensearch_domain.outside", "aws_transfer_server.s"] {
        let reach = all.get(net.node_id("the internet"), net.node_id(to)).unwrap();
        assert!(!reach.get(Family::V4, Question::Completes, Bound::Must).is_empty(), "{to}");
    }
    let (a, b) = (net.node_id("aws_opensearch_domain.outside"), net.node_id("aws_transfer_server.s"));
    assert!(all.get(a, b).is_none());
}
