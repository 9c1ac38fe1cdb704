//! `groma force-unlock`

use super::{Command, Outcome};
use crate::args::{Args, Flag, switch};
use crate::operation::COMMON_FLAGS;
use crate::session::Session;
use crate::state::state_error;

const FLAGS: &[Flag] = &[switch("force", "Do not ask for approval.")];

/// The command.
pub static COMMAND: Command = Command {
    name: "force-unlock",
    usage: "[flags] LOCK_ID",
    summary: "Remove a lock that was left behind",
    help: "Removes the lock of the selected workspace's state. Use it only for a lock whose owner has died: if it is still at work, its changes and yours can destroy each other. Locks of local states end by themselves with the process that holds them.",
    flags: &[FLAGS, COMMON_FLAGS],
    run,
    main: false,
};

fn run(s: &Session, args: &Args) -> Outcome {
    let [id] = &args.rest[..] else {
        return Err("Expected a single argument: LOCK_ID".to_owned().into());
    };
    let backend = s.backend(args)?;
    let workspace = s.selected_workspace()?;
    let failed = |e| s.fail(state_error(&e));
    let mut store = backend.open_existing(&workspace).map_err(failed)?;
    if backend.kind() != "local"
        && !args.on("force", false)
        && !s.confirm(
            "Do you really want to force-unlock?",
            &format!("The lock {id} on {} is removed. If its owner is still\nat work, both can change the state at the same time.", store.describe()),
        )?
    {
        s.ui.line("force-unlock cancelled.");
        return Ok(1);
    }
    store.force_unlock(id).map_err(failed)?;
    s.ui.line(&format!(
        "{} Others can take the lock now.",
        s.paint().code("1;32", "The state has been unlocked.")
    ));
    Ok(0)
}
