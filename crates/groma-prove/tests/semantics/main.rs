//! Each rule of the network's semantics on a network that is just large enough to show
//! it, where it allows and where it forbids.

mod net;

mod alike;
mod explanations;
mod gateways;
mod groups_and_acls;
mod hubs;
mod relays;
mod routes;

use groma_prove::engine::{Ask, Engine};
use groma_prove::model::{Network, NodeId};
use groma_prove::ports::Family::{self, V4, V6};
use groma_prove::reach::Bound::{self, Everywhere, May, Must};
use groma_prove::reach::Question::{self, Completes, Delivered};
use groma_prove::reach::Ways;

/// What completes where nothing comes back: ICMP that nobody answers.
const NO_ANSWERS: &str = "icmp types 0-7, types 9-255";

/// An answer as text, by all private ways of the network. Every answer has an example,
/// and what surely does not complete has a reason.
fn ask(n: &Network, from: NodeId, to: NodeId, family: Family, question: Question, bound: Bound) -> String {
    let engine = Engine::new(n);
    let reach = engine.reach(from, to, Ways::NETWORK);
    let traffic = reach.get(family, question, bound);
    let ask = Ask { from, to, family, question, bound, ways: Ways::NETWORK, within: None };
    match engine.witness(&ask) {
        None => assert!(traffic.is_empty(), "no example for {traffic}"),
        Some(witness) => {
            let packet = witness.connections[0].packet;
            assert!(traffic.contains(family, packet.protocol, packet.port), "{packet:?} is not of {traffic}");
            assert_eq!(witness.doubts.is_empty(), witness.bound != May, "{witness:#?}");
            assert!(witness.bound >= bound, "{witness:#?}");
        }
    }
    let surely = reach.get(family, Completes, Must);
    for (protocol, port) in
        [(6, 80), (6, 443), (17, 53), (family.icmp(), if family == V4 { 8 << 8 } else { 128 << 8 })]
    {
        let Some(blocked) = engine.blocked(from, to, family, protocol, port) else { continue };
        let works = surely.contains(family, protocol, port);
        assert_eq!(works, blocked.blockers.is_empty(), "{protocol} {port} of {surely}: {blocked:#?}");
    }
    traffic.to_string()
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
