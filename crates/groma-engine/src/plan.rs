//! The plan: what a run intends to do.

use crate::checks::CheckResults;
use crate::identity::IdentityChange;
use groma_provider::Private;
use groma_state::State;
use groma_value::addr::{ConfigResource, ProviderConfig, ResourceInstance, Target};
use groma_value::{Name, Path, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a plan is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlanMode {
    /// Make reality match the configuration.
    #[default]
    Normal,
    /// Destroy everything.
    Destroy,
    /// Only update the state.
    RefreshOnly,
}

/// A root input variable's value and whether it was given (not a default).
#[derive(Clone, Debug, PartialEq)]
pub struct VariableInput {
    /// The value, converted and unmarked.
    pub value: Value,
    /// Whether it was set by the user.
    pub set: bool,
}

/// How to plan.
#[derive(Clone, Debug)]
pub struct PlanOptions {
    /// What for.
    pub mode: PlanMode,
    /// Root input variables: a value for every variable that has one.
    pub variables: BTreeMap<Name, VariableInput>,
    /// Only these, and what they depend on; empty: everything.
    pub targets: Vec<Target>,
    /// All but these and what depends on them; not together with targets.
    pub excludes: Vec<Target>,
    /// Actions to be invoked; then nothing else is planned.
    pub invoke: Vec<crate::actions::ActionAddr>,
    /// Replace these.
    pub replace: Vec<ResourceInstance>,
    /// Whether to read the current state of objects first.
    pub refresh: bool,
    /// Imports named on the command line: address and id.
    pub imports: Vec<(ResourceInstance, String)>,
    /// Whether an unknown `count` or `for_each` puts off what depends on it; else it is an
    /// error.
    pub allow_deferral: bool,
}

impl Default for PlanOptions {
    fn default() -> PlanOptions {
        PlanOptions {
            mode: PlanMode::Normal,
            variables: BTreeMap::new(),
            targets: Vec::new(),
            excludes: Vec::new(),
            invoke: Vec::new(),
            replace: Vec::new(),
            refresh: true,
            imports: Vec::new(),
            allow_deferral: true,
        }
    }
}

/// What is to be done with an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// Nothing.
    NoOp,
    /// Create.
    Create,
    /// Read a data source during apply.
    Read,
    /// Update in place.
    Update,
    /// Destroy, then create.
    DeleteThenCreate,
    /// Create, then destroy the old one.
    CreateThenDelete,
    /// Destroy.
    Delete,
    /// Remove from the state without destroying.
    Forget,
}

impl Action {
    /// Whether it is one of the two replacements.
    pub fn is_replace(self) -> bool {
        matches!(self, Action::DeleteThenCreate | Action::CreateThenDelete)
    }
}

/// Why an action was chosen, where it is not obvious. The names that plan JSON
/// uses are given by [`ActionReason::as_str`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum ActionReason {
    #[default]
    None,
    ReplaceBecauseTainted,
    ReplaceByRequest,
    ReplaceBecauseCannotUpdate,
    ReplaceByTriggers,
    DeleteBecauseNoResourceConfig,
    DeleteBecauseWrongRepetition,
    DeleteBecauseCountIndex,
    DeleteBecauseEachKey,
    DeleteBecauseEnabledFalse,
    DeleteBecauseNoModule,
    DeleteBecauseNoMoveTarget,
    ReadBecauseConfigUnknown,
    ReadBecauseDependencyPending,
    ReadBecauseCheckNested,
}

impl ActionReason {
    /// The name in plan JSON (`action_reason`); empty for `None`.
    pub fn as_str(self) -> &'static str {
        match self {
            ActionReason::None => "",
            ActionReason::ReplaceBecauseTainted => "replace_because_tainted",
            ActionReason::ReplaceByRequest => "replace_by_request",
            ActionReason::ReplaceBecauseCannotUpdate => "replace_because_cannot_update",
            ActionReason::ReplaceByTriggers => "replace_by_triggers",
            ActionReason::DeleteBecauseNoResourceConfig => "delete_because_no_resource_config",
            ActionReason::DeleteBecauseWrongRepetition => "delete_because_wrong_repetition",
            ActionReason::DeleteBecauseCountIndex => "delete_because_count_index",
            ActionReason::DeleteBecauseEachKey => "delete_because_each_key",
            ActionReason::DeleteBecauseEnabledFalse => "delete_because_enabled_false",
            ActionReason::DeleteBecauseNoModule => "delete_because_no_module",
            ActionReason::DeleteBecauseNoMoveTarget => "delete_because_no_move_target",
            ActionReason::ReadBecauseConfigUnknown => "read_because_config_unknown",
            ActionReason::ReadBecauseDependencyPending => "read_because_dependency_pending",
            ActionReason::ReadBecauseCheckNested => "read_because_check_nested",
        }
    }
}

/// The import that a change includes.
#[derive(Clone, Debug, PartialEq)]
pub struct Importing {
    /// The id, if named by one.
    pub id: Option<String>,
    /// The identity, if named by one.
    pub identity: Option<Value>,
}

/// A planned change of one object.
#[derive(Clone, Debug)]
pub struct ResourceChange {
    /// The instance.
    pub addr: ResourceInstance,
    /// Its address before, if it was moved.
    pub prev_addr: Option<ResourceInstance>,
    /// The deposed object that is meant, if one is.
    pub deposed: Option<String>,
    /// The provider configuration.
    pub provider: ProviderConfig,
    /// What to do.
    pub action: Action,
    /// Why.
    pub reason: ActionReason,
    /// The object now, with marks; null when it does not exist.
    pub before: Value,
    /// The object then, with marks and unknowns; null when it will not exist.
    pub after: Value,
    /// The places that make a replacement necessary.
    pub required_replace: Vec<Path>,
    /// The provider's bytes from planning.
    pub private: Private,
    /// The provider's bytes of the object before.
    pub prior_private: Private,
    /// The import included.
    pub importing: Option<Importing>,
    /// Configuration generated for an import.
    pub generated_config: Option<String>,
    /// The effective `create_before_destroy`.
    pub create_before_destroy: bool,
    /// All resources that it depends on, sorted.
    pub dependencies: Arc<[ConfigResource]>,
    /// The provider's schema version of `after`.
    pub schema_version: i64,
    /// Whether the configuration was wholly known, so that the plan need not be
    /// made again while applying.
    pub config_known: bool,
    /// Whether the object before was tainted.
    pub tainted: bool,
    /// What the provider calls the object by.
    pub identity: IdentityChange,
}

impl ResourceChange {
    /// A change of the current object of an instance with nothing special about it: all else
    /// is empty.
    pub(crate) fn plain(
        addr: &ResourceInstance,
        provider: &ProviderConfig,
        action: Action,
        before: Value,
        after: Value,
        schema_version: i64,
    ) -> ResourceChange {
        ResourceChange {
            addr: addr.clone(),
            prev_addr: None,
            deposed: None,
            provider: provider.clone(),
            action,
            reason: ActionReason::None,
            before,
            after,
            required_replace: Vec::new(),
            private: Arc::from([]),
            prior_private: Arc::from([]),
            importing: None,
            generated_config: None,
            create_before_destroy: false,
            dependencies: Arc::from([]),
            schema_version,
            config_known: true,
            tainted: false,
            identity: IdentityChange::default(),
        }
    }

    /// Whether the address changed.
    pub fn moved(&self) -> bool {
        self.prev_addr.as_ref().is_some_and(|p| *p != self.addr)
    }
}

/// A planned change of a root output.
#[derive(Clone, Debug)]
pub struct OutputChange {
    /// Create, update, delete or nothing.
    pub action: Action,
    /// The value now, with marks; null if there is none.
    pub before: Value,
    /// The value then, with marks and unknowns; null if there is none.
    pub after: Value,
    /// Whether it is sensitive, before or after.
    pub sensitive: bool,
}

/// What a run intends to do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What for.
    pub mode: PlanMode,
    /// Root input variables.
    pub variables: BTreeMap<Name, VariableInput>,
    /// Changes, `NoOp` included, in order of addresses; deposed objects after the
    /// current one.
    pub changes: Vec<ResourceChange>,
    /// Changes that are put off, in order of addresses. After an apply, the next plan has
    /// them, or some of them.
    pub deferred: Vec<crate::deferral::DeferredChange>,
    /// What changed outside: from the state of the last run to what was read now.
    pub drift: Vec<ResourceChange>,
    /// Changes of root outputs by name.
    pub outputs: BTreeMap<String, OutputChange>,
    /// The state of the last run, after moves.
    pub previous: State,
    /// The state as read now: what the changes start from.
    pub prior: State,
    /// Results of conditions and checks.
    pub checks: CheckResults,
    /// Attributes that contribute to changes: resource instance and path.
    pub relevant: Vec<(ResourceInstance, Path)>,
    /// Actions to be invoked: of triggers, in order within each resource instance, and of
    /// `-invoke`.
    pub invocations: Vec<crate::actions::Invocation>,
    /// What was targeted.
    pub targets: Vec<Target>,
    /// What was left out on request.
    pub excludes: Vec<Target>,
    /// What replacement was asked for.
    pub replace: Vec<ResourceInstance>,
    /// When it was made, RFC 3339 in UTC.
    pub timestamp: String,
    /// Whether planning ended with errors, so that the plan is only to be shown.
    pub errored: bool,
    /// Whether everything was planned (no targets, nothing deferred).
    pub complete: bool,
}

impl Plan {
    /// A plan that changes nothing.
    pub(crate) fn nothing(opts: &PlanOptions, state: &State, timestamp: String) -> Plan {
        Plan {
            mode: opts.mode,
            variables: opts.variables.clone(),
            changes: Vec::new(),
            deferred: Vec::new(),
            drift: Vec::new(),
            outputs: BTreeMap::new(),
            previous: state.clone(),
            prior: state.clone(),
            checks: CheckResults::default(),
            relevant: Vec::new(),
            invocations: Vec::new(),
            targets: opts.targets.clone(),
            excludes: opts.excludes.clone(),
            replace: opts.replace.clone(),
            timestamp,
            errored: false,
            complete: opts.targets.is_empty() && opts.excludes.is_empty(),
        }
    }
    /// Whether applying would do or store anything.
    pub fn applyable(&self) -> bool {
        if self.errored {
            return false;
        }
        match self.mode {
            PlanMode::RefreshOnly => {
                !self.drift.is_empty() || self.outputs.values().any(|o| o.action != Action::NoOp)
            }
            _ => self.has_changes(),
        }
    }
    /// Whether there is any change of a resource or an output, a move or an import, or an
    /// action to be invoked.
    pub fn has_changes(&self) -> bool {
        !self.invocations.is_empty()
            || self.changes.iter().any(|c| c.action != Action::NoOp || c.moved() || c.importing.is_some())
            || self.outputs.values().any(|o| o.action != Action::NoOp)
    }
    /// Whether there is anything to be done, now or once more is known.
    pub fn has_work(&self) -> bool {
        self.has_changes() || !self.deferred.is_empty()
    }
    /// Numbers of objects to import, add, change, destroy and forget.
    pub fn counts(&self) -> PlanCounts {
        let mut n = PlanCounts { invoke: self.invocations.len(), ..PlanCounts::default() };
        for c in &self.changes {
            if c.importing.is_some() {
                n.import += 1;
            }
            if c.addr.resource.mode != groma_value::addr::Mode::Managed {
                continue;
            }
            match c.action {
                Action::Create => n.add += 1,
                Action::Update => n.change += 1,
                Action::Delete => n.destroy += 1,
                Action::DeleteThenCreate | Action::CreateThenDelete => {
                    n.add += 1;
                    // The destruction of what is replaced may be put off.
                    n.destroy += usize::from(self.deferred.iter().all(|d| d.change.addr != c.addr));
                }
                Action::Forget => n.forget += 1,
                Action::NoOp | Action::Read => {}
            }
        }
        n
    }
}

impl std::ops::AddAssign for PlanCounts {
    fn add_assign(&mut self, n: PlanCounts) {
        self.import += n.import;
        self.add += n.add;
        self.change += n.change;
        self.destroy += n.destroy;
        self.forget += n.forget;
        self.invoke += n.invoke;
    }
}

/// Numbers of objects by what happens to them, and of actions that are invoked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub struct PlanCounts {
    pub import: usize,
    pub add: usize,
    pub change: usize,
    pub destroy: usize,
    pub forget: usize,
    pub invoke: usize,
}
