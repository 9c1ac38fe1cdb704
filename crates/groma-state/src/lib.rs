//! State: the format (v4), its journal, locks, backends and workspaces.
//!
//! This crate owns what is stored about real objects and how it survives: it
//! reads and writes state files that Terraform reads back without a difference.
//! It does not know schemas or the meaning of attributes, which stay JSON text
//! until somebody with a schema asks.

pub mod backend;
pub mod error;
pub mod file;
pub mod journal;
mod json_text;
pub mod local;
pub mod lock;
pub mod manager;
pub mod model;
pub mod store;
pub mod workspace;

pub use backend::{BackendEnv, SavedBackend, backend_schema, open_backend};
pub use error::{Problem, StateError};
pub use file::{StateFile, TERRAFORM_VERSION};
pub use journal::{Change, Journal};
pub use local::{LocalBackend, LocalPaths, LocalStore};
pub use lock::{LockConflict, LockInfo, Timestamp};
pub use manager::{ERRORED_STATE_FILE, LockRequest, Manager, check_push, save_errored};
pub use model::*;
pub use store::{Backend, DEFAULT_WORKSPACE, StateStore, lock_waiting};
