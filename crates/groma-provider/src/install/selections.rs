//! What commands other than `init` do about providers: see that what was chosen fits the
//! configuration and is installed, and find the programs.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use groma_value::addr::Provider;

use crate::version::{Constraints, Version};

use super::directory::{ProviderDirectory, find_executable};
use super::error::{InstallError, Release};
use super::installer::Requirements;
use super::lock_file::Locks;

/// The programs of the required providers.
pub type Selections = BTreeMap<Provider, PathBuf>;

/// Why a required provider cannot be used as things stand. Printed, it completes
/// "provider NAME: ".
#[derive(Debug)]
pub enum SelectionProblem {
    /// The lock file has no version.
    NotSelected,
    /// The locked version does not fit the constraints.
    ConstraintsChanged {
        /// The locked version.
        version: Version,
        /// The constraints now.
        constraints: Constraints,
    },
    /// The locked version is not installed.
    NotInstalled {
        /// The locked release.
        release: Box<Release>,
        /// Where it should be.
        directory: PathBuf,
    },
    /// What is installed has none of the locked hashes.
    Changed {
        /// The locked release.
        release: Box<Release>,
        /// Where it is.
        directory: PathBuf,
    },
    /// What is installed cannot be read, or is no provider.
    Unusable(InstallError),
}

impl SelectionProblem {
    /// Whether the lock file and the configuration disagree; else lock file and installation do.
    pub fn is_about_lock_file(&self) -> bool {
        matches!(self, SelectionProblem::NotSelected | SelectionProblem::ConstraintsChanged { .. })
    }
}

impl fmt::Display for SelectionProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SelectionProblem::NotSelected => {
                f.write_str("required by this configuration but no version is selected")
            }
            SelectionProblem::ConstraintsChanged { version, constraints } => write!(
                f,
                "locked version selection {version} doesn't match the updated version constraints \"{constraints}\""
            ),
            SelectionProblem::NotInstalled { release, directory } => {
                write!(f, "there is no package for {release} cached in {}", directory.display())
            }
            SelectionProblem::Changed { release, directory } => write!(
                f,
                "the cached package for {release} (in {}) does not match any of the checksums recorded \
                 in the dependency lock file",
                directory.display()
            ),
            SelectionProblem::Unusable(error) => error.fmt(f),
        }
    }
}

/// Whether the lock file has an acceptable version of each required provider. Built-in and
/// overridden providers are none of its business: leave them out of the requirements.
pub fn check_locks(locks: &Locks, requirements: &Requirements) -> Vec<(Provider, SelectionProblem)> {
    let mut problems = Vec::new();
    for (provider, constraints) in requirements {
        let problem = match locks.providers.get(provider) {
            None => SelectionProblem::NotSelected,
            Some(lock) if !constraints.allows(&lock.version) => SelectionProblem::ConstraintsChanged {
                version: lock.version.clone(),
                constraints: constraints.clone(),
            },
            Some(_) => continue,
        };
        problems.push((provider.clone(), problem));
    }
    problems
}

/// The programs of the required providers as installed, each checked against the lock file's
/// hashes. `overrides` are directories to take providers from as they are (`dev_overrides`).
pub fn select_installed<'a>(
    directory: &ProviderDirectory,
    locks: &Locks,
    required: impl IntoIterator<Item = &'a Provider>,
    overrides: &BTreeMap<Provider, PathBuf>,
) -> Result<Selections, Vec<(Provider, SelectionProblem)>> {
    let mut selections = Selections::new();
    let mut problems = Vec::new();
    for provider in required {
        let found = match overrides.get(provider) {
            Some(overriding) => find_executable(overriding, provider).map_err(SelectionProblem::Unusable),
            None => installed(directory, locks, provider),
        };
        match found {
            Ok(executable) => {
                selections.insert(provider.clone(), executable);
            }
            Err(problem) => problems.push((provider.clone(), problem)),
        }
    }
    if problems.is_empty() { Ok(selections) } else { Err(problems) }
}

fn installed(
    directory: &ProviderDirectory,
    locks: &Locks,
    provider: &Provider,
) -> Result<PathBuf, SelectionProblem> {
    let lock = locks.providers.get(provider).ok_or(SelectionProblem::NotSelected)?;
    let release = Release::boxed(provider, &lock.version);
    let Some(package) = directory.find(provider, &lock.version) else {
        return Err(SelectionProblem::NotInstalled { release, directory: directory.base().to_owned() });
    };
    let hashes = lock.checkable_hashes();
    if !hashes.is_empty() {
        let hash = package.hash().map_err(|error| SelectionProblem::Unusable(error.into()))?;
        if !hashes.contains(&hash) {
            return Err(SelectionProblem::Changed { release, directory: directory.base().to_owned() });
        }
    }
    package.executable().map_err(SelectionProblem::Unusable)
}
