//! Sets and products.

use super::Function;
use super::build::*;
use groma_value::convert::unify_unsafe;
use groma_value::{Marks, Type, Value, convert};

/// A larger bound on the length of an unknown product is not worth keeping.
const LARGEST_FACTOR: u64 = 1024;
const LARGEST_PRODUCT: u64 = 2048;

pub(super) fn functions() -> Vec<Function> {
    let any_set = || Type::set(Type::Dynamic);
    let set = |name| param(name, any_set(), "A set.").dynamic();
    vec![
        function(
            "setunion",
            "The elements that are in any of the sets.",
            [set("first_set")],
            any_set(),
            |a| {
                combine(a, true, |mut left, right| {
                    left.extend(right);
                    left
                })
            },
        )
        .variadic(set("other_sets"))
        .typed(common_set),
        function(
            "setintersection",
            "The elements that are in all of the sets.",
            [set("first_set")],
            any_set(),
            |a| combine(a, false, |left, right| filter(left, &right, true)),
        )
        .variadic(set("other_sets"))
        .typed(common_set),
        function(
            "setsubtract",
            "The elements of one set that are not in another.",
            [set("a"), set("b")],
            any_set(),
            |a| combine(a, false, |left, right| filter(left, &right, false)),
        )
        .typed(common_set),
        function(
            "setproduct",
            "All combinations of the elements of some collections.",
            [],
            Type::Dynamic,
            product,
        )
        .variadic(param("sets", Type::Dynamic, "The lists, sets or tuples.").marked().unknown())
        .typed(|a| product_types(a).map(|p| p.ty())),
    ]
}

/// The set type that all arguments fit. Empty sets of no particular type fit any.
fn common_set(args: &[Value]) -> Res<Type> {
    let mut types = Vec::new();
    for arg in args {
        let Type::Set(ty) = arg.ty() else { return Ok(Type::Dynamic) };
        if *ty == Type::Dynamic && arg.as_elements().is_some_and(<[Value]>::is_empty) {
            continue;
        }
        types.push((*ty).clone());
    }
    if types.is_empty() {
        return Ok(Type::set(Type::Dynamic));
    }
    match unify_unsafe(&types) {
        Some(ty) => Ok(Type::set(ty)),
        None => fail("given sets must all have compatible element types"),
    }
}

fn combine(
    args: &[Value],
    unknown_elements: bool,
    f: impl Fn(Vec<Value>, Vec<Value>) -> Vec<Value>,
) -> Res<Value> {
    let ty = common_set(args)?;
    let Type::Set(element) = &ty else { return Ok(Value::dynamic()) };
    let mut all: Option<Vec<Value>> = None;
    for (i, arg) in args.iter().enumerate() {
        let arg = convert(arg, &ty).or_else(|e| fail_arg(i, e.message))?;
        let Value::Set(set) = &arg else { return Ok(Value::unknown(ty)) };
        if !unknown_elements && !arg.is_wholly_known() {
            return Ok(Value::unknown(ty));
        }
        all = Some(match all {
            None => set.items.clone(),
            Some(left) => f(left, set.items.clone()),
        });
    }
    Ok(Value::set((**element).clone(), all.unwrap_or_default()))
}

/// The elements that are (or are not) in `other`, which is in iteration order.
fn filter(items: Vec<Value>, other: &[Value], present: bool) -> Vec<Value> {
    let found = |v: &Value| {
        // Elements that compare as equal in order may still differ.
        let from = other.partition_point(|o| groma_value::set::compare(o, v).is_lt());
        other[from..].iter().take_while(|o| groma_value::set::compare(o, v).is_eq()).any(|o| o == v)
    };
    items.into_iter().filter(|v| found(v) == present).collect()
}

struct ProductTypes {
    elements: Vec<Type>,
    /// Whether all arguments keep an order.
    list: bool,
}

impl ProductTypes {
    fn ty(&self) -> Type {
        let tuple = Type::tuple(self.elements.iter().cloned());
        if self.list { Type::list(tuple) } else { Type::set(tuple) }
    }
}

fn product_types(args: &[Value]) -> Res<ProductTypes> {
    if args.len() < 2 {
        return fail("at least two arguments are required");
    }
    let mut out = ProductTypes { elements: Vec::new(), list: true };
    for (i, arg) in args.iter().enumerate() {
        out.elements.push(match arg.ty() {
            Type::List(ty) => (*ty).clone(),
            Type::Set(ty) => {
                out.list = false;
                (*ty).clone()
            }
            Type::Tuple(types) if types.is_empty() => Type::Dynamic,
            Type::Tuple(types) => match unify_unsafe(&types) {
                Some(ty) => ty,
                None => return fail_arg(i, "all elements must be of the same type"),
            },
            _ => return fail_arg(i, "a set or a list is required"),
        });
    }
    Ok(out)
}

fn product(args: &[Value]) -> Res<Value> {
    let types = product_types(args)?;
    let mut marks = Marks::new();
    let mut lists: Vec<Vec<Value>> = Vec::new();
    let mut unknown_length = false;
    for (arg, ty) in args.iter().zip(&types.elements) {
        let (v, m) = unmark(arg);
        marks.extend(&m);
        match v.as_elements() {
            Some(items) if !unsettled(v) => lists.push(
                items
                    .iter()
                    .map(|v| convert(v, ty).or_else(|e| fail(e.message)))
                    .collect::<Res<Vec<Value>>>()?,
            ),
            _ => unknown_length = true,
        }
    }
    if unknown_length {
        return Ok(unknown_product(args, types.ty()).with_marks(&marks));
    }
    let total = lists.iter().map(Vec::len).product();
    let mut rows: Vec<Value> = Vec::with_capacity(total);
    for row in 0..total {
        // The last list varies fastest.
        let mut rest = row;
        let mut tuple: Vec<Value> = lists
            .iter()
            .rev()
            .map(|list| {
                let v = list[rest % list.len()].clone();
                rest /= list.len();
                v
            })
            .collect();
        tuple.reverse();
        rows.push(Value::tuple(tuple));
    }
    let ty = Type::tuple(types.elements.iter().cloned());
    let rows = if types.list { Value::list(ty, rows) } else { Value::set(ty, rows) };
    Ok(rows.with_marks(&marks))
}

/// An unknown with the bounds on its length that the arguments' lengths give.
fn unknown_product(args: &[Value], ty: Type) -> Value {
    let mut most = 1u64;
    for arg in args {
        let factor = match arg.peel() {
            Value::Unknown(Type::Tuple(types), _) => Some(types.len() as u64),
            Value::Unknown(_, r) => r.as_ref().and_then(|r| r.len_max),
            v => v.as_elements().map(|e| e.len() as u64),
        };
        match factor {
            Some(n) if n <= LARGEST_FACTOR && most * n <= LARGEST_PRODUCT => most *= n,
            _ => return Value::unknown(ty),
        }
    }
    match (most, ty) {
        (0, Type::List(ty)) => Value::list((*ty).clone(), Vec::new()),
        (0, Type::Set(ty)) => Value::set((*ty).clone(), Vec::new()),
        (most, ty) => unknown_with_length(ty, 1, Some(most)),
    }
}
