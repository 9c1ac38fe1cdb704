//! Working with a platform: the manifest of the working directory, what is
//! remembered of it, and its root modules, which are compiled into `.groma` and run
//! there as any directory of Terraform is.

pub mod adopt;
pub mod aftermath;
pub mod apply;
pub mod elsewhere;
pub mod lift;
pub mod locks;
pub mod losses;
pub mod moved;
pub mod remains;
pub mod roots;
pub mod show;
pub mod strays;

use crate::args::{Args, Flag, switch, value};
use crate::commands::Failure;
use crate::operation::{JSON_LINES, SANDBOX};
use crate::session::Session;
use crate::state::state_error;
use groma_lang::{Diagnostic, Diagnostics};
use groma_platform::compile::{Backend, Compiler, Root, allocate};
use groma_platform::manifest::Manifest;
use groma_platform::record::{Live, RECORD, Record};
use groma_platform::{Environment, StateLocation};
use groma_state::OutputValue;
use groma_state::manager::Manager;
use groma_value::{Type, Value};
use locks::Access;
use std::path::{Path, PathBuf};

/// Flags of all commands that work with a platform.
pub const PLATFORM_FLAGS: &[Flag] = &[SANDBOX];

/// The flag for environments of which there are many.
pub const EACH_FLAGS: &[Flag] = &[value(
    "each",
    "LABEL",
    "Which one is meant, of an environment of which there are many (those with each).",
)];

/// Flags of commands that change something.
pub const CHANGE_FLAGS: &[Flag] = &[
    switch("auto-approve", "Do not ask for approval."),
    switch("details", "Show every resource with all its attributes, not a line for each component."),
    JSON_LINES,
    value("parallelism", "N", "How many provider operations run at once; 10 unless given."),
];

/// A platform that is being worked with.
pub struct Project<'s> {
    /// The run.
    pub s: &'s Session,
    /// Flags.
    pub args: &'s Args,
    /// The manifest's directory, absolute.
    pub dir: PathBuf,
    /// Where root modules, states (of the local kind) and the like are, absolute.
    pub data: PathBuf,
    /// The manifest.
    pub manifest: Manifest,
    /// Whether the embedded AWS is used.
    pub sandbox: bool,
    /// Whether nobody is to be asked.
    pub unasked: bool,
}

impl<'s> Project<'s> {
    /// Reads the manifest of the working directory and chooses between AWS and the
    /// embedded one.
    pub fn open(s: &'s Session, args: &'s Args) -> Result<Project<'s>, Failure> {
        let dir =
            std::env::current_dir().map_err(|e| format!("The working directory cannot be read: {e}"))?;
        let mut diags = Diagnostics::new();
        let manifest = Manifest::load(Path::new("."), &s.sources, &mut diags);
        s.check(&diags)?;
        let Some(manifest) = manifest else { return Err(Failure::Reported) };
        let sandbox = args.on("sandbox", false);
        let mut data = dir.join(".groma");
        if sandbox {
            data.push("sandbox");
            std::fs::create_dir_all(data.join("aws")).map_err(|e| {
                format!("{} cannot be made, and the sandbox keeps its AWS there: {e}", data.display())
            })?;
            s.use_sandbox(&data.join("aws"), manifest.platform.accounts.first().map(|a| a.id.as_str()))?;
        }
        Ok(Project { s, args, dir, data, manifest, sandbox, unasked: args.on("auto-approve", false) })
    }

    /// The environment that the arguments name: its name, and `-each` where it has one.
    pub fn environment(&self, name: &str) -> Result<Environment, Failure> {
        let label = self.args.get("each");
        self.manifest.environment(name, label).map_err(|d| {
            // Only what is remembered of it is left.
            let record = self.recorded().ok();
            let remains = record.as_ref().and_then(|r| self.remains(r, name, label));
            // What status calls it.
            let one_of = record.as_ref().and_then(|r| r.environments.get(name)).filter(|_| label.is_none());
            let one_of = one_of.and_then(|l| Some((l.label.clone()?, l.name.clone())));
            self.s.fail(match remains {
                None if let Some((label, kind)) = one_of => Diagnostic::error(
                    format!("{name} is one of many"),
                    format!("It is the environment {kind} of the label {label:?}. Write it as:\n  -each={label} {kind}"),
                ),
                None => d,
                Some(r) => Diagnostic::error(
                    format!("{} is no longer declared", r.slug),
                    format!(
                        "It is there, but groma.hcl says nothing of it any more. Declare it again, or take it down:\n  {}",
                        self.command_for("down", None, &r.slug)
                    ),
                ),
            })
        })
    }

    /// The environment of the command's only argument.
    pub fn named(&self, command: &str) -> Result<Environment, Failure> {
        match &self.args.rest[..] {
            [name] => self.environment(name),
            [] => {
                let names: Vec<&str> = self.manifest.environments().iter().map(|e| e.name.as_str()).collect();
                Err(format!("groma {command} needs an environment: {}.", names.join(", ")).into())
            }
            _ => Err(format!("groma {command} takes one environment. Flags go before it.").into()),
        }
    }

    /// Where the state of a root module is, as seen from a directory below which
    /// `roots/NAME` is.
    pub fn backend(&self, root: &str) -> Backend {
        self.backend_from("../../state", root)
    }

    /// As [`Project::backend`], with the directory of local states as it is seen from
    /// elsewhere.
    fn backend_from(&self, states: &str, root: &str) -> Backend {
        match &self.manifest.platform.state {
            StateLocation::S3 { bucket, region, prefix } if !self.sandbox => {
                groma_platform::compile::s3_backend(bucket, region, prefix, root)
            }
            _ => groma_platform::compile::local_backend(states, root),
        }
    }

    /// The root modules that an environment needs, with its own as the last.
    pub fn compile(&self, env: &Environment, record: &Record) -> Result<Vec<Root>, Failure> {
        let backend = |root: &str| self.backend(root);
        let c = Compiler { manifest: &self.manifest, record, backend: &backend };
        c.roots(env).map_err(|d| self.s.fail(d))
    }

    /// Who works: `user@host`.
    pub fn who(&self) -> String {
        let env = &self.s.env;
        let user = env.get("USER").or_else(|| env.get("LOGNAME")).map_or("unknown", String::as_str);
        format!("{user}@{}", rustix::system::uname().nodename().to_string_lossy())
    }

    /// The record as it is now.
    pub fn recorded(&self) -> Result<Record, Failure> {
        record_of(&self.stored(RECORD)?)
    }

    /// The environments of the sandbox, where AWS is worked with.
    pub fn in_sandbox(&self) -> Vec<String> {
        let file = self.dir.join(".groma/sandbox/state").join(format!("{RECORD}.tfstate"));
        let Ok(bytes) = std::fs::read(file) else { return Vec::new() };
        let state: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let text = state.pointer("/outputs/record/value").and_then(|v| v.as_str()).unwrap_or_default();
        match Record::parse(text) {
            Ok(record) if !self.sandbox => record.environments.into_keys().collect(),
            _ => Vec::new(),
        }
    }

    /// Changes what is remembered; where `change` fails, nothing. Addresses are given to
    /// networks that need them.
    pub fn remember<T>(
        &self,
        change: impl FnOnce(&mut Record) -> Result<T, Failure>,
    ) -> Result<(Record, T), Failure> {
        // The state's paths are relative to its directory, so all of it happens there.
        self.within(&self.root_dir(RECORD)?, || {
            let mut manager = self.state(RECORD, &locks::RECORD_ACCESS)?;
            let result = self.rewrite(&mut manager, change);
            let closed = self.s.close_state(manager);
            let result = result?;
            closed?;
            Ok(result)
        })
    }

    fn rewrite<T>(
        &self,
        manager: &mut Manager,
        change: impl FnOnce(&mut Record) -> Result<T, Failure>,
    ) -> Result<(Record, T), Failure> {
        let mut record = record_of(&manager.file().state)?;
        let result = change(&mut record)?;
        // The manifest's paths are relative to it.
        self.within(&self.dir, || allocate(&self.manifest, &mut record).map_err(|d| self.s.fail(d)))?;
        let mut state = manager.file().state.clone();
        let value = Value::string(record.text());
        state.outputs.insert("record".into(), OutputValue { value, ty: Type::String, sensitive: false });
        self.s.save_state(manager, state)?;
        Ok((record, result))
    }

    /// The directory of a root module, which is made if it is not there.
    pub fn root_dir(&self, root: &str) -> Result<PathBuf, Failure> {
        let dir = self.data.join("roots").join(root);
        std::fs::create_dir_all(&dir).map_err(|e| format!("{} cannot be made: {e}", dir.display()))?;
        Ok(dir)
    }

    /// The state of a root module as it is stored. Nothing is written, and no directory made.
    pub fn stored(&self, root: &str) -> Result<groma_state::State, Failure> {
        let s = self.s;
        let dir = self.data.join("roots").join(root);
        let read = |m: Manager| {
            let state = m.file().state.clone();
            s.close_state(m)?;
            Ok(state)
        };
        if dir.is_dir() {
            return self.within(&dir, || read(self.state(root, &Access::Read)?));
        }
        // Nothing was run from here, so that there is no journal either.
        let states = self.data.strip_prefix(&self.dir).unwrap_or(&self.data).join("state");
        self.within(&self.dir, || {
            let backend = self.open_in(self.backend_from(&states.to_string_lossy(), root))?;
            let set = s.env.get("TF_WORKSPACE").map(String::as_str);
            let workspace = groma_state::workspace::selected(&dir.join(&s.data_dir), set);
            let store = workspace.and_then(|w| backend.open_existing(&w));
            read(s.manage(store.map_err(|e| s.fail(state_error(&e)))?, None, None, false)?)
        })
    }

    /// Opens the place of a root module's state; the working directory must be the root
    /// module's.
    pub fn open_backend(&self, root: &str) -> Result<Box<dyn groma_state::Backend>, Failure> {
        self.open_in(self.backend(root))
    }

    fn open_in(&self, (kind, config): Backend) -> Result<Box<dyn groma_state::Backend>, Failure> {
        let config = Value::object(config.into_iter().map(|(k, v)| {
            let v = if v == "true" { Value::bool(true) } else { Value::string(&v) };
            (k, v)
        }));
        let config = crate::backend::conform(&kind, &config).map_err(|e| self.s.fail(state_error(&e)))?;
        let env = crate::backend::environment(Path::new("."), self.s.env.clone());
        self.s.open_backend(&kind, &config, &env, None)
    }

    /// Does something in another working directory and comes back.
    pub fn within<T>(&self, dir: &Path, f: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
        let enter = |d: &Path| {
            std::env::set_current_dir(d)
                .map_err(|e| Failure::Message(format!("Cannot work in {}: {e}", d.display())))
        };
        let before =
            std::env::current_dir().map_err(|e| format!("The working directory cannot be read: {e}"))?;
        enter(dir)?;
        let result = f();
        enter(&before)?;
        result
    }

    /// A command line for an environment, to be typed as it is: `groma up -each=x branch`.
    pub fn command(&self, verb: &str, env: &Environment) -> String {
        self.command_for(verb, env.label.as_deref(), &env.name)
    }

    /// As [`Project::command`], by the environment's label and name.
    pub fn command_for(&self, verb: &str, label: Option<&str>, name: &str) -> String {
        let mut out = String::from("groma");
        if self.s.original_dir != self.dir {
            let there = self.dir.strip_prefix(&self.s.original_dir).unwrap_or(&self.dir);
            out.push_str(&format!(" -chdir={}", there.display()));
        }
        out.push_str(&format!(" {verb}"));
        if self.sandbox {
            out.push_str(" -sandbox");
        }
        if let Some(l) = label {
            out.push_str(&format!(" -each={l}"));
        }
        if !name.is_empty() {
            out.push_str(&format!(" {name}"));
        }
        out
    }

    /// What is remembered of an environment that must be up.
    pub fn live(&self, record: &Record, env: &Environment) -> Result<Live, Failure> {
        record.environments.get(&env.slug).cloned().ok_or_else(|| {
            self.s.fail(Diagnostic::error(
                format!("{} is not up", env.slug),
                format!("There is nothing to do it to. To bring it up:\n  {}", self.command("up", env)),
            ))
        })
    }
}

/// What the record's state says.
fn record_of(state: &groma_state::State) -> Result<Record, Failure> {
    let text = state.outputs.get("record").and_then(|o| o.value.as_str()).unwrap_or_default();
    Record::parse(text).map_err(Failure::from)
}

/// Seconds since 1970.
pub fn now() -> u64 {
    u64::try_from(jiff::Timestamp::now().as_second()).unwrap_or(0)
}
