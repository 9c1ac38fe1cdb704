//! Networks that change: a zone is lost, a step is applied, a tunnel is added.

use crate::engine::Engine;
use crate::model::{Network, NodeId};
use crate::ports::{Family, Traffic};
use crate::reach::{Bound, Question, Ways};
use std::collections::BTreeSet;
use std::sync::Arc;

/// All zones of a network's subnets, sorted.
pub fn zones(network: &Network) -> Vec<Arc<str>> {
    let zones: BTreeSet<&Arc<str>> = network.subnets.iter().filter_map(|s| s.zone.as_ref()).collect();
    zones.into_iter().cloned().collect()
}

/// An edge between two nodes that only one of two networks has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The name of the node's item.
    pub from: Arc<str>,
    /// The name of the node's item.
    pub to: Arc<str>,
    /// Which family.
    pub family: Family,
    /// What travels in one and not in the other.
    pub traffic: Traffic,
}

/// How two networks differ. Nodes are the same if their items have the same name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Travels in the second only.
    pub added: Vec<Edge>,
    /// Travels in the first only.
    pub removed: Vec<Edge>,
}

/// Compares all pairs of two networks under one question and bound.
pub fn compare(
    before: &Engine<'_>,
    after: &Engine<'_>,
    question: Question,
    bound: Bound,
    ways: Ways,
) -> Difference {
    type Edges = std::collections::BTreeMap<(Arc<str>, Arc<str>, Family), Traffic>;
    let edges = |engine: &Engine<'_>| {
        let mut out = Edges::new();
        let network = engine.network();
        let name = |n: NodeId| network.items[network.nodes[n.index()].item.index()].name.clone();
        for (from, to, reach) in engine.reach_all(ways).nodes() {
            for family in Family::BOTH {
                let traffic = reach.get(family, question, bound);
                if !traffic.is_empty() {
                    let edge = out.entry((name(from), name(to), family)).or_default();
                    *edge = edge.or(traffic);
                }
            }
        }
        out
    };
    let (before, after) = (edges(before), edges(after));
    let only = |some: &Edges, others: &Edges| {
        let mut out = Vec::new();
        for (key, traffic) in some {
            let traffic = others.get(key).map_or_else(|| traffic.clone(), |t| traffic.minus(t));
            if !traffic.is_empty() {
                out.push(Edge { from: key.0.clone(), to: key.1.clone(), family: key.2, traffic });
            }
        }
        out
    };
    Difference { added: only(&after, &before), removed: only(&before, &after) }
}
