//! From the configuration's requirements to running providers.

use crate::cli_config::CliConfig;
use crate::commands::Failure;
use crate::session::{PoolProviders, Session};
use groma_config::Config;
use groma_engine::{Context, Providers, SchemaMap};
use groma_fetch::{FetchSettings, Fetcher};
use groma_lang::{Diagnostic, Diagnostics};
use groma_provider::builtin::{Builtin, ReadOutputs};
use groma_provider::install::{
    HttpSettings, InstallSettings, Locks, Platform, ProviderDirectory, Requirements, check_locks,
    select_installed,
};
use groma_provider::version::{Constraints, Version};
use groma_provider::{LaunchSettings, Pool, PoolSettings, ProviderSource, Reattach};
use groma_state::State;
use groma_value::addr::Provider;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

/// The lock file of the working directory.
pub const LOCK_FILE: &str = ".terraform.lock.hcl";

/// The hidden first argument with which the program starts a provider that ends
/// when it does.
pub const LAUNCHER: &str = "__launch-provider";

/// Which providers a configuration and a state need, with the constraints of all
/// modules together. The built-in one is among them.
pub fn requirements(config: &Config, state: &State, diags: &mut Diagnostics) -> Requirements {
    let mut out: BTreeMap<Provider, Vec<String>> = BTreeMap::new();
    let mut spans = Vec::new();
    config.root.walk(&mut |node| {
        for r in node.module.required_providers.values() {
            let list = out.entry(r.source.clone()).or_default();
            if !r.version.is_empty() {
                list.push(r.version.clone());
                spans.push((r.version.clone(), r.span));
            }
        }
        for p in node.providers.values() {
            out.entry(p.provider.clone()).or_default();
        }
        for (local, block) in &node.module.provider_configs {
            if let (Some((v, span)), Some(p)) = (&block.version, node.providers.get(local)) {
                out.entry(p.provider.clone()).or_default().push(v.clone());
                spans.push((v.clone(), *span));
            }
        }
    });
    for r in state.resources.values() {
        out.entry(r.provider.provider.provider.clone()).or_default();
    }
    for (text, span) in spans {
        if let Err(e) = Constraints::parse(&text) {
            diags.error(span, "Invalid version constraint", format!("{e}."));
        }
    }
    out.into_iter()
        .map(|(p, list)| {
            let text = list.join(", ");
            (p, Constraints::parse(&text).unwrap_or_default())
        })
        .collect()
}

impl Session {
    /// The lock file.
    pub fn lock_file(&self) -> Result<Locks, Failure> {
        match Locks::read(Path::new(LOCK_FILE)) {
            Ok(Ok(l)) => Ok(l),
            Ok(Err(e)) => Err(self.fail(Diagnostic::error("Invalid dependency lock file", format!("{e}")))),
            Err(e) => {
                Err(self.fail(Diagnostic::error("Failed to read the dependency lock file", format!("{e}."))))
            }
        }
    }

    /// The selected versions, for `version`.
    pub fn locks(&self) -> Option<Vec<(Provider, Version)>> {
        let locks = Locks::read(Path::new(LOCK_FILE)).ok()?.ok()?;
        Some(locks.providers.into_iter().map(|(p, l)| (p, l.version)).collect())
    }

    /// The directory of installed providers.
    pub fn provider_directory(&self) -> ProviderDirectory {
        let base = self.data_dir.join("providers");
        ProviderDirectory::new(base, Platform::current(), self.cache_dir().map(|d| d.join("hashes")))
    }

    /// How registries and mirrors are talked to.
    pub fn http_settings(&self, cli: &CliConfig) -> HttpSettings {
        let agent = format!("groma/{}", env!("CARGO_PKG_VERSION"));
        HttpSettings {
            credentials: cli.credentials.clone(),
            helper: cli.helper.clone(),
            services: cli.services.clone(),
            ..HttpSettings::new(agent, groma_state::TERRAFORM_VERSION)
        }
    }

    /// What brings modules from elsewhere.
    pub fn fetcher(&self, cli: &CliConfig) -> Fetcher {
        Fetcher::new(FetchSettings {
            http: self.http_settings(cli),
            env: groma_aws::Environment {
                vars: self.env.clone(),
                home: self.env.get("HOME").map(std::path::PathBuf::from),
                root: ".".into(),
            },
            prompt: self.input,
        })
    }

    /// How providers are installed.
    pub fn install_settings(&self, cli: &CliConfig, unmanaged: BTreeSet<Provider>) -> InstallSettings {
        InstallSettings {
            sources: cli.rules(self),
            http: self.http_settings(cli),
            directory: self.data_dir.join("providers"),
            plugin_cache: cli.plugin_cache_dir.clone(),
            plugin_cache_may_break_lock_file: cli.plugin_cache_may_break_lock_file,
            hash_cache: self.cache_dir().map(|d| d.join("hashes")),
            platform: Platform::current(),
            builtin: BTreeSet::from(["terraform".to_owned()]),
            unmanaged,
        }
    }

    /// Processes that somebody else started.
    pub fn reattach(&self) -> Result<BTreeMap<Provider, Reattach>, Failure> {
        let Some(text) = self.env.get("TF_REATTACH_PROVIDERS").filter(|t| !t.is_empty()) else {
            return Ok(BTreeMap::new());
        };
        let parsed =
            Reattach::parse(text).map_err(|e| format!("TF_REATTACH_PROVIDERS cannot be used: {e}"))?;
        parsed
            .into_iter()
            .map(|(k, v)| Ok((Provider::parse(&k)?, v)))
            .collect::<Result<_, String>>()
            .map_err(Failure::from)
    }

    /// A pool that can start all required providers, as installed and locked.
    pub fn pool(&self, config: &Config, state: &State, diags: &mut Diagnostics) -> Result<Pool, Failure> {
        let cli = CliConfig::load(self, diags);
        if self.local_modules {
            // Unless a platform has opened its own.
            self.use_sandbox(&self.data_dir.join(SANDBOX_DIR), None)?;
        }
        let reattach = self.reattach()?;
        let mut required = requirements(config, state, diags);
        let sandbox = self.sandbox.get();
        required.retain(|p, _| {
            !p.is_builtin() && !reattach.contains_key(p) && (sandbox.is_none() || *p != sandboxed())
        });
        let locks = self.lock_file()?;
        let mut locked = required.clone();
        locked.retain(|p, _| !cli.dev_overrides.contains_key(p));
        let problems = check_locks(&locks, &locked);
        if !problems.is_empty() {
            let list: Vec<String> =
                problems.iter().map(|(p, why)| format!("  - provider {p}: {why}")).collect();
            return Err(self.fail(Diagnostic::error(
                "Inconsistent dependency lock file",
                format!(
                    "The following dependency selections recorded in the lock file are inconsistent with the current configuration:\n{}\n\nTo make the initial dependency selections that will initialize the dependency lock file, run:\n  groma init\n\nTo choose newer versions within the constraints, run:\n  groma init -upgrade",
                    list.join("\n")
                ),
            )));
        }
        let directory = self.provider_directory();
        let selected = match select_installed(&directory, &locks, required.keys(), &cli.dev_overrides) {
            Ok(s) => s,
            Err(problems) => {
                let list: Vec<String> = problems.iter().map(|(p, why)| format!("  - {p}: {why}")).collect();
                return Err(self.fail(Diagnostic::error(
                    "Required plugins are not installed",
                    format!(
                        "The installed provider plugins are not consistent with the packages selected in the dependency lock file:\n{}\n\nTo download the plugins required for this configuration, run:\n  groma init",
                        list.join("\n")
                    ),
                )));
            }
        };
        if !cli.dev_overrides.is_empty() {
            let list: Vec<String> = cli
                .dev_overrides
                .iter()
                .map(|(p, d)| format!(" - {} in {}", p.for_display(), d.display()))
                .collect();
            diags.push(Diagnostic::warning(
                "Provider development overrides are in effect",
                format!("The CLI configuration says to use these providers as they are, whatever their version:\n{}\n\nThe results may differ from those of released versions.", list.join("\n")),
            ));
        }
        let pool = Pool::new(self.pool_settings());
        for (p, path) in selected {
            pool.add(p, ProviderSource::Binary(path));
        }
        for (p, r) in reattach {
            pool.add(p, ProviderSource::Attached(r));
        }
        if let Some(s) = sandbox {
            pool.add(sandboxed(), ProviderSource::Native(s.provider()));
        }
        pool.add(Provider::builtin(), ProviderSource::Native(Arc::new(Builtin::new(self.read_outputs()))));
        Ok(pool)
    }

    fn pool_settings(&self) -> PoolSettings {
        let mut launch = LaunchSettings::new(std::env::temp_dir());
        // Providers keep nothing that they would have to save: nobody has to wait for
        // them to say goodbye.
        launch.grace = std::time::Duration::from_millis(50);
        // The file may be replaced while this runs: what runs is started again nevertheless.
        let running = PathBuf::from("/proc/self/exe");
        let exe = if running.exists() { Ok(running) } else { std::env::current_exe() };
        if let Ok(exe) = exe {
            launch.launcher = Some(vec![exe.into_os_string(), OsString::from(LAUNCHER)]);
        }
        // What providers read from the environment can change what they accept.
        let salt: Vec<String> =
            self.env.iter().filter(|(k, _)| k.starts_with("AWS_")).map(|(k, v)| format!("{k}={v}")).collect();
        PoolSettings {
            launch,
            cache_dir: self.cache_dir(),
            terraform_version: groma_state::TERRAFORM_VERSION.into(),
            memory_budget: None,
            validation_salt: salt.join("\n").into_bytes(),
        }
    }

    /// Reads other states, for `terraform_remote_state`.
    fn read_outputs(&self) -> Arc<ReadOutputs> {
        let env = crate::backend::environment(Path::new("."), self.env.clone());
        let planned = self.planned.clone();
        Arc::new(move |backend, config, workspace| {
            let planned = planned.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(v) = root_of(config).and_then(|r| planned.get(&r)) {
                return Ok(Some(v.clone()));
            }
            drop(planned);
            crate::state::remote_outputs(&env, backend, config, workspace).map_err(|e| e.to_string())
        })
    }
}

/// The provider that the embedded AWS stands in for.
pub fn sandboxed() -> Provider {
    Provider::implied("aws")
}

/// The name of the root module whose state a backend's configuration names: the last
/// part of the path or key.
pub fn root_of(config: &groma_value::Value) -> Option<String> {
    let fields = config.as_fields()?;
    let text =
        ["path", "key"].iter().find_map(|n| fields.get(n).and_then(|v| v.as_str().map(str::to_owned)))?;
    let last = text.rsplit('/').next().unwrap_or(&text);
    Some(last.strip_suffix(".tfstate").unwrap_or(last).to_owned())
}

/// The directory within the data directory of the embedded AWS, and of the states of what is in
/// it.
pub const SANDBOX_DIR: &str = "sandbox";

impl Session {
    /// Where the embedded AWS of the working directory is, if it is used.
    pub fn sandbox_dir(&self) -> Option<PathBuf> {
        (self.local_modules || self.sandbox.get().is_some()).then(|| self.data_dir.join(SANDBOX_DIR))
    }

    /// Takes the embedded AWS, with its objects in a directory, for the AWS provider
    /// from here on. `account` is the one of providers that assume no role.
    pub fn use_sandbox(&self, dir: &Path, account: Option<&str>) -> Result<&groma_sandbox::Sandbox, Failure> {
        if let Some(s) = self.sandbox.get() {
            return Ok(s);
        }
        let faults = match self.env.get("GROMA_SANDBOX_FAULTS") {
            Some(text) => groma_sandbox::Faults::parse(text)
                .map_err(|e| format!("GROMA_SANDBOX_FAULTS cannot be used: {e}"))?,
            None => groma_sandbox::Faults::default(),
        };
        let mut settings =
            groma_sandbox::Settings { dir: Some(dir.to_owned()), faults, ..Default::default() };
        if let Some(a) = account {
            settings.account = a.to_owned();
        }
        let opened = groma_sandbox::Sandbox::open(settings)
            .map_err(|e| format!("The embedded AWS in {} cannot be opened: {e}", dir.display()))?;
        Ok(self.sandbox.get_or_init(|| opened))
    }
}

/// Providers that can be started, and what they know.
pub struct Loaded {
    /// Starts them.
    pub pool: Pool,
    /// The pool as the engine takes it.
    pub providers: Arc<dyn Providers>,
    /// Their schemas.
    pub schemas: SchemaMap,
}

impl Session {
    /// The providers that a configuration and a state name, with their schemas. Of what
    /// cannot be loaded there is an error among the diagnostics.
    pub fn load_providers(
        &self,
        config: &Config,
        state: &State,
        diags: &mut Diagnostics,
    ) -> Result<Loaded, Failure> {
        Ok(self.load_schemas(self.pool(config, state, diags)?, config, state, diags))
    }

    /// The same from a pool that is there already.
    pub fn load_schemas(
        &self,
        pool: Pool,
        config: &Config,
        state: &State,
        diags: &mut Diagnostics,
    ) -> Loaded {
        let providers: Arc<dyn Providers> =
            Arc::new(PoolProviders(pool.clone(), self.runtime.handle().clone()));
        let which = Context::providers_of(config, state);
        let schemas = self.runtime.block_on(Context::load_schemas(&*providers, which, diags));
        Loaded { pool, providers, schemas }
    }
}
