//! Exact numbers: small integers inline, everything else a 512-bit binary float
//! rounded half to even, which reproduces Terraform's digits.

use dashu_base::Sign;
use dashu_float::{FBig, round::mode::HalfEven};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// The big representation.
pub type Float = FBig<HalfEven, 2>;
/// Mantissa bits.
pub const PRECISION: usize = 512;

/// A number. Canonical: an integer that fits `i64` is always `Int`.
#[derive(Clone)]
pub struct Number(Repr);

#[derive(Clone)]
enum Repr {
    Int(i64),
    Big(Arc<Float>),
}

impl Number {
    /// From a machine integer.
    pub fn from_i64(n: i64) -> Number {
        Number(Repr::Int(n))
    }
    /// From the big representation, made canonical.
    pub fn from_float(f: Float) -> Number {
        if f.repr().is_finite() && f.repr().exponent() >= 0 && f.repr().digits() < 128
            && let Ok(i) = i64::try_from(f.to_int().value())
        {
            return Number::from_i64(i);
        }
        Number(Repr::Big(Arc::new(f.with_precision(PRECISION).value())))
    }
    /// The big representation.
    pub fn to_float(&self) -> Float {
        match &self.0 {
            Repr::Int(i) => Float::from(*i).with_precision(PRECISION).value(),
            Repr::Big(f) => (**f).clone(),
        }
    }
    /// The value as `i64`, if it is an integer in range.
    pub fn as_i64(&self) -> Option<i64> {
        match &self.0 {
            Repr::Int(i) => Some(*i),
            Repr::Big(_) => None,
        }
    }
    /// The value as a `usize`, if it is an integer in range.
    pub fn as_usize(&self) -> Option<usize> {
        self.as_i64().and_then(|i| usize::try_from(i).ok())
    }
    /// Whether this is an infinity.
    pub fn is_infinite(&self) -> bool {
        matches!(&self.0, Repr::Big(f) if f.repr().is_infinite())
    }
    /// The sign: -1, 0 or 1.
    pub fn signum(&self) -> i32 {
        match &self.0 {
            Repr::Int(i) => i.signum() as i32,
            Repr::Big(f) => match f.repr().sign() {
                Sign::Positive => 1,
                Sign::Negative => -1,
            },
        }
    }
}

impl From<i64> for Number {
    fn from(n: i64) -> Number {
        Number::from_i64(n)
    }
}
impl PartialEq for Number {
    fn eq(&self, other: &Number) -> bool {
        self.cmp(other) == Ordering::Equal
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
        match (&self.0, &other.0) {
            (Repr::Int(a), Repr::Int(b)) => a.cmp(b),
            _ => self.to_float().cmp(&other.to_float()),
        }
    }
}
impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.0 {
            Repr::Int(i) => i.hash(state),
            Repr::Big(f) => {
                f.repr().exponent().hash(state);
                f.repr().significand().hash(state);
            }
        }
    }
}
impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Int(i) => write!(f, "{i}"),
            Repr::Big(b) => write!(f, "{}", b.to_decimal().value()),
        }
    }
}
