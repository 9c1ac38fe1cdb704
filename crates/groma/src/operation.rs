//! What `plan`, `apply`, `destroy`, `refresh` and `import` have in common.

use crate::args::{Args, Flag, many, switch, value};
use crate::commands::Failure;
use crate::progress::Lines;
use crate::providers::Loaded;
use crate::render::{self, Paint};
use crate::session::Session;
use crate::state::JournalSink;
use groma_config::Config;
use groma_engine::{ActionAddr, Context, Observer, Plan, PlanCounts, PlanMode, PlanOptions, VariableInput};
use groma_lang::{Diagnostic, Diagnostics};
use groma_provider::Pool;
use groma_state::State;
use groma_state::manager::Manager;
use groma_value::Name;
use groma_value::addr::{ResourceInstance, Target};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

/// Flags of output and diagnostics that nearly all commands take.
pub const COMMON_FLAGS: &[Flag] = &[
    switch("no-color", "No colours. The environment variable NO_COLOR does the same."),
    switch("compact-warnings", "Show warnings by their summaries only, unless there are errors too."),
    switch("input", "Ask for what is missing (on unless -input=false)."),
];

/// Flags about input variables.
pub const VARIABLE_FLAGS: &[Flag] = &[
    many("var", "NAME=VALUE", "Set an input variable of the root module. May be given several times."),
    many(
        "var-file",
        "FILE",
        "Set input variables from a file, besides terraform.tfvars and *.auto.tfvars. May be given several times.",
    ),
];

/// Flags about what is planned.
pub const PLAN_FLAGS: &[Flag] = &[
    switch("destroy", "Plan to destroy everything that is managed here."),
    switch("refresh-only", "Plan only to update the state with what changed outside."),
    switch("refresh", "Read the current state of all objects first (on unless -refresh=false)."),
    many(
        "replace",
        "ADDRESS",
        "Replace this resource instance even if it need not be. May be given several times.",
    ),
    many(
        "target",
        "ADDRESS",
        "Only this module, resource or instance, and what it depends on. May be given several times.",
    ),
    many(
        "target-file",
        "FILE",
        "As -target for each line of a file; empty lines and those that begin with # do not count.",
    ),
    many(
        "exclude",
        "ADDRESS",
        "All but this module, resource or instance, and what depends on it. May be given several times.",
    ),
    many("exclude-file", "FILE", "As -exclude for each line of a file."),
    many(
        "invoke",
        "ADDRESS",
        "Do nothing but invoke this action, with values as the state has them. May be given several times.",
    ),
    ALLOW_DEFERRAL,
    value("parallelism", "N", "How many provider operations run at once; 10 unless given."),
    SANDBOX,
];

/// The flag that chooses between putting off and refusing what is not known yet.
pub const ALLOW_DEFERRAL: Flag = switch(
    "allow-deferral",
    "Put off what has a count or for_each that is not known yet, and what depends on it, until it is (on unless -allow-deferral=false: then it is an error, as in Terraform).",
);

/// The flag of commands that tell what they do. With it, mistakes of the command line
/// are told in the same way.
pub const JSON_LINES: Flag = switch("json", "Print machine-readable lines instead of text.");

/// The flag that says where test files are, besides those of the root module.
pub const TEST_DIRECTORY_FLAG: Flag =
    value("test-directory", "DIR", "The directory of tests; \"tests\" unless given.");

/// The flag of the embedded AWS.
pub const SANDBOX: Flag = switch(
    "sandbox",
    "Use the embedded AWS instead of the AWS provider: no account, no network. Its objects are kept in the data directory.",
);

/// A configuration with everything that is needed to run it.
pub struct Ready {
    /// The configuration.
    pub config: Arc<Config>,
    /// The providers.
    pub pool: Pool,
    /// What the engine takes.
    pub context: Context,
    /// Root input variables.
    pub variables: BTreeMap<Name, VariableInput>,
}

impl Session {
    /// Loads the configuration and says so if there is none.
    pub fn loaded(&self, diags: &mut Diagnostics) -> Result<Arc<Config>, Failure> {
        self.loaded_with(Vec::new(), diags)
    }

    /// As [`Session::loaded`], with files of the root module that are not on the disk:
    /// names and texts.
    pub fn loaded_with(
        &self,
        extra: Vec<(String, String)>,
        diags: &mut Diagnostics,
    ) -> Result<Arc<Config>, Failure> {
        let has_files = has_configuration();
        if !has_files && extra.is_empty() && manifest_alone() {
            return Err(self.fail(manifest_hint()));
        }
        if !has_files && !extra.iter().any(|(n, _)| n.ends_with(groma_config::QUERY_FILE)) {
            return Err(self.fail(Diagnostic::error(
                "No configuration files",
                "There are no .tf files in this directory. Create a configuration here, or name its directory with the global flag -chdir=DIR.",
            )));
        }
        self.loaded_from(Path::new("."), extra, diags)
    }

    /// As [`Session::loaded_with`], with a root module that is in `root`.
    pub fn loaded_from(
        &self,
        root: &Path,
        extra: Vec<(String, String)>,
        diags: &mut Diagnostics,
    ) -> Result<Arc<Config>, Failure> {
        let extra = extra.into_iter().map(|(name, text)| (root.to_owned(), name, text)).collect();
        let options = groma_config::LoadOptions { extra, ..self.load_options() };
        let config = Arc::new(groma_config::load_config(root, &self.sources, &options, diags));
        if !diags.has_errors() {
            groma_config::validate::validate_config(&config, &self.sources, diags);
        }
        if !diags.has_errors() {
            groma_config::validate::check_moves(&config.root, &self.sources, diags);
            groma_config::validate::check_self_references(&config.root, diags);
        }
        if diags.has_errors() {
            self.ui.diags(diags, &self.sources);
            return Err(Failure::Reported);
        }
        Ok(config)
    }

    /// Everything up to the point where the engine can run.
    pub fn ready(
        &self,
        args: &Args,
        config: Arc<Config>,
        state: &State,
        observer: Arc<dyn Observer>,
        diags: &mut Diagnostics,
    ) -> Result<Ready, Failure> {
        let Loaded { pool, providers, schemas } = self.load_providers(&config, state, diags)?;
        if diags.has_errors() {
            self.ui.diags(diags, &self.sources);
            return Err(Failure::Reported);
        }
        let parallelism = match args.get("parallelism") {
            None => 10,
            Some(n) => n
                .parse()
                .ok()
                .filter(|n| *n > 0)
                .ok_or_else(|| format!("-parallelism takes a number greater than 0, not {n:?}."))?,
        };
        let variables = crate::variables::collect(self, args, &config, diags)?;
        let context = self.context(config.clone(), providers, schemas, parallelism, observer);
        Ok(Ready { config, pool, context, variables })
    }

    /// The observer of a run in the foreground.
    pub fn observer(&self, reads: bool) -> Arc<dyn Observer> {
        if self.ui.json.load(std::sync::atomic::Ordering::Relaxed) {
            return crate::progress::JsonLines::new();
        }
        Lines::new(self.paint(), reads)
    }

    /// Colours as the terminal has them.
    pub fn paint(&self) -> Paint {
        Paint { on: self.ui.color && !self.ui.json.load(std::sync::atomic::Ordering::Relaxed) }
    }

    /// Stops a run on Ctrl-C: gracefully the first time, at once the second. May be
    /// called for each of several pools.
    pub fn watch_interrupts(&self, pool: &Pool) {
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        pools.push(pool.clone());
        if pools.len() > 1 {
            return;
        }
        let (interrupt, pools) = (self.interrupt.clone(), self.pools.clone());
        let asking = self.asking.clone();
        self.runtime.spawn(async move {
            let mut times = 0;
            while tokio::signal::ctrl_c().await.is_ok() {
                times += 1;
                interrupt.raise();
                if asking.load(Ordering::SeqCst) {
                    continue;
                }
                use std::io::Write;
                let text = if times == 1 {
                    "\nInterrupt received. Operations that are running will be finished, nothing new is started, and the state is kept.\nInterrupt again to abandon what is running (its results would be lost).\n"
                } else {
                    "\nSecond interrupt: abandoning what is running.\n"
                };
                let _ = std::io::stderr().write_all(text.as_bytes());
                for pool in &*pools.lock().unwrap_or_else(PoisonError::into_inner) {
                    let pool = pool.clone();
                    tokio::spawn(async move { pool.stop().await });
                }
            }
        });
    }
}

/// The options of a plan from flags.
pub fn plan_options(
    args: &Args,
    variables: BTreeMap<Name, VariableInput>,
    mode: PlanMode,
) -> Result<PlanOptions, Failure> {
    let addr = |flag: &str, e: String| format!("-{flag}: {e}.");
    let targets = addresses(args, "target")?;
    let excludes = addresses(args, "exclude")?;
    if !targets.is_empty() && !excludes.is_empty() {
        return Err(
            "-target and -exclude cannot be used together: one says what is planned, the other what is not."
                .to_owned()
                .into(),
        );
    }
    let replace: Result<Vec<ResourceInstance>, String> = args
        .all("replace")
        .iter()
        .map(|t| ResourceInstance::parse(t).map_err(|e| addr("replace", e)))
        .collect();
    let replace = replace?;
    let invoke: Result<Vec<ActionAddr>, String> =
        args.all("invoke").iter().map(|t| ActionAddr::parse(t).map_err(|e| addr("invoke", e))).collect();
    let invoke = invoke?;
    let alone = targets.is_empty() && excludes.is_empty() && replace.is_empty();
    let with_more = mode != PlanMode::Normal || !alone;
    if !invoke.is_empty() && with_more {
        return Err("-invoke does nothing but invoke actions: it cannot be used together with -destroy, -refresh-only, -target, -exclude or -replace.".to_owned().into());
    }
    if mode == PlanMode::RefreshOnly && !args.on("refresh", true) {
        return Err("-refresh-only and -refresh=false contradict each other: a refresh-only plan does nothing but refresh.".to_owned().into());
    }
    if !replace.is_empty() && mode != PlanMode::Normal {
        return Err(
            "-replace can be used in a normal plan only, not together with -destroy or -refresh-only."
                .to_owned()
                .into(),
        );
    }
    Ok(PlanOptions {
        mode,
        variables,
        targets,
        excludes,
        invoke,
        replace,
        refresh: args.on("refresh", true),
        imports: Vec::new(),
        allow_deferral: args.on("allow-deferral", true),
    })
}

/// The addresses of a flag and of the files that `FLAG-file` names.
fn addresses(args: &Args, flag: &'static str) -> Result<Vec<Target>, Failure> {
    let mut out = Vec::new();
    for t in args.all(flag) {
        out.push(Target::parse(t).map_err(|e| format!("-{flag}: {e}."))?);
    }
    for file in args.all(&format!("{flag}-file")) {
        let text = std::fs::read_to_string(file)
            .map_err(|e| format!("-{flag}-file: the file {file} cannot be read: {e}."))?;
        for (i, line) in text.lines().enumerate() {
            let line = line.trim();
            if !line.is_empty() && !line.starts_with('#') {
                let target = Target::parse(line);
                out.push(target.map_err(|e| format!("-{flag}-file: {file}, line {}: {e}.", i + 1))?);
            }
        }
    }
    Ok(out)
}

/// The mode from flags.
pub fn mode(args: &Args) -> Result<PlanMode, Failure> {
    match (args.on("destroy", false), args.on("refresh-only", false)) {
        (true, true) => Err("-destroy and -refresh-only cannot be used together.".to_owned().into()),
        (true, false) => Ok(PlanMode::Destroy),
        (false, true) => Ok(PlanMode::RefreshOnly),
        (false, false) => Ok(PlanMode::Normal),
    }
}

/// Runs `f` until it is done or a second interrupt comes.
pub fn run<T>(s: &Session, f: impl Future<Output = T>) -> Option<T> {
    s.runtime.block_on(async {
        tokio::select! {
            biased;
            r = f => Some(r),
            () = s.interrupt.reached(2) => None,
        }
    })
}

/// What a file of generated configuration begins with, in the words that tools look for.
pub const GENERATED: &str = "# __generated__ by Terraform\n# Please review these resources and move them into your main configuration files.\n\n";

/// Refuses to generate configuration into a file that exists.
pub fn must_be_new(s: &Session, file: &str) -> Result<(), Failure> {
    if !Path::new(file).exists() {
        return Ok(());
    }
    Err(s.fail(Diagnostic::error(
        "Target generated file already exists",
        format!("Configuration can be generated into a new file only, and {file} exists. Name another file, or move what is in this one to where it belongs and remove it."),
    )))
}

/// Writes generated configuration.
pub fn write_generated(s: &Session, file: &str, text: &str) -> Result<(), Failure> {
    std::fs::write(file, text).map_err(|e| {
        let why = format!("{file} cannot be written: {e}.");
        s.fail(Diagnostic::error("Failed to write generated configuration", why))
    })
}

/// Writes configuration for what is imported and has none. The text of the file, and the
/// block of each object.
pub fn generate(
    s: &Session,
    ready: &Ready,
    state: &State,
    options: &PlanOptions,
) -> Result<(String, BTreeMap<ResourceInstance, String>), Failure> {
    let Some((found, diags)) = run(s, groma_engine::generate_config(&ready.context, state, options)) else {
        return Err("Planning was abandoned.".to_owned().into());
    };
    s.ui.diags(&diags, &s.sources);
    if diags.has_errors() {
        return Err(Failure::Reported);
    }
    let mut text = String::new();
    for g in &found {
        let head = if text.is_empty() { GENERATED } else { "\n" };
        text.push_str(head);
        text.push_str(&g.text);
    }
    let blocks = found.into_iter().map(|g| (g.addr, g.text)).collect();
    Ok((text, blocks))
}

/// Makes a plan and shows it. Warnings and errors are shown too.
///
/// After errors the plan is given too, with `errored` set.
pub fn make_plan(
    s: &Session,
    ready: &Ready,
    state: &State,
    options: &PlanOptions,
    diags: Diagnostics,
) -> Result<Plan, Failure> {
    make_plan_of(s, ready, state, options, &BTreeMap::new(), diags)
}

/// As [`make_plan`], some of the configuration having been generated.
pub fn make_plan_of(
    s: &Session,
    ready: &Ready,
    state: &State,
    options: &PlanOptions,
    generated: &BTreeMap<ResourceInstance, String>,
    mut diags: Diagnostics,
) -> Result<Plan, Failure> {
    let Some((mut plan, found)) = run(s, groma_engine::plan(&ready.context, state, options)) else {
        return Err("Planning was abandoned.".to_owned().into());
    };
    diags.extend(found);
    for c in &mut plan.changes {
        c.generated_config = generated.get(&c.addr).cloned();
    }
    for m in groma_engine::json::stream::plan(&plan) {
        s.ui.message(&m);
    }
    if !plan.errored || plan.has_changes() {
        s.ui.out(&render::plan::plan(&plan, &ready.context.schemas, s.paint()));
        s.ui.out(&render::plan::deferred(&plan, &ready.config, &s.sources, s.paint()));
    }
    if !options.excludes.is_empty() {
        diags.push(Diagnostic::warning(
            "Resource exclusion is in effect",
            "The plan covers only part of the configuration, because -exclude was used. It is meant for recovery from mistakes; run a plan without it afterwards to see that nothing is left.",
        ));
    }
    if !options.targets.is_empty() {
        diags.push(Diagnostic::warning(
            "Resource targeting is in effect",
            "The plan covers only part of the configuration, because -target was used. It is meant for recovery from mistakes; run a plan without it afterwards to see that nothing is left.",
        ));
    }
    s.ui.diags(&diags, &s.sources);
    Ok(plan)
}

/// What a state is called in a plan that is saved: nothing was there before the
/// first apply, so it has no history yet.
pub fn base_of(m: &Manager) -> groma_state::StateFile {
    let file = m.file();
    if file.serial == 0 && file.state.is_empty() {
        groma_state::StateFile { lineage: String::new(), ..groma_state::StateFile::new() }
    } else {
        file.clone()
    }
}

/// Applies a plan and saves the state, which is the result. Diagnostics are shown; an
/// error among them is a failure, after what was done is saved.
pub fn carry_out(s: &Session, ready: &Ready, plan: &Plan, m: &mut Manager) -> Result<State, Failure> {
    let sink = JournalSink::new(m);
    let Some((state, diags)) = run(s, groma_engine::apply(&ready.context, plan, &sink)) else {
        // What was finished is in the journal; the next run takes it from there.
        return Err("The run was abandoned. Everything that had finished is recorded; what was under way may exist without being in the state. Run groma plan to see where things stand.".to_owned().into());
    };
    s.save_state(m, state.clone())?;
    s.ui.diags(&diags, &s.sources);
    if diags.has_errors() { Err(Failure::Reported) } else { Ok(state) }
}

/// Says what an apply has done. `plan` is the last one of it, `n` what all of it did.
pub fn say_done(s: &Session, plan: &Plan, n: &PlanCounts, state: &State) {
    let paint = s.paint();
    use groma_engine::json::stream::{Summary, change_summary, outputs};
    let what = if plan.mode == PlanMode::Destroy { Summary::Destroy } else { Summary::Apply };
    s.ui.message(&change_summary(n, what));
    s.ui.message(&outputs(&state.outputs));
    let mut parts = Vec::new();
    if n.import > 0 {
        parts.push(format!("{} imported", n.import));
    }
    if plan.mode == PlanMode::Destroy {
        s.ui.line(&format!(
            "\n{} Resources: {} destroyed.",
            paint.code("1;32", "Destroy complete!"),
            n.destroy
        ));
        return;
    }
    parts.push(format!("{} added", n.add));
    parts.push(format!("{} changed", n.change));
    parts.push(format!("{} destroyed", n.destroy));
    if n.forget > 0 {
        parts.push(format!("{} forgotten", n.forget));
    }
    let actions = if n.invoke > 0 { format!(" Actions: {} invoked.", n.invoke) } else { String::new() };
    s.ui.line(&format!(
        "\n{} Resources: {}.{actions}",
        paint.code("1;32", "Apply complete!"),
        parts.join(", ")
    ));
    if !state.outputs.is_empty() {
        s.ui.out(&format!("\n{}\n\n{}", paint.bold("Outputs:"), render::plan::outputs(&state.outputs)));
    }
}

/// Whether the working directory has files of Terraform's language.
fn has_configuration() -> bool {
    std::fs::read_dir(".").is_ok_and(|d| {
        d.flatten().any(|e| {
            let n = e.file_name();
            let n = n.to_string_lossy();
            n.ends_with(".tf") || n.ends_with(".tf.json")
        })
    })
}

/// Whether the working directory has a manifest, and nothing that Terraform would read.
pub fn manifest_alone() -> bool {
    Path::new("groma.hcl").exists() && !has_configuration()
}

/// What to run where there is a manifest.
pub fn manifest_hint() -> Diagnostic {
    Diagnostic::error(
        "No configuration files",
        "This directory has a manifest, groma.hcl, and no .tf files. Environments of a manifest need no init:\n  groma diff ENVIRONMENT   shows what would be done\n  groma up ENVIRONMENT     does it, after it asked\n  groma validate           checks the manifest\nWith -sandbox all of it happens in the embedded AWS.",
    )
}
