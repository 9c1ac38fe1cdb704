//! `aws_iam_policy_document`: statements to the JSON that the provider writes.

use std::collections::BTreeMap;
use std::fmt::Write;

use groma_value::Value;
use groma_value::json::write_string;
use serde_json::Value as Json;

/// A policy: version, id and statements, each in the order in which they are written.
#[derive(Clone, Default)]
struct Policy {
    version: String,
    id: String,
    statements: Vec<Statement>,
}

#[derive(Clone, Default)]
struct Statement {
    sid: String,
    /// The other parts, in the order in which they are written.
    parts: Vec<(&'static str, Json)>,
}

const PARTS: [&str; 8] =
    ["Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition"];

/// Reads a configuration of the data source: the document with line breaks, and without.
pub(super) fn documents(config: &Value) -> Result<(String, String), String> {
    let mut merged = Policy::default();
    for (i, text) in texts(config, "source_policy_documents").into_iter().enumerate() {
        let source = parse(&text)
            .map_err(|e| format!("writing IAM Policy Document: merging source document {i}: {e}"))?;
        merge(&mut merged, source, Some(i))?;
    }
    let mut own = Policy {
        version: field(config, "version").unwrap_or_else(|| "2012-10-17".into()),
        id: field(config, "policy_id").unwrap_or_default(),
        statements: Vec::new(),
    };
    for statement in blocks(config, "statement") {
        let statement = statement_of(&statement, &own.version)?;
        if !statement.sid.is_empty() && own.statements.iter().any(|s| s.sid == statement.sid) {
            return Err(format!(
                "duplicate Sid ({}) found. Either remove the Sid or ensure Sid values are unique",
                statement.sid
            ));
        }
        own.statements.push(statement);
    }
    merge(&mut merged, own, None)?;
    for (i, text) in texts(config, "override_policy_documents").into_iter().enumerate() {
        let source = parse(&text)
            .map_err(|e| format!("writing IAM Policy Document: merging override document {i}: {e}"))?;
        merge(&mut merged, source, None)?;
    }
    let json = merged.json();
    let mut pretty = String::new();
    indented(&json, 0, &mut pretty);
    let mut small = String::new();
    minified(&json, &mut small);
    Ok((pretty, small))
}

/// Statements of one sid are replaced, or refused among sources.
fn merge(into: &mut Policy, from: Policy, source: Option<usize>) -> Result<(), String> {
    if !from.version.is_empty() {
        into.version = from.version;
    }
    if !from.id.is_empty() {
        into.id = from.id;
    }
    for statement in from.statements {
        let same = into.statements.iter().position(|s| !s.sid.is_empty() && s.sid == statement.sid);
        match (same, source) {
            (Some(_), Some(i)) => {
                return Err(format!(
                    "merging document {i}: duplicate Sid ({}) in source_policy_documents (item {i}; 0-indexed). Remove the Sid or ensure Sids are unique.",
                    statement.sid
                ));
            }
            (Some(at), None) => into.statements[at] = statement,
            (None, _) => into.statements.push(statement),
        }
    }
    Ok(())
}

fn parse(text: &str) -> Result<Policy, String> {
    if text.trim().is_empty() {
        return Ok(Policy::default());
    }
    let json: Json = serde_json::from_str(text).map_err(|e| format!("it is not JSON: {e}"))?;
    let field = |n: &str| json.get(n).and_then(Json::as_str).unwrap_or_default().to_owned();
    let of = |s: &Json| Statement {
        sid: s.get("Sid").and_then(Json::as_str).unwrap_or_default().to_owned(),
        parts: PARTS
            .iter()
            .filter_map(|part| s.get(*part).map(|v| (*part, normal(part, v))))
            .filter(|(_, v)| !v.is_null())
            .collect(),
    };
    let statements = match json.get("Statement") {
        Some(Json::Array(items)) => items.iter().map(of).collect(),
        Some(Json::Null) | None => Vec::new(),
        // IAM takes a single statement, the provider does not.
        Some(_) => return Err("Statement must be a list".into()),
    };
    Ok(Policy { version: field("Version"), id: field("Id"), statements })
}

/// Lists of principals and of conditions as the provider reads and writes them.
fn normal(part: &str, v: &Json) -> Json {
    match (part, v) {
        ("Principal" | "NotPrincipal", Json::Object(m)) => {
            Json::Object(m.iter().map(|(k, v)| (k.clone(), listed(v, true))).collect())
        }
        ("Condition", Json::Object(m)) => Json::Object(
            m.iter()
                .map(|(test, by)| {
                    let by = by.as_object().cloned().unwrap_or_default();
                    (test.clone(), Json::Object(by.iter().map(|(k, v)| (k.clone(), texts_of(v))).collect()))
                })
                .collect(),
        ),
        _ => v.clone(),
    }
}

fn texts_of(v: &Json) -> Json {
    match v {
        Json::Array(items) => Json::Array(items.iter().map(texts_of).collect()),
        Json::Bool(b) => Json::String(b.to_string()),
        Json::Number(n) => Json::String(n.to_string()),
        v => v.clone(),
    }
}

fn listed(v: &Json, reversed: bool) -> Json {
    match v {
        Json::Array(items) => {
            let items = items.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect();
            several(items, reversed)
        }
        v => v.clone(),
    }
}

/// One text by itself, several as a list, from the last to the first.
fn several(mut items: Vec<String>, reversed: bool) -> Json {
    if reversed {
        items.sort_by(|a, b| b.cmp(a));
    }
    match items.len() {
        1 => Json::String(items.remove(0)),
        _ => Json::Array(items.into_iter().map(Json::String).collect()),
    }
}

fn field(v: &Value, name: &str) -> Option<String> {
    v.get_attr(name)?.as_str().map(str::to_owned).filter(|t| !t.is_empty())
}

fn texts(v: &Value, name: &str) -> Vec<String> {
    let v = v.get_attr(name);
    let items = v.as_ref().and_then(Value::as_elements).unwrap_or_default();
    items.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect()
}

fn blocks(v: &Value, name: &str) -> Vec<Value> {
    v.get_attr(name).as_ref().and_then(Value::as_elements).map(<[Value]>::to_vec).unwrap_or_default()
}

/// `&{aws:username}` is how a policy variable is written where `${` would be interpolation.
fn variables(items: Vec<String>, version: &str) -> Result<Vec<String>, String> {
    let replace = |t: String| {
        if t.contains("&{") && version == "2008-10-17" {
            return Err(format!(
                "found $-style variable in value {t:?}, but policy version 2008-10-17 does not support them"
            ));
        }
        Ok(t.replace("&{", "${"))
    };
    items.into_iter().map(replace).collect()
}

fn statement_of(v: &Value, version: &str) -> Result<Statement, String> {
    let mut out = Statement { sid: field(v, "sid").unwrap_or_default(), parts: Vec::new() };
    out.parts.push(("Effect", Json::String(field(v, "effect").unwrap_or_else(|| "Allow".into()))));
    for (name, part) in [("actions", "Action"), ("not_actions", "NotAction")] {
        let items = texts(v, name);
        if !items.is_empty() {
            out.parts.push((part, several(items, true)));
        }
    }
    for (name, part) in [("resources", "Resource"), ("not_resources", "NotResource")] {
        let items = variables(texts(v, name), version)?;
        if !items.is_empty() {
            out.parts.push((part, several(items, true)));
        }
    }
    for (name, part) in [("principals", "Principal"), ("not_principals", "NotPrincipal")] {
        let all = blocks(v, name);
        if all.is_empty() {
            continue;
        }
        let mut by_type: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut anybody = false;
        for principal in &all {
            let ty = field(principal, "type").unwrap_or_default();
            let items = variables(texts(principal, "identifiers"), version)?;
            anybody |= ty == "*" && items == ["*"];
            by_type.entry(ty).or_default().extend(items);
        }
        let json = if anybody {
            Json::String("*".into())
        } else {
            Json::Object(by_type.into_iter().map(|(ty, items)| (ty, several(items, true))).collect())
        };
        out.parts.push((part, json));
    }
    let mut conditions: BTreeMap<String, BTreeMap<String, Vec<String>>> = BTreeMap::new();
    let mut all = blocks(v, "condition");
    all.sort_by_cached_key(order_of_condition);
    for condition in all {
        let (test, variable) = (field(&condition, "test"), field(&condition, "variable"));
        let values = variables(texts(&condition, "values"), version)?;
        let by = conditions.entry(test.unwrap_or_default()).or_default();
        by.entry(variable.unwrap_or_default()).or_default().extend(values);
    }
    if !conditions.is_empty() {
        let json = conditions
            .into_iter()
            .map(|(test, by)| {
                (test, Json::Object(by.into_iter().map(|(k, v)| (k, several(v, false))).collect()))
            })
            .collect();
        out.parts.push(("Condition", Json::Object(json)));
    }
    Ok(out)
}

/// Where a condition comes in the provider's iteration over the set of them: by the digits of a
/// checksum.
fn order_of_condition(v: &Value) -> String {
    let values: String = texts(v, "values").iter().map(|t| format!("{t};")).collect();
    let (test, variable) = (field(v, "test").unwrap_or_default(), field(v, "variable").unwrap_or_default());
    let text = format!("test:{test};values:({values});variable:{variable};");
    crate::text::crc32(text.as_bytes()).to_string()
}

/// A JSON value whose objects keep the order in which they are written.
enum Out {
    Object(Vec<(String, Out)>),
    Array(Vec<Out>),
    Text(String),
    Other(String),
}

impl Policy {
    fn json(&self) -> Out {
        let mut fields = Vec::new();
        let text = |t: &str| Out::Text(t.to_owned());
        if !self.version.is_empty() {
            fields.push(("Version".to_owned(), text(&self.version)));
        }
        if !self.id.is_empty() {
            fields.push(("Id".to_owned(), text(&self.id)));
        }
        if !self.statements.is_empty() {
            let statements = self.statements.iter().map(|s| {
                let mut fields = Vec::new();
                if !s.sid.is_empty() {
                    fields.push(("Sid".to_owned(), text(&s.sid)));
                }
                fields.extend(s.parts.iter().map(|(part, v)| ((*part).to_owned(), sorted(v))));
                Out::Object(fields)
            });
            fields.push(("Statement".to_owned(), Out::Array(statements.collect())));
        }
        Out::Object(fields)
    }
}

fn sorted(v: &Json) -> Out {
    match v {
        Json::Object(m) => {
            let mut fields: Vec<_> = m.iter().map(|(k, v)| (k.clone(), sorted(v))).collect();
            fields.sort_by(|a, b| a.0.cmp(&b.0));
            Out::Object(fields)
        }
        Json::Array(items) => Out::Array(items.iter().map(sorted).collect()),
        Json::String(s) => Out::Text(s.clone()),
        v => Out::Other(v.to_string()),
    }
}

fn indented(v: &Out, depth: usize, out: &mut String) {
    let pad = "  ".repeat(depth + 1);
    let end = "  ".repeat(depth);
    match v {
        Out::Object(fields) if fields.is_empty() => out.push_str("{}"),
        Out::Array(items) if items.is_empty() => out.push_str("[]"),
        Out::Object(fields) => {
            out.push_str("{\n");
            for (i, (k, v)) in fields.iter().enumerate() {
                out.push_str(&pad);
                write_string(k, out);
                out.push_str(": ");
                indented(v, depth + 1, out);
                out.push_str(if i + 1 < fields.len() { ",\n" } else { "\n" });
            }
            let _ = write!(out, "{end}}}");
        }
        Out::Array(items) => {
            out.push_str("[\n");
            for (i, v) in items.iter().enumerate() {
                out.push_str(&pad);
                indented(v, depth + 1, out);
                out.push_str(if i + 1 < items.len() { ",\n" } else { "\n" });
            }
            let _ = write!(out, "{end}]");
        }
        Out::Text(t) => write_string(t, out),
        Out::Other(t) => out.push_str(t),
    }
}

fn minified(v: &Out, out: &mut String) {
    let mut first = true;
    let mut comma = |out: &mut String| {
        if !std::mem::take(&mut first) {
            out.push(',');
        }
    };
    match v {
        Out::Object(fields) => {
            out.push('{');
            for (k, v) in fields {
                comma(out);
                write_string(k, out);
                out.push(':');
                minified(v, out);
            }
            out.push('}');
        }
        Out::Array(items) => {
            out.push('[');
            for v in items {
                comma(out);
                minified(v, out);
            }
            out.push(']');
        }
        Out::Text(t) => write_string(t, out),
        Out::Other(t) => out.push_str(t),
    }
}
