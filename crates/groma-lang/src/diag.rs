//! Diagnostics: what is wrong, where, and what to do about it.

use crate::source::Span;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The run goes on.
    Warning,
    /// The run cannot go on.
    Error,
}

/// An error or a warning.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// A few words, no period: "Unsupported argument".
    pub summary: String,
    /// Sentences: the cause and the remedy. May have several paragraphs.
    pub detail: String,
    /// The place.
    pub subject: Option<Span>,
    /// A wider range to show around the place.
    pub context: Option<Span>,
    /// The values that took part: expression text and description
    /// ("`var.x` is list of string with 3 elements"), in order of appearance.
    pub values: Vec<ValueNote>,
    /// The resource instance or other object that it is about.
    pub address: Option<String>,
    /// The function whose call failed, for renderers that show its signature.
    pub function: Option<String>,
    /// The condition that does not hold, or cannot be told yet.
    pub origin: Option<std::sync::Arc<RuleOrigin>>,
}

/// Whose condition it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleOrigin {
    /// The kind of object, as in plan JSON: `resource`, `output_value`, `check`, `var`.
    pub kind: &'static str,
    /// The object's address without instance keys: `module.a.aws_vpc.main`, `output.id`.
    pub object: String,
    /// The instance's address.
    pub instance: String,
}

/// One value that took part in a failed evaluation.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueNote {
    /// The expression as written: `var.x`.
    pub expr: String,
    /// The statement: `is "abc"`, `is list of string with 3 elements`, `has a sensitive value`.
    pub statement: String,
}

impl Diagnostic {
    /// An error.
    pub fn error(summary: impl Into<String>, detail: impl Into<String>) -> Diagnostic {
        Diagnostic {
            severity: Severity::Error,
            summary: summary.into(),
            detail: detail.into(),
            subject: None,
            context: None,
            values: Vec::new(),
            address: None,
            function: None,
            origin: None,
        }
    }
    /// A warning.
    pub fn warning(summary: impl Into<String>, detail: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(summary, detail) }
    }
    /// With the place.
    pub fn at(mut self, span: Span) -> Diagnostic {
        self.subject = Some(span);
        self
    }
    /// With a wider range to show.
    pub fn within(mut self, span: Span) -> Diagnostic {
        self.context = Some(span);
        self
    }
    /// With the object that it is about.
    pub fn about(mut self, address: impl std::fmt::Display) -> Diagnostic {
        self.address = Some(address.to_string());
        self
    }
    /// Whether it is an error.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Diagnostics in the order in which they were found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// None.
    pub fn new() -> Diagnostics {
        Diagnostics::default()
    }
    /// Adds one.
    pub fn push(&mut self, d: Diagnostic) {
        self.0.push(d);
    }
    /// Adds an error at a place.
    pub fn error(&mut self, span: Span, summary: impl Into<String>, detail: impl Into<String>) {
        self.push(Diagnostic::error(summary, detail).at(span));
    }
    /// Adds a warning at a place.
    pub fn warning(&mut self, span: Span, summary: impl Into<String>, detail: impl Into<String>) {
        self.push(Diagnostic::warning(summary, detail).at(span));
    }
    /// Adds all of `other`.
    pub fn extend(&mut self, other: impl IntoIterator<Item = Diagnostic>) {
        self.0.extend(other);
    }
    /// Whether there is an error among them.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(Diagnostic::is_error)
    }
    /// Whether there are none at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }
    /// In order.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }
    /// In order, to change.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, Diagnostic> {
        self.0.iter_mut()
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}
impl From<Diagnostic> for Diagnostics {
    fn from(d: Diagnostic) -> Diagnostics {
        Diagnostics(vec![d])
    }
}

/// The candidate that `given` is likely to be a misspelling of: the nearest one
/// with fewer than three edits; among equals the first.
pub fn suggest<'a>(given: &str, candidates: impl Iterator<Item = &'a str>) -> Option<String> {
    candidates
        .map(|c| (distance(given, c), c))
        .filter(|(d, _)| *d < 3)
        .min_by_key(|(d, _)| *d)
        .map(|(_, c)| c.to_owned())
}

/// Levenshtein distance in characters; counts to three at most.
fn distance(a: &str, b: &str) -> usize {
    const ENOUGH: usize = 3;
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    if a.len().abs_diff(b.len()) >= ENOUGH {
        return ENOUGH;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()].min(ENOUGH)
}
