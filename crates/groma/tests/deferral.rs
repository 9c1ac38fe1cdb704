//! What a plan defers because a `count` or `for_each` is not known yet, and how the same
//! apply goes on with it. About 10 s on two cores.

#[path = "deferral/tests.rs"]
mod tests;

use groma_testkit::{Output, Workdir};
use serde_json::{Value, json};

const GROMA: &str = env!("CARGO_BIN_EXE_groma");

fn groma(w: &Workdir, args: &[&str]) -> Output {
    w.run(GROMA, args.iter().chain(&["-no-color"]))
}

/// With an answer to each question.
fn answered(w: &Workdir, args: &[&str], answers: &str) -> Output {
    w.invoke(GROMA).args(args.iter().chain(&["-no-color"])).env("TF_INPUT", "1").stdin(answers).run()
}

/// What went to either output, in one line.
fn told(out: &Output) -> String {
    format!("{} {}", out.stdout, out.stderr).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn outputs(w: &Workdir) -> Value {
    let all = w.run(GROMA, ["output", "-json"]).expect_success().json();
    let values = all.as_object().unwrap().iter().map(|(n, o)| (n.clone(), o["value"].clone()));
    Value::Object(values.collect())
}

/// The addresses that the state has, the type left out.
fn state(w: &Workdir) -> Vec<String> {
    // Without a state nothing is listed.
    let all = w.run(GROMA, ["state", "list"]).stdout;
    all.lines().map(|l| l.replace("terraform_data.", "")).collect()
}

/// A saved plan: its JSON.
fn planned(w: &Workdir, args: &[&str]) -> Value {
    groma(w, &[&["plan", "-out=plan"], args].concat()).expect_success();
    w.run(GROMA, ["show", "-json", "plan"]).expect_success().json()
}

/// Addresses and actions of planned changes, without those that do nothing.
fn changes(plan: &Value) -> Vec<(String, String)> {
    let all = plan["resource_changes"].as_array().cloned().unwrap_or_default();
    all.iter().map(short).filter(|(_, a)| a != "no-op").collect()
}

fn short(c: &Value) -> (String, String) {
    let actions: Vec<&str> =
        c["change"]["actions"].as_array().unwrap().iter().map(|a| a.as_str().unwrap()).collect();
    (c["address"].as_str().unwrap().replace("terraform_data.", ""), actions.join("-"))
}

/// Addresses, actions and reasons of what is deferred.
fn deferred(plan: &Value) -> Vec<(String, String, String)> {
    let all = plan["deferred_changes"].as_array().cloned().unwrap_or_default();
    let one = |d: &Value| {
        let (address, action) = short(&d["resource_change"]);
        (address, action, d["reason"].as_str().unwrap().to_owned())
    };
    all.iter().map(one).collect()
}

fn triples(all: &[(&str, &str, &str)]) -> Vec<(String, String, String)> {
    all.iter().map(|(a, b, c)| ((*a).to_owned(), (*b).to_owned(), (*c).to_owned())).collect()
}

fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
}

const MAIN: &str = r#"variable "names" {
  type    = list(string)
  default = ["x", "y"]
}
resource "terraform_data" "a" {
  input = var.names
}
resource "terraform_data" "web" {
  for_each = toset(terraform_data.a.output)
  input    = each.key
}
resource "terraform_data" "after" {
  input = [for w in terraform_data.web : w.id]
}
resource "terraform_data" "free" {}
data "terraform_remote_state" "s" {
  count   = length(terraform_data.a.output)
  backend = "local"
  config = {
    path = "other.tfstate"
  }
}
module "m" {
  source = "./m"
  count  = length(terraform_data.a.output)
  n      = "n${count.index}"
}
module "plain" {
  source = "./plain"
  count  = length(terraform_data.a.output)
}
resource "terraform_data" "of_plain" {
  input = module.plain[*].v
}
output "names" {
  value = [for w in terraform_data.web : w.output]
}
output "inner" {
  value = module.m[*].v
}
output "other" {
  value = data.terraform_remote_state.s[*].outputs.o
}
"#;

const M: &str = r#"variable "n" {
  validation {
    condition     = length(var.n) == 2
    error_message = "Two."
  }
}
resource "terraform_data" "x" {
  input = var.n
}
output "v" {
  value = terraform_data.x.output
}
"#;

fn set_up(main: &str) -> Workdir {
    let w = Workdir::new();
    w.write("main.tf", main);
    w.write("m/main.tf", M);
    w.write("plain/main.tf", "output \"v\" {\n  value = \"v\"\n}\n");
    w.write("other.tfstate", r#"{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"l","outputs":{"o":{"value":"there","type":"string"}},"resources":[]}"#);
    groma(&w, &["init"]).expect_success();
    w
}

#[test]
fn what_is_deferred_is_shown_and_applied_by_the_same_apply() {
    let w = set_up(MAIN);
    let plan = planned(&w, &[]);
    assert_eq!(changes(&plan), pairs(&[("a", "create"), ("free", "create"), ("of_plain", "create")]));
    let unknown = "instance_count_unknown";
    assert_eq!(
        deferred(&plan),
        triples(&[
            ("data.terraform_remote_state.s[*]", "read", unknown),
            ("after", "create", "deferred_prereq"),
            ("web[*]", "create", unknown),
            ("module.m[*].x", "create", unknown),
        ])
    );
    assert_eq!((&plan["complete"], &plan["applyable"]), (&json!(false), &json!(true)));
    let inner = &plan["deferred_changes"][3]["resource_change"];
    assert_eq!(inner["module_address"], "module.m[*]");
    let out = groma(&w, &["plan", "-detailed-exitcode"]).expect_status(2);
    for part in [
        "4 are deferred until more is known",
        "+ terraform_data.web[*]: the for_each is not known yet, on main.tf line 9",
        "+ module.m[*].terraform_data.x: the count of module.m is not known yet, on main.tf line 25",
        "+ terraform_data.after: it depends on terraform_data.web[*]",
        "Plan: 3 to add",
    ] {
        assert!(told(&out).contains(part), "{part}: {out}");
    }
    let out = groma(&w, &["show", "plan"]).expect_success();
    assert!(told(&out).contains("terraform_data.web[*]: the for_each is not known yet"), "{out}");

    let out = groma(&w, &["apply", "-auto-approve"]).expect_success();
    assert!(told(&out).contains("Apply complete! Resources: 8 added, 0 changed, 0 destroyed."), "{out}");
    let expected = json!({ "names": ["x", "y"], "inner": ["n0", "n1"], "other": ["there", "there"] });
    assert_eq!(outputs(&w), expected);
    let plan = planned(&w, &["-detailed-exitcode"]);
    assert_eq!((&plan["complete"], &plan["applyable"]), (&json!(true), &json!(false)));

    // What exists stays while it is not known what is wanted.
    let id = |key: &str| {
        let s: Value = serde_json::from_str(&w.read("terraform.tfstate")).unwrap();
        let web = s["resources"].as_array().unwrap().iter().find(|r| r["name"] == "web").unwrap().clone();
        let found = web["instances"].as_array().unwrap().iter().find(|i| i["index_key"] == key).cloned();
        found.map(|i| i["attributes"]["id"].clone())
    };
    let x = id("x").unwrap();
    let out = answered(&w, &["apply", "-var=names=[\"x\",\"z\",\"zz\"]"], "yes\nyes\n").expect_success();
    assert!(told(&out).contains("Resources: 3 added, 3 changed, 1 destroyed"), "{out}");
    assert_eq!((id("x"), id("y")), (Some(x), None));
    assert_eq!(outputs(&w)["inner"], json!(["n0", "n1", "n2"]));
}

#[test]
fn nobody_does_what_was_not_approved() {
    let w = set_up(MAIN);
    let out = answered(&w, &["apply"], "yes\nno\n").expect_status(2);
    assert!(told(&out).contains("To go on with what was deferred: groma apply"), "{out}");
    assert_eq!(state(&w), ["a", "free", "of_plain"]);
    // What is there can be refreshed and destroyed.
    groma(&w, &["plan", "-refresh-only"]).expect_success();
    groma(&w, &["plan", "-destroy", "-out=plan"]).expect_success();
    groma(&w, &["apply", "plan"]).expect_success();
    assert_eq!(state(&w), Vec::<String>::new());

    // A saved plan is done; what it deferred is shown, and done on request only.
    groma(&w, &["plan", "-out=plan"]).expect_success();
    let out = groma(&w, &["apply", "plan"]).expect_status(2);
    for part in ["What was deferred is not done", "terraform_data.web[\"x\"] will be created", "groma apply"]
    {
        assert!(told(&out).contains(part), "{part}: {out}");
    }
    assert_eq!(state(&w), ["a", "free", "of_plain"]);
    groma(&w, &["destroy", "-auto-approve"]).expect_success();
    let plan = planned(&w, &["-exclude=terraform_data.free"]);
    assert_eq!(plan["complete"], false);
    groma(&w, &["apply", "-auto-approve", "plan"]).expect_success();
    assert_eq!(outputs(&w)["names"], json!(["x", "y"]));
    assert!(!state(&w).contains(&"free".to_owned()));
}

#[test]
fn only_targets_go_on() {
    let w = set_up(MAIN);
    groma(&w, &["apply", "-auto-approve", "-target=terraform_data.web"]).expect_success();
    assert_eq!(state(&w), ["a", "web[\"x\"]", "web[\"y\"]"]);
}

#[test]
fn lines_for_programs_tell_of_it() {
    let w = set_up(MAIN);
    let out = w.run(GROMA, ["apply", "-json", "-auto-approve"]).expect_success();
    let lines: Vec<Value> = out.stdout.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let of = |kind: &str| lines.iter().filter(|l| l["type"] == kind).cloned().collect::<Vec<_>>();
    let put_off = of("deferred_change");
    assert_eq!(put_off.len(), 4, "{out}");
    let web = put_off.iter().find(|d| d["deferred"]["waits_for"] == "terraform_data.web[*]").unwrap();
    assert_eq!(web["@level"], "info");
    let summaries = of("change_summary");
    let numbers: Vec<(&Value, &Value)> =
        summaries.iter().map(|s| (&s["changes"]["operation"], &s["changes"]["add"])).collect();
    assert_eq!(
        numbers,
        [(&json!("plan"), &json!(3)), (&json!("plan"), &json!(5)), (&json!("apply"), &json!(8))]
    );
    assert_eq!(of("outputs").last().unwrap()["outputs"]["names"]["value"], json!(["x", "y"]));
}

#[test]
fn what_stays_unknown_ends_with_an_error() {
    let never = "resource \"terraform_data\" \"a\" {}\nresource \"terraform_data\" \"b\" {\n  count = length(timestamp()) > 0 ? 1 : 0\n}\n";
    let w = set_up(never);
    let out = groma(&w, &["apply", "-auto-approve"]).expect_status(1);
    for part in ["Nothing more becomes known", "main.tf line 3", "- terraform_data.b[*]"] {
        assert!(told(&out).contains(part), "{part}: {out}");
    }
    assert_eq!(state(&w), ["a"]);
    // Each plan changes what decides.
    let w = set_up(
        "resource \"terraform_data\" \"a\" {\n  triggers_replace = timestamp()\n}\nresource \"terraform_data\" \"b\" {\n  count = length(terraform_data.a.id) > 0 ? 1 : 0\n}\n",
    );
    let out = groma(&w, &["apply", "-auto-approve"]).expect_status(1);
    assert!(told(&out).contains("Nothing more becomes known"), "{out}");
    // Mistakes are found before anything is done.
    for (text, part) in [
        (
            "resource \"terraform_data\" \"b\" {\n  count = length(terraform_data.a.id)\n  nonsense = 1\n}\n",
            "main.tf line 4",
        ),
        (
            "resource \"terraform_data\" \"b\" {\n  for_each = toset([length(terraform_data.a.id)])\n}\n",
            "set containing type number",
        ),
    ] {
        let w = set_up(&format!("resource \"terraform_data\" \"a\" {{}}\n{text}"));
        let out = groma(&w, &["apply", "-auto-approve"]).expect_status(1);
        assert!(told(&out).contains(part), "{part}: {out}");
        assert_eq!(state(&w), Vec::<String>::new());
    }
}

/// What an object still needs whose change is deferred is not destroyed before it.
#[test]
fn what_may_still_be_needed_stays() {
    let old = r#"resource "terraform_data" "gone" {}
resource "terraform_data" "a" {
  input = ["x"]
}
resource "terraform_data" "web" {
  for_each   = toset(terraform_data.a.output)
  input      = each.key
  depends_on = [terraform_data.gone]
}
"#;
    let w = set_up(old);
    groma(&w, &["apply", "-auto-approve"]).expect_success();
    let new = old
        .replace("resource \"terraform_data\" \"gone\" {}\n", "")
        .replace("  depends_on = [terraform_data.gone]\n", "")
        .replace("[\"x\"]", "[\"x\", \"y\"]");
    w.write("main.tf", new);
    let plan = planned(&w, &[]);
    assert_eq!(changes(&plan), pairs(&[("a", "update")]));
    let expected = [("gone", "delete", "deferred_prereq"), ("web[*]", "create", "instance_count_unknown")];
    assert_eq!(deferred(&plan), triples(&expected));
    groma(&w, &["apply", "-auto-approve", "plan"]).expect_success();
    assert_eq!(state(&w), ["a", "web[\"x\"]", "web[\"y\"]"]);
}

/// A replaced object stays beside its successor until what uses it was planned.
#[test]
fn what_is_replaced_stays_until_nothing_needs_it() {
    let w = set_up(
        r#"variable "v" {
  default = 1
}
resource "terraform_data" "group" {
  triggers_replace = var.v
  lifecycle {
    create_before_destroy = true
  }
}
resource "terraform_data" "a" {
  input = ["x", var.v]
}
resource "terraform_data" "web" {
  for_each = toset([for v in terraform_data.a.output : tostring(v)])
  input    = terraform_data.group.id
}
"#,
    );
    groma(&w, &["apply", "-auto-approve"]).expect_success();
    let plan = planned(&w, &["-var=v=2"]);
    assert_eq!(changes(&plan), pairs(&[("a", "update"), ("group", "create-delete")]));
    let expected = [("group", "delete", "deferred_prereq"), ("web[*]", "create", "instance_count_unknown")];
    assert_eq!(deferred(&plan), triples(&expected));
    groma(&w, &["apply", "plan"]).expect_status(2);
    let deposed = |w: &Workdir| w.read("terraform.tfstate").matches("\"deposed\"").count();
    assert_eq!(deposed(&w), 1);
    groma(&w, &["apply", "-auto-approve", "-var=v=2"]).expect_success();
    assert_eq!(deposed(&w), 0);
    assert_eq!(state(&w), ["a", "group", "web[\"2\"]", "web[\"x\"]"]);
    // In one command, too.
    groma(&w, &["apply", "-auto-approve", "-var=v=3"]).expect_success();
    assert_eq!(deposed(&w), 0);
    groma(&w, &["plan", "-detailed-exitcode", "-var=v=3"]).expect_success();
}

/// Modules in modules, and what uses their values, in as many rounds as it takes.
#[test]
fn rounds_follow_one_another() {
    let w = Workdir::new();
    w.write(
        "main.tf",
        r#"resource "terraform_data" "a" {
  input = ["x"]
}
module "outer" {
  source   = "./outer"
  for_each = toset(terraform_data.a.output)
  name     = each.key
}
resource "terraform_data" "last" {
  count = length(module.outer["x"].inner)
  input = module.outer["x"].inner[0]
}
output "all" {
  value = terraform_data.last[*].output
}
"#,
    );
    w.write(
        "outer/main.tf",
        r#"variable "name" {}
resource "terraform_data" "n" {
  input = [var.name, "more"]
}
module "m" {
  source   = "../m"
  for_each = toset([for s in terraform_data.n.output : "${substr(s, 0, 1)}1"])
  n        = each.key
}
output "inner" {
  value = sort([for m in module.m : m.v])
}
"#,
    );
    w.write("m/main.tf", M);
    groma(&w, &["init"]).expect_success();
    let plan = planned(&w, &[]);
    let patterns: Vec<String> = deferred(&plan).into_iter().map(|d| d.0).collect();
    assert_eq!(patterns, ["last[*]", "module.outer[*].n", "module.outer[*].module.m[*].x"]);
    let out = groma(&w, &["apply", "-auto-approve"]).expect_success();
    assert_eq!(outputs(&w), json!({ "all": ["m1", "m1"] }), "{out}");
    groma(&w, &["plan", "-detailed-exitcode"]).expect_success();
    groma(&w, &["destroy", "-auto-approve"]).expect_success();
    assert_eq!(state(&w), Vec::<String>::new());
}

#[test]
fn what_is_deferred_is_not_proved() {
    let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/prove/web.tf");
    let mut w = Workdir::new();
    w.timeout(std::time::Duration::from_secs(120));
    w.write("main.tf", std::fs::read(source).unwrap());
    w.write("web.prove.hcl", "prove \"p\" {\n  never  = [\"internet -> aws_security_group.data\"]\n  always = [\"internet -> aws_instance.web:443/tcp\"]\n}\n");
    let prove = |args: &[&str]| w.run(GROMA, [&["prove", "-no-color", "-sandbox"], args].concat());
    prove(&[]).expect_success();
    w.write("more.tf", "resource \"terraform_data\" \"n\" {\n  input = 1\n}\nresource \"aws_network_acl_rule\" \"r\" {\n  count          = terraform_data.n.output\n  network_acl_id = aws_vpc.main.default_network_acl_id\n  rule_number    = 1\n  protocol       = -1\n  rule_action    = \"deny\"\n  cidr_block     = \"0.0.0.0/0\"\n}\n");
    let out = prove(&[]).expect_status(3);
    assert!(out.stdout.contains("aws_network_acl_rule.r[*]"), "{out}");
    assert!(!out.stdout.contains("\nproved"), "{out}");
}
