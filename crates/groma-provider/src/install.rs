//! Installing providers: choosing versions, fetching packages, checking and recording them.
//!
//! A working directory's providers live in `.terraform/providers` as
//! `host/namespace/type/version/platform`, what was chosen in `.terraform.lock.hcl`. Packages come
//! from mirrors (directories or servers) and from registries, in the order that the settings give.
//! All of this blocks: call it from a thread that may.

mod directory;
mod error;
mod hash;
mod helper;
mod http;
mod installer;
mod lock_file;
mod mirror_index;
mod network_mirror;
mod package;
mod proof;
mod registry;
mod selections;
mod signature;
mod source;
mod url;

pub use directory::{InstalledPackage, ProviderDirectory};
pub use error::{InstallError, Release};
pub use hash::{PackageHash, module_hash};
pub use helper::CredentialsHelper;
pub use http::{Answer, HttpClient, HttpSettings, resolve as resolve_url};
pub use installer::{
    InstallEvent, InstallFailure, InstallMode, InstallSettings, Installed, Installer, Requirements,
};
pub use lock_file::{LockFileError, LockFileProblem, Locks, ProviderLock};
pub use package::{Authentication, Package, PackageLocation, Platform};
pub use proof::ProofKey;
pub use registry::{HostServices, discover, services};
pub use selections::{SelectionProblem, Selections, check_locks, select_installed};
pub use source::{Method, ProviderPattern, SourceRule, Sources, implied_rules};
