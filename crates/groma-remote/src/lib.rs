//! Commands and files on other machines, over SSH: connecting (directly, through a proxy,
//! through a bastion), authentication, uploads by the scp protocol, commands whose output
//! comes line by line.
//!
//! It owns the protocol and what a failed connection is called. What a `connection` block
//! may say, its defaults, and what is uploaded or run are the caller's, and so is giving
//! up early: dropping a future ends its connection.
//!
//! Secrets are in [`Settings`] only, which cannot be printed; no error has any of them.

mod auth;
mod connect;
mod dial;
mod host_key;
mod scp;
mod session;

pub use connect::connect;
pub use session::{Ending, Session};

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// A machine and how to log in there.
pub struct Machine {
    /// Its name or address; an IPv6 address without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Who logs in.
    pub user: String,
    /// For the methods `password` and `keyboard-interactive`.
    pub password: Option<String>,
    /// A private key, as the text of its file.
    pub private_key: Option<String>,
    /// An OpenSSH certificate for the private key, in one line.
    pub certificate: Option<String>,
    /// The public key that the machine must have, or that of the authority which signed
    /// its certificate; none: any.
    pub host_key: Option<String>,
}

/// How a proxy is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyKind {
    /// `CONNECT` of HTTP.
    Http,
    /// SOCKS 5 (RFC 1928), with names resolved by the proxy.
    Socks5,
}

/// A proxy before the first machine.
pub struct Proxy {
    /// How it is spoken to.
    pub kind: ProxyKind,
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Who uses it; empty: nobody in particular.
    pub user: String,
    /// With which password.
    pub password: String,
}

/// An SSH agent.
pub struct Agent {
    /// Its socket; none: there is no agent.
    pub socket: Option<PathBuf>,
    /// Whether it is an error if it cannot be reached.
    pub required: bool,
    /// Which identity is tried first: the comment of a key, its end, or the file of a
    /// key or of its public part.
    pub identity: Option<String>,
}

/// All that a connection needs.
pub struct Settings {
    /// Where to.
    pub machine: Machine,
    /// The machine through which the other one is reached.
    pub bastion: Option<Machine>,
    /// The proxy before the first of them.
    pub proxy: Option<Proxy>,
    /// The agent that may have keys, and that the machine may use.
    pub agent: Option<Agent>,
    /// How long to try.
    pub timeout: Duration,
    /// Whether the machine runs Windows: no terminal, other quoting.
    pub windows: bool,
}

/// Why something could not be done: cause, machine and remedy, in whole sentences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    text: String,
    /// Whether another try may succeed.
    passing: bool,
}

impl Error {
    /// What no further try changes.
    fn lasting(text: impl Into<String>) -> Error {
        Error { text: text.into(), passing: false }
    }

    /// What may be better with the next try: a machine that is starting.
    fn passing(text: impl Into<String>) -> Error {
        Error { text: text.into(), passing: true }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Error {}

/// Quotes one word for a POSIX shell, or for the command line of Windows. `~` in front stays
/// the user's home.
fn quote(word: &str, windows: bool) -> String {
    if !windows && (word == "~" || word.starts_with("~/")) {
        let rest = word.trim_start_matches('~').trim_start_matches('/');
        let rest = if rest.is_empty() { String::new() } else { quote(rest, false) };
        return format!("~/{rest}");
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@+,%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else if windows {
        format!("\"{}\"", word.replace('"', "\\\""))
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::quote;

    #[test]
    fn words_are_quoted_where_a_shell_would_see_more() {
        assert_eq!(quote("/tmp/a-b_1.sh", false), "/tmp/a-b_1.sh");
        assert_eq!(quote("", false), "''");
        assert_eq!(quote("~/it's $HOME", false), r"~/'it'\''s $HOME'");
        assert_eq!((quote("~", false), quote("a~", false)), ("~/".into(), "'a~'".into()));
        assert_eq!(quote("C:/a b/c.cmd", true), "\"C:/a b/c.cmd\"");
    }
}
