//! The module tree: the root module and all that it calls, as installed.

use crate::early::EarlyScope;
use crate::load::{LoadOptions, load_module};
use crate::manifest::{self, Manifest, Record};
use crate::model::{Config, Module, ModuleCall, ModuleNode};
use crate::providers;
use crate::source_addr::{ModuleSource, clean};
use groma_lang::{Diagnostic, Diagnostics, Sources};
use groma_value::Name;
use groma_value::addr::ModulePath;
use groma_value::version::{Constraints, Version};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Loads the root module in `root_dir` (relative to the working directory, `.`
/// as a rule) and all modules that it calls, which must be installed. What can
/// be understood is in the result, even after errors; it should then be used for
/// nothing but more checks.
pub fn load_config(
    root_dir: &Path,
    sources: &Sources,
    options: &LoadOptions,
    diags: &mut Diagnostics,
) -> Config {
    load_config_as(root_dir, &ModulePath::root(), &|_| {}, sources, options, diags)
}

/// As [`load_config`], for a root module that is run by a test: what it calls is
/// installed below the path `installed`, and `adjust` may change it before
/// anything is made of it.
pub fn load_config_as(
    root_dir: &Path,
    installed: &ModulePath,
    adjust: &dyn Fn(&mut Module),
    sources: &Sources,
    options: &LoadOptions,
    diags: &mut Diagnostics,
) -> Config {
    let read = match &options.snapshot {
        Some(s) => Ok(s.manifest.clone()),
        None => Manifest::read(&options.working_dir.join(&options.data_dir)),
    };
    let manifest = match read {
        Ok(m) => m,
        Err(why) => {
            diags.push(Diagnostic::error("Failed to read module manifest", why));
            Manifest::default()
        }
    };
    let mut builder =
        Builder { sources, options, manifest, prefix: manifest::key(installed), loaded: HashMap::new() };
    let mut module = load_module(root_dir, sources, options, diags);
    adjust(&mut module);
    let module = Arc::new(module);
    if diags.has_errors() {
        let root = ModuleNode {
            path: ModulePath::root(),
            module,
            children: BTreeMap::new(),
            providers: BTreeMap::new(),
            sources: BTreeMap::new(),
        };
        return Config { root: Arc::new(root) };
    }
    let kept = module.clone();
    let scope = EarlyScope::root(&kept, sources, options);
    let mut root = builder.node(ModulePath::root(), module, &scope, diags);
    providers::resolve(&mut root, diags);
    let root = Arc::new(root);
    if !diags.has_errors() {
        check_versions(&root, options, diags);
    }
    Config { root }
}

struct Builder<'a> {
    sources: &'a Sources,
    options: &'a LoadOptions,
    manifest: Manifest,
    /// The key of the root module in the manifest.
    prefix: String,
    /// Directories that several calls name are read once.
    loaded: HashMap<PathBuf, Arc<Module>>,
}

impl Builder<'_> {
    fn module(&mut self, dir: &Path, diags: &mut Diagnostics) -> Arc<Module> {
        if let Some(m) = self.loaded.get(dir) {
            return m.clone();
        }
        let m = Arc::new(load_module(dir, self.sources, self.options, diags));
        self.loaded.insert(dir.to_owned(), m.clone());
        m
    }

    fn node(
        &mut self,
        path: ModulePath,
        module: Arc<Module>,
        scope: &EarlyScope<'_>,
        diags: &mut Diagnostics,
    ) -> ModuleNode {
        let mut sources = BTreeMap::new();
        let mut children: BTreeMap<Name, Arc<ModuleNode>> = BTreeMap::new();
        for (name, call) in &module.calls {
            let path = path.child(name.clone());
            let key = match self.prefix.as_str() {
                "" => manifest::key(&path),
                prefix => format!("{prefix}.{}", manifest::key(&path)),
            };
            let record = self.manifest.records.get(&key).cloned();
            let dynamic = call.source_expr.is_some() || call.version_expr.is_some();
            // What was planned is applied, whatever the variables are by now.
            let call = match (&record, &self.options.snapshot) {
                (Some(r), Some(_)) if dynamic => {
                    let version = r.version.clone().map(|v| (v, call.source_span));
                    Cow::Owned(ModuleCall { source: r.source.clone(), version, ..call.clone() })
                }
                _ => match scope.call(call, diags) {
                    Some(call) => call,
                    None => continue,
                },
            };
            let call = &*call;
            if dynamic {
                let version = call.version.as_ref().map(|(v, _)| v.clone());
                sources.insert(name.clone(), (call.source.clone(), version));
            }
            let local = match ModuleSource::parse_call(call) {
                Ok(ModuleSource::Local(relative)) if self.options.local_modules => {
                    Some(clean(&module.dir.join(relative)))
                }
                _ => None,
            };
            let dir = local.or_else(|| installed(call, record.as_ref(), diags));
            let Some(dir) = dir else { continue };
            // The installer refuses what calls itself; a manifest written by hand may not.
            if path.names().len() > 200 {
                diags.error(
                    call.span,
                    "Module calls nested too deeply",
                    "The module calls itself, directly or through others.",
                );
                continue;
            }
            let child = self.module(&dir, diags);
            let within = scope.called(&child, &call.body);
            within.check_constants(diags);
            let node = self.node(path, child.clone(), &within, diags);
            children.insert(name.clone(), Arc::new(node));
        }
        ModuleNode { path, module, children, providers: BTreeMap::new(), sources }
    }
}

/// The directory of the module that a call names, if the installed one fits.
fn installed(call: &ModuleCall, record: Option<&Record>, diags: &mut Diagnostics) -> Option<PathBuf> {
    let source = ModuleSource::parse_call(call).ok()?;
    let Some(record) = record else {
        diags.error(
            call.span,
            "Module not installed",
            "This module is not installed yet: the command \"init\" installs all modules of the configuration.",
        );
        return None;
    };
    if record.source != source.to_string() {
        diags.error(
            call.source_span,
            "Module source has changed",
            format!(
                "The module that is installed came from \"{}\". The command \"init\" installs the one that is named here.",
                record.source
            ),
        );
        return None;
    }
    if let Some((text, span)) = &call.version {
        let constraints = Constraints::parse(text).unwrap_or_default();
        let version = record.version.as_deref().and_then(|v| Version::parse(v).ok());
        if !version.as_ref().is_some_and(|v| constraints.allows(v)) {
            let have = record.version.as_deref().unwrap_or("none");
            diags.error(
                *span,
                "Module version requirements have changed",
                format!("The installed version ({have}) does not fit \"{text}\". The command \"init\" installs one that does."),
            );
            return None;
        }
    }
    Some(if record.dir.is_empty() { PathBuf::from(".") } else { PathBuf::from(&record.dir) })
}

/// Holds the `required_version` of all modules against the version of the
/// language, each module once.
fn check_versions(root: &Arc<ModuleNode>, options: &LoadOptions, diags: &mut Diagnostics) {
    let mut seen: HashSet<*const Module> = HashSet::new();
    root.walk(&mut |node| {
        if seen.insert(Arc::as_ptr(&node.module)) {
            check_module_versions(&node.module, options, diags);
        }
    });
}

/// Holds the `required_version` of one module against the version of the language.
fn check_module_versions(module: &Module, options: &LoadOptions, diags: &mut Diagnostics) {
    let Ok(version) = Version::parse(&options.terraform_version) else { return };
    for (text, span) in &module.required_versions {
        let Ok(constraints) = Constraints::parse(text) else { continue };
        if let Some(c) = constraints.0.iter().find(|c| c.version.is_prerelease()) {
            diags.error(
                *span,
                "Invalid required_version constraint",
                format!("The constraint \"{c}\" names a pre-release. Only releases can be asked for; leave out what follows the dash."),
            );
        } else if !constraints.allows(&version) {
            diags.error(
                *span,
                "Unsupported Terraform Core version",
                format!(
                    "The module asks for a version of the language that fits \"{text}\", and the language here is that of \
                     version {version}. Use a program that fits, or widen the constraint if it is too narrow."
                ),
            );
        }
    }
}
