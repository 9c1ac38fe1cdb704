//! What an expression is evaluated in: the scope, names bound on the way, and
//! the notes on values that diagnostics carry.

use super::access::{self, AccessError};
use super::{Scope, Step};
use crate::ast::{Expr, ExprKind, Ident, Traversal};
use crate::diag::{Diagnostic, Diagnostics, ValueNote};
use crate::source::Span;
use groma_value::{Type, Value};
use std::collections::BTreeMap;

/// How deep expressions may nest. Each level takes stack, which a hostile file
/// must not exhaust; written configurations stay below a few dozen.
const MAX_DEPTH: u32 = 256;

/// A name bound within an expression or a `dynamic` block.
#[derive(Clone, Copy)]
pub(crate) struct Local<'a> {
    /// The name.
    pub name: &'a str,
    /// What it stands for.
    pub value: &'a Value,
    /// What was bound before.
    pub outer: Option<&'a Local<'a>>,
}

/// The surroundings of an expression. Copied for each nested scope: it is a few
/// pointers.
#[derive(Clone, Copy)]
pub(crate) struct Env<'a> {
    pub scope: &'a dyn Scope,
    pub locals: Option<&'a Local<'a>>,
    pub splat: Option<&'a Value>,
    pub depth: u32,
}

impl<'a> Env<'a> {
    /// Nothing bound yet.
    pub fn new(scope: &'a dyn Scope) -> Env<'a> {
        Env { scope, locals: None, splat: None, depth: 0 }
    }

    /// With `local` bound; its `outer` must be this environment's locals.
    pub fn with_local<'b>(&self, local: &'b Local<'b>) -> Env<'b>
    where
        'a: 'b,
    {
        Env { locals: Some(local), ..*self }
    }

    fn local(&self, name: &str) -> Option<&'a Value> {
        let mut next = self.locals;
        while let Some(l) = next {
            if l.name == name {
                return Some(l.value);
            }
            next = l.outer;
        }
        None
    }

    /// Evaluates; see [`super::evaluate`].
    pub fn eval(&self, expr: &Expr, diags: &mut Diagnostics) -> Value {
        if self.is_too_deep(expr.span, diags) {
            return Value::dynamic();
        }
        let env = Env { depth: self.depth + 1, ..*self };
        match &expr.kind {
            ExprKind::Literal(v) => v.clone(),
            ExprKind::Parens(e) | ExprKind::TemplateWrap(e) => env.eval(e, diags),
            ExprKind::Variable(_) | ExprKind::GetAttr(..) | ExprKind::Index(..) => {
                env.eval_chain(expr, diags)
            }
            ExprKind::Template(parts) => env.eval_template(parts, expr.span, diags),
            ExprKind::Tuple(items) => env.eval_tuple(items, diags),
            ExprKind::Object(items) => env.eval_object(items, diags),
            ExprKind::Splat { source, each, marker } => env.eval_splat(expr, source, each, *marker, diags),
            ExprKind::SplatItem => self.splat.cloned().unwrap_or_else(Value::dynamic),
            ExprKind::Call { name, args, expand, parens } => env
                .eval_call(&super::call::Call { expr, name, args, expand: *expand, parens: *parens }, diags),
            ExprKind::Conditional(c, t, f) => env.eval_conditional(expr, c, t, f, diags),
            ExprKind::Binary(..) => env.eval_binary(expr, diags),
            ExprKind::Unary(op, operand) => env.eval_unary(expr, *op, operand, diags),
            ExprKind::For(f) => env.eval_for(expr.span, f, diags),
        }
    }

    /// Whether the nesting limit is reached, which is an error.
    pub(super) fn is_too_deep(&self, span: Span, diags: &mut Diagnostics) -> bool {
        let deep = self.depth >= MAX_DEPTH;
        if deep {
            let detail = format!(
                "Expressions may be nested at most {MAX_DEPTH} levels deep. Move a part of it into a local value."
            );
            diags.error(span, "Expression nested too deeply", detail);
        }
        deep
    }

    /// A chain of `.name` and `[key]`, down to where it starts. The steps are
    /// collected first, because a scope wants to see all of them at once.
    fn eval_chain(&self, expr: &Expr, diags: &mut Diagnostics) -> Value {
        let mut links: Vec<&Expr> = Vec::new();
        let mut root = expr;
        while let ExprKind::GetAttr(source, _) | ExprKind::Index(source, _) = &root.kind {
            links.push(root);
            root = source;
        }
        links.reverse();
        // A failing key does not hide a failing collection, and is reported after it.
        let mut key_diags = Diagnostics::new();
        let steps: Vec<Step> = links
            .iter()
            .map(|link| match &link.kind {
                ExprKind::Index(source, key) => {
                    let span = Span { start: source.span.end, ..link.span };
                    Step::Index(self.eval(key, &mut key_diags), span)
                }
                ExprKind::GetAttr(_, name) => Step::Attr(name.name.clone(), attr_span(name)),
                // Not reached: only these two kinds are collected.
                _ => Step::Attr("".into(), link.span),
            })
            .collect();
        let start = match &root.kind {
            ExprKind::Variable(name) => {
                self.resolve(&Ident { name: name.clone(), span: root.span }, &steps, diags)
            }
            _ => Some((self.eval(root, diags), 0)),
        };
        diags.extend(key_diags);
        let Some((mut value, consumed)) = start else { return Value::dynamic() };
        for (i, step) in steps.iter().enumerate().skip(consumed) {
            match apply(&value, step) {
                Ok(v) => value = v,
                Err(e) => {
                    let d = Diagnostic::error(e.summary, e.detail).at(step.span());
                    diags.push(self.noted(d, run_end(&links, i)));
                    return Value::dynamic();
                }
            }
        }
        value
    }

    /// The value of a name and how many steps it includes.
    fn resolve(&self, root: &Ident, steps: &[Step], diags: &mut Diagnostics) -> Option<(Value, usize)> {
        if let Some(v) = self.local(&root.name) {
            return Some((v.clone(), 0));
        }
        self.scope.resolve(root, steps, diags).map(|r| (r.value, r.consumed))
    }

    /// The diagnostic with notes on the values that `expr` refers to.
    pub fn noted(&self, mut d: Diagnostic, expr: &Expr) -> Diagnostic {
        d.values = self.notes(&expr.references(), Cause::default());
        d
    }

    /// Reports an error at `span` about `expr`, shown within `context`.
    pub fn report(
        &self,
        expr: &Expr,
        context: Span,
        summary: &str,
        detail: impl Into<String>,
        diags: &mut Diagnostics,
    ) {
        diags.push(self.noted(Diagnostic::error(summary, detail).at(expr.span).within(context), expr));
    }

    /// Notes on what references stand for, sorted by their text. A reference that
    /// cannot be evaluated is shortened until it can. A name alone has no note, as
    /// in Terraform.
    pub fn notes(&self, references: &[Traversal], cause: Cause) -> Vec<ValueNote> {
        let mut notes = BTreeMap::new();
        for r in references {
            let steps: Vec<Step> = r.steps.iter().map(Step::from).collect();
            let found =
                (1..=steps.len()).rev().find_map(|n| Some((n, self.try_traversal(&r.root, &steps[..n])?)));
            let Some((n, value)) = found else { continue };
            let text = traversal_text(&r.root, &steps[..n]);
            if let Some(statement) = describe_value(&value, cause) {
                notes.entry(text).or_insert(statement);
            }
        }
        notes.into_iter().map(|(expr, statement)| ValueNote { expr, statement }).collect()
    }

    fn try_traversal(&self, root: &Ident, steps: &[Step]) -> Option<Value> {
        let mut ignored = Diagnostics::new();
        let (mut value, consumed) = self.resolve(root, steps, &mut ignored)?;
        if ignored.has_errors() {
            return None;
        }
        for step in steps.iter().skip(consumed) {
            value = apply(&value, step).ok()?;
        }
        Some(value)
    }
}

fn apply(value: &Value, step: &Step) -> Result<Value, AccessError> {
    match step {
        Step::Attr(name, _) => access::get_attr(value, name),
        Step::Index(key, _) => access::index(value, key),
    }
}

/// Messages point at the name with its dot.
fn attr_span(name: &Ident) -> Span {
    Span { start: name.span.start.saturating_sub(1), ..name.span }
}

/// The longest link that continues the failing one by constant steps only: HCL
/// evaluates these as one traversal, and describes its values.
fn run_end<'e>(links: &[&'e Expr], failing: usize) -> &'e Expr {
    let constant = |e: &Expr| match &e.kind {
        ExprKind::Index(_, key) => matches!(key.kind, ExprKind::Literal(_)),
        _ => true,
    };
    let mut end = failing;
    if constant(links[failing]) {
        while end + 1 < links.len() && constant(links[end + 1]) {
            end += 1;
        }
    }
    links[end]
}

fn traversal_text(root: &Ident, steps: &[Step]) -> String {
    let mut out = root.name.to_string();
    for s in steps {
        match s {
            Step::Attr(name, _) => {
                out.push('.');
                out.push_str(name);
            }
            Step::Index(key, _) => {
                let text = if key.peel().ty().is_primitive() { compact(key) } else { "...".into() };
                out.push('[');
                out.push_str(&text);
                out.push(']');
            }
        }
    }
    out
}

/// Which properties of values caused an error. Notes mention these only then:
/// readers take what is mentioned for the cause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cause {
    /// That something is not known yet.
    pub unknown: bool,
    /// That something is sensitive or ephemeral.
    pub confidential: bool,
}

/// Notes on the values that an expression refers to, for a diagnostic made
/// elsewhere about it.
pub fn value_notes(expr: &Expr, scope: &dyn Scope) -> Vec<ValueNote> {
    value_notes_caused(expr, scope, Cause::default())
}

/// As [`value_notes`], for an error that is about values being unknown or
/// confidential.
pub fn value_notes_caused(expr: &Expr, scope: &dyn Scope, cause: Cause) -> Vec<ValueNote> {
    Env::new(scope).notes(&expr.references(), cause)
}

/// What a note says of a value (`is "abc"`, `is list of string with 3 elements`),
/// or `None` where nothing helpful can be said: of a confidential value and of an
/// unknown of unknown type, unless that is the cause.
pub fn describe_value(value: &Value, cause: Cause) -> Option<String> {
    if let Value::Marked(m) = value {
        let note = match (m.1.is_sensitive(), m.1.is_ephemeral()) {
            (true, _) => Some("has a sensitive value"),
            (_, true) => Some("has an ephemeral value"),
            _ => None,
        };
        if let Some(note) = note {
            return cause.confidential.then(|| note.into());
        }
    }
    match value.peel() {
        Value::Unknown(Type::Dynamic, _) => cause.unknown.then(|| "will be known only after apply".into()),
        Value::Unknown(t, _) if !cause.unknown => Some(format!("is a {}", t.friendly_name())),
        v @ Value::Unknown(t, _) => {
            Some(format!("is a {}{}, known only after apply", t.friendly_name(), known_length(v)))
        }
        v => Some(format!("is {}", compact(v))),
    }
}

/// What is known of the length of an unknown collection.
fn known_length(value: &Value) -> String {
    /// A greater upper bound says nothing to people.
    const SHOWN: u64 = 1024;
    let Some(r) = value.refinement() else { return String::new() };
    let max = r.len_max.filter(|m| *m <= SHOWN);
    match (r.len_min, max) {
        (min, Some(max)) if min == max => format!(" of length {min}"),
        (0, None) => String::new(),
        (0, Some(max)) => format!(" with up to {max} elements"),
        (min, Some(max)) => format!(" with between {min} and {max} elements"),
        (min, None) => format!(" with at least {min} elements"),
    }
}

/// A summary of a value in one line; elements are never shown, they may be sensitive.
fn compact(value: &Value) -> String {
    let counted = |name: String, n: usize, one: &str, many: &str| match n {
        0 => format!("{name} with no {many}"),
        1 => format!("{name} with 1 {one}"),
        n => format!("{name} with {n} {many}"),
    };
    match value.peel() {
        Value::Null(_) => "null".into(),
        Value::Unknown(..) => "(not yet known)".into(),
        Value::Bool(b) => b.to_string(),
        Value::Number(n) => short_number(n),
        Value::String(s) => super::quote(s),
        v @ (Value::List(_) | Value::Set(_) | Value::Map(_) | Value::Tuple(_)) => {
            let n = v.as_elements().map(<[Value]>::len).or(v.as_fields().map(|f| f.len())).unwrap_or(0);
            let name = v.ty().friendly_name();
            if n == 0 { format!("empty {name}") } else { counted(name, n, "element", "elements") }
        }
        Value::Object(f) => match (f.len(), f.names().next()) {
            (0, _) => "object with no attributes".into(),
            (1, Some(name)) => format!("object with 1 attribute {}", super::quote(name)),
            (n, _) => counted("object".into(), n, "attribute", "attributes"),
        },
        // Not reached: marks never nest.
        Value::Marked(_) => "(sensitive value)".into(),
    }
}

/// A number with at most ten significant digits.
fn short_number(n: &groma_value::Number) -> String {
    match n.as_i64() {
        Some(i) if i.unsigned_abs() < 10_000_000_000 => i.to_string(),
        _ => general_notation(n),
    }
}

/// Go's `%.10g`.
fn general_notation(n: &groma_value::Number) -> String {
    let Ok(f) = n.to_string().parse::<f64>() else { return n.to_string() };
    if f == 0.0 || f.is_infinite() {
        return n.to_string();
    }
    let scientific = format!("{f:.9e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trim = |s: &str| match s.contains('.') {
        true => s.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => s.to_owned(),
    };
    if (-4..10).contains(&exponent) {
        let decimals = (9 - exponent).max(0) as usize;
        trim(&format!("{f:.decimals$}"))
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{}e{sign}{:02}", trim(mantissa), exponent.abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_summarised_in_one_line() {
        let list = Value::list(Type::String, vec![Value::from("a"), Value::from("b")]);
        let one = Value::object([("a", Value::int(1))]);
        let cases = [
            (Value::from("x\"y"), "is \"x\\\"y\""),
            (Value::int(12), "is 12"),
            (list, "is list of string with 2 elements"),
            (Value::list(Type::String, vec![]), "is empty list of string"),
            (one, "is object with 1 attribute \"a\""),
            (Value::unknown(Type::list(Type::String)), "is a list of string"),
            (Value::null(Type::Dynamic), "is null"),
        ];
        for (value, text) in cases {
            assert_eq!(describe_value(&value, Cause::default()).as_deref(), Some(text));
        }
        let secret = Value::from("x").mark(groma_value::Mark::Sensitive);
        assert_eq!(describe_value(&Value::dynamic(), Cause::default()), None);
        assert_eq!(describe_value(&secret, Cause::default()), None);
        let caused = Cause { unknown: true, confidential: true };
        let lengths = groma_value::Refinement { len_min: 2, len_max: Some(3), ..Default::default() };
        let list = Value::unknown_refined(Type::list(Type::Number), lengths);
        let cases = [
            (Value::dynamic(), "will be known only after apply"),
            (secret, "has a sensitive value"),
            (Value::unknown(Type::String), "is a string, known only after apply"),
            (list, "is a list of number with between 2 and 3 elements, known only after apply"),
        ];
        for (value, text) in cases {
            assert_eq!(describe_value(&value, caused).as_deref(), Some(text));
        }
    }
}
