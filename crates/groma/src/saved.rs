//! Saved plans: writing, applying and showing them.

use crate::args::Args;
use crate::commands::{Failure, Outcome};
use crate::operation::{self, Ready};
use crate::providers::{LOCK_FILE, Loaded};
use crate::rounds::Answer;
use crate::session::Session;
use groma_config::manifest::Manifest;
use groma_config::{Config, LoadOptions};
use groma_engine::planfile::{self, PlanFile};
use groma_engine::{Context, Plan};
use groma_lang::{Diagnostic, Diagnostics};
use groma_state::StateFile;
use std::io::IsTerminal;
use std::path::Path;
use std::sync::Arc;

/// Saves a plan that was made from the state `base` (the default: there was none).
pub fn write(s: &Session, path: &Path, plan: &Plan, ready: &Ready, base: &StateFile) -> Result<(), Failure> {
    let manifest = Manifest::read(&s.data_dir).map_err(Failure::Message)?;
    let version = env!("CARGO_PKG_VERSION");
    let mut file = PlanFile::new(version, plan.clone(), &ready.config, &s.sources, manifest, base);
    file.workspace = s.selected_workspace()?;
    file.sandbox = s.sandbox.get().is_some();
    file.backend = s.saved_backend()?;
    file.lock_file = std::fs::read_to_string(LOCK_FILE).ok();
    planfile::write(path, &file).map_err(|d| s.fail(d))
}

fn read(s: &Session, path: &Path) -> Result<(PlanFile, Arc<Config>), Failure> {
    let file = planfile::read(path).map_err(|d| s.fail(d))?;
    let mut diags = Diagnostics::new();
    if file.sandbox {
        s.use_sandbox(&s.data_dir.join(crate::providers::SANDBOX_DIR), None)?;
    }
    let options = LoadOptions { snapshot: Some(file.configuration.clone()), ..s.load_options() };
    let config = groma_config::load_config(Path::new("."), &s.sources, &options, &mut diags);
    s.check(&diags)?;
    Ok((file, Arc::new(config)))
}

/// Applies a saved plan. Nothing is asked: it was shown when it was made.
pub fn apply(s: &Session, args: &Args, path: &Path) -> Outcome {
    for flag in ["destroy", "refresh-only", "target", "replace", "refresh"] {
        if args.given(flag) {
            return Err(s.fail(Diagnostic::error(
                "Incompatible command line options",
                format!("-{flag} belongs to the planning of changes, but the plan in {:?} is made already. Make another plan with that flag.", path.display().to_string()),
            )));
        }
    }
    if !path.exists() {
        return Err(s.fail(Diagnostic::error(
            "Failed to load the plan",
            format!("There is no file {:?}. apply takes a plan that groma plan -out=FILE wrote; configurations are taken from the working directory, which -chdir=DIR names.", path.display().to_string()),
        )));
    }
    let (file, config) = read(s, path)?;
    if args.on("sandbox", false) && !file.sandbox {
        return Err(s.fail(Diagnostic::error(
            "Saved plan is not for the sandbox",
            "The plan was made with the real provider. Make one with groma plan -sandbox -out=FILE.",
        )));
    }
    if file.workspace != s.selected_workspace()? {
        return Err(s.fail(Diagnostic::error(
            "Saved plan is for another workspace",
            format!(
                "The plan was made in the workspace {:?}. Select it first: groma workspace select {}",
                file.workspace, file.workspace
            ),
        )));
    }
    if file.lock_file != std::fs::read_to_string(LOCK_FILE).ok() {
        return Err(s.fail(Diagnostic::error(
            "Inconsistent dependency lock file",
            format!("{LOCK_FILE} has changed since the plan was made, so other providers might do the work. Make a new plan."),
        )));
    }
    if file.plan.errored {
        return Err(s.fail(Diagnostic::error(
            "Cannot apply incomplete plan",
            "Planning ended with errors when this plan was made, so it can only be shown. Make a new plan.",
        )));
    }
    let mut m = s.open_state(args, Some("OperationTypeApply"))?;
    file.check_state(&operation::base_of(&m)).map_err(|d| s.fail(d))?;
    let mut diags = Diagnostics::new();
    let Loaded { pool, providers, schemas } = s.load_providers(&config, &file.plan.prior, &mut diags)?;
    s.check(&diags)?;
    let mut plan = file.plan;
    if !file.ephemeral_variables.is_empty() {
        // Their values are never stored: they must be given again.
        let given = crate::variables::collect(s, args, &config, &mut diags)?;
        for name in &file.ephemeral_variables {
            if let Some(v) = given.get(name) {
                plan.variables.insert(name.clone(), v.clone());
            }
        }
    } else if args.given("var") || args.given("var-file") {
        check_same_variables(s, args, &config, &plan)?;
    }
    let parallelism = args.get("parallelism").and_then(|n| n.parse().ok()).unwrap_or(10);
    let context = s.context(config.clone(), providers, schemas, parallelism, s.observer(true));
    let variables = plan.variables.clone();
    let ready = Ready { config, pool, context, variables };
    s.watch_interrupts(&ready.pool);
    let options = groma_engine::PlanOptions {
        mode: plan.mode,
        variables: plan.variables.clone(),
        targets: plan.targets.clone(),
        excludes: plan.excludes.clone(),
        replace: plan.replace.clone(),
        ..groma_engine::PlanOptions::default()
    };
    let approve = |next: &Plan| {
        if args.on("prove", false) {
            crate::prove::gate::plan(s, &ready, next)?;
        }
        let json = s.ui.json.load(std::sync::atomic::Ordering::Relaxed);
        let ask = s.input && !json && std::io::stdin().is_terminal();
        if args.on("auto-approve", false) || ask && crate::commands::apply::approved(s, next.mode)? {
            return Ok(Answer::Apply);
        }
        let d = Diagnostic::warning(
            "What was deferred is not done",
            "The saved plan is applied. What it had deferred can be planned now, as shown, but nobody has approved that. To go on, run groma apply, or groma plan -out=FILE and groma apply FILE; groma apply -auto-approve with a saved plan goes on by itself.",
        );
        s.ui.diags(&d.into(), &s.sources);
        Ok(Answer::Stop)
    };
    let code = crate::rounds::apply(s, &ready, plan, &options, &mut m, &approve);
    let closed = s.close_state(m);
    let code = code?;
    closed?;
    Ok(code)
}

/// Variables given besides a plan must be those of the plan.
fn check_same_variables(s: &Session, args: &Args, config: &Config, plan: &Plan) -> Result<(), Failure> {
    let mut diags = Diagnostics::new();
    let given = crate::variables::collect(s, args, config, &mut diags)?;
    for (name, v) in given.iter().filter(|(_, v)| v.set) {
        if plan.variables.get(name).is_some_and(|p| p.value != v.value) {
            return Err(s.fail(Diagnostic::error(
                "Can't change variable when applying a saved plan",
                format!("The variable {name:?} has another value in the plan. Make a new plan with the value that is wanted."),
            )));
        }
    }
    Ok(())
}

/// A saved plan with what the engine needs to look at it.
pub fn opened(s: &Session, path: &Path) -> Result<(Context, Plan), Failure> {
    if let Ok(bytes) = std::fs::read(path)
        && bytes.starts_with(b"PK")
        && planfile::read(path).is_err()
    {
        return Err(s.fail(Diagnostic::error(
            "Not a plan of Groma",
            format!("{0} is a plan file that Groma cannot read, of Terraform probably. Give the plan as JSON instead:\n  terraform show -json {0} > plan.json", path.display()),
        )));
    }
    let (file, config) = read(s, path)?;
    let mut diags = Diagnostics::new();
    let Loaded { providers, schemas, .. } = s.load_providers(&config, &file.plan.prior, &mut diags)?;
    s.check(&diags)?;
    let context = s.context(config, providers, schemas, 10, std::sync::Arc::new(groma_engine::Quiet));
    Ok((context, file.plan))
}

/// Shows a saved plan.
pub fn show(s: &Session, path: &Path, as_json: bool) -> Outcome {
    // Warnings have no place in a document.
    s.ui.documents_only(as_json);
    let (file, config) = read(s, path)?;
    let mut diags = Diagnostics::new();
    let schemas = s.load_providers(&config, &file.plan.prior, &mut diags)?.schemas;
    s.check(&diags)?;
    if as_json {
        let doc = groma_engine::json::plan_json(&file.plan, &config, &schemas, &s.sources)
            .map_err(|d| s.fail(d))?;
        s.ui.line(&groma_engine::json::to_text(&doc));
    } else {
        s.ui.out(&crate::render::plan::plan(&file.plan, &schemas, s.paint()));
        s.ui.out(&crate::render::plan::deferred(&file.plan, &config, &s.sources, s.paint()));
    }
    Ok(0)
}
