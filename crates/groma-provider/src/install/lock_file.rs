//! `.terraform.lock.hcl`: which versions were chosen, under which constraints, with which hashes.
//!
//! The file is written whole in one fixed form. Its syntax is HCL, of which it uses little; that
//! little is read here, with comments, so that this crate needs no language.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use groma_value::addr::{Provider, quote};

use crate::files::{FileError, at};
use crate::version::{Constraints, Version};

use super::hash::PackageHash;

mod syntax;

use syntax::{Attribute, Expression};

/// What is recorded about one provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderLock {
    /// The chosen version.
    pub version: Version,
    /// The constraints under which it was chosen; for information only.
    pub constraints: Constraints,
    /// Hashes of its packages, sorted, without duplicates.
    hashes: Vec<PackageHash>,
}

impl ProviderLock {
    /// A record; hashes are sorted and duplicates removed.
    pub fn new(version: Version, constraints: Constraints, mut hashes: Vec<PackageHash>) -> ProviderLock {
        hashes.sort();
        hashes.dedup();
        ProviderLock { version, constraints, hashes }
    }

    /// All hashes.
    pub fn hashes(&self) -> &[PackageHash] {
        &self.hashes
    }

    /// The hashes that a package can be checked against.
    pub fn checkable_hashes(&self) -> Vec<PackageHash> {
        self.hashes.iter().filter(|hash| hash.is_supported()).cloned().collect()
    }
}

/// The content of a lock file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Locks {
    /// By provider; written in this order.
    pub providers: BTreeMap<Provider, ProviderLock>,
}

/// What is wrong with a lock file: one or more problems, each a title and a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockFileError {
    /// The problems in order of their places.
    pub problems: Vec<LockFileProblem>,
}

/// One problem of a lock file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockFileProblem {
    /// A few words.
    pub summary: String,
    /// Sentences.
    pub detail: String,
    /// The line, from 1.
    pub line: usize,
}

impl fmt::Display for LockFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "line {}: {}: {}", problem.line, problem.summary, problem.detail)?;
        }
        Ok(())
    }
}

impl std::error::Error for LockFileError {}

impl Locks {
    /// Reads a file; an absent file locks nothing.
    pub fn read(path: &Path) -> Result<Result<Locks, LockFileError>, FileError> {
        match std::fs::read(path) {
            Ok(bytes) => Ok(Locks::parse(&String::from_utf8_lossy(&bytes))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Ok(Locks::default())),
            Err(error) => Err(FileError { path: path.to_owned(), error }),
        }
    }

    /// Writes the file, whole or not at all.
    pub fn write(&self, path: &Path) -> Result<(), FileError> {
        use std::os::unix::fs::PermissionsExt;
        let directory = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let write = || {
            let readable = std::fs::Permissions::from_mode(0o644);
            let mut file = tempfile::Builder::new().permissions(readable).tempfile_in(directory)?;
            std::io::Write::write_all(&mut file, self.to_string().as_bytes())?;
            file.persist(path).map_err(|error| error.error)?;
            Ok(())
        };
        write().map_err(at(path))
    }

    /// Reads the text of a lock file.
    pub fn parse(text: &str) -> Result<Locks, LockFileError> {
        let mut problems = Vec::new();
        let blocks = syntax::parse(text, &mut problems);
        let mut locks = Locks::default();
        let mut seen: BTreeMap<Provider, usize> = BTreeMap::new();
        for block in blocks {
            let mut problem = |line: usize, summary: &str, detail: String| {
                problems.push(LockFileProblem { summary: summary.to_owned(), detail, line });
            };
            match block.ty.as_str() {
                "provider" => {}
                // Reserved for versions of the format to come.
                "module" => continue,
                other => {
                    let detail = format!("Blocks of type \"{other}\" are not expected here.");
                    problem(block.line, "Unsupported block type", detail);
                    continue;
                }
            }
            let [source] = &block.labels[..] else {
                let detail = "A provider block has one label, the provider's source address.".to_owned();
                problem(block.line, "Invalid provider lock", detail);
                continue;
            };
            let Ok(provider) = Provider::parse(source) else {
                let detail =
                    "The provider source address for a provider lock must be a valid, fully-qualified \
                              address of the form \"hostname/namespace/type\"."
                        .to_owned();
                problem(block.line, "Invalid provider source address", detail);
                continue;
            };
            if provider.is_builtin() {
                let detail = format!("Built-in provider {provider} has no version of its own to be locked.");
                problem(block.line, "Invalid provider source address", detail);
                continue;
            }
            if provider.to_string() != *source {
                let detail = format!(
                    "The provider source address for this provider lock must be written as \"{provider}\", the \
                     fully-qualified and normalized form."
                );
                problem(block.line, "Non-normalized provider source address", detail);
                continue;
            }
            if let Some(line) = seen.insert(provider.clone(), block.line) {
                let detail =
                    format!("This lockfile already declared a lock for provider {provider} on line {line}.");
                problem(block.line, "Duplicate provider lock", detail);
                continue;
            }
            if let Some(lock) = provider_lock(&provider, &block, &mut problems) {
                locks.providers.insert(provider, lock);
            }
        }
        if problems.is_empty() {
            Ok(locks)
        } else {
            problems.sort_by_key(|problem| problem.line);
            Err(LockFileError { problems })
        }
    }
}

fn provider_lock(
    provider: &Provider,
    block: &syntax::Block,
    problems: &mut Vec<LockFileProblem>,
) -> Option<ProviderLock> {
    let before = problems.len();
    let mut problem = |line: usize, summary: &str, detail: String| {
        problems.push(LockFileProblem { summary: summary.to_owned(), detail, line });
    };
    let mut version = None;
    let mut constraints = Constraints::any();
    let mut hashes = Vec::new();
    for Attribute { name, value, line } in &block.attributes {
        match (name.as_str(), value) {
            ("version", Expression::String(text)) => match Version::parse(text) {
                Ok(parsed) if parsed.to_string() == *text => version = Some(parsed),
                Ok(parsed) => {
                    let detail = format!(
                        "The selected version number for provider {provider} must be written in normalized form: \
                         \"{parsed}\"."
                    );
                    problem(*line, "Invalid provider version number", detail);
                }
                Err(error) => {
                    let detail =
                        format!("The selected version number for provider {provider} is invalid: {error}.");
                    problem(*line, "Invalid provider version number", detail);
                }
            },
            ("constraints", Expression::String(text)) => match Constraints::parse(text) {
                Ok(parsed) if parsed.to_string() == *text => constraints = parsed,
                Ok(parsed) => {
                    let detail = format!(
                        "The recorded version constraints for provider {provider} must be written in normalized \
                         form: \"{parsed}\"."
                    );
                    problem(*line, "Invalid provider version constraints", detail);
                }
                Err(error) => {
                    let detail = format!(
                        "The recorded version constraints for provider {provider} are invalid: {error}."
                    );
                    problem(*line, "Invalid provider version constraints", detail);
                }
            },
            ("hashes", Expression::List(items)) if items.is_empty() => {
                let detail =
                    "The \"hashes\" argument must either be omitted or contain at least one hash value."
                        .to_owned();
                problem(*line, "Invalid provider hash set", detail);
            }
            ("hashes", Expression::List(items)) => {
                for text in items {
                    match PackageHash::parse(text) {
                        Ok(hash) => hashes.push(hash),
                        Err(error) => {
                            let detail = format!("Cannot interpret \"{text}\" as a provider hash: {error}.");
                            problem(*line, "Invalid provider hash string", detail);
                        }
                    }
                }
            }
            ("version" | "constraints", Expression::List(_)) => {
                problem(*line, "Incorrect attribute value type", format!("\"{name}\" must be a string."));
            }
            ("hashes", Expression::String(_)) => {
                problem(*line, "Incorrect attribute value type", "\"hashes\" must be a list.".to_owned());
            }
            _ => {
                let detail = format!("An argument named \"{name}\" is not expected here.");
                problem(*line, "Unsupported argument", detail);
            }
        }
    }
    if !block.attributes.iter().any(|attribute| attribute.name == "version") {
        let detail = "The argument \"version\" is required, but no definition was found.".to_owned();
        problem(block.line, "Missing required argument", detail);
    }
    if problems.len() > before {
        return None;
    }
    Some(ProviderLock::new(version?, constraints, hashes))
}

/// The text of the file.
impl fmt::Display for Locks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Terraform's own words: the file is the same whoever wrote it.
        f.write_str("# This file is maintained automatically by \"terraform init\".\n")?;
        f.write_str("# Manual edits may be lost in future updates.\n")?;
        for (provider, lock) in &self.providers {
            write!(f, "\nprovider {} {{\n", quote(&provider.to_string()))?;
            if lock.constraints.is_any() {
                writeln!(f, "  version = {}", quote(&lock.version.to_string()))?;
            } else {
                writeln!(f, "  version     = {}", quote(&lock.version.to_string()))?;
                writeln!(f, "  constraints = {}", quote(&lock.constraints.to_string()))?;
            }
            if !lock.hashes.is_empty() {
                f.write_str("  hashes = [\n")?;
                for hash in &lock.hashes {
                    writeln!(f, "    {},", quote(hash.as_str()))?;
                }
                f.write_str("  ]\n")?;
            }
            f.write_str("}\n")?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "lock_file_tests.rs"]
mod tests;
