//! What is said to somebody who has not found the way yet.

use super::help::*;

#[test]
fn a_manifest_is_checked_and_engine_commands_point_to_the_platforms() {
    let dir = shop();
    let out = dir.run(GROMA, ["validate", "-no-color"]).expect_success();
    assert!(out.stdout.contains("Success! The manifest is valid."), "{out}");
    for command in ["init", "plan", "apply"] {
        let out = dir.run(GROMA, [command, "-no-color"]).expect_status(1).stderr;
        assert!(out.contains("groma diff ENVIRONMENT") && out.contains("groma up ENVIRONMENT"), "{out}");
    }
    let text = dir.read("groma.hcl");
    dir.write("groma.hcl", text.replace("queue \"jobs\"", "queu \"jobs\""));
    let out = dir.run(GROMA, ["validate", "-no-color"]).expect_status(1).stderr;
    assert!(out.contains("Did you mean queue?") && out.contains("groma.hcl line 37"), "{out}");
    assert_eq!(out.matches("Error:").count(), 1, "no consequences: {out}");
    dir.write("more.tf", "");
    dir.run(GROMA, ["validate", "-no-color"]).expect_success();
}

#[test]
fn names_that_are_read_elsewhere_are_understood() {
    let dir = shop();
    up(&dir, &["-each=ada", "branch"]);
    let out = groma(&dir, &["diff", "branch-ada"]).expect_status(1).stderr;
    assert!(out.contains("-each=ada branch"), "{out}");
    let out = dir.run(GROMA, ["status", "-no-color"]).expect_success().stdout;
    assert!(out.contains("In the sandbox there is branch-ada:\n  groma status -sandbox\n"), "{out}");

    // A protected environment is parked after a warning, and what happens to databases is said.
    let text = dir.read("groma.hcl");
    dir.write(
        "groma.hcl",
        text.replace("environment \"prod\" {}", "environment \"prod\" {\n  protect = true\n}"),
    );
    up(&dir, &["prod"]);
    let out = groma(&dir, &["park", "-auto-approve", "prod"]).expect_success();
    assert!(out.stdout.contains("prod is protected") && out.stdout.contains("groma resume"), "{out}");
    assert!(out.stdout.contains("\nDatabases that are stopped: shop-prod-main\n"), "{out}");
}

#[test]
fn ends_that_are_written_wrongly_are_errors() {
    let dir = shop();
    for (args, says) in [
        (&["internet", "service.wbe", "prod"][..], "Did you mean\nservice.web?"),
        (&["-from=service.wbe", "prod"], "Did you mean\nservice.web?"),
        (&["internet", "database.main:5432", "prod"], "-port=5432"),
        (&["foo", "bar", "prod"], "\"foo\" is nothing"),
    ] {
        let mut all = vec!["reach"];
        all.extend(args);
        let out = groma(&dir, &all).expect_status(1).stderr;
        assert!(out.contains(says), "{args:?}: {out}");
    }
    // What is declared and has no interface is no mistake.
    let out = groma(&dir, &["reach", "internet", "queue.jobs", "prod"]).expect_status(2).stdout;
    assert!(out.contains("queue.jobs has no network interface"), "{out}");
}

#[test]
fn up_and_prove_agree_on_what_everybody_may_do() {
    let dir = shop();
    let text = dir
        .read("groma.hcl")
        .replace("environment \"prod\" {}", "environment \"prod\" {\n  network = network.shared\n}");
    let text = text.replace("queue.jobs.send]", "queue.jobs.send, internet]");
    let never = "never = [\"branch -> prod\", \"branch -> branch.other\"]";
    dir.write("groma.hcl", format!("{text}prove \"isolation\" {{\n  {never}\n}}\n"));
    up(&dir, &["prod"]);
    let out = groma(&dir, &["diff", "-each=ada", "branch"]).expect_success().stdout;
    assert!(out.contains("Proved: 2 properties."), "{out}");
    let out = groma(&dir, &["prove", "-each=ada", "branch"]).expect_success().stdout;
    assert!(out.contains("2 properties: 2 proved."), "{out}");
    // What everybody may do counts where the block says so.
    let text = dir.read("groma.hcl");
    dir.write("groma.hcl", text.replace(never, &format!("{never}\n  public = true")));
    let out = groma(&dir, &["diff", "-each=ada", "branch"]).expect_status(1);
    assert!(out.stderr.contains("never branch -> prod"), "{out}");
}

#[test]
fn what_is_ejected_is_not_written_over_unasked() {
    let dir = shop();
    let out = groma(&dir, &["eject", "-out=out", "prod"]).expect_success().stdout;
    assert!(out.contains("begins with an empty state"), "{out}");
    groma(&dir, &["eject", "-out=out", "prod"]).expect_success();
    dir.write("out/roots/prod/mine.tf", "");
    dir.write("out/modules/queue/main.tf", "");
    let out = groma(&dir, &["eject", "-out=out", "prod"]).expect_status(1).stderr;
    assert!(out.contains("- roots/prod/mine.tf") && out.contains("- modules/queue/main.tf"), "{out}");
    assert!(dir.exists("out/roots/prod/mine.tf"));
    groma(&dir, &["eject", "-force", "-out=out", "prod"]).expect_success();
    assert!(!dir.exists("out/roots/prod/mine.tf"));
}
