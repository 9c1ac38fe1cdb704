//! What names mean in the expressions of test files.

use groma_engine::{Evaluation, ModuleScope};
use groma_lang::ast::Ident;
use groma_lang::eval::{Resolved, Scope, Step};
use groma_lang::functions::Functions;
use groma_lang::{Diagnostic, Diagnostics, Span};
use groma_value::{Name, Value};
use std::collections::BTreeMap;

/// The outputs of the runs so far, by name of the run.
pub type RunOutputs = BTreeMap<Name, Value>;

/// Which runs a file has, and what is known of them.
#[derive(Clone, Copy)]
pub struct Runs<'a> {
    /// The names of all.
    pub all: &'a [Name],
    /// The outputs of those that were executed.
    pub done: &'a RunOutputs,
}

impl Runs<'_> {
    fn resolve(&self, steps: &[Step], span: Span, diags: &mut Diagnostics) -> Option<Resolved> {
        let Some(Step::Attr(name, _)) = steps.first() else {
            diags.error(span, "Invalid reference", "A run is referred to as run.NAME.OUTPUT.");
            return None;
        };
        match self.done.get(name) {
            Some(v) => Some(Resolved { value: v.clone(), consumed: 1 }),
            None => {
                diags.push(self.unavailable(name, span));
                None
            }
        }
    }

    /// Why there are no outputs of a run.
    pub fn unavailable(&self, name: &str, span: Span) -> Diagnostic {
        if self.all.iter().any(|n| &**n == name) {
            Diagnostic::error(
                "Reference to unavailable run block",
                format!("The run {name:?} has not been executed yet. Only runs that stand above can be referred to."),
            )
            .at(span)
        } else {
            let near = groma_lang::diag::suggest(name, self.all.iter().map(|n| &**n));
            let hint = near.map(|n| format!(" Did you mean {n:?}?")).unwrap_or_default();
            Diagnostic::error(
                "Reference to unknown run block",
                format!("There is no run {name:?} in this file.{hint}"),
            )
            .at(span)
        }
    }
}

/// The names in values of variables and in provider blocks.
pub struct FileScope<'a> {
    /// Variables.
    pub variables: &'a dyn Fn(&str, Span, &mut Diagnostics) -> Option<Value>,
    /// Runs; `None` where they cannot be referred to.
    pub runs: Option<Runs<'a>>,
    /// Functions.
    pub functions: &'a Functions,
}

/// The place of a reference: its first name and the step that belongs to it.
fn span_of(root: &Ident, steps: &[Step]) -> Span {
    steps.first().map_or(root.span, |s| root.span.to(s.span()))
}

impl Scope for FileScope<'_> {
    fn resolve(&self, root: &Ident, steps: &[Step], diags: &mut Diagnostics) -> Option<Resolved> {
        let span = span_of(root, steps);
        match (&*root.name, steps.first(), &self.runs) {
            ("var", Some(Step::Attr(name, _)), _) => {
                let value = (self.variables)(name, span, diags)?;
                Some(Resolved { value, consumed: 1 })
            }
            ("run", _, Some(runs)) => runs.resolve(steps, span, diags),
            ("run", _, None) => {
                diags.error(
                    span,
                    "Invalid reference",
                    "The variables of a file are the same for all runs, so they cannot refer to one. Set the variable in the run that needs it.",
                );
                None
            }
            _ => {
                diags.error(
                    span,
                    "Invalid reference",
                    "Here only variables (var.NAME) and outputs of earlier runs (run.NAME.OUTPUT) can be referred to.",
                );
                None
            }
        }
    }
    fn functions(&self) -> &Functions {
        self.functions
    }
}

/// The names in assertions: those of the module that was run, its outputs, the
/// test's variables and earlier runs.
pub struct AssertScope<'a> {
    /// The root module.
    pub module: &'a ModuleScope<'a>,
    /// For outputs.
    pub evaluation: &'a Evaluation<'a>,
    /// The module's outputs and variables.
    pub declared: &'a groma_config::Module,
    /// Values of variables that the module does not declare.
    pub extra: &'a BTreeMap<Name, Value>,
    /// Runs.
    pub runs: Runs<'a>,
}

impl Scope for AssertScope<'_> {
    fn resolve(&self, root: &Ident, steps: &[Step], diags: &mut Diagnostics) -> Option<Resolved> {
        let span = span_of(root, steps);
        match (&*root.name, steps.first()) {
            ("run", _) => self.runs.resolve(steps, span, diags),
            ("output", Some(Step::Attr(name, _))) if self.declared.outputs.contains_key(name) => {
                let value = self.evaluation.output(name).unwrap_or_else(Value::dynamic);
                Some(Resolved { value, consumed: 1 })
            }
            ("output", Some(Step::Attr(name, _))) => {
                diags.push(undeclared_output(name, span, self.declared));
                None
            }
            ("output", _) => {
                diags.error(span, "Invalid reference", "An output is referred to as output.NAME.");
                None
            }
            ("var", Some(Step::Attr(name, _))) if !self.declared.variables.contains_key(name) => {
                match self.extra.get(name) {
                    Some(v) => Some(Resolved { value: v.clone(), consumed: 1 }),
                    None => self.module.resolve(root, steps, diags),
                }
            }
            _ => self.module.resolve(root, steps, diags),
        }
    }
    fn functions(&self) -> &Functions {
        self.module.functions()
    }
}

/// The error for an output that there is not.
pub fn undeclared_output(name: &str, span: Span, module: &groma_config::Module) -> Diagnostic {
    let near = groma_lang::diag::suggest(name, module.outputs.keys().map(|n| &**n));
    let hint = near.map(|n| format!(" Did you mean {n:?}?")).unwrap_or_default();
    Diagnostic::error(
        "Reference to undeclared output value",
        format!("The module that is run has no output {name:?}.{hint}"),
    )
    .at(span)
}
