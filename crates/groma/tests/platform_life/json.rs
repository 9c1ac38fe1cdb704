//! `-json`: every line is a message, whatever goes wrong.

use super::help::*;
use groma_testkit::Workdir;
use serde_json::Value;

/// The diagnostics of a run that failed, of which every line was a message.
#[track_caller]
fn refused(dir: &Workdir, args: &[&str]) -> Vec<Value> {
    let out = dir.run(GROMA, args).expect_status(1);
    assert!(out.stderr.is_empty(), "{out}");
    let messages: Vec<Value> = out
        .stdout
        .lines()
        .map(|l| serde_json::from_str(l).unwrap_or_else(|e| panic!("{e}: {l}\n{out}")))
        .collect();
    assert_eq!(messages[0]["type"], "version", "{out}");
    assert_eq!(messages.iter().filter(|m| m["type"] == "version").count(), 1, "{out}");
    let found: Vec<Value> =
        messages.iter().filter(|m| m["type"] == "diagnostic").map(|m| m["diagnostic"].clone()).collect();
    assert!(!found.is_empty(), "{out}");
    found
}

#[test]
fn mistakes_of_the_command_line_are_messages() {
    let dir = shop();
    for (args, summary) in [
        (&["up", "-sandbox", "-json"][..], "groma up needs an environment: prod, staging, branch."),
        (&["up", "-sandbox", "-json", "a", "b"], "groma up takes one environment. Flags go before it."),
        (&["up", "-sandbox", "-json", "-nope", "staging"], "There is no flag -nope."),
        (&["up", "-sandbox", "-json=true", "-nope", "staging"], "There is no flag -nope."),
        (&["up", "-nope", "--json", "staging"], "There is no flag -nope."),
        (
            &["up", "-sandbox", "-json", "staging"],
            "Approval is needed, but cannot be asked for. Use -auto-approve to go on without.",
        ),
        (&["down", "-sandbox", "-json", "staging"], "staging is not up"),
        (&["sweep", "-sandbox", "-json", "staging"], "Too many arguments"),
        (&["diff", "-sandbox", "-json", "stagin"], "Unknown environment"),
        (&["plan", "-json", "-out"], "The flag -out needs a value: -out=FILE"),
        (&["plan", "-json"], "No configuration files"),
        (&["apply", "-json", "no-such-plan"], "Failed to load the plan"),
        (&["init", "-json", "-lockfile"], "The flag -lockfile needs a value: -lockfile=MODE"),
        (&["-chdir=nowhere", "plan", "-json"], "Error handling -chdir option"),
    ] {
        let found = refused(&dir, args);
        let said = found[0]["summary"].as_str().unwrap_or_default();
        assert!(said.starts_with(summary), "{args:?}: {said}");
        assert_eq!(found[0]["severity"], "error");
    }
    // Without it, a text as ever.
    let out = dir.run(GROMA, ["up", "-sandbox", "-json=false", "-nope", "staging"]).expect_status(1);
    assert!(out.stderr.starts_with("\nError: There is no flag -nope."), "{out}");
}

#[test]
fn init_tells_messages() {
    let dir = Workdir::new();
    dir.write("main.tf", "resource \"terraform_data\" \"a\" {}\n");
    let out = dir.run(GROMA, ["init", "-json"]).expect_success();
    let kinds: Vec<String> = out
        .stdout
        .lines()
        .map(|l| serde_json::from_str::<Value>(l).expect("JSON")["type"].as_str().unwrap().to_owned())
        .collect();
    assert!(kinds[0] == "version" && kinds[1..].iter().all(|k| k == "init_output"), "{out}");
    assert!(kinds.len() > 2, "{out}");
}
