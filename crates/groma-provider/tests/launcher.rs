//! A provider started through the launcher dies with the process that started it.
//!
//! This program is all three: the test, the process that is killed (`--middle`), and the launcher
//! (`--launch`).

use std::io::{BufRead, BufReader};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use groma_testkit::Trial;

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    match args.next().as_deref().and_then(|arg| arg.to_str()) {
        Some("--launch") => {
            let error = groma_provider::exec_bound_to_parent(args);
            // The parent's test fails for want of a process id; nothing is left to do here.
            drop(error);
            ExitCode::FAILURE
        }
        Some("--middle") => middle(),
        _ => groma_testkit::harness_main(vec![
            Trial::new("it_dies_with_its_parent", dies_with_its_parent),
            Trial::new("wrong_arguments_are_errors", wrong_arguments),
        ]),
    }
}

/// Starts a process that would live for minutes and waits for the end.
fn middle() -> ExitCode {
    let launcher = std::env::current_exe().expect("a program");
    let parent = std::process::id().to_string();
    let child = Command::new(launcher)
        .args(["--launch", &parent, "/bin/sh", "-c", "echo $$; exec sleep 300"])
        .spawn()
        .and_then(|mut child| child.wait());
    ExitCode::from(u8::from(child.is_err()))
}

fn alive(pid: &str) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    status.lines().any(|line| line.starts_with("State:") && !line.contains('Z'))
}

fn dies_with_its_parent() -> Result<(), String> {
    if !cfg!(target_os = "linux") {
        groma_testkit::skip("only Linux sends a signal when a parent dies");
        return Ok(());
    }
    let this = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut middle = Command::new(this)
        .arg("--middle")
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let mut pid = String::new();
    BufReader::new(middle.stdout.take().ok_or("no output")?)
        .read_line(&mut pid)
        .map_err(|error| error.to_string())?;
    let pid = pid.trim().to_owned();
    if !alive(&pid) {
        return Err(format!("process {pid:?} does not run"));
    }
    middle.kill().and_then(|()| middle.wait()).map_err(|error| error.to_string())?;
    let start = Instant::now();
    while alive(&pid) {
        if start.elapsed() > Duration::from_secs(5) {
            return Err(format!("process {pid} outlived its parent"));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

fn wrong_arguments() -> Result<(), String> {
    let error = |args: &[&str]| groma_provider::exec_bound_to_parent(args.iter().map(Into::into)).to_string();
    for (args, part) in [(&[][..], "process id"), (&["x"], "process id"), (&["1"], "a program")] {
        let error = error(args);
        if !error.contains(part) {
            return Err(format!("{args:?}: {error}"));
        }
    }
    Ok(())
}
