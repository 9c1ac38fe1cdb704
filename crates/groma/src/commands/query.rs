//! `groma query`

use super::{Command, Outcome};
use crate::args::{Args, Flag, value};
use crate::operation::{self, COMMON_FLAGS, JSON_LINES, SANDBOX, VARIABLE_FLAGS};
use crate::session::Session;
use groma_engine::json::stream::Message;
use groma_engine::{Found, PlanMode, identity_text};
use groma_lang::{Diagnostic, Diagnostics};
use groma_state::State;
use std::sync::Arc;

const FLAGS: &[Flag] = &[
    value(
        "generate-config-out",
        "FILE",
        "Write resource and import blocks for what is found into this new file.",
    ),
    JSON_LINES,
    value("parallelism", "N", "How many provider operations run at once; 10 unless given."),
    SANDBOX,
];

/// The command.
pub static COMMAND: Command = Command {
    name: "query",
    usage: "[flags]",
    summary: "Look for existing objects with the list blocks of *.tfquery.hcl files",
    help: "Asks the providers for what the list blocks in the files *.tfquery.hcl of this directory look for, and shows it. With -generate-config-out, configuration is written with which the next apply takes the objects over. Nothing is changed, and the state is not looked at.",
    flags: &[FLAGS, VARIABLE_FLAGS, COMMON_FLAGS],
    run,
    main: false,
};

fn run(s: &Session, args: &Args) -> Outcome {
    s.json_messages(args);
    let out = args.get("generate-config-out");
    if let Some(file) = out {
        operation::must_be_new(s, file)?;
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(".").into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.ends_with(groma_config::QUERY_FILE) || name.starts_with('.') {
            continue;
        }
        let text = std::fs::read_to_string(&name).map_err(|e| format!("{name} cannot be read: {e}."))?;
        files.push((name, text));
    }
    files.sort();
    if files.is_empty() {
        return Err(s.fail(Diagnostic::error(
            "No query files",
            "There are no files *.tfquery.hcl in this directory. Write list blocks into one, for instance:\n\nlist \"aws_instance\" \"all\" {\n  provider = aws\n}",
        )));
    }
    let mut diags = Diagnostics::new();
    let config = s.loaded_with(files, &mut diags)?;
    if config.root.module.lists.is_empty() {
        return Err(s.fail(Diagnostic::error(
            "No list blocks",
            "There is no list block in the query files, so there is nothing to look for.",
        )));
    }
    // What is managed here already is no part of the question.
    let state = State::default();
    let ready = s.ready(args, config, &state, Arc::new(groma_engine::Quiet), &mut diags)?;
    let options = operation::plan_options(args, ready.variables.clone(), PlanMode::Normal)?;
    s.watch_interrupts(&ready.pool);
    let asked = groma_engine::query(&ready.context, &state, &options, out.is_some());
    let Some((lists, found)) = operation::run(s, asked) else {
        return Err("The query was abandoned.".to_owned().into());
    };
    diags.extend(found);
    let all: Vec<&Found> = lists.iter().flat_map(|(_, found)| found).collect();
    for m in messages(&lists) {
        s.ui.message(&m);
    }
    s.ui.out(&table(&lists));
    if let Some(file) = out
        && !all.is_empty()
        && !diags.has_errors()
    {
        let blocks = all.iter().filter_map(|f| f.generated.as_ref());
        let text: Vec<String> = blocks.map(|(resource, import)| format!("{resource}\n{import}")).collect();
        operation::write_generated(s, file, &format!("{}{}", operation::GENERATED, text.join("\n")))?;
        s.ui.line(&format!("\nWrote the configuration of what was found to: {file}\n\nReview it, and take the objects over: groma plan"));
    }
    s.ui.diags(&diags, &s.sources);
    if diags.has_errors() { Err(super::Failure::Reported) } else { Ok(0) }
}

/// A line for each object: list, identity, name.
fn table(lists: &[(String, Vec<Found>)]) -> String {
    let rows: Vec<[String; 3]> = lists
        .iter()
        .flat_map(|(name, found)| {
            let none = found.is_empty().then(|| [name.clone(), "(nothing)".to_owned(), String::new()]);
            let found = found.iter().map(|f| {
                let identity = f.identity.as_ref().map(identity_text).unwrap_or_default();
                [f.list.clone(), identity, f.display_name.clone()]
            });
            none.into_iter().chain(found).collect::<Vec<_>>()
        })
        .collect();
    let width = |i: usize| rows.iter().map(|r| r[i].chars().count()).max().unwrap_or(0);
    let (a, b) = (width(0), width(1));
    rows.iter().map(|[l, i, n]| format!("{}\n", format!("{l:a$}   {i:b$}   {n}").trim_end())).collect()
}

fn messages(lists: &[(String, Vec<Found>)]) -> Vec<Message> {
    let mut out = Vec::new();
    for (name, found) in lists {
        let ty = name.split('.').nth(1).unwrap_or_default();
        let about = |total: Option<usize>| {
            let mut about = serde_json::json!({ "address": name, "resource_type": ty });
            if let (Some(total), Some(about)) = (total, about.as_object_mut()) {
                about.insert("total".to_owned(), total.into());
            }
            about
        };
        let start = Message::new("info", "list_start", format!("{name}: Starting query..."));
        out.push(start.with("list_start", about(None)));
        for f in found {
            let mut one = serde_json::json!({
                "address": f.list, "resource_type": &*f.ty, "display_name": f.display_name,
                "identity": f.identity.as_ref().map(groma_engine::json::plain_value),
            });
            if let Some(one) = one.as_object_mut() {
                if let Some(object) = &f.resource {
                    one.insert("resource_object".to_owned(), groma_engine::json::plain_value(object));
                }
                if let Some((config, import)) = &f.generated {
                    one.insert("config".to_owned(), config.as_str().into());
                    one.insert("import_config".to_owned(), import.as_str().into());
                }
            }
            let m = Message::new("info", "list_resource_found", format!("{name}: Result found"));
            out.push(m.with("list_resource_found", one));
        }
        let end = Message::new("info", "list_complete", format!("{name}: List complete"));
        out.push(end.with("list_complete", about(Some(found.len()))));
    }
    out
}
