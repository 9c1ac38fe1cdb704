//! `groma get`

use super::{Command, Outcome};
use crate::args::{Args, Flag, switch};
use crate::operation::{COMMON_FLAGS, TEST_DIRECTORY_FLAG, VARIABLE_FLAGS};
use crate::session::Session;
use groma_lang::Diagnostics;

const FLAGS: &[Flag] =
    &[switch("update", "Fetch modules anew that are installed already."), TEST_DIRECTORY_FLAG];

/// The command.
pub static COMMAND: Command = Command {
    name: "get",
    usage: "[flags]",
    summary: "Install the modules that the configuration calls",
    help: "Installs modules, which is a part of what init does.",
    flags: &[FLAGS, VARIABLE_FLAGS, COMMON_FLAGS],
    run,
    main: false,
};

fn run(s: &Session, args: &Args) -> Outcome {
    let mut diags = Diagnostics::new();
    super::init::install_all_modules(s, args, args.on("update", false), &mut diags)?;
    Ok(0)
}
