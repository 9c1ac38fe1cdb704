//! A world as plans make it, with what the provider's schemas and the rehearsal put into it.

use groma_prove::extract;
use groma_prove::model::*;

use crate::support::*;

/// `tests/fixtures/aws-services`, as `groma prove -world -sandbox` printed it, without nulls.
const AWS_SERVICES: &str = include_str!("aws-services.json");

#[test]
fn many_services() {
    let net = Net(extract(&printed(AWS_SERVICES)));
    assert!(net.0.unsupported.is_empty(), "{:?}", net.unsupported());
    assert!(net.0.doubts.is_empty(), "{:?}", net.0.doubts);
    // And the network in which functions run that are in no VPC.
    assert_eq!((net.0.vpcs.len(), net.0.subnets.len()), (3, 4));
    let count = |node: &str| net.interfaces(node).len();
    assert_eq!(count("aws_instance.b"), 1);
    for node in [
        "aws_autoscaling_group.asg",
        "aws_rds_cluster.c",
        "aws_rds_cluster_instance.ci[0]",
        "aws_rds_cluster_instance.ci[1]",
        "aws_lb.alb",
        "aws_ecs_service.s",
    ] {
        assert_eq!(count(node), 3, "{node}");
    }
    assert_eq!(net.routes("aws_route_table.r"), ["0.0.0.0/0 aws_internet_gateway.i", "10.0.0.0/16 local"]);
    assert_eq!(net.rules(&net.group("aws_security_group.g").ingress), ["tcp 443 0.0.0.0/0"]);
    assert_eq!(net.relays(), ["aws_lb.alb -> aws_autoscaling_group.asg: 80 -> 80"]);
    assert_eq!(net.0.peerings[0].active, Tri::Yes);
    // Nothing but the load balancer and the NAT gateway has a public address in a VPC.
    let elsewhere = net.vpc("the network of AWS outside of VPCs");
    let inside = |i: &&Interface| net.0.subnets[i.subnet.index()].vpc != elsewhere;
    let public = net.0.interfaces.iter().filter(inside).filter(|i| i.public != Tri::No).map(|i| i.kind);
    assert!(public.clone().all(|k| k == InterfaceKind::LoadBalancer || k == InterfaceKind::Nat));
    assert_eq!(public.count(), 4);
}
