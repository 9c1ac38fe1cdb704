//! The `Provider` trait: what the engine asks of a provider, whatever stands
//! behind it (a plugin process, the built-in provider, the sandbox).

use crate::error::{ProviderError, ProviderFailure};
use async_trait::async_trait;
use groma_value::schema::Schema;
use groma_value::{Path, Type, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A diagnostic from a provider.
#[derive(Clone, Debug, PartialEq)]
pub struct ProviderDiagnostic {
    /// Error, or warning.
    pub error: bool,
    /// A few words.
    pub summary: String,
    /// Sentences.
    pub detail: String,
    /// Where in the configuration.
    pub path: Option<Path>,
}

impl ProviderDiagnostic {
    /// An error without a place.
    pub fn error(summary: impl Into<String>, detail: impl Into<String>) -> ProviderDiagnostic {
        ProviderDiagnostic { error: true, summary: summary.into(), detail: detail.into(), path: None }
    }
}

/// The result of a call.
pub type CallResult<T> = Result<T, ProviderError>;

/// Opaque bytes that a provider keeps with a resource instance.
pub type Private = Arc<[u8]>;

/// What a provider offers besides the calls that all have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// Wants `plan` to be called for deletions too.
    pub plan_destroy: bool,
    /// Need not be asked for its schema in each process.
    pub schema_optional: bool,
    /// Can move state between resource types.
    pub move_resource_state: bool,
}

/// A function that a provider offers (`provider::aws::arn_parse`).
#[derive(Clone, Debug)]
pub struct FunctionSignature {
    /// Parameters by position.
    pub params: Vec<FunctionParam>,
    /// The parameter of all further arguments.
    pub variadic: Option<FunctionParam>,
    /// The type of the result.
    pub return_type: Type,
    /// One sentence.
    pub summary: String,
    /// Documentation.
    pub description: String,
    /// Why not to use it, if deprecated.
    pub deprecation: String,
}

/// A parameter of a [`FunctionSignature`].
#[derive(Clone, Debug)]
pub struct FunctionParam {
    /// Its name.
    pub name: String,
    /// What it takes.
    pub ty: Type,
    /// Whether null is accepted.
    pub allow_null: bool,
    /// Whether unknown values are accepted.
    pub allow_unknown: bool,
    /// Documentation.
    pub description: String,
}

/// The schemas of a provider, read lazily: one resource type costs one lookup.
pub trait Schemas: Send + Sync {
    /// The schema of the provider's configuration.
    fn provider(&self) -> Arc<Schema>;
    /// The schema of `provider_meta` blocks, if it takes any.
    fn provider_meta(&self) -> Option<Arc<Schema>>;
    /// The schema of a managed resource type.
    fn resource(&self, ty: &str) -> Option<Arc<Schema>>;
    /// The schema of a data source.
    fn data_source(&self, ty: &str) -> Option<Arc<Schema>>;
    /// The schema of an ephemeral resource type.
    fn ephemeral(&self, ty: &str) -> Option<Arc<Schema>>;
    /// The functions by name.
    fn functions(&self) -> Arc<BTreeMap<String, FunctionSignature>>;
    /// The version and type of a resource type's identity, if it has one.
    fn identity(&self, ty: &str) -> Option<(i64, Arc<Schema>)>;
    /// The schema of the `config` block of a `list` block for this resource type.
    fn list(&self, _ty: &str) -> Option<Arc<Schema>> {
        None
    }
    /// The schema of the `config` block of an action type.
    fn action(&self, _ty: &str) -> Option<Arc<Schema>> {
        None
    }
    /// All resource types that can be listed, sorted.
    fn list_types(&self) -> Vec<String> {
        Vec::new()
    }
    /// All action types, sorted.
    fn action_types(&self) -> Vec<String> {
        Vec::new()
    }
    /// All managed resource types, sorted.
    fn resource_types(&self) -> Vec<String>;
    /// All data sources, sorted.
    fn data_source_types(&self) -> Vec<String>;
    /// All ephemeral resource types, sorted.
    fn ephemeral_types(&self) -> Vec<String>;
    /// Offers.
    fn capabilities(&self) -> Capabilities;
}

/// `ValidateResourceConfig` and its kin: the answer is diagnostics only.
pub type Diags = Vec<ProviderDiagnostic>;

/// The answer of `ReadResource`.
#[derive(Clone, Debug, Default)]
pub struct ReadResponse {
    /// The object now; null when it is gone. `None` only together with errors.
    pub state: Option<Value>,
    /// The provider's bytes.
    pub private: Private,
    /// The identity, if the provider gave one.
    pub identity: Option<Value>,
    /// What it had to say.
    pub diags: Diags,
}

/// What `PlanResourceChange` is asked.
#[derive(Clone, Debug)]
pub struct PlanRequest<'a> {
    /// The resource type.
    pub ty: &'a str,
    /// The object as it is; null to create.
    pub prior: &'a Value,
    /// The configuration merged with the prior object; null to destroy.
    pub proposed: &'a Value,
    /// The configuration; null to destroy.
    pub config: &'a Value,
    /// The provider's bytes from the prior object.
    pub private: Private,
    /// The value of `provider_meta`, null if there is none.
    pub provider_meta: &'a Value,
    /// The identity of the prior object.
    pub identity: Option<&'a Value>,
}

/// The answer of `PlanResourceChange`.
#[derive(Clone, Debug, Default)]
pub struct PlanResponse {
    /// The planned object; `None` only together with errors.
    pub planned: Option<Value>,
    /// Changes at these places cannot be made in place.
    pub requires_replace: Vec<Path>,
    /// The provider's bytes, to be handed to `apply`.
    pub private: Private,
    /// The planned identity.
    pub identity: Option<Value>,
    /// From the old SDK, whose plans and results break the rules in known ways
    /// that are tolerated.
    pub legacy_type_system: bool,
    /// What it had to say.
    pub diags: Diags,
}

/// What `ApplyResourceChange` is asked.
#[derive(Clone, Debug)]
pub struct ApplyRequest<'a> {
    /// The resource type.
    pub ty: &'a str,
    /// The object as it is; null to create.
    pub prior: &'a Value,
    /// The planned object; null to destroy.
    pub planned: &'a Value,
    /// The configuration; null to destroy.
    pub config: &'a Value,
    /// The provider's bytes from the plan.
    pub private: Private,
    /// The value of `provider_meta`, null if there is none.
    pub provider_meta: &'a Value,
    /// The planned identity.
    pub identity: Option<&'a Value>,
}

/// The answer of `ApplyResourceChange`.
#[derive(Clone, Debug, Default)]
pub struct ApplyResponse {
    /// The object after the call, also after an error that left something behind.
    pub state: Option<Value>,
    /// The provider's bytes.
    pub private: Private,
    /// The identity.
    pub identity: Option<Value>,
    /// As in [`PlanResponse`].
    pub legacy_type_system: bool,
    /// What it had to say.
    pub diags: Diags,
}

/// One object that `ImportResourceState` found.
#[derive(Clone, Debug)]
pub struct Imported {
    /// Its resource type.
    pub ty: String,
    /// Its (partial) state, to be completed by a read.
    pub state: Value,
    /// The provider's bytes.
    pub private: Private,
    /// The identity.
    pub identity: Option<Value>,
}

/// What an import names: an id string or an identity.
#[derive(Clone, Debug)]
pub enum ImportId<'a> {
    /// The id.
    Id(&'a str),
    /// The identity object.
    Identity(&'a Value),
}

/// What `MoveResourceState` is asked.
#[derive(Clone, Debug)]
pub struct MoveRequest<'a> {
    /// The provider of the source object, in full form.
    pub source_provider: &'a str,
    /// Its resource type.
    pub source_type: &'a str,
    /// Its schema version.
    pub source_schema_version: i64,
    /// Its attributes as JSON.
    pub source_state: &'a [u8],
    /// The provider's bytes.
    pub source_private: Private,
    /// Its identity, if it has one: the version of its schema, and JSON.
    pub source_identity: Option<(i64, &'a [u8])>,
    /// The resource type to move to.
    pub target_type: &'a str,
}

/// An object of another resource type, as a provider took it over.
#[derive(Clone, Debug)]
pub struct MovedObject {
    /// The object.
    pub value: Value,
    /// The provider's bytes.
    pub private: Private,
    /// Its identity, if the provider gives one.
    pub identity: Option<Value>,
}

/// An opened ephemeral resource.
#[derive(Clone, Debug, Default)]
pub struct EphemeralOpen {
    /// Its value; `None` only together with errors.
    pub result: Option<Value>,
    /// The provider's bytes, to renew and close.
    pub private: Private,
    /// When it must be renewed, in milliseconds since the epoch; 0: never.
    pub renew_at_ms: i64,
    /// What it had to say.
    pub diags: Diags,
}

/// What a list is asked.
#[derive(Clone, Debug)]
pub struct ListRequest<'a> {
    /// The resource type.
    pub ty: &'a str,
    /// The `config` block.
    pub config: &'a Value,
    /// Whether the objects themselves are wanted, too.
    pub include_resource: bool,
    /// The greatest number of objects.
    pub limit: i64,
}

/// One object that a list has found.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// Its identity.
    pub identity: Option<Value>,
    /// Its name for people.
    pub display_name: String,
    /// The object, if it was asked for.
    pub resource: Option<Value>,
}

/// Hears what an action says while it runs.
pub type Progress<'a> = &'a (dyn Fn(&str) + Send + Sync);

fn not_offered<T>(call: &'static str, kind: &'static str, name: &str) -> CallResult<T> {
    Err(ProviderError::new("", call, ProviderFailure::Unknown { kind, name: name.to_owned() }))
}

/// A provider. All values are unmarked; configuration values may hold unknowns
/// where the protocol allows them.
#[async_trait]
pub trait Provider: Send + Sync {
    /// Its schemas, possibly from a cache.
    fn schemas(&self) -> Arc<dyn Schemas>;

    /// Checks a provider configuration. Implementations may answer from a cache.
    async fn validate_provider_config(&self, config: &Value) -> CallResult<Diags>;
    /// Checks a managed resource's configuration.
    async fn validate_resource_config(&self, ty: &str, config: &Value) -> CallResult<Diags>;
    /// Checks a data source's configuration.
    async fn validate_data_config(&self, ty: &str, config: &Value) -> CallResult<Diags>;
    /// Checks an ephemeral resource's configuration.
    async fn validate_ephemeral_config(&self, ty: &str, config: &Value) -> CallResult<Diags>;
    /// Brings attributes (JSON, of schema version `version`) to the current schema.
    async fn upgrade_resource_state(
        &self,
        ty: &str,
        version: i64,
        attributes_json: &[u8],
    ) -> CallResult<(Option<Value>, Diags)>;
    /// Brings an identity (JSON, of identity schema version `version`) to the current schema.
    /// A provider without identities has none to upgrade.
    async fn upgrade_resource_identity(
        &self,
        ty: &str,
        version: i64,
        identity_json: &[u8],
    ) -> CallResult<(Option<Value>, Diags)> {
        let _ = (version, identity_json);
        let cause = ProviderFailure::Unknown { kind: "resource identity of", name: ty.to_owned() };
        Err(ProviderError::new("", "UpgradeResourceIdentity", cause))
    }
    /// Configures this instance. Called once, before what follows.
    async fn configure(&self, config: &Value) -> CallResult<Diags>;
    /// Reads an object.
    async fn read_resource(
        &self,
        ty: &str,
        state: &Value,
        private: Private,
        provider_meta: &Value,
        identity: Option<&Value>,
    ) -> CallResult<ReadResponse>;
    /// Plans a change.
    async fn plan_resource_change(&self, req: PlanRequest<'_>) -> CallResult<PlanResponse>;
    /// Makes a change.
    async fn apply_resource_change(&self, req: ApplyRequest<'_>) -> CallResult<ApplyResponse>;
    /// Finds an object to import.
    async fn import_resource_state(&self, ty: &str, id: ImportId<'_>) -> CallResult<(Vec<Imported>, Diags)>;
    /// Moves an object from another resource type.
    async fn move_resource_state(&self, req: MoveRequest<'_>) -> CallResult<(Option<MovedObject>, Diags)>;
    /// Reads a data source.
    async fn read_data_source(
        &self,
        ty: &str,
        config: &Value,
        provider_meta: &Value,
    ) -> CallResult<(Option<Value>, Diags)>;
    /// Opens an ephemeral resource.
    async fn open_ephemeral(&self, ty: &str, config: &Value) -> CallResult<EphemeralOpen>;
    /// Renews an ephemeral resource: the new bytes and the next time.
    async fn renew_ephemeral(&self, ty: &str, private: Private) -> CallResult<EphemeralOpen>;
    /// Closes an ephemeral resource.
    async fn close_ephemeral(&self, ty: &str, private: Private) -> CallResult<Diags>;
    /// Calls a function; `Err` of the inner result is the argument (if any) and the reason.
    async fn call_function(
        &self,
        name: &str,
        args: &[Value],
    ) -> CallResult<Result<Value, (Option<usize>, String)>>;
    /// Checks the configuration of a `list` block. Since protocol 5.10 and 6.10; providers
    /// before have nothing to list.
    async fn validate_list_config(&self, ty: &str, _config: &Value) -> CallResult<Diags> {
        not_offered("ValidateListResourceConfig", "list resource", ty)
    }
    /// Finds objects, and warnings and errors. Ends when the limit is reached.
    async fn list_resource(&self, req: ListRequest<'_>) -> CallResult<(Vec<Listed>, Diags)> {
        not_offered("ListResource", "list resource", req.ty)
    }
    /// Checks the configuration of an action. Since protocol 5.10 and 6.10.
    async fn validate_action_config(&self, ty: &str, _config: &Value) -> CallResult<Diags> {
        not_offered("ValidateActionConfig", "action", ty)
    }
    /// Checks an action that is to be invoked later; the configuration may have unknowns.
    async fn plan_action(&self, ty: &str, _config: &Value) -> CallResult<Diags> {
        not_offered("PlanAction", "action", ty)
    }
    /// Runs an action to its end.
    async fn invoke_action(&self, ty: &str, _config: &Value, _progress: Progress<'_>) -> CallResult<Diags> {
        not_offered("InvokeAction", "action", ty)
    }
    /// Asks running calls to end soon (Ctrl-C).
    async fn stop(&self) -> CallResult<()>;
}
