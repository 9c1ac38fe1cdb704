//! Reading plans and states.

use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

/// Resources with what is to be done to them, each as often as it is planned: root
/// modules may have resources of the same address.
pub type Actions = Vec<(String, String)>;

/// Fails unless both are the same, naming what only one has.
#[track_caller]
pub fn assert_same<T: Ord + std::fmt::Debug>(ours: &[T], others: &[T]) {
    let only = |a: &[T], b: &[T]| -> Vec<String> {
        a.iter().filter(|x| !b.contains(x)).map(|x| format!("{x:?}")).collect()
    };
    let [left, right] = [only(ours, others), only(others, ours)];
    assert!(ours == others, "only the first has {left:#?}, only the second {right:#?}");
}

/// From the messages of `groma diff -json`.
pub fn announced(lines: &str) -> Actions {
    let mut out = Vec::new();
    for line in lines.lines() {
        let message: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        if message["type"] == "planned_change" {
            let change = &message["change"];
            out.push((text(&change["resource"]["addr"]), text(&change["action"])));
        }
    }
    out.sort();
    out
}

/// What was proved before anything was applied, from the lines of `-json`: properties with their
/// verdicts.
pub fn proofs(lines: &str) -> Vec<(String, String)> {
    let message = |line: &str| serde_json::from_str::<Value>(line).unwrap_or_else(|e| panic!("{e}: {line}"));
    let found = lines.lines().map(message).find(|m| m["type"] == "proofs").expect("proofs");
    list(&found["properties"]).iter().map(|p| (text(&p["property"]), text(&p["verdict"]))).collect()
}

/// From plans in JSON.
pub fn actions(plans: &[Value]) -> Actions {
    let mut out = Vec::new();
    for change in plans.iter().flat_map(|p| list(&p["resource_changes"])) {
        let actions: Vec<&str> =
            list(&change["change"]["actions"]).iter().filter_map(Value::as_str).collect();
        let action = match actions[..] {
            ["no-op"] | ["read"] => continue,
            [one] => one,
            _ => "replace",
        };
        out.push((text(&change["address"]), action.to_owned()));
    }
    out.sort();
    out
}

/// Types with the paths of attributes that plans would change: a whole block is named
/// when it comes or goes. Indexes are left out.
pub fn differences(plans: &[Value]) -> BTreeSet<(String, String)> {
    let mut out = BTreeSet::new();
    for resource in plans.iter().flat_map(|p| list(&p["resource_changes"])) {
        let change = &resource["change"];
        let actions = list(&change["actions"]);
        if actions.iter().any(|a| a == "no-op" || a == "read") {
            continue;
        }
        let ty = text(&resource["type"]);
        if actions.len() == 2 {
            // The rest follows from what forces it.
            for path in list(&change["replace_paths"]) {
                let first = list(path).first().map(text).unwrap_or_default();
                out.insert((ty.clone(), format!("{first} (replaced)")));
            }
            continue;
        }
        if actions.len() != 1 || actions[0] != "update" {
            out.insert((ty.clone(), format!("{actions:?}")));
            continue;
        }
        let mut paths = BTreeSet::new();
        compare(&change["before"], &change["after"], &change["after_unknown"], "", &mut paths);
        out.extend(paths.into_iter().map(|p| (ty.clone(), p)));
    }
    out
}

fn compare(before: &Value, after: &Value, unknown: &Value, path: &str, out: &mut BTreeSet<String>) {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match (before, after, unknown) {
        (_, _, Value::Bool(true)) => {
            out.insert(path.to_owned());
        }
        (Value::Object(b), Value::Object(a), _) => {
            let names: BTreeSet<&String> = b
                .keys()
                .chain(a.keys())
                .chain(unknown.as_object().into_iter().flat_map(|u| u.keys()))
                .collect();
            for name in names {
                let at = |v: &serde_json::Map<String, Value>| v.get(name).cloned().unwrap_or(Value::Null);
                compare(&at(b), &at(a), &unknown[name], &below(name), out);
            }
        }
        (Value::Array(b), Value::Array(a), _) if b.len() == a.len() => {
            for (i, (b, a)) in b.iter().zip(a).enumerate() {
                compare(b, a, &unknown[i], path, out);
            }
        }
        (Value::String(b), Value::String(a), _) if parsed(b).is_some() && parsed(b) == parsed(a) => {
            if b != a {
                out.insert(format!("{path} (spelling)"));
            }
        }
        (b, a, _) if b == a => {}
        _ => {
            out.insert(path.to_owned());
        }
    }
}

fn parsed(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok().filter(|v: &Value| v.is_object() || v.is_array())
}

/// Managed resources that are in any state of a folder. An organization stays: other
/// accounts are in it.
pub fn managed(states: &Path) -> Vec<String> {
    let mut out = Vec::new();
    let mut note = |of: &str, r: &Value| {
        for i in list(&r["instances"]) {
            let ty = text(&r["type"]);
            if !ty.starts_with("aws_organizations_") {
                out.push(format!(
                    "{of}: {} {ty}.{} {}",
                    text(&r["module"]),
                    text(&r["name"]),
                    i["index_key"]
                ));
            }
        }
    };
    for e in std::fs::read_dir(states).expect("states").flatten() {
        if e.path().extension().is_none_or(|x| x != "tfstate") {
            continue;
        }
        let state: Value = serde_json::from_slice(&std::fs::read(e.path()).expect("a state")).expect("JSON");
        let name = e.file_name().to_string_lossy().into_owned();
        list(&state["resources"]).iter().filter(|r| r["mode"] == "managed").for_each(|r| note(&name, r));
    }
    out.sort();
    out
}

fn list(v: &Value) -> &[Value] {
    v.as_array().map_or(&[], Vec::as_slice)
}

fn text(v: &Value) -> String {
    v.as_str().unwrap_or_default().to_owned()
}
