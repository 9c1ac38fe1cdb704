//! `groma modules` and `groma metadata functions`: what there is, for people and programs.

use super::{Command, Outcome};
use crate::args::{Args, Flag, switch};
use crate::operation::{COMMON_FLAGS, VARIABLE_FLAGS};
use crate::session::Session;
use groma_config::ModuleNode;
use groma_config::manifest::{Manifest, key};
use groma_lang::functions::{FunctionContext, Functions, Parameter};
use groma_lang::{Diagnostic, Diagnostics};
use groma_value::json::type_to_json;
use serde_json::{Map, Value, json};

const FLAGS: &[Flag] = &[switch("json", "Print a JSON document.")];

/// `modules`
pub static COMMAND: Command = Command {
    name: "modules",
    usage: "[flags]",
    summary: "Show the modules that the configuration calls",
    help: "Shows all modules that the configuration calls, directly or through others, with their sources and versions.",
    flags: &[FLAGS, VARIABLE_FLAGS, COMMON_FLAGS],
    run,
    main: false,
};

/// `metadata functions`
pub static FUNCTIONS: Command = Command {
    name: "metadata functions",
    usage: "-json",
    summary: "Show the functions of the language",
    help: "Prints the functions of the language with their parameters and result types as a JSON document.",
    flags: &[FLAGS, COMMON_FLAGS],
    run: functions,
    main: false,
};

fn run(s: &Session, args: &Args) -> Outcome {
    let mut diags = Diagnostics::new();
    let config = s.config(&mut diags);
    s.check(&diags)?;
    let manifest = Manifest::read(&s.data_dir)
        .map_err(|why| s.fail(Diagnostic::error("Failed to read module manifest", why)))?;
    if args.on("json", false) {
        let mut all = Vec::new();
        list(&config.root, &manifest, &mut all);
        let modules = if all.is_empty() { Value::Null } else { all.into() };
        s.ui.line(&json!({ "format_version": "1.0", "modules": modules }).to_string());
    } else if config.root.children.is_empty() {
        s.ui.line("No modules found in configuration.");
    } else {
        let mut out = String::from("\nModules declared by configuration:\n.\n");
        tree(&config.root, &manifest, "", &mut out);
        s.ui.line(&out);
    }
    Ok(0)
}

/// Source and version as they are installed, or as they are written where nothing is.
fn record(node: &ModuleNode, name: &str, child: &ModuleNode, manifest: &Manifest) -> (String, String) {
    match manifest.records.get(&key(&child.path)) {
        Some(r) => (r.source.clone(), r.version.clone().unwrap_or_default()),
        None => (node.module.calls.get(name).map(|c| c.source.clone()).unwrap_or_default(), String::new()),
    }
}

fn list(node: &ModuleNode, manifest: &Manifest, out: &mut Vec<Value>) {
    for (name, child) in &node.children {
        let (source, version) = record(node, name, child, manifest);
        out.push(json!({ "key": &**name, "source": source, "version": version }));
        list(child, manifest, out);
    }
}

fn tree(node: &ModuleNode, manifest: &Manifest, indent: &str, out: &mut String) {
    let count = node.children.len();
    for (i, (name, child)) in node.children.iter().enumerate() {
        let last = i + 1 == count;
        let (source, version) = record(node, name, child, manifest);
        let early = node.sources.get(name).and_then(|(_, v)| v.clone());
        let constraint = early.or_else(|| Some(node.module.calls.get(name)?.version.as_ref()?.0.clone()));
        let version = if version.is_empty() { version } else { format!(" {version}") };
        let constraint = constraint.map(|c| format!(" ({c})")).unwrap_or_default();
        let branch = if last { "└── " } else { "├── " };
        out.push_str(&format!("{indent}{branch}\"{name}\"[{source}]{version}{constraint}\n"));
        let below = format!("{indent}{}", if last { "    " } else { "│   " });
        tree(child, manifest, &below, out);
    }
}

fn functions(s: &Session, args: &Args) -> Outcome {
    if !args.on("json", false) {
        return Err("groma metadata functions needs the flag -json: there is no other form."
            .to_owned()
            .into());
    }
    let all = Functions::standard(&FunctionContext::default());
    let mut signatures = Map::new();
    for prefix in ["", "core::"] {
        for name in all.names() {
            let Some(f) = all.get(name) else { continue };
            let mut one = Map::new();
            one.insert("description".into(), f.description.to_string().into());
            one.insert("return_type".into(), type_to_json(&f.static_type));
            if !f.params.is_empty() {
                one.insert("parameters".into(), f.params.iter().map(parameter).collect());
            }
            if let Some(p) = &f.variadic {
                one.insert("variadic_parameter".into(), parameter(p));
            }
            signatures.insert(format!("{prefix}{name}"), one.into());
        }
    }
    s.ui.line(&json!({ "format_version": "1.0", "function_signatures": signatures }).to_string());
    Ok(0)
}

fn parameter(p: &Parameter) -> Value {
    let mut out = Map::new();
    out.insert("name".into(), (*p.name).into());
    if !p.description.is_empty() {
        out.insert("description".into(), (*p.description).into());
    }
    if p.allow_null {
        out.insert("is_nullable".into(), true.into());
    }
    out.insert("type".into(), type_to_json(&p.ty));
    out.into()
}
