//! Configurations of backends.

use groma_state::backend_schema;
use groma_value::Value;

/// A configuration with some attributes set and the others null.
pub fn config(ty: &str, set: &[(&str, Value)]) -> Value {
    let mut fields = backend_schema(ty).unwrap().empty_value().as_fields().unwrap().clone();
    for (name, value) in set {
        fields.insert(*name, value.clone());
    }
    Value::object(fields)
}
