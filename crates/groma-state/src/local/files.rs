//! Files that several processes share: reading, locking, replacing.
//!
//! Terraform locks a state with a POSIX lock on the file itself and writes it in
//! place. A process that replaced the file by renaming another over it would
//! leave a waiting Terraform with a lock on a file that is no longer there, and
//! its state would be lost; so the file is written in place here as well, and
//! what makes the write atomic is a complete copy beside it (see
//! [`replace`]).
//!
//! A POSIX lock belongs to the process and goes away when the process closes *any*
//! descriptor of the file. So all access to state files within this process
//! passes through one table of what is locked: a locked file is read through the
//! descriptor that holds the lock, and nobody opens it a second time.

use rustix::fs::{FlockOperation, fcntl_lock};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Device and inode.
type FileId = (u64, u64);

static LOCKED: Mutex<BTreeMap<FileId, Arc<File>>> = Mutex::new(BTreeMap::new());

fn locked() -> MutexGuard<'static, BTreeMap<FileId, Arc<File>>> {
    LOCKED.lock().unwrap_or_else(PoisonError::into_inner)
}

fn id_at(path: &Path) -> io::Result<Option<FileId>> {
    match fs::metadata(path) {
        Ok(m) => Ok(Some((m.dev(), m.ino()))),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

/// A POSIX write lock on a file.
#[derive(Debug)]
pub(super) struct LockedFile {
    file: Arc<File>,
    id: FileId,
    /// Whether the file did not exist before.
    created: bool,
}

/// Opens (and creates) a file and locks it; `None` where somebody else has the lock.
pub(super) fn lock(path: &Path) -> io::Result<Option<LockedFile>> {
    loop {
        let mut table = locked();
        let before = id_at(path)?;
        if before.is_some_and(|id| table.contains_key(&id)) {
            return Ok(None);
        }
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        match fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            // Which of the two it is depends on the system.
            Err(rustix::io::Errno::AGAIN | rustix::io::Errno::ACCESS) => return Ok(None),
            Err(e) => return Err(e.into()),
        }
        let meta = file.metadata()?;
        let id = (meta.dev(), meta.ino());
        // Between opening and locking, the former holder may have removed the file.
        if id_at(path)? == Some(id) {
            let file = Arc::new(file);
            table.insert(id, file.clone());
            return Ok(Some(LockedFile { file, id, created: before.is_none() }));
        }
    }
}

impl LockedFile {
    /// Releases the lock. A file that was made for it and never written goes away.
    pub(super) fn unlock(self, path: &Path) {
        let mut table = locked();
        // While the lock is still held: afterwards the file may be another's.
        if self.created && self.file.metadata().is_ok_and(|m| m.len() == 0) {
            fs::remove_file(path).ok();
        }
        table.remove(&self.id);
        // Closing the last descriptor releases the lock.
    }
}

/// The content; `None` where there is no file.
pub(super) fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    // Held throughout: closing the file below would release a lock that another
    // thread takes on it in the meantime.
    let table = locked();
    match id_at(path)? {
        None => Ok(None),
        Some(id) => match table.get(&id) {
            None => fs::read(path).map(Some),
            Some(file) => {
                let mut bytes = vec![0; usize::try_from(file.metadata()?.len()).map_err(io::Error::other)?];
                file.read_exact_at(&mut bytes, 0)?;
                Ok(Some(bytes))
            }
        },
    }
}

/// `.name.suffix` beside `path`; a leading dot of the name is not doubled.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.strip_prefix('.').unwrap_or(&name);
    path.with_file_name(format!(".{name}.{suffix}"))
}

/// The complete copy that exists while a state is being written.
pub(super) fn pending(path: &Path) -> PathBuf {
    beside(path, "pending")
}

/// Replaces the content so that a crash at any moment leaves the old content, or
/// the new content, or the new content in [`pending`] from which
/// [`finish_pending`] completes the work.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let copy = pending(path);
    write_new(&copy, bytes, 0o600)?;
    overwrite(path, bytes)?;
    fs::remove_file(&copy)?;
    sync_folder(path)
}

/// Completes what [`replace`] began.
pub(super) fn finish_pending(path: &Path, bytes: &[u8]) -> io::Result<()> {
    overwrite(path, bytes)?;
    drop_pending(path)
}

/// Removes the copy.
pub(super) fn drop_pending(path: &Path) -> io::Result<()> {
    fs::remove_file(pending(path))?;
    sync_folder(path)
}

/// Overwrites in place and waits for the disk. While the content is neither the
/// old nor the new, its first byte makes it unreadable as JSON, so that nobody
/// takes a half-written state, or an empty one, for a state.
fn overwrite(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let table = locked();
    let held = match id_at(path)? {
        Some(id) => table.get(&id).cloned(),
        None => None,
    };
    let file = match held {
        Some(f) => f,
        None => Arc::new(OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?),
    };
    let (first, rest) = bytes.split_at(bytes.len().min(1));
    file.write_all_at(b"!", 0)?;
    file.sync_data()?;
    file.write_all_at(rest, 1)?;
    file.set_len(bytes.len() as u64)?;
    file.sync_data()?;
    file.write_all_at(first, 0)?;
    file.sync_all()
}

/// Writes a whole file under another name, waits for the disk, and renames it.
pub(crate) fn write_new(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let temporary = beside(path, "tmp");
    let written = (|| {
        // A leftover may have other permissions, or be a link to elsewhere.
        match fs::remove_file(&temporary) {
            Err(e) if e.kind() != ErrorKind::NotFound => return Err(e),
            _ => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    })();
    if written.is_err() {
        fs::remove_file(&temporary).ok();
        return written;
    }
    sync_folder(path)
}

/// Waits until the names in the folder of `path` are on the disk.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = match path.parent() {
        Some(p) if !p.as_os_str().is_empty() => p,
        _ => Path::new("."),
    };
    match File::open(folder)?.sync_all() {
        // Some file systems cannot sync folders.
        Err(e) if e.kind() == ErrorKind::InvalidInput => Ok(()),
        other => other,
    }
}
