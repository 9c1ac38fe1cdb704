//! Why a provider did not do what it was asked.
//!
//! These are failures of the provider as a program: it would not start, it died, it answered with
//! something that cannot be read. What a working provider says about a configuration arrives as
//! diagnostics in a response instead.

use std::fmt;

/// A provider failed as a program.
#[derive(Clone, Debug)]
pub struct ProviderError {
    /// The provider's address, as people write it.
    pub provider: String,
    /// What it was asked to do: the method's name, or `start`.
    pub call: &'static str,
    /// What happened.
    pub cause: ProviderFailure,
    /// The last lines it logged, oldest first.
    pub log: Vec<String>,
}

/// What went wrong with a provider.
#[derive(Clone, Debug, PartialEq)]
pub enum ProviderFailure {
    /// The program could not be started or did not introduce itself as a provider.
    Start(String),
    /// The process ended while it was needed; says how it ended.
    Exited(String),
    /// It did not answer within the given number of seconds.
    Timeout(u64),
    /// It answered with a gRPC error: the code's name and the message.
    Rpc {
        /// For example `Unimplemented`.
        code: String,
        /// What it said.
        message: String,
    },
    /// Its answer, or what should be sent to it, does not match its schema.
    Value(String),
    /// It has no resource, data source or function of this name.
    Unknown {
        /// `resource type`, `data source`, `function`, ...
        kind: &'static str,
        /// The name asked for.
        name: String,
    },
    /// The call was given up because the run was interrupted.
    Cancelled,
}

impl ProviderError {
    /// An error without a log tail.
    pub fn new(provider: impl Into<String>, call: &'static str, cause: ProviderFailure) -> Self {
        ProviderError { provider: provider.into(), call, cause, log: Vec::new() }
    }

    /// A title for a diagnostic, without a period.
    pub fn summary(&self) -> &'static str {
        match self.cause {
            ProviderFailure::Start(_) => "Failed to start provider",
            ProviderFailure::Exited(_) => "Provider process ended unexpectedly",
            ProviderFailure::Timeout(_) => "Provider did not answer",
            ProviderFailure::Rpc { .. } => "Provider call failed",
            ProviderFailure::Value(_) => "Provider produced an invalid value",
            ProviderFailure::Unknown { .. } => "Not supported by provider",
            ProviderFailure::Cancelled => "Operation cancelled",
        }
    }
}

/// The message, without the log tail.
impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (provider, call) = (&self.provider, self.call);
        match &self.cause {
            ProviderFailure::Start(why) => write!(f, "provider {provider} could not be started: {why}"),
            ProviderFailure::Exited(how) => {
                write!(f, "provider {provider} {how} while {call} was under way")
            }
            ProviderFailure::Timeout(seconds) => {
                write!(f, "provider {provider} did not answer {call} within {seconds} s")
            }
            ProviderFailure::Rpc { code, message } => {
                write!(f, "provider {provider} failed {call}: {message} ({code})")
            }
            ProviderFailure::Value(why) => {
                write!(f, "provider {provider}, {call}: value does not match the schema: {why}")
            }
            ProviderFailure::Unknown { kind, name } => {
                write!(f, "provider {provider} has no {kind} \"{name}\"")
            }
            ProviderFailure::Cancelled => write!(f, "provider {provider}: {call} was cancelled"),
        }
    }
}

impl std::error::Error for ProviderError {}
