//! Evaluation of expressions.
//!
//! [`evaluate`] walks the syntax tree. A part that fails adds diagnostics and
//! counts as an unknown value of unknown type, so that one run reports as many
//! independent errors as possible. Names bound within the expression (by `for`
//! or a `dynamic` block) live in a linked list on the stack; every other name is
//! asked of the [`Scope`], with all the steps that follow it.

mod access;
mod binding;
mod call;
mod conditional;
mod constructors;
mod env;
mod iteration;
mod operators;
mod prefix;
mod template;
pub(crate) mod text;

pub use access::{AccessError, get_attr, index};
pub use binding::{Bindings, Nothing};
pub use env::{Cause, describe_value, value_notes, value_notes_caused};
pub use text::{quote, range_text};

pub(crate) use env::{Env, Local};
pub(crate) use iteration::{elements, is_iterable};

use crate::ast::{Expr, Ident, TraversalStep};
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

impl From<&TraversalStep> for Step {
    fn from(step: &TraversalStep) -> Step {
        match step {
            TraversalStep::Attr(name) => Step::Attr(name.name.clone(), name.span),
            TraversalStep::Index(key, span) => Step::Index(key.clone(), *span),
        }
    }
}

impl Step {
    /// The place of the step, for messages.
    pub fn span(&self) -> Span {
        match self {
            Step::Attr(_, s) | Step::Index(_, s) => *s,
        }
    }
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

    /// A place as text (`main.tf:3,5-9`), for the few messages that name places in
    /// their text; [`range_text`] makes it. Without it they do without.
    fn describe_span(&self, _span: Span) -> Option<String> {
        None
    }
}

/// The value of an expression. A part that fails adds diagnostics and counts as
/// an unknown value, so the result is incomplete where there are errors.
pub fn evaluate(expr: &Expr, scope: &dyn Scope, diags: &mut Diagnostics) -> Value {
    Env::new(scope).eval(expr, diags)
}

/// The value of an expression that may use neither names nor functions, such as
/// the default of a variable.
pub fn evaluate_constant(expr: &Expr, diags: &mut Diagnostics) -> Value {
    evaluate(expr, &Nothing, diags)
}

#[cfg(test)]
mod tests;
