//! `init -from-module`: a working directory that begins as a copy of a module.

use crate::cli_config::CliConfig;
use crate::commands::Failure;
use crate::session::Session;
use groma_config::LoadOptions;
use groma_config::install::{InstallEvent, copy_directory, install_modules};
use groma_config::source_addr::ModuleSource;
use groma_lang::write::{argument_text, block_text};
use groma_lang::{Diagnostic, Diagnostics};
use groma_value::Value;
use std::path::{Path, PathBuf};

/// Copies the module that `source` names into the working directory, which must be empty.
/// What begins with a dot stays behind, as in Terraform.
pub fn copy(s: &Session, source: &str, diags: &mut Diagnostics) -> Result<(), Failure> {
    let refuse = |summary: &str, detail: String| s.fail(Diagnostic::error(summary, detail));
    let mut entries =
        std::fs::read_dir(".").map_err(|e| format!("The working directory cannot be read: {e}"))?;
    if let Some(Ok(entry)) = entries.next() {
        return Err(refuse(
            "Can't populate non-empty directory",
            format!(
                "-from-module copies a module into an empty directory, and this one has {}. To prepare the configuration that is here, leave the flag out.",
                entry.file_name().display()
            ),
        ));
    }
    s.ui.line(&s.paint().bold(&format!("Copying configuration from {source:?}...")));
    // It keeps what was fetched until it is copied.
    let scratch = tempfile::tempdir().map_err(|e| format!("There is no room for temporary files: {e}"))?;
    let dir = match ModuleSource::parse(source) {
        Ok(ModuleSource::Local(path)) => PathBuf::from(path),
        _ => fetch(s, source, scratch.path(), diags)?,
    };
    if !dir.is_dir() {
        return Err(refuse(
            "Failed to download module",
            format!("-from-module: {} is no directory.", dir.display()),
        ));
    }
    let copied = dir.canonicalize().and_then(|dir| {
        copy_directory(&dir, Path::new("."), |name| !name.as_encoded_bytes().starts_with(b"."))
    });
    copied.map_err(|e| {
        refuse("Failed to copy module", format!("-from-module: {source:?} cannot be copied: {e}. Empty this directory before the next attempt."))
    })
}

/// Fetches a module as a call of it would; where it is then.
fn fetch(s: &Session, source: &str, scratch: &Path, diags: &mut Diagnostics) -> Result<PathBuf, Failure> {
    let call = block_text("module", &["root"], &argument_text("source", &Value::from(source)));
    let options = LoadOptions {
        working_dir: scratch.to_owned(),
        extra: vec![(PathBuf::from("."), "from-module.tf".into(), call)],
        ..LoadOptions::default()
    };
    let cli = CliConfig::load(s, diags);
    let mut installed = None;
    let mut progress = |event: InstallEvent| {
        if let InstallEvent::Installed { key, dir, .. } = event
            && key == "root"
        {
            installed = Some(PathBuf::from(dir));
        }
    };
    install_modules(Path::new("."), false, &s.fetcher(&cli), &s.sources, &options, &mut progress, diags);
    s.check(diags)?;
    let dir =
        installed.ok_or_else(|| Failure::Message(format!("-from-module: {source:?} gave no module.")))?;
    Ok(scratch.join(dir))
}
