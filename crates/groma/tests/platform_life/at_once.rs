//! Two people at once.

use super::help::*;
use groma_testkit::Workdir;
use std::process::Child;

const SLOW: &str = "*.create=slow:60ms,*.delete=slow:60ms";

fn start(dir: &Workdir, args: &[&str]) -> Child {
    let run = dir.invoke(GROMA).args(words(args)).env("GROMA_SANDBOX_FAULTS", SLOW).env("USER", "grace");
    run.command().spawn().expect("groma")
}

fn wait_for(dir: &Workdir, file: &str) {
    for _ in 0..1000 {
        if dir.exists(file) {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    panic!("{file} did not come");
}

#[test]
fn the_same_environment_is_refused() {
    let dir = shop();
    let first = start(&dir, &["up", "-auto-approve", "prod"]);
    wait_for(&dir, ".groma/sandbox/state/.prod.tfstate.lock.info");
    for args in [&["up", "-auto-approve", "prod"][..], &["up", "prod"]] {
        let out = groma(&dir, args).expect_status(1);
        assert!(out.stderr.contains("The environment prod is being changed by somebody else"), "{out}");
        assert!(out.stderr.contains("grace@") && out.stderr.contains("groma up -sandbox prod"), "{out}");
        assert!(out.stderr.contains("-lock-timeout=10m"), "{out}");
    }
    // Looking is always possible.
    groma(&dir, &["status"]).expect_success();
    let done = first.wait_with_output().expect("its end");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(status(&dir, "prod"), "up");
    // Who waits gets it.
    let first = start(&dir, &["scale", "-auto-approve", "prod", "web=3"]);
    wait_for(&dir, ".groma/sandbox/state/.prod.tfstate.lock.info");
    groma(&dir, &["up", "-auto-approve", "-lock-timeout=30s", "prod"]).expect_success();
    assert!(first.wait_with_output().expect("its end").status.success());
    assert_eq!(record(&dir)["environments"]["prod"]["scale"]["web"], 3);
    settled(&dir, &["prod"]);
    tidy(&dir);
}

#[test]
fn two_environments_of_one_network_come_up_one_after_the_other() {
    let dir = shop();
    let a = start(&dir, &["up", "-auto-approve", "-each=a", "branch"]);
    let b = start(&dir, &["up", "-auto-approve", "-each=b", "branch"]);
    let outputs = [a, b].map(|c| c.wait_with_output().expect("its end"));
    let texts = outputs.each_ref().map(|o| String::from_utf8_lossy(&o.stdout).into_owned());
    for o in &outputs {
        assert!(o.status.success(), "{texts:?} {}", String::from_utf8_lossy(&o.stderr));
    }
    assert!(texts.iter().any(|t| t.contains("Waiting for the network shared: ")), "{texts:?}");
    settled(&dir, &["-each=a", "branch"]);
    settled(&dir, &["-each=b", "branch"]);
    assert_eq!(of(&dir, "aws_vpc").len(), 1);

    let a = start(&dir, &["down", "-auto-approve", "-each=a", "branch"]);
    let b = start(&dir, &["down", "-auto-approve", "-each=b", "branch"]);
    for c in [a, b] {
        let o = c.wait_with_output().expect("its end");
        assert!(
            o.status.success(),
            "{}{}",
            String::from_utf8_lossy(&o.stdout),
            String::from_utf8_lossy(&o.stderr)
        );
    }
    // Whoever was the last took the network along.
    assert!(tagged(&dir).is_empty(), "{:?}", tagged(&dir));
    assert_eq!(record(&dir)["environments"], serde_json::json!({}));
    tidy(&dir);
}

#[test]
fn networks_of_their_own_get_addresses_of_their_own() {
    let dir = shop();
    let text = dir.read("groma.hcl");
    dir.write(
        "groma.hcl",
        format!("{text}\nenvironment \"alone\" {{\n  like = environment.prod\n  each = \"branch\"\n}}\n"),
    );
    let all = ["a", "b", "c"].map(|l| start(&dir, &["up", "-auto-approve", &format!("-each={l}"), "alone"]));
    for c in all {
        let o = c.wait_with_output().expect("its end");
        assert!(o.status.success(), "{}", String::from_utf8_lossy(&o.stderr));
    }
    let mut cidrs: Vec<String> = of(&dir, "aws_vpc").iter().map(text_of).collect();
    cidrs.sort();
    cidrs.dedup();
    assert_eq!(cidrs.len(), 3);
    let addresses = &record(&dir)["addresses"];
    for l in ["a", "b", "c"] {
        let cidr = addresses[format!("environment.alone-{l}")].as_str().expect("addresses").to_owned();
        assert!(cidrs.contains(&cidr), "{cidr} {cidrs:?}");
    }
}

fn text_of(o: &groma_sandbox::Object) -> String {
    text(o, "cidr_block")
}
