//! Backends by type: which there are, what their configuration looks like, and
//! opening one.

mod config;
mod http;
mod outputs;
mod s3;
mod saved;
mod schema;

pub use http::HttpBackend;
pub use outputs::outputs;
pub use s3::{AwsCredentials, S3Backend};
pub use saved::{Comparison, SavedBackend, backend_hash};
pub use schema::{BACKEND_TYPES, backend_schema};

use crate::error::{Problem, StateError};
use crate::local::LocalBackend;
use crate::store::Backend;
use config::Config;
use groma_aws::Environment;
use groma_value::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Gives AWS credentials, for as long as they are valid.
pub type CredentialsSource = Arc<dyn Fn() -> Result<AwsCredentials, String> + Send + Sync>;

/// What a backend needs to know of the world around it.
#[derive(Clone, Default)]
pub struct BackendEnv {
    /// What relative paths are relative to.
    pub root: PathBuf,
    /// The user's home.
    pub home: Option<PathBuf>,
    /// Environment variables: those of the backend (`TF_HTTP_*`), of its cloud
    /// (`AWS_*`) and of proxies count.
    pub vars: BTreeMap<String, String>,
    /// `-state`, of the local backend.
    pub state: Option<PathBuf>,
    /// `-state-out`, of the local backend.
    pub state_out: Option<PathBuf>,
    /// `-backup`, of the local backend.
    pub backup: Option<PathBuf>,
    /// Replaces the search for AWS credentials in the configuration, the environment,
    /// files and the machine's metadata.
    pub aws_credentials: Option<CredentialsSource>,
}

impl BackendEnv {
    /// A variable that is set to something.
    fn var(&self, name: &str) -> Option<&str> {
        self.vars.get(name).map(String::as_str).filter(|v| !v.is_empty())
    }

    /// The same for connections and for calls of AWS.
    fn environment(&self) -> Environment {
        Environment { vars: self.vars.clone(), home: self.home.clone(), root: self.root.clone() }
    }
}

/// Opens the backend of type `ty` with a configuration of the type that
/// [`backend_schema`] implies. Nothing is stored by that.
pub fn open_backend(ty: &str, config: &Value, env: &BackendEnv) -> Result<Box<dyn Backend>, StateError> {
    let config = Config(config);
    match ty {
        "local" => local(&config, env).map(|b| Box::new(b) as _),
        "http" => HttpBackend::new(&config, env).map(|b| Box::new(b) as _),
        "s3" => S3Backend::new(&config, env).map(|b| Box::new(b) as _),
        _ => Err(StateError::invalid("Unsupported backend type", unsupported(ty))),
    }
}

/// Why a type of backend cannot be used, as a sentence.
pub fn unsupported(ty: &str) -> String {
    match ty {
        "artifactory" | "etcd" | "etcdv3" | "manta" | "swift" => {
            format!("The backend type {ty:?} was removed from Terraform in version 1.3.")
        }
        "azurerm" | "consul" | "cos" | "gcs" | "inmem" | "kubernetes" | "oci" | "oss" | "pg" | "remote" => {
            format!(
                "Groma does not offer the backend type {ty:?} yet. It offers {}.",
                BACKEND_TYPES.join(", ")
            )
        }
        _ => format!("There is no backend type named {ty:?}."),
    }
}

fn local(config: &Config<'_>, env: &BackendEnv) -> Result<LocalBackend, StateError> {
    let path = |name: &str, summary: &str| match config.text(name) {
        Some("") => Err(StateError::Invalid(vec![
            Problem::new(summary, format!("The {name:?} attribute value must not be empty.")).at(name),
        ])),
        p => Ok(p.map(PathBuf::from)),
    };
    Ok(LocalBackend {
        root: env.root.clone(),
        path: path("path", "Invalid local state file path")?,
        workspace_dir: path("workspace_dir", "Invalid local workspace directory path")?,
        state: env.state.clone(),
        state_out: env.state_out.clone(),
        backup: env.backup.clone(),
    })
}
