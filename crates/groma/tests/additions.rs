//! What OpenTofu and later versions of Terraform have and Terraform 1.11 has not, and commands
//! about the configuration, which Terraform answers too.

#[path = "additions/helper.rs"]
mod helper;
#[allow(dead_code, reason = "not every test asks for the requests")]
#[path = "module_sources/server.rs"]
mod server;

use groma_testkit::{Output, Workdir, oracle, skip};
use serde_json::{Value, json};
use server::{Page, Server};

const GROMA: &str = env!("CARGO_BIN_EXE_groma");

fn groma(w: &Workdir, args: &[&str]) -> Output {
    w.run(GROMA, args.iter().chain(&["-no-color"]))
}

fn outputs(w: &Workdir) -> Value {
    let all = w.run(GROMA, ["output", "-json"]).expect_success().json();
    let values = all.as_object().unwrap().iter().map(|(n, o)| (n.clone(), o["value"].clone()));
    Value::Object(values.collect())
}

const EARLY: &str = r#"
variable "which" {
  type = string
}
variable "place" {
  default = "states"
}
locals {
  dir = join("/", [".", "mods", var.which])
}
terraform {
  backend "local" {
    path = "${var.place}/${var.which}.tfstate"
  }
}
module "m" {
  source = local.dir
  inner  = upper(var.which) == "B" ? "y" : "x"
}
output "v" {
  value = module.m.v
}
"#;

#[test]
fn sources_and_backends_are_worked_out_early() {
    let w = Workdir::new();
    w.write("main.tf", EARLY);
    let child = "variable \"inner\" {\n  const = true\n}\nmodule \"i\" {\n  source = \"./${var.inner}\"\n}\noutput \"v\" {\n  value = \"NAME-${module.i.v}\"\n}\n";
    for name in ["a", "b"] {
        w.write(format!("mods/{name}/main.tf"), child.replace("NAME", name));
        for inner in ["x", "y"] {
            let text = format!("output \"v\" {{\n  value = \"{inner}\"\n}}\n");
            w.write(format!("mods/{name}/{inner}/main.tf"), text);
        }
    }
    let refused = groma(&w, &["init"]).expect_status(1);
    assert!(refused.stderr.contains("-var=which=..."), "{refused}");
    groma(&w, &["init", "-var=which=a"]).expect_success();
    assert!(
        w.read(".terraform/modules/modules.json")
            .contains("\"Key\":\"m.i\",\"Source\":\"./x\",\"Dir\":\"mods/a/x\"")
    );
    groma(&w, &["apply", "-auto-approve", "-var=which=a"]).expect_success();
    assert!(w.exists("states/a.tfstate"));
    // Another value is another module and another state.
    let refused = groma(&w, &["plan", "-var=which=b"]).expect_status(1);
    assert!(refused.stderr.contains("Module source has changed"), "{refused}");
    w.write("terraform.tfvars", "which = \"b\"\n");
    groma(&w, &["init", "-reconfigure"]).expect_success();
    let plan = groma(&w, &["plan", "-out=plan"]).expect_success();
    assert!(plan.stdout.contains("b-y"), "{plan}");
    let shown = w.run(GROMA, ["show", "-json", "plan"]).expect_success().json();
    assert_eq!(shown["configuration"]["root_module"]["module_calls"]["m"]["source"], "./mods/b");
    groma(&w, &["apply", "plan"]).expect_success();
    assert_eq!(outputs(&w), json!({ "v": "b-y" }));
    assert!(w.exists("states/b.tfstate"));
    // What is not known early has no place here, and says where.
    for (text, part) in [
        (
            "locals {\n  a = local.b\n  b = local.a\n}\nmodule \"m\" {\n  source = local.a\n}\n",
            "refers to itself",
        ),
        (
            "variable \"s\" {\n  default   = \"./mods/a/x\"\n  sensitive = true\n}\nmodule \"m\" {\n  source = var.s\n}\n",
            "main.tf line 6",
        ),
        ("module \"m\" {\n  source = var.nothing\n}\n", "no variable named \"nothing\""),
        (
            "resource \"terraform_data\" \"x\" {}\nmodule \"m\" {\n  source = terraform_data.x.id\n}\n",
            "main.tf line 3",
        ),
        (
            "resource \"terraform_data\" \"x\" {}\nmodule \"m\" {\n  source = \"./mods/a\"\n  inner  = terraform_data.x.id\n}\n",
            "main.tf line 4",
        ),
        (
            "module \"m\" {\n  source  = \"reg.test/a/b/c\"\n  version = join(\"\", [\"nonsense\"])\n}\n",
            "Invalid version constraint",
        ),
        ("module \"m\" {\n  source = 1 == 1 ? null : \"x\"\n}\n", "main.tf line 2"),
    ] {
        let w2 = Workdir::new();
        w2.copy_folder(w.path());
        w2.remove(".terraform");
        w2.remove("terraform.tfvars");
        w2.write("main.tf", text);
        let out = groma(&w2, &["init"]).expect_status(1);
        assert!(out.stderr.replace('\n', " ").contains(part), "{part}: {out}");
    }
}

#[test]
fn files_of_opentofu_come_first() {
    let w = Workdir::new();
    let out = |v: &str| format!("output \"o\" {{\n  value = \"{v}\"\n}}\n");
    w.write("a.tf", out("terraform"));
    w.write("a.tofu", out("tofu"));
    w.write("b.tf", "output \"b\" {\n  value = 1\n}\n");
    w.write("c.tf.json", "{\"output\":{\"c\":{\"value\":\"terraform\"}}}");
    w.write("c.tofu.json", "{\"output\":{\"c\":{\"value\":\"tofu\"}}}");
    w.write("a_override.tofu", "output \"b\" {\n  value = 2\n}\n");
    groma(&w, &["init"]).expect_success();
    groma(&w, &["apply", "-auto-approve"]).expect_success();
    assert_eq!(outputs(&w), json!({ "b": 2, "c": "tofu", "o": "tofu" }));
}

#[test]
fn excluded_resources_and_what_depends_on_them_are_left_out() {
    let w = Workdir::new();
    w.write(
        "main.tf",
        r#"
resource "terraform_data" "a" {}
resource "terraform_data" "b" {
  input = terraform_data.a.id
}
resource "terraform_data" "c" {
  count = 2
}
resource "terraform_data" "d" {}
module "m" {
  source = "./m"
  id     = terraform_data.c[0].id
}
"#,
    );
    w.write("m/main.tf", "variable \"id\" {}\nresource \"terraform_data\" \"e\" {\n  input = var.id\n}\nresource \"terraform_data\" \"f\" {}\n");
    groma(&w, &["init"]).expect_success();
    let planned = |args: &[&str]| -> Vec<String> {
        let all = [&["plan", "-out=plan"], args].concat();
        groma(&w, &all).expect_success();
        let plan = w.run(GROMA, ["show", "-json", "plan"]).expect_success().json();
        assert_eq!(plan["complete"], json!(args.is_empty()));
        let changes = plan["resource_changes"].as_array().cloned().unwrap_or_default();
        let changed = changes.iter().filter(|c| c["change"]["actions"] != json!(["no-op"]));
        changed.map(|c| c["address"].as_str().unwrap().replace("terraform_data.", "")).collect()
    };
    assert_eq!(planned(&["-exclude=terraform_data.a"]), ["c[0]", "c[1]", "d", "module.m.e", "module.m.f"]);
    assert_eq!(planned(&["-exclude=terraform_data.c[1]"]), ["a", "b", "c[0]", "d", "module.m.f"]);
    assert_eq!(planned(&["-exclude=module.m"]), ["a", "b", "c[0]", "c[1]", "d"]);
    w.write("list", "# one a line\n\nterraform_data.a\n  module.m\n");
    assert_eq!(planned(&["-exclude-file=list"]), ["c[0]", "c[1]", "d"]);
    assert_eq!(planned(&["-target-file=list"]), ["a", "c[0]", "c[1]", "module.m.e", "module.m.f"]);
    let both = groma(&w, &["plan", "-target=terraform_data.a", "-exclude=terraform_data.d"]).expect_status(1);
    assert!(both.stderr.contains("cannot be used together"), "{both}");
    w.write("list", "terraform_data.a\nnonsense\n");
    let bad = groma(&w, &["plan", "-exclude-file=list"]).expect_status(1);
    assert!(bad.stderr.contains("list, line 2"), "{bad}");
    // To destroy, what the excluded needs stays.
    groma(&w, &["apply", "-auto-approve"]).expect_success();
    assert_eq!(
        planned(&["-destroy", "-exclude=terraform_data.b"]),
        ["c[0]", "c[1]", "d", "module.m.e", "module.m.f"]
    );
    let warned = groma(&w, &["plan", "-exclude=terraform_data.b"]).expect_success();
    assert!(
        warned.stdout.contains("-exclude was used") || warned.stderr.contains("-exclude was used"),
        "{warned}"
    );
}

#[test]
fn destruction_is_prevented_by_a_value() {
    let w = Workdir::new();
    let text = "variable \"keep\" {\n  default = true\n}\nresource \"terraform_data\" \"a\" {\n  triggers_replace = 1\n  lifecycle {\n    prevent_destroy = var.keep\n  }\n}\n";
    w.write("main.tf", text);
    groma(&w, &["init"]).expect_success();
    groma(&w, &["apply", "-auto-approve"]).expect_success();
    w.write("main.tf", text.replace("= 1", "= 2"));
    let refused = groma(&w, &["plan"]).expect_status(1);
    assert!(refused.stderr.contains("Instance cannot be destroyed"), "{refused}");
    groma(&w, &["plan", "-var=keep=false"]).expect_success();
    let refused = groma(&w, &["plan", "-destroy"]).expect_status(1);
    assert!(refused.stderr.contains("Instance cannot be destroyed"), "{refused}");
    groma(&w, &["destroy", "-auto-approve", "-var=keep=false"]).expect_success();
}

#[test]
fn deprecations_are_warned_of_and_outputs_have_types() {
    let w = Workdir::new();
    w.write("main.tf", "module \"m\" {\n  source = \"./m\"\n  old    = 1\n}\noutput \"a\" {\n  value = module.m.gone\n}\noutput \"b\" {\n  value = module.m.typed\n}\n");
    let child = "variable \"old\" {\n  default    = 0\n  deprecated = \"Use new.\"\n}\noutput \"gone\" {\n  value      = var.old\n  deprecated = \"Use typed.\"\n}\noutput \"typed\" {\n  type  = list(object({ n = number, s = optional(string, \"x\") }))\n  value = [{ n = \"1\" }]\n}\n";
    w.write("m/main.tf", child);
    groma(&w, &["init"]).expect_success();
    let out = groma(&w, &["validate"]).expect_success();
    let all = format!("{}{}", out.stdout, out.stderr);
    for part in [
        "Deprecated input variable",
        "main.tf line 3",
        "Use new.",
        "Deprecated output",
        "main.tf line 6",
        "Use typed.",
    ] {
        assert!(all.contains(part), "{part}: {out}");
    }
    groma(&w, &["apply", "-auto-approve"]).expect_success();
    assert_eq!(outputs(&w), json!({ "a": 1, "b": [{ "n": 1, "s": "x" }] }));
    w.write("m/main.tf", child.replace("[{ n = \"1\" }]", "[{ n = \"one\" }]"));
    let refused = groma(&w, &["plan"]).expect_status(1);
    assert!(
        refused.stderr.contains("does not fit its type") && refused.stderr.contains("m/main.tf line 11"),
        "{refused}"
    );
}

#[test]
fn a_value_is_converted_to_a_type() {
    let w = Workdir::new();
    w.write("main.tf", "resource \"terraform_data\" \"x\" {}\noutput \"a\" {\n  value = convert({ n = \"1\", u = terraform_data.x.id }, object({ n = number, u = string, d = optional(string, \"d\") })).n\n}\n");
    groma(&w, &["init"]).expect_success();
    groma(&w, &["apply", "-auto-approve"]).expect_success();
    assert_eq!(outputs(&w), json!({ "a": 1 }));
}

#[test]
fn modules_are_shown_as_terraform_shows_them() {
    if oracle().is_none() {
        return skip("needs terraform");
    }
    let w = Workdir::new();
    w.write("main.tf", "");
    for args in [&["modules", "-json"][..], &["modules"]] {
        assert_eq!(groma(&w, args).stdout.trim(), w.terraform(args).stdout.trim());
    }
    w.write("main.tf", "module \"b\" {\n  source = \"./b\"\n}\n");
    w.write("b/main.tf", "module \"c\" {\n  source = \"./c\"\n}\n");
    w.write("b/c/main.tf", "");
    w.terraform(["get"]).expect_success();
    for args in [&["modules", "-json"][..], &["modules"]] {
        assert_eq!(w.run(GROMA, args).stdout.trim(), w.terraform(args).stdout.trim());
    }
    // Of several, Terraform has no order.
    w.write("b/main.tf", "module \"c\" {\n  source = \"./c\"\n}\nmodule \"d\" {\n  source = \"../b/c\"\n}\n");
    w.terraform(["get"]).expect_success();
    let sorted = |out: Output| {
        let mut all = out.expect_success().json();
        all["modules"].as_array_mut().unwrap().sort_by_key(Value::to_string);
        all
    };
    let args = ["modules", "-json"];
    assert_eq!(sorted(w.run(GROMA, args)), sorted(w.terraform(args)));
}

#[test]
fn functions_are_listed_as_terraform_lists_them() {
    if oracle().is_none() {
        return skip("needs terraform");
    }
    let w = Workdir::new();
    let plain = |mut all: Value| {
        for f in all["function_signatures"].as_object_mut().unwrap().values_mut() {
            f.as_object_mut().unwrap().remove("description");
            let params = f.get_mut("parameters").and_then(Value::as_array_mut).map(std::mem::take);
            let strip = |mut p: Value| {
                p.as_object_mut().unwrap().remove("description");
                p
            };
            if let Some(p) = params {
                f["parameters"] = p.into_iter().map(strip).collect();
            }
            if let Some(v) = f.get_mut("variadic_parameter") {
                *v = strip(v.take());
            }
        }
        all
    };
    let ours = plain(w.run(GROMA, ["metadata", "functions", "-json"]).expect_success().json());
    let theirs = plain(w.terraform(["metadata", "functions", "-json"]).expect_success().json());
    assert_eq!(ours["format_version"], theirs["format_version"]);
    for (name, signature) in theirs["function_signatures"].as_object().unwrap() {
        assert_eq!(&ours["function_signatures"][name], signature, "{name}");
    }
    groma(&w, &["metadata", "functions"]).expect_status(1);
}

#[test]
fn completion_is_set_up_and_removed() {
    let mut w = Workdir::new();
    let home = w.outside().join("home");
    std::fs::write(home.join(".bashrc"), "alias x=y").unwrap();
    std::fs::create_dir_all(home.join(".config/fish")).unwrap();
    w.run(GROMA, ["-install-autocomplete"]).expect_success();
    let bash = std::fs::read_to_string(home.join(".bashrc")).unwrap();
    assert!(bash.starts_with("alias x=y\ncomplete -C /") && bash.ends_with(" groma\n"), "{bash}");
    assert!(home.join(".config/fish/completions/groma.fish").exists() && !home.join(".zshrc").exists());
    let again = w.run(GROMA, ["-install-autocomplete"]).expect_success();
    assert!(again.stdout.contains("has it already"), "{again}");
    w.run(GROMA, ["-uninstall-autocomplete"]).expect_success();
    assert_eq!(std::fs::read_to_string(home.join(".bashrc")).unwrap(), "alias x=y\n");
    assert!(!home.join(".config/fish/completions/groma.fish").exists());
    w.run(GROMA, ["-uninstall-autocomplete"]).expect_status(1);
    // As a shell asks.
    w.env("COMP_LINE", "groma workspace sel").env("COMP_POINT", "19");
    let found = w.run(GROMA, ["groma", "sel", "workspace"]).expect_success();
    assert_eq!(found.stdout, "select\n");
}

#[test]
fn tokens_are_obtained_kept_used_and_removed() {
    use std::io::{BufRead, BufReader, Read, Write};
    let server = Server::start();
    let host = server.host.clone();
    let mut w = Workdir::new();
    let rc = w.outside().join("cli.tfrc");
    let text = format!(
        "host \"paste.test\" {{\n  services = {{ \"tfe.v2\" = \"http://{host}/api/\", \"modules.v1\" = \"http://{host}/v1/\" }}\n}}\nhost \"none.test\" {{\n  services = {{}}\n}}\nhost \"oauth.test\" {{\n  services = {{ \"login.v1\" = {{ client = \"c\", authz = \"http://{host}/authz\", token = \"http://{host}/token\", ports = [20000, 29000] }} }}\n}}\ncredentials \"set.test\" {{\n  token = \"x\"\n}}\n"
    );
    std::fs::write(&rc, text).unwrap();
    w.env("TF_CLI_CONFIG_FILE", rc).env("TF_INPUT", "1").env("TF_IN_AUTOMATION", "1");
    let only =
        |token: &str| Page { status: 200, only_for: Some(format!("Bearer {token}")), ..Page::default() };
    server.put("/api/account/details", only("good"));
    let kept = w.outside().join("home/.terraform.d/credentials.tfrc.json");
    let login = |to: &str, answers: &str| w.invoke(GROMA).args(["login", to]).stdin(answers).run();

    let refused = login("paste.test", "yes\nbad\n").expect_status(1);
    assert!(refused.stderr.contains("does not accept this token") && !kept.exists(), "{refused}");
    login("paste.test", "no\n").expect_status(1);
    login("none.test", "yes\n").expect_status(1);
    login("set.test", "yes\n").expect_status(1);
    login("not a host", "yes\n").expect_status(1);
    let done = login("paste.test", "yes\ngood\n").expect_success();
    assert!(!done.stdout.contains("good"), "{done}");
    let content: Value = serde_json::from_str(&std::fs::read_to_string(&kept).unwrap()).unwrap();
    assert_eq!(content, json!({ "credentials": { "paste.test": { "token": "good" } } }));
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(kept.metadata().unwrap().permissions().mode() & 0o777, 0o600);

    // The token is sent to the registry of that host; Terraform reads the same file.
    let versions = br#"{"modules":[{"versions":[{"version":"1.0.0"}]}]}"#.to_vec();
    server.put("/v1/n/m/s/versions", Page { body: versions, ..only("good") });
    server.names("/v1/n/m/s/1.0.0/download", 204, &w.path().join("mod").display().to_string());
    w.write("mod/main.tf", "");
    w.write("main.tf", "module \"m\" {\n  source = \"paste.test/n/m/s\"\n}\n");
    groma(&w, &["get", "-input=false"]).expect_status(1);
    server.text("/mod.html", "");
    server.names("/v1/n/m/s/1.0.0/download", 204, &format!("file://{}", w.path().join("mod").display()));
    groma(&w, &["get"]).expect_success();
    if oracle().is_some() {
        w.remove(".terraform");
        // Terraform looks at it unless another configuration is named.
        let rc = w.outside().join("cli.tfrc");
        std::fs::copy(rc, w.outside().join("home/.terraformrc")).unwrap();
        let oracle = oracle().unwrap();
        w.invoke(oracle).args(["get"]).env("TF_CLI_CONFIG_FILE", "").run().expect_success();
    }

    // In the browser: the program waits for what the host sends.
    server.text("/token", "{\"access_token\":\"granted\",\"token_type\":\"bearer\"}");
    let mut child = w.invoke(GROMA).args(["login", "oauth.test"]).stdin("").command().spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"yes\n").unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let url = lines.by_ref().map(Result::unwrap).find(|l| l.contains("/authz?")).unwrap();
    let argument = |name: &str| {
        let rest = url.split(&format!("{name}=")).nth(1).unwrap();
        rest.split('&').next().unwrap().trim().to_owned()
    };
    assert_eq!((argument("client_id").as_str(), argument("code_challenge_method").as_str()), ("c", "S256"));
    let port = argument("redirect_uri").split("%3A").last().unwrap().split("%2F").next().unwrap().to_owned();
    for (state, status) in [("wrong".to_owned(), "404"), (argument("state"), "200")] {
        let mut stream = std::net::TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
        write!(stream, "GET /login?code=a%2Fb&state={state} HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
    }
    let rest: Vec<String> = lines.map(Result::unwrap).collect();
    assert!(child.wait().unwrap().success(), "{rest:?}");
    let content: Value = serde_json::from_str(&std::fs::read_to_string(&kept).unwrap()).unwrap();
    assert_eq!(content["credentials"]["oauth.test"]["token"], "granted");

    w.run(GROMA, ["logout", "paste.test"]).expect_success();
    w.run(GROMA, ["logout", "oauth.test"]).expect_success();
    let content: Value = serde_json::from_str(&std::fs::read_to_string(&kept).unwrap()).unwrap();
    assert_eq!(content, json!({ "credentials": {} }));
    let nothing = w.run(GROMA, ["logout", "oauth.test"]).expect_success();
    assert!(nothing.stdout.contains("nothing to remove"), "{nothing}");
}

const ENABLED: &str = r#"variable "on" {
  type    = bool
  default = true
}
resource "terraform_data" "a" {
  input = "a"
  lifecycle {
    enabled = var.on
  }
}
data "terraform_remote_state" "s" {
  backend = "local"
  config  = { path = "other.tfstate" }
  lifecycle {
    enabled = var.on
  }
}
module "m" {
  source = "./m"
  lifecycle {
    enabled = var.on
  }
}
resource "terraform_data" "user" {
  input = terraform_data.a == null ? "none" : terraform_data.a.output
}
output "values" {
  value = [
    one(terraform_data.a[*].output), try(module.m.v, "no module"),
    data.terraform_remote_state.s == null, module.m != null,
  ]
}
"#;

#[test]
fn what_is_not_enabled_is_null() {
    let w = Workdir::new();
    w.write("main.tf", ENABLED);
    w.write("m/main.tf", "resource \"terraform_data\" \"x\" {\n  input = 1\n}\noutput \"v\" {\n  value = terraform_data.x.output\n}\n");
    w.write(
        "other.tfstate",
        r#"{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"l","outputs":{},"resources":[]}"#,
    );
    groma(&w, &["init"]).expect_success();
    groma(&w, &["validate"]).expect_success();
    groma(&w, &["apply", "-auto-approve", "-var=on=false"]).expect_success();
    assert_eq!(outputs(&w), json!({ "values": [null, "no module", true, false] }));
    let list = |w: &Workdir| w.run(GROMA, ["state", "list"]).expect_success().stdout;
    assert_eq!(list(&w), "terraform_data.user\n");
    groma(&w, &["apply", "-auto-approve"]).expect_success();
    assert_eq!(outputs(&w), json!({ "values": ["a", 1, false, true] }));
    assert_eq!(
        list(&w),
        "data.terraform_remote_state.s\nterraform_data.a\nterraform_data.user\nmodule.m.terraform_data.x\n"
    );
    groma(&w, &["plan", "-detailed-exitcode"]).expect_success();
    let out = groma(&w, &["plan", "-var=on=false", "-out=plan"]).expect_success();
    assert!(out.stdout.contains("(because enabled is false)"), "{out}");
    let plan = w.run(GROMA, ["show", "-json", "plan"]).expect_success().json();
    let a = &plan["resource_changes"][0];
    assert_eq!(
        (&a["address"], &a["action_reason"]),
        (&json!("terraform_data.a"), &json!("delete_because_enabled_false"))
    );
    groma(&w, &["apply", "plan"]).expect_success();
    assert_eq!(list(&w), "terraform_data.user\n");
    // An object with an index goes on without it.
    w.write("main.tf", "resource \"terraform_data\" \"c\" {\n  count = 1\n}\n");
    groma(&w, &["apply", "-auto-approve"]).expect_success();
    w.write("main.tf", "resource \"terraform_data\" \"c\" {\n  lifecycle {\n    enabled = true\n  }\n}\n");
    let out = groma(&w, &["plan"]).expect_success();
    assert!(out.stdout.contains("terraform_data.c[0] has moved to terraform_data.c"), "{out}");
    // What it cannot be.
    let refused = |text: &str| {
        let w = Workdir::new();
        w.write("main.tf", text);
        groma(&w, &["init"]);
        groma(&w, &["plan"]).expect_status(1).stderr.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let with = |value: &str| {
        format!(
            "resource \"terraform_data\" \"b\" {{}}\nvariable \"s\" {{\n  default = true\n  sensitive = true\n}}\nresource \"terraform_data\" \"a\" {{\n  lifecycle {{\n    enabled = {value}\n  }}\n}}\n"
        )
    };
    for (value, why) in [
        ("var.s", "is sensitive"),
        ("null", "is null"),
        ("[]", "is no boolean"),
        ("terraform_data.b.id == \"x\"", "known only after an apply"),
    ] {
        let told = refused(&with(value));
        assert!(told.contains("Invalid enabled argument") && told.contains(why), "{value}: {told}");
        assert!(told.contains("main.tf line 8"), "{value}: {told}");
    }
    let both = refused(
        "resource \"terraform_data\" \"a\" {\n  count = 1\n  lifecycle {\n    enabled = true\n  }\n}\n",
    );
    assert!(both.contains("\"count\" and \"enabled\"") && both.contains("main.tf line 4"), "{both}");
    let used = refused(&format!("{}output \"o\" {{\n  value = terraform_data.a.id\n}}\n", with("false")));
    assert!(used.contains("null") && used.contains("main.tf line 12"), "{used}");
}
