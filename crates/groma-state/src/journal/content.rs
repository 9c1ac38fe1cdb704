//! What a journal's file says.

use super::change::{self, Change, RawChanges};
use crate::error::StateError;
use crate::file::read::Reader;
use crate::file::{self, StateFile};
use crate::json_text::Writer;
use crate::model::State;
use serde::Deserialize;

/// A journal that was read.
#[derive(Clone, Debug)]
pub struct JournalContent {
    /// The lineage of the state that it continues.
    pub lineage: String,
    /// The serial of the state that it continues.
    pub serial: u64,
    /// The changes, in order.
    pub records: Vec<Vec<Change>>,
    /// The last state that was to be written.
    seal: Option<Seal>,
    /// The number of the first line that is damaged although others follow.
    pub damaged: Option<usize>,
}

#[derive(Clone, Debug, Deserialize)]
struct Seal {
    serial: u64,
    length: u64,
    checksum: u32,
    /// How many records it includes.
    included: u64,
}

/// How a journal relates to a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// The state lacks all changes from this record on. Where this is the number
    /// of records, it lacks none.
    Continues(usize),
    /// The state has been changed by others since, or is another one.
    Diverged,
}

impl JournalContent {
    /// How this relates to the state that is stored (`None`: none is).
    pub fn relation(&self, stored: Option<&StateFile>) -> Relation {
        let Some(file) = stored else {
            // A state that is gone was removed on purpose; one that never was can continue.
            return if self.serial == 0 { Relation::Continues(0) } else { Relation::Diverged };
        };
        if file.lineage != self.lineage {
            return Relation::Diverged;
        }
        if file.serial == self.serial {
            return Relation::Continues(0);
        }
        match &self.seal {
            Some(seal) if seal.serial == file.serial => {
                let written = file::write(&StateFile {
                    terraform_version: file::TERRAFORM_VERSION.into(),
                    ..file.clone()
                });
                match written {
                    Ok(b) if b.len() as u64 == seal.length && crc32(&b) == seal.checksum => {
                        let included = usize::try_from(seal.included).unwrap_or(usize::MAX);
                        Relation::Continues(included.min(self.records.len()))
                    }
                    _ => Relation::Diverged,
                }
            }
            _ => Relation::Diverged,
        }
    }

    /// Applies the changes from record `from` on.
    pub fn replay(&self, from: usize, state: &mut State) {
        for change in self.records.iter().skip(from).flatten() {
            change.apply(state);
        }
    }
}

const CRC: [u32; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        let mut c = i as u32;
        let mut k = 0;
        while k < 8 {
            c = if c & 1 == 1 { 0xedb8_8320 ^ (c >> 1) } else { c >> 1 };
            k += 1;
        }
        table[i] = c;
        i += 1;
    }
    table
};

/// CRC-32 as in zip files.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |c, b| CRC[((c ^ u32::from(*b)) & 0xff) as usize] ^ (c >> 8))
}

fn line(json: &str) -> String {
    format!("{:08x} {json}\n", crc32(json.as_bytes()))
}

pub(super) fn header_line(lineage: &str, serial: u64) -> String {
    let mut w = Writer::compact();
    w.object(|w| {
        w.key("groma_journal");
        w.display(1);
        w.key("lineage");
        w.string(lineage);
        w.key("serial");
        w.display(serial);
    });
    line(&w.into_text())
}

pub(super) fn changes_line(changes: &[Change]) -> Result<String, StateError> {
    let mut w = Writer::compact();
    let mut result = Ok(());
    w.array(changes, |w, c| {
        if let Err(e) = c.write(w) {
            result = Err(e);
        }
    });
    result.map(|()| line(&w.into_text()))
}

pub(super) fn seal_line(serial: u64, bytes: &[u8], included: u64) -> String {
    let (length, checksum) = (bytes.len(), crc32(bytes));
    line(&format!(
        "{{\"serial\":{serial},\"length\":{length},\"checksum\":{checksum},\"included\":{included}}}"
    ))
}

/// Whether a line is a seal; of those after the first, only seals are objects.
pub(super) fn is_seal(line: &[u8]) -> bool {
    line.get(9) == Some(&b'{')
}

/// The JSON of a line, if its checksum is right.
fn checked(line: &str) -> Option<&str> {
    let (sum, json) = line.strip_suffix('\n')?.split_once(' ')?;
    (u32::from_str_radix(sum, 16).ok()? == crc32(json.as_bytes())).then_some(json)
}

pub(super) fn parse(bytes: &[u8]) -> Result<JournalContent, StateError> {
    #[derive(Deserialize)]
    struct Header {
        groma_journal: u64,
        lineage: String,
        serial: u64,
    }
    let bad = |what: &str| StateError::invalid("Invalid journal", what.to_owned());
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.split_inclusive('\n').enumerate().peekable();
    let mut content =
        JournalContent { lineage: String::new(), serial: 0, records: Vec::new(), seal: None, damaged: None };
    match lines.next().and_then(|(_, l)| checked(l)) {
        Some(json) => {
            let h: Header =
                serde_json::from_str(json).map_err(|_| bad("The first record does not name a state."))?;
            if h.groma_journal != 1 {
                return Err(bad("It was written by a newer version of Groma; use that version."));
            }
            (content.lineage, content.serial) = (h.lineage, h.serial);
        }
        // Killed while the first record was written: nothing was reported yet.
        None if lines.peek().is_none() => return Ok(content),
        None => return Err(bad("The first record is damaged.")),
    }
    let mut reader = Reader::default();
    while let Some((n, l)) = lines.next() {
        let Some(json) = checked(l) else {
            // The last one was being written when the process ended.
            if lines.peek().is_some() {
                content.damaged = Some(n + 1);
            }
            break;
        };
        if json.starts_with('{') {
            content.seal = serde_json::from_str(json).ok();
            continue;
        }
        let raw: RawChanges<'_> = serde_json::from_str(json)
            .map_err(|e| bad(&format!("Line {} cannot be understood: {e}.", n + 1)))?;
        let record = raw.into_iter().map(|c| change::read(c, &mut reader)).collect::<Result<_, _>>()?;
        content.records.push(record);
    }
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_zip() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }
}
