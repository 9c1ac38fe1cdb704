//! The journal: what has happened since the state was last written.
//!
//! Each finished operation is appended to a file beside the state before anything
//! else relies on it, so that a process that is killed at any moment loses
//! nothing that it knew. The next process that opens the state applies the
//! journal to it. A journal belongs to one state: that of its lineage and serial.
//!
//! The file is text, one record a line: a checksum, and JSON. The first record
//! names the state; each other holds changes that belong together, or the fact
//! that a new state with all changes so far is about to be written. A last line
//! that is incomplete was never reported as done and is ignored.

mod change;
mod content;

pub use change::Change;
pub(crate) use content::crc32;
pub use content::{JournalContent, Relation};

use crate::error::StateError;
use crate::file::StateFile;
use crate::local::sync_folder;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// A journal that is being written. Shared by reference between threads.
///
/// The file is created with the first record, readable by its owner only.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    inner: Mutex<Inner>,
    sync: Mutex<SyncState>,
    synced: Condvar,
}

/// How many records had been appended at some moment. Increases over the whole
/// life of a [`Journal`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position(u64);

#[derive(Debug)]
struct Inner {
    lineage: String,
    serial: u64,
    file: Option<File>,
    /// The position of the file's first record.
    base: u64,
    /// Where each record of the file begins.
    starts: Vec<u64>,
    /// Where the next begins.
    end: u64,
}

#[derive(Debug, Default)]
struct SyncState {
    /// What is on the disk.
    done: u64,
    /// Whether a thread waits for the disk on behalf of all.
    running: bool,
}

fn guard<T>(m: &Mutex<T>) -> MutexGuard<'_, T> {
    m.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Journal {
    /// A journal at `path` for the state of this lineage and serial. There must be
    /// no file: a journal that is there has to be applied first.
    pub fn new(path: impl Into<PathBuf>, lineage: &str, serial: u64) -> Journal {
        let inner =
            Inner { lineage: lineage.to_owned(), serial, file: None, base: 0, starts: Vec::new(), end: 0 };
        Journal {
            path: path.into(),
            inner: Mutex::new(inner),
            sync: Mutex::default(),
            synced: Condvar::new(),
        }
    }

    /// Reads the journal at `path`; `None` where there is none.
    pub fn load(path: &Path) -> Result<Option<JournalContent>, StateError> {
        match fs::read(path) {
            Ok(bytes) => content::parse(&bytes).map(Some),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
            Err(e) => Err(StateError::io("read the journal", path)(e)),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Appends changes that belong together and waits until they are on the disk.
    pub fn record(&self, changes: &[Change]) -> Result<(), StateError> {
        let position = self.append(changes)?;
        self.sync(position)
    }

    /// Appends changes without waiting for the disk. From here on they survive the
    /// end of this process; what survives the end of the machine, [`Journal::sync`]
    /// tells.
    pub fn append(&self, changes: &[Change]) -> Result<Position, StateError> {
        let line = content::changes_line(changes)?;
        let mut inner = guard(&self.inner);
        inner.append(&self.path, line.as_bytes()).map_err(StateError::io("write the journal", &self.path))?;
        Ok(Position(inner.position()))
    }

    /// How many records there are. Take it under the same lock that guards the state
    /// which the records describe, to have both agree.
    pub fn position(&self) -> Position {
        Position(guard(&self.inner).position())
    }

    /// Waits until everything up to `position` is on the disk. Of several threads
    /// that wait, one does the work for all.
    pub fn sync(&self, position: Position) -> Result<(), StateError> {
        let mut state = guard(&self.sync);
        while state.done < position.0 {
            if state.running {
                state = self.synced.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            state.running = true;
            drop(state);
            let (file, upto) = {
                let inner = guard(&self.inner);
                (inner.file.as_ref().map(File::try_clone), inner.position())
            };
            let result = match file {
                None => Ok(()),
                Some(Ok(f)) => f.sync_data(),
                Some(Err(e)) => Err(e),
            };
            state = guard(&self.sync);
            state.running = false;
            self.synced.notify_all();
            result.map_err(StateError::io("write the journal", &self.path))?;
            state.done = state.done.max(upto);
        }
        Ok(())
    }

    /// Notes that `file`, written as `bytes`, is about to replace the state and
    /// contains all changes up to `position`. After a crash this tells whether it did.
    pub fn seal(&self, file: &StateFile, bytes: &[u8], position: Position) -> Result<(), StateError> {
        let mut inner = guard(&self.inner);
        if inner.file.is_none() {
            return Ok(());
        }
        let included = position.0.saturating_sub(inner.base);
        let line = content::seal_line(file.serial, bytes, included);
        let failed = StateError::io("write the journal", &self.path);
        let appended = inner.write(&self.path, line.as_bytes());
        let file = inner.file.as_ref().map(File::try_clone);
        drop(inner);
        let synced = || file.transpose()?.map_or(Ok(()), |f| f.sync_data());
        appended.and_then(|_| synced()).map_err(failed)
    }

    /// Starts anew after the state was written with all changes up to `position`:
    /// only later ones are kept, and without any the file goes away.
    pub fn rebase(&self, lineage: &str, serial: u64, position: Position) -> Result<(), StateError> {
        let mut inner = guard(&self.inner);
        let result = inner.rebase(&self.path, lineage, serial, position.0);
        result.map_err(StateError::io("write the journal", &self.path))
    }
}

impl Inner {
    fn position(&self) -> u64 {
        self.base + self.starts.len() as u64
    }

    /// Appends a record.
    fn append(&mut self, path: &Path, line: &[u8]) -> io::Result<()> {
        let start = self.write(path, line)?;
        self.starts.push(start);
        Ok(())
    }

    /// Appends a line and gives where it begins.
    fn write(&mut self, path: &Path, line: &[u8]) -> io::Result<u64> {
        let file = match &mut self.file {
            Some(f) => f,
            none => {
                let header = content::header_line(&self.lineage, self.serial);
                let mut file = create(path)?;
                if let Err(e) = file.write_all(header.as_bytes()).and_then(|()| file.sync_all()) {
                    fs::remove_file(path).ok();
                    return Err(e);
                }
                sync_folder(path)?;
                self.end = header.len() as u64;
                none.insert(file)
            }
        };
        // At a fixed place: what a failed write left behind is overwritten.
        let start = self.end;
        file.write_all_at(line, start)?;
        self.end = start + line.len() as u64;
        Ok(start)
    }

    /// Where this fails, nothing has changed: the old file with its seal still
    /// says the same.
    fn rebase(&mut self, path: &Path, lineage: &str, serial: u64, position: u64) -> io::Result<()> {
        let included = usize::try_from(position.saturating_sub(self.base)).unwrap_or(usize::MAX);
        let position = self.position();
        let mut starts = Vec::new();
        let mut end = 0;
        let mut file = None;
        match (self.starts.get(included), &self.file) {
            (Some(start), Some(old)) => {
                let mut tail = vec![0; usize::try_from(self.end - start).map_err(io::Error::other)?];
                old.read_exact_at(&mut tail, *start)?;
                let temporary = path.with_extension("journal-new");
                remove(&temporary)?;
                let mut new = create(&temporary)?;
                let header = content::header_line(lineage, serial);
                new.write_all(header.as_bytes())?;
                end = header.len() as u64;
                for line in tail.split_inclusive(|b| *b == b'\n').filter(|l| !content::is_seal(l)) {
                    new.write_all(line)?;
                    starts.push(end);
                    end += line.len() as u64;
                }
                new.sync_all()?;
                fs::rename(&temporary, path)?;
                file = Some(new);
            }
            _ if self.file.is_some() => remove(path)?,
            _ => {}
        }
        let base = position - starts.len() as u64;
        *self = Inner { lineage: lineage.to_owned(), serial, file, base, starts, end };
        sync_folder(path)
    }
}

fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}
