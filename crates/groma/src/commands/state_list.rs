//! `groma state list`

use super::{Command, Outcome};
use crate::args::{Args, Flag, value};
use crate::operation::{COMMON_FLAGS, SANDBOX};
use crate::session::Session;
use crate::state_edit::{self, READ_FLAGS};
use groma_lang::{Diagnostic, Diagnostics};
use groma_state::{InstanceState, State};
use groma_value::addr::Target;

const FLAGS: &[Flag] = &[value("id", "ID", "Only instances whose attribute \"id\" has this value.")];

/// The command.
pub static COMMAND: Command = Command {
    name: "state list",
    usage: "[flags] [ADDRESS...]",
    summary: "List the resource instances of the state",
    help: "Lists the addresses of all resource instances that the state has, or of those in the modules, resources and instances named.",
    flags: &[FLAGS, READ_FLAGS, &[SANDBOX], COMMON_FLAGS],
    run,
    main: false,
};

fn run(s: &Session, args: &Args) -> Outcome {
    let m = s.look_into_state(args)?;
    let state = m.file().state.clone();
    s.close_state(m)?;
    let all = state_edit::instances(&state);
    let mut targets = Vec::new();
    let mut diags = Diagnostics::new();
    for text in &args.rest {
        let target = s.address(text)?;
        if !all.iter().any(|(a, ..)| state_edit::names(&target, a)) {
            diags.push(unknown(&target, &state));
        }
        targets.push(target);
    }
    s.check(&diags)?;
    let wanted = |i: &InstanceState| args.get("id").is_none_or(|id| has_id(i, id));
    let mut out = String::new();
    let mut list = |target: Option<&Target>| {
        for (a, _, i) in &all {
            if target.is_none_or(|t| state_edit::names(t, a)) && wanted(i) {
                out.push_str(&format!("{a}\n"));
            }
        }
    };
    match &targets[..] {
        [] => list(None),
        _ => targets.iter().for_each(|t| list(Some(t))),
    }
    s.ui.out(&out);
    Ok(0)
}

fn has_id(i: &InstanceState, id: &str) -> bool {
    let Some(o) = &i.current else { return false };
    let found = match &o.attributes_flat {
        Some(flat) => flat.get("id").cloned(),
        None => serde_json::from_str::<serde_json::Value>(&o.attributes)
            .ok()
            .and_then(|v| v.get("id")?.as_str().map(str::to_owned)),
    };
    found.is_some_and(|f| f == id)
}

/// The error about an address that names nothing.
fn unknown(target: &Target, state: &State) -> Diagnostic {
    let (what, near) = match target {
        Target::Module(_) => ("module", None),
        Target::Resource(_) => {
            let all: Vec<String> = state.resources.keys().map(ToString::to_string).collect();
            ("resource", groma_lang::diag::suggest(&target.to_string(), all.iter().map(String::as_str)))
        }
        Target::Instance(_) => ("resource instance", None),
    };
    let hint = near.map(|n| format!(" Did you mean {n}?")).unwrap_or_default();
    Diagnostic::error(
        format!("Unknown {what}"),
        format!(
            "The state has no {what} {target}.{hint} What was added to the configuration is in the state after the next apply; groma state list shows all that is there."
        ),
    )
}
