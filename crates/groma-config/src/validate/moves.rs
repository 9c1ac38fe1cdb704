//! `moved` and `removed` blocks, as far as they can be judged without knowing
//! which instances there are.

use crate::decode::place;
use crate::model::{ModuleNode, Moved};
use groma_lang::{Diagnostic, Diagnostics, Sources};
use groma_value::addr::{Key, ModulePath, Target};
use std::collections::{BTreeMap, BTreeSet};

/// A statement with its addresses made absolute.
struct Statement<'a> {
    moved: &'a Moved,
    from: String,
    to: String,
}

/// Reports moves that are redundant, ambiguous or cyclic, and moves and removals
/// of what is still declared. Terraform does so when it plans, not when it
/// validates.
pub fn check_moves(root: &ModuleNode, sources: &Sources, diags: &mut Diagnostics) {
    let mut all = Vec::new();
    collect(root, &mut all, diags, sources);
    all.sort_by_key(|s| s.moved.span);
    let mut by_from: BTreeMap<&str, &Statement<'_>> = BTreeMap::new();
    let mut by_to: BTreeMap<&str, &Statement<'_>> = BTreeMap::new();
    for s in &all {
        let span = s.moved.span;
        if s.from == s.to {
            diags.error(
                span,
                "Redundant move statement",
                format!("{} is moved to where it is: the block says nothing.", s.from),
            );
            continue;
        }
        if let Some(first) = by_from.get(&*s.from) {
            if first.to != s.to {
                let detail = format!(
                    "{} moved to {} according to the block at {}, and to {} according to this one.",
                    s.from,
                    first.to,
                    place(sources, first.moved.span),
                    s.to
                );
                diags.error(span, "Ambiguous move statements", detail);
            }
        } else {
            by_from.insert(&s.from, s);
        }
        if let Some(first) = by_to.get(&*s.to) {
            if first.from != s.from {
                let detail = format!(
                    "{} moved from {} according to the block at {}, and from {} according to this one.",
                    s.to,
                    first.from,
                    place(sources, first.moved.span),
                    s.from
                );
                diags.error(span, "Ambiguous move statements", detail);
            }
        } else {
            by_to.insert(&s.to, s);
        }
    }
    cycles(&by_from, sources, diags);
}

fn cycles(by_from: &BTreeMap<&str, &Statement<'_>>, sources: &Sources, diags: &mut Diagnostics) {
    let mut done: BTreeSet<&str> = BTreeSet::new();
    for start in by_from.keys() {
        let mut chain: Vec<&Statement<'_>> = Vec::new();
        let mut at = *start;
        while let Some(s) = by_from.get(at) {
            if !done.insert(at) {
                break;
            }
            chain.push(s);
            at = &s.to;
        }
        // A chain that comes back to one of its own links is a cycle from there on.
        let Some(first) = chain.iter().position(|s| s.from == at) else { continue };
        let mut detail =
            String::from("These moves lead in a circle, so there is no place where the object ends up:");
        for s in &chain[first..] {
            detail += &format!("\n  - {}: {} to {}", place(sources, s.moved.span), s.from, s.to);
        }
        diags.push(Diagnostic::error("Cyclic dependency in move statements", detail));
    }
}

fn collect<'a>(
    node: &'a ModuleNode,
    all: &mut Vec<Statement<'a>>,
    diags: &mut Diagnostics,
    sources: &Sources,
) {
    for moved in &node.module.moved {
        let (from, to) = (absolute(&node.path, &moved.from), absolute(&node.path, &moved.to));
        if let Some((what, at)) = declared(node, &moved.from, &moved.to) {
            diags.error(
                moved.span,
                "Moved object still exists",
                format!(
                    "{from} is said to have moved to {to}, but {what} is still declared, at {}.",
                    place(sources, at)
                ),
            );
        }
        all.push(Statement { moved, from, to });
    }
    for r in &node.module.removed {
        if let Some((what, at)) = declared(node, &r.from, &r.from) {
            let kind = if matches!(r.from, Target::Module(_)) { "module" } else { "resource" };
            diags.error(
                at,
                format!("Removed {kind} still exists"),
                format!(
                    "A removed block at {} says that {what} was removed, but here it is.",
                    place(sources, r.span)
                ),
            );
        }
    }
    for child in node.children.values() {
        collect(child, all, diags, sources);
    }
}

fn absolute(path: &ModulePath, target: &Target) -> String {
    if path.is_root() { target.to_string() } else { format!("{path}.{target}") }
}

/// Whether all of what `from` names is still declared, and where. Single
/// instances are left to those who know which there are.
fn declared(node: &ModuleNode, from: &Target, to: &Target) -> Option<(String, groma_lang::Span)> {
    let whole = |t: &Target| {
        let last_key = t.module().last().map_or(Key::None, |(_, k)| k.clone());
        match t {
            Target::Instance(_) => false,
            Target::Resource(_) => true,
            Target::Module(_) => last_key == Key::None,
        }
    };
    if !whole(from) || !whole(to) {
        return None;
    }
    let steps = from.module().steps();
    let (steps, call) = match from {
        Target::Module(_) => steps.split_last().map(|(last, rest)| (rest, Some(&last.0)))?,
        _ => (steps, None),
    };
    let mut at = node;
    for (name, key) in steps {
        if *key != Key::None {
            return None;
        }
        at = at.children.get(name)?;
    }
    match (from, call) {
        (Target::Resource(r), _) => {
            let found = at.module.resources.get(&r.resource)?;
            Some((r.resource.to_string(), found.span))
        }
        (_, Some(name)) => {
            let found = at.module.calls.get(name)?;
            Some((format!("module.{name}"), found.span))
        }
        _ => None,
    }
}
