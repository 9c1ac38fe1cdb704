//! Checks of what was read: within an environment, and across them.

mod across;
mod arguments;
mod flows;
mod within;

pub(super) use across::across;
pub(super) use arguments::environment_args;
pub(super) use within::within;

use super::environment::Resolved;
use crate::model::ComponentId;
use groma_lang::Span;

impl Resolved {
    /// Where an argument of a component is written; where the component is, if it is not.
    fn place(&self, id: &ComponentId, argument: &'static str) -> Span {
        let at = |a| self.places.get(&(id.clone(), a)).copied();
        at(argument).or_else(|| at("")).unwrap_or(self.environment.span)
    }
}
