//! All output to the user goes through here.

use groma_engine::json::stream::Message;
use groma_lang::{Diagnostic, Diagnostics, Severity, Sources};
use std::io::{IsTerminal, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// Where and how to write.
#[derive(Debug)]
pub struct Ui {
    /// Whether standard output takes colours.
    pub color: bool,
    /// Whether standard error takes colours.
    pub color_err: bool,
    /// Columns of the terminal; 78 where there is none, as Terraform has it.
    pub width: usize,
    /// Whether diagnostics are collected for a JSON document instead of shown.
    pub quiet: AtomicBool,
    /// Whether warnings are left out, because standard output takes a document.
    no_warnings: AtomicBool,
    /// Whether everything is told as JSON messages, a line each.
    pub json: AtomicBool,
    /// The kind of message as which texts are told too, where everything is: those of
    /// `init` have no other form.
    pub texts: OnceLock<&'static str>,
    /// Whether warnings are shortened to their summaries.
    pub compact_warnings: AtomicBool,
}

impl Ui {
    /// Looks at the terminal and at `NO_COLOR`.
    pub fn new(no_color: bool) -> Ui {
        let terminal = std::io::stdout().is_terminal();
        let width = if terminal { terminal_width().unwrap_or(80) } else { 78 };
        Ui {
            color: terminal && !no_color,
            color_err: std::io::stderr().is_terminal() && !no_color,
            width,
            quiet: AtomicBool::new(false),
            no_warnings: AtomicBool::new(false),
            json: AtomicBool::new(false),
            texts: OnceLock::new(),
            compact_warnings: AtomicBool::new(false),
        }
    }

    /// Writes to standard output. A reader that went away (`groma show | head`)
    /// is no error.
    pub fn out(&self, text: &str) {
        if self.json.load(Ordering::Relaxed) {
            self.tell(text);
            return;
        }
        let _ = std::io::stdout().lock().write_all(text.as_bytes());
    }
    /// Writes a line to standard output.
    pub fn line(&self, text: &str) {
        if self.json.load(Ordering::Relaxed) {
            self.tell(text);
            return;
        }
        let mut out = std::io::stdout().lock();
        let _ = out.write_all(text.as_bytes());
        let _ = out.write_all(b"\n");
    }
    /// A text as a message, if texts are told so.
    fn tell(&self, text: &str) {
        if let Some(kind) = self.texts.get().filter(|_| !text.trim().is_empty()) {
            self.message(&Message::new("info", kind, text.trim()));
        }
    }
    /// Leaves out warnings from here on.
    pub fn documents_only(&self, on: bool) {
        self.no_warnings.store(on, Ordering::Relaxed);
    }
    /// Writes a message, where messages are told as JSON.
    pub fn message(&self, m: &Message) {
        if self.json.load(Ordering::Relaxed) {
            let line = format!("{}\n", m.line(jiff::Timestamp::now()));
            let _ = std::io::stdout().lock().write_all(line.as_bytes());
        }
    }
    /// Writes to standard error.
    pub fn err(&self, text: &str) {
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
    }
    /// Shows diagnostics: warnings on standard output, errors on standard error.
    pub fn diags(&self, diags: &Diagnostics, sources: &Sources) {
        if self.quiet.load(Ordering::Relaxed) {
            return;
        }
        if self.json.load(Ordering::Relaxed) {
            for d in diags {
                let d = groma_lang::diag_render::render_json(d, sources, None);
                self.message(&groma_engine::json::stream::diagnostic(&d));
            }
            return;
        }
        let compact = self.compact_warnings.load(Ordering::Relaxed) && !diags.has_errors();
        if compact && !diags.is_empty() {
            let mut out = String::from("\nWarnings:\n\n");
            for d in diags {
                out.push_str(&format!("- {}\n", d.summary));
                if let Some(s) = d.subject {
                    let f = sources.get(s.file);
                    out.push_str(&format!("  on {} line {}\n", f.name, f.position(s.start).line));
                }
            }
            out.push_str("\nTo see the full warning notes, run Groma without -compact-warnings.\n");
            self.out(&out);
            return;
        }
        for d in diags {
            let text = self.render(d, sources);
            match d.severity {
                Severity::Warning if self.no_warnings.load(Ordering::Relaxed) => {}
                Severity::Warning => self.out(&text),
                Severity::Error => self.err(&text),
            }
        }
    }
    fn render(&self, d: &Diagnostic, sources: &Sources) -> String {
        let color = if d.is_error() { self.color_err } else { self.color };
        let signature: &dyn Fn(&str) -> Option<groma_lang::diag_render::FunctionSignature> = &|_| None;
        let options = groma_lang::diag_render::RenderOptions {
            color,
            boxed: color,
            width: self.width,
            signature: Some(signature),
        };
        groma_lang::diag_render::render_text(d, sources, &options)
    }
}

fn terminal_width() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    (size.ws_col > 0).then_some(size.ws_col as usize)
}
