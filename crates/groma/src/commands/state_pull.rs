//! `groma state pull`

use super::{Command, Outcome};
use crate::args::Args;
use crate::operation::{COMMON_FLAGS, SANDBOX};
use crate::session::Session;
use crate::state::state_error;
use groma_state::{StateFile, TERRAFORM_VERSION};

/// The command.
pub static COMMAND: Command = Command {
    name: "state pull",
    usage: "[flags]",
    summary: "Print the state",
    help: "Prints the state of the selected workspace, wherever it is kept, as a state file. Prints nothing where there is no state.",
    flags: &[&[SANDBOX], COMMON_FLAGS],
    run,
    main: false,
};

fn run(s: &Session, args: &Args) -> Outcome {
    let m = s.open_state(args, None)?;
    if m.exists() || !m.file().state.is_empty() {
        let file = StateFile { terraform_version: TERRAFORM_VERSION.into(), ..m.file().clone() };
        let bytes = groma_state::file::write(&file).map_err(|e| s.fail(state_error(&e)))?;
        s.ui.line(&String::from_utf8_lossy(&bytes));
    }
    s.close_state(m)?;
    Ok(0)
}
