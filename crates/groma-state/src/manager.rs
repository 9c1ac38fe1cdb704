//! One run's use of a state: lock, read, journal, write, unlock; serials.

use crate::error::{Problem, StateError};
use crate::file::{self, StateFile, same_content};
use crate::journal::{Change, Journal, Relation};
use crate::lock::LockInfo;
use crate::model::State;
use crate::store::{StateStore, lock_waiting};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

pub use crate::journal::Position;

/// Where a state goes that could not be written where it belongs.
pub const ERRORED_STATE_FILE: &str = "errored.tfstate";

/// How a lock is to be taken.
#[derive(Clone, Debug)]
pub struct LockRequest {
    /// What is stored with the lock.
    pub info: LockInfo,
    /// How long to wait while somebody else holds it.
    pub timeout: Duration,
}

/// A state as one run sees it.
///
/// The order of things: [`Manager::open`] (with a lock for whatever writes), then
/// changes through [`Manager::journal`] as they happen, [`Manager::persist`] at the
/// end and now and then, [`Manager::close`].
pub struct Manager {
    store: Box<dyn StateStore>,
    lock: Option<String>,
    /// As it is stored.
    stored: Option<StateFile>,
    /// With what the journal adds.
    current: StateFile,
    journal: Option<Arc<Journal>>,
    notices: Vec<Problem>,
}

impl Manager {
    /// Opens a state: takes the lock if one is asked for, reads, and applies what an
    /// interrupted run left in its journal. With a lock, or with `writes`, the
    /// result is written at once; otherwise it is only seen.
    ///
    /// `journal` is where a journal goes for a store that is remote.
    pub fn open(
        mut store: Box<dyn StateStore>,
        journal: Option<PathBuf>,
        lock: Option<&LockRequest>,
        writes: bool,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Manager, StateError> {
        let id = match lock {
            Some(l) => Some(lock_waiting(&mut *store, &l.info, l.timeout, cancelled)?),
            None => None,
        };
        let mut manager = Manager {
            journal: None,
            lock: id,
            stored: None,
            current: StateFile::new(),
            store,
            notices: Vec::new(),
        };
        match manager.load(journal, lock.is_some() || writes) {
            Ok(()) => Ok(manager),
            Err(e) => {
                // The first error says more than one of unlocking would.
                manager.unlock().ok();
                Err(e)
            }
        }
    }

    fn load(&mut self, journal: Option<PathBuf>, writes: bool) -> Result<(), StateError> {
        self.stored = self.store.read()?;
        if let Some(file) = &self.stored {
            self.current = file.clone();
        }
        let Some(path) = self.store.journal_path().or(journal) else { return Ok(()) };
        let left = Journal::load(&path)?;
        let mut recovered = None;
        if let Some(content) = &left {
            if let Some(line) = content.damaged {
                self.notices.push(Problem::new(
                    "Damaged journal",
                    format!(
                        "Line {line} of {} is damaged. What stands before it has been used, what follows has not.",
                        path.display()
                    ),
                ));
            }
            match content.relation(self.stored.as_ref()) {
                _ if content.records.is_empty() => {}
                Relation::Continues(from) if from >= content.records.len() => {}
                Relation::Continues(from) => {
                    if self.stored.is_none() {
                        self.current.lineage.clone_from(&content.lineage);
                    }
                    content.replay(from, &mut self.current.state);
                    recovered = Some(content.records.len() - from);
                }
                Relation::Diverged if !writes => {}
                Relation::Diverged => {
                    let kept = path.with_extension(format!("journal-{}", jiff::Timestamp::now().as_second()));
                    fs::rename(&path, &kept).map_err(StateError::io("keep the journal", &path))?;
                    self.notices.push(Problem::new(
                        "Journal of another state",
                        format!(
                            "An earlier run was interrupted and left a journal of {} operations that were not yet part of the state, but the state has been changed by others since. The journal is kept in {}; it may name objects that the state does not have.",
                            content.records.len(),
                            kept.display()
                        ),
                    ));
                }
            }
        }
        if !writes {
            return Ok(());
        }
        let damaged = left.as_ref().is_some_and(|c| c.damaged.is_some());
        if let Some(n) = recovered {
            let state = self.current.state.clone();
            self.current.state = self.stored.as_ref().map(|f| f.state.clone()).unwrap_or_default();
            self.write(state, None)?;
            self.notices.push(Problem::new(
                "State recovered",
                format!("An earlier run was interrupted. The {n} operations that it had finished were taken from its journal into the state."),
            ));
        }
        if left.is_some() && path.exists() {
            let moved = if damaged {
                fs::rename(&path, path.with_extension("journal-damaged"))
            } else {
                fs::remove_file(&path)
            };
            moved.map_err(StateError::io("remove the journal", &path))?;
        }
        self.journal = Some(Arc::new(Journal::new(path, &self.current.lineage, self.current.serial)));
        Ok(())
    }

    /// The state, with lineage and serial, as last read or written.
    pub fn file(&self) -> &StateFile {
        &self.current
    }

    /// Whether there is a state: stored, or in the journal of a run that was killed before it
    /// stored any.
    pub fn exists(&self) -> bool {
        self.stored.is_some() || !self.current.state.is_empty()
    }

    /// The journal to which changes are to be reported as they happen. `None` when
    /// the state was opened for reading only.
    pub fn journal(&self) -> Option<Arc<Journal>> {
        self.journal.clone()
    }

    /// Reports changes and waits until they are on the disk. A store for reading
    /// only takes no notice.
    pub fn record(&self, changes: &[Change]) -> Result<(), StateError> {
        self.journal.as_ref().map_or(Ok(()), |j| j.record(changes))
    }

    /// Writes the state if it differs from what is stored, with the next serial.
    /// Whether it wrote. All that the journal holds must be part of `state`.
    pub fn persist(&mut self, state: State) -> Result<bool, StateError> {
        self.persist_at(state, None)
    }

    /// As [`Manager::persist`], while changes are still being reported: `state` has
    /// those up to `position` ([`Journal::position`]); `None` means all.
    pub fn persist_at(&mut self, state: State, position: Option<Position>) -> Result<bool, StateError> {
        if self.stored.as_ref().is_some_and(|s| same_content(&s.state, &state)) {
            self.current.state = state;
            self.rebase(position)?;
            return Ok(false);
        }
        self.write(state, position)?;
        Ok(true)
    }

    /// Writes with the next serial.
    fn write(&mut self, state: State, position: Option<Position>) -> Result<(), StateError> {
        let mut file = self.current.with_state(state);
        file.serial += 1;
        self.replace(file, position)
    }

    fn replace(&mut self, file: StateFile, position: Option<Position>) -> Result<(), StateError> {
        if let Some(j) = &self.journal {
            // A seal only makes recovery surer; a full disk here must not keep the
            // state from being written elsewhere.
            j.seal(&file, &file::write(&file)?, position.unwrap_or_else(|| j.position())).ok();
        }
        self.store.write(&file)?;
        self.current = file.clone();
        self.stored = Some(file);
        if let Err(e) = self.rebase(position) {
            // The state is written; what is left is only in the way.
            self.notices.push(Problem::new("The journal could not be removed", e.to_string()));
        }
        Ok(())
    }

    fn rebase(&self, position: Option<Position>) -> Result<(), StateError> {
        let Some(j) = &self.journal else { return Ok(()) };
        let position = position.unwrap_or_else(|| j.position());
        j.rebase(&self.current.lineage, self.current.serial, position)
    }

    /// Replaces the state with another one, as `state push` and migrations do: its
    /// lineage and serial are kept, but the serial is raised by one where it
    /// replaces a different content. Unless forced, [`check_push`] must agree.
    pub fn push(&mut self, mut file: StateFile, force: bool) -> Result<(), StateError> {
        if !force {
            check_push(&file, self.stored.as_ref())?;
        }
        if self.stored.as_ref().is_some_and(|s| !same_content(&s.state, &file.state)) {
            file.serial += 1;
        }
        file.terraform_version = file::TERRAFORM_VERSION.into();
        self.replace(file, None)
    }

    /// What a user should hear of: repairs, leftovers of interrupted runs.
    pub fn take_notices(&mut self) -> Vec<Problem> {
        let mut out = self.store.take_notices();
        out.append(&mut self.notices);
        out
    }

    /// The store, for what concerns it alone.
    pub fn store(&mut self) -> &mut dyn StateStore {
        &mut *self.store
    }

    /// Releases the lock, if one was taken. Once more is no error.
    pub fn unlock(&mut self) -> Result<(), StateError> {
        match self.lock.take() {
            Some(id) => self.store.unlock(&id),
            None => Ok(()),
        }
    }

    /// Ends the use of the state and gives back its store.
    pub fn close(mut self) -> Result<Box<dyn StateStore>, StateError> {
        self.unlock()?;
        Ok(self.store)
    }
}

/// Whether `new` may replace `stored` without force: anything may replace an empty
/// state; otherwise the lineage must be the same and the serial greater, or the
/// content equal.
pub fn check_push(new: &StateFile, stored: Option<&StateFile>) -> Result<(), StateError> {
    let Some(old) = stored.filter(|f| !f.state.is_empty()) else { return Ok(()) };
    let refuse = |detail: String| Err(StateError::backend("Failed to write state", detail));
    if new.lineage.is_empty()
        || old.lineage.is_empty()
        || (new.lineage == old.lineage && new.serial > old.serial)
    {
        Ok(())
    } else if new.lineage != old.lineage {
        refuse(format!(
            "cannot import state with lineage {:?} over unrelated state with lineage {:?}",
            new.lineage, old.lineage
        ))
    } else if new.serial < old.serial {
        refuse(format!(
            "cannot import state with serial {} over newer state with serial {}",
            new.serial, old.serial
        ))
    } else if same_content(&new.state, &old.state) {
        Ok(())
    } else {
        refuse(format!(
            "cannot overwrite existing state with serial {} with a different state that has the same serial",
            new.serial
        ))
    }
}

/// Puts a state that could not be written where it belongs into a file in `folder`,
/// and gives its path. The serial is the one that writing would have given it, so
/// that `state push` takes the file.
pub fn save_errored(folder: &Path, base: &StateFile, state: State) -> Result<PathBuf, StateError> {
    let path = folder.join(ERRORED_STATE_FILE);
    let mut file = base.with_state(state);
    file.serial += 1;
    crate::local::write_new(&path, &file::write(&file)?, 0o600)
        .map_err(StateError::io("write the state", &path))?;
    Ok(path)
}
