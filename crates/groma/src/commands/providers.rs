//! `groma providers` and its subcommands

use super::{Command, Failure, Outcome};
use crate::args::{Args, Flag, many, switch, value};
use crate::cli_config::CliConfig;
use crate::commands::init::describe;
use crate::operation::{self, COMMON_FLAGS, TEST_DIRECTORY_FLAG};
use crate::providers::{LOCK_FILE, requirements};
use crate::session::Session;
use groma_config::ModuleNode;
use groma_config::testfile::TestFile;
use groma_lang::{Diagnostic, Diagnostics};
use groma_provider::install::{Installer, Locks, Method, Platform, SourceRule};
use groma_state::State;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// `providers`
pub static COMMAND: Command = Command {
    name: "providers",
    usage: "[flags]",
    summary: "Show which providers the configuration needs, and why",
    help: "Shows, module by module, which providers are required in which versions, and which the state needs besides.",
    flags: &[&[TEST_DIRECTORY_FLAG, operation::SANDBOX], COMMON_FLAGS],
    run,
    main: false,
};

/// `providers schema`
pub static SCHEMA: Command = Command {
    name: "providers schema",
    usage: "-json",
    summary: "Print the schemas of all providers in use as JSON",
    help: "Prints the schemas of the providers that the configuration and the state use.",
    flags: &[&[switch("json", "Print JSON; there is no other form."), operation::SANDBOX], COMMON_FLAGS],
    run: run_schema,
    main: false,
};

const LOCK: &[Flag] = &[
    many(
        "platform",
        "OS_ARCH",
        "Record checksums for this platform. May be given several times; this platform unless given.",
    ),
    value("fs-mirror", "DIR", "Take packages from this mirror directory."),
    value("net-mirror", "URL", "Take packages from this network mirror."),
    switch(
        "enable-plugin-cache",
        "Take what the plugin cache of the CLI configuration has instead of fetching it again. Nobody vouches for those packages.",
    ),
];

/// `providers lock`
pub static LOCK_COMMAND: Command = Command {
    name: "providers lock",
    usage: "[flags] [PROVIDER]...",
    summary: "Record checksums of providers in the lock file",
    help: "Writes checksums of the required providers for the platforms named into the lock file, without installing anything.",
    flags: &[LOCK, COMMON_FLAGS],
    run: run_lock,
    main: false,
};

/// `providers mirror`
pub static MIRROR: Command = Command {
    name: "providers mirror",
    usage: "[flags] DIR",
    summary: "Save all required providers into a mirror directory",
    help: "Downloads the required providers for the platforms named into a directory that can serve as a filesystem or network mirror.",
    flags: &[
        &[
            many(
                "platform",
                "OS_ARCH",
                "For this platform. May be given several times; this platform unless given.",
            ),
            switch(
                "lock-file",
                "Take the versions that the lock file has chosen (on unless -lock-file=false: then the newest acceptable ones).",
            ),
        ],
        COMMON_FLAGS,
    ],
    run: run_mirror,
    main: false,
};

fn run(s: &Session, args: &Args) -> Outcome {
    let mut diags = Diagnostics::new();
    let config = s.loaded(&mut diags)?;
    let mut out = String::from("\nProviders required by configuration:\n.\n");
    let mut tree = Tree::of(&config.root);
    let modules = tree.branches.split_off(tree.own);
    tree.branches.extend(tests(s, args, &mut diags));
    tree.branches.extend(modules);
    s.check(&diags)?;
    tree.write("", &mut out);
    let state = s.read_state(args)?;
    let used: BTreeSet<String> =
        state.resources.values().map(|r| r.provider.provider.provider.to_string()).collect();
    if !used.is_empty() {
        out.push_str("\nProviders required by state:\n\n");
        for p in used {
            out.push_str(&format!("    provider[{p}]\n\n"));
        }
    }
    s.ui.out(&out);
    s.ui.diags(&diags, &s.sources);
    Ok(0)
}

/// A module, a test file or a run with what it needs.
#[derive(Default)]
struct Tree {
    label: String,
    /// How many of the branches are providers; they are the first.
    own: usize,
    branches: Vec<Tree>,
}

impl Tree {
    fn of(node: &Arc<ModuleNode>) -> Tree {
        let mut all: BTreeMap<String, String> = BTreeMap::new();
        for p in node.providers.values() {
            all.entry(p.provider.to_string()).or_default();
        }
        for r in node.module.required_providers.values() {
            all.insert(r.source.to_string(), r.version.clone());
        }
        let provider = |(p, v): (String, String)| {
            let v = if v.is_empty() { v } else { format!(" {v}") };
            Tree { label: format!("provider[{p}]{v}"), ..Tree::default() }
        };
        let mut branches: Vec<Tree> = all.into_iter().map(provider).collect();
        let own = branches.len();
        let modules = node.children.iter();
        branches
            .extend(modules.map(|(name, child)| Tree { label: format!("module.{name}"), ..Tree::of(child) }));
        Tree { own, branches, ..Tree::default() }
    }

    fn write(&self, indent: &str, out: &mut String) {
        for (i, branch) in self.branches.iter().enumerate() {
            let (here, below) =
                if i + 1 == self.branches.len() { ("└──", "    ") } else { ("├──", "│   ") };
            out.push_str(&format!("{indent}{here} {}\n", branch.label));
            branch.write(&format!("{indent}{below}"), out);
        }
    }
}

/// What the modules of runs of the test files need.
fn tests(s: &Session, args: &Args, diags: &mut Diagnostics) -> Vec<Tree> {
    let files = super::test::files(s, args, diags);
    let file = |file: &TestFile| {
        let runs = super::test::run_modules(s, file).into_iter();
        let branches = runs
            .map(|(run, config)| Tree { label: format!("run.{}", run.name.name), ..Tree::of(&config.root) })
            .collect();
        let path = file.path();
        let path: Vec<&str> = path.names().iter().map(|part| &**part).collect();
        Tree { label: path.join("."), own: 0, branches }
    };
    files.iter().map(file).collect()
}

fn run_schema(s: &Session, args: &Args) -> Outcome {
    if !args.on("json", false) {
        return Err("providers schema needs -json: there is no other form.".to_owned().into());
    }
    let mut diags = Diagnostics::new();
    let config = s.config(&mut diags);
    s.check(&diags)?;
    let state = s.read_state(args)?;
    let schemas = s.load_providers(&config, &state, &mut diags)?.schemas;
    s.check(&diags)?;
    s.ui.line(&groma_engine::json::to_text(&groma_engine::json::schemas_json(
        &schemas.into_iter().collect(),
    )));
    Ok(0)
}

fn platforms(args: &Args) -> Result<Vec<Platform>, Failure> {
    let list = args.all("platform");
    if list.is_empty() {
        return Ok(vec![Platform::current()]);
    }
    Ok(list.iter().map(|p| Platform::parse(p)).collect::<Result<_, _>>()?)
}

fn run_lock(s: &Session, args: &Args) -> Outcome {
    let mut diags = Diagnostics::new();
    let config = s.loaded(&mut diags)?;
    let mut cli = CliConfig::load(s, &mut diags);
    match (args.get("fs-mirror"), args.get("net-mirror")) {
        (Some(_), Some(_)) => {
            return Err("-fs-mirror and -net-mirror cannot be used together.".to_owned().into());
        }
        (Some(d), None) => {
            cli.installation = Some(vec![SourceRule::all(Method::FilesystemMirror(PathBuf::from(d)))])
        }
        (None, Some(u)) => {
            cli.installation = Some(vec![SourceRule::all(Method::NetworkMirror(u.to_owned()))])
        }
        (None, None) => cli.installation = Some(vec![SourceRule::all(Method::Direct)]),
    }
    if args.on("enable-plugin-cache", false)
        && let (Some(cache), Some(rules)) = (&cli.plugin_cache_dir, &mut cli.installation)
    {
        rules.insert(0, SourceRule::all(Method::FilesystemMirror(cache.clone())));
    }
    let mut required = requirements(&config, &State::default(), &mut diags);
    s.check(&diags)?;
    required.retain(|p, _| !p.is_builtin());
    if !args.rest.is_empty() {
        let mut named = BTreeSet::new();
        for a in &args.rest {
            let p = groma_value::addr::Provider::parse(a)?;
            if !required.contains_key(&p) {
                return Err(format!("Provider {a} is not required by this configuration.").into());
            }
            named.insert(p);
        }
        required.retain(|p, _| named.contains(p));
    }
    let installer = Installer::new(s.install_settings(&cli, BTreeSet::new()));
    let locks = s.lock_file()?;
    let done = installer.lock(&locks, &required, &platforms(args)?, &mut |e| {
        if let Some(t) = describe(&e) {
            s.ui.line(&t);
        }
    });
    report(s, &done.errors)?;
    done.locks.write(Path::new(LOCK_FILE)).map_err(|e| format!("{LOCK_FILE} cannot be written: {e}"))?;
    s.ui.line(if done.locks == locks {
        "\nThe lock file has all these checksums already."
    } else {
        "\nThe lock file was updated. Review the change and commit it."
    });
    Ok(0)
}

fn run_mirror(s: &Session, args: &Args) -> Outcome {
    let [dir] = &args.rest[..] else {
        return Err("providers mirror takes the directory of the mirror.".to_owned().into());
    };
    let mut diags = Diagnostics::new();
    let config = s.loaded(&mut diags)?;
    let cli = CliConfig::load(s, &mut diags);
    let mut required = requirements(&config, &State::default(), &mut diags);
    s.check(&diags)?;
    required.retain(|p, _| !p.is_builtin());
    let installer = Installer::new(s.install_settings(&cli, BTreeSet::new()));
    let locks = if args.on("lock-file", true) { s.lock_file()? } else { Locks::default() };
    let errors = installer.mirror(&locks, &required, &platforms(args)?, Path::new(dir), &mut |e| {
        if let Some(t) = describe(&e) {
            s.ui.line(&t);
        }
    });
    report(s, &errors)?;
    Ok(0)
}

fn report(s: &Session, failures: &[groma_provider::install::InstallFailure]) -> Result<(), Failure> {
    let mut diags = Diagnostics::new();
    for f in failures {
        diags.push(Diagnostic::error(
            "Could not use provider package",
            format!("Provider {}: {}.", f.provider.for_display(), f.error.to_string().trim_end_matches('.')),
        ));
    }
    s.check(&diags)
}
