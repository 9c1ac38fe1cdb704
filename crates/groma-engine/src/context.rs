//! What a run needs from outside.

use crate::plan::Action;
use async_trait::async_trait;
use groma_config::Config;
use groma_lang::functions::FunctionContext;
use groma_lang::{Diagnostic, Diagnostics};
use groma_provider::{CallResult, Diags, Provider, Schemas};
use groma_state::{Object, OutputValue};
use groma_value::Value;
use groma_value::addr::{Provider as ProviderAddr, ProviderConfig, ResourceInstance};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

/// Where providers come from. Implementations start processes as late as they can.
#[async_trait]
pub trait Providers: Send + Sync {
    /// The schemas, from a cache where possible.
    async fn schemas(&self, provider: &ProviderAddr) -> CallResult<Arc<dyn Schemas>>;
    /// An instance for calls that need no configuration (validation, upgrades).
    async fn unconfigured(&self, provider: &ProviderAddr) -> CallResult<Arc<dyn Provider>>;
    /// An instance with this configuration; equal configurations may share one.
    async fn configured(
        &self,
        provider: &ProviderAddr,
        config: &Value,
    ) -> CallResult<(Arc<dyn Provider>, Diags)>;
    /// Calls a function of a provider, without configuration, and waits for the
    /// answer: evaluation is synchronous. As [`Provider::call_function`]. Implementations
    /// whose providers need a runtime must have one that goes on meanwhile.
    fn call_function(
        &self,
        provider: &ProviderAddr,
        name: &str,
        args: &[Value],
    ) -> CallResult<Result<Value, (Option<usize>, String)>> {
        futures::executor::block_on(async {
            self.unconfigured(provider).await?.call_function(name, args).await
        })
    }
}

/// Schemas of all providers of a run.
pub type SchemaMap = HashMap<ProviderAddr, Arc<dyn Schemas>>;

/// Everything that stays the same during a run.
pub struct Context {
    /// The configuration.
    pub config: Arc<Config>,
    /// The providers.
    pub providers: Arc<dyn Providers>,
    /// Schemas of every provider that the configuration or the state names.
    pub schemas: SchemaMap,
    /// What functions need; `apply` and `plan_timestamp` are set by each walk.
    pub functions: FunctionContext,
    /// Concurrent provider operations.
    pub parallelism: usize,
    /// The workspace, for `terraform.workspace`.
    pub workspace: String,
    /// The working directory at start, for `path.cwd`.
    pub cwd: String,
    /// How to stop early.
    pub interrupt: Arc<Interrupt>,
    /// Who is told what happens.
    pub observer: Arc<dyn Observer>,
    /// The socket of the SSH agent, if one runs.
    pub ssh_agent: Option<PathBuf>,
    /// What tests put in the place of real things.
    pub overlay: crate::overlay::Overlay,
}

impl Context {
    /// All providers that `config` and `state` name, the built-in one included.
    pub fn providers_of(config: &Config, state: &groma_state::State) -> BTreeSet<ProviderAddr> {
        let mut out = BTreeSet::new();
        config.root.walk(&mut |node| {
            out.extend(node.providers.values().map(|p| p.provider.clone()));
            // Their functions may be called.
            out.extend(node.module.required_providers.values().map(|r| r.source.clone()));
        });
        out.extend(state.resources.values().map(|r| r.provider.provider.provider.clone()));
        out
    }

    /// Loads the schemas of `providers`. What cannot be loaded is reported and left out.
    pub async fn load_schemas(
        providers: &dyn Providers,
        which: impl IntoIterator<Item = ProviderAddr>,
        diags: &mut Diagnostics,
    ) -> SchemaMap {
        let loads = which.into_iter().map(|p| async move {
            let r = providers.schemas(&p).await;
            (p, r)
        });
        let mut out = SchemaMap::new();
        for (p, r) in futures::future::join_all(loads).await {
            match r {
                Ok(s) => {
                    out.insert(p, s);
                }
                Err(e) => diags.push(crate::provider_calls::call_failed(&e)),
            }
        }
        out
    }
}

/// Asks a run to stop: once gracefully, twice at once.
#[derive(Debug, Default)]
pub struct Interrupt {
    level: AtomicU8,
    notify: tokio::sync::Notify,
}

impl Interrupt {
    /// Raises the level by one: 1 starts nothing new, 2 abandons running operations.
    pub fn raise(&self) {
        self.level.fetch_add(1, Ordering::SeqCst);
        self.notify.notify_waiters();
    }
    /// Whether to start nothing new.
    pub fn stopping(&self) -> bool {
        self.level.load(Ordering::SeqCst) >= 1
    }
    /// Whether to abandon running operations.
    pub fn aborting(&self) -> bool {
        self.level.load(Ordering::SeqCst) >= 2
    }
    /// Returns when the level is at least `level`.
    pub async fn reached(&self, level: u8) {
        loop {
            let wait = self.notify.notified();
            if self.level.load(Ordering::SeqCst) >= level {
                return;
            }
            wait.await;
        }
    }
}

/// A kind of operation on a resource instance, for progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Reading an object's current state.
    Refresh,
    /// Reading a data source.
    ReadData,
    /// Importing.
    Import,
    /// Making a planned change.
    Apply(Action),
    /// Opening an ephemeral resource.
    OpenEphemeral,
    /// Renewing an ephemeral resource.
    RenewEphemeral,
    /// Closing an ephemeral resource.
    CloseEphemeral,
}

/// How far an action is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActionStage {
    /// The provider is asked.
    Started,
    /// It says something.
    Progress(String),
    /// It ended well.
    Done,
    /// It failed; the reason is in the diagnostics of the run.
    Failed,
}

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// An operation begins.
    Start {
        /// On which instance.
        addr: ResourceInstance,
        /// On which deposed object.
        deposed: Option<String>,
        /// What.
        op: Operation,
        /// The object's id attribute (name and value) if it has one.
        id: Option<(String, String)>,
    },
    /// It ended well.
    Done {
        /// On which instance.
        addr: ResourceInstance,
        /// On which deposed object.
        deposed: Option<String>,
        /// What.
        op: Operation,
        /// The object's id attribute (name and value) if it has one.
        id: Option<(String, String)>,
        /// How long it took.
        elapsed: Duration,
    },
    /// It failed; the reason is in the diagnostics of the run.
    Failed {
        /// On which instance.
        addr: ResourceInstance,
        /// What.
        op: Operation,
        /// How long it took.
        elapsed: Duration,
    },
    /// An ephemeral resource is opened while applying only: its configuration is not
    /// known yet.
    Deferred {
        /// Which instance.
        addr: ResourceInstance,
    },
    /// A change was planned.
    Planned {
        /// On which instance.
        addr: ResourceInstance,
        /// What.
        action: Action,
    },
    /// A provisioner begins.
    ProvisionStart {
        /// On which instance.
        addr: ResourceInstance,
        /// `local-exec`, ...
        provisioner: String,
    },
    /// A provisioner ended well.
    ProvisionDone {
        /// On which instance.
        addr: ResourceInstance,
        /// `local-exec`, ...
        provisioner: String,
    },
    /// A provisioner failed; the reason is in the diagnostics of the run.
    ProvisionFailed {
        /// On which instance.
        addr: ResourceInstance,
        /// `local-exec`, ...
        provisioner: String,
    },
    /// Something about an action that is invoked.
    Action {
        /// The action's address.
        addr: String,
        /// The resource instance whose change triggers it; none: it was asked for.
        trigger: Option<ResourceInstance>,
        /// What.
        stage: ActionStage,
    },
    /// A line of output of a provisioner.
    ProvisionOutput {
        /// On which instance.
        addr: ResourceInstance,
        /// `local-exec`, ...
        provisioner: String,
        /// The line.
        line: String,
    },
}

/// Is told what happens. Must return quickly.
pub trait Observer: Send + Sync {
    /// Something happened.
    fn event(&self, event: Event);
}

/// An observer that ignores everything.
pub struct Quiet;
impl Observer for Quiet {
    fn event(&self, _: Event) {}
}

/// One finished change of state.
#[derive(Clone, Debug)]
pub enum StateChange {
    /// The current object of an instance.
    Current {
        /// Which instance.
        addr: ResourceInstance,
        /// Its provider configuration.
        provider: ProviderConfig,
        /// The object; `None`: gone.
        object: Option<Arc<Object>>,
    },
    /// A deposed object of an instance.
    Deposed {
        /// Which instance.
        addr: ResourceInstance,
        /// The deposed key.
        key: String,
        /// Its provider configuration.
        provider: ProviderConfig,
        /// The object; `None`: gone.
        object: Option<Arc<Object>>,
    },
    /// All root outputs.
    Outputs(BTreeMap<String, OutputValue>),
}

/// Stores finished changes durably. Called before anything that depends on the
/// change begins.
pub trait StateSink: Send + Sync {
    /// Stores one change; on failure, why (the apply stops then, and the whole
    /// state is returned to the caller to be saved elsewhere).
    fn record(&self, change: &StateChange) -> Result<(), Diagnostic>;
}

/// A sink that stores nothing: for runs whose result is only looked at.
pub struct NoSink;
impl StateSink for NoSink {
    fn record(&self, _: &StateChange) -> Result<(), Diagnostic> {
        Ok(())
    }
}
