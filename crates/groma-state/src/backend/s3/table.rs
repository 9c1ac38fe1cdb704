//! A table of DynamoDB beside the bucket, as Terraform uses one that `dynamodb_table` names: an
//! item `BUCKET/KEY` is the lock, an item `BUCKET/KEY-md5` has the checksum of the state.

use super::{Client, error, text};
use crate::error::StateError;
use crate::lock::LockInfo;
use groma_aws::{Endpoint, Refusal, Unsigned};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// What the lock and the checksum of a state are called by begins with this: `BUCKET/KEY`.
pub(super) struct Table {
    pub(super) client: Arc<Client>,
    pub(super) name: String,
    pub(super) at: Endpoint,
}

/// The attribute that is the key of each item.
const KEY: &str = "LockID";

impl Table {
    fn call(&self, action: &str, mut body: Json, what: &str) -> Result<Result<Json, Refusal>, StateError> {
        body["TableName"] = json!(self.name);
        let body = body.to_string();
        let headers = [
            ("content-type", "application/x-amz-json-1.0".to_owned()),
            ("x-amz-target", format!("DynamoDB_20120810.{action}")),
        ];
        let path = format!("{}/", self.at.base);
        let credentials = self.client.credentials()?;
        let request = Unsigned {
            method: "POST",
            scheme: &self.at.scheme,
            host: &self.at.host,
            path: &path,
            query: &[],
            headers: &headers,
            body: body.as_bytes(),
            service: "dynamodb",
            region: &self.client.region,
        };
        let sign = || request.sign(&credentials, jiff::Timestamp::now());
        let reply = self.client.web.send("POST", &request.url(), &sign, body.as_bytes()).map_err(error)?;
        if reply.status != 200 {
            return Ok(Err(Refusal::of(&reply)));
        }
        match serde_json::from_slice(&reply.body) {
            Ok(answer) => Ok(Ok(answer)),
            Err(e) => Err(error(format!("failed to {what}: the answer is unusable: {e}"))),
        }
    }

    fn failed(&self, what: &str, refusal: &Refusal) -> StateError {
        match refusal.code.as_str() {
            "ResourceNotFoundException" => error(format!(
                "failed to {what}: there is no table {:?} in {}, which dynamodb_table names. It must be there before, with the string key \"{KEY}\".",
                self.name, self.client.region
            )),
            _ => error(format!("failed to {what}: {}", text(refusal))),
        }
    }

    /// One attribute of an item, read as it is after all that was written.
    fn attribute(&self, key: &str, name: &str, what: &str) -> Result<Option<String>, StateError> {
        let body = json!({ "Key": { KEY: { "S": key } }, "ConsistentRead": true });
        let answer = self.call("GetItem", body, what)?.map_err(|r| self.failed(what, &r))?;
        Ok(answer["Item"][name]["S"].as_str().map(str::to_owned))
    }

    fn remove(&self, key: &str, what: &str) -> Result<(), StateError> {
        let answer = self.call("DeleteItem", json!({ "Key": { KEY: { "S": key } } }), what)?;
        answer.map(|_| ()).map_err(|r| self.failed(what, &r))
    }

    /// Takes the lock; the refusal if somebody has it.
    pub(super) fn lock(&self, path: &str, info: &LockInfo) -> Result<Result<(), Refusal>, StateError> {
        const WHAT: &str = "lock the state";
        let body = json!({
            "Item": { KEY: { "S": path }, "Info": { "S": info.to_json() } },
            "ConditionExpression": format!("attribute_not_exists({KEY})"),
        });
        match self.call("PutItem", body, WHAT)? {
            Ok(_) => Ok(Ok(())),
            Err(r) if r.code == "ConditionalCheckFailedException" => Ok(Err(r)),
            Err(r) => Err(self.failed(WHAT, &r)),
        }
    }

    /// Who has the lock.
    pub(super) fn holder(&self, path: &str) -> Result<Option<LockInfo>, StateError> {
        let info = self.attribute(path, "Info", "read the lock")?;
        Ok(info.and_then(|t| LockInfo::from_json(t.as_bytes()).ok()))
    }

    /// Removes the lock, whoever has it.
    pub(super) fn unlock(&self, path: &str) -> Result<(), StateError> {
        self.remove(path, "unlock the state")
    }

    /// The checksum of the state: MD5 in hexadecimal. `None` where nobody has noted one.
    pub(super) fn checksum(&self, path: &str) -> Result<Option<String>, StateError> {
        self.attribute(&format!("{path}-md5"), "Digest", "read the state's checksum")
    }

    /// Notes the checksum of a state that was just written.
    pub(super) fn note_checksum(&self, path: &str, checksum: &str) -> Result<(), StateError> {
        const WHAT: &str = "note the state's checksum";
        let body = json!({ "Item": { KEY: { "S": format!("{path}-md5") }, "Digest": { "S": checksum } } });
        self.call("PutItem", body, WHAT)?.map(|_| ()).map_err(|r| self.failed(WHAT, &r))
    }

    /// Forgets the checksum of a state that was deleted.
    pub(super) fn forget_checksum(&self, path: &str) -> Result<(), StateError> {
        self.remove(&format!("{path}-md5"), "forget the state's checksum")
    }
}
