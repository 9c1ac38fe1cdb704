//! State: the format (v4), its journal, locks, backends and workspaces.
//!
//! This crate owns what is stored about real objects and how it survives: it
//! reads and writes state files that Terraform reads back without a difference.
//! It does not know schemas or the meaning of attributes, which stay JSON text
//! until somebody with a schema asks.

pub mod model;

pub use model::*;
