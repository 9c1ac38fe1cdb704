//! A provider for tests that speaks the newest protocol: identities, lists and actions,
//! which no provider at hand has.
//!
//! It owns its objects, in memory, and a protocol of what it was asked to do. It is not a
//! process but a server on a socket: both Terraform and Groma find it with
//! `TF_REATTACH_PROVIDERS`. What a real provider does right or wrong is not its business.

mod answers;
mod messages;
mod server;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The provider's source address.
pub const SOURCE: &str = "lab.example/test/lab";

/// An object: `lab_thing`.
#[derive(Clone, Debug, PartialEq)]
pub struct Thing {
    /// A number, or nothing.
    pub size: Option<i64>,
}

#[derive(Default)]
pub(crate) struct World {
    /// By name.
    pub things: BTreeMap<String, Thing>,
    pub log: Vec<String>,
    /// The version of the identity's schema.
    pub identity_version: i64,
}

/// A running provider; it ends with the value.
pub struct Lab {
    world: Arc<Mutex<World>>,
    directory: tempfile::TempDir,
}

impl Lab {
    /// Starts it, without any object.
    ///
    /// # Panics
    ///
    /// Where no socket can be made.
    pub fn start() -> Lab {
        let directory = tempfile::tempdir().unwrap();
        let world = Arc::new(Mutex::new(World { identity_version: 1, ..World::default() }));
        server::listen(&directory.path().join("lab"), world.clone());
        Lab { world, directory }
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What `TF_REATTACH_PROVIDERS` has to be.
    pub fn reattach(&self) -> String {
        let addr = serde_json::json!({ "Network": "unix", "String": self.directory.path().join("lab") });
        let entry = serde_json::json!({
            "Protocol": "grpc", "ProtocolVersion": 6, "Pid": std::process::id(), "Test": true, "Addr": addr,
        });
        serde_json::json!({ SOURCE: entry }).to_string()
    }

    /// The `terraform` block that asks for it.
    pub fn required(&self) -> String {
        format!("terraform {{\n  required_providers {{\n    lab = {{ source = \"{SOURCE}\" }}\n  }}\n}}\n")
    }

    /// Makes an object as somebody else would.
    pub fn add(&self, name: &str, size: Option<i64>) {
        self.world().things.insert(name.to_owned(), Thing { size });
    }

    /// The names of all objects.
    pub fn things(&self) -> Vec<String> {
        self.world().things.keys().cloned().collect()
    }

    /// From now on identities have this version; those of version 1 are upgraded.
    pub fn set_identity_version(&self, version: i64) {
        self.world().identity_version = version;
    }

    /// What was done since this was asked last: `create a`, `poke hello`.
    pub fn log(&self) -> Vec<String> {
        std::mem::take(&mut self.world().log)
    }
}
