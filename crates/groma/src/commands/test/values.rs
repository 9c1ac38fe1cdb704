//! Values of variables: from outside, of the file, of the run. Later ones win.

use super::names::{FileScope, Runs};
use super::setup::Setup;
use crate::session::Session;
use groma_config::testfile::{TestFile, VariableValue};
use groma_config::variables::{ArgumentError, InputSource, argument_value, collect_variables, parse_input};
use groma_config::{Module, Variable};
use groma_engine::VariableInput;
use groma_lang::ast::Ident;
use groma_lang::{Diagnostic, Diagnostics, Span};
use groma_value::{Name, Type, Value};
use std::collections::{BTreeMap, HashMap};

/// The values of variables in a run.
#[derive(Default)]
pub struct RunValues {
    /// Of the variables that the module declares.
    pub inputs: BTreeMap<Name, VariableInput>,
    /// Where they are written.
    pub spans: HashMap<Name, Span>,
    /// Of other names.
    pub extra: BTreeMap<Name, Value>,
    /// Of the file and from outside: what provider blocks may refer to.
    pub shared: Shared,
}

/// Values that hold for a whole file.
#[derive(Default)]
pub struct Shared {
    outside: BTreeMap<Name, Value>,
    /// For names that nobody declares.
    texts: BTreeMap<String, String>,
    file: BTreeMap<Name, Value>,
}

impl Shared {
    /// A variable as seen from a provider block or the variables of a run.
    pub fn get(&self, name: &str, span: Span, diags: &mut Diagnostics) -> Option<Value> {
        if let Some(v) = self.file.get(name) {
            return Some(v.clone());
        }
        self.outside(name, span, diags)
    }

    fn outside(&self, name: &str, span: Span, diags: &mut Diagnostics) -> Option<Value> {
        if let Some(v) = self.outside.get(name) {
            return Some(v.clone());
        }
        if let Some(text) = self.texts.get(name) {
            return parse_input(&undeclared(name, span), text, diags);
        }
        diags.error(
            span,
            "Reference to unavailable variable",
            format!(
                "No variable {name:?} is set here. Only variables that are set from outside (-var, files of values, the environment) or by the variables block of the file can be referred to."
            ),
        );
        None
    }
}

/// A variable without type, for a text whose variable nobody declares.
fn undeclared(name: &str, span: Span) -> Variable {
    Variable {
        name: Ident { name: name.into(), span },
        ty: Type::Dynamic,
        type_defaults: None,
        default: None,
        description: None,
        sensitive: false,
        ephemeral: false,
        nullable: true,
        constant: false,
        deprecated: None,
        validations: Vec::new(),
        parse_literal: false,
        span,
    }
}

/// The values of a run of `module`, or what is wrong with them.
pub fn collect(
    s: &Session,
    setup: &Setup<'_>,
    file: &TestFile,
    run: &groma_config::testfile::Run,
    (main, module): (&Module, &Module),
    runs: Runs<'_>,
    diags: &mut Diagnostics,
) -> RunValues {
    let mut out = RunValues::default();
    let load = s.load_options();
    // What the module under test declares can be referred to also where another one is run.
    for m in [main, module] {
        let (inputs, texts) = setup.inputs(&file.name, m);
        let mut found = Diagnostics::new();
        let collected = collect_variables(m, &inputs, &s.sources, &load, &mut found);
        diags.extend(found.into_iter().filter(Diagnostic::is_error));
        out.shared.texts = texts;
        out.inputs.clear();
        for (name, v) in collected.values {
            let Some(value) = v.value else { continue };
            let set = v.source != InputSource::Default;
            if set {
                out.shared.outside.insert(name.clone(), value.clone());
            }
            out.inputs.insert(name, VariableInput { value, set });
        }
        if std::ptr::eq(main, module) {
            break;
        }
    }
    let values = {
        let shared = &out.shared;
        let outside = |n: &str, span: Span, d: &mut Diagnostics| shared.outside(n, span, d);
        let scope = FileScope { variables: &outside, runs: None, functions: &setup.functions };
        evaluate(&file.variables, &scope, diags)
    };
    out.shared.file = values.iter().map(|(v, x)| (v.name.name.clone(), x.clone())).collect();
    set(&mut out, values, module, diags);
    let values = {
        let shared = &out.shared;
        let get = |n: &str, span: Span, d: &mut Diagnostics| shared.get(n, span, d);
        let scope = FileScope { variables: &get, runs: Some(runs), functions: &setup.functions };
        evaluate(&run.variables, &scope, diags)
    };
    for (v, _) in values.iter().filter(|(v, _)| !module.variables.contains_key(&v.name.name)) {
        let near = groma_lang::diag::suggest(&v.name.name, module.variables.keys().map(|n| &**n));
        let hint = near.map(|n| format!(" Did you mean {n:?}?")).unwrap_or_default();
        diags.warning(
            v.span,
            "Value for undeclared variable",
            format!("The module that is run has no variable {:?}.{hint}", v.name.name),
        );
    }
    set(&mut out, values, module, diags);
    let wrong = diags.has_errors();
    for (name, v) in &module.variables {
        if !out.inputs.contains_key(name) && v.default.is_none() && !wrong {
            missing(v, run, diags);
        }
    }
    out
}

fn missing(v: &Variable, run: &groma_config::testfile::Run, diags: &mut Diagnostics) {
    let name = &v.name.name;
    diags.error(
        v.span,
        "No value for required variable",
        format!(
            "The variable {name:?} has no default, and the run {:?} gives it no value. Set it in a variables block of the run or of the file, or by -var or -var-file.",
            run.name.name
        ),
    );
}

fn evaluate<'v>(
    list: &'v [VariableValue],
    scope: &FileScope<'_>,
    diags: &mut Diagnostics,
) -> Vec<(&'v VariableValue, Value)> {
    let mut out = Vec::new();
    for v in list {
        let mut found = Diagnostics::new();
        let value = groma_lang::eval::evaluate(&v.expr, scope, &mut found);
        if !found.has_errors() && !value.is_wholly_known() {
            found.error(
                v.expr.span,
                "Reference to unknown value",
                format!(
                    "The value of {:?} is not known: it comes from a run that only planned. Use command = apply there, or another value.",
                    v.name.name
                ),
            );
        }
        if !found.has_errors() {
            out.push((v, value));
        }
        diags.extend(found);
    }
    out
}

fn set(out: &mut RunValues, values: Vec<(&VariableValue, Value)>, module: &Module, diags: &mut Diagnostics) {
    for (v, value) in values {
        let name = v.name.name.clone();
        let Some(declared) = module.variables.get(&name) else {
            out.extra.insert(name, value);
            continue;
        };
        let why = match argument_value(declared, &value.unmark_deep().0) {
            Ok(value) => {
                out.spans.insert(name.clone(), v.span);
                out.inputs.insert(name, VariableInput { value, set: true });
                continue;
            }
            Err(ArgumentError::Unsuitable(e)) => format!("The value does not fit var.{name}: {e}."),
            Err(ArgumentError::Null) => format!("The value is null, but var.{name} may not be null."),
        };
        diags.error(v.expr.span, "Invalid value for input variable", why);
    }
}
