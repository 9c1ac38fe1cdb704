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

    /// A command for the environment of the table.
    #[track_caller]
    fn groma(&self, command: &str, flags: &[&str]) -> Output {
        let mut all = vec![command, "-no-color"];
        all.extend(flags);
        all.extend(self.system.environment);
        let out = self.dir.run(GROMA, all);
        eprintln!("{} {command}: {:.0?}", self.system.name, out.elapsed);
        out
    }

    #[track_caller]
    fn up(&self) {
        // Most of the time the provider sleeps between two questions.
        let out = self.groma("up", &["-auto-approve", "-parallelism=40"]).expect_success().stdout;
        assert!(out.contains(" is as described."), "{out}");
        // The inventory that must be as before in the end sees something.
        assert!(inventory::take(&self.server, self.system).len() > self.before.len() + 20);
    }

    /// Nothing is left, says Groma, and so say the servers.
    #[track_caller]
    fn down(&self) {
        let text = self.dir.read("groma.hcl");
        self.dir.write("groma.hcl", text.replace("protect = true", "protect = false"));
        let out = self.groma("down", &["-auto-approve", "-parallelism=40"]).expect_success().stdout;
        assert!(out.contains("nothing with its tag is left"), "{out}");
        let states = plans::managed(&self.dir.path().join(".groma/state"));
        assert!(states.is_empty(), "in states: {states:?}");
        let after = inventory::take(&self.server, self.system);
        let left: Vec<_> = after.difference(&self.before).collect();
        assert!(left.is_empty(), "on the server: {left:#?}");
    }

    /// What `terraform` plans in the root modules that are ejected, after it has said that
    /// they are valid. In each of them it begins anew.
    fn terraform_plans(&self) -> Vec<Value> {
        self.groma("eject", &["-out=ejected"]).expect_success();
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
                let out = self.dir.terraform([&[root.as_str()], command].concat()).expect_success();
                eprintln!("{} terraform {} {name}: {:.0?}", self.system.name, command[0], out.elapsed);
            }
            all.push(self.dir.terraform([root.as_str(), "show", "-json", "plan"]).expect_success().json());
        }
        self.dir.remove("ejected");
        all
    }

    /// `groma diff` and `terraform plan` would do the same to the same resources. Gives
    /// the plans of `terraform`.
    #[track_caller]
    fn agree(&self) -> Option<Vec<Value>> {
        let ours = plans::announced(&self.groma("diff", &["-json"]).expect_success().stdout);
        if oracle().is_none() {
            skip("needs terraform");
            return None;
        }
        let theirs = self.terraform_plans();
        assert_eq!(ours, plans::actions(&theirs), "what groma plans, and what terraform does");
        Some(theirs)
    }

    /// What a plan after an up still wants is exactly what the servers are known to forget.
    #[track_caller]
    fn only_what_is_forgotten(&self, all: &[Value]) {
        let found: BTreeSet<(String, String)> = plans::differences(all);
        let known: BTreeSet<(String, String)> = gaps::forgotten(self.system.name);
        let more: Vec<_> = found.difference(&known).collect();
        let gone: Vec<_> = known.difference(&found).collect();
        assert!(more.is_empty() && gone.is_empty(), "not in the table: {more:#?}\nno longer so: {gone:#?}");
    }
}

#[test]
fn blockchain_is_planned_by_terraform_as_by_groma_before_it_is_up() {
    let Some(place) = Place::open("blockchain") else { return };
    if let Some(plans) = place.agree() {
        assert!(plans::actions(&plans).iter().all(|(_, action)| action == "create"));
    }
    place.up();
    if let Some(plans) = place.agree() {
        place.only_what_is_forgotten(&plans);
    }
    place.down();
}

#[test]
fn levels_goes_up_and_down() {
    let Some(place) = Place::open("levels") else { return };
    place.up();
    if let Some(plans) = place.agree() {
        place.only_what_is_forgotten(&plans);
    }
    place.down();
}
