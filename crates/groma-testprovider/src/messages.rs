//! The answer about schemas, which the provider crate reads field by field, as messages.

use groma_provider::proto::{self, v6};
use prost::Message;
use std::collections::HashMap;

#[derive(Clone, PartialEq, Message)]
pub(crate) struct ActionSchema {
    #[prost(message, optional, tag = "1")]
    pub schema: Option<v6::Schema>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct SchemaResponse {
    #[prost(message, optional, tag = "1")]
    pub provider: Option<v6::Schema>,
    #[prost(map = "string, message", tag = "2")]
    pub resources: HashMap<String, v6::Schema>,
    #[prost(map = "string, message", tag = "3")]
    pub data_sources: HashMap<String, v6::Schema>,
    #[prost(message, optional, tag = "5")]
    pub provider_meta: Option<v6::Schema>,
    #[prost(message, optional, tag = "6")]
    pub capabilities: Option<proto::ServerCapabilities>,
    #[prost(map = "string, message", tag = "8")]
    pub ephemerals: HashMap<String, v6::Schema>,
    #[prost(map = "string, message", tag = "9")]
    pub lists: HashMap<String, v6::Schema>,
    #[prost(map = "string, message", tag = "11")]
    pub actions: HashMap<String, ActionSchema>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct IdentityResponse {
    #[prost(map = "string, message", tag = "1")]
    pub identity_schemas: HashMap<String, proto::ResourceIdentitySchema>,
}

/// What an attribute may be given.
#[derive(Clone, Copy)]
pub(crate) enum Given {
    Required,
    Optional,
    Computed,
}

pub(crate) fn attribute(name: &str, ty: &str, given: Given) -> v6::Attribute {
    v6::Attribute {
        name: name.to_owned(),
        r#type: format!("{ty:?}").into(),
        required: matches!(given, Given::Required),
        optional: matches!(given, Given::Optional),
        computed: matches!(given, Given::Computed),
        ..Default::default()
    }
}

pub(crate) fn schema(attributes: &[(&str, &str, Given)]) -> v6::Schema {
    let attributes = attributes.iter().map(|(name, ty, given)| attribute(name, ty, *given)).collect();
    v6::Schema { version: 0, block: Some(v6::Block { attributes, ..Default::default() }) }
}
