//! The files of a module's directory.

use crate::LoadOptions;
use groma_lang::{Body, Diagnostic, Diagnostics, Sources};
use groma_value::Name;
use std::path::Path;

/// The parsed files of a directory.
#[derive(Default)]
pub(crate) struct Files {
    /// Files of the module proper, by name.
    pub primary: Vec<Body>,
    /// `override.tf`, `*_override.tf` and their JSON forms, by name.
    pub overrides: Vec<Body>,
}

/// Whether a directory has configuration files.
pub fn has_configuration(dir: &Path) -> bool {
    std::fs::read_dir(dir).is_ok_and(|entries| {
        entries.flatten().any(|e| {
            e.file_name().to_str().is_some_and(is_config) && !e.file_type().is_ok_and(|t| t.is_dir())
        })
    })
}

/// Whether a name is that of a configuration file. Hidden files and backups of
/// editors are none.
fn is_config(name: &str) -> bool {
    let ignored =
        name.starts_with('.') || name.ends_with('~') || name.starts_with('#') && name.ends_with('#');
    !ignored && ENDS.iter().any(|end| name.ends_with(end))
}

/// How the names of configuration files end; those of OpenTofu count before those that are
/// otherwise equal.
const ENDS: [&str; 4] = [".tofu", ".tofu.json", ".tf", ".tf.json"];

/// Removes what a file of OpenTofu with the same name takes the place of.
pub(crate) fn without_replaced(names: &mut Vec<String>, tofu: &str, tf: &str) {
    let of_tofu: std::collections::BTreeSet<String> =
        names.iter().filter_map(|n| n.strip_suffix(tofu)).map(str::to_owned).collect();
    names.retain(|n| n.strip_suffix(tf).is_none_or(|base| !of_tofu.contains(base)));
}

fn is_override(name: &str) -> bool {
    let base = ENDS.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
    base == "override" || base.ends_with("_override")
}

/// Reads all files of `dir`, overrides apart. `None` after an error that leaves
/// nothing to look at.
pub(crate) fn read(
    dir: &Path,
    options: &LoadOptions,
    sources: &Sources,
    diags: &mut Diagnostics,
) -> Option<Files> {
    if let Some(snapshot) = &options.snapshot {
        let mut files = Files::default();
        let mut names: Vec<String> =
            snapshot.in_dir(dir).map(|(n, _)| n.to_owned()).filter(|n| is_config(n)).collect();
        without_replaced(&mut names, ".tofu", ".tf");
        without_replaced(&mut names, ".tofu.json", ".tf.json");
        for (name, text) in snapshot.in_dir(dir).filter(|(n, _)| names.iter().any(|x| x == n)) {
            let body = parse(&shown(dir, name), text.as_bytes().to_vec(), sources, diags);
            if is_override(name) { &mut files.overrides } else { &mut files.primary }.extend(body);
        }
        return Some(files);
    }
    let on_disk = &options.working_dir.join(dir);
    let Ok(entries) = std::fs::read_dir(on_disk) else {
        diags.push(Diagnostic::error(
            "Failed to read module directory",
            format!("The directory {} does not exist or cannot be read.", dir.display()),
        ));
        return None;
    };
    let mut names: Vec<String> = entries
        .flatten()
        .filter(|e| !e.file_type().is_ok_and(|t| t.is_dir()))
        .filter_map(|e| e.file_name().into_string().ok())
        .filter(|n| is_config(n))
        .collect();
    names.sort();
    without_replaced(&mut names, ".tofu", ".tf");
    without_replaced(&mut names, ".tofu.json", ".tf.json");
    let mut files = Files::default();
    for name in names {
        let Some(body) = read_file(dir, on_disk, &name, sources, diags) else { continue };
        if is_override(&name) { &mut files.overrides } else { &mut files.primary }.push(body);
    }
    Some(files)
}

/// The name of a file for messages.
fn shown(dir: &Path, name: &str) -> String {
    if dir == Path::new(".") { name.to_owned() } else { dir.join(name).to_string_lossy().into_owned() }
}

fn read_file(
    dir: &Path,
    on_disk: &Path,
    name: &str,
    sources: &Sources,
    diags: &mut Diagnostics,
) -> Option<Body> {
    let shown = shown(dir, name);
    let bytes = match std::fs::read(on_disk.join(name)) {
        Ok(b) => b,
        Err(e) => {
            diags.push(Diagnostic::error(
                "Failed to read file",
                format!("The file {shown} could not be read: {e}."),
            ));
            return None;
        }
    };
    parse(&shown, bytes, sources, diags)
}

/// Parses the content of a file; the syntax is told by the end of the name.
pub(crate) fn parse(shown: &str, bytes: Vec<u8>, sources: &Sources, diags: &mut Diagnostics) -> Option<Body> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let (text, invalid) = match std::str::from_utf8(bytes) {
        Ok(t) => (t.to_owned(), None),
        Err(e) => (String::from_utf8_lossy(bytes).into_owned(), Some(e.valid_up_to())),
    };
    let file = sources.add(shown, text);
    if let Some(at) = invalid {
        let span = groma_lang::Span::new(file.id, at, at + 1);
        diags.error(
            span,
            "Invalid character encoding",
            "Configuration files are written in UTF-8, and this is none.",
        );
    }
    Some(if shown.ends_with(".json") {
        groma_lang::syntax::parse_json_file_with(&file, &is_literal, diags)
    } else {
        groma_lang::syntax::parse_file(&file, diags)
    })
}

/// Whether strings in a JSON file are plain text instead of templates: where the
/// language takes no expressions.
fn is_literal(path: &[Name]) -> bool {
    let names: Vec<&str> = path.iter().map(|n| &**n).collect();
    matches!(
        names[..],
        ["variable", _, "default" | "description" | "type", ..]
            | ["output", _, "description", ..]
            | ["provider", _, "alias" | "version", ..]
    ) || matches!(names[..], ["terraform", ref rest @ ..] if rest.first() != Some(&"backend"))
}
