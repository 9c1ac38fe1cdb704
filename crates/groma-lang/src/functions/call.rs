//! How a function is called: checks of arguments, conversion, what becomes of
//! unknown values and of marks. The rules are those of the `cty` library.

use super::build::{Res, fail, fail_arg};
use super::{Function, Parameter};
use groma_value::{Marks, Refinement, Type, Value, convert};
use std::borrow::Cow;

impl Function {
    /// The parameter that takes argument `index` (from 0).
    pub fn parameter(&self, index: usize) -> Option<&Parameter> {
        self.params.get(index).or(self.variadic.as_ref())
    }

    /// Calls the function.
    ///
    /// Arguments are converted to their parameters' types; null where it is not
    /// accepted is an error; marks go around the implementation unless it wants
    /// them; an unknown argument makes an unknown result of the right type unless
    /// the implementation wants to see it.
    pub fn call_with(&self, args: &[Value]) -> Res<Value> {
        if args.len() < self.params.len() || (self.variadic.is_none() && args.len() > self.params.len()) {
            let at_least = if self.variadic.is_some() { "at least " } else { "" };
            return fail(format!(
                "wrong number of arguments ({at_least}{} required; {} given)",
                self.params.len(),
                args.len()
            ));
        }
        let mut converted = Vec::with_capacity(args.len());
        for (i, v) in args.iter().enumerate() {
            converted.push(match self.parameter(i) {
                Some(p) if p.ty != Type::Dynamic => convert(v, &p.ty).or_else(|e| fail_arg(i, e.message))?,
                _ => v.clone(),
            });
        }
        self.call_converted(&converted)
    }

    fn call_converted(&self, args: &[Value]) -> Res<Value> {
        let mut marks = Marks::new();
        let mut args: Cow<'_, [Value]> = Cow::Borrowed(args);
        let mut unknown_type = false;
        let mut unknown = false;
        for i in 0..args.len() {
            let Some(p) = self.parameter(i) else { break };
            if !p.allow_marked && args[i].contains_marked() {
                let (v, m) = args[i].unmark_deep();
                marks.extend(&m);
                args.to_mut()[i] = v;
            }
            // What follows an argument of unknown type is not checked any more:
            // only its marks count.
            if unknown_type {
                continue;
            }
            let v = &args[i];
            if v.is_null() && !p.allow_null {
                return fail_arg(i, "argument must not be null");
            }
            if !p.allow_dynamic
                && let Value::Unknown(Type::Dynamic, _) | Value::Null(Type::Dynamic) = v.peel()
            {
                unknown_type = true;
                continue;
            }
            unknown |= !p.allow_unknown && !v.is_known();
        }
        let result = if unknown_type {
            return Ok(Value::dynamic().with_marks(&marks));
        } else if unknown {
            Value::unknown((self.return_type)(&args)?)
        } else {
            (self.call)(&args)?
        };
        let result = if self.never_null { known_not_null(result) } else { result };
        Ok(result.with_marks(&marks))
    }
}

/// Adds "will not be null" to what is known about an unknown.
fn known_not_null(v: Value) -> Value {
    match v {
        Value::Unknown(ty, None) if ty != Type::Dynamic => Value::unknown_not_null(ty),
        Value::Unknown(ty, Some(r)) if r.not_null.is_none() => {
            Value::unknown_refined(ty, Refinement { not_null: Some(true), ..(*r).clone() })
        }
        Value::Marked(m) if matches!(m.0, Value::Unknown(..)) => known_not_null(m.0.clone()).with_marks(&m.1),
        v => v,
    }
}
