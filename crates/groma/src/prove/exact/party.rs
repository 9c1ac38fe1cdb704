//! Who is who: the ends of what a manifest declares, and the nodes that they are.

use super::Allowed;
use crate::prove::prover::Prover;
use groma_platform::flow::FlowEnd;
use groma_prove::model::{NodeId, NodeKind};
use std::collections::BTreeMap;

/// The groups of nodes that are one end for a manifest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Party {
    /// A component, by environment (or `network.NAME`); a VPN is what is at its other end.
    Component(String, String),
    /// The internet.
    Internet,
    /// What is outside and of no component.
    Outside,
    /// AWS's services, and endpoints that lead to them.
    Services,
    /// Public load balancers of an environment or a network.
    Front(String),
    /// The internal load balancer of an environment.
    Inside(String),
    /// Instances that containers run on.
    Hosts(String),
    /// Parts of networks and the like that declare nothing.
    Other(String),
}

impl std::fmt::Display for Party {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Party::Component(env, c) => write!(f, "{env}.{c}"),
            Party::Internet => f.write_str("internet"),
            Party::Outside => f.write_str("vpn"),
            Party::Services => f.write_str("AWS's services"),
            Party::Front(env) => write!(f, "the load balancers of {env}"),
            Party::Inside(env) => write!(f, "the internal load balancer of {env}"),
            Party::Hosts(env) => write!(f, "the container instances of {env}"),
            Party::Other(name) => f.write_str(name),
        }
    }
}

impl Party {
    /// Whose a node is.
    pub fn of(prover: &Prover<'_>, n: NodeId) -> Party {
        let node = &prover.network.nodes[n.index()];
        let env = node.labels.first().map_or("", |l| l).to_owned();
        let component = node.labels.get(1);
        match (&node.kind, component) {
            (NodeKind::Internet, _) => Party::Internet,
            (NodeKind::Outside, Some(c)) => Party::Component(env, c.to_string()),
            (NodeKind::Outside, None) => Party::Outside,
            (NodeKind::Service(_), _) => Party::Services,
            (NodeKind::Resource(ty), _) if &**ty == "aws_vpc_endpoint" => Party::Services,
            (NodeKind::Resource(_), Some(c)) => match &**c {
                "load_balancer.internal_load_balancer" => Party::Inside(env),
                "hosts.cluster" => Party::Hosts(env),
                c if c.starts_with("load_balancer.") => Party::Front(env),
                c => Party::Component(env, c.to_owned()),
            },
            (NodeKind::Resource(_), None) => Party::Other(prover.ends.name(n)),
        }
    }
}

impl Allowed {
    /// Whether what has a label belongs to this environment: it is in it, or in the network
    /// that it is in, whose parts all of its environments share.
    fn has(&self, label: &str) -> bool {
        label == self.env
            || label.strip_prefix("network.").is_some_and(|n| Some(n) == self.network.as_deref())
    }

    /// Whether an end that this environment declares is a party. `names`: of environments, by
    /// their slugs.
    pub fn is(&self, end: &FlowEnd, p: &Party, names: &BTreeMap<String, String>) -> bool {
        let called = |slug: &str, name: &str| names.get(slug).is_some_and(|n| n == name);
        match (end, p) {
            (FlowEnd::Component(id), Party::Component(e, c)) => self.has(e) && *c == id.to_string(),
            (FlowEnd::Elsewhere(other, service), Party::Component(e, c)) => {
                called(e, other) && c.strip_prefix("service.") == Some(service)
            }
            (FlowEnd::InsideElsewhere(other), Party::Inside(e)) => called(e, other),
            (FlowEnd::Internet, Party::Internet) | (FlowEnd::Services, Party::Services) => true,
            (FlowEnd::Front, Party::Front(e))
            | (FlowEnd::Inside, Party::Inside(e))
            | (FlowEnd::Hosts, Party::Hosts(e)) => self.has(e),
            _ => false,
        }
    }

    /// An end, for people.
    pub fn call(&self, end: &FlowEnd) -> String {
        match end {
            FlowEnd::Component(id) => format!("{}.{id}", self.env),
            FlowEnd::Elsewhere(e, s) => format!("{e}.service.{s}"),
            FlowEnd::InsideElsewhere(e) => format!("the internal load balancer of {e}"),
            FlowEnd::Internet => "internet".into(),
            FlowEnd::Services => "AWS's services".into(),
            FlowEnd::Front => format!("the load balancers of {}", self.env),
            FlowEnd::Inside => format!("the internal load balancer of {}", self.env),
            FlowEnd::Hosts => format!("the container instances of {}", self.env),
        }
    }
}
