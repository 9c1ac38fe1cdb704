//! Properties, and what becomes of them.

use super::ends::{End, Ends};
use super::world::Staged;
use groma_lang::Span;
use groma_platform::Prove;
use groma_platform::flow::{Flow, Only};
use groma_prove::change::zones;
use groma_prove::engine::{Ask, Crossing, Engine};
use groma_prove::extract;
use groma_prove::model::{Network, NodeId, NodeKind, Protocol};
use groma_prove::ports::{Family, PortSet, TCP, Traffic, UDP};
use groma_prove::reach::{AllPairs, Bound, Question, Ways};
use groma_prove::witness::{Blocked, Uncertain, Witness};
use std::cell::OnceCell;

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It holds, whatever is unknown turns out to be.
    Proved,
    /// It may or may not hold: something is unknown.
    NotProved,
    /// It does not hold.
    Refuted,
}

/// A property with its verdict.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The block's name.
    pub block: String,
    /// For people: `never staging -> prod`.
    pub property: String,
    /// Where it is written.
    pub span: Option<Span>,
    /// What was found.
    pub verdict: Verdict,
    /// The counterexample, or what is only possible.
    pub cases: Vec<Case>,
    /// More of the same kind that are not shown.
    pub more: usize,
    /// A sentence, where there is something to be said.
    pub note: String,
    /// Whether there is nothing at one of its ends.
    pub absent: bool,
}

/// One case.
#[derive(Clone, Debug)]
pub struct Case {
    /// From, as people see it.
    pub from: String,
    /// To.
    pub to: String,
    /// What travels: `tcp 443`.
    pub traffic: String,
    /// When: `when eu-west-1a is lost`, or empty.
    pub when: String,
    /// The way, where there is one.
    pub witness: Option<Witness>,
    /// What stops it, where something should travel and does not.
    pub blocked: Option<Blocked>,
    /// What it depends on.
    pub doubts: Vec<Uncertain>,
}

const NOTHING_THERE: &str = "there is nothing at one of its ends";

/// How many cases of a property are shown.
const SHOWN: usize = 3;

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
    fn without_zone(network: &'n Network, ends: &'n Ends<'n>, zone: &str) -> Prover<'n> {
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

    /// Cases in which something travels from one end to another that must not.
    pub fn crossing(
        &self,
        from: &End,
        to: &End,
        only: Option<&Only>,
        ways: Ways,
        when: &str,
    ) -> (Verdict, Vec<Case>) {
        let (mut verdict, mut cases) = (Verdict::Proved, Vec::new());
        let q = Question::Delivered;
        for &a in &from.nodes {
            for &b in to.nodes.iter().filter(|b| **b != a) {
                for family in Family::BOTH {
                    let within = traffic(only, family);
                    let may = self.travels(a, b, family, q, Bound::May, ways).and(&within);
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
                    let doubts = witness.as_ref().map(|w| w.doubts.clone()).unwrap_or_default();
                    let case = self.case(a, b, family, &what, when);
                    cases.push((this, Case { witness, doubts, ..case }));
                }
            }
        }
        cases.sort_by_key(|(v, _)| std::cmp::Reverse(*v));
        let cases = cases.into_iter().filter(|(v, _)| *v == verdict).map(|(_, c)| c).collect();
        (verdict, cases)
    }

    fn case(&self, a: NodeId, b: NodeId, family: Family, what: &Traffic, when: &str) -> Case {
        let ip = if family == Family::V4 { "IPv4" } else { "IPv6" };
        Case {
            from: self.ends.name(a),
            to: self.ends.name(b),
            traffic: format!("{what} over {ip}"),
            when: when.to_owned(),
            witness: None,
            blocked: None,
            doubts: Vec::new(),
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
                let doubts = w.as_ref().map(|w| w.doubts.clone()).unwrap_or_default();
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
/// everybody may, gains nothing by being inside. A relay is public if every address of
/// the internet surely reaches it on all ports on which it accepts.
pub fn without_front_doors(prover: &Prover<'_>) -> Network {
    let mut network = prover.network.clone();
    let Some(internet) = prover.engine.internet() else { return network };
    network.relays.retain(|r| {
        let reach = prover.engine.reach(internet, r.from, Ways::NETWORK);
        let open = |family: Family| {
            let all = reach.get(family, Question::Completes, Bound::Everywhere);
            let accepts = match r.accepts {
                Some((p, ports)) => Traffic::of_rule(family, p, Some(ports), None),
                None => Traffic::all(family),
            };
            !accepts.is_empty() && accepts.minus(all).is_empty()
        };
        !open(Family::V4)
    });
    network
}

/// What is proved about.
pub struct About<'a> {
    /// The world, with its steps.
    pub staged: &'a Staged,
    /// Its network, with labels.
    pub network: &'a Network,
    /// What `exactly` allows, where a manifest says: see [`super::exact`].
    pub declared: &'a [super::exact::Allowed],
}

/// All properties of some blocks. On failure: what is wrong, and where.
pub fn prove(about: &About<'_>, blocks: &[Prove]) -> Result<Vec<Finding>, (String, Option<Span>)> {
    let ends = Ends::new(about.network, about.staged);
    let prover = Prover::new(about.network, &ends);
    let inside = without_front_doors(&prover);
    let inner = Prover::new(&inside, &ends);
    let mut out = Vec::new();
    for block in blocks {
        one(about, &prover, &inner, block, &mut out)?;
    }
    Ok(out)
}

struct Asked {
    text: String,
    span: Span,
    from: End,
    to: End,
    only: Option<Only>,
}

fn asked(ends: &Ends<'_>, list: &[(String, Span)]) -> Result<Vec<Asked>, (String, Option<Span>)> {
    let mut out = Vec::new();
    for (text, span) in list {
        let at = |e: String| (e, Some(*span));
        let f = Flow::parse(text).map_err(at)?;
        if let Some(kind) = f.from.strip_suffix(".other").or_else(|| f.to.strip_suffix(".other")) {
            // One for each environment of the kind, against all others.
            for (a, b) in others(ends, kind) {
                let (from, to) = if f.from.ends_with(".other") { (b, a) } else { (a, b) };
                out.push(Asked { text: text.clone(), span: *span, from, to, only: f.only });
            }
            continue;
        }
        let (from, to) = (ends.find(&f.from).map_err(at)?, ends.find(&f.to).map_err(at)?);
        out.push(Asked { text: text.clone(), span: *span, from, to, only: f.only });
    }
    Ok(out)
}

/// Each environment of a kind, and all others of it.
fn others(ends: &Ends<'_>, kind: &str) -> Vec<(End, End)> {
    let Ok(all) = ends.find(kind) else { return Vec::new() };
    let mut by_env: std::collections::BTreeMap<String, Vec<NodeId>> = Default::default();
    for n in all.nodes {
        by_env.entry(ends.environment(n).to_owned()).or_default().push(n);
    }
    let of = |text: &str, nodes: Vec<NodeId>| End { text: text.to_owned(), nodes, part: false };
    by_env
        .keys()
        .map(|env| {
            let rest = by_env.iter().filter(|(e, _)| *e != env).flat_map(|(_, n)| n.clone()).collect();
            (of(env, by_env[env].clone()), of("the others", rest))
        })
        .collect()
}

fn one<'a>(
    about: &About<'_>,
    prover: &'a Prover<'a>,
    inner: &'a Prover<'a>,
    block: &Prove,
    out: &mut Vec<Finding>,
) -> Result<(), (String, Option<Span>)> {
    let ends = prover.ends;
    let finding = |property: String, span: Span, found: (Verdict, Vec<Case>)| {
        let (verdict, mut cases) = found;
        let more = cases.len().saturating_sub(SHOWN);
        cases.truncate(SHOWN);
        Finding {
            block: block.name.clone(),
            property,
            span: Some(span),
            verdict,
            cases,
            more,
            note: String::new(),
            absent: false,
        }
    };
    for (list, is_never) in [(&block.never, true), (&block.always, false)] {
        let mut by_text: Vec<(String, Span, Verdict, Vec<Case>, &str)> = Vec::new();
        for a in asked(ends, list)? {
            let found = if is_never {
                never(prover, inner, block, (&a.from, &a.to), a.only.as_ref(), "")
            } else {
                prover.works(&a.from, &a.to, a.only.as_ref(), false, "")
            };
            let note = if a.from.nodes.is_empty() || a.to.nodes.is_empty() {
                NOTHING_THERE
            } else if found.0 == Verdict::NotProved && (a.from.part || a.to.part) {
                "what is found may not be, or only in part be, what an end names"
            } else {
                ""
            };
            match by_text.iter_mut().find(|(t, ..)| *t == a.text) {
                Some((_, _, v, cases, of_all)) => {
                    *v = (*v).max(found.0);
                    cases.extend(found.1);
                    *of_all = if *of_all == note { note } else { "" };
                }
                None => by_text.push((a.text, a.span, found.0, found.1, note)),
            }
        }
        let word = if is_never { "never" } else { "always" };
        for (text, span, v, cases, note) in by_text {
            // Nothing reaches nothing: that is what `never` wants, and not what `always` does.
            let mut f = finding(format!("{word} {text}"), span, (v, cases));
            f.note = note.into();
            f.absent = note == NOTHING_THERE;
            out.push(f);
        }
        // Of kinds of which there are none: nothing can be said against it.
        for (text, span) in list.iter().filter(|(t, _)| t.contains(".other")) {
            if !out.iter().any(|f| f.property == format!("{word} {text}")) {
                let mut f = finding(format!("{word} {text}"), *span, (Verdict::Proved, Vec::new()));
                f.note = "there is no environment of this kind".into();
                out.push(f);
            }
        }
    }
    for (text, span) in &block.no_egress {
        let from = ends.find(text).map_err(|e| (e, Some(*span)))?;
        let (mut verdict, mut cases) = (Verdict::Proved, Vec::new());
        for to in ["internet", "vpn"] {
            let to = ends.find(to).unwrap_or_default();
            let found = prover.crossing(&from, &to, None, Ways::ALL, "");
            verdict = verdict.max(found.0);
            cases.extend(found.1);
        }
        out.push(finding(format!("no_egress {text}"), *span, (verdict, cases)));
    }
    for (list, nat, word) in [(&block.nat, true, "nat"), (&block.firewall, false, "firewall")] {
        for (text, span) in list {
            let from = ends.find(text).map_err(|e| (e, Some(*span)))?;
            out.push(finding(format!("{word} {text}"), *span, crosses(prover, &from, nat)));
        }
    }
    if block.exactly {
        let found = super::exact::exactly(about, prover, inner, block)?;
        out.extend(found);
    }
    if block.zone_loss && !block.always.is_empty() {
        out.push(zone_loss(about, ends, block)?);
    }
    if block.steps && !block.never.is_empty() {
        out.push(steps(about, block));
    }
    Ok(())
}

/// `never`: from and to the internet all ways are meant; else those over the internet and
/// through public front doors only if the block says so.
fn never(
    prover: &Prover<'_>,
    inner: &Prover<'_>,
    block: &Prove,
    (from, to): (&End, &End),
    only: Option<&Only>,
    when: &str,
) -> (Verdict, Vec<Case>) {
    let outside =
        |e: &End| e.nodes.iter().any(|n| prover.network.nodes[n.index()].kind == NodeKind::Internet);
    if block.public || outside(from) || outside(to) {
        prover.crossing(from, to, only, Ways::ALL, when)
    } else {
        inner.crossing(from, to, only, Ways::PRIVATE, when)
    }
}

fn crosses(prover: &Prover<'_>, from: &End, nat: bool) -> (Verdict, Vec<Case>) {
    let (mut verdict, mut cases) = (Verdict::Proved, Vec::new());
    for &n in &from.nodes {
        let Crossing::Avoided(w) = prover.engine.must_cross(n, nat, !nat) else { continue };
        let v = if w.bound == Bound::May { Verdict::NotProved } else { Verdict::Refuted };
        verdict = verdict.max(v);
        let doubts = w.doubts.clone();
        let case = Case {
            from: prover.ends.name(n),
            to: "the internet".into(),
            traffic: String::new(),
            when: String::new(),
            witness: Some(*w),
            blocked: None,
            doubts,
        };
        cases.push(case);
    }
    (verdict, cases)
}

fn zone_loss(about: &About<'_>, ends: &Ends<'_>, block: &Prove) -> Result<Finding, (String, Option<Span>)> {
    let (mut verdict, mut cases) = (Verdict::Proved, Vec::new());
    let zones = zones(about.network);
    for zone in &zones {
        let prover = Prover::without_zone(about.network, ends, zone);
        for a in asked(ends, &block.always)? {
            let (v, c) =
                prover.works(&a.from, &a.to, a.only.as_ref(), false, &format!("when {zone} is lost"));
            verdict = verdict.max(v);
            cases.extend(c.into_iter().take(1));
        }
    }
    let more = cases.len().saturating_sub(SHOWN);
    cases.truncate(SHOWN);
    let note = match &zones[..] {
        [] => "no subnet says in which zone it is".into(),
        z => format!("zones: {}", z.join(", ")),
    };
    if zones.is_empty() {
        verdict = verdict.max(Verdict::NotProved);
    }
    let property = "zone_loss: always holds without any one zone".into();
    Ok(Finding {
        block: block.name.clone(),
        property,
        span: Some(block.span),
        verdict,
        cases,
        more,
        note,
        absent: false,
    })
}

fn steps(about: &About<'_>, block: &Prove) -> Finding {
    let (mut verdict, mut cases) = (Verdict::Proved, Vec::new());
    let mut last: Option<Network> = None;
    let (mut looked, mut count) = (0, 0);
    about.staged.each(&mut |i, step, world| {
        count = i;
        let network = super::labelled(extract(world), about.staged);
        if last.as_ref() == Some(&network) {
            return true;
        }
        looked += 1;
        let ends = Ends::new(&network, about.staged);
        let prover = Prover::new(&network, &ends);
        let inside = without_front_doors(&prover);
        let inner = Prover::new(&inside, &ends);
        let when = match step {
            None => "before anything is done".to_owned(),
            Some(s) => {
                let done = if s.step.gone { "is gone" } else { "is made" };
                let root = if s.root.is_empty() { String::new() } else { format!("{}: ", s.root) };
                format!("after {root}{} {done} (step {i})", s.step.addr)
            }
        };
        for (text, _) in &block.never {
            let Ok(f) = Flow::parse(text) else { continue };
            // What is not there yet reaches nothing.
            let pairs = match f.from.strip_suffix(".other").or_else(|| f.to.strip_suffix(".other")) {
                Some(kind) => others(&ends, kind),
                None => match (ends.find(&f.from), ends.find(&f.to)) {
                    (Ok(a), Ok(b)) => vec![(a, b)],
                    _ => Vec::new(),
                },
            };
            for (a, b) in pairs {
                let (v, c) = never(&prover, &inner, block, (&a, &b), f.only.as_ref(), &when);
                verdict = verdict.max(v);
                cases.extend(c.into_iter().take(1).map(|c| (v, c)));
            }
        }
        last = Some(network);
        verdict != Verdict::Refuted
    });
    cases.sort_by_key(|(v, _)| std::cmp::Reverse(*v));
    let more = cases.len().saturating_sub(1);
    let cases = cases.into_iter().take(1).map(|(_, c)| c).collect();
    let note = format!("{count} steps, {looked} different networks");
    let property = "steps: never holds after each step".into();
    Finding {
        block: block.name.clone(),
        property,
        span: Some(block.span),
        verdict,
        cases,
        more,
        note,
        absent: false,
    }
}
