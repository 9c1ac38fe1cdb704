//! Reading the outputs of another state.

use super::{BackendEnv, open_backend};
use crate::error::StateError;
use crate::model::OutputValue;
use groma_value::Value;
use std::collections::BTreeMap;

/// The root outputs of a workspace's state, for the data source
/// `terraform_remote_state`. `None` where there is no state. Reads without a lock, and
/// never creates the workspace.
pub fn outputs(
    ty: &str,
    config: &Value,
    workspace: &str,
    env: &BackendEnv,
) -> Result<Option<BTreeMap<String, OutputValue>>, StateError> {
    // The options of the command line are about the own state.
    let env = BackendEnv { state: None, state_out: None, backup: None, ..env.clone() };
    let backend = open_backend(ty, config, &env)?;
    let file = backend.open_existing(workspace)?.read()?;
    Ok(file.map(|f| f.state.outputs))
}
