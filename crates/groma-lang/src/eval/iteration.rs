//! `for` expressions and splats.

use super::env::{Env, Local};
use super::quote;
use crate::ast::{Expr, ForExpr};
use crate::diag::{Diagnostic, Diagnostics};
use crate::source::Span;
use groma_value::convert::{self, convert};
use groma_value::{Fields, Mark, Marks, Name, Refinement, Type, Value};
use std::collections::BTreeMap;

const INVALID_CONDITION: &str = "Invalid 'for' condition";
const INVALID_KEY: &str = "Invalid object key";
const NULL_CONDITION: &str = "The value of the 'if' clause must not be null.";

/// A known value that can be iterated over, without marks.
pub(super) struct Elements(Value);

impl Elements {
    /// Keys and values in iteration order.
    pub(super) fn iter(&self) -> Box<dyn Iterator<Item = (Value, &Value)> + '_> {
        elements(&self.0)
    }
}

/// Keys and values of a known, unmarked collection, tuple or object in iteration
/// order; nothing for other values. An element of a set is its own key.
pub(crate) fn elements(value: &Value) -> Box<dyn Iterator<Item = (Value, &Value)> + '_> {
    match value {
        Value::List(e) => Box::new(e.items.iter().enumerate().map(|(i, v)| (Value::int(i as i64), v))),
        Value::Tuple(items) => Box::new(items.iter().enumerate().map(|(i, v)| (Value::int(i as i64), v))),
        Value::Set(e) => Box::new(e.items.iter().map(|v| (v.clone(), v))),
        Value::Map(m) => Box::new(m.items.iter().map(|(n, v)| (Value::String(n.clone()), v))),
        Value::Object(f) => Box::new(f.iter().map(|(n, v)| (Value::String(n.clone()), v))),
        _ => Box::new(std::iter::empty()),
    }
}

/// Whether a value of this type can be iterated over.
pub(crate) fn is_iterable(ty: &Type) -> bool {
    ty.is_collection() || matches!(ty, Type::Tuple(_) | Type::Object(_))
}

/// What an iteration yields for one element.
enum Item {
    Skip,
    /// The result as a whole cannot be known.
    Unknown,
    Key(Name),
}

/// What becomes of all elements of a `for` expression.
struct Gathered {
    known: bool,
    marks: Marks,
}

impl Env<'_> {
    /// The value to be iterated over and its marks; `None` after an error, and for
    /// a value of unknown type.
    fn eval_collection(
        &self,
        collection: &Expr,
        whole: Span,
        diags: &mut Diagnostics,
    ) -> Option<(Value, Marks)> {
        let value = self.eval(collection, diags);
        if value.is_null() {
            let detail = "A null value cannot be used as the collection in a 'for' expression.";
            self.report(collection, whole, "Iteration over null value", detail, diags);
            return None;
        }
        let (value, marks) = value.unmark();
        if matches!(value, Value::Unknown(Type::Dynamic, _)) {
            return None;
        }
        if !can_iterate(&value) {
            let detail = format!(
                "A value of type {} cannot be used as the collection in a 'for' expression.",
                value.ty().friendly_name()
            );
            self.report(collection, whole, "Iteration over non-iterable value", detail, diags);
            return None;
        }
        Some((value, marks))
    }

    /// As [`Env::eval_collection`], and `None` for an unknown value.
    pub(super) fn eval_iterated(
        &self,
        collection: &Expr,
        whole: Span,
        diags: &mut Diagnostics,
    ) -> Option<(Elements, Marks)> {
        let (value, marks) = self.eval_collection(collection, whole, diags)?;
        value.is_known().then_some((Elements(value), marks))
    }

    pub(super) fn eval_for(&self, whole: Span, f: &ForExpr, diags: &mut Diagnostics) -> Value {
        let Some((collection, marks)) = self.eval_collection(&f.collection, whole, diags) else {
            return Value::dynamic();
        };
        let mut gathered = Gathered { known: true, marks };
        if let Some(condition) = &f.condition {
            match self.check_condition(whole, f, condition, diags) {
                Some(marks) if !collection.is_known() => gathered.marks.extend(&marks),
                Some(_) => {}
                None => return Value::dynamic(),
            }
        }
        if !collection.is_known() {
            return Value::dynamic().with_marks(&gathered.marks);
        }
        let mut list = Vec::new();
        let mut groups: BTreeMap<Name, Vec<Value>> = BTreeMap::new();
        for (key, value) in elements(&collection) {
            let value_local = Local { name: &f.value_name.name, value, outer: self.locals };
            let key_local;
            let env = match &f.key_name {
                Some(name) => {
                    key_local = Local { name: &name.name, value: &key, outer: Some(&value_local) };
                    self.with_local(&key_local)
                }
                None => self.with_local(&value_local),
            };
            if let Some(condition) = &f.condition
                && !env.included(whole, condition, &mut gathered, diags)
            {
                continue;
            }
            let Some(key_expr) = &f.key else {
                list.push(env.eval(&f.value, diags));
                continue;
            };
            match env.item_key(whole, key_expr, &mut gathered, diags) {
                Item::Skip => {}
                Item::Unknown => gathered.known = false,
                Item::Key(name) => {
                    let result = env.eval(&f.value, diags);
                    let group = groups.entry(name.clone()).or_default();
                    if f.group || group.is_empty() {
                        group.push(result);
                        continue;
                    }
                    let detail = format!(
                        "Two different items produced the key {} in this 'for' expression. If duplicates are expected, use the ellipsis (...) after the value expression to enable grouping by key.",
                        quote(&name)
                    );
                    env.report(key_expr, whole, "Duplicate object key", detail, diags);
                }
            }
        }
        let result = match (gathered.known, f.key.is_some()) {
            (false, _) => Value::dynamic(),
            (true, false) => Value::tuple(list),
            (true, true) => Value::Object(std::sync::Arc::new(
                groups
                    .into_iter()
                    .map(|(name, mut values)| match values.pop() {
                        Some(only) if !f.group => (name, only),
                        Some(last) => {
                            values.push(last);
                            (name, Value::tuple(values))
                        }
                        None => (name, Value::dynamic()),
                    })
                    .collect::<Fields>(),
            )),
        };
        result.with_marks(&gathered.marks)
    }

    /// Evaluates the condition once with unknown elements, so that one that is
    /// wrong for every element is reported once. Gives its marks; `None` after an error.
    fn check_condition(
        &self,
        whole: Span,
        f: &ForExpr,
        condition: &Expr,
        diags: &mut Diagnostics,
    ) -> Option<Marks> {
        let unknown = Value::dynamic();
        let value_local = Local { name: &f.value_name.name, value: &unknown, outer: self.locals };
        let key_local;
        let env = match &f.key_name {
            Some(name) => {
                key_local = Local { name: &name.name, value: &unknown, outer: Some(&value_local) };
                self.with_local(&key_local)
            }
            None => self.with_local(&value_local),
        };
        let before = diags.len();
        let value = env.eval(condition, diags);
        if value.is_null() {
            self.report(condition, whole, "Condition is null", NULL_CONDITION, diags);
            return None;
        }
        if let Err(e) = convert(&value, &Type::Bool) {
            let detail = format!("The 'if' clause value is invalid: {}.", e.message);
            self.report(condition, whole, INVALID_CONDITION, detail, diags);
            return None;
        }
        let failed = diags.iter().skip(before).any(Diagnostic::is_error);
        (!failed).then(|| value.marks())
    }

    /// Whether the condition lets this element in. Once the result is known to be
    /// unknown, further errors of this kind are the same again and left out.
    fn included(&self, whole: Span, condition: &Expr, g: &mut Gathered, diags: &mut Diagnostics) -> bool {
        let value = self.eval(condition, diags);
        if value.is_null() {
            if g.known {
                self.report(condition, whole, INVALID_CONDITION, NULL_CONDITION, diags);
            }
            g.known = false;
            return false;
        }
        let (value, marks) = value.unmark();
        g.marks.extend(&marks);
        match convert(&value, &Type::Bool) {
            // What is made up decides nothing: see conditionals.
            Ok(Value::Bool(b)) if !marks.contains(&Mark::Invented) => b,
            Ok(_) => {
                g.known = false;
                false
            }
            Err(e) => {
                if g.known {
                    let detail = format!("The 'if' clause value is invalid: {}.", e.message);
                    self.report(condition, whole, INVALID_CONDITION, detail, diags);
                }
                g.known = false;
                false
            }
        }
    }

    fn item_key(&self, whole: Span, key: &Expr, g: &mut Gathered, diags: &mut Diagnostics) -> Item {
        let value = self.eval(key, diags);
        if value.is_null() {
            if g.known {
                let detail = "Key expression in 'for' expression must not produce a null value.";
                self.report(key, whole, INVALID_KEY, detail, diags);
            }
            return Item::Unknown;
        }
        let (value, marks) = value.unmark();
        g.marks.extend(&marks);
        if !value.is_known() {
            return Item::Unknown;
        }
        match convert(&value, &Type::String) {
            Ok(Value::String(s)) => Item::Key(s),
            Ok(_) => Item::Skip,
            Err(e) => {
                if g.known {
                    let detail = format!("The key expression produced an invalid result: {}.", e.message);
                    self.report(key, whole, INVALID_KEY, detail, diags);
                }
                Item::Unknown
            }
        }
    }

    /// `source[*].each`: a list or set gives a list, a tuple a tuple; any other
    /// value counts as a tuple of it alone, null as the empty tuple.
    pub(super) fn eval_splat(
        &self,
        whole: &Expr,
        source: &Expr,
        each: &Expr,
        marker: Span,
        diags: &mut Diagnostics,
    ) -> Value {
        let before = diags.len();
        let value = self.eval(source, diags);
        if diags.iter().skip(before).any(Diagnostic::is_error) {
            return Value::dynamic();
        }
        let (value, marks) = value.unmark();
        let sequence = is_sequence(&value);
        if value.is_null() {
            if !sequence {
                return Value::tuple(Vec::new()).with_marks(&marks);
            }
            let detail = "Splat expressions (with the * symbol) cannot be applied to null sequences.";
            self.report(source, source.span.to(marker), "Splat of null value", detail, diags);
            return Value::dynamic();
        }
        if matches!(value, Value::Unknown(Type::Dynamic, _)) {
            return Value::dynamic().with_marks(&marks);
        }
        if let (true, Value::Unknown(ty, refinement)) = (sequence, &value) {
            return self.splat_unknown(ty, refinement.as_deref(), each, diags).with_marks(&marks);
        }
        if !sequence {
            // Whether there will be one element or none is not known until the
            // value is; its parts are checked nevertheless.
            let known = value.is_known() || value.definitely_not_null();
            let item = self.eval_each(each, &value.with_marks(&marks), diags);
            let result = if known { Value::tuple(vec![item]) } else { Value::dynamic() };
            return result.with_marks(&marks);
        }
        let before = diags.len();
        let items: Vec<Value> = elements(&value).map(|(_, v)| self.eval_each(each, v, diags)).collect();
        let failed = diags.iter().skip(before).any(Diagnostic::is_error);
        let ty = common_type(&items);
        let result = match &value {
            // The types of what was found tell enough after an error: to evaluate
            // again for them would take exponential time where splats nest.
            Value::List(_) | Value::Set(_) if failed => {
                Value::unknown(Type::list(ty.unwrap_or(Type::Dynamic)))
            }
            _ if failed => Value::unknown(Type::tuple(items.iter().map(Value::ty))),
            Value::List(e) | Value::Set(e) => match ty {
                Some(ty) => Value::list(ty, items),
                None if items.is_empty() => Value::list(self.each_type(&e.ty, each, diags), items),
                None => {
                    let detail = "The second level of splat expression produced elements of different types, so it isn't possible to construct a valid list to represent the top-level result.\n\nConsider using a for expression instead, to produce a tuple-typed result which can therefore have non-homogenous element types.";
                    let d = Diagnostic::error("Invalid nested splat expressions", detail);
                    diags.push(d.at(each.span).within(whole.span));
                    return Value::dynamic();
                }
            },
            _ => Value::tuple(items),
        };
        result.with_marks(&marks)
    }

    fn splat_unknown(
        &self,
        ty: &Type,
        refinement: Option<&Refinement>,
        each: &Expr,
        diags: &mut Diagnostics,
    ) -> Value {
        let mut r = Refinement::not_null();
        match ty {
            Type::List(t) | Type::Set(t) => {
                if let Some(known) = refinement {
                    r.len_min = known.len_min;
                    r.len_max = known.len_max;
                }
                Value::unknown_refined(Type::list(self.each_type(t, each, diags)), r)
            }
            Type::Tuple(ts) => {
                let types: Vec<Type> = ts.iter().map(|t| self.each_type(t, each, diags)).collect();
                Value::unknown_refined(Type::tuple(types), r)
            }
            _ => Value::dynamic(),
        }
    }

    fn eval_each(&self, each: &Expr, item: &Value, diags: &mut Diagnostics) -> Value {
        Env { splat: Some(item), ..*self }.eval(each, diags)
    }

    /// The type that `each` has for an element of type `ty`.
    fn each_type(&self, ty: &Type, each: &Expr, diags: &mut Diagnostics) -> Type {
        self.eval_each(each, &Value::unknown(ty.clone()), diags).ty()
    }
}

/// The type of all values, if it is one.
fn common_type(values: &[Value]) -> Option<Type> {
    let ty = values.first()?.ty();
    values.iter().all(|v| convert::has_type(v, &ty)).then_some(ty)
}

fn can_iterate(value: &Value) -> bool {
    match value {
        Value::Unknown(t, _) => is_iterable(t),
        Value::List(_) | Value::Set(_) | Value::Map(_) | Value::Tuple(_) | Value::Object(_) => true,
        _ => false,
    }
}

fn is_sequence(value: &Value) -> bool {
    let sequence = |t: &Type| matches!(t, Type::List(_) | Type::Set(_) | Type::Tuple(_));
    match value {
        Value::Null(t) | Value::Unknown(t, _) => sequence(t),
        Value::List(_) | Value::Set(_) | Value::Tuple(_) => true,
        _ => false,
    }
}
