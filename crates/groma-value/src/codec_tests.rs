//! Both codecs: what goes in comes out, and the bytes are those of the originals.

use crate::refine::Refinement;
use crate::{Marks, Number, Type, Value, json, msgpack};
use proptest::prelude::*;
use std::sync::Arc;

fn num(s: &str) -> Value {
    Value::Number(Number::parse(s).unwrap())
}

fn both(v: &Value, ty: &Type, text: &str) {
    assert_eq!(json::encode(v, ty).unwrap(), text);
    assert_eq!(json::decode(text, ty).unwrap(), *v, "{text}");
    let tree: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(json::from_json(&tree, ty).unwrap(), *v, "{text}");
    let out = json::to_json(v, ty).unwrap();
    assert_eq!(json::from_json(&out, ty).unwrap(), *v, "{text}");
    let bytes = msgpack::encode(v, ty).unwrap();
    assert_eq!(msgpack::decode(&bytes, ty).unwrap(), *v, "{text}");
}

#[test]
fn values_by_type() {
    let obj = Type::object([("b", Type::Number), ("a", Type::list(Type::String))]);
    let v = Value::object([
        ("a", Value::list(Type::String, vec!["x".into(), Value::Null(Type::String)])),
        ("b", num("1.5")),
    ]);
    both(&v, &obj, r#"{"a":["x",null],"b":1.5}"#);
    both(&Value::Null(obj.clone()), &obj, "null");
    both(&num("-0"), &Type::Number, "-0");
    both(&num("123456789012345678901234567890.5"), &Type::Number, "123456789012345678901234567890.5");
    both(&Value::map(Type::Bool, [("k", Value::Bool(true))]), &Type::map(Type::Bool), r#"{"k":true}"#);
    both(&Value::set(Type::Number, vec![num("10"), num("9")]), &Type::set(Type::Number), "[9,10]");
    both(&Value::tuple(vec![]), &Type::tuple([]), "[]");
    both(&Value::empty_object(), &Type::object::<&str>([]), "{}");
}

#[test]
fn dynamic_places_carry_their_type() {
    both(&"x".into(), &Type::Dynamic, r#"{"value":"x","type":"string"}"#);
    both(&Value::Null(Type::Dynamic), &Type::Dynamic, "null");
    both(&Value::Null(Type::Bool), &Type::Dynamic, r#"{"value":null,"type":"bool"}"#);
    let ty = Type::object([("d", Type::Dynamic)]);
    let v = Value::object([("d", Value::tuple(vec![Value::Bool(true), Value::Null(Type::Dynamic)]))]);
    both(&v, &ty, r#"{"d":{"value":[true,null],"type":["tuple",["bool","dynamic"]]}}"#);
    // The type may come after or before the value.
    let text = r#"{"d":{"type":["tuple",["bool","dynamic"]],"value":[true,null]}}"#;
    assert_eq!(json::decode(text, &ty).unwrap(), v);
    assert_eq!(
        msgpack::encode(&Value::int(5), &Type::Dynamic).unwrap(),
        [&[0x92, 0xc4, 8][..], b"\"number\"", &[5]].concat()
    );
}

#[test]
fn strings_are_escaped_as_in_state_files() {
    let s = "<>&\u{2028}\u{2029}\u{1}\u{7f}\t\n\r\\\" é \u{8} \u{c} €";
    let text = "\"\\u003c\\u003e\\u0026\\u2028\\u2029\\u0001\u{7f}\\t\\n\\r\\\\\\\" é \\b \\f €\"";
    assert_eq!(json::encode(&s.into(), &Type::String).unwrap(), text);
    assert_eq!(json::decode(text, &Type::String).unwrap(), s.into());
    assert_eq!(
        json::decode(r#""\ud83d\ude00 \ud800 \/""#, &Type::String).unwrap(),
        "\u{1f600} \u{fffd} /".into()
    );
}

#[test]
fn decoding_is_lenient_where_it_is_unambiguous() {
    assert_eq!(json::decode("\"5\"", &Type::Number).unwrap(), num("5"));
    assert_eq!(json::decode("5.0", &Type::String).unwrap(), "5.0".into());
    assert_eq!(json::decode("\"true\"", &Type::Bool).unwrap(), Value::Bool(true));
    let obj = Type::object([("a", Type::String), ("b", Type::Bool)]);
    assert_eq!(
        json::decode(r#" { "b" : true } "#, &obj).unwrap(),
        Value::object([("a", Value::Null(Type::String)), ("b", Value::Bool(true))])
    );
    let e = json::decode(r#"{"c":1}"#, &obj).unwrap_err();
    assert_eq!(e.message, "unsupported attribute \"c\"");
    let e = json::decode(r#"{"a":[]}"#, &obj).unwrap_err();
    assert_eq!(e.to_string(), ".a: string is required");
}

/// Each checked with `terraform console`: jsondecode("…").
#[test]
fn malformed_text() {
    for (text, message) in [
        ("", "EOF"),
        ("{", "EOF"),
        ("[1,]", "invalid character ']' looking for beginning of value"),
        ("tru", "unexpected EOF"),
        ("trux", "invalid character 'x' in literal true (expecting 'e')"),
        ("{a:1}", "invalid character 'a'"),
        ("1 2", "extraneous data after JSON object"),
        ("[1 2]", "invalid character '2' after array element"),
        ("{\"a\" 1}", "invalid character '1' after object key"),
        ("{\"a\":1,}", "invalid character '}' looking for beginning of object key string"),
        ("\"abc", "unexpected EOF"),
        ("01", "extraneous data after JSON object"),
        ("1.", "unexpected EOF"),
        ("-x", "invalid character 'x' in numeric literal"),
        ("\"\\x\"", "invalid character 'x' in string escape code"),
        ("\"a\nb\"", "invalid character '\\n' in string literal"),
        ("\"\\u12x4\"", "invalid character 'x' in \\u hexadecimal character escape"),
        ("}", "invalid character '}' looking for beginning of value"),
        ("[1", "EOF"),
    ] {
        assert_eq!(json::decode_implied(text).unwrap_err().message, message, "{text}");
    }
    assert_eq!(json::decode_implied("[1]]").unwrap(), Value::tuple(vec![num("1")]));
    assert_eq!(
        json::decode_implied(r#"{"a":1,"a":"x"}"#).unwrap(),
        Value::object([("a", "x")].map(|(k, v)| (k, Value::from(v))))
    );
    assert!(json::decode_implied(&"[".repeat(100_000)).is_err());
}

#[test]
fn types() {
    for text in [
        r#""dynamic""#,
        r#"["list","string"]"#,
        r#"["map",["set","bool"]]"#,
        r#"["tuple",["number",["tuple",[]]]]"#,
        r#"["object",{"a":"string","b":["list","dynamic"]}]"#,
        r#"["object",{"a":"string","b":"bool"},["b"]]"#,
    ] {
        let ty = json::type_from_text(text).unwrap();
        assert_eq!(json::type_to_text(&ty), text);
        assert_eq!(json::type_to_json(&ty).to_string(), text);
    }
    for text in [
        "1",
        "\"str\"",
        "[]",
        "[\"list\"]",
        "[\"list\",\"string\",1]",
        "[\"what\",\"string\"]",
        "[\"tuple\",\"string\"]",
    ] {
        assert!(json::type_from_text(text).is_err(), "{text}");
    }
}

#[test]
fn what_cannot_be_encoded() {
    let marked = Value::string("x").with_marks(&Marks::sensitive());
    let ty = Type::object([("a", Type::String)]);
    let e = json::encode(&Value::object([("a", marked.clone())]), &ty).unwrap_err();
    assert_eq!(e.to_string(), ".a: value has marks, so it cannot be serialized as JSON");
    assert!(msgpack::encode(&marked, &Type::String).is_err());
    assert!(json::encode(&Value::unknown(Type::String), &Type::String).is_err());
    assert_eq!(
        json::encode(&Value::Number(Number::infinity(true)), &Type::Number).unwrap_err().message,
        "cannot serialize infinity as JSON"
    );
    // The value is of another type: it is converted.
    assert_eq!(json::encode(&num("5"), &Type::String).unwrap(), "\"5\"");
    assert_eq!(msgpack::encode(&num("5"), &Type::String).unwrap(), [0xa1, b'5']);
}

#[test]
fn numbers_in_msgpack() {
    for (n, bytes) in [
        ("0", vec![0]),
        ("127", vec![0x7f]),
        ("128", vec![0xcc, 0x80]),
        ("-1", vec![0xff]),
        ("-33", vec![0xd0, 0xdf]),
        ("65536", vec![0xce, 0, 1, 0, 0]),
        ("0.5", vec![0xcb, 0x3f, 0xe0, 0, 0, 0, 0, 0, 0]),
        ("0.1", vec![0xa3, b'0', b'.', b'1']),
        ("inf", vec![0xcb, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0]),
        ("9223372036854775808", [&[0xb3][..], b"9223372036854775808"].concat()),
    ] {
        assert_eq!(msgpack::encode(&num(n), &Type::Number).unwrap(), bytes, "{n}");
        assert_eq!(msgpack::decode(&bytes, &Type::Number).unwrap(), num(n));
    }
    assert_eq!(msgpack::decode(&[0xca, 0x3f, 0, 0, 0], &Type::Number).unwrap(), num("0.5"));
    let float =
        msgpack::decode(&[0xcb, 0x3f, 0xb9, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a], &Type::Number).unwrap();
    assert_eq!(json::encode(&float, &Type::Number).unwrap(), "0.1");
}

#[test]
fn unknowns_in_msgpack() {
    let trip = |v: &Value, ty: &Type| {
        let bytes = msgpack::encode(v, ty).unwrap();
        assert_eq!(msgpack::decode(&bytes, ty).unwrap(), *v);
        bytes
    };
    assert_eq!(trip(&Value::unknown(Type::String), &Type::String), [0xd4, 0, 0]);
    assert_eq!(trip(&Value::dynamic(), &Type::Dynamic), [0xd4, 0, 0]);
    trip(&Value::unknown(Type::Bool), &Type::Dynamic);
    assert_eq!(trip(&Value::unknown_not_null(Type::String), &Type::String), [0xc7, 3, 12, 0x81, 1, 0xc2]);
    let prefix = Value::unknown_refined(Type::String, Refinement::string_prefix("ami-"));
    assert_eq!(trip(&prefix, &Type::String), [&[0xc7, 9, 12, 0x82, 1, 0xc2, 2, 0xa4][..], b"ami-"].concat());
    let range = Refinement::number_range(Some(Number::from_i64(1)), None);
    trip(&Value::unknown_refined(Type::Number, range), &Type::Number);
    let both = Refinement {
        number_min: Some((Number::parse("0.1").unwrap(), false)),
        number_max: Some((Number::from_i64(300), true)),
        ..Refinement::default()
    };
    trip(&Value::unknown_refined(Type::Number, both), &Type::Number);
    let list = Type::list(Type::String);
    trip(&Value::unknown_refined(list.clone(), Refinement::length(1, Some(300))), &list);
    trip(&Value::object([("a", Value::unknown(list.clone()))]), &Type::object([("a", list.clone())]));
    // A refinement of a kind from the future is skipped.
    let future = [0xc7, 8, 12, 0x82, 1, 0xc2, 99, 0x92, 1, 0xa1, b'x'];
    assert_eq!(msgpack::decode(&future, &Type::String).unwrap(), Value::unknown_not_null(Type::String));
    // Long prefixes are cut to what every receiver accepts.
    let long = Value::unknown_refined(Type::String, Refinement::string_prefix(&"é".repeat(4000)));
    let bytes = msgpack::encode(&long, &Type::String).unwrap();
    assert!(bytes.len() < 300);
    assert_eq!(msgpack::decode(&bytes, &Type::String).unwrap().refinement().unwrap().prefix, "é".repeat(126));
}

#[test]
fn truncated_msgpack_is_an_error() {
    let ty = Type::object([("a", Type::list(Type::Dynamic)), ("b", Type::map(Type::Number))]);
    let v = Value::object([
        ("a", Value::list(Type::Dynamic, vec!["x".into(), Value::Bool(true)])),
        ("b", Value::map(Type::Number, [("k", num("1e30"))])),
    ]);
    let bytes = msgpack::encode(&v, &ty).unwrap();
    for n in 0..bytes.len() {
        assert!(msgpack::decode(&bytes[..n], &ty).is_err());
    }
    assert!(msgpack::decode(&[0xdd, 0xff, 0xff, 0xff, 0xff], &Type::list(Type::String)).is_err());
}

/// A type and a value of it.
fn arb() -> impl Strategy<Value = (Type, Value)> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(|b| (Type::Bool, Value::Bool(b))),
        any::<i64>().prop_map(|n| (Type::Number, Value::int(n))),
        any::<f64>().prop_filter_map("kept by its text", |n| {
            (n.abs() < 2f64.powi(53)).then(|| Some((Type::Number, Value::Number(Number::from_f64(n)?))))?
        }),
        "[0-9]{1,40}(\\.[0-9]{1,40})?".prop_map(|s| (Type::Number, num(&s))),
        ".{0,12}".prop_map(|s| (Type::String, Value::string(s))),
        Just((Type::String, Value::Null(Type::String))),
        ".{0,12}".prop_map(|s| (Type::Dynamic, Value::string(s))),
    ];
    leaf.prop_recursive(4, 64, 6, |inner| {
        prop_oneof![
            (prop::collection::vec(inner.clone(), 0..5)).prop_map(|items| {
                (
                    Type::tuple(items.iter().map(|x| x.0.clone())),
                    Value::tuple(items.into_iter().map(|x| x.1).collect()),
                )
            }),
            prop::collection::btree_map("[a-z<é]{0,6}", inner.clone(), 0..5).prop_map(|fields| {
                (
                    Type::object(fields.iter().map(|(n, x)| (crate::value::nfc(n), x.0.clone()))),
                    Value::object(fields.iter().map(|(n, x)| (crate::value::nfc(n), x.1.clone()))),
                )
            }),
            (inner.clone(), 0usize..4)
                .prop_map(|((t, v), n)| { (Type::list(t.clone()), Value::list(t, vec![v; n])) }),
            (inner.clone(), prop::collection::vec("[a-z]{0,3}", 0..4)).prop_map(|((t, v), keys)| {
                (Type::map(t.clone()), Value::map(t, keys.into_iter().map(|k| (Arc::from(k), v.clone()))))
            }),
            inner.clone().prop_map(|(t, v)| (Type::set(t.clone()), Value::set(t, vec![v]))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn codecs_round_trip((ty, v) in arb()) {
        let text = json::encode(&v, &ty).unwrap();
        prop_assert_eq!(&json::decode(&text, &ty).unwrap(), &v);
        prop_assert_eq!(json::encode(&json::decode(&text, &ty).unwrap(), &ty).unwrap(), text.clone());
        let tree: serde_json::Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&json::from_json(&tree, &ty).unwrap(), &v);
        prop_assert_eq!(json::to_json(&v, &ty).unwrap(), tree);
        let bytes = msgpack::encode(&v, &ty).unwrap();
        prop_assert_eq!(&msgpack::decode(&bytes, &ty).unwrap(), &v);
    }

    #[test]
    fn decoders_survive_anything(bytes in prop::collection::vec(any::<u8>(), 0..64), text in ".{0,64}", (ty, _) in arb()) {
        let _ = msgpack::decode(&bytes, &ty);
        let _ = json::decode(&text, &ty);
        let _ = json::decode_implied(&text);
    }
}
