//! Configurations with mistakes in them, through this crate and through the
//! oracle: both must find the same, in the same lines.
//!
//! A case is a file in `tests/cases`: configurations separated by lines `####`,
//! each the text of `main.tf`, then other files, each after a line `== name`. Compared are severity, summary, file and line;
//! sentences are our own. A line `-- severity | summary | file:line` in a case
//! says what is expected to be found only here, `++ ...` what only there, `~~ ...`
//! what only one of them finds by chance (the oracle stops at the first error of
//! some kinds, in any order).

use groma_config::{LoadOptions, load_config, validate_config};
use groma_lang::{Diagnostics, Severity, Sources};
use groma_testkit::{Trial, Verdict, Workdir, harness_main, oracle, skip};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join("cases");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).collect();
    files.sort();
    let trials = files.into_iter().map(|path| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Trial::new(name, move || case(&path))
    });
    harness_main(trials.collect())
}

fn case(path: &Path) -> Verdict {
    if oracle().is_none() {
        skip("needs terraform");
        return Ok(());
    }
    let text = std::fs::read_to_string(path).map_err(|e| e.to_string())?;
    let mut report = String::new();
    for part in text.split("\n####\n") {
        if let Err(why) = configuration(part) {
            report += &format!("{}\n{why}\n", part.trim());
        }
    }
    if report.is_empty() { Ok(()) } else { Err(report) }
}

fn configuration(text: &str) -> Verdict {
    let workdir = Workdir::new();
    let (mut only_here, mut only_there, mut either) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let (mut name, mut content) = ("main.tf".to_owned(), String::new());
    for line in text.lines().chain(["== "]) {
        if let Some(next) = line.strip_prefix("== ") {
            workdir.write(&name, &content);
            (name, content) = (next.to_owned(), String::new());
        } else if let Some(expected) = line.strip_prefix("-- ") {
            only_here.insert(expected.to_owned());
        } else if let Some(expected) = line.strip_prefix("~~ ") {
            either.insert(expected.to_owned());
        } else if let Some(expected) = line.strip_prefix("++ ") {
            only_there.insert(expected.to_owned());
        } else {
            content.push_str(line);
            content.push('\n');
        }
    }
    // Init installs the modules; where it refuses the configuration, so will validate.
    workdir.terraform(["init", "-no-color", "-backend=false"]);
    let there = workdir.terraform(["validate", "-json", "-no-color"]);
    let there = oracle_findings(&there.stdout)?;
    let ours = our_findings(workdir.path());
    let mut report = String::new();
    for f in ours.difference(&there).filter(|f| !only_here.contains(*f) && !either.contains(*f)) {
        report += &format!("only here:  {f}\n");
    }
    for f in there.difference(&ours).filter(|f| !only_there.contains(*f) && !either.contains(*f)) {
        report += &format!("only there: {f}\n");
    }
    for f in only_here.difference(&ours).chain(only_there.difference(&there)) {
        report += &format!("expected, but not there: {f}\n");
    }
    if report.is_empty() { Ok(()) } else { Err(report) }
}

fn oracle_findings(stdout: &str) -> Result<BTreeSet<String>, String> {
    let start = stdout.find('{').ok_or("the oracle wrote no JSON")?;
    let json: serde_json::Value = serde_json::from_str(&stdout[start..]).map_err(|e| e.to_string())?;
    let found = json["diagnostics"].as_array().into_iter().flatten().map(|d| {
        let place = match d["range"]["filename"].as_str() {
            Some(file) => format!("{file}:{}", d["range"]["start"]["line"]),
            None => "-".to_owned(),
        };
        finding(d["severity"].as_str().unwrap_or_default(), d["summary"].as_str().unwrap_or_default(), place)
    });
    Ok(found.collect())
}

fn our_findings(dir: &Path) -> BTreeSet<String> {
    let sources = Sources::new();
    let mut diags = Diagnostics::new();
    let options = LoadOptions { working_dir: dir.to_owned(), ..LoadOptions::default() };
    let config = load_config(Path::new("."), &sources, &options, &mut diags);
    if !diags.has_errors() {
        validate_config(&config, &sources, &mut diags);
    }
    let found = diags.iter().map(|d| {
        let severity = if d.severity == Severity::Error { "error" } else { "warning" };
        let place = d.subject.map_or("-".to_owned(), |s| {
            let file = sources.get(s.file);
            format!("{}:{}", file.name, file.position(s.start).line)
        });
        finding(severity, &d.summary, place)
    });
    found.collect()
}

fn finding(severity: &str, summary: &str, place: String) -> String {
    // The oracle lists a cycle's members in any order, with nodes of its graph
    // that are no part of the language, and without a place.
    if summary.starts_with("Cycle: ") {
        return format!("{severity} | Cycle");
    }
    format!("{severity} | {summary} | {place}")
}
