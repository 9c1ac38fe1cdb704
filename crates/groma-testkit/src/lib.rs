//! What tests need from the machine: the oracle (`terraform`), the mirror of real providers, the AWS API servers,
//! throw-away working directories, and the harness which compares Groma with the oracle.
//!
//! It owns how these parts are found and what a test does when one is missing ([`skip`]). It is for tests and
//! `xtask` only, so, unlike the crates of the product, it reads the environment, prints to stderr and panics: its
//! caller is a test, and a panic is how a test fails. It knows nothing of Groma's other crates and drives Groma from
//! outside, as a program.
#![allow(clippy::print_stderr, clippy::print_stdout)]

mod bench;
mod find;
mod fuzz;
mod generate;
mod harness;
mod http;
mod process;
mod server;
mod skip;
mod workdir;

pub mod differential;

pub use bench::{Usage, measure};
pub use find::{consumers, fixtures, mirror, oracle, repository, scratch, venv};
pub use fuzz::{Fuzz, fuzz};
pub use generate::{hcl_text, scale_layers};
pub use harness::{Trial, Verdict, harness_main};
pub use process::{Invocation, Output};
pub use server::{ApiServer, MiniStack, Moto};
pub use skip::skip;
pub use workdir::Workdir;
