//! Marks: facts about where a value came from, which follow it through
//! expressions (a sensitive input makes a sensitive result).

use std::collections::BTreeSet;
use std::sync::Arc;

/// One mark on a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mark {
    /// Must not be shown.
    Sensitive,
    /// Comes from a module output that is declared sensitive, and is hidden like what is
    /// `Sensitive`. But it may be used where that is refused (keys of instances, root outputs):
    /// Terraform 1.11 forgets that such an output is sensitive, and what works there has to
    /// work here.
    SensitiveOutput,
    /// Must not be stored: exists only during one run.
    Ephemeral,
    /// Comes from something deprecated; the text says what to use instead.
    Deprecated(Arc<str>),
    /// Stands in for what is only known after creation (see the prover's worlds): it
    /// identifies an object, and says nothing about addresses or numbers. A condition with
    /// this mark counts as unknown.
    Invented,
}

/// A set of marks; empty for most values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Marks(BTreeSet<Mark>);

impl Marks {
    /// No marks.
    pub fn new() -> Marks {
        Marks::default()
    }
    /// Only `Sensitive`.
    pub fn sensitive() -> Marks {
        Marks::from_iter([Mark::Sensitive])
    }
    /// Only `Ephemeral`.
    pub fn ephemeral() -> Marks {
        Marks::from_iter([Mark::Ephemeral])
    }
    /// Whether there is no mark.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// Whether `mark` is among them.
    pub fn contains(&self, mark: &Mark) -> bool {
        self.0.contains(mark)
    }
    /// Whether the value must not be shown.
    pub fn is_sensitive(&self) -> bool {
        self.contains(&Mark::Sensitive) || self.contains(&Mark::SensitiveOutput)
    }
    /// Whether `Ephemeral` is among them.
    pub fn is_ephemeral(&self) -> bool {
        self.contains(&Mark::Ephemeral)
    }
    /// Adds all marks of `other`.
    pub fn extend(&mut self, other: &Marks) {
        self.0.extend(other.0.iter().cloned());
    }
    /// Adds one mark.
    pub fn insert(&mut self, mark: Mark) {
        self.0.insert(mark);
    }
    /// Removes one mark.
    pub fn remove(&mut self, mark: &Mark) {
        self.0.remove(mark);
    }
    /// The marks in a fixed order.
    pub fn iter(&self) -> impl Iterator<Item = &Mark> {
        self.0.iter()
    }
    /// Both sets together.
    pub fn union(&self, other: &Marks) -> Marks {
        let mut out = self.clone();
        out.extend(other);
        out
    }
}

impl FromIterator<Mark> for Marks {
    fn from_iter<I: IntoIterator<Item = Mark>>(iter: I) -> Self {
        Marks(iter.into_iter().collect())
    }
}
