//! Data sources: read while planning where possible, else while applying.

use crate::checks::CheckKind;
use crate::context::{Event, Operation};
use crate::objects::{mark_sensitive, value_object};
use crate::plan::{Action, ActionReason, PlanMode, ResourceChange};
use crate::plan_walk::Planner;
use crate::provider_calls::{call_failed, provider_diags};
use crate::walk::{Rules, Walk};
use groma_config::Resource;
use groma_lang::{Diagnostic, Diagnostics, Severity};
use groma_state::{Object, Status};
use groma_value::Value;
use groma_value::addr::{ProviderConfig, ResourceInstance};
use groma_value::schema::Schema;
use std::sync::Arc;
use std::time::Instant;

impl<'a> Walk<'a> {
    /// Evaluates and checks the configuration of a data source instance, marks included.
    pub async fn data_config(
        &'a self,
        addr: &ResourceInstance,
        block: &Resource,
        schema: &Schema,
        provider_addr: &ProviderConfig,
    ) -> Option<Value> {
        let scope = self.instance_scope(addr)?;
        let (config_addr, object_addr) = (addr.config().to_string(), addr.to_string());
        let rules = Rules {
            kind: CheckKind::Resource,
            summary: "Resource precondition failed",
            config_addr: &config_addr,
            addr: &object_addr,
            severity: Severity::Error,
            subject: None,
        };
        if !self.check_rules(&block.lifecycle.preconditions, &scope, &rules) {
            return None;
        }
        let mut diags = Diagnostics::new();
        let config = groma_lang::decode::decode_block(&block.body, &schema.block, &scope, &mut diags);
        for d in diags.iter_mut() {
            d.address = Some(object_addr.clone());
        }
        if !self.report(diags) {
            return None;
        }
        if !self.refuse_ephemeral(&config, &schema.block, block, object_addr.clone()) {
            return None;
        }
        let (plain, _) = config.unmark_deep();
        let answer = match self.cx.validator(provider_addr).await {
            Ok(p) => p.validate_data_config(&addr.resource.ty, &plain).await,
            Err(e) => Err(e),
        };
        match answer {
            Ok(d) => {
                let mut diags = Diagnostics::new();
                provider_diags(&mut diags, d, Some(&block.body), Some(block.span), Some(object_addr));
                self.report(diags).then_some(config)
            }
            Err(e) => {
                self.push(call_failed(&e).about(addr));
                None
            }
        }
    }

    /// Reads a data source. The value has the configuration's marks.
    pub async fn read_data(
        &'a self,
        addr: &ResourceInstance,
        block: &Resource,
        schema: &Schema,
        provider_addr: &ProviderConfig,
        config: &Value,
    ) -> Option<Value> {
        let provider = self.provider_for(addr, provider_addr).await?;
        let (plain, marks) = config.unmark_deep_with_paths();
        let _slot = self.slots.acquire().await.ok()?;
        if self.cx.interrupt.stopping() {
            return None;
        }
        let begin = Instant::now();
        let (op, observer) = (Operation::ReadData, &self.cx.observer);
        observer.event(Event::Start { addr: addr.clone(), deposed: None, op, id: None });
        let meta = self.provider_meta(&addr.module.path(), &provider_addr.provider.provider)?;
        let answer = provider.read_data_source(&addr.resource.ty, &plain, &meta).await;
        let fail = || observer.event(Event::Failed { addr: addr.clone(), op, elapsed: begin.elapsed() });
        let (value, d) = match answer {
            Ok(x) => x,
            Err(e) => {
                fail();
                self.push(call_failed(&e).about(addr));
                return None;
            }
        };
        let mut diags = Diagnostics::new();
        let failed =
            provider_diags(&mut diags, d, Some(&block.body), Some(block.span), Some(addr.to_string()));
        if block.check.is_some() {
            // A data source within a check only warns.
            if let (true, Some(check), Some(d)) = (failed, &block.check, diags.iter().find(|d| d.is_error()))
            {
                let check = crate::walk::prefixed(&addr.module.to_string(), &format!("check.{check}"));
                let why = format!("{}: {}", d.summary, d.detail);
                self.failed_checks.borrow_mut().insert(check, why);
            }
            for d in diags.iter_mut() {
                d.severity = Severity::Warning;
            }
        }
        self.report(diags);
        if failed {
            fail();
            if block.check.is_some() {
                return Some(Value::null(schema.block.implied_type().clone()));
            }
            return None;
        }
        let value = value?;
        // Outputs of a root module that is planned in the same run are unknown where it
        // will create something.
        let may_be_unknown = &*addr.resource.ty == "terraform_remote_state";
        if value.is_null() || !(may_be_unknown || value.is_wholly_known()) {
            fail();
            self.push(
                Diagnostic::error(
                    "Provider produced invalid object",
                    format!(
                        "The provider gave a null or unknown value for {addr}. This is a bug in the provider."
                    ),
                )
                .about(addr),
            );
            return None;
        }
        let id = crate::objects::display_id(&value).filter(|(k, _)| k == "id");
        observer.event(Event::Done { addr: addr.clone(), deposed: None, op, id, elapsed: begin.elapsed() });
        Some(mark_sensitive(value.mark_with_paths(&marks), schema))
    }

    /// The object that is stored of a data source.
    pub fn data_object(
        &self,
        addr: &ResourceInstance,
        value: &Value,
        schema: &Schema,
    ) -> Option<Arc<Object>> {
        match value_object(value, schema, Arc::from([]), Status::Ready, Arc::from([]), false) {
            Ok(o) => Some(Arc::new(o)),
            Err(e) => {
                self.push(
                    Diagnostic::error("Provider produced invalid object", format!("{addr}: {e}."))
                        .about(addr),
                );
                None
            }
        }
    }
}

impl<'a> Planner<'a> {
    /// Plans or reads one data source instance.
    pub async fn plan_data(
        &'a self,
        addr: ResourceInstance,
        block: &Resource,
        schema: &Arc<Schema>,
        provider_addr: &ProviderConfig,
        pending: bool,
    ) -> bool {
        self.data_instance(&addr, block, schema, provider_addr, pending).await.is_some()
    }

    async fn data_instance(
        &'a self,
        addr: &ResourceInstance,
        block: &Resource,
        schema: &Arc<Schema>,
        provider_addr: &ProviderConfig,
        pending: bool,
    ) -> Option<()> {
        let walk = &self.walk;
        let config = walk.data_config(addr, block, schema, provider_addr).await?;
        let (plain, marks) = config.unmark_deep_with_paths();
        let known = plain.is_wholly_known();
        let abs = addr.abs_resource();
        let waits = self.waits_for(&addr.config()).is_some();
        if !known || pending || waits {
            let planned = groma_value::proposed_new::planned_data_resource_object(&schema.block, &plain);
            let after = mark_sensitive(planned.mark_with_paths(&marks), schema);
            walk.values.borrow_mut().set_resource(&abs, addr.key.clone(), after.clone());
            if !waits {
                self.prior.borrow_mut().update(addr, None, |i| *i = Default::default());
            }
            let reason = if known {
                ActionReason::ReadBecauseDependencyPending
            } else {
                ActionReason::ReadBecauseConfigUnknown
            };
            self.record_read(addr, schema, provider_addr, after.clone(), reason);
            // Of what is to be read, as far as it is known.
            return self.data_postconditions(addr, block, after);
        }
        let value = walk.read_data(addr, block, schema, provider_addr, &config).await?;
        walk.values.borrow_mut().set_resource(&abs, addr.key.clone(), value.clone());
        if block.check.is_some() && self.opts.mode == PlanMode::Normal {
            // Checks are about what there is after the apply.
            let after = if value.is_null() {
                let planned = groma_value::proposed_new::planned_data_resource_object(&schema.block, &plain);
                let planned = mark_sensitive(planned.mark_with_paths(&marks), schema);
                // A state has no unknown values: what could not be read is absent there.
                let there = planned.transform(&mut |_, v| if v.is_known() { v } else { Value::null(v.ty()) });
                let object = walk.data_object(addr, &there, schema)?;
                self.prior.borrow_mut().set_current(addr, provider_addr, Some(object));
                planned
            } else {
                value.clone()
            };
            self.record_read(addr, schema, provider_addr, after, ActionReason::ReadBecauseCheckNested);
        }
        if value.is_null() {
            return Some(());
        }
        // A state has no unknown values. Whoever planned several root modules together
        // plans this one again when they are known.
        if value.is_wholly_known() {
            let object = walk.data_object(addr, &value, schema)?;
            self.prior.borrow_mut().set_current(addr, provider_addr, Some(object));
        }
        self.data_postconditions(addr, block, value)
    }

    /// Records that a data source is read while applying.
    fn record_read(
        &self,
        addr: &ResourceInstance,
        schema: &Schema,
        provider_addr: &ProviderConfig,
        after: Value,
        reason: ActionReason,
    ) {
        let before = Value::null(schema.block.implied_type().clone());
        self.record(ResourceChange {
            reason,
            config_known: reason != ActionReason::ReadBecauseConfigUnknown,
            ..ResourceChange::plain(addr, provider_addr, Action::Read, before, after, schema.version)
        });
    }

    fn data_postconditions(&'a self, addr: &ResourceInstance, block: &Resource, value: Value) -> Option<()> {
        let walk = &self.walk;
        let scope = walk.instance_scope(addr)?.with_self(value);
        let (config_addr, object_addr) = (addr.config().to_string(), addr.to_string());
        let rules = Rules {
            kind: CheckKind::Resource,
            summary: "Resource postcondition failed",
            config_addr: &config_addr,
            addr: &object_addr,
            severity: Severity::Error,
            subject: None,
        };
        walk.check_rules(&block.lifecycle.postconditions, &scope, &rules).then_some(())
    }
}
