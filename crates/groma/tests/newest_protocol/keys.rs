//! Keys of actions in triggers that are no constants.

use super::{groma, has, setup};
use groma_testprovider::Lab;

const KEYED: &str = r#"
variable "second" {
  default = "y"
}
locals {
  at = 1
}
action "lab_poke" "each" {
  for_each = toset(["x", "y"])
  config {
    message = "each ${each.key}"
  }
}
action "lab_poke" "counted" {
  count = 2
  config {
    message = "counted ${count.index}"
  }
}
resource "lab_thing" "each" {
  for_each = toset(["x", "y"])
  name     = each.key
  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.lab_poke.each[each.key]]
    }
  }
}
resource "lab_thing" "counted" {
  count      = 2
  name       = "n${count.index}"
  depends_on = [lab_thing.each]
  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.lab_poke.counted[1 - count.index], action.lab_poke.each[var.second], action.lab_poke.counted[local.at]]
    }
  }
}
"#;

#[test]
fn keys_of_actions_are_expressions() {
    let lab = Lab::start();
    let w = setup(&lab, KEYED);
    groma(&w, &["validate"]).expect_success();
    let plan = groma(&w, &["plan", "-out=p"]).expect_success();
    has(&plan, "Plan: 4 to add, 0 to change, 0 to destroy. Actions: 8 to invoke.");
    let json = w.run(super::GROMA, ["show", "-json", "p"]).expect_success().json();
    let mut invoked: Vec<(String, String)> = json["action_invocations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| {
            let by = &i["lifecycle_action_trigger"]["triggering_resource_address"];
            (by.as_str().unwrap().to_owned(), i["address"].as_str().unwrap().to_owned())
        })
        .collect();
    invoked.sort();
    let expected = [
        ("lab_thing.counted[0]", "action.lab_poke.counted[1]"),
        ("lab_thing.counted[0]", "action.lab_poke.counted[1]"),
        ("lab_thing.counted[0]", "action.lab_poke.each[\"y\"]"),
        ("lab_thing.counted[1]", "action.lab_poke.counted[0]"),
        ("lab_thing.counted[1]", "action.lab_poke.counted[1]"),
        ("lab_thing.counted[1]", "action.lab_poke.each[\"y\"]"),
        ("lab_thing.each[\"x\"]", "action.lab_poke.each[\"x\"]"),
        ("lab_thing.each[\"y\"]", "action.lab_poke.each[\"y\"]"),
    ];
    assert_eq!(invoked, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    lab.log();
    has(&groma(&w, &["apply", "p"]).expect_success(), "Actions: 8 invoked.");
    let log = lab.log();
    let after = |thing: &str, action: &str| {
        let of =
            |what: &str| log.iter().position(|l| l == what).unwrap_or_else(|| panic!("{what} in {log:?}"));
        assert!(of(thing) < of(action), "{log:?}");
    };
    after("create x", "poke each x");
    after("create n1", "poke counted 0");
}

#[test]
fn keys_that_say_nothing_are_refused() {
    let lab = Lab::start();
    for (key, line, summary, reason) in [
        ("lab_thing.other.id", 12, "Invalid action reference", "known only after an apply"),
        ("true", 12, "Invalid action reference", "neither a text nor a whole number"),
        ("var.nothing", 12, "Invalid action reference", "is null"),
        ("sensitive(\"x\")", 12, "Invalid action reference", "is sensitive"),
        ("\"z\"", 12, "No such action", "gives no such instance"),
        ("each.key", 12, "Reference to \"each\" in context without for_each", "for_each"),
        ("var.other", 12, "Reference to undeclared input variable", "other"),
        ("self.id", 12, "Invalid \"self\" reference", "postconditions"),
    ] {
        let main = format!(
            r#"variable "nothing" {{ default = null }}
action "lab_poke" "each" {{
  for_each = toset(["x", "y"])
  config {{ message = each.key }}
}}
resource "lab_thing" "other" {{ name = "other" }}
resource "lab_thing" "a" {{
  name = "a"
  lifecycle {{
    action_trigger {{
      events  = [after_create]
      actions = [action.lab_poke.each[{key}]]
    }}
  }}
}}
"#
        );
        let w = setup(&lab, &main);
        let refused = groma(&w, &["plan"]).expect_status(1);
        let said = refused.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        for part in [&*format!("on main.tf line {line}"), summary, reason] {
            assert!(said.contains(part), "{key}: {part} is not in\n{}", refused.stderr);
        }
    }
}
