//! Files of the caches.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Writes a file so that others see it whole or not at all, creating its directory.
pub(crate) fn write_atomically(path: &Path, content: &[u8]) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(directory)?;
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    file.write_all(content)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// An error of the file system with the path it is about.
pub(crate) fn at(path: &Path) -> impl Fn(io::Error) -> FileError + '_ {
    move |error| FileError { path: path.to_owned(), error }
}

/// A failure to read or write a file or directory.
#[derive(Debug)]
pub struct FileError {
    /// What was to be read or written.
    pub path: PathBuf,
    /// Why it failed.
    pub error: io::Error,
}

impl std::fmt::Display for FileError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.error)
    }
}

impl std::error::Error for FileError {}
