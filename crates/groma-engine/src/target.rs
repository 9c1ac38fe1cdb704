//! Which nodes a run visits.

use crate::graph::{Graph, Node};
use groma_value::addr::{ConfigResource, Key, ModuleInstance, Target};
use std::collections::HashSet;

/// The nodes that are targeted, and all that they depend on. `None`: everything.
pub(crate) fn included(graph: &Graph, targets: &[Target]) -> Option<HashSet<u32>> {
    if targets.is_empty() {
        return None;
    }
    let mut stack: Vec<u32> = Vec::new();
    for (i, n) in graph.nodes.iter().enumerate() {
        let hit = match n {
            Node::Resource(c) | Node::Orphan(c) => targets.iter().any(|t| may_cover(t, c)),
            // Outputs of targeted modules are up to date after the run.
            Node::Output(p, _) => {
                !p.is_root() && targets.iter().any(|t| matches!(t, Target::Module(m) if starts(m, p.names())))
            }
            _ => false,
        };
        if hit {
            stack.push(i as u32);
        }
    }
    let mut out: HashSet<u32> = stack.iter().copied().collect();
    while let Some(n) = stack.pop() {
        for &d in &graph.deps[n as usize] {
            if out.insert(d) {
                stack.push(d);
            }
        }
    }
    // Root outputs, all of whose resources are in: others would be wrong.
    for (i, n) in graph.nodes.iter().enumerate() {
        if let Node::Output(p, _) = n
            && p.is_root()
            && !graph.ancestors(i as u32).is_empty()
            && graph.ancestors(i as u32).iter().all(|a| out.contains(a))
        {
            let mut stack = vec![i as u32];
            while let Some(n) = stack.pop() {
                if out.insert(n) {
                    stack.extend(&graph.deps[n as usize]);
                }
            }
        }
    }
    Some(out)
}

/// The nodes that a run leaves out: those that are excluded as a whole, and all that depends on
/// what is excluded. To destroy, what they depend on stays as well. Empty where nothing is.
pub(crate) fn excluded(graph: &Graph, excludes: &[Target], destroy: bool) -> HashSet<u32> {
    let (mut out, mut stack): (HashSet<u32>, Vec<u32>) = Default::default();
    if excludes.is_empty() {
        return out;
    }
    let mut dependents: Vec<Vec<u32>> = vec![Vec::new(); graph.nodes.len()];
    for (i, deps) in graph.deps.iter().enumerate() {
        for &d in deps {
            dependents[d as usize].push(i as u32);
        }
    }
    for (i, n) in graph.nodes.iter().enumerate() {
        let (Node::Resource(c) | Node::Orphan(c)) = n else { continue };
        for t in excludes.iter().filter(|t| may_cover(t, c)) {
            // Other instances of the resource, or of its module, are still planned.
            if !keyed(t) {
                out.insert(i as u32);
            }
            stack.push(i as u32);
        }
    }
    let next = |n: u32| if destroy { &graph.deps[n as usize] } else { &dependents[n as usize] };
    while let Some(n) = stack.pop() {
        for &d in next(n) {
            if out.insert(d) {
                stack.push(d);
            }
        }
    }
    if destroy {
        // Only objects can stay; what is needed to evaluate is still visited.
        out.retain(|&n| matches!(graph.nodes[n as usize], Node::Resource(_) | Node::Orphan(_)));
    }
    out
}

/// Whether a target names single instances, on its way or at its end.
fn keyed(t: &Target) -> bool {
    let module = |m: &ModuleInstance| m.steps().iter().any(|(_, key)| *key != Key::None);
    match t {
        Target::Module(m) => module(m),
        Target::Resource(r) => module(&r.module),
        Target::Instance(i) => i.key != Key::None || module(&i.module),
    }
}

fn starts(m: &ModuleInstance, names: &[groma_value::Name]) -> bool {
    m.steps().len() <= names.len() && m.steps().iter().zip(names).all(|(s, n)| s.0 == *n)
}

/// Whether a target is about instances of a resource.
pub(crate) fn may_cover(t: &Target, c: &ConfigResource) -> bool {
    match t {
        Target::Module(m) => starts(m, c.module.names()),
        Target::Resource(r) => r.config() == *c,
        Target::Instance(i) => i.config() == *c,
    }
}
