//! Turning what providers say into diagnostics.

use groma_lang::{Body, Diagnostic, Diagnostics, Severity, Span};
use groma_provider::{ProviderDiagnostic, ProviderError};

/// The diagnostic of a call that gave no answer. Names the log's last lines.
pub(crate) fn call_failed(e: &ProviderError) -> Diagnostic {
    let mut detail = e.to_string();
    if !detail.ends_with('.') {
        detail.push('.');
    }
    if !e.log.is_empty() {
        detail.push_str("\n\nThe last lines of the provider's log:\n");
        for l in &e.log {
            detail.push_str("  ");
            detail.push_str(l);
            detail.push('\n');
        }
    }
    Diagnostic::error(e.summary(), detail)
}

/// Adds a provider's diagnostics. Paths become places in `body`; without a path,
/// or a body, the place is `at`.
pub(crate) fn provider_diags(
    out: &mut Diagnostics,
    diags: Vec<ProviderDiagnostic>,
    body: Option<&Body>,
    at: Option<Span>,
    address: Option<String>,
) -> bool {
    let mut failed = false;
    for d in diags {
        failed |= d.error;
        let subject = match (&d.path, body) {
            (Some(p), Some(b)) if !p.is_empty() => Some(groma_lang::decode::span_of_path(b, p)),
            _ => None,
        };
        let mut detail = d.detail;
        // Without a place in the file, the path itself is the only hint.
        if let (Some(p), None) = (&d.path, subject)
            && !p.is_empty()
            && body.is_none()
        {
            detail.push_str(&format!("\n\nAttribute: {}", p.to_string().trim_start_matches('.')));
        }
        let mut x = Diagnostic::error(d.summary, detail);
        x.severity = if d.error { Severity::Error } else { Severity::Warning };
        x.subject = subject.or(at);
        x.address = address.clone();
        out.push(x);
    }
    failed
}
