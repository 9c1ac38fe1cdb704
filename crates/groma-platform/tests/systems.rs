//! What of the five example systems their manifests cover: each part is found in the
//! root modules that are compiled, or is named as missing. `docs/systems.md` is written
//! from this table; with `GROMA_UPDATE=1` it is written anew.

use groma_lang::{Diagnostics, Sources};
use groma_platform::compile::{Compiler, allocate, local_backend};
use groma_platform::manifest::Manifest;
use groma_platform::record::{Live, Record};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// How a part of a system is covered.
enum By {
    /// Root modules call this module, with a line that has this text.
    Module(&'static str, &'static str),
    /// Root modules have this text.
    Text(&'static str),
    /// The manifest has this text; it needs nothing in AWS.
    Manifest(&'static str),
    /// Not yet, and why.
    NotYet(&'static str),
}
use By::{Manifest as Said, Module, NotYet, Text};

type Parts = &'static [(&'static str, By)];

const SYSTEMS: &[(&str, Parts)] = &[
    (
        "simplemining",
        &[
            ("Three environments over two accounts", Text("210987654321")),
            ("Each environment in its own VPC", Said("network \"test\"")),
            ("Everything private but a load balancer", Module("load-balancer", "public_subnet_ids")),
            ("The load balancer admits Cloudflare's ranges only", Module("ingress-list", "173.245.48.0/20")),
            (
                "DNS, WAF and DDoS protection at Cloudflare",
                NotYet("needs the Cloudflare provider beside the AWS one"),
            ),
            ("nginx + PHP instances, ARM", Module("service-instances", "c7g.large")),
            ("Websockets: long idle timeout, connection draining", Module("load-balancer", "3600")),
            (
                "Golden images from Ansible playbooks",
                NotYet(
                    "image blocks name them, and instances run them at their first start; images are not built of it yet",
                ),
            ),
            ("Aurora MySQL cluster", Module("database", "aurora-mysql-8.0")),
            (
                "Users and grants in the database",
                NotYet(
                    "every service gets the master secret; users of its own need a connection into the network",
                ),
            ),
            ("A tools network that reaches the environments", Module("peering", "accepter")),
            ("Staff come in by VPN only", Module("vpn", "peer_ip")),
            ("Park, resume and scale with an audit trail", Module("park", "clusters")),
            ("Mail", Module("mail", "smos.example")),
            ("Notifications", Module("topic", "subscriptions")),
            ("Certificates", Module("load-balancer", "hosts")),
            ("Metrics and alarms", Module("alarms", "services")),
            ("Roles", Module("service-instances", "statements")),
        ],
    ),
    (
        "blockchain",
        &[
            ("VPC, gateways, public and private subnets, route tables", Module("network", "cidr")),
            ("NAT for the miner", Module("network", "zonal")),
            ("A public web tier", Module("load-balancer", "explorer.chain.example")),
            ("A private database that only the web tier reaches on 3306", Module("connection", "3306")),
            ("A miner that reaches the internet through NAT", Module("connection", "8333")),
            ("SSH only from inside", Module("access", "allow_cidrs")),
            ("Instances that set themselves up", Module("service-instances", "script")),
            ("Autoscaling groups in several zones, load balancing", Module("service-instances", "max")),
            ("Regional failover", Text("us-west-2")),
            (
                "Switching over to the other region",
                NotYet("the standby environment exists; moving data and names is done by hand"),
            ),
        ],
    ),
    (
        "exchange",
        &[
            ("An organisation with accounts and policies", Module("organization", "guardrails")),
            (
                "Single sign-on",
                NotYet("access trusts roles of a single sign-on group; permission sets are made elsewhere"),
            ),
            ("Networks lent to other accounts", Module("share", "principals")),
            ("Stagings that developers bring up themselves", Said("each    = \"developer\"")),
            ("A network firewall", Module("network", "firewall")),
            (
                "Containers on ECS next to instances in autoscaling groups",
                Module("service-containers", "fargate"),
            ),
            ("Kafka between services", Module("stream", "kafka_version")),
            ("Aurora with reader endpoints", Text("reader_endpoint")),
            ("Redis", Module("cache", "replicas")),
            ("S3 instead of shared disks", Module("bucket", "statements")),
            ("A CDN with WAF in front", Module("edge", "CLOUDFRONT")),
            (
                "Settings reach instances through SSM parameters",
                Module("service-instances", "parameter_prefix"),
            ),
            ("Secrets come from Secrets Manager", Module("secret", "exchange/")),
            (
                "Deploys that are parallel and fast",
                NotYet("services roll when their image changes; a deploy command is not there yet"),
            ),
            ("Policies with negative tests", Said("never =")),
        ],
    ),
    (
        "dealtrak",
        &[
            ("ECS on EC2 and Fargate", Module("container-cluster", "both")),
            ("One image for dev, UAT and live; ECR", Module("registry", "dealtrak-app")),
            (
                "A deploy that builds, pushes and rolls",
                NotYet("the service rolls with a circuit breaker; building and pushing are done elsewhere"),
            ),
            ("UAT environments on demand", Said("each    = \"deal\"")),
            ("Aurora, encrypted", Module("database", "aurora-mysql-8.0")),
            ("Redis replication group in cluster mode", Module("cache", "shards")),
            ("SQS", Module("queue", "visibility_seconds")),
            ("S3 for encrypted documents", Module("bucket", "documents")),
            ("Route 53", Module("load-balancer", "portal.dealtrak.example")),
            ("Alarms", Module("alarms", "databases")),
            (
                "Alarms that repair",
                NotYet("instances and tasks are replaced when unhealthy; alarms only tell"),
            ),
            ("Separate private subnets for application and data", Text("data_subnet_ids")),
            ("Database and cache reached from the application only", Module("connection", "6379")),
            ("A site-to-site VPN", Module("vpn", "172.20.0.0/16")),
            ("A bastion created when needed", Module("access", "session_hours")),
            (
                "The cutover from the old MySQL",
                NotYet(
                    "the tunnel and the edge into Aurora exist; the steps of the cutover are not there yet",
                ),
            ),
        ],
    ),
    (
        "levels",
        &[
            ("Production in one VPC over four zones", Module("network", "zones      = 4")),
            (
                "Non-production shares a VPC, its load balancer and its Aurora",
                Text("local.shared.database_main"),
            ),
            ("Nothing in non-production reaches production", Said("staging -> prod")),
            (
                "REST API behind a load balancer on an autoscaling group",
                Module("service-instances", "cpu_target"),
            ),
            ("Background workers fed by SQS", Module("service-instances", "backlog")),
            ("Thumbnails by Lambda when an upload lands", Module("function", "invokers")),
            ("A copy of the original in a backup bucket", Module("bucket", "replica")),
            (
                "Aurora MySQL with a reader, failover, point-in-time restore",
                Module("database", "backup_days"),
            ),
            (
                "Buckets per environment and class of asset, each with its own rights",
                Module("bucket", "levels-prod-config"),
            ),
            ("CloudFront with HTTPS before the public ones", Module("cdn", "media.levels.example")),
            ("Parameters and secrets with permissions by prefix", Module("secret", "levels/prod/app")),
            (
                "Access through a bastion with an allow-list and a tunnel to the database",
                Module("access", "203.0.113.0/24"),
            ),
            (
                "Per-person keys",
                NotYet("people come in with their own identity through Session Manager; there are no keys"),
            ),
            (
                "Images are rebuilt and rolled",
                NotYet("groups roll when the image changes; building is not there yet"),
            ),
            (
                "The application deploys in place",
                NotYet("the role and the bucket for bundles exist; a deploy command is not there yet"),
            ),
            ("Documentation from the code", Said("platform \"levels\"")),
        ],
    ),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The texts of all root modules of an example.
fn texts(name: &str) -> (String, BTreeMap<String, String>) {
    let dir = root().join("examples").join(name);
    let (sources, mut diags) = (Sources::new(), Diagnostics::new());
    let manifest = Manifest::load(&dir, &sources, &mut diags).unwrap_or_else(|| panic!("{name}: {diags:?}"));
    let mut record = Record::default();
    let mut slugs = Vec::new();
    for e in manifest.environments() {
        let label = e.each.as_ref().map(|_| "one".to_owned());
        let env = manifest.environment(&e.name, label.as_deref()).expect("an environment");
        let live = Live { name: e.name.clone(), label, since: 1, complete: true, ..Live::default() };
        record.environments.insert(env.slug.clone(), live);
        slugs.push(env);
    }
    allocate(&manifest, &mut record).expect("addresses");
    let backend = |root: &str| local_backend("../../state", root);
    let c = Compiler { manifest: &manifest, record: &record, backend: &backend };
    let mut out = BTreeMap::new();
    for env in &slugs {
        for r in c.roots(env).unwrap_or_else(|d| panic!("{name} {}: {d:?}", env.slug)) {
            for (file, bytes) in r.files {
                out.insert(format!("{}/{file}", r.name), String::from_utf8_lossy(&bytes).into_owned());
            }
        }
    }
    let text = std::fs::read_to_string(dir.join("groma.hcl")).expect("a manifest");
    (text, out)
}

/// The module calls of a source, as texts.
fn calls<'a>(files: &'a BTreeMap<String, String>, module: &str) -> Vec<&'a str> {
    let source = format!("modules/{module}\"");
    let blocks = files.values().flat_map(|t| t.split("\nmodule \""));
    blocks.filter(|b| b.lines().nth(1).is_some_and(|l| l.contains(&source))).collect()
}

#[test]
fn every_part_of_every_system_is_covered_or_named() {
    let mut doc = String::from(
        "# The example systems\n\nWhat of each system its manifest in `examples/` brings up. This table is written by a\ntest that finds each part in the compiled root modules.\n",
    );
    let mut missing = Vec::new();
    for (name, parts) in SYSTEMS {
        let (manifest, files) = texts(name);
        doc.push_str(&format!("\n## {name}\n\n| part | covered by |\n| --- | --- |\n"));
        for (part, by) in *parts {
            let how = match by {
                Module(module, text) => {
                    if !calls(&files, module).iter().any(|c| c.contains(text)) {
                        missing.push(format!("{name}: {part}: no call of {module} with {text:?}"));
                    }
                    format!("module `{module}`")
                }
                Text(text) => {
                    if !files.values().any(|f| f.contains(text)) {
                        missing.push(format!("{name}: {part}: no root module has {text:?}"));
                    }
                    "root modules".to_owned()
                }
                Said(text) => {
                    if !manifest.contains(text) {
                        missing.push(format!("{name}: {part}: the manifest lacks {text:?}"));
                    }
                    "the manifest".to_owned()
                }
                NotYet(why) => format!("not yet: {why}"),
            };
            doc.push_str(&format!("| {part} | {how} |\n"));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
    let path = root().join("docs/systems.md");
    if std::env::var_os("GROMA_UPDATE").is_some() {
        std::fs::write(&path, &doc).expect("docs/systems.md");
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(there, doc, "docs/systems.md is not what the test writes; run it with GROMA_UPDATE=1");
}

#[test]
fn manifests_are_short() {
    for (name, _) in SYSTEMS {
        let text = std::fs::read_to_string(root().join("examples").join(name).join("groma.hcl"))
            .expect("a manifest");
        assert!(text.lines().count() < 100, "{name} has {} lines", text.lines().count());
    }
}
