//! A root module in which something is deferred.

use super::help::*;
use groma_testkit::Workdir;

/// The small manifest with a module in which it is not known how many there are.
fn with_module() -> Workdir {
    let dir = shop();
    let module = "module \"more\" {\n  source = \"./more\"\n  inputs = { slug = environment.slug }\n}\n";
    dir.write("groma.hcl", format!("{}{module}", include_str!("groma.hcl")));
    dir.write(
        "more/main.tf",
        r#"variable "slug" {}
resource "aws_sns_topic" "first" {
  name = "${var.slug}-first"
}
resource "aws_sns_topic" "second" {
  count = length(split(":", aws_sns_topic.first.arn)) - 4
  name  = "${var.slug}-second-${count.index}"
}
"#,
    );
    dir
}

fn topics(dir: &Workdir) -> Vec<String> {
    let mut all: Vec<String> = of(dir, "aws_sns_topic").iter().map(|o| text(o, "name")).collect();
    all.retain(|n| n.contains("-first") || n.contains("-second"));
    all.sort();
    all
}

#[test]
fn up_goes_on_with_what_is_deferred() {
    let dir = with_module();
    let out = groma(&dir, &["diff", "staging"]).expect_success().stdout;
    assert!(out.contains("module.module_more.aws_sns_topic.second[*]"), "{out}");
    let out = up(&dir, &["staging"]);
    assert!(out.contains("what was deferred is planned now"), "{out}");
    assert_eq!(topics(&dir), ["staging-first", "staging-second-0", "staging-second-1"]);
    settled(&dir, &["staging"]);
    down(&dir, &["staging"]);
    assert_eq!(topics(&dir), Vec::<String>::new());
    tidy(&dir);
}

#[test]
fn what_is_deferred_is_asked_for() {
    let dir = with_module();
    let answers =
        |text: &str| dir.invoke(GROMA).args(words(&["up", "staging"])).env("TF_INPUT", "1").stdin(text).run();
    // Once for what is shown first, once for the rest.
    let out = answers("yes\nno\n").expect_status(1);
    assert!(out.stderr.contains("What was deferred was not approved"), "{out}");
    assert_eq!(topics(&dir), ["staging-first"]);
    tidy(&dir);
    answers("yes\n").expect_success();
    assert_eq!(topics(&dir), ["staging-first", "staging-second-0", "staging-second-1"]);
    settled(&dir, &["staging"]);

    // With proofs the rest has to be proved before it is made.
    down(&dir, &["staging"]);
    dir.write(
        "groma.hcl",
        format!("{}prove \"p\" {{\n  never = [\"internet -> database.*\"]\n}}\n", dir.read("groma.hcl")),
    );
    let out = groma(&dir, &["up", "-auto-approve", "staging"]).expect_status(1);
    assert!(out.stderr.contains("What was deferred has to be proved first"), "{out}");
    assert_eq!(topics(&dir), ["staging-first"]);
    up(&dir, &["staging"]);
    assert_eq!(topics(&dir), ["staging-first", "staging-second-0", "staging-second-1"]);
}
