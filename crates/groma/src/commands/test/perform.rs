//! What a run does: it plans, perhaps applies, and looks at what came of it.

use super::expect::{self, Expected};
use super::names::RunOutputs;
use super::run::{Kept, Ready, Runner};
use super::{RunResult, Status, schedule};
use crate::rounds::{Progress, replace_later};
use groma_config::testfile::{Run, RunCommand};
use groma_engine::{Evaluation, NoSink, Plan, PlanMode, PlanOptions};
use groma_lang::{Diagnostic, Diagnostics};
use groma_value::Value;
use std::sync::Arc;

impl Runner<'_> {
    #[expect(clippy::too_many_arguments, reason = "the parts of what was begun")]
    pub(super) async fn perform(
        &self,
        i: usize,
        run: &Run,
        ready: Ready,
        expected: &[Expected],
        outputs: &RunOutputs,
        result: &mut RunResult,
        diags: &mut Diagnostics,
    ) {
        let key = schedule::state_key(run);
        let mut state = self.states.borrow().get(key).map(|k| k.state.clone()).unwrap_or_default();
        let mut options = PlanOptions {
            mode: if run.options.refresh_only { PlanMode::RefreshOnly } else { PlanMode::Normal },
            variables: ready.values.inputs.clone(),
            targets: run.options.targets.clone(),
            invoke: Vec::new(),
            excludes: Vec::new(),
            replace: run.options.replace.clone(),
            refresh: run.options.refresh,
            imports: Vec::new(),
            allow_deferral: self.setup.allow_deferral,
        };
        if !options.targets.is_empty() {
            diags.push(Diagnostic::warning(
                "Resource targeting is in effect",
                "The run plans only a part of the configuration, because its plan_options name targets. Outputs and assertions see the rest as it was.",
            ));
        }
        let cx = &ready.context;
        let judge = |e: &Evaluation<'_>| self.judge(run, self.runs(outputs), cx, &ready.values, e);
        let show = |plan: &Plan| {
            let deferred = crate::render::plan::deferred(plan, &cx.config, &self.s.sources, self.s.paint());
            let text = crate::render::plan::plan(plan, &cx.schemas, self.s.paint());
            self.setup.verbose.then_some(text + &deferred)
        };
        let mut progress: Option<Progress> = None;
        let mut applied = false;
        // One round, and one more for whatever was deferred.
        let judged = loop {
            let (plan, found, judged) = groma_engine::plan_then(cx, &state, &options, judge).await;
            if run.command == RunCommand::Plan {
                result.verbose = show(&plan);
                diags.extend(expect::sift(found, expected));
                if !plan.errored {
                    diags.extend(only_planned(&plan, cx));
                }
                break Some(judged);
            }
            if found.has_errors() {
                result.verbose = show(&plan);
                diags.extend(expect::too_early(found, expected));
                break None;
            }
            let further = match &mut progress {
                Some(p) => p.next(&plan, &cx.config),
                None => Ok(()),
            };
            if let Err(d) = further {
                diags.push(d);
                break None;
            }
            // Conditions are looked at again when the plan is applied.
            diags.extend(found.into_iter().filter(|d| d.origin.is_none()));
            let (after, found, judged) = groma_engine::apply_then(cx, &plan, &NoSink, judge).await;
            (state, applied) = (after, true);
            result.verbose = self.setup.verbose.then(|| crate::commands::show::text(&state, &cx.schemas));
            if plan.deferred.is_empty() || found.has_errors() || self.s.interrupt.stopping() {
                diags.extend(expect::sift(found, expected));
                break Some(judged);
            }
            diags.extend(found.into_iter().filter(|d| d.origin.is_none()));
            progress.get_or_insert_with(|| Progress::new(&plan));
            options.replace = replace_later(&plan, &options);
        };
        if applied {
            self.states.borrow_mut().insert(key.to_owned(), Kept { state, last: Some((i, ready)) });
        }
        let Some(mut judged) = judged.filter(|_| !diags.has_errors()) else { return };
        let outputs = Value::object(std::mem::take(&mut judged.outputs));
        Arc::make_mut(&mut *self.outputs.borrow_mut()).insert(run.name.name.clone(), outputs);
        diags.extend(judged.diags);
        result.status = match (judged.errors, judged.failed.first()) {
            (true, _) => Status::Error,
            (false, Some(first)) => {
                result.failed = (judged.failed.len(), first.clone());
                Status::Fail
            }
            (false, None) => Status::Pass,
        };
    }
}

/// What to say of a plan that is not applied and defers something.
fn only_planned(plan: &Plan, cx: &groma_engine::Context) -> Option<Diagnostic> {
    let first = plan.deferred.first()?;
    let list: Vec<String> = plan.deferred.iter().map(|d| format!("  - {}", d.pattern())).collect();
    let detail = format!(
        "The run only plans, and these wait until more is known, so their values are unknown in assertions:\n{}\n\nWith command = apply the run goes on until all is made.",
        list.join("\n")
    );
    let mut d = Diagnostic::warning("The plan defers something", detail);
    d.subject = first.cause.argument(&cx.config).map(|(_, e)| e.span);
    Some(d)
}
