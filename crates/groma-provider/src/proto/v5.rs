//! Protocol 5: the schema messages (attributes have plain types only) and the method names.

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
    #[prost(bool, tag = "10")]
    pub write_only: bool,
    #[prost(string, tag = "11")]
    pub deprecation_message: String,
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
        Method::GetProviderSchema => "/tfplugin5.Provider/GetSchema",
        Method::GetResourceIdentitySchemas => "/tfplugin5.Provider/GetResourceIdentitySchemas",
        Method::ValidateProviderConfig => "/tfplugin5.Provider/PrepareProviderConfig",
        Method::ValidateResourceConfig => "/tfplugin5.Provider/ValidateResourceTypeConfig",
        Method::ValidateDataConfig => "/tfplugin5.Provider/ValidateDataSourceConfig",
        Method::ValidateEphemeralConfig => "/tfplugin5.Provider/ValidateEphemeralResourceConfig",
        Method::UpgradeResourceState => "/tfplugin5.Provider/UpgradeResourceState",
        Method::UpgradeResourceIdentity => "/tfplugin5.Provider/UpgradeResourceIdentity",
        Method::Configure => "/tfplugin5.Provider/Configure",
        Method::ReadResource => "/tfplugin5.Provider/ReadResource",
        Method::PlanResourceChange => "/tfplugin5.Provider/PlanResourceChange",
        Method::ApplyResourceChange => "/tfplugin5.Provider/ApplyResourceChange",
        Method::ImportResourceState => "/tfplugin5.Provider/ImportResourceState",
        Method::MoveResourceState => "/tfplugin5.Provider/MoveResourceState",
        Method::ReadDataSource => "/tfplugin5.Provider/ReadDataSource",
        Method::OpenEphemeral => "/tfplugin5.Provider/OpenEphemeralResource",
        Method::RenewEphemeral => "/tfplugin5.Provider/RenewEphemeralResource",
        Method::CloseEphemeral => "/tfplugin5.Provider/CloseEphemeralResource",
        Method::CallFunction => "/tfplugin5.Provider/CallFunction",
        Method::ValidateListConfig => "/tfplugin5.Provider/ValidateListResourceConfig",
        Method::ListResource => "/tfplugin5.Provider/ListResource",
        Method::ValidateActionConfig => "/tfplugin5.Provider/ValidateActionConfig",
        Method::PlanAction => "/tfplugin5.Provider/PlanAction",
        Method::InvokeAction => "/tfplugin5.Provider/InvokeAction",
        Method::Stop => "/tfplugin5.Provider/Stop",
    }
}
