//! A skipped test is counted, and is a failure where nothing may be missing.

use std::env;
use std::fs;
use std::process::{Command, ExitStatus};

/// Does nothing of itself; the other test runs it in a process of its own, with an environment of its own.
#[test]
fn skipping() {
    if env::var_os("GROMA_SKIP_LOG").is_some_and(|path| path.to_string_lossy().ends_with("skip-test.log")) {
        groma_testkit::skip("needs something");
    }
}

#[test]
fn a_skip_is_logged_and_forbidden_on_request() {
    let temp = tempfile::tempdir().expect("a folder");
    let log = temp.path().join("skip-test.log");
    let run = |required: &str| -> ExitStatus {
        let mut command = Command::new(env::current_exe().expect("this program"));
        command.args(["--exact", "skipping", "--quiet"]).env("GROMA_SKIP_LOG", &log);
        command.env("GROMA_REQUIRE_ALL", required).output().expect("it runs").status
    };
    assert!(run("").success());
    assert!(run("0").success());
    let line = "SKIPPED: skipping: needs something\n";
    assert_eq!(fs::read_to_string(&log).expect("a log"), line.repeat(2));
    assert!(!run("1").success());
}
