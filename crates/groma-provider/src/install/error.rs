//! Why a provider could not be installed.

use std::fmt;

use groma_value::addr::Provider;

use crate::files::FileError;
use crate::version::Version;

use super::package::Platform;

/// A version of a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// The provider.
    pub provider: Provider,
    /// The version.
    pub version: Version,
}

impl Release {
    pub(super) fn boxed(provider: &Provider, version: &Version) -> Box<Release> {
        Box::new(Release { provider: provider.clone(), version: version.clone() })
    }
}

/// The address and the version, separated by a space.
impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.provider, self.version)
    }
}

/// Why a provider could not be found, fetched or recorded. Printed, it completes "Could not ... :"
/// without a trailing period.
#[derive(Debug)]
pub enum InstallError {
    /// None of the places asked knows the provider.
    NotFound {
        /// The provider.
        provider: Provider,
        /// The places, in words.
        searched: Vec<String>,
    },
    /// No version meets the constraints.
    NoMatch {
        /// The constraints.
        constraints: String,
        /// The versions that there are, oldest first.
        available: Vec<Version>,
    },
    /// The locked version does not meet the constraints.
    LockedOut {
        /// The release in the lock file.
        release: Box<Release>,
        /// The constraints.
        constraints: String,
    },
    /// The version is not available for the platform.
    Platform {
        /// The release.
        release: Box<Release>,
        /// The platform.
        platform: Platform,
    },
    /// The provider speaks none of the protocol versions that we do.
    Protocol {
        /// The release.
        release: Box<Release>,
        /// What it speaks.
        speaks: Vec<String>,
    },
    /// The package is not one that the lock file knows.
    LockedHash {
        /// The release.
        release: Box<Release>,
        /// The package is a directory, so that hashes of archives cannot match it.
        local: bool,
    },
    /// The package or what vouches for it does not check.
    Untrusted(String),
    /// A server did not answer as it should.
    Request {
        /// What was asked for.
        url: String,
        /// What happened.
        problem: String,
    },
    /// The server wants other credentials, or some.
    Unauthorized {
        /// The server.
        host: String,
        /// Whether credentials were sent.
        had_credentials: bool,
    },
    /// A built-in provider that does not exist or has a version constraint.
    BuiltIn(String),
    /// A package without the provider's program.
    NoExecutable {
        /// What its name must start with.
        prefix: String,
        /// Where it was looked for.
        directory: std::path::PathBuf,
    },
    /// A file or directory could not be read or written.
    File(FileError),
}

impl fmt::Display for InstallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InstallError::NotFound { provider, searched } => {
                writeln!(f, "provider {provider} was not found in any of the search locations")?;
                searched.iter().try_for_each(|place| write!(f, "\n  - {place}"))
            }
            InstallError::NoMatch { constraints, available } if available.is_empty() => {
                write!(f, "no available releases match the given constraints {constraints}: none were found")
            }
            InstallError::NoMatch { constraints, .. } => {
                write!(f, "no available releases match the given constraints {constraints}")
            }
            InstallError::LockedOut { release, constraints } => write!(
                f,
                "locked provider {release} does not match configured version constraint \
                 {constraints}; must use init -upgrade to allow selection of new versions"
            ),
            InstallError::Platform { release, platform } => {
                write!(f, "provider {release} is not available for {platform}")
            }
            InstallError::Protocol { release, speaks } => write!(
                f,
                "provider {release} speaks plugin protocol {}, but only 5 and 6 are supported",
                speaks.join(", ")
            ),
            InstallError::LockedHash { release, local } => {
                let what = if *local { "local" } else { "current" };
                write!(
                    f,
                    "the {what} package for {release} doesn't match any of the checksums previously \
                     recorded in the dependency lock file"
                )?;
                if *local {
                    f.write_str(
                        " (this might be because the available checksums are for packages targeting \
                         different platforms)",
                    )?;
                }
                Ok(())
            }
            InstallError::Untrusted(why) => f.write_str(why),
            InstallError::Request { url, problem } => write!(f, "{url}: {problem}"),
            InstallError::Unauthorized { host, had_credentials: true } => {
                write!(f, "host {host} rejected the given authentication credentials")
            }
            InstallError::Unauthorized { host, had_credentials: false } => {
                write!(f, "host {host} requires authentication credentials")
            }
            InstallError::BuiltIn(why) => f.write_str(why),
            InstallError::NoExecutable { prefix, directory } => {
                write!(f, "could not find executable file starting with {prefix} in {}", directory.display())
            }
            InstallError::File(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for InstallError {}

impl From<FileError> for InstallError {
    fn from(error: FileError) -> Self {
        InstallError::File(error)
    }
}
