//! What the AWS API servers lack: parts of manifests that they cannot bring up, and
//! attributes that they forget, so that a second plan has something to do.

use std::collections::BTreeSet;

/// An example and how it is brought up.
pub struct System {
    /// The example's name.
    pub name: &'static str,
    /// Words for the command line.
    pub environment: &'static [&'static str],
    /// Its region.
    pub region: &'static str,
    /// Roles in other accounts that it works in.
    pub roles: &'static [&'static str],
    /// What the manifest has to do without.
    pub edits: &'static [Edit],
}

/// A part that is taken out of a manifest.
pub struct Edit {
    /// This text, wherever it is,
    pub from: &'static str,
    /// becomes this.
    pub to: &'static str,
    /// What is then only in the sandbox, or nothing if it goes with the edit before.
    pub part: &'static str,
    /// What the servers lack.
    pub why: &'static str,
}

/// The examples.
pub const SYSTEMS: &[System] = &[
    System { name: "blockchain", environment: &["standby"], region: "us-west-2", roles: &[], edits: &[] },
    System { name: "levels", environment: &["staging"], region: "us-east-1", roles: &[], edits: &[] },
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
        examples: &["blockchain", "levels"],
        ty: "aws_launch_template",
        paths: &["tag_specifications"],
        why: "the template's own tags are added to those of what it makes",
    },
    Forgets {
        examples: &["blockchain", "levels"],
        ty: "aws_launch_template",
        paths: &["default_version", "latest_version"],
        why: "follows: a changed template has a new version",
    },
    Forgets {
        examples: &["blockchain", "levels"],
        ty: "aws_autoscaling_group",
        paths: &["launch_template.version"],
        why: "follows from the version of the launch template",
    },
    Forgets {
        examples: &["blockchain"],
        ty: "aws_autoscaling_group",
        paths: &["mixed_instances_policy.launch_template.launch_template_specification.version"],
        why: "follows from the version of the launch template",
    },
    Forgets {
        examples: &["blockchain", "levels"],
        ty: "aws_instance",
        paths: &["launch_template (replaced)"],
        why: "follows from the version of the launch template",
    },
    Forgets {
        examples: &["blockchain", "levels"],
        ty: "aws_iam_role_policy",
        paths: &["policy"],
        why: "follows: it names the bastion that is replaced",
    },
    Forgets {
        examples: &["blockchain", "levels"],
        ty: "aws_autoscaling_group",
        paths: &["default_instance_warmup"],
        why: "not kept",
    },
    Forgets {
        examples: &["blockchain", "levels"],
        ty: "aws_autoscaling_group",
        paths: &["capacity_reservation_specification.capacity_reservation_preference"],
        why: "an empty specification is told where there is none",
    },
    Forgets {
        examples: &["blockchain", "levels"],
        ty: "aws_autoscaling_policy",
        paths: &["enabled"],
        why: "not told; AWS says that it is",
    },
    Forgets {
        examples: &["blockchain", "levels"],
        ty: "aws_autoscaling_policy",
        paths: &["predictive_scaling_configuration"],
        why: "an empty configuration is told where there is none",
    },
    Forgets {
        examples: &["blockchain"],
        ty: "aws_db_instance",
        paths: &["performance_insights_enabled", "performance_insights_retention_period"],
        why: "not kept",
    },
    Forgets {
        examples: &["blockchain"],
        ty: "aws_db_parameter_group",
        paths: &["parameter"],
        why: "parameters are told without their source, so the provider takes them for defaults",
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
