//! `never` while an apply is under way, whatever order its steps come in.

use super::ends::Ends;
use super::moments::{Done, Moments};
use super::properties::{About, never, others};
use super::prover::{Doors, Prover};
use super::verdict::{Case, Finding, Verdict};
use groma_platform::Prove;
use groma_platform::flow::Flow;
use groma_prove::extract;
use groma_prove::model::Network;
use std::collections::BTreeSet;
use std::rc::Rc;

/// How many networks are looked at before it is given up.
const MOST: usize = 4096;
/// How many steps are named that are over, and that are not.
const NAMED: usize = 6;

/// Looks at what stands for all moments of the apply.
pub fn steps(about: &About<'_>, block: &Prove) -> Finding {
    let property = "steps: never holds at every moment of the apply";
    let finding = |verdict, cases, note| {
        let mut f = Finding::with(&block.name, property, block.span, (verdict, cases));
        f.note = note;
        f
    };
    let staged = about.staged;
    let Some(steps) = &staged.steps else {
        let note =
            "a plan as JSON does not say which steps wait for which: prove the plan itself, or the directory";
        return finding(Verdict::NotProved, Vec::new(), note.into());
    };
    if let Some(old) = staged.deposed.first() {
        let note = format!(
            "an old object of {old} was left behind by an earlier apply, and what it lets through is not known: apply first what deletes it"
        );
        return finding(Verdict::NotProved, Vec::new(), note);
    }
    let moments = Moments::new(staged, steps);
    let look = Look::new(about, block);
    let mut split = moments.split();
    let mut looked = 0;
    'again: loop {
        let Some(sets) = moments.sets(&split, MOST - looked) else {
            let mut names: Vec<String> = split.iter().map(|n| moments.called(*n)).collect();
            let more = names.len().saturating_sub(NAMED);
            names.truncate(NAMED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let note = format!(
                "{} steps may come in too many orders to look at each: {}{more}. Let some depend on others, or apply them one after the other (-target)",
                split.len(),
                names.join(", ")
            );
            return finding(Verdict::NotProved, Vec::new(), note);
        };
        for set in sets {
            looked += 1;
            let moment = moments.widest(&split, &set);
            let found = look.at(&moment.network);
            let Some((verdict, case)) = found.into_iter().max_by_key(|(v, _)| *v) else { continue };
            // Whether it is so at a moment that there is.
            let names = on_way(&moment.network, &case);
            for done in moments.real(&split, &set) {
                let network = moments.at(&done);
                let found = look.at(&network).into_iter().find(|(v, _)| *v == Verdict::Refuted);
                if let Some((_, mut case)) = found {
                    case.when = when(&moments, &done, &on_way(&network, &case));
                    case.network = Some(Rc::new(network));
                    let note = format!("{} steps change the network", moments.changes.len());
                    return finding(Verdict::Refuted, vec![case], note);
                }
            }
            // Or only because steps are not told apart that decide it.
            let doubts = case.doubts.iter().chain(case.witness.iter().flat_map(|w| &w.doubts));
            let doubted: Done = doubts.filter_map(|d| moment.doubtful.get(&d.doubt?)).copied().collect();
            let more = moments.deciding(&split, &doubted, &names);
            if !more.is_empty() {
                split.extend(more);
                continue 'again;
            }
            let mut case = Case { network: Some(Rc::new(moment.network)), ..case };
            case.when = "at some moment of the apply".into();
            let note = match verdict {
                Verdict::Refuted => "whether there is such a moment is not decided",
                _ => "something is unknown",
            };
            return finding(Verdict::NotProved, vec![case], note.into());
        }
        let note = format!(
            "{} steps change the network: {looked} {} for all their orders",
            moments.changes.len(),
            if looked == 1 { "network stands" } else { "networks stand" }
        );
        return finding(Verdict::Proved, Vec::new(), note);
    }
}

/// What is asked of each network.
pub struct Look<'a> {
    about: &'a About<'a>,
    block: &'a Prove,
    doors: Doors,
}

impl<'a> Look<'a> {
    /// What a block asks.
    pub fn new(about: &'a About<'a>, block: &'a Prove) -> Look<'a> {
        let now = super::labelled(extract(&about.staged.now()), about.staged);
        Look { about, block, doors: Doors::lasting(&now, about.network, about.staged) }
    }

    /// What is to be said of a network.
    #[cfg(test)]
    pub fn worst(&self, network: &Network) -> Verdict {
        self.at(network).into_iter().map(|(v, _)| v).max().unwrap_or(Verdict::Proved)
    }

    /// What breaks `never` in a network, or may.
    fn at(&self, network: &Network) -> Vec<(Verdict, Case)> {
        let ends = Ends::new(network, self.about.staged);
        let prover = Prover::new(network, &ends);
        let inside = self.doors.without(network);
        let inner = Prover::new(&inside, &ends);
        let mut out = Vec::new();
        for (text, _) in &self.block.never {
            let Ok(f) = Flow::parse(text) else { continue };
            // What is not there yet reaches nothing.
            let pairs = match ends.others_of(&f.from).or_else(|| ends.others_of(&f.to)) {
                Some(kind) => {
                    let turned = f.from.ends_with(".other");
                    let pairs = others(&ends, kind).into_iter();
                    pairs.map(|(a, b)| if turned { (b, a) } else { (a, b) }).collect()
                }
                None => match (ends.find(&f.from), ends.find(&f.to)) {
                    (Ok(a), Ok(b)) => vec![(a, b)],
                    _ => Vec::new(),
                },
            };
            for (a, b) in pairs {
                let (v, c) = never(&prover, &inner, self.block, (&a, &b), f.only.as_ref(), "");
                if v != Verdict::Proved {
                    out.extend(c.into_iter().take(1).map(|c| (v, c)));
                }
            }
        }
        out
    }
}

/// The names of all that decides on a case's way.
fn on_way(network: &Network, case: &Case) -> BTreeSet<String> {
    let connections = case.witness.iter().flat_map(|w| &w.connections);
    let hops = connections.flat_map(|c| c.forward.iter().chain(&c.back)).map(|h| h.item);
    let doubts = case.doubts.iter().map(|d| d.item);
    hops.chain(doubts).map(|i| network.items[i.index()].name.to_string()).collect()
}

/// Which steps are over at a moment, and which are not: of the former those on the way.
fn when(moments: &Moments<'_>, done: &Done, names: &BTreeSet<String>) -> String {
    let list = |steps: Vec<String>| {
        let more = steps.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("{}{more}", steps.into_iter().take(NAMED).collect::<Vec<_>>().join(", "))
    };
    let (mut over, mut near, mut open) = (Vec::new(), Vec::new(), Vec::new());
    for n in 0..moments.changes.len() {
        let called = moments.called(n);
        match (done.contains(&n), names.contains(&moments.name(n))) {
            (true, true) => over.push(called),
            (true, false) => {}
            (false, true) => near.push(called),
            (false, false) => open.push(called),
        }
    }
    // What the way itself waits for comes first.
    near.append(&mut open);
    let open = near;
    match (over.is_empty(), open.is_empty()) {
        (true, true) => "when nothing is done".into(),
        (false, true) => format!("after {}", list(over)),
        (true, false) => format!("before {}", list(open)),
        (false, false) => format!("after {} and before {}", list(over), list(open)),
    }
}
