//! `format` and `formatlist`: verbs of `printf` with Go's meaning. Widths count
//! grapheme clusters.

use super::Function;
use super::build::*;
use dashu_int::UBig;
use groma_value::{Number, Type, Value, convert, json};
use unicode_segmentation::UnicodeSegmentation;

/// Wider fields are refused: nobody means them, and they take the memory.
const WIDEST: usize = 1_000_000;

pub(super) fn functions() -> Vec<Function> {
    let format_param = || param("format", Type::String, "The text with verbs such as %s.");
    let args =
        || param("args", Type::Dynamic, "What to put in place of the verbs.").null().unknown().dynamic();
    vec![
        function(
            "format",
            "A text with values in the places of verbs.",
            [format_param().unknown()],
            Type::String,
            format,
        )
        .variadic(args()),
        function(
            "formatlist",
            "Texts with values in the places of verbs, one for each element of the lists among the values.",
            [format_param()],
            Type::list(Type::String),
            formatlist,
        )
        .variadic(args()),
    ]
    .into_iter()
    .map(|f| Function { static_type: Type::Dynamic, ..f })
    .collect()
}

fn format(args: &[Value]) -> Res<Value> {
    let values = &args[1..];
    // What is of unknown type makes the result be of unknown type, in Terraform; a null is a value here.
    if values.iter().any(|v| !v.is_known() && v.ty() == Type::Dynamic) {
        return Ok(Value::dynamic());
    }
    if !args[0].is_known() {
        return Ok(Value::unknown(Type::String));
    }
    let spec = text(&args[0]);
    if !values.iter().all(Value::is_wholly_known) {
        return Ok(match spec.find('%') {
            Some(n) if n > 0 => unknown_with_prefix(&spec[..n]),
            _ => Value::unknown(Type::String),
        });
    }
    Ok(Value::string(render(spec, &values.iter().collect::<Vec<_>>())?))
}

fn formatlist(args: &[Value]) -> Res<Value> {
    let (spec, values) = (text(&args[0]), &args[1..]);
    let ty = Type::list(Type::String);
    // The common length of the lists, and which argument has set it.
    let mut rows: Option<(usize, usize)> = None;
    let mut unknown = false;
    for (i, v) in values.iter().enumerate() {
        let len = match v {
            Value::Unknown(Type::Tuple(types), _) => {
                unknown = true;
                types.len()
            }
            Value::Unknown(Type::List(_) | Type::Set(_) | Type::Dynamic, _) => {
                unknown = true;
                continue;
            }
            v if unsettled(v) => {
                unknown = true;
                continue;
            }
            v => match v.as_elements() {
                Some(items) => items.len(),
                None => continue,
            },
        };
        match rows {
            None => rows = Some((len, i)),
            Some((n, chooser)) if n != len => {
                return fail_arg(
                    i + 1,
                    format!(
                        "argument {} has length {len}, which is inconsistent with argument {} of length {n}",
                        i + 1,
                        chooser + 1
                    ),
                );
            }
            Some(_) => {}
        }
    }
    if unknown {
        return Ok(Value::unknown(ty));
    }
    let mut out = Vec::new();
    for row in 0..rows.map_or(1, |(n, _)| n) {
        let cells: Vec<&Value> =
            values.iter().map(|v| v.as_elements().map_or(v, |items| &items[row])).collect();
        out.push(if cells.iter().all(|v| v.is_wholly_known()) {
            let line = render(spec, &cells);
            Value::string(line.or_else(|e| fail(format!("error on format iteration {row}: {}", e.message)))?)
        } else {
            Value::unknown_not_null(Type::String)
        });
    }
    Ok(Value::list(Type::String, out))
}

/// A verb, such as `%-8.2[1]f`.
#[derive(Default)]
struct Verb<'a> {
    raw: &'a str,
    offset: usize,
    mode: char,
    zero: bool,
    sharp: bool,
    plus: bool,
    minus: bool,
    space: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

/// Renders with wholly known values.
fn render(spec: &str, args: &[&Value]) -> Res<String> {
    let mut out = String::new();
    let mut at = 0;
    let (mut next, mut highest) = (1, 0);
    while let Some(n) = spec[at..].find('%') {
        out.push_str(&spec[at..at + n]);
        at += n;
        if spec[at..].starts_with("%%") {
            out.push('%');
            at += 2;
            continue;
        }
        let (verb, index) = parse_verb(spec, at, next)?;
        at += verb.raw.len();
        highest = highest.max(index);
        next = index + 1;
        let Some(arg) = args.get(index - 1) else {
            return fail(format!(
                "not enough arguments for {} at {}: need index {index} but have {} total",
                quote(verb.raw),
                verb.offset,
                args.len()
            ));
        };
        verb.write(arg, &mut out)?;
    }
    out.push_str(&spec[at..]);
    if highest < args.len() {
        let used = match highest {
            0 => "no verbs in format string".to_owned(),
            n => format!("only {n} used by format string"),
        };
        return fail_arg(highest + 1, format!("too many arguments; {used}"));
    }
    Ok(out)
}

/// The verb at `start`, and the number (from 1) of its argument.
fn parse_verb(spec: &str, start: usize, next: usize) -> Res<(Verb<'_>, usize)> {
    let bytes = spec.as_bytes();
    let mut at = start + 1;
    let mut verb = Verb { offset: start, ..Verb::default() };
    let mut index = next;
    while let Some(flag) = bytes.get(at) {
        match flag {
            b'0' => verb.zero = true,
            b'#' => verb.sharp = true,
            b'-' => verb.minus = true,
            b'+' => verb.plus = true,
            b' ' => verb.space = true,
            _ => break,
        }
        at += 1;
    }
    let number = |at: &mut usize| -> usize {
        let mut n = 0usize;
        while let Some(d @ b'0'..=b'9') = bytes.get(*at) {
            n = n.saturating_mul(10).saturating_add(usize::from(d - b'0'));
            *at += 1;
        }
        n
    };
    if let Some(b'1'..=b'9') = bytes.get(at) {
        verb.width = Some(number(&mut at));
    }
    if let Some(b'.') = bytes.get(at) {
        at += 1;
        verb.precision = Some(number(&mut at));
    }
    if let Some(b'[') = bytes.get(at) {
        at += 1;
        if let Some(b'1'..=b'9') = bytes.get(at) {
            index = number(&mut at);
            if let Some(b']') = bytes.get(at) {
                at += 1;
            } else {
                return unexpected(spec, at);
            }
        } else {
            return unexpected(spec, at);
        }
    }
    match bytes.get(at) {
        Some(mode) if mode.is_ascii_alphabetic() => {
            verb.mode = char::from(*mode);
            verb.raw = &spec[start..=at];
        }
        _ => return unexpected(spec, at),
    }
    if verb.width.max(verb.precision) > Some(WIDEST) {
        return fail(format!("width or precision of {} at {start} is too large", quote(verb.raw)));
    }
    Ok((verb, index))
}

fn unexpected<T>(spec: &str, at: usize) -> Res<T> {
    match spec[at..].chars().next() {
        Some(c) => fail(format!("unrecognized format character {} at offset {at}", quote_char(c))),
        None => fail(format!("invalid format string starting at offset {at}")),
    }
}

/// As Go's `%q` for a character.
fn quote_char(c: char) -> String {
    match c {
        '\'' => "'\\''".into(),
        '"' => "'\"'".into(),
        c => {
            let quoted = quote(c.encode_utf8(&mut [0; 4]));
            format!("'{}'", &quoted[1..quoted.len() - 1])
        }
    }
}

impl Verb<'_> {
    fn unsupported<T>(&self, why: impl std::fmt::Display) -> Res<T> {
        fail(format!("unsupported value for {} at {}: {why}", quote(self.raw), self.offset))
    }
    fn write(&self, arg: &Value, out: &mut String) -> Res<()> {
        if self.mode != 'v' && arg.is_null() {
            return self.unsupported("null value cannot be formatted");
        }
        let as_type = |ty: Type| convert(arg, &ty).or_else(|e| self.unsupported(e.message));
        match self.mode {
            'v' => match arg {
                Value::String(s) if !self.sharp => self.pad(s, out),
                Value::Number(n) if !self.sharp && n.is_infinite() => self.pad(&n.to_string(), out),
                Value::Number(n) if !self.sharp => self.pad(&Decimal::shortest(n).general(None, 'e'), out),
                _ => match json::encode_implied(arg) {
                    Ok(text) => self.pad(&text, out),
                    Err(e) => return self.unsupported(e.message),
                },
            },
            't' => out.push_str(if as_type(Type::Bool)?.as_bool() == Some(true) { "true" } else { "false" }),
            'b' | 'd' | 'o' | 'x' | 'X' => {
                let v = as_type(Type::Number)?;
                match v.as_number().and_then(Number::to_integer) {
                    Some(n) => self.write_integer(n, out),
                    None => return self.unsupported("an integer is required"),
                }
            }
            'e' | 'E' | 'f' | 'g' | 'G' => {
                let v = as_type(Type::Number)?;
                if let Some(n) = v.as_number() {
                    self.write_float(n, out);
                }
            }
            's' | 'q' => {
                let v = as_type(Type::String)?;
                let mut s = text(&v);
                if let Some(n @ 1..) = self.precision {
                    s = s.grapheme_indices(true).nth(n).map_or(s, |(i, _)| &s[..i]);
                }
                if self.mode == 's' {
                    self.pad(s, out);
                } else {
                    let mut quoted = String::new();
                    json::write_string(s, &mut quoted);
                    self.pad(&quoted, out);
                }
            }
            mode => {
                return fail(format!(
                    "unsupported format verb {} in {} at offset {}",
                    quote_char(mode),
                    quote(self.raw),
                    self.offset
                ));
            }
        }
        Ok(())
    }
    fn pad(&self, s: &str, out: &mut String) {
        let missing = self.width.map_or(0, |w| w.saturating_sub(s.graphemes(true).count()));
        let padding = if self.zero { "0" } else { " " }.repeat(missing);
        let (before, after) = if self.minus { ("", &*padding) } else { (&*padding, "") };
        out.extend([before, s, after]);
    }
    fn sign(&self, negative: bool) -> &'static str {
        match (negative, self.plus, self.space) {
            (true, _, _) => "-",
            (_, true, _) => "+",
            (_, _, true) => " ",
            _ => "",
        }
    }
    fn write_integer(&self, n: dashu_int::IBig, out: &mut String) {
        let negative = n < dashu_int::IBig::ZERO;
        let (_, magnitude) = n.into_parts();
        let (radix, prefix) = match self.mode {
            'b' => (2, "0b"),
            'o' => (8, "0"),
            'x' => (16, "0x"),
            'X' => (16, "0X"),
            _ => (10, ""),
        };
        if self.precision == Some(0) && magnitude.is_zero() {
            return;
        }
        let mut digits = magnitude.in_radix(radix).to_string();
        if self.mode == 'X' {
            digits.make_ascii_uppercase();
        }
        let sign = self.sign(negative);
        let prefix = if self.sharp { prefix } else { "" };
        let mut zeros = self.precision.map_or(0, |p| p.saturating_sub(digits.len()));
        let len = sign.len() + prefix.len() + zeros + digits.len();
        let (mut left, mut right) = (0, 0);
        match self.width.map_or(0, |w| w.saturating_sub(len)) {
            d if self.minus => right = d,
            d if self.zero && self.precision.is_none() => zeros = d,
            d => left = d,
        }
        out.push_str(&" ".repeat(left));
        out.extend([sign, prefix]);
        out.push_str(&"0".repeat(zeros));
        out.push_str(&digits);
        out.push_str(&" ".repeat(right));
    }
    fn write_float(&self, n: &Number, out: &mut String) {
        let body = if n.is_infinite() {
            "Inf".to_owned()
        } else {
            match self.mode {
                'f' => Decimal::exact(n).fixed(self.precision.unwrap_or(6)),
                'e' | 'E' => Decimal::exact(n).scientific(self.precision.unwrap_or(6), self.mode),
                mode => {
                    let e = if mode == 'G' { 'E' } else { 'e' };
                    match self.precision {
                        Some(p) => Decimal { negative: false, ..Decimal::exact(n) }.general(Some(p), e),
                        None => Decimal { negative: false, ..Decimal::shortest(n) }.general(None, e),
                    }
                }
            }
        };
        let sign = match self.sign(n.is_negative()) {
            // An infinity shows its sign always.
            "" if n.is_infinite() => "+",
            sign => sign,
        };
        let missing = self.width.map_or(0, |w| w.saturating_sub(sign.len() + body.len()));
        if self.minus {
            out.extend([sign, &body, &" ".repeat(missing)]);
        } else if self.zero && !n.is_infinite() {
            out.extend([sign, &"0".repeat(missing), &body]);
        } else {
            out.extend([&" ".repeat(missing), sign, &body]);
        }
    }
}

/// A finite number `0.d1d2d3… × 10^point`, without trailing zeros; no digits for zero.
struct Decimal {
    negative: bool,
    digits: Vec<u8>,
    point: i64,
}

impl Decimal {
    /// The shortest digits from which the number can be read back.
    fn shortest(n: &Number) -> Decimal {
        let plain = n.to_string();
        let plain = plain.strip_prefix('-').unwrap_or(&plain);
        let (whole, fraction) = plain.split_once('.').unwrap_or((plain, ""));
        Decimal::new(n.is_negative(), [whole, fraction].concat().into_bytes(), whole.len() as i64)
    }
    /// All digits.
    fn exact(n: &Number) -> Decimal {
        let f = n.to_float();
        let e = f.repr().exponent();
        let (_, m) = f.repr().significand().clone().into_parts();
        let (text, scale) = if e >= 0 {
            ((m << e as usize).to_string(), 0)
        } else {
            // m * 2^-k is m * 5^k * 10^-k.
            ((m * UBig::from(5u8).pow(e.unsigned_abs())).to_string(), e as i64)
        };
        let point = text.len() as i64 + scale;
        Decimal::new(n.is_negative(), text.into_bytes(), point)
    }
    fn new(negative: bool, mut digits: Vec<u8>, mut point: i64) -> Decimal {
        let zeros = digits.iter().take_while(|d| **d == b'0').count();
        digits.drain(..zeros);
        point -= zeros as i64;
        while digits.last() == Some(&b'0') {
            digits.pop();
        }
        if digits.is_empty() {
            point = 0;
        }
        Decimal { negative, digits, point }
    }
    /// To `n` digits (which may be less than none), half to even.
    fn round(&mut self, n: i64) {
        let Ok(n) = usize::try_from(n) else {
            self.digits.clear();
            self.point = 0;
            return;
        };
        if n >= self.digits.len() {
            return;
        }
        let half = self.digits[n] == b'5' && n + 1 == self.digits.len();
        let up = if half { n > 0 && (self.digits[n - 1] - b'0') % 2 == 1 } else { self.digits[n] >= b'5' };
        self.digits.truncate(n);
        if up {
            while self.digits.last() == Some(&b'9') {
                self.digits.pop();
            }
            match self.digits.last_mut() {
                Some(d) => *d += 1,
                None => {
                    self.digits.push(b'1');
                    self.point += 1;
                }
            }
        }
        let (digits, point) = (std::mem::take(&mut self.digits), self.point);
        *self = Decimal::new(self.negative, digits, point);
    }
    fn digit(&self, i: i64) -> char {
        usize::try_from(i).ok().and_then(|i| self.digits.get(i)).map_or('0', |d| char::from(*d))
    }
    /// `123.450`; the sign is the caller's.
    fn fixed(mut self, decimals: usize) -> String {
        self.round(self.point + decimals as i64);
        let mut out: String =
            if self.point > 0 { (0..self.point).map(|i| self.digit(i)).collect() } else { "0".into() };
        if decimals > 0 {
            out.push('.');
            out.extend((0..decimals as i64).map(|i| self.digit(self.point + i)));
        }
        out
    }
    /// `1.2345e+02`; the sign is the caller's.
    fn scientific(mut self, decimals: usize, e: char) -> String {
        self.round(decimals as i64 + 1);
        let mut out = String::from(self.digit(0));
        if decimals > 0 {
            out.push('.');
            out.extend((1..=decimals as i64).map(|i| self.digit(i)));
        }
        let exp = if self.digits.is_empty() { 0 } else { self.point - 1 };
        out.push(e);
        out.push(if exp < 0 { '-' } else { '+' });
        out.push_str(&format!("{:02}", exp.unsigned_abs()));
        out
    }
    /// Without trailing zeros, in the shorter of the two forms, with a sign if
    /// negative. `precision` is the number of digits, `None` for all there are.
    fn general(mut self, precision: Option<usize>, e: char) -> String {
        let sign = if self.negative { "-" } else { "" };
        let threshold = match precision {
            Some(p) => {
                let p = p.max(1);
                self.round(p as i64);
                if p > self.digits.len() && self.digits.len() as i64 >= self.point {
                    self.digits.len()
                } else {
                    p
                }
            }
            None => 6,
        };
        let len = self.digits.len();
        let exp = self.point - 1;
        let body = if len > 0 && (exp < -4 || exp >= threshold as i64) {
            self.scientific(len - 1, e)
        } else {
            let decimals = (len as i64 - self.point).max(0) as usize;
            self.fixed(decimals)
        };
        format!("{sign}{body}")
    }
}
