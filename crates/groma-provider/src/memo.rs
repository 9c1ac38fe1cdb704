//! What a provider found valid before.
//!
//! Whether a provider accepts a configuration depends on its program and the configuration, and
//! asking needs the process. A positive answer without any diagnostics is remembered, by a hash of
//! everything that went into it; all other answers are asked for again.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use aws_lc_rs::digest::{Context, SHA256};

/// The first half of a SHA-256.
type Key = [u8; 16];

/// A file has at most this many keys (4 MB); then it starts over.
const MAX_KEYS: usize = 1 << 18;

/// What the binary with one hash accepted.
pub(crate) struct Memo {
    known: Mutex<Known>,
    salt: Vec<u8>,
}

struct Known {
    keys: HashSet<Key>,
    /// Where new keys go; absent when nothing is kept on disk.
    file: Option<File>,
}

impl Memo {
    /// Remembers in memory only.
    pub(crate) fn in_memory() -> Self {
        Memo { known: Mutex::new(Known { keys: HashSet::new(), file: None }), salt: Vec::new() }
    }

    /// Remembers in a file; keys are appended, by several processes at once if need be. `salt`
    /// stands for everything else that answers depend on. A file that cannot be used is no error.
    pub(crate) fn open(path: &Path, salt: &[u8]) -> Self {
        let content = std::fs::read(path).unwrap_or_default();
        let (chunks, rest) = content.as_chunks::<16>();
        // A torn write would shift all keys after it; shifted keys match nothing, but fill the file.
        let start_over = chunks.len() >= MAX_KEYS || !rest.is_empty();
        let keys = if start_over { HashSet::new() } else { chunks.iter().copied().collect() };
        let file = path.parent().and_then(|directory| {
            std::fs::create_dir_all(directory).ok()?;
            if start_over {
                std::fs::remove_file(path).ok()?;
            }
            OpenOptions::new().create(true).append(true).open(path).ok()
        });
        Memo { known: Mutex::new(Known { keys, file }), salt: salt.to_owned() }
    }

    /// The key of a question: what was asked, about which type, with which encoded configuration.
    pub(crate) fn key(&self, question: &str, ty: &str, config: &[u8]) -> Key {
        let mut context = Context::new(&SHA256);
        for part in [question.as_bytes(), ty.as_bytes(), &self.salt] {
            context.update(&(part.len() as u64).to_le_bytes());
            context.update(part);
        }
        context.update(config);
        let mut key = [0; 16];
        key.copy_from_slice(&context.finish().as_ref()[..16]);
        key
    }

    /// Whether the answer was "no objections".
    pub(crate) fn contains(&self, key: &Key) -> bool {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).keys.contains(key)
    }

    /// Remembers that the answer was "no objections".
    pub(crate) fn insert(&self, key: Key) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.keys.insert(key)
            && let Some(file) = &mut known.file
        {
            // Not kept is asked again.
            let _ = file.write_all(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remembers_across_openings() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("sub").join("memo");
        let memo = Memo::open(&path, b"");
        let key = memo.key("resource", "aws_vpc", b"config");
        assert!(!memo.contains(&key));
        memo.insert(key);
        memo.insert(key);
        assert_eq!(std::fs::metadata(&path).unwrap().len(), 16);
        assert!(Memo::open(&path, b"").contains(&key));
        // Different questions, types, configurations and salts have different keys.
        let other = Memo::open(&path, b"salt");
        let keys = HashSet::from([
            key,
            memo.key("data", "aws_vpc", b"config"),
            memo.key("resource", "aws_vp", b"cconfig"),
            memo.key("resource", "aws_vpc", b"config2"),
            other.key("resource", "aws_vpc", b"config"),
        ]);
        assert_eq!(keys.len(), 5);
    }

    #[test]
    fn a_torn_file_starts_over() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("memo");
        std::fs::write(&path, [7; 20]).unwrap();
        let memo = Memo::open(&path, b"");
        assert!(!memo.contains(&[7; 16]));
        memo.insert([8; 16]);
        assert!(Memo::open(&path, b"").contains(&[8; 16]));
    }

    #[test]
    fn works_without_a_place_to_write() {
        let memo = Memo::open(Path::new("/proc/nowhere/memo"), b"");
        memo.insert([1; 16]);
        assert!(memo.contains(&[1; 16]));
    }
}
