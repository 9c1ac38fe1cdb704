//! Numbers from text and to text.

use super::{Float, Number, PRECISION, Repr};
use dashu_base::{BitTest, UnsignedAbs};
use dashu_float::{Context, Repr as FloatRepr, round::mode::HalfEven};
use dashu_int::{IBig, UBig};
use std::fmt;
use std::sync::Arc;

/// Binary exponents beyond this are infinite or zero, as in Go's `big.Float`.
const MAX_EXPONENT: i64 = i32::MAX as i64;
/// Up to this decimal exponent powers of ten are computed exactly.
const EXACT_POWER: u64 = 4096;

impl Number {
    /// From decimal text: the forms that the language converts to a number.
    ///
    /// An optional sign, digits with at most one point among them (at either end
    /// too), and an exponent after `e` (of ten) or `p` (of two); or `inf`/`Inf`.
    /// No spaces, no underscores, no other bases.
    pub fn parse(s: &str) -> Option<Number> {
        let bytes = s.as_bytes();
        // Most numbers are short plain integers. Eighteen digits fit an i64.
        if !bytes.is_empty() && bytes.len() <= 18 && bytes.iter().all(u8::is_ascii_digit) {
            let n = bytes.iter().fold(0i64, |n, b| n * 10 + i64::from(b - b'0'));
            return Some(Number(Repr::Int(n, PRECISION as u16)));
        }
        let (negative, body) = match bytes.first()? {
            b'-' => (true, &s[1..]),
            b'+' => (false, &s[1..]),
            _ => (false, s),
        };
        if body == "inf" || body == "Inf" {
            return Some(Number::infinity(negative));
        }
        let (mantissa, exponent) = match body.find(['e', 'E', 'p', 'P']) {
            Some(i) => (&body[..i], Some((body.as_bytes()[i].to_ascii_lowercase(), &body[i + 1..]))),
            None => (body, None),
        };
        let (mut exp10, mut exp2) = (0i64, 0i64);
        match exponent {
            Some((b'e', e)) => exp10 = parse_exponent(e)?,
            Some((_, e)) => exp2 = parse_exponent(e)?,
            None => {}
        }
        let digits = match mantissa.split_once('.') {
            Some((whole, fraction)) => {
                exp10 = exp10.checked_sub(fraction.len() as i64)?;
                [whole, fraction].concat()
            }
            None => mantissa.to_owned(),
        };
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let significand = UBig::from_str_radix(&digits, 10).ok()?;
        if significand.is_zero() {
            return Some(Number::zero(negative, PRECISION));
        }
        let signed = if negative { -IBig::from(significand) } else { IBig::from(significand) };
        scale(signed, exp10, exp2)
    }
    /// The text that `%.<digits>g` has in Go, which defines the order of sets;
    /// with `None` the shortest text, as in messages for provider developers.
    pub(crate) fn text_g(&self, digits: Option<usize>) -> String {
        // Integers of few digits have no exponent; short ones have none either way.
        if let Some(i) = self.as_i64()
            && !self.is_negative_zero()
            && i.unsigned_abs() < 10u64.saturating_pow(digits.unwrap_or(6).min(19) as u32)
        {
            return i.to_string();
        }
        if self.is_infinite() {
            return self.to_string();
        }
        let f = self.to_float();
        let d = match digits {
            Some(n) => {
                let mut d = Decimal::exact(&f);
                d.round(n.max(1));
                d
            }
            None => Decimal::shortest(&f),
        };
        let mut out = String::new();
        if self.is_negative() {
            out.push('-');
        }
        let limit = match digits {
            None => 6,
            Some(n) if n > d.digits.len() && d.digits.len() as i64 >= d.point => d.digits.len(),
            Some(n) => n,
        };
        let exp = d.point - 1;
        if !d.digits.is_empty() && (exp < -4 || exp >= limit as i64) {
            out.push(char::from(d.digits[0]));
            if d.digits.len() > 1 {
                out.push('.');
                out.extend(d.digits[1..].iter().copied().map(char::from));
            }
            out.push_str(if exp < 0 { "e-" } else { "e+" });
            out.push_str(&format!("{:02}", exp.unsigned_abs()));
        } else {
            d.write_plain(&mut out);
        }
        out
    }
    fn is_negative_zero(&self) -> bool {
        self.is_zero() && self.is_negative()
    }
}

fn parse_exponent(s: &str) -> Option<i64> {
    let digits = s.strip_prefix(['+', '-']).unwrap_or(s);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let n: i64 = digits.parse().ok()?;
    Some(if s.starts_with('-') { -n } else { n })
}

/// `m * 10^exp10 * 2^exp2`, rounded. `None` where an exponent is absurd.
fn scale(m: IBig, exp10: i64, exp2: i64) -> Option<Number> {
    if exp10.abs() > MAX_EXPONENT || exp2.abs() > MAX_EXPONENT {
        return None;
    }
    let negative = m < IBig::ZERO;
    let bits =
        m.clone().unsigned_abs().bit_len() as f64 + exp10 as f64 * std::f64::consts::LOG2_10 + exp2 as f64;
    if bits > MAX_EXPONENT as f64 {
        return Some(Number::infinity(negative));
    }
    if bits < -(MAX_EXPONENT as f64) {
        return Some(Number::zero(negative, PRECISION));
    }
    let ctx = Context::<HalfEven>::new(PRECISION);
    // 10^n = 5^n * 2^n: the power of two goes into the exponent.
    let shift = isize::try_from(exp2 + exp10).ok()?;
    let n = exp10.unsigned_abs();
    let value = if exp10 == 0 {
        Float::from_repr(FloatRepr::new(m, 0), Context::new(0))
    } else if n <= EXACT_POWER {
        let power = UBig::from(5u8).pow(n as usize);
        if exp10 > 0 {
            Float::from_repr(FloatRepr::new(m * power, 0), Context::new(0))
        } else {
            super::arith::quotient(&FloatRepr::new(m, 0), &FloatRepr::new(power.into(), 0), ctx)
        }
    } else {
        // 64 bits more than needed, as an exact power would be very large.
        let wide = Context::<HalfEven>::new(PRECISION + 64);
        let power = wide.powi(&FloatRepr::<2>::new(5.into(), 0), n.into()).ok()?.value();
        let m = FloatRepr::new(m, 0);
        if exp10 > 0 { ctx.mul(&m, power.repr()) } else { ctx.div(&m, power.repr()) }.ok()?.value()
    };
    Some(Number::canonical(shl(value.with_precision(PRECISION).value(), shift)))
}

fn shl(f: Float, by: isize) -> Float {
    let ctx = f.context();
    let (m, e) = f.into_repr().into_parts();
    Float::from_repr(FloatRepr::new(m, e + by), ctx)
}

/// `0.d1d2d3… × 10^point`, without trailing zeros; no digits for zero.
struct Decimal {
    digits: Vec<u8>,
    point: i64,
}

impl Decimal {
    /// All digits of a finite number's magnitude.
    fn exact(f: &Float) -> Decimal {
        let m = f.repr().significand().clone().unsigned_abs();
        Decimal::of(m, f.repr().exponent())
    }
    /// All digits of `m * 2^e`.
    fn of(m: UBig, e: isize) -> Decimal {
        if m.is_zero() {
            return Decimal { digits: Vec::new(), point: 0 };
        }
        let (text, shift) = if e >= 0 {
            ((m << e as usize).to_string(), 0)
        } else {
            ((m * UBig::from(5u8).pow(e.unsigned_abs())).to_string(), e as i64)
        };
        let mut digits = text.into_bytes();
        let point = digits.len() as i64 + shift;
        while digits.last() == Some(&b'0') {
            digits.pop();
        }
        Decimal { digits, point }
    }
    /// The shortest digits from which a number of `f`'s precision rounds back to `f`.
    fn shortest(f: &Float) -> Decimal {
        let mut d = Decimal::exact(f);
        if d.digits.is_empty() {
            return d;
        }
        // Scaled so that the last bit counts half a unit of the last place.
        let m = f.repr().significand().clone().unsigned_abs();
        let up = (f.precision() + 1).saturating_sub(m.bit_len());
        let exp = f.repr().exponent() - up as isize;
        let m: UBig = m << up;
        // Both neighbours' midpoints round to `f` when its last bit is even.
        let inclusive = !m.bit(1);
        let lower = Decimal::of(&m - UBig::ONE, exp);
        let upper = Decimal::of(m + UBig::ONE, exp);
        for (i, &x) in d.digits.iter().enumerate() {
            let l = lower.digits.get(i).copied().unwrap_or(b'0');
            let u = upper.digits.get(i).copied().unwrap_or(b'0');
            let down = l != x || inclusive && i + 1 == lower.digits.len();
            let up = x != u && (inclusive || x + 1 < u || i + 1 < upper.digits.len());
            match (down, up) {
                (true, true) => d.round(i + 1),
                (true, false) => d.truncate(i + 1),
                (false, true) => d.round_up(i + 1),
                (false, false) => continue,
            }
            break;
        }
        d
    }
    fn truncate(&mut self, n: usize) {
        self.digits.truncate(n);
        while self.digits.last() == Some(&b'0') {
            self.digits.pop();
        }
        if self.digits.is_empty() {
            self.point = 0;
        }
    }
    fn round_up(&mut self, n: usize) {
        if n >= self.digits.len() {
            return;
        }
        self.digits.truncate(n);
        while let Some(last) = self.digits.pop() {
            if last < b'9' {
                self.digits.push(last + 1);
                return;
            }
        }
        self.digits.push(b'1');
        self.point += 1;
    }
    /// To `n` digits, half to even.
    fn round(&mut self, n: usize) {
        if n >= self.digits.len() {
            return;
        }
        let half = self.digits[n] == b'5' && n + 1 == self.digits.len();
        let up = if half { n > 0 && (self.digits[n - 1] - b'0') % 2 == 1 } else { self.digits[n] >= b'5' };
        if up { self.round_up(n) } else { self.truncate(n) }
    }
    /// Without an exponent: `123.45`, `0.001`, `1000`.
    fn write_plain(&self, out: &mut String) {
        let point = self.point;
        if point <= 0 {
            out.push('0');
        }
        let zero = (0..).take_while(|i| *i < -point).count();
        if !self.digits.is_empty() && point <= 0 {
            out.push('.');
            out.extend(std::iter::repeat_n('0', zero));
        }
        for (i, d) in self.digits.iter().enumerate() {
            if i as i64 == point && i > 0 {
                out.push('.');
            }
            out.push(char::from(*d));
        }
        let missing = point.saturating_sub(self.digits.len() as i64).max(0);
        out.extend(std::iter::repeat_n('0', missing as usize));
    }
}

/// The shortest decimal text, without an exponent: what `tostring` and the JSON
/// forms print.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let big: Arc<Float> = match &self.0 {
            Repr::Int(i, p) if *p >= 64 || i.unsigned_abs() < 1 << *p => return write!(f, "{i}"),
            Repr::Int(..) => Arc::new(self.to_float()),
            Repr::Big(b) => b.clone(),
        };
        if self.is_infinite() {
            return f.write_str(if self.is_negative() { "-Inf" } else { "+Inf" });
        }
        let mut out = String::new();
        if self.is_negative() {
            out.push('-');
        }
        Decimal::shortest(&big).write_plain(&mut out);
        f.write_str(&out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn num(s: &str) -> Number {
        Number::parse(s).unwrap()
    }

    #[test]
    fn parses_what_terraform_converts() {
        // Each checked with `terraform console`: tonumber("…").
        for (text, prints) in [
            ("1e3", "1000"),
            ("1E5", "100000"),
            ("+5", "5"),
            (".5", "0.5"),
            ("5.", "5"),
            ("1p3", "8"),
            ("inf", "+Inf"),
            ("-inf", "-Inf"),
            ("-0.0", "-0"),
            ("1e-30", "0.000000000000000000000000000001"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
            ("12345678901234567890.5", "12345678901234567890.5"),
            ("-9223372036854775808", "-9223372036854775808"),
            ("9223372036854775808", "9223372036854775808"),
            ("0.1", "0.1"),
        ] {
            assert_eq!(num(text).to_string(), prints, "{text}");
        }
        for text in [
            "",
            "-",
            "0x10",
            " 1",
            "1 ",
            "1_000",
            "1e",
            "NaN",
            "1e99999999999",
            "1.2.3",
            "e5",
            ".",
            "infinity",
            "--1",
        ] {
            assert!(Number::parse(text).is_none(), "{text}");
        }
        assert_eq!(num("1e100").to_string(), format!("1{}", "0".repeat(100)));
        assert_eq!(num("1e5000").to_string(), format!("1{}", "0".repeat(5000)));
        assert_eq!(num("1e-5000").to_string(), format!("0.{}1", "0".repeat(4999)));
    }

    #[test]
    fn precision_decides_the_digits() {
        assert_eq!(Number::from_f64(0.1).unwrap().to_string(), "0.1");
        assert_eq!(Number::from_f64(2f64.powi(70)).unwrap().to_string(), "1180591620717411300000");
        assert_eq!(Number::from_f64(2f64.powi(62)).unwrap().to_string(), "4611686018427388000");
        // Equal, as they print the same; but not the same size.
        assert_eq!(Number::from_f64(0.1).unwrap(), num("0.1"));
        assert!(Number::from_f64(0.1).unwrap() > num("0.1"));
        assert_ne!(Number::from_f64(2f64.powi(70)).unwrap(), num("1180591620717411303424"));
        assert_eq!(Number::from_f64(0.5).unwrap(), num("0.5"));
        assert_eq!(Number::from_f64(1e22).unwrap().to_string(), "10000000000000000000000");
        assert_eq!(Number::from_i64(i64::MIN).to_string(), "-9223372036854775808");
        assert_eq!(Number::from_u64(u64::MAX).to_string(), "18446744073709551615");
    }

    #[test]
    fn ten_digit_text() {
        for (n, text) in [
            ("0", "0"),
            ("12300", "12300"),
            ("1234567890", "1234567890"),
            ("12345678901", "1.23456789e+10"),
            ("0.5", "0.5"),
            ("0.00001", "1e-05"),
            ("-2.50", "-2.5"),
            ("1e100", "1e+100"),
            ("123456.7891234", "123456.7891"),
            ("99999999999", "1e+11"),
        ] {
            assert_eq!(num(n).text_g(Some(10)), text, "{n}");
        }
        for (n, text) in
            [("1234567", "1.234567e+06"), ("100000", "100000"), ("0.1", "0.1"), ("1e-7", "1e-07")]
        {
            assert_eq!(num(n).text_g(None), text, "{n}");
        }
    }
}
