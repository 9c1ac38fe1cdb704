//! Templates: text with interpolations and directives.

use super::env::{Env, Local};
use super::prefix::safe_prefix;
use crate::ast::{Expr, Ident, TemplatePart};
use crate::diag::{Diagnostic, Diagnostics};
use crate::source::Span;
use groma_value::{Marks, Refinement, Type, Value, convert};

const INVALID: &str = "Invalid template interpolation value";
/// A longer known prefix of an unknown string is cut, as HCL does: plans carry it.
const MAX_PREFIX: usize = 128;

impl Env<'_> {
    /// The result is a string and never null; it is unknown when a part is, with
    /// the text before that as its known prefix.
    pub(super) fn eval_template(
        &self,
        parts: &[TemplatePart],
        whole: Span,
        diags: &mut Diagnostics,
    ) -> Value {
        let before = diags.len();
        let mut text = String::new();
        let mut marks = Marks::new();
        let mut known = true;
        for part in parts {
            if let TemplatePart::Text(t, _) = part {
                if known {
                    text.push_str(t);
                }
                continue;
            }
            let (value, span, expr) = self.eval_part(part, diags);
            let (value, part_marks) = value.unmark();
            let problem = match &value {
                Value::Null(_) => {
                    "The expression result is null. Cannot include a null value in a string template.".into()
                }
                _ => {
                    marks.extend(&part_marks);
                    if !value.is_known() {
                        known = false;
                        continue;
                    }
                    match convert(&value, &Type::String) {
                        Ok(v) => {
                            if known {
                                text.push_str(v.as_str().unwrap_or_default());
                            }
                            continue;
                        }
                        Err(e) => {
                            format!("Cannot include the given value in a string template: {}.", e.message)
                        }
                    }
                }
            };
            let d = Diagnostic::error(INVALID, problem).at(span).within(whole);
            diags.push(match expr {
                Some(e) => self.noted(d, e),
                None => d,
            });
        }
        let value = if known {
            Value::string(text)
        } else {
            let mut refinement = Refinement::not_null();
            if !diags.iter().skip(before).any(Diagnostic::is_error) {
                refinement.prefix = safe_prefix(cut(&text));
            }
            Value::unknown_refined(Type::String, refinement)
        };
        value.with_marks(&marks)
    }

    fn eval_part<'e>(
        &self,
        part: &'e TemplatePart,
        diags: &mut Diagnostics,
    ) -> (Value, Span, Option<&'e Expr>) {
        match part {
            TemplatePart::Text(t, span) => (Value::String(t.clone()), *span, None),
            TemplatePart::Interpolation(e) => (self.eval(e, diags), e.span, Some(e)),
            TemplatePart::If { condition, then, otherwise, span } => {
                (self.eval_template_if(condition, then, otherwise, *span, diags), *span, None)
            }
            TemplatePart::For { key_name, value_name, collection, body, span } => {
                let names = (key_name.as_ref(), value_name);
                (self.eval_template_for(names, collection, body, *span, diags), *span, None)
            }
        }
    }

    /// Nested directives count as a level of nesting each.
    fn deeper(&self, span: Span, diags: &mut Diagnostics) -> Option<Env<'_>> {
        let env = Env { depth: self.depth + 1, ..*self };
        if env.is_too_deep(span, diags) { None } else { Some(env) }
    }

    fn eval_template_if(
        &self,
        condition: &Expr,
        then: &[TemplatePart],
        otherwise: &[TemplatePart],
        span: Span,
        diags: &mut Diagnostics,
    ) -> Value {
        let Some(env) = self.deeper(span, diags) else { return Value::unknown(Type::String) };
        let mut then_diags = Diagnostics::new();
        let mut otherwise_diags = Diagnostics::new();
        let yes = env.eval_template(then, span, &mut then_diags);
        let no = env.eval_template(otherwise, span, &mut otherwise_diags);
        env.choose(condition, span, &Type::String, (yes, then_diags), (no, otherwise_diags), None, diags)
    }

    fn eval_template_for(
        &self,
        names: (Option<&Ident>, &Ident),
        collection: &Expr,
        body: &[TemplatePart],
        span: Span,
        diags: &mut Diagnostics,
    ) -> Value {
        let Some(env) = self.deeper(span, diags) else { return Value::unknown(Type::String) };
        let Some((elements, mut marks)) = env.eval_iterated(collection, span, diags) else {
            return Value::unknown(Type::String);
        };
        let mut text = String::new();
        let mut unknown = false;
        for (key, value) in elements.iter() {
            let value_local = Local { name: &names.1.name, value, outer: env.locals };
            let key_local;
            let inner = match names.0 {
                Some(k) => {
                    key_local = Local { name: &k.name, value: &key, outer: Some(&value_local) };
                    env.with_local(&key_local)
                }
                None => env.with_local(&value_local),
            };
            let (piece, piece_marks) = inner.eval_template(body, span, diags).unmark();
            marks.extend(&piece_marks);
            match piece.as_str() {
                Some(s) => text.push_str(s),
                None => unknown = true,
            }
        }
        let value = if unknown { Value::unknown(Type::String) } else { Value::string(text) };
        value.with_marks(&marks)
    }
}

fn cut(text: &str) -> &str {
    let mut end = text.len().min(MAX_PREFIX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
