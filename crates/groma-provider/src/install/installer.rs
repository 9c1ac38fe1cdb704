//! What `init` does about providers: choose versions, install them, record them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use groma_value::addr::Provider;

use crate::version::{Constraints, Version};

use super::directory::ProviderDirectory;
use super::error::{InstallError, Release};
use super::hash::{self, PackageHash};
use super::http::HttpSettings;
use super::lock_file::{Locks, ProviderLock};
use super::package::{Authentication, Package, PackageLocation, Platform, archive_name, provider_path};
use super::source::{SourceRule, Sources};

/// Which providers are needed, in which versions.
pub type Requirements = BTreeMap<Provider, Constraints>;

/// How providers are installed.
#[derive(Clone, Debug)]
pub struct InstallSettings {
    /// Where packages come from.
    pub sources: Vec<SourceRule>,
    /// How to talk to servers.
    pub http: HttpSettings,
    /// The working directory's providers: `.terraform/providers`.
    pub directory: PathBuf,
    /// A directory of packages shared by all working directories, `TF_PLUGIN_CACHE_DIR`.
    pub plugin_cache: Option<PathBuf>,
    /// Use the plugin cache also for what the lock file does not know,
    /// `TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE`.
    pub plugin_cache_may_break_lock_file: bool,
    /// Where hashes of large files are remembered between runs.
    pub hash_cache: Option<PathBuf>,
    /// The platform to install for.
    pub platform: Platform,
    /// The types of the built-in providers.
    pub builtin: BTreeSet<String>,
    /// Providers that are not to be installed: development overrides, processes to reattach to.
    pub unmanaged: BTreeSet<Provider>,
}

/// Whether existing choices stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstallMode {
    /// Locked versions stand.
    Normal,
    /// The newest acceptable version is chosen anew, `init -upgrade`.
    Upgrade,
}

/// What happens during an installation, for the user to see.
#[derive(Clone, Debug, PartialEq)]
pub enum InstallEvent<'a> {
    /// It is part of the program.
    BuiltIn(&'a Provider),
    /// Its versions are looked up under these constraints.
    Finding(&'a Provider, &'a Constraints),
    /// Its version stands in the lock file.
    Reusing(&'a Provider),
    /// The registry has something to say.
    Warnings(&'a Provider, &'a [String]),
    /// It is installed already.
    AlreadyInstalled(&'a Provider, &'a Version),
    /// It is in the plugin cache.
    UsingCache(&'a Provider, &'a Version),
    /// It is being fetched.
    Installing(&'a Provider, &'a Version),
    /// It was installed.
    Installed(&'a Provider, &'a Version, &'a Authentication),
    /// The lock file will know only this platform's package of it, because nobody vouches for the
    /// others.
    IncompleteLock(&'a Provider),
}

/// The outcome of an installation.
#[derive(Debug)]
pub struct Installed {
    /// What the lock file should say. Whether it differs from before is the caller's to look at.
    pub locks: Locks,
    /// What failed, in order of the providers.
    pub errors: Vec<InstallFailure>,
}

/// A provider that could not be installed.
#[derive(Debug)]
pub struct InstallFailure {
    /// The provider.
    pub provider: Provider,
    /// The version, once it was chosen: before that, the versions could not be found out.
    pub version: Option<Version>,
    /// Why.
    pub error: InstallError,
}

/// Installs providers.
pub struct Installer {
    settings: InstallSettings,
    sources: Sources,
}

impl Installer {
    /// An installer with these settings.
    pub fn new(settings: InstallSettings) -> Installer {
        let sources = Sources::new(settings.sources.clone(), settings.http.clone());
        Installer { settings, sources }
    }

    fn directory(&self) -> ProviderDirectory {
        let Self { settings, .. } = self;
        ProviderDirectory::new(&settings.directory, settings.platform.clone(), settings.hash_cache.clone())
    }

    /// Installs what is required. Nothing is written but packages.
    pub fn install(
        &self,
        locks: &Locks,
        requirements: &Requirements,
        mode: InstallMode,
        events: &mut dyn FnMut(InstallEvent<'_>),
    ) -> Installed {
        let mut result = Installed { locks: locks.clone(), errors: Vec::new() };
        let mut fail = |provider: &Provider, version: Option<&Version>, error| {
            result.errors.push(InstallFailure {
                provider: provider.clone(),
                version: version.cloned(),
                error,
            });
        };
        let mut chosen = Vec::new();
        for (provider, constraints) in requirements {
            match self.choose(provider, constraints, locks, mode, events) {
                Ok(Some(version)) => chosen.push((provider, constraints, version)),
                Ok(None) => {}
                Err(error) => fail(provider, None, error),
            }
        }
        for (provider, constraints, version) in chosen {
            let lock = locks.providers.get(provider).filter(|lock| lock.version == version);
            match self.install_one(provider, &version, lock, events) {
                Ok(hashes) => {
                    // A locked choice keeps its record, whatever the constraints have become.
                    let constraints = match lock {
                        Some(lock) if lock.hashes() == hashes => lock.constraints.clone(),
                        _ => constraints.clone(),
                    };
                    let lock = ProviderLock::new(version, constraints, hashes);
                    result.locks.providers.insert(provider.clone(), lock);
                }
                Err(error) => fail(provider, Some(&version), error),
            }
        }
        result.locks.providers.retain(|provider, _| requirements.contains_key(provider));
        result
    }

    /// The version to install; `None` where there is nothing to install.
    fn choose(
        &self,
        provider: &Provider,
        constraints: &Constraints,
        locks: &Locks,
        mode: InstallMode,
        events: &mut dyn FnMut(InstallEvent<'_>),
    ) -> Result<Option<Version>, InstallError> {
        if provider.is_builtin() {
            if !self.settings.builtin.contains(&*provider.ty) {
                let why = format!("this release has no built-in provider named \"{}\"", provider.ty);
                return Err(InstallError::BuiltIn(why));
            }
            if !constraints.is_any() {
                let why = "built-in providers do not support explicit version constraints".to_owned();
                return Err(InstallError::BuiltIn(why));
            }
            events(InstallEvent::BuiltIn(provider));
            return Ok(None);
        }
        if self.settings.unmanaged.contains(provider) {
            return Ok(None);
        }
        if mode == InstallMode::Normal
            && let Some(lock) = locks.providers.get(provider)
        {
            events(InstallEvent::Reusing(provider));
            if !constraints.allows(&lock.version) {
                return Err(InstallError::LockedOut {
                    release: Release::boxed(provider, &lock.version),
                    constraints: constraints.to_string(),
                });
            }
            return Ok(Some(lock.version.clone()));
        }
        events(InstallEvent::Finding(provider, constraints));
        let (available, warnings) = self.sources.versions(provider)?;
        if !warnings.is_empty() {
            events(InstallEvent::Warnings(provider, &warnings));
        }
        match constraints.newest(&available) {
            Some(version) => Ok(Some(version.clone())),
            None => Err(InstallError::NoMatch {
                constraints: constraints.to_string(),
                available: available.into_iter().collect(),
            }),
        }
    }

    /// Sees to it that a version is in the working directory, and says which hashes it has.
    fn install_one(
        &self,
        provider: &Provider,
        version: &Version,
        lock: Option<&ProviderLock>,
        events: &mut dyn FnMut(InstallEvent<'_>),
    ) -> Result<Vec<PackageHash>, InstallError> {
        let target = self.directory();
        let locked = lock.map(ProviderLock::checkable_hashes).unwrap_or_default();
        if let (Some(lock), Some(installed)) = (lock, target.find(provider, version))
            && !locked.is_empty()
            && locked.contains(&installed.hash()?)
        {
            events(InstallEvent::AlreadyInstalled(provider, version));
            return Ok(lock.hashes().to_vec());
        }
        let cache = self.settings.plugin_cache.as_ref().map(|cache| {
            ProviderDirectory::new(cache, self.settings.platform.clone(), self.settings.hash_cache.clone())
        });
        if let Some(cached) = cache.as_ref().and_then(|cache| cache.find(provider, version)) {
            let hash = cached.hash()?;
            let known = locked.contains(&hash);
            if known || self.settings.plugin_cache_may_break_lock_file {
                events(InstallEvent::UsingCache(provider, version));
                target.link_from(&cached)?;
                cached.executable()?;
                let mut hashes = locked;
                hashes.push(hash);
                return Ok(ProviderLock::new(version.clone(), Constraints::any(), hashes).hashes().to_vec());
            }
        }
        events(InstallEvent::Installing(provider, version));
        let package = self.sources.package(provider, version, &self.settings.platform)?;
        let first = cache.as_ref().unwrap_or(&target);
        let authentication = first.install(&package, &locked, &self.sources.http)?;
        let missing =
            || InstallError::Untrusted("the package cannot be found after its installation".to_owned());
        let installed = first.find(provider, version).ok_or_else(missing)?;
        installed.executable()?;
        if cache.is_some() {
            target.link_from(&installed)?;
        }
        let unknown = locked.is_empty();
        let mut hashes = locked;
        hashes.push(installed.hash()?);
        if authentication.is_signed() {
            hashes.extend(package.vouched);
        } else if unknown {
            events(InstallEvent::IncompleteLock(provider));
        }
        events(InstallEvent::Installed(provider, version, &authentication));
        Ok(ProviderLock::new(version.clone(), Constraints::any(), hashes).hashes().to_vec())
    }

    /// What `providers lock` does: records hashes of the required providers for platforms, without
    /// installing anything. Locked versions stand.
    pub fn lock(
        &self,
        locks: &Locks,
        requirements: &Requirements,
        platforms: &[Platform],
        events: &mut dyn FnMut(InstallEvent<'_>),
    ) -> Installed {
        let mut result = Installed { locks: locks.clone(), errors: Vec::new() };
        for (provider, constraints) in requirements {
            let mut version = None;
            let outcome =
                self.choose(provider, constraints, locks, InstallMode::Normal, events).and_then(|chosen| {
                    let Some(chosen) = chosen else { return Ok(None) };
                    version = Some(chosen.clone());
                    let before = locks.providers.get(provider).filter(|lock| lock.version == chosen);
                    let mut hashes = before.map(|lock| lock.hashes().to_vec()).unwrap_or_default();
                    let constraints = before.map_or(constraints, |lock| &lock.constraints);
                    for platform in platforms {
                        hashes.append(&mut self.package_hashes(provider, &chosen, platform, events)?);
                    }
                    Ok(Some(ProviderLock::new(chosen, constraints.clone(), hashes)))
                });
            match outcome {
                Ok(Some(lock)) => {
                    result.locks.providers.insert(provider.clone(), lock);
                }
                Ok(None) => {}
                Err(error) => {
                    result.errors.push(InstallFailure { provider: provider.clone(), version, error });
                }
            }
        }
        result
    }

    /// Fetches a package to a directory of its own and takes its hashes.
    fn package_hashes(
        &self,
        provider: &Provider,
        version: &Version,
        platform: &Platform,
        events: &mut dyn FnMut(InstallEvent<'_>),
    ) -> Result<Vec<PackageHash>, InstallError> {
        events(InstallEvent::Installing(provider, version));
        let package = self.sources.package(provider, version, platform)?;
        let (hash, authentication) = match &package.location {
            // Nothing to fetch.
            PackageLocation::Directory(directory) => {
                (hash::of_directory(directory, self.settings.hash_cache.as_deref())?, Authentication::None)
            }
            PackageLocation::Archive(archive) => (hash::of_archive_content(archive)?, Authentication::None),
            PackageLocation::Url(_) => {
                let scratch = tempfile::tempdir().map_err(|error| crate::files::FileError {
                    path: std::path::PathBuf::from("a temporary directory"),
                    error,
                })?;
                let directory = ProviderDirectory::new(scratch.path(), platform.clone(), None);
                let authentication = directory.install(&package, &[], &self.sources.http)?;
                let missing = || {
                    InstallError::Untrusted("the package cannot be found after its installation".to_owned())
                };
                (directory.find(provider, version).ok_or_else(missing)?.hash()?, authentication)
            }
        };
        events(InstallEvent::Installed(provider, version, &authentication));
        let mut hashes = vec![hash];
        if authentication.is_signed() {
            hashes.extend(package.vouched);
        }
        Ok(hashes)
    }

    /// What `providers mirror` does: puts archives of the required providers for platforms into a
    /// directory, with the documents of the network mirror protocol beside them. Locked versions
    /// stand.
    pub fn mirror(
        &self,
        locks: &Locks,
        requirements: &Requirements,
        platforms: &[Platform],
        directory: &std::path::Path,
        events: &mut dyn FnMut(InstallEvent<'_>),
    ) -> Vec<InstallFailure> {
        let mut failures = Vec::new();
        for (provider, constraints) in requirements {
            let mut version = None;
            let outcome =
                self.choose(provider, constraints, locks, InstallMode::Normal, events).and_then(|chosen| {
                    let Some(chosen) = chosen else { return Ok(()) };
                    version = Some(chosen.clone());
                    for platform in platforms {
                        events(InstallEvent::Installing(provider, &chosen));
                        let package = self.sources.package(provider, &chosen, platform)?;
                        self.mirror_archive(&package, directory)?;
                        events(InstallEvent::Installed(provider, &chosen, &package.authentication));
                    }
                    super::mirror_index::write(directory, provider)
                });
            if let Err(error) = outcome {
                failures.push(InstallFailure { provider: provider.clone(), version, error });
            }
        }
        failures
    }

    fn mirror_archive(&self, package: &Package, directory: &std::path::Path) -> Result<(), InstallError> {
        use crate::files::at;
        let parent = provider_path(directory, &package.provider);
        std::fs::create_dir_all(&parent).map_err(at(&parent))?;
        let target = parent.join(archive_name(&package.provider, &package.version, &package.platform));
        let mut file =
            tempfile::Builder::new().prefix(".download-").tempfile_in(&parent).map_err(at(&parent))?;
        let path = file.path().to_owned();
        match &package.location {
            PackageLocation::Url(url) => self.sources.http.download(url, file.as_file_mut(), &path)?,
            PackageLocation::Archive(archive) => {
                std::fs::copy(archive, &path).map_err(at(archive))?;
            }
            PackageLocation::Directory(source) => super::mirror_index::pack(source, file.as_file_mut())?,
        }
        if let Some(sha256) = &package.sha256
            && hash::of_archive(&path)? != PackageHash::archive(sha256)
        {
            return Err(InstallError::Untrusted(format!(
                "the archive of {} {} does not have the checksum that its registry says",
                package.provider, package.version
            )));
        }
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).map_err(at(&path))?;
        file.persist(&target).map_err(|error| at(&target)(error.error))?;
        Ok(())
    }
}
