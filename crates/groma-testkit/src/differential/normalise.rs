//! Making two runs comparable: what must differ from run to run is replaced, by the order of its first appearance.

use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value};

/// Replaces what is random or particular to one run, and remembers it for the whole case, so that the same random
/// identifier in the plan, the state and the outputs becomes the same placeholder.
#[derive(Debug)]
pub struct Normaliser {
    folder: String,
    seen: HashMap<String, String>,
    counts: HashMap<&'static str, usize>,
    days: [String; 3],
}

/// Keys at the top of a document which belong to the run or the program, not to the result.
const PARTICULAR: [&str; 4] = ["terraform_version", "timestamp", "lineage", "serial"];

/// Lists which are sets: their order means nothing. So are `child_modules`, `checks` and `check_results`
/// with what they hold, whose order changes from run to run of the oracle itself.
const UNORDERED: [&str; 4] =
    ["relevant_attributes", "dependencies", "sensitive_attributes", "failure_messages"];

impl Normaliser {
    /// For a run in this folder.
    pub fn new(folder: &str) -> Self {
        let today = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() / 86_400);
        let days = [today.saturating_sub(1), today, today + 1].map(date);
        Self { folder: folder.to_owned(), seen: HashMap::new(), counts: HashMap::new(), days }
    }

    /// A document which a command wrote: a plan, a state, outputs.
    pub fn document(&mut self, value: Value) -> Value {
        let Value::Object(map) = value else { return self.value("", value) };
        let map = map.into_iter().filter(|(key, _)| !PARTICULAR.contains(&key.as_str()));
        let nested = map.map(|(key, value)| match value {
            // A plan holds the state it started from, a document of its own.
            Value::Object(mut state) if key == "prior_state" => {
                state.retain(|key, _| !PARTICULAR.contains(&key.as_str()));
                (key, Value::Object(state))
            }
            other => (key, other),
        });
        self.object(nested.collect())
    }

    fn value(&mut self, key: &str, value: Value) -> Value {
        match value {
            Value::String(text) if key.starts_with("deposed") && is_hex(&text, 8) => {
                Value::String(self.placeholder("deposed", &text))
            }
            Value::String(text) => Value::String(self.text(&text)),
            Value::Array(mut items) => {
                let named = |key: &'static str| move |item: &Value| item[key].to_string();
                match key {
                    _ if UNORDERED.contains(&key) => items.sort_by_cached_key(Value::to_string),
                    "child_modules" | "checks" => items.sort_by_cached_key(named("address")),
                    "instances" if items.iter().all(|item| item["address"].is_object()) => {
                        items.sort_by_cached_key(named("address"));
                    }
                    "check_results" => items.sort_by_cached_key(named("config_addr")),
                    "objects" if items.iter().all(|item| item["object_addr"].is_string()) => {
                        items.sort_by_cached_key(named("object_addr"));
                    }
                    _ => {}
                }
                Value::Array(items.into_iter().map(|item| self.value(key, item)).collect())
            }
            Value::Object(map) => self.object(map),
            other => other,
        }
    }

    /// In the order of the keys, because placeholders are numbered as they are met and writers order keys freely.
    fn object(&mut self, map: Map<String, Value>) -> Value {
        let mut entries: Vec<(String, Value)> = map.into_iter().collect();
        entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        let entries = entries.into_iter().map(|(key, value)| {
            // Plan JSON has what -var and the environment gave as it was written; Groma
            // has it converted to the variable's type. Both are compared as texts.
            let value = if key == "variables" { as_texts(value) } else { value };
            let value = self.value(&key, value);
            (self.text(&key), value)
        });
        Value::Object(entries.collect())
    }

    /// A text: UUIDs, the folder of the run and times of these days are replaced.
    pub fn text(&mut self, text: &str) -> String {
        let text = text.replace(&self.folder, "<folder>");
        let mut plain = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while let Some(c) = rest.chars().next() {
            let length = if let Some(uuid) = rest.get(..36).filter(|candidate| is_uuid(candidate)) {
                plain += &self.placeholder("uuid", uuid);
                36
            } else if let Some(time) = rest.get(..20).filter(|candidate| self.is_recent(candidate)) {
                plain += &self.placeholder("time", time);
                20
            } else {
                plain.push(c);
                c.len_utf8()
            };
            rest = rest.get(length..).unwrap_or_default();
        }
        plain
    }

    fn placeholder(&mut self, kind: &'static str, text: &str) -> String {
        if let Some(known) = self.seen.get(text) {
            return known.clone();
        }
        let count = self.counts.entry(kind).or_default();
        // The number of a time says which of the run's moments it is, which two runs need not agree on.
        let name = if kind == "time" { "<time>".to_owned() } else { format!("<{kind} {}>", *count + 1) };
        *count += 1;
        self.seen.insert(text.to_owned(), name.clone());
        name
    }

    /// `2006-01-02T15:04:05Z` of yesterday, today or tomorrow: older times are the case's own data.
    fn is_recent(&self, text: &str) -> bool {
        self.days.iter().any(|day| text.starts_with(day.as_str()))
            && text.bytes().zip(b"dddd-dd-ddTdd:dd:ddZ").all(|(byte, &shape)| match shape {
                b'd' => byte.is_ascii_digit(),
                other => byte == other,
            })
    }
}

/// Numbers and booleans as strings, at any depth.
fn as_texts(value: Value) -> Value {
    match value {
        Value::Number(n) => Value::String(n.to_string()),
        Value::Bool(b) => Value::String(b.to_string()),
        Value::Array(items) => items.into_iter().map(as_texts).collect(),
        Value::Object(map) => Value::Object(map.into_iter().map(|(k, v)| (k, as_texts(v))).collect()),
        other => other,
    }
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_uuid(text: &str) -> bool {
    let mut parts = text.split('-');
    [8, 4, 4, 4, 12].iter().all(|&length| parts.next().is_some_and(|part| is_hex(part, length)))
        && parts.next().is_none()
}

/// The date of a day counted from 1970-01-01, by counting 400-year cycles from a March.
fn date(days: u64) -> String {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}T")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ONE: &str = "18378f73-8c0e-829e-69df-06bd42aca95e";
    const TWO: &str = "28378f73-8c0e-829e-69df-06bd42aca95e";

    #[test]
    fn identifiers_keep_their_identity_across_documents() {
        let mut normaliser = Normaliser::new("/somewhere/else");
        let first = normaliser.document(json!({"b": TWO, "a": format!("x-{ONE}"), "serial": 4}));
        assert_eq!(first, json!({"a": "x-<uuid 1>", "b": "<uuid 2>"}));
        assert_eq!(normaliser.document(json!([TWO, ONE])), json!(["<uuid 2>", "<uuid 1>"]));
        assert_eq!(normaliser.text("in /somewhere/else/a.tf"), "in <folder>/a.tf");
    }

    #[test]
    fn only_the_runs_own_keys_go() {
        let mut normaliser = Normaliser::new("/x");
        let plan = json!({"prior_state": {"terraform_version": "1", "values": {}}, "values": {"serial": 1}, "timestamp": "t"});
        assert_eq!(
            normaliser.document(plan),
            json!({"prior_state": {"values": {}}, "values": {"serial": 1}})
        );
        let state = json!({"deposed": "0a1b2c3d", "other": "0a1b2c3d", "dependencies": ["b", "a"], "list": ["b", "a"]});
        let expected = json!({"deposed": "<deposed 1>", "other": "0a1b2c3d", "dependencies": ["a", "b"], "list": ["b", "a"]});
        assert_eq!(normaliser.document(state), expected);
    }

    #[test]
    fn times_of_today_are_replaced_and_others_are_data() {
        assert_eq!(date(0), "1970-01-01T");
        assert_eq!(date(19_782), "2024-02-29T");
        let mut normaliser = Normaliser::new("/x");
        let now = format!("{}12:00:00Z", normaliser.days[1]);
        assert_eq!(normaliser.text(&format!("at {now}, é")), "at <time>, é");
        assert_eq!(normaliser.text("2001-02-03T12:00:00Z"), "2001-02-03T12:00:00Z");
    }
}
