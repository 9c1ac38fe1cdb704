//! The state of one workspace in a file.

use super::files::{self, LockedFile};
use crate::error::{Problem, StateError};
use crate::file::{self, StateFile};
use crate::lock::{LockConflict, LockInfo, Timestamp};
use crate::store::StateStore;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The files of a state, as the user names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalPaths {
    /// Read from here until something was written.
    pub read: PathBuf,
    /// Written to; the lock is on this file.
    pub write: PathBuf,
    /// Gets the former content before the first change.
    pub backup: Option<PathBuf>,
}

/// A state in a file that other processes, Terraform among them, may use at the
/// same time.
#[derive(Debug)]
pub struct LocalStore {
    named: LocalPaths,
    read: PathBuf,
    write: PathBuf,
    backup: Option<PathBuf>,
    locked: Option<(String, LockedFile)>,
    backup_written: bool,
    notices: Vec<Problem>,
}

impl LocalStore {
    /// The state in these files; relative paths are relative to `root`.
    pub fn new(root: &Path, paths: LocalPaths) -> LocalStore {
        LocalStore {
            read: root.join(&paths.read),
            write: root.join(&paths.write),
            backup: paths.backup.as_ref().map(|p| root.join(p)),
            named: paths,
            locked: None,
            backup_written: false,
            notices: Vec::new(),
        }
    }

    fn info_path(&self) -> PathBuf {
        files::beside(&self.write, "lock.info")
    }

    fn holder(&self) -> Option<LockInfo> {
        LockInfo::from_json(&fs::read(self.info_path()).ok()?).ok()
    }

    fn read_at(&self, path: &Path) -> Result<Option<Vec<u8>>, StateError> {
        let bytes = files::read(path).map_err(StateError::io("read the state", path))?;
        Ok(bytes.filter(|b| !b.is_empty()))
    }

    /// The copy that an interrupted write left, where the state has not moved on since.
    fn pending(&self, path: &Path) -> Result<Pending, StateError> {
        let copy = files::pending(path);
        let bytes = match fs::read(&copy) {
            Ok(b) => b,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Pending::None),
            Err(e) => return Err(StateError::io("read the state", &copy)(e)),
        };
        let current = self.read_at(path)?.unwrap_or_default();
        if current == bytes {
            return Ok(Pending::Done);
        }
        let Ok(new) = file::read(&bytes) else { return Ok(Pending::Superseded) };
        match file::read(&current) {
            Ok(c) if c.lineage != new.lineage || c.serial >= new.serial => Ok(Pending::Superseded),
            // Unreadable because it was half written, or the state before.
            _ => Ok(Pending::Valid(bytes)),
        }
    }

    /// Completes a write that was interrupted. Only with the lock.
    fn repair(&mut self) -> Result<(), StateError> {
        let failed = |path| StateError::io("complete an interrupted write of the state", path);
        match self.pending(&self.write)? {
            Pending::None => {}
            Pending::Done => files::drop_pending(&self.write).map_err(failed(&self.write))?,
            Pending::Valid(bytes) => {
                files::finish_pending(&self.write, &bytes).map_err(failed(&self.write))?;
                self.notices.push(Problem::new(
                    "State repaired",
                    format!(
                        "An earlier run was interrupted while it wrote {}. The write has been completed from the copy it left.",
                        self.named.write.display()
                    ),
                ));
            }
            Pending::Superseded => {
                let copy = files::pending(&self.write);
                let kept = self.write.with_file_name(format!(
                    "{}.interrupted-{}",
                    self.write.file_name().unwrap_or_default().to_string_lossy(),
                    jiff::Timestamp::now().as_second()
                ));
                fs::rename(&copy, &kept).map_err(failed(&copy))?;
                self.notices.push(Problem::new(
                    "Interrupted write of the state",
                    format!(
                        "An earlier run was interrupted while it wrote {}, and another program has changed the state since. What was not written is kept in {}; compare the two, as it may name objects that the state no longer has.",
                        self.named.write.display(),
                        kept.display()
                    ),
                ));
            }
        }
        Ok(())
    }

    fn write_backup(&mut self, new: &StateFile) -> Result<(), StateError> {
        let Some(backup) = self.backup.clone() else { return Ok(()) };
        if self.backup_written {
            return Ok(());
        }
        let Some(bytes) = self.read_at(&self.write)? else { return Ok(()) };
        let mut old = file::read(&bytes)?;
        if file::same_content(&old.state, &new.state) {
            return Ok(());
        }
        old.terraform_version = file::TERRAFORM_VERSION.into();
        files::write_new(&backup, &file::write(&old)?, 0o666)
            .map_err(StateError::io("write the backup of the state", &backup))?;
        self.backup_written = true;
        Ok(())
    }
}

enum Pending {
    None,
    /// The state has it already.
    Done,
    /// The state should have it.
    Valid(Vec<u8>),
    /// Somebody else wrote the state since.
    Superseded,
}

impl StateStore for LocalStore {
    fn describe(&self) -> String {
        self.named.write.display().to_string()
    }

    fn read(&mut self) -> Result<Option<StateFile>, StateError> {
        let bytes = match self.pending(&self.read)? {
            Pending::Valid(bytes) => Some(bytes),
            _ => self.read_at(&self.read)?,
        };
        bytes.map(|b| file::read(&b)).transpose()
    }

    fn write(&mut self, new: &StateFile) -> Result<(), StateError> {
        let bytes = file::write(new)?;
        self.write_backup(new)?;
        files::replace(&self.write, &bytes).map_err(StateError::io("write the state", &self.write))?;
        self.read = self.write.clone();
        Ok(())
    }

    fn delete(&mut self) -> Result<(), StateError> {
        match fs::remove_file(&self.write) {
            Err(e) if e.kind() != ErrorKind::NotFound => {
                Err(StateError::io("delete the state", &self.write)(e))
            }
            _ => Ok(()),
        }
    }

    fn lock(&mut self, info: &LockInfo) -> Result<String, StateError> {
        let conflict = |message: String, holder, retriable| {
            Err(StateError::Locked(Box::new(LockConflict { message, holder, retriable })))
        };
        if self.locked.is_some() {
            return conflict(format!("state {:?} already locked", self.describe()), self.holder(), false);
        }
        let failed = StateError::io("lock the state", &self.write);
        let locked = (|| {
            if let Some(folder) = self.write.parent() {
                fs::create_dir_all(folder)?;
            }
            files::lock(&self.write)
        })();
        let Some(locked) = locked.map_err(failed)? else {
            return conflict("resource temporarily unavailable".into(), self.holder(), true);
        };
        self.locked = Some((info.id.clone(), locked));
        let info = LockInfo {
            path: self.named.read.display().to_string(),
            created: Timestamp::now(),
            ..info.clone()
        };
        let path = self.info_path();
        let done = files::write_new(&path, info.to_json().as_bytes(), 0o600)
            .map_err(StateError::io("write the lock's info", &path))
            .and_then(|()| self.repair());
        match done {
            Ok(()) => Ok(info.id),
            Err(e) => {
                self.unlock(&info.id)?;
                Err(e)
            }
        }
    }

    fn unlock(&mut self, id: &str) -> Result<(), StateError> {
        let (own, locked) = match self.locked.take() {
            None => return Err(StateError::backend("Failed to unlock state", "LocalState not locked")),
            Some(l) => l,
        };
        if own != id {
            self.locked = Some((own.clone(), locked));
            return Err(StateError::Locked(Box::new(LockConflict {
                message: format!("invalid lock id: {id:?}. current id: {own:?}"),
                holder: self.holder(),
                retriable: false,
            })));
        }
        // Without the info the lock still holds, so its absence is no error.
        fs::remove_file(self.info_path()).ok();
        locked.unlock(&self.write);
        Ok(())
    }

    /// Always refused: the lock ends with the process that holds it, so there is
    /// nothing to be left behind.
    fn force_unlock(&mut self, _id: &str) -> Result<(), StateError> {
        Err(StateError::backend(
            "Failed to unlock state",
            "Local state cannot be unlocked by another process",
        ))
    }

    fn journal_path(&self) -> Option<PathBuf> {
        Some(files::beside(&self.write, "journal"))
    }

    fn take_notices(&mut self) -> Vec<Problem> {
        std::mem::take(&mut self.notices)
    }
}

impl Drop for LocalStore {
    /// Releases the lock: an owner that goes away has no more use for it.
    fn drop(&mut self) {
        if let Some((_, locked)) = self.locked.take() {
            fs::remove_file(self.info_path()).ok();
            locked.unlock(&self.write);
        }
    }
}
