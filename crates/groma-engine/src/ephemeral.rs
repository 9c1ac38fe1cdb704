//! Ephemeral resources: opened when their turn in the graph comes, renewed while they
//! are needed, closed as soon as nothing is left that needs them. Their values are
//! never stored.

use crate::checks::CheckKind;
use crate::context::{Event, Operation};
use crate::graph::{Graph, Node};
use crate::objects::mark_sensitive;
use crate::provider_calls::{call_failed, provider_diags};
use crate::walk::{Phase, Rules, Walk};
use groma_config::Resource;
use groma_lang::{Diagnostic, Diagnostics, Severity};
use groma_provider::{Private, Provider};
use groma_value::addr::{AbsResource, ConfigResource, Mode, ProviderConfig, ResourceInstance};
use groma_value::schema::Schema;
use groma_value::{Mark, Value};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// An open instance.
struct Opened {
    node: u32,
    addr: ResourceInstance,
    provider: Arc<dyn Provider>,
    private: RefCell<Private>,
    /// When to renew it, in milliseconds since the epoch; 0: never.
    renew_at_ms: Cell<i64>,
    /// Held while it is renewed: what that gives is what closes it.
    renewing: tokio::sync::Mutex<()>,
}

/// What is open in a walk.
#[derive(Default)]
pub(crate) struct Ephemerals {
    open: RefCell<Vec<Rc<Opened>>>,
    /// By node of an ephemeral resource: how many steps that need it are not done yet,
    /// its own included.
    needed: RefCell<HashMap<u32, usize>>,
    /// Told when there is one more to be renewed.
    changed: tokio::sync::Notify,
}

/// The ephemeral resources that `node` needs, itself included if it is one.
fn needs(graph: &Graph, node: u32) -> Vec<u32> {
    let ephemeral =
        |n: u32| matches!(&graph.nodes[n as usize], Node::Resource(c) if c.resource.mode == Mode::Ephemeral);
    let mut out: Vec<u32> = graph.ancestors(node).iter().copied().filter(|&a| ephemeral(a)).collect();
    if ephemeral(node) {
        out.push(node);
    }
    out
}

impl<'a> Walk<'a> {
    /// Notes the steps of a run by the nodes that they are about, before it begins.
    pub fn expect_steps(&self, nodes: impl Iterator<Item = u32>) {
        let is_ephemeral = |n: &Node| matches!(n, Node::Resource(c) if c.resource.mode == Mode::Ephemeral);
        if !self.graph.nodes.iter().any(is_ephemeral) {
            return;
        }
        let mut needed = self.ephemerals.needed.borrow_mut();
        for n in nodes {
            for e in needs(self.graph, n) {
                *needed.entry(e).or_default() += 1;
            }
        }
    }

    /// Notes that a step is done, and closes what it was the last to need.
    pub async fn step_done(&'a self, node: u32) {
        if self.ephemerals.needed.borrow().is_empty() {
            return;
        }
        let mut over = Vec::new();
        for e in needs(self.graph, node) {
            let mut needed = self.ephemerals.needed.borrow_mut();
            if let Some(n) = needed.get_mut(&e) {
                *n = n.saturating_sub(1);
                if *n == 0 {
                    over.push(e);
                }
            }
        }
        if !over.is_empty() {
            self.close_where(|o| over.contains(&o.node)).await;
        }
    }

    /// Closes what is still open at the end of a run, as after errors.
    pub async fn close_ephemerals(&'a self) {
        self.close_where(|_| true).await;
    }

    async fn close_where(&'a self, which: impl Fn(&Opened) -> bool) {
        let over: Vec<Rc<Opened>> = self.ephemerals.open.borrow_mut().extract_if(.., |o| which(o)).collect();
        futures::future::join_all(over.iter().map(|o| self.close(o))).await;
    }

    async fn close(&'a self, o: &Opened) {
        let _renewed = o.renewing.lock().await;
        let private = o.private.borrow().clone();
        let call = o.provider.close_ephemeral(&o.addr.resource.ty, private);
        let answer = self.observed(&o.addr, Operation::CloseEphemeral, call).await;
        self.told_of(answer, &o.addr);
    }

    /// Runs a call with the events around it.
    async fn observed<T>(
        &self,
        addr: &ResourceInstance,
        op: Operation,
        call: impl Future<Output = groma_provider::CallResult<T>>,
    ) -> groma_provider::CallResult<T> {
        let observer = &self.cx.observer;
        let begin = Instant::now();
        observer.event(Event::Start { addr: addr.clone(), deposed: None, op, id: None });
        let answer = call.await;
        let (addr, elapsed) = (addr.clone(), begin.elapsed());
        observer.event(match &answer {
            Ok(_) => Event::Done { addr, deposed: None, op, id: None, elapsed },
            Err(_) => Event::Failed { addr, op, elapsed },
        });
        answer
    }

    /// Reports the diagnostics of a call without a place in the configuration but the
    /// block. Whether it went well.
    fn told_of(
        &self,
        answer: groma_provider::CallResult<groma_provider::Diags>,
        addr: &ResourceInstance,
    ) -> bool {
        let block = self.graph.resource(&addr.config());
        match answer {
            Ok(d) => {
                let mut diags = Diagnostics::new();
                let span = block.map(|b| b.span);
                provider_diags(&mut diags, d, block.map(|b| &b.body), span, Some(addr.to_string()));
                self.report(diags)
            }
            Err(e) => {
                self.push(call_failed(&e).about(addr));
                false
            }
        }
    }

    /// Renews what is open, when it asked for that. Never ends: to be raced with the run.
    pub async fn renew_ephemerals(&'a self) {
        loop {
            let changed = self.ephemerals.changed.notified();
            let next = {
                let open = self.ephemerals.open.borrow();
                open.iter().filter(|o| o.renew_at_ms.get() > 0).min_by_key(|o| o.renew_at_ms.get()).cloned()
            };
            let Some(o) = next else {
                changed.await;
                continue;
            };
            let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis() as i64);
            let wait = o.renew_at_ms.get() - now;
            if wait > 0 {
                let timer = std::pin::pin!(tokio::time::sleep(Duration::from_millis(wait as u64)));
                futures::future::select(timer, std::pin::pin!(changed)).await;
                continue;
            }
            o.renew_at_ms.set(0);
            let _busy = o.renewing.lock().await;
            let private = o.private.borrow().clone();
            let call = o.provider.renew_ephemeral(&o.addr.resource.ty, private);
            match self.observed(&o.addr, Operation::RenewEphemeral, call).await {
                Ok(r) => {
                    if self.told_of(Ok(r.diags), &o.addr) {
                        *o.private.borrow_mut() = r.private;
                        o.renew_at_ms.set(r.renew_at_ms);
                    }
                }
                Err(e) => self.push(call_failed(&e).about(&o.addr)),
            }
        }
    }

    /// Opens the instances of an ephemeral resource. Whether its dependents may go on.
    pub async fn visit_ephemeral(&'a self, c: &ConfigResource) -> bool {
        let Some(block) = self.graph.resource(c) else { return true };
        if !block.lifecycle.preconditions.is_empty() || !block.lifecycle.postconditions.is_empty() {
            self.checks.borrow_mut().declare(CheckKind::Resource, &c.to_string());
        }
        let Some(modules) = self.expand(c, block) else { return false };
        let Some(provider) = self.resource_provider(c) else { return false };
        let Some(schema) = self.schema(&provider.provider.provider, Mode::Ephemeral, &c.resource.ty) else {
            let schemas = self.schemas(&provider.provider.provider);
            self.push(crate::validate::no_schema(schemas, &provider, block));
            return false;
        };
        let Some(node) = self.graph.id(&Node::Resource(c.clone())) else { return false };
        let mut wanted = Vec::new();
        for m in modules {
            let addr = AbsResource { module: m, resource: c.resource.clone() };
            let keys = self.values.borrow().expansion(&addr).map(|e| e.keys()).unwrap_or_default();
            wanted.extend(keys.into_iter().map(|k| addr.instance(k)));
        }
        let schema = &schema;
        let runs = wanted.iter().map(|addr| async move {
            let provider = self.instance_provider(addr)?;
            self.open_instance(node, addr, block, schema, &provider).await
        });
        futures::future::join_all(runs).await.into_iter().all(|ok| ok.is_some())
    }

    async fn open_instance(
        &'a self,
        node: u32,
        addr: &ResourceInstance,
        block: &Resource,
        schema: &Schema,
        provider_addr: &ProviderConfig,
    ) -> Option<()> {
        let scope = self.instance_scope(addr)?;
        let (config_addr, object_addr) = (addr.config().to_string(), addr.to_string());
        let rules = |summary| Rules {
            kind: CheckKind::Resource,
            summary,
            config_addr: &config_addr,
            addr: &object_addr,
            severity: Severity::Error,
            subject: None,
        };
        let lifecycle = &block.lifecycle;
        if !self.check_rules(&lifecycle.preconditions, &scope, &rules("Resource precondition failed")) {
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
        let (plain, marks) = config.unmark_deep_with_paths();
        let abs = addr.abs_resource();
        let set = |v: Value| {
            let v = v.mark(Mark::Ephemeral);
            self.values.borrow_mut().set_resource(&abs, addr.key.clone(), v.clone());
            v
        };
        if !plain.is_wholly_known() {
            if self.phase == Phase::Plan || self.deferral.any() {
                // It is opened while applying, when what it is made from is known.
                self.cx.observer.event(Event::Deferred { addr: addr.clone() });
                set(Value::unknown(schema.block.implied_type().clone()));
                return Some(());
            }
            self.push(
                Diagnostic::error(
                    "Configuration contains unknown value",
                    format!("The configuration of {addr} still has unknown values while applying, so it cannot be opened. This is a bug in Groma, or in a provider that left a value unknown."),
                )
                .at(block.span)
                .about(addr),
            );
            return None;
        }
        let ty = &*addr.resource.ty;
        let checked = match self.cx.validator(provider_addr).await {
            Ok(p) => p.validate_ephemeral_config(ty, &plain).await,
            Err(e) => Err(e),
        };
        if !self.told_of(checked, addr) {
            return None;
        }
        let provider = self.provider_for(addr, provider_addr).await?;
        let answer = {
            let _slot = self.slots.acquire().await.ok()?;
            if self.cx.interrupt.stopping() {
                return None;
            }
            self.observed(addr, Operation::OpenEphemeral, provider.open_ephemeral(ty, &plain)).await
        };
        let opened = match answer {
            Ok(o) => o,
            Err(e) => {
                self.push(call_failed(&e).about(addr));
                return None;
            }
        };
        if !self.told_of(Ok(opened.diags), addr) {
            return None;
        }
        // Whatever is wrong with the value, it is open now.
        self.ephemerals.open.borrow_mut().push(Rc::new(Opened {
            node,
            addr: addr.clone(),
            provider,
            private: RefCell::new(opened.private),
            renew_at_ms: Cell::new(opened.renew_at_ms),
            renewing: tokio::sync::Mutex::default(),
        }));
        self.ephemerals.changed.notify_one();
        let value = opened.result.filter(|v| !v.is_null() && v.is_wholly_known());
        let Some(value) = value else {
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
        };
        let value = set(mark_sensitive(value.mark_with_paths(&marks), schema));
        let scope = self.instance_scope(addr)?.with_self(value);
        self.check_rules(&lifecycle.postconditions, &scope, &rules("Resource postcondition failed"))
            .then_some(())
    }
}
