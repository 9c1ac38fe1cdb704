//! Digits, set order, conversion and text forms, compared with Terraform's: it
//! computes them as outputs, whose values and types are then in its state file.
//! Nothing is checked where no `terraform` is found.

use groma_testkit::{Workdir, oracle, skip};
use groma_value::{Number, Type, Value, convert, json};
use std::fmt::Write;

/// Evaluates expressions with Terraform: the value and type of each, as compact
/// JSON text and as cty type. `None` without Terraform.
fn evaluate(expressions: &[String]) -> Option<Vec<(String, Type)>> {
    let Some(terraform) = oracle() else {
        skip("no terraform");
        return None;
    };
    let dir = Workdir::new();
    let mut text = String::new();
    for (i, e) in expressions.iter().enumerate() {
        // In a tuple, as an output that is null is not in the state.
        let _ = writeln!(text, "output \"o{i}\" {{\n  value = [{e}]\n}}");
    }
    dir.write("main.tf", text);
    dir.invoke(terraform).args(["apply", "-auto-approve", "-no-color"]).run().expect_success();
    let state: serde_json::Value = serde_json::from_str(&dir.read("terraform.tfstate")).unwrap();
    let output = |i: usize| {
        let o = &state["outputs"][format!("o{i}")];
        let text = plain(&serde_json::to_string(&o["value"][0]).unwrap());
        (text, json::type_from_json(&o["type"][1][0]).unwrap())
    };
    Some((0..expressions.len()).map(output).collect())
}

/// The state file's escapes, which `serde_json` does not write.
fn plain(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out
}

/// The value as an expression.
fn hcl(v: &Value) -> String {
    let list = |items: &[Value]| items.iter().map(hcl).collect::<Vec<_>>().join(", ");
    match v {
        Value::Null(_) => "null".into(),
        Value::String(s) => {
            let mut out = String::from("\"");
            for c in s.chars() {
                match c {
                    '"' | '\\' => {
                        out.push('\\');
                        out.push(c);
                    }
                    '\n' => out.push_str("\\n"),
                    '\t' => out.push_str("\\t"),
                    '\r' => out.push_str("\\r"),
                    ' '..='~' => out.push(c),
                    c => {
                        let _ = write!(out, "\\U{:08X}", c as u32);
                    }
                }
            }
            out + "\""
        }
        Value::Bool(_) | Value::Number(_) => json::encode_implied(v).unwrap(),
        Value::List(e) => format!("tolist([{}])", list(&e.items)),
        Value::Set(e) => format!("toset([{}])", list(&e.items)),
        Value::Tuple(items) => format!("[{}]", list(items)),
        Value::Map(m) => {
            let fields =
                m.items.iter().map(|(n, v)| format!("{} = {}", hcl(&Value::String(n.clone())), hcl(v)));
            format!("tomap({{ {} }})", fields.collect::<Vec<_>>().join(", "))
        }
        Value::Object(f) => {
            let fields = f.iter().map(|(n, v)| format!("{} = {}", hcl(&Value::String(n.clone())), hcl(v)));
            format!("{{ {} }}", fields.collect::<Vec<_>>().join(", "))
        }
        other => panic!("{other:?} has no literal"),
    }
}

fn num(s: &str) -> Value {
    Value::Number(Number::parse(s).unwrap())
}

#[test]
fn arithmetic_has_terraforms_digits() {
    let numbers = [
        "0",
        "1",
        "2",
        "3",
        "7",
        "10",
        "0.1",
        "0.2",
        "0.4",
        "1.5",
        "2.5",
        "0.001",
        "99.99",
        "1e20",
        "1e-7",
        "123456789.123456789",
        "9223372036854775807",
        "9223372036854775808",
        "123456789012345678901234567890",
        "3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803482534211706798",
    ];
    let mut expressions = Vec::new();
    let mut ours = Vec::new();
    for a in numbers {
        for b in numbers {
            let (x, y) = (Number::parse(a).unwrap(), Number::parse(b).unwrap());
            let mut results = vec![("+", x.add(&y)), ("-", x.sub(&y)), ("*", x.mul(&y)), ("%", x.rem(&y))];
            if !y.is_zero() {
                results.push(("/", x.div(&y)));
                results.push(("/ -", x.div(&y.neg())));
                results.push(("% -", x.rem(&y.neg())));
            }
            for (op, result) in results {
                expressions.push(format!("tostring({a} {op}{b})"));
                ours.push(format!("\"{}\"", result.unwrap()));
            }
        }
        let x = Number::parse(a).unwrap();
        expressions.push(format!("[floor(-{a}), ceil({a}), abs(-{a}), length([1, 2]) / ({a} + 3)]"));
        let quotient = Number::from_i64(2).div(&x.add(&Number::parse("3").unwrap()).unwrap()).unwrap();
        ours.push(format!("[{},{},{},{}]", x.neg().floor(), x.ceil(), x.neg().abs(), quotient));
    }
    let powers = [
        ("2", "0.5"),
        ("1.1", "10"),
        ("3", "40"),
        ("10", "-3"),
        ("0.3", "3"),
        ("2", "70"),
        ("1e300", "1"),
        ("1e-300", "1"),
        ("1.0001", "12345"),
        ("99", "-2"),
        ("7", "21"),
        ("0.7", "-33"),
    ];
    for (x, y) in powers {
        let (a, b) = (Number::parse(x).unwrap(), Number::parse(y).unwrap());
        expressions.push(format!(
            "[tostring(pow({x}, {y})), tostring(log({x}, 10)), length([1]) / length([1, 2, 3])]"
        ));
        let third = Number::from_i64(1).div(&Number::from_i64(3)).unwrap();
        let ten = Number::parse("10").unwrap();
        ours.push(format!("[\"{}\",\"{}\",{third}]", a.pow(&b).unwrap(), a.log(&ten).unwrap()));
    }
    let Some(theirs) = evaluate(&expressions) else { return };
    for ((e, ours), (theirs, _)) in expressions.iter().zip(ours).zip(theirs) {
        assert_eq!(ours, theirs, "{e}");
    }
}

#[test]
fn sets_have_terraforms_order() {
    let s = |t: &str| Value::string(t);
    let strings = [
        "zeta",
        "Alpha",
        "a\"q",
        "é",
        "~",
        "\u{200b}",
        "\u{301}x",
        "tab\t",
        "<b>&\u{2028}\u{2029}",
        "",
        "a",
        "aa",
        "日本",
        "\u{1f600}",
        "\u{e000}",
        "\u{a0}",
        "line\nbreak",
        "\\",
        "10",
        "9",
        "\u{7f}",
    ];
    let numbers = [
        "12345678901",
        "9",
        "100",
        "1e30",
        "-5",
        "0.5",
        "0.00001",
        "1e-10",
        "0.1",
        "0",
        "-0.25",
        "1234567890",
        "99999999999",
        "123456.7891234",
    ];
    let set = |items: Vec<Value>| Value::set(items[0].ty(), items);
    let object = |v: Value| Value::object([("a", v), ("b", Value::Bool(true))]);
    let values = vec![
        set(strings.map(s).into()),
        set(strings.map(|t| object(s(t))).into()),
        set(numbers.map(num).into()),
        set(numbers.map(|n| object(num(n))).into()),
        set(vec![Value::Bool(true), Value::Bool(false)]),
        set(strings.map(|t| Value::tuple(vec![num("1"), s(t)])).into()),
        set(vec![
            Value::list(Type::String, vec![s("b"), s("a")]),
            Value::list(Type::String, vec![s("a")]),
            Value::list(Type::String, vec![s("a"), s("b")]),
        ]),
        set(["z", "aa", "a", "A"]
            .map(|n| object(Value::map(Type::Number, [(n, num("1")), ("k", num("2"))])))
            .into()),
        Value::set(
            object(s("")).ty(),
            vec![object(Value::Null(Type::String)), object(s("~")), object(s("z")), object(s(""))],
        ),
        set(["c", "a", "b"].map(|t| object(Value::set(Type::String, vec![s(t), s("b")]))).into()),
    ];
    let expressions: Vec<String> = values
        .iter()
        .map(|v| {
            // Written in another order than the right one.
            let Value::Set(e) = v else { unreachable!() };
            format!("toset([{}])", e.items.iter().rev().map(hcl).collect::<Vec<_>>().join(", "))
        })
        .collect();
    let Some(theirs) = evaluate(&expressions) else { return };
    for (v, (text, ty)) in values.iter().zip(theirs) {
        assert_eq!(json::encode(v, &ty).unwrap(), text);
        assert_eq!(json::decode(&text, &ty).unwrap(), *v);
    }
}

#[test]
fn conversion_gives_terraforms_values_and_types() {
    let s = |t: &str| Value::string(t);
    let null = || Value::Null(Type::Dynamic);
    let tuple = |v: Vec<Value>| Value::tuple(v);
    let one = |n: &'static str, v: Value| Value::object([(n, v)]);
    let empty = Value::empty_object;
    let lists = [
        tuple(vec![]),
        tuple(vec![num("1"), s("a"), null()]),
        tuple(vec![num("1"), Value::Bool(true)]),
        tuple(vec![Value::Bool(true), s("x"), num("1.50")]),
        tuple(vec![null(), null()]),
        tuple(vec![tuple(vec![num("1")]), tuple(vec![s("a")])]),
        tuple(vec![tuple(vec![num("1")]), tuple(vec![s("a"), num("2")])]),
        tuple(vec![tuple(vec![]), tuple(vec![s("a")])]),
        tuple(vec![one("a", num("1")), one("a", s("x"))]),
        tuple(vec![one("a", num("1")), one("b", s("x"))]),
        tuple(vec![one("a", num("1")), empty()]),
        tuple(vec![one("a", tuple(vec![])), one("a", tuple(vec![num("1")]))]),
        tuple(vec![one("a", null()), one("a", num("1"))]),
        tuple(vec![one("a", null()), one("a", tuple(vec![num("1")]))]),
        tuple(vec![one("a", num("1")), tuple(vec![])]),
        tuple(vec![s("a"), tuple(vec![])]),
        tuple(vec![Value::list(Type::Number, vec![num("1")]), tuple(vec![s("x")])]),
        tuple(vec![Value::list(Type::Number, vec![num("1")]), Value::set(Type::String, vec![s("x")])]),
        tuple(vec![Value::map(Type::Number, [("k", num("1"))]), one("j", s("x"))]),
        tuple(vec![Value::map(Type::Number, [("k", num("1"))]), Value::map(Type::String, [("k", s("x"))])]),
        Value::set(Type::Number, vec![num("2"), num("10")]),
        Value::list(Type::String, vec![s("b"), s("a"), s("b")]),
        empty(),
        s("x"),
    ];
    let maps = [
        empty(),
        one("a", null()),
        Value::object([("a", num("1")), ("b", s("x"))]),
        Value::object([("a", num("1")), ("b", Value::Bool(true))]),
        Value::object([("a", tuple(vec![num("1")])), ("b", tuple(vec![]))]),
        Value::object([("a", one("x", num("1"))), ("b", one("x", s("y")))]),
        Value::object([("a", one("x", num("1"))), ("b", one("y", s("y")))]),
        Value::object([("a", num("1")), ("b", tuple(vec![]))]),
        tuple(vec![]),
    ];
    let mut expressions = Vec::new();
    let mut ours = Vec::new();
    let mut case = |function: &str, v: &Value, ty: Type| {
        expressions.push(format!("can({function}({0})) ? jsonencode([{function}({0})]) : \"\"", hcl(v)));
        expressions.push(format!("try({function}({}), null)", hcl(v)));
        let result = convert(v, &ty);
        ours.push(result);
    };
    for v in &lists {
        case("tolist", v, Type::list(Type::Dynamic));
        case("toset", v, Type::set(Type::Dynamic));
    }
    for v in &maps {
        case("tomap", v, Type::map(Type::Dynamic));
    }
    for v in ["1", " 1", "1e3", "0x1", "true", "True", "yes", "", "1.", ".5", "1_0", "inf", "-1", "1p4"] {
        case("tonumber", &s(v), Type::Number);
        case("tobool", &s(v), Type::Bool);
    }
    for v in [num("1"), num("0.10"), Value::Bool(true), null(), tuple(vec![])] {
        case("tostring", &v, Type::String);
        case("tobool", &v, Type::Bool);
        case("tonumber", &v, Type::Number);
    }
    // An infinity has no JSON.
    let infinite = |v: &Result<Value, _>| matches!(v, Ok(Value::Number(n)) if n.is_infinite());
    let skipped: Vec<bool> = ours.iter().map(infinite).collect();
    let mut i = 0;
    expressions.retain(|_| {
        i += 1;
        !skipped[(i - 1) / 2]
    });
    ours.retain(|v| !infinite(v));
    let Some(theirs) = evaluate(&expressions) else { return };
    for ((ours, theirs), e) in ours.iter().zip(theirs.chunks(2)).zip(expressions.chunks(2)) {
        let [(text, _), (value, ty)] = theirs else { unreachable!() };
        match ours {
            Ok(v) => {
                let encoded = json::encode_implied(
                    &json::encode_implied(&Value::tuple(vec![v.clone()])).unwrap().into(),
                );
                assert_eq!(encoded.unwrap().replace("\\\\u003c", "<"), *text, "{}", e[1]);
                assert_eq!(json::encode_implied(v).unwrap(), *value, "{}", e[1]);
                assert_eq!(v.ty(), *ty, "{}", e[1]);
            }
            Err(_) => assert_eq!(text, "\"\"", "{}", e[1]),
        }
    }
}

#[test]
fn texts_are_escaped_as_terraform_does() {
    let text = "<>&\u{2028}\u{2029}\u{7f}\t\n\r\\\" é \u{1f600} \u{1} \u{8} \u{c} \u{b} \u{0}";
    let v = Value::object([("k<", Value::string(text)), ("é", Value::tuple(vec![]))]);
    let expressions = [hcl(&v), format!("jsonencode({})", hcl(&v))];
    let Some(theirs) = evaluate(&expressions) else { return };
    let ours = json::encode_implied(&v).unwrap();
    assert_eq!(json::decode(&theirs[0].0, &theirs[0].1).unwrap(), v);
    assert_eq!(json::decode(&theirs[1].0, &theirs[1].1).unwrap(), ours.into());
    assert_eq!(json::encode(&v, &theirs[0].1).unwrap(), theirs[0].0);
}
