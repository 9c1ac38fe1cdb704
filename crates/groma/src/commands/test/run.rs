//! Executing the runs of a file.

use super::expect::{self, Expected};
use super::names::{AssertScope, RunOutputs, Runs, undeclared_output};
use super::report::Report;
use super::schedule;
use super::setup::{Setup, put_sandbox};
use super::values::{self, RunValues};
use super::{FileResult, RunResult, Status};
use crate::operation;
use crate::providers::Loaded;
use crate::session::Session;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use groma_config::install::run_module_dir;
use groma_config::testfile::{Run, TestFile, TestProvider};
use groma_config::{LocalProvider, Module, PassedProvider};
use groma_engine::{Context, Evaluation, Interrupt, NoSink, PlanMode, PlanOptions, Quiet};
use groma_lang::ast::TraversalStep;
use groma_lang::eval::Scope;
use groma_lang::{Diagnostic, Diagnostics, Span};
use groma_sandbox::Sandbox;
use groma_state::State;
use groma_value::addr::{Mode, ModuleInstance, ModulePath, ResourceInstance};
use groma_value::{Name, Type, Value, convert};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

/// Executes a file.
pub struct Runner<'r> {
    pub(super) s: &'r Session,
    pub(super) setup: &'r Setup<'r>,
    report: &'r dyn Report,
    pub(super) file: &'r TestFile,
    names: Vec<Name>,
    pub(super) outputs: RefCell<Arc<RunOutputs>>,
    pub(super) states: RefCell<BTreeMap<String, Kept>>,
    sandbox: Option<Sandbox>,
    /// What is odd about the file as a whole.
    pub(super) found: RefCell<Option<Diagnostics>>,
}

/// A state between runs.
#[derive(Default)]
pub(super) struct Kept {
    pub state: State,
    /// The last run that changed it, with what it takes to destroy it.
    pub last: Option<(usize, Ready)>,
}

/// A run that can begin.
pub(super) struct Ready {
    pub context: Context,
    pub values: RunValues,
}

/// A run that is under way.
struct Begun<'r> {
    i: usize,
    run: &'r Run,
    ready: Ready,
    expected: Vec<Expected>,
    /// Of the runs that had ended when it began.
    outputs: Arc<RunOutputs>,
    result: RunResult,
    diags: Diagnostics,
    since: Instant,
}

/// What assertions came to.
#[derive(Default)]
pub(super) struct Judgement {
    pub diags: Diagnostics,
    pub failed: Vec<String>,
    pub errors: bool,
    pub outputs: BTreeMap<Name, Value>,
}

impl<'r> Runner<'r> {
    /// For one file.
    pub fn new(
        s: &'r Session,
        setup: &'r Setup<'r>,
        report: &'r dyn Report,
        file: &'r TestFile,
    ) -> Runner<'r> {
        Runner {
            s,
            setup,
            report,
            file,
            names: file.runs.iter().map(|r| r.name.name.clone()).collect(),
            outputs: RefCell::default(),
            states: RefCell::default(),
            sandbox: setup.renew_sandbox(),
            found: RefCell::default(),
        }
    }

    /// Executes all runs and destroys what they made.
    pub fn run(self) -> FileResult {
        self.report.file(self.file);
        let runs = self.all();
        self.report.cleanup(self.file);
        let clean = self.clean_up();
        let worst = runs.iter().map(|r| r.status).max().unwrap_or(Status::Pass).max(Status::Pass);
        let status = if clean { worst } else { Status::Error };
        let result = FileResult { name: self.file.name.clone(), status, runs };
        let found = self.found.take().unwrap_or_default();
        self.report.filed(self.file, &result, &found);
        result
    }

    /// Executes all runs, side by side where they may be. They are told of in their order.
    fn all(&self) -> Vec<RunResult> {
        let runs = &self.file.runs;
        let waits = schedule::waits(self.file);
        let mut results: Vec<Option<RunResult>> = runs.iter().map(|_| None).collect();
        let mut begun = vec![false; runs.len()];
        let mut working = FuturesUnordered::new();
        let (mut over, mut told) = (false, 0);
        loop {
            over |= self.s.interrupt.stopping();
            for (i, run) in runs.iter().enumerate() {
                let ready = !over && !begun[i] && waits[i].iter().all(|&j| results[j].is_some());
                if !ready {
                    continue;
                }
                begun[i] = true;
                self.report.run(self.file, run);
                match self.begin(i, run) {
                    Ok(b) => working.push(self.execute(b)),
                    Err(r) => {
                        over = true;
                        results[i] = Some(*r);
                    }
                }
            }
            let next = (!working.is_empty()).then(|| operation::run(self.s, working.next()));
            match next {
                Some(Some(Some((i, result)))) => {
                    over |= result.status == Status::Error;
                    results[i] = Some(result);
                }
                // Nothing works, or it was abandoned.
                _ => {
                    for (i, r) in results.iter_mut().enumerate().filter(|(_, r)| r.is_none()) {
                        let run = &runs[i];
                        *r = Some(if begun[i] {
                            RunResult { diags: abandoned().into(), ..begin_result(run) }
                        } else {
                            skipped(run)
                        });
                    }
                }
            }
            while let Some(Some(r)) = results.get(told) {
                self.report.ran(self.file, r);
                told += 1;
            }
            if told == runs.len() {
                return results.into_iter().flatten().collect();
            }
        }
    }

    /// Makes a run ready, or says why it cannot be executed.
    fn begin(&self, i: usize, run: &'r Run) -> Result<Begun<'r>, Box<RunResult>> {
        let since = Instant::now();
        let mut result = begin_result(run);
        let mut diags = Diagnostics::new();
        let expected = expect::expected(run, &mut diags);
        let outputs = self.outputs.borrow().clone();
        let ready =
            (!diags.has_errors()).then(|| self.prepare(run, self.runs(&outputs), &mut diags)).flatten();
        match ready {
            Some(ready) => Ok(Begun { i, run, ready, expected, outputs, result, diags, since }),
            None => {
                result.diags = diags;
                result.elapsed = since.elapsed();
                Err(Box::new(result))
            }
        }
    }

    pub(super) fn runs<'a>(&'a self, done: &'a RunOutputs) -> Runs<'a> {
        Runs { all: &self.names, done }
    }

    /// The directory of the module that a run is about, and where what it calls is installed.
    fn module_of(&self, run: &Run, diags: &mut Diagnostics) -> Option<(PathBuf, ModulePath)> {
        if run.module.is_none() {
            return Some((PathBuf::from("."), ModulePath::root()));
        }
        let dir = run_module_dir(self.file, run, Path::new("."), &self.s.load_options(), diags)?;
        Some((dir, self.file.module_path(run)))
    }

    /// Everything up to the point where the engine can run.
    fn prepare(&self, run: &Run, runs: Runs<'_>, diags: &mut Diagnostics) -> Option<Ready> {
        let (dir, installed) = self.module_of(run, diags)?;
        let (_, used) = self.setup.used_providers(&dir, &installed);
        let chosen = self.providers(run, diags);
        if diags.has_errors() {
            return None;
        }
        // Local names are those of the module under test, or of the module that is run.
        let under_test = self.setup.used_providers(Path::new("."), &ModulePath::root()).0;
        let chosen: Vec<(LocalProvider, &TestProvider)> = chosen
            .into_iter()
            .filter(|(local, _)| used.contains(&under_test.provider_of(&local.name)))
            .collect();
        let blocks: Vec<(LocalProvider, Span)> = chosen.iter().map(|(l, p)| (l.clone(), p.span())).collect();
        let config = self.setup.config(&dir, &installed, &blocks, diags);
        if diags.has_errors() {
            return None;
        }
        let module = &config.root.module;
        self.check_references(run, runs, module, diags);
        let values = values::collect(
            self.s,
            self.setup,
            self.file,
            run,
            (if run.module.is_some() { &*under_test } else { module }, module),
            runs,
            diags,
        );
        if diags.has_errors() {
            return None;
        }
        let pool = match self.setup.pool(&dir, &config, diags) {
            Ok(p) => p,
            Err(f) => {
                if let crate::commands::Failure::Message(text) = f {
                    diags.push(Diagnostic::error("Providers are not available", text));
                } else {
                    // It was told already; the run must not pass.
                    diags.push(Diagnostic::error(
                        "Providers are not available",
                        "The providers of the configuration could not be made ready.",
                    ));
                }
                return None;
            }
        };
        if let Some(sandbox) = &self.sandbox {
            put_sandbox(&pool, sandbox);
        }
        let Loaded { providers, schemas, .. } = self.s.load_schemas(pool, &config, &State::default(), diags);
        if diags.has_errors() {
            return None;
        }
        let mut context = self.s.context(config.clone(), providers, schemas, 10, Arc::new(Quiet));
        context.workspace = groma_state::DEFAULT_WORKSPACE.into();
        context.overlay = self.overlay(run, runs, &config, &chosen, &values, &context, diags);
        (!diags.has_errors()).then_some(Ready { context, values })
    }

    /// The providers of a run by their names in the module: those of the file, or
    /// those that the run chooses among them.
    fn providers(&self, run: &Run, diags: &mut Diagnostics) -> Vec<(LocalProvider, &'r TestProvider)> {
        let file = self.file;
        let Some(map) = &run.providers else {
            return file.providers.iter().map(|(l, p)| (l.clone(), p)).collect();
        };
        let mut out = Vec::new();
        for PassedProvider { inner, outer, span, key } in map {
            if let Some(key) = key {
                let detail = "A provider of a test file has no instances: it is passed without a key.";
                diags.error(key.span, "Unexpected provider instance key", detail);
            }
            match file.providers.get(outer) {
                Some(p) => out.push((inner.clone(), p)),
                None => diags.error(
                    *span,
                    format!("Missing provider definition for {}", show(outer)),
                    "The file has no provider or mock_provider block of this name and alias.",
                ),
            }
        }
        out
    }

    /// What assertions refer to must be there before anything is made.
    fn check_references(&self, run: &Run, runs: Runs<'_>, module: &Module, diags: &mut Diagnostics) {
        for rule in &run.asserts {
            for t in rule.condition.references().into_iter().chain(rule.error_message.references()) {
                let name = match t.steps.first() {
                    Some(TraversalStep::Attr(a)) => Some(&*a.name),
                    _ => None,
                };
                match (&*t.root.name, name) {
                    ("run", Some(n)) if !runs.done.contains_key(n) => {
                        diags.push(runs.unavailable(n, t.span));
                    }
                    ("output", Some(n)) if !module.outputs.contains_key(n) => {
                        diags.push(undeclared_output(n, t.span, module));
                    }
                    ("run" | "output" | "var" | "local" | "module" | "path" | "terraform", _) => {}
                    _ => {
                        if let Some(r) = expect::resource_of(&t)
                            && !module.resources.contains_key(&r)
                        {
                            diags.error(
                                t.span,
                                "Reference to undeclared resource",
                                format!("There is no resource {r} in the module that is run."),
                            );
                        }
                    }
                }
            }
        }
    }

    /// Executes a run; the number of the run and how it ended.
    async fn execute(&self, begun: Begun<'r>) -> (usize, RunResult) {
        let Begun { i, run, ready, expected, outputs, mut result, mut diags, since } = begun;
        self.perform(i, run, ready, &expected, &outputs, &mut result, &mut diags).await;
        result.diags = diags;
        result.elapsed = since.elapsed();
        (i, result)
    }

    /// Evaluates assertions and outputs.
    pub(super) fn judge(
        &self,
        run: &Run,
        runs: Runs<'_>,
        cx: &Context,
        values: &RunValues,
        e: &Evaluation<'_>,
    ) -> Judgement {
        let mut out = Judgement::default();
        let root = &cx.config.root.module;
        for name in root.outputs.keys() {
            out.outputs.insert(name.clone(), e.output(name).unwrap_or_else(Value::dynamic));
        }
        let Some(module) = e.scope(&ModuleInstance::root()) else { return out };
        let scope =
            AssertScope { module: &module, evaluation: e, declared: root, extra: &values.extra, runs };
        for rule in &run.asserts {
            self.assertion(rule, &scope, &mut out);
        }
        out
    }

    fn assertion(&self, rule: &groma_config::CheckRule, scope: &dyn Scope, out: &mut Judgement) {
        let mut diags = Diagnostics::new();
        let v = groma_lang::eval::evaluate(&rule.condition, scope, &mut diags);
        if diags.has_errors() {
            out.errors = true;
            out.diags.extend(diags);
            return;
        }
        let notes = || groma_lang::eval::value_notes(&rule.condition, scope);
        let peeled = v.peel();
        let wrong = |summary: &str, text: String| {
            let mut d = Diagnostic::error(summary, text).at(rule.condition.span);
            d.values = notes();
            d
        };
        match convert(peeled, &Type::Bool) {
            Ok(Value::Unknown(..)) => {
                out.errors = true;
                out.diags.push(wrong(
                    "Unknown condition value",
                    "The condition cannot be evaluated: the run only plans, and something that the condition refers to is known after an apply only. Leave that out, use command = apply, or, for a value that is overridden or mocked, override_during = plan.".to_owned(),
                ));
            }
            Ok(Value::Bool(true)) => {}
            Ok(Value::Bool(false)) => {
                let mut found = Diagnostics::new();
                let message = groma_lang::eval::evaluate(&rule.error_message, scope, &mut found);
                let text = if found.has_errors() {
                    out.errors = true;
                    "The condition does not hold, and its error message could not be evaluated.".to_owned()
                } else if message.contains_sensitive() {
                    found.warning(
                        rule.error_message.span,
                        "Error message refers to sensitive values",
                        "The message is not shown, because something in it is sensitive. Leave that out of the message.",
                    );
                    String::new()
                } else {
                    match convert(&message.unmark_deep().0, &Type::String) {
                        Ok(Value::String(s)) => s.trim().to_owned(),
                        _ => "The condition does not hold, and its error message is not known.".to_owned(),
                    }
                };
                out.diags.extend(found);
                out.failed.push(text.clone());
                out.diags.push(wrong("Test assertion failed", text));
            }
            _ => {
                out.errors = true;
                let what = if peeled.is_null() { "null".into() } else { peeled.ty().friendly_name() };
                out.diags.push(wrong(
                    "Invalid condition result",
                    format!("Condition expression must return either true or false, not {what}."),
                ));
            }
        }
    }

    /// Destroys what the runs made, the last state first. Whether nothing is left.
    fn clean_up(&self) -> bool {
        let mut kept: Vec<(usize, State, Ready)> = self
            .states
            .take()
            .into_values()
            .filter_map(|k| k.last.map(|(i, r)| (i, k.state, r)))
            .filter(|(_, s, _)| s.instances().next().is_some())
            .collect();
        kept.sort_by_key(|(i, ..)| std::cmp::Reverse(*i));
        let mut clean = true;
        for (i, state, mut ready) in kept {
            let run = &self.file.runs[i];
            self.report.destroying(self.file, run);
            // An interrupt ends the tests, not their cleaning up.
            ready.context.interrupt = Arc::new(Interrupt::default());
            let (left, diags) = self.destroy(&state, &ready);
            clean &= left.is_empty() && !diags.has_errors();
            self.report.destroyed(self.file, run, &diags, &left);
        }
        clean
    }

    fn destroy(&self, state: &State, ready: &Ready) -> (Vec<ResourceInstance>, Diagnostics) {
        let cx = &ready.context;
        let variables = ready.values.inputs.clone();
        let options = PlanOptions { mode: PlanMode::Destroy, variables, ..PlanOptions::default() };
        let left = |s: &State| -> Vec<ResourceInstance> {
            s.instances().map(|(a, ..)| a).filter(|a| a.resource.mode == Mode::Managed).collect()
        };
        let done = operation::run(self.s, async {
            let (plan, mut diags) = groma_engine::plan(cx, state, &options).await;
            if plan.errored || diags.has_errors() {
                return (left(state), diags);
            }
            let (after, found) = groma_engine::apply(cx, &plan, &NoSink).await;
            diags.extend(found);
            (left(&after), diags)
        });
        let (left, diags) = done.unwrap_or_else(|| (left(state), abandoned().into()));
        // What a check says of things that are about to go is of no interest.
        (
            left,
            diags.into_iter().filter(Diagnostic::is_error).fold(Diagnostics::new(), |mut all, d| {
                all.push(d);
                all
            }),
        )
    }
}

/// What is known of a run that begins.
fn begin_result(run: &Run) -> RunResult {
    RunResult {
        name: run.name.name.to_string(),
        status: Status::Error,
        diags: Diagnostics::new(),
        failed: (0, String::new()),
        assertions: run.asserts.len(),
        verbose: None,
        started: jiff::Timestamp::now(),
        elapsed: std::time::Duration::ZERO,
    }
}

fn skipped(run: &Run) -> RunResult {
    RunResult { status: Status::Skip, ..begin_result(run) }
}

fn show(p: &LocalProvider) -> String {
    match &p.alias {
        Some(a) => format!("{}.{a}", p.name),
        None => p.name.to_string(),
    }
}

fn abandoned() -> Diagnostic {
    Diagnostic::error(
        "Test abandoned",
        "The run was abandoned by a second interrupt. What it had begun to make may exist.",
    )
}
