//! Parameters (SSM Parameter Store).

use crate::{AwsError, Caller, Cause};
use serde_json::json;
use std::fmt;

/// A parameter and its value.
#[derive(Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name: `/app/prod/url`.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Its value, decrypted.
    pub value: String,
    /// Whether it is kept encrypted (`SecureString`).
    pub secure: bool,
    /// How often it was written.
    pub version: u64,
}

/// Without a value that is kept encrypted.
impl fmt::Debug for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Parameter");
        out.field("name", &self.name).field("version", &self.version);
        if !self.secure {
            out.field("value", &self.value);
        }
        out.finish_non_exhaustive()
    }
}

/// How a parameter is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Put<'a> {
    /// Encrypted, with the account's key for parameters.
    pub secure: bool,
    /// Only if there is none of the name (else the error's code is `ParameterAlreadyExists`).
    pub new: bool,
    /// Said of it in the console.
    pub description: Option<&'a str>,
}

/// A parameter, decrypted; `None` if there is none of the name.
pub fn get_parameter(caller: &Caller, name: &str) -> Result<Option<Parameter>, AwsError> {
    let body = json!({ "Name": name, "WithDecryption": true });
    let answer = match caller.call_json("ssm", "AmazonSSM.GetParameter", &body) {
        Err(e) if e.code == "ParameterNotFound" => return Ok(None),
        other => other?,
    };
    let p = &answer["Parameter"];
    let (Some(value), Some(version)) = (p["Value"].as_str(), p["Version"].as_u64()) else {
        return Err(caller.malformed("ssm", "GetParameter", "the answer has no value or no version"));
    };
    let text = |name: &str| p[name].as_str().unwrap_or_default().to_owned();
    Ok(Some(Parameter {
        name: text("Name"),
        arn: text("ARN"),
        value: value.to_owned(),
        secure: p["Type"] == "SecureString",
        version,
    }))
}

/// Writes a parameter and gives its version. AWS refuses empty values and those of more than 8 KiB; one of more than
/// 4 KiB gets the `Advanced` tier, which costs.
pub fn put_parameter(caller: &Caller, name: &str, value: &str, how: Put<'_>) -> Result<u64, AwsError> {
    let mut body = json!({
        "Name": name,
        "Value": value,
        "Type": if how.secure { "SecureString" } else { "String" },
        "Overwrite": !how.new,
        // The standard tier where it is enough; naming that one would be refused for a parameter that outgrew it.
        "Tier": "Intelligent-Tiering",
    });
    if let Some(text) = how.description {
        body["Description"] = text.into();
    }
    let answer = caller.call_json("ssm", "AmazonSSM.PutParameter", &body)?;
    answer["Version"]
        .as_u64()
        .ok_or_else(|| caller.malformed("ssm", "PutParameter", "the answer has no version"))
}

/// Deletes a parameter; whether there was one.
pub fn delete_parameter(caller: &Caller, name: &str) -> Result<bool, AwsError> {
    match caller.call_json("ssm", "AmazonSSM.DeleteParameter", &json!({ "Name": name })) {
        Ok(_) => Ok(true),
        Err(e) if e.cause == Cause::NotFound => Ok(false),
        Err(e) => Err(e),
    }
}
