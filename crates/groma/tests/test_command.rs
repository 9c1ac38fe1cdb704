//! `groma test` beside `terraform test`: the suites below `tests/test_command`, each a test of its own name.
//!
//! A suite is one file: a line about it, the command lines (`> test -verbose`), then files, each after a line
//! `-- name --`. Both programs run all of it. Equal must be: the exit code, the lines about files and runs and their
//! order, and the places of all errors; with `-json`, the messages; with `-junit-xml=report.xml`, the report. What
//! errors say is each program's own.
//!
//! A line `no-places` says that places of errors are not compared: Terraform names one mistake several times, or
//! names no place.

use groma_testkit::{Output, Trial, Verdict, Workdir, harness_main, mirror, oracle, repository, skip};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

struct Suite {
    places: bool,
    commands: Vec<Vec<String>>,
    files: Vec<(String, String)>,
    needs_aws: bool,
}

fn main() -> ExitCode {
    let folder = repository().join("crates/groma/tests/test_command");
    let mut names: Vec<_> = std::fs::read_dir(&folder)
        .expect("the suites")
        .map(|e| e.expect("an entry").path())
        .filter(|p| p.extension().is_some_and(|x| x == "txt"))
        .collect();
    names.sort();
    let trials = names.into_iter().map(|path| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Trial::new(name, move || run(&path))
    });
    harness_main(trials.collect())
}

fn parse(text: &str) -> Suite {
    let mut suite = Suite { places: true, commands: Vec::new(), files: Vec::new(), needs_aws: false };
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("-- ").and_then(|l| l.strip_suffix(" --")) {
            suite.files.push((name.to_owned(), String::new()));
        } else if let Some((_, text)) = suite.files.last_mut() {
            text.push_str(line);
            text.push('\n');
        } else if let Some(command) = line.strip_prefix("> ") {
            suite.commands.push(command.split_whitespace().map(str::to_owned).collect());
        } else if line == "no-places" {
            suite.places = false;
        }
    }
    suite.needs_aws = text.contains("hashicorp/aws");
    suite
}

fn run(path: &Path) -> Verdict {
    let suite = parse(&std::fs::read_to_string(path).map_err(|e| e.to_string())?);
    if oracle().is_none() || suite.needs_aws && mirror().is_none() {
        skip(if oracle().is_none() { "no oracle" } else { "no mirror of the AWS provider" });
        return Ok(());
    }
    let folders = [Workdir::new(), Workdir::new()];
    let [mut terraform, mut groma] = folders;
    for w in [&mut terraform, &mut groma] {
        // The oracle starts the AWS provider several times for each run.
        w.share_cache().timeout(Duration::from_secs(900));
        for (name, text) in &suite.files {
            w.write(name, text);
        }
    }
    let program = env!("CARGO_BIN_EXE_groma");
    // A bad test file is refused by init too.
    terraform.terraform(["init", "-no-color"]);
    groma.run(program, ["init", "-no-color"]);
    for command in &suite.commands {
        let mut args = command.clone();
        args.push("-no-color".to_owned());
        let theirs = terraform.terraform(&args);
        let ours = groma.run(program, &args);
        let json = command.iter().any(|a| a == "-json");
        let [theirs_seen, ours_seen] = [&theirs, &ours].map(|o| seen(o, json, suite.places));
        let mut wrong = String::new();
        for diff in differences(&theirs_seen, &ours_seen) {
            wrong.push_str(&diff);
        }
        if command.iter().any(|a| a == "-junit-xml=report.xml") {
            let [a, b] = [&terraform, &groma].map(|w| report(&w.read("report.xml")));
            for diff in differences(&a, &b) {
                wrong.push_str(&diff);
            }
        }
        if !wrong.is_empty() {
            return Err(format!(
                "{}: oracle (-) and groma (+) differ\n{wrong}\n{}\n{}",
                command.join(" "),
                ours.stdout,
                ours.stderr
            ));
        }
    }
    Ok(())
}

/// What must be equal.
fn seen(o: &Output, json: bool, places: bool) -> Vec<String> {
    let mut out = vec![format!("exit code {:?}", o.status)];
    if json {
        out.extend(o.stdout.lines().filter_map(message));
        return out;
    }
    out.extend(o.stdout.lines().filter(|l| is_progress(l)).map(str::to_owned));
    if places {
        let errors: BTreeSet<String> = places_of(&o.stderr).collect();
        out.extend(errors);
    }
    out
}

fn is_progress(line: &str) -> bool {
    let first = line.split("... ").next().unwrap_or_default();
    let of_file = first.ends_with(".tftest.hcl") || first.ends_with(".tftest.json");
    let known = |l: &str| ["Success!", "Failure!", "  run \""].iter().any(|p| l.starts_with(p));
    (of_file && line.contains("... ")) || known(line)
}

/// `Error on a.tftest.hcl line 3`: the places of the diagnostics in a text.
fn places_of(text: &str) -> impl Iterator<Item = String> {
    text.lines().filter_map(|l| {
        let rest = l.strip_prefix("  on ")?;
        let end = rest.find([',', ':']).unwrap_or(rest.len());
        Some(format!("error on {}", &rest[..end]))
    })
}

/// A message as far as it must be equal.
fn message(line: &str) -> Option<String> {
    let mut m: Value = serde_json::from_str(line).ok()?;
    let members = m.as_object_mut()?;
    members.remove("@timestamp");
    let kind = members.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    match kind.as_str() {
        "version" => return None,
        "diagnostic" => {
            let d = &members["diagnostic"];
            let place = json!([d["severity"], d["range"]["filename"], d["range"]["start"]["line"]]);
            let of = json!([members.get("@testfile"), members.get("@testrun")]);
            return Some(format!("diagnostic {place} {of}"));
        }
        "test_run" => _ = members.get_mut("test_run")?.as_object_mut()?.remove("elapsed"),
        _ => {}
    }
    Some(m.to_string())
}

/// A report of JUnit without times and texts of errors.
fn report(text: &str) -> Vec<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("<![CDATA[") {
        out.push_str(before);
        rest = after.split_once("]]>").map_or("", |(_, r)| r);
    }
    out.push_str(rest);
    let without = |line: &str, name: &str| match line.split_once(&format!(" {name}=\"")) {
        Some((a, b)) => format!("{a}{}", b.split_once('"').map_or("", |(_, r)| r)),
        None => line.to_owned(),
    };
    out.lines().map(|l| without(&without(l, "time"), "timestamp")).collect()
}

fn differences(a: &[String], b: &[String]) -> Vec<String> {
    let mut out = Vec::new();
    for i in 0..a.len().max(b.len()) {
        let (x, y) = (a.get(i), b.get(i));
        if x != y {
            out.extend(x.map(|x| format!("- {x}\n")));
            out.extend(y.map(|y| format!("+ {y}\n")));
        }
    }
    out
}
