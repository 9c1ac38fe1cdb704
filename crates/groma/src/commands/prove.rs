//! `groma prove`

use super::{Command, Outcome};
use crate::args::{Args, Flag, switch};
use crate::operation::{COMMON_FLAGS, VARIABLE_FLAGS};
use crate::prove;
use crate::session::Session;
use crate::state::{LOCK_FLAGS, STATE_FLAGS};

const FLAGS: &[Flag] = &[
    switch("world", "Print the objects of the world that the plan leads to, as JSON, with what was made up."),
    crate::operation::SANDBOX,
];

/// The command.
pub static COMMAND: Command = Command {
    name: "prove",
    usage: "[flags] [DIR]",
    summary: "Prove who can reach whom, before anything is created",
    help: "Plans, works out the network that the plan leads to, and proves what prove blocks say about it.",
    flags: &[FLAGS, VARIABLE_FLAGS, LOCK_FLAGS, STATE_FLAGS, COMMON_FLAGS],
    run,
    main: true,
};

fn run(s: &Session, args: &Args) -> Outcome {
    let staged = prove::source::staged(s, args)?;
    s.ui.line(&groma_engine::json::to_text(&prove::world::to_json(&staged)));
    Ok(0)
}
