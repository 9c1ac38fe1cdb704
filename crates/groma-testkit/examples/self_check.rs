//! Runs the differential cases with the oracle on both sides: whatever differs then is not deterministic, and a case
//! whose steps end differently than it says is wrong. Takes the filters of a test program.

use std::process::ExitCode;

fn main() -> ExitCode {
    match groma_testkit::oracle() {
        Some(oracle) => groma_testkit::differential::main(&oracle),
        None => ExitCode::FAILURE,
    }
}
