//! How the provider plans one resource type, found out by asking it.
//!
//! Paths are written without indices: `rule.port`. The record of a type:
//!
//! | key | is |
//! | --- | --- |
//! | `l` | 1 where the provider plans with the old SDK's type system |
//! | `c` | values planned at creation for what is not configured, by path |
//! | `k` | computed attributes that are known to be null at creation |
//! | `b` | blocks that are unknown at creation where none is configured |
//! | `n` | what forces replacement when it changes |
//! | `u` | after changes of which attributes one is unknown; after all but these, where `!` is among them |
//! | `a` | what is unknown after any change |
//! | `t` | texts that are planned otherwise than written: `json`, `sha1`, `lower`, `dot` |

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use groma_provider::{PlanRequest, PlanResponse, ProviderFailure};
use groma_value::proposed_new::proposed_new;
use groma_value::schema::{Block, NestedBlock};
use groma_value::{Path, PathStep, Type, Value, json};
use serde::Serialize;

use crate::Worker;
use crate::sample::{one, populated, realised, sample};

/// A type gets no more time than this.
const LIMIT: Duration = Duration::from_secs(60);
/// Nor more questions about attributes within one block.
const MAX_PATHS: usize = 150;

#[derive(Default, Serialize)]
pub struct Record {
    #[serde(skip_serializing_if = "is_zero")]
    l: u8,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    c: BTreeMap<String, serde_json::Value>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    k: BTreeSet<String>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    b: BTreeSet<String>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    n: BTreeSet<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    u: BTreeMap<String, BTreeSet<String>>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    a: BTreeSet<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    t: BTreeMap<String, String>,
}

fn is_zero(n: &u8) -> bool {
    *n == 0
}

pub struct Found {
    pub record: Record,
    /// Why it is not whole.
    pub problem: Option<String>,
}

struct Measure<'a> {
    worker: &'a Worker,
    ty: &'a str,
    block: &'a Block,
    null: Value,
    record: Record,
    /// What was unknown after changes of attributes that force no replacement.
    unknown_after: BTreeMap<String, BTreeSet<String>>,
    start: Instant,
}

pub async fn measure(worker: &Worker, ty: &str, block: &Block) -> Found {
    let mut m = Measure {
        worker,
        ty,
        block,
        null: Value::Null(block.implied_type().clone()),
        record: Record::default(),
        unknown_after: BTreeMap::new(),
        start: Instant::now(),
    };
    let problem = m.all().await.err();
    m.summarise();
    Found { record: m.record, problem }
}

type Names = Vec<String>;

impl Measure<'_> {
    async fn plan(&self, prior: &Value, config: &Value) -> Result<(Value, PlanResponse), String> {
        if self.start.elapsed() > LIMIT {
            return Err("the time for this type is over".into());
        }
        let provider = self.worker.provider().await?;
        let proposed = proposed_new(self.block, prior, config);
        let request = PlanRequest {
            ty: self.ty,
            prior,
            proposed: &proposed,
            config,
            private: Default::default(),
            provider_meta: &Value::Null(Type::object::<&str>([])),
            identity: None,
        };
        let call = provider.plan_resource_change(request);
        let response = match tokio::time::timeout(Duration::from_secs(30), call).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => {
                if !matches!(error.cause, ProviderFailure::Value(_) | ProviderFailure::Rpc { .. }) {
                    self.worker.lost();
                }
                return Err(error.to_string());
            }
            Err(_) => {
                self.worker.lost();
                return Err("no answer to a plan".into());
            }
        };
        if let Some(d) = response.diags.iter().find(|d| d.error) {
            return Err(format!("{}: {}", d.summary, d.detail));
        }
        let planned = response.planned.clone().ok_or("a plan without a value")?;
        Ok((planned, response))
    }

    async fn all(&mut self) -> Result<(), String> {
        let mut minimal = populated(self.block, 0);
        let mut problem = None;
        let mut created = None;
        for attempt in 0.. {
            match self.create(&minimal, &[]).await {
                Ok(planned) => created = Some(planned),
                Err(e) => {
                    let better = match attempt {
                        // A configuration that makes sense, where there is one.
                        0 => seed(self.ty, self.block).or_else(|| mended(&minimal, &e)),
                        1..10 => mended(&minimal, &e),
                        _ => None,
                    };
                    if let Some(better) = better {
                        minimal = better;
                        continue;
                    }
                    problem = Some(e);
                }
            }
            break;
        }
        if let Some(planned) = &created {
            self.changes(&minimal, planned, &[]).await;
        }
        for (name, nested) in &self.block.blocks {
            if &**name == "timeouts" {
                continue;
            }
            let depth = if count(nested) > 300 { 0 } else { 3 };
            let mut with = minimal.as_fields().cloned().unwrap_or_default();
            with.insert(name.clone(), one(nested, depth));
            let mut with = Value::object(with);
            let path = [name.to_string()];
            let mut planned = None;
            for attempt in 0.. {
                match self.create(&with, &path).await {
                    Ok(done) => planned = Some(done),
                    Err(e) => match mended(&with, &e).filter(|_| attempt < 10) {
                        Some(better) => {
                            with = better;
                            continue;
                        }
                        None => {
                            self.parts(&minimal, name, nested).await;
                            problem = problem.or_else(|| Some(format!("{name}: {e}")));
                        }
                    },
                }
                break;
            }
            let Some(planned) = planned else { continue };
            self.changes(&with, &planned, &path).await;
            // The block comes or goes.
            if let Some(without) = &created
                && nested.min_items == 0
            {
                let prior = realised(without, "");
                if let Ok((_, response)) = self.plan(&prior, &with).await
                    && response.requires_replace.iter().any(|p| first(p) == Some(name))
                {
                    self.record.n.insert(format!("{name}+"));
                }
                let prior = realised(&planned, "");
                if let Ok((_, response)) = self.plan(&prior, &minimal).await
                    && response.requires_replace.iter().any(|p| first(p) == Some(name))
                {
                    self.record.n.insert(format!("{name}-"));
                }
            }
        }
        problem.map_or(Ok(()), Err)
    }

    /// Where blocks within a block exclude each other: each by itself.
    async fn parts(&mut self, minimal: &Value, name: &str, nested: &NestedBlock) {
        for (inner, inner_nested) in &nested.block.blocks {
            let outer = one(nested, 0);
            let Some(with) = set_at(&outer, &[inner.to_string()], &one(inner_nested, 2)) else { continue };
            let Some(with) = set_at(minimal, &[name.to_owned()], &with) else { continue };
            // What cannot be planned is not known.
            if let Ok(planned) = self.create(&with, &[name.to_owned()]).await {
                self.changes(&with, &planned, &[name.to_owned()]).await;
            }
        }
    }

    /// Plans a creation and notes what is planned for what is not configured, at or below `under`.
    async fn create(&mut self, config: &Value, under: &[String]) -> Result<Value, String> {
        let (planned, response) = self.plan(&self.null.clone(), config).await?;
        self.record.l = u8::from(response.legacy_type_system);
        let block = self.block;
        if under.is_empty() {
            self.compare(block, config, &planned, &mut Vec::new());
        } else if let (Some(nested), Some(c), Some(p)) =
            (block.blocks.get(&*under[0]), config.get_attr(&under[0]), planned.get_attr(&under[0]))
        {
            self.compare_nested(nested, &c, &p, &mut under.to_vec());
        }
        Ok(planned)
    }

    fn compare(&mut self, block: &Block, config: &Value, planned: &Value, path: &mut Names) {
        for (name, a) in &block.attributes {
            let (Some(c), Some(p)) = (config.get_attr(name), planned.get_attr(name)) else { continue };
            path.push(name.to_string());
            let at = path.join(".");
            if c.is_null() {
                match &p {
                    Value::Unknown(..) => {}
                    Value::Null(_) if a.computed => {
                        self.record.k.insert(at);
                    }
                    Value::Null(_) => {}
                    p if p.is_wholly_known() => {
                        if let Some(v) = to_json(p, &a.ty) {
                            self.record.c.insert(at, v);
                        }
                    }
                    _ => {}
                }
            }
            path.pop();
        }
        for (name, nested) in &block.blocks {
            let (Some(c), Some(p)) = (config.get_attr(name), planned.get_attr(name)) else { continue };
            path.push(name.to_string());
            self.compare_nested(nested, &c, &p, path);
            path.pop();
        }
    }

    fn compare_nested(&mut self, nested: &NestedBlock, config: &Value, planned: &Value, path: &mut Names) {
        let items = |v: &Value| v.as_elements().map(<[Value]>::to_vec);
        match (items(config), planned) {
            (Some(c), Value::Unknown(..)) if c.is_empty() => {
                self.record.b.insert(path.join("."));
            }
            (Some(c), p) => {
                let p = items(p).unwrap_or_default();
                if c.is_empty() && !p.is_empty() && planned.is_wholly_known() {
                    if let Some(v) = to_json(planned, &nested.implied_type()) {
                        self.record.c.insert(path.join("."), v);
                    }
                } else if let (Some(c), Some(p)) = (c.first(), p.first()) {
                    self.compare(&nested.block, c, p, path);
                }
            }
            (None, p) if !config.is_null() && !p.is_null() => self.compare(&nested.block, config, p, path),
            _ => {}
        }
    }

    /// Changes one attribute after the other.
    async fn changes(&mut self, config: &Value, planned: &Value, under: &[String]) {
        let prior = realised(planned, "");
        let Ok((base, response)) = self.plan(&prior, config).await else { return };
        let mut noise = unknowns(&base);
        noise.extend(response.requires_replace.iter().map(plain));
        let mut paths = Vec::new();
        let block = self.block;
        match under {
            [] => settable(block, &mut Vec::new(), &mut paths, 0),
            [name, ..] => {
                if let Some(nested) = block.blocks.get(&**name) {
                    settable(&nested.block, &mut under.to_vec(), &mut paths, 3);
                }
            }
        }
        for (path, ty) in paths.into_iter().take(MAX_PATHS) {
            let at = path.join(".");
            let name = path.last().map(String::as_str).unwrap_or_default();
            // What the value is now would be no change.
            let new = match (get_at(&prior, &path), sample(&ty, name, 2)) {
                (Some(now), _) if ty == Type::Bool => Value::Bool(now.as_bool() != Some(true)),
                (Some(now), new) if now == new => sample(&ty, name, 1),
                (_, new) => new,
            };
            let Some(changed) = set_at(config, &path, &new) else { continue };
            let (planned, response) = match self.plan(&prior, &changed).await {
                Ok(done) => done,
                Err(_) => {
                    // Perhaps the value was wrong; another one may do.
                    let Some(changed) = set_at(config, &path, &sample(&ty, name, 1)) else { continue };
                    match self.plan(&prior, &changed).await {
                        Ok(done) => done,
                        Err(_) => continue,
                    }
                }
            };
            if let (Some(written), Some(p)) =
                (new.as_str(), get_at(&planned, &path).as_ref().and_then(Value::as_str))
                && let Some(kind) = transformation(written, p)
            {
                self.record.t.insert(at.clone(), kind.into());
            }
            let replaced: BTreeSet<String> =
                response.requires_replace.iter().map(plain).filter(|p| !noise.contains(p)).collect();
            if replaced.iter().any(|p| *p == at || at.starts_with(&format!("{p}."))) {
                self.record.n.insert(at);
            } else if replaced.is_empty() && planned != base {
                let mut unknown = unknowns(&planned);
                unknown.retain(|p| !noise.contains(p));
                self.unknown_after.insert(at, unknown);
            }
        }
    }

    fn summarise(&mut self) {
        let mut sets = self.unknown_after.values();
        if let Some(first) = sets.next() {
            let always = sets.fold(first.clone(), |all, next| all.intersection(next).cloned().collect());
            if self.unknown_after.len() > 1 {
                self.record.a = always;
            }
        }
        let mut causes: BTreeMap<&String, BTreeSet<String>> = BTreeMap::new();
        for (path, unknown) in &self.unknown_after {
            for unknown in unknown.difference(&self.record.a) {
                causes.entry(unknown).or_default().insert(path.clone());
            }
        }
        for (unknown, causes) in causes {
            // The shorter list: what it is unknown after, or (with "!" in front) what it is known after.
            let others = self.unknown_after.keys().filter(|p| !causes.contains(*p));
            let mut others: BTreeSet<String> = others.cloned().collect();
            others.insert("!".into());
            let shorter = if others.len() < causes.len() { others } else { causes };
            self.record.u.insert(unknown.clone(), shorter);
        }
    }
}

/// A configuration of the type that was written by a person.
fn seed(ty: &str, block: &Block) -> Option<Value> {
    let cases: serde_json::Value = serde_json::from_str(include_str!("../../tests/cases.json")).ok()?;
    let case = cases.as_array()?.iter().find(|c| c["type"] == ty)?;
    let text = case["create"].to_string().replace("\"?\"", "\"arn:aws:x:eu-west-1:123456789012:x/x\"");
    block.coerce_value(&json::from_json_implied(&serde_json::from_str(&text).ok()?).ok()?).ok()
}

/// The configuration with a value that an error asks for.
fn mended(config: &Value, error: &str) -> Option<Value> {
    let line = |start: &str| error.lines().find_map(|l| l.trim().strip_prefix(start)).map(str::trim);
    let path = line("Path:")?;
    let plain: String = path.split(']').map(|p| p.split('[').next().unwrap_or(p)).collect();
    let names: Vec<String> = plain.split('.').filter(|n| !n.is_empty()).map(str::to_owned).collect();
    let new = if let Some(values) = line("Valid Values:") {
        values.trim_matches(['[', ']']).split_whitespace().next()?.to_owned()
    } else if error.contains("ARN") {
        "arn:aws:iam::123456789012:role/x".to_owned()
    } else if error.contains("JSON") {
        "{}".to_owned()
    } else {
        return None;
    };
    let old = get_at(config, &names)?;
    let new = match old.ty() {
        Type::Set(_) => Value::set(Type::String, vec![Value::string(new)]),
        Type::List(_) => Value::list(Type::String, vec![Value::string(new)]),
        _ => Value::string(new),
    };
    if old == new { None } else { set_at(config, &names, &new) }
}

fn to_json(v: &Value, ty: &Type) -> Option<serde_json::Value> {
    serde_json::from_str(&json::encode(v, ty).ok()?).ok()
}

fn count(nested: &NestedBlock) -> usize {
    let inner: usize = nested.block.blocks.values().map(count).sum();
    nested.block.attributes.len() + inner
}

fn first(path: &Path) -> Option<&groma_value::Name> {
    match path.steps().first()? {
        PathStep::Attr(n) => Some(n),
        PathStep::Index(_) => None,
    }
}

pub fn plain(path: &Path) -> String {
    let names = path.steps().iter().filter_map(|s| match s {
        PathStep::Attr(n) => Some(n.to_string()),
        PathStep::Index(_) => None,
    });
    names.collect::<Vec<_>>().join(".")
}

fn unknowns(v: &Value) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    v.walk(&mut |path, v| {
        if !v.is_known() {
            out.insert(plain(path));
        }
        true
    });
    out
}

pub fn settable(block: &Block, path: &mut Names, out: &mut Vec<(Names, Type)>, depth: u8) {
    for (name, a) in &block.attributes {
        if (a.required || a.optional) && &**name != "id" && &**name != "tags_all" && !a.write_only {
            path.push(name.to_string());
            out.push((path.clone(), a.ty.clone()));
            path.pop();
        }
    }
    if depth > 0 {
        for (name, nested) in &block.blocks {
            path.push(name.to_string());
            settable(&nested.block, path, out, depth - 1);
            path.pop();
        }
    }
}

/// The value with another one in place of an attribute, in the first of several blocks.
pub fn set_at(v: &Value, path: &[String], new: &Value) -> Option<Value> {
    let Some((name, rest)) = path.split_first() else { return Some(new.clone()) };
    let fields = |v: &Value| {
        let mut fields = v.as_fields()?.clone();
        let inner = set_at(fields.get(name)?, rest, new)?;
        fields.insert(name.as_str(), inner);
        Some(Value::object(fields))
    };
    match v {
        Value::Object(_) => fields(v),
        Value::List(e) => {
            let mut items = e.items.clone();
            let first = set_at(items.first()?, path, new)?;
            *items.first_mut()? = first;
            Some(Value::list(e.ty.clone(), items))
        }
        Value::Set(e) => {
            let mut items = e.items.clone();
            let first = set_at(items.first()?, path, new)?;
            *items.first_mut()? = first;
            Some(Value::set(e.ty.clone(), items))
        }
        _ => None,
    }
}

fn get_at(v: &Value, path: &[String]) -> Option<Value> {
    let Some((name, rest)) = path.split_first() else { return Some(v.clone()) };
    match v.as_elements() {
        Some(items) => get_at(items.first()?, path),
        None => get_at(&v.get_attr(name)?, rest),
    }
}

/// How a text became another.
fn transformation(written: &str, planned: &str) -> Option<&'static str> {
    if written == planned {
        return None;
    }
    if planned.len() == 40 && planned.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Some("sha1");
    }
    let as_json = |s: &str| serde_json::from_str::<serde_json::Value>(s).ok();
    if let (Some(a), Some(b)) = (as_json(written), as_json(planned))
        && sorted(&a) == sorted(&b)
    {
        return Some("json");
    }
    match planned {
        "abc.d." => Some("lower"),
        "AbC.D" => Some("dot"),
        "abc.d" => Some("lower dot"),
        "ABC.D." => Some("upper"),
        _ => None,
    }
}

fn sorted(v: &serde_json::Value) -> String {
    match v {
        serde_json::Value::Object(m) => {
            let m: BTreeMap<_, _> = m.iter().map(|(k, v)| (k, sorted(v))).collect();
            format!("{m:?}")
        }
        v => v.to_string(),
    }
}
