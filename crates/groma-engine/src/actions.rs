//! Actions: what a provider is asked to do besides keeping objects (since Terraform 1.14).
//! They have no state. Triggers of resources invoke them around a change, and `-invoke` by
//! themselves.

use crate::context::{ActionStage, Context, Event};
use crate::graph::Graph;
use crate::plan::{Action, Plan, PlanOptions};
use crate::plan_walk::Planner;
use crate::provider_calls::{call_failed, provider_diags};
use crate::scope::ModuleScope;
use crate::values::{Expansion, Repetition};
use crate::walk::{Phase, Walk};
use groma_config::{ActionEvent, ActionRef, Asked, ModuleNode, Resource};
use groma_lang::{Diagnostic, Diagnostics};
use groma_provider::{Diags, Provider};
use groma_state::State;
use groma_value::addr::{Key, ModuleInstance, ProviderConfig, ResourceInstance};
use groma_value::schema::Schema;
use groma_value::{Mark, Name, Type, Value};
use std::sync::Arc;

/// The address of an action's instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionAddr {
    /// The module.
    pub module: ModuleInstance,
    /// The type.
    pub ty: Name,
    /// The name.
    pub name: Name,
    /// The key, if it has `count` or `for_each`.
    pub key: Key,
}

impl std::fmt::Display for ActionAddr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.module.is_root() {
            write!(f, "{}.", self.module)?;
        }
        write!(f, "action.{}.{}{}", self.ty, self.name, self.key)
    }
}

impl ActionAddr {
    /// Reads `module.a.action.TYPE.NAME["key"]`. The error says what is expected.
    pub fn parse(text: &str) -> Result<ActionAddr, String> {
        let expected = || format!("{text:?} is not the address of an action (action.TYPE.NAME)");
        let plain = match text.strip_prefix("action.") {
            Some(rest) => rest.to_owned(),
            None => {
                let (module, rest) = text.split_once(".action.").ok_or_else(expected)?;
                format!("{module}.{rest}")
            }
        };
        let r = ResourceInstance::parse(&plain).map_err(|_| expected())?;
        Ok(ActionAddr { module: r.module, ty: r.resource.ty, name: r.resource.name, key: r.key })
    }
}

/// What makes an action be invoked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trigger {
    /// The resource instance with the trigger.
    pub resource: ResourceInstance,
    /// When.
    pub event: ActionEvent,
    /// Which of its `action_trigger` blocks, from 0.
    pub block: usize,
    /// Which of the block's actions, from 0.
    pub index: usize,
}

/// A planned invocation.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// The action.
    pub addr: ActionAddr,
    /// Its provider configuration.
    pub provider: ProviderConfig,
    /// What triggers it; without one it was asked for by `-invoke`.
    pub trigger: Option<Trigger>,
    /// Its configuration, with marks; may have unknowns.
    pub config: Value,
}

/// An action with what is needed to ask for it.
struct Ready {
    asked: Asked,
    provider: ProviderConfig,
    config: Value,
}

/// There is no such action, or no such instance of it.
fn no_such(addr: &ActionAddr, why: &str, span: Option<groma_lang::Span>) -> Diagnostic {
    let why = if why.is_empty() { "No block of the configuration declares it." } else { why };
    let d = Diagnostic::error("No such action", format!("There is no {addr}. {why}"));
    Diagnostic { subject: span, ..d }
}

/// A provider does not have what a block asks for. `known`: what it has of that kind.
pub(crate) fn not_offered(
    asked: &Asked,
    provider: &groma_value::addr::Provider,
    kind: &str,
    known: &[String],
) -> Diagnostic {
    let ty = &asked.ty.name;
    let what = match known {
        [] => "It has none.".to_owned(),
        known => match groma_lang::diag::suggest(ty, known.iter().map(String::as_str)) {
            Some(near) => format!("Is {near:?} meant?"),
            None => format!("It has: {}.", known.join(", ")),
        },
    };
    let detail = format!("The provider {} has no {kind} of type {ty:?}. {what}", provider.for_display());
    Diagnostic::error(format!("Invalid {kind} type"), detail).at(asked.ty.span)
}

impl<'a> Walk<'a> {
    /// The instances of a block, by their keys. `None` after an error, or where it is not
    /// known which there are.
    pub(crate) fn asked_instances(
        &'a self,
        asked: &Asked,
        module: &ModuleInstance,
    ) -> Option<Vec<(Key, Repetition)>> {
        let mut diags = Diagnostics::new();
        let block = crate::expand::Repetition {
            count: asked.count.as_ref(),
            for_each: asked.for_each.as_ref(),
            enabled: None,
        };
        let refuse = crate::expand::IfUnknown::Refuse;
        let all = crate::expand::expansion(block, &self.scope(module)?, refuse, &mut diags);
        self.report(diags);
        Some(match all? {
            Expansion::Single => vec![(Key::None, Repetition::default())],
            Expansion::Count(n) => (0..n)
                .map(|i| {
                    let count_index = Some(Value::int(i as i64));
                    (Key::Int(i), Repetition { count_index, ..Repetition::default() })
                })
                .collect(),
            Expansion::ForEach(all) => all
                .into_iter()
                .map(|(k, v)| {
                    let each = Some((Value::String(k.clone()), v));
                    (Key::Str(k), Repetition { each, ..Repetition::default() })
                })
                .collect(),
            // Nobody knows which, or there are none.
            _ => return None,
        })
    }

    /// The action and its schema. An action that no block declares is told at `span`.
    fn action(
        &self,
        addr: &ActionAddr,
        span: Option<groma_lang::Span>,
    ) -> Option<(Asked, ProviderConfig, Arc<Schema>)> {
        let node = self.graph.modules.get(&addr.module.path());
        let declared =
            |n: &&Arc<ModuleNode>| n.module.actions.contains_key(&(addr.ty.clone(), addr.name.clone()));
        let Some(node) = node.filter(declared) else {
            self.push(no_such(addr, "", span));
            return None;
        };
        let ty = &addr.ty;
        let asked = node.module.actions[&(ty.clone(), addr.name.clone())].clone();
        let provider = crate::graph::provider_of(node, &asked.provider)?;
        let p = &provider.provider.provider;
        let schemas = self.schemas(p)?;
        let Some(schema) = schemas.action(ty) else {
            self.push(not_offered(&asked, p, "action", &schemas.action_types()));
            return None;
        };
        Some((asked, provider, schema))
    }

    /// Evaluates the configuration of an action's instance.
    fn action_config(&'a self, addr: &ActionAddr, span: Option<groma_lang::Span>) -> Option<Ready> {
        let (asked, _, schema) = self.action(addr, span)?;
        let instances = self.asked_instances(&asked, &addr.module)?;
        let Some((_, repetition)) = instances.into_iter().find(|(k, _)| *k == addr.key) else {
            let why = match (asked.count.is_some() || asked.for_each.is_some(), &addr.key) {
                (true, Key::None) => "It has count or for_each: say which instance is meant.",
                (true, _) => "Its count or for_each gives no such instance.",
                (false, _) => "It has neither count nor for_each, so it has no instances with keys.",
            };
            self.push(no_such(addr, why, span));
            return None;
        };
        let scope = || Some(self.scope(&addr.module)?.with_repetition(repetition.clone()));
        let chosen = asked.provider_key.as_ref();
        let provider = self.chosen_provider(&addr.module, &asked.provider, chosen, scope)?;
        let scope = scope()?;
        let mut diags = Diagnostics::new();
        let config = groma_lang::decode::decode_block(&asked.config, &schema.block, &scope, &mut diags);
        self.report(diags).then_some(Ready { asked, provider, config })
    }

    fn action_told(&self, addr: &ActionAddr, asked: &Asked, d: Diags) -> bool {
        let mut diags = Diagnostics::new();
        let failed =
            provider_diags(&mut diags, d, Some(&asked.config), Some(asked.span), Some(addr.to_string()));
        self.report(diags);
        !failed
    }

    /// Plans an invocation: the provider looks at what is known of the configuration.
    async fn plan_invocation(
        &'a self,
        addr: ActionAddr,
        trigger: Option<Trigger>,
        span: Option<groma_lang::Span>,
    ) -> Option<Invocation> {
        let Ready { asked, provider, config } = self.action_config(&addr, span)?;
        let plain = config.unmark_deep().0;
        let failed = |e| self.push(call_failed(&e).at(asked.span));
        let checked = match self.cx.validator(&provider).await {
            Ok(p) => p.validate_action_config(&addr.ty, &plain).await,
            Err(e) => Err(e),
        };
        if !self.action_told(&addr, &asked, checked.map_err(failed).ok()?) {
            return None;
        }
        let configured = self.provider(&provider).await?;
        let _slot = self.slots.acquire().await.ok()?;
        let planned = configured.plan_action(&addr.ty, &plain).await;
        let failed = |e| self.push(call_failed(&e).at(asked.span));
        let ok = self.action_told(&addr, &asked, planned.map_err(failed).ok()?);
        ok.then_some(Invocation { addr, provider, trigger, config })
    }

    /// Invokes an action, now that all of its configuration is known. `None` after an error.
    pub(crate) async fn invoke(&'a self, invocation: &Invocation) -> Option<()> {
        let addr = &invocation.addr;
        let ready = self.action_config(addr, None)?;
        let plain = ready.config.unmark_deep().0;
        if !plain.is_wholly_known() {
            let detail = format!(
                "The configuration of {addr} is not known when it is to be invoked. It may refer to an object that is made only afterwards: use an event that comes after."
            );
            self.push(Diagnostic::error("Unknown action configuration", detail).at(ready.asked.span));
            return None;
        }
        let provider: Arc<dyn Provider> = self.provider(&ready.provider).await?;
        let _slot = self.slots.acquire().await.ok()?;
        if self.cx.interrupt.stopping() {
            return None;
        }
        let observer = self.cx.observer.clone();
        let trigger = invocation.trigger.as_ref().map(|t| t.resource.clone());
        let tell =
            |stage| observer.event(Event::Action { addr: addr.to_string(), trigger: trigger.clone(), stage });
        tell(ActionStage::Started);
        let progress = |text: &str| tell(ActionStage::Progress(text.to_owned()));
        let answer = provider.invoke_action(&addr.ty, &plain, &progress).await;
        let ok = match answer {
            Ok(d) => self.action_told(addr, &ready.asked, d),
            Err(e) => {
                self.push(call_failed(&e).at(ready.asked.span));
                false
            }
        };
        tell(if ok { ActionStage::Done } else { ActionStage::Failed });
        ok.then_some(())
    }

    /// Checks all actions against their schemas, module by module, with what is known without
    /// instances. While planning, those that triggers name are checked when they are planned.
    pub(crate) async fn validate_actions(&'a self) {
        // In the order of the tree, so that the same mistakes are told in the same order.
        let mut nodes = Vec::new();
        self.cx.config.root.walk(&mut |n| {
            if !n.module.actions.is_empty() {
                nodes.push(n.clone());
            }
        });
        for node in nodes {
            self.validate_actions_of(&node).await;
        }
    }

    async fn validate_actions_of(&'a self, node: &ModuleNode) {
        let resources = node.module.resources.values();
        let triggered: Vec<(&Name, &Name)> = resources
            .filter(|_| self.phase == Phase::Plan)
            .flat_map(|r| node.module.triggered_actions(r))
            .map(|a| (&a.ty.name, &a.name.name))
            .collect();
        for (ty, name) in node.module.actions.keys().filter(|(t, n)| !triggered.contains(&(t, n))) {
            for m in self.instances(&node.path) {
                let addr =
                    ActionAddr { module: m.clone(), ty: ty.clone(), name: name.clone(), key: Key::None };
                let Some((asked, provider, schema)) = self.action(&addr, None) else { break };
                let each = asked.for_each.is_some();
                let repetition = Repetition {
                    count_index: asked.count.is_some().then(|| Value::unknown(Type::Number)),
                    each: each.then(|| (Value::unknown(Type::String), Value::dynamic())),
                };
                let Some(scope) = self.scope(&m) else { continue };
                let scope: ModuleScope<'_> = scope.with_repetition(repetition);
                let mut diags = Diagnostics::new();
                let config =
                    groma_lang::decode::decode_block(&asked.config, &schema.block, &scope, &mut diags);
                if !self.report(diags) {
                    continue;
                }
                let answer = match self.cx.validator(&provider).await {
                    Ok(p) => p.validate_action_config(ty, &config.unmark_deep().0).await,
                    Err(e) => Err(e),
                };
                match answer {
                    Ok(d) => _ = self.action_told(&addr, &asked, d),
                    Err(e) => self.push(call_failed(&e).at(asked.span)),
                }
            }
        }
    }
}

impl<'a> Planner<'a> {
    /// Plans what the triggers of a resource instance lead to. `None` after an error.
    pub(crate) async fn plan_triggers(
        &'a self,
        addr: &ResourceInstance,
        block: &Resource,
        action: Action,
        scope: &ModuleScope<'_>,
    ) -> Option<()> {
        let creates = match action {
            Action::Create | Action::DeleteThenCreate | Action::CreateThenDelete => true,
            Action::Update => false,
            _ => return Some(()),
        };
        // What is put off is triggered when its change is made.
        if self.waits_for(&addr.config()).is_some() {
            return Some(());
        }
        for (i, t) in block.lifecycle.triggers.iter().enumerate() {
            for &event in t.events.iter().filter(|e| e.is_create() == creates) {
                if let Some(c) = &t.condition {
                    let value = self.walk.eval(c, scope)?.unmark_deep().0;
                    let value = groma_value::convert(&value, &Type::Bool);
                    match value.as_ref().map(Value::as_bool) {
                        Ok(Some(true)) => {}
                        Ok(Some(false)) => continue,
                        _ => {
                            let detail =
                                "The condition of a trigger must be true or false, and known while planning.";
                            self.walk.push(Diagnostic::error("Invalid condition", detail).at(c.span));
                            return None;
                        }
                    }
                }
                for (index, a) in t.actions.iter().enumerate() {
                    let action = ActionAddr {
                        module: addr.module.clone(),
                        ty: a.ty.clone(),
                        name: a.name.clone(),
                        key: self.action_key(a, scope)?,
                    };
                    let trigger = Trigger { resource: addr.clone(), event, block: i, index };
                    let planned = self.walk.plan_invocation(action, Some(trigger), Some(a.span)).await?;
                    self.invocations.borrow_mut().push(planned);
                }
            }
        }
        Some(())
    }
}

impl Planner<'_> {
    /// The key in a reference to an action. `None` after an error.
    fn action_key(&self, a: &ActionRef, scope: &ModuleScope<'_>) -> Option<Key> {
        let Some(e) = &a.key else { return Some(Key::None) };
        let value = self.walk.eval(e, scope)?;
        let why = match value.peel() {
            _ if value.has_mark(&Mark::Sensitive) => {
                "is sensitive, and the address of the action would disclose it"
            }
            _ if value.has_mark(&Mark::Ephemeral) => "is ephemeral, so it cannot be in a plan",
            Value::String(s) => return Some(Key::Str(s.clone())),
            Value::Number(n) if n.as_usize().is_some() => return n.as_usize().map(|i| Key::Int(i as u64)),
            v if v.is_null() => "is null",
            v if !v.is_known() => "depends on what is known only after an apply",
            _ => "is neither a text nor a whole number that is not negative",
        };
        let detail = format!(
            "The key of the action {why}. It has to say while planning which instance of {} is meant.",
            format_args!("action.{}.{}", a.ty, a.name)
        );
        let d = Diagnostic::error("Invalid action reference", detail).at(e.span);
        self.walk.push(d);
        None
    }
}

/// A plan that does nothing but to invoke actions, with values as the state has them.
pub(crate) async fn plan_invocations(cx: &Context, state: &State, opts: &PlanOptions) -> (Plan, Diagnostics) {
    let graph = Graph::new(&cx.config, state);
    let timestamp = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let walk =
        Walk::new(cx, &graph, Phase::Evaluate, &opts.variables, state.clone(), Some(timestamp.clone()));
    walk.visit_all();
    let mut invocations = Vec::new();
    for addr in &opts.invoke {
        invocations.extend(walk.plan_invocation(addr.clone(), None, None).await);
    }
    let diags = walk.diags.take();
    let mut plan = Plan::nothing(opts, state, timestamp);
    plan.errored = diags.has_errors();
    plan.invocations = invocations;
    (plan, diags)
}

/// Invokes what a plan asks for by itself, in order, until one fails.
pub(crate) async fn invoke_planned(cx: &Context, plan: &Plan, state: &State) -> Diagnostics {
    let asked: Vec<&Invocation> = plan.invocations.iter().filter(|i| i.trigger.is_none()).collect();
    if asked.is_empty() {
        return Diagnostics::new();
    }
    let graph = Graph::new(&cx.config, state);
    let timestamp = Some(plan.timestamp.clone());
    let walk = Walk::new(cx, &graph, Phase::Evaluate, &plan.variables, state.clone(), timestamp);
    walk.visit_all();
    for i in asked {
        if walk.invoke(i).await.is_none() {
            break;
        }
    }
    walk.diags.take()
}
