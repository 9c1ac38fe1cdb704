//! The provider's schemas, decoded when asked for.

use std::collections::BTreeMap;
use std::sync::Arc;

use groma_provider::{Capabilities, FunctionSignature, Schemas};
use groma_value::schema::Schema;

/// The schema of a managed resource type.
pub(crate) fn resource(_ty: &str) -> Option<Arc<Schema>> {
    None
}

/// The embedded schemas.
pub(crate) struct Embedded;

impl Schemas for Embedded {
    fn provider(&self) -> Arc<Schema> {
        Arc::default()
    }
    fn provider_meta(&self) -> Option<Arc<Schema>> {
        None
    }
    fn resource(&self, ty: &str) -> Option<Arc<Schema>> {
        resource(ty)
    }
    fn data_source(&self, _: &str) -> Option<Arc<Schema>> {
        None
    }
    fn ephemeral(&self, _: &str) -> Option<Arc<Schema>> {
        None
    }
    fn functions(&self) -> Arc<BTreeMap<String, FunctionSignature>> {
        Arc::default()
    }
    fn identity(&self, _: &str) -> Option<(i64, Arc<Schema>)> {
        None
    }
    fn resource_types(&self) -> Vec<String> {
        Vec::new()
    }
    fn data_source_types(&self) -> Vec<String> {
        Vec::new()
    }
    fn ephemeral_types(&self) -> Vec<String> {
        Vec::new()
    }
    fn capabilities(&self) -> Capabilities {
        Capabilities { plan_destroy: true, schema_optional: true, move_resource_state: true }
    }
}
