//! Applying: the walk that makes the planned changes.

use crate::checks::{CheckKind, CheckResults};
use crate::context::{Context, Event, Operation, StateChange, StateSink};
use crate::deferral::Deferral;
use crate::destroy_edges::{Step, When, destroys, order};
use crate::evaluate::Evaluation;
use crate::graph::{Graph, Node};
use crate::objects::{display_id, kept_marks, mark_sensitive, value_object};
use crate::plan::{Action, Plan, PlanMode, ResourceChange};
use crate::provider_calls::{call_failed, provider_diags};
use crate::walk::{Phase, Rules, Walk};
use groma_config::Resource;
use groma_lang::{Diagnostic, Diagnostics, Severity};
use groma_provider::{ApplyRequest, PlanRequest, Private, Provider};
use groma_state::{Object, OutputValue, State, Status};
use groma_value::Value;
use groma_value::addr::{AbsResource, ConfigResource, Mode, ModuleInstance, ResourceInstance};
use groma_value::schema::Schema;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;

/// An operation that is not over yet. It counts among those that run at once as long as
/// it is there.
struct Running<'a> {
    op: Operation,
    /// The id of the object, name and value.
    id: Option<(String, String)>,
    begin: Instant,
    _slot: tokio::sync::SemaphorePermit<'a>,
}

impl Running<'_> {
    fn done(self, addr: &ResourceInstance) -> Event {
        let elapsed = self.begin.elapsed();
        Event::Done { addr: addr.clone(), deposed: None, op: self.op, id: self.id, elapsed }
    }

    fn failed(self, addr: &ResourceInstance) -> Event {
        Event::Failed { addr: addr.clone(), op: self.op, elapsed: self.begin.elapsed() }
    }
}

struct Applier<'a> {
    walk: Walk<'a>,
    /// The graph from which providers are configured for objects that must go
    /// before what configures their provider is made.
    before: &'a Walk<'a>,
    before_evaluated: Cell<bool>,
    plan: &'a Plan,
    sink: &'a dyn StateSink,
    state: RefCell<State>,
    by_config: HashMap<ConfigResource, Vec<&'a ResourceChange>>,
    /// Objects deposed in this run, by instance.
    deposed: RefCell<HashMap<ResourceInstance, String>>,
    /// Set when a change could not be stored: nothing new is started.
    halted: Cell<bool>,
    visited: RefCell<HashSet<u32>>,
}

/// Makes the planned changes. The state is what is true afterwards, also after
/// errors. Every change was recorded in `sink` when it happened.
pub async fn apply(cx: &Context, plan: &Plan, sink: &dyn StateSink) -> (State, Diagnostics) {
    let (state, diags, ()) = apply_then(cx, plan, sink, |_| ()).await;
    (state, diags)
}

/// As [`apply`]; then looks at the values as they are afterwards.
pub async fn apply_then<T>(
    cx: &Context,
    plan: &Plan,
    sink: &dyn StateSink,
    then: impl FnOnce(&Evaluation<'_>) -> T,
) -> (State, Diagnostics, T) {
    let graph = Graph::new(&cx.config, &plan.prior);
    let timestamp = Some(plan.timestamp.clone());
    let mut walk =
        Walk::new(cx, &graph, Phase::Apply, &plan.variables, plan.prior.clone(), timestamp.clone());
    walk.deferral = Deferral::following(plan);
    let before = Walk::new(cx, &graph, Phase::Evaluate, &plan.variables, plan.prior.clone(), timestamp);
    let mut by_config: HashMap<ConfigResource, Vec<&ResourceChange>> = HashMap::new();
    for c in &plan.changes {
        by_config.entry(c.addr.config()).or_default().push(c);
    }
    let applier = Applier {
        walk,
        before: &before,
        before_evaluated: Cell::new(false),
        plan,
        sink,
        state: RefCell::new(plan.prior.clone()),
        by_config,
        deposed: RefCell::default(),
        halted: Cell::new(false),
        visited: RefCell::default(),
    };
    applier.run().await;
    let mut diags = applier.walk.diags.take();
    diags.extend(before.diags.take());
    let out = then(&Evaluation::of(&applier.walk));
    let mut state = applier.state.take();
    let mut checks = applier.walk.checks.take();
    if plan.mode != PlanMode::Destroy {
        checks.add_missing(&plan.checks);
    }
    if !diags.has_errors() {
        diags.extend(crate::actions::invoke_planned(cx, plan, &state).await);
    }
    state.check_results = (!checks.0.is_empty()).then(|| Arc::new(checks_json(&checks)));
    (state, diags, out)
}

/// Check results as states keep them.
fn checks_json(checks: &CheckResults) -> serde_json::Value {
    let list: Vec<serde_json::Value> = checks
        .0
        .iter()
        .map(|(addr, r)| {
            let objects: Vec<serde_json::Value> = r
                .objects
                .iter()
                .map(|(a, o)| {
                    let mut x = serde_json::json!({ "object_addr": a, "status": o.status.as_str() });
                    if !o.failures.is_empty() {
                        x["failure_messages"] = serde_json::json!(o.failures);
                    }
                    x
                })
                .collect();
            serde_json::json!({
                "object_kind": r.kind.state_name(),
                "config_addr": addr,
                "status": r.status().as_str(),
                "objects": if objects.is_empty() { serde_json::Value::Null } else { objects.into() },
            })
        })
        .collect();
    serde_json::Value::Array(list)
}

impl<'a> Applier<'a> {
    async fn run(&'a self) {
        let graph = self.walk.graph;
        let destroying = self.plan.mode == PlanMode::Destroy;
        let order = order(graph, &self.plan.changes, destroying);
        let included = if destroying {
            Some(self.provider_nodes())
        } else {
            crate::target::included(graph, &self.plan.targets)
        };
        let (steps, included) = (&order.steps, &included);
        // The node that a step is about.
        let about = |s: &Step| match s {
            Step::Static(n) => Some(*n),
            Step::Destroy(c) | Step::DestroyLate(c) => {
                graph.id(&Node::Resource(c.clone())).or_else(|| graph.id(&Node::Orphan(c.clone())))
            }
        };
        let runs = |s: &Step| match s {
            Step::Static(n) => included.as_ref().is_none_or(|s| s.contains(n)),
            _ => true,
        };
        self.walk.expect_steps(steps.iter().filter(|s| runs(s)).filter_map(about));
        let start = |i: usize| -> futures::future::LocalBoxFuture<'a, bool> {
            let step = steps[i].clone();
            if !runs(&step) {
                return Box::pin(async { true });
            }
            let node = about(&step);
            Box::pin(async move {
                let ok = match step {
                    Step::Static(n) => self.visit(n).await,
                    Step::Destroy(c) => self.destroy_all(c, When::Early).await,
                    Step::DestroyLate(c) => self.destroy_all(c, When::Late).await,
                };
                if let Some(n) = node {
                    self.walk.step_done(n).await;
                }
                ok
            })
        };
        let left = crate::executor::run_beside(&order.deps, &start, self.walk.renew_ephemerals()).await;
        self.walk.close_ephemerals().await;
        if !left.is_empty() {
            let nodes: Vec<usize> = left.into_iter().filter(|&i| i < graph.nodes.len()).collect();
            self.walk.report_cycle(&nodes);
        }
        self.store_outputs();
        if destroying && self.plan.targets.is_empty() && !self.walk.diags.borrow().has_errors() {
            self.forget_data();
        }
        if self.walk.cx.interrupt.stopping() {
            self.walk.push(Diagnostic::error(
                "Interrupted",
                "The run was interrupted before everything was done. What was done is in the state, and the next run goes on from there.",
            ));
        }
    }

    /// What was read has no use when nothing is left that uses it.
    fn forget_data(&self) {
        let state = self.state.borrow().clone();
        for (addr, resource, i) in state.instances().filter(|(a, _, _)| a.resource.mode == Mode::Data) {
            let provider = resource.provider_of(i);
            self.commit(StateChange::Current { addr, provider, object: None });
        }
    }

    /// What is evaluated when everything is destroyed: provider configurations and
    /// what they need, with values from the state.
    fn provider_nodes(&self) -> HashSet<u32> {
        let graph = self.walk.graph;
        let mut stack: Vec<u32> = Vec::new();
        for (i, n) in graph.nodes.iter().enumerate() {
            if matches!(n, Node::Provider(_)) {
                stack.push(i as u32);
            }
        }
        let mut out: HashSet<u32> = stack.iter().copied().collect();
        while let Some(n) = stack.pop() {
            for &d in &graph.deps[n as usize] {
                let stored = matches!(&graph.nodes[d as usize], Node::Resource(c) if c.resource.mode != Mode::Ephemeral);
                if !stored && out.insert(d) {
                    stack.push(d);
                }
            }
        }
        out
    }

    fn stopping(&self) -> bool {
        self.halted.get() || self.walk.cx.interrupt.stopping()
    }

    async fn visit(&'a self, i: u32) -> bool {
        if self.stopping() {
            return false;
        }
        self.visited.borrow_mut().insert(i);
        match &self.walk.graph.nodes[i as usize] {
            Node::Resource(c) if c.resource.mode == Mode::Ephemeral => self.walk.visit_ephemeral(c).await,
            Node::Resource(c) => self.visit_resource(c).await,
            Node::Orphan(_) => true,
            n => self.walk.visit_static(n),
        }
    }

    async fn visit_resource(&'a self, c: &ConfigResource) -> bool {
        let walk = &self.walk;
        let Some(block) = walk.graph.resource(c) else { return true };
        if self.plan.mode == PlanMode::RefreshOnly {
            return true;
        }
        let Some(modules) = walk.expand(c, block) else { return false };
        for m in modules {
            self.fill_from_state(&AbsResource { module: m, resource: c.resource.clone() }, c, block);
        }
        let changes = self.by_config.get(c).cloned().unwrap_or_default();
        let runs =
            changes.into_iter().filter(|c| c.deposed.is_none()).map(|change| self.change(change, block));
        futures::future::join_all(runs).await.into_iter().all(|ok| ok)
    }

    /// Values of instances that the plan does not change: data read while planning,
    /// and what is not among the targets.
    fn fill_from_state(&self, addr: &AbsResource, c: &ConfigResource, block: &Resource) {
        let walk = &self.walk;
        let Some(provider) = walk.graph.modules.get(&c.module).and_then(|m| m.providers.get(&block.provider))
        else {
            return;
        };
        let Some(schema) = walk.schema(&provider.provider, c.resource.mode, &c.resource.ty) else { return };
        let planned: HashSet<&ResourceInstance> = self
            .by_config
            .get(c)
            .into_iter()
            .flatten()
            .filter(|c| c.deposed.is_none())
            .map(|c| &c.addr)
            .collect();
        let state = self.state.borrow();
        let Some(r) = state.resources.get(addr) else { return };
        for (key, i) in &r.instances {
            // What is put off will be different.
            if walk.deferral.has_instance(&addr.instance(key.clone())) {
                continue;
            }
            if let Some(o) = &i.current
                && !planned.contains(&addr.instance(key.clone()))
                && let Ok(v) = crate::objects::object_value(o, &schema)
            {
                walk.values.borrow_mut().set_resource(addr, key.clone(), v);
            }
        }
    }

    /// Makes one change, but for what it destroys.
    async fn change(&'a self, change: &'a ResourceChange, block: &'a Resource) -> bool {
        let walk = &self.walk;
        let abs = change.addr.abs_resource();
        let ok = match change.action {
            Action::NoOp => {
                walk.values.borrow_mut().set_resource(&abs, change.addr.key.clone(), change.after.clone());
                Some(())
            }
            Action::Read => self.read(change, block).await,
            Action::Create | Action::Update | Action::DeleteThenCreate | Action::CreateThenDelete => {
                self.make(change, block).await
            }
            Action::Delete | Action::Forget => Some(()),
        };
        if ok.is_none() {
            return false;
        }
        if matches!(change.action, Action::Delete | Action::Forget) {
            return true;
        }
        let value = walk
            .values
            .borrow()
            .module(&change.addr.module)
            .and_then(|m| m.resources.get(&change.addr.resource))
            .and_then(|r| r.instances.get(&change.addr.key).cloned());
        let (Some(value), Some(scope)) = (value, walk.instance_scope(&change.addr)) else { return true };
        self.conditions(
            change,
            &block.lifecycle.postconditions,
            scope.with_self(value),
            "Resource postcondition failed",
        )
    }

    fn conditions(
        &self,
        change: &ResourceChange,
        rules: &[groma_config::CheckRule],
        scope: crate::scope::ModuleScope<'_>,
        summary: &str,
    ) -> bool {
        let (config_addr, addr) = (change.addr.config().to_string(), change.addr.to_string());
        let r = Rules {
            kind: CheckKind::Resource,
            summary,
            config_addr: &config_addr,
            addr: &addr,
            severity: Severity::Error,
            subject: None,
        };
        self.walk.check_rules(rules, &scope, &r)
    }

    async fn read(&'a self, change: &ResourceChange, block: &Resource) -> Option<()> {
        let walk = &self.walk;
        let schema = walk.schema(&change.provider.provider.provider, Mode::Data, &change.addr.resource.ty)?;
        let config = walk.data_config(&change.addr, block, &schema, &change.provider).await?;
        let value = walk.read_data(&change.addr, block, &schema, &change.provider, &config).await?;
        walk.values.borrow_mut().set_resource(
            &change.addr.abs_resource(),
            change.addr.key.clone(),
            value.clone(),
        );
        if value.is_null() {
            return Some(());
        }
        let object = walk.data_object(&change.addr, &value, &schema)?;
        self.commit(StateChange::Current {
            addr: change.addr.clone(),
            provider: change.provider.clone(),
            object: Some(object),
        })
    }

    /// Creates or updates.
    async fn make(&'a self, change: &'a ResourceChange, block: &'a Resource) -> Option<()> {
        let walk = &self.walk;
        let addr = &change.addr;
        let schema = walk.schema(&change.provider.provider.provider, Mode::Managed, &addr.resource.ty)?;
        let provider = walk.provider_for(addr, &change.provider).await?;
        let scope = walk.instance_scope(addr)?;
        if !self.conditions(
            change,
            &block.lifecycle.preconditions,
            walk.instance_scope(addr)?,
            "Resource precondition failed",
        ) {
            return None;
        }
        let mut diags = Diagnostics::new();
        let config = groma_lang::decode::decode_block(&block.body, &schema.block, &scope, &mut diags);
        if !walk.report(diags) {
            return None;
        }
        let (plain_config, marks) = config.unmark_deep_with_paths();
        let marks = kept_marks(marks);
        let null = Value::null(schema.block.implied_type().clone());
        let creating = change.action != Action::Update;
        let prior = if creating { null.clone() } else { change.before.unmark_deep().0 };
        let plain_config = crate::ignore::ignore_changes(block, &prior, &plain_config);
        let mut planned = change.after.unmark_deep().0;
        let mut private = change.private.clone();
        let mut identity = change.identity.after.clone();
        if !change.config_known {
            let (p, b, i) =
                self.plan_again(change, block, &schema, &provider, &prior, &plain_config, &planned).await?;
            planned = p;
            private = b;
            identity = i.or(identity);
        }
        if self.stopping() {
            return None;
        }
        self.trigger(change, true).await?;
        let had_current = self.state.borrow().current(addr).cloned();
        if change.action == Action::CreateThenDelete
            && let Some(old) = &had_current
        {
            self.depose(change, old)?;
        }
        let (value, status, running) = self
            .call_apply(
                change,
                block,
                &schema,
                &provider,
                &prior,
                &planned,
                &plain_config,
                private,
                identity.as_ref(),
                change.action,
            )
            .await?;
        let (value, bytes, identity) = value;
        let mut ok = running.is_some();
        if value.is_null() {
            if let Some(running) = running {
                walk.cx.observer.event(running.done(addr));
                walk.push(
                    Diagnostic::error(
                        "Provider produced inconsistent result after apply",
                        format!("After {addr} was made, the provider says that it does not exist. This is a bug in the provider."),
                    )
                    .about(addr),
                );
            }
            if change.action == Action::CreateThenDelete {
                self.restore(change)?;
            } else if creating {
                self.commit_current(change, None)?;
            }
            return None;
        }
        let value = mark_sensitive(value.mark_with_paths(&marks), &schema);
        let object = value_object(
            &value,
            &schema,
            bytes,
            status,
            change.dependencies.clone(),
            change.create_before_destroy,
        );
        let object = match object {
            Ok(o) => o,
            Err(e) => {
                walk.push(
                    Diagnostic::error("Provider produced invalid object", format!("{addr}: {e}."))
                        .about(addr),
                );
                return None;
            }
        };
        let old = had_current.filter(|_| !creating).and_then(|o| o.identity.clone());
        // Without it the object is kept all the same: it exists.
        let p = &change.provider.provider.provider;
        let known = walk.kept_identity(addr, p, identity.as_ref(), old.clone());
        ok &= known.is_some();
        let object = Arc::new(Object { identity: known.unwrap_or(old), ..object });
        ok &= self.commit_current(change, Some(object.clone())).is_some();
        walk.values.borrow_mut().set_resource(&addr.abs_resource(), addr.key.clone(), value.clone());
        if ok
            && creating
            && !walk.provision(addr, &block.provisioners, block.connection.as_ref(), false, &value).await
        {
            if let Some(running) = running {
                walk.cx.observer.event(running.failed(addr));
            }
            // It exists, but not as it should be.
            let tainted = Object { status: Status::Tainted, ..(*object).clone() };
            self.commit_current(change, Some(Arc::new(tainted)))?;
            return None;
        }
        // What is said to be complete is on the record, and its provisioners have run.
        if let Some(running) = running {
            walk.cx.observer.event(running.done(addr));
        }
        if ok {
            self.trigger(change, false).await?;
        }
        ok.then_some(())
    }

    /// Invokes the actions that a change triggers, before or after it, in order. `None` after
    /// an error: then the rest is not invoked.
    async fn trigger(&'a self, change: &ResourceChange, before: bool) -> Option<()> {
        for i in &self.plan.invocations {
            let Some(t) = &i.trigger else { continue };
            if t.resource == change.addr && t.event.is_before() == before {
                self.walk.invoke(i).await?;
            }
        }
        Some(())
    }

    /// Plans once more, now that all of the configuration is known.
    #[allow(clippy::too_many_arguments, reason = "they are the parts of one request")]
    async fn plan_again(
        &'a self,
        change: &ResourceChange,
        block: &Resource,
        schema: &Schema,
        provider: &Arc<dyn Provider>,
        prior: &Value,
        config: &Value,
        planned: &Value,
    ) -> Option<(Value, Private, Option<Value>)> {
        let walk = &self.walk;
        let addr = &change.addr;
        if !config.is_wholly_known() {
            walk.push(
                Diagnostic::error(
                    "Configuration contains unknown value",
                    format!("The configuration of {addr} still has unknown values while applying. This is a bug in Groma, or in a provider that left a value unknown."),
                )
                .at(block.span)
                .about(addr),
            );
            return None;
        }
        let proposed = groma_value::proposed_new::proposed_new(&schema.block, prior, config);
        let meta = walk.provider_meta(&addr.module.path(), &change.provider.provider.provider)?;
        let request = PlanRequest {
            ty: &addr.resource.ty,
            prior,
            proposed: &proposed,
            config,
            private: change.prior_private.clone(),
            provider_meta: &meta,
            identity: change.identity.before.as_ref().filter(|_| !prior.is_null()),
        };
        let answer = {
            let _slot = walk.slots.acquire().await.ok()?;
            provider.plan_resource_change(request).await
        };
        let r = match answer {
            Ok(r) => r,
            Err(e) => {
                walk.push(call_failed(&e).about(addr));
                return None;
            }
        };
        let mut diags = Diagnostics::new();
        provider_diags(&mut diags, r.diags, Some(&block.body), Some(block.span), Some(addr.to_string()));
        if !walk.report(diags) {
            return None;
        }
        let new = r.planned?;
        let errs = groma_value::proposed_new::assert_object_compatible(&schema.block, planned, &new);
        if !errs.is_empty() {
            walk.provider_fault("Provider produced inconsistent final plan", addr, &change.provider, &errs);
            return None;
        }
        Some((new, r.private, r.identity))
    }

    /// Calls the provider's apply. The value (null: nothing there), its private
    /// bytes, its status, and the operation, which ends when all of it is recorded and
    /// provisioners have run; no operation if there were errors.
    #[allow(clippy::too_many_arguments, reason = "they are the parts of one request")]
    async fn call_apply(
        &'a self,
        change: &ResourceChange,
        block: &Resource,
        schema: &Schema,
        provider: &Arc<dyn Provider>,
        prior: &Value,
        planned: &Value,
        config: &Value,
        private: Private,
        identity: Option<&Value>,
        action: Action,
    ) -> Option<((Value, Private, Option<Value>), Status, Option<Running<'a>>)> {
        let walk = &self.walk;
        let addr = &change.addr;
        let slot = walk.slots.acquire().await.ok()?;
        if self.stopping() {
            return None;
        }
        let meta = walk.provider_meta(&addr.module.path(), &change.provider.provider.provider)?;
        // The two halves of a replacement are shown as what they are.
        let shown = match action {
            Action::DeleteThenCreate | Action::CreateThenDelete => Action::Create,
            a => a,
        };
        let op = Operation::Apply(shown);
        let begin = Instant::now();
        let id = display_id(&change.before).filter(|_| shown != Action::Create);
        let observer = &walk.cx.observer;
        observer.event(Event::Start { addr: addr.clone(), deposed: None, op, id });
        let request = ApplyRequest {
            ty: &addr.resource.ty,
            prior,
            planned,
            config,
            private: private.clone(),
            provider_meta: &meta,
            identity,
        };
        let fail = || observer.event(Event::Failed { addr: addr.clone(), op, elapsed: begin.elapsed() });
        let r = match provider.apply_resource_change(request).await {
            Ok(r) => r,
            Err(e) => {
                fail();
                walk.push(call_failed(&e).about(addr));
                return None;
            }
        };
        let mut diags = Diagnostics::new();
        let mut failed =
            provider_diags(&mut diags, r.diags, Some(&block.body), Some(block.span), Some(addr.to_string()));
        walk.report(diags);
        let null = Value::null(schema.block.implied_type().clone());
        let mut value = r.state.unwrap_or_else(|| if prior.is_null() { null } else { prior.clone() });
        if !value.is_wholly_known() {
            if !failed {
                walk.provider_fault(
                    "Provider returned invalid result object after apply",
                    addr,
                    &change.provider,
                    &[groma_value::PathError::here(": the result has unknown values")],
                );
            }
            failed = true;
            value = value.transform(&mut |_, v| if v.is_known() { v } else { Value::null(v.ty()) });
        }
        if !failed && !value.is_null() && !r.legacy_type_system {
            let errs = groma_value::proposed_new::assert_object_compatible(&schema.block, planned, &value);
            if !errs.is_empty() {
                walk.provider_fault(
                    "Provider produced inconsistent result after apply",
                    addr,
                    &change.provider,
                    &errs,
                );
                failed = true;
            }
        }
        let running = if failed {
            fail();
            None
        } else {
            Some(Running { op, id: display_id(&value), begin, _slot: slot })
        };
        let still_tainted = change.tainted && !change.action.is_replace();
        let status =
            if failed && (prior.is_null() || still_tainted) { Status::Tainted } else { Status::Ready };
        Some(((value, r.private, r.identity), status, running))
    }

    fn depose(&self, change: &ResourceChange, old: &Arc<Object>) -> Option<()> {
        let key = loop {
            let k = uuid::Uuid::new_v4().simple().to_string()[..8].to_owned();
            let taken =
                self.state.borrow().instance(&change.addr).is_some_and(|i| i.deposed.contains_key(&k));
            if !taken {
                break k;
            }
        };
        self.deposed.borrow_mut().insert(change.addr.clone(), key.clone());
        self.commit(StateChange::Deposed {
            addr: change.addr.clone(),
            key,
            provider: change.provider.clone(),
            object: Some(old.clone()),
        })?;
        self.commit_current(change, None)
    }

    /// A creation that came to nothing leaves the old object in its place.
    fn restore(&self, change: &ResourceChange) -> Option<()> {
        let key = self.deposed.borrow_mut().remove(&change.addr)?;
        let old = self.state.borrow().instance(&change.addr).and_then(|i| i.deposed.get(&key).cloned());
        self.commit_current(change, old)?;
        self.commit(StateChange::Deposed {
            addr: change.addr.clone(),
            key,
            provider: change.provider.clone(),
            object: None,
        })
    }

    fn commit_current(&self, change: &ResourceChange, object: Option<Arc<Object>>) -> Option<()> {
        self.commit(StateChange::Current {
            addr: change.addr.clone(),
            provider: change.provider.clone(),
            object,
        })
    }

    /// Makes a change of the state true and durable.
    fn commit(&self, change: StateChange) -> Option<()> {
        {
            let mut state = self.state.borrow_mut();
            match &change {
                StateChange::Current { addr, provider, object } => {
                    state.set_current(addr, provider, object.clone());
                }
                StateChange::Deposed { addr, key, provider, object } => {
                    state.set_deposed(addr, key, provider, object.clone());
                }
                StateChange::Outputs(o) => state.outputs.clone_from(o),
            }
        }
        match self.sink.record(&change) {
            Ok(()) => Some(()),
            Err(d) => {
                // Said once: what follows has the same cause.
                if !self.halted.replace(true) {
                    self.walk.push(d);
                }
                None
            }
        }
    }

    async fn destroy_all(&'a self, c: ConfigResource, when: When) -> bool {
        if self.stopping() {
            return false;
        }
        let changes: Vec<&ResourceChange> =
            self.by_config.get(&c).into_iter().flatten().copied().filter(|c| destroys(c) == when).collect();
        let runs = changes.into_iter().map(|change| self.destroy(change));
        futures::future::join_all(runs).await.into_iter().all(|ok| ok.is_some())
    }

    /// Destroys the object that a change replaces or removes.
    async fn destroy(&'a self, change: &'a ResourceChange) -> Option<()> {
        let walk = &self.walk;
        let addr = &change.addr;
        // What may still need the old object comes later, and then it goes.
        if change.action == Action::CreateThenDelete && walk.deferral.has_instance(addr) {
            return Some(());
        }
        let deposed = match (&change.deposed, change.action) {
            (Some(k), _) => Some(k.clone()),
            // Nothing was deposed when the creation came to nothing.
            (None, Action::CreateThenDelete) => Some(self.deposed.borrow().get(addr).cloned()?),
            (None, _) => None,
        };
        let gone = |object: Option<Arc<Object>>| match &deposed {
            Some(key) => self.commit(StateChange::Deposed {
                addr: addr.clone(),
                key: key.clone(),
                provider: change.provider.clone(),
                object,
            }),
            None => self.commit_current(change, object),
        };
        if change.action == Action::Forget {
            return gone(None);
        }
        let schema = walk.schema(&change.provider.provider.provider, Mode::Managed, &addr.resource.ty)?;
        let provider = match walk.providers.borrow().contains_key(&change.provider) {
            true => None,
            false => Some(()),
        };
        // Not configured yet: what configures it waits for this.
        let provider = match provider {
            None => walk.provider_for(addr, &change.provider).await?,
            Some(()) => {
                if !self.before_evaluated.replace(true) {
                    self.before.visit_all();
                    // What fails here is not needed, or is reported where it is.
                    self.before.diags.take();
                }
                self.before.provider_for(addr, &change.provider).await?
            }
        };
        let null = Value::null(schema.block.implied_type().clone());
        let prior = change.before.unmark_deep().0;
        let private = if change.action == Action::Delete {
            change.private.clone()
        } else {
            change.prior_private.clone()
        };
        let _slot = walk.slots.acquire().await.ok()?;
        if self.stopping() {
            return None;
        }
        let meta = walk.provider_meta(&addr.module.path(), &change.provider.provider.provider)?;
        let op = Operation::Apply(Action::Delete);
        let begin = Instant::now();
        let observer = &walk.cx.observer;
        let id = display_id(&change.before);
        observer.event(Event::Start { addr: addr.clone(), deposed: deposed.clone(), op, id: id.clone() });
        let fail = || observer.event(Event::Failed { addr: addr.clone(), op, elapsed: begin.elapsed() });
        // What was never finished has nothing that provisioners could take back.
        if deposed.is_none() && !change.tainted {
            let (provisioners, connection) = match walk.graph.resource(&addr.config()) {
                Some(block) => (block.provisioners.clone(), block.connection.as_ref()),
                None => (walk.removed_provisioners(addr), None),
            };
            if !walk.provision(addr, &provisioners, connection, true, &change.before).await {
                fail();
                return None;
            }
        }
        let request = ApplyRequest {
            ty: &addr.resource.ty,
            prior: &prior,
            planned: &null,
            config: &null,
            private,
            provider_meta: &meta,
            identity: change.identity.before.as_ref(),
        };
        let r = match provider.apply_resource_change(request).await {
            Ok(r) => r,
            Err(e) => {
                fail();
                walk.push(call_failed(&e).about(addr));
                return None;
            }
        };
        let mut diags = Diagnostics::new();
        let failed = provider_diags(&mut diags, r.diags, None, None, Some(addr.to_string()));
        walk.report(diags);
        if !failed {
            let done = Event::Done {
                addr: addr.clone(),
                deposed: deposed.clone(),
                op,
                id,
                elapsed: begin.elapsed(),
            };
            if let Some(v) = &r.state
                && !v.is_null()
            {
                observer.event(done);
                walk.push(
                    Diagnostic::error(
                        "Provider returned invalid result object after apply",
                        format!("After {addr} was destroyed, the provider still gives an object for it. This is a bug in the provider."),
                    )
                    .about(addr),
                );
                return None;
            }
            let recorded = gone(None);
            observer.event(done);
            return recorded;
        }
        fail();
        // What is left of the object is kept, so that the next run can go on.
        match r.state {
            Some(v) if v.is_null() => gone(None)?,
            Some(v) if v != prior && v.is_wholly_known() => {
                let v = mark_sensitive(v, &schema);
                let old_status = if change.tainted { Status::Tainted } else { Status::Ready };
                let o = value_object(
                    &v,
                    &schema,
                    r.private,
                    old_status,
                    change.dependencies.clone(),
                    change.create_before_destroy,
                );
                let identity = self.state.borrow().current(addr).and_then(|o| o.identity.clone());
                gone(Some(Arc::new(Object { identity, ..o.ok()? })))?;
            }
            _ => {}
        }
        None
    }

    /// Outputs as they are now. Of those that could not be evaluated, what the plan knew is kept,
    /// as Terraform does it; the others stay as they were.
    fn store_outputs(&self) {
        let mut outputs: BTreeMap<String, OutputValue> = BTreeMap::new();
        if self.plan.mode != PlanMode::Destroy {
            let values = self.walk.values.borrow();
            let root = values.module(&ModuleInstance::root());
            for (name, o) in &self.walk.cx.config.root.module.outputs {
                if o.ephemeral {
                    continue;
                }
                let now = root.and_then(|r| r.outputs.get(name));
                let planned = || self.plan.outputs.get(&**name).map(|c| &c.after);
                let known = |v: &&Value| v.is_wholly_known();
                match now.filter(known).or_else(|| planned().filter(known)) {
                    Some(v) => {
                        let sensitive = o.sensitive || v.contains_sensitive();
                        let (value, _) = v.unmark_deep();
                        if !value.is_null() {
                            let ty = value.ty();
                            outputs.insert(name.to_string(), OutputValue { value, ty, sensitive });
                        }
                    }
                    None => {
                        if let Some(old) = self.plan.prior.outputs.get(&**name) {
                            outputs.insert(name.to_string(), old.clone());
                        }
                    }
                }
            }
        } else if self.plan.changes.iter().any(|c| self.state.borrow().current(&c.addr).is_some()) {
            // Something is left: so are the outputs.
            outputs.clone_from(&self.plan.prior.outputs);
        }
        if outputs != self.state.borrow().outputs {
            self.commit(StateChange::Outputs(outputs));
        }
    }
}
