//! Arguments that are only written, and objects of another resource type, in both programs.

use super::{GROMA, both, identity, state};
use groma_testkit::Workdir;
use groma_testprovider::{Lab, Vault};
use serde_json::{Value, json};

const WRITTEN: &str = r#"
variable "password" {
  ephemeral = true
}
variable "version_of" {
  default = 1
}
ephemeral "lab_lease" "l" {
  name = "l"
}
module "m" {
  source   = "./m"
  password = var.password
}
resource "lab_vault" "v" {
  name                = "v"
  secret              = "may be read"
  password_wo         = "${module.m.twice} ${ephemeral.lab_lease.l.token}"
  password_wo_version = var.version_of
  login {
    user     = "u1"
    token_wo = var.password
  }
  dynamic "login" {
    for_each = ["u2", "u3"]
    content {
      user     = login.value
      token_wo = login.key == 0 ? null : module.m.twice
    }
  }
}
output "logins" {
  value = lab_vault.v.login
}
output "null" {
  value = lab_vault.v.password_wo == null
}
"#;

const MODULE: &str = r#"
variable "password" {
  type      = string
  ephemeral = true
}
output "twice" {
  value     = "${var.password}${var.password}"
  ephemeral = true
}
"#;

/// Without what two runs cannot have in common.
fn plain(mut v: Value) -> Value {
    for name in
        ["timestamp", "terraform_version", "format_version", "lineage", "serial", "applyable", "complete"]
    {
        v.as_object_mut().map(|o| o.remove(name));
    }
    v
}

/// The instances of the state, but for the identities, which Terraform 1.11 does not know.
fn instances(w: &Workdir) -> Value {
    let mut resources = state(w)["resources"].clone();
    for r in resources.as_array_mut().unwrap() {
        for i in r["instances"].as_array_mut().unwrap() {
            let i = i.as_object_mut().unwrap();
            i.retain(|name, _| !name.starts_with("identity"));
        }
    }
    resources
}

/// A plan without identities.
fn without_identities(mut plan: Value) -> Value {
    fn strip(v: &mut Value) {
        match v {
            Value::Object(o) => {
                o.retain(|name, _| !name.contains("identity"));
                o.values_mut().for_each(strip);
            }
            Value::Array(a) => a.iter_mut().for_each(strip),
            _ => {}
        }
    }
    strip(&mut plan);
    plan
}

#[test]
fn what_is_only_written_is_nowhere_else() {
    let mut seen = Vec::new();
    for program in both(GROMA) {
        let lab = Lab::start();
        let w = program.directory(&lab);
        w.write("main.tf", WRITTEN);
        w.write("m/main.tf", MODULE);
        program.run(&w, &["init"]).expect_success();
        program.run(&w, &["plan", "-out=p", "-var=password=hunter2"]).expect_success();
        let plan = program.run(&w, &["show", "-json", "p"]).expect_success().json();
        // An ephemeral variable is given again.
        program.run(&w, &["apply", "-var=password=hunter2", "p"]).expect_success();
        let expected = Vault {
            secret: Some("may be read".into()),
            password: Some("hunter2hunter2 token of l".into()),
            tokens: vec![Some("hunter2".into()), None, Some("hunter2hunter2".into())],
        };
        assert_eq!(lab.vault("v"), Some(expected));
        let shown = program.run(&w, &["show", "-json"]).expect_success().json();
        let outputs = program.run(&w, &["output", "-json"]).expect_success().json();
        // Another password alone is no change; another version is one, with the new password.
        program.run(&w, &["plan", "-detailed-exitcode", "-var=password=new"]).expect_success();
        let lines =
            program.raw(&w, &["apply", "-auto-approve", "-json", "-var=password=new", "-var=version_of=2"]);
        let lines = lines.expect_success().stdout;
        assert_eq!(lab.vault("v").unwrap().password.as_deref(), Some("newnew token of l"));
        for text in [plan.to_string(), shown.to_string(), lines.clone(), w.read("terraform.tfstate")] {
            assert!(
                !text.contains("hunter2") && !text.contains("newnew") && !text.contains("token of l"),
                "{text}"
            );
        }
        let mut hooks: Vec<(String, Value, Value)> = lines
            .lines()
            .map(|l| serde_json::from_str::<Value>(l).unwrap())
            .map(|l| {
                (
                    l["type"].as_str().unwrap().to_owned(),
                    l["hook"]["resource"]["addr"].clone(),
                    l["change"].clone(),
                )
            })
            .filter(|(ty, ..)| !matches!(ty.as_str(), "version" | "log" | "apply_progress"))
            .collect();
        hooks.sort_by_key(|(ty, addr, _)| (ty.clone(), addr.to_string()));
        seen.push((
            without_identities(plain(plan)),
            without_identities(plain(shown)),
            outputs,
            instances(&w),
            hooks,
        ));
    }
    if let [ours, oracle] = &seen[..] {
        assert_eq!(ours.0, oracle.0);
        assert_eq!(ours.1, oracle.1);
        assert_eq!((&ours.2, &ours.3), (&oracle.2, &oracle.3));
        assert_eq!(ours.4, oracle.4);
    }
}

/// Where something ephemeral may not go, told at the same place with the same summary.
#[test]
fn where_ephemeral_values_may_not_go() {
    let v = |body: &str, more: &str| {
        format!(
            "variable \"e\" {{\n  ephemeral = true\n  default   = \"x\"\n}}\nresource \"lab_vault\" \"v\" {{\n  name = \"v\"\n  {body}\n}}\n{more}\n"
        )
    };
    let mut different = Vec::new();
    for text in [
        v("secret = var.e", ""),
        // Terraform names the resource here, Groma the argument: on one line they agree.
        v("", "resource \"lab_vault\" \"t\" { login { user = var.e }\n  name = \"t\"\n}"),
        v(
            "dynamic \"login\" {\n    for_each = [var.e]\n    content {\n      token_wo = \"x\"\n    }\n  }",
            "",
        ),
        v("count = var.e == \"x\" ? 1 : 0", ""),
        v("", "resource \"lab_thing\" \"t\" {\n  for_each = toset([var.e])\n  name = each.key\n}"),
        v("", "output \"o\" {\n  value = var.e\n}"),
        v("", "output \"o\" {\n  value = var.e\n  ephemeral = true\n}"),
        v("", "locals {\n  l = var.e\n}\nresource \"lab_thing\" \"t\" {\n  name = local.l\n}"),
        v("", "data \"lab_lookup\" \"d\" {\n  name = var.e\n}"),
        v(
            "",
            "check \"c\" {\n  assert {\n    condition     = var.e == \"y\"\n    error_message = \"it is ${var.e}\"\n  }\n}",
        ),
        v(
            "lifecycle {\n    precondition {\n      condition     = var.e == \"y\"\n      error_message = \"it is ${var.e}\"\n    }\n  }",
            "",
        ),
        v("lifecycle {\n    ignore_changes = [password_wo]\n  }\n  password_wo = var.e", ""),
        v(
            "lifecycle {\n    replace_triggered_by = [lab_thing.t.name]\n  }",
            "resource \"lab_thing\" \"t\" {\n  name = \"${var.e}\"\n}",
        ),
        v(
            "",
            "resource \"lab_thing\" \"t\" {\n  name = \"t\"\n  provisioner \"local-exec\" {\n    command = \"echo ${var.e}\"\n  }\n}",
        ),
        v(
            "",
            "resource \"lab_thing\" \"t\" {\n  name = \"t\"\n  provisioner \"local-exec\" {\n    command = \"true\"\n    when = destroy\n    environment = { X = var.e }\n  }\n}",
        ),
        v("", "module \"m\" {\n  source = \"./m\"\n  plain = var.e\n}"),
        v("", "module \"m\" {\n  source = \"./m\"\n  plain = \"x\"\n  wrong = true\n}"),
        v(
            "",
            "import {\n  to = lab_thing.t\n  id = var.e\n}\nresource \"lab_thing\" \"t\" {\n  name = \"x\"\n}",
        ),
        v("", "import {\n  for_each = toset([var.e])\n  to = lab_vault.v\n  id = each.key\n}"),
        v(
            "",
            "ephemeral \"lab_lease\" \"l\" {\n  name = \"l\"\n}\noutput \"o\" {\n  value = ephemeral.lab_lease.l.token\n}",
        ),
        v(
            "",
            "ephemeral \"lab_lease\" \"l\" {\n  name = \"l\"\n}\nresource \"lab_thing\" \"t\" {\n  name = ephemeral.lab_lease.l.name\n}",
        ),
        v(
            "",
            "ephemeral \"lab_lease\" \"l\" {\n  count = 2\n  name = \"l\"\n}\nresource \"lab_thing\" \"t\" {\n  name = ephemeral.lab_lease.l[0].name\n}",
        ),
        v("", "ephemeral \"lab_leas\" \"l\" {\n  name = \"l\"\n}"),
        v("", "ephemeral \"lab_lease\" \"l\" {\n  nam = \"l\"\n}"),
        v(
            "",
            "ephemeral \"lab_lease\" \"l\" {\n  name = \"l\"\n  provisioner \"local-exec\" {\n    command = \"true\"\n  }\n}",
        ),
        v(
            "",
            "ephemeral \"lab_lease\" \"l\" {\n  name = \"l\"\n  lifecycle {\n    prevent_destroy = true\n  }\n}",
        ),
        v(
            "",
            "resource \"lab_thing\" \"t\" {\n  name = \"t\"\n}\noutput \"o\" {\n  value = ephemeral.lab_lease.none.token\n}",
        ),
        v(
            "",
            "variable \"d\" {\n  default = \"x\"\n  validation {\n    condition     = var.d != var.e\n    error_message = \"both ${var.e}\"\n  }\n}",
        ),
    ] {
        let mut told = Vec::new();
        for program in both(GROMA) {
            let lab = Lab::start();
            lab.add("x", None);
            let w = program.directory(&lab);
            w.write("main.tf", &text);
            w.write("m/main.tf", "variable \"plain\" {}\nvariable \"wrong\" {\n  default = false\n}\noutput \"x\" {\n  value = var.wrong\n}\n");
            program.run(&w, &["init"]);
            let out = program.run(&w, &["plan"]);
            let all = format!("{}\n{}", out.stdout, out.stderr);
            let at = |l: &str| l.trim_start_matches(['│', ' ']).trim().to_owned();
            let mut said: Vec<String> = Vec::new();
            for line in all.lines().map(at) {
                if line.starts_with("Error: ") || line.starts_with("Warning: ") {
                    said.push(line);
                } else if line.starts_with("on main.tf line ")
                    && let Some(last) = said.last_mut()
                {
                    let place = line.split([',', ':']).next().unwrap_or_default();
                    last.push_str(&format!(" {place}"));
                }
            }
            said.sort();
            told.push((out.status, said));
        }
        if told.windows(2).any(|t| t[0] != t[1]) {
            different.push(format!("{text}\n{told:#?}"));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

const MOVED: &str = "moved {\n  from = lab_thing.a\n  to   = lab_vault.a\n}\nresource \"lab_vault\" \"a\" {\n  name   = \"a\"\n  secret = \"moved\"\n}\n";

#[test]
fn things_become_vaults() {
    let mut seen = Vec::new();
    for program in both(GROMA) {
        let ours = program.is_ours();
        let lab = Lab::start();
        let w = program.directory(&lab);
        let thing = |name: &str, each: &str| {
            format!("resource \"lab_thing\" \"{name}\" {{\n  {each}\n  size = 1\n}}\n")
        };
        let module = |text: &str| w.write("m/main.tf", format!("{}{text}", lab.required()));
        let call = "module \"m\" {\n  source   = \"./m\"\n  for_each = toset([\"k\"])\n}\n";
        w.write("main.tf", thing("a", "name = \"a\"") + call);
        module(&thing("each", "for_each = toset([\"x\", \"y\"])\n  name = each.key"));
        program.run(&w, &["init"]).expect_success();
        program.run(&w, &["apply", "-auto-approve"]).expect_success();
        lab.log();
        w.write("main.tf", format!("{MOVED}{call}"));
        module(
            "moved {\n  from = lab_thing.each\n  to   = lab_vault.each\n}\nresource \"lab_vault\" \"each\" {\n  for_each = toset([\"x\", \"y\"])\n  name     = each.key\n  secret   = \"moved\"\n}\n",
        );
        program.run(&w, &["plan", "-out=p"]).expect_success();
        let mut asked = lab.log();
        asked.sort();
        asked.dedup();
        let moves: Vec<&String> = asked.iter().filter(|l| l.starts_with("move")).collect();
        assert_eq!(moves.len(), 3);
        assert!(
            moves[0].ends_with("move a from lab.example/test/lab lab_thing version 0 (made a)"),
            "{asked:#?}"
        );
        if ours {
            assert!(asked.contains(&format!("identity {} version 1", identity("a"))), "{asked:#?}");
        }
        let plan = program.run(&w, &["show", "-json", "p"]).expect_success().json();
        let changes = plan["resource_changes"].as_array().unwrap();
        assert!(changes.iter().all(|c| c["change"]["actions"] == json!(["no-op"])), "{changes:#?}");
        assert_eq!(changes[0]["previous_address"], "lab_thing.a");
        assert_eq!(changes[0]["change"]["before_sensitive"], json!({ "login": [], "secret": true }));
        program.run(&w, &["apply", "p"]).expect_success();
        let state = state(&w);
        let a = &state["resources"][0]["instances"][0];
        assert_eq!((&a["schema_version"], &a["attributes"]["secret"]), (&json!(2), &json!("moved")));
        assert_eq!(a["private"], "bW92ZWQgYQ==");
        if ours {
            assert_eq!((&a["identity_schema_version"], &a["identity"]), (&json!(7), &identity("a")));
        }
        program.run(&w, &["plan", "-detailed-exitcode"]).expect_success();
        seen.push((without_identities(plain(plan)), instances(&w)));
    }
    if let [ours, oracle] = &seen[..] {
        assert_eq!(ours.1, oracle.1);
        assert_eq!(ours.0["resource_changes"], oracle.0["resource_changes"]);
    }
}

#[test]
fn moves_that_are_refused() {
    for (before, after, line) in [
        ("lab_thing\" \"a", MOVED.replace("\"a\"\n  secret", "\"immovable\"\n  secret"), 5),
        ("terraform_data\" \"a", MOVED.replace("lab_thing", "terraform_data"), 5),
        (
            "lab_thing\" \"a",
            "moved {\n  from = lab_thing.a\n  to   = terraform_data.a\n}\nresource \"terraform_data\" \"a\" {\n}\n".to_owned(),
            5,
        ),
    ] {
        let mut told = Vec::new();
        for program in both(GROMA) {
            let lab = Lab::start();
            let w = program.directory(&lab);
            let name = if before.starts_with("lab") { "name = \"immovable\"" } else { "" };
            w.write("main.tf", format!("resource \"{before}\" {{\n  {name}\n}}\n"));
            program.run(&w, &["init"]).expect_success();
            program.run(&w, &["apply", "-auto-approve"]).expect_success();
            w.write("main.tf", &after);
            let refused = program.run(&w, &["plan"]).expect_status(1);
            let all = format!("{}{}", refused.stdout, refused.stderr);
            let summary = all.lines().find_map(|l| l.split_once("Error: ")).map(|(_, s)| s.to_owned());
            // Terraform names no place for what a provider refuses.
            assert!(!program.is_ours() || all.contains(&format!("on main.tf line {line}")), "{all}");
            told.push(summary);
        }
        assert!(told.windows(2).all(|t| t[0] == t[1]), "{after}\n{told:?}");
    }
}

/// A state of an older schema, which only the provider understands.
#[test]
fn older_vaults_are_upgraded() {
    for program in both(GROMA) {
        let lab = Lab::start();
        let w = program.directory(&lab);
        w.write("main.tf", "resource \"lab_vault\" \"a\" {\n  name   = \"a\"\n  secret = \"s\"\n}\n");
        program.run(&w, &["init"]).expect_success();
        program.run(&w, &["apply", "-auto-approve"]).expect_success();
        let mut state = state(&w);
        let instance = &mut state["resources"][0]["instances"][0];
        instance["schema_version"] = json!(1);
        let attributes = instance["attributes"].as_object_mut().unwrap();
        let secret = attributes.remove("secret").unwrap();
        attributes.insert("label".to_owned(), secret);
        w.write("terraform.tfstate", state.to_string());
        lab.log();
        program.run(&w, &["plan", "-detailed-exitcode"]).expect_success();
        assert_eq!(lab.log(), ["upgrade vault from 1"]);
    }
}
