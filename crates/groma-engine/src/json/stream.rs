//! The messages of `plan -json`, `apply -json` and their kin: one JSON object a
//! line, as things happen.

use super::outputs::{diagnostic_json, type_json};
use super::plan::importing;
use super::value::{Obj, key, object, plain};
use crate::context::{ActionStage, Event, Operation};
use crate::deferral::DeferredChange;
use crate::plan::{Action, ActionReason, Plan, PlanCounts, PlanMode, ResourceChange};
use groma_lang::diag_render::JsonDiagnostic;
use groma_state::{OutputValue, TERRAFORM_VERSION};
use groma_value::addr::{Mode, ResourceInstance};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::time::Duration;

/// The version of the message format.
const UI_VERSION: &str = "1.2";

/// One message.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    level: &'static str,
    text: String,
    kind: &'static str,
    /// What belongs to messages of this kind.
    body: Vec<(&'static str, Json)>,
}

impl Message {
    fn info(kind: &'static str, text: impl Into<String>, body: Vec<(&'static str, Json)>) -> Message {
        Message { level: "info", text: text.into(), kind, body }
    }
    /// A message of any kind.
    pub fn new(level: &'static str, kind: &'static str, text: impl Into<String>) -> Message {
        Message { level, text: text.into(), kind, body: Vec::new() }
    }
    /// With a member.
    pub fn with(mut self, name: &'static str, value: impl Into<Json>) -> Message {
        self.body.push((name, value.into()));
        self
    }
    /// The message for people, without level and time.
    pub fn text(&self) -> &str {
        &self.text
    }
    /// The line, without newline. Times are UTC, to the microsecond.
    pub fn line(&self, now: jiff::Timestamp) -> String {
        super::to_text(&self.json(now))
    }
    /// The message as JSON.
    pub fn json(&self, now: jiff::Timestamp) -> Json {
        let mut members: BTreeMap<&str, Json> = self.body.iter().map(|(n, v)| (*n, v.clone())).collect();
        members.insert("@level", self.level.into());
        members.insert("@message", self.text.as_str().into());
        members.insert("@module", "terraform.ui".into());
        members.insert("@timestamp", now.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string().into());
        members.insert("type", self.kind.into());
        object(members)
    }
}

/// The first message: the versions of format and program.
pub fn version() -> Message {
    Message::info(
        "version",
        format!("Terraform {TERRAFORM_VERSION}"),
        vec![("terraform", TERRAFORM_VERSION.into()), ("ui", UI_VERSION.into())],
    )
}

/// Something to be told.
pub fn log(text: impl Into<String>) -> Message {
    Message::info("log", text, Vec::new())
}

/// An error or a warning.
pub fn diagnostic(d: &JsonDiagnostic) -> Message {
    let (level, word) = if d.severity == "error" { ("error", "Error") } else { ("warn", "Warning") };
    Message {
        level,
        text: format!("{word}: {}", d.summary),
        kind: "diagnostic",
        body: vec![("diagnostic", diagnostic_json(d))],
    }
}

/// A plan: what changed outside, what is planned, how many, and the outputs.
pub fn plan(plan: &Plan) -> Vec<Message> {
    let only_refresh = plan.mode == PlanMode::RefreshOnly;
    let mut out: Vec<Message> =
        plan.drift.iter().filter(|c| only_refresh || c.action != Action::NoOp).map(resource_drift).collect();
    let told = |c: &&ResourceChange| {
        let hidden = c.addr.resource.mode == Mode::Data && c.action == Action::Delete;
        !hidden && (c.action != Action::NoOp || c.moved() || c.importing.is_some())
    };
    out.extend(plan.changes.iter().filter(told).map(planned_change));
    out.extend(plan.deferred.iter().map(deferred_change));
    out.push(change_summary(&plan.counts(), Summary::Plan));
    if !plan.outputs.is_empty() {
        let outputs = plan.outputs.iter().map(|(n, o)| {
            let mut out = Obj::new();
            out.put("sensitive", o.sensitive).put("action", action_name(o.action));
            (n, out.json())
        });
        out.push(outputs_message(plan.outputs.len(), object(outputs)));
    }
    out
}

/// An object that changed outside.
pub fn resource_drift(c: &ResourceChange) -> Message {
    let (action, change) = instance_change(c);
    Message::info(
        "resource_drift",
        format!("{}: Drift detected ({action})", c.addr),
        vec![("change", change)],
    )
}

/// A planned change.
pub fn planned_change(c: &ResourceChange) -> Message {
    let (action, change) = instance_change(c);
    Message::info("planned_change", format!("{}: Plan to {action}", c.addr), vec![("change", change)])
}

/// A change that is put off. Its address has `[*]` where a key is not known.
pub fn deferred_change(d: &DeferredChange) -> Message {
    let (action, mut change) = instance_change(&d.change);
    let pattern = d.pattern();
    let module = pattern.strip_suffix(&format!(".{}", d.resource_pattern())).unwrap_or_default();
    change["resource"]["addr"] = pattern.as_str().into();
    change["resource"]["module"] = module.into();
    change["resource"]["resource"] = d.resource_pattern().into();
    let mut deferred = Obj::new();
    deferred.put("reason", d.reason.as_str()).put("waits_for", d.cause.to_string()).put("change", change);
    let text = format!("{pattern}: Plan to {action} is deferred: {} is not known yet", d.cause);
    Message::info("deferred_change", text, vec![("deferred", deferred.json())])
}

fn instance_change(c: &ResourceChange) -> (&'static str, Json) {
    // Where nothing else is done, a move counts, and then an import.
    let action = match action_name(c.action) {
        "noop" if c.moved() => "move",
        "noop" if c.importing.is_some() => "import",
        a => a,
    };
    let mut out = Obj::new();
    out.put("resource", resource(&c.addr));
    out.opt("previous_resource", c.prev_addr.as_ref().filter(|_| c.moved()).map(resource));
    out.put("action", action).text("reason", reason(c.reason));
    out.opt("importing", c.importing.as_ref().map(importing));
    out.opt("generated_config", c.generated_config.as_deref());
    (action, out.json())
}

fn action_name(a: Action) -> &'static str {
    match a {
        Action::NoOp => "noop",
        Action::Create => "create",
        Action::Read => "read",
        Action::Update => "update",
        Action::DeleteThenCreate | Action::CreateThenDelete => "replace",
        Action::Delete => "delete",
        Action::Forget => "remove",
    }
}

/// Reasons have shorter names here than in plan JSON where they are about replacement.
fn reason(r: ActionReason) -> &'static str {
    match r {
        ActionReason::ReplaceBecauseTainted => "tainted",
        ActionReason::ReplaceByRequest => "requested",
        ActionReason::ReplaceBecauseCannotUpdate => "cannot_update",
        ActionReason::ReplaceByTriggers => "replace_triggered_by",
        r => r.as_str(),
    }
}

/// What a [`change_summary`] sums up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Summary {
    /// What is planned.
    Plan,
    /// What was done.
    Apply,
    /// What was done in a run that destroys everything.
    Destroy,
}

/// Numbers of objects by what happens to them.
pub fn change_summary(n: &PlanCounts, what: Summary) -> Message {
    let (import, add, change, destroy) = (n.import, n.add, n.change, n.destroy);
    let (operation, text) = match what {
        Summary::Plan => {
            let import = if import > 0 { format!("{import} to import, ") } else { String::new() };
            ("plan", format!("Plan: {import}{add} to add, {change} to change, {destroy} to destroy."))
        }
        Summary::Apply => {
            let import = if import > 0 { format!("{import} imported, ") } else { String::new() };
            (
                "apply",
                format!(
                    "Apply complete! Resources: {import}{add} added, {change} changed, {destroy} destroyed."
                ),
            )
        }
        Summary::Destroy => ("destroy", format!("Destroy complete! Resources: {destroy} destroyed.")),
    };
    let mut changes = Obj::new();
    changes.put("add", add).put("change", change).put("import", import).put("remove", destroy);
    changes.put("operation", operation);
    if n.invoke > 0 {
        changes.put("action_invocation", n.invoke);
    }
    Message::info("change_summary", text, vec![("changes", changes.json())])
}

/// Root outputs after a run. Values of sensitive ones are left out.
pub fn outputs(outputs: &BTreeMap<String, OutputValue>) -> Message {
    let all = outputs.iter().map(|(n, o)| {
        let mut out = Obj::new();
        out.put("sensitive", o.sensitive).put("type", type_json(&o.value, &o.ty));
        if !o.sensitive {
            out.put("value", plain(&o.value));
        }
        (n, out.json())
    });
    outputs_message(outputs.len(), object(all))
}

fn outputs_message(n: usize, outputs: Json) -> Message {
    Message::info("outputs", format!("Outputs: {n}"), vec![("outputs", outputs)])
}

/// What happened in a run. Nothing for what is told in other ways: planned
/// changes come with the plan, reasons of failures as diagnostics.
pub fn event(e: &Event) -> Option<Message> {
    match e {
        Event::Start { addr, op, id, .. } => started(addr, *op, id.as_ref()),
        Event::Done { addr, op, id, elapsed, .. } => done(addr, *op, id.as_ref(), *elapsed),
        Event::Failed { addr, op, elapsed } => failed(addr, *op, *elapsed),
        Event::Planned { .. } | Event::Deferred { .. } => None,
        Event::ProvisionStart { addr, provisioner } => Some(provision_start(addr, provisioner)),
        Event::ProvisionDone { addr, provisioner } => Some(provision_complete(addr, provisioner)),
        Event::ProvisionFailed { addr, provisioner } => Some(provision_errored(addr, provisioner)),
        Event::Action { addr, trigger, stage } => invoked(addr, trigger.as_ref(), stage),
        Event::ProvisionOutput { addr, provisioner, line } => provision_progress(addr, provisioner, line),
    }
}

fn invoked(addr: &str, trigger: Option<&ResourceInstance>, stage: &ActionStage) -> Option<Message> {
    let mut out = Obj::new();
    out.put("action", addr);
    out.opt("resource", trigger.map(resource));
    let (kind, text) = match stage {
        ActionStage::Started => ("action_start", "Action started".to_owned()),
        ActionStage::Progress(text) => {
            out.put("message", text.as_str());
            ("action_progress", text.clone())
        }
        ActionStage::Done => ("action_complete", "Action complete".to_owned()),
        ActionStage::Failed => ("action_errored", "Action errored".to_owned()),
    };
    hooked(kind, format!("{addr}: {text}"), out)
}

type Id<'a> = Option<&'a (String, String)>;

/// `resource`, and `id_key` and `id_value` if there is an id.
fn hook(addr: &ResourceInstance) -> Obj {
    let mut out = Obj::new();
    out.put("resource", resource(addr));
    out
}

fn with_id(out: &mut Obj, id: Id<'_>) -> String {
    match id {
        Some((k, v)) => {
            out.put("id_key", &**k).put("id_value", &**v);
            format!(" [{k}={v}]")
        }
        None => String::new(),
    }
}

fn hooked(kind: &'static str, text: String, hook: Obj) -> Option<Message> {
    Some(Message::info(kind, text, vec![("hook", hook.json())]))
}

/// The words for an action: to begin, to go on, and as a noun.
fn words(a: Action) -> (&'static str, &'static str, &'static str) {
    match a {
        Action::Create => ("Creating", "creating", "Creation"),
        Action::Update => ("Modifying", "modifying", "Modifications"),
        Action::Delete => ("Destroying", "destroying", "Destruction"),
        Action::Read => ("Refreshing", "refreshing", "Refresh"),
        Action::DeleteThenCreate | Action::CreateThenDelete => ("Replacing", "replacing", "Replacement"),
        Action::Forget => ("Removing", "removing", "Removal"),
        Action::NoOp => ("Applying", "applying", "Apply"),
    }
}

fn applied(op: Operation) -> Option<Action> {
    match op {
        Operation::Apply(Action::NoOp) => None,
        Operation::Apply(a) => Some(a),
        Operation::ReadData => Some(Action::Read),
        _ => None,
    }
}

/// The name of an operation on an ephemeral resource, and its word.
fn ephemeral(op: Operation) -> Option<(&'static str, &'static str)> {
    match op {
        Operation::OpenEphemeral => Some(("open", "Opening")),
        Operation::RenewEphemeral => Some(("renew", "Renewing")),
        Operation::CloseEphemeral => Some(("close", "Closing")),
        _ => None,
    }
}

fn started(addr: &ResourceInstance, op: Operation, id: Id<'_>) -> Option<Message> {
    let mut out = hook(addr);
    if op == Operation::Refresh {
        let id = with_id(&mut out, id);
        return hooked("refresh_start", format!("{addr}: Refreshing state...{id}"), out);
    }
    if let Some((name, word)) = ephemeral(op) {
        out.put("action", name);
        return hooked("ephemeral_op_start", format!("{addr}: {word}..."), out);
    }
    let action = applied(op)?;
    out.put("action", action_name(action));
    let id = with_id(&mut out, id);
    hooked("apply_start", format!("{addr}: {}...{id}", words(action).0), out)
}

fn done(addr: &ResourceInstance, op: Operation, id: Id<'_>, elapsed: Duration) -> Option<Message> {
    let mut out = hook(addr);
    if op == Operation::Refresh {
        let id = with_id(&mut out, id);
        return hooked("refresh_complete", format!("{addr}: Refresh complete{id}"), out);
    }
    let time = time_text(elapsed);
    if let Some((name, word)) = ephemeral(op) {
        out.put("action", name).put("elapsed_seconds", seconds(elapsed));
        return hooked("ephemeral_op_complete", format!("{addr}: {word} complete after {time}"), out);
    }
    let action = applied(op)?;
    out.put("action", action_name(action));
    // What is gone has no id any more.
    let id = with_id(&mut out, id.filter(|_| !matches!(action, Action::Delete | Action::Forget)));
    out.put("elapsed_seconds", seconds(elapsed));
    hooked("apply_complete", format!("{addr}: {} complete after {time}{id}", words(action).2), out)
}

fn failed(addr: &ResourceInstance, op: Operation, elapsed: Duration) -> Option<Message> {
    let mut out = hook(addr);
    let time = time_text(elapsed);
    if let Some((name, word)) = ephemeral(op) {
        out.put("action", name).put("elapsed_seconds", seconds(elapsed));
        return hooked("ephemeral_op_errored", format!("{addr}: {word} errored after {time}"), out);
    }
    let action = applied(op)?;
    out.put("action", action_name(action)).put("elapsed_seconds", seconds(elapsed));
    hooked("apply_errored", format!("{addr}: {} errored after {time}", words(action).2), out)
}

/// An operation that goes on: told every ten seconds. Nothing for those of which
/// that is not told.
pub fn progress(addr: &ResourceInstance, op: Operation, elapsed: Duration) -> Option<Message> {
    let mut out = hook(addr);
    let time = time_text(elapsed);
    if let Some((name, word)) = ephemeral(op) {
        out.put("action", name).put("elapsed_seconds", seconds(elapsed));
        let word = word.to_lowercase();
        return hooked("ephemeral_op_progress", format!("{addr}: Still {word}... [{time} elapsed]"), out);
    }
    let action = applied(op)?;
    out.put("action", action_name(action)).put("elapsed_seconds", seconds(elapsed));
    hooked("apply_progress", format!("{addr}: Still {}... [{time} elapsed]", words(action).1), out)
}

/// A provisioner begins.
pub fn provision_start(addr: &ResourceInstance, provisioner: &str) -> Message {
    let text = format!("{addr}: Provisioning with '{provisioner}'...");
    provision("provision_start", addr, provisioner, text)
}

/// A provisioner ended well.
pub fn provision_complete(addr: &ResourceInstance, provisioner: &str) -> Message {
    provision(
        "provision_complete",
        addr,
        provisioner,
        format!("{addr}: ({provisioner}) Provisioning complete"),
    )
}

/// A provisioner failed; the reason is told as a diagnostic.
pub fn provision_errored(addr: &ResourceInstance, provisioner: &str) -> Message {
    provision("provision_errored", addr, provisioner, format!("{addr}: ({provisioner}) Provisioning errored"))
}

fn provision(kind: &'static str, addr: &ResourceInstance, provisioner: &str, text: String) -> Message {
    let mut out = hook(addr);
    out.put("provisioner", provisioner);
    Message::info(kind, text, vec![("hook", out.json())])
}

fn provision_progress(addr: &ResourceInstance, provisioner: &str, line: &str) -> Option<Message> {
    let line = line.trim_end();
    if line.is_empty() {
        return None;
    }
    let mut out = hook(addr);
    out.put("provisioner", provisioner).put("output", line);
    hooked("provision_progress", format!("{addr}: ({provisioner}): {line}"), out)
}

fn resource(addr: &ResourceInstance) -> Json {
    let ty = &*addr.resource.ty;
    let mut out = Obj::new();
    out.put("addr", addr.to_string()).put("module", addr.module.to_string());
    out.put("resource", format!("{}{}", addr.resource, addr.key));
    out.put("implied_provider", ty.split('_').next().unwrap_or(ty));
    out.put("resource_type", ty).put("resource_name", &*addr.resource.name);
    out.put("resource_key", key(&addr.key).unwrap_or(Json::Null));
    out.json()
}

fn seconds(d: Duration) -> u64 {
    d.as_secs() + u64::from(d.subsec_millis() >= 500)
}

/// Whole seconds as `5s`, `1m5s`, `2h0m5s`.
fn time_text(d: Duration) -> String {
    let all = seconds(d);
    let (h, m, s) = (all / 3600, all / 60 % 60, all % 60);
    match (h, m) {
        (0, 0) => format!("{s}s"),
        (0, _) => format!("{m}m{s}s"),
        _ => format!("{h}h{m}m{s}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> jiff::Timestamp {
        "2026-11-21T03:47:24.685094Z".parse().unwrap()
    }

    fn addr(text: &str) -> ResourceInstance {
        ResourceInstance::parse(text).unwrap()
    }

    // The expected lines are Terraform's own.
    #[test]
    fn lines_of_a_run() {
        assert_eq!(
            version().line(now()),
            r#"{"@level":"info","@message":"Terraform 1.11.4","@module":"terraform.ui","@timestamp":"2026-11-21T03:47:24.685094Z","terraform":"1.11.4","type":"version","ui":"1.2"}"#
        );
        let start = Event::Start {
            addr: addr("terraform_data.slow"),
            deposed: None,
            op: Operation::Apply(Action::Create),
            id: None,
        };
        assert_eq!(
            event(&start).unwrap().line(now()),
            r#"{"@level":"info","@message":"terraform_data.slow: Creating...","@module":"terraform.ui","@timestamp":"2026-11-21T03:47:24.685094Z","hook":{"resource":{"addr":"terraform_data.slow","module":"","resource":"terraform_data.slow","implied_provider":"terraform","resource_type":"terraform_data","resource_name":"slow","resource_key":null},"action":"create"},"type":"apply_start"}"#
        );
        let done = Event::Done {
            addr: addr("module.m[\"y\"].terraform_data.r[0]"),
            deposed: None,
            op: Operation::Apply(Action::Create),
            id: Some(("id".into(), "a>b".into())),
            elapsed: Duration::from_millis(10_600),
        };
        assert_eq!(
            event(&done).unwrap().line(now()),
            r#"{"@level":"info","@message":"module.m[\"y\"].terraform_data.r[0]: Creation complete after 11s [id=a\u003eb]","@module":"terraform.ui","@timestamp":"2026-11-21T03:47:24.685094Z","hook":{"resource":{"addr":"module.m[\"y\"].terraform_data.r[0]","module":"module.m[\"y\"]","resource":"terraform_data.r[0]","implied_provider":"terraform","resource_type":"terraform_data","resource_name":"r","resource_key":0},"action":"create","id_key":"id","id_value":"a\u003eb","elapsed_seconds":11},"type":"apply_complete"}"#
        );
        assert_eq!(
            progress(&addr("terraform_data.slow"), Operation::Apply(Action::Create), Duration::from_secs(70))
                .unwrap()
                .text(),
            "terraform_data.slow: Still creating... [1m10s elapsed]"
        );
        let output = Event::ProvisionOutput {
            addr: addr("terraform_data.a"),
            provisioner: "local-exec".into(),
            line: "ho ".into(),
        };
        assert_eq!(event(&output).unwrap().text(), "terraform_data.a: (local-exec): ho");
    }

    #[test]
    fn summaries() {
        let n = PlanCounts { import: 1, add: 3, change: 0, destroy: 0, ..PlanCounts::default() };
        assert_eq!(
            change_summary(&n, Summary::Plan).text(),
            "Plan: 1 to import, 3 to add, 0 to change, 0 to destroy."
        );
        let applied =
            change_summary(&PlanCounts { add: 2, destroy: 2, ..Default::default() }, Summary::Apply);
        assert_eq!(applied.text(), "Apply complete! Resources: 2 added, 0 changed, 2 destroyed.");
        assert_eq!(
            applied.json(now())["changes"].to_string(),
            r#"{"add":2,"change":0,"import":0,"remove":2,"operation":"apply"}"#
        );
    }

    #[test]
    fn outputs_after_a_run_hide_secrets() {
        let all = BTreeMap::from([
            (
                "a".to_owned(),
                OutputValue { value: true.into(), ty: groma_value::Type::Bool, sensitive: false },
            ),
            (
                "s".to_owned(),
                OutputValue { value: "x".into(), ty: groma_value::Type::String, sensitive: true },
            ),
        ]);
        assert_eq!(
            outputs(&all).json(now())["outputs"].to_string(),
            r#"{"a":{"sensitive":false,"type":"bool","value":true},"s":{"sensitive":true,"type":"string"}}"#
        );
    }
}
