//! Between values of a schema and objects of a state.

use groma_provider::Private;
use groma_state::{Object, Status};
use groma_value::addr::ConfigResource;
use groma_value::schema::Schema;
use groma_value::{Mark, Marks, Path, PathError, Value, json};
use std::sync::Arc;

/// The value of a stored object, with the marks of its sensitive attributes.
/// The object's attributes must be of the schema's version.
pub fn object_value(object: &Object, schema: &Schema) -> Result<Value, PathError> {
    let value = json::decode(&object.attributes, schema.block.implied_type())?;
    Ok(mark_sensitive(value.mark_with_paths(&object.sensitive_paths), schema))
}

/// Adds the marks that the schema asks for.
pub(crate) fn mark_sensitive(value: Value, schema: &Schema) -> Value {
    if !schema.block.contains_sensitive() || value.is_null() {
        return value;
    }
    let marks: Vec<(Path, Marks)> =
        schema.block.sensitive_paths(&value).into_iter().map(|p| (p, Marks::sensitive())).collect();
    value.mark_with_paths(&marks)
}

/// The marks of `marked` put on `value` at the same places. Used after a provider
/// returned a value: values cross the protocol without marks.
pub(crate) fn marks_of(marked: &Value) -> Vec<(Path, Marks)> {
    marked.unmark_deep_with_paths().1
}

/// The marks of a configuration that an object keeps: ephemeral values go into
/// write-only arguments only, which are null in the object.
pub(crate) fn kept_marks(marks: Vec<(Path, Marks)>) -> Vec<(Path, Marks)> {
    let mut marks = marks;
    marks.iter_mut().for_each(|(_, m)| m.remove(&Mark::Ephemeral));
    marks.retain(|(_, m)| !m.is_empty());
    marks
}

/// What is stored of a value: everything but ephemeral marks.
#[allow(clippy::too_many_arguments, reason = "each is a field of the object")]
pub fn value_object(
    value: &Value,
    schema: &Schema,
    private: Private,
    status: Status,
    dependencies: Arc<[ConfigResource]>,
    create_before_destroy: bool,
) -> Result<Object, PathError> {
    let (plain, marks) = value.unmark_deep_with_paths();
    let sensitive: Vec<(Path, Marks)> =
        marks.into_iter().filter(|(_, m)| m.is_sensitive()).map(|(p, _)| (p, Marks::sensitive())).collect();
    let attributes = json::encode(&plain, schema.block.implied_type())?;
    Ok(Object {
        status,
        schema_version: schema.version as u64,
        attributes: attributes.into(),
        attributes_flat: None,
        sensitive_paths: Arc::new(sensitive),
        private,
        dependencies,
        create_before_destroy,
        identity: None,
    })
}

/// The attribute that names an object for people: `id`, else `name` and the like.
pub(crate) fn display_id(value: &Value) -> Option<(String, String)> {
    let fields = match value.peel() {
        Value::Object(f) => f,
        _ => return None,
    };
    for name in ["id", "name", "arn"] {
        if let Some(v) = fields.get(name)
            && !v.is_marked()
            && let Some(s) = v.as_str()
            && !s.is_empty()
        {
            return Some((name.to_owned(), s.to_owned()));
        }
    }
    None
}
