//! Records in compressed chunks.

use std::io::{Read, Write};
use std::sync::{Arc, OnceLock};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

const MAGIC: &[u8; 8] = b"gromaAR1";
/// A chunk is full when it has this many bytes.
const CHUNK: usize = 24 * 1024;

/// Named records, decompressed when asked for.
pub struct Archive {
    bytes: &'static [u8],
    /// Sorted by name: chunk, offset in it, length.
    index: Vec<(Box<str>, u32, u32, u32)>,
    chunks: Vec<Chunk>,
}

struct Chunk {
    start: usize,
    length: usize,
    content: OnceLock<Option<Arc<[u8]>>>,
}

/// Makes an archive of records, which must be sorted by name.
pub fn write_archive(records: &[(String, Vec<u8>)]) -> std::io::Result<Vec<u8>> {
    let (mut index, mut chunks, mut body) = (String::new(), Vec::new(), Vec::new());
    let mut open: Vec<u8> = Vec::new();
    for (name, bytes) in records {
        if open.len() >= CHUNK {
            chunks.push(append_deflated(&mut body, &open)?);
            open.clear();
        }
        index.push_str(&format!("{name} {} {} {}\n", chunks.len(), open.len(), bytes.len()));
        open.extend_from_slice(bytes);
    }
    chunks.push(append_deflated(&mut body, &open)?);
    let lengths: Vec<String> = chunks.iter().map(usize::to_string).collect();
    let mut packed = Vec::new();
    let length = append_deflated(&mut packed, format!("{}\n{index}", lengths.join(" ")).as_bytes())?;
    let mut out = MAGIC.to_vec();
    out.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
    out.extend_from_slice(&packed);
    out.extend_from_slice(&body);
    Ok(out)
}

fn append_deflated(out: &mut Vec<u8>, raw: &[u8]) -> std::io::Result<usize> {
    let before = out.len();
    let mut encoder = DeflateEncoder::new(&mut *out, Compression::best());
    encoder.write_all(raw)?;
    encoder.finish()?;
    Ok(out.len() - before)
}

fn inflate(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    DeflateDecoder::new(bytes).read_to_end(&mut out).ok()?;
    Some(out)
}

impl Archive {
    /// Reads the index; `None` where the bytes are not an archive.
    pub fn open(bytes: &'static [u8]) -> Option<Archive> {
        let rest = bytes.strip_prefix(MAGIC.as_slice())?;
        let (length, rest) = rest.split_at_checked(4)?;
        let length = u32::from_le_bytes(length.try_into().ok()?) as usize;
        let (packed, body) = rest.split_at_checked(length)?;
        let text = String::from_utf8(inflate(packed)?).ok()?;
        let (lengths, index) = text.split_once('\n')?;
        let mut start = 0;
        let mut chunks = Vec::new();
        for length in lengths.split(' ') {
            let length: usize = length.parse().ok()?;
            chunks.push(Chunk { start, length, content: OnceLock::new() });
            start += length;
        }
        let entry = |line: &str| {
            let mut parts = line.split(' ');
            let name = parts.next()?.into();
            let mut number = || parts.next()?.parse().ok();
            Some((name, number()?, number()?, number()?))
        };
        let index = index.lines().map(entry).collect::<Option<Vec<_>>>()?;
        Some(Archive { bytes: body, index, chunks })
    }

    /// Calls a function with a record's bytes.
    pub fn with<T>(&self, name: &str, f: impl FnOnce(&[u8]) -> Option<T>) -> Option<T> {
        let at = self.index.binary_search_by(|(n, ..)| (**n).cmp(name)).ok()?;
        let (_, chunk, offset, length) = &self.index[at];
        let chunk = self.chunks.get(*chunk as usize)?;
        let content = chunk.content.get_or_init(|| {
            let packed = self.bytes.get(chunk.start..chunk.start + chunk.length)?;
            inflate(packed).map(Arc::from)
        });
        f(content.as_ref()?.get(*offset as usize..(*offset + *length) as usize)?)
    }

    /// The names that begin with `prefix`, without it, sorted.
    pub fn names<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a str> {
        let from = self.index.partition_point(|(n, ..)| &**n < prefix);
        self.index[from..].iter().map_while(move |(n, ..)| n.strip_prefix(prefix))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_come_back() {
        let mut records = Vec::new();
        for i in 0..500 {
            records.push((format!("r/type_{i:03}"), format!("content {i} ").repeat(i).into_bytes()));
        }
        records.push(("x/one".into(), Vec::new()));
        let bytes: &'static [u8] = Vec::leak(write_archive(&records).unwrap());
        let archive = Archive::open(bytes).unwrap();
        for (name, content) in &records {
            assert_eq!(archive.with(name, |b| Some(b.to_vec())).as_ref(), Some(content));
        }
        assert_eq!(archive.names("r/").count(), 500);
        assert_eq!(archive.names("x/").collect::<Vec<_>>(), ["one"]);
        assert!(archive.with("r/none", |_| Some(())).is_none());
        assert!(archive.chunks.len() > 10 && Archive::open(&bytes[1..]).is_none());
    }
}
