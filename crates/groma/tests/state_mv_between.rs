//! `groma state mv` from one state file to another: several moves as one change, reviewed, and
//! nothing is lost when it is interrupted.

use groma_testkit::{Output, Workdir};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::process::Stdio;

const GROMA: &str = env!("CARGO_BIN_EXE_groma");

/// A state with `n` instances of `terraform_data.many` and one of `terraform_data.one`.
fn state(n: usize) -> String {
    let mut many = String::new();
    for i in 0..n {
        let comma = if i == 0 { "" } else { "," };
        write!(
            many,
            r#"{comma}{{"index_key":{i},"schema_version":0,"attributes":{{"id":"m{i}","input":null,"output":null,"triggers_replace":null}},"sensitive_attributes":[]}}"#
        )
        .unwrap();
    }
    let provider = r#""provider":"provider[\"terraform.io/builtin/terraform\"]""#;
    format!(
        r#"{{"version":4,"terraform_version":"1.11.4","serial":3,"lineage":"a","outputs":{{}},"resources":[
{{"mode":"managed","type":"terraform_data","name":"many",{provider},"instances":[{many}]}},
{{"mode":"managed","type":"terraform_data","name":"one",{provider},"instances":[
  {{"schema_version":0,"attributes":{{"id":"one","input":null,"output":null,"triggers_replace":null}},"sensitive_attributes":[]}}]}}
],"check_results":null}}"#
    )
}

fn with_state(n: usize) -> Workdir {
    let dir = Workdir::new();
    dir.write("terraform.tfstate", state(n));
    dir
}

fn groma(dir: &Workdir, args: &str) -> Output {
    dir.run(GROMA, args.split(' ').collect::<Vec<_>>())
}

fn listed(dir: &Workdir, file: &str) -> BTreeSet<String> {
    if !dir.exists(file) || dir.read(file).is_empty() {
        return BTreeSet::new();
    }
    let out = groma(dir, &format!("state list -state={file}")).expect_success();
    out.stdout.lines().map(str::to_owned).collect()
}

#[test]
fn several_moves_are_one_change() {
    let dir = with_state(2);
    let before = dir.read("terraform.tfstate");
    // The second cannot be done, so the first is not done either.
    let out = groma(
        &dir,
        "state mv -state-out=out terraform_data.one terraform_data.a terraform_data.nope terraform_data.b",
    );
    assert_eq!(out.status, Some(1), "{}", out.stdout);
    assert!(out.stderr.contains("terraform_data.nope"), "{}", out.stderr);
    assert_eq!(dir.read("terraform.tfstate"), before);
    assert!(listed(&dir, "out").is_empty());
    // Later moves see what earlier ones did.
    let moves = "terraform_data.one terraform_data.a terraform_data.many[1] module.m.terraform_data.b";
    let dry = groma(&dir, &format!("state mv -dry-run {moves}")).expect_success().stdout;
    assert_eq!(
        dry,
        "Would move \"terraform_data.one\" to \"terraform_data.a\"\nWould move \"terraform_data.many[1]\" to \"module.m.terraform_data.b\"\n"
    );
    assert_eq!(dir.read("terraform.tfstate"), before);
    let done = groma(&dir, &format!("state mv -state-out=out {moves}")).expect_success().stdout;
    assert!(done.ends_with("Successfully moved 2 object(s).\n"), "{done}");
    assert_eq!(listed(&dir, "terraform.tfstate"), ["terraform_data.many[0]".to_owned()].into());
    assert_eq!(
        listed(&dir, "out"),
        ["module.m.terraform_data.b".to_owned(), "terraform_data.a".to_owned()].into()
    );
    for wrong in ["state mv", "state mv a.b", "state mv a.b c.d e.f"] {
        assert_eq!(groma(&dir, wrong).status, Some(1), "{wrong}");
    }
}

/// Runs a reviewed move, does something while it waits for the answer, and answers.
fn reviewed(dir: &Workdir, args: &str, meanwhile: impl Fn(), answer: &str) -> (Option<i32>, String) {
    let mut child = dir
        .invoke(GROMA)
        .args(args.split(' '))
        .env("TF_INPUT", "1")
        .command()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut said = Vec::new();
    let mut out = child.stdout.take().unwrap();
    let mut byte = [0];
    while !String::from_utf8_lossy(&said).ends_with("Enter a value: ") {
        assert_ne!(out.read(&mut byte).unwrap(), 0, "it does not ask: {}", String::from_utf8_lossy(&said));
        said.push(byte[0]);
    }
    meanwhile();
    child.stdin.take().unwrap().write_all(answer.as_bytes()).unwrap();
    out.read_to_end(&mut said).unwrap();
    (child.wait().unwrap().code(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn a_review_shows_and_asks_with_both_states_locked() {
    let dir = with_state(3);
    let before = dir.read("terraform.tfstate");
    let args = "state mv -review -state-out=out terraform_data.many terraform_data.many";
    let (code, said) = reviewed(&dir, args, || (), "no\n");
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("Groma will move 1 object(s) from terraform.tfstate to out:"), "{said}");
    assert!(
        said.contains("terraform.tfstate has 1 resource instance(s), out has 3 resource instance(s)"),
        "{said}"
    );
    assert!(said.contains("Nothing was moved."), "{said}");
    assert_eq!(dir.read("terraform.tfstate"), before);
    assert!(listed(&dir, "out").is_empty());

    let others = || {
        for file in ["terraform.tfstate", "out"] {
            let out = groma(&dir, &format!("state rm -state={file} terraform_data.one"));
            assert_eq!(out.status, Some(1), "{file} can be changed meanwhile: {}", out.stdout);
        }
        let out = groma(&dir, "state rm -state=terraform.tfstate terraform_data.one");
        assert!(out.stderr.contains("Error acquiring the state lock"), "{}", out.stderr);
    };
    let (code, said) = reviewed(&dir, args, others, "yes\n");
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(listed(&dir, "out").len(), 3);
    assert_eq!(listed(&dir, "terraform.tfstate").len(), 1);

    // Without asking, it still shows.
    let back = "state mv -review -auto-approve -state=out -state-out=terraform.tfstate terraform_data.many terraform_data.many";
    let out = groma(&dir, back).expect_success().stdout;
    assert!(out.contains("Groma will move 1 object(s) from out to terraform.tfstate:"), "{out}");
    assert_eq!(listed(&dir, "terraform.tfstate").len(), 4);
}

#[test]
fn what_an_interrupted_move_left_in_both_is_put_right() {
    let dir = with_state(2);
    let before = dir.read("terraform.tfstate");
    let args = "state mv -state-out=out terraform_data.many module.m.terraform_data.many terraform_data.one terraform_data.one";
    groma(&dir, args).expect_success();
    let moved = dir.read("out");
    // As if it had ended between the two writes.
    dir.write("terraform.tfstate", &before);
    let out = groma(&dir, args).expect_success().stdout;
    assert!(out.contains("3 resource instance(s) were in out already"), "{out}");
    assert!(listed(&dir, "terraform.tfstate").is_empty());
    assert_eq!(dir.read("out"), moved);

    // The object was changed since: it is not for Groma to say which of both is right.
    dir.write("terraform.tfstate", &before);
    dir.write("out", moved.replacen("\"input\": null", "\"input\": \"new\"", 1));
    let changed = dir.read("out");
    let out = groma(&dir, args);
    assert_eq!(out.status, Some(1), "{}", out.stdout);
    assert!(out.stderr.contains("The same object is in both states"), "{}", out.stderr);
    assert!(out.stderr.contains("groma state rm"), "{}", out.stderr);
    assert_eq!((dir.read("terraform.tfstate"), dir.read("out")), (before, changed));
}

#[test]
fn a_failed_second_write_says_how_to_go_on() {
    let dir = with_state(1);
    let moves = "-state-out=out terraform_data.one terraform_data.one";
    // The source's backup cannot be written, so neither can the source.
    let out = groma(&dir, &format!("state mv -backup=no/such/folder/b {moves}"));
    assert_eq!(out.status, Some(1), "{}", out.stdout);
    assert!(out.stderr.contains("The move is half done"), "{}", out.stderr);
    assert!(listed(&dir, "terraform.tfstate").contains("terraform_data.one"));
    assert!(listed(&dir, "out").contains("terraform_data.one"));
    groma(&dir, &format!("state mv {moves}")).expect_success();
    assert!(!listed(&dir, "terraform.tfstate").contains("terraform_data.one"));
    assert_eq!(listed(&dir, "out").len(), 1);
}

#[test]
fn a_kill_between_the_two_writes_loses_nothing() {
    let all = listed(&with_state(200), "terraform.tfstate");
    let args = "state mv -state-out=out terraform_data.many terraform_data.many terraform_data.one terraform_data.one";
    let (mut between, mut attempts) = (0, 0);
    while between < 3 {
        attempts += 1;
        assert!(attempts <= 60, "no kill came between the two writes");
        let dir = with_state(200);
        let mut child = dir.invoke(GROMA).args(args.split(' ')).command().spawn().unwrap();
        // The file is there, and empty, from the moment that it is locked.
        let written = || std::fs::metadata(dir.path().join("out")).is_ok_and(|m| m.len() > 0);
        while !written() && child.try_wait().unwrap().is_none() {
            std::hint::spin_loop();
        }
        child.kill().unwrap();
        child.wait().unwrap();

        let (left, there) = (listed(&dir, "terraform.tfstate"), listed(&dir, "out"));
        let both: BTreeSet<String> = left.union(&there).cloned().collect();
        assert_eq!(both, all, "an object is nowhere");
        between += usize::from(left == all && there == all);
        if !left.is_empty() {
            // The same command again does what is left, and the dead process's locks are no obstacle.
            groma(&dir, args).expect_success();
        }
        assert!(listed(&dir, "terraform.tfstate").is_empty());
        assert_eq!(listed(&dir, "out"), all);
    }
}
