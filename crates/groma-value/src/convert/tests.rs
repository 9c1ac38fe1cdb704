use super::*;
use crate::marks::Marks;
use crate::number::Number;
use crate::refine::Refinement;
use crate::types::Name;
use std::collections::{BTreeMap, BTreeSet};

fn num(s: &str) -> Value {
    Value::Number(Number::parse(s).unwrap())
}
fn obj<const N: usize>(f: [(&str, Value); N]) -> Value {
    Value::object(f)
}
fn otype<const N: usize>(f: [(&str, Type); N]) -> Type {
    Type::object(f)
}
fn with_optional<const N: usize>(f: [(&str, Type); N], optional: &[&str]) -> Type {
    let attrs = f.into_iter().map(|(n, t)| (Name::from(n), t)).collect();
    Type::object_with_optional(attrs, optional.iter().map(|n| Name::from(*n)).collect::<BTreeSet<_>>())
}
fn tup<const N: usize>(items: [Value; N]) -> Value {
    Value::tuple(items.into())
}
fn fails(v: &Value, ty: &Type) -> String {
    convert(v, ty).unwrap_err().to_string()
}

#[test]
fn primitives() {
    assert_eq!(convert(&num("1.50"), &Type::String).unwrap(), "1.5".into());
    assert_eq!(convert(&Value::Bool(true), &Type::String).unwrap(), "true".into());
    assert_eq!(convert(&"1e3".into(), &Type::Number).unwrap(), num("1000"));
    assert_eq!(convert(&"1".into(), &Type::Bool).unwrap(), Value::Bool(true));
    assert_eq!(fails(&"x".into(), &Type::Number), "a number is required");
    assert_eq!(fails(&"x".into(), &Type::Bool), "a bool is required");
    assert_eq!(
        fails(&"True".into(), &Type::Bool),
        "a bool is required; to convert from string, use lowercase \"true\""
    );
    assert_eq!(fails(&Value::Bool(true), &Type::Number), "number required");
    assert_eq!(fails(&tup([]), &Type::String), "string required");
    assert!(convert_safe(&"5".into(), &Type::Number).is_err());
    assert!(
        is_safe_conversion(&Type::Number, &Type::String) && !is_safe_conversion(&Type::String, &Type::Bool)
    );
}

/// Each checked with values for input variables of Terraform.
#[test]
fn messages() {
    let a = with_optional(
        [
            ("x", Type::String),
            ("y", Type::list(Type::String)),
            ("z", Type::map(Type::Number)),
            ("w", Type::set(otype([("q", Type::Number)]))),
        ],
        &["z"],
    );
    assert_eq!(fails(&obj([]), &a), "attributes \"w\", \"x\", and \"y\" are required");
    let with = |x: Value, y: Value, w: Value| obj([("x", x), ("y", y), ("w", w)]);
    let (s, e) = (Value::string(""), tup([]));
    assert_eq!(fails(&with(e.clone(), e.clone(), e.clone()), &a), "attribute \"x\": string required");
    assert_eq!(fails(&with(s.clone(), s.clone(), e.clone()), &a), "attribute \"y\": list of string required");
    let w = tup([obj([("q", tup([]))])]);
    assert_eq!(
        fails(&with(s.clone(), e.clone(), w), &a),
        "attribute \"w\": element 0: attribute \"q\": number required"
    );
    let w = tup([obj([("q", "u".into())])]);
    assert_eq!(fails(&with(s.clone(), e.clone(), w), &a), ".w[0].q: a number is required");
    for (v, ty, message) in [
        (tup([num("1"), obj([])]), Type::list(Type::Dynamic), "all list elements must have the same type"),
        (
            obj([("a", num("1")), ("b", obj([]))]),
            Type::map(Type::Dynamic),
            "all map elements must have the same type",
        ),
        (
            obj([("a", "x".into())]),
            Type::map(Type::list(Type::String)),
            "element \"a\": list of string required",
        ),
        (tup(["a".into()]), Type::tuple([Type::String, Type::Number]), "tuple required"),
        ("x".into(), Type::list(Type::String), "list of string required"),
        (obj([]), Type::list(Type::String), "list of string required"),
        (obj([]), Type::list(otype([("a", Type::Bool)])), "list of object required"),
        (
            Value::map(Type::String, [("a", "x".into())]),
            Type::map(Type::list(Type::String)),
            "incorrect map element type: list of string required",
        ),
        (Value::map(Type::String, [("a", "x".into())]), Type::list(Type::String), "list of string required"),
        (
            Value::map(Type::String, [("a", "x".into())]),
            with_optional([("a", Type::list(Type::String)), ("c", Type::Number)], &["a", "c"]),
            "map element type is incompatible with attribute \"a\": list of string required",
        ),
        (
            Value::map(Type::String, [("a", "1".into())]),
            otype([("a", Type::Number), ("b", Type::String)]),
            "map has no element for required attribute \"b\"",
        ),
        (obj([]), otype([("a", Type::Bool), ("b", Type::Bool)]), "attributes \"a\" and \"b\" are required"),
    ] {
        assert_eq!(fails(&v, &ty), message);
    }
}

#[test]
fn structures() {
    let ty = with_optional([("a", Type::String), ("b", Type::list(Type::Number))], &["b"]);
    assert_eq!(
        convert(&obj([("a", num("1")), ("extra", num("2"))]), &ty).unwrap(),
        obj([("a", "1".into()), ("b", Value::Null(Type::list(Type::Number)))])
    );
    // Already of the type, but for what may be left out.
    let full = obj([("a", "x".into()), ("b", Value::list(Type::Number, vec![num("1")]))]);
    assert_eq!(convert(&full, &ty).unwrap(), full);
    assert_eq!(
        convert(&tup([num("1"), "a".into(), Value::Null(Type::Dynamic)]), &Type::list(Type::Dynamic))
            .unwrap(),
        Value::list(Type::String, vec!["1".into(), "a".into(), Value::Null(Type::String)])
    );
    assert_eq!(
        convert(&tup(["a".into(), num("1"), "1".into()]), &Type::set(Type::String)).unwrap(),
        Value::set(Type::String, vec!["1".into(), "a".into()])
    );
    assert_eq!(
        convert(&obj([("x", num("1")), ("y", Value::Bool(true))]), &Type::map(Type::Dynamic))
            .unwrap_err()
            .message,
        "all map elements must have the same type"
    );
    assert_eq!(
        convert(&Value::set(Type::Number, vec![num("2"), num("1")]), &Type::list(Type::String)).unwrap(),
        Value::list(Type::String, vec!["1".into(), "2".into()])
    );
    assert_eq!(
        convert(&tup([]), &Type::list(ty.clone())).unwrap(),
        Value::list(ty.without_optional(), vec![])
    );
    let list = Value::list(Type::String, vec![]);
    assert_eq!(convert(&list, &Type::list(Type::Dynamic)).unwrap(), list);
    let objects = tup([obj([("a", "x".into())]), obj([("a", "y".into()), ("b", tup([num("1")]))])]);
    let out = convert(&objects, &Type::list(ty.clone())).unwrap();
    assert_eq!(out.ty(), Type::list(ty.without_optional()));
    // Elements with open parts are brought to one type.
    let open = Type::list(with_optional([("a", Type::Dynamic)], &["a"]));
    let out = convert(&tup([obj([("a", num("1"))]), obj([("a", "x".into())])]), &open).unwrap();
    assert_eq!(out.ty(), Type::list(otype([("a", Type::String)])));
    let map = Value::map(Type::String, [("a", "1".into()), ("zz", "2".into())]);
    assert_eq!(convert(&map, &otype([("a", Type::Number)])).unwrap(), obj([("a", num("1"))]));
}

#[test]
fn unknowns_keep_what_is_true_of_them() {
    let u = |t: Type| Value::unknown(t);
    let refined = |r: Refinement, t: Type| Value::unknown_refined(t, r);
    assert_eq!(
        convert(&Value::unknown_not_null(Type::Number), &Type::String).unwrap(),
        Value::unknown_not_null(Type::String)
    );
    assert_eq!(convert(&Value::dynamic(), &Type::String).unwrap(), u(Type::String));
    let list = refined(Refinement::length(2, Some(5)), Type::list(Type::Number));
    assert_eq!(
        convert(&list, &Type::list(Type::String)).unwrap(),
        refined(Refinement::length(2, Some(5)), Type::list(Type::String))
    );
    assert_eq!(
        convert(&list, &Type::set(Type::String)).unwrap(),
        refined(Refinement::length(1, Some(5)), Type::set(Type::String))
    );
    let tuple = Value::unknown_not_null(Type::tuple([Type::String, Type::Number]));
    assert_eq!(
        convert(&tuple, &Type::list(Type::String)).unwrap(),
        Value::list(Type::String, vec![u(Type::String), u(Type::String)])
    );
    assert_eq!(
        convert(&u(Type::list(Type::String)), &Type::list(Type::Dynamic)).unwrap(),
        u(Type::list(Type::String))
    );
    assert_eq!(
        convert(&Value::Null(Type::tuple([Type::String])), &Type::set(Type::Dynamic)).unwrap(),
        Value::Null(Type::set(Type::String))
    );
    assert!(convert(&u(Type::Bool), &Type::Number).is_err());
}

#[test]
fn marks_stay() {
    let s = Marks::sensitive();
    let v = tup([Value::string("1").with_marks(&s), num("2")]);
    let out = convert(&v, &Type::list(Type::Number)).unwrap();
    assert_eq!(out, Value::list(Type::Number, vec![num("1").with_marks(&s), num("2")]));
    // A set carries its elements' marks.
    let out = convert(&v.with_marks(&Marks::ephemeral()), &Type::set(Type::Number)).unwrap();
    assert_eq!(out.marks(), s.union(&Marks::ephemeral()));
    assert_eq!(out.peel(), &Value::set(Type::Number, vec![num("1"), num("2")]));
}

#[test]
fn unification() {
    use Type::{Bool, Dynamic, Number, String};
    let u = |ts: &[Type]| unify(ts);
    assert_eq!(u(&[]), None);
    assert_eq!(u(&[Number, String]), Some(String));
    assert_eq!(u(&[Bool, Number]), None);
    assert_eq!(u(&[Bool, Number, String]), Some(String));
    assert_eq!(u(&[Number, Dynamic]), Some(Dynamic));
    assert_eq!(unify_unsafe(&[Number, Dynamic]), Some(Number));
    assert_eq!(u(&[Type::list(Number), Type::list(String)]), Some(Type::list(String)));
    assert_eq!(u(&[Type::list(Number), Dynamic]), Some(Dynamic));
    assert_eq!(u(&[Type::tuple([Number]), Type::tuple([String])]), Some(Type::tuple([String])));
    assert_eq!(u(&[Type::tuple([Number]), Type::tuple([String, Bool])]), Some(Type::list(String)));
    assert_eq!(u(&[Type::tuple([]), Type::list(String)]), Some(Type::list(String)));
    assert_eq!(u(&[Type::tuple([Number]), Type::list(String)]), Some(Type::list(String)));
    assert_eq!(u(&[Type::list(String), Type::set(String)]), Some(Type::list(String)));
    let (a, ab) = (otype([("a", Number)]), otype([("a", Number), ("b", String)]));
    assert_eq!(u(&[a.clone(), ab.clone()]), Some(Type::map(String)));
    assert_eq!(u(&[a.clone(), otype([("a", String)])]), Some(otype([("a", String)])));
    assert_eq!(u(&[a.clone(), Type::map(String)]), Some(Type::map(String)));
    assert_eq!(u(&[a.clone(), otype([("a", Type::list(String))])]), None);
    assert_eq!(u(&[a.clone(), Type::tuple([])]), None);
    assert_eq!(u(&[a, String]), None);
    assert_eq!(u(&vec![ab.clone(); 10_000]), Some(ab));
}

#[test]
fn unification_of_values() {
    let (ty, v) = unify_values(&[num("1"), "a".into()]).unwrap().unwrap();
    assert_eq!((ty, v), (Type::String, vec!["1".into(), "a".into()]));
    let (ty, v) = unify_values(&[Value::list(Type::Bool, vec![]), Value::dynamic()]).unwrap().unwrap();
    assert_eq!((ty, v), (Type::Dynamic, vec![Value::dynamic(), Value::dynamic()]));
    assert!(unify_values(&[num("1"), obj([])]).is_none());
}

#[test]
fn defaults() {
    let inner = Defaults {
        ty: Some(with_optional([("port", Type::Number)], &["port"])),
        default_values: BTreeMap::from([(Name::from("port"), num("80"))]),
        children: BTreeMap::new(),
    };
    let list = Defaults {
        ty: Some(Type::list(inner.ty.clone().unwrap())),
        default_values: BTreeMap::new(),
        children: BTreeMap::from([(Name::from(""), inner.clone())]),
    };
    let d = Defaults {
        ty: Some(with_optional(
            [("name", Type::String), ("rules", list.ty.clone().unwrap())],
            &["name", "rules"],
        )),
        default_values: BTreeMap::from([(Name::from("rules"), tup([obj([])]))]),
        children: BTreeMap::from([(Name::from("rules"), list.clone())]),
    };
    let rule = obj([("port", num("80"))]);
    assert_eq!(d.apply(&obj([])), obj([("rules", tup([rule.clone()]))]));
    assert_eq!(
        d.apply(&obj([(
            "rules",
            tup([obj([("port", num("1"))]), obj([("port", Value::Null(Type::Dynamic))])])
        )])),
        obj([("rules", tup([obj([("port", num("1"))]), rule.clone()]))])
    );
    assert_eq!(d.apply(&Value::Null(Type::Dynamic)), Value::Null(Type::Dynamic));
    let marked = obj([("name", "x".into())]).with_marks(&Marks::sensitive());
    assert!(d.apply(&marked).is_marked());
    assert_eq!(
        d.apply(&obj([("rules", Value::unknown(Type::list(Type::Dynamic)))])),
        obj([("rules", Value::unknown_not_null(Type::list(Type::Dynamic)))])
    );
}
