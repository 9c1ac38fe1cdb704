//! Installation of modules, for `init` and `get`.
//!
//! Directories next to the calling module are used where they are; everything
//! else is brought by a [`ModuleFetcher`].

use crate::load::{LoadOptions, load_module};
use crate::manifest::{self, Manifest, Record};
use crate::model::{Module, ModuleCall};
use crate::source_addr::{ModuleSource, clean};
use crate::testfile::{Run, RunModule, TestFile};
use groma_lang::{Body, Diagnostic, Diagnostics, Sources};
use groma_value::addr::ModulePath;
use groma_value::version::{Constraints, Version};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Brings modules from elsewhere.
pub trait ModuleFetcher {
    /// The versions of a registry's module, in any order. The error is a sentence.
    fn versions(&self, source: &ModuleSource) -> Result<Vec<Version>, String>;
    /// Puts a package (of a `Registry` source in the given version, or of a
    /// `Remote` source) into `target`, which does not exist. The error is a sentence.
    fn fetch(&self, source: &ModuleSource, version: Option<&Version>, target: &Path) -> Result<(), String>;
}

/// A fetcher that has nothing: only local modules can be installed.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFetcher;

impl ModuleFetcher for NoFetcher {
    fn versions(&self, source: &ModuleSource) -> Result<Vec<Version>, String> {
        Err(format!("The module {source} cannot be fetched: there is no access to registries."))
    }
    fn fetch(&self, source: &ModuleSource, _: Option<&Version>, _: &Path) -> Result<(), String> {
        Err(format!("The module {source} cannot be fetched: only local directories are available."))
    }
}

/// What happened to a module, for progress messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InstallEvent {
    /// A package is about to be fetched.
    Downloading {
        /// The key of the module.
        key: String,
        /// The package.
        source: String,
        /// The version, of a registry's module.
        version: Option<Version>,
    },
    /// A module is in its place.
    Installed {
        /// The key of the module.
        key: String,
        /// The version, of a registry's module.
        version: Option<Version>,
        /// The directory, relative to the working directory.
        dir: String,
    },
}

/// Installs all modules that the root module in `root_dir` calls, directly or
/// through others, and writes the manifest. With `upgrade`, what was fetched
/// before is fetched anew. Modules that are in place already are left alone and
/// give no event.
pub fn install_modules(
    root_dir: &Path,
    upgrade: bool,
    fetcher: &dyn ModuleFetcher,
    sources: &Sources,
    options: &LoadOptions,
    progress: &mut dyn FnMut(InstallEvent),
    diags: &mut Diagnostics,
) {
    install_with_tests(root_dir, &[], upgrade, fetcher, sources, options, progress, diags);
}

/// As [`install_modules`], and also what the runs of test files name.
#[allow(clippy::too_many_arguments, reason = "those of install_modules, and the tests")]
pub fn install_with_tests(
    root_dir: &Path,
    tests: &[TestFile],
    upgrade: bool,
    fetcher: &dyn ModuleFetcher,
    sources: &Sources,
    options: &LoadOptions,
    progress: &mut dyn FnMut(InstallEvent),
    diags: &mut Diagnostics,
) {
    let data_dir = options.working_dir.join(&options.data_dir);
    let manifest = match Manifest::read(&data_dir) {
        Ok(m) => m,
        Err(why) => {
            diags.push(Diagnostic::error("Failed to read modules manifest file", why));
            return;
        }
    };
    let root = load_module(root_dir, sources, options, diags);
    if diags.has_errors() {
        return;
    }
    let before = manifest.clone();
    let mut installer =
        Installer { manifest, upgrade, fetcher, sources, options, progress, loaded: HashMap::new() };
    let record = Record { source: String::new(), version: None, dir: slashes(root_dir) };
    installer.manifest.records.insert(String::new(), record);
    installer.calls(&root, &ModulePath::root(), &mut vec![clean(root_dir)], diags);
    installer.tests(&root, tests, diags);
    let manifest = installer.manifest;
    let written = Manifest::path(&data_dir).exists();
    let worth_writing = written || manifest.records.len() > 1;
    if worth_writing
        && (manifest != before || !written)
        && let Err(e) = manifest.write(&data_dir)
    {
        diags.push(Diagnostic::error(
            "Failed to update module manifest",
            format!("The record of installed modules cannot be written: {e}."),
        ));
    }
}

struct Installer<'a> {
    manifest: Manifest,
    upgrade: bool,
    fetcher: &'a dyn ModuleFetcher,
    sources: &'a Sources,
    options: &'a LoadOptions,
    progress: &'a mut dyn FnMut(InstallEvent),
    /// Directories that several calls name are read once.
    loaded: HashMap<PathBuf, Arc<Module>>,
}

impl Installer<'_> {
    /// Installs what `module` calls. `above`: its directory and those of its callers.
    fn calls(
        &mut self,
        module: &Module,
        path: &ModulePath,
        above: &mut Vec<PathBuf>,
        diags: &mut Diagnostics,
    ) {
        for (name, call) in &module.calls {
            let path = path.child(name.clone());
            let Ok(source) = ModuleSource::parse_call(call) else { continue };
            let Some(dir) = self.one(call, &source, &manifest::key(&path), module, diags) else { continue };
            if above.contains(&dir) {
                diags.error(
                    call.source_span,
                    "Module calls itself",
                    format!("The directory {} holds the module that makes this call, or one that calls it: there would be no end to it.", dir.display()),
                );
                continue;
            }
            let before = diags.len();
            let inner = match self.loaded.get(&dir) {
                Some(m) => m.clone(),
                None => Arc::new(load_module(&dir, self.sources, self.options, diags)),
            };
            self.loaded.insert(dir.clone(), inner.clone());
            if diags.iter().skip(before).any(Diagnostic::is_error) {
                continue;
            }
            above.push(dir);
            self.calls(&inner, &path, above, diags);
            above.pop();
        }
    }

    /// Installs the modules that runs of test files name, and what those call.
    fn tests(&mut self, root: &Module, tests: &[TestFile], diags: &mut Diagnostics) {
        for file in tests {
            for run in &file.runs {
                let Some(m) = &run.module else { continue };
                let call = run_call(run, m);
                let Ok(source) = ModuleSource::parse_call(&call) else { continue };
                let path = file.module_path(run);
                let Some(dir) = self.one(&call, &source, &manifest::key(&path), root, diags) else {
                    continue;
                };
                let before = diags.len();
                let inner = load_module(&dir, self.sources, self.options, diags);
                if !diags.iter().skip(before).any(Diagnostic::is_error) {
                    self.calls(&inner, &path, &mut vec![dir], diags);
                }
            }
        }
    }

    /// Installs the module of one call. Gives its directory.
    fn one(
        &mut self,
        call: &ModuleCall,
        source: &ModuleSource,
        key: &str,
        caller: &Module,
        diags: &mut Diagnostics,
    ) -> Option<PathBuf> {
        if let ModuleSource::Local(relative) = source {
            let dir = clean(&caller.dir.join(relative));
            if !self.options.working_dir.join(&dir).is_dir() {
                diags.error(
                    call.source_span,
                    "Unreadable module directory",
                    format!("The directory {} does not exist or cannot be read.", dir.display()),
                );
                return None;
            }
            let record = Record { source: source.to_string(), version: None, dir: slashes(&dir) };
            self.record(key, record, None);
            return Some(dir);
        }
        self.fetched(call, source, key, diags)
    }

    fn record(&mut self, key: &str, record: Record, version: Option<Version>) {
        if self.manifest.records.get(key) != Some(&record) {
            // What another module in this place called is of no use any more.
            let below = format!("{key}.");
            self.manifest.records.retain(|k, _| !k.starts_with(&below));
            (self.progress)(InstallEvent::Installed {
                key: key.to_owned(),
                version,
                dir: record.dir.clone(),
            });
            self.manifest.records.insert(key.to_owned(), record);
        }
    }

    fn fetched(
        &mut self,
        call: &ModuleCall,
        source: &ModuleSource,
        key: &str,
        diags: &mut Diagnostics,
    ) -> Option<PathBuf> {
        let constraints =
            call.version.as_ref().and_then(|(v, _)| Constraints::parse(v).ok()).unwrap_or_default();
        if !self.upgrade
            && let Some(r) = self.manifest.records.get(key)
            && r.source == source.to_string()
            && self.options.working_dir.join(&r.dir).is_dir()
        {
            let fits = match &r.version {
                Some(v) => Version::parse(v).is_ok_and(|v| constraints.allows(&v)),
                None => call.version.is_none(),
            };
            if fits {
                return Some(PathBuf::from(&r.dir));
            }
        }
        let fail =
            |diags: &mut Diagnostics, summary: &str, why: String| diags.error(call.source_span, summary, why);
        let (version, subdir) = match source {
            ModuleSource::Registry { subdir, .. } => match self.choose(source, &constraints) {
                Ok(v) => (Some(v), subdir),
                Err(why) => {
                    fail(diags, "Module not found", why);
                    return None;
                }
            },
            ModuleSource::Remote { subdir, .. } => (None, subdir),
            ModuleSource::Local(_) => return None,
        };
        let package = self.options.data_dir.join("modules").join(key);
        let on_disk = self.options.working_dir.join(&package);
        (self.progress)(InstallEvent::Downloading {
            key: key.to_owned(),
            source: source.to_string(),
            version: version.clone(),
        });
        if let Err(e) = remove(&on_disk) {
            fail(
                diags,
                "Failed to remove local module cache",
                format!("{} is in the way: {e}.", package.display()),
            );
            return None;
        }
        if let Err(why) = self.fetcher.fetch(source, version.as_ref(), &on_disk) {
            fail(diags, "Failed to download module", why);
            return None;
        }
        let dir = clean(&package.join(subdir));
        if !self.options.working_dir.join(&dir).is_dir() {
            fail(
                diags,
                "Unreadable module subdirectory",
                format!("The package has no directory \"{subdir}\"."),
            );
            return None;
        }
        let record = Record {
            source: source.to_string(),
            version: version.as_ref().map(Version::to_string),
            dir: slashes(&dir),
        };
        self.record(key, record, version);
        Some(dir)
    }

    /// The newest version that fits.
    fn choose(&self, source: &ModuleSource, constraints: &Constraints) -> Result<Version, String> {
        let versions = self.fetcher.versions(source)?;
        let fitting = |v: &&Version| {
            // A pre-release is taken only when it is asked for by itself.
            let wanted = !v.is_prerelease() || matches!(&constraints.0[..], [c] if c.version == **v);
            wanted && constraints.allows(v)
        };
        versions.iter().filter(fitting).max().cloned().ok_or_else(|| {
            format!("No version of the module {source} fits the constraint \"{constraints}\".")
        })
    }
}

/// The module of a run as the call that it resembles.
fn run_call(run: &Run, m: &RunModule) -> ModuleCall {
    let nothing = Body { attributes: Vec::new(), blocks: Vec::new(), span: m.span, end: m.span, json: false };
    ModuleCall {
        name: run.name.clone(),
        source: m.source.clone(),
        source_span: m.source_span,
        version: m.version.clone(),
        count: None,
        for_each: None,
        depends_on: Vec::new(),
        providers: None,
        body: nothing,
        span: m.span,
    }
}

/// The directory of the module that a run names, as it is installed. `None` where
/// it is not, which was reported.
pub fn run_module_dir(
    file: &TestFile,
    run: &Run,
    root_dir: &Path,
    options: &LoadOptions,
    diags: &mut Diagnostics,
) -> Option<PathBuf> {
    let m = run.module.as_ref()?;
    let call = run_call(run, m);
    let source = ModuleSource::parse_call(&call).ok()?;
    if let (ModuleSource::Local(relative), true) = (&source, options.local_modules) {
        let dir = clean(&root_dir.join(relative));
        if options.working_dir.join(&dir).is_dir() {
            return Some(dir);
        }
        let why = format!("The directory {} does not exist or cannot be read.", dir.display());
        diags.error(m.source_span, "Unreadable module directory", why);
        return None;
    }
    let manifest = Manifest::read(&options.working_dir.join(&options.data_dir)).unwrap_or_default();
    let record = manifest.records.get(&manifest::key(&file.module_path(run)));
    match record.filter(|r| r.source == source.to_string()) {
        Some(r) if r.dir.is_empty() => Some(PathBuf::from(".")),
        Some(r) => Some(PathBuf::from(&r.dir)),
        None => {
            diags.error(
                m.span,
                "Module not installed",
                "This module is not installed yet: the command \"init\" installs all modules of the configuration and its tests.",
            );
            None
        }
    }
}

fn remove(dir: &Path) -> std::io::Result<()> {
    if std::fs::symlink_metadata(dir).is_err() {
        return Ok(());
    }
    std::fs::remove_dir_all(dir)
}

fn slashes(p: &Path) -> String {
    p.to_string_lossy().replace('\\', "/")
}
