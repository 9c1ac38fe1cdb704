//! Checks that need neither providers nor values: do all names mean something,
//! in the place where they stand, and does nothing depend on itself?
//!
//! Checks against schemas of providers are made where bodies are decoded. Checks
//! that Terraform makes when it plans, not when it validates, are in
//! [`check_moves`] and [`check_self_references`].

mod arguments;
mod cycles;
mod imports;
mod moves;
mod scope;
mod walk;

pub use moves::check_moves;
pub use walk::check_self_references;

use crate::model::Config;
use groma_lang::{Diagnostics, Sources};

/// Checks the whole tree. Where an earlier check fails, later ones that would
/// only repeat it in other words are left out.
pub fn validate_config(config: &Config, sources: &Sources, diags: &mut Diagnostics) {
    let before = diags.len();
    let failed = |diags: &Diagnostics| diags.iter().skip(before).any(groma_lang::Diagnostic::is_error);
    arguments::check(&config.root, diags);
    if failed(diags) {
        return;
    }
    cycles::check(&config.root, diags);
    if failed(diags) {
        return;
    }
    imports::check(&config.root, sources, diags);
    walk::check(&config.root, diags);
}
