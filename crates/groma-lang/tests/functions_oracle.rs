//! Every function, called by us and by `terraform`.
//!
//! `functions/cases.txt` holds expressions, `functions/answers.jsonl` what Terraform
//! makes of each: a value with its type, what is unknown of it, or an error. The
//! first test compares our results with these answers, the second makes Terraform
//! give them again (`GROMA_RECORD_ANSWERS=1` writes them down). All expressions go
//! through two runs of the oracle: one that reports all errors, one for the others.
//!
//! `functions/differences.txt` holds expressions for which ours is meant to differ,
//! with our answer and the reason.

use groma_lang::eval::{Bindings, evaluate};
use groma_lang::functions::{FunctionContext, Functions};
use groma_lang::{Diagnostics, Sources, syntax};
use groma_testkit::{Workdir, oracle, skip};
use groma_value::{Type, Value, json};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// In front of the outputs; `local.u` is an unknown string.
const UNKNOWN: &str = "resource \"terraform_data\" \"u\" {}\nlocals {\n  u = terraform_data.u.id\n}\n";

/// Templates, as `templatestring` takes them by reference only.
const TEMPLATES: [(&str, &str); 7] = [
    ("t", "Hi ${name}"),
    ("tn", "${v}"),
    ("bad", "a ${"),
    ("rec", "${templatestring(\"x\", {})}"),
    ("rec2", "${templatefile(\"files/t.tpl\", { name = 1 })}"),
    ("two", "a\n${a.b}\n${a.c.d}"),
    ("fn", "${upper(a)}"),
];

fn prefix() -> String {
    let mut out = UNKNOWN.to_owned();
    for (name, template) in TEMPLATES {
        let quoted = json!(template).to_string().replace("${", "$${");
        out.push_str(&format!("locals {{\n  {name} = {quoted}\n}}\n"));
    }
    out
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/functions").join(name)
}

fn cases() -> Vec<String> {
    let text = std::fs::read_to_string(data("cases.txt")).unwrap();
    let lines = text.lines().filter(|l| !l.trim().is_empty() && !l.starts_with("# "));
    lines.map(str::to_owned).collect()
}

/// The files that the functions about files find.
fn write_files(dir: &Workdir) {
    let files: [(&str, &[u8]); 16] = [
        ("bin", b"x\xff"),
        ("a.txt", "hello é\n".as_bytes()),
        ("b.txt", b"b\n"),
        ("*.txt", b"*\n"),
        ("d/x.txt", b"1\n"),
        ("d/e/x.txt", b"2\n"),
        ("r.md", b"m\n"),
        (".hid", b"h\n"),
        ("t.tpl", b"Hi ${name}!"),
        ("only.tpl", b"${v}"),
        ("rec.tpl", b"${templatefile(\"files/rec.tpl\", {})}"),
        ("bad.tpl", b"a ${"),
        ("bad2.tpl", b"line\n ${name.x} ${upper(1,2)}"),
        ("inner.tpl", b"${templatefile(\"files/t.tpl\", { name = \"in\" })}"),
        ("t2.tpl", b"%{ for i in items ~}\n- ${i}\n%{ endfor }"),
        ("fn.tpl", b"${upper(name)} ${length(name)}"),
    ];
    for (name, content) in files {
        dir.write(Path::new("files").join(name), content);
    }
    let at = |name: &str| dir.path().join("files").join(name);
    std::os::unix::fs::symlink("d", at("link")).unwrap();
    std::fs::create_dir(at("broken")).unwrap();
    std::os::unix::fs::symlink("/nonexistent", at("broken/l")).unwrap();
    for key in ["rsa1.pem", "rsa8.pem", "ec.pem", "encrypted.pem", "openssh"] {
        std::fs::copy(data("keys").join(key), at(key)).unwrap();
    }
}

/// A context as the oracle has it while planning.
fn context(dir: &Workdir) -> FunctionContext {
    FunctionContext {
        base_dir: dir.path().to_path_buf(),
        plan_timestamp: Some("2024-05-06T07:08:09Z".into()),
        home_dir: Some(PathBuf::from("/home/somebody")),
        apply: false,
    }
}

fn ours(expr: &str, functions: &Functions) -> Json {
    let sources = Sources::new();
    let file = sources.add("main.tf", expr);
    let mut diags = Diagnostics::new();
    let templates = TEMPLATES.map(|(name, t)| (name, Value::string(t)));
    let unknown = ("u", Value::unknown_not_null(Type::String));
    let locals = Value::object(templates.into_iter().chain([unknown]));
    let scope = Bindings::new([("local", locals)], functions);
    let parsed = syntax::parse_expr(&file, &mut diags);
    let value = parsed.map(|e| evaluate(&e, &scope, &mut diags));
    if let Some(d) = diags.iter().find(|d| d.is_error()) {
        return json!({ "error": format!("{}: {}", d.summary, d.detail) });
    }
    let (value, _) = value.unwrap().unmark_deep();
    if value.is_wholly_known() {
        let ty = value.ty();
        return match json::encode_implied(&value) {
            Ok(text) => {
                json!({ "value": serde_json::from_str::<Json>(&text).unwrap(), "type": json::type_to_json(&ty) })
            }
            Err(e) => json!({ "error": e.to_string() }),
        };
    }
    json!({ "known": known(&value), "unknown": mask(&value) })
}

/// What plans show of a partly unknown value.
fn known(v: &Value) -> Json {
    match v {
        Value::Unknown(..) => Json::Null,
        Value::List(_) | Value::Set(_) | Value::Tuple(_) => {
            v.as_elements().unwrap().iter().map(known).collect()
        }
        Value::Map(_) | Value::Object(_) => {
            let fields = v.as_fields().unwrap().iter().filter(|(_, v)| v.is_known());
            Json::Object(fields.map(|(n, v)| (n.to_string(), known(v))).collect())
        }
        v => serde_json::from_str(&json::encode_implied(v).unwrap()).unwrap(),
    }
}

fn mask(v: &Value) -> Json {
    match v {
        Value::Unknown(..) => Json::Bool(true),
        Value::List(_) | Value::Set(_) | Value::Tuple(_) => {
            v.as_elements().unwrap().iter().map(mask).collect()
        }
        Value::Map(_) | Value::Object(_) => {
            let fields = v.as_fields().unwrap().iter().map(|(n, v)| (n.to_string(), mask(v)));
            Json::Object(fields.filter(|(_, m)| *m != Json::Bool(false)).collect())
        }
        _ => Json::Bool(false),
    }
}

fn write_outputs(dir: &Workdir, cases: &[String], skip: &BTreeSet<usize>) {
    let mut text = prefix();
    for (i, case) in cases.iter().enumerate().filter(|(i, _)| !skip.contains(i)) {
        text.push_str(&format!("output \"c{i}\" {{ value = [{case}] }}\n"));
    }
    dir.write("main.tf", text);
}

/// How many expressions one run of the oracle takes: its time grows with the square.
const BATCH: usize = 150;

/// What the oracle answers, by expression.
fn theirs(cases: &[String]) -> BTreeMap<String, Json> {
    // Two at a time, as each run is busy with one processor mostly.
    let batches: Vec<&[String]> = cases.chunks(BATCH).collect();
    let run = |from: usize| -> Vec<_> { batches.iter().skip(from).step_by(2).map(|b| ask(b)).collect() };
    std::thread::scope(|scope| {
        let other = scope.spawn(|| run(1));
        let mut all = run(0);
        all.extend(other.join().unwrap());
        all.into_iter().flatten().collect()
    })
}

fn ask(cases: &[String]) -> BTreeMap<String, Json> {
    let dir = Workdir::new();
    write_files(&dir);
    let mut answers = BTreeMap::new();
    let mut failed = BTreeSet::new();
    write_outputs(&dir, cases, &failed);
    dir.terraform(["init"]).expect_success();
    let first_line = prefix().lines().count() as u64 + 1;
    // Constant expressions fail at once, others only where no constant one does.
    loop {
        write_outputs(&dir, cases, &failed);
        let lines: Vec<usize> = (0..cases.len()).filter(|i| !failed.contains(i)).collect();
        let plan = dir.terraform(["plan", "-json", "-out=plan"]);
        if plan.success() {
            break;
        }
        let before = failed.len();
        for line in plan.stdout.lines() {
            let line: Json = serde_json::from_str(line).unwrap();
            let d = &line["diagnostic"];
            if d["severity"] != "error" {
                continue;
            }
            let at = d["range"]["start"]["line"].as_u64().unwrap_or_else(|| panic!("no place: {d}"));
            let case = lines[(at - first_line) as usize];
            if failed.insert(case) {
                let detail = d["detail"].as_str().unwrap_or_default();
                // What follows is a trace of the stack.
                let detail = detail.split("\ngoroutine").next().unwrap_or_default();
                let text = format!("{}: {detail}", d["summary"].as_str().unwrap_or_default());
                answers.insert(cases[case].clone(), json!({ "error": text }));
            }
        }
        assert!(failed.len() > before, "{plan}");
    }
    let plan = dir.terraform(["show", "-json", "plan"]).expect_success().json();
    for (i, case) in cases.iter().enumerate().filter(|(i, _)| !failed.contains(i)) {
        let name = format!("c{i}");
        let planned = &plan["planned_values"]["outputs"][&name];
        let change = &plan["output_changes"][&name];
        let answer = match &change["after_unknown"] {
            Json::Bool(false) => json!({ "value": planned["value"][0], "type": planned["type"][1][0] }),
            // A result that is unknown as a whole leaves not even its place.
            Json::Bool(true) => json!({ "known": null, "unknown": true }),
            unknown => json!({ "known": change["after"][0], "unknown": unknown[0] }),
        };
        answers.insert(case.clone(), answer);
    }
    answers
}

fn recorded() -> BTreeMap<String, Json> {
    let text = std::fs::read_to_string(data("answers.jsonl")).unwrap_or_default();
    let entries = text.lines().map(|l| serde_json::from_str::<(String, Json)>(l).unwrap());
    entries.collect()
}

/// Whether an answer of ours says the same as the oracle's. Positions within YAML
/// count from one with us, and its parser has its own words for bad syntax.
fn same(theirs: &Json, ours: &Json) -> bool {
    let (Some(theirs), Some(ours)) = (theirs["error"].as_str(), ours["error"].as_str()) else {
        return theirs == ours;
    };
    let Some((call, reason)) = theirs.split_once("\"yamldecode\" failed: ") else {
        return theirs.replace("this Terraform version", "this version") == ours;
    };
    let without_place = |s: &str| match s.strip_prefix("on line ").and_then(|s| s.split_once(": ")) {
        Some((_, rest)) => rest.to_owned(),
        None => s.to_owned(),
    };
    let syntax = ["did not find", "could not find", "found ", "mapping values are not allowed"];
    match ours.split_once("\"yamldecode\" failed: ") {
        Some((our_call, ours)) if our_call == call => {
            let reason = without_place(reason);
            syntax.iter().any(|s| reason.starts_with(s)) || without_place(ours) == reason
        }
        _ => false,
    }
}

#[test]
fn our_results_are_terraforms() {
    let dir = Workdir::new();
    write_files(&dir);
    let functions = Functions::standard(&context(&dir));
    let answers = recorded();
    let cases = cases();
    let mut wrong = String::new();
    let mut count = 0;
    for case in &cases {
        let Some(expected) = answers.get(case) else {
            wrong.push_str(&format!("{case}\n  has no recorded answer\n"));
            continue;
        };
        let got = ours(case, &functions);
        if !same(expected, &got) {
            count += 1;
            wrong.push_str(&format!("{case}\n  terraform: {expected}\n  ours:      {got}\n"));
        }
    }
    assert!(wrong.is_empty(), "{count} of {} differ:\n{wrong}", cases.len());
}

#[test]
fn recorded_answers_are_terraforms() {
    if oracle().is_none() {
        return skip("no terraform");
    }
    let cases = cases();
    let answers = theirs(&cases);
    if std::env::var_os("GROMA_RECORD_ANSWERS").is_some() {
        let lines = cases.iter().map(|c| format!("{}\n", json!([c, answers[c]])));
        std::fs::write(data("answers.jsonl"), lines.collect::<String>()).unwrap();
        return;
    }
    let recorded = recorded();
    for case in &cases {
        assert_eq!(answers.get(case), recorded.get(case), "{case}");
    }
}

/// Lines of expression, our answer, and reason, each after the other.
#[test]
fn differences_are_as_written() {
    let dir = Workdir::new();
    write_files(&dir);
    let functions = Functions::standard(&context(&dir));
    let text = std::fs::read_to_string(data("differences.txt")).unwrap();
    let entries: Vec<&str> = text.lines().filter(|l| !l.is_empty() && !l.starts_with("# ")).collect();
    let (mut written, mut wrong) = (Vec::new(), String::new());
    for entry in entries.chunks(2) {
        let expected: Json = serde_json::from_str(entry[1]).unwrap_or_else(|e| panic!("{}: {e}", entry[0]));
        let got = ours(entry[0], &functions);
        if got != expected {
            wrong.push_str(&format!("{}\n{got}\n", entry[0]));
        }
        written.push(entry[0].to_owned());
    }
    assert!(wrong.is_empty(), "other answers:\n{wrong}");
    if oracle().is_none() {
        return skip("no terraform");
    }
    let answers = theirs(&written);
    for case in &written {
        assert_ne!(answers[case], ours(case, &functions), "{case} does not differ");
    }
}

/// Names, parameters and types as `terraform metadata functions` prints them.
#[test]
fn signatures_are_terraforms() {
    if oracle().is_none() {
        return skip("no terraform");
    }
    let dir = Workdir::new();
    let metadata = dir.terraform(["metadata", "functions", "-json"]).expect_success().json();
    let functions = Functions::standard(&context(&dir));
    let signatures = metadata["function_signatures"].as_object().unwrap();
    let theirs = signatures.keys().filter(|n| !n.contains("::"));
    let parameter = |p: &groma_lang::functions::Parameter| {
        let mut out = json!({ "name": p.name, "type": json::type_to_json(&p.ty) });
        if p.allow_null {
            out["is_nullable"] = json!(true);
        }
        out
    };
    let plain = |p: &Json| {
        let mut p = p.clone();
        p.as_object_mut().unwrap().remove("description");
        p
    };
    for name in theirs {
        let f = functions.get(name).unwrap_or_else(|| panic!("no function {name}"));
        let signature = &signatures[name];
        let params: Vec<Json> = signature["parameters"].as_array().into_iter().flatten().map(plain).collect();
        assert_eq!(f.params.iter().map(parameter).collect::<Vec<_>>(), params, "{name}");
        let variadic = signature.get("variadic_parameter").map(plain);
        assert_eq!(f.variadic.as_ref().map(parameter), variadic, "{name}");
        assert_eq!(json::type_to_json(&f.static_type), signature["return_type"], "{name}");
        assert!(!f.description.is_empty(), "{name}");
    }
}
