//! The AWS API servers, started from the virtual environment as children of the test.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::process::kill_group;
use crate::{find, http};

/// Ends the server when the test's process is gone, even if it was killed: then the pipe to its standard input
/// closes.
const WATCH: &str = "\
import os, sys, threading
def watch():
    sys.stdin.buffer.read()
    os._exit(0)
threading.Thread(target=watch, daemon=True).start()
";

/// How long a server may take until it answers: seconds alone, minutes when several start on a machine that is busy.
const READY: Duration = Duration::from_secs(180);

/// How to start one kind of server and how to talk to its control interface.
struct Kind {
    name: &'static str,
    main: &'static str,
    ready: &'static str,
    reset: &'static str,
}

/// What is mended in moto, as programs that run one after the other; each change is below a comment that says what it
/// is.
const MENDS: [&str; 2] = [include_str!("moto.py"), include_str!("moto_services.py")];

/// Lines of comment at the head of each.
const MENDS_HEAD: usize = 2;

const MOTO: Kind = Kind {
    name: "moto",
    main: concat!(
        include_str!("moto.py"),
        include_str!("moto_services.py"),
        "\nfrom moto.server import main\nmain(['-H', '127.0.0.1', '-p', os.environ['GATEWAY_PORT']])\n"
    ),
    ready: "/moto-api/data.json",
    reset: "/moto-api/reset",
};

const MINISTACK: Kind = Kind {
    name: "MiniStack",
    main: "from ministack.app import main\nsys.argv = ['ministack']\nmain()\n",
    ready: "/_ministack/ready",
    reset: "/_ministack/reset",
};

/// A running AWS API server on the loopback interface; it ends when the value is dropped.
#[derive(Debug)]
pub struct ApiServer {
    child: Child,
    port: u16,
    reset: &'static str,
    /// The server's home, which also holds its log.
    home: TempDir,
}

/// The [moto](https://docs.getmoto.org) server.
#[derive(Debug)]
pub struct Moto;

/// The MiniStack server.
#[derive(Debug)]
pub struct MiniStack;

impl Moto {
    /// What is mended in the server, because its differences from AWS would hide what tests look for: a sentence each.
    pub fn mended() -> impl Iterator<Item = &'static str> {
        MENDS.iter().flat_map(|text| text.lines().filter_map(|line| line.strip_prefix("# ")).skip(MENDS_HEAD))
    }

    /// Starts a server on a free port and waits until it answers. `None` when the virtual environment lacks it.
    ///
    /// # Panics
    ///
    /// When it is there and does not start, with what it said.
    pub fn start() -> Option<ApiServer> {
        ApiServer::start(&MOTO)
    }
}

impl MiniStack {
    /// Starts a server on a free port and waits until it answers. `None` when the virtual environment lacks it.
    ///
    /// # Panics
    ///
    /// When it is there and does not start, with what it said.
    pub fn start() -> Option<ApiServer> {
        ApiServer::start(&MINISTACK)
    }
}

impl ApiServer {
    fn start(kind: &Kind) -> Option<Self> {
        let python = find::venv()?.join("bin").join("python");
        let script = python.with_file_name(if kind.name == "moto" { "moto_server" } else { "ministack" });
        if !script.exists() {
            return None;
        }
        // Between choosing a free port and the server's binding it, somebody else may take it: try again.
        let mut said = String::new();
        for _ in 0..3 {
            match Self::try_start(kind, &python) {
                Ok(server) => return Some(server),
                Err(log) => said = log,
            }
        }
        panic!("{} does not start:\n{said}", kind.name);
    }

    fn try_start(kind: &Kind, python: &PathBuf) -> Result<Self, String> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|error| error.to_string())?;
        let port = listener.local_addr().map_err(|error| error.to_string())?.port();
        drop(listener);
        let home =
            tempfile::Builder::new().prefix("groma-server-").tempdir().map_err(|error| error.to_string())?;
        let log = home.path().join("log");
        let file = File::create(&log).map_err(|error| error.to_string())?;
        let again = file.try_clone().map_err(|error| error.to_string())?;
        let child = Command::new(python)
            .arg("-c")
            .arg(format!("{WATCH}{}", kind.main))
            .current_dir(home.path())
            .env("HOME", home.path())
            .env("TMPDIR", home.path())
            .env("GATEWAY_PORT", port.to_string())
            .env("BIND_HOST", "127.0.0.1")
            // Listeners on fixed ports, which two servers at once would fight for.
            .env("IOT_MTLS_ENABLED", "0")
            .env("SFTP_ENABLED", "0")
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .stdin(Stdio::piped())
            .stdout(file)
            .stderr(again)
            .process_group(0)
            .spawn()
            .map_err(|error| error.to_string())?;
        let mut server = Self { child, port, reset: kind.reset, home };
        let deadline = Instant::now() + READY;
        while Instant::now() < deadline {
            if let Ok((200, _)) = http::request("GET", port, kind.ready) {
                return Ok(server);
            }
            if let Ok(Some(status)) = server.child.try_wait() {
                return Err(format!("{status}\n{}", server.log()));
            }
            thread::sleep(Duration::from_millis(50));
        }
        Err(format!("it does not answer after {READY:?}\n{}", server.log()))
    }

    /// The value for `AWS_ENDPOINT_URL`.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The loopback port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Forgets everything that was created.
    ///
    /// # Panics
    ///
    /// When the server refuses.
    pub fn reset(&self) {
        match http::request("POST", self.port, self.reset) {
            Ok((200, _)) => {}
            other => panic!("the reset failed: {other:?}\n{}", self.log()),
        }
    }

    /// What the server has logged so far: one line a request, for tests which count or inspect calls.
    pub fn log(&self) -> String {
        let bytes = fs::read(self.home.path().join("log")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Drop for ApiServer {
    fn drop(&mut self) {
        kill_group(&mut self.child);
        self.child.wait().ok();
    }
}
