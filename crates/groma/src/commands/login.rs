//! `groma login` and `groma logout`: tokens for registries, in the file that Terraform keeps them in.

use super::{Command, Failure, Outcome};
use crate::args::Args;
use crate::cli_config::CliConfig;
use crate::operation::COMMON_FLAGS;
use crate::session::Session;
use groma_aws::web::{Web, WebOptions};
use groma_lang::{Diagnostic, Diagnostics};
use groma_provider::install::{CredentialsHelper, HttpClient, services};
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The host that is meant if none is named.
const DEFAULT_HOST: &str = "app.terraform.io";

/// `login`
pub static COMMAND: Command = Command {
    name: "login",
    usage: "[flags] [HOST]",
    summary: "Obtain and keep a token for a host",
    help: "Obtains a token for a host with private modules or providers, in the browser where the host offers that, and keeps it in credentials.tfrc.json, where Terraform finds it too.",
    flags: &[COMMON_FLAGS],
    run: login,
    main: false,
};

/// `logout`
pub static LOGOUT: Command = Command {
    name: "logout",
    usage: "[flags] [HOST]",
    summary: "Remove the token for a host",
    help: "Removes the token that groma login has kept. The host goes on accepting it until it is revoked there.",
    flags: &[COMMON_FLAGS],
    run: logout,
    main: false,
};

/// The file in which tokens are kept: `~/.terraform.d/credentials.tfrc.json`.
pub fn credentials_file(s: &Session) -> Option<PathBuf> {
    Some(Path::new(s.env.get("HOME")?).join(".terraform.d/credentials.tfrc.json"))
}

fn host(args: &Args) -> Result<String, Failure> {
    let host = match &args.rest[..] {
        [] => DEFAULT_HOST.to_owned(),
        [one] => one.to_lowercase(),
        _ => return Err("One host at most can be named.".to_owned().into()),
    };
    let (name, port) = host.split_once(':').unwrap_or((&host, "443"));
    let good = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '.'));
    if !good || port.parse::<u16>().is_err() {
        return Err(format!("{host:?} is no name of a host, such as {DEFAULT_HOST}.").into());
    }
    Ok(host)
}

fn file(s: &Session) -> Result<PathBuf, Failure> {
    credentials_file(s)
        .ok_or_else(|| Failure::Message("There is no home directory (HOME) to keep tokens in.".into()))
}

/// What the file says; `{}` where there is none.
fn read(path: &Path) -> Result<Value, Failure> {
    match std::fs::read_to_string(path) {
        Ok(text) => serde_json::from_str(&text).map_err(|e| {
            format!("The file {} is no valid JSON: {e}. Mend it, or remove it.", path.display()).into()
        }),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Value::Object(Default::default())),
        Err(e) => Err(format!("The file {} cannot be read: {e}.", path.display()).into()),
    }
}

/// Writes the file so that only this user can read it.
fn write(path: &Path, content: &Value) -> Result<(), Failure> {
    use std::os::unix::fs::OpenOptionsExt;
    let failed =
        |e: std::io::Error| Failure::Message(format!("The file {} cannot be written: {e}.", path.display()));
    std::fs::create_dir_all(path.parent().unwrap_or(path)).map_err(failed)?;
    let part = path.with_extension("json.part");
    let _ = std::fs::remove_file(&part);
    let mut out =
        std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part).map_err(failed)?;
    let text = serde_json::to_string_pretty(content).unwrap_or_default();
    out.write_all(format!("{text}\n").as_bytes()).map_err(failed)?;
    std::fs::rename(&part, path).map_err(failed)
}

fn login(s: &Session, args: &Args) -> Outcome {
    let host = host(args)?;
    let (cli, mut keeper) = keeper(s, &host)?;
    let http = HttpClient::new(s.http_settings(&cli));
    let found = services(&http, &host).map_err(|e| {
        s.fail(Diagnostic::error(
            "Service discovery failed",
            format!("The host {host} does not say what it offers: {e}."),
        ))
    })?;
    let question = format!("Obtain a token for {host}?");
    let what = format!(
        "If it is granted, the token will be kept {}\n",
        match &keeper {
            Keeper::File(path, _) =>
                format!("in plain text in this file, for this user only:\n    {}", path.display()),
            Keeper::Helper(h) => format!("by the credentials helper {:?}.", h.name()),
        }
    );
    if !s.confirm(&question, &what)? {
        return Err("Login was cancelled: nothing was changed.".to_owned().into());
    }
    let url = |v: &Value| -> Option<String> {
        let text = v.as_str()?;
        match &found.base {
            Some(base) => groma_provider::install::resolve_url(base, text).ok(),
            None => Some(text.to_owned()),
        }
    };
    let token = match (found.list.get("login.v1"), found.list.get("tfe.v2").and_then(url)) {
        (Some(Value::Object(service)), _) => {
            let part = |name: &str| service.get(name).and_then(&url);
            let client = service.get("client").and_then(Value::as_str);
            let (Some(authz), Some(exchange), Some(client)) = (part("authz"), part("token"), client) else {
                return Err(format!("The host {host} offers a login that is incomplete (login.v1 needs client, authz and token).").into());
            };
            let ports = service.get("ports").and_then(Value::as_array);
            let port = |i: usize, otherwise: u16| {
                ports
                    .and_then(|p| p.get(i)?.as_u64())
                    .and_then(|p| u16::try_from(p).ok())
                    .unwrap_or(otherwise)
            };
            let scopes = service.get("scopes").and_then(Value::as_array);
            let scopes: Vec<&str> = scopes.into_iter().flatten().filter_map(Value::as_str).collect();
            let grant = Grant {
                authz,
                exchange,
                client,
                scopes: scopes.join(" "),
                ports: (port(0, 1024), port(1, 65535)),
            };
            grant.obtain(s)?
        }
        (_, Some(_)) => {
            s.ui.line(&format!("A token can be made on this page:\n    https://{host}/app/settings/tokens?source=terraform-login\n"));
            hidden(s, &format!("The token for {host}"))?
        }
        _ => {
            return Err(s.fail(Diagnostic::error(
                "Host does not support login",
                format!("The host {host} offers no login. If it gives out tokens elsewhere, set TF_TOKEN_{} to one, or write a credentials block into the CLI configuration.", host.replace('-', "__").replace('.', "_")),
            )));
        }
    };
    if token.is_empty() {
        return Err("No token was given: nothing was changed.".to_owned().into());
    }
    if let Some(api) = found.list.get("tfe.v2").and_then(url) {
        let account = format!("{}/account/details", api.trim_end_matches('/'));
        let answer = http.get_as(&account, Some(&format!("Bearer {token}")));
        match answer {
            Ok(a) if matches!(a.status, 401 | 403) => {
                return Err(
                    format!("The host {host} does not accept this token: nothing was changed.").into()
                );
            }
            Ok(_) => {}
            Err(e) => return Err(format!("The token could not be tried: {e}. Nothing was changed.").into()),
        }
    }
    let kept = match &mut keeper {
        Keeper::Helper(h) => {
            h.store(&host, &token)
                .map_err(|e| format!("The credentials helper did not keep the token: {e}."))?;
            format!("by the credentials helper {:?}", h.name())
        }
        Keeper::File(path, content) => {
            content["credentials"][&host]["token"] = token.into();
            write(path, content)?;
            format!("in {}", path.display())
        }
    };
    s.ui.line(&format!("{} The token for {host} is kept {kept}.", s.paint().code("1;32", "Success!")));
    Ok(0)
}

/// Where tokens are kept.
enum Keeper {
    /// In this file, which says that.
    File(PathBuf, Value),
    Helper(Arc<CredentialsHelper>),
}

/// The keeper of a host's token, which is not to be set otherwise.
fn keeper(s: &Session, host: &str) -> Result<(CliConfig, Keeper), Failure> {
    let mut diags = Diagnostics::new();
    let cli = CliConfig::load(s, &mut diags);
    s.check(&diags)?;
    if let Some(from) = cli.configured.get(host) {
        return Err(s.fail(Diagnostic::error(
            "Credentials are set already",
            format!("A token for {host} is set in {from}, which comes before what groma login keeps. Remove it there first."),
        )));
    }
    let keeper = match &cli.helper {
        Some(h) => Keeper::Helper(h.clone()),
        None => {
            let path = file(s)?;
            let content = read(&path)?;
            Keeper::File(path, content)
        }
    };
    Ok((cli, keeper))
}

fn logout(s: &Session, args: &Args) -> Outcome {
    let host = host(args)?;
    let (path, mut content) = match keeper(s, &host)?.1 {
        Keeper::File(path, content) => (path, content),
        Keeper::Helper(h) => {
            h.forget(&host).map_err(|e| format!("The credentials helper did not remove the token: {e}."))?;
            s.ui.line(&format!(
                "The token for {host} is removed by the credentials helper {:?}. It is valid until it is revoked at the host.",
                h.name()
            ));
            return Ok(0);
        }
    };
    let removed = content.get_mut("credentials").and_then(Value::as_object_mut).and_then(|c| c.remove(&host));
    if removed.is_none() {
        s.ui.line(&format!("No token for {host} is kept, so there is nothing to remove."));
        return Ok(0);
    }
    write(&path, &content)?;
    s.ui.line(&format!(
        "The token for {host} is removed from {}. It is valid until it is revoked at the host.",
        path.display()
    ));
    Ok(0)
}

/// A line that is not shown while it is typed.
fn hidden(s: &Session, question: &str) -> Result<String, Failure> {
    use rustix::termios::{LocalModes, OptionalActions, isatty, tcgetattr, tcsetattr};
    let stdin = std::io::stdin();
    let before = if isatty(&stdin) { tcgetattr(&stdin).ok() } else { None };
    if let Some(modes) = &before {
        let mut quiet = modes.clone();
        quiet.local_modes.remove(LocalModes::ECHO);
        let _ = tcsetattr(&stdin, OptionalActions::Now, &quiet);
    }
    let answer = s.ask(question, "It is not shown while you enter it.");
    if let Some(modes) = &before {
        let _ = tcsetattr(&stdin, OptionalActions::Now, modes);
    }
    answer
}

/// OAuth 2.0 with an authorization code and a proof key (RFC 6749, RFC 7636).
struct Grant<'a> {
    authz: String,
    exchange: String,
    client: &'a str,
    scopes: String,
    ports: (u16, u16),
}

impl Grant<'_> {
    fn obtain(&self, s: &Session) -> Result<String, Failure> {
        let listener =
            (self.ports.0.max(1024)..=self.ports.1).find_map(|p| TcpListener::bind(("127.0.0.1", p)).ok());
        let listener = listener.ok_or_else(|| {
            format!(
                "None of the ports from {} to {}, to which the host sends its answer, is free.",
                self.ports.0, self.ports.1
            )
        })?;
        let port = listener.local_addr().map_err(|e| format!("A port cannot be used: {e}."))?.port();
        let proof = groma_provider::install::ProofKey::new();
        let state = groma_provider::install::ProofKey::new().verifier;
        let callback = format!("http://localhost:{port}/login");
        let enc = |t: &str| groma_aws::encode(t, false);
        let mut url = format!(
            "{}{}client_id={}&code_challenge={}&code_challenge_method=S256&redirect_uri={}&response_type=code&state={}",
            self.authz,
            if self.authz.contains('?') { '&' } else { '?' },
            enc(self.client),
            enc(&proof.challenge),
            enc(&callback),
            enc(&state),
        );
        if !self.scopes.is_empty() {
            url.push_str(&format!("&scope={}", enc(&self.scopes)));
        }
        s.ui.line(&format!("Open this page in a browser and grant the access:\n    {url}\n\nWaiting for the host's answer (Ctrl-C ends it) ..."));
        if !s.env.contains_key("TF_IN_AUTOMATION") {
            let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
            let quiet = std::process::Stdio::null;
            let _ = std::process::Command::new(opener)
                .arg(&url)
                .stdin(quiet())
                .stdout(quiet())
                .stderr(quiet())
                .spawn();
        }
        let code = answer(&listener, &state)?;
        let form = [
            ("client_id", self.client),
            ("code", &code),
            ("code_verifier", &proof.verifier),
            ("grant_type", "authorization_code"),
            ("redirect_uri", &callback),
        ];
        let body: Vec<String> = form.iter().map(|(n, v)| format!("{n}={}", enc(v))).collect();
        let environment = groma_aws::Environment { vars: s.env.clone(), ..Default::default() };
        let web = Web::new(WebOptions::default(), &environment)?;
        let headers = || {
            vec![
                ("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()),
                ("accept".to_owned(), "application/json".to_owned()),
            ]
        };
        let reply = web
            .send("POST", &self.exchange, &headers, body.join("&").as_bytes())
            .map_err(|e| format!("The code could not be exchanged for a token: {e}."))?;
        let document: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        match document["access_token"].as_str() {
            Some(token) if reply.status == 200 => Ok(token.to_owned()),
            _ => Err(format!(
                "The host gave no token (status {}{}).",
                reply.status,
                document["error"].as_str().map(|e| format!(", {e}")).unwrap_or_default()
            )
            .into()),
        }
    }
}

/// Waits for the browser to bring the code.
fn answer(listener: &TcpListener, state: &str) -> Result<String, Failure> {
    let failed = |e: std::io::Error| Failure::Message(format!("The answer cannot be received: {e}."));
    listener.set_nonblocking(true).map_err(failed)?;
    let end = Instant::now() + Duration::from_secs(600);
    loop {
        let stream = match listener.accept() {
            Ok((stream, _)) => stream,
            Err(e) if e.kind() == std::io::ErrorKind::WouldBlock && Instant::now() < end => {
                std::thread::sleep(Duration::from_millis(50));
                continue;
            }
            Err(e) if e.kind() == std::io::ErrorKind::WouldBlock => {
                return Err("Nobody granted the access within ten minutes.".to_owned().into());
            }
            Err(e) => return Err(failed(e)),
        };
        stream.set_nonblocking(false).map_err(failed)?;
        stream.set_read_timeout(Some(Duration::from_secs(5))).map_err(failed)?;
        let mut reader = BufReader::new(stream);
        let mut request = String::new();
        if reader.read_line(&mut request).is_err() {
            continue;
        }
        loop {
            let mut header = String::new();
            if reader.read_line(&mut header).map_or(true, |n| n <= 2) {
                break;
            }
        }
        let target = request.split(' ').nth(1).unwrap_or_default();
        let query = target.strip_prefix("/login?").unwrap_or_default();
        let argument = |name: &str| {
            let value = query.split('&').find_map(|p| p.strip_prefix(name)?.strip_prefix('='))?;
            Some(decoded(value))
        };
        let (result, page) = match (argument("state"), argument("code"), argument("error")) {
            (Some(given), Some(code), _) if given == state => {
                (Some(Ok(code)), "The login is complete. This page can be closed.")
            }
            (Some(given), _, Some(why)) if given == state => (
                Some(Err(Failure::Message(format!("The host refused the access: {why}.")))),
                "The access was refused. This page can be closed.",
            ),
            // A browser asks for icons, too; and nobody else may end this.
            _ => (None, "Nothing is here."),
        };
        let status = if result.is_some() { "200 OK" } else { "404 Not Found" };
        let _ = write!(
            reader.get_mut(),
            "HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{page}",
            page.len()
        );
        if let Some(result) = result {
            return result;
        }
    }
}

/// Without the escapes of a form.
fn decoded(text: &str) -> String {
    let mut out = Vec::new();
    let bytes = text.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        let hex = |at: usize| (*bytes.get(at)? as char).to_digit(16);
        match (bytes[i], hex(i + 1), hex(i + 2)) {
            (b'%', Some(a), Some(b)) => {
                out.push((a * 16 + b) as u8);
                i += 2;
            }
            (b'+', ..) => out.push(b' '),
            (b, ..) => out.push(b),
        }
        i += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}
