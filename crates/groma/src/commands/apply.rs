//! `groma apply` and `groma destroy`

use super::{Command, Outcome};
use crate::args::{Args, Flag, switch};
use crate::operation::{self, COMMON_FLAGS, JSON_LINES, PLAN_FLAGS, VARIABLE_FLAGS};
use crate::session::Session;
use crate::state::{LOCK_FLAGS, STATE_FLAGS};
use groma_engine::PlanMode;
use groma_lang::Diagnostics;
use std::io::{BufRead, Write};

const FLAGS: &[Flag] =
    &[switch("auto-approve", "Do not ask for approval."), crate::prove::gate::PROVE, JSON_LINES];

/// `apply`
pub static COMMAND: Command = Command {
    name: "apply",
    usage: "[flags] [PLAN]",
    summary: "Make reality match the configuration",
    help: "Plans, asks for approval, and performs the actions. With a file that groma plan -out wrote, performs exactly what it says, without asking.",
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
    if plan.applyable() && !args.on("auto-approve", false) && !approved(s, mode)? {
        s.close_state(m)?;
        return Ok(1);
    }
    let code = operation::apply_plan(s, &ready, &plan, &mut m);
    let closed = s.close_state(m);
    let code = code?;
    closed?;
    Ok(code)
}

/// Asks for approval; only `yes` will do.
fn approved(s: &Session, mode: PlanMode) -> Result<bool, super::Failure> {
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
    s.ui.out(&format!(
        "\n{}\n  {what}\n  Only \"yes\" will be accepted.\n\n  Enter a value: ",
        s.paint().bold(question)
    ));
    let _ = std::io::stdout().flush();
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).map_err(|e| format!("The answer cannot be read: {e}"))?;
    s.ui.line("");
    if answer.trim() == "yes" {
        return Ok(true);
    }
    s.ui.line(if mode == PlanMode::Destroy { "Destroy cancelled." } else { "Apply cancelled." });
    Ok(false)
}
