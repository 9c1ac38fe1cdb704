//! A directory of installed packages: a working directory's `.terraform/providers`, or the shared
//! plugin cache.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use groma_value::addr::Provider;

use crate::files::{FileError, at};
use crate::version::Version;

use super::error::{InstallError, Release};
use super::hash::{self, PackageHash};
use super::http::HttpClient;
use super::package::{Authentication, Package, PackageLocation, Platform, unpacked_path};

/// A directory of unpacked packages for one platform.
#[derive(Clone, Debug)]
pub struct ProviderDirectory {
    base: PathBuf,
    platform: Platform,
    /// Where hashes of large files are remembered.
    notes: Option<PathBuf>,
}

/// An installed package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstalledPackage {
    /// The provider.
    pub provider: Provider,
    /// The version.
    pub version: Version,
    /// The directory of the package, possibly a link.
    pub directory: PathBuf,
    notes: Option<PathBuf>,
}

impl ProviderDirectory {
    /// The directory `base`. `notes` is where hashes of large files may be remembered.
    pub fn new(base: impl Into<PathBuf>, platform: Platform, notes: Option<PathBuf>) -> ProviderDirectory {
        ProviderDirectory { base: base.into(), platform, notes }
    }

    /// As given.
    pub fn base(&self) -> &Path {
        &self.base
    }

    /// The platform of the packages.
    pub fn platform(&self) -> &Platform {
        &self.platform
    }

    /// The package of a version, if it is here.
    pub fn find(&self, provider: &Provider, version: &Version) -> Option<InstalledPackage> {
        let directory = unpacked_path(&self.base, provider, version, &self.platform);
        let package = InstalledPackage {
            provider: provider.clone(),
            version: version.clone(),
            directory,
            notes: self.notes.clone(),
        };
        package.directory.is_dir().then_some(package)
    }

    /// Installs a package, checked against its source's word and, where there are any, the hashes
    /// that are `allowed`. What vouches for it is returned.
    pub(super) fn install(
        &self,
        package: &Package,
        allowed: &[PackageHash],
        http: &HttpClient,
    ) -> Result<Authentication, InstallError> {
        let target = unpacked_path(&self.base, &package.provider, &package.version, &package.platform);
        match &package.location {
            PackageLocation::Directory(source) => {
                self.check_directory(package, source, allowed)?;
                link(source, &target)?;
                Ok(Authentication::None)
            }
            PackageLocation::Archive(archive) => {
                self.install_archive(package, archive, allowed, &target)?;
                Ok(package.authentication.clone())
            }
            PackageLocation::Url(url) => {
                std::fs::create_dir_all(&self.base).map_err(at(&self.base))?;
                // Beside the target: what is downloaded here is as private as the directory.
                let mut file = tempfile::Builder::new()
                    .prefix(".download-")
                    .tempfile_in(&self.base)
                    .map_err(at(&self.base))?;
                let path = file.path().to_owned();
                http.download(url, file.as_file_mut(), &path)?;
                self.install_archive(package, &path, allowed, &target)?;
                Ok(package.authentication.clone())
            }
        }
    }

    fn check_directory(
        &self,
        package: &Package,
        source: &Path,
        allowed: &[PackageHash],
    ) -> Result<(), InstallError> {
        // Hashes of archives say nothing about a directory: with only those, everything is allowed.
        if allowed.iter().all(PackageHash::is_archive) {
            return Ok(());
        }
        let found = hash::of_directory(source, self.notes.as_deref())?;
        if allowed.contains(&found) { Ok(()) } else { Err(locked_hash(package, true)) }
    }

    fn install_archive(
        &self,
        package: &Package,
        archive: &Path,
        allowed: &[PackageHash],
        target: &Path,
    ) -> Result<(), InstallError> {
        let zip = hash::of_archive(archive)?;
        if let Some(sha256) = &package.sha256
            && PackageHash::archive(sha256) != zip
        {
            return Err(InstallError::Untrusted(format!(
                "the archive of {} {} has the checksum {zip}, but its registry says zh:{sha256}",
                package.provider, package.version
            )));
        }
        // The content is hashed only where an archive hash does not decide.
        let mut content = None;
        let mut is_one_of = |hashes: &[PackageHash]| -> Result<bool, InstallError> {
            if hashes.contains(&zip) {
                return Ok(true);
            }
            if !hashes.iter().any(|hash| hash.is_supported() && !hash.is_archive()) {
                return Ok(false);
            }
            if content.is_none() {
                content = Some(hash::of_archive_content(archive)?);
            }
            Ok(content.as_ref().is_some_and(|content| hashes.contains(content)))
        };
        if !package.hashes.is_empty() && !is_one_of(&package.hashes)? {
            return Err(InstallError::Untrusted(format!(
                "the archive of {} {} has none of the checksums that its mirror says",
                package.provider, package.version
            )));
        }
        if !allowed.is_empty() && !is_one_of(allowed)? {
            return Err(locked_hash(package, false));
        }
        unpack(archive, target)
    }

    /// Makes a package of another directory available here: by a link, else by a copy.
    pub(super) fn link_from(&self, package: &InstalledPackage) -> Result<(), InstallError> {
        let target = unpacked_path(&self.base, &package.provider, &package.version, &self.platform);
        link(&package.directory, &target)
    }
}

fn locked_hash(package: &Package, local: bool) -> InstallError {
    InstallError::LockedHash { release: Release::boxed(&package.provider, &package.version), local }
}

impl InstalledPackage {
    /// The `h1:` hash of its content.
    pub fn hash(&self) -> Result<PackageHash, FileError> {
        hash::of_directory(&self.directory, self.notes.as_deref())
    }

    /// The provider's program: the first file, by name, called `terraform-provider-TYPE`, alone or
    /// followed by an underscore or period and anything.
    pub fn executable(&self) -> Result<PathBuf, InstallError> {
        find_executable(&self.directory, &self.provider)
    }
}

/// As [`InstalledPackage::executable`], for any directory.
pub(super) fn find_executable(directory: &Path, provider: &Provider) -> Result<PathBuf, InstallError> {
    let prefix = format!("terraform-provider-{}", provider.ty);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(at(directory))? {
        let entry = entry.map_err(at(directory))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let rest = name.strip_prefix(&prefix);
        if rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['_', '.'])) && !entry.path().is_dir()
        {
            names.push(name);
        }
    }
    names.sort();
    match names.first() {
        Some(name) => Ok(directory.join(name)),
        None => Err(InstallError::NoExecutable { prefix, directory: directory.to_owned() }),
    }
}

/// Makes `target` a link to the directory `source`, or a copy of it where links are impossible.
fn link(source: &Path, target: &Path) -> Result<(), InstallError> {
    let source = std::path::absolute(source).map_err(at(source))?;
    if let (Ok(from), Ok(to)) = (source.canonicalize(), target.canonicalize())
        && from == to
        && !target.is_symlink()
    {
        let why = format!("cannot install existing provider directory {} to itself", target.display());
        return Err(InstallError::Untrusted(why));
    }
    make_way(target)?;
    if std::os::unix::fs::symlink(&source, target).is_ok() {
        return Ok(());
    }
    Ok(copy(&source, target)?)
}

/// Removes what is at `target` and makes sure that its parent is there.
fn make_way(target: &Path) -> Result<(), FileError> {
    if let Some(parent) = target.parent() {
        std::fs::create_dir_all(parent).map_err(at(parent))?;
    }
    let removed = match target.symlink_metadata() {
        Ok(meta) if meta.is_dir() => std::fs::remove_dir_all(target),
        Ok(_) => std::fs::remove_file(target),
        Err(_) => Ok(()),
    };
    removed.map_err(at(target))
}

fn copy(source: &Path, target: &Path) -> Result<(), FileError> {
    std::fs::create_dir(target).map_err(at(target))?;
    for entry in std::fs::read_dir(source).map_err(at(source))? {
        let from = entry.map_err(at(source))?.path();
        let Some(name) = from.file_name() else { continue };
        let to = target.join(name);
        if from.is_dir() {
            copy(&from, &to)?;
        } else {
            std::fs::copy(&from, &to).map_err(at(&from))?;
        }
    }
    Ok(())
}

/// Unpacks an archive to the directory `target`, which appears whole or not at all.
fn unpack(archive: &Path, target: &Path) -> Result<(), InstallError> {
    let parent = target.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(parent).map_err(at(parent))?;
    let staging = tempfile::Builder::new().prefix(".unpack-").tempdir_in(parent).map_err(at(parent))?;
    let invalid = |error: zip::result::ZipError| {
        InstallError::Untrusted(format!("{} is not a usable zip archive: {error}", archive.display()))
    };
    let file = File::open(archive).map_err(at(archive))?;
    let mut zip = zip::ZipArchive::new(file).map_err(invalid)?;
    let root = staging.path().join("package");
    std::fs::create_dir(&root).map_err(at(&root))?;
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).map_err(invalid)?;
        // Names that lead out of the directory make the archive unusable.
        let Some(name) = entry.enclosed_name() else {
            let why =
                format!("{} holds the file name {:?}, which is not allowed", archive.display(), entry.name());
            return Err(InstallError::Untrusted(why));
        };
        let path = root.join(name);
        if entry.is_dir() {
            std::fs::create_dir_all(&path).map_err(at(&path))?;
            continue;
        }
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(at(parent))?;
        }
        let mut file = File::create(&path).map_err(at(&path))?;
        io::copy(&mut entry, &mut file).map_err(at(&path))?;
        if let Some(mode) = entry.unix_mode() {
            use std::os::unix::fs::PermissionsExt;
            // Whatever else the archive says, the files are their owner's to read.
            let mode = std::fs::Permissions::from_mode(mode & 0o777 | 0o600);
            file.set_permissions(mode).map_err(at(&path))?;
        }
    }
    make_way(target)?;
    std::fs::rename(&root, target).map_err(at(target))?;
    // The staging directory is private; the package is for everyone who may enter its parent.
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(target, std::fs::Permissions::from_mode(0o755)).map_err(at(target))?;
    Ok(())
}
