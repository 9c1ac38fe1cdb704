//! An AWS that fails.

use super::help::*;

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

#[test]
fn what_was_made_although_the_answer_was_lost_is_named() {
    // A name that is taken says so itself; what has no name is found by its tag.
    let dir = shop();
    faulty(&dir, "aws_vpc.create=lost*1", &["up", "-auto-approve", "prod"]).expect_status(1);
    let out = up(&dir, &["prod"]);
    let vpcs: Vec<String> = of(&dir, "aws_vpc").into_iter().map(|o| o.id).collect();
    assert_eq!(vpcs.len(), 2);
    let named: Vec<&String> =
        vpcs.iter().filter(|v| out.contains(v.as_str()) && out.contains("Something of prod")).collect();
    assert!(!named.is_empty(), "{out}");
}
