//! All output to the user goes through here.

use groma_lang::{Diagnostic, Diagnostics, Severity, Sources};
use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// Where and how to write.
#[derive(Debug)]
pub struct Ui {
    /// Whether standard output takes colours.
    pub color: bool,
    /// Whether standard error takes colours.
    pub color_err: bool,
    /// Whether standard output is a terminal.
    pub terminal: bool,
    /// Columns of the terminal; 78 where there is none, as Terraform has it.
    pub width: usize,
    /// Whether diagnostics are collected for a JSON document instead of shown.
    pub quiet: AtomicBool,
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
            terminal,
            width,
            quiet: AtomicBool::new(false),
            compact_warnings: AtomicBool::new(false),
        }
    }

    /// Writes to standard output. A reader that went away (`groma show | head`)
    /// is no error.
    pub fn out(&self, text: &str) {
        let _ = std::io::stdout().lock().write_all(text.as_bytes());
    }
    /// Writes a line to standard output.
    pub fn line(&self, text: &str) {
        let mut out = std::io::stdout().lock();
        let _ = out.write_all(text.as_bytes());
        let _ = out.write_all(b"\n");
    }
    /// Writes to standard error.
    pub fn err(&self, text: &str) {
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
    }
    /// `text` in a style (an SGR code such as `1` or `32`), where colours are on.
    pub fn styled(&self, code: &str, text: &str) -> String {
        if self.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
    /// Shows diagnostics: warnings on standard output, errors on standard error.
    pub fn diags(&self, diags: &Diagnostics, sources: &Sources) {
        if self.quiet.load(Ordering::Relaxed) {
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
