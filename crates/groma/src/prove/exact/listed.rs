//! `exactly` outside of manifests.

use super::party::Party;
use super::{Failed, case};
use crate::prove::ends::{End, Ends};
use crate::prove::prover::{Prover, traffic};
use crate::prove::verdict::{Finding, Verdict};
use groma_platform::Prove;
use groma_platform::flow::{Flow, Only};
use groma_prove::ports::Family;
use groma_prove::reach::{Bound, Question, Ways};

/// Outside of manifests, what `always` says is all that is declared.
pub fn listed(prover: &Prover<'_>, ends: &Ends<'_>, block: &Prove) -> Result<Finding, Failed> {
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
            let (v, what) =
                if must.is_empty() { (Verdict::NotProved, rest) } else { (Verdict::Refuted, must) };
            let (from, to) = (Party::Other(ends.name(a)), Party::Other(ends.name(b)));
            extra.push((v, case(prover, (a, b), (&from, &to), family, (v, Ways::ALL), what)));
        }
    }
    Ok(Finding::of(&block.name, "exactly: nothing but what always says", block.span, extra))
}
