//! Things that depend on themselves.
//!
//! The graph here is of what is written, not of instances: its size is that of
//! the configuration, and the search for cycles is linear in it.

use crate::model::{LocalProvider, ModuleNode, Resource};
use crate::references::{Subject, body_references, parse_reference};
use groma_lang::ast::Traversal;
use groma_lang::{Diagnostic, Diagnostics, Span};
use groma_value::Name;
use groma_value::addr::{ModulePath, Resource as ResourceAddr};
use std::collections::{HashMap, VecDeque};

/// Something that others depend on.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Item {
    Local(Name),
    Variable(Name),
    /// The validation of a variable: what uses the variable waits for it.
    Validation(Name),
    Output(Name),
    Resource(ResourceAddr),
    Provider(LocalProvider),
    /// The decision how many instances a module has.
    Expansion,
    /// All of a module.
    Whole,
}

/// Reports all cycles.
pub(super) fn check(root: &ModuleNode, diags: &mut Diagnostics) {
    let mut graph = Graph::default();
    graph.add_items(root);
    graph.add_edges(root, None);
    for group in graph.components() {
        graph.report(&group, diags);
    }
}

#[derive(Default)]
struct Graph<'a> {
    modules: HashMap<&'a ModulePath, usize>,
    nodes: Vec<&'a ModuleNode>,
    index: HashMap<(usize, Item), usize>,
    items: Vec<(usize, Item)>,
    /// What each item depends on, and where that is written.
    edges: Vec<Vec<(usize, Option<Span>)>>,
}

impl<'a> Graph<'a> {
    fn add(&mut self, module: usize, item: Item) {
        self.index.insert((module, item.clone()), self.items.len());
        self.items.push((module, item));
        self.edges.push(Vec::new());
    }

    fn add_items(&mut self, node: &'a ModuleNode) {
        let m = self.nodes.len();
        self.nodes.push(node);
        self.modules.insert(&node.path, m);
        let module = &node.module;
        self.add(m, Item::Expansion);
        self.add(m, Item::Whole);
        for (n, v) in &module.variables {
            self.add(m, Item::Variable(n.clone()));
            if !v.validations.is_empty() {
                self.add(m, Item::Validation(n.clone()));
            }
        }
        module.locals.keys().for_each(|n| self.add(m, Item::Local(n.clone())));
        module.outputs.keys().for_each(|n| self.add(m, Item::Output(n.clone())));
        module.resources.keys().for_each(|a| self.add(m, Item::Resource(a.clone())));
        module.provider_configs.keys().for_each(|p| self.add(m, Item::Provider(p.clone())));
        node.children.values().for_each(|c| self.add_items(c));
    }

    fn find(&self, module: usize, item: Item) -> Option<usize> {
        self.index.get(&(module, item)).copied()
    }

    fn depend(&mut self, from: usize, to: Option<usize>, span: Option<Span>) {
        if let Some(to) = to {
            self.edges[from].push((to, span));
        }
    }

    /// Edges for references that stand in module `m`.
    fn depend_on_refs(&mut self, from: usize, m: usize, node: &ModuleNode, refs: &[Traversal]) {
        for t in refs {
            let Ok(r) = parse_reference(t) else { continue };
            let child =
                |name: &Name| node.children.get(name).and_then(|c| self.modules.get(&c.path)).copied();
            let to = match r.subject {
                Subject::Variable(n) => {
                    let validation = self.find(m, Item::Validation(n.clone()));
                    validation.or_else(|| self.find(m, Item::Variable(n)))
                }
                Subject::Local(n) => self.find(m, Item::Local(n)),
                Subject::Resource { addr, .. } => self.find(m, Item::Resource(addr)),
                Subject::Module { name, output: Some(o), .. } => {
                    child(&name).and_then(|c| self.find(c, Item::Output(o.name)))
                }
                Subject::Module { name, .. } => child(&name).and_then(|c| self.find(c, Item::Whole)),
                _ => None,
            };
            self.depend(from, to, Some(r.span));
        }
    }

    fn add_edges(&mut self, node: &ModuleNode, caller: Option<&ModuleNode>) {
        let Some(&m) = self.modules.get(&node.path) else { return };
        let module = &node.module;
        let (Some(expansion), Some(whole)) = (self.find(m, Item::Expansion), self.find(m, Item::Whole))
        else {
            return;
        };
        let call = caller.and_then(|c| Some((c, c.module.calls.get(node.path.last()?)?)));
        if let Some((caller, call)) = call {
            let above = self.modules.get(&caller.path).copied().unwrap_or_default();
            self.depend(expansion, self.find(above, Item::Expansion), None);
            self.depend_on_refs(expansion, above, caller, &call.expansion_references());
            for n in module.variables.keys() {
                let Some(v) = self.find(m, Item::Variable(n.clone())) else { continue };
                self.depend_on_refs(v, above, caller, &call.argument_references(n));
            }
        }
        // All that is in the module waits for its expansion, and the whole for all.
        let (first, last) = self.range_of(m);
        for i in first..last {
            if i != expansion && i != whole {
                self.depend(i, Some(expansion), None);
                self.depend(whole, Some(i), None);
            }
        }
        self.depend(whole, Some(expansion), None);
        for c in node.children.values() {
            let inner = self.modules.get(&c.path).and_then(|&c| self.find(c, Item::Whole));
            self.depend(whole, inner, None);
        }
        for (n, v) in &module.variables {
            if let Some(i) = self.find(m, Item::Validation(n.clone())) {
                self.depend(i, self.find(m, Item::Variable(n.clone())), None);
                self.depend_on_refs(i, m, node, &v.validation_references());
            }
        }
        for (n, l) in &module.locals {
            let Some(i) = self.find(m, Item::Local(n.clone())) else { continue };
            self.depend_on_refs(i, m, node, &l.references());
        }
        for (n, o) in &module.outputs {
            let Some(i) = self.find(m, Item::Output(n.clone())) else { continue };
            self.depend_on_refs(i, m, node, &o.references());
        }
        for (p, b) in &module.provider_configs {
            let Some(i) = self.find(m, Item::Provider(p.clone())) else { continue };
            let mut refs = body_references(&b.body, None);
            refs.extend(b.for_each.iter().flat_map(groma_lang::Expr::references));
            self.depend_on_refs(i, m, node, &refs);
        }
        for (a, r) in &module.resources {
            let Some(i) = self.find(m, Item::Resource(a.clone())) else { continue };
            self.depend_on_refs(i, m, node, &r.references(None));
            self.depend(i, self.provider(node, r), r.provider_span);
        }
        for c in node.children.values() {
            self.add_edges(c, Some(node));
        }
    }

    /// The items of a module: they were added one after the other.
    fn range_of(&self, m: usize) -> (usize, usize) {
        let start = self.items.partition_point(|(x, _)| *x < m);
        let len = self.items[start..].partition_point(|(x, _)| *x <= m);
        (start, start + len)
    }

    fn provider(&self, node: &ModuleNode, r: &Resource) -> Option<usize> {
        let resolved = node.providers.get(&r.provider)?;
        let m = *self.modules.get(&resolved.module)?;
        let (first, last) = self.range_of(m);
        (first..last).find(|i| match &self.items[*i].1 {
            Item::Provider(p) => {
                p.alias == resolved.alias && self.nodes[m].module.provider_of(&p.name) == resolved.provider
            }
            _ => false,
        })
    }

    /// Groups of items that all depend on each other, by Tarjan's algorithm
    /// (without recursion: chains of references may be long).
    fn components(&self) -> Vec<Vec<usize>> {
        const NEW: usize = usize::MAX;
        let n = self.items.len();
        let (mut order, mut low) = (vec![NEW; n], vec![0; n]);
        let mut on_stack = vec![false; n];
        let (mut stack, mut out) = (Vec::new(), Vec::new());
        let mut count = 0;
        for start in 0..n {
            if order[start] != NEW {
                continue;
            }
            let mut work: Vec<(usize, usize)> = vec![(start, 0)];
            while let Some((v, next)) = work.pop() {
                if next == 0 {
                    order[v] = count;
                    low[v] = count;
                    count += 1;
                    stack.push(v);
                    on_stack[v] = true;
                }
                if let Some(&(w, _)) = self.edges[v].get(next) {
                    work.push((v, next + 1));
                    if order[w] == NEW {
                        work.push((w, 0));
                    } else if on_stack[w] {
                        low[v] = low[v].min(order[w]);
                    }
                    continue;
                }
                if low[v] == order[v] {
                    let mut group = Vec::new();
                    while let Some(w) = stack.pop() {
                        on_stack[w] = false;
                        group.push(w);
                        if w == v {
                            break;
                        }
                    }
                    // A resource that refers to itself is reported when it is planned.
                    let itself = |v: usize| {
                        matches!(self.items[v].1, Item::Local(_))
                            && self.edges[v].iter().any(|(w, _)| *w == v)
                    };
                    if group.len() > 1 || itself(v) {
                        group.sort_unstable();
                        out.push(group);
                    }
                }
                if let Some(&(parent, _)) = work.last() {
                    low[parent] = low[parent].min(low[v]);
                }
            }
        }
        out.sort();
        out
    }

    fn report(&self, group: &[usize], diags: &mut Diagnostics) {
        if let [one] = group {
            let span = self.edges[*one].iter().find(|(w, _)| w == one).and_then(|(_, s)| *s);
            let mut d = Diagnostic::error(
                "Self-referencing local value",
                format!(
                    "{} is defined by itself: its value would have to be known before it is.",
                    self.label(*one)
                ),
            );
            d.subject = span;
            diags.push(d);
            return;
        }
        let path = self.shortest_cycle(group);
        let names: Vec<String> = path.iter().map(|(i, _)| self.label(*i)).collect();
        let mut detail =
            String::from("Each of these depends on the next one, and the last one on the first:");
        for (i, name) in names.iter().enumerate() {
            detail += &format!("\n  {}. {name}", i + 1);
        }
        detail += "\n\nBreak the circle at one of the references.";
        let mut d = Diagnostic::error(format!("Cycle: {}", names.join(", ")), detail);
        d.subject = path.iter().find_map(|(_, s)| *s);
        diags.push(d);
    }

    /// A cycle through the first item of a group, as short as can be: items in
    /// the order of dependency, each with the place where the next one is named.
    fn shortest_cycle(&self, group: &[usize]) -> Vec<(usize, Option<Span>)> {
        let start = group[0];
        let mut from: HashMap<usize, (usize, Option<Span>)> = HashMap::new();
        let mut queue = VecDeque::from([start]);
        while let Some(v) = queue.pop_front() {
            for &(w, span) in self.edges[v].iter().filter(|(w, _)| group.binary_search(w).is_ok()) {
                if w == start {
                    let mut path = vec![(v, span)];
                    let mut at = v;
                    while let Some(&(before, span)) = from.get(&at) {
                        path.push((before, span));
                        at = before;
                    }
                    path.reverse();
                    return path;
                }
                from.entry(w).or_insert_with(|| {
                    queue.push_back(w);
                    (v, span)
                });
            }
        }
        group.iter().map(|i| (*i, None)).collect()
    }

    fn label(&self, i: usize) -> String {
        let (m, item) = &self.items[i];
        let path = &self.nodes[*m].path;
        let text = match item {
            Item::Local(n) => format!("local.{n}"),
            Item::Variable(n) => format!("var.{n}"),
            Item::Validation(n) => format!("var.{n} (validation)"),
            Item::Output(n) => format!("output.{n}"),
            Item::Resource(a) => a.to_string(),
            Item::Provider(p) => format!("provider.{}", crate::decode::module_call::show(p)),
            Item::Expansion => return format!("{path} (expand)"),
            Item::Whole => return format!("{path} (close)"),
        };
        if path.is_root() { text } else { format!("{path}.{text}") }
    }
}
