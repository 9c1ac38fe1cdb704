//! `groma plan`

use super::{Command, Failure, Outcome};
use crate::args::{Args, Flag, switch, value};
use crate::operation::{self, COMMON_FLAGS, JSON_LINES, PLAN_FLAGS, Ready, VARIABLE_FLAGS};
use crate::session::Session;
use crate::state::{LOCK_FLAGS, STATE_FLAGS};
use groma_engine::{Plan, PlanMode, PlanOptions};
use groma_lang::Diagnostics;
use groma_state::State;

const FLAGS: &[Flag] = &[
    value("out", "FILE", "Save the plan, to be applied as it is by groma apply FILE."),
    switch(
        "detailed-exitcode",
        "Exit with 0 when nothing is to be done, 1 on an error, 2 when something is.",
    ),
    JSON_LINES,
    crate::prove::gate::PROVE,
    value(
        "generate-config-out",
        "FILE",
        "Write configuration for imported objects that have none into this new file.",
    ),
];

/// The command.
pub static COMMAND: Command = Command {
    name: "plan",
    usage: "[flags]",
    summary: "Show what would be done to match the configuration",
    help: "Compares the configuration with the state and with what really exists, and shows what would have to be done. Nothing is changed.",
    flags: &[FLAGS, PLAN_FLAGS, VARIABLE_FLAGS, LOCK_FLAGS, STATE_FLAGS, COMMON_FLAGS],
    run,
    main: true,
};

fn run(s: &Session, args: &Args) -> Outcome {
    s.json_messages(args);
    let mode = operation::mode(args)?;
    let mut diags = Diagnostics::new();
    let config = s.loaded(&mut diags)?;
    let m = s.open_state(args, Some("OperationTypePlan"))?;
    let state = m.file().state.clone();
    let ready = s.ready(args, config, &state, s.observer(true), &mut diags)?;
    let options = operation::plan_options(args, ready.variables.clone(), mode)?;
    s.watch_interrupts(&ready.pool);
    let plan = match args.get("generate-config-out") {
        Some(file) => generating(s, args, file, ready, &state, options, diags)?,
        None => {
            let plan = operation::make_plan(s, &ready, &state, &options, diags)?;
            (plan, ready)
        }
    };
    let (plan, ready) = plan;
    let base = operation::base_of(&m);
    s.close_state(m)?;
    if plan.errored {
        // To be looked at, not to be applied.
        if let Some(out) = args.get("out") {
            crate::saved::write(s, std::path::Path::new(out), &plan, &ready, &base)?;
        }
        return Ok(1);
    }
    if args.on("prove", false) {
        crate::prove::gate::plan(s, &ready, &plan)?;
    }
    if let Some(out) = args.get("out") {
        crate::saved::write(s, std::path::Path::new(out), &plan, &ready, &base)?;
        s.ui.line(&format!(
            "\nSaved the plan to: {out}\n\nTo perform exactly these actions, run:\n    groma apply {out:?}"
        ));
    } else if plan.has_changes() {
        s.ui.line("\nThis plan was not saved (-out=FILE does that), so an apply may do other things if something changes in between.");
    }
    Ok(if args.on("detailed-exitcode", false) && (plan.applyable() || !plan.deferred.is_empty()) {
        2
    } else {
        0
    })
}

/// Plans with configuration that is generated for what is imported and has none, and
/// writes that configuration into a new file.
fn generating(
    s: &Session,
    args: &Args,
    file: &str,
    ready: Ready,
    state: &State,
    options: PlanOptions,
    mut diags: Diagnostics,
) -> Result<(Plan, Ready), Failure> {
    if options.mode != PlanMode::Normal {
        return Err("-generate-config-out can be used in a normal plan only, not together with -destroy or -refresh-only.".to_owned().into());
    }
    operation::must_be_new(s, file)?;
    let (text, blocks) = operation::generate(s, &ready, state, &options)?;
    if blocks.is_empty() {
        let plan = operation::make_plan(s, &ready, state, &options, diags)?;
        return Ok((plan, ready));
    }
    // Written whatever becomes of the plan: it is there to be corrected.
    operation::write_generated(s, file, &text)?;
    // A file of this directory is part of the configuration now.
    let here = std::path::Path::new(file);
    let loads = file.ends_with(".tf")
        && here.parent().is_none_or(|p| p.as_os_str().is_empty() || p == std::path::Path::new("."));
    let extra = if loads { Vec::new() } else { vec![(format!("{file}.tf"), text)] };
    let config = s.loaded_with(extra, &mut diags)?;
    let ready = s.ready(args, config, state, s.observer(true), &mut diags)?;
    let options = PlanOptions { variables: ready.variables.clone(), ..options };
    let plan = operation::make_plan_of(s, &ready, state, &options, &blocks, diags)?;
    s.ui.line(&format!("\nWrote the configuration of what is imported to: {file}\n\nReview it, and move it to where it belongs."));
    Ok((plan, ready))
}
