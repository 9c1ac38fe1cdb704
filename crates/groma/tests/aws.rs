//! Whole lives of configurations through the real AWS provider, against an AWS
//! API server on loopback.

use groma_testkit::{Moto, Workdir, mirror, oracle, skip};
use std::time::Duration;

const GROMA: &str = env!("CARGO_BIN_EXE_groma");

/// What the tests need, or `None` after saying so.
fn parts(fixture: &str) -> Option<(groma_testkit::ApiServer, Workdir)> {
    if mirror().is_none() {
        skip("needs a mirror of the AWS provider");
        return None;
    }
    let Some(server) = Moto::start() else {
        skip("needs moto");
        return None;
    };
    let mut dir = Workdir::with_fixture(fixture);
    dir.aws(&server.endpoint()).share_cache().timeout(Duration::from_secs(400));
    Some((server, dir))
}

#[test]
fn a_vpc_from_creation_to_destruction() {
    let Some((_server, dir)) = parts("vpc") else { return };
    dir.run(GROMA, ["init", "-no-color"]).expect_success();
    let out = dir.run(GROMA, ["apply", "-auto-approve", "-no-color"]).expect_success().stdout;
    assert!(out.contains("Resources: 41 added, 0 changed, 0 destroyed."), "{out}");

    // Nothing is left to do, and the oracle agrees on the state that was written.
    dir.run(GROMA, ["plan", "-detailed-exitcode"]).expect_status(0);
    if oracle().is_some() {
        dir.terraform(["init"]).expect_success();
        dir.terraform(["plan", "-detailed-exitcode"]).expect_status(0);
    } else {
        skip("needs terraform");
    }

    // An update in place, a replacement, one instance less.
    let text = dir.read("main.tf");
    let text =
        text.replace("Name = \"x\"", "Name = \"y\"").replace("web-${count.index}", "www-${count.index}");
    dir.write("main.tf", text.replacen("count      = 20", "count      = 19", 1));
    let out = dir.run(GROMA, ["apply", "-auto-approve", "-no-color"]).expect_success().stdout;
    assert!(out.contains("# forces replacement"), "{out}");
    assert!(out.contains("aws_vpc.main will be updated in place"), "{out}");
    assert!(out.contains("Resources: 20 added, 1 changed, 21 destroyed."), "{out}");
    dir.run(GROMA, ["plan", "-detailed-exitcode"]).expect_status(0);

    let out = dir.run(GROMA, ["destroy", "-auto-approve", "-no-color"]).expect_success().stdout;
    assert!(out.contains("Resources: 40 destroyed."), "{out}");
    assert_eq!(dir.run(GROMA, ["state", "list"]).expect_success().stdout, "");
}

#[test]
fn many_services_create_and_plan_as_the_oracle_says() {
    let Some((_server, dir)) = parts("aws-services") else { return };
    dir.run(GROMA, ["init", "-no-color"]).expect_success();
    let out = dir.run(GROMA, ["apply", "-auto-approve", "-no-color"]).expect_success().stdout;
    assert!(out.contains("Resources: 66 added, 0 changed, 0 destroyed."), "{out}");

    // The server forgets some arguments, so a second plan is not empty; it must be
    // the oracle's.
    let planned = |text: &str| -> Vec<String> {
        let mut found: Vec<String> = text
            .lines()
            .filter_map(|l| l.trim().strip_prefix("# ")?.split(" will be ").next().map(str::to_owned))
            .filter(|l| l.starts_with("aws_") && !l.contains(' '))
            .collect();
        found.sort();
        found
    };
    let ours = dir.run(GROMA, ["plan", "-no-color"]).expect_success().stdout;
    if oracle().is_some() {
        dir.terraform(["init"]).expect_success();
        let theirs = dir.terraform(["plan", "-no-color"]).expect_success().stdout;
        assert_eq!(planned(&ours), planned(&theirs));
    } else {
        skip("needs terraform");
    }

    // The server cannot delete cache subnet groups; all else must go.
    dir.run(GROMA, ["state", "rm", "aws_elasticache_subnet_group.c"]).expect_success();
    dir.run(GROMA, ["destroy", "-auto-approve", "-no-color"]).expect_success();
    assert_eq!(dir.run(GROMA, ["state", "list"]).expect_success().stdout, "");
}

#[test]
fn a_provider_that_dies_leaves_what_it_had_finished_in_the_state() {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};
    let Some((_server, dir)) = parts("vpc") else { return };
    dir.run(GROMA, ["init", "-no-color"]).expect_success();
    let mut child = dir
        .invoke(GROMA)
        .args(["apply", "-auto-approve", "-no-color", "-parallelism=2"])
        .command()
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let made = lines.by_ref().filter(|l| l.contains("Creation complete")).take(5).count();
    assert_eq!(made, 5);
    // Its only child is the provider.
    let killed = Command::new("pkill").args(["-KILL", "-P", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    drop(lines);
    let out = child.wait_with_output().unwrap();
    assert!(!out.status.success());
    let text = String::from_utf8_lossy(&out.stderr);
    assert!(text.contains("Provider process ended unexpectedly"), "{text}");

    let kept = dir.run(GROMA, ["state", "list"]).expect_success().stdout.lines().count();
    assert!((5..41).contains(&kept), "{kept}");
    // What was under way when it died may exist without an answer having come; all
    // else is known, and the next run begins where this one ended.
    let plan = dir.run(GROMA, ["plan", "-no-color"]).expect_success().stdout;
    let rest = format!("Plan: {} to add, 0 to change, 0 to destroy.", 41 - kept);
    assert!(plan.contains(&rest), "{kept} kept: {plan}");
}

const PROVIDER: &str = r#"
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" {
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}
"#;

/// A working directory with the AWS provider and this configuration, at a server of its own.
fn written(main: &str) -> Option<(groma_testkit::ApiServer, Workdir)> {
    if mirror().is_none() {
        skip("needs a mirror of the AWS provider");
        return None;
    }
    let Some(server) = Moto::start() else {
        skip("needs moto");
        return None;
    };
    let mut dir = Workdir::new();
    dir.aws(&server.endpoint()).share_cache().timeout(Duration::from_secs(400));
    dir.write("main.tf", format!("{PROVIDER}{main}"));
    dir.run(GROMA, ["init", "-no-color"]).expect_success();
    Some((server, dir))
}

#[test]
fn ephemeral_resources_are_opened_and_closed_and_never_stored() {
    let Some((_server, dir)) = written(
        r#"
ephemeral "aws_secretsmanager_random_password" "p" {
  password_length = 20
}
resource "aws_ssm_parameter" "a" {
  name             = "/a"
  type             = "SecureString"
  value_wo         = ephemeral.aws_secretsmanager_random_password.p.random_password
  value_wo_version = 1
}
ephemeral "aws_ssm_parameter" "b" {
  arn = aws_ssm_parameter.a.arn
}
resource "aws_ssm_parameter" "c" {
  name             = "/c"
  type             = "SecureString"
  value_wo         = ephemeral.aws_ssm_parameter.b.value
  value_wo_version = 1
}
"#,
    ) else {
        return;
    };
    let out = dir.run(GROMA, ["apply", "-auto-approve", "-no-color"]).expect_success().stdout;
    assert!(out.contains("ephemeral.aws_ssm_parameter.b: Configuration unknown, deferring..."), "{out}");
    assert!(out.contains("Resources: 2 added, 0 changed, 0 destroyed."), "{out}");
    // Opened for what needs it, and closed after that, in the plan and in the apply.
    let at = |text: &str| out.rfind(text).unwrap_or_else(|| panic!("{text} is not in {out}"));
    assert_eq!(out.matches("random_password.p: Opening complete").count(), 2, "{out}");
    assert_eq!(out.matches("random_password.p: Closing complete").count(), 2, "{out}");
    assert!(at("aws_ssm_parameter.a: Creation complete") < at("ephemeral.aws_ssm_parameter.b: Opening..."));
    assert!(at("aws_ssm_parameter.c: Creation complete") < at("ephemeral.aws_ssm_parameter.b: Closing..."));
    // Nothing is kept of them but that others need them, and nothing is left to do.
    let state = dir.read("terraform.tfstate");
    assert!(!state.contains("\"mode\": \"ephemeral\""), "{state}");
    assert_eq!(state.matches("\"value_wo\": null").count(), 2, "{state}");
    dir.run(GROMA, ["plan", "-detailed-exitcode"]).expect_status(0);
    if oracle().is_some() {
        dir.terraform(["init"]).expect_success();
        dir.terraform(["plan", "-detailed-exitcode"]).expect_status(0);
    } else {
        skip("needs terraform");
    }
    let out = dir.run(GROMA, ["destroy", "-auto-approve", "-no-color"]).expect_success().stdout;
    assert!(out.contains("Resources: 2 destroyed."), "{out}");
}

#[test]
fn what_is_imported_without_a_block_gets_one_that_plans_clean() {
    let made = r#"
resource "aws_vpc" "x" {
  cidr_block = "10.0.0.0/16"
  tags       = { Name = "x $${y}" }
}
resource "aws_subnet" "x" {
  vpc_id     = aws_vpc.x.id
  cidr_block = "10.0.1.0/24"
}
resource "aws_iam_role" "x" {
  name = "r"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
}
"#;
    let Some((_server, dir)) = written(made) else { return };
    dir.run(GROMA, ["apply", "-auto-approve", "-no-color"]).expect_success();
    let state: serde_json::Value = serde_json::from_str(&dir.read("terraform.tfstate")).unwrap();
    let mut imports = PROVIDER.to_owned();
    for r in state["resources"].as_array().unwrap() {
        let (ty, id) = (r["type"].as_str().unwrap(), &r["instances"][0]["attributes"]["id"]);
        imports.push_str(&format!("import {{\n  to = {ty}.x\n  id = {id}\n}}\n"));
    }
    dir.remove("terraform.tfstate");
    dir.write("main.tf", imports);

    let out =
        dir.run(GROMA, ["plan", "-no-color", "-generate-config-out=generated.tf"]).expect_success().stdout;
    assert!(out.contains("Plan: 3 to import, 0 to add, 0 to change, 0 to destroy."), "{out}");
    let text = dir.read("generated.tf");
    assert!(text.contains("    Name = \"x $${y}\"\n"), "{text}");
    assert!(text.contains("assume_role_policy = jsonencode({\n"), "{text}");
    // Of two arguments that exclude each other there is one.
    assert_eq!(text.matches("availability_zone").count(), 1, "{text}");
    // A file is written once.
    let again = dir.run(GROMA, ["plan", "-no-color", "-generate-config-out=generated.tf"]);
    assert!(again.expect_status(1).stderr.contains("Target generated file already exists"));
    // It is what the formatter writes.
    dir.run(GROMA, ["fmt", "-check"]).expect_success();
    let out = dir.run(GROMA, ["apply", "-auto-approve", "-no-color"]).expect_success().stdout;
    assert!(out.contains("3 imported, 0 added, 0 changed, 0 destroyed."), "{out}");
    dir.run(GROMA, ["plan", "-detailed-exitcode"]).expect_status(0);
}
