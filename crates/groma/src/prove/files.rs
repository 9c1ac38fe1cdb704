//! `*.prove.hcl` files: the `prove` blocks that stand beside a Terraform configuration.

use groma_lang::ast::{Attribute, Block};
use groma_lang::{Diagnostic, Diagnostics, Sources, diag, syntax};
use groma_platform::Prove;
use groma_platform::flow::Flow;
use groma_value::Value;
use std::path::Path;

const LISTS: [&str; 6] = ["never", "always", "adds", "no_egress", "nat", "firewall"];
const SWITCHES: [&str; 4] = ["exactly", "zone_loss", "steps", "public"];

/// The blocks of all such files in a directory. `shown`: the directory as a person would
/// write it.
pub fn read(dir: &Path, shown: &Path, sources: &Sources, diags: &mut Diagnostics) -> Vec<Prove> {
    let entries = std::fs::read_dir(if dir.as_os_str().is_empty() { Path::new(".") } else { dir });
    let mut names: Vec<String> = entries
        .into_iter()
        .flatten()
        .flatten()
        .map(|e| e.file_name().to_string_lossy().into_owned())
        .filter(|n| n.ends_with(".prove.hcl") && !n.starts_with('.'))
        .collect();
    names.sort();
    let mut out = Vec::new();
    for name in names {
        let path = dir.join(&name);
        match std::fs::read(&path) {
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) => {
                    let file = sources.add(shown.join(&name).to_string_lossy().into_owned(), text);
                    let body = syntax::parse_file(&file, diags);
                    for a in &body.attributes {
                        diags.error(
                            a.span,
                            "Argument outside of a block",
                            "This file has prove blocks only: prove \"NAME\" { ... }.",
                        );
                    }
                    out.extend(body.blocks.iter().filter_map(|b| block(b, diags)));
                }
                Err(_) => diags.push(Diagnostic::error(
                    "File cannot be read",
                    format!("{} is not UTF-8 text.", path.display()),
                )),
            },
            Err(e) => {
                diags.push(Diagnostic::error("File cannot be read", format!("{}: {e}.", path.display())))
            }
        }
    }
    out
}

fn block(b: &Block, diags: &mut Diagnostics) -> Option<Prove> {
    if &*b.ty.name != "prove" {
        diags.error(
            b.header,
            "Unknown block",
            format!("There is no block {:?} here: this file has prove blocks only.", b.ty.name),
        );
        return None;
    }
    let [name] = &b.labels[..] else {
        diags.error(b.header, "Wrong name", "A prove block has one name: prove \"isolation\" { ... }.");
        return None;
    };
    let mut p = Prove {
        name: name.name.to_string(),
        never: Vec::new(),
        always: Vec::new(),
        adds: Vec::new(),
        exactly: false,
        no_egress: Vec::new(),
        nat: Vec::new(),
        firewall: Vec::new(),
        zone_loss: false,
        steps: false,
        // Whoever writes never here means any way.
        public: true,
        span: b.header,
    };
    for inner in &b.body.blocks {
        diags.error(inner.header, "Unknown block", "A prove block contains arguments only.");
    }
    for a in &b.body.attributes {
        argument(a, &mut p, diags);
    }
    if p.says_nothing() && !diags.has_errors() {
        diags.error(b.header, "Nothing to prove", format!("prove {:?} says nothing that could be proved. Add never = [\"internet -> aws_db_instance.main\"], for instance, or remove it.", p.name));
    }
    Some(p)
}

fn argument(a: &Attribute, p: &mut Prove, diags: &mut Diagnostics) {
    let name = &*a.name.name;
    let value = groma_lang::eval::evaluate_constant(&a.expr, diags);
    let value = value.unmark_deep().0;
    if SWITCHES.contains(&name) {
        let Some(on) = value.as_bool() else {
            diags.error(a.expr.span, "Wrong type", format!("{name} is true or false."));
            return;
        };
        match name {
            "exactly" => p.exactly = on,
            "zone_loss" => p.zone_loss = on,
            "steps" => p.steps = on,
            _ => p.public = on,
        }
        return;
    }
    if !LISTS.contains(&name) {
        let all = LISTS.iter().chain(&SWITCHES);
        let hint =
            diag::suggest(name, all.copied()).map(|n| format!(" Did you mean {n}?")).unwrap_or_default();
        let all: Vec<&str> = LISTS.iter().chain(&SWITCHES).copied().collect();
        diags.error(
            a.name.span,
            "Unknown argument",
            format!("A prove block has no argument {name:?}.{hint} There are {}.", all.join(", ")),
        );
        return;
    }
    let one = [value.clone()];
    let items: &[Value] = match &value {
        Value::String(_) => &one,
        v => match v.as_elements() {
            Some(e) => e,
            None => {
                diags.error(a.expr.span, "Wrong type", format!("{name} is a list of texts."));
                return;
            }
        },
    };
    for v in items {
        let Some(text) = v.as_str() else {
            diags.error(a.expr.span, "Wrong type", format!("{name} is a list of texts."));
            continue;
        };
        let flow = matches!(name, "never" | "always" | "adds");
        if flow && let Err(e) = Flow::parse(text) {
            diags.error(a.expr.span, "Wrong proof", e);
            continue;
        }
        let list = match name {
            "never" => &mut p.never,
            "always" => &mut p.always,
            "adds" => &mut p.adds,
            "no_egress" => &mut p.no_egress,
            "nat" => &mut p.nat,
            _ => &mut p.firewall,
        };
        list.push((text.to_owned(), a.expr.span));
    }
}
