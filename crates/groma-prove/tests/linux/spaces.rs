//! Namespaces that exist while a value lives, and the agents in them.

use crate::realise::Plan;
use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// A network of namespaces.
pub struct Spaces {
    prefix: String,
    names: Vec<String>,
    agents: HashMap<String, (Child, ChildStdin)>,
    sender: Sender<String>,
    lines: Receiver<String>,
}

fn run(program: &str, args: &[&str], input: &str) -> Result<(), String> {
    let mut child = Command::new(program)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| format!("{program}: {e}"))?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input.as_bytes()).map_err(|e| e.to_string())?;
    }
    let output = child.wait_with_output().map_err(|e| e.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{program} {args:?}: {}\n{input}", String::from_utf8_lossy(&output.stderr)))
}

impl Spaces {
    /// Makes the namespaces of a plan, wires them and runs their scripts.
    pub fn new(prefix: String, plan: &Plan) -> Result<Self, String> {
        let (sender, lines) = channel();
        let mut spaces = Self { prefix, names: Vec::new(), agents: HashMap::new(), sender, lines };
        let mut batch = String::new();
        for space in &plan.spaces {
            spaces.names.push(space.name.clone());
            batch += &format!("netns add {}\n", spaces.full(&space.name));
        }
        run("ip", &["-batch", "-"], &batch)?;
        let mut batch = String::new();
        for ((a, a_dev), (b, b_dev)) in &plan.cables {
            batch += &format!(
                "link add {a_dev} netns {} type veth peer name {b_dev} netns {}\n",
                spaces.full(a),
                spaces.full(b)
            );
        }
        run("ip", &["-batch", "-"], &batch)?;
        for space in &plan.spaces {
            run("ip", &["netns", "exec", &spaces.full(&space.name), "sh"], &space.script)
                .map_err(|e| format!("namespace {}: {e}", space.name))?;
        }
        Ok(spaces)
    }

    fn full(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// Starts this program as an agent in a namespace.
    pub fn start(&mut self, name: &str) -> Result<(), String> {
        let program = std::env::current_exe().map_err(|e| e.to_string())?;
        let mut child = Command::new("ip")
            .args(["netns", "exec", &self.full(name)])
            .arg(program)
            .arg("agent")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| e.to_string())?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("an agent without pipes".to_owned());
        };
        let sender = self.sender.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines() {
                let Ok(line) = line else { break };
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        self.agents.insert(name.to_owned(), (child, stdin));
        Ok(())
    }

    pub fn tell(&mut self, name: &str, line: &str) -> Result<(), String> {
        let (_, stdin) = self.agents.get_mut(name).ok_or_else(|| format!("no agent in {name}"))?;
        writeln!(stdin, "{line}").and_then(|()| stdin.flush()).map_err(|e| format!("{name}: {e}"))
    }

    /// Lines of all agents, until there are `count` or the time is over.
    pub fn hear(&mut self, count: usize, patience: Duration) -> Result<Vec<String>, String> {
        let until = Instant::now() + patience;
        let mut heard = Vec::new();
        while heard.len() < count {
            match self.lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(line) if line.starts_with("error") => return Err(line),
                Ok(line) => heard.push(line),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    return Err(format!("{} of {count} answers of agents are missing", count - heard.len()));
                }
            }
        }
        Ok(heard)
    }
}

impl Drop for Spaces {
    fn drop(&mut self) {
        for (child, stdin) in self.agents.drain().map(|(_, agent)| agent) {
            // An agent ends with its standard input.
            drop(stdin);
            let mut child = child;
            let _ = child.kill();
            let _ = child.wait();
        }
        for name in &self.names {
            let _ = Command::new("ip")
                .args(["netns", "del", &self.full(name)])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
        }
    }
}
