//! Generated input for what reads texts, for as long as one likes.

use std::time::{Duration, Instant};

use crate::command::{cargo, run};

const USAGE: &str = "\
usage: cargo xtask fuzz [SECONDS] [SEED]

Runs the tests with generated input (parser, formatter, evaluation, state files, journals)
again and again for SECONDS (default: 600), each time with another seed, from SEED (default:
the time of day) on, and 20 times as many inputs as `cargo xtask test` tries with seed 1.
The first failure ends it; GROMA_FUZZ_SEED=N and GROMA_FUZZ_TIMES=20 repeat a round.
";

/// Packages and their tests.
const TARGETS: [(&str, &str); 3] =
    [("groma-lang", "syntax_fuzz"), ("groma-lang", "eval_fuzz"), ("groma-state", "state_fuzz")];

/// Runs all targets by turns.
pub fn fuzz(args: &[String]) -> Result<(), String> {
    if args.iter().any(|arg| arg.starts_with('-')) {
        print!("{USAGE}");
        return Ok(());
    }
    let number = |i: usize, default: u64| match args.get(i) {
        Some(text) => text.parse::<u64>().map_err(|error| format!("{text}: {error}\n\n{USAGE}")),
        None => Ok(default),
    };
    let limit = Duration::from_secs(number(0, 600)?);
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_secs() % 86_400);
    let first = number(1, now)?;
    let started = Instant::now();
    for seed in first.. {
        println!("fuzz: seed {seed}, {:.0?} so far", started.elapsed());
        for (package, test) in TARGETS {
            let mut command = cargo(["test", "--quiet", "--package", package, "--test", test]);
            run(command.env("GROMA_FUZZ_SEED", seed.to_string()).env("GROMA_FUZZ_TIMES", "20")).map_err(
                |error| format!("{error}\nrepeat it with GROMA_FUZZ_SEED={seed} GROMA_FUZZ_TIMES=20"),
            )?;
            if started.elapsed() > limit {
                return Ok(());
            }
        }
    }
    Ok(())
}
