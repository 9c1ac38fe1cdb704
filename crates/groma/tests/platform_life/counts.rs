//! How many run.

use super::help::*;
use groma_testkit::Workdir;

fn number(o: &groma_sandbox::Object, name: &str) -> u64 {
    let v = o.attributes.get_attr(name).expect("an attribute");
    groma_value::json::to_json(&v, &v.ty()).expect("JSON").as_u64().expect("a number")
}

/// The limits of the only service, and how many are wanted now.
fn web(dir: &Workdir) -> (u64, u64, u64) {
    let targets = of(dir, "aws_appautoscaling_target");
    let services = of(dir, "aws_ecs_service");
    assert_eq!((targets.len(), services.len()), (1, 1));
    (
        number(&targets[0], "min_capacity"),
        number(&targets[0], "max_capacity"),
        number(&services[0], "desired_count"),
    )
}

#[test]
fn a_count_that_was_set_stays() {
    let dir = shop();
    up(&dir, &["prod"]);
    assert_eq!(web(&dir), (2, 8, 2));
    groma(&dir, &["scale", "-auto-approve", "prod", "web=4"]).expect_success();
    let (min, max, _) = web(&dir);
    assert_eq!((min, max), (4, 8));
    settled(&dir, &["prod"]);
    let out = groma(&dir, &["status", "prod"]).expect_success().stdout;
    assert!(out.contains("4 to 8, by groma scale"), "{out}");
    up(&dir, &["prod"]);
    groma(&dir, &["park", "-auto-approve", "prod"]).expect_success();
    groma(&dir, &["resume", "-auto-approve", "prod"]).expect_success();
    let (min, max, _) = web(&dir);
    assert_eq!((min, max), (4, 8));
    // More than the manifest's largest number.
    groma(&dir, &["scale", "-auto-approve", "prod", "web=12"]).expect_success();
    let (min, max, _) = web(&dir);
    assert_eq!((min, max), (12, 12));
    groma(&dir, &["scale", "-auto-approve", "prod", "web=auto"]).expect_success();
    let (min, max, _) = web(&dir);
    assert_eq!((min, max), (2, 8));
    settled(&dir, &["prod"]);
    assert_eq!(record(&dir)["environments"]["prod"]["scale"], serde_json::Value::Null);

    for (what, says) in [
        ("web=many", "0 to 1000"),
        ("web", "SERVICE=N"),
        ("wep=2", "Did you mean \"web\"?"),
        ("web=-1", "0 to 1000"),
    ] {
        let out = groma(&dir, &["scale", "-auto-approve", "prod", what]).expect_status(1);
        assert!(out.stderr.contains(says), "{out}");
    }
    groma(&dir, &["scale", "prod"]).expect_status(1);
}

#[test]
fn what_autoscaling_wanted_comes_back() {
    let dir = shop();
    up(&dir, &["prod"]);
    let request =
        serde_json::json!({ "cluster": "shop-prod", "service": "shop-prod-web", "desiredCount": 5 });
    world(&dir).call("ecs", "UpdateService", &request).expect("more tasks");
    assert_eq!(web(&dir).2, 5);
    settled(&dir, &["prod"]);
    let out = groma(&dir, &["park", "-auto-approve", "prod"]).expect_success().stdout;
    assert!(out.contains("5 of web, 1 database stopped."), "{out}");
    assert_eq!(record(&dir)["environments"]["prod"]["counts"]["web"], 5);
    // Parking what is parked keeps what is remembered.
    groma(&dir, &["park", "-auto-approve", "prod"]).expect_success();
    assert_eq!(record(&dir)["environments"]["prod"]["counts"]["web"], 5);
    let out = groma(&dir, &["up", "-auto-approve", "prod"]).expect_status(1);
    assert!(out.stderr.contains("groma resume -sandbox prod"), "{out}");
    groma(&dir, &["resume", "-auto-approve", "prod"]).expect_success();
    assert_eq!(web(&dir), (2, 8, 5));
    settled(&dir, &["prod"]);
    up(&dir, &["prod"]);
    assert_eq!(web(&dir).2, 5);
}

#[test]
fn a_stopped_database_is_started() {
    let dir = shop();
    up(&dir, &["prod"]);
    let state = |dir: &Workdir| {
        let answer =
            world(dir).call("rds", "DescribeDBInstances", &serde_json::json!({})).expect("an answer");
        answer["DBInstances"][0]["DBInstanceStatus"].as_str().expect("a status").to_owned()
    };
    groma(&dir, &["park", "-auto-approve", "prod"]).expect_success();
    assert_eq!(state(&dir), "stopped");
    // The answer no starts nothing.
    let no = dir.invoke(GROMA).args(words(&["resume", "prod"])).env("TF_INPUT", "1").stdin("no\n").run();
    assert_eq!(no.status, Some(1), "{no}");
    assert_eq!((state(&dir), status(&dir, "prod")), ("stopped".into(), "parked".into()));
    groma(&dir, &["resume", "-auto-approve", "prod"]).expect_success();
    assert_eq!(state(&dir), "available");
}

#[test]
fn a_count_of_what_is_parked_waits() {
    let dir = shop();
    up(&dir, &["staging"]);
    groma(&dir, &["park", "-auto-approve", "staging"]).expect_success();
    let out = groma(&dir, &["scale", "-auto-approve", "staging", "web=3"]).expect_success().stdout;
    assert!(
        out.contains("staging is parked. Once it is back, it has web=3:\n  groma resume -sandbox staging"),
        "{out}"
    );
    assert!(!out.contains("Reached at"), "{out}");
    groma(&dir, &["resume", "-auto-approve", "staging"]).expect_success();
    let out = groma(&dir, &["status", "staging"]).expect_success().stdout;
    assert!(out.contains("3 to 4, by groma scale") || out.contains("always 3, by groma scale"), "{out}");
}
