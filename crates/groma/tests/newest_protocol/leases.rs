//! Ephemeral resources that ask for renewal, in both programs.

use super::{GROMA, both};
use groma_testprovider::Lab;

fn main(lease: &str, thing: &str) -> String {
    format!(
        r#"ephemeral "lab_lease" "l" {{
  name  = "{lease}"
  renew = true
}}
resource "lab_vault" "v" {{
  name        = "v"
  password_wo = ephemeral.lab_lease.l.token
}}
provider "lab" {{
}}
resource "terraform_data" "first" {{
}}
resource "lab_thing" "t" {{
  name       = "{thing}"
  depends_on = [ephemeral.lab_lease.l, terraform_data.first]
}}
"#
    )
}

/// What happened, from the apply's opening on.
fn of_apply(lab: &Lab) -> Vec<String> {
    let all = lab.log();
    let at = all.iter().rposition(|l| l.starts_with("open")).unwrap_or_default();
    all[at..].to_vec()
}

#[test]
fn leases_are_renewed_while_they_are_needed() {
    for program in both(GROMA) {
        let lab = Lab::start();
        let w = program.directory(&lab);
        w.write("main.tf", main("l", "waits-l-3"));
        program.run(&w, &["init"]).expect_success();
        program.run(&w, &["apply", "-auto-approve"]).expect_success();
        let log = of_apply(&lab);
        let of = |what: &str| {
            log.iter().position(|l| l.contains(what)).unwrap_or_else(|| panic!("{what} in {log:#?}"))
        };
        // What is done last has what the last renewal gave.
        assert!(of("renew l: 1") < of("renew l: 2") && of("renew l: 2") < of("renew l: 3"), "{log:#?}");
        assert!(of("renew l: 3") < of("create waits-l-3"), "{log:#?}");
        // Terraform 1.11 closes it with what the opening gave.
        let closed = if program.is_ours() { "close l: 3" } else { "close l: 0" };
        assert_eq!(log.last().map(String::as_str), Some(closed), "{log:#?}");
        assert_eq!(lab.vault("v").and_then(|v| v.password).as_deref(), Some("token of l"));
    }
}

/// A renewal that fails is an error at the block; what was begun is finished, the lease closed.
#[test]
fn a_renewal_that_fails() {
    for program in both(GROMA) {
        let lab = Lab::start();
        let w = program.directory(&lab);
        w.write("main.tf", main("expires", "waits-expires-1"));
        program.run(&w, &["init"]).expect_success();
        // Terraform 1.11 says nothing of it.
        let failed = program.run(&w, &["apply", "-auto-approve"]).expect_status(i32::from(program.is_ours()));
        assert!(!program.is_ours() || failed.stderr.contains("Lease not renewed"), "{failed}");
        let log = of_apply(&lab);
        assert!(log.contains(&"create waits-expires-1".to_owned()), "{log:#?}");
        assert_eq!(log.last().map(String::as_str), Some("close expires: 0"), "{log:#?}");
        assert_eq!(log.iter().filter(|l| l.starts_with("renew")).count(), 1, "{log:#?}");
    }
}

#[test]
fn leases_are_closed_after_errors() {
    for program in both(GROMA) {
        let lab = Lab::start();
        let w = program.directory(&lab);
        let failing = "resource \"terraform_data\" \"fails\" {\n  depends_on = [ephemeral.lab_lease.l]\n  provisioner \"local-exec\" {\n    command = \"exit 1\"\n  }\n}\n";
        w.write("main.tf", main("l", "t") + failing);
        program.run(&w, &["init"]).expect_success();
        program.run(&w, &["apply", "-auto-approve"]).expect_status(1);
        let log = of_apply(&lab);
        assert!(!program.is_ours() || log.last().is_some_and(|l| l.starts_with("close l")), "{log:#?}");
        // One that cannot be opened is not closed; one that cannot be closed is an error.
        for (name, summary, closed) in [("refused", "Lease refused", 0), ("stuck", "Lease not closed", 1)] {
            w.write("main.tf", main(name, "t"));
            let failed = program.run(&w, &["plan"]).expect_status(1);
            assert!(failed.stderr.contains(summary), "{failed}");
            let log = lab.log();
            assert_eq!(log.iter().filter(|l| l.starts_with("close")).count(), closed, "{log:#?}");
        }
    }
}

/// What runs is finished, and the lease given back.
#[test]
fn leases_are_closed_after_an_interrupt() {
    for program in both(GROMA) {
        let lab = Lab::start();
        let w = program.directory(&lab);
        let last = "resource \"terraform_data\" \"last\" {\n  depends_on = [lab_thing.t]\n  input = nonsensitive(lab_vault.v.name)\n}\n";
        w.write("main.tf", main("l", "waits-never-1") + last);
        program.run(&w, &["init"]).expect_success();
        let mut child = program.begin(&w, &["apply", "-auto-approve"]);
        // It is in the middle of making the object.
        while lab.renewals("l") < 2 {
            std::thread::sleep(std::time::Duration::from_millis(5));
            assert!(child.try_wait().unwrap().is_none());
        }
        rustix::process::kill_process(rustix::process::Pid::from_child(&child), rustix::process::Signal::INT)
            .unwrap();
        lab.set_renewals("never", 1);
        let ended = child.wait().unwrap();
        assert!(!ended.success());
        let log = of_apply(&lab);
        assert!(log.contains(&"create waits-never-1".to_owned()), "{log:#?}");
        assert!(!program.is_ours() || log.last().is_some_and(|l| l.starts_with("close l")), "{log:#?}");
    }
}
