//! The `Provider` trait, answered from the embedded data and the world.

use std::sync::Arc;

use async_trait::async_trait;
use groma_provider::{
    ApplyRequest, ApplyResponse, CallResult, Diags, EphemeralOpen, ImportId, Imported, MoveRequest,
    NativeProvider, PlanRequest, PlanResponse, Private, Provider, ProviderDiagnostic, ProviderError,
    ProviderFailure, ReadResponse, Schemas,
};
use groma_value::Value;

use crate::schemas::Embedded;
use crate::{Settings, World};

/// The name that errors of this provider have.
const NAME: &str = "registry.terraform.io/hashicorp/aws";

/// What all instances of a sandbox share.
pub(crate) struct Shared {
    pub settings: Settings,
    pub world: World,
}

impl Shared {
    pub fn new(settings: Settings, world: World) -> Shared {
        Shared { settings, world }
    }
}

impl NativeProvider for Shared {
    fn instance(&self) -> Arc<dyn Provider> {
        Arc::new(Instance { settings: self.settings.clone(), world: self.world.clone() })
    }
}

/// The provider with one configuration.
struct Instance {
    settings: Settings,
    world: World,
}

fn unsupported<T>(call: &'static str, kind: &'static str, name: &str) -> CallResult<T> {
    Err(ProviderError::new(NAME, call, ProviderFailure::Unknown { kind, name: name.to_owned() }))
}

#[async_trait]
impl Provider for Instance {
    fn schemas(&self) -> Arc<dyn Schemas> {
        Arc::new(Embedded)
    }
    async fn validate_provider_config(&self, _: &Value) -> CallResult<Diags> {
        Ok(Vec::new())
    }
    async fn validate_resource_config(&self, ty: &str, _: &Value) -> CallResult<Diags> {
        unsupported("ValidateResourceConfig", "resource type", ty)
    }
    async fn validate_data_config(&self, ty: &str, _: &Value) -> CallResult<Diags> {
        unsupported("ValidateDataSourceConfig", "data source", ty)
    }
    async fn validate_ephemeral_config(&self, ty: &str, _: &Value) -> CallResult<Diags> {
        unsupported("ValidateEphemeralResourceConfig", "ephemeral resource type", ty)
    }
    async fn upgrade_resource_state(&self, ty: &str, _: i64, _: &[u8]) -> CallResult<(Option<Value>, Diags)> {
        unsupported("UpgradeResourceState", "resource type", ty)
    }
    async fn configure(&self, _: &Value) -> CallResult<Diags> {
        let _ = (&self.settings, &self.world);
        Ok(Vec::new())
    }
    async fn read_resource(
        &self,
        ty: &str,
        _: &Value,
        _: Private,
        _: &Value,
        _: Option<&Value>,
    ) -> CallResult<ReadResponse> {
        unsupported("ReadResource", "resource type", ty)
    }
    async fn plan_resource_change(&self, req: PlanRequest<'_>) -> CallResult<PlanResponse> {
        unsupported("PlanResourceChange", "resource type", req.ty)
    }
    async fn apply_resource_change(&self, req: ApplyRequest<'_>) -> CallResult<ApplyResponse> {
        unsupported("ApplyResourceChange", "resource type", req.ty)
    }
    async fn import_resource_state(&self, ty: &str, _: ImportId<'_>) -> CallResult<(Vec<Imported>, Diags)> {
        unsupported("ImportResourceState", "resource type", ty)
    }
    async fn move_resource_state(
        &self,
        req: MoveRequest<'_>,
    ) -> CallResult<(Option<(Value, Private)>, Diags)> {
        let why = format!("An object of type {} cannot become a {}.", req.source_type, req.target_type);
        Ok((None, vec![ProviderDiagnostic::error("Unsupported move", why)]))
    }
    async fn read_data_source(&self, ty: &str, _: &Value, _: &Value) -> CallResult<(Option<Value>, Diags)> {
        unsupported("ReadDataSource", "data source", ty)
    }
    async fn open_ephemeral(&self, ty: &str, _: &Value) -> CallResult<EphemeralOpen> {
        unsupported("OpenEphemeralResource", "ephemeral resource type", ty)
    }
    async fn renew_ephemeral(&self, ty: &str, _: Private) -> CallResult<EphemeralOpen> {
        unsupported("RenewEphemeralResource", "ephemeral resource type", ty)
    }
    async fn close_ephemeral(&self, ty: &str, _: Private) -> CallResult<Diags> {
        unsupported("CloseEphemeralResource", "ephemeral resource type", ty)
    }
    async fn call_function(
        &self,
        name: &str,
        _: &[Value],
    ) -> CallResult<Result<Value, (Option<usize>, String)>> {
        unsupported("CallFunction", "function", name)
    }
    async fn stop(&self) -> CallResult<()> {
        Ok(())
    }
}
