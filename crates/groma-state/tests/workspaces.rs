//! Workspaces, and the record of the initialised backend, compared with Terraform.

mod common;
#[path = "common/config.rs"]
mod config;

use config::config;
use groma_state::backend::{Comparison, backend_hash};
use groma_state::workspace::{create, delete, select, selected, valid_name};
use groma_state::{Backend, LocalBackend, SavedBackend, StateFile, backend_schema};
use groma_testkit::{Workdir, oracle, skip};
use groma_value::{Value, json};
use std::fs;

#[test]
fn workspaces_are_made_selected_and_removed_beside_terraform() {
    let dir = Workdir::new();
    let data = dir.path().join(".terraform");
    let backend = LocalBackend::new(dir.path());
    assert_eq!(selected(&data, None).unwrap(), "default");
    create(&backend, "a", None, None).unwrap();
    let mut file = StateFile::new();
    common::add(&mut file, "terraform_data.x[\"k\"]");
    create(&backend, "b", Some(file.clone()), None).unwrap();
    select(&data, "b").unwrap();
    assert_eq!(fs::read_to_string(data.join("environment")).unwrap(), "b");
    assert_eq!(selected(&data, Some("")).unwrap(), "b");
    assert_eq!(selected(&data, Some("other")).unwrap(), "other");
    assert!(selected(&data, Some("no/good")).unwrap_err().to_string().contains("TF_WORKSPACE"));
    let copied = backend.open("b").unwrap().read().unwrap().unwrap();
    assert_eq!((copied.serial, copied.lineage == file.lineage), (1, false));

    let refused =
        |name: &str, current: &str| delete(&backend, name, current, false, None).unwrap_err().to_string();
    assert!(refused("b", "b").contains("is your active workspace"));
    assert!(refused("c", "b").contains("Workspace \"c\" doesn't exist."));
    assert!(refused("default", "b").contains("cannot delete default state"));
    assert!(refused("..", "b").contains("is not allowed"));
    assert!(refused("b", "a").contains("instances:\n  - terraform_data.x[\"k\"]\n\nDeleting"));
    let taken = create(&backend, "a", None, None).unwrap_err().to_string();
    assert!(taken.contains("Workspace \"a\" already exists"));

    if oracle().is_none() {
        return skip("no oracle");
    }
    dir.write("main.tf", "resource \"terraform_data\" \"x\" {\n  for_each = toset([\"k\"])\n}\n");
    let out = dir.terraform(["workspace", "list", "-no-color"]).expect_success().stdout;
    assert_eq!(out.trim_end(), "  default\n  a\n* b");
    dir.terraform(["init"]).expect_success();
    dir.terraform(["plan", "-detailed-exitcode"]).expect_status(0);
    dir.terraform(["workspace", "new", "c"]).expect_success();
    assert_eq!(selected(&data, None).unwrap(), "c");
    assert_eq!(backend.workspaces().unwrap(), ["default", "a", "b", "c"]);
    assert_eq!(delete(&backend, "b", "c", true, None).unwrap(), ["terraform_data.x[\"k\"]"]);
    assert_eq!(backend.workspaces().unwrap(), ["default", "a", "c"]);
}

#[test]
fn names_are_those_that_terraform_allows() {
    for name in ["a", "A-b_c.d~e", "a$b&c+d=e:f@g", "...", "0"] {
        assert!(valid_name(name), "{name}");
    }
    for name in ["", ".", "..", "a b", "a/b", "ü", "a%b", "a?b", "a,b", "a*b", "a!b", "a'b"] {
        assert!(!valid_name(name), "{name}");
    }
    assert!(LocalBackend::new("/nowhere").delete_workspace("..").is_err());
}

/// What a block in HCL looks like to Terraform, and to us.
fn blocks() -> Vec<(&'static str, &'static str, Value)> {
    let s = |text: &str| Value::string(text);
    let s3 = backend_schema("s3").unwrap();
    let nested = |name: &str, text: &str| json::decode(text, s3.implied_type().attr(name).unwrap()).unwrap();
    vec![
        ("local", "", config("local", &[])),
        ("local", "path = \"a/<é>\"", config("local", &[("path", s("a/<é>"))])),
        (
            "http",
            "address = \"http://127.0.0.1:9/x\"\nretry_max = 3\nskip_cert_verification = true\nusername = \"u\"",
            config(
                "http",
                &[
                    ("address", s("http://127.0.0.1:9/x")),
                    ("retry_max", Value::int(3)),
                    ("skip_cert_verification", Value::bool(true)),
                    ("username", s("u")),
                ],
            ),
        ),
        (
            "s3",
            "bucket = \"b\"\nkey = \"k\"\nregion = \"eu-west-1\"\nuse_lockfile = true\nmax_retries = 1\nskip_credentials_validation = true\nskip_requesting_account_id = true\nskip_metadata_api_check = true\naccess_key = \"a\"\nsecret_key = \"s\"\nuse_path_style = true\nallowed_account_ids = [\"2\", \"1\"]\nendpoints = { s3 = \"http://127.0.0.1:9\" }",
            config(
                "s3",
                &[
                    ("bucket", s("b")),
                    ("key", s("k")),
                    ("region", s("eu-west-1")),
                    ("use_lockfile", Value::bool(true)),
                    ("max_retries", Value::int(1)),
                    ("skip_credentials_validation", Value::bool(true)),
                    ("skip_requesting_account_id", Value::bool(true)),
                    ("skip_metadata_api_check", Value::bool(true)),
                    ("access_key", s("a")),
                    ("secret_key", s("s")),
                    ("use_path_style", Value::bool(true)),
                    ("allowed_account_ids", nested("allowed_account_ids", "[\"2\",\"1\"]")),
                    ("endpoints", nested("endpoints", "{\"s3\":\"http://127.0.0.1:9\"}")),
                ],
            ),
        ),
    ]
}

#[test]
fn the_initialised_backend_is_recorded_as_terraform_records_it() {
    if oracle().is_none() {
        return skip("no oracle");
    }
    let mut seen = 0;
    for (ty, body, block) in blocks() {
        let dir = Workdir::new();
        dir.write("main.tf", format!("terraform {{\n  backend {ty:?} {{\n{body}\n}}\n}}\n"));
        // Without a server init fails in the end, but for these two kinds only after the record is made.
        dir.terraform(["init", "-reconfigure"]);
        let path = dir.path().join(".terraform/terraform.tfstate");
        let ours = SavedBackend { ty: ty.into(), config: block.clone(), hash: backend_hash(ty, &block) };
        let mine = dir.path().join("mine/terraform.tfstate");
        SavedBackend::write(Some(&ours), &mine).unwrap();
        assert_eq!(SavedBackend::read(&mine).unwrap().as_ref(), Some(&ours));
        if let Ok(theirs) = fs::read_to_string(&path) {
            seen += 1;
            assert_eq!(fs::read_to_string(&mine).unwrap(), theirs);
            assert_eq!(SavedBackend::read(&path).unwrap(), Some(ours));
        }
        // Terraform accepts ours as an initialised folder, and notices a change.
        if ty == "local" {
            fs::copy(&mine, &path).unwrap();
            dir.terraform(["plan"]).expect_success();
            SavedBackend::write(None, &path).unwrap();
            dir.terraform(["plan"]).expect_status(1);
        }
    }
    assert!(seen >= 3, "{seen}");
}

#[test]
fn changes_of_the_backend_are_told_apart() {
    let [(_, _, none), (_, _, path), (_, _, http), _] = &blocks()[..] else { panic!() };
    let saved = |ty: &str, config: &Value| SavedBackend {
        ty: ty.into(),
        config: config.clone(),
        hash: backend_hash(ty, config),
    };
    let local = saved("local", none);
    let compare = SavedBackend::compare;
    assert_eq!(compare(None, None, None), Comparison::Same);
    assert_eq!(compare(None, Some(("local", none)), None), Comparison::New);
    assert_eq!(compare(Some(&local), None, None), Comparison::Removed);
    assert_eq!(compare(Some(&local), Some(("local", none)), None), Comparison::Same);
    assert_eq!(compare(Some(&local), Some(("local", path)), None), Comparison::ConfigChanged);
    assert_eq!(compare(Some(&local), Some(("http", http)), None), Comparison::TypeChanged);
    // With options of the command line the whole counts; later, without them, the block does.
    let merged = SavedBackend { config: path.clone(), ..local.clone() };
    assert_eq!(compare(Some(&local), Some(("local", none)), Some(path)), Comparison::ConfigChanged);
    assert_eq!(compare(Some(&merged), Some(("local", none)), Some(path)), Comparison::Same);
    assert_eq!(compare(Some(&merged), Some(("local", none)), None), Comparison::Same);
}
