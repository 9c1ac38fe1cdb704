//! `groma output`

use super::{Command, Outcome};
use crate::args::{Args, Flag, switch, value};
use crate::operation::{COMMON_FLAGS, SANDBOX};
use crate::session::Session;
use groma_lang::{Diagnostic, console_format::format_console};
use groma_value::{Type, Value, convert, json};

const FLAGS: &[Flag] = &[
    value("state", "PATH", "The state file to read."),
    switch("json", "Print JSON: all outputs with types, or the value of the one named."),
    switch(
        "raw",
        "Print the value of the output named, a string, number or bool, as it is and without a newline.",
    ),
];

/// The command.
pub static COMMAND: Command = Command {
    name: "output",
    usage: "[flags] [NAME]",
    summary: "Show output values of the root module",
    help: "Shows all output values that the state has, or the one named.",
    flags: &[FLAGS, &[SANDBOX], COMMON_FLAGS],
    run,
    main: false,
};

fn run(s: &Session, args: &Args) -> Outcome {
    let name = match &args.rest[..] {
        [] => None,
        [n] => Some(n.as_str()),
        _ => return Err("output takes one name, or none for all.".to_owned().into()),
    };
    let (as_json, raw) = (args.on("json", false), args.on("raw", false));
    if as_json && raw {
        return Err("-json and -raw cannot be used together.".to_owned().into());
    }
    if raw && name.is_none() {
        return Err("-raw needs the name of an output: groma output -raw NAME".to_owned().into());
    }
    let m = s.open_state(args, None)?;
    let outputs = m.file().state.outputs.clone();
    s.close_state(m)?;
    let Some(name) = name else {
        if as_json {
            s.ui.line(&groma_engine::json::to_text_indented(&groma_engine::json::outputs_json(&outputs)));
        } else if outputs.is_empty() {
            s.ui.diags(
                &Diagnostic::warning("No outputs found", "The state has no outputs, or all are in child modules. Outputs of the root module are there after an apply.").into(),
                &s.sources,
            );
        } else {
            s.ui.out(&crate::render::plan::outputs(&outputs));
        }
        return Ok(0);
    };
    let Some(o) = outputs.get(name) else {
        let near = groma_lang::diag::suggest(name, outputs.keys().map(String::as_str));
        let hint = near.map(|n| format!(" Did you mean {n:?}?")).unwrap_or_default();
        return Err(s.fail(Diagnostic::error(
            format!("Output {name:?} not found"),
            format!("The state has no output of this name.{hint} If it was added to the configuration just now, run groma apply first."),
        )));
    };
    if as_json {
        s.ui.line(&json::encode(&o.value, &o.ty).map_err(|e| e.to_string())?);
    } else if raw {
        match convert(&o.value, &Type::String) {
            Ok(Value::String(text)) => s.ui.out(&text),
            _ => {
                return Err(s.fail(Diagnostic::error(
                    "Unsupported value for raw output",
                    format!(
                        "-raw takes strings, numbers and bools only, but {name:?} is {}. Use -json for it.",
                        o.ty.friendly_name()
                    ),
                )));
            }
        }
    } else {
        s.ui.line(&format_console(&o.value));
    }
    Ok(0)
}
