//! Paths into values: `.attr` and `[index]` steps.

use crate::types::Name;
use crate::value::Value;
use std::fmt;

/// One step of a [`Path`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathStep {
    /// Into an object attribute.
    Attr(Name),
    /// Into a list or tuple (number), a map (string), or a set (the element itself).
    Index(Value),
}

/// A path from a value to a value within it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path(pub Vec<PathStep>);

impl Path {
    /// The empty path: the value itself.
    pub fn new() -> Path {
        Path::default()
    }
    /// This path with `.name` appended.
    pub fn attr(&self, name: impl Into<Name>) -> Path {
        let mut p = self.0.clone();
        p.push(PathStep::Attr(name.into()));
        Path(p)
    }
    /// This path with `[key]` appended.
    pub fn index(&self, key: Value) -> Path {
        let mut p = self.0.clone();
        p.push(PathStep::Index(key));
        Path(p)
    }
    /// Appends in place.
    pub fn push(&mut self, step: PathStep) {
        self.0.push(step);
    }
    /// Removes the last step.
    pub fn pop(&mut self) -> Option<PathStep> {
        self.0.pop()
    }
    /// The steps.
    pub fn steps(&self) -> &[PathStep] {
        &self.0
    }
    /// Whether the path has no steps.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// Whether `self` begins with all steps of `prefix`.
    pub fn starts_with(&self, prefix: &Path) -> bool {
        self.0.len() >= prefix.0.len() && self.0[..prefix.0.len()] == prefix.0[..]
    }
    /// The value at this path, or `None` where a step does not apply.
    /// Marks met on the way are added to the result; an unknown on the way
    /// gives an unknown of the type that the path leads to.
    pub fn apply(&self, value: &Value) -> Option<Value> {
        let mut cur = value.clone();
        for step in &self.0 {
            cur = match step {
                PathStep::Attr(n) => cur.get_attr(n)?,
                PathStep::Index(k) => cur.get_index(k)?,
            };
        }
        Some(cur)
    }
}

/// Prints `.a.b[0]["k"]`, with a leading dot.
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for s in &self.0 {
            match s {
                PathStep::Attr(n) => write!(f, ".{n}")?,
                PathStep::Index(Value::String(s)) => write!(f, "[{s:?}]")?,
                PathStep::Index(Value::Number(n)) => write!(f, "[{n}]")?,
                PathStep::Index(_) => f.write_str("[...]")?,
            }
        }
        Ok(())
    }
}

/// An error at a place within a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathError {
    /// Where in the value.
    pub path: Path,
    /// What is wrong, without the place; no trailing period.
    pub message: String,
}

impl PathError {
    /// An error at `path`.
    pub fn new(path: Path, message: impl Into<String>) -> PathError {
        PathError { path, message: message.into() }
    }
    /// An error at the value itself.
    pub fn here(message: impl Into<String>) -> PathError {
        PathError::new(Path::new(), message)
    }
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            f.write_str(&self.message)
        } else {
            write!(f, "{}: {}", self.path, self.message)
        }
    }
}
impl std::error::Error for PathError {}
