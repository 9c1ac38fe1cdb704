//! `credentials_helper` in the CLI configuration, in both programs.

use super::GROMA;
use super::server::{Page, Server};
use groma_testkit::{Output, Workdir, oracle};
use std::os::unix::fs::PermissionsExt;

/// Notes what it is called with, and its input; fails where a file `broken` is beside it.
const HELPER: &str = r#"#!/bin/sh
dir=$(dirname "$0")
echo "$* $(cat)" >> "$dir/log"
if [ -e "$dir/broken" ]; then echo "the vault is locked" >&2; exit 3; fi
case "$*" in *" get "*) cat "$dir/answer";; esac
"#;

struct Place {
    w: Workdir,
    server: Server,
}

impl Place {
    /// A registry that wants the token `good`, and a helper in the user's directory of plugins.
    fn new(below: &str) -> Place {
        let server = Server::start();
        let mut w = Workdir::new();
        let rc = w.outside().join("cli.tfrc");
        let text = format!(
            "host \"reg.test\" {{\n  services = {{ \"tfe.v2\" = \"http://{0}/api/\", \"modules.v1\" = \"http://{0}/v1/\" }}\n}}\ncredentials_helper \"my\" {{\n  args = [\"--to\", \"a b\"]\n}}\n",
            server.host
        );
        std::fs::write(&rc, text).unwrap();
        w.env("TF_CLI_CONFIG_FILE", rc).env("TF_INPUT", "1").env("TF_IN_AUTOMATION", "1");
        let versions = br#"{"modules":[{"versions":[{"version":"1.0.0"}]}]}"#.to_vec();
        let only = |body| Page { status: 200, only_for: Some("Bearer good".into()), body, ..Page::default() };
        server.put("/v1/n/m/s/versions", only(versions));
        server.put("/api/account/details", only(Vec::new()));
        server.names("/v1/n/m/s/1.0.0/download", 204, &format!("file://{}", w.path().join("mod").display()));
        w.write("mod/main.tf", "");
        w.write("main.tf", "module \"m\" {\n  source = \"reg.test/n/m/s\"\n}\n");
        let place = Place { w, server };
        place.install(below);
        place
    }

    fn plugins(&self) -> std::path::PathBuf {
        self.w.outside().join("home/.terraform.d/plugins")
    }

    fn install(&self, below: &str) {
        let dir = self.plugins().join(below);
        std::fs::create_dir_all(&dir).unwrap();
        let program = dir.join("terraform-credentials-my");
        std::fs::write(&program, HELPER).unwrap();
        std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
        self.put(&format!("{below}/answer"), "{\"token\":\"good\"}");
    }

    fn put(&self, name: &str, text: &str) {
        std::fs::write(self.plugins().join(name.trim_start_matches('/')), text).unwrap();
    }

    /// What it was called with since this was asked last.
    fn log(&self, below: &str) -> String {
        let path = self.plugins().join(below).join("log");
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let _ = std::fs::remove_file(path);
        text
    }
}

/// All that is said, in one line.
fn told(out: Output) -> String {
    out.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn programs() -> Vec<String> {
    let mut all = vec![GROMA.to_owned()];
    all.extend(oracle().map(|o| o.display().to_string()));
    all
}

#[test]
fn a_helper_is_asked_for_tokens() {
    for program in programs() {
        let ours = program == GROMA;
        let p = Place::new("");
        let run = |args: &[&str]| p.w.run(&program, args);
        run(&["get"]).expect_success();
        // Once for each host, and the file of `login` does not count.
        assert_eq!(p.log(""), "--to a b get reg.test \n");
        let kept = p.w.outside().join("home/.terraform.d/credentials.tfrc.json");
        std::fs::write(&kept, "{\"credentials\":{\"reg.test\":{\"token\":\"old\"}}}").unwrap();
        p.w.remove(".terraform");
        run(&["get"]).expect_success();
        // What is set by hand comes first.
        p.w.remove(".terraform");
        p.log("");
        p.w.invoke(&program).args(["get"]).env("TF_TOKEN_reg_test", "good").run().expect_success();
        assert_eq!(p.log(""), "");
        // Without a token nothing is sent; only Groma says why.
        for (answer, why) in [("{}", ""), ("none", "not the JSON object"), ("{\"token\":1}", "a text as")] {
            if p.w.exists(".terraform") {
                p.w.remove(".terraform");
            }
            p.put("answer", answer);
            let refused = told(run(&["get"]).expect_status(1));
            assert!(!ours || refused.contains(why), "{refused}");
        }
        p.put("broken", "");
        let refused = told(run(&["get"]).expect_status(1));
        assert!(
            !ours || refused.contains("Credentials helper failed") && refused.contains("the vault is locked")
        );
        p.log("");

        // It forgets tokens, too.
        let refused = run(&["logout", "reg.test"]).expect_status(1);
        assert!(refused.stderr.contains("the vault is locked"), "{refused}");
        std::fs::remove_file(p.plugins().join("broken")).unwrap();
        p.log("");
        run(&["logout", "reg.test"]).expect_success();
        assert_eq!(p.log(""), "--to a b forget reg.test \n");
        assert!(std::fs::read_to_string(&kept).unwrap().contains("old"));
    }
}

#[test]
fn a_helper_is_found_below_the_platform() {
    let platform = groma_provider::install::Platform::current().to_string();
    for program in programs() {
        let p = Place::new(&platform);
        p.w.run(&program, ["get"]).expect_success();
        assert_eq!(p.log(&platform), "--to a b get reg.test \n");
    }
}

#[test]
fn login_has_the_helper_keep_tokens() {
    let p = Place::new("");
    let login = |answers: &str| p.w.invoke(GROMA).args(["login", "reg.test"]).stdin(answers).run();
    let done = login("yes\ngood\n").expect_success();
    assert!(done.stdout.contains("by the credentials helper \"my\""), "{done}");
    assert_eq!(p.log(""), "--to a b store reg.test {\"token\":\"good\"}\n");
    p.put("broken", "");
    let refused = login("yes\ngood\n").expect_status(1);
    assert!(refused.stderr.contains("the vault is locked"), "{refused}");
    assert!(!p.w.outside().join("home/.terraform.d/credentials.tfrc.json").exists());
    assert!(!p.server.host.is_empty());
}

#[test]
fn helpers_that_are_written_wrongly() {
    let w = Workdir::new();
    let rc = w.outside().join("cli.tfrc");
    for (text, line, summary, status) in [
        ("credentials_helper \"none\" {}\n", 1, "Credentials helper not found", 0),
        ("credentials_helper \"../x\" {}\n", 1, "Invalid credentials_helper", 1),
        ("credentials_helper \"x\" {\n  args = \"y\"\n}\n", 2, "Invalid credentials_helper", 1),
        ("credentials_helper \"x\" {}\ncredentials_helper \"y\" {}\n", 2, "Duplicate credentials_helper", 1),
    ] {
        std::fs::write(&rc, text).unwrap();
        let out = w.invoke(GROMA).args(["logout", "reg.test"]).env("TF_CLI_CONFIG_FILE", &rc).run();
        let said = out.expect_status(status).to_string();
        assert!(said.contains(summary) && said.contains(&format!("cli.tfrc line {line}")), "{text}\n{said}");
    }
}
