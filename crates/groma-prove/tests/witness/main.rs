//! Independent witnesses of the prover.
#![allow(missing_docs, clippy::print_stderr)]

mod agree;
mod ask;
mod build;
mod concrete;
mod dump;
mod generate;
mod probe;
mod replay;
mod rng;
mod sim;
