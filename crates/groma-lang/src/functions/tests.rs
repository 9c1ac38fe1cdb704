use super::*;
use groma_value::{Mark, Refinement};
use std::path::Path;

fn functions(ctx: &FunctionContext) -> Functions {
    Functions::standard(ctx)
}

fn call_in(ctx: &FunctionContext, name: &str, args: &[Value]) -> Result<Value, FunctionError> {
    functions(ctx).get(name).unwrap_or_else(|| panic!("no function {name}")).call_with(args)
}

fn call(name: &str, args: &[Value]) -> Result<Value, FunctionError> {
    call_in(&FunctionContext::default(), name, args)
}

fn s(text: &str) -> Value {
    Value::string(text)
}

fn secret(v: Value) -> Value {
    v.mark(Mark::Sensitive)
}

fn strings(items: &[&str]) -> Value {
    Value::list(Type::String, items.iter().map(|i| s(i)).collect())
}

fn message(r: Result<Value, FunctionError>) -> (Option<usize>, String) {
    let e = r.unwrap_err();
    (e.argument, e.message)
}

#[test]
fn marks_go_around_the_implementation() {
    assert_eq!(call("upper", &[secret(s("a"))]), Ok(secret(s("A"))));
    // Deep ones too.
    let list = Value::list(Type::String, vec![s("a"), secret(s("b"))]);
    assert_eq!(call("join", &[s(","), list.clone()]), Ok(secret(s("a,b"))));
    // Unless it wants them: an element's marks are its own.
    assert_eq!(call("element", &[list.clone(), Value::int(0)]), Ok(s("a")));
    assert_eq!(call("element", &[list.clone(), Value::int(1)]), Ok(secret(s("b"))));
    assert_eq!(call("length", &[list]), Ok(Value::int(2)));
    // Marks of arguments after an unknown one count.
    let result = call("join", &[Value::unknown(Type::String), secret(strings(&["a"]))]).unwrap();
    assert!(result.marks().is_sensitive() && !result.is_known());
}

#[test]
fn unknown_arguments_make_results_of_the_right_type() {
    let unknown = |ty: Type| Value::unknown(ty);
    let not_null = |ty: Type| Value::unknown_not_null(ty);
    for (name, args, expected) in [
        ("upper", vec![unknown(Type::String)], not_null(Type::String)),
        ("upper", vec![Value::dynamic()], not_null(Type::String)),
        ("strcontains", vec![unknown(Type::String), s("a")], unknown(Type::Bool)),
        ("values", vec![unknown(Type::map(Type::Bool))], not_null(Type::list(Type::Bool))),
        ("values", vec![Value::dynamic()], Value::dynamic()),
        ("reverse", vec![unknown(Type::set(Type::Bool))], not_null(Type::list(Type::Bool))),
        ("element", vec![unknown(Type::list(Type::Bool)), Value::int(0)], unknown(Type::Bool)),
        (
            "regex",
            vec![s("(a)(b)"), unknown(Type::String)],
            not_null(Type::tuple([Type::String, Type::String])),
        ),
        ("regex", vec![unknown(Type::String), s("a")], Value::dynamic()),
        ("regexall", vec![s("a"), unknown(Type::String)], not_null(Type::list(Type::String))),
        (
            "merge",
            vec![unknown(Type::map(Type::Bool)), unknown(Type::map(Type::Bool))],
            not_null(Type::map(Type::Bool)),
        ),
        ("merge", vec![unknown(Type::map(Type::Bool)), Value::empty_object()], Value::dynamic()),
        ("lookup", vec![unknown(Type::map(Type::Bool)), s("a")], unknown(Type::Bool)),
        ("concat", vec![unknown(Type::list(Type::Bool))], not_null(Type::list(Type::Bool))),
        ("flatten", vec![unknown(Type::list(Type::Bool))], Value::dynamic()),
        ("setunion", vec![unknown(Type::set(Type::Bool))], not_null(Type::set(Type::Bool))),
        ("tolist", vec![unknown(Type::set(Type::Bool))], unknown(Type::list(Type::Dynamic))),
        ("jsondecode", vec![unknown(Type::String)], Value::dynamic()),
        ("can", vec![unknown(Type::String)], not_null(Type::Bool)),
    ] {
        assert_eq!(call(name, &args).as_ref(), Ok(&expected), "{name}({args:?})");
    }
}

#[test]
fn known_parts_of_unknown_arguments_count() {
    let prefix = |p: &str| Value::unknown_refined(Type::String, Refinement::string_prefix(p));
    assert_eq!(call("startswith", &[prefix("arn:aws:"), s("arn:")]), Ok(Value::bool(true)));
    assert_eq!(call("startswith", &[prefix("arn:aws:"), s("x")]), Ok(Value::bool(false)));
    assert_eq!(call("format", &[s("id-%s"), Value::unknown(Type::String)]), Ok(prefix("id-")));
    assert_eq!(call("jsondecode", &[prefix("\"{")]).unwrap().ty(), Type::String);
    assert_eq!(
        message(call("jsondecode", &[prefix("?-")])),
        (Some(0), "a JSON document cannot begin with the character '?'".into())
    );
    let two = Value::unknown_refined(Type::list(Type::String), Refinement::length(2, Some(2)));
    assert_eq!(call("length", std::slice::from_ref(&two)), Ok(Value::int(2)));
    let sorted = call("sort", &[two]).unwrap();
    assert_eq!(call("length", &[sorted]), Ok(Value::int(2)));
}

#[test]
fn errors_name_the_argument() {
    assert_eq!(
        message(call("upper", &[Value::null(Type::String)])),
        (Some(0), "argument must not be null".into())
    );
    assert_eq!(message(call("abs", &[s("x")])), (Some(0), "a number is required".into()));
    assert_eq!(message(call("upper", &[])), (None, "wrong number of arguments (1 required; 0 given)".into()));
    assert_eq!(
        message(call("join", &[])),
        (None, "wrong number of arguments (at least 1 required; 0 given)".into())
    );
}

#[test]
fn messages_do_not_show_what_is_secret() {
    assert_eq!(
        message(call("parseint", &[secret(s("xyz")), Value::int(10)])).1,
        "cannot parse (sensitive value) as a base 10 integer"
    );
    assert_eq!(
        message(call("tonumber", &[secret(s("xyz"))])).1,
        "cannot convert this sensitive string to number"
    );
    let ephemeral = s("xyz").mark(Mark::Ephemeral);
    assert_eq!(
        message(call("base64decode", &[ephemeral])).1,
        "failed to decode base64 data (ephemeral value)"
    );
    let map = Value::map(Type::String, [("a", s("b"))]);
    assert_eq!(
        message(call("lookup", &[map, secret(s("k"))])).1,
        "lookup failed to find key (sensitive value)"
    );
}

#[test]
fn ephemeral_values_become_null() {
    let v = Value::object([
        ("kept", s("a")),
        ("gone", s("b").mark(Mark::Ephemeral)),
        ("secret", secret(s("c").mark(Mark::Ephemeral))),
    ]);
    let expected = Value::object([
        ("kept", s("a")),
        ("gone", Value::null(Type::String)),
        ("secret", secret(Value::null(Type::String))),
    ]);
    assert_eq!(call("ephemeralasnull", &[v]), Ok(expected));
}

#[test]
fn what_is_random_is_unknown_while_planning() {
    let planning = FunctionContext::default();
    let applying = FunctionContext { apply: true, ..FunctionContext::default() };
    for name in ["timestamp", "uuid"] {
        assert_eq!(call_in(&planning, name, &[]), Ok(Value::unknown_not_null(Type::String)), "{name}");
    }
    assert_eq!(call_in(&planning, "plantimestamp", &[]), Ok(Value::unknown_not_null(Type::String)));
    let now = call_in(&applying, "timestamp", &[]).unwrap();
    assert_eq!(call("timecmp", &[now.clone(), s("2020-01-01T00:00:00Z")]), Ok(Value::int(1)));
    assert_eq!(call("timeadd", &[now.clone(), s("0")]), Ok(now));
    let uuid = call_in(&applying, "uuid", &[]).unwrap();
    assert_ne!(call_in(&applying, "uuid", &[]).unwrap(), uuid);
    assert!(
        call("regex", &[s("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"), uuid])
            .is_ok()
    );
    let hash = call_in(&applying, "bcrypt", &[s("pass"), Value::int(4)]).unwrap();
    let hash = hash.as_str().unwrap();
    assert!(hash.starts_with("$2a$04$") && bcrypt::verify("pass", hash).unwrap());
}

#[test]
fn functions_of_opentofu() {
    let packed = call("base64gzip", &[s("héllo")]).unwrap();
    assert_eq!(call("base64gunzip", &[packed]), Ok(s("héllo")));
    assert!(call("base64gunzip", &[s("aGVsbG8=")]).is_err());
    let encoded = call("urlencode", &[s("a b/é+%")]).unwrap();
    assert_eq!(call("urldecode", &[encoded]), Ok(s("a b/é+%")));
    assert_eq!(
        message(call("urldecode", &[s("a%zz")])).1,
        "failed to decode URL: invalid URL escape \"%zz\""
    );
    for (net, inner, hit) in [
        ("10.0.0.0/8", "10.1.2.3", true),
        ("10.0.0.0/8", "11.0.0.0", false),
        ("10.0.0.0/8", "10.2.0.0/16", true),
        ("10.0.0.0/16", "10.0.0.0/8", false),
        ("fd00::/8", "fd01::1", true),
    ] {
        assert_eq!(call("cidrcontains", &[s(net), s(inner)]), Ok(Value::bool(hit)), "{net} {inner}");
    }
    assert_eq!(
        message(call("cidrcontains", &[s("10.0.0.0/8"), s("::1")])).1,
        "address family mismatch: 10.0.0.0/8 vs. ::1"
    );
}

#[test]
fn templates_call_what_was_added() {
    let dir = std::env::temp_dir().join(format!("groma-templates-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join("t"), "${provider::x::double(n)} ${n}").unwrap();
    let mut all = functions(&FunctionContext { base_dir: dir.clone(), ..FunctionContext::default() });
    let p = build::param("n", Type::Number, "");
    all.insert(Function::with_static_type("provider::x::double", vec![p], None, Type::Number, |a| {
        Ok(Value::int(2 * build::int(&a[0])?))
    }));
    let vars = Value::object([("n", Value::int(4))]);
    let result = all.get("core::templatefile").unwrap().call_with(&[s("t"), vars]);
    std::fs::remove_dir_all(&dir).unwrap();
    assert_eq!(result, Ok(s("8 4")));
}

#[test]
fn home_is_where_the_context_says() {
    let ctx = FunctionContext { home_dir: Some(Path::new("/home/me").into()), ..FunctionContext::default() };
    assert_eq!(call_in(&ctx, "pathexpand", &[s("~/a/../b")]), Ok(s("/home/me/b")));
    assert_eq!(call_in(&ctx, "pathexpand", &[s("~")]), Ok(s("/home/me")));
    assert!(call("pathexpand", &[s("~")]).is_err());
    let ctx = FunctionContext { base_dir: "/base".into(), ..FunctionContext::default() };
    assert_eq!(call_in(&ctx, "abspath", &[s("../x")]), Ok(s("/x")));
}

/// The work grows with the number of elements, not with its square.
#[test]
fn long_lists() {
    let n = 200_000;
    let items: Vec<Value> = (0..n).map(|i| s(&format!("item-{}", i % 150_000))).collect();
    let list = Value::list(Type::String, items);
    let started = std::time::Instant::now();
    let distinct = call("distinct", std::slice::from_ref(&list)).unwrap();
    assert_eq!(call("length", std::slice::from_ref(&distinct)), Ok(Value::int(150_000)));
    call("matchkeys", &[list.clone(), list.clone(), distinct.clone()]).unwrap();
    let set = call("toset", std::slice::from_ref(&list)).unwrap();
    call("setsubtract", &[set.clone(), set.clone()]).unwrap();
    call("setunion", &[set.clone(), set]).unwrap();
    call("sort", std::slice::from_ref(&list)).unwrap();
    call("join", &[s(","), list.clone()]).unwrap();
    call("zipmap", &[list.clone(), list]).unwrap();
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}
