//! Running a case through one program.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::case::{Action, Case, Expect, Step};
use super::diagnostics::{error_places, json_error_places, without_escapes};
use super::normalise::Normaliser;
use crate::{Invocation, Output, Workdir};

/// A small case which takes longer hangs.
const LIMIT: Duration = Duration::from_secs(60);

/// The AWS provider alone takes many seconds to start, and longer on a busy machine.
const AWS_LIMIT: Duration = Duration::from_secs(300);

/// Whose run it is. What a case expects is checked of the oracle alone: the subject is compared with the oracle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The program whose behaviour is the measure.
    Oracle,
    /// The program under test.
    Subject,
}

/// What one step did.
#[derive(Clone, Debug)]
pub struct Observation {
    /// The step as a report names it.
    pub label: String,
    /// What is compared.
    pub facts: Value,
    /// What the program printed, for the report.
    pub printed: String,
}

impl Observation {
    pub(crate) fn said(&self) -> String {
        let text = without_escapes(&self.printed);
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
        let shown = lines.iter().skip(lines.len().saturating_sub(30));
        shown.map(|line| format!("    {line}\n")).collect()
    }
}

struct Runner<'a> {
    program: &'a Path,
    side: Side,
    workdir: Workdir,
    normaliser: Normaliser,
}

/// Runs a case through a program, in a working directory of its own.
///
/// # Errors
///
/// When the oracle does not do what the case expects.
pub fn run(case: &Case, program: &Path, side: Side) -> Result<Vec<Observation>, String> {
    let mut workdir = Workdir::new();
    workdir.copy_folder(&case.folder);
    workdir.timeout(if case.needs_aws { AWS_LIMIT } else { LIMIT });
    if workdir.exists("case.json") {
        workdir.remove("case.json");
    }
    for (name, value) in &case.env {
        workdir.env(name, value);
    }
    let normaliser = Normaliser::new(&workdir.path().display().to_string());
    let mut runner = Runner { program, side, workdir, normaliser };
    let observations = match &case.steps {
        Some(steps) => steps.iter().filter_map(|step| runner.step(step).transpose()).collect(),
        None => runner.refusal().map(|observation| vec![observation]),
    };
    observations.map_err(|message| format!("{}{message}", case.heading()))
}

impl Runner<'_> {
    fn invoke(&self, step: &Step, args: &[&str]) -> Invocation {
        let invocation = self.workdir.invoke(self.program).folder(&step.folder).args(args);
        step.env.iter().fold(invocation, |invocation, (name, value)| invocation.env(name, value))
    }

    /// Takes a step; `None` when it only changed files.
    fn step(&mut self, step: &Step) -> Result<Option<Observation>, String> {
        let plan_file = self.workdir.outside().join("plan.bin");
        let plan_path = plan_file.display().to_string();
        let out = format!("-out={plan_path}");
        let quiet = ["-input=false", "-no-color"];
        let with = |base: &[&str], args: &[String]| {
            let args = args.iter().map(String::as_str);
            self.invoke(step, base).args(quiet).args(args).run()
        };
        let output = match &step.action {
            Action::Plan(args) => {
                fs::remove_file(&plan_file).ok();
                with(&["plan", &out], args)
            }
            Action::Apply(args) => with(&["apply", "-auto-approve"], args),
            Action::ApplySaved(args) => {
                let args: Vec<String> = args.iter().cloned().chain([plan_path.clone()]).collect();
                with(&["apply"], &args)
            }
            Action::Destroy(args) => with(&["destroy", "-auto-approve"], args),
            Action::Validate => self.invoke(step, &["validate", "-json"]).run(),
            Action::Console(lines) => self.invoke(step, &["console"]).stdin(lines.join("\n") + "\n").run(),
            Action::Run(args) => self.invoke(step, &[]).args(args).run(),
            Action::Write(files) => {
                files.iter().for_each(|(name, text)| drop(self.workdir.write(step.folder.join(name), text)));
                return Ok(None);
            }
            Action::Remove(files) => {
                files.iter().for_each(|name| self.workdir.remove(step.folder.join(name)));
                return Ok(None);
            }
        };
        self.check(step, &output)?;
        let mut facts = Map::new();
        facts.insert("exit".to_owned(), exit(&output));
        let failed = output.status == Some(1);
        match &step.action {
            Action::Validate => {
                drop(facts.insert("errors".to_owned(), places(&json_error_places(&json_of(&output)))))
            }
            _ if failed => drop(facts.insert("errors".to_owned(), places(&error_places(&both(&output))))),
            _ => {}
        }
        match &step.action {
            Action::Plan(_) if plan_file.exists() => {
                let shown = self.invoke(step, &["show", "-json", &plan_path]).run();
                let plan = self.normaliser.document(json_of(&shown));
                facts.insert("plan".to_owned(), plan);
            }
            Action::Apply(_) | Action::ApplySaved(_) | Action::Destroy(_) => {
                facts.insert("state".to_owned(), self.states());
                let shown = self.invoke(step, &["output", "-json"]).run();
                facts.insert("outputs".to_owned(), self.normaliser.document(json_of(&shown)));
                let shown = self.invoke(step, &["show", "-json"]).run();
                facts.insert("shown".to_owned(), self.normaliser.document(json_of(&shown)));
            }
            Action::Console(_) => drop(facts.insert("stdout".to_owned(), self.printed(&output))),
            Action::Run(args) => {
                facts.insert("state".to_owned(), self.states());
                // What these print is meant for programs; the others' words are their own.
                let command: Vec<&str> = args.iter().map(String::as_str).take(2).collect();
                let machine = matches!(
                    command[..],
                    ["output" | "graph", ..] | ["state" | "workspace", "list" | "show" | "pull"]
                ) || (command.first() == Some(&"show")
                    && args.iter().any(|arg| arg == "-json"))
                    || command.first() == Some(&"fmt");
                if machine && !failed {
                    facts.insert("stdout".to_owned(), self.printed(&output));
                }
            }
            _ => {}
        }
        Ok(Some(Observation { label: step.label(), facts: Value::Object(facts), printed: both(&output) }))
    }

    /// Init, validate and plan until one of them refuses.
    fn refusal(&mut self) -> Result<Observation, String> {
        let step = Step {
            action: Action::Validate,
            expect: Expect::Error,
            folder: std::path::PathBuf::new(),
            env: Vec::new(),
        };
        let init = self.invoke(&step, &["init", "-input=false", "-no-color"]).run();
        let observe = |stage: &str, errors: &BTreeSet<String>, output: &Output| {
            let facts = json!({"refused_by": stage, "errors": places(errors)});
            Observation { label: "init, validate, plan".to_owned(), facts, printed: both(output) }
        };
        // Whatever init said: validate says it again, and in a form made for programs.
        let validate = self.invoke(&step, &["validate", "-json"]).run();
        if !validate.success() {
            let errors = json_error_places(&json_of(&validate));
            return Ok(observe("init or validate", &errors, &validate));
        }
        if !init.success() {
            return Ok(observe("init or validate", &error_places(&both(&init)), &init));
        }
        let plan = self.invoke(&step, &["plan", "-input=false", "-no-color"]).run();
        self.check(&step, &plan)?;
        let stage = if plan.success() { "nobody" } else { "plan" };
        Ok(observe(stage, &error_places(&both(&plan)), &plan))
    }

    fn check(&self, step: &Step, output: &Output) -> Result<(), String> {
        let expected = match step.expect {
            Expect::Ok => matches!(output.status, Some(0 | 2)),
            Expect::Error => output.status == Some(1),
            Expect::Any => !output.timed_out,
        };
        if expected || self.side == Side::Subject {
            return Ok(());
        }
        Err(format!(
            "the case is wrong: the oracle was expected to end `{}` with {:?}\n{output}",
            step.label(),
            step.expect
        ))
    }

    /// Every state file below the working directory, by its path.
    fn states(&mut self) -> Value {
        let mut files = Vec::new();
        let root = self.workdir.path().to_path_buf();
        find_states(&root, &root, &mut files);
        files.sort();
        let mut states = Map::new();
        for name in files {
            let text = self.workdir.read(&name);
            let state =
                serde_json::from_str(&text).unwrap_or_else(|error| json!({"unreadable": error.to_string()}));
            states.insert(name, self.normaliser.document(state));
        }
        Value::Object(states)
    }

    fn printed(&mut self, output: &Output) -> Value {
        match serde_json::from_str(&output.stdout) {
            Ok(document) => self.normaliser.document(document),
            Err(_) => {
                without_escapes(&output.stdout).lines().map(|line| self.normaliser.text(line)).collect()
            }
        }
    }
}

fn find_states(root: &Path, folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            if entry.file_name() != ".terraform" {
                find_states(root, &path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "tfstate") {
            found.extend(path.strip_prefix(root).ok().map(|name| name.display().to_string()));
        }
    }
}

fn exit(output: &Output) -> Value {
    match output.status {
        _ if output.timed_out => json!("the time limit"),
        Some(code) => json!(code),
        None => json!("a signal"),
    }
}

fn places(errors: &BTreeSet<String>) -> Value {
    errors.iter().cloned().collect()
}

fn json_of(output: &Output) -> Value {
    serde_json::from_str(&output.stdout).unwrap_or_else(|error| json!({"no JSON": error.to_string()}))
}

fn both(output: &Output) -> String {
    format!("{}\n{}", output.stdout, output.stderr)
}
