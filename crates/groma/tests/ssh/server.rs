//! The SSH server and the SSH agent that the tests start.

use groma_testkit::venv;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

pub const PASSWORD: &str = "correct horse";

/// A server; it ends with this value.
pub struct Server {
    child: Child,
    folder: tempfile::TempDir,
    pub port: u16,
    pub host_key: String,
}

impl Server {
    /// Starts one, unless something that it needs is missing: then what.
    pub fn start(more: &[&str]) -> Result<Server, String> {
        let Some(venv) = venv() else { return Err("needs the Python environment".into()) };
        let python = venv.join("bin/python");
        let there = Command::new(&python).args(["-c", "import asyncssh"]).stderr(Stdio::null()).status();
        if !there.is_ok_and(|s| s.success()) {
            return Err("needs asyncssh in the Python environment".into());
        }
        for program in ["scp", "ssh-agent", "ssh-add"] {
            if !std::env::split_paths(&std::env::var_os("PATH").unwrap()).any(|p| p.join(program).exists()) {
                return Err(format!("needs {program}"));
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ssh/server.py");
        let mut child = Command::new(python)
            .arg(script)
            .arg(folder.path())
            .args(more)
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap();
        let port = u16::try_from(said["port"].as_u64().unwrap()).unwrap();
        let host_key = said["host_key"].as_str().unwrap().to_owned();
        Ok(Server { child, folder, port, host_key })
    }

    /// A file that the server made.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What was asked for.
    pub fn log(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.file("log")).unwrap();
        text.lines().map(|l| serde_json::from_str(l).unwrap()).collect()
    }

    /// How many of these there are in the log.
    pub fn count(&self, what: &str) -> usize {
        self.log().iter().filter(|l| l["what"] == what).count()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        self.child.wait().ok();
    }
}

/// An agent with one key; it ends with this value.
pub struct Agent {
    child: Child,
    folder: tempfile::TempDir,
}

impl Agent {
    pub fn with(key: &Path) -> Agent {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("agent");
        let child = Command::new("ssh-agent").args(["-D", "-a"]).arg(&socket).stdout(Stdio::null()).spawn();
        let agent = Agent { child: child.unwrap(), folder };
        while !socket.exists() {
            std::thread::yield_now();
        }
        let added = Command::new("ssh-add").arg(key).env("SSH_AUTH_SOCK", &socket).output().unwrap();
        assert!(added.status.success(), "{added:?}");
        agent
    }

    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("agent")
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
