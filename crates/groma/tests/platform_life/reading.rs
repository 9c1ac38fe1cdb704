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
