//! Data that a plan would destroy: named in every plan, and refused where the environment
//! is protected.

use super::Project;
use super::roots::Planned;
use super::show::component;
use crate::commands::Failure;
use groma_engine::{Action, PlanMode, ResourceChange};
use groma_lang::Diagnostic;
use groma_platform::compile::RootOf;
use groma_platform::record::Record;
use groma_platform::{Environment, NetworkRef};
use std::collections::{BTreeMap, BTreeSet};

/// Types of resources with data in them, or with something that cannot be made again as it
/// was (keys, pools of users, a domain's reputation as a sender). Those of Groma's modules,
/// and what others' modules have most.
const DATA: &[&str] = &[
    "aws_backup_vault",
    "aws_cognito_user_pool",
    "aws_db_instance",
    "aws_docdb_cluster",
    "aws_dynamodb_table",
    "aws_ebs_volume",
    "aws_ecr_repository",
    "aws_efs_file_system",
    "aws_elasticache_cluster",
    "aws_elasticache_replication_group",
    "aws_elasticache_serverless_cache",
    "aws_fsx_lustre_file_system",
    "aws_fsx_ontap_file_system",
    "aws_fsx_openzfs_file_system",
    "aws_fsx_windows_file_system",
    "aws_kinesis_stream",
    "aws_kms_key",
    "aws_memorydb_cluster",
    "aws_msk_cluster",
    "aws_msk_serverless_cluster",
    "aws_mq_broker",
    "aws_neptune_cluster",
    "aws_opensearch_domain",
    "aws_rds_cluster",
    "aws_redshift_cluster",
    "aws_s3_bucket",
    "aws_secretsmanager_secret",
    "aws_sesv2_email_identity",
    "aws_sns_topic",
    "aws_sqs_queue",
    "aws_timestreamwrite_table",
];

/// Components whose parts with data are by the way: what a function could not handle, who
/// is told of alarms.
const BY_THE_WAY: &[&str] = &["function.", "alarms"];

/// A component that a plan destroys or replaces, with its data.
pub struct Loss {
    /// The component: `database.main`; with the network that it is in, if it is shared.
    pub component: String,
    /// Whether another comes in its place.
    pub replaced: bool,
    /// What makes the replacement necessary: attributes.
    because: String,
}

impl std::fmt::Display for Loss {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = &self.component;
        match (self.replaced, self.because.as_str()) {
            (false, _) => write!(f, "{name} is destroyed with its data"),
            (true, "") => write!(f, "{name} is replaced by an empty one"),
            (true, why) => write!(f, "{name} is replaced by an empty one, because of {why}"),
        }
    }
}

fn key(a: &Planned, c: &ResourceChange) -> String {
    format!("{}:{}", a.root.name, c.addr)
}

/// Whether an object would be gone after a change.
fn goes(c: &ResourceChange) -> bool {
    c.action == Action::Delete || c.action.is_replace()
}

/// Whether AWS would refuse to delete an object: its deletion protection is on.
fn locked(c: &ResourceChange) -> bool {
    let on = |name: &str| c.before.get_attr(name).is_some_and(|v| v.unmark_deep().0.as_bool() == Some(true));
    c.addr.resource.ty.as_ref() == "aws_lb" && on("enable_deletion_protection")
}

/// The components that a plan destroys with their data, but for the objects of `but`; with
/// `all`, also those without data whose deletion protection is on.
fn found(a: &Planned, but: &BTreeSet<String>, all: bool) -> Vec<Loss> {
    let mut out: BTreeMap<String, Loss> = BTreeMap::new();
    for c in a.plan.changes.iter().filter(|c| goes(c) && !but.contains(&key(a, c))) {
        let name = component(c);
        let data = DATA.contains(&c.addr.resource.ty.as_ref());
        if !(data || all && locked(c)) || BY_THE_WAY.iter().any(|b| name.starts_with(b)) {
            continue;
        }
        let replaced = c.action != Action::Delete;
        let why: Vec<String> = c.required_replace.iter().map(ToString::to_string).collect();
        let loss = Loss { component: name.clone(), replaced, because: why.join(", ") };
        // What is destroyed altogether says more than what is replaced.
        let known = out.get(&name).is_some_and(|l| !l.replaced || replaced);
        if !known {
            out.insert(name, loss);
        }
    }
    out.into_values().collect()
}

/// The components that a plan destroys with their data.
pub fn losses(a: &Planned) -> Vec<Loss> {
    found(a, &BTreeSet::new(), false)
}

/// What plans make that will hold data, as [`groma_platform::record::Live::fresh`] has it.
pub fn fresh(all: &[Planned]) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for a in all {
        let made = a.plan.changes.iter().filter(|c| c.action == Action::Create);
        let made = made.filter(|c| {
            DATA.contains(&c.addr.resource.ty.as_ref()) || c.addr.resource.ty.as_ref() == "aws_lb"
        });
        out.extend(made.map(|c| key(a, c)));
    }
    out
}

/// Refuses plans that destroy what `protect` keeps. What a change made that never came to its
/// end may go, so that it can be taken back.
pub fn kept(p: &Project<'_>, env: &Environment, record: &Record, all: &[Planned]) -> Result<(), Failure> {
    let none = BTreeSet::new();
    let made = record.environments.get(&env.slug).map_or(&none, |l| &l.fresh);
    for a in all.iter().filter(|a| a.root.protect && a.plan.mode != PlanMode::Destroy) {
        let lost = found(a, made, true);
        if lost.is_empty() {
            continue;
        }
        let environments = p.manifest.environments();
        let by = environments.iter().filter(|e| e.protect).find(|e| match &a.root.of {
            RootOf::Environment(_) => e.name == env.name,
            RootOf::Network(n) => e.network == NetworkRef::Named(n.clone()),
            RootOf::Once => true,
        });
        let Some(by) = by else { continue };
        let names: Vec<&str> = lost.iter().map(|l| l.component.as_str()).collect();
        let list: Vec<String> = lost.iter().map(|l| format!("  - {l}")).collect();
        let summary = match &names[..] {
            [one] => format!("{one} of {} is protected", by.name),
            _ => format!("{} of {} are protected", names.join(", "), by.name),
        };
        let text = format!(
            "What the manifest says now would lose what protect = true keeps:\n{}\n\nNothing was done. If it is not to go, write it as it was. Nothing is renamed on AWS: under another name a component is another one, and empty. Declare the new one beside it, move the data, and remove the old one then. What is really to go goes in two steps: set protect = false and run this, and then change the rest:\n  {}",
            list.join("\n"),
            p.command("up", env)
        );
        return Err(p.s.fail(Diagnostic::error(summary, text).at(by.protect_span)));
    }
    Ok(())
}
