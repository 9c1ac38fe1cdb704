//! A provider's schemas: read lazily from bytes, and kept on disk.
//!
//! A large provider's schema is megabytes that describe thousands of resource types, and a run uses
//! a handful. The provider's answer is therefore kept as it came, with an index from type name to
//! byte range; only the types asked for are decoded.

mod convert;
mod store;

pub(crate) use convert::argument_type;
pub(crate) use store::{BuildError, SchemaStore, StoredSchemas};
