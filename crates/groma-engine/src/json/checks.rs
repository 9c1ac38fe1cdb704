//! Results of conditions as plan and state JSON have them.

use super::value::{Obj, key};
use crate::checks::{CheckKind, CheckResults, CheckStatus};
use crate::walk::prefixed;
use groma_config::{Config, Lifecycle};
use groma_value::addr::{ConfigResource, ResourceInstance};
use serde_json::Value as Json;

/// One object of the configuration with its conditions, whichever source it is from.
struct Static<'a> {
    kind: &'a str,
    addr: &'a str,
    status: &'a str,
    objects: Vec<(&'a str, &'a str, Vec<&'a str>)>,
}

/// The results of a plan, sorted by address; empty if there are none. What the
/// configuration checks and the plan did not come to is unknown.
pub(super) fn of_plan(results: &CheckResults, config: &Config) -> Json {
    let missing: Vec<(CheckKind, String)> =
        declared(config).into_iter().filter(|(_, a)| !results.0.contains_key(a)).collect();
    let unknown = CheckStatus::Unknown.as_str();
    let all = results.0.iter().map(|(addr, r)| Static {
        kind: r.kind.as_str(),
        addr,
        status: r.status().as_str(),
        objects: r
            .objects
            .iter()
            .map(|(a, o)| (a.as_str(), o.status.as_str(), o.failures.iter().map(String::as_str).collect()))
            .collect(),
    });
    let missing = missing.iter().map(|(kind, addr)| Static {
        kind: kind.as_str(),
        addr,
        status: unknown,
        objects: Vec::new(),
    });
    render(all.chain(missing).collect())
}

/// Everything in the configuration that has conditions.
fn declared(config: &Config) -> Vec<(CheckKind, String)> {
    let mut out = Vec::new();
    config.root.walk(&mut |node| {
        let m = &node.module;
        let mut add = |kind, text: String| out.push((kind, prefixed(&node.path.to_string(), &text)));
        let resources = m.resources.values();
        let conditions = |l: &Lifecycle| !l.preconditions.is_empty() || !l.postconditions.is_empty();
        for r in resources.filter(|r| conditions(&r.lifecycle)) {
            add(CheckKind::Resource, r.addr.to_string());
        }
        for (n, _) in m.outputs.iter().filter(|(_, o)| !o.preconditions.is_empty()) {
            add(CheckKind::Output, format!("output.{n}"));
        }
        for (n, _) in m.variables.iter().filter(|(_, v)| !v.validations.is_empty()) {
            add(CheckKind::Variable, format!("var.{n}"));
        }
        for n in m.checks.keys() {
            add(CheckKind::Check, format!("check.{n}"));
        }
    });
    out
}

/// The results that a state stores, in which one of the kinds has another name.
pub(super) fn of_state(stored: &Json) -> Json {
    fn text<'a>(j: &'a Json, name: &str) -> &'a str {
        j.get(name).and_then(Json::as_str).unwrap_or_default()
    }
    fn list<'a>(j: &'a Json, name: &str) -> &'a [Json] {
        j.get(name).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default()
    }
    let all = stored.as_array().into_iter().flatten().map(|r| Static {
        kind: match text(r, "object_kind") {
            "output" => CheckKind::Output.as_str(),
            k => k,
        },
        addr: text(r, "config_addr"),
        status: text(r, "status"),
        objects: list(r, "objects")
            .iter()
            .map(|o| {
                let messages = list(o, "failure_messages").iter().filter_map(Json::as_str).collect();
                (text(o, "object_addr"), text(o, "status"), messages)
            })
            .collect(),
    });
    render(all.collect())
}

fn render(mut all: Vec<Static<'_>>) -> Json {
    all.sort_by_key(|s| s.addr);
    all.into_iter()
        .map(|mut s| {
            s.objects.sort_by_key(|o| o.0);
            let mut out = Obj::new();
            out.put("address", static_address(s.kind, s.addr)).put("status", s.status);
            let instances = s.objects.into_iter().map(|(addr, status, mut messages)| {
                messages.sort_unstable();
                let mut out = Obj::new();
                out.put("address", instance_address(s.kind, addr)).put("status", status);
                let problem = |m: &str| {
                    let mut p = Obj::new();
                    p.put("message", m);
                    p.json()
                };
                out.filled("problems", messages.into_iter().map(problem).collect());
                out.json()
            });
            out.filled("instances", instances.collect());
            out.json()
        })
        .collect()
}

/// `module.a.output.x` as the module and the name.
fn split<'a>(addr: &'a str, kind: &str) -> (&'a str, &'a str) {
    let word = match kind {
        "output_value" => "output.",
        "check" => "check.",
        _ => "var.",
    };
    match addr.rfind(word) {
        Some(i) => (addr[..i].trim_end_matches('.'), &addr[i + word.len()..]),
        None => ("", addr),
    }
}

fn static_address(kind: &str, addr: &str) -> Json {
    let mut out = Obj::new();
    out.put("kind", kind);
    if kind == CheckKind::Resource.as_str() {
        if let Ok(c) = ConfigResource::parse(addr) {
            out.put("mode", c.resource.mode.as_str());
            out.text("module", c.module.to_string());
            out.put("name", &*c.resource.name).put("to_display", addr).put("type", &*c.resource.ty);
            return out.json();
        }
    } else {
        let (module, name) = split(addr, kind);
        out.text("module", module).put("name", name);
    }
    out.put("to_display", addr);
    out.json()
}

fn instance_address(kind: &str, addr: &str) -> Json {
    let mut out = Obj::new();
    if kind == CheckKind::Resource.as_str() {
        if let Ok(i) = ResourceInstance::parse(addr) {
            out.opt("instance_key", key(&i.key));
            out.text("module", i.module.to_string());
        }
    } else {
        out.text("module", split(addr, kind).0);
    }
    out.put("to_display", addr);
    out.json()
}

#[cfg(test)]
mod tests {
    use super::*;
    use groma_config::ModuleNode;

    #[test]
    fn plan_and_state_agree() {
        let mut r = CheckResults::default();
        r.report(CheckKind::Output, "module.m.output.p", "module.m[\"x\"].output.p", CheckStatus::Pass, None);
        r.report(CheckKind::Resource, "a.b", "a.b[0]", CheckStatus::Fail, Some("no".into()));
        r.declare(CheckKind::Check, "check.c");
        let expected = serde_json::json!([
            {
                "address": {"kind": "resource", "mode": "managed", "name": "b", "to_display": "a.b", "type": "a"},
                "status": "fail",
                "instances": [{
                    "address": {"instance_key": 0, "to_display": "a.b[0]"},
                    "status": "fail",
                    "problems": [{"message": "no"}]
                }]
            },
            {"address": {"kind": "check", "name": "c", "to_display": "check.c"}, "status": "pass"},
            {
                "address": {
                    "kind": "output_value", "module": "module.m", "name": "p", "to_display": "module.m.output.p"
                },
                "status": "pass",
                "instances": [{
                    "address": {"module": "module.m[\"x\"]", "to_display": "module.m[\"x\"].output.p"},
                    "status": "pass"
                }]
            }
        ]);
        let root = ModuleNode {
            path: groma_value::addr::ModulePath::root(),
            module: Default::default(),
            children: Default::default(),
            providers: Default::default(),
            sources: Default::default(),
        };
        assert_eq!(of_plan(&r, &Config { root: root.into() }), expected);
        let stored = serde_json::json!([
            {"object_kind": "resource", "config_addr": "a.b", "status": "fail", "objects": [
                {"object_addr": "a.b[0]", "status": "fail", "failure_messages": ["no"]}]},
            {"object_kind": "check", "config_addr": "check.c", "status": "pass", "objects": null},
            {"object_kind": "output", "config_addr": "module.m.output.p", "status": "pass", "objects": [
                {"object_addr": "module.m[\"x\"].output.p", "status": "pass"}]},
        ]);
        assert_eq!(of_state(&stored), expected);
    }
}
