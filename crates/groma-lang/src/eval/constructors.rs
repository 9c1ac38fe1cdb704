//! Tuple and object expressions.

use super::env::Env;
use crate::ast::{Expr, ExprKind, ObjectItem};
use crate::diag::{Diagnostic, Diagnostics};
use groma_value::{Fields, Marks, Name, Type, Value, convert};
use std::sync::Arc;

impl Env<'_> {
    pub(super) fn eval_tuple(&self, items: &[Expr], diags: &mut Diagnostics) -> Value {
        Value::tuple(items.iter().map(|e| self.eval(e, diags)).collect())
    }

    /// One key that is not known makes the whole object unknown, since its type
    /// cannot be told; all items are evaluated nevertheless, for their errors.
    pub(super) fn eval_object(&self, items: &[ObjectItem], diags: &mut Diagnostics) -> Value {
        let mut fields = Vec::with_capacity(items.len());
        let mut marks = Marks::new();
        let mut known = true;
        for item in items {
            let key = self.eval_key(item, &mut marks, diags);
            let value = self.eval(&item.value, diags);
            match key {
                Key::Known(name) => fields.push((name, value)),
                Key::Unknown => known = false,
                Key::Null => {
                    known = false;
                    // The place is the value's, as in HCL.
                    let d = Diagnostic::error("Null value as key", "Can't use a null value as a key.");
                    diags.push(self.noted(d.at(item.value.span), &item.key));
                }
                Key::Unusable(reason) => {
                    known = false;
                    let detail = format!("Can't use this value as a key: {reason}.");
                    let d = Diagnostic::error("Incorrect key type", detail);
                    diags.push(self.noted(d.at(item.key.span), &item.key));
                }
            }
        }
        if !known {
            return Value::dynamic();
        }
        Value::Object(Arc::new(fields.into_iter().collect::<Fields>())).with_marks(&marks)
    }

    fn eval_key(&self, item: &ObjectItem, marks: &mut Marks, diags: &mut Diagnostics) -> Key {
        if matches!(item.key.kind, ExprKind::GetAttr(..) | ExprKind::Index(..))
            && item.key.as_traversal().is_some()
        {
            diags.error(
                item.key.span,
                "Ambiguous attribute key",
                "If this expression is intended to be a reference, wrap it in parentheses. If it's instead intended as a literal name containing periods, wrap it in quotes to create a string literal.",
            );
            return Key::Unknown;
        }
        if let ExprKind::Literal(Value::String(s)) = &item.key.kind {
            return Key::Known(s.clone());
        }
        let before = diags.len();
        let key = self.eval(&item.key, diags);
        if diags.iter().skip(before).any(Diagnostic::is_error) {
            return Key::Unknown;
        }
        if key.is_null() {
            return Key::Null;
        }
        let (key, key_marks) = key.unmark();
        marks.extend(&key_marks);
        match convert(&key, &Type::String) {
            Ok(Value::String(s)) => Key::Known(s),
            Ok(_) => Key::Unknown,
            Err(e) => Key::Unusable(e.message),
        }
    }
}

enum Key {
    Known(Name),
    Unknown,
    Null,
    Unusable(String),
}
