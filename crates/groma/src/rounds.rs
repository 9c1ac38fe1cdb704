//! Applies in several rounds: what a plan puts off is planned again once the rest is done,
//! until nothing is put off any more.

use crate::commands::Failure;
use crate::operation::{self, Ready};
use crate::session::Session;
use groma_config::Config;
use groma_engine::{Plan, PlanCounts, PlanOptions};
use groma_lang::Diagnostic;
use groma_state::manager::Manager;
use groma_value::addr::ResourceInstance;
use std::collections::BTreeSet;

/// The exit code of an apply that did what was approved, but not what that had put off.
pub const SOMETHING_LEFT: u8 = 2;

/// Sees to it that each round comes further, so that they end: a round settles something of
/// what the one before had put off, and nothing is put off again that was settled.
pub struct Progress {
    put_off: BTreeSet<String>,
    settled: BTreeSet<String>,
}

impl Progress {
    /// Before the plan is applied.
    pub fn new(plan: &Plan) -> Progress {
        Progress { put_off: patterns(plan), settled: BTreeSet::new() }
    }

    /// Whether the next plan comes further.
    ///
    /// # Errors
    /// Names what is still not known, with its place.
    pub fn next(&mut self, plan: &Plan, config: &Config) -> Result<(), Diagnostic> {
        let now = patterns(plan);
        let settled: Vec<String> = self.put_off.difference(&now).cloned().collect();
        let again: Option<&String> = now.intersection(&self.settled).next();
        if now.is_empty() || !settled.is_empty() && again.is_none() {
            self.settled.extend(settled);
            self.put_off = now;
            return Ok(());
        }
        let causes: BTreeSet<_> = plan.deferred.iter().map(|d| &d.cause).collect();
        let list: Vec<String> = now.iter().map(|p| format!("  - {p}")).collect();
        let detail = format!(
            "These were deferred until more is known, and applying the rest has not made it known:\n{}\n\nWhat was approved is done. A value that is unknown in each plan, such as timestamp() or an attribute of an object that each plan changes, cannot decide how many of something there are.",
            list.join("\n")
        );
        let mut d = Diagnostic::error("Nothing more becomes known", detail);
        d.subject = causes.iter().find_map(|c| c.argument(config)).map(|(_, e)| e.span);
        Err(d)
    }
}

fn patterns(plan: &Plan) -> BTreeSet<String> {
    plan.deferred.iter().map(|d| d.pattern()).collect()
}

/// What is to become of a further plan.
pub enum Answer {
    /// It is applied.
    Apply,
    /// It is not, and what to say about that was said.
    Stop,
}

/// Applies a plan, then plans with `options` what it had put off, asks `approve` and applies
/// that, until nothing is left. Says what was done. The exit code.
pub fn apply(
    s: &Session,
    ready: &Ready,
    mut plan: Plan,
    options: &PlanOptions,
    m: &mut Manager,
    approve: &dyn Fn(&Plan) -> Result<Answer, Failure>,
) -> Result<u8, Failure> {
    let mut progress = Progress::new(&plan);
    let mut counts = PlanCounts::default();
    loop {
        let state = operation::carry_out(s, ready, &plan, m)?;
        counts += plan.counts();
        if plan.deferred.is_empty() {
            operation::say_done(s, &plan, &counts, &state);
            return Ok(0);
        }
        let text = "What was deferred is planned now.";
        s.ui.message(&groma_engine::json::stream::log(text));
        s.ui.line(&format!("\n{}", s.paint().bold(text)));
        let options = PlanOptions {
            // What was replaced already is not replaced once more.
            replace: replace_later(&plan, options),
            ..options.clone()
        };
        let next = operation::make_plan(s, ready, &state, &options, Default::default())?;
        if next.errored {
            return Err(Failure::Reported);
        }
        progress.next(&next, &ready.config).map_err(|d| s.fail(d))?;
        if next.has_changes()
            && let Answer::Stop = approve(&next)?
        {
            operation::say_done(s, &plan, &counts, &state);
            return Ok(SOMETHING_LEFT);
        }
        plan = next;
    }
}

/// What is still to be replaced on request.
pub fn replace_later(plan: &Plan, options: &PlanOptions) -> Vec<ResourceInstance> {
    let replaced = |r: &ResourceInstance| plan.changes.iter().any(|c| c.addr == *r && c.action.is_replace());
    options.replace.iter().filter(|r| !replaced(r)).cloned().collect()
}
