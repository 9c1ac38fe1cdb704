//! `groma state push`

use super::{Command, Outcome};
use crate::args::{Args, Flag, switch};
use crate::operation::{COMMON_FLAGS, SANDBOX};
use crate::session::Session;
use crate::state::{IGNORE_REMOTE_VERSION, LOCK_FLAGS, state_error};
use crate::state_edit;
use groma_lang::Diagnostic;
use std::io::Read;

const FLAGS: &[Flag] = &[switch("force", "Do so even if the state that is there is newer or unrelated.")];

/// The command.
pub static COMMAND: Command = Command {
    name: "state push",
    usage: "[flags] FILE",
    summary: "Replace the state by a state file",
    help: "Puts the state in FILE (\"-\": standard input) into the place of the selected workspace's state. Refuses to replace a state of another lineage, or a newer one, unless -force is given.",
    flags: &[FLAGS, LOCK_FLAGS, &[SANDBOX, IGNORE_REMOTE_VERSION], COMMON_FLAGS],
    run,
    main: false,
};

fn run(s: &Session, args: &Args) -> Outcome {
    let [path] = &args.rest[..] else {
        return Err("Exactly one argument expected: a state file, or \"-\".".to_owned().into());
    };
    state_edit::check_flags(args)?;
    let failed = |why: String| s.fail(Diagnostic::error(format!("Error reading source state {path:?}"), why));
    let mut bytes = Vec::new();
    let read = match path.as_str() {
        "-" => std::io::stdin().lock().read_to_end(&mut bytes).map(|_| ()),
        _ => std::fs::read(path).map(|b| bytes = b),
    };
    read.map_err(|e| failed(format!("It cannot be read: {e}.")))?;
    if bytes.is_empty() {
        return Err(failed("It is empty.".into()));
    }
    let file = groma_state::file::read(&bytes).map_err(|e| failed(e.to_string()))?;
    let mut m = s.open_state(args, Some("state-push"))?;
    let pushed = m.push(file, args.on("force", false));
    let closed = s.close_state(m);
    pushed.map_err(|e| s.fail(state_error(&e)))?;
    closed?;
    Ok(0)
}
