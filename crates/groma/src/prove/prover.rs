//! Questions to the engine, asked as people ask them.

use super::ends::{End, Ends};
use super::verdict::{Case, Verdict};
use super::world::Staged;
use groma_platform::flow::Only;
use groma_prove::engine::{Ask, Engine};
use groma_prove::model::{ItemId, Network, NodeId, Ports, Protocol, Relay};
use groma_prove::ports::{Family, PortSet, TCP, Traffic, UDP};
use groma_prove::reach::{AllPairs, Bound, Question, Ways};
use groma_prove::witness::{Uncertain, Witness};
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What may be proved of one network.
pub struct Prover<'n> {
    /// The network.
    pub network: &'n Network,
    /// The engine.
    pub engine: Engine<'n>,
    /// What people call things.
    pub ends: &'n Ends<'n>,
    all: OnceCell<AllPairs>,
    private: OnceCell<AllPairs>,
    direct: OnceCell<AllPairs>,
}

/// The traffic of a restriction, in one family.
pub fn traffic(only: Option<&Only>, family: Family) -> Traffic {
    let Some(only) = only else { return Traffic::all(family) };
    let ports = |()| only.ports.map_or_else(PortSet::all, |(a, b)| PortSet::range(a, b));
    match only.protocol {
        None => Traffic::of_tcp(ports(())).or(&Traffic::of_udp(ports(()))),
        Some(TCP) => Traffic::of_tcp(ports(())),
        Some(UDP) => Traffic::of_udp(ports(())),
        Some(1) => Traffic::of_rule(family, Protocol::Number(family.icmp()), None, None),
        Some(n) => Traffic::of_rule(family, Protocol::Number(n), None, None),
    }
}

impl<'n> Prover<'n> {
    /// For a network.
    pub fn new(network: &'n Network, ends: &'n Ends<'n>) -> Prover<'n> {
        Prover::with(network, ends, Engine::new(network))
    }

    /// For a network without a zone.
    pub fn without_zone(network: &'n Network, ends: &'n Ends<'n>, zone: &str) -> Prover<'n> {
        Prover::with(network, ends, Engine::without_zone(network, zone))
    }

    fn with(network: &'n Network, ends: &'n Ends<'n>, engine: Engine<'n>) -> Prover<'n> {
        Prover {
            network,
            engine,
            ends,
            all: OnceCell::new(),
            private: OnceCell::new(),
            direct: OnceCell::new(),
        }
    }

    /// All pairs under these ways.
    pub fn pairs(&self, ways: Ways) -> &AllPairs {
        let cell = if ways == Ways::ALL {
            &self.all
        } else if ways == Ways::PRIVATE {
            &self.private
        } else {
            &self.direct
        };
        cell.get_or_init(|| self.engine.reach_all(ways))
    }

    /// What travels, in one family.
    pub fn travels(
        &self,
        from: NodeId,
        to: NodeId,
        family: Family,
        q: Question,
        b: Bound,
        ways: Ways,
    ) -> Traffic {
        match from == to {
            true => self.engine.reach(from, to, ways).get(family, q, b).clone(),
            false => {
                self.pairs(ways).get(from, to).map_or_else(Traffic::none, |r| r.get(family, q, b).clone())
            }
        }
    }

    /// What a case depends on: what its way does, or, where the way that is shown is certain
    /// and others are not, all that is unknown about its ends.
    pub fn doubts(&self, w: Option<&Witness>, v: Verdict, (a, b): (NodeId, NodeId)) -> Vec<Uncertain> {
        let own = w.map(|w| w.doubts.clone()).unwrap_or_default();
        if own.is_empty() && v == Verdict::NotProved {
            super::unknown::about(&self.engine, a, b)
        } else {
            own
        }
    }

    #[allow(clippy::too_many_arguments, reason = "they are the parts of one question")]
    fn witness(
        &self,
        from: NodeId,
        to: NodeId,
        family: Family,
        q: Question,
        bound: Bound,
        ways: Ways,
        within: Traffic,
    ) -> Option<Witness> {
        let within = Some(within);
        self.engine.witness(&Ask { from, to, family, question: q, bound, ways, within })
    }

    /// What every address of the internet surely reaches of a node.
    fn open_to_all(&self, b: NodeId, family: Family) -> Traffic {
        match self.engine.internet() {
            Some(internet) => {
                self.travels(internet, b, family, Question::Completes, Bound::Everywhere, Ways::NETWORK)
            }
            None => Traffic::none(),
        }
    }

    /// Cases in which something travels from one end to another that must not. With `inside`
    /// what everybody on the internet surely may do does not count.
    pub fn crossing(
        &self,
        from: &End,
        to: &End,
        only: Option<&Only>,
        (ways, inside): (Ways, bool),
        when: &str,
    ) -> (Verdict, Vec<Case>) {
        let (mut verdict, mut cases) = (Verdict::Proved, Vec::new());
        let q = Question::Delivered;
        for &a in &from.nodes {
            for &b in to.nodes.iter().filter(|b| **b != a) {
                for family in Family::BOTH {
                    let mut within = traffic(only, family);
                    let mut may = self.travels(a, b, family, q, Bound::May, ways).and(&within);
                    if inside && !may.is_empty() {
                        within = within.minus(&self.open_to_all(b, family));
                        may = may.and(&within);
                    }
                    if may.is_empty() {
                        continue;
                    }
                    let must = self.travels(a, b, family, q, Bound::Must, ways).and(&within);
                    let sure = !must.is_empty();
                    let what = if sure { must } else { may };
                    let bound = Bound::May;
                    // With the way of the answer, if one comes back.
                    let both = self.travels(a, b, family, Question::Completes, bound, ways).and(&what);
                    let witness = match both.is_empty() {
                        false => self.witness(a, b, family, Question::Completes, bound, ways, both),
                        true => self.witness(a, b, family, q, bound, ways, what.clone()),
                    };
                    // A range is only a part of what its nodes are.
                    let certain = sure && !from.part && !to.part;
                    let this = if certain { Verdict::Refuted } else { Verdict::NotProved };
                    verdict = verdict.max(this);
                    let doubts = self.doubts(witness.as_ref(), this, (a, b));
                    let case = self.case(a, b, family, &what, when);
                    cases.push((this, Case { witness, doubts, ..case }));
                }
            }
        }
        cases.sort_by_key(|(v, _)| std::cmp::Reverse(*v));
        let cases = cases.into_iter().filter(|(v, _)| *v == verdict).map(|(_, c)| c).collect();
        (verdict, cases)
    }

    /// An example of what is delivered.
    pub fn delivered(&self, a: NodeId, b: NodeId, family: Family, what: Traffic) -> Option<Witness> {
        self.witness(a, b, family, Question::Delivered, Bound::May, Ways::ALL, what)
    }

    /// A case without a way.
    pub fn case(&self, a: NodeId, b: NodeId, family: Family, what: &Traffic, when: &str) -> Case {
        let ip = if family == Family::V4 { "IPv4" } else { "IPv6" };
        Case {
            from: self.ends.name(a),
            to: self.ends.name(b),
            traffic: format!("{what} over {ip}"),
            when: when.to_owned(),
            witness: None,
            blocked: None,
            doubts: Vec::new(),
            network: None,
        }
    }

    /// Whether something that must work does: from every node of one end to every node
    /// of the other if `every`, else from some to some.
    pub fn works(
        &self,
        from: &End,
        to: &End,
        only: Option<&Only>,
        every: bool,
        when: &str,
    ) -> (Verdict, Vec<Case>) {
        let mut worst = Verdict::Proved;
        let mut best = Verdict::Refuted;
        let mut cases: Vec<(Verdict, Case)> = Vec::new();
        for &a in &from.nodes {
            for &b in to.nodes.iter().filter(|b| **b != a) {
                let (mut v, case) = self.pair_works(a, b, only, when);
                // It works for something that may not be meant.
                if v == Verdict::Proved && (from.part || to.part) {
                    v = Verdict::NotProved;
                }
                worst = worst.max(v);
                best = best.min(v);
                if v != Verdict::Proved {
                    cases.push((v, case));
                }
            }
        }
        let verdict = if every { worst } else { best };
        if verdict == Verdict::Proved {
            return (verdict, Vec::new());
        }
        cases.sort_by_key(|(v, _)| std::cmp::Reverse(*v));
        (verdict, cases.into_iter().map(|(_, c)| c).collect())
    }

    fn pair_works(&self, a: NodeId, b: NodeId, only: Option<&Only>, when: &str) -> (Verdict, Case) {
        let q = Question::Completes;
        let mut possible = None;
        for family in Family::BOTH {
            let within = traffic(only, family);
            let must = self.travels(a, b, family, q, Bound::Must, Ways::ALL);
            // All of the ports that are named, or something where none is.
            let enough = |t: &Traffic| match only {
                Some(Only { protocol: None, ports: Some((x, y)) }) => {
                    let wanted = PortSet::range(*x, *y);
                    t.tcp.contains_all(&wanted) || t.udp.contains_all(&wanted)
                }
                Some(Only { ports: Some(_), .. }) => within.minus(t).is_empty(),
                _ => !t.and(&within).is_empty(),
            };
            if enough(&must) {
                return (Verdict::Proved, self.case(a, b, family, &must.and(&within), when));
            }
            let may = self.travels(a, b, family, q, Bound::May, Ways::ALL);
            if enough(&may) && possible.is_none() {
                let what = may.and(&within);
                let w = self.witness(a, b, family, q, Bound::May, Ways::ALL, what.minus(&must));
                let doubts = self.doubts(w.as_ref(), Verdict::NotProved, (a, b));
                possible = Some(Case { doubts, witness: w, ..self.case(a, b, family, &what, when) });
            }
        }
        if let Some(case) = possible {
            return (Verdict::NotProved, case);
        }
        let (protocol, port) = self.try_packet(b, only);
        let blocked = self.engine.blocked(a, b, Family::V4, protocol, port);
        let case = self.case(a, b, Family::V4, &traffic(only, Family::V4), when);
        let traffic = match only {
            Some(o) => o.to_string(),
            None => format!("{} {port}", if protocol == UDP { "udp" } else { "tcp" }),
        };
        (Verdict::Refuted, Case { traffic, blocked, ..case })
    }

    /// A packet to try where nothing says which.
    pub fn try_packet(&self, to: NodeId, only: Option<&Only>) -> (u8, u16) {
        if let Some(o) = only {
            return (
                o.protocol.unwrap_or(TCP),
                o.ports.map_or(if o.protocol == Some(1) { 8 << 8 } else { 443 }, |p| p.0),
            );
        }
        let listens = self.network.nodes[to.index()].listens.as_ref();
        let first = listens.and_then(|l| l.first());
        let protocol = match first.map(|f| f.0) {
            Some(Protocol::Number(n)) => n,
            _ => TCP,
        };
        (protocol, first.map_or(443, |f| f.1.from))
    }
}

/// A network without what public load balancers pass on: whoever reaches one of those as
/// everybody may, gains nothing by being inside.
pub fn without_front_doors(prover: &Prover<'_>) -> Network {
    let doors = front_doors(prover);
    let mut network = prover.network.clone();
    let mut n = 0;
    network.relays.retain(|_| {
        n += 1;
        !doors[n - 1]
    });
    network
}

/// For each relay whether it is public: whether every address of the internet surely reaches it
/// on all ports on which it accepts.
fn front_doors(prover: &Prover<'_>) -> Vec<bool> {
    let relays = &prover.network.relays;
    let Some(internet) = prover.engine.internet() else { return vec![false; relays.len()] };
    let open = |r: &Relay| {
        let reach = prover.engine.reach(internet, r.from, Ways::NETWORK);
        let all = reach.get(Family::V4, Question::Completes, Bound::Everywhere);
        let accepts = match r.accepts {
            Some((p, ports)) => Traffic::of_rule(Family::V4, p, Some(ports), None),
            None => Traffic::all(Family::V4),
        };
        !accepts.is_empty() && accepts.minus(all).is_empty()
    };
    relays.iter().map(open).collect()
}

/// The front doors that an apply leaves to be such, or makes such, or takes away: at no moment of
/// it does what they pass on count. One that stops being a front door, or becomes one, counts.
pub struct Doors {
    /// By what people call them; whether the relay is one wherever it is.
    relays: BTreeMap<Door, bool>,
}

type Door = (Arc<str>, Arc<str>, Arc<str>, Option<(Protocol, Ports)>, Option<(Protocol, Ports)>);

fn door(network: &Network, r: &Relay) -> Door {
    let name = |i: ItemId| network.items[i.index()].name.clone();
    let node = |n: NodeId| name(network.nodes[n.index()].item);
    (name(r.item), node(r.from), node(r.to), r.accepts, r.connects)
}

impl Doors {
    /// Those of the networks before and after an apply.
    pub fn lasting(before: &Network, after: &Network, staged: &Staged) -> Doors {
        let mut relays = BTreeMap::new();
        for network in [before, after] {
            let ends = Ends::new(network, staged);
            let open = front_doors(&Prover::new(network, &ends));
            for (r, open) in network.relays.iter().zip(open) {
                *relays.entry(door(network, r)).or_insert(true) &= open;
            }
        }
        Doors { relays }
    }

    /// A network without what they pass on.
    pub fn without(&self, network: &Network) -> Network {
        let mut out = network.clone();
        out.relays.retain(|r| !self.relays.get(&door(network, r)).copied().unwrap_or(false));
        out
    }
}
