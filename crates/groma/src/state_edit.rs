//! What the commands share that look into a state or change it by hand.

use crate::args::{Args, Flag, value};
use crate::commands::Failure;
use crate::session::Session;
use crate::state::{duration, state_error};
use groma_lang::Diagnostic;
use groma_state::manager::Manager;
use groma_state::{Backend, BackendEnv, InstanceState, ResourceState, State};
use groma_value::addr::{Key, Mode, ResourceInstance, Target};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// `-state` of commands that only read.
pub const READ_FLAGS: &[Flag] =
    &[value("state", "PATH", "The state file to read, instead of the state of the working directory.")];

/// `-state` and `-backup` of commands that change the state.
pub const EDIT_FLAGS: &[Flag] = &[
    value("state", "PATH", "The state file to change, instead of the state of the working directory."),
    value(
        "backup",
        "PATH",
        "Where the former state is kept; PATH.SECONDS.backup unless given, with the path of the state and the time.",
    ),
];

/// A state that is being looked at or changed by hand.
pub struct Open {
    /// The state.
    pub manager: Manager,
    /// Where it is, if it is a local file.
    pub file: Option<PathBuf>,
}

impl Session {
    /// The backend that a state command works on: with `-state`, that file, whatever
    /// the configuration says.
    fn edited_backend(&self, args: &Args, env: &BackendEnv) -> Result<Box<dyn Backend>, Failure> {
        if args.given("state") { self.local_backend(env) } else { self.backend_with(env) }
    }

    /// Opens the state for a command that only looks at it. An error where there is none.
    pub fn look_into_state(&self, args: &Args) -> Result<Manager, Failure> {
        let backend = self.edited_backend(args, &self.backend_env(args))?;
        let m = self.open_state_in(&*backend, args, None)?;
        self.existing(m)
    }

    /// Opens the state for a command that changes it, with a lock. Unlike in a run,
    /// where the latest backup is enough, each change has a backup of its own.
    pub fn edit_state(&self, args: &Args, operation: &str) -> Result<Open, Failure> {
        let mut env = BackendEnv { backup: None, state_out: None, ..self.backend_env(args) };
        let backend = self.edited_backend(args, &env)?;
        let backup = args.get("backup").filter(|b| !b.is_empty() && *b != "-");
        if backend.kind() != "local" {
            if backup.is_some() {
                return Err(self.fail(Diagnostic::error(
                    "Invalid command line options: -backup",
                    format!("Backups are for local state files; the state is in the backend {:?} here. Name a file with -state, or leave -backup out.", backend.kind()),
                )));
            }
            let manager = self.open_state_in(&*backend, args, Some(operation))?;
            return Ok(Open { manager: self.existing(manager)?, file: None });
        }
        let workspace = self.selected_workspace()?;
        let failed = |e| self.fail(state_error(&e));
        let mut store = backend.open_existing(&workspace).map_err(failed)?;
        // Before the lock, which would make the file. A first run that was interrupted
        // has left a journal only.
        let journal = store.journal_path().is_some_and(|p| p.exists());
        if !journal && store.read().map_err(failed)?.is_none() {
            return Err(self.no_state());
        }
        let file = PathBuf::from(store.describe());
        env.backup = Some(backup.map_or_else(|| backup_path(&file), PathBuf::from));
        let backend = self.edited_backend(args, &env)?;
        let manager = self.open_state_in(&*backend, args, Some(operation))?;
        Ok(Open { manager: self.existing(manager)?, file: Some(file) })
    }

    /// Opens a state file that may not exist yet, with a lock.
    pub fn edit_file(
        &self,
        args: &Args,
        path: &Path,
        backup: Option<&str>,
        operation: &str,
    ) -> Result<Manager, Failure> {
        let backup =
            backup.filter(|b| !b.is_empty() && *b != "-").map_or_else(|| backup_path(path), PathBuf::from);
        let env = BackendEnv {
            state: Some(path.to_owned()),
            state_out: None,
            backup: Some(backup),
            ..self.backend_env(args)
        };
        let backend = self.local_backend(&env)?;
        self.open_state_in(&*backend, args, Some(operation))
    }

    fn existing(&self, m: Manager) -> Result<Manager, Failure> {
        if m.exists() || !m.file().state.is_empty() {
            return Ok(m);
        }
        self.close_state(m)?;
        Err(self.no_state())
    }

    fn no_state(&self) -> Failure {
        self.fail(Diagnostic::error(
            "No state file was found!",
            "There is no state here yet. Run the command where groma apply has been run, select another workspace, or name a state file with -state.",
        ))
    }

    /// Saves a changed state and ends its use.
    pub fn save_edited(&self, mut m: Manager, state: State) -> Result<(), Failure> {
        let saved = self.save_state(&mut m, state);
        let closed = self.close_state(m);
        saved?;
        closed
    }

    /// Ends the use of a state that cannot be changed as wished, and says why.
    pub fn refuse(&self, m: Manager, d: Diagnostic) -> Failure {
        match self.close_state(m) {
            Ok(()) => self.fail(d),
            Err(f) => {
                self.fail(d);
                f
            }
        }
    }

    /// Reads an address.
    pub fn address(&self, text: &str) -> Result<Target, Failure> {
        Target::parse(text).map_err(|e| self.fail(Diagnostic::error("Invalid address", format!("{e}."))))
    }
}

/// `terraform.tfstate.1700000000.backup`; with a number after the time where an earlier
/// command of the same second made that one.
fn backup_path(file: &Path) -> PathBuf {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    let path = |n: u32| match n {
        1 => PathBuf::from(format!("{}.{now}.backup", file.display())),
        n => PathBuf::from(format!("{}.{now}-{n}.backup", file.display())),
    };
    (1..).map(path).find(|p| !p.exists()).unwrap_or_else(|| path(1))
}

/// Fails early on flags that cannot be right, before the state is touched.
pub fn check_flags(args: &Args) -> Result<(), Failure> {
    args.get("lock-timeout").map_or(Ok(()), |t| duration(t).map(|_| ()).map_err(Failure::from))
}

/// An instance of a state.
pub type Instance<'s> = (ResourceInstance, &'s ResourceState, &'s InstanceState);

/// All instances in the order in which people read them: outer modules before inner
/// ones, data sources before resources.
pub fn instances(state: &State) -> Vec<Instance<'_>> {
    let mut all: Vec<_> = state.instances().collect();
    let rank =
        |a: &ResourceInstance| (a.module.steps().len(), a.module.clone(), a.resource.mode != Mode::Data);
    // Stable: what is equal by rank is in order of addresses already.
    all.sort_by_cached_key(|(a, ..)| rank(a));
    all
}

/// Whether an address names the instance. The last module step without a key stands
/// for all keys; everything else is meant as it is written.
pub fn names(target: &Target, addr: &ResourceInstance) -> bool {
    match target {
        Target::Resource(r) => r.module == addr.module && r.resource == addr.resource,
        Target::Instance(i) => i == addr,
        Target::Module(m) => {
            let (steps, of) = (m.steps(), addr.module.steps());
            let (Some(((name, key), outer)), true) = (steps.split_last(), of.len() >= steps.len()) else {
                return false;
            };
            let at = &of[steps.len() - 1];
            of[..outer.len()] == *outer && at.0 == *name && (*key == Key::None || at.1 == *key)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_instances() {
        let yes = |t: &str, a: &str| names(&Target::parse(t).unwrap(), &ResourceInstance::parse(a).unwrap());
        assert!(yes("a.b", "a.b[0]"));
        assert!(yes("module.m", "module.m[1].a.b"));
        assert!(yes("module.m", "module.m.module.n[0].a.b"));
        assert!(yes("module.m[1]", "module.m[1].module.n.a.b"));
        assert!(!yes("module.m[1]", "module.m[2].a.b"));
        assert!(!yes("module.m.module.n", "module.m[0].module.n.a.b"));
        assert!(!yes("module.m.a.b", "module.m[0].a.b"));
        assert!(!yes("a.b[0]", "a.b"));
        assert!(!yes("module.m", "a.b"));
    }

    #[test]
    fn outer_modules_come_first() {
        let mut state = State::default();
        let provider =
            groma_value::addr::ProviderConfig::root_default(groma_value::addr::Provider::builtin());
        let texts =
            ["module.a.module.b.x.y", "x.y[10]", "data.x.y", "module.c.x.y", "x.y[2]", "module.a.x.y", "a.b"];
        for text in texts {
            let addr = ResourceInstance::parse(text).unwrap();
            let object = std::sync::Arc::new(groma_state::Object {
                status: groma_state::Status::Ready,
                schema_version: 0,
                attributes: "{}".into(),
                attributes_flat: None,
                sensitive_paths: Default::default(),
                private: [].into(),
                dependencies: [].into(),
                create_before_destroy: false,
                identity: None,
            });
            state.set_current(&addr, &provider, Some(object));
        }
        let order: Vec<String> = instances(&state).iter().map(|(a, ..)| a.to_string()).collect();
        assert_eq!(
            order,
            ["data.x.y", "a.b", "x.y[2]", "x.y[10]", "module.a.x.y", "module.c.x.y", "module.a.module.b.x.y"]
        );
    }
}
