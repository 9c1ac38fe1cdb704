//! The client against a plugin made for the test, which speaks protocol 6 over a unix socket.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use groma_value::Fields;
use groma_value::addr::Provider as ProviderAddr;
use tokio::net::UnixListener;

use super::*;
use crate::pool::{Pool, PoolSettings, ProviderSource};
use crate::process::{LaunchSettings, Reattach};
use crate::proto::{Protocol, v6};
use crate::{PluginAddr, ProviderError};

type Handler = Box<dyn Fn(Bytes) -> Result<Vec<u8>, (u8, &'static str)> + Send + Sync>;

/// A plugin with a handler for each method; it also keeps which methods were called.
#[derive(Clone, Default)]
struct Plugin {
    handlers: Arc<Mutex<HashMap<&'static str, Arc<Handler>>>>,
    calls: Arc<Mutex<Vec<String>>>,
}

impl Plugin {
    fn on<M: Message + Default>(
        &self,
        method: &'static str,
        handler: impl Fn(M) -> Result<Vec<u8>, (u8, &'static str)> + Send + Sync + 'static,
    ) {
        let handler: Handler = Box::new(move |bytes| handler(M::decode(bytes).unwrap()));
        self.handlers.lock().unwrap().insert(method, Arc::new(handler));
    }

    fn calls(&self) -> Vec<String> {
        std::mem::take(&mut self.calls.lock().unwrap())
    }

    fn listen(&self, path: &std::path::Path) {
        let (listener, plugin) = (UnixListener::bind(path).unwrap(), self.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let plugin = plugin.clone();
                tokio::spawn(async move {
                    let mut connection = h2::server::handshake(stream).await.unwrap();
                    while let Some(Ok((request, respond))) = connection.accept().await {
                        tokio::spawn(plugin.clone().answer(request, respond));
                    }
                });
            }
        });
    }

    async fn answer(
        self,
        request: http::Request<h2::RecvStream>,
        mut respond: h2::server::SendResponse<Bytes>,
    ) {
        let path = request.uri().path().to_owned();
        let mut body = Vec::new();
        let mut stream = request.into_body();
        while let Some(Ok(chunk)) = stream.data().await {
            stream.flow_control().release_capacity(chunk.len()).unwrap();
            body.extend_from_slice(&chunk);
        }
        let method = path.rsplit('/').next().unwrap().to_owned();
        assert!(path.starts_with("/tfplugin6.Provider/"), "{path}");
        self.calls.lock().unwrap().push(method.clone());
        if method == "ReadResource" {
            // Slow, so that a call can be cancelled.
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        let handler = self.handlers.lock().unwrap().get(method.as_str()).cloned();
        let result = match handler {
            Some(handler) => handler(Bytes::from(body).slice(5..)),
            None => Err((12, "not here")),
        };
        let response = http::Response::builder().header("content-type", "application/grpc").body(()).unwrap();
        let Ok(mut send) = respond.send_response(response, false) else { return };
        let (status, message) = match result {
            Ok(answer) => {
                let length = (answer.len() as u32).to_be_bytes();
                let frame = [&[0], &length[..], &answer].concat();
                if send.send_data(frame.into(), false).is_err() {
                    return;
                }
                (0, "")
            }
            Err(error) => error,
        };
        let mut trailers = http::HeaderMap::new();
        trailers.insert("grpc-status", u16::from(status).into());
        trailers.insert("grpc-message", message.parse().unwrap());
        let _ = send.send_trailers(trailers);
    }
}

fn attribute(name: &str, ty: &'static str) -> v6::Attribute {
    v6::Attribute { name: name.into(), r#type: ty.as_bytes().into(), optional: true, ..Default::default() }
}

fn schema(attributes: Vec<v6::Attribute>) -> v6::Schema {
    v6::Schema { version: 1, block: Some(v6::Block { attributes, ..Default::default() }) }
}

#[derive(Clone, PartialEq, Message)]
struct SchemaResponse {
    #[prost(message, optional, tag = "1")]
    provider: Option<v6::Schema>,
    #[prost(map = "string, message", tag = "2")]
    resources: HashMap<String, v6::Schema>,
    #[prost(map = "string, message", tag = "3")]
    data_sources: HashMap<String, v6::Schema>,
    #[prost(message, optional, tag = "5")]
    provider_meta: Option<v6::Schema>,
    #[prost(map = "string, message", tag = "7")]
    functions: HashMap<String, proto::Function>,
    #[prost(map = "string, message", tag = "8")]
    ephemeral: HashMap<String, v6::Schema>,
}

#[derive(Clone, PartialEq, Message)]
struct IdentityResponse {
    #[prost(map = "string, message", tag = "1")]
    identity_schemas: HashMap<String, proto::ResourceIdentitySchema>,
}

const STRING: &str = "\"string\"";

fn addr() -> ProviderAddr {
    ProviderAddr::parse("example.com/test/fake").unwrap()
}

/// A plugin that knows `x_thing`, and a pool in which it is attached.
fn setup() -> (Plugin, Pool, tempfile::TempDir) {
    let plugin = Plugin::default();
    plugin.on("GetProviderSchema", |_: proto::Empty| {
        let nested = v6::Attribute {
            nested_type: Some(v6::Object { attributes: vec![attribute("k", STRING)], nesting: 2 }),
            ..attribute("items", "")
        };
        let thing = schema(vec![attribute("id", STRING), nested]);
        let argument =
            proto::Parameter { name: "s".into(), r#type: STRING.as_bytes().into(), ..Default::default() };
        let function = proto::Function {
            parameters: vec![argument.clone()],
            variadic_parameter: Some(argument),
            r#return: Some(proto::Return { r#type: STRING.as_bytes().into() }),
            ..Default::default()
        };
        let response = SchemaResponse {
            provider: Some(schema(vec![attribute("url", STRING)])),
            resources: [("x_thing".to_owned(), thing.clone())].into(),
            data_sources: [("x_thing".to_owned(), thing.clone())].into(),
            provider_meta: Some(schema(vec![attribute("module", STRING)])),
            functions: [("join".to_owned(), function)].into(),
            ephemeral: [("x_thing".to_owned(), thing)].into(),
        };
        Ok(response.encode_to_vec())
    });
    plugin.on("GetResourceIdentitySchemas", |_: proto::Empty| {
        let id = proto::IdentityAttribute {
            name: "id".into(),
            r#type: STRING.as_bytes().into(),
            required_for_import: true,
            ..Default::default()
        };
        let identity = proto::ResourceIdentitySchema { version: 2, identity_attributes: vec![id] };
        Ok(IdentityResponse { identity_schemas: [("x_thing".to_owned(), identity)].into() }.encode_to_vec())
    });
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("socket");
    plugin.listen(&path);
    let pool = Pool::new(PoolSettings {
        launch: LaunchSettings::new(directory.path()),
        cache_dir: None,
        terraform_version: "1.11.4".into(),
        memory_budget: None,
        validation_salt: Vec::new(),
    });
    let reattach = Reattach { protocol: Protocol::V6, addr: PluginAddr::Unix(path) };
    pool.add(addr(), ProviderSource::Attached(reattach));
    (plugin, pool, directory)
}

fn thing_type() -> Type {
    let item = Type::object([("k", Type::String)]);
    Type::object([("id", Type::String), ("items", Type::list(item))])
}

fn thing(id: Value) -> Value {
    let item = Type::object([("k", Type::String)]);
    let items = Value::list(item, vec![Value::object([("k", Value::from("v"))])]);
    Value::object([("id", id), ("items", items)])
}

fn dynamic(value: &Value, ty: &Type) -> Option<DynamicValue> {
    Some(DynamicValue { msgpack: msgpack::encode(value, ty).unwrap().into(), json: Bytes::new() })
}

fn identity(id: &str) -> Value {
    Value::object([("id", Value::from(id))])
}

fn identity_data(id: &str) -> Option<proto::ResourceIdentityData> {
    let ty = Type::object([("id", Type::String)]);
    Some(proto::ResourceIdentityData { identity_data: dynamic(&identity(id), &ty) })
}

fn no_meta() -> Value {
    Value::object([("module", Value::null(Type::String))])
}

#[tokio::test]
async fn schemas_of_protocol_6() {
    let (plugin, pool, _directory) = setup();
    let schemas = pool.schemas(&addr()).await.unwrap();
    let thing = schemas.resource("x_thing").unwrap();
    assert_eq!(*thing.block.implied_type(), thing_type());
    let (version, identity) = schemas.identity("x_thing").unwrap();
    assert!(version == 2 && identity.block.attributes["id"].required);
    assert!(schemas.provider_meta().is_some());
    assert_eq!(schemas.ephemeral_types(), ["x_thing"]);
    pool.schemas(&addr()).await.unwrap();
    assert_eq!(plugin.calls(), ["GetProviderSchema", "GetResourceIdentitySchemas"]);
    assert!(pool.processes().is_empty(), "an attached process is not ours");
}

#[tokio::test]
async fn plan_apply_and_identity() {
    let (plugin, pool, _directory) = setup();
    plugin.on("ConfigureProvider", |request: proto::ConfigureRequest| {
        assert_eq!(request.terraform_version, "1.11.4");
        assert_eq!(request.client_capabilities, Some(CAPABILITIES));
        let diagnostic = proto::Diagnostic { severity: 2, summary: "Old".into(), ..Default::default() };
        Ok(proto::DiagnosticsOnly { diagnostics: vec![diagnostic] }.encode_to_vec())
    });
    plugin.on("PlanResourceChange", |request: proto::PlanRequest| {
        assert_eq!(request.prior_private, &b"before"[..]);
        assert_eq!(request.prior_identity, identity_data("one"));
        assert!(request.provider_meta.is_some());
        let config = msgpack::decode(&request.config.unwrap().msgpack, &thing_type()).unwrap();
        assert_eq!(config, thing(Value::null(Type::String)));
        let steps = vec![
            proto::Step { selector: Some(proto::Selector::AttributeName("items".into())) },
            proto::Step { selector: Some(proto::Selector::ElementKeyInt(0)) },
            proto::Step { selector: Some(proto::Selector::ElementKeyString("k".into())) },
        ];
        let response = proto::PlanResponse {
            planned_state: dynamic(&thing(Value::unknown(Type::String)), &thing_type()),
            requires_replace: vec![proto::AttributePath { steps }],
            planned_private: (&b"planned"[..]).into(),
            planned_identity: identity_data("two"),
            ..Default::default()
        };
        Ok(response.encode_to_vec())
    });
    plugin.on("ApplyResourceChange", |request: proto::ApplyRequest| {
        assert_eq!(request.planned_private, &b"planned"[..]);
        assert_eq!(request.planned_identity, identity_data("two"));
        let diagnostic = proto::Diagnostic { severity: 1, summary: "Half done".into(), ..Default::default() };
        let response = proto::ApplyResponse {
            new_state: dynamic(&thing("made".into()), &thing_type()),
            diagnostics: vec![diagnostic],
            ..Default::default()
        };
        Ok(response.encode_to_vec())
    });
    let config = Value::object([("url", Value::from("x"))]);
    let (provider, diags) = pool.configured(&addr(), &config).await.unwrap();
    assert!(!diags[0].error && diags[0].summary == "Old");
    let (null, wanted) = (Value::null(thing_type()), thing(Value::null(Type::String)));
    let before = identity("one");
    let request = PlanRequest {
        ty: "x_thing",
        prior: &null,
        proposed: &wanted,
        config: &wanted,
        private: Private::from(&b"before"[..]),
        provider_meta: &no_meta(),
        identity: Some(&before),
    };
    let plan = provider.plan_resource_change(request).await.unwrap();
    assert_eq!(plan.requires_replace[0].to_string(), ".items[0][\"k\"]");
    assert_eq!(plan.identity, Some(identity("two")));
    let planned = plan.planned.unwrap();
    assert_eq!(planned, thing(Value::unknown(Type::String)));
    let request = ApplyRequest {
        ty: "x_thing",
        prior: &null,
        planned: &planned,
        config: &wanted,
        private: plan.private,
        provider_meta: &no_meta(),
        identity: plan.identity.as_ref(),
    };
    let applied = provider.apply_resource_change(request).await.unwrap();
    assert_eq!(applied.state, Some(thing("made".into())), "what an error leaves behind is kept");
    assert!(applied.diags[0].error);
    // The same configuration is not sent twice, another one is.
    plugin.calls();
    pool.configured(&addr(), &config).await.unwrap();
    assert!(plugin.calls().is_empty());
    pool.configured(&addr(), &Value::object([("url", Value::from("y"))])).await.unwrap();
    // Without the optional-schema capability each connection is asked for the schema first.
    assert_eq!(plugin.calls(), ["GetProviderSchema", "ConfigureProvider"]);
}

#[tokio::test]
async fn validation_is_remembered_when_it_is_clean() {
    let (plugin, pool, _directory) = setup();
    plugin.on("ValidateResourceConfig", |request: proto::ValidateRequest| {
        let config = msgpack::decode(&request.config.unwrap().msgpack, &thing_type()).unwrap();
        let diagnostic = proto::Diagnostic { severity: 2, summary: "Hm".into(), ..Default::default() };
        let diagnostics =
            if config.get_attr("id") == Some("odd".into()) { vec![diagnostic] } else { Vec::new() };
        Ok(proto::DiagnosticsOnly { diagnostics }.encode_to_vec())
    });
    let provider = pool.unconfigured(&addr()).await.unwrap();
    plugin.calls();
    for _ in 0..2 {
        assert_eq!(provider.validate_resource_config("x_thing", &thing("even".into())).await.unwrap(), []);
    }
    assert_eq!(plugin.calls(), ["ValidateResourceConfig"]);
    for _ in 0..2 {
        let diags = provider.validate_resource_config("x_thing", &thing("odd".into())).await.unwrap();
        assert_eq!(diags.len(), 1);
    }
    assert_eq!(plugin.calls().len(), 2);
}

#[tokio::test]
async fn upgrade_import_move_and_data() {
    let (plugin, pool, _directory) = setup();
    plugin.on("UpgradeResourceState", |request: proto::UpgradeStateRequest| {
        assert_eq!((request.version, &request.raw_state.unwrap().json[..]), (0, &b"{}"[..]));
        // The old way of values, as JSON.
        let json = (&br#"{"id":"up","items":null}"#[..]).into();
        let upgraded_state = Some(DynamicValue { json, ..Default::default() });
        Ok(proto::UpgradeStateResponse { upgraded_state, ..Default::default() }.encode_to_vec())
    });
    plugin.on("UpgradeResourceIdentity", |request: proto::UpgradeIdentityRequest| {
        assert_eq!(request.version, 1);
        let response =
            proto::UpgradeIdentityResponse { upgraded_identity: identity_data("new"), ..Default::default() };
        Ok(response.encode_to_vec())
    });
    plugin.on("ImportResourceState", |request: proto::ImportRequest| {
        let by = if request.identity == identity_data("i") { "identity" } else { "id" };
        let item = proto::ImportedResource {
            type_name: "x_thing".into(),
            state: dynamic(&thing(by.into()), &thing_type()),
            private: (&b"p"[..]).into(),
            identity: None,
        };
        Ok(proto::ImportResponse { imported_resources: vec![item], ..Default::default() }.encode_to_vec())
    });
    plugin.on("MoveResourceState", |request: proto::MoveRequest| {
        assert_eq!(request.source_provider_address, "example.com/other/other");
        assert_eq!((request.source_schema_version, &request.source_private[..]), (7, &b"p"[..]));
        assert_eq!(
            (request.source_identity.unwrap().json, request.source_identity_schema_version),
            (b"{}"[..].into(), 3)
        );
        let response = proto::MoveResponse {
            target_state: dynamic(&thing("moved".into()), &thing_type()),
            target_identity: identity_data("new"),
            ..Default::default()
        };
        Ok(response.encode_to_vec())
    });
    // A value without any bytes stands for null.
    plugin.on("ReadDataSource", |_: proto::ReadDataRequest| {
        let state = Some(DynamicValue::default());
        Ok(proto::ReadDataResponse { state, ..Default::default() }.encode_to_vec())
    });
    let provider = pool.unconfigured(&addr()).await.unwrap();
    let (state, _) = provider.upgrade_resource_state("x_thing", 0, b"{}").await.unwrap();
    assert_eq!(state.unwrap().get_attr("id"), Some("up".into()));
    let (upgraded, _) = provider.upgrade_resource_identity("x_thing", 1, b"{}").await.unwrap();
    assert_eq!(upgraded, Some(identity("new")));
    for (id, by) in [(ImportId::Id("x"), "id"), (ImportId::Identity(&identity("i")), "identity")] {
        let (imported, _) = provider.import_resource_state("x_thing", id).await.unwrap();
        assert_eq!((&imported[0].state, &*imported[0].private), (&thing(by.into()), &b"p"[..]));
    }
    let request = MoveRequest {
        source_provider: "example.com/other/other",
        source_type: "other_thing",
        source_schema_version: 7,
        source_state: b"{}",
        source_private: Private::from(&b"p"[..]),
        source_identity: Some((3, b"{}")),
        target_type: "x_thing",
    };
    let (moved, _) = provider.move_resource_state(request).await.unwrap();
    let moved = moved.unwrap();
    assert_eq!((moved.value, moved.identity), (thing("moved".into()), Some(identity("new"))));
    let (data, _) = provider.read_data_source("x_thing", &thing("d".into()), &no_meta()).await.unwrap();
    assert_eq!(data, Some(Value::null(thing_type())));
}

#[tokio::test]
async fn functions_and_ephemeral_resources() {
    let (plugin, pool, _directory) = setup();
    plugin.on("CallFunction", |request: proto::CallFunctionRequest| {
        let texts: Vec<String> = request
            .arguments
            .iter()
            .map(|value| msgpack::decode(&value.msgpack, &Type::String).unwrap().as_str().unwrap().to_owned())
            .collect();
        let text = texts.join("+");
        let error =
            (text == "bad").then(|| proto::FunctionError { text: "no".into(), function_argument: Some(0) });
        let result = dynamic(&text.into(), &Type::String);
        Ok(proto::CallFunctionResponse { result, error }.encode_to_vec())
    });
    plugin.on("OpenEphemeralResource", |_: proto::OpenEphemeralRequest| {
        let response = proto::OpenEphemeralResponse {
            result: dynamic(&thing("open".into()), &thing_type()),
            renew_at: Some(proto::Timestamp { seconds: 5, nanos: 6_000_000 }),
            private: Some((&b"p"[..]).into()),
            ..Default::default()
        };
        Ok(response.encode_to_vec())
    });
    plugin.on("RenewEphemeralResource", |request: proto::EphemeralHandleRequest| {
        assert_eq!(request.private.unwrap(), &b"p"[..]);
        Ok(proto::RenewEphemeralResponse::default().encode_to_vec())
    });
    plugin.on("CloseEphemeralResource", |_: proto::EphemeralHandleRequest| Ok(Vec::new()));
    let provider = pool.unconfigured(&addr()).await.unwrap();
    let call = async |args: &[Value]| provider.call_function("join", args).await.unwrap();
    assert_eq!(call(&["a".into(), "b".into(), "c".into()]).await, Ok("a+b+c".into()));
    assert_eq!(call(&["bad".into()]).await, Err((Some(0), "no".into())));
    let error = provider.call_function("nothing", &[]).await.unwrap_err();
    assert!(error.to_string().contains("has no function \"nothing\""), "{error}");
    let opened = provider.open_ephemeral("x_thing", &thing("e".into())).await.unwrap();
    assert_eq!((opened.renew_at_ms, opened.result), (5006, Some(thing("open".into()))));
    let renewed = provider.renew_ephemeral("x_thing", opened.private).await.unwrap();
    assert_eq!((renewed.renew_at_ms, &*renewed.private), (0, &b"p"[..]));
    assert_eq!(provider.close_ephemeral("x_thing", renewed.private).await.unwrap(), []);
}

#[tokio::test]
async fn failures_name_the_call() {
    let (plugin, pool, _directory) = setup();
    let provider = pool.unconfigured(&addr()).await.unwrap();
    let read = async |provider: &Arc<dyn Provider>| -> ProviderError {
        let state = thing("x".into());
        provider.read_resource("x_thing", &state, Private::default(), &no_meta(), None).await.unwrap_err()
    };
    let error = read(&provider).await;
    assert_eq!(
        error.to_string(),
        "provider example.com/test/fake failed ReadResource: not here (Unimplemented)"
    );
    plugin.on("ReadResource", |_: proto::ReadResourceRequest| {
        let new_state = Some(DynamicValue { msgpack: Bytes::from_static(&[0xc1]), ..Default::default() });
        Ok(proto::ReadResourceResponse { new_state, ..Default::default() }.encode_to_vec())
    });
    assert!(matches!(read(&provider).await.cause, ProviderFailure::Value(_)));
    plugin.on("ReadResource", |_: proto::ReadResourceRequest| Ok(vec![0xff]));
    assert!(read(&provider).await.to_string().contains("cannot be decoded"));
    let error = provider.validate_resource_config("x_other", &Value::empty_object()).await.unwrap_err();
    assert!(error.to_string().contains("has no resource type \"x_other\""), "{error}");
    let odd = Value::object(Fields::new());
    assert!(provider.validate_resource_config("x_thing", &odd).await.is_err());
    // A call that is dropped does not block the next one.
    let state = thing("x".into());
    let meta = no_meta();
    let call = provider.read_resource("x_thing", &state, Private::default(), &meta, None);
    assert!(tokio::time::timeout(Duration::from_millis(50), call).await.is_err());
    plugin.on("StopProvider", |_: proto::Empty| {
        Ok(proto::StopResponse { error: "will not".into() }.encode_to_vec())
    });
    assert!(provider.stop().await.unwrap_err().to_string().contains("will not"));
    let unknown = ProviderAddr::implied("nothing");
    assert!(pool.schemas(&unknown).await.err().unwrap().to_string().contains("not installed"));
}
