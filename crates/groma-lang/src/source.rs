//! Source files and places in them.

use crate::diag::Diagnostics;
use crate::outline::Node;
use std::fmt;
use std::sync::{Arc, OnceLock, RwLock};
use unicode_segmentation::UnicodeSegmentation;

/// A file in [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

/// A range of bytes in a file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// From byte offsets.
    pub fn new(file: FileId, start: usize, end: usize) -> Span {
        Span { file, start: start as u32, end: end as u32 }
    }
    /// From the start of this to the end of `other` (same file).
    pub fn to(self, other: Span) -> Span {
        Span { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }
    /// The empty range at the start.
    pub fn start_point(self) -> Span {
        Span { end: self.start, ..self }
    }
    /// The empty range at the end.
    pub fn end_point(self) -> Span {
        Span { start: self.end, ..self }
    }
    /// Length in bytes.
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }
    /// Whether it has no bytes.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}..{}", self.file.0, self.start, self.end)
    }
}

/// A place for people: both count from 1. Columns count grapheme clusters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in grapheme clusters, from 1.
    pub column: u32,
    /// Byte offset in the file, from 0.
    pub byte: u32,
}

/// One source file.
#[derive(Debug)]
pub struct SourceFile {
    /// Its id.
    pub id: FileId,
    /// The name for messages: the path as the user would write it, e.g. `modules/net/main.tf`.
    pub name: String,
    /// The text, as UTF-8.
    pub text: Arc<str>,
    line_starts: Vec<u32>,
    outline: OnceLock<Vec<Node>>,
}

impl SourceFile {
    /// The position of byte `offset`. O(log lines + length of the line).
    pub fn position(&self, offset: u32) -> Position {
        let offset = offset.min(self.text.len() as u32);
        let line = self.line_starts.partition_point(|&s| s <= offset) - 1;
        let start = self.line_starts[line] as usize;
        let before = self.text.get(start..offset as usize).unwrap_or("");
        Position { line: line as u32 + 1, column: before.graphemes(true).count() as u32 + 1, byte: offset }
    }
    /// The line (from 1) that byte `offset` is in. O(log lines).
    pub fn line_of(&self, offset: u32) -> u32 {
        self.line_starts.partition_point(|&s| s <= offset) as u32
    }
    /// The text of line `line` (from 1) without its line ending.
    pub fn line(&self, line: u32) -> &str {
        let i = line as usize - 1;
        let Some(&start) = self.line_starts.get(i) else { return "" };
        let end = self.line_starts.get(i + 1).map_or(self.text.len(), |&e| e as usize);
        self.text[start as usize..end].trim_end_matches(['\n', '\r'])
    }
    /// The byte at which line `line` (from 1) starts; the length of the text when there is no such line.
    pub fn line_start(&self, line: u32) -> usize {
        self.line_starts.get(line as usize - 1).map_or(self.text.len(), |&s| s as usize)
    }
    /// The named ranges of the file, made by `make` when first asked for.
    pub(crate) fn outline(&self, make: impl FnOnce() -> Vec<Node>) -> &[Node] {
        self.outline.get_or_init(make)
    }
    /// The text of a span.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or("")
    }
}

/// All source files of a run. Files are only ever added.
#[derive(Debug, Default)]
pub struct Sources(RwLock<Vec<Arc<SourceFile>>>);

impl Sources {
    /// No files.
    pub fn new() -> Sources {
        Sources::default()
    }
    /// Adds a file. A byte order mark may stay: the parsers skip it.
    pub fn add(&self, name: impl Into<String>, text: impl Into<Arc<str>>) -> Arc<SourceFile> {
        let text: Arc<str> = text.into();
        let mut line_starts = vec![0];
        line_starts.extend(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i as u32 + 1));
        let mut files = self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        let file = Arc::new(SourceFile {
            id: FileId(files.len() as u32),
            name: name.into(),
            text,
            line_starts,
            outline: OnceLock::new(),
        });
        files.push(file.clone());
        file
    }
    /// Adds a file as it was read. What is not UTF-8 is reported and replaced.
    pub fn add_bytes(
        &self,
        name: impl Into<String>,
        bytes: Vec<u8>,
        diags: &mut Diagnostics,
    ) -> Arc<SourceFile> {
        match String::from_utf8(bytes) {
            Ok(text) => self.add(name, text),
            Err(error) => {
                let bad = error.utf8_error().valid_up_to();
                let file = self.add(name, String::from_utf8_lossy(error.as_bytes()));
                diags.error(
                    Span::new(file.id, bad, bad + char::REPLACEMENT_CHARACTER.len_utf8()),
                    "Invalid character encoding",
                    "Files must be in the UTF-8 encoding, and this is not. Set the encoding in your editor.",
                );
                file
            }
        }
    }
    /// The file.
    ///
    /// # Panics
    /// When `id` is of other `Sources`.
    pub fn get(&self, id: FileId) -> Arc<SourceFile> {
        self.0.read().unwrap_or_else(std::sync::PoisonError::into_inner)[id.0 as usize].clone()
    }
    /// All files in the order in which they were added.
    pub fn all(&self) -> Vec<Arc<SourceFile>> {
        self.0.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}
