//! Hashes of packages, as lock files record them.
//!
//! `h1:` is the hash of the unpacked content (Go's directory hash): the SHA-256 of a list of files,
//! each line the file's SHA-256 in hexadecimal, two spaces and its path, sorted by path; in base64.
//! `zh:` is the SHA-256 of the archive in hexadecimal. Other schemes are kept and match nothing.

use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;

use crate::binary_hash::{hex, of_file, sha256};
use crate::files::{FileError, at};

use super::error::InstallError;

/// A hash with its scheme, such as `h1:...`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageHash(String);

impl PackageHash {
    /// Reads a hash: a scheme, a colon and anything.
    pub fn parse(text: &str) -> Result<PackageHash, String> {
        match text.find(':') {
            None | Some(0) => {
                Err("hash string must start with a scheme keyword followed by a colon".to_owned())
            }
            Some(_) => Ok(PackageHash(text.to_owned())),
        }
    }

    /// The `zh:` hash with this SHA-256 in hexadecimal.
    pub fn archive(sha256: &str) -> PackageHash {
        PackageHash(format!("zh:{}", sha256.to_ascii_lowercase()))
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is a hash of an archive.
    pub fn is_archive(&self) -> bool {
        self.0.starts_with("zh:")
    }

    /// Whether it is one of the schemes that can be checked.
    pub fn is_supported(&self) -> bool {
        self.is_archive() || self.0.starts_with("h1:")
    }
}

impl fmt::Display for PackageHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The `h1:` hash from paths and the hexadecimal hashes of the files.
fn from_list(mut files: Vec<(String, String)>) -> PackageHash {
    files.sort();
    let list: String = files.iter().map(|(path, hash)| format!("{hash}  {path}\n")).collect();
    let sum = digest(&SHA256, list.as_bytes());
    PackageHash(format!("h1:{}", base64::engine::general_purpose::STANDARD.encode(sum)))
}

/// The `h1:` hash of a directory's content. Hashes of its files are remembered under `notes`.
pub(super) fn of_directory(directory: &Path, notes: Option<&Path>) -> Result<PackageHash, FileError> {
    let root = directory.canonicalize().map_err(at(directory))?;
    let mut files = Vec::new();
    let mut pending = vec![(PathBuf::from(&root), String::new())];
    while let Some((directory, prefix)) = pending.pop() {
        for entry in std::fs::read_dir(&directory).map_err(at(&directory))? {
            let entry = entry.map_err(at(&directory))?;
            let path = entry.path();
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type().map_err(at(&path))?.is_dir() {
                pending.push((path, format!("{name}/")));
            } else {
                files.push((name, of_file(&path, notes).map_err(at(&path))?));
            }
        }
    }
    Ok(from_list(files))
}

/// The `h1:` hash of a module's files, without what `git` and `hg` keep of their own. Of links,
/// the text counts, not what they lead to.
pub fn module_hash(directory: &Path) -> Result<PackageHash, FileError> {
    let mut files = Vec::new();
    let mut pending = vec![(directory.to_owned(), String::new())];
    while let Some((directory, prefix)) = pending.pop() {
        for entry in std::fs::read_dir(&directory).map_err(at(&directory))? {
            let entry = entry.map_err(at(&directory))?;
            let path = entry.path();
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            let kind = entry.file_type().map_err(at(&path))?;
            if entry.file_name() == ".git" || entry.file_name() == ".hg" {
                continue;
            } else if kind.is_dir() {
                pending.push((path, format!("{name}/")));
            } else if kind.is_symlink() {
                let text = std::fs::read_link(&path).map_err(at(&path))?;
                let sum = digest(&SHA256, text.to_string_lossy().as_bytes());
                files.push((name, hex(sum.as_ref())));
            } else {
                files.push((name, of_file(&path, None).map_err(at(&path))?));
            }
        }
    }
    Ok(from_list(files))
}

/// The `h1:` hash of an archive's content, without unpacking it.
pub(super) fn of_archive_content(archive: &Path) -> Result<PackageHash, InstallError> {
    let file = File::open(archive).map_err(at(archive))?;
    let invalid = |error: zip::result::ZipError| {
        InstallError::Untrusted(format!("{} is not a usable zip archive: {error}", archive.display()))
    };
    let mut zip = zip::ZipArchive::new(file).map_err(invalid)?;
    let mut files = Vec::new();
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).map_err(invalid)?;
        if entry.is_dir() {
            continue;
        }
        let name = entry.name().map_err(invalid)?.into_owned();
        let hash = sha256(&mut entry).map_err(at(archive))?;
        files.push((name, hex(&hash)));
    }
    Ok(from_list(files))
}

/// The `zh:` hash of an archive.
pub(super) fn of_archive(archive: &Path) -> Result<PackageHash, FileError> {
    let mut file = File::open(archive).map_err(at(archive))?;
    let hash = sha256(&mut file).map_err(at(archive))?;
    Ok(PackageHash::archive(&hex(&hash)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_and_archives_agree() {
        let directory = tempfile::tempdir().unwrap();
        let package = directory.path().join("package");
        std::fs::create_dir_all(package.join("docs")).unwrap();
        std::fs::write(package.join("terraform-provider-x"), "abc").unwrap();
        std::fs::write(package.join("docs").join("README"), "").unwrap();
        let hash = of_directory(&package, None).unwrap();
        // printf '%s  %s\n' of both files in order of their paths, sha256sum, base64.
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let list = format!("{empty}  docs/README\n{abc}  terraform-provider-x\n");
        let sum = base64::engine::general_purpose::STANDARD.encode(digest(&SHA256, list.as_bytes()));
        assert_eq!(hash.as_str(), format!("h1:{sum}"));

        let archive = directory.path().join("package.zip");
        let mut zip = zip::ZipWriter::new(File::create(&archive).unwrap());
        let options = zip::write::SimpleFileOptions::default();
        for (name, content) in [("terraform-provider-x", "abc"), ("docs/README", "")] {
            zip.start_file(name, options).unwrap();
            std::io::Write::write_all(&mut zip, content.as_bytes()).unwrap();
        }
        zip.finish().unwrap();
        assert_eq!(of_archive_content(&archive).unwrap(), hash);
        assert!(of_archive(&archive).unwrap().is_archive());
        // The hash of nothing, which Terraform knows too.
        std::fs::create_dir(directory.path().join("empty")).unwrap();
        let hash = of_directory(&directory.path().join("empty"), None).unwrap();
        assert_eq!(hash.as_str(), "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    }

    #[test]
    fn parsing() {
        assert!(PackageHash::parse("h1:x").unwrap().is_supported());
        assert!(!PackageHash::parse("h9:x").unwrap().is_supported());
        assert!(PackageHash::parse(":x").is_err() && PackageHash::parse("x").is_err());
    }
}
