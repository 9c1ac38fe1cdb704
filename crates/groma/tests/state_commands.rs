//! The commands that look into states and change them, side by side with Terraform.

mod pair;

use groma_testkit::{oracle, skip};
use pair::Pair;

const MAIN: &str = r#"
resource "terraform_data" "one" { input = "a" }
resource "terraform_data" "two" {
  count = 2
  input = { x = count.index, s = sensitive("shh"), l = [1, 2], m = "a\nb" }
}
resource "terraform_data" "each" {
  for_each = toset(["k", "l m"])
  input    = each.key
}
data "terraform_remote_state" "d" {
  backend = "local"
  config  = { path = "other.tfstate" }
}
module "m" {
  source = "./m"
  count  = 2
}
module "n" { source = "./m" }
output "o" { value = terraform_data.one.id }
"#;

const MODULE: &str = r#"
resource "terraform_data" "in" { input = "a" }
resource "terraform_data" "cnt" {
  count = 2
  input = "a"
}
module "s" { source = "./s" }
"#;

const OTHER: &str = r#"{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"x",
"outputs":{"a":{"value":"v","type":"string"}},"resources":[]}"#;

/// Both folders with the same applied state.
fn applied() -> Option<Pair> {
    if oracle().is_none() {
        skip("no oracle");
        return None;
    }
    let pair = Pair::new();
    pair.write("main.tf", MAIN);
    pair.write("m/main.tf", MODULE);
    pair.write("m/s/main.tf", "resource \"terraform_data\" \"deep\" {\n  input = \"a\"\n}\n");
    pair.write("other.tfstate", OTHER);
    pair.terraform.terraform(["init"]).expect_success();
    pair.terraform.terraform(["apply", "-auto-approve"]).expect_success();
    pair.write("terraform.tfstate", pair.terraform.read("terraform.tfstate"));
    pair.groma(["init"]).expect_success();
    Some(pair)
}

#[test]
fn lists_and_shows() {
    let Some(pair) = applied() else { return };
    let one = pair.terraform.terraform(["output", "-raw", "o"]).expect_success().stdout;
    let id = format!("-id={one}");
    for args in [
        "state list",
        "state list module.m",
        "state list module.m[0].module.s",
        "state list terraform_data.two",
        "state list data.terraform_remote_state.d",
        "state list module.m terraform_data.one terraform_data.one",
        "state list -state=other.tfstate",
        "state list -id=nothing",
        &format!("state list {id}"),
        "state show terraform_data.one",
        "state show terraform_data.two[0]",
        "state show -no-color data.terraform_remote_state.d",
        "state show module.m[1].module.s.terraform_data.deep",
        "state pull",
        "workspace show",
        "workspace list",
    ] {
        pair.same_output(args);
    }
    for args in [
        "state list terraform_data.two[7]",
        "state list nope.x",
        "state list bad[",
        "state list module.zz",
        "state list module.m.terraform_data.in",
        "state list module.m.module.s",
        "state list nosuch",
        "state list -state=nothere",
        "state list -bogus",
        "state show terraform_data.two",
        "state show module.m",
        "state show nope.x",
        "state show",
        "state show a.b c.d",
        "state show -state=nothere a.b",
    ] {
        pair.both_fail(args);
    }
    let hidden = pair.groma(["state", "show", "terraform_data.two[0]"]).expect_success().stdout;
    assert!(hidden.contains("s = (sensitive value)"), "{hidden}");
}

#[test]
fn moves_within_a_state() {
    let Some(pair) = applied() else { return };
    for args in [
        "state mv terraform_data.one terraform_data.uno",
        "state mv -dry-run terraform_data.uno terraform_data.x",
        "state mv terraform_data.two terraform_data.zwei",
        "state mv terraform_data.zwei[0] terraform_data.zwei[5]",
        "state mv terraform_data.zwei[1] terraform_data.zwei[\"k\"]",
        "state mv terraform_data.each module.new.terraform_data.each",
        "state mv terraform_data.uno module.new[0].terraform_data.uno[2]",
        "state mv module.n.terraform_data.cnt[0] terraform_data.cnt",
        "state mv data.terraform_remote_state.d data.terraform_remote_state.e",
        "state mv terraform_data.cnt terraform_data.zwei",
        "state mv module.m[0].module.s module.m[0].module.t[\"x\"]",
    ] {
        pair.same_output(args);
        pair.same_state("terraform.tfstate");
    }
    // Of several modules, Terraform tells in no particular order.
    for args in [
        "state mv module.n module.n[0]",
        "state mv module.n[0] module.o.module.p",
        "state mv module.m[1] module.m[1].module.x",
    ] {
        pair.same_lines(args);
        pair.same_state("terraform.tfstate");
    }
    for args in [
        "state mv module.m module.mm",
        "state mv module.zz module.q",
        "state mv module.m[0] terraform_data.a",
        "state mv module.m[0] module.m[0]",
        "state mv module.m[0] module.m[1].module.x",
        "state mv terraform_data.nope terraform_data.a",
        "state mv module.m[0].terraform_data.in random_pet.a",
        "state mv module.m[0].terraform_data.in module.q",
        "state mv module.m[0].terraform_data.cnt terraform_data.cnt[0]",
        "state mv module.m[0].terraform_data.cnt module.m[1].module.x.terraform_data.cnt",
        "state mv module.m[0].terraform_data.in module.m[0].terraform_data.in",
        "state mv module.m[0].terraform_data.in module.m[1].module.x.terraform_data.in",
        "state mv data.terraform_remote_state.e terraform_data.e",
        "state mv bad[ x.y",
        "state mv x.y bad[",
        "state mv a.b",
        "state mv a.b c.d e.f",
        "state mv -state=nothere a.b c.d",
    ] {
        pair.both_fail(args);
        pair.same_state("terraform.tfstate");
    }
}

#[test]
fn moves_between_states() {
    let Some(pair) = applied() else { return };
    pair.same_output("state mv -state-out=out.tfstate terraform_data.one terraform_data.one");
    pair.same_files(&["terraform.tfstate.1.backup"]);
    pair.same_output("state mv -state-out=out2.tfstate -backup=b1 -backup-out=b2 module.n.module.s module.n");
    pair.same_output("state mv -state-out=out2.tfstate -backup=b3 -backup-out=b4 terraform_data.each module.n.terraform_data.each");
    pair.same_files(&["b1", "b3", "b4", "out.tfstate", "out2.tfstate"]);
    pair.same_output("state mv -state=out2.tfstate module.n.terraform_data.each terraform_data.each");
    pair.same_files(&["out2.tfstate.1.backup"]);
    for file in ["terraform.tfstate", "out.tfstate", "out2.tfstate", "b1", "b3", "b4"] {
        pair.same_state(file);
    }
    pair.both_fail("state mv -state-out=out2.tfstate terraform_data.two terraform_data.each");
    // Terraform loses what is moved into the file that it comes from.
    pair.groma([
        "state",
        "mv",
        "-state-out=./terraform.tfstate",
        "terraform_data.two",
        "terraform_data.zwei",
    ])
    .expect_success();
    assert!(pair.groma(["state", "list"]).expect_success().stdout.contains("terraform_data.zwei[1]"));
}

#[test]
fn removes() {
    let Some(pair) = applied() else { return };
    for args in [
        "state rm terraform_data.one",
        "state rm -dry-run terraform_data.two",
        "state rm -dry-run nope.y",
        "state rm terraform_data.two[0] terraform_data.two[9]",
        "state rm module.m",
        "state rm -backup=bk data.terraform_remote_state.d",
        "state rm module.n nope.y",
        "state rm -backup=- terraform_data.each",
    ] {
        pair.same_output(args);
        pair.same_state("terraform.tfstate");
    }
    pair.same_state("bk");
    pair.same_files(&["bk", "terraform.tfstate.1.backup"]);
    for args in
        ["state rm nope.x", "state rm module.m", "state rm bad[", "state rm", "state rm -state=nothere a.b"]
    {
        pair.both_fail(args);
        pair.same_state("terraform.tfstate");
    }
}

#[test]
fn taints() {
    let Some(pair) = applied() else { return };
    for args in [
        "taint terraform_data.one",
        "taint terraform_data.one",
        "state show terraform_data.one",
        "untaint terraform_data.one",
        "taint terraform_data.two[1]",
        "taint module.m[0].module.s.terraform_data.deep",
        "untaint -state-out=out.tfstate module.m[0].module.s.terraform_data.deep",
        "taint -backup=bk terraform_data.one",
        "taint -backup=- -lock=false terraform_data.each[\"k\"]",
    ] {
        pair.same_output(args);
        pair.same_state("terraform.tfstate");
    }
    pair.same_files(&["bk", "out.tfstate", "terraform.tfstate.backup"]);
    for file in ["bk", "out.tfstate", "terraform.tfstate.backup"] {
        pair.same_state(file);
    }
    for args in [
        "taint -allow-missing terraform_data.nope",
        "untaint -allow-missing a.b",
        "untaint -allow-missing -state=nothere a.b",
    ] {
        pair.both_succeed(args);
    }
    for args in [
        "untaint terraform_data.two[0]",
        "taint terraform_data.nope",
        "untaint terraform_data.nope",
        "taint data.terraform_remote_state.d",
        "untaint data.terraform_remote_state.d",
        "taint terraform_data.two",
        "taint module.m",
        "taint",
        "taint a.b c.d",
        "taint bad[",
        "taint -state=nothere a.b",
        "taint -lock-timeout=3 terraform_data.one",
    ] {
        pair.both_fail(args);
        pair.same_state("terraform.tfstate");
    }
}

#[test]
fn pushes() {
    let Some(pair) = applied() else { return };
    let original = pair.terraform.read("terraform.tfstate");
    let serial: serde_json::Value = serde_json::from_str(&original).unwrap();
    let serial = format!("\"serial\": {}", serial["serial"]);
    let lineage = original.split_once("\"lineage\": \"").unwrap().1[..36].to_owned();
    let with = |from: &str, to: &str| original.replacen(from, to, 1);
    let other = with(&lineage, "zzzz");
    let newer = other.replacen(&serial, "\"serial\": 50", 1);
    pair.write("same", &original);
    pair.write("old", with(&serial, "\"serial\": 1"));
    pair.write("other", &other);
    pair.write("newer", &newer);
    pair.write("changed", newer.replacen("\"value\": \"", "\"value\": \"zz", 1));
    pair.write(
        "later",
        newer.replacen("\"value\": \"", "\"value\": \"zz", 1).replacen("\"serial\": 50", "\"serial\": 60", 1),
    );
    pair.write("empty", "");
    pair.write("no-version", "{}");
    pair.write("no-json", "xx");
    pair.write("v3", r#"{"version":3,"serial":99,"lineage":"y","modules":[]}"#);
    let steps: [(&str, bool); 14] = [
        ("state push same", true),
        ("state push old", false),
        ("state push -force old", true),
        ("state push other", false),
        ("state push -force other", true),
        ("state push newer", true),
        ("state push changed", false),
        ("state push later", true),
        ("state push empty", false),
        ("state push no-version", false),
        ("state push -force no-json", false),
        ("state push nofile", false),
        ("state push v3", false),
        ("state push -force v3", true),
    ];
    for (args, works) in steps {
        if works {
            pair.same_output(args)
        } else {
            pair.both_fail(args)
        }
        pair.same_state("terraform.tfstate");
    }
    pair.same_state("terraform.tfstate.backup");
    let done = pair.groma_invocation(["state", "push", "-force", "-"]).stdin(original).run();
    done.expect_success();
    assert_eq!(pair.groma.read("terraform.tfstate").matches(&lineage).count(), 1);
}

#[test]
fn replaces_providers() {
    let Some(pair) = applied() else { return };
    pair.same_output("state replace-provider hashicorp/aws acme/aws");
    pair.both_fail("state replace-provider terraform.io/builtin/terraform acme/tf");
    pair.both_succeed("state replace-provider -auto-approve terraform.io/builtin/terraform acme/tf");
    pair.same_state("terraform.tfstate");
    pair.both_succeed("state replace-provider -auto-approve acme/tf registry.acme.corp/acme/tf");
    pair.same_state("terraform.tfstate");
    pair.same_files(&["terraform.tfstate.1.backup"]);
    for args in [
        "state replace-provider x",
        "state replace-provider a/b/c/d x",
        "state replace-provider x b@d",
        "state replace-provider -state=nothere x y",
    ] {
        pair.both_fail(args);
    }
    let ask = |answer: &str| {
        let mut run =
            pair.groma_invocation(["state", "replace-provider", "registry.acme.corp/acme/tf", "acme/tf"]);
        run = run.env("TF_INPUT", "1").stdin(answer);
        run.run()
    };
    assert!(ask("no\n").expect_success().stdout.contains("Cancelled"));
    assert!(pair.groma.read("terraform.tfstate").contains("registry.acme.corp"));
    assert!(
        ask("yes\n").expect_success().stdout.contains("Successfully replaced provider for 13 resources.")
    );
    assert!(!pair.groma.read("terraform.tfstate").contains("registry.acme.corp"));
}

#[test]
fn states_of_old() {
    if oracle().is_none() {
        return skip("no oracle");
    }
    let pair = Pair::new();
    pair.write(
        "terraform.tfstate",
        r#"{"version":4,"terraform_version":"0.12.0","serial":1,"lineage":"x","outputs":{},"resources":[
{"mode":"managed","type":"null_resource","name":"b","provider":"provider.null",
"instances":[{"schema_version":0,"attributes":{"id":"1"}}]}]}"#,
    );
    pair.same_output("state pull");
    pair.both_succeed("state replace-provider -auto-approve -- -/null hashicorp/null");
    pair.same_state("terraform.tfstate");
    pair.same_output("state list -id=1");
}

#[test]
fn workspaces() {
    let Some(pair) = applied() else { return };
    for args in
        ["workspace new w1", "workspace select -or-create w2", "workspace new -state=terraform.tfstate w3"]
    {
        pair.both_succeed(args);
        pair.same_output("workspace list");
        pair.same_output("workspace show");
    }
    pair.same_output("workspace select default");
    pair.same_output("workspace select default");
    for args in [
        "workspace",
        "workspace new w1",
        "workspace new a/b",
        "workspace new",
        "workspace new a b",
        "workspace new default",
        "workspace select nope",
        "workspace select a/b",
        "workspace select",
        "workspace delete w3",
        "workspace delete default",
        "workspace delete nope",
        "workspace delete",
        "workspace list x",
        "force-unlock abc",
        "force-unlock -force abc",
        "force-unlock",
    ] {
        pair.both_fail(args);
    }
    pair.same_output("workspace delete w1");
    pair.both_succeed("workspace delete -force w3");
    pair.same_output("workspace list");
    assert!(!pair.groma.exists("terraform.tfstate.d/w3"));

    let prescribed = |args: &[&str]| {
        let run = pair.groma_invocation(args).env("TF_WORKSPACE", "w9");
        run.run()
    };
    assert_eq!(prescribed(&["workspace", "show"]).expect_success().stdout, "w9\n");
    assert!(prescribed(&["workspace", "list"]).expect_success().stdout.contains("TF_WORKSPACE"));
    prescribed(&["workspace", "select", "w2"]).expect_status(1);
    prescribed(&["workspace", "new", "w8"]).expect_status(1);
    prescribed(&["state", "list"]).expect_status(1);
    // Looking at a workspace does not make it.
    assert!(!pair.groma.exists("terraform.tfstate.d/w9"));
    let odd = pair.groma_invocation(["state", "list"]).env("TF_WORKSPACE", "a/b").run();
    odd.expect_status(1);
}

#[test]
fn an_empty_directory() {
    if oracle().is_none() {
        return skip("no oracle");
    }
    let pair = Pair::new();
    for args in ["state pull", "workspace list", "workspace show"] {
        pair.same_output(args);
    }
    for args in [
        "state list",
        "state show a.b",
        "state rm a.b",
        "state mv a.b c.d",
        "state replace-provider a b",
        "taint a.b",
        "untaint a.b",
    ] {
        pair.both_fail(args);
    }
    assert!(!pair.groma.exists("terraform.tfstate"), "looking makes no state");
}
