//! Rehearsing a plan: the walk of an apply without providers. What they would compute
//! is made up, and flows through the configuration like real values would.
//!
//! Nothing is called and nothing is changed. Whatever cannot be evaluated with
//! stand-ins stays as the plan has it, unknowns included: no object is left out.

mod combine;
mod order;
mod tidy;

use crate::context::Context;
use crate::deferral::{Deferral, DeferredReason};
use crate::destroy_edges::{Step as Walked, When, destroys, order};
use crate::expand::{self, IfUnknown};
use crate::graph::{Graph, Node};
use crate::objects::{mark_sensitive, object_value};
use crate::plan::{Action, Plan, PlanMode, ResourceChange};
use crate::values::Expansion;
use crate::walk::{Phase, Walk};
use combine::{Combine, Identities};
use groma_config::Resource;
use groma_lang::{Diagnostics, Span};
use groma_value::addr::{
    AbsResource, ConfigResource, Key, Mode, ModuleInstance, ProviderConfig, ResourceInstance,
};
use groma_value::schema::Schema;
use groma_value::{Mark, Name, Value};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Where a provider configuration works.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Site {
    /// The account, if known.
    pub account: Option<Arc<str>>,
    /// The region, if known.
    pub region: Option<Arc<str>>,
}

/// An object that is to be made up where it is unknown.
pub struct Making<'a> {
    /// The instance.
    pub addr: &'a ResourceInstance,
    /// Its provider configuration.
    pub provider: &'a ProviderConfig,
    /// The schema of the provider in use.
    pub schema: &'a Schema,
    /// Where it is.
    pub site: &'a Site,
    /// What is known of it, without marks.
    pub planned: &'a Value,
    /// The object before, or null; without marks.
    pub prior: &'a Value,
}

/// Knows what providers would say.
pub trait Understudy {
    /// Where a provider configuration works. `object`: one of its objects, for what
    /// says itself where it is.
    fn site(&self, provider: &ProviderConfig, config: &Value, object: &Value) -> Site;
    /// `making.planned` with stand-ins for unknowns: texts that no other object has.
    /// What must not be made up stays unknown.
    fn complete(&self, making: &Making<'_>) -> Value;
    /// An object exists, or was completed and looks so now; without marks.
    fn know(&self, making: &Making<'_>);
    /// What a data source reads that can only be read while applying, or again.
    /// `config` is without marks; what is marked in the answer stays so.
    fn data(&self, addr: &ResourceInstance, site: &Site, config: &Value) -> Option<Value>;
}

/// An object as it will be.
#[derive(Clone, Debug)]
pub struct Rehearsed {
    /// The instance.
    pub addr: ResourceInstance,
    /// Where it is.
    pub site: Arc<Site>,
    /// All attributes. A collection that may be set, or else is computed, and that the
    /// configuration does not set, is null: others decide it. What was made up, and what came of it, has the mark
    /// [`Mark::Invented`]; what could not even be made up is unknown. Sets carry no such
    /// mark: what would be invented in an element, other than an identity, is unknown.
    pub values: Value,
    /// The resource block's header.
    pub span: Option<Span>,
    /// Whether there is an object before.
    pub exists: bool,
}

/// A change of an object. A replacement is two: the object before goes, the new one is made.
#[derive(Clone, Debug)]
pub struct Step {
    /// The instance.
    pub addr: ResourceInstance,
    /// What is done.
    pub action: Action,
    /// Whether the object before is gone afterwards.
    pub gone: bool,
    /// The steps that are over before this one begins, by their indices, sorted. All others may
    /// happen before it, after it or at once.
    pub after: Arc<[u32]>,
}

/// A plan as it will have worked out.
#[derive(Clone, Debug, Default)]
pub struct Rehearsal {
    /// All objects as they will be, data sources included, by address.
    pub objects: BTreeMap<ResourceInstance, Rehearsed>,
    /// The objects as they are before anything is done, those that will go included.
    pub before: BTreeMap<ResourceInstance, Rehearsed>,
    /// In an order in which it can be applied; see [`Step::after`] for others.
    pub steps: Vec<Step>,
    /// What could not be evaluated with stand-ins, by address: the objects are there,
    /// with what the plan knows.
    pub notes: Vec<(String, String)>,
    /// What the plan leaves out: it could be anything.
    pub open: Vec<(String, String)>,
    /// Root outputs, marks included.
    pub outputs: BTreeMap<Name, Value>,
}

/// What several rehearsals have in common that are seen together.
#[derive(Default)]
pub struct Stage {
    identities: RefCell<Identities>,
    /// What resources of their own decide a part of, in any of the states.
    decided: RefCell<BTreeSet<String>>,
}

impl Stage {
    /// Tells of a plan that is going to be rehearsed here. All are told of first: a rule in
    /// one root module may be of a group in another.
    pub fn announce(&self, plan: &Plan) {
        self.decided.borrow_mut().extend(tidy::decided(&plan.previous));
    }
}

/// Rehearses a plan, of which the stage was told.
pub fn rehearse(cx: &Context, plan: &Plan, stage: &Stage, understudy: &dyn Understudy) -> Rehearsal {
    let graph = Graph::new(&cx.config, &plan.prior);
    let timestamp = Some(plan.timestamp.clone());
    let mut walk = Walk::new(cx, &graph, Phase::Rehearse, &plan.variables, plan.prior.clone(), timestamp);
    walk.deferral = Deferral::following(plan);
    walk.deferral.if_unknown = IfUnknown::Refuse;
    let mut by_config: HashMap<ConfigResource, Vec<&ResourceChange>> = HashMap::new();
    for c in plan.changes.iter().filter(|c| c.deposed.is_none()) {
        by_config.entry(c.addr.config()).or_default().push(c);
    }
    let r = Rehearser {
        walk,
        plan,
        by_config,
        stage,
        understudy,
        out: RefCell::default(),
        sites: RefCell::default(),
        at: Cell::default(),
        steps_at: RefCell::default(),
    };
    r.existing();
    r.run();
    let mut out = r.out.take();
    for d in &plan.deferred {
        let why = match d.reason {
            DeferredReason::InstanceCountUnknown => format!("how many there are of {} is not known", d.cause),
            DeferredReason::DeferredPrereq => format!("it waits for {}, whose number is not known", d.cause),
        };
        out.open.push((d.pattern(), why));
    }
    if !plan.complete && plan.targets.is_empty() && plan.deferred.is_empty() {
        out.open.push(("the plan".into(), "it leaves something out".into()));
    }
    if let Some(root) = r.walk.values.borrow().module(&ModuleInstance::root()) {
        out.outputs = root.outputs.clone();
    }
    out
}

struct Rehearser<'a> {
    walk: Walk<'a>,
    plan: &'a Plan,
    by_config: HashMap<ConfigResource, Vec<&'a ResourceChange>>,
    stage: &'a Stage,
    understudy: &'a dyn Understudy,
    out: RefCell<Rehearsal>,
    sites: RefCell<BTreeSet<Arc<Site>>>,
    /// The node of the apply graph that is walked.
    at: Cell<usize>,
    /// The node of each step.
    steps_at: RefCell<Vec<usize>>,
}

impl<'a> Rehearser<'a> {
    /// What there is before.
    fn existing(&self) {
        let before: HashMap<&ResourceInstance, &ResourceChange> =
            self.plan.changes.iter().filter(|c| c.deposed.is_none()).map(|c| (&c.addr, c)).collect();
        for (addr, resource, object) in self.plan.prior.instances() {
            let value = match before.get(&addr) {
                Some(c) if !c.before.is_null() => c.before.clone(),
                _ => {
                    let provider = &resource.provider.provider.provider;
                    let schema = self.walk.schema(provider, addr.resource.mode, &addr.resource.ty);
                    let Some(current) = &object.current else { continue };
                    match schema.and_then(|s| object_value(current, &s).ok()) {
                        Some(v) => v,
                        None => {
                            let why = "its stored object cannot be read with the provider's schema";
                            self.open(&addr.to_string(), why);
                            continue;
                        }
                    }
                }
            };
            let span = self.walk.graph.resource(&addr.config()).map(|b| b.span);
            let site = Arc::new(Site::default());
            let o = Rehearsed { addr: addr.clone(), site, values: value, span, exists: true };
            self.out.borrow_mut().before.insert(addr, o);
        }
    }

    fn run(&'a self) {
        let graph = self.walk.graph;
        let destroying = self.plan.mode == PlanMode::Destroy;
        let order = order(graph, &self.plan.changes, destroying);
        let steps = &order.steps;
        let start = |i: usize| -> futures::future::LocalBoxFuture<'a, bool> {
            self.at.set(i);
            match &steps[i] {
                Walked::Static(n) => self.visit(*n, destroying),
                Walked::Destroy(c) => self.destroy(c, When::Early),
                Walked::DestroyLate(c) => self.destroy(c, When::Late),
            }
            Box::pin(std::future::ready(true))
        };
        futures::executor::block_on(crate::executor::run(&order.deps, &start));
        self.walk.diags.take();
        let steps_at = self.steps_at.take();
        let before = order::over_before(&order.deps, &steps_at);
        for (step, node) in self.out.borrow_mut().steps.iter_mut().zip(&steps_at) {
            step.after = before[*node].clone();
        }
        // What stands outside of what could be walked.
        for c in self.plan.changes.iter().filter(|c| c.deposed.is_none()) {
            if !c.after.is_null() && !self.out.borrow().objects.contains_key(&c.addr) {
                self.note(&c.addr.to_string(), "what it depends on cannot be evaluated with stand-ins");
                self.add(&c.addr, &c.provider, c.after.clone(), !c.before.is_null());
            }
        }
        // What the plan does not touch.
        let changed: BTreeSet<&ResourceInstance> = self.plan.changes.iter().map(|c| &c.addr).collect();
        let before: Vec<Rehearsed> = self.out.borrow().before.values().cloned().collect();
        for o in before {
            let gone = destroying && o.addr.resource.mode == Mode::Data;
            if !gone && !changed.contains(&o.addr) && !self.out.borrow().objects.contains_key(&o.addr) {
                self.out.borrow_mut().objects.insert(o.addr.clone(), o);
            }
        }
        self.locate_before();
    }

    /// Objects before are where they are afterwards, or where their provider works.
    fn locate_before(&self) {
        let places: Vec<(ResourceInstance, Arc<Site>)> = self
            .plan
            .prior
            .instances()
            .filter_map(|(addr, r, _)| {
                let value = self.out.borrow().before.get(&addr)?.values.clone();
                Some((addr, self.site(&r.provider, &value)))
            })
            .collect();
        let mut out = self.out.borrow_mut();
        for (addr, site) in places {
            if let Some(o) = out.before.get_mut(&addr) {
                o.site = site.clone();
            }
            if let Some(o) = out.objects.get_mut(&addr)
                && *o.site == Site::default()
            {
                o.site = site;
            }
        }
    }

    fn note(&self, addr: &str, why: &str) {
        self.out.borrow_mut().notes.push((addr.to_owned(), why.to_owned()));
    }

    fn open(&self, addr: &str, why: &str) {
        self.out.borrow_mut().open.push((addr.to_owned(), why.to_owned()));
    }

    /// Takes what was said since; the first error, for people.
    fn said(&self) -> Option<String> {
        let diags = self.walk.diags.take();
        diags.iter().find(|d| d.is_error()).map(|d| match d.detail.is_empty() {
            true => d.summary.clone(),
            false => format!("{}: {}", d.summary, d.detail),
        })
    }

    fn visit(&'a self, i: u32, destroying: bool) {
        let node = &self.walk.graph.nodes[i as usize];
        match node {
            Node::Resource(c) if !destroying => self.visit_resource(c),
            Node::Resource(_) | Node::Orphan(_) | Node::Check(..) => {}
            n => {
                self.walk.visit_static(n);
                if let Some(why) = self.said() {
                    self.note(&crate::walk::node_name(n), &why);
                }
            }
        }
    }

    fn visit_resource(&'a self, c: &ConfigResource) {
        let walk = &self.walk;
        let Some(block) = walk.graph.resource(c) else { return };
        let changes = self.by_config.get(c).cloned().unwrap_or_default();
        let modules = walk.values.borrow().instances(&c.module);
        for m in &modules {
            let Some(scope) = walk.scope(m) else { continue };
            let addr = AbsResource { module: m.clone(), resource: c.resource.clone() };
            let mut diags = Diagnostics::new();
            let e = match walk.deferral.has_resource(&addr) {
                true => Some(Expansion::Unknown),
                false => expand::expansion(block.into(), &scope, IfUnknown::Refuse, &mut diags),
            };
            // The plan says which instances there are.
            let e = e.unwrap_or_else(|| planned_expansion(&changes, m));
            walk.values.borrow_mut().expand_resource(&addr, e.clone());
            self.keep(&addr, c, &changes);
            if c.resource.mode == Mode::Data && e != Expansion::Unknown {
                self.read_again(&addr, c, block, &e, &changes);
            }
        }
        for change in changes {
            match change.action {
                Action::Delete | Action::Forget => {}
                Action::NoOp => self.unchanged(change, block),
                Action::Read => self.read(change, block),
                _ => self.make(change, block),
            }
        }
    }

    /// What the plan does not touch is as it was.
    fn keep(&self, addr: &AbsResource, c: &ConfigResource, changes: &[&ResourceChange]) {
        let state = &self.plan.prior;
        let Some(r) = state.resources.get(addr) else { return };
        let known = |addr: &ResourceInstance| self.out.borrow().before.get(addr).map(|o| o.values.clone());
        for (key, i) in &r.instances {
            let instance = addr.instance(key.clone());
            let provider = self.walk.object_provider(c, r.provider_of(i));
            if changes.iter().any(|c| c.addr == instance) {
                continue;
            }
            if let Some(v) = known(&instance) {
                self.walk.values.borrow_mut().set_resource(addr, key.clone(), v.clone());
                self.add(&instance, &provider, v, true);
            }
        }
    }

    /// Data sources that were read while planning and are in no state: what they read
    /// was unknown then.
    fn read_again(
        &'a self,
        addr: &AbsResource,
        c: &ConfigResource,
        block: &Resource,
        e: &Expansion,
        changes: &[&ResourceChange],
    ) {
        let Some(whole) = self.walk.resource_provider(c) else { return };
        let Some(schema) = self.walk.schema(&whole.provider.provider, Mode::Data, &c.resource.ty) else {
            return;
        };
        for key in e.keys() {
            let instance = addr.instance(key.clone());
            let Some(provider) = self.walk.instance_provider(&instance) else { continue };
            let there = self.plan.prior.current(&instance).is_some();
            if there || changes.iter().any(|c| c.addr == instance) {
                continue;
            }
            let config = self.config(&instance, block, &schema);
            let value = self.answer(&instance, &provider, config.as_ref(), &schema);
            self.walk.values.borrow_mut().set_resource(addr, key, value.clone());
            self.add(&instance, &provider, value, true);
        }
    }

    /// What a data source will read, as far as that can be said.
    fn answer(
        &self,
        addr: &ResourceInstance,
        provider: &ProviderConfig,
        config: Option<&Value>,
        schema: &Schema,
    ) -> Value {
        let unknown = Value::unknown(schema.block.implied_type().clone());
        let Some(config) = config else { return unknown };
        let site = self.site(provider, config);
        let plain = config.unmark_deep().0;
        let planned = groma_value::proposed_new::planned_data_resource_object(&schema.block, &plain);
        let planned = planned.mark_with_paths(&crate::objects::marks_of(config));
        let found = self.understudy.data(addr, &site, &plain).or_else(|| self.same_kind(addr, &site, &plain));
        let Some(found) = found else { return planned };
        // What is configured stays; what was found is as it is there.
        let (Some(have), Some(f)) = (planned.as_fields(), found.as_fields()) else { return planned };
        let merged = have.map_values(|n, v| match f.get(n) {
            Some(x) if !v.is_wholly_known() => {
                let ty = schema.block.attributes.get(n).map(|a| &a.ty);
                ty.and_then(|t| groma_value::convert(x, t).ok()).unwrap_or_else(|| v.clone())
            }
            _ => v.clone(),
        });
        Value::Object(Arc::new(merged))
    }

    /// A data source that names a managed object of this world, by its id or ARN.
    fn same_kind(&self, addr: &ResourceInstance, site: &Site, config: &Value) -> Option<Value> {
        let wanted = ["id", "arn"].iter().find_map(|n| {
            let v = config.get_attr(n)?;
            Some((*n, v.as_str()?.to_owned()))
        })?;
        let out = self.out.borrow();
        let mut found = out.objects.values().filter(|o| {
            o.addr.resource.mode == Mode::Managed
                && o.addr.resource.ty == addr.resource.ty
                && *o.site == *site
                && o.values.get_attr(wanted.0).is_some_and(|v| v.as_str() == Some(&wanted.1))
        });
        found.next().map(|o| o.values.clone())
    }

    fn config(&'a self, addr: &ResourceInstance, block: &Resource, schema: &Schema) -> Option<Value> {
        let scope = self.walk.instance_scope(addr)?;
        let mut diags = Diagnostics::new();
        let config = groma_lang::decode::decode_block(&block.body, &schema.block, &scope, &mut diags);
        if self.walk.report(diags) {
            self.walk.diags.take();
            return Some(config);
        }
        let why = self.said().unwrap_or_default();
        self.note(&addr.to_string(), &why);
        None
    }

    /// Whether resources of their own decide a part of an object.
    fn decided(&self, object: &Value) -> bool {
        let id = object.get_attr("id").map(|v| v.unmark().0);
        id.as_ref().and_then(Value::as_str).is_some_and(|id| self.stage.decided.borrow().contains(id))
    }

    fn schema_of(&self, change: &ResourceChange) -> Option<Arc<Schema>> {
        let r = &change.addr.resource;
        self.walk.schema(&change.provider.provider.provider, r.mode, &r.ty)
    }

    fn read(&'a self, change: &ResourceChange, block: &Resource) {
        let Some(schema) = self.schema_of(change) else { return self.set(change, change.after.clone()) };
        let config = self.config(&change.addr, block, &schema);
        let value = match config {
            Some(c) => self.answer(&change.addr, &change.provider, Some(&c), &schema),
            None => change.after.clone(),
        };
        self.set(change, value);
    }

    /// What stays as it is.
    fn unchanged(&'a self, change: &ResourceChange, block: &Resource) {
        let after = change.after.clone();
        self.set(change, after.clone());
        let Some(schema) = self.schema_of(change).filter(|_| change.addr.resource.mode == Mode::Managed)
        else {
            return;
        };
        let Some(config) = self.config(&change.addr, block, &schema) else { return };
        let none = Identities::new();
        let decided = self.decided(&after);
        let shown = tidy::left_to_provider(&schema.block, &after, &config, false, decided, &none);
        if let Some(o) = self.out.borrow_mut().objects.get_mut(&change.addr) {
            o.values = shown;
        }
    }

    /// What is created or updated.
    fn make(&'a self, change: &ResourceChange, block: &Resource) {
        let Some(schema) = self.schema_of(change) else { return self.set(change, change.after.clone()) };
        let prior = match change.action {
            Action::Update => change.before.unmark_deep().0,
            _ => Value::null(schema.block.implied_type().clone()),
        };
        let config = self.config(&change.addr, block, &schema);
        let config = config.map(|c| {
            let (plain, marks) = c.unmark_deep_with_paths();
            crate::ignore::ignore_changes(block, &prior, &plain).mark_with_paths(&marks)
        });
        let planned = change.after.clone();
        // First what the configuration says, then what is to be made up from it.
        let nothing = Identities::new();
        let said = Combine { identities: &nothing, apart: false }.value(&planned, config.as_ref(), None);
        let plain = said.unmark_deep().0;
        let site = self.site(&change.provider, &said);
        let making = Making {
            addr: &change.addr,
            provider: &change.provider,
            schema: &schema,
            site: &site,
            planned: &plain,
            prior: &prior,
        };
        let made = self.understudy.complete(&making);
        let value = {
            let nothing = Identities::new();
            Combine { identities: &nothing, apart: false }.value(&planned, config.as_ref(), Some(&made))
        };
        value.walk(&mut |_, v| {
            if v.has_mark(&Mark::Invented) {
                combine::collect(&v.unmark_deep().0, &mut self.stage.identities.borrow_mut());
            }
            true
        });
        let identities = self.stage.identities.borrow();
        let shown =
            Combine { identities: &identities, apart: true }.value(&planned, config.as_ref(), Some(&made));
        let creating = change.action != Action::Update;
        let shown = match &config {
            Some(c) => {
                let decided = self.decided(&prior);
                tidy::left_to_provider(&schema.block, &shown, c, creating, decided, &identities)
            }
            None => shown,
        };
        drop(identities);
        let value = mark_sensitive(value, &schema);
        self.walk.values.borrow_mut().set_resource(
            &change.addr.abs_resource(),
            change.addr.key.clone(),
            value,
        );
        self.put(&change.addr, site, shown, change.action == Action::Update);
        self.step(change, false);
    }

    fn step(&self, change: &ResourceChange, gone: bool) {
        if change.addr.resource.mode == Mode::Managed {
            let step = Step { addr: change.addr.clone(), action: change.action, gone, after: [].into() };
            self.out.borrow_mut().steps.push(step);
            self.steps_at.borrow_mut().push(self.at.get());
        }
    }

    fn destroy(&self, c: &ConfigResource, when: When) {
        for change in self.by_config.get(c).cloned().unwrap_or_default() {
            // A forgotten object is still there.
            if destroys(change) == when && change.action != Action::Forget {
                self.step(change, true);
            }
        }
    }

    fn set(&self, change: &ResourceChange, value: Value) {
        self.walk.values.borrow_mut().set_resource(
            &change.addr.abs_resource(),
            change.addr.key.clone(),
            value.clone(),
        );
        self.add(&change.addr, &change.provider, value, !change.before.is_null());
    }

    fn site(&self, provider: &ProviderConfig, object: &Value) -> Arc<Site> {
        let config = self.walk.providers.borrow().get(provider).and_then(|s| s.config.clone());
        let site = self.understudy.site(provider, &config.unwrap_or_else(Value::dynamic), object);
        let mut sites = self.sites.borrow_mut();
        if let Some(s) = sites.get(&site) {
            return s.clone();
        }
        let site = Arc::new(site);
        sites.insert(site.clone());
        site
    }

    /// An object that was not made up here.
    fn add(&self, addr: &ResourceInstance, provider: &ProviderConfig, values: Value, exists: bool) {
        let site = self.site(provider, &values);
        let schema = self.walk.schema(&provider.provider.provider, addr.resource.mode, &addr.resource.ty);
        if let Some(schema) = schema
            && addr.resource.mode == Mode::Managed
        {
            let plain = values.unmark_deep().0;
            let prior = Value::null(schema.block.implied_type().clone());
            let (schema, site) = (&*schema, &*site);
            self.understudy.know(&Making { addr, provider, schema, site, planned: &plain, prior: &prior });
        }
        self.put(addr, site, values, exists);
    }

    fn put(&self, addr: &ResourceInstance, site: Arc<Site>, values: Value, exists: bool) {
        let span = self.walk.graph.resource(&addr.config()).map(|b| b.span);
        let o = Rehearsed { addr: addr.clone(), site, values, span, exists };
        self.out.borrow_mut().objects.insert(addr.clone(), o);
    }
}

/// The instances of a resource in a module instance, as the plan has them.
fn planned_expansion(changes: &[&ResourceChange], m: &ModuleInstance) -> Expansion {
    let keys: Vec<&Key> = changes.iter().filter(|c| c.addr.module == *m).map(|c| &c.addr.key).collect();
    if keys.iter().any(|k| matches!(k, Key::Str(_))) {
        let mut pairs: Vec<(Name, Value)> = keys
            .iter()
            .filter_map(|k| match k {
                Key::Str(s) => Some((s.clone(), Value::dynamic())),
                _ => None,
            })
            .collect();
        pairs.sort_by(|a, b| a.0.cmp(&b.0));
        return Expansion::ForEach(pairs);
    }
    let most = keys.iter().filter_map(|k| match k {
        Key::Int(i) => Some(*i + 1),
        _ => None,
    });
    match most.max() {
        Some(n) => Expansion::Count(n),
        None => Expansion::Single,
    }
}
