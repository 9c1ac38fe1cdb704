//! Saved plans.
use crate::args::Args;
use crate::commands::{Failure, Outcome};
use crate::operation::Ready;
use crate::session::Session;
use groma_engine::Plan;
use std::path::Path;

pub fn write(_: &Session, _: &Path, _: &Plan, _: &Ready) -> Result<(), Failure> {
    Err("saving plans is not there yet".to_owned().into())
}
pub fn apply(_: &Session, _: &Args, _: &Path) -> Outcome {
    Err("saving plans is not there yet".to_owned().into())
}
pub fn show(_: &Session, _: &Path, _: bool) -> Outcome {
    Err("saving plans is not there yet".to_owned().into())
}
