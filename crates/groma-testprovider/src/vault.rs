//! `lab_vault`: arguments that are only written, sensitive ones, nested blocks, and objects
//! that were of another resource type.

use crate::answers::{decode, encode, error, identity, text};
use crate::messages::{Given, attribute, schema as plain_schema};
use crate::{Vault, World};
use bytes::Bytes;
use groma_provider::proto::{self, v6};
use groma_value::{Type, Value};

pub(crate) const TYPE: &str = "lab_vault";

fn login_type() -> Type {
    Type::object([("user", Type::String), ("token_wo", Type::String)])
}

pub(crate) fn ty() -> Type {
    Type::object([
        ("id", Type::String),
        ("name", Type::String),
        ("secret", Type::String),
        ("password_wo", Type::String),
        ("password_wo_version", Type::Number),
        ("login", Type::list(login_type())),
    ])
}

pub(crate) fn schema() -> v6::Schema {
    use Given::{Computed, Optional, Required};
    let mut out = plain_schema(&[
        ("id", "string", Computed),
        ("name", "string", Required),
        ("password_wo_version", "number", Optional),
    ]);
    let secret = v6::Attribute { sensitive: true, ..attribute("secret", "string", Optional) };
    let written = |name| v6::Attribute { write_only: true, ..attribute(name, "string", Optional) };
    let login = v6::Block {
        attributes: vec![attribute("user", "string", Optional), written("token_wo")],
        ..Default::default()
    };
    if let Some(block) = &mut out.block {
        block.attributes.extend([secret, written("password_wo")]);
        block.block_types.push(v6::NestedBlock {
            type_name: "login".into(),
            block: Some(login),
            nesting: 2,
            ..Default::default()
        });
    }
    // Version 1 had `label` in the place of `secret`.
    v6::Schema { version: 2, ..out }
}

fn logins(value: &Value) -> Vec<Value> {
    let all = value.get_attr("login");
    all.and_then(|l| l.as_elements().map(<[Value]>::to_vec)).unwrap_or_default()
}

fn given(value: &Value, name: &str) -> Option<String> {
    value.get_attr(name).and_then(|v| v.as_str().map(str::to_owned))
}

/// The value without what is only written.
fn readable(value: &Value) -> Value {
    let without = |v: &Value, name: &'static str| {
        let mut fields = v.as_fields().cloned().unwrap_or_default();
        fields.insert(name, Value::null(Type::String));
        Value::object(fields)
    };
    let logins: Vec<Value> = logins(value).iter().map(|l| without(l, "token_wo")).collect();
    let mut fields = without(value, "password_wo").as_fields().cloned().unwrap_or_default();
    fields.insert("login", Value::list(login_type(), logins));
    Value::object(fields)
}

pub(crate) fn read(request: proto::ReadResourceRequest, world: &mut World) -> proto::ReadResourceResponse {
    let state = decode(request.current_state.clone(), &ty());
    let name = text(&state, "name");
    let found = world.vaults.contains_key(&name);
    let new_state = if found { request.current_state } else { encode(&Value::null(ty()), &ty()) };
    let new_identity = if found { identity(&name) } else { None };
    proto::ReadResourceResponse { new_state, private: request.private, new_identity, ..Default::default() }
}

pub(crate) fn plan(request: proto::PlanRequest) -> proto::PlanResponse {
    let proposed = decode(request.proposed_new_state, &ty());
    let prior = decode(request.prior_state, &ty());
    let mut out = proto::PlanResponse { planned_private: request.prior_private, ..Default::default() };
    let planned = match (proposed.is_null(), prior.is_null()) {
        (true, _) => proposed,
        (false, true) => {
            let mut fields = readable(&proposed).as_fields().cloned().unwrap_or_default();
            fields.insert("id", Value::unknown(Type::String));
            Value::object(fields)
        }
        (false, false) => {
            out.planned_identity = request.prior_identity;
            readable(&proposed)
        }
    };
    out.planned_state = encode(&planned, &ty());
    out
}

pub(crate) fn apply(request: proto::ApplyRequest, world: &mut World) -> proto::ApplyResponse {
    let prior = decode(request.prior_state, &ty());
    let planned = decode(request.planned_state, &ty());
    let mut out = proto::ApplyResponse::default();
    let private = String::from_utf8_lossy(&request.planned_private).into_owned();
    if planned.is_null() {
        let name = text(&prior, "name");
        world.log.push(format!("delete vault {name} ({private})"));
        world.vaults.remove(&name);
        out.new_state = encode(&planned, &ty());
        return out;
    }
    // What is only written is in the configuration alone.
    let config = decode(request.config, &ty());
    let name = text(&planned, "name");
    let how = if prior.is_null() { "create" } else { "update" };
    world.log.push(format!("{how} vault {name} ({private})"));
    let tokens = logins(&config).iter().map(|l| given(l, "token_wo")).collect();
    let vault = Vault { secret: given(&planned, "secret"), password: given(&config, "password_wo"), tokens };
    world.vaults.insert(name.clone(), vault);
    let mut fields = planned.as_fields().cloned().unwrap_or_default();
    fields.insert("id", Value::string(format!("vault-{name}")));
    out.new_state = encode(&Value::object(fields), &ty());
    out.private = format!("vault {name}").into();
    out.new_identity = identity(&name);
    out
}

/// A state of version 1, which had `label`.
pub(crate) fn upgrade(version: i64, raw: &[u8], world: &mut World) -> Bytes {
    let mut state: serde_json::Value = serde_json::from_slice(raw).unwrap_or_default();
    if version < 2 {
        world.log.push(format!("upgrade vault from {version}"));
        state["secret"] = state["label"].take();
        state.as_object_mut().map(|o| o.remove("label"));
    }
    state.to_string().into()
}

/// Takes over things, but not those with "immovable" in their names.
pub(crate) fn take_over(request: proto::MoveRequest, world: &mut World) -> proto::MoveResponse {
    let state = request.source_state.map(|s| s.json).unwrap_or_default();
    let state: serde_json::Value = serde_json::from_slice(&state).unwrap_or_default();
    let name = state["name"].as_str().unwrap_or_default().to_owned();
    let source = format!("{} {}", request.source_provider_address, request.source_type_name);
    world.log.push(format!(
        "move {name} from {source} version {} ({})",
        request.source_schema_version,
        String::from_utf8_lossy(&request.source_private)
    ));
    if let Some(identity) = request.source_identity {
        let json: serde_json::Value = serde_json::from_slice(&identity.json).unwrap_or_default();
        world.log.push(format!("identity {json} version {}", request.source_identity_schema_version));
    }
    let mut out = proto::MoveResponse::default();
    if request.source_type_name != "lab_thing" || name.contains("immovable") {
        let detail = format!(
            "A {} named {name:?} cannot become a {}.",
            request.source_type_name, request.target_type_name
        );
        out.diagnostics.push(error("Unsupported move", detail));
        return out;
    }
    world.things.remove(&name);
    world.vaults.insert(name.clone(), Vault { secret: Some("moved".into()), ..Vault::default() });
    let value = Value::object([
        ("id", Value::string(format!("vault-{name}"))),
        ("name", name.as_str().into()),
        ("secret", "moved".into()),
        ("password_wo", Value::null(Type::String)),
        ("password_wo_version", Value::null(Type::Number)),
        ("login", Value::list(login_type(), Vec::new())),
    ]);
    out.target_state = encode(&value, &ty());
    out.target_private = format!("moved {name}").into();
    out.target_identity = identity(&name);
    out
}
