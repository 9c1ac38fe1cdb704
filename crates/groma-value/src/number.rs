//! Exact numbers: small integers inline, everything else a binary float rounded
//! half to even, which reproduces Terraform's digits.
//!
//! A number carries a precision in bits, as Go's `big.Float` does: 512 for what
//! was parsed from text, 64 for machine integers (`length(..)`), 53 for machine
//! floats. It has no influence on comparison, but it decides how many digits a
//! quotient has and what the shortest text is: `length([1])/length([1,2,3])`
//! prints 20 digits, `1/3` prints 155. An operation's result has the greater
//! precision of its operands.

mod arith;
mod text;

pub use arith::NumberError;

use dashu_base::{BitTest, Sign, UnsignedAbs};
use dashu_float::{Context, FBig, Repr as FloatRepr, round::mode::HalfEven};
use dashu_int::IBig;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// The big representation.
pub type Float = FBig<HalfEven, 2>;
/// Mantissa bits of a number parsed from text.
pub const PRECISION: usize = 512;
/// Mantissa bits of a number made from a machine integer.
const INT_PRECISION: usize = 64;
/// Mantissa bits of a number made from a machine float.
const F64_PRECISION: usize = 53;

/// A number. Canonical: an integer that fits `i64` is always `Int`, but for the
/// negative zero, which exists (`-0` prints so) and equals zero.
#[derive(Clone)]
pub struct Number(Repr);

#[derive(Clone)]
enum Repr {
    /// The value and its precision.
    Int(i64, u16),
    /// The precision is in the float's context and never 0 (unlimited).
    Big(Arc<Float>),
}

impl Number {
    /// From a machine integer.
    pub fn from_i64(n: i64) -> Number {
        Number(Repr::Int(n, INT_PRECISION as u16))
    }
    /// From a machine integer.
    pub fn from_u64(n: u64) -> Number {
        Number::integer(IBig::from(n), INT_PRECISION)
    }
    /// From an integer of any size, kept exactly.
    pub fn from_integer(n: IBig) -> Number {
        Number::integer(n, INT_PRECISION)
    }
    /// An integer with at least `min_precision` bits, more where it needs them.
    fn integer(n: IBig, min_precision: usize) -> Number {
        let bits = n.clone().unsigned_abs().bit_len().max(min_precision);
        Number::canonical(Float::from_repr(FloatRepr::new(n, 0), Context::new(bits)))
    }
    /// From a machine float. `None` for NaN.
    pub fn from_f64(n: f64) -> Option<Number> {
        if n.is_nan() {
            return None;
        }
        if n.is_infinite() {
            return Some(Number::infinity(n < 0.0));
        }
        if n == 0.0 && n.is_sign_negative() {
            return Some(Number::zero(true, F64_PRECISION));
        }
        let f = Float::try_from(n).ok()?;
        Some(Number::canonical(f.with_precision(F64_PRECISION).value()))
    }
    /// Infinity, which a division by zero gives.
    pub fn infinity(negative: bool) -> Number {
        let r = if negative { FloatRepr::neg_infinity() } else { FloatRepr::infinity() };
        Number(Repr::Big(Arc::new(Float::from_repr(r, Context::new(PRECISION)))))
    }
    /// Zero.
    pub const ZERO: Number = Number(Repr::Int(0, INT_PRECISION as u16));

    fn zero(negative: bool, precision: usize) -> Number {
        let r = if negative { FloatRepr::neg_zero() } else { FloatRepr::zero() };
        Number::canonical(Float::from_repr(r, Context::new(precision)))
    }
    /// From the big representation, made canonical. A float of unlimited
    /// precision is rounded to [`PRECISION`].
    pub fn from_float(f: Float) -> Number {
        if f.precision() == 0 {
            return Number::canonical(f.with_precision(PRECISION).value());
        }
        Number::canonical(f)
    }
    fn canonical(f: Float) -> Number {
        let r = f.repr();
        if r.is_finite() && !r.is_neg_zero() && r.exponent() >= 0 && r.exponent() < 64 {
            let small = i64::try_from(r.significand()).ok().and_then(|m| {
                if m == 0 { Some(0) } else { m.checked_mul(1i64.checked_shl(r.exponent() as u32)?) }
            });
            // 1 << 63 is negative, and only the least i64 reaches it.
            if let Some(i) = small
                && r.exponent() < 63
                && let Ok(p) = u16::try_from(f.precision())
            {
                return Number(Repr::Int(i, p));
            }
            if r.exponent() == 63 && *r.significand() == IBig::NEG_ONE {
                return Number(Repr::Int(i64::MIN, f.precision().min(u16::MAX as usize) as u16));
            }
        }
        Number(Repr::Big(Arc::new(f)))
    }
    /// The big representation.
    pub fn to_float(&self) -> Float {
        match &self.0 {
            Repr::Int(i, p) => Float::from_repr(FloatRepr::new(IBig::from(*i), 0), Context::new(*p as usize)),
            Repr::Big(f) => (**f).clone(),
        }
    }
    /// The precision in bits.
    pub fn precision(&self) -> usize {
        match &self.0 {
            Repr::Int(_, p) => *p as usize,
            Repr::Big(f) => f.precision(),
        }
    }
    /// The value as `i64`, if it is an integer in range.
    pub fn as_i64(&self) -> Option<i64> {
        match &self.0 {
            Repr::Int(i, _) => Some(*i),
            Repr::Big(f) => f.repr().is_neg_zero().then_some(0),
        }
    }
    /// The value as `u64`, if it is an integer in range.
    pub fn as_u64(&self) -> Option<u64> {
        match self.as_i64() {
            Some(i) => u64::try_from(i).ok(),
            None => u64::try_from(&self.to_integer()?).ok(),
        }
    }
    /// The value as `i128`, if it is an integer in range.
    pub fn as_i128(&self) -> Option<i128> {
        match self.as_i64() {
            Some(i) => Some(i.into()),
            None if self.exponent()? > 128 => None,
            None => i128::try_from(&self.to_integer()?).ok(),
        }
    }
    /// The value as a `usize`, if it is an integer in range.
    pub fn as_usize(&self) -> Option<usize> {
        self.as_i64().and_then(|i| usize::try_from(i).ok())
    }
    /// The value as an integer of any size, if it is one.
    pub fn to_integer(&self) -> Option<IBig> {
        match &self.0 {
            Repr::Int(i, _) => Some(IBig::from(*i)),
            Repr::Big(_) if !self.is_integer() => None,
            Repr::Big(f) => Some(f.repr().significand() << f.repr().exponent().max(0) as usize),
        }
    }
    /// Whether this is a whole number (infinities are not).
    pub fn is_integer(&self) -> bool {
        match &self.0 {
            Repr::Int(..) => true,
            Repr::Big(f) => f.repr().is_finite() && (f.repr().exponent() >= 0 || f.repr().is_neg_zero()),
        }
    }
    /// The nearest machine float (infinite where out of range).
    pub fn to_f64(&self) -> f64 {
        match &self.0 {
            Repr::Int(i, _) => *i as f64,
            Repr::Big(f) if f.repr().is_infinite() => {
                if f.repr().sign() == Sign::Negative {
                    f64::NEG_INFINITY
                } else {
                    f64::INFINITY
                }
            }
            Repr::Big(f) if f.repr().is_neg_zero() => -0.0,
            Repr::Big(f) => f.to_f64().value(),
        }
    }
    /// The machine float that is exactly this number, if there is one.
    pub fn to_f64_exact(&self) -> Option<f64> {
        let f = self.to_f64();
        (Number::from_f64(f)?.cmp(self) == Ordering::Equal).then_some(f)
    }
    /// Whether this is an infinity.
    pub fn is_infinite(&self) -> bool {
        matches!(&self.0, Repr::Big(f) if f.repr().is_infinite())
    }
    /// Whether this is zero, of either sign.
    pub fn is_zero(&self) -> bool {
        self.as_i64() == Some(0)
    }
    /// Whether the sign is negative; true for the negative zero.
    pub fn is_negative(&self) -> bool {
        match &self.0 {
            Repr::Int(i, _) => *i < 0,
            Repr::Big(f) => f.repr().sign() == Sign::Negative,
        }
    }
    /// The sign: -1, 0 or 1.
    pub fn signum(&self) -> i32 {
        match &self.0 {
            Repr::Int(i, _) => i.signum() as i32,
            Repr::Big(_) if self.is_zero() => 0,
            Repr::Big(_) if self.is_negative() => -1,
            Repr::Big(_) => 1,
        }
    }
    /// For a finite number that is not zero, `e` such that `2^(e-1) <= |self| < 2^e`.
    fn exponent(&self) -> Option<isize> {
        let f = self.to_float();
        (f.repr().is_finite() && !self.is_zero()).then(|| f.repr().exponent() + f.repr().digits() as isize)
    }
}

impl From<i64> for Number {
    fn from(n: i64) -> Number {
        Number::from_i64(n)
    }
}
/// Numbers are equal when they print the same (but for the sign of zero), which
/// makes the machine float 0.1 equal to the parsed `0.1`, though the order finds
/// one of them greater.
impl PartialEq for Number {
    fn eq(&self, other: &Number) -> bool {
        match (&self.0, &other.0) {
            (Repr::Int(a, p), Repr::Int(b, q)) if p == q || *p >= 64 && *q >= 64 => a == b,
            // At one precision different numbers have different texts.
            _ if self.precision() == other.precision() => self.cmp(other) == Ordering::Equal,
            _ if self.is_zero() || other.is_zero() => self.is_zero() == other.is_zero(),
            _ if self.signum() != other.signum() => false,
            _ => self.to_string() == other.to_string(),
        }
    }
}
impl Eq for Number {}
impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Number) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Number {
    fn cmp(&self, other: &Number) -> Ordering {
        if let (Some(a), Some(b)) = (self.as_i64(), other.as_i64()) {
            return a.cmp(&b);
        }
        let (s, o) = (self.signum(), other.signum());
        if s != o {
            return s.cmp(&o);
        }
        match (self.is_infinite(), other.is_infinite()) {
            (true, true) => Ordering::Equal,
            (true, false) => s.cmp(&0),
            (false, true) => 0.cmp(&s),
            (false, false) => {
                // Exactly, whatever the precisions: compare magnitudes first,
                // then significands shifted to the same exponent.
                let by_size = self.exponent().cmp(&other.exponent());
                if by_size != Ordering::Equal {
                    return if s > 0 { by_size } else { by_size.reverse() };
                }
                let (a, b) = (self.to_float(), other.to_float());
                let (ea, eb) = (a.repr().exponent(), b.repr().exponent());
                let low = ea.min(eb);
                let a = a.repr().significand() << (ea - low) as usize;
                let b = b.repr().significand() << (eb - low) as usize;
                a.cmp(&b)
            }
        }
    }
}
impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.0 {
            Repr::Int(i, 64..) => i.hash(state),
            _ if self.is_zero() => 0i64.hash(state),
            // As equality is that of the text; which may still be an integer's.
            _ => match self.to_string() {
                text if text.len() < 20 && !text.contains('.') => match text.parse::<i64>() {
                    Ok(i) => i.hash(state),
                    Err(_) => text.hash(state),
                },
                text => text.hash(state),
            },
        }
    }
}
impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
