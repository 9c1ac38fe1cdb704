//! What the user sees of plans of a platform: a line for each component, details where
//! something that exists is touched.

use super::roots::Planned;
use super::{Project, losses};
use crate::render;
use groma_engine::{Action, ResourceChange};
use std::collections::BTreeMap;

/// An action in words.
pub fn word(a: Action) -> &'static str {
    match a {
        Action::NoOp => "nothing",
        Action::Create => "create",
        Action::Read => "read",
        Action::Update => "update in place",
        Action::DeleteThenCreate => "destroy and create again",
        Action::CreateThenDelete => "create again, then destroy the old one",
        Action::Delete => "destroy",
        Action::Forget => "forget",
    }
}

/// The component that a resource belongs to, by the module that it is in: `service.web`.
pub fn component(c: &ResourceChange) -> String {
    let Some(first) = c.addr.module.steps().first().map(|(n, _)| n.to_string()) else {
        return c.addr.resource.ty.trim_start_matches("aws_").replace('_', " ");
    };
    if first.starts_with("edge_") && c.addr.resource.ty.contains("security_group") {
        return "connections".into();
    }
    for kind in KINDS {
        if let Some(name) = first.strip_prefix(kind).and_then(|r| r.strip_prefix('_')) {
            return format!("{kind}.{}", name.replace('_', "-"));
        }
    }
    first.replace('_', " ")
}

const KINDS: &[&str] = &[
    "service", "function", "job", "database", "cache", "queue", "topic", "stream", "bucket", "secret",
    "mail", "access", "role", "vpn", "module", "cdn", "registry", "peering",
];

#[derive(Default)]
struct Group {
    add: usize,
    change: usize,
    destroy: usize,
    types: BTreeMap<String, usize>,
}

/// Shows the plans of several root modules as one.
pub fn plans(p: &Project<'_>, title: &str, all: &[Planned], details: bool) {
    let s = p.s;
    let paint = s.paint();
    for a in all {
        for m in groma_engine::json::stream::plan(&a.plan) {
            s.ui.message(&m);
        }
    }
    let mut out = format!("\n{}\n", paint.bold(title));
    let total = super::apply::total(all);
    let mut lost = Vec::new();
    for a in all {
        let mut groups: BTreeMap<String, Group> = BTreeMap::new();
        let mut touched: Vec<&ResourceChange> = Vec::new();
        for c in a.plan.changes.iter().filter(|c| !matches!(c.action, Action::NoOp | Action::Read)) {
            let g = groups.entry(component(c)).or_default();
            let ty = c.addr.resource.ty.trim_start_matches("aws_").replace('_', " ");
            *g.types.entry(ty).or_default() += 1;
            match c.action {
                Action::Create => g.add += 1,
                Action::Delete | Action::Forget => g.destroy += 1,
                Action::Update => g.change += 1,
                _ => {
                    g.add += 1;
                    g.destroy += 1;
                }
            }
            if !matches!(c.action, Action::Create | Action::Delete) {
                touched.push(c);
            }
        }
        lost.extend(losses::losses(a));
        let deferred = render::plan::deferred(&a.plan, &a.ready.config, &s.sources, paint);
        if groups.is_empty() && a.imports.is_empty() && deferred.is_empty() {
            out.push_str(&format!("\n  {}: no changes\n", a.root.title));
            continue;
        }
        out.push_str(&format!("\n  {}\n", paint.bold(&a.root.title)));
        if details {
            out.push_str(&render::plan::plan(&a.plan, &a.ready.context.schemas, paint));
            out.push_str(&deferred);
            continue;
        }
        let width = groups.keys().map(String::len).max().unwrap_or(0).max(12);
        for (name, g) in &groups {
            let mut counts = Vec::new();
            for (n, sign, color) in [(g.add, '+', "32"), (g.change, '~', "33"), (g.destroy, '-', "31")] {
                if n > 0 {
                    counts.push(paint.code(color, &format!("{sign}{n}")));
                }
            }
            let types: Vec<String> =
                g.types.iter().map(|(t, n)| if *n > 1 { format!("{n} {t}") } else { t.clone() }).collect();
            let plain: usize = [g.add, g.change, g.destroy]
                .iter()
                .filter(|n| **n > 0)
                .map(|n| n.to_string().len() + 1)
                .sum::<usize>()
                + counts.len().saturating_sub(1);
            let pad = " ".repeat(9usize.saturating_sub(plain));
            out.push_str(&format!(
                "    {name:width$}  {}{pad}  {}\n",
                counts.join(" "),
                shortened(&types, 100)
            ));
        }
        if !a.imports.is_empty() {
            out.push_str("    Made by the run that was interrupted, and taken over:\n");
            for (addr, id) in &a.imports {
                out.push_str(&format!("      {addr}  {id}\n"));
            }
        }
        for c in touched {
            let schema = a
                .ready
                .context
                .schemas
                .get(&c.provider.provider.provider)
                .and_then(|s| s.resource(&c.addr.resource.ty));
            render::plan::change(&mut out, c, schema.as_deref(), paint);
        }
        out.push_str(&deferred);
    }
    if !lost.is_empty() {
        out.push_str(&format!("\n{}\n", paint.bold("Data that is lost:")));
        for loss in &lost {
            out.push_str(&paint.code("31", &format!("  {loss}")));
            out.push('\n');
        }
    }
    let nothing_deferred = all.iter().all(|a| a.plan.deferred.is_empty());
    if total.add + total.change + total.destroy + total.import + total.forget == 0 && nothing_deferred {
        out.push_str("\nNothing to do: everything is as described.\n");
    } else {
        out.push_str(&format!(
            "\n{} {}{} to add, {} to change, {} to destroy.\n",
            paint.bold("Plan:"),
            if total.import > 0 { format!("{} to take over, ", total.import) } else { String::new() },
            total.add,
            total.change,
            total.destroy
        ));
        if !details && total.add + total.destroy > 0 {
            out.push_str("For every resource with its attributes: -details\n");
        }
    }
    s.ui.out(&out);
}

/// As many of the words as fit.
fn shortened(words: &[String], width: usize) -> String {
    let mut out = String::new();
    for (i, w) in words.iter().enumerate() {
        let last = i + 1 == words.len();
        if !out.is_empty() && !last && out.len() + w.len() + 2 > width {
            out.push_str(&format!(", and {} more kinds", words.len() - i));
            break;
        }
        if i > 0 {
            out.push_str(", ");
        }
        out.push_str(w);
    }
    out
}
