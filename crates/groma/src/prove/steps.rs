//! `never` while an apply is under way.

use super::ends::Ends;
use super::properties::{About, never, others};
use super::prover::{Prover, without_front_doors};
use super::verdict::{Finding, Verdict};
use groma_platform::Prove;
use groma_platform::flow::Flow;
use groma_prove::extract;
use groma_prove::model::Network;

/// Looks at the network after each step.
pub fn steps(about: &About<'_>, block: &Prove) -> Finding {
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
            let pairs = match ends.others_of(&f.from).or_else(|| ends.others_of(&f.to)) {
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
    let note = format!("{count} steps in one order, {looked} different networks");
    let cases = cases.into_iter().take(1).collect();
    let property = "steps: never holds after each step";
    let mut f = Finding::of(&block.name, property, block.span, cases);
    f.verdict = verdict;
    f.note = note;
    f
}
