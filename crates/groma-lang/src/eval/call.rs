//! Function calls.

use super::env::Env;
use super::quote;
use crate::ast::{Expr, ExprKind, Ident, TemplatePart};
use crate::diag::{Diagnostic, Diagnostics, suggest};
use crate::functions::{Function, Parameter};
use crate::source::Span;
use groma_value::{Type, Value, convert};
use std::sync::Arc;

/// The parts of a call.
pub(super) struct Call<'e> {
    /// All of it.
    pub expr: &'e Expr,
    /// The name.
    pub name: &'e Ident,
    /// The arguments.
    pub args: &'e [Expr],
    /// Whether the last one is expanded.
    pub expand: bool,
    /// From `(` to `)`.
    pub parens: Span,
}

/// An argument: an expression, or an element of the one that is expanded.
enum Argument<'e> {
    Written(&'e Expr),
    Expanded(Value, &'e Expr),
}

impl<'e> Argument<'e> {
    fn expr(&self) -> &'e Expr {
        match self {
            Argument::Written(e) | Argument::Expanded(_, e) => e,
        }
    }
    /// Where messages about it point at.
    fn place(&self) -> Span {
        match self {
            Argument::Written(e) => start_span(e),
            Argument::Expanded(_, e) => e.span,
        }
    }
    fn eval(&self, env: &Env<'_>, diags: &mut Diagnostics) -> Value {
        match self {
            Argument::Written(e) => env.eval(e, diags),
            Argument::Expanded(v, _) => v.clone(),
        }
    }
}

/// What is called.
#[derive(Clone)]
enum Callee {
    /// `try`: takes expressions, not values.
    Try,
    /// `can`: takes an expression, not a value.
    Can,
    /// `convert`: takes a value and a type.
    Convert,
    Plain(Arc<Function>),
}

const INVALID: &str = "Invalid function argument";

impl Env<'_> {
    pub(super) fn eval_call(&self, call: &Call<'_>, diags: &mut Diagnostics) -> Value {
        if self.scope.functions().names().next().is_none() {
            let detail = "Functions may not be called here.";
            self.report(call.expr, call.expr.span, "Function calls not allowed", detail, diags);
            return Value::dynamic();
        }
        let callee = match &*call.name.name {
            "try" | "core::try" => Callee::Try,
            "can" | "core::can" => Callee::Can,
            "convert" | "core::convert" => Callee::Convert,
            name => match self.scope.functions().get(name) {
                Some(f) => Callee::Plain(f.clone()),
                None => {
                    self.unknown_function(call, diags);
                    return Value::dynamic();
                }
            },
        };
        let before = diags.len();
        let Some(args) = self.arguments(call, diags) else { return Value::dynamic() };
        if !self.check_count(call, &callee, &args, diags) {
            return Value::dynamic();
        }
        let function = match callee {
            Callee::Try => return self.eval_try(call, &args, diags),
            Callee::Can => return self.eval_can(&args[0]),
            Callee::Convert => return self.eval_convert(call, &args, diags),
            Callee::Plain(f) => f,
        };
        let renders = &*function.name == "templatestring";
        if renders && !self.check_template_argument(call, &function, &args, diags) {
            return Value::dynamic();
        }
        let values: Vec<Value> = args
            .iter()
            .enumerate()
            .map(|(i, arg)| {
                let value = arg.eval(self, diags);
                let Some(p) = parameter(&function, i) else { return value };
                let converted = match renders && i == 0 {
                    true => template_text(value),
                    false => convert(&value, &p.ty).map_err(|e| e.message),
                };
                converted.unwrap_or_else(|e| {
                    self.invalid_argument(call, arg, &p.name, &e, diags);
                    Value::dynamic()
                })
            })
            .collect();
        if diags.iter().skip(before).any(Diagnostic::is_error) {
            return Value::dynamic();
        }
        match function.call_with(&values) {
            Ok(v) => v,
            Err(e) => {
                let param = e.argument.and_then(|i| Some((i, parameter(&function, i)?)));
                match param {
                    Some((i, p)) => match args.get(i) {
                        Some(arg) => self.invalid_argument(call, arg, &p.name, &e.message, diags),
                        None => {
                            let detail =
                                format!("Invalid value for {} parameter: {}.", quote(&p.name), e.message);
                            let d = Diagnostic::error(INVALID, detail).at(call.expr.span);
                            diags.push(self.call_diagnostic(d, call, call.expr));
                        }
                    },
                    None => self.call_failed(call, &e.message, diags),
                }
                Value::dynamic()
            }
        }
    }

    /// The diagnostic as one about this call. In a scope of its own, that of a
    /// `for` for instance, Terraform does not know the signature to show.
    fn call_diagnostic(&self, d: Diagnostic, call: &Call<'_>, about: &Expr) -> Diagnostic {
        let mut d = self.noted(d, about);
        if self.locals.is_none() {
            d.function = Some(call.name.name.to_string());
        }
        d
    }

    fn call_failed(&self, call: &Call<'_>, reason: &str, diags: &mut Diagnostics) {
        let detail = format!("Call to function {} failed: {reason}.", quote(&call.name.name));
        let d = Diagnostic::error("Error in function call", detail);
        let d = d.at(start_span(call.expr)).within(call.expr.span);
        diags.push(self.call_diagnostic(d, call, call.expr));
    }

    fn invalid_argument(
        &self,
        call: &Call<'_>,
        arg: &Argument<'_>,
        parameter: &str,
        reason: &str,
        diags: &mut Diagnostics,
    ) {
        let detail = format!("Invalid value for {} parameter: {reason}.", quote(parameter));
        let d = Diagnostic::error(INVALID, detail).at(arg.place()).within(call.expr.span);
        let expanded = matches!(arg, Argument::Expanded(..));
        let mut d = self.call_diagnostic(d, call, arg.expr());
        if expanded {
            // The elements are values of their own, made by no expression.
            d.values.clear();
        }
        diags.push(d);
    }

    /// The arguments with the last one expanded; `None` after an error, and where
    /// their number is not known.
    fn arguments<'e>(&self, call: &Call<'e>, diags: &mut Diagnostics) -> Option<Vec<Argument<'e>>> {
        let mut args: Vec<Argument<'e>> = call.args.iter().map(Argument::Written).collect();
        if !call.expand {
            return Some(args);
        }
        let expr = args.pop()?.expr();
        let before = diags.len();
        let value = self.eval(expr, diags);
        if diags.iter().skip(before).any(Diagnostic::is_error) {
            return None;
        }
        let (value, marks) = value.unmark();
        let problem = match &value {
            Value::Null(Type::Dynamic | Type::Tuple(_) | Type::List(_) | Type::Set(_)) => {
                "The expanding argument (indicated by ...) must not be null."
            }
            Value::Unknown(Type::Dynamic | Type::Tuple(_) | Type::List(_) | Type::Set(_), _) => return None,
            Value::List(_) | Value::Tuple(_) | Value::Set(_) => {
                let items = value.as_elements().unwrap_or_default();
                args.extend(items.iter().map(|v| Argument::Expanded(v.clone().with_marks(&marks), expr)));
                return Some(args);
            }
            _ => "The expanding argument (indicated by ...) must be of a tuple, list, or set type.",
        };
        let d = Diagnostic::error("Invalid expanding argument value", problem);
        diags.push(self.call_diagnostic(d.at(expr.span).within(call.expr.span), call, expr));
        None
    }

    fn check_count(
        &self,
        call: &Call<'_>,
        callee: &Callee,
        args: &[Argument<'_>],
        diags: &mut Diagnostics,
    ) -> bool {
        let (wanted, variadic, missing) = match callee {
            Callee::Try => (0, true, ""),
            Callee::Can => (1, false, "expression"),
            Callee::Convert => (2, false, if args.is_empty() { "value" } else { "type" }),
            Callee::Plain(f) => {
                (f.params.len(), f.variadic.is_some(), f.params.get(args.len()).map_or("", |p| &p.name))
            }
        };
        let name = quote(&call.name.name);
        let d = if args.len() < wanted {
            let at_least = if variadic { " at least" } else { "" };
            let detail = format!(
                "Function {name} expects{at_least} {wanted} argument(s). Missing value for {}.",
                quote(missing)
            );
            let close = Span { start: call.parens.end.saturating_sub(1), ..call.parens };
            Diagnostic::error("Not enough function arguments", detail).at(close)
        } else if let (false, Some(extra)) = (variadic, args.get(wanted)) {
            let detail = format!("Function {name} expects only {wanted} argument(s).");
            Diagnostic::error("Too many function arguments", detail).at(extra.place())
        } else {
            return true;
        };
        diags.push(self.call_diagnostic(d.within(call.expr.span), call, call.expr));
        false
    }

    /// The first expression that has no errors. One that is not wholly known may
    /// still fail once it is, so the result is unknown then.
    fn eval_try(&self, call: &Call<'_>, args: &[Argument<'_>], diags: &mut Diagnostics) -> Value {
        if args.is_empty() {
            self.call_failed(call, "at least one argument is required", diags);
            return Value::dynamic();
        }
        let mut all = Diagnostics::new();
        for arg in args {
            let before = all.len();
            let value = arg.eval(self, &mut all);
            if !all.iter().skip(before).any(Diagnostic::is_error) {
                return if value.is_wholly_known() { value } else { Value::dynamic() };
            }
        }
        let mut reason = String::from("no expression succeeded:\n");
        for d in &all {
            let place = d.subject.and_then(|s| self.scope.describe_span(s));
            let place = place.map(|p| format!(" (at {p})")).unwrap_or_default();
            reason.push_str(&format!("- {}{place}\n  {}\n", d.summary, d.detail));
        }
        reason.push_str("\nAt least one expression must produce a successful result");
        self.call_failed(call, &reason, diags);
        Value::dynamic()
    }

    /// A value as one of the type that the second argument is.
    fn eval_convert(&self, call: &Call<'_>, args: &[Argument<'_>], diags: &mut Diagnostics) -> Value {
        let before = diags.len();
        let Argument::Written(ty) = &args[1] else {
            self.invalid_argument(call, &args[1], "type", "a type is needed, and not a value", diags);
            return Value::dynamic();
        };
        let (ty, defaults) = crate::typeexpr::type_constraint(ty, diags);
        let value = args[0].eval(self, diags);
        if diags.iter().skip(before).any(Diagnostic::is_error) {
            return Value::dynamic();
        }
        let value = match &defaults {
            Some(d) if !value.is_null() => d.apply(&value),
            _ => value,
        };
        convert(&value, &ty).unwrap_or_else(|e| {
            self.invalid_argument(call, &args[0], "value", &e.message, diags);
            Value::dynamic()
        })
    }

    fn eval_can(&self, arg: &Argument<'_>) -> Value {
        let mut diags = Diagnostics::new();
        let value = arg.eval(self, &mut diags);
        if diags.has_errors() {
            Value::Bool(false)
        } else if value.is_wholly_known() {
            Value::Bool(true)
        } else {
            Value::unknown(Type::Bool)
        }
    }

    /// `templatestring` renders only a string that is found by reference: a
    /// template given directly would be one already.
    fn check_template_argument(
        &self,
        call: &Call<'_>,
        function: &Function,
        args: &[Argument<'_>],
        diags: &mut Diagnostics,
    ) -> bool {
        let Some(Argument::Written(expr)) = args.first() else { return true };
        let reason = match &expr.kind {
            ExprKind::Literal(Value::String(_)) | ExprKind::Template(_) => {
                "templatestring is only for rendering templates retrieved dynamically from elsewhere, and so does not support providing a literal template; consider using a template string expression instead"
            }
            ExprKind::TemplateWrap(_) => {
                "templatestring is only for rendering templates retrieved dynamically from elsewhere; to treat the inner expression as template syntax, write the reference expression directly without any template interpolation syntax"
            }
            _ if is_reference(expr) => return true,
            _ => {
                "must be a direct reference to a single string from elsewhere, containing valid Terraform template syntax"
            }
        };
        let reason = format!("invalid template expression: {reason}");
        let name = function.params.first().map_or("template", |p| &p.name);
        self.invalid_argument(call, &args[0], name, &reason, diags);
        false
    }

    fn unknown_function(&self, call: &Call<'_>, diags: &mut Diagnostics) {
        let name = &*call.name.name;
        let d = match name.split_once("::") {
            Some(_) => Diagnostic::error("Unknown provider function", self.unknown_provider_function(name)),
            None => self.unknown_name(name),
        };
        diags.push(self.noted(d.at(call.name.span).within(call.expr.span), call.expr));
    }

    fn unknown_provider_function(&self, name: &str) -> String {
        let parts: Vec<&str> = name.split("::").collect();
        match parts.as_slice() {
            ["provider", _] => {
                "The function call must include the provider name after the \"provider::\" prefix.".into()
            }
            ["provider", provider, function] if self.offered(provider).next().is_some() => {
                let hint = suggest(function, self.offered(provider))
                    .map(|n| format!(" Did you mean {}?", quote(&format!("provider::{provider}::{n}"))));
                format!(
                    "The function {} is not available from the provider {}.{}",
                    quote(function),
                    quote(provider),
                    hint.unwrap_or_default()
                )
            }
            ["provider", provider, .., function] => format!(
                "There is no function named {}. Ensure that provider name {} is declared in this module's required_providers block, and that this provider offers a function named {}.",
                quote(name),
                quote(provider),
                quote(function)
            ),
            [namespace, ..] => format!(
                "The function namespace {} is not valid. Provider function calls must use the \"provider::\" namespace prefix.",
                quote(namespace)
            ),
            [] => String::new(),
        }
    }

    /// The functions of the provider with this local name.
    fn offered<'f>(&'f self, provider: &str) -> impl Iterator<Item = &'f str> {
        let prefix = format!("provider::{provider}::");
        self.scope.functions().names().filter_map(move |n| n.strip_prefix(&*prefix))
    }

    fn unknown_name(&self, name: &str) -> Diagnostic {
        let functions = self.scope.functions();
        let hint = suggest(name, functions.names().map(|n| &**n).filter(|n| !n.contains("::")))
            .map(|n| format!(" Did you mean {}?", quote(&n)));
        let detail = format!("There is no function named {}.{}", quote(name), hint.unwrap_or_default());
        Diagnostic::error("Call to unknown function", detail)
    }
}

/// The template of `templatestring`, which is not converted; of what type an
/// unknown one is does not matter yet.
fn template_text(value: Value) -> Result<Value, String> {
    match value.peel() {
        Value::String(_) | Value::Null(Type::String) => Ok(value),
        Value::Unknown(..) => Ok(Value::unknown(Type::String).with_marks(&value.marks())),
        _ => Err("invalid template value: a string is required".into()),
    }
}

fn parameter(f: &Function, index: usize) -> Option<&Parameter> {
    f.params.get(index).or(f.variadic.as_ref())
}

/// Whether an expression names something, with steps and splats but no operations.
fn is_reference(mut e: &Expr) -> bool {
    loop {
        e = match &e.kind {
            ExprKind::Variable(_) => return true,
            ExprKind::GetAttr(source, _) | ExprKind::Index(source, _) | ExprKind::Splat { source, .. } => {
                source
            }
            _ => return false,
        }
    }
}

/// The first token or so of an expression, where messages about arguments point at.
fn start_span(e: &Expr) -> Span {
    let first = Span { end: (e.span.start + 1).min(e.span.end), ..e.span };
    match &e.kind {
        // Without its quotes, or behind them.
        ExprKind::Literal(Value::String(_)) if e.span.len() == 2 => e.span.end_point(),
        ExprKind::Literal(Value::String(_)) if e.span.len() > 2 => {
            Span { start: e.span.start + 1, end: e.span.end - 1, ..e.span }
        }
        ExprKind::Literal(_) | ExprKind::TemplateWrap(_) | ExprKind::Variable(_) | ExprKind::SplatItem => {
            e.span
        }
        ExprKind::Template(parts) => match parts.first() {
            Some(TemplatePart::Text(_, span)) => *span,
            // The directive, up to its closing brace.
            Some(TemplatePart::For { span, collection, .. }) => {
                Span { end: collection.span.end + 1, ..*span }
            }
            Some(TemplatePart::Interpolation(inner) | TemplatePart::If { condition: inner, .. }) => {
                start_span(inner)
            }
            None => e.span,
        },
        ExprKind::GetAttr(..) => e.span,
        ExprKind::Index(source, key) => match key.kind {
            ExprKind::Literal(_) => e.span,
            _ => Span { start: source.span.end, end: source.span.end + 1, ..e.span },
        },
        ExprKind::Tuple(_) | ExprKind::Object(_) | ExprKind::For(_) | ExprKind::Unary(..) => first,
        ExprKind::Splat { marker, .. } => *marker,
        ExprKind::Call { name, parens, .. } => Span { end: parens.start + 1, ..name.span },
        ExprKind::Conditional(inner, ..) | ExprKind::Binary(_, inner, _) | ExprKind::Parens(inner) => {
            start_span(inner)
        }
    }
}
