//! The argument `checksum` of an address.

use aws_lc_rs::digest::{self, Algorithm, Context};
use md5::{Digest, Md5};
use std::io::Read;
use std::path::Path;

/// What a file must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Checksum {
    /// `md5`, `sha1`, `sha256` or `sha512`.
    kind: &'static str,
    /// In lower-case hexadecimal.
    value: String,
}

/// The argument `checksum`: the checksum, or where a list has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Given(Checksum),
    /// The address of the list.
    Listed(String),
}

impl Wanted {
    /// Reads the argument. The error is a sentence.
    pub fn parse(text: &str) -> Result<Wanted, String> {
        match text.strip_prefix("file:") {
            Some(list) => Ok(Wanted::Listed(list.to_owned())),
            None => Checksum::parse(text).map(Wanted::Given),
        }
    }
}

/// The kinds with the number of their hexadecimal digits.
const KINDS: &[(&str, usize)] = &[("md5", 32), ("sha1", 40), ("sha256", 64), ("sha512", 128)];

impl Checksum {
    /// Reads `sha256:abc...`; without a kind, the length tells it. The error is a sentence.
    pub fn parse(text: &str) -> Result<Checksum, String> {
        let (kind, value) = match text.split_once(':') {
            Some((k, v)) => (KINDS.iter().find(|(name, _)| *name == k), v),
            None => (KINDS.iter().find(|(_, digits)| *digits == text.len()), text),
        };
        let Some((kind, digits)) = kind else {
            return Err(format!(
                "The checksum \"{text}\" is of no known kind: write sha256:..., or sha512, sha1 or md5. checksum=file:URL names a list of checksums."
            ));
        };
        if value.len() != *digits || !value.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(format!("The checksum \"{text}\" does not have {digits} hexadecimal digits."));
        }
        Ok(Checksum { kind, value: value.to_ascii_lowercase() })
    }

    /// The checksum of the file `name` in a list, as `sha256sum` or BSD's `sha256` write it; a
    /// line of nothing but a checksum is that of any file. The first that fits counts.
    pub fn listed(list: &str, name: &str) -> Option<Checksum> {
        list.lines().find_map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let (kind, value, file) = match *words {
                [value] => (None, value, None),
                [value, file] => (None, value, Some(file.strip_prefix('*').unwrap_or(file))),
                [kind, file, "=", value] => {
                    let file = file.strip_prefix('(').and_then(|f| f.strip_suffix(')'))?;
                    (Some(kind.to_ascii_lowercase()), value, Some(file))
                }
                _ => return None,
            };
            if file.is_some_and(|f| f.strip_prefix("./").unwrap_or(f) != name) {
                return None;
            }
            let text = kind.map(|k| format!("{k}:{value}")).unwrap_or_else(|| value.to_owned());
            Checksum::parse(&text).ok()
        })
    }

    /// Holds a file against it. The error is a sentence.
    pub fn verify(&self, path: &Path) -> Result<(), String> {
        let found = match self.kind {
            "md5" => {
                let mut sum = Md5::new();
                read(path, &mut |b| sum.update(b))?;
                hex(&sum.finalize())
            }
            kind => {
                let algorithm: &'static Algorithm = match kind {
                    "sha1" => &digest::SHA1_FOR_LEGACY_USE_ONLY,
                    "sha512" => &digest::SHA512,
                    _ => &digest::SHA256,
                };
                let mut sum = Context::new(algorithm);
                read(path, &mut |b| sum.update(b))?;
                hex(sum.finish().as_ref())
            }
        };
        if found == self.value {
            return Ok(());
        }
        Err(format!(
            "The file does not have the {} checksum {} that the source asks for, but {found}: it is another file than the one that was meant.",
            self.kind, self.value
        ))
    }
}

fn read(path: &Path, each: &mut dyn FnMut(&[u8])) -> Result<(), String> {
    let failed = |e| format!("{} cannot be read: {e}.", path.display());
    let mut file = std::fs::File::open(path).map_err(failed)?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer).map_err(failed)? {
            0 => return Ok(()),
            n => each(&buffer[..n]),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_checked() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        std::fs::write(&path, "abc").unwrap();
        for good in [
            "md5:900150983cd24fb0d6963f7d28e17f72",
            "sha1:A9993E364706816ABA3E25717850C26C9CD0D89D",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        ] {
            assert_eq!(Checksum::parse(good).unwrap().verify(&path), Ok(()), "{good}");
        }
        let other = Checksum::parse("md5:900150983cd24fb0d6963f7d28e17f73").unwrap();
        assert!(other.verify(&path).unwrap_err().contains("900150983cd24fb0d6963f7d28e17f72"));
        let md5 = "900150983cd24fb0d6963f7d28e17f72";
        for (list, found) in [
            (format!("{md5}  f"), true),
            (format!("# all\n\n{}  other\n{md5} *./f\n", "0".repeat(32)), true),
            (format!("MD5 (f) = {md5}"), true),
            (md5.to_owned(), true),
            (format!("{md5}  other"), false),
            (format!("{md5}  folder/f"), false),
            (format!("SHA256 (f) = {md5}"), false),
            (String::new(), false),
        ] {
            let listed = Checksum::listed(&list, "f");
            assert_eq!(listed.is_some_and(|c| c.verify(&path).is_ok()), found, "{list}");
        }
        for bad in ["md5:00", "crc:00", "abc", "file:http://h/sums"] {
            assert!(Checksum::parse(bad).is_err(), "{bad}");
        }
    }
}
