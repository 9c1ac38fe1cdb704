//! `groma state show`

use super::{Command, Outcome};
use crate::args::Args;
use crate::operation::{self, COMMON_FLAGS};
use crate::session::Session;
use crate::state_edit::READ_FLAGS;
use groma_engine::object_value;
use groma_lang::Diagnostic;
use groma_state::{Object, Status};
use groma_value::addr::{Mode, ResourceInstance};

/// The command.
pub static COMMAND: Command = Command {
    name: "state show",
    usage: "[flags] ADDRESS",
    summary: "Show a resource instance of the state",
    help: "Shows all attributes that the state has of one resource instance.",
    flags: &[READ_FLAGS, &[operation::SANDBOX], COMMON_FLAGS],
    run,
    main: false,
};

fn run(s: &Session, args: &Args) -> Outcome {
    let [text] = &args.rest[..] else {
        return Err("Exactly one argument expected: the address of a resource instance.".to_owned().into());
    };
    let addr = ResourceInstance::parse(text).map_err(|e| {
        s.fail(Diagnostic::error(
            "Error parsing instance address",
            format!("{e}. groma state list shows the addresses of all instances."),
        ))
    })?;
    let m = s.look_into_state(args)?;
    let state = m.file().state.clone();
    s.close_state(m)?;
    let resource = state.resources.get(&addr.abs_resource());
    let (Some(resource), Some(instance)) = (resource, state.instance(&addr)) else {
        let others =
            resource.map(|r| r.instances.keys().map(|k| addr.abs_resource().instance(k.clone()).to_string()));
        let hint = match others.map(|o| o.collect::<Vec<_>>()) {
            Some(o) => format!("The resource has these instances: {}.", o.join(", ")),
            None => "groma state list shows the addresses of all instances.".into(),
        };
        return Err(s.fail(Diagnostic::error(
            "No instance found for the given address!",
            format!("The state has no resource instance {addr}. {hint}"),
        )));
    };
    let schemas = super::show::schemas(s, &state)?;
    let provider = &resource.provider.provider.provider;
    let r = &addr.resource;
    let (keyword, schema) = match (r.mode, schemas.get(provider)) {
        (Mode::Data, p) => ("data", p.and_then(|p| p.data_source(&r.ty))),
        (_, p) => ("resource", p.and_then(|p| p.resource(&r.ty))),
    };
    let Some(schema) = schema else {
        return Err(s.fail(Diagnostic::error(
            "No schema",
            format!("The provider {} has no schema for {keyword} {:?} in the version that is installed, so its attributes cannot be read.", provider.for_display(), &*r.ty),
        )));
    };
    let header = format!("{keyword} \"{}\" \"{}\"", r.ty, r.name);
    let note = |o: &Object| if o.status == Status::Tainted { " (tainted)" } else { "" };
    let current = instance.current.iter().map(|o| (note(o).to_owned(), o));
    let deposed = instance.deposed.iter().map(|(k, o)| (format!(" (deposed object {k}){}", note(o)), o));
    let mut out = String::new();
    for (note, object) in current.chain(deposed) {
        let value = object_value(object, &schema).map_err(|e| {
            s.fail(Diagnostic::error(
                "The object does not fit the schema",
                format!("The attributes of {addr} in the state (schema version {}) cannot be read with the installed provider's schema (version {}): {e}. A plan brings them up to date.", object.schema_version, schema.version),
            ))
        })?;
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&crate::render::plan::object(&addr.to_string(), &note, &header, &schema, &value));
    }
    s.ui.out(&out);
    Ok(0)
}
