//! Archives: zip, and tar as it is or compressed by gzip, bzip2 or xz.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path};

/// A kind of archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Zip,
    Tar,
    TarGz,
    TarBz2,
    TarXz,
    /// Known, but not to be unpacked: its name.
    Unsupported(&'static str),
}

impl Kind {
    /// The kind that the end of a name tells.
    pub fn of_name(name: &str) -> Option<Kind> {
        const ENDS: &[(&str, Kind)] = &[
            (".zip", Kind::Zip),
            (".tar.gz", Kind::TarGz),
            (".tgz", Kind::TarGz),
            (".tar.xz", Kind::TarXz),
            (".txz", Kind::TarXz),
            (".tar.bz2", Kind::TarBz2),
            (".tbz2", Kind::TarBz2),
            (".tar.zst", Kind::Unsupported("tar.zst")),
            (".tzst", Kind::Unsupported("tar.zst")),
            (".tar", Kind::Tar),
            (".gz", Kind::Unsupported("gz")),
            (".xz", Kind::Unsupported("xz")),
            (".bz2", Kind::Unsupported("bz2")),
        ];
        ENDS.iter().find(|(end, _)| name.ends_with(end)).map(|(_, kind)| *kind)
    }
}

/// Unpacks to the directory `target`, which does not exist. The error is a sentence.
pub(crate) fn unpack(archive: &Path, kind: Kind, target: &Path) -> Result<(), String> {
    let file = File::open(archive).map_err(|e| format!("{} cannot be read: {e}.", archive.display()))?;
    std::fs::create_dir_all(target).map_err(|e| format!("{} cannot be made: {e}.", target.display()))?;
    let unusable = |e: io::Error| format!("The archive is not usable: {e}.");
    match kind {
        Kind::Zip => unzip(file, target),
        Kind::Tar => untar(BufReader::new(file), target).map_err(unusable),
        Kind::TarGz => {
            untar(flate2::bufread::MultiGzDecoder::new(BufReader::new(file)), target).map_err(unusable)
        }
        Kind::TarBz2 => {
            untar(bzip2::bufread::MultiBzDecoder::new(BufReader::new(file)), target).map_err(unusable)
        }
        Kind::TarXz => untar(lzma_rust2::XzReader::new(BufReader::new(file), true), target).map_err(unusable),
        Kind::Unsupported(name @ ("gz" | "xz" | "bz2")) => {
            Err(format!("A single file compressed as .{name} is no package of files."))
        }
        Kind::Unsupported(name) => Err(format!(
            "Archives of the kind {name} are not read. Publish it as tar.gz, tar.bz2, tar.xz or zip."
        )),
    }
}

fn untar(reader: impl Read, target: &Path) -> io::Result<()> {
    let mut archive = tar::Archive::new(reader);
    archive.set_preserve_mtime(false);
    archive.set_preserve_permissions(false);
    archive.set_unpack_xattrs(false);
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        inside(&path)?;
        if entry.header().entry_type().is_symlink()
            && let Some(link) = entry.link_name()?
        {
            link_inside(&path, &link)?;
        }
        entry.unpack_in(target)?;
    }
    Ok(())
}

fn unzip(file: File, target: &Path) -> Result<(), String> {
    let invalid = |e: zip::result::ZipError| format!("The archive is not usable: {e}.");
    let mut zip = zip::ZipArchive::new(BufReader::new(file)).map_err(invalid)?;
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).map_err(invalid)?;
        let Some(name) = entry.enclosed_name() else {
            return Err(format!("The archive holds the file name {:?}, which is not allowed.", entry.name()));
        };
        let path = target.join(&name);
        let failed = |e: io::Error| format!("{} cannot be unpacked: {e}.", name.display());
        if entry.is_dir() {
            std::fs::create_dir_all(&path).map_err(failed)?;
            continue;
        }
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(failed)?;
        }
        if entry.is_symlink() {
            let mut link = String::new();
            entry.read_to_string(&mut link).map_err(failed)?;
            link_inside(&name, Path::new(&link)).map_err(failed)?;
            std::os::unix::fs::symlink(link, &path).map_err(failed)?;
            continue;
        }
        // A link that the archive made before must not lead the file elsewhere.
        if path.symlink_metadata().is_ok() {
            std::fs::remove_file(&path).map_err(failed)?;
        }
        let mut out = File::create(&path).map_err(failed)?;
        io::copy(&mut entry, &mut out).map_err(failed)?;
        if let Some(mode) = entry.unix_mode() {
            let mode = std::fs::Permissions::from_mode(mode & 0o777 | 0o600);
            out.set_permissions(mode).map_err(failed)?;
        }
    }
    Ok(())
}

fn refused(why: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

/// Refuses names that lead out of the archive.
fn inside(path: &Path) -> io::Result<()> {
    if path.components().all(|c| matches!(c, Component::Normal(_) | Component::CurDir)) {
        return Ok(());
    }
    Err(refused(format!("it holds the file name {:?}, which is not allowed", path.display().to_string())))
}

/// Refuses links that lead out of the archive.
fn link_inside(path: &Path, link: &Path) -> io::Result<()> {
    let mut depth = path.components().filter(|c| matches!(c, Component::Normal(_))).count() as i64 - 1;
    for c in link.components() {
        match c {
            Component::CurDir => {}
            Component::Normal(_) => depth += 1,
            Component::ParentDir => depth -= 1,
            Component::RootDir | Component::Prefix(_) => depth = -1,
        }
        if depth < 0 {
            let (path, link) = (path.display().to_string(), link.display().to_string());
            return Err(refused(format!("its link {path:?} to {link:?} leads out of it")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_kind() {
        assert_eq!(Kind::of_name("https://h/x.tar.gz"), Some(Kind::TarGz));
        assert_eq!(Kind::of_name("x.tgz"), Some(Kind::TarGz));
        assert_eq!(Kind::of_name("x.git"), None);
        assert_eq!(Kind::of_name("x.gz"), Some(Kind::Unsupported("gz")));
    }

    #[test]
    fn what_leads_out_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let archive = dir.path().join("a.tar");
        let mut tar = tar::Builder::new(File::create(&archive).unwrap());
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Symlink);
        header.set_size(0);
        tar.append_link(&mut header, "a/link", "../../etc").unwrap();
        tar.finish().unwrap();
        let why = unpack(&archive, Kind::Tar, &dir.path().join("out")).unwrap_err();
        assert!(why.contains("leads out of it"), "{why}");
        std::fs::write(&archive, "nonsense").unwrap();
        for kind in
            [Kind::Tar, Kind::TarGz, Kind::TarBz2, Kind::TarXz, Kind::Zip, Kind::Unsupported("tar.zst")]
        {
            assert!(unpack(&archive, kind, &dir.path().join("x")).is_err(), "{kind:?}");
        }
    }
}
