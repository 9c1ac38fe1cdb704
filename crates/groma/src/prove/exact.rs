//! Exactly the declared connections: nothing more, and all of them.

use super::ends::{End, Ends};
use super::verdict::{About, Case, Finding, Prover, Verdict, traffic};
use groma_lang::Span;
use groma_platform::Prove;
use groma_platform::flow::{Declared, Flow, FlowEnd, Only, declared};
use groma_platform::model::{Environment, Port};
use groma_prove::engine::Ask;
use groma_prove::model::{NodeId, NodeKind};
use groma_prove::ports::{Family, PortSet, Traffic};
use groma_prove::reach::{Bound, Question, Ways};
use std::collections::BTreeMap;

/// What a manifest declares of one environment.
#[derive(Clone, Debug)]
pub struct Allowed {
    /// The environment's slug.
    pub env: String,
    /// Its connections.
    pub flows: Vec<Declared>,
}

/// What environments declare.
pub fn of(envs: &[Environment]) -> Vec<Allowed> {
    envs.iter().map(|e| Allowed { env: e.slug.clone(), flows: declared(e) }).collect()
}

type Failed = (String, Option<Span>);

/// The groups of nodes that are one end for a manifest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Party {
    Component(String, String),
    Internet,
    Outside,
    Services,
    Balancers(String),
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
            Party::Balancers(env) => write!(f, "the load balancers of {env}"),
            Party::Other(name) => f.write_str(name),
        }
    }
}

fn party(prover: &Prover<'_>, n: NodeId) -> Party {
    let node = &prover.network.nodes[n.index()];
    match &node.kind {
        NodeKind::Internet => return Party::Internet,
        NodeKind::Outside => return Party::Outside,
        NodeKind::Service(_) => return Party::Services,
        NodeKind::Resource(ty) if &**ty == "aws_vpc_endpoint" => return Party::Services,
        NodeKind::Resource(_) => {}
    }
    let env = node.labels.first().map_or("", |l| l).to_owned();
    match node.labels.get(1) {
        Some(l) if l.starts_with("load_balancer.") => Party::Balancers(env),
        Some(l) => Party::Component(env, l.to_string()),
        None => Party::Other(prover.ends.name(n)),
    }
}

fn ports(list: &[Port], family: Family) -> Traffic {
    if list.is_empty() {
        return Traffic::all(family);
    }
    list.iter().fold(Traffic::none(), |t, p| {
        let one = PortSet::range(p.port, p.port);
        t.or(&if p.protocol == "udp" { Traffic::of_udp(one) } else { Traffic::of_tcp(one) })
    })
}

/// Whether an end that is declared is a party.
fn is(end: &FlowEnd, env: &str, p: &Party) -> bool {
    match (end, p) {
        // What a network shares belongs to each environment in it.
        (FlowEnd::Component(id), Party::Component(e, c)) => {
            (e == env || e.starts_with("network.")) && *c == id.to_string()
        }
        (FlowEnd::Elsewhere(other, service), Party::Component(e, c)) => {
            (e == other || e.starts_with(&format!("{other}-"))) && *c == format!("service.{service}")
        }
        (FlowEnd::Elsewhere(other, _), Party::Balancers(e)) => {
            e == other || e.starts_with(&format!("{other}-"))
        }
        (FlowEnd::Internet, Party::Internet)
        | (FlowEnd::Outside, Party::Outside)
        | (FlowEnd::Services, Party::Services) => true,
        (FlowEnd::Balancers, Party::Balancers(e)) => e == env || e.starts_with("network."),
        _ => false,
    }
}

/// Proves `exactly`: one finding for what is more, one for what is missing.
pub fn exactly<'a>(
    about: &About<'_>,
    prover: &'a Prover<'a>,
    inner: &'a Prover<'a>,
    block: &Prove,
) -> Result<Vec<Finding>, Failed> {
    if about.declared.is_empty() {
        return Ok(vec![listed(prover, prover.ends, block)?]);
    }
    let mut extra: Vec<(Verdict, Case, Party, Party)> = Vec::new();
    let mut had: BTreeMap<(usize, usize), Verdict> = BTreeMap::new();
    let parties: Vec<Party> =
        (0..prover.network.nodes.len() as u32).map(|n| party(prover, NodeId(n))).collect();
    let pairs = prover.pairs(Ways::ALL);
    for (a, b, _) in pairs.nodes() {
        let (from, to) = (&parties[a.index()], &parties[b.index()]);
        for family in Family::BOTH {
            let mut allowed = Traffic::none();
            for (e, all) in about.declared.iter().enumerate() {
                for (i, d) in all.flows.iter().enumerate() {
                    if is(&d.from, &all.env, from) && is(&d.to, &all.env, to) {
                        // What AWS's services listen on is theirs.
                        let service = matches!(prover.network.nodes[b.index()].kind, NodeKind::Service(_));
                        let t = if service { Traffic::all(family) } else { ports(&d.ports, family) };
                        let must = prover.travels(a, b, family, Question::Completes, Bound::Must, Ways::ALL);
                        let may = prover.travels(a, b, family, Question::Completes, Bound::May, Ways::ALL);
                        let wanted = |x: &Traffic| {
                            if d.ports.is_empty() { !x.is_empty() } else { t.minus(x).is_empty() }
                        };
                        let v = if wanted(&must) {
                            Verdict::Proved
                        } else if wanted(&may) {
                            Verdict::NotProved
                        } else {
                            Verdict::Refuted
                        };
                        let best = had.entry((e, i)).or_insert(v);
                        *best = (*best).min(v);
                        allowed = allowed.or(&t);
                    }
                }
            }
            if same(from, to) {
                continue;
            }
            // What everybody may do, who may reach the internet may do too.
            let public = parties[a.index()] != Party::Internet && parties[b.index()] != Party::Internet;
            let (ways, prover) = if public { (Ways::PRIVATE, inner) } else { (Ways::ALL, prover) };
            if public && let Some(internet) = inner.engine.internet() {
                let q = Question::Delivered;
                allowed =
                    allowed.or(&inner.travels(internet, b, family, q, Bound::Everywhere, Ways::NETWORK));
            }
            let may = prover.travels(a, b, family, Question::Delivered, Bound::May, ways).minus(&allowed);
            if may.is_empty() {
                continue;
            }
            // One case for each pair of parties is enough.
            if extra.iter().any(|(_, _, f, t)| f == from && t == to) {
                continue;
            }
            let must = prover.travels(a, b, family, Question::Delivered, Bound::Must, ways).minus(&allowed);
            let (v, what) =
                if must.is_empty() { (Verdict::NotProved, may) } else { (Verdict::Refuted, must) };
            let case = case(prover, (a, b), (from, to), family, Bound::May, ways, what);
            extra.push((v, case, from.clone(), to.clone()));
        }
    }
    let mut missing: Vec<(Verdict, Case)> = Vec::new();
    for (e, all) in about.declared.iter().enumerate() {
        for (i, d) in all.flows.iter().enumerate() {
            // What an environment has of AWS depends on its size and on parking.
            if d.to == FlowEnd::Services || matches!(d.to, FlowEnd::Balancers) || d.from == FlowEnd::Balancers
            {
                continue;
            }
            let v = had.get(&(e, i)).copied().unwrap_or(Verdict::Refuted);
            if v == Verdict::Proved {
                continue;
            }
            let there = |end: &FlowEnd| parties.iter().any(|p| is(end, &all.env, p));
            if !there(&d.from) || !there(&d.to) {
                continue;
            }
            let words: Vec<String> = d.ports.iter().map(|p| format!("{} {}", p.protocol, p.port)).collect();
            let name = |end: &FlowEnd| match end {
                FlowEnd::Component(id) => format!("{}.{id}", all.env),
                FlowEnd::Elsewhere(e, s) => format!("{e}.service.{s}"),
                FlowEnd::Internet => "internet".into(),
                FlowEnd::Outside => "vpn".into(),
                FlowEnd::Services => "AWS's services".into(),
                FlowEnd::Balancers => format!("the load balancers of {}", all.env),
            };
            let find =
                |end: &FlowEnd| parties.iter().position(|p| is(end, &all.env, p)).map(|n| NodeId(n as u32));
            let possible = match (find(&d.from), find(&d.to)) {
                (Some(from), Some(to)) if v == Verdict::NotProved => prover.engine.witness(&Ask {
                    from,
                    to,
                    family: Family::V4,
                    question: Question::Completes,
                    bound: Bound::May,
                    ways: Ways::ALL,
                    within: Some(ports(&d.ports, Family::V4)),
                }),
                _ => None,
            };
            let doubts = possible.as_ref().map(|w| w.doubts.clone()).unwrap_or_default();
            let blocked = match (find(&d.from), find(&d.to), d.ports.first()) {
                (Some(a), Some(b), Some(p)) if v == Verdict::Refuted => {
                    let protocol = if p.protocol == "udp" { 17 } else { 6 };
                    prover.engine.blocked(a, b, Family::V4, protocol, p.port)
                }
                _ => None,
            };
            missing.push((
                v,
                Case {
                    from: name(&d.from),
                    to: name(&d.to),
                    traffic: format!("{} ({})", words.join(", "), d.by),
                    when: String::new(),
                    witness: possible,
                    blocked,
                    doubts,
                },
            ));
        }
    }
    Ok(vec![
        summed(
            block,
            "exactly: nothing but what is declared",
            extra.into_iter().map(|(v, c, _, _)| (v, c)).collect(),
        ),
        summed(block, "exactly: everything that is declared", missing),
    ])
}

fn same(a: &Party, b: &Party) -> bool {
    // Members of one component are one; endpoints and load balancers pass on.
    a == b
}

fn summed(block: &Prove, property: &str, mut cases: Vec<(Verdict, Case)>) -> Finding {
    cases.sort_by_key(|(v, _)| std::cmp::Reverse(*v));
    let verdict = cases.first().map_or(Verdict::Proved, |(v, _)| *v);
    let more = cases.len().saturating_sub(5);
    let cases = cases.into_iter().take(5).map(|(_, c)| c).collect();
    Finding {
        block: block.name.clone(),
        property: property.into(),
        span: Some(block.span),
        verdict,
        cases,
        more,
        note: String::new(),
        absent: false,
    }
}

#[allow(clippy::too_many_arguments, reason = "they are the parts of one question")]
fn case(
    prover: &Prover<'_>,
    (a, b): (NodeId, NodeId),
    (from, to): (&Party, &Party),
    family: Family,
    bound: Bound,
    ways: Ways,
    what: Traffic,
) -> Case {
    let ip = if family == Family::V4 { "IPv4" } else { "IPv6" };
    let both = prover.travels(a, b, family, Question::Completes, bound, ways).and(&what);
    let (question, within) = match both.is_empty() {
        false => (Question::Completes, Some(both)),
        true => (Question::Delivered, Some(what.clone())),
    };
    let witness = prover.engine.witness(&Ask { from: a, to: b, family, question, bound, ways, within });
    let doubts = witness.as_ref().map(|w| w.doubts.clone()).unwrap_or_default();
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
    }
}

/// Outside of manifests, what `always` says is all that is declared.
fn listed(prover: &Prover<'_>, ends: &Ends<'_>, block: &Prove) -> Result<Finding, Failed> {
    let mut allowed: Vec<(End, End, Option<Only>)> = Vec::new();
    for (text, span) in &block.always {
        let at = |e: String| (e, Some(*span));
        let f = Flow::parse(text).map_err(at)?;
        allowed.push((ends.find(&f.from).map_err(at)?, ends.find(&f.to).map_err(at)?, f.only));
    }
    let mut extra = Vec::new();
    for (a, b, _) in prover.pairs(Ways::ALL).nodes() {
        for family in Family::BOTH {
            let mut rest = prover.travels(a, b, family, Question::Delivered, Bound::May, Ways::ALL);
            for (from, to, only) in &allowed {
                if from.nodes.contains(&a) && to.nodes.contains(&b) {
                    rest = rest.minus(&traffic(only.as_ref(), family));
                }
            }
            if rest.is_empty() {
                continue;
            }
            let must = prover.travels(a, b, family, Question::Delivered, Bound::Must, Ways::ALL).and(&rest);
            let (v, bound, what) = if must.is_empty() {
                (Verdict::NotProved, Bound::May, rest)
            } else {
                (Verdict::Refuted, Bound::Must, must)
            };
            let (from, to) = (Party::Other(ends.name(a)), Party::Other(ends.name(b)));
            extra.push((v, case(prover, (a, b), (&from, &to), family, bound, Ways::ALL, what)));
        }
    }
    Ok(summed(block, "exactly: nothing but what always says", extra))
}
