//! What a server has, asked of it directly and not of any state.

use super::gaps::System;
use groma_aws::{Caller, CallerOptions, Element, Environment, Role};
use groma_testkit::ApiServer;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Service, version of its API, action, parameters, and the elements that name what there is.
type Query =
    (&'static str, &'static str, &'static str, &'static [(&'static str, &'static str)], &'static str);

const EC2: &str = "2016-11-15";

const QUERIES: &[Query] = &[
    ("ec2", EC2, "DescribeVpcs", &[], "vpcId"),
    ("ec2", EC2, "DescribeSubnets", &[], "subnetId"),
    ("ec2", EC2, "DescribeSecurityGroups", &[], "groupId"),
    ("ec2", EC2, "DescribeRouteTables", &[], "routeTableId"),
    (
        "ec2",
        EC2,
        "DescribeNatGateways",
        &[("Filter.1.Name", "state"), ("Filter.1.Value.1", "available")],
        "natGatewayId",
    ),
    (
        "ec2",
        EC2,
        "DescribeInstances",
        &[
            ("Filter.1.Name", "instance-state-name"),
            ("Filter.1.Value.1", "running"),
            ("Filter.1.Value.2", "stopped"),
        ],
        "instanceId",
    ),
    ("ec2", EC2, "DescribeAddresses", &[], "allocationId"),
    ("ec2", EC2, "DescribeLaunchTemplates", &[], "launchTemplateId"),
    ("elasticloadbalancing", "2015-12-01", "DescribeLoadBalancers", &[], "LoadBalancerArn"),
    ("elasticloadbalancing", "2015-12-01", "DescribeTargetGroups", &[], "TargetGroupArn"),
    ("autoscaling", "2011-01-01", "DescribeAutoScalingGroups", &[], "AutoScalingGroupName"),
    ("rds", "2014-10-31", "DescribeDBClusters", &[], "DBClusterIdentifier"),
    ("rds", "2014-10-31", "DescribeDBInstances", &[], "DBInstanceIdentifier"),
    ("iam", "2010-05-08", "ListRoles", &[], "RoleName"),
    ("iam", "2010-05-08", "ListInstanceProfiles", &[], "InstanceProfileName"),
    ("sns", "2010-03-31", "ListTopics", &[], "TopicArn"),
];

/// Service, target, and where the names are.
const CALLS: &[(&str, &str, &str)] = &[
    ("logs", "Logs_20140328.DescribeLogGroups", "logGroupName"),
    ("secretsmanager", "secretsmanager.ListSecrets", "ARN"),
    ("ssm", "AmazonSSM.DescribeParameters", "Name"),
    ("acm", "CertificateManager.ListCertificates", "CertificateArn"),
];

/// Where the tags of what belongs to no region are.
const GLOBAL: &str = "us-east-1";

/// What stands before the ARN of something that is known by its tags.
const TAGGED: &str = "tagged ";

/// In ARNs of what is told of for some time after its end (of ECS as inactive: `groma down`
/// looks), and of what AWS makes for itself (the names of its snapshots begin with `rds:`).
const ENDED: &[&str] = &[
    ":instance/",
    ":natgateway/",
    ":vpn-connection/",
    ":customer-gateway/",
    ":vpc-peering-connection/",
    ":ecs:",
    ":key/",
    "snapshot:rds:",
];

/// What a server has, without the names of what is made anew by parking and resuming; of
/// instances, how many there are.
pub fn lasting(server: &ApiServer, system: &System) -> BTreeSet<String> {
    let mut all = take(server, system);
    let instances = all.iter().filter(|x| x.starts_with("instanceId ")).count();
    // A firewall stands before NAT, and goes and comes with it.
    let mut firewalls = BTreeSet::new();
    for caller in callers(server, system) {
        firewalls.extend(tagged(&caller, system).filter_map(|t| {
            let name = t.tags.get("Name")?;
            let of_firewall = name.contains("-firewall-") || name.contains("-egress-");
            of_firewall.then(|| t.arn.rsplit('/').next().map(str::to_owned))?
        }));
    }
    all.retain(|x| !REMADE.iter().any(|r| x.contains(r)) && !firewalls.iter().any(|id| x.contains(id)));
    all.insert(format!("{instances} instances, {} parts of firewalls", firewalls.len()));
    all
}

/// In names of what goes when an environment is parked.
const REMADE: &[&str] = &[
    "natGatewayId ",
    "instanceId ",
    "allocationId ",
    "LoadBalancerArn ",
    ":volume/",
    ":network-interface/",
    ":elastic-ip/",
    ":loadbalancer/",
    ":listener/",
    ":listener-rule/",
];

/// Callers for the accounts of a system.
fn callers(server: &ApiServer, system: &System) -> Vec<Caller> {
    let vars: BTreeMap<String, String> = [
        ("AWS_ENDPOINT_URL", server.endpoint()),
        ("AWS_ACCESS_KEY_ID", "test".into()),
        ("AWS_SECRET_ACCESS_KEY", "test".into()),
    ]
    .map(|(k, v)| (k.to_owned(), v))
    .into();
    let environment = Environment { vars, home: None, root: std::env::temp_dir() };
    let roles = std::iter::once(None).chain(system.roles.iter().map(|r| Some(Role::new(*r))));
    roles
        .map(|role| {
            let options =
                CallerOptions { role, region: Some(system.region.into()), ..CallerOptions::default() };
            Caller::new(&environment, options).expect("a caller")
        })
        .collect()
}

/// What has tags in an account, in the system's region and where what belongs to none is.
fn tagged(caller: &Caller, system: &System) -> impl Iterator<Item = groma_aws::tagging::Resource> {
    let regions = BTreeSet::from([system.region, GLOBAL]);
    let all = regions.into_iter().map(|region| {
        groma_aws::tagging::resources_with_tags(&caller.in_region(region), &[])
            .unwrap_or_else(|e| panic!("{e}"))
    });
    all.flatten().collect::<Vec<_>>().into_iter()
}

/// Names and ids of what is there, in all accounts of a system, with their kinds.
pub fn take(server: &ApiServer, system: &System) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for caller in callers(server, system) {
        for (service, version, action, parameters, name) in QUERIES {
            let answer =
                caller.call_query(service, version, action, parameters).unwrap_or_else(|e| panic!("{e}"));
            elements(&answer, name, &mut |id| _ = out.insert(format!("{name} {id}")));
        }
        for all in tagged(&caller, system) {
            // Each platform has its name in this tag; nothing else on the server has the tag.
            if all.tags.contains_key("groma:platform") && !ENDED.iter().any(|e| all.arn.contains(e)) {
                out.insert(format!("{TAGGED}{}", all.arn));
            }
        }
        for (service, target, name) in CALLS {
            let answer = caller.call_json(service, target, &json!({})).unwrap_or_else(|e| panic!("{e}"));
            members(&answer, name, &mut |id| _ = out.insert(format!("{target} {id}")));
        }
    }
    out
}

fn elements(e: &Element, name: &str, found: &mut dyn FnMut(&str)) {
    if e.name == name {
        found(&e.text);
    }
    e.children.iter().for_each(|c| elements(c, name, found));
}

fn members(v: &Value, name: &str, found: &mut dyn FnMut(&str)) {
    match v {
        Value::Object(m) => {
            for (k, v) in m {
                match v {
                    Value::String(s) if k == name => found(s),
                    Value::Array(all) if k == name => {
                        all.iter().filter_map(Value::as_str).for_each(&mut *found)
                    }
                    other => members(other, name, found),
                }
            }
        }
        Value::Array(all) => all.iter().for_each(|v| members(v, name, found)),
        _ => {}
    }
}
