//! Who may change what at the same time: one run an environment, and one a network that
//! several environments share. What is remembered is read again once the locks are held,
//! so that nobody plans with what another run is about to change.

use super::{Project, now};
use crate::commands::Failure;
use crate::commands::status::span;
use groma_lang::Diagnostic;
use groma_platform::compile::{Root, RootOf};
use groma_state::StateError;
use groma_state::manager::Manager;
use std::collections::BTreeMap;
use std::time::Duration;

/// How a state is opened.
pub enum Access {
    /// For reading.
    Read,
    /// For changes, with the lock.
    Write {
        /// What it is, for people: `environment prod`.
        title: String,
        /// What runs, for others who want the lock: a command line.
        doing: String,
        /// How long to wait for the lock, unless `-lock-timeout` says otherwise.
        wait: Duration,
    },
}

/// How what is remembered is opened for changes, which take no longer than a few calls.
pub const RECORD_ACCESS: Access =
    Access::Write { title: String::new(), doing: String::new(), wait: Duration::from_secs(30) };

/// How long to wait for what several environments share.
const SHARED: Duration = Duration::from_secs(300);

/// Locked states, by root module.
#[derive(Default)]
pub struct Held(BTreeMap<String, Manager>);

impl Held {
    /// The state of a root module, if it is held and was not taken yet.
    pub fn take(&mut self, root: &str) -> Option<Manager> {
        self.0.remove(root)
    }
}

impl Project<'_> {
    /// How the state of a root module is opened for changes.
    pub fn write_access(&self, root: &Root, doing: &str) -> Access {
        let wait = if matches!(root.of, RootOf::Environment(_)) { Duration::ZERO } else { SHARED };
        Access::Write { title: root.title.clone(), doing: doing.to_owned(), wait }
    }

    /// Locks the states of root modules. They must come in the order of creation: with
    /// one order for all nobody waits for somebody who waits for him.
    pub fn hold<'r>(&self, roots: impl IntoIterator<Item = &'r Root>, doing: &str) -> Result<Held, Failure> {
        let mut held = Held::default();
        for root in roots {
            let opened = self.root_dir(&root.name).and_then(|dir| {
                self.within(&dir, || self.state(&root.name, &self.write_access(root, doing)))
            });
            match opened {
                Ok(m) => {
                    held.0.insert(root.name.clone(), m);
                }
                Err(e) => {
                    self.release(held)?;
                    return Err(e);
                }
            }
        }
        Ok(held)
    }

    /// Releases what was not taken.
    pub fn release(&self, held: Held) -> Result<(), Failure> {
        let mut result = Ok(());
        for (root, manager) in held.0 {
            let closed = self.root_dir(&root).and_then(|d| self.within(&d, || self.s.close_state(manager)));
            if result.is_ok() {
                result = closed;
            }
        }
        result
    }

    /// Opens the state of a root module; the working directory must be the root
    /// module's.
    pub fn state(&self, root: &str, access: &Access) -> Result<Manager, Failure> {
        let s = self.s;
        let backend = self.open_backend(root)?;
        let Access::Write { title, doing, wait } = access else {
            return s.open_state_in(&*backend, self.args, None);
        };
        let failed = |e: StateError| s.fail(crate::state::state_error(&e));
        let workspace = s.selected_workspace()?;
        let journal = s.data_dir.join(format!("{workspace}.tfstate.journal"));
        let request = s.lock_request(self.args, "OperationTypeApply")?;
        let patience = if self.args.get("lock-timeout").is_none() { *wait } else { Duration::ZERO };
        let mut told = false;
        for round in 0..3 {
            let mut lock = request.clone();
            if let Some(l) = &mut lock {
                l.info.info.clone_from(doing);
                if told {
                    l.timeout = patience;
                }
            }
            let store = backend.open(&workspace).map_err(failed)?;
            let opened =
                Manager::open(store, Some(journal.clone()), lock.as_ref(), true, &|| s.interrupt.stopping());
            match opened {
                Ok(mut m) => {
                    for n in m.take_notices() {
                        s.ui.diags(&Diagnostic::warning(n.summary, n.detail).into(), &s.sources);
                    }
                    return Ok(m);
                }
                Err(e) if e.lock_conflict().is_some_and(|c| c.retriable) => {
                    // Who took it this very moment has not said so yet.
                    if round == 0 && e.lock_conflict().is_some_and(|c| c.holder.is_none()) {
                        std::thread::sleep(Duration::from_millis(100));
                        continue;
                    }
                    if !told && !patience.is_zero() && !s.interrupt.stopping() {
                        if !title.is_empty() {
                            s.ui.line(&format!("Waiting for the {title}: {}", holder(&e)));
                        }
                        told = true;
                        continue;
                    }
                    return Err(s.fail(conflict(&e, title, backend.kind())));
                }
                Err(e) => return Err(failed(e)),
            }
        }
        Err("The lock could not be taken.".to_owned().into())
    }
}

/// Who holds a lock, since when, and what for.
fn holder(e: &StateError) -> String {
    let Some(h) = e.lock_conflict().and_then(|c| c.holder.as_ref()) else {
        return "somebody holds its lock.".into();
    };
    let since = u64::try_from(h.created.0.as_second()).map_or(0, |at| now().saturating_sub(at));
    let what = if h.info.is_empty() { String::new() } else { format!(" ({})", h.info) };
    format!("{} has held its lock for {}{what}.", h.who, span(since))
}

/// What a user hears of a lock that somebody else holds.
fn conflict(e: &StateError, title: &str, backend: &str) -> Diagnostic {
    let title = if title.is_empty() { "record of what is up" } else { title };
    let dead = match e.lock_conflict().and_then(|c| c.holder.as_ref()) {
        _ if backend == "local" => "A lock ends by itself with the process that holds it.".to_owned(),
        Some(h) => format!(
            "If that run has died, remove the lock that it left behind:\n  groma force-unlock {}",
            h.id
        ),
        None => "If that run has died, remove the lock that it left behind with groma force-unlock.".into(),
    };
    Diagnostic::error(
        format!("The {title} is being changed by somebody else"),
        format!(
            "{}\n\nNothing was done. Run this again later, or let it wait with -lock-timeout=10m. {dead}",
            holder(e)
        ),
    )
}
