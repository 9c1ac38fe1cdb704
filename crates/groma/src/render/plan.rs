//! A plan as text.

use super::value::Renderer;
use super::{Paint, Sign};
use groma_config::Config;
use groma_engine::{Action, ActionReason, Cause, DeferredReason, Plan, PlanMode, ResourceChange, SchemaMap};
use groma_lang::Sources;
use groma_value::addr::{Mode, ModuleInstance};
use groma_value::schema::Schema;
use groma_value::{Path, Value};
use std::sync::Arc;

/// Renders a plan.
pub fn plan(plan: &Plan, schemas: &SchemaMap, paint: Paint) -> String {
    let mut out = String::new();
    drift(&mut out, plan, schemas, paint);
    let shown: Vec<&ResourceChange> = plan.changes.iter().filter(|c| is_shown(c)).collect();
    let outputs: Vec<_> = plan.outputs.iter().filter(|(_, o)| o.action != Action::NoOp).collect();
    if shown.is_empty() && outputs.is_empty() && plan.invocations.is_empty() {
        if plan.deferred.is_empty() {
            out.push_str(&nothing(plan, paint));
        }
        return out;
    }
    if plan.errored {
        out.push_str("\nPlanning failed. Before it did, it had come to this:\n");
    }
    if !shown.is_empty() {
        legend(&mut out, &shown, paint);
        let mut module: Option<&ModuleInstance> = None;
        for c in &shown {
            // The root module's changes come first and need no heading.
            if module != Some(&c.addr.module) && !(module.is_none() && c.addr.module.is_root()) {
                out.push_str(&format!("\n{}\n", paint.bold(&format!("{}:", c.addr.module))));
            }
            module = Some(&c.addr.module);
            change(&mut out, c, schema(schemas, c).as_deref(), paint);
            triggered(&mut out, plan, c, paint);
        }
    }
    for i in plan.invocations.iter().filter(|i| i.trigger.is_none()) {
        out.push_str(&format!(
            "\n  {} {} will be invoked\n",
            paint.bold("#"),
            paint.bold(&i.addr.to_string())
        ));
    }
    if !shown.is_empty() || !plan.invocations.is_empty() {
        summary(&mut out, plan, paint);
    }
    if !outputs.is_empty() {
        output_changes(&mut out, plan, paint);
        if shown.is_empty() {
            out.push_str("\nApplying this plan saves these new output values to the state, without changing any real infrastructure.\n");
        }
    }
    out
}

/// What a plan puts off, and why. Empty where it puts nothing off.
pub fn deferred(plan: &Plan, config: &Config, sources: &Sources, paint: Paint) -> String {
    if plan.deferred.is_empty() {
        return String::new();
    }
    let n = plan.deferred.len();
    let title = if n == 1 { "1 is deferred".to_owned() } else { format!("{n} are deferred") };
    let mut out = format!("\n{} until more is known:\n\n", paint.bold(&title));
    for d in &plan.deferred {
        let what = match (d.reason, d.cause.argument(config)) {
            (DeferredReason::InstanceCountUnknown, Some((argument, e))) => {
                let file = sources.get(e.span.file);
                let line = file.position(e.span.start).line;
                let of = match &d.cause {
                    Cause::Resource(_) => String::new(),
                    Cause::Module(p) => format!(" of {p}"),
                };
                format!("the {argument}{of} is not known yet, on {} line {line}", file.name)
            }
            (DeferredReason::InstanceCountUnknown, None) => "how many there are is not known yet".into(),
            (DeferredReason::DeferredPrereq, _) if d.change.action == Action::Delete => {
                format!("{} may still need it", d.cause)
            }
            (DeferredReason::DeferredPrereq, _) => format!("it depends on {}", d.cause),
        };
        let pattern = paint.bold(&d.pattern());
        out.push_str(&format!("{} {pattern}: {what}\n", symbol(d.change.action, paint)));
    }
    out.push_str("\nWhen the rest is applied, these are planned, shown and, once approved, applied too.\n");
    out
}

/// The actions that a change leads to.
fn triggered(out: &mut String, plan: &Plan, c: &ResourceChange, paint: Paint) {
    for i in &plan.invocations {
        let Some(t) = i.trigger.as_ref().filter(|t| t.resource == c.addr && c.deposed.is_none()) else {
            continue;
        };
        let when = if t.event.is_before() { "before" } else { "after" };
        out.push_str(&format!("    invokes {} {when} it\n", paint.bold(&i.addr.to_string())));
    }
}

fn nothing(plan: &Plan, paint: Paint) -> String {
    let (title, text) = match plan.mode {
        _ if plan.errored => return String::new(),
        PlanMode::Destroy => {
            ("No changes.", " No objects need to be destroyed: the state has none that are managed here.")
        }
        PlanMode::RefreshOnly if plan.drift.is_empty() => {
            ("No changes.", " Your infrastructure still matches the state of the last run.")
        }
        PlanMode::RefreshOnly => {
            return "\nThis is a refresh-only plan: applying it updates the state to match what was found, and changes nothing else.\n".into();
        }
        PlanMode::Normal => ("No changes.", " Your infrastructure matches the configuration."),
    };
    let mut out = format!("\n{}{text}\n", paint.code("1;32", title));
    if plan.mode == PlanMode::Normal {
        out.push_str(
            "\nEverything that the configuration describes exists as described, so nothing has to be done.\n",
        );
    }
    out
}

fn schema(schemas: &SchemaMap, c: &ResourceChange) -> Option<Arc<Schema>> {
    let s = schemas.get(&c.provider.provider.provider)?;
    match c.addr.resource.mode {
        Mode::Managed => s.resource(&c.addr.resource.ty),
        Mode::Data => s.data_source(&c.addr.resource.ty),
        Mode::Ephemeral => s.ephemeral(&c.addr.resource.ty),
    }
}

fn is_shown(c: &ResourceChange) -> bool {
    c.action != Action::NoOp || c.moved() || c.importing.is_some()
}

fn legend(out: &mut String, shown: &[&ResourceChange], paint: Paint) {
    out.push_str("\nGroma will perform these actions. Their signs:\n");
    let rows = [
        (Action::Create, "create"),
        (Action::Update, "update in place"),
        (Action::Delete, "destroy"),
        (Action::DeleteThenCreate, "replace: destroy, then create"),
        (Action::CreateThenDelete, "replace: create, then destroy"),
        (Action::Forget, "forget: remove from the state, leave the object alone"),
        (Action::Read, "read during apply"),
    ];
    for (action, text) in rows {
        if shown.iter().any(|c| c.action == action) {
            out.push_str(&format!("{} {text}\n", symbol(action, paint)));
        }
    }
}

/// The sign of an action, three columns wide.
fn symbol(a: Action, paint: Paint) -> String {
    let (plus, minus) = (paint.sign(Sign::Add), paint.sign(Sign::Remove));
    match a {
        Action::NoOp => "   ".into(),
        Action::Create => format!("  {plus}"),
        Action::Update => format!("  {}", paint.sign(Sign::Change)),
        Action::Delete => format!("  {minus}"),
        Action::DeleteThenCreate => format!("{minus}/{plus}"),
        Action::CreateThenDelete => format!("{plus}/{minus}"),
        Action::Forget => "  .".into(),
        Action::Read => format!(" {}", paint.sign(Sign::Read)),
    }
}

/// One change of a resource instance.
pub fn change(out: &mut String, c: &ResourceChange, schema: Option<&Schema>, paint: Paint) {
    out.push('\n');
    for l in headline(c, paint) {
        out.push_str(&format!("  {} {l}\n", paint.bold("#")));
    }
    let keyword = if c.addr.resource.mode == Mode::Data { "data" } else { "resource" };
    let sign = symbol(c.action, paint);
    out.push_str(&format!("{sign} {keyword} \"{}\" \"{}\" {{\n", c.addr.resource.ty, c.addr.resource.name));
    match schema {
        Some(s) => {
            let r = Renderer { paint, forces: &c.required_replace, all: false };
            // What is replaced is compared with its successor.
            r.block(out, &s.block, &c.before, &c.after, &Path::new(), 6);
        }
        None => out.push_str("      # (the provider's schema is not at hand, so the content is not shown)\n"),
    }
    out.push_str("    }\n");
}

fn headline(c: &ResourceChange, paint: Paint) -> Vec<String> {
    let addr = paint.bold(&c.addr.to_string());
    let red = |t: &str| paint.code("1;31", t);
    let mut out = Vec::new();
    if let Some(k) = &c.deposed {
        out.push(format!("{addr} (deposed object {k}) will be {}", red("destroyed")));
        out.push("(left over from a replacement that did not finish)".into());
        return out;
    }
    match c.action {
        Action::Create => out.push(format!("{addr} will be created")),
        Action::Update => out.push(format!("{addr} will be updated in place")),
        Action::Read => {
            out.push(format!("{addr} will be read during apply"));
            match c.reason {
                ActionReason::ReadBecauseConfigUnknown => {
                    out.push("(its configuration refers to values that are not known yet)".into());
                }
                ActionReason::ReadBecauseDependencyPending => {
                    out.push("(it depends on a resource that has changes pending)".into());
                }
                ActionReason::ReadBecauseCheckNested => {
                    out.push("(again, so that its check looks at what there is then)".into());
                }
                _ => {}
            }
        }
        Action::Delete => {
            out.push(format!("{addr} will be {}", red("destroyed")));
            let r = &c.addr.resource;
            out.extend(match c.reason {
                ActionReason::DeleteBecauseNoResourceConfig => {
                    Some(format!("(because {r} is not in the configuration)"))
                }
                ActionReason::DeleteBecauseNoModule => {
                    Some(format!("(because {} is not in the configuration)", c.addr.module))
                }
                ActionReason::DeleteBecauseWrongRepetition => {
                    Some("(because the resource's use of count or for_each has changed)".into())
                }
                ActionReason::DeleteBecauseCountIndex => {
                    Some(format!("(because index {} is out of range for count)", c.addr.key))
                }
                ActionReason::DeleteBecauseEachKey => {
                    Some(format!("(because key {} is not in the for_each map)", c.addr.key))
                }
                ActionReason::DeleteBecauseEnabledFalse => Some("(because enabled is false)".into()),
                ActionReason::DeleteBecauseNoMoveTarget => {
                    Some("(because it was moved to this address, which is not in the configuration)".into())
                }
                _ => None,
            });
        }
        Action::DeleteThenCreate | Action::CreateThenDelete => match c.reason {
            ActionReason::ReplaceBecauseTainted => {
                out.push(format!("{addr} is tainted, so it must be {}", red("replaced")));
            }
            ActionReason::ReplaceByRequest => {
                out.push(format!("{addr} will be {}, as requested", red("replaced")));
            }
            ActionReason::ReplaceByTriggers => {
                out.push(format!(
                    "{addr} will be {} due to changes in replace_triggered_by",
                    red("replaced")
                ));
            }
            _ => out.push(format!("{addr} must be {}", red("replaced"))),
        },
        Action::Forget => {
            out.push(format!("{addr} will no longer be managed, but will not be destroyed"));
        }
        Action::NoOp => {}
    }
    if let (true, Some(from)) = (c.moved(), &c.prev_addr) {
        if c.action == Action::NoOp {
            out.push(format!("{from} has moved to {addr}"));
        } else {
            out.push(format!("(moved from {from})"));
        }
    }
    if let Some(i) = &c.importing {
        let what = match (&i.id, &i.identity) {
            (Some(id), _) => format!("(imported from {id:?})"),
            (None, identity) => {
                format!(
                    "(imported from {})",
                    identity.as_ref().map(groma_engine::identity_text).unwrap_or_default()
                )
            }
        };
        if c.action == Action::NoOp {
            out.insert(0, format!("{addr} will be imported"));
        }
        out.push(what);
        if c.generated_config.is_some() {
            out.push("(its configuration was generated)".into());
        }
    }
    out
}

fn drift(out: &mut String, plan: &Plan, schemas: &SchemaMap, paint: Paint) {
    let shown: Vec<&ResourceChange> = plan
        .drift
        .iter()
        .filter(|c| c.action != Action::NoOp && !only_empty(c))
        // In a normal plan, what changed outside and is not acted on is no news for
        // this configuration; it is still counted below.
        .filter(|c| plan.mode == PlanMode::RefreshOnly || acted_on(plan, c))
        .collect();
    let total = plan.drift.iter().filter(|c| c.action != Action::NoOp && !only_empty(c)).count();
    if total == 0 {
        return;
    }
    out.push_str(&format!(
        "\n{} since the last run:\n",
        paint.bold(if total == 1 {
            "One object changed outside of Groma"
        } else {
            "Objects changed outside of Groma"
        })
    ));
    for c in &shown {
        let what = if c.action == Action::Delete { "has been deleted" } else { "has changed" };
        out.push_str(&format!("\n  {} {} {what}\n", paint.bold("#"), paint.bold(&c.addr.to_string())));
        let sign = symbol(c.action, paint);
        out.push_str(&format!(
            "{sign} resource \"{}\" \"{}\" {{\n",
            c.addr.resource.ty, c.addr.resource.name
        ));
        if let Some(s) = schema(schemas, c) {
            let r = Renderer { paint, forces: &[], all: false };
            r.block(out, &s.block, &c.before, &c.after, &Path::new(), 6);
        }
        out.push_str("    }\n");
    }
    let quiet: Vec<String> = plan
        .drift
        .iter()
        .filter(|c| {
            c.action != Action::NoOp
                && !only_empty(c)
                && !shown.iter().any(|s| s.addr == c.addr && s.deposed == c.deposed)
        })
        .map(|c| c.addr.to_string())
        .collect();
    if !quiet.is_empty() {
        out.push_str(&format!(
            "\nChanged outside, without effect on this plan: {}. To see the details: groma plan -refresh-only\n",
            quiet.join(", ")
        ));
    }
}

/// Whether all that changed is that something absent became empty or the reverse:
/// providers of the old SDK confuse the two, so it is no news.
fn only_empty(c: &ResourceChange) -> bool {
    let flat = |v: &Value| {
        v.unmark_deep().0.transform(&mut |_, x| {
            let empty = x.as_elements().is_some_and(<[Value]>::is_empty)
                || x.as_fields().is_some_and(groma_value::Fields::is_empty)
                || x.as_str() == Some("");
            if empty || x.is_null() { Value::null(groma_value::Type::Dynamic) } else { x }
        })
    };
    c.action == Action::Update && flat(&c.before) == flat(&c.after)
}

fn acted_on(plan: &Plan, drift: &ResourceChange) -> bool {
    plan.changes
        .iter()
        .any(|c| c.addr == drift.addr && c.deposed == drift.deposed && c.action != Action::NoOp)
}

fn summary(out: &mut String, plan: &Plan, paint: Paint) {
    let n = plan.counts();
    let mut parts = Vec::new();
    if n.import > 0 {
        parts.push(format!("{} to import", n.import));
    }
    parts.push(format!("{} to add", n.add));
    parts.push(format!("{} to change", n.change));
    parts.push(format!("{} to destroy", n.destroy));
    if n.forget > 0 {
        parts.push(format!("{} to forget", n.forget));
    }
    let actions = if n.invoke > 0 { format!(" Actions: {} to invoke.", n.invoke) } else { String::new() };
    out.push_str(&format!("\n{} {}.{actions}\n", paint.bold("Plan:"), parts.join(", ")));
}

fn output_changes(out: &mut String, plan: &Plan, paint: Paint) {
    out.push_str(&format!("\n{}\n", paint.bold("Changes to Outputs:")));
    let changed: Vec<_> = plan.outputs.iter().filter(|(_, o)| o.action != Action::NoOp).collect();
    let width = changed.iter().map(|(n, _)| n.len()).max().unwrap_or(0);
    let r = Renderer { paint, forces: &[], all: false };
    for (name, o) in changed {
        let hide = |v: &Value| {
            if o.sensitive && !v.is_null() { v.clone().mark(groma_value::Mark::Sensitive) } else { v.clone() }
        };
        let sign = match o.action {
            Action::Create => Sign::Add,
            Action::Delete => Sign::Remove,
            _ => Sign::Change,
        };
        out.push_str(&format!("  {} {name:width$} = ", paint.sign(sign)));
        r.change(out, &hide(&o.before), &hide(&o.after), sign, 2);
        out.push('\n');
    }
}

/// Outputs as they are now.
pub fn outputs(values: &std::collections::BTreeMap<String, groma_state::OutputValue>) -> String {
    let mut out = String::new();
    for (name, o) in values {
        let text = if o.sensitive {
            "<sensitive>".to_owned()
        } else {
            groma_lang::console_format::format_console(&o.value)
        };
        out.push_str(&format!("{name} = {text}\n"));
    }
    out
}

/// An object as it is in a state, in the form of its block.
pub fn object(addr: &str, note: &str, header: &str, schema: &Schema, value: &Value) -> String {
    let r = Renderer { paint: Paint { on: false }, forces: &[], all: true };
    let mut text = String::new();
    r.block(&mut text, &schema.block, value, value, &Path::new(), 2);
    let mut out = format!("# {addr}:{note}\n{header} {{\n");
    out.push_str(&text);
    out.push_str("}\n");
    out
}
