//! The configured backend: initialisation, migration, remote states, beside Terraform.

mod pair;
#[allow(dead_code, reason = "the other tests use more of it")]
#[path = "../../groma-state/tests/common/server.rs"]
mod server;

use groma_testkit::{ApiServer, Moto, Output, Workdir, oracle, skip};
use pair::Pair;
use server::Server;

const RESOURCE: &str = "resource \"terraform_data\" \"one\" {\n  input = terraform.workspace\n}\noutput \"o\" {\n  value = terraform_data.one.input\n}\n";

fn with_backend(body: &str) -> String {
    format!("terraform {{\n{body}\n}}\n{RESOURCE}")
}

fn local(path: &str) -> String {
    with_backend(&format!("  backend \"local\" {{\n    path = \"{path}\"\n  }}"))
}

fn http(s: &Server) -> String {
    with_backend(&format!(
        "  backend \"http\" {{\n    address        = \"{0}\"\n    lock_address   = \"{0}\"\n    unlock_address = \"{0}\"\n    retry_max      = 0\n  }}",
        s.url
    ))
}

fn run(w: &Workdir, args: &str) -> Output {
    w.invoke(env!("CARGO_BIN_EXE_groma")).args(args.split(' ')).run()
}

/// With answers on standard input.
fn answering(w: &Workdir, args: &str, answers: &str) -> Output {
    w.invoke(env!("CARGO_BIN_EXE_groma")).args(args.split(' ')).env("TF_INPUT", "1").stdin(answers).run()
}

#[track_caller]
fn refused(o: Output, with: &str) {
    let o = o.expect_status(1);
    let text: Vec<&str> = o.stderr.split_whitespace().collect();
    assert!(text.join(" ").contains(with), "{with:?} is not in:\n{}", o.stderr);
}

#[test]
fn wrong_configurations_are_explained_where_they_stand() {
    let w = Workdir::new();
    for (block, text) in [
        (
            "backend \"local\" {\n path = var.x\n}",
            "main.tf line 3, in terraform: 3: path = var.x There is no variable named \"x\"",
        ),
        (
            "backend \"local\" {\n path = terraform_data.x.id\n}",
            "main.tf line 3, in terraform: 3: path = terraform_data.x.id This must be known before",
        ),
        ("backend \"local\" {\n pth = \"a\"\n}", "Did you mean \"path\"?"),
        (
            "backend \"local\" {\n path = \"\"\n}",
            "main.tf line 3, in terraform: 3: path = \"\" The \"path\" attribute value must not be empty",
        ),
        ("backend \"local\" {\n path = [1]\n}", "string required"),
        ("backend \"local\" {\n foo {}\n}", "Blocks of type \"foo\" are not expected here"),
        (
            "backend \"http\" {\n}",
            "main.tf line 2, in terraform: 2: backend \"http\" { address argument is required",
        ),
        ("backend \"s3\" {\n bucket = \"b\"\n}", "The attribute \"key\" is required"),
        (
            "backend \"s3\" {\n bucket = \"b\"\n key = \"k\"\n region = \"r\"\n allowed_account_ids = [\"1\"]\n}",
            "main.tf line 6, in terraform: 6: allowed_account_ids = [\"1\"]",
        ),
        (
            "backend \"s3\" {\n bucket = \"b\"\n key = \"k\"\n forbidden_account_ids = [\"1\"]\n}",
            "\"forbidden_account_ids\"",
        ),
        ("backend \"pg\" {\n}", "does not offer the backend type \"pg\""),
        ("backend \"nope\" {\n}", "There is no backend type named \"nope\""),
        ("cloud {\n}", "main.tf line 2"),
    ] {
        w.write("main.tf", format!("terraform {{\n{block}\n}}\n"));
        refused(run(&w, "init"), text);
        run(&w, "init -backend=false").expect_success();
        assert!(!w.exists(".terraform/terraform.tfstate"));
    }
    w.write("main.tf", local("x"));
    for (option, text) in [
        ("pth=x", "Did you mean \"path\"?"),
        ("none.hcl", "cannot be read"),
        ("path=", "must not be empty"),
        ("bad.hcl", "bad.hcl line 1"),
    ] {
        w.write("bad.hcl", "foo = 1\n");
        refused(run(&w, &format!("init -backend-config={option}")), text);
    }
    refused(run(&w, "init -migrate-state -reconfigure"), "only one of them");
}

#[test]
fn a_changed_backend_must_be_initialised() {
    if oracle().is_none() {
        return skip("no oracle");
    }
    let pair = Pair::new();
    pair.write("main.tf", local("a.tfstate"));
    for args in ["plan", "state list", "workspace list", "output"] {
        pair.both_fail(args);
    }
    refused(run(&pair.groma, "plan"), "Backend initialization required");
    pair.both_succeed("init -input=false");
    pair.same_state(".terraform/terraform.tfstate");
    pair.both_succeed("apply -auto-approve");
    assert!(pair.groma.exists("a.tfstate"));

    pair.write("main.tf", local("b.tfstate"));
    for args in ["plan", "state list", "init -input=false", "init -input=false -migrate-state"] {
        pair.both_fail(args);
        pair.same_state(".terraform/terraform.tfstate");
    }
    pair.both_succeed("workspace show");
    pair.both_succeed("init -force-copy");
    pair.same_state(".terraform/terraform.tfstate");
    pair.same_files(&["a.tfstate", "b.tfstate"]);
    // What the other one initialised and wrote is as good.
    run(&pair.terraform, "plan -detailed-exitcode").expect_success();
    pair.groma.terraform(["plan", "-detailed-exitcode"]).expect_success();

    pair.write("main.tf", RESOURCE);
    for args in ["plan", "state list", "init -input=false"] {
        pair.both_fail(args);
    }
    pair.both_succeed("init -force-copy");
    pair.same_state(".terraform/terraform.tfstate");
    pair.both_succeed("plan -detailed-exitcode");
    pair.both_succeed("init");

    // Options of the command line are kept beside the block.
    pair.write("main.tf", with_backend("  backend \"local\" {}"));
    pair.write("b.hcl", "path = \"c.tfstate\"\n");
    pair.both_succeed("init -force-copy -backend-config=b.hcl");
    pair.same_state(".terraform/terraform.tfstate");
    pair.both_succeed("plan -detailed-exitcode");
    pair.both_succeed("init");
    pair.both_succeed("init -backend-config=path=c.tfstate");
    pair.both_fail("init -backend-config=path=d.tfstate");
    pair.both_succeed("init -reconfigure -backend-config=path=d.tfstate");
    pair.same_state(".terraform/terraform.tfstate");
}

#[test]
fn all_workspaces_go_along() {
    let w = Workdir::new();
    w.write("main.tf", RESOURCE);
    run(&w, "init").expect_success();
    run(&w, "apply -auto-approve").expect_success();
    run(&w, "workspace new w1").expect_success();
    run(&w, "apply -auto-approve").expect_success();
    run(&w, "workspace new w2").expect_success();
    let before = w.read("terraform.tfstate.d/w1/terraform.tfstate");
    w.write(
        "main.tf",
        with_backend("  backend \"local\" {\n    path = \"x/d\"\n    workspace_dir = \"x/ws\"\n  }"),
    );
    refused(run(&w, "init -input=false"), "Asking is switched off");
    refused(answering(&w, "init", "no\n"), "Nothing was copied");
    assert!(!w.exists(".terraform/terraform.tfstate") && !w.exists("x"));
    answering(&w, "init", "yes\n").expect_success();
    assert_eq!(w.read("x/ws/w1/terraform.tfstate"), before);
    // The old places are empty, with a backup.
    assert!(!w.exists("terraform.tfstate.d/w1/terraform.tfstate") && !w.exists("terraform.tfstate"));
    assert_eq!(w.read("terraform.tfstate.d/w1/terraform.tfstate.backup"), before);
    assert_eq!(run(&w, "workspace list").expect_success().stdout, "  default\n  w1\n* w2\n\n");
    run(&w, "workspace select w1").expect_success();
    run(&w, "plan -detailed-exitcode").expect_success();
    if oracle().is_some() {
        w.terraform(["plan", "-detailed-exitcode"]).expect_success();
    }
}

#[test]
fn a_state_that_is_there_is_not_overwritten_unasked() {
    let w = Workdir::new();
    w.write("main.tf", RESOURCE);
    run(&w, "init").expect_success();
    run(&w, "apply -auto-approve").expect_success();
    let own = w.read("terraform.tfstate");
    let other = own.replace("\"lineage\": \"", "\"lineage\": \"z");
    w.write("other", &other);
    w.write("main.tf", local("other"));
    refused(run(&w, "init -input=false"), "OVERWRITTEN");
    let asked = answering(&w, "init", "no\n").expect_success();
    assert!(asked.stdout.contains("their lineages differ"), "{asked}");
    assert_eq!((w.read("other"), w.read("terraform.tfstate")), (other, own.clone()));
    run(&w, "init -reconfigure -force-copy").expect_status(1);
    answering(&w, "init -reconfigure", "yes\n").expect_success();
    assert_eq!(w.read("other"), own);
    // The same file by another name is not a place to copy to.
    w.write("main.tf", local("./other"));
    run(&w, "init -migrate-state -input=false").expect_success();
    assert_eq!(w.read("other"), own);
}

#[test]
fn a_selected_workspace_that_is_missing_is_chosen_anew() {
    let w = Workdir::new();
    w.write("main.tf", local("x"));
    w.write("terraform.tfstate.d/a/.keep", "");
    w.write(".terraform/environment", "gone");
    refused(run(&w, "init -input=false"), "It has default, a.");
    w.write("main.tf", local("y"));
    answering(&w, "init -reconfigure", "2\n").expect_success();
    assert_eq!(run(&w, "workspace show").expect_success().stdout, "a\n");
}

#[test]
fn the_http_backend() {
    let server = Server::start();
    let w = Workdir::new();
    w.write("main.tf", RESOURCE);
    run(&w, "init").expect_success();
    run(&w, "apply -auto-approve").expect_success();
    let own = w.read("terraform.tfstate");
    w.write("main.tf", http(&server));
    run(&w, "init -force-copy").expect_success();
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    assert_eq!(json(&server.state().unwrap()), json(&own));
    assert!(!w.exists("terraform.tfstate"));
    run(&w, "plan -detailed-exitcode").expect_success();
    if oracle().is_some() {
        w.terraform(["plan", "-detailed-exitcode"]).expect_success();
    }
    for args in ["workspace list", "workspace new a", "workspace select default", "workspace delete a"] {
        refused(run(&w, args), "workspaces not supported");
    }
    run(&w, "workspace show").expect_success();
    refused(run(&w, "state rm -backup=b terraform_data.one"), "-backup");
    server.requests();
    run(&w, "state mv terraform_data.one terraform_data.two").expect_success();
    let requests: Vec<String> =
        server.requests().iter().map(|r| r.split('?').next().unwrap().to_owned()).collect();
    assert_eq!(requests, ["LOCK /state", "GET /state", "POST /state", "UNLOCK /state"]);
    assert_eq!(run(&w, "state list").expect_success().stdout, "terraform_data.two\n");
    assert_eq!(server.requests(), ["GET /state"]);
    // With -state, the commands are about that file, whatever the backend.
    w.write("file", &own);
    assert_eq!(run(&w, "state list -state=file").expect_success().stdout, "terraform_data.one\n");
    run(&w, "state mv -state=file terraform_data.one terraform_data.x").expect_success();
    run(&w, "state mv -state-out=out terraform_data.two terraform_data.one").expect_success();
    assert_eq!(run(&w, "state list -state=out").expect_success().stdout, "terraform_data.one\n");
    run(&w, "state push -force out").expect_success();

    server.content.lock().unwrap().lock =
        Some(br#"{"ID":"abc","Who":"somebody","Operation":"apply"}"#.to_vec());
    refused(run(&w, "taint terraform_data.one"), "somebody");
    refused(run(&w, "force-unlock abc"), "Asking is switched off");
    let asked = answering(&w, "force-unlock abc", "no\n").expect_status(1);
    assert!(asked.stdout.contains("cancelled"), "{asked}");
    refused(run(&w, "force-unlock -force other"), "409");
    run(&w, "force-unlock -force abc").expect_success();
    run(&w, "taint terraform_data.one").expect_success();
    assert!(server.content.lock().unwrap().lock.is_none());
    run(&w, "untaint terraform_data.one").expect_success();

    w.write("main.tf", RESOURCE);
    answering(&w, "init -migrate-state", "yes\n").expect_success();
    assert_eq!(run(&w, "state list").expect_success().stdout, "terraform_data.one\n");
}

#[test]
fn one_of_several_workspaces_goes_where_there_is_one_only() {
    let server = Server::start();
    let w = Workdir::new();
    w.write("main.tf", RESOURCE);
    run(&w, "init").expect_success();
    run(&w, "apply -auto-approve").expect_success();
    run(&w, "workspace new w1").expect_success();
    run(&w, "apply -auto-approve").expect_success();
    let own = w.read("terraform.tfstate");
    w.write("main.tf", http(&server));
    refused(answering(&w, "init", "no\n"), "Nothing was copied");
    let asked = answering(&w, "init", "yes\n").expect_success();
    assert!(asked.stdout.contains("\"w1\""), "{asked}");
    assert!(server.state().unwrap().contains("\"w1\""));
    assert_eq!(run(&w, "workspace show").expect_success().stdout, "default\n");
    // What was not copied stays in its place.
    assert_eq!(w.read("terraform.tfstate"), own);
}

#[test]
fn outputs_of_other_states() {
    let server = Server::start();
    let other = Workdir::new();
    other.write("main.tf", http(&server));
    run(&other, "init").expect_success();
    run(&other, "apply -auto-approve").expect_success();
    server.requests();
    let w = Workdir::new();
    w.write("sub/state", r#"{"version":4,"serial":1,"lineage":"x","outputs":{"a":{"value":"v","type":"string"}},"resources":[]}"#);
    let reading = |config: &str| {
        format!(
            "data \"terraform_remote_state\" \"h\" {{\n  backend = \"http\"\n  config  = {{ {config} }}\n}}\ndata \"terraform_remote_state\" \"l\" {{\n  backend = \"local\"\n  config  = {{ path = \"sub/state\" }}\n}}\noutput \"x\" {{\n  value = \"${{data.terraform_remote_state.h.outputs.o}} ${{data.terraform_remote_state.l.outputs.a}}\"\n}}\n"
        )
    };
    w.write("main.tf", reading(&format!("address = {:?}", server.url)));
    run(&w, "init").expect_success();
    run(&w, "apply -auto-approve").expect_success();
    assert_eq!(run(&w, "output -raw x").expect_success().stdout, "default v");
    assert!(server.requests().iter().all(|r| r == "GET /state"), "reading takes no lock");
    for (config, text) in [
        ("adress = \"x\"", "Did you mean \"address\"?"),
        ("retry_max = \"x\"", "\"retry_max\""),
        ("username = \"x\"", "address argument is required"),
    ] {
        w.write("main.tf", reading(config));
        refused(run(&w, "plan"), text);
    }
}

/// A bucket named `states`.
fn bucket(server: &ApiServer) {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    let signature = "AWS4-HMAC-SHA256 Credential=test/20250101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0";
    write!(stream, "PUT /states HTTP/1.1\r\nHost: localhost\r\nAuthorization: {signature}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn the_s3_backend() {
    let Some(server) = Moto::start() else { return skip("no AWS API server") };
    bucket(&server);
    let mut w = Workdir::new();
    w.aws(&server.endpoint()).env("AWS_REGION", "us-east-1");
    w.write("main.tf", RESOURCE);
    run(&w, "init").expect_success();
    run(&w, "apply -auto-approve").expect_success();
    run(&w, "workspace new w1").expect_success();
    run(&w, "apply -auto-approve").expect_success();
    w.write(
        "main.tf",
        with_backend("  backend \"s3\" {\n    bucket = \"states\"\n    use_path_style = true\n    use_lockfile = true\n  }"),
    );
    refused(run(&w, "init -input=false -force-copy"), "\"key\" is required");
    assert!(!w.exists(".terraform/terraform.tfstate") && w.exists("terraform.tfstate"));
    w.write("key.hcl", "key = \"a/state\"\n");
    run(&w, "init -force-copy -backend-config=key.hcl").expect_success();
    assert!(!w.exists("terraform.tfstate") && !w.exists("terraform.tfstate.d/w1/terraform.tfstate"));
    assert_eq!(run(&w, "workspace list").expect_success().stdout, "  default\n* w1\n\n");
    run(&w, "plan -detailed-exitcode").expect_success();
    if oracle().is_some() {
        w.terraform(["plan", "-detailed-exitcode"]).expect_success();
    }
    run(&w, "workspace new w2").expect_success();
    run(&w, "taint terraform_data.one").expect_status(1);
    run(&w, "workspace select default").expect_success();
    run(&w, "state rm terraform_data.one").expect_success();
    run(&w, "workspace delete w2").expect_success();
    refused(run(&w, "workspace delete w1"), "terraform_data.one");
    let files: Vec<String> = w
        .path()
        .read_dir()
        .unwrap()
        .flatten()
        .map(|e| e.file_name().to_string_lossy().into_owned())
        .collect();
    assert!(!files.contains(&"terraform.tfstate".to_owned()), "{files:?}");
}
