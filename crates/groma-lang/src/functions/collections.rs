//! Maps, objects, and questions about collections.

use super::Function;
use super::build::*;
use groma_value::convert::unify_unsafe;
use groma_value::{Fields, Mark, Marks, Number, Type, Value, convert};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn functions() -> Vec<Function> {
    let any = || Type::Dynamic;
    vec![
        function(
            "keys",
            "The keys of a map, or the names of an object's attributes, in order.",
            [param("inputMap", any(), "The map or object.").unknown().marked()],
            any(),
            keys,
        )
        .typed(|a| keys_type(&a[0])),
        function(
            "values",
            "The values of a map or object in the order of their keys.",
            [param("mapping", any(), "The map or object.").marked()],
            any(),
            values,
        )
        .typed(|a| values_type(&a[0])),
        function(
            "lookup",
            "The element of a map with a key, or a default.",
            [
                param("inputMap", any(), "The map or object.").marked(),
                param("key", Type::String, "The key.").marked(),
            ],
            any(),
            lookup,
        )
        .variadic(
            param("default", any(), "What to give where there is no such key.")
                .null()
                .unknown()
                .dynamic()
                .marked(),
        )
        .typed(lookup_type)
        .nullable(),
        function("merge", "All elements of some maps or objects; later ones win.", [], any(), merge)
            .variadic(
                param("maps", any(), "The maps or objects; nulls are skipped.").null().dynamic().marked(),
            )
            .typed(merge_type),
        function(
            "zipmap",
            "A map or object from keys and their values.",
            [
                param("keys", Type::list(Type::String), "The keys.").marked(),
                param("values", any(), "As many values.").marked(),
            ],
            any(),
            zipmap,
        )
        .typed(zipmap_type),
        function(
            "transpose",
            "From a map of lists of strings, the map from these strings to the keys that had them.",
            [param("values", Type::map(Type::list(Type::String)), "The map.")],
            Type::map(Type::list(Type::String)),
            transpose,
        ),
        function(
            "coalesce",
            "The first argument that is neither null nor an empty string.",
            [],
            any(),
            coalesce,
        )
        .variadic(param("vals", any(), "The candidates.").null().unknown().dynamic())
        .typed(coalesce_type),
        function("coalescelist", "The first list that is not empty.", [], any(), coalescelist)
            .variadic(param("vals", any(), "The lists.").null().unknown().dynamic())
            .typed(coalescelist_type),
        function(
            "contains",
            "Whether a list, set or tuple has an element.",
            [param("list", any(), "Where to look."), param("value", any(), "What to look for.")],
            Type::Bool,
            contains,
        ),
        function(
            "index",
            "The position of the first such element in a list.",
            [param("list", any(), "Where to look."), param("value", any(), "What to look for.")],
            Type::Number,
            index,
        ),
        function(
            "element",
            "The element of a list at a position, starting over after the last.",
            [
                param("list", any(), "The list.").marked(),
                param("index", Type::Number, "The position, from 0."),
            ],
            any(),
            element,
        )
        .typed(element_type)
        .nullable(),
        function(
            "one",
            "The only element of a collection, or null if it has none.",
            [param("list", any(), "A list, set or tuple of at most one element.")],
            any(),
            one,
        )
        .typed(|a| one_type(&a[0]))
        .nullable(),
        function(
            "sum",
            "The sum of the numbers in a collection.",
            [param("list", any(), "The list, set or tuple of numbers.")],
            Type::Number,
            sum,
        ),
        function(
            "alltrue",
            "Whether every element is true.",
            [param("list", Type::list(Type::Bool), "The elements.")],
            Type::Bool,
            |a| Ok(all_true(a[0].as_elements().unwrap_or_default())),
        ),
        function(
            "anytrue",
            "Whether some element is true.",
            [param("list", Type::list(Type::Bool), "The elements.")],
            Type::Bool,
            |a| Ok(any_true(a[0].as_elements().unwrap_or_default())),
        ),
        function(
            "matchkeys",
            "Those values of which the key at the same position is in a set.",
            [
                param("values", Type::list(any()), "The values."),
                param("keys", Type::list(any()), "As many keys."),
                param("searchset", Type::list(any()), "The keys to look for."),
            ],
            Type::list(any()),
            matchkeys,
        )
        .typed(|a| {
            common_keys(&a[1], &a[2])?;
            Ok(a[0].ty())
        }),
    ]
}

fn keys_type(v: &Value) -> Res<Type> {
    match v.ty() {
        Type::Map(_) => Ok(Type::list(Type::String)),
        Type::Object(o) => Ok(Type::tuple(o.attrs.keys().map(|_| Type::String))),
        _ => fail_arg(0, "must have map or object type"),
    }
}

fn keys(args: &[Value]) -> Res<Value> {
    let (v, marks) = unmark(&args[0]);
    let result = match v {
        Value::Map(m) => Value::list(Type::String, m.items.names().cloned().map(Value::String).collect()),
        Value::Object(f) => Value::tuple(f.names().cloned().map(Value::String).collect()),
        Value::Unknown(Type::Object(o), _) => {
            Value::tuple(o.attrs.keys().cloned().map(Value::String).collect())
        }
        v => Value::unknown(keys_type(v)?),
    };
    Ok(result.with_marks(&marks))
}

fn values_type(v: &Value) -> Res<Type> {
    match v.ty() {
        Type::Map(t) => Ok(Type::List(t)),
        Type::Object(o) => Ok(Type::tuple(o.attrs.values().cloned())),
        _ => fail("values() requires a map as the first argument"),
    }
}

fn values(args: &[Value]) -> Res<Value> {
    let (v, marks) = unmark(&args[0]);
    let result = match v {
        Value::Map(m) => Value::list(m.ty.clone(), m.items.values().cloned().collect()),
        Value::Object(f) => Value::tuple(f.values().cloned().collect()),
        _ => return values_type(v).map(Value::unknown),
    };
    Ok(result.with_marks(&marks))
}

fn check_lookup(args: &[Value]) -> Res<()> {
    if args.len() > 3 {
        return fail(format!("lookup() takes two or three arguments, got {}", args.len()));
    }
    Ok(())
}

fn lookup_type(args: &[Value]) -> Res<Type> {
    check_lookup(args)?;
    match args[0].ty() {
        Type::Object(o) => {
            let Some(key) = args[1].as_str() else { return Ok(Type::Dynamic) };
            match (o.attrs.get(key), args.get(2)) {
                (Some(ty), _) => Ok(ty.clone()),
                (None, Some(default)) => Ok(default.ty()),
                (None, None) => fail_arg(0, format!("the given object has no attribute {}", quote(key))),
            }
        }
        Type::Map(ty) => {
            if let Some(default) = args.get(2) {
                lookup_default(default, &ty)?;
            }
            Ok((*ty).clone())
        }
        _ => fail_arg(0, "lookup() requires a map as the first argument"),
    }
}

fn lookup_default(default: &Value, ty: &Type) -> Res<Value> {
    convert(default, ty)
        .or_else(|_| fail_arg(2, "the default value must have the same type as the map elements"))
}

fn lookup(args: &[Value]) -> Res<Value> {
    check_lookup(args)?;
    let ((map, map_marks), (key_value, key_marks)) = (unmark(&args[0]), unmark(&args[1]));
    let key = text(key_value);
    let mut default = args.get(2).cloned();
    let found = match map {
        Value::Object(f) => f.get(key),
        Value::Map(m) => {
            // The default is checked even where it is not needed.
            default = default.map(|d| lookup_default(&d, &m.ty)).transpose()?;
            m.items.get(key)
        }
        v => return lookup_type(args).map(|ty| Value::unknown(ty).with_marks(&v.marks())),
    };
    let result = match (found, default, map) {
        (Some(v), _, _) => v.clone(),
        // The real key, of which this one only takes the place, may be there.
        (None, Some(_), _) if key_marks.contains(&Mark::Invented) => Value::unknown(lookup_type(args)?),
        (None, Some(default), _) => default,
        (None, None, Value::Object(_)) => {
            return fail_arg(0, format!("the given object has no attribute {}", quote(key)));
        }
        (None, None, _) => {
            return fail(format!("lookup failed to find key {}", redact(|| quote(key), &key_marks)));
        }
    };
    Ok(result.with_marks(&map_marks).with_marks(&key_marks))
}

/// What `merge` makes, as far as the arguments' types say.
enum Merged {
    /// All arguments have this type.
    Same(Type),
    /// An object of all the keys.
    Object,
    /// An argument's type, or an unknown map's keys, are not known.
    Unclear,
}

fn merged(args: &[Value]) -> Res<Merged> {
    let mut first: Option<Type> = None;
    let (mut same, mut keys_known) = (true, true);
    for arg in args {
        let v = arg.peel();
        let mut ty = v.ty();
        match ty {
            Type::Dynamic => return Ok(Merged::Unclear),
            Type::Object(_) if v.is_null() => ty = Type::object::<&str>([]),
            Type::Object(_) => {}
            Type::Map(_) => keys_known &= v.is_known(),
            _ => {
                return fail(format!(
                    "arguments must be maps or objects, got {}",
                    quote(&ty.friendly_name())
                ));
            }
        }
        same &= *first.get_or_insert_with(|| ty.clone()) == ty;
    }
    Ok(match first {
        None => Merged::Same(Type::object::<&str>([])),
        Some(ty) if same => Merged::Same(ty),
        _ if keys_known => Merged::Object,
        _ => Merged::Unclear,
    })
}

fn merge_type(args: &[Value]) -> Res<Type> {
    match merged(args)? {
        Merged::Same(ty) => Ok(ty),
        Merged::Unclear => Ok(Type::Dynamic),
        Merged::Object => {
            let mut attrs = BTreeMap::new();
            for arg in args {
                match arg.peel() {
                    Value::Object(f) => attrs.extend(f.iter().map(|(n, v)| (n.clone(), v.ty()))),
                    Value::Map(m) => attrs.extend(m.items.names().map(|n| (n.clone(), m.ty.clone()))),
                    Value::Unknown(Type::Object(o), _) => {
                        attrs.extend(o.attrs.iter().map(|(n, t)| (n.clone(), t.clone())));
                    }
                    _ => {}
                }
            }
            Ok(Type::object(attrs))
        }
    }
}

fn merge(args: &[Value]) -> Res<Value> {
    let kind = merged(args)?;
    let mut marks = Marks::new();
    let mut fields: Vec<(groma_value::Name, Value)> = Vec::new();
    for arg in args.iter().filter(|a| !a.is_null()) {
        let (v, m) = unmark(arg);
        marks.extend(&m);
        fields.extend(v.as_fields().into_iter().flat_map(Fields::iter).map(|(n, v)| (n.clone(), v.clone())));
    }
    Ok(match kind {
        Merged::Same(Type::Map(ty)) => Value::map((*ty).clone(), fields),
        _ => Value::object(fields),
    }
    .with_marks(&marks))
}

fn count_mismatch<T>(keys: usize, values: usize) -> Res<T> {
    fail(format!("number of keys ({keys}) does not match number of values ({values})"))
}

fn zipmap_type(args: &[Value]) -> Res<Type> {
    match args[1].ty() {
        Type::List(ty) => Ok(Type::Map(ty)),
        Type::Tuple(types) => {
            if !args[0].is_wholly_known() {
                return Ok(Type::Dynamic);
            }
            let keys = args[0].as_elements().unwrap_or_default();
            if keys.len() != types.len() {
                return count_mismatch(keys.len(), types.len());
            }
            let names = zip_names(keys)?;
            Ok(Type::object(names.into_iter().zip(types.iter().cloned())))
        }
        _ => fail("values argument must be a list or tuple value"),
    }
}

fn zip_names(keys: &[Value]) -> Res<Vec<groma_value::Name>> {
    keys.iter()
        .enumerate()
        .map(|(i, k)| match k.peel() {
            Value::String(s) => Ok(s.clone()),
            _ => fail(format!("keys list has null value at index {i}")),
        })
        .collect()
}

fn zipmap(args: &[Value]) -> Res<Value> {
    let ((keys, key_marks), (values, value_marks)) = (unmark(&args[0]), unmark(&args[1]));
    let mut marks = key_marks.union(&value_marks);
    if !keys.is_wholly_known() {
        return Ok(Value::unknown(zipmap_type(args)?).with_marks(&marks));
    }
    let keys = keys.as_elements().unwrap_or_default();
    let items = match values {
        Value::List(e) => &e.items,
        Value::Tuple(items) => &**items,
        _ => return fail("values argument must be a list or tuple value"),
    };
    if keys.len() != items.len() {
        return count_mismatch(keys.len(), items.len());
    }
    for k in keys {
        marks.extend(&k.marks());
    }
    let fields = zip_names(keys)?.into_iter().zip(items.iter().cloned());
    Ok(match values {
        Value::List(e) => Value::map(e.ty.clone(), fields),
        _ => Value::object(fields),
    }
    .with_marks(&marks))
}

fn transpose(args: &[Value]) -> Res<Value> {
    if !args[0].is_wholly_known() {
        return Ok(Value::unknown(Type::map(Type::list(Type::String))));
    }
    let mut out: BTreeMap<groma_value::Name, Vec<Value>> = BTreeMap::new();
    for (key, list) in args[0].as_fields().into_iter().flat_map(Fields::iter) {
        let Some(list) = list.as_elements() else {
            return fail("input must not contain null list");
        };
        for v in list {
            let Value::String(s) = v else {
                return fail("input list must not contain null string");
            };
            // Keys come in order, so each list is sorted already.
            out.entry(s.clone()).or_default().push(Value::String(key.clone()));
        }
    }
    Ok(Value::map(Type::list(Type::String), out.into_iter().map(|(n, v)| (n, Value::list(Type::String, v)))))
}

fn coalesce_type(args: &[Value]) -> Res<Type> {
    let types: Vec<Type> = args.iter().map(Value::ty).collect();
    unify_unsafe(&types).map_or_else(|| fail("all arguments must have the same type"), Ok)
}

fn coalesce(args: &[Value]) -> Res<Value> {
    let ty = coalesce_type(args)?;
    for arg in args {
        let v = convert(arg, &ty).or_else(|e| fail(e.to_string()))?;
        if !v.is_known() {
            return Ok(Value::unknown(ty));
        }
        if v.is_null() || (ty == Type::String && v.as_str() == Some("")) {
            continue;
        }
        return Ok(v);
    }
    fail("no non-null, non-empty-string arguments")
}

fn coalescelist_type(args: &[Value]) -> Res<Type> {
    if args.is_empty() {
        return fail("at least one argument is required");
    }
    let mut types = Vec::with_capacity(args.len());
    for arg in args {
        if !arg.is_known() {
            return Ok(Type::Dynamic);
        }
        match arg.ty() {
            ty @ (Type::List(_) | Type::Tuple(_)) => types.push(ty),
            _ => return fail("coalescelist arguments must be lists or tuples"),
        }
    }
    let same = types.windows(2).all(|w| w[0] == w[1]);
    Ok(if same { types.swap_remove(0) } else { Type::Dynamic })
}

fn coalescelist(args: &[Value]) -> Res<Value> {
    let ty = coalescelist_type(args)?;
    for arg in args {
        if !arg.is_known() {
            return Ok(Value::unknown(ty));
        }
        if arg.as_elements().is_some_and(|e| !e.is_empty()) {
            return Ok(arg.clone());
        }
    }
    fail("no non-null arguments")
}

fn contains(args: &[Value]) -> Res<Value> {
    let (Value::List(_) | Value::Set(_) | Value::Tuple(_)) = &args[0] else {
        return fail("argument must be list, tuple, or set");
    };
    let mut uncertain = false;
    for v in args[0].as_elements().unwrap_or_default() {
        match equal(&args[1], v) {
            Some(true) => return Ok(Value::bool(true)),
            Some(false) => {}
            None => uncertain = true,
        }
    }
    Ok(if uncertain { Value::unknown(Type::Bool) } else { Value::bool(false) })
}

fn index(args: &[Value]) -> Res<Value> {
    let items = match &args[0] {
        Value::List(e) => &e.items,
        Value::Tuple(items) => &**items,
        _ => return fail("argument must be a list or tuple"),
    };
    if items.is_empty() {
        return fail("cannot search an empty list");
    }
    for (i, v) in items.iter().enumerate() {
        match equal(v, &args[1]) {
            Some(true) => return Ok(Value::int(i as i64)),
            Some(false) => {}
            None => return Ok(Value::unknown(Type::Number)),
        }
    }
    fail("item not found")
}

fn position(index: &Value, len: usize) -> Res<usize> {
    let i = integer(index).or_else(|e| fail(format!("invalid index: {e}")))?;
    if len == 0 {
        return fail("cannot use element function with an empty list");
    }
    match usize::try_from(i) {
        Ok(i) => Ok(i % len),
        Err(_) => fail("cannot use element function with a negative index"),
    }
}

fn element_type(args: &[Value]) -> Res<Type> {
    match args[0].ty() {
        Type::List(ty) => Ok((*ty).clone()),
        Type::Tuple(_) if !args[1].is_known() => Ok(Type::Dynamic),
        Type::Tuple(types) => Ok(types[position(&args[1], types.len())?].clone()),
        ty => fail(format!("cannot read elements from {}", ty.friendly_name())),
    }
}

fn element(args: &[Value]) -> Res<Value> {
    let (list, marks) = unmark(&args[0]);
    let items = match list {
        Value::List(e) => &e.items,
        Value::Tuple(items) => &**items,
        _ => return element_type(args).map(Value::unknown),
    };
    Ok(items[position(&args[1], items.len())?].clone().with_marks(&marks))
}

const ONE: &str = "must be a list, set, or tuple value with either zero or one elements";

fn one_type(v: &Value) -> Res<Type> {
    match v.ty() {
        Type::List(ty) | Type::Set(ty) => Ok((*ty).clone()),
        Type::Tuple(types) if types.is_empty() => Ok(Type::Dynamic),
        Type::Tuple(types) if types.len() == 1 => Ok(types[0].clone()),
        _ => fail_arg(0, ONE),
    }
}

fn one(args: &[Value]) -> Res<Value> {
    let ty = one_type(&args[0])?;
    match args[0].as_elements() {
        Some([]) => Ok(Value::null(ty)),
        Some([v]) => Ok(v.clone()),
        // Unknown elements of a set may turn out to be the same.
        Some(_) if unsettled(&args[0]) => Ok(Value::unknown(ty)),
        _ => fail_arg(0, ONE),
    }
}

fn sum(args: &[Value]) -> Res<Value> {
    let items = match &args[0] {
        Value::List(e) | Value::Set(e) => &e.items,
        Value::Tuple(items) => &**items,
        Value::Map(_) | Value::Object(_) => {
            if args[0].as_fields().is_some_and(Fields::is_empty) {
                return fail_arg(0, "cannot sum an empty list");
            }
            let ty = args[0].ty().friendly_name();
            return fail_arg(0, format!("argument must be list, set, or tuple. Received {ty}"));
        }
        _ => return fail_arg(0, "cannot sum noniterable"),
    };
    if items.is_empty() {
        return fail_arg(0, "cannot sum an empty list");
    }
    if !args[0].is_wholly_known() {
        return Ok(Value::unknown(Type::Number));
    }
    let mut total: Option<Number> = None;
    for v in items {
        let v = convert(v, &Type::Number).ok();
        let Some(n) = v.as_ref().and_then(Value::as_number) else {
            return fail_arg(0, "argument must be list, set, or tuple of number values");
        };
        total = Some(match total {
            None => n.clone(),
            Some(t) => t.add(n).or_else(|e| fail(e.to_string()))?,
        });
    }
    Ok(total.map_or(Value::int(0), Value::Number))
}

fn all_true(items: &[Value]) -> Value {
    for v in items {
        match v {
            Value::Unknown(..) => return Value::unknown(Type::Bool),
            Value::Bool(true) => {}
            _ => return Value::bool(false),
        }
    }
    Value::bool(true)
}

fn any_true(items: &[Value]) -> Value {
    if items.contains(&Value::Bool(true)) {
        Value::bool(true)
    } else if items.iter().any(|v| !v.is_known()) {
        Value::unknown(Type::Bool)
    } else {
        Value::bool(false)
    }
}

fn common_keys(keys: &Value, wanted: &Value) -> Res<Type> {
    unify_unsafe(&[keys.ty(), wanted.ty()])
        .map_or_else(|| fail("keys and searchset must be of the same type"), Ok)
}

fn matchkeys(args: &[Value]) -> Res<Value> {
    let key_type = common_keys(&args[1], &args[2])?;
    let Value::List(values) = &args[0] else { return Ok(Value::unknown(args[0].ty())) };
    let to_keys = |v: &Value| convert(v, &key_type).or_else(|e| fail(e.to_string()));
    let (keys, wanted) = (to_keys(&args[1])?, to_keys(&args[2])?);
    let (Some(keys), Some(wanted)) = (keys.as_elements(), wanted.as_elements()) else {
        return Ok(Value::unknown(args[0].ty()));
    };
    if values.items.len() != keys.len() {
        return fail("length of keys and values should be equal");
    }
    if wanted.is_empty() {
        return Ok(Value::list(values.ty.clone(), Vec::new()));
    }
    if !args[0].is_wholly_known() || !args[1].is_wholly_known() {
        return Ok(Value::unknown(args[0].ty()));
    }
    // Strings are the usual keys; look them up instead of comparing all pairs.
    let names: Option<BTreeSet<&str>> = wanted.iter().map(Value::as_str).collect();
    let mut out = Vec::new();
    for (key, value) in keys.iter().zip(&values.items) {
        let mut hit = false;
        match (&names, key.as_str()) {
            (Some(names), Some(key)) => hit = names.contains(key),
            _ => {
                for w in wanted {
                    match equal(key, w) {
                        Some(true) => hit = true,
                        Some(false) => continue,
                        None => return Ok(Value::list(values.ty.clone(), Vec::new())),
                    }
                    break;
                }
            }
        }
        if hit {
            out.push(value.clone());
        }
    }
    Ok(Value::list(values.ty.clone(), out))
}
