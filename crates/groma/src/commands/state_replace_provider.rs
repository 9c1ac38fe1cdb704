//! `groma state replace-provider`

use super::{Command, Failure, Outcome};
use crate::args::{Args, Flag, switch};
use crate::operation::{COMMON_FLAGS, SANDBOX};
use crate::session::Session;
use crate::state::{IGNORE_REMOTE_VERSION, LOCK_FLAGS};
use crate::state_edit::{self, EDIT_FLAGS};
use groma_lang::Diagnostic;
use groma_value::addr::{AbsResource, Mode, Provider};
use std::sync::Arc;

const FLAGS: &[Flag] = &[switch("auto-approve", "Do not ask for approval.")];

/// The command.
pub static COMMAND: Command = Command {
    name: "state replace-provider",
    usage: "[flags] FROM TO",
    summary: "Put resources under another provider",
    help: "Changes the state so that all resources of the provider FROM belong to the provider TO, which must be a replacement for it: the same provider at another address. Addresses are written as in required_providers: [HOST/][NAMESPACE/]TYPE.",
    flags: &[FLAGS, EDIT_FLAGS, LOCK_FLAGS, &[SANDBOX, IGNORE_REMOTE_VERSION], COMMON_FLAGS],
    run,
    main: false,
};

fn provider(s: &Session, which: &str, text: &str) -> Result<Provider, Failure> {
    // States from before 0.13 do not say whose a provider is; it has this namespace then.
    if let Some(ty) = text.strip_prefix("-/").or_else(|| text.strip_prefix("registry.terraform.io/-/")) {
        return Ok(Provider { namespace: "-".into(), ..Provider::implied(ty) });
    }
    // A single word is a provider of the registry here, even this one.
    let full = if text == "terraform" { "hashicorp/terraform" } else { text };
    Provider::parse(full).map_err(|e| {
        s.fail(Diagnostic::error(format!("Invalid {which:?} provider {text:?}"), format!("{e}.")))
    })
}

fn run(s: &Session, args: &Args) -> Outcome {
    let [from, to] = &args.rest[..] else {
        return Err("Exactly two arguments expected: the provider now and the new one.".to_owned().into());
    };
    state_edit::check_flags(args)?;
    let (from, to) = (provider(s, "from", from)?, provider(s, "to", to)?);
    let m = s.edit_state(args, "state-replace-provider")?.manager;
    let mut state = m.file().state.clone();
    let mut found: Vec<AbsResource> = state
        .resources
        .iter()
        .filter(|(_, r)| r.provider.provider.provider == from)
        .map(|(a, _)| a.clone())
        .collect();
    if found.is_empty() {
        s.close_state(m)?;
        s.ui.line("No matching resources found.");
        return Ok(0);
    }
    found.sort_by_cached_key(|a| (a.module.steps().len(), a.module.clone(), a.resource.mode != Mode::Data));
    let paint = s.paint();
    let mut text = format!(
        "Groma will perform the following actions:\n\n  {} Updating provider:\n    {} {from}\n    {} {to}\n\nChanging {} resources:\n\n",
        paint.code("33", "~"),
        paint.code("31", "-"),
        paint.code("32", "+"),
        found.len()
    );
    for a in &found {
        text.push_str(&format!("  {a}\n"));
    }
    s.ui.out(&text);
    if !args.on("auto-approve", false) {
        match s.confirm("Do you want to make these changes?", "") {
            Ok(true) => {}
            Ok(false) => {
                s.close_state(m)?;
                s.ui.line("Cancelled replacing providers.");
                return Ok(0);
            }
            Err(f) => {
                s.close_state(m)?;
                return Err(f);
            }
        }
    }
    for a in &found {
        if let Some(r) = state.resources.get_mut(a) {
            Arc::make_mut(r).provider.provider.provider = to.clone();
        }
    }
    s.save_edited(m, state)?;
    s.ui.line(&format!("\nSuccessfully replaced provider for {} resources.", found.len()));
    Ok(0)
}
