//! What goes wrong with a sandbox itself. What its AWS refuses arrives as diagnostics.

use std::fmt;
use std::path::{Path, PathBuf};

/// A sandbox could not be opened or its world not be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The file or directory.
    pub path: PathBuf,
    /// What went wrong and what to do about it, without a period.
    pub message: String,
}

impl Error {
    /// An error at a file.
    pub fn new(path: &Path, message: impl Into<String>) -> Error {
        Error { path: path.to_owned(), message: message.into() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the sandbox in {}: {}", self.path.display(), self.message)
    }
}

impl std::error::Error for Error {}
