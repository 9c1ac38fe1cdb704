//! What reading and formatting a large configuration costs: `hcl_speed parse|format MB`.
//!
//! One measurement a process, so that the high-water mark of memory is of it alone.
#![allow(clippy::print_stdout)]

use std::fs;
use std::hint::black_box;

use groma_lang::syntax::{format_file, parse_file};
use groma_lang::{Diagnostics, Sources};
use groma_testkit::hcl_text;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (what, megabytes) = match args.as_slice() {
        [what, size] => (what.as_str(), size.parse::<usize>().expect("a number of megabytes")),
        _ => panic!("usage: hcl_speed parse|format MEGABYTES"),
    };
    let text = hcl_text(megabytes * 1_000_000);
    let (size, lines) = (text.len(), text.lines().count());
    let (cpu, memory) = (user_seconds(), status_kib("VmRSS:"));
    // Without the time that it takes to let go of the tree, as a run ends with it.
    let spent = match what {
        "parse" => {
            let sources = Sources::new();
            let mut diags = Diagnostics::new();
            let file = sources.add("main.tf", text);
            let body = black_box(parse_file(&file, &mut diags));
            assert!(diags.is_empty() && !body.blocks.is_empty(), "{diags:?}");
            user_seconds() - cpu
        }
        "format" => {
            let sources = Sources::new();
            let file = sources.add("main.tf", text);
            let formatted = black_box(format_file(&file, &mut Diagnostics::new())).expect("it parses");
            assert_ne!(formatted, *file.text);
            user_seconds() - cpu
        }
        other => panic!("{other} is neither parse nor format"),
    };
    println!(
        "{what:<7} {:>6.1} MB {lines:>8} lines {:>7.2} s user {:>6.0} MB at most above the text",
        size as f64 / 1e6,
        spent,
        status_kib("VmHWM:").saturating_sub(memory) as f64 / 1024.0,
    );
}

/// User CPU time of this process so far, to the hundredth of a second.
fn user_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("Linux");
    let ticks = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(11)?.parse::<f64>().ok());
    ticks.expect("utime") / 100.0
}

fn status_kib(field: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix(field)).expect("a field of the kernel");
    line.split_whitespace().next().and_then(|number| number.parse().ok()).expect("a number")
}
