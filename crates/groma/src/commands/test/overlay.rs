//! What a run puts over a configuration: mocked providers, overrides, values of provider blocks.

use super::names::{FileScope, Runs};
use super::run::Runner;
use super::values::RunValues;
use groma_config::testfile::{MockProvider, MockValues, Override, OverrideKind, Run, TestProvider};
use groma_config::{Config, LocalProvider};
use groma_engine::{Context, Fill, ModuleOverride, ObjectOverride, Overlay};
use groma_lang::{Diagnostics, Span};
use groma_value::Name;
use groma_value::addr::{Key, ModulePath, ProviderAlias, ProviderConfig, Target};
use std::collections::BTreeMap;
use std::sync::Arc;

impl Runner<'_> {
    #[expect(clippy::too_many_arguments, reason = "all that a run is made of")]
    pub(super) fn overlay(
        &self,
        run: &Run,
        runs: Runs<'_>,
        config: &Config,
        chosen: &[(LocalProvider, &TestProvider)],
        values: &RunValues,
        context: &Context,
        diags: &mut Diagnostics,
    ) -> Overlay {
        let mut out = Overlay { testing: true, variables: values.spans.clone(), ..Overlay::default() };
        for (local, p) in chosen {
            let provider = config.root.module.provider_of(&local.name);
            let Some(schemas) = context.schemas.get(&provider) else { continue };
            let schema = schemas.provider();
            let addr = ProviderConfig {
                module: ModulePath::root(),
                provider: ProviderAlias { provider, alias: local.alias.clone(), key: Key::None },
            };
            let value = match p {
                TestProvider::Mock(m) => {
                    out.mocks.insert(addr.clone(), Arc::new(self.mock(m)));
                    schema.block.empty_value()
                }
                TestProvider::Real(b) => {
                    let get = |n: &str, span: Span, d: &mut Diagnostics| values.shared.get(n, span, d);
                    let scope =
                        FileScope { variables: &get, runs: Some(runs), functions: &self.setup.functions };
                    let v = groma_lang::decode::decode_block(&b.body, &schema.block, &scope, diags);
                    v.unmark_deep().0
                }
            };
            out.provider_values.insert(addr, value);
        }
        // What stands nearer to the run counts more.
        for o in &run.overrides {
            warn_of_missing(o, config, diags);
        }
        // Those of the file are about the module under test, and are looked at once.
        if run.module.is_none() && self.found.borrow().is_none() {
            let mut found = Diagnostics::new();
            for o in &self.file.overrides {
                warn_of_missing(o, config, &mut found);
            }
            *self.found.borrow_mut() = Some(found);
        }
        for o in run.overrides.iter().chain(&self.file.overrides) {
            self.add_override(o, &mut out.overrides, &mut out.modules);
        }
        for (_, p) in chosen {
            if let TestProvider::Mock(m) = p {
                for o in m.overrides.iter().filter(|o| o.kind == OverrideKind::Module) {
                    self.add_override(o, &mut Vec::new(), &mut out.modules);
                }
            }
        }
        out
    }

    fn add_override(
        &self,
        o: &Override,
        objects: &mut Vec<ObjectOverride>,
        modules: &mut Vec<ModuleOverride>,
    ) {
        match (&o.kind, &o.target) {
            (OverrideKind::Module, Target::Module(m)) => {
                let outputs = self.fill(&o.values).values;
                modules.push(ModuleOverride { target: m.clone(), outputs });
            }
            (OverrideKind::Module, _) => {}
            _ => objects.push(ObjectOverride { target: o.target.clone(), fill: self.fill(&o.values) }),
        }
    }

    fn mock(&self, m: &MockProvider) -> groma_engine::MockProvider {
        let all = |from: &BTreeMap<Name, MockValues>| {
            from.iter().map(|(ty, v)| (ty.clone(), self.fill(v))).collect()
        };
        let mut overrides = Vec::new();
        for o in &m.overrides {
            self.add_override(o, &mut overrides, &mut Vec::new());
        }
        groma_engine::MockProvider { resources: all(&m.resources), data: all(&m.data), overrides }
    }

    fn fill(&self, v: &MockValues) -> Fill {
        let fields = v.values.as_fields().into_iter().flat_map(|f| f.iter());
        Fill {
            values: fields.map(|(n, x)| (n.clone(), x.clone())).collect(),
            during_plan: v.during_plan,
            place: self.place(v.span),
        }
    }

    /// `a.tftest.hcl:3`
    fn place(&self, span: Span) -> String {
        let file = self.s.sources.get(span.file);
        format!("{}:{}", file.name, file.position(span.start).line)
    }
}

/// A target that there is not is probably a slip.
fn warn_of_missing(o: &Override, config: &Config, diags: &mut Diagnostics) {
    let (module, resource) = match &o.target {
        Target::Module(m) => (m, None),
        Target::Resource(r) => (&r.module, Some(&r.resource)),
        Target::Instance(i) => (&i.module, Some(&i.resource)),
    };
    let node = config.root.descend(&module.path());
    let there = node.is_some_and(|n| resource.is_none_or(|r| n.module.resources.contains_key(r)));
    if !there {
        diags.warning(
            o.target_span,
            "Invalid override target",
            "The module that is run has nothing at this address, so the override has no effect.",
        );
    }
}
