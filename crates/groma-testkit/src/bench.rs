//! Time and memory of one run, for benchmarks.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::Read;
use std::thread;
use std::time::{Duration, Instant};

use crate::process::{Invocation, kill_group};

/// What one run cost.
#[derive(Clone, Debug)]
pub struct Usage {
    /// The exit code; `None` when a signal or the time limit ended the program.
    pub status: Option<i32>,
    /// Wall time.
    pub elapsed: Duration,
    /// The peak resident memory of the program itself, in KiB.
    pub own_kib: u64,
    /// The highest sum of resident memory over the program and all processes below it, in KiB.
    pub tree_kib: u64,
    /// What the program wrote to standard error.
    pub stderr: String,
}

/// Runs a program and watches its memory through `/proc`.
///
/// Sampled every 10 ms: a peak between two samples can be missed in `tree_kib`, and hardly in `own_kib`, which the
/// kernel keeps as a high-water mark. Output is read and thrown away.
///
/// # Panics
///
/// When the program cannot be started.
pub fn measure(invocation: &Invocation, limit: Duration) -> Usage {
    let started = Instant::now();
    let mut child = invocation.command().spawn().expect("the program starts");
    let mut out = child.stdout.take();
    let sink = thread::spawn(move || out.as_mut().map(|pipe| std::io::copy(pipe, &mut std::io::sink())));
    let mut err = child.stderr.take();
    let errors = thread::spawn(move || {
        let mut bytes = Vec::new();
        err.as_mut().map(|pipe| pipe.read_to_end(&mut bytes));
        String::from_utf8_lossy(&bytes).into_owned()
    });
    let (mut own_kib, mut tree_kib) = (0, 0);
    let (status, elapsed) = loop {
        match child.try_wait() {
            Ok(Some(status)) => break (status.code(), started.elapsed()),
            Ok(None) if started.elapsed() < limit => {}
            Ok(None) | Err(_) => {
                kill_group(&mut child);
                child.wait().ok();
                break (None, started.elapsed());
            }
        }
        own_kib = own_kib.max(memory(child.id(), "VmHWM:"));
        tree_kib = tree_kib.max(tree(child.id()).iter().map(|&pid| memory(pid, "VmRSS:")).sum());
        thread::sleep(Duration::from_millis(10));
    };
    sink.join().ok();
    let stderr = errors.join().unwrap_or_default();
    Usage { status, elapsed, own_kib, tree_kib: tree_kib.max(own_kib), stderr }
}

/// One memory figure of a process, in KiB; 0 when it is gone.
fn memory(pid: u32, field: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap_or_default();
    line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// A process and all below it, as they are now.
fn tree(root: u32) -> Vec<u32> {
    let mut below: HashMap<u32, Vec<u32>> = HashMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        // The program's name may hold spaces and parentheses; what follows the last one is "state parent ...".
        let parent =
            stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(1)?.parse::<u32>().ok());
        below.entry(parent.unwrap_or(0)).or_default().push(pid);
    }
    let mut found = vec![root];
    let mut seen = HashSet::from([root]);
    let mut next = 0;
    while let Some(&pid) = found.get(next) {
        found.extend(below.get(&pid).into_iter().flatten().filter(|&&child| seen.insert(child)));
        next += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Workdir;

    #[test]
    fn a_run_is_measured_with_its_children() {
        let workdir = Workdir::new();
        let shell = workdir.invoke("/bin/sh").args(["-c", "sleep 0.3 & sleep 0.3; wait; exit 3"]);
        let usage = measure(&shell, Duration::from_secs(20));
        assert_eq!(usage.status, Some(3));
        assert!(usage.elapsed >= Duration::from_millis(300));
        assert!(usage.own_kib > 0 && usage.tree_kib > usage.own_kib, "{usage:?}");
    }

    #[test]
    fn the_limit_ends_a_run() {
        let usage = measure(&Workdir::new().invoke("/bin/sleep").args(["30"]), Duration::from_millis(100));
        assert_eq!(usage.status, None);
        assert!(usage.elapsed < Duration::from_secs(10));
    }
}
