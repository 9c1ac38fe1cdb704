//! Running a program to its end, within a time limit, with a clean environment.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

/// What a finished program left behind.
#[derive(Clone, Debug)]
pub struct Output {
    /// The command line, for messages.
    pub command: String,
    /// The exit code; `None` when a signal ended the program.
    pub status: Option<i32>,
    /// Whether the time limit ended it.
    pub timed_out: bool,
    /// Standard output; what is not UTF-8 is replaced.
    pub stdout: String,
    /// Standard error; what is not UTF-8 is replaced.
    pub stderr: String,
    /// Wall time from start to end.
    pub elapsed: Duration,
}

impl Output {
    /// Whether the program ended by itself with exit code 0.
    pub fn success(&self) -> bool {
        self.status == Some(0)
    }

    /// The output itself when the program succeeded.
    ///
    /// # Panics
    ///
    /// When it did not, with everything it said.
    #[track_caller]
    pub fn expect_success(self) -> Self {
        assert!(self.success(), "{self}");
        self
    }

    /// The output itself when the program ended with exactly this exit code.
    ///
    /// # Panics
    ///
    /// When it did not, with everything it said.
    #[track_caller]
    pub fn expect_status(self, status: i32) -> Self {
        assert!(self.status == Some(status), "expected exit code {status}\n{self}");
        self
    }

    /// Standard output read as one JSON document.
    ///
    /// # Panics
    ///
    /// When it is none.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("no JSON ({error})\n{self}"))
    }
}

impl std::fmt::Display for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ended = match self.status {
            _ if self.timed_out => "the time limit".to_owned(),
            Some(code) => format!("exit code {code}"),
            None => "a signal".to_owned(),
        };
        writeln!(f, "`{}` ended by {ended} after {:.1?}", self.command, self.elapsed)?;
        writeln!(f, "--- stdout\n{}\n--- stderr\n{}", self.stdout.trim_end(), self.stderr.trim_end())
    }
}

/// A program about to be run; made by [`crate::Workdir::invoke`].
#[derive(Clone, Debug)]
pub struct Invocation {
    program: PathBuf,
    args: Vec<OsString>,
    folder: PathBuf,
    env: BTreeMap<OsString, OsString>,
    stdin: Option<String>,
    timeout: Duration,
}

impl Invocation {
    pub(crate) fn new(
        program: &Path,
        folder: &Path,
        env: BTreeMap<OsString, OsString>,
        timeout: Duration,
    ) -> Self {
        let (program, folder) = (program.to_path_buf(), folder.to_path_buf());
        Self { program, args: Vec::new(), folder, env, stdin: None, timeout }
    }

    /// Adds arguments.
    pub fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.args.extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    /// Sets one environment variable for this run.
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.env.insert(name.as_ref().to_owned(), value.as_ref().to_owned());
        self
    }

    /// Runs in a folder below the working directory.
    pub fn folder(mut self, relative: impl AsRef<Path>) -> Self {
        self.folder = self.folder.join(relative);
        self
    }

    /// Gives the program this text to read; without it, standard input is empty.
    pub fn stdin(mut self, text: impl Into<String>) -> Self {
        self.stdin = Some(text.into());
        self
    }

    /// Limits the wall time.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The command as the standard library knows it, for callers which need the process while it runs (to kill it
    /// half-way, say). It has a process group of its own.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.args).current_dir(&self.folder).env_clear().envs(&self.env);
        command.stdin(if self.stdin.is_some() { Stdio::piped() } else { Stdio::null() });
        // A group of its own, so that the time limit also ends the providers which the program started.
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        command
    }

    /// Runs the program to its end.
    ///
    /// # Panics
    ///
    /// When it cannot be started.
    #[track_caller]
    pub fn run(self) -> Output {
        let started = Instant::now();
        let text = format!(
            "{} {}",
            self.program.display(),
            self.args.iter().map(|arg| arg.to_string_lossy()).collect::<Vec<_>>().join(" ")
        );
        let mut child =
            self.command().spawn().unwrap_or_else(|error| panic!("`{text}` does not start: {error}"));
        let out = drain(child.stdout.take());
        let err = drain(child.stderr.take());
        if let (Some(input), Some(mut pipe)) = (self.stdin, child.stdin.take()) {
            // A program which ends before it has read everything closes the pipe; its exit code tells the story.
            thread::spawn(move || pipe.write_all(input.as_bytes()).ok());
        }
        let (status, timed_out) = wait(&mut child, started + self.timeout);
        let elapsed = started.elapsed();
        let [stdout, stderr] = [out, err].map(|reader| reader.join().unwrap_or_default());
        Output { command: text, status, timed_out, stdout, stderr, elapsed }
    }
}

fn drain(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            pipe.read_to_end(&mut bytes).ok();
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// Waits until the deadline, then ends the child's group. Gives the exit code and whether the deadline struck.
fn wait(child: &mut Child, deadline: Instant) -> (Option<i32>, bool) {
    let mut pause = Duration::from_millis(2);
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return (status.code(), false),
            Ok(None) if Instant::now() < deadline => {
                thread::sleep(pause);
                pause = (pause * 2).min(Duration::from_millis(20));
            }
            Ok(None) | Err(_) => {
                kill_group(child);
                let code = child.wait().ok().and_then(|status| status.code());
                return (code, true);
            }
        }
    }
}

/// Kills a child which was started as the leader of its own process group, with all it started.
pub(crate) fn kill_group(child: &mut Child) {
    // Once the child is reaped its number may belong to somebody else.
    if !matches!(child.try_wait(), Ok(None)) {
        return;
    }
    if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        kill_process_group(group, Signal::KILL).ok();
    }
    child.kill().ok();
}
