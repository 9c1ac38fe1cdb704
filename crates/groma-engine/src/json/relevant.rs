//! Which attributes of resources the planned changes come from.
//!
//! References of whatever changes are followed backwards, through variables,
//! local values, outputs and other resources' arguments, and all attributes met
//! on the way are told. The answer depends on the configuration alone: whether an
//! attribute changed is not asked.

use super::expression::{step_text, subject_text};
use super::state::by_mode;
use crate::context::SchemaMap;
use crate::plan::{Action, Plan, PlanMode};
use groma_config::{Config, ModuleNode, Resource, Subject, parse_reference};
use groma_lang::ast::{Traversal, TraversalStep};
use groma_lang::decode::references_in_body;
use groma_lang::{Body, Expr};
use groma_value::addr::{
    AbsResource, Key, Mode, ModuleInstance, ModulePath, Resource as ResourceAddr, ResourceInstance,
};
use groma_value::schema::{self, Nesting};
use groma_value::{Name, Path, PathStep, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// The attributes that contribute to the changes of a plan, in order of addresses.
/// A reference to a whole resource has an empty path. `absent` are the outputs whose
/// planned value is null.
pub fn relevant(
    plan: &Plan,
    absent: &HashSet<(ModuleInstance, Name)>,
    config: &Config,
    schemas: &SchemaMap,
) -> Vec<(ResourceInstance, Path)> {
    let mut modules = HashMap::new();
    config.root.walk(&mut |n| {
        modules.insert(n.path.clone(), n.clone());
    });
    let mut walk = Walk { modules, schemas, seen: HashSet::new(), found: BTreeMap::new(), todo: Vec::new() };
    let changed = plan.changes.iter().filter(|c| c.action != Action::NoOp);
    let mut changed: BTreeSet<AbsResource> = changed.map(|c| c.addr.abs_resource()).collect();
    if plan.mode == PlanMode::Destroy {
        // That data goes too is not among the changes.
        changed.extend(plan.prior.resources.keys().filter(|r| r.resource.mode == Mode::Data).cloned());
    }
    for r in &changed {
        walk.resource(&r.module, &r.resource, &[]);
    }
    for (name, _) in plan.outputs.iter().filter(|(_, o)| o.action != Action::NoOp) {
        walk.output(&ModuleInstance::root(), name);
    }
    // No value of a child module's output is stored, so each of them counts as a change,
    // unless there is none now either. To destroy, they are not evaluated.
    let destroys = plan.mode == PlanMode::Destroy;
    for m in module_instances(plan, config).into_iter().filter(|_| !destroys) {
        let Some(node) = walk.node(&m) else { continue };
        for name in node.module.outputs.keys() {
            if !absent.contains(&(m.clone(), name.clone())) {
                walk.output(&m, name);
            }
        }
    }
    while let Some(r) = walk.todo.pop() {
        walk.follow(r);
    }
    walk.found.into_values().collect()
}

/// The instances of modules below the root: those that have resources, and those
/// of calls without repetition.
fn module_instances(plan: &Plan, config: &Config) -> BTreeSet<ModuleInstance> {
    let mut out = BTreeSet::new();
    let mut with_resources: BTreeSet<ModuleInstance> = BTreeSet::new();
    let mut seen: Vec<&ModuleInstance> =
        plan.changes.iter().filter(|c| c.action != Action::Delete).map(|c| &c.addr.module).collect();
    if plan.mode == PlanMode::RefreshOnly {
        // Nothing is planned, so what there is tells of the modules.
        seen.extend(plan.prior.resources.keys().map(|r| &r.module));
    }
    for m in seen {
        let mut at = Some(m.clone());
        while let Some(m) = at.filter(|m| !m.is_root() && with_resources.insert(m.clone())) {
            at = m.parent();
        }
    }
    fn below(node: &ModuleNode, at: &ModuleInstance, out: &mut BTreeSet<ModuleInstance>) {
        for (name, child) in &node.children {
            let Some(call) = node.module.calls.get(name) else { continue };
            if call.repetition().next().is_none() {
                let inner = at.child(name.clone(), Key::None);
                below(child, &inner, out);
                out.insert(inner);
            }
        }
    }
    below(&config.root, &ModuleInstance::root(), &mut out);
    for m in with_resources {
        if let Some(node) = config.root.descend(&m.path()) {
            below(&node, &m, &mut out);
            out.insert(m);
        }
    }
    out
}

/// A reference and the module instance that it is made in. References to `each`
/// and `count` also have the resource in which they stand.
struct Ref {
    module: ModuleInstance,
    within: Option<ResourceAddr>,
    subject: Subject,
    rest: Vec<TraversalStep>,
}

struct Walk<'a> {
    modules: HashMap<ModulePath, Arc<ModuleNode>>,
    schemas: &'a SchemaMap,
    /// Texts of the references that were met.
    seen: HashSet<String>,
    found: BTreeMap<(ResourceInstance, String), (ResourceInstance, Path)>,
    todo: Vec<Ref>,
}

impl Walk<'_> {
    fn node(&self, m: &ModuleInstance) -> Option<Arc<ModuleNode>> {
        self.modules.get(&m.path()).cloned()
    }

    /// Notes references that are made in a module.
    fn add(&mut self, module: &ModuleInstance, within: Option<&ResourceAddr>, all: Vec<Traversal>) {
        for t in all {
            let Ok(r) = parse_reference(&t) else { continue };
            let repeats = matches!(r.subject, Subject::EachKey | Subject::EachValue | Subject::CountIndex);
            let within = within.filter(|_| repeats);
            let rest: String = r.remaining.iter().map(step_text).collect();
            let place = within.map(ToString::to_string).unwrap_or_default();
            let text = format!("{module}\n{place}\n{}{rest}", subject_text(&r.subject));
            if !self.seen.insert(text) {
                continue;
            }
            let r = Ref {
                module: module.clone(),
                within: within.cloned(),
                subject: r.subject,
                rest: r.remaining,
            };
            if let Subject::Resource { addr, key } = &r.subject {
                let at =
                    ResourceInstance { module: r.module.clone(), resource: addr.clone(), key: key.clone() };
                self.found.insert((at.clone(), rest), (at, path_of(&r.rest)));
            }
            self.todo.push(r);
        }
    }

    /// Notes what a reference leads to.
    fn follow(&mut self, r: Ref) {
        match &r.subject {
            Subject::Variable(name) => {
                let (Some(caller), Some((call, _))) = (r.module.parent(), r.module.last().cloned()) else {
                    return;
                };
                let Some(node) = self.node(&caller) else { return };
                let Some(call) = node.module.calls.get(&call) else { return };
                self.add(&caller, None, call.argument_references(name));
            }
            Subject::Local(name) => {
                let Some(node) = self.node(&r.module) else { return };
                let Some(local) = node.module.locals.get(name) else { return };
                self.add(&r.module, None, local.references());
            }
            Subject::Module { name, key, output } => {
                let callee = r.module.child(name.clone(), key.clone());
                match output {
                    Some(o) => self.output(&callee, &o.name),
                    None => {
                        let Some(node) = self.node(&callee) else { return };
                        for o in node.module.outputs.keys() {
                            self.output(&callee, o);
                        }
                    }
                }
            }
            Subject::EachKey | Subject::EachValue | Subject::CountIndex => {
                let (Some(node), Some(within)) = (self.node(&r.module), &r.within) else { return };
                let Some(resource) = node.module.resources.get(within) else { return };
                self.add(&r.module, Some(within), resource.repetition_references());
            }
            Subject::Resource { addr, .. } => self.resource(&r.module, addr, &r.rest),
            Subject::Path(_) | Subject::Terraform(_) | Subject::SelfObject => {}
        }
    }

    fn output(&mut self, module: &ModuleInstance, name: &str) {
        let Some(node) = self.node(module) else { return };
        if let Some(o) = node.module.outputs.get(name) {
            self.add(module, None, o.expr.references());
        }
    }

    /// Notes what the part of a resource's arguments that `rest` leads to refers to.
    fn resource(&mut self, module: &ModuleInstance, addr: &ResourceAddr, rest: &[TraversalStep]) {
        let Some(node) = self.node(module) else { return };
        let Some(resource) = node.module.resources.get(addr) else { return };
        let Some(schemas) = self.schemas.get(&node.module.provider_of(&resource.provider.name)) else {
            return;
        };
        let Some(schema) = by_mode(&**schemas, addr.mode, &addr.ty) else { return };
        let all = argument_references(resource, &schema.block, rest);
        self.add(module, Some(addr), all);
    }
}

/// The references in the arguments that `rest` leads to. Elements of repeated
/// blocks are not told apart, so a path into them leads nowhere.
fn argument_references(
    resource: &Resource,
    schema: &schema::Block,
    rest: &[TraversalStep],
) -> Vec<Traversal> {
    let mut bodies: Vec<&Body> = vec![&resource.body];
    let mut schema = schema;
    // What decides about the blocks on the way.
    let mut around: Vec<Traversal> = Vec::new();
    for step in rest {
        let name = match step {
            TraversalStep::Attr(n) => &*n.name,
            TraversalStep::Index(Value::String(s), _) => s,
            TraversalStep::Index(..) => return around,
        };
        if schema.attributes.contains_key(name) {
            let found = bodies.iter().filter_map(|b| b.attribute(name));
            around.extend(found.flat_map(|a| a.expr.references()));
            return around;
        }
        match schema.blocks.get(name) {
            Some(b) if matches!(b.nesting, Nesting::Single | Nesting::Group) => {
                let (inner, exprs) = single_blocks(&bodies, name);
                around.extend(exprs.into_iter().flat_map(Expr::references));
                bodies = inner;
                schema = &b.block;
            }
            Some(_) => {}
            None => return around,
        }
    }
    around.extend(bodies.into_iter().flat_map(|b| references_in_body(b, schema)));
    around
}

/// The bodies of blocks of a type, and what `dynamic` ones iterate over.
fn single_blocks<'b>(bodies: &[&'b Body], name: &str) -> (Vec<&'b Body>, Vec<&'b Expr>) {
    let (mut inner, mut exprs) = (Vec::new(), Vec::new());
    for block in bodies.iter().flat_map(|b| &b.blocks) {
        if *block.ty.name == *name {
            inner.push(&block.body);
        } else if &*block.ty.name == "dynamic" && block.labels.first().is_some_and(|l| *l.name == *name) {
            exprs.extend(block.body.attribute("for_each").map(|a| &a.expr));
            exprs.extend(block.body.attribute("labels").map(|a| &a.expr));
            inner.extend(block.body.blocks_of("content").map(|c| &c.body));
        }
    }
    (inner, exprs)
}

fn path_of(steps: &[TraversalStep]) -> Path {
    let step = |s: &TraversalStep| match s {
        TraversalStep::Attr(n) => PathStep::Attr(n.name.clone()),
        TraversalStep::Index(v, _) => PathStep::Index(v.clone()),
    };
    Path(steps.iter().map(step).collect())
}
