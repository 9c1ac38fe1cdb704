//! What a test does when a part of the machine is missing.

use std::env;
use std::fs::OpenOptions;
use std::io::Write;
use std::thread;

/// Says loudly that the calling test is skipped, and why; the caller then returns.
///
/// A line goes to stderr and to the file named by `GROMA_SKIP_LOG`, where `cargo xtask test` counts them: a skipped
/// test looks like a passed one to the test runner, and must not be mistaken for one.
///
/// # Panics
///
/// With `GROMA_REQUIRE_ALL=1` (which continuous integration sets), nothing may be missing.
pub fn skip(reason: &str) {
    let test = thread::current().name().unwrap_or("a test").to_owned();
    let line = format!("SKIPPED: {test}: {reason}");
    assert!(
        env::var_os("GROMA_REQUIRE_ALL").is_none_or(|value| value != "1"),
        "{line} (GROMA_REQUIRE_ALL=1)"
    );
    eprintln!("{line}");
    if let Some(path) = env::var_os("GROMA_SKIP_LOG") {
        let written = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()));
        assert!(written.is_ok(), "the skip log {} cannot be written: {written:?}", path.display());
    }
}
