//! Deferral in `groma test`.

use super::{GROMA, groma, told};
use groma_testkit::{Workdir, oracle};

const MAIN: &str = r#"variable "names" {
  default = ["x", "y"]
}
resource "terraform_data" "a" {
  input = var.names
}
resource "terraform_data" "web" {
  for_each = toset(terraform_data.a.output)
  input    = each.key
}
resource "terraform_data" "last" {
  count = length([for w in terraform_data.web : w.output if w.output != "none"])
}
resource "terraform_data" "never" {
  count = var.names[0] == "stuck" ? length(timestamp()) : 0
}
output "names" {
  value = sort([for w in terraform_data.web : w.output])
}
"#;

fn suite(runs: &str) -> Workdir {
    let w = Workdir::new();
    w.write("main.tf", MAIN);
    w.write("a.tftest.hcl", runs);
    groma(&w, &["init"]).expect_success();
    w
}

#[test]
fn runs_that_apply_go_on() {
    let w = suite(
        r#"run "all" {
  assert {
    condition     = output.names == tolist(["x", "y"]) && length(terraform_data.last) == 2
    error_message = "three rounds"
  }
}
run "fewer" {
  variables {
    names = [run.all.names[1]]
  }
  assert {
    condition     = keys(terraform_data.web)[0] == "y" && length(terraform_data.last) == 1
    error_message = "an update"
  }
}
run "replaced" {
  plan_options {
    replace = [terraform_data.a]
  }
  variables {
    names = ["y"]
  }
  assert {
    condition     = output.names[0] == "z"
    error_message = "it is ${output.names[0]}"
  }
}
"#,
    );
    let out = groma(&w, &["test"]).expect_status(1);
    for part in ["run \"all\"... pass", "run \"fewer\"... pass", "it is y", "2 passed, 1 failed"] {
        assert!(told(&out).contains(part), "{part} is not in\n{out}");
    }
    // What Terraform says is an error there, and at the same place, with the flag.
    let refused = groma(&w, &["test", "-allow-deferral=false"]).expect_status(1);
    assert!(told(&refused).contains("Error: Invalid for_each argument on main.tf line 8"), "{refused}");
    if oracle().is_some() {
        w.terraform(["init", "-no-color"]).expect_success();
        let refused = w.terraform(["test", "-no-color"]).expect_status(1);
        assert!(told(&refused).contains("Error: Invalid for_each argument on main.tf line 8"), "{refused}");
    }
}

#[test]
fn runs_that_plan_say_what_waits() {
    let w = suite(
        r#"run "planned" {
  command = plan
  assert {
    condition     = terraform_data.a.input[0] == "x"
    error_message = "known"
  }
}
run "asked" {
  command = plan
  assert {
    condition     = length(terraform_data.web) == 2
    error_message = "unknown"
  }
}
"#,
    );
    let out = groma(&w, &["test"]).expect_status(1);
    for part in [
        "run \"planned\"... pass",
        "Warning: The plan defers something on main.tf line 12",
        "- terraform_data.last[*] - terraform_data.web[*]",
        "run \"asked\"... fail",
        "Error: Unknown condition value on a.tftest.hcl line 11",
    ] {
        assert!(told(&out).contains(part), "{part} is not in\n{out}");
    }
}

/// What was made before it went wrong is destroyed like everything else.
#[test]
fn runs_that_come_no_further_clean_up() {
    let w = suite("run \"stuck\" {\n  variables {\n    names = [\"stuck\"]\n  }\n}\n");
    w.write("hook.tf", "resource \"terraform_data\" \"trace\" {\n  provisioner \"local-exec\" {\n    command = \"echo made >> trace\"\n  }\n  provisioner \"local-exec\" {\n    when    = destroy\n    command = \"echo gone >> trace\"\n  }\n}\n");
    let out = w.run(GROMA, ["test", "-no-color"]).expect_status(1);
    assert!(told(&out).contains("Error: Nothing more becomes known on main.tf line 15"), "{out}");
    assert_eq!(w.read("trace"), "made\ngone\n");
    // A condition that fails in a later round, as it is expected to: while planning it is too early.
    w.write("main.tf", MAIN.replace("input    = each.key\n", "input    = each.key\n  lifecycle {\n    postcondition {\n      condition     = self.input != \"y\"\n      error_message = \"y\"\n    }\n  }\n"));
    w.write("a.tftest.hcl", "run \"expected\" {\n  expect_failures = [terraform_data.web]\n}\n");
    let out = groma(&w, &["test"]);
    assert!(
        told(&out.expect_status(1))
            .contains("condition of terraform_data.web failed, as expected, but while planning")
    );
    w.write("main.tf", w.read("main.tf").replace("self.input", "self.output"));
    assert!(told(&groma(&w, &["test"]).expect_success()).contains("1 passed, 0 failed"));
}
