//! `import` blocks against the resources that they import to.

use crate::decode::check::names_resource;
use crate::decode::{place, traversal};
use crate::model::{Import, ModuleNode};
use groma_lang::{Diagnostics, Expr, ExprKind, Sources};
use groma_value::addr::{AbsResource, Target};
use std::collections::BTreeMap;

/// Checks the `import` blocks of the root module.
pub(super) fn check(root: &ModuleNode, sources: &Sources, diags: &mut Diagnostics) {
    let mut seen: BTreeMap<String, &Import> = BTreeMap::new();
    for i in &root.module.imports {
        target(root, i, diags);
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
    let last_key = match &to.kind {
        ExprKind::Index(_, key) => Some(key),
        _ => None,
    };
    if let Some(key) = last_key
        && found.for_each.is_none()
        && matches!(&key.kind, ExprKind::Literal(v) if v.as_str().is_some())
    {
        diags.error(
            to.span,
            "Invalid import 'to' expression",
            format!("{resource} has no \"for_each\", so none of its instances has a string as its key."),
        );
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

fn missing(to: &Expr, addr: &str, diags: &mut Diagnostics) {
    diags.error(
        to.span,
        "Configuration for import target does not exist",
        format!("There is no {addr} in the configuration. Configuration can be generated only for single resources of the root module."),
    );
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
