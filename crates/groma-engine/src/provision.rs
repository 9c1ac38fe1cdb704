//! Provisioners: commands that run when an object was created or before it is
//! destroyed. `local-exec` is built in.

use crate::context::Event;
use crate::scope::ModuleScope;
use crate::walk::Walk;
use groma_config::{Provisioner, Resource};
use groma_lang::{Body, Diagnostic, Diagnostics, Severity};
use groma_value::addr::ResourceInstance;
use groma_value::schema::{Attribute, Block};
use groma_value::{Mark, Type, Value};
use std::process::Stdio;
use std::sync::LazyLock;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

static LOCAL_EXEC: LazyLock<Block> = LazyLock::new(|| {
    Block::of_attributes([
        ("command", Attribute::required(Type::String)),
        ("interpreter", Attribute::optional(Type::list(Type::String))),
        ("working_dir", Attribute::optional(Type::String)),
        ("environment", Attribute::optional(Type::map(Type::String))),
        ("quiet", Attribute::optional(Type::Bool)),
    ])
});

/// What a `connection` block takes, of SSH and WinRM together, as documented.
static CONNECTION: LazyLock<Block> = LazyLock::new(|| {
    const TEXTS: [&str; 21] = [
        "type",
        "user",
        "password",
        "timeout",
        "script_path",
        "target_platform",
        "private_key",
        "certificate",
        "agent_identity",
        "host_key",
        "proxy_scheme",
        "proxy_host",
        "proxy_user_name",
        "proxy_user_password",
        "bastion_host",
        "bastion_host_key",
        "bastion_user",
        "bastion_password",
        "bastion_private_key",
        "bastion_certificate",
        "cacert",
    ];
    let of = |ty: Type| move |name: &'static str| (name, Attribute::optional(ty.clone()));
    let texts = TEXTS.into_iter().map(of(Type::String));
    let numbers = ["port", "proxy_port", "bastion_port"].into_iter().map(of(Type::Number));
    let flags = ["agent", "https", "insecure", "use_ntlm"].into_iter().map(of(Type::Bool));
    let host = [("host", Attribute::required(Type::String))];
    Block::of_attributes(texts.chain(numbers).chain(flags).chain(host))
});

/// The same over another one: nothing is required.
static CONNECTION_OVER: LazyLock<Block> = LazyLock::new(|| {
    let mut block = CONNECTION.clone();
    if let Some(host) = block.attributes.get_mut("host") {
        *host = Attribute::optional(Type::String);
    }
    block
});

/// Why a type of provisioner cannot run.
fn unavailable(p: &Provisioner) -> Diagnostic {
    match &*p.ty.name {
        "remote-exec" | "file" => Diagnostic::error(
            "Provisioner not supported",
            format!("Groma does not run {:?} provisioners yet; \"local-exec\" it does.", p.ty.name),
        )
        .at(p.span),
        other => Diagnostic::error(
            "Missing required provisioner plugin",
            format!("There is no provisioner {other:?}. Built in is \"local-exec\"; provisioners from plugins are not supported."),
        )
        .at(p.span),
    }
}

/// Checks a connection. Arguments that it does not have are accepted by Terraform; they do
/// nothing, so they are warned of.
fn check_connection(mut body: Body, schema: &Block, scope: &ModuleScope<'_>, diags: &mut Diagnostics) {
    body.attributes.retain(|a| {
        let known = CONNECTION.attributes.contains_key(&a.name.name);
        if !known {
            let near = groma_lang::diag::suggest(&a.name.name, CONNECTION.attributes.keys().map(|n| &**n));
            let hint = near.map(|n| format!(" Did you mean {n:?}?")).unwrap_or_default();
            let detail =
                format!("A connection has no argument named {:?}; it does nothing.{hint}", &*a.name.name);
            diags.warning(a.name.span, "Unsupported argument", detail);
        }
        known
    });
    groma_lang::decode::decode_block(&body, schema, scope, diags);
}

impl<'a> Walk<'a> {
    /// Checks the provisioners of a block; `scope` has an unknown `self`.
    pub fn validate_provisioners(&self, block: &Resource, scope: &ModuleScope<'_>) {
        for p in &block.provisioners {
            if &*p.ty.name != "local-exec" {
                self.push(unavailable(p));
                continue;
            }
            let mut diags = Diagnostics::new();
            groma_lang::decode::decode_block(&p.body, &LOCAL_EXEC, scope, &mut diags);
            if let Some(own) = &p.connection {
                // As Terraform has it, the common one must be whole without it.
                let schema = if block.connection.is_some() { &CONNECTION_OVER } else { &CONNECTION };
                check_connection(own.clone(), schema, scope, &mut diags);
            }
            self.report(diags);
        }
        if let (Some(common), false) = (&block.connection, block.provisioners.is_empty()) {
            let mut diags = Diagnostics::new();
            check_connection(common.clone(), &CONNECTION, scope, &mut diags);
            self.report(diags);
        }
    }

    /// Runs provisioners in order. Whether none failed that must not.
    pub async fn provision(
        &'a self,
        addr: &ResourceInstance,
        provisioners: &[Provisioner],
        on_destroy: bool,
        value: &Value,
    ) -> bool {
        for p in provisioners.iter().filter(|p| p.on_destroy == on_destroy) {
            let Some(scope) = self.instance_scope(addr) else { return false };
            let scope = scope.with_self(value.clone());
            let tell = |event: fn(ResourceInstance, String) -> Event| {
                self.cx.observer.event(event(addr.clone(), p.ty.name.to_string()));
            };
            tell(|addr, provisioner| Event::ProvisionStart { addr, provisioner });
            let Err(mut diags) = self.run_provisioner(addr, p, &scope).await else {
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
        scope: &ModuleScope<'_>,
    ) -> Result<(), Diagnostics> {
        if &*p.ty.name != "local-exec" {
            return Err(unavailable(p).into());
        }
        let mut diags = Diagnostics::new();
        let config = groma_lang::decode::decode_block(&p.body, &LOCAL_EXEC, scope, &mut diags);
        if diags.has_errors() {
            return Err(diags);
        }
        let secret = crate::walk::contains_mark(&config, &Mark::Sensitive);
        let (config, _) = config.unmark_deep();
        let get = |n: &str| config.get_attr(n).unwrap_or_else(|| Value::null(Type::Dynamic));
        let fail =
            |text: String| Err(Diagnostic::error("local-exec provisioner error", text).at(p.span).into());
        let command_value = get("command");
        let Some(command) = command_value.as_str().filter(|c| !c.is_empty()) else {
            return fail("The command must be known and not empty.".into());
        };
        let interpreter_value = get("interpreter");
        let words: Vec<&str> =
            interpreter_value.as_elements().unwrap_or_default().iter().filter_map(Value::as_str).collect();
        let words = if words.is_empty() { vec!["/bin/sh", "-c"] } else { words };
        let mut child = tokio::process::Command::new(words[0]);
        child
            .args(&words[1..])
            .arg(command)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        child.kill_on_drop(true);
        if let Some(dir) = get("working_dir").as_str() {
            child.current_dir(dir);
        }
        for (k, v) in get("environment").as_fields().into_iter().flat_map(groma_value::Fields::iter) {
            if let Some(v) = v.as_str() {
                child.env(&**k, v);
            }
        }
        let quiet = get("quiet").as_bool().unwrap_or_default();
        let tell = |line: String| {
            self.cx.observer.event(Event::ProvisionOutput {
                addr: addr.clone(),
                provisioner: "local-exec".into(),
                line,
            });
        };
        if quiet || secret {
            tell(if secret {
                "output suppressed: it was made with a sensitive value".into()
            } else {
                "running quietly".into()
            });
        } else {
            let all: Vec<String> = words.iter().chain([&command]).map(|w| format!("{w:?}")).collect();
            tell(format!("Executing: [{}]", all.join(" ")));
        }
        let mut running = match child.spawn() {
            Ok(c) => c,
            Err(e) => return fail(format!("{:?} cannot be started: {e}.", words[0])),
        };
        let mut tail = Vec::new();
        let (out, err) = (running.stdout.take(), running.stderr.take());
        let mut lines = |line: String| {
            if tail.len() == 40 {
                tail.remove(0);
            }
            tail.push(line.clone());
            if !secret {
                tell(line);
            }
        };
        read_both(out, err, &mut lines).await;
        let status = match running.wait().await {
            Ok(s) => s,
            Err(e) => return fail(format!("The command cannot be waited for: {e}.")),
        };
        if status.success() {
            return Ok(());
        }
        let shown = if secret {
            "(suppressed: it was made with a sensitive value)".into()
        } else {
            tail.join("\n  ")
        };
        fail(format!("The command failed: {status}. Its last output:\n  {shown}"))
    }
}

/// Reads two streams line by line as they come.
async fn read_both(
    out: Option<impl AsyncRead + Unpin>,
    err: Option<impl AsyncRead + Unpin>,
    line: &mut dyn FnMut(String),
) {
    let (mut out, mut err) = (out.map(|o| BufReader::new(o).lines()), err.map(|e| BufReader::new(e).lines()));
    loop {
        tokio::select! {
            l = async { match &mut out { Some(o) => o.next_line().await, None => std::future::pending().await } } => match l {
                Ok(Some(l)) => line(l),
                _ => out = None,
            },
            l = async { match &mut err { Some(e) => e.next_line().await, None => std::future::pending().await } } => match l {
                Ok(Some(l)) => line(l),
                _ => err = None,
            },
        }
        if out.is_none() && err.is_none() {
            return;
        }
    }
}
