//! What stands around components: platform, networks, environments, images, proofs.

use super::{Arg, BlockSpec, Default, TEXTS, Text, Type, arg};
use crate::manifest::facts;

pub(super) const BLOCK: BlockSpec = BlockSpec {
    keyword: "",
    kind: None,
    single: false,
    doc: "",
    example: "",
    args: &[],
    rights: &[],
    default_right: None,
    attributes: &[],
    limit: None,
};

/// What CloudWatch Logs can keep, in days.
pub(super) const LOG_DAYS: &[i64] = &[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];
const FLOW_DAYS: &[i64] = &[0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731];

const NAT: Type = Type::Choice(&["auto", "none", "single", "zonal"]);

pub(super) static PLATFORM: BlockSpec = BlockSpec {
    keyword: "platform",
    single: true,
    doc: "The platform: its name begins the name of every resource. A manifest has one.",
    example: r#"platform "levels" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}"#,
    args: &[
        arg(
            "region",
            Type::Text(Text::Region),
            Default::Required,
            "The AWS region of networks and environments that name no other.",
            r#""eu-west-1""#,
        ),
        arg(
            "accounts",
            Type::Map(&Type::Either(&[Type::Text(Text::AccountId), Type::Object(ACCOUNT)])),
            Default::Required,
            "The AWS accounts, by names of your choice. The account \"main\", otherwise the first, is that of networks \
             and environments that name no other.",
            r#"{ main = "111111111111", prod = { id = "222222222222", profile = "prod" } }"#,
        )
        .near(&["account", "account_id"]),
        arg(
            "state",
            Type::Either(&[Type::Text(Text::StateUrl), Type::Object(STATE)]),
            Default::Says("files below .groma/state beside the manifest"),
            "Where states are kept and locked.",
            r#""s3://levels-state/groma""#,
        )
        .near(&["backend"]),
        arg(
            "domain",
            Type::Text(Text::Host),
            Default::Says("a zone for each host, to which the parent domain must delegate"),
            "The public Route 53 zone, which must exist, in which host names are made. Every host name must be in it.",
            r#""levels.example""#,
        )
        .near(&["zone", "dns"]),
        arg(
            "time_zone",
            Type::Text(Text::TimeZone),
            Default::Value("UTC"),
            "The IANA name of the time zone of all schedules.",
            r#""Europe/London""#,
        )
        .near(&["timezone"]),
        arg(
            "tags",
            Type::Map(&Type::Scalar),
            Default::Says("none"),
            "Tags on every resource, besides groma:platform and groma:environment.",
            r#"{ owner = "platform-team" }"#,
        ),
        arg(
            "addresses",
            Type::Text(Text::Cidr),
            Default::Value("10.0.0.0/8"),
            "Where networks without a cidr take their addresses from: at least a /16.",
            r#""10.64.0.0/10""#,
        ),
    ],
    attributes: &[
        ("name", "the platform's name"),
        ("region", "its region"),
        ("domain", "its domain"),
    ],
    ..BLOCK
};

const ACCOUNT: &[Arg] = &[
    arg(
        "id",
        Type::Text(Text::AccountId),
        Default::Required,
        "The account's number: twelve digits, in quotes.",
        r#""222222222222""#,
    ),
    arg(
        "profile",
        Type::Text(Text::Any),
        Default::Says("the credentials of the environment"),
        "The profile of the AWS configuration files with credentials for it.",
        r#""prod""#,
    ),
    arg(
        "role",
        Type::Text(Text::RoleArn),
        Default::Says("none is assumed"),
        "The ARN of a role to assume in it.",
        r#""arn:aws:iam::222222222222:role/groma""#,
    ),
];

const STATE: &[Arg] = &[
    arg(
        "url",
        Type::Text(Text::StateUrl),
        Default::Required,
        "The bucket, and what keys begin with.",
        r#""s3://levels-state/groma""#,
    ),
    arg(
        "region",
        Type::Text(Text::Region),
        Default::Says("the platform's region"),
        "The bucket's region.",
        r#""eu-west-1""#,
    ),
];

pub(super) static NETWORK: BlockSpec = BlockSpec {
    keyword: "network",
    doc: "A network (VPC) that one or more environments live in. An environment that names none has one of its own.",
    example: r#"network "prod" {
  zones = 4
}"#,
    args: &[
        arg(
            "account",
            Type::Text(Text::Any),
            Default::Says("the account \"main\", otherwise the first"),
            "The name of the account that it is in.",
            r#""prod""#,
        ),
        arg(
            "region",
            Type::Text(Text::Region),
            Default::Says("the platform's region"),
            "The region that it is in.",
            r#""eu-west-1""#,
        ),
        arg(
            "zones",
            Type::Whole(1, 6),
            Default::Value("3"),
            "How many availability zones it has: as many as the region, at most.",
            "4",
        )
        .near(&["azs", "availability_zones"]),
        arg(
            "cidr",
            Type::Text(Text::Cidr),
            Default::Says("the next free /16 of the platform's addresses, which is remembered"),
            "Its addresses: a private range from /16 to /21.",
            r#""10.20.0.0/16""#,
        )
        .near(&["cidr_block", "addresses"]),
        arg(
            "nat",
            NAT,
            Default::Value("auto"),
            "NAT gateways. \"auto\": one where something reaches the internet, one in each zone where something of a \
             protected environment does, none otherwise.",
            r#""single""#,
        ),
        arg(
            "share",
            Type::List(&Type::Either(&[
                Type::Block(&["database", "cache", "stream"]),
                Type::Word("load_balancer"),
            ])),
            Default::Says("every environment has its own"),
            "What exists once in this network and serves all its environments. It is as large as the first \
             environment of the network wants it.",
            "[database.main, load_balancer]",
        )
        .near(&["shares", "shared"]),
        arg(
            "peers",
            Type::List(&Type::Block(&["network"])),
            Default::Says("none"),
            "Networks to which there is a route (peering). What may pass is said by uses.",
            "[network.tools]",
        )
        .near(&["peer", "peering"]),
        arg(
            "firewall",
            Type::List(&Type::Text(Text::Domain)),
            Default::Says("no firewall"),
            "The only domains that the internet is reached at, by AWS Network Firewall; .example.com includes all \
             its subdomains.",
            r#"["api.stripe.com", ".amazonaws.com"]"#,
        ),
        arg(
            "accounts",
            Type::List(&Type::Text(Text::Any)),
            Default::Says("none"),
            "Names of the accounts with which its subnets are shared, so that their environments can live in it.",
            r#"["dev", "test"]"#,
        ),
        arg(
            "flow_logs",
            Type::OneOf(FLOW_DAYS),
            Default::Value("0"),
            "Days for which a log of all connections is kept; 0 for no log.",
            "30",
        ),
        arg("ipv6", Type::Bool, Default::Value("false"), "Whether addresses of IPv6 are given too.", "true"),
        arg(
            "endpoints",
            Type::List(&Type::Text(Text::Endpoint)),
            Default::Says("those that are needed"),
            "Endpoints of AWS services besides those that are needed.",
            r#"["kms"]"#,
        ),
    ],
    attributes: &[
        ("vpc_id", "the VPC's id"),
        ("cidr", "its addresses"),
        ("public_subnet_ids", "the ids of the subnets of load balancers"),
        ("private_subnet_ids", "the ids of the subnets of services"),
        ("data_subnet_ids", "the ids of the subnets of databases"),
        ("zone_names", "the names of its zones"),
    ],
    ..BLOCK
};

pub(super) static ENVIRONMENT: BlockSpec = BlockSpec {
    keyword: "environment",
    doc: "An environment: one instance of everything that the manifest declares. Blocks of components within it, such \
          as service \"web\" { scale = { min = 4 } }, say what is different there; objects are merged, anything else \
          is replaced.",
    example: r#"environment "staging" {
  network = network.shared
  like    = environment.prod
  size    = 0.25
  park    = "Mon-Fri 20:00-07:00, Sat-Sun"
}"#,
    args: &[
        arg(
            "network",
            Type::Block(&["network"]),
            Default::Says("one of its own"),
            "The network that it lives in. null is one of its own, where the environment that it is like names one.",
            "network.shared",
        )
        .near(&["vpc"]),
        arg(
            "account",
            Type::Text(Text::Any),
            Default::Says("its network's account, otherwise \"main\" or the first"),
            "The name of the account that it is in.",
            r#""prod""#,
        ),
        arg(
            "region",
            Type::Text(Text::Region),
            Default::Says("its network's region, otherwise the platform's"),
            "The region that it is in.",
            r#""eu-west-1""#,
        ),
        arg(
            "protect",
            Type::Bool,
            Default::Value("false"),
            "Whether it must not be lost: deletion protection, final snapshots, groma down refuses, and so does groma up where something with data would be destroyed or replaced.",
            "true",
        )
        .own()
        .near(&["protected", "deletion_protection"]),
        arg(
            "like",
            Type::Block(&["environment"]),
            Default::Says("like none"),
            "The environment that it is like: it takes over what it does not say itself, overrides included. Host \
             names get its name put in: app.levels.example becomes app.staging.levels.example.",
            "environment.prod",
        )
        .own()
        .near(&["extends", "from", "inherits"]),
        arg(
            "size",
            Type::Number(0.0, 100.0),
            Default::Value("1"),
            "The share of the capacity of the environment that it is like (of what is declared, if it is like none). \
             It multiplies the min and max of scale (rounded up, at least 1), readers and replicas (rounded down) and \
             the capacity of serverless databases. For each halving the class of a database or cache goes one step \
             down, db.r7g.large, db.t4g.large, db.t4g.medium and cache.r7g.large, cache.t4g.medium, cache.t4g.small, \
             cache.t4g.micro, and never below the last. What the environment overrides is not multiplied.",
            "0.25",
        )
        .own(),
        arg(
            "park",
            Type::Text(Text::Weekly),
            Default::Says("never, unless by hand"),
            "When it is parked, each week, in the platform's time zone. A range over midnight takes the early morning \
             of its own days too and ends on the morning after the last.",
            r#""Mon-Fri 20:00-07:00, Sat-Sun""#,
        )
        .own(),
        arg(
            "park_load_balancer",
            Type::Bool,
            Default::Value("false"),
            "Whether parking removes the load balancer too, which takes minutes to come back.",
            "true",
        )
        .own(),
        arg(
            "each",
            Type::Text(Text::Name),
            Default::Says("there is one"),
            "What a label names, where there is one environment for each label: groma up branch -each=fix-login.",
            r#""branch""#,
        )
        .own(),
        arg(
            "ttl",
            Type::Text(Text::Duration),
            Default::Says("until groma down"),
            "How long it lives after groma up.",
            r#""72h""#,
        )
        .own(),
        arg(
            "hosts",
            Type::Map(&Type::Either(&[Type::Text(Text::Host), Type::List(&Type::Text(Text::Host))])),
            Default::Says("the hosts of the services and buckets"),
            "Its host names, by service or bucket, where they are not the usual ones.",
            r#"{ web = "qa.levels.example" }"#,
        )
        .own(),
        arg(
            "zones",
            Type::Whole(1, 6),
            Default::Value("3"),
            "How many availability zones its own network has.",
            "2",
        ),
        arg(
            "cidr",
            Type::Text(Text::Cidr),
            Default::Says("the next free /16 of the platform's addresses, which is remembered"),
            "The addresses of its own network.",
            r#""10.30.0.0/16""#,
        )
        .own(),
        arg(
            "nat",
            NAT,
            Default::Value("auto"),
            "NAT gateways of its own network, as in network.",
            r#""single""#,
        ),
    ],
    attributes: &[
        ("name", "the block's name"),
        ("slug", "its name in names of resources and hosts: branch-fix-login"),
        ("label", "the label of -each, empty without one"),
        ("account", "the name of its account"),
        ("account_id", "the number of its account"),
        ("region", "its region"),
    ],
    ..BLOCK
};

pub(super) static IMAGE: BlockSpec = BlockSpec {
    keyword: "image",
    doc: "What instances start from, or what containers run: exactly one of from, build and uri.",
    example: r#"image "app" {
  from  = "ubuntu-24.04-arm64"
  setup = ["images/app.yml"]
}"#,
    args: &[
        arg(
            "from",
            Type::Text(Text::Machine),
            Default::Says("it is not a machine image"),
            "A machine image: a distribution, of which the newest release is taken, or an id.",
            r#""ubuntu-24.04-arm64""#,
        )
        .near(&["ami", "base"]),
        arg(
            "architecture",
            Type::Choice(facts::ARCHITECTURES),
            Default::Says("that of the name; must be written with an id"),
            "The architecture of a machine image that is given by id.",
            r#""arm64""#,
        )
        .near(&["arch"]),
        arg(
            "build",
            Type::Text(Text::Directory),
            Default::Says("it is not built"),
            "The directory of a Dockerfile, from which a container image is built and kept in a registry.",
            r#""services/api""#,
        )
        .near(&["dockerfile", "docker"]),
        arg(
            "uri",
            Type::Text(Text::Container),
            Default::Says("it is not a container image from elsewhere"),
            "A container image in a registry.",
            r#""docker.io/library/nginx:1.27""#,
        )
        .near(&["url", "container"]),
        arg(
            "setup",
            Type::List(&Type::Text(Text::File)),
            Default::Says("nothing"),
            "Files that set an instance up at its first start, run in this order and before a service's script: programs and shell scripts, and Ansible playbooks (.yml; Ansible is installed where the image has none, for which the service must reach a mirror: internet).",
            r#"["images/app.yml"]"#,
        )
        .near(&["playbook", "playbooks", "provision"]),
    ],
    ..BLOCK
};

pub(super) static PROVE: BlockSpec = BlockSpec {
    keyword: "prove",
    doc: "What must hold of who reaches whom, proved from each plan before it is applied: groma up stops if it is \
          refuted, and warns if it can be neither proved nor refuted. groma prove tells all about it.",
    example: r#"prove "isolation" {
  never     = ["staging -> prod", "branch -> branch.other", "internet -> database.*"]
  always    = ["internet -> service.web", "service.web -> database.main:5432/tcp"]
  no_egress = ["database.*"]
  exactly   = true
}"#,
    args: &[
        arg(
            "never",
            Type::List(&Type::Text(Text::Flow)),
            Default::Says("nothing"),
            "Connections that must not be possible, as \"FROM -> TO\", \"FROM -> TO:443/tcp\", \"FROM -> \
             TO:8000-8080\" or \"FROM -> TO:icmp\". Each end is internet, vpn, *, a range (10.0.0.0/8), an \
             environment (prod), another of its kind (branch.other), a component of any environment \
             (database.main, database.*), a component of one (prod.database.main), or a network \
             (network.tools). Even the first packet must not arrive.",
            r#"["staging -> prod"]"#,
        ),
        arg(
            "always",
            Type::List(&Type::Text(Text::Flow)),
            Default::Says("nothing"),
            "Connections that must be possible, in the same form: the first packet arrives, and the answer too.",
            r#"["internet -> prod.service.web"]"#,
        ),
        arg(
            "adds",
            Type::List(&Type::Text(Text::Flow)),
            Default::Says("nothing is said"),
            "Connections in the same form: after the apply exactly that is possible which was possible before, and \
             these. For changes that open something: a tunnel, a peering, a cutover.",
            r#"["vpn -> database.main:5432/tcp"]"#,
        ),
        arg(
            "exactly",
            Type::Bool,
            Default::Value("false"),
            "Whether nothing is possible but what the manifest declares with uses, on, hosts, tunnels, reaches and \
             balancers, and all of that is.",
            "true",
        ),
        arg(
            "no_egress",
            Type::List(&Type::Text(Text::Any)),
            Default::Says("nothing"),
            "Ends from which nothing may leave, to the internet or to networks behind a VPN.",
            r#"["database.*"]"#,
        ),
        arg(
            "nat",
            Type::List(&Type::Text(Text::Any)),
            Default::Says("nothing"),
            "Ends from which everything that leaves to the internet crosses a NAT gateway.",
            r#"["service.*"]"#,
        ),
        arg(
            "firewall",
            Type::List(&Type::Text(Text::Any)),
            Default::Says("nothing"),
            "Ends from which everything that leaves to the internet crosses a network firewall.",
            r#"["service.*"]"#,
        ),
        arg(
            "zone_loss",
            Type::Bool,
            Default::Value("false"),
            "Whether what always says must also hold when any one availability zone is lost.",
            "true",
        ),
        arg(
            "steps",
            Type::Bool,
            Default::Value("false"),
            "Whether what never says must also hold at every moment of the apply.",
            "true",
        ),
        arg(
            "public",
            Type::Bool,
            Default::Value("false"),
            "Whether never also counts ways that leave to the internet and come back by a public address, as \
             everybody can. Without it, internet -> ... is where that is said.",
            "true",
        ),
    ],
    ..BLOCK
};

pub(super) static ORGANIZATION: BlockSpec = BlockSpec {
    keyword: "organization",
    single: true,
    doc: "The AWS organisation: accounts that are made, and what holds in all of them. A manifest has one at most. It stays when the last environment goes down, and the registries of images with it.",
    example: r#"organization "exchange" {
  accounts   = { prod = { email = "aws-prod@exchange.example", unit = "workloads" } }
  units      = ["workloads"]
  guardrails = ["leave", "root-user"]
}"#,
    args: &[
        arg(
            "accounts",
            Type::Map(&Type::Either(&[Type::Text(Text::Email), Type::Object(MEMBER)])),
            Default::Says("none are made"),
            "Accounts to make, by name, with the mail address of the owner.",
            r#"{ prod = { email = "aws-prod@exchange.example", unit = "workloads" } }"#,
        ),
        arg("units", TEXTS, Default::Says("none"), "Organisational units.", r#"["workloads", "sandbox"]"#),
        arg(
            "guardrails",
            Type::List(&Type::Choice(&["leave", "root-user", "regions", "public-buckets", "cloudtrail"])),
            Default::Says("none"),
            "What nobody may do: leave the organisation, act as root user, use other regions, make buckets public, \
             stop the trail.",
            r#"["leave", "root-user", "regions"]"#,
        ),
        arg(
            "regions",
            Type::List(&Type::Text(Text::Region)),
            Default::Says("the platform's region"),
            "The regions that the guardrail \"regions\" leaves open.",
            r#"["eu-west-1", "us-east-1"]"#,
        ),
    ],
    ..BLOCK
};

const MEMBER: &[Arg] = &[
    arg(
        "email",
        Type::Text(Text::Email),
        Default::Required,
        "The mail address of the account's owner.",
        r#""aws-prod@exchange.example""#,
    ),
    arg(
        "unit",
        Type::Text(Text::Any),
        Default::Says("the root"),
        "The organisational unit that it is in.",
        r#""workloads""#,
    ),
];
