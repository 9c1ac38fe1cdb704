//! Single AWS API calls without an SDK.
//!
//! This crate owns where credentials come from ([`Chain`]: environment, shared files with profiles, roles, web
//! identities, SSO, processes, containers, machines), where a service answers ([`Endpoints`]), how a request is
//! signed ([`Unsigned`]), what is tried again and what an error means ([`AwsError`]), and the few typed calls that
//! operating a platform takes ([`rds`], [`autoscaling`], [`ecs`], [`ssm`], [`tagging`]). It manages no resources:
//! that is done by providers. It reads no environment variable: the caller passes an [`Environment`]. All calls
//! block the thread; a [`Caller`] may be shared between threads.
//!
//! ```no_run
//! # fn main() -> Result<(), groma_aws::AwsError> {
//! use groma_aws::{Caller, CallerOptions, Environment, rds};
//! # let (vars, home) = (std::collections::BTreeMap::new(), None);
//! let env = Environment { vars, home, root: ".".into() };
//! let options = CallerOptions { profile: Some("dev".into()), ..CallerOptions::default() };
//! let caller = Caller::new(&env, options)?;
//! caller.check_account("111111111111")?;
//! rds::stop_cluster(&caller, "staging")?;
//! # Ok(())
//! # }
//! ```

pub mod autoscaling;
mod caller;
mod credentials;
pub mod ecs;
mod endpoint;
mod environment;
mod error;
mod metadata;
mod profiles;
pub mod rds;
mod sign;
pub mod ssm;
mod sso;
pub mod tagging;
pub mod web;
mod xml;

pub use caller::{Caller, CallerOptions, Identity};
pub use credentials::{Chain, ChainOptions, Credentials, Resolved, Role, WebToken};
pub use endpoint::{Endpoint, Endpoints, domain};
pub use environment::Environment;
pub use error::{AwsError, Cause, CredentialsError, Failure, Refusal};
pub use profiles::{Profile, Profiles};
pub use sign::{Unsigned, encode};
pub use xml::Element;
