//! `groma test`

mod expect;
mod junit;
mod names;
mod overlay;
mod perform;
mod report;
mod run;
mod schedule;
mod setup;
mod values;

use super::{Command, Outcome};
use crate::args::{Args, Flag, many, switch, value};
use crate::operation::{ALLOW_DEFERRAL, COMMON_FLAGS, JSON_LINES, TEST_DIRECTORY_FLAG, VARIABLE_FLAGS};
use crate::providers::requirements;
use crate::session::Session;
use groma_config::install::run_module_dir;
use groma_config::testfile::{Run, TEST_DIRECTORY, TestFile, load_test_files, test_file_names};
use groma_config::{Config, load_config_as};
use groma_lang::Diagnostics;
use groma_provider::install::Requirements;
use groma_provider::version::Constraints;
use groma_state::State;
use report::{Report, Reporter};
use run::Runner;
use setup::Setup;
use std::collections::btree_map::Entry;
use std::path::{Path, PathBuf};

const FLAGS: &[Flag] = &[
    many("filter", "FILE", "Only this test file. May be given several times."),
    TEST_DIRECTORY_FLAG,
    switch("verbose", "Show the plan or the state of each run."),
    JSON_LINES,
    value("junit-xml", "FILE", "Also write a report in the format of JUnit."),
    ALLOW_DEFERRAL,
    switch(
        "sandbox",
        "Use the embedded AWS instead of the AWS provider: no account, no network, nothing to be installed. Each test file has a new one.",
    ),
];

/// The command.
pub static COMMAND: Command = Command {
    name: "test",
    usage: "[flags]",
    summary: "Run the tests of a module",
    help: "Runs the *.tftest.hcl and *.tftest.json files beside the configuration and in its directory of tests: the runs of a file in their order, each of which plans or applies and then checks assertions. What was made is destroyed at the end of each file. Tests make real infrastructure unless its providers are mocked, or with -sandbox.",
    flags: &[FLAGS, VARIABLE_FLAGS, COMMON_FLAGS],
    run,
    main: false,
};

/// How a run or file ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Was not reached.
    Skip,
    /// All is as expected.
    Pass,
    /// An assertion does not hold.
    Fail,
    /// Something could not be done.
    Error,
}

impl Status {
    /// The word in messages for programs.
    fn name(self) -> &'static str {
        match self {
            Status::Skip => "skip",
            Status::Pass => "pass",
            Status::Fail => "fail",
            Status::Error => "error",
        }
    }
    /// The word for people, who are told the difference by the diagnostics.
    fn word(self) -> &'static str {
        if self == Status::Error { "fail" } else { self.name() }
    }
}

/// How a run ended.
#[derive(Debug)]
pub struct RunResult {
    /// Its name.
    pub name: String,
    /// How.
    pub status: Status,
    /// What there is to say.
    pub diags: Diagnostics,
    /// How many assertions do not hold, and the message of the first.
    pub failed: (usize, String),
    /// How many assertions there are.
    pub assertions: usize,
    /// The plan or state as text, if it was asked for.
    pub verbose: Option<String>,
    /// When it began.
    pub started: jiff::Timestamp,
    /// How long it took.
    pub elapsed: std::time::Duration,
}

/// How a file ended.
#[derive(Debug)]
pub struct FileResult {
    /// Its name.
    pub name: String,
    /// How.
    pub status: Status,
    /// Its runs.
    pub runs: Vec<RunResult>,
}

fn run(s: &Session, args: &Args) -> Outcome {
    s.json_messages(args);
    if !args.rest.is_empty() {
        return Err("test takes no arguments besides flags; -filter=FILE chooses a test file."
            .to_owned()
            .into());
    }
    if args.on("sandbox", false) {
        s.test_sandbox()?;
    }
    let mut diags = Diagnostics::new();
    let options = s.load_options();
    let dir = directory(args);
    let wanted: Vec<PathBuf> = args.all("filter").iter().map(|f| plain(Path::new(f))).collect();
    // What is wrong is told of all files, chosen or not.
    let files: Vec<TestFile> = check_files(s, dir, &mut diags)
        .into_iter()
        .filter(|f| wanted.is_empty() || wanted.contains(&plain(Path::new(&f.name))))
        .collect();
    groma_config::load_module(Path::new("."), &s.sources, &options, &mut diags);
    s.check(&diags)?;
    let setup = Setup::new(s, args, dir)?;
    let reporter: Box<dyn Report> = Reporter::of(s, args.on("verbose", false));
    reporter.begin(&files);
    let mut results = Vec::new();
    for file in &files {
        results.push(Runner::new(s, &setup, &*reporter, file).run());
    }
    reporter.end(&results);
    if let Some(path) = args.get("junit-xml") {
        let text = junit::document(s, &results);
        std::fs::write(path, text).map_err(|e| format!("The report {path} cannot be written: {e}"))?;
    }
    let failed = results.iter().any(|f| f.status > Status::Pass);
    Ok(u8::from(failed || s.interrupt.stopping()))
}

/// The test files of a working directory with this directory of tests, and what is wrong with
/// them: their own content, and modules of runs that are not installed.
pub fn check_files(s: &Session, dir: &Path, diags: &mut Diagnostics) -> Vec<TestFile> {
    let options = s.load_options();
    let mut found = Diagnostics::new();
    let names = test_file_names(dir, &options, &mut found);
    let files = load_test_files(&names, &s.sources, &options, &mut found);
    if !found.has_errors() {
        for (file, run) in files.iter().flat_map(|f| f.runs.iter().map(move |r| (f, r))) {
            run_module_dir(file, run, Path::new("."), &options, &mut found);
        }
    }
    diags.extend(found);
    files
}

/// The directory of tests that a command was told, or the usual one.
pub fn directory(args: &Args) -> &Path {
    Path::new(args.get(TEST_DIRECTORY_FLAG.name).unwrap_or(TEST_DIRECTORY))
}

/// The test files of the working directory.
pub fn files(s: &Session, args: &Args, diags: &mut Diagnostics) -> Vec<TestFile> {
    let options = s.load_options();
    let names = test_file_names(directory(args), &options, diags);
    load_test_files(&names, &s.sources, &options, diags)
}

/// The runs of a file that have a module of their own, with that, as far as it is installed.
pub fn run_modules<'a>(s: &Session, file: &'a TestFile) -> Vec<(&'a Run, Config)> {
    let options = s.load_options();
    let with_module = file.runs.iter().filter(|r| r.module.is_some());
    with_module
        .filter_map(|run| {
            // What is wrong with them is told by validate and test.
            let mut found = Diagnostics::new();
            let dir = run_module_dir(file, run, Path::new("."), &options, &mut found)?;
            let path = file.module_path(run);
            Some((run, load_config_as(&dir, &path, &|_| {}, &s.sources, &options, &mut found)))
        })
        .collect()
}

/// Adds the providers that modules of runs need.
pub fn add_requirements(s: &Session, args: &Args, required: &mut Requirements, diags: &mut Diagnostics) {
    for file in files(s, args, diags) {
        for (_, config) in run_modules(s, &file) {
            for (p, constraints) in requirements(&config, &State::default(), &mut Diagnostics::new()) {
                match required.entry(p) {
                    Entry::Vacant(e) => _ = e.insert(constraints),
                    Entry::Occupied(mut e) => {
                        let both = format!("{}, {constraints}", e.get());
                        if let Ok(c) = Constraints::parse(&both) {
                            e.insert(c);
                        }
                    }
                }
            }
        }
    }
}

/// A path without `.` parts, for comparisons.
fn plain(p: &Path) -> PathBuf {
    p.components().filter(|c| !matches!(c, std::path::Component::CurDir)).collect()
}
