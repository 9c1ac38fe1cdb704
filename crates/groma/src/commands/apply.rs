//! `groma apply` and `groma destroy`

use super::{Command, Outcome};
use crate::args::{Args, Flag, switch};
use crate::operation::{self, COMMON_FLAGS, JSON_LINES, PLAN_FLAGS, VARIABLE_FLAGS};
use crate::rounds::Answer;
use crate::session::Session;
use crate::state::{LOCK_FLAGS, STATE_FLAGS};
use groma_engine::{Plan, PlanMode};
use groma_lang::Diagnostics;

const FLAGS: &[Flag] =
    &[switch("auto-approve", "Do not ask for approval."), crate::prove::gate::PROVE, JSON_LINES];

/// `apply`
pub static COMMAND: Command = Command {
    name: "apply",
    usage: "[flags] [PLAN]",
    summary: "Make reality match the configuration",
    help: "Plans, asks for approval, and performs the actions. With a file that groma plan -out wrote, performs exactly what it says, without asking.\n\nWhat a plan defers, because a count or for_each is not known yet, is planned when the rest is done, shown, and applied once that is approved too, until nothing is deferred. After a saved plan it is applied with -auto-approve, or where there is a terminal to ask on. The exit code is 0 if all is done, 2 if what was approved is done but something deferred is not, and 1 after an error.",
    flags: &[FLAGS, PLAN_FLAGS, VARIABLE_FLAGS, LOCK_FLAGS, STATE_FLAGS, COMMON_FLAGS],
    run,
    main: true,
};

/// `destroy`
pub static DESTROY: Command = Command {
    name: "destroy",
    usage: "[flags]",
    summary: "Destroy everything that is managed here",
    help: "The same as groma apply -destroy.",
    flags: &[FLAGS, PLAN_FLAGS, VARIABLE_FLAGS, LOCK_FLAGS, STATE_FLAGS, COMMON_FLAGS],
    run: run_destroy,
    main: true,
};

fn run(s: &Session, args: &Args) -> Outcome {
    s.json_messages(args);
    if args.on("json", false) && args.rest.is_empty() && !args.on("auto-approve", false) {
        return Err("apply -json cannot ask for approval: give -auto-approve, or a saved plan."
            .to_owned()
            .into());
    }
    match &args.rest[..] {
        [] => go(s, args, operation::mode(args)?),
        [file] => crate::saved::apply(s, args, std::path::Path::new(file)),
        _ => Err("apply takes at most one saved plan. Flags go before it.".to_owned().into()),
    }
}

fn run_destroy(s: &Session, args: &Args) -> Outcome {
    s.json_messages(args);
    go(s, args, PlanMode::Destroy)
}

fn go(s: &Session, args: &Args, mode: PlanMode) -> Outcome {
    let mut diags = Diagnostics::new();
    let config = s.loaded(&mut diags)?;
    let mut m = s.open_state(args, Some("OperationTypeApply"))?;
    let state = m.file().state.clone();
    let ready = s.ready(args, config, &state, s.observer(true), &mut diags)?;
    let options = operation::plan_options(args, ready.variables.clone(), mode)?;
    s.watch_interrupts(&ready.pool);
    let plan = operation::make_plan(s, &ready, &state, &options, diags)?;
    if plan.errored {
        s.close_state(m)?;
        return Ok(1);
    }
    if args.on("prove", false)
        && let Err(e) = crate::prove::gate::plan(s, &ready, &plan)
    {
        s.close_state(m)?;
        return Err(e);
    }
    let unasked = args.on("auto-approve", false);
    if plan.applyable() && !unasked && !approved(s, mode)? {
        s.close_state(m)?;
        return Ok(1);
    }
    let approve = |next: &Plan| {
        if args.on("prove", false) {
            crate::prove::gate::plan(s, &ready, next)?;
        }
        if unasked || approved(s, mode)? {
            return Ok(Answer::Apply);
        }
        s.ui.line("What was approved before is done. To go on with what was deferred: groma apply");
        Ok(Answer::Stop)
    };
    let code = crate::rounds::apply(s, &ready, plan, &options, &mut m, &approve);
    let closed = s.close_state(m);
    let code = code?;
    closed?;
    Ok(code)
}

/// Asks for approval; only `yes` will do.
pub fn approved(s: &Session, mode: PlanMode) -> Result<bool, super::Failure> {
    if !s.input {
        return Err("Approval is needed, but asking is switched off. Use -auto-approve to go on without."
            .to_owned()
            .into());
    }
    let (question, what) = match mode {
        PlanMode::Destroy => ("Do you really want to destroy all of this?", "There is no undo."),
        PlanMode::RefreshOnly => ("Do you want to update the state so?", "No object is changed."),
        PlanMode::Normal => {
            ("Do you want to perform these actions?", "Groma will do exactly what is described above.")
        }
    };
    let answer = s.answer(&format!(
        "\n{}\n  {what}\n  Only \"yes\" will be accepted.\n\n  Enter a value: ",
        s.paint().bold(question)
    ))?;
    if answer.is_some_and(|a| a.trim() == "yes") {
        return Ok(true);
    }
    s.ui.line(if mode == PlanMode::Destroy { "Destroy cancelled." } else { "Apply cancelled." });
    Ok(false)
}
