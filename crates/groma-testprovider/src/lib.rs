//! A provider for tests that speaks the newest protocol: identities, lists and actions,
//! which no provider at hand has.
//!
//! It owns its objects, in memory, and a protocol of what it was asked to do. It is not a
//! process but a server on a socket: both Terraform and Groma find it with
//! `TF_REATTACH_PROVIDERS`. What a real provider does right or wrong is not its business.

mod answers;
mod lease;
mod messages;
mod server;
mod vault;

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

/// An object: `lab_vault`, with what is written only.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Vault {
    /// What may be read again.
    pub secret: Option<String>,
    /// `password_wo`, which the provider alone knows.
    pub password: Option<String>,
    /// `token_wo` of each `login` block.
    pub tokens: Vec<Option<String>>,
}

#[derive(Default)]
pub(crate) struct World {
    /// By name.
    pub things: BTreeMap<String, Thing>,
    pub vaults: BTreeMap<String, Vault>,
    pub log: Vec<String>,
    /// Calls with the `provider_meta` that came with them.
    pub metas: Vec<String>,
    /// How often each lease was renewed.
    pub renewals: BTreeMap<String, u64>,
    /// The version of the identity's schema.
    pub identity_version: i64,
}

/// A running provider; it ends with the value.
///
/// Making a `lab_thing` named `waits-LEASE-N` takes until the lease was renewed N times. Leases
/// and vaults whose names say that something goes wrong: `refused`, `expires`, `stuck`,
/// `immovable`.
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

    /// The vault of this name.
    pub fn vault(&self, name: &str) -> Option<Vault> {
        self.world().vaults.get(name).cloned()
    }

    /// How often a lease was renewed.
    pub fn renewals(&self, lease: &str) -> u64 {
        self.world().renewals.get(lease).copied().unwrap_or_default()
    }

    /// Lets objects go on that wait for renewals of a lease (see [`Lab`]).
    pub fn set_renewals(&self, lease: &str, times: u64) {
        self.world().renewals.insert(lease.to_owned(), times);
    }

    /// Calls since this was asked last, with the module that `provider_meta` named:
    /// `PlanResourceChange lab_thing a: root`; sorted, each once.
    pub fn metas(&self) -> Vec<String> {
        let mut all = std::mem::take(&mut self.world().metas);
        all.sort();
        all.dedup();
        all
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
