//! `groma workspace list`, `show`, `new`, `select` and `delete`

use super::{Command, Failure, Outcome};
use crate::args::{Args, Flag, switch, value};
use crate::operation::{COMMON_FLAGS, SANDBOX};
use crate::session::Session;
use crate::state::{LOCK_FLAGS, state_error};
use crate::state_edit;
use groma_lang::Diagnostic;
use groma_state::{Backend, StateError, StateFile, workspace};

/// `workspace list`
pub static LIST: Command = Command {
    name: "workspace list",
    usage: "[flags]",
    summary: "List the workspaces",
    help: "Lists all workspaces of the backend. The selected one has an asterisk.",
    flags: &[&[SANDBOX], COMMON_FLAGS],
    run: list,
    main: false,
};

/// `workspace show`
pub static SHOW: Command = Command {
    name: "workspace show",
    usage: "",
    summary: "Show the name of the selected workspace",
    help: "Prints the name of the selected workspace.",
    flags: &[&[SANDBOX], COMMON_FLAGS],
    run: show,
    main: false,
};

/// `workspace new`
pub static NEW: Command = Command {
    name: "workspace new",
    usage: "[flags] NAME",
    summary: "Make a workspace and select it",
    help: "Makes a workspace with an empty state, or with a copy of a state file, and selects it.",
    flags: &[
        &[value("state", "PATH", "Put a copy of this state file into the new workspace.")],
        LOCK_FLAGS,
        &[SANDBOX],
        COMMON_FLAGS,
    ],
    run: new,
    main: false,
};

/// `workspace select`
pub static SELECT: Command = Command {
    name: "workspace select",
    usage: "[flags] NAME",
    summary: "Select a workspace",
    help: "Selects a workspace: what follows in this working directory is about its state.",
    flags: &[
        &[switch("or-create", "Make the workspace if it does not exist.")],
        LOCK_FLAGS,
        &[SANDBOX],
        COMMON_FLAGS,
    ],
    run: select,
    main: false,
};

const DELETE_FLAGS: &[Flag] =
    &[switch("force", "Delete it even if it has objects, which nobody manages any more then.")];

/// `workspace delete`
pub static DELETE: Command = Command {
    name: "workspace delete",
    usage: "[flags] NAME",
    summary: "Delete a workspace",
    help: "Deletes a workspace and its state. It must not be the selected one, and must not have any objects unless -force is given.",
    flags: &[DELETE_FLAGS, LOCK_FLAGS, &[SANDBOX], COMMON_FLAGS],
    run: delete,
    main: false,
};

fn name(args: &Args) -> Result<&str, Failure> {
    match &args.rest[..] {
        [n] => Ok(n),
        _ => Err("Expected a single argument: NAME.".to_owned().into()),
    }
}

/// The workspace that `TF_WORKSPACE` prescribes.
fn prescribed(s: &Session) -> Option<&str> {
    s.env.get("TF_WORKSPACE").map(String::as_str).filter(|w| !w.is_empty())
}

/// Problems with workspaces say all in one text.
fn failed(s: &Session, e: &StateError) -> Failure {
    match e {
        StateError::Backend(p) if p.summary == "Workspace" => Failure::Message(p.detail.clone()),
        _ => s.fail(state_error(e)),
    }
}

/// The backend without `-state`, which means something else here.
fn backend(s: &Session) -> Result<Box<dyn Backend>, Failure> {
    s.backend(&Args::default())
}

fn list(s: &Session, args: &Args) -> Outcome {
    if !args.rest.is_empty() {
        return Err(
            "Too many command line arguments. To work in another directory: groma -chdir=DIR workspace list"
                .to_owned()
                .into(),
        );
    }
    let all = backend(s)?.workspaces().map_err(|e| failed(s, &e))?;
    let current = s.selected_workspace()?;
    for w in all {
        s.ui.line(&format!("{} {w}", if w == current { "*" } else { " " }));
    }
    s.ui.line("");
    if prescribed(s).is_some() {
        s.ui.line("The environment variable TF_WORKSPACE says which workspace is selected.\n");
    }
    Ok(0)
}

fn show(s: &Session, _: &Args) -> Outcome {
    s.ui.line(&s.selected_workspace()?);
    Ok(0)
}

fn new(s: &Session, args: &Args) -> Outcome {
    let name = name(args)?;
    state_edit::check_flags(args)?;
    if let Some(w) = prescribed(s).filter(|w| *w != name) {
        return Err(s.fail(Diagnostic::error(
            "The workspace is prescribed",
            format!("The environment variable TF_WORKSPACE selects {w:?}, so a new workspace could not be selected. Unset it, or set it to {name:?}, and run the command again."),
        )));
    }
    // Read before anything is made.
    let initial: Option<StateFile> = match args.get("state").filter(|p| !p.is_empty()) {
        Some(path) => {
            let unreadable =
                |e: String| s.fail(Diagnostic::error(format!("Error reading source state {path:?}"), e));
            let bytes = std::fs::read(path).map_err(|e| unreadable(format!("It cannot be read: {e}.")))?;
            Some(groma_state::file::read(&bytes).map_err(|e| unreadable(e.to_string()))?)
        }
        None => None,
    };
    let backend = backend(s)?;
    make(s, args, &*backend, name, initial)
}

fn make(s: &Session, args: &Args, backend: &dyn Backend, name: &str, initial: Option<StateFile>) -> Outcome {
    let lock = s.lock_request(args, "workspace-new")?;
    let copied = initial.is_some();
    workspace::create(backend, name, initial, lock.as_ref()).map_err(|e| failed(s, &e))?;
    workspace::select(&s.data_dir, name).map_err(|e| failed(s, &e))?;
    let what = match copied {
        true => "It has a copy of the state file.",
        false => "It is empty: a plan sees nothing of what other workspaces have.",
    };
    let done = s.paint().code("1;32", &format!("Created and switched to workspace {name:?}!"));
    s.ui.line(&format!("{done}\n\n{what}"));
    Ok(0)
}

fn select(s: &Session, args: &Args) -> Outcome {
    let name = name(args)?;
    state_edit::check_flags(args)?;
    if let Some(w) = prescribed(s) {
        return Err(s.fail(Diagnostic::error(
            "The workspace is prescribed",
            format!("The environment variable TF_WORKSPACE selects {w:?} and goes before any selection. Unset it, or set it to {name:?}."),
        )));
    }
    let backend = backend(s)?;
    if !workspace::valid_name(name) {
        return Err(Failure::Message(workspace::invalid(name)));
    }
    let all = backend.workspaces().map_err(|e| failed(s, &e))?;
    if !all.iter().any(|w| w == name) {
        if args.on("or-create", false) {
            return make(s, args, &*backend, name, None);
        }
        let near = groma_lang::diag::suggest(name, all.iter().map(String::as_str));
        let hint = near.map(|n| format!(" Did you mean {n:?}?")).unwrap_or_default();
        return Err(s.fail(Diagnostic::error(
            format!("Workspace {name:?} doesn't exist"),
            format!("There are {}.{hint} To make it: groma workspace new {name}, or groma workspace select -or-create {name}", all.join(", ")),
        )));
    }
    if s.selected_workspace()? != name {
        workspace::select(&s.data_dir, name).map_err(|e| failed(s, &e))?;
        s.ui.line(&s.paint().code("32", &format!("Switched to workspace {name:?}.")));
    }
    Ok(0)
}

fn delete(s: &Session, args: &Args) -> Outcome {
    let name = name(args)?;
    state_edit::check_flags(args)?;
    let backend = backend(s)?;
    let current = s.selected_workspace()?;
    let lock = s.lock_request(args, "workspace-delete")?;
    let force = args.on("force", false);
    let left =
        workspace::delete(&*backend, name, &current, force, lock.as_ref()).map_err(|e| failed(s, &e))?;
    s.ui.line(&s.paint().code("1;32", &format!("Deleted workspace {name:?}!")));
    if !left.is_empty() {
        s.ui.line(&format!(
            "WARNING: {name:?} was non-empty. These still exist, and nobody manages them any more:"
        ));
        for a in left {
            s.ui.line(&format!("  - {a}"));
        }
    }
    Ok(0)
}

/// The names of workspaces that are known without asking a backend, for completion.
pub fn names_here(env: &std::collections::BTreeMap<String, String>) -> Vec<String> {
    let mut out = vec![groma_state::DEFAULT_WORKSPACE.to_owned()];
    out.extend(env.get("TF_WORKSPACE").cloned());
    for e in std::fs::read_dir("terraform.tfstate.d").into_iter().flatten().flatten() {
        out.extend(e.file_name().into_string().ok().filter(|_| e.path().is_dir()));
    }
    out
}
