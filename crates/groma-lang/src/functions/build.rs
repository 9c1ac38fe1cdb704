//! Short ways to declare functions and to read their arguments.

use super::{Function, FunctionError, Parameter};
use groma_value::{Marks, Number, Refinement, Type, Value};
use std::sync::Arc;

pub(super) type Res<T> = Result<T, FunctionError>;

pub(super) fn fail<T>(message: impl Into<String>) -> Res<T> {
    Err(FunctionError::new(message))
}
pub(super) fn fail_arg<T>(index: usize, message: impl Into<String>) -> Res<T> {
    Err(FunctionError::argument(index, message))
}

/// A parameter that takes neither null nor unknown nor marked values.
pub(super) fn param(name: &'static str, ty: Type, description: &'static str) -> Parameter {
    Parameter {
        name: name.into(),
        ty,
        allow_null: false,
        allow_unknown: false,
        allow_dynamic: false,
        allow_marked: false,
        description: description.into(),
    }
}

impl Parameter {
    /// Accepts null.
    pub fn null(mut self) -> Parameter {
        self.allow_null = true;
        self
    }
    /// Lets unknown values through to the implementation.
    pub fn unknown(mut self) -> Parameter {
        self.allow_unknown = true;
        self
    }
    /// Lets values of unknown type through to the implementation.
    pub fn dynamic(mut self) -> Parameter {
        self.allow_dynamic = true;
        self
    }
    /// Lets marks through to the implementation.
    pub fn marked(mut self) -> Parameter {
        self.allow_marked = true;
        self
    }
}

/// A function whose result has type `ty` and is never null.
pub(super) fn function(
    name: &str,
    description: &str,
    params: impl Into<Vec<Parameter>>,
    ty: Type,
    call: impl Fn(&[Value]) -> Res<Value> + Send + Sync + 'static,
) -> Function {
    Function {
        name: name.into(),
        params: params.into(),
        variadic: None,
        static_type: ty.clone(),
        return_type: Arc::new(move |_| Ok(ty.clone())),
        call: Arc::new(call),
        never_null: true,
        description: description.into(),
    }
}

impl Function {
    /// A function with a result type that does not depend on the arguments: the
    /// form that functions of providers have.
    pub fn with_static_type(
        name: impl Into<Arc<str>>,
        params: Vec<Parameter>,
        variadic: Option<Parameter>,
        ty: Type,
        call: impl Fn(&[Value]) -> Result<Value, FunctionError> + Send + Sync + 'static,
    ) -> Function {
        let mut f = function("", "", params, ty, call);
        f.name = name.into();
        f.variadic = variadic;
        f.never_null = false;
        f
    }
    /// Sets the parameter of all further arguments.
    pub(super) fn variadic(mut self, p: Parameter) -> Function {
        self.variadic = Some(p);
        self
    }
    /// Computes the result's type from the arguments.
    pub(super) fn typed(mut self, f: impl Fn(&[Value]) -> Res<Type> + Send + Sync + 'static) -> Function {
        self.return_type = Arc::new(f);
        self
    }
    /// The result may be null.
    pub(super) fn nullable(mut self) -> Function {
        self.never_null = false;
        self
    }
}

/// The string of an argument that the call protocol has made a known string.
pub(super) fn text(v: &Value) -> &str {
    v.as_str().unwrap_or_default()
}

/// A machine integer from a number.
pub(super) fn integer(v: &Value) -> Result<i64, String> {
    match v.peel() {
        Value::Number(n) => n
            .as_i64()
            .ok_or_else(|| format!("value must be a whole number, between {} and {}", i64::MIN, i64::MAX)),
        Value::Null(_) => Err("null value is not allowed".into()),
        _ => Err("value must be known".into()),
    }
}

/// As [`integer`], the error being one of the call.
pub(super) fn int(v: &Value) -> Res<i64> {
    integer(v).or_else(fail)
}
/// As [`integer`], the error being one of argument `index`.
pub(super) fn int_arg(args: &[Value], index: usize) -> Res<i64> {
    integer(&args[index]).or_else(|e| fail_arg(index, e))
}

/// The number of an argument that the call protocol has made a known number.
pub(super) fn number(v: &Value) -> Res<&Number> {
    v.as_number().ok_or_else(|| FunctionError::new("a number is required"))
}

/// Without outermost marks, and those.
pub(super) fn unmark(v: &Value) -> (&Value, Marks) {
    (v.peel(), v.marks())
}

/// A value or, where marks forbid to show it, a placeholder. Strings are quoted.
pub(super) fn redact(shown: impl FnOnce() -> String, marks: &Marks) -> String {
    match (marks.is_ephemeral(), marks.is_sensitive()) {
        (true, true) => "(ephemeral sensitive value)".into(),
        (true, false) => "(ephemeral value)".into(),
        (false, true) => "(sensitive value)".into(),
        (false, false) => shown(),
    }
}

/// An unknown with bounds on its length.
pub(super) fn unknown_with_length(ty: Type, min: u64, max: Option<u64>) -> Value {
    Value::unknown_refined(ty, Refinement::length(min, max))
}

/// An unknown string that begins with `prefix`.
pub(super) fn unknown_with_prefix(prefix: &str) -> Value {
    Value::unknown_refined(Type::String, Refinement::string_prefix(prefix))
}

/// As Go's `%q`: double quotes, escapes, printable Unicode as it is.
pub(super) fn quote(s: &str) -> String {
    let mut out = String::with_capacity(s.len() + 2);
    groma_value::set::quote(s, &mut out);
    out
}

/// Whether two unmarked values are equal; `None` while unknown parts decide it.
pub(super) fn equal(a: &Value, b: &Value) -> Option<bool> {
    groma_value::ops::equals(a, b).as_bool()
}

/// Whether the number of elements is uncertain, as unknown elements of a set may
/// turn out equal to others.
pub(super) fn unsettled(v: &Value) -> bool {
    matches!(v, Value::Set(e) if e.items.len() > 1) && !v.is_wholly_known()
}
