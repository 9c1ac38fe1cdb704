//! Decoding of the language's blocks, one file for each family.
//!
//! Each function takes a block of the syntax tree and gives an item of the
//! model, or `None` where nothing useful is left of it; what is wrong goes to
//! the diagnostics. Whether names are unique in a module is checked by the
//! loader, not here.

pub(crate) mod asked;
pub(crate) mod check;
pub(crate) mod constant;
pub(crate) mod module_call;
pub(crate) mod moves;
pub(crate) mod provider;
pub(crate) mod required_providers;
pub(crate) mod resource;
pub(crate) mod terraform;
pub(crate) mod traversal;
pub(crate) mod values;

use crate::LoadOptions;
use groma_lang::{Diagnostics, Ident, Sources, Span};

/// What decoding needs besides the block.
pub(crate) struct Cx<'a> {
    /// The sources, for places in messages.
    pub sources: &'a Sources,
    /// Settings.
    pub options: &'a LoadOptions,
    /// Where diagnostics go.
    pub diags: &'a mut Diagnostics,
}

impl Cx<'_> {
    /// Adds an error.
    pub fn error(&mut self, span: Span, summary: impl Into<String>, detail: impl Into<String>) {
        self.diags.error(span, summary, detail);
    }
    /// Adds a warning.
    pub fn warning(&mut self, span: Span, summary: impl Into<String>, detail: impl Into<String>) {
        self.diags.warning(span, summary, detail);
    }
    /// A place for use within a sentence.
    pub fn place(&self, span: Span) -> String {
        place(self.sources, span)
    }
    /// Reports a name that is no identifier.
    pub fn check_name(&mut self, name: &Ident, summary: &str) {
        if !is_identifier(&name.name) {
            self.error(name.span, summary, BAD_NAME);
        }
    }
}

/// What a name must look like.
pub(crate) const BAD_NAME: &str =
    "Names begin with a letter or an underscore; letters, digits, underscores and dashes may follow.";

/// `main.tf:3,1-16`: file, line, first and last column.
pub(crate) fn place(sources: &Sources, span: Span) -> String {
    let file = sources.get(span.file);
    let (a, b) = (file.position(span.start), file.position(span.end));
    if a.line == b.line {
        format!("{}:{},{}-{}", file.name, a.line, a.column, b.column)
    } else {
        format!("{}:{},{}-{},{}", file.name, a.line, a.column, b.line, b.column)
    }
}

/// Whether `name` may be the name of something.
pub(crate) fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c == '_' || unicode_ident::is_xid_start(c))
        && chars.all(|c| c == '-' || unicode_ident::is_xid_continue(c))
}

/// The two meta-arguments that exclude each other.
pub(crate) fn check_repetition(found: &crate::content::Content, cx: &mut Cx<'_>) {
    if let (Some(_), Some(f)) = (found.attr("count"), found.attr("for_each")) {
        cx.error(
            f.name.span,
            "Invalid combination of \"count\" and \"for_each\"",
            "Only one of \"count\" and \"for_each\" may say how many instances there are.",
        );
    }
}

/// `enabled` in `lifecycle` stands alone.
pub(crate) fn check_enabled(
    found: &crate::content::Content,
    enabled: Option<&groma_lang::Expr>,
    cx: &mut Cx<'_>,
) {
    let Some(e) = enabled else { return };
    for name in ["count", "for_each"].into_iter().filter(|n| found.attr(n).is_some()) {
        cx.error(
            e.span,
            format!("Invalid combination of \"{name}\" and \"enabled\""),
            format!("\"{name}\" says how many instances there are already; \"enabled\" is for one instance without a key."),
        );
    }
}
