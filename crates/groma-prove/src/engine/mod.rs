//! The symbolic engine: answers for all addresses, ports and protocols at once.

mod alike;
mod core;
mod decide;
mod dense;
mod explain;
mod filters;
mod lanes;
mod map;
mod nat64;
mod nodes;
mod routes;
mod trace;
mod walk;

use self::core::Core;
pub(crate) use self::core::internet;
use crate::model::{InterfaceId, ItemId, Network, NodeId, NodeKind};
use crate::ports::{Family, Traffic};
use crate::reach::{Bound, Question, Ways};
use crate::witness::{Uncertain, Witness};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

/// Source ports of clients whose kind is known (Linux: `ip_local_port_range`): under
/// `Must`, answers to all of these have to come back.
pub const CLIENT_PORTS: (u16, u16) = (32768, 60999);
/// Source ports of clients whose kind is not known (the internet, outside networks), of
/// NAT gateways and of load balancers ("Custom network ACLs": ephemeral ports). Under
/// `May` an answer to any of these is enough. Who opens connections from a port below
/// can do more than `Completes` says; `Delivered` has it.
pub const ANY_CLIENT_PORTS: (u16, u16) = (1024, 65535);

/// Answers questions about one network.
///
/// Filled as it is asked; for a changed network make another one.
pub struct Engine<'n> {
    network: &'n Network,
    lost: Option<Arc<str>>,
    cores: [RefCell<Core<'n>>; 2],
    /// Interfaces of each node.
    interfaces: Vec<Vec<InterfaceId>>,
    internet: Option<NodeId>,
    /// Whether IPv6 may be translated to IPv4.
    nat64: bool,
    /// For each node that was asked: which relays it gets through, and how.
    relayed: RefCell<HashMap<NodeId, Rc<Vec<nodes::Arrivals>>>>,
}

/// A question about one pair, for [`Engine::witness`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// From where.
    pub from: NodeId,
    /// To where.
    pub to: NodeId,
    /// Which family.
    pub family: Family,
    /// What.
    pub question: Question,
    /// Which bound.
    pub bound: Bound,
    /// Which ways.
    pub ways: Ways,
    /// Only an example within this; `None`: any.
    pub within: Option<Traffic>,
}

/// What packets to the internet pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Crossing {
    /// Nothing leaves, under any bound.
    NoEgress,
    /// All that leaves passes one of these (NAT gateways, firewalls, in this order).
    Always(Vec<ItemId>),
    /// Something leaves, or may leave, without: this way.
    Avoided(Box<Witness>),
}

impl<'n> Engine<'n> {
    /// An engine for a network. Prepares filters and routes; near linear in rules.
    pub fn new(network: &'n Network) -> Self {
        Self::make(network, None)
    }

    /// An engine for what is left of a network when a zone is lost: interfaces, NAT
    /// gateways and attachments in its subnets are gone. Subnets of unknown zone may be
    /// in it.
    pub fn without_zone(network: &'n Network, zone: &str) -> Self {
        Self::make(network, Some(zone.into()))
    }

    fn make(network: &'n Network, lost: Option<Arc<str>>) -> Self {
        let core = |family| RefCell::new(Core::new(network, family, lost.clone()));
        let cores = Family::BOTH.map(core);
        let mut interfaces = vec![Vec::new(); network.nodes.len()];
        for (n, interface) in network.interfaces.iter().enumerate() {
            interfaces[interface.node.index()].push(InterfaceId(n as u32));
        }
        let internet = network.nodes.iter().position(|n| n.kind == NodeKind::Internet);
        let internet = internet.map(|n| NodeId(n as u32));
        let nat64 = nat64::in_use(network);
        Self { network, lost, cores, interfaces, internet, nat64, relayed: RefCell::default() }
    }

    /// The zone that is lost, if one is.
    pub fn lost_zone(&self) -> Option<&str> {
        self.lost.as_deref()
    }

    /// The network.
    pub fn network(&self) -> &'n Network {
        self.network
    }

    /// The node that stands for the internet, if the network has one.
    pub fn internet(&self) -> Option<NodeId> {
        self.internet
    }

    /// What the engine takes as open because nobody knows: resources that are not
    /// understood, networks of others.
    pub fn open(&self) -> Vec<Uncertain> {
        let unsupported =
            |u: &crate::model::Unsupported| Uncertain { doubt: None, item: u.item, why: u.why.clone() };
        self.network.unsupported.iter().map(unsupported).collect()
    }
}
