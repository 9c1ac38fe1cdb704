//! What the manifest says nothing of any more.

use super::help::*;
use groma_testkit::Workdir;

/// Takes a block out of the manifest: from its first line to the brace that ends it.
fn without(dir: &Workdir, first: &str) {
    let text = dir.read("groma.hcl");
    let from = text.find(first).unwrap_or_else(|| panic!("no {first:?}"));
    let end = from + text[from..].find("\n}\n").expect("its end") + 3;
    dir.write("groma.hcl", format!("{}{}", &text[..from], &text[end..]));
}

/// Changes what is remembered.
fn remember(dir: &Workdir, change: impl FnOnce(&mut serde_json::Value)) {
    let path = ".groma/sandbox/state/groma-record.tfstate";
    let mut state: serde_json::Value = serde_json::from_str(&dir.read(path)).expect("a state");
    let mut record = record(dir);
    change(&mut record);
    state["outputs"]["record"]["value"] = record.to_string().into();
    dir.write(path, state.to_string());
}

#[test]
fn an_environment_does_not_move_between_networks() {
    let dir = shop();
    up(&dir, &["staging"]);
    let before = tagged(&dir);
    let text = dir.read("groma.hcl");
    for (from, to) in [("network = network.shared", ""), ("network.shared", "network.new")] {
        let moved = format!("{}\nnetwork \"new\" {{}}\n", text.replace(from, to));
        dir.write("groma.hcl", moved);
        let out = groma(&dir, &["up", "-auto-approve", "staging"]).expect_status(1).stderr;
        assert!(
            out.contains("staging is in another network") && out.contains("groma down -sandbox staging"),
            "{out}"
        );
        assert_eq!(tagged(&dir), before);
    }
    // By the way that it says.
    down(&dir, &["staging"]);
    up(&dir, &["staging"]);
    settled(&dir, &["staging"]);
}

#[test]
fn an_environment_that_is_not_declared_any_more_goes() {
    let dir = shop();
    up(&dir, &["staging"]);
    up(&dir, &["-each=a", "branch"]);
    let before = tagged(&dir);
    without(&dir, "environment \"branch\"");

    // It is seen, with what to do.
    for command in ["status", "envs"] {
        let out = groma(&dir, &[command]).expect_success().stdout;
        assert!(
            out.contains("branch-a is no longer declared in groma.hcl. To take it down:\n  groma down -sandbox branch-a\n"),
            "{out}"
        );
    }
    let out = groma(&dir, &["status", "branch-a"]).expect_success().stdout;
    assert!(
        out.contains("shop branch-a (eu-west-1, account main 123456789012): up, but no longer declared"),
        "{out}"
    );
    let json = groma(&dir, &["status", "-json"]).expect_success().json();
    assert_eq!(json["environments"][0]["declared"], false, "{json}");
    assert_eq!(json["environments"][1]["declared"], true, "{json}");
    let json = groma(&dir, &["envs", "-json"]).expect_success().json();
    assert_eq!(json["undeclared"], serde_json::json!(["branch-a"]), "{json}");
    for command in ["park", "resume", "docs", "diff", "up"] {
        let out = groma(&dir, &[command, "branch-a"]).expect_status(1).stderr;
        assert!(
            out.contains("branch-a is no longer declared") && out.contains("groma down -sandbox branch-a"),
            "{out}"
        );
    }

    // The others live on: one that shares its network keeps it.
    settled(&dir, &["staging"]);
    groma(&dir, &["park", "-auto-approve", "staging"]).expect_success();
    groma(&dir, &["resume", "-auto-approve", "staging"]).expect_success();
    assert_eq!(tagged(&dir), before);
    let out = groma(&dir, &["down", "-auto-approve", "staging"]).expect_success().stdout;
    assert!(!out.contains("network shared"), "{out}");
    assert_eq!(of(&dir, "aws_vpc").len(), 1);

    // A no is a no; a yes takes it down, and the network with it.
    let out = dir.invoke(GROMA).args(words(&["down", "branch-a"])).env("TF_INPUT", "1").stdin("no\n").run();
    let out = out.expect_status(1).stdout;
    assert!(
        out.contains("Down: shop branch-a (eu-west-1, account main 123456789012, in the sandbox), which groma.hcl no longer declares"),
        "{out}"
    );
    assert!(out.contains("database.main") && out.contains("network shared"), "{out}");
    assert!(out.contains("Cancelled: nothing was done."), "{out}");
    down(&dir, &["branch-a"]);
    assert!(tagged(&dir).is_empty(), "{:?}", tagged(&dir));
    assert_eq!(record(&dir)["roots"], serde_json::Value::Null);
    tidy(&dir);
}

#[test]
fn what_expired_is_swept_though_it_is_not_declared() {
    let dir = shop();
    up(&dir, &["staging"]);
    up(&dir, &["-each=a", "branch"]);
    super::stagings::expire(&dir, "branch-a");
    without(&dir, "environment \"branch\"");
    groma(&dir, &["sweep"]).expect_success();
    assert_eq!(status(&dir, "branch-a"), "no");
    settled(&dir, &["staging"]);
}

#[test]
fn networks_that_are_not_declared_any_more_go() {
    let dir = shop();
    up(&dir, &["staging"]);
    let out = groma(&dir, &["down", "-auto-approve", "network.shared"]).expect_status(1).stderr;
    assert!(out.contains("The network shared is in use") && out.contains("In it is: staging."), "{out}");
    let out = groma(&dir, &["down", "-auto-approve", "network.other"]).expect_status(1).stderr;
    assert!(out.contains("The network other is not there") && out.contains("There is one: shared."), "{out}");

    // A network whose end did not come with that of its last environment.
    faulty(&dir, "aws_vpc.delete=error:DependencyViolation", &["down", "-auto-approve", "staging"])
        .expect_status(1);
    remember(&dir, |r| {
        r["environments"].as_object_mut().expect("environments").remove("staging");
        r["roots"].as_object_mut().expect("root modules").remove("staging");
    });
    let out = groma(&dir, &["status"]).expect_success().stdout;
    assert!(
        out.contains("The network shared is there, and no environment is in it. To take it down:\n  groma down -sandbox network.shared\n"),
        "{out}"
    );
    let out = groma(&dir, &["down", "-auto-approve", "network.shared"]).expect_success().stdout;
    assert!(out.contains("The network shared is down."), "{out}");
    assert_eq!(of(&dir, "aws_vpc").len(), 0);

    // Environment and network, both of them gone from the manifest.
    up(&dir, &["staging"]);
    without(&dir, "environment \"branch\"");
    without(&dir, "environment \"staging\"");
    let text = dir.read("groma.hcl");
    dir.write("groma.hcl", text.replace("network \"shared\" {}", ""));
    down(&dir, &["staging"]);
    assert!(tagged(&dir).is_empty(), "{:?}", tagged(&dir));
}

#[test]
fn what_was_protected_stays_protected() {
    let dir = shop();
    let text = dir.read("groma.hcl");
    dir.write(
        "groma.hcl",
        text.replace("environment \"prod\" {}", "environment \"prod\" {\n  protect = true\n}"),
    );
    up(&dir, &["prod"]);
    let text = dir.read("groma.hcl");
    let renamed = text
        .replace("environment \"prod\"", "environment \"live\"")
        .replace("environment.prod", "environment.live");
    dir.write("groma.hcl", renamed);
    let out = groma(&dir, &["down", "-auto-approve", "prod"]).expect_status(1).stderr;
    assert!(out.contains("prod is protected") && out.contains("groma up -sandbox prod"), "{out}");
    // A record of before has nothing of its root modules; AWS refuses then.
    remember(&dir, |r| drop(r.as_object_mut().expect("a record").remove("roots")));
    let out = groma(&dir, &["down", "-auto-approve", "prod"]).expect_status(1);
    assert!(out.stderr.to_lowercase().contains("protect"), "{out}");
    assert_eq!(of(&dir, "aws_db_instance").len(), 1);
}
