//! `groma show`

use super::{Command, Outcome};
use crate::args::{Args, Flag, switch};
use crate::operation::{self, COMMON_FLAGS};
use crate::session::Session;
use groma_engine::{SchemaMap, object_value};
use groma_lang::{Diagnostic, Diagnostics};
use groma_state::State;
use groma_value::addr::Mode;
use std::path::Path;

const FLAGS: &[Flag] = &[switch("json", "Print a JSON document.")];

/// The command.
pub static COMMAND: Command = Command {
    name: "show",
    usage: "[flags] [FILE]",
    summary: "Show the state, or a saved plan",
    help: "Shows what the state has, or what a saved plan or another state file says.",
    flags: &[FLAGS, &[operation::SANDBOX], COMMON_FLAGS],
    run,
    main: false,
};

fn run(s: &Session, args: &Args) -> Outcome {
    let as_json = args.on("json", false);
    s.ui.documents_only(as_json);
    let state = match &args.rest[..] {
        [] => {
            let m = s.open_state(args, None)?;
            let state = m.exists().then(|| m.file().state.clone());
            s.close_state(m)?;
            state
        }
        [file] => {
            let path = Path::new(file);
            let bytes = std::fs::read(path).map_err(|e| format!("{file} cannot be read: {e}"))?;
            if bytes.starts_with(b"PK") {
                return crate::saved::show(s, path, as_json);
            }
            let read = groma_state::file::read(&bytes);
            Some(
                read.map_err(|e| {
                    s.fail(Diagnostic::error(
                        "Failed to read the file",
                        format!("{file} is neither a saved plan nor a state: {e}."),
                    ))
                })?
                .state,
            )
        }
        _ => {
            return Err("show takes one file, or none for the state of the working directory."
                .to_owned()
                .into());
        }
    };
    let Some(state) = state else {
        s.ui.line(if as_json { "{\"format_version\":\"1.0\"}" } else { "No state." });
        return Ok(0);
    };
    let schemas = schemas(s, &state)?;
    if as_json {
        let doc = groma_engine::json::state_json(&state, groma_state::TERRAFORM_VERSION, &schemas)
            .map_err(|d| s.fail(d))?;
        s.ui.line(&groma_engine::json::to_text(&doc));
        return Ok(0);
    }
    s.ui.out(&text(&state, &schemas));
    Ok(0)
}

/// The schemas of the providers that a state names.
pub fn schemas(s: &Session, state: &State) -> Result<SchemaMap, super::Failure> {
    let mut diags = Diagnostics::new();
    let config = s.config(&mut diags);
    s.check(&diags)?;
    let schemas = s.load_providers(&config, state, &mut diags)?.schemas;
    s.check(&diags)?;
    Ok(schemas)
}

pub fn text(state: &State, schemas: &SchemaMap) -> String {
    let mut out = String::new();
    if state.is_empty() {
        return "The state is empty: nothing is managed here.\n".into();
    }
    for (addr, resource, instance) in state.instances() {
        let r = &addr.resource;
        let schema = schemas.get(&resource.provider.provider.provider).and_then(|s| match r.mode {
            Mode::Data => s.data_source(&r.ty),
            _ => s.resource(&r.ty),
        });
        let keyword = if r.mode == Mode::Data { "data" } else { "resource" };
        let header = format!("{keyword} \"{}\" \"{}\"", r.ty, r.name);
        let deposed = instance.deposed.iter().map(|(k, o)| (format!(" (deposed object {k})"), o));
        let current = instance.current.iter().map(|o| (String::new(), o));
        for (mut note, object) in current.chain(deposed) {
            if object.status == groma_state::Status::Tainted {
                note.push_str(" (tainted)");
            }
            let value = schema.as_ref().and_then(|s| object_value(object, s).ok());
            match (&schema, value) {
                (Some(s), Some(v)) => {
                    out.push_str(&crate::render::plan::object(&addr.to_string(), &note, &header, s, &v));
                }
                _ => out.push_str(&format!("# {addr}:{note}\n# (the provider's schema is not at hand)\n")),
            }
            out.push('\n');
        }
    }
    if !state.outputs.is_empty() {
        out.push_str("\nOutputs:\n\n");
        out.push_str(&crate::render::plan::outputs(&state.outputs));
    }
    out
}
