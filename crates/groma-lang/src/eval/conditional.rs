//! Conditionals: one type for both results, and what is known of the result
//! while the condition is not.

use super::env::Env;
use super::quote;
use crate::ast::Expr;
use crate::diag::{Diagnostic, Diagnostics};
use crate::source::Span;
use groma_value::convert::unify_unsafe;
use groma_value::{Mark, Number, Refinement, Type, Value, convert};

const INCONSISTENT: &str = "Inconsistent conditional result types";

/// The expressions behind the two results, for messages.
type Results<'e> = (&'e Expr, &'e Expr);

impl Env<'_> {
    /// Both results are evaluated, since both take part in the type; the errors of
    /// the one that is not chosen are dropped.
    pub(super) fn eval_conditional(
        &self,
        expr: &Expr,
        condition: &Expr,
        yes: &Expr,
        no: &Expr,
        diags: &mut Diagnostics,
    ) -> Value {
        let mut yes_diags = Diagnostics::new();
        let mut no_diags = Diagnostics::new();
        let yes_value = self.eval(yes, &mut yes_diags);
        let no_value = self.eval(no, &mut no_diags);
        let (yes_type, no_type) = (yes_value.ty(), no_value.ty());
        let literal_null = |v: &Value| matches!(v, Value::Null(Type::Dynamic));
        let ty = if literal_null(&yes_value) {
            Some(no_type.clone())
        } else if literal_null(&no_value) || yes_type == no_type {
            Some(yes_type.clone())
        } else if yes_type == Type::Dynamic || no_type == Type::Dynamic {
            Some(Type::Dynamic)
        } else {
            unify_unsafe(&[yes_type.clone(), no_type.clone()])
        };
        let Some(ty) = ty else {
            let detail = format!(
                "The true and false result expressions must have consistent types. {}.",
                describe_mismatch(&yes_type, &no_type)
            );
            let d = Diagnostic::error(INCONSISTENT, detail).at(yes.span.to(no.span)).within(expr.span);
            diags.push(self.noted(d, expr));
            return Value::dynamic();
        };
        self.choose(
            condition,
            expr.span,
            &ty,
            (yes_value, yes_diags),
            (no_value, no_diags),
            Some((yes, no)),
            diags,
        )
    }

    /// The chosen result as `ty`, with all marks: those of the condition and of
    /// both results, because the result tells something about each.
    #[allow(clippy::too_many_arguments, reason = "the parts of a conditional")]
    pub(super) fn choose(
        &self,
        condition: &Expr,
        whole: Span,
        ty: &Type,
        yes: (Value, Diagnostics),
        no: (Value, Diagnostics),
        results: Option<Results<'_>>,
        diags: &mut Diagnostics,
    ) -> Value {
        let condition_value = self.eval(condition, diags);
        let (chosen, mut marks) = condition_value.unmark();
        if chosen.is_null() {
            let detail = "The condition value is null. Conditions must either be true or false.";
            self.report(condition, whole, "Null condition", detail, diags);
            return Value::unknown(ty.clone());
        }
        // What is made up decides nothing: the real value may decide otherwise.
        let decided = chosen.is_known() && !marks.contains(&Mark::Invented);
        let (yes_value, yes_marks) = yes.0.unmark();
        let (no_value, no_marks) = no.0.unmark();
        marks.extend(&yes_marks);
        marks.extend(&no_marks);
        if !decided {
            return either(&yes_value, &no_value, ty).with_marks(&marks);
        }
        let Ok(Value::Bool(chosen)) = convert(&chosen, &Type::Bool) else {
            let detail = "The condition expression must be of type bool.";
            self.report(condition, whole, "Incorrect condition type", detail, diags);
            return Value::unknown(ty.clone());
        };
        let (value, more) = if chosen { (yes_value, yes.1) } else { (no_value, no.1) };
        diags.extend(more);
        let value = convert(&value, ty).unwrap_or_else(|e| {
            let name = if chosen { "true" } else { "false" };
            let detail = format!("The {name} result value has the wrong type: {}.", e.message);
            if let Some((yes, no)) = results {
                self.report(if chosen { yes } else { no }, whole, INCONSISTENT, detail, diags);
            } else {
                diags.push(Diagnostic::error(INCONSISTENT, detail).at(whole));
            }
            Value::unknown(ty.clone())
        });
        value.with_marks(&marks)
    }
}

/// What is known of a value that will be one of two.
fn either(yes: &Value, no: &Value, ty: &Type) -> Value {
    if yes.is_null() && no.is_null() {
        return Value::Null(ty.clone());
    }
    let mut r = Refinement::default();
    if yes.definitely_not_null() && no.definitely_not_null() {
        r.not_null = Some(true);
    }
    let (yes_type, no_type) = (yes.ty(), no.ty());
    if yes_type == Type::Number && no_type == Type::Number {
        let (a, b) = (number_bounds(yes), number_bounds(no));
        r.number_min = looser(a.0, b.0, |x, y| x < y);
        r.number_max = looser(a.1, b.1, |x, y| x > y);
    } else if yes_type.is_collection() && yes_type == no_type {
        let (a, b) = (length_bounds(yes), length_bounds(no));
        r.len_min = a.0.min(b.0);
        r.len_max = a.1.zip(b.1).map(|(x, y)| x.max(y));
    }
    Value::unknown_refined(ty.clone(), r)
}

type Bound = Option<(Number, bool)>;

/// The bound that holds for both, where `further` says which one lies further out.
fn looser(a: Bound, b: Bound, further: fn(&Number, &Number) -> bool) -> Bound {
    let ((x, x_inclusive), (y, y_inclusive)) = (a?, b?);
    Some(if x == y {
        (x, x_inclusive || y_inclusive)
    } else if further(&x, &y) {
        (x, x_inclusive)
    } else {
        (y, y_inclusive)
    })
}

fn number_bounds(v: &Value) -> (Bound, Bound) {
    match v {
        Value::Number(n) => (Some((n.clone(), true)), Some((n.clone(), true))),
        v => v.refinement().map_or((None, None), |r| (r.number_min.clone(), r.number_max.clone())),
    }
}

fn length_bounds(v: &Value) -> (u64, Option<u64>) {
    let exact = |n: usize| (n as u64, Some(n as u64));
    match v {
        // Unknown elements of a set may turn out to be equal.
        Value::Set(e) if !v.is_wholly_known() => (1.min(e.items.len() as u64), Some(e.items.len() as u64)),
        Value::List(e) | Value::Set(e) => exact(e.items.len()),
        Value::Map(m) => exact(m.items.len()),
        v => v.refinement().map_or((0, None), |r| (r.len_min, r.len_max)),
    }
}

/// Says how two types differ that have no common type.
fn describe_mismatch(yes: &Type, no: &Type) -> String {
    match (yes, no) {
        (Type::Object(a), Type::Object(b)) => {
            for (name, ty) in &a.attrs {
                match b.attrs.get(name) {
                    None => {
                        return format!(
                            "The 'true' value includes object attribute {}, which is absent in the 'false' value",
                            quote(name)
                        );
                    }
                    Some(other) if other != ty => {
                        return format!(
                            "Type mismatch for object attribute {}: {}",
                            quote(name),
                            describe_mismatch(ty, other)
                        );
                    }
                    Some(_) => {}
                }
            }
            if let Some(name) = b.attrs.keys().find(|n| !a.attrs.contains_key(*n)) {
                return format!(
                    "The 'false' value includes object attribute {}, which is absent in the 'true' value",
                    quote(name)
                );
            }
        }
        (Type::Tuple(a), Type::Tuple(b)) => {
            if a.len() != b.len() {
                return format!(
                    "The 'true' tuple has length {}, but the 'false' tuple has length {}",
                    a.len(),
                    b.len()
                );
            }
            if let Some(i) = (0..a.len()).find(|&i| a[i] != b[i]) {
                return format!("Type mismatch for tuple element {i}: {}", describe_mismatch(&a[i], &b[i]));
            }
        }
        (Type::List(a), Type::List(b)) | (Type::Set(a), Type::Set(b)) | (Type::Map(a), Type::Map(b))
            if matches!(
                (&**a, &**b),
                (Type::Object(_), Type::Object(_)) | (Type::Tuple(_), Type::Tuple(_))
            ) =>
        {
            let noun = match yes {
                Type::List(_) => "list",
                Type::Set(_) => "set",
                _ => "map",
            };
            return format!("Mismatched {noun} element types: {}", describe_mismatch(a, b));
        }
        _ => {}
    }
    let (a, b) = (yes.friendly_name(), no.friendly_name());
    if a == b {
        return "At least one deeply-nested attribute or element is not compatible across both the 'true' and the 'false' value".into();
    }
    format!("The 'true' value is {a}, but the 'false' value is {b}")
}
