//! Validation: everything that can be said without a state and without values.

use crate::context::Context;
use crate::graph::{Graph, Node};
use crate::provider_calls::{call_failed, provider_diags};
use crate::values::Expansion;
use crate::walk::{Phase, Rules, Walk};
use groma_config::Resource;
use groma_lang::{Diagnostic, Diagnostics, Severity};
use groma_provider::Schemas;
use groma_state::State;
use groma_value::Value;
use groma_value::addr::{AbsResource, ConfigResource, Key, Mode, ProviderConfig};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Checks the configuration against the providers' schemas, and lets the providers
/// check it. Values of variables are unknown, as are all computed attributes.
pub async fn validate(cx: &Context) -> Diagnostics {
    let graph = Graph::new(&cx.config, &State::default());
    let variables = BTreeMap::new();
    let walk = Walk::new(cx, &graph, Phase::Validate, &variables, State::default(), None);
    let w = &walk;
    let start = |i: usize| -> futures::future::LocalBoxFuture<'_, bool> {
        Box::pin(async move {
            match &w.graph.nodes[i] {
                Node::Resource(c) => w.validate_resource(c).await,
                Node::Provider(p) => {
                    w.visit_static(&w.graph.nodes[i]);
                    w.validate_provider(p).await;
                }
                Node::Orphan(_) => {}
                n => {
                    w.visit_static(n);
                }
            }
            // Nothing depends on success here: values are unknown anyway.
            true
        })
    };
    let left = crate::executor::run(&graph.deps, &start).await;
    walk.validate_actions().await;
    if !left.is_empty() {
        walk.report_cycle(&left);
    }
    walk.diags.take()
}

impl<'a> Walk<'a> {
    async fn validate_provider(&'a self, addr: &ProviderConfig) {
        let Some((_, block)) = crate::graph::provider_block(self.graph, addr) else { return };
        let config = self.providers.borrow().get(addr).and_then(|s| s.config.clone());
        let Some(config) = config else { return };
        let answer = match self.cx.validator(addr).await {
            Ok(p) => p.validate_provider_config(&config).await,
            Err(e) => Err(e),
        };
        match answer {
            Ok(d) => {
                let mut diags = Diagnostics::new();
                provider_diags(&mut diags, d, Some(&block.body), Some(block.span), Some(addr.to_string()));
                self.report(diags);
            }
            Err(e) => self.push(call_failed(&e)),
        }
    }

    async fn validate_resource(&'a self, c: &ConfigResource) {
        let Some(block) = self.graph.resource(c) else { return };
        let Some(provider) = self.resource_provider(c) else { return };
        let p = &provider.provider.provider;
        let Some(schemas) = self.schemas(p) else { return };
        let Some(schema) = self.schema(p, c.resource.mode, &c.resource.ty) else {
            self.push(no_schema(Some(schemas), &provider, block));
            return;
        };
        let modules = self.values.borrow().instances(&c.module);
        for m in modules {
            let Some(mut scope) = self.scope(&m) else { continue };
            self.check_repetition(block.into(), &scope);
            if block.count.is_some() {
                scope.repetition.count_index = Some(Value::unknown_not_null(groma_value::Type::Number));
            }
            if block.for_each.is_some() {
                scope.repetition.each =
                    Some((Value::unknown_not_null(groma_value::Type::String), Value::dynamic()));
            }
            let mut diags = Diagnostics::new();
            let config = groma_lang::decode::decode_block(&block.body, &schema.block, &scope, &mut diags);
            let address = c.to_string();
            for d in diags.iter_mut() {
                d.address = Some(address.clone());
            }
            let ephemeral = c.resource.mode == Mode::Ephemeral;
            let ok = self.report(diags)
                && (ephemeral || self.refuse_ephemeral(&config, &schema.block, block, address.clone()));
            self.check_ignored(block, &schema.block);
            let rules = |summary| Rules {
                kind: crate::checks::CheckKind::Resource,
                summary,
                config_addr: &address,
                addr: &address,
                severity: Severity::Error,
                subject: None,
            };
            self.check_rules(&block.lifecycle.preconditions, &scope, &rules("Resource precondition failed"));
            // What others see of it: its type, with what the configuration says.
            let abs = AbsResource { module: m.clone(), resource: c.resource.clone() };
            let unknown = Value::unknown(schema.block.implied_type().clone());
            let unknown = if ephemeral { unknown.mark(groma_value::Mark::Ephemeral) } else { unknown };
            let scope = scope.with_self(unknown.clone());
            self.check_rules(
                &block.lifecycle.postconditions,
                &scope,
                &rules("Resource postcondition failed"),
            );
            self.validate_provisioners(block, &scope);
            let single = block.count.is_none() && block.for_each.is_none();
            {
                let mut values = self.values.borrow_mut();
                values.expand_resource(&abs, if single { Expansion::Single } else { Expansion::Unknown });
                values.set_resource(&abs, Key::None, unknown);
            }
            if ok {
                self.ask_to_validate(c, block, &provider, &config.unmark_deep().0).await;
            }
        }
    }

    /// `ignore_changes` must name what there is.
    fn check_ignored(&self, block: &Resource, schema: &groma_value::schema::Block) {
        for e in &block.lifecycle.ignore_changes {
            let Some(t) = e.as_traversal() else { continue };
            let name = &t.root.name;
            if schema.attributes.contains_key(name) || schema.blocks.contains_key(name) {
                continue;
            }
            let names = schema.attributes.keys().chain(schema.blocks.keys()).map(|n| &**n);
            let hint = groma_lang::diag::suggest(name, names)
                .map(|n| format!(" Did you mean {n:?}?"))
                .unwrap_or_default();
            self.push(
                Diagnostic::error(
                    "Unsupported attribute",
                    format!("This object has no argument, nested block, or exported attribute named {name:?}.{hint}"),
                )
                .at(t.root.span),
            );
        }
    }

    async fn ask_to_validate(
        &'a self,
        c: &ConfigResource,
        block: &Resource,
        provider: &ProviderConfig,
        config: &Value,
    ) {
        let ty = &*c.resource.ty;
        let answer = match self.cx.validator(provider).await {
            Ok(p) => match c.resource.mode {
                Mode::Managed => p.validate_resource_config(ty, config).await,
                Mode::Data => p.validate_data_config(ty, config).await,
                Mode::Ephemeral => p.validate_ephemeral_config(ty, config).await,
            },
            Err(e) => Err(e),
        };
        match answer {
            Ok(d) => {
                let mut diags = Diagnostics::new();
                provider_diags(&mut diags, d, Some(&block.body), Some(block.span), Some(c.to_string()));
                self.report(diags);
            }
            Err(e) => self.push(call_failed(&e).about(c)),
        }
    }
}

/// The error for a resource type that the provider does not have.
pub(crate) fn no_schema(
    schemas: Option<&Arc<dyn Schemas>>,
    provider: &ProviderConfig,
    block: &Resource,
) -> Diagnostic {
    let ty = &*block.addr.ty;
    let p = provider.provider.provider.for_display();
    let (what, other, types, is_other) = match block.addr.mode {
        Mode::Data => (
            "data source",
            "a managed resource type",
            schemas.map(|s| s.data_source_types()),
            schemas.is_some_and(|s| s.resource(ty).is_some()),
        ),
        Mode::Managed => (
            "resource type",
            "a data source",
            schemas.map(|s| s.resource_types()),
            schemas.is_some_and(|s| s.data_source(ty).is_some()),
        ),
        Mode::Ephemeral => ("ephemeral resource", "", schemas.map(|s| s.ephemeral_types()), false),
    };
    let mut detail = format!("The provider {p} does not support {what} {ty:?}.");
    let types = types.unwrap_or_default();
    if is_other {
        let keyword = if block.addr.mode == Mode::Data { "resource" } else { "data" };
        detail.push_str(&format!(
            "\n\nDid you intend to use {other} {ty:?}? If so, declare this using a \"{keyword}\" block."
        ));
    } else if let Some(s) = groma_lang::diag::suggest(ty, types.iter().map(String::as_str)) {
        detail.push_str(&format!(" Did you mean {s:?}?"));
    }
    Diagnostic::error(format!("Invalid {what}"), detail).at(block.span)
}
