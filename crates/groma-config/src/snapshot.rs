//! A configuration as it was once, to be loaded without the files: saved plans
//! carry one.

use crate::manifest::Manifest;
use groma_lang::Sources;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Texts of files by name, and the record of installed modules.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// The texts by name, as [`Sources`] names files: `main.tf`, `modules/net/main.tf`.
    pub files: BTreeMap<String, Arc<str>>,
    /// The installed modules.
    pub manifest: Manifest,
}

impl Snapshot {
    /// Of all files that were read so far.
    pub fn of(sources: &Sources, manifest: Manifest) -> Snapshot {
        let files = sources.all().into_iter().map(|f| (f.name.clone(), f.text.clone())).collect();
        Snapshot { files, manifest }
    }

    /// Names (without directory) and texts of the files in a directory.
    pub(crate) fn in_dir<'a>(&'a self, dir: &'a Path) -> impl Iterator<Item = (&'a str, &'a Arc<str>)> {
        let dir = if dir == Path::new(".") { Path::new("") } else { dir };
        self.files.iter().filter_map(move |(path, text)| {
            let path = Path::new(path);
            let name = path.file_name()?.to_str()?;
            (path.parent()? == dir).then_some((name, text))
        })
    }
}
