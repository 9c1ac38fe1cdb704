//! The [`Provider`] trait over a process that speaks protocol 5 or 6.
//!
//! Values are encoded and decoded here, by the type that the schema implies; what a process is and
//! when it runs is the pool's business.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use groma_value::schema::Schema;
use groma_value::{Path, PathStep, Type, Value, json, msgpack};
use prost::Message;

use crate::api::*;
use crate::error::{ProviderError, ProviderFailure};
use crate::memo::Memo;
use crate::process::PluginProcess;
use crate::proto::{self, DynamicValue, Method};
use crate::schema::{StoredSchemas, argument_type};

/// Gives the process that serves a call, starting it if need be.
#[async_trait]
pub(crate) trait Processes: Send + Sync {
    /// The process.
    async fn process(&self) -> Result<Arc<PluginProcess>, ProviderError>;
    /// The process, if it runs.
    fn running(&self) -> Option<Arc<PluginProcess>>;
}

/// A provider behind a process.
pub(crate) struct Client {
    /// The address, for messages.
    pub provider: String,
    pub processes: Arc<dyn Processes>,
    pub schemas: Arc<StoredSchemas>,
    pub memo: Arc<Memo>,
    /// What the provider is told of the version of its caller.
    pub terraform_version: String,
}

/// We can store what write-only attributes leave behind, and we do not ask for deferral: an unknown
/// that matters is dealt with before a provider is asked.
const CAPABILITIES: proto::ClientCapabilities =
    proto::ClientCapabilities { deferral_allowed: false, write_only_attributes_allowed: true };

impl Client {
    fn error(&self, call: &'static str, cause: ProviderFailure) -> ProviderError {
        ProviderError::new(self.provider.clone(), call, cause)
    }

    fn unknown(&self, call: &'static str, kind: &'static str, name: &str) -> ProviderError {
        self.error(call, ProviderFailure::Unknown { kind, name: name.to_owned() })
    }

    fn resource(&self, call: &'static str, ty: &str) -> Result<Arc<Schema>, ProviderError> {
        self.schemas.resource(ty).ok_or_else(|| self.unknown(call, "resource type", ty))
    }

    fn data_source(&self, call: &'static str, ty: &str) -> Result<Arc<Schema>, ProviderError> {
        self.schemas.data_source(ty).ok_or_else(|| self.unknown(call, "data source", ty))
    }

    fn ephemeral(&self, call: &'static str, ty: &str) -> Result<Arc<Schema>, ProviderError> {
        self.schemas.ephemeral(ty).ok_or_else(|| self.unknown(call, "ephemeral resource type", ty))
    }

    fn encode(&self, call: &'static str, value: &Value, ty: &Type) -> Result<DynamicValue, ProviderError> {
        let bytes = msgpack::encode(value, ty)
            .map_err(|error| self.error(call, ProviderFailure::Value(error.to_string())))?;
        Ok(DynamicValue { msgpack: bytes.into(), json: Bytes::new() })
    }

    fn decode(
        &self,
        call: &'static str,
        value: Option<DynamicValue>,
        ty: &Type,
    ) -> Result<Option<Value>, ProviderError> {
        let Some(value) = value else { return Ok(None) };
        let invalid = |why: String| self.error(call, ProviderFailure::Value(why));
        if !value.msgpack.is_empty() {
            msgpack::decode(&value.msgpack, ty).map(Some).map_err(|error| invalid(error.to_string()))
        } else if !value.json.is_empty() {
            let text = std::str::from_utf8(&value.json).map_err(|error| invalid(error.to_string()))?;
            json::decode(text, ty).map(Some).map_err(|error| invalid(error.to_string()))
        } else {
            // Providers send nothing where they mean null.
            Ok(Some(Value::null(ty.clone())))
        }
    }

    /// The value of `provider_meta`, for providers that know it.
    fn meta(&self, call: &'static str, value: &Value) -> Result<Option<DynamicValue>, ProviderError> {
        let Some(schema) = self.schemas.provider_meta() else { return Ok(None) };
        self.encode(call, value, schema.block.implied_type()).map(Some)
    }

    fn encode_identity(
        &self,
        call: &'static str,
        ty: &str,
        identity: Option<&Value>,
    ) -> Result<Option<proto::ResourceIdentityData>, ProviderError> {
        let Some(identity) = identity else { return Ok(None) };
        let (_, schema) =
            self.schemas.identity(ty).ok_or_else(|| self.unknown(call, "resource identity of", ty))?;
        let data = self.encode(call, identity, schema.block.implied_type())?;
        Ok(Some(proto::ResourceIdentityData { identity_data: Some(data) }))
    }

    fn decode_identity(
        &self,
        call: &'static str,
        ty: &str,
        identity: Option<proto::ResourceIdentityData>,
    ) -> Result<Option<Value>, ProviderError> {
        let Some(data) = identity.and_then(|identity| identity.identity_data) else { return Ok(None) };
        let Some((_, schema)) = self.schemas.identity(ty) else { return Ok(None) };
        self.decode(call, Some(data), schema.block.implied_type())
    }

    fn action(
        &self,
        call: &'static str,
        ty: &str,
        config: &Value,
        client_capabilities: Option<proto::ClientCapabilities>,
    ) -> Result<proto::ActionRequest, ProviderError> {
        let schema = self.schemas.action(ty).ok_or_else(|| self.unknown(call, "action", ty))?;
        let config = Some(self.encode(call, config, schema.block.implied_type())?);
        Ok(proto::ActionRequest { action_type: ty.to_owned(), config, client_capabilities })
    }

    async fn call<M: Message + Default>(
        &self,
        method: Method,
        request: &impl Message,
    ) -> Result<M, ProviderError> {
        self.processes.process().await?.call(method, request).await
    }

    /// A validation that is remembered when it raises nothing.
    async fn validate(
        &self,
        method: Method,
        call: &'static str,
        ty: &str,
        schema: &Schema,
        config: &Value,
        capabilities: Option<proto::ClientCapabilities>,
    ) -> CallResult<Diags> {
        let config = self.encode(call, config, schema.block.implied_type())?;
        let key = self.memo.key(call, ty, &config.msgpack);
        if self.memo.contains(&key) {
            return Ok(Diags::new());
        }
        let request = proto::ValidateRequest {
            type_name: ty.to_owned(),
            config: Some(config),
            client_capabilities: capabilities,
        };
        let response: proto::DiagnosticsOnly = self.call(method, &request).await?;
        if response.diagnostics.is_empty() {
            self.memo.insert(key);
        }
        Ok(diagnostics(response.diagnostics))
    }
}

/// The message's diagnostics in the model's form.
pub(crate) fn diagnostics(messages: Vec<proto::Diagnostic>) -> Diags {
    let convert = |message: proto::Diagnostic| ProviderDiagnostic {
        // Anything but a warning is grave, also what is not defined.
        error: message.severity != 2,
        summary: message.summary,
        detail: message.detail,
        path: message.attribute.filter(|path| !path.steps.is_empty()).map(attribute_path),
    };
    messages.into_iter().map(convert).collect()
}

fn attribute_path(message: proto::AttributePath) -> Path {
    let mut path = Path::new();
    for step in message.steps {
        match step.selector {
            Some(proto::Selector::AttributeName(name)) => path.push(PathStep::Attr(name.into())),
            Some(proto::Selector::ElementKeyString(key)) => path.push(PathStep::Index(Value::string(key))),
            Some(proto::Selector::ElementKeyInt(index)) => path.push(PathStep::Index(Value::int(index))),
            // A step of a kind we do not know: what precedes it is the closest known place.
            None => break,
        }
    }
    path
}

fn private_bytes(private: &Private) -> Bytes {
    Bytes::copy_from_slice(private)
}

fn private_of(bytes: &Bytes) -> Private {
    Private::from(&bytes[..])
}

fn milliseconds(time: Option<proto::Timestamp>) -> i64 {
    time.map_or(0, |time| time.seconds.saturating_mul(1000).saturating_add(i64::from(time.nanos) / 1_000_000))
}

#[async_trait]
impl Provider for Client {
    fn schemas(&self) -> Arc<dyn Schemas> {
        Arc::clone(&self.schemas) as Arc<dyn Schemas>
    }

    async fn validate_provider_config(&self, config: &Value) -> CallResult<Diags> {
        const CALL: &str = "ValidateProviderConfig";
        let config = self.encode(CALL, config, self.schemas.provider().block.implied_type())?;
        let key = self.memo.key(CALL, "", &config.msgpack);
        if self.memo.contains(&key) {
            return Ok(Diags::new());
        }
        let request = proto::ValidateProviderRequest { config: Some(config) };
        let response: proto::ValidateProviderResponse =
            self.call(Method::ValidateProviderConfig, &request).await?;
        if response.diagnostics.is_empty() {
            self.memo.insert(key);
        }
        Ok(diagnostics(response.diagnostics))
    }

    async fn validate_resource_config(&self, ty: &str, config: &Value) -> CallResult<Diags> {
        const CALL: &str = "ValidateResourceConfig";
        let schema = self.resource(CALL, ty)?;
        self.validate(Method::ValidateResourceConfig, CALL, ty, &schema, config, Some(CAPABILITIES)).await
    }

    async fn validate_data_config(&self, ty: &str, config: &Value) -> CallResult<Diags> {
        const CALL: &str = "ValidateDataConfig";
        let schema = self.data_source(CALL, ty)?;
        self.validate(Method::ValidateDataConfig, CALL, ty, &schema, config, None).await
    }

    async fn validate_ephemeral_config(&self, ty: &str, config: &Value) -> CallResult<Diags> {
        const CALL: &str = "ValidateEphemeralResourceConfig";
        let schema = self.ephemeral(CALL, ty)?;
        self.validate(Method::ValidateEphemeralConfig, CALL, ty, &schema, config, None).await
    }

    async fn upgrade_resource_state(
        &self,
        ty: &str,
        version: i64,
        attributes_json: &[u8],
    ) -> CallResult<(Option<Value>, Diags)> {
        const CALL: &str = "UpgradeResourceState";
        let schema = self.resource(CALL, ty)?;
        let raw_state =
            proto::RawState { json: Bytes::copy_from_slice(attributes_json), ..Default::default() };
        let request =
            proto::UpgradeStateRequest { type_name: ty.to_owned(), version, raw_state: Some(raw_state) };
        let response: proto::UpgradeStateResponse = self.call(Method::UpgradeResourceState, &request).await?;
        let state = self.decode(CALL, response.upgraded_state, schema.block.implied_type())?;
        Ok((state, diagnostics(response.diagnostics)))
    }

    async fn upgrade_resource_identity(
        &self,
        ty: &str,
        version: i64,
        identity_json: &[u8],
    ) -> CallResult<(Option<Value>, Diags)> {
        let raw = proto::RawState { json: Bytes::copy_from_slice(identity_json), ..Default::default() };
        let request =
            proto::UpgradeIdentityRequest { type_name: ty.to_owned(), version, raw_identity: Some(raw) };
        let response: proto::UpgradeIdentityResponse =
            self.call(Method::UpgradeResourceIdentity, &request).await?;
        let identity = self.decode_identity("UpgradeResourceIdentity", ty, response.upgraded_identity)?;
        Ok((identity, diagnostics(response.diagnostics)))
    }

    async fn configure(&self, config: &Value) -> CallResult<Diags> {
        const CALL: &str = "ConfigureProvider";
        let config = self.encode(CALL, config, self.schemas.provider().block.implied_type())?;
        let request = proto::ConfigureRequest {
            terraform_version: self.terraform_version.clone(),
            config: Some(config),
            client_capabilities: Some(CAPABILITIES),
        };
        let response: proto::DiagnosticsOnly = self.call(Method::Configure, &request).await?;
        Ok(diagnostics(response.diagnostics))
    }

    async fn read_resource(
        &self,
        ty: &str,
        state: &Value,
        private: Private,
        provider_meta: &Value,
        identity: Option<&Value>,
    ) -> CallResult<ReadResponse> {
        const CALL: &str = "ReadResource";
        let schema = self.resource(CALL, ty)?;
        let implied = schema.block.implied_type();
        let request = proto::ReadResourceRequest {
            type_name: ty.to_owned(),
            current_state: Some(self.encode(CALL, state, implied)?),
            private: private_bytes(&private),
            provider_meta: self.meta(CALL, provider_meta)?,
            client_capabilities: Some(CAPABILITIES),
            current_identity: self.encode_identity(CALL, ty, identity)?,
        };
        let response: proto::ReadResourceResponse = self.call(Method::ReadResource, &request).await?;
        Ok(ReadResponse {
            state: self.decode(CALL, response.new_state, implied)?,
            private: private_of(&response.private),
            identity: self.decode_identity(CALL, ty, response.new_identity)?,
            diags: diagnostics(response.diagnostics),
        })
    }

    async fn plan_resource_change(&self, req: PlanRequest<'_>) -> CallResult<PlanResponse> {
        const CALL: &str = "PlanResourceChange";
        let schema = self.resource(CALL, req.ty)?;
        let implied = schema.block.implied_type();
        let request = proto::PlanRequest {
            type_name: req.ty.to_owned(),
            prior_state: Some(self.encode(CALL, req.prior, implied)?),
            proposed_new_state: Some(self.encode(CALL, req.proposed, implied)?),
            config: Some(self.encode(CALL, req.config, implied)?),
            prior_private: private_bytes(&req.private),
            provider_meta: self.meta(CALL, req.provider_meta)?,
            client_capabilities: Some(CAPABILITIES),
            prior_identity: self.encode_identity(CALL, req.ty, req.identity)?,
        };
        let response: proto::PlanResponse = self.call(Method::PlanResourceChange, &request).await?;
        Ok(PlanResponse {
            planned: self.decode(CALL, response.planned_state, implied)?,
            requires_replace: response.requires_replace.into_iter().map(attribute_path).collect(),
            private: private_of(&response.planned_private),
            identity: self.decode_identity(CALL, req.ty, response.planned_identity)?,
            legacy_type_system: response.legacy_type_system,
            diags: diagnostics(response.diagnostics),
        })
    }

    async fn apply_resource_change(&self, req: ApplyRequest<'_>) -> CallResult<ApplyResponse> {
        const CALL: &str = "ApplyResourceChange";
        let schema = self.resource(CALL, req.ty)?;
        let implied = schema.block.implied_type();
        let request = proto::ApplyRequest {
            type_name: req.ty.to_owned(),
            prior_state: Some(self.encode(CALL, req.prior, implied)?),
            planned_state: Some(self.encode(CALL, req.planned, implied)?),
            config: Some(self.encode(CALL, req.config, implied)?),
            planned_private: private_bytes(&req.private),
            provider_meta: self.meta(CALL, req.provider_meta)?,
            planned_identity: self.encode_identity(CALL, req.ty, req.identity)?,
        };
        let response: proto::ApplyResponse = self.call(Method::ApplyResourceChange, &request).await?;
        Ok(ApplyResponse {
            state: self.decode(CALL, response.new_state, implied)?,
            private: private_of(&response.private),
            identity: self.decode_identity(CALL, req.ty, response.new_identity)?,
            legacy_type_system: response.legacy_type_system,
            diags: diagnostics(response.diagnostics),
        })
    }

    async fn import_resource_state(&self, ty: &str, id: ImportId<'_>) -> CallResult<(Vec<Imported>, Diags)> {
        const CALL: &str = "ImportResourceState";
        let (id, identity) = match id {
            ImportId::Id(id) => (id.to_owned(), None),
            ImportId::Identity(identity) => (String::new(), self.encode_identity(CALL, ty, Some(identity))?),
        };
        let request = proto::ImportRequest {
            type_name: ty.to_owned(),
            id,
            client_capabilities: Some(CAPABILITIES),
            identity,
        };
        let response: proto::ImportResponse = self.call(Method::ImportResourceState, &request).await?;
        let mut imported = Vec::with_capacity(response.imported_resources.len());
        for item in response.imported_resources {
            // An import may bring in objects of other types.
            let schema = self.resource(CALL, &item.type_name)?;
            let implied = schema.block.implied_type();
            let state = self.decode(CALL, item.state, implied)?;
            imported.push(Imported {
                state: state.unwrap_or_else(|| Value::null(implied.clone())),
                private: private_of(&item.private),
                identity: self.decode_identity(CALL, &item.type_name, item.identity)?,
                ty: item.type_name,
            });
        }
        Ok((imported, diagnostics(response.diagnostics)))
    }

    async fn move_resource_state(&self, req: MoveRequest<'_>) -> CallResult<(Option<MovedObject>, Diags)> {
        const CALL: &str = "MoveResourceState";
        let schema = self.resource(CALL, req.target_type)?;
        let source_state =
            proto::RawState { json: Bytes::copy_from_slice(req.source_state), ..Default::default() };
        let request = proto::MoveRequest {
            source_provider_address: req.source_provider.to_owned(),
            source_type_name: req.source_type.to_owned(),
            source_schema_version: req.source_schema_version,
            source_state: Some(source_state),
            target_type_name: req.target_type.to_owned(),
            source_private: private_bytes(&req.source_private),
            source_identity: req.source_identity.map(|(_, json)| proto::RawState {
                json: Bytes::copy_from_slice(json),
                ..Default::default()
            }),
            source_identity_schema_version: req.source_identity.map_or(0, |(version, _)| version),
        };
        let response: proto::MoveResponse = self.call(Method::MoveResourceState, &request).await?;
        let state = self.decode(CALL, response.target_state, schema.block.implied_type())?;
        let identity = self.decode_identity(CALL, req.target_type, response.target_identity)?;
        let private = private_of(&response.target_private);
        let moved = state.map(|value| MovedObject { value, private, identity });
        Ok((moved, diagnostics(response.diagnostics)))
    }

    async fn read_data_source(
        &self,
        ty: &str,
        config: &Value,
        provider_meta: &Value,
    ) -> CallResult<(Option<Value>, Diags)> {
        const CALL: &str = "ReadDataSource";
        let schema = self.data_source(CALL, ty)?;
        let implied = schema.block.implied_type();
        let request = proto::ReadDataRequest {
            type_name: ty.to_owned(),
            config: Some(self.encode(CALL, config, implied)?),
            provider_meta: self.meta(CALL, provider_meta)?,
            client_capabilities: Some(CAPABILITIES),
        };
        let response: proto::ReadDataResponse = self.call(Method::ReadDataSource, &request).await?;
        Ok((self.decode(CALL, response.state, implied)?, diagnostics(response.diagnostics)))
    }

    async fn open_ephemeral(&self, ty: &str, config: &Value) -> CallResult<EphemeralOpen> {
        const CALL: &str = "OpenEphemeralResource";
        let schema = self.ephemeral(CALL, ty)?;
        let implied = schema.block.implied_type();
        let request = proto::OpenEphemeralRequest {
            type_name: ty.to_owned(),
            config: Some(self.encode(CALL, config, implied)?),
            client_capabilities: Some(CAPABILITIES),
        };
        let response: proto::OpenEphemeralResponse = self.call(Method::OpenEphemeral, &request).await?;
        Ok(EphemeralOpen {
            result: self.decode(CALL, response.result, implied)?,
            private: private_of(&response.private.unwrap_or_default()),
            renew_at_ms: milliseconds(response.renew_at),
            diags: diagnostics(response.diagnostics),
        })
    }

    async fn renew_ephemeral(&self, ty: &str, private: Private) -> CallResult<EphemeralOpen> {
        let request = proto::EphemeralHandleRequest {
            type_name: ty.to_owned(),
            private: Some(private_bytes(&private)),
        };
        let response: proto::RenewEphemeralResponse = self.call(Method::RenewEphemeral, &request).await?;
        Ok(EphemeralOpen {
            result: None,
            // A provider that gives no new bytes goes on with the old ones.
            private: response.private.as_ref().map_or(private, private_of),
            renew_at_ms: milliseconds(response.renew_at),
            diags: diagnostics(response.diagnostics),
        })
    }

    async fn close_ephemeral(&self, ty: &str, private: Private) -> CallResult<Diags> {
        let request = proto::EphemeralHandleRequest {
            type_name: ty.to_owned(),
            private: Some(private_bytes(&private)),
        };
        let response: proto::DiagnosticsOnly = self.call(Method::CloseEphemeral, &request).await?;
        Ok(diagnostics(response.diagnostics))
    }

    async fn call_function(
        &self,
        name: &str,
        args: &[Value],
    ) -> CallResult<Result<Value, (Option<usize>, String)>> {
        const CALL: &str = "CallFunction";
        let functions = self.schemas.functions();
        let signature = functions.get(name).ok_or_else(|| self.unknown(CALL, "function", name))?;
        let mut arguments = Vec::with_capacity(args.len());
        for (index, value) in args.iter().enumerate() {
            let Some(ty) = argument_type(signature, index) else {
                let message = format!("too many arguments: {} given", args.len());
                return Ok(Err((Some(index), message)));
            };
            arguments.push(self.encode(CALL, value, ty)?);
        }
        let request = proto::CallFunctionRequest { name: name.to_owned(), arguments };
        let process = self.processes.process().await?;
        process.ready_for_functions().await?;
        let response: proto::CallFunctionResponse = process.call(Method::CallFunction, &request).await?;
        if let Some(error) = response.error {
            let argument = error.function_argument.and_then(|index| usize::try_from(index).ok());
            return Ok(Err((argument, error.text)));
        }
        let result = self.decode(CALL, response.result, &signature.return_type)?;
        result.map(Ok).ok_or_else(|| {
            self.error(CALL, ProviderFailure::Value("there is neither result nor error".into()))
        })
    }

    async fn validate_list_config(&self, ty: &str, config: &Value) -> CallResult<Diags> {
        const CALL: &str = "ValidateListResourceConfig";
        let schema = self.schemas.list(ty).ok_or_else(|| self.unknown(CALL, "list resource", ty))?;
        let request = proto::ValidateListRequest {
            type_name: ty.to_owned(),
            config: Some(self.encode(CALL, config, schema.block.implied_type())?),
            include_resource_object: None,
            limit: None,
        };
        let response: proto::DiagnosticsOnly = self.call(Method::ValidateListConfig, &request).await?;
        Ok(diagnostics(response.diagnostics))
    }

    async fn list_resource(&self, req: ListRequest<'_>) -> CallResult<(Vec<Listed>, Diags)> {
        const CALL: &str = "ListResource";
        let schema = self.schemas.list(req.ty).ok_or_else(|| self.unknown(CALL, "list resource", req.ty))?;
        let resource = self.resource(CALL, req.ty)?;
        let request = proto::ListRequest {
            type_name: req.ty.to_owned(),
            config: Some(self.encode(CALL, req.config, schema.block.implied_type())?),
            include_resource_object: req.include_resource,
            limit: req.limit,
        };
        let limit = usize::try_from(req.limit).unwrap_or(usize::MAX);
        let (mut found, mut diags) = (Vec::new(), Diags::new());
        let each = |event: proto::ListEvent| {
            let failed = event.diagnostic.iter().any(|d| d.severity != 2);
            let told = !event.diagnostic.is_empty();
            diags.extend(diagnostics(event.diagnostic));
            let identity = self.decode_identity(CALL, req.ty, event.identity)?;
            let object = self.decode(CALL, event.resource_object, resource.block.implied_type())?;
            // An event may have nothing but something to say.
            if !failed && (identity.is_some() || object.is_some() || !told) {
                found.push(Listed { identity, display_name: event.display_name, resource: object });
            }
            Ok(found.len() < limit)
        };
        self.processes.process().await?.stream(Method::ListResource, &request, each).await?;
        Ok((found, diags))
    }

    async fn validate_action_config(&self, ty: &str, config: &Value) -> CallResult<Diags> {
        let request = self.action("ValidateActionConfig", ty, config, None)?;
        let response: proto::DiagnosticsOnly = self.call(Method::ValidateActionConfig, &request).await?;
        Ok(diagnostics(response.diagnostics))
    }

    async fn plan_action(&self, ty: &str, config: &Value) -> CallResult<Diags> {
        let request = self.action("PlanAction", ty, config, Some(CAPABILITIES))?;
        let response: proto::DiagnosticsOnly = self.call(Method::PlanAction, &request).await?;
        Ok(diagnostics(response.diagnostics))
    }

    async fn invoke_action(&self, ty: &str, config: &Value, progress: Progress<'_>) -> CallResult<Diags> {
        const CALL: &str = "InvokeAction";
        let request = self.action(CALL, ty, config, Some(CAPABILITIES))?;
        let mut done = None;
        let each = |event: proto::InvokeEvent| {
            match event.kind {
                Some(proto::InvokeEventKind::Progress(p)) => progress(&p.message),
                Some(proto::InvokeEventKind::Completed(c)) => done = Some(diagnostics(c.diagnostics)),
                None => {}
            }
            Ok(true)
        };
        self.processes.process().await?.stream(Method::InvokeAction, &request, each).await?;
        done.ok_or_else(|| {
            self.error(CALL, ProviderFailure::Value("the provider does not say whether it has ended".into()))
        })
    }

    async fn stop(&self) -> CallResult<()> {
        // Nothing runs where no process does.
        let Some(process) = self.processes.running() else { return Ok(()) };
        let response: proto::StopResponse = process.call(Method::Stop, &proto::Empty {}).await?;
        if response.error.is_empty() {
            Ok(())
        } else {
            let cause = ProviderFailure::Rpc { code: "Stop".into(), message: response.error };
            Err(process.error(Method::Stop, cause))
        }
    }
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
