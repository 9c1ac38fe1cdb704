//! The parser accepts what the oracle accepts, and tells of errors in the same
//! line with the same summary.

use groma_lang::syntax::{format, parse_file, parse_json_file};
use groma_lang::{Diagnostics, Sources};
use groma_testkit::{Workdir, oracle, skip};
use serde_json::Value;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

include!("syntax_cases/mod.rs");

/// Summaries of errors that are found after parsing.
const SEMANTIC: &[&str] = &[
    "Unsupported argument",
    "Unsupported block type",
    "Invalid reference",
    "Missing required argument",
    "Call to unknown function",
    "Invalid operand",
    "Extraneous label for locals",
    "Reference to undeclared resource",
    "Invalid function argument",
    "Unsupported attribute",
    "Invalid index",
    "Attempt to index null value",
    "Attempt to get attribute from null value",
    "Null condition",
    "Unknown provider function",
    "Missing block label",
    "Invalid local value name",
    "Root value must be object",
    "Duplicate attribute definition",
    "Incorrect JSON value type",
    "Duplicate resource \"a\" configuration",
];

/// The line and summary of the first error of syntax that the oracle finds.
fn oracle_error(name: &str, text: &str) -> Option<(u64, String)> {
    let work = Workdir::new();
    work.write(name, text);
    let data = work.terraform(["validate", "-json", "-no-tests"]).json();
    let diagnostics = data["diagnostics"].as_array().cloned().unwrap_or_default();
    let summary = |d: &Value| d["summary"].as_str().unwrap_or_default().to_owned();
    let first = diagnostics.iter().find(|d| !SEMANTIC.contains(&summary(d).as_str()))?;
    // The oracle misspells this one.
    let summary = summary(first).replace("seperator", "separator");
    Some((first["range"]["start"]["line"].as_u64().unwrap_or(0), summary))
}

fn our_error(name: &str, text: &str) -> Option<(u64, String)> {
    let sources = Sources::new();
    let file = sources.add(name, text);
    let mut diags = Diagnostics::new();
    if name.ends_with(".json") {
        parse_json_file(&file, &mut diags);
    } else {
        parse_file(&file, &mut diags);
    }
    let first = diags.iter().find(|d| !SEMANTIC.contains(&d.summary.as_str()))?;
    let line = file.position(first.subject.expect("a place").start).line;
    Some((u64::from(line), first.summary.clone()))
}

/// Runs `check` for all cases on a few threads: most of the time is the oracle's.
fn for_all<T: Sync>(cases: &[T], check: impl Fn(&T) -> Result<(), String> + Sync) {
    let next = AtomicUsize::new(0);
    let failures = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(failure) = check(case) {
                        failures.lock().expect("no panic").push(failure);
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().expect("no panic");
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), cases.len(), failures.join("\n"));
}

#[test]
fn errors_are_the_oracles() {
    if oracle().is_none() {
        skip("no terraform");
        return;
    }
    let mut cases: Vec<(&str, String)> = FILES.iter().map(|f| ("main.tf", (*f).to_owned())).collect();
    cases.extend(EXPRESSIONS.iter().map(|e| ("main.tf", format!("locals {{\n  a = {e}\n}}\n"))));
    cases.extend(JSON.iter().map(|j| ("main.tf.json", (*j).to_owned())));
    for_all(&cases, |(name, text)| {
        let (oracle, ours) = (oracle_error(name, text), our_error(name, text));
        if oracle == ours { Ok(()) } else { Err(format!("{text:?}\n  oracle {oracle:?}\n  ours   {ours:?}")) }
    });
}

/// Small changes to text, the same on every run.
struct Mutations(u64);

impl Mutations {
    fn below(&mut self, n: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n as u64) as usize
    }

    /// Adds and removes blanks, comments and newlines, one in `rarity` places.
    fn blanks(&mut self, text: &str, rarity: usize) -> String {
        const PUNCTUATION: &str = "{}[](),=:?\"%!-+*.";
        let mut out = String::new();
        for c in text.chars() {
            if self.below(rarity) > 0 {
                out.push(c);
            } else if c == ' ' {
                out.push_str(["", "  ", "\t", "   ", "\n"][self.below(5)]);
            } else if c == '\n' {
                out.push_str(
                    ["\n\n", "\n  ", " \n", " # c\n", " // d\n", " /* x */\n", "\r\n", ""][self.below(8)],
                );
            } else if PUNCTUATION.contains(c) {
                let (before, after) =
                    [(" ", ""), ("", " "), ("", "\n"), ("", " /* c */ "), (" # x\n", ""), ("", " # y\n")]
                        [self.below(6)];
                out.push_str(before);
                out.push(c);
                out.push_str(after);
            } else {
                out.push(c);
            }
        }
        out
    }
}

#[test]
fn formatting_is_the_oracles() {
    if oracle().is_none() {
        skip("no terraform");
        return;
    }
    let mut random = Mutations(7);
    let mut cases: Vec<String> = FORMATTED.iter().map(|f| (*f).to_owned()).collect();
    cases.extend(FILES.iter().map(|f| (*f).to_owned()));
    cases.extend(EXPRESSIONS.iter().map(|e| format!("locals {{\n  a = {e}\n bb=2 # c\n}}\n")));
    let mut blocks: Vec<String> = FORMATTED.iter().map(|f| (*f).to_owned()).collect();
    for fixture in ["vpc", "aws-services", "scale-count"] {
        let path = groma_testkit::fixtures().join(fixture).join("main.tf");
        let text = std::fs::read_to_string(path).expect("a fixture");
        blocks.extend(text.split_inclusive("\n}\n").map(str::to_owned));
        cases.push(text);
    }
    for _ in 0..1500 {
        let block = &blocks[random.below(blocks.len())];
        let rarity = [300, 100, 50, 20][random.below(4)];
        cases.push(random.blanks(block, rarity));
    }
    let work = Workdir::new();
    for (i, case) in cases.iter().enumerate() {
        work.write(format!("c{i:05}.tf"), case);
    }
    // Refuses some of the files, and formats the others.
    work.terraform(["fmt", "-list=false"]);
    let mut changed = 0;
    for (i, case) in cases.iter().enumerate() {
        let expected = work.read(format!("c{i:05}.tf"));
        let ours = format(case);
        assert_eq!(ours, expected, "{case:?}");
        changed += usize::from(&ours != case);
    }
    assert!(changed > 800, "only {changed} of {} were formatted", cases.len());
}
