//! Each rule of the network's semantics on a network that is just large enough to show
//! it, where it allows and where it forbids.

mod net;

mod gateways;
mod groups_and_acls;
mod hubs;
mod relays;
mod routes;

use groma_prove::engine::Engine;
use groma_prove::model::{Network, NodeId};
use groma_prove::ports::Family::{self, V4, V6};
use groma_prove::reach::Bound::{self, Everywhere, May, Must};
use groma_prove::reach::Question::{self, Completes, Delivered};
use groma_prove::reach::Ways;

/// What completes where nothing comes back: ICMP that nobody answers.
const NO_ANSWERS: &str = "icmp types 0-7, types 9-255";

/// An answer as text, by all private ways of the network.
fn ask(n: &Network, from: NodeId, to: NodeId, family: Family, question: Question, bound: Bound) -> String {
    Engine::new(n).reach(from, to, Ways::NETWORK).get(family, question, bound).to_string()
}

/// What completes over IPv4, where nothing is doubtful.
fn completes(n: &Network, from: NodeId, to: NodeId) -> String {
    agreed(n, from, to, V4, Completes)
}

fn delivers(n: &Network, from: NodeId, to: NodeId) -> String {
    agreed(n, from, to, V4, Delivered)
}

fn completes6(n: &Network, from: NodeId, to: NodeId) -> String {
    agreed(n, from, to, V6, Completes)
}

/// All bounds agree, and this is what they say.
fn agreed(n: &Network, from: NodeId, to: NodeId, family: Family, question: Question) -> String {
    let may = ask(n, from, to, family, question, May);
    for bound in [Must, Everywhere] {
        assert_eq!(may, ask(n, from, to, family, question, bound), "{bound:?} differs from May");
    }
    may
}
