//! How much the tests with generated input do.

use std::env;

/// The bounds of a test with generated input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fuzz {
    /// How many inputs are tried.
    pub cases: u32,
    /// Where the generator starts: the same seed gives the same inputs.
    pub seed: u64,
}

/// `usual` inputs of a fixed seed. `GROMA_FUZZ_TIMES` multiplies their number, `GROMA_FUZZ_SEED` is another
/// seed; `cargo xtask fuzz` sets both.
///
/// # Panics
///
/// When one of them is set to what is no number.
pub fn fuzz(usual: u32) -> Fuzz {
    let number = |name: &str, default: u64| match env::var(name) {
        Ok(text) => text.parse::<u64>().unwrap_or_else(|error| panic!("{name}={text}: {error}")),
        Err(_) => default,
    };
    let times = u32::try_from(number("GROMA_FUZZ_TIMES", 1)).unwrap_or(u32::MAX);
    Fuzz { cases: usual.saturating_mul(times), seed: number("GROMA_FUZZ_SEED", 1) }
}
