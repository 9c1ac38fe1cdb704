//! The platform: from a manifest (`groma.hcl`) to root modules of plain Terraform.
//!
//! Owns the manifest's language (its blocks, their documentation, checks and
//! references), what an environment consists of after `like`, `size` and overrides,
//! what is remembered between runs (addresses given to networks, parked counts,
//! expiry), and the compilation to root modules made of the embedded `modules/`.
//!
//! Does not plan, apply, call providers or print: it hands finished texts to the
//! engine's side.

pub mod addresses;
pub mod compile;
pub mod docs;
pub mod explain;
pub mod flow;
pub mod hcl;
pub mod manifest;
pub mod model;
pub mod modules;
pub mod record;
pub mod schedule;

pub use manifest::{EnvironmentInfo, Manifest};
pub use model::*;
