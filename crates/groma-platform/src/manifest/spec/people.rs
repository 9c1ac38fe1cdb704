//! Ways in and out: people, other sites, what stands in front; and the way out of every limit.

use super::foundation::BLOCK;
use super::{BlockSpec, Default, NameLimit, Text, Type, arg};
use crate::manifest::facts;
use crate::model::Kind;

pub(super) static ACCESS: BlockSpec = BlockSpec {
    keyword: "access",
    kind: Some(Kind::Access),
    doc: "People's way in: a tunnel to what is named, through Session Manager, without SSH and without a public address.",
    example: r#"access "engineers" {
  group  = "sso:engineers"
  tunnel = [database.main.read, service.web]
  ttl    = "1h"
}"#,
    args: &[
        arg(
            "group",
            Type::Text(Text::Group),
            Default::Required,
            "Who: a group of IAM Identity Center, everybody of the account, or a user or role by ARN.",
            r#""sso:engineers""#,
        ),
        arg(
            "tunnel",
            Type::List(&Type::Use),
            Default::Says("nothing"),
            "What they reach: databases, caches, streams, and services with a port.",
            "[database.main.read, service.web]",
        )
        .near(&["uses", "tunnels", "reaches"]),
        arg(
            "allow",
            Type::List(&Type::Text(Text::CidrAny)),
            Default::Says("anywhere"),
            "Addresses that they must come from.",
            r#"["198.51.100.0/24"]"#,
        ),
        arg(
            "ttl",
            Type::Text(Text::Duration),
            Default::Value("1h"),
            "How long a session lasts: one hour to twelve.",
            r#""4h""#,
        ),
    ],
    attributes: &[
        ("role_arn", "the ARN of the role that they take on"),
        ("security_group_id", "the id of the security group of the tunnel's end"),
    ],
    limit: Some(NameLimit { most: 64, added: 10, what: "IAM role" }),
    ..BLOCK
};

pub(super) static ROLE: BlockSpec = BlockSpec {
    keyword: "role",
    kind: Some(Kind::Role),
    doc: "What somebody from outside may do: a pipeline, another account, a group of people.",
    example: r#"role "deploy" {
  trusted = ["github:levels/app"]
  uses    = [bucket.assets.write]
  may     = ["deploy"]
}"#,
    args: &[
        arg(
            "trusted",
            Type::List(&Type::Text(Text::Trusted)),
            Default::Required,
            "Who may take it on.",
            r#"["github:levels/app"]"#,
        )
        .near(&["trust", "who", "group"]),
        arg(
            "uses",
            Type::List(&Type::Use),
            Default::Says("nothing"),
            "What it may do with components, as for a service.",
            "[bucket.assets.write]",
        ),
        arg(
            "may",
            Type::List(&Type::Choice(facts::OPERATIONS)),
            Default::Says("nothing"),
            "Operations that it may carry out in this environment, by rights on exactly what belongs to it. deploy: push the images that are built, roll services, set the parameters of instances, give functions new code, invalidate CDNs. park, resume, scale: what groma park, groma resume and groma scale change. status: what groma status and groma diff read; the three before read that too. For groma up and groma down a role of the account's administrators is needed: they make roles.",
            r#"["deploy", "park", "resume"]"#,
        )
        .near(&["can", "allow"]),
    ],
    attributes: &[("arn", "its ARN"), ("name", "its name in AWS")],
    limit: Some(NameLimit { most: 64, added: 0, what: "IAM role" }),
    ..BLOCK
};

pub(super) static EDGE: BlockSpec = BlockSpec {
    keyword: "edge",
    kind: Some(Kind::Edge),
    doc: "What stands in front of a service or a CDN, and keeps out what does not belong there.",
    example: r#"edge "front" {
  kind = "cloudflare"
}"#,
    args: &[
        arg(
            "kind",
            Type::Choice(&["cloudflare", "waf", "cloudfront"]),
            Default::Required,
            "Cloudflare (the load balancer admits its addresses only), AWS WAF, or CloudFront with AWS WAF.",
            r#""cloudflare""#,
        )
        .near(&["type"]),
        arg(
            "rate",
            Type::Whole(10, 2_000_000),
            Default::Value("2000"),
            "Requests that one address may make in five minutes. Not for Cloudflare, which is configured there.",
            "1000",
        )
        .near(&["rate_limit", "limit"]),
        arg(
            "allow",
            Type::List(&Type::Text(Text::CidrAny)),
            Default::Says("all, or those of Cloudflare"),
            "The only addresses that may come in.",
            r#"["198.51.100.0/24"]"#,
        ),
    ],
    attributes: &[("arn", "the ARN of the web ACL")],
    limit: Some(NameLimit { most: 128, added: 0, what: "web ACL" }),
    ..BLOCK
};

pub(super) static VPN: BlockSpec = BlockSpec {
    keyword: "vpn",
    kind: Some(Kind::Vpn),
    doc: "An IPsec tunnel to another site.",
    example: r#"vpn "office" {
  peer    = "203.0.113.10"
  cidrs   = ["192.168.0.0/24"]
  reaches = [service.git]
}"#,
    args: &[
        arg(
            "peer",
            Type::Text(Text::Address),
            Default::Required,
            "The public address of the other side.",
            r#""203.0.113.10""#,
        )
        .near(&["ip", "address"]),
        arg(
            "cidrs",
            Type::List(&Type::Text(Text::Cidr)),
            Default::Required,
            "The networks of the other side.",
            r#"["192.168.0.0/24"]"#,
        )
        .near(&["cidr", "networks"]),
        arg(
            "asn",
            Type::Whole(1, 4_294_967_294),
            Default::Value("65000"),
            "The number of the other side's autonomous system.",
            "65010",
        ),
        arg(
            "reaches",
            Type::List(&Type::Use),
            Default::Says("nothing"),
            "What the other side may connect to: databases, caches, streams, and services with a port.",
            "[service.git, database.main.read]",
        )
        .near(&["uses", "tunnel", "allow"]),
    ],
    attributes: &[("connection_id", "the id of the connection")],
    ..BLOCK
};

pub(super) static ALARM: BlockSpec = BlockSpec {
    keyword: "alarm",
    kind: Some(Kind::Alarm),
    doc: "Who is told when one of the alarms goes off that every environment has.",
    example: r#"alarm "operations" {
  emails = ["ops@levels.example"]
}"#,
    args: &[arg(
        "emails",
        Type::List(&Type::Text(Text::Email)),
        Default::Required,
        "Mail addresses. Each must confirm once.",
        r#"["ops@levels.example"]"#,
    )
    .near(&["to", "email", "notify"])],
    attributes: &[("topic_arn", "the ARN of the topic that alarms go to")],
    limit: Some(NameLimit { most: 256, added: 0, what: "topic" }),
    ..BLOCK
};

pub(super) static MODULE: BlockSpec = BlockSpec {
    keyword: "module",
    kind: Some(Kind::Module),
    doc: "Any Terraform module as a part of each environment: the way out of every limit.",
    example: r#"module "search" {
  source = "./terraform/search"
  inputs = {
    vpc_id = network.vpc_id
    queue  = queue.jobs.arn
  }
}"#,
    args: &[
        arg(
            "source",
            Type::Text(Text::ModuleSource),
            Default::Required,
            "Its source, as Terraform has it. A path that begins with ./ or ../ is relative to the manifest.",
            r#""./terraform/search""#,
        ),
        arg(
            "version",
            Type::Text(Text::Any),
            Default::Says("the newest"),
            "The version, for a module of a registry.",
            r#""~> 5.0""#,
        ),
        arg(
            "inputs",
            Type::Map(&Type::Any),
            Default::Says("none"),
            "Its variables: values, and attributes of components (queue.jobs.arn), of the environment's network \
             (network.vpc_id) and of the environment (environment.slug).",
            "{ vpc_id = network.vpc_id, queue = queue.jobs.arn }",
        )
        .near(&["variables", "vars", "settings"]),
    ],
    ..BLOCK
};
