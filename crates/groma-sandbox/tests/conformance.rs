//! The sandbox plans as the real provider does: the same configurations, created, unchanged and
//! changed, give the same planned values and the same replacements.
//!
//! The cases are in `tests/cases.json`: a type, a configuration, and changes of it, each a list of
//! attributes to put in place (null removes); `prior` has what the object would have of itself. The text `?` is an unknown value.

mod real;

use std::sync::Arc;

use groma_provider::{NativeProvider, PlanRequest, PlanResponse, Provider};
use groma_sandbox::{Sandbox, Settings};
use groma_value::proposed_new::proposed_new;
use groma_value::schema::Block;
use groma_value::{Name, Path, Type, Value};
use serde_json::json;

async fn sandbox(extra: serde_json::Value) -> Arc<dyn Provider> {
    let sandbox = Sandbox::open(Settings::default()).expect("a sandbox in memory");
    let native: Arc<dyn NativeProvider> = sandbox.provider();
    let provider = native.instance();
    let config = real::provider_config(&provider.schemas().provider().block, extra);
    let diags = provider.configure(&config).await.expect("configured");
    assert!(diags.iter().all(|d| !d.error), "{diags:?}");
    provider
}

async fn plan(p: &dyn Provider, ty: &str, block: &Block, prior: &Value, config: &Value) -> PlanResponse {
    let proposed = proposed_new(block, prior, config);
    let request = PlanRequest {
        ty,
        prior,
        proposed: &proposed,
        config,
        private: Default::default(),
        provider_meta: &Value::Null(Type::object::<&str>([])),
        identity: None,
    };
    p.plan_resource_change(request).await.unwrap_or_else(|e| panic!("{ty}: {e}"))
}

/// What a planned object could become: unknowns as configured, or made up.
fn realised(v: &Value, name: &str, config: Option<&Value>) -> Value {
    let items = |items: &[Value]| -> Vec<Value> {
        let configs = config.and_then(Value::as_elements).unwrap_or_default();
        items.iter().enumerate().map(|(i, v)| realised(v, name, configs.get(i))).collect()
    };
    match v {
        Value::Unknown(ty, _) => match (config, ty) {
            (Some(config), _) if !config.is_null() && !is_empty(config) => config.clone(),
            (_, Type::List(t)) => Value::list((**t).clone(), Vec::new()),
            (_, Type::Set(t)) => Value::set((**t).clone(), Vec::new()),
            (_, Type::Map(t)) => Value::map::<Name>((**t).clone(), []),
            (_, Type::Bool) => Value::Bool(false),
            (_, Type::Number) => Value::int(1),
            _ if name.ends_with("arn") => Value::string("arn:aws:ec2:eu-west-1:123456789012:thing/x-1"),
            _ => Value::string(format!("{name}-1")),
        },
        Value::List(e) => Value::list(e.ty.clone(), items(&e.items)),
        Value::Set(e) => Value::set(e.ty.clone(), items(&e.items)),
        Value::Object(f) => Value::object(f.iter().map(|(n, v)| {
            let config = config.filter(|c| !c.is_null()).and_then(|c| c.get_attr(n));
            (n.clone(), realised(v, n, config.as_ref()))
        })),
        v => v.clone(),
    }
}

fn is_empty(v: &Value) -> bool {
    v.as_elements().is_some_and(<[Value]>::is_empty)
}

fn paths(paths: &[Path]) -> Vec<String> {
    // Which element of a set, the two need not agree on.
    let mut out: Vec<String> = paths.iter().map(|p| p.to_string().replace("[...]", "")).collect();
    out.sort();
    out.dedup();
    out
}

fn merged(base: &serde_json::Value, change: &serde_json::Value) -> serde_json::Value {
    let mut out = base.clone();
    for (name, v) in change.as_object().into_iter().flatten() {
        if v.is_null() {
            out.as_object_mut().map(|m| m.remove(name));
        } else {
            out[name] = v.clone();
        }
    }
    out
}

struct Comparison {
    faults: Vec<String>,
}

impl Comparison {
    fn compare(&mut self, what: &str, real: &PlanResponse, ours: &PlanResponse, create: bool) -> bool {
        if let Some(d) = real.diags.iter().find(|d| d.error) {
            self.faults.push(format!("{what}: the real provider refuses: {} {}", d.summary, d.detail));
            return false;
        }
        let (Some(a), Some(b)) = (&real.planned, &ours.planned) else {
            self.faults.push(format!("{what}: no plan"));
            return false;
        };
        for d in real::differences(a, b) {
            self.faults.push(format!("{what}: {d}"));
        }
        if real.legacy_type_system != ours.legacy_type_system {
            self.faults.push(format!("{what}: legacy is {}", real.legacy_type_system));
        }
        if create {
            // What would be replaced is nobody's question where there is nothing.
            return true;
        }
        let (a, b) = (paths(&real.requires_replace), paths(&ours.requires_replace));
        if a != b {
            self.faults.push(format!("{what}: replaced for {a:?}, sandbox {b:?}"));
        }
        true
    }
}

async fn run(extra: serde_json::Value, cases: &[serde_json::Value]) -> Option<(usize, Vec<String>)> {
    let (_pool, real) = real::provider(extra.clone()).await?;
    let ours = sandbox(extra).await;
    let schemas = ours.schemas();
    let mut all = Comparison { faults: Vec::new() };
    let mut types = std::collections::BTreeSet::new();
    for case in cases {
        let ty = case["type"].as_str().expect("a type");
        types.insert(ty.to_owned());
        let schema = schemas.resource(ty).unwrap_or_else(|| panic!("no schema of {ty}"));
        let block = &schema.block;
        let null = Value::Null(block.implied_type().clone());
        let config = real::value(block, &case["create"]);
        let created = plan(&*real, ty, block, &null, &config).await;
        let same = plan(&*ours, ty, block, &null, &config).await;
        if !all.compare(&format!("{ty} created"), &created, &same, true) {
            continue;
        }
        let base: serde_json::Value =
            serde_json::from_str(&case["create"].to_string().replace("\"?\"", "\"x-1\"")).expect("JSON");
        let known = real::value(block, &base);
        let prior = realised(created.planned.as_ref().expect("compared"), "", Some(&known));
        let mut fields = prior.as_fields().cloned().unwrap_or_default();
        for (name, v) in case["prior"].as_object().into_iter().flatten() {
            let ty = &block.attributes[&**name].ty;
            fields.insert(name.as_str(), groma_value::json::from_json(v, ty).expect("a value"));
        }
        let prior = Value::object(fields);
        let mut changes = vec![json!({})];
        changes.extend(case["changes"].as_array().into_iter().flatten().cloned());
        for change in changes {
            let config = real::value(block, &merged(&base, &change));
            let a = plan(&*real, ty, block, &prior, &config).await;
            let b = plan(&*ours, ty, block, &prior, &config).await;
            all.compare(&format!("{ty} changed by {change}"), &a, &b, false);
        }
    }
    Some((types.len(), all.faults))
}

fn cases() -> Vec<serde_json::Value> {
    serde_json::from_str(include_str!("cases.json")).expect("cases.json")
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_are_those_of_the_real_provider() {
    let Some((types, faults)) = run(json!({}), &cases()).await else {
        return groma_testkit::skip("no mirror with the AWS provider");
    };
    assert!(faults.is_empty(), "{} differences:\n{}", faults.len(), faults.join("\n"));
    assert!(types >= 60, "only {types} types are compared");
}

#[tokio::test(flavor = "multi_thread")]
async fn default_tags_are_merged_as_by_the_real_provider() {
    let extra = json!({ "default_tags": [{ "tags": { "Environment": "prod", "Owner": "x" } }] });
    let cases: Vec<_> = cases().into_iter().filter(|c| c["tagged"] == true).collect();
    let Some((types, faults)) = run(extra, &cases).await else {
        return groma_testkit::skip("no mirror with the AWS provider");
    };
    assert!(faults.is_empty(), "{} differences:\n{}", faults.len(), faults.join("\n"));
    assert!(types >= 5, "only {types} types are compared");
}
