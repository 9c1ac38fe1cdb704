//! The world: objects by account, region, type and id.
//!
//! All changes are made in transactions, which exclude each other within this process and, where
//! the world is kept in a directory, between processes; a finished transaction is on the disk.

mod calls;
mod store;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use groma_value::Value;

use crate::{Error, Settings};
pub(crate) use store::{GLOBAL, Key, Stored, Tx};

/// An object of the world.
#[derive(Clone, Debug)]
pub struct Object {
    /// The account that owns it: 12 digits.
    pub account: String,
    /// The region it is in; `global` for what has none.
    pub region: String,
    /// Its resource type, such as `aws_vpc`.
    pub ty: String,
    /// Its id, as the provider gives it.
    pub id: String,
    /// Its ARN, if it has one.
    pub arn: Option<String>,
    /// Its tags, those from the provider's `default_tags` included.
    pub tags: BTreeMap<String, String>,
    /// All attributes, in the shape of the resource type's schema.
    pub attributes: Value,
}

/// The objects of a sandbox. Clones share them.
#[derive(Clone)]
pub struct World {
    inner: Arc<Mutex<store::Store>>,
    /// The sandbox's own account.
    account: Arc<str>,
}

impl World {
    pub(crate) fn open(settings: &Settings) -> Result<World, Error> {
        let store = store::Store::open(settings.dir.as_deref(), settings.seed)?;
        Ok(World { inner: Arc::new(Mutex::new(store)), account: settings.account.as_str().into() })
    }

    fn lock(&self) -> MutexGuard<'_, store::Store> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something to the objects, wholly or not at all. `E` is what the closure refuses with.
    pub(crate) fn transact<T, E>(
        &self,
        f: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<Result<T, E>, Error> {
        self.lock().transact(f)
    }

    /// All objects, ordered by account, region, type and id.
    ///
    /// # Errors
    ///
    /// Where the directory cannot be read.
    pub fn objects(&self) -> Result<Vec<Object>, Error> {
        let found = self.transact(|tx| Ok::<_, Error>(tx.all().map(|(k, o)| o.public(k)).collect()));
        found.and_then(|x| x).map(|mut v: Vec<Option<Object>>| v.drain(..).flatten().collect())
    }

    /// The objects that have a tag of this value.
    ///
    /// # Errors
    ///
    /// Where the directory cannot be read.
    pub fn tagged(&self, key: &str, value: &str) -> Result<Vec<Object>, Error> {
        let mut all = self.objects()?;
        all.retain(|o| o.tags.get(key).is_some_and(|v| v == value));
        Ok(all)
    }
}
