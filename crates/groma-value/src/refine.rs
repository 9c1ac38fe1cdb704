//! Refinements: what is known about an unknown value.

use crate::number::Number;
use crate::types::Type;

/// What is known about an unknown value. The default says nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Refinement {
    /// `Some(true)`: will not be null. `Some(false)`: will be null.
    pub not_null: Option<bool>,
    /// A prefix that a string will have (empty: nothing known).
    pub prefix: String,
    /// Lower bound of a number, and whether it is inclusive.
    pub number_min: Option<(Number, bool)>,
    /// Upper bound of a number, and whether it is inclusive.
    pub number_max: Option<(Number, bool)>,
    /// Lower bound of a collection's length (elements).
    pub len_min: u64,
    /// Upper bound of a collection's length (elements); `None`: unbounded.
    pub len_max: Option<u64>,
}

impl Refinement {
    /// Only "will not be null".
    pub fn not_null() -> Refinement {
        Refinement { not_null: Some(true), ..Refinement::default() }
    }
    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Refinement::default()
    }
    /// Whether the refinement may apply to a value of type `ty`.
    pub fn applies_to(&self, ty: &Type) -> bool {
        (self.prefix.is_empty() || *ty == Type::String)
            && (self.number_min.is_none() && self.number_max.is_none() || *ty == Type::Number)
            && (self.len_min == 0 && self.len_max.is_none() || ty.is_collection())
    }
}
