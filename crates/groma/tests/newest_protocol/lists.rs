//! Lists that refer to what other lists found.

use super::{GROMA, groma, setup};
use groma_testprovider::Lab;
use serde_json::Value;

// The first needs the second, which needs the third.
const CHAIN: &str = r#"
list "lab_thing" "after" {
  for_each = { for d in list.lab_thing.kinds["db"].data : d.identity.name => d }
  provider = lab
  limit    = list.lab_thing.kinds["db"].data[0].state.size
  config {
    prefix = "${list.lab_thing.first.data[0].display_name == "The thing kind" ? "x" : "?"}-${each.key}"
  }
}
list "lab_thing" "kinds" {
  for_each         = toset([for k in ["db", "web"] : k if length(list.lab_thing.first.data) == 1])
  provider         = lab
  include_resource = true
  config {
    prefix = "${each.key}-"
  }
}
list "lab_thing" "first" {
  provider = lab
  config {
    prefix = "kind"
  }
}
"#;

fn lab() -> Lab {
    let lab = Lab::start();
    for (name, size) in
        [("kind", None), ("db-1", Some(1)), ("web-1", None), ("x-db-1", None), ("x-db-12", None)]
    {
        lab.add(name, size);
    }
    lab
}

#[test]
fn lists_refer_to_what_others_found() {
    let lab = lab();
    let w = setup(&lab, "");
    w.write("all.tfquery.hcl", CHAIN);
    // They are told of as they are written, whatever the order in which they are asked for.
    let found = groma(&w, &["query"]).expect_success();
    let rows: Vec<String> =
        found.stdout.lines().map(|l| l.split_whitespace().take(2).collect::<Vec<_>>().join(" ")).collect();
    let expected = [
        "list.lab_thing.after[\"db-1\"] name=x-db-1,",
        "list.lab_thing.kinds[\"db\"] name=db-1,",
        "list.lab_thing.kinds[\"web\"] name=web-1,",
        "list.lab_thing.first name=kind,",
    ];
    assert_eq!(rows, expected, "{}", found.stdout);

    let lines = w.run(GROMA, ["query", "-json"]).expect_success().stdout;
    let lines: Vec<Value> = lines.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let found = lines.iter().filter(|l| l["type"] == "list_resource_found");
    let names: Vec<&str> =
        found.map(|l| l["list_resource_found"]["identity"]["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["x-db-1", "db-1", "web-1", "kind"]);

    groma(&w, &["query", "-generate-config-out=found.tf"]).expect_success();
    assert_eq!(w.read("found.tf").matches("\nimport {").count(), 4, "{}", w.read("found.tf"));
}

#[test]
fn lists_that_need_what_cannot_be_had() {
    let lab = lab();
    let w = setup(&lab, "resource \"lab_thing\" \"a\" {\n  name = \"a\"\n}\n");
    let list = |name: &str, prefix: &str| {
        format!(
            "list \"lab_thing\" \"{name}\" {{\n  provider = lab\n  config {{\n    prefix = {prefix}\n  }}\n}}\n"
        )
    };
    let of = |name: &str| format!("list.lab_thing.{name}.data[0].identity.name");
    // One that failed: what needs it is not asked for, the others are.
    let three = [list("bad", "\"forbidden\""), list("needs", &of("bad")), list("good", "\"web\"")].concat();
    w.write("all.tfquery.hcl", &three);
    let out = groma(&w, &["query"]).expect_status(1);
    assert!(out.stdout.contains("web-1"), "{}", out.stdout);
    assert!(!out.stdout.contains("list.lab_thing.needs"), "{}", out.stdout);
    assert_eq!(out.stderr.matches("Error: ").count(), 1, "{}", out.stderr);

    for (text, line, summary, reason) in [
        (list("a", &of("a")), 1, "Cycle", "or to itself: list.lab_thing.a."),
        (
            [list("a", &of("b")), list("b", &of("a"))].concat(),
            1,
            "Cycle",
            "list.lab_thing.a, list.lab_thing.b",
        ),
        ([list("a", "\"\""), list("b", &of("aa"))].concat(), 10, "Reference to undeclared list", "\"aa\""),
        (list("a", "list.lab_thing"), 4, "Invalid reference", "list.TYPE.NAME.data"),
        ([list("a", "\"none\""), list("b", &of("a"))].concat(), 10, "Invalid index", "empty"),
        // Without include_resource there is no state.
        (
            [list("a", "\"web\""), list("b", "list.lab_thing.a.data[0].state.name")].concat(),
            10,
            "Attempt to get attribute from null value",
            "null",
        ),
        (
            format!("{}locals {{\n  x = {}\n}}\n", list("a", "\"\""), of("a")),
            8,
            "Invalid reference",
            "only in other list blocks",
        ),
    ] {
        w.write("all.tfquery.hcl", &text);
        let refused = groma(&w, &["query"]).expect_status(1);
        let said = refused.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        for part in [&*format!("on all.tfquery.hcl line {line}"), summary, reason] {
            assert!(said.contains(part), "{text}\n{part} is not in\n{}", refused.stderr);
        }
    }
}
