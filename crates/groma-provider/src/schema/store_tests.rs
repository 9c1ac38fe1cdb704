use std::collections::HashMap;

use super::*;
use crate::proto::{Function, ResourceIdentitySchema, Return, v5};

/// A message as GetProviderSchema.Response lays it out.
#[derive(Clone, PartialEq, Message)]
struct SchemaResponse {
    #[prost(message, optional, tag = "1")]
    provider: Option<v5::Schema>,
    #[prost(map = "string, message", tag = "2")]
    resources: HashMap<String, v5::Schema>,
    #[prost(map = "string, message", tag = "3")]
    data_sources: HashMap<String, v5::Schema>,
    #[prost(message, repeated, tag = "4")]
    diagnostics: Vec<Diagnostic>,
    #[prost(message, optional, tag = "6")]
    capabilities: Option<ServerCapabilities>,
}

#[derive(Clone, PartialEq, Message)]
struct IdentityResponse {
    #[prost(map = "string, message", tag = "1")]
    identity_schemas: HashMap<String, ResourceIdentitySchema>,
}

#[derive(Clone, PartialEq, Message)]
struct FunctionsResponse {
    #[prost(map = "string, message", tag = "7")]
    functions: HashMap<String, Function>,
}

fn schema(attribute: &str) -> v5::Schema {
    let attribute =
        v5::Attribute { name: attribute.into(), r#type: (&b"\"string\""[..]).into(), ..Default::default() };
    let block = v5::Block { attributes: vec![attribute], ..Default::default() };
    v5::Schema { version: 1, block: Some(block) }
}

fn response() -> SchemaResponse {
    SchemaResponse {
        provider: Some(schema("region")),
        resources: [("x_b".to_owned(), schema("b")), ("x_a".to_owned(), schema("a"))].into(),
        data_sources: [("x_a".to_owned(), schema("d"))].into(),
        diagnostics: Vec::new(),
        capabilities: Some(ServerCapabilities { plan_destroy: true, ..Default::default() }),
    }
}

fn identities() -> Bytes {
    let mut message = IdentityResponse::default();
    message.identity_schemas.insert("x_a".into(), Default::default());
    message.encode_to_vec().into()
}

fn check(schemas: &StoredSchemas) {
    assert_eq!(schemas.resource_types(), ["x_a", "x_b"]);
    assert_eq!(schemas.data_source_types(), ["x_a"]);
    assert!(schemas.provider().block.attributes.contains_key("region"));
    assert!(schemas.resource("x_a").unwrap().block.attributes.contains_key("a"));
    assert!(schemas.resource("x_b").unwrap().block.attributes.contains_key("b"));
    assert!(schemas.data_source("x_a").unwrap().block.attributes.contains_key("d"));
    assert!(schemas.data_source("x_b").is_none());
    assert!(schemas.identity("x_a").is_some() && schemas.identity("x_b").is_none());
    assert!(schemas.provider_meta().is_none());
    assert!(schemas.capabilities().plan_destroy && !schemas.capabilities().schema_optional);
}

#[test]
fn the_same_from_memory_and_file() {
    let directory = tempfile::tempdir().unwrap();
    let store = SchemaStore::new(directory.path().join("deep").join("schemas"));
    assert!(store.load("h").is_none());
    let bytes = response().encode_to_vec().into();
    let schemas = StoredSchemas::build(Protocol::V5, &bytes, &identities()).unwrap();
    check(&schemas);
    store.save("h", &schemas).unwrap();
    let loaded = store.load("h").unwrap();
    check(&loaded);
    assert!(Arc::ptr_eq(&loaded.resource("x_a").unwrap(), &loaded.resource("x_a").unwrap()));
}

#[test]
fn damage_is_noticed() {
    let directory = tempfile::tempdir().unwrap();
    let store = SchemaStore::new(directory.path().to_owned());
    let bytes = response().encode_to_vec().into();
    let schemas = StoredSchemas::build(Protocol::V5, &bytes, &Bytes::new()).unwrap();
    store.save("h", &schemas).unwrap();
    let path = store.path("h");
    let good = std::fs::read(&path).unwrap();
    for length in 0..good.len() {
        std::fs::write(&path, &good[..length]).unwrap();
        assert!(store.load("h").is_none(), "{length} bytes of {} pass", good.len());
    }
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 0x10;
        std::fs::write(&path, &bad).unwrap();
        let Some(loaded) = store.load("h") else { continue };
        // What is read checks, or is not there: it is never something else.
        for (name, attribute) in [("x_a", "a"), ("x_b", "b")] {
            if let Some(schema) = loaded.resource(name) {
                assert!(schema.block.attributes.contains_key(attribute), "byte {at}");
            }
        }
    }
}

#[test]
fn errors_of_the_provider_are_errors() {
    let mut message = response();
    message.diagnostics.push(Diagnostic {
        severity: 1,
        summary: "Broken".into(),
        detail: "Oh dear.".into(),
        attribute: None,
    });
    let bytes = message.encode_to_vec().into();
    let error = StoredSchemas::build(Protocol::V5, &bytes, &Bytes::new()).err();
    assert_eq!(error, Some(BuildError::Diagnostics("Broken: Oh dear.".into())));
    let garbage = Bytes::from_static(&[0x0a, 0xff]);
    let error = StoredSchemas::build(Protocol::V5, &garbage, &Bytes::new()).err();
    assert_eq!(error, Some(BuildError::Malformed));
}

#[test]
fn functions_are_listed() {
    let mut message = FunctionsResponse::default();
    let returns = Return { r#type: (&b"\"bool\""[..]).into() };
    message.functions.insert("f".into(), Function { r#return: Some(returns), ..Default::default() });
    let bytes = message.encode_to_vec();
    let schemas = StoredSchemas::build(Protocol::V6, &bytes.into(), &Bytes::new()).unwrap();
    assert_eq!(schemas.functions().get("f").unwrap().return_type, groma_value::Type::Bool);
}
