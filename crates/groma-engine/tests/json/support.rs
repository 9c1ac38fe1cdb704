//! Plans the same configurations with the engine and with Terraform, and compares
//! what both say in JSON.

use groma_engine::{Context, Interrupt, Plan, PlanMode, PlanOptions, Providers, Quiet, SchemaMap, json};
use groma_lang::{Diagnostics, Sources};
use groma_provider::builtin::Builtin;
use groma_provider::{
    CallResult, Diags, LaunchSettings, Pool, PoolSettings, Provider, ProviderSource, Schemas,
};
use groma_state::{State, StateFile};
use groma_testkit::Workdir;
use groma_value::Value;
use groma_value::addr::Provider as ProviderAddr;
use serde_json::Value as Json;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub struct Pooled(Pool);

#[async_trait::async_trait]
impl Providers for Pooled {
    async fn schemas(&self, p: &ProviderAddr) -> CallResult<Arc<dyn Schemas>> {
        self.0.schemas(p).await
    }
    async fn unconfigured(&self, p: &ProviderAddr) -> CallResult<Arc<dyn Provider>> {
        self.0.unconfigured(p).await
    }
    async fn configured(&self, p: &ProviderAddr, config: &Value) -> CallResult<(Arc<dyn Provider>, Diags)> {
        self.0.configured(p, config).await
    }
}

pub struct Loaded {
    pub cx: Context,
    pub sources: Sources,
}

/// The real AWS provider, if this machine has it.
pub fn aws_binary() -> Option<PathBuf> {
    let mirror = groma_testkit::mirror()?;
    let base = mirror.join("registry.terraform.io/hashicorp/aws/5.100.0");
    let platform = std::fs::read_dir(base).ok()?.flatten().next()?.path();
    std::fs::read_dir(platform).ok()?.flatten().map(|e| e.path()).find(|p| p.is_file())
}

pub fn pool(dir: &Path) -> Pool {
    let pool = Pool::new(PoolSettings {
        launch: LaunchSettings::new(std::env::temp_dir()),
        cache_dir: None,
        terraform_version: groma_state::TERRAFORM_VERSION.into(),
        memory_budget: None,
        validation_salt: Vec::new(),
    });
    let dir = dir.to_owned();
    let read = move |_: &str, config: &Value, _: Option<&str>| {
        let path = config.get_attr("path").and_then(|p| p.as_str().map(|p| dir.join(p)));
        let bytes = std::fs::read(path.ok_or("no path")?).map_err(|e| e.to_string())?;
        let file = groma_state::file::read(&bytes).map_err(|e| e.to_string())?;
        Ok(Some(Value::object(file.state.outputs.into_iter().map(|(n, o)| (n, o.value)))))
    };
    pool.add(ProviderAddr::builtin(), ProviderSource::Native(Arc::new(Builtin::new(Arc::new(read)))));
    if let Some(path) = aws_binary() {
        pool.add(ProviderAddr::implied("aws"), ProviderSource::Binary(path));
    }
    pool
}

pub fn state(w: &Workdir) -> StateFile {
    match std::fs::read(w.path().join("terraform.tfstate")) {
        Ok(bytes) => groma_state::file::read(&bytes).unwrap(),
        Err(_) => StateFile { lineage: String::new(), ..StateFile::new() },
    }
}

pub async fn load(dir: &Path, options: groma_config::LoadOptions, state: &State) -> Loaded {
    let sources = Sources::new();
    let mut diags = Diagnostics::new();
    let config = Arc::new(groma_config::load_config(Path::new("."), &sources, &options, &mut diags));
    let providers: Arc<dyn Providers> = Arc::new(Pooled(pool(dir)));
    let which = Context::providers_of(&config, state);
    let schemas = Context::load_schemas(&*providers, which, &mut diags).await;
    assert!(!diags.has_errors(), "{diags:#?}");
    let cx = Context {
        ssh_agent: None,
        overlay: Default::default(),
        config,
        providers,
        schemas,
        functions: Default::default(),
        parallelism: 10,
        workspace: "default".into(),
        cwd: ".".into(),
        interrupt: Arc::new(Interrupt::default()),
        observer: Arc::new(Quiet),
    };
    Loaded { cx, sources }
}

pub fn load_options(w: &Workdir) -> groma_config::LoadOptions {
    groma_config::LoadOptions { working_dir: w.path().to_owned(), ..Default::default() }
}

/// One step of a case: files to be written over the old ones, and the mode.
pub struct Step<'a> {
    pub files: &'a [(&'a str, &'a str)],
    pub mode: PlanMode,
    /// Whether to apply, so that the next step starts from there.
    pub apply: bool,
    /// What to do with the state before.
    pub outside: &'a dyn Fn(&Workdir),
}

pub fn step<'a>(files: &'a [(&'a str, &'a str)]) -> Step<'a> {
    Step { files, mode: PlanMode::Normal, apply: true, outside: &|_| {} }
}

/// Runs the steps one after the other with both, each from the state that
/// Terraform left, and compares all JSON forms.
pub fn compare(steps: &[Step<'_>]) {
    if groma_testkit::oracle().is_none() {
        groma_testkit::skip("no terraform");
        return;
    }
    compare_from(&Workdir::new(), steps);
}

/// As [`compare`], in a directory that has something already.
pub fn compare_from(w: &Workdir, steps: &[Step<'_>]) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(compare_steps(w, steps));
}

async fn compare_steps(w: &Workdir, steps: &[Step<'_>]) {
    for (i, step) in steps.iter().enumerate() {
        for (name, text) in step.files {
            if text.is_empty() { w.remove(name) } else { _ = w.write(name, text) }
        }
        w.terraform(["init"]).expect_success();
        (step.outside)(w);
        let mut args = vec!["plan", "-out=p"];
        match step.mode {
            PlanMode::Normal => {}
            PlanMode::Destroy => args.push("-destroy"),
            PlanMode::RefreshOnly => args.push("-refresh-only"),
        }
        w.terraform(args).expect_success();
        let expected = w.terraform(["show", "-json", "p"]).expect_success().json();

        let file = state(w);
        let l = load(w.path(), load_options(w), &file.state).await;
        let options = PlanOptions { mode: step.mode, ..Default::default() };
        let (plan, diags) = groma_engine::plan(&l.cx, &file.state, &options).await;
        assert!(!diags.has_errors(), "{diags:#?}");
        let ours = json::plan_json(&plan, &l.cx.config, &l.cx.schemas, &l.sources).unwrap();
        assert_same(&format!("plan of step {i}"), normalised(expected), normalised(ours));
        round_trip(w, &plan, &l, &file);

        if step.apply {
            w.terraform(["apply", "p"]).expect_success();
            compare_state(i, w, &l.cx.schemas);
        }
    }
}

fn compare_state(i: usize, w: &Workdir, schemas: &SchemaMap) {
    let file = state(w);
    let ours = json::state_json(&file.state, &file.terraform_version, schemas).unwrap();
    let expected = w.terraform(["show", "-json"]).expect_success().json();
    assert_same(&format!("state after step {i}"), expected, ours);
    let expected = w.terraform(["output", "-json"]).expect_success().stdout;
    assert_eq!(json::to_text_indented(&json::outputs_json(&file.state.outputs)), expected.trim_end());
}

/// A plan that was saved and read is the same, and its configuration loads without the files.
fn round_trip(w: &Workdir, plan: &Plan, l: &Loaded, file: &StateFile) {
    use groma_engine::planfile;
    let manifest = groma_config::manifest::Manifest::read(&w.path().join(".terraform")).unwrap();
    let saved = planfile::PlanFile::new("0.0.0", plan.clone(), &l.cx.config, &l.sources, manifest, file);
    let path = w.outside().join("saved");
    planfile::write(&path, &saved).unwrap();
    let read = planfile::read(&path).unwrap();
    let form = |p: &Plan| json::plan_json(p, &l.cx.config, &l.cx.schemas, &l.sources).unwrap().to_string();
    assert_eq!(form(&read.plan), form(plan));
    for (a, b) in plan.changes.iter().zip(&read.plan.changes) {
        assert_eq!(format!("{a:?}"), format!("{b:?}"));
    }
    let options = groma_config::LoadOptions {
        working_dir: "no-such-directory".into(),
        snapshot: Some(read.configuration.clone()),
        ..Default::default()
    };
    let (sources, mut diags) = (Sources::new(), Diagnostics::new());
    let config = groma_config::load_config(Path::new("."), &sources, &options, &mut diags);
    assert!(!diags.has_errors(), "{diags:#?}");
    let again = json::plan_json(&read.plan, &config, &l.cx.schemas, &sources).unwrap();
    assert_eq!(again.to_string(), form(plan));
}

/// Without times, and with the order of what Terraform leaves to chance.
fn normalised(mut j: Json) -> Json {
    j["timestamp"] = Json::Null;
    if let Some(Json::Array(a)) = j.get_mut("relevant_attributes") {
        a.sort_by_key(Json::to_string);
        a.dedup();
    }
    sort_modules(&mut j["planned_values"]["root_module"]);
    j
}

/// Nested modules come in the order in which their resources were planned.
fn sort_modules(module: &mut Json) {
    if let Some(Json::Array(children)) = module.get_mut("child_modules") {
        children.sort_by_key(|m| m["address"].to_string());
        children.iter_mut().for_each(sort_modules);
    }
}

#[track_caller]
pub fn assert_same(what: &str, expected: Json, ours: Json) {
    let mut found = Vec::new();
    differences("", &expected, &ours, &mut found);
    assert!(found.is_empty(), "{what} differs (expected, ours):\n{}", found.join("\n"));
}

/// Differences, the order of members included.
fn differences(path: &str, a: &Json, b: &Json, out: &mut Vec<String>) {
    match (a, b) {
        (Json::Object(x), Json::Object(y)) => {
            for (k, v) in x {
                match y.get(k) {
                    Some(w) => differences(&format!("{path}.{k}"), v, w, out),
                    None => out.push(format!("{path}.{k}: missing {v}")),
                }
            }
            for (k, v) in y {
                if !x.contains_key(k) {
                    out.push(format!("{path}.{k}: too much {v}"));
                }
            }
            let (kx, ky): (Vec<_>, Vec<_>) = (x.keys().collect(), y.keys().collect());
            if x.len() == y.len() && kx != ky {
                out.push(format!("{path}: order {kx:?} {ky:?}"));
            }
        }
        (Json::Array(x), Json::Array(y)) => {
            if x.len() != y.len() {
                out.push(format!("{path}: {a} {b}"));
                return;
            }
            for (i, (v, w)) in x.iter().zip(y).enumerate() {
                differences(&format!("{path}[{i}]"), v, w, out);
            }
        }
        _ if a == b => {}
        _ => out.push(format!("{path}: {a} {b}")),
    }
}
