//! What is proved about: a directory, a plan, a state, an environment.

use super::understudy::Speaker;
use super::world::{Builder, NamedRoot, Staged};
use crate::args::Args;
use crate::commands::Failure;
use crate::operation;
use crate::platform::{Project, roots};
use crate::session::Session;
use groma_engine::{PlanMode, Quiet};
use groma_lang::{Diagnostic, Diagnostics};
use groma_platform::compile::{Root, RootOf, allocate};
use groma_platform::flow::Flow;
use groma_platform::model::{Environment, Prove, UseTarget};
use groma_platform::record::{Live, Record};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What is proved about, and what is to be proved.
pub struct Source {
    /// The world.
    pub staged: Staged,
    /// The properties.
    pub blocks: Vec<Prove>,
}

/// What the argument names: a plan, a directory, an environment; without one the working
/// directory.
pub fn open(s: &Session, args: &Args, what: Option<&str>) -> Result<Source, Failure> {
    if let Some(path) = args.get("state") {
        return super::document::state_file(s, Path::new(path));
    }
    let manifest = Path::new("groma.hcl").exists();
    let Some(what) = what else {
        return if manifest { environments(s, args, None) } else { directory(s, args, Path::new("")) };
    };
    let path = Path::new(what);
    if path.is_file() {
        return plan(s, path);
    }
    if manifest && !what.contains('/') {
        return environments(s, args, Some(what));
    }
    if path.is_dir() {
        std::env::set_current_dir(path).map_err(|e| format!("Cannot work in {what:?}: {e}"))?;
        if Path::new("groma.hcl").exists() {
            return environments(s, args, None);
        }
        return directory(s, args, path);
    }
    Err(s.fail(Diagnostic::error(
        "Nothing to prove about",
        format!("There is no plan, state or directory {what:?}, and no groma.hcl here that could have an environment of that name."),
    )))
}

/// Who speaks for the providers of this run.
pub fn speaker(s: &Session) -> Result<Speaker, Failure> {
    let mut speaker = Speaker::new()?;
    let region = ["AWS_REGION", "AWS_DEFAULT_REGION"].iter().find_map(|n| s.env.get(*n));
    speaker.default_region = region.map(|r| r.as_str().into());
    if s.sandbox.get().is_some() {
        let defaults = groma_sandbox::Settings::default();
        speaker.default_account = Some(defaults.account.as_str().into());
        speaker.default_region = Some(defaults.region.as_str().into());
    }
    Ok(speaker)
}

/// Plans the working directory. `dir`: how a person calls it.
fn directory(s: &Session, args: &Args, dir: &Path) -> Result<Source, Failure> {
    let mut diags = Diagnostics::new();
    let config = s.loaded(&mut diags)?;
    let blocks = super::files::read(Path::new(""), dir, &s.sources, &mut diags);
    s.ui.documents_only(true);
    s.check(&diags)?;
    let m = s.open_state(args, Some("OperationTypePlan"))?;
    let state = m.file().state.clone();
    let ready = s.ready(args, config, &state, Arc::new(Quiet), &mut diags)?;
    let options = operation::plan_options(args, ready.variables.clone(), PlanMode::Normal)?;
    s.watch_interrupts(&ready.pool);
    let planned = operation::run(s, groma_engine::plan(&ready.context, &state, &options));
    s.close_state(m)?;
    let Some((plan, found)) = planned else { return Err("Planning was abandoned.".to_owned().into()) };
    s.check(&found)?;
    let mut builder = Builder::new(speaker(s)?, [&plan]);
    builder.add("", &ready.context, &plan, &s.sources, dir);
    Ok(Source { staged: builder.finish(), blocks })
}

/// A plan that was saved, by Groma or as JSON.
fn plan(s: &Session, path: &Path) -> Result<Source, Failure> {
    let bytes = std::fs::read(path).map_err(|e| format!("{} cannot be read: {e}", path.display()))?;
    let mut diags = Diagnostics::new();
    let blocks = super::files::read(Path::new(""), Path::new(""), &s.sources, &mut diags);
    s.check(&diags)?;
    if bytes.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'{') {
        let staged = super::document::read(s, path, &bytes)?;
        return Ok(Source { staged, blocks });
    }
    let (context, plan) = crate::saved::opened(s, path)?;
    if plan.errored {
        return Err(s.fail(Diagnostic::error(
            "Incomplete plan",
            "Planning ended with errors when this plan was made, so it says nothing certain. Make a new plan.",
        )));
    }
    let mut builder = Builder::new(speaker(s)?, [&plan]);
    builder.add("", &context, &plan, &s.sources, Path::new(""));
    Ok(Source { staged: builder.finish(), blocks })
}

/// The environments that an environment's proofs are about: those that are named in
/// `prove` blocks, and all that are up. Without a name: all that are declared.
fn involved(p: &Project<'_>, record: &mut Record, name: Option<&str>) -> Result<Vec<Environment>, Failure> {
    let mut wanted: Vec<(String, Option<String>)> = Vec::new();
    let mut add = |name: &str, label: Option<&str>| {
        let pair = (name.to_owned(), label.map(str::to_owned));
        if !wanted.contains(&pair) {
            wanted.push(pair);
        }
    };
    let infos = p.manifest.environments();
    let named_label = p.args.get("each");
    if let Some(name) = name {
        add(name, named_label);
    }
    for l in record.environments.values() {
        add(&l.name, l.label.as_deref());
    }
    let texts: Vec<&String> =
        p.manifest.proves.iter().flat_map(|b| b.connections().map(|(t, _)| t)).collect();
    for info in infos {
        let mentioned = name.is_none()
            || texts.iter().filter_map(|t| Flow::parse(t).ok()).any(|f| {
                [&f.from, &f.to].into_iter().any(|e| e.split('.').next() == Some(info.name.as_str()))
            });
        if !mentioned {
            continue;
        }
        match &info.each {
            None => add(&info.name, None),
            // Two of a kind, so that there is another.
            Some(_) if !record.environments.values().any(|l| l.name == info.name) => {
                add(&info.name, Some("one"));
                add(&info.name, Some("two"));
            }
            Some(_) => {}
        }
    }
    let mut out: Vec<Environment> = Vec::new();
    // And those that they connect to: their root modules read what those will have.
    let mut next = 0;
    while let Some((name, label)) = wanted.get(next).cloned() {
        next += 1;
        let env = p.manifest.environment(&name, label.as_deref()).map_err(|d| p.s.fail(d))?;
        for other in connects_to(&env).into_iter().map(|e| (e, None)) {
            if !wanted.contains(&other) {
                wanted.push(other);
            }
        }
        record.environments.entry(env.slug.clone()).or_insert_with(|| Live {
            name: name.clone(),
            label: label.clone(),
            ..Live::default()
        });
        out.push(env);
    }
    allocate(&p.manifest, record).map_err(|d| p.s.fail(d))?;
    // What others read comes before them.
    let mut ordered = Vec::new();
    let ready = |e: &Environment, rest: &[Environment]| {
        connects_to(e).iter().all(|n| !rest.iter().any(|o| o.name == *n && o.name != e.name))
    };
    while let Some(i) = out.iter().position(|e| ready(e, &out)) {
        ordered.push(out.remove(i));
    }
    ordered.extend(out);
    Ok(ordered)
}

/// The names of the environments whose services an environment's services use.
pub fn connects_to(env: &Environment) -> Vec<String> {
    let uses = env.components.services.values().flat_map(|s| &s.uses);
    let mut out: Vec<String> = uses
        .filter_map(|u| match &u.target {
            UseTarget::Elsewhere { environment, .. } => Some(environment.clone()),
            _ => None,
        })
        .collect();
    out.sort();
    out.dedup();
    out
}

/// Root modules by their names: what is in them.
fn named(root: &Root, envs: &[Environment]) -> NamedRoot {
    let (label, env) = match &root.of {
        RootOf::Once => ("platform".to_owned(), None),
        RootOf::Network(n) => (format!("network.{n}"), None),
        RootOf::Environment(slug) => (slug.clone(), envs.iter().find(|e| e.slug == *slug)),
    };
    // What a network shares has the same names.
    let all: Vec<&Environment> = match env {
        Some(e) => vec![e],
        None => envs.iter().collect(),
    };
    let mut components = BTreeMap::new();
    for e in all {
        for id in e.components.ids() {
            let module = groma_platform::compile::module_name(&id);
            components.insert(module, id.to_string());
        }
    }
    NamedRoot { name: root.name.clone(), label, components, needs: root.needs.clone() }
}

/// Plans the environments of a manifest as `up` would, all as one.
fn environments(s: &Session, args: &Args, name: Option<&str>) -> Result<Source, Failure> {
    let p = Project::open(s, args)?;
    let mut record = p.recorded()?;
    let envs = involved(&p, &mut record, name)?;
    let mut all: Vec<Root> = Vec::new();
    for env in &envs {
        for root in p.compile(env, &record)? {
            if !all.iter().any(|r| r.name == root.name) {
                all.push(root);
            }
        }
    }
    p.check_accounts(&crate::commands::up::accounts(&all))?;
    s.ui.documents_only(true);
    let planned = roots::plan_all(&p, all.into_iter().map(|r| (r, PlanMode::Normal)).collect(), None, None)?;
    let source = of_planned(&p, &planned.iter().collect::<Vec<_>>(), &envs, &record);
    roots::close_all(&p, planned)?;
    source
}

/// What root modules that were planned lead to. `record`: which environments are parked.
pub fn of_planned(
    p: &Project<'_>,
    planned: &[&roots::Planned],
    envs: &[Environment],
    record: &Record,
) -> Result<Source, Failure> {
    let mut builder = Builder::new(speaker(p.s)?, planned.iter().map(|a| &a.plan));
    for a in planned {
        let dir: PathBuf = a.dir.strip_prefix(&p.dir).map_or_else(|_| a.dir.clone(), Path::to_path_buf);
        builder.add(&a.root.name, &a.ready.context, &a.plan, &p.s.sources, &dir);
        builder.staged().roots.push(named(&a.root, envs));
    }
    let slugs: Vec<&str> = planned.iter().map(|a| a.root.name.as_str()).collect();
    let there: Vec<Environment> = envs.iter().filter(|e| slugs.contains(&e.slug.as_str())).cloned().collect();
    let mut staged = builder.finish();
    let infos = p.manifest.environments().iter();
    let all: Result<Vec<Environment>, _> =
        infos.map(|i| p.manifest.environment(&i.name, i.each.as_ref().map(|_| "any"))).collect();
    staged.declared = super::exact::of(&there, &all.map_err(|d| p.s.fail(d))?);
    for d in &mut staged.declared {
        d.parked = record.environments.get(&d.env).is_some_and(|l| l.parked);
    }
    Ok(Source { staged, blocks: p.manifest.proves.clone() })
}
