//! Every environment of every example through the real AWS provider, beside API servers.
//!
//! The lives themselves are tests of `groma` (`crates/groma/tests/platform_aws.rs`); this runs all of them and shows
//! a table.

use std::fs;

use groma_testkit::scratch;

use crate::command::{cargo, run};
use crate::setup;

const USAGE: &str = "\
usage: cargo xtask examples [WORD..]

Takes every environment of the examples up, parks and resumes some, and takes all down to nothing, through the real
AWS provider, against moto: half an hour, and a gigabyte for each of the five that are done at once. Words choose
by name: levels, prod.
";

/// Runs the lives that have one of the words in their names, and prints the table.
pub fn examples(words: &[String]) -> Result<(), String> {
    if words.iter().any(|w| w.starts_with('-')) {
        print!("{USAGE}");
        return Ok(());
    }
    setup::setup()?;
    let table = scratch().join("examples.txt");
    fs::write(&table, "").map_err(|error| format!("{}: {error}", table.display()))?;
    let lives =
        ["test", "--package", "groma", "--test", "platform_aws", "--", "examples_come_up", "--nocapture"];
    let result = run(cargo(lives)
        .env("GROMA_EXAMPLES", words.join(" "))
        .env("GROMA_EXAMPLES_TABLE", &table)
        .env("GROMA_REQUIRE_ALL", "1"));
    let text = fs::read_to_string(&table).map_err(|error| format!("{}: {error}", table.display()))?;
    let mut rows: Vec<&str> = text.lines().collect();
    rows.sort_unstable();
    println!("\n{}", rows.join("\n"));
    result
}
