//! What is answered to each call.

use crate::messages::{ActionSchema, Given, IdentityResponse, SchemaResponse, schema};
use crate::{Thing, World, lease, vault};
use bytes::Bytes;
use groma_provider::proto::{self, DynamicValue};
use groma_value::{Type, Value, msgpack};
use prost::Message;
use std::sync::{Mutex, PoisonError};

pub(crate) fn thing_type() -> Type {
    Type::object([("id", Type::String), ("name", Type::String), ("size", Type::Number)])
}

fn identity_type() -> Type {
    Type::object([("name", Type::String), ("zone", Type::String)])
}

fn list_type() -> Type {
    Type::object([("prefix", Type::String)])
}

fn poke_type() -> Type {
    Type::object([("message", Type::String)])
}

pub(crate) fn encode(value: &Value, ty: &Type) -> Option<DynamicValue> {
    Some(DynamicValue { msgpack: msgpack::encode(value, ty).unwrap().into(), json: Bytes::new() })
}

pub(crate) fn decode(value: Option<DynamicValue>, ty: &Type) -> Value {
    match value {
        Some(v) if !v.msgpack.is_empty() => msgpack::decode(&v.msgpack, ty).unwrap(),
        _ => Value::null(ty.clone()),
    }
}

pub(crate) fn text(value: &Value, name: &str) -> String {
    value.get_attr(name).and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

fn object(name: &str, thing: &Thing) -> Value {
    let size = thing.size.map_or_else(|| Value::null(Type::Number), Value::int);
    Value::object([("id", Value::string(format!("thing-{name}"))), ("name", name.into()), ("size", size)])
}

fn size(value: &Value) -> Option<i64> {
    let size = value.get_attr("size")?;
    match &size {
        Value::Number(n) => n.to_string().parse().ok(),
        _ => None,
    }
}

pub(crate) fn identity(name: &str) -> Option<proto::ResourceIdentityData> {
    let value = Value::object([("name", Value::from(name)), ("zone", "z1".into())]);
    Some(proto::ResourceIdentityData { identity_data: encode(&value, &identity_type()) })
}

pub(crate) fn error(summary: &str, detail: String) -> proto::Diagnostic {
    proto::Diagnostic { severity: 1, summary: summary.into(), detail, attribute: None }
}

pub(crate) fn one(message: impl Message) -> Option<Vec<Vec<u8>>> {
    Some(vec![message.encode_to_vec()])
}

fn nothing_to_say() -> Option<Vec<Vec<u8>>> {
    one(proto::DiagnosticsOnly::default())
}

impl World {
    /// Notes a call for the object that `of` describes, and the module that it comes from.
    fn meta(&mut self, method: &str, ty: &str, of: &Value, meta: &Option<DynamicValue>) {
        let meta_type = Type::object([("module_name", Type::String)]);
        let module = match meta {
            None => "nothing".to_owned(),
            Some(_) => match decode(meta.clone(), &meta_type) {
                v if v.is_null() => "null".to_owned(),
                v => text(&v, "module_name"),
            },
        };
        self.metas.push(format!("{method} {ty} {}: {module}", text(of, "name")));
    }
}

/// The messages that answer a call; `None`: there is no such method.
pub(crate) fn to(method: &str, body: Bytes, world: &Mutex<World>) -> Option<Vec<Vec<u8>>> {
    let mut world = world.lock().unwrap_or_else(PoisonError::into_inner);
    let world = &mut *world;
    match method {
        "GetProviderSchema" => one(schemas()),
        "GetResourceIdentitySchemas" => one(identities(world)),
        "ValidateProviderConfig" => one(proto::ValidateProviderResponse::default()),
        "ConfigureProvider"
        | "ValidateResourceConfig"
        | "ValidateDataResourceConfig"
        | "ValidateEphemeralResourceConfig"
        | "ValidateListResourceConfig" => nothing_to_say(),
        "UpgradeResourceState" => {
            let request = proto::UpgradeStateRequest::decode(body).ok()?;
            let raw = request.raw_state?.json;
            let json = if request.type_name == vault::TYPE {
                vault::upgrade(request.version, &raw, world)
            } else {
                raw
            };
            let upgraded_state = Some(DynamicValue { msgpack: Bytes::new(), json });
            one(proto::UpgradeStateResponse { upgraded_state, diagnostics: Vec::new() })
        }
        "UpgradeResourceIdentity" => {
            let request = proto::UpgradeIdentityRequest::decode(body).ok()?;
            world.log.push(format!("upgrade identity from {}", request.version));
            let json: serde_json::Value = serde_json::from_slice(&request.raw_identity?.json).ok()?;
            let upgraded_identity = identity(json["name"].as_str()?);
            one(proto::UpgradeIdentityResponse { upgraded_identity, diagnostics: Vec::new() })
        }
        "ReadResource" => {
            let r = proto::ReadResourceRequest::decode(body).ok()?;
            let vault = r.type_name == vault::TYPE;
            let ty = if vault { vault::ty() } else { thing_type() };
            world.meta(method, &r.type_name, &decode(r.current_state.clone(), &ty), &r.provider_meta);
            one(if vault { vault::read(r, world) } else { read(r, world) })
        }
        "PlanResourceChange" => {
            let r = proto::PlanRequest::decode(body).ok()?;
            let vault = r.type_name == vault::TYPE;
            let ty = if vault { vault::ty() } else { thing_type() };
            let of = if r.config.is_some() { &r.config } else { &r.prior_state };
            world.meta(method, &r.type_name, &decode(of.clone(), &ty), &r.provider_meta);
            one(if vault { vault::plan(r) } else { plan(r) })
        }
        "ApplyResourceChange" => {
            let r = proto::ApplyRequest::decode(body).ok()?;
            let vault = r.type_name == vault::TYPE;
            let ty = if vault { vault::ty() } else { thing_type() };
            let planned = decode(r.planned_state.clone(), &ty);
            let of = if planned.is_null() { decode(r.prior_state.clone(), &ty) } else { planned };
            world.meta(method, &r.type_name, &of, &r.provider_meta);
            one(if vault { vault::apply(r, world) } else { apply(r, world) })
        }
        "MoveResourceState" => one(vault::take_over(proto::MoveRequest::decode(body).ok()?, world)),
        "ReadDataSource" => {
            let r = proto::ReadDataRequest::decode(body).ok()?;
            let config = decode(r.config.clone(), &lease::lookup_type());
            world.meta(method, &r.type_name, &config, &r.provider_meta);
            one(lease::look_up(&config, world))
        }
        "OpenEphemeralResource" => one(lease::open(proto::OpenEphemeralRequest::decode(body).ok()?, world)),
        "RenewEphemeralResource" => {
            one(lease::renew(proto::EphemeralHandleRequest::decode(body).ok()?, world))
        }
        "CloseEphemeralResource" => {
            one(lease::close(proto::EphemeralHandleRequest::decode(body).ok()?, world))
        }
        "ImportResourceState" => one(import(proto::ImportRequest::decode(body).ok()?, world)),
        "ListResource" => Some(list(proto::ListRequest::decode(body).ok()?, world)),
        "ValidateActionConfig" => nothing_to_say(),
        "PlanAction" => {
            let config = decode(proto::ActionRequest::decode(body).ok()?.config, &poke_type());
            world.log.push(format!("plan poke {}", text(&config, "message")));
            nothing_to_say()
        }
        "InvokeAction" => Some(invoke(proto::ActionRequest::decode(body).ok()?, world)),
        "StopProvider" => one(proto::StopResponse::default()),
        _ => None,
    }
}

fn schemas() -> SchemaResponse {
    use Given::{Computed, Optional, Required};
    let thing =
        schema(&[("id", "string", Computed), ("name", "string", Required), ("size", "number", Optional)]);
    let poke = ActionSchema { schema: Some(schema(&[("message", "string", Required)])) };
    SchemaResponse {
        provider: Some(schema(&[])),
        resources: [("lab_thing".to_owned(), thing), (vault::TYPE.to_owned(), vault::schema())].into(),
        data_sources: [("lab_lookup".to_owned(), lease::lookup_schema())].into(),
        provider_meta: Some(schema(&[("module_name", "string", Optional)])),
        capabilities: Some(proto::ServerCapabilities { move_resource_state: true, ..Default::default() }),
        ephemerals: [("lab_lease".to_owned(), lease::schema())].into(),
        lists: [("lab_thing".to_owned(), schema(&[("prefix", "string", Optional)]))].into(),
        actions: [("lab_poke".to_owned(), poke)].into(),
    }
}

fn identities(world: &World) -> IdentityResponse {
    let attribute = |name: &str, required| proto::IdentityAttribute {
        name: name.into(),
        r#type: (&b"\"string\""[..]).into(),
        required_for_import: required,
        optional_for_import: !required,
        ..Default::default()
    };
    let schema = proto::ResourceIdentitySchema {
        version: world.identity_version,
        identity_attributes: vec![attribute("name", true), attribute("zone", false)],
    };
    let vault = proto::ResourceIdentitySchema { version: 7, ..schema.clone() };
    IdentityResponse {
        identity_schemas: [("lab_thing".to_owned(), schema), (vault::TYPE.to_owned(), vault)].into(),
    }
}

fn read(request: proto::ReadResourceRequest, world: &mut World) -> proto::ReadResourceResponse {
    let state = decode(request.current_state, &thing_type());
    let name = text(&state, "name");
    let found = world.things.get(&name);
    let value = found.map_or_else(|| Value::null(thing_type()), |t| object(&name, t));
    proto::ReadResourceResponse {
        new_state: encode(&value, &thing_type()),
        private: request.private,
        new_identity: found.and_then(|_| identity(&name)),
        ..Default::default()
    }
}

fn plan(request: proto::PlanRequest) -> proto::PlanResponse {
    let proposed = decode(request.proposed_new_state, &thing_type());
    let prior = decode(request.prior_state, &thing_type());
    let mut out = proto::PlanResponse { planned_private: request.prior_private, ..Default::default() };
    let mut planned = proposed.clone();
    if !proposed.is_null() && prior.is_null() {
        let mut fields = proposed.as_fields().cloned().unwrap_or_default();
        fields.insert("id", Value::unknown(Type::String));
        planned = Value::object(fields);
    }
    if !proposed.is_null() && !prior.is_null() {
        out.planned_identity = request.prior_identity;
        if text(&prior, "name") != text(&proposed, "name") {
            let selector = Some(proto::Selector::AttributeName("name".into()));
            out.requires_replace = vec![proto::AttributePath { steps: vec![proto::Step { selector }] }];
        }
    }
    out.planned_state = encode(&planned, &thing_type());
    out
}

fn apply(request: proto::ApplyRequest, world: &mut World) -> proto::ApplyResponse {
    let prior = decode(request.prior_state, &thing_type());
    let planned = decode(request.planned_state, &thing_type());
    let mut out = proto::ApplyResponse::default();
    if planned.is_null() {
        let name = text(&prior, "name");
        let with = request.planned_identity.map_or("without", |_| "with");
        world.log.push(format!("delete {name} {with} identity"));
        world.things.remove(&name);
        out.new_state = encode(&Value::null(thing_type()), &thing_type());
        return out;
    }
    let name = text(&planned, "name");
    world.log.push(format!("{} {name}", if prior.is_null() { "create" } else { "update" }));
    let thing = Thing { size: size(&planned) };
    out.new_state = encode(&object(&name, &thing), &thing_type());
    out.new_identity = identity(&name);
    out.private = format!("made {name}").into();
    world.things.insert(name, thing);
    out
}

fn import(request: proto::ImportRequest, world: &mut World) -> proto::ImportResponse {
    let given = request.identity.map(|i| decode(i.identity_data, &identity_type()));
    let name = match &given {
        Some(i) => text(i, "name"),
        None => request.id.trim_start_matches("thing-").to_owned(),
    };
    let how = if given.is_some() { "identity" } else { "id" };
    world.log.push(format!("import {name} by {how}"));
    let stub = object(&name, &Thing { size: None });
    let item = proto::ImportedResource {
        type_name: "lab_thing".into(),
        state: encode(&stub, &thing_type()),
        private: Bytes::new(),
        identity: identity(&name),
    };
    proto::ImportResponse { imported_resources: vec![item], ..Default::default() }
}

fn list(request: proto::ListRequest, world: &World) -> Vec<Vec<u8>> {
    let prefix = text(&decode(request.config, &list_type()), "prefix");
    if prefix == "forbidden" {
        let diagnostic = vec![error("Not allowed to list", "The prefix \"forbidden\" is forbidden.".into())];
        return vec![proto::ListEvent { diagnostic, ..Default::default() }.encode_to_vec()];
    }
    let found = world.things.iter().filter(|(n, _)| n.starts_with(&prefix));
    // More than was asked for: the caller has to stop.
    found
        .map(|(name, thing)| {
            let resource = request.include_resource_object.then(|| object(name, thing));
            proto::ListEvent {
                identity: identity(name),
                display_name: format!("The thing {name}"),
                resource_object: resource.and_then(|r| encode(&r, &thing_type())),
                diagnostic: Vec::new(),
            }
            .encode_to_vec()
        })
        .collect()
}

fn invoke(request: proto::ActionRequest, world: &mut World) -> Vec<Vec<u8>> {
    let message = text(&decode(request.config, &poke_type()), "message");
    world.log.push(format!("poke {message}"));
    let progress = proto::InvokeProgress { message: format!("poking {message}") };
    let mut diagnostics = Vec::new();
    if message == "fail" {
        diagnostics.push(error("Poking failed", "It was told to fail.".into()));
    }
    let events = [
        proto::InvokeEventKind::Progress(progress),
        proto::InvokeEventKind::Completed(proto::DiagnosticsOnly { diagnostics }),
    ];
    events.map(|kind| proto::InvokeEvent { kind: Some(kind) }.encode_to_vec()).into()
}
