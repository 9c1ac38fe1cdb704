//! HCL as the Terraform language uses it: source files and spans, diagnostics,
//! the syntax tree with its parser and formatter, evaluation of expressions and
//! templates, the decoding of bodies by schema, and the functions.
//!
//! This crate knows nothing of resources, modules or providers: what a name
//! such as `aws_vpc.main` means is answered by whoever implements
//! [`eval::Scope`]. It never prints, reads no environment, and touches the file
//! system only in the functions that are about files.

pub mod ast;
pub mod console_format;
pub mod decode;
pub mod diag;
pub mod diag_render;
pub mod eval;
pub mod functions;
mod outline;
pub mod source;
pub mod syntax;
pub mod typeexpr;
pub mod write;

pub use ast::{Attribute, Block, Body, Expr, ExprKind, Ident};
pub use diag::{Diagnostic, Diagnostics, Severity};
pub use source::{FileId, Position, SourceFile, Sources, Span};
