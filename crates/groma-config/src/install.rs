//! Installation of modules, for `init` and `get`.
//!
//! Directories next to the calling module are used where they are; everything
//! else is brought by a [`ModuleFetcher`].

mod packages;

use crate::early::EarlyScope;
use crate::load::{LoadOptions, load_module};
use crate::manifest::{self, Manifest, Record};
use crate::model::{Module, ModuleCall};
use crate::module_locks::{MODULE_LOCK_FILE, ModuleLocks, PackageKey};
use crate::source_addr::{ModuleSource, clean};
use crate::testfile::{Run, RunModule, TestFile};
use groma_lang::{Body, Diagnostic, Diagnostics, Sources};
use groma_value::addr::ModulePath;
use groma_value::version::{Constraints, Version};
pub use packages::{copy_directory, subdirectory};
use packages::{join, remove, resolve_links};
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why a package could not be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchError {
    /// What failed, in a few words.
    pub summary: &'static str,
    /// A sentence or more, with the remedy.
    pub detail: String,
}

impl FetchError {
    /// A failed download.
    pub fn download(detail: impl Into<String>) -> FetchError {
        FetchError { summary: "Failed to download module", detail: detail.into() }
    }

    /// Something wrong with a registry.
    pub fn registry(detail: impl Into<String>) -> FetchError {
        FetchError { summary: "Error accessing remote module registry", detail: detail.into() }
    }
}

/// A package that was fetched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fetched {
    /// The directory within the package that the registry names as the module's root.
    pub subdir: String,
}

/// Brings modules from elsewhere.
pub trait ModuleFetcher {
    /// The versions of a registry's module, in any order.
    fn versions(&self, source: &ModuleSource) -> Result<Vec<Version>, FetchError>;
    /// Puts a package (of a `Registry` source in the given version, or of a
    /// `Remote` source) into `target`, which does not exist.
    fn fetch(
        &self,
        source: &ModuleSource,
        version: Option<&Version>,
        target: &Path,
    ) -> Result<Fetched, FetchError>;
    /// The hash of a package's files, such as `h1:...`.
    fn hash(&self, package: &Path) -> Result<String, FetchError>;
}

/// A fetcher that has nothing: only local modules can be installed.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFetcher;

impl ModuleFetcher for NoFetcher {
    fn versions(&self, source: &ModuleSource) -> Result<Vec<Version>, FetchError> {
        let why = format!("The module {source} cannot be fetched: there is no access to registries.");
        Err(FetchError::registry(why))
    }
    fn fetch(&self, source: &ModuleSource, _: Option<&Version>, _: &Path) -> Result<Fetched, FetchError> {
        let why = format!("The module {source} cannot be fetched: only local directories are available.");
        Err(FetchError::download(why))
    }
    fn hash(&self, _: &Path) -> Result<String, FetchError> {
        Err(FetchError::download("There is nothing that reads packages."))
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

/// What is to be installed, and how.
pub struct Request<'a> {
    /// The root module's directory, relative to the working directory.
    pub root_dir: &'a Path,
    /// Test files, whose runs may name modules.
    pub tests: &'a [TestFile],
    /// Whether what was fetched before is fetched anew.
    pub upgrade: bool,
    /// Brings what is not next to the caller.
    pub fetcher: &'a dyn ModuleFetcher,
    /// The checksums that packages must have; what is new is added.
    pub locks: &'a mut ModuleLocks,
    /// Whether checksums that are not used any more are removed.
    pub prune: bool,
}

/// Installs all modules that the root module in `root_dir` calls, directly or
/// through others, and writes the manifest. Modules that are in place already are
/// left alone and give no event.
pub fn install_modules(
    root_dir: &Path,
    upgrade: bool,
    fetcher: &dyn ModuleFetcher,
    sources: &Sources,
    options: &LoadOptions,
    progress: &mut dyn FnMut(InstallEvent),
    diags: &mut Diagnostics,
) {
    let mut locks = ModuleLocks::default();
    let request = Request { root_dir, tests: &[], upgrade, fetcher, locks: &mut locks, prune: false };
    install(request, sources, options, progress, diags);
}

/// As [`install_modules`], with all that can be said.
pub fn install(
    request: Request<'_>,
    sources: &Sources,
    options: &LoadOptions,
    progress: &mut dyn FnMut(InstallEvent),
    diags: &mut Diagnostics,
) {
    let Request { root_dir, tests, upgrade, fetcher, locks, prune } = request;
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
    let mut installer = Installer {
        manifest,
        upgrade,
        fetcher,
        locks,
        used: BTreeSet::new(),
        versions: HashMap::new(),
        packages: HashMap::new(),
        sources,
        options,
        progress,
        loaded: HashMap::new(),
    };
    let record = Record { source: String::new(), version: None, dir: slashes(root_dir) };
    installer.manifest.records.insert(String::new(), record);
    let scope = EarlyScope::root(&root, sources, options);
    installer.calls(&root, &scope, &ModulePath::root(), &mut vec![clean(root_dir)], diags);
    installer.tests(&root, tests, diags);
    // Half of an installation is none: the next one begins where this one began.
    if diags.has_errors() {
        return;
    }
    if prune {
        let used = std::mem::take(&mut installer.used);
        installer.locks.packages.retain(|k, _| used.contains(k));
    }
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
    locks: &'a mut ModuleLocks,
    /// Packages that are in use.
    used: BTreeSet<PackageKey>,
    /// Versions of registries' modules, each asked for once.
    versions: HashMap<String, Vec<Version>>,
    /// Where packages are that were fetched just now.
    packages: HashMap<PackageKey, (PathBuf, Fetched)>,
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
        scope: &EarlyScope<'_>,
        path: &ModulePath,
        above: &mut Vec<PathBuf>,
        diags: &mut Diagnostics,
    ) {
        for (name, call) in &module.calls {
            let path = path.child(name.clone());
            let Some(call) = scope.call(call, diags) else { continue };
            let call = &*call;
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
            let within = scope.called(&inner, &call.body);
            self.calls(&inner, &within, &path, above, diags);
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
                    let scope = EarlyScope::root(&inner, self.sources, self.options);
                    self.calls(&inner, &scope, &path, &mut vec![dir], diags);
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
            let dir = resolve_links(&self.options.working_dir, &clean(&caller.dir.join(relative)));
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
                let version = r.version.as_deref().and_then(|v| Version::parse(v).ok());
                let dir = PathBuf::from(&r.dir);
                if let Some(package) = PackageKey::new(source, version.as_ref()) {
                    self.used.insert(package.clone());
                    if !self.locks.packages.contains_key(&package) {
                        let on_disk =
                            self.options.working_dir.join(&self.options.data_dir).join("modules").join(key);
                        if let Ok(hash) = self.fetcher.hash(&on_disk) {
                            self.locks.packages.insert(package, hash);
                        }
                    }
                }
                return Some(dir);
            }
        }
        let version = match source {
            ModuleSource::Registry { .. } => {
                Some(self.choose(source, &constraints, call).map_err(|d| diags.push(d)).ok()?)
            }
            _ => None,
        };
        let package_key = PackageKey::new(source, version.as_ref())?;
        let package = self.options.data_dir.join("modules").join(key);
        let on_disk = self.options.working_dir.join(&package);
        (self.progress)(InstallEvent::Downloading {
            key: key.to_owned(),
            source: package_key.source.clone(),
            version: version.clone(),
        });
        if let Err(e) = remove(&on_disk) {
            diags.error(
                call.span,
                "Failed to remove local module cache",
                format!("{} is in the way: {e}.", package.display()),
            );
            return None;
        }
        let fetched = match self.package(source, version.as_ref(), &package_key, &on_disk) {
            Ok(f) => f,
            Err(e) => {
                diags.error(call.span, e.summary, e.detail);
                return None;
            }
        };
        self.used.insert(package_key);
        let subdir = match source {
            ModuleSource::Registry { subdir, .. } | ModuleSource::Remote { subdir, .. } => subdir.as_str(),
            ModuleSource::Local(_) => "",
        };
        let within = match subdirectory(&on_disk, &fetched.subdir)
            .and_then(|s| subdirectory(&on_disk, &join(&s, subdir)))
        {
            Ok(s) => s,
            Err(why) => {
                diags.error(call.source_span, "Unreadable module subdirectory", why);
                return None;
            }
        };
        let dir = clean(&package.join(within));
        let record = Record {
            source: source.to_string(),
            version: version.as_ref().map(Version::to_string),
            dir: slashes(&dir),
        };
        self.record(key, record, version);
        Some(dir)
    }

    /// Puts a package into its place, a copy of one that was fetched just now if there is
    /// one, and holds it against the locks.
    fn package(
        &mut self,
        source: &ModuleSource,
        version: Option<&Version>,
        key: &PackageKey,
        target: &Path,
    ) -> Result<Fetched, FetchError> {
        if let Some((from, fetched)) = self.packages.get(key) {
            copy_directory(from, target, |_| true).map_err(|e| {
                FetchError::download(format!("The package {} cannot be copied: {e}.", key.source))
            })?;
            return Ok(fetched.clone());
        }
        let fetched = self.fetcher.fetch(source, version, target)?;
        // What is used where it is has no copy that could be trusted.
        if !target.is_symlink() {
            let hash = self.fetcher.hash(target)?;
            match self.locks.packages.get(key) {
                Some(locked) if *locked != hash && !self.upgrade => {
                    let _ = remove(target);
                    let version = version.map(|v| format!(" {v}")).unwrap_or_default();
                    return Err(FetchError {
                        summary: "Module has changed",
                        detail: format!(
                            "The package {}{version} is another one than when it was first fetched: its checksum is {hash}, and {MODULE_LOCK_FILE} has {locked}. If the change is known and wanted, groma init -upgrade takes it over (beside a manifest: remove its block from that file). If nobody should have changed it, ask those who publish it, and do not use it until then.",
                            key.source
                        ),
                    });
                }
                _ => _ = self.locks.packages.insert(key.clone(), hash),
            }
        }
        self.packages.insert(key.clone(), (target.to_owned(), fetched.clone()));
        Ok(fetched)
    }

    /// The newest version that fits.
    fn choose(
        &mut self,
        source: &ModuleSource,
        constraints: &Constraints,
        call: &ModuleCall,
    ) -> Result<Version, Diagnostic> {
        let package = source.without_subdir().unwrap_or_default();
        let versions = match self.versions.get(&package) {
            Some(v) => v,
            None => {
                let found = self
                    .fetcher
                    .versions(source)
                    .map_err(|e| Diagnostic::error(e.summary, e.detail).at(call.span))?;
                self.versions.entry(package.clone()).or_insert(found)
            }
        };
        let place = call.version.as_ref().map_or(call.span, |(_, span)| *span);
        let fitting = |v: &&Version| {
            // A pre-release is taken only when it is asked for by itself.
            let wanted = !v.is_prerelease() || matches!(&constraints.0[..], [c] if c.version == **v);
            wanted && constraints.allows(v)
        };
        if let Some(v) = versions.iter().filter(fitting).max() {
            return Ok(v.clone());
        }
        let Some(newest) = versions.iter().filter(|v| !v.is_prerelease()).max() else {
            let why = format!("The registry has no version of the module {package} that is a release.");
            return Err(Diagnostic::error("Module has no versions", why).at(place));
        };
        let why = format!(
            "No version of the module {package} fits the constraint \"{constraints}\". The newest one that there is is {newest}."
        );
        Err(Diagnostic::error("Unresolvable module version constraint", why).at(place))
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
        source_expr: None,
        version_expr: None,
        count: None,
        for_each: None,
        enabled: None,
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

fn slashes(p: &Path) -> String {
    p.to_string_lossy().replace('\\', "/")
}
