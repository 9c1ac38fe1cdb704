//! The state of one workspace in a bucket.

use super::table::Table;
use super::{Client, error, text};
use crate::error::StateError;
use crate::file::{self, StateFile};
use crate::lock::{LockConflict, LockInfo, Timestamp};
use crate::store::StateStore;
use md5::{Digest, Md5};
use std::sync::Arc;
use std::time::Duration;

pub(super) struct S3Store {
    client: Arc<Client>,
    key: String,
    /// The key of the lock, where locks are used.
    lock_key: Option<String>,
    table: Option<Arc<Table>>,
}

impl S3Store {
    pub(super) fn new(
        client: Arc<Client>,
        key: String,
        use_lockfile: bool,
        table: Option<Arc<Table>>,
    ) -> S3Store {
        let lock_key = use_lockfile.then(|| format!("{key}.tflock"));
        S3Store { client, key, lock_key, table }
    }

    /// How the lock and the checksum in a table are called.
    fn path(&self) -> String {
        format!("{}/{}", self.client.bucket, self.key)
    }

    /// The object, if it is what was written last as far as the table knows: a bucket of another
    /// service than AWS's may give an older one for a while.
    fn content(&self) -> Result<Option<Vec<u8>>, StateError> {
        const PAUSE: Duration = Duration::from_secs(2);
        const PAUSES: u32 = 5;
        let mut pauses = 0;
        loop {
            let bytes = self.client.get(&self.key, "read the state")?;
            let Some(table) = &self.table else { return Ok(bytes) };
            let Some(stored) = table.checksum(&self.path())? else { return Ok(bytes) };
            let is = bytes.as_deref().map(checksum).unwrap_or_default();
            if is == stored {
                return Ok(bytes);
            }
            if pauses == PAUSES {
                return Err(error(format!(
                    "state data in S3 does not have the expected content.\n\nThe checksum that was calculated of the state in S3 does not match the checksum that is stored in DynamoDB.\n\nBucket: {}\nKey:    {}\nCalculated checksum: {is}\nStored checksum:     {stored}\n\nIf nobody is writing the state at the moment, a run died between both. When you are sure that the object in S3 is the state that is meant, put the calculated checksum into the attribute \"Digest\" of the item \"{}-md5\" of the table {:?}.",
                    self.client.bucket,
                    self.key,
                    self.path(),
                    table.name
                )));
            }
            pauses += 1;
            std::thread::sleep(PAUSE);
        }
    }

    /// Who holds the lock of a kind; the error if somebody other than `id` does.
    fn held_by(&self, id: &str, holder: Option<LockInfo>, what: &str) -> Result<(), StateError> {
        match holder {
            Some(h) if h.id == id => Ok(()),
            Some(h) => Err(conflict(
                format!("lock ID {id:?} does not match existing lock ID {:?}", h.id),
                Some(h),
                false,
            )),
            None => Err(error(format!(
                "failed to unlock state: there is no lock {what}, or it cannot be understood"
            ))),
        }
    }

    fn holder(&self, lock_key: &str) -> Result<Option<LockInfo>, StateError> {
        let text = self.client.get(lock_key, "read the lock")?;
        Ok(text.and_then(|t| LockInfo::from_json(&t).ok()))
    }
}

/// The checksum of a state in a table.
fn checksum(bytes: &[u8]) -> String {
    Md5::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

fn conflict(message: String, holder: Option<LockInfo>, retriable: bool) -> StateError {
    StateError::Locked(Box::new(LockConflict { message, holder, retriable }))
}

impl StateStore for S3Store {
    fn describe(&self) -> String {
        format!("s3://{}/{}", self.client.bucket, self.key)
    }

    fn read(&mut self) -> Result<Option<StateFile>, StateError> {
        match self.content()? {
            Some(bytes) if !bytes.is_empty() => file::read(&bytes).map(Some),
            _ => Ok(None),
        }
    }

    fn write(&mut self, new: &StateFile) -> Result<(), StateError> {
        let bytes = file::write(new)?;
        match self.client.put(&self.key, &bytes, false, "upload state")? {
            Ok(()) => {}
            Err(r) => return Err(error(format!("failed to upload state: {}", text(&r)))),
        }
        match &self.table {
            Some(t) => t.note_checksum(&self.path(), &checksum(&bytes)),
            None => Ok(()),
        }
    }

    fn delete(&mut self) -> Result<(), StateError> {
        self.client.delete(&self.key, "delete state")?;
        match &self.table {
            Some(t) => t.forget_checksum(&self.path()),
            None => Ok(()),
        }
    }

    fn lock(&mut self, info: &LockInfo) -> Result<String, StateError> {
        let info = LockInfo { path: self.path(), created: Timestamp::now(), ..info.clone() };
        if let Some(key) = &self.lock_key
            && let Err(refusal) = self.client.put(key, info.to_json().as_bytes(), true, "lock the state")?
        {
            match self.holder(key)? {
                // A repeated request finds what its first attempt wrote.
                Some(h) if h.id == info.id => {}
                holder => return Err(conflict(text(&refusal), holder, true)),
            }
        }
        let Some(table) = &self.table else { return Ok(info.id) };
        let taken = match table.lock(&info.path, &info) {
            Ok(Err(refusal)) => match table.holder(&info.path) {
                Ok(Some(h)) if h.id == info.id => Ok(()),
                Ok(holder) => Err(conflict(text(&refusal), holder, true)),
                Err(e) => Err(e),
            },
            Ok(Ok(())) => Ok(()),
            Err(e) => Err(e),
        };
        // Half a lock would keep everybody out.
        if let (Err(_), Some(key)) = (&taken, &self.lock_key) {
            let _ = self.client.delete(key, "unlock the state");
        }
        taken.map(|()| info.id)
    }

    fn unlock(&mut self, id: &str) -> Result<(), StateError> {
        if let Some(table) = &self.table {
            let path = self.path();
            let what = format!("{path} in the table {:?}", table.name);
            self.held_by(id, table.holder(&path)?, &what)?;
            table.unlock(&path)?;
        }
        let Some(key) = &self.lock_key else { return Ok(()) };
        self.held_by(id, self.holder(key)?, key)?;
        self.client.delete(key, "unlock the state")
    }

    fn force_unlock(&mut self, id: &str) -> Result<(), StateError> {
        self.unlock(id)
    }

    fn can_lock(&self) -> bool {
        self.lock_key.is_some() || self.table.is_some()
    }
}
