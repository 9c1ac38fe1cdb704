//! The CLI configuration file: `~/.terraformrc`, or what `TF_CLI_CONFIG_FILE` names.

use crate::session::Session;
use groma_lang::eval::Bindings;
use groma_lang::functions::Functions;
use groma_lang::{Attribute, Block, Body, Diagnostic, Diagnostics, Span};
use groma_provider::install::{
    CredentialsHelper, Method, Platform, ProviderPattern, SourceRule, implied_rules,
};
use groma_value::Value;
use groma_value::addr::Provider;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// What the file says.
#[derive(Clone, Debug, Default)]
pub struct CliConfig {
    /// Where providers come from; `None`: nothing is said.
    pub installation: Option<Vec<SourceRule>>,
    /// Directories of providers to use as they are.
    pub dev_overrides: BTreeMap<Provider, PathBuf>,
    /// A directory of packages shared by all working directories.
    pub plugin_cache_dir: Option<PathBuf>,
    /// Whether the cache is used also for what the lock file does not know.
    pub plugin_cache_may_break_lock_file: bool,
    /// Tokens by host.
    pub credentials: BTreeMap<String, String>,
    /// The program that keeps tokens in the place of `login`'s file, if there is one.
    pub helper: Option<Arc<CredentialsHelper>>,
    /// What `credentials_helper` says, with its place: name and arguments.
    wanted_helper: Option<(String, Vec<String>, Span)>,
    /// Where tokens were set by hand, by host: these come before what `login` keeps.
    pub configured: BTreeMap<String, String>,
    /// Services by host.
    pub services: BTreeMap<String, BTreeMap<String, String>>,
}

impl CliConfig {
    /// Reads the file, if there is one. What is to be said of it is said once a run.
    pub fn load(s: &Session, diags: &mut Diagnostics) -> CliConfig {
        if let Some(known) = s.cli.get() {
            return known.clone();
        }
        let mut said = Diagnostics::new();
        let out = CliConfig::read(s, &mut said);
        if !said.has_errors() {
            // Nobody else can have set it: commands load it one after the other.
            let _ = s.cli.set(out.clone());
        }
        diags.extend(said);
        out
    }

    fn read(s: &Session, diags: &mut Diagnostics) -> CliConfig {
        let mut out = CliConfig::default();
        let path = match s.env.get("TF_CLI_CONFIG_FILE").or_else(|| s.env.get("TERRAFORM_CONFIG")) {
            Some(p) => Some((PathBuf::from(p), true)),
            None => s.env.get("HOME").map(|h| (PathBuf::from(h).join(".terraformrc"), false)),
        };
        if let Some((path, named)) = path {
            match std::fs::read_to_string(&path) {
                Ok(text) => {
                    let file = s.sources.add(path.to_string_lossy(), text);
                    let body = groma_lang::syntax::parse_file(&file, diags);
                    out.decode(&body, diags);
                }
                Err(e) if named => diags.push(Diagnostic::warning(
                    "Unable to open CLI configuration file",
                    format!(
                        "The CLI configuration file at {:?} cannot be read: {e}.",
                        path.display().to_string()
                    ),
                )),
                Err(_) => {}
            }
        }
        if let Some(dir) = s.env.get("TF_PLUGIN_CACHE_DIR").filter(|d| !d.is_empty()) {
            out.plugin_cache_dir = Some(PathBuf::from(dir));
        }
        if s.env
            .get("TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE")
            .is_some_and(|v| !v.is_empty() && v != "0")
        {
            out.plugin_cache_may_break_lock_file = true;
        }
        for (k, v) in &s.env {
            if let Some(host) = k.strip_prefix("TF_TOKEN_") {
                let host = host.replace("__", "-").replace('_', ".");
                out.configured.insert(host.clone(), k.clone());
                out.credentials.insert(host, v.clone());
            }
        }
        out.find_helper(s, diags);
        if out.helper.is_none() {
            out.read_kept(s, diags);
        }
        out
    }

    /// Looks for the program of the credentials helper where Terraform does: in the user's
    /// directories of plugins.
    fn find_helper(&mut self, s: &Session, diags: &mut Diagnostics) {
        let Some((name, args, span)) = self.wanted_helper.take() else { return };
        let plain =
            !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'));
        if !plain {
            let detail =
                "The label is the name of the helper: its program is called terraform-credentials-NAME.";
            return diags.error(span, "Invalid credentials_helper", detail);
        }
        let program = format!("terraform-credentials-{name}");
        let plugins = s.env.get("HOME").map(|h| PathBuf::from(h).join(".terraform.d/plugins"));
        let dirs = plugins.iter().flat_map(|p| [p.clone(), p.join(Platform::current().to_string())]);
        let found = dirs.map(|d| d.join(&program)).find(|p| p.is_file());
        match found {
            Some(path) => self.helper = Some(Arc::new(CredentialsHelper::new(name, path, args))),
            None => diags.warning(
                span,
                "Credentials helper not found",
                format!("There is no program {program} in ~/.terraform.d/plugins, so tokens are those that groma login keeps."),
            ),
        }
    }

    /// Takes the tokens that `login` has kept, for hosts without others.
    fn read_kept(&mut self, s: &Session, diags: &mut Diagnostics) {
        let Some(path) = crate::commands::login::credentials_file(s) else { return };
        let Ok(text) = std::fs::read_to_string(&path) else { return };
        let content: serde_json::Value = match serde_json::from_str(&text) {
            Ok(v) => v,
            Err(e) => {
                let why = format!(
                    "The file {} is no valid JSON, so the tokens in it are not used: {e}.",
                    path.display()
                );
                diags.push(Diagnostic::warning("Unable to read credentials", why));
                return;
            }
        };
        for (host, c) in content["credentials"].as_object().into_iter().flatten() {
            if let Some(token) = c["token"].as_str() {
                self.credentials.entry(host.clone()).or_insert_with(|| token.to_owned());
            }
        }
    }

    /// The rules in effect: those of the file, or else the usual directories and
    /// then the registries.
    pub fn rules(&self, s: &Session) -> Vec<SourceRule> {
        if let Some(rules) = &self.installation {
            return rules.clone();
        }
        let mut dirs = vec![PathBuf::from("terraform.d/plugins")];
        if let Some(home) = s.env.get("HOME") {
            dirs.push(PathBuf::from(home).join(".terraform.d/plugins"));
            dirs.push(PathBuf::from(home).join(".local/share/terraform/plugins"));
        }
        dirs.push("/usr/local/share/terraform/plugins".into());
        dirs.push("/usr/share/terraform/plugins".into());
        implied_rules(dirs)
    }

    fn decode(&mut self, body: &Body, diags: &mut Diagnostics) {
        for a in &body.attributes {
            match &*a.name.name {
                "plugin_cache_dir" => self.plugin_cache_dir = text(a, diags).map(expand_home),
                "plugin_cache_may_break_dependency_lock_file" => {
                    self.plugin_cache_may_break_lock_file = constant(a, diags).as_bool().unwrap_or_default();
                }
                // Known to Terraform, of no concern here.
                "disable_checkpoint" | "disable_checkpoint_signature" | "providers" | "provisioners" => {}
                other => diags.warning(
                    a.span,
                    "Unknown setting",
                    format!("The CLI configuration has no setting named {other:?}. It is ignored."),
                ),
            }
        }
        for b in &body.blocks {
            let label = b.labels.first().map(|l| l.name.to_string()).unwrap_or_default();
            match &*b.ty.name {
                "provider_installation" => self.decode_installation(&b.body, diags),
                "credentials" => {
                    if let Some(t) = b.body.attribute("token").and_then(|a| text(a, diags)) {
                        self.configured.insert(label.clone(), "the CLI configuration".to_owned());
                        self.credentials.insert(label, t);
                    }
                }
                "host" => {
                    if let Some(a) = b.body.attribute("services") {
                        let v = constant(a, diags);
                        let map = v.as_fields().into_iter().flat_map(|f| f.iter());
                        // A service with more than a URL is kept as JSON text.
                        let text = |v: &Value| match v.as_str() {
                            Some(t) => Some(t.to_owned()),
                            None => groma_value::json::encode_implied(v).ok(),
                        };
                        let services = map.filter_map(|(k, v)| Some((k.to_string(), text(v)?)));
                        self.services.insert(label, services.collect());
                    }
                }
                "credentials_helper" => self.decode_helper(b, label, diags),
                "plugins" => {}
                other => diags.warning(
                    b.header,
                    "Unknown block",
                    format!("The CLI configuration has no block named {other:?}. It is ignored."),
                ),
            }
        }
    }

    fn decode_helper(&mut self, b: &Block, name: String, diags: &mut Diagnostics) {
        if self.wanted_helper.is_some() {
            let detail = "One program keeps the tokens. Remove one of the blocks.";
            return diags.error(b.header, "Duplicate credentials_helper", detail);
        }
        let mut args = Vec::new();
        if let Some(a) = b.body.attribute("args") {
            let v = constant(a, diags);
            let texts: Option<Vec<String>> =
                v.as_elements().map(|all| all.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect());
            match texts {
                Some(texts) if Some(texts.len()) == v.as_elements().map(<[Value]>::len) => args = texts,
                _ => diags.error(a.expr.span, "Invalid credentials_helper", "\"args\" is a list of texts."),
            }
        }
        self.wanted_helper = Some((name, args, b.header));
    }

    fn decode_installation(&mut self, body: &Body, diags: &mut Diagnostics) {
        let mut rules = Vec::new();
        for b in &body.blocks {
            let need = |name: &str, diags: &mut Diagnostics| {
                let found = b.body.attribute(name).and_then(|a| text(a, diags));
                if found.is_none() {
                    diags.error(
                        b.header,
                        "Invalid provider_installation",
                        format!("This block needs the argument {name:?}."),
                    );
                }
                found
            };
            let method = match &*b.ty.name {
                "direct" => Some(Method::Direct),
                "filesystem_mirror" => need("path", diags).map(|p| Method::FilesystemMirror(expand_home(p))),
                "network_mirror" => need("url", diags).map(Method::NetworkMirror),
                "dev_overrides" => {
                    for a in &b.body.attributes {
                        match (Provider::parse(&a.name.name), text(a, diags)) {
                            (Ok(p), Some(dir)) => {
                                self.dev_overrides.insert(p, expand_home(dir));
                            }
                            (Err(e), _) => {
                                diags.error(a.span, "Invalid provider_installation", format!("{e}."))
                            }
                            _ => {}
                        }
                    }
                    None
                }
                other => {
                    diags.error(
                        b.header,
                        "Invalid provider_installation",
                        format!("There is no installation method {other:?}. Use direct, filesystem_mirror, network_mirror or dev_overrides."),
                    );
                    None
                }
            };
            let mut patterns = |name: &str| -> Vec<ProviderPattern> {
                let Some(a) = b.body.attribute(name) else { return Vec::new() };
                let v = constant(a, diags);
                let mut out = Vec::new();
                for p in v.as_elements().unwrap_or_default().iter().filter_map(Value::as_str) {
                    match ProviderPattern::parse(p) {
                        Ok(p) => out.push(p),
                        Err(e) => diags.error(a.span, "Invalid provider_installation", format!("{e}.")),
                    }
                }
                out
            };
            if let Some(method) = method {
                rules.push(SourceRule { method, include: patterns("include"), exclude: patterns("exclude") });
            }
        }
        self.installation = Some(rules);
    }
}

fn constant(a: &Attribute, diags: &mut Diagnostics) -> Value {
    let functions = Functions::default();
    groma_lang::eval::evaluate(&a.expr, &Bindings::new::<groma_value::Name>([], &functions), diags)
}

fn text(a: &Attribute, diags: &mut Diagnostics) -> Option<String> {
    let v = constant(a, diags);
    if v.as_str().is_none() {
        diags.error(a.expr.span, "Invalid CLI configuration", "A string is required.");
    }
    v.as_str().map(str::to_owned)
}

fn expand_home(p: String) -> PathBuf {
    match (p.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(p),
    }
}
