//! Planning: what `PlanResourceChange` of the real provider answers, from the schema and from what
//! was measured of the type.

mod special;

use std::collections::{BTreeMap, BTreeSet};

use groma_value::schema::{Attribute, Block, NestedBlock};
use groma_value::{Name, Path, PathStep, Type, Value};

use crate::behaviour::Behaviour;

/// A planned change.
pub(crate) struct Planned {
    pub value: Value,
    pub requires_replace: Vec<Path>,
}

/// What is needed to plan objects of a type.
pub(crate) struct Planner<'a> {
    pub ty: &'a str,
    pub block: &'a Block,
    pub behaviour: &'a Behaviour,
    /// The provider's `default_tags`.
    pub default_tags: &'a BTreeMap<String, Value>,
}

/// Where an attribute is, with and without indices.
#[derive(Clone, Default)]
struct At {
    path: Path,
    plain: String,
}

impl At {
    fn attr(&self, name: &Name) -> At {
        let dot = if self.plain.is_empty() { "" } else { "." };
        At { path: self.path.attr(name.clone()), plain: format!("{}{dot}{name}", self.plain) }
    }
    fn index(&self, key: Value) -> At {
        At { path: self.path.index(key), plain: self.plain.clone() }
    }
}

impl Planner<'_> {
    /// Plans a creation.
    pub fn create(&self, config: &Value) -> Value {
        let planned = self.fill(self.block, config, None, config, &At::default());
        let planned = special::names_of_certificate(self.ty, planned, None);
        self.with_tags_all(planned, None)
    }

    /// Plans a change of an object.
    pub fn update(&self, prior: &Value, proposed: &Value, config: &Value) -> Planned {
        let planned = self.fill(self.block, proposed, Some(prior), config, &At::default());
        let planned = special::names_of_certificate(self.ty, planned, Some(prior));
        let planned = self.with_tags_all(planned, Some(prior));
        let mut changes = Changes { behaviour: self.behaviour, paths: BTreeSet::new(), replace: Vec::new() };
        changes.block(self.block, prior, &planned, &At::default());
        if !changes.replace.is_empty() && self.behaviour.legacy() {
            changes.replace.push(Path::new().attr("id"));
        }
        if changes.paths.is_empty() {
            return Planned { value: prior.clone(), requires_replace: Vec::new() };
        }
        let mut value = planned;
        for path in self.behaviour.unknown_after(&changes.paths) {
            let names: Vec<&str> = path.split('.').collect();
            value = unknown_at(&value, config, &names);
        }
        Planned { value, requires_replace: changes.replace }
    }

    /// The value with defaults and unknowns in place of what is not configured.
    fn fill(&self, block: &Block, v: &Value, prior: Option<&Value>, config: &Value, at: &At) -> Value {
        let Value::Object(fields) = v else { return v.clone() };
        let part = |v: &Value, n: &Name| v.get_attr(n).filter(|_| !v.is_null());
        Value::object(fields.iter().map(|(n, v)| {
            let at = at.attr(n);
            let (prior, config) = (prior.and_then(|p| part(p, n)), part(config, n));
            let v = match (block.attributes.get(n), block.blocks.get(n)) {
                (Some(a), _) => self.fill_attribute(a, v, prior, config.as_ref().unwrap_or(v), &at),
                (_, Some(b)) => self.fill_blocks(b, v, prior, config.as_ref().unwrap_or(v), &at),
                _ => v.clone(),
            };
            (n.clone(), v)
        }))
    }

    fn fill_attribute(
        &self,
        a: &Attribute,
        v: &Value,
        prior: Option<Value>,
        config: &Value,
        at: &At,
    ) -> Value {
        if a.write_only {
            return Value::Null(a.ty.clone());
        }
        if !config.is_null() {
            if let Some(text) = v.as_str().and_then(|written| self.behaviour.text(&at.plain, written)) {
                return Value::string(text);
            }
            return if self.behaviour.legacy() { as_legacy(v) } else { v.clone() };
        }
        if let Some(default) = self.behaviour.planned_default(&at.plain, &a.ty)
            && (!a.computed || prior.is_none())
        {
            return default;
        }
        if !a.computed {
            // The old SDK writes what is not set and what is empty in the same way.
            return match prior {
                Some(old) if self.behaviour.legacy() && is_zero(&old) => old,
                Some(_) if self.behaviour.legacy() && matches!(a.ty, Type::Map(_)) => {
                    crate::fill::zero(&a.ty)
                }
                _ => Value::Null(a.ty.clone()),
            };
        }
        match prior {
            Some(old) => old,
            None if self.behaviour.null_at_creation(&at.plain) => Value::Null(a.ty.clone()),
            // A value that a prior object of a set had.
            None if !v.is_null() => v.clone(),
            None => Value::unknown(a.ty.clone()),
        }
    }

    fn fill_blocks(
        &self,
        b: &NestedBlock,
        v: &Value,
        prior: Option<Value>,
        config: &Value,
        at: &At,
    ) -> Value {
        let absent = config.as_elements().is_some_and(<[Value]>::is_empty) || config.is_null();
        if absent {
            if let Some(old) = &prior
                && (self.behaviour.block_unknown_at_creation(&at.plain)
                    || self.behaviour.planned_default(&at.plain, &b.implied_type()).is_some())
            {
                return old.clone();
            }
            if self.behaviour.block_unknown_at_creation(&at.plain) {
                return Value::unknown(b.implied_type());
            }
            if let Some(default) = self.behaviour.planned_default(&at.plain, &b.implied_type()) {
                return default;
            }
            return v.clone();
        }
        let elements =
            |v: Option<&Value>| v.and_then(Value::as_elements).map(<[Value]>::to_vec).unwrap_or_default();
        let (priors, configs) = (elements(prior.as_ref()), elements(Some(config)));
        match v {
            Value::List(e) => {
                let items = e.items.iter().enumerate().map(|(i, v)| {
                    let at = at.index(Value::int(i as i64));
                    self.fill(&b.block, v, priors.get(i), configs.get(i).unwrap_or(v), &at)
                });
                Value::list(e.ty.clone(), items.collect())
            }
            Value::Set(e) => {
                let items = e.items.iter().map(|v| {
                    // What was proposed has the computed values of the prior element it comes from.
                    let from = priors.iter().find(|p| agrees(v, p));
                    self.fill(&b.block, v, from, v, at)
                });
                Value::set(e.ty.clone(), items.collect())
            }
            Value::Map(m) => {
                let items = m.items.iter().map(|(n, v)| {
                    let key = Value::String(n.clone());
                    let from = prior.as_ref().and_then(|p| p.get_index(&key));
                    let config = config.get_index(&key);
                    (
                        n.clone(),
                        self.fill(&b.block, v, from.as_ref(), config.as_ref().unwrap_or(v), &at.index(key)),
                    )
                });
                Value::map(m.ty.clone(), items)
            }
            Value::Object(_) => self.fill(&b.block, v, prior.as_ref().filter(|p| !p.is_null()), config, at),
            v => v.clone(),
        }
    }

    /// Sets `tags_all` from `tags` and the provider's default tags.
    fn with_tags_all(&self, planned: Value, prior: Option<&Value>) -> Value {
        let has = |n: &str| self.block.attributes.contains_key(n);
        let (Some(tags), true, Value::Object(fields)) = (planned.get_attr("tags"), has("tags_all"), &planned)
        else {
            return planned;
        };
        let all = self.tags_all(&tags, prior);
        let mut fields = (**fields).clone();
        fields.insert("tags_all", all);
        Value::object(fields)
    }

    fn tags_all(&self, tags: &Value, prior: Option<&Value>) -> Value {
        let ty = Type::map(Type::String);
        if !tags.is_wholly_known() || self.default_tags.values().any(|v| !v.is_known()) {
            return Value::unknown(ty);
        }
        let own = tags.as_fields().cloned().unwrap_or_default();
        let mut all: BTreeMap<Name, Value> =
            self.default_tags.iter().map(|(k, v)| (Name::from(k.as_str()), v.clone())).collect();
        all.extend(own.iter().map(|(k, v)| (k.clone(), v.clone())));
        let merged = Value::map(Type::String, all.clone());
        if !self.behaviour.legacy() || !all.is_empty() {
            return merged;
        }
        let old = prior.and_then(|p| p.get_attr("tags_all"));
        let had = |v: &Value| v.as_fields().is_some_and(|f| !f.is_empty());
        match old {
            Some(old) if !had(&old) => old,
            Some(_) => merged,
            None => Value::unknown(ty),
        }
    }
}

/// What the old SDK does not tell apart from nothing.
fn is_zero(v: &Value) -> bool {
    match v {
        Value::String(s) => s.is_empty(),
        Value::Bool(b) => !b,
        Value::Number(n) => n.is_zero(),
        Value::List(e) | Value::Set(e) => e.items.is_empty(),
        Value::Map(m) => m.items.is_empty(),
        Value::Null(_) => true,
        _ => false,
    }
}

/// A configured value as the old SDK has it: a set or map of which a part is unknown is unknown, and
/// objects have no nulls.
fn as_legacy(v: &Value) -> Value {
    match v {
        Value::Set(e) if e.ty.is_primitive() && !v.is_wholly_known() => Value::unknown(v.ty()),
        Value::Map(_) if !v.is_wholly_known() => Value::unknown(v.ty()),
        v => without_inner_nulls(v, false),
    }
}

/// An object within a list or set has no nulls in the old SDK.
fn without_inner_nulls(v: &Value, inner: bool) -> Value {
    match v {
        Value::Null(ty) if inner => match ty {
            Type::String => Value::string(""),
            Type::Bool => Value::Bool(false),
            Type::Number => Value::int(0),
            Type::List(t) => Value::list((**t).clone(), Vec::new()),
            Type::Set(t) => Value::set((**t).clone(), Vec::new()),
            Type::Map(t) => Value::map::<Name>((**t).clone(), []),
            _ => v.clone(),
        },
        Value::List(e) if matches!(e.ty, Type::Object(_)) => {
            Value::list(e.ty.clone(), e.items.iter().map(|v| without_inner_nulls(v, false)).collect())
        }
        Value::Set(e) if matches!(e.ty, Type::Object(_)) => {
            Value::set(e.ty.clone(), e.items.iter().map(|v| without_inner_nulls(v, false)).collect())
        }
        Value::Object(f) => Value::object(f.iter().map(|(n, v)| (n.clone(), without_inner_nulls(v, true)))),
        v => v.clone(),
    }
}

/// Whether a prior element can be what a configured one became: they differ only where the
/// configured one says nothing.
fn agrees(v: &Value, prior: &Value) -> bool {
    match (v, prior) {
        (Value::Object(a), Value::Object(b)) => {
            a.iter().all(|(n, v)| v.is_null() || b.get(n).is_some_and(|p| agrees(v, p)))
        }
        (Value::List(a), Value::List(b)) | (Value::Set(a), Value::Set(b)) => {
            a.items.is_empty()
                || a.items.len() == b.items.len() && a.items.iter().zip(&b.items).all(|(a, b)| agrees(a, b))
        }
        (a, b) => a == b,
    }
}

/// The value with an unknown at a place that the configuration does not set.
fn unknown_at(v: &Value, config: &Value, names: &[&str]) -> Value {
    let Some((name, rest)) = names.split_first() else {
        return if config.is_null() || is_empty(config) { Value::unknown(v.ty()) } else { v.clone() };
    };
    let null = Value::Null(Type::Dynamic);
    match v {
        Value::Object(f) => Value::object(f.iter().map(|(n, v)| {
            let v = match **n == **name {
                true => unknown_at(v, &config.get_attr(n).unwrap_or_else(|| null.clone()), rest),
                false => v.clone(),
            };
            (n.clone(), v)
        })),
        Value::List(e) => {
            let configs = config.as_elements().unwrap_or_default();
            let items = e.items.iter().enumerate();
            let items = items.map(|(i, v)| unknown_at(v, configs.get(i).unwrap_or(&null), names));
            Value::list(e.ty.clone(), items.collect())
        }
        v => v.clone(),
    }
}

fn is_empty(v: &Value) -> bool {
    v.as_elements().is_some_and(<[Value]>::is_empty)
}

/// Where a planned object differs from the prior one.
struct Changes<'a> {
    behaviour: &'a Behaviour,
    paths: BTreeSet<String>,
    replace: Vec<Path>,
}

impl Changes<'_> {
    fn block(&mut self, block: &Block, prior: &Value, planned: &Value, at: &At) {
        if prior == planned {
            return;
        }
        for (n, a) in &block.attributes {
            let (old, new) = (part(prior, n, &a.ty), part(planned, n, &a.ty));
            if old == new || self.behaviour.legacy() && is_zero(&old) && is_zero(&new) {
                continue;
            }
            let at = at.attr(n);
            if self.behaviour.replaces(&at.plain) {
                self.replace.push(at.path.clone());
            }
            self.paths.insert(at.plain);
        }
        for (n, b) in &block.blocks {
            let ty = b.implied_type();
            let (old, new) = (part(prior, n, &ty), part(planned, n, &ty));
            if old != new {
                self.blocks(b, &old, &new, &at.attr(n));
            }
        }
    }

    fn blocks(&mut self, b: &NestedBlock, old: &Value, new: &Value, at: &At) {
        let inner = Value::Null(b.block.implied_type().clone());
        let items = |v: &Value| v.as_elements().map(<[Value]>::to_vec).unwrap_or_default();
        let (olds, news) = (items(old), items(new));
        let gone = !olds.is_empty() && news.is_empty() && new.is_known();
        let come = olds.is_empty() && !news.is_empty();
        self.paths.insert(at.plain.clone());
        if gone && self.behaviour.replaces(&format!("{}-", at.plain))
            || come && self.behaviour.replaces(&format!("{}+", at.plain))
        {
            self.replace.push(at.path.clone());
        }
        match (old, new) {
            (Value::Set(_), _) | (_, Value::Set(_)) => {
                // Elements have no identity, so one that differs is another one.
                let mut inner_changes =
                    Changes { behaviour: self.behaviour, paths: BTreeSet::new(), replace: Vec::new() };
                for v in news.iter().filter(|v| !olds.contains(v)) {
                    inner_changes.block(&b.block, &inner, v, at);
                }
                for v in olds.iter().filter(|v| !news.contains(v)) {
                    inner_changes.block(&b.block, v, &inner, at);
                }
                self.paths.extend(inner_changes.paths);
                if !inner_changes.replace.is_empty() && self.behaviour.replaces_below(&at.plain) {
                    self.replace.push(at.path.clone());
                }
            }
            (Value::List(_), _) | (_, Value::List(_)) => {
                for i in 0..olds.len().max(news.len()) {
                    let (old, new) = (olds.get(i).unwrap_or(&inner), news.get(i).unwrap_or(&inner));
                    self.block(&b.block, old, new, &at.index(Value::int(i as i64)));
                }
            }
            (old, new) => self.block(&b.block, old, new, at),
        }
    }
}

fn part(v: &Value, name: &Name, ty: &Type) -> Value {
    v.get_attr(name).filter(|_| !v.is_null()).unwrap_or_else(|| Value::Null(ty.clone()))
}

/// The names of a path, without indices.
pub(crate) fn plain(path: &Path) -> String {
    let names = path.steps().iter().filter_map(|s| match s {
        PathStep::Attr(n) => Some(n.to_string()),
        PathStep::Index(_) => None,
    });
    names.collect::<Vec<_>>().join(".")
}
