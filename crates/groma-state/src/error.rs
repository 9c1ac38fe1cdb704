//! What can go wrong with a state.

use crate::lock::LockConflict;
use std::fmt;
use std::path::{Path, PathBuf};

/// One thing that is wrong: a short summary and a full sentence.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// A title, without a period.
    pub summary: String,
    /// What exactly, and what to do about it.
    pub detail: String,
    /// Which part of a configuration it is about; empty where it is not about one.
    pub path: groma_value::Path,
}

impl Problem {
    /// A problem with a summary and a detail.
    pub fn new(summary: impl Into<String>, detail: impl Into<String>) -> Problem {
        Problem { summary: summary.into(), detail: detail.into(), path: groma_value::Path::new() }
    }
    /// The same about an attribute of a configuration.
    pub fn at(mut self, attribute: &str) -> Problem {
        self.path = groma_value::Path::new().attr(attribute);
        self
    }
}

/// `summary: detail`
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.summary, self.detail)
    }
}

/// An error of this crate.
#[derive(Debug)]
pub enum StateError {
    /// The bytes are no state that this version can use, or the configuration of a
    /// backend is wrong; at least one problem.
    Invalid(Vec<Problem>),
    /// The operating system refused.
    Io {
        /// What was attempted, as in "failed to …": `read the state`.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// Somebody else holds the lock, or the lock is not the one named.
    Locked(Box<LockConflict>),
    /// A backend refused, or the request makes no sense for it.
    Backend(Problem),
}

impl StateError {
    /// An unusable state with one problem.
    pub fn invalid(summary: impl Into<String>, detail: impl Into<String>) -> StateError {
        StateError::Invalid(vec![Problem::new(summary, detail)])
    }
    /// A backend's refusal.
    pub fn backend(summary: impl Into<String>, detail: impl Into<String>) -> StateError {
        StateError::Backend(Problem::new(summary, detail))
    }
    /// For `map_err` on file operations.
    pub(crate) fn io<'a>(
        action: &'static str,
        path: &'a Path,
    ) -> impl FnOnce(std::io::Error) -> StateError + use<'a> {
        move |source| StateError::Io { action, path: path.to_owned(), source }
    }
    /// The lock conflict, if it is one.
    pub fn lock_conflict(&self) -> Option<&LockConflict> {
        match self {
            StateError::Locked(c) => Some(c),
            _ => None,
        }
    }
}

impl fmt::Display for StateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StateError::Invalid(problems) => match &problems[..] {
                [one] => one.fmt(f),
                several => {
                    writeln!(f, "{} problems:\n", several.len())?;
                    for (i, p) in several.iter().enumerate() {
                        write!(f, "{}- {p}", if i > 0 { "\n" } else { "" })?;
                    }
                    Ok(())
                }
            },
            StateError::Io { action, path, source } => {
                write!(f, "failed to {action}: {}: {source}", path.display())
            }
            StateError::Locked(c) => c.fmt(f),
            StateError::Backend(p) => p.fmt(f),
        }
    }
}

impl std::error::Error for StateError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            StateError::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}
