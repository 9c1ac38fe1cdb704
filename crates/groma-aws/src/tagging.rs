//! Which resources have a tag (Resource Groups Tagging API).

use crate::{AwsError, Caller};
use serde_json::json;
use std::collections::BTreeMap;

/// A resource that has, or had, tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Its ARN.
    pub arn: String,
    /// All of its tags.
    pub tags: BTreeMap<String, String>,
}

/// The resources of the caller's region with a tag of exactly this value, sorted by ARN. Some that were deleted in
/// the last minutes may be among them; global ones (of IAM, CloudFront, Route 53) are only in `us-east-1`, if at all.
pub fn resources_with_tag(caller: &Caller, key: &str, value: &str) -> Result<Vec<Resource>, AwsError> {
    resources_with_tags(caller, &[(key, value)])
}

/// As [`resources_with_tag`], with all of some tags.
pub fn resources_with_tags(caller: &Caller, tags: &[(&str, &str)]) -> Result<Vec<Resource>, AwsError> {
    let filters: Vec<_> = tags.iter().map(|(key, value)| json!({ "Key": key, "Values": [value] })).collect();
    let mut request = json!({ "TagFilters": filters, "ResourcesPerPage": 100 });
    let mut out = Vec::new();
    loop {
        let answer =
            caller.call_json("tagging", "ResourceGroupsTaggingAPI_20170126.GetResources", &request)?;
        let Some(page) = answer["ResourceTagMappingList"].as_array() else {
            let missing = "the answer has no ResourceTagMappingList";
            return Err(caller.malformed("tagging", "GetResources", missing));
        };
        for resource in page {
            let text = |v: &serde_json::Value| v.as_str().unwrap_or_default().to_owned();
            let tags = resource["Tags"].as_array().into_iter().flatten();
            let tags = tags.map(|t| (text(&t["Key"]), text(&t["Value"]))).collect();
            out.push(Resource { arn: text(&resource["ResourceARN"]), tags });
        }
        match answer["PaginationToken"].as_str() {
            Some(token) if !token.is_empty() => request["PaginationToken"] = token.into(),
            _ => break,
        }
    }
    out.sort_by(|a, b| a.arn.cmp(&b.arn));
    out.dedup();
    Ok(out)
}
