//! The zip file of a function's code.

use base64::Engine as _;
use sha2::{Digest, Sha256};
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};

/// A function's code, packed.
pub(super) struct Package {
    /// The zip file.
    pub bytes: Vec<u8>,
    /// The SHA-256 of it in base64, as Lambda counts it.
    pub hash: String,
}

/// Packs a directory: all files in the order of their names, with fixed times and
/// rights, so that the same files give the same bytes. The error is a sentence.
pub(super) fn pack(dir: &Path) -> Result<Package, String> {
    let mut files = Vec::new();
    let base = if dir.is_file() { dir.parent().unwrap_or(dir) } else { dir };
    if dir.is_file() {
        files.push(dir.to_owned());
    } else {
        collect(dir, &mut files).map_err(|e| format!("{} cannot be read: {e}", dir.display()))?;
    }
    files.sort();
    if files.is_empty() {
        return Err(format!("{} has no files", dir.display()));
    }
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(0o644);
    for f in files {
        let name = f.strip_prefix(base).unwrap_or(&f).to_string_lossy().replace('\\', "/");
        let text = std::fs::read(&f).map_err(|e| format!("{} cannot be read: {e}", f.display()))?;
        zip.start_file(name, options).map_err(|e| e.to_string())?;
        zip.write_all(&text).map_err(|e| e.to_string())?;
    }
    let bytes = zip.finish().map_err(|e| e.to_string())?.into_inner();
    let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(&bytes));
    Ok(Package { bytes, hash })
}

fn collect(dir: &Path, out: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for e in std::fs::read_dir(dir)? {
        let path = e?.path();
        if path.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.')) {
            continue;
        }
        if path.is_dir() { collect(&path, out)? } else { out.push(path) }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_files_give_the_same_bytes() {
        let d = tempfile::tempdir().unwrap();
        std::fs::write(d.path().join("index.mjs"), "export const handler = async () => 1\n").unwrap();
        std::fs::create_dir(d.path().join("lib")).unwrap();
        std::fs::write(d.path().join("lib/a.mjs"), "x").unwrap();
        std::fs::write(d.path().join(".ignored"), "x").unwrap();
        let a = pack(d.path()).unwrap();
        let mut zip = zip::ZipArchive::new(Cursor::new(a.bytes.clone())).unwrap();
        let names: Vec<String> =
            (0..zip.len()).map(|i| zip.by_index(i).unwrap().name().unwrap().into_owned()).collect();
        assert_eq!(names, ["index.mjs", "lib/a.mjs"]);
        std::fs::write(d.path().join("lib/a.mjs"), "x").unwrap();
        assert_eq!(a.hash, pack(d.path()).unwrap().hash);
        assert!(pack(&d.path().join("none")).is_err());
    }
}
