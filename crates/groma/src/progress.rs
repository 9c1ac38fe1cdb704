//! Tells what happens while it happens.

use crate::render::Paint;
use groma_engine::{Action, ActionStage, Event, Observer, Operation};
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often a long operation is mentioned where there is no terminal.
const STILL: Duration = Duration::from_secs(10);

/// Prints a line for each operation that begins and ends; long ones are mentioned
/// again every ten seconds.
pub struct Lines {
    paint: Paint,
    /// Whether refreshes and reads are told.
    reads: bool,
    running: Mutex<BTreeMap<String, Running>>,
}

struct Running {
    what: &'static str,
    since: Instant,
    id: String,
}

/// Tells everything as JSON messages.
pub struct JsonLines {
    running: Mutex<BTreeMap<String, (groma_value::addr::ResourceInstance, Operation, Instant)>>,
}

impl JsonLines {
    /// Prints to standard output.
    pub fn new() -> Arc<JsonLines> {
        let lines = Arc::new(JsonLines { running: Mutex::default() });
        let weak = Arc::downgrade(&lines);
        std::thread::spawn(move || {
            loop {
                std::thread::sleep(Duration::from_secs(1));
                let Some(lines) = weak.upgrade() else { return };
                let running = lines.running.lock().unwrap_or_else(PoisonError::into_inner);
                for (addr, op, since) in running.values() {
                    let passed = since.elapsed();
                    if passed.as_secs() > 0
                        && passed.as_secs() % STILL.as_secs() == 0
                        && let Some(m) = groma_engine::json::stream::progress(addr, *op, passed)
                    {
                        write_message(&m);
                    }
                }
            }
        });
        lines
    }
}

fn write_message(m: &groma_engine::json::stream::Message) {
    let line = format!("{}\n", m.line(jiff::Timestamp::now()));
    let _ = std::io::stdout().lock().write_all(line.as_bytes());
}

impl Observer for JsonLines {
    fn event(&self, event: Event) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        match &event {
            Event::Start { addr, op, .. } => {
                running.insert(addr.to_string(), (addr.clone(), *op, Instant::now()));
            }
            Event::Done { addr, .. } | Event::Failed { addr, .. } => {
                running.remove(&addr.to_string());
            }
            _ => {}
        }
        if let Some(m) = groma_engine::json::stream::event(&event) {
            write_message(&m);
        }
    }
}

fn id_text(id: &Option<(String, String)>) -> String {
    id.as_ref().map(|(k, v)| format!(" [{k}={v}]")).unwrap_or_default()
}

/// `1m30s`, `12s`
pub fn elapsed(d: Duration) -> String {
    let s = d.as_secs();
    match (s / 3600, s / 60 % 60, s % 60) {
        (0, 0, s) => format!("{s}s"),
        (0, m, s) => format!("{m}m{s}s"),
        (h, m, s) => format!("{h}h{m}m{s}s"),
    }
}

fn words(op: Operation) -> (&'static str, &'static str, &'static str) {
    match op {
        Operation::Refresh => ("Refreshing state...", "Still refreshing", "Refresh complete"),
        Operation::ReadData => ("Reading...", "Still reading", "Read complete"),
        Operation::Import => ("Importing...", "Still importing", "Import complete"),
        Operation::OpenEphemeral => ("Opening...", "Still opening", "Opening complete"),
        Operation::RenewEphemeral => ("Renewing...", "Still renewing", "Renewal complete"),
        Operation::CloseEphemeral => ("Closing...", "Still closing", "Closing complete"),
        Operation::Apply(Action::Create) => ("Creating...", "Still creating", "Creation complete"),
        Operation::Apply(Action::Delete) => ("Destroying...", "Still destroying", "Destruction complete"),
        Operation::Apply(_) => ("Modifying...", "Still modifying", "Modifications complete"),
    }
}

impl Lines {
    /// Prints to standard output.
    pub fn new(paint: Paint, reads: bool) -> Arc<Lines> {
        let lines = Arc::new(Lines { paint, reads, running: Mutex::default() });
        let weak = Arc::downgrade(&lines);
        // Ends by itself when nobody observes any more.
        std::thread::spawn(move || {
            loop {
                std::thread::sleep(Duration::from_secs(1));
                let Some(lines) = weak.upgrade() else { return };
                lines.tick();
            }
        });
        lines
    }

    fn tick(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        for (addr, r) in running.iter() {
            let passed = r.since.elapsed();
            if passed.as_secs() > 0 && passed.as_secs() % STILL.as_secs() == 0 {
                self.print(addr, &format!("{}... [{}{} elapsed]", r.what, r.id, elapsed(passed)));
            }
        }
    }

    fn print(&self, addr: &str, text: &str) {
        let line = format!("{} {text}\n", self.paint.bold(&format!("{addr}:")));
        let _ = std::io::stdout().lock().write_all(line.as_bytes());
    }
}

impl Observer for Lines {
    fn event(&self, event: Event) {
        let name = |addr: &groma_value::addr::ResourceInstance, deposed: &Option<String>| match deposed {
            Some(k) => format!("{addr} (deposed object {k})"),
            None => addr.to_string(),
        };
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Start { addr, deposed, op, id } => {
                let key = name(&addr, &deposed);
                if !self.reads && matches!(op, Operation::Refresh | Operation::ReadData) {
                    return;
                }
                let (start, still, _) = words(op);
                self.print(&key, &format!("{start}{}", id_text(&id)));
                let id = id.map(|(k, v)| format!("{k}={v}, ")).unwrap_or_default();
                running.insert(key, Running { what: still, since: Instant::now(), id });
            }
            Event::Done { addr, deposed, op, id, elapsed: d } => {
                let key = name(&addr, &deposed);
                running.remove(&key);
                if matches!(op, Operation::Refresh) || !self.reads && op == Operation::ReadData {
                    return;
                }
                let (_, _, done) = words(op);
                let id = if op == Operation::Apply(Action::Delete) { String::new() } else { id_text(&id) };
                self.print(&key, &format!("{done} after {}{id}", elapsed(d)));
            }
            Event::Failed { addr, op, elapsed: d } => {
                running.remove(&addr.to_string());
                if matches!(op, Operation::Apply(_)) {
                    self.print(&addr.to_string(), &format!("Failed after {}", elapsed(d)));
                }
            }
            Event::ProvisionOutput { addr, provisioner, line } => {
                let line = format!("{} {line}\n", self.paint.bold(&format!("{addr} ({provisioner}):")));
                let _ = std::io::stdout().lock().write_all(line.as_bytes());
            }
            Event::ProvisionStart { addr, provisioner } => {
                self.print(&addr.to_string(), &format!("Provisioning with '{provisioner}'..."));
            }
            Event::Action { addr, stage, .. } => {
                let text = match stage {
                    ActionStage::Started => "Invoking...".to_owned(),
                    ActionStage::Progress(text) => text,
                    ActionStage::Done => "Invoked".to_owned(),
                    ActionStage::Failed => "Failed".to_owned(),
                };
                self.print(&addr, &text);
            }
            Event::ProvisionDone { .. } | Event::ProvisionFailed { .. } => {}
            Event::Deferred { addr } => {
                self.print(&addr.to_string(), "Configuration unknown, deferring...");
            }
            Event::Planned { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_well() {
        assert_eq!(elapsed(Duration::from_secs(5)), "5s");
        assert_eq!(elapsed(Duration::from_secs(90)), "1m30s");
        assert_eq!(elapsed(Duration::from_secs(3661)), "1h1m1s");
    }
}
