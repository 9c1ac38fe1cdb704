//! What tests put in the place of real things: provider configurations that are
//! evaluated already, mock providers, and overrides of single objects.

use crate::context::Context;
use crate::mock::Mock;
use crate::walk::Walk;
use groma_lang::Span;
use groma_provider::{CallResult, Provider};
use groma_value::addr::{AbsResource, Key, ModuleInstance, ProviderConfig, ResourceInstance, Target};
use groma_value::{Name, Value};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// What is put in the place of real things; nothing by default.
#[derive(Clone, Default)]
pub struct Overlay {
    /// Whether a test is run: conditions of checks that cannot be told yet are
    /// reported as warnings then.
    pub testing: bool,
    /// Evaluated, unmarked configurations that count instead of `provider` blocks.
    pub provider_values: HashMap<ProviderConfig, Value>,
    /// Provider configurations behind which there is no provider.
    pub mocks: HashMap<ProviderConfig, Arc<MockProvider>>,
    /// Where values of root variables are written, for messages about them.
    pub variables: HashMap<Name, Span>,
    /// Objects whose providers are not asked. The first that fits counts.
    pub overrides: Vec<ObjectOverride>,
    /// Module instances whose content is not looked at. The first that fits counts.
    pub modules: Vec<ModuleOverride>,
}

/// What computed attributes become.
#[derive(Clone, Debug, Default)]
pub struct Fill {
    /// Values by name of attribute; what is not there is made up.
    pub values: BTreeMap<Name, Value>,
    /// Whether they are known while planning already.
    pub during_plan: bool,
    /// Where they are written, for messages.
    pub place: String,
}

/// A provider that is made up.
#[derive(Clone, Debug, Default)]
pub struct MockProvider {
    /// By managed resource type.
    pub resources: BTreeMap<Name, Fill>,
    /// By data source.
    pub data: BTreeMap<Name, Fill>,
    /// Of single objects of this provider. The first that fits counts.
    pub overrides: Vec<ObjectOverride>,
}

/// A resource or data source that is made up.
#[derive(Clone, Debug)]
pub struct ObjectOverride {
    /// Which; a resource means all its instances.
    pub target: Target,
    /// Its values.
    pub fill: Fill,
}

/// A module that is made up.
#[derive(Clone, Debug)]
pub struct ModuleOverride {
    /// Which; without a key at its end, all instances of the call.
    pub target: ModuleInstance,
    /// The outputs; those that are not there are null.
    pub outputs: BTreeMap<Name, Value>,
}

impl ObjectOverride {
    fn fits(&self, addr: &ResourceInstance) -> bool {
        match &self.target {
            Target::Resource(AbsResource { module, resource }) => {
                *module == addr.module && *resource == addr.resource
            }
            Target::Instance(i) => i == addr,
            Target::Module(_) => false,
        }
    }
}

impl Overlay {
    /// The override of a module instance.
    pub(crate) fn module(&self, m: &ModuleInstance) -> Option<&ModuleOverride> {
        self.modules.iter().find(|o| {
            o.target == *m
                || o.target.parent() == m.parent()
                    && matches!((o.target.last(), m.last()), (Some((a, Key::None)), Some((b, _))) if a == b)
        })
    }

    fn object(&self, addr: &ResourceInstance, provider: &ProviderConfig) -> Option<&Fill> {
        let own = self.mocks.get(&provider.whole()).into_iter().flat_map(|m| &m.overrides);
        self.overrides.iter().chain(own).find(|o| o.fits(addr)).map(|o| &o.fill)
    }
}

impl Context {
    /// What stands in for a provider where it would be asked about configurations:
    /// a mock has nothing to say about them.
    pub(crate) async fn validator(&self, addr: &ProviderConfig) -> CallResult<Arc<dyn Provider>> {
        match (self.overlay.mocks.get(&addr.whole()), self.schemas.get(&addr.provider.provider)) {
            (Some(m), Some(schemas)) => Ok(Arc::new(Mock::provider(m.clone(), schemas.clone()))),
            _ => self.providers.unconfigured(&addr.provider.provider).await,
        }
    }
}

impl<'a> Walk<'a> {
    /// What is asked about an instance: the configured provider, unless a test says
    /// that the object is made up. `None` after an error, which is in the diagnostics.
    pub async fn provider_for(
        &'a self,
        instance: &ResourceInstance,
        addr: &ProviderConfig,
    ) -> Option<Arc<dyn Provider>> {
        let overlay = &self.cx.overlay;
        if let Some(fill) = overlay.object(instance, addr) {
            let schemas = self.schemas(&addr.provider.provider)?.clone();
            return Some(Arc::new(Mock::object(fill.clone(), schemas)));
        }
        self.provider(addr).await
    }
}
