//! What AWS has with the tags of an environment or a network, but no state knows: a run
//! that died between AWS's doing and its own noting leaves such objects.

use super::{Project, aftermath};
use crate::commands::Failure;
use groma_lang::Diagnostic;
use groma_platform::Environment;
use groma_platform::compile::{Root, RootOf, tag};
use std::collections::{BTreeMap, BTreeSet};

/// What AWS makes by itself, with the tags of what made it.
const MADE_BY_AWS: &[&str] =
    &[":instance/", ":volume/", ":network-interface/", ":task/", ":snapshot:", ":cluster-snapshot:"];

/// What the service that lists tagged resources does not list.
const NOT_LISTED: &[&str] = &["aws_iam_", "aws_autoscaling_"];

/// Something with the tags of a root module that is in no state.
pub struct Stray {
    /// The resource types that it may be of; none if it is not told by its ARN.
    pub types: Vec<&'static str>,
    /// What the provider imports it by.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// For people: its type, or its service.
    pub what: String,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

impl Stray {
    fn new(arn: &str, what: &str, tags: BTreeMap<String, String>) -> Stray {
        let (types, id) = of_arn(arn);
        Stray { types, id, arn: arn.to_owned(), what: what.to_owned(), tags }
    }

    /// Of a type that the provider gives no ARN, as the sandbox knows it.
    fn without_arn(ty: &str, id: &str, tags: BTreeMap<String, String>) -> Stray {
        let types = ARNS.iter().flat_map(|(_, _, types, _)| *types).copied().filter(|t| *t == ty).collect();
        Stray { types, id: id.to_owned(), arn: id.to_owned(), what: ty.to_owned(), tags }
    }
}

/// How the id of a resource is made from its ARN.
#[derive(Clone, Copy)]
enum Id {
    /// It is what follows the kind.
    Rest,
    /// It is the ARN.
    Arn,
    /// It is the last part.
    Last,
    /// It is the address of a queue.
    QueueUrl,
    /// It is the path of a parameter.
    Path,
}

/// Service, what the rest of the ARN begins with, the resource types, and the id.
const ARNS: &[(&str, &str, &[&str], Id)] = &[
    ("acm", "certificate/", &["aws_acm_certificate"], Id::Arn),
    ("cloudfront", "distribution/", &["aws_cloudfront_distribution"], Id::Rest),
    ("cloudwatch", "alarm:", &["aws_cloudwatch_metric_alarm"], Id::Rest),
    ("ec2", "customer-gateway/", &["aws_customer_gateway"], Id::Rest),
    ("ec2", "egress-only-internet-gateway/", &["aws_egress_only_internet_gateway"], Id::Rest),
    ("ec2", "elastic-ip/", &["aws_eip"], Id::Rest),
    ("ec2", "instance/", &["aws_instance"], Id::Rest),
    ("ec2", "internet-gateway/", &["aws_internet_gateway"], Id::Rest),
    ("ec2", "launch-template/", &["aws_launch_template"], Id::Rest),
    ("ec2", "natgateway/", &["aws_nat_gateway"], Id::Rest),
    ("ec2", "network-acl/", &["aws_network_acl"], Id::Rest),
    ("ec2", "prefix-list/", &["aws_ec2_managed_prefix_list"], Id::Rest),
    ("ec2", "route-table/", &["aws_route_table"], Id::Rest),
    ("ec2", "security-group/", &["aws_security_group"], Id::Rest),
    (
        "ec2",
        "security-group-rule/",
        &["aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule"],
        Id::Rest,
    ),
    ("ec2", "subnet/", &["aws_subnet"], Id::Rest),
    ("ec2", "vpc-endpoint/", &["aws_vpc_endpoint"], Id::Rest),
    ("ec2", "vpc-flow-log/", &["aws_flow_log"], Id::Rest),
    ("ec2", "vpc-peering-connection/", &["aws_vpc_peering_connection"], Id::Rest),
    ("ec2", "vpc/", &["aws_vpc"], Id::Rest),
    ("ec2", "vpn-connection/", &["aws_vpn_connection"], Id::Rest),
    ("ec2", "vpn-gateway/", &["aws_vpn_gateway"], Id::Rest),
    ("ecr", "repository/", &["aws_ecr_repository"], Id::Rest),
    ("ecs", "capacity-provider/", &["aws_ecs_capacity_provider"], Id::Arn),
    ("ecs", "cluster/", &["aws_ecs_cluster"], Id::Rest),
    ("ecs", "service/", &["aws_ecs_service"], Id::Rest),
    ("ecs", "task-definition/", &["aws_ecs_task_definition"], Id::Arn),
    ("elasticache", "parametergroup:", &["aws_elasticache_parameter_group"], Id::Rest),
    ("elasticache", "replicationgroup:", &["aws_elasticache_replication_group"], Id::Rest),
    ("elasticache", "subnetgroup:", &["aws_elasticache_subnet_group"], Id::Rest),
    ("elasticloadbalancing", "listener-rule/", &["aws_lb_listener_rule"], Id::Arn),
    ("elasticloadbalancing", "listener/", &["aws_lb_listener"], Id::Arn),
    ("elasticloadbalancing", "loadbalancer/", &["aws_lb"], Id::Arn),
    ("elasticloadbalancing", "targetgroup/", &["aws_lb_target_group"], Id::Arn),
    ("kafka", "cluster/", &["aws_msk_cluster"], Id::Arn),
    ("lambda", "function:", &["aws_lambda_function"], Id::Rest),
    ("logs", "log-group:", &["aws_cloudwatch_log_group"], Id::Rest),
    ("rds", "cluster-pg:", &["aws_rds_cluster_parameter_group"], Id::Rest),
    ("rds", "cluster:", &["aws_rds_cluster"], Id::Rest),
    ("rds", "db:", &["aws_db_instance", "aws_rds_cluster_instance"], Id::Rest),
    ("rds", "pg:", &["aws_db_parameter_group"], Id::Rest),
    ("rds", "subgrp:", &["aws_db_subnet_group"], Id::Rest),
    ("route53", "hostedzone/", &["aws_route53_zone"], Id::Rest),
    ("s3", "", &["aws_s3_bucket"], Id::Rest),
    ("scheduler", "schedule-group/", &["aws_scheduler_schedule_group"], Id::Rest),
    ("secretsmanager", "secret:", &["aws_secretsmanager_secret"], Id::Arn),
    ("ses", "configuration-set/", &["aws_sesv2_configuration_set"], Id::Rest),
    ("ses", "identity/", &["aws_sesv2_email_identity"], Id::Rest),
    ("sns", "", &["aws_sns_topic"], Id::Arn),
    ("sqs", "", &["aws_sqs_queue"], Id::QueueUrl),
    ("ssm", "parameter/", &["aws_ssm_parameter"], Id::Path),
    ("wafv2", "regional/webacl/", &["aws_wafv2_web_acl"], Id::Last),
];

/// The types that something with an ARN may be of, and what it is imported by.
fn of_arn(arn: &str) -> (Vec<&'static str>, String) {
    let mut parts = arn.splitn(6, ':').skip(2);
    let mut next = || parts.next().unwrap_or_default();
    let (service, region, account, rest) = (next(), next(), next(), next());
    let row = ARNS.iter().find(|(s, begin, ..)| *s == service && rest.starts_with(begin));
    let Some((_, begin, types, id)) = row else { return (Vec::new(), arn.to_owned()) };
    let rest = &rest[begin.len()..];
    let id = match id {
        Id::Rest => rest.trim_end_matches(":*").to_owned(),
        Id::Arn => arn.to_owned(),
        Id::Last => rest.rsplit('/').next().unwrap_or(rest).to_owned(),
        Id::QueueUrl => format!("https://sqs.{region}.amazonaws.com/{account}/{rest}"),
        Id::Path => format!("/{rest}"),
    };
    (types.to_vec(), id)
}

impl Project<'_> {
    /// What is in AWS with the tags of root modules and in none of their states.
    pub fn strays(&self, roots: &[Root]) -> Result<Vec<Stray>, Failure> {
        let mut found = Vec::new();
        // Type, and ARN or id.
        let mut known: BTreeSet<(String, String)> = BTreeSet::new();
        for root in roots {
            let (key, name) = match &root.of {
                RootOf::Once => continue,
                RootOf::Network(n) => (tag("network"), n),
                RootOf::Environment(e) => (tag("environment"), e),
            };
            if let Some(s) = self.s.sandbox.get() {
                let all = s.world().tagged(&key, name).map_err(|e| e.to_string())?;
                let all = all.into_iter().filter(|o| NOT_LISTED.iter().all(|n| !o.ty.starts_with(n)));
                found.extend(all.map(|o| {
                    let Some(arn) = &o.arn else { return Stray::without_arn(&o.ty, &o.id, o.tags) };
                    Stray::new(arn, &o.ty, o.tags)
                }));
            } else if let Some(a) = self.manifest.platform.accounts.iter().find(|a| a.name == root.account) {
                let caller = self.caller(a, &root.region)?;
                let all =
                    groma_aws::tagging::resources_with_tag(&caller, &key, name).map_err(|e| e.to_string())?;
                let all = all.into_iter().filter(|r| {
                    r.tags.get(&tag("platform")).is_none_or(|p| *p == self.manifest.platform.name)
                });
                found.extend(all.map(|r| Stray::new(&r.arn, r.arn.split(':').nth(2).unwrap_or(""), r.tags)));
            }
            let state = self.stored(&root.name)?;
            for (addr, o) in aftermath::objects(&state, &[]) {
                let texts = ["arn", "id"].iter().filter_map(|n| aftermath::text(&o, n));
                // A VPC's own ACL, table and group are of the same kinds as others.
                let ty = addr.resource.ty.replacen("aws_default_", "aws_", 1);
                known.extend(texts.map(|t| (ty.clone(), t)));
            }
        }
        // An ARN of the tagging service may say more, or less, than the provider's.
        let knows = |s: &Stray| {
            let typed = |ty: &String| s.types.is_empty() || s.types.contains(&ty.as_str());
            known.iter().filter(|(ty, _)| typed(ty)).any(|(_, k)| {
                s.arn == *k
                    || s.id == *k
                    || s.arn.ends_with(&format!("/{k}"))
                    || k.starts_with(&format!("{}:", s.arn))
            })
        };
        found.retain(|s| !knows(s));
        Ok(found)
    }

    /// Warns of objects of an environment that are in none of its states.
    pub fn warn_of_strays(&self, env: &Environment, roots: &[Root]) -> Result<(), Failure> {
        let strays: Vec<String> = self
            .strays(roots)?
            .into_iter()
            .filter(|s| !MADE_BY_AWS.iter().any(|m| s.arn.contains(m)))
            .map(|s| format!("  - {} {}", s.what, s.arn))
            .collect();
        if !strays.is_empty() {
            let warning = Diagnostic::warning(
                format!("Something of {} is in no state", env.slug),
                format!(
                    "The run before this one did not come to its end. AWS has these with the environment's tags or those of its network, and nothing of the manifest is missing that they could be:\n{}\n\nThey may cost money. Remove them by hand if they are not yours.",
                    strays.join("\n")
                ),
            );
            self.s.ui.diags(&warning.into(), &self.s.sources);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_tell_types_and_ids() {
        for (arn, ty, id) in [
            ("arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-1", "aws_vpc", "vpc-1"),
            ("arn:aws:ec2:eu-west-1:123456789012:vpc-endpoint/vpce-1", "aws_vpc_endpoint", "vpce-1"),
            ("arn:aws:s3:::shop-media", "aws_s3_bucket", "shop-media"),
            ("arn:aws:rds:eu-west-1:123456789012:cluster:main", "aws_rds_cluster", "main"),
            ("arn:aws:rds:eu-west-1:123456789012:cluster-pg:main", "aws_rds_cluster_parameter_group", "main"),
            (
                "arn:aws:sqs:eu-west-1:123456789012:jobs",
                "aws_sqs_queue",
                "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs",
            ),
            ("arn:aws:ssm:eu-west-1:123456789012:parameter/shop/a", "aws_ssm_parameter", "/shop/a"),
            ("arn:aws:logs:eu-west-1:123456789012:log-group:/a/b:*", "aws_cloudwatch_log_group", "/a/b"),
            ("arn:aws:ecs:eu-west-1:123456789012:service/c/s", "aws_ecs_service", "c/s"),
        ] {
            assert_eq!(of_arn(arn), (vec![ty], id.to_owned()));
        }
        let (types, id) = of_arn("arn:aws:new:eu-west-1:123456789012:thing/x");
        assert!(types.is_empty() && id.ends_with("thing/x"));
    }
}
