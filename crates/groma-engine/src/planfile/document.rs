//! A plan as a document: addresses as text, values by their places.

use super::values::{PathDoc, Place, Reader, ValueDoc, Writer};
use crate::actions::{ActionAddr, Invocation, Trigger};
use crate::checks::{CheckKind, CheckObject, CheckResult, CheckResults, CheckStatus};
use crate::deferral::{Cause, DeferredChange, DeferredReason};
use crate::identity::IdentityChange;
use crate::plan::{
    Action, ActionReason, Importing, OutputChange, Plan, PlanMode, ResourceChange, VariableInput,
};
use groma_state::State;
use groma_value::Name;
use groma_value::addr::{ConfigResource, ModulePath, ProviderConfig, ResourceInstance, Target};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// All of a plan but its states.
#[derive(Serialize, Deserialize)]
pub(super) struct PlanDoc {
    mode: ModeDoc,
    variables: BTreeMap<Name, VariableDoc>,
    changes: Vec<ChangeDoc>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    deferred: Vec<DeferredDoc>,
    drift: Vec<ChangeDoc>,
    /// Lists of dependencies, which many changes share.
    dependencies: Vec<Vec<String>>,
    outputs: BTreeMap<String, OutputDoc>,
    checks: BTreeMap<String, CheckDoc>,
    relevant: Vec<(String, PathDoc)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    invocations: Vec<InvocationDoc>,
    targets: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    excludes: Vec<String>,
    replace: Vec<String>,
    timestamp: String,
    errored: bool,
    complete: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ModeDoc {
    Normal,
    Destroy,
    RefreshOnly,
}

#[derive(Serialize, Deserialize)]
struct VariableDoc {
    value: ValueDoc,
    set: bool,
}

#[derive(Serialize, Deserialize)]
struct OutputDoc {
    action: ActionDoc,
    before: ValueDoc,
    after: ValueDoc,
    sensitive: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ActionDoc {
    NoOp,
    Create,
    Read,
    Update,
    DeleteThenCreate,
    CreateThenDelete,
    Delete,
    Forget,
}

#[derive(Serialize, Deserialize)]
struct ImportingDoc {
    id: Option<String>,
    identity: Option<ValueDoc>,
}

#[derive(Serialize, Deserialize)]
struct ChangeDoc {
    addr: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    prev_addr: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deposed: Option<String>,
    provider: String,
    action: ActionDoc,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    reason: String,
    before: ValueDoc,
    after: ValueDoc,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    required_replace: Vec<PathDoc>,
    private: Place,
    prior_private: Place,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    importing: Option<ImportingDoc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    generated_config: Option<String>,
    create_before_destroy: bool,
    /// Which of the shared lists.
    dependencies: usize,
    schema_version: i64,
    config_known: bool,
    tainted: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    identity_before: Option<ValueDoc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    identity_after: Option<ValueDoc>,
}

#[derive(Serialize, Deserialize)]
struct DeferredDoc {
    change: ChangeDoc,
    reason: String,
    /// The resource that is waited for, if it is one; else the module.
    resource: Option<String>,
    module: Vec<Name>,
    open_modules: Vec<usize>,
    open_key: bool,
}

#[derive(Serialize, Deserialize)]
struct InvocationDoc {
    addr: String,
    provider: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    trigger: Option<TriggerDoc>,
    config: ValueDoc,
}

#[derive(Serialize, Deserialize)]
struct TriggerDoc {
    resource: String,
    event: String,
    block: usize,
    index: usize,
}

#[derive(Serialize, Deserialize)]
struct CheckDoc {
    kind: String,
    objects: BTreeMap<String, (String, Vec<String>)>,
}

const REASONS: [ActionReason; 14] = [
    ActionReason::ReplaceBecauseTainted,
    ActionReason::ReplaceByRequest,
    ActionReason::ReplaceBecauseCannotUpdate,
    ActionReason::ReplaceByTriggers,
    ActionReason::DeleteBecauseNoResourceConfig,
    ActionReason::DeleteBecauseWrongRepetition,
    ActionReason::DeleteBecauseCountIndex,
    ActionReason::DeleteBecauseEachKey,
    ActionReason::DeleteBecauseEnabledFalse,
    ActionReason::DeleteBecauseNoModule,
    ActionReason::DeleteBecauseNoMoveTarget,
    ActionReason::ReadBecauseConfigUnknown,
    ActionReason::ReadBecauseDependencyPending,
    ActionReason::ReadBecauseCheckNested,
];
const KINDS: [CheckKind; 4] = [CheckKind::Resource, CheckKind::Output, CheckKind::Check, CheckKind::Variable];
const STATUSES: [CheckStatus; 4] =
    [CheckStatus::Pass, CheckStatus::Unknown, CheckStatus::Fail, CheckStatus::Error];

/// Lists of dependencies by the place in memory, as changes share them.
#[derive(Default)]
struct Shared {
    index: HashMap<*const ConfigResource, usize>,
    lists: Vec<Vec<String>>,
}

impl Shared {
    fn add(&mut self, list: &Arc<[ConfigResource]>) -> usize {
        *self.index.entry(list.as_ptr()).or_insert_with(|| {
            self.lists.push(list.iter().map(ToString::to_string).collect());
            self.lists.len() - 1
        })
    }
}

impl PlanDoc {
    /// `skip`: variables whose values are not stored.
    pub fn new(plan: &Plan, skip: &BTreeSet<Name>, w: &mut Writer) -> Result<PlanDoc, String> {
        let mut shared = Shared::default();
        // All empty lists are one, though they may be at different places.
        shared.lists.push(Vec::new());
        let changes = plan.changes.iter().map(|c| change_doc(c, w, &mut shared)).collect::<Result<_, _>>()?;
        let deferred =
            plan.deferred.iter().map(|d| deferred_doc(d, w, &mut shared)).collect::<Result<_, _>>()?;
        let drift = plan.drift.iter().map(|c| change_doc(c, w, &mut shared)).collect::<Result<_, _>>()?;
        let stored = plan.variables.iter().filter(|(n, _)| !skip.contains(*n));
        let variables = stored
            .map(|(n, v)| Ok((n.clone(), VariableDoc { value: w.value(&v.value)?, set: v.set })))
            .collect::<Result<_, String>>()?;
        let outputs = plan
            .outputs
            .iter()
            .map(|(n, o)| {
                let (before, after) = (w.value(&o.before)?, w.value(&o.after)?);
                let action = action_doc(o.action);
                Ok((n.clone(), OutputDoc { action, before, after, sensitive: o.sensitive }))
            })
            .collect::<Result<_, String>>()?;
        let relevant = plan
            .relevant
            .iter()
            .map(|(a, p)| Ok((a.to_string(), w.path(p)?)))
            .collect::<Result<_, String>>()?;
        let invocations = plan.invocations.iter().map(|i| invocation_doc(i, w)).collect::<Result<_, _>>()?;
        Ok(PlanDoc {
            invocations,
            mode: match plan.mode {
                PlanMode::Normal => ModeDoc::Normal,
                PlanMode::Destroy => ModeDoc::Destroy,
                PlanMode::RefreshOnly => ModeDoc::RefreshOnly,
            },
            variables,
            changes,
            deferred,
            drift,
            dependencies: shared.lists,
            outputs,
            checks: plan.checks.0.iter().map(|(a, r)| (a.clone(), check_doc(r))).collect(),
            relevant,
            targets: plan.targets.iter().map(ToString::to_string).collect(),
            excludes: plan.excludes.iter().map(ToString::to_string).collect(),
            replace: plan.replace.iter().map(ToString::to_string).collect(),
            timestamp: plan.timestamp.clone(),
            errored: plan.errored,
            complete: plan.complete,
        })
    }

    /// The plan, with its states. The error is the end of a sentence.
    pub fn plan(self, previous: State, prior: State, r: &Reader<'_>) -> Result<Plan, String> {
        let dependencies = self
            .dependencies
            .iter()
            .map(|list| list.iter().map(|d| ConfigResource::parse(d)).collect())
            .collect::<Result<Vec<Arc<[ConfigResource]>>, String>>()?;
        let changes = |all: Vec<ChangeDoc>| {
            all.into_iter().map(|c| change(c, r, &dependencies)).collect::<Result<Vec<_>, String>>()
        };
        let variables = self
            .variables
            .into_iter()
            .map(|(n, v)| Ok((n, VariableInput { value: r.value(&v.value)?, set: v.set })))
            .collect::<Result<_, String>>()?;
        let outputs = self
            .outputs
            .into_iter()
            .map(|(n, o)| {
                let (before, after) = (r.value(&o.before)?, r.value(&o.after)?);
                Ok((n, OutputChange { action: action(&o.action), before, after, sensitive: o.sensitive }))
            })
            .collect::<Result<_, String>>()?;
        let checks = self.checks.into_iter().map(|(a, c)| Ok((a, check(c)?)));
        let relevant = self.relevant.iter().map(|(a, p)| Ok((ResourceInstance::parse(a)?, r.path(p)?)));
        let invocations = self.invocations.into_iter().map(|i| invocation(i, r));
        Ok(Plan {
            invocations: invocations.collect::<Result<_, String>>()?,
            mode: match self.mode {
                ModeDoc::Normal => PlanMode::Normal,
                ModeDoc::Destroy => PlanMode::Destroy,
                ModeDoc::RefreshOnly => PlanMode::RefreshOnly,
            },
            variables,
            changes: changes(self.changes)?,
            deferred: self
                .deferred
                .into_iter()
                .map(|d| deferred(d, r, &dependencies))
                .collect::<Result<_, _>>()?,
            drift: changes(self.drift)?,
            outputs,
            previous,
            prior,
            checks: CheckResults(checks.collect::<Result<_, String>>()?),
            relevant: relevant.collect::<Result<_, String>>()?,
            targets: self.targets.iter().map(|t| Target::parse(t)).collect::<Result<_, _>>()?,
            excludes: self.excludes.iter().map(|t| Target::parse(t)).collect::<Result<_, _>>()?,
            replace: self.replace.iter().map(|t| ResourceInstance::parse(t)).collect::<Result<_, _>>()?,
            timestamp: self.timestamp,
            errored: self.errored,
            complete: self.complete,
        })
    }
}

fn deferred_doc(d: &DeferredChange, w: &mut Writer, shared: &mut Shared) -> Result<DeferredDoc, String> {
    let (resource, module) = match &d.cause {
        Cause::Resource(c) => (Some(c.to_string()), Vec::new()),
        Cause::Module(p) => (None, p.names().to_vec()),
    };
    Ok(DeferredDoc {
        change: change_doc(&d.change, w, shared)?,
        reason: d.reason.as_str().to_owned(),
        resource,
        module,
        open_modules: d.open_modules.clone(),
        open_key: d.open_key,
    })
}

fn deferred(
    d: DeferredDoc,
    r: &Reader<'_>,
    dependencies: &[Arc<[ConfigResource]>],
) -> Result<DeferredChange, String> {
    let reasons = [DeferredReason::InstanceCountUnknown, DeferredReason::DeferredPrereq];
    let reason = reasons.into_iter().find(|k| k.as_str() == d.reason);
    Ok(DeferredChange {
        change: change(d.change, r, dependencies)?,
        reason: reason.ok_or_else(|| format!("the reason {:?} is not known", d.reason))?,
        cause: match &d.resource {
            Some(c) => Cause::Resource(ConfigResource::parse(c)?),
            None => Cause::Module(d.module.into_iter().fold(ModulePath::root(), |p, name| p.child(name))),
        },
        open_modules: d.open_modules,
        open_key: d.open_key,
    })
}

fn change_doc(c: &ResourceChange, w: &mut Writer, shared: &mut Shared) -> Result<ChangeDoc, String> {
    let place = |e: String| format!("{}: {e}", c.addr);
    let importing = match &c.importing {
        None => None,
        Some(i) => Some(ImportingDoc {
            id: i.id.clone(),
            identity: i.identity.as_ref().map(|v| w.value(v)).transpose().map_err(place)?,
        }),
    };
    let required_replace = c.required_replace.iter().map(|p| w.path(p)).collect::<Result<_, _>>();
    Ok(ChangeDoc {
        addr: c.addr.to_string(),
        prev_addr: c.prev_addr.as_ref().map(ToString::to_string),
        deposed: c.deposed.clone(),
        provider: c.provider.to_string(),
        action: action_doc(c.action),
        reason: c.reason.as_str().to_owned(),
        before: w.value(&c.before).map_err(place)?,
        after: w.value(&c.after).map_err(place)?,
        required_replace: required_replace.map_err(place)?,
        private: w.bytes(&c.private),
        prior_private: w.bytes(&c.prior_private),
        importing,
        generated_config: c.generated_config.clone(),
        create_before_destroy: c.create_before_destroy,
        dependencies: if c.dependencies.is_empty() { 0 } else { shared.add(&c.dependencies) },
        schema_version: c.schema_version,
        config_known: c.config_known,
        tainted: c.tainted,
        identity_before: c.identity.before.as_ref().map(|v| w.value(v)).transpose().map_err(place)?,
        identity_after: c.identity.after.as_ref().map(|v| w.value(v)).transpose().map_err(place)?,
    })
}

fn change(
    c: ChangeDoc,
    r: &Reader<'_>,
    dependencies: &[Arc<[ConfigResource]>],
) -> Result<ResourceChange, String> {
    let importing = match c.importing {
        None => None,
        Some(i) => {
            let identity = i.identity.as_ref().map(|v| r.value(v)).transpose()?;
            Some(Importing { id: i.id, identity })
        }
    };
    let reason = REASONS.into_iter().find(|k| k.as_str() == c.reason);
    if reason.is_none() && !c.reason.is_empty() {
        return Err(format!("the reason {:?} is not known", c.reason));
    }
    Ok(ResourceChange {
        addr: ResourceInstance::parse(&c.addr)?,
        prev_addr: c.prev_addr.as_deref().map(ResourceInstance::parse).transpose()?,
        deposed: c.deposed,
        provider: ProviderConfig::parse(&c.provider)?,
        action: action(&c.action),
        reason: reason.unwrap_or_default(),
        before: r.value(&c.before)?,
        after: r.value(&c.after)?,
        required_replace: c.required_replace.iter().map(|p| r.path(p)).collect::<Result<_, _>>()?,
        private: r.bytes(c.private)?.into(),
        prior_private: r.bytes(c.prior_private)?.into(),
        importing,
        generated_config: c.generated_config,
        create_before_destroy: c.create_before_destroy,
        dependencies: dependencies.get(c.dependencies).cloned().ok_or("a list of dependencies is missing")?,
        schema_version: c.schema_version,
        config_known: c.config_known,
        tainted: c.tainted,
        identity: IdentityChange {
            before: c.identity_before.as_ref().map(|v| r.value(v)).transpose()?,
            after: c.identity_after.as_ref().map(|v| r.value(v)).transpose()?,
        },
    })
}

fn invocation_doc(i: &Invocation, w: &mut Writer) -> Result<InvocationDoc, String> {
    let trigger = i.trigger.as_ref().map(|t| TriggerDoc {
        resource: t.resource.to_string(),
        event: t.event.as_str().to_owned(),
        block: t.block,
        index: t.index,
    });
    let config = w.value(&i.config).map_err(|e| format!("{}: {e}", i.addr))?;
    Ok(InvocationDoc { addr: i.addr.to_string(), provider: i.provider.to_string(), trigger, config })
}

fn invocation(i: InvocationDoc, r: &Reader<'_>) -> Result<Invocation, String> {
    let trigger = |t: TriggerDoc| -> Result<Trigger, String> {
        let event = groma_config::ActionEvent::of(&t.event);
        Ok(Trigger {
            resource: ResourceInstance::parse(&t.resource)?,
            event: event.ok_or_else(|| format!("the event {:?} is not known", t.event))?,
            block: t.block,
            index: t.index,
        })
    };
    Ok(Invocation {
        addr: ActionAddr::parse(&i.addr)?,
        provider: ProviderConfig::parse(&i.provider)?,
        trigger: i.trigger.map(trigger).transpose()?,
        config: r.value(&i.config)?,
    })
}

fn check_doc(r: &CheckResult) -> CheckDoc {
    let object = |o: &CheckObject| (o.status.as_str().to_owned(), o.failures.clone());
    CheckDoc {
        kind: r.kind.as_str().to_owned(),
        objects: r.objects.iter().map(|(a, o)| (a.clone(), object(o))).collect(),
    }
}

fn check(c: CheckDoc) -> Result<CheckResult, String> {
    let kind = KINDS.into_iter().find(|k| k.as_str() == c.kind);
    let kind = kind.ok_or_else(|| format!("the kind of checks {:?} is not known", c.kind))?;
    let object = |(status, failures): (String, Vec<String>)| -> Result<CheckObject, String> {
        let known = STATUSES.into_iter().find(|s| s.as_str() == status);
        let status = known.ok_or_else(|| format!("the status {status:?} is not known"))?;
        Ok(CheckObject { status, failures })
    };
    let objects = c.objects.into_iter().map(|(a, o)| Ok((a, object(o)?)));
    Ok(CheckResult { kind, objects: objects.collect::<Result<_, String>>()? })
}

fn action_doc(a: Action) -> ActionDoc {
    match a {
        Action::NoOp => ActionDoc::NoOp,
        Action::Create => ActionDoc::Create,
        Action::Read => ActionDoc::Read,
        Action::Update => ActionDoc::Update,
        Action::DeleteThenCreate => ActionDoc::DeleteThenCreate,
        Action::CreateThenDelete => ActionDoc::CreateThenDelete,
        Action::Delete => ActionDoc::Delete,
        Action::Forget => ActionDoc::Forget,
    }
}

fn action(a: &ActionDoc) -> Action {
    match a {
        ActionDoc::NoOp => Action::NoOp,
        ActionDoc::Create => Action::Create,
        ActionDoc::Read => Action::Read,
        ActionDoc::Update => Action::Update,
        ActionDoc::DeleteThenCreate => Action::DeleteThenCreate,
        ActionDoc::CreateThenDelete => Action::CreateThenDelete,
        ActionDoc::Delete => Action::Delete,
        ActionDoc::Forget => Action::Forget,
    }
}
