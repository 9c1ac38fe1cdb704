//! Environments on demand.

use super::help::*;
use groma_testkit::Workdir;
use std::collections::BTreeSet;

/// The ids of all objects of a state.
fn ids(dir: &Workdir, root: &str) -> BTreeSet<String> {
    let state: serde_json::Value =
        serde_json::from_str(&dir.read(format!(".groma/sandbox/state/{root}.tfstate"))).expect("a state");
    let managed = state["resources"].as_array().expect("resources").iter().filter(|r| r["mode"] == "managed");
    managed
        .flat_map(|r| r["instances"].as_array().expect("instances"))
        .filter_map(|i| Some(i["attributes"]["arn"].as_str().or(i["attributes"]["id"].as_str())?.to_owned()))
        .collect()
}

/// Puts the time of an environment into the past.
pub fn expire(dir: &Workdir, slug: &str) {
    let path = ".groma/sandbox/state/groma-record.tfstate";
    let mut state: serde_json::Value = serde_json::from_str(&dir.read(path)).expect("a state");
    let mut record = record(dir);
    record["environments"][slug]["expires"] = 1.into();
    state["outputs"]["record"]["value"] = record.to_string().into();
    dir.write(path, state.to_string());
}

#[test]
fn each_branch_has_its_own() {
    let dir = shop();
    let a = up(&dir, &["-each=a", "branch"]);
    let b = up(&dir, &["-each=fix-login", "branch"]);
    assert!(a.contains("https://shop.branch-a.example.com"), "{a}");
    assert!(b.contains("https://shop.branch-fix-login.example.com"), "{b}");
    assert!(b.contains("network shared: no changes"), "{b}");
    let (a, b) = (ids(&dir, "branch-a"), ids(&dir, "branch-fix-login"));
    assert_eq!(a.intersection(&b).collect::<Vec<_>>(), Vec::<&String>::new());
    assert_eq!(a.len(), b.len());
    assert_eq!(of(&dir, "aws_vpc").len(), 1);
    assert_eq!(of(&dir, "aws_db_instance").len(), 2);
    let out = groma(&dir, &["envs"]).expect_success().stdout;
    assert!(out.contains("a, fix-login"), "{out}");

    // Only what expired goes.
    let out = groma(&dir, &["status"]).expect_success().stdout;
    assert_eq!(out.matches("expires in ").count(), 2, "{out}");
    let out = groma(&dir, &["sweep"]).expect_success().stdout;
    assert_eq!(out, "No environment's time is over.\n");
    expire(&dir, "branch-a");
    let out = groma(&dir, &["status"]).expect_success().stdout;
    assert!(out.contains("its time is over"), "{out}");
    let out = groma(&dir, &["sweep", "-dry-run"]).expect_success().stdout;
    assert!(out.starts_with("branch-a") && !out.contains("fix-login"), "{out}");
    assert_eq!(of(&dir, "aws_db_instance").len(), 2);
    groma(&dir, &["sweep"]).expect_success();
    assert_eq!(status(&dir, "branch-a"), "no");
    settled(&dir, &["-each=fix-login", "branch"]);
    // An up gives new time.
    expire(&dir, "branch-fix-login");
    up(&dir, &["-each=fix-login", "branch"]);
    let out = groma(&dir, &["sweep"]).expect_success().stdout;
    assert_eq!(out, "No environment's time is over.\n");
    down(&dir, &["-each=fix-login", "branch"]);
    assert!(tagged(&dir).is_empty());
}

#[test]
fn one_that_cannot_be_swept_does_not_keep_the_others() {
    let dir = shop();
    up(&dir, &["-each=a", "branch"]);
    up(&dir, &["-each=b", "branch"]);
    expire(&dir, "branch-a");
    expire(&dir, "branch-b");
    let fault = "aws_db_instance.delete=error:InvalidDBInstanceState*1";
    let out = faulty(&dir, fault, &["sweep"]).expect_status(1);
    assert!(out.stderr.contains("InvalidDBInstanceState"), "{out}");
    assert_eq!((status(&dir, "branch-a"), status(&dir, "branch-b")), ("unfinished".into(), "no".into()));
    groma(&dir, &["sweep"]).expect_success();
    assert!(tagged(&dir).is_empty());
}

#[test]
fn half_the_size() {
    let dir = shop();
    up(&dir, &["prod"]);
    up(&dir, &["staging"]);
    let limits = |env: &str| {
        let all = of(&dir, "aws_appautoscaling_target");
        let t =
            all.iter().find(|t| text(t, "resource_id").contains(&format!("shop-{env}/"))).expect("a target");
        let n = |name: &str| t.attributes.get_attr(name).map(|v| groma_value_text(&v)).expect("a number");
        (n("min_capacity"), n("max_capacity"))
    };
    assert_eq!(limits("prod"), ("2".into(), "8".into()));
    assert_eq!(limits("staging"), ("1".into(), "4".into()));
    let classes: BTreeSet<String> =
        of(&dir, "aws_db_instance").iter().map(|d| text(d, "instance_class")).collect();
    assert!(classes.contains("db.t4g.medium"), "{classes:?}");
}

fn groma_value_text(v: &groma_value::Value) -> String {
    groma_value::json::to_json(v, &v.ty()).expect("JSON").to_string()
}

#[test]
fn labels_that_are_none() {
    let dir = shop();
    for (args, says) in [
        (&["up", "-auto-approve", "-each=", "branch"][..], "label"),
        (&["up", "-auto-approve", "-each=/!", "branch"], "Empty label"),
        (&["up", "-auto-approve", "branch"], "-each"),
        (&["up", "-auto-approve", "-each=a", "prod"], "-each"),
        (&["up", "-auto-approve", "stagin"], "staging"),
        (&["down", "-auto-approve", "-each=a", "branch"], "branch-a is not up"),
        (&["park", "staging"], "groma up -sandbox staging"),
        (&["up"], "prod, staging, branch"),
        (&["up", "prod", "staging"], "one environment"),
    ] {
        let out = groma(&dir, args).expect_status(1);
        assert!(out.stderr.contains(says), "{says}: {out}");
    }
    assert!(tagged(&dir).is_empty());
    assert_eq!(record(&dir)["environments"], serde_json::json!({}));
    // Names of branches may be labels as they are.
    let out = groma(&dir, &["diff", "-each=Fix/Login!", "branch"]).expect_success().stdout;
    assert!(out.contains("shop branch-fix-login ("), "{out}");
}

#[test]
fn names_are_cut_to_what_aws_takes() {
    let dir = shop();
    let text = dir.read("groma.hcl");
    dir.write("groma.hcl", text.replace("service \"web\"", "service \"notification-dispatcher\""));
    for env in [&["prod"][..], &["-each=feature", "branch"]] {
        up(&dir, env);
        settled(&dir, env);
    }
    let mut names: Vec<String> = of(&dir, "aws_lb_target_group").iter().map(text_of).collect();
    names.sort();
    names.dedup();
    assert!(names.len() == 2 && names.iter().all(|n| n.len() <= 32), "{names:?}");

    // What does not fit is refused with its place, before anything is planned.
    let text = dir.read("groma.hcl");
    dir.write(
        "groma.hcl",
        text.replace(
            "queue \"jobs\"",
            "cache \"of-all-there-is-in-the-shop\" { engine = \"valkey-8.0\" }\nqueue \"jobs\"",
        ),
    );
    let out = groma(&dir, &["diff", "-each=feature-login", "branch"]).expect_status(1).stderr;
    assert!(out.contains("Name too long for AWS") && out.contains("groma.hcl line"), "{out}");
}

fn text_of(o: &groma_sandbox::Object) -> String {
    text(o, "name")
}
