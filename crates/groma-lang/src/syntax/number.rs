//! Number literals.

use groma_value::Number;

/// `12`, `1.5`, `1e3`; no sign.
pub fn parse(text: &str) -> Option<Number> {
    text.parse::<i64>().ok().map(Number::from_i64)
}
