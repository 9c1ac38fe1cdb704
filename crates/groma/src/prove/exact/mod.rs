//! Exactly the declared connections: nothing more, and all of them.

mod listed;
mod party;

use super::ends::Ends;
use super::properties::About;
use super::prover::Prover;
use super::verdict::{Case, Finding, Verdict};
use groma_lang::Span;
use groma_platform::Prove;
use groma_platform::flow::{Declared, FlowEnd, declared};
use groma_platform::model::{Environment, NetworkRef, Port};
use groma_prove::engine::Ask;
use groma_prove::model::{NodeId, NodeKind};
use groma_prove::ports::{Family, PortSet, TCP, Traffic, UDP};
use groma_prove::reach::{Bound, Question, Ways};
use party::Party;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

/// What a manifest declares of one environment.
#[derive(Clone, Debug)]
pub struct Allowed {
    /// The environment's slug.
    pub env: String,
    /// The environment's name: of many of one kind, all have the same.
    pub name: String,
    /// The network that it shares with others.
    pub network: Option<String>,
    /// Its connections.
    pub flows: Vec<Declared>,
    /// Whether it is parked: then ways out and what passes things on may be gone.
    pub parked: bool,
}

/// What environments declare. `all`: the environments of the manifest.
pub fn of(envs: &[Environment], all: &[Environment]) -> Vec<Allowed> {
    envs.iter()
        .map(|e| Allowed {
            env: e.slug.clone(),
            name: e.name.clone(),
            network: match &e.network {
                NetworkRef::Named(n) => Some(n.clone()),
                NetworkRef::Own => None,
            },
            flows: declared(e, all),
            parked: false,
        })
        .collect()
}

type Failed = (String, Option<Span>);

fn ports(list: &[Port], family: Family) -> Traffic {
    if list.is_empty() {
        return Traffic::all(family);
    }
    list.iter().fold(Traffic::none(), |t, p| {
        let one = PortSet::range(p.port, p.port);
        t.or(&if p.protocol == "udp" { Traffic::of_udp(one) } else { Traffic::of_tcp(one) })
    })
}

/// Which flow: of which environment, and which of its flows.
type FlowId = (usize, usize);

/// Everything that is looked at, put together once.
struct Exactly<'p> {
    prover: &'p Prover<'p>,
    /// The network without public front doors.
    inner: &'p Prover<'p>,
    declared: &'p [Allowed],
    names: BTreeMap<String, String>,
    /// All parties, and which each node is.
    parties: Vec<Party>,
    of_node: Vec<usize>,
    matching: HashMap<(usize, usize), Rc<Vec<FlowId>>>,
}

/// Proves `exactly`: one finding for what is more, one for what is missing.
pub fn exactly<'a>(
    about: &About<'a>,
    prover: &'a Prover<'a>,
    inner: &'a Prover<'a>,
    block: &Prove,
) -> Result<Vec<Finding>, Failed> {
    if about.declared.is_empty() {
        return Ok(vec![listed::listed(prover, prover.ends, block)?]);
    }
    let mut x = Exactly::new(about, prover, inner);
    let extra = x.extra();
    let (missing, absent) = x.missing();
    let more = Finding::of(&block.name, "exactly: nothing but what is declared", block.span, extra);
    let mut all = Finding::of(&block.name, "exactly: everything that is declared", block.span, missing);
    if !absent.is_empty() {
        let shown = absent.len().min(6);
        let rest = absent.len() - shown;
        let rest = if rest > 0 { format!(", and {rest} more") } else { String::new() };
        all.note = format!(
            "not asked, as an end or what is between is not there: {}{rest}",
            absent[..shown].join(", ")
        );
    }
    Ok(vec![more, all])
}

/// What is found of each connection that an environment declares and whose ends are there.
pub fn verdicts(about: &About<'_>, env: &str) -> Vec<(Declared, Verdict)> {
    let ends = Ends::new(about.network, about.staged);
    let prover = Prover::new(about.network, &ends);
    let x = Exactly::new(about, &prover, &prover);
    let of = about.declared.iter().filter(|a| a.env == env);
    of.flat_map(|all| all.flows.iter().map(move |d| (all, d)))
        .filter_map(|(all, d)| {
            let found = x.decides(all, d)?.map_or(Verdict::Proved, |(v, ..)| v);
            Some((d.clone(), found))
        })
        .collect()
}

impl<'p> Exactly<'p> {
    fn new(about: &About<'p>, prover: &'p Prover<'p>, inner: &'p Prover<'p>) -> Exactly<'p> {
        let mut all: BTreeMap<Party, usize> = BTreeMap::new();
        let of_node = (0..prover.network.nodes.len() as u32)
            .map(|n| {
                let next = all.len();
                *all.entry(Party::of(prover, NodeId(n))).or_insert(next)
            })
            .collect();
        let mut parties: Vec<(usize, Party)> = all.into_iter().map(|(p, n)| (n, p)).collect();
        parties.sort_unstable();
        Exactly {
            prover,
            inner,
            declared: about.declared,
            names: about.declared.iter().map(|a| (a.env.clone(), a.name.clone())).collect(),
            parties: parties.into_iter().map(|(_, p)| p).collect(),
            of_node,
            matching: HashMap::new(),
        }
    }
}

impl Exactly<'_> {
    /// What is declared between two parties.
    fn flows(&mut self, from: usize, to: usize) -> Rc<Vec<FlowId>> {
        if let Some(found) = self.matching.get(&(from, to)) {
            return found.clone();
        }
        let mut out = Vec::new();
        for (e, all) in self.declared.iter().enumerate() {
            for (i, d) in all.flows.iter().enumerate() {
                if all.is(&d.from, &self.parties[from], &self.names)
                    && all.is(&d.to, &self.parties[to], &self.names)
                {
                    out.push((e, i));
                }
            }
        }
        let out = Rc::new(out);
        self.matching.insert((from, to), out.clone());
        out
    }

    /// What a party may say to the internet, by what is declared.
    fn to_internet(&self, from: usize, family: Family) -> Traffic {
        let mut out = Traffic::none();
        for all in self.declared {
            for d in all.flows.iter().filter(|d| d.to == FlowEnd::Internet) {
                if all.is(&d.from, &self.parties[from], &self.names) {
                    out = out.or(&ports(&d.ports, family));
                }
            }
        }
        out
    }

    /// What is possible, and declared by nothing: the worst case of each pair of parties.
    fn extra(&mut self) -> Vec<(Verdict, Case)> {
        let (prover, inner) = (self.prover, self.inner);
        let mut found: BTreeMap<(usize, usize), (Verdict, Case)> = BTreeMap::new();
        let pairs = prover.pairs(Ways::ALL);
        let itself = (0..prover.network.nodes.len() as u32).map(|n| (NodeId(n), NodeId(n)));
        for (a, b) in pairs.nodes().map(|(a, b, _)| (a, b)).chain(itself) {
            let (from, to) = (self.of_node[a.index()], self.of_node[b.index()]);
            // That an endpoint leads to its service is what it is for.
            let service = matches!(prover.network.nodes[b.index()].kind, NodeKind::Service(_));
            if service && self.parties[from] == Party::Services {
                continue;
            }
            for family in Family::BOTH {
                // What everybody may do, who may reach the internet may do too: ways that leave to
                // it and come back, and through public front doors, are two edges that are looked
                // at each for itself.
                let private = ![from, to].iter().any(|p| self.parties[*p] == Party::Internet);
                let (ways, by) = if private { (Ways::PRIVATE, inner) } else { (Ways::ALL, prover) };
                let q = Question::Delivered;
                let may = by.travels(a, b, family, q, Bound::May, ways);
                if may.is_empty() {
                    continue;
                }
                let mut allowed = self.allowed(a, b, family);
                if private && let Some(internet) = inner.engine.internet() {
                    let open = inner.travels(internet, b, family, q, Bound::Everywhere, Ways::NETWORK);
                    // Hosts behind a VPN are outside like everybody else.
                    let outside = prover.network.nodes[a.index()].kind == NodeKind::Outside;
                    let may_use = if outside { open.clone() } else { self.to_internet(from, family) };
                    allowed = allowed.or(&open.and(&may_use));
                }
                let may = may.minus(&allowed);
                if may.is_empty() {
                    continue;
                }
                let must = by.travels(a, b, family, q, Bound::Must, ways).minus(&allowed);
                let (v, what) =
                    if must.is_empty() { (Verdict::NotProved, may) } else { (Verdict::Refuted, must) };
                if found.get(&(from, to)).is_some_and(|(worst, _)| *worst >= v) {
                    continue;
                }
                let ends = (&self.parties[from], &self.parties[to]);
                found.insert((from, to), (v, case(by, (a, b), ends, family, (v, ways), what)));
            }
        }
        found.into_values().collect()
    }

    /// What is declared between two nodes.
    fn allowed(&mut self, a: NodeId, b: NodeId, family: Family) -> Traffic {
        let flows = self.flows(self.of_node[a.index()], self.of_node[b.index()]);
        let mut out = Traffic::none();
        for (e, i) in flows.iter() {
            out = out.or(&ports(&self.declared[*e].flows[*i].ports, family));
        }
        if !matches!(self.prover.network.nodes[b.index()].kind, NodeKind::Service(_)) {
            return out;
        }
        // A service is on the internet, too, whichever way leads there.
        let out = out.or(&self.to_internet(self.of_node[a.index()], family));
        if flows.is_empty() {
            return out;
        }
        // Behind its endpoints a service listens on what it likes.
        let direct = self.inner.engine.reach(a, b, Ways::NETWORK);
        out.or(&Traffic::all(family).minus(direct.get(family, Question::Delivered, Bound::May)))
    }

    /// The verdict on a connection that is declared, with the pair of nodes that decides it,
    /// if there is one besides a node and itself. `None` where an end, or what passes it on,
    /// is not there.
    fn decides(&self, all: &Allowed, d: &Declared) -> Option<Option<(Verdict, NodeId, NodeId)>> {
        let nodes = |end: &FlowEnd| -> Vec<NodeId> {
            let is: Vec<bool> = self.parties.iter().map(|p| all.is(end, p, &self.names)).collect();
            (0..self.of_node.len() as u32).map(NodeId).filter(|n| is[self.of_node[n.index()]]).collect()
        };
        let (from, to) = (nodes(&d.from), nodes(&d.to));
        // What is parked may have lost its balancer.
        if from.is_empty() || to.is_empty() || d.through.as_ref().is_some_and(|e| nodes(e).is_empty()) {
            return None;
        }
        let mut pairs = Vec::new();
        for &a in &from {
            for &b in to.iter().filter(|b| **b != a) {
                let v = Family::BOTH.map(|f| self.works(a, b, f, &d.ports));
                pairs.push((v[0].min(v[1]), a, b));
            }
        }
        pairs.sort_unstable();
        // Each part of a component, and any endpoint or balancer.
        let parts = |e: &FlowEnd| matches!(e, FlowEnd::Component(_) | FlowEnd::Elsewhere(..));
        let each = parts(&d.from) && parts(&d.to);
        Some(if each { pairs.last() } else { pairs.first() }.copied())
    }

    /// What is declared and not possible; and what is declared of what is not there.
    fn missing(&self) -> (Vec<(Verdict, Case)>, Vec<String>) {
        let (mut missing, mut absent) = (Vec::new(), Vec::new());
        for all in self.declared {
            // It does nothing now, and what it needs for that is gone on purpose.
            if all.parked {
                absent.push(format!("what {} declares, which is parked", all.env));
                continue;
            }
            for d in &all.flows {
                match self.decides(all, d) {
                    None => {
                        let text = format!("{} -> {}", all.call(&d.from), all.call(&d.to));
                        if !absent.contains(&text) {
                            absent.push(text);
                        }
                    }
                    Some(None | Some((Verdict::Proved, ..))) => {}
                    Some(Some((v, a, b))) => missing.push((v, self.lacks(all, d, v, (a, b)))),
                }
            }
        }
        (missing, absent)
    }

    /// Whether connections complete on all ports, in one family.
    fn works(&self, a: NodeId, b: NodeId, family: Family, list: &[Port]) -> Verdict {
        let wanted = ports(list, family);
        let enough = |bound| {
            let t = self.prover.travels(a, b, family, Question::Completes, bound, Ways::ALL);
            if list.is_empty() { !t.is_empty() } else { wanted.minus(&t).is_empty() }
        };
        if enough(Bound::Must) {
            Verdict::Proved
        } else if enough(Bound::May) {
            Verdict::NotProved
        } else {
            Verdict::Refuted
        }
    }

    fn lacks(&self, all: &Allowed, d: &Declared, v: Verdict, (a, b): (NodeId, NodeId)) -> Case {
        let engine = &self.prover.engine;
        let witness = match v {
            Verdict::NotProved => engine.witness(&Ask {
                from: a,
                to: b,
                family: Family::V4,
                question: Question::Completes,
                bound: Bound::May,
                ways: Ways::ALL,
                within: Some(ports(&d.ports, Family::V4)),
            }),
            _ => None,
        };
        let blocked = match (v, d.ports.first()) {
            (Verdict::Refuted, Some(p)) => {
                let protocol = if p.protocol == "udp" { UDP } else { TCP };
                engine.blocked(a, b, Family::V4, protocol, p.port)
            }
            _ => None,
        };
        let doubts = self.prover.doubts(witness.as_ref(), v, (a, b));
        let words: Vec<String> = d.ports.iter().map(|p| format!("{} {}", p.protocol, p.port)).collect();
        let name = |end: &FlowEnd, n: NodeId| match end {
            FlowEnd::Internet => all.call(end),
            _ => format!("{} ({})", all.call(end), self.prover.ends.name(n)),
        };
        Case {
            from: name(&d.from, a),
            to: name(&d.to, b),
            traffic: format!("{} ({})", words.join(", "), d.by),
            when: String::new(),
            witness,
            blocked,
            doubts,
            network: None,
        }
    }
}

/// A case in which something travels that must not.
fn case(
    prover: &Prover<'_>,
    (a, b): (NodeId, NodeId),
    (from, to): (&Party, &Party),
    family: Family,
    (v, ways): (Verdict, Ways),
    what: Traffic,
) -> Case {
    let ip = if family == Family::V4 { "IPv4" } else { "IPv6" };
    let bound = Bound::May;
    let both = prover.travels(a, b, family, Question::Completes, bound, ways).and(&what);
    let (question, within) = match both.is_empty() {
        false => (Question::Completes, Some(both)),
        true => (Question::Delivered, Some(what.clone())),
    };
    let witness = prover.engine.witness(&Ask { from: a, to: b, family, question, bound, ways, within });
    let doubts = prover.doubts(witness.as_ref(), v, (a, b));
    let name = |p: &Party, n: NodeId| match p {
        Party::Other(_) | Party::Internet | Party::Outside => prover.ends.name(n),
        p => format!("{p} ({})", prover.ends.name(n)),
    };
    Case {
        from: name(from, a),
        to: name(to, b),
        traffic: format!("{what} over {ip}"),
        when: String::new(),
        witness,
        blocked: None,
        doubts,
        network: None,
    }
}
