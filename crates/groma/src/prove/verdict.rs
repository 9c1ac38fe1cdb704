//! What becomes of properties.

use groma_lang::Span;
use groma_prove::model::Network;
use groma_prove::witness::{Blocked, Uncertain, Witness};
use std::rc::Rc;

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

impl Verdict {
    /// For people and programs.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Proved => "proved",
            Verdict::NotProved => "not proved",
            Verdict::Refuted => "refuted",
        }
    }
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
    /// The network that all this is of, where it is not the one that the plan leads to.
    pub network: Option<Rc<Network>>,
}

/// How many cases of a property are shown.
pub const SHOWN: usize = 3;

impl Finding {
    /// A property of a block with its cases, worst first, of which some are shown.
    pub fn of(block: &str, property: impl Into<String>, span: Span, cases: Vec<(Verdict, Case)>) -> Finding {
        let mut cases = cases;
        cases.sort_by_key(|(v, _)| std::cmp::Reverse(*v));
        let verdict = cases.first().map_or(Verdict::Proved, |(v, _)| *v);
        Finding::with(block, property, span, (verdict, cases.into_iter().map(|(_, c)| c).collect()))
    }

    /// A property of a block with its verdict and its cases.
    pub fn with(
        block: &str,
        property: impl Into<String>,
        span: Span,
        (verdict, mut cases): (Verdict, Vec<Case>),
    ) -> Finding {
        let more = cases.len().saturating_sub(SHOWN);
        cases.truncate(SHOWN);
        Finding {
            block: block.to_owned(),
            property: property.into(),
            span: Some(span),
            verdict,
            cases,
            more,
            note: String::new(),
            absent: false,
        }
    }
}
