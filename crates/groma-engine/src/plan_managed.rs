//! Planning one managed resource instance.

use crate::checks::CheckKind;
use crate::context::{Event, Operation};
use crate::expand::Repetition;
use crate::identity::{IdentityChange, identity_text};
use crate::ignore::ignore_changes;
use crate::objects::{display_id, kept_marks, mark_sensitive, marks_of, object_value, value_object};
use crate::plan::{Action, ActionReason, Importing, PlanMode, ResourceChange};
use crate::plan_walk::{ImportTarget, Planner};
use crate::provider_calls::{call_failed, provider_diags};
use crate::scope::ModuleScope;
use crate::walk::{Rules, Walk};
use groma_config::Resource;
use groma_lang::{Diagnostic, Diagnostics, Expr, Severity};
use groma_provider::{ImportId, PlanRequest, PlanResponse, Private, Provider};
use groma_state::{Object, Status};
use groma_value::addr::{ConfigResource, Key, ProviderConfig, ResourceInstance, Target};
use groma_value::schema::Schema;
use groma_value::{Marks, Path, Value};
use std::sync::Arc;
use std::time::Instant;

/// A stored object with its value.
#[derive(Clone)]
pub(crate) struct Current {
    pub value: Value,
    pub private: Private,
    pub status: Status,
    pub object: Arc<Object>,
}

impl<'a> Walk<'a> {
    /// The value of a stored object, brought to the current schema by the provider
    /// if it is of an older one. `None` after an error.
    pub async fn current_value(
        &'a self,
        addr: &ResourceInstance,
        object: &Arc<Object>,
        schema: &Schema,
        provider: &ProviderConfig,
    ) -> Option<Value> {
        let version = object.schema_version as i64;
        if version > schema.version {
            self.push(
                Diagnostic::error(
                    "Resource instance managed by newer provider version",
                    format!(
                        "The state of {addr} was written with version {version} of its schema, but the selected version of provider {} knows only version {}. Use a newer version of the provider to work with it.",
                        provider.provider.provider.for_display(),
                        schema.version
                    ),
                )
                .about(addr),
            );
            return None;
        }
        if version == schema.version
            && object.attributes_flat.is_none()
            && let Ok(v) = object_value(object, schema)
        {
            return Some(v);
        }
        let p = match self.cx.validator(provider).await {
            Ok(p) => p,
            Err(e) => {
                self.push(call_failed(&e));
                return None;
            }
        };
        match p.upgrade_resource_state(&addr.resource.ty, version, object.attributes.as_bytes()).await {
            Ok((value, d)) => {
                let mut diags = Diagnostics::new();
                let failed = provider_diags(&mut diags, d, None, None, Some(addr.to_string()));
                self.report(diags);
                let value = value.filter(|_| !failed)?;
                Some(mark_sensitive(value.mark_with_paths(&object.sensitive_paths), schema))
            }
            Err(e) => {
                self.push(call_failed(&e).about(addr));
                None
            }
        }
    }

    /// Reads the object as it is now. `None` after an error; `Some(None)`: gone.
    pub async fn refresh(
        &'a self,
        addr: &ResourceInstance,
        deposed: Option<&str>,
        current: &Current,
        schema: &Schema,
        provider_addr: &ProviderConfig,
        provider: &Arc<dyn Provider>,
    ) -> Option<Option<Current>> {
        let identity = self.identity(addr, &current.object, provider_addr).await?;
        let _slot = self.slots.acquire().await.ok()?;
        if self.cx.interrupt.stopping() {
            return None;
        }
        let p = &provider_addr.provider.provider;
        let id = display_id(&current.value);
        let begin = Instant::now();
        let deposed = deposed.map(str::to_owned);
        let (op, observer) = (Operation::Refresh, &self.cx.observer);
        observer.event(Event::Start { addr: addr.clone(), deposed: deposed.clone(), op, id: id.clone() });
        let (plain, _) = current.value.unmark_deep();
        let meta = self.provider_meta(&addr.module.path(), p)?;
        let r = provider
            .read_resource(&addr.resource.ty, &plain, current.private.clone(), &meta, identity.as_ref())
            .await;
        let fail = || observer.event(Event::Failed { addr: addr.clone(), op, elapsed: begin.elapsed() });
        let r = match r {
            Ok(r) => r,
            Err(e) => {
                fail();
                self.push(call_failed(&e).about(addr));
                return None;
            }
        };
        let mut diags = Diagnostics::new();
        let span = self.graph.resource(&addr.config()).map(|b| b.span);
        let failed = provider_diags(&mut diags, r.diags, None, span, Some(addr.to_string()));
        self.report(diags);
        let value = match r.state {
            // The old SDK mixes up absent, null and empty blocks.
            Some(v) if !failed => {
                groma_value::proposed_new::normalize_object_from_legacy_sdk(&schema.block, &v)
            }
            _ => {
                fail();
                return None;
            }
        };
        observer.event(Event::Done { addr: addr.clone(), deposed, op, id, elapsed: begin.elapsed() });
        if value.is_null() {
            return Some(None);
        }
        if !value.is_wholly_known() {
            self.push(Diagnostic::error(
                "Provider produced invalid object",
                format!("The provider gave an unknown value for {addr} while reading it. This is a bug in the provider."),
            ));
            return None;
        }
        let value = mark_sensitive(value.mark_with_paths(&current.object.sensitive_paths), schema);
        let object = value_object(
            &value,
            schema,
            r.private.clone(),
            current.status,
            current.object.dependencies.clone(),
            current.object.create_before_destroy,
        );
        let identity = self.kept_identity(addr, p, r.identity.as_ref(), current.object.identity.clone())?;
        let object = match object {
            Ok(o) => Arc::new(Object { identity, ..o }),
            Err(e) => {
                self.push(Diagnostic::error("Provider produced invalid object", format!("{addr}: {e}.")));
                return None;
            }
        };
        Some(Some(Current { value, private: r.private, status: current.status, object }))
    }

    /// Reports what `assert_plan_valid` and its like found.
    pub fn provider_fault(
        &self,
        summary: &str,
        addr: &ResourceInstance,
        p: &ProviderConfig,
        errs: &[groma_value::PathError],
    ) {
        let list: Vec<String> = errs.iter().map(|e| format!("  - {addr}{e}")).collect();
        self.push(
            Diagnostic::error(
                summary,
                format!(
                    "Provider {} broke the rules for {addr}:\n{}\n\nThis is a bug in the provider, which should be reported in the provider's own issue tracker.",
                    p.provider.provider.for_display(),
                    list.join("\n")
                ),
            )
            .about(addr),
        );
    }
}

impl<'a> Planner<'a> {
    /// Reads the import targets of a resource's instances, from `import` blocks
    /// and from the command line.
    pub fn collect_imports(&'a self, c: &ConfigResource, block: &Resource) -> bool {
        for (addr, id) in &self.opts.imports {
            if addr.config() == *c {
                let target = ImportTarget {
                    id: Some(Value::string(id)),
                    identity: None,
                    span: Some(block.span),
                    to: None,
                };
                self.imports.borrow_mut().insert(addr.clone(), target);
            }
        }
        if self.opts.mode != PlanMode::Normal {
            return true;
        }
        let root = self.walk.cx.config.root.clone();
        let mut ok = true;
        for import in &root.module.imports {
            let Some(prefix) = import_target(&import.to) else { continue };
            if prefix != *c {
                continue;
            }
            match self.import_targets(import) {
                Some(targets) => self.imports.borrow_mut().extend(targets),
                None => ok = false,
            }
        }
        ok
    }

    /// Refuses imports to instances that the configuration does not have. Whether there are none.
    pub fn imports_fit(&self, c: &ConfigResource, wanted: &[ResourceInstance]) -> bool {
        let imports = self.imports.borrow();
        let mut lost: Vec<_> =
            imports.iter().filter(|(a, _)| a.config() == *c && !wanted.contains(a)).collect();
        lost.sort_by_key(|(a, _)| (*a).clone());
        for (addr, target) in &lost {
            let detail = format!(
                "There is no {addr} in the configuration: neither count nor for_each gives such an instance."
            );
            let d = Diagnostic::error("Configuration for import target does not exist", detail);
            self.walk.push(Diagnostic { subject: target.to, ..d });
        }
        lost.is_empty()
    }

    /// What an `import` block says, for each element of its `for_each`. `None` after an
    /// error.
    pub fn import_targets(
        &'a self,
        import: &groma_config::Import,
    ) -> Option<Vec<(ResourceInstance, ImportTarget)>> {
        let root = groma_value::addr::ModuleInstance::root();
        let each = match &import.for_each {
            None => vec![None],
            Some(e) => {
                let mut diags = Diagnostics::new();
                let (scope, refuse) = (self.walk.scope(&root)?, crate::expand::IfUnknown::Refuse);
                let x = crate::expand::expansion(Repetition::for_each(e), &scope, refuse, &mut diags);
                self.walk.report(diags);
                match x {
                    Some(crate::values::Expansion::ForEach(v)) => v.into_iter().map(Some).collect(),
                    _ => return None,
                }
            }
        };
        let mut ok = true;
        let mut out = Vec::new();
        for item in each {
            let repetition = crate::values::Repetition {
                count_index: None,
                each: item.map(|(k, v)| (Value::String(k), v)),
            };
            let scope = self.walk.scope(&root)?.with_repetition(repetition);
            let Some(addr) = self.import_address(&import.to, &scope) else {
                ok = false;
                continue;
            };
            let mut get = |e: &Option<Expr>| {
                e.as_ref().map(|e| self.walk.eval(e, &scope)).map(|v| {
                    ok &= v.is_some();
                    v.unwrap_or_else(Value::dynamic)
                })
            };
            let target = ImportTarget {
                to: Some(import.to.span),
                id: get(&import.id),
                identity: get(&import.identity),
                span: Some(import.id.as_ref().or(import.identity.as_ref()).map_or(import.span, |e| e.span)),
            };
            out.push((addr, target));
        }
        ok.then_some(out)
    }

    /// The address that `to` names, with keys evaluated.
    fn import_address(&'a self, to: &Expr, scope: &ModuleScope<'_>) -> Option<ResourceInstance> {
        let mut text = String::new();
        self.write_address(to, scope, &mut text)?;
        match ResourceInstance::parse(&text) {
            Ok(a) => Some(a),
            Err(e) => {
                self.walk.push(Diagnostic::error("Invalid import address", format!("{e}.")).at(to.span));
                None
            }
        }
    }

    fn write_address(&'a self, e: &Expr, scope: &ModuleScope<'_>, out: &mut String) -> Option<()> {
        use groma_lang::ExprKind;
        match &e.kind {
            ExprKind::Variable(n) => out.push_str(n),
            ExprKind::GetAttr(s, a) => {
                self.write_address(s, scope, out)?;
                out.push('.');
                out.push_str(&a.name);
            }
            ExprKind::Index(s, k) => {
                self.write_address(s, scope, out)?;
                let key = self.walk.eval(k, scope)?;
                let key = match key.peel() {
                    Value::Number(n) => Key::Int(n.as_usize()? as u64),
                    Value::String(s) => Key::Str(s.clone()),
                    _ => {
                        self.walk.push(
                            Diagnostic::error(
                                "Invalid import address",
                                "An instance key must be a known number or string.",
                            )
                            .at(k.span),
                        );
                        return None;
                    }
                };
                out.push_str(&key.to_string());
            }
            _ => {
                self.walk.push(
                    Diagnostic::error(
                        "Invalid import address",
                        "The address of a resource instance is required.",
                    )
                    .at(e.span),
                );
                return None;
            }
        }
        Some(())
    }

    /// Plans one instance. Whether its dependents may go on.
    pub async fn plan_managed(
        &'a self,
        addr: ResourceInstance,
        block: &Resource,
        schema: Arc<Schema>,
        provider_addr: ProviderConfig,
        deps: Arc<[ConfigResource]>,
    ) -> bool {
        self.plan_instance(&addr, block, &schema, &provider_addr, deps).await.is_some()
    }

    async fn plan_instance(
        &'a self,
        addr: &ResourceInstance,
        block: &Resource,
        schema: &Arc<Schema>,
        provider_addr: &ProviderConfig,
        deps: Arc<[ConfigResource]>,
    ) -> Option<()> {
        let walk = &self.walk;
        let abs = addr.abs_resource();
        let provider = walk.provider_for(addr, provider_addr).await?;
        let stored = self.previous.current(addr).cloned();
        let mut importing = None;
        let mut current: Option<Current> = None;
        if let Some(object) = stored {
            let value = walk.current_value(addr, &object, schema, provider_addr).await?;
            let known = Current { value, private: object.private.clone(), status: object.status, object };
            let now = if self.opts.refresh {
                walk.refresh(addr, None, &known, schema, provider_addr, &provider).await?
            } else {
                Some(known.clone())
            };
            self.note_refreshed(addr, None, provider_addr, schema, &known, now.as_ref());
            current = now;
        } else if let Some(target) = self.import_of(addr) {
            let (c, i) = self.import(addr, &target, schema, provider_addr, &provider).await?;
            current = Some(c);
            importing = Some(i);
        }
        self.plan_deposed(addr).await?;
        let null = Value::null(schema.block.implied_type().clone());
        if self.opts.mode == PlanMode::RefreshOnly || !self.targeted(addr) {
            // What does not exist, and is not planned, is not known.
            let value = current.map_or(Value::dynamic(), |c| c.value);
            walk.values.borrow_mut().set_resource(&abs, addr.key.clone(), value.clone());
            if self.opts.mode == PlanMode::RefreshOnly {
                self.check_refreshed(addr, block, value)?;
            }
            return Some(());
        }

        let scope = walk.instance_scope(addr)?;
        let config_addr = addr.config().to_string();
        let object_addr = addr.to_string();
        let rules = |summary| Rules {
            kind: CheckKind::Resource,
            summary,
            config_addr: &config_addr,
            addr: &object_addr,
            severity: Severity::Error,
            subject: None,
        };
        if !walk.check_rules(&block.lifecycle.preconditions, &scope, &rules("Resource precondition failed")) {
            return None;
        }
        let mut diags = Diagnostics::new();
        let config = groma_lang::decode::decode_block(&block.body, &schema.block, &scope, &mut diags);
        for d in diags.iter_mut() {
            d.address = Some(object_addr.clone());
        }
        if !walk.report(diags) {
            return None;
        }
        if !walk.refuse_ephemeral(&config, &schema.block, block, object_addr.clone()) {
            return None;
        }
        let (plain_config, config_marks) = config.unmark_deep_with_paths();
        let config_marks = kept_marks(config_marks);
        let ty = &*addr.resource.ty;
        {
            let unconfigured = match walk.cx.validator(provider_addr).await {
                Ok(p) => p,
                Err(e) => {
                    walk.push(call_failed(&e));
                    return None;
                }
            };
            let checked = unconfigured.validate_resource_config(ty, &plain_config).await;
            self.told(checked, addr, block)?;
        }
        let prior_value = current.as_ref().map(|c| c.value.clone());
        let (prior, prior_marks) = match &prior_value {
            Some(v) => v.unmark_deep_with_paths(),
            None => (null.clone(), Vec::new()),
        };
        let tainted = current.as_ref().is_some_and(|c| c.status == Status::Tainted);
        let prior_private = current.as_ref().map(|c| c.private.clone()).unwrap_or_else(|| Arc::from([]));
        let identity = walk.identity_of(addr, current.as_ref(), provider_addr).await?;
        let deleted_first = if tainted { null.clone() } else { prior.clone() };
        // What is made anew takes nothing from what was there before.
        let config_for_plan = ignore_changes(block, &deleted_first, &plain_config);

        let first = self
            .ask_plan(
                addr,
                block,
                schema,
                &provider,
                provider_addr,
                &deleted_first,
                &config_for_plan,
                prior_private.clone(),
                identity.as_ref().filter(|_| !deleted_first.is_null()),
            )
            .await?;
        // Once more: providers with the old type system put defaults of theirs into
        // blocks that were taken from the prior object.
        let mut planned = ignore_changes(block, &deleted_first, &first.0);
        let mut response = first.1;

        // Does anything ask for a replacement?
        let mut required = Vec::new();
        if !deleted_first.is_null() {
            for p in &response.requires_replace {
                let (before, after) = (p.apply(&deleted_first), p.apply(&planned));
                let same = matches!((&before, &after), (Some(b), Some(a)) if a.is_wholly_known() && a == b);
                let both_absent = before.is_none() && after.is_none();
                if !same && !both_absent && !required.contains(p) {
                    required.push(p.clone());
                }
            }
        }
        let requested = self.opts.replace.iter().any(|r| r == addr);
        let triggered = self.triggered(block, &scope)? && !prior.is_null();
        let mut reason = ActionReason::None;
        let exists = !deleted_first.is_null();
        let mut action = if !exists {
            Action::Create
        } else if requested {
            reason = ActionReason::ReplaceByRequest;
            Action::DeleteThenCreate
        } else if triggered {
            reason = ActionReason::ReplaceByTriggers;
            Action::DeleteThenCreate
        } else if planned == deleted_first {
            Action::NoOp
        } else if !required.is_empty() {
            reason = ActionReason::ReplaceBecauseCannotUpdate;
            Action::DeleteThenCreate
        } else {
            Action::Update
        };
        if action.is_replace() {
            // Plan again as if it did not exist, so that computed attributes are unknown.
            let (p, r) = self
                .ask_plan(
                    addr,
                    block,
                    schema,
                    &provider,
                    provider_addr,
                    &null,
                    &plain_config,
                    response.private.clone(),
                    None,
                )
                .await?;
            planned = p;
            response = r;
        }
        if tainted && action == Action::Create {
            action = Action::DeleteThenCreate;
            reason = ActionReason::ReplaceBecauseTainted;
        }
        let cbd = self.cbd.contains(&addr.config());
        if action == Action::DeleteThenCreate && cbd {
            action = Action::CreateThenDelete;
        }

        let after = mark_sensitive(planned.mark_with_paths(&config_marks), schema);
        if action == Action::NoOp && !same_marks(&prior_marks, &marks_of(&after)) {
            action = Action::Update;
        }
        let config_known = plain_config.is_wholly_known();
        let before = match (&prior_value, action) {
            (Some(v), _) => v.clone(),
            (None, _) => null,
        };
        let prev_addr = self.moved.get(addr).cloned();
        walk.values.borrow_mut().set_resource(&abs, addr.key.clone(), after.clone());
        self.record(ResourceChange {
            addr: addr.clone(),
            prev_addr,
            deposed: None,
            provider: provider_addr.clone(),
            action,
            reason,
            before,
            after: after.clone(),
            required_replace: if reason == ActionReason::ReplaceBecauseCannotUpdate {
                required
            } else {
                Vec::new()
            },
            private: response.private,
            prior_private,
            importing,
            generated_config: None,
            create_before_destroy: cbd,
            dependencies: deps,
            schema_version: schema.version,
            config_known,
            tainted,
            // A provider that does not plan it leaves it as it is.
            identity: IdentityChange {
                after: response.identity.or_else(|| identity.clone().filter(|_| !action.is_replace())),
                before: identity,
            },
        });
        // Whether it comes to that shows when it is not put off any more.
        let waits = self.waits_for(&addr.config()).is_some();
        if !waits && action.is_replace() && self.prevents_destroy(addr, block)? {
            walk.push(prevented(addr, block));
            return None;
        }
        self.plan_triggers(addr, block, action, &walk.instance_scope(addr)?).await?;
        let scope = walk.instance_scope(addr)?.with_self(after);
        if !walk.check_rules(&block.lifecycle.postconditions, &scope, &rules("Resource postcondition failed"))
        {
            return None;
        }
        Some(())
    }

    /// Checks the conditions of an object that is only refreshed: what does not
    /// hold is no reason to stop.
    fn check_refreshed(&self, addr: &ResourceInstance, block: &Resource, value: Value) -> Option<()> {
        let (config_addr, object_addr) = (addr.config().to_string(), addr.to_string());
        let rules = |summary| Rules {
            kind: CheckKind::Resource,
            summary,
            config_addr: &config_addr,
            addr: &object_addr,
            severity: Severity::Warning,
            subject: None,
        };
        let scope = self.walk.instance_scope(addr)?;
        let l = &block.lifecycle;
        self.walk.check_rules(&l.preconditions, &scope, &rules("Resource precondition failed"));
        let scope = scope.with_self(value);
        self.walk.check_rules(&l.postconditions, &scope, &rules("Resource postcondition failed"));
        Some(())
    }

    /// Reports the diagnostics of a call about the configuration. `None` after an error.
    pub fn told(
        &self,
        result: groma_provider::CallResult<groma_provider::Diags>,
        addr: &ResourceInstance,
        block: &Resource,
    ) -> Option<()> {
        match result {
            Ok(d) => {
                let mut diags = Diagnostics::new();
                provider_diags(&mut diags, d, Some(&block.body), Some(block.span), Some(addr.to_string()));
                self.walk.report(diags).then_some(())
            }
            Err(e) => {
                self.walk.push(call_failed(&e).about(addr));
                None
            }
        }
    }

    /// Calls the provider's plan and checks the answer.
    #[allow(clippy::too_many_arguments, reason = "they are the parts of one request")]
    async fn ask_plan(
        &'a self,
        addr: &ResourceInstance,
        block: &Resource,
        schema: &Schema,
        provider: &Arc<dyn Provider>,
        provider_addr: &ProviderConfig,
        prior: &Value,
        config: &Value,
        private: Private,
        identity: Option<&Value>,
    ) -> Option<(Value, PlanResponse)> {
        let proposed = groma_value::proposed_new::proposed_new(&schema.block, prior, config);
        let meta = self.walk.provider_meta(&addr.module.path(), &provider_addr.provider.provider)?;
        let _slot = self.walk.slots.acquire().await.ok()?;
        let request = PlanRequest {
            ty: &addr.resource.ty,
            prior,
            proposed: &proposed,
            config,
            private,
            provider_meta: &meta,
            identity,
        };
        let mut r = match provider.plan_resource_change(request).await {
            Ok(r) => r,
            Err(e) => {
                self.walk.push(call_failed(&e).about(addr));
                return None;
            }
        };
        let d = std::mem::take(&mut r.diags);
        self.told(Ok(d), addr, block)?;
        let planned = r.planned.take()?;
        let errs = groma_value::proposed_new::assert_plan_valid(&schema.block, prior, config, &planned);
        if !errs.is_empty() && !r.legacy_type_system {
            self.walk.provider_fault("Provider produced invalid plan", addr, provider_addr, &errs);
            return None;
        }
        Some((planned, r))
    }

    /// Stores what a refresh found and notes the drift.
    pub fn note_refreshed(
        &self,
        addr: &ResourceInstance,
        deposed: Option<&str>,
        provider: &ProviderConfig,
        schema: &Schema,
        known: &Current,
        now: Option<&Current>,
    ) {
        let object = now.map(|c| c.object.clone());
        {
            let mut prior = self.prior.borrow_mut();
            match deposed {
                None => prior.set_current(addr, provider, object),
                Some(k) => prior.set_deposed(addr, k, provider, object),
            }
        }
        let after = now.map_or_else(|| Value::null(schema.block.implied_type().clone()), |c| c.value.clone());
        let prev_addr = self.moved.get(addr).cloned();
        let changed = known.value.unmark_deep().0 != after.unmark_deep().0;
        if !changed && prev_addr.is_none() {
            return;
        }
        let action = match (changed, now) {
            (false, _) => Action::NoOp,
            (true, None) => Action::Delete,
            (true, Some(_)) => Action::Update,
        };
        let before = known.value.clone();
        let change = ResourceChange {
            prev_addr,
            deposed: deposed.map(str::to_owned),
            ..ResourceChange::plain(addr, provider, action, before, after, schema.version)
        };
        self.drift.borrow_mut().insert((addr.clone(), deposed.map(str::to_owned)), change);
    }

    fn import_of(&self, addr: &ResourceInstance) -> Option<ImportTarget> {
        self.imports.borrow().get(addr).cloned()
    }

    pub async fn import(
        &'a self,
        addr: &ResourceInstance,
        target: &ImportTarget,
        schema: &Schema,
        provider_addr: &ProviderConfig,
        provider: &Arc<dyn Provider>,
    ) -> Option<(Current, Importing)> {
        let walk = &self.walk;
        let fail = |detail: String| {
            let mut d = Diagnostic::error("Cannot import", detail).about(addr);
            d.subject = target.span;
            walk.push(d);
        };
        let (id, identity) = (
            target.id.as_ref().map(|v| v.unmark_deep().0),
            target.identity.as_ref().map(|v| v.unmark_deep().0),
        );
        let text = match (&id, &identity) {
            (Some(v), _) => match v.as_str() {
                Some("") => {
                    fail("The import ID is an empty string. Give the ID of an existing object.".into());
                    return None;
                }
                Some(s) => Some(s.to_owned()),
                None if !v.is_known() => {
                    fail("The import ID depends on values that cannot be determined until apply. It must be known while planning.".into());
                    return None;
                }
                None => {
                    fail("The import ID must be a string.".into());
                    return None;
                }
            },
            (None, Some(v)) if v.is_wholly_known() => None,
            _ => {
                fail("An import needs an \"id\" or an \"identity\" that is known while planning.".into());
                return None;
            }
        };
        let p = &provider_addr.provider.provider;
        let identity = match identity.filter(|_| text.is_none()) {
            None => None,
            Some(v) => match walk.import_identity(addr, p, &v) {
                Ok(v) => Some(v),
                Err(why) => {
                    fail(why);
                    return None;
                }
            },
        };
        let begin = Instant::now();
        let shown = match (&text, &identity) {
            (Some(t), _) => Some(("id".to_owned(), t.clone())),
            (None, Some(v)) => Some(("identity".to_owned(), identity_text(v))),
            (None, None) => None,
        };
        let event = |e| walk.cx.observer.event(e);
        event(Event::Start { addr: addr.clone(), deposed: None, op: Operation::Import, id: shown.clone() });
        let request = match (&text, &identity) {
            (Some(t), _) => ImportId::Id(t),
            (None, Some(v)) => ImportId::Identity(v),
            (None, None) => return None,
        };
        let answer = {
            let _slot = walk.slots.acquire().await.ok()?;
            provider.import_resource_state(&addr.resource.ty, request).await
        };
        let (found, d) = match answer {
            Ok(x) => x,
            Err(e) => {
                walk.push(call_failed(&e).about(addr));
                return None;
            }
        };
        let mut diags = Diagnostics::new();
        let failed = provider_diags(&mut diags, d, None, target.span, Some(addr.to_string()));
        walk.report(diags);
        if failed {
            return None;
        }
        let what = match (&text, &identity) {
            (Some(t), _) => format!("id {t:?}"),
            (None, v) => format!("identity {}", v.as_ref().map(identity_text).unwrap_or_default()),
        };
        let Some(object) = found.into_iter().find(|i| i.ty == *addr.resource.ty) else {
            fail(format!("The provider found no object of type {} for the {what}.", addr.resource.ty));
            return None;
        };
        let stub =
            value_object(&object.state, schema, object.private.clone(), Status::Ready, Arc::from([]), false)
                .ok()?;
        let known = walk.kept_identity(addr, p, object.identity.as_ref().or(identity.as_ref()), None)?;
        let stub = Object { identity: known, ..stub };
        let current = Current {
            value: object.state,
            private: object.private,
            status: Status::Ready,
            object: Arc::new(stub),
        };
        let read = walk.refresh(addr, None, &current, schema, provider_addr, provider).await?;
        let Some(read) = read else {
            fail(format!(
                "While attempting to import an existing object to {addr}, the provider detected that no object exists with the {what}. Only objects that exist can be imported; check that it is correct and that it belongs to the provider's configured region or endpoint."
            ));
            return None;
        };
        event(Event::Done {
            addr: addr.clone(),
            deposed: None,
            op: Operation::Import,
            id: shown,
            elapsed: begin.elapsed(),
        });
        self.prior.borrow_mut().set_current(addr, provider_addr, Some(read.object.clone()));
        Some((read, Importing { id: text, identity }))
    }
}

/// The error for a change that `prevent_destroy` forbids.
pub(crate) fn prevented(addr: &ResourceInstance, block: &Resource) -> Diagnostic {
    Diagnostic::error(
        "Instance cannot be destroyed",
        format!(
            "Resource {addr} has lifecycle.prevent_destroy set, but the plan calls for this resource to be destroyed. To avoid this error and continue with the plan, either disable lifecycle.prevent_destroy or reduce the scope of the plan using the -target option."
        ),
    )
    .at(block.span)
    .about(addr)
}

/// The resource of the configuration that an import's `to` is about.
pub(crate) fn import_target(to: &Expr) -> Option<ConfigResource> {
    use groma_lang::ExprKind;
    // Keys may be expressions: strip them.
    let mut names = Vec::new();
    let mut cur = to;
    loop {
        match &cur.kind {
            ExprKind::GetAttr(s, a) => {
                names.push(a.name.clone());
                cur = s;
            }
            ExprKind::Index(s, _) => cur = s,
            ExprKind::Variable(n) => {
                names.push(n.clone());
                break;
            }
            _ => return None,
        }
    }
    names.reverse();
    match Target::parse(&names.join(".")).ok()? {
        Target::Resource(r) => Some(r.config()),
        _ => None,
    }
}

/// Whether the same places have the same marks.
pub(crate) fn same_marks(a: &[(Path, Marks)], b: &[(Path, Marks)]) -> bool {
    a.len() == b.len() && a.iter().all(|x| b.contains(x))
}
