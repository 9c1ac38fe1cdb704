//! What all walks share: the values found so far, and the evaluation of
//! everything that is not a resource.

use crate::checks::{CheckKind, CheckResults, CheckStatus};
use crate::context::Context;
use crate::expand::{self, Repetition};
use crate::graph::{Graph, Node};
use crate::plan::VariableInput;
use crate::provider_configs::ProviderSlot;
use crate::provider_functions::ModuleFunctions;
use crate::scope::ModuleScope;
use crate::values::{Expansion, Values};
use groma_config::{ModuleNode, Variable};
use groma_lang::diag::RuleOrigin;
use groma_lang::{Diagnostic, Diagnostics, Expr, Severity};
use groma_provider::Schemas;
use groma_state::State;
use groma_value::addr::{
    AbsResource, ConfigResource, Mode, ModuleInstance, ModulePath, Provider as ProviderAddr, ProviderConfig,
    ResourceInstance,
};
use groma_value::schema::Schema;
use groma_value::{Mark, Marks, Name, Type, Value, convert};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;

/// What a walk is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Nothing is known but types.
    Validate,
    /// Values come from planned objects.
    Plan,
    /// Values come from applied objects.
    Apply,
    /// Values come from the state.
    Evaluate,
    /// As `Apply`, with stand-ins in the place of what providers would compute.
    Rehearse,
}

/// A walk over the graph.
pub(crate) struct Walk<'a> {
    pub cx: &'a Context,
    pub graph: &'a Graph,
    pub phase: Phase,
    pub variables: &'a BTreeMap<Name, VariableInput>,
    /// Where values of resources that this walk does not visit come from.
    pub fallback: RefCell<State>,
    pub values: RefCell<Values>,
    pub diags: RefCell<Diagnostics>,
    pub checks: RefCell<CheckResults>,
    pub functions: ModuleFunctions,
    pub providers: RefCell<HashMap<ProviderConfig, Rc<ProviderSlot>>>,
    /// Why the data source of a check could not be read, by the check's address.
    pub failed_checks: RefCell<HashMap<String, String>>,
    /// What is put off.
    pub deferral: crate::deferral::Deferral,
    /// What is open.
    pub ephemerals: crate::ephemeral::Ephemerals,
    /// What lists found, by type and name.
    pub lists: RefCell<HashMap<(Name, Name), Value>>,
    /// Values of `provider_meta` blocks by module and provider.
    pub metas: RefCell<HashMap<(ModulePath, ProviderAddr), Value>>,
    /// Limits concurrent provider operations.
    pub slots: tokio::sync::Semaphore,
}

impl<'a> Walk<'a> {
    pub fn new(
        cx: &'a Context,
        graph: &'a Graph,
        phase: Phase,
        variables: &'a BTreeMap<Name, VariableInput>,
        fallback: State,
        timestamp: Option<String>,
    ) -> Walk<'a> {
        let mut fc = cx.functions.clone();
        fc.apply = matches!(phase, Phase::Apply | Phase::Evaluate);
        fc.plan_timestamp = timestamp;
        Walk {
            cx,
            graph,
            phase,
            variables,
            fallback: RefCell::new(fallback),
            values: RefCell::new(Values::new()),
            diags: RefCell::default(),
            checks: RefCell::default(),
            functions: ModuleFunctions::new(fc),
            providers: RefCell::default(),
            failed_checks: RefCell::default(),
            deferral: Default::default(),
            ephemerals: Default::default(),
            lists: RefCell::default(),
            metas: RefCell::default(),
            slots: tokio::sync::Semaphore::new(cx.parallelism.max(1)),
        }
    }

    pub fn push(&self, d: Diagnostic) {
        self.diags.borrow_mut().push(d);
    }

    /// Adds diagnostics; whether there was no error among them.
    pub fn report(&self, diags: Diagnostics) -> bool {
        let ok = !diags.has_errors();
        self.diags.borrow_mut().extend(diags);
        ok
    }

    /// The schemas of a provider. Their absence was reported when they were loaded.
    pub fn schemas(&self, p: &ProviderAddr) -> Option<&Arc<dyn Schemas>> {
        self.cx.schemas.get(p)
    }

    /// The schema of a resource type.
    pub fn schema(&self, p: &ProviderAddr, mode: Mode, ty: &str) -> Option<Arc<Schema>> {
        let s = self.schemas(p)?;
        match mode {
            Mode::Managed => s.resource(ty),
            Mode::Data => s.data_source(ty),
            Mode::Ephemeral => s.ephemeral(ty),
        }
    }

    pub fn scope(&'a self, module: &ModuleInstance) -> Option<ModuleScope<'a>> {
        ModuleScope::new(self, module.clone())
    }

    /// Evaluates; errors go to the walk's diagnostics and give `None`.
    pub fn eval(&self, e: &Expr, scope: &ModuleScope<'_>) -> Option<Value> {
        let mut diags = Diagnostics::new();
        let v = groma_lang::eval::evaluate(e, scope, &mut diags);
        self.report(diags).then_some(v)
    }

    /// The value of a resource that this walk has not visited: from the state, or
    /// unknown.
    pub fn unexpanded_resource(&self, addr: &AbsResource) -> Value {
        let Some(node) = self.graph.modules.get(&addr.module.path()) else { return Value::dynamic() };
        let Some(block) = node.module.resources.get(&addr.resource) else { return Value::dynamic() };
        if addr.resource.mode == Mode::Ephemeral {
            return Value::dynamic().mark(Mark::Ephemeral);
        }
        let provider = node.providers.get(&block.provider).map(|p| p.provider.clone());
        let schema = provider.and_then(|p| self.schema(&p, addr.resource.mode, &addr.resource.ty));
        if self.phase == Phase::Validate {
            return match schema {
                Some(s) if block.count.is_none() && block.for_each.is_none() => {
                    Value::unknown(s.block.implied_type().clone())
                }
                _ => Value::dynamic(),
            };
        }
        let state = self.fallback.borrow();
        let (Some(schema), Some(resource)) = (schema, state.resources.get(addr)) else {
            return Value::dynamic();
        };
        let mut rv = crate::values::ResourceValues::default();
        for (key, i) in &resource.instances {
            if let Some(o) = &i.current
                && let Ok(v) = crate::objects::object_value(o, &schema)
            {
                rv.set(key.clone(), v);
            }
        }
        let int_keys = resource.instances.keys().all(|k| matches!(k, groma_value::addr::Key::Int(_)));
        rv.expansion = Some(if block.count.is_some() && int_keys {
            Expansion::Count(resource.instances.len() as u64)
        } else if block.for_each.is_some() {
            Expansion::ForEach(
                resource
                    .instances
                    .keys()
                    .filter_map(|k| match k {
                        groma_value::addr::Key::Str(s) => Some((s.clone(), Value::dynamic())),
                        _ => None,
                    })
                    .collect(),
            )
        } else {
            Expansion::Single
        });
        rv.whole()
    }

    /// Evaluates a node that is neither a resource nor an orphan. Whether its
    /// dependents may go on.
    pub fn visit_static(&'a self, node: &Node) -> bool {
        match node {
            Node::Module(p) => self.visit_module(p),
            Node::Variable(p, n) => self.visit_variable(p, n),
            Node::Local(p, n) => self.visit_local(p, n),
            Node::Output(p, n) => self.visit_output(p, n),
            Node::Provider(p) => self.visit_provider(p),
            Node::Check(p, n) => self.visit_check(p, n),
            Node::Resource(_) | Node::Orphan(_) => true,
        }
    }

    /// The module instances of a resource, each with the resource's expansion noted.
    /// `None` after an error.
    pub fn expand(
        &'a self,
        c: &ConfigResource,
        block: &groma_config::Resource,
    ) -> Option<Vec<ModuleInstance>> {
        let modules = self.instances(&c.module);
        let mut ok = true;
        for m in &modules {
            let Some(scope) = self.scope(m) else { continue };
            let addr = AbsResource { module: m.clone(), resource: c.resource.clone() };
            let e = match self.deferral.has_resource(&addr) {
                true => Some(Expansion::Unknown),
                false => self.expansion(block.into(), &scope),
            };
            match e {
                Some(e) => self.values.borrow_mut().expand_resource(&addr, e),
                None => ok = false,
            }
        }
        ok.then_some(modules)
    }

    /// The instances that a block asks for. `None` after an error.
    fn expansion(&self, block: Repetition<'_>, scope: &ModuleScope<'_>) -> Option<Expansion> {
        let mut diags = Diagnostics::new();
        let e = expand::expansion(block, scope, self.deferral.if_unknown, &mut diags);
        self.report(diags);
        e
    }

    /// What the module's `provider_meta` block says to a provider; null without one.
    /// `None` after an error.
    pub fn provider_meta(&'a self, module: &ModulePath, provider: &ProviderAddr) -> Option<Value> {
        let node = self.graph.modules.get(module);
        let found = node.and_then(|n| {
            n.module.provider_metas.iter().find(|(local, _)| {
                n.module
                    .required_providers
                    .get(*local)
                    .map_or_else(|| ProviderAddr::implied(local) == *provider, |r| r.source == *provider)
            })
        });
        let (Some(node), Some((local, body))) = (node, found) else {
            return Some(Value::null(Type::Dynamic));
        };
        let key = (module.clone(), provider.clone());
        if let Some(v) = self.metas.borrow().get(&key) {
            return Some(v.clone());
        }
        let Some(schema) = self.schemas(provider)?.provider_meta() else {
            // A block that says nothing asks for nothing.
            if body.attributes.is_empty() && body.blocks.is_empty() {
                return Some(Value::null(Type::Dynamic));
            }
            let span = body.attributes.first().map_or(body.span, |a| a.name.span);
            self.push(
                Diagnostic::error(
                    format!("Provider {} doesn't support provider_meta", provider.for_display()),
                    format!("The provider takes nothing from provider_meta blocks. Remove the block provider_meta {:?} from {}.", &**local, crate::scope::module_name(&module_instance(&node.path))),
                )
                .at(span),
            );
            return None;
        };
        // The block may refer to nothing.
        let mut diags = Diagnostics::new();
        let v = groma_lang::decode::decode_block(body, &schema.block, &groma_lang::eval::Nothing, &mut diags);
        if !self.report(diags) {
            return None;
        }
        self.metas.borrow_mut().insert(key, v.clone());
        Some(v)
    }

    pub(crate) fn instances(&self, p: &ModulePath) -> Vec<ModuleInstance> {
        self.values.borrow().instances(p)
    }

    fn node(&self, p: &ModulePath) -> Arc<ModuleNode> {
        self.graph.modules[p].clone()
    }

    fn visit_module(&'a self, path: &ModulePath) -> bool {
        let (Some(parent), Some(name)) = (path.parent(), path.last()) else { return true };
        let caller = self.node(&parent);
        let Some(call) = caller.module.calls.get(name) else { return true };
        let parents = self.instances(&parent);
        if parents.is_empty() {
            self.values.borrow_mut().expand_none(path);
        }
        let mut ok = true;
        for m in parents {
            let Some(scope) = self.scope(&m) else { continue };
            let expansion = if self.phase == Phase::Validate {
                self.check_repetition(call.into(), &scope);
                Some(if Repetition::from(call).is_keyed() { Expansion::Unknown } else { Expansion::Single })
            } else if self.deferral.has_call(&m, name) {
                Some(Expansion::Unknown)
            } else {
                self.expansion(call.into(), &scope)
            };
            match expansion {
                Some(e) => {
                    let overlay = &self.cx.overlay;
                    // What stands for a number of instances was looked at while planning.
                    let follows = matches!(self.phase, Phase::Apply | Phase::Rehearse);
                    let stands_in = e == Expansion::Unknown && follows;
                    let looked_at = |i: &ModuleInstance| !stands_in && overlay.module(i).is_none();
                    self.values.borrow_mut().expand_call(&m, name, e, &looked_at);
                    self.override_modules(&m, name);
                }
                None => ok = false,
            }
        }
        ok
    }

    /// Sets the outputs of those instances of a call that a test overrides.
    fn override_modules(&self, parent: &ModuleInstance, call: &Name) {
        let overlay = &self.cx.overlay;
        if overlay.modules.is_empty() {
            return;
        }
        let Some(node) = self.graph.modules.get(&parent.path().child(call.clone())) else { return };
        let mut values = self.values.borrow_mut();
        let keys = values.module(parent).and_then(|v| v.calls.get(call)).map(Expansion::keys);
        for key in keys.unwrap_or_default() {
            let m = parent.child(call.clone(), key);
            let Some(o) = overlay.module(&m) else { continue };
            for (name, output) in &node.module.outputs {
                let v = o.outputs.get(name).cloned().unwrap_or_else(|| Value::null(Type::Dynamic));
                let v = if output.sensitive { v.mark(Mark::SensitiveOutput) } else { v };
                values.module_mut(&m).outputs.insert(name.clone(), v);
            }
        }
    }

    /// In validation, what says how many instances there are is only checked as far as it is
    /// known.
    pub fn check_repetition(&self, block: Repetition<'_>, scope: &ModuleScope<'_>) {
        let mut diags = Diagnostics::new();
        for e in block.count.into_iter().chain(block.for_each).chain(block.enabled) {
            let v = groma_lang::eval::evaluate(e, scope, &mut diags);
            // What it must not be is known of an unknown value too.
            let hidden = v.has_mark(&Mark::Sensitive) && block.for_each.is_some();
            if diags.has_errors() || !(v.is_wholly_known() || hidden || v.has_mark(&Mark::Ephemeral)) {
                continue;
            }
            expand::expansion(block, scope, expand::IfUnknown::Refuse, &mut diags);
        }
        self.report(diags);
    }

    /// Notes that what is in a module without instances has conditions: all of them hold.
    fn declare_check(&self, kind: CheckKind, module: &ModulePath, name: &str) {
        self.checks.borrow_mut().declare(kind, &prefixed(&module.to_string(), name));
    }

    fn visit_variable(&'a self, path: &ModulePath, name: &Name) -> bool {
        let node = self.node(path);
        let var = &node.module.variables[name];
        let mut ok = true;
        let instances = self.instances(path);
        if instances.is_empty() && !var.validations.is_empty() {
            self.declare_check(CheckKind::Variable, path, &format!("var.{name}"));
        }
        for m in instances {
            let value = if path.is_root() { self.root_variable(var) } else { self.call_argument(&m, var) };
            let Some(value) = value else {
                ok = false;
                continue;
            };
            let mut marks = Marks::new();
            if var.sensitive {
                marks.insert(Mark::Sensitive);
            }
            if var.ephemeral {
                marks.insert(Mark::Ephemeral);
            }
            let value = value.with_marks(&marks);
            self.values.borrow_mut().module_mut(&m).variables.insert(name.clone(), value);
            if !var.validations.is_empty() && !self.is_stand_in(&m) {
                let Some(scope) = self.scope(&m) else { continue };
                let config_addr = prefixed(&m.path().to_string(), &format!("var.{name}"));
                let addr = prefixed(&m.to_string(), &format!("var.{name}"));
                let at = self.argument_span(&m, name);
                let rules = Rules {
                    kind: CheckKind::Variable,
                    summary: "Invalid value for variable",
                    config_addr: &config_addr,
                    addr: &addr,
                    severity: Severity::Error,
                    subject: at,
                };
                ok &= self.check_rules(&var.validations, &scope, &rules);
            }
            if self.phase == Phase::Validate {
                // A module is checked for whatever it may be called with; only the variable's own
                // rules look at what this call gives.
                let value = Value::unknown(var.ty.without_optional()).with_marks(&marks);
                self.values.borrow_mut().module_mut(&m).variables.insert(name.clone(), value);
            }
        }
        ok
    }

    /// Where a call sets a variable, for messages about its value.
    fn argument_span(&self, m: &ModuleInstance, name: &Name) -> Option<groma_lang::Span> {
        let Some((call, _)) = m.last() else {
            if let Some(span) = self.cx.overlay.variables.get(name) {
                return Some(*span);
            }
            return Some(self.node(&m.path()).module.variables.get(name)?.span);
        };
        let caller = self.node(&m.parent()?.path());
        let a = caller.module.calls.get(call)?.body.attribute(name)?;
        Some(a.expr.span)
    }

    fn root_variable(&self, var: &Variable) -> Option<Value> {
        if self.phase == Phase::Validate {
            return Some(Value::unknown(var.ty.without_optional()));
        }
        match self.variables.get(&var.name.name) {
            Some(v) => Some(v.value.clone()),
            None => match &var.default {
                Some(d) => Some(d.clone()),
                None => {
                    self.push(
                        Diagnostic::error(
                            "No value for required variable",
                            format!(
                                "The root module input variable {:?} is not set, and has no default value. Use a -var or -var-file command line argument, or the environment variable TF_VAR_{}, to provide a value.",
                                var.name.name, var.name.name
                            ),
                        )
                        .at(var.span),
                    );
                    None
                }
            },
        }
    }

    fn call_argument(&'a self, m: &ModuleInstance, var: &Variable) -> Option<Value> {
        let parent = m.parent()?;
        let (call_name, key) = m.last()?;
        let caller = self.node(&parent.path());
        let call = caller.module.calls.get(call_name)?;
        let expansion = self.values.borrow().module(&parent).and_then(|v| v.calls.get(call_name).cloned());
        let unknown = expansion == Some(Expansion::Unknown);
        let repetition = expansion.map(|e| e.repetition(key)).unwrap_or_default();
        let mut scope = self.scope(&parent)?.with_repetition(repetition);
        scope.repetition_unknown = unknown;
        let attr = call.body.attribute(&var.name.name);
        let value = match attr {
            Some(a) => Some((self.eval(&a.expr, &scope)?, a.expr.span)),
            None => None,
        };
        let default = || var.default.clone().unwrap_or_else(|| Value::unknown(var.ty.without_optional()));
        let Some((value, span)) = value else {
            // A missing required argument was reported by the static checks.
            return Some(default());
        };
        if !var.ephemeral && contains_mark(&value, &Mark::Ephemeral) {
            let detail = format!(
                "The variable {} of {m} is not declared as ephemeral, so it cannot be given a value that comes from something ephemeral. Declare it with ephemeral = true if it may be.",
                var.name.name
            );
            self.push(Diagnostic::error("Ephemeral value not allowed", detail).at(span));
            return None;
        }
        let value = if value.is_null() && !var.nullable && var.default.is_some() { default() } else { value };
        let value = match &var.type_defaults {
            Some(d) if !value.is_null() => d.apply(&value),
            _ => value,
        };
        match convert(&value, &var.ty) {
            Ok(v) if v.is_null() && !var.nullable => {
                self.push(
                    Diagnostic::error(
                        "Required variable not set",
                        format!(
                            "The given value is not suitable for {} defined at {}: required variable may not be set to null.",
                            prefixed(&m.to_string(), &format!("var.{}", var.name.name)),
                            var.name.name
                        ),
                    )
                    .at(span),
                );
                None
            }
            Ok(v) => Some(v),
            Err(e) => {
                self.push(
                    Diagnostic::error(
                        "Invalid value for module argument",
                        format!(
                            "The given value is not suitable for child module variable {:?}: {}.",
                            var.name.name,
                            e.to_string().trim_start_matches('.')
                        ),
                    )
                    .at(span),
                );
                None
            }
        }
    }

    fn visit_local(&'a self, path: &ModulePath, name: &Name) -> bool {
        let node = self.node(path);
        let local = &node.module.locals[name];
        let mut ok = true;
        for m in self.instances(path) {
            let Some(scope) = self.scope(&m) else { continue };
            match self.eval(&local.expr, &scope) {
                Some(v) => {
                    self.values.borrow_mut().module_mut(&m).locals.insert(name.clone(), v);
                }
                None => ok = false,
            }
        }
        ok
    }

    fn visit_output(&'a self, path: &ModulePath, name: &Name) -> bool {
        let node = self.node(path);
        let output = &node.module.outputs[name];
        let mut ok = true;
        let instances = self.instances(path);
        if instances.is_empty() && !output.preconditions.is_empty() {
            self.declare_check(CheckKind::Output, path, &format!("output.{name}"));
        }
        for m in instances {
            let Some(scope) = self.scope(&m) else { continue };
            if !output.preconditions.is_empty() && !self.is_stand_in(&m) {
                let config_addr = prefixed(&path.to_string(), &format!("output.{name}"));
                let addr = prefixed(&m.to_string(), &format!("output.{name}"));
                let rules = Rules {
                    kind: CheckKind::Output,
                    summary: "Module output value precondition failed",
                    config_addr: &config_addr,
                    addr: &addr,
                    severity: Severity::Error,
                    subject: None,
                };
                if !self.check_rules(&output.preconditions, &scope, &rules) {
                    ok = false;
                    continue;
                }
            }
            let Some(mut v) = self.eval(&output.expr, &scope) else {
                ok = false;
                continue;
            };
            if let Some((ty, defaults)) = &output.ty {
                let whole = match defaults {
                    Some(d) if !v.is_null() => d.apply(&v),
                    _ => v.clone(),
                };
                match groma_value::convert(&whole, ty) {
                    Ok(converted) => v = converted,
                    Err(e) => {
                        let detail = format!("The value of output.{name} does not fit its type: {e}.");
                        self.push(Diagnostic::error("Invalid output value", detail).at(output.expr.span));
                        ok = false;
                        continue;
                    }
                }
            }
            if path.is_root() && !output.sensitive && contains_mark(&v, &Mark::Sensitive) {
                self.push(
                    Diagnostic::error(
                        "Output refers to sensitive values",
                        "To reduce the risk of exporting sensitive data by accident, a root module output that refers to a sensitive value must say so. Add this argument to the output:\n    sensitive = true",
                    )
                    .at(output.span),
                );
                ok = false;
            }
            if path.is_root() && output.ephemeral {
                self.push(
                    Diagnostic::error(
                        "Ephemeral output not allowed",
                        "The root module's outputs are kept in the state, so they cannot be ephemeral.",
                    )
                    .at(output.span),
                );
                ok = false;
            }
            if contains_mark(&v, &Mark::Ephemeral) && !output.ephemeral {
                self.push(
                    Diagnostic::error(
                        "Ephemeral value not allowed",
                        "This output value is not declared as ephemeral, so it cannot be set to a result derived from an ephemeral value.",
                    )
                    .at(output.expr.span),
                );
                ok = false;
            }
            if output.sensitive {
                v = v.mark(if path.is_root() { Mark::Sensitive } else { Mark::SensitiveOutput });
            }
            self.values.borrow_mut().module_mut(&m).outputs.insert(name.clone(), v);
        }
        ok
    }

    fn visit_check(&'a self, path: &ModulePath, name: &Name) -> bool {
        let node = self.node(path);
        let check = &node.module.checks[name];
        let config_addr = prefixed(&path.to_string(), &format!("check.{name}"));
        self.checks.borrow_mut().declare(CheckKind::Check, &config_addr);
        for m in self.instances(path).into_iter().filter(|m| !self.is_stand_in(m)) {
            let Some(scope) = self.scope(&m) else { continue };
            let addr = prefixed(&m.to_string(), &format!("check.{name}"));
            if let Some(why) = self.failed_checks.borrow().get(&addr) {
                // There is nothing to assert about.
                self.checks.borrow_mut().report(
                    CheckKind::Check,
                    &config_addr,
                    &addr,
                    CheckStatus::Fail,
                    Some(why.clone()),
                );
                continue;
            }
            let rules = Rules {
                kind: CheckKind::Check,
                summary: "Check block assertion failed",
                config_addr: &config_addr,
                addr: &addr,
                severity: Severity::Warning,
                subject: None,
            };
            self.check_rules(&check.asserts, &scope, &rules);
        }
        true
    }

    /// The scope of a resource instance.
    pub fn instance_scope(&'a self, addr: &ResourceInstance) -> Option<ModuleScope<'a>> {
        let repetition = self
            .values
            .borrow()
            .expansion(&addr.abs_resource())
            .map(|e| e.repetition(&addr.key))
            .unwrap_or_default();
        Some(self.scope(&addr.module)?.with_repetition(repetition))
    }

    /// Reports leftovers of a run as a cycle.
    pub fn report_cycle(&self, nodes: &[usize]) {
        let names: Vec<String> = nodes.iter().map(|&i| node_name(&self.graph.nodes[i])).collect();
        self.push(Diagnostic::error(
            "Cycle",
            format!(
                "These objects refer to each other in a cycle, so none can be evaluated first: {}.",
                names.join(", ")
            ),
        ));
    }
}

impl Walk<'_> {
    /// Refuses ephemeral values where they would be stored.
    pub fn refuse_ephemeral(
        &self,
        config: &Value,
        schema: &groma_value::schema::Block,
        block: &groma_config::Resource,
        addr: String,
    ) -> bool {
        let mut diags = Diagnostics::new();
        for (path, marks) in config.unmark_deep_with_paths().1 {
            let write_only = schema.attribute_at(&path).is_some_and(|a| a.write_only);
            if marks.is_ephemeral() && !write_only {
                let name = path.to_string();
                diags.push(
                    Diagnostic::error(
                        "Invalid use of ephemeral value",
                        format!("{:?} is stored in the state, so it cannot be an ephemeral value. Only write-only arguments can.", name.trim_start_matches('.')),
                    )
                    .at(groma_lang::decode::span_of_path(&block.body, &path))
                    .about(&addr),
                );
            }
        }
        self.report(diags)
    }
}

/// What the rules of one object have in common.
pub(crate) struct Rules<'a> {
    pub kind: CheckKind,
    pub summary: &'a str,
    pub config_addr: &'a str,
    pub addr: &'a str,
    pub severity: Severity,
    /// The place to name instead of the condition.
    pub subject: Option<groma_lang::Span>,
}

impl Rules<'_> {
    /// For diagnostics: whose rule it is.
    pub fn origin(&self) -> Arc<RuleOrigin> {
        Arc::new(RuleOrigin {
            kind: self.kind.as_str(),
            object: self.config_addr.to_owned(),
            instance: self.addr.to_owned(),
        })
    }
}

/// Whether `mark` is anywhere within.
pub(crate) fn contains_mark(v: &Value, mark: &Mark) -> bool {
    let mut found = false;
    v.walk(&mut |_, x| {
        found |= x.has_mark(mark);
        !found
    });
    found
}

/// `prefix.rest`, or `rest` where the prefix is empty.
pub(crate) fn prefixed(prefix: &str, rest: &str) -> String {
    if prefix.is_empty() { rest.to_owned() } else { format!("{prefix}.{rest}") }
}

/// The instance of a module that has neither `count` nor `for_each` on its way.
pub(crate) fn module_instance(path: &ModulePath) -> ModuleInstance {
    path.names().iter().map(|n| (n.clone(), groma_value::addr::Key::None)).collect()
}

/// The name of a node in messages.
pub(crate) fn node_name(n: &Node) -> String {
    match n {
        Node::Module(p) => p.to_string(),
        Node::Variable(p, n) => prefixed(&p.to_string(), &format!("var.{n}")),
        Node::Local(p, n) => prefixed(&p.to_string(), &format!("local.{n}")),
        Node::Output(p, n) => prefixed(&p.to_string(), &format!("output.{n}")),
        Node::Check(p, n) => prefixed(&p.to_string(), &format!("check.{n}")),
        Node::Resource(c) | Node::Orphan(c) => c.to_string(),
        Node::Provider(p) => p.to_string(),
    }
}
