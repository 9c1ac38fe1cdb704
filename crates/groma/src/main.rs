//! The `groma` command line.
fn main() {}
