//! Reading a backend's configuration.

use groma_value::{Number, Value};

/// A configuration: an object. Null, unknown and absent attributes are not set.
#[derive(Clone, Copy)]
pub struct Config<'a>(pub &'a Value);

impl<'a> Config<'a> {
    fn value(&self, name: &str) -> Option<&'a Value> {
        let v = self.0.as_fields()?.get(name)?;
        (!v.is_null() && v.is_known()).then_some(v)
    }
    /// A string, which may be empty.
    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        self.value(name)?.as_str()
    }
    /// A string that is not empty.
    pub(super) fn filled(&self, name: &str) -> Option<&'a str> {
        self.text(name).filter(|s| !s.is_empty())
    }
    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        self.value(name)?.as_bool()
    }
    pub(super) fn number(&self, name: &str) -> Option<usize> {
        self.value(name)?.as_number().and_then(Number::as_usize)
    }
    /// The strings of a list or set.
    pub(super) fn texts(&self, name: &str) -> Vec<&'a str> {
        let items = self.value(name).and_then(Value::as_elements).unwrap_or_default();
        items.iter().filter_map(Value::as_str).collect()
    }
    /// The strings of a map.
    pub(super) fn pairs(&self, name: &str) -> Vec<(&'a str, &'a str)> {
        let fields = self.value(name).and_then(Value::as_fields);
        fields.into_iter().flat_map(|f| f.iter()).filter_map(|(n, v)| Some((&**n, v.as_str()?))).collect()
    }
    /// A nested object.
    pub(super) fn object(&self, name: &str) -> Option<Config<'a>> {
        self.value(name).map(Config)
    }
}
