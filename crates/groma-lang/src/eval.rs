//! Evaluation of expressions.

use crate::ast::Ident;
use crate::diag::Diagnostics;
use crate::source::Span;
use groma_value::{Name, Value};

/// A step after a name, with its index evaluated.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// `.name`
    Attr(Name, Span),
    /// `[key]`; the key may be unknown or marked.
    Index(Value, Span),
}

/// What a scope found for a reference.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The value.
    pub value: Value,
    /// How many of the steps led to it. The evaluator applies the others.
    pub consumed: usize,
}

/// Gives meaning to names. `aws_vpc.main[3].id` asks for the root `aws_vpc` with
/// steps `.main`, `[3]`, `.id`; a scope that takes the first two steps into
/// account touches one instance only, which keeps references cheap.
pub trait Scope {
    /// The value that `root` followed by some first `steps` refers to. On an
    /// error, adds diagnostics and returns `None` (the evaluator carries on with
    /// an unknown value).
    fn resolve(&self, root: &Ident, steps: &[Step], diags: &mut Diagnostics) -> Option<Resolved>;

    /// The functions that may be called.
    fn functions(&self) -> &crate::functions::Functions;
}
