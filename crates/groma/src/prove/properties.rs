//! What prove blocks say, one property after the other.

use super::ends::{End, Ends};
use super::prover::{Prover, without_front_doors};
use super::verdict::{Case, Finding, Verdict};
use super::world::Staged;
use groma_lang::Span;
use groma_platform::Prove;
use groma_platform::flow::{Flow, Only};
use groma_prove::change::zones;
use groma_prove::engine::Crossing;
use groma_prove::model::{Network, NodeId, NodeKind};
use groma_prove::reach::{Bound, Ways};

const NOTHING_THERE: &str = "there is nothing at one of its ends";

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

/// A connection of a property, with the nodes that its ends mean.
pub struct Asked {
    /// As it is written.
    pub text: String,
    span: Span,
    /// Who opens it.
    pub from: End,
    /// To whom.
    pub to: End,
    /// Which connections.
    pub only: Option<Only>,
}

/// The connections of a list. On failure: what is wrong, and where.
pub fn asked(ends: &Ends<'_>, list: &[(String, Span)]) -> Result<Vec<Asked>, (String, Option<Span>)> {
    let mut out = Vec::new();
    for (text, span) in list {
        let at = |e: String| (e, Some(*span));
        let f = Flow::parse(text).map_err(at)?;
        if let Some(kind) = ends.others_of(&f.from).or_else(|| ends.others_of(&f.to)) {
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
pub fn others(ends: &Ends<'_>, kind: &str) -> Vec<(End, End)> {
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
    about: &About<'a>,
    prover: &'a Prover<'a>,
    inner: &'a Prover<'a>,
    block: &Prove,
    out: &mut Vec<Finding>,
) -> Result<(), (String, Option<Span>)> {
    let ends = prover.ends;
    let finding = |property: String, span: Span, found| Finding::with(&block.name, property, span, found);
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
        let of_kind = |t: &str| {
            Flow::parse(t).is_ok_and(|f| [&f.from, &f.to].into_iter().any(|e| ends.others_of(e).is_some()))
        };
        for (text, span) in list.iter().filter(|(t, _)| of_kind(t)) {
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
            let found = prover.crossing(&from, &to, None, (Ways::ALL, false), "");
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
    if !block.adds.is_empty() {
        out.push(super::adds::adds(about, prover, block)?);
    }
    if block.exactly {
        let found = super::exact::exactly(about, prover, inner, block)?;
        out.extend(found);
    }
    if block.zone_loss && !block.always.is_empty() {
        out.push(zone_loss(about, ends, block)?);
    }
    if block.steps && !block.never.is_empty() {
        out.push(super::steps::steps(about, block));
    }
    Ok(())
}

/// `never`: from and to the internet all ways are meant; else those over the internet,
/// through public front doors, and to what is open to all of the internet, only if the block
/// says so.
pub fn never(
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
        prover.crossing(from, to, only, (Ways::ALL, false), when)
    } else {
        inner.crossing(from, to, only, (Ways::PRIVATE, true), when)
    }
}

fn crosses(prover: &Prover<'_>, from: &End, nat: bool) -> (Verdict, Vec<Case>) {
    let (mut verdict, mut cases) = (Verdict::Proved, Vec::new());
    for &n in &from.nodes {
        let Crossing::Avoided(w) = prover.engine.must_cross(n, nat, !nat) else { continue };
        let v = if w.bound == Bound::May { Verdict::NotProved } else { Verdict::Refuted };
        verdict = verdict.max(v);
        let doubts = match prover.engine.internet() {
            Some(internet) => prover.doubts(Some(&w), v, (n, internet)),
            None => w.doubts.clone(),
        };
        let case = Case {
            from: prover.ends.name(n),
            to: "the internet".into(),
            traffic: String::new(),
            when: String::new(),
            witness: Some(*w),
            blocked: None,
            doubts,
            network: None,
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
    let note = match &zones[..] {
        [] => "no subnet says in which zone it is".into(),
        z => format!("zones: {}", z.join(", ")),
    };
    if zones.is_empty() {
        verdict = verdict.max(Verdict::NotProved);
    }
    let property = "zone_loss: always holds without any one zone";
    Ok(Finding { note, ..Finding::with(&block.name, property, block.span, (verdict, cases)) })
}
