//! The configurations of backends.
//!
//! The attributes must be exactly Terraform's, unsupported ones included: the hash
//! that `.terraform/terraform.tfstate` keeps is over all of them.

use groma_value::schema::{Attribute, Block, NestedObject, Nesting};
use groma_value::{Name, Type};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The types of backends that [`super::open_backend`] opens.
pub const BACKEND_TYPES: &[&str] = &["http", "local", "s3"];

/// The schema of a type's configuration; `None` for an unknown type.
pub fn backend_schema(ty: &str) -> Option<Block> {
    match ty {
        "local" => Some(Block::of_attributes(texts(&["path", "workspace_dir"]))),
        "http" => Some(http()),
        "s3" => Some(s3()),
        _ => None,
    }
}

fn all<'a>(names: &'a [&str], ty: Type) -> impl Iterator<Item = (Name, Attribute)> + use<'a> {
    names.iter().map(move |n| (Name::from(*n), Attribute::optional(ty.clone())))
}

fn texts<'a>(names: &'a [&str]) -> impl Iterator<Item = (Name, Attribute)> + use<'a> {
    all(names, Type::String)
}

fn http() -> Block {
    let mut attributes: BTreeMap<Name, Attribute> = texts(&[
        // Required, but it may come from the environment.
        "address",
        "client_ca_certificate_pem",
        "client_certificate_pem",
        "lock_address",
        "lock_method",
        "unlock_address",
        "unlock_method",
        "update_method",
        "username",
    ])
    .collect();
    for secret in ["client_private_key_pem", "password"] {
        attributes.insert(secret.into(), Attribute { sensitive: true, ..Attribute::optional(Type::String) });
    }
    attributes.extend(all(&["retry_max", "retry_wait_max", "retry_wait_min"], Type::Number));
    attributes.extend(all(&["skip_cert_verification"], Type::Bool));
    Block::of_attributes(attributes)
}

fn s3() -> Block {
    let strings = Type::set(Type::String);
    let mut attributes: BTreeMap<Name, Attribute> = texts(&[
        "acl",
        "custom_ca_bundle",
        "dynamodb_endpoint",
        "dynamodb_table",
        "ec2_metadata_service_endpoint",
        "ec2_metadata_service_endpoint_mode",
        "endpoint",
        "http_proxy",
        "https_proxy",
        "iam_endpoint",
        "kms_key_id",
        "no_proxy",
        "profile",
        // Required, but it may come from the environment.
        "region",
        "retry_mode",
        "shared_credentials_file",
        "sts_endpoint",
        "sts_region",
        "workspace_key_prefix",
    ])
    .collect();
    for required in ["bucket", "key"] {
        attributes.insert(required.into(), Attribute::required(Type::String));
    }
    for secret in ["access_key", "secret_key", "sse_customer_key", "token"] {
        attributes.insert(secret.into(), Attribute { sensitive: true, ..Attribute::optional(Type::String) });
    }
    attributes.extend(all(
        &[
            "encrypt",
            "force_path_style",
            "insecure",
            "skip_credentials_validation",
            "skip_metadata_api_check",
            "skip_region_validation",
            "skip_requesting_account_id",
            "skip_s3_checksum",
            "use_dualstack_endpoint",
            "use_fips_endpoint",
            "use_lockfile",
            "use_path_style",
        ],
        Type::Bool,
    ));
    attributes.extend(all(&["max_retries"], Type::Number));
    attributes.extend(all(
        &["allowed_account_ids", "forbidden_account_ids", "shared_config_files", "shared_credentials_files"],
        strings.clone(),
    ));
    attributes.insert("endpoints".into(), nested(texts(&["dynamodb", "iam", "s3", "sso", "sts"])));
    let role = |more: &[&str]| -> BTreeMap<Name, Attribute> {
        let mut a: BTreeMap<Name, Attribute> = texts(&["duration", "policy", "session_name"]).collect();
        a.extend(texts(more));
        a.insert("role_arn".into(), Attribute::required(Type::String));
        a.extend(all(&["policy_arns"], strings.clone()));
        a
    };
    let mut assume = role(&["external_id", "source_identity"]);
    assume.extend(all(&["transitive_tag_keys"], strings.clone()));
    assume.extend(all(&["tags"], Type::map(Type::String)));
    attributes.insert("assume_role".into(), nested(assume));
    let web = role(&["web_identity_token", "web_identity_token_file"]);
    attributes.insert("assume_role_with_web_identity".into(), nested(web));
    Block::of_attributes(attributes)
}

/// An attribute that is an object.
fn nested(attributes: impl IntoIterator<Item = (Name, Attribute)>) -> Attribute {
    let nested = NestedObject { attributes: attributes.into_iter().collect(), nesting: Nesting::Single };
    Attribute { ty: nested.implied_type(), nested: Some(Arc::new(nested)), ..Attribute::optional(Type::Bool) }
}
