//! The local backend: states in files.

mod files;
mod store;

pub(crate) use files::{sync_folder, write_new};
pub use store::{LocalPaths, LocalStore};

use crate::error::StateError;
use crate::store::{Backend, DEFAULT_WORKSPACE, StateStore};
use std::path::{Path, PathBuf};

/// The file that holds a state where nothing else is said.
pub const DEFAULT_STATE_FILE: &str = "terraform.tfstate";
/// The folder that holds workspaces other than `default`.
pub const DEFAULT_WORKSPACE_DIR: &str = "terraform.tfstate.d";

/// Files in a folder.
#[derive(Clone, Debug, Default)]
pub struct LocalBackend {
    /// What relative paths are relative to.
    pub root: PathBuf,
    /// `path`: the file of the workspace `default`.
    pub path: Option<PathBuf>,
    /// `workspace_dir`: the folder of the others.
    pub workspace_dir: Option<PathBuf>,
    /// `-state`: the file to read, for whichever workspace.
    pub state: Option<PathBuf>,
    /// `-state-out`: the file to write.
    pub state_out: Option<PathBuf>,
    /// `-backup`; `-` means none.
    pub backup: Option<PathBuf>,
}

impl LocalBackend {
    /// The default files in `root`.
    pub fn new(root: impl Into<PathBuf>) -> LocalBackend {
        LocalBackend { root: root.into(), ..LocalBackend::default() }
    }
    fn workspace_dir(&self) -> &Path {
        self.workspace_dir.as_deref().unwrap_or(Path::new(DEFAULT_WORKSPACE_DIR))
    }
    /// The files of a workspace, as the user would name them.
    pub fn paths(&self, workspace: &str) -> LocalPaths {
        let default = workspace == DEFAULT_WORKSPACE;
        let read = match (&self.state, &self.path) {
            (Some(p), _) => p.clone(),
            (None, Some(p)) if default => p.clone(),
            _ if default => DEFAULT_STATE_FILE.into(),
            _ => self.workspace_dir().join(workspace).join(DEFAULT_STATE_FILE),
        };
        let write = self.state_out.clone().unwrap_or_else(|| read.clone());
        let backup = match &self.backup {
            Some(p) if p.as_os_str() == "-" => None,
            Some(p) => Some(p.clone()),
            None => {
                let mut name = write.clone().into_os_string();
                name.push(".backup");
                Some(name.into())
            }
        };
        LocalPaths { read, write, backup }
    }
}

impl Backend for LocalBackend {
    fn kind(&self) -> &'static str {
        "local"
    }

    fn workspaces(&self) -> Result<Vec<String>, StateError> {
        let folder = self.root.join(self.workspace_dir());
        let mut names = Vec::new();
        match std::fs::read_dir(&folder) {
            Ok(entries) => {
                for entry in entries {
                    let entry = entry.map_err(StateError::io("list workspaces", &folder))?;
                    if entry.file_type().is_ok_and(|t| t.is_dir()) {
                        names.push(entry.file_name().to_string_lossy().into_owned());
                    }
                }
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(e) => return Err(StateError::io("list workspaces", &folder)(e)),
        }
        names.sort();
        names.insert(0, DEFAULT_WORKSPACE.into());
        Ok(names)
    }

    fn delete_workspace(&self, name: &str) -> Result<(), StateError> {
        // The name becomes a path: of a folder that is about to be removed.
        if !crate::workspace::valid_name(name) || name == DEFAULT_WORKSPACE {
            return Err(StateError::backend("Invalid workspace", "cannot delete default state"));
        }
        let folder = self.root.join(self.workspace_dir()).join(name);
        match std::fs::remove_dir_all(&folder) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                Err(StateError::io("delete the workspace", &folder)(e))
            }
            _ => Ok(()),
        }
    }

    fn open(&self, workspace: &str) -> Result<Box<dyn StateStore>, StateError> {
        if workspace != DEFAULT_WORKSPACE {
            // The folder is what makes the workspace exist.
            let folder = self.root.join(self.workspace_dir()).join(workspace);
            std::fs::create_dir_all(&folder).map_err(StateError::io("create the workspace", &folder))?;
        }
        self.open_existing(workspace)
    }

    fn open_existing(&self, workspace: &str) -> Result<Box<dyn StateStore>, StateError> {
        Ok(Box::new(LocalStore::new(&self.root, self.paths(workspace))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_follow_configuration_and_flags() {
        let show = |b: &LocalBackend, w: &str| {
            let p = b.paths(w);
            let text = |p: &Path| p.display().to_string();
            (text(&p.read), text(&p.write), p.backup.as_deref().map(text).unwrap_or_default())
        };
        let triple = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
        let mut b = LocalBackend::new("/x");
        let plain = triple("terraform.tfstate", "terraform.tfstate", "terraform.tfstate.backup");
        assert_eq!(show(&b, "default"), plain);
        let w = "terraform.tfstate.d/w/terraform.tfstate";
        assert_eq!(show(&b, "w"), triple(w, w, &format!("{w}.backup")));
        b.path = Some("p".into());
        b.workspace_dir = Some("d".into());
        assert_eq!(show(&b, "default"), triple("p", "p", "p.backup"));
        assert_eq!(show(&b, "w").0, "d/w/terraform.tfstate");
        b.state = Some("s".into());
        assert_eq!(show(&b, "w"), triple("s", "s", "s.backup"));
        b.state_out = Some("o".into());
        assert_eq!(show(&b, "w"), triple("s", "o", "o.backup"));
        b.backup = Some("-".into());
        assert_eq!(show(&b, "w"), triple("s", "o", ""));
        b.backup = Some("k".into());
        assert_eq!(show(&b, "w"), triple("s", "o", "k"));
    }
}
