//! What the provider's validation accepts, read from what it says to values that it cannot accept.
//!
//! The record of a type: by path `e` (the texts accepted), `r` (least and greatest number, null
//! without a limit), `l` (least and greatest length); and groups of paths: `x` of which at most one
//! may be set, `o` of which one must be.

use std::collections::{BTreeMap, BTreeSet};

use groma_value::schema::Block;
use groma_value::{Type, Value};
use serde::Serialize;

use crate::Worker;
use crate::measure::{plain, set_at, settable};
use crate::sample::{one, populated, sample};

#[derive(Default, Serialize)]
pub struct Checks {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    e: BTreeMap<String, Vec<String>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    r: BTreeMap<String, (Option<i64>, Option<i64>)>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    l: BTreeMap<String, (Option<i64>, Option<i64>)>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    x: BTreeSet<Vec<String>>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    o: BTreeSet<Vec<String>>,
}

/// What is wrong, with the place.
async fn complaints(worker: &Worker, ty: &str, config: &Value) -> Vec<(String, String)> {
    let Ok(provider) = worker.provider().await else { return Vec::new() };
    let call = provider.validate_resource_config(ty, config);
    match tokio::time::timeout(std::time::Duration::from_secs(30), call).await {
        Ok(Ok(diags)) => {
            let errors = diags.iter().filter(|d| d.error);
            let place =
                |d: &groma_provider::ProviderDiagnostic| d.path.as_ref().map(plain).unwrap_or_default();
            errors.map(|d| (place(d), format!("{}\n{}", d.summary, d.detail))).collect()
        }
        _ => {
            worker.lost();
            Vec::new()
        }
    }
}

pub async fn checks(worker: &Worker, ty: &str, block: &Block) -> Checks {
    let mut out = Checks::default();
    let minimal = populated(block, 0);
    for (_, text) in complaints(worker, ty, &minimal).await {
        if let Some(group) = group(&text)
            && text.contains("must be specified")
            && text.contains("one of")
        {
            out.o.insert(group);
        }
    }
    // Everything at once shows what excludes what.
    let mut all = minimal.as_fields().cloned().unwrap_or_default();
    for (n, a) in block.attributes.iter().filter(|(_, a)| (a.optional || a.required) && !a.write_only) {
        all.insert(n.clone(), sample(&a.ty, n, 0));
    }
    for (n, b) in &block.blocks {
        all.insert(n.clone(), one(b, 0));
    }
    for (_, text) in complaints(worker, ty, &Value::object(all)).await {
        if let Some(group) = group(&text)
            && (text.contains("can be specified") || text.contains("conflicts with"))
        {
            out.x.insert(group);
        }
    }
    let mut paths = Vec::new();
    settable(block, &mut Vec::new(), &mut paths, 4);
    let start = std::time::Instant::now();
    for (path, ty_of) in paths.into_iter().take(400) {
        if start.elapsed().as_secs() > 20 {
            break;
        }
        let mut config = minimal.clone();
        if path.len() > 1 {
            let Some(nested) = block.blocks.get(&*path[0]) else { continue };
            let mut with = minimal.as_fields().cloned().unwrap_or_default();
            with.insert(path[0].as_str(), one(nested, 4));
            config = Value::object(with);
        }
        let probes = match &ty_of {
            Type::String => vec![Value::string(format!("~{}", "!".repeat(5000))), Value::string("~")],
            Type::Number => vec![Value::int(-999_999), Value::int(999_999_999)],
            Type::List(t) if **t == Type::String => {
                vec![Value::list(Type::String, vec![Value::string("~!")])]
            }
            Type::Set(t) if **t == Type::String => vec![Value::set(Type::String, vec![Value::string("~!")])],
            _ => continue,
        };
        for probe in probes {
            let Some(wrong) = set_at(&config, &path, &probe) else { continue };
            let name = path.last().map(String::as_str).unwrap_or_default();
            for (place, text) in complaints(worker, ty, &wrong).await {
                if !is_about(&text, name) {
                    continue;
                }
                if place == path.join(".") || path.len() == 1 && place.is_empty() && text.contains(name) {
                    read(&text, &path.join("."), &mut out);
                }
            }
        }
    }
    out
}

/// Whether a complaint that names an attribute names this one.
fn is_about(text: &str, name: &str) -> bool {
    let Some((_, rest)) = text.split_once("expected ") else { return true };
    let rest = rest.strip_prefix("length of ").unwrap_or(rest);
    let named = rest.split(' ').next().unwrap_or_default();
    named.split('.').rfind(|part| part.parse::<u64>().is_err()).is_none_or(|part| part == name)
}

fn group(text: &str) -> Option<Vec<String>> {
    let names = if let Some((_, rest)) = text.split_once('`') {
        rest.split_once('`')?.0.to_owned()
    } else {
        let (before, other) = text.split_once(": conflicts with ")?;
        let own = before.rsplit('"').nth(1)?;
        format!("{own},{}", other.trim())
    };
    let mut names: Vec<String> = names.split(',').map(|n| n.trim().replace(".0", "")).collect();
    names.sort();
    (names.len() > 1).then_some(names)
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    Some(text.split_once(start)?.1.split_once(end)?.0)
}

fn read(text: &str, path: &str, out: &mut Checks) {
    let numbers = |text: &str| -> Vec<i64> {
        text.split(|c: char| !c.is_ascii_digit() && c != '-').filter_map(|n| n.parse().ok()).collect()
    };
    let quoted = |text: &str| -> Vec<String> {
        text.split('"')
            .skip(1)
            .step_by(2)
            .map(|t| t.trim_matches('\\').to_owned())
            .filter(|t| !t.is_empty())
            .collect()
    };
    for start in ["to be one of [", "must be one of: [", "must be one of ["] {
        if let Some(list) = between(text, start, "]") {
            let list = list.replace("\\\"", "");
            let mut values = quoted(&list);
            if values.is_empty() {
                // Numbers are accepted besides those of a range.
                values = numbers(&list).iter().map(i64::to_string).collect();
            }
            if !values.is_empty() {
                out.e.insert(path.to_owned(), values);
            }
            return;
        }
    }
    let length = text.contains("length");
    let target = |out: &mut Checks, limits: (Option<i64>, Option<i64>)| {
        let map = if length { &mut out.l } else { &mut out.r };
        let old = map.get(path).copied().unwrap_or_default();
        map.insert(path.to_owned(), (limits.0.or(old.0), limits.1.or(old.1)));
    };
    if let Some(range) = between(text, "in the range (", ")") {
        if let [a, b] = numbers(&range.replace(" - ", " "))[..] {
            target(out, (Some(a), Some(b)));
        }
    } else if let Some(range) = between(text, "must be between ", ",") {
        if let [a, b] = numbers(range)[..] {
            target(out, (Some(a), Some(b)));
        }
    } else if let Some(n) = text.split_once("at least (").and_then(|(_, t)| t.split_once(')')) {
        if let Some(n) = numbers(n.0).first() {
            target(out, (Some(*n), None));
        }
    } else if let Some(n) = text.split_once("at most (").and_then(|(_, t)| t.split_once(')')) {
        if let Some(n) = numbers(n.0).first() {
            target(out, (None, Some(*n)));
        }
    } else if let Some((_, rest)) = text.split_once("cannot be longer than ")
        && let Some(n) = numbers(rest).first()
    {
        let old = out.l.get(path).copied().unwrap_or_default();
        out.l.insert(path.to_owned(), (old.0, Some(*n)));
    }
}
