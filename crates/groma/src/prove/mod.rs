//! From plans to verdicts: what is proved about, and what is said of it.

pub mod source;
pub mod understudy;
pub mod world;
