//! State files: reading and writing format version 4.

mod legacy;
pub(crate) mod read;
pub(crate) mod write;

pub use read::read;
pub use write::{same_content, write};

use crate::model::State;

/// The version of Terraform whose format and rules this crate follows; the
/// `terraform_version` of what is written.
pub const TERRAFORM_VERSION: &str = "1.11.4";

/// A state with what identifies it in its history.
#[derive(Clone, Debug)]
pub struct StateFile {
    /// The version of Terraform that wrote it; empty when not said.
    pub terraform_version: String,
    /// Counts the changes of one lineage.
    pub serial: u64,
    /// Identifies the history that this state belongs to. Empty only in states
    /// older than lineages, or written by hand.
    pub lineage: String,
    /// What is managed.
    pub state: State,
}

impl StateFile {
    /// The first of a new history: a new lineage, serial 0.
    pub fn new() -> StateFile {
        StateFile {
            terraform_version: TERRAFORM_VERSION.into(),
            serial: 0,
            lineage: new_lineage(),
            state: State::default(),
        }
    }
    /// The same history with this state; the serial is not changed.
    pub fn with_state(&self, state: State) -> StateFile {
        StateFile {
            terraform_version: TERRAFORM_VERSION.into(),
            serial: self.serial,
            lineage: self.lineage.clone(),
            state,
        }
    }
}

impl Default for StateFile {
    /// As [`StateFile::new`]: with a lineage of its own.
    fn default() -> StateFile {
        StateFile::new()
    }
}

/// A random lineage.
pub fn new_lineage() -> String {
    uuid::Uuid::new_v4().to_string()
}
