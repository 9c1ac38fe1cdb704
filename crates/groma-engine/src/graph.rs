//! The graph of static objects: what must be known before what.

use groma_config::{Config, LocalProvider, ModuleNode, ResolvedProvider, Resource};
use groma_lang::ast::{Traversal, TraversalStep};
use groma_lang::{Body, Expr};
use groma_state::State;
use groma_value::Name;
use groma_value::addr::{
    ConfigResource, Key, Mode, ModulePath, ProviderAlias, ProviderConfig, Resource as ResourceAddr,
};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// A static object.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Node {
    /// The instances of a module call.
    Module(ModulePath),
    /// An input variable.
    Variable(ModulePath, Name),
    /// A local value.
    Local(ModulePath, Name),
    /// An output value.
    Output(ModulePath, Name),
    /// A resource of the configuration.
    Resource(ConfigResource),
    /// A resource that is only in the state.
    Orphan(ConfigResource),
    /// A provider configuration.
    Provider(ProviderConfig),
    /// A `check` block.
    Check(ModulePath, Name),
}

/// Nodes and their direct dependencies.
pub(crate) struct Graph {
    pub nodes: Vec<Node>,
    pub index: HashMap<Node, u32>,
    /// By node: what it depends on, sorted, without duplicates.
    pub deps: Vec<Vec<u32>>,
    /// The modules by path.
    pub modules: HashMap<ModulePath, Arc<ModuleNode>>,
    /// By node: all resources that it depends on directly or not, sorted node
    /// numbers. Built on demand by [`Graph::ancestors`].
    ancestors: std::cell::RefCell<HashMap<u32, Arc<[u32]>>>,
}

impl Graph {
    /// The graph of a configuration and of what the state has besides.
    pub fn new(config: &Config, state: &State) -> Graph {
        let mut g = Graph {
            nodes: Vec::new(),
            index: HashMap::new(),
            deps: Vec::new(),
            modules: HashMap::new(),
            ancestors: Default::default(),
        };
        let mut all = Vec::new();
        config.root.walk(&mut |n| all.push(n.clone()));
        for m in &all {
            g.modules.insert(m.path.clone(), m.clone());
        }
        for m in &all {
            g.add_module_nodes(m);
        }
        for (addr, r) in &state.resources {
            let c = addr.config();
            if !g.index.contains_key(&Node::Resource(c.clone())) {
                g.add(Node::Orphan(c));
            }
            // A provider configuration may be needed only by what is in the state.
            g.add(Node::Provider(r.provider.clone()));
        }
        for m in &all {
            g.add_module_edges(m);
        }
        for (addr, r) in &state.resources {
            let c = addr.config();
            let node = g.index.get(&Node::Orphan(c)).copied();
            if let (Some(n), Some(&p)) = (node, g.index.get(&Node::Provider(r.provider.clone()))) {
                g.deps[n as usize].push(p);
            }
        }
        for (i, d) in g.deps.iter_mut().enumerate() {
            d.sort_unstable();
            d.dedup();
            // A reference to oneself is reported by the static checks.
            if !matches!(g.nodes[i], Node::Local(..)) {
                d.retain(|&x| x as usize != i);
            }
        }
        g
    }

    pub fn id(&self, node: &Node) -> Option<u32> {
        self.index.get(node).copied()
    }

    fn add(&mut self, node: Node) -> u32 {
        if let Some(&i) = self.index.get(&node) {
            return i;
        }
        let i = self.nodes.len() as u32;
        self.index.insert(node.clone(), i);
        self.nodes.push(node);
        self.deps.push(Vec::new());
        i
    }

    fn add_module_nodes(&mut self, m: &ModuleNode) {
        let p = &m.path;
        if !p.is_root() {
            self.add(Node::Module(p.clone()));
        }
        for n in m.module.variables.keys() {
            self.add(Node::Variable(p.clone(), n.clone()));
        }
        for n in m.module.locals.keys() {
            self.add(Node::Local(p.clone(), n.clone()));
        }
        for (local, resolved) in &m.providers {
            let _ = local;
            self.add(Node::Provider(provider_config(resolved)));
        }
        for r in m.module.resources.keys() {
            self.add(Node::Resource(ConfigResource { module: p.clone(), resource: r.clone() }));
        }
        for n in m.module.outputs.keys() {
            self.add(Node::Output(p.clone(), n.clone()));
        }
        for n in m.module.checks.keys() {
            self.add(Node::Check(p.clone(), n.clone()));
        }
    }

    fn add_module_edges(&mut self, m: &Arc<ModuleNode>) {
        let p = &m.path;
        let module = m.module.clone();
        let own: Vec<u32> = self.id(&Node::Module(p.clone())).into_iter().collect();
        for (name, call) in &module.calls {
            let child = p.child(name.clone());
            let mut refs: Vec<Traversal> = Vec::new();
            refs.extend(call.repetition().flat_map(Expr::references));
            let keys = call.providers.iter().flatten().filter_map(|p| p.key.as_ref());
            refs.extend(keys.flat_map(Expr::references));
            let mut deps = self.resolve_all(m, &refs);
            deps.extend(self.depends_on(m, &call.depends_on));
            deps.extend(&own);
            self.depend(&Node::Module(child.clone()), deps);
            // Arguments are evaluated in this module, for each instance of the call.
            let Some(node) = m.children.get(name) else { continue };
            for var in node.module.variables.values() {
                let refs =
                    call.body.attribute(&var.name.name).map(|a| a.expr.references()).unwrap_or_default();
                let mut deps = self.resolve_all(m, &refs);
                deps.extend(self.id(&Node::Module(child.clone())));
                for rule in &var.validations {
                    let refs = rule_references(rule);
                    deps.extend(self.resolve_all(node, &refs));
                }
                self.depend(&Node::Variable(child.clone(), var.name.name.clone()), deps);
            }
        }
        if p.is_root() {
            for var in module.variables.values() {
                let refs: Vec<_> = var.validations.iter().flat_map(rule_references).collect();
                let deps = self.resolve_all(m, &refs);
                self.depend(&Node::Variable(p.clone(), var.name.name.clone()), deps);
            }
        }
        for l in module.locals.values() {
            let mut deps = self.resolve_all(m, &l.expr.references());
            deps.extend(&own);
            self.depend(&Node::Local(p.clone(), l.name.name.clone()), deps);
        }
        for o in module.outputs.values() {
            let mut refs = o.expr.references();
            refs.extend(o.preconditions.iter().flat_map(rule_references));
            let mut deps = self.resolve_all(m, &refs);
            deps.extend(self.depends_on(m, &o.depends_on));
            deps.extend(&own);
            self.depend(&Node::Output(p.clone(), o.name.name.clone()), deps);
        }
        for (name, c) in &module.checks {
            let mut refs: Vec<_> = c.asserts.iter().flat_map(rule_references).collect();
            refs.retain(|t| &*t.root.name != "self");
            let mut deps = self.resolve_all(m, &refs);
            deps.extend(&own);
            if let Some(d) = &c.data {
                deps.extend(self.resource_id(p, d));
            }
            self.depend(&Node::Check(p.clone(), name.clone()), deps);
        }
        for r in module.resources.values() {
            let mut refs = resource_references(r);
            refs.extend(module.trigger_references(r));
            let mut deps = self.resolve_all(m, &refs);
            for a in module.triggered_actions(r) {
                let resolved = m.providers.get(&a.provider);
                deps.extend(resolved.and_then(|p| self.id(&Node::Provider(provider_config(p)))));
            }
            deps.extend(self.depends_on(m, &r.depends_on));
            deps.extend(&own);
            if let Some(resolved) = m.providers.get(&r.provider) {
                deps.extend(self.id(&Node::Provider(provider_config(resolved))));
            }
            let node = Node::Resource(ConfigResource { module: p.clone(), resource: r.addr.clone() });
            self.depend(&node, deps);
        }
        for (local, block) in &module.provider_configs {
            let Some(resolved) = m.providers.get(local) else { continue };
            let mut refs: Vec<_> = block.for_each.iter().flat_map(Expr::references).collect();
            body_references(&block.body, &mut refs);
            let mut deps = self.resolve_all(m, &refs);
            deps.extend(&own);
            self.depend(&Node::Provider(provider_config(resolved)), deps);
        }
    }

    fn depend(&mut self, node: &Node, deps: impl IntoIterator<Item = u32>) {
        if let Some(i) = self.id(node) {
            self.deps[i as usize].extend(deps);
        }
    }

    fn resource_id(&self, module: &ModulePath, r: &ResourceAddr) -> Option<u32> {
        self.id(&Node::Resource(ConfigResource { module: module.clone(), resource: r.clone() }))
    }

    pub fn resolve_all(&self, m: &ModuleNode, refs: &[Traversal]) -> Vec<u32> {
        refs.iter().flat_map(|t| self.resolve(m, t)).collect()
    }

    /// What `depends_on` entries mean: like references, but a whole module means
    /// everything in it.
    pub fn depends_on(&self, m: &ModuleNode, entries: &[Expr]) -> Vec<u32> {
        let mut out = Vec::new();
        for t in entries.iter().filter_map(Expr::as_traversal) {
            if &*t.root.name == "module"
                && t.steps.len() <= 2
                && !matches!(t.steps.get(1), Some(TraversalStep::Attr(_)))
                && let Some(TraversalStep::Attr(name)) = t.steps.first()
                && let Some(child) = m.children.get(&name.name)
            {
                child.walk(&mut |c| {
                    for r in c.module.resources.keys() {
                        out.extend(self.resource_id(&c.path, r));
                    }
                    for o in c.module.outputs.keys() {
                        out.extend(self.id(&Node::Output(c.path.clone(), o.clone())));
                    }
                });
            }
            out.extend(self.resolve(m, &t));
        }
        out
    }

    /// The nodes that a reference in module `m` means. Names that are nothing here
    /// (iterators, undeclared things) mean none: the static checks report them.
    pub fn resolve(&self, m: &ModuleNode, t: &Traversal) -> Vec<u32> {
        let attr = |i: usize| match t.steps.get(i) {
            Some(TraversalStep::Attr(a)) => Some(a.name.clone()),
            _ => None,
        };
        let p = m.path.clone();
        let one = |n: Node| self.id(&n).into_iter().collect::<Vec<_>>();
        match &*t.root.name {
            "var" => attr(0).map(|n| one(Node::Variable(p, n))).unwrap_or_default(),
            "local" => attr(0).map(|n| one(Node::Local(p, n))).unwrap_or_default(),
            "each" | "count" | "path" | "terraform" | "tofu" | "self" => Vec::new(),
            "module" => {
                let Some(name) = attr(0) else { return Vec::new() };
                let Some(child) = m.children.get(&name) else { return Vec::new() };
                let path = p.child(name);
                let mut out = one(Node::Module(path.clone()));
                // `module.a.out` or `module.a[key].out`; anything else means all outputs.
                let output = match (t.steps.get(1), t.steps.get(2)) {
                    (Some(TraversalStep::Attr(o)), _) => Some(o.name.clone()),
                    (Some(TraversalStep::Index(..)), Some(TraversalStep::Attr(o))) => Some(o.name.clone()),
                    _ => None,
                };
                match output {
                    Some(o) => out.extend(self.id(&Node::Output(path, o))),
                    None => {
                        for o in child.module.outputs.keys() {
                            out.extend(self.id(&Node::Output(path.clone(), o.clone())));
                        }
                    }
                }
                out
            }
            root => {
                let (mode, ty, name) = match root {
                    "data" => (Mode::Data, attr(0), attr(1)),
                    "ephemeral" => (Mode::Ephemeral, attr(0), attr(1)),
                    "resource" => (Mode::Managed, attr(0), attr(1)),
                    _ => (Mode::Managed, Some(t.root.name.clone()), attr(0)),
                };
                let (Some(ty), Some(name)) = (ty, name) else { return Vec::new() };
                one(Node::Resource(ConfigResource { module: p, resource: ResourceAddr { mode, ty, name } }))
            }
        }
    }

    /// All resources of the configuration that node `id` depends on, directly or
    /// not, as sorted node numbers. Cost and memory are those of the result.
    pub fn ancestors(&self, id: u32) -> Arc<[u32]> {
        if let Some(a) = self.ancestors.borrow().get(&id) {
            return a.clone();
        }
        // Post-order without recursion: graphs may be deep.
        let mut stack = vec![(id, 0usize)];
        let mut on_stack: BTreeSet<u32> = [id].into();
        while let Some((n, next)) = stack.last_mut() {
            let n = *n;
            let deps = &self.deps[n as usize];
            if let Some(&d) = deps.get(*next) {
                *next += 1;
                if !self.ancestors.borrow().contains_key(&d) && on_stack.insert(d) {
                    stack.push((d, 0));
                }
                continue;
            }
            let mut out: Vec<u32> = Vec::new();
            for &d in deps {
                if matches!(self.nodes[d as usize], Node::Resource(_)) {
                    out.push(d);
                }
                if let Some(a) = self.ancestors.borrow().get(&d) {
                    out.extend(a.iter());
                }
            }
            out.sort_unstable();
            out.dedup();
            self.ancestors.borrow_mut().insert(n, out.into());
            on_stack.remove(&n);
            stack.pop();
        }
        self.ancestors.borrow()[&id].clone()
    }

    /// The `dependencies` that a state keeps for instances of a resource: sorted
    /// by address text, as Terraform writes them.
    pub fn state_dependencies(&self, resource: &ConfigResource) -> Arc<[ConfigResource]> {
        let Some(id) = self.id(&Node::Resource(resource.clone())) else { return Arc::from([]) };
        let mut out: Vec<(String, ConfigResource)> = self
            .ancestors(id)
            .iter()
            .filter_map(|&a| match &self.nodes[a as usize] {
                Node::Resource(c) if c != resource => Some((c.to_string(), c.clone())),
                _ => None,
            })
            .collect();
        out.sort();
        out.into_iter().map(|(_, c)| c).collect()
    }

    /// Resources that must be created before the old one is destroyed: those that
    /// say so, and all that they depend on (else the order could not be kept).
    pub fn create_before_destroy(&self) -> BTreeSet<ConfigResource> {
        let mut out = BTreeSet::new();
        for (i, n) in self.nodes.iter().enumerate() {
            let Node::Resource(c) = n else { continue };
            let explicit = self.resource(c).is_some_and(|r| r.lifecycle.create_before_destroy == Some(true));
            if !explicit {
                continue;
            }
            out.insert(c.clone());
            for &a in self.ancestors(i as u32).iter() {
                if let Node::Resource(c) = &self.nodes[a as usize]
                    && c.resource.mode == Mode::Managed
                {
                    out.insert(c.clone());
                }
            }
        }
        out
    }

    /// The block of a resource.
    pub fn resource(&self, c: &ConfigResource) -> Option<&Resource> {
        self.modules.get(&c.module)?.module.resources.get(&c.resource)
    }
}

/// Every resource of the configuration with the resources that it refers to, be it
/// through locals, variables and outputs.
pub fn resource_dependencies(
    config: &Config,
    state: &State,
) -> std::collections::BTreeMap<ConfigResource, BTreeSet<ConfigResource>> {
    let g = Graph::new(config, state);
    let mut out = std::collections::BTreeMap::new();
    for (i, n) in g.nodes.iter().enumerate() {
        let Node::Resource(c) = n else { continue };
        let mut found = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut stack = g.deps[i].clone();
        while let Some(d) = stack.pop() {
            if !seen.insert(d) {
                continue;
            }
            match &g.nodes[d as usize] {
                Node::Resource(r) => {
                    found.insert(r.clone());
                }
                _ => stack.extend(&g.deps[d as usize]),
            }
        }
        out.insert(c.clone(), found);
    }
    out
}

/// The address of a resolved provider configuration.
pub(crate) fn provider_config(r: &ResolvedProvider) -> ProviderConfig {
    ProviderConfig {
        module: r.module.clone(),
        provider: ProviderAlias { provider: r.provider.clone(), alias: r.alias.clone(), key: Key::None },
    }
}

/// The `provider` block behind a provider configuration, with its module.
pub(crate) fn provider_block<'a>(
    graph: &'a Graph,
    addr: &ProviderConfig,
) -> Option<(&'a Arc<ModuleNode>, &'a groma_config::ProviderBlock)> {
    let m = graph.modules.get(&addr.module)?;
    let block = m.module.provider_configs.iter().find(|(local, _)| {
        local.alias == addr.provider.alias
            && m.providers.get(local).is_some_and(|r| r.provider == addr.provider.provider)
    });
    block.map(|(_, b)| (m, b))
}

/// Which provider configuration a resource block uses.
pub(crate) fn provider_of(m: &ModuleNode, local: &LocalProvider) -> Option<ProviderConfig> {
    m.providers.get(local).map(provider_config)
}

fn rule_references(rule: &groma_config::CheckRule) -> Vec<Traversal> {
    let mut out = rule.condition.references();
    out.extend(rule.error_message.references());
    out
}

/// All references of a block, in whatever it has.
pub(crate) fn resource_references(r: &Resource) -> Vec<Traversal> {
    let mut out = Vec::new();
    out.extend(r.repetition_references());
    out.extend(r.provider_key.iter().flat_map(Expr::references));
    out.extend(r.lifecycle.prevent_destroy_expr.iter().flat_map(Expr::references));
    out.extend(r.lifecycle.replace_triggered_by.iter().flat_map(Expr::references));
    for rule in r.lifecycle.preconditions.iter().chain(&r.lifecycle.postconditions) {
        out.extend(rule_references(rule));
    }
    body_references(&r.body, &mut out);
    let connections = r.connection.iter().chain(r.provisioners.iter().filter_map(|p| p.connection.as_ref()));
    for b in connections.chain(r.provisioners.iter().map(|p| &p.body)) {
        body_references(b, &mut out);
    }
    out
}

/// All references in a body, those of `dynamic` blocks' iterators left out.
pub(crate) fn body_references(body: &Body, out: &mut Vec<Traversal>) {
    for a in &body.attributes {
        out.extend(a.expr.references());
    }
    for b in &body.blocks {
        if &*b.ty.name != "dynamic" || b.labels.is_empty() {
            body_references(&b.body, out);
            continue;
        }
        let iterator = match b.body.attribute("iterator").map(|a| &a.expr.kind) {
            Some(groma_lang::ExprKind::Variable(n)) => n.clone(),
            _ => b.labels[0].name.clone(),
        };
        let mut inner = Vec::new();
        for a in b.body.attributes.iter().filter(|a| &*a.name.name != "iterator") {
            // `for_each` is evaluated outside of the iteration.
            let target = if &*a.name.name == "for_each" { &mut *out } else { &mut inner };
            target.extend(a.expr.references());
        }
        for content in &b.body.blocks {
            body_references(&content.body, &mut inner);
        }
        out.extend(inner.into_iter().filter(|t| t.root.name != iterator));
    }
}
