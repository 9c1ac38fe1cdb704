//! Where things come to be. A database is in one subnet of its group, an autoscaling group
//! has instances in some of its subnets: each interface is only a possibility, but one of
//! them there will be. Here each is a node of its own that is surely there, and what holds
//! for all of them holds.

use groma_prove::model::{InterfaceKind, Network, Node, NodeId, NodeKind, Presence, Relay};

/// A network in which everything is where it may be.
pub struct Placed {
    /// The network; its first nodes are those of the original.
    pub network: Network,
    /// The nodes that each of the original's may turn out to be.
    pub of: Vec<Vec<NodeId>>,
}

/// Types that have something in each of their zones.
const EVERYWHERE: [&str; 6] = [
    "aws_autoscaling_group",
    "aws_ecs_service",
    "aws_lb",
    "aws_lambda_function",
    "aws_msk_cluster",
    "aws_vpc_endpoint",
];

impl Placed {
    /// Of a network.
    pub fn new(original: &Network) -> Placed {
        let mut network = original.clone();
        let mut of: Vec<Vec<NodeId>> = (0..network.nodes.len() as u32).map(|n| vec![NodeId(n)]).collect();
        let ends = |k: InterfaceKind| {
            matches!(k, InterfaceKind::Ordinary | InterfaceKind::LoadBalancer | InterfaceKind::Endpoint)
        };
        let doubtful: std::collections::BTreeSet<NodeId> = network
            .interfaces
            .iter()
            .filter(|i| ends(i.kind) && i.presence != Presence::Sure)
            .map(|i| i.node)
            .collect();
        let mut first: std::collections::BTreeSet<NodeId> = Default::default();
        for i in 0..network.interfaces.len() {
            let node = network.interfaces[i].node;
            if !doubtful.contains(&node) || !ends(network.interfaces[i].kind) {
                continue;
            }
            network.interfaces[i].presence = Presence::Sure;
            if !first.insert(node) {
                let copy: Node = network.nodes[node.index()].clone();
                let id = NodeId(network.nodes.len() as u32);
                network.nodes.push(copy);
                network.interfaces[i].node = id;
                of[node.index()].push(id);
            }
        }
        let relays: Vec<Relay> = std::mem::take(&mut network.relays);
        for r in relays {
            for &from in &of[r.from.index()] {
                for &to in &of[r.to.index()] {
                    network.relays.push(Relay { from, to, ..r.clone() });
                }
            }
        }
        Placed { network, of }
    }

    /// What is left of a node when a zone is lost: all it may be, without what is lost if
    /// it has something in each of its zones. Empty if nothing is left.
    pub fn without_zone(&self, node: NodeId, zone: &str) -> Vec<NodeId> {
        let lost = |n: NodeId| {
            let mut own = self.network.interfaces.iter().filter(|i| i.node == n).peekable();
            own.peek().is_some()
                && own.all(|i| self.network.subnets[i.subnet.index()].zone.as_deref() == Some(zone))
        };
        let all = &self.of[node.index()];
        let spread = match &self.network.nodes[node.index()].kind {
            NodeKind::Resource(ty) => EVERYWHERE.contains(&&**ty),
            _ => false,
        };
        if spread { all.iter().copied().filter(|n| !lost(*n)).collect() } else { all.clone() }
    }
}
