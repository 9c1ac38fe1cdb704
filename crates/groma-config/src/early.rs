//! Values that are known before anything is installed or read: input variables, local values and
//! paths, as OpenTofu (since 1.8) and Terraform (since 1.15) allow them in the sources and
//! versions of modules, and OpenTofu in `backend` blocks.

use crate::load::LoadOptions;
use crate::model::{Module, ModuleCall};
use crate::source_addr::ModuleSource;
use crate::variables::{VariableInputs, argument_value, collect_variables};
use groma_lang::ast::Body;
use groma_lang::eval::{Resolved, Scope, Step, evaluate};
use groma_lang::functions::{FunctionContext, Functions};
use groma_lang::{Diagnostic, Diagnostics, Expr, Ident, Sources, Span};
use groma_value::version::Constraints;
use groma_value::{Mark, Name, Type, Value, convert};
use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, HashSet};

/// What is said of the root module from outside.
#[derive(Clone, Debug, Default)]
pub struct EarlyInputs {
    /// Values of its variables.
    pub variables: VariableInputs,
    /// The workspace.
    pub workspace: String,
}

/// Where the values of a module's variables are.
#[derive(Clone, Copy)]
enum Given<'a> {
    Root,
    Call(&'a EarlyScope<'a>, &'a Body),
}

/// The names of a module that mean something early.
pub struct EarlyScope<'a> {
    module: &'a Module,
    given: Given<'a>,
    sources: &'a Sources,
    options: &'a LoadOptions,
    inputs: OnceCell<BTreeMap<Name, Option<Value>>>,
    functions: OnceCell<Functions>,
    /// Local values that are being evaluated.
    busy: RefCell<HashSet<Name>>,
}

impl<'a> EarlyScope<'a> {
    /// That of the root module.
    pub fn root(module: &'a Module, sources: &'a Sources, options: &'a LoadOptions) -> EarlyScope<'a> {
        EarlyScope::new(module, Given::Root, sources, options)
    }

    /// That of a module that is called with the arguments in `body`.
    pub(crate) fn called(&'a self, module: &'a Module, body: &'a Body) -> EarlyScope<'a> {
        EarlyScope::new(module, Given::Call(self, body), self.sources, self.options)
    }

    fn new(
        module: &'a Module,
        given: Given<'a>,
        sources: &'a Sources,
        options: &'a LoadOptions,
    ) -> EarlyScope<'a> {
        EarlyScope {
            module,
            given,
            sources,
            options,
            inputs: OnceCell::new(),
            functions: OnceCell::new(),
            busy: RefCell::default(),
        }
    }

    /// Works out the constant variables of a module that is called, for what is wrong with them.
    pub(crate) fn check_constants(&self, diags: &mut Diagnostics) {
        if matches!(self.given, Given::Call(..)) {
            for (name, v) in self.module.variables.iter().filter(|(_, v)| v.constant) {
                self.variable(name, v.span, diags);
            }
        }
    }

    /// A call with its source and version worked out. `None` after an error.
    pub(crate) fn call<'c>(
        &self,
        call: &'c ModuleCall,
        diags: &mut Diagnostics,
    ) -> Option<Cow<'c, ModuleCall>> {
        if call.source_expr.is_none() && call.version_expr.is_none() {
            return Some(Cow::Borrowed(call));
        }
        let mut out = call.clone();
        if let Some(e) = &call.source_expr {
            out.source = self.text(e, "source", diags)??;
        }
        if let Some(e) = &call.version_expr {
            let version = self.text(e, "version", diags)?;
            if let Some(v) = &version
                && let Err(why) = Constraints::parse(v)
            {
                diags.error(e.span, "Invalid version constraint", format!("{why}."));
                return None;
            }
            out.version = version.map(|v| (v, e.span));
        }
        if let Err(why) = ModuleSource::parse_call(&out) {
            let why = format!("The source is {:?} here. {why}", out.source);
            diags.error(call.source_span, "Invalid module source address", why);
            return None;
        }
        Some(Cow::Owned(out))
    }

    /// The text of an argument of a call; null for a version is none.
    fn text(&self, e: &Expr, what: &str, diags: &mut Diagnostics) -> Option<Option<String>> {
        let before = diags.len();
        let value = evaluate(e, self, diags);
        if diags.iter().skip(before).any(Diagnostic::is_error) {
            return None;
        }
        let mut bad = |why: &str| {
            diags.error(e.span, format!("Unsuitable module {what}"), why.to_owned());
            None
        };
        if !value.marks().is_empty() {
            return bad("It depends on a sensitive or ephemeral value, which cannot be kept secret here.");
        }
        match convert(&value, &Type::String) {
            Ok(v) if v.is_null() && what == "version" => Some(None),
            Ok(v) => match v.as_str() {
                Some(text) => Some(Some(text.to_owned())),
                None => bad("A string is needed that is known before anything is planned."),
            },
            Err(_) => bad("A string is needed."),
        }
    }

    fn variable(&self, name: &Name, span: Span, diags: &mut Diagnostics) -> Option<Value> {
        let Some(declared) = self.module.variables.get(name) else {
            let detail = format!("There is no variable named \"{name}\" in this module.");
            diags.error(span, "Reference to undeclared input variable", detail);
            return None;
        };
        let missing = |how: &str| {
            format!(
                "The variable \"{name}\" has no value, and what is said here must be known before anything is planned. {how}"
            )
        };
        const MISSING: &str = "No value for required variable";
        let value = match self.given {
            Given::Root => {
                let all = self.inputs.get_or_init(|| {
                    let mut found = Diagnostics::new();
                    let early = self.options.early.as_deref().cloned().unwrap_or_default();
                    let all = collect_variables(
                        self.module,
                        &early.variables,
                        self.sources,
                        self.options,
                        &mut found,
                    );
                    // Warnings come again when the values are used.
                    diags.extend(found.into_iter().filter(Diagnostic::is_error));
                    all.values.into_iter().map(|(n, v)| (n, v.value)).collect()
                });
                match all.get(name) {
                    Some(v) => v.clone()?,
                    None => {
                        let how = format!(
                            "Set it with -var={name}=..., in a file of variables, or as TF_VAR_{name}."
                        );
                        diags.error(span, MISSING, missing(&how));
                        return None;
                    }
                }
            }
            Given::Call(caller, body) => match body.attribute(name) {
                Some(a) => {
                    let before = diags.len();
                    let v = evaluate(&a.expr, caller, diags);
                    if diags.iter().skip(before).any(Diagnostic::is_error) {
                        return None;
                    }
                    match argument_value(declared, &v) {
                        Ok(v) => v,
                        // What is wrong with it is said when the call is checked.
                        Err(_) => Value::unknown(declared.ty.clone()),
                    }
                }
                None => match &declared.default {
                    Some(v) => v.clone(),
                    None => {
                        diags.error(span, MISSING, missing("The module that calls this one must set it."));
                        return None;
                    }
                },
            },
        };
        Some(match (declared.sensitive, declared.ephemeral) {
            (true, _) => value.mark(Mark::Sensitive),
            (_, true) => value.mark(Mark::Ephemeral),
            _ => value,
        })
    }

    fn local(&self, name: &Name, span: Span, diags: &mut Diagnostics) -> Option<Value> {
        let Some(local) = self.module.locals.get(name) else {
            let detail = format!("There is no local value named \"{name}\" in this module.");
            diags.error(span, "Reference to undeclared local value", detail);
            return None;
        };
        if !self.busy.borrow_mut().insert(name.clone()) {
            let detail = format!("The local value \"{name}\" refers to itself, directly or through others.");
            diags.error(span, "Circular reference", detail);
            return None;
        }
        let before = diags.len();
        let value = evaluate(&local.expr, self, diags);
        self.busy.borrow_mut().remove(name);
        (!diags.iter().skip(before).any(Diagnostic::is_error)).then_some(value)
    }
}

impl Scope for EarlyScope<'_> {
    fn resolve(&self, root: &Ident, steps: &[Step], diags: &mut Diagnostics) -> Option<Resolved> {
        let found = match (&*root.name, steps.first()) {
            ("var", Some(Step::Attr(name, span))) => self.variable(name, *span, diags),
            ("local", Some(Step::Attr(name, span))) => self.local(name, *span, diags),
            ("path", Some(Step::Attr(name, _))) if matches!(&**name, "module" | "root" | "cwd") => {
                let dir = match &**name {
                    "module" => self.module.dir.to_string_lossy().into_owned(),
                    _ => ".".to_owned(),
                };
                Some(Value::string(dir))
            }
            ("terraform" | "tofu", Some(Step::Attr(name, _))) if &**name == "workspace" => {
                self.options.early.as_ref().map(|e| Value::string(&e.workspace))
            }
            _ => {
                let detail = "This must be known before anything is installed or planned: only input variables (var), local values made of them (local), path and terraform.workspace can be used.";
                diags.error(root.span, "Variables not allowed", detail);
                None
            }
        };
        found.map(|value| Resolved { value, consumed: 1 })
    }

    fn functions(&self) -> &Functions {
        self.functions.get_or_init(|| {
            let base_dir = self.options.working_dir.clone();
            Functions::standard(&FunctionContext { base_dir, ..FunctionContext::default() })
        })
    }
}
