//! Directories of fetched packages.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// A path below another, either of which may be empty.
pub(super) fn join(a: &str, b: &str) -> String {
    match (a, b) {
        ("", s) | (s, "") => s.to_owned(),
        (a, b) => format!("{a}/{b}"),
    }
}

/// A directory within a package; a pattern with `*` must match exactly one. The error is a
/// sentence.
pub fn subdirectory(package: &Path, subdir: &str) -> Result<String, String> {
    if subdir.is_empty() {
        return Ok(String::new());
    }
    let mut found = vec![String::new()];
    for part in subdir.split('/') {
        let mut next = Vec::new();
        for base in &found {
            if !part.contains(['*', '?', '[']) {
                next.extend(package.join(base).join(part).is_dir().then(|| join(base, part)));
                continue;
            }
            let entries = std::fs::read_dir(package.join(base)).into_iter().flatten().flatten();
            for e in entries {
                let name = e.file_name().to_string_lossy().into_owned();
                if e.path().is_dir() && groma_lang::functions::glob_matches(part, &name) {
                    next.push(join(base, &name));
                }
            }
        }
        found = next;
    }
    match &found[..] {
        [one] => Ok(one.clone()),
        [] => Err(format!("The package has no directory \"{subdir}\".")),
        several => {
            Err(format!("Several directories of the package fit \"{subdir}\": {}.", several.join(", ")))
        }
    }
}

/// A path without symbolic links, relative where the links are.
pub(super) fn resolve_links(base: &Path, path: &Path) -> PathBuf {
    let mut done = PathBuf::new();
    let mut rest: Vec<std::ffi::OsString> = path.iter().rev().map(|c| c.to_owned()).collect();
    // Links that go round in circles are left as they are.
    let mut budget = 255;
    while let Some(part) = rest.pop() {
        let here = done.join(&part);
        match std::fs::read_link(base.join(&here)) {
            Ok(target) if budget > 0 => {
                budget -= 1;
                if target.is_absolute() {
                    done = PathBuf::new();
                }
                rest.extend(target.iter().rev().map(|c| c.to_owned()));
            }
            _ if part == ".." && done.file_name().is_some() => _ = done.pop(),
            _ if part == "." => {}
            _ => done = here,
        }
    }
    if done.as_os_str().is_empty() { PathBuf::from(".") } else { done }
}

/// Copies a directory with everything in it whose name is `wanted`; links stay links.
pub fn copy_directory(from: &Path, to: &Path, wanted: fn(&OsStr) -> bool) -> std::io::Result<()> {
    if let Ok(target) = std::fs::read_link(from) {
        return std::os::unix::fs::symlink(target, to);
    }
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        if !wanted(&entry.file_name()) {
            continue;
        }
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type()?;
        if kind.is_dir() || kind.is_symlink() {
            copy_directory(&path, &target, wanted)?;
        } else {
            std::fs::copy(&path, &target)?;
        }
    }
    Ok(())
}

pub(super) fn remove(dir: &Path) -> std::io::Result<()> {
    match std::fs::symlink_metadata(dir) {
        Err(_) => Ok(()),
        Ok(m) if m.is_dir() => std::fs::remove_dir_all(dir),
        Ok(_) => std::fs::remove_file(dir),
    }
}
