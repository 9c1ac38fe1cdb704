//! Packages: a version of a provider for a platform, and where it is.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use groma_value::addr::Provider;

use crate::files::{FileError, at};
use crate::version::Version;

use super::hash::PackageHash;

/// An operating system and processor, in Go's names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Platform {
    /// For example `linux`.
    pub os: String,
    /// For example `amd64`.
    pub arch: String,
}

impl Platform {
    /// The one this program runs on.
    pub fn current() -> Platform {
        let os = match std::env::consts::OS {
            "macos" => "darwin",
            other => other,
        };
        let arch = match std::env::consts::ARCH {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            "x86" => "386",
            other => other,
        };
        Platform { os: os.to_owned(), arch: arch.to_owned() }
    }

    /// Parses `linux_amd64`.
    pub fn parse(text: &str) -> Result<Platform, String> {
        match text.split('_').collect::<Vec<_>>()[..] {
            [os, arch] if !os.is_empty() && !arch.is_empty() && !text.contains(char::is_whitespace) => {
                Ok(Platform { os: os.to_owned(), arch: arch.to_owned() })
            }
            _ => Err("must be two words separated by an underscore".to_owned()),
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.os, self.arch)
    }
}

/// Where a package can be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PackageLocation {
    /// Unpacked on this machine.
    Directory(PathBuf),
    /// A zip archive on this machine.
    Archive(PathBuf),
    /// A zip archive to download.
    Url(String),
}

/// How far a package is known to be the one its author made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authentication {
    /// Nobody vouches for it.
    None,
    /// Its checksum is the one that its source gave.
    Checksum,
    /// The checksum is signed by HashiCorp's key.
    SignedByHashiCorp {
        /// The key's id in hexadecimal.
        key_id: String,
    },
    /// The checksum is signed by a key that the registry names.
    Signed {
        /// The key's id in hexadecimal.
        key_id: String,
    },
}

/// As `init` prints it in parentheses.
impl fmt::Display for Authentication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Authentication::None => f.write_str("unauthenticated"),
            Authentication::Checksum => f.write_str("verified checksum"),
            Authentication::SignedByHashiCorp { .. } => f.write_str("signed by HashiCorp"),
            Authentication::Signed { key_id } => write!(f, "self-signed, key ID {key_id}"),
        }
    }
}

impl Authentication {
    /// Whether a signature was checked.
    pub fn is_signed(&self) -> bool {
        matches!(self, Authentication::SignedByHashiCorp { .. } | Authentication::Signed { .. })
    }
}

/// A package and what its source says about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// The provider.
    pub provider: Provider,
    /// The version.
    pub version: Version,
    /// The platform.
    pub platform: Platform,
    /// Where it is.
    pub location: PackageLocation,
    /// The SHA-256 that its archive must have, in hexadecimal.
    pub sha256: Option<String>,
    /// Hashes of which the package must have one, where the source gives any.
    pub hashes: Vec<PackageHash>,
    /// Hashes of the packages for all platforms, where they are vouched for: what a lock file
    /// should know.
    pub vouched: Vec<PackageHash>,
    /// What the source's vouching amounts to once the package has one of the hashes.
    pub authentication: Authentication,
}

impl Package {
    fn local(provider: Provider, version: Version, platform: Platform, location: PackageLocation) -> Package {
        Package {
            provider,
            version,
            platform,
            location,
            sha256: None,
            hashes: Vec::new(),
            vouched: Vec::new(),
            authentication: Authentication::None,
        }
    }
}

/// The directory of an unpacked package below `base`.
pub(super) fn unpacked_path(
    base: &Path,
    provider: &Provider,
    version: &Version,
    platform: &Platform,
) -> PathBuf {
    provider_path(base, provider).join(version.to_string()).join(platform.to_string())
}

/// The directory of a provider below `base`.
pub(super) fn provider_path(base: &Path, provider: &Provider) -> PathBuf {
    base.join(&*provider.hostname).join(&*provider.namespace).join(&*provider.ty)
}

/// The name of a package's archive.
pub(super) fn archive_name(provider: &Provider, version: &Version, platform: &Platform) -> String {
    format!("terraform-provider-{}_{version}_{platform}.zip", provider.ty)
}

/// The packages of one provider below `base`, unpacked or as archives, sorted by version. Where
/// there are several of a version and platform, the first counts: unpacked ones come first.
pub(super) fn packages_of(base: &Path, provider: &Provider) -> Result<Vec<Package>, FileError> {
    let directory = provider_path(base, provider);
    let entries = match std::fs::read_dir(&directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(FileError { path: directory, error }),
    };
    let mut packages = Vec::new();
    let mut archives = Vec::new();
    for entry in entries {
        let path = entry.map_err(at(&directory))?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if path.is_dir() {
            let Ok(version) = Version::parse(name) else { continue };
            for entry in std::fs::read_dir(&path).map_err(at(&path))? {
                let path = entry.map_err(at(&path))?.path();
                let platform = path.file_name().and_then(|name| Platform::parse(name.to_str()?).ok());
                // Links to directories count as such.
                if let Some(platform) = platform.filter(|_| path.is_dir()) {
                    let location = PackageLocation::Directory(path);
                    packages.push(Package::local(provider.clone(), version.clone(), platform, location));
                }
            }
        } else if let Some((version, platform)) = parse_archive_name(provider, name) {
            let location = PackageLocation::Archive(path);
            archives.push(Package::local(provider.clone(), version, platform, location));
        }
    }
    packages.append(&mut archives);
    packages.sort_by(|a, b| (&a.version, &a.platform).cmp(&(&b.version, &b.platform)));
    Ok(packages)
}

/// Version and platform of `terraform-provider-TYPE_VERSION_OS_ARCH.zip`; case does not matter.
fn parse_archive_name(provider: &Provider, name: &str) -> Option<(Version, Platform)> {
    let name = name.to_lowercase();
    let rest = name.strip_prefix(&format!("terraform-provider-{}_", provider.ty))?.strip_suffix(".zip")?;
    let parts: Vec<&str> = rest.split('_').collect();
    let [version, os, arch, ..] = parts[..] else { return None };
    Some((Version::parse(version).ok()?, Platform::parse(&format!("{os}_{arch}")).ok()?))
}

/// All packages below `base`, by provider.
pub(super) fn all_packages(base: &Path) -> Result<BTreeMap<Provider, Vec<Package>>, FileError> {
    let children = |path: &Path| -> Result<Vec<(String, PathBuf)>, FileError> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(path).map_err(at(path))? {
            let entry = entry.map_err(at(path))?;
            // Only the base may be a link, or a walk might not end.
            if entry.file_type().map_err(at(path))?.is_dir()
                && let Ok(name) = entry.file_name().into_string()
            {
                found.push((name, entry.path()));
            }
        }
        Ok(found)
    };
    let mut all = BTreeMap::new();
    for (host, path) in children(base)? {
        for (namespace, path) in children(&path)? {
            for (ty, _) in children(&path)? {
                let Ok(provider) = Provider::parse(&format!("{host}/{namespace}/{ty}")) else { continue };
                let packages = packages_of(base, &provider)?;
                if !packages.is_empty() {
                    all.insert(provider, packages);
                }
            }
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_both_layouts() {
        let base = tempfile::tempdir().unwrap();
        let provider = Provider::parse("example.com/acme/thing").unwrap();
        let directory = provider_path(base.path(), &provider);
        std::fs::create_dir_all(directory.join("1.0.0").join("linux_amd64")).unwrap();
        std::fs::create_dir_all(directory.join("not-a-version").join("linux_amd64")).unwrap();
        std::fs::create_dir_all(directory.join("2.0.0").join("nonsense")).unwrap();
        for name in [
            "terraform-provider-thing_1.0.0_linux_amd64.zip",
            "Terraform-Provider-Thing_1.10.0_darwin_arm64.zip",
            "terraform-provider-thing_1.2.0_linux_amd64_extra.zip",
            "terraform-provider-other_1.0.0_linux_amd64.zip",
            "terraform-provider-thing_1.0.0.zip",
            "README",
        ] {
            std::fs::write(directory.join(name), "").unwrap();
        }
        let found = packages_of(base.path(), &provider).unwrap();
        let text = |package: &Package| {
            let packed = matches!(package.location, PackageLocation::Archive(_));
            format!("{} {} {packed}", package.version, package.platform)
        };
        let expected = [
            "1.0.0 linux_amd64 false",
            "1.0.0 linux_amd64 true",
            "1.2.0 linux_amd64 true",
            "1.10.0 darwin_arm64 true",
        ];
        assert_eq!(found.iter().map(text).collect::<Vec<_>>(), expected);
        let all = all_packages(base.path()).unwrap();
        assert_eq!(all.into_iter().collect::<Vec<_>>(), [(provider, found)]);
        assert_eq!(packages_of(base.path(), &Provider::implied("x")).unwrap(), []);
        assert!(all_packages(&base.path().join("nowhere")).is_err());
    }
}
