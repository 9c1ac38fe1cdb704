//! Lists and tuples.

use super::Function;
use super::build::*;
use groma_value::convert::unify_unsafe;
use groma_value::{Fields, Marks, Number, Type, Value, convert};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

pub(super) fn functions() -> Vec<Function> {
    let any = || Type::Dynamic;
    let any_list = || Type::list(Type::Dynamic);
    let strings = || Type::list(Type::String);
    vec![
        function("concat", "The elements of all lists, one list after the other.", [], any(), concat)
            .variadic(param("seqs", any(), "The lists or tuples.").marked())
            .typed(concat_type),
        function(
            "flatten",
            "The elements of a list, with those of lists in it in their places.",
            [param("list", any(), "The list, set or tuple.").marked()],
            any(),
            flatten,
        )
        .typed(|a| {
            check_flatten(&a[0])?;
            Ok(Type::Dynamic)
        }),
        function(
            "distinct",
            "The elements of a list without repetitions.",
            [param("list", any_list(), "The list.")],
            any_list(),
            distinct,
        )
        .typed(|a| Ok(a[0].ty())),
        function(
            "compact",
            "The elements of a list that are neither null nor empty strings.",
            [param("list", strings(), "The list.")],
            strings(),
            |a| {
                if !a[0].is_wholly_known() {
                    return Ok(Value::unknown(Type::list(Type::String)));
                }
                let kept = |v: &&Value| v.as_str().is_some_and(|s| !s.is_empty());
                let items = a[0].as_elements().unwrap_or_default().iter().filter(kept).cloned().collect();
                Ok(Value::list(Type::String, items))
            },
        ),
        function(
            "chunklist",
            "A list cut into lists of a length.",
            [
                param("list", any_list(), "The list.").marked(),
                param("size", Type::Number, "How long the parts are, but perhaps the last.").marked(),
            ],
            Type::list(any_list()),
            chunklist,
        )
        .typed(|a| Ok(Type::list(a[0].ty()))),
        function(
            "reverse",
            "The elements of a list in reverse order.",
            [param("list", any(), "The list, set or tuple.").marked()],
            any(),
            reverse,
        )
        .typed(|a| reverse_type(&a[0])),
        function(
            "slice",
            "A part of a list.",
            [
                param("list", any(), "The list or tuple.").marked(),
                param("start_index", Type::Number, "The position of the first element, from 0."),
                param("end_index", Type::Number, "The position after the last element."),
            ],
            any(),
            slice,
        )
        .typed(slice_type),
        function(
            "sort",
            "The strings of a list in order.",
            [param("list", strings(), "The list.").unknown()],
            strings(),
            sort,
        ),
    ]
}

/// The list type that all arguments fit, if they are all lists and there is one.
fn common_list(args: &[Value]) -> Option<Type> {
    let types: Vec<Type> = args.iter().map(Value::ty).collect();
    types.iter().all(|t| matches!(t, Type::List(_))).then(|| unify_unsafe(&types)).flatten()
}

fn not_a_sequence<T>(index: usize, v: &Value) -> Res<T> {
    fail_arg(index, format!("all arguments must be lists or tuples; got {}", v.ty().friendly_name()))
}

fn concat_type(args: &[Value]) -> Res<Type> {
    if args.is_empty() {
        return fail("at least one argument is required");
    }
    if let Some(ty) = common_list(args) {
        return Ok(ty);
    }
    let mut types = Vec::new();
    for (i, arg) in args.iter().enumerate() {
        match arg.peel() {
            Value::Tuple(items) => types.extend(items.iter().map(Value::ty)),
            Value::Unknown(Type::Tuple(items), _) => types.extend(items.iter().cloned()),
            Value::List(e) => types.extend(e.items.iter().map(|_| e.ty.clone())),
            Value::Unknown(Type::List(_), _) => return Ok(Type::Dynamic),
            v => return not_a_sequence(i, v),
        }
    }
    Ok(Type::tuple(types))
}

fn concat(args: &[Value]) -> Res<Value> {
    if args.is_empty() {
        return fail("at least one argument is required");
    }
    let common = common_list(args);
    let mut marks = Marks::new();
    let mut items = Vec::new();
    for (i, arg) in args.iter().enumerate() {
        let arg = match &common {
            Some(ty) => convert(arg, ty).or_else(|e| fail_arg(i, e.message))?,
            None => arg.clone(),
        };
        let (v, m) = unmark(&arg);
        marks.extend(&m);
        match v {
            Value::List(e) => items.extend(e.items.iter().cloned()),
            Value::Tuple(t) => items.extend(t.iter().cloned()),
            v => return not_a_sequence(i, v),
        }
    }
    Ok(match common {
        Some(Type::List(ty)) => Value::list((*ty).clone(), items),
        _ => Value::tuple(items),
    }
    .with_marks(&marks))
}

fn check_flatten(v: &Value) -> Res<()> {
    match v.ty() {
        Type::List(_) | Type::Set(_) | Type::Tuple(_) => Ok(()),
        _ => fail("can only flatten lists, sets and tuples"),
    }
}

fn flatten(args: &[Value]) -> Res<Value> {
    check_flatten(&args[0])?;
    let mut marks = Marks::new();
    let mut out = Vec::new();
    let known = flatten_into(&args[0], &mut out, &mut marks);
    Ok(if known { Value::tuple(out) } else { Value::dynamic() }.with_marks(&marks))
}

/// Whether the number of elements is known.
fn flatten_into(v: &Value, out: &mut Vec<Value>, marks: &mut Marks) -> bool {
    let (v, m) = unmark(v);
    marks.extend(&m);
    if unsettled(v) {
        return false;
    }
    let mut known = true;
    for item in v.as_elements().unwrap_or_default() {
        match item.peel() {
            Value::List(_) | Value::Set(_) | Value::Tuple(_) => {
                known &= flatten_into(item, out, marks);
            }
            Value::Unknown(Type::List(_) | Type::Set(_) | Type::Tuple(_), _) => {
                marks.extend(&item.marks());
                known = false;
            }
            // May turn out to be a list.
            Value::Unknown(Type::Dynamic, _) if !item.is_marked() => known = false,
            _ => out.push(item.clone()),
        }
    }
    known
}

/// Equal known values have equal hashes.
fn hash(v: &Value, state: &mut DefaultHasher) {
    match v {
        Value::Null(_) | Value::Unknown(..) => 0u8.hash(state),
        Value::Bool(b) => b.hash(state),
        Value::Number(n) => n.hash(state),
        Value::String(s) => s.hash(state),
        Value::List(e) | Value::Set(e) => e.items.iter().for_each(|v| hash(v, state)),
        Value::Tuple(items) => items.iter().for_each(|v| hash(v, state)),
        Value::Map(m) => hash_fields(&m.items, state),
        Value::Object(f) => hash_fields(f, state),
        Value::Marked(m) => hash(&m.0, state),
    }
}
fn hash_fields(fields: &Fields, state: &mut DefaultHasher) {
    for (n, v) in fields.iter() {
        n.hash(state);
        hash(v, state);
    }
}

fn distinct(args: &[Value]) -> Res<Value> {
    let Value::List(list) = &args[0] else { return Ok(Value::unknown(args[0].ty())) };
    if !args[0].is_wholly_known() {
        return Ok(Value::unknown(args[0].ty()));
    }
    let mut seen: HashMap<u64, Vec<usize>> = HashMap::new();
    let mut out: Vec<Value> = Vec::new();
    for v in &list.items {
        let mut state = DefaultHasher::new();
        hash(v, &mut state);
        let same_hash = seen.entry(state.finish()).or_default();
        if !same_hash.iter().any(|i| equal(&out[*i], v) == Some(true)) {
            same_hash.push(out.len());
            out.push(v.clone());
        }
    }
    Ok(Value::list(list.ty.clone(), out))
}

fn chunklist(args: &[Value]) -> Res<Value> {
    let ((list_value, list_marks), (size, size_marks)) = (unmark(&args[0]), unmark(&args[1]));
    let Value::List(list) = list_value else { return Ok(Value::unknown(Type::list(list_value.ty()))) };
    let size = integer(size).or_else(|e| fail(format!("invalid size: {e}")))?;
    let Ok(size) = usize::try_from(size) else {
        return fail("the size argument must be positive");
    };
    // A size of zero means no limit.
    let size = if size == 0 { list.items.len().max(1) } else { size };
    let chunks = list.items.chunks(size).map(|c| Value::list(list.ty.clone(), c.to_vec())).collect();
    Ok(Value::list(list_value.ty(), chunks).with_marks(&list_marks).with_marks(&size_marks))
}

fn reverse_type(v: &Value) -> Res<Type> {
    match v.ty() {
        Type::Tuple(types) => Ok(Type::tuple(types.iter().rev().cloned())),
        Type::List(ty) | Type::Set(ty) => Ok(Type::List(ty)),
        ty => fail_arg(0, format!("can only reverse list or tuple values, not {}", ty.friendly_name())),
    }
}

fn reverse(args: &[Value]) -> Res<Value> {
    let (v, marks) = unmark(&args[0]);
    let reversed = |items: &[Value]| items.iter().rev().cloned().collect();
    let result = match v {
        Value::List(e) | Value::Set(e) => Value::list(e.ty.clone(), reversed(&e.items)),
        Value::Tuple(items) => Value::tuple(reversed(items)),
        v => Value::unknown(reverse_type(v)?),
    };
    Ok(result.with_marks(&marks))
}

/// Checks what is known of the positions, and gives them if both are known.
fn slice_range(args: &[Value]) -> Res<Option<(usize, usize)>> {
    let list = args[0].peel();
    let len = match list {
        Value::Unknown(Type::Tuple(types), _) => Some(types.len()),
        v => v.as_elements().map(<[Value]>::len),
    };
    let read = |i: usize, what: &str| -> Res<Option<usize>> {
        if !args[i].is_known() {
            return Ok(None);
        }
        let n = integer(&args[i]).or_else(|e| fail_arg(i, format!("invalid {what} index: {e}")))?;
        let Ok(n) = usize::try_from(n) else {
            return fail_arg(i, format!("{what} index must not be less than zero"));
        };
        if len.is_some_and(|len| n > len) {
            return fail_arg(i, format!("{what} index must not be greater than the length of the list"));
        }
        Ok(Some(n))
    };
    match (read(1, "start")?, read(2, "end")?) {
        (Some(start), Some(end)) if start > end => {
            fail_arg(1, "start index must not be greater than end index")
        }
        (Some(start), Some(end)) => Ok(Some((start, end))),
        _ => Ok(None),
    }
}

fn slice_type(args: &[Value]) -> Res<Type> {
    let ty = args[0].ty();
    match &ty {
        Type::Set(_) => fail_arg(
            0,
            "cannot slice a set, because its elements do not have indices; explicitly convert to a list if the ordering of the result is not important",
        ),
        Type::List(_) => slice_range(args).map(|_| ty),
        Type::Tuple(types) => Ok(match slice_range(args)? {
            Some((start, end)) => Type::tuple(types[start..end].iter().cloned()),
            None => Type::Dynamic,
        }),
        _ => fail_arg(0, "must be a list or tuple value"),
    }
}

fn slice(args: &[Value]) -> Res<Value> {
    let (v, marks) = unmark(&args[0]);
    let (Value::List(_) | Value::Tuple(_), Some((start, end))) = (v, slice_range_if_sequence(args)?) else {
        return slice_type(args).map(|ty| Value::unknown(ty).with_marks(&marks));
    };
    let part = v.as_elements().unwrap_or_default()[start..end].to_vec();
    Ok(match v {
        Value::List(e) => Value::list(e.ty.clone(), part),
        _ => Value::tuple(part),
    }
    .with_marks(&marks))
}

fn slice_range_if_sequence(args: &[Value]) -> Res<Option<(usize, usize)>> {
    match args[0].peel() {
        Value::List(_) | Value::Tuple(_) => slice_range(args),
        _ => Ok(None),
    }
}

fn sort(args: &[Value]) -> Res<Value> {
    let ty = Type::list(Type::String);
    let Value::List(list) = &args[0] else {
        let r = args[0].refinement().cloned().unwrap_or_default();
        return Ok(unknown_with_length(ty, r.len_min, r.len_max));
    };
    if !args[0].is_wholly_known() {
        let n = list.items.len() as u64;
        return Ok(unknown_with_length(ty, n, Some(n)));
    }
    if let Some(i) = list.items.iter().position(Value::is_null) {
        let i = Number::from_i64(i as i64);
        return fail(format!("given list element {i} is null; a null string cannot be sorted"));
    }
    let mut items = list.items.clone();
    items.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
    Ok(Value::list(Type::String, items))
}
