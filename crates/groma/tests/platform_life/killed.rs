//! Runs that die: what they did is known, and the next one goes on.

use super::help::*;
use groma_testkit::Workdir;
use std::io::{BufRead, BufReader};

/// Runs a command, one operation at a time, and kills it when it has said something for
/// the n-th time: in the middle of the operation that follows.
fn kill(dir: &Workdir, args: &[&str], said: &str, n: usize) {
    let mut all = words(args);
    all.splice(1..1, ["-parallelism=1", "-auto-approve"]);
    let slow = "*.create=slow:40ms,*.delete=slow:40ms";
    let mut child =
        dir.invoke(GROMA).args(all).env("GROMA_SANDBOX_FAULTS", slow).command().spawn().expect("groma");
    let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let mut seen = 0;
    for line in lines.map_while(Result::ok) {
        seen += usize::from(line.contains(said));
        if seen == n {
            break;
        }
    }
    assert!(seen == n, "it ended before it said {said:?} {n} times");
    child.kill().expect("killed");
    child.wait().expect("dead");
}

/// The environment after all, without anything twice.
fn whole(dir: &Workdir, expected: &std::collections::BTreeMap<String, usize>) {
    settled(dir, &["staging"]);
    assert_eq!(&tagged(dir), expected);
    assert_eq!(status(dir, "staging"), "up");
    tidy(dir);
}

#[test]
fn a_killed_up_goes_on() {
    let reference = shop();
    up(&reference, &["staging"]);
    let expected = tagged(&reference);

    // In the first root module, between the two, in the second, before its last.
    for (said, n) in
        [("Creation complete", 1), ("Creation complete", 20), ("module.alarms", 1), ("Creation complete", 96)]
    {
        let dir = shop();
        kill(&dir, &["up", "staging"], said, n);
        assert_eq!(status(&dir, "staging"), "unfinished", "after {said} {n}");
        let out = groma(&dir, &["status", "staging"]).expect_success().stdout;
        assert!(out.contains("groma up -sandbox staging"), "{out}");
        let out = up(&dir, &["staging"]);
        assert!(out.contains("staging is as described."), "{out}");
        whole(&dir, &expected);
    }

    // Again and again.
    let dir = shop();
    for n in [3, 7, 30, 40] {
        kill(&dir, &["up", "staging"], "Creation complete", n);
    }
    up(&dir, &["staging"]);
    whole(&dir, &expected);
}

#[test]
fn a_run_killed_while_it_plans_or_asks_leaves_nothing() {
    let dir = shop();
    // It reads nothing, but waits for the answer: standard input stays open.
    let mut child = dir
        .invoke(GROMA)
        .args(words(&["up", "staging"]))
        .env("TF_INPUT", "1")
        .stdin("")
        .command()
        .spawn()
        .expect("groma");
    let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    assert!(lines.map_while(Result::ok).any(|l| l.contains("Do you want to do this?")));
    // Meanwhile nobody else may.
    let out = groma(&dir, &["up", "-auto-approve", "-lock-timeout=300ms", "staging"]).expect_status(1);
    assert!(out.stderr.contains("The network shared is being changed by somebody else"), "{out}");
    child.kill().expect("killed");
    child.wait().expect("dead");
    assert_eq!(status(&dir, "staging"), "no");
    assert!(tagged(&dir).is_empty());
    up(&dir, &["staging"]);
    settled(&dir, &["staging"]);
    tidy(&dir);
}

#[test]
fn a_killed_down_goes_on() {
    let dir = shop();
    up(&dir, &["staging"]);
    // In the environment, between it and its network, at the end.
    for (said, n) in [
        ("Destruction complete", 1),
        ("Destruction complete", 20),
        ("module.network", 1),
        ("Destruction complete", 30),
    ] {
        kill(&dir, &["down", "staging"], said, n);
        assert_eq!(status(&dir, "staging"), "unfinished", "after {said} {n}");
        let out = groma(&dir, &["status", "staging"]).expect_success().stdout;
        assert!(out.contains("groma down -sandbox staging"), "{out}");
    }
    down(&dir, &["staging"]);
    assert!(tagged(&dir).is_empty(), "{:?}", tagged(&dir));
    assert_eq!(status(&dir, "staging"), "no");
    tidy(&dir);

    // What is half down can also come up again.
    up(&dir, &["staging"]);
    let expected = tagged(&dir);
    kill(&dir, &["down", "staging"], "Destruction complete", 60);
    up(&dir, &["staging"]);
    whole(&dir, &expected);
}

#[test]
fn a_killed_park_and_a_killed_resume_go_on() {
    let dir = shop();
    up(&dir, &["staging"]);
    let expected = tagged(&dir);
    kill(&dir, &["park", "staging"], "Destruction complete", 2);
    assert_eq!(status(&dir, "staging"), "unfinished");
    groma(&dir, &["park", "-auto-approve", "staging"]).expect_success();
    assert_eq!(status(&dir, "staging"), "parked");
    kill(&dir, &["resume", "staging"], "Creation complete", 2);
    assert_eq!(status(&dir, "staging"), "unfinished");
    let out = groma(&dir, &["status", "staging"]).expect_success().stdout;
    assert!(out.contains("groma resume -sandbox staging"), "{out}");
    groma(&dir, &["resume", "-auto-approve", "staging"]).expect_success();
    whole(&dir, &expected);
    let out = groma(&dir, &["resume", "-auto-approve", "staging"]).expect_success().stdout;
    assert!(out.contains("staging is not parked."), "{out}");
}
