//! Who can reach whom, decided on planned values before anything is created.
//!
//! This crate owns the network model ([`model::Network`]), how it is read from
//! planned or stored objects ([`world::World`] in, a network out), the symbolic
//! engine that computes what is delivered and what completes, and verdicts with
//! counterexamples. It knows no configuration syntax, makes no plan, calls no
//! provider and does no I/O: a world comes in, verdicts go out.
//!
//! Invariant: whatever is unknown, unsupported or contradictory is treated as
//! open where the question is "can it be reached?" and as closed where the
//! question is "does it certainly work?". Both bounds are computed; a verdict is
//! `proved` or `refuted` only where both agree.

pub mod change;
pub mod engine;
mod extract;
pub mod model;
pub mod ports;
pub mod reach;
pub mod witness;
pub mod world;

pub use extract::{Touches, extract, touches};
