//! The hash of a provider's binary, computed once a binary.
//!
//! Provider binaries have hundreds of megabytes. The hash is kept under a name made of the file's
//! path, size, times, device and inode, so that it is found again as long as the file is the same.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{Context, SHA256};

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// SHA-256 of everything a reader gives.
pub(crate) fn sha256(reader: &mut impl Read) -> io::Result<[u8; 32]> {
    let mut context = Context::new(&SHA256);
    let mut buffer = vec![0; 1 << 20];
    loop {
        match reader.read(&mut buffer)? {
            0 => break,
            n => context.update(&buffer[..n]),
        }
    }
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    Ok(hash)
}

/// The hash of the file at `path`, if it is remembered under `directory`.
pub(crate) fn noted(path: &Path, directory: &Path) -> io::Result<Option<String>> {
    Ok(read_note(&note_path(&path.canonicalize()?, directory)?))
}

fn read_note(note: &Path) -> Option<String> {
    let known = std::fs::read_to_string(note).ok()?;
    (known.len() == 64 && known.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(known)
}

/// The SHA-256 of the file at `path`, in hexadecimal, remembered under `directory` if one is given.
pub(crate) fn of_file(path: &Path, directory: Option<&Path>) -> io::Result<String> {
    // A mirror's binary is reached through links whose place does not matter.
    let path = path.canonicalize()?;
    let note = directory.map(|directory| note_path(&path, directory)).transpose()?;
    if let Some(known) = note.as_deref().and_then(read_note) {
        return Ok(known);
    }
    let hash = hex(&sha256(&mut File::open(&path)?)?);
    if let Some(note) = note {
        // Without the note the hash is computed again next time.
        let _ = crate::files::write_atomically(&note, hash.as_bytes());
    }
    Ok(hash)
}

fn note_path(path: &Path, directory: &Path) -> io::Result<PathBuf> {
    let meta = path.metadata()?;
    let mut context = Context::new(&SHA256);
    context.update(path.as_os_str().as_bytes());
    context.update(&[0]);
    for number in [meta.mtime(), meta.mtime_nsec(), meta.ctime(), meta.ctime_nsec()] {
        context.update(&number.to_le_bytes());
    }
    for number in [meta.size(), meta.dev(), meta.ino()] {
        context.update(&number.to_le_bytes());
    }
    Ok(directory.join(hex(&context.finish().as_ref()[..16])))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn remembers_until_the_file_changes() {
        let directory = tempfile::tempdir().unwrap();
        let (file, notes) = (directory.path().join("binary"), directory.path().join("notes"));
        std::fs::write(&file, "abc").unwrap();
        assert_eq!(of_file(&file, Some(&notes)).unwrap(), ABC);
        let note = std::fs::read_dir(&notes).unwrap().next().unwrap().unwrap().path();
        std::fs::write(&note, "f".repeat(64)).unwrap();
        assert_eq!(of_file(&file, Some(&notes)).unwrap(), "f".repeat(64));
        std::fs::write(&note, "damaged").unwrap();
        assert_eq!(of_file(&file, Some(&notes)).unwrap(), ABC);
        std::fs::write(&file, "abcd").unwrap();
        assert_ne!(of_file(&file, Some(&notes)).unwrap(), ABC);
        assert_eq!(of_file(&file, None).unwrap(), of_file(&file, Some(&notes)).unwrap());
    }
}
