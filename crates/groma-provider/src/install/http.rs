//! Requests to registries and mirrors.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ureq::ResponseExt;
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};

use crate::files::at;
use crate::handshake::crypto_provider;

use super::error::InstallError;
use super::helper::CredentialsHelper;
use super::url;

/// How to talk to servers. Proxies are taken from the environment by the HTTP library, certificates
/// from the system.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// Sent with every request.
    pub user_agent: String,
    /// The version of Terraform to claim; registries may refuse old ones.
    pub terraform_version: String,
    /// Bearer tokens by host (with port, if it is not the usual one).
    pub credentials: BTreeMap<String, String>,
    /// Who is asked for tokens of other hosts.
    pub helper: Option<Arc<CredentialsHelper>>,
    /// Services of hosts that are not to be asked for them: host, service id, URL (or the JSON text
    /// of an object, for services that have more).
    pub services: BTreeMap<String, BTreeMap<String, String>>,
    /// How long a registry or mirror may take for an answer, downloads of packages excepted.
    pub timeout: Duration,
    /// How often a request is repeated that failed for a reason which may pass.
    pub retries: u32,
    /// Certificates (DER) to trust instead of the system's.
    pub root_certificates: Option<Vec<Vec<u8>>>,
}

impl HttpSettings {
    /// Terraform's defaults: ten seconds, one retry.
    pub fn new(user_agent: impl Into<String>, terraform_version: impl Into<String>) -> Self {
        HttpSettings {
            user_agent: user_agent.into(),
            terraform_version: terraform_version.into(),
            credentials: BTreeMap::new(),
            helper: None,
            services: BTreeMap::new(),
            timeout: Duration::from_secs(10),
            retries: 1,
            root_certificates: None,
        }
    }
}

/// Answers larger than this are no list of versions.
const MAX_DOCUMENT: u64 = 64 * 1024 * 1024;
/// How long a download may go without any data.
const STALL: Duration = Duration::from_secs(60);

/// Sends requests. Connections are kept open between them.
pub struct HttpClient {
    pub(super) settings: HttpSettings,
    agent: ureq::Agent,
}

/// An answer with a status that the caller has to look at.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Where the answer came from in the end: references in it are relative to this.
    pub url: String,
    /// The media type, empty where none is said.
    pub content_type: String,
    /// The content.
    pub body: Vec<u8>,
    headers: ureq::http::HeaderMap,
}

impl Answer {
    /// A header, if it is there once and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

impl HttpClient {
    /// A client; nothing is sent yet.
    pub fn new(settings: HttpSettings) -> Self {
        let roots = match &settings.root_certificates {
            None => RootCerts::PlatformVerifier,
            Some(certificates) => RootCerts::Specific(Arc::new(
                certificates.iter().map(|der| Certificate::from_der(der).to_owned()).collect(),
            )),
        };
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .unversioned_rustls_crypto_provider(crypto_provider())
            .root_certs(roots)
            .build();
        let config = ureq::Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            .user_agent(settings.user_agent.clone())
            .build();
        HttpClient { settings, agent: config.into() }
    }

    /// Fetches a document. `host` is the one whose credentials are sent, if there are any.
    pub fn get(&self, url: &str, host: Option<&str>) -> Result<Answer, InstallError> {
        let token = host.and_then(|host| self.token(host));
        self.get_as(url, token.map(|token| format!("Bearer {token}")).as_deref())
    }

    /// The token that is sent to a host.
    fn token(&self, host: &str) -> Option<String> {
        let set = self.settings.credentials.get(host).cloned();
        set.or_else(|| self.settings.helper.as_ref()?.token(host))
    }

    /// Fetches a document with a value for the header `Authorization`.
    pub fn get_as(&self, url: &str, authorization: Option<&str>) -> Result<Answer, InstallError> {
        self.attempt(url, || {
            let mut request = self
                .agent
                .get(url)
                .config()
                .timeout_global(Some(self.settings.timeout))
                .build()
                .header("X-Terraform-Version", &self.settings.terraform_version);
            if let Some(value) = authorization {
                request = request.header("Authorization", value);
            }
            let mut response = request.call()?;
            let content_type = response.headers().get("content-type");
            Ok(Answer {
                status: response.status().as_u16(),
                url: response.get_uri().to_string(),
                content_type: content_type
                    .and_then(|value| value.to_str().ok())
                    .unwrap_or_default()
                    .to_owned(),
                headers: response.headers().clone(),
                body: response.body_mut().with_config().limit(MAX_DOCUMENT).read_to_vec()?,
            })
        })
    }

    /// As [`HttpClient::get`], for a document that must be there.
    pub(super) fn get_document(&self, url: &str) -> Result<Vec<u8>, InstallError> {
        let answer = self.get(url, None)?;
        match answer.status {
            200 => Ok(answer.body),
            status => Err(request_error(url, format!("the server answered with status {status}"))),
        }
    }

    /// Downloads to a file that is created for it.
    pub(super) fn download(
        &self,
        url: &str,
        file: &mut std::fs::File,
        path: &Path,
    ) -> Result<(), InstallError> {
        self.download_as(url, None, file, path)
    }

    /// Downloads to the file `file`, whose path is `path`, with a value for the header
    /// `Authorization`.
    pub fn download_as(
        &self,
        url: &str,
        authorization: Option<&str>,
        file: &mut std::fs::File,
        path: &Path,
    ) -> Result<(), InstallError> {
        let mut response = self.attempt(url, || {
            let mut request = self
                .agent
                .get(url)
                .config()
                .timeout_recv_response(Some(STALL))
                .timeout_per_read(Some(STALL))
                .build();
            if let Some(value) = authorization {
                request = request.header("Authorization", value);
            }
            request.call()
        })?;
        if response.status() != 200 {
            let problem = format!("the server answered with status {}", response.status().as_u16());
            return Err(request_error(url, problem));
        }
        let expected = response.body().content_length();
        let mut reader = response.body_mut().with_config().limit(u64::MAX).reader();
        let mut buffer = vec![0; 1 << 16];
        let mut total = 0;
        loop {
            let n = reader.read(&mut buffer).map_err(|error| request_error(url, error.to_string()))?;
            if n == 0 {
                break;
            }
            file.write_all(&buffer[..n]).map_err(at(path))?;
            total += n as u64;
        }
        match expected {
            Some(expected) if expected != total => {
                Err(request_error(url, format!("got {total} bytes of {expected}")))
            }
            _ => Ok(()),
        }
    }

    /// Repeats what fails for a reason that may pass.
    fn attempt<T: Retry>(
        &self,
        url: &str,
        request: impl Fn() -> Result<T, ureq::Error>,
    ) -> Result<T, InstallError> {
        let mut wait = Duration::from_millis(500);
        for _ in 0..self.settings.retries {
            match request() {
                Ok(answer) if !matches!(answer.status(), 429 | 500 | 502 | 503 | 504) => return Ok(answer),
                Err(ureq::Error::BadUri(problem)) => return Err(request_error(url, problem)),
                _ => std::thread::sleep(wait),
            }
            wait *= 2;
        }
        request().map_err(|error| request_error(url, crate::rpc::chain(&error)))
    }
}

trait Retry {
    fn status(&self) -> u16;
}

impl Retry for Answer {
    fn status(&self) -> u16 {
        self.status
    }
}

impl Retry for ureq::http::Response<ureq::Body> {
    fn status(&self) -> u16 {
        ureq::http::Response::status(self).as_u16()
    }
}

impl HttpClient {
    /// The error for a status that means missing permission.
    pub(super) fn unauthorized(&self, host: &str) -> InstallError {
        InstallError::Unauthorized { host: host.to_owned(), had_credentials: self.token(host).is_some() }
    }
}

pub(super) fn request_error(url: &str, problem: impl Into<String>) -> InstallError {
    InstallError::Request { url: url.to_owned(), problem: problem.into() }
}

/// Parses a JSON answer.
pub(super) fn json<T: serde::de::DeserializeOwned>(url: &str, body: &[u8]) -> Result<T, InstallError> {
    serde_json::from_slice(body)
        .map_err(|error| request_error(url, format!("the answer is not what the protocol says: {error}")))
}

/// What `reference` means in a document at `base`.
pub fn resolve(base: &str, reference: &str) -> Result<String, InstallError> {
    url::resolve(base, reference)
        .map_err(|problem| request_error(base, format!("it names a URL that is not usable: {problem}")))
}
