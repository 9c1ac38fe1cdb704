//! The lives of the examples, and what the AWS API server forgets of them: attributes for
//! which a second plan has something to do.

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
    /// Whether, of the others, it was seen to its end at least once.
    pub seen: bool,
}

impl Life {
    /// For people: `levels:qa+branch`.
    pub fn name(&self, of: &System) -> String {
        let all: Vec<&str> = self.environments.iter().filter_map(|e| e.last().copied()).collect();
        format!("{}:{}", of.name, all.join("+"))
    }
}

/// As most lives are.
const LIFE: Life =
    Life { environments: &[], park: None, anew: true, protected: false, always: false, seen: false };

/// The examples, as they are in the tree.
pub const SYSTEMS: &[System] = &[
    System {
        name: "simplemining",
        lives: &[
            Life { environments: &[&["dev"]], always: true, anew: false, ..LIFE },
            Life { environments: &[&["dev"], &["test"], &["tools"]], seen: true, ..LIFE },
            Life { environments: &[&["prod"]], protected: true, seen: true, ..LIFE },
        ],
        region: "eu-central-1",
        roles: &["arn:aws:iam::210987654321:role/groma"],
    },
    System {
        name: "blockchain",
        lives: &[
            Life { environments: &[&["standby"]], park: Some(&["standby"]), always: true, ..LIFE },
            Life { environments: &[&["prod"]], protected: true, seen: true, ..LIFE },
        ],
        region: "us-west-2",
        roles: &[],
    },
    System {
        name: "exchange",
        lives: &[
            Life { environments: &[&["-each=ada", "staging"]], always: true, anew: false, ..LIFE },
            Life {
                environments: &[&["-each=ada", "staging"]],
                park: Some(&["-each=ada", "staging"]),
                anew: false,
                seen: true,
                ..LIFE
            },
            Life { environments: &[&["prod"]], protected: true, seen: true, ..LIFE },
        ],
        region: "eu-west-1",
        roles: &["arn:aws:iam::210987654321:role/groma"],
    },
    System {
        name: "dealtrak",
        lives: &[
            Life { environments: &[&["dev"]], always: true, anew: false, ..LIFE },
            Life {
                environments: &[&["dev"], &["-each=anne", "uat"]],
                park: Some(&["-each=anne", "uat"]),
                seen: true,
                ..LIFE
            },
            Life { environments: &[&["live"]], protected: true, seen: true, ..LIFE },
        ],
        region: "eu-west-2",
        roles: &[],
    },
    System {
        name: "levels",
        lives: &[
            Life {
                environments: &[&["staging"]],
                park: Some(&["staging"]),
                always: true,
                anew: false,
                ..LIFE
            },
            Life {
                environments: &[&["qa"], &["-each=login", "branch"]],
                park: Some(&["-each=login", "branch"]),
                seen: true,
                ..LIFE
            },
            Life { environments: &[&["prod"]], protected: true, seen: true, ..LIFE },
        ],
        region: "us-east-1",
        roles: &[],
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
        "# The examples and AWS API servers\n\nThe example systems as they are, with nothing left out, through the real AWS provider and\nagainst moto. Each line below is one life, beside a server of its own: up, planned by\n`terraform` as by Groma, parked and resumed where it says so, down to nothing. What moto\nlacks for that is mended in it, and what it forgets is in a table at the end. Written by a\ntest.\n",
    );
    for s in SYSTEMS {
        out.push_str(&format!("\n## {}\n\n", s.name));
        for life in s.lives {
            let environments: Vec<String> =
                life.environments.iter().map(|e| format!("`{}`", e.join(" "))).collect();
            let parked =
                life.park.map(|e| format!(", `{}` parked and resumed", e.join(" "))).unwrap_or_default();
            let when = match (life.always, life.seen) {
                (true, _) => "",
                (false, true) => " (by `cargo xtask examples` only)",
                (false, false) => " (by `cargo xtask examples` only; not yet seen to its end)",
            };
            out.push_str(&format!("- {}: up{parked}, down to nothing{when}\n", environments.join(", ")));
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
