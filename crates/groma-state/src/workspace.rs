//! Workspaces: which one is selected, and the rules for making and removing them.

use crate::error::{Problem, StateError};
use crate::file::StateFile;
use crate::manager::{LockRequest, Manager};
use crate::store::{Backend, DEFAULT_WORKSPACE};
use groma_value::addr::Mode;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// The file in the data folder that names the selected workspace.
pub const ENVIRONMENT_FILE: &str = "environment";

/// Whether a workspace may have this name: what a URL's path segment may hold
/// unescaped. Unlike Terraform, which takes them for folders, this refuses names that
/// are empty or only dots.
pub fn valid_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.~$&+=:@".contains(c);
    name.chars().all(plain) && !matches!(name, "" | "." | "..")
}

/// The selected workspace. `override_name` is the value of `TF_WORKSPACE`; it counts
/// where it is not empty.
pub fn selected(data_dir: &Path, override_name: Option<&str>) -> Result<String, StateError> {
    if let Some(name) = override_name.filter(|n| !n.is_empty()) {
        return match valid_name(name) {
            true => Ok(name.to_owned()),
            false => Err(StateError::backend("Invalid workspace name set using TF_WORKSPACE", invalid(name))),
        };
    }
    let path = data_dir.join(ENVIRONMENT_FILE);
    match fs::read_to_string(&path) {
        Ok(name) if name.trim().is_empty() => Ok(DEFAULT_WORKSPACE.into()),
        Ok(name) => Ok(name.trim().to_owned()),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(DEFAULT_WORKSPACE.into()),
        Err(e) => Err(StateError::io("read the selected workspace", &path)(e)),
    }
}

/// Selects a workspace, whether or not it exists.
pub fn select(data_dir: &Path, name: &str) -> Result<(), StateError> {
    let path = data_dir.join(ENVIRONMENT_FILE);
    let written =
        fs::create_dir_all(data_dir).and_then(|()| crate::local::write_new(&path, name.as_bytes(), 0o666));
    written.map_err(StateError::io("record the selected workspace", &path))
}

/// Why a name is refused.
pub fn invalid(name: &str) -> String {
    format!(
        "The workspace name {name:?} is not allowed. It may have letters without accents, digits and\nthe characters - _ . ~ $ & + = : @, and must not be empty or consist of dots."
    )
}

/// Why a workspace cannot be selected or deleted.
pub fn missing(name: &str) -> String {
    format!(
        "Workspace {name:?} doesn't exist.\n\nTo see all workspaces: groma workspace list\nTo make this one: groma workspace new {name}"
    )
}

fn refuse<T>(detail: String) -> Result<T, StateError> {
    Err(StateError::Backend(Problem::new("Workspace", detail)))
}

/// Makes a workspace, which must not exist, and puts `initial` into it (`-state`).
/// The content starts a history of its own: with a new lineage.
pub fn create(
    backend: &dyn Backend,
    name: &str,
    initial: Option<StateFile>,
    lock: Option<&LockRequest>,
) -> Result<(), StateError> {
    if !valid_name(name) {
        return refuse(invalid(name));
    }
    if backend.workspaces()?.iter().any(|w| w == name) {
        return refuse(format!("Workspace {name:?} already exists"));
    }
    let store = backend.open(name)?;
    if let Some(file) = initial {
        let mut manager = Manager::open(store, None, lock, true, &|| false)?;
        manager.persist(file.state)?;
        manager.close()?;
    }
    Ok(())
}

/// Removes a workspace that is not `current`, and gives the addresses of what it still
/// tracked, of which there is none unless `force` is set.
pub fn delete(
    backend: &dyn Backend,
    name: &str,
    current: &str,
    force: bool,
    lock: Option<&LockRequest>,
) -> Result<Vec<String>, StateError> {
    if !valid_name(name) {
        return refuse(invalid(name));
    }
    if !backend.workspaces()?.iter().any(|w| w == name) {
        return refuse(missing(name));
    }
    if name == current {
        return refuse(format!(
            "Workspace {name:?} is your active workspace, which cannot be deleted. Select another one first."
        ));
    }
    if name == DEFAULT_WORKSPACE {
        return refuse("cannot delete default state".into());
    }
    // The lock keeps others from filling it in the meantime.
    let mut manager = Manager::open(backend.open(name)?, None, lock, false, &|| false)?;
    let state = &manager.file().state;
    let addresses = |i: (groma_value::addr::ResourceInstance, _, &crate::InstanceState)| {
        let one = i.2.current.is_some().then(|| i.0.to_string());
        let deposed: Vec<String> = i.2.deposed.keys().map(|k| format!("{} (deposed {k})", i.0)).collect();
        one.into_iter().chain(deposed)
    };
    // Nothing is lost with what was only read.
    let managed = state.instances().filter(|(a, ..)| a.resource.mode == Mode::Managed);
    let tracked: Vec<String> = managed.flat_map(addresses).collect();
    if !tracked.is_empty() && !force {
        let list: String = tracked.iter().map(|a| format!("\n  - {a}")).collect();
        manager.unlock()?;
        return Err(StateError::Backend(Problem::new(
            "Workspace is not empty",
            format!(
                "Workspace {name:?} has these resource instances:{list}\n\nDeleting the workspace would leave their objects behind with nobody to manage them. Destroy them first. To delete the workspace nevertheless, and forget the objects, use -force."
            ),
        )));
    }
    // A lock that lives in the workspace must be gone before the workspace is.
    manager.close()?;
    backend.delete_workspace(name)?;
    Ok(tracked)
}
