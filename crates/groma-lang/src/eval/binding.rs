//! Scopes made of plain values, and the empty one.

use super::{Resolved, Scope, Step, quote};
use crate::ast::Ident;
use crate::diag::{Diagnostics, suggest};
use crate::functions::Functions;
use groma_value::{Fields, Name, Value};
use std::sync::OnceLock;

/// A scope in which each name stands for a value: the variables of a template
/// file, for instance, or a test.
pub struct Bindings<'a> {
    values: Fields,
    functions: &'a Functions,
}

impl<'a> Bindings<'a> {
    /// A scope with these names and functions.
    pub fn new<N: Into<Name>>(
        values: impl IntoIterator<Item = (N, Value)>,
        functions: &'a Functions,
    ) -> Bindings<'a> {
        Bindings { values: values.into_iter().collect(), functions }
    }
}

impl Scope for Bindings<'_> {
    fn resolve(&self, root: &Ident, _steps: &[Step], diags: &mut Diagnostics) -> Option<Resolved> {
        if let Some(v) = self.values.get(&root.name) {
            return Some(Resolved { value: v.clone(), consumed: 0 });
        }
        if self.values.is_empty() {
            diags.error(root.span, "Variables not allowed", "Variables may not be used here.");
            return None;
        }
        let hint = suggest(&root.name, self.values.names().map(|n| &**n))
            .map(|n| format!(" Did you mean {}?", quote(&n)))
            .unwrap_or_default();
        let detail = format!("There is no variable named {}.{hint}", quote(&root.name));
        diags.error(root.span, "Unknown variable", detail);
        None
    }

    fn functions(&self) -> &Functions {
        self.functions
    }
}

/// The scope of constant expressions: no names, no functions.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nothing;

impl Scope for Nothing {
    fn resolve(&self, root: &Ident, _steps: &[Step], diags: &mut Diagnostics) -> Option<Resolved> {
        diags.error(root.span, "Variables not allowed", "Variables may not be used here.");
        None
    }

    fn functions(&self) -> &Functions {
        static NONE: OnceLock<Functions> = OnceLock::new();
        NONE.get_or_init(Functions::default)
    }
}
