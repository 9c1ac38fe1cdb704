//! Values and types of the Terraform language, with the meaning that the `cty`
//! library gives them: unknown values with refinements, typed nulls, marks,
//! sets, and exact numbers (512-bit binary floats).
//!
//! This crate owns the value model, conversion and unification of types, the
//! JSON and MessagePack codecs, attribute paths, resource addresses, and the
//! schema model that says which shape a configuration block has. It does no
//! I/O, knows no syntax (that is `groma-lang`) and no provider.
//!
//! Values are immutable and cheap to clone: every collection is behind an
//! `Arc`, so a reference to part of a large value copies a pointer.

pub mod addr;
#[cfg(test)]
mod codec_tests;
pub mod convert;
pub mod json;
pub mod marks;
pub mod msgpack;
pub mod notation;
pub mod number;
pub mod ops;
pub mod path;
pub mod proposed_new;
pub mod refine;
pub mod schema;
pub mod schema_value;
pub mod set;
pub mod types;
pub mod value;
pub mod version;

pub use convert::{ConvertError, Defaults, convert, unify};
pub use marks::{Mark, Marks};
pub use number::Number;
pub use path::{Path, PathError, PathStep};
pub use refine::Refinement;
pub use types::{Name, ObjectType, Type};
pub use value::{Fields, Value};
