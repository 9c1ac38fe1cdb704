//! `groma init`

use super::{Command, Failure, Outcome};
use crate::args::{Args, Flag, many, switch, value};
use crate::cli_config::CliConfig;
use crate::operation::COMMON_FLAGS;
use crate::providers::{LOCK_FILE, requirements};
use crate::session::Session;
use crate::state::LOCK_FLAGS;
use groma_config::install::{InstallEvent as ModuleEvent, NoFetcher, install_modules};
use groma_lang::{Diagnostic, Diagnostics};
use groma_provider::install::{Authentication, InstallEvent, InstallMode, Installer};
use std::path::Path;

const FLAGS: &[Flag] = &[
    switch("upgrade", "Choose the newest acceptable versions of providers and modules, whatever the lock file says."),
    value("lockfile", "MODE", "\"readonly\": fail rather than change the lock file."),
    switch("backend", "Set up the backend (on unless -backend=false)."),
    switch("get", "Install modules (on unless -get=false)."),
    many("backend-config", "FILE|NAME=VALUE", "Settings of the backend that are not in the configuration."),
    switch("reconfigure", "Take the backend's configuration as it is now, without looking at a former one."),
    switch("migrate-state", "Copy the state from the former backend to the new one."),
    switch("force-copy", "Answer yes to questions about copying states."),
    value("from-module", "SOURCE", "Not supported: copy the module by other means."),
    many("plugin-dir", "DIR", "Take providers from this directory only. May be given several times."),
    switch("json", "Print machine-readable lines instead of text."),
];

/// The command.
pub static COMMAND: Command = Command {
    name: "init",
    usage: "[flags]",
    summary: "Prepare the working directory: modules, providers, backend",
    help: "Installs the modules and providers that the configuration needs, records the choice of providers in .terraform.lock.hcl, and sets up the backend. May be run again at any time.",
    flags: &[FLAGS, LOCK_FLAGS, COMMON_FLAGS],
    run,
    main: true,
};

fn run(s: &Session, args: &Args) -> Outcome {
    let mut diags = Diagnostics::new();
    let paint = s.paint();
    if args.on("get", true) {
        let mut told = false;
        let mut progress = |e: ModuleEvent| {
            if !std::mem::replace(&mut told, true) {
                s.ui.line(&paint.bold("Installing modules..."));
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
        install_modules(Path::new("."), args.on("upgrade", false), &NoFetcher, &s.sources, &options, &mut progress, &mut diags);
        s.check(&diags)?;
    }
    let config = s.config(&mut diags);
    s.check(&diags)?;
    let state = match s.open_state(args, None) {
        Ok(m) => {
            let state = m.file().state.clone();
            s.close_state(m)?;
            state
        }
        Err(e) => return Err(e),
    };
    s.ui.line(&paint.bold("Installing providers..."));
    let mut cli = CliConfig::load(s, &mut diags);
    if args.given("plugin-dir") {
        use groma_provider::install::{Method, SourceRule};
        cli.installation =
            Some(args.all("plugin-dir").iter().map(|d| SourceRule::all(Method::FilesystemMirror(d.into()))).collect());
    }
    let required = requirements(&config, &state, &mut diags);
    s.check(&diags)?;
    let unmanaged = cli.dev_overrides.keys().cloned().chain(s.reattach()?.into_keys()).collect();
    let installer = Installer::new(s.install_settings(&cli, unmanaged));
    let locks = s.lock_file()?;
    let upgrade = if args.on("upgrade", false) { InstallMode::Upgrade } else { InstallMode::Normal };
    let mut incomplete = Vec::new();
    let done = installer.install(&locks, &required, upgrade, &mut |e| {
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
        errors.push(Diagnostic::error(summary, format!("Could not use provider {}{version}: {}.", f.provider.for_display(), f.error.to_string().trim_end_matches('.'))));
    }
    s.check(&errors)?;
    let changed = done.locks != locks;
    if changed && args.get("lockfile") == Some("readonly") {
        return Err(s.fail(Diagnostic::error(
            "Provider dependency changes detected",
            "The required providers have changed, but the lock file is not to be changed (-lockfile=readonly). Run groma init without that flag and commit the result.",
        )));
    }
    if changed && !(done.locks.providers.is_empty() && !Path::new(LOCK_FILE).exists()) {
        done.locks.write(Path::new(LOCK_FILE)).map_err(|e| Failure::Message(format!("{LOCK_FILE} cannot be written: {e}")))?;
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
    s.ui.line(&format!("\n{} Next: groma plan", paint.code("1;32", "The working directory is ready.")));
    Ok(0)
}

/// What to say of a step of the installation.
pub fn describe(e: &InstallEvent<'_>) -> Option<String> {
    Some(match e {
        InstallEvent::BuiltIn(_) | InstallEvent::IncompleteLock(_) => return None,
        InstallEvent::Finding(p, c) if c.is_any() => format!("- {}: looking for the newest version", p.for_display()),
        InstallEvent::Finding(p, c) => format!("- {}: looking for versions matching {:?}", p.for_display(), c.to_string()),
        InstallEvent::Reusing(p) => format!("- {}: the version in the lock file", p.for_display()),
        InstallEvent::Warnings(p, w) => format!("- {}: the registry says: {}", p.for_display(), w.join("; ")),
        InstallEvent::AlreadyInstalled(p, v) => format!("- {} v{v} is installed already", p.for_display()),
        InstallEvent::UsingCache(p, v) => format!("- {} v{v} from the plugin cache", p.for_display()),
        InstallEvent::Installing(p, v) => format!("- {} v{v}: installing", p.for_display()),
        InstallEvent::Installed(p, v, a) => format!("- {} v{v} installed ({})", p.for_display(), authentication(a)),
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
