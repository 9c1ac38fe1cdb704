//! Whatever is in a state file or a journal, nothing panics, and what can be read can be written
//! and read again.

use groma_state::file::{read, same_content, write};
use groma_state::{Change, Journal, State};
use groma_testkit::{Fuzz, fuzz};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

const STATES: [&str; 2] = [include_str!("states/v4.json"), include_str!("states/v3.json")];

/// What may stand at the place of anything.
const PIECES: &[&str] = &[
    "null",
    "true",
    "0",
    "-1",
    "1e400",
    "1.5",
    "18446744073709551616",
    "\"\"",
    "\"x\"",
    "[]",
    "{}",
    "[[",
    "}}",
    ",",
    ":",
    "\"",
    "\\",
    "\\ud800",
    "\u{0}",
    "é",
    "4",
    "3",
    "2",
    "\"managed\"",
    "\"data\"",
    "\"index_key\":",
    "\"each\":",
    "\"module\":",
    "\"module.m[0].module.n\"",
    "\"module.m[\\\"k\"",
    "\"provider[\\\"a/b/c\\\"]\"",
    "\"deposed\":",
    "\"00000001\"",
    "\"status\":",
    "\"tainted\"",
    "\"attributes\":",
    "\"attributes_flat\":",
    "\"sensitive_attributes\":",
    "\"private\":",
    "\"not base64\"",
    "\"dependencies\":",
    "\"schema_version\":",
    "\"identity\":",
    "\"type\":",
    "[\"object\",{\"a\":\"string\"}]",
    "[\"list\"]",
    "[\"map\",\"dynamic\"]",
    "\"serial\":",
    "\"lineage\":",
    "\"version\":5",
    "\"check_results\":",
    "\"outputs\":",
    "\"resources\":",
    "\"modules\":",
    "\"path\":",
];

/// Words, strings and single characters of JSON.
fn words(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let (mut in_word, mut in_string) = (false, false);
    for c in text.chars() {
        let word = c.is_alphanumeric() || c == '_' || c == '.';
        match out.last_mut() {
            Some(last) if (word && in_word) || in_string => last.push(c),
            _ => out.push(c.to_string()),
        }
        in_string ^= c == '"';
        in_word = word;
    }
    out
}

fn mutated() -> impl Strategy<Value = String> {
    let change = (any::<prop::sample::Index>(), 0usize..4, prop::sample::select(PIECES));
    (prop::sample::select(&STATES[..]), prop::collection::vec(change, 0..6)).prop_map(|(text, changes)| {
        let mut words = words(text);
        for (at, remove, insert) in changes {
            let at = at.index(words.len() + 1);
            let end = (at + remove).min(words.len());
            words.splice(at..end, [insert.to_owned()]);
        }
        words.concat()
    })
}

/// Bytes of a state that were changed, cut off or taken out.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let change = (any::<prop::sample::Index>(), any::<u8>(), 0usize..3);
    (prop::sample::select(&STATES[..]), prop::collection::vec(change, 1..4)).prop_map(|(text, changes)| {
        let mut bytes = text.as_bytes().to_vec();
        damage(&mut bytes, &changes);
        bytes
    })
}

fn damage(bytes: &mut Vec<u8>, changes: &[(prop::sample::Index, u8, usize)]) {
    for (at, byte, how) in changes {
        let at = at.index(bytes.len() + 1);
        match how {
            0 => bytes.truncate(at),
            1 if at < bytes.len() => bytes[at] = *byte,
            _ => bytes.insert(at, *byte),
        }
    }
}

fn exercise(bytes: &[u8]) {
    match read(bytes) {
        Err(e) => assert!(!e.to_string().is_empty()),
        Ok(file) => {
            let text = write(&file).expect("what was read can be written");
            let again = read(&text).unwrap_or_else(|e| panic!("{e}\n{}", String::from_utf8_lossy(&text)));
            let shown = String::from_utf8_lossy(&text);
            assert_eq!(String::from_utf8_lossy(&write(&again).expect("again")), shown);
            assert!(same_content(&file.state, &again.state), "{shown}");
        }
    }
}

fn config(usual: u32) -> ProptestConfig {
    let Fuzz { cases, seed } = fuzz(usual);
    let rng_seed = RngSeed::Fixed(seed);
    ProptestConfig { cases, rng_seed, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config(1500))]

    #[test]
    fn changed_states_never_panic(text in mutated()) {
        exercise(text.as_bytes());
    }

    #[test]
    fn damaged_states_never_panic(bytes in damaged()) {
        exercise(&bytes);
    }
}

/// A damaged journal gives the changes before the damage, or is refused.
#[test]
fn damaged_journals_give_what_is_whole() {
    let full = read(STATES[0].as_bytes()).expect("a state").state;
    let changes = Change::between(&State::default(), &full);
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("journal");
    let journal = Journal::new(&path, "lineage", 3);
    for change in &changes {
        journal.record(std::slice::from_ref(change)).expect("a record");
    }
    let whole = std::fs::read(&path).expect("the journal");
    let undamaged = Journal::load(&path).expect("readable").expect("there");
    assert_eq!(undamaged.records.len(), changes.len());
    let damages = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0usize..3), 1..4);
    proptest!(config(500), |(damages in damages)| {
        let mut bytes = whole.clone();
        damage(&mut bytes, &damages);
        std::fs::write(&path, &bytes).expect("written");
        let Ok(Some(content)) = Journal::load(&path) else { return Ok(()) };
        prop_assert!(content.records.len() <= changes.len());
        let (mut found, mut expected) = (State::default(), State::default());
        content.replay(0, &mut found);
        changes[..content.records.len()].iter().for_each(|c| c.clone().apply(&mut expected));
        prop_assert!(same_content(&found, &expected), "other changes than were recorded");
    });
}
