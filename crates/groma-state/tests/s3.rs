//! The `s3` backend against an S3 server, beside Terraform's.

mod common;
#[path = "common/config.rs"]
mod config;

use common::add;
use config::config;
use groma_state::backend::{AwsCredentials, outputs};
use groma_state::{Backend, BackendEnv, DEFAULT_WORKSPACE, LockInfo, StateError, StateFile, open_backend};
use groma_testkit::{ApiServer, MiniStack, Moto, Workdir, oracle, skip};
use groma_value::Value;
use std::sync::Arc;

fn env(server: &ApiServer) -> BackendEnv {
    let mut env = BackendEnv::default();
    let endpoint = server.endpoint();
    let vars = [
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_ENDPOINT_URL", endpoint.as_str()),
    ];
    env.vars.extend(vars.map(|(n, v)| (n.to_owned(), v.to_owned())));
    env
}

fn settings(key: &str) -> Value {
    let s = |t: &str| Value::string(t);
    let flags = ["use_lockfile", "use_path_style", "encrypt"].map(|n| (n, Value::bool(true)));
    let mut set = vec![("bucket", s("states")), ("key", s(key))];
    set.extend(flags);
    config("s3", &set)
}

fn open(server: &ApiServer, key: &str) -> Box<dyn Backend> {
    open_backend("s3", &settings(key), &env(server)).unwrap()
}

/// A bucket, made with the server's own ideas of authorisation (none).
fn bucket(server: &ApiServer) {
    let url = format!("{}/states", server.endpoint());
    let signature = "AWS4-HMAC-SHA256 Credential=test/20250101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0";
    let agent: ureq::Agent = ureq::Agent::config_builder().proxy(None).build().into();
    agent.put(&url).header("authorization", signature).send_empty().unwrap();
}

fn servers() -> Vec<ApiServer> {
    let all: Vec<ApiServer> = [Moto::start(), MiniStack::start()].into_iter().flatten().collect();
    all.iter().for_each(bucket);
    all
}

#[test]
fn states_are_read_written_locked_and_deleted() {
    let servers = servers();
    if servers.is_empty() {
        return skip("no AWS API server");
    }
    for server in &servers {
        let backend = open(server, "a b/état+.tfstate");
        let mut store = backend.open(DEFAULT_WORKSPACE).unwrap();
        assert!(store.read().unwrap().is_none());
        let info = LockInfo::new("OperationTypeApply", "me@here");
        store.lock(&info).unwrap();
        let mut file = StateFile::new();
        add(&mut file, "terraform_data.a");
        store.write(&file).unwrap();
        let read = store.read().unwrap().unwrap();
        assert_eq!(groma_state::file::write(&read).unwrap(), groma_state::file::write(&file).unwrap());
        let mut other = backend.open(DEFAULT_WORKSPACE).unwrap();
        let error = other.lock(&LockInfo::new("x", "y")).unwrap_err();
        let conflict = error.lock_conflict().unwrap();
        assert_eq!(conflict.holder.as_ref().unwrap().id, info.id);
        assert!(conflict.retriable && error.to_string().contains("PreconditionFailed"), "{error}");
        assert!(other.unlock("nope").unwrap_err().to_string().contains("does not match existing lock ID"));
        store.unlock(&info.id).unwrap();
        assert!(store.unlock(&info.id).is_err());
        other.lock(&info).unwrap();
        store.force_unlock(&info.id).unwrap();

        assert_eq!(backend.workspaces().unwrap(), ["default"]);
        for name in ["w2", "w1"] {
            assert_eq!(backend.open(name).unwrap().read().unwrap().unwrap().serial, 1);
        }
        // Reading another state creates nothing.
        assert!(outputs("s3", &settings("a b/état+.tfstate"), "w3", &env(server)).unwrap().is_none());
        assert!(outputs("s3", &settings("a b/état+.tfstate"), "w1", &env(server)).unwrap().is_some());
        assert_eq!(backend.workspaces().unwrap(), ["default", "w1", "w2"]);
        backend.delete_workspace("w1").unwrap();
        assert!(backend.delete_workspace("default").is_err());
        assert_eq!(backend.workspaces().unwrap(), ["default", "w2"]);
        store.delete().unwrap();
        assert!(store.read().unwrap().is_none());
    }
}

#[test]
fn a_bucket_that_is_not_there_is_named() {
    let Some(server) = Moto::start() else { return skip("no AWS API server") };
    let error = open(&server, "k").open(DEFAULT_WORKSPACE).unwrap().read().unwrap_err().to_string();
    assert!(error.contains("S3 bucket \"states\" does not exist."), "{error}");
    let error = open(&server, "k").workspaces().unwrap_err().to_string();
    assert!(error.contains("S3 bucket \"states\" does not exist."), "{error}");
}

#[test]
fn credentials_come_from_profiles_roles_and_callers() {
    let Some(server) = Moto::start() else { return skip("no AWS API server") };
    bucket(&server);
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join(".aws")).unwrap();
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(".aws").join(name), text).unwrap();
    write("credentials", "[base]\naws_access_key_id = a\naws_secret_access_key = b\n");
    write(
        "config",
        "[profile role]\nrole_arn = arn:aws:iam::123456789012:role/x\nsource_profile = base\n[profile loop]\nrole_arn = arn:aws:iam::123456789012:role/x\nsource_profile = loop2\n[profile loop2]\nrole_arn = arn:aws:iam::123456789012:role/x\nsource_profile = loop\n[profile process]\ncredential_process = echo '{\"Version\":1,\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"b\"}'\n",
    );
    let mut env = env(&server);
    env.home = Some(dir.path().into());
    env.vars.remove("AWS_ACCESS_KEY_ID");
    let try_with = |profile: Option<&str>, role: Option<&str>, env: &BackendEnv| {
        let mut fields = settings("k").as_fields().unwrap().clone();
        if let Some(p) = profile {
            fields.insert("profile", Value::string(p));
        }
        if let Some(r) = role {
            let ty = groma_state::backend_schema("s3").unwrap();
            let ty = ty.implied_type().attr("assume_role").unwrap().clone();
            let text = format!("{{\"role_arn\":{r:?},\"duration\":\"1h\",\"tags\":{{\"k\":\"v\"}}}}");
            fields.insert("assume_role", groma_value::json::decode(&text, &ty).unwrap());
        }
        let backend = open_backend("s3", &Value::object(fields), env).unwrap();
        backend.open(DEFAULT_WORKSPACE).unwrap().read().map(|_| ()).map_err(|e| e.to_string())
    };
    for profile in ["base", "role", "process"] {
        try_with(Some(profile), None, &env).unwrap();
    }
    try_with(Some("base"), Some("arn:aws:iam::123456789012:role/y"), &env).unwrap();
    let error = |p: Option<&str>| try_with(p, None, &env).unwrap_err();
    assert!(error(Some("loop")).contains("refers to itself"));
    assert!(error(Some("none")).contains("the profile \"none\" is not in the shared configuration"));
    assert!(error(None).contains("no valid credential sources found"));
    env.aws_credentials = Some(Arc::new(|| {
        Ok(AwsCredentials {
            access_key_id: "a".into(),
            secret_access_key: "b".into(),
            session_token: Some("t".into()),
            expires: None,
        })
    }));
    try_with(None, None, &env).unwrap();
}

#[test]
fn configurations_are_checked() {
    let refused = |set: &[(&str, &str)]| {
        let set: Vec<_> = set.iter().map(|(n, v)| (*n, Value::string(v))).collect();
        match open_backend("s3", &config("s3", &set), &BackendEnv::default()) {
            Err(StateError::Invalid(p)) => {
                p.iter().map(|p| format!("{}: {}", p.path, p.summary)).collect::<Vec<_>>().join("; ")
            }
            _ => panic!("not refused: {set:?}"),
        }
    };
    assert_eq!(
        refused(&[]),
        ".bucket: Missing Required Value; .key: Missing Required Value; .region: Missing region value"
    );
    let base = [("bucket", "b"), ("key", "k"), ("region", "r")];
    let with = |more: &[(&'static str, &'static str)]| refused(&[&base[..], more].concat());
    assert_eq!(with(&[("key", "/k")]), ".key: Invalid Value");
    assert_eq!(with(&[("bucket", " ")]), ".bucket: Invalid Value");
    assert_eq!(with(&[("workspace_key_prefix", "x/")]), ".workspace_key_prefix: Invalid Value");
    assert_eq!(with(&[("sse_customer_key", "x")]), ".sse_customer_key: Invalid Value");
}

#[test]
fn terraform_and_we_take_turns_on_one_bucket() {
    if oracle().is_none() {
        return skip("no oracle");
    }
    let Some(server) = Moto::start() else { return skip("no AWS API server") };
    bucket(&server);
    let mut dir = Workdir::new();
    dir.aws(&server.endpoint()).env("AWS_REGION", "us-east-1");
    let block = "terraform {\n  backend \"s3\" {\n    bucket = \"states\"\n    key = \"a/k\"\n    use_lockfile = true\n    use_path_style = true\n    encrypt = true\n  }\n}\n";
    dir.write("main.tf", format!("{block}resource \"terraform_data\" \"a\" {{}}\n"));
    dir.terraform(["init"]).expect_success();
    dir.terraform(["apply", "-auto-approve"]).expect_success();
    dir.terraform(["workspace", "new", "w"]).expect_success();
    let backend = open(&server, "a/k");
    assert_eq!(backend.workspaces().unwrap(), ["default", "w"]);
    let fresh = backend.open("w").unwrap().read().unwrap().unwrap();
    assert_eq!((fresh.serial, fresh.state.is_empty()), (1, true));
    dir.terraform(["workspace", "select", "default"]).expect_success();

    let mut store = backend.open(DEFAULT_WORKSPACE).unwrap();
    let mut file = store.read().unwrap().unwrap();
    assert_eq!(
        String::from_utf8(groma_state::file::write(&file).unwrap()).unwrap(),
        dir.terraform(["state", "pull"]).expect_success().stdout.trim_end().to_owned() + "\n"
    );
    let info = LockInfo::new("OperationTypeApply", "me@here");
    store.lock(&info).unwrap();
    let out = dir.terraform(["plan", "-no-color"]).expect_status(1);
    assert!(out.stderr.contains(&format!("ID:        {}", info.id)), "{out}");
    assert!(out.stderr.contains("Path:      states/a/k\n"), "{out}");
    add(&mut file, "terraform_data.b");
    store.write(&file).unwrap();
    store.unlock(&info.id).unwrap();
    dir.write(
        "main.tf",
        format!("{block}resource \"terraform_data\" \"a\" {{}}\nresource \"terraform_data\" \"b\" {{}}\n"),
    );
    dir.terraform(["plan", "-detailed-exitcode"]).expect_status(0);

    // The other way round, with the lock as Terraform writes it.
    dir.write("main.tf", format!("{block}resource \"terraform_data\" \"slow\" {{\n  provisioner \"local-exec\" {{\n    command = \"touch started; sleep 2\"\n  }}\n}}\n"));
    let mut run = dir.invoke(oracle().unwrap()).args(["apply", "-auto-approve"]).command().spawn().unwrap();
    while !dir.exists("started") {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let error = store.lock(&info).unwrap_err();
    let holder = error.lock_conflict().unwrap().holder.clone().unwrap();
    assert_eq!((holder.operation.as_str(), holder.path.as_str()), ("OperationTypeApply", "states/a/k"));
    assert!(run.wait().unwrap().success());
    store.lock(&info).unwrap();
    let out = dir.terraform(["force-unlock", "-force", "-no-color", &info.id]).expect_success();
    assert!(out.stdout.contains("successfully unlocked"), "{out}");
}

/// A request of DynamoDB's API, with the server's own ideas of authorisation (none).
fn dynamodb(server: &ApiServer, action: &str, body: &str) -> String {
    let signature = "AWS4-HMAC-SHA256 Credential=test/20250101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0";
    let agent: ureq::Agent = ureq::Agent::config_builder().proxy(None).build().into();
    let request = agent
        .post(server.endpoint())
        .header("authorization", signature)
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-target", format!("DynamoDB_20120810.{action}"));
    request.send(body).unwrap().body_mut().read_to_string().unwrap()
}

#[test]
fn a_table_of_dynamodb_has_the_lock_and_the_checksum() {
    if oracle().is_none() {
        return skip("no oracle");
    }
    let Some(server) = Moto::start() else { return skip("no AWS API server") };
    bucket(&server);
    let with_table = |key: &str, more: &[(&'static str, Value)]| {
        let s = |t: &str| Value::string(t);
        let mut set = vec![("bucket", s("states")), ("key", s(key)), ("use_path_style", Value::bool(true))];
        set.push(("dynamodb_table", s("locks")));
        set.extend(more.iter().cloned());
        open_backend("s3", &config("s3", &set), &env(&server)).unwrap().open(DEFAULT_WORKSPACE).unwrap()
    };
    let mut store = with_table("a/k", &[]);
    let missing = store.lock(&LockInfo::new("x", "y")).unwrap_err().to_string();
    assert!(missing.contains("there is no table \"locks\" in us-east-1"), "{missing}");
    dynamodb(
        &server,
        "CreateTable",
        r#"{"TableName":"locks","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[{"AttributeName":"LockID","AttributeType":"S"}],"KeySchema":[{"AttributeName":"LockID","KeyType":"HASH"}]}"#,
    );

    // Terraform's lock and checksum are there for us, and ours for Terraform.
    let mut dir = Workdir::new();
    dir.aws(&server.endpoint()).env("AWS_REGION", "us-east-1");
    let block = "terraform {\n  backend \"s3\" {\n    bucket = \"states\"\n    key = \"a/k\"\n    dynamodb_table = \"locks\"\n    use_path_style = true\n  }\n}\n";
    dir.write("main.tf", format!("{block}resource \"terraform_data\" \"a\" {{}}\n"));
    dir.terraform(["init"]).expect_success();
    dir.terraform(["apply", "-auto-approve"]).expect_success();
    let mut file = store.read().unwrap().expect("Terraform's state");
    assert!(dynamodb(&server, "Scan", r#"{"TableName":"locks"}"#).contains("states/a/k-md5"));
    let info = LockInfo::new("OperationTypeApply", "me@here");
    let id = store.lock(&info).unwrap();
    let refused = dir.terraform(["apply", "-auto-approve"]).expect_status(1).stderr;
    assert!(refused.contains("Error acquiring the state lock") && refused.contains(&id), "{refused}");
    let mut other = with_table("a/k", &[]);
    let error = other.lock(&LockInfo::new("x", "y")).unwrap_err();
    assert_eq!(error.lock_conflict().unwrap().holder.as_ref().unwrap().id, id);
    assert!(other.unlock("nope").unwrap_err().to_string().contains("does not match existing lock ID"));
    add(&mut file, "terraform_data.b");
    file.serial += 1;
    store.write(&file).unwrap();
    store.unlock(&id).unwrap();
    assert!(store.unlock(&id).is_err());
    let pulled = dir.terraform(["state", "list"]).expect_success().stdout;
    assert!(pulled.contains("terraform_data.b"), "{pulled}");

    // Both kinds of locks at once: what one refuses, the other does not keep.
    let both = [("use_lockfile", Value::bool(true))];
    let mut twice = with_table("a/k", &both);
    let id = other.lock(&LockInfo::new("x", "y")).unwrap();
    assert!(twice.lock(&LockInfo::new("z", "y")).unwrap_err().lock_conflict().is_some());
    other.unlock(&id).unwrap();
    let id = twice.lock(&LockInfo::new("z", "y")).unwrap();
    assert!(open(&server, "a/k").open(DEFAULT_WORKSPACE).unwrap().lock(&LockInfo::new("q", "y")).is_err());
    twice.unlock(&id).unwrap();

    // Somebody writes past the table: neither takes that for the state.
    let mut past = open(&server, "a/k").open(DEFAULT_WORKSPACE).unwrap();
    file.serial += 1;
    past.write(&file).unwrap();
    let error = store.read().unwrap_err().to_string();
    assert!(
        error.contains("does not have the expected content") && error.contains("states/a/k-md5"),
        "{error}"
    );
    let refused = dir.terraform(["state", "list"]).expect_status(1).stderr;
    assert!(refused.contains("not have the expected content"), "{refused}");
    // What is deleted has no checksum.
    store.write(&file).unwrap();
    store.delete().unwrap();
    assert!(store.read().unwrap().is_none());
    let left = dynamodb(&server, "Scan", r#"{"TableName":"locks"}"#);
    assert!(!left.contains("states/a/k"), "{left}");
}
