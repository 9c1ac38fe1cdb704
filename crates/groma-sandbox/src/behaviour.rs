//! What was measured of how the real provider plans each resource type.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use groma_value::{Type, Value, json};
use serde::Deserialize;

use crate::data::Archive;

static ARCHIVE: LazyLock<Option<Archive>> =
    LazyLock::new(|| Archive::open(include_bytes!("../data/behaviour.bin")));

/// How a resource type is planned. Paths are written without indices: `rule.port`.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Behaviour {
    /// 1 where the provider plans with the old SDK's type system.
    #[serde(default, rename = "l")]
    legacy: u8,
    /// Values planned at creation for what is not configured.
    #[serde(default, rename = "c")]
    created: BTreeMap<String, serde_json::Value>,
    /// Computed attributes that are null at creation.
    #[serde(default, rename = "k")]
    null: BTreeSet<String>,
    /// Blocks that are unknown at creation where none is configured.
    #[serde(default, rename = "b")]
    unknown_blocks: BTreeSet<String>,
    /// What forces replacement; with `+` or `-` behind it, when such a block comes or goes.
    #[serde(default, rename = "n")]
    replaces: BTreeSet<String>,
    /// After changes of which attributes one is unknown; `!`: after all but these.
    #[serde(default, rename = "u")]
    unknown_after: BTreeMap<String, BTreeSet<String>>,
    /// What is unknown after any change.
    #[serde(default, rename = "a")]
    unknown_after_any: BTreeSet<String>,
    /// Texts that are planned otherwise than written.
    #[serde(default, rename = "t")]
    texts: BTreeMap<String, String>,
}

impl Behaviour {
    /// The behaviour of a type; what most types do where it could not be measured.
    pub fn of(ty: &str) -> Arc<Behaviour> {
        static KNOWN: LazyLock<Mutex<HashMap<String, Arc<Behaviour>>>> = LazyLock::new(Mutex::default);
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(b) = known.get(ty) {
            return b.clone();
        }
        let read = |bytes: &[u8]| serde_json::from_slice(bytes).ok();
        let measured: Option<Behaviour> = ARCHIVE.as_ref().and_then(|a| a.with(ty, read));
        let b = Arc::new(measured.unwrap_or_default());
        known.insert(ty.to_owned(), b.clone());
        b
    }

    /// Whether plans of this type may break the rules as the old SDK does.
    pub fn legacy(&self) -> bool {
        self.legacy != 0
    }
    /// The value planned at a path for what is not configured.
    pub fn planned_default(&self, path: &str, ty: &Type) -> Option<Value> {
        json::from_json(self.created.get(path)?, ty).ok()
    }
    /// Whether a computed attribute that is not configured is null at creation.
    pub fn null_at_creation(&self, path: &str) -> bool {
        self.null.contains(path)
    }
    /// Whether AWS makes blocks of this kind where none is configured.
    pub fn block_unknown_at_creation(&self, path: &str) -> bool {
        self.unknown_blocks.contains(path)
    }
    /// Whether a change at this path, or of what it leads through, forces replacement.
    pub fn replaces(&self, path: &str) -> bool {
        self.replaces.contains(path)
    }
    /// Whether anything at or below a path forces replacement.
    pub fn replaces_below(&self, path: &str) -> bool {
        let below = format!("{path}.");
        self.replaces.range(below.clone()..).next().is_some_and(|p| p.starts_with(&below))
    }
    /// What is not known any more after changes at these paths.
    pub fn unknown_after<'a>(&'a self, changed: &'a BTreeSet<String>) -> impl Iterator<Item = &'a str> {
        let caused = self.unknown_after.iter().filter(|(_, causes)| {
            let but = causes.contains("!");
            // What a replacement changes was not measured.
            changed.iter().any(|path| causes.contains(path) != but && !(but && self.replaces(path)))
        });
        let any = self.unknown_after_any.iter().filter(|_| !changed.is_empty());
        caused.map(|(path, _)| path.as_str()).chain(any.map(String::as_str))
    }
    /// How the text at a path is planned.
    pub fn text(&self, path: &str, written: &str) -> Option<String> {
        let mut text = written.to_owned();
        for step in self.texts.get(path)?.split(' ') {
            text = match step {
                "json" => {
                    let parsed: serde_json::Value = serde_json::from_str(&text).ok()?;
                    crate::text::compact_json(&parsed)
                }
                "sha1" if !is_sha1(&text) => crate::text::sha1_hex(text.as_bytes()),
                "lower" => text.to_lowercase(),
                "upper" => text.to_uppercase(),
                "dot" => text.trim_end_matches('.').to_owned(),
                _ => text,
            };
        }
        Some(text)
    }
}

fn is_sha1(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}
