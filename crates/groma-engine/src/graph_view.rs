//! The graph of an operation as something to look at.

use crate::destroy_edges::{Step, order};
use crate::graph::{Graph, Node};
use crate::plan::ResourceChange;
use crate::walk::node_name;
use groma_config::Config;
use groma_state::State;
use groma_value::addr::{ConfigResource, ModulePath, ProviderConfig};
use std::collections::BTreeMap;

/// What a vertex stands for, as far as it is shown differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VertexKind {
    /// Something is done to the instances of a resource.
    Resource(ConfigResource),
    /// A provider configuration.
    Provider,
    /// An input variable of the root module.
    Variable,
    /// A value, the instances of a module, or a check; with its module.
    Other(ModulePath),
}

/// A step of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vertex {
    /// The address, with what is done: `aws_vpc.main (expand)`, as Terraform calls it.
    pub name: String,
    /// What it is.
    pub kind: VertexKind,
    /// The positions of those that it waits for, without duplicates.
    pub waits_for: Vec<usize>,
}

/// The steps of planning, and of applying `changes` too: the graph that the engine walks.
/// Its resources are whole, not single instances.
pub fn operation_graph(
    config: &Config,
    state: &State,
    changes: &[ResourceChange],
    destroying: bool,
) -> Vec<Vertex> {
    let graph = Graph::new(config, state);
    let order = order(&graph, changes, destroying);
    let vertices = order.steps.iter().zip(&order.deps).map(|(step, deps)| {
        let (name, kind) = match step {
            Step::Static(n) => described(&graph.nodes[*n as usize]),
            Step::Destroy(r) => (format!("{r} (destroy)"), VertexKind::Resource(r.clone())),
            Step::DestroyLate(r) => (format!("{r} (destroy deposed)"), VertexKind::Resource(r.clone())),
        };
        Vertex { name, kind, waits_for: deps.iter().map(|&d| d as usize).collect() }
    });
    vertices.collect()
}

/// The steps of destroying all that is in a state.
pub fn destroy_graph(state: &State) -> Vec<Vertex> {
    let mut out: Vec<Vertex> = Vec::new();
    let mut providers: BTreeMap<ProviderConfig, usize> = BTreeMap::new();
    let mut resources: BTreeMap<ConfigResource, usize> = BTreeMap::new();
    for (addr, r) in &state.resources {
        let provider = *providers.entry(r.provider.clone()).or_insert_with(|| {
            let (name, kind) = described(&Node::Provider(r.provider.clone()));
            out.push(Vertex { name, kind, waits_for: Vec::new() });
            out.len() - 1
        });
        let config = addr.config();
        let at = *resources.entry(config.clone()).or_insert_with(|| {
            let name = format!("{config} (destroy)");
            out.push(Vertex { name, kind: VertexKind::Resource(config), waits_for: Vec::new() });
            out.len() - 1
        });
        out[at].waits_for.push(provider);
    }
    for (addr, r) in &state.resources {
        let me = resources[&addr.config()];
        for object in r.instances.values().flat_map(|i| i.current.iter().chain(i.deposed.values())) {
            for &at in object.dependencies.iter().filter_map(|d| resources.get(d)).filter(|&&at| at != me) {
                out[at].waits_for.push(me);
            }
        }
    }
    for v in &mut out {
        v.waits_for.sort_unstable();
        v.waits_for.dedup();
    }
    out
}

fn described(node: &Node) -> (String, VertexKind) {
    let (done, kind) = match node {
        Node::Variable(m, _) if m.is_root() => ("", VertexKind::Variable),
        Node::Provider(_) => ("", VertexKind::Provider),
        Node::Resource(c) => (" (expand)", VertexKind::Resource(c.clone())),
        Node::Orphan(c) => (" (orphan)", VertexKind::Resource(c.clone())),
        Node::Module(m)
        | Node::Variable(m, _)
        | Node::Local(m, _)
        | Node::Output(m, _)
        | Node::Check(m, _) => (" (expand)", VertexKind::Other(m.clone())),
    };
    (format!("{}{done}", node_name(node)), kind)
}
