//! Plans and states as JSON, from Groma or Terraform: `show -json`, and state files.

use super::linker::{Known, Linker};
use super::source::{Source, speaker};
use super::world::Staged;
use crate::commands::Failure;
use crate::session::Session;
use groma_lang::{Diagnostic, Diagnostics};
use groma_prove::world::{Location, Object, World};
use groma_provider::Schemas;
use groma_value::addr::{Mode, ResourceInstance};
use groma_value::{Mark, Value, json};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// A state file, of version 4, or `show -json` of a state.
pub fn state_file(s: &Session, path: &Path) -> Result<Source, Failure> {
    let bytes = std::fs::read(path).map_err(|e| format!("{} cannot be read: {e}", path.display()))?;
    let mut diags = Diagnostics::new();
    let blocks = super::files::read(Path::new(""), Path::new(""), &s.sources, &mut diags);
    s.check(&diags)?;
    Ok(Source { staged: read(s, path, &bytes)?, blocks })
}

/// What a JSON document describes.
pub fn read(s: &Session, path: &Path, bytes: &[u8]) -> Result<Staged, Failure> {
    let fail = |why: String| {
        s.fail(Diagnostic::error("Neither a plan nor a state", format!("{}: {why}", path.display())))
    };
    let doc: Json = serde_json::from_slice(bytes).map_err(|e| fail(format!("it is no JSON: {e}.")))?;
    let world = if doc.get("planned_values").is_some() {
        planned(s, &doc)?
    } else if doc.get("values").is_some() {
        let mut world = World::default();
        module(&doc["values"]["root_module"], &mut |r| world.objects.extend(object(s, r, true)));
        world
    } else if doc["version"] == 4 {
        stored(s, &doc)
    } else {
        return Err(fail(
            "it is JSON, but neither what groma show -json (or terraform show -json) prints of a plan or a state, nor a state file of version 4.".into(),
        ));
    };
    Ok(Staged {
        roots: Vec::new(),
        declared: Vec::new(),
        before: World::default(),
        // A document of a plan does not say what waits for what; of a state nothing is to be done.
        steps: doc.get("planned_values").is_none().then(Vec::new),
        deposed: Vec::new(),
        notes: Vec::new(),
        deferred: world.open.iter().map(|(address, _)| address.clone()).collect(),
        world: sorted(world),
    })
}

fn sorted(mut world: World) -> World {
    world.objects.sort_by(|a, b| (&a.root, &a.addr).cmp(&(&b.root, &b.addr)));
    world
}

/// Each resource of a module and those within.
fn module<'j>(m: &'j Json, f: &mut dyn FnMut(&'j Json)) {
    for r in m["resources"].as_array().into_iter().flatten() {
        f(r);
    }
    for c in m["child_modules"].as_array().into_iter().flatten() {
        module(c, f);
    }
}

/// Attributes by the embedded schema if they fit, else as they are.
fn attributes(ty: &str, mode: Mode, text: &Json) -> Value {
    let schema = match mode {
        Mode::Data => groma_sandbox::Embedded.data_source(ty),
        _ => groma_sandbox::Embedded.resource(ty),
    };
    let by_schema = schema.and_then(|s| json::from_json(text, s.block.implied_type()).ok());
    by_schema.or_else(|| json::from_json_implied(text).ok()).unwrap_or_else(Value::dynamic)
}

/// The account and region of ARNs.
fn location(values: &Json) -> Arc<Location> {
    let arn = values["arn"].as_str().unwrap_or_default();
    let part = |i: usize| arn.split(':').nth(i).filter(|p| !p.is_empty()).map(Arc::from);
    Arc::new(Location { account: part(4), region: part(3) })
}

fn object(_: &Session, r: &Json, exists: bool) -> Option<Object> {
    let addr = ResourceInstance::parse(r["address"].as_str()?).ok()?;
    let values = attributes(&addr.resource.ty, addr.resource.mode, &r["values"]);
    let location = location(&r["values"]);
    Some(Object { root: "".into(), addr, location, values, place: None, exists })
}

/// A state file.
fn stored(_: &Session, doc: &Json) -> World {
    let mut world = World::default();
    for r in doc["resources"].as_array().into_iter().flatten() {
        let (Some(ty), Some(name)) = (r["type"].as_str(), r["name"].as_str()) else { continue };
        let module = r["module"].as_str().map(|m| format!("{m}.")).unwrap_or_default();
        let data = if r["mode"] == "data" { "data." } else { "" };
        for i in r["instances"].as_array().into_iter().flatten() {
            if i.get("deposed").is_some() {
                continue;
            }
            let key = match &i["index_key"] {
                Json::String(s) => format!("[{}]", Json::String(s.clone())),
                Json::Number(n) => format!("[{n}]"),
                _ => String::new(),
            };
            let Ok(addr) = ResourceInstance::parse(&format!("{module}{data}{ty}.{name}{key}")) else {
                continue;
            };
            let values = attributes(ty, addr.resource.mode, &i["attributes"]);
            let location = location(&i["attributes"]);
            world.objects.push(Object { root: "".into(), addr, location, values, place: None, exists: true });
        }
    }
    world
}

/// A plan: what is planned, what is unknown, and what the configuration's references say
/// of the unknown.
fn planned(s: &Session, doc: &Json) -> Result<World, Failure> {
    let speaker = speaker(s)?;
    let mut unknown: BTreeMap<String, &Json> = BTreeMap::new();
    let mut open = Vec::new();
    let mut existing: BTreeMap<String, bool> = BTreeMap::new();
    for c in doc["resource_changes"].as_array().into_iter().flatten() {
        if let Some(a) = c["address"].as_str() {
            unknown.insert(a.to_owned(), &c["change"]["after_unknown"]);
            existing.insert(a.to_owned(), !c["change"]["before"].is_null());
        }
    }
    for c in doc["deferred_changes"].as_array().into_iter().flatten() {
        let a = c["resource_change"]["address"].as_str().unwrap_or("a resource");
        open.push((a.to_owned(), "the plan deferred it".to_owned()));
    }
    let mut objects: Vec<(Object, bool)> = Vec::new();
    let mut made: Known = Known::new();
    let mut all: Vec<&Json> = Vec::new();
    module(&doc["planned_values"]["root_module"], &mut |r| all.push(r));
    // Data sources that are read are in the state that the plan begins with.
    module(&doc["prior_state"]["values"]["root_module"], &mut |r| {
        if r["mode"] == "data" {
            all.push(r);
        }
    });
    for r in all {
        let Some(text) = r["address"].as_str() else { continue };
        let Ok(addr) = ResourceInstance::parse(text) else { continue };
        let ty = addr.resource.ty.clone();
        let after = unknown.get(text).copied().unwrap_or(&Json::Null);
        let (typed, values) = match addr.resource.mode {
            Mode::Managed => with_unknowns(&ty, &r["values"], after),
            _ => {
                let v = attributes(&ty, addr.resource.mode, &r["values"]);
                (v.clone(), v)
            }
        };
        let exists = existing.get(text).copied().unwrap_or(true);
        let schema = groma_sandbox::Embedded.resource(&ty);
        let values = match schema.filter(|_| !exists && addr.resource.mode == Mode::Managed) {
            Some(schema) if typed.ty() == *schema.block.implied_type() => {
                identities(&values, &speaker.invent(&ty, &schema, &typed))
            }
            _ => values,
        };
        made.insert(addr.clone(), values.clone());
        let location = location(&r["values"]);
        objects.push((Object { root: "".into(), addr, location, values, place: None, exists }, !exists));
    }
    let linker = Linker { configuration: &doc["configuration"]["root_module"], made: &made };
    for (o, new) in &mut objects {
        if *new || !o.values.is_wholly_known() {
            o.values = linker.linked(o);
        }
    }
    Ok(World { objects: objects.into_iter().map(|(o, _)| o).collect(), open })
}

/// Planned attributes with unknowns where the plan says so: of the schema's type, and with
/// sets taken apart.
fn with_unknowns(ty: &str, values: &Json, unknown: &Json) -> (Value, Value) {
    fn put(v: &Value, unknown: &Json) -> Value {
        match unknown {
            Json::Bool(true) => Value::unknown(v.ty()),
            Json::Object(u) => match v {
                Value::Object(f) => Value::Object(Arc::new(
                    f.map_values(|n, v| u.get(&**n).map_or_else(|| v.clone(), |x| put(v, x))),
                )),
                Value::Map(m) => Value::map(
                    m.ty.clone(),
                    m.items
                        .iter()
                        .map(|(n, v)| (n.clone(), u.get(&**n).map_or_else(|| v.clone(), |x| put(v, x))))
                        .collect::<Vec<_>>(),
                ),
                v => v.clone(),
            },
            Json::Array(u) => match v {
                Value::List(e) => Value::list(e.ty.clone(), zip(&e.items, u, &e.ty)),
                Value::Tuple(t) => Value::tuple(zip(t, u, &groma_value::Type::Dynamic)),
                // Taken apart below, in the document's order.
                Value::Set(_) if u.iter().any(anywhere) => Value::unknown(v.ty()),
                v => v.clone(),
            },
            _ => v.clone(),
        }
    }
    fn zip(items: &[Value], u: &[Json], ty: &groma_value::Type) -> Vec<Value> {
        let n = items.len().max(u.len());
        (0..n)
            .map(|i| {
                let v = items.get(i).cloned().unwrap_or_else(|| Value::unknown(ty.clone()));
                u.get(i).map_or_else(|| v.clone(), |x| put(&v, x))
            })
            .collect()
    }
    fn anywhere(u: &Json) -> bool {
        match u {
            Json::Bool(b) => *b,
            Json::Array(a) => a.iter().any(anywhere),
            Json::Object(o) => o.values().any(anywhere),
            _ => false,
        }
    }
    // What is unknown is left out of the values: it must be there to be unknown.
    let mut full = values.clone();
    if let (Some(f), Some(u)) = (full.as_object_mut(), unknown.as_object()) {
        for k in u.keys() {
            f.entry(k.clone()).or_insert(Json::Null);
        }
    }
    let out = put(&attributes(ty, Mode::Managed, &full), unknown);
    // Sets with something unknown within are lists, in the document's order.
    let Value::Object(fields) = &out else { return (out.clone(), out) };
    let apart = Value::Object(Arc::new(fields.map_values(|n, v| match (v, &values[&**n], &unknown[&**n]) {
        (Value::Unknown(groma_value::Type::Set(_), _), Json::Array(items), Json::Array(u)) => {
            let items = items.iter().zip(u).map(|(v, u)| partly(v, u));
            Value::tuple(items.collect())
        }
        _ => v.clone(),
    })));
    (out, apart)
}

/// A JSON value with unknowns where they are said.
fn partly(v: &Json, unknown: &Json) -> Value {
    match (v, unknown) {
        (_, Json::Bool(true)) => Value::dynamic(),
        (Json::Object(f), Json::Object(u)) => {
            let known = f.iter().map(|(n, v)| (n.as_str(), partly(v, u.get(n).unwrap_or(&Json::Null))));
            let rest = u.iter().filter(|(n, u)| !f.contains_key(*n) && !matches!(u, Json::Bool(false)));
            let rest = rest.map(|(n, u)| (n.as_str(), partly(&Json::Null, u)));
            Value::object(known.chain(rest))
        }
        (Json::Array(a), Json::Array(u)) => {
            let at = |i: usize| u.get(i).unwrap_or(&Json::Null);
            Value::tuple(a.iter().enumerate().map(|(i, v)| partly(v, at(i))).collect())
        }
        (Json::Null, Json::Array(u)) => Value::tuple(u.iter().map(|u| partly(&Json::Null, u)).collect()),
        (v, _) => json::from_json_implied(v).unwrap_or_else(|_| Value::dynamic()),
    }
}

/// Only what identifies an object is made up: its own ids and ARN.
fn identities(values: &Value, made: &Value) -> Value {
    let (Some(f), Some(m)) = (values.as_fields(), made.as_fields()) else { return values.clone() };
    Value::Object(Arc::new(f.map_values(|n, v| {
        let text = matches!(v, Value::Unknown(groma_value::Type::String, _));
        let id = &**n == "id" || &**n == "arn" || n.ends_with("_id") || n.ends_with("_arn") || &**n == "name";
        match m.get(n) {
            Some(x) if text && id => x.clone().mark(Mark::Invented),
            _ => v.clone(),
        }
    })))
}
