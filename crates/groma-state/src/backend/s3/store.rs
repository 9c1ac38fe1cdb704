//! The state of one workspace in a bucket.

use super::{Client, error, text};
use crate::error::StateError;
use crate::file::{self, StateFile};
use crate::lock::{LockConflict, LockInfo, Timestamp};
use crate::store::StateStore;
use std::sync::Arc;

pub(super) struct S3Store {
    client: Arc<Client>,
    key: String,
    /// The key of the lock, where locks are used.
    lock_key: Option<String>,
}

impl S3Store {
    pub(super) fn new(client: Arc<Client>, key: String, use_lockfile: bool) -> S3Store {
        let lock_key = use_lockfile.then(|| format!("{key}.tflock"));
        S3Store { client, key, lock_key }
    }

    fn holder(&self, lock_key: &str) -> Result<Option<LockInfo>, StateError> {
        let text = self.client.get(lock_key, "read the lock")?;
        Ok(text.and_then(|t| LockInfo::from_json(&t).ok()))
    }
}

fn conflict(message: String, holder: Option<LockInfo>, retriable: bool) -> StateError {
    StateError::Locked(Box::new(LockConflict { message, holder, retriable }))
}

impl StateStore for S3Store {
    fn describe(&self) -> String {
        format!("s3://{}/{}", self.client.bucket, self.key)
    }

    fn read(&mut self) -> Result<Option<StateFile>, StateError> {
        match self.client.get(&self.key, "read the state")? {
            Some(bytes) if !bytes.is_empty() => file::read(&bytes).map(Some),
            _ => Ok(None),
        }
    }

    fn write(&mut self, new: &StateFile) -> Result<(), StateError> {
        let bytes = file::write(new)?;
        match self.client.put(&self.key, &bytes, false, "upload state")? {
            Ok(()) => Ok(()),
            Err(r) => Err(error(format!("failed to upload state: {}", text(&r)))),
        }
    }

    fn delete(&mut self) -> Result<(), StateError> {
        self.client.delete(&self.key, "delete state")
    }

    fn lock(&mut self, info: &LockInfo) -> Result<String, StateError> {
        let Some(key) = self.lock_key.clone() else { return Ok(info.id.clone()) };
        let info = LockInfo {
            path: format!("{}/{}", self.client.bucket, self.key),
            created: Timestamp::now(),
            ..info.clone()
        };
        match self.client.put(&key, info.to_json().as_bytes(), true, "lock the state")? {
            Ok(()) => Ok(info.id),
            Err(refusal) => match self.holder(&key)? {
                // A repeated request finds what its first attempt wrote.
                Some(h) if h.id == info.id => Ok(info.id),
                holder => Err(conflict(text(&refusal), holder, true)),
            },
        }
    }

    fn unlock(&mut self, id: &str) -> Result<(), StateError> {
        let Some(key) = self.lock_key.clone() else { return Ok(()) };
        match self.holder(&key)? {
            Some(h) if h.id == id => self.client.delete(&key, "unlock the state"),
            Some(h) => Err(conflict(
                format!("lock ID {id:?} does not match existing lock ID {:?}", h.id),
                Some(h),
                false,
            )),
            None => Err(error(format!(
                "failed to unlock state: there is no lock {key}, or it cannot be understood"
            ))),
        }
    }

    fn force_unlock(&mut self, id: &str) -> Result<(), StateError> {
        self.unlock(id)
    }

    fn can_lock(&self) -> bool {
        self.lock_key.is_some()
    }
}
