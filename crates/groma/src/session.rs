//! What every command needs: the environment, the working directory's data, the
//! configuration, the providers.

use crate::args::Args;
use crate::commands::Failure;
use crate::ui::Ui;
use groma_config::early::EarlyInputs;
use groma_config::{Config, LoadOptions};
use groma_engine::{Context, Interrupt, Observer, Providers, SchemaMap};
use groma_lang::functions::FunctionContext;
use groma_lang::{Diagnostic, Diagnostics, Sources};
use groma_provider::{CallResult, Diags, Pool, Provider, Schemas};
use groma_value::Value;
use groma_value::addr::Provider as ProviderAddr;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, OnceLock};

/// One run of the program.
pub struct Session {
    /// Output.
    pub ui: Ui,
    /// All source files read so far.
    pub sources: Arc<Sources>,
    /// The environment at start.
    pub env: BTreeMap<String, String>,
    /// The directory that the program was started in (before `-chdir`).
    pub original_dir: PathBuf,
    /// Where what belongs to the working directory is kept: `.terraform`.
    pub data_dir: PathBuf,
    /// Whether the user may be asked.
    pub input: bool,
    /// Values of the root module's variables, as the command line and the environment give them.
    pub inputs: groma_config::VariableInputs,
    /// Whether local modules need not be installed (`-sandbox`: nothing has to be).
    pub local_modules: bool,
    /// Stops a run.
    pub interrupt: Arc<Interrupt>,
    /// Whether somebody is asked something at the moment: an interrupt answers that.
    pub asking: Arc<AtomicBool>,
    /// The embedded AWS that takes the place of the AWS provider, once it is chosen.
    pub sandbox: OnceLock<groma_sandbox::Sandbox>,
    /// Outputs that root modules will have, by the root module's name, while several
    /// are planned together: what `terraform_remote_state` reads before any state.
    pub planned: Arc<Mutex<BTreeMap<String, Value>>>,
    /// The CLI configuration, once it was read without errors.
    pub cli: OnceLock<crate::cli_config::CliConfig>,
    /// Everything that a second interrupt has to stop.
    pub pools: Arc<Mutex<Vec<Pool>>>,
    /// Runs provider calls.
    pub runtime: tokio::runtime::Runtime,
}

impl Session {
    /// Looks at the environment and at the flags that many commands share.
    pub fn new(
        env: BTreeMap<String, String>,
        original_dir: PathBuf,
        args: &Args,
    ) -> Result<Session, Failure> {
        let no_color = args.on("no-color", false) || env.get("NO_COLOR").is_some_and(|v| !v.is_empty());
        let ui = Ui::new(no_color);
        ui.compact_warnings.store(args.on("compact-warnings", false), std::sync::atomic::Ordering::Relaxed);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(|e| format!("The async runtime cannot be started: {e}"))?;
        let data_dir =
            env.get("TF_DATA_DIR").filter(|d| !d.is_empty()).map_or(".terraform".into(), PathBuf::from);
        let input_off = env.get("TF_INPUT").is_some_and(|v| matches!(v.as_str(), "0" | "false"));
        Ok(Session {
            inputs: crate::variables::inputs(&env, args),
            input: args.on("input", true) && !input_off,
            ui,
            sources: Arc::new(Sources::new()),
            env,
            original_dir,
            data_dir,
            local_modules: args.on("sandbox", false),
            interrupt: Arc::default(),
            asking: Arc::default(),
            sandbox: OnceLock::new(),
            planned: Arc::default(),
            cli: OnceLock::new(),
            pools: Arc::default(),
            runtime,
        })
    }

    /// Tells everything as JSON messages from here on, if `-json` was given.
    pub fn json_messages(&self, args: &Args) {
        if args.on("json", false) {
            self.ui.json.store(true, std::sync::atomic::Ordering::Relaxed);
            self.ui.message(&groma_engine::json::stream::version());
        }
    }

    /// Shows diagnostics; fails if there is an error among them.
    pub fn check(&self, diags: &Diagnostics) -> Result<(), Failure> {
        self.warn_of_helper();
        self.ui.diags(diags, &self.sources);
        if diags.has_errors() { Err(Failure::Reported) } else { Ok(()) }
    }

    /// Says what a credentials helper could not do.
    fn warn_of_helper(&self) {
        let helper = self.cli.get().and_then(|c| c.helper.as_ref());
        for problem in helper.map(|h| h.problems()).unwrap_or_default() {
            self.ui.diags(&Diagnostic::warning("Credentials helper failed", problem).into(), &self.sources);
        }
    }

    /// Shows one error.
    pub fn fail(&self, d: Diagnostic) -> Failure {
        self.warn_of_helper();
        self.ui.diags(&d.into(), &self.sources);
        Failure::Reported
    }

    /// How configurations are loaded.
    pub fn load_options(&self) -> LoadOptions {
        LoadOptions {
            data_dir: self.data_dir.clone(),
            local_modules: self.sandbox_dir().is_some(),
            early: Some(Arc::new(EarlyInputs {
                variables: self.inputs.clone(),
                workspace: self.workspace(),
            })),
            ..LoadOptions::default()
        }
    }

    /// Loads the configuration of the working directory.
    pub fn config(&self, diags: &mut Diagnostics) -> Config {
        groma_config::load_config(Path::new("."), &self.sources, &self.load_options(), diags)
    }

    /// The workspace that is selected.
    pub fn workspace(&self) -> String {
        if let Some(w) = self.env.get("TF_WORKSPACE").filter(|w| !w.is_empty()) {
            return w.clone();
        }
        std::fs::read_to_string(self.data_dir.join("environment"))
            .ok()
            .map(|s| s.trim().to_owned())
            .filter(|s| !s.is_empty())
            .unwrap_or_else(|| groma_state::DEFAULT_WORKSPACE.into())
    }

    /// Where caches that serve all working directories are: `$XDG_CACHE_HOME/groma`.
    pub fn cache_dir(&self) -> Option<PathBuf> {
        if let Some(d) = self.env.get("GROMA_CACHE_DIR") {
            return (!d.is_empty()).then(|| PathBuf::from(d));
        }
        let base = match self.env.get("XDG_CACHE_HOME").filter(|d| !d.is_empty()) {
            Some(d) => PathBuf::from(d),
            None => PathBuf::from(self.env.get("HOME")?).join(".cache"),
        };
        Some(base.join("groma"))
    }

    /// Puts together what a run of the engine needs.
    pub fn context(
        &self,
        config: Arc<Config>,
        providers: Arc<dyn Providers>,
        schemas: SchemaMap,
        parallelism: usize,
        observer: Arc<dyn Observer>,
    ) -> Context {
        Context {
            config,
            providers,
            schemas,
            functions: FunctionContext {
                base_dir: PathBuf::from("."),
                home_dir: self.env.get("HOME").map(PathBuf::from),
                ..FunctionContext::default()
            },
            parallelism,
            workspace: self.workspace(),
            cwd: self.original_dir.to_string_lossy().into_owned(),
            interrupt: self.interrupt.clone(),
            observer,
            ssh_agent: self.env.get("SSH_AUTH_SOCK").filter(|s| !s.is_empty()).map(PathBuf::from),
            overlay: Default::default(),
        }
    }
}

/// The pool as the engine sees it.
pub struct PoolProviders(pub Pool, pub tokio::runtime::Handle);

#[async_trait::async_trait]
impl Providers for PoolProviders {
    async fn schemas(&self, p: &ProviderAddr) -> CallResult<Arc<dyn Schemas>> {
        self.0.schemas(p).await
    }
    async fn unconfigured(&self, p: &ProviderAddr) -> CallResult<Arc<dyn Provider>> {
        self.0.unconfigured(p).await
    }
    async fn configured(&self, p: &ProviderAddr, config: &Value) -> CallResult<(Arc<dyn Provider>, Diags)> {
        self.0.configured(p, config).await
    }
    fn call_function(
        &self,
        p: &ProviderAddr,
        name: &str,
        args: &[Value],
    ) -> CallResult<Result<Value, (Option<usize>, String)>> {
        // This thread may be one that drives a walk, which must not be asked to drive
        // the call too.
        let call = async { self.0.unconfigured(p).await?.call_function(name, args).await };
        std::thread::scope(|s| match s.spawn(|| self.1.block_on(call)).join() {
            Ok(answer) => answer,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    }
}
