//! The module tree: which provider configuration a module means, and what
//! refers to what.

use groma_config::validate::{check_moves, check_self_references};
use groma_config::{Config, LoadOptions, LocalProvider, load_config};
use groma_lang::{Diagnostics, Sources};
use groma_testkit::Workdir;
use std::path::Path;

/// Writes files and the record of the modules `key` in `dir`, and loads all.
fn load(files: &[(&str, &str)], modules: &[(&str, &str)], diags: &mut Diagnostics) -> (Config, Sources) {
    let w = Workdir::new();
    for (name, text) in files {
        w.write(name, text);
    }
    let mut json = String::from("{\"Modules\":[{\"Key\":\"\",\"Source\":\"\",\"Dir\":\".\"}");
    for (key, dir) in modules {
        json += &format!(",{{\"Key\":\"{key}\",\"Source\":\"./{dir}\",\"Dir\":\"{dir}\"}}");
    }
    w.write(".terraform/modules/modules.json", json + "]}");
    let sources = Sources::new();
    let options = LoadOptions { working_dir: w.path().to_owned(), ..LoadOptions::default() };
    let config = load_config(Path::new("."), &sources, &options, diags);
    (config, sources)
}

fn resolved(config: &Config, path: &[&str], name: &str, alias: Option<&str>) -> String {
    let node = config.root.descend(&path.iter().copied().collect()).expect("the module is there");
    let local = LocalProvider { name: name.into(), alias: alias.map(Into::into) };
    let r = &node.providers[&local];
    let alias = r.alias.as_deref().map_or(String::new(), |a| format!(".{a}"));
    format!("{}:{}{alias}", r.module, r.provider.for_display())
}

#[test]
fn provider_configurations_are_passed_and_inherited() {
    let root = r#"
terraform {
  required_providers {
    cf = { source = "cloudflare/cloudflare" }
  }
}
provider "aws" {}
provider "aws" { alias = "west" }
module "plain" { source = "./plain" }
module "passed" {
  source    = "./passed"
  providers = { aws = aws.west, aws.other = aws, cf = cf }
}
"#;
    let plain = r#"
resource "aws_vpc" "x" {}
resource "random_id" "x" {}
module "inner" { source = "./own" }
"#;
    let own = "provider \"aws\" { region = \"x\" }\nresource \"aws_vpc\" \"x\" {}\n";
    let passed = r#"
terraform {
  required_providers {
    aws = {
      source                = "hashicorp/aws"
      configuration_aliases = [aws.other]
    }
    cf = { source = "cloudflare/cloudflare" }
  }
}
resource "aws_vpc" "a" {}
resource "aws_vpc" "b" { provider = aws.other }
resource "cf_zone" "z" {}
"#;
    let mut diags = Diagnostics::new();
    let (config, _) = load(
        &[("main.tf", root), ("plain/a.tf", plain), ("own/a.tf", own), ("passed/a.tf", passed)],
        &[("plain", "plain"), ("plain.inner", "own"), ("passed", "passed")],
        &mut diags,
    );
    assert!(diags.is_empty(), "{diags:#?}");
    assert_eq!(resolved(&config, &["plain"], "aws", None), ":hashicorp/aws");
    assert_eq!(resolved(&config, &["plain"], "random", None), ":hashicorp/random");
    assert_eq!(
        resolved(&config, &["plain", "inner"], "aws", None),
        "module.plain.module.inner:hashicorp/aws"
    );
    assert_eq!(resolved(&config, &["passed"], "aws", None), ":hashicorp/aws.west");
    assert_eq!(resolved(&config, &["passed"], "aws", Some("other")), ":hashicorp/aws");
    assert_eq!(resolved(&config, &["passed"], "cf", None), ":cloudflare/cloudflare");
}

#[test]
fn references_of_a_resource_are_complete() {
    let text = r#"
resource "x_y" "z" {
  count = var.count_of
  a     = local.a
  block {
    b = data.q.r[0].s
  }
  dynamic "many" {
    for_each = var.many
    iterator = it
    content {
      c = "${it.value}-${module.m.out}"
    }
  }
  depends_on = [x_y.other]
  lifecycle {
    replace_triggered_by = [x_y.trigger.id]
    postcondition {
      condition     = self.ok && local.expected
      error_message = "no"
    }
  }
  provisioner "local-exec" {
    command = var.command
  }
}
"#;
    let (sources, mut diags) = (Sources::new(), Diagnostics::new());
    let module = groma_config::load_module_text(
        Path::new("."),
        &[("main.tf", text)],
        &sources,
        &LoadOptions::default(),
        &mut diags,
    );
    assert!(diags.is_empty(), "{diags:#?}");
    let resource = module.resources.values().next().expect("one resource");
    let file = &sources.all()[0];
    let refs = resource.references(None);
    let texts: Vec<&str> = refs.iter().map(|t| file.slice(t.span)).collect();
    assert_eq!(
        texts,
        [
            "var.count_of",
            "local.a",
            "data.q.r[0].s",
            "var.many",
            "module.m.out",
            "local.expected",
            "x_y.trigger.id",
            "var.command",
            "x_y.other",
        ]
    );
}

#[test]
fn moves_that_contradict_each_other_are_reported() {
    let moved = |from: &str, to: &str| format!("moved {{\n  from = {from}\n  to   = {to}\n}}\n");
    let summaries = |text: String| {
        let mut diags = Diagnostics::new();
        let (config, sources) = load(&[("main.tf", &text), ("m/a.tf", "")], &[("m", "m")], &mut diags);
        check_moves(&config.root, &sources, &mut diags);
        diags.iter().map(|d| d.summary.clone()).collect::<Vec<_>>()
    };
    assert_eq!(summaries(moved("a.a", "a.b") + &moved("a.b", "a.c")), Vec::<String>::new());
    assert_eq!(summaries(moved("a.a", "a.a")), ["Redundant move statement"]);
    assert_eq!(summaries(moved("a.a", "a.b") + &moved("a.a", "a.c")), ["Ambiguous move statements"]);
    assert_eq!(summaries(moved("a.a", "a.c") + &moved("a.b", "a.c")), ["Ambiguous move statements"]);
    assert_eq!(
        summaries(moved("a.a", "a.b") + &moved("a.b", "a.c") + &moved("a.c", "a.b")),
        ["Ambiguous move statements", "Cyclic dependency in move statements"]
    );
    assert_eq!(
        summaries("resource \"a\" \"a\" {}\n".to_owned() + &moved("a.a", "a.b")),
        ["Moved object still exists"]
    );
    assert_eq!(
        summaries("resource \"a\" \"a\" {}\n".to_owned() + &moved("a.a[3]", "a.b")),
        Vec::<String>::new()
    );
    assert_eq!(
        summaries("module \"m\" {\n  source = \"./m\"\n}\n".to_owned() + &moved("module.m", "module.n")),
        ["Moved object still exists"]
    );
    assert_eq!(
        summaries("resource \"a\" \"a\" {}\nremoved {\n  from = a.a\n}\n".to_owned()),
        ["Removed resource still exists"]
    );
}

#[test]
fn a_resource_may_refer_to_another_instance_of_itself_only() {
    let text =
        "resource \"a\" \"a\" {\n  x = a.a.id\n}\nresource \"a\" \"b\" {\n  count = 2\n  x = a.b[0].id\n}\n";
    let mut diags = Diagnostics::new();
    let (config, _) = load(&[("main.tf", text)], &[], &mut diags);
    check_self_references(&config.root, &mut diags);
    let found: Vec<&str> = diags.iter().map(|d| &*d.summary).collect();
    assert_eq!(found, ["Self-referential block"]);
}
