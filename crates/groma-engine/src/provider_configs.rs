//! Provider configurations: their values, their instances (`for_each` of OpenTofu), and
//! which of them a resource instance uses.

use crate::expand::{self, IfUnknown, Repetition};
use crate::graph::{provider_block, provider_config};
use crate::provider_calls::{call_failed, provider_diags};
use crate::scope::ModuleScope;
use crate::values::{self, Expansion};
use crate::walk::{Phase, Walk, module_instance};
use groma_config::{LocalProvider, ResolvedProvider};
use groma_lang::{Diagnostic, Diagnostics, Expr};
use groma_provider::Provider;
use groma_value::addr::{ConfigResource, Key, Mode, ModuleInstance, ProviderConfig, ResourceInstance};
use groma_value::schema::Schema;
use groma_value::{Mark, Name, Type, Value, convert};
use std::rc::Rc;
use std::sync::Arc;

/// A provider configuration in a walk.
pub(crate) struct ProviderSlot {
    /// The evaluated configuration, unmarked; `None` after an error.
    pub config: Option<Value>,
    configured: tokio::sync::OnceCell<Option<Arc<dyn Provider>>>,
}

impl<'a> Walk<'a> {
    /// Evaluates a configuration, and each instance of one that has `for_each`. In
    /// validation such a one has one value, for whatever key.
    pub fn visit_provider(&'a self, addr: &ProviderConfig) -> bool {
        let Some(schemas) = self.schemas(&addr.provider.provider) else {
            self.push(Diagnostic::error(
                "Provider not available",
                format!("{addr} is needed, but the schemas of the provider were not loaded."),
            ));
            return false;
        };
        let schema = schemas.provider();
        let overlay = self.cx.overlay.provider_values.get(addr).cloned();
        let block = provider_block(self.graph, addr);
        let Some((node, block)) = block else {
            return self.note_provider(addr.clone(), overlay.or_else(|| Some(schema.block.empty_value())));
        };
        // Providers belong to modules without count and for_each.
        let Some(scope) = self.scope(&module_instance(&node.path)) else { return false };
        let Some(for_each) = &block.for_each else {
            let config = overlay.or_else(|| self.provider_value(block, &schema, &scope));
            return self.note_provider(addr.clone(), config);
        };
        if self.phase == Phase::Validate {
            self.check_repetition(Repetition::for_each(for_each), &scope);
            let each = Some((Value::unknown_not_null(Type::String), Value::dynamic()));
            let scope = scope.with_repetition(values::Repetition { count_index: None, each });
            let config = self.provider_value(block, &schema, &scope);
            return self.note_provider(addr.clone(), config);
        }
        let mut diags = Diagnostics::new();
        let all = expand::expansion(Repetition::for_each(for_each), &scope, IfUnknown::Refuse, &mut diags);
        self.report(diags);
        let Some(all) = all else { return false };
        let mut ok = true;
        for key in all.keys() {
            let Some(scope) = self.scope(&module_instance(&node.path)) else { return false };
            let scope = scope.with_repetition(all.repetition(&key));
            let config = overlay.clone().or_else(|| self.provider_value(block, &schema, &scope));
            ok &= self.note_provider(addr.instance(key), config);
        }
        ok
    }

    fn provider_value(
        &self,
        block: &groma_config::ProviderBlock,
        schema: &Schema,
        scope: &ModuleScope<'_>,
    ) -> Option<Value> {
        let mut diags = Diagnostics::new();
        let v = groma_lang::decode::decode_block(&block.body, &schema.block, scope, &mut diags);
        self.report(diags).then(|| v.unmark_deep().0)
    }

    fn note_provider(&self, addr: ProviderConfig, config: Option<Value>) -> bool {
        let ok = config.is_some();
        let slot = ProviderSlot { config, configured: tokio::sync::OnceCell::new() };
        self.providers.borrow_mut().insert(addr, Rc::new(slot));
        ok
    }

    /// The configured provider, configured when first asked for. `None` after an
    /// error, which is in the diagnostics.
    pub async fn provider(&'a self, addr: &ProviderConfig) -> Option<Arc<dyn Provider>> {
        if !self.providers.borrow().contains_key(addr) && !self.visit_provider(&addr.whole()) {
            return None;
        }
        let slot = self.providers.borrow().get(addr).cloned();
        let Some(slot) = slot else {
            self.push(self.no_such_instance(addr));
            // It is told once, whoever else asks.
            self.note_provider(addr.clone(), None);
            return None;
        };
        slot.configured.get_or_init(|| self.configure(addr, &slot)).await.clone()
    }

    fn no_such_instance(&self, addr: &ProviderConfig) -> Diagnostic {
        let d = Diagnostic::error(
            "Provider instance not present",
            match addr.provider.key {
                Key::None => format!(
                    "{addr} has for_each, and what is to be changed was made before it had: it is not said by which \
                     instance. Name the instance in the resource's argument \"provider\"."
                ),
                _ => format!(
                    "{addr} is needed{}, and the for_each of the configuration has no such element. If the element \
                     was taken away, put it back until what was made with it is destroyed.",
                    self.made_with(addr)
                ),
            },
        );
        match provider_block(self.graph, addr) {
            Some((_, block)) => d.at(block.for_each.as_ref().map_or(block.span, |e| e.span)),
            None => d,
        }
    }

    /// What is in the state by an instance of a configuration, as words.
    fn made_with(&self, addr: &ProviderConfig) -> String {
        const SHOWN: usize = 3;
        let state = self.fallback.borrow();
        let all = state
            .instances()
            .filter(|(a, r, i)| a.resource.mode == Mode::Managed && r.provider_of(i) == *addr);
        let names: Vec<String> = all.map(|(a, ..)| a.to_string()).collect();
        match names.len() {
            0 => String::new(),
            n if n > SHOWN => format!(" by {} and {} more", names[..SHOWN].join(", "), n - SHOWN),
            _ => format!(" by {}", names.join(", ")),
        }
    }

    async fn configure(&'a self, addr: &ProviderConfig, slot: &ProviderSlot) -> Option<Arc<dyn Provider>> {
        let config = slot.config.as_ref()?;
        let p = &addr.provider.provider;
        if self.cx.overlay.mocks.contains_key(&addr.whole()) {
            return self.cx.validator(addr).await.ok();
        }
        let block = provider_block(self.graph, addr).map(|(_, b)| b);
        let (body, span) = (block.map(|b| &b.body), block.map(|b| b.span));
        let tell = |diags| {
            let mut out = Diagnostics::new();
            let failed = provider_diags(&mut out, diags, body, span, Some(addr.to_string()));
            self.report(out);
            !failed
        };
        let checked = match self.cx.providers.unconfigured(p).await {
            Ok(unconfigured) => unconfigured.validate_provider_config(config).await,
            Err(e) => Err(e),
        };
        match checked {
            Ok(d) => {
                if !tell(d) {
                    return None;
                }
            }
            Err(e) => {
                self.push(call_failed(&e));
                return None;
            }
        }
        match self.cx.providers.configured(p, config).await {
            Ok((provider, d)) => tell(d).then_some(provider),
            Err(e) => {
                self.push(call_failed(&e));
                None
            }
        }
    }

    /// The effective provider configuration of a resource in the configuration, without the
    /// key of an instance.
    pub fn resource_provider(&self, c: &ConfigResource) -> Option<ProviderConfig> {
        let m = self.graph.modules.get(&c.module)?;
        crate::graph::provider_of(m, &m.module.resources.get(&c.resource)?.provider)
    }

    /// What manages an object that is there, whether or not the configuration has its instance:
    /// the block's provider configuration, where there is a block; else, and for which of its
    /// instances, the state's.
    pub fn object_provider(&self, c: &ConfigResource, by_state: ProviderConfig) -> ProviderConfig {
        self.resource_provider(c).filter(|p| *p != by_state.whole()).unwrap_or(by_state)
    }

    /// What manages a resource instance that the configuration has. `None` after an error.
    pub fn instance_provider(&'a self, addr: &ResourceInstance) -> Option<ProviderConfig> {
        let block = self.graph.resource(&addr.config())?;
        let key = block.provider_key.as_ref();
        self.chosen_provider(&addr.module, &block.provider, key, || self.instance_scope(addr))
    }

    /// The configuration that a name means in an instance of a module, with the key of its
    /// instance if it has several: `key` evaluated in `scope`, or what the module's caller
    /// has chosen. `None` after an error.
    pub fn chosen_provider(
        &'a self,
        module: &ModuleInstance,
        local: &LocalProvider,
        key: Option<&Expr>,
        scope: impl FnOnce() -> Option<ModuleScope<'a>>,
    ) -> Option<ProviderConfig> {
        let resolved = self.graph.modules.get(&module.path())?.providers.get(local)?;
        let addr = provider_config(resolved);
        if !resolved.repeated || self.phase == Phase::Validate {
            return Some(addr);
        }
        let key = match (&resolved.passed, key) {
            (Some(_), _) => self.passed_key(&addr, module, resolved)?,
            (None, Some(key)) => self.provider_key(&addr, key, &scope()?)?,
            // The static checks ask for a key.
            (None, None) => return Some(addr),
        };
        Some(addr.instance(key))
    }

    /// The key that a call of the module, or of one around it, chooses.
    fn passed_key(
        &'a self,
        addr: &ProviderConfig,
        module: &ModuleInstance,
        resolved: &ResolvedProvider,
    ) -> Option<Key> {
        let passed = resolved.passed.as_ref()?;
        let steps = &module.steps()[..passed.callee.names().len()];
        let ((call, key), parent) = steps.split_last()?;
        let parent: ModuleInstance = parent.iter().cloned().collect();
        let repetition = self
            .values
            .borrow()
            .module(&parent)
            .and_then(|v| v.calls.get(call))
            .map(|e: &Expansion| e.repetition(key))
            .unwrap_or_default();
        self.provider_key(addr, &passed.key, &self.scope(&parent)?.with_repetition(repetition))
    }

    /// The keys of a configuration that was visited, sorted.
    fn instances_of(&self, addr: &ProviderConfig) -> Vec<Name> {
        let all = self.providers.borrow();
        let mut keys: Vec<Name> = all
            .iter()
            .filter(|(p, slot)| p.whole() == *addr && slot.config.is_some())
            .filter_map(|(p, _)| match &p.provider.key {
                Key::Str(k) => Some(k.clone()),
                Key::None | Key::Int(_) => None,
            })
            .collect();
        keys.sort();
        keys
    }

    fn provider_key(&self, addr: &ProviderConfig, e: &Expr, scope: &ModuleScope<'_>) -> Option<Key> {
        let v = self.eval(e, scope)?;
        let why: std::borrow::Cow<'_, str> = if v.has_mark(&Mark::Sensitive) {
            "is sensitive, and the state would disclose it".into()
        } else if v.has_mark(&Mark::Ephemeral) {
            "is ephemeral, so nobody would know later by which instance an object was made".into()
        } else if v.is_null() {
            "is null".into()
        } else {
            match convert(v.peel(), &Type::String) {
                Ok(Value::String(s)) => {
                    let there = self.instances_of(addr);
                    if there.is_empty() || there.contains(&s) {
                        return Some(Key::Str(s));
                    }
                    let there: Vec<String> = there.iter().map(|k| format!("{k:?}")).collect();
                    format!("is {s:?}, and {addr} has these instances: {}", there.join(", ")).into()
                }
                Ok(_) => {
                    "depends on what is known only after an apply, and the provider is needed to plan".into()
                }
                Err(_) => "is no string".into(),
            }
        };
        self.push(
            Diagnostic::error(
                "Invalid provider instance key",
                format!("The key {why}. It must be one of the keys of the configuration's for_each."),
            )
            .at(e.span),
        );
        None
    }
}
