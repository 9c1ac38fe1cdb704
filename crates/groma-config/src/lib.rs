//! The Terraform language: what the blocks of `.tf` files mean, the module
//! tree, the installation of modules, and all checks that need no provider.
//!
//! Parsing of HCL is below (`groma-lang`); what happens with a resource is above
//! (`groma-engine`). This crate evaluates only what must be constant.

pub mod model;

pub use model::*;
