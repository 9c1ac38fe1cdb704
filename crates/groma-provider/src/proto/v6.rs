//! Protocol 6: the schema messages (attributes may hold nested attributes) and the method names.

use bytes::Bytes;
use prost::Message;

use super::Method;

#[derive(Clone, PartialEq, Message)]
pub struct Schema {
    #[prost(int64, tag = "1")]
    pub version: i64,
    #[prost(message, optional, tag = "2")]
    pub block: Option<Block>,
}

#[derive(Clone, PartialEq, Message)]
pub struct Block {
    #[prost(int64, tag = "1")]
    pub version: i64,
    #[prost(message, repeated, tag = "2")]
    pub attributes: Vec<Attribute>,
    #[prost(message, repeated, tag = "3")]
    pub block_types: Vec<NestedBlock>,
    #[prost(string, tag = "4")]
    pub description: String,
    #[prost(int32, tag = "5")]
    pub description_kind: i32,
    #[prost(bool, tag = "6")]
    pub deprecated: bool,
    #[prost(string, tag = "7")]
    pub deprecation_message: String,
}

#[derive(Clone, PartialEq, Message)]
pub struct Attribute {
    #[prost(string, tag = "1")]
    pub name: String,
    /// The type as JSON, for example `["list","string"]`.
    #[prost(bytes = "bytes", tag = "2")]
    pub r#type: Bytes,
    #[prost(string, tag = "3")]
    pub description: String,
    #[prost(bool, tag = "4")]
    pub required: bool,
    #[prost(bool, tag = "5")]
    pub optional: bool,
    #[prost(bool, tag = "6")]
    pub computed: bool,
    #[prost(bool, tag = "7")]
    pub sensitive: bool,
    #[prost(int32, tag = "8")]
    pub description_kind: i32,
    #[prost(bool, tag = "9")]
    pub deprecated: bool,
    #[prost(message, optional, tag = "10")]
    pub nested_type: Option<Object>,
    #[prost(bool, tag = "11")]
    pub write_only: bool,
    #[prost(string, tag = "12")]
    pub deprecation_message: String,
}

/// The type of an attribute that has attributes of its own.
#[derive(Clone, PartialEq, Message)]
pub struct Object {
    #[prost(message, repeated, tag = "1")]
    pub attributes: Vec<Attribute>,
    /// 1 single, 2 list, 3 set, 4 map.
    #[prost(int32, tag = "3")]
    pub nesting: i32,
}

#[derive(Clone, PartialEq, Message)]
pub struct NestedBlock {
    #[prost(string, tag = "1")]
    pub type_name: String,
    #[prost(message, optional, tag = "2")]
    pub block: Option<Block>,
    /// 1 single, 2 list, 3 set, 4 map, 5 group.
    #[prost(int32, tag = "3")]
    pub nesting: i32,
    #[prost(int64, tag = "4")]
    pub min_items: i64,
    #[prost(int64, tag = "5")]
    pub max_items: i64,
}

/// The gRPC path of a method.
pub fn path(method: Method) -> &'static str {
    match method {
        Method::GetProviderSchema => "/tfplugin6.Provider/GetProviderSchema",
        Method::GetResourceIdentitySchemas => "/tfplugin6.Provider/GetResourceIdentitySchemas",
        Method::ValidateProviderConfig => "/tfplugin6.Provider/ValidateProviderConfig",
        Method::ValidateResourceConfig => "/tfplugin6.Provider/ValidateResourceConfig",
        Method::ValidateDataConfig => "/tfplugin6.Provider/ValidateDataResourceConfig",
        Method::ValidateEphemeralConfig => "/tfplugin6.Provider/ValidateEphemeralResourceConfig",
        Method::UpgradeResourceState => "/tfplugin6.Provider/UpgradeResourceState",
        Method::UpgradeResourceIdentity => "/tfplugin6.Provider/UpgradeResourceIdentity",
        Method::Configure => "/tfplugin6.Provider/ConfigureProvider",
        Method::ReadResource => "/tfplugin6.Provider/ReadResource",
        Method::PlanResourceChange => "/tfplugin6.Provider/PlanResourceChange",
        Method::ApplyResourceChange => "/tfplugin6.Provider/ApplyResourceChange",
        Method::ImportResourceState => "/tfplugin6.Provider/ImportResourceState",
        Method::MoveResourceState => "/tfplugin6.Provider/MoveResourceState",
        Method::ReadDataSource => "/tfplugin6.Provider/ReadDataSource",
        Method::OpenEphemeral => "/tfplugin6.Provider/OpenEphemeralResource",
        Method::RenewEphemeral => "/tfplugin6.Provider/RenewEphemeralResource",
        Method::CloseEphemeral => "/tfplugin6.Provider/CloseEphemeralResource",
        Method::CallFunction => "/tfplugin6.Provider/CallFunction",
        Method::ValidateListConfig => "/tfplugin6.Provider/ValidateListResourceConfig",
        Method::ListResource => "/tfplugin6.Provider/ListResource",
        Method::ValidateActionConfig => "/tfplugin6.Provider/ValidateActionConfig",
        Method::PlanAction => "/tfplugin6.Provider/PlanAction",
        Method::InvokeAction => "/tfplugin6.Provider/InvokeAction",
        Method::Stop => "/tfplugin6.Provider/StopProvider",
    }
}
