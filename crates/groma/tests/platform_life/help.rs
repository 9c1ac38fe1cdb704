//! What the tests share: the manifest, the command, the world of the sandbox.

use groma_sandbox::{Object, Sandbox, Settings, World};
use groma_testkit::{Output, Workdir};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

pub const GROMA: &str = env!("CARGO_BIN_EXE_groma");

/// A directory with the small manifest.
pub fn shop() -> Workdir {
    let mut dir = Workdir::new();
    dir.write("groma.hcl", include_str!("groma.hcl"));
    dir.timeout(Duration::from_secs(60)).env("USER", "ada");
    dir
}

/// `groma COMMAND -sandbox -no-color ARGS`
#[track_caller]
pub fn groma(dir: &Workdir, args: &[&str]) -> Output {
    dir.run(GROMA, words(args))
}

/// The same with faults.
#[track_caller]
pub fn faulty(dir: &Workdir, faults: &str, args: &[&str]) -> Output {
    dir.invoke(GROMA).args(words(args)).env("GROMA_SANDBOX_FAULTS", faults).run()
}

/// The words of a command line in the sandbox.
pub fn words<'a>(args: &[&'a str]) -> Vec<&'a str> {
    let mut all = vec![args[0], "-sandbox", "-no-color"];
    all.extend(&args[1..]);
    all
}

/// What the sandbox has.
pub fn world(dir: &Workdir) -> World {
    let aws = dir.path().join(".groma/sandbox/aws");
    let settings = Settings { dir: Some(aws), account: "123456789012".into(), ..Settings::default() };
    Sandbox::open(settings).expect("the sandbox").world()
}

/// How many objects of each type have a tag of Groma's.
pub fn tagged(dir: &Workdir) -> BTreeMap<String, usize> {
    let mut out = BTreeMap::new();
    for o in world(dir).objects().expect("objects") {
        if o.tags.contains_key("groma:platform") {
            *out.entry(o.ty).or_default() += 1;
        }
    }
    out
}

/// All objects of a type.
pub fn of(dir: &Workdir, ty: &str) -> Vec<Object> {
    let mut all = world(dir).objects().expect("objects");
    all.retain(|o| o.ty == ty);
    all
}

/// A text attribute of an object; empty where there is none.
pub fn text(o: &Object, name: &str) -> String {
    o.attributes.get_attr(name).and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// What is remembered.
pub fn record(dir: &Workdir) -> serde_json::Value {
    let path = ".groma/sandbox/state/groma-record.tfstate";
    if !dir.exists(path) {
        return serde_json::json!({ "environments": {} });
    }
    let state: serde_json::Value = serde_json::from_str(&dir.read(path)).expect("a state");
    serde_json::from_str(state["outputs"]["record"]["value"].as_str().expect("a record")).expect("JSON")
}

/// The word behind an environment in `groma status`; `no` if it is not there.
pub fn status(dir: &Workdir, slug: &str) -> String {
    let out = groma(dir, &["status"]).expect_success().stdout;
    let line = out.lines().find(|l| l.split_whitespace().next() == Some(slug));
    line.and_then(|l| l.split_whitespace().nth(1)).unwrap_or("no").to_owned()
}

/// Up and as described.
#[track_caller]
pub fn up(dir: &Workdir, env: &[&str]) -> String {
    let mut all = vec!["up", "-auto-approve"];
    all.extend(env);
    groma(dir, &all).expect_success().stdout
}

/// That there is nothing to do.
#[track_caller]
pub fn settled(dir: &Workdir, env: &[&str]) {
    let mut all = vec!["diff", "-detailed-exitcode"];
    all.extend(env);
    groma(dir, &all).expect_status(0);
}

/// Down, with nothing left.
#[track_caller]
pub fn down(dir: &Workdir, env: &[&str]) {
    let mut all = vec!["down", "-auto-approve"];
    all.extend(env);
    let out = groma(dir, &all).expect_success().stdout;
    assert!(out.contains("nothing with its tag is left"), "{out}");
}

/// That no file is left of a write or a run that did not end.
#[track_caller]
pub fn tidy(dir: &Workdir) {
    let state: &Path = &dir.path().join(".groma/sandbox/state");
    let left: Vec<String> = std::fs::read_dir(state)
        .expect("states")
        .flatten()
        .map(|e| e.file_name().to_string_lossy().into_owned())
        .filter(|n| n.starts_with('.'))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}
