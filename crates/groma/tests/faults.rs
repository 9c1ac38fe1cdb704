//! What is true after something went wrong.

use groma_testkit::{Workdir, oracle, skip};
use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;
use std::time::{Duration, Instant};

const GROMA: &str = env!("CARGO_BIN_EXE_groma");

/// A chain of objects, each of which takes a moment to create.
const CHAIN: &str = r#"
resource "terraform_data" "a" {
  input = "a"
  provisioner "local-exec" {
    command = "sleep 0.3"
  }
}
resource "terraform_data" "b" {
  input = terraform_data.a.output
  provisioner "local-exec" {
    command = "sleep 0.3"
  }
}
resource "terraform_data" "c" {
  input = terraform_data.b.output
  provisioner "local-exec" {
    command = "sleep 0.3"
  }
}
output "last" {
  value = terraform_data.c.output
}
"#;

fn ids(dir: &Workdir) -> Vec<String> {
    let out = dir.run(GROMA, ["show", "-json"]).expect_success();
    let doc = out.json();
    let resources = doc["values"]["root_module"]["resources"].as_array().cloned().unwrap_or_default();
    resources.iter().map(|r| format!("{}={}", r["address"], r["values"]["id"])).collect()
}

/// Waits until the first object is being made; the rest of the output is read and thrown
/// away, so that the program never waits for a reader.
fn until_it_works(child: &mut std::process::Child) {
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let begun = lines.any(|l| l.is_ok_and(|l| l.contains("Creating...")));
    assert!(begun, "it ended before it began");
    std::thread::spawn(move || lines.count());
}

#[test]
fn a_run_that_is_killed_loses_nothing_that_was_done() {
    let mut recovered = 0;
    for wait in [0, 250, 350, 550, 700, 850] {
        let dir = Workdir::new();
        dir.write("main.tf", CHAIN);
        let mut child = dir
            .invoke(GROMA)
            .args(["apply", "-auto-approve"])
            .command()
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        until_it_works(&mut child);
        std::thread::sleep(Duration::from_millis(wait));
        child.kill().unwrap();
        child.wait().unwrap();

        let before = ids(&dir);
        recovered += before.len();
        // The lock of the dead process is no obstacle, and the rest is made.
        dir.run(GROMA, ["apply", "-auto-approve"]).expect_success();
        dir.run(GROMA, ["plan", "-detailed-exitcode"]).expect_status(0);
        let after = ids(&dir);
        assert_eq!(after.len(), 3, "{after:?}");
        for id in &before {
            assert!(after.contains(id), "{id} was made again: {after:?}");
        }
    }
    assert!(recovered > 0, "no kill came at a moment when something was done");
}

#[test]
fn an_interrupt_finishes_what_runs_and_saves_the_state() {
    let dir = Workdir::new();
    dir.write("main.tf", CHAIN);
    let mut child = dir
        .invoke(GROMA)
        .args(["apply", "-auto-approve"])
        .command()
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    until_it_works(&mut child);
    let killed = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let out = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&out.stderr);
    assert!(text.contains("Interrupt received"), "{text}");
    assert!(!out.status.success());
    let made = ids(&dir).len();
    assert!((1..3).contains(&made), "{made} objects");
    dir.run(GROMA, ["apply", "-auto-approve"]).expect_success();
}

#[test]
fn an_interrupt_answers_a_question_with_no() {
    let dir = Workdir::new();
    dir.write("main.tf", CHAIN);
    let mut child = dir
        .invoke(GROMA)
        .args(["apply", "-no-color", "-input=true"])
        .env("TF_INPUT", "1")
        .command()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Nobody answers, and standard input stays open.
    let stdin = child.stdin.take();
    let mut out = child.stdout.take().expect("piped");
    let mut said = Vec::new();
    while !said.ends_with(b"Enter a value: ") {
        let mut byte = [0];
        assert_eq!(out.read(&mut byte).unwrap(), 1, "it ended before it asked");
        said.push(byte[0]);
    }
    let sent = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let ended = child.wait_with_output().unwrap();
    drop(stdin);
    let text = String::from_utf8_lossy(&ended.stderr);
    assert!(text.contains("Error: Cancelled") && !text.contains("Interrupt received"), "{text}");
    assert_eq!(ended.status.code(), Some(1));
    // Neither a state nor a lock is left.
    dir.run(GROMA, ["plan", "-detailed-exitcode"]).expect_status(2);
    assert!(!dir.path().join("terraform.tfstate").exists());
    assert!(!dir.path().join(".terraform.tfstate.lock.info").exists());
}

#[test]
fn two_runs_at_once_do_not_mix() {
    let dir = Workdir::new();
    dir.write("main.tf", CHAIN);
    let mut first = dir
        .invoke(GROMA)
        .args(["apply", "-auto-approve"])
        .command()
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // As soon as the lock is there.
    let begin = Instant::now();
    while !dir.exists(".terraform.tfstate.lock.info") {
        assert!(begin.elapsed() < Duration::from_secs(20), "no lock");
        std::thread::sleep(Duration::from_millis(10));
    }
    let second = dir.run(GROMA, ["plan", "-no-color"]);
    assert!(second.stderr.contains("Error acquiring the state lock"), "{}", second.stderr);
    assert!(second.stderr.contains("OperationTypeApply"), "{}", second.stderr);
    if oracle().is_some() {
        let theirs = dir.terraform(["plan", "-no-color"]);
        assert!(theirs.stderr.contains("Error acquiring the state lock"), "{}", theirs.stderr);
    } else {
        skip("needs terraform");
    }
    // Waiting works too.
    dir.run(GROMA, ["plan", "-lock-timeout=30s", "-detailed-exitcode"]).expect_status(0);
    assert!(first.wait().unwrap().success());
}

#[test]
fn a_failed_creation_is_tainted_and_replaced() {
    let dir = Workdir::new();
    let text = |command: &str| {
        format!(
            "resource \"terraform_data\" \"a\" {{\n  provisioner \"local-exec\" {{\n    command = \"{command}\"\n  }}\n}}\n"
        )
    };
    dir.write("main.tf", text("echo so it is; exit 7"));
    let out = dir.run(GROMA, ["apply", "-auto-approve", "-no-color"]);
    assert!(out.stderr.contains("exit status: 7"), "{}", out.stderr);
    assert!(out.stdout.contains("(local-exec): so it is"), "{}", out.stdout);
    dir.write("main.tf", text("true"));
    let out = dir.run(GROMA, ["apply", "-auto-approve", "-no-color"]).expect_success().stdout;
    assert!(out.contains("is tainted, so it must be replaced"), "{out}");
}

/// What a stream of messages tells, without times and ids: type and text.
fn told(out: &str) -> Vec<String> {
    let mut all = Vec::new();
    for line in out.lines() {
        let m: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        let kind = m["type"].as_str().unwrap_or_default();
        if kind.starts_with("apply_") || kind.starts_with("provision_") {
            let text = m["@message"].as_str().unwrap_or_default();
            let text = text.split(" [id=").next().unwrap_or(text);
            all.push(format!("{kind} {}", text.split(" after ").next().unwrap_or(text)));
        }
    }
    all
}

#[test]
fn an_operation_ends_after_its_provisioners() {
    if oracle().is_none() {
        skip("no terraform");
        return;
    }
    const TEXT: &str = r#"
variable "code" {
  default = 0
}
resource "terraform_data" "a" {
  provisioner "local-exec" {
    command = "echo one"
  }
  provisioner "local-exec" {
    command = "echo two; exit ${var.code}"
  }
  provisioner "local-exec" {
    when    = destroy
    command = "echo bye"
  }
}
"#;
    let (t, g) = (Workdir::new(), Workdir::new());
    t.write("main.tf", TEXT);
    g.write("main.tf", TEXT);
    t.terraform(["init"]).expect_success();
    for args in [
        &["apply", "-auto-approve", "-json"][..],
        &["apply", "-auto-approve", "-json", "-destroy"],
        &["apply", "-auto-approve", "-json", "-var=code=3"],
        &["apply", "-auto-approve", "-json", "-var=code=4"],
        &["apply", "-auto-approve", "-json"],
    ] {
        let (t, g) = (t.terraform(args), g.run(GROMA, args));
        assert_eq!(told(&g.stdout), told(&t.stdout), "{args:?}");
        assert!(told(&g.stdout).len() > 4, "{g}");
    }
    // For people, too.
    let out = g.run(GROMA, ["apply", "-auto-approve", "-no-color", "-replace=terraform_data.a"]).stdout;
    let at = |text: &str| out.find(text).unwrap_or_else(|| panic!("no {text:?}: {out}"));
    assert!(at("(local-exec): bye") < at("Destruction complete"), "{out}");
    assert!(at("terraform_data.a (local-exec): two") < at("Creation complete"), "{out}");
}
