//! The format of the embedded data, read here and written by the program that measures the real
//! provider (`cargo xtask sandbox-data`).
//!
//! An archive is named records in chunks: neighbours are compressed together and a chunk is
//! decompressed when one of its records is first asked for. The index, compressed as well, says in
//! which chunk and where each record is. A schema is a record of its own small binary form, in which
//! equal blocks within one schema are stored once; what was measured of a type is JSON.

mod archive;
mod schema;

pub use archive::{Archive, write_archive};
pub use schema::{decode_schema, encode_schema};
