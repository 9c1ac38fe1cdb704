//! Providers: finding and installing them, starting them, and talking to them.
//!
//! This crate owns the plugin protocol (versions 5 and 6), the processes that speak it, the caches
//! that keep us from asking a provider twice, and the installation of providers: mirrors,
//! registries, the lock file. It knows values and schemas (`groma-value`), but nothing of
//! configuration syntax, resources' lifecycles or state; it reads no environment variables and
//! prints nothing.

pub mod api;
mod binary_hash;
pub mod builtin;
mod client;
pub mod error;
mod files;
mod handshake;
pub mod install;
mod log_tail;
mod memo;
mod pool;
mod process;
/// The messages, for those who speak the other side of the protocol: providers for tests.
#[doc(hidden)]
#[allow(missing_docs, reason = "they are the documented messages of the protocol")]
pub mod proto;
mod rpc;
mod schema;
pub mod version;
mod wire;

pub use api::*;
pub use error::{ProviderError, ProviderFailure};
pub use files::FileError;
pub use handshake::PluginAddr;
pub use log_tail::{LogLevel, LogLine, LogSink};
pub use pool::{NativeProvider, Pool, PoolSettings, ProcessInfo, ProviderSource};
pub use process::{LaunchSettings, Reattach, exec_bound_to_parent};
pub use proto::Protocol;
