//! A provider process: starting it, talking to it, ending it.
//!
//! The process is in a process group of its own, so that an interrupt typed at the terminal reaches
//! us alone and we decide what becomes of a running operation. It ends when its [`PluginProcess`]
//! is dropped (asked politely, then killed), at once when the tokio runtime goes away, and, where a
//! launcher is configured (see [`exec_bound_to_parent`]), when this process is killed.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, mpsc};
use std::time::Duration;

use bytes::Bytes;
use prost::Message;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::{oneshot, watch};

use crate::error::{ProviderError, ProviderFailure};
use crate::handshake::{self, ClientIdentity, PluginAddr};
use crate::log_tail::{LogSink, LogTail, MAX_LINE_BYTES};
use crate::proto::{Method, Protocol};
use crate::rpc::{Connection, chain};

/// How processes are started; the same for all providers of a run.
#[derive(Clone)]
pub struct LaunchSettings {
    /// The directory in which a private directory for the socket is made: at most 70 bytes long, as
    /// paths of sockets are limited.
    pub temp_dir: PathBuf,
    /// Added to the environment that the process inherits.
    pub env: Vec<(OsString, OsString)>,
    /// A program and its arguments to put before the provider's path. It must end up in
    /// [`exec_bound_to_parent`] with everything that follows.
    pub launcher: Option<Vec<OsString>>,
    /// Encrypt the connection with certificates made for it. The socket is private to the user
    /// either way where the provider honours `PLUGIN_UNIX_SOCKET_DIR`.
    pub tls: bool,
    /// How long a provider may take to introduce itself.
    pub handshake_timeout: Duration,
    /// How long a provider may take to end before it is killed.
    pub grace: Duration,
    /// Receives all log lines.
    pub log_sink: Option<LogSink>,
}

impl LaunchSettings {
    /// Terraform's habits: TLS, a minute for the handshake, two seconds of grace.
    pub fn new(temp_dir: impl Into<PathBuf>) -> Self {
        LaunchSettings {
            temp_dir: temp_dir.into(),
            env: Vec::new(),
            launcher: None,
            tls: true,
            handshake_timeout: Duration::from_secs(60),
            grace: Duration::from_secs(2),
            log_sink: None,
        }
    }
}

/// A provider that somebody else started, as `TF_REATTACH_PROVIDERS` describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reattach {
    /// The protocol it speaks.
    pub protocol: Protocol,
    /// Where it listens.
    pub addr: PluginAddr,
}

impl Reattach {
    /// Reads the JSON of `TF_REATTACH_PROVIDERS`: provider addresses, as written there, and how to
    /// reach each.
    pub fn parse(json: &str) -> Result<BTreeMap<String, Reattach>, String> {
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Entry {
            #[serde(default)]
            protocol: String,
            #[serde(default)]
            protocol_version: u32,
            addr: Addr,
        }
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Addr {
            network: String,
            string: String,
        }
        let entries: BTreeMap<String, Entry> =
            serde_json::from_str(json).map_err(|error| format!("invalid JSON: {error}"))?;
        entries
            .into_iter()
            .map(|(provider, entry)| {
                if !matches!(entry.protocol.as_str(), "" | "grpc") {
                    return Err(format!("{provider}: unsupported transport {:?}", entry.protocol));
                }
                // Providers from before version 6 existed do not say.
                let number = if entry.protocol_version == 0 { 5 } else { entry.protocol_version };
                let protocol = Protocol::from_number(number)
                    .ok_or_else(|| format!("{provider}: unsupported protocol version {number}"))?;
                let addr = match entry.addr.network.as_str() {
                    "unix" => PluginAddr::Unix(entry.addr.string.into()),
                    "tcp" => PluginAddr::Tcp(entry.addr.string),
                    other => return Err(format!("{provider}: unknown address type {other:?}")),
                };
                Ok((provider, Reattach { protocol, addr }))
            })
            .collect()
    }
}

/// A running provider. Dropping it ends the process.
pub(crate) struct PluginProcess {
    provider: String,
    protocol: Protocol,
    connection: Connection,
    log: Arc<LogTail>,
    /// How the process ended, once it has.
    exit: watch::Receiver<Option<String>>,
    /// Dropped to ask for the end; absent for a provider that is not ours.
    stop: Mutex<Option<oneshot::Sender<()>>>,
    pid: Option<u32>,
    /// Set once it was asked for its schema, so that it may be asked for functions.
    functions: tokio::sync::OnceCell<()>,
}

impl PluginProcess {
    /// Starts `binary` and connects to it.
    pub(crate) async fn start(
        provider: &str,
        binary: &std::path::Path,
        settings: &LaunchSettings,
    ) -> Result<Self, ProviderError> {
        let log = Arc::new(LogTail::new(provider.to_owned(), settings.log_sink.clone()));
        let fail =
            |cause| ProviderError { provider: provider.to_owned(), call: "start", cause, log: log.lines() };
        let start = |why: String| fail(ProviderFailure::Start(why));

        let identity = if settings.tls {
            Some(
                ClientIdentity::generate()
                    .map_err(|error| start(format!("making a certificate: {error}")))?,
            )
        } else {
            None
        };
        let socket_dir = private_dir(&settings.temp_dir)
            .map_err(|error| start(format!("making a directory for its socket: {error}")))?;
        let command = command(binary, settings, identity.as_ref(), socket_dir.path());
        let mut child =
            spawn(command).await.map_err(|error| start(format!("{}: {error}", binary.display())))?;
        let pid = child.id();
        if let Some(stderr) = child.stderr.take() {
            tokio::spawn(pump(BufReader::new(stderr), Arc::clone(&log)));
        }
        let Some(stdout) = child.stdout.take() else { return Err(start("no standard output".into())) };
        let mut stdout = BufReader::new(stdout);

        let deadline = tokio::time::Instant::now() + settings.handshake_timeout;
        let seconds = settings.handshake_timeout.as_secs();
        let line = match tokio::time::timeout_at(deadline, first_line(&mut stdout)).await {
            Ok(Ok(Some(line))) => line,
            Ok(Ok(None)) => {
                // It closed its output: most often it is ending, and how says more.
                let how = match tokio::time::timeout(Duration::from_secs(2), child.wait()).await {
                    Ok(Ok(status)) => describe_exit(status),
                    _ => "closed its standard output".to_owned(),
                };
                settle().await;
                return Err(start(format!("it {how} before it was ready")));
            }
            Ok(Err(error)) => return Err(start(format!("reading its standard output: {error}"))),
            Err(_) => return Err(start(format!("it did not introduce itself within {seconds} s"))),
        };
        let handshake = match handshake::parse_line(&line) {
            Ok(handshake) => handshake,
            Err(why) => {
                settle().await;
                return Err(start(why));
            }
        };
        tokio::spawn(pump(stdout, Arc::clone(&log)));

        let tls = match (identity, handshake.certificate) {
            (Some(identity), Some(certificate)) => Some(Arc::new(
                identity.tls_config(certificate).map_err(|error| start(format!("preparing TLS: {error}")))?,
            )),
            // A provider too old for automatic TLS; the socket is a file of this user.
            (_, None) => None,
            (None, Some(_)) => return Err(start("it asks for TLS, which is switched off".into())),
        };
        let connection = match tokio::time::timeout_at(deadline, Connection::open(handshake.addr, tls)).await
        {
            Ok(Ok(connection)) => connection,
            Ok(Err(error)) => return Err(start(format!("connecting to it: {}", chain(&error)))),
            Err(_) => return Err(start(format!("it did not accept a connection within {seconds} s"))),
        };
        tokio::spawn(pump_stdio(connection.clone(), Arc::clone(&log)));

        let (stop_sender, stop_receiver) = oneshot::channel();
        let (exit_sender, exit) = watch::channel(None);
        tokio::spawn(supervise(Supervised {
            child,
            connection: connection.clone(),
            stop: stop_receiver,
            exit: exit_sender,
            grace: settings.grace,
            _socket_dir: socket_dir,
        }));
        Ok(PluginProcess {
            provider: provider.to_owned(),
            protocol: handshake.protocol,
            connection,
            log,
            exit,
            stop: Mutex::new(Some(stop_sender)),
            pid,
            functions: tokio::sync::OnceCell::new(),
        })
    }

    /// Connects to a provider that runs already; it is not ended with this value.
    pub(crate) async fn attach(provider: &str, reattach: &Reattach) -> Result<Self, ProviderError> {
        let connection = Connection::open(reattach.addr.clone(), None).await.map_err(|error| {
            let why = format!("connecting to the process named for reattachment: {}", chain(&error));
            ProviderError::new(provider, "start", ProviderFailure::Start(why))
        })?;
        Ok(PluginProcess {
            provider: provider.to_owned(),
            protocol: reattach.protocol,
            connection,
            log: Arc::new(LogTail::new(provider.to_owned(), None)),
            exit: watch::channel(None).1,
            stop: Mutex::new(None),
            pid: None,
            functions: tokio::sync::OnceCell::new(),
        })
    }

    pub(crate) fn protocol(&self) -> Protocol {
        self.protocol
    }

    pub(crate) fn pid(&self) -> Option<u32> {
        self.pid
    }

    /// Whether the process has ended.
    pub(crate) fn has_exited(&self) -> bool {
        self.exit.borrow().is_some()
    }

    /// Calls a method with an encoded request.
    pub(crate) async fn call_raw(&self, method: Method, body: Vec<u8>) -> Result<Bytes, ProviderError> {
        let path = self.protocol.path(method);
        match self.connection.unary(path, body).await {
            Ok(bytes) => Ok(bytes),
            Err(status) => Err(self.explain(method_name(path), status).await),
        }
    }

    /// Calls a method.
    pub(crate) async fn call<M: Message + Default>(
        &self,
        method: Method,
        request: &impl Message,
    ) -> Result<M, ProviderError> {
        let bytes = self.call_raw(method, request.encode_to_vec()).await?;
        M::decode(bytes).map_err(|error| {
            self.error(method, ProviderFailure::Value(format!("the response cannot be decoded: {error}")))
        })
    }

    /// Calls a method that answers with a stream, and gives each message to `each` until that
    /// has enough. What is left is not waited for.
    pub(crate) async fn stream<M: Message + Default>(
        &self,
        method: Method,
        request: &impl Message,
        mut each: impl FnMut(M) -> Result<bool, ProviderError>,
    ) -> Result<(), ProviderError> {
        let path = self.protocol.path(method);
        let mut stream = match self.connection.stream(path, request.encode_to_vec()).await {
            Ok(stream) => stream,
            Err(status) => return Err(self.explain(method_name(path), status).await),
        };
        loop {
            match stream.message().await {
                Ok(None) => return Ok(()),
                Ok(Some(bytes)) => {
                    let message = M::decode(bytes).map_err(|error| {
                        let why = format!("the response cannot be decoded: {error}");
                        self.error(method, ProviderFailure::Value(why))
                    })?;
                    if !each(message)? {
                        return Ok(());
                    }
                }
                Err(status) => return Err(self.explain(method_name(path), status).await),
            }
        }
    }

    /// An error of a method of this process, with the log tail.
    pub(crate) fn error(&self, method: Method, cause: ProviderFailure) -> ProviderError {
        let call = method_name(self.protocol.path(method));
        ProviderError { provider: self.provider.clone(), call, cause, log: self.log.lines() }
    }

    /// Makes it ready to be asked for functions: a provider made of several servers never
    /// answers such a call before it was asked for its schema.
    pub(crate) async fn ready_for_functions(&self) -> Result<(), ProviderError> {
        let ask = || async { self.call_raw(Method::GetProviderSchema, Vec::new()).await.map(drop) };
        self.functions.get_or_try_init(ask).await.copied()
    }

    /// Ends the process and waits until it has ended. Does nothing for an attached one.
    pub(crate) async fn shutdown(&self) {
        let stop = self.stop.lock().unwrap_or_else(PoisonError::into_inner).take();
        if stop.is_none() && self.pid.is_none() {
            return;
        }
        drop(stop);
        ended(self.exit.clone()).await;
    }

    /// Tells a lost process from a call that failed.
    async fn explain(&self, call: &'static str, status: tonic::Status) -> ProviderError {
        use tonic::Code;
        let mut cause = match status.code() {
            Code::Cancelled => ProviderFailure::Cancelled,
            code => ProviderFailure::Rpc { code: format!("{code:?}"), message: status.message().to_owned() },
        };
        if self.pid.is_some()
            && matches!(status.code(), Code::Unavailable | Code::Unknown | Code::Internal | Code::Cancelled)
        {
            // The socket breaks a moment before the process can be waited for. A provider that
            // answers with such a code on its own pays this pause once, for a failed call.
            let ended = ended(self.exit.clone());
            if let Ok(Some(how)) = tokio::time::timeout(Duration::from_millis(500), ended).await {
                cause = ProviderFailure::Exited(how);
                settle().await;
            }
        }
        ProviderError { provider: self.provider.clone(), call, cause, log: self.log.lines() }
    }
}

/// Waits until a process has ended and tells how; `None` where its supervisor is gone.
async fn ended(mut exit: watch::Receiver<Option<String>>) -> Option<String> {
    loop {
        let how = exit.borrow_and_update().clone();
        if how.is_some() || exit.changed().await.is_err() {
            return how;
        }
    }
}

/// Gives the readers of the pipes a chance to take in what a process said last.
async fn settle() {
    tokio::time::sleep(Duration::from_millis(20)).await;
}

/// The last part of a gRPC path.
fn method_name(path: &'static str) -> &'static str {
    path.rsplit('/').next().unwrap_or(path)
}

fn private_dir(temp_dir: &std::path::Path) -> io::Result<tempfile::TempDir> {
    use std::os::unix::ffi::OsStrExt;
    // The path of a unix socket holds about 100 bytes; the plugin adds some 20 of its own.
    if temp_dir.as_os_str().as_bytes().len() > 70 {
        let why = format!("{} is too long a path for a socket in it", temp_dir.display());
        return Err(io::Error::new(io::ErrorKind::InvalidFilename, why));
    }
    // Directories made by tempfile are open to their owner only.
    tempfile::Builder::new().prefix("groma-").rand_bytes(6).tempdir_in(temp_dir)
}

fn command(
    binary: &std::path::Path,
    settings: &LaunchSettings,
    identity: Option<&ClientIdentity>,
    socket_dir: &std::path::Path,
) -> Command {
    let mut command = match settings.launcher.as_deref() {
        Some([program, args @ ..]) => {
            let mut command = Command::new(program);
            command.args(args).arg(std::process::id().to_string()).arg(binary);
            command
        }
        _ => Command::new(binary),
    };
    command
        .envs(settings.env.iter().map(|(key, value)| (key, value)))
        .env(handshake::MAGIC_COOKIE.0, handshake::MAGIC_COOKIE.1)
        .env("PLUGIN_PROTOCOL_VERSIONS", "5,6")
        .env("PLUGIN_UNIX_SOCKET_DIR", socket_dir)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    match identity {
        Some(identity) => command.env("PLUGIN_CLIENT_CERT", &identity.pem),
        None => command.env_remove("PLUGIN_CLIENT_CERT"),
    };
    command
}

/// Starts a process from a thread that lives as long as this process does. The signal that binds a
/// process to its parent is sent when the parent's *thread* ends, and threads of an async runtime
/// come and go.
async fn spawn(mut command: Command) -> io::Result<Child> {
    type Job = Box<dyn FnOnce() + Send>;
    static SPAWNER: OnceLock<Mutex<mpsc::Sender<Job>>> = OnceLock::new();
    let spawner = SPAWNER.get_or_init(|| {
        let (sender, receiver) = mpsc::channel::<Job>();
        // Should the thread not start, the send below fails and says so.
        let _ = std::thread::Builder::new().name("provider-spawner".into()).spawn(move || {
            for job in receiver {
                job();
            }
        });
        Mutex::new(sender)
    });
    let runtime = tokio::runtime::Handle::current();
    let (reply, answer) = oneshot::channel();
    let job: Job = Box::new(move || {
        let _runtime = runtime.enter();
        // A caller that went away drops the child, which kills it.
        let _ = reply.send(command.spawn());
    });
    let gone = || io::Error::other("the thread that starts processes is gone");
    spawner.lock().unwrap_or_else(PoisonError::into_inner).send(job).map_err(|_| gone())?;
    answer.await.map_err(|_| gone())?
}

/// Replaces this process by a provider that dies when the process `parent` does.
///
/// For the program named in [`LaunchSettings::launcher`], which passes on the arguments it got: the
/// parent's process id, the program to run, its arguments. Returns only when that fails.
pub fn exec_bound_to_parent(args: impl IntoIterator<Item = OsString>) -> io::Error {
    use std::os::unix::process::CommandExt;
    let mut args = args.into_iter();
    let invalid = |what| io::Error::new(io::ErrorKind::InvalidInput, what);
    let Some(parent) = args.next().and_then(|arg| arg.to_str().and_then(|text| text.parse::<i32>().ok()))
    else {
        return invalid("expected the parent's process id");
    };
    let Some(program) = args.next() else { return invalid("expected a program") };
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))
    {
        return error.into();
    }
    // The parent may have died before the signal was asked for.
    if rustix::process::getppid().map(|pid| pid.as_raw_nonzero().get()) != Some(parent) {
        return io::Error::other("the parent process is gone");
    }
    std::process::Command::new(program).args(args).exec()
}

struct Supervised {
    child: Child,
    connection: Connection,
    stop: oneshot::Receiver<()>,
    exit: watch::Sender<Option<String>>,
    grace: Duration,
    _socket_dir: tempfile::TempDir,
}

/// Waits for the end of the process, or brings it about.
async fn supervise(mut process: Supervised) {
    let status = tokio::select! {
        status = process.child.wait() => status,
        _ = &mut process.stop => {
            let polite = async {
                // The answer may be lost when the process is quick to end.
                let _ = process.connection.unary("/plugin.GRPCController/Shutdown", Vec::new()).await;
                process.child.wait().await
            };
            match tokio::time::timeout(process.grace, polite).await {
                Ok(status) => status,
                Err(_) => {
                    let _ = process.child.start_kill();
                    process.child.wait().await
                }
            }
        }
    };
    let how = match status {
        Ok(status) => describe_exit(status),
        Err(error) => format!("was lost ({error})"),
    };
    process.exit.send_replace(Some(how));
}

/// Completes "the provider ...".
fn describe_exit(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exited with status {code}"),
        (None, Some(9)) => "was killed (signal 9; the system does this when memory runs out)".to_owned(),
        (None, Some(signal)) => format!("was ended by signal {signal}"),
        (None, None) => "ended".to_owned(),
    }
}

/// The first line that is not blank; `None` at the end of the output.
async fn first_line(reader: &mut (impl AsyncBufReadExt + Unpin)) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    while read_line(reader, &mut line).await? {
        let text = String::from_utf8_lossy(&line);
        if !text.trim().is_empty() {
            return Ok(Some(text.into_owned()));
        }
    }
    Ok(None)
}

/// Reads a line, or as much of it as a line may have. False at the end.
async fn read_line(reader: &mut (impl AsyncBufReadExt + Unpin), line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    loop {
        let buffer = reader.fill_buf().await?;
        if buffer.is_empty() {
            return Ok(!line.is_empty());
        }
        let room = MAX_LINE_BYTES - line.len();
        let (take, done) = match buffer.iter().take(room).position(|byte| *byte == b'\n') {
            Some(newline) => (newline + 1, true),
            None => (buffer.len().min(room), buffer.len() >= room),
        };
        line.extend_from_slice(&buffer[..take]);
        reader.consume(take);
        if done {
            return Ok(true);
        }
    }
}

/// Copies a pipe's lines to the log. The pipe must be read to its end, or the process would block.
async fn pump(mut reader: BufReader<impl AsyncRead + Unpin>, log: Arc<LogTail>) {
    let mut line = Vec::new();
    while let Ok(true) = read_line(&mut reader, &mut line).await {
        log.push(&String::from_utf8_lossy(&line));
    }
}

/// One piece of what the plugin wrote to its standard output or error after the handshake.
#[derive(Clone, PartialEq, Message)]
struct StdioData {
    #[prost(int32, tag = "1")]
    channel: i32,
    #[prost(bytes = "bytes", tag = "2")]
    data: Bytes,
}

/// Copies what the plugin's own code prints to the log. go-plugin redirects it into this stream, and
/// a plugin whose stream nobody reads blocks once a pipe is full.
async fn pump_stdio(connection: Connection, log: Arc<LogTail>) {
    let Ok(mut stream) = connection.stream("/plugin.GRPCStdio/StreamStdio", Vec::new()).await else { return };
    while let Ok(Some(bytes)) = stream.message().await {
        let Ok(piece) = StdioData::decode(bytes) else { continue };
        for line in String::from_utf8_lossy(&piece.data).lines() {
            log.push(line);
        }
    }
}

#[cfg(test)]
#[path = "process_tests.rs"]
mod tests;
