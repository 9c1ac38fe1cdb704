//! Goes over all expressions of a configuration with what may be named in each.

use super::scope::{self, Context};
use crate::decode::check::names_resource;
use crate::model::{Asked, CheckRule, ModuleNode, Resource};
use crate::references::{Subject, body_references, certain_references, parse_reference};
use groma_lang::ast::Traversal;
use groma_lang::{Body, Diagnostics, Expr};

/// Checks all references of a module and of those below it.
pub(super) fn check(node: &ModuleNode, diags: &mut Diagnostics) {
    Walk { node, diags }.module();
    for child in node.children.values() {
        check(child, diags);
    }
}

struct Walk<'a> {
    node: &'a ModuleNode,
    diags: &'a mut Diagnostics,
}

impl Walk<'_> {
    fn refs(&mut self, refs: impl IntoIterator<Item = Traversal>, cx: Context<'_>) {
        for t in refs {
            scope::check(&t, self.node, cx, self.diags);
        }
    }
    fn expr(&mut self, e: &Expr, cx: Context<'_>) {
        self.refs(e.references(), cx);
        scope::check_outputs(e, self.node, self.diags);
    }
    fn body(&mut self, body: &Body, cx: Context<'_>) {
        self.refs(certain_references(body), cx);
        self.outputs(body);
    }
    fn outputs(&mut self, body: &Body) {
        for a in body.attributes.iter().filter(|a| !(body.json && &*a.name.name == "dynamic")) {
            scope::check_outputs(&a.expr, self.node, self.diags);
        }
        for b in &body.blocks {
            if &*b.ty.name != "dynamic" {
                self.outputs(&b.body);
            } else if let Some(a) = b.body.attribute("for_each") {
                scope::check_outputs(&a.expr, self.node, self.diags);
            }
        }
    }
    fn rule(&mut self, r: &CheckRule, cx: Context<'_>) {
        self.expr(&r.condition, cx);
        self.expr(&r.error_message, cx);
    }

    fn module(&mut self) {
        let module = self.node.module.clone();
        let plain = Context::default();
        for v in module.variables.values() {
            for r in &v.validations {
                self.rule(r, plain);
            }
        }
        for l in module.locals.values() {
            self.expr(&l.expr, plain);
        }
        for p in module.provider_configs.values() {
            if let Some(e) = &p.for_each {
                self.expr(e, plain);
            }
            self.body(&p.body, Context { each: p.for_each.is_some(), ..plain });
        }
        for r in module.resources.values() {
            self.resource(r);
        }
        for call in module.calls.values() {
            for e in call.repetition() {
                self.expr(e, plain);
            }
            self.depends_on(&call.depends_on, plain);
            let cx = Context { count: call.count.is_some(), each: call.for_each.is_some(), ..plain };
            for a in &call.body.attributes {
                self.expr(&a.expr, cx);
            }
            for key in call.providers.iter().flatten().filter_map(|p| p.key.as_ref()) {
                self.expr(key, cx);
            }
        }
        for i in &module.imports {
            let each = i.for_each.is_some();
            if let Some(e) = &i.for_each {
                self.expr(e, plain);
            }
            for e in i.id.iter().chain(&i.identity).chain(&i.provider_key) {
                self.expr(e, Context { each, ..plain });
            }
        }
        for l in &module.lists {
            let cx = self.asked(&l.asked, Context { lists: true, ..plain });
            for e in l.include_resource.iter().chain(&l.limit) {
                self.expr(e, cx);
            }
        }
        for a in module.actions.values() {
            self.asked(a, plain);
        }
        for c in module.checks.values() {
            for a in &c.asserts {
                self.rule(a, Context { check: Some(&c.name.name), ..plain });
            }
        }
        for o in module.outputs.values() {
            self.expr(&o.expr, plain);
            self.depends_on(&o.depends_on, plain);
            for r in &o.preconditions {
                self.rule(r, plain);
            }
        }
    }

    /// What a block asks a provider, with what may be used in it.
    fn asked<'c>(&mut self, a: &Asked, plain: Context<'c>) -> Context<'c> {
        for e in a.count.iter().chain(&a.for_each) {
            self.expr(e, plain);
        }
        let cx = Context { count: a.count.is_some(), each: a.for_each.is_some(), ..plain };
        if let Some(e) = &a.provider_key {
            self.expr(e, cx);
        }
        self.body(&a.config, cx);
        cx
    }

    fn triggers(&mut self, r: &Resource, cx: Context<'_>) {
        for t in &r.lifecycle.triggers {
            if let Some(c) = &t.condition {
                self.expr(c, cx);
            }
            for a in &t.actions {
                if let Some(key) = &a.key {
                    self.expr(key, cx);
                }
                if self.node.module.actions.contains_key(&(a.ty.clone(), a.name.clone())) {
                    continue;
                }
                self.diags.error(
                    a.span,
                    "Reference to undeclared action",
                    format!("There is no block action \"{}\" \"{}\" in this module.", a.ty, a.name),
                );
            }
        }
    }

    fn resource(&mut self, r: &Resource) {
        let plain = Context { check: r.check.as_ref(), ..Context::default() };
        for e in r.repetition() {
            self.expr(e, plain);
        }
        let cx = Context { count: r.count.is_some(), each: r.for_each.is_some(), ..plain };
        let with_self = Context { own: true, ..cx };
        self.depends_on(&r.depends_on, cx);
        if let Some(e) = &r.provider_key {
            self.expr(e, cx);
        }
        self.body(&r.body, cx);
        self.triggers(r, cx);
        for rule in &r.lifecycle.preconditions {
            self.rule(rule, cx);
        }
        for rule in &r.lifecycle.postconditions {
            self.rule(rule, with_self);
        }
        for p in &r.provisioners {
            self.body(&p.body, with_self);
            if let Some(c) = &p.connection {
                self.body(c, with_self);
            }
        }
        // A connection without a provisioner that uses it is never looked at.
        if let Some(c) = &r.connection
            && r.provisioners.iter().any(|p| p.connection.is_none())
        {
            self.body(c, with_self);
        }
    }

    fn depends_on(&mut self, list: &[Expr], cx: Context<'_>) {
        let cx = Context { own: true, ..cx };
        for t in list.iter().filter_map(Expr::as_traversal) {
            let Some(r) = scope::check(&t, self.node, cx, self.diags) else { continue };
            if let Some(step) = r.remaining.first() {
                self.diags.error(
                    crate::decode::traversal::step_span(step),
                    "Invalid depends_on reference",
                    "One waits for a whole object: name the resource or module, not an attribute of it.",
                );
            }
        }
    }
}

/// Reports resources whose content refers to the resource itself. Terraform
/// finds this when it plans, not when it validates.
pub fn check_self_references(node: &ModuleNode, diags: &mut Diagnostics) {
    for r in node.module.resources.values() {
        let mut refs: Vec<Traversal> = r.repetition_references();
        refs.extend(body_references(&r.body, None));
        for t in refs.iter().filter(|t| names_resource(t, &r.addr)) {
            // One instance may refer to another one.
            let other = matches!(parse_reference(t), Ok(p) if matches!(&p.subject,
                Subject::Resource { key, .. } if *key != groma_value::addr::Key::None));
            if !other {
                diags.error(
                    t.span,
                    "Self-referential block",
                    format!(
                        "{} refers to itself: its values would have to be known before they are.",
                        r.addr
                    ),
                );
            }
        }
    }
    for child in node.children.values() {
        check_self_references(child, diags);
    }
}
