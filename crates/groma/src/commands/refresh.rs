//! `groma refresh`

use super::{Command, Outcome};
use crate::args::Args;
use crate::operation::{self, COMMON_FLAGS, PLAN_FLAGS, VARIABLE_FLAGS};
use crate::session::Session;
use crate::state::{LOCK_FLAGS, STATE_FLAGS};
use groma_engine::PlanMode;
use groma_lang::Diagnostics;

/// The command.
pub static COMMAND: Command = Command {
    name: "refresh",
    usage: "[flags]",
    summary: "Update the state to match what really exists",
    help: "Reads all objects and updates the state, without asking. To see the changes first and be asked: groma apply -refresh-only",
    flags: &[PLAN_FLAGS, VARIABLE_FLAGS, LOCK_FLAGS, STATE_FLAGS, COMMON_FLAGS],
    run,
    main: false,
};

fn run(s: &Session, args: &Args) -> Outcome {
    let mut diags = Diagnostics::new();
    let config = s.loaded(&mut diags)?;
    let mut m = s.open_state(args, Some("OperationTypeRefresh"))?;
    let state = m.file().state.clone();
    let ready = s.ready(args, config, &state, s.observer(true), &mut diags)?;
    let options = operation::plan_options(args, ready.variables.clone(), PlanMode::RefreshOnly)?;
    s.watch_interrupts(&ready.pool);
    let Some((plan, found)) = operation::run(s, groma_engine::plan(&ready.context, &state, &options)) else {
        return Err("Refreshing was abandoned. The state is as it was.".to_owned().into());
    };
    diags.extend(found);
    s.check(&diags)?;
    let sink = crate::state::JournalSink::new(&m);
    let Some((state, found)) = operation::run(s, groma_engine::apply(&ready.context, &plan, &sink)) else {
        return Err("Refreshing was abandoned. The state is as it was.".to_owned().into());
    };
    s.save_state(&mut m, state.clone())?;
    s.close_state(m)?;
    s.check(&found)?;
    if !state.outputs.is_empty() {
        s.ui.out(&format!(
            "\n{}\n\n{}",
            s.paint().bold("Outputs:"),
            crate::render::plan::outputs(&state.outputs)
        ));
    }
    Ok(0)
}
