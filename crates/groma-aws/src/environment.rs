//! What a caller passes of the world around it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

/// The variables, the home and the folder that calls are made with.
#[derive(Clone, Default)]
pub struct Environment {
    /// Environment variables: `AWS_*` and those of proxies count.
    pub vars: BTreeMap<String, String>,
    /// The user's home, where `.aws` is.
    pub home: Option<PathBuf>,
    /// What relative paths are relative to.
    pub root: PathBuf,
}

impl Environment {
    /// A variable that is set to something.
    pub fn var(&self, name: &str) -> Option<&str> {
        self.vars.get(name).map(String::as_str).filter(|v| !v.is_empty())
    }

    /// Whether a variable is set to `true`, in any case.
    pub(crate) fn is_true(&self, name: &str) -> bool {
        self.var(name).is_some_and(|v| v.eq_ignore_ascii_case("true"))
    }

    /// A path as a user writes it: from the root, or from the home after `~/`.
    pub fn path(&self, text: &str) -> PathBuf {
        match (text.strip_prefix("~/"), &self.home) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => self.root.join(text),
        }
    }
}

/// Without the variables, some of which are secrets.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment")
            .field("home", &self.home)
            .field("root", &self.root)
            .finish_non_exhaustive()
    }
}
