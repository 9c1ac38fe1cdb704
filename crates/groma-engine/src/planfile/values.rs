//! Values of a plan: bytes one after the other, named by their places.

use groma_value::{Mark, Marks, Name, Path, PathStep, Type, Value, msgpack};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A place among the bytes: offset and length.
pub(super) type Place = (u64, u64);

/// A value: where its bytes are, and its marks.
#[derive(Serialize, Deserialize)]
pub(super) struct ValueDoc {
    at: Place,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    marks: Vec<(PathDoc, Vec<MarkDoc>)>,
}

/// A path; keys are values.
pub(super) type PathDoc = Vec<StepDoc>;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum StepDoc {
    Attr(Name),
    Index(Place),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum MarkDoc {
    Sensitive,
    Ephemeral,
    Deprecated(Arc<str>),
    Invented,
    SensitiveOutput,
}

/// The bytes while a plan is written.
#[derive(Default)]
pub(super) struct Writer {
    pub bytes: Vec<u8>,
}

impl Writer {
    pub fn bytes(&mut self, bytes: &[u8]) -> Place {
        let at = self.bytes.len() as u64;
        self.bytes.extend_from_slice(bytes);
        (at, bytes.len() as u64)
    }
    fn plain(&mut self, v: &Value) -> Result<Place, String> {
        let bytes = msgpack::encode(v, &Type::Dynamic).map_err(|e| e.to_string())?;
        Ok(self.bytes(&bytes))
    }
    pub fn value(&mut self, v: &Value) -> Result<ValueDoc, String> {
        let (plain, marks) = v.unmark_deep_with_paths();
        let at = self.plain(&plain)?;
        let marks = marks
            .iter()
            .map(|(p, m)| Ok((self.path(p)?, m.iter().map(mark_doc).collect())))
            .collect::<Result<_, String>>()?;
        Ok(ValueDoc { at, marks })
    }
    pub fn path(&mut self, p: &Path) -> Result<PathDoc, String> {
        p.steps()
            .iter()
            .map(|s| match s {
                PathStep::Attr(n) => Ok(StepDoc::Attr(n.clone())),
                PathStep::Index(v) => Ok(StepDoc::Index(self.plain(v)?)),
            })
            .collect()
    }
}

fn mark_doc(m: &Mark) -> MarkDoc {
    match m {
        Mark::Sensitive => MarkDoc::Sensitive,
        Mark::SensitiveOutput => MarkDoc::SensitiveOutput,
        Mark::Ephemeral => MarkDoc::Ephemeral,
        Mark::Deprecated(text) => MarkDoc::Deprecated(text.clone()),
        Mark::Invented => MarkDoc::Invented,
    }
}

/// The bytes of a plan that is read.
pub(super) struct Reader<'a>(pub &'a [u8]);

impl Reader<'_> {
    pub fn bytes(&self, (at, len): Place) -> Result<&[u8], String> {
        let end = at.checked_add(len).and_then(|e| usize::try_from(e).ok());
        let range = usize::try_from(at).ok().zip(end);
        range.and_then(|(a, e)| self.0.get(a..e)).ok_or_else(|| "a value is missing".to_owned())
    }
    fn plain(&self, at: Place) -> Result<Value, String> {
        msgpack::decode(self.bytes(at)?, &Type::Dynamic).map_err(|e| e.to_string())
    }
    pub fn value(&self, doc: &ValueDoc) -> Result<Value, String> {
        let plain = self.plain(doc.at)?;
        let marks = doc
            .marks
            .iter()
            .map(|(p, m)| Ok((self.path(p)?, m.iter().map(mark).collect::<Marks>())))
            .collect::<Result<Vec<_>, String>>()?;
        Ok(plain.mark_with_paths(&marks))
    }
    pub fn path(&self, doc: &PathDoc) -> Result<Path, String> {
        let step = |s: &StepDoc| match s {
            StepDoc::Attr(n) => Ok(PathStep::Attr(n.clone())),
            StepDoc::Index(at) => Ok(PathStep::Index(self.plain(*at)?)),
        };
        doc.iter().map(step).collect::<Result<_, String>>().map(Path)
    }
}

fn mark(m: &MarkDoc) -> Mark {
    match m {
        MarkDoc::Sensitive => Mark::Sensitive,
        MarkDoc::SensitiveOutput => Mark::SensitiveOutput,
        MarkDoc::Ephemeral => Mark::Ephemeral,
        MarkDoc::Deprecated(text) => Mark::Deprecated(text.clone()),
        MarkDoc::Invented => Mark::Invented,
    }
}
