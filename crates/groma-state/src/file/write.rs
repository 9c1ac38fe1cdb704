//! Writing: the bytes that Terraform would write for the same content.

use super::StateFile;
use crate::error::StateError;
use crate::json_text::Writer;
use crate::model::{InstanceState, Object, OutputValue, ResourceState, State, Status};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use groma_value::addr::{AbsResource, Key, Mode, ProviderConfig};
use groma_value::{Path, PathStep, Type, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Writes a state file. Fails only where a value cannot be stored (unknown or
/// marked), which is a mistake of the caller.
pub fn write(file: &StateFile) -> Result<Vec<u8>, StateError> {
    let outputs = encode_outputs(&file.state.outputs)?;
    let mut resources: Vec<(String, &AbsResource, &ResourceState)> =
        file.state.resources.iter().map(|(a, r)| (a.module.to_string(), a, &**r)).collect();
    // The order is that of the texts: `module.a[10]` stands before `module.a[2]`.
    resources.sort_by(|(ma, a, _), (mb, b, _)| {
        let rest = |a: &AbsResource| (a.resource.mode, a.resource.ty.clone(), a.resource.name.clone());
        ma.cmp(mb).then_with(|| rest(a).cmp(&rest(b)))
    });
    let mut failure = None;
    let mut cache = Dependencies::default();
    let mut w = Writer::new();
    w.object(|w| {
        w.key("version");
        w.display(4);
        w.key("terraform_version");
        w.string(&file.terraform_version);
        w.key("serial");
        w.display(file.serial);
        w.key("lineage");
        w.string(&file.lineage);
        w.key("outputs");
        w.object(|w| {
            for (name, o) in &outputs {
                w.key(name);
                write_output(w, o);
            }
        });
        w.key("resources");
        w.array(
            resources.iter().filter(|(_, a, _)| a.resource.mode != Mode::Ephemeral),
            |w, (module, a, r)| {
                if let Err(e) = write_resource(w, module, a, r, &mut cache) {
                    failure.get_or_insert(e);
                }
            },
        );
        w.key("check_results");
        write_check_results(w, file.state.check_results.as_deref());
    });
    match failure {
        Some(e) => Err(e),
        None => Ok(w.finish()),
    }
}

/// An output with its value and type as JSON text.
struct EncodedOutput {
    value: String,
    ty: String,
    sensitive: bool,
}

fn encode_output(name: &str, o: &OutputValue) -> Result<EncodedOutput, StateError> {
    let ty = if o.ty == Type::Dynamic { o.value.ty() } else { o.ty.clone() };
    let value = json::encode(&o.value, &ty).map_err(|e| {
        StateError::invalid(
            "Failed to serialize output value in state",
            format!("An error occurred while serializing output value {name:?}: {e}."),
        )
    })?;
    Ok(EncodedOutput { value, ty: json::type_to_text(&ty), sensitive: o.sensitive })
}

fn encode_outputs(
    outputs: &BTreeMap<String, OutputValue>,
) -> Result<BTreeMap<&str, EncodedOutput>, StateError> {
    outputs.iter().map(|(n, o)| Ok((n.as_str(), encode_output(n, o)?))).collect()
}

/// Writes an output as in a state file.
pub(crate) fn output(w: &mut Writer, name: &str, o: &OutputValue) -> Result<(), StateError> {
    write_output(w, &encode_output(name, o)?);
    Ok(())
}

fn write_output(w: &mut Writer, o: &EncodedOutput) {
    w.object(|w| {
        w.key("value");
        w.raw(&o.value);
        w.key("type");
        w.raw(&o.ty);
        if o.sensitive {
            w.key("sensitive");
            w.display(true);
        }
    });
}

/// The texts of dependency lists, which many instances share.
#[derive(Default)]
pub(crate) struct Dependencies(BTreeMap<usize, Vec<String>>);

impl Dependencies {
    fn texts(&mut self, object: &Object) -> &[String] {
        let list = &object.dependencies;
        self.0
            .entry(Arc::as_ptr(list).cast::<u8>() as usize)
            .or_insert_with(|| list.iter().map(|d| d.to_string()).collect())
    }
}

/// Writes a resource as in a state file. `module` is the text of its module.
pub(crate) fn write_resource(
    w: &mut Writer,
    module: &str,
    addr: &AbsResource,
    resource: &ResourceState,
    cache: &mut Dependencies,
) -> Result<(), StateError> {
    let mut failure = Ok(());
    w.object(|w| {
        if !module.is_empty() {
            w.key("module");
            w.string(module);
        }
        w.key("mode");
        w.string(addr.resource.mode.as_str());
        w.key("type");
        w.string(&addr.resource.ty);
        w.key("name");
        w.string(&addr.resource.name);
        // As OpenTofu has it: at the resource, or at each instance where one has a key.
        let keyed = resource.instances.values().any(|i| i.provider_key.is_some());
        if !keyed {
            w.key("provider");
            w.string(&resource.provider.to_string());
        }
        w.key("instances");
        let objects = resource.instances.iter().flat_map(|(k, i)| {
            let provider = keyed.then(|| resource.provider_of(i));
            objects_of(i).map(move |(d, o)| (k, d, provider.clone(), o))
        });
        w.array(objects, |w, (key, deposed, provider, object)| {
            if let Err(e) = write_object(w, key, deposed, provider.as_ref(), object, cache) {
                failure = Err(e);
            }
        });
    });
    failure
}

fn objects_of(i: &InstanceState) -> impl Iterator<Item = (&str, &Object)> {
    let current = i.current.iter().map(|o| ("", &**o));
    current.chain(i.deposed.iter().map(|(k, o)| (k.as_str(), &**o)))
}

/// Writes an object as in a resource's `instances`.
pub(crate) fn write_object(
    w: &mut Writer,
    key: &Key,
    deposed: &str,
    provider: Option<&ProviderConfig>,
    object: &Object,
    cache: &mut Dependencies,
) -> Result<(), StateError> {
    let paths = object.sensitive_paths.iter().filter(|(_, m)| m.is_sensitive());
    let paths = paths.map(|(p, _)| encode_path(p)).collect::<Result<Vec<_>, _>>()?;
    w.object(|w| {
        match key {
            Key::None => {}
            Key::Int(i) => {
                w.key("index_key");
                w.display(i);
            }
            Key::Str(s) => {
                w.key("index_key");
                w.string(s);
            }
        }
        if object.status == Status::Tainted {
            w.key("status");
            w.string("tainted");
        }
        if !deposed.is_empty() {
            w.key("deposed");
            w.string(deposed);
        }
        if let Some(p) = provider {
            w.key("provider");
            w.string(&p.to_string());
        }
        w.key("schema_version");
        w.display(object.schema_version);
        match &object.attributes_flat {
            Some(flat) if !flat.is_empty() => {
                w.key("attributes_flat");
                w.object(|w| {
                    for (k, v) in flat.iter() {
                        w.key(k);
                        w.string(v);
                    }
                });
            }
            Some(_) => {}
            None => {
                w.key("attributes");
                w.raw(&object.attributes);
            }
        }
        w.key("sensitive_attributes");
        w.array(paths, |w, p| w.raw(&p));
        if let Some((version, identity)) = &object.identity {
            w.key("identity_schema_version");
            w.display(version);
            w.key("identity");
            w.raw(identity);
        }
        if !object.private.is_empty() {
            w.key("private");
            w.string(&STANDARD.encode(&object.private));
        }
        if !object.dependencies.is_empty() {
            w.key("dependencies");
            w.array(cache.texts(object), |w, d| w.string(d));
        }
        if object.create_before_destroy {
            w.key("create_before_destroy");
            w.display(true);
        }
    });
    Ok(())
}

/// A path as JSON text: `[{"type":"get_attr","value":"a"},{"type":"index","value":{…}}]`.
fn encode_path(path: &Path) -> Result<String, StateError> {
    let mut out = String::from("[");
    for (i, step) in path.steps().iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        match step {
            PathStep::Attr(name) => {
                out.push_str("{\"type\":\"get_attr\",\"value\":");
                json::write_string(name, &mut out);
            }
            PathStep::Index(key) => {
                let key = json::encode(key, &Type::Dynamic).map_err(|e| {
                    StateError::invalid(
                        "Error marshaling path step",
                        format!("Failed to marshal an index step of path {path}: {e}"),
                    )
                })?;
                out.push_str("{\"type\":\"index\",\"value\":");
                out.push_str(&key);
            }
        }
        out.push('}');
    }
    out.push(']');
    Ok(out)
}

/// Writes check results, which are `null` where there are none. Only known
/// members are written, in the fixed order.
pub(crate) fn write_check_results(w: &mut Writer, results: Option<&serde_json::Value>) {
    use serde_json::Value as J;
    let items = results.and_then(J::as_array).filter(|a| !a.is_empty());
    let Some(items) = items else { return w.display("null") };
    let text = |w: &mut Writer, j: &J, name: &str| {
        w.key(name);
        w.string(j.get(name).and_then(J::as_str).unwrap_or_default());
    };
    let list = |j: &J, name: &str| j.get(name).and_then(J::as_array).filter(|a| !a.is_empty()).cloned();
    w.array(items, |w, item| {
        w.object(|w| {
            text(w, item, "object_kind");
            text(w, item, "config_addr");
            text(w, item, "status");
            w.key("objects");
            match list(item, "objects") {
                None => w.display("null"),
                Some(objects) => w.array(&objects, |w, object| {
                    w.object(|w| {
                        text(w, object, "object_addr");
                        text(w, object, "status");
                        if let Some(messages) = list(object, "failure_messages") {
                            w.key("failure_messages");
                            w.array(&messages, |w, m| w.string(m.as_str().unwrap_or_default()));
                        }
                    });
                }),
            }
        });
    });
}

/// Whether two states are stored as the same text, so that writing the one over
/// the other needs no new serial. Resources shared between both cost nothing.
pub fn same_content(a: &State, b: &State) -> bool {
    if a.resources.len() != b.resources.len() || a.outputs.len() != b.outputs.len() {
        return false;
    }
    let checks = |s: &State| {
        let mut w = Writer::new();
        write_check_results(&mut w, s.check_results.as_deref());
        w.finish()
    };
    if checks(a) != checks(b) {
        return false;
    }
    let output = |n: &str, o: &OutputValue| {
        encode_output(n, o).map(|e| (e.value, e.ty, e.sensitive)).map_err(|e| e.to_string())
    };
    if a.outputs
        .iter()
        .zip(&b.outputs)
        .any(|((na, oa), (nb, ob))| na != nb || output(na, oa) != output(nb, ob))
    {
        return false;
    }
    let mut cache = (Dependencies::default(), Dependencies::default());
    a.resources.iter().zip(&b.resources).all(|((aa, ra), (ab, rb))| {
        let text = |r: &ResourceState, cache: &mut Dependencies| {
            let mut w = Writer::new();
            write_resource(&mut w, "", aa, r, cache).is_ok().then(|| w.finish())
        };
        aa == ab && (Arc::ptr_eq(ra, rb) || text(ra, &mut cache.0) == text(rb, &mut cache.1))
    })
}
