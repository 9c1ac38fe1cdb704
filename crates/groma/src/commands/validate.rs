//! `groma validate`

use super::{Command, Failure, Outcome};
use crate::args::{Args, Flag, switch};
use crate::operation::{self, COMMON_FLAGS, TEST_DIRECTORY_FLAG};
use crate::providers::Loaded;
use crate::session::Session;
use groma_engine::Quiet;
use groma_lang::{Diagnostic, Diagnostics};
use groma_platform::manifest::Manifest;
use groma_state::State;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

const FLAGS: &[Flag] = &[
    switch("json", "Print a JSON document with all diagnostics."),
    switch("no-tests", "Do not look at test files."),
    TEST_DIRECTORY_FLAG,
];

/// The command.
pub static COMMAND: Command = Command {
    name: "validate",
    usage: "[flags]",
    summary: "Check whether the configuration is valid",
    help: "Checks the configuration and its test files, or in a directory that has no .tf files the manifest, by themselves: syntax, references, types, and what the providers have to say of them. Neither state nor the real infrastructure is looked at.",
    flags: &[FLAGS, &[operation::SANDBOX], COMMON_FLAGS],
    run,
    main: true,
};

fn run(s: &Session, args: &Args) -> Outcome {
    let json = args.on("json", false);
    s.ui.quiet.store(json, Ordering::Relaxed);
    let mut diags = Diagnostics::new();
    let manifest = operation::manifest_alone();
    let done = match manifest {
        true => {
            Manifest::load(Path::new("."), &s.sources, &mut diags);
            Ok(())
        }
        false => check(s, args, &mut diags),
    };
    let what = if manifest { "manifest" } else { "configuration" };
    s.ui.quiet.store(false, Ordering::Relaxed);
    if let Err(Failure::Message(text)) = done {
        diags.push(Diagnostic::error("Cannot validate", text));
    }
    if json {
        s.ui.line(&document(s, &diags));
        return Ok(u8::from(diags.has_errors()));
    }
    s.ui.diags(&diags, &s.sources);
    if diags.has_errors() {
        return Err(Failure::Reported);
    }
    let paint = s.paint();
    if diags.is_empty() {
        s.ui.line(&format!("{} The {what} is valid.", paint.code("1;32", "Success!")));
    } else {
        s.ui.line(&format!(
            "{} The {what} is valid, but there were some validation warnings as shown above.",
            paint.code("1;32", "Success!")
        ));
    }
    Ok(0)
}

fn check(s: &Session, args: &Args, diags: &mut Diagnostics) -> Result<(), Failure> {
    let config = Arc::new(s.config(diags));
    if !args.on("no-tests", false) {
        super::test::check_files(s, super::test::directory(args), diags);
    }
    if diags.has_errors() {
        return Ok(());
    }
    groma_config::validate::validate_config(&config, &s.sources, diags);
    if diags.has_errors() {
        return Ok(());
    }
    let Loaded { providers, schemas, .. } = s.load_providers(&config, &State::default(), diags)?;
    if diags.has_errors() {
        return Ok(());
    }
    let cx = s.context(config, providers, schemas, 10, Arc::new(Quiet));
    diags.extend(s.runtime.block_on(groma_engine::validate(&cx)));
    Ok(())
}

fn document(s: &Session, diags: &Diagnostics) -> String {
    let list: Vec<serde_json::Value> = diags
        .iter()
        .map(|d| {
            groma_engine::json::diagnostic_json(&groma_lang::diag_render::render_json(d, &s.sources, None))
        })
        .collect();
    let errors = diags.iter().filter(|d| d.is_error()).count();
    let doc = serde_json::json!({
        "format_version": "1.0",
        "valid": errors == 0,
        "error_count": errors,
        "warning_count": diags.len() - errors,
        "diagnostics": list,
    });
    groma_engine::json::to_text_indented(&doc)
}
