//! The embedded AWS: the provider `hashicorp/aws` as code of this process, with a small world of
//! objects behind it instead of an account.
//!
//! This crate owns the schemas of that provider (compressed, without descriptions), what was
//! measured of how it plans (see `cargo xtask sandbox-data`), a world of objects by account and
//! region that may be kept in a directory, the rules by which AWS refuses things, and faults on
//! demand. It talks to no network, reads no environment variables and prints nothing; it knows
//! nothing of configuration syntax or state.

mod apply;
mod behaviour;
pub mod data;
mod data_sources;
mod effects;
mod error;
mod faults;
mod fill;
mod functions;
mod import;
mod plan;
mod provider;
mod refuse;
mod rules;
mod schemas;
mod services;
mod stand_ins;
mod template;
mod text;
mod validate;
mod words;
mod world;

pub use error::Error;
pub use faults::Faults;
pub use schemas::{Embedded, PROVIDER_VERSION};
pub use stand_ins::{StandIns, Subject};
pub use world::{Object, World};

use std::path::PathBuf;
use std::sync::Arc;

/// What a sandbox is made of.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the world is kept; in memory only where absent. Two processes may use one directory.
    pub dir: Option<PathBuf>,
    /// The account of a provider that assumes no role: 12 digits.
    pub account: String,
    /// The region of a provider that names none.
    pub region: String,
    /// What is to go wrong.
    pub faults: Faults,
    /// Decides ids: the same operations in the same order give the same ids.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            dir: None,
            account: "123456789012".into(),
            region: "eu-west-1".into(),
            faults: Faults::default(),
            seed: 0,
        }
    }
}

/// An embedded AWS. Clones share the world.
#[derive(Clone)]
pub struct Sandbox {
    inner: Arc<provider::Shared>,
}

impl Sandbox {
    /// Opens the world in the directory of the settings, or makes a new one.
    pub fn open(settings: Settings) -> Result<Sandbox, Error> {
        let world = World::open(&settings)?;
        Ok(Sandbox { inner: Arc::new(provider::Shared::new(settings, world)) })
    }

    /// The provider, for [`groma_provider::ProviderSource::Native`] at the address `hashicorp/aws`.
    /// Its instances are configured separately and share the world.
    pub fn provider(&self) -> Arc<dyn groma_provider::NativeProvider> {
        self.inner.clone()
    }

    /// The objects, for what is done beside Terraform.
    pub fn world(&self) -> World {
        self.inner.world.clone()
    }
}
