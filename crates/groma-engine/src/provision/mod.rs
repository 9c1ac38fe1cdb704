//! Provisioners: commands that run when an object was created or before it is
//! destroyed, here (`local-exec`) or on another machine (`remote-exec`, `file`).

mod connection;
mod local_exec;
mod remote;

use crate::context::Event;
use crate::scope::ModuleScope;
use crate::values::Repetition;
use crate::walk::Walk;
use connection::check_connection;
use groma_config::{Provisioner, Resource};
use groma_lang::{Body, Diagnostic, Diagnostics, Severity};
use groma_value::addr::{Key, ModuleInstance, ResourceInstance};
use groma_value::schema::Block;
use groma_value::{Type, Value};

/// What is shown in the place of what may have a secret in it.
const SUPPRESSED: &str = "output suppressed: it was made with a sensitive value";

/// What arguments a type of provisioner has.
fn schema(p: &Provisioner) -> Result<&'static Block, Diagnostic> {
    match &*p.ty.name {
        "local-exec" => Ok(&local_exec::SCHEMA),
        "remote-exec" => Ok(&remote::REMOTE_EXEC),
        "file" => Ok(&remote::FILE),
        other => Err(Diagnostic::error(
            "Missing required provisioner plugin",
            format!("There is no provisioner {other:?}. Built in are \"local-exec\", \"remote-exec\" and \"file\"; provisioners from plugins are not supported."),
        )
        .at(p.span)),
    }
}

/// One provisioner while it runs.
struct Run<'r> {
    walk: &'r Walk<'r>,
    addr: &'r ResourceInstance,
    provisioner: &'r Provisioner,
    /// What its block says, without marks.
    config: Value,
    /// Whether something in it is sensitive: then nothing that comes of it is shown.
    secret: bool,
}

impl Run<'_> {
    fn get(&self, name: &str) -> Value {
        self.config.get_attr(name).unwrap_or_else(|| Value::null(Type::Dynamic))
    }

    /// Shows a line.
    fn tell(&self, line: String) {
        self.walk.cx.observer.event(Event::ProvisionOutput {
            addr: self.addr.clone(),
            provisioner: self.provisioner.ty.name.to_string(),
            line,
        });
    }

    /// The error that says why it failed.
    fn failure(&self, text: impl Into<String>) -> Diagnostics {
        let summary = format!("{} provisioner error", self.provisioner.ty.name);
        Diagnostic::error(summary, text).at(self.provisioner.span).into()
    }
}

impl<'a> Walk<'a> {
    /// Checks the provisioners of a block; `scope` has an unknown `self`.
    pub fn validate_provisioners(&self, block: &Resource, scope: &ModuleScope<'_>) {
        for p in &block.provisioners {
            let schema = match schema(p) {
                Ok(schema) => schema,
                Err(d) => {
                    self.push(d);
                    continue;
                }
            };
            let mut diags = Diagnostics::new();
            let config = groma_lang::decode::decode_block(&p.body, schema, scope, &mut diags);
            if !diags.has_errors() {
                remote::check(p, &config, &mut diags);
            }
            if let Some(own) = &p.connection {
                check_connection(own, block.connection.is_some(), scope, &mut diags);
            }
            self.report(diags);
        }
        if let (Some(common), false) = (&block.connection, block.provisioners.is_empty()) {
            let mut diags = Diagnostics::new();
            check_connection(common, false, scope, &mut diags);
            self.report(diags);
        }
    }

    /// Runs provisioners in order; `connection` is the one that they have in common.
    /// Whether none failed that must not.
    pub async fn provision(
        &'a self,
        addr: &ResourceInstance,
        provisioners: &[Provisioner],
        connection: Option<&Body>,
        on_destroy: bool,
        value: &Value,
    ) -> bool {
        for p in provisioners.iter().filter(|p| p.on_destroy == on_destroy) {
            let scope = if on_destroy { self.destroyed_scope(addr) } else { self.instance_scope(addr) };
            let Some(scope) = scope else { return false };
            let scope = scope.with_self(value.clone());
            let tell = |event: fn(ResourceInstance, String) -> Event| {
                self.cx.observer.event(event(addr.clone(), p.ty.name.to_string()));
            };
            tell(|addr, provisioner| Event::ProvisionStart { addr, provisioner });
            let Err(mut diags) = self.run_provisioner(addr, p, connection, &scope).await else {
                tell(|addr, provisioner| Event::ProvisionDone { addr, provisioner });
                continue;
            };
            tell(|addr, provisioner| Event::ProvisionFailed { addr, provisioner });
            if p.continue_on_failure {
                for d in diags.iter_mut() {
                    d.severity = Severity::Warning;
                }
            }
            for d in diags.iter_mut() {
                d.address = Some(addr.to_string());
            }
            if !self.report(diags) {
                return false;
            }
        }
        true
    }

    /// What provisioners may name that run when an object goes: its key, whether or not the
    /// configuration still has it.
    fn destroyed_scope(&'a self, addr: &ResourceInstance) -> Option<ModuleScope<'a>> {
        let repetition = match &addr.key {
            Key::None => Repetition::default(),
            Key::Int(i) => Repetition { count_index: Some(Value::int(*i as i64)), each: None },
            Key::Str(k) => {
                let each = Some((Value::String(k.clone()), Value::dynamic()));
                Repetition { count_index: None, each }
            }
        };
        let scope = self.scope(&addr.module).or_else(|| self.scope(&ModuleInstance::root()))?;
        Some(scope.with_repetition(repetition))
    }

    /// The provisioners of the `removed` block about an address.
    pub fn removed_provisioners(&self, addr: &ResourceInstance) -> Vec<Provisioner> {
        let mut found = Vec::new();
        self.cx.config.root.walk(&mut |node| {
            let depth = node.path.names().len();
            let steps = addr.module.steps();
            if steps.len() < depth || !steps.iter().zip(node.path.names()).all(|(s, n)| s.0 == *n) {
                return;
            }
            let relative = ResourceInstance {
                module: steps[depth..].iter().cloned().collect(),
                resource: addr.resource.clone(),
                key: addr.key.clone(),
            };
            for r in node.module.removed.iter().filter(|r| r.from.covers(&relative)) {
                found.extend(r.provisioners.iter().cloned());
            }
        });
        found
    }

    async fn run_provisioner(
        &'a self,
        addr: &ResourceInstance,
        p: &Provisioner,
        connection: Option<&Body>,
        scope: &ModuleScope<'_>,
    ) -> Result<(), Diagnostics> {
        let schema = schema(p)?;
        let mut diags = Diagnostics::new();
        let config = groma_lang::decode::decode_block(&p.body, schema, scope, &mut diags);
        if diags.has_errors() {
            return Err(diags);
        }
        let secret = config.contains_sensitive();
        let (config, _) = config.unmark_deep();
        let run = Run { walk: self, addr, provisioner: p, config, secret };
        match &*p.ty.name {
            "local-exec" => local_exec::run(&run).await,
            _ => remote::run(&run, connection, scope).await,
        }
    }
}
