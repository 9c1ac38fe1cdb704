//! The five example systems, each from its manifest to nothing again: in the embedded
//! AWS every environment, through `terraform` what is ejected.

use groma_testkit::{Workdir, mirror, oracle, skip};
use std::path::Path;
use std::time::Duration;

const GROMA: &str = env!("CARGO_BIN_EXE_groma");

/// A copy of an example.
fn example(name: &str) -> Workdir {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name);
    let mut dir = Workdir::new();
    dir.copy_folder(&source);
    dir.timeout(Duration::from_secs(120));
    dir
}

fn groma(dir: &Workdir, args: &[&str]) -> groma_testkit::Output {
    let mut all: Vec<&str> = vec![args[0], "-sandbox", "-no-color"];
    all.extend(&args[1..]);
    dir.run(GROMA, all)
}

/// Words of the command line for an environment: `-each=x branch` or `prod`.
type Env = &'static [&'static str];

fn with<'a>(command: &'a str, flags: &[&'a str], env: Env) -> Vec<&'a str> {
    let mut all = vec![command];
    all.extend(flags);
    all.extend(env);
    all
}

/// Brings all environments up, looks at them, changes nothing, parks and resumes one,
/// takes all down.
fn life(name: &str, environments: &[Env], parked: Env) {
    let dir = example(name);
    for env in environments {
        let out = groma(&dir, &with("up", &["-auto-approve"], env)).expect_success().stdout;
        assert!(out.contains("is as described."), "{out}");
        groma(&dir, &with("diff", &["-detailed-exitcode"], env)).expect_status(0);
    }
    // Those that came first are still as described.
    for env in environments {
        let out = groma(&dir, &with("diff", &["-detailed-exitcode"], env));
        assert_eq!(out.status, Some(0), "{env:?}: {}{}", out.stdout, out.stderr);
        // What is proved of a plan is proved of what it made.
        assert!(!out.stdout.contains("Not proved") && out.stdout.contains("Proved: "), "{env:?}: {out}");
    }
    let before = attributes(&dir, parked);
    let out = groma(&dir, &with("park", &["-auto-approve"], parked)).expect_success().stdout;
    assert!(out.contains("is parked:"), "{out}");
    assert_eq!(running(&dir, parked), 0, "instances of a parked environment");
    groma(&dir, &with("diff", &["-detailed-exitcode"], parked)).expect_status(0);
    groma(&dir, &with("resume", &["-auto-approve"], parked)).expect_success();
    let after = attributes(&dir, parked);
    let other: Vec<_> = before.iter().filter(|l| !after.contains(l)).collect();
    assert!(
        other.is_empty() && after.len() == before.len(),
        "before parking, not after resuming: {other:#?}"
    );
    groma(&dir, &with("diff", &["-detailed-exitcode"], parked)).expect_status(0);

    // What is protected goes only after it is no longer.
    let text = dir.read("groma.hcl");
    dir.write("groma.hcl", text.replace("protect = true", "protect = false"));
    for env in environments.iter().rev() {
        if text.contains("protect = true") {
            groma(&dir, &with("up", &["-auto-approve"], env)).expect_success();
        }
    }
    let mut said = String::new();
    for env in environments.iter().rev() {
        assert!(!said.contains("The organization stays"), "{said}");
        said = groma(&dir, &with("down", &["-auto-approve"], env)).expect_success().stdout;
        assert!(said.contains("nothing with its tag is left"), "{said}");
    }
    assert_eq!(said.contains("The organization stays"), text.contains("\norganization "), "{said}");
    let out = groma(&dir, &["status"]).expect_success().stdout;
    assert!(out.starts_with("Nothing is up."), "{out}");
    // An organization outlives its environments.
    let left: Vec<String> = states(&dir).into_iter().filter(|l| !l.contains("module.organization")).collect();
    assert!(
        left.is_empty() || name == "exchange" && left.iter().all(|l| l.starts_with("platform.tfstate")),
        "in states: {left:?}"
    );
}

fn slug(env: Env) -> String {
    match env {
        [each, name] => format!("{name}-{}", each.trim_start_matches("-each=")),
        _ => env[0].to_owned(),
    }
}

fn state(dir: &Workdir, slug: &str) -> serde_json::Value {
    serde_json::from_str(&dir.read(format!(".groma/sandbox/state/{slug}.tfstate"))).expect("a state")
}

/// What makes an environment what it is: its resources, and how many of each run.
fn attributes(dir: &Workdir, env: Env) -> Vec<String> {
    let mut out = Vec::new();
    for r in state(dir, &slug(env))["resources"].as_array().expect("resources") {
        for i in r["instances"].as_array().expect("instances") {
            let a = &i["attributes"];
            out.push(format!(
                "{} {} {} {} {} {} {}",
                r["module"],
                r["type"],
                i["index_key"],
                a["desired_capacity"],
                a["min_size"],
                a["max_size"],
                a["desired_count"]
            ));
        }
    }
    out.sort();
    out
}

fn running(dir: &Workdir, env: Env) -> u64 {
    let s = state(dir, &slug(env));
    let instances = s["resources"]
        .as_array()
        .expect("resources")
        .iter()
        .flat_map(|r| r["instances"].as_array().expect("instances"));
    instances
        .map(|i| {
            let n = |k: &str| i["attributes"][k].as_u64().unwrap_or(0);
            n("desired_capacity") + n("desired_count")
        })
        .sum()
}

/// Resources that any state still has.
fn states(dir: &Workdir) -> Vec<String> {
    let mut out = Vec::new();
    for e in std::fs::read_dir(dir.path().join(".groma/sandbox/state")).expect("states").flatten() {
        let name = e.file_name().to_string_lossy().into_owned();
        if !name.ends_with(".tfstate") {
            continue;
        }
        let s: serde_json::Value =
            serde_json::from_slice(&std::fs::read(e.path()).expect("a state")).expect("JSON");
        for r in s["resources"].as_array().into_iter().flatten() {
            if r["mode"] == "managed" {
                out.push(format!("{name} {} {}", r["module"], r["type"]));
            }
        }
    }
    out
}

#[test]
fn levels_from_up_to_down() {
    life("levels", &[&["prod"], &["staging"], &["qa"], &["-each=fix-login", "branch"]], &["staging"]);
}

#[test]
fn simplemining_from_up_to_down() {
    life("simplemining", &[&["prod"], &["test"], &["dev"], &["tools"]], &["dev"]);
}

/// Its monitoring uses services of two environments.
#[test]
fn what_has_to_be_up_first_is_said() {
    let dir = example("simplemining");
    let line = dir.read("groma.hcl").lines().position(|l| l.contains("environment.dev.service.web"));
    let place = format!("groma.hcl line {}", line.expect("it uses dev") + 1);
    for command in [&["up", "-auto-approve", "tools"][..], &["diff", "tools"]] {
        let out = groma(&dir, command).expect_status(1);
        for other in ["dev", "test"] {
            assert!(out.stderr.contains(&format!("{other} has to be up first")), "{}", out.stderr);
            let why = format!(
                "service.monitoring of tools uses service.web of {other}, which is not up. Do this first:"
            );
            assert!(out.stderr.replace('\n', " ").contains(&why), "{}", out.stderr);
            assert!(out.stderr.contains(&format!("groma up -sandbox {other}")), "{}", out.stderr);
        }
        assert!(out.stderr.contains(&place), "{}", out.stderr);
        assert!(!out.stdout.contains("Plan:"), "{}", out.stdout);
    }
}

#[test]
fn blockchain_from_up_to_down() {
    life("blockchain", &[&["prod"], &["standby"]], &["standby"]);
}

#[test]
fn exchange_from_up_to_down() {
    life("exchange", &[&["prod"], &["-each=ada", "staging"]], &["-each=ada", "staging"]);
}

#[test]
fn dealtrak_from_up_to_down() {
    life("dealtrak", &[&["live"], &["dev"], &["-each=17", "uat"]], &["dev"]);
}

/// What is ejected is valid for `terraform`, and names the resources that Groma plans.
fn ejected(name: &str, env: Env) {
    if mirror().is_none() {
        return skip("needs a mirror of the AWS provider");
    }
    if oracle().is_none() {
        return skip("needs terraform");
    }
    validate(&example(name), env);
}

fn validate(dir: &Workdir, env: Env) {
    groma(dir, &with("eject", &["-out=ejected"], env)).expect_success();
    let roots: Vec<_> =
        std::fs::read_dir(dir.path().join("ejected/roots")).expect("roots").flatten().collect();
    assert!(!roots.is_empty());
    for r in roots {
        let mut there = Workdir::new();
        there.copy_folder(&dir.path().join("ejected"));
        there.timeout(Duration::from_secs(300));
        let root = format!("-chdir=roots/{}", r.file_name().to_string_lossy());
        there.terraform([root.as_str(), "init", "-backend=false"]).expect_success();
        there.terraform([root.as_str(), "validate"]).expect_success();
        there.terraform(["fmt", "-check", "-recursive"]).expect_success();
    }
}

#[test]
fn ejected_levels_is_terraform() {
    ejected("levels", &["staging"]);
}

#[test]
fn ejected_simplemining_is_terraform() {
    ejected("simplemining", &["tools"]);
}

#[test]
fn ejected_blockchain_is_terraform() {
    ejected("blockchain", &["prod"]);
}

#[test]
fn ejected_exchange_is_terraform() {
    ejected("exchange", &["prod"]);
}

#[test]
fn ejected_dealtrak_is_terraform() {
    ejected("dealtrak", &["live"]);
}

/// A manifest with every argument that there is, and the files that it names.
fn everything() -> Workdir {
    let text = Path::new(env!("CARGO_MANIFEST_DIR")).join("../groma-platform/tests/everything.groma.hcl");
    let text = std::fs::read_to_string(text).expect("the manifest");
    let mut dir = Workdir::new();
    // Modules of registries are not fetched; one beside the manifest is the same to it.
    let text = text
        .replace("\"example/search/aws\"", "\"./terraform/search\"")
        .replace("  version = \"~> 1.0\"\n", "");
    dir.write("groma.hcl", text);
    dir.write("functions/thumbnail/main.py", "def handle(event, context):\n    return None\n");
    dir.write("images/app.yml", "- hosts: all\n");
    dir.write("containers/api/Dockerfile", "FROM scratch\n");
    dir.write("scripts/start.sh", "#!/bin/sh\n");
    dir.write(
        "terraform/search/main.tf",
        r#"
variable "vpc_id" { type = string }
variable "queue" { type = string }
variable "slug" { type = string }
variable "sizes" { type = any }
resource "terraform_data" "search" { input = [var.vpc_id, var.queue, var.slug, var.sizes] }
output "id" { value = terraform_data.search.id }
"#,
    );
    dir.timeout(Duration::from_secs(120));
    dir
}

#[test]
fn every_argument_leads_to_something_that_comes_up() {
    let dir = everything();
    let environments: [Env; 4] = [&["tools"], &["prod"], &["qa"], &["-each=x", "branch"]];
    for env in environments {
        groma(&dir, &with("up", &["-auto-approve"], env)).expect_success();
    }
    for env in environments {
        groma(&dir, &with("diff", &["-detailed-exitcode"], env)).expect_status(0);
    }
    groma(&dir, &with("down", &["-auto-approve"], environments[3])).expect_success();
}

#[test]
fn every_argument_is_valid_for_terraform() {
    if mirror().is_none() {
        return skip("needs a mirror of the AWS provider");
    }
    if oracle().is_none() {
        return skip("needs terraform");
    }
    validate(&everything(), &["qa"]);
}
