//! What every place that can hold states offers.

use crate::error::{Problem, StateError};
use crate::file::StateFile;
use crate::lock::LockInfo;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// The name of the workspace that always exists.
pub const DEFAULT_WORKSPACE: &str = "default";

/// A place that holds a state for each workspace.
pub trait Backend: Send + Sync {
    /// Its type, as in `backend "s3"`.
    fn kind(&self) -> &'static str;
    /// Whether it can have workspaces other than `default`.
    fn has_workspaces(&self) -> bool {
        true
    }
    /// All workspaces: `default` first, then by name. An error where the backend
    /// has only one.
    fn workspaces(&self) -> Result<Vec<String>, StateError>;
    /// Removes a workspace and its state, whether empty or not. `default` cannot
    /// be removed.
    fn delete_workspace(&self, name: &str) -> Result<(), StateError>;
    /// The state of a workspace, which this creates if it does not exist (so far
    /// as an empty state exists in this backend).
    fn open(&self, workspace: &str) -> Result<Box<dyn StateStore>, StateError>;
    /// The state of a workspace for reading; where the workspace does not exist,
    /// there is no state in it.
    fn open_existing(&self, workspace: &str) -> Result<Box<dyn StateStore>, StateError> {
        self.open(workspace)
    }
}

/// The state of one workspace. All calls block.
pub trait StateStore: Send {
    /// Where it is, for messages: a path, a URL.
    fn describe(&self) -> String;
    /// The state; `None` where there is none yet.
    fn read(&mut self) -> Result<Option<StateFile>, StateError>;
    /// Replaces the state. Where this fails, the former state is still there.
    fn write(&mut self, file: &StateFile) -> Result<(), StateError>;
    /// Removes the state. No error where there is none.
    fn delete(&mut self) -> Result<(), StateError>;
    /// Takes the lock, without waiting, and gives its ID, which may be another
    /// than asked for. [`StateError::Locked`] where somebody else holds it.
    fn lock(&mut self, info: &LockInfo) -> Result<String, StateError>;
    /// Releases the lock that [`StateStore::lock`] took.
    fn unlock(&mut self, id: &str) -> Result<(), StateError>;
    /// Releases a lock that somebody else took and left behind.
    fn force_unlock(&mut self, id: &str) -> Result<(), StateError>;
    /// Whether `lock` protects against anything.
    fn can_lock(&self) -> bool {
        true
    }
    /// Where a journal for this state belongs; `None` where the state is remote.
    fn journal_path(&self) -> Option<PathBuf> {
        None
    }
    /// What a user should hear of since the last call: repairs, leftovers.
    fn take_notices(&mut self) -> Vec<Problem> {
        Vec::new()
    }
}

/// Takes a lock, waiting up to `timeout` while somebody else holds it. `cancelled`
/// is asked about ten times a second. The error is that of the last attempt.
pub fn lock_waiting(
    store: &mut dyn StateStore,
    info: &LockInfo,
    timeout: Duration,
    cancelled: &dyn Fn() -> bool,
) -> Result<String, StateError> {
    const TICK: Duration = Duration::from_millis(100);
    let deadline = Instant::now() + timeout;
    let mut delay = Duration::from_millis(250);
    loop {
        let error = match store.lock(info) {
            Err(e) if e.lock_conflict().is_some_and(|c| c.retriable) => e,
            other => return other,
        };
        let until = (Instant::now() + delay).min(deadline);
        delay = (delay * 2).min(Duration::from_secs(5));
        if Instant::now() >= deadline {
            return Err(error);
        }
        while Instant::now() < until {
            if cancelled() {
                return Err(error);
            }
            std::thread::sleep(TICK.min(until.saturating_duration_since(Instant::now())));
        }
    }
}
