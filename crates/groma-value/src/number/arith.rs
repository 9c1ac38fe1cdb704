//! Arithmetic.

use super::{Float, Number, PRECISION, Repr};
use dashu_base::{DivRem, Sign, UnsignedAbs};
use dashu_float::{Context, Repr as FloatRepr, round::mode::HalfEven};
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
                Ok(Number::canonical(sum(a.repr(), b.repr(), ctx)))
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
                let (a, b) = (self.to_float(), other.to_float());
                let product = product(a.repr(), b.repr(), Context::new(PRECISION));
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
                Ok(Number::canonical(quotient(a.repr(), b.repr(), ctx)))
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
        let product = product(quotient.repr(), other.to_float().repr(), ctx);
        let difference = sum(self.to_float().repr(), (-product).repr(), ctx);
        // A difference of nothing has the sign of neither.
        Ok(if difference.repr().significand().is_zero() {
            Number::zero(self.is_zero() && self.is_negative(), ctx.precision())
        } else {
            Number::canonical(difference)
        })
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
        if t > *self { t.step(-1) } else { t.without_negative_zero() }
    }
    /// The least whole number that is not less. Keeps the precision.
    pub fn ceil(&self) -> Number {
        let t = self.trunc();
        if t < *self { t.step(1) } else { t.without_negative_zero() }
    }
    fn without_negative_zero(self) -> Number {
        if self.is_zero() { self.abs() } else { self }
    }
    fn step(&self, by: i64) -> Number {
        match &self.0 {
            Repr::Int(i, p) if i.checked_add(by).is_some() => int(i + by, *p as usize),
            _ => {
                let ctx = Context::<HalfEven>::new(self.precision());
                let (a, b) = (self.to_float(), Number::from_i64(by).to_float());
                Number::canonical(sum(a.repr(), b.repr(), ctx))
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
        Number::from_f64(ln(self.to_f64()) / ln(base.to_f64()))
    }
}

// The operations compute exactly (or with a bit that stands for all the rest) and
// round once: a guard digit rounded in between would give other last digits.

/// A finite number rounded to the precision.
fn rounded(significand: IBig, exponent: isize, ctx: Context<HalfEven>) -> Float {
    if significand.is_zero() {
        return Float::from_repr(FloatRepr::zero(), ctx);
    }
    let exact = Float::from_repr(FloatRepr::new(significand, exponent), Context::new(0));
    exact.with_precision(ctx.precision()).value()
}

fn sum(a: &FloatRepr<2>, b: &FloatRepr<2>, ctx: Context<HalfEven>) -> Float {
    if a.significand().is_zero() || b.significand().is_zero() {
        let r = if a.significand().is_zero() { b } else { a };
        return rounded(r.significand().clone(), r.exponent(), ctx);
    }
    let top = |r: &FloatRepr<2>| r.exponent() + r.digits() as isize;
    let (big, small) = if top(a) >= top(b) { (a, b) } else { (b, a) };
    // Below this nothing is left but the direction of rounding.
    let floor = big.exponent().min(top(big) - ctx.precision() as isize) - 4;
    if top(small) < floor {
        let sign = if small.sign() == Sign::Negative { IBig::NEG_ONE } else { IBig::ONE };
        return rounded((big.significand() << (big.exponent() - floor) as usize) + sign, floor, ctx);
    }
    let low = big.exponent().min(small.exponent());
    let shifted = |r: &FloatRepr<2>| r.significand() << (r.exponent() - low) as usize;
    rounded(shifted(big) + shifted(small), low, ctx)
}

fn product(a: &FloatRepr<2>, b: &FloatRepr<2>, ctx: Context<HalfEven>) -> Float {
    rounded(a.significand() * b.significand(), a.exponent() + b.exponent(), ctx)
}

/// `b` is not zero.
pub(super) fn quotient(a: &FloatRepr<2>, b: &FloatRepr<2>, ctx: Context<HalfEven>) -> Float {
    let up = (ctx.precision() + 2 + b.digits()).saturating_sub(a.digits());
    let (q, r) = (a.significand() << up).div_rem(b.significand());
    let exponent = a.exponent() - b.exponent() - up as isize;
    if r.is_zero() {
        return rounded(q, exponent, ctx);
    }
    // A last bit below the others says that there is more.
    let negative = (a.sign() == Sign::Negative) != (b.sign() == Sign::Negative);
    let rest = if negative { IBig::NEG_ONE } else { IBig::ONE };
    rounded((q << 1usize) + rest, exponent - 1, ctx)
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
        // Go's exponential differs between processors in its last bit, and so may this.
        result = (fraction * ln(x)).exp();
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

/// The natural logarithm by the polynomial of fdlibm, which Go uses; the C
/// library's has other last digits.
fn ln(x: f64) -> f64 {
    if x <= 0.0 || !x.is_finite() {
        return x.ln();
    }
    let (mut m, mut k) = split(x);
    if m < std::f64::consts::FRAC_1_SQRT_2 {
        m *= 2.0;
        k -= 1;
    }
    let (f, k) = (m - 1.0, k as f64);
    let s = f / (2.0 + f);
    let s2 = s * s;
    let s4 = s2 * s2;
    let odd = s2
        * (6.666_666_666_666_735e-1
            + s4 * (2.857_142_874_366_239e-1
                + s4 * (1.818_357_216_161_805e-1 + s4 * 1.479_819_860_511_658_6e-1)));
    let even =
        s4 * (3.999_999_999_940_942e-1 + s4 * (2.222_219_843_214_978_4e-1 + s4 * 1.531_383_769_920_937_3e-1));
    let half = 0.5 * f * f;
    // ln 2 in two parts, of which the first has zeros at its end.
    let (high, low) = (6.931_471_803_691_238e-1, 1.908_214_929_270_587_7e-10);
    k * high - ((half - (s * (half + (odd + even)) + k * low)) - f)
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
