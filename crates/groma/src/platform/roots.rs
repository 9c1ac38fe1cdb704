//! Root modules on the disk: written, prepared as `init` would, and planned, several
//! in one run.

use super::Project;
use super::adopt::adopt;
use super::locks::{Access, Held};
use super::strays::Stray;
use crate::commands::Failure;
use crate::operation::{self, Ready};
use crate::session::Session;
use groma_config::install::{InstallEvent, Request, install};
use groma_config::module_locks::{MODULE_LOCK_FILE, ModuleLocks};
use groma_engine::{Action, Plan, PlanMode, PlanOptions};
use groma_lang::Diagnostics;
use groma_platform::compile::{Root, with_callees};
use groma_platform::modules;
use groma_state::manager::Manager;
use groma_value::addr::ResourceInstance;
use groma_value::{Fields, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

/// A root module that was planned.
pub struct Planned {
    /// What it was compiled from.
    pub root: Root,
    /// Its directory.
    pub dir: PathBuf,
    /// Configuration, providers and so on.
    pub ready: Ready,
    /// The state, locked if it may be changed.
    pub manager: Manager,
    /// What would be done.
    pub plan: Plan,
    /// What an interrupted run made, and is taken over: addresses and ids.
    pub imports: Vec<(ResourceInstance, String)>,
}

impl Planned {
    /// Ends the provider processes of this root module; they are started again when it is
    /// applied. A process needs hundreds of megabytes, and the root modules of a run are
    /// done one after the other.
    pub fn rest(&self, s: &Session) {
        s.runtime.block_on(self.ready.pool.release_idle());
    }
}

/// Writes root modules and the modules that they call below a directory: `roots/NAME`
/// and `modules/NAME`. Files that are there already with the same content are left
/// alone; others that no longer belong to a root module are removed.
pub fn write(project: &Project<'_>, base: &Path, roots: &[Root]) -> Result<(), Failure> {
    let mut wanted = BTreeSet::new();
    for r in roots {
        let dir = base.join("roots").join(&r.name);
        let keep: BTreeSet<&str> = r.files.keys().map(String::as_str).collect();
        for (name, bytes) in &r.files {
            put(&dir.join(name), bytes)?;
        }
        for e in std::fs::read_dir(&dir).into_iter().flatten().flatten() {
            let name = e.file_name().to_string_lossy().into_owned();
            if name.ends_with(".tf") && !keep.contains(name.as_str()) {
                std::fs::remove_file(e.path()).map_err(|e| format!("{name} cannot be removed: {e}"))?;
            }
        }
        wanted.extend(r.modules.iter().filter(|m| !m.contains('=') && !m.starts_with('~')).cloned());
        for (name, source) in r.modules.iter().filter_map(|m| m.split_once('=')) {
            copy(&project.dir.join(source), &base.join("modules").join(name))?;
        }
    }
    for m in with_callees(&wanted) {
        for (file, text) in modules::files(&m) {
            put(&base.join("modules").join(&m).join(file), text.as_bytes())?;
        }
    }
    Ok(())
}

/// The files of root modules and modules below a directory that [`write`] would change or
/// remove.
pub fn differing(base: &Path, roots: &[Root]) -> Vec<String> {
    let mut out = Vec::new();
    let mut look = |path: PathBuf, bytes: &[u8]| {
        if std::fs::read(&path).is_ok_and(|b| b != bytes) {
            out.push(path.strip_prefix(base).unwrap_or(&path).display().to_string());
        }
    };
    let mut wanted = BTreeSet::new();
    for r in roots {
        for (name, bytes) in &r.files {
            look(base.join("roots").join(&r.name).join(name), bytes);
        }
        wanted.extend(r.modules.iter().filter(|m| !m.contains('=') && !m.starts_with('~')).cloned());
    }
    for m in with_callees(&wanted) {
        for (file, text) in modules::files(&m) {
            look(base.join("modules").join(&m).join(file), text.as_bytes());
        }
    }
    for r in roots {
        let dir = base.join("roots").join(&r.name);
        for e in std::fs::read_dir(dir).into_iter().flatten().flatten() {
            let name = e.file_name().to_string_lossy().into_owned();
            if name.ends_with(".tf") && !r.files.contains_key(&name) {
                out.push(format!("roots/{}/{name}", r.name));
            }
        }
    }
    out
}

fn put(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if std::fs::read(path).is_ok_and(|b| b == bytes) {
        return Ok(());
    }
    let failed = |e: std::io::Error| Failure::Message(format!("{} cannot be written: {e}", path.display()));
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir).map_err(failed)?;
    }
    std::fs::write(path, bytes).map_err(failed)
}

fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    let entries = std::fs::read_dir(from).map_err(|e| format!("{} cannot be read: {e}", from.display()))?;
    for e in entries.flatten() {
        let path = e.path();
        let name = e.file_name();
        if name.to_string_lossy().starts_with(".terraform") {
            continue;
        }
        if path.is_dir() {
            copy(&path, &to.join(name))?;
        } else {
            let bytes =
                std::fs::read(&path).map_err(|e| format!("{} cannot be read: {e}", path.display()))?;
            put(&to.join(name), &bytes)?;
        }
    }
    Ok(())
}

/// Does what `init` does, for the root module in the working directory: modules in
/// place, providers installed where they are needed.
fn prepare(p: &Project<'_>) -> Result<(), Failure> {
    let s = p.s;
    let mut diags = Diagnostics::new();
    let options = s.load_options();
    // One record of checksums for all root modules, beside the manifest.
    let lock_path = p.dir.join(MODULE_LOCK_FILE);
    let mut locks = ModuleLocks::read(&lock_path, &s.sources, &mut diags);
    s.check(&diags)?;
    let before = locks.clone();
    let cli = crate::cli_config::CliConfig::load(s, &mut diags);
    let request = Request {
        root_dir: Path::new("."),
        tests: &[],
        upgrade: false,
        fetcher: &s.fetcher(&cli),
        locks: &mut locks,
        prune: false,
    };
    let mut progress = |e: InstallEvent| {
        if let InstallEvent::Downloading { source, version, .. } = e {
            let v = version.map(|v| format!(" {v}")).unwrap_or_default();
            s.ui.line(&format!("Fetching the module {source}{v}"));
        }
    };
    install(request, &s.sources, &options, &mut progress, &mut diags);
    s.check(&diags)?;
    if locks != before {
        let written = locks.write(&lock_path);
        written.map_err(|e| format!("{} cannot be written: {e}", lock_path.display()))?;
    }
    if p.sandbox {
        return Ok(());
    }
    // One place for the providers of all root modules, and one lock file, which stands
    // beside the manifest.
    let shared = p.data.join("providers");
    std::fs::create_dir_all(&shared).map_err(|e| format!("{} cannot be made: {e}", shared.display()))?;
    let link = s.data_dir.join("providers");
    if !link.exists() {
        std::fs::create_dir_all(&s.data_dir)
            .and_then(|()| std::os::unix::fs::symlink(&shared, &link))
            .map_err(|e| format!("{} cannot be made: {e}", link.display()))?;
    }
    let (ours, theirs) = (Path::new(crate::providers::LOCK_FILE), p.dir.join(crate::providers::LOCK_FILE));
    if theirs.exists() {
        put(ours, &std::fs::read(&theirs).unwrap_or_default())?;
    }
    crate::commands::init::install_providers(s, p.args)?;
    if let Ok(text) = std::fs::read(ours) {
        put(&theirs, &text)?;
    }
    Ok(())
}

/// Plans root modules in order, in one process: what one will create is unknown to
/// those that read its outputs. With errors in one of them, those after it are not
/// planned. `held`: the locked states, from which those of the root modules are taken;
/// without it they are read only. `strays`: what an interrupted run may have made without
/// hearing of it, if there was one; it is taken over where the plan would create it again.
pub fn plan_all(
    p: &Project<'_>,
    roots: Vec<(Root, PlanMode)>,
    mut held: Option<(&mut Held, &str)>,
    strays: Option<&[Stray]>,
) -> Result<Vec<Planned>, Failure> {
    let all: Vec<Root> = roots.iter().map(|(r, _)| r.clone()).collect();
    write(p, &p.data, &all)?;
    let mut out: Vec<Planned> = Vec::new();
    for (root, mode) in roots {
        let result = opened(p, &root, &mut held).and_then(|m| plan_one(p, root, mode, m));
        let result = result.and_then(|mut planned| match strays {
            None => Ok(planned),
            Some(strays) => {
                let dir = planned.dir.clone();
                match p.within(&dir, || adopt(p, &mut planned, strays)) {
                    Ok(()) => Ok(planned),
                    Err(e) => {
                        close_all(p, vec![planned])?;
                        Err(e)
                    }
                }
            }
        });
        match result {
            Ok(planned) => {
                expect(p.s, &planned);
                planned.rest(p.s);
                out.push(planned);
            }
            Err(e) => {
                close_all(p, out)?;
                return Err(e);
            }
        }
    }
    Ok(out)
}

fn opened(p: &Project<'_>, root: &Root, held: &mut Option<(&mut Held, &str)>) -> Result<Manager, Failure> {
    let access = match held {
        None => Access::Read,
        Some((held, doing)) => match held.take(&root.name) {
            Some(m) => return Ok(m),
            None => p.write_access(root, doing),
        },
    };
    p.within(&p.root_dir(&root.name)?, || p.state(&root.name, &access))
}

fn plan_one(p: &Project<'_>, root: Root, mode: PlanMode, manager: Manager) -> Result<Planned, Failure> {
    let dir = p.data.join("roots").join(&root.name);
    p.within(&dir, || match ready(p, &manager, mode) {
        Ok((ready, plan)) => {
            Ok(Planned { root, dir: dir.clone(), ready, manager, plan, imports: Vec::new() })
        }
        Err(e) => {
            p.s.close_state(manager)?;
            Err(e)
        }
    })
}

fn ready(p: &Project<'_>, manager: &Manager, mode: PlanMode) -> Result<(Ready, Plan), Failure> {
    prepare(p)?;
    let s = p.s;
    let mut diags = Diagnostics::new();
    let config = s.loaded(&mut diags)?;
    let state = manager.file().state.clone();
    let ready = s.ready(p.args, config, &state, s.observer(false), &mut diags)?;
    s.watch_interrupts(&ready.pool);
    let plan = plan_again(s, &ready, manager, mode, &[])?;
    Ok((ready, plan))
}

/// Plans with the state as it is now.
pub fn plan_again(
    s: &Session,
    ready: &Ready,
    manager: &Manager,
    mode: PlanMode,
    imports: &[(ResourceInstance, String)],
) -> Result<Plan, Failure> {
    let options = PlanOptions {
        mode,
        variables: ready.variables.clone(),
        imports: imports.to_vec(),
        ..PlanOptions::default()
    };
    let state = manager.file().state.clone();
    let Some((plan, diags)) = operation::run(s, groma_engine::plan(&ready.context, &state, &options)) else {
        return Err("Planning was abandoned.".to_owned().into());
    };
    s.ui.diags(&diags, &s.sources);
    if plan.errored || diags.has_errors() {
        return Err(Failure::Reported);
    }
    Ok(plan)
}

/// Tells later root modules which outputs this one will have.
pub fn expect(s: &Session, planned: &Planned) {
    let mut outputs = Fields::new();
    for (name, o) in &planned.manager.file().state.outputs {
        outputs.insert(name.as_str(), o.value.clone());
    }
    for (name, o) in &planned.plan.outputs {
        if o.action != Action::Delete {
            outputs.insert(name.as_str(), o.after.unmark_deep().0);
        }
    }
    s.planned
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(planned.root.name.clone(), Value::object(outputs));
}

/// From here on the outputs of a root module are those in its state.
pub fn settle(s: &Session, root: &str) {
    s.planned.lock().unwrap_or_else(PoisonError::into_inner).remove(root);
}

/// Releases all states.
pub fn close_all(p: &Project<'_>, all: Vec<Planned>) -> Result<(), Failure> {
    let mut result = Ok(());
    for planned in all {
        let closed = p.within(&planned.dir, || p.s.close_state(planned.manager));
        if result.is_ok() {
            result = closed;
        }
    }
    result
}

/// The actions of a plan by address, without those that do nothing.
pub fn actions(plan: &Plan) -> BTreeMap<String, Action> {
    plan.changes
        .iter()
        .filter(|c| !matches!(c.action, Action::NoOp | Action::Read))
        .map(|c| (c.addr.to_string(), c.action))
        .collect()
}
