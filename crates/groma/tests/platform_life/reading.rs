//! Commands that only look: they make nothing in the manifest's directory.

use super::help::*;
use groma_testkit::Workdir;

/// Names of what is in a directory.
fn names(dir: &Workdir, at: &str) -> Vec<String> {
    let entries = std::fs::read_dir(dir.path().join(at)).expect("a directory");
    let mut all: Vec<String> =
        entries.flatten().map(|e| e.file_name().to_string_lossy().into_owned()).collect();
    all.sort();
    all
}

#[test]
fn looking_makes_nothing() {
    let up_here = shop();
    up(&up_here, &["staging"]);

    // The same states beside the manifest alone, as another person gets them.
    let dir = Workdir::new();
    dir.write("groma.hcl", up_here.read("groma.hcl"));
    let outside = dir.outside().join("pages").display().to_string();
    let look = |args: &[&str]| dir.run(GROMA, args);
    let nothing = look(&["status"]).expect_success().stdout;
    look(&["docs", &format!("-out={outside}"), "staging"]).expect_success();
    assert_eq!(names(&dir, "."), ["groma.hcl"], "{nothing}");

    let states = up_here.path().join(".groma/sandbox/state");
    for e in std::fs::read_dir(states).expect("states").flatten() {
        let text = std::fs::read(e.path()).expect("a state");
        dir.write(format!(".groma/state/{}", e.file_name().to_string_lossy()), text);
    }
    let before = names(&dir, ".groma/state");
    let said = look(&["status", "staging"]).expect_success().stdout;
    assert!(said.contains("staging (eu-west-1, account main 123456789012): up"), "{said}");
    assert!(said.contains("service.web") && said.contains("1 wanted"), "{said}");
    assert!(look(&["status"]).expect_success().stdout.contains("staging"));
    assert!(look(&["envs"]).expect_success().stdout.contains("staging"));
    look(&["docs", &format!("-out={outside}"), "staging"]).expect_success();
    assert_eq!(names(&dir, "."), [".groma", "groma.hcl"]);
    assert_eq!(names(&dir, ".groma"), ["state"]);
    assert_eq!(names(&dir, ".groma/state"), before);
}

#[test]
fn pages_say_what_is_proved() {
    let dir = shop();
    let outside = dir.outside().join("pages");
    let out = format!("-out={}", outside.display());
    dir.run(GROMA, ["docs", "-prove", "-sandbox", &out, "prod"]).expect_success();
    let page = std::fs::read_to_string(outside.join("prod.md")).expect("a page");
    let row = |from: &str, to: &str| {
        let row =
            page.lines().find(|l| l.starts_with(&format!("| {from} ")) && l.contains(&format!("| {to} ")));
        row.unwrap_or_else(|| panic!("{from}, {to}\n{page}")).to_owned()
    };
    assert!(row("service web", "database main").ends_with("| proved |"), "{page}");
    assert!(row("anybody on the internet", "load balancer").ends_with("| proved |"), "{page}");
    assert!(row("service web", "queue jobs").ends_with("| not in the network |"), "{page}");
    let picture = std::fs::read_to_string(outside.join("prod.svg")).expect("a picture");
    assert!(picture.contains(">proved</text>") && !picture.contains("refuted"), "{picture}");
}
