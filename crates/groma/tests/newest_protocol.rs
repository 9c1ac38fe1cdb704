//! What the newest provider protocol has and no provider at hand offers, with a provider
//! made for the tests that Terraform, too, works with.

#[path = "newest_protocol/keys.rs"]
mod keys;
#[path = "newest_protocol/leases.rs"]
mod leases;
#[path = "newest_protocol/lists.rs"]
mod lists;
#[path = "newest_protocol/meta.rs"]
mod meta;
#[path = "newest_protocol/programs.rs"]
mod programs;
#[path = "newest_protocol/vaults.rs"]
mod vaults;

use groma_testkit::{Output, Workdir, oracle, skip};
use groma_testprovider::Lab;
use programs::both;
use serde_json::{Value, json};

const GROMA: &str = env!("CARGO_BIN_EXE_groma");

fn setup(lab: &Lab, main: &str) -> Workdir {
    let mut w = Workdir::new();
    w.env("TF_REATTACH_PROVIDERS", lab.reattach());
    w.write("versions.tf", lab.required());
    w.write("main.tf", main);
    w.run(GROMA, ["init", "-no-color"]).expect_success();
    w
}

fn groma(w: &Workdir, args: &[&str]) -> Output {
    w.run(GROMA, args.iter().chain(&["-no-color"]))
}

#[track_caller]
fn has(output: &Output, part: &str) {
    assert!(output.stdout.contains(part), "{part:?} is not in\n{}", output.stdout);
}

fn state(w: &Workdir) -> Value {
    serde_json::from_str(&w.read("terraform.tfstate")).unwrap()
}

fn identity(name: &str) -> Value {
    json!({ "name": name, "zone": "z1" })
}

const THING: &str = "resource \"lab_thing\" \"a\" {\n  name = \"a\"\n  size = 1\n}\n";

#[test]
fn identities_are_kept_and_shown() {
    let lab = Lab::start();
    let w = setup(&lab, THING);
    groma(&w, &["apply", "-auto-approve"]).expect_success();
    let instance = state(&w)["resources"][0]["instances"][0].clone();
    assert_eq!((&instance["identity_schema_version"], &instance["identity"]), (&json!(1), &identity("a")));
    let shown = w.run(GROMA, ["show", "-json"]).expect_success().json();
    assert_eq!(shown["values"]["root_module"]["resources"][0]["identity"], identity("a"));

    // An update keeps it, in a saved plan, too.
    w.write("main.tf", THING.replace("size = 1", "size = 2"));
    groma(&w, &["plan", "-out=p"]).expect_success();
    let plan = w.run(GROMA, ["show", "-json", "p"]).expect_success().json();
    let change = &plan["resource_changes"][0]["change"];
    assert_eq!(change["actions"], json!(["update"]));
    assert_eq!((&change["before_identity"], &change["after_identity"]), (&identity("a"), &identity("a")));
    groma(&w, &["apply", "p"]).expect_success();
    assert_eq!(state(&w)["resources"][0]["instances"][0]["identity"], identity("a"));

    // Another object has another one, and what is destroyed is called by it.
    w.write("main.tf", THING.replace("\"a\"\n  size", "\"b\"\n  size"));
    groma(&w, &["apply", "-auto-approve"]).expect_success();
    assert_eq!(state(&w)["resources"][0]["instances"][0]["identity"], identity("b"));
    groma(&w, &["destroy", "-auto-approve"]).expect_success();
    assert_eq!(
        lab.log(),
        ["create a", "update a", "delete a with identity", "create b", "delete b with identity"]
    );
}

#[test]
fn an_older_identity_is_upgraded() {
    let lab = Lab::start();
    let w = setup(&lab, THING);
    groma(&w, &["apply", "-auto-approve"]).expect_success();
    lab.set_identity_version(2);
    groma(&w, &["apply", "-auto-approve"]).expect_success();
    assert_eq!(lab.log(), ["create a", "upgrade identity from 1"]);
    lab.set_identity_version(1);
    // It was only read: nothing changed, but what is stored is of the new version.
    assert_eq!(state(&w)["resources"][0]["instances"][0]["identity_schema_version"], 2);
    let refused = groma(&w, &["plan"]).expect_status(1);
    assert!(refused.stderr.contains("managed by newer provider version"), "{}", refused.stderr);
}

#[test]
fn import_by_identity() {
    let lab = Lab::start();
    lab.add("a", Some(1));
    let import = "import {\n  to = lab_thing.a\n  identity = {\n    name = \"a\"\n  }\n}\n";
    let w = setup(&lab, &format!("{THING}{import}"));
    has(&groma(&w, &["plan", "-out=p"]).expect_success(), "(imported from name=a)");
    let plan = w.run(GROMA, ["show", "-json", "p"]).expect_success().json();
    let change = &plan["resource_changes"][0]["change"];
    assert_eq!(change["importing"], json!({ "identity": { "name": "a", "zone": null } }));
    assert_eq!(change["actions"], json!(["no-op"]));
    has(&groma(&w, &["apply", "p"]).expect_success(), "1 imported");
    assert_eq!(lab.log(), ["import a by identity"]);
    assert_eq!(state(&w)["resources"][0]["instances"][0]["identity"], identity("a"));

    // With for_each, and configuration that is generated.
    lab.add("b", None);
    lab.add("c", Some(3));
    w.remove("terraform.tfstate");
    let each = "import {\n  for_each = toset([\"b\", \"c\"])\n  to = lab_thing.all[each.key]\n  identity = { name = each.key, zone = \"z1\" }\n}\n";
    let all = "resource \"lab_thing\" \"all\" {\n  for_each = { b = null, c = 3 }\n  name = each.key\n  size = each.value\n}\n";
    w.write("main.tf", format!("{each}{all}"));
    has(&groma(&w, &["apply", "-auto-approve"]).expect_success(), "2 imported, 0 added, 0 changed");
    w.remove("terraform.tfstate");
    w.write("main.tf", import);
    groma(&w, &["plan", "-generate-config-out=made.tf"]).expect_success();
    assert!(w.read("made.tf").contains("name = \"a\""), "{}", w.read("made.tf"));
    has(&groma(&w, &["apply", "-auto-approve"]).expect_success(), "1 imported, 0 added, 0 changed");
}

#[test]
fn identities_that_do_not_fit_are_refused() {
    let lab = Lab::start();
    lab.add("a", Some(1));
    for (arguments, line, summary, reason) in [
        (
            "id = \"a\"\n  identity = { name = \"a\" }",
            8,
            "Invalid combination of arguments",
            "remove one of the two",
        ),
        ("", 5, "Missing required argument", "\"identity\""),
        (
            "identity = { nam = \"a\" }",
            7,
            "Cannot import",
            "no attribute \"nam\". It has: name, zone (optional)",
        ),
        ("identity = { zone = \"a\" }", 7, "Cannot import", "needs the attribute \"name\""),
        ("identity = { name = [] }", 7, "Cannot import", "\"name\" of the identity is not suitable"),
        ("identity = \"a\"", 7, "Cannot import", "An identity is an object with these attributes"),
        (
            "identity = { name = \"none\" }",
            7,
            "Cannot import",
            "no object exists with the identity name=none",
        ),
    ] {
        let w = setup(&lab, THING);
        w.write("main.tf", format!("{THING}import {{\n  to = lab_thing.a\n  {arguments}\n}}\n"));
        let refused = groma(&w, &["plan"]).expect_status(1);
        let at = format!("on main.tf line {line}");
        for part in [&at, summary, reason] {
            let text = refused.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(text.contains(part), "{arguments}: {part} is not in\n{}", refused.stderr);
        }
    }
    let w = setup(
        &lab,
        "resource \"terraform_data\" \"a\" {}\nimport {\n  to = terraform_data.a\n  identity = { id = \"x\" }\n}\n",
    );
    let refused = groma(&w, &["plan"]).expect_status(1);
    assert!(refused.stderr.contains("Import the object by its \"id\""), "{}", refused.stderr);
}

/// The oracle is of a time before identities: it works with the provider, and with what
/// Groma stored.
#[test]
fn terraform_goes_on_with_what_has_identities() {
    if oracle().is_none() {
        return skip("needs terraform");
    }
    let lab = Lab::start();
    let w = setup(&lab, THING);
    groma(&w, &["apply", "-auto-approve"]).expect_success();
    w.terraform(["init", "-no-color"]).expect_success();
    w.terraform(["plan", "-no-color", "-detailed-exitcode"]).expect_success();
    w.write("main.tf", THING.replace("size = 1", "size = 2"));
    w.terraform(["apply", "-auto-approve", "-no-color"]).expect_success();
    groma(&w, &["plan", "-detailed-exitcode"]).expect_success();
    assert_eq!(lab.log(), ["create a", "update a"]);
}

const QUERY: &str = r#"
variable "prefix" {
  default = "web"
}
list "lab_thing" "some" {
  provider = lab
  config {
    prefix = "${var.prefix}-"
  }
}
list "lab_thing" "each" {
  for_each         = toset(["db", "none"])
  provider         = lab
  include_resource = each.key == "db"
  limit            = 1
  config {
    prefix = each.key
  }
}
"#;

#[test]
fn queries_find_what_exists() {
    let lab = Lab::start();
    for (name, size) in [("web-1", Some(1)), ("web-2", None), ("db-1", Some(3)), ("db-2", None), ("x", None)]
    {
        lab.add(name, size);
    }
    let w = setup(&lab, "");
    w.write("all.tfquery.hcl", QUERY);
    let found = groma(&w, &["query"]).expect_success();
    assert_eq!(
        found.stdout,
        "list.lab_thing.some           name=web-1, zone=z1   The thing web-1\n\
         list.lab_thing.some           name=web-2, zone=z1   The thing web-2\n\
         list.lab_thing.each[\"db\"]     name=db-1, zone=z1    The thing db-1\n\
         list.lab_thing.each[\"none\"]   (nothing)\n"
    );
    // Other commands do not look at query files.
    groma(&w, &["validate"]).expect_success();
    has(&groma(&w, &["plan"]).expect_success(), "No changes");

    let lines = w.run(GROMA, ["query", "-json", "-var=prefix=x"]).expect_success().stdout;
    let lines: Vec<Value> = lines.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let of = |kind: &str| lines.iter().filter(|l| l["type"] == kind).collect::<Vec<_>>();
    assert_eq!((of("list_start").len(), of("list_complete").len()), (3, 3));
    assert_eq!(of("list_complete")[1]["list_complete"]["total"], 1);
    let found = &of("list_resource_found")[0]["list_resource_found"];
    assert_eq!(found["identity"], identity("db-1"));
    assert_eq!(found["resource_object"], json!({ "id": "thing-db-1", "name": "db-1", "size": 3 }));

    // What is written takes the objects over, without another change.
    groma(&w, &["query", "-generate-config-out=found.tf"]).expect_success();
    let text = w.read("found.tf");
    for part in ["resource \"lab_thing\" \"some_1\" {", "to = lab_thing.each_db_0", "name = \"db-1\""] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    groma(&w, &["query", "-generate-config-out=found.tf"]).expect_status(1);
    has(
        &groma(&w, &["apply", "-auto-approve"]).expect_success(),
        "3 imported, 0 added, 0 changed, 0 destroyed",
    );
    groma(&w, &["plan", "-detailed-exitcode"]).expect_success();
}

#[test]
fn queries_that_cannot_be_asked() {
    let lab = Lab::start();
    let w = setup(&lab, "resource \"lab_thing\" \"made\" {\n  name = \"made\"\n}\n");
    let refused = groma(&w, &["query"]).expect_status(1);
    assert!(refused.stderr.contains("no files *.tfquery.hcl"), "{}", refused.stderr);
    for (text, line, summary, reason) in [
        ("variable \"x\" {\n  default = 1\n}\n", 0, "No list blocks", "nothing to look for"),
        (
            "list \"lab_thin\" \"a\" {\n  provider = lab\n}\n",
            1,
            "Invalid list type",
            "Is \"lab_thing\" meant?",
        ),
        (
            "list \"lab_thing\" \"a\" {\n  provider = lab\n  limit = 0\n}\n",
            3,
            "Invalid limit argument",
            "greater than zero",
        ),
        (
            "list \"lab_thing\" \"a\" {\n  provider = lab\n  nothing = 0\n}\n",
            3,
            "Unsupported argument",
            "nothing",
        ),
        (
            "list \"lab_thing\" \"a\" {\n  config {\n    prefx = \"\"\n  }\n}\n",
            3,
            "Unsupported argument",
            "prefix",
        ),
        (
            "list \"lab_thing\" \"a\" {\n  config {\n    prefix = \"forbidden\"\n  }\n}\n",
            1,
            "Not allowed to list",
            "is forbidden",
        ),
        (
            "list \"lab_thing\" \"a\" {\n  config {\n    prefix = lab_thing.made.id\n  }\n}\n",
            1,
            "Invalid list configuration",
            "has to be known",
        ),
        (
            "list \"lab_thing\" \"a\" {}\nlist \"lab_thing\" \"a\" {}\n",
            2,
            "Duplicate list \"lab_thing\" configuration",
            "on-disk.tfquery.hcl:1",
        ),
        ("resource \"lab_thing\" \"a\" {}\n", 1, "Unsupported block type", "resource"),
    ] {
        w.write("on-disk.tfquery.hcl", text);
        let refused = groma(&w, &["query"]).expect_status(1);
        let said = refused.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        let at = if line > 0 { format!("on on-disk.tfquery.hcl line {line}") } else { String::new() };
        for part in [&at, summary, reason] {
            assert!(said.contains(part), "{text}\n{part} is not in\n{}", refused.stderr);
        }
    }
}

const ACTIONS: &str = r#"
variable "poke" {
  default = true
}
action "lab_poke" "plain" {
  config {
    message = "plain"
  }
}
action "lab_poke" "each" {
  for_each = toset(["x", "y"])
  config {
    message = "${each.key}:${lab_thing.a.id}"
  }
}
resource "lab_thing" "a" {
  name = "a"
  size = 1
  lifecycle {
    action_trigger {
      events  = [before_create, after_update]
      actions = [action.lab_poke.plain]
    }
    action_trigger {
      events    = [after_create]
      condition = var.poke
      actions   = [action.lab_poke.each["y"], action.lab_poke.each["x"]]
    }
  }
}
"#;

#[test]
fn triggers_invoke_actions_around_a_change() {
    let lab = Lab::start();
    let w = setup(&lab, ACTIONS);
    groma(&w, &["validate"]).expect_success();
    let plan = groma(&w, &["plan", "-out=p"]).expect_success();
    has(&plan, "Plan: 1 to add, 0 to change, 0 to destroy. Actions: 3 to invoke.");
    has(&plan, "invokes action.lab_poke.each[\"y\"] after it");
    lab.log();
    let plan = w.run(GROMA, ["show", "-json", "p"]).expect_success().json();
    let invoked = plan["action_invocations"].as_array().unwrap();
    let order: Vec<&str> = invoked.iter().map(|i| i["address"].as_str().unwrap()).collect();
    assert_eq!(
        order,
        ["action.lab_poke.plain", "action.lab_poke.each[\"y\"]", "action.lab_poke.each[\"x\"]"]
    );
    assert_eq!(
        invoked[1]["lifecycle_action_trigger"],
        json!({
            "triggering_resource_address": "lab_thing.a", "action_trigger_event": "AfterCreate",
            "action_trigger_block_index": 1, "actions_list_index": 0,
        })
    );
    assert_eq!(invoked[0]["config_values"], json!({ "message": "plain" }));
    let applied = groma(&w, &["apply", "p"]).expect_success();
    has(&applied, "poking y:thing-a");
    has(&applied, "Apply complete! Resources: 1 added, 0 changed, 0 destroyed. Actions: 3 invoked.");
    assert_eq!(lab.log(), ["poke plain", "create a", "poke y:thing-a", "poke x:thing-a"]);

    // Nothing changes, so nothing is triggered; an update has its own.
    has(&groma(&w, &["plan"]).expect_success(), "No changes");
    w.write("main.tf", ACTIONS.replace("size = 1", "size = 2"));
    groma(&w, &["apply", "-auto-approve"]).expect_success();
    assert_eq!(lab.log(), ["plan poke plain", "update a", "poke plain"]);

    // A replacement is a creation; a condition that is false triggers nothing.
    groma(&w, &["apply", "-auto-approve", "-replace=lab_thing.a", "-var=poke=false"]).expect_success();
    assert_eq!(lab.log(), ["plan poke plain", "delete a with identity", "poke plain", "create a"]);
    groma(&w, &["destroy", "-auto-approve"]).expect_success();
    assert_eq!(lab.log(), ["delete a with identity"]);
}

#[test]
fn actions_are_invoked_by_themselves() {
    let lab = Lab::start();
    let w = setup(&lab, ACTIONS);
    groma(&w, &["apply", "-auto-approve"]).expect_success();
    lab.log();
    let serial = state(&w)["serial"].clone();
    w.write("main.tf", ACTIONS.replace("size = 1", "size = 5"));
    let invoke = ["-invoke=action.lab_poke.each[\"x\"]", "-invoke=action.lab_poke.plain"];
    has(&groma(&w, &["plan", invoke[0]]).expect_success(), "Actions: 1 to invoke.");
    let done = groma(&w, &["apply", "-auto-approve", invoke[0], invoke[1]]).expect_success();
    has(&done, "Resources: 0 added, 0 changed, 0 destroyed. Actions: 2 invoked.");
    assert_eq!(lab.log()[3..], ["poke x:thing-a", "poke plain"]);
    assert_eq!(state(&w)["serial"], serial, "an action changes no state");
    groma(&w, &["plan", "-out=p", invoke[0]]).expect_success();
    groma(&w, &["apply", "p"]).expect_success();
    assert_eq!(lab.log(), ["plan poke x:thing-a", "poke x:thing-a"]);
    for (args, reason) in [
        (&["plan", "-invoke=action.lab_poke.none"][..], "There is no action.lab_poke.none"),
        (&["plan", "-invoke=action.lab_poke.each"], "say which instance is meant"),
        (&["plan", "-invoke=action.lab_poke.each[\"z\"]"], "gives no such instance"),
        (&["plan", "-invoke=lab_thing.a"], "is not the address of an action"),
        (&["plan", "-destroy", invoke[0]], "cannot be used together"),
    ] {
        let refused = groma(&w, args).expect_status(1);
        let said = refused.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(reason), "{args:?}\n{}", refused.stderr);
    }
}

#[test]
fn an_action_that_fails_stops_what_comes_after_it() {
    let lab = Lab::start();
    let fails = ACTIONS.replace("message = \"plain\"", "message = \"fail\"");
    let w = setup(&lab, &fails);
    let refused = groma(&w, &["apply", "-auto-approve"]).expect_status(1);
    assert!(refused.stderr.contains("Poking failed"), "{}", refused.stderr);
    // It was to come before: nothing was made.
    assert_eq!(lab.things(), Vec::<String>::new());
    w.write("main.tf", fails.replace("before_create", "after_create"));
    groma(&w, &["apply", "-auto-approve"]).expect_status(1);
    // It came after: the object is there and is kept, what was to follow is not done.
    assert_eq!(lab.things(), ["a"]);
    assert!(lab.log().iter().all(|l| !l.starts_with("poke x")));
    groma(&w, &["plan", "-detailed-exitcode"]).expect_success();
}

#[test]
fn actions_that_are_wrong_are_refused() {
    let lab = Lab::start();
    let action = "action \"lab_poke\" \"a\" {\n  config {\n    message = \"m\"\n  }\n}\n";
    let trigger = |arguments: &str| {
        format!(
            "resource \"lab_thing\" \"a\" {{\n  name = \"a\"\n  lifecycle {{\n    action_trigger {{\n      {arguments}\n    }}\n  }}\n}}\n{action}"
        )
    };
    let w = setup(&lab, "");
    for (text, line, summary, reason) in [
        ("action \"lab_pok\" \"a\" {}\n".to_owned(), 1, "Invalid action type", "Is \"lab_poke\" meant?"),
        ("action \"lab_poke\" \"a\" {}\n".to_owned(), 1, "Missing required argument", "message"),
        (action.replace("message", "massage"), 3, "Unsupported argument", "message"),
        (format!("{action}{action}"), 6, "Duplicate action \"lab_poke\" configuration", "main.tf:1"),
        (trigger("events = [after_create]"), 4, "Missing required argument", "actions"),
        (
            trigger("events = [after_dinner]\n      actions = [action.lab_poke.a]"),
            5,
            "Invalid action trigger event",
            "before_create",
        ),
        (
            trigger("events = [after_create]\n      actions = [action.lab_poke.b]"),
            6,
            "Reference to undeclared action",
            "\"lab_poke\" \"b\"",
        ),
        (
            trigger("events = [after_create]\n      actions = [lab_thing.a]"),
            6,
            "Invalid action reference",
            "action.TYPE.NAME",
        ),
        (trigger("events = []\n      actions = [action.lab_poke.a]"), 5, "No events specified", "nothing"),
        (
            trigger("events = [before_create]\n      actions = [action.lab_poke.a]")
                .replace("\"m\"", "lab_thing.a.id"),
            10,
            "Unknown action configuration",
            "an event that comes after",
        ),
    ] {
        w.write("main.tf", &text);
        let refused = groma(&w, &["apply", "-auto-approve"]).expect_status(1);
        let said = refused.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        let at = format!("on main.tf line {line}");
        for part in [&at, summary, reason] {
            assert!(said.contains(part), "{text}\n{part} is not in\n{}", refused.stderr);
        }
    }
}

#[test]
fn what_is_deferred_triggers_when_it_is_made() {
    let lab = Lab::start();
    let main = r#"
resource "lab_thing" "a" {
  name = "a"
}
action "lab_poke" "late" {
  config {
    message = lab_thing.b[0].id
  }
}
resource "lab_thing" "b" {
  count = lab_thing.a.id == "" ? 0 : 1
  name  = "b"
  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.lab_poke.late]
    }
  }
}
"#;
    let w = setup(&lab, main);
    has(&groma(&w, &["plan"]).expect_success(), "lab_thing.b[*]");
    has(
        &groma(&w, &["apply", "-auto-approve"]).expect_success(),
        "2 added, 0 changed, 0 destroyed. Actions: 1 invoked.",
    );
    assert_eq!(lab.log(), ["create a", "plan poke ", "create b", "poke thing-b"]);
}
