//! The `http` backend, beside Terraform's.

mod common;
#[path = "common/config.rs"]
mod config;
#[path = "common/server.rs"]
mod server;

use common::{add, create};
use config::config;
use groma_state::backend::outputs;
use groma_state::{
    Backend, BackendEnv, DEFAULT_WORKSPACE, LockInfo, LockRequest, Manager, State, StateError, StateFile,
    open_backend,
};
use groma_testkit::{Workdir, oracle, skip};
use groma_value::Value;
use server::Server;
use std::time::Duration;

fn open(server: &Server) -> Box<dyn Backend> {
    let url = || Value::string(&server.url);
    let set = [
        ("address", url()),
        ("lock_address", url()),
        ("unlock_address", url()),
        ("username", Value::string("u")),
        ("password", Value::string("p")),
        ("retry_wait_min", Value::int(0)),
    ];
    open_backend("http", &config("http", &set), &BackendEnv::default()).unwrap()
}

fn block(server: &Server) -> String {
    let url = &server.url;
    format!(
        "terraform {{\n  backend \"http\" {{\n    address = {url:?}\n    lock_address = {url:?}\n    unlock_address = {url:?}\n    username = \"u\"\n    password = \"p\"\n    retry_wait_min = 0\n  }}\n}}\n"
    )
}

#[test]
fn states_are_read_written_locked_and_deleted() {
    let server = Server::start();
    let backend = open(&server);
    let mut store = backend.open(DEFAULT_WORKSPACE).unwrap();
    assert!(store.read().unwrap().is_none());
    let info = LockInfo::new("OperationTypeApply", "me@here");
    store.lock(&info).unwrap();
    let mut file = StateFile::new();
    add(&mut file, "terraform_data.a");
    store.write(&file).unwrap();
    assert_eq!(server.state().unwrap().into_bytes(), groma_state::file::write(&file).unwrap());
    let mut other = backend.open(DEFAULT_WORKSPACE).unwrap();
    let error = other.lock(&LockInfo::new("x", "y")).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with(&format!("HTTP remote state already locked: ID={}\nLock Info:", info.id))
    );
    assert!(error.lock_conflict().unwrap().retriable);
    assert!(store.unlock("other").is_err());
    store.unlock(&info.id).unwrap();
    other.lock(&info).unwrap();
    assert!(store.force_unlock("other").is_err());
    store.force_unlock(&info.id).unwrap();
    store.delete().unwrap();
    assert!(store.read().unwrap().is_none());
    let content = server.content.lock().unwrap();
    let write = content.requests.iter().find(|r| r.0 == "POST").unwrap();
    assert_eq!(write.1, format!("/state?ID={}", info.id));
    let header = |n: &str| write.2.iter().find(|(name, _)| name == n).unwrap().1.clone();
    assert_eq!(header("authorization"), "Basic dTpw");
    assert_eq!(header("content-type"), "application/json");
    assert_eq!(header("content-md5").len(), 24);
}

#[test]
fn failures_that_may_pass_are_tried_again_and_others_are_named() {
    let server = Server::start();
    let mut store = open(&server).open(DEFAULT_WORKSPACE).unwrap();
    server.fail(&[503, 500]);
    assert!(store.read().unwrap().is_none());
    assert_eq!(server.requests().len(), 3);
    let mut failing = |statuses: &[u16]| {
        server.fail(statuses);
        let error = store.read().unwrap_err().to_string();
        server.content.lock().unwrap().failures.clear();
        error
    };
    assert!(failing(&[500, 500, 500]).contains("Failed to get state: GET http://"));
    assert!(failing(&[500, 500, 500]).contains("giving up after 3 attempt(s)"));
    assert!(failing(&[401]).contains("requires auth"));
    assert!(failing(&[403]).contains("invalid auth"));
    assert!(failing(&[418]).contains("Unexpected HTTP response code 418"));
    server.fail(&[400]);
    assert!(store.write(&StateFile::new()).unwrap_err().to_string().contains("HTTP error: 400"));
    assert!(
        matches!(open(&server).open("other"), Err(StateError::Backend(p)) if p.detail == "workspaces not supported")
    );
}

#[test]
fn configurations_are_checked_and_completed_from_the_environment() {
    let mut env = BackendEnv::default();
    let refused =
        |set: &[(&str, Value)], env: &BackendEnv| match open_backend("http", &config("http", set), env) {
            Err(StateError::Invalid(p)) => (p[0].detail.clone(), p[0].path.to_string()),
            _ => panic!("not refused: {set:?}"),
        };
    assert_eq!(refused(&[], &env), ("address argument is required".into(), ".address".into()));
    assert_eq!(refused(&[("address", Value::string("ftp://x"))], &env).0, "address must be HTTP or HTTPS");
    env.vars.insert("TF_HTTP_ADDRESS".into(), "http://127.0.0.1:1".into());
    open_backend("http", &config("http", &[]), &env).unwrap();
    assert_eq!(refused(&[("lock_address", Value::string("x"))], &env).0, "lockAddress must be HTTP or HTTPS");
    assert!(
        refused(&[("client_certificate_pem", Value::string("x"))], &env)
            .0
            .contains("client_private_key_pem is not")
    );
    assert!(refused(&[("client_ca_certificate_pem", Value::string("x"))], &env).0.contains("no certificate"));
}

#[test]
fn terraform_and_we_take_turns_on_one_state() {
    if oracle().is_none() {
        return skip("no oracle");
    }
    let server = Server::start();
    let dir = Workdir::new();
    dir.write(
        "main.tf",
        format!(
            "{}resource \"terraform_data\" \"a\" {{}}\noutput \"o\" {{ value = {{ a = [1] }} }}\n",
            block(&server)
        ),
    );
    dir.terraform(["init"]).expect_success();
    dir.terraform(["apply", "-auto-approve"]).expect_success();
    let theirs = server.state().unwrap();
    let backend = open(&server);
    let mut store = backend.open(DEFAULT_WORKSPACE).unwrap();
    let file = store.read().unwrap().unwrap();
    assert_eq!(groma_state::file::write(&file).unwrap(), theirs.into_bytes());

    // Our lock keeps Terraform out, and what we write Terraform takes for granted.
    let info = LockInfo::new("OperationTypeApply", "me@here");
    store.lock(&info).unwrap();
    let out = dir.terraform(["plan", "-no-color"]).expect_status(1);
    assert!(out.stderr.contains(&format!("ID={}", info.id)), "{out}");
    store.unlock(&info.id).unwrap();
    let lock = LockRequest { info, timeout: Duration::ZERO };
    let journal = dir.path().join("journal");
    let mut m = Manager::open(store, Some(journal.clone()), Some(&lock), true, &|| false).unwrap();
    let mut state = m.file().state.clone();
    let change = create("terraform_data.b", "2");
    m.record(std::slice::from_ref(&change)).unwrap();
    assert!(journal.exists());
    change.apply(&mut state);
    m.persist(state).unwrap();
    assert!(!journal.exists());
    m.close().unwrap();
    let config = dir.read("main.tf") + "resource \"terraform_data\" \"b\" {}\n";
    dir.write("main.tf", config);
    let out = dir.terraform(["plan", "-no-color", "-detailed-exitcode"]).expect_status(0);
    assert!(out.stdout.contains("No changes."), "{out}");
}

#[test]
fn a_state_that_could_not_be_sent_is_recovered_from_the_journal() {
    let server = Server::start();
    let dir = tempfile::tempdir().unwrap();
    let journal = dir.path().join("journal");
    let open = || {
        let store = open(&server).open(DEFAULT_WORKSPACE).unwrap();
        let lock = LockRequest { info: LockInfo::new("x", "y"), timeout: Duration::ZERO };
        Manager::open(store, Some(journal.clone()), Some(&lock), true, &|| false).unwrap()
    };
    let mut m = open();
    let change = create("terraform_data.a", "1");
    m.record(std::slice::from_ref(&change)).unwrap();
    let mut state = State::default();
    change.apply(&mut state);
    server.fail(&[500, 500, 500]);
    assert!(m.persist(state).is_err());
    m.close().unwrap();
    assert!(server.state().is_none() && journal.exists());
    let m = open();
    assert_eq!(m.file().state.resources.len(), 1);
    assert!(server.state().unwrap().contains("terraform_data"));
}

#[test]
fn outputs_of_other_states_can_be_read() {
    let server = Server::start();
    let config = config("http", &[("address", Value::string(&server.url))]);
    let env = BackendEnv::default();
    assert!(outputs("http", &config, "default", &env).unwrap().is_none());
    let text = r#"{"version":4,"serial":1,"lineage":"l","outputs":{"a":{"value":["x"],"type":["list","string"],"sensitive":true}}}"#;
    server.content.lock().unwrap().state = Some(text.into());
    let outputs = outputs("http", &config, "default", &env).unwrap().unwrap();
    assert!(outputs["a"].sensitive);
    assert_eq!(outputs["a"].value.as_elements().unwrap()[0].as_str(), Some("x"));
}
