//! `import` blocks against the resources that they import to.

use crate::decode::check::names_resource;
use crate::decode::{place, traversal};
use crate::model::{Import, ModuleNode, Resource};
use groma_lang::ast::{Traversal, TraversalStep};
use groma_lang::eval::Bindings;
use groma_lang::functions::Functions;
use groma_lang::{Diagnostics, Expr, ExprKind, Sources};
use groma_value::addr::{AbsResource, Target};
use std::collections::BTreeMap;

/// Checks the `import` blocks of the root module.
pub(super) fn check(root: &ModuleNode, sources: &Sources, diags: &mut Diagnostics) {
    let mut seen: BTreeMap<String, &Import> = BTreeMap::new();
    for i in &root.module.imports {
        target(root, i, diags);
        constant_id(i, diags);
        let Some(Ok(to)) = i.to.as_traversal().map(|t| traversal::target(&t)) else { continue };
        let to = to.to_string();
        match seen.get(&to) {
            Some(first) => diags.error(
                i.to.span,
                format!("Duplicate import configuration for \"{to}\""),
                format!("There is an import block for {to} already, at {}.", place(sources, first.span)),
            ),
            None => _ = seen.insert(to, i),
        }
    }
}

/// Refuses an id that is written as one and cannot be one.
fn constant_id(i: &Import, diags: &mut Diagnostics) {
    let Some(id) = i.id.as_ref().filter(|id| id.references().is_empty()) else { return };
    let functions = Functions::default();
    let names = Bindings::new::<groma_value::Name>([], &functions);
    // What cannot be evaluated without anything is left to the plan.
    let value = groma_lang::eval::evaluate(id, &names, &mut Diagnostics::new());
    let why = match value.as_str() {
        Some("") => "is an empty text: give the id of an existing object",
        None if value.is_null() => "is null: give the id of an existing object",
        _ => return,
    };
    diags.error(id.span, "Invalid import id argument", format!("The id {why}."));
}

fn target(root: &ModuleNode, i: &Import, diags: &mut Diagnostics) {
    let to = &i.to;
    if i.for_each.is_none()
        && let Some(t) = to.references().iter().find(|t| &*t.root.name == "each")
    {
        diags.error(
            t.span,
            "Invalid expression",
            "Without \"for_each\" in the import block, keys in the address must be constant.",
        );
        return;
    }
    if let Some(call) = called_key(to) {
        diags.error(
            call.span,
            "Function calls not allowed",
            "No function may be called in the key of an address.",
        );
        return;
    }
    let Some(Ok(Target::Resource(addr))) = without_keys(to).as_traversal().map(|t| traversal::target(&t))
    else {
        return;
    };
    let AbsResource { module, resource } = &addr;
    let mut node = root;
    for (name, _) in module.steps() {
        match node.children.get(name) {
            Some(child) => node = child,
            None => {
                missing(to, &addr.to_string(), diags);
                return;
            }
        }
    }
    let Some(found) = node.module.resources.get(resource) else {
        // In the root module, configuration can be generated for it.
        if !module.is_root() || i.for_each.is_some() {
            missing(to, &addr.to_string(), diags);
        }
        return;
    };
    if let Some(why) = misfit(to, found) {
        diags.error(to.span, "Invalid import 'to' expression", format!("{resource} {why}."));
    }
    if module.is_root() {
        for t in i.id.iter().flat_map(Expr::references).filter(|t| names_resource(t, resource)) {
            diags.error(
                t.span,
                "Invalid import id argument",
                "The id must be known before the object is imported: it cannot come from the object itself.",
            );
        }
    }
}

/// Why the last key of an address cannot be one of the resource's, as far as that shows without
/// values.
fn misfit(to: &Expr, found: &Resource) -> Option<&'static str> {
    let ExprKind::Index(_, key) = &to.kind else {
        return match (&found.count, &found.for_each) {
            (Some(_), _) => Some("has \"count\": say which of its instances is meant, as in [0]"),
            (_, Some(_)) => Some("has \"for_each\": say which of its instances is meant, as in [\"key\"]"),
            _ => None,
        };
    };
    let each_key = |t: &Traversal| {
        &*t.root.name == "each" && matches!(&t.steps[..], [TraversalStep::Attr(a)] if &*a.name == "key")
    };
    let (text, number) = match &key.kind {
        ExprKind::Literal(v) => (v.as_str().is_some(), matches!(v, groma_value::Value::Number(_))),
        _ => (key.as_traversal().is_some_and(|t| each_key(&t)), false),
    };
    match (text, number) {
        (true, _) if found.for_each.is_none() => {
            Some("has no \"for_each\", so none of its instances has a text as its key")
        }
        (_, true) if found.count.is_none() => {
            Some("has no \"count\", so none of its instances has a number as its key")
        }
        _ => None,
    }
}

fn missing(to: &Expr, addr: &str, diags: &mut Diagnostics) {
    diags.error(
        to.span,
        "Configuration for import target does not exist",
        format!("There is no {addr} in the configuration. Configuration can be generated only for single resources of the root module."),
    );
}

/// A key of the address that is the result of a function.
fn called_key(e: &Expr) -> Option<&Expr> {
    match &e.kind {
        ExprKind::Index(_, key) if matches!(key.kind, ExprKind::Call { .. }) => Some(key),
        ExprKind::GetAttr(s, _) | ExprKind::Index(s, _) => called_key(s),
        _ => None,
    }
}

/// The address without the keys of instances.
fn without_keys(e: &Expr) -> Expr {
    match &e.kind {
        ExprKind::GetAttr(s, a) => {
            Expr { kind: ExprKind::GetAttr(Box::new(without_keys(s)), a.clone()), span: e.span }
        }
        ExprKind::Index(s, _) => without_keys(s),
        _ => e.clone(),
    }
}
