//! Planning: the walk that decides what to do.

use crate::context::{Context, Event};
use crate::deferral::{Cause, Deferral, DeferredChange, DeferredReason};
use crate::evaluate::Evaluation;
use crate::graph::{Graph, Node};
use crate::moves;
use crate::plan::{Action, ActionReason, OutputChange, Plan, PlanMode, PlanOptions, ResourceChange};
use crate::target;
use crate::walk::{Phase, Walk};
use groma_config::{ModuleNode, Resource};
use groma_lang::ast::Expr;
use groma_lang::{Diagnostic, Diagnostics};
use groma_state::State;
use groma_value::addr::{AbsResource, ConfigResource, Key, Mode, ModuleInstance, ResourceInstance};
use groma_value::{Type, Value};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// What a planning walk knows besides the values.
pub(crate) struct Planner<'a> {
    pub walk: Walk<'a>,
    pub opts: &'a PlanOptions,
    /// The state of the last run, after moves.
    pub previous: State,
    /// The state as read now.
    pub prior: RefCell<State>,
    pub changes: RefCell<BTreeMap<(ResourceInstance, Option<String>), ResourceChange>>,
    pub deferred: RefCell<BTreeMap<(ResourceInstance, Option<String>), DeferredChange>>,
    /// What nodes wait for whose changes are put off.
    pub waiting: RefCell<HashMap<u32, Cause>>,
    pub drift: RefCell<BTreeMap<(ResourceInstance, Option<String>), ResourceChange>>,
    /// Resources with changes to be made, for data sources that depend on them.
    pub pending: RefCell<HashSet<ConfigResource>>,
    pub moved: moves::Moved,
    pub cbd: BTreeSet<ConfigResource>,
    /// Objects to import by address: where the `import` block is, if it is one.
    pub imports: RefCell<HashMap<ResourceInstance, ImportTarget>>,
    /// Actions that triggers lead to.
    pub invocations: RefCell<Vec<crate::actions::Invocation>>,
    /// Addresses of the state by resource of the configuration.
    by_config: HashMap<ConfigResource, Vec<AbsResource>>,
    /// Nodes that -exclude leaves out.
    excluded: HashSet<u32>,
}

/// An object to import.
#[derive(Clone, Debug)]
pub(crate) struct ImportTarget {
    pub id: Option<Value>,
    pub identity: Option<Value>,
    pub span: Option<groma_lang::Span>,
    /// The place of the address; of the command line there is none.
    pub to: Option<groma_lang::Span>,
}

/// Plans. The plan is also given after errors, to be shown; it says so then.
pub async fn plan(cx: &Context, state: &State, opts: &PlanOptions) -> (Plan, Diagnostics) {
    if !opts.invoke.is_empty() {
        return crate::actions::plan_invocations(cx, state, opts).await;
    }
    let (plan, diags, ()) = plan_then(cx, state, opts, |_| ()).await;
    (plan, diags)
}

/// As [`plan`]; then looks at the values as they are planned.
pub async fn plan_then<T>(
    cx: &Context,
    state: &State,
    opts: &PlanOptions,
    then: impl FnOnce(&Evaluation<'_>) -> T,
) -> (Plan, Diagnostics, T) {
    let mut diags = Diagnostics::new();
    let mut previous = state.clone();
    let moved = moves::apply_moves(&cx.config, &mut previous, &mut diags);
    moves::convert(cx, &mut previous, &moved, &mut diags).await;
    let graph = Graph::new(&cx.config, &previous);
    let timestamp = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let mut walk =
        Walk::new(cx, &graph, Phase::Plan, &opts.variables, previous.clone(), Some(timestamp.clone()));
    walk.deferral = Deferral::planning(opts.allow_deferral);
    walk.diags.borrow_mut().extend(diags);
    if opts.mode == PlanMode::Normal {
        check_imports(&walk);
    }
    let planner = Planner::new(walk, opts, previous, moved);
    planner.run().await;
    if opts.mode == PlanMode::Normal {
        planner.walk.validate_actions().await;
    }
    let out = then(&Evaluation::of(&planner.walk));
    let moved: Vec<ResourceInstance> = planner.moved.keys().cloned().collect();
    let absent = planner.walk.values.borrow().null_outputs();
    let (mut plan, mut diags) = planner.finish(timestamp);
    if !diags.has_errors() {
        excluded_moves(&moved, &plan, opts, &mut diags);
        plan.errored = diags.has_errors();
    }
    plan.relevant = crate::json::relevant(&plan, &absent, &cx.config, &cx.schemas);
    (plan, diags, out)
}

/// A move that -target leaves half done would be planned as a destruction next time.
fn excluded_moves(moved: &[ResourceInstance], plan: &Plan, opts: &PlanOptions, diags: &mut Diagnostics) {
    if opts.targets.is_empty() {
        return;
    }
    let planned: BTreeSet<&ResourceInstance> = plan.changes.iter().map(|c| &c.addr).collect();
    let put_off: HashSet<ConfigResource> = plan.deferred.iter().map(|d| d.change.addr.config()).collect();
    let left: Vec<String> = moved
        .iter()
        .filter(|a| !planned.contains(a) && !put_off.contains(&a.config()))
        .map(|a| format!("  -target={:?}", a.to_string()))
        .collect();
    if !left.is_empty() {
        diags.push(Diagnostic::error(
            "Moved resource instances excluded by targeting",
            format!(
                "Some objects changed their address by moved blocks, but -target leaves them out. Plan without -target, or add:\n{}",
                left.join("\n")
            ),
        ));
    }
}

/// An import needs a block to import to.
fn check_imports(walk: &Walk<'_>) {
    for import in &walk.cx.config.root.module.imports {
        let target = crate::plan_managed::import_target(&import.to);
        if target.as_ref().is_some_and(|c| walk.graph.resource(c).is_none()) {
            let what = target.map(|c| c.to_string()).unwrap_or_default();
            walk.push(
                Diagnostic::error(
                    "Configuration for import target does not exist",
                    format!(
                        "There is no {what} in the configuration. Add the block, or remove the import block."
                    ),
                )
                .at(import.to.span),
            );
        }
    }
}

impl<'a> Planner<'a> {
    /// A planner of what `walk` walks over; `previous` is the state after moves.
    pub fn new(walk: Walk<'a>, opts: &'a PlanOptions, previous: State, moved: moves::Moved) -> Planner<'a> {
        let mut by_config: HashMap<ConfigResource, Vec<AbsResource>> = HashMap::new();
        for addr in previous.resources.keys() {
            by_config.entry(addr.config()).or_default().push(addr.clone());
        }
        let cbd = walk.graph.create_before_destroy();
        let excluded = target::excluded(walk.graph, &opts.excludes, opts.mode == PlanMode::Destroy);
        Planner {
            excluded,
            walk,
            opts,
            prior: RefCell::new(previous.clone()),
            previous,
            changes: RefCell::default(),
            deferred: RefCell::default(),
            waiting: RefCell::default(),
            drift: RefCell::default(),
            pending: RefCell::default(),
            moved,
            cbd,
            imports: RefCell::default(),
            invocations: RefCell::default(),
            by_config,
        }
    }

    /// Evaluates what `import` blocks refer to, and what provider configurations need.
    pub async fn evaluate_for_imports(&'a self, imports: &[&groma_config::Import]) {
        let referred = imports.iter().flat_map(|i| {
            let parts = [Some(&i.to), i.id.as_ref(), i.identity.as_ref(), i.for_each.as_ref()];
            parts.into_iter().flatten().flat_map(groma_lang::Expr::references).collect::<Vec<_>>()
        });
        self.evaluate_for(referred.collect()).await;
    }

    /// Evaluates what is referred to, and what the providers' configurations need.
    pub async fn evaluate_for(&'a self, referred: Vec<groma_lang::ast::Traversal>) {
        let graph = self.walk.graph;
        let root = &self.walk.cx.config.root;
        let referred = referred.into_iter();
        let mut first: Vec<u32> = referred.flat_map(|t| graph.resolve(root, &t)).collect();
        first.extend(
            (0..graph.nodes.len() as u32).filter(|&i| matches!(graph.nodes[i as usize], Node::Provider(_))),
        );
        let included = self.with_needs(first);
        let start = |i: usize| -> futures::future::LocalBoxFuture<'a, bool> {
            if !included.contains(&(i as u32)) {
                return Box::pin(async { true });
            }
            Box::pin(self.visit(i as u32))
        };
        crate::executor::run(&graph.deps, &start).await;
        self.walk.close_ephemerals().await;
    }

    /// Nodes and all that they need.
    fn with_needs(&self, nodes: Vec<u32>) -> HashSet<u32> {
        let mut out: HashSet<u32> = nodes.iter().copied().collect();
        let mut stack = nodes;
        while let Some(n) = stack.pop() {
            for &d in &self.walk.graph.deps[n as usize] {
                if out.insert(d) {
                    stack.push(d);
                }
            }
        }
        out
    }

    async fn run(&'a self) {
        let graph = self.walk.graph;
        let included = match self.opts.mode {
            PlanMode::Destroy => Some(self.destroy_set()),
            _ => target::included(graph, &self.opts.targets),
        };
        let (included, excluded) = (&included, &self.excluded);
        let start = |i: usize| -> futures::future::LocalBoxFuture<'a, bool> {
            if included.as_ref().is_some_and(|s| !s.contains(&(i as u32))) || excluded.contains(&(i as u32)) {
                return Box::pin(async { true });
            }
            Box::pin(async move {
                let ok = self.visit(i as u32).await;
                self.walk.step_done(i as u32).await;
                ok
            })
        };
        let steps = (0..graph.nodes.len() as u32).filter(|i| included.as_ref().is_none_or(|s| s.contains(i)));
        self.walk.expect_steps(steps);
        let deps = if self.opts.mode == PlanMode::Destroy { self.destroy_deps() } else { graph.deps.clone() };
        let left = crate::executor::run_beside(&deps, &start, self.walk.renew_ephemerals()).await;
        self.walk.close_ephemerals().await;
        if !left.is_empty() {
            self.walk.report_cycle(&left);
        }
        if self.walk.cx.interrupt.stopping() {
            self.walk.push(Diagnostic::error(
                "Interrupted",
                "Planning was interrupted, so the plan is not complete.",
            ));
        }
    }

    /// To destroy, only what the providers need is evaluated.
    fn destroy_set(&self) -> HashSet<u32> {
        let graph = self.walk.graph;
        let having = |which: &dyn Fn(&Node) -> bool| -> Vec<u32> {
            (0..graph.nodes.len() as u32).filter(|&i| which(&graph.nodes[i as usize])).collect()
        };
        let mut first = having(&|n| matches!(n, Node::Provider(_)));
        for n in &graph.nodes {
            if let Node::Resource(c) | Node::Orphan(c) = n
                && c.resource.mode == Mode::Managed
            {
                first.extend(self.protection(c));
            }
        }
        let mut out = self.with_needs(first);
        out.extend(having(
            &|n| matches!(n, Node::Resource(c) | Node::Orphan(c) if c.resource.mode == Mode::Managed),
        ));
        out
    }

    /// What has to be evaluated to know whether a resource may be destroyed.
    fn protection(&self, c: &ConfigResource) -> Vec<u32> {
        let graph = self.walk.graph;
        let expr = graph.resource(c).and_then(|r| r.lifecycle.prevent_destroy_expr.as_ref());
        let (Some(expr), Some(module)) = (expr, graph.modules.get(&c.module)) else { return Vec::new() };
        graph.resolve_all(module, &expr.references())
    }

    /// To destroy, a resource waits for its provider only, and for what protects it.
    fn destroy_deps(&self) -> Vec<Vec<u32>> {
        let graph = self.walk.graph;
        graph
            .deps
            .iter()
            .enumerate()
            .map(|(i, d)| match &graph.nodes[i] {
                Node::Resource(c) | Node::Orphan(c) if c.resource.mode == Mode::Managed => d
                    .iter()
                    .copied()
                    .filter(|&x| matches!(graph.nodes[x as usize], Node::Provider(_)))
                    .chain(self.protection(c))
                    // A provider configured from this very resource cannot come first.
                    .filter(|&x| !graph.ancestors(x).contains(&(i as u32)))
                    .collect(),
                _ => d.clone(),
            })
            .collect()
    }

    async fn visit(&'a self, i: u32) -> bool {
        if self.walk.cx.interrupt.stopping() {
            return false;
        }
        self.inherit(i);
        match &self.walk.graph.nodes[i as usize] {
            Node::Resource(c) => match c.resource.mode {
                Mode::Managed if self.opts.mode == PlanMode::Destroy => self.visit_destroy(c).await,
                Mode::Managed | Mode::Data => self.visit_resource(c).await,
                Mode::Ephemeral => self.walk.visit_ephemeral(c).await,
            },
            Node::Orphan(c) => self.visit_orphan(c).await,
            n => {
                let ok = self.walk.visit_static(n);
                if let Node::Module(path) = n {
                    self.note_call(path);
                }
                ok
            }
        }
    }

    /// The addresses in the state of a resource of the configuration.
    pub fn state_addresses(&self, c: &ConfigResource) -> &[AbsResource] {
        self.by_config.get(c).map(Vec::as_slice).unwrap_or_default()
    }

    async fn visit_resource(&'a self, c: &ConfigResource) -> bool {
        let Some(block) = self.walk.graph.resource(c) else { return true };
        let has_conditions =
            !block.lifecycle.preconditions.is_empty() || !block.lifecycle.postconditions.is_empty();
        if has_conditions {
            self.walk.checks.borrow_mut().declare(crate::checks::CheckKind::Resource, &c.to_string());
        }
        let Some(mut modules) = self.walk.expand(c, block) else { return false };
        let Some(provider) = self.walk.resource_provider(c) else { return false };
        let Some(schema) = self.walk.schema(&provider.provider.provider, c.resource.mode, &c.resource.ty)
        else {
            self.walk.push(crate::validate::no_schema(
                self.walk.schemas(&provider.provider.provider),
                &provider,
                block,
            ));
            return false;
        };
        if !self.collect_imports(c, block) {
            return false;
        }
        let mut ok = self.put_off(c, block, &schema, &provider, &mut modules).await;
        let mut wanted = Vec::new();
        for m in &modules {
            let addr = AbsResource { module: m.clone(), resource: c.resource.clone() };
            let keys = self.walk.values.borrow().expansion(&addr).map(|e| e.keys()).unwrap_or_default();
            wanted.extend(keys.into_iter().map(|k| addr.instance(k)));
        }
        if self.waits_for(c).is_none() && !self.imports_fit(c, &wanted) {
            return false;
        }
        let deps = self.walk.graph.state_dependencies(c);
        if c.resource.mode == Mode::Data {
            let pending = self.waits_for_changes(c, block);
            let schema = &schema;
            let runs = wanted.into_iter().map(|addr| async move {
                let Some(provider) = self.walk.instance_provider(&addr) else { return false };
                self.plan_data(addr, block, schema, &provider, pending).await
            });
            ok &= futures::future::join_all(runs).await.into_iter().all(|x| x);
            // Data that is no longer wanted disappears without a change.
            for abs in self.state_addresses(c).iter().filter(|abs| !self.undecided(abs)) {
                let keys: Vec<Key> = self.previous.resources[abs].instances.keys().cloned().collect();
                for k in keys.into_iter().filter(|k| !self.is_expanded(abs, k)) {
                    self.prior.borrow_mut().update(&abs.instance(k), None, |i| *i = Default::default());
                }
            }
            return ok;
        }
        let runs = wanted.into_iter().map(|addr| {
            let (schema, deps) = (schema.clone(), deps.clone());
            async move {
                let Some(provider) = self.walk.instance_provider(&addr) else { return false };
                self.plan_managed(addr, block, schema, provider, deps).await
            }
        });
        ok &= futures::future::join_all(runs).await.into_iter().all(|x| x);
        // Instances that the state has and the configuration does not.
        let mut orphans = Vec::new();
        for abs in self.state_addresses(c) {
            // Those of which that is not known yet are looked at only.
            let undecided = self.undecided(abs);
            for k in self.previous.resources[abs].instances.keys() {
                if undecided || !self.is_expanded(abs, k) {
                    orphans.push((abs.instance(k.clone()), self.orphan_reason(abs, k, block)));
                }
            }
        }
        let runs = orphans.into_iter().map(|(addr, reason)| self.plan_delete(addr, reason));
        ok &= futures::future::join_all(runs).await.into_iter().all(|x| x);
        ok
    }

    fn is_expanded(&self, abs: &AbsResource, key: &Key) -> bool {
        self.walk.values.borrow().expansion(abs).is_some_and(|e| e.contains(key))
    }

    fn orphan_reason(&self, abs: &AbsResource, key: &Key, block: &Resource) -> ActionReason {
        if self.walk.values.borrow().module(&abs.module).is_none() {
            return ActionReason::DeleteBecauseNoModule;
        }
        match key {
            Key::None if block.lifecycle.enabled.is_some() => ActionReason::DeleteBecauseEnabledFalse,
            Key::Int(_) if block.count.is_some() => ActionReason::DeleteBecauseCountIndex,
            Key::Str(_) if block.for_each.is_some() => ActionReason::DeleteBecauseEachKey,
            _ => ActionReason::DeleteBecauseWrongRepetition,
        }
    }

    async fn visit_orphan(&'a self, c: &ConfigResource) -> bool {
        if c.resource.mode != Mode::Managed {
            let mut prior = self.prior.borrow_mut();
            for abs in self.state_addresses(c) {
                prior.resources.remove(abs);
            }
            return true;
        }
        let mut all = Vec::new();
        for abs in self.state_addresses(c) {
            let reason = if self.opts.mode == PlanMode::Destroy {
                ActionReason::None
            } else {
                ActionReason::DeleteBecauseNoResourceConfig
            };
            all.extend(
                self.previous.resources[abs].instances.keys().map(|k| (abs.instance(k.clone()), reason)),
            );
        }
        let runs = all.into_iter().map(|(addr, reason)| self.plan_delete(addr, reason));
        futures::future::join_all(runs).await.into_iter().all(|x| x)
    }

    async fn visit_destroy(&'a self, c: &ConfigResource) -> bool {
        let mut all = Vec::new();
        for abs in self.state_addresses(c) {
            all.extend(self.previous.resources[abs].instances.keys().map(|k| abs.instance(k.clone())));
        }
        let runs = all.into_iter().map(|addr| self.plan_delete(addr, ActionReason::None));
        futures::future::join_all(runs).await.into_iter().all(|x| x)
    }

    /// Whether an instance is to be planned: it is among the targets, or its resource
    /// is there only because a target depends on it (then all of it is).
    pub fn targeted(&self, addr: &ResourceInstance) -> bool {
        if self.opts.excludes.iter().any(|t| t.covers(addr)) {
            return false;
        }
        let targets = &self.opts.targets;
        if targets.is_empty() || targets.iter().any(|t| t.covers(addr)) {
            return true;
        }
        let config = addr.config();
        if self.opts.mode == PlanMode::Destroy {
            // What depends on a target cannot stay without it.
            let graph = self.walk.graph;
            return graph.id(&Node::Resource(config)).is_some_and(|id| {
                graph.ancestors(id).iter().any(|&a| match &graph.nodes[a as usize] {
                    Node::Resource(r) => targets.iter().any(|t| target::may_cover(t, r)),
                    _ => false,
                })
            });
        }
        !targets.iter().any(|t| target::may_cover(t, &config))
    }

    /// Records a change and tells the observer.
    pub fn record(&self, change: ResourceChange) {
        if change.action != Action::NoOp {
            self.pending.borrow_mut().insert(change.addr.config());
            if let Some(cause) = self.waits_for(&change.addr.config()) {
                return self.defer(change, DeferredReason::DeferredPrereq, cause);
            }
        }
        self.walk.cx.observer.event(Event::Planned { addr: change.addr.clone(), action: change.action });
        self.changes.borrow_mut().insert((change.addr.clone(), change.deposed.clone()), change);
    }

    /// Whether a data source waits: for a change of what its (or its modules') `depends_on` name,
    /// or of a managed resource that its own block refers to. What is behind such a resource does
    /// not count; behind a module, a local value or a variable it does, because those do not
    /// change themselves.
    fn waits_for_changes(&self, c: &ConfigResource, block: &Resource) -> bool {
        let graph = self.walk.graph;
        let pending = self.pending.borrow();
        let is_pending = |n: u32| match &graph.nodes[n as usize] {
            Node::Resource(r) => r.resource.mode == Mode::Managed && pending.contains(r),
            _ => false,
        };
        let named = |m: &ModuleNode, entries: &[Expr]| {
            entries.iter().any(|e| {
                let indirect =
                    e.as_traversal().is_some_and(|t| matches!(&*t.root.name, "module" | "local" | "var"));
                let ids = graph.depends_on(m, std::slice::from_ref(e));
                ids.iter()
                    .any(|&n| is_pending(n) || indirect && graph.ancestors(n).iter().any(|&a| is_pending(a)))
            })
        };
        if let Some(m) = graph.modules.get(&c.module) {
            let references = crate::graph::resource_references(block);
            if named(m, &block.depends_on) || graph.resolve_all(m, &references).into_iter().any(is_pending) {
                return true;
            }
        }
        let mut path = c.module.clone();
        while let (Some(parent), Some(name)) = (path.parent(), path.last().cloned()) {
            if let Some(m) = graph.modules.get(&parent)
                && let Some(call) = m.module.calls.get(&name)
                && named(m, &call.depends_on)
            {
                return true;
            }
            path = parent;
        }
        false
    }

    fn finish(self, timestamp: String) -> (Plan, Diagnostics) {
        let outputs = self.output_changes();
        self.hold_back();
        let deferred: Vec<DeferredChange> = self.deferred.into_inner().into_values().collect();
        let diags = self.walk.diags.into_inner();
        let errored = diags.has_errors();
        let mut prior = self.prior.into_inner();
        if !errored && self.opts.mode == PlanMode::RefreshOnly {
            prior.outputs.clone_from(&self.previous.outputs);
        }
        let mut plan = Plan::nothing(self.opts, &self.previous, timestamp);
        plan.changes = self.changes.into_inner().into_values().collect();
        plan.drift = self.drift.into_inner().into_values().collect();
        plan.outputs = outputs;
        plan.prior = prior;
        plan.checks = self.walk.checks.into_inner();
        plan.invocations = self.invocations.into_inner();
        plan.invocations.sort_by_key(|i| {
            let t = i.trigger.as_ref();
            t.map(|t| (t.resource.clone(), !t.event.is_before(), t.block, t.index))
        });
        plan.errored = errored;
        plan.complete &= !errored && deferred.is_empty();
        plan.deferred = deferred;
        (plan, diags)
    }

    fn output_changes(&self) -> BTreeMap<String, OutputChange> {
        let mut out = BTreeMap::new();
        let values = self.walk.values.borrow();
        let root = values.module(&ModuleInstance::root());
        let declared = &self.walk.cx.config.root.module.outputs;
        for (name, o) in declared {
            if o.ephemeral {
                continue;
            }
            let before = self.previous.outputs.get(&**name);
            let before_value = before.map_or(Value::null(Type::Dynamic), |b| b.value.clone());
            let was_sensitive = before.is_some_and(|b| b.sensitive);
            if self.opts.mode == PlanMode::Destroy {
                if before.is_some() {
                    let change = OutputChange {
                        action: Action::Delete,
                        before: before_value,
                        after: Value::null(Type::Dynamic),
                        sensitive: was_sensitive || o.sensitive,
                    };
                    out.insert(name.to_string(), change);
                }
                continue;
            }
            let Some(after) = root.and_then(|r| r.outputs.get(name)) else { continue };
            let sensitive = o.sensitive || after.contains_sensitive();
            let (plain, _) = after.unmark_deep();
            let action = match before {
                None if plain.is_null() => Action::NoOp,
                None => Action::Create,
                Some(b) if b.value == plain && b.sensitive == sensitive => Action::NoOp,
                Some(_) => Action::Update,
            };
            let change = OutputChange {
                action,
                before: before_value,
                after: plain,
                sensitive: sensitive || was_sensitive,
            };
            out.insert(name.to_string(), change);
        }
        for (name, b) in &self.previous.outputs {
            if !declared.contains_key(name.as_str()) {
                let change = OutputChange {
                    action: Action::Delete,
                    before: b.value.clone(),
                    after: Value::null(Type::Dynamic),
                    sensitive: b.sensitive,
                };
                out.insert(name.clone(), change);
            }
        }
        out
    }
}
