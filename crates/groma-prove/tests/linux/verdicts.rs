//! Probes, and what all three witnesses say of them.

use crate::concrete::{Concrete, resolve};
use crate::generate::{Style, generate};
use crate::realise::{HOSTS, realise};
use crate::rng::Rng;
use crate::sim::{End, Packet, Sim, TCP, UDP};
use crate::spaces::Spaces;
use groma_prove::engine::Engine;
use groma_prove::model::*;
use groma_prove::ports::Family;
use groma_prove::reach::{Bound, Question, Ways};
use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::net::IpAddr;
use std::time::Duration;

/// How many networks are built.
const NETWORKS: u64 = 24;
/// How many connections are tried in each.
const PROBES: usize = 90;
/// Ports on which everybody listens.
const PORTS: [u16; 7] = [22, 53, 80, 443, 1023, 1024, 8080];

/// A connection that is tried.
#[derive(Clone, Debug)]
struct Probe {
    from: End,
    to: End,
    packet: Packet,
}

fn space(end: End) -> String {
    match end {
        End::Member(member) => format!("i{member}"),
        _ => "x".to_owned(),
    }
}

fn node(world: &Concrete, end: End) -> NodeId {
    match end {
        End::Member(member) => world.interface(member).node,
        _ => NodeId(0),
    }
}

/// What there is to try: pairs of instances by private and public addresses, hosts of
/// the internet both ways.
fn probes(world: &Concrete, rng: &mut Rng) -> Vec<Probe> {
    let hosts: Vec<IpAddr> = HOSTS.iter().map(|h| h.parse().expect("an address")).collect();
    let instances: Vec<usize> =
        (0..world.members.len()).filter(|m| world.interface(*m).kind == InterfaceKind::Ordinary).collect();
    let mut sources: Vec<(End, IpAddr)> = hosts.iter().map(|h| (End::Internet, *h)).collect();
    let mut targets = sources.clone();
    for member in &instances {
        for address in &world.members[*member].addresses {
            // More often than the internet's hosts.
            for _ in 0..3 {
                sources.push((End::Member(*member), *address));
                targets.push((End::Member(*member), *address));
            }
        }
        if let Some(public) = world.members[*member].public {
            targets.push((End::Member(*member), IpAddr::V4(public)));
        }
    }
    let mut seen = HashSet::new();
    let mut all = Vec::new();
    for _ in 0..PROBES * 20 {
        let ((from, src), (to, dst)) = (*rng.pick(&sources), *rng.pick(&targets));
        if from == to || src.is_ipv4() != dst.is_ipv4() {
            continue;
        }
        let protocol = if rng.percent(60) { TCP } else { UDP };
        let dport = *rng.pick(&PORTS);
        if !seen.insert((src, dst, protocol, dport)) {
            continue;
        }
        let sport = if from == End::Internet {
            1100 + all.len() as u16
        } else {
            *rng.pick(&[32768, 45000, 60000]) + all.len() as u16
        };
        all.push(Probe { from, to, packet: Packet { src, dst, protocol, sport, dport } });
        if all.len() == PROBES {
            break;
        }
    }
    all
}

/// What the kernel did with a probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Real {
    /// Of UDP only: the datagram arrived.
    delivered: Option<bool>,
    completes: bool,
}

/// Tries the probes, all at once.
fn attempt(
    spaces: &mut Spaces,
    probes: &[(usize, &Probe)],
    millis: u64,
    round: u32,
) -> Result<Vec<Real>, String> {
    let id = |index: usize| format!("p{round}.{index}");
    for (index, probe) in probes {
        let p = probe.packet;
        let protocol = if p.protocol == TCP { "tcp" } else { "udp" };
        let line =
            format!("probe {} {protocol} {} {} {} {} {millis}", id(*index), p.src, p.sport, p.dst, p.dport);
        spaces.tell(&space(probe.from), &line)?;
    }
    let patience = Duration::from_millis(millis + 20_000);
    let mut answers = HashMap::new();
    for line in spaces.hear(probes.len(), patience)? {
        let (id, answer) = line.split_once(' ').unwrap_or((&line, ""));
        answers.insert(id.to_owned(), answer.to_owned());
    }
    let datagrams: Vec<&(usize, &Probe)> = probes.iter().filter(|(_, p)| p.packet.protocol == UDP).collect();
    for (index, probe) in &datagrams {
        spaces.tell(&space(probe.to), &format!("got {}", id(*index)))?;
    }
    let got: HashSet<String> = spaces
        .hear(datagrams.len(), patience)?
        .into_iter()
        .filter_map(|line| line.strip_suffix(" got").map(str::to_owned))
        .collect();
    probes
        .iter()
        .map(|(index, probe)| {
            let completes = match answers.get(&id(*index)).map(String::as_str) {
                Some("yes") => true,
                Some("no") => false,
                other => return Err(format!("{probe:?}: {other:?}")),
            };
            let delivered = (probe.packet.protocol == UDP).then(|| got.contains(&id(*index)));
            Ok(Real { delivered, completes })
        })
        .collect()
}

fn simulate(world: &Concrete, probe: &Probe, trace: bool) -> (bool, bool, bool, Vec<String>) {
    let mut sim = Sim::new(world, 1);
    sim.nat_port = probe.packet.sport;
    sim.trace = trace;
    let outcome = sim.connect(probe.from, probe.packet);
    let delivered = outcome.delivered.as_ref().is_ok_and(|end| *end == probe.to);
    let completes = delivered && outcome.completes();
    let mut hops = outcome.hops;
    if trace {
        hops.push(format!("{:?}, answer {:?}", outcome.delivered, outcome.answered));
    }
    (delivered, completes, outcome.by_chance, hops)
}

/// What one network showed.
#[derive(Default)]
struct Tally {
    probes: usize,
    connected: usize,
    wrong: Vec<String>,
}

fn one(seed: u64) -> Result<Tally, String> {
    let style = Style { linux: true, ..Style::default() };
    let net = generate(seed, style);
    let mut rng = Rng::new(seed);
    let world = resolve(&net, &mut rng);
    let probes = probes(&world, &mut rng);
    let mut spaces = Spaces::new(format!("gpw{}-{seed}-", std::process::id()), &realise(&world))?;
    let mut names = vec![("x".to_owned(), HOSTS.map(str::to_owned).to_vec())];
    for member in 0..world.members.len() {
        if world.interface(member).kind == InterfaceKind::Ordinary {
            let addresses = world.members[member].addresses.iter().map(ToString::to_string).collect();
            names.push((format!("i{member}"), addresses));
        }
    }
    let ports = PORTS.map(|p| p.to_string()).join(",");
    for (name, addresses) in &names {
        spaces.start(name)?;
        for address in addresses {
            spaces.tell(name, &format!("listen {address} {ports}"))?;
        }
        spaces.tell(name, "ready")?;
    }
    spaces.hear(names.len(), Duration::from_secs(30))?;

    let certain: Vec<(usize, &Probe)> =
        probes.iter().enumerate().filter(|(_, p)| !simulate(&world, p, false).2).collect();
    let mut real = attempt(&mut spaces, &certain, 1500, 0)?;
    // A busy machine may be slow: what differs is tried again with patience.
    let differs = |(_, probe): &(usize, &Probe), real: &Real| {
        let (delivered, completes, ..) = simulate(&world, probe, false);
        real.completes != completes || real.delivered.is_some_and(|d| d != delivered)
    };
    for round in 1..3 {
        let again: Vec<usize> = (0..certain.len()).filter(|i| differs(&certain[*i], &real[*i])).collect();
        if again.is_empty() {
            break;
        }
        let list: Vec<(usize, &Probe)> = again.iter().map(|i| certain[*i]).collect();
        for (at, result) in again.iter().zip(attempt(&mut spaces, &list, 4000, round)?) {
            real[*at] = result;
        }
    }
    let engine = Engine::new(&net);
    let private = engine.reach_all(Ways::NETWORK);
    let everything = engine.reach_all(Ways { public: true, relays: false });
    let mut tally = Tally { probes: certain.len(), ..Tally::default() };
    for ((index, probe), real) in certain.iter().zip(&real) {
        tally.connected += usize::from(real.completes);
        let told = |what: &str| {
            let mut text = format!("seed {seed}, probe {index}: {what}\n  {probe:?}\n  kernel {real:?}\n");
            for hop in simulate(&world, probe, true).3 {
                let _ = writeln!(text, "    {hop}");
            }
            text
        };
        if differs(&(*index, probe), real) {
            tally.wrong.push(told("the kernel and the simulator differ"));
        }
        let (from, to) = (node(&world, probe.from), node(&world, probe.to));
        let family = if probe.packet.src.is_ipv4() { Family::V4 } else { Family::V6 };
        let says = |all: &groma_prove::reach::AllPairs, question, bound| {
            all.get(from, to).is_some_and(|r| {
                r.get(family, question, bound).contains(family, probe.packet.protocol, probe.packet.dport)
            })
        };
        let questions = [(Question::Completes, Some(real.completes)), (Question::Delivered, real.delivered)];
        for (question, really) in questions {
            let Some(really) = really else { continue };
            if really && !says(&everything, question, Bound::May) {
                tally
                    .wrong
                    .push(told("FALSE ISOLATION: a real packet travels, the engine says that it cannot"));
            }
            // By private addresses, or with the internet: there every host counts.
            let direct = world.members.iter().any(|m| m.addresses.contains(&probe.packet.dst));
            let outside = probe.from == End::Internet || probe.to == End::Internet;
            let sure = if outside { Bound::Everywhere } else { Bound::Must };
            if !really && (direct || outside) && says(&private, question, sure) {
                tally.wrong.push(told("the engine says that it surely works, and no real packet comes"));
            }
        }
    }
    Ok(tally)
}

/// All networks, two at a time.
pub fn compare() -> Result<(), String> {
    let only = std::env::var("GROMA_WITNESS_SEED").ok().and_then(|s| s.parse().ok());
    let seeds: Vec<u64> = only.map_or_else(|| (0..NETWORKS).collect(), |seed| vec![seed]);
    let next = std::sync::atomic::AtomicUsize::new(0);
    let results: Vec<Result<Tally, String>> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    let mut all = Vec::new();
                    loop {
                        let at = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                        let Some(seed) = seeds.get(at) else { break all };
                        all.push(one(*seed).map_err(|e| format!("seed {seed}: {e}")));
                    }
                })
            })
            .collect();
        workers.into_iter().flat_map(|w| w.join().expect("a worker panicked")).collect()
    });
    let (mut probes, mut connected, mut wrong) = (0, 0, Vec::new());
    for result in results {
        let tally = result?;
        probes += tally.probes;
        connected += tally.connected;
        wrong.extend(tally.wrong);
    }
    eprintln!(
        "{} networks, {probes} connections tried, {connected} completed, {} contradictions",
        seeds.len(),
        wrong.len()
    );
    if !wrong.is_empty() {
        wrong.truncate(8);
        return Err(wrong.join("\n"));
    }
    if only.is_none() && connected * 20 < probes {
        return Err("too few connections to learn from".to_owned());
    }
    Ok(())
}
