//! Plans and objects as text for people.

pub mod plan;
pub mod value;

/// How a line changes something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Nothing changes.
    Same,
    /// Comes into being.
    Add,
    /// Goes away.
    Remove,
    /// Becomes another.
    Change,
    /// Is read.
    Read,
}

/// Colours, where they are on.
#[derive(Clone, Copy, Debug)]
pub struct Paint {
    /// Whether they are on.
    pub on: bool,
}

impl Paint {
    /// `text` in a style (an SGR code).
    pub fn code(self, code: &str, text: &str) -> String {
        if self.on { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
    /// Bold.
    pub fn bold(self, text: &str) -> String {
        self.code("1", text)
    }
    /// Less visible than the rest.
    pub fn dim(self, text: &str) -> String {
        self.code("90", text)
    }
    /// The sign at the start of a line, one character wide.
    pub fn sign(self, s: Sign) -> String {
        match s {
            Sign::Same => " ".into(),
            Sign::Add => self.code("32", "+"),
            Sign::Remove => self.code("31", "-"),
            Sign::Change => self.code("33", "~"),
            Sign::Read => self.code("36", "<="),
        }
    }
}

/// A diagnostic in the form of `validate -json`.
pub fn diagnostic_json(d: &groma_lang::diag_render::JsonDiagnostic) -> serde_json::Value {
    use serde_json::{Map, Value, json};
    let mut out = Map::new();
    out.insert("severity".into(), d.severity.into());
    out.insert("summary".into(), d.summary.clone().into());
    out.insert("detail".into(), d.detail.clone().into());
    if let Some(a) = &d.address {
        out.insert("address".into(), a.clone().into());
    }
    if let Some(r) = &d.range {
        let pos = |p: &groma_lang::Position| json!({"line": p.line, "column": p.column, "byte": p.byte});
        out.insert("range".into(), json!({"filename": r.filename, "start": pos(&r.start), "end": pos(&r.end)}));
    }
    if let Some(s) = &d.snippet {
        let values: Vec<Value> =
            s.values.iter().map(|v| json!({"traversal": v.expr, "statement": v.statement})).collect();
        let mut x = json!({
            "context": s.context,
            "code": s.code,
            "start_line": s.start_line,
            "highlight_start_offset": s.highlight_start_offset,
            "highlight_end_offset": s.highlight_end_offset,
            "values": values,
        });
        if let Some(f) = &s.function_call {
            x["function_call"] = json!({"called_as": f.called_as});
        }
        out.insert("snippet".into(), x);
    }
    Value::Object(out)
}
