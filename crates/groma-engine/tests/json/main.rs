//! JSON of plans, states, outputs and schemas, compared with Terraform's.

mod support;

use groma_engine::PlanMode;
use groma_engine::json;
use groma_testkit::Workdir;
use groma_value::addr::Provider;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use support::{Step, assert_same, aws_binary, compare, compare_from, pool, step};

const BROAD: &str = r#"
variable "n" {
  type    = number
  default = 2
}
variable "pw" {
  type        = string
  sensitive   = true
  default     = "s3cr3t"
  description = "the pw"
}
variable "obj" {
  type    = object({ a = string, b = optional(number, 3) })
  default = { a = "x" }
}
variable "nothing" {
  type    = list(string)
  default = null
}
locals {
  doubled = var.n * 2
}
resource "terraform_data" "a" {
  count = var.n
  input = "v${count.index}-${local.doubled}"
}
resource "terraform_data" "b" {
  for_each         = { for i in range(var.n) : "k${i}" => i }
  input            = terraform_data.a[each.value].output
  triggers_replace = [1, var.pw]
  depends_on       = [terraform_data.a]
}
resource "terraform_data" "c" {
  input = { x = var.pw, y = [terraform_data.a[0].id, 1.50, null], z = { q = true } }
  lifecycle {
    precondition {
      condition     = var.n > 1
      error_message = "no"
    }
    postcondition {
      condition     = self.output != null
      error_message = "no2"
    }
  }
}
data "terraform_remote_state" "rs" {
  backend = "local"
  config  = { path = "other.tfstate" }
}
module "m" {
  source   = "./m"
  for_each = toset(["x", "y"])
  name     = each.key
  pw       = var.pw
}
output "all" {
  value       = [for k in sort(keys(terraform_data.b)) : terraform_data.b[k].output]
  description = "hey"
}
output "s" {
  value      = var.pw
  sensitive  = true
  depends_on = [terraform_data.c]
}
output "known" {
  value = { a = 1, rs = data.terraform_remote_state.rs.outputs, t = "<&>" }
}
output "part" {
  value = { a = 1, id = terraform_data.c.id }
}
output "null" {
  value = var.nothing
}
output "inner" {
  value = module.m["x"].n[0].out
}
check "chk" {
  assert {
    condition     = terraform_data.c.id != ""
    error_message = "bad"
  }
  assert {
    condition     = var.n == 3
    error_message = "n is ${var.n}"
  }
}
"#;
const BROAD_MODULE: &str = r#"
terraform {
  required_version = ">= 1.0"
}
variable "name" {}
variable "pw" {
  nullable = false
  validation {
    condition     = length(var.pw) > 1
    error_message = "short"
  }
}
resource "terraform_data" "r" {
  input = var.name
}
module "n" {
  source = "./n"
  count  = 2
  label  = "${var.name}-${terraform_data.r.id}"
}
output "o" {
  value = terraform_data.r.output
}
output "n" {
  value = module.n
}
output "p" {
  value     = var.pw
  sensitive = true
  precondition {
    condition     = var.name != "zz"
    error_message = "zz"
  }
}
"#;
const BROAD_INNER: &str = r#"
variable "label" {}
resource "terraform_data" "deep" {
  count = 11
  input = var.label
}
output "out" {
  value = terraform_data.deep[10].id
}
"#;
const OTHER: &str = r#"{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"x","outputs":{"q":{"value":[1,2],"type":["list","number"]}},"resources":[],"check_results":null}"#;

#[test]
fn create_change_and_destroy() {
    let changed = BROAD.replace("v${count.index}", "w${count.index}").replace("[1, var.pw]", "[2, var.pw]");
    let fewer = changed.replace("default = 2", "default = 1").replace("var.n > 1", "var.n > 0");
    let without = fewer.replace("output \"known\" {\n  value", "output \"known2\" {\n  value");
    let without = without.replace("{ a = 1, id = terraform_data.c.id }", "null");
    compare(&[
        step(&[
            ("main.tf", BROAD),
            ("m/main.tf", BROAD_MODULE),
            ("m/n/main.tf", BROAD_INNER),
            ("other.tfstate", OTHER),
        ]),
        step(&[]),
        step(&[("main.tf", &changed)]),
        step(&[("main.tf", &fewer)]),
        step(&[("main.tf", &without)]),
        Step { mode: PlanMode::RefreshOnly, ..step(&[]) },
        Step { mode: PlanMode::Destroy, ..step(&[]) },
        step(&[("main.tf", "output \"x\" {\n  value = 1\n}\n")]),
        Step { mode: PlanMode::Destroy, ..step(&[]) },
    ]);
}

#[test]
fn expressions_of_all_kinds() {
    let main = r#"
terraform {
  required_providers {
    t = { source = "terraform.io/builtin/terraform" }
  }
}
locals {
  x = { a = { b = [1, 2] } }
  k = "a"
}
data "terraform_remote_state" "z" {
  provider = t
  backend  = "local"
  config   = { path = "/nonexistent" }
  count    = 0 + length([])
}
output "o1" { value = local.x.a.b[0] }
output "o2" { value = local.x[local.k].b[*] }
output "o3" { value = [for q in [1, 2] : q + 1] }
output "o4" { value = upper("x") }
output "o5" { value = -1 + 3 }
output "o6" { value = "${1}x" }
output "o7" { value = path.module }
output "o8" { value = terraform.workspace }
output "o9" { value = module.m }
output "o10" { value = module.m["a"] }
output "o11" { value = module.m["a"].o.x[0] }
output "o12" { value = module.m[*] }
output "o13" { value = module.n[0].o }
output "o14" { value = null }
output "o15" { value = try(module.n[0].o["a"].b, 3) }
output "o16" { value = local.x["a"].b.0 }
output "o17" { value = true ? 1 : 2 }
output "o18" { value = { (local.k) = 1 } }
output "o19" { value = module.n }
output "o20" { value = "${local.k}" }
output "o21" {
  value = <<-XX
    a ${local.k} %{ for z in [1] }${z}${local.x.a.b[z]}%{ endfor }
  XX
}
output "o22" { value = { for k, v in local.x : k => v.b[0] if k != local.k } }
output "o23" { value = (local.x).a }
output "o24" { value = 1e400 }
output "o25" { value = 0.1 + 0.2 }
output "o26" { value = 123456789012345678901234567890 }
module "m" {
  source     = "./m"
  for_each   = toset(["a"])
  depends_on = [module.n]
  v          = 1
}
module "n" {
  source = "./m"
  v      = local.x.a
  count  = 1
}
"#;
    let module = "variable \"v\" {}\noutput \"o\" {\n  value = { x = [var.v] }\n}\n";
    compare(&[step(&[("main.tf", main), ("m/main.tf", module)])]);
}

#[test]
fn configuration_in_json_syntax() {
    let main = r#"{
  "variable": {"v": {"default": "x"}, "k": {"type": "string", "default": null}},
  "resource": {"terraform_data": {"a": {
    "input": {"x": "${var.v}", "y": "lit", "z": [1, 2.50, null, true], "${var.v}k": "q"},
    "triggers_replace": "${1+2}",
    "count": 2
  }}},
  "module": {"m": {"source": "./m", "v": "${terraform_data.a[0].id}"}},
  "output": {
    "o": {"value": "${terraform_data.a[1].id}-x"}, "p": {"value": "plain"}, "q": {"value": {"a": [1]}}
  }
}"#;
    compare(&[step(&[("main.tf.json", main), ("m/main.tf", "variable \"v\" {}\n")])]);
}

#[test]
fn moves_removals_imports_and_taints() {
    let first = r#"
resource "terraform_data" "a" {}
resource "terraform_data" "c" {}
resource "terraform_data" "gone" {
  count = 2
}
resource "terraform_data" "t" {
  input = 1
}
resource "terraform_data" "trigger" {
  input = terraform_data.t.input
}
resource "terraform_data" "by_trigger" {
  lifecycle {
    create_before_destroy = true
    replace_triggered_by  = [terraform_data.trigger]
  }
}
"#;
    let second = r#"
resource "terraform_data" "b" {
  count = 1
}
moved {
  from = terraform_data.a
  to   = terraform_data.b[0]
}
removed {
  from = terraform_data.c
  lifecycle {
    destroy = false
  }
}
import {
  to = terraform_data.i
  id = "abc"
}
resource "terraform_data" "i" {}
resource "terraform_data" "gone" {
  for_each = toset(["k"])
}
resource "terraform_data" "t" {
  input = 2
}
resource "terraform_data" "trigger" {
  input = terraform_data.t.input
}
resource "terraform_data" "by_trigger" {
  lifecycle {
    create_before_destroy = true
    replace_triggered_by  = [terraform_data.trigger]
  }
}
"#;
    let taint = |w: &Workdir| {
        w.terraform(["taint", "terraform_data.t"]).expect_success();
    };
    compare(&[step(&[("main.tf", first)]), Step { outside: &taint, ..step(&[("main.tf", second)]) }]);
}

#[test]
fn deferred_data_ephemeral_variables_and_nested_modules() {
    let main = r#"
variable "eph" {
  ephemeral = true
  default   = "e"
}
variable "list" {
  type    = set(object({ a = string, b = optional(number) }))
  default = [{ a = "y" }, { a = "x", b = 2 }]
}
resource "terraform_data" "path" {
  input = "other.tfstate"
}
data "terraform_remote_state" "later" {
  backend = "local"
  config  = { path = terraform_data.path.output }
}
data "terraform_remote_state" "pending" {
  backend    = "local"
  config     = { path = "other.tfstate" }
  depends_on = [terraform_data.path]
}
resource "terraform_data" "set" {
  for_each         = { for o in var.list : o.a => o }
  input            = [for o in var.list : o if o.a == each.key]
  triggers_replace = var.list
}
resource "terraform_data" "set_of_unknown" {
  input = toset([terraform_data.path.id, "known"])
}
module "empty" {
  source = "./empty"
  v      = terraform_data.set_of_unknown.output
}
module "a" {
  source = "./outer"
}
module "z" {
  source = "./leaf"
  count  = 3
}
output "q" {
  value = data.terraform_remote_state.later.outputs
}
output "e" {
  value = module.empty.o
}
"#;
    let empty = r#"
variable "v" {}
variable "eph" {
  ephemeral = true
  default   = 1
}
output "o" {
  value = var.v
}
output "eph" {
  value     = var.eph
  ephemeral = true
}
"#;
    let leaf = "resource \"terraform_data\" \"x\" {}\noutput \"o\" {\n  value = terraform_data.x.id\n}\n";
    let outer = "module \"inner\" {\n  source = \"../leaf\"\n}\nresource \"terraform_data\" \"y\" {\n  input = module.inner.o\n}\n";
    compare(&[
        step(&[
            ("main.tf", main),
            ("empty/main.tf", empty),
            ("leaf/main.tf", leaf),
            ("outer/main.tf", outer),
            ("other.tfstate", OTHER),
        ]),
        step(&[]),
        Step { mode: PlanMode::Destroy, ..step(&[]) },
    ]);
}

/// A state with what only mishaps leave behind.
#[test]
fn deposed_and_tainted_objects() {
    if groma_testkit::oracle().is_none() {
        groma_testkit::skip("no terraform");
        return;
    }
    let object = |more: &str, id: &str| {
        format!(
            "{{{more}\"schema_version\":0,\"attributes\":{{\"id\":\"{id}\",\"input\":{{\"value\":{{\"a\":[1,\"x\"],\"b\":\"s\"}},\"type\":[\"object\",{{\"a\":[\"tuple\",[\"number\",\"string\"]],\"b\":\"string\"}}]}},\"output\":null,\"triggers_replace\":null}},\
             \"sensitive_attributes\":[[{{\"type\":\"get_attr\",\"value\":\"input\"}},{{\"type\":\"get_attr\",\"value\":\"b\"}}]],\"dependencies\":[\"module.z.terraform_data.y\",\"terraform_data.b\"]}}"
        )
    };
    let state = format!(
        "{{\"version\":4,\"terraform_version\":\"1.10.0\",\"serial\":3,\"lineage\":\"l\",\"outputs\":{{}},\"resources\":[\
         {{\"mode\":\"managed\",\"type\":\"terraform_data\",\"name\":\"a\",\"provider\":\"provider[\\\"terraform.io/builtin/terraform\\\"]\",\"instances\":[{},{},{},{}]}},\
         {{\"module\":\"module.z[\\\"k\\\"].module.y\",\"mode\":\"managed\",\"type\":\"terraform_data\",\"name\":\"a\",\"provider\":\"provider[\\\"terraform.io/builtin/terraform\\\"]\",\"instances\":[{}]}}],\"check_results\":null}}",
        object("\"index_key\":0,\"status\":\"tainted\",", "0"),
        object("\"index_key\":0,\"deposed\":\"0a0b0c0d\",", "0d"),
        object("\"index_key\":10,", "10"),
        object("\"index_key\":2,", "2"),
        object("", "z"),
    );
    let w = Workdir::new();
    w.write("main.tf", "");
    w.write("terraform.tfstate", &state);
    w.terraform(["init"]).expect_success();
    let expected = w.terraform(["show", "-json"]).expect_success().json();
    let file = groma_state::file::read(state.as_bytes()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let l = runtime.block_on(support::load(w.path(), support::load_options(&w), &file.state));
    let ours = json::state_json(&file.state, &file.terraform_version, &l.cx.schemas).unwrap();
    assert_same("state", expected, ours);

    // And a plan that begins with it.
    compare_from(
        &w,
        &[Step {
            apply: false,
            ..step(&[("main.tf", "resource \"terraform_data\" \"a\" {\n  count = 3\n}\n")])
        }],
    );
}

#[test]
fn schemas_of_the_built_in_provider() {
    if groma_testkit::oracle().is_none() {
        groma_testkit::skip("no terraform");
        return;
    }
    let w = Workdir::new();
    w.write("main.tf", "resource \"terraform_data\" \"x\" {}\n");
    w.terraform(["init"]).expect_success();
    let expected = w.terraform(["providers", "schema", "-json"]).expect_success().json();
    // What is documented how, and which functions there are, is not the matter here.
    let bare = |mut j: Json| {
        without_descriptions(&mut j);
        j["provider_schemas"]["terraform.io/builtin/terraform"]["functions"] = Json::Null;
        j
    };
    assert_same("schemas", bare(expected), bare(our_schemas(&w, &["terraform"])));
}

fn without_descriptions(j: &mut Json) {
    match j {
        Json::Object(o) => {
            if o.get("description").is_some_and(Json::is_string) {
                o.shift_remove("description");
            }
            o.values_mut().for_each(without_descriptions);
        }
        Json::Array(a) => a.iter_mut().for_each(without_descriptions),
        _ => {}
    }
}

fn our_schemas(w: &Workdir, providers: &[&str]) -> Json {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let pool = pool(w.path());
        let mut all = BTreeMap::new();
        for p in providers.iter().map(|p| Provider::implied(p)) {
            let s = pool.schemas(&p).await.unwrap();
            all.insert(p, s);
        }
        json::schemas_json(&all)
    })
}

const AWS_PROVIDER: &str = r#"
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0, < 6.0.0"
    }
  }
}
provider "aws" {
  region                      = "us-east-1"
  access_key                  = "x"
  secret_key                  = "y"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
  default_tags {
    tags = { a = "b" }
  }
}
provider "aws" {
  alias                       = "west"
  region                      = var.r
  access_key                  = "x"
  secret_key                  = "y"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}
variable "r" {
  default = "us-west-2"
}
"#;

#[test]
fn schemas_of_the_aws_provider_to_the_byte() {
    if groma_testkit::oracle().is_none() || aws_binary().is_none() {
        groma_testkit::skip("no terraform, or no AWS provider");
        return;
    }
    let w = Workdir::new();
    w.write("main.tf", AWS_PROVIDER);
    w.terraform(["init"]).expect_success();
    let expected = w.terraform(["providers", "schema", "-json"]).expect_success().stdout;
    let ours = our_schemas(&w, &["aws"]);
    assert_same("schemas", serde_json::from_str(&expected).unwrap(), ours.clone());
    assert!(json::to_text(&ours) == expected.trim_end(), "the bytes differ");
}

#[test]
fn nested_blocks_provider_configurations_and_sets() {
    if groma_testkit::oracle().is_none() || aws_binary().is_none() {
        groma_testkit::skip("no terraform, or no AWS provider");
        return;
    }
    let main = r#"
variable "pw" {
  default   = "aa"
  sensitive = true
}
resource "aws_vpc" "v" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_security_group" "s" {
  vpc_id = aws_vpc.v.id
  ingress {
    from_port   = 80
    to_port     = 80
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
  dynamic "egress" {
    for_each = [var.r]
    content {
      from_port   = 81
      to_port     = 81
      protocol    = "tcp"
      description = egress.value
      cidr_blocks = [aws_vpc.v.cidr_block]
    }
  }
}
resource "aws_security_group" "s2" {
  vpc_id = aws_vpc.v.id
  ingress {
    from_port   = 80
    to_port     = 80
    protocol    = "tcp"
    cidr_blocks = [aws_vpc.v.cidr_block]
  }
  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = [aws_vpc.v.default_route_table_id]
  }
  # One reference in each block: Terraform gives those of one block in any order.
  ingress {
    from_port   = 444
    to_port     = 444
    protocol    = "tcp"
    description = var.pw
  }
  egress = []
}
resource "aws_instance" "i" {
  provider      = aws.west
  ami           = "ami-1"
  instance_type = "t3.small"
  root_block_device {
    volume_size = 10
  }
  ebs_block_device {
    device_name = "a"
    volume_size = 3
  }
  ebs_block_device {
    device_name = var.pw
    volume_size = 3
  }
  dynamic "ephemeral_block_device" {
    for_each = [1]
    content {
      device_name  = "x"
      virtual_name = "e0"
    }
  }
  timeouts {
    create = "10m"
  }
  user_data = var.pw
  tags      = { a = aws_vpc.v.tags_all["a"] }
}
resource "aws_db_instance" "d" {
  instance_class    = "db.t3.micro"
  password          = "hunter"
  engine            = "mysql"
  username          = "u"
  allocated_storage = 3
}
resource "aws_ssm_parameter" "p" {
  name  = "x"
  type  = "String"
  value = "v"
  connection {
    host = "x"
  }
  provisioner "remote-exec" {
    inline = ["x"]
  }
  provisioner "file" {
    source      = "a"
    destination = aws_vpc.v.id
    connection {
      host = "x"
    }
  }
}
resource "aws_route53_record" "r" {
  name    = aws_instance.i.root_block_device[0].volume_id
  type    = "A"
  ttl     = 1
  records = aws_instance.i.ebs_block_device[*].volume_id
  zone_id = one(aws_security_group.s2.ingress[*].description)
}
module "m" {
  source    = "./m"
  providers = { aws = aws.west, aws.z = aws }
}
module "n" {
  source = "./n"
}
module "k" {
  source = "./k"
}
"#;
    let main = main.replace("zone_id = one(aws_security_group.s2.ingress[*].description)", "zone_id = \"z\"");
    let m = r#"
terraform {
  required_providers {
    aws = {
      source                = "hashicorp/aws"
      version               = ">= 4.0"
      configuration_aliases = [aws.z]
    }
  }
}
resource "aws_vpc" "v" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_vpc" "w" {
  cidr_block = "10.0.0.0/16"
  provider   = aws.z
}
module "n" {
  source = "../n"
}
"#;
    let n = "resource \"aws_vpc\" \"v\" {\n  cidr_block = \"10.0.0.0/16\"\n}\n";
    let k = r#"
provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "x"
  secret_key                  = "y"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}
resource "aws_vpc" "v" {
  cidr_block = "10.0.0.0/16"
}
resource "terraform_data" "v" {}
"#;
    compare(&[Step {
        apply: false,
        ..step(&[
            ("provider.tf", AWS_PROVIDER),
            ("main.tf", &main),
            ("m/main.tf", m),
            ("n/main.tf", n),
            ("k/main.tf", k),
        ])
    }]);
}
