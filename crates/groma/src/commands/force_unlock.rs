//! `groma force-unlock`

use super::{Command, Outcome};
use crate::args::{Args, Flag, switch};
use crate::operation::{COMMON_FLAGS, SANDBOX};
use crate::platform::Project;
use crate::session::Session;
use crate::state::state_error;
use groma_lang::Diagnostic;
use groma_platform::record::RECORD;
use std::collections::BTreeSet;

const FLAGS: &[Flag] = &[switch("force", "Do not ask for approval.")];

/// The command.
pub static COMMAND: Command = Command {
    name: "force-unlock",
    usage: "[flags] LOCK_ID",
    summary: "Remove a lock that was left behind",
    help: "Removes the lock of the selected workspace's state. Use it only for a lock whose owner has died: if it is still at work, its changes and yours can destroy each other. Locks of local states end by themselves with the process that holds them. Beside a groma.hcl it finds the lock among all states of the platform.",
    flags: &[FLAGS, &[SANDBOX], COMMON_FLAGS],
    run,
    main: false,
};

fn run(s: &Session, args: &Args) -> Outcome {
    let [id] = &args.rest[..] else {
        return Err("Expected a single argument: LOCK_ID".to_owned().into());
    };
    if std::path::Path::new("groma.hcl").exists() {
        return of_platform(s, args, id);
    }
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

/// Looks for the lock in the states of all that the platform has, or could have.
fn of_platform(s: &Session, args: &Args, id: &str) -> Outcome {
    let p = Project::open(s, args)?;
    if p.backend(RECORD).0 == "local" {
        s.ui.line("The platform keeps its states in local files, and their locks end by themselves with the process that holds them. There is nothing to remove.");
        return Ok(0);
    }
    let record = p.recorded()?;
    let mut names = BTreeSet::from([RECORD.to_owned()]);
    let declared =
        p.manifest.environments().iter().filter(|e| e.each.is_none()).map(|e| (e.name.clone(), None));
    let live = record.environments.values().map(|l| (l.name.clone(), l.label.clone()));
    for (name, label) in declared.chain(live) {
        // What the manifest no longer has is not what is being worked on.
        let Ok(env) = p.manifest.environment(&name, label.as_deref()) else { continue };
        names.insert(env.slug);
    }
    names.extend(p.manifest.networks.keys().map(|n| format!("network-{n}")));
    names.insert(groma_platform::compile::ONCE.to_owned());
    if !args.on("force", false)
        && !s.confirm(
            "Do you really want to force-unlock?",
            &format!("The lock {id} is removed. If its owner is still\nat work, both can change the same things at the same time."),
        )?
    {
        s.ui.line("force-unlock cancelled.");
        return Ok(1);
    }
    let workspace = s.selected_workspace()?;
    for name in &names {
        let unlocked = p.within(&p.root_dir(name)?, || {
            let backend = p.open_backend(name)?;
            let mut store = backend.open_existing(&workspace).map_err(|e| s.fail(state_error(&e)))?;
            // Another lock, or none: it is not this one.
            Ok(store.force_unlock(id).is_ok())
        })?;
        if unlocked {
            s.ui.line(&format!(
                "{} Others can take the lock now.",
                s.paint().code("1;32", &format!("The state of {name} has been unlocked."))
            ));
            return Ok(0);
        }
    }
    Err(s.fail(Diagnostic::error(
        "No such lock",
        format!("None of the platform's states has a lock with the ID {id}: {}. Perhaps its owner has ended meanwhile.", names.into_iter().collect::<Vec<_>>().join(", ")),
    )))
}
