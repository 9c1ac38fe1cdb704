//! An example with servers beside it, and what is done to it: up, what `terraform` plans
//! in what is ejected, parked and resumed, down to nothing.

use super::gaps::{self, Life, System};
use super::{inventory, plans};
use groma_testkit::{ApiServer, Moto, Output, Workdir, mirror, oracle, repository, skip};
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// The program.
pub const GROMA: &str = env!("CARGO_BIN_EXE_groma");

/// Most of the time the provider sleeps between two questions.
const CHANGE: &[&str] = &["-auto-approve", "-parallelism=100"];

/// Servers, and an example beside them.
pub struct Place {
    /// The example.
    pub system: &'static System,
    /// Where it is.
    pub dir: Workdir,
    /// The server.
    pub server: ApiServer,
    /// What the server has of itself.
    pub before: BTreeSet<String>,
}

/// What a life was, for a table.
#[derive(Debug, Default)]
pub struct Report {
    /// Managed resources when all was up.
    pub resources: usize,
    /// Attributes and blocks that a second plan would change, all of them known.
    pub forgotten: usize,
    /// Seconds of each part.
    pub seconds: Vec<(&'static str, f64)>,
}

impl Report {
    /// Does a part and notes how long it took.
    fn time<T>(&mut self, part: &'static str, f: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let out = f();
        let took = start.elapsed().as_secs_f64();
        match self.seconds.iter_mut().find(|(name, _)| *name == part) {
            Some((_, all)) => *all += took,
            None => self.seconds.push((part, took)),
        }
        out
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} resources, {} paths forgotten", self.resources, self.forgotten)?;
        self.seconds.iter().try_for_each(|(part, s)| write!(f, ", {part} {s:.0} s"))
    }
}

impl Place {
    /// `None` after saying what is missing.
    pub fn open(name: &str) -> Option<Place> {
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
        dir.aws(&server.endpoint()).share_cache().timeout(Duration::from_secs(900));
        let before = inventory::take(&server, system);
        Some(Place { system, dir, server, before })
    }

    /// Runs a command for an environment.
    #[track_caller]
    pub fn groma(&self, command: &str, flags: &[&str], environment: &[&str]) -> Output {
        self.dir.run(GROMA, [&[command, "-no-color"], flags, environment].concat())
    }

    /// Brings an environment up. Gives what was announced.
    #[track_caller]
    fn up(&self, environment: &[&str]) -> plans::Actions {
        let out = self.groma("up", &[CHANGE, &["-json"]].concat(), environment).expect_success();
        self.proved(&out.stdout);
        plans::announced(&out.stdout)
    }

    /// All that the manifest says is proved of what the provider plans, where most of what AWS will
    /// say is not known yet, and where all of it is.
    #[track_caller]
    fn proved(&self, said: &str) {
        let proofs = plans::proofs(said);
        let open: Vec<_> = proofs.iter().filter(|(_, verdict)| verdict != "proved").collect();
        assert!(open.is_empty(), "{open:?}");
        let exactly = proofs.iter().filter(|(property, _)| property.starts_with("exactly: ")).count();
        assert!(exactly == 2 && proofs.len() > 2, "{proofs:?}");
    }

    /// Nothing is left, says Groma, and so say the servers.
    #[track_caller]
    fn down(&self, life: &Life) {
        let text = self.dir.read("groma.hcl");
        self.dir.write("groma.hcl", text.replace("protect = true", "protect = false"));
        for environment in life.environments.iter().rev() {
            if life.protected {
                // What AWS protects is let go of first.
                self.groma("up", CHANGE, environment).expect_success();
            }
            let out = self.groma("down", CHANGE, environment).expect_success().stdout;
            assert!(out.contains("nothing with its tag is left"), "{out}");
        }
        // With an organization, what the platform has once stays: that and registries.
        let stays = text.contains("\norganization ");
        let mut states = plans::managed(&self.dir.path().join(".groma/state"));
        states.retain(|r| !(stays && r.starts_with("platform.tfstate: module.registry_")));
        assert!(states.is_empty(), "in states: {states:?}");
        let mut after = inventory::take(&self.server, self.system);
        after.retain(|r| !(stays && r.contains(":ecr:")));
        let left: Vec<_> = after.difference(&self.before).collect();
        assert!(left.is_empty(), "on the server: {left:#?}");
    }

    /// What `terraform` plans in the root modules that are ejected, which it does not unless
    /// they are valid; and what it would do in them where nothing is yet, with the networks
    /// that they need there. The latter for root modules that are not among those done.
    fn terraform_plans(
        &self,
        environment: &[&str],
        mut anew: Option<&mut BTreeSet<String>>,
    ) -> (Vec<Value>, plans::Actions) {
        self.groma("eject", &["-force", "-out=ejected"], environment).expect_success();
        let roots = self.dir.path().join("ejected/roots");
        let mut names: Vec<String> = std::fs::read_dir(&roots)
            .expect("roots")
            .flatten()
            .map(|e| e.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        let (mut now, mut first) = (Vec::new(), plans::Actions::new());
        for name in names {
            let root = format!("-chdir=ejected/roots/{name}");
            let run =
                |words: &[&str]| self.dir.terraform([&[root.as_str()], words].concat()).expect_success();
            run(&["init"]);
            let said = run(&["plan", "-json", "-out=plan", "-parallelism=40"]);
            // Half of a life is the starting of providers: none to show that nothing changes.
            if !plans::announced(&said.stdout).is_empty() {
                now.push(run(&["show", "-json", "plan"]).json());
            }
            if anew.as_mut().is_some_and(|done| done.insert(name.clone())) {
                let said =
                    run(&["plan", "-json", "-state=nothing.tfstate", "-lock=false", "-parallelism=40"]);
                first.extend(plans::announced(&said.stdout));
            }
        }
        self.dir.remove("ejected");
        (now, first)
    }

    /// What `groma diff` says, and what `terraform` plans, also where nothing is yet: they would
    /// do the same to the same resources.
    #[track_caller]
    fn agree(
        &self,
        environment: &[&str],
        anew: Option<&mut BTreeSet<String>>,
    ) -> (plans::Actions, Option<(Vec<Value>, plans::Actions)>) {
        let ours = self.diff(environment);
        if oracle().is_none() {
            skip("needs terraform");
            return (ours, None);
        }
        let theirs = self.terraform_plans(environment, anew);
        plans::assert_same(&ours, &plans::actions(&theirs.0));
        (ours, Some(theirs))
    }

    fn diff(&self, environment: &[&str]) -> plans::Actions {
        let out = self.groma("diff", &["-json"], environment).expect_success();
        self.proved(&out.stdout);
        plans::announced(&out.stdout)
    }

    /// All of it, in the order of the issue: up, planned by `terraform` as by Groma, parked and
    /// resumed, down to nothing.
    pub fn live(&self, life: &Life) -> Report {
        let mut report = Report::default();
        if !life.always {
            // With all environments that are named, as if they were up.
            for environment in life.environments {
                report.time("prove", || self.groma("prove", &[], environment).expect_status(0));
            }
        }
        let mut announced = plans::Actions::new();
        for environment in life.environments {
            announced.extend(report.time("up", || self.up(environment)));
        }
        announced.sort();
        let states = self.dir.path().join(".groma/state");
        report.resources = plans::managed(&states).len();
        // The inventory that must be as before in the end sees something.
        assert!(inventory::take(&self.server, self.system).len() > self.before.len() + 20);

        let mut roots = BTreeSet::new();
        let mut first = plans::Actions::new();
        let mut found = BTreeSet::new();
        let mut diffs = Vec::new();
        for environment in life.environments {
            let anew = life.anew.then_some(&mut roots);
            let (ours, theirs) = report.time("terraform", || self.agree(environment, anew));
            diffs.push((*environment, ours));
            let Some((now, nothing)) = theirs else { continue };
            found.extend(plans::differences(&now));
            first.extend(nothing);
        }
        if life.anew && oracle().is_some() {
            first.sort();
            plans::assert_same(&announced, &first);
        }
        if oracle().is_some() {
            let known = gaps::forgotten(self.system.name);
            let more: Vec<_> = found.difference(&known).collect();
            assert!(more.is_empty(), "not in the table: {more:#?}");
            report.forgotten = found.len();
        }
        if let Some(environment) = life.park {
            let (there, wanted) = (inventory::lasting(&self.server, self.system), plans::managed(&states));
            let (_, diff) = diffs.iter().find(|(e, _)| *e == environment).expect("it is up");
            report.time("park", || self.groma("park", CHANGE, environment).expect_success());
            assert_ne!(plans::managed(&states), wanted, "parking changed nothing");
            report.time("resume", || self.groma("resume", CHANGE, environment).expect_success());
            plans::assert_same(&wanted, &plans::managed(&states));
            plans::assert_same(diff, &self.diff(environment));
            let [there, back] = [there, inventory::lasting(&self.server, self.system)].map(Vec::from_iter);
            plans::assert_same(&there, &back);
        }
        report.time("down", || self.down(life));
        report
    }
}
