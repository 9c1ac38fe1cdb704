//! Questions and answers, and what programs read.

use super::help::*;
use groma_testkit::{Output, Workdir};

fn answer(dir: &Workdir, args: &[&str], text: &str) -> Output {
    dir.invoke(GROMA).args(words(args)).env("TF_INPUT", "1").stdin(text).run()
}

#[test]
fn no_means_nothing() {
    let dir = shop();
    for text in ["no\n", "y\n", "\n", "YES\n"] {
        let out = answer(&dir, &["up", "staging"], text).expect_status(1);
        assert!(out.stdout.ends_with("Cancelled: nothing was done.\n"), "{out}");
    }
    assert!(tagged(&dir).is_empty());
    assert_eq!(status(&dir, "staging"), "no");

    let out = answer(&dir, &["up", "staging"], "").expect_status(1);
    assert!(out.stderr.contains("No answer") && out.stderr.contains("-auto-approve"), "{out}");
    let out = groma(&dir, &["up", "-input=false", "staging"]).expect_status(1);
    assert!(out.stderr.contains("-auto-approve"), "{out}");
    assert!(tagged(&dir).is_empty());

    answer(&dir, &["up", "staging"], "yes\n").expect_success();
    let before = record(&dir);
    for args in [&["scale", "staging", "web=9"][..], &["park", "staging"], &["down", "staging"]] {
        let out = answer(&dir, args, "no\n").expect_status(1);
        assert!(out.stdout.ends_with("Cancelled: nothing was done.\n"), "{out}");
        assert_eq!(record(&dir), before);
    }
    settled(&dir, &["staging"]);
    // Where nothing is to be done, nothing is asked.
    groma(&dir, &["up", "staging"]).expect_success();
    answer(&dir, &["down", "staging"], "yes\n").expect_success();
    tidy(&dir);
}

#[test]
fn exit_codes_of_diff() {
    let dir = shop();
    groma(&dir, &["diff", "staging"]).expect_status(0);
    groma(&dir, &["diff", "-detailed-exitcode", "staging"]).expect_status(2);
    groma(&dir, &["diff", "-detailed-exitcode", "nowhere"]).expect_status(1);
    assert!(tagged(&dir).is_empty());
    up(&dir, &["staging"]);
    groma(&dir, &["diff", "-detailed-exitcode", "staging"]).expect_status(0);
    let fault = "aws_vpc.read=error:UnauthorizedOperation";
    let out = faulty(&dir, fault, &["diff", "-detailed-exitcode", "staging"]).expect_status(1);
    assert!(out.stderr.contains("UnauthorizedOperation"), "{out}");
}

#[test]
fn json_and_nothing_else() {
    let dir = shop();
    let lines = |args: &[&str]| -> Vec<serde_json::Value> {
        let out = groma(&dir, args).expect_success();
        assert_eq!(out.stderr, "");
        out.stdout.lines().map(|l| serde_json::from_str(l).unwrap_or_else(|e| panic!("{e}: {l}"))).collect()
    };
    let last = |all: &[serde_json::Value], operation: &str| {
        let mut sums =
            all.iter().filter(|m| m["type"] == "change_summary" && m["changes"]["operation"] == operation);
        sums.next_back().expect("a sum")["changes"].clone()
    };
    let all = lines(&["diff", "-json", "staging"]);
    assert_eq!(all[0]["type"], "version");
    assert!(all.iter().any(|m| m["type"] == "planned_change"));
    let all = lines(&["up", "-json", "-auto-approve", "staging"]);
    assert_eq!(last(&all, "apply")["add"], 98);
    for args in
        [&["park", "-json", "-auto-approve", "staging"][..], &["resume", "-json", "-auto-approve", "staging"]]
    {
        lines(args);
    }
    let all = lines(&["down", "-json", "-auto-approve", "staging"]);
    assert_eq!(last(&all, "destroy")["remove"], 98);
    lines(&["sweep", "-json"]);
    // Without anybody to ask.
    let out = groma(&dir, &["up", "-json", "staging"]).expect_status(1);
    assert!(out.stderr.contains("-auto-approve") || out.stdout.contains("-auto-approve"), "{out}");
    for args in [&["status", "-json"][..], &["envs", "-json"]] {
        groma(&dir, args).expect_success().json();
    }
}

#[test]
fn from_another_directory() {
    let dir = shop();
    dir.write("shop/groma.hcl", dir.read("groma.hcl"));
    dir.remove("groma.hcl");
    let there = |args: &[&str]| {
        let mut all = vec!["-chdir=shop"];
        all.extend(words(args));
        dir.run(GROMA, all)
    };
    there(&["up", "-auto-approve", "staging"]).expect_success();
    assert!(dir.exists("shop/.groma/sandbox/state/staging.tfstate") && !dir.exists(".groma"));
    let out = there(&["park", "-auto-approve", "staging"]).expect_success().stdout;
    assert!(out.contains("groma -chdir=shop resume -sandbox staging"), "{out}");
    let out = groma(&dir, &["status"]).expect_status(1);
    assert!(out.stderr.contains("groma.hcl"), "{out}");
    there(&["down", "-auto-approve", "staging"]).expect_success();
}

#[test]
fn details_show_every_attribute() {
    let dir = shop();
    let out = groma(&dir, &["diff", "-details", "staging"]).expect_success().stdout;
    assert!(out.contains("+ resource \"aws_sqs_queue\" \"this\" {"), "{out}");
    assert!(out.contains("Plan: 98 to add"), "{out}");
    assert!(!out.contains("-details"), "{out}");
}
