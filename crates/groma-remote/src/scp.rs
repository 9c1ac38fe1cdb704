//! Uploads with the protocol of `scp -t`, which is what Terraform uses: what becomes of a
//! destination that is there or not is decided by the program on the other side.
//!
//! The protocol: a line `C<mode> <size> <name>`, the bytes and a zero for a file; a line
//! `D<mode> 0 <name>` before and `E` after what is in a folder. Each is answered by a
//! zero, or by 1 or 2 and a line that says what is wrong.

use crate::session::{Ending, Part, Session};
use crate::{Error, quote};
use bytes::Bytes;
use russh::ChannelWriteHalf;
use russh::client::Msg;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc;

const MODE_OF_FILES: u32 = 0o644;
/// How much is read of a file at once, in bytes.
const PIECE: usize = 32 << 10;

/// A program on the other side that takes files.
pub(crate) struct Upload<'a> {
    session: &'a Session,
    write: ChannelWriteHalf<Msg>,
    parts: mpsc::UnboundedReceiver<Part>,
    answers: VecDeque<u8>,
    /// What it says besides.
    said: Vec<u8>,
    ending: Option<Ending>,
}

/// The last part of a path there.
fn base_name(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}

/// What is before it.
fn folder(path: &str) -> &str {
    match path.trim_end_matches('/').rsplit_once('/') {
        None => ".",
        Some(("", _)) => "/",
        Some((before, _)) => before,
    }
}

impl<'a> Upload<'a> {
    /// For a file: the program is given its folder, and the name with the file.
    pub async fn to_folder_of(session: &'a Session, path: &str) -> Result<Upload<'a>, Error> {
        // Of "a/" Terraform takes "a" for the folder, and the name "a" in it.
        let to = match path.strip_suffix('/') {
            Some(before) => before,
            None => folder(path),
        };
        Upload::start(session, if to.is_empty() { "/" } else { to }, false).await
    }

    pub async fn start(session: &'a Session, target: &str, recursive: bool) -> Result<Upload<'a>, Error> {
        let channel = session.channel("uploading").await?;
        let flags = if recursive { "-rt" } else { "-t" };
        let command = format!("scp {flags} {}", quote(target, session.windows));
        channel.exec(false, command).await.map_err(|_| session.lost("uploading"))?;
        let (mut read, write) = channel.split();
        let (sender, parts) = mpsc::unbounded_channel();
        // Read all the time: what waits to be read would hold up what is written.
        tokio::spawn(async move {
            while let Some(message) = read.wait().await {
                if let Some(part) = Part::of(message)
                    && sender.send(part).is_err()
                {
                    return;
                }
            }
        });
        let (answers, said) = Default::default();
        let mut upload = Upload { session, write, parts, answers, said, ending: None };
        upload.answer().await?;
        Ok(upload)
    }

    /// Waits for what comes next; false: nothing any more.
    async fn next(&mut self) -> bool {
        match self.parts.recv().await {
            Some(Part::Out(data)) => self.answers.extend(data),
            Some(Part::Err(data)) => self.said.extend(data),
            Some(Part::End(ending)) => self.ending = Some(ending),
            None => return false,
        }
        true
    }

    async fn byte(&mut self) -> Option<u8> {
        while self.answers.is_empty() {
            if !self.next().await {
                return None;
            }
        }
        self.answers.pop_front()
    }

    /// Waits for the answer to what was sent.
    async fn answer(&mut self) -> Result<(), Error> {
        let name = &self.session.name;
        match self.byte().await {
            Some(0) => Ok(()),
            Some(1 | 2) => {
                let mut line = Vec::new();
                while let Some(b) = self.byte().await.filter(|b| *b != b'\n') {
                    line.push(b);
                }
                let line = String::from_utf8_lossy(&line);
                Err(Error::lasting(format!("{name} does not take it: {}.", line.trim_end_matches('.'))))
            }
            // Something printed by the start of a shell, for instance.
            Some(b) => {
                self.answers.push_front(b);
                let text: Vec<u8> = self.answers.drain(..).collect();
                let text = String::from_utf8_lossy(&text);
                Err(Error::lasting(format!(
                    "{name} answers {:?} instead of taking files. If that comes from the shell's settings, they must print nothing without a terminal.",
                    text.trim_end()
                )))
            }
            None => Err(self.ended()),
        }
    }

    /// Why it is over before its time.
    fn ended(&self) -> Error {
        let name = &self.session.name;
        let said = String::from_utf8_lossy(&self.said);
        match &self.ending {
            None => self.session.lost("uploading"),
            Some(Ending::Status(127)) => Error::lasting(format!(
                "{name} has no program scp, which takes files there. Install it (it is a part of OpenSSH)."
            )),
            Some(how) => Error::lasting(format!("scp on {name} {how}: {}", said.trim())),
        }
    }

    async fn send(&self, data: impl Into<Bytes>) -> Result<(), Error> {
        self.write.data_bytes(data).await.map_err(|_| self.session.lost("uploading"))
    }

    async fn command(&mut self, line: String) -> Result<(), Error> {
        // The protocol has no way to say it.
        if line.trim_end_matches('\n').contains('\n') {
            return Err(Error::lasting("A file whose name has a line break cannot be uploaded."));
        }
        self.send(line).await?;
        self.answer().await
    }

    /// Says that there is no more, and waits for the end.
    async fn finish(mut self) -> Result<(), Error> {
        self.write.eof().await.map_err(|_| self.session.lost("uploading"))?;
        while self.next().await {}
        match self.ending {
            Some(Ending::Status(0)) => Ok(()),
            _ => Err(self.ended()),
        }
    }

    pub async fn bytes(mut self, path: &str, content: &[u8], mode: u32) -> Result<(), Error> {
        self.command(format!("C{mode:04o} {} {}\n", content.len(), base_name(path))).await?;
        for piece in content.chunks(PIECE) {
            self.send(piece.to_vec()).await?;
        }
        self.send(vec![0]).await?;
        self.answer().await?;
        self.finish().await
    }

    pub async fn file(mut self, path: &str, source: &Path) -> Result<(), Error> {
        self.one_file(base_name(path), source).await?;
        self.finish().await
    }

    async fn one_file(&mut self, name: &str, source: &Path) -> Result<(), Error> {
        let unreadable = |e: std::io::Error| unreadable(source, &e);
        let mut file = tokio::fs::File::open(source).await.map_err(unreadable)?;
        let size = file.metadata().await.map_err(unreadable)?.len();
        self.command(format!("C{MODE_OF_FILES:04o} {size} {name}\n")).await?;
        let (mut left, mut piece) = (size, vec![0; PIECE]);
        while left > 0 {
            let most = PIECE.min(usize::try_from(left).unwrap_or(PIECE));
            let n = file.read(&mut piece[..most]).await.map_err(unreadable)?;
            if n == 0 {
                let text = format!("{} became shorter while it was uploaded.", source.display());
                return Err(Error::lasting(text));
            }
            self.send(piece[..n].to_vec()).await?;
            left -= n as u64;
        }
        self.send(vec![0]).await?;
        self.answer().await
    }

    pub async fn folder(mut self, source: &Path, content_only: bool) -> Result<(), Error> {
        /// What is to be done yet, last first: folders may be deep.
        enum Step {
            Enter(PathBuf, bool),
            File(PathBuf),
            Leave,
        }
        let mut steps = vec![Step::Enter(source.to_owned(), !content_only)];
        while let Some(step) = steps.pop() {
            match step {
                Step::Leave => self.command("E\n".into()).await?,
                Step::File(path) => self.one_file(&name_of(&path)?, &path).await?,
                Step::Enter(path, named) => {
                    let unreadable = |e: std::io::Error| unreadable(&path, &e);
                    if named {
                        self.command(format!("D0755 0 {}\n", name_of(&path)?)).await?;
                        steps.push(Step::Leave);
                    }
                    let mut found = Vec::new();
                    for entry in std::fs::read_dir(&path).map_err(unreadable)? {
                        found.push(entry.map_err(unreadable)?.path());
                    }
                    found.sort_unstable_by(|a, b| b.cmp(a));
                    for path in found {
                        let about = std::fs::metadata(&path).map_err(|e| self::unreadable(&path, &e))?;
                        steps.push(if about.is_dir() { Step::Enter(path, true) } else { Step::File(path) });
                    }
                }
            }
        }
        self.finish().await
    }
}

fn unreadable(path: &Path, e: &std::io::Error) -> Error {
    Error::lasting(format!("{} cannot be read: {e}.", path.display()))
}

/// The name that a file or folder has there.
fn name_of(path: &Path) -> Result<String, Error> {
    // "." and what ends in ".." have their names elsewhere.
    let whole = path.canonicalize().map_err(|e| unreadable(path, &e))?;
    let own = path.file_name().or(whole.file_name());
    match own.and_then(|n| n.to_str()) {
        Some(name) => Ok(name.to_owned()),
        None => Err(Error::lasting(format!("{}: its name is not UTF-8.", path.display()))),
    }
}

#[cfg(test)]
mod tests {
    use super::{base_name, folder};

    #[test]
    fn a_path_is_a_folder_and_a_name() {
        for (path, before, name) in
            [("/a/b", "/a", "b"), ("/b", "/", "b"), ("b", ".", "b"), ("~/b", "~", "b"), ("a/b/", "a", "b")]
        {
            assert_eq!((folder(path), base_name(path)), (before, name), "{path}");
        }
    }
}
