//! `for_each` in `provider` blocks, as OpenTofu has it: Terraform refuses it, so there is no
//! oracle. The embedded AWS tells by its ARNs which instance made what.

use groma_testkit::{Output, Workdir};
use serde_json::{Value, json};

const GROMA: &str = env!("CARGO_BIN_EXE_groma");

/// Where the state of what is made up is kept.
const STATE: &str = ".terraform/sandbox/terraform.tfstate";

const MAIN: &str = r#"
variable "regions" {
  type    = map(string)
  default = { "eu-west-1" = "eu", "us-east-1" = "us" }
}
variable "live" {
  type    = set(string)
  default = ["eu-west-1", "us-east-1"]
}
provider "aws" {
  alias    = "by_region"
  for_each = var.regions
  region   = each.key
  default_tags {
    tags = { place = each.value }
  }
}
resource "aws_sns_topic" "t" {
  for_each = var.live
  provider = aws.by_region[each.value]
  name     = "t"
}
resource "aws_sns_topic" "one" {
  provider = aws.by_region["us-east-1"]
  name     = "one"
}
data "aws_region" "r" {
  for_each = var.live
  provider = aws.by_region[each.key]
}
module "m" {
  source    = "./m"
  for_each  = var.live
  providers = { aws.here = aws.by_region[each.key] }
}
output "t" {
  value = { for k, t in aws_sns_topic.t : k => t.arn }
}
output "tags" {
  value = { for k, t in aws_sns_topic.t : k => t.tags_all }
}
output "m" {
  value = { for k, m in module.m : k => m.arn }
}
output "r" {
  value = { for k, r in data.aws_region.r : k => r.name }
}
"#;

const MODULE: &str = r#"
terraform {
  required_providers {
    aws = {
      source                = "hashicorp/aws"
      configuration_aliases = [aws.here]
    }
  }
}
module "inner" {
  source    = "./inner"
  providers = { aws = aws.here }
}
output "arn" {
  value = module.inner.arn
}
"#;

const INNER: &str = r#"
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
resource "aws_sns_topic" "in" {
  name = "in"
}
output "arn" {
  value = aws_sns_topic.in.arn
}
"#;

fn groma(w: &Workdir, args: &[&str]) -> Output {
    w.run(GROMA, args.iter().chain(&["-no-color", "-sandbox"]))
}

fn workdir() -> Workdir {
    let w = Workdir::new();
    w.write("main.tf", MAIN);
    w.write("m/main.tf", MODULE);
    w.write("m/inner/main.tf", INNER);
    w
}

/// By resource: the provider of the resource, and the keys of instances with their providers.
fn providers(w: &Workdir) -> Value {
    let state: Value = serde_json::from_str(&w.read(STATE)).expect("a state");
    let mut out = serde_json::Map::new();
    for r in state["resources"].as_array().expect("resources") {
        let of = |i: &Value| json!([i["index_key"], i["provider"]]);
        let instances: Vec<Value> = r["instances"].as_array().expect("instances").iter().map(of).collect();
        let module = r["module"].as_str().map(|m| format!("{m}.")).unwrap_or_default();
        let name = format!("{module}{}", r["name"].as_str().expect("a name"));
        out.insert(name, json!([r["provider"], instances]));
    }
    Value::Object(out)
}

#[test]
fn each_resource_instance_chooses_an_instance_of_its_provider_configuration() {
    let w = workdir();
    groma(&w, &["apply", "-auto-approve"]).expect_success();
    let all = w.run(GROMA, ["output", "-json", "-sandbox"]).expect_success().json();
    let arn = |region: &str, name: &str| format!("arn:aws:sns:{region}:123456789012:{name}");
    let both =
        |name: &str| json!({ "eu-west-1": arn("eu-west-1", name), "us-east-1": arn("us-east-1", name) });
    assert_eq!(all["t"]["value"], both("t"));
    assert_eq!(all["m"]["value"], both("in"));
    assert_eq!(all["r"]["value"], json!({ "eu-west-1": "eu-west-1", "us-east-1": "us-east-1" }));
    assert_eq!(
        all["tags"]["value"],
        json!({ "eu-west-1": { "place": "eu" }, "us-east-1": { "place": "us" } })
    );
    // As OpenTofu writes it: at the instances, and nothing at the resource.
    let by =
        |region: &str| format!("provider[\"registry.terraform.io/hashicorp/aws\"].by_region[\"{region}\"]");
    let each = json!([null, [["eu-west-1", by("eu-west-1")], ["us-east-1", by("us-east-1")]]]);
    let alone = |region: &str| json!([null, [[null, by(region)]]]);
    assert_eq!(
        providers(&w),
        json!({
            "t": each, "r": each, "one": alone("us-east-1"),
            "module.m[\"eu-west-1\"].module.inner.in": alone("eu-west-1"),
            "module.m[\"us-east-1\"].module.inner.in": alone("us-east-1"),
        })
    );
    groma(&w, &["plan", "-detailed-exitcode"]).expect_status(0);
    // A saved plan knows the instances, too.
    let only = "-var=live=[\"us-east-1\"]";
    groma(&w, &["plan", only, "-out=plan"]).expect_success();
    w.run(GROMA, ["apply", "plan"]).expect_success();
    assert_eq!(providers(&w)["t"], json!([null, [["us-east-1", by("us-east-1")]]]));
    // Then its provider can go, and all the rest by what the state says.
    let less = "-var=regions={\"us-east-1\"=\"us\"}";
    groma(&w, &["plan", "-detailed-exitcode", only, less]).expect_status(0);
    groma(&w, &["destroy", "-auto-approve", only, less]).expect_success();
    assert_eq!(providers(&w), json!({}));
}

#[test]
fn an_instance_that_is_needed_to_destroy_is_missed_with_what_needs_it() {
    let w = workdir();
    groma(&w, &["apply", "-auto-approve"]).expect_success();
    let before = w.read(STATE);
    let args = ["-var=live=[\"us-east-1\"]", "-var=regions={\"us-east-1\"=\"us\"}"];
    let out = groma(&w, &["apply", "-auto-approve", args[0], args[1]]).expect_status(1);
    let said = out.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("Provider instance not present on main.tf line 12"), "{out}");
    assert!(
        said.contains(
            "by_region[\"eu-west-1\"] is needed by aws_sns_topic.t[\"eu-west-1\"], \
             module.m[\"eu-west-1\"].module.inner.aws_sns_topic.in, and the for_each"
        ),
        "{out}"
    );
    assert_eq!(said.matches("Provider instance not present").count(), 1, "{out}");
    assert_eq!(w.read(STATE), before);
}

#[test]
fn mistakes_with_instances_of_providers_are_refused() {
    let said = |from: &str, to: &str| {
        let w = workdir();
        assert!(MAIN.contains(from), "{from}");
        w.write("main.tf", MAIN.replacen(from, to, 1));
        let out = groma(&w, &["plan"]).expect_status(1);
        out.stderr.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let one = "by_region[\"us-east-1\"]";
    let none = said(one, "by_region");
    assert!(none.contains("Missing provider instance key on main.tf line 24"), "{none}");
    let plain = said("  for_each = var.regions\n  region   = each.key", "  region = \"eu-west-1\"");
    assert!(
        plain.contains("Unexpected provider instance key") && plain.contains("has no for_each"),
        "{plain}"
    );
    let unnamed = said("  alias    = \"by_region\"\n", "");
    assert!(unnamed.contains("Alias required when using \"for_each\" on main.tf line 11"), "{unnamed}");
    let wrong = said(one, "by_region[\"mars\"]");
    assert!(wrong.contains("Invalid provider instance key on main.tf line 24"), "{wrong}");
    assert!(wrong.contains("has these instances: \"eu-west-1\", \"us-east-1\""), "{wrong}");
    let null = said(one, "by_region[null]");
    assert!(
        null.contains("Invalid provider instance key on main.tf line 24") && null.contains("is null"),
        "{null}"
    );
    let list = said(one, "by_region[[]]");
    assert!(list.contains("The key is no string"), "{list}");
    let nobody = said(one, "by_region[each.key]");
    assert!(nobody.contains("main.tf line 24") && nobody.contains("each"), "{nobody}");
    let number = said("for_each = var.regions", "for_each = 3");
    assert!(number.contains("Invalid for_each argument on main.tf line 12"), "{number}");
    let w = workdir();
    w.write("m/main.tf", MODULE.replace("aws.here }", "aws.here[\"a\"] }"));
    let out = groma(&w, &["plan"]).expect_status(1);
    let said = out.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("The caller has chosen the instance that it passes as aws.here."), "{said}");
}

#[test]
fn a_resource_that_is_repeated_as_its_provider_is_warned_of() {
    let w = workdir();
    w.write(
        "main.tf",
        MAIN.replacen(
            "for_each = var.live\n  provider = aws.by_region[each.value]",
            "for_each = var.regions\n  provider = aws.by_region[each.key]",
            1,
        ),
    );
    let out = groma(&w, &["plan"]).expect_success();
    assert!(out.stdout.contains("Provider configuration for_each matches resource"), "{out}");
    assert_eq!(out.stdout.matches("repeated by the same").count(), 1, "{out}");
}

#[test]
fn tests_mock_all_instances_at_once() {
    let w = workdir();
    w.write(
        "a.tftest.hcl",
        "mock_provider \"aws\" {\n  alias = \"by_region\"\n  mock_resource \"aws_sns_topic\" {\n    defaults = {\n      arn = \"arn:mock\"\n    }\n  }\n}\nrun \"all\" {\n  assert {\n    condition     = output.t == { \"eu-west-1\" = \"arn:mock\", \"us-east-1\" = \"arn:mock\" } && output.m[\"eu-west-1\"] == \"arn:mock\"\n    error_message = \"not mocked\"\n  }\n}\n",
    );
    let out = groma(&w, &["test"]).expect_success();
    assert!(out.stdout.contains("1 passed, 0 failed"), "{out}");
}

#[test]
fn all_commands_know_what_the_embedded_aws_has_made() {
    let w = workdir();
    groma(&w, &["validate"]).expect_success();
    groma(&w, &["apply", "-auto-approve"]).expect_success();
    let name = "aws_sns_topic.one";
    for (args, words) in [
        (&["show"][..], "# aws_sns_topic.one:"),
        (&["state", "show"], "# aws_sns_topic.one:"),
        (&["graph"], "aws_sns_topic.one"),
        (&["providers"], "hashicorp/aws"),
    ] {
        let mut all = args.to_vec();
        let last = ["-no-color", "-sandbox", name];
        all.extend(&last[..if args.len() == 2 { 3 } else { 2 }]);
        let out = w.run(GROMA, &all).expect_success();
        assert!(out.stdout.contains(words), "{args:?}: {out}");
    }
    let plan = w.run(GROMA, ["show", "-json", "-sandbox"]).expect_success().json();
    assert_eq!(plan["values"]["root_module"]["resources"].as_array().map(Vec::len), Some(5));
}

/// What is made up and what there is are never taken for each other.
#[test]
fn the_embedded_aws_has_its_own_state_whatever_the_backend() {
    let w = Workdir::new();
    let topic = "resource \"aws_sns_topic\" \"t\" {\n  name = \"t\"\n}\n";
    w.write("main.tf", format!("terraform {{\n  backend \"s3\" {{\n    bucket = \"nowhere\"\n    key    = \"k\"\n    region = \"eu-west-1\"\n  }}\n}}\n{topic}"));
    let real =
        r#"{"version":4,"terraform_version":"1.11.4","serial":7,"lineage":"l","outputs":{},"resources":[]}"#;
    w.write("terraform.tfstate", real);
    groma(&w, &["init"]).expect_success();
    groma(&w, &["apply", "-auto-approve"]).expect_success();
    assert_eq!(groma(&w, &["state", "list"]).expect_success().stdout, "aws_sns_topic.t\n");
    groma(&w, &["state", "rm", "aws_sns_topic.t"]);
    assert_eq!(w.read("terraform.tfstate"), real);
    // Nothing of it is seen without the flag.
    let out = w.run(GROMA, ["state", "list"]).expect_status(1);
    assert!(out.stderr.contains("Backend initialization required"), "{out}");
    w.write("main.tf", topic);
    assert_eq!(w.run(GROMA, ["state", "list"]).expect_success().stdout, "");
}
