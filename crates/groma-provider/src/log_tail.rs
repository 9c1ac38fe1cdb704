//! What a provider process last said.
//!
//! Providers log JSON lines (hclog's format) to their standard error, plain text when they panic.
//! A bounded tail is kept so that an error can show why a provider died; every line can also be
//! handed to a sink, which is how a caller implements `TF_LOG_PROVIDER`.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// How grave a log line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// `trace`
    Trace,
    /// `debug`
    Debug,
    /// `info`
    Info,
    /// `warn`
    Warn,
    /// `error`
    Error,
}

/// One line from a provider.
#[derive(Clone, Debug, PartialEq)]
pub struct LogLine {
    /// The level, where the line was structured.
    pub level: Option<LogLevel>,
    /// The message, or the whole line where it was not structured.
    pub message: String,
    /// The remaining fields of a structured line as `key=value`, in the line's order.
    pub fields: Vec<(String, String)>,
}

impl LogLine {
    /// Reads a line: JSON with `@message` is taken apart, everything else kept as it is.
    pub fn parse(line: &str) -> LogLine {
        let plain = || LogLine { level: None, message: line.to_owned(), fields: Vec::new() };
        if !line.starts_with('{') {
            return plain();
        }
        let Ok(serde_json::Value::Object(object)) = serde_json::from_str(line) else { return plain() };
        let Some(message) = object.get("@message").and_then(|value| value.as_str()) else { return plain() };
        let level = match object.get("@level").and_then(|value| value.as_str()) {
            Some("trace") => Some(LogLevel::Trace),
            Some("debug") => Some(LogLevel::Debug),
            Some("info") => Some(LogLevel::Info),
            Some("warn") => Some(LogLevel::Warn),
            Some("error") => Some(LogLevel::Error),
            _ => None,
        };
        let text = |value: &serde_json::Value| match value {
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        LogLine {
            level,
            message: message.to_owned(),
            fields: object
                .iter()
                .filter(|(key, _)| !matches!(key.as_str(), "@message" | "@level" | "@timestamp"))
                .map(|(key, value)| (key.clone(), text(value)))
                .collect(),
        }
    }
}

impl fmt::Display for LogLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.level {
            Some(LogLevel::Trace) => f.write_str("[TRACE] ")?,
            Some(LogLevel::Debug) => f.write_str("[DEBUG] ")?,
            Some(LogLevel::Info) => f.write_str("[INFO]  ")?,
            Some(LogLevel::Warn) => f.write_str("[WARN]  ")?,
            Some(LogLevel::Error) => f.write_str("[ERROR] ")?,
            None => {}
        }
        f.write_str(&self.message)?;
        for (key, value) in &self.fields {
            write!(f, " {}={value}", key.trim_start_matches('@'))?;
        }
        Ok(())
    }
}

/// Receives every line of a provider, with the provider's address.
pub type LogSink = Arc<dyn Fn(&str, &LogLine) + Send + Sync>;

const MAX_LINES: usize = 200;
const MAX_BYTES: usize = 64 * 1024;
/// A longer line is cut, so that a provider without newlines cannot fill the memory.
pub(crate) const MAX_LINE_BYTES: usize = 16 * 1024;

/// The last lines of one process, at most 200 and at most 64 KB.
pub(crate) struct LogTail {
    provider: String,
    sink: Option<LogSink>,
    lines: Mutex<(VecDeque<String>, usize)>,
}

impl LogTail {
    pub(crate) fn new(provider: String, sink: Option<LogSink>) -> Self {
        LogTail { provider, sink, lines: Mutex::default() }
    }

    pub(crate) fn push(&self, line: &str) {
        let line = line.trim_end_matches(['\n', '\r']);
        if line.is_empty() {
            return;
        }
        if let Some(sink) = &self.sink {
            sink(&self.provider, &LogLine::parse(line));
        }
        // Lines stay raw until somebody asks: a provider at trace level writes a lot of them.
        let mut guard = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let (lines, bytes) = &mut *guard;
        *bytes += line.len();
        lines.push_back(line.to_owned());
        while lines.len() > MAX_LINES || *bytes > MAX_BYTES {
            match lines.pop_front() {
                Some(old) => *bytes -= old.len(),
                None => break,
            }
        }
    }

    /// The lines kept, oldest first, formatted for people.
    pub(crate) fn lines(&self) -> Vec<String> {
        let guard = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        guard.0.iter().map(|line| LogLine::parse(line).to_string()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_structured_lines() {
        let line = LogLine::parse(
            r#"{"@level":"error","@message":"it broke","@timestamp":"2024-01-01","@module":"provider","n":3}"#,
        );
        assert_eq!(line.level, Some(LogLevel::Error));
        assert_eq!(line.to_string(), "[ERROR] it broke module=provider n=3");
        assert_eq!(LogLine::parse("panic: oh").to_string(), "panic: oh");
        assert_eq!(LogLine::parse("{not json").to_string(), "{not json");
    }

    #[test]
    fn keeps_a_bounded_tail() {
        let tail = LogTail::new("x".into(), None);
        for i in 0..1000 {
            tail.push(&format!("line {i}\n"));
        }
        let lines = tail.lines();
        assert_eq!(lines.len(), MAX_LINES);
        assert_eq!(lines.last().map(String::as_str), Some("line 999"));
        tail.push(&"x".repeat(MAX_BYTES));
        assert_eq!(tail.lines().len(), 1);
    }
}
