//! All checks, in the order in which they tell most for the least time.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use groma_testkit::{repository, scratch};

use crate::command::{cargo, output, run, watch};
use crate::{licenses, setup};

/// Everything, or with filters the matching tests alone.
pub fn test(filters: &[String]) -> Result<(), String> {
    let everything = filters.is_empty();
    let ci = env::var_os("CI").is_some_and(|value| value == "true");
    setup::setup()?;
    if everything {
        run(&mut cargo(["fmt", "--all", "--check"]))?;
        licenses::check()?;
        if !ci {
            run(&mut cargo(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
        }
    }
    let build = |mut command: Command| {
        if everything && ci {
            lint_while_building(&mut command);
        }
        command
    };
    let log = scratch().join("skipped.log");
    fs::create_dir_all(scratch()).and_then(|()| fs::write(&log, "")).map_err(|error| error.to_string())?;

    let nextest = output(&mut cargo(["nextest", "--version"])).is_ok();
    let mut command = build(if nextest {
        cargo(["nextest", "run", "--workspace", "--no-fail-fast", "--no-tests=pass"])
    } else {
        cargo(["test", "--workspace", "--no-fail-fast", "--all-targets"])
    });
    command.args(filters).env("GROMA_SKIP_LOG", &log);
    if ci {
        command.env("GROMA_REQUIRE_ALL", "1");
    }
    let (mut closing, mut good) = watch(&mut command, is_closing_line)?;
    if everything {
        // Only where there are some: each crate's documentation tests cost a start of rustdoc.
        for package in with_doc_tests()? {
            let mut command = build(cargo(["test", "--quiet", "--doc", "--package", &package]));
            let (lines, passed) = watch(&mut command, is_closing_line)?;
            closing.extend(lines.into_iter().map(|line| format!("{package}, documentation: {line}")));
            good &= passed;
        }
    }
    println!();
    closing.iter().for_each(|line| println!("{line}"));
    let skipped = fs::read_to_string(&log).unwrap_or_default();
    skipped.lines().for_each(|line| println!("{line}"));
    println!("skipped for want of a part of this machine: {}", skipped.lines().count());
    if good { Ok(()) } else { Err("there are failing tests".to_owned()) }
}

/// Has Clippy compile the workspace's crates, with all warnings as errors. Where nothing is built
/// yet, `cargo clippy` would first go through all dependencies once more than the tests need.
fn lint_while_building(command: &mut Command) {
    command.env("RUSTC_WORKSPACE_WRAPPER", "clippy-driver");
    // What `cargo clippy -- -D warnings` hands to it.
    command.env("CLIPPY_ARGS", "-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__");
}

fn is_closing_line(line: &str) -> bool {
    line.starts_with("Summary [") || line.starts_with("test result:")
}

/// The library crates whose sources have an example in their documentation that rustdoc would run.
fn with_doc_tests() -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    let entries = fs::read_dir(repository().join("crates")).map_err(|error| error.to_string())?;
    for entry in entries.flatten() {
        let sources = entry.path().join("src");
        if sources.join("lib.rs").exists() && has_example(&sources) {
            found.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    found.sort();
    Ok(found)
}

fn has_example(folder: &Path) -> bool {
    fs::read_dir(folder).into_iter().flatten().flatten().any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return has_example(&path);
        }
        path.extension().is_some_and(|extension| extension == "rs")
            && fs::read_to_string(&path).is_ok_and(|text| opens_example(&text))
    })
}

/// Whether a fence opens in a documentation comment that names no other language than Rust.
fn opens_example(text: &str) -> bool {
    let fences = text.lines().filter_map(|line| {
        let line = line.trim_start();
        let comment = line.strip_prefix("///").or_else(|| line.strip_prefix("//!"))?;
        comment.trim_start().strip_prefix("```")
    });
    // Every second fence closes.
    fences.step_by(2).any(|language| {
        matches!(language.trim(), "" | "rust" | "should_panic" | "no_run" | "compile_fail" | "edition2024")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rust_examples_count() {
        assert!(opens_example("/// Text.\n/// ```\n/// let x = 1;\n/// ```\n"));
        assert!(opens_example("//! ```json\n//! {}\n//! ```\n//! ```no_run\n//! ```\n"));
        assert!(!opens_example("/// ```text\n/// x\n/// ```\n"));
        assert!(!opens_example("let s = \"```\";\n// ```\n"));
    }

    #[test]
    fn the_runners_closing_lines_are_known() {
        assert!(is_closing_line("Summary [  12.3s] 5 tests run: 5 passed, 0 skipped"));
        assert!(is_closing_line("test result: ok. 5 passed; 0 failed"));
        assert!(!is_closing_line("test a ... ok"));
    }
}
