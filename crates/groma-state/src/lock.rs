//! Who holds a lock.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What is stored with a lock, in the JSON form that Terraform writes and reads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct LockInfo {
    /// Identifies the lock; what `force-unlock` takes.
    #[serde(rename = "ID")]
    pub id: String,
    /// What runs: `OperationTypeApply`.
    pub operation: String,
    /// Anything else worth knowing.
    pub info: String,
    /// `user@host`
    pub who: String,
    /// The version of the program.
    pub version: String,
    /// When, in UTC.
    pub created: Timestamp,
    /// Which state, in the backend's own terms.
    pub path: String,
}

/// A point in time, printed as Go prints it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Timestamp(pub jiff::Timestamp);

impl Timestamp {
    /// Now.
    pub fn now() -> Timestamp {
        Timestamp(jiff::Timestamp::now())
    }
}

impl Default for Timestamp {
    /// Go's zero time: the start of the year 1.
    fn default() -> Timestamp {
        Timestamp(jiff::Timestamp::from_second(-62_135_596_800).unwrap_or_default())
    }
}

impl From<Timestamp> for String {
    fn from(t: Timestamp) -> String {
        t.0.to_string()
    }
}

impl TryFrom<String> for Timestamp {
    type Error = jiff::Error;
    fn try_from(s: String) -> Result<Timestamp, jiff::Error> {
        s.parse().map(Timestamp)
    }
}

/// `2025-01-31 12:00:00.123456789 +0000 UTC`
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string();
        let text = text.trim_end_matches('Z').replacen('T', " ", 1);
        write!(f, "{text} +0000 UTC")
    }
}

impl LockInfo {
    /// A new lock with a random ID, taken now. `who` is `user@host`.
    pub fn new(operation: &str, who: &str) -> LockInfo {
        LockInfo {
            id: uuid::Uuid::new_v4().to_string(),
            operation: operation.into(),
            who: who.into(),
            version: crate::TERRAFORM_VERSION.into(),
            created: Timestamp::now(),
            ..LockInfo::default()
        }
    }
    /// The JSON text, as stored.
    pub fn to_json(&self) -> String {
        // Strings and a time: there is nothing that could fail.
        serde_json::to_string(self).unwrap_or_default()
    }
    /// Reads the JSON text.
    pub fn from_json(text: &[u8]) -> Result<LockInfo, serde_json::Error> {
        serde_json::from_slice(text)
    }
}

/// The block that follows an error message.
impl fmt::Display for LockInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Lock Info:")?;
        writeln!(f, "  ID:        {}", self.id)?;
        writeln!(f, "  Path:      {}", self.path)?;
        writeln!(f, "  Operation: {}", self.operation)?;
        writeln!(f, "  Who:       {}", self.who)?;
        writeln!(f, "  Version:   {}", self.version)?;
        writeln!(f, "  Created:   {}", self.created)?;
        writeln!(f, "  Info:      {}", self.info)
    }
}

/// A lock that could not be taken or released.
#[derive(Clone, Debug)]
pub struct LockConflict {
    /// The reason.
    pub message: String,
    /// The lock that is in the way, where it can be read.
    pub holder: Option<LockInfo>,
    /// Whether waiting may help: somebody holds the lock.
    pub retriable: bool,
}

impl fmt::Display for LockConflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.holder {
            Some(i) => write!(f, "\n{i}"),
            None => Ok(()),
        }
    }
}
