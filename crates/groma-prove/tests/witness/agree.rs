//! The engine and the simulator say the same of random networks.

use crate::ask::{Asker, Bounds, Seen, What};
use crate::concrete::{Concrete, resolve};
use crate::dump::dump;
use crate::generate::{Style, generate};
use crate::probe::Probes;
use crate::rng::Rng;
use groma_prove::engine::Engine;
use groma_prove::model::*;
use groma_prove::ports::Family;
use groma_prove::reach::{AllPairs, Bound, Question, Ways};
use std::collections::HashSet;
use std::fmt::Write as _;

/// How many disagreements are told, each of another network or of another kind.
const TOLD: usize = 25;

/// How everything begins that travels although the engine says that it cannot.
const FALSE_ISOLATION: &str = "FALSE ISOLATION";

/// Whether more is asked of the engine than that it is right where the documentation of
/// AWS is, and never says without reason that something cannot travel
/// (`GROMA_WITNESS_STRICT`): that what it is sure of holds where nobody documents it, and for
/// an internet of IPv6 that is 2000::/3.
pub fn strict() -> bool {
    std::env::var_os("GROMA_WITNESS_STRICT").is_some()
}

/// Whether an end is the internet, over IPv6.
pub fn internet_six(net: &Network, from: NodeId, to: NodeId, four: bool) -> bool {
    !four && [from, to].iter().any(|n| net.nodes[n.index()].kind == NodeKind::Internet)
}

/// Nodes that send and accept.
pub fn ends(net: &Network) -> Vec<NodeId> {
    let passes = |node: NodeId| {
        net.interfaces.iter().any(|i| {
            i.node == node
                && matches!(
                    i.kind,
                    InterfaceKind::Nat | InterfaceKind::Inspection | InterfaceKind::Attachment
                )
        })
    };
    (0..net.nodes.len() as u32).map(NodeId).filter(|n| !passes(*n)).collect()
}

/// What to tell of an answer that the simulator contradicts. `who`: the network and both ends.
fn disagreement(
    who: &str,
    question: Question,
    wrong: &str,
    claim: Bounds,
    seen: &Seen,
    way: String,
) -> String {
    format!("{who}, {question:?}: {wrong}\n  engine {claim:?}\n  simulator {seen:?}\n{way}")
}

/// Whether both ends are outside: all addresses with all others are too many to try.
fn strangers(net: &Network, from: NodeId, to: NodeId) -> bool {
    [from, to].iter().all(|n| !matches!(net.nodes[n.index()].kind, NodeKind::Resource(_)))
}

/// Services answer, they open nothing; so do the interfaces of endpoints.
pub fn opens(net: &Network, node: NodeId) -> bool {
    !matches!(net.nodes[node.index()].kind, NodeKind::Service(_))
        && !net.interfaces.iter().any(|i| i.node == node && i.kind == InterfaceKind::Endpoint)
}

/// Some packets of one family.
fn samples(rng: &mut Rng, probes: &Probes, four: bool) -> Vec<What> {
    let mut all = Vec::new();
    for _ in 0..3 {
        all.push(What { four, protocol: 6, port: *rng.pick(&probes.ports) });
    }
    all.push(What { four, protocol: 6, port: *rng.pick(&[22, 80, 443]) });
    all.push(What { four, protocol: 17, port: *rng.pick(&probes.ports) });
    let kinds: &[u16] = if four { &[8 << 8, 0, 3 << 8 | 4] } else { &[128 << 8, 129 << 8] };
    all.push(What { four, protocol: if four { 1 } else { 58 }, port: *rng.pick(kinds) });
    if rng.percent(50) {
        all.push(What { four, protocol: 47, port: 0 });
    }
    all
}

fn family(four: bool) -> Family {
    if four { Family::V4 } else { Family::V6 }
}

fn claimed(all: &AllPairs, from: NodeId, to: NodeId, what: What, question: Question) -> Bounds {
    let Some(reach) = all.get(from, to) else { return Bounds::default() };
    let family = family(what.four);
    let has = |bound| reach.get(family, question, bound).contains(family, what.protocol, what.port);
    Bounds { may: has(Bound::May), must: has(Bound::Must), everywhere: has(Bound::Everywhere) }
}

/// A disagreement, told so that it can be repeated.
#[derive(Default)]
pub struct Report {
    count: usize,
    told: HashSet<(u64, &'static str, Question)>,
    text: String,
}

impl Report {
    pub fn add(&mut self, key: (u64, &'static str, Question), line: impl FnOnce() -> String) {
        self.count += 1;
        if self.told.len() < TOLD && self.told.insert(key) {
            let _ = writeln!(self.text, "{}", line());
        }
    }
}

fn only_seed() -> Option<u64> {
    std::env::var("GROMA_WITNESS_SEED").ok().and_then(|s| s.parse().ok())
}

/// `GROMA_WITNESS_SEED` asks one network only and shows it; `GROMA_WITNESS_SHARE` asks a
/// part of them, in percent.
fn seeds(start: u64, count: u64) -> Vec<u64> {
    let share = std::env::var("GROMA_WITNESS_SHARE").ok().and_then(|s| s.parse::<u64>().ok());
    let count = count * share.unwrap_or(100) / 100;
    only_seed().map_or_else(|| (start..start + count).collect(), |seed| vec![seed])
}

/// What to call a node.
pub trait NodeNames {
    fn called(&self, node: NodeId) -> String;
}

impl NodeNames for Network {
    fn called(&self, node: NodeId) -> String {
        format!("{} (node {})", self.items[self.nodes[node.index()].item.index()].name, node.0)
    }
}

/// Without doubts, what may be is what must be, and both are what the simulator sees.
fn exact(seed: u64, style: Style, ways: Ways, report: &mut Report) -> (usize, usize) {
    let net = generate(seed, style);
    let mut rng = Rng::new(seed ^ 0xabcd);
    let world = resolve(&net, &mut rng);
    let probes = Probes::new(&net);
    let asker = Asker::new(&world, &probes, ways.public);
    let over_internet = Asker::new(&world, &probes, true);
    let engine = Engine::new(&net);
    let all = engine.reach_all(ways);
    let (mut asked, mut open) = (0, 0);
    for from in ends(&net) {
        if !opens(&net, from) {
            continue;
        }
        for to in ends(&net) {
            if from == to {
                continue;
            }
            for four in [true, false] {
                for what in samples(&mut rng, &probes, four) {
                    // IPv6 over internet gateways counts as private, too.
                    let asker = if four { &asker } else { &over_internet };
                    let seen = asker.seen(from, to, what);
                    asked += 1;
                    open += usize::from(seen.completes.may);
                    for question in Question::BOTH {
                        let claim = claimed(&all, from, to, what, question);
                        if let Some(wrong) = contradiction(&seen, question, claim, four) {
                            let lenient = !strict() && internet_six(&net, from, to, four);
                            if lenient && !wrong.starts_with(FALSE_ISOLATION) {
                                continue;
                            }
                            report.add((seed, wrong, question), || {
                                let ends = (net.called(from), net.called(to));
                                let who = format!("seed {seed}: {} -> {}, {what:?}", ends.0, ends.1);
                                disagreement(&who, question, wrong, claim, &seen, asker.tell(from, to, what))
                            });
                        }
                    }
                }
            }
        }
    }
    (asked, open)
}

fn contradiction(seen: &Seen, question: Question, claim: Bounds, four: bool) -> Option<&'static str> {
    let saw = match question {
        Question::Delivered => seen.delivered,
        Question::Completes => seen.completes,
    };
    if saw.may && !claim.may {
        return Some("FALSE ISOLATION: it travels, and the engine says that it cannot");
    }
    if claim.must && !saw.must {
        return Some("the engine says that it surely works, and it does not");
    }
    if claim.everywhere && !saw.everywhere {
        return Some("the engine says that it works from or to everywhere, and it does not");
    }
    if seen.by_chance {
        return None;
    }
    if claim.may && !saw.may {
        return Some("it cannot travel, and the engine is not sure");
    }
    if saw.must && !claim.must {
        return Some("it surely works, and the engine is not sure");
    }
    // The engine counts all of IPv6 as the internet, translated addresses included.
    if four && saw.everywhere && !claim.everywhere {
        return Some("it works from or to everywhere, and the engine is not sure");
    }
    None
}

fn sure(asker: &Asker<'_>, from: NodeId, to: NodeId, what: What, question: Question) -> bool {
    if !asker.has_addresses(from, what.four) || !asker.has_addresses(to, what.four) {
        // An outside network whose ranges are unknown turned out to have none of these.
        return true;
    }
    let seen = asker.seen(from, to, what);
    match question {
        Question::Delivered => seen.delivered.must,
        Question::Completes => seen.completes.must,
    }
}

/// With doubts: what travels in some world may travel; what must work works in all.
fn bounds(seed: u64, style: Style, ways: Ways, report: &mut Report) -> (usize, usize) {
    let net = generate(seed, style);
    let mut rng = Rng::new(seed ^ 0x1234);
    let probes = Probes::new(&net);
    let engine = Engine::new(&net);
    let all = engine.reach_all(ways);
    let worlds: Vec<Concrete> = (0..5).map(|_| resolve(&net, &mut rng)).collect();
    let (mut asked, mut open) = (0, 0);
    for world in &worlds {
        let asker = Asker::new(world, &probes, ways.public);
        let over_internet = Asker::new(world, &probes, true);
        for from in ends(&net) {
            if !opens(&net, from) {
                continue;
            }
            for to in ends(&net) {
                // A service's own addresses are on the internet, too: another way.
                let service = matches!(net.nodes[to.index()].kind, NodeKind::Service(_));
                if from == to || service && ways.public || strangers(&net, from, to) {
                    continue;
                }
                for four in [true, false] {
                    let mut samples = samples(&mut rng, &probes, four);
                    samples.truncate(3 + rng.below(4));
                    for what in samples {
                        let asker = if four { &asker } else { &over_internet };
                        let (delivered, completes) = asker.glance(from, to, what, &mut rng);
                        asked += 1;
                        open += usize::from(completes);
                        for question in Question::BOTH {
                            let claim = claimed(&all, from, to, what, question);
                            let saw = match question {
                                Question::Delivered => delivered,
                                Question::Completes => completes,
                            };
                            let wrong = if saw && !claim.may {
                                "FALSE ISOLATION: it travels in a world that is possible"
                            } else if claim.must && !sure(asker, from, to, what, question) {
                                "the engine says that it surely works; in a possible world it does not"
                            } else {
                                continue;
                            };
                            let seen = asker.seen(from, to, what);
                            let lenient = !strict() && (seen.by_chance || internet_six(&net, from, to, four));
                            if lenient && !wrong.starts_with(FALSE_ISOLATION) {
                                continue;
                            }
                            report.add((seed, wrong, question), || {
                                let ends = (net.called(from), net.called(to));
                                let who = format!("seed {seed}: {} -> {}, {what:?}", ends.0, ends.1);
                                disagreement(&who, question, wrong, claim, &seen, asker.tell(from, to, what))
                            });
                        }
                    }
                }
            }
        }
    }
    (asked, open)
}

pub fn run(
    what: &str,
    start: u64,
    count: u64,
    network: impl Fn(u64) -> Network,
    one: impl Fn(u64, &mut Report) -> (usize, usize) + Sync,
) {
    let list = seeds(start, count);
    let next = std::sync::atomic::AtomicUsize::new(0);
    let results = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let mut report = Report::default();
                    let (mut asked, mut open) = (0, 0);
                    loop {
                        let at = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                        let Some(seed) = list.get(at) else { break };
                        let (a, o) = one(*seed, &mut report);
                        asked += a;
                        open += o;
                    }
                    (report, asked, open)
                })
            })
            .collect();
        workers.into_iter().map(|w| w.join().expect("a worker panicked")).collect::<Vec<_>>()
    });
    let asked: usize = results.iter().map(|r| r.1).sum();
    let open: usize = results.iter().map(|r| r.2).sum();
    let wrong: usize = results.iter().map(|r| r.0.count).sum();
    eprintln!(
        "{what}: {} networks, {asked} questions, {open} of them answered yes, {wrong} contradictions",
        list.len()
    );
    if let (Some(seed), true) = (only_seed(), wrong > 0) {
        eprintln!("seed {seed}:\n{}", dump(&network(seed)));
    }
    let text: String = results.iter().map(|r| r.0.text.as_str()).collect();
    assert!(wrong == 0, "{wrong} contradictions\n{text}");
    assert!(only_seed().is_some() || open * 200 > asked, "too few connections to learn from");
}

#[test]
fn certain_networks_are_decided_exactly() {
    let style = Style::default();
    run("exact", 0, 700, |s| generate(s, style), |seed, report| exact(seed, style, Ways::NETWORK, report));
}

#[test]
fn public_addresses_are_ways_too() {
    let ways = Ways { public: true, relays: false };
    let style = Style::default();
    run("public", 10_000, 300, |s| generate(s, style), |seed, report| bounds(seed, style, ways, report));
}

#[test]
fn classes_hold_for_every_address() {
    let style = Style { classes: true, ..Style::default() };
    run(
        "classes",
        20_000,
        300,
        |s| generate(s, style),
        |seed, report| bounds(seed, style, Ways::NETWORK, report),
    );
}

#[test]
fn appliances_do_what_they_like() {
    let style = Style { appliances: true, ..Style::default() };
    run(
        "appliances",
        30_000,
        20,
        |s| generate(s, style),
        |seed, report| bounds(seed, style, Ways::NETWORK, report),
    );
}

#[test]
fn doubtful_networks_are_bounded() {
    let style = Style { doubts: true, classes: true, appliances: true, ..Style::default() };
    run(
        "doubts",
        40_000,
        300,
        |s| generate(s, style),
        |seed, report| bounds(seed, style, Ways::NETWORK, report),
    );
}
