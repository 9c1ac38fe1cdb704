//! Refinements: what is known about an unknown value.

use crate::number::Number;
use crate::types::Type;
use crate::value::{Value, nfc};
use unicode_segmentation::UnicodeSegmentation;

/// What is known about an unknown value. The default says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    /// A string, not null, that begins with `prefix`, of which the last character
    /// is dropped if what follows could combine with it.
    pub fn string_prefix(prefix: &str) -> Refinement {
        let prefix = nfc(prefix);
        Refinement { prefix: known_prefix(&prefix).to_owned(), ..Refinement::not_null() }
    }
    /// A collection, not null, of a length in `min..=max`.
    pub fn length(min: u64, max: Option<u64>) -> Refinement {
        Refinement { len_min: min, len_max: max, ..Refinement::not_null() }
    }
    /// A number, not null, in the range (both bounds inclusive).
    pub fn number_range(min: Option<Number>, max: Option<Number>) -> Refinement {
        Refinement {
            number_min: min.map(|n| (n, true)),
            number_max: max.map(|n| (n, true)),
            ..Refinement::not_null()
        }
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
    /// What is known about `v`, which may also be known itself.
    pub fn of(v: &Value) -> Refinement {
        match v.peel() {
            Value::Unknown(_, Some(r)) => (**r).clone(),
            Value::Unknown(_, None) => Refinement::default(),
            Value::Null(_) => Refinement { not_null: Some(false), ..Refinement::default() },
            Value::String(s) => Refinement { prefix: s.to_string(), ..Refinement::not_null() },
            Value::Number(n) => Refinement::number_range(Some(n.clone()), Some(n.clone())),
            Value::List(e) => Refinement::length(e.items.len() as u64, Some(e.items.len() as u64)),
            Value::Set(e) => {
                let (min, max) = crate::ops::set_length_range(&e.items);
                Refinement::length(min, Some(max))
            }
            Value::Map(m) => Refinement::length(m.items.len() as u64, Some(m.items.len() as u64)),
            _ => Refinement::not_null(),
        }
    }
    /// What both say together: of each part the narrower.
    pub fn and(&self, other: &Refinement) -> Refinement {
        let longer = if other.prefix.len() > self.prefix.len() { other } else { self };
        Refinement {
            not_null: other.not_null.or(self.not_null),
            prefix: longer.prefix.clone(),
            number_min: match (&self.number_min, &other.number_min) {
                (Some(a), Some(b)) => Some(if (&b.0, !b.1) >= (&a.0, !a.1) { b.clone() } else { a.clone() }),
                (a, b) => b.clone().or_else(|| a.clone()),
            },
            number_max: match (&self.number_max, &other.number_max) {
                (Some(a), Some(b)) => Some(if (&b.0, b.1) <= (&a.0, a.1) { b.clone() } else { a.clone() }),
                (a, b) => b.clone().or_else(|| a.clone()),
            },
            len_min: self.len_min.max(other.len_min),
            len_max: match (self.len_max, other.len_max) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            },
        }
    }
    /// The part of it that can be said of a value of type `ty`.
    pub fn restricted_to(mut self, ty: &Type) -> Refinement {
        if *ty != Type::String {
            self.prefix.clear();
        }
        if *ty != Type::Number {
            self.number_min = None;
            self.number_max = None;
        }
        if !ty.is_collection() {
            self.len_min = 0;
            self.len_max = None;
        }
        self
    }
}

/// As much of `prefix` as stays unchanged whatever follows: all but the last
/// grapheme cluster, which further characters might extend, unless that is a
/// delimiter with which nothing combines.
pub fn known_prefix(prefix: &str) -> &str {
    let Some((at, last)) = prefix.grapheme_indices(true).next_back() else {
        return "";
    };
    const DELIMITERS: &str = "-_:;/\\,.(){}[]|?!~ \t@#$%^&*+\"'";
    if last.chars().count() == 1 && last.chars().all(|c| DELIMITERS.contains(c)) {
        return prefix;
    }
    &prefix[..at]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_lose_what_may_combine() {
        for (whole, known) in [
            ("", ""),
            ("boo", "bo"),
            ("boop\r", "boop"),
            ("hello 가", "hello "),
            ("hello 🤷🏽‍♂️", "hello "),
            ("hello 🤷 ", "hello 🤷 "),
            ("ami-", "ami-"),
            ("arn:aws:", "arn:aws:"),
            ("a1", "a"),
        ] {
            assert_eq!(known_prefix(whole), known, "{whole}");
        }
    }

    #[test]
    fn the_narrower_bound_wins() {
        let n = |i| Number::from_i64(i);
        let a = Refinement {
            number_min: Some((n(1), true)),
            number_max: Some((n(9), false)),
            ..Default::default()
        };
        let b = Refinement {
            number_min: Some((n(1), false)),
            number_max: Some((n(9), true)),
            ..Default::default()
        };
        for r in [a.and(&b), b.and(&a)] {
            assert_eq!(r.number_min, Some((n(1), false)));
            assert_eq!(r.number_max, Some((n(9), false)));
        }
        let l = Refinement::length(1, Some(5)).and(&Refinement::length(2, None));
        assert_eq!((l.len_min, l.len_max, l.not_null), (2, Some(5), Some(true)));
    }
}
