//! Blocking HTTP with the retries and the TLS options that backends have.

use super::BackendEnv;
use std::fs;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use ureq::Proxy;
use ureq::http::{HeaderMap, Request};
use ureq::tls::{ClientCert, PemItem, RootCerts, TlsConfig, TlsProvider, parse_pem};

/// More than any state should have.
const MAX_BODY: u64 = 1 << 30;

/// How connections are made.
#[derive(Clone, Debug, Default)]
pub(super) struct WebOptions {
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
    /// As above: hosts without a proxy.
    pub no_proxy: Option<String>,
    /// How often to repeat what may succeed later.
    pub retries: usize,
    /// The first wait before a repetition.
    pub wait_min: Duration,
    /// The longest.
    pub wait_max: Duration,
    /// For a whole request; none where the answer may take long.
    pub timeout: Option<Duration>,
}

/// A client for `http` and `https`.
#[derive(Debug)]
pub(super) struct Web {
    http: ureq::Agent,
    https: ureq::Agent,
    options: WebOptions,
}

/// An answer, of whatever status.
#[derive(Debug)]
pub(super) struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Reply {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl Web {
    /// On error, the reason as a sentence part.
    pub(super) fn new(options: WebOptions, env: &BackendEnv) -> Result<Web, String> {
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
            env.var(name).or_else(|| env.var(&lower)).map(str::to_owned)
        };
        let no_proxy = options.no_proxy.clone().or_else(|| variable("NO_PROXY"));
        let agent = |url: Option<String>| -> Result<ureq::Agent, String> {
            let proxy = url.map(|u| proxy(&u, no_proxy.as_deref())).transpose()?;
            let config = ureq::Agent::config_builder()
                .tls_config(tls.clone())
                .proxy(proxy)
                .http_status_as_error(false)
                .allow_non_standard_methods(true)
                .timeout_connect(Some(Duration::from_secs(30)))
                .timeout_global(options.timeout)
                .user_agent(concat!("Groma/", env!("CARGO_PKG_VERSION")))
                .build();
            Ok(config.into())
        };
        Ok(Web {
            http: agent(options.http_proxy.clone().or_else(|| variable("HTTP_PROXY")))?,
            https: agent(options.https_proxy.clone().or_else(|| variable("HTTPS_PROXY")))?,
            options,
        })
    }

    /// Sends a request, again where the failure may pass: no connection, or a status
    /// of 429 or 5xx. On error, the reason, which says how often it was tried.
    /// `headers` are made anew for each attempt, as signatures have a time.
    pub(super) fn send(
        &self,
        method: &str,
        url: &str,
        headers: &dyn Fn() -> Vec<(String, String)>,
        body: &[u8],
    ) -> Result<Reply, String> {
        let mut wait = self.options.wait_min;
        let mut attempts = 0;
        loop {
            attempts += 1;
            let result = self.once(method, url, headers(), body);
            let retry = match &result {
                Ok(r) => r.status == 429 || (r.status >= 500 && r.status != 501),
                Err((_, retry)) => *retry,
            };
            if !retry {
                return result.map_err(|(e, _)| e);
            }
            if attempts > self.options.retries {
                return match result {
                    Ok(r) => Err(format!(
                        "{method} {url} giving up after {attempts} attempt(s): the server answered with status {}",
                        r.status
                    )),
                    Err((e, _)) => Err(format!("{method} {url} giving up after {attempts} attempt(s): {e}")),
                };
            }
            thread::sleep(wait);
            wait = (wait * 2).min(self.options.wait_max);
        }
    }

    fn once(
        &self,
        method: &str,
        url: &str,
        headers: Vec<(String, String)>,
        body: &[u8],
    ) -> Result<Reply, (String, bool)> {
        let mut request = Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let agent = if url.starts_with("https:") { &self.https } else { &self.http };
        let sent = if body.is_empty() {
            request.body(()).map_err(|e| (e.to_string(), false)).map(|r| agent.run(r))?
        } else {
            request.body(body).map_err(|e| (e.to_string(), false)).map(|r| agent.run(r))?
        };
        let mut response = sent.map_err(|e| {
            let passing = matches!(
                e,
                ureq::Error::Io(_)
                    | ureq::Error::Timeout(_)
                    | ureq::Error::HostNotFound
                    | ureq::Error::ConnectionFailed
                    | ureq::Error::Protocol(_)
            );
            (e.to_string(), passing)
        })?;
        let body = response.body_mut().with_config().limit(MAX_BODY).read_to_vec();
        let body = body.map_err(|e| (format!("the answer broke off: {e}"), true))?;
        Ok(Reply { status: response.status().as_u16(), headers: response.headers().clone(), body })
    }
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
pub(super) fn pem_file(env: &BackendEnv, path: &str) -> Result<String, String> {
    fs::read_to_string(env.root.join(path)).map_err(|e| format!("cannot read {path}: {e}"))
}
