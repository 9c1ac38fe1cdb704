//! The places which diagnostics name.

use std::collections::BTreeSet;

use serde_json::Value;

/// The places of the errors in what a command printed: `main.tf:3` each, `-` for an error without one.
///
/// Reads the layout in which diagnostics are shown to people: a line `Error: ...`, then an indented
/// `on <file> line <number>, in ...`, all of it perhaps inside a drawn border and with colours. Warnings are left out.
pub fn error_places(text: &str) -> BTreeSet<String> {
    let mut places = BTreeSet::new();
    // None outside an error; then the place so far.
    let mut current: Option<Option<String>> = None;
    for line in without_escapes(text).lines() {
        let line = line.trim_start_matches(['│', '╷', '╵', '|']);
        let words = line.trim();
        let starts_error = words.starts_with("Error: ");
        if starts_error || words.starts_with("Warning: ") {
            finish(&mut places, current.take());
            current = starts_error.then_some(None);
        } else if let Some(place @ None) = &mut current {
            *place = place_of(words);
        }
    }
    finish(&mut places, current);
    places
}

fn finish(places: &mut BTreeSet<String>, error: Option<Option<String>>) {
    places.extend(error.map(|place| place.unwrap_or_else(|| "-".to_owned())));
}

fn place_of(line: &str) -> Option<String> {
    let (file, rest) = line.strip_prefix("on ")?.split_once(" line ")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    (!digits.is_empty()).then(|| format!("{file}:{digits}"))
}

/// The places of the errors in the output of `validate -json`.
pub(crate) fn json_error_places(document: &Value) -> BTreeSet<String> {
    let diagnostics = document.get("diagnostics").and_then(Value::as_array).into_iter().flatten();
    diagnostics
        .filter(|diagnostic| diagnostic["severity"] == "error")
        .map(|diagnostic| {
            match (diagnostic["range"]["filename"].as_str(), &diagnostic["range"]["start"]["line"]) {
                (Some(file), Value::Number(line)) => format!("{file}:{line}"),
                _ => "-".to_owned(),
            }
        })
        .collect()
}

/// The text without terminal escape sequences.
pub(crate) fn without_escapes(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            // A sequence ends with its first letter.
            chars.by_ref().find(char::is_ascii_alphabetic);
        } else {
            plain.push(c);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_in_a_drawn_border_and_without() {
        let bordered = "╷\n│ \u{1b}[1mError: \u{1b}[0mOne\n│ \n│   with terraform_data.a,\n│   on m/main.tf line 12, in resource \"x\" \"y\":\n│   12: a\n╵\n╷\n│ Warning: Two\n│\n│   on main.tf line 1:\n╵\n";
        assert_eq!(error_places(bordered), BTreeSet::from(["m/main.tf:12".to_owned()]));
        let plain =
            "\nError: One\n\n  on main.tf line 3, in output \"a\":\n   3: x\n\nError: Two\n\nNo place.\n";
        assert_eq!(error_places(plain), BTreeSet::from(["-".to_owned(), "main.tf:3".to_owned()]));
    }

    #[test]
    fn only_errors_count_in_json() {
        let document = serde_json::json!({"diagnostics": [
            {"severity": "warning", "range": {"filename": "a.tf", "start": {"line": 1}}},
            {"severity": "error", "range": {"filename": "a.tf", "start": {"line": 2}}},
            {"severity": "error"},
        ]});
        assert_eq!(json_error_places(&document), BTreeSet::from(["-".to_owned(), "a.tf:2".to_owned()]));
    }
}
