//! The data that the sandbox embeds: made by a program beside the sandbox, which starts the real provider.
//!
//! It takes a quarter of an hour for all types; `cargo xtask sandbox-data aws_lb aws_vpc` measures some again.

use crate::command::{cargo, run};

/// Measures the real provider, wholly or for some types.
pub fn data(types: &[String]) -> Result<(), String> {
    let folder = groma_testkit::repository().join("crates").join("groma-sandbox").join("data");
    run(cargo(["run", "--package", "groma-sandbox", "--example", "sandbox_data", "--"])
        .arg(folder)
        .args(types))
}
