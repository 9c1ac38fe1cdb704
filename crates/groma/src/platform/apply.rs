//! Carrying out plans of several root modules as one.

use super::roots::{Planned, actions, close_all, plan_again, settle};
use super::{Project, show};
use crate::commands::Failure;
use crate::operation;
use groma_engine::{Action, PlanCounts};
use groma_lang::Diagnostic;
use std::io::{BufRead, Write};

/// What was done.
pub struct Done {
    /// Numbers over all root modules.
    pub counts: PlanCounts,
    /// Whether the user said no.
    pub cancelled: bool,
}

/// Shows the plans as one, asks, and applies them in order. A root module whose needs
/// were changed by this run is planned again with what is now known; what it then does
/// must be what was approved. `begin` is called once it is approved, before anything is
/// done, and is told whether anything will be.
pub fn approve_and_apply(
    p: &Project<'_>,
    title: &str,
    all: Vec<Planned>,
    destroy: bool,
    begin: &dyn Fn(bool) -> Result<(), Failure>,
) -> Result<Done, Failure> {
    show::plans(p, title, &all, p.args.on("details", false));
    let counts = total(&all);
    if !all.iter().any(|a| a.plan.has_changes()) {
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
    let mut rest = all.into_iter();
    let mut changed: Vec<String> = Vec::new();
    while let Some(mut planned) = rest.next() {
        let result = apply_one(p, &mut planned, &changed);
        let name = planned.root.name.clone();
        let had_changes = planned.plan.has_changes();
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

fn apply_one(p: &Project<'_>, planned: &mut Planned, changed: &[String]) -> Result<(), Failure> {
    let s = p.s;
    let dir = planned.dir.clone();
    p.within(&dir, || {
        if planned.root.needs.iter().any(|n| changed.contains(n)) {
            let plan = plan_again(s, &planned.ready, &planned.manager, planned.plan.mode, &planned.imports)?;
            conforms(p, planned, &plan)?;
            planned.plan = plan;
        }
        if !planned.plan.has_changes() {
            return Ok(());
        }
        operation::carry_out(s, &planned.ready, &planned.plan, &mut planned.manager).map(|_| ())
    })
}

/// Whether a plan with more knowledge does nothing beyond what was approved.
fn conforms(p: &Project<'_>, planned: &Planned, now: &groma_engine::Plan) -> Result<(), Failure> {
    let before = actions(&planned.plan);
    let more: Vec<String> = actions(now)
        .into_iter()
        .filter(|(addr, a)| {
            let approved = before.get(addr);
            // What was to be replaced may turn out to be an update.
            approved != Some(a) && !(approved.is_some_and(|b| b.is_replace()) && *a == Action::Update)
        })
        .map(|(addr, a)| format!("  - {addr}: {}", show::word(a)))
        .collect();
    if more.is_empty() {
        return Ok(());
    }
    Err(p.s.fail(Diagnostic::error(
        "The plan turned out differently",
        format!(
            "Now that the {} can be planned with real values, it would also do what was not shown before:\n{}\n\nNothing of it was done. Run the command again to see and approve it.",
            planned.root.title,
            more.join("\n")
        ),
    )))
}

/// The numbers of all plans together.
pub fn total(all: &[Planned]) -> PlanCounts {
    let mut sum = PlanCounts::default();
    for a in all {
        let n = a.plan.counts();
        sum.add += n.add;
        sum.change += n.change;
        sum.destroy += n.destroy;
        sum.import += n.import;
        sum.forget += n.forget;
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
    s.ui.out(&format!(
        "\n{}\n  {what} Only \"yes\" will be accepted.\n\n  Enter a value: ",
        s.paint().bold(question)
    ));
    let _ = std::io::stdout().flush();
    let mut answer = String::new();
    let n = std::io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|e| format!("The answer cannot be read: {e}"))?;
    s.ui.line("");
    if n == 0 {
        return Err(s.fail(Diagnostic::error(
            "No answer",
            "Standard input ended before the question was answered. Nothing was done. Where nobody can answer, -auto-approve goes on without asking.",
        )));
    }
    Ok(answer.trim() == "yes")
}
