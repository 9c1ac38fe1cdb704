//! What an apply adds to who reaches whom: `adds`.

use super::ends::{End, Ends};
use super::properties::{About, asked};
use super::prover::{Prover, traffic};
use super::verdict::{Case, Finding, Verdict};
use groma_lang::Span;
use groma_platform::Prove;
use groma_platform::flow::Only;
use groma_prove::model::NodeId;
use groma_prove::ports::{Family, Traffic};
use groma_prove::reach::{Bound, Question, Ways};
use std::collections::{BTreeMap, BTreeSet};

type Failed = (String, Option<Span>);
/// Nodes by what people call them: what is there before and after has the same name.
type Named = BTreeMap<String, Vec<NodeId>>;

/// Proves that afterwards exactly that is possible which was possible before, and what
/// `adds` says.
pub fn adds(about: &About<'_>, after: &Prover<'_>, block: &Prove) -> Result<Finding, Failed> {
    let world = about.staged.now();
    let network = super::labelled(groma_prove::extract(&world), about.staged);
    let ends = Ends::new(&network, about.staged);
    let before = Prover::new(&network, &ends);
    let listed: Vec<(End, End, Option<Only>, String)> =
        asked(after.ends, &block.adds)?.into_iter().map(|a| (a.from, a.to, a.only, a.text)).collect();
    let mut cases: Vec<(Verdict, Case)> = Vec::new();
    for (from, to, only, text) in &listed {
        let (v, found) = after.works(from, to, only.as_ref(), false, "afterwards");
        match found.into_iter().next() {
            Some(case) => cases.push((v, case)),
            // There is nothing at one of its ends.
            None if v != Verdict::Proved => cases.push((
                v,
                Case {
                    from: from.text.clone(),
                    to: to.text.clone(),
                    traffic: String::new(),
                    when: format!("afterwards: there is nothing at one of the ends of {text}"),
                    witness: None,
                    blocked: None,
                    doubts: Vec::new(),
                    network: None,
                },
            )),
            None => {}
        }
    }
    let (old, new) = (named(&before), named(after));
    let pairs: BTreeSet<(&String, &String)> = reached(&before, &old).chain(reached(after, &new)).collect();
    let (mut added, mut removed) = (0, 0);
    for (from, to) in pairs {
        for family in Family::BOTH {
            let was = |bound| among(&before, &old, (from, to), family, bound);
            let is = |bound| among(after, &new, (from, to), family, bound);
            let mut said = Traffic::none();
            for (a, b, only, _) in &listed {
                if holds(a, &new, from) && holds(b, &new, to) {
                    said = said.or(&traffic(only.as_ref(), family));
                }
            }
            let more = is(Bound::May).minus(&was(Bound::Must));
            let less = was(Bound::May).minus(&is(Bound::Must));
            let surely_more = is(Bound::Must).minus(&was(Bound::May));
            let surely_less = was(Bound::Must).minus(&is(Bound::May));
            added += usize::from(!surely_more.is_empty());
            removed += usize::from(!surely_less.is_empty());
            let (more, surely_more) = (more.minus(&said), surely_more.minus(&said));
            cases.extend(changed(after, &new, (from, to), family, (more, surely_more), "is added"));
            cases.extend(changed(&before, &old, (from, to), family, (less, surely_less), "is lost"));
        }
    }
    let text: Vec<&str> = block.adds.iter().map(|(t, _)| t.as_str()).collect();
    let span = block.adds.first().map_or(block.span, |(_, s)| *s);
    let property = format!("adds {}", text.join(", "));
    let note = format!("{added} {} added and {removed} lost for certain", edges(added));
    Ok(Finding { note, ..Finding::of(&block.name, property, span, cases) })
}

fn edges(n: usize) -> &'static str {
    if n == 1 { "edge is" } else { "edges are" }
}

fn named(prover: &Prover<'_>) -> Named {
    let mut out = Named::new();
    for n in (0..prover.network.nodes.len() as u32).map(NodeId) {
        out.entry(prover.ends.name(n)).or_default().push(n);
    }
    out
}

fn holds(end: &End, names: &Named, name: &str) -> bool {
    names.get(name).is_some_and(|nodes| nodes.iter().any(|n| end.nodes.contains(n)))
}

/// The pairs of names between which anything may travel.
fn reached<'a>(prover: &'a Prover<'_>, names: &'a Named) -> impl Iterator<Item = (&'a String, &'a String)> {
    let mut of: BTreeMap<NodeId, &String> = BTreeMap::new();
    for (name, nodes) in names {
        of.extend(nodes.iter().map(|n| (*n, name)));
    }
    prover.pairs(Ways::ALL).nodes().filter_map(move |(a, b, _)| Some((*of.get(&a)?, *of.get(&b)?)))
}

/// What travels between two names.
fn among(
    prover: &Prover<'_>,
    names: &Named,
    (from, to): (&String, &String),
    family: Family,
    bound: Bound,
) -> Traffic {
    let of = |name: &String| names.get(name).map(Vec::as_slice).unwrap_or_default();
    let mut out = Traffic::none();
    for a in of(from) {
        for b in of(to).iter().filter(|b| *b != a) {
            out = out.or(&prover.travels(*a, *b, family, Question::Delivered, bound, Ways::ALL));
        }
    }
    out
}

/// A case of what nobody said.
fn changed(
    prover: &Prover<'_>,
    names: &Named,
    (from, to): (&String, &String),
    family: Family,
    (may, must): (Traffic, Traffic),
    when: &str,
) -> Option<(Verdict, Case)> {
    let (v, what) = match (may.is_empty(), must.is_empty()) {
        (true, _) => return None,
        (false, true) => (Verdict::NotProved, may),
        (false, false) => (Verdict::Refuted, must),
    };
    let of = |name: &String| names.get(name).and_then(|n| n.first().copied());
    let (a, b) = (of(from)?, of(to)?);
    let witness = prover.delivered(a, b, family, what.clone());
    let doubts = prover.doubts(witness.as_ref(), v, (a, b));
    let case = prover.case(a, b, family, &what, when);
    // The words are those of one network and the way may be of the other: an answer shows ways
    // of the network that is asked about only.
    let shown = when == "is added";
    Some((
        v,
        Case { witness: witness.filter(|_| shown), doubts: if shown { doubts } else { Vec::new() }, ..case },
    ))
}
