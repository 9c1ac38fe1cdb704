//! `ignore_changes`.

use groma_config::Resource;
use groma_lang::Expr;
use groma_lang::ast::TraversalStep;
use groma_value::{PathStep, Type, Value};
use std::sync::Arc;

/// The configuration with everything that `ignore_changes` names taken from the
/// prior object.
pub(crate) fn ignore_changes(block: &Resource, prior: &Value, config: &Value) -> Value {
    if prior.is_null() {
        return config.clone();
    }
    if block.lifecycle.ignore_all {
        return prior.clone();
    }
    let mut out = config.clone();
    for e in &block.lifecycle.ignore_changes {
        if let Some(steps) = ignored_path(e) {
            out = copy_at(&out, prior, &steps);
        }
    }
    out
}

fn ignored_path(e: &Expr) -> Option<Vec<PathStep>> {
    let t = e.as_traversal()?;
    let mut steps = vec![PathStep::Attr(t.root.name.clone())];
    for s in &t.steps {
        steps.push(match s {
            TraversalStep::Attr(a) => PathStep::Attr(a.name.clone()),
            TraversalStep::Index(v, _) => PathStep::Index(v.clone()),
        });
    }
    Some(steps)
}

/// `config` with what is at `steps` taken from `prior`.
fn copy_at(config: &Value, prior: &Value, steps: &[PathStep]) -> Value {
    let Some((step, rest)) = steps.split_first() else { return prior.clone() };
    let name = match step {
        PathStep::Attr(n) => Some(n.clone()),
        PathStep::Index(Value::String(s)) => Some(s.clone()),
        PathStep::Index(_) => None,
    };
    match (config, prior, name) {
        // As in Terraform: keys in brackets are those of maps. The last one, on an object, means
        // all of the object; one before means nothing.
        (Value::Object(_), Value::Object(_), Some(_)) if matches!(step, PathStep::Index(_)) => {
            if rest.is_empty() { prior.clone() } else { config.clone() }
        }
        (Value::Object(c), Value::Object(p), Some(n)) => match (c.get(&n), p.get(&n)) {
            (Some(cv), Some(pv)) => {
                let mut f = (**c).clone();
                f.insert(n, copy_at(cv, pv, rest));
                Value::Object(Arc::new(f))
            }
            _ => config.clone(),
        },
        // Single keys of maps come, stay and go as the prior object has them.
        (Value::Map(_) | Value::Null(Type::Map(_)), Value::Map(_) | Value::Null(Type::Map(_)), Some(n)) => {
            let ty = match config.ty() {
                Type::Map(t) => (*t).clone(),
                _ => Type::Dynamic,
            };
            let empty = groma_value::Fields::new();
            let c = config.as_fields().unwrap_or(&empty);
            let p = prior.as_fields().unwrap_or(&empty);
            let mut items = c.clone();
            match p.get(&n) {
                Some(v) => items.insert(n, v.clone()),
                None => {
                    items.remove(&n);
                }
            }
            if items.is_empty() && (config.is_null() || prior.is_null()) {
                return if prior.is_null() { prior.clone() } else { config.clone() };
            }
            Value::map(ty, items)
        }
        (Value::List(c), Value::List(p), None) => {
            let PathStep::Index(Value::Number(i)) = step else { return config.clone() };
            let Some(i) = i.as_usize() else { return config.clone() };
            match (c.items.get(i), p.items.get(i)) {
                (Some(cv), Some(pv)) => {
                    let mut items = c.items.clone();
                    items[i] = copy_at(cv, pv, rest);
                    Value::list(c.ty.clone(), items)
                }
                _ => config.clone(),
            }
        }
        (Value::Tuple(c), Value::Tuple(p), None) => {
            let PathStep::Index(Value::Number(i)) = step else { return config.clone() };
            let Some(i) = i.as_usize() else { return config.clone() };
            match (c.get(i), p.get(i)) {
                (Some(cv), Some(pv)) => {
                    let mut items = (**c).clone();
                    items[i] = copy_at(cv, pv, rest);
                    Value::tuple(items)
                }
                _ => config.clone(),
            }
        }
        _ => config.clone(),
    }
}
