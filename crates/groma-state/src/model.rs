//! A state in memory.

use groma_value::addr::{AbsResource, ConfigResource, Key, ProviderConfig, ResourceInstance};
use groma_value::{Marks, Name, Path, Type, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A snapshot of everything that is managed. Cloning copies pointers: resources
/// are shared.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Root module outputs.
    pub outputs: BTreeMap<String, OutputValue>,
    /// Resources by address.
    pub resources: BTreeMap<AbsResource, Arc<ResourceState>>,
    /// Results of checks of the last run.
    pub check_results: Option<Arc<serde_json::Value>>,
}

/// A root module output.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputValue {
    /// The value, unmarked.
    pub value: Value,
    /// Its type (`Dynamic` never).
    pub ty: Type,
    /// Not to be shown.
    pub sensitive: bool,
}

/// A resource: its provider configuration and instances.
#[derive(Clone, Debug)]
pub struct ResourceState {
    /// The provider configuration that manages it, without the key of an instance.
    pub provider: ProviderConfig,
    /// Its instances by key.
    pub instances: BTreeMap<Key, InstanceState>,
}

/// One instance: its current object and deposed ones.
#[derive(Clone, Debug, Default)]
pub struct InstanceState {
    /// The current object, if any.
    pub current: Option<Arc<Object>>,
    /// Which instance of the provider configuration manages it, where that has `for_each`.
    pub provider_key: Option<Name>,
    /// Objects replaced but not destroyed yet, by deposed key (8 hex digits).
    pub deposed: BTreeMap<String, Arc<Object>>,
}

/// A remote object as last seen.
#[derive(Clone, Debug)]
pub struct Object {
    /// Whether it was created completely.
    pub status: Status,
    /// The provider's schema version of `attributes`.
    pub schema_version: u64,
    /// All attributes, compact JSON text of an object; sensitive values included.
    pub attributes: Arc<str>,
    /// The attributes in the flat format of states before v4, if they are stored so.
    pub attributes_flat: Option<Arc<BTreeMap<String, String>>>,
    /// Paths of attributes that are sensitive because of what they were made from.
    pub sensitive_paths: Arc<Vec<(Path, Marks)>>,
    /// The provider's bytes.
    pub private: Arc<[u8]>,
    /// Addresses that it depends on, sorted.
    pub dependencies: Arc<[ConfigResource]>,
    /// The effective `create_before_destroy` when it was created.
    pub create_before_destroy: bool,
    /// The identity's schema version and JSON text, if it has one.
    pub identity: Option<(u64, Arc<str>)>,
}

/// The status of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// As it should be.
    Ready,
    /// Must be replaced.
    Tainted,
}

impl ResourceState {
    /// What manages one of the instances.
    pub fn provider_of(&self, instance: &InstanceState) -> ProviderConfig {
        let key = instance.provider_key.clone();
        self.provider.instance(key.map_or(Key::None, Key::Str))
    }
}

impl InstanceState {
    /// Says which instance of its configuration `provider` is.
    pub fn set_provider(&mut self, provider: &ProviderConfig) {
        self.provider_key = match &provider.provider.key {
            Key::Str(k) => Some(k.clone()),
            Key::None | Key::Int(_) => None,
        };
    }
}

impl State {
    /// The instance's state.
    pub fn instance(&self, addr: &ResourceInstance) -> Option<&InstanceState> {
        self.resources.get(&addr.abs_resource())?.instances.get(&addr.key)
    }
    /// The instance's current object.
    pub fn current(&self, addr: &ResourceInstance) -> Option<&Arc<Object>> {
        self.instance(addr)?.current.as_ref()
    }
    /// Sets or removes the current object. An instance without any object
    /// disappears, and so does a resource without instances.
    pub fn set_current(
        &mut self,
        addr: &ResourceInstance,
        provider: &ProviderConfig,
        object: Option<Arc<Object>>,
    ) {
        self.update(addr, Some(provider), |i| i.current = object);
    }
    /// Sets or removes a deposed object.
    pub fn set_deposed(
        &mut self,
        addr: &ResourceInstance,
        key: &str,
        provider: &ProviderConfig,
        object: Option<Arc<Object>>,
    ) {
        self.update(addr, Some(provider), |i| {
            match object {
                Some(o) => i.deposed.insert(key.to_owned(), o),
                None => i.deposed.remove(key),
            };
        });
    }
    /// Changes an instance in place and tidies up. O(instances of the resource) only
    /// when the resource is shared with another snapshot.
    pub fn update(
        &mut self,
        addr: &ResourceInstance,
        provider: Option<&ProviderConfig>,
        f: impl FnOnce(&mut InstanceState),
    ) {
        let key = addr.abs_resource();
        if !self.resources.contains_key(&key) {
            let Some(p) = provider else { return };
            self.resources.insert(
                key.clone(),
                Arc::new(ResourceState { provider: p.whole(), instances: BTreeMap::new() }),
            );
        }
        let Some(shared) = self.resources.get_mut(&key) else { return };
        let resource = Arc::make_mut(shared);
        if let Some(p) = provider {
            resource.provider = p.whole();
        }
        let instance = resource.instances.entry(addr.key.clone()).or_default();
        if let Some(p) = provider {
            instance.set_provider(p);
        }
        f(instance);
        if instance.current.is_none() && instance.deposed.is_empty() {
            resource.instances.remove(&addr.key);
        }
        if resource.instances.is_empty() {
            self.resources.remove(&key);
        }
    }
    /// All instances in order of addresses.
    pub fn instances(&self) -> impl Iterator<Item = (ResourceInstance, &ResourceState, &InstanceState)> {
        self.resources
            .iter()
            .flat_map(|(a, r)| r.instances.iter().map(move |(k, i)| (a.instance(k.clone()), &**r, i)))
    }
    /// Whether there are neither resources nor outputs.
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty() && self.outputs.is_empty()
    }
}
