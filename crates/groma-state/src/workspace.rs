//! Workspaces: which one is selected, and the rules for making and removing them.

use crate::error::{Problem, StateError};
use crate::file::StateFile;
use crate::manager::{LockRequest, Manager};
use crate::store::{Backend, DEFAULT_WORKSPACE};
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
        "The workspace name {name:?} is not allowed. The name must contain only URL safe\ncharacters, and no path separators."
    )
}

/// Why a workspace cannot be selected or deleted.
pub fn missing(name: &str) -> String {
    format!(
        "Workspace {name:?} doesn't exist.\n\nYou can create this workspace with the \"new\" subcommand \nor include the \"-or-create\" flag with the \"select\" subcommand."
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
            "Workspace {name:?} is your active workspace.\n\nYou cannot delete the currently active workspace. Please switch\nto another workspace and try again."
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
    let tracked: Vec<String> = state.instances().flat_map(addresses).collect();
    if !tracked.is_empty() && !force {
        let list: String = tracked.iter().map(|a| format!("\n  - {a}")).collect();
        manager.unlock()?;
        return Err(StateError::Backend(Problem::new(
            "Workspace is not empty",
            format!(
                "Workspace {name:?} is currently tracking the following resource instances:{list}\n\nDeleting this workspace would cause Terraform to lose track of any associated remote objects, which would then require you to delete them manually outside of Terraform. You should destroy these objects with Terraform before deleting the workspace.\n\nIf you want to delete this workspace anyway, and have Terraform forget about these managed objects, use the -force option to disable this safety check."
            ),
        )));
    }
    // A lock that lives in the workspace must be gone before the workspace is.
    manager.close()?;
    backend.delete_workspace(name)?;
    Ok(tracked)
}
