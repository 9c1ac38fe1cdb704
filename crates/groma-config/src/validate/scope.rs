//! Whether a reference means something where it stands.

use crate::content::did_you_mean;
use crate::decode::traversal::step_span;
use crate::model::ModuleNode;
use crate::references::{Reference, Subject, list_of, parse_reference};
use groma_lang::ast::{TemplatePart, Traversal, TraversalStep, value_arguments};
use groma_lang::{Diagnostics, Expr, ExprKind, Span};
use groma_value::Name;
use groma_value::addr::{Key, Mode, Resource as ResourceAddr};

/// What may be named besides what is declared.
#[derive(Clone, Copy, Default)]
pub(super) struct Context<'a> {
    /// `count.index`
    pub count: bool,
    /// `each.key`, `each.value`
    pub each: bool,
    /// `self`
    pub own: bool,
    /// `list.TYPE.NAME`
    pub lists: bool,
    /// The check whose data source may be named.
    pub check: Option<&'a Name>,
}

/// The module in words.
pub(super) fn named(node: &ModuleNode) -> String {
    if node.path.is_root() { "the root module".into() } else { node.path.to_string() }
}

/// Checks one reference. Gives it, if its form is right.
pub(super) fn check(
    t: &Traversal,
    node: &ModuleNode,
    cx: Context<'_>,
    diags: &mut Diagnostics,
) -> Option<Reference> {
    if &*t.root.name == "list" && !node.module.lists.is_empty() {
        list(t, node, cx, diags);
        return None;
    }
    let r = match parse_reference(t) {
        Ok(r) => r,
        Err(d) => {
            diags.push(*d);
            return None;
        }
    };
    let module = &node.module;
    match &r.subject {
        Subject::Variable(name) => {
            if !module.variables.contains_key(name) {
                let hint = did_you_mean(name, module.variables.keys().map(|k| &**k));
                undeclared(r.span, "input variable", format!("There is no variable \"{name}\" in {}.{hint}", named(node)), diags);
            }
        }
        Subject::Local(name) => {
            if !module.locals.contains_key(name) {
                let hint = did_you_mean(name, module.locals.keys().map(|k| &**k));
                undeclared(r.span, "local value", format!("There is no local value \"{name}\" in {}.{hint}", named(node)), diags);
            }
        }
        Subject::Resource { addr, key } => resource(addr, key, &r, node, cx, diags),
        Subject::Module { name, .. } => {
            if !module.calls.contains_key(name) {
                let hint = did_you_mean(name, module.calls.keys().map(|k| &**k));
                undeclared(r.span, "module", format!("There is no module call \"{name}\" in {}.{hint}", named(node)), diags);
            }
        }
        Subject::EachKey if !cx.each => diags.error(
            r.span,
            "Reference to \"each\" in context without for_each",
            "\"each\" means something only in resource, data and module blocks with the argument \"for_each\".",
        ),
        Subject::EachValue if !cx.each => diags.error(
            r.span,
            "each.value cannot be used in this context",
            "\"each\" means something only in resource, data and module blocks with the argument \"for_each\".",
        ),
        Subject::CountIndex if !cx.count => diags.error(
            r.span,
            "Reference to \"count\" in non-counted context",
            "\"count\" means something only in resource, data and module blocks with the argument \"count\".",
        ),
        Subject::SelfObject if !cx.own => diags.error(
            r.span,
            "Invalid \"self\" reference",
            "\"self\" means something only in provisioners, connections and postconditions of a resource.",
        ),
        Subject::Path(name) => attribute(&r, "path", name, &["module", "root", "cwd"], diags),
        Subject::Terraform(name) => attribute(&r, "terraform", name, &["workspace", "applying"], diags),
        Subject::EachKey | Subject::EachValue | Subject::CountIndex | Subject::SelfObject => {}
    }
    Some(r)
}

/// What a list found, as query files name it.
fn list(t: &Traversal, node: &ModuleNode, cx: Context<'_>, diags: &mut Diagnostics) {
    let Some((ty, name)) = list_of(t) else {
        let detail =
            "What a list found is named by list.TYPE.NAME and an attribute: list.TYPE.NAME.data[0].identity.";
        return diags.error(t.span, "Invalid reference", detail);
    };
    if !cx.lists {
        let detail = "What a list finds may be named only in other list blocks.";
        return diags.error(t.span, "Invalid reference", detail);
    }
    let same = |l: &&crate::model::List| l.asked.ty.name == *ty && l.asked.name.name == *name;
    if !node.module.lists.iter().any(|l| same(&l)) {
        let others = node.module.lists.iter().filter(|l| l.asked.ty.name == *ty);
        let hint = did_you_mean(name, others.map(|l| &*l.asked.name.name));
        undeclared(
            t.span,
            "list",
            format!("There is no list \"{ty}\" \"{name}\" in the query files.{hint}"),
            diags,
        );
    }
}

fn undeclared(span: Span, what: &str, detail: String, diags: &mut Diagnostics) {
    diags.error(span, format!("Reference to undeclared {what}"), detail);
}

fn attribute(r: &Reference, object: &str, name: &Name, known: &[&str], diags: &mut Diagnostics) {
    if !known.contains(&&**name) {
        let hint = did_you_mean(name, known.iter().copied());
        diags.error(
            r.span,
            format!("Invalid \"{object}\" attribute"),
            format!("\"{object}\" has no attribute \"{name}\".{hint} There are: {}.", known.join(", ")),
        );
    }
}

fn resource(
    addr: &ResourceAddr,
    key: &Key,
    r: &Reference,
    node: &ModuleNode,
    cx: Context<'_>,
    diags: &mut Diagnostics,
) {
    let Some(found) = node.module.resources.get(addr) else {
        let kind = match addr.mode {
            Mode::Managed => "resource",
            Mode::Data => "data",
            Mode::Ephemeral => "ephemeral",
        };
        let ResourceAddr { ty, name, .. } = addr;
        let mut detail = format!("There is no {kind} \"{ty}\" \"{name}\" in {}.", named(node));
        let others = || node.module.resources.keys();
        if let Some(o) = others().find(|o| o.mode != addr.mode && o.ty == *ty && o.name == *name) {
            detail += &format!(" Did you mean {o}?");
        } else {
            let same = others().filter(|o| o.mode == addr.mode && o.ty == *ty);
            detail += &did_you_mean(name, same.map(|o| &*o.name));
        }
        undeclared(r.span, "resource", detail, diags);
        return;
    };
    if found.check.is_some() && found.check.as_ref() != cx.check {
        diags.error(
            r.span,
            "Reference to scoped resource",
            format!("{addr} belongs to a check block and means something only within it."),
        );
        return;
    }
    let repeated = match (&found.count, &found.for_each) {
        (Some(_), _) => Some(("count", "count.index")),
        (_, Some(_)) => Some(("for_each", "each.key")),
        _ => None,
    };
    match (repeated, key) {
        (None, Key::Int(_) | Key::Str(_)) => diags.error(
            r.span,
            "Unexpected resource instance key",
            format!("{addr} has neither \"count\" nor \"for_each\", so there is one instance and no key: leave out the brackets."),
        ),
        (Some((argument, example)), Key::None) => {
            if let Some(TraversalStep::Attr(a)) = r.remaining.first() {
                let span = r.span;
                debug_assert!(span.end <= step_span(&r.remaining[0]).end);
                diags.error(
                    span,
                    "Missing resource instance key",
                    format!(
                        "{addr} has \"{argument}\", so an attribute belongs to one of its instances. Name one, as in \
                         {addr}[{example}].{0}, or all, as in {addr}[*].{0}.",
                        a.name
                    ),
                );
            }
        }
        _ => {}
    }
}

/// Checks that outputs of modules are declared, as far as they are certainly
/// evaluated: what is in a branch, in `try` or in the body of a loop may be wrong
/// as long as it is not needed.
pub(super) fn check_outputs(e: &Expr, node: &ModuleNode, diags: &mut Diagnostics) {
    let mut go = |e: &Expr| check_outputs(e, node, diags);
    match &e.kind {
        ExprKind::Literal(_) | ExprKind::Variable(_) | ExprKind::SplatItem => {}
        ExprKind::Template(parts) => {
            for p in parts {
                match p {
                    TemplatePart::Interpolation(e)
                    | TemplatePart::If { condition: e, .. }
                    | TemplatePart::For { collection: e, .. } => go(e),
                    TemplatePart::Text(..) => {}
                }
            }
        }
        ExprKind::TemplateWrap(e) | ExprKind::Parens(e) | ExprKind::Unary(_, e) => go(e),
        ExprKind::Tuple(items) => items.iter().for_each(go),
        ExprKind::Object(items) => {
            for i in items {
                go(&i.key);
                go(&i.value);
            }
        }
        ExprKind::Binary(_, a, b) => {
            go(a);
            go(b);
        }
        ExprKind::Conditional(e, _, _) | ExprKind::Splat { source: e, .. } => go(e),
        ExprKind::For(f) => go(&f.collection),
        ExprKind::Call { name, args, .. } => {
            if !matches!(name.name.strip_prefix("core::").unwrap_or(&name.name), "try" | "can") {
                value_arguments(name, args).iter().for_each(go);
            }
        }
        ExprKind::GetAttr(source, _) => {
            go(source);
            output(e, node, diags);
        }
        ExprKind::Index(source, key) => {
            go(source);
            go(key);
        }
    }
}

/// Checks `module.x.y` and `module.x[k].y`.
fn output(e: &Expr, node: &ModuleNode, diags: &mut Diagnostics) {
    let Some(t) = e.as_traversal() else { return };
    let Ok(Reference { subject: Subject::Module { name, key, output: Some(output) }, remaining, .. }) =
        parse_reference(&t)
    else {
        return;
    };
    let (Some(call), Some(child)) = (node.module.calls.get(&name), node.children.get(&name)) else { return };
    if !remaining.is_empty() {
        return; // Part of a longer chain, whose beginning is checked by itself.
    }
    let outputs = &child.module.outputs;
    if let Some(why) = outputs.get(&output.name).and_then(|o| o.deprecated.as_ref()) {
        let detail = format!("module.{name}.{} should not be used any more: {why}", output.name);
        diags.warning(output.span, "Deprecated output", detail);
    }
    if key == Key::None && call.count.is_some() {
        diags.error(
            output.span,
            "Unsupported attribute",
            format!(
                "module.{name} has \"count\" and is a list: name one instance, as in module.{name}[0].{0}, or all, as in \
                 module.{name}[*].{0}.",
                output.name
            ),
        );
    } else if !(outputs.contains_key(&output.name) || key == Key::None && call.for_each.is_some()) {
        let hint = did_you_mean(&output.name, outputs.keys().map(|k| &**k));
        diags.error(
            output.span,
            "Unsupported attribute",
            format!("The module in {} has no output \"{}\".{hint}", child.module.dir.display(), output.name),
        );
    }
}
