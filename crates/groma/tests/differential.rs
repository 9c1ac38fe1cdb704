//! Each case below `tests/differential/cases`, through the oracle and through Groma, as a test of its own name.

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    groma_testkit::differential::main(Path::new(env!("CARGO_BIN_EXE_groma")))
}
