//! The provider's configuration: which account and region it works in, and its default tags.

use std::collections::BTreeMap;

use groma_provider::{Diags, ProviderDiagnostic};
use groma_value::schema::Block;
use groma_value::{Path, Value};

use crate::Settings;
use crate::apply::Change;
use crate::fill::Place;

/// A configuration of the provider.
pub(crate) struct Config {
    pub place: Place,
    /// Merged into the tags of all objects; a value may be unknown.
    pub default_tags: BTreeMap<String, Value>,
}

fn part(v: &Value, name: &str) -> Value {
    v.get_attr(name).unwrap_or_else(Value::dynamic)
}

fn first_block(v: &Value, name: &str) -> Option<Value> {
    part(v, name).as_elements()?.first().cloned()
}

fn texts(v: &Value) -> Vec<String> {
    v.as_elements().unwrap_or_default().iter().filter_map(|v| v.as_str().map(str::to_owned)).collect()
}

impl Config {
    /// What holds before any configuration.
    pub fn unconfigured(settings: &Settings) -> Config {
        let place = Place { account: settings.account.clone(), region: settings.region.clone() };
        Config { place, default_tags: BTreeMap::new() }
    }

    /// Reads a configuration. A role that is assumed says the account.
    pub fn new(settings: &Settings, config: &Value) -> (Config, Diags) {
        let mut out = Config::unconfigured(settings);
        let mut diags = validate(config);
        if let Some(region) = part(config, "region").as_str() {
            out.place.region = region.to_owned();
        }
        for block in ["assume_role", "assume_role_with_web_identity"] {
            for role in part(config, block).as_elements().unwrap_or_default() {
                if let Some(account) = part(role, "role_arn").as_str().and_then(account_of) {
                    out.place.account = account.to_owned();
                }
            }
        }
        let (allowed, forbidden) =
            (texts(&part(config, "allowed_account_ids")), texts(&part(config, "forbidden_account_ids")));
        let account = &out.place.account;
        if !allowed.is_empty() && !allowed.contains(account) || forbidden.contains(account) {
            diags.push(ProviderDiagnostic::error(format!("AWS account ID not allowed: {account}"), ""));
        }
        if let Some(tags) = first_block(config, "default_tags")
            && let Some(fields) = part(&tags, "tags").as_fields()
        {
            out.default_tags = fields.iter().map(|(k, v)| (k.to_string(), v.clone())).collect();
        }
        (out, diags)
    }

    /// An operation on an object of a type with this configuration.
    pub fn change<'a>(&'a self, ty: &'a str, block: &'a Block) -> Change<'a> {
        Change { place: &self.place, ty, block, default_tags: &self.default_tags }
    }
}

fn account_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(4).filter(|account| !account.is_empty())
}

/// Checks a configuration without using it.
pub(crate) fn validate(config: &Value) -> Diags {
    let mut out = Vec::new();
    let mut wrong = |path: Path, summary: String, detail: String| {
        out.push(ProviderDiagnostic { path: Some(path), ..ProviderDiagnostic::error(summary, detail) });
    };
    let region = part(config, "region");
    if let Some(region) = region.as_str()
        && !is_region(region)
    {
        wrong(
            Path::new().attr("region"),
            format!("Invalid region value: {region}"),
            "A region is written like eu-west-1.".into(),
        );
    }
    for name in ["allowed_account_ids", "forbidden_account_ids"] {
        for account in texts(&part(config, name)) {
            if account.len() != 12 || !account.bytes().all(|b| b.is_ascii_digit()) {
                wrong(
                    Path::new().attr(name),
                    format!("Invalid account ID: {account}"),
                    "An account ID has 12 digits.".into(),
                );
            }
        }
    }
    for (i, role) in part(config, "assume_role").as_elements().unwrap_or_default().iter().enumerate() {
        let arn = part(role, "role_arn");
        if let Some(arn) = arn.as_str()
            && (!arn.starts_with("arn:") || account_of(arn).is_none())
        {
            let path = Path::new().attr("assume_role").index(Value::int(i as i64)).attr("role_arn");
            wrong(
                path,
                format!("\"assume_role.{i}.role_arn\" ({arn}) is an invalid ARN"),
                "The ARN of a role is written like arn:aws:iam::123456789012:role/name.".into(),
            );
        }
    }
    out
}

/// Whether a text has the form of a region: `eu-west-1`, `us-gov-east-1`.
pub(crate) fn is_region(text: &str) -> bool {
    let mut parts: Vec<&str> = text.split('-').collect();
    let number = parts.pop().unwrap_or_default();
    parts.len() >= 2
        && !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_digit())
        && parts.iter().all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_lowercase()))
}
