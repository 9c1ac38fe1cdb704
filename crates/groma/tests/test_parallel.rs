//! Runs of a test file side by side (`parallel`, of Terraform 1.12).

use groma_testkit::{Output, Workdir};

const GROMA: &str = env!("CARGO_BIN_EXE_groma");

/// Its object tells when it begins and ends, and waits a little for another to begin.
const MAIN: &str = r#"
variable "me" {}
variable "meets" { default = "" }
variable "rounds" { default = 300 }
variable "seconds" { default = 0 }
resource "terraform_data" "x" {
  provisioner "local-exec" {
    command = <<-EOT
      echo begin ${var.me} >> log
      touch began-${var.me}
      i=0
      while [ -n "${var.meets}" ] && [ ! -e "began-${var.meets}" ]; do
        i=$((i + 1))
        [ $i -lt ${var.rounds} ] || exit 1
        sleep 0.1
      done
      sleep ${var.seconds}
      echo end ${var.me} >> log
    EOT
  }
}
output "me" { value = var.me }
"#;

fn run(file: &str, flags: &[&str]) -> (Workdir, Output) {
    let dir = Workdir::new();
    dir.write("main.tf", MAIN);
    dir.write("a.tftest.hcl", file);
    dir.run(GROMA, ["init"]).expect_success();
    let out = dir.run(GROMA, ["test"].iter().chain(flags));
    (dir, out)
}

fn log(dir: &Workdir) -> Vec<String> {
    dir.read("log").lines().map(str::to_owned).collect()
}

/// One ended before the other began.
#[track_caller]
fn in_order(log: &[String], first: &str, second: &str) {
    let at = |what: &str, who: &str| {
        log.iter()
            .position(|l| *l == format!("{what} {who}"))
            .unwrap_or_else(|| panic!("no {what} {who}: {log:?}"))
    };
    assert!(at("end", first) < at("begin", second), "{second} did not wait for {first}: {log:?}");
}

/// Each can end only when the other has begun.
const MEETING: &str = r#"
run "a" {
  state_key = "a"
  variables {
    me    = "a"
    meets = "b"
  }
}
run "b" {
  state_key = "b"
  variables {
    me    = "b"
    meets = "a"
  }
}
"#;

#[test]
fn runs_that_may_are_executed_side_by_side() {
    let (_dir, out) = run(&format!("test {{\n  parallel = true\n}}\n{MEETING}"), &[]);
    let text = out.expect_success().stdout;
    // They are told of in their order, however they end.
    let lines: Vec<&str> = text.lines().filter(|l| l.starts_with("  run ")).collect();
    assert_eq!(lines, ["  run \"a\"... pass", "  run \"b\"... pass"], "{text}");
}

#[test]
fn runs_that_do_not_say_so_are_executed_one_after_the_other() {
    let (_dir, out) = run(&MEETING.replacen("me    = \"a\"", "me = \"a\"\n    rounds = 3", 1), &[]);
    assert_eq!(out.status, Some(1), "{}", out.stdout);
    assert!(out.stdout.contains("run \"a\"... fail"), "{}", out.stdout);
    assert!(out.stdout.contains("run \"b\"... skip"), "{}", out.stdout);
}

#[test]
fn a_run_waits_for_what_it_refers_to_for_its_state_and_for_runs_that_are_not_parallel() {
    let file = r#"
test {
  parallel = true
}
run "first" {
  state_key = "1"
  variables {
    me    = "first"
    meets = "beside"
  }
}
run "beside" {
  state_key = "2"
  variables {
    me    = "beside"
    meets = "first"
  }
}
run "same_state" {
  state_key = "1"
  variables {
    me = "same_state"
  }
  plan_options {
    replace = [terraform_data.x]
  }
}
run "refers" {
  state_key = "3"
  variables {
    me = "${run.beside.me}-refers"
  }
}
run "asserts" {
  state_key = "4"
  variables {
    me = "asserts"
  }
  assert {
    condition     = run.refers.me == "beside-refers"
    error_message = "another one"
  }
}
run "alone" {
  parallel  = false
  state_key = "5"
  variables {
    me = "alone"
  }
}
run "after" {
  state_key = "6"
  variables {
    me = "after"
  }
}
"#;
    let (dir, out) = run(file, &["-junit-xml=report.xml"]);
    out.expect_success();
    let log = log(&dir);
    in_order(&log, "first", "same_state");
    in_order(&log, "beside", "beside-refers");
    in_order(&log, "beside-refers", "asserts");
    for before in ["first", "beside", "same_state", "beside-refers", "asserts"] {
        in_order(&log, before, "alone");
    }
    in_order(&log, "alone", "after");
    let report = dir.read("report.xml");
    let names: Vec<&str> =
        report.split("<testcase name=\"").skip(1).filter_map(|r| r.split('"').next()).collect();
    assert_eq!(names, ["first", "beside", "same_state", "refers", "asserts", "alone", "after"]);
    assert!(report.contains("tests=\"7\" skipped=\"0\" failures=\"0\" errors=\"0\""), "{report}");
}

#[test]
fn what_works_when_another_run_fails_is_finished_and_destroyed() {
    let file = r#"
test {
  parallel = true
}
run "fails" {
  state_key = "1"
  variables {
    me     = "fails"
    meets  = "nobody"
    rounds = 3
  }
}
run "works" {
  state_key = "2"
  variables {
    me      = "works"
    meets   = "fails"
    seconds = 2
  }
}
run "later" {
  state_key = "1"
  variables {
    me = "later"
  }
}
"#;
    let (dir, out) = run(file, &["-json"]);
    assert_eq!(out.status, Some(1), "{}", out.stdout);
    let log = log(&dir);
    assert!(log.contains(&"end works".to_owned()), "{log:?}");
    assert!(!log.contains(&"begin later".to_owned()), "{log:?}");
    let messages: Vec<serde_json::Value> =
        out.stdout.lines().filter_map(|l| serde_json::from_str(l).ok()).collect();
    let status = |run: &str| {
        let ended =
            messages.iter().find(|m| m["test_run"]["run"] == run && m["test_run"]["progress"] == "complete");
        ended.map(|m| m["test_run"]["status"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(status("fails").as_deref(), Some("error"));
    assert_eq!(status("works").as_deref(), Some("pass"));
    assert_eq!(status("later").as_deref(), Some("skip"));
    let destroyed =
        messages.iter().any(|m| m["test_run"]["run"] == "works" && m["test_run"]["progress"] == "teardown");
    assert!(destroyed, "{}", out.stdout);
}
