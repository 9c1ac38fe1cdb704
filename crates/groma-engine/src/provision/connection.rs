//! `connection` blocks: what they may say, and what it means.

use super::Run;
use crate::scope::ModuleScope;
use groma_lang::functions::parse_duration;
use groma_lang::{Body, Diagnostics};
use groma_remote::{Agent, Machine, Proxy, ProxyKind, Settings};
use groma_value::schema::{Attribute, Block};
use groma_value::{Fields, Type, Value};
use std::sync::LazyLock;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(5 * 60);

/// What a `connection` block takes, of SSH and WinRM together, as documented.
static CONNECTION: LazyLock<Block> = LazyLock::new(|| {
    const TEXTS: [&str; 21] = [
        "type",
        "user",
        "password",
        "timeout",
        "script_path",
        "target_platform",
        "private_key",
        "certificate",
        "agent_identity",
        "host_key",
        "proxy_scheme",
        "proxy_host",
        "proxy_user_name",
        "proxy_user_password",
        "bastion_host",
        "bastion_host_key",
        "bastion_user",
        "bastion_password",
        "bastion_private_key",
        "bastion_certificate",
        "cacert",
    ];
    let of = |ty: Type| move |name: &'static str| (name, Attribute::optional(ty.clone()));
    let texts = TEXTS.into_iter().map(of(Type::String));
    let numbers = ["port", "proxy_port", "bastion_port"].into_iter().map(of(Type::Number));
    let flags = ["agent", "https", "insecure", "use_ntlm"].into_iter().map(of(Type::Bool));
    let host = [("host", Attribute::required(Type::String))];
    Block::of_attributes(texts.chain(numbers).chain(flags).chain(host))
});

/// The same over another one: nothing is required.
static CONNECTION_OVER: LazyLock<Block> = LazyLock::new(|| {
    let mut block = CONNECTION.clone();
    if let Some(host) = block.attributes.get_mut("host") {
        *host = Attribute::optional(Type::String);
    }
    block
});

/// The arguments that a connection has. Terraform accepts any other one, too.
fn known(body: &Body) -> Body {
    let mut body = body.clone();
    body.attributes.retain(|a| CONNECTION.attributes.contains_key(&a.name.name));
    body
}

/// Checks a connection; `over`: another one has what is missing in it. As Terraform has it,
/// that other one must be whole by itself.
pub(super) fn check_connection(body: &Body, over: bool, scope: &ModuleScope<'_>, diags: &mut Diagnostics) {
    for a in &body.attributes {
        if !CONNECTION.attributes.contains_key(&a.name.name) {
            let near = groma_lang::diag::suggest(&a.name.name, CONNECTION.attributes.keys().map(|n| &**n));
            let hint = near.map(|n| format!(" Did you mean {n:?}?")).unwrap_or_default();
            let detail =
                format!("A connection has no argument named {:?}; it does nothing.{hint}", &*a.name.name);
            diags.warning(a.name.span, "Unsupported argument", detail);
        }
    }
    let schema = if over { &CONNECTION_OVER } else { &CONNECTION };
    let value = groma_lang::decode::decode_block(&known(body), schema, scope, diags);
    let (value, _) = value.unmark_deep();
    let place = |name: &str| body.attribute(name).map_or(body.span, |a| a.expr.span);
    let get = |name: &str| value.get_attr(name);
    if get("type").is_some_and(|v| v.as_str() == Some("winrm")) {
        diags.error(place("type"), "Connection type not supported", WINRM);
    }
    if let Some(timeout) = get("timeout")
        && let Some(text) = timeout.as_str().filter(|t| duration(t).is_none())
    {
        let detail = format!("{text:?} is no duration such as \"30s\" or \"5m\", so it is the default: 5m.");
        diags.warning(place("timeout"), "Invalid timeout", detail);
    }
}

const WINRM: &str = "Groma connects over SSH only, not over WinRM. Windows has an SSH server (OpenSSH Server is an optional feature): type = \"ssh\" and target_platform = \"windows\" go with it.";

/// A positive duration as Go writes it.
fn duration(text: &str) -> Option<Duration> {
    let nanoseconds = parse_duration(text).ok().and_then(|n| u64::try_from(n).ok());
    nanoseconds.map(Duration::from_nanos)
}

/// What is to be done over a connection.
pub(super) struct Connection {
    /// How it is made.
    pub settings: Settings,
    /// Where scripts go; `%RAND%` stands for a number.
    pub script_path: String,
    /// `host:port`, or what may be said of it.
    pub name: String,
    /// The values that are sensitive.
    secrets: Vec<String>,
}

impl Connection {
    /// `text` without sensitive values.
    pub fn shown(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret, "(sensitive)"))
    }
}

/// The connection of a provisioner: its own arguments, then those of `common`.
pub(super) fn connection(
    run: &Run<'_>,
    common: Option<&Body>,
    scope: &ModuleScope<'_>,
) -> Result<Connection, Diagnostics> {
    let own = run.provisioner.connection.as_ref();
    let Some(mut body) = own.or(common).map(known) else {
        return Err(run.failure(
            "There is no connection block in the provisioner or around it, which says where to connect to.",
        ));
    };
    if let (Some(_), Some(common)) = (own, common) {
        let rest = known(common).attributes.into_iter();
        let rest: Vec<_> = rest.filter(|a| body.attribute(&a.name.name).is_none()).collect();
        body.attributes.extend(rest);
    }
    let mut diags = Diagnostics::new();
    let value = groma_lang::decode::decode_block(&body, &CONNECTION, scope, &mut diags);
    if diags.has_errors() {
        return Err(diags);
    }
    let fields = value.as_fields().into_iter().flat_map(Fields::iter);
    let sensitive = fields.filter(|(_, v)| v.contains_sensitive()).map(|(_, v)| v.unmark_deep().0);
    let secrets = sensitive.filter_map(|v| v.as_str().filter(|s| !s.is_empty()).map(str::to_owned)).collect();
    let (value, _) = value.unmark_deep();
    let read = Arguments { run, value: &value };
    match read.text("type")?.as_deref() {
        None | Some("ssh") => {}
        Some("winrm") => return Err(run.failure(WINRM)),
        Some(other) => {
            return Err(
                run.failure(format!("The connection has type = {other:?}; what there is is \"ssh\"."))
            );
        }
    }
    let windows = match read.text("target_platform")?.as_deref() {
        None | Some("unix") => false,
        Some("windows") => true,
        Some(other) => {
            return Err(run.failure(format!(
                "The connection has target_platform = {other:?}; it is \"unix\" or \"windows\"."
            )));
        }
    };
    let settings = read.settings(windows)?;
    let script_path = read.text("script_path")?.unwrap_or_else(|| {
        if windows { "C:/windows/temp/terraform_%RAND%.cmd" } else { "/tmp/terraform_%RAND%.sh" }.to_owned()
    });
    let Machine { host, port, .. } = &settings.machine;
    let name = format!("{host}:{port}");
    let mut connection = Connection { settings, script_path, name, secrets };
    connection.name = connection.shown(&connection.name);
    Ok(connection)
}

/// The arguments of a connection, with their defaults, which are Terraform's.
struct Arguments<'r> {
    run: &'r Run<'r>,
    value: &'r Value,
}

impl Arguments<'_> {
    /// An argument, if it is there.
    fn get(&self, name: &str) -> Result<Option<Value>, Diagnostics> {
        match self.value.get_attr(name).filter(|v| !v.is_null()) {
            Some(v) if !v.is_known() => {
                Err(self.run.failure(format!("{name} of the connection is not known.")))
            }
            found => Ok(found),
        }
    }

    /// A text; an empty one counts as absent.
    fn text(&self, name: &str) -> Result<Option<String>, Diagnostics> {
        Ok(self.get(name)?.and_then(|v| v.as_str().filter(|s| !s.is_empty()).map(str::to_owned)))
    }

    /// A port; 0 counts as absent.
    fn port(&self, name: &str) -> Result<Option<u16>, Diagnostics> {
        let Some(value) = self.get(name)? else { return Ok(None) };
        match value.as_number().and_then(|n| n.as_u64()).and_then(|n| u16::try_from(n).ok()) {
            Some(0) => Ok(None),
            Some(port) => Ok(Some(port)),
            None => Err(self
                .run
                .failure(format!("{name} of the connection is no port: a whole number up to 65535."))),
        }
    }

    fn settings(&self, windows: bool) -> Result<Settings, Diagnostics> {
        let Some(host) = self.text("host")? else {
            return Err(self.run.failure("host of the connection is empty."));
        };
        let machine = Machine {
            host: bare(host),
            port: self.port("port")?.unwrap_or(22),
            user: self.text("user")?.unwrap_or_else(|| "root".into()),
            password: self.text("password")?,
            private_key: self.text("private_key")?,
            certificate: self.text("certificate")?,
            host_key: self.text("host_key")?,
        };
        let bastion = match self.text("bastion_host")? {
            None => None,
            Some(host) => Some(Machine {
                host: bare(host),
                port: self.port("bastion_port")?.unwrap_or(machine.port),
                user: self.text("bastion_user")?.unwrap_or_else(|| machine.user.clone()),
                password: self.text("bastion_password")?.or_else(|| machine.password.clone()),
                private_key: self.text("bastion_private_key")?.or_else(|| machine.private_key.clone()),
                certificate: self.text("bastion_certificate")?.or_else(|| machine.certificate.clone()),
                host_key: self.text("bastion_host_key")?,
            }),
        };
        let timeout = self.text("timeout")?.and_then(|t| duration(&t)).unwrap_or(TIMEOUT);
        Ok(Settings { machine, bastion, proxy: self.proxy()?, agent: self.agent()?, timeout, windows })
    }

    fn proxy(&self) -> Result<Option<Proxy>, Diagnostics> {
        let Some(host) = self.text("proxy_host")? else { return Ok(None) };
        let kind = match self.text("proxy_scheme")?.as_deref() {
            // Terraform speaks to both in the clear.
            None | Some("http" | "https") => ProxyKind::Http,
            Some("socks5" | "socks5h") => ProxyKind::Socks5,
            Some(other) => {
                return Err(self.run.failure(format!(
                    "The connection has proxy_scheme = {other:?}; it is \"http\", \"https\" or \"socks5\"."
                )));
            }
        };
        let Some(port) = self.port("proxy_port")? else {
            return Err(self.run.failure("The connection has a proxy_host, but no proxy_port."));
        };
        let text = |name| self.text(name).map(Option::unwrap_or_default);
        let (user, password) = (text("proxy_user_name")?, text("proxy_user_password")?);
        Ok(Some(Proxy { kind, host: bare(host), port, user, password }))
    }

    fn agent(&self) -> Result<Option<Agent>, Diagnostics> {
        let wanted = self.get("agent")?.and_then(|v| v.as_bool());
        let socket = self.run.walk.cx.ssh_agent.clone();
        if !wanted.unwrap_or(socket.is_some()) {
            return Ok(None);
        }
        let identity = self.text("agent_identity")?;
        Ok(Some(Agent { socket, required: wanted == Some(true), identity }))
    }
}

/// An IPv6 address without the brackets that it may have.
fn bare(host: String) -> String {
    match host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
        Some(inner) => inner.to_owned(),
        None => host,
    }
}
