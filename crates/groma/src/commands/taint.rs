//! `groma taint` and `groma untaint`

use super::{Command, Outcome};
use crate::args::{Args, Flag, switch};
use crate::operation::{COMMON_FLAGS, SANDBOX};
use crate::session::Session;
use crate::state::{IGNORE_REMOTE_VERSION, LOCK_FLAGS, STATE_FLAGS};
use crate::state_edit;
use groma_lang::Diagnostic;
use groma_state::{Object, Status};
use groma_value::addr::{Mode, ResourceInstance, Target};
use std::sync::Arc;

const FLAGS: &[Flag] = &[switch("allow-missing", "Succeed, with a warning, when there is no such instance.")];

/// `taint`
pub static TAINT: Command = Command {
    name: "taint",
    usage: "[flags] ADDRESS",
    summary: "Mark a resource instance as not working, to be replaced",
    help: "Marks a resource instance in the state as tainted: the next plan replaces its object. To replace it at once, use groma apply -replace=ADDRESS instead.",
    flags: &[FLAGS, LOCK_FLAGS, STATE_FLAGS, &[SANDBOX, IGNORE_REMOTE_VERSION], COMMON_FLAGS],
    run: taint,
    main: false,
};

/// `untaint`
pub static UNTAINT: Command = Command {
    name: "untaint",
    usage: "[flags] ADDRESS",
    summary: "Remove the mark that a resource instance is not working",
    help: "Marks a tainted resource instance in the state as working, so that the next plan does not replace it.",
    flags: &[FLAGS, LOCK_FLAGS, STATE_FLAGS, &[SANDBOX, IGNORE_REMOTE_VERSION], COMMON_FLAGS],
    run: untaint,
    main: false,
};

fn taint(s: &Session, args: &Args) -> Outcome {
    mark(s, args, Status::Tainted)
}

fn untaint(s: &Session, args: &Args) -> Outcome {
    mark(s, args, Status::Ready)
}

fn mark(s: &Session, args: &Args, status: Status) -> Outcome {
    let tainting = status == Status::Tainted;
    let name = if tainting { "taint" } else { "untaint" };
    let [text] = &args.rest[..] else {
        return Err(format!(
            "The {name} command expects exactly one argument: the address of a resource instance."
        )
        .into());
    };
    state_edit::check_flags(args)?;
    let addr: ResourceInstance = match s.address(text)? {
        Target::Resource(r) => r.instance(groma_value::addr::Key::None),
        Target::Instance(i) => i,
        Target::Module(m) => {
            let detail =
                format!("A resource instance address is required here, and {m} is that of a module.");
            return Err(s.fail(Diagnostic::error("Invalid address", detail)));
        }
    };
    if tainting && addr.resource.mode != Mode::Managed {
        return Err(s.fail(Diagnostic::error(
            format!("Resource instance {addr} cannot be tainted"),
            "Only objects that are managed here can be replaced. A data source is read anew in each run.",
        )));
    }
    let m = s.open_state(args, Some(name))?;
    let mut state = m.file().state.clone();
    let Some(object) = state.current(&addr).cloned() else {
        if args.on("allow-missing", false) {
            s.close_state(m)?;
            let detail = format!(
                "Resource instance {addr} was not found, but this is not an error because -allow-missing was set."
            );
            s.ui.diags(&Diagnostic::warning("No such resource instance", detail).into(), &s.sources);
            return Ok(0);
        }
        let detail = if state.resources.is_empty() {
            "The state has no resource instances at all: nothing has been applied here yet, or all of it was destroyed.".into()
        } else {
            let keys: Vec<String> = state
                .resources
                .get(&addr.abs_resource())
                .map(|r| {
                    r.instances.keys().map(|k| addr.abs_resource().instance(k.clone()).to_string()).collect()
                })
                .unwrap_or_default();
            let hint = match keys.is_empty() {
                true => " What was added to the configuration is in the state after the next apply.".into(),
                false => format!(" There are {}.", keys.join(", ")),
            };
            format!("The state has no resource instance {addr}.{hint}")
        };
        return Err(s.refuse(m, Diagnostic::error("No such resource instance", detail)));
    };
    if !tainting && object.status != Status::Tainted {
        let detail =
            format!("Resource instance {addr} is not currently tainted, and so it cannot be untainted.");
        return Err(s.refuse(m, Diagnostic::error("Resource instance is not tainted", detail)));
    }
    let object = Object { status, ..(*object).clone() };
    state.update(&addr, None, |i| i.current = Some(Arc::new(object)));
    s.save_edited(m, state)?;
    s.ui.line(&match tainting {
        true => format!("Resource instance {addr} has been marked as tainted."),
        false => format!("Resource instance {addr} has been successfully untainted."),
    });
    Ok(0)
}
