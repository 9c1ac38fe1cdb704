//! Connecting: again and again until the time is over, because a machine that was made a
//! moment ago is not reached at once, and does not know its users at once.

use crate::auth::{Credentials, authenticate, unreachable};
use crate::dial::dial;
use crate::host_key::HostKey;
use crate::session::Session;
use crate::{Agent, Error, Machine, Settings};
use russh::Channel;
use russh::client::{self, Config, Handle, Handler, Msg};
use russh::keys::PublicKeyOrCertificate;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::UnixStream;
use tokio::time::{Instant, sleep, timeout_at};

/// The pauses between tries: Terraform's.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(20);
/// When silence counts as a lost connection: after two minutes, as in Terraform.
const KEEPALIVE: Duration = Duration::from_secs(15);
const KEEPALIVES: usize = 8;

/// A machine with everything about it read.
struct Target<'a> {
    machine: &'a Machine,
    credentials: Credentials,
    host_key: Option<HostKey>,
}

impl<'a> Target<'a> {
    fn new(machine: &'a Machine, prefix: &str) -> Result<Target<'a>, Error> {
        Ok(Target {
            machine,
            credentials: Credentials::of(machine, prefix)?,
            host_key: HostKey::of(machine, &format!("{prefix}host_key"))?,
        })
    }

    fn name(&self) -> String {
        format!("{}:{}", self.machine.host, self.machine.port)
    }
}

/// What is answered to a machine meanwhile.
pub(crate) struct Client {
    wanted: Option<HostKey>,
    objection: Arc<OnceLock<String>>,
    /// The socket of the agent that the machine may use.
    agent: Option<PathBuf>,
}

impl Handler for Client {
    type Error = russh::Error;

    async fn check_server_key(&mut self, presented: &PublicKeyOrCertificate) -> Result<bool, russh::Error> {
        match self.wanted.as_ref().and_then(|w| w.objection(presented)) {
            None => Ok(true),
            Some(text) => {
                // It can only be set: keys are exchanged again after this was accepted.
                let _ = self.objection.set(text);
                Ok(false)
            }
        }
    }

    async fn server_channel_open_agent_forward(
        &mut self,
        channel: Channel<Msg>,
        reply: client::ChannelOpenHandle,
        _: &mut client::Session,
    ) -> Result<(), russh::Error> {
        let Some(socket) = self.agent.clone() else {
            drop(reply);
            return Ok(());
        };
        reply.accept().await;
        tokio::spawn(async move {
            if let Ok(mut agent) = UnixStream::connect(socket).await {
                // Whoever asked sees the end of the channel; there is nobody else to tell.
                let _ = tokio::io::copy_bidirectional(&mut channel.into_stream(), &mut agent).await;
            }
        });
        Ok(())
    }
}

/// Connects and logs in. `retrying` is told why a try failed before there is another one.
///
/// # Errors
///
/// At once if `settings` cannot be right (a key that cannot be read); otherwise when the
/// timeout is over, with the reason of the last try.
pub async fn connect(settings: &Settings, retrying: &mut dyn FnMut(&Error)) -> Result<Session, Error> {
    let target = Target::new(&settings.machine, "")?;
    let bastion = settings.bastion.as_ref().map(|b| Target::new(b, "bastion_")).transpose()?;
    if settings.agent.as_ref().is_some_and(|a| a.required && a.socket.is_none()) {
        return Err(unreachable("SSH_AUTH_SOCK is not set"));
    }
    let deadline = Instant::now() + settings.timeout;
    let (mut last, mut pause) = (None, FIRST_PAUSE);
    loop {
        match timeout_at(deadline, attempt(settings, &target, bastion.as_ref())).await {
            Ok(Ok(session)) => return Ok(session),
            Ok(Err(e)) if !e.passing => return Err(e),
            Ok(Err(e)) => last = Some(e),
            Err(_) => break,
        }
        if Instant::now() + pause >= deadline {
            break;
        }
        last.iter().for_each(&mut *retrying);
        sleep(pause).await;
        pause = LONGEST_PAUSE.min(pause * 2);
    }
    let name = target.name();
    let reason = last.map(|e| e.text).unwrap_or_else(|| format!("{name} did not answer."));
    Err(Error::lasting(format!(
        "{reason} It was tried for the {:?} that \"timeout\" allows, without success.",
        settings.timeout
    )))
}

/// One try.
async fn attempt(
    settings: &Settings,
    target: &Target<'_>,
    bastion: Option<&Target<'_>>,
) -> Result<Session, Error> {
    let proxy = settings.proxy.as_ref();
    let agent = settings.agent.as_ref();
    let (handle, through) = match bastion {
        None => (log_in(async || dial(target.machine, proxy).await, target, agent).await?, None),
        Some(bastion) => {
            let outer = log_in(async || dial(bastion.machine, proxy).await, bastion, agent).await?;
            let tunnel = async || {
                let (host, port) = (target.machine.host.clone(), u32::from(target.machine.port));
                match outer.channel_open_direct_tcpip(host, port, "127.0.0.1", 0).await {
                    Ok(channel) => Ok(channel.into_stream()),
                    Err(e) => Err(Error::passing(format!(
                        "{} cannot be reached from the bastion {}: {e}.",
                        target.name(),
                        bastion.name()
                    ))),
                }
            };
            (log_in(tunnel, target, agent).await?, Some(outer))
        }
    };
    Ok(Session {
        handle,
        _through: through,
        name: target.name(),
        windows: settings.windows,
        forward_agent: agent.is_some_and(|a| a.socket.is_some()),
    })
}

/// Speaks SSH over a stream until it is known who logs in. `open` makes the stream.
async fn log_in<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    open: impl AsyncFn() -> Result<S, Error>,
    target: &Target<'_>,
    agent: Option<&Agent>,
) -> Result<Handle<Client>, Error> {
    let name = target.name();
    let mut certificates = false;
    loop {
        let mut config = Config {
            keepalive_interval: Some(KEEPALIVE),
            keepalive_max: KEEPALIVES,
            nodelay: true,
            ..Config::default()
        };
        if let Some(key) = &target.host_key {
            config.preferred = key.preferred(certificates);
        }
        let objection = Arc::new(OnceLock::new());
        let client = Client {
            wanted: target.host_key.clone(),
            objection: objection.clone(),
            agent: agent.and_then(|a| a.socket.clone()),
        };
        let problem = match client::connect_stream(Arc::new(config), open().await?, client).await {
            Ok(mut handle) => {
                authenticate(&mut handle, &target.credentials, agent, &name).await?;
                return Ok(handle);
            }
            Err(e) => e,
        };
        let text = match objection.get() {
            // A machine presents one of its keys and certificates, and which one is wanted
            // cannot be seen from host_key, which may be that of an authority.
            Some(_) if !certificates => {
                certificates = true;
                continue;
            }
            Some(text) => format!(
                "{name} is not the machine that host_key names: {text}. Either something is in between, or host_key is out of date."
            ),
            None => format!("{name} does not speak SSH with us: {problem}."),
        };
        return Err(Error::passing(text));
    }
}
