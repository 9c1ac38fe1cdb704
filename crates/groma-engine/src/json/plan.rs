//! A plan as JSON.

use super::state::{ModuleTree, resource_header, schema_of};
use super::value::{Obj, attributes, key, known, object, path, plain, sensitive_as_bool, unknown_as_bool};
use super::{checks, configuration, state};
use crate::context::SchemaMap;
use crate::deferral::DeferredChange;
use crate::plan::{Action, Importing, OutputChange, Plan, PlanMode, ResourceChange};
use groma_config::Config;
use groma_lang::{Diagnostic, Sources};
use groma_state::{OutputValue, TERRAFORM_VERSION};
use groma_value::addr::{Mode, ModuleInstance};
use groma_value::{Path, Type, Value, json};
use serde_json::Value as Json;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// A plan as `show -json` prints it, format version 1.2. `config` and `sources`
/// are those that the plan was made from.
///
/// Fails only as [`super::state_json`] does, for the prior state.
pub fn plan_json(
    plan: &Plan,
    config: &Config,
    schemas: &SchemaMap,
    sources: &Sources,
) -> Result<Json, Diagnostic> {
    let mut out = Obj::new();
    out.put("format_version", "1.2").put("terraform_version", TERRAFORM_VERSION);
    out.filled("variables", variables(plan, config));
    out.put("planned_values", planned_values(plan, schemas));
    out.filled("resource_drift", changes(&shown_drift(plan)));
    out.filled("resource_changes", changes(&plan.changes.iter().collect::<Vec<_>>()));
    out.filled("deferred_changes", deferred_changes(plan));
    out.filled("output_changes", object(plan.outputs.iter().map(|(n, o)| (n, output_change(o)))));
    let outputs = prior_outputs(plan);
    if !(plan.prior.resources.is_empty() && outputs.is_empty()) {
        let prior = state::values(&plan.prior, &outputs, TERRAFORM_VERSION, schemas)?;
        out.put("prior_state", prior.json());
    }
    out.put("configuration", configuration::configuration(config, schemas, sources));
    out.filled("relevant_attributes", relevant(plan));
    out.filled("action_invocations", plan.invocations.iter().map(invocation).collect());
    out.filled("checks", checks::of_plan(&plan.checks, config));
    out.put("timestamp", &*plan.timestamp);
    out.put("applyable", plan.applyable()).put("complete", plan.complete).put("errored", plan.errored);
    Ok(out.json())
}

/// An action to be invoked, as Terraform 1.14 shows it.
fn invocation(i: &crate::actions::Invocation) -> Json {
    let mut out = Obj::new();
    out.put("address", i.addr.to_string()).put("type", &*i.addr.ty).put("name", &*i.addr.name);
    out.put("config_values", plain(&i.config));
    out.put("config_sensitive", sensitive_as_bool(&i.config));
    if !i.config.is_wholly_known() {
        out.put("config_unknown", unknown_as_bool(&i.config));
    }
    out.put("provider_name", i.provider.provider.provider.to_string());
    match &i.trigger {
        Some(t) => {
            let mut trigger = Obj::new();
            trigger.put("triggering_resource_address", t.resource.to_string());
            let event = t.event.as_str().split('_').map(|w| w[..1].to_uppercase() + &w[1..]);
            trigger.put("action_trigger_event", event.collect::<String>());
            trigger.put("action_trigger_block_index", t.block).put("actions_list_index", t.index);
            out.put("lifecycle_action_trigger", trigger.json());
        }
        None => _ = out.put("invoke_action_trigger", Json::Object(Default::default())),
    }
    out.json()
}

/// Values of root variables: those that were given, and defaults of the others.
fn variables(plan: &Plan, config: &Config) -> Json {
    let declared = &config.root.module.variables;
    let mut all: BTreeMap<&str, &Value> = BTreeMap::new();
    for (name, v) in &plan.variables {
        // What is ephemeral does not outlive the run.
        let ephemeral = declared.get(name).is_some_and(|d| d.ephemeral);
        if v.set && !ephemeral {
            all.insert(name, &v.value);
        }
    }
    for (name, d) in declared {
        if let Some(default) = &d.default {
            all.entry(name).or_insert(default);
        }
    }
    object(all.into_iter().map(|(n, v)| {
        let mut out = Obj::new();
        out.put("value", plain(v));
        (n, out.json())
    }))
}

fn planned_values(plan: &Plan, schemas: &SchemaMap) -> Json {
    let mut out = Obj::new();
    let outputs = plan.outputs.iter().filter(|(_, o)| o.action != Action::Delete).map(|(n, o)| {
        let mut out = Obj::new();
        out.put("sensitive", o.sensitive);
        if o.after.is_wholly_known() {
            // Of a null that is planned, the type is not kept.
            let ty = if o.after.is_null() { Type::Dynamic } else { o.after.ty() };
            out.put("type", json::type_to_json(&ty)).put("value", plain(&o.after));
        }
        (n, out.json())
    });
    out.filled("outputs", object(outputs));
    let mut shown: Vec<(String, &ResourceChange)> = plan
        .changes
        .iter()
        .filter(|c| {
            c.deposed.is_none() && c.action != Action::Delete && c.addr.resource.mode != Mode::Ephemeral
        })
        .map(|c| (c.addr.to_string(), c))
        .collect();
    // Here, unlike elsewhere, the order is that of the texts.
    shown.sort_by(|a, b| a.0.cmp(&b.0));
    let mut tree = ModuleTree::default();
    for (_, c) in shown {
        tree.module(&c.addr.module).resources.push(planned_resource(c, schemas));
    }
    out.put("root_module", tree.root.json(&ModuleInstance::root()));
    out.json()
}

fn planned_resource(c: &ResourceChange, schemas: &SchemaMap) -> Json {
    let mut out = resource_header(&c.addr.abs_resource(), &c.addr.key, &c.provider);
    let schema = schema_of(schemas, &c.provider, c.addr.resource.mode, &c.addr.resource.ty);
    out.put("schema_version", schema.map_or(c.schema_version, |s| s.version));
    out.opt("values", attributes(&c.after).filter(|v| v.as_object().is_some_and(|o| !o.is_empty())));
    out.put("sensitive_values", sensitive_as_bool(&c.after));
    out.json()
}

/// Changes outside. A mere move is among the planned changes already, except when
/// there are none.
fn shown_drift(plan: &Plan) -> Vec<&ResourceChange> {
    let all = plan.mode == PlanMode::RefreshOnly;
    plan.drift.iter().filter(|c| all || c.action != Action::NoOp).collect()
}

/// The order of changes: shorter modules first, then modules, data sources,
/// types, names and keys.
pub(super) fn order(a: &ResourceChange, b: &ResourceChange) -> Ordering {
    let depth = |c: &ResourceChange| c.addr.module.steps().len();
    depth(a).cmp(&depth(b)).then_with(|| a.addr.cmp(&b.addr)).then_with(|| a.deposed.cmp(&b.deposed))
}

fn changes(all: &[&ResourceChange]) -> Json {
    // That data is no longer there is nobody's concern.
    let shown = |c: &&&ResourceChange| c.addr.resource.mode != Mode::Data || c.action != Action::Delete;
    let mut sorted: Vec<&ResourceChange> = all.iter().filter(shown).copied().collect();
    sorted.sort_by(|a, b| order(a, b));
    sorted.into_iter().map(resource_change).collect()
}

/// What is put off: the change as far as it is known, and why.
fn deferred_changes(plan: &Plan) -> Json {
    let mut sorted: Vec<&DeferredChange> = plan.deferred.iter().collect();
    sorted.sort_by(|a, b| order(&a.change, &b.change));
    let one = |d: &DeferredChange| {
        let mut change = resource_change(&d.change);
        // An address says which of its keys are not known.
        let pattern = d.pattern();
        let module = pattern.strip_suffix(&format!(".{}", d.resource_pattern())).map(str::to_owned);
        change["address"] = pattern.into();
        if let Some(module) = module {
            change["module_address"] = module.into();
        }
        let mut out = Obj::new();
        out.put("reason", d.reason.as_str()).put("resource_change", change);
        out.json()
    };
    sorted.into_iter().map(one).collect()
}

fn resource_change(c: &ResourceChange) -> Json {
    let mut out = Obj::new();
    out.put("address", c.addr.to_string());
    if let (true, Some(p)) = (c.moved(), &c.prev_addr) {
        out.put("previous_address", p.to_string());
    }
    out.text("module_address", c.addr.module.to_string());
    out.put("mode", c.addr.resource.mode.as_str());
    out.put("type", &*c.addr.resource.ty).put("name", &*c.addr.resource.name);
    out.opt("index", key(&c.addr.key));
    out.put("provider_name", c.provider.provider.provider.to_string());
    out.opt("deposed", c.deposed.as_deref());
    out.put("change", change(c));
    out.text("action_reason", c.reason.as_str());
    out.json()
}

fn change(c: &ResourceChange) -> Json {
    let mut out = Obj::new();
    out.put("actions", actions(c.action)).put("before", plain(&c.before)).put("after", plain(&c.after));
    let wholly_known = c.after.is_wholly_known();
    out.put(
        "after_unknown",
        if wholly_known { Json::Object(Default::default()) } else { unknown_as_bool(&c.after) },
    );
    out.put("before_sensitive", sensitive_as_bool(&c.before));
    out.put("after_sensitive", sensitive_as_bool(&c.after));
    out.filled("replace_paths", c.required_replace.iter().map(path).collect());
    out.opt("importing", c.importing.as_ref().map(importing));
    // Since Terraform 1.12, where there is one.
    out.opt("before_identity", c.identity.before.as_ref().and_then(known));
    out.opt("after_identity", c.identity.after.as_ref().map(plain));
    out.opt("generated_config", c.generated_config.as_deref());
    out.json()
}

pub(super) fn importing(i: &Importing) -> Json {
    let mut out = Obj::new();
    out.opt("id", i.id.as_deref());
    out.opt("identity", i.identity.as_ref().and_then(known));
    out.json()
}

fn output_change(o: &OutputChange) -> Json {
    let mut out = Obj::new();
    out.put("actions", actions(o.action)).put("before", plain(&o.before));
    if let Some(after) = known(&o.after) {
        out.put("after", after);
    }
    let wholly_known = o.after.is_wholly_known();
    out.put("after_unknown", if wholly_known { Json::Bool(false) } else { unknown_as_bool(&o.after) });
    out.put("before_sensitive", o.sensitive).put("after_sensitive", o.sensitive);
    out.json()
}

fn actions(a: Action) -> Vec<&'static str> {
    match a {
        Action::NoOp => vec!["no-op"],
        Action::Create => vec!["create"],
        Action::Read => vec!["read"],
        Action::Update => vec!["update"],
        Action::DeleteThenCreate => vec!["delete", "create"],
        Action::CreateThenDelete => vec!["create", "delete"],
        Action::Delete => vec!["delete"],
        Action::Forget => vec!["forget"],
    }
}

/// The outputs of the prior state: planning evaluates outputs, and those that are
/// wholly known then count as known already.
fn prior_outputs(plan: &Plan) -> BTreeMap<String, OutputValue> {
    let mut out = plan.prior.outputs.clone();
    for (name, o) in plan.outputs.iter().filter(|_| plan.mode != PlanMode::Destroy) {
        // What is not declared any more stays until it is applied.
        if !o.after.is_wholly_known() || o.action == Action::Delete {
            continue;
        }
        if o.after.is_null() {
            out.remove(name);
        } else {
            let (value, _) = o.after.unmark_deep();
            out.insert(name.clone(), OutputValue { ty: value.ty(), value, sensitive: o.sensitive });
        }
    }
    out
}

fn relevant(plan: &Plan) -> Json {
    let mut all: Vec<(String, &Path)> = plan.relevant.iter().map(|(a, p)| (a.to_string(), p)).collect();
    all.sort_by_cached_key(|(a, p)| (a.clone(), path(p).to_string()));
    all.dedup();
    all.into_iter()
        .map(|(addr, p)| {
            let mut out = Obj::new();
            out.put("resource", addr).put("attribute", path(p));
            out.json()
        })
        .collect()
}
