//! Numbers.

use super::Function;
use super::build::*;
use groma_value::{Number, Type, Value};

fn num() -> super::Parameter {
    param("num", Type::Number, "The number.")
}

pub(super) fn functions() -> Vec<Function> {
    vec![
        function("abs", "The number without its sign.", [num().dynamic().marked()], Type::Number, |a| {
            let (v, marks) = unmark(&a[0]);
            Ok(Value::Number(number(v)?.abs()).with_marks(&marks))
        }),
        function("ceil", "The next whole number that is not less.", [num()], Type::Number, |a| {
            Ok(Value::Number(number(&a[0])?.ceil()))
        }),
        function("floor", "The next whole number that is not greater.", [num()], Type::Number, |a| {
            Ok(Value::Number(number(&a[0])?.floor()))
        }),
        function(
            "log",
            "The logarithm of a number.",
            [num(), param("base", Type::Number, "The base of the logarithm.")],
            Type::Number,
            |a| float_result("log", number(&a[0])?, number(&a[1])?, Number::log),
        ),
        function(
            "pow",
            "A number raised to a power.",
            [num(), param("power", Type::Number, "The exponent.")],
            Type::Number,
            |a| float_result("pow", number(&a[0])?, number(&a[1])?, Number::pow),
        ),
        function("signum", "The sign of a whole number: -1, 0 or 1.", [num()], Type::Number, |a| {
            Ok(Value::int(int(&a[0])?.signum()))
        }),
        function("max", "The greatest of some numbers.", [], Type::Number, |a| {
            extreme(a, |candidate, best| candidate > best)
        })
        .variadic(param("numbers", Type::Number, "The numbers.").dynamic()),
        function("min", "The least of some numbers.", [], Type::Number, |a| {
            extreme(a, |candidate, best| candidate < best)
        })
        .variadic(param("numbers", Type::Number, "The numbers.").dynamic()),
        function(
            "parseint",
            "The whole number that a text means in a base.",
            [
                param("number", Type::Dynamic, "The text.").marked(),
                param("base", Type::Number, "The base, from 2 to 62.").marked(),
            ],
            Type::Number,
            parseint,
        )
        .typed(|a| check_text(&a[0]).map(|()| Type::Number)),
        function("range", "A list of numbers at even distances.", [], Type::list(Type::Number), range)
            .variadic(param(
                "params",
                Type::Number,
                "The limit; or start and limit; or start, limit and step.",
            )),
    ]
}

/// Functions that compute in machine floats refuse what these cannot hold.
fn float_result(
    name: &str,
    a: &Number,
    b: &Number,
    f: impl Fn(&Number, &Number) -> Option<Number>,
) -> Res<Value> {
    for n in [a, b] {
        if n.to_f64().is_infinite() && !n.is_infinite() {
            return fail(format!("value must be between {:.6} and {:.6} inclusive", f64::MIN, f64::MAX));
        }
    }
    match f(a, b) {
        Some(n) => Ok(Value::Number(n)),
        None => fail(format!("{name} of {a} and {b} is not a number")),
    }
}

fn extreme(args: &[Value], better: impl Fn(&Number, &Number) -> bool) -> Res<Value> {
    let Some((first, rest)) = args.split_first() else {
        return fail("must pass at least one number");
    };
    let mut best = number(first)?;
    for v in rest {
        let n = number(v)?;
        if better(n, best) {
            best = n;
        }
    }
    Ok(Value::Number(best.clone()))
}

fn check_text(v: &Value) -> Res<()> {
    match v.ty() {
        Type::String => Ok(()),
        ty => fail_arg(0, format!("first argument must be a string, not {}", ty.friendly_name())),
    }
}

fn parseint(args: &[Value]) -> Res<Value> {
    check_text(&args[0])?;
    let ((text_value, text_marks), (base_value, base_marks)) = (unmark(&args[0]), unmark(&args[1]));
    let base = integer(base_value).or_else(|e| fail_arg(1, e))?;
    if !(2..=62).contains(&base) {
        return fail_arg(1, "base must be a whole number between 2 and 62 inclusive");
    }
    let s = text(text_value);
    let Some(n) = parse_in_base(s, base as u32) else {
        return fail_arg(
            0,
            format!(
                "cannot parse {} as a base {} integer",
                redact(|| quote(s), &text_marks),
                redact(|| base.to_string(), &base_marks)
            ),
        );
    };
    Ok(Value::Number(n).with_marks(&text_marks).with_marks(&base_marks))
}

/// A sign and digits. Up to base 36 the case of letters is ignored; above, upper
/// case letters follow lower case ones.
fn parse_in_base(s: &str, base: u32) -> Option<Number> {
    use dashu_int::{IBig, UBig};
    let digits = s.strip_prefix(['+', '-']).unwrap_or(s);
    if digits.is_empty() {
        return None;
    }
    let value = |b: u8| -> Option<u32> {
        let d = match b {
            b'0'..=b'9' => b - b'0',
            b'a'..=b'z' => b - b'a' + 10,
            b'A'..=b'Z' if base <= 36 => b - b'A' + 10,
            b'A'..=b'Z' => b - b'A' + 36,
            _ => return None,
        };
        (u32::from(d) < base).then_some(d.into())
    };
    // Ten digits at a time fit a machine word: 62^10 < 2^60.
    let mut n = UBig::ZERO;
    for chunk in digits.as_bytes().chunks(10) {
        let mut part = 0u64;
        for b in chunk {
            part = part * u64::from(base) + u64::from(value(*b)?);
        }
        n = n * UBig::from(u64::from(base).pow(chunk.len() as u32)) + UBig::from(part);
    }
    let n = IBig::from(n);
    Some(Number::from_integer(if s.starts_with('-') { -n } else { n }))
}

/// How many numbers `range` makes at most.
const RANGE_LIMIT: usize = 1024;

fn range(args: &[Value]) -> Res<Value> {
    let n = |i: usize| number(&args[i]).cloned();
    let (start, end, step) = match args.len() {
        1 => (Number::ZERO, n(0)?, None),
        2 => (n(0)?, n(1)?, None),
        3 => (n(0)?, n(1)?, Some(n(2)?)),
        _ => return fail("must have one, two, or three arguments"),
    };
    let step = step.unwrap_or_else(|| Number::from_i64(if end < start { -1 } else { 1 }));
    if step.is_zero() {
        return fail_arg(2, "step must not be zero");
    }
    let down = step.is_negative();
    if down && end > start {
        return fail_arg(1, "end must be less than start when step is negative");
    }
    if !down && end < start {
        return fail_arg(1, "end must be greater than start when step is positive");
    }
    let mut items = Vec::new();
    let mut n = start;
    while if down { n > end } else { n < end } {
        if items.len() >= RANGE_LIMIT {
            return fail(format!(
                "more than {RANGE_LIMIT} values were generated; either decrease the difference between start and end or use a smaller step"
            ));
        }
        items.push(Value::Number(n.clone()));
        n = n.add(&step).or_else(|e| fail(e.to_string()))?;
    }
    Ok(Value::list(Type::Number, items))
}
