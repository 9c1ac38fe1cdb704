//! Unary and binary operators.

use super::env::Env;
use crate::ast::{BinaryOp, Expr, ExprKind, UnaryOp};
use crate::diag::{Diagnostic, Diagnostics};
use groma_value::ops::{self, Comparison};
use groma_value::{Marks, Number, Type, Value, convert};

const INVALID: &str = "Invalid operand";

impl Env<'_> {
    /// Both operands are always evaluated, even those of `&&` and `||`. A long
    /// chain of operators nests to the left, so that side is taken in a loop.
    pub(super) fn eval_binary(&self, expr: &Expr, diags: &mut Diagnostics) -> Value {
        let mut nodes = Vec::new();
        let mut leftmost = expr;
        while let ExprKind::Binary(op, left, right) = &leftmost.kind {
            nodes.push((leftmost, *op, &**left, &**right));
            leftmost = left;
        }
        let before = diags.len();
        let mut value = self.eval(leftmost, diags);
        for (node, op, left, right) in nodes.into_iter().rev() {
            let right_value = self.eval(right, diags);
            value = self.binary(node, op, (left, &value), (right, &right_value), before, diags);
        }
        value
    }

    fn binary(
        &self,
        node: &Expr,
        op: BinaryOp,
        left: (&Expr, &Value),
        right: (&Expr, &Value),
        before: usize,
        diags: &mut Diagnostics,
    ) -> Value {
        let (operand, result) = types(op);
        let mut converted = [None, None];
        for (slot, (side, (expr, value))) in converted.iter_mut().zip([("left", left), ("right", right)]) {
            match convert(value, &operand) {
                Ok(v) => *slot = Some(v),
                Err(e) => {
                    let detail = format!("Unsuitable value for {side} operand: {}.", e.message);
                    self.report(expr, node.span, INVALID, detail, diags);
                }
            }
        }
        let failed = diags.iter().skip(before).any(Diagnostic::is_error);
        let [Some(l), Some(r)] = converted else { return Value::unknown(result) };
        if failed {
            return Value::unknown(result);
        }
        match operate(op, &l, &r) {
            Ok(v) => v,
            Err(e) => self.operation_failed(node, &e, result, diags),
        }
    }

    fn operation_failed(&self, node: &Expr, reason: &str, result: Type, diags: &mut Diagnostics) -> Value {
        let d = Diagnostic::error("Operation failed", format!("Error during operation: {reason}."));
        diags.push(self.noted(d.at(node.span), node));
        Value::unknown(result)
    }

    pub(super) fn eval_unary(
        &self,
        node: &Expr,
        op: UnaryOp,
        operand: &Expr,
        diags: &mut Diagnostics,
    ) -> Value {
        let ty = match op {
            UnaryOp::Negate => Type::Number,
            UnaryOp::Not => Type::Bool,
        };
        let before = diags.len();
        let value = self.eval(operand, diags);
        let converted = convert(&value, &ty);
        if let Err(e) = &converted {
            let detail = format!("Unsuitable value for unary operand: {}.", e.message);
            self.report(operand, node.span, INVALID, detail, diags);
        }
        let failed = diags.iter().skip(before).any(Diagnostic::is_error);
        let (Ok(value), false) = (converted, failed) else { return Value::unknown(ty) };
        let result = map_known(&[&value], ty.clone(), |v| {
            Ok(match (op, v) {
                (UnaryOp::Not, [Value::Bool(b)]) => Value::Bool(!b),
                (UnaryOp::Negate, [Value::Number(n)]) => Value::Number(n.neg()),
                // Not reached: operands were converted.
                _ => Value::dynamic(),
            })
        });
        result.unwrap_or_else(|e| self.operation_failed(node, &e, ty, diags))
    }
}

/// The types of an operator's operands and of its result.
fn types(op: BinaryOp) -> (Type, Type) {
    match op {
        BinaryOp::Or | BinaryOp::And => (Type::Bool, Type::Bool),
        BinaryOp::Equal | BinaryOp::NotEqual => (Type::Dynamic, Type::Bool),
        BinaryOp::Less | BinaryOp::LessEqual | BinaryOp::Greater | BinaryOp::GreaterEqual => {
            (Type::Number, Type::Bool)
        }
        _ => (Type::Number, Type::Number),
    }
}

fn operate(op: BinaryOp, l: &Value, r: &Value) -> Result<Value, String> {
    match op {
        BinaryOp::Equal => Ok(equality(l, r, ops::equals)),
        BinaryOp::NotEqual => Ok(equality(l, r, ops::not_equal)),
        BinaryOp::Less => compare(Comparison::Less, l, r),
        BinaryOp::LessEqual => compare(Comparison::LessOrEqual, l, r),
        BinaryOp::Greater => compare(Comparison::Greater, l, r),
        BinaryOp::GreaterEqual => compare(Comparison::GreaterOrEqual, l, r),
        _ => map_known(&[l, r], types(op).1, |v| match v {
            [Value::Bool(a), Value::Bool(b)] => {
                Ok(Value::Bool(if op == BinaryOp::And { *a && *b } else { *a || *b }))
            }
            [Value::Number(a), Value::Number(b)] => calculate(op, a, b),
            // Not reached: operands were converted.
            _ => Ok(Value::dynamic()),
        }),
    }
}

const NULL: &str = "argument must not be null";

/// Marks at any depth make the result marked: what is compared is all of it.
fn equality(l: &Value, r: &Value, f: fn(&Value, &Value) -> Value) -> Value {
    if !l.contains_marked() && !r.contains_marked() {
        return f(l, r);
    }
    let (l, l_marks) = l.unmark_deep();
    let (r, r_marks) = r.unmark_deep();
    f(&l, &r).with_marks(&l_marks).with_marks(&r_marks)
}

/// What is known of the range of an unknown operand may decide.
fn compare(op: Comparison, l: &Value, r: &Value) -> Result<Value, String> {
    ops::compare(op, l, r).ok_or_else(|| NULL.into())
}

fn calculate(op: BinaryOp, a: &Number, b: &Number) -> Result<Value, String> {
    let number = match op {
        BinaryOp::Add => a.add(b),
        BinaryOp::Subtract => a.sub(b),
        BinaryOp::Multiply => a.mul(b),
        BinaryOp::Divide => a.div(b),
        _ => a.rem(b),
    };
    number.map(Value::Number).map_err(|e| e.to_string())
}

/// Applies `f` to known operands of simple types. Null is an error, an unknown
/// operand makes an unknown result that is not null, and marks go to the result.
fn map_known(
    operands: &[&Value],
    result: Type,
    f: impl FnOnce(&[Value]) -> Result<Value, String>,
) -> Result<Value, String> {
    let mut marks = Marks::new();
    let mut bare = Vec::with_capacity(operands.len());
    for v in operands {
        if let Value::Marked(m) = v {
            marks.extend(&m.1);
        }
        bare.push(v.peel().clone());
    }
    if bare.iter().any(Value::is_null) {
        return Err(NULL.into());
    }
    let value = match bare.iter().all(Value::is_known) {
        true => f(&bare)?,
        false => Value::unknown_not_null(result),
    };
    Ok(value.with_marks(&marks))
}
