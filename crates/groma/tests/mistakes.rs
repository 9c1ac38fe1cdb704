//! Mistakes, each refused by Terraform and by Groma: with the same exit code, in the same file and
//! line, under the same name.
//!
//! A table below `tests/mistakes` is one folder: a line about it, command lines (`> validate -json`),
//! then files, each after a line `-- name --`. Each file has a mistake of its own, but for `main.tf`,
//! and all are reported in one run. With `-json` the diagnostics of each file must be the same, as
//! lines and summaries, and each of Groma's must say more than its summary. Of other commands, exit
//! codes and the places that errors name must be equal.
//!
//! A line `other words: FILE..` names files of whose errors only the lines are the same. Where Terraform
//! reports what follows from a mistake as further mistakes, a line `less: FILE..` says that Groma reports
//! only some of them.

mod pair;

use groma_testkit::{Output, oracle, repository, skip};
use pair::Pair;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
struct Table {
    commands: Vec<Vec<String>>,
    other_words: BTreeSet<String>,
    less: BTreeSet<String>,
    files: Vec<(String, String)>,
}

fn table(name: &str) -> Table {
    let path = repository().join("crates/groma/tests/mistakes").join(format!("{name}.txt"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut table = Table::default();
    let words = |l: &str| l.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("-- ").and_then(|l| l.strip_suffix(" --")) {
            table.files.push((name.to_owned(), String::new()));
        } else if let Some((_, text)) = table.files.last_mut() {
            text.push_str(line);
            text.push('\n');
        } else if let Some(command) = line.strip_prefix("> ") {
            table.commands.push(words(command));
        } else if let Some(names) = line.strip_prefix("other words: ") {
            table.other_words.extend(words(names));
        } else if let Some(names) = line.strip_prefix("less: ") {
            table.less.extend(words(names));
        }
    }
    table
}

/// Lines and summaries of the errors of each file. What Terraform can say no file of is under "".
type Found = BTreeMap<String, BTreeSet<(u64, String)>>;

fn found(o: &Output) -> Found {
    let document: Value =
        serde_json::from_str(&o.stdout).unwrap_or_else(|e| panic!("{e}\n{}\n{}", o.stdout, o.stderr));
    let mut out = Found::new();
    for d in document["diagnostics"].as_array().into_iter().flatten() {
        if d["severity"] == "error" {
            let file = d["range"]["filename"].as_str().unwrap_or_default();
            let line = d["range"]["start"]["line"].as_u64().unwrap_or_default();
            let summary = d["summary"].as_str().unwrap_or_default();
            out.entry(file.to_owned()).or_default().insert((line, summary.to_owned()));
        }
    }
    out
}

/// Each of Groma's errors has a place and says what is the matter.
fn explained(o: &Output) -> Vec<String> {
    let document: Value = serde_json::from_str(&o.stdout).expect("a document");
    let errors =
        document["diagnostics"].as_array().into_iter().flatten().filter(|d| d["severity"] == "error");
    errors
        .filter(|d| {
            let [summary, detail] = ["summary", "detail"].map(|k| d[k].as_str().unwrap_or_default());
            d["range"]["start"]["line"].as_u64().is_none_or(|l| l == 0) || detail.len() <= summary.len() / 2
        })
        .map(|d| format!("says too little: {d}\n"))
        .collect()
}

/// `FILE line N` of each error in a text. What was on the command line is no file.
fn places(o: &Output) -> BTreeSet<String> {
    let place = |l: &str| Some(l.split_once("  on ")?.1.split([',', ':']).next()?.to_owned());
    o.stderr.lines().filter_map(place).filter(|p| !p.starts_with(['<', ' '])).collect()
}

#[track_caller]
fn check(name: &str) {
    if oracle().is_none() {
        skip("no oracle");
        return;
    }
    let table = table(name);
    let pair = Pair::new();
    for (file, text) in &table.files {
        pair.write(file, text);
    }
    let mut wrong = String::new();
    for command in &table.commands {
        let (theirs, ours) = (pair.terraform.terraform(command), pair.groma(command));
        let line = command.join(" ");
        if theirs.success() || ours.status != theirs.status {
            wrong += &format!("{line}: ends with {:?}, Groma with {:?}\n", theirs.status, ours.status);
        }
        if !command.iter().any(|a| a == "-json") {
            let (theirs, places) = (places(&theirs), places(&ours));
            if !theirs.is_empty() && places != theirs {
                wrong += &format!("{line}: the places are {theirs:?}, in Groma {places:?}\n");
            }
            if ours.stderr.trim().is_empty() {
                wrong += &format!("{line}: Groma says nothing\n");
            }
            continue;
        }
        wrong.extend(explained(&ours));
        let (theirs, ours) = (found(&theirs), found(&ours));
        for (file, _) in table.files.iter().filter(|(f, _)| f != "main.tf") {
            let [theirs, ours] = [&theirs, &ours].map(|all| all.get(file).cloned().unwrap_or_default());
            let lines =
                |errors: &BTreeSet<(u64, String)>| errors.iter().map(|e| e.0).collect::<BTreeSet<_>>();
            let equal = match (table.less.contains(file), table.other_words.contains(file)) {
                (true, _) => !ours.is_empty() && ours.is_subset(&theirs),
                (_, true) => lines(&ours) == lines(&theirs),
                _ => ours == theirs,
            };
            // Some mistakes are found, and their place is not named.
            let unplaced = theirs.is_empty() && table.other_words.contains(file) && !ours.is_empty();
            if !equal && !unplaced {
                wrong += &format!("{file}: {theirs:?}, Groma {ours:?}\n");
            }
        }
    }
    assert!(wrong.is_empty(), "{name}, oracle left:\n{wrong}");
}

#[test]
fn blocks() {
    check("blocks");
}

#[test]
fn syntax() {
    check("syntax");
}

#[test]
fn references() {
    check("references");
}

#[test]
fn values() {
    check("values");
}

#[test]
fn json_syntax() {
    check("json-syntax");
}

#[test]
fn json_content() {
    check("json-content");
}

#[test]
fn test_files() {
    check("test-files");
}

#[test]
fn override_files() {
    check("override-files");
}

#[test]
fn variable_files() {
    check("variable-files");
}

#[test]
fn command_line() {
    check("command-line");
}

/// The tables are as long as they should be, and nothing in them is there twice.
#[test]
fn kinds() {
    let mut kinds = BTreeSet::new();
    for name in [
        "blocks",
        "syntax",
        "references",
        "values",
        "json-syntax",
        "json-content",
        "test-files",
        "override-files",
    ] {
        for (file, _) in table(name).files.into_iter().filter(|(f, _)| f != "main.tf") {
            assert!(kinds.insert(format!("{name}: {file}")), "{name} has {file} twice");
        }
    }
    for name in ["variable-files", "command-line"] {
        for command in table(name).commands {
            let line = command.join(" ");
            assert!(kinds.insert(line.clone()), "{name} has {line} twice");
        }
    }
    assert!(kinds.len() > 350, "{} kinds of mistakes", kinds.len());
}
