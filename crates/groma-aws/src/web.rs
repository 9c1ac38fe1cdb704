//! Blocking HTTP with the retries, the proxies and the TLS options that remote services need.

use crate::Environment;
use std::fmt;
use std::fs;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use ureq::Proxy;
use ureq::http::{HeaderMap, Request};
use ureq::tls::{ClientCert, PemItem, RootCerts, TlsConfig, TlsProvider, parse_pem};

/// More than any answer should have.
const MAX_BODY: u64 = 1 << 30;

/// How connections are made.
#[derive(Clone, Debug, Default)]
pub struct WebOptions {
    /// Accept any certificate.
    pub insecure: bool,
    /// Accept certificates of these authorities only (PEM).
    pub authorities: Option<String>,
    /// Certificate and key of ours (PEM).
    pub identity: Option<(String, String)>,
    /// In place of the proxies of the environment.
    pub http_proxy: Option<String>,
    /// As above, for `https`.
    pub https_proxy: Option<String>,
    /// As above: hosts without a proxy, separated by commas.
    pub no_proxy: Option<String>,
    /// Use no proxy at all, also if the environment has one.
    pub direct: bool,
    /// How often to repeat what may succeed later.
    pub retries: usize,
    /// How often at most to repeat what found no server; as often as anything else if not set.
    pub connection_retries: Option<usize>,
    /// The first wait before a repetition; it doubles each time.
    pub wait_min: Duration,
    /// The longest.
    pub wait_max: Duration,
    /// Wait a random part of the time instead of all of it, so that many clients do not return together.
    pub jitter: bool,
    /// For a whole request; none where the answer may take long.
    pub timeout: Option<Duration>,
    /// For making a connection; 30 seconds if not set.
    pub connect_timeout: Option<Duration>,
}

/// A client for `http` and `https`.
#[derive(Debug)]
pub struct Web {
    http: ureq::Agent,
    https: ureq::Agent,
    direct: ureq::Agent,
    options: WebOptions,
}

/// An answer, of whatever status.
#[derive(Debug)]
pub struct Reply {
    /// The HTTP status code.
    pub status: u16,
    /// All headers.
    pub headers: HeaderMap,
    /// The body, as it came.
    pub body: Vec<u8>,
}

impl Reply {
    /// The first header of a name (in any case), where it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebProblem {
    /// The host's name does not resolve.
    NoHost,
    /// There is no connection, or it ended early.
    NoConnection,
    /// It took too long.
    Timeout,
    /// The server's certificate or the encryption was refused.
    Tls,
    /// The request could not be made or the answer is no HTTP.
    Other,
}

impl WebProblem {
    fn may_pass(self) -> bool {
        !matches!(self, WebProblem::Tls | WebProblem::Other)
    }
}

/// No answer came, after some attempts.
#[derive(Clone, Debug)]
pub struct WebError {
    /// What kind of problem.
    pub problem: WebProblem,
    /// The reason, as a sentence part.
    pub message: String,
    /// How often it was tried.
    pub attempts: usize,
}

impl fmt::Display for WebError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// What makes the headers of a request, anew for each attempt, as signatures have a time.
pub type Headers<'a> = &'a dyn Fn() -> Vec<(String, String)>;

impl Web {
    /// On error, the reason as a sentence part.
    pub fn new(options: WebOptions, env: &Environment) -> Result<Web, String> {
        let certificates = |pem: &str| -> Result<Vec<_>, String> {
            let items = parse_pem(pem.as_bytes()).filter_map(|item| match item {
                Ok(PemItem::Certificate(c)) => Some(Ok(c)),
                Ok(_) => None,
                Err(e) => Some(Err(e.to_string())),
            });
            let all = items.collect::<Result<Vec<_>, _>>()?;
            if all.is_empty() { Err("it holds no certificate".into()) } else { Ok(all) }
        };
        let roots = match &options.authorities {
            None => RootCerts::PlatformVerifier,
            Some(pem) => RootCerts::Specific(Arc::new(
                certificates(pem).map_err(|e| format!("cannot use the CA certificate: {e}"))?,
            )),
        };
        let identity = match &options.identity {
            None => None,
            Some((chain, key)) => {
                let chain =
                    certificates(chain).map_err(|e| format!("cannot load client certificate: {e}"))?;
                let key = ureq::tls::PrivateKey::from_pem(key.as_bytes())
                    .map_err(|e| format!("cannot load client certificate's key: {e}"))?;
                Some(ClientCert::new_with_certs(&chain, key))
            }
        };
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .root_certs(roots)
            .disable_verification(options.insecure)
            .client_cert(identity)
            .build();
        let variable = |name: &str| {
            let lower = name.to_lowercase();
            env.var(name).or_else(|| env.var(&lower)).map(str::to_owned).filter(|_| !options.direct)
        };
        let no_proxy = options.no_proxy.clone().or_else(|| variable("NO_PROXY"));
        let agent = |url: Option<String>| -> Result<ureq::Agent, String> {
            let proxy = url.map(|u| proxy(&u, no_proxy.as_deref())).transpose()?;
            let config = ureq::Agent::config_builder()
                .tls_config(tls.clone())
                .proxy(proxy)
                .http_status_as_error(false)
                .allow_non_standard_methods(true)
                .timeout_connect(Some(options.connect_timeout.unwrap_or(Duration::from_secs(30))))
                .timeout_global(options.timeout)
                .user_agent(concat!("Groma/", env!("CARGO_PKG_VERSION")))
                .build();
            Ok(config.into())
        };
        Ok(Web {
            http: agent(options.http_proxy.clone().or_else(|| variable("HTTP_PROXY")))?,
            https: agent(options.https_proxy.clone().or_else(|| variable("HTTPS_PROXY")))?,
            direct: agent(None)?,
            options,
        })
    }

    /// Sends a request, again where the failure may pass: no connection, or a status
    /// of 429 or 5xx. On error, the reason, which says how often it was tried.
    pub fn send(&self, method: &str, url: &str, headers: Headers<'_>, body: &[u8]) -> Result<Reply, String> {
        let passing = |r: &Reply| r.status == 429 || (r.status >= 500 && r.status != 501);
        let gave_up = |attempts: usize, why: String| {
            format!("{method} {url} giving up after {attempts} attempt(s): {why}")
        };
        match self.send_while(method, url, headers, body, &passing) {
            Ok((reply, attempts)) if passing(&reply) => {
                Err(gave_up(attempts, format!("the server answered with status {}", reply.status)))
            }
            Ok((reply, _)) => Ok(reply),
            Err(e) if !e.problem.may_pass() => Err(e.message),
            Err(e) => Err(gave_up(e.attempts, e.message)),
        }
    }

    /// Sends a request, again while there is no connection or `again` wants it, and gives the last answer with the
    /// number of attempts.
    pub fn send_while(
        &self,
        method: &str,
        url: &str,
        headers: Headers<'_>,
        body: &[u8],
        again: &dyn Fn(&Reply) -> bool,
    ) -> Result<(Reply, usize), WebError> {
        let mut wait = self.options.wait_min;
        let mut attempts = 0;
        loop {
            attempts += 1;
            let result = self.once(method, url, headers(), body);
            let all = self.options.retries;
            let retries = match &result {
                Ok(r) if again(r) => all,
                Err(e) if e.problem.may_pass() => self.options.connection_retries.map_or(all, |n| n.min(all)),
                _ => 0,
            };
            if attempts > retries {
                return match result {
                    Ok(r) => Ok((r, attempts)),
                    Err(e) => Err(WebError { attempts, ..e }),
                };
            }
            thread::sleep(if self.options.jitter { part_of(wait) } else { wait });
            wait = (wait * 2).min(self.options.wait_max);
        }
    }

    fn once(
        &self,
        method: &str,
        url: &str,
        headers: Vec<(String, String)>,
        body: &[u8],
    ) -> Result<Reply, WebError> {
        let failed = |problem, message: String| WebError { problem, message, attempts: 1 };
        let mut request = Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let agent = match url.split_once("://") {
            _ if self.to_itself(url) => &self.direct,
            Some(("https", _)) => &self.https,
            _ => &self.http,
        };
        let unmade = |e: ureq::http::Error| failed(WebProblem::Other, e.to_string());
        let sent = if body.is_empty() {
            request.body(()).map_err(unmade).map(|r| agent.run(r))?
        } else {
            request.body(body).map_err(unmade).map(|r| agent.run(r))?
        };
        let mut response = sent.map_err(|e| {
            let problem = match &e {
                ureq::Error::HostNotFound => WebProblem::NoHost,
                ureq::Error::Timeout(_) => WebProblem::Timeout,
                ureq::Error::Tls(_) | ureq::Error::Rustls(_) => WebProblem::Tls,
                ureq::Error::Io(_) | ureq::Error::ConnectionFailed | ureq::Error::Protocol(_) => {
                    WebProblem::NoConnection
                }
                _ => WebProblem::Other,
            };
            failed(problem, e.to_string())
        })?;
        let body = response.body_mut().with_config().limit(MAX_BODY).read_to_vec();
        let body =
            body.map_err(|e| failed(WebProblem::NoConnection, format!("the answer broke off: {e}")))?;
        Ok(Reply { status: response.status().as_u16(), headers: response.headers().clone(), body })
    }

    /// Whether the request is for this machine: then the environment's proxy is not asked, as everywhere else.
    fn to_itself(&self, url: &str) -> bool {
        if self.options.http_proxy.is_some() || self.options.https_proxy.is_some() {
            return false;
        }
        is_loopback(url)
    }
}

/// Whether the host of a URL is the machine itself.
pub(crate) fn is_loopback(url: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = host.split(['/', '?']).next().unwrap_or_default();
    let host = host.rsplit_once('@').map_or(host, |(_, h)| h);
    if let Some(v6) = host.strip_prefix('[') {
        return v6.split(']').next() == Some("::1");
    }
    let host = host.split(':').next().unwrap_or_default();
    host == "localhost" || host.parse::<std::net::Ipv4Addr>().is_ok_and(|a| a.is_loopback())
}

/// A random part of a time, half of it at least.
fn part_of(wait: Duration) -> Duration {
    let mut byte = [128];
    // Without randomness all of them wait equally long, which is no reason to fail.
    aws_lc_rs::rand::fill(&mut byte).ok();
    wait / 2 + wait / 2 * u32::from(byte[0]) / 255
}

fn proxy(url: &str, no_proxy: Option<&str>) -> Result<Proxy, String> {
    let bad = |e: ureq::Error| format!("cannot use the proxy {url}: {e}");
    let plain = Proxy::new(url).map_err(bad)?;
    let Some(hosts) = no_proxy else { return Ok(plain) };
    let mut builder = Proxy::builder(plain.protocol()).host(plain.host()).port(plain.port());
    if let Some(u) = plain.username() {
        builder = builder.username(u);
    }
    if let Some(p) = plain.password() {
        builder = builder.password(p);
    }
    for host in hosts.split(',').map(str::trim).filter(|h| !h.is_empty()) {
        builder = builder.no_proxy(host);
    }
    builder.build().map_err(bad)
}

/// Reads a PEM file that an option names.
pub fn pem_file(env: &Environment, path: &str) -> Result<String, String> {
    fs::read_to_string(env.path(path)).map_err(|e| format!("cannot read {path}: {e}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_itself_is_recognised() {
        for url in ["http://127.0.0.1:5000/x", "http://localhost", "https://[::1]:1/", "http://127.9.9.9"] {
            assert!(is_loopback(url), "{url}");
        }
        for url in ["http://localhost.example", "http://10.0.0.1", "https://[fd00::1]/", "http://h/localhost"]
        {
            assert!(!is_loopback(url), "{url}");
        }
    }

    #[test]
    fn a_random_wait_is_between_half_and_all() {
        let wait = Duration::from_millis(1000);
        for _ in 0..100 {
            let part = part_of(wait);
            assert!(part >= wait / 2 && part <= wait, "{part:?}");
        }
    }
}
