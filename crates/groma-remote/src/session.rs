//! What is done over a connection.

use crate::connect::Client;
use crate::{Error, quote, scp};
use bytes::{Bytes, BytesMut};
use russh::client::{Handle, Msg};
use russh::{Channel, ChannelMsg, Pty};
use std::fmt;
use std::path::Path;

/// A connection to a machine. It ends when this is dropped.
pub struct Session {
    pub(crate) handle: Handle<Client>,
    /// The bastion's, which carries the other one.
    pub(crate) _through: Option<Handle<Client>>,
    /// `host:port`, for errors.
    pub(crate) name: String,
    pub(crate) windows: bool,
    pub(crate) forward_agent: bool,
}

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With this status.
    Status(u32),
    /// By this signal, named without `SIG`.
    Signal(String),
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ending::Status(n) => write!(f, "ended with status {n}"),
            Ending::Signal(name) => write!(f, "was ended by SIG{name}"),
        }
    }
}

/// A part of what a command on the other side does.
pub(crate) enum Part {
    Out(Bytes),
    Err(Bytes),
    End(Ending),
}

impl Part {
    /// What is of interest in a message of a channel.
    pub fn of(message: ChannelMsg) -> Option<Part> {
        match message {
            ChannelMsg::Data { data } => Some(Part::Out(data)),
            ChannelMsg::ExtendedData { data, .. } => Some(Part::Err(data)),
            ChannelMsg::ExitStatus { exit_status } => Some(Part::End(Ending::Status(exit_status))),
            ChannelMsg::ExitSignal { signal_name, .. } => {
                let name = format!("{signal_name:?}");
                // A signal that has no name of its own is `Custom("NAME")`.
                let name = name.trim_start_matches("Custom(").trim_matches(['"', ')']);
                Some(Part::End(Ending::Signal(name.to_owned())))
            }
            _ => None,
        }
    }
}

/// Makes lines of what comes in pieces.
#[derive(Default)]
struct Lines {
    rest: BytesMut,
}

impl Lines {
    fn push(&mut self, piece: &[u8], line: &mut dyn FnMut(String)) {
        self.rest.extend_from_slice(piece);
        while let Some(end) = self.rest.iter().position(|b| *b == b'\n') {
            let one = self.rest.split_to(end + 1);
            line(text(&one[..end]));
        }
    }

    fn finish(&mut self, line: &mut dyn FnMut(String)) {
        if !self.rest.is_empty() {
            line(text(&self.rest.split()));
        }
    }
}

/// A line as text; a terminal puts a carriage return before each end.
fn text(line: &[u8]) -> String {
    String::from_utf8_lossy(line).trim_end_matches('\r').to_owned()
}

impl Session {
    pub(crate) fn lost(&self, meanwhile: &str) -> Error {
        Error::lasting(format!(
            "The connection to {} was lost while {meanwhile}. What was running there may go on.",
            self.name
        ))
    }

    pub(crate) async fn channel(&self, meanwhile: &str) -> Result<Channel<Msg>, Error> {
        self.handle.channel_open_session().await.map_err(|e| match e {
            russh::Error::ChannelOpenFailure(_) => {
                Error::lasting(format!("{} allows no command to be run: {e}.", self.name))
            }
            _ => self.lost(meanwhile),
        })
    }

    /// Runs `command` with the user's shell, in a terminal but for Windows (so that what
    /// runs ends with the connection), and gives each line that it prints to `line`.
    ///
    /// # Errors
    ///
    /// If the connection is lost before it is known how the command ended.
    pub async fn run(&self, command: &str, line: &mut dyn FnMut(String)) -> Result<Ending, Error> {
        let meanwhile = "a command ran";
        let mut channel = self.channel(meanwhile).await?;
        if self.forward_agent {
            channel.agent_forward(false).await.map_err(|_| self.lost(meanwhile))?;
        }
        if !self.windows {
            // Nothing is read from it, so nothing needs to be echoed.
            let modes = [(Pty::ECHO, 0)];
            channel
                .request_pty(false, "xterm", 80, 40, 0, 0, &modes)
                .await
                .map_err(|_| self.lost(meanwhile))?;
        }
        channel.exec(true, command).await.map_err(|_| self.lost(meanwhile))?;
        let (mut out, mut err, mut ending) = (Lines::default(), Lines::default(), None);
        while let Some(message) = channel.wait().await {
            if matches!(message, ChannelMsg::Failure) {
                return Err(Error::lasting(format!("{} refuses to run commands.", self.name)));
            }
            match Part::of(message) {
                Some(Part::Out(data)) => out.push(&data, line),
                Some(Part::Err(data)) => err.push(&data, line),
                Some(Part::End(how)) => ending = Some(how),
                None => {}
            }
        }
        out.finish(line);
        err.finish(line);
        ending.ok_or_else(|| self.lost(meanwhile))
    }

    /// Writes `content` to the file `path` there, with `mode` if it is new.
    ///
    /// # Errors
    ///
    /// With what the other side says.
    pub async fn upload(&self, path: &str, content: &[u8], mode: u32) -> Result<(), Error> {
        scp::Upload::to_folder_of(self, path).await?.bytes(path, content, mode).await
    }

    /// Copies the file `source` to `path` there.
    ///
    /// # Errors
    ///
    /// As [`Self::upload`], and if the file cannot be read.
    pub async fn upload_file(&self, path: &str, source: &Path) -> Result<(), Error> {
        scp::Upload::to_folder_of(self, path).await?.file(path, source).await
    }

    /// Copies a folder with all that is in it: into `path` there, below its own name; or
    /// only what is in it, if `content_only`. Links are followed, as with `scp -r`.
    ///
    /// # Errors
    ///
    /// As [`Self::upload_file`].
    pub async fn upload_folder(&self, path: &str, source: &Path, content_only: bool) -> Result<(), Error> {
        scp::Upload::start(self, path, true).await?.folder(source, content_only).await
    }

    /// Ends the connection in an orderly way.
    pub async fn close(self) {
        // The other side may be gone; then it is closed.
        let _ = self.handle.disconnect(russh::Disconnect::ByApplication, "", "en").await;
    }

    /// One word of a command line there.
    #[must_use]
    pub fn quote(&self, word: &str) -> String {
        quote(word, self.windows)
    }
}

#[cfg(test)]
mod tests {
    use super::Lines;

    #[test]
    fn lines_come_whole() {
        let mut got = Vec::new();
        let mut lines = Lines::default();
        for piece in ["a", "b\r\nc\n\r\n", "last ", "one"] {
            lines.push(piece.as_bytes(), &mut |l| got.push(l));
        }
        lines.finish(&mut |l| got.push(l));
        assert_eq!(got, ["ab", "c", "", "last one"]);
    }
}
