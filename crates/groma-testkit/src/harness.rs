//! A test program whose tests are data.
//!
//! It speaks the part of libtest's command line that `cargo test` and `cargo nextest` use, so that each case is a
//! test of its own name: filters, `--exact`, `--skip`, `--list`, `--ignored`, `--test-threads`.

use std::collections::VecDeque;
use std::env;
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Instant;

/// How a test ended, if not by a panic.
pub type Verdict = Result<(), String>;

/// One named test.
pub struct Trial {
    name: String,
    body: Box<dyn FnOnce() -> Verdict + Send>,
}

impl Trial {
    /// A test with this name; an error's text says what is wrong.
    pub fn new(name: impl Into<String>, body: impl FnOnce() -> Verdict + Send + 'static) -> Self {
        Self { name: name.into(), body: Box::new(body) }
    }
}

impl std::fmt::Debug for Trial {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Trial").field("name", &self.name).finish_non_exhaustive()
    }
}

#[derive(Debug, Default)]
struct Arguments {
    filters: Vec<String>,
    skips: Vec<String>,
    exact: bool,
    list: bool,
    ignored: bool,
    threads: Option<usize>,
}

impl Arguments {
    fn parse(args: impl Iterator<Item = String>) -> Self {
        let mut parsed = Self::default();
        let mut args = args;
        while let Some(arg) = args.next() {
            let (name, inline) = match arg.split_once('=') {
                Some((name, value)) if name.starts_with("--") => (name.to_owned(), Some(value.to_owned())),
                _ => (arg, None),
            };
            match name.as_str() {
                "--exact" => parsed.exact = true,
                "--list" => parsed.list = true,
                "--ignored" => parsed.ignored = true,
                "--skip" => parsed.skips.extend(inline.or_else(|| args.next())),
                "--test-threads" => {
                    parsed.threads = inline.or_else(|| args.next()).and_then(|n| n.parse().ok())
                }
                // Of no meaning here, but each takes a value which is no filter.
                "--format" | "--color" | "-Z" | "--logfile" if inline.is_none() => drop(args.next()),
                other if other.starts_with('-') => {}
                _ => parsed.filters.push(name),
            }
        }
        parsed
    }

    fn selects(&self, name: &str) -> bool {
        let matches =
            |pattern: &String| if self.exact { name == pattern } else { name.contains(pattern.as_str()) };
        // No test is ever ignored, so a run of the ignored ones has none.
        !self.ignored
            && (self.filters.is_empty() || self.filters.iter().any(matches))
            && !self.skips.iter().any(matches)
    }
}

/// The `main` of a test program: runs what the command line asks for and gives the exit code.
pub fn harness_main(trials: Vec<Trial>) -> ExitCode {
    let arguments = Arguments::parse(env::args().skip(1));
    let all = trials.len();
    let chosen: Vec<Trial> = trials.into_iter().filter(|trial| arguments.selects(&trial.name)).collect();
    if arguments.list {
        for trial in &chosen {
            println!("{}: test", trial.name);
        }
        return ExitCode::SUCCESS;
    }
    let threads = arguments
        .threads
        .or_else(|| env::var("RUST_TEST_THREADS").ok()?.parse().ok())
        .or_else(|| thread::available_parallelism().ok().map(usize::from))
        .unwrap_or(1);
    run(chosen, all, threads.max(1))
}

fn run(chosen: Vec<Trial>, all: usize, threads: usize) -> ExitCode {
    let started = Instant::now();
    let count = chosen.len();
    println!("\nrunning {count} tests");
    let queue = Mutex::new(VecDeque::from(chosen));
    let (sender, results) = mpsc::channel();
    let mut failures = Vec::new();
    thread::scope(|scope| {
        for _ in 0..threads.min(count) {
            let (queue, sender) = (&queue, sender.clone());
            scope.spawn(move || {
                loop {
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                    let Some(trial) = next else { break };
                    let verdict = run_one(trial.body, &trial.name);
                    sender.send((trial.name, verdict)).ok();
                }
            });
        }
        drop(sender);
        for (name, verdict) in results {
            println!("test {name} ... {}", if verdict.is_ok() { "ok" } else { "FAILED" });
            failures.extend(verdict.err().map(|message| (name, message)));
        }
    });
    failures.sort();
    for (name, message) in &failures {
        println!("\n---- {name} ----\n{message}");
    }
    if !failures.is_empty() {
        println!("\nfailures:");
        failures.iter().for_each(|(name, _)| println!("    {name}"));
    }
    let passed = count - failures.len();
    println!(
        "\ntest result: {}. {passed} passed; {} failed; 0 ignored; 0 measured; {} filtered out; finished in {:.2}s\n",
        if failures.is_empty() { "ok" } else { "FAILED" },
        failures.len(),
        all - count,
        started.elapsed().as_secs_f64()
    );
    if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(101) }
}

/// Each test has a thread of its own, named after it, as libtest does: [`crate::skip`] reads the name.
fn run_one(body: Box<dyn FnOnce() -> Verdict + Send>, name: &str) -> Verdict {
    let guarded = move || panic::catch_unwind(AssertUnwindSafe(body));
    let outcome = thread::Builder::new().name(name.to_owned()).spawn(guarded).map(thread::JoinHandle::join);
    match outcome {
        Ok(Ok(Ok(verdict))) => verdict,
        Ok(Ok(Err(cause)) | Err(cause)) => {
            let text = cause.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| cause.downcast_ref::<&str>().copied());
            Err(text.unwrap_or("the test panicked").to_owned())
        }
        Err(error) => Err(format!("no thread for the test: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Arguments {
        Arguments::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn nextest_command_lines_select_what_they_name() {
        let listing = parse("--list --format terse");
        assert!(listing.list && listing.filters.is_empty());
        assert!(!parse("--list --format terse --ignored").selects("a"));
        let one = parse("--exact a::b --nocapture");
        assert!(one.selects("a::b") && !one.selects("a::bc"));
        let some = parse("count --skip=bad --test-threads 3");
        assert!(some.selects("count_one") && !some.selects("bad_count") && !some.selects("other"));
        assert_eq!(some.threads, Some(3));
    }

    #[test]
    fn a_panicking_body_is_a_failure_with_its_message() {
        assert_eq!(run_one(Box::new(|| panic!("no {}", "good")), "x"), Err("no good".to_owned()));
        assert_eq!(run_one(Box::new(|| Ok(())), "x"), Ok(()));
    }
}
