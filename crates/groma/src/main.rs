//! The `groma` command line: arguments, rendering, progress. Everything else is
//! in the libraries below; this crate is the only one that prints, reads the
//! environment and decides on exit codes.

mod args;
mod ask;
mod backend;
mod cli_config;
mod commands;
mod migrate;
mod operation;
mod platform;
mod progress;
mod prove;
mod providers;
mod render;
mod rounds;
mod saved;
mod session;
mod state;
mod state_edit;
mod ui;
mod variables;

use commands::Failure;
use std::process::ExitCode;

fn main() -> ExitCode {
    // Started by ourselves to start a provider: see `providers::LAUNCHER`.
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|a| a == providers::LAUNCHER) {
        let error = groma_provider::exec_bound_to_parent(arguments);
        ui::Ui::new(true).err(&format!("The provider cannot be started: {error}\n"));
        return ExitCode::from(1);
    }
    // Deep expressions recurse; a main thread's stack is too small for the worst.
    let run = std::thread::Builder::new().stack_size(256 << 20).name("groma".into()).spawn(start);
    match run.map(std::thread::JoinHandle::join) {
        Ok(Ok(code)) => ExitCode::from(code),
        _ => ExitCode::from(1),
    }
}

/// Runs the command line. The exit code.
fn start() -> u8 {
    let argv: Vec<String> = std::env::args_os().skip(1).map(|a| a.to_string_lossy().into_owned()).collect();
    match commands::run(argv) {
        Ok(code) => code,
        Err(Failure::Reported) => 1,
        Err(Failure::Message(text)) => {
            let text = text.trim_end();
            let text = text.strip_prefix("Error: ").unwrap_or(text);
            ui::Ui::new(std::env::var_os("NO_COLOR").is_some()).err(&format!("\nError: {text}\n\n"));
            1
        }
    }
}
