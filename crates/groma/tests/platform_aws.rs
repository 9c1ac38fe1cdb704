//! The example systems through the real AWS provider, against AWS API servers on
//! loopback: up, the same plan from `terraform` in what is ejected, park and resume,
//! down to nothing. What the server forgets is in [`gaps`], and nowhere else.

mod platform_aws {
    pub mod gaps;
    pub mod inventory;
    pub mod life;
    pub mod plans;
}

use groma_testkit::{measure, repository};
use platform_aws::gaps::{self, Life, System};
use platform_aws::inventory;
use platform_aws::life::{GROMA, Place};
use std::io::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// How many lives are lived at once: each needs about a gigabyte while a provider runs.
const AT_ONCE: usize = 5;

/// Lives that are chosen, some at once. All that go wrong are told of, and a row for each
/// goes to the file that `GROMA_EXAMPLES_TABLE` names.
fn live(chosen: impl Fn(&System, &Life) -> bool) {
    let all: Vec<(&System, &Life)> = gaps::SYSTEMS
        .iter()
        .flat_map(|s| s.lives.iter().map(move |l| (s, l)))
        .filter(|(s, l)| chosen(s, l))
        .collect();
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE.min(all.len()) {
            scope.spawn(|| {
                while let Some((system, life)) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let name = life.name(system);
                    let result = std::panic::catch_unwind(|| Place::open(system.name).map(|p| p.live(life)));
                    let row = match result {
                        Ok(None) => continue,
                        Ok(Some(report)) => format!("{name}: {report}"),
                        Err(_) => {
                            failed.lock().expect("no panic").push(name.clone());
                            format!("{name}: FAILED")
                        }
                    };
                    table(&row);
                }
            });
        }
    });
    let failed = failed.into_inner().expect("no panic");
    assert!(failed.is_empty(), "failed: {}", failed.join(", "));
}

fn table(row: &str) {
    if let Some(path) = std::env::var_os("GROMA_EXAMPLES_TABLE") {
        let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
        file.and_then(|mut f| writeln!(f, "{row}")).expect("the table");
    }
}

/// The environments that every run of the tests affords; where `GROMA_EXAMPLES` is set (`cargo
/// xtask examples`), those that are named by one of its words, or have it in their names where
/// it is nobody's name; all if there is none in it.
#[test]
fn examples_come_up_and_go_down_through_the_real_provider() {
    let asked = std::env::var("GROMA_EXAMPLES").ok();
    let names: Vec<String> = gaps::SYSTEMS.iter().flat_map(|s| s.lives.iter().map(|l| l.name(s))).collect();
    live(|system, life| match &asked {
        None => life.always,
        Some(words) => {
            let name = life.name(system);
            let meant = |w: &str| name == w || name.contains(w) && !names.iter().any(|n| n == w);
            words.is_empty() || words.split(' ').any(meant)
        }
    });
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

/// The same proofs as in the sandbox, of a plan that the real provider makes, where most of
/// what AWS will say is not known yet: with all environments that are named. What is brought up
/// alone is proved in the lives.
#[test]
fn what_is_declared_and_nothing_else_is_proved_of_the_real_providers_plan() {
    let Some(place) = Place::open("blockchain") else { return };
    let out = place.groma("prove", &[], &["standby"]).expect_status(0).stdout;
    assert!(out.contains("proved      exactly: nothing but what is declared"), "{out}");
    assert!(out.contains("proved      exactly: everything that is declared"), "{out}");
    assert!(out.ends_with("5 properties: 5 proved.\n") && !out.contains("not asked"), "{out}");
    assert_eq!(inventory::take(&place.server, place.system), place.before);
}

/// A provider process has 600 MB, and this platform has three root modules.
#[test]
fn one_provider_process_runs_at_a_time() {
    let Some(place) = Place::open("levels") else { return };
    let words = ["diff", "-no-color", "staging"];
    let usage = measure(&place.dir.invoke(GROMA).args(words), Duration::from_secs(120));
    assert_eq!(usage.status, Some(0), "{}", usage.stderr);
    assert!(usage.tree_kib > 300_000, "no provider: {} KiB", usage.tree_kib);
    assert!(usage.tree_kib < 1_200_000, "{} KiB", usage.tree_kib);
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
