//! How objects are kept: in memory, and in an append-only log where there is a directory.
//!
//! The directory holds `lock`, an empty file that is locked during a transaction, and `world.log`:
//! one JSON text a line, each the changes of one transaction. A line without its line break was not
//! finished and is as if it had never been. When most of the log is history, it is written anew and
//! put in place by renaming; other processes see by the file's number that it is another one.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use groma_value::{Value, json};
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Object;
use crate::Error;

/// Where an object is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Key {
    #[serde(rename = "a")]
    pub account: String,
    #[serde(rename = "r")]
    pub region: String,
    #[serde(rename = "t")]
    pub ty: String,
    #[serde(rename = "i")]
    pub id: String,
}

/// An object as it is kept.
#[derive(Debug)]
pub(crate) struct Stored {
    value: OnceLock<Option<Value>>,
    json: OnceLock<String>,
    /// Facts that no attribute has: `default` (made by AWS itself), `stopped_at`, ...
    pub notes: BTreeMap<String, String>,
}

impl Stored {
    pub fn new(value: Value, notes: BTreeMap<String, String>) -> Stored {
        Stored { value: OnceLock::from(Some(value)), json: OnceLock::new(), notes }
    }
    /// The attributes; `None` for what this version cannot read.
    pub fn value(&self, ty: &str) -> Option<&Value> {
        self.value.get_or_init(|| decode(ty, self.json.get()?)).as_ref()
    }
    fn json(&self, ty: &str) -> &str {
        self.json.get_or_init(|| self.value(ty).and_then(|v| encode(ty, v)).unwrap_or_else(|| "null".into()))
    }
    /// The object as others see it; nothing for the sandbox's own records and for what AWS has by
    /// itself, such as the default security group of a VPC.
    pub fn public(&self, key: &Key) -> Option<Object> {
        if key.ty.starts_with('_') || self.notes.contains_key(crate::effects::DEFAULT) {
            return None;
        }
        let attributes = self.value(&key.ty)?.clone();
        let text = |n: &str| attributes.get_attr(n).and_then(|v| v.as_str().map(str::to_owned));
        let tags = |n: &str| {
            let v = attributes.get_attr(n)?;
            let f = v.as_fields()?;
            Some(f.iter().filter_map(|(k, v)| Some((k.to_string(), v.as_str()?.to_owned()))).collect())
        };
        Some(Object {
            account: key.account.clone(),
            region: key.region.clone(),
            ty: key.ty.clone(),
            id: key.id.clone(),
            arn: text("arn").filter(|a| !a.is_empty()),
            tags: tags("tags_all").or_else(|| tags("tags")).unwrap_or_default(),
            attributes,
        })
    }
}

fn decode(ty: &str, text: &str) -> Option<Value> {
    match crate::schemas::resource(ty) {
        Some(schema) => json::decode(text, schema.block.implied_type()).ok(),
        None => json::decode_implied(text).ok(),
    }
}

fn encode(ty: &str, value: &Value) -> Option<String> {
    match crate::schemas::resource(ty) {
        Some(schema) => json::encode(value, schema.block.implied_type()).ok(),
        None => json::encode_implied(value).ok(),
    }
}

/// One transaction of the log.
#[derive(Serialize, Deserialize)]
struct Line {
    /// The count of ids given out after it.
    n: u64,
    /// Seconds that the clock is ahead of the real one.
    #[serde(default, skip_serializing_if = "is_zero")]
    clock: i64,
    put: Vec<Change>,
}

fn is_zero(n: &i64) -> bool {
    *n == 0
}

#[derive(Serialize, Deserialize)]
struct Change {
    #[serde(flatten)]
    key: Key,
    /// The attributes; absent for what was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    v: Option<Box<serde_json::value::RawValue>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    notes: BTreeMap<String, String>,
}

struct Dir {
    path: PathBuf,
    lock: File,
    log: File,
    inode: u64,
    /// How much of the log has been read.
    read: u64,
    /// Changes in the log.
    changes: usize,
}

pub(super) struct Store {
    objects: BTreeMap<Key, Arc<Stored>>,
    count: u64,
    clock: i64,
    seed: u64,
    dir: Option<Dir>,
}

/// The region of what is in no region.
pub(crate) const GLOBAL: &str = "global";

const LOG: &str = "world.log";
/// Less history than this is not worth removing.
const MIN_HISTORY: usize = 2000;

fn failed(path: &Path, doing: &str) -> impl Fn(std::io::Error) -> Error {
    move |e| Error::new(path, format!("cannot {doing}: {e}"))
}

impl Store {
    pub fn open(dir: Option<&Path>, seed: u64) -> Result<Store, Error> {
        let mut store = Store { objects: BTreeMap::new(), count: 0, clock: 0, seed, dir: None };
        if let Some(path) = dir {
            let failed = |doing: &'static str| failed(path, doing);
            std::fs::create_dir_all(path).map_err(failed("make the directory"))?;
            let mut options = OpenOptions::new();
            let options = options.read(true).append(true).create(true);
            let lock = options.open(path.join("lock")).map_err(failed("open the lock file"))?;
            let log = options.open(path.join(LOG)).map_err(failed("open world.log"))?;
            let inode = log.metadata().map_err(failed("read world.log"))?.ino();
            store.dir = Some(Dir { path: path.to_owned(), lock, log, inode, read: 0, changes: 0 });
            store.transact(|_| Ok::<_, Error>(()))??;
        }
        Ok(store)
    }

    /// See [`super::World::transact`].
    pub fn transact<T, E>(
        &mut self,
        f: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<Result<T, E>, Error> {
        self.begin()?;
        let before = (self.count, self.clock);
        let mut tx = Tx { store: self, undo: Vec::new() };
        let result = f(&mut tx);
        let undo = std::mem::take(&mut tx.undo);
        let changed = !undo.is_empty() || self.clock != before.1;
        let kept = if result.is_ok() && changed { self.append(&undo) } else { Ok(()) };
        if result.is_err() || kept.is_err() {
            for (key, old) in undo.into_iter().rev() {
                match old {
                    Some(old) => self.objects.insert(key, old),
                    None => self.objects.remove(&key),
                };
            }
            (self.count, self.clock) = before;
        }
        let ended = self.end();
        kept?;
        ended?;
        Ok(result)
    }

    /// Locks the directory and reads what others have written.
    fn begin(&mut self) -> Result<(), Error> {
        let Some(dir) = &mut self.dir else { return Ok(()) };
        let path = dir.path.clone();
        let failed = |doing: &'static str| failed(&path, doing);
        flock(&dir.lock, FlockOperation::LockExclusive).map_err(|e| failed("lock it")(e.into()))?;
        let now = match std::fs::metadata(path.join(LOG)) {
            Ok(now) => now,
            Err(e) => return Err(failed("read world.log")(e)),
        };
        if now.ino() != dir.inode {
            let log = OpenOptions::new().read(true).append(true).open(path.join(LOG));
            dir.log = log.map_err(failed("open world.log"))?;
            (dir.inode, dir.read, dir.changes) = (now.ino(), 0, 0);
            self.objects.clear();
        }
        if now.len() == dir.read {
            return Ok(());
        }
        let mut text = Vec::new();
        dir.log.seek(SeekFrom::Start(dir.read)).map_err(failed("read world.log"))?;
        dir.log.read_to_end(&mut text).map_err(failed("read world.log"))?;
        let whole = text.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
        if whole < text.len() {
            // A process died while writing.
            dir.log.set_len(dir.read + whole as u64).map_err(failed("mend world.log"))?;
        }
        for (i, line) in text[..whole].split(|b| *b == b'\n').enumerate() {
            if line.is_empty() {
                continue;
            }
            let line: Line = serde_json::from_slice(line).map_err(|e| {
                let place = format!("world.log, line {} after byte {}: {e}", i + 1, dir.read);
                Error::new(&path, format!("{place}; remove the directory to begin anew"))
            })?;
            (self.count, self.clock) = (line.n, line.clock);
            dir.changes += line.put.len();
            for change in line.put {
                match change.v {
                    Some(raw) => {
                        let json = OnceLock::from(raw.get().to_owned());
                        let stored = Stored { value: OnceLock::new(), json, notes: change.notes };
                        self.objects.insert(change.key, Arc::new(stored));
                    }
                    None => {
                        self.objects.remove(&change.key);
                    }
                }
            }
        }
        dir.read += whole as u64;
        Ok(())
    }

    fn line<'a>(&self, keys: impl Iterator<Item = &'a Key>) -> Result<Vec<u8>, serde_json::Error> {
        let change = |key: &Key| {
            let now = self.objects.get(key);
            let raw = now.map(|o| serde_json::value::RawValue::from_string(o.json(&key.ty).to_owned()));
            Ok(Change {
                key: key.clone(),
                v: raw.transpose()?,
                notes: now.map(|o| o.notes.clone()).unwrap_or_default(),
            })
        };
        let put = keys.map(change).collect::<Result<_, serde_json::Error>>()?;
        let mut out = serde_json::to_vec(&Line { n: self.count, clock: self.clock, put })?;
        out.push(b'\n');
        Ok(out)
    }

    /// Writes what a transaction changed and waits until it is on the disk.
    fn append(&mut self, changed: &[(Key, Option<Arc<Stored>>)]) -> Result<(), Error> {
        if self.dir.is_none() {
            return Ok(());
        }
        let keys: std::collections::BTreeSet<&Key> = changed.iter().map(|(k, _)| k).collect();
        let changes = keys.len();
        let text = self.line(keys.into_iter());
        let Some(dir) = &mut self.dir else { return Ok(()) };
        let text = text.map_err(|e| Error::new(&dir.path, format!("cannot write a change: {e}")))?;
        let written = dir.log.write_all(&text).and_then(|()| dir.log.sync_data());
        if let Err(e) = written {
            // A part of the line must not stand before the next one.
            let _ = dir.log.set_len(dir.read);
            return Err(failed(&dir.path, "write world.log")(e));
        }
        dir.read += text.len() as u64;
        dir.changes += changes;
        if dir.changes > MIN_HISTORY + 4 * self.objects.len() {
            self.compact()?;
        }
        Ok(())
    }

    fn compact(&mut self) -> Result<(), Error> {
        let text = self.line(self.objects.keys());
        let Some(dir) = &mut self.dir else { return Ok(()) };
        let failed = failed(&dir.path, "write world.log anew");
        let text = text.map_err(|e| Error::new(&dir.path, format!("cannot write the world: {e}")))?;
        let new = dir.path.join("world.log.new");
        let mut options = OpenOptions::new();
        let mut file =
            options.read(true).write(true).create(true).truncate(true).open(&new).map_err(&failed)?;
        file.write_all(&text).and_then(|()| file.sync_all()).map_err(&failed)?;
        std::fs::rename(&new, dir.path.join(LOG)).map_err(&failed)?;
        let log = OpenOptions::new().read(true).append(true).open(dir.path.join(LOG)).map_err(&failed)?;
        dir.inode = log.metadata().map_err(&failed)?.ino();
        (dir.log, dir.read, dir.changes) = (log, text.len() as u64, self.objects.len());
        Ok(())
    }

    fn end(&mut self) -> Result<(), Error> {
        let Some(dir) = &self.dir else { return Ok(()) };
        flock(&dir.lock, FlockOperation::Unlock).map_err(|e| failed(&dir.path, "unlock it")(e.into()))
    }
}

/// The objects during a transaction.
pub(crate) struct Tx<'a> {
    store: &'a mut Store,
    undo: Vec<(Key, Option<Arc<Stored>>)>,
}

impl Tx<'_> {
    /// All objects and the sandbox's own records, in order of their keys.
    pub fn all(&self) -> impl Iterator<Item = (&Key, &Arc<Stored>)> {
        self.store.objects.iter()
    }
    /// The objects of a type in a region of an account.
    pub fn of<'b>(
        &'b self,
        account: &str,
        region: &str,
        ty: &str,
    ) -> impl Iterator<Item = (&'b Key, &'b Arc<Stored>)> {
        let from = Key { account: account.into(), region: region.into(), ty: ty.into(), id: String::new() };
        let (account, region, ty) = (from.account.clone(), from.region.clone(), from.ty.clone());
        self.store
            .objects
            .range(from..)
            .take_while(move |(k, _)| k.account == account && k.region == region && k.ty == ty)
    }
    /// The attributes of the object that is meant by an id, an ARN or a name: in the region, of the
    /// account before others.
    pub fn named(&self, place: &crate::fill::Place, name: &str) -> Option<Value> {
        let near = |k: &Key| k.region == place.region || k.region == GLOBAL;
        let own = |k: &Key| k.account == place.account;
        let by_id = |mine: bool| self.all().find(move |(k, _)| k.id == name && near(k) && own(k) == mine);
        let by_attr = |attr: &'static str| {
            self.all().find(move |(k, o)| {
                near(k)
                    && o.value(&k.ty).and_then(|v| v.get_attr(attr)).is_some_and(|v| v.as_str() == Some(name))
            })
        };
        let found =
            by_id(true).or_else(|| by_id(false)).or_else(|| by_attr("arn")).or_else(|| by_attr("name"));
        found.and_then(|(k, o)| o.value(&k.ty)).cloned()
    }
    /// The accounts that own anything.
    pub fn accounts(&self) -> Vec<&str> {
        let mut out: Vec<&str> = self.all().map(|(k, _)| k.account.as_str()).collect();
        out.dedup();
        out
    }
    /// One object.
    pub fn get(&self, key: &Key) -> Option<&Arc<Stored>> {
        self.store.objects.get(key)
    }
    /// Makes or changes an object.
    pub fn put(&mut self, key: Key, object: Stored) {
        let old = self.store.objects.insert(key.clone(), Arc::new(object));
        self.undo.push((key, old));
    }
    /// Deletes an object, if it is there.
    pub fn delete(&mut self, key: &Key) {
        if let Some(old) = self.store.objects.remove(key) {
            self.undo.push((key.clone(), Some(old)));
        }
    }
    /// Seconds since the epoch, by the sandbox's clock.
    pub fn now(&self) -> i64 {
        jiff::Timestamp::now().as_second() + self.store.clock
    }
    /// Puts the sandbox's clock forward.
    pub fn advance(&mut self, seconds: i64) {
        self.store.clock += seconds;
    }
    /// 32 bytes that no other call gives, the same in each world of the same seed.
    pub fn random(&mut self) -> [u8; 32] {
        self.store.count += 1;
        let mut hash = Sha256::new();
        hash.update(self.store.seed.to_le_bytes());
        hash.update(self.store.count.to_le_bytes());
        hash.finalize().into()
    }
}
