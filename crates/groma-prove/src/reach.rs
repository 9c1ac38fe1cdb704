//! Answers about a pair of nodes: which questions, which bounds, what travels.

use crate::model::NodeId;
use crate::ports::{Family, Traffic};
use std::sync::Arc;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Question {
    /// A first packet arrives at its destination and is let in.
    Delivered,
    /// And what answers it comes back: a connection completes.
    ///
    /// ICMP: an echo request and its reply; other types need no answer. Other protocols:
    /// a packet of the same protocol in return.
    Completes,
}

impl Question {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::Delivered, Self::Completes];
}

/// How doubts are taken.
///
/// `May` contains `Must`, `Must` contains `Everywhere`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Bound {
    /// Everything doubtful counts as open: what is not in it is certainly impossible.
    /// For "never": proved when this is empty.
    May,
    /// Everything doubtful counts as closed, for every address that an interface can
    /// turn out to have: what is in it certainly works. Of the internet and of outside
    /// networks, *some* address is enough. For "never": refuted when this is not empty.
    Must,
    /// As `Must`, and from and to *every* address of the internet or the outside
    /// network. For "works" with the internet as a whole.
    Everywhere,
}

impl Bound {
    /// All.
    pub const ALL: [Self; 3] = [Self::May, Self::Must, Self::Everywhere];
}

/// Which ways count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ways {
    /// Also out to the internet and back in by a public address: what may leave to the
    /// internet reaches whatever the internet may enter. This is about IPv4: IPv6 has one
    /// address on both sides, so its ways over internet gateways always count.
    pub public: bool,
    /// Also over relays (load balancers, endpoints), transitively: whoever reaches the
    /// relay reaches what it passes on to. The ports are those of the last connection.
    pub relays: bool,
}

impl Ways {
    /// All ways: the right choice for "never".
    pub const ALL: Self = Self { public: true, relays: true };
    /// The network between private addresses alone.
    pub const NETWORK: Self = Self { public: false, relays: false };
    /// Private addresses, and relays.
    pub const PRIVATE: Self = Self { public: false, relays: true };
}

/// What travels from one node to another, one family. Shared: cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Answers {
    pub(crate) lanes: [Arc<Traffic>; 6],
}

impl Answers {
    /// The answer to one question.
    pub fn get(&self, question: Question, bound: Bound) -> &Traffic {
        &self.lanes[question as usize * 3 + bound as usize]
    }
}

/// What travels from one node to another: destination ports by protocol.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reach {
    /// Over IPv4.
    pub v4: Answers,
    /// Over IPv6.
    pub v6: Answers,
}

impl Reach {
    /// The answer to one question.
    pub fn get(&self, family: Family, question: Question, bound: Bound) -> &Traffic {
        match family {
            Family::V4 => self.v4.get(question, bound),
            Family::V6 => self.v6.get(question, bound),
        }
    }
    /// Whether nothing travels, whichever way it is asked.
    pub fn is_empty(&self) -> bool {
        let none = |a: &Answers| a.lanes.iter().all(|l| l.is_empty());
        none(&self.v4) && none(&self.v6)
    }
}

/// All pairs between which anything may travel.
///
/// Nodes that no rule can tell apart (same subnet, same security groups, same public
/// flag, ...) are one class; pairs are pairs of classes.
#[derive(Clone, Debug, Default)]
pub struct AllPairs {
    /// The nodes of each class.
    pub classes: Vec<Vec<NodeId>>,
    /// The class of each node; `None` for nodes that are no ends (nothing of them sends
    /// or accepts: the nodes of NAT gateways and attachments).
    pub class_of: Vec<Option<u32>>,
    /// From class, to class, index into `reaches`; sorted. A class and itself: between
    /// different nodes of it, and within a node of which there may be several.
    pub edges: Vec<(u32, u32, u32)>,
    /// The different answers.
    pub reaches: Vec<Reach>,
}

impl AllPairs {
    /// What travels from `from` to `to`; `None`: nothing, under no bound.
    pub fn get(&self, from: NodeId, to: NodeId) -> Option<&Reach> {
        let of = |n: NodeId| self.class_of.get(n.index()).copied().flatten();
        let key = (of(from)?, of(to)?);
        let at = self.edges.binary_search_by_key(&key, |e| (e.0, e.1)).ok()?;
        self.reaches.get(self.edges[at].2 as usize)
    }
    /// All pairs of different nodes, one by one.
    pub fn nodes(&self) -> impl Iterator<Item = (NodeId, NodeId, &Reach)> {
        self.edges.iter().flat_map(move |&(from, to, reach)| {
            let reach = &self.reaches[reach as usize];
            let to = &self.classes[to as usize];
            let pairs =
                self.classes[from as usize].iter().flat_map(move |a| to.iter().map(move |b| (*a, *b)));
            pairs.filter(|(a, b)| a != b).map(move |(a, b)| (a, b, reach))
        })
    }
}
