//! The third witness: real packets of the Linux kernel.
//!
//! Random networks are built from network namespaces and probed with TCP and UDP
//! connections; what gets through is compared with the simulator, packet by packet, and
//! with the engine. Needs root, `ip` and `nft`.
#![allow(missing_docs, clippy::print_stderr)]

mod agent;
#[path = "../witness/build.rs"]
#[allow(dead_code, unused_imports)]
mod build;
#[path = "../witness/concrete.rs"]
#[allow(dead_code, unused_imports)]
mod concrete;
#[path = "../witness/generate.rs"]
#[allow(dead_code, unused_imports)]
mod generate;
mod realise;
#[path = "../witness/rng.rs"]
#[allow(dead_code, unused_imports)]
mod rng;
#[path = "../witness/sim/mod.rs"]
#[allow(dead_code, unused_imports)]
mod sim;
mod spaces;
mod verdicts;

use groma_testkit::{Trial, harness_main, skip};
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some("agent") {
        return agent::main();
    }
    harness_main(vec![Trial::new("the_kernel_agrees", || {
        if let Err(missing) = able() {
            skip(&missing);
            return Ok(());
        }
        verdicts::compare()
    })])
}

/// Whether namespaces can be made here.
fn able() -> Result<(), String> {
    for (tool, argument) in [("ip", "-V"), ("nft", "--version")] {
        if Command::new(tool).arg(argument).output().is_err() {
            return Err(format!("`{tool}` is not installed (Debian: iproute2, nftables)"));
        }
    }
    let name = format!("gpw{}-try", std::process::id());
    let made = Command::new("ip").args(["netns", "add", &name]).output();
    let made = made.map_err(|e| e.to_string())?;
    if !made.status.success() {
        let why = String::from_utf8_lossy(&made.stderr).trim().to_owned();
        return Err(format!("network namespaces need root: {why}"));
    }
    let rules = Command::new("ip").args(["netns", "exec", &name, "nft", "list", "ruleset"]).output();
    let _ = Command::new("ip").args(["netns", "del", &name]).output();
    match rules {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(format!("nft does not work: {}", String::from_utf8_lossy(&output.stderr).trim())),
        Err(error) => Err(error.to_string()),
    }
}
