//! `csvdecode`: comma-separated values as RFC 4180 has them.

use super::Function;
use super::build::*;
use groma_value::{Name, Type, Value, value::nfc};
use std::collections::BTreeSet;

pub(super) fn functions() -> Vec<Function> {
    vec![
        function(
            "csvdecode",
            "The rows of comma-separated values as objects, the first row naming the attributes.",
            [param("str", Type::String, "The text.")],
            Type::Dynamic,
            csvdecode,
        )
        .typed(|_| Ok(Type::Dynamic)),
    ]
}

fn csvdecode(args: &[Value]) -> Res<Value> {
    let mut reader = Reader { rest: text(&args[0]), line: 0 };
    let Some((_, header)) = reader.record()? else {
        return fail("missing header line");
    };
    let names: Vec<Name> = header.iter().map(|n| nfc(n)).collect();
    let mut seen = BTreeSet::new();
    for name in &names {
        if !seen.insert(name) {
            return fail(format!("duplicate column name {}", quote(name)));
        }
    }
    let mut rows = Vec::new();
    while let Some((line, record)) = reader.record()? {
        if record.len() != names.len() {
            return error_at(line, "wrong number of fields");
        }
        rows.push(Value::object(names.iter().cloned().zip(record.into_iter().map(Value::from))));
    }
    Ok(Value::list(Type::object(names.into_iter().map(|n| (n, Type::String))), rows))
}

fn error_at<T>(line: usize, what: &str) -> Res<T> {
    fail(format!("CSV parse error on line {line}: {what}"))
}

const BAD_QUOTE: &str = "extraneous or missing \" in quoted-field";

struct Reader<'a> {
    rest: &'a str,
    /// Lines read so far.
    line: usize,
}

impl<'a> Reader<'a> {
    /// The next line without its line break, and whether it had one. A carriage
    /// return before a line feed or the end does not count.
    fn next_line(&mut self) -> Option<(&'a str, bool)> {
        if self.rest.is_empty() {
            return None;
        }
        self.line += 1;
        let (line, ended) = match self.rest.split_once('\n') {
            Some((line, rest)) => {
                self.rest = rest;
                (line, true)
            }
            None => (std::mem::take(&mut self.rest), false),
        };
        Some((line.strip_suffix('\r').unwrap_or(line), ended))
    }
    /// The next record and the line it begins in. Empty lines are no records.
    fn record(&mut self) -> Res<Option<(usize, Vec<String>)>> {
        let (mut line, mut ended) = loop {
            match self.next_line() {
                None => return Ok(None),
                Some(("", true)) => {}
                Some(line) => break line,
            }
        };
        let start = self.line;
        let mut fields = Vec::new();
        loop {
            let Some(quoted) = line.strip_prefix('"') else {
                let (field, rest) = match line.split_once(',') {
                    Some((field, rest)) => (field, Some(rest)),
                    None => (line, None),
                };
                if field.contains('"') {
                    return error_at(self.line, "bare \" in non-quoted-field");
                }
                fields.push(field.to_owned());
                match rest {
                    Some(rest) => line = rest,
                    None => return Ok(Some((start, fields))),
                }
                continue;
            };
            line = quoted;
            let mut field = String::new();
            loop {
                let Some((part, rest)) = line.split_once('"') else {
                    // The field goes on in the next line.
                    field.push_str(line);
                    if ended {
                        field.push('\n');
                    }
                    match self.next_line() {
                        Some(next) => (line, ended) = next,
                        None => return error_at(self.line, BAD_QUOTE),
                    }
                    continue;
                };
                field.push_str(part);
                line = rest;
                if let Some(rest) = line.strip_prefix('"') {
                    field.push('"');
                    line = rest;
                    continue;
                }
                break;
            }
            fields.push(field);
            match line.strip_prefix(',') {
                Some(rest) => line = rest,
                None if line.is_empty() => return Ok(Some((start, fields))),
                None => return error_at(self.line, BAD_QUOTE),
            }
        }
    }
}
