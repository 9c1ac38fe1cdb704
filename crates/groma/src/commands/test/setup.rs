//! What the runs of all files share: inputs from outside, configurations, pools.

use crate::args::Args;
use crate::commands::Failure;
use crate::providers::sandboxed;
use crate::session::Session;
use groma_config::variables::{VariableInputs, VariableOption};
use groma_config::{Config, LocalProvider, Module, ProviderBlock};
use groma_lang::functions::{FunctionContext, Functions};
use groma_lang::{Body, Diagnostics, Span};
use groma_provider::{Pool, ProviderSource};
use groma_sandbox::Sandbox;
use groma_state::State;
use groma_value::addr::{ModulePath, Provider};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What all runs share.
pub struct Setup<'s> {
    s: &'s Session,
    /// Functions for values of variables.
    pub functions: Functions,
    /// Whether plans and states are shown.
    pub verbose: bool,
    /// Whether a count or for_each that is not known yet is put off.
    pub allow_deferral: bool,
    environment: BTreeMap<String, String>,
    options: Vec<VariableOption>,
    test_dir: PathBuf,
    pools: RefCell<HashMap<PathBuf, Pool>>,
    /// Whether what is odd about the settings of the program was told.
    told: std::cell::Cell<bool>,
}

impl Session {
    /// Takes an embedded AWS without a directory for the AWS provider.
    pub fn test_sandbox(&self) -> Result<Sandbox, Failure> {
        let opened = self.sandbox_in_memory()?;
        Ok(self.sandbox.get_or_init(|| opened).clone())
    }

    fn sandbox_in_memory(&self) -> Result<Sandbox, Failure> {
        let faults = match self.env.get("GROMA_SANDBOX_FAULTS") {
            Some(text) => groma_sandbox::Faults::parse(text)
                .map_err(|e| format!("GROMA_SANDBOX_FAULTS cannot be used: {e}"))?,
            None => groma_sandbox::Faults::default(),
        };
        let settings = groma_sandbox::Settings { dir: None, faults, ..groma_sandbox::Settings::default() };
        Sandbox::open(settings).map_err(|e| format!("The embedded AWS cannot be opened: {e}").into())
    }
}

impl<'s> Setup<'s> {
    /// Looks at the environment and the flags.
    pub fn new(s: &'s Session, args: &Args, test_dir: &Path) -> Result<Setup<'s>, Failure> {
        let environment = s
            .env
            .iter()
            .filter_map(|(k, v)| Some((k.strip_prefix("TF_VAR_")?.to_owned(), v.clone())))
            .collect();
        let options = args
            .ordered
            .iter()
            .filter_map(|(flag, v)| match *flag {
                "var" => Some(VariableOption::Var(v.clone())),
                "var-file" => Some(VariableOption::File(v.clone())),
                _ => None,
            })
            .collect();
        let functions = Functions::standard(&FunctionContext {
            base_dir: PathBuf::from("."),
            home_dir: s.env.get("HOME").map(PathBuf::from),
            apply: true,
            ..FunctionContext::default()
        });
        let (pools, told) = (RefCell::default(), std::cell::Cell::default());
        let verbose = args.on("verbose", false);
        let allow_deferral = args.on("allow-deferral", true);
        Ok(Setup {
            s,
            functions,
            verbose,
            allow_deferral,
            environment,
            options,
            test_dir: test_dir.to_owned(),
            pools,
            told,
        })
    }

    /// Values from outside for the variables of a module, and the texts of values
    /// for which it has no variable. Files in the directory of tests count for the
    /// tests there.
    pub fn inputs(&self, file: &str, module: &Module) -> (VariableInputs, BTreeMap<String, String>) {
        let mut options = Vec::new();
        let mut others: BTreeMap<String, String> = self
            .environment
            .iter()
            .filter(|(k, _)| !module.variables.contains_key(k.as_str()))
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect();
        for o in &self.options {
            if let VariableOption::Var(text) = o
                && let Some((name, value)) = text.split_once('=')
                && !module.variables.contains_key(name)
            {
                others.insert(name.to_owned(), value.to_owned());
                continue;
            }
            options.push(o.clone());
        }
        // Files beside the tests are nearer to them than the command line.
        let parent = Path::new(file).parent().unwrap_or(Path::new(""));
        if parent != Path::new("") && parent == super::plain(&self.test_dir) {
            options.extend(automatic_files(parent).into_iter().map(VariableOption::File));
        }
        (VariableInputs { environment: self.environment.clone(), options }, others)
    }

    /// The configuration with a root module, whose `provider` blocks are exchanged.
    pub fn config(
        &self,
        dir: &Path,
        installed: &ModulePath,
        blocks: &[(LocalProvider, Span)],
        diags: &mut Diagnostics,
    ) -> Arc<Config> {
        let options = self.s.load_options();
        let adjust = |m: &mut Module| {
            for (local, span) in blocks {
                let mut block = empty_block(local, *span);
                // The instances stay, all with the configuration that the test gives.
                block.for_each = m.provider_configs.get(local).and_then(|b| b.for_each.clone());
                m.provider_configs.insert(local.clone(), block);
            }
        };
        let sources = &self.s.sources;
        let mut found = Diagnostics::new();
        let config = groma_config::load_config_as(dir, installed, &adjust, sources, &options, &mut found);
        if !found.has_errors() {
            groma_config::validate::validate_config(&config, sources, &mut found);
        }
        if !found.has_errors() {
            groma_config::validate::check_moves(&config.root, sources, &mut found);
            groma_config::validate::check_self_references(&config.root, &mut found);
        }
        // Warnings about a configuration are for those who run it, not for each of its tests.
        diags.extend(found.into_iter().filter(groma_lang::Diagnostic::is_error));
        Arc::new(config)
    }

    /// The providers that a module and those that it calls use, by what they say.
    pub fn used_providers(&self, dir: &Path, installed: &ModulePath) -> (Arc<Module>, BTreeSet<Provider>) {
        let options = self.s.load_options();
        let (sources, mut ignored) = (&self.s.sources, Diagnostics::new());
        let config = groma_config::load_config_as(dir, installed, &|_| {}, sources, &options, &mut ignored);
        let mut out = BTreeSet::new();
        config.root.walk(&mut |node| {
            out.extend(node.module.required_providers.values().map(|r| r.source.clone()));
            out.extend(node.module.resources.values().map(|r| node.module.provider_of(&r.provider.name)));
            out.extend(node.providers.values().map(|p| p.provider.clone()));
        });
        (config.root.module.clone(), out)
    }

    /// A pool for a configuration, shared by all that have the same root module.
    pub fn pool(&self, dir: &Path, config: &Config, diags: &mut Diagnostics) -> Result<Pool, Failure> {
        if let Some(p) = self.pools.borrow().get(dir) {
            return Ok(p.clone());
        }
        let mut found = Diagnostics::new();
        let pool = self.s.pool(config, &State::default(), &mut found);
        let told = self.told.replace(true);
        diags.extend(found.into_iter().filter(|d| d.is_error() || !told));
        let pool = pool?;
        self.s.watch_interrupts(&pool);
        self.pools.borrow_mut().insert(dir.to_owned(), pool.clone());
        Ok(pool)
    }

    /// Gives all pools a new embedded AWS from here on, if one is used.
    pub fn renew_sandbox(&self) -> Option<Sandbox> {
        self.s.sandbox.get()?;
        self.s.sandbox_in_memory().ok()
    }
}

/// Puts an embedded AWS into a pool.
pub fn put_sandbox(pool: &Pool, sandbox: &Sandbox) {
    pool.add(sandboxed(), ProviderSource::Native(sandbox.provider()));
}

/// The files of values that are read without being named.
fn automatic_files(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(dir)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|e| e.file_name().into_string().ok())
        .collect();
    names.sort();
    let named = ["terraform.tfvars", "terraform.tfvars.json"];
    let is_auto = |n: &String| n.ends_with(".auto.tfvars") || n.ends_with(".auto.tfvars.json");
    let first = named.iter().filter(|n| names.iter().any(|x| x == *n)).map(|n| (*n).to_owned());
    let all: Vec<String> = first.chain(names.iter().filter(|n| is_auto(n)).cloned()).collect();
    all.into_iter().map(|n| dir.join(n).to_string_lossy().into_owned()).collect()
}

/// A block whose configuration comes from elsewhere.
fn empty_block(local: &LocalProvider, span: Span) -> ProviderBlock {
    let body = Body { attributes: Vec::new(), blocks: Vec::new(), span, end: span, json: false };
    ProviderBlock { local: local.clone(), version: None, for_each: None, body, span }
}
