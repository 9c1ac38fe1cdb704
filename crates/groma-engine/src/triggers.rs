//! `replace_triggered_by`.

use crate::plan::Action;
use crate::plan_walk::Planner;
use crate::scope::ModuleScope;
use groma_config::Resource;
use groma_lang::{Diagnostic, Expr};
use groma_value::addr::{AbsResource, Key};
use groma_value::{Path, PathStep, Value};

impl<'a> Planner<'a> {
    /// Whether a `replace_triggered_by` reference is to something that changes. `None` where one
    /// is to an instance that there is not, which is told.
    pub fn triggered(&'a self, block: &Resource, scope: &ModuleScope<'_>) -> Option<bool> {
        let mut changes = false;
        for e in &block.lifecycle.replace_triggered_by {
            changes |= self.trigger_changes(e, scope)?;
        }
        Some(changes)
    }

    fn trigger_changes(&'a self, e: &Expr, scope: &ModuleScope<'_>) -> Option<bool> {
        let Some((resource, key, path)) = self.trigger_subject(e, scope) else { return Some(false) };
        let changes = self.changes.borrow();
        let abs = AbsResource { module: scope.module.clone(), resource: resource.clone() };
        if let Some(key) = &key
            && self.waits_for(&abs.config()).is_none()
            && !changes.values().any(|c| c.addr.key == *key && c.addr.abs_resource() == abs)
            && self.walk.values.borrow().expansion(&abs).is_some_and(|x| !x.contains(key))
        {
            let detail = format!(
                "There is no {}: neither count nor for_each gives such an instance.",
                abs.instance(key.clone())
            );
            self.walk.push(Diagnostic::error("Invalid replace_triggered_by expression", detail).at(e.span));
            return None;
        }
        let changed = changes.values().any(|c| {
            if c.addr.module != scope.module
                || c.addr.resource != resource
                || key.as_ref().is_some_and(|k| *k != c.addr.key)
                || c.deposed.is_some()
            {
                return false;
            }
            match c.action {
                // Instances that come or go are no change of the resource.
                Action::NoOp | Action::Read | Action::Create | Action::Delete | Action::Forget => false,
                Action::Update | Action::DeleteThenCreate | Action::CreateThenDelete if !path.is_empty() => {
                    path.apply(&c.before) != path.apply(&c.after)
                }
                _ => true,
            }
        });
        Some(changed)
    }

    /// The resource, instance key and attribute path of a `replace_triggered_by` entry.
    fn trigger_subject(
        &'a self,
        e: &Expr,
        scope: &ModuleScope<'_>,
    ) -> Option<(groma_value::addr::Resource, Option<Key>, Path)> {
        let mut text_steps: Vec<(Option<groma_value::Name>, Option<Value>)> = Vec::new();
        let mut cur = e;
        use groma_lang::ExprKind;
        let root = loop {
            match &cur.kind {
                ExprKind::GetAttr(s, a) => {
                    text_steps.push((Some(a.name.clone()), None));
                    cur = s;
                }
                ExprKind::Index(s, k) => {
                    text_steps.push((None, Some(self.walk.eval(k, scope)?)));
                    cur = s;
                }
                ExprKind::Variable(n) => break n.clone(),
                _ => return None,
            }
        };
        text_steps.reverse();
        let mut steps = text_steps.into_iter().peekable();
        let (ty, name) = if &*root == "resource" {
            (steps.next()?.0?, steps.next()?.0?)
        } else {
            (root, steps.next()?.0?)
        };
        let mut key = None;
        if let Some((None, Some(k))) = steps.peek() {
            key = match k.peel() {
                Value::Number(n) => Some(Key::Int(n.as_usize()? as u64)),
                Value::String(s) => Some(Key::Str(s.clone())),
                _ => None,
            };
            steps.next();
        }
        let path = Path(
            steps
                .map(|(a, k)| match (a, k) {
                    (Some(a), _) => PathStep::Attr(a),
                    (None, k) => PathStep::Index(k.unwrap_or_else(Value::dynamic)),
                })
                .collect(),
        );
        Some((groma_value::addr::Resource::managed(ty, name), key, path))
    }
}
