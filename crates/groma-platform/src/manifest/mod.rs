//! The manifest: `groma.hcl` and `*.groma.hcl` of a directory, read, checked and resolved.
//!
//! [`Manifest::load`] makes all checks, for every environment, so that what loads also
//! compiles. [`Manifest::environment`] gives one environment as it is brought up:
//! overrides merged, `like` and `size` applied, hosts final.
//!
//! One table, in `spec`, declares every block and argument; everything here and
//! `groma explain` read it.

mod build;
mod check;
mod decode;
mod environment;
mod evaluate;
mod facts;
mod foundation;
mod hosts;
mod names;
mod read;
mod reference;
pub(crate) mod spec;
mod text;
mod value;

#[cfg(test)]
mod tests;

use crate::model::{Environment, Image, Network, NetworkRef, Organization, Platform, Prove, Schedule};
use environment::Declared;
use groma_lang::{Diagnostic, Diagnostics, Sources, Span, diag};
use names::Names;
use read::Entry;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

/// A manifest without errors.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The directory that it is in; paths in it are relative to this.
    pub dir: PathBuf,
    /// The `platform` block.
    pub platform: Platform,
    /// The `network` blocks.
    pub networks: BTreeMap<String, Network>,
    /// The `image` blocks.
    pub images: BTreeMap<String, Image>,
    /// The `organization` block.
    pub organization: Option<Organization>,
    /// The `prove` blocks, in the order of writing.
    pub proves: Vec<Prove>,
    /// All blocks, in the order of writing.
    entries: Vec<Entry>,
    names: Names,
    declared: Vec<Declared>,
    infos: Vec<EnvironmentInfo>,
}

/// What is known of an environment without resolving it.
#[derive(Clone, Debug)]
pub struct EnvironmentInfo {
    /// The block's name.
    pub name: String,
    /// What a label names (`branch`), where there is one environment for each label.
    pub each: Option<String>,
    /// Its network.
    pub network: NetworkRef,
    /// The account's name.
    pub account: String,
    /// The region.
    pub region: String,
    /// Whether it must not be lost.
    pub protect: bool,
    /// Where that is said; the block's first line where it is not.
    pub protect_span: Span,
    /// Seconds that it lives after `up`.
    pub ttl: Option<u64>,
    /// The environment that it is like.
    pub like: Option<String>,
    /// When it is parked.
    pub park: Option<Schedule>,
    /// Where it is declared.
    pub span: Span,
}

/// The label with which an environment that is one of many is checked: one that no host
/// name has by chance.
const SAMPLE: &str = "x0x0";

impl Manifest {
    /// Reads and checks the manifest of a directory. `None` after errors; there may be
    /// warnings either way. Files are named in messages as `dir` and their name.
    pub fn load(dir: &Path, sources: &Sources, diags: &mut Diagnostics) -> Option<Manifest> {
        let mut found = Diagnostics::new();
        let manifest = Manifest::build(dir, sources, &mut found);
        // What concerns several environments is found in each of them.
        let mut seen = HashSet::new();
        let distinct = |d: &Diagnostic| seen.insert((d.subject, d.summary.clone(), d.detail.clone()));
        let mut distinct: Vec<Diagnostic> = found.into_iter().filter(distinct).collect();
        distinct.sort_by_key(|d| (d.subject.map(|s| (s.file, s.start)), std::cmp::Reverse(d.severity)));
        let failed = distinct.iter().any(Diagnostic::is_error);
        diags.extend(distinct);
        manifest.filter(|_| !failed)
    }

    fn build(dir: &Path, sources: &Sources, diags: &mut Diagnostics) -> Option<Manifest> {
        let files = read::files(dir, sources, diags)?;
        let (entries, names) = read::entries(files, diags);
        // Where a block is not known, what refers to it is a consequence.
        let fatal = [read::UNREADABLE, read::UNKNOWN];
        if diags.iter().any(|d| d.is_error() && fatal.contains(&d.summary.as_str())) {
            return None;
        }
        let platform = foundation::platform(dir, &entries, &names, diags)?;
        let mut manifest = Manifest {
            dir: dir.to_owned(),
            networks: BTreeMap::new(),
            images: BTreeMap::new(),
            organization: None,
            proves: Vec::new(),
            declared: Vec::new(),
            infos: Vec::new(),
            platform,
            entries,
            names,
        };
        manifest.images = foundation::images(&manifest, diags);
        manifest.networks = foundation::networks(&manifest, diags);
        manifest.organization = foundation::organization(&manifest, diags);
        manifest.proves = foundation::proves(&manifest, diags);
        manifest.declared = environment::declared(&manifest, diags);
        if environment::cycles(&manifest.declared, diags) {
            return None;
        }
        let mut resolved = Vec::new();
        let mut infos = Vec::new();
        for d in &manifest.declared {
            let label = d.each.as_ref().map(|_| SAMPLE);
            let Some(r) = environment::resolve(&manifest, d, label, diags) else { continue };
            infos.push(EnvironmentInfo {
                name: d.name.clone(),
                each: d.each.clone(),
                network: r.environment.network.clone(),
                account: r.environment.account.clone(),
                region: r.environment.region.clone(),
                protect: r.environment.protect,
                protect_span: d.args.span("protect"),
                ttl: r.environment.ttl,
                like: d.like.clone(),
                park: r.environment.park.clone(),
                span: d.args.span,
            });
            resolved.push(r);
        }
        manifest.infos = infos;
        check::across(&manifest, &resolved, diags);
        Some(manifest)
    }

    /// The environments, in the order of writing.
    pub fn environments(&self) -> &[EnvironmentInfo] {
        &self.infos
    }

    /// An environment as it is brought up.
    ///
    /// # Errors
    /// An unknown name (with the nearest one); a label that is missing, needless, or too
    /// long for names in AWS.
    pub fn environment(&self, name: &str, label: Option<&str>) -> Result<Environment, Diagnostic> {
        let Some(declared) = self.declared.iter().find(|d| d.name == name) else {
            let all: BTreeSet<&str> = self.declared.iter().map(|d| d.name.as_str()).collect();
            let remedy = match diag::suggest(name, all.iter().copied()) {
                Some(near) => format!("Did you mean \"{near}\"?"),
                None if all.is_empty() => format!("Declare it: environment \"{name}\" {{ … }}."),
                None => format!(
                    "There {} {}.",
                    if all.len() == 1 { "is" } else { "are" },
                    spec::and(&all.into_iter().collect::<Vec<_>>())
                ),
            };
            return Err(Diagnostic::error(
                "Unknown environment",
                format!("The manifest has no environment \"{name}\". {remedy}"),
            ));
        };
        let label = match (&declared.each, label) {
            (None, None) => None,
            (Some(each), None) => {
                return Err(Diagnostic::error(
                    "Missing label",
                    format!("There is one environment {name} for each {each}. Say which: -each=LABEL."),
                )
                .at(declared.args.span));
            }
            (None, Some(given)) => {
                return Err(Diagnostic::error(
                    "Needless label",
                    format!("There is only one environment {name}. Leave -each={given} out, or declare it with each."),
                )
                .at(declared.args.span));
            }
            (Some(_), Some(given)) => {
                let label = names::label(given);
                if label.is_empty() {
                    return Err(Diagnostic::error(
                        "Empty label",
                        format!(
                            "The label {given:?} has neither a letter from a to z nor a digit, which are what names are made of. Choose another."
                        ),
                    ));
                }
                Some(label)
            }
        };
        let mut diags = Diagnostics::new();
        let resolved = environment::resolve(self, declared, label.as_deref(), &mut diags);
        if let Some(d) = diags.into_iter().find(Diagnostic::is_error) {
            return Err(d);
        }
        resolved.map(|r| r.environment).ok_or_else(|| {
            Diagnostic::error("Unusable environment", format!("The environment {name} has errors."))
                .at(declared.args.span)
        })
    }
}
