//! What survives: killed processes, damaged journals, full disks.

mod common;

use common::{create, data, instance, provider};
use groma_state::journal::Relation;
use groma_state::{
    Backend, Change, DEFAULT_WORKSPACE, Journal, LocalBackend, LockInfo, LockRequest, Manager, OutputValue,
    State, StateFile, save_errored,
};
use groma_value::{Type, Value};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, SystemTime};

fn open(root: &Path, writes: bool) -> Manager {
    let store = LocalBackend::new(root).open(DEFAULT_WORKSPACE).unwrap();
    let lock = LockRequest {
        info: LockInfo::new("OperationTypeApply", "me@here"),
        timeout: Duration::from_secs(30),
    };
    Manager::open(store, None, writes.then_some(&lock), writes, &|| false).unwrap()
}

fn journal_of(root: &Path) -> std::path::PathBuf {
    root.join(".terraform.tfstate.journal")
}

#[test]
fn changes_are_there_after_the_process_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    let m = open(dir.path(), true);
    let sensitive = OutputValue { value: Value::string("<é>"), ty: Type::String, sensitive: true };
    let mut odd = (*data("odd")).clone();
    odd.private = Arc::from(&b"\0\n\xff"[..]);
    odd.identity = Some((2, "{\"a\":1}".into()));
    odd.create_before_destroy = true;
    let addr = instance("module.m[\"a\\\"b\"].terraform_data.x[\"k\\n\"]");
    m.record(&[create("terraform_data.a[0]", "1"), create("terraform_data.a[1]", "2")]).unwrap();
    m.record(&[Change::Current { addr: addr.clone(), provider: provider(), object: Some(Arc::new(odd)) }])
        .unwrap();
    m.record(&[
        Change::Current { addr: instance("terraform_data.a[0]"), provider: provider(), object: None },
        Change::Deposed {
            addr: instance("terraform_data.a[0]"),
            key: "0badcafe".into(),
            provider: provider(),
            object: Some(data("1")),
        },
        Change::Output { name: "o".into(), value: Some(sensitive.clone()) },
        Change::Output { name: "p".into(), value: Some(sensitive) },
        Change::CheckResults(Some(Arc::new(serde_json::json!([{ "object_kind": "check", "config_addr": "check.c", "status": "pass", "objects": null }])))),
    ])
    .unwrap();
    m.record(&[Change::Output { name: "p".into(), value: None }]).unwrap();
    let journal = journal_of(dir.path());
    assert_eq!(fs::metadata(&journal).unwrap().permissions().mode() & 0o777, 0o600);
    drop(m);

    // A reader sees it, counts it as a state, and changes nothing.
    let seen = open(dir.path(), false);
    assert!(seen.exists() && journal.exists() && !dir.path().join("terraform.tfstate").exists());
    let text = String::from_utf8(groma_state::file::write(seen.file()).unwrap()).unwrap();
    assert!(
        text.contains("\"deposed\": \"0badcafe\"") && text.contains("\"identity_schema_version\": 2"),
        "{text}"
    );
    assert!(text.contains("\"private\": \"AAr/\"") && text.contains("\\u003cé\\u003e"), "{text}");
    assert!(text.contains("\"config_addr\": \"check.c\"") && !text.contains("\"p\""), "{text}");
    assert!(seen.file().state.current(&addr).unwrap().create_before_destroy);

    // A writer makes it the state.
    let mut m = open(dir.path(), true);
    assert!(m.exists() && !journal.exists());
    assert_eq!(m.file().serial, 1);
    assert_eq!(m.file().lineage, seen.file().lineage);
    assert_eq!(m.take_notices()[0].summary, "State recovered");
    let written = fs::read_to_string(dir.path().join("terraform.tfstate")).unwrap();
    assert_eq!(written.replace("\"serial\": 1", "\"serial\": 0"), text);
}

#[test]
fn whole_states_can_be_journalled_by_their_differences() {
    let mut old = State::default();
    for a in ["x.a[0]", "x.a[1]", "module.m[2].x.b", "x.gone"] {
        create(a, a).apply(&mut old);
    }
    let mut new = old.clone();
    Change::Current { addr: instance("x.gone"), provider: provider(), object: None }.apply(&mut new);
    create("module.m[2].x.b", "other").apply(&mut new);
    create("x.new[\"k\"]", "new").apply(&mut new);
    let changes = Change::between(&old, &new);
    assert_eq!(changes.len(), 3);
    let dir = tempfile::tempdir().unwrap();
    let journal = Journal::new(dir.path().join("j"), "l", 4);
    journal.record(&changes).unwrap();
    let content = Journal::load(journal.path()).unwrap().unwrap();
    let mut replayed = old.clone();
    content.replay(0, &mut replayed);
    assert!(groma_state::file::same_content(&replayed, &new));
    assert!(Change::between(&new, &new.clone()).is_empty());
}

#[test]
fn persisting_while_changes_go_on_keeps_the_later_ones() {
    let dir = tempfile::tempdir().unwrap();
    let mut m = open(dir.path(), true);
    let mut state = State::default();
    let a = create("x.a", "1");
    a.apply(&mut state);
    m.record(&[a]).unwrap();
    let position = m.journal().unwrap().position();
    m.record(&[create("x.b", "2")]).unwrap();
    assert!(m.persist_at(state.clone(), Some(position)).unwrap());
    assert_eq!(m.file().serial, 1);
    // The same again changes nothing, and is no new serial.
    assert!(!m.persist_at(state.clone(), Some(position)).unwrap());
    m.record(&[create("x.c", "3")]).unwrap();
    assert_eq!(open(dir.path(), false).file().state.resources.len(), 3);
    drop(m);
    let mut m = open(dir.path(), true);
    assert_eq!((m.file().state.resources.len(), m.file().serial), (3, 2));
    assert!(!m.persist(m.file().state.clone()).unwrap());
}

#[test]
fn a_crash_between_writing_the_state_and_clearing_the_journal_repeats_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let journal = Journal::new(journal_of(dir.path()), "l", 0);
    let mut file = StateFile { lineage: "l".into(), ..StateFile::new() };
    for i in 0..3 {
        let c = create("x.a", &i.to_string());
        c.apply(&mut file.state);
        journal.record(&[c]).unwrap();
    }
    file.serial = 1;
    let bytes = groma_state::file::write(&file).unwrap();
    // A first attempt to write failed; its seal must not be counted.
    journal.seal(&file, b"other", journal.position()).unwrap();
    let position = journal.position();
    journal.record(&[create("x.b", "later")]).unwrap();
    journal.seal(&file, &bytes, position).unwrap();
    let content = Journal::load(journal.path()).unwrap().unwrap();
    assert_eq!(content.records.len(), 4);
    assert_eq!(content.relation(None), Relation::Continues(0));
    assert_eq!(content.relation(Some(&file)), Relation::Continues(3));
    assert_eq!(content.relation(Some(&StateFile { serial: 0, ..file.clone() })), Relation::Continues(0));
    assert_eq!(content.relation(Some(&StateFile { serial: 2, ..file.clone() })), Relation::Diverged);
    assert_eq!(
        content.relation(Some(&StateFile { lineage: "m".into(), ..file.clone() })),
        Relation::Diverged
    );
    let mut other = file.clone();
    create("x.z", "z").apply(&mut other.state);
    assert_eq!(content.relation(Some(&other)), Relation::Diverged);

    // The same through a manager.
    fs::write(dir.path().join("terraform.tfstate"), &bytes).unwrap();
    let m = open(dir.path(), true);
    assert_eq!((m.file().state.resources.len(), m.file().serial), (2, 2));
}

#[test]
fn a_journal_of_a_state_that_has_moved_on_is_kept_aside() {
    let dir = tempfile::tempdir().unwrap();
    let m = open(dir.path(), true);
    m.record(&[create("x.a", "1")]).unwrap();
    drop(m);
    let mut theirs = StateFile::new();
    common::add(&mut theirs, "x.b");
    fs::write(dir.path().join("terraform.tfstate"), groma_state::file::write(&theirs).unwrap()).unwrap();
    assert_eq!(open(dir.path(), false).file().lineage, theirs.lineage);
    let mut m = open(dir.path(), true);
    assert_eq!(m.file().serial, 1);
    assert!(m.file().state.current(&instance("x.a")).is_none());
    let notice = m.take_notices().remove(0).detail;
    let kept = notice.split("is kept in ").nth(1).unwrap().split(';').next().unwrap().to_owned();
    assert_eq!(Journal::load(Path::new(&kept)).unwrap().unwrap().records.len(), 1);
    // And a new one can begin.
    m.record(&[create("x.c", "1")]).unwrap();
}

#[test]
fn of_a_torn_journal_everything_complete_counts() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("j");
    let journal = Journal::new(&path, "l", 7);
    for i in 0..3 {
        journal.record(&[create(&format!("x.a[{i}]"), "é")]).unwrap();
    }
    let whole = fs::read(&path).unwrap();
    let lines: Vec<usize> =
        whole.iter().enumerate().filter(|(_, b)| **b == b'\n').map(|(i, _)| i + 1).collect();
    for cut in 0..=whole.len() {
        fs::write(&path, &whole[..cut]).unwrap();
        let content = Journal::load(&path).unwrap().unwrap();
        let complete = lines.iter().filter(|l| **l <= cut).count();
        assert_eq!(content.records.len(), complete.saturating_sub(1), "cut at {cut}");
        assert_eq!(content.damaged, None);
    }
    // A flipped bit in the middle is not mistaken for the end.
    let mut flipped = whole.clone();
    flipped[lines[1] + 30] ^= 1;
    fs::write(&path, &flipped).unwrap();
    let content = Journal::load(&path).unwrap().unwrap();
    assert_eq!((content.records.len(), content.damaged), (1, Some(3)));
}

#[test]
fn threads_share_one_journal() {
    let dir = tempfile::tempdir().unwrap();
    let journal = Journal::new(dir.path().join("j"), "l", 0);
    thread::scope(|s| {
        for t in 0..8 {
            let journal = &journal;
            s.spawn(move || {
                for i in 0..25 {
                    journal.record(&[create(&format!("x.t{t}[{i}]"), "1")]).unwrap();
                }
            });
        }
    });
    let content = Journal::load(journal.path()).unwrap().unwrap();
    let mut state = State::default();
    content.replay(0, &mut state);
    assert_eq!((content.records.len(), state.instances().count()), (200, 200));
}

/// Not a test by itself: what the killed process does.
#[test]
fn child() {
    let Some(root) = std::env::var_os("GROMA_STATE_TEST_CHILD") else { return };
    let root = Path::new(&root);
    let mut out = std::io::stdout();
    let mut m = open(root, true);
    let mut state = m.file().state.clone();
    let first = state.instances().filter(|(a, ..)| &*a.resource.name == "r").count();
    for i in first.. {
        let change = create(&format!("terraform_data.r[{i}]"), &i.to_string());
        m.record(std::slice::from_ref(&change)).unwrap();
        writeln!(out, "\ndone {i}").unwrap();
        out.flush().unwrap();
        // Sometimes the state is written with the last change, sometimes without it.
        if i % 5 == 2 {
            let position = m.journal().unwrap().position();
            let next = create(&format!("terraform_data.s[{i}]"), "s");
            m.record(std::slice::from_ref(&next)).unwrap();
            change.apply(&mut state);
            m.persist_at(state.clone(), Some(position)).unwrap();
            next.apply(&mut state);
            let gone = Change::Current {
                addr: instance(&format!("terraform_data.s[{i}]")),
                provider: provider(),
                object: None,
            };
            m.record(std::slice::from_ref(&gone)).unwrap();
            gone.apply(&mut state);
        } else {
            change.apply(&mut state);
        }
        if i % 7 == 3 {
            m.persist(state.clone()).unwrap();
        }
    }
}

#[test]
fn a_process_killed_at_any_moment_loses_nothing_it_reported() {
    let dir = tempfile::tempdir().unwrap();
    let mut reported: i64 = -1;
    let mut before = 0;
    let mut round = 0;
    // On a busy machine a process may not come to anything before it is killed.
    while round < 60 || (reported < 20 && round < 600) {
        round += 1;
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child", "--nocapture"])
            .env("GROMA_STATE_TEST_CHILD", dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let reader = thread::spawn(move || {
            let done = |l: String| l.strip_prefix("done ").and_then(|n| n.parse::<i64>().ok());
            out.lines().map_while(Result::ok).filter_map(done).max()
        });
        let nanos = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().subsec_nanos();
        thread::sleep(Duration::from_micros(u64::from(nanos / 1000 % 60_000) + round % 7 * 1000));
        child.kill().unwrap();
        child.wait().unwrap();
        reported = reported.max(reader.join().unwrap().unwrap_or(-1));
        let state = &open(dir.path(), false).file().state.clone();
        for i in 0..=reported {
            let addr = instance(&format!("terraform_data.r[{i}]"));
            let object =
                state.current(&addr).unwrap_or_else(|| panic!("round {round}: {i} of {reported} lost"));
            assert!(object.attributes.contains(&format!("\"id\":\"{i}\"")));
        }
        // At most one operation of each process was done and not yet reported.
        let all = state.instances().filter(|(a, ..)| &*a.resource.name == "r").count() as i64;
        assert!(all <= before.max(reported + 1) + 1, "round {round}");
        before = all;
    }
    assert!(reported > 20, "{reported}");
}

/// As the test above: runs with a limit on the size of files.
#[test]
fn limited_child() {
    let Some(root) = std::env::var_os("GROMA_STATE_TEST_LIMITED") else { return };
    let root = Path::new(&root);
    let mut m = open(root, true);
    let mut state = m.file().state.clone();
    let before = fs::read(root.join("terraform.tfstate")).unwrap();
    let mut failed = 0;
    for i in 0..40 {
        let change = create(&format!("terraform_data.big[{i}]"), &"x".repeat(500));
        failed += u32::from(m.record(std::slice::from_ref(&change)).is_err());
        change.apply(&mut state);
    }
    assert!(failed > 0 && failed < 40, "{failed}");
    let error = m.persist(state.clone()).unwrap_err().to_string();
    assert!(error.starts_with("failed to write the state: "), "{error}");
    assert_eq!(fs::read(root.join("terraform.tfstate")).unwrap(), before);
    assert!(save_errored(root, m.file(), state).is_err());
    writeln!(std::io::stdout(), "\nrecorded {}", 40 - failed).unwrap();
}

#[test]
fn a_full_disk_leaves_the_old_state_and_what_the_journal_could_take() {
    let dir = tempfile::tempdir().unwrap();
    let mut m = open(dir.path(), true);
    let mut state = State::default();
    create("terraform_data.a", "1").apply(&mut state);
    m.persist(state).unwrap();
    m.unlock().unwrap();
    // A limit on the size of files stands in for the full disk: writes fail half-way.
    let script = "trap '' XFSZ; ulimit -f 8; exec \"$0\" --exact limited_child --nocapture";
    let out = Command::new("bash")
        .args(["-c", script])
        .arg(std::env::current_exe().unwrap())
        .env("GROMA_STATE_TEST_LIMITED", dir.path())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(out.status.success(), "{text}\n{}", String::from_utf8_lossy(&out.stderr));
    let recorded: usize = text.lines().find_map(|l| l.strip_prefix("recorded ")?.parse().ok()).unwrap();
    let m = open(dir.path(), true);
    assert_eq!(m.file().state.instances().count(), 1 + recorded);
}

#[test]
fn a_state_that_cannot_be_written_is_saved_for_a_push() {
    let dir = tempfile::tempdir().unwrap();
    let mut m = open(dir.path(), true);
    let mut state = State::default();
    create("x.a", "1").apply(&mut state);
    m.persist(state.clone()).unwrap();
    create("x.b", "2").apply(&mut state);
    let path = save_errored(dir.path(), m.file(), state.clone()).unwrap();
    let saved = groma_state::file::read(&fs::read(path).unwrap()).unwrap();
    assert_eq!((saved.serial, &saved.lineage), (2, &m.file().lineage));
    m.push(saved, false).unwrap();
    assert_eq!(m.file().state.resources.len(), 2);
    assert!(m.push(StateFile { serial: 9, ..StateFile::new() }, false).is_err());
}
