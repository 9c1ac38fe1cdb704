//! Carrying out plans of several root modules as one.

use super::roots::{Planned, actions, close_all, plan_again, settle};
use super::{Project, lift, show};
use crate::commands::Failure;
use crate::operation;
use crate::render;
use crate::rounds::Progress;
use groma_engine::{Action, Plan, PlanCounts};
use groma_lang::Diagnostic;

/// What was done.
pub struct Done {
    /// Numbers over all root modules.
    pub counts: PlanCounts,
    /// Whether the user said no.
    pub cancelled: bool,
}

/// Shows the plans as one, asks, and applies them in order. A root module whose needs
/// were changed by this run is planned again with what is now known; what it then does
/// must be what was approved. `beside` says what is done besides, and is shown with the plans;
/// `begin` is called once it is approved, before anything is
/// done, and is told whether anything will be.
pub fn approve_and_apply(
    p: &Project<'_>,
    title: &str,
    all: Vec<Planned>,
    (destroy, beside): (bool, &str),
    begin: &dyn Fn(bool) -> Result<(), Failure>,
) -> Result<Done, Failure> {
    show::plans(p, title, &all, p.args.on("details", false));
    let mut counts = total(&all);
    if !beside.is_empty() && all.iter().any(|a| a.plan.has_work()) {
        p.s.ui.line(beside);
    }
    if !all.iter().any(|a| a.plan.has_work()) {
        let begun = begin(false);
        close_all(p, all)?;
        return begun.map(|()| Done { counts, cancelled: false });
    }
    let worth_asking = all.iter().any(|a| !actions(&a.plan).is_empty());
    if worth_asking && !p.unasked {
        match approved(p, destroy) {
            Ok(true) => {}
            Ok(false) => {
                close_all(p, all)?;
                return Ok(Done { counts, cancelled: true });
            }
            Err(e) => {
                close_all(p, all)?;
                return Err(e);
            }
        }
    }
    if let Err(e) = begin(true) {
        close_all(p, all)?;
        return Err(e);
    }
    counts = PlanCounts::default();
    let mut rest = all.into_iter();
    let mut changed: Vec<String> = Vec::new();
    while let Some(mut planned) = rest.next() {
        let had_work = planned.plan.has_work();
        let result = apply_one(p, &mut planned, &changed, &mut counts);
        let name = planned.root.name.clone();
        let had_changes = had_work || planned.plan.has_changes();
        planned.rest(p.s);
        let closed = p.within(&planned.dir, || p.s.close_state(planned.manager));
        if let Err(e) = result.and(closed) {
            close_all(p, rest.collect())?;
            return Err(e);
        }
        if had_changes {
            changed.push(name.clone());
        }
        settle(p.s, &name);
    }
    Ok(Done { counts, cancelled: false })
}

/// Applies a root module, and what its plan had put off. Adds up what was done.
fn apply_one(
    p: &Project<'_>,
    planned: &mut Planned,
    changed: &[String],
    counts: &mut PlanCounts,
) -> Result<(), Failure> {
    let s = p.s;
    let dir = planned.dir.clone();
    p.within(&dir, || {
        let lifted = lift::protection(p, planned)?;
        if lifted || planned.root.needs.iter().any(|n| changed.contains(n)) {
            let now = again(p, planned)?;
            let before = std::mem::replace(&mut planned.plan, now);
            if conforms(p, planned, &before)? == Conforms::WithDeferred {
                approve_deferred(p, planned)?;
            }
        }
        let mut progress = Progress::new(&planned.plan);
        loop {
            if planned.plan.has_changes() {
                operation::carry_out(s, &planned.ready, &planned.plan, &mut planned.manager)?;
                *counts += planned.plan.counts();
            }
            if planned.plan.deferred.is_empty() {
                return Ok(());
            }
            planned.plan = again(p, planned)?;
            progress.next(&planned.plan, &planned.ready.config).map_err(|d| s.fail(d))?;
            if planned.plan.has_changes() {
                approve_deferred(p, planned)?;
            }
        }
    })
}

fn again(p: &Project<'_>, planned: &Planned) -> Result<Plan, Failure> {
    plan_again(p.s, &planned.ready, &planned.manager, planned.plan.mode, &planned.imports)
}

/// Shows what can be planned now of what was deferred, and asks.
fn approve_deferred(p: &Project<'_>, planned: &Planned) -> Result<(), Failure> {
    let s = p.s;
    if !p.manifest.proves.is_empty() && p.args.on("prove", true) {
        return Err(s.fail(Diagnostic::error(
            "What was deferred has to be proved first",
            format!(
                "Of the {}, more can be planned now than what was shown and proved. Run the command again: it proves, shows and applies the rest.",
                planned.root.title
            ),
        )));
    }
    let (plan, paint) = (&planned.plan, s.paint());
    for m in groma_engine::json::stream::plan(plan) {
        s.ui.message(&m);
    }
    s.ui.line(&format!("\n{}: what was deferred is planned now.", paint.bold(&planned.root.title)));
    s.ui.out(&render::plan::plan(plan, &planned.ready.context.schemas, paint));
    s.ui.out(&render::plan::deferred(plan, &planned.ready.config, &s.sources, paint));
    if p.unasked || actions(plan).is_empty() || approved(p, false)? {
        return Ok(());
    }
    Err("What was deferred was not approved, so it is not done. What was approved before is."
        .to_owned()
        .into())
}

/// How a plan compares with the one that was approved.
#[derive(PartialEq, Eq)]
enum Conforms {
    /// It does nothing beyond it.
    Wholly,
    /// What it does beyond it had been deferred.
    WithDeferred,
}

/// Whether a plan that was made again, with more knowledge, does nothing beyond what was
/// approved.
fn conforms(p: &Project<'_>, planned: &Planned, approved: &Plan) -> Result<Conforms, Failure> {
    let before = actions(approved);
    let more: Vec<(String, Action)> = actions(&planned.plan)
        .into_iter()
        .filter(|(addr, a)| {
            let approved = before.get(addr);
            // What was to be replaced may turn out to be an update.
            approved != Some(a) && !(approved.is_some_and(|b| b.is_replace()) && *a == Action::Update)
        })
        .collect();
    if more.is_empty() {
        return Ok(Conforms::Wholly);
    }
    let was_deferred = |addr: &String| {
        let change = planned.plan.changes.iter().find(|c| c.addr.to_string() == *addr);
        change.is_some_and(|c| approved.deferred.iter().any(|d| d.change.addr.config() == c.addr.config()))
    };
    if more.iter().all(|(addr, _)| was_deferred(addr)) {
        return Ok(Conforms::WithDeferred);
    }
    let list: Vec<String> = more.iter().map(|(addr, a)| format!("  - {addr}: {}", show::word(*a))).collect();
    Err(p.s.fail(Diagnostic::error(
        "The plan turned out differently",
        format!(
            "Now that the {} can be planned with real values, it would also do what was not shown before:\n{}\n\nNothing of it was done. Run the command again to see and approve it.",
            planned.root.title,
            list.join("\n")
        ),
    )))
}

/// The numbers of all plans together.
pub fn total(all: &[Planned]) -> PlanCounts {
    let mut sum = PlanCounts::default();
    for a in all {
        sum += a.plan.counts();
    }
    sum
}

/// Asks for approval; only `yes` will do.
pub fn approved(p: &Project<'_>, destroy: bool) -> Result<bool, Failure> {
    let s = p.s;
    if !s.input || s.ui.json.load(std::sync::atomic::Ordering::Relaxed) {
        return Err("Approval is needed, but cannot be asked for. Use -auto-approve to go on without."
            .to_owned()
            .into());
    }
    let (question, what) = if destroy {
        ("Do you really want to destroy all of this?", "There is no undo.")
    } else {
        ("Do you want to do this?", "Groma will do what is described above, and nothing else.")
    };
    let answer = s.answer(&format!(
        "\n{}\n  {what} Only \"yes\" will be accepted.\n\n  Enter a value: ",
        s.paint().bold(question)
    ))?;
    let Some(answer) = answer else {
        return Err(s.fail(Diagnostic::error(
            "No answer",
            "Standard input ended before the question was answered. Nothing was done. Where nobody can answer, -auto-approve goes on without asking.",
        )));
    };
    Ok(answer.trim() == "yes")
}
