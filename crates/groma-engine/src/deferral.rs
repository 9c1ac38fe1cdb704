//! What is put off: resources whose number is not known yet, what is in modules whose
//! number is not known yet, and what depends on either. It is no part of the apply that
//! follows; the plan after that one has it.

use crate::expand::IfUnknown;
use crate::graph::Node;
use crate::objects::{mark_sensitive, object_value};
use crate::plan::{Action, ActionReason, Plan, PlanMode, ResourceChange};
use crate::plan_walk::Planner;
use crate::values::Expansion;
use crate::walk::Walk;
use groma_config::{Config, Resource};
use groma_lang::{Diagnostics, Expr};
use groma_value::Value;
use groma_value::addr::{
    AbsResource, ConfigResource, Key, Mode, ModuleInstance, ModulePath, ProviderConfig, ResourceInstance,
};
use groma_value::proposed_new::planned_data_resource_object;
use groma_value::schema::Schema;
use std::collections::{HashMap, HashSet};
use std::fmt;

/// Why a change is put off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeferredReason {
    /// How many instances there are is not known yet.
    InstanceCountUnknown,
    /// It depends on something that is put off.
    DeferredPrereq,
}

impl DeferredReason {
    /// The name in plan JSON (`reason` of `deferred_changes`).
    pub fn as_str(self) -> &'static str {
        match self {
            DeferredReason::InstanceCountUnknown => "instance_count_unknown",
            DeferredReason::DeferredPrereq => "deferred_prereq",
        }
    }
}

/// What something is put off for: a block whose `count` or `for_each` is not known.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cause {
    /// A resource or data source.
    Resource(ConfigResource),
    /// A module call.
    Module(ModulePath),
}

impl Cause {
    /// The argument that is not known: its name, and its expression for the place.
    pub fn argument<'c>(&self, config: &'c Config) -> Option<(&'static str, &'c Expr)> {
        let mut node = &config.root;
        let (path, last) = match self {
            Cause::Resource(c) => (c.module.names(), None),
            Cause::Module(p) => p.names().split_last().map(|(last, path)| (path, Some(last)))?,
        };
        for name in path {
            node = node.children.get(name)?;
        }
        let (count, for_each) = match (self, last) {
            (Cause::Resource(c), _) => {
                let r = node.module.resources.get(&c.resource)?;
                (&r.count, &r.for_each)
            }
            (_, Some(name)) => {
                let call = node.module.calls.get(name)?;
                (&call.count, &call.for_each)
            }
            _ => return None,
        };
        count.as_ref().map(|e| ("count", e)).or(for_each.as_ref().map(|e| ("for_each", e)))
    }
}

/// As an address, with `[*]` in the place of the key: `aws_instance.web[*]`.
impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause::Resource(c) => write!(f, "{c}[*]"),
            Cause::Module(p) => write!(f, "{p}[*]"),
        }
    }
}

/// A change that is put off, as far as it is known.
#[derive(Clone, Debug)]
pub struct DeferredChange {
    /// What would be done. Its address has no key where the key is not known.
    pub change: ResourceChange,
    /// Why.
    pub reason: DeferredReason,
    /// What it waits for.
    pub cause: Cause,
    /// Which steps of the address's module have a key that is not known.
    pub open_modules: Vec<usize>,
    /// Whether the instance's key is not known.
    pub open_key: bool,
}

impl DeferredChange {
    /// The address, with `[*]` where a key is not known: `module.m[*].aws_instance.web[*]`.
    pub fn pattern(&self) -> String {
        let addr = &self.change.addr;
        let mut out = String::new();
        for (i, (name, key)) in addr.module.steps().iter().enumerate() {
            let star = if self.open_modules.contains(&i) { "[*]".to_owned() } else { key.to_string() };
            out.push_str(&format!("module.{name}{star}."));
        }
        out.push_str(&self.resource_pattern());
        out
    }

    /// The last part of the address, without the module.
    pub fn resource_pattern(&self) -> String {
        let addr = &self.change.addr;
        match self.open_key {
            true => format!("{}[*]", addr.resource),
            false => format!("{}{}", addr.resource, addr.key),
        }
    }
}

/// What a walk puts off.
pub(crate) struct Deferral {
    /// What becomes of what is not known.
    pub if_unknown: IfUnknown,
    /// Calls that the plan has put off, as module instances without the last key.
    calls: HashSet<ModuleInstance>,
    /// Resources that the plan has put off because of their number.
    resources: HashSet<AbsResource>,
    /// Instances that the plan has put off.
    instances: HashSet<ResourceInstance>,
}

impl Default for Deferral {
    fn default() -> Deferral {
        Deferral {
            if_unknown: IfUnknown::Refuse,
            calls: HashSet::new(),
            resources: HashSet::new(),
            instances: HashSet::new(),
        }
    }
}

impl Deferral {
    /// A walk that plans.
    pub fn planning(allowed: bool) -> Deferral {
        let if_unknown = if allowed { IfUnknown::PutOff } else { IfUnknown::Refuse };
        Deferral { if_unknown, ..Deferral::default() }
    }

    /// A walk that follows a plan: what that has put off stays so, even if it is known by
    /// then, as nothing of it is done.
    pub fn following(plan: &Plan) -> Deferral {
        let mut out = Deferral::planning(!plan.deferred.is_empty());
        for d in &plan.deferred {
            let addr = &d.change.addr;
            let steps = addr.module.steps();
            out.calls.extend(d.open_modules.iter().map(|&i| steps[..=i].iter().cloned().collect()));
            if d.open_key {
                out.resources.insert(addr.abs_resource());
            }
            out.instances.insert(addr.clone());
        }
        out
    }

    /// Whether a call was put off.
    pub fn has_call(&self, parent: &ModuleInstance, name: &groma_value::Name) -> bool {
        !self.calls.is_empty() && self.calls.contains(&parent.child(name.clone(), Key::None))
    }

    /// Whether the number of a resource was put off.
    pub fn has_resource(&self, addr: &AbsResource) -> bool {
        self.resources.contains(addr)
    }

    /// Whether the change of an instance was put off.
    pub fn has_instance(&self, addr: &ResourceInstance) -> bool {
        self.instances.contains(addr)
    }

    /// Whether anything was put off by the plan.
    pub fn any(&self) -> bool {
        !self.instances.is_empty()
    }
}

impl Walk<'_> {
    /// Whether a module instance stands for a number of them that is not known, so that
    /// there may be none: no condition in it counts.
    pub fn is_stand_in(&self, m: &ModuleInstance) -> bool {
        self.phase != crate::walk::Phase::Validate && self.values.borrow().is_stand_in(m)
    }
}

impl<'a> Planner<'a> {
    /// Notes what a node waits for, before it is visited: what those wait for that it
    /// depends on.
    pub fn inherit(&self, node: u32) {
        if self.opts.mode != PlanMode::Normal {
            return;
        }
        let mut waiting = self.waiting.borrow_mut();
        let deps = &self.walk.graph.deps[node as usize];
        if let Some(cause) = deps.iter().find_map(|d| waiting.get(d)).cloned() {
            waiting.insert(node, cause);
        }
    }

    fn wait(&self, node: &Node, cause: Cause) {
        if self.opts.mode == PlanMode::Normal
            && let Some(i) = self.walk.graph.id(node)
        {
            self.waiting.borrow_mut().entry(i).or_insert(cause);
        }
    }

    fn waits(&self, node: &Node) -> Option<Cause> {
        self.waiting.borrow().get(&self.walk.graph.id(node)?).cloned()
    }

    /// What a resource waits for, if it does.
    pub fn waits_for(&self, c: &ConfigResource) -> Option<Cause> {
        if self.waiting.borrow().is_empty() {
            return None;
        }
        self.waits(&Node::Resource(c.clone())).or_else(|| self.waits(&Node::Orphan(c.clone())))
    }

    /// What a provider configuration waits for, if it does: it cannot be used then.
    pub fn provider_waits_for(&self, p: &ProviderConfig) -> Option<Cause> {
        if self.waiting.borrow().is_empty() {
            return None;
        }
        self.waits(&Node::Provider(p.whole()))
    }

    /// Notes a call that was just expanded, if its number is not known. What only has
    /// values in it is no matter: they are known while applying.
    pub fn note_call(&self, path: &ModulePath) {
        let (Some(parent), Some(name)) = (path.parent(), path.last()) else { return };
        let unknown = {
            let values = self.walk.values.borrow();
            let call = |m: &ModuleInstance| values.module(m).and_then(|v| v.calls.get(name));
            values.instances(&parent).iter().any(|m| call(m) == Some(&Expansion::Unknown))
        };
        let mut has_objects = false;
        if let Some(node) = self.walk.graph.modules.get(path).filter(|_| unknown) {
            node.walk(&mut |n| {
                has_objects |= n.module.resources.keys().any(|r| r.mode != Mode::Ephemeral);
            });
        }
        if has_objects {
            self.wait(&Node::Module(path.clone()), Cause::Module(path.clone()));
        }
    }

    /// Of the instances of a resource in a module instance: whether their number is not
    /// known.
    fn is_open(&self, abs: &AbsResource) -> bool {
        self.walk.values.borrow().expansion(abs) == Some(&Expansion::Unknown)
    }

    /// Whether it is not known yet which of the objects at an address are wanted.
    pub fn undecided(&self, abs: &AbsResource) -> bool {
        if self.walk.graph.resource(&abs.config()).is_none() {
            return false;
        }
        let values = self.walk.values.borrow();
        let mut m = ModuleInstance::root();
        for (name, key) in abs.module.steps() {
            if values.module(&m).and_then(|v| v.calls.get(name)) == Some(&Expansion::Unknown) {
                return true;
            }
            m = m.child(name.clone(), key.clone());
        }
        drop(values);
        self.is_open(abs)
    }

    /// Puts off a change of a resource that waits for something.
    pub fn defer(&self, change: ResourceChange, reason: DeferredReason, cause: Cause) {
        if self.opts.mode != PlanMode::Normal {
            return;
        }
        let (mut open_modules, mut m) = (Vec::new(), ModuleInstance::root());
        {
            let values = self.walk.values.borrow();
            for (i, (name, key)) in change.addr.module.steps().iter().enumerate() {
                if values.module(&m).and_then(|v| v.calls.get(name)) == Some(&Expansion::Unknown) {
                    open_modules.push(i);
                }
                m = m.child(name.clone(), key.clone());
            }
        }
        let open_key = self.is_open(&change.addr.abs_resource());
        // What is imported is in the state once its change is made.
        if change.importing.is_some() {
            self.prior.borrow_mut().set_current(&change.addr, &change.provider, None);
        }
        let key = (change.addr.clone(), change.deposed.clone());
        let deferred = DeferredChange { change, reason, cause, open_modules, open_key };
        self.deferred.borrow_mut().insert(key, deferred);
    }

    /// Takes out of `modules` what of a resource cannot be planned at all: where the number of
    /// instances is not known, and where the provider waits for something. Its configuration
    /// is checked, as far as it is known, so that mistakes show before anything is done.
    pub async fn put_off(
        &'a self,
        c: &ConfigResource,
        block: &Resource,
        schema: &Schema,
        provider: &ProviderConfig,
        modules: &mut Vec<ModuleInstance>,
    ) -> bool {
        let by_provider = self.provider_waits_for(provider);
        let mut ok = true;
        let mut put_off = Vec::new();
        modules.retain(|m| {
            let abs = AbsResource { module: m.clone(), resource: c.resource.clone() };
            let open = self.is_open(&abs);
            let stays = by_provider.is_none() && !open && !self.walk.is_stand_in(m);
            if open {
                self.wait(&Node::Resource(c.clone()), Cause::Resource(c.clone()));
            }
            if !stays {
                put_off.push(abs);
            }
            stays
        });
        if self.opts.mode != PlanMode::Normal {
            return ok;
        }
        for abs in put_off {
            let (cause, reason) = match (self.own_cause(&abs), &by_provider) {
                (Some(own), _) => (own, DeferredReason::InstanceCountUnknown),
                (None, Some(cause)) => (cause.clone(), DeferredReason::DeferredPrereq),
                (None, None) => continue,
            };
            let keys = self.walk.values.borrow().expansion(&abs).map(Expansion::keys).unwrap_or_default();
            for key in keys {
                let addr = abs.instance(key);
                match self.outline(&addr, block, schema, provider).await {
                    Some(change) => self.defer(change, reason, cause.clone()),
                    None => ok = false,
                }
            }
        }
        ok
    }

    /// The block by whose `count` or `for_each` the number at an address is not known.
    fn own_cause(&self, abs: &AbsResource) -> Option<Cause> {
        let values = self.walk.values.borrow();
        let mut m = ModuleInstance::root();
        for (name, key) in abs.module.steps() {
            let open = values.module(&m).and_then(|v| v.calls.get(name)) == Some(&Expansion::Unknown);
            m = m.child(name.clone(), key.clone());
            if open {
                return Some(Cause::Module(m.path()));
            }
        }
        let open = values.expansion(abs) == Some(&Expansion::Unknown);
        open.then(|| Cause::Resource(abs.config()))
    }

    /// A change as far as it can be said without the provider's plan.
    async fn outline(
        &'a self,
        addr: &ResourceInstance,
        block: &Resource,
        schema: &Schema,
        provider: &ProviderConfig,
    ) -> Option<ResourceChange> {
        let walk = &self.walk;
        let abs = addr.abs_resource();
        let open = self.is_open(&abs);
        let mut scope = walk.instance_scope(addr)?;
        scope.repetition_unknown = open;
        let mut diags = Diagnostics::new();
        let config = groma_lang::decode::decode_block(&block.body, &schema.block, &scope, &mut diags);
        for d in diags.iter_mut() {
            d.address = Some(addr.to_string());
        }
        if !walk.report(diags) || !walk.refuse_ephemeral(&config, &schema.block, block, addr.to_string()) {
            return None;
        }
        let (plain, marks) = config.unmark_deep_with_paths();
        let ty = &*addr.resource.ty;
        let data = addr.resource.mode == Mode::Data;
        let checked = match walk.cx.validator(provider).await {
            Ok(p) if data => p.validate_data_config(ty, &plain).await,
            Ok(p) => p.validate_resource_config(ty, &plain).await,
            Err(e) => Err(e),
        };
        self.told(checked, addr, block)?;
        let after = mark_sensitive(
            planned_data_resource_object(&schema.block, &plain)
                .mark_with_paths(&crate::objects::kept_marks(marks)),
            schema,
        );
        if !open {
            walk.values.borrow_mut().set_resource(&abs, addr.key.clone(), after.clone());
        }
        let stored = self.previous.current(addr).filter(|_| !self.undecided(&abs) && !data);
        let before = stored.and_then(|o| object_value(o, schema).ok());
        let action = match (data, &before) {
            (true, _) => Action::Read,
            (false, None) => Action::Create,
            (false, Some(_)) => Action::Update,
        };
        let before = before.unwrap_or_else(|| Value::null(schema.block.implied_type().clone()));
        Some(ResourceChange {
            reason: if data { ActionReason::ReadBecauseConfigUnknown } else { ActionReason::None },
            dependencies: walk.graph.state_dependencies(&addr.config()),
            config_known: false,
            ..ResourceChange::plain(addr, provider, action, before, after, schema.version)
        })
    }

    /// Puts off the destruction of what objects still need whose own changes are put off:
    /// they may be about to let go of it. Not if nothing else would be left to do, so that
    /// each apply comes further. What is replaced by something made before stays as a
    /// deposed object until the next plan destroys it.
    pub fn hold_back(&self) {
        let mut deferred = self.deferred.borrow_mut();
        let mut changes = self.changes.borrow_mut();
        let mut waiting: HashMap<ConfigResource, Cause> = HashMap::new();
        for d in deferred.values() {
            waiting.entry(d.change.addr.config()).or_insert_with(|| d.cause.clone());
        }
        if waiting.is_empty() {
            return;
        }
        let mut needed: HashMap<ConfigResource, Cause> = HashMap::new();
        for (addr, _, instance) in self.previous.instances() {
            let Some(cause) = waiting.get(&addr.config()) else { continue };
            for object in instance.current.iter().chain(instance.deposed.values()) {
                needed.extend(object.dependencies.iter().map(|d| (d.clone(), cause.clone())));
            }
        }
        let mut held: HashMap<(ResourceInstance, Option<String>), Cause> = HashMap::new();
        loop {
            let more: Vec<_> = changes
                .iter()
                .filter(|(key, c)| c.action == Action::Delete && !held.contains_key(*key))
                .filter_map(|(key, c)| Some((key.clone(), needed.get(&c.addr.config())?.clone())))
                .collect();
            if more.is_empty() {
                break;
            }
            for (key, cause) in more {
                for d in changes[&key].dependencies.iter() {
                    needed.entry(d.clone()).or_insert_with(|| cause.clone());
                }
                held.insert(key, cause);
            }
        }
        let something_left =
            changes.iter().any(|(key, c)| c.action != Action::NoOp && !held.contains_key(key));
        if !something_left {
            return;
        }
        let mut put_off = |key, change, cause| {
            let reason = DeferredReason::DeferredPrereq;
            let d = DeferredChange { change, reason, cause, open_modules: Vec::new(), open_key: false };
            deferred.insert(key, d);
        };
        for (key, cause) in held {
            if let Some(change) = changes.remove(&key) {
                put_off(key, change, cause);
            }
        }
        for (key, c) in changes.iter().filter(|(_, c)| c.action == Action::CreateThenDelete) {
            let Some(cause) = needed.get(&c.addr.config()) else { continue };
            let after = Value::null(c.after.ty());
            let gone = ResourceChange { action: Action::Delete, after, ..c.clone() };
            put_off(key.clone(), gone, cause.clone());
        }
    }
}
