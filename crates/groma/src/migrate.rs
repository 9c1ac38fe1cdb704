//! Copying states from one backend to another, for `init`.

use crate::args::Args;
use crate::commands::Failure;
use crate::session::Session;
use crate::state::state_error;
use groma_lang::Diagnostic;
use groma_state::file::same_content;
use groma_state::{Backend, DEFAULT_WORKSPACE, StateFile, StateStore};
use std::path::Path;

/// What a migration did.
#[derive(Debug, Default)]
pub struct Migrated {
    /// The workspaces of the source whose states are now in the destination.
    pub copied: Vec<String>,
}

/// What the user has agreed to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Consent {
    /// Nothing yet.
    None,
    /// To copy to where there is nothing.
    Copy,
    /// To overwrite what is there, too.
    Overwrite,
}

/// Copies what `from` has to `to`, asking before anything is copied (`force` answers
/// yes). The source keeps what it has.
pub fn migrate(
    s: &Session,
    args: &Args,
    from: &dyn Backend,
    to: &dyn Backend,
    force: bool,
) -> Result<Migrated, Failure> {
    let failed = |e| s.fail(state_error(&e));
    let mut done = Migrated::default();
    let sources = if from.has_workspaces() {
        from.workspaces().map_err(failed)?
    } else {
        vec![DEFAULT_WORKSPACE.into()]
    };
    let current = s.selected_workspace()?;
    let several = sources.len() > 1;
    let mut consent = if force { Consent::Overwrite } else { Consent::None };
    let pairs: Vec<(String, String)> = match (several, to.has_workspaces()) {
        (false, _) => sources.into_iter().map(|w| (w.clone(), w)).collect(),
        (true, true) => {
            let pairs: Vec<_> = sources.into_iter().map(|w| (w.clone(), w)).collect();
            let mut worth = Vec::new();
            for (source, destination) in &pairs {
                if there(s, (from, source), (to, destination))? {
                    worth.push(source.as_str());
                }
            }
            // One is asked about by itself.
            if !force && worth.len() > 1 {
                let yes = s.confirm(
                    &format!(
                        "Do you want to copy the states of {} workspaces to the backend {:?}?",
                        worth.len(),
                        to.kind()
                    ),
                    &format!(
                        "They keep their names: {}.\nStates that are there under these names already are OVERWRITTEN.\nTo copy only some of them, answer no, and use groma state pull and groma state push.\nThe flag -force-copy answers yes.",
                        worth.join(", ")
                    ),
                )?;
                if !yes {
                    return Err(aborted(s));
                }
                // The answer holds for each of them.
                consent = Consent::Overwrite;
            }
            pairs
        }
        (true, false) => {
            let here = (current.clone(), DEFAULT_WORKSPACE.to_owned());
            if !force && there(s, (from, &here.0), (to, &here.1))? {
                let yes = s.confirm(
                    &format!("Do you want to copy the current workspace only, {current:?}?"),
                    &format!("There are several workspaces, but the backend {:?} has one state only.\nThe others stay where they are. To copy another one, answer no and select it first.\nThe flag -force-copy answers yes.", to.kind()),
                )?;
                if !yes {
                    return Err(aborted(s));
                }
                consent = Consent::Copy;
            }
            vec![here]
        }
    };
    for (source, destination) in pairs {
        if copy(s, args, (from, &source), (to, &destination), consent)? {
            done.copied.push(source);
        } else if source == current && destination == current && to.has_workspaces() {
            // It stays selected, so it has to exist.
            to.open(&destination).map_err(failed)?;
        }
    }
    if !to.has_workspaces() && current != DEFAULT_WORKSPACE {
        groma_state::workspace::select(&s.data_dir, DEFAULT_WORKSPACE).map_err(failed)?;
    }
    Ok(done)
}

fn aborted(s: &Session) -> Failure {
    s.fail(Diagnostic::error(
        "Migration aborted",
        "Nothing was copied, and the working directory is as it was.",
    ))
}

/// Whether there is a state to copy from one place to another.
fn there(
    s: &Session,
    (from, source): (&dyn Backend, &str),
    (to, destination): (&dyn Backend, &str),
) -> Result<bool, Failure> {
    let failed = |e| s.fail(state_error(&e));
    let mut old = from.open_existing(source).map_err(failed)?;
    let new = to.open_existing(destination).map_err(failed)?;
    Ok(!same_place(from, &*old, to, &*new)
        && old.read().map_err(failed)?.is_some_and(|f| !f.state.is_empty()))
}

/// Whether both are one file.
fn same_place(from: &dyn Backend, old: &dyn StateStore, to: &dyn Backend, new: &dyn StateStore) -> bool {
    let real = |text: String| std::fs::canonicalize(&text).unwrap_or_else(|_| text.into());
    from.kind() == to.kind() && real(old.describe()) == real(new.describe())
}

/// Copies one state. Whether the destination has it now.
fn copy(
    s: &Session,
    args: &Args,
    (from, source): (&dyn Backend, &str),
    (to, destination): (&dyn Backend, &str),
    consent: Consent,
) -> Result<bool, Failure> {
    let failed = |e| s.fail(state_error(&e));
    let old = from.open_existing(source).map_err(failed)?;
    let mut new = to.open_existing(destination).map_err(failed)?;
    if same_place(from, &*old, to, &*new) {
        return Ok(false);
    }
    let lock = s.lock_request(args, "migration source state")?;
    let journal = s.data_dir.join(format!("{source}.tfstate.journal"));
    let old = s.manage(old, Some(journal), lock.as_ref(), lock.is_some())?;
    let stored = old.exists() && !old.file().state.is_empty();
    if !stored {
        s.close_state(old)?;
        return Ok(false);
    }
    if new.read().map_err(failed)?.is_none() && to.has_workspaces() {
        // What does not exist cannot be locked.
        new = to.open(destination).map_err(failed)?;
    }
    let lock = s.lock_request(args, "migration destination state")?;
    // No journal: those of remote states would get in each other's way, and a copy can
    // be made again.
    let mut new = s.manage(new, None, lock.as_ref(), lock.is_some())?;
    let there = new.exists().then(|| new.file().clone());
    let same = there.as_ref().is_some_and(|f| {
        f.lineage == old.file().lineage
            && f.serial == old.file().serial
            && same_content(&f.state, &old.file().state)
    });
    if same {
        s.close_state(new)?;
        s.close_state(old)?;
        return Ok(true);
    }
    let there = there.as_ref().filter(|f| !f.state.is_empty());
    let enough = if there.is_some() { Consent::Overwrite } else { Consent::Copy };
    let go = consent >= enough || wanted(s, from, to, old.file(), there)?;
    if go {
        new.push(old.file().clone(), true).map_err(failed)?;
    }
    s.close_state(new)?;
    s.close_state(old)?;
    Ok(go)
}

/// Asks whether a state is to be copied.
fn wanted(
    s: &Session,
    from: &dyn Backend,
    to: &dyn Backend,
    old: &StateFile,
    there: Option<&StateFile>,
) -> Result<bool, Failure> {
    let (from, to) = (from.kind(), to.kind());
    let question = "Do you want to copy the existing state to the new backend?";
    let Some(there) = there else {
        return s.confirm(
            question,
            &format!("The former backend ({from:?}) has a state, the new one ({to:?}) has none.\nWith no, the new backend starts out empty. The flag -force-copy answers yes."),
        );
    };
    let related = if old.lineage == there.lineage {
        format!(
            "Both are of the same lineage; the serial is {} in the former and {} in the new one.",
            old.serial, there.serial
        )
    } else {
        "They have nothing to do with each other: their lineages differ.".into()
    };
    s.confirm(
        question,
        &format!("Both the former backend ({from:?}) and the new one ({to:?}) have a state.\n{related}\nWith yes, the state of the new backend is OVERWRITTEN; with no, it is kept and used.\nThe flag -force-copy answers yes."),
    )
}

/// Puts local states aside that are somewhere else now: an old copy in the usual place
/// invites mistakes.
pub fn set_aside(s: &Session, workspaces: &[String]) -> Result<(), Failure> {
    let local = groma_state::LocalBackend::new(".");
    for w in workspaces {
        let paths = local.paths(w);
        let Some(backup) = paths.backup else { continue };
        if Path::new(&paths.write).exists() {
            std::fs::rename(&paths.write, &backup).map_err(|e| {
                format!("{} cannot be renamed to {}: {e}", paths.write.display(), backup.display())
            })?;
            s.ui.line(&format!("- {} is now {}", paths.write.display(), backup.display()));
        }
    }
    Ok(())
}
