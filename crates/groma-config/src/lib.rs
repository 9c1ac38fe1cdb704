//! The Terraform language: what the blocks of `.tf` files mean, the module
//! tree, the installation of modules, and all checks that need no provider.
//!
//! Parsing of HCL is below (`groma-lang`); what happens with a resource is above
//! (`groma-engine`). This crate evaluates only what must be constant.

mod content;
mod decode;
pub mod early;
mod files;
pub mod install;
mod load;
pub mod manifest;
pub mod model;
pub mod module_locks;
mod overrides;
mod providers;
pub mod references;
mod snapshot;
pub mod source_addr;
mod source_remote;
pub mod testfile;
mod tree;
pub mod validate;
pub mod variables;
mod walk;

pub use files::has_configuration;
pub use load::{LoadOptions, QUERY_FILE, load_module, load_module_text};
pub use model::*;
pub use references::{Reference, Subject, list_of, parse_reference};
pub use snapshot::Snapshot;
pub use tree::{load_config, load_config_as};
pub use validate::{check_moves, check_self_references, validate_config};
pub use variables::{
    CollectedVariables, InputSource, InputValue, VariableInputs, VariableOption, collect_variables,
};
