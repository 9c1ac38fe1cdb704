//! `groma init`

use super::{Command, Failure, Outcome};
use crate::args::{Args, Flag, many, switch, value};
use crate::cli_config::CliConfig;
use crate::migrate::{self, Migrated};
use crate::operation::{
    COMMON_FLAGS, JSON_LINES, SANDBOX, TEST_DIRECTORY_FLAG, VARIABLE_FLAGS, manifest_alone, manifest_hint,
};
use crate::providers::{LOCK_FILE, requirements};
use crate::session::Session;
use crate::state::{IGNORE_REMOTE_VERSION, LOCK_FLAGS, state_error};
use groma_config::Module;
use groma_config::install::{InstallEvent as ModuleEvent, Request, install as install_with};
use groma_config::module_locks::{MODULE_LOCK_FILE, ModuleLocks};
use groma_lang::{Diagnostic, Diagnostics};
use groma_provider::install::{Authentication, InstallEvent, InstallMode, Installer};
use groma_state::backend::{Comparison, backend_hash};
use groma_state::{Backend, SavedBackend};
use std::path::Path;

mod from_module;

const FLAGS: &[Flag] = &[
    switch(
        "upgrade",
        "Choose the newest acceptable versions of providers and modules, whatever the lock file says.",
    ),
    value("lockfile", "MODE", "\"readonly\": fail rather than change the lock file."),
    switch("backend", "Set up the backend (on unless -backend=false)."),
    switch("cloud", "The same as -backend."),
    switch("get", "Install modules (on unless -get=false)."),
    many("backend-config", "FILE|NAME=VALUE", "Settings of the backend that are not in the configuration."),
    switch("reconfigure", "Take the backend's configuration as it is now, without looking at a former one."),
    switch("migrate-state", "Copy the state from the former backend to the new one."),
    switch("force-copy", "Answer yes to questions about copying states."),
    value(
        "from-module",
        "SOURCE",
        "Copy this module into the working directory first, which must be empty. Any source that a module call may have.",
    ),
    many("plugin-dir", "DIR", "Take providers from this directory only. May be given several times."),
    TEST_DIRECTORY_FLAG,
    IGNORE_REMOTE_VERSION,
    JSON_LINES,
];

/// The command.
pub static COMMAND: Command = Command {
    name: "init",
    usage: "[flags]",
    summary: "Prepare the working directory: modules, providers, backend",
    help: "Installs the modules and providers that the configuration needs, records the choice of providers in .terraform.lock.hcl, and sets up the backend. May be run again at any time.",
    flags: &[FLAGS, VARIABLE_FLAGS, LOCK_FLAGS, &[SANDBOX], COMMON_FLAGS],
    run,
    main: true,
};

/// Installs all modules and says which. With `-lockfile=readonly` the record of their
/// checksums must fit as it is.
pub fn install_all_modules(
    s: &Session,
    args: &Args,
    upgrade: bool,
    diags: &mut Diagnostics,
) -> Result<(), Failure> {
    let mut told = false;
    let mut progress = |e: ModuleEvent| {
        if !std::mem::replace(&mut told, true) {
            s.ui.line(&s.paint().bold("Installing modules..."));
        }
        match e {
            ModuleEvent::Downloading { key, source, version } => {
                let v = version.map(|v| format!(" {v}")).unwrap_or_default();
                s.ui.line(&format!("- fetching {source}{v} for {key}"));
            }
            ModuleEvent::Installed { key, dir, .. } => s.ui.line(&format!("- {key} in {dir}")),
        }
    };
    let options = s.load_options();
    let tests = super::test::files(s, args, diags);
    let cli = CliConfig::load(s, diags);
    let lock_path = Path::new(MODULE_LOCK_FILE);
    let mut locks = ModuleLocks::read(lock_path, &s.sources, diags);
    s.check(diags)?;
    let before = locks.clone();
    let request = Request {
        root_dir: Path::new("."),
        tests: &tests,
        upgrade,
        fetcher: &s.fetcher(&cli),
        locks: &mut locks,
        prune: true,
    };
    install_with(request, &s.sources, &options, &mut progress, diags);
    s.check(diags)?;
    if locks == before {
        return Ok(());
    }
    if args.get("lockfile") == Some("readonly") {
        return Err(s.fail(Diagnostic::error(
            "Module checksums changed",
            format!("The modules that are needed have changed, but {MODULE_LOCK_FILE} is not to be changed (-lockfile=readonly). Run groma init without that flag and commit the result."),
        )));
    }
    let written = locks.write(lock_path);
    written.map_err(|e| Failure::Message(format!("{MODULE_LOCK_FILE} cannot be written: {e}")))?;
    if before.packages.is_empty() {
        s.ui.line(&format!(
            "\n{MODULE_LOCK_FILE} records what the modules contain. Keep it under version control, so that nobody gets others unnoticed."
        ));
    }
    Ok(())
}

fn run(s: &Session, args: &Args) -> Outcome {
    let _ = s.ui.texts.set("init_output");
    s.json_messages(args);
    let mut diags = Diagnostics::new();
    let paint = s.paint();
    if let Some(source) = args.get("from-module") {
        from_module::copy(s, source, &mut diags)?;
    }
    if manifest_alone() {
        return Err(s.fail(manifest_hint()));
    }
    if args.on("get", true) {
        install_all_modules(s, args, args.on("upgrade", false), &mut diags)?;
    }
    let config = s.config(&mut diags);
    s.check(&diags)?;
    if s.sandbox_dir().is_some() {
        s.ui.line("With -sandbox no AWS provider is installed, and the state is kept beside the embedded AWS. Next: groma plan -sandbox");
        return Ok(0);
    }
    let m = if args.on("backend", true) && args.on("cloud", true) {
        let backend = set_up_backend(s, args, &config.root.module)?;
        s.open_state_in(&*backend, args, None)?
    } else {
        s.open_state_in(&*s.recorded_backend(args)?, args, None)?
    };
    let state = m.file().state.clone();
    s.close_state(m)?;
    s.ui.line(&paint.bold("Installing providers..."));
    let mut cli = CliConfig::load(s, &mut diags);
    if args.given("plugin-dir") {
        use groma_provider::install::{Method, SourceRule};
        cli.installation = Some(
            args.all("plugin-dir")
                .iter()
                .map(|d| SourceRule::all(Method::FilesystemMirror(d.into())))
                .collect(),
        );
    }
    let mut required = requirements(&config, &state, &mut diags);
    super::test::add_requirements(s, args, &mut required, &mut diags);
    s.check(&diags)?;
    let unmanaged = cli.dev_overrides.keys().cloned().chain(s.reattach()?.into_keys()).collect();
    let locks = s.lock_file()?;
    let mode = if args.on("upgrade", false) { InstallMode::Upgrade } else { InstallMode::Normal };
    install(s, args, &cli, unmanaged, &required, &locks, mode)?;
    s.ui.line(&format!("\n{} Next: groma plan", paint.code("1;32", "The working directory is ready.")));
    Ok(0)
}

/// Installs providers and keeps the lock file.
fn install(
    s: &Session,
    args: &Args,
    cli: &CliConfig,
    unmanaged: std::collections::BTreeSet<groma_value::addr::Provider>,
    required: &groma_provider::install::Requirements,
    locks: &groma_provider::install::Locks,
    mode: InstallMode,
) -> Result<(), Failure> {
    let installer = Installer::new(s.install_settings(cli, unmanaged));
    let mut incomplete = Vec::new();
    let done = installer.install(locks, required, mode, &mut |e| {
        if let InstallEvent::IncompleteLock(p) = &e {
            incomplete.push(p.for_display());
        }
        if let Some(text) = describe(&e) {
            s.ui.line(&text);
        }
    });
    let mut errors = Diagnostics::new();
    for f in &done.errors {
        let (summary, version) = match &f.version {
            Some(v) => ("Failed to install provider", format!(" v{v}")),
            None => ("Failed to query available provider packages", String::new()),
        };
        errors.push(Diagnostic::error(
            summary,
            format!(
                "Could not use provider {}{version}: {}.",
                f.provider.for_display(),
                f.error.to_string().trim_end_matches('.')
            ),
        ));
    }
    s.check(&errors)?;
    let changed = done.locks != *locks;
    if changed && args.get("lockfile") == Some("readonly") {
        return Err(s.fail(Diagnostic::error(
            "Provider dependency changes detected",
            "The required providers have changed, but the lock file is not to be changed (-lockfile=readonly). Run groma init without that flag and commit the result.",
        )));
    }
    if changed && (!done.locks.providers.is_empty() || Path::new(LOCK_FILE).exists()) {
        done.locks
            .write(Path::new(LOCK_FILE))
            .map_err(|e| Failure::Message(format!("{LOCK_FILE} cannot be written: {e}")))?;
        s.ui.line(&format!(
            "\n{LOCK_FILE} records the providers that were chosen. Keep it under version control, so that everybody who runs groma init gets the same."
        ));
    }
    if !incomplete.is_empty() {
        s.ui.diags(
            &Diagnostic::warning(
                "Incomplete lock file information for providers",
                format!("{LOCK_FILE} has checksums for this platform only, because the packages come from a place that does not vouch for others: {}. For other platforms, run groma providers lock -platform=OS_ARCH.", incomplete.join(", ")),
            )
            .into(),
            &s.sources,
        );
    }
    Ok(())
}

/// Installs the providers that the configuration of the working directory needs and
/// that are not installed yet, saying something only if there is something to do.
pub fn install_providers(s: &Session, args: &Args) -> Result<(), Failure> {
    let mut diags = Diagnostics::new();
    let config = s.config(&mut diags);
    s.check(&diags)?;
    let cli = CliConfig::load(s, &mut diags);
    let required = requirements(&config, &groma_state::State::default(), &mut diags);
    s.check(&diags)?;
    let locks = s.lock_file()?;
    let mut missing = required.clone();
    missing.retain(|p, _| !p.is_builtin() && !cli.dev_overrides.contains_key(p));
    let directory = s.provider_directory();
    let there = groma_provider::install::check_locks(&locks, &missing).is_empty()
        && groma_provider::install::select_installed(&directory, &locks, missing.keys(), &cli.dev_overrides)
            .is_ok();
    if there {
        return Ok(());
    }
    let unmanaged = cli.dev_overrides.keys().cloned().chain(s.reattach()?.into_keys()).collect();
    install(s, args, &cli, unmanaged, &required, &locks, InstallMode::Normal)
}

/// Makes the backend of the configuration the one of the working directory, with the
/// state if the user wants so, and opens it.
fn set_up_backend(s: &Session, args: &Args, root: &Module) -> Result<Box<dyn Backend>, Failure> {
    let force = args.on("force-copy", false);
    let migrate = args.on("migrate-state", false) || force;
    let reconfigure = args.on("reconfigure", false);
    if migrate && reconfigure {
        return Err(s.fail(Diagnostic::error(
            "Invalid init options",
            "-migrate-state (which -force-copy implies) takes the former backend's state along, -reconfigure forgets the former backend: only one of them can be used.",
        )));
    }
    let env = s.backend_env(args);
    let options = args.all("backend-config");
    let wanted = s.wanted_backend(root)?;
    let mut diags = Diagnostics::new();
    if wanted.is_none() && !options.is_empty() {
        diags.push(Diagnostic::warning(
            "Missing backend configuration",
            "-backend-config was given, but the configuration has no backend block, so the option has no effect. If the local backend is meant, add this to the configuration:\n\nterraform {\n  backend \"local\" {}\n}",
        ));
    }
    let whole = wanted.as_ref().and_then(|w| w.with_options(s, options, &mut diags));
    s.check(&diags)?;
    let saved = s.saved_backend()?;
    let former = saved.clone().filter(|_| !reconfigure);
    let pair = wanted.as_ref().map(|w| (w.ty.as_str(), &w.block));
    let comparison = SavedBackend::compare(former.as_ref(), pair, whole.as_ref());
    let changed =
        matches!(comparison, Comparison::TypeChanged | Comparison::ConfigChanged | Comparison::Removed);
    if changed && !migrate {
        let d = Diagnostic::error(
            "Backend configuration changed",
            "The backend is another one than the working directory was initialised with. To take the state along:\n  groma init -migrate-state\n\nTo use the new backend as it is, with whatever state it has:\n  groma init -reconfigure",
        );
        return Err(s.fail(match &wanted {
            Some(w) => d.at(w.span),
            None => d,
        }));
    }
    let local = |s: &Session| {
        s.local_backend(&groma_state::BackendEnv {
            state: None,
            state_out: None,
            backup: None,
            ..env.clone()
        })
    };
    let Some(w) = wanted else {
        let to = local(s)?;
        if let (true, Some(b)) = (changed, &former) {
            let from = s.open_backend(&b.ty, &b.config, &env, None)?;
            migrate_states(s, args, &*from, &*to, force)?;
            s.ui.line(&format!(
                "The backend {:?} is no longer used; the state is kept in local files.",
                b.ty
            ));
        }
        if saved.is_some() {
            record(s, None)?;
        }
        return s.local_backend(&env);
    };
    if let (Comparison::Same, Some(b)) = (comparison, &former) {
        let opened = s.open_backend(&b.ty, &b.config, &env, Some(&w))?;
        // The block may say the same in other words, or now say what options did.
        let hash = backend_hash(&w.ty, &w.block);
        if b.hash != hash {
            record(s, Some(&SavedBackend { hash, ..b.clone() }))?;
        }
        return Ok(opened);
    }
    let config = s.complete_backend(&w, whole.unwrap_or_else(|| w.block.clone()))?;
    let to = s.open_backend(&w.ty, &config, &env, Some(&w))?;
    let from = match &former {
        Some(b) => s.open_backend(&b.ty, &b.config, &env, None)?,
        None => local(s)?,
    };
    let done = migrate_states(s, args, &*from, &*to, force)?;
    select_workspace(s, &*to)?;
    // What cannot be reached is not recorded.
    let reached = to.open_existing(&s.selected_workspace()?).and_then(|mut store| store.read());
    reached.map_err(|e| s.fail(state_error(&e)))?;
    record(s, Some(&SavedBackend { ty: w.ty.clone(), config, hash: backend_hash(&w.ty, &w.block) }))?;
    if former.is_none() {
        migrate::set_aside(s, &done.copied)?;
    }
    s.ui.line(&format!(
        "The backend {:?} is set up. It is used until the configuration of the backend changes.",
        w.ty
    ));
    Ok(to)
}

fn migrate_states(
    s: &Session,
    args: &Args,
    from: &dyn Backend,
    to: &dyn Backend,
    force: bool,
) -> Result<Migrated, Failure> {
    let done = migrate::migrate(s, args, from, to, force)?;
    for w in &done.copied {
        s.ui.line(&format!("- the state of the workspace {w:?} is in the backend {:?} now", to.kind()));
    }
    Ok(done)
}

fn record(s: &Session, saved: Option<&SavedBackend>) -> Result<(), Failure> {
    SavedBackend::write(saved, &s.record_path()).map_err(|e| s.fail(state_error(&e)))
}

/// Makes sure that the selected workspace exists.
fn select_workspace(s: &Session, backend: &dyn Backend) -> Result<(), Failure> {
    if !backend.has_workspaces() {
        return Ok(());
    }
    let failed = |e| s.fail(state_error(&e));
    let all = backend.workspaces().map_err(failed)?;
    let current = s.selected_workspace()?;
    if all.contains(&current) {
        return Ok(());
    }
    let chosen = match &all[..] {
        [one] => one.clone(),
        _ if !s.input => {
            return Err(s.fail(Diagnostic::error(
                "The selected workspace does not exist",
                format!("The workspace {current:?} is selected, but the backend {:?} has none of that name. It has {}. Select one of them with the environment variable TF_WORKSPACE, or run groma init without -input=false to be asked.", backend.kind(), all.join(", ")),
            )));
        }
        _ => {
            let list: Vec<String> = all.iter().enumerate().map(|(i, w)| format!("{}. {w}", i + 1)).collect();
            let answer = s.ask(
                &format!("The selected workspace, {current:?}, does not exist in this backend."),
                &format!("Which one is to be selected? Enter its number.\n\n{}", list.join("\n")),
            )?;
            let n = answer.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
            match n.and_then(|n| all.get(n)) {
                Some(w) => w.clone(),
                None => {
                    return Err(format!("{answer:?} is none of the numbers from 1 to {}.", all.len()).into());
                }
            }
        }
    };
    groma_state::workspace::select(&s.data_dir, &chosen).map_err(failed)
}

/// What to say of a step of the installation.
pub fn describe(e: &InstallEvent<'_>) -> Option<String> {
    Some(match e {
        InstallEvent::BuiltIn(_) | InstallEvent::IncompleteLock(_) => return None,
        InstallEvent::Finding(p, c) if c.is_any() => {
            format!("- {}: looking for the newest version", p.for_display())
        }
        InstallEvent::Finding(p, c) => {
            format!("- {}: looking for versions matching {:?}", p.for_display(), c.to_string())
        }
        InstallEvent::Reusing(p) => format!("- {}: the version in the lock file", p.for_display()),
        InstallEvent::Warnings(p, w) => format!("- {}: the registry says: {}", p.for_display(), w.join("; ")),
        InstallEvent::AlreadyInstalled(p, v) => format!("- {} v{v} is installed already", p.for_display()),
        InstallEvent::UsingCache(p, v) => format!("- {} v{v} from the plugin cache", p.for_display()),
        InstallEvent::Installing(p, v) => format!("- {} v{v}: installing", p.for_display()),
        InstallEvent::Installed(p, v, a) => {
            format!("- {} v{v} installed ({})", p.for_display(), authentication(a))
        }
    })
}

fn authentication(a: &Authentication) -> String {
    match a {
        Authentication::None => "nobody vouches for it".into(),
        Authentication::Checksum => "checksum verified".into(),
        Authentication::SignedByHashiCorp { .. } => "signed by HashiCorp".into(),
        Authentication::Signed { key_id } => format!("self-signed, key ID {key_id}"),
    }
}
