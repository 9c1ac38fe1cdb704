//! The `http` backend: one state behind a URL.

use super::BackendEnv;
use super::config::Config;
use crate::error::{Problem, StateError};
use crate::file::{self, StateFile};
use crate::lock::{LockConflict, LockInfo, Timestamp};
use crate::store::{Backend, DEFAULT_WORKSPACE, StateStore};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use groma_aws::web::{Reply, Web, WebOptions};
use md5::{Digest, Md5};
use std::sync::Arc;
use std::time::Duration;

/// One state that is read with `GET`, written with `POST`, and locked with `LOCK` and
/// `UNLOCK` (methods and URLs may be others). It has only the workspace `default`.
#[derive(Debug)]
pub struct HttpBackend(Arc<Settings>);

#[derive(Debug)]
struct Settings {
    web: Web,
    address: String,
    update_method: String,
    lock: Option<(String, String)>,
    unlock: Option<(String, String)>,
    authorization: Option<String>,
}

fn error(detail: impl Into<String>) -> StateError {
    StateError::backend("HTTP remote state", detail)
}

impl HttpBackend {
    /// Configures it; nothing is sent.
    pub(super) fn new(config: &Config<'_>, env: &BackendEnv) -> Result<HttpBackend, StateError> {
        let text = |name: &str| -> Option<String> {
            let variable = format!("TF_HTTP_{}", name.to_uppercase());
            let set = config.text(name).or_else(|| env.var(&variable));
            set.filter(|v| !v.is_empty()).map(str::to_owned)
        };
        let number = |name: &str, default: usize| {
            let variable = format!("TF_HTTP_{}", name.to_uppercase());
            config.number(name).or_else(|| env.var(&variable)?.parse().ok()).unwrap_or(default)
        };
        let invalid = |name: &str, detail: String| {
            StateError::Invalid(vec![Problem::new("Invalid backend configuration", detail).at(name)])
        };
        let url = |name: &str, called: &str| match text(name) {
            Some(u) if !u.starts_with("http://") && !u.starts_with("https://") => {
                Err(invalid(name, format!("{called} must be HTTP or HTTPS")))
            }
            u => Ok(u),
        };
        let address = url("address", "address")?
            .ok_or_else(|| invalid("address", "address argument is required".into()))?;
        let identity = match (text("client_certificate_pem"), text("client_private_key_pem")) {
            (Some(c), Some(k)) => Some((c, k)),
            (None, None) => None,
            (Some(_), None) => {
                let detail = "client_certificate_pem is set but client_private_key_pem is not";
                return Err(invalid("client_certificate_pem", detail.into()));
            }
            (None, Some(_)) => {
                let detail = "client_private_key_pem is set but client_certificate_pem is not";
                return Err(invalid("client_private_key_pem", detail.into()));
            }
        };
        let options = WebOptions {
            insecure: config.flag("skip_cert_verification").unwrap_or_default(),
            authorities: text("client_ca_certificate_pem"),
            identity,
            retries: number("retry_max", 2),
            wait_min: Duration::from_secs(number("retry_wait_min", 1) as u64),
            wait_max: Duration::from_secs(number("retry_wait_max", 30) as u64),
            ..WebOptions::default()
        };
        let authorization = text("username").map(|user| {
            let pair = format!("{user}:{}", text("password").unwrap_or_default());
            format!("Basic {}", STANDARD.encode(pair))
        });
        let method = |name: &str, default: &str| text(name).unwrap_or_else(|| default.into());
        Ok(HttpBackend(Arc::new(Settings {
            web: Web::new(options, &env.environment()).map_err(|e| invalid("address", e))?,
            address,
            update_method: method("update_method", "POST"),
            lock: url("lock_address", "lockAddress")?.map(|u| (method("lock_method", "LOCK"), u)),
            unlock: url("unlock_address", "unlockAddress")?.map(|u| (method("unlock_method", "UNLOCK"), u)),
            authorization,
        })))
    }
}

fn one_workspace() -> StateError {
    error("workspaces not supported")
}

impl Backend for HttpBackend {
    fn kind(&self) -> &'static str {
        "http"
    }
    fn has_workspaces(&self) -> bool {
        false
    }
    fn workspaces(&self) -> Result<Vec<String>, StateError> {
        Err(one_workspace())
    }
    fn delete_workspace(&self, _name: &str) -> Result<(), StateError> {
        Err(one_workspace())
    }
    fn open(&self, workspace: &str) -> Result<Box<dyn StateStore>, StateError> {
        if workspace != DEFAULT_WORKSPACE {
            return Err(one_workspace());
        }
        Ok(Box::new(HttpStore { settings: self.0.clone(), lock: None }))
    }
}

struct HttpStore {
    settings: Arc<Settings>,
    lock: Option<LockInfo>,
}

impl Settings {
    fn send(&self, method: &str, url: &str, body: &[u8], what: &str) -> Result<Reply, StateError> {
        let headers = || {
            let mut headers = Vec::new();
            if let Some(a) = &self.authorization {
                headers.push(("Authorization".to_owned(), a.clone()));
            }
            if !body.is_empty() {
                headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
                headers.push(("Content-MD5".to_owned(), STANDARD.encode(Md5::digest(body))));
            }
            headers
        };
        let sent = self.web.send(method, url, &headers, body);
        sent.map_err(|e| error(format!("Failed to {what}: {e}")))
    }

    fn unlock(&self, info: &LockInfo) -> Result<(), StateError> {
        let Some((method, url)) = &self.unlock else { return Ok(()) };
        match self.send(method, url, info.to_json().as_bytes(), "unlock")?.status {
            200 => Ok(()),
            status => Err(unexpected(status)),
        }
    }
}

fn unexpected(status: u16) -> StateError {
    error(match status {
        401 => "HTTP remote state endpoint requires auth".into(),
        403 => "HTTP remote state endpoint invalid auth".into(),
        500 => "HTTP remote state internal server error".into(),
        s => format!("Unexpected HTTP response code {s}"),
    })
}

impl StateStore for HttpStore {
    fn describe(&self) -> String {
        self.settings.address.clone()
    }

    fn read(&mut self) -> Result<Option<StateFile>, StateError> {
        let reply = self.settings.send("GET", &self.settings.address, &[], "get state")?;
        match reply.status {
            204 | 404 => Ok(None),
            200 if reply.body.is_empty() => Ok(None),
            200 => {
                if let Some(expected) = reply.header("Content-MD5")
                    && expected != STANDARD.encode(Md5::digest(&reply.body))
                {
                    return Err(error("The state that arrived does not match its Content-MD5."));
                }
                file::read(&reply.body).map(Some)
            }
            status => Err(unexpected(status)),
        }
    }

    fn write(&mut self, new: &StateFile) -> Result<(), StateError> {
        let s = &self.settings;
        let mut url = s.address.clone();
        if let Some(lock) = &self.lock {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str("ID=");
            url.push_str(&lock.id);
        }
        match s.send(&s.update_method, &url, &file::write(new)?, "upload state")?.status {
            200 | 201 | 204 => Ok(()),
            status => Err(error(format!("Failed to upload state: HTTP error: {status}"))),
        }
    }

    fn delete(&mut self) -> Result<(), StateError> {
        match self.settings.send("DELETE", &self.settings.address, &[], "delete state")?.status {
            200 | 204 | 404 => Ok(()),
            status => Err(error(format!("Failed to delete state: HTTP error: {status}"))),
        }
    }

    fn lock(&mut self, info: &LockInfo) -> Result<String, StateError> {
        let Some((method, url)) = &self.settings.lock else { return Ok(info.id.clone()) };
        let info = LockInfo { created: Timestamp::now(), ..info.clone() };
        let reply = self.settings.send(method, url, info.to_json().as_bytes(), "lock")?;
        match reply.status {
            200 => {
                let id = info.id.clone();
                self.lock = Some(info);
                Ok(id)
            }
            409 | 423 => {
                let holder = LockInfo::from_json(&reply.body).ok();
                let message = match &holder {
                    Some(h) => format!("HTTP remote state already locked: ID={}", h.id),
                    None => "HTTP remote state already locked, failed to unmarshal body".into(),
                };
                Err(StateError::Locked(Box::new(LockConflict { message, holder, retriable: true })))
            }
            status => Err(unexpected(status)),
        }
    }

    fn unlock(&mut self, id: &str) -> Result<(), StateError> {
        match &self.lock {
            Some(l) if l.id != id => Err(StateError::Locked(Box::new(LockConflict {
                message: format!("lock id {id:?} does not match existing lock"),
                holder: Some(l.clone()),
                retriable: false,
            }))),
            Some(l) => {
                self.settings.unlock(l)?;
                self.lock = None;
                Ok(())
            }
            // Without a lock address there is nothing to release.
            None => Ok(()),
        }
    }

    fn force_unlock(&mut self, id: &str) -> Result<(), StateError> {
        self.settings.unlock(&LockInfo { id: id.to_owned(), ..LockInfo::default() })
    }

    fn can_lock(&self) -> bool {
        self.settings.lock.is_some()
    }
}
