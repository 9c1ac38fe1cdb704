//! Arithmetic.

use super::{Float, Number, PRECISION, Repr};
use dashu_base::UnsignedAbs;
use dashu_float::{Context, round::mode::HalfEven};
use dashu_int::IBig;
use std::fmt;

/// Why an operation on numbers has no result. Displays in Terraform's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberError {
    /// `∞ + -∞`
    OpposingInfinities,
    /// `∞ - ∞`
    InfinityMinusItself,
    /// `0 * ∞`
    ZeroTimesInfinity,
    /// `0 / 0` or `∞ / ∞`
    Indeterminate,
    /// Modulo with an infinity.
    InfiniteModulo,
}

impl fmt::Display for NumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NumberError::OpposingInfinities => "can't compute sum of opposing infinities",
            NumberError::InfinityMinusItself => "can't subtract infinity from itself",
            NumberError::ZeroTimesInfinity => "can't multiply zero by infinity",
            NumberError::Indeterminate => "can't divide zero by zero or infinity by infinity",
            NumberError::InfiniteModulo => "can't use modulo with zero and infinity",
        })
    }
}
impl std::error::Error for NumberError {}

fn int(n: i64, precision: usize) -> Number {
    Number(Repr::Int(n, precision.min(u16::MAX as usize) as u16))
}

impl Number {
    /// Both as small integers, for the fast paths; a low precision could ask for
    /// rounding and takes the slow one.
    fn both_small(&self, other: &Number) -> Option<(i64, i64, usize)> {
        match (&self.0, &other.0) {
            (Repr::Int(a, p), Repr::Int(b, q)) if *p.max(q) >= 64 => Some((*a, *b, *p.max(q) as usize)),
            _ => None,
        }
    }
    fn greater_precision(&self, other: &Number) -> Context<HalfEven> {
        Context::new(self.precision().max(other.precision()))
    }
    /// `self + other`
    pub fn add(&self, other: &Number) -> Result<Number, NumberError> {
        if let Some((a, b, p)) = self.both_small(other)
            && let Some(n) = a.checked_add(b)
        {
            return Ok(int(n, p));
        }
        match (self.is_infinite(), other.is_infinite()) {
            (true, true) if self.is_negative() != other.is_negative() => Err(NumberError::OpposingInfinities),
            (true, _) => Ok(self.clone()),
            (_, true) => Ok(other.clone()),
            _ => {
                let ctx = self.greater_precision(other);
                if self.is_zero() && other.is_zero() {
                    return Ok(Number::zero(self.is_negative() && other.is_negative(), ctx.precision()));
                }
                let (a, b) = (self.to_float(), other.to_float());
                finite(ctx.add(a.repr(), b.repr()), ctx)
            }
        }
    }
    /// `self - other`
    pub fn sub(&self, other: &Number) -> Result<Number, NumberError> {
        if let Some((a, b, p)) = self.both_small(other)
            && let Some(n) = a.checked_sub(b)
        {
            return Ok(int(n, p));
        }
        self.add(&other.neg()).map_err(|_| NumberError::InfinityMinusItself)
    }
    /// `-self`; the negative of zero is the negative zero.
    pub fn neg(&self) -> Number {
        match &self.0 {
            Repr::Int(i, p) if *i != 0 && *i != i64::MIN => Number(Repr::Int(-i, *p)),
            Repr::Int(0, p) => Number::zero(true, *p as usize),
            _ if self.is_zero() => Number::zero(false, self.precision()),
            _ if self.is_infinite() => Number::infinity(!self.is_negative()),
            _ => Number::canonical(-self.to_float()),
        }
    }
    /// `|self|`
    pub fn abs(&self) -> Number {
        if self.is_negative() { self.neg() } else { self.clone() }
    }
    /// `self * other`. Exact in up to [`PRECISION`] bits, whatever the operands' precision.
    pub fn mul(&self, other: &Number) -> Result<Number, NumberError> {
        if let Some((a, b, p)) = self.both_small(other)
            && let Some(n) = a.checked_mul(b)
            && (n != 0 || (a < 0) == (b < 0))
        {
            return Ok(int(n, p));
        }
        let negative = self.is_negative() != other.is_negative();
        let precision = self.precision().max(other.precision());
        match (self.is_infinite() || other.is_infinite(), self.is_zero() || other.is_zero()) {
            (true, true) => Err(NumberError::ZeroTimesInfinity),
            (true, false) => Ok(Number::infinity(negative)),
            (false, true) => Ok(Number::zero(negative, precision)),
            (false, false) => {
                let ctx = Context::<HalfEven>::new(PRECISION);
                let (a, b) = (self.to_float(), other.to_float());
                let Ok(product) = ctx.mul(a.repr(), b.repr()) else {
                    return Ok(Number::infinity(negative));
                };
                let product = product.value();
                let needed = product.repr().digits();
                Ok(Number::canonical(product.with_precision(precision.max(needed)).value()))
            }
        }
    }
    /// `self / other`; a division by zero gives an infinity.
    pub fn div(&self, other: &Number) -> Result<Number, NumberError> {
        if let Some((a, b, p)) = self.both_small(other)
            && b != 0
            && a != 0
            && let (Some(q), Some(0)) = (a.checked_div(b), a.checked_rem(b))
        {
            return Ok(int(q, p));
        }
        let negative = self.is_negative() != other.is_negative();
        let ctx = self.greater_precision(other);
        match (self.is_infinite(), other.is_infinite()) {
            (true, true) => Err(NumberError::Indeterminate),
            (true, false) => Ok(Number::infinity(negative)),
            (false, true) => Ok(Number::zero(negative, ctx.precision())),
            (false, false) if self.is_zero() && other.is_zero() => Err(NumberError::Indeterminate),
            (false, false) if other.is_zero() => Ok(Number::infinity(negative)),
            (false, false) if self.is_zero() => Ok(Number::zero(negative, ctx.precision())),
            (false, false) => {
                let (a, b) = (self.to_float(), other.to_float());
                finite(ctx.div(a.repr(), b.repr()), ctx)
            }
        }
    }
    /// The remainder of the division truncated toward zero: it has the sign of
    /// `self`. Modulo zero gives `self`.
    ///
    /// Computed from the rounded quotient, as Terraform does, so that the digits
    /// of a fractional remainder are the same.
    pub fn rem(&self, other: &Number) -> Result<Number, NumberError> {
        if self.is_infinite() || other.is_infinite() {
            return Err(NumberError::InfiniteModulo);
        }
        if other.is_zero() {
            return Ok(self.clone());
        }
        if let (Repr::Int(a, p), Repr::Int(b, _)) = (&self.0, &other.0)
            && *p >= 64
        {
            return Ok(int(a.wrapping_rem(*b), *p as usize));
        }
        let ctx = Context::<HalfEven>::new(self.precision());
        let quotient = self.div(other)?.trunc();
        let quotient = quotient.to_float().with_precision(ctx.precision()).value();
        let Ok(product) = ctx.mul(quotient.repr(), other.to_float().repr()) else {
            return Err(NumberError::InfiniteModulo);
        };
        let product = product.value();
        let difference = self.to_float();
        finite(ctx.sub(difference.repr(), product.repr()), ctx)
    }
    /// Toward zero.
    pub fn trunc(&self) -> Number {
        match &self.0 {
            Repr::Int(..) => self.clone(),
            Repr::Big(_) if self.is_infinite() || self.is_integer() => self.clone(),
            Repr::Big(f) => {
                let (m, e) = (f.repr().significand(), f.repr().exponent());
                let down = e.unsigned_abs();
                let (negative, m) = (self.is_negative(), m.clone().unsigned_abs());
                let m = IBig::from(m >> down);
                Number::canonical(Float::from_repr(
                    dashu_float::Repr::new(if negative { -m } else { m }, 0),
                    f.context(),
                ))
            }
        }
    }
    /// The greatest whole number that is not greater. Keeps the precision.
    pub fn floor(&self) -> Number {
        let t = self.trunc();
        if t > *self { t.step(-1) } else { t }
    }
    /// The least whole number that is not less. Keeps the precision.
    pub fn ceil(&self) -> Number {
        let t = self.trunc();
        if t < *self { t.step(1) } else { t }
    }
    fn step(&self, by: i64) -> Number {
        match &self.0 {
            Repr::Int(i, p) if i.checked_add(by).is_some() => int(i + by, *p as usize),
            _ => {
                let ctx = Context::<HalfEven>::new(self.precision());
                let (a, b) = (self.to_float(), Number::from_i64(by).to_float());
                finite(ctx.add(a.repr(), b.repr()), ctx).unwrap_or_else(|_| self.clone())
            }
        }
    }
    /// `self` to the power of `exponent`, in machine floats as Terraform's `pow`
    /// does. `None` where that is not a number.
    pub fn pow(&self, exponent: &Number) -> Option<Number> {
        Number::from_f64(pow(self.to_f64(), exponent.to_f64()))
    }
    /// The logarithm to `base`, in machine floats as Terraform's `log` does.
    /// `None` where that is not a number.
    pub fn log(&self, base: &Number) -> Option<Number> {
        Number::from_f64(self.to_f64().ln() / base.to_f64().ln())
    }
}

fn finite(
    r: Result<dashu_float::round::Rounded<Float>, dashu_float::FpError>,
    ctx: Context<HalfEven>,
) -> Result<Number, NumberError> {
    match r {
        // An inexact sum may come with a guard digit.
        Ok(f) => Ok(Number::canonical(f.value().with_precision(ctx.precision()).value())),
        Err(_) => Err(NumberError::Indeterminate),
    }
}

/// A power by repeated squaring of the mantissa, which gives other last digits
/// than the C library's (`pow(1.1, 10)` is 2.593742460100002 in Terraform).
fn pow(x: f64, y: f64) -> f64 {
    let whole = y.abs().trunc();
    if x == 0.0 || !x.is_finite() || !y.is_finite() || y == 0.0 || x == 1.0 || whole >= (1u64 << 62) as f64 {
        return x.powf(y);
    }
    let mut fraction = y.abs().fract();
    if fraction != 0.0 && x < 0.0 {
        return f64::NAN;
    }
    if y == 0.5 {
        return x.sqrt();
    }
    if y == -0.5 {
        return 1.0 / x.sqrt();
    }
    let mut n = whole as u64;
    let mut result = 1.0f64;
    let mut result_exp = 0i64;
    if fraction != 0.0 {
        if fraction > 0.5 {
            fraction -= 1.0;
            n += 1;
        }
        result = (fraction * x.ln()).exp();
    }
    let (mut base, mut base_exp) = split(x);
    while n != 0 {
        if base_exp.abs() > 1 << 12 {
            // Far outside of the range; the rest only makes it worse.
            result_exp = result_exp.saturating_add(base_exp);
            break;
        }
        if n & 1 == 1 {
            result *= base;
            result_exp += base_exp;
        }
        base *= base;
        base_exp *= 2;
        if base < 0.5 {
            base += base;
            base_exp -= 1;
        }
        n >>= 1;
    }
    if y < 0.0 {
        result = 1.0 / result;
        result_exp = -result_exp;
    }
    join(result, result_exp)
}

/// `x = mantissa * 2^exponent` with the mantissa in `[0.5, 1)`.
fn split(x: f64) -> (f64, i64) {
    let scaled = if x.abs() < f64::MIN_POSITIVE { x * 2f64.powi(64) } else { x };
    let shift = if scaled == x { 0 } else { 64 };
    let exp = ((scaled.to_bits() >> 52) & 0x7ff) as i64 - 1022;
    let mantissa = f64::from_bits(scaled.to_bits() & !(0x7ff << 52) | (1022 << 52));
    (mantissa, exp - shift)
}

fn join(m: f64, exp: i64) -> f64 {
    let (m, e) = if m == 0.0 { return m } else { split(m) };
    let exp = exp + e;
    match exp {
        1025.. => m * f64::INFINITY,
        -1021..=1024 => m * 2f64.powi((exp / 2) as i32) * 2f64.powi((exp - exp / 2) as i32),
        -1100..=-1022 => m * 2f64.powi(-1000) * 2f64.powi((exp + 1000) as i32),
        _ => m * 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn num(s: &str) -> Number {
        Number::parse(s).unwrap()
    }

    /// Each checked with `terraform console`.
    #[test]
    fn digits_as_terraform_prints_them() {
        let third = format!("0.{}5", "3".repeat(154));
        assert_eq!(num("1").div(&num("3")).unwrap().to_string(), third);
        assert_eq!(num("1").div(&num("-3")).unwrap().to_string(), format!("-{third}"));
        assert_eq!(num("0.1").add(&num("0.2")).unwrap().to_string(), "0.3");
        assert_eq!(num("2").div(&num("3")).unwrap().mul(&num("3")).unwrap().to_string(), "2");
        assert_eq!(num("1.5").rem(&num("0.4")).unwrap().to_string(), format!("0.2{}4", "9".repeat(153)));
        assert_eq!(
            num("100000000000000000000").div(&num("3")).unwrap().to_string(),
            format!("33333333333333333333.{}4", "3".repeat(134))
        );
        assert_eq!(
            num("123456789.123456789").mul(&num("987654321.987654321")).unwrap().to_string(),
            "121932631356500531.347203169112635269"
        );
        assert_eq!(
            Number::from_i64(1).div(&Number::from_i64(3)).unwrap().to_string(),
            "0.33333333333333333334"
        );
        assert_eq!(Number::from_i64(1).div(&num("3")).unwrap().to_string(), third);
        assert_eq!(num("1e30").rem(&num("7")).unwrap().to_string(), "1");
        assert_eq!(num("10").rem(&num("0.1")).unwrap().to_string(), "0");
    }

    #[test]
    fn remainder_and_signs() {
        for (a, b, r) in [
            ("5", "3", "2"),
            ("-5", "3", "-2"),
            ("5", "-3", "2"),
            ("-5", "-3", "-2"),
            ("5.5", "0", "5.5"),
            ("-9223372036854775808", "-1", "0"),
        ] {
            assert_eq!(num(a).rem(&num(b)).unwrap().to_string(), r, "{a} % {b}");
        }
        assert_eq!(num("0").mul(&num("-1")).unwrap().to_string(), "-0");
        assert_eq!(num("0").neg().to_string(), "-0");
        assert_eq!(num("0").neg(), num("0"));
        assert_eq!(num("0").neg().as_i64(), Some(0));
        assert_eq!(num("0").sub(&num("0")).unwrap().to_string(), "0");
        assert_eq!(num("-0").abs().to_string(), "0");
        assert_eq!(num("1").div(&num("0")).unwrap().to_string(), "+Inf");
        assert_eq!(num("-1").div(&num("0")).unwrap().to_string(), "-Inf");
        assert_eq!(num("0").div(&num("0")), Err(NumberError::Indeterminate));
        let inf = Number::infinity(false);
        assert_eq!(inf.sub(&inf), Err(NumberError::InfinityMinusItself));
        assert_eq!(inf.add(&inf).unwrap(), inf);
        assert_eq!(inf.mul(&num("0")), Err(NumberError::ZeroTimesInfinity));
        assert_eq!(num("1").div(&inf).unwrap().to_string(), "0");
        assert!(inf > num("1e1000") && inf.neg() < num("-1e1000"));
    }

    #[test]
    fn rounding_to_whole_numbers() {
        for (n, floor, ceil) in [
            ("1.5", "1", "2"),
            ("-1.5", "-2", "-1"),
            ("-0.5", "-1", "0"),
            ("3", "3", "3"),
            ("0.000001", "0", "1"),
            (
                "123456789012345678901234567890.5",
                "123456789012345678901234567890",
                "123456789012345678901234567891",
            ),
        ] {
            assert_eq!(num(n).floor().to_string(), floor, "floor {n}");
            assert_eq!(num(n).ceil().to_string(), ceil, "ceil {n}");
        }
    }

    #[test]
    fn limits_of_small_integers() {
        let max = Number::from_i64(i64::MAX);
        assert_eq!(max.add(&num("1")).unwrap().to_string(), "9223372036854775808");
        assert_eq!(max.mul(&max).unwrap().to_string(), "85070591730234615847396907784232501249");
        let min = Number::from_i64(i64::MIN);
        assert_eq!(min.neg().to_string(), "9223372036854775808");
        assert_eq!(min.neg().neg().as_i64(), Some(i64::MIN));
        assert_eq!(min.sub(&num("1")).unwrap().to_string(), "-9223372036854775809");
        assert_eq!(num("18446744073709551615").as_u64(), Some(u64::MAX));
        assert_eq!(num("1e40").as_i128(), None);
        assert_eq!(num("-1e30").as_i128(), Some(-(10i128.pow(30))));
        assert_eq!(num("9007199254740993").to_f64_exact(), None);
        assert_eq!(num("0.5").to_f64_exact(), Some(0.5));
        assert_eq!(num("0.1").to_f64_exact(), None);
    }

    /// Each checked with `terraform console`.
    #[test]
    fn powers_and_logarithms() {
        for (x, y, r) in [
            ("2", "0.5", "1.4142135623730951"),
            ("2", "70", "1180591620717411300000"),
            ("1.1", "10", "2.593742460100002"),
            ("3", "100", "515377520732011400000000000000000000000000000000"),
            ("2", "-3", "0.125"),
            ("10", "0.3", "1.9952623149688797"),
            ("0", "0", "1"),
            ("-2", "3", "-8"),
        ] {
            assert_eq!(num(x).pow(&num(y)).unwrap().to_string(), r, "pow({x}, {y})");
        }
        assert_eq!(num("10").log(&num("3")).unwrap().to_string(), "2.095903274289385");
        assert_eq!(num("7").log(&num("2")).unwrap().to_string(), "2.807354922057604");
        assert_eq!(num("0").log(&num("2")).unwrap().to_string(), "-Inf");
        assert!(num("-1").pow(&num("0.5")).is_none());
    }
}
