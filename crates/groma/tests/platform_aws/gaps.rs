//! What the AWS API servers lack: parts of manifests that they cannot bring up, and
//! attributes that they forget, so that a second plan has something to do.

use std::collections::BTreeSet;

/// An example and how it is brought up.
pub struct System {
    /// The example's name.
    pub name: &'static str,
    /// What is done with it, each beside servers of its own. Every environment is in one.
    pub lives: &'static [Life],
    /// Its region.
    pub region: &'static str,
    /// Roles in other accounts that it works in.
    pub roles: &'static [&'static str],
    /// What the manifest has to do without.
    pub edits: &'static [Edit],
}

/// Environments that are up together.
pub struct Life {
    /// Words for the command line, of each in the order in which they come up.
    pub environments: &'static [&'static [&'static str]],
    /// Which of them is parked and resumed.
    pub park: Option<&'static [&'static str]>,
    /// Whether it is also planned by `terraform` as if nothing were there.
    pub anew: bool,
    /// Whether AWS protects it, so that this has to end before it can go down.
    pub protected: bool,
    /// Whether it is in every run of the tests; the others are in `cargo xtask examples`.
    pub always: bool,
}

impl Life {
    /// For people: `levels:qa+branch`.
    pub fn name(&self, of: &System) -> String {
        let all: Vec<&str> = self.environments.iter().filter_map(|e| e.last().copied()).collect();
        format!("{}:{}", of.name, all.join("+"))
    }
}

/// As most lives are.
const LIFE: Life = Life { environments: &[], park: None, anew: true, protected: false, always: false };

/// A part that is taken out of a manifest.
pub struct Edit {
    /// This text, wherever it is,
    pub from: &'static str,
    /// becomes this.
    pub to: &'static str,
    /// What is then only in the sandbox; empty where it goes with the edit before.
    pub part: &'static str,
    /// What the servers lack.
    pub why: &'static str,
}

/// The examples. Together their environments have every module that the servers allow.
pub const SYSTEMS: &[System] = &[
    System {
        name: "simplemining",
        lives: &[
            Life { environments: &[&["dev"]], always: true, anew: false, ..LIFE },
            Life { environments: &[&["dev"], &["tools"]], ..LIFE },
            Life { environments: &[&["test"]], ..LIFE },
            Life { environments: &[&["prod"]], protected: true, ..LIFE },
        ],
        region: "eu-central-1",
        roles: &["arn:aws:iam::210987654321:role/groma"],
        edits: &[
            Edit {
                from: "cache \"sessions\" { except = [environment.tools] }\n",
                to: "",
                part: "the cache",
                why: "moto does not show the members of a replication group; MiniStack wants subnets of its own EC2, and the networks are in moto",
            },
            Edit { from: ", cache.sessions", to: "", part: "", why: "" },
            Edit {
                from: "mail \"out\" {\n  except = [environment.tools]\n  domain = \"smos.example\"\n}\n",
                to: "",
                part: "mail",
                why: "moto's GetConfigurationSet is malformed; MiniStack lacks PutEmailIdentityMailFromAttributes",
            },
            Edit { from: ", mail.out.send", to: "", part: "", why: "" },
            Edit {
                from: "vpn \"office\" {\n  only    = [environment.tools]\n  peer    = \"198.51.100.7\"\n  cidrs   = [\"192.168.10.0/24\"]\n  reaches = [service.monitoring]\n}\n",
                to: "",
                part: "the VPN",
                why: "moto lacks CreateVpnConnectionRoute, and the networks are in moto",
            },
            Edit {
                from: "[environment.dev.service.web, environment.test.service.web]",
                to: "[environment.dev.service.web]",
                part: "",
                why: "",
            },
        ],
    },
    System {
        name: "blockchain",
        lives: &[
            Life { environments: &[&["standby"]], park: Some(&["standby"]), always: true, ..LIFE },
            Life { environments: &[&["prod"]], protected: true, ..LIFE },
        ],
        region: "us-west-2",
        roles: &[],
        edits: &[],
    },
    System {
        name: "exchange",
        lives: &[
            Life {
                environments: &[&["-each=ada", "staging"]],
                park: Some(&["-each=ada", "staging"]),
                always: false,
                anew: false,
                ..LIFE
            },
            Life { environments: &[&["prod"]], protected: true, ..LIFE },
        ],
        region: "eu-west-1",
        roles: &["arn:aws:iam::210987654321:role/groma"],
        edits: &[
            Edit {
                from: "accounts  = [\"trading\"] # lent by RAM, as all networks are",
                to: "account = \"trading\"",
                part: "lending networks to accounts (they are made in the account that uses them)",
                why: "moto lacks ListResourceSharePermissions of RAM; MiniStack lacks the service",
            },
            Edit { from: "accounts = [\"trading\"]", to: "account = \"trading\"", part: "", why: "" },
            Edit {
                from: "  firewall  = [\"api.chainalysis.example\", \".amazonaws.com\"]\n",
                to: "",
                part: "the network firewalls",
                why: "moto lacks CreateRuleGroup of Network Firewall; MiniStack lacks the service",
            },
            Edit { from: "  firewall = [\".amazonaws.com\"]\n", to: "", part: "", why: "" },
            Edit {
                from: "cache \"quotes\" { replicas = 2 }\n",
                to: "",
                part: "the cache",
                why: "moto does not show the members of a replication group; MiniStack wants subnets of its own EC2, and the networks are in moto",
            },
            Edit { from: " cache.quotes,", to: "", part: "", why: "" },
            Edit { from: ", cache.quotes", to: "", part: "", why: "" },
            Edit {
                from: "stream \"trades\" {}\n",
                to: "",
                part: "the stream",
                why: "moto lacks CreateConfiguration of MSK; MiniStack lacks DescribeClusterV2",
            },
            Edit { from: "stream.trades.produce, ", to: "", part: "", why: "" },
            Edit { from: "stream.trades.consume, ", to: "", part: "", why: "" },
            Edit { from: ", \"internet -> stream.*\"", to: "", part: "", why: "" },
        ],
    },
    System {
        name: "dealtrak",
        lives: &[
            Life { environments: &[&["dev"]], park: Some(&["dev"]), always: false, anew: false, ..LIFE },
            Life {
                environments: &[&["dev"], &["-each=anne", "uat"]],
                park: Some(&["-each=anne", "uat"]),
                ..LIFE
            },
            Life { environments: &[&["live"]], protected: true, ..LIFE },
        ],
        region: "eu-west-2",
        roles: &[],
        edits: &[
            Edit {
                from: "cache \"sessions\" {\n  shards   = 2\n  replicas = 1\n}\n",
                to: "",
                part: "the cache",
                why: "moto does not show the members of a replication group; MiniStack wants subnets of its own EC2, and the networks are in moto",
            },
            Edit { from: " cache.sessions,", to: "", part: "", why: "" },
            Edit { from: ", cache.sessions", to: "", part: "", why: "" },
            Edit { from: ", \"internet -> cache.*\"", to: "", part: "", why: "" },
            Edit {
                from: "mail \"out\" { domain = \"dealtrak.example\" }\n",
                to: "",
                part: "mail",
                why: "moto's GetConfigurationSet is malformed; MiniStack lacks PutEmailIdentityMailFromAttributes",
            },
            Edit { from: "mail.out.send, ", to: "", part: "", why: "" },
            Edit {
                from: "vpn \"datacentre\" {\n  only    = [environment.live]\n  peer    = \"203.0.113.80\"\n  cidrs   = [\"172.20.0.0/16\"]\n  reaches = [database.deals.write] # the old MySQL replicates into Aurora\n}\n",
                to: "",
                part: "the VPN",
                why: "moto lacks CreateVpnConnectionRoute, and the networks are in moto",
            },
        ],
    },
    System {
        name: "levels",
        lives: &[
            Life {
                environments: &[&["staging"]],
                park: Some(&["staging"]),
                always: false,
                anew: false,
                ..LIFE
            },
            Life {
                environments: &[&["qa"], &["-each=login", "branch"]],
                park: Some(&["-each=login", "branch"]),
                ..LIFE
            },
            Life { environments: &[&["prod"]], protected: true, ..LIFE },
        ],
        region: "us-east-1",
        roles: &[],
        edits: &[],
    },
];

/// Something that a server does not keep.
pub struct Forgets {
    /// Where it shows.
    pub examples: &'static [&'static str],
    /// The type.
    pub ty: &'static str,
    /// Paths of attributes and blocks.
    pub paths: &'static [&'static str],
    /// What the server does.
    pub why: &'static str,
}

/// All of it.
pub const FORGETS: &[Forgets] = &[
    Forgets {
        examples: &["levels", "dealtrak", "simplemining"],
        ty: "aws_sqs_queue",
        paths: &["redrive_policy (spelling)"],
        why: "told with its keys in another order",
    },
    Forgets {
        examples: &["levels", "exchange"],
        ty: "aws_cloudfront_distribution",
        paths: &["default_cache_behavior.forwarded_values"],
        why: "values to forward are told where a cache policy says what is forwarded",
    },
    Forgets {
        examples: &["levels", "exchange"],
        ty: "aws_cloudfront_distribution",
        paths: &["viewer_certificate.cloudfront_default_certificate"],
        why: "the default certificate is told beside the own one",
    },
    Forgets {
        examples: &["levels"],
        ty: "aws_cloudfront_distribution",
        paths: &["origin.origin_access_control_id"],
        why: "not kept",
    },
    Forgets {
        examples: &["levels"],
        ty: "aws_lambda_function",
        paths: &["dead_letter_config"],
        why: "not kept",
    },
];

/// An example's entry.
pub fn system(name: &str) -> &'static System {
    SYSTEMS.iter().find(|s| s.name == name).unwrap_or_else(|| panic!("no system {name:?}"))
}

/// Types and paths that a second plan of an example would change.
pub fn forgotten(example: &str) -> BTreeSet<(String, String)> {
    FORGETS
        .iter()
        .filter(|f| f.examples.contains(&example))
        .flat_map(|f| f.paths.iter().map(|p| (f.ty.to_owned(), (*p).to_owned())))
        .collect()
}

/// The page about API servers.
pub fn page() -> String {
    let mut out = String::from(
        "# The examples and AWS API servers\n\nWhat moto and MiniStack lack or forget, for the example systems through the real AWS\nprovider. What they lack is brought up in the embedded AWS only. Each line below\nis one life, beside a server of its own: up, planned by `terraform` as by Groma,\nparked and resumed where it says so, down to nothing. Written by a test.\n",
    );
    for s in SYSTEMS {
        out.push_str(&format!("\n## {}\n\n", s.name));
        for life in s.lives {
            let environments: Vec<String> =
                life.environments.iter().map(|e| format!("`{}`", e.join(" "))).collect();
            let parked =
                life.park.map(|e| format!(", `{}` parked and resumed", e.join(" "))).unwrap_or_default();
            let when = if life.always { "" } else { " (by `cargo xtask examples` only)" };
            out.push_str(&format!("- {}: up{parked}, down to nothing{when}\n", environments.join(", ")));
        }
        let missing: Vec<_> = s.edits.iter().filter(|e| !e.part.is_empty()).collect();
        if !missing.is_empty() {
            out.push_str("\n| only in the sandbox | because |\n| --- | --- |\n");
            for e in missing {
                out.push_str(&format!("| {} | {} |\n", e.part, e.why));
            }
        }
    }
    out.push_str("\n## What is mended\n\nIn moto, before it serves the tests:\n\n");
    for line in groma_testkit::Moto::mended() {
        out.push_str(&format!("- {line}\n"));
    }
    out.push_str("\n## What moto forgets\n\nA plan after an up is not empty there, but names these.\n\n| type | what | why |\n| --- | --- | --- |\n");
    for f in FORGETS {
        out.push_str(&format!("| `{}` | {} | {} |\n", f.ty, f.paths.join(", "), f.why));
    }
    out
}
