//! Switching off what keeps AWS from deleting things that an approved plan deletes. The
//! arguments that would do it are in the state alone where a component is no longer in the
//! manifest: destroying looks at nothing else.

use super::Project;
use super::roots::Planned;
use crate::commands::Failure;
use groma_aws::rds;
use groma_engine::{Action, ResourceChange};
use groma_platform::compile::Root;
use groma_state::State;
use serde_json::{Value, json};
use std::sync::Arc;

/// Arguments that only the provider looks at when it destroys something, and what lets it
/// do so: what `protect = false` would have set.
const ARGUMENTS: &[(&str, &str, Lets)] = &[
    ("aws_s3_bucket", "force_destroy", Lets::True),
    ("aws_route53_zone", "force_destroy", Lets::True),
    ("aws_ecr_repository", "force_delete", Lets::True),
    ("aws_db_instance", "skip_final_snapshot", Lets::True),
    ("aws_rds_cluster", "skip_final_snapshot", Lets::True),
    ("aws_elasticache_replication_group", "final_snapshot_identifier", Lets::Null),
];

#[derive(Clone, Copy)]
enum Lets {
    True,
    Null,
}

impl Lets {
    fn value(self) -> Value {
        match self {
            Lets::True => Value::Bool(true),
            Lets::Null => Value::Null,
        }
    }
}

/// What has a deletion protection of AWS's own that is on.
enum Locked {
    Database(rds::Kind, String),
    LoadBalancer(String),
}

/// The deletion protection of an object, if it is on.
fn locked(c: &ResourceChange) -> Option<Locked> {
    let attr = |name: &str| c.before.get_attr(name).map(|v| v.unmark_deep().0);
    let on = |name: &str| attr(name).is_some_and(|v| v.as_bool() == Some(true));
    let id = |name: &str| attr(name).and_then(|v| v.as_str().map(str::to_owned));
    match c.addr.resource.ty.as_ref() {
        "aws_db_instance" if on("deletion_protection") => {
            Some(Locked::Database(rds::Kind::Instance, id("identifier")?))
        }
        "aws_rds_cluster" if on("deletion_protection") => {
            Some(Locked::Database(rds::Kind::Cluster, id("cluster_identifier")?))
        }
        "aws_lb" if on("enable_deletion_protection") => Some(Locked::LoadBalancer(id("arn")?)),
        _ => None,
    }
}

/// Before a plan is carried out: lets AWS delete what it destroys or replaces. Whether
/// anything had to be done for it, so that the plan has to be made again. The working
/// directory must be the root module's.
///
/// Where the environment is protected, what goes was made by a change that did not come to
/// its end; it leaves its last snapshot, and buckets with something in them stay.
pub fn protection(p: &Project<'_>, planned: &mut Planned) -> Result<bool, Failure> {
    // Of a root module that the manifest has no longer, and of which nothing is remembered,
    // nobody knows whether it was protected. AWS does.
    let declared = !planned.root.modules.is_empty();
    if !declared && !p.recorded()?.roots.contains_key(&planned.root.name) {
        return Ok(false);
    }
    let goes = |c: &&ResourceChange| c.action == Action::Delete || c.action.is_replace();
    let going: Vec<&ResourceChange> = planned.plan.changes.iter().filter(goes).collect();
    let mut done = false;
    for what in going.iter().filter_map(|c| locked(c)) {
        unlock(p, &planned.root, &what)?;
        done = true;
    }
    if planned.root.protect {
        return Ok(done);
    }
    let mut state = planned.manager.file().state.clone();
    let mut edited = false;
    for c in going {
        edited |= allow(&mut state, c);
    }
    if edited {
        p.s.save_state(&mut planned.manager, state)?;
    }
    Ok(done || edited)
}

/// Sets in a state what lets the provider destroy an object. Whether it was not so.
fn allow(state: &mut State, c: &ResourceChange) -> bool {
    let module = c.addr.module.clone();
    let Some((_, r)) =
        state.resources.iter_mut().find(|(a, _)| a.module == module && a.resource == c.addr.resource)
    else {
        return false;
    };
    let instances = &mut Arc::make_mut(r).instances;
    let Some(object) = instances.get_mut(&c.addr.key).and_then(|i| i.current.as_mut()) else { return false };
    let Ok(Value::Object(mut attributes)) = serde_json::from_str::<Value>(&object.attributes) else {
        return false;
    };
    let mut edited = false;
    for (ty, name, lets) in ARGUMENTS {
        if c.addr.resource.ty.as_ref() != *ty {
            continue;
        }
        match attributes.get_mut(*name) {
            Some(v) if *v != lets.value() => {
                *v = lets.value();
                edited = true;
            }
            _ => {}
        }
    }
    if edited {
        Arc::make_mut(object).attributes = Value::Object(attributes).to_string().into();
    }
    edited
}

/// Switches a deletion protection off.
fn unlock(p: &Project<'_>, root: &Root, what: &Locked) -> Result<(), Failure> {
    if let Some(s) = p.s.sandbox.get() {
        let (service, action, body) = match what {
            Locked::Database(rds::Kind::Instance, id) => (
                "rds",
                "ModifyDBInstance",
                json!({ "DBInstanceIdentifier": id, "DeletionProtection": false }),
            ),
            Locked::Database(rds::Kind::Cluster, id) => {
                ("rds", "ModifyDBCluster", json!({ "DBClusterIdentifier": id, "DeletionProtection": false }))
            }
            Locked::LoadBalancer(arn) => {
                let off = json!([{ "Key": "deletion_protection.enabled", "Value": "false" }]);
                let body = json!({ "LoadBalancerArn": arn, "Attributes": off });
                ("elasticloadbalancing", "ModifyLoadBalancerAttributes", body)
            }
        };
        s.world().call(service, action, &body).map_err(|e| format!("{action}: {e}"))?;
        return Ok(());
    }
    let declared = p.manifest.platform.accounts.iter().find(|a| a.name == root.account).cloned();
    let account = match declared {
        Some(a) => a,
        None => p.account_of(&p.kept(&p.recorded()?, &root.name)),
    };
    let caller = p.caller(&account, &root.region)?;
    let done = match what {
        Locked::Database(kind, id) => rds::unprotect(&caller, *kind, id),
        Locked::LoadBalancer(arn) => caller
            .call_query(
                "elasticloadbalancing",
                "2015-12-01",
                "ModifyLoadBalancerAttributes",
                &[
                    ("LoadBalancerArn", arn),
                    ("Attributes.member.1.Key", "deletion_protection.enabled"),
                    ("Attributes.member.1.Value", "false"),
                ],
            )
            .map(|_| ()),
    };
    done.map_err(|e| format!("The deletion protection cannot be switched off: {e}").into())
}
