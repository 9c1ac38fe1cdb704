//! Everything a developer of Groma runs: `cargo xtask <task>`.
//!
//! It owns the order in which the project's checks run and the machine's parts that they need; the checks themselves
//! are elsewhere (tests beside the code, the differential cases below `tests/`). Nothing here ships.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a developer's tool talks to its terminal")]

mod bench;
mod clean_room;
mod command;
mod examples;
mod fuzz;
mod licenses;
mod sandbox;
mod setup;
mod test;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask <task>

  setup            make the Python environment with the AWS API servers
  test [FILTER..]  setup, formatting, lints, all tests; with a filter, only the tests which match it
  bench [OPTION..] compare time and memory with terraform; see `cargo xtask bench --help`
  fuzz [SECONDS]   tests with generated input again and again, each time with another seed
  examples [WORD..] take every environment of the examples up and down through the real AWS provider
  sandbox-data     measure the real AWS provider for the sandbox, which embeds what is found
  check-licenses   refuse dependencies whose licence deny.toml does not allow; list duplicates
  clean-room       run .ci/run in a fresh clone of the last commit
";

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let task = args.next().unwrap_or_default();
    let rest: Vec<String> = args.collect();
    let done = match task.as_str() {
        "setup" => setup::setup(),
        "test" => test::test(&rest),
        "bench" => bench::bench(&rest),
        "fuzz" => fuzz::fuzz(&rest),
        "examples" => examples::examples(&rest),
        "sandbox-data" => sandbox::data(&rest),
        "check-licenses" => licenses::check(),
        "clean-room" => clean_room::clean_room(),
        "help" | "--help" | "-h" => {
            print!("{USAGE}");
            Ok(())
        }
        other => Err(format!("there is no task `{other}`\n\n{USAGE}")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}
