//! Planning deletions: what is in the state and no longer wanted.

use crate::deferral::DeferredReason;
use crate::identity::IdentityChange;
use crate::plan::{Action, ActionReason, PlanMode, ResourceChange};
use crate::plan_managed::{Current, prevented};
use crate::plan_walk::Planner;
use crate::provider_calls::{call_failed, provider_diags};
use groma_lang::{Diagnostic, Diagnostics};
use groma_provider::{PlanRequest, Private};
use groma_state::Object;
use groma_value::Value;
use groma_value::addr::{ProviderConfig, ResourceInstance};
use groma_value::schema::Schema;
use std::sync::Arc;

impl<'a> Planner<'a> {
    /// Plans the deletion of an instance and of its deposed objects.
    pub async fn plan_delete(&'a self, addr: ResourceInstance, reason: ActionReason) -> bool {
        let mut ok = true;
        if let Some(object) = self.previous.current(&addr).cloned() {
            ok &= self.delete_object(&addr, None, &object, reason).await.is_some();
        }
        ok &= self.plan_deposed(&addr).await.is_some();
        ok
    }

    /// Plans the deletion of all deposed objects of an instance.
    pub async fn plan_deposed(&'a self, addr: &ResourceInstance) -> Option<()> {
        let Some(instance) = self.previous.instance(addr) else { return Some(()) };
        let mut ok = Some(());
        for (key, object) in instance.deposed.clone() {
            let r = self.delete_object(addr, Some(&key), &object, ActionReason::None).await;
            ok = ok.and(r);
        }
        ok
    }

    async fn delete_object(
        &'a self,
        addr: &ResourceInstance,
        deposed: Option<&str>,
        object: &Arc<Object>,
        reason: ActionReason,
    ) -> Option<()> {
        let walk = &self.walk;
        let state = self.previous.resources.get(&addr.abs_resource())?;
        let by_state = state.provider_of(self.previous.instance(addr)?);
        let provider_addr = walk.object_provider(&addr.config(), by_state);
        let p = &provider_addr.provider.provider;
        let Some(schema) = walk.schema(p, addr.resource.mode, &addr.resource.ty) else {
            walk.push(
                Diagnostic::error(
                    "Unknown resource type",
                    format!(
                        "{addr} is in the state, but provider {} has no resource type {:?}. Use a version of the provider that has it, or remove the object from the state with \"state rm\".",
                        p.for_display(),
                        addr.resource.ty
                    ),
                )
                .about(addr),
            );
            return None;
        };
        let null = Value::null(schema.block.implied_type().clone());
        let value = walk.current_value(addr, object, &schema, &provider_addr).await?;
        let known =
            Current { value, private: object.private.clone(), status: object.status, object: object.clone() };
        let undecided = self.undecided(&addr.abs_resource());
        if let Some(cause) = self.provider_waits_for(&provider_addr) {
            // The provider cannot be asked anything.
            if !undecided && self.targeted(addr) {
                let private = known.private.clone();
                let change = self.deletion(addr, deposed, &provider_addr, known, private, reason, &schema);
                self.defer(change, DeferredReason::DeferredPrereq, cause);
            }
            return Some(());
        }
        let provider_missing = !provider_addr.module.is_root()
            && crate::graph::provider_block(walk.graph, &provider_addr).is_none();
        if provider_missing {
            walk.push(
                Diagnostic::error(
                    "Provider configuration not present",
                    format!(
                        "To work with {addr} its original provider configuration at {provider_addr} is required, but it has been removed. This occurs when a provider configuration is removed while objects created by that provider still exist in the state. Re-add the provider configuration to destroy {addr}, after which you can remove the provider configuration again."
                    ),
                )
                .about(addr),
            );
            return None;
        }
        let provider = walk.provider_for(addr, &provider_addr).await?;
        let now = if self.opts.refresh {
            walk.refresh(addr, deposed, &known, &schema, &provider_addr, &provider).await?
        } else {
            Some(known.clone())
        };
        self.note_refreshed(addr, deposed, &provider_addr, &schema, &known, now.as_ref());
        let Some(now) = now else { return Some(()) };
        if self.opts.mode == PlanMode::RefreshOnly || undecided || !self.targeted(addr) {
            return Some(());
        }
        let identity = walk.identity(addr, &now.object, &provider_addr).await?;
        let forget = self.forgets(addr);
        let mut private = now.private.clone();
        let plan_destroy = walk.schemas(p).is_some_and(|s| s.capabilities().plan_destroy);
        if plan_destroy && !forget {
            let (plain, _) = now.value.unmark_deep();
            let meta = walk.provider_meta(&addr.module.path(), p)?;
            let _slot = walk.slots.acquire().await.ok()?;
            let request = PlanRequest {
                ty: &addr.resource.ty,
                prior: &plain,
                proposed: &null,
                config: &null,
                private: now.private.clone(),
                provider_meta: &meta,
                identity: identity.as_ref(),
            };
            match provider.plan_resource_change(request).await {
                Ok(r) => {
                    let mut diags = Diagnostics::new();
                    let failed = provider_diags(&mut diags, r.diags, None, None, Some(addr.to_string()));
                    walk.report(diags);
                    if failed {
                        return None;
                    }
                    private = r.private;
                }
                Err(e) => {
                    walk.push(call_failed(&e).about(addr));
                    return None;
                }
            }
        }
        let waits = self.waits_for(&addr.config()).is_some();
        let change = self.deletion(addr, deposed, &provider_addr, now, private, reason, &schema);
        self.record(ResourceChange { identity: IdentityChange { before: identity, after: None }, ..change });
        // Whether it comes to that shows when it is not put off any more.
        if waits {
            return Some(());
        }
        if deposed.is_none()
            && let Some(block) = walk.graph.resource(&addr.config())
            && self.prevents_destroy(addr, block)?
        {
            walk.push(prevented(addr, block));
            return None;
        }
        Some(())
    }

    /// The change that destroys an object, or forgets it. `private`: of the provider's plan.
    #[allow(clippy::too_many_arguments, reason = "they are the parts of one change")]
    fn deletion(
        &self,
        addr: &ResourceInstance,
        deposed: Option<&str>,
        provider: &ProviderConfig,
        now: Current,
        private: Private,
        reason: ActionReason,
        schema: &Schema,
    ) -> ResourceChange {
        ResourceChange {
            addr: addr.clone(),
            prev_addr: self.moved.get(addr).cloned(),
            deposed: deposed.map(str::to_owned),
            provider: provider.clone(),
            action: if self.forgets(addr) { Action::Forget } else { Action::Delete },
            reason: if deposed.is_some() { ActionReason::None } else { self.refine_reason(addr, reason) },
            before: now.value,
            after: Value::null(schema.block.implied_type().clone()),
            required_replace: Vec::new(),
            private,
            prior_private: now.private,
            importing: None,
            generated_config: None,
            create_before_destroy: now.object.create_before_destroy,
            dependencies: now.object.dependencies.clone(),
            schema_version: schema.version,
            config_known: true,
            tainted: false,
            identity: IdentityChange::default(),
        }
    }

    /// Whether a `removed` block says to leave the object alone.
    fn forgets(&self, addr: &ResourceInstance) -> bool {
        self.opts.mode == PlanMode::Normal && self.removed_block(addr) == Some(false)
    }

    /// Whether `prevent_destroy` is set. `None` after an error.
    pub(crate) fn prevents_destroy(
        &self,
        addr: &ResourceInstance,
        block: &groma_config::Resource,
    ) -> Option<bool> {
        let Some(expr) = &block.lifecycle.prevent_destroy_expr else {
            return Some(block.lifecycle.prevent_destroy);
        };
        let value = self.walk.eval(expr, &self.walk.scope(&addr.module)?)?;
        let value = groma_value::convert(&value.unmark_deep().0, &groma_value::Type::Bool);
        // While destroying, resources are not evaluated; what depends on one is not known.
        match value.map(|v| (v.as_bool(), v.is_null())) {
            Ok((Some(prevent), _)) => Some(prevent),
            Ok((None, true)) => Some(false),
            _ => {
                let detail =
                    "Whether the object may be destroyed must be true or false, and known while planning.";
                self.walk.push(Diagnostic::error("Invalid prevent_destroy value", detail).at(expr.span));
                None
            }
        }
    }

    /// A missing resource in a missing module is missing because of the module.
    fn refine_reason(&self, addr: &ResourceInstance, reason: ActionReason) -> ActionReason {
        if self.opts.mode == PlanMode::Destroy {
            return ActionReason::None;
        }
        if reason == ActionReason::DeleteBecauseNoResourceConfig && self.moved.contains_key(addr) {
            return ActionReason::DeleteBecauseNoMoveTarget;
        }
        reason
    }

    /// The `removed` block about an address: whether it says to destroy.
    fn removed_block(&self, addr: &ResourceInstance) -> Option<bool> {
        let mut found = None;
        self.walk.cx.config.root.walk(&mut |node| {
            for r in &node.module.removed {
                let depth = node.path.names().len();
                let steps = addr.module.steps();
                if steps.len() < depth || !steps.iter().zip(node.path.names()).all(|(s, n)| s.0 == *n) {
                    continue;
                }
                let relative = ResourceInstance {
                    module: steps[depth..].iter().cloned().collect(),
                    resource: addr.resource.clone(),
                    key: addr.key.clone(),
                };
                let covers = match &r.from {
                    groma_value::addr::Target::Module(m) => {
                        relative.module.steps().len() >= m.steps().len()
                            && m.steps().iter().zip(relative.module.steps()).all(|(a, b)| a.0 == b.0)
                    }
                    t => t.covers(&relative),
                };
                if covers {
                    found = Some(r.destroy);
                }
            }
        });
        found
    }
}
