//! `.terraform/terraform.tfstate`: which backend a working folder was initialised with.

use super::backend_schema;
use crate::error::StateError;
use crate::file::TERRAFORM_VERSION;
use crate::journal::crc32;
use crate::json_text::Writer;
use groma_value::{Value, json};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// The backend that a working folder was initialised with.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedBackend {
    /// Its type.
    pub ty: String,
    /// Its whole configuration, with what came from `-backend-config`.
    pub config: Value,
    /// [`backend_hash`] of the block in the configuration.
    pub hash: u64,
}

/// What a configuration asks for, compared with what the folder was initialised with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// The same; also neither has any.
    Same,
    /// The folder has none yet.
    New,
    /// The type is another.
    TypeChanged,
    /// The configuration is another.
    ConfigChanged,
    /// The configuration has none any more.
    Removed,
}

/// Terraform's hash of a backend block: over its type and its attributes as they
/// stand in the block, absent ones being null.
pub fn backend_hash(ty: &str, block: &Value) -> u64 {
    let whole = Value::tuple(vec![Value::string(ty), block.clone()]);
    u64::from(crc32(groma_value::set::canonical_text(&whole).as_bytes()))
}

#[derive(Deserialize)]
struct FileV3<'a> {
    #[serde(default)]
    version: u64,
    #[serde(default, borrow)]
    backend: Option<BackendV3<'a>>,
}

#[derive(Deserialize)]
struct BackendV3<'a> {
    #[serde(rename = "type", default)]
    ty: String,
    #[serde(default, borrow)]
    config: Option<&'a RawValue>,
    #[serde(default)]
    hash: u64,
}

impl SavedBackend {
    /// Reads the file; `None` where it is not there or names no backend. The
    /// configuration of a type that is not supported is decoded by what its JSON
    /// implies.
    pub fn read(path: &Path) -> Result<Option<SavedBackend>, StateError> {
        let text = match fs::read_to_string(path) {
            Ok(t) => t,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(StateError::io("read the initialised backend", path)(e)),
        };
        let bad = |what: String| {
            StateError::invalid(
                "Invalid record of the initialised backend",
                format!("{} {what}. Remove it and run init again.", path.display()),
            )
        };
        let file: FileV3<'_> =
            serde_json::from_str(&text).map_err(|e| bad(format!("cannot be understood: {e}")))?;
        if file.version > 3 {
            return Err(bad(format!("has the format version {}, which is not known", file.version)));
        }
        let Some(b) = file.backend.filter(|b| !b.ty.is_empty()) else { return Ok(None) };
        let config = b.config.map_or("{}", RawValue::get);
        let config = match backend_schema(&b.ty) {
            Some(s) => json::decode(config, s.implied_type()),
            None => json::decode_implied(config),
        };
        let config = config.map_err(|e| bad(format!("has an invalid backend configuration: {e}")))?;
        Ok(Some(SavedBackend { ty: b.ty, config, hash: b.hash }))
    }

    /// Writes the file, with its folder. `None` says that there is no backend any more.
    pub fn write(saved: Option<&SavedBackend>, path: &Path) -> Result<(), StateError> {
        let config = match saved {
            None => String::new(),
            Some(b) => {
                let ty = backend_schema(&b.ty).map_or_else(|| b.config.ty(), |s| s.implied_type().clone());
                json::encode(&b.config, &ty)
                    .map_err(|e| StateError::invalid("Invalid backend configuration", e.to_string()))?
            }
        };
        let mut w = Writer::new();
        w.object(|w| {
            w.key("version");
            w.display(3);
            w.key("terraform_version");
            w.string(TERRAFORM_VERSION);
            if let Some(b) = saved {
                w.key("backend");
                w.object(|w| {
                    w.key("type");
                    w.string(&b.ty);
                    w.key("config");
                    w.raw(&config);
                    w.key("hash");
                    w.display(b.hash);
                });
            }
        });
        let failed = |e| StateError::io("record the initialised backend", path)(e);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        // Credentials may be among it.
        crate::local::write_new(path, w.into_text().as_bytes(), 0o600).map_err(failed)
    }

    /// Compares what was initialised with what the configuration has: a type and its
    /// block, and, where there are `-backend-config` options, the block with them.
    pub fn compare(
        saved: Option<&SavedBackend>,
        wanted: Option<(&str, &Value)>,
        overridden: Option<&Value>,
    ) -> Comparison {
        let (saved, (ty, block)) = match (saved, wanted) {
            (None, None) => return Comparison::Same,
            (None, Some(_)) => return Comparison::New,
            (Some(_), None) => return Comparison::Removed,
            (Some(s), Some(w)) => (s, w),
        };
        let same = match overridden {
            Some(whole) => saved.config == *whole,
            // Options that were given to an earlier init still hold.
            None => saved.hash == backend_hash(ty, block) || saved.config == *block,
        };
        match (saved.ty == ty, same) {
            (false, _) => Comparison::TypeChanged,
            (true, false) => Comparison::ConfigChanged,
            (true, true) => Comparison::Same,
        }
    }
}
