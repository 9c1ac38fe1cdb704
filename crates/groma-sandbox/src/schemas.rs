//! The provider's schemas, decoded when asked for and kept for the process.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use groma_provider::{Capabilities, FunctionParam, FunctionSignature, Schemas};
use groma_value::json;
use groma_value::schema::Schema;

use crate::data::{Archive, decode_schema};

/// The version of `hashicorp/aws` that the embedded data came from.
pub const PROVIDER_VERSION: &str = include_str!("../data/version");

static ARCHIVE: LazyLock<Option<Archive>> =
    LazyLock::new(|| Archive::open(include_bytes!("../data/schemas.bin")));

type Decoded = Mutex<HashMap<String, Option<Arc<Schema>>>>;
static DECODED: LazyLock<Decoded> = LazyLock::new(Mutex::default);

fn lookup(name: String) -> Option<Arc<Schema>> {
    let mut decoded = DECODED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = decoded.get(&name) {
        return known.clone();
    }
    let schema = ARCHIVE.as_ref().and_then(|a| a.with(&name, decode_schema)).map(Arc::new);
    decoded.insert(name, schema.clone());
    schema
}

/// The schema of a managed resource type.
pub(crate) fn resource(ty: &str) -> Option<Arc<Schema>> {
    lookup(format!("r/{ty}"))
}

/// The schema of a data source.
pub(crate) fn data_source(ty: &str) -> Option<Arc<Schema>> {
    lookup(format!("d/{ty}"))
}

/// The schema of an ephemeral resource type.
pub(crate) fn ephemeral(ty: &str) -> Option<Arc<Schema>> {
    lookup(format!("e/{ty}"))
}

/// The schema of the provider's configuration.
pub(crate) fn provider() -> Arc<Schema> {
    lookup("p/".into()).unwrap_or_default()
}

/// The embedded schemas.
pub struct Embedded;

fn names(prefix: &str) -> Vec<String> {
    ARCHIVE.as_ref().map(|a| a.names(prefix).map(str::to_owned).collect()).unwrap_or_default()
}

fn functions() -> Option<BTreeMap<String, FunctionSignature>> {
    let text: serde_json::Value = ARCHIVE.as_ref()?.with("f/", |bytes| serde_json::from_slice(bytes).ok())?;
    let mut out = BTreeMap::new();
    for (name, f) in text.as_object()? {
        let param = |p: &serde_json::Value| {
            Some(FunctionParam {
                name: p.get("name")?.as_str()?.to_owned(),
                ty: json::type_from_json(p.get("type")?).ok()?,
                allow_null: p.get("null")?.as_bool()?,
                allow_unknown: p.get("unknown")?.as_bool()?,
                description: String::new(),
            })
        };
        let signature = FunctionSignature {
            params: f.get("params")?.as_array()?.iter().map(param).collect::<Option<_>>()?,
            variadic: f.get("variadic").and_then(param),
            return_type: json::type_from_json(f.get("return")?).ok()?,
            summary: f.get("summary")?.as_str()?.to_owned(),
            description: String::new(),
            deprecation: String::new(),
        };
        out.insert(name.clone(), signature);
    }
    Some(out)
}

impl Schemas for Embedded {
    fn provider(&self) -> Arc<Schema> {
        provider()
    }
    fn provider_meta(&self) -> Option<Arc<Schema>> {
        lookup("m/".into())
    }
    fn resource(&self, ty: &str) -> Option<Arc<Schema>> {
        resource(ty)
    }
    fn data_source(&self, ty: &str) -> Option<Arc<Schema>> {
        data_source(ty)
    }
    fn ephemeral(&self, ty: &str) -> Option<Arc<Schema>> {
        ephemeral(ty)
    }
    fn functions(&self) -> Arc<BTreeMap<String, FunctionSignature>> {
        static FUNCTIONS: LazyLock<Arc<BTreeMap<String, FunctionSignature>>> =
            LazyLock::new(|| Arc::new(functions().unwrap_or_default()));
        FUNCTIONS.clone()
    }
    fn identity(&self, _: &str) -> Option<(i64, Arc<Schema>)> {
        // Objects of the sandbox are told apart by their ids alone.
        None
    }
    fn resource_types(&self) -> Vec<String> {
        names("r/")
    }
    fn data_source_types(&self) -> Vec<String> {
        names("d/")
    }
    fn ephemeral_types(&self) -> Vec<String> {
        names("e/")
    }
    fn capabilities(&self) -> Capabilities {
        // As the real provider says.
        Capabilities { plan_destroy: true, schema_optional: true, move_resource_state: true }
    }
}
