//! The providers of a run: one process for each distinct (binary, configuration).
//!
//! Schemas and remembered validations come from disk, so a run that needs no more starts no
//! process. A process is started when the first call needs it and shared by all modules, roots and
//! environments with the same configuration. The first configuration of a provider takes over the
//! process that served unconfigured calls, and serves those as well from then on.

mod slot;

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use groma_value::addr::Provider as ProviderAddr;
use groma_value::{Value, msgpack};
use tokio::sync::OnceCell;

use crate::api::{CallResult, Diags, Provider, Schemas};
use crate::binary_hash;
use crate::client::{Client, Processes};
use crate::error::{ProviderError, ProviderFailure};
use crate::memo::Memo;
use crate::process::{LaunchSettings, PluginProcess, Reattach};
use crate::proto::{Empty, Method};
use crate::schema::{BuildError, SchemaStore, StoredSchemas};
use slot::Slot;

/// A provider that is not asked for its schema within this time is broken.
const SCHEMA_TIMEOUT: Duration = Duration::from_secs(180);
/// How long a provider may take to acknowledge that it should stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);
/// What a process is assumed to need while none of its kind has been measured.
const ASSUMED_MEMORY: u64 = 512 * 1024 * 1024;

/// What a pool needs to know.
#[derive(Clone)]
pub struct PoolSettings {
    /// How processes are started.
    pub launch: LaunchSettings,
    /// Where schemas, hashes and remembered validations are kept between runs; nothing is kept
    /// where absent.
    pub cache_dir: Option<PathBuf>,
    /// The version of Terraform that providers are told they work for.
    pub terraform_version: String,
    /// Idle processes are ended before one is started that would exceed this many bytes of resident
    /// memory in all. One process can always run.
    pub memory_budget: Option<u64>,
    /// Everything besides program and configuration that the validity of a configuration depends
    /// on, such as environment variables that the providers read. Remembered validations are
    /// forgotten when it changes.
    pub validation_salt: Vec<u8>,
}

/// Where a provider comes from.
#[derive(Clone)]
pub enum ProviderSource {
    /// A program on this machine.
    Binary(PathBuf),
    /// A process that somebody else started.
    Attached(Reattach),
    /// Code of this process.
    Native(Arc<dyn NativeProvider>),
}

/// A provider that needs no process.
pub trait NativeProvider: Send + Sync {
    /// An instance, not configured yet.
    fn instance(&self) -> Arc<dyn Provider>;
}

/// A running process of a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessInfo {
    /// Which provider it runs.
    pub provider: ProviderAddr,
    /// Its id.
    pub pid: u32,
    /// Its resident memory in bytes, 0 where that cannot be told.
    pub resident: u64,
}

/// The providers of a run. Clones share everything; processes end with the last clone and the last
/// provider taken from it.
#[derive(Clone)]
pub struct Pool {
    inner: Arc<Inner>,
}

struct Inner {
    settings: PoolSettings,
    entries: Mutex<BTreeMap<ProviderAddr, Arc<Entry>>>,
}

impl Pool {
    /// A pool without providers.
    pub fn new(settings: PoolSettings) -> Pool {
        Pool { inner: Arc::new(Inner { settings, entries: Mutex::default() }) }
    }

    /// Says where a provider comes from. What was taken from the pool before is not affected.
    pub fn add(&self, provider: ProviderAddr, source: ProviderSource) {
        let entry = Arc::new(Entry::new(provider.clone(), source, Arc::downgrade(&self.inner)));
        self.inner.lock().insert(provider, entry);
    }

    /// Whether the pool knows where the provider comes from.
    pub fn contains(&self, provider: &ProviderAddr) -> bool {
        self.inner.lock().contains_key(provider)
    }

    fn entry(&self, provider: &ProviderAddr) -> Result<Arc<Entry>, ProviderError> {
        self.inner.lock().get(provider).cloned().ok_or_else(|| {
            let why = "it is not installed".to_owned();
            ProviderError::new(provider.to_string(), "start", ProviderFailure::Start(why))
        })
    }

    /// A provider's schemas: from the cache, else from a process.
    pub async fn schemas(&self, provider: &ProviderAddr) -> CallResult<Arc<dyn Schemas>> {
        let entry = self.entry(provider)?;
        if let ProviderSource::Native(native) = &entry.source {
            return Ok(native.instance().schemas());
        }
        Ok(entry.known(&self.inner.settings).await?.schemas.clone())
    }

    /// The provider without a configuration: for schemas, validation, upgrades of state, functions.
    /// Starts a process when a call needs one.
    pub async fn unconfigured(&self, provider: &ProviderAddr) -> CallResult<Arc<dyn Provider>> {
        let entry = self.entry(provider)?;
        if let ProviderSource::Native(native) = &entry.source {
            return Ok(native.instance());
        }
        let processes = Arc::new(Unconfigured { inner: Arc::clone(&self.inner), entry: Arc::clone(&entry) });
        Ok(Arc::new(entry.client(&self.inner.settings, processes).await?))
    }

    /// The provider with a configuration (unmarked, of the type of the provider's schema), and what
    /// it says to it. All callers with the same configuration share a process, configured once.
    /// With errors among the diagnostics the provider must not be used.
    pub async fn configured(
        &self,
        provider: &ProviderAddr,
        config: &Value,
    ) -> CallResult<(Arc<dyn Provider>, Diags)> {
        let entry = self.entry(provider)?;
        if let ProviderSource::Native(native) = &entry.source {
            let instance = native.instance();
            let diags = instance.configure(config).await?;
            return Ok((instance, diags));
        }
        let settings = &self.inner.settings;
        let known = entry.known(settings).await?;
        let key =
            msgpack::encode(config, known.schemas.provider().block.implied_type()).map_err(|error| {
                let cause = ProviderFailure::Value(error.to_string());
                ProviderError::new(provider.to_string(), "ConfigureProvider", cause)
            })?;
        let slot = entry.configured_slot(&key);
        let processes =
            Configured { inner: Arc::clone(&self.inner), entry: Arc::clone(&entry), slot: Arc::clone(&slot) };
        let client = entry.client(settings, Arc::new(processes)).await?;
        match slot.diags.get_or_try_init(|| client.configure(config)).await {
            Ok(diags) => Ok((Arc::new(client), diags.clone())),
            Err(error) => {
                // The next caller gets a new process.
                entry.forget(&key, &slot);
                Err(error)
            }
        }
    }

    /// Starts a process for the provider in the background, to have it ready when it is needed.
    pub fn warm(&self, provider: &ProviderAddr) {
        if let Ok(entry) = self.entry(provider) {
            entry.warm();
        }
    }

    /// Asks all running calls of all processes to end soon, as after an interrupt.
    pub async fn stop(&self) {
        let stops = self.running().into_iter().map(|(_, process)| async move {
            let call = process.call::<crate::proto::StopResponse>(Method::Stop, &Empty {});
            // What does not react is ended by `shutdown`.
            let _ = tokio::time::timeout(STOP_TIMEOUT, call).await;
        });
        futures::future::join_all(stops).await;
    }

    /// Ends the processes whose providers nobody holds any more.
    pub async fn release_idle(&self) {
        self.inner.release_idle().await;
    }

    /// Ends all processes and waits until they have ended. Calls under way fail.
    pub async fn shutdown(&self) {
        let running = self.running();
        for entry in self.inner.entries() {
            entry.take_all();
        }
        futures::future::join_all(running.iter().map(|(_, process)| process.shutdown())).await;
    }

    /// The processes that run now.
    pub fn processes(&self) -> Vec<ProcessInfo> {
        let info = |(provider, process): (ProviderAddr, Arc<PluginProcess>)| {
            let pid = process.pid()?;
            Some(ProcessInfo { provider, pid, resident: resident(pid) })
        };
        self.running().into_iter().filter_map(info).collect()
    }

    fn running(&self) -> Vec<(ProviderAddr, Arc<PluginProcess>)> {
        self.inner.running()
    }
}

impl Inner {
    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<ProviderAddr, Arc<Entry>>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn entries(&self) -> Vec<Arc<Entry>> {
        self.lock().values().cloned().collect()
    }

    fn running(&self) -> Vec<(ProviderAddr, Arc<PluginProcess>)> {
        let mut running = Vec::new();
        for entry in self.entries() {
            running.extend(entry.running().into_iter().map(|process| (entry.provider.clone(), process)));
        }
        running
    }

    async fn release_idle(&self) {
        let idle: Vec<_> = self.entries().iter().flat_map(|entry| entry.take_idle()).collect();
        futures::future::join_all(idle.iter().map(|process| process.shutdown())).await;
    }

    /// Makes room for one more process, as far as idle ones can.
    async fn make_room(&self) {
        let Some(budget) = self.settings.memory_budget else { return };
        let sizes: Vec<u64> =
            self.running().iter().filter_map(|(_, process)| process.pid()).map(resident).collect();
        let next = sizes.iter().copied().max().unwrap_or(0).max(ASSUMED_MEMORY);
        if !sizes.is_empty() && sizes.iter().sum::<u64>() + next > budget {
            self.release_idle().await;
        }
    }
}

/// Resident memory of a process in bytes, 0 where that cannot be told.
fn resident(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    let kib: u64 = line.split_whitespace().next().and_then(|text| text.parse().ok()).unwrap_or(0);
    kib * 1024
}

/// What is known of a provider without a process.
struct Known {
    schemas: Arc<StoredSchemas>,
    memo: Arc<Memo>,
}

/// One provider of a pool.
struct Entry {
    provider: ProviderAddr,
    source: ProviderSource,
    inner: std::sync::Weak<Inner>,
    known: OnceCell<Known>,
    slots: Mutex<Slots>,
}

#[derive(Default)]
struct Slots {
    /// The process of unconfigured calls, until a configuration takes it over.
    spare: Option<Arc<Slot>>,
    /// By encoded configuration.
    configured: HashMap<Vec<u8>, Arc<ConfiguredSlot>>,
}

/// A process with a configuration. The providers given out hold it, so one that only the pool holds
/// is idle.
struct ConfiguredSlot {
    slot: Arc<Slot>,
    diags: OnceCell<Diags>,
}

impl Entry {
    fn new(provider: ProviderAddr, source: ProviderSource, inner: std::sync::Weak<Inner>) -> Self {
        Entry { provider, source, inner, known: OnceCell::new(), slots: Mutex::default() }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn error(&self, call: &'static str, cause: ProviderFailure) -> ProviderError {
        ProviderError::new(self.provider.to_string(), call, cause)
    }

    async fn client(
        self: &Arc<Self>,
        settings: &PoolSettings,
        processes: Arc<dyn Processes>,
    ) -> Result<Client, ProviderError> {
        let known = self.known(settings).await?;
        Ok(Client {
            provider: self.provider.to_string(),
            processes,
            schemas: Arc::clone(&known.schemas),
            memo: Arc::clone(&known.memo),
            terraform_version: settings.terraform_version.clone(),
        })
    }

    /// Schemas and memo: from disk where possible.
    async fn known(self: &Arc<Self>, settings: &PoolSettings) -> Result<&Known, ProviderError> {
        self.known.get_or_try_init(|| self.learn(settings)).await
    }

    async fn learn(self: &Arc<Self>, settings: &PoolSettings) -> Result<Known, ProviderError> {
        let (ProviderSource::Binary(binary), Some(cache)) = (&self.source, &settings.cache_dir) else {
            let schemas = self.ask_for_schemas().await?;
            return Ok(Known { schemas: Arc::new(schemas), memo: Arc::new(Memo::in_memory()) });
        };
        let hashes = cache.join("binaries");
        let unreadable = |error: std::io::Error| {
            self.error("start", ProviderFailure::Start(format!("{}: {error}", binary.display())))
        };
        let hash = match binary_hash::noted(binary, &hashes).map_err(unreadable)? {
            Some(hash) => hash,
            None => {
                // A binary never seen before: its schema will be asked for, and hashing takes long.
                self.warm();
                let path = binary.clone();
                tokio::task::spawn_blocking(move || binary_hash::of_file(&path, Some(&hashes)))
                    .await
                    .map_err(std::io::Error::other)
                    .and_then(|hash| hash)
                    .map_err(unreadable)?
            }
        };
        let memo = Memo::open(&cache.join("validated").join(&hash), &settings.validation_salt);
        let store = SchemaStore::new(cache.join("schemas"));
        let schemas = match store.load(&hash) {
            Some(schemas) => schemas,
            None => {
                let schemas = self.ask_for_schemas().await?;
                // Not kept is asked for again.
                let _ = store.save(&hash, &schemas);
                schemas
            }
        };
        Ok(Known { schemas: Arc::new(schemas), memo: Arc::new(memo) })
    }

    fn warm(self: &Arc<Self>) {
        let (entry, Some(inner)) = (Arc::clone(self), self.inner.upgrade()) else { return };
        if matches!(entry.source, ProviderSource::Native(_)) {
            return;
        }
        tokio::spawn(async move {
            // A failure is reported to the one who needs the process.
            let _ = entry.any_slot().process(&inner, &entry).await;
        });
    }

    async fn ask_for_schemas(&self) -> Result<StoredSchemas, ProviderError> {
        let Some(inner) = self.inner.upgrade() else {
            return Err(self.error("start", ProviderFailure::Cancelled));
        };
        let slot = self.any_slot();
        let process = slot.started(&inner, self).await?;
        let method = Method::GetProviderSchema;
        let schemas = get_schema(&process).await?;
        slot.mark_primed();
        let method_identity = Method::GetResourceIdentitySchemas;
        let identities = match process.call_raw(method_identity, Vec::new()).await {
            Ok(identities) => identities,
            // Most providers predate identities.
            Err(ProviderError { cause: ProviderFailure::Rpc { .. }, .. }) => Bytes::new(),
            Err(error) => return Err(error),
        };
        StoredSchemas::build(process.protocol(), &schemas, &identities).map_err(|error| {
            let why = match error {
                BuildError::Malformed => "its schema is not a well-formed message".to_owned(),
                BuildError::Diagnostics(text) => text,
            };
            process.error(method, ProviderFailure::Value(why))
        })
    }

    /// A slot for unconfigured calls: the spare one, else any whose process runs, else a new spare.
    fn any_slot(&self) -> Arc<Slot> {
        let mut slots = self.lock();
        if let Some(spare) = &slots.spare
            && !spare.has_ended()
        {
            return Arc::clone(spare);
        }
        let mut configured = slots.configured.values();
        if let Some(slot) = configured.find(|slot| slot.slot.running().is_some()) {
            return Arc::clone(&slot.slot);
        }
        let spare = Arc::new(Slot::default());
        slots.spare = Some(Arc::clone(&spare));
        spare
    }

    /// The slot of a configuration, which takes over the spare process if it is new.
    fn configured_slot(&self, key: &[u8]) -> Arc<ConfiguredSlot> {
        let mut slots = self.lock();
        if let Some(slot) = slots.configured.get(key) {
            return Arc::clone(slot);
        }
        let slot = slots.spare.take().filter(|slot| !slot.has_ended()).unwrap_or_default();
        let slot = Arc::new(ConfiguredSlot { slot, diags: OnceCell::new() });
        slots.configured.insert(key.to_owned(), Arc::clone(&slot));
        slot
    }

    fn forget(&self, key: &[u8], slot: &Arc<ConfiguredSlot>) {
        let mut slots = self.lock();
        if slots.configured.get(key).is_some_and(|known| Arc::ptr_eq(known, slot)) {
            slots.configured.remove(key);
        }
    }

    fn running(&self) -> Vec<Arc<PluginProcess>> {
        let slots = self.lock();
        let configured = slots.configured.values().map(|slot| &slot.slot);
        configured.chain(&slots.spare).filter_map(|slot| slot.running()).collect()
    }

    fn take_idle(&self) -> Vec<Arc<PluginProcess>> {
        let mut slots = self.lock();
        let mut idle: Vec<_> =
            slots.spare.take_if(|spare| Arc::strong_count(spare) == 1).into_iter().collect();
        slots.configured.retain(|_, slot| {
            let used = Arc::strong_count(slot) > 1;
            if !used {
                idle.push(Arc::clone(&slot.slot));
            }
            used
        });
        idle.iter().filter_map(|slot| slot.running()).collect()
    }

    fn take_all(&self) {
        let mut slots = self.lock();
        slots.spare = None;
        slots.configured.clear();
    }
}

async fn get_schema(process: &PluginProcess) -> Result<Bytes, ProviderError> {
    let call = process.call_raw(Method::GetProviderSchema, Vec::new());
    match tokio::time::timeout(SCHEMA_TIMEOUT, call).await {
        Ok(result) => result,
        Err(_) => {
            let cause = ProviderFailure::Timeout(SCHEMA_TIMEOUT.as_secs());
            Err(process.error(Method::GetProviderSchema, cause))
        }
    }
}

/// Unconfigured calls go to whatever process there is at the moment.
struct Unconfigured {
    inner: Arc<Inner>,
    entry: Arc<Entry>,
}

#[async_trait]
impl Processes for Unconfigured {
    async fn process(&self) -> Result<Arc<PluginProcess>, ProviderError> {
        Slot::ready(self.entry.any_slot(), &self.inner, &self.entry).await
    }

    fn running(&self) -> Option<Arc<PluginProcess>> {
        self.entry.running().into_iter().next()
    }
}

/// Calls of a configured provider go to its process; when that is lost, so is the configuration.
struct Configured {
    inner: Arc<Inner>,
    entry: Arc<Entry>,
    slot: Arc<ConfiguredSlot>,
}

#[async_trait]
impl Processes for Configured {
    async fn process(&self) -> Result<Arc<PluginProcess>, ProviderError> {
        Slot::ready(Arc::clone(&self.slot.slot), &self.inner, &self.entry).await
    }

    fn running(&self) -> Option<Arc<PluginProcess>> {
        self.slot.slot.running()
    }
}
