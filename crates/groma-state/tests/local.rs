//! The local backend beside a Terraform that uses the same files.

mod common;

use common::add;
use groma_state::{
    Backend, DEFAULT_WORKSPACE, LocalBackend, LockInfo, StateError, StateFile, StateStore, lock_waiting,
};
use groma_testkit::{Workdir, oracle, skip};
use groma_value::addr::ResourceInstance;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

fn open(root: &Path) -> Box<dyn StateStore> {
    LocalBackend::new(root).open(DEFAULT_WORKSPACE).unwrap()
}

fn names(root: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(root).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_state_is_written_and_read_with_a_backup_of_the_former() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(dir.path());
    assert!(store.read().unwrap().is_none());
    let mut file = StateFile::new();
    add(&mut file, "terraform_data.a");
    store.write(&file).unwrap();
    assert_eq!(names(dir.path()), ["terraform.tfstate"]);
    let first = fs::read(dir.path().join("terraform.tfstate")).unwrap();
    let mut store = open(dir.path());
    add(&mut file, "terraform_data.b");
    store.write(&file).unwrap();
    add(&mut file, "terraform_data.c");
    store.write(&file).unwrap();
    // One backup a run: of what was there before it.
    assert_eq!(fs::read(dir.path().join("terraform.tfstate.backup")).unwrap(), first);
    assert_eq!(store.read().unwrap().unwrap().state.resources.len(), 3);
    store.delete().unwrap();
    assert!(store.read().unwrap().is_none());
}

#[test]
fn a_lock_excludes_others_and_names_its_holder() {
    let dir = tempfile::tempdir().unwrap();
    let (mut a, mut b) = (open(dir.path()), open(dir.path()));
    let info = LockInfo::new("OperationTypeApply", "me@here");
    assert_eq!(a.lock(&info).unwrap(), info.id);
    assert_eq!(names(dir.path()), [".terraform.tfstate.lock.info", "terraform.tfstate"]);
    let error = b.lock(&LockInfo::new("OperationTypePlan", "me@here")).unwrap_err().to_string();
    assert!(error.starts_with("resource temporarily unavailable\nLock Info:\n  ID:        "), "{error}");
    assert!(error.contains("\n  Operation: OperationTypeApply\n  Who:       me@here\n"), "{error}");
    assert!(a.lock(&info).is_err());
    assert!(a.unlock("other").is_err());
    // Reading does not release it, neither here nor through another store.
    assert!(a.read().unwrap().is_none() && b.read().unwrap().is_none());
    assert!(b.lock(&info).is_err());
    a.unlock(&info.id).unwrap();
    // An empty state that only the lock made is gone again.
    assert_eq!(names(dir.path()), Vec::<String>::new());
    b.lock(&info).unwrap();
    drop(b);
    a.lock(&info).unwrap();
    assert!(a.force_unlock(&info.id).is_err());
}

#[test]
fn waiting_for_a_lock_ends_with_the_lock_the_time_or_a_signal() {
    let dir = tempfile::tempdir().unwrap();
    let info = LockInfo::new("op", "me@here");
    let mut holder = open(dir.path());
    holder.lock(&info).unwrap();
    let mut other = open(dir.path());
    let started = Instant::now();
    let cancelled = || started.elapsed() > Duration::from_millis(300);
    assert!(lock_waiting(&mut *other, &info, Duration::from_millis(100), &|| false).is_err());
    assert!(lock_waiting(&mut *other, &info, Duration::from_secs(60), &cancelled).is_err());
    let release = thread::spawn(move || {
        thread::sleep(Duration::from_millis(300));
        drop(holder);
    });
    lock_waiting(&mut *other, &info, Duration::from_secs(60), &|| false).unwrap();
    assert!(started.elapsed() < Duration::from_secs(10));
    release.join().unwrap();
}

#[test]
fn threads_that_wait_for_one_lock_get_it_in_turn() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    thread::scope(|s| {
        for n in 0..4 {
            s.spawn(move || {
                for i in 0..5 {
                    let mut store = open(root);
                    let info = LockInfo::new("op", "me@here");
                    while store.lock(&info).is_err() {
                        thread::sleep(Duration::from_millis(3));
                    }
                    let mut file = store.read().unwrap().unwrap_or_default();
                    add(&mut file, &format!("terraform_data.t{n}_{i}"));
                    store.write(&file).unwrap();
                    store.unlock(&info.id).unwrap();
                }
            });
        }
    });
    let file = open(root).read().unwrap().unwrap();
    assert_eq!((file.state.resources.len(), file.serial), (20, 20));
}

#[test]
fn workspaces_are_folders() {
    let dir = tempfile::tempdir().unwrap();
    let backend = LocalBackend::new(dir.path());
    assert_eq!(backend.workspaces().unwrap(), ["default"]);
    for name in ["b", "a"] {
        let mut store = backend.open(name).unwrap();
        let mut file = StateFile::new();
        add(&mut file, "terraform_data.a");
        store.write(&file).unwrap();
    }
    assert_eq!(backend.workspaces().unwrap(), ["default", "a", "b"]);
    backend.delete_workspace("b").unwrap();
    assert!(backend.delete_workspace("default").is_err());
    assert_eq!(backend.workspaces().unwrap(), ["default", "a"]);
    assert_eq!(names(dir.path()), ["terraform.tfstate.d"]);
}

#[test]
fn an_interrupted_write_is_completed() {
    let dir = tempfile::tempdir().unwrap();
    let (state, pending) =
        (dir.path().join("terraform.tfstate"), dir.path().join(".terraform.tfstate.pending"));
    let mut old = StateFile::new();
    add(&mut old, "terraform_data.a");
    let mut new = old.clone();
    add(&mut new, "terraform_data.b");
    let (old, new) = (groma_state::file::write(&old).unwrap(), groma_state::file::write(&new).unwrap());
    let mut torn = new[..50].to_vec();
    torn.extend(&old[50..]);
    torn[0] = b'!';
    for left in [&old[..], &torn, &new[..new.len() - 9], b""] {
        fs::write(&state, left).unwrap();
        fs::write(&pending, &new).unwrap();
        let mut store = open(dir.path());
        // Readers need no lock to see what was to be written.
        assert_eq!(store.read().unwrap().unwrap().serial, 2);
        assert_eq!(fs::read(&state).unwrap(), left);
        let id = store.lock(&LockInfo::new("op", "me@here")).unwrap();
        assert_eq!(fs::read(&state).unwrap(), new);
        assert!(!pending.exists());
        assert_eq!(store.take_notices().len(), 1);
        store.unlock(&id).unwrap();
    }
    // Complete already: nothing to say.
    fs::write(&pending, &new).unwrap();
    let mut store = open(dir.path());
    store.lock(&LockInfo::new("op", "me@here")).unwrap();
    assert!(!pending.exists() && store.take_notices().is_empty());
}

#[test]
fn an_interrupted_write_does_not_undo_what_others_did_since() {
    let dir = tempfile::tempdir().unwrap();
    let mut ours = StateFile::new();
    let mut theirs = ours.clone();
    add(&mut ours, "terraform_data.a");
    add(&mut theirs, "terraform_data.b");
    fs::write(dir.path().join(".terraform.tfstate.pending"), groma_state::file::write(&ours).unwrap())
        .unwrap();
    fs::write(dir.path().join("terraform.tfstate"), groma_state::file::write(&theirs).unwrap()).unwrap();
    let mut store = open(dir.path());
    store.lock(&LockInfo::new("op", "me@here")).unwrap();
    let file = store.read().unwrap().unwrap();
    assert!(file.state.current(&ResourceInstance::parse("terraform_data.b").unwrap()).is_some());
    let notices = store.take_notices();
    assert!(notices[0].detail.contains("terraform.tfstate.interrupted-"), "{notices:?}");
    assert!(names(dir.path()).iter().any(|n| n.starts_with("terraform.tfstate.interrupted-")));
}

#[test]
fn a_full_disk_leaves_the_state_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(dir.path());
    let mut file = StateFile::new();
    add(&mut file, "terraform_data.a");
    store.write(&file).unwrap();
    let before = fs::read(dir.path().join("terraform.tfstate")).unwrap();
    // No place for the copy: as on a full disk, nothing may be touched.
    fs::create_dir(dir.path().join(".terraform.tfstate.pending")).unwrap();
    fs::write(dir.path().join(".terraform.tfstate.pending/x"), "").unwrap();
    add(&mut file, "terraform_data.b");
    assert!(matches!(store.write(&file), Err(StateError::Io { .. })));
    assert_eq!(fs::read(dir.path().join("terraform.tfstate")).unwrap(), before);
}

const SLOW: &str = "resource \"terraform_data\" \"slow\" {\n provisioner \"local-exec\" {\n command = \"touch started; sleep 2\"\n }\n}\n";

#[test]
fn terraform_keeps_us_out_while_it_works() {
    if oracle().is_none() {
        return skip("no oracle");
    }
    let dir = Workdir::new();
    dir.write("main.tf", SLOW);
    dir.terraform(["init"]).expect_success();
    let mut run = dir.invoke(oracle().unwrap()).args(["apply", "-auto-approve"]).command().spawn().unwrap();
    while !dir.exists("started") {
        thread::sleep(Duration::from_millis(20));
    }
    let mut store = open(dir.path());
    let info = LockInfo::new("op", "me@here");
    let error = store.lock(&info).unwrap_err();
    let holder = error.lock_conflict().unwrap().holder.clone().unwrap();
    assert_eq!(
        (holder.operation.as_str(), holder.path.as_str()),
        ("OperationTypeApply", "terraform.tfstate")
    );
    // Its lock becomes ours when it is done, with what it wrote.
    lock_waiting(&mut *store, &info, Duration::from_secs(60), &|| false).unwrap();
    assert!(run.wait().unwrap().success());
    assert_eq!(store.read().unwrap().unwrap().state.resources.len(), 1);
}

#[test]
fn we_keep_terraform_out_and_it_continues_with_what_we_wrote() {
    if oracle().is_none() {
        return skip("no oracle");
    }
    let dir = Workdir::new();
    dir.write(
        "main.tf",
        "resource \"terraform_data\" \"ours\" {}\nresource \"terraform_data\" \"theirs\" {}\n",
    );
    dir.terraform(["init"]).expect_success();
    let mut store = open(dir.path());
    let info = LockInfo::new("OperationTypeApply", "me@here");
    store.lock(&info).unwrap();
    let out = dir.terraform(["plan", "-no-color"]).expect_status(1);
    assert!(out.stderr.contains("Error acquiring the state lock"), "{out}");
    assert!(out.stderr.contains(&format!("ID:        {}", info.id)), "{out}");
    assert!(out.stderr.contains(" +0000 UTC\n"), "{out}");

    // A Terraform that waits has opened the file already: what we write must be
    // in that file, and what it writes must not be lost.
    let args = ["apply", "-auto-approve", "-no-color", "-lock-timeout=60s"];
    let mut run = dir.invoke(oracle().unwrap()).args(args).command().spawn().unwrap();
    thread::sleep(Duration::from_millis(700));
    let mut file = StateFile::new();
    add(&mut file, "terraform_data.ours");
    store.write(&file).unwrap();
    store.unlock(&info.id).unwrap();
    assert!(run.wait().unwrap().success());
    let after = store.read().unwrap().unwrap();
    assert_eq!(after.lineage, file.lineage);
    assert_eq!(after.state.resources.len(), 2);
    let ours = ResourceInstance::parse("terraform_data.ours").unwrap();
    assert!(after.state.current(&ours).unwrap().attributes.contains("\"id\":\"1\""));
}

#[test]
fn backups_are_as_terraform_makes_them() {
    if oracle().is_none() {
        return skip("no oracle");
    }
    let dir = Workdir::new();
    let config = "resource \"terraform_data\" \"a\" {}\n";
    dir.write("main.tf", config);
    dir.terraform(["init"]).expect_success();
    dir.terraform(["apply", "-auto-approve"]).expect_success();
    // The same state in another layout, from another version.
    let mut json: serde_json::Value = serde_json::from_str(&dir.read("terraform.tfstate")).unwrap();
    json["terraform_version"] = "1.9.0".into();
    dir.write("terraform.tfstate", json.to_string());
    let mut ours = open(dir.path());
    let mut file = ours.read().unwrap().unwrap();
    add(&mut file, "terraform_data.b");
    ours.write(&file).unwrap();
    let backup = dir.read("terraform.tfstate.backup");
    dir.write("terraform.tfstate", json.to_string());
    dir.remove("terraform.tfstate.backup");
    dir.write("main.tf", format!("{config}resource \"terraform_data\" \"b\" {{}}\n"));
    dir.terraform(["apply", "-auto-approve"]).expect_success();
    assert_eq!(backup, dir.read("terraform.tfstate.backup"));
}
