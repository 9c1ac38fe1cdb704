//! A state as JSON: `show -json` of a state, and the prior state within plan JSON.

use super::checks;
use super::outputs::type_json;
use super::value::{Obj, attributes, key, object, plain, sensitive_as_bool};
use crate::context::SchemaMap;
use crate::objects::object_value;
use groma_lang::Diagnostic;
use groma_provider::Schemas;
use groma_state::{Object, OutputValue, ResourceState, State, Status};
use groma_value::addr::{AbsResource, Key, Mode, ModuleInstance, ProviderConfig};
use groma_value::schema::Schema;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A state as JSON. `terraform_version` is the one that the state file names.
///
/// Fails when an object is not of the schema that the provider has now: it must
/// be upgraded first, which planning does.
pub fn state_json(state: &State, terraform_version: &str, schemas: &SchemaMap) -> Result<Json, Diagnostic> {
    let mut out = values(state, &state.outputs, terraform_version, schemas)?;
    if let Some(c) = state.check_results.as_ref().filter(|_| !state.is_empty()) {
        out.filled("checks", checks::of_state(c));
    }
    Ok(out.json())
}

/// As [`state_json`], with other outputs than those of the state, and without the
/// results of checks.
pub(super) fn values(
    state: &State,
    outputs: &BTreeMap<String, OutputValue>,
    terraform_version: &str,
    schemas: &SchemaMap,
) -> Result<Obj, Diagnostic> {
    let mut out = Obj::new();
    out.put("format_version", "1.0");
    if state.resources.is_empty() && outputs.is_empty() {
        return Ok(out);
    }
    out.text("terraform_version", terraform_version);
    let mut values = Obj::new();
    values.filled("outputs", object(outputs.iter().map(|(n, o)| (n, output(o)))));
    let mut tree = ModuleTree::default();
    for (addr, r) in &state.resources {
        if addr.resource.mode == Mode::Ephemeral {
            continue;
        }
        let resources = &mut tree.module(&addr.module).resources;
        resource(addr, r, schemas, resources)?;
    }
    values.put("root_module", tree.root.json(&ModuleInstance::root()));
    out.put("values", values.json());
    Ok(out)
}

/// As in a state: value before type.
fn output(o: &OutputValue) -> Json {
    let mut out = Obj::new();
    out.put("sensitive", o.sensitive);
    out.put("value", plain(&o.value)).put("type", type_json(&o.value, &o.ty));
    out.json()
}

/// Resources in their modules.
#[derive(Default)]
pub(super) struct ModuleTree {
    pub root: ModuleJson,
}

/// A module with what is in it.
#[derive(Default)]
pub(super) struct ModuleJson {
    pub resources: Vec<Json>,
    /// By address, which is also the order in which they are written.
    children: BTreeMap<String, (ModuleInstance, ModuleJson)>,
}

impl ModuleTree {
    /// The module, made with all around it when first asked for.
    pub fn module(&mut self, addr: &ModuleInstance) -> &mut ModuleJson {
        let mut node = &mut self.root;
        let mut path = ModuleInstance::root();
        for (name, key) in addr.steps() {
            path = path.child(name.clone(), key.clone());
            let entry = node.children.entry(path.to_string());
            node = &mut entry.or_insert_with(|| (path.clone(), ModuleJson::default())).1;
        }
        node
    }
}

impl ModuleJson {
    pub fn json(self, addr: &ModuleInstance) -> Json {
        let mut out = Obj::new();
        out.filled("resources", Json::Array(self.resources));
        out.text("address", addr.to_string());
        out.filled("child_modules", self.children.into_values().map(|(a, m)| m.json(&a)).collect());
        out.json()
    }
}

/// What both planned and stored resources begin with.
pub(super) fn resource_header(addr: &AbsResource, instance: &Key, provider: &ProviderConfig) -> Obj {
    let mut out = Obj::new();
    out.put("address", addr.instance(instance.clone()).to_string());
    out.put("mode", addr.resource.mode.as_str());
    out.put("type", &*addr.resource.ty).put("name", &*addr.resource.name);
    out.opt("index", key(instance));
    out.put("provider_name", provider.provider.provider.to_string());
    out
}

fn resource(
    addr: &AbsResource,
    r: &ResourceState,
    schemas: &SchemaMap,
    out: &mut Vec<Json>,
) -> Result<(), Diagnostic> {
    let schema = schema_of(schemas, &r.provider, addr.resource.mode, &addr.resource.ty);
    for (k, instance) in &r.instances {
        let current = instance.current.iter().map(|o| (None, o));
        for (deposed, o) in current.chain(instance.deposed.iter().map(|(d, o)| (Some(d), o))) {
            let schema = schema.as_ref().ok_or_else(|| missing_schema(addr, &r.provider))?;
            out.push(stored(addr, k, &r.provider, deposed, o, schema)?);
        }
    }
    Ok(())
}

fn stored(
    addr: &AbsResource,
    key: &Key,
    provider: &ProviderConfig,
    deposed: Option<&String>,
    object: &Object,
    schema: &Schema,
) -> Result<Json, Diagnostic> {
    let here = || addr.instance(key.clone());
    if object.schema_version != schema.version as u64 || object.attributes_flat.is_some() {
        return Err(Diagnostic::error(
            "Object of another schema version",
            format!(
                "{} was stored with version {} of its schema, and the provider has version {} now. \
                 The command \"apply -refresh-only\" upgrades the state.",
                here(),
                object.schema_version,
                schema.version
            ),
        )
        .about(here()));
    }
    let value = object_value(object, schema).map_err(|e| {
        Diagnostic::error(
            "Object does not fit its schema",
            format!(
                "{} as the state has it is not what the schema of its provider describes: {e}. \
                 It may have been stored by a newer version of the provider.",
                here()
            ),
        )
        .about(here())
    })?;
    let mut out = resource_header(addr, key, provider);
    // A deposed object is told apart by its key, not by its schema's version.
    out.put("schema_version", if deposed.is_some() { 0 } else { object.schema_version });
    out.opt("values", attributes(&value));
    out.put("sensitive_values", sensitive_as_bool(&value));
    out.filled("depends_on", object.dependencies.iter().map(|d| Json::from(d.to_string())).collect());
    out.flag("tainted", object.status == Status::Tainted);
    out.opt("deposed_key", deposed.map(String::as_str));
    // Since Terraform 1.12, where there is one.
    if let Some((version, identity)) = &object.identity {
        out.put("identity_schema_version", *version);
        out.opt("identity", serde_json::from_str::<Json>(identity).ok());
    }
    Ok(out.json())
}

/// The schema of a resource type, by the provider configuration that manages it.
pub(super) fn schema_of(
    schemas: &SchemaMap,
    provider: &ProviderConfig,
    mode: Mode,
    ty: &str,
) -> Option<Arc<Schema>> {
    by_mode(&**schemas.get(&provider.provider.provider)?, mode, ty)
}

/// The schema of a resource type.
pub(super) fn by_mode(schemas: &dyn Schemas, mode: Mode, ty: &str) -> Option<Arc<Schema>> {
    match mode {
        Mode::Managed => schemas.resource(ty),
        Mode::Data => schemas.data_source(ty),
        Mode::Ephemeral => schemas.ephemeral(ty),
    }
}

fn missing_schema(addr: &AbsResource, provider: &ProviderConfig) -> Diagnostic {
    Diagnostic::error(
        "Resource type not known",
        format!(
            "The provider {} has no schema for {addr}, so its attributes cannot be read. \
             Another version of the provider may have it.",
            provider.provider.provider.for_display()
        ),
    )
    .about(addr)
}
