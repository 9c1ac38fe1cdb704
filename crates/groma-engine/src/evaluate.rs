//! Evaluation against a state, without planning: for `console` and the like.

use crate::context::Context;
use crate::graph::{Graph, Node};
use crate::plan::VariableInput;
use crate::scope::ModuleScope;
use crate::walk::{Phase, Walk};
use groma_lang::Diagnostics;
use groma_state::State;
use groma_value::addr::ModuleInstance;
use groma_value::{Name, Value};
use std::collections::BTreeMap;

/// What [`evaluate_state`] hands to its caller.
pub struct Evaluation<'a> {
    walk: &'a Walk<'a>,
}

impl<'a> Evaluation<'a> {
    /// The names of a module instance; `None` where there is no such module.
    pub fn scope(&self, module: &ModuleInstance) -> Option<ModuleScope<'a>> {
        self.walk.scope(module)
    }

    /// The value of an output of the root module, if it has one already.
    pub fn output(&self, name: &str) -> Option<Value> {
        self.walk.values.borrow().module(&ModuleInstance::root())?.outputs.get(name).cloned()
    }

    pub(crate) fn of(walk: &'a Walk<'a>) -> Evaluation<'a> {
        Evaluation { walk }
    }
}

/// Evaluates everything but resources, whose values are those in `state`, then
/// calls `then`. Objects that are not in the state are unknown.
pub fn evaluate_state<T>(
    cx: &Context,
    state: &State,
    variables: &BTreeMap<Name, VariableInput>,
    then: impl FnOnce(&Evaluation<'_>) -> T,
) -> (T, Diagnostics) {
    let graph = Graph::new(&cx.config, state);
    let walk = Walk::new(cx, &graph, Phase::Evaluate, variables, state.clone(), None);
    walk.visit_all();
    let out = then(&Evaluation { walk: &walk });
    let diags = walk.diags.take();
    (out, diags)
}

impl<'a> Walk<'a> {
    /// Evaluates all nodes but resources and providers, dependencies first.
    pub fn visit_all(&'a self) {
        let deps = &self.graph.deps;
        let mut done = vec![false; deps.len()];
        for root in 0..deps.len() {
            let mut stack = vec![(root, 0usize)];
            let mut entered = vec![];
            while let Some((n, next)) = stack.last_mut() {
                let n = *n;
                if done[n] {
                    stack.pop();
                    continue;
                }
                if let Some(&d) = deps[n].get(*next) {
                    *next += 1;
                    // A cycle is reported elsewhere; here it must only end.
                    if !done[d as usize] && !entered.contains(&d) {
                        entered.push(d);
                        stack.push((d as usize, 0));
                    }
                    continue;
                }
                done[n] = true;
                stack.pop();
                match &self.graph.nodes[n] {
                    Node::Provider(_) | Node::Resource(_) | Node::Orphan(_) | Node::Check(..) => {}
                    node => {
                        self.visit_static(node);
                    }
                }
            }
        }
    }
}
