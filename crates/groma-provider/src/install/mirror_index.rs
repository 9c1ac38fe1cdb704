//! The documents of the network mirror protocol for a directory of archives, so that any web server
//! can serve the directory as a mirror.

use std::collections::BTreeMap;
use std::io::{Seek, Write};
use std::path::Path;

use groma_value::addr::Provider;
use serde_json::{Value, json};

use crate::files::at;

use super::error::InstallError;
use super::hash;
use super::package::{PackageLocation, packages_of, provider_path};

/// Writes `index.json` and a document for each version, from the archives that are there.
pub(super) fn write(directory: &Path, provider: &Provider) -> Result<(), InstallError> {
    let mut versions: BTreeMap<String, BTreeMap<String, Value>> = BTreeMap::new();
    for package in packages_of(directory, provider)? {
        let PackageLocation::Archive(archive) = &package.location else { continue };
        let hash = hash::of_archive_content(archive)?;
        let name = archive.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let entry = json!({ "hashes": [hash.as_str()], "url": name });
        versions.entry(package.version.to_string()).or_default().insert(package.platform.to_string(), entry);
    }
    let parent = provider_path(directory, provider);
    for (version, archives) in &versions {
        write_json(&parent.join(format!("{version}.json")), &json!({ "archives": archives }))?;
    }
    let listed: BTreeMap<&String, Value> = versions.keys().map(|version| (version, json!({}))).collect();
    write_json(&parent.join("index.json"), &json!({ "versions": listed }))
}

fn write_json(path: &Path, value: &Value) -> Result<(), InstallError> {
    let mut text =
        serde_json::to_string_pretty(value).map_err(|error| at(path)(std::io::Error::other(error)))?;
    text.push('\n');
    std::fs::write(path, text).map_err(at(path))?;
    Ok(())
}

/// Makes an archive of an unpacked package.
pub(super) fn pack(source: &Path, file: &mut (impl Write + Seek)) -> Result<(), InstallError> {
    let failed = |error: zip::result::ZipError| at(source)(std::io::Error::other(error));
    let mut zip = zip::ZipWriter::new(file);
    let root = source.canonicalize().map_err(at(source))?;
    let mut pending = vec![(root, String::new())];
    while let Some((directory, prefix)) = pending.pop() {
        let mut entries = std::fs::read_dir(&directory)
            .and_then(|entries| entries.collect::<Result<Vec<_>, _>>())
            .map_err(at(&directory))?;
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            let path = entry.path();
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if path.is_dir() {
                pending.push((path, format!("{name}/")));
                continue;
            }
            use std::os::unix::fs::PermissionsExt;
            let mode = path.metadata().map_err(at(&path))?.permissions().mode() & 0o777;
            let options = zip::write::SimpleFileOptions::default().unix_permissions(mode).large_file(true);
            zip.start_file(name, options).map_err(failed)?;
            let mut content = std::fs::File::open(&path).map_err(at(&path))?;
            std::io::copy(&mut content, &mut zip).map_err(at(&path))?;
        }
    }
    zip.finish().map_err(failed)?;
    Ok(())
}
