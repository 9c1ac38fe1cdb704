//! `groma fmt`

use super::{Command, Outcome};
use crate::args::{Args, Flag, switch};
use crate::session::Session;
use groma_lang::{Diagnostic, Diagnostics, Sources};
use std::io::Read;
use std::path::{Path, PathBuf};

const FLAGS: &[Flag] = &[
    switch("list", "List the files that are not formatted (on unless -list=false)."),
    switch("write", "Write the formatted files (on unless -write=false or -check)."),
    switch("diff", "Show what is changed."),
    switch("check", "Exit with 3 if a file is not formatted, and write nothing."),
    switch("recursive", "Format the files of all subdirectories too."),
    switch("no-color", "No colours."),
];

/// The command.
pub static COMMAND: Command = Command {
    name: "fmt",
    usage: "[flags] [FILE|DIR|-]...",
    summary: "Format configuration files",
    help: "Rewrites .tf, .tfvars, .tftest.hcl and groma.hcl files in the usual format: those of the working directory, or those named. \"-\" formats standard input to standard output.",
    flags: &[FLAGS],
    run,
    main: false,
};

const ENDINGS: [&str; 7] =
    [".tf", ".tfvars", ".tftest.hcl", ".tfmock.hcl", ".tofu", ".tofutest.hcl", ".groma.hcl"];
/// The manifest.
const MANIFEST: &str = "groma.hcl";

/// Whether a file of this name is formatted.
fn is_ours(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name == MANIFEST || ENDINGS.iter().any(|e| name.ends_with(e))
}

fn run(s: &Session, args: &Args) -> Outcome {
    let check = args.on("check", false);
    let (list, write) = (args.on("list", true), args.on("write", true) && !check);
    let mut diags = Diagnostics::new();
    if args.rest == ["-"] {
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .map_err(|e| format!("Standard input cannot be read: {e}"))?;
        let formatted = format(&s.sources, "<stdin>", &text, &mut diags);
        s.check(&diags)?;
        let formatted = formatted.unwrap_or_default();
        let changed = formatted != text;
        if args.on("diff", false) {
            s.ui.out(&diff("<stdin>", &text, &formatted));
        } else if !check {
            s.ui.out(&formatted);
        }
        return Ok(if check && changed { 3 } else { 0 });
    }
    let roots = if args.rest.is_empty() { vec![".".to_owned()] } else { args.rest.clone() };
    let mut files = Vec::new();
    for root in &roots {
        let path = Path::new(root);
        if path.is_dir() {
            collect(path, args.on("recursive", false), &mut files)?;
        } else if !path.exists() {
            s.fail(Diagnostic::error("No such file", format!("No file or directory at {root}.")));
            return Ok(2);
        } else if is_ours(path) {
            files.push(path.to_owned());
        } else {
            s.fail(Diagnostic::error(
                "Not a file of configuration",
                format!("Only .tf, .tfvars, .tftest.hcl and groma.hcl files can be processed with groma fmt, not {root}."),
            ));
            return Ok(2);
        }
    }
    let mut unformatted = false;
    for file in files {
        let name = file.strip_prefix("./").unwrap_or(&file).to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&file).map_err(|e| format!("{name} cannot be read: {e}"))?;
        let Some(formatted) = format(&s.sources, &name, &text, &mut diags) else { continue };
        if formatted == text {
            continue;
        }
        unformatted = true;
        if list {
            s.ui.line(&name);
        }
        if args.on("diff", false) {
            s.ui.out(&diff(&name, &text, &formatted));
        }
        if write {
            std::fs::write(&file, formatted).map_err(|e| format!("{name} cannot be written: {e}"))?;
        }
    }
    s.ui.diags(&diags, &s.sources);
    if diags.has_errors() {
        return Ok(2);
    }
    Ok(if check && unformatted { 3 } else { 0 })
}

/// The formatted text; `None` where the file does not parse.
fn format(sources: &Sources, name: &str, text: &str, diags: &mut Diagnostics) -> Option<String> {
    groma_lang::syntax::format_file(&sources.add(name, text), diags)
}

fn collect(dir: &Path, recursive: bool, out: &mut Vec<PathBuf>) -> Result<(), String> {
    let entries = std::fs::read_dir(dir).map_err(|e| format!("{} cannot be read: {e}", dir.display()))?;
    let mut entries: Vec<_> = entries.flatten().collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for e in entries {
        let name = e.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') || name.ends_with('~') || name.starts_with('#') {
            continue;
        }
        let path = e.path();
        if path.is_dir() {
            if recursive {
                collect(&path, true, out)?;
            }
        } else if is_ours(&path) {
            out.push(path);
        }
    }
    Ok(())
}

fn diff(name: &str, old: &str, new: &str) -> String {
    similar::TextDiff::from_lines(old, new)
        .unified_diff()
        .header(&format!("old/{name}"), &format!("new/{name}"))
        .to_string()
}
