//! `lab_lease`, an ephemeral resource that may ask for renewal, and the data source `lab_lookup`.

use crate::World;
use crate::answers::{decode, encode, error, text};
use crate::messages::{Given, schema as plain_schema};
use groma_provider::proto::{self, v6};
use groma_value::{Type, Value};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How soon a lease that has to be renewed asks for it.
const SOON: Duration = Duration::from_millis(50);

fn ty() -> Type {
    Type::object([("name", Type::String), ("renew", Type::Bool), ("token", Type::String)])
}

pub(crate) fn schema() -> v6::Schema {
    use Given::{Computed, Optional, Required};
    plain_schema(&[("name", "string", Required), ("renew", "bool", Optional), ("token", "string", Computed)])
}

fn soon() -> Option<proto::Timestamp> {
    let at = SystemTime::now().duration_since(UNIX_EPOCH).ok()? + SOON;
    Some(proto::Timestamp { seconds: at.as_secs() as i64, nanos: at.subsec_nanos() as i32 })
}

pub(crate) fn open(request: proto::OpenEphemeralRequest, world: &mut World) -> proto::OpenEphemeralResponse {
    let config = decode(request.config, &ty());
    let name = text(&config, "name");
    world.log.push(format!("open {name}"));
    let mut out = proto::OpenEphemeralResponse::default();
    if name.contains("refused") {
        out.diagnostics.push(error("Lease refused", format!("There is no lease {name:?}.")));
        return out;
    }
    let renew = config.get_attr("renew");
    if renew.as_ref().and_then(Value::as_bool) == Some(true) {
        out.renew_at = soon();
    }
    let value = Value::object([
        ("name", Value::from(&*name)),
        ("renew", renew.unwrap_or_else(|| Value::null(Type::Bool))),
        ("token", Value::string(format!("token of {name}"))),
    ]);
    out.result = encode(&value, &ty());
    out.private = Some(format!("{name}:0").into());
    out
}

/// Name, and how often it was renewed.
fn handle(request: &proto::EphemeralHandleRequest) -> (String, u64) {
    let private = String::from_utf8_lossy(request.private.as_deref().unwrap_or_default()).into_owned();
    let (name, times) = private.rsplit_once(':').unwrap_or((&private, ""));
    (name.to_owned(), times.parse().unwrap_or_default())
}

pub(crate) fn renew(
    request: proto::EphemeralHandleRequest,
    world: &mut World,
) -> proto::RenewEphemeralResponse {
    let (name, times) = handle(&request);
    let times = times + 1;
    world.log.push(format!("renew {name}: {times}"));
    world.renewals.insert(name.clone(), times);
    let mut out = proto::RenewEphemeralResponse::default();
    if name.contains("expires") {
        out.diagnostics.push(error("Lease not renewed", format!("The lease {name:?} is over.")));
        return out;
    }
    // Three times are enough.
    out.renew_at = if times < 3 { soon() } else { None };
    out.private = Some(format!("{name}:{times}").into());
    out
}

pub(crate) fn close(request: proto::EphemeralHandleRequest, world: &mut World) -> proto::DiagnosticsOnly {
    let (name, times) = handle(&request);
    world.log.push(format!("close {name}: {times}"));
    let mut out = proto::DiagnosticsOnly::default();
    if name.contains("stuck") {
        out.diagnostics.push(error("Lease not closed", format!("The lease {name:?} cannot be given back.")));
    }
    out
}

pub(crate) fn lookup_type() -> Type {
    Type::object([("name", Type::String), ("size", Type::Number)])
}

pub(crate) fn lookup_schema() -> v6::Schema {
    plain_schema(&[("name", "string", Given::Required), ("size", "number", Given::Computed)])
}

pub(crate) fn look_up(config: &Value, world: &World) -> proto::ReadDataResponse {
    let name = text(config, "name");
    let size_of = world.things.get(&name).and_then(|t| t.size);
    let value = Value::object([
        ("name", Value::from(&*name)),
        ("size", size_of.map_or_else(|| Value::null(Type::Number), Value::int)),
    ]);
    proto::ReadDataResponse { state: encode(&value, &lookup_type()), ..Default::default() }
}

/// How many renewals of which lease an object waits for: `waits-NAME-3`.
pub(crate) fn waits_for(method: &str, body: &bytes::Bytes) -> Option<(String, u64)> {
    use prost::Message;
    if method != "ApplyResourceChange" {
        return None;
    }
    let request = proto::ApplyRequest::decode(body.clone()).ok()?;
    if request.type_name != "lab_thing" {
        return None;
    }
    let name = text(&decode(request.planned_state, &crate::answers::thing_type()), "name");
    let (lease, times) = name.strip_prefix("waits-")?.rsplit_once('-')?;
    Some((lease.to_owned(), times.parse().ok()?))
}
