//! Small networks, each with what AWS's documentation says of them: `labs/NAME/main.tf`, and
//! `labs/NAME/expect` with lines `FROM -> TO:PORT: VERDICT  # why`. Run by `groma prove`, in
//! the sandbox; and where there is a `plan.json`, what `terraform show -json` printed of a plan of
//! the same (without parts that proofs do not read), from that too. About 10 s.
//!
//! Verdicts: `reachable`, a connection completes; `blocked`, not even a first packet arrives;
//! `no answer`, it arrives and no answer comes back; `arrives`, it arrives and an answer may
//! come back; `perhaps`, nobody knows from the configuration; `not blocked`, anything but
//! `blocked`.

use groma_testkit::Workdir;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

const PLAN: &str = "plan.json";
const GROMA: &str = env!("CARGO_BIN_EXE_groma");

/// What `expect` says: the question and the verdict.
fn expected(lab: &Path) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(lab.join("expect")).unwrap();
    let lines = text.lines().map(|l| l.split('#').next().unwrap_or("").trim()).filter(|l| !l.is_empty());
    let pair = |l: &str| {
        let (question, verdict) = l.rsplit_once(": ").unwrap_or_else(|| panic!("{}: {l}", lab.display()));
        (question.trim().to_owned(), verdict.trim().to_owned())
    };
    lines.map(pair).collect()
}

fn copy(from: &Path, dir: &mut Workdir, under: &str) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{under}{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() {
            copy(&entry.path(), dir, &format!("{name}/"));
        } else if name != "expect" && name != PLAN {
            dir.write(&name, std::fs::read(entry.path()).unwrap());
        }
    }
}

/// What is wrong with the answers for one lab: for its configuration, or for its plan.
fn wrong(lab: &Path, plan: bool) -> Vec<String> {
    let questions = expected(lab);
    let list: Vec<String> = questions.iter().map(|(q, _)| format!("    {q:?},\n")).collect();
    let list = list.concat();
    let mut dir = Workdir::new();
    dir.timeout(Duration::from_secs(120));
    let args = match plan {
        true => {
            dir.write(PLAN, std::fs::read(lab.join(PLAN)).unwrap());
            ["prove", "-no-color", "-json", PLAN]
        }
        false => {
            copy(lab, &mut dir, "");
            ["prove", "-no-color", "-json", "-sandbox"]
        }
    };
    dir.write(
        "lab.prove.hcl",
        format!("prove \"lab\" {{\n  never = [\n{list}  ]\n  always = [\n{list}  ]\n}}\n"),
    );
    let out = dir.run(GROMA, args);
    let name = format!("{}{}", lab.file_name().unwrap().to_str().unwrap(), if plan { " (plan)" } else { "" });
    let Ok(json) = serde_json::from_str::<serde_json::Value>(&out.stdout) else {
        return vec![format!("{name}: {}{}", out.stdout, out.stderr)];
    };
    let verdicts: HashMap<&str, &str> = json["properties"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| (p["property"].as_str().unwrap(), p["verdict"].as_str().unwrap()))
        .collect();
    let mut wrong = Vec::new();
    for (question, verdict) in questions {
        let get = |word: &str| verdicts[&*format!("{word} {question}")];
        let found = match (get("never"), get("always")) {
            ("refuted", "proved") => "reachable",
            ("proved", "refuted") => "blocked",
            ("refuted", "refuted") => "no answer",
            ("refuted", "not proved") => "arrives",
            ("not proved", "not proved" | "refuted") => "perhaps",
            (never, always) => panic!("{name}: {question}: never {never}, always {always}"),
        };
        if found != verdict && !(verdict == "not blocked" && found != "blocked") {
            wrong.push(format!("{name}: {question}: {verdict} by the documentation, {found} by the proof"));
        }
    }
    wrong
}

#[test]
fn labs_are_as_documented() {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/labs");
    let mut labs: Vec<PathBuf> = std::fs::read_dir(all).unwrap().map(|e| e.unwrap().path()).collect();
    labs.sort();
    assert!(labs.len() >= 35, "{labs:?}");
    let plans = labs.iter().filter(|lab| lab.join(PLAN).exists()).map(|lab| (lab, true));
    let all = labs.iter().map(|lab| (lab, false)).chain(plans);
    let wrong: Vec<String> = all.flat_map(|(lab, plan)| wrong(lab, plan)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
