//! Checks of configurations before anything is planned: what was measured of the real provider's
//! validation, and what AWS would refuse only later.

mod forms;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use groma_provider::{Diags, ProviderDiagnostic};
use groma_value::schema::Block;
use groma_value::{Path, PathStep, Value};
use serde::Deserialize;

use crate::data::Archive;
use crate::plan::plain;

static ARCHIVE: LazyLock<Option<Archive>> =
    LazyLock::new(|| Archive::open(include_bytes!("../data/checks.bin")));

/// What was measured wrongly: the provider's message was about the argument beside.
const MISTAKEN: &[(&str, &str)] =
    &[("aws_networkfirewall_rule_group", "rule_group.rules_source.rules_source_list.targets")];

type Limits = (Option<i64>, Option<i64>);

/// What the provider accepts. Paths are written without indices.
#[derive(Default, Deserialize)]
struct Checks {
    /// The texts accepted.
    #[serde(default, rename = "e")]
    texts: BTreeMap<String, Vec<String>>,
    /// Least and greatest number.
    #[serde(default, rename = "r")]
    numbers: BTreeMap<String, Limits>,
    /// Least and greatest length of a text, in characters.
    #[serde(default, rename = "l")]
    lengths: BTreeMap<String, Limits>,
    /// At most one of these may be set.
    #[serde(default, rename = "x")]
    exclusive: Vec<Vec<String>>,
    /// One of these must be set.
    #[serde(default, rename = "o")]
    one_of: Vec<Vec<String>>,
}

impl Checks {
    fn of(ty: &str) -> Arc<Checks> {
        static KNOWN: LazyLock<Mutex<HashMap<String, Arc<Checks>>>> = LazyLock::new(Mutex::default);
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(checks) = known.get(ty) {
            return checks.clone();
        }
        let read = |bytes: &[u8]| serde_json::from_slice(bytes).ok();
        let mut checks: Checks = ARCHIVE.as_ref().and_then(|a| a.with(ty, read)).unwrap_or_default();
        for (_, path) in MISTAKEN.iter().filter(|(of, _)| *of == ty) {
            checks.texts.remove(*path);
        }
        let checks = Arc::new(checks);
        known.insert(ty.to_owned(), checks.clone());
        checks
    }
}

/// Checks the configuration of a resource.
pub(crate) fn resource(ty: &str, block: &Block, config: &Value) -> Diags {
    let mut out = Out { ty, diags: Vec::new() };
    let checks = Checks::of(ty);
    config.walk(&mut |path, v| {
        if v.is_null() || !v.is_known() || path.is_empty() {
            return true;
        }
        let at = plain(path);
        match v {
            Value::String(s) => out.text(&checks, path, &at, s),
            Value::Number(n) => out.number(&checks, path, &at, n.to_f64()),
            _ => {}
        }
        true
    });
    for (n, a) in &block.attributes {
        let set = config.get_attr(n).is_some_and(|v| !v.is_null());
        if set && a.computed && !a.optional {
            out.wrong(
                &Path::new().attr(n.clone()),
                "Value for unconfigurable attribute",
                format!("Can't configure a value for \"{n}\": its value will be decided automatically based on the result of applying this configuration."),
            );
        }
    }
    out.groups(&checks, config);
    forms::pairs(&mut out, config);
    out.diags
}

struct Out<'a> {
    ty: &'a str,
    diags: Diags,
}

impl Out<'_> {
    fn wrong(&mut self, path: &Path, summary: impl Into<String>, detail: impl Into<String>) {
        // Within a set nothing has a path that leads to it.
        let steps = path.steps().iter();
        let steps: Vec<PathStep> = steps
            .take_while(
                |s| !matches!(s, PathStep::Index(k) if !matches!(k, Value::String(_) | Value::Number(_))),
            )
            .cloned()
            .collect();
        let path = Some(Path(steps));
        self.diags.push(ProviderDiagnostic { path, ..ProviderDiagnostic::error(summary, detail) });
    }

    fn text(&mut self, checks: &Checks, path: &Path, at: &str, s: &str) {
        if let Some(accepted) = checks.texts.get(at)
            && !accepted.iter().any(|a| a.eq_ignore_ascii_case(s))
        {
            let list: Vec<String> = accepted.iter().map(|a| format!("{a:?}")).collect();
            let meant = nearest(accepted, s).map(|m| format!("Did you mean {m:?}?")).unwrap_or_default();
            self.wrong(path, format!("expected {at} to be one of [{}], got {s}", list.join(" ")), meant);
            return;
        }
        if let Some((least, greatest)) = checks.lengths.get(at) {
            let length = s.chars().count() as i64;
            if least.is_some_and(|n| length < n) || greatest.is_some_and(|n| length > n) {
                let summary = match (least, greatest) {
                    (Some(a), Some(b)) => {
                        format!("expected length of {at} to be in the range ({a} - {b}), got {s}")
                    }
                    (_, Some(b)) => format!("{at:?} cannot be longer than {b} characters: {s:?}"),
                    (Some(a), _) => format!("{at:?} must have at least {a} characters: {s:?}"),
                    _ => return,
                };
                self.wrong(path, summary, format!("It has {length} characters."));
                return;
            }
        }
        if let Some((summary, detail)) = forms::text(self.ty, at, s) {
            self.wrong(path, summary, detail);
        }
    }

    fn number(&mut self, checks: &Checks, path: &Path, at: &str, n: f64) {
        let limits = checks.numbers.get(at).copied().or_else(|| forms::limits(self.ty, at));
        let Some((least, greatest)) = limits else { return };
        // Zero beside a range means "not at all".
        if n == 0.0 && least.is_some_and(|l| l > 1) {
            return;
        }
        if checks.texts.get(at).is_some_and(|also| also.contains(&n.to_string())) {
            return;
        }
        let below = least.is_some_and(|l| n < l as f64);
        if below || greatest.is_some_and(|g| n > g as f64) {
            let summary = match (least, greatest) {
                (Some(a), Some(b)) => format!("expected {at} to be in the range ({a} - {b}), got {n}"),
                (Some(a), None) => format!("expected {at} to be at least ({a}), got {n}"),
                (_, Some(b)) => format!("expected {at} to be at most ({b}), got {n}"),
                _ => return,
            };
            self.wrong(path, summary, "");
        }
    }

    fn groups(&mut self, checks: &Checks, config: &Value) {
        let set = |n: &String| {
            config
                .get_attr(n)
                .is_some_and(|v| !v.is_null() && !v.as_elements().is_some_and(<[Value]>::is_empty))
        };
        let top = |group: &&Vec<String>| group.iter().all(|n| config.get_attr(n).is_some());
        for group in checks.exclusive.iter().filter(top) {
            let both: Vec<&String> = group.iter().filter(|n| set(n)).collect();
            if let [first, second, ..] = both[..] {
                self.wrong(
                    &Path::new().attr(second.as_str()),
                    "Conflicting configuration arguments",
                    format!("{second:?}: conflicts with {first}"),
                );
            }
        }
        for group in checks.one_of.iter().filter(top) {
            if !group.iter().any(set) {
                self.wrong(
                    &Path::new().attr(group[0].as_str()),
                    "Invalid combination of arguments",
                    format!("{:?}: one of `{}` must be specified", group[0], group.join(",")),
                );
            }
        }
    }
}

/// The accepted text that is most like another one, if any is.
fn nearest<'a>(accepted: &'a [String], text: &str) -> Option<&'a String> {
    let distance = |a: &str| {
        let (a, b): (Vec<char>, Vec<char>) =
            (a.to_lowercase().chars().collect(), text.to_lowercase().chars().collect());
        let mut row: Vec<usize> = (0..=b.len()).collect();
        for (i, x) in a.iter().enumerate() {
            let mut last = row[0];
            row[0] = i + 1;
            for (j, y) in b.iter().enumerate() {
                let here = last + usize::from(x != y);
                last = row[j + 1];
                row[j + 1] = here.min(row[j] + 1).min(last + 1);
            }
        }
        row[b.len()]
    };
    let best = accepted.iter().map(|a| (distance(a), a)).min_by_key(|(d, _)| *d)?;
    (best.0 <= 1 + text.len() / 3).then_some(best.1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schemas;
    use groma_value::json;

    fn complaints(ty: &str, config: serde_json::Value) -> Vec<String> {
        let block = &schemas::resource(ty).unwrap().block;
        let v = block.coerce_value(&json::from_json_implied(&config).unwrap()).unwrap();
        let show = |d: &ProviderDiagnostic| {
            format!("{}: {} {}", d.path.clone().unwrap_or_default(), d.summary, d.detail)
        };
        resource(ty, block, &v).iter().map(show).collect()
    }

    #[test]
    fn mistakes_are_found_and_named() {
        use serde_json::json;
        for (ty, config, parts) in [
            ("aws_vpc", json!({"cidr_block": "10.0.0.1/16"}), [".cidr_block", "10.0.0.0/16"]),
            ("aws_vpc", json!({"cidr_block": "10.0.0.0"}), [".cidr_block", "CIDR"]),
            ("aws_lb", json!({"name": "a".repeat(33), "subnets": ["s"]}), [".name", "32"]),
            ("aws_lb", json!({"name": "a_b", "subnets": ["s"]}), [".name", "hyphens"]),
            ("aws_lb", json!({"name": "a"}), [".subnet", "one of"]),
            (
                "aws_lb",
                json!({"name": "a", "subnets": ["s"], "load_balancer_type": "aplication"}),
                [".load_balancer_type", "\"application\"?"],
            ),
            ("aws_iam_role", json!({"name": "r".repeat(65), "assume_role_policy": "{}"}), [".name", "64"]),
            (
                "aws_iam_role",
                json!({"name": "r", "assume_role_policy": "{"}),
                [".assume_role_policy", "JSON"],
            ),
            ("aws_s3_bucket", json!({"bucket": "A_b"}), [".bucket", "lower"]),
            ("aws_security_group", json!({"description": "é"}), [".description", "characters"]),
            (
                "aws_vpc_security_group_ingress_rule",
                json!({"security_group_id": "s", "ip_protocol": "tcp", "from_port": 70000, "cidr_ipv4": "0.0.0.0/0"}),
                [".from_port", "65535"],
            ),
            ("aws_db_instance", json!({"instance_class": "t4g.micro"}), [".instance_class", "db."]),
            (
                "aws_db_instance",
                json!({"instance_class": "db.t4g.micro", "identifier": "9x"}),
                [".identifier", "letter"],
            ),
            ("aws_sqs_queue", json!({"name": "x", "fifo_queue": true}), [".name", ".fifo"]),
            (
                "aws_ecs_task_definition",
                json!({"family": "f", "container_definitions": "[]", "cpu": "256", "memory": "4096", "requires_compatibilities": ["FARGATE"]}),
                [".memory", "512, 1024, 2048"],
            ),
            (
                "aws_lambda_function",
                json!({"function_name": "f", "role": "arn:aws:iam::123456789012:role/r", "memory_size": 20000}),
                [".memory_size", "10240"],
            ),
            ("aws_security_group", json!({"name": "a", "name_prefix": "b"}), [".name_prefix", "conflicts"]),
            ("aws_sns_topic", json!({"arn": "x"}), [".arn", "decided automatically"]),
        ] {
            let found = complaints(ty, config.clone());
            let hit = found.iter().any(|d| parts.iter().all(|p| d.contains(p)));
            assert!(hit, "{ty} {config}: {found:?}");
        }
    }

    #[test]
    fn what_is_right_passes() {
        let cases: serde_json::Value = serde_json::from_str(include_str!("../tests/cases.json")).unwrap();
        let mut wrong = Vec::new();
        for case in cases.as_array().unwrap() {
            let ty = case["type"].as_str().unwrap();
            let block = &schemas::resource(ty).unwrap().block;
            // Unknown texts are null here.
            let text = case["create"].to_string().replace("\"?\"", "null");
            let parsed: serde_json::Value = serde_json::from_str(&text).unwrap();
            let Ok(v) = block.coerce_value(&json::from_json_implied(&parsed).unwrap()) else { continue };
            let found = resource(ty, block, &v);
            let found: Vec<_> = found.iter().filter(|d| !d.detail.contains("one of")).collect();
            wrong.extend(found.iter().map(|d| format!("{ty}: {} {:?}", d.summary, d.path)));
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
