//! The record of what modules from elsewhere contained when they were first fetched:
//! `.groma.modules.lock.hcl` beside the configuration.
//!
//! Terraform has no such record; it does not look at the file.

use crate::source_addr::ModuleSource;
use groma_lang::eval::Bindings;
use groma_lang::functions::Functions;
use groma_lang::{Body, Diagnostic, Diagnostics, Sources};
use groma_value::version::Version;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::path::Path;

/// The name of the file.
pub const MODULE_LOCK_FILE: &str = ".groma.modules.lock.hcl";

const HEAD: &str = "# Checksums of the modules that come from elsewhere, kept by \"groma init\". Keep this\n\
                    # file under version control; \"groma init -upgrade\" takes what is there now.\n";

/// A package: its address without a subdirectory, and the version of a registry's module.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageKey {
    /// The address.
    pub source: String,
    /// The version as written; empty for what has none.
    pub version: String,
}

impl PackageKey {
    /// The package of a source; `None` for a directory next to the caller.
    pub fn new(source: &ModuleSource, version: Option<&Version>) -> Option<PackageKey> {
        let source = source.without_subdir()?;
        Some(PackageKey { source, version: version.map(Version::to_string).unwrap_or_default() })
    }
}

/// Checksums by package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModuleLocks {
    /// `h1:` hashes of the packages' files.
    pub packages: BTreeMap<PackageKey, String>,
}

impl ModuleLocks {
    /// Reads the file; no file is an empty record.
    pub fn read(path: &Path, sources: &Sources, diags: &mut Diagnostics) -> ModuleLocks {
        let mut locks = ModuleLocks::default();
        match std::fs::read_to_string(path) {
            Ok(text) => {
                let file = sources.add(path.to_string_lossy(), text);
                let body = groma_lang::syntax::parse_file(&file, diags);
                locks.decode(&body, diags);
            }
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            Err(e) => diags.push(Diagnostic::error(
                "Failed to read module checksums",
                format!("The file {} cannot be read: {e}.", path.display()),
            )),
        }
        locks
    }

    fn decode(&mut self, body: &Body, diags: &mut Diagnostics) {
        const SUMMARY: &str = "Invalid record of module checksums";
        for a in &body.attributes {
            diags.error(a.span, SUMMARY, "Only blocks of type \"module\" are expected here.");
        }
        for b in &body.blocks {
            let ("module", [label]) = (&*b.ty.name, &b.labels[..]) else {
                diags.error(
                    b.header,
                    SUMMARY,
                    "Only blocks of type \"module\" with one label are expected here.",
                );
                continue;
            };
            let mut text = |name: &str| {
                let a = b.body.attribute(name)?;
                let functions = Functions::default();
                let none = Bindings::new::<groma_value::Name>([], &functions);
                let v = groma_lang::eval::evaluate(&a.expr, &none, diags);
                v.as_str().map(str::to_owned)
            };
            let version = text("version").unwrap_or_default();
            let Some(hash) = text("hash").filter(|h| h.contains(':')) else {
                diags.error(b.header, SUMMARY, "A hash such as \"h1:...\" is needed in each block.");
                continue;
            };
            let key = PackageKey { source: label.name.to_string(), version };
            if self.packages.insert(key, hash).is_some() {
                diags.error(b.header, SUMMARY, "There is a block for this package already.");
            }
        }
    }

    /// The content of the file.
    pub fn to_text(&self) -> String {
        let mut out = HEAD.to_owned();
        for (key, hash) in &self.packages {
            let _ = writeln!(out, "\nmodule {} {{", quote(&key.source));
            if key.version.is_empty() {
                let _ = writeln!(out, "  hash = {}\n}}", quote(hash));
            } else {
                let _ = writeln!(out, "  version = {}\n  hash    = {}\n}}", quote(&key.version), quote(hash));
            }
        }
        out
    }

    /// Makes the file say this; without packages there is none.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        if !self.packages.is_empty() {
            return std::fs::write(path, self.to_text());
        }
        match std::fs::remove_file(path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
            _ => Ok(()),
        }
    }
}

/// A string without templates.
fn quote(text: &str) -> String {
    groma_lang::eval::quote(text).replace("${", "$${").replace("%{", "%%{")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_read_as_it_was_written() {
        let mut locks = ModuleLocks::default();
        let key = |s: &str, v: &str| PackageKey { source: s.into(), version: v.into() };
        locks.packages.insert(key("registry.terraform.io/a/b/c", "1.2.0"), "h1:abc=".into());
        locks.packages.insert(key("git::https://h/x.git?ref=${x}&y=\"", ""), "h1:d".into());
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(MODULE_LOCK_FILE);
        locks.write(&path).unwrap();
        let (sources, mut diags) = (Sources::new(), Diagnostics::new());
        assert_eq!(ModuleLocks::read(&path, &sources, &mut diags), locks);
        assert!(diags.is_empty(), "{diags:?}");
        ModuleLocks::default().write(&path).unwrap();
        assert!(!path.exists());
        std::fs::write(&path, "x = 1\nmodule \"a\" {}\nmodule {}\n").unwrap();
        ModuleLocks::read(&path, &sources, &mut diags);
        assert_eq!(diags.len(), 3, "{diags:?}");
    }
}
