//! `groma state rm`

use super::{Command, Outcome};
use crate::args::{Args, Flag, switch};
use crate::operation::{COMMON_FLAGS, SANDBOX};
use crate::session::Session;
use crate::state::{IGNORE_REMOTE_VERSION, LOCK_FLAGS};
use crate::state_edit::{self, EDIT_FLAGS};
use groma_lang::Diagnostic;
use groma_value::addr::ResourceInstance;
use std::collections::HashSet;
use std::sync::Arc;

const FLAGS: &[Flag] = &[switch("dry-run", "Only say what would be removed.")];

/// The command.
pub static COMMAND: Command = Command {
    name: "state rm",
    usage: "[flags] ADDRESS...",
    summary: "Remove instances from the state, without destroying them",
    help: "Makes Groma forget resource instances: the real objects stay as they are and are no longer managed here. An address may be that of a module (with all that is in it), of a resource (with all its instances) or of an instance.",
    flags: &[FLAGS, EDIT_FLAGS, LOCK_FLAGS, &[SANDBOX, IGNORE_REMOTE_VERSION], COMMON_FLAGS],
    run,
    main: false,
};

fn run(s: &Session, args: &Args) -> Outcome {
    if args.rest.is_empty() {
        return Err("At least one address is required.".to_owned().into());
    }
    state_edit::check_flags(args)?;
    let targets = args.rest.iter().map(|t| s.address(t)).collect::<Result<Vec<_>, _>>()?;
    let dry_run = args.on("dry-run", false);
    let m = if dry_run { s.look_into_state(args)? } else { s.edit_state(args, "state-rm")?.manager };
    let mut state = m.file().state.clone();
    let mut found: Vec<ResourceInstance> = Vec::new();
    let mut seen = HashSet::new();
    let all = state_edit::instances(&state);
    for t in &targets {
        for (a, ..) in all.iter().filter(|(a, ..)| state_edit::names(t, a)) {
            if seen.insert(a.clone()) {
                found.push(a.clone());
            }
        }
    }
    drop(all);
    if dry_run {
        s.close_state(m)?;
        for a in &found {
            s.ui.line(&format!("Would remove {a}"));
        }
        if found.is_empty() {
            s.ui.line("Would have removed nothing.");
        }
        return Ok(0);
    }
    if found.is_empty() {
        let d = Diagnostic::error(
            "Invalid target address",
            "No matching objects found. groma state list shows the addresses of all that is there.",
        );
        return Err(s.refuse(m, d));
    }
    for a in &found {
        let key = a.abs_resource();
        let Some(r) = state.resources.get_mut(&key) else { continue };
        let r = Arc::make_mut(r);
        r.instances.remove(&a.key);
        if r.instances.is_empty() {
            state.resources.remove(&key);
        }
    }
    s.save_edited(m, state)?;
    for a in &found {
        s.ui.line(&format!("Removed {a}"));
    }
    s.ui.line(&format!("Successfully removed {} resource instance(s).", found.len()));
    Ok(0)
}
