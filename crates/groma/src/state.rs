//! The state of the working directory: opening, locking, recording, saving.

use crate::args::{Args, Flag, switch, value};
use crate::commands::Failure;
use crate::session::Session;
use groma_engine::{StateChange, StateSink};
use groma_lang::Diagnostic;
use groma_state::manager::{LockRequest, Manager, save_errored};
use groma_state::{Backend, BackendEnv, Change, Journal, LockInfo, State, StateError};
use groma_value::Value;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The flags about the lock.
pub const LOCK_FLAGS: &[Flag] = &[
    switch(
        "lock",
        "Take the state's lock while working (on unless -lock=false). Without it, two runs at once can destroy each other's results.",
    ),
    value(
        "lock-timeout",
        "DURATION",
        "How long to wait for the lock while somebody else holds it, e.g. 30s or 5m.",
    ),
];

/// The flag of Terraform that concerns backends which run operations themselves.
pub const IGNORE_REMOTE_VERSION: Flag = switch(
    "ignore-remote-version",
    "Accepted for the sake of scripts: it concerns the remote backend of Terraform only.",
);

/// The flags about files of the local backend.
pub const STATE_FLAGS: &[Flag] = &[
    value(
        "state",
        "PATH",
        "The state file to read, instead of the one of the workspace. Local backend only.",
    ),
    value("state-out", "PATH", "The state file to write, instead of the one read. Local backend only."),
    value("backup", "PATH", "Where the former state is kept; \"-\" for nowhere. Local backend only."),
];

/// Reads a duration as Go writes it: `90s`, `1m30s`, `500ms`.
pub fn duration(text: &str) -> Result<Duration, String> {
    let bad = || format!("{text:?} is no duration. Write a number and a unit, such as 30s or 5m.");
    let mut rest = text;
    let mut total = Duration::ZERO;
    if rest == "0" {
        return Ok(total);
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(bad)?;
        let n: f64 = rest[..digits].parse().map_err(|_| bad())?;
        rest = &rest[digits..];
        let unit = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let seconds = match &rest[..unit] {
            "ms" => 0.001,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return Err(bad()),
        };
        total += Duration::from_secs_f64(n * seconds);
        rest = &rest[unit..];
    }
    Ok(total)
}

/// The diagnostic of a state error.
pub fn state_error(e: &StateError) -> Diagnostic {
    if e.lock_conflict().is_some() {
        return Diagnostic::error(
            "Error acquiring the state lock",
            format!(
                "{e}\n\nThe lock keeps two runs from changing the state at the same time. If it was left behind by a run that died, remove it with:\n  groma force-unlock LOCK_ID"
            ),
        );
    }
    match e {
        StateError::Backend(p) => Diagnostic::error(&p.summary, &p.detail),
        StateError::Invalid(problems) if problems.len() == 1 => {
            Diagnostic::error(&problems[0].summary, &problems[0].detail)
        }
        _ => Diagnostic::error("Error with the state", format!("{e}.")),
    }
}

impl Session {
    /// Opens the state of the selected workspace. `operation` is what the lock says;
    /// `None` opens it for reading.
    pub fn open_state(&self, args: &Args, operation: Option<&str>) -> Result<Manager, Failure> {
        let backend = self.backend(args)?;
        self.open_state_in(&*backend, args, operation)
    }

    /// As [`Session::open_state`], in a backend that is open already.
    pub fn open_state_in(
        &self,
        backend: &dyn Backend,
        args: &Args,
        operation: Option<&str>,
    ) -> Result<Manager, Failure> {
        let workspace = self.selected_workspace()?;
        // Looking at a workspace that does not exist must not create it.
        let store =
            if operation.is_some() { backend.open(&workspace) } else { backend.open_existing(&workspace) };
        let store = store.map_err(|e| self.fail(state_error(&e)))?;
        let lock = match operation {
            Some(op) => self.lock_request(args, op)?,
            None => None,
        };
        let dir = self.sandbox_dir().unwrap_or_else(|| self.data_dir.clone());
        let journal = dir.join(format!("{workspace}.tfstate.journal"));
        self.manage(store, Some(journal), lock.as_ref(), operation.is_some())
    }

    /// The workspace that is selected, if its name may be one.
    pub fn selected_workspace(&self) -> Result<String, Failure> {
        let set = self.env.get("TF_WORKSPACE").map(String::as_str);
        groma_state::workspace::selected(&self.data_dir, set).map_err(|e| self.fail(state_error(&e)))
    }

    /// How the lock is to be taken, from flags; `None` where it is not.
    pub fn lock_request(&self, args: &Args, operation: &str) -> Result<Option<LockRequest>, Failure> {
        if !args.on("lock", true) {
            return Ok(None);
        }
        let timeout = match args.get("lock-timeout") {
            Some(t) => duration(t)?,
            None => Duration::ZERO,
        };
        let user = self.env.get("USER").or_else(|| self.env.get("LOGNAME")).map_or("unknown", String::as_str);
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        Ok(Some(LockRequest { info: LockInfo::new(operation, &format!("{user}@{host}")), timeout }))
    }

    /// Puts a store to use, and tells what a user should hear of.
    pub fn manage(
        &self,
        store: Box<dyn groma_state::StateStore>,
        journal: Option<PathBuf>,
        lock: Option<&LockRequest>,
        writes: bool,
    ) -> Result<Manager, Failure> {
        let interrupt = self.interrupt.clone();
        let mut m = Manager::open(store, journal, lock, writes, &|| interrupt.stopping())
            .map_err(|e| self.fail(state_error(&e)))?;
        for n in m.take_notices() {
            self.ui.diags(&Diagnostic::warning(n.summary, n.detail).into(), &self.sources);
        }
        Ok(m)
    }

    /// Saves what is true now; where that fails, into `errored.tfstate`.
    pub fn save_state(&self, m: &mut Manager, state: State) -> Result<(), Failure> {
        if let Err(e) = m.persist(state.clone()) {
            let base = m.file().clone();
            let saved = match save_errored(Path::new("."), &base, state) {
                Ok(p) => format!(
                    "The state was saved to {:?} instead. When the cause is gone, put it in its place with:\n  groma state push {}",
                    p.display().to_string(),
                    p.display()
                ),
                Err(e2) => format!(
                    "It could not be saved elsewhere either: {e2}. What the journal has will be recovered by the next run."
                ),
            };
            return Err(self.fail(Diagnostic::error("Failed to save state", format!("{e}.\n\n{saved}"))));
        }
        Ok(())
    }

    /// The state that a command only reads.
    pub fn read_state(&self, args: &Args) -> Result<State, Failure> {
        let m = self.open_state(args, None)?;
        let state = m.file().state.clone();
        self.close_state(m)?;
        Ok(state)
    }

    /// Ends the use of a state.
    pub fn close_state(&self, m: Manager) -> Result<(), Failure> {
        m.close().map(|_| ()).map_err(|e| self.fail(state_error(&e)))
    }
}

/// Puts every finished change into the journal before the engine goes on.
pub struct JournalSink {
    journal: Option<Arc<Journal>>,
    outputs: Mutex<std::collections::BTreeMap<String, groma_state::OutputValue>>,
}

impl JournalSink {
    /// For the journal of an open state.
    pub fn new(m: &Manager) -> JournalSink {
        JournalSink { journal: m.journal(), outputs: Mutex::new(m.file().state.outputs.clone()) }
    }
}

impl StateSink for JournalSink {
    fn record(&self, change: &StateChange) -> Result<(), Diagnostic> {
        let Some(journal) = &self.journal else { return Ok(()) };
        let changes: Vec<Change> = match change {
            StateChange::Current { addr, provider, object } => {
                vec![Change::Current {
                    addr: addr.clone(),
                    provider: provider.clone(),
                    object: object.clone(),
                }]
            }
            StateChange::Deposed { addr, key, provider, object } => vec![Change::Deposed {
                addr: addr.clone(),
                key: key.clone(),
                provider: provider.clone(),
                object: object.clone(),
            }],
            StateChange::Outputs(new) => {
                let mut old = self.outputs.lock().unwrap_or_else(PoisonError::into_inner);
                let gone = old.keys().filter(|k| !new.contains_key(*k));
                let mut all: Vec<Change> =
                    gone.map(|k| Change::Output { name: k.clone(), value: None }).collect();
                all.extend(
                    new.iter().map(|(k, v)| Change::Output { name: k.clone(), value: Some(v.clone()) }),
                );
                *old = new.clone();
                all
            }
        };
        journal.record(&changes).map_err(|e| {
            Diagnostic::error(
                "Failed to record a finished change",
                format!("{e}.\n\nNothing new is started. What was done so far will be saved."),
            )
        })
    }
}

/// The outputs of another state, for `terraform_remote_state`.
pub fn remote_outputs(
    env: &BackendEnv,
    backend: &str,
    config: &Value,
    workspace: Option<&str>,
) -> Result<Option<Value>, StateError> {
    let config = crate::backend::conform(backend, config)?;
    let workspace = workspace.unwrap_or(groma_state::DEFAULT_WORKSPACE);
    let outputs = groma_state::backend::outputs(backend, &config, workspace, env)?;
    // Marks do not cross the provider interface: sensitive outputs of other
    // states are plain values here, as in Terraform.
    Ok(outputs.map(|o| Value::object(o.into_iter().map(|(k, o)| (k, o.value)))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        assert_eq!(duration("1m30s").unwrap(), Duration::from_secs(90));
        assert_eq!(duration("500ms").unwrap(), Duration::from_millis(500));
        assert_eq!(duration("0").unwrap(), Duration::ZERO);
        assert!(duration("5").is_err());
        assert!(duration("soon").is_err());
    }
}
