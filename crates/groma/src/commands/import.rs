//! `groma import`

use super::{Command, Outcome};
use crate::args::{Args, Flag, value};
use crate::operation::{self, COMMON_FLAGS, VARIABLE_FLAGS};
use crate::session::Session;
use crate::state::{IGNORE_REMOTE_VERSION, LOCK_FLAGS, STATE_FLAGS};
use groma_engine::{PlanMode, PlanOptions};
use groma_lang::{Diagnostic, Diagnostics};
use groma_value::addr::{Mode, ResourceInstance, Target};
use std::path::Path;

const FLAGS: &[Flag] = &[
    value("parallelism", "N", "How many provider operations run at once; 10 unless given."),
    value("config", "DIR", "The directory of the configuration; this one unless given."),
    IGNORE_REMOTE_VERSION,
];

/// The command.
pub static COMMAND: Command = Command {
    name: "import",
    usage: "[flags] ADDRESS ID",
    summary: "Take an existing object under management",
    help: "Reads the object with this ID and records it in the state under the address, which must be in the configuration already. Nothing but the state changes. An import block does the same as part of a plan.",
    flags: &[FLAGS, VARIABLE_FLAGS, LOCK_FLAGS, STATE_FLAGS, &[operation::SANDBOX], COMMON_FLAGS],
    run,
    main: false,
};

fn run(s: &Session, args: &Args) -> Outcome {
    let [address, id] = &args.rest[..] else {
        return Err("import takes an address and an ID: groma import aws_vpc.main vpc-0123"
            .to_owned()
            .into());
    };
    let addr = ResourceInstance::parse(address).map_err(|e| format!("Invalid address: {e}."))?;
    if addr.resource.mode != Mode::Managed {
        return Err(format!("{addr} is a data source. Only managed resources can be imported.").into());
    }
    let mut diags = Diagnostics::new();
    let config = match args.get("config") {
        Some(dir) if !Path::new(dir).is_dir() => {
            return Err(format!("-config={dir}: there is no such directory.").into());
        }
        Some(dir) => s.loaded_from(Path::new(dir), Vec::new(), &mut diags)?,
        None => s.loaded(&mut diags)?,
    };
    let node = config.root.descend(&addr.module.path());
    if !node.is_some_and(|n| n.module.resources.contains_key(&addr.resource)) {
        let name = &addr.resource;
        return Err(s.fail(Diagnostic::error(
            "Resource address does not exist in the configuration",
            format!(
                "There is no {addr} in the configuration, so the object would be destroyed by the next apply. Add the block first, for instance:\n\nresource \"{}\" \"{}\" {{\n  # (its arguments)\n}}",
                name.ty, name.name
            ),
        )));
    }
    let mut m = s.open_state(args, Some("OperationTypeImport"))?;
    let state = m.file().state.clone();
    if state.current(&addr).is_some() {
        return Err(s.fail(Diagnostic::error(
            "Resource already managed",
            format!("{addr} is in the state already. To import another object to this address, remove the present one first: groma state rm '{addr}'"),
        )));
    }
    let ready = s.ready(args, config, &state, s.observer(true), &mut diags)?;
    s.watch_interrupts(&ready.pool);
    // Refresh-only, so that nothing but the state changes; only what is imported.
    let options = PlanOptions {
        mode: PlanMode::RefreshOnly,
        variables: ready.variables.clone(),
        targets: vec![Target::Instance(addr.clone())],
        imports: vec![(addr.clone(), id.clone())],
        refresh: false,
        // Which instances there are decides whether there is one to import to.
        allow_deferral: false,
        ..PlanOptions::default()
    };
    let Some((plan, found)) = operation::run(s, groma_engine::plan(&ready.context, &state, &options)) else {
        return Err("The import was abandoned. The state is as it was.".to_owned().into());
    };
    diags.extend(found);
    s.check(&diags)?;
    if plan.prior.current(&addr).is_none() {
        return Err(s.fail(Diagnostic::error(
            "Nothing imported",
            format!("The configuration has no instance {addr}: its count or for_each says so."),
        )));
    }
    let mut state = plan.prior.clone();
    state.outputs.clone_from(&plan.previous.outputs);
    s.save_state(&mut m, state)?;
    s.close_state(m)?;
    s.ui.line(&format!(
        "\n{} {addr} is in the state now. Next: groma plan",
        s.paint().code("1;32", "Import successful!")
    ));
    Ok(0)
}
