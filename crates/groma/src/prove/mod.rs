//! From plans to verdicts: what is proved about, and what is said of it.

pub mod adds;
pub mod document;
pub mod effects;
pub mod ends;
pub mod exact;
pub mod files;
pub mod gate;
pub mod linker;
pub mod moments;
#[cfg(test)]
mod orders;
pub mod picture;
pub mod properties;
pub mod prover;
pub mod show;
pub mod source;
pub mod steps;
pub mod understudy;
pub mod unknown;
pub mod verdict;
pub mod world;

use groma_prove::extract;
use groma_prove::model::Network;
use std::sync::Arc;
use world::Staged;

/// The network of a world, with the names that a manifest gives.
pub fn network(staged: &Staged) -> Network {
    labelled(extract(&staged.world), staged)
}

/// Gives nodes the labels of the environments and components that they belong to.
pub fn labelled(mut network: Network, staged: &Staged) -> Network {
    if staged.roots.is_empty() {
        return network;
    }
    for i in 0..network.nodes.len() {
        let name = network.items[network.nodes[i].item.index()].name.clone();
        let (root, addr) = ends::split(&name);
        let Some(r) = staged.roots.iter().find(|r| r.name == root) else { continue };
        let mut labels: Vec<Arc<str>> = vec![r.label.as_str().into()];
        let module = addr.strip_prefix("module.").and_then(|a| a.split(['.', '[']).next());
        if let Some(m) = module {
            if let Some(c) = r.components.get(m) {
                labels.push(c.as_str().into());
            } else if m == "load_balancer" || m == "internal_load_balancer" || m.starts_with("load_balancer_")
            {
                labels.push(format!("load_balancer.{m}").as_str().into());
            } else if m == "cluster" {
                labels.push("hosts.cluster".into());
            }
        }
        network.nodes[i].labels = labels;
    }
    network
}
