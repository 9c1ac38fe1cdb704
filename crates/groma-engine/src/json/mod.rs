//! JSON for other programs: plans, states, schemas, outputs, and the messages of
//! a run, in the documented formats of Terraform.
//!
//! The order of members is Terraform's: of structures a fixed one, of maps that
//! of the names. [`to_text`] gives the bytes.

#![allow(clippy::result_large_err, reason = "an error ends the command, so its size does not matter")]

mod checks;
mod configuration;
mod expression;
mod outputs;
mod plan;
mod relevant;
mod schemas;
mod state;
pub mod stream;
mod text;
mod value;

pub use outputs::{diagnostic_json, outputs_json};
pub use plan::plan_json;
pub use relevant::relevant;
pub use schemas::schemas_json;
pub use state::state_json;
pub use text::{to_text, to_text_indented};
pub use value::plain as plain_value;
