//! Taking over what an interrupted run made without hearing of it: AWS had created it, and
//! the answer was lost. The next run would create it again; it is found by its tags, or by
//! the name that it was to have, and imported instead.

use super::roots::{Planned, plan_again};
use super::{Project, strays::Stray};
use crate::commands::Failure;
use crate::operation;
use groma_engine::{Action, Context, PlanMode, PlanOptions, Quiet, ResourceChange};
use groma_platform::compile::tag;
use groma_value::Value;
use groma_value::addr::{ResourceInstance, Target};
use std::sync::Arc;

/// Types that the list of tagged resources does not have, or that have no tags, and the
/// parts of the id that the provider imports them by, with what stands between.
const BY_NAME: &[(&str, &[&str], &str)] = &[
    ("aws_autoscaling_group", &["name"], ""),
    ("aws_autoscaling_policy", &["autoscaling_group_name", "name"], "/"),
    ("aws_autoscaling_schedule", &["autoscaling_group_name", "scheduled_action_name"], "/"),
    ("aws_iam_instance_profile", &["name"], ""),
    ("aws_iam_role", &["name"], ""),
    ("aws_iam_role_policy", &["role", "name"], ":"),
    ("aws_lambda_permission", &["function_name", "statement_id"], "/"),
    ("aws_route", &["route_table_id", "destination_cidr_block"], "_"),
    ("aws_route_table_association", &["subnet_id", "route_table_id"], "/"),
    ("aws_scheduler_schedule", &["group_name", "name"], "/"),
];

/// A text attribute of a value that is partly known.
fn known(v: &Value, name: &str) -> Option<String> {
    v.get_attr(name)?.unmark_deep().0.as_str().map(str::to_owned)
}

/// The tags that an object is to have, as far as they are known.
fn tags(v: &Value) -> Vec<(String, String)> {
    let all = v.get_attr("tags_all").map(|t| t.unmark_deep().0);
    let fields = all.as_ref().and_then(Value::as_fields);
    let pairs = fields.into_iter().flat_map(groma_value::Fields::iter);
    pairs.filter_map(|(k, v)| Some((k.to_string(), v.as_str()?.to_owned()))).collect()
}

/// Whether a stray is what a change is to create.
fn fits(c: &ResourceChange, stray: &Stray) -> bool {
    let wanted = tags(&c.after);
    stray.types.iter().any(|t| **t == *c.addr.resource.ty)
        && wanted.iter().any(|(k, _)| *k == tag("platform"))
        && wanted.iter().all(|(k, v)| stray.tags.get(k) == Some(v))
}

/// The strays that a change can be: the one with its name, or all with its tags if nothing
/// else of its type is to have them. Rules into and out of a group have one form of ARN.
fn candidates<'s>(c: &ResourceChange, creates: &[&ResourceChange], strays: &'s [Stray]) -> Vec<&'s Stray> {
    let all: Vec<&Stray> = strays.iter().filter(|s| fits(c, s)).collect();
    let names = ["name", "bucket", "identifier", "cluster_identifier", "family"];
    if let Some(name) = names.iter().find_map(|n| known(&c.after, n)) {
        let named = |s: &&&Stray| s.id == name || s.id.rsplit(['/', ':']).next() == Some(name.as_str());
        if let Some(s) = all.iter().find(named) {
            return vec![*s];
        }
    }
    let same =
        |o: &&&ResourceChange| o.addr.resource.ty == c.addr.resource.ty && tags(&o.after) == tags(&c.after);
    if creates.iter().filter(same).count() == 1 { all } else { Vec::new() }
}

/// The id of what has no tags, from what is known of it.
fn by_name(c: &ResourceChange) -> Option<String> {
    let (_, parts, between) = BY_NAME.iter().find(|(t, ..)| *t == &*c.addr.resource.ty)?;
    let parts: Option<Vec<String>> = parts.iter().map(|p| known(&c.after, p)).collect();
    Some(parts?.join(between))
}

/// What a plan would create although an interrupted run made it: addresses, and the ids
/// to import. The working directory must be the root module's.
pub fn found(
    p: &Project<'_>,
    planned: &Planned,
    strays: &[Stray],
) -> Result<Vec<(ResourceInstance, String)>, Failure> {
    let creates: Vec<&ResourceChange> =
        planned.plan.changes.iter().filter(|c| c.action == Action::Create && c.deposed.is_none()).collect();
    // Most of what is looked for is not there, which is nothing to tell.
    let cx = &planned.ready.context;
    let quiet = p.s.context(
        cx.config.clone(),
        cx.providers.clone(),
        cx.schemas.clone(),
        cx.parallelism,
        Arc::new(Quiet),
    );
    let mut out = Vec::new();
    for c in &creates {
        let mut ids: Vec<String> =
            candidates(c, &creates, strays).into_iter().map(|s| s.id.clone()).collect();
        if ids.is_empty() {
            ids.extend(by_name(c));
        }
        let mut there = Vec::new();
        for id in ids {
            if exists(p, &quiet, planned, c, &id)? {
                there.push(id);
            }
        }
        // Of two that it can be, neither is taken: they are named in the end.
        if let [id] = &there[..] {
            out.push((c.addr.clone(), id.clone()));
        }
    }
    Ok(out)
}

/// Whether an id can be imported to an address, and what is there has the platform's tags.
fn exists(
    p: &Project<'_>,
    cx: &Context,
    planned: &Planned,
    c: &ResourceChange,
    id: &str,
) -> Result<bool, Failure> {
    let options = PlanOptions {
        mode: PlanMode::RefreshOnly,
        variables: planned.ready.variables.clone(),
        targets: vec![Target::Instance(c.addr.clone())],
        imports: vec![(c.addr.clone(), id.to_owned())],
        refresh: false,
        ..PlanOptions::default()
    };
    let state = planned.manager.file().state.clone();
    let run = groma_engine::plan(cx, &state, &options);
    let Some((plan, diags)) = operation::run(p.s, run) else {
        return Err("Planning was abandoned.".to_owned().into());
    };
    let Some(object) = plan.prior.current(&c.addr).filter(|_| !diags.has_errors()) else { return Ok(false) };
    // Somebody else's of the same name is left to AWS to refuse.
    let attributes: serde_json::Value = serde_json::from_str(&object.attributes).unwrap_or_default();
    let there = attributes.get("tags_all").or_else(|| attributes.get("tag"));
    let ours = |key: &str, value: &str| match there {
        Some(serde_json::Value::Object(tags)) => tags.get(key).is_some_and(|v| v == value),
        // Autoscaling groups have a list of them.
        Some(serde_json::Value::Array(list)) => list
            .iter()
            .any(|t| t.get("key").is_some_and(|k| k == key) && t.get("value").is_some_and(|v| v == value)),
        _ => true,
    };
    let place = tag(match planned.root.name.strip_prefix("network-") {
        Some(_) => "network",
        None => "environment",
    });
    let name = planned.root.name.strip_prefix("network-").unwrap_or(&planned.root.name);
    Ok(ours(&tag("platform"), &p.manifest.platform.name) && ours(&place, name))
}

/// Plans a root module again with what was found. The working directory must be its own.
pub fn adopt(p: &Project<'_>, planned: &mut Planned, strays: &[Stray]) -> Result<(), Failure> {
    let imports = found(p, planned, strays)?;
    if imports.is_empty() {
        return Ok(());
    }
    planned.imports = imports;
    planned.plan = plan_again(p.s, &planned.ready, &planned.manager, planned.plan.mode, &planned.imports)?;
    Ok(())
}
