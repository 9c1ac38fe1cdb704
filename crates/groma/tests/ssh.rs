//! `remote-exec` and `file` with a real SSH server, through Terraform and through Groma: the
//! same files on the other side, the same lines, states and places of errors.

#[path = "ssh/proxy.rs"]
mod proxy;
#[path = "ssh/server.rs"]
mod server;

use groma_testkit::{Output, Workdir, oracle, skip};
use proxy::Proxy;
use serde_json::Value;
use server::{Agent, PASSWORD, Server};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command};

const GROMA: &str = env!("CARGO_BIN_EXE_groma");

/// A connection that works. Tables put it around their provisioners.
const CONNECTION: &str = r#"  connection {
    host     = self.output
    port     = {PORT}
    user     = "deploy"
    password = "correct horse"
    agent    = false
    timeout  = "30s"
  }
"#;

/// The same in JSON.
const JSON: &str = r#"{ "resource": { "terraform_data": { "json": {
  "input": "127.0.0.1",
  "connection": { "host": "${self.output}", "port": "{PORT}", "agent": false, "user": "nobody" },
  "provisioner": [
    { "remote-exec": {
      "inline": ["echo out: json"],
      "connection": { "user": "deploy", "password": "correct horse" }
    } }
  ]
} } } }"#;

/// A table: after a line `-- name --`, or `-- name: own --` if it has a connection of its own,
/// what a resource has.
fn cases(table: &str) -> impl Iterator<Item = (&str, bool, &str)> {
    table.split("\n-- ").skip(1).map(|case| {
        let (head, body) = case.split_once(" --\n").unwrap();
        match head.strip_suffix(": own") {
            Some(name) => (name, true, body),
            None => (head, false, body),
        }
    })
}

/// A working directory with each case of a table in a file of its own.
fn workdir(table: &str, filled: &dyn Fn(&str) -> String) -> Workdir {
    let w = Workdir::new();
    for (name, own, body) in cases(table) {
        let connection = if own { "" } else { CONNECTION };
        let text = format!(
            "resource \"terraform_data\" \"{name}\" {{\n  input = \"127.0.0.1\"\n{connection}{body}\n}}\n"
        );
        w.write(format!("{name}.tf"), filled(&text));
    }
    w.write("json.tf.json", filled(JSON));
    w.write("scripts/shebang.sh", "#!/bin/sh -u\necho \"out: $-\" | tr -cd 'u:out \\n'\n");
    w.write("scripts/plain.sh", "echo out: plain\necho out: last\n");
    w.write("folder/one", "1\n");
    w.write("folder/sub dir/two", "2\n");
    w.write("folder/empty/.hidden", "");
    std::os::unix::fs::symlink("sub dir", w.path().join("folder/link")).unwrap();
    // More than fits into the windows of a connection.
    let large: Vec<u8> = (0..5_000_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    w.write("large", large);
    w
}

/// Everything below a folder: kinds, modes and content.
fn tree(folder: &Path) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    let mut pending = vec![folder.to_owned()];
    while let Some(at) = pending.pop() {
        for e in std::fs::read_dir(at).unwrap().flatten() {
            let name = e.path().strip_prefix(folder).unwrap().display().to_string();
            let about = e.metadata().unwrap();
            let mode = about.permissions().mode() & 0o7777;
            if about.is_dir() {
                out.insert(name, format!("folder {mode:o}"));
                pending.push(e.path());
            } else {
                let content = std::fs::read(e.path()).unwrap();
                let shown = if content.len() > 1000 {
                    let sum =
                        content.iter().fold(0u64, |s, b| s.wrapping_mul(31).wrapping_add(u64::from(*b)));
                    format!("{} bytes, {sum}", content.len())
                } else {
                    String::from_utf8_lossy(&content).into_owned()
                };
                out.insert(name, format!("file {mode:o} {shown:?}"));
            }
        }
    }
    out
}

/// What a run with `-json` told, without its own words.
fn told(out: &Output) -> BTreeMap<String, Vec<String>> {
    let mut told = BTreeMap::<String, Vec<String>>::new();
    for line in out.stdout.lines() {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}\n{out}"));
        let kind = line["type"].as_str().unwrap();
        let hook = &line["hook"];
        let addr = hook["resource"]["addr"].as_str().unwrap_or_default().to_owned();
        match kind {
            "provision_progress" => {
                let text = hook["output"].as_str().unwrap();
                if text.starts_with("out:") {
                    // Terraform may show the last lines of a script after it has ended.
                    told.entry(format!("lines of {addr}")).or_default().push(text.to_owned());
                }
            }
            "provision_start" | "provision_complete" | "provision_errored" | "apply_complete"
            | "apply_errored" => {
                let provisioner = hook["provisioner"].as_str().unwrap_or_default();
                told.entry(addr).or_default().push(format!("{kind} {provisioner}"));
            }
            "diagnostic" if line["diagnostic"]["severity"] == "error" => {
                let d = &line["diagnostic"];
                let place = format!("{}:{}", d["range"]["filename"], d["range"]["start"]["line"]);
                told.entry(format!("error at {place}")).or_default().push(d["summary"].to_string());
            }
            _ => {}
        }
    }
    told
}

/// The objects of the state, and whether they are tainted.
fn objects(w: &Workdir) -> Vec<String> {
    let state: Value = serde_json::from_str(&w.read("terraform.tfstate")).unwrap();
    let all = state["resources"].as_array().unwrap().iter();
    all.map(|r| format!("{} {}", r["name"], r["instances"][0]["status"])).collect()
}

fn difference<T: std::fmt::Debug + PartialEq>(what: &str, theirs: &T, ours: &T, wrong: &mut String) {
    if theirs != ours {
        writeln!(wrong, "{what}\n  terraform: {theirs:#?}\n  groma: {ours:#?}").unwrap();
    }
}

#[test]
fn provisioners_do_what_terraform_does() {
    let Some(terraform) = oracle() else { return skip("needs terraform") };
    let server = match Server::start(&[]) {
        Ok(server) => server,
        Err(missing) => return skip(&missing),
    };
    let agent = Agent::with(&server.file("ed25519"));
    let (http, socks) = (Proxy::http(), Proxy::socks5());
    let run = |program: &Path| {
        let far = tempfile::tempdir().unwrap();
        std::fs::create_dir(far.path().join("there")).unwrap();
        let filled = |text: &str| {
            let fixed = [
                ("{PORT}", server.port.to_string()),
                ("{HOST_KEY}", server.host_key.clone()),
                ("{FAR}", far.path().display().to_string()),
                ("{KEYS}", server.file("").display().to_string()),
                ("{HTTP}", http.port.to_string()),
                ("{SOCKS}", socks.port.to_string()),
            ];
            fixed.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
        };
        let mut w = workdir(include_str!("ssh/cases.txt"), &filled);
        w.env("SSH_AUTH_SOCK", agent.socket());
        w.run(program, ["init"]).expect_success();
        let before = (http.uses(), socks.uses(), server.count("forward"));
        let up = w.run(program, ["apply", "-json", "-auto-approve"]);
        // How often depends on what was tried again.
        let used = [http.uses() > before.0, socks.uses() > before.1, server.count("forward") > before.2];
        let (after_up, objects_up) = (tree(far.path()), objects(&w));
        let down = w.run(program, ["destroy", "-json", "-auto-approve"]);
        let objects_down = objects(&w);
        for out in [&up, &down] {
            for secret in ["hush", PASSWORD, proxy::PASSWORD] {
                assert!(!out.stdout.contains(secret), "{secret} is shown\n{out}");
            }
        }
        (up, down, used, after_up, tree(far.path()), objects_up, objects_down)
    };
    let (theirs, ours) = (run(&terraform), run(Path::new(GROMA)));
    let mut wrong = String::new();
    difference("exit code of apply", &theirs.0.status, &ours.0.status, &mut wrong);
    difference("exit code of destroy", &theirs.1.status, &ours.1.status, &mut wrong);
    for (what, theirs, ours) in [("apply", &theirs.0, &ours.0), ("destroy", &theirs.1, &ours.1)] {
        let (theirs, ours) = (told(theirs), told(ours));
        let names: std::collections::BTreeSet<_> = theirs.keys().chain(ours.keys()).collect();
        for name in names {
            difference(&format!("{what} {name}"), &theirs.get(name), &ours.get(name), &mut wrong);
        }
    }
    difference("files after apply", &theirs.3, &ours.3, &mut wrong);
    difference("files after destroy", &theirs.4, &ours.4, &mut wrong);
    difference("objects after apply", &theirs.5, &ours.5, &mut wrong);
    difference("objects after destroy", &theirs.6, &ours.6, &mut wrong);
    assert!(wrong.is_empty(), "{wrong}");
    assert_eq!((theirs.2, ours.2), ([true; 3], [true; 3]), "proxies and the bastion are used");
}

/// A working directory with one resource, and Groma applying it.
fn applying(w: &Workdir) -> Child {
    w.invoke(GROMA).args(["apply", "-no-color", "-auto-approve"]).command().spawn().unwrap()
}

fn one(server: &Server, provisioner: &str) -> Workdir {
    let w = Workdir::new();
    let connection = CONNECTION.replace("{PORT}", &server.port.to_string());
    w.write(
        "main.tf",
        format!(
            "resource \"terraform_data\" \"a\" {{\n  input = \"127.0.0.1\"\n{connection}{provisioner}}}\n"
        ),
    );
    w.run(GROMA, ["init"]).expect_success();
    w
}

fn interrupt(mut child: Child, w: &Workdir) -> String {
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let mut err = String::new();
    std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut err).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1), "{err}");
    assert_eq!(objects(w), ["\"a\" \"tainted\""]);
    err
}

#[test]
fn an_interrupt_ends_a_script_and_keeps_the_object() {
    let server = match Server::start(&[]) {
        Ok(server) => server,
        Err(missing) => return skip(&missing),
    };
    let w = one(&server, "  provisioner \"remote-exec\" {\n    inline = [\"sleep 1000\"]\n  }\n");
    let child = applying(&w);
    let running = |l: &Value| l["pty"] == true && !l["command"].as_str().unwrap().starts_with("chmod");
    while !server.log().iter().any(running) {
        std::thread::yield_now();
    }
    let err = interrupt(child, &w);
    assert!(err.contains("interrupted") && err.contains("main.tf line 11"), "{err}");
    // The other side has heard of it.
    while server.count("hangup") == 0 {
        std::thread::yield_now();
    }
}

#[test]
fn an_interrupt_ends_connecting() {
    let w = Workdir::new();
    // It takes connections and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    w.write(
        "main.tf",
        format!("resource \"terraform_data\" \"a\" {{\n  provisioner \"file\" {{\n    content     = \"\"\n    destination = \"/nowhere\"\n    connection {{\n      host = \"127.0.0.1\"\n      port = {port}\n    }}\n  }}\n}}\n"),
    );
    w.run(GROMA, ["init"]).expect_success();
    let child = applying(&w);
    let _connected = silent.accept().unwrap();
    let err = interrupt(child, &w);
    assert!(err.contains("interrupted") && err.contains("main.tf line 2"), "{err}");
}

/// What Groma says of a failure that is not in the table, because Terraform says it otherwise.
fn failure(server: &Server, provisioner: &str) -> String {
    let w = one(server, provisioner);
    let out = w.run(GROMA, ["apply", "-no-color", "-auto-approve"]).expect_status(1);
    assert!(!out.stderr.contains(PASSWORD) && !out.stdout.contains(PASSWORD), "{out}");
    assert_eq!(objects(&w), ["\"a\" \"tainted\""]);
    out.stderr.split_whitespace().filter(|w| *w != "│").collect::<Vec<_>>().join(" ")
}

#[test]
fn failures_are_named_with_their_remedy() {
    let server = match Server::start(&["no-scp"]) {
        Ok(server) => server,
        Err(missing) => return skip(&missing),
    };
    let address = format!("127.0.0.1:{}", server.port);
    let connection = |text: &str| {
        format!(
            "  provisioner \"remote-exec\" {{\n    inline = [\"true\"]\n    connection {{\n      timeout = \"1s\"\n{text}\n    }}\n  }}\n"
        )
    };
    for (provisioner, wanted) in [
        (connection(""), "no program scp"),
        (connection("password = \"sesame\""), "does not let \"deploy\" in: it takes publickey, password"),
        (connection("user = \"interactive\"\npassword = \"sesame\""), "and password (asked for) did not do"),
        (
            connection(&format!(
                "host_key = {:?}",
                std::fs::read_to_string(server.file("authorized_keys")).unwrap().lines().next().unwrap()
            )),
            "is not the machine that host_key names: its key is SHA256:",
        ),
        (
            connection(&format!("private_key = file({:?})", server.file("locked"))),
            "private_key is locked with a passphrase",
        ),
        (connection("agent = true"), "SSH_AUTH_SOCK is not set"),
        (
            connection("bastion_host = \"127.0.0.1\"\nbastion_port = 1"),
            "127.0.0.1:1 cannot be reached over TCP: Connection refused",
        ),
    ] {
        let said = failure(&server, &provisioner);
        assert!(said.contains(wanted) && said.contains("main.tf line 11"), "{wanted}\n{said}");
        let named = said.contains(&address)
            || ["private_key", "SSH_AUTH_SOCK", ":1 cannot"].iter().any(|w| wanted.contains(w));
        assert!(named, "{said}");
    }
}

#[test]
fn links_to_files_are_files() {
    let server = match Server::start(&[]) {
        Ok(server) => server,
        Err(missing) => return skip(&missing),
    };
    // Terraform gives the length of the link for that of the file.
    let far = tempfile::tempdir().unwrap();
    let to = far.path().display();
    let provisioner = format!(
        "  provisioner \"file\" {{\n    source      = \"folder/\"\n    destination = \"{to}\"\n  }}\n"
    );
    let w = one(&server, &provisioner);
    w.write("text", "What it links to.\n");
    std::fs::create_dir(w.path().join("folder")).unwrap();
    std::os::unix::fs::symlink("../text", w.path().join("folder/link")).unwrap();
    w.run(GROMA, ["apply", "-auto-approve"]).expect_success();
    assert_eq!(std::fs::read_to_string(far.path().join("link")).unwrap(), "What it links to.\n");
    assert!(!far.path().join("link").is_symlink());
}

#[test]
fn a_lost_connection_is_said() {
    let server = match Server::start(&[]) {
        Ok(server) => server,
        Err(missing) => return skip(&missing),
    };
    let said =
        failure(&server, "  provisioner \"remote-exec\" {\n    inline = [\"echo CUT; sleep 100\"]\n  }\n");
    let wanted = format!("The connection to 127.0.0.1:{} was lost while a command ran", server.port);
    assert!(said.contains(&wanted) && said.contains("main.tf line 11"), "{said}");
}

#[test]
fn windows_remote_management_is_refused_by_name() {
    let w = Workdir::new();
    w.write(
        "main.tf",
        "resource \"terraform_data\" \"a\" {\n  connection {\n    type = \"winrm\"\n    host = \"x\"\n  }\n  provisioner \"remote-exec\" {\n    inline = [\"dir\"]\n  }\n}\n",
    );
    w.run(GROMA, ["init"]).expect_success();
    let said = w.run(GROMA, ["validate", "-no-color"]).expect_status(1).stderr;
    assert!(said.contains("main.tf line 3") && said.contains("WinRM") && said.contains("OpenSSH"), "{said}");
}
