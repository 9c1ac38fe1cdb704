//! The `Provider` trait, answered from the embedded data and the world.

pub(crate) mod config;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use groma_provider::{
    ApplyRequest, ApplyResponse, CallResult, Diags, EphemeralOpen, ImportId, Imported, MoveRequest,
    MovedObject, NativeProvider, PlanRequest, PlanResponse, Private, Provider, ProviderDiagnostic,
    ProviderError, ProviderFailure, ReadResponse, Schemas,
};
use groma_value::schema::Schema;
use groma_value::{Value, json};

use crate::apply::identity;
use crate::behaviour::Behaviour;
use crate::data_sources::{self, Source};
use crate::faults::{Effect, Operation};
use crate::functions;
use crate::plan::Planner;
use crate::refuse::{Done, Refusal};
use crate::schemas::{self, Embedded};
use crate::services;
use crate::validate;
use crate::world::Tx;
use crate::{Settings, World};
use config::Config;

/// The name that errors of this provider have.
const NAME: &str = "registry.terraform.io/hashicorp/aws";

/// What all instances of a sandbox share.
#[derive(Clone)]
pub(crate) struct Shared {
    pub settings: Settings,
    pub world: World,
    /// Whether a fault has ended the provider.
    dead: Arc<AtomicBool>,
    /// Changes under way that are not waiting for another.
    active: Arc<AtomicUsize>,
}

impl Shared {
    pub fn new(settings: Settings, world: World) -> Shared {
        Shared { settings, world, dead: Arc::default(), active: Arc::default() }
    }
}

impl NativeProvider for Shared {
    fn instance(&self) -> Arc<dyn Provider> {
        let config = RwLock::new(Arc::new(Config::unconfigured(&self.settings)));
        Arc::new(Instance { shared: self.clone(), config })
    }
}

/// The provider with one configuration.
struct Instance {
    shared: Shared,
    config: RwLock<Arc<Config>>,
}

/// How long a deletion waits until it tries again, as the provider does while something is in use.
const RETRY: Duration = Duration::from_millis(15);
/// How often it does so while nothing else is under way that could change anything.
const PATIENCE: u32 = 12;

/// Counts a change as being under way.
struct Busy<'a> {
    count: &'a AtomicUsize,
    counted: bool,
}

impl<'a> Busy<'a> {
    fn new(count: &'a AtomicUsize) -> Busy<'a> {
        count.fetch_add(1, Ordering::SeqCst);
        Busy { count, counted: true }
    }
    fn pause(&mut self) {
        if std::mem::take(&mut self.counted) {
            self.count.fetch_sub(1, Ordering::SeqCst);
        }
    }
    fn resume(&mut self) {
        if !std::mem::replace(&mut self.counted, true) {
            self.count.fetch_add(1, Ordering::SeqCst);
        }
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.pause();
    }
}

fn failed<T>(call: &'static str, cause: ProviderFailure) -> CallResult<T> {
    Err(ProviderError::new(NAME, call, cause))
}

fn unsupported<T>(call: &'static str, kind: &'static str, name: &str) -> CallResult<T> {
    failed(call, ProviderFailure::Unknown { kind, name: name.to_owned() })
}

fn schema_of(call: &'static str, ty: &str) -> CallResult<Arc<Schema>> {
    schemas::resource(ty).map_or_else(|| unsupported(call, "resource type", ty), Ok)
}

impl Instance {
    fn config(&self) -> Arc<Config> {
        self.config.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// Fails when a fault has ended the provider.
    fn alive(&self, call: &'static str) -> CallResult<()> {
        if self.shared.dead.load(Ordering::SeqCst) {
            return failed(call, ProviderFailure::Exited("ended (a fault on demand)".into()));
        }
        Ok(())
    }

    fn transact<T>(&self, call: &'static str, f: impl FnOnce(&mut Tx<'_>) -> Done<T>) -> CallResult<Done<T>> {
        let done = self.shared.world.transact(f);
        done.or_else(|e| {
            failed(call, ProviderFailure::Rpc { code: "Internal".into(), message: e.to_string() })
        })
    }

    /// Lets faults strike: an error, or whether the answer will be lost.
    async fn strike(&self, call: &'static str, ty: &str, op: Operation) -> CallResult<Result<bool, Refusal>> {
        self.alive(call)?;
        let mut lost = false;
        for effect in self.shared.settings.faults.strike(ty, op) {
            match effect {
                Effect::Error(code, message) => return Ok(Err(Refusal::new(code, message))),
                Effect::Slow(time) => tokio::time::sleep(time).await,
                Effect::Lost => lost = true,
                Effect::Crash => {
                    self.shared.dead.store(true, Ordering::SeqCst);
                    self.alive(call)?;
                }
            }
        }
        Ok(Ok(lost))
    }
}

/// The diagnostic of a refusal, as the provider words it.
fn refused(doing: &str, ty: &str, id: &str, refusal: &Refusal) -> ProviderDiagnostic {
    let label = services::label(ty);
    let name = if id.is_empty() { label.clone() } else { format!("{label} ({id})") };
    let service = services::of(ty).0.label;
    let service = if service.is_empty() { services::arn_name(ty) } else { service };
    let summary =
        format!("{doing} {name}: operation error {service}, api error {}: {}", refusal.code, refusal.message);
    ProviderDiagnostic::error(summary, "")
}

fn lost(doing: &str, ty: &str) -> ProviderDiagnostic {
    let why = Refusal::new("RequestTimeout", "the answer did not arrive (a fault on demand)");
    refused(doing, ty, "", &why)
}

#[async_trait]
impl Provider for Instance {
    fn schemas(&self) -> Arc<dyn Schemas> {
        Arc::new(Embedded)
    }
    async fn validate_provider_config(&self, config: &Value) -> CallResult<Diags> {
        Ok(config::validate(config))
    }
    async fn validate_resource_config(&self, ty: &str, config: &Value) -> CallResult<Diags> {
        let schema = schema_of("ValidateResourceConfig", ty)?;
        Ok(validate::resource(ty, &schema.block, config))
    }
    async fn validate_data_config(&self, ty: &str, _: &Value) -> CallResult<Diags> {
        match schemas::data_source(ty) {
            Some(_) => Ok(Vec::new()),
            None => unsupported("ValidateDataSourceConfig", "data source", ty),
        }
    }
    async fn validate_ephemeral_config(&self, ty: &str, _: &Value) -> CallResult<Diags> {
        match schemas::ephemeral(ty) {
            Some(_) => Ok(Vec::new()),
            None => unsupported("ValidateEphemeralResourceConfig", "ephemeral resource type", ty),
        }
    }
    async fn upgrade_resource_state(
        &self,
        ty: &str,
        _: i64,
        attributes: &[u8],
    ) -> CallResult<(Option<Value>, Diags)> {
        let schema = schema_of("UpgradeResourceState", ty)?;
        let wrong = |why: String| vec![ProviderDiagnostic::error("Invalid stored object", why)];
        let parsed: serde_json::Value = match serde_json::from_slice(attributes) {
            Ok(parsed) => parsed,
            Err(e) => return Ok((None, wrong(format!("The stored attributes are not JSON: {e}.")))),
        };
        // What this version's schema does not have any more goes.
        let known = |(n, _): &(String, serde_json::Value)| {
            schema.block.attributes.contains_key(n.as_str()) || schema.block.blocks.contains_key(n.as_str())
        };
        let parsed = match parsed {
            serde_json::Value::Object(m) => serde_json::Value::Object(m.into_iter().filter(known).collect()),
            v => v,
        };
        let value = json::from_json_implied(&parsed).and_then(|v| schema.block.coerce_value(&v));
        match value {
            Ok(value) => Ok((Some(value), Vec::new())),
            Err(e) => Ok((None, wrong(format!("{e}.")))),
        }
    }
    async fn configure(&self, config: &Value) -> CallResult<Diags> {
        let (config, diags) = Config::new(&self.shared.settings, config);
        *self.config.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Arc::new(config);
        Ok(diags)
    }
    async fn read_resource(
        &self,
        ty: &str,
        state: &Value,
        private: Private,
        _: &Value,
        _: Option<&Value>,
    ) -> CallResult<ReadResponse> {
        const CALL: &str = "ReadResource";
        let schema = schema_of(CALL, ty)?;
        let mut out = ReadResponse { private, ..ReadResponse::default() };
        if let Err(refusal) = self.strike(CALL, ty, Operation::Read).await? {
            out.diags.push(refused("reading", ty, &identity(state), &refusal));
            return Ok(out);
        }
        let config = self.config();
        let change = config.change(ty, &schema.block);
        let key = change.key(&change.kept_by(state));
        let found = self.transact(CALL, |tx| Ok(tx.get(&key).and_then(|o| o.value(ty)).cloned()))?;
        let gone = || Value::Null(schema.block.implied_type().clone());
        out.state = Some(found.ok().flatten().unwrap_or_else(gone));
        Ok(out)
    }
    async fn plan_resource_change(&self, req: PlanRequest<'_>) -> CallResult<PlanResponse> {
        const CALL: &str = "PlanResourceChange";
        let schema = schema_of(CALL, req.ty)?;
        self.alive(CALL)?;
        let behaviour = Behaviour::of(req.ty);
        let mut out = PlanResponse {
            private: req.private,
            legacy_type_system: behaviour.legacy(),
            ..PlanResponse::default()
        };
        if req.proposed.is_null() {
            out.planned = Some(req.proposed.clone());
            return Ok(out);
        }
        let config = self.config();
        let planner = Planner {
            ty: req.ty,
            block: &schema.block,
            behaviour: &behaviour,
            default_tags: &config.default_tags,
        };
        if req.prior.is_null() {
            out.planned = Some(planner.create(req.config));
        } else {
            let planned = planner.update(req.prior, req.proposed, req.config);
            out.planned = Some(planned.value);
            out.requires_replace = planned.requires_replace;
        }
        Ok(out)
    }
    async fn apply_resource_change(&self, req: ApplyRequest<'_>) -> CallResult<ApplyResponse> {
        const CALL: &str = "ApplyResourceChange";
        let schema = schema_of(CALL, req.ty)?;
        let ty = req.ty;
        let (op, doing) = match (req.prior.is_null(), req.planned.is_null()) {
            (true, _) => (Operation::Create, "creating"),
            (false, false) => (Operation::Update, "updating"),
            (false, true) => (Operation::Delete, "deleting"),
        };
        let mut out = ApplyResponse {
            private: req.private,
            legacy_type_system: Behaviour::of(ty).legacy(),
            ..ApplyResponse::default()
        };
        let id = if req.prior.is_null() { String::new() } else { identity(req.prior) };
        let null = Value::Null(schema.block.implied_type().clone());
        let mut busy = Busy::new(&self.shared.active);
        let lose = match self.strike(CALL, ty, op).await? {
            Ok(lose) => lose,
            Err(refusal) => {
                out.state = Some(if req.prior.is_null() { null } else { req.prior.clone() });
                out.diags.push(refused(doing, ty, &id, &refusal));
                return Ok(out);
            }
        };
        let config = self.config();
        let change = config.change(ty, &schema.block);
        let attempt = || {
            self.transact(CALL, |tx| match op {
                Operation::Create => change.create(tx, req.planned).map(Some),
                Operation::Update => change.update(tx, req.prior, req.planned).map(Some),
                _ => change.delete(tx, req.prior).map(|()| None),
            })
        };
        let mut done = attempt()?;
        let mut idle = 0;
        while op == Operation::Delete && matches!(&done, Err(r) if r.passing) && idle < PATIENCE {
            busy.pause();
            tokio::time::sleep(RETRY).await;
            idle = if self.shared.active.load(Ordering::SeqCst) == 0 { idle + 1 } else { 0 };
            busy.resume();
            done = attempt()?;
        }
        match done {
            Ok(_) if lose => {
                out.state = Some(if req.prior.is_null() { null } else { req.prior.clone() });
                out.diags.push(lost(doing, ty));
            }
            Ok(state) => out.state = Some(state.unwrap_or(null)),
            Err(refusal) => {
                out.state = Some(if req.prior.is_null() { null } else { req.prior.clone() });
                out.diags.push(refused(doing, ty, &id, &refusal));
            }
        }
        Ok(out)
    }
    async fn import_resource_state(&self, ty: &str, id: ImportId<'_>) -> CallResult<(Vec<Imported>, Diags)> {
        const CALL: &str = "ImportResourceState";
        let schema = schema_of(CALL, ty)?;
        self.alive(CALL)?;
        let ImportId::Id(id) = id else {
            let why = "Objects of the sandbox have no identities; import by id.";
            return Ok((Vec::new(), vec![ProviderDiagnostic::error("Cannot import", why)]));
        };
        let config = self.config();
        let change = config.change(ty, &schema.block);
        let key = change.key(id);
        let found = self.transact(CALL, |tx| {
            let exact = tx.get(&key).and_then(|o| o.value(ty)).cloned();
            let named = || {
                let mut all = tx.of(&key.account, &key.region, ty);
                all.find_map(|(k, o)| o.value(&k.ty).filter(|v| crate::import::is_meant(ty, v, id)).cloned())
            };
            Ok(exact.or_else(named))
        })?;
        match found.ok().flatten() {
            Some(state) => {
                let private = Arc::from([]);
                Ok((vec![Imported { ty: ty.to_owned(), state, private, identity: None }], Vec::new()))
            }
            None => {
                // As the provider does, which finds out when it reads.
                let empty = schema.block.empty_value();
                let mut fields = empty.as_fields().cloned().unwrap_or_default();
                if schema.block.attributes.contains_key("id") {
                    fields.insert("id", Value::string(id));
                }
                let state = Value::object(fields);
                let private = Arc::from([]);
                Ok((vec![Imported { ty: ty.to_owned(), state, private, identity: None }], Vec::new()))
            }
        }
    }
    async fn move_resource_state(&self, req: MoveRequest<'_>) -> CallResult<(Option<MovedObject>, Diags)> {
        let why = format!("An object of type {} cannot become a {}.", req.source_type, req.target_type);
        Ok((None, vec![ProviderDiagnostic::error("Unsupported move", why)]))
    }
    async fn read_data_source(
        &self,
        ty: &str,
        given: &Value,
        _: &Value,
    ) -> CallResult<(Option<Value>, Diags)> {
        const CALL: &str = "ReadDataSource";
        let Some(schema) = schemas::data_source(ty) else {
            return unsupported(CALL, "data source", ty);
        };
        if let Err(refusal) = self.strike(CALL, ty, Operation::Read).await? {
            return Ok((None, vec![refused("reading", ty, "", &refusal)]));
        }
        let config = self.config();
        let done = self.transact(CALL, |tx| {
            let source =
                Source { tx, place: &config.place, provider: &config, block: &schema.block, config: given };
            data_sources::read(ty, source)
        })?;
        Ok(match done {
            Ok(value) => (Some(value), Vec::new()),
            Err(Refusal { code, message, .. }) if code.is_empty() => {
                let summary = format!("reading {}", services::label(ty));
                (None, vec![ProviderDiagnostic::error(summary, format!("{message}."))])
            }
            Err(refusal) => (None, vec![refused("reading", ty, "", &refusal)]),
        })
    }
    async fn open_ephemeral(&self, ty: &str, given: &Value) -> CallResult<EphemeralOpen> {
        const CALL: &str = "OpenEphemeralResource";
        let Some(schema) = schemas::ephemeral(ty) else {
            return unsupported(CALL, "ephemeral resource type", ty);
        };
        self.alive(CALL)?;
        let config = self.config();
        // Each has a data source of its name that says the same.
        let done = self.transact(CALL, |tx| {
            let source =
                Source { tx, place: &config.place, provider: &config, block: &schema.block, config: given };
            data_sources::read(ty, source)
        })?;
        let mut out = EphemeralOpen::default();
        match done {
            Ok(value) => out.result = Some(value),
            Err(refusal) => out.diags.push(refused("opening", ty, "", &refusal)),
        }
        Ok(out)
    }
    async fn renew_ephemeral(&self, _: &str, _: Private) -> CallResult<EphemeralOpen> {
        Ok(EphemeralOpen::default())
    }
    async fn close_ephemeral(&self, _: &str, _: Private) -> CallResult<Diags> {
        Ok(Vec::new())
    }
    async fn call_function(
        &self,
        name: &str,
        args: &[Value],
    ) -> CallResult<Result<Value, (Option<usize>, String)>> {
        match functions::call(name, args) {
            Some(answer) => Ok(answer),
            None => unsupported("CallFunction", "function", name),
        }
    }
    async fn stop(&self) -> CallResult<()> {
        Ok(())
    }
}
