//! State files compared with what Terraform writes, to the byte.

use groma_state::file::{read, same_content, write};
use groma_state::{State, StateFile, TERRAFORM_VERSION};
use groma_testkit::{Workdir, oracle, skip};

fn rewrite(bytes: &[u8]) -> String {
    let mut file = read(bytes).unwrap_or_else(|e| panic!("{e}"));
    file.terraform_version = TERRAFORM_VERSION.into();
    String::from_utf8(write(&file).unwrap()).unwrap()
}

#[track_caller]
fn assert_same(ours: &str, theirs: &str) {
    if ours == theirs {
        return;
    }
    let at = ours.lines().zip(theirs.lines()).take_while(|(a, b)| a == b).count();
    let near = |s: &str| s.lines().skip(at.saturating_sub(3)).take(8).collect::<Vec<_>>().join("\n");
    panic!("differs at line {}\n--- ours\n{}\n--- terraform\n{}", at + 1, near(ours), near(theirs));
}

/// What Terraform makes of a state that is pushed.
fn pushed(text: &str) -> Option<String> {
    oracle()?;
    let dir = Workdir::new();
    dir.write("in.json", text);
    dir.terraform(["state", "push", "in.json"]).expect_success();
    Some(dir.read("terraform.tfstate"))
}

const EVERYTHING: &str = include_str!("states/v4.json");

#[test]
fn a_state_with_everything_is_written_as_terraform_writes_it() {
    let Some(theirs) = pushed(EVERYTHING) else { return skip("no oracle") };
    assert_same(&rewrite(EVERYTHING.as_bytes()), &theirs);
    assert_same(&rewrite(theirs.as_bytes()), &theirs);
}

#[test]
fn check_results_without_objects_and_of_unknown_status() {
    let text = r#"{"version":4,"serial":1,"lineage":"l","check_results":[{"object_kind":"check","config_addr":"check.a","status":"later","objects":null},{"object_kind":"future","config_addr":"x","status":"pass"}]}"#;
    let Some(theirs) = pushed(text) else { return skip("no oracle") };
    assert_same(&rewrite(text.as_bytes()), &theirs);
}

#[test]
fn format_3_is_brought_to_format_4() {
    let text = include_str!("states/v3.json");
    let Some(theirs) = pushed(text) else { return skip("no oracle") };
    assert_same(&rewrite(text.as_bytes()), &theirs);
}

/// Format 3 had the identifier beside the attributes, and sometimes only there.
#[test]
fn format_3_without_attributes_keeps_the_identifier() {
    if oracle().is_none() {
        return skip("no oracle");
    }
    for primary in [r#""id":"v","meta":{}"#, r#""id":"v","attributes":{"a":"b"}"#, r#""id":"""#, ""] {
        let text = format!(
            r#"{{"version":3,"serial":3,"terraform_version":"0.11.14","lineage":"l","modules":[{{"path":["root"],"outputs":{{}},"resources":{{"aws_vpc.b":{{"type":"aws_vpc","primary":{{{primary}}},"provider":"provider.aws"}}}}}}]}}"#
        );
        assert_same(&rewrite(text.as_bytes()), &pushed(&text).expect("an oracle"));
    }
}

/// A configuration whose apply leaves a tainted object, sensitive paths, module
/// instances by count and for_each, checks, and outputs of all kinds.
const APPLIED: &str = r#"
variable "s" {
  sensitive = true
  default   = { z = "<1>", a = ["é"] }
}
resource "terraform_data" "a" {
  count            = 12
  input            = { b = var.s.z, l = [var.s.a[0], 2, count.index], m = tomap({ x = var.s.z }) }
  triggers_replace = var.s.a
  lifecycle {
    create_before_destroy = true
    postcondition {
      condition     = self.id != ""
      error_message = "Without <id>."
    }
  }
}
resource "terraform_data" "b" {
  for_each = toset(["x", "y & z", "ü\"$${q}"])
  input    = terraform_data.a[0].id
  depends_on = [module.m]
}
resource "terraform_data" "broken" {
  provisioner "local-exec" {
    command = "exit 1"
  }
}
module "m" {
  source   = "./m"
  for_each = { k = 1, "a.b" = 2 }
  n        = 11
}
check "c" {
  assert {
    condition     = length(terraform_data.a) < 5
    error_message = "Too many: <${length(terraform_data.a)}>"
  }
}
output "o" {
  value     = var.s
  sensitive = true
}
output "n" { value = null }
output "set" { value = toset([3, 1, 2]) }
output "num" { value = [1.5, 1e30, 0.1, -7] }
output "mixed" { value = { a = 1, b = "x", c = [true, null], d = tomap({ "<k>" = "v" }) } }
"#;

#[test]
fn applied_states_are_written_again_unchanged() {
    if oracle().is_none() {
        return skip("no oracle");
    }
    let dir = Workdir::new();
    dir.write("main.tf", APPLIED);
    dir.write(
        "m/main.tf",
        "variable \"n\" {}\nresource \"terraform_data\" \"r\" {\n count = 2\n input = var.n\n}\nmodule \"k\" {\n source = \"../k\"\n count = var.n\n}\n",
    );
    dir.write("k/main.tf", "resource \"terraform_data\" \"r\" {}\n");
    dir.terraform(["init"]).expect_success();
    dir.terraform(["apply", "-auto-approve"]).expect_status(1);
    let text = dir.read("terraform.tfstate");
    assert!(text.contains("\"tainted\""), "{text}");
    assert!(text.contains("\"failure_messages\""), "{text}");
    assert_same(&rewrite(text.as_bytes()), &text);

    // And Terraform takes ours for its own (check results come in random order).
    dir.write("terraform.tfstate", rewrite(text.as_bytes()));
    let pulled = dir.terraform(["state", "pull"]).expect_success().stdout;
    let head = |s: &str| s.split("\"check_results\"").next().unwrap_or_default().to_owned();
    assert_same(&head(&pulled), &head(&text));
}

#[test]
fn unusable_states_are_refused_with_the_reason() {
    let resource = |r: &str| {
        format!(
            r#"{{"version":4,"serial":1,"lineage":"a","resources":[{{"mode":"managed","type":"a","name":"b","provider":"provider[\"terraform.io/builtin/terraform\"]",{r}}}]}}"#
        )
    };
    let cases: Vec<(String, &str)> = vec![
        ("".into(), "empty"),
        (" ".into(), "syntax error at byte offset 1"),
        ("{\"version\":4,".into(), "syntax error at byte offset 13"),
        ("[1]".into(), "The version in the state file is array"),
        ("{}".into(), "does not have a \"version\" attribute"),
        ("{\"version\":-1}".into(), "is number -1. A positive"),
        ("{\"version\":\"4\"}".into(), "is string. A positive"),
        ("{\"version\":0}".into(), "never a JSON-based state format zero"),
        ("{\"version\":2}".into(), "Upgrade it with Terraform 0.11"),
        ("{\"version\":5}".into(), "format version 5"),
        ("{\"version\":5,\"terraform_version\":\"2.0.0\"}".into(), "created by Terraform 2.0.0"),
        ("{\"version\":4,\"terraform_version\":\"x.y\"}".into(), "not a valid version string"),
        ("{\"version\":4,\"serial\":-1}".into(), "-1"),
        (
            r#"{"version":4,"outputs":{"a":{"value":1,"type":"strin"}}}"#.into(),
            "invalid primitive type name \"strin\"",
        ),
        (
            r#"{"version":4,"outputs":{"a":{"value":[],"type":"string"}}}"#.into(),
            "invalid value for output \"a\"",
        ),
        (resource(r#""mode":"x""#).replacen("\"mode\":\"managed\",", "", 1), "mode \"x\" (\"a\" \"b\")"),
        (resource(r#""module":"modul.x""#), "Invalid module instance address"),
        (
            resource(r#""provider":"x""#).replacen(
                "\"provider\":\"provider[\\\"terraform.io/builtin/terraform\\\"]\",",
                "",
                1,
            ),
            "provider address",
        ),
        (resource(r#""instances":[{"index_key":true}]"#), "invalid instance key true"),
        (resource(r#""instances":[{"status":"bad"}]"#), "Instance a.b has invalid status \"bad\""),
        (resource(r#""instances":[{},{}]"#), "Instance a.b appears multiple times"),
        (
            resource(r#""instances":[{"deposed":"12345678"},{"deposed":"12345678"}]"#),
            "deposed object \"12345678\" appears",
        ),
        (resource(r#""instances":[{"deposed":"1"}]"#), "deposed key \"1\", which is not correctly formatted"),
        (
            resource(r#""instances":[{"sensitive_attributes":[[{"type":"x","value":1}]]}]"#),
            "Unsupported path step type \"x\"",
        ),
        (resource(r#""instances":[{"sensitive_attributes":{}}]"#), "Error unmarshaling path steps"),
        (resource(r#""instances":[{"private":"%%"}]"#), "base64"),
        (resource(r#""instances":[{"dependencies":["x"]}]"#), "Invalid address"),
    ];
    for (text, part) in cases {
        let error = read(text.as_bytes()).expect_err(&text).to_string();
        assert!(error.contains(part), "{text}\n{error}");
    }
    let both =
        resource(r#""module":"modul.x""#).replacen("\"serial\"", "\"terraform_version\":\"x\",\"serial\"", 1);
    assert!(read(both.as_bytes()).unwrap_err().to_string().starts_with("2 problems:\n\n- Invalid Terraform"));
}

#[test]
fn identities_are_kept() {
    let text = r#"{"version":4,"resources":[{"mode":"managed","type":"a","name":"b","provider":"provider[\"terraform.io/builtin/terraform\"]","instances":[{"attributes":{},"identity_schema_version":3,"identity":{"a": 1},"private":"bnVsbA=="}]}]}"#;
    let out = rewrite(text.as_bytes());
    let expected = "\"sensitive_attributes\": [],\n          \"identity_schema_version\": 3,\n          \"identity\": {\n            \"a\": 1\n          },\n          \"private\": \"bnVsbA==\"\n";
    assert!(out.contains(expected), "{out}");
}

#[test]
fn content_is_compared_as_it_would_be_written() {
    let a = read(EVERYTHING.as_bytes()).unwrap().state;
    let b = read(rewrite(EVERYTHING.as_bytes()).as_bytes()).unwrap().state;
    assert!(same_content(&a, &b));
    assert!(same_content(&State::default(), &State::default()));
    let mut c = b.clone();
    c.outputs.remove("z");
    assert!(!same_content(&b, &c));
    let mut c = b.clone();
    c.check_results = None;
    assert!(!same_content(&b, &c));
    let mut c = b.clone();
    let (addr, provider) =
        b.instances().find(|(_, _, i)| i.current.is_some()).map(|(a, r, _)| (a, r.provider.clone())).unwrap();
    c.set_current(&addr, &provider, None);
    assert!(!same_content(&b, &c));
}

#[test]
fn a_new_state_has_a_lineage() {
    let (a, b) = (StateFile::new(), StateFile::new());
    assert_eq!((a.serial, a.lineage.len()), (0, 36));
    assert_ne!(a.lineage, b.lineage);
}
