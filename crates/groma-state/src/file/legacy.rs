//! States of Terraform 0.9 to 0.11 (format 3), brought to format 4.
//!
//! Attributes stay in their flat form: only the provider, who knows the schema,
//! can turn them into objects. Dependencies are dropped, as Terraform drops them,
//! because format 3 named them in the module's own, ambiguous terms; the next
//! apply records them anew.

use super::StateFile;
use super::read::provider_config;
use crate::error::{Problem, StateError};
use crate::model::{InstanceState, Object, OutputValue, ResourceState, State, Status};
use groma_value::addr::{AbsResource, Key, Mode, ModuleInstance, Resource};
use groma_value::{Type, json};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Deserialize)]
struct FileV3<'a> {
    #[serde(default)]
    terraform_version: String,
    #[serde(default)]
    serial: u64,
    #[serde(default)]
    lineage: String,
    #[serde(default, borrow)]
    modules: Vec<ModuleV3<'a>>,
}

#[derive(Deserialize)]
struct ModuleV3<'a> {
    path: Vec<String>,
    #[serde(default, borrow)]
    outputs: BTreeMap<String, OutputV3<'a>>,
    #[serde(default)]
    resources: BTreeMap<String, ResourceV3>,
}

#[derive(Deserialize)]
struct OutputV3<'a> {
    #[serde(default)]
    sensitive: bool,
    #[serde(rename = "type")]
    ty: String,
    #[serde(borrow)]
    value: &'a RawValue,
}

#[derive(Deserialize)]
struct ResourceV3 {
    #[serde(default)]
    provider: String,
    primary: Option<InstanceV3>,
    #[serde(default)]
    deposed: Vec<InstanceV3>,
}

#[derive(Deserialize)]
struct InstanceV3 {
    #[serde(default)]
    id: String,
    #[serde(default)]
    attributes: Option<BTreeMap<String, String>>,
    #[serde(default)]
    meta: serde_json::Map<String, serde_json::Value>,
    #[serde(default)]
    tainted: bool,
}

pub(super) fn read_v3(text: &str) -> Result<StateFile, StateError> {
    let raw: FileV3<'_> = serde_json::from_str(text).map_err(|e| {
        StateError::invalid(
            "Invalid state file format",
            format!("The state file does not conform to the structure of format 3: {e}."),
        )
    })?;
    let mut state = State::default();
    let mut problems = Vec::new();
    for module in raw.modules {
        if module.path.len() <= 1 {
            for (name, o) in module.outputs {
                match output(&name, &o) {
                    Ok(o) => {
                        state.outputs.insert(name, o);
                    }
                    Err(p) => problems.push(p),
                }
            }
        }
        let instance: ModuleInstance =
            module.path.iter().skip(1).map(|n| (n.as_str().into(), Key::None)).collect();
        for (key, r) in module.resources {
            if let Err(detail) = resource(&instance, &key, r, &mut state) {
                problems.push(Problem::new("Invalid legacy resource in state", detail));
            }
        }
    }
    if !problems.is_empty() {
        return Err(StateError::Invalid(problems));
    }
    Ok(StateFile {
        terraform_version: raw.terraform_version,
        serial: raw.serial,
        lineage: raw.lineage,
        state,
    })
}

fn output(name: &str, o: &OutputV3<'_>) -> Result<OutputValue, Problem> {
    let ty = match o.ty.as_str() {
        "list" => Type::list(Type::String),
        "map" => Type::map(Type::String),
        _ => Type::String,
    };
    // Lists of lists and the like carry no types of their own.
    let value =
        json::decode(o.value.get(), &ty).or_else(|_| json::decode_implied(o.value.get())).map_err(|e| {
            Problem::new(
                "Invalid output value saved in state",
                format!("The state file has an invalid value for output {name:?}: {e}."),
            )
        })?;
    Ok(OutputValue { ty: value.ty(), value, sensitive: o.sensitive })
}

fn resource(module: &ModuleInstance, key: &str, raw: ResourceV3, state: &mut State) -> Result<(), String> {
    let parts: Vec<&str> = key.split('.').collect();
    let (mode, rest) = match parts[..] {
        ["data", ref rest @ ..] => (Mode::Data, rest),
        ref rest => (Mode::Managed, rest),
    };
    let bad = || format!("The key {key:?} is not TYPE.NAME or TYPE.NAME.INDEX.");
    let (ty, name, index) = match rest {
        [ty, name] => (*ty, *name, Key::None),
        [ty, name, index] => (*ty, *name, Key::Int(index.parse().map_err(|_| bad())?)),
        _ => return Err(bad()),
    };
    let provider = match raw.provider.as_str() {
        "" => format!("provider.{}", ty.split('_').next().unwrap_or(ty)),
        p => p.to_owned(),
    };
    let provider = provider_config(&provider)?;
    let mut instance = InstanceState::default();
    for (i, deposed) in raw.deposed.into_iter().enumerate() {
        instance.deposed.insert(format!("{:08x}", i + 1), object(deposed)?);
    }
    instance.current = raw.primary.map(object).transpose()?;
    let addr =
        AbsResource { module: module.clone(), resource: Resource { mode, ty: ty.into(), name: name.into() } };
    let entry = state.resources.entry(addr).or_insert_with(|| {
        Arc::new(ResourceState { provider: provider.clone(), instances: BTreeMap::new() })
    });
    Arc::make_mut(entry).instances.insert(index, instance);
    Ok(())
}

fn object(mut raw: InstanceV3) -> Result<Arc<Object>, String> {
    use serde_json::Value as J;
    let schema_version = match raw.meta.remove("schema_version") {
        None => 0,
        Some(J::String(s)) => s.parse().map_err(|_| format!("The schema version {s:?} is not a number."))?,
        Some(J::Number(n)) if n.is_u64() => n.as_u64().unwrap_or_default(),
        Some(other) => return Err(format!("The schema version {other} is not a number.")),
    };
    let mut attributes = raw.attributes.unwrap_or_default();
    if !raw.id.is_empty() {
        attributes.entry("id".into()).or_insert(raw.id);
    }
    // What else the old SDK kept there (timeouts) is what it now keeps in its
    // private data.
    let private = if raw.meta.is_empty() { String::new() } else { J::Object(raw.meta).to_string() };
    Ok(Arc::new(Object {
        status: if raw.tainted { Status::Tainted } else { Status::Ready },
        schema_version,
        attributes: "{}".into(),
        attributes_flat: (!attributes.is_empty()).then(|| Arc::new(attributes)),
        sensitive_paths: Arc::default(),
        private: private.into_bytes().into(),
        dependencies: Arc::new([]),
        create_before_destroy: false,
        identity: None,
    }))
}
