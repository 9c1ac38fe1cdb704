//! Changes of a state.

use crate::error::{Problem, StateError};
use crate::file::read::{InstanceV4, OutputV4, Reader, ResourceV4, output};
use crate::file::write::{self, Dependencies};
use crate::json_text::Writer;
use crate::model::{Object, OutputValue, ResourceState, State};
use groma_value::addr::{AbsResource, ProviderConfig, ResourceInstance, Target};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::sync::Arc;

/// One change of a state.
#[derive(Clone, Debug)]
pub enum Change {
    /// An instance's current object is this one, or none.
    Current {
        /// The instance.
        addr: ResourceInstance,
        /// The provider configuration that manages it.
        provider: ProviderConfig,
        /// The object.
        object: Option<Arc<Object>>,
    },
    /// A deposed object of an instance is this one, or none.
    Deposed {
        /// The instance.
        addr: ResourceInstance,
        /// The deposed object's key.
        key: String,
        /// The provider configuration that manages it.
        provider: ProviderConfig,
        /// The object.
        object: Option<Arc<Object>>,
    },
    /// A whole resource is this one, or is gone.
    Resource {
        /// The resource.
        addr: AbsResource,
        /// Its instances.
        resource: Option<Arc<ResourceState>>,
    },
    /// A root output has this value, or is gone.
    Output {
        /// Its name.
        name: String,
        /// The value.
        value: Option<OutputValue>,
    },
    /// These are the results of checks.
    CheckResults(Option<Arc<serde_json::Value>>),
}

impl Change {
    /// Makes the change.
    pub fn apply(&self, state: &mut State) {
        match self {
            Change::Current { addr, provider, object } => state.set_current(addr, provider, object.clone()),
            Change::Deposed { addr, key, provider, object } => {
                state.set_deposed(addr, key, provider, object.clone());
            }
            Change::Resource { addr, resource: Some(r) } => {
                state.resources.insert(addr.clone(), r.clone());
            }
            Change::Resource { addr, resource: None } => {
                state.resources.remove(addr);
            }
            Change::Output { name, value: Some(v) } => {
                state.outputs.insert(name.clone(), v.clone());
            }
            Change::Output { name, value: None } => {
                state.outputs.remove(name);
            }
            Change::CheckResults(r) => state.check_results = r.clone(),
        }
    }

    /// The changes that make `new` out of `old`, by whole resources. Resources
    /// shared by both cost nothing but the comparison of a pointer.
    pub fn between(old: &State, new: &State) -> Vec<Change> {
        let mut out = Vec::new();
        for addr in old.resources.keys().filter(|a| !new.resources.contains_key(a)) {
            out.push(Change::Resource { addr: addr.clone(), resource: None });
        }
        for (addr, r) in &new.resources {
            if !old.resources.get(addr).is_some_and(|o| Arc::ptr_eq(o, r)) {
                out.push(Change::Resource { addr: addr.clone(), resource: Some(r.clone()) });
            }
        }
        for name in old.outputs.keys().filter(|n| !new.outputs.contains_key(*n)) {
            out.push(Change::Output { name: name.clone(), value: None });
        }
        for (name, value) in &new.outputs {
            if old.outputs.get(name) != Some(value) {
                out.push(Change::Output { name: name.clone(), value: Some(value.clone()) });
            }
        }
        if old.check_results != new.check_results {
            out.push(Change::CheckResults(new.check_results.clone()));
        }
        out
    }

    /// Writes the change as an object.
    pub(super) fn write(&self, w: &mut Writer) -> Result<(), StateError> {
        let mut result = Ok(());
        let mut cache = Dependencies::default();
        let object = |w: &mut Writer, o: &Option<Arc<Object>>| match o {
            None => {
                w.display("null");
                Ok(())
            }
            Some(o) => write::write_object(
                w,
                &groma_value::addr::Key::None,
                "",
                None,
                o,
                &mut Dependencies::default(),
            ),
        };
        w.object(|w| match self {
            Change::Current { addr, provider, object: o } => {
                w.key("current");
                w.string(&addr.to_string());
                w.key("provider");
                w.string(&provider.to_string());
                w.key("object");
                result = object(w, o);
            }
            Change::Deposed { addr, key, provider, object: o } => {
                w.key("deposed");
                w.string(&addr.to_string());
                w.key("key");
                w.string(key);
                w.key("provider");
                w.string(&provider.to_string());
                w.key("object");
                result = object(w, o);
            }
            Change::Resource { addr, resource } => {
                w.key("resource");
                w.string(&addr.to_string());
                w.key("content");
                match resource {
                    None => w.display("null"),
                    Some(r) => {
                        result = write::write_resource(w, &addr.module.to_string(), addr, r, &mut cache);
                    }
                }
            }
            Change::Output { name, value } => {
                w.key("output");
                w.string(name);
                w.key("content");
                match value {
                    None => w.display("null"),
                    Some(v) => result = write::output(w, name, v),
                }
            }
            Change::CheckResults(r) => {
                w.key("check_results");
                write::write_check_results(w, r.as_deref());
            }
        });
        result
    }
}

/// A change as it is stored: one of the first members says which.
#[derive(Deserialize)]
pub(super) struct RawChange<'a> {
    #[serde(default)]
    current: Option<String>,
    #[serde(default)]
    deposed: Option<String>,
    #[serde(default)]
    resource: Option<String>,
    #[serde(default)]
    output: Option<String>,
    #[serde(default)]
    key: Option<String>,
    #[serde(default)]
    provider: Option<String>,
    #[serde(default, borrow)]
    object: Option<InstanceV4<'a>>,
    #[serde(default, borrow)]
    content: Option<&'a RawValue>,
    #[serde(default)]
    check_results: Option<serde_json::Value>,
}

pub(super) fn read<'a>(raw: RawChange<'a>, reader: &mut Reader<'a>) -> Result<Change, StateError> {
    let bad = |what: String| StateError::invalid("Invalid journal", what);
    let instance = |text: &str| ResourceInstance::parse(text).map_err(bad);
    let provider =
        || crate::file::read::provider_config(raw.provider.as_deref().unwrap_or_default()).map_err(bad);
    let noted = |reader: &mut Reader<'a>| -> Result<(), StateError> {
        match std::mem::take(&mut reader.problems) {
            p if p.is_empty() => Ok(()),
            p => Err(StateError::Invalid(p)),
        }
    };
    match (&raw.current, &raw.deposed, &raw.resource, &raw.output) {
        (Some(addr), ..) | (_, Some(addr), ..) => {
            let (addr, provider) = (instance(addr)?, provider()?);
            let object = raw.object.and_then(|o| reader.object(&addr, o));
            noted(reader)?;
            Ok(match raw.deposed {
                None => Change::Current { addr, provider, object },
                Some(_) => Change::Deposed { addr, provider, object, key: raw.key.unwrap_or_default() },
            })
        }
        (_, _, Some(addr), _) => {
            let Ok(Target::Resource(addr)) = Target::parse(addr) else {
                return Err(bad(format!("{addr:?} is not the address of a resource")));
            };
            let Some(content) = raw.content else { return Ok(Change::Resource { addr, resource: None }) };
            let content: ResourceV4<'a> =
                serde_json::from_str(content.get()).map_err(|e| bad(e.to_string()))?;
            let mut state = State::default();
            reader.resource(content, &mut state);
            noted(reader)?;
            Ok(Change::Resource { resource: state.resources.remove(&addr), addr })
        }
        (_, _, _, Some(name)) => {
            let value = raw
                .content
                .map(|c| {
                    let o: OutputV4<'a> = serde_json::from_str(c.get())
                        .map_err(|e| Problem::new("Invalid journal", e.to_string()))?;
                    output(name, &o)
                })
                .transpose()
                .map_err(|p| StateError::Invalid(vec![p]))?;
            Ok(Change::Output { name: name.clone(), value })
        }
        _ => Ok(Change::CheckResults(raw.check_results.filter(|r| !r.is_null()).map(Arc::new))),
    }
}

/// The type of the JSON of a record's changes.
pub(super) type RawChanges<'a> = Vec<RawChange<'a>>;
