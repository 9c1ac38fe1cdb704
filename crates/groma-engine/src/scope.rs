//! What names mean in a module instance.

use crate::values::{Expansion, Repetition, ResourceValues};
use crate::walk::Walk;
use groma_config::ModuleNode;
use groma_lang::ast::Ident;
use groma_lang::eval::{Resolved, Scope, Step};
use groma_lang::functions::Functions;
use groma_lang::{Diagnostic, Diagnostics, Span};
use groma_value::addr::{AbsResource, Key, Mode, ModuleInstance, Resource};
use groma_value::{Name, Value};
use std::sync::Arc;

/// The names of one module instance, as seen from one place in it.
pub struct ModuleScope<'a> {
    pub(crate) walk: &'a Walk<'a>,
    pub(crate) node: Arc<ModuleNode>,
    pub(crate) functions: Functions,
    pub(crate) module: ModuleInstance,
    pub(crate) repetition: Repetition,
    /// What `self` is, where it may be used.
    pub(crate) self_value: Option<Value>,
    /// In validation, `each` and `count` are unknown rather than absent.
    pub(crate) repetition_unknown: bool,
}

impl<'a> ModuleScope<'a> {
    pub(crate) fn new(walk: &'a Walk<'a>, module: ModuleInstance) -> Option<ModuleScope<'a>> {
        let node = walk.graph.modules.get(&module.path())?.clone();
        Some(ModuleScope {
            walk,
            functions: walk.functions.of(walk.cx, &node),
            node,
            module,
            repetition: Repetition::default(),
            self_value: None,
            repetition_unknown: false,
        })
    }
    pub(crate) fn with_repetition(mut self, repetition: Repetition) -> Self {
        self.repetition = repetition;
        self
    }
    pub(crate) fn with_self(mut self, value: Value) -> Self {
        self.self_value = Some(value);
        self
    }

    fn undeclared(&self, what: &str, span: Span, name: &str, diags: &mut Diagnostics) {
        diags.push(
            Diagnostic::error(
                format!("Reference to undeclared {what}"),
                format!("There is no {what} named {name:?} in {}.", module_name(&self.module)),
            )
            .at(span),
        );
    }

    fn resolve_resource(
        &self,
        resource: Resource,
        used: usize,
        span: Span,
        steps: &[Step],
        diags: &mut Diagnostics,
    ) -> Option<Resolved> {
        if !self.node.module.resources.contains_key(&resource) {
            self.undeclared("resource", span, &resource.to_string(), diags);
            return None;
        }
        let values = self.walk.values.borrow();
        let known = values.module(&self.module).and_then(|m| m.resources.get(&resource));
        let addr = AbsResource { module: self.module.clone(), resource };
        let Some(rv) = known.filter(|r| r.expansion.is_some()) else {
            drop(values);
            return Some(Resolved { value: self.walk.unexpanded_resource(&addr), consumed: used });
        };
        // One instance only, where the reference says which.
        if let Some(Step::Index(k, kspan)) = steps.get(used)
            && let Some(value) = indexed_instance(rv, k)
        {
            return match value {
                Ok(value) => Some(Resolved { value: value.with_marks(&k.marks()), consumed: used + 1 }),
                Err(()) => {
                    diags.push(
                        Diagnostic::error(
                            "Invalid index",
                            format!(
                                "The given key does not identify an element in this collection value: {addr} has {}.",
                                describe_keys(rv.expansion.as_ref())
                            ),
                        )
                        .at(*kspan),
                    );
                    None
                }
            };
        }
        Some(Resolved { value: rv.whole(), consumed: used })
    }

    /// What is known of a module whatever it is given: the names of its outputs, and these only
    /// where there are several instances, because Terraform looks at nothing else.
    fn any_module(&self, call: &Name, child: &ModuleNode) -> Value {
        let Some(block) = self.node.module.calls.get(call) else { return Value::dynamic() };
        let instance = || {
            groma_value::Type::object(
                child.module.outputs.keys().map(|o| (o.clone(), groma_value::Type::Dynamic)),
            )
        };
        if block.count.is_some() {
            Value::unknown(groma_value::Type::list(instance()))
        } else if block.for_each.is_some() {
            Value::unknown(groma_value::Type::map(instance()))
        } else {
            Value::dynamic()
        }
    }

    fn resolve_module(&self, span: Span, steps: &[Step], diags: &mut Diagnostics) -> Option<Resolved> {
        let Some(Step::Attr(name, _)) = steps.first() else {
            diags.error(span, "Invalid reference", "A module is referred to as module.NAME.OUTPUT.");
            return None;
        };
        let Some(child) = self.node.children.get(name) else {
            self.undeclared("module", span, name, diags);
            return None;
        };
        let values = self.walk.values.borrow();
        let Some(expansion) = values.module(&self.module).and_then(|m| m.calls.get(name)) else {
            return Some(Resolved { value: Value::dynamic(), consumed: 1 });
        };
        if self.walk.phase == crate::walk::Phase::Validate {
            return Some(Resolved { value: self.any_module(name, child), consumed: 1 });
        }
        let outputs = |key: &Key| -> Value {
            let m = self.module.child(name.clone(), key.clone());
            Value::object(child.module.outputs.keys().map(|o| {
                let v = values.module(&m).and_then(|v| v.outputs.get(o)).cloned();
                (o.clone(), v.unwrap_or_else(Value::dynamic))
            }))
        };
        // A single output of a single instance, where the reference says which.
        let one = |key: &Key, at: usize| -> Option<Resolved> {
            let m = self.module.child(name.clone(), key.clone());
            let Some(Step::Attr(o, _)) = steps.get(at) else {
                return Some(Resolved { value: outputs(key), consumed: at });
            };
            if !child.module.outputs.contains_key(o) {
                return Some(Resolved { value: outputs(key), consumed: at });
            }
            let v = values.module(&m).and_then(|v| v.outputs.get(o)).cloned();
            Some(Resolved { value: v.unwrap_or_else(Value::dynamic), consumed: at + 1 })
        };
        match expansion {
            Expansion::Single => one(&Key::None, 1),
            Expansion::Unknown => Some(Resolved { value: Value::dynamic(), consumed: 1 }),
            Expansion::Disabled => {
                Some(Resolved { value: Value::null(groma_value::Type::Dynamic), consumed: 1 })
            }
            e => {
                if let Some(Step::Index(k, _)) = steps.get(1)
                    && let Some(key) = instance_key(k)
                    && e.contains(&key)
                {
                    let mut r = one(&key, 2)?;
                    r.value = r.value.with_marks(&k.marks());
                    return Some(r);
                }
                let value = match e {
                    Expansion::Count(n) => Value::tuple((0..*n).map(|i| outputs(&Key::Int(i))).collect()),
                    Expansion::ForEach(v) => {
                        Value::object(v.iter().map(|(k, _)| (k.clone(), outputs(&Key::Str(k.clone())))))
                    }
                    _ => Value::dynamic(),
                };
                Some(Resolved { value, consumed: 1 })
            }
        }
    }
}

/// `the root module` or `module.a`
pub(crate) fn module_name(m: &ModuleInstance) -> String {
    if m.is_root() { "the root module".into() } else { m.to_string() }
}

fn describe_keys(e: Option<&Expansion>) -> String {
    match e {
        Some(Expansion::Count(0)) => "no instances (its count is 0)".into(),
        Some(Expansion::Count(1)) => "one instance, with index 0".into(),
        Some(Expansion::Count(n)) => format!("instances with the indexes 0 to {}", n - 1),
        Some(Expansion::ForEach(v)) if v.is_empty() => "no instances (its for_each is empty)".into(),
        Some(Expansion::ForEach(v)) => {
            let keys: Vec<String> = v.iter().take(8).map(|(k, _)| format!("{k:?}")).collect();
            format!("the keys {}{}", keys.join(", "), if v.len() > 8 { ", ..." } else { "" })
        }
        _ => "a single instance without a key".into(),
    }
}

/// The instance key that an index value means, if it is known and fit.
fn instance_key(k: &Value) -> Option<Key> {
    match k.peel() {
        Value::Number(n) => Some(Key::Int(n.as_usize()? as u64)),
        Value::String(s) => Some(Key::Str(s.clone())),
        _ => None,
    }
}

/// The value of the instance that an index means: `None` where the general rules
/// of indexing must decide (unknown keys, conversions), `Err` where there is no
/// such instance.
fn indexed_instance(rv: &ResourceValues, k: &Value) -> Option<Result<Value, ()>> {
    let expansion = rv.expansion.as_ref()?;
    let key = instance_key(k)?;
    match (expansion, &key) {
        (Expansion::Count(_), Key::Int(_)) | (Expansion::ForEach(_), Key::Str(_)) => {}
        _ => return None,
    }
    if !expansion.contains(&key) {
        return Some(Err(()));
    }
    Some(Ok(rv.instances.get(&key).cloned().unwrap_or_else(Value::dynamic)))
}

impl Scope for ModuleScope<'_> {
    fn resolve(&self, root: &Ident, steps: &[Step], diags: &mut Diagnostics) -> Option<Resolved> {
        let attr = |i: usize| match steps.get(i) {
            Some(Step::Attr(n, _)) => Some(n.clone()),
            // `data["x"]` is not a reference.
            _ => None,
        };
        let span = steps.iter().fold(root.span, |s, step| match step {
            Step::Attr(_, x) | Step::Index(_, x) => s.to(*x),
        });
        let need = |what: &str, diags: &mut Diagnostics| {
            diags.error(
                span,
                "Invalid reference",
                format!(
                    "The \"{what}\" object cannot be used by itself: follow it by a name, as in {what}.NAME."
                ),
            );
        };
        let found = |value: Value| Some(Resolved { value, consumed: 1 });
        match &*root.name {
            "var" | "local" => {
                let Some(name) = attr(0) else {
                    need(&root.name, diags);
                    return None;
                };
                let values = self.walk.values.borrow();
                let m = values.module(&self.module)?;
                let (declared, value, what) = if &*root.name == "var" {
                    (self.node.module.variables.contains_key(&name), m.variables.get(&name), "input variable")
                } else {
                    (self.node.module.locals.contains_key(&name), m.locals.get(&name), "local value")
                };
                if !declared {
                    let value = value.cloned();
                    drop(values);
                    if value.is_none() {
                        self.undeclared(what, span, &name, diags);
                    }
                    return None;
                }
                found(value.cloned().unwrap_or_else(Value::dynamic))
            }
            "module" => self.resolve_module(span, steps, diags),
            "each" => {
                let name = attr(0);
                let pair = self.repetition.each.clone().or_else(|| {
                    self.repetition_unknown
                        .then(|| (Value::unknown_not_null(groma_value::Type::String), Value::dynamic()))
                });
                match (name.as_deref(), pair) {
                    (Some("key"), Some((k, _))) => found(k),
                    (Some("value"), Some((_, v))) => found(v),
                    (Some("key" | "value"), None) => {
                        diags.error(
                            span,
                            "Reference to \"each\" in context without for_each",
                            "The \"each\" object can be used only in \"module\" or \"resource\" blocks, and only when the \"for_each\" argument is set.",
                        );
                        None
                    }
                    _ => {
                        diags.error(
                            span,
                            "Invalid \"each\" attribute",
                            "The \"each\" object has the attributes \"key\" and \"value\" only.",
                        );
                        None
                    }
                }
            }
            "count" => {
                let index = self.repetition.count_index.clone().or_else(|| {
                    self.repetition_unknown.then(|| Value::unknown_not_null(groma_value::Type::Number))
                });
                match (attr(0).as_deref(), index) {
                    (Some("index"), Some(i)) => found(i),
                    (Some("index"), None) => {
                        diags.error(
                            span,
                            "Reference to \"count\" in non-counted context",
                            "The \"count\" object can be used only in \"module\", \"resource\" and \"data\" blocks, and only when the \"count\" argument is set.",
                        );
                        None
                    }
                    _ => {
                        diags.error(
                            span,
                            "Invalid \"count\" attribute",
                            "The \"count\" object has the attribute \"index\" only.",
                        );
                        None
                    }
                }
            }
            "path" => match attr(0).as_deref() {
                Some("module") => found(Value::string(slash(&self.node.module.dir))),
                Some("root") => found(Value::string(slash(&self.walk.cx.config.root.module.dir))),
                Some("cwd") => found(Value::string(&self.walk.cx.cwd)),
                _ => {
                    diags.error(
                        span,
                        "Invalid \"path\" attribute",
                        "The \"path\" object has the attributes \"module\", \"root\" and \"cwd\" only.",
                    );
                    None
                }
            },
            "terraform" | "tofu" => match attr(0).as_deref() {
                Some("workspace") => found(Value::string(&self.walk.cx.workspace)),
                Some("applying") => {
                    let applying = self.walk.phase == crate::walk::Phase::Apply;
                    found(Value::bool(applying).mark(groma_value::Mark::Ephemeral))
                }
                _ => {
                    diags.error(
                        span,
                        "Invalid \"terraform\" attribute",
                        "The \"terraform\" object has the attributes \"workspace\" and \"applying\" only.",
                    );
                    None
                }
            },
            "self" => match &self.self_value {
                Some(v) => Some(Resolved { value: v.clone(), consumed: 0 }),
                None => {
                    diags.error(
                        span,
                        "Invalid \"self\" reference",
                        "The \"self\" object can be used only in postconditions, provisioners and connections of a resource.",
                    );
                    None
                }
            },
            // Elsewhere it would be a type of resources.
            "list" if self.module.is_root() && !self.node.module.lists.is_empty() => {
                let value = self.walk.lists.borrow().get(&(attr(0)?, attr(1)?)).cloned();
                Some(Resolved { value: value.unwrap_or_else(Value::dynamic), consumed: 2 })
            }
            other => {
                let (mode, at) = match other {
                    "data" => (Mode::Data, 1),
                    "ephemeral" => (Mode::Ephemeral, 1),
                    "resource" => (Mode::Managed, 1),
                    _ => (Mode::Managed, 0),
                };
                let (ty, name): (Option<Name>, Option<Name>) =
                    if at == 1 { (attr(0), attr(1)) } else { (Some(root.name.clone()), attr(0)) };
                match (ty, name) {
                    (Some(ty), Some(name)) => {
                        let resource = Resource { mode, ty, name };
                        self.resolve_resource(resource, at + 1, span, steps, diags)
                    }
                    _ => {
                        diags.error(
                            span,
                            "Invalid reference",
                            "A reference to a resource type must be followed by at least one attribute access, specifying the resource name.",
                        );
                        None
                    }
                }
            }
        }
    }

    fn functions(&self) -> &Functions {
        &self.functions
    }
}

/// A path with forward slashes; the empty path is `.`.
fn slash(p: &std::path::Path) -> String {
    let s = p.to_string_lossy().replace('\\', "/");
    if s.is_empty() { ".".into() } else { s }
}
