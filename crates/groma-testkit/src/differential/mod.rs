//! The differential harness: the same steps through the oracle and through Groma, and what differs.
//!
//! A case is a folder below `tests/differential/cases`: configuration files and, unless the usual steps do, a
//! `case.json` ([`Case`] documents it). Each side runs in a working directory of its own. Compared are exit codes,
//! the plan (`show -json`), every state file, the outputs (`output -json`), and for a refusal the places (file and
//! line) that the errors name. Nothing of the oracle's output is kept in the repository: it is always asked anew.
//!
//! The harness does not compare wording: Groma's messages are its own.

mod case;
mod compare;
mod diagnostics;
mod normalise;
mod run;

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use serde_json::Value;

use crate::{Trial, Verdict, find, harness_main, skip};

pub use case::{Action, Case, Expect, Step};
pub use compare::{Difference, differences};
pub use diagnostics::error_places;
pub use normalise::Normaliser;
pub use run::{Observation, Side, run};

/// How many differences a report shows; a missing part often makes hundreds.
const SHOWN: usize = 40;

/// Runs a case through the oracle and through a subject, and reports what differs.
///
/// # Errors
///
/// A readable report: for each step with differences, one line a difference, oracle left, subject right; or that the
/// oracle itself does not do what the case expects, so that the case is wrong.
pub fn differential(case: &Case, oracle: &Path, subject: &Path) -> Verdict {
    let left = run(case, oracle, Side::Oracle)?;
    let right = run(case, subject, Side::Subject)?;
    let verdict = compare(case, &left, &right);
    // With the oracle on both sides there are no gaps.
    match (&case.gap, verdict) {
        (Some(gap), Ok(())) if oracle != subject => {
            Err(format!("{}is no gap any more; remove the mark: {gap}\n", case.heading()))
        }
        (Some(_), Err(_)) if oracle != subject => Ok(()),
        (_, verdict) => verdict,
    }
}

fn compare(case: &Case, left: &[Observation], right: &[Observation]) -> Verdict {
    let mut report = String::new();
    for (index, oracle) in left.iter().enumerate() {
        let Some(subject) = right.get(index) else { break };
        let accepted = case.among && names_some(&oracle.facts, &subject.facts)
            || case.more && names_some(&subject.facts, &oracle.facts)
            || names_where_oracle_does_not(&oracle.facts, &subject.facts);
        let found = if accepted { Vec::new() } else { differences(&oracle.facts, &subject.facts) };
        if found.is_empty() {
            continue;
        }
        report += &format!("step {} `{}`: oracle | subject\n", index + 1, oracle.label);
        for difference in found.iter().take(SHOWN) {
            report += &format!("  {difference}\n");
        }
        if found.len() > SHOWN {
            report += &format!("  and {} more\n", found.len() - SHOWN);
        }
        if oracle.facts.get("exit") != subject.facts.get("exit") || oracle.facts.get("errors").is_some() {
            report +=
                &format!("  the oracle said:\n{}  the subject said:\n{}", oracle.said(), subject.said());
        }
        // What follows a step which went differently differs for that reason only.
        break;
    }
    if report.is_empty() { Ok(()) } else { Err(format!("{}{report}", case.heading())) }
}

/// Whether two refusals happen at the same stage and the right one names at least one place, and only such as the
/// left one names.
fn names_some(left: &Value, right: &Value) -> bool {
    let places = |facts: &Value| facts["errors"].as_array().cloned().unwrap_or_default();
    let (known, named) = (places(left), places(right));
    left["refused_by"] == right["refused_by"]
        && !named.is_empty()
        && named.iter().all(|place| known.contains(place))
}

/// Whether both refuse at the same stage, the left one naming no place at all (`-`), the right one at least one; or
/// the left one with a plain line, the right one with an error without a place.
fn names_where_oracle_does_not(left: &Value, right: &Value) -> bool {
    let places = |facts: &Value| facts["errors"].as_array().cloned().unwrap_or_default();
    left["refused_by"] == right["refused_by"]
        && left["exit"] == right["exit"]
        && (places(left) == ["-"] && !places(right).is_empty()
            || left["errors"].is_array() && places(left).is_empty() && places(right) == ["-"])
}

/// The folder of all cases.
pub fn cases_folder() -> PathBuf {
    find::repository().join("tests").join("differential").join("cases")
}

/// The `main` of the test program which runs every case as a test of its own name.
///
/// `GROMA_TEST_SUBJECT` names another program to compare with the oracle; with the oracle itself there, the run
/// checks the cases and the harness (a case which differs then is not deterministic).
pub fn main(groma: &Path) -> ExitCode {
    let subject = env::var_os("GROMA_TEST_SUBJECT").map_or_else(|| groma.to_path_buf(), PathBuf::from);
    let subject: Arc<Path> = subject.into();
    let mut names: Vec<PathBuf> = std::fs::read_dir(cases_folder())
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    names.sort();
    let trials = names.into_iter().map(|folder| {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let subject = Arc::clone(&subject);
        Trial::new(name, move || {
            let Some(oracle) = find::oracle() else {
                skip("needs terraform");
                return Ok(());
            };
            let case = Case::load(&folder)?;
            if case.needs_aws && find::mirror().is_none() {
                skip("needs a mirror of the AWS provider");
                return Ok(());
            }
            differential(&case, &oracle, &subject)
        })
    });
    harness_main(trials.collect())
}
