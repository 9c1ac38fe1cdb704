//! The example systems through the real AWS provider, against AWS API servers on
//! loopback: up, the same plan from `terraform` in what is ejected, park and resume,
//! down to nothing. What the servers lack or forget is in [`gaps`], and nowhere else.

mod platform_aws {
    pub mod gaps;
    pub mod inventory;
    pub mod plans;
}

use groma_testkit::{ApiServer, Moto, Output, Workdir, mirror, oracle, repository, skip};
use platform_aws::gaps::{self, System};
use platform_aws::{inventory, plans};
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;

const GROMA: &str = env!("CARGO_BIN_EXE_groma");

/// Most of the time the provider sleeps between two questions.
const CHANGE: &[&str] = &["-auto-approve", "-parallelism=100"];

/// Servers, and an example beside them.
struct Place {
    system: &'static System,
    dir: Workdir,
    server: ApiServer,
    /// What the server has of itself.
    before: BTreeSet<String>,
}

impl Place {
    /// `None` after saying what is missing.
    fn open(name: &str) -> Option<Place> {
        let system = gaps::system(name);
        if mirror().is_none() {
            skip("needs a mirror of the AWS provider");
            return None;
        }
        let Some(server) = Moto::start() else {
            skip("needs moto");
            return None;
        };
        let mut dir = Workdir::new();
        dir.copy_folder(&repository().join("examples").join(name));
        dir.aws(&server.endpoint()).share_cache().timeout(Duration::from_secs(500));
        let mut text = dir.read("groma.hcl");
        for edit in system.edits {
            assert!(text.contains(edit.from), "{name}: the manifest no longer has {:?}", edit.from);
            text = text.replace(edit.from, edit.to);
        }
        dir.write("groma.hcl", text);
        let before = inventory::take(&server, system);
        Some(Place { system, dir, server, before })
    }

    #[track_caller]
    fn groma(&self, command: &str, flags: &[&str], environment: &[&str]) -> Output {
        self.dir.run(GROMA, [&[command, "-no-color"], flags, environment].concat())
    }

    #[track_caller]
    fn up(&self) {
        for environment in self.system.environments {
            let out = self.groma("up", CHANGE, environment).expect_success().stdout;
            assert!(out.contains(" is as described."), "{out}");
        }
        // The inventory that must be as before in the end sees something.
        assert!(inventory::take(&self.server, self.system).len() > self.before.len() + 20);
    }

    /// Nothing is left, says Groma, and so say the servers.
    #[track_caller]
    fn down(&self) {
        let text = self.dir.read("groma.hcl");
        self.dir.write("groma.hcl", text.replace("protect = true", "protect = false"));
        for environment in self.system.environments.iter().rev() {
            let out = self.groma("down", CHANGE, environment).expect_success().stdout;
            assert!(out.contains("nothing with its tag is left"), "{out}");
        }
        let states = plans::managed(&self.dir.path().join(".groma/state"));
        assert!(states.is_empty(), "in states: {states:?}");
        let after = inventory::take(&self.server, self.system);
        let left: Vec<_> = after.difference(&self.before).collect();
        assert!(left.is_empty(), "on the server: {left:#?}");
    }

    /// What `terraform` plans in the root modules that are ejected, after it has said that
    /// they are valid. In each of them it begins anew.
    fn terraform_plans(&self, environment: &[&str]) -> Vec<Value> {
        self.groma("eject", &["-out=ejected"], environment).expect_success();
        let roots = self.dir.path().join("ejected/roots");
        let mut names: Vec<String> = std::fs::read_dir(&roots)
            .expect("roots")
            .flatten()
            .map(|e| e.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        let mut all = Vec::new();
        for name in names {
            let root = format!("-chdir=ejected/roots/{name}");
            for command in [&["init"][..], &["validate"], &["plan", "-out=plan", "-parallelism=40"]] {
                self.dir.terraform([&[root.as_str()], command].concat()).expect_success();
            }
            all.push(self.dir.terraform([root.as_str(), "show", "-json", "plan"]).expect_success().json());
        }
        self.dir.remove("ejected");
        all
    }

    /// `groma diff` and `terraform plan` would do the same to the same resources. Gives
    /// the plans of `terraform`.
    #[track_caller]
    fn agree(&self, environment: &[&str]) -> Option<Vec<Value>> {
        let ours = plans::announced(&self.groma("diff", &["-json"], environment).expect_success().stdout);
        if oracle().is_none() {
            skip("needs terraform");
            return None;
        }
        let theirs = self.terraform_plans(environment);
        let planned = plans::actions(&theirs);
        let only = |a: &plans::Actions, b: &plans::Actions| -> plans::Actions {
            a.iter().filter(|x| !b.contains(x)).cloned().collect()
        };
        assert_eq!(
            ours,
            planned,
            "only Groma plans {:#?}, only terraform {:#?}",
            only(&ours, &planned),
            only(&planned, &ours)
        );
        Some(theirs)
    }

    /// What plans after an up still want is exactly what the servers are known to forget.
    #[track_caller]
    fn only_what_is_forgotten(&self) {
        let mut found = BTreeSet::new();
        for environment in self.system.environments {
            let Some(all) = self.agree(environment) else { return };
            found.extend(plans::differences(&all));
        }
        let known = gaps::forgotten(self.system.name);
        let more: Vec<_> = found.difference(&known).collect();
        let gone: Vec<_> = known.difference(&found).collect();
        assert!(more.is_empty() && gone.is_empty(), "not in the table: {more:#?}\nno longer so: {gone:#?}");
    }
}

#[test]
fn blockchain_is_planned_by_terraform_as_by_groma_before_it_is_up() {
    let Some(place) = Place::open("blockchain") else { return };
    if let Some(plans) = place.agree(place.system.environments[0]) {
        assert!(plans::actions(&plans).iter().all(|(_, action)| action == "create"));
    }
    place.up();
    place.only_what_is_forgotten();
    place.down();
}

#[test]
fn credentials_of_another_account_are_refused_before_anything_is_planned() {
    let Some(place) = Place::open("blockchain") else { return };
    let text = place.dir.read("groma.hcl");
    place.dir.write("groma.hcl", text.replace("123456789012", "999999999999"));
    for command in ["diff", "up"] {
        let out = place.groma(command, &[], &["standby"]).expect_status(1);
        let said = out.stderr;
        assert!(said.contains("The account \"main\" cannot be used"), "{said}");
        assert!(said.contains("groma.hcl line 6") && said.contains("999999999999"), "{said}");
        assert!(!out.stdout.contains("Plan:"), "{}", out.stdout);
    }
    assert_eq!(inventory::take(&place.server, place.system), place.before);
}

/// `docs/api-servers.md` is written from the tables; with `GROMA_UPDATE=1` anew.
#[test]
fn what_the_servers_lack_is_written_down() {
    let text = gaps::page();
    let path = repository().join("docs/api-servers.md");
    if std::env::var_os("GROMA_UPDATE").is_some() {
        std::fs::write(&path, &text).expect("the page");
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        there, text,
        "docs/api-servers.md is not what the tables say; run this test with GROMA_UPDATE=1"
    );
}
