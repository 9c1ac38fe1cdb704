//! An AWS that fails.

use super::help::*;
use std::collections::BTreeSet;

#[test]
fn throttling_is_only_a_delay() {
    let dir = shop();
    let out = faulty(&dir, "*.create=throttle*10", &["up", "-auto-approve", "staging"]).expect_success();
    assert!(!out.stdout.contains("hrottl") && out.stderr.is_empty(), "{out}");
    settled(&dir, &["staging"]);
}

#[test]
fn an_error_in_the_middle_is_told_and_the_next_up_goes_on() {
    let dir = shop();
    let fault = "aws_db_instance.create=error:InsufficientDBInstanceCapacity";
    let out = faulty(&dir, fault, &["up", "-auto-approve", "staging"]).expect_status(1);
    assert!(out.stderr.contains("InsufficientDBInstanceCapacity"), "{out}");
    assert!(out.stderr.contains("with module.database_main.aws_db_instance.this"), "{out}");
    assert!(out.stdout.trim_end().ends_with("To go on from there:\n  groma up -sandbox staging"), "{out}");
    assert_eq!(status(&dir, "staging"), "unfinished");
    up(&dir, &["staging"]);
    settled(&dir, &["staging"]);
    assert_eq!(of(&dir, "aws_db_instance").len(), 1);

    let out = faulty(&dir, "aws_lb.delete=error:ResourceInUse", &["down", "-auto-approve", "staging"])
        .expect_status(1);
    assert!(out.stdout.trim_end().ends_with("To go on from there:\n  groma down -sandbox staging"), "{out}");
    assert_eq!(status(&dir, "staging"), "unfinished");
    down(&dir, &["staging"]);
}

#[test]
fn a_provider_that_dies_loses_nothing() {
    let dir = shop();
    for n in [4, 9, 30] {
        let out =
            faulty(&dir, &format!("after:{n}=crash"), &["up", "-auto-approve", "staging"]).expect_status(1);
        assert!(out.stdout.contains("To go on from there:"), "{out}");
        assert_eq!(status(&dir, "staging"), "unfinished");
    }
    up(&dir, &["staging"]);
    settled(&dir, &["staging"]);
    let twin = shop();
    up(&twin, &["staging"]);
    assert_eq!(tagged(&dir), tagged(&twin));
}

/// The types of what a run took over.
fn taken(out: &str) -> BTreeSet<String> {
    let lines = out
        .split("taken over:\n")
        .skip(1)
        .flat_map(|rest| rest.lines().take_while(|l| l.starts_with("      ")));
    lines.filter_map(|l| Some(l.split('.').find(|p| p.starts_with("aws_"))?.to_owned())).collect()
}

#[test]
fn what_was_made_although_the_answer_was_lost_is_taken_over() {
    let twin = shop();
    up(&twin, &["prod"]);
    let expected = tagged(&twin);
    let kinds: BTreeSet<String> = world(&twin)
        .objects()
        .expect("objects")
        .into_iter()
        .filter(|o| o.tags.contains_key("groma:platform") || BY_NAME.contains(&o.ty.as_str()))
        .map(|o| o.ty)
        .collect();
    // Each run loses the answer about the first of each type that it makes.
    let faults: Vec<String> = kinds.iter().map(|k| format!("{k}.create=lost*1")).collect();
    let dir = shop();
    let mut all = BTreeSet::new();
    for _ in 0..4 {
        let out = faulty(&dir, &faults.join(","), &["up", "-auto-approve", "prod"]).expect_status(1);
        all.append(&mut taken(&out.stdout));
    }
    let out = up(&dir, &["prod"]);
    all.append(&mut taken(&out));
    assert!(all.len() > 15, "{all:?}");
    for kind in ["aws_vpc", "aws_subnet", "aws_iam_role", "aws_route", "aws_sqs_queue", "aws_security_group"]
    {
        assert!(all.contains(kind), "{all:?}");
    }
    // Nothing twice, and nothing missing.
    assert!(!out.contains("is in no state"), "{out}");
    assert_eq!(tagged(&dir), expected);
    settled(&dir, &["prod"]);
}

const BY_NAME: &[&str] =
    &["aws_iam_role_policy", "aws_route", "aws_route_table_association", "aws_scheduler_schedule"];

#[test]
fn what_was_not_made_is_created() {
    let dir = shop();
    let other = dir
        .read("groma.hcl")
        .replace("environment \"prod\" {}", "environment \"prod\" {}\nbucket \"media\" {}");
    dir.write("groma.hcl", other);
    let fault = "aws_db_instance.create=error:InsufficientDBInstanceCapacity";
    faulty(&dir, fault, &["up", "-auto-approve", "prod"]).expect_status(1);
    let before = world(&dir).objects().expect("objects").len();
    let out = up(&dir, &["prod"]);
    assert!(!out.contains("taken over"), "{out}");
    assert!(world(&dir).objects().expect("objects").len() > before);
    settled(&dir, &["prod"]);
}
