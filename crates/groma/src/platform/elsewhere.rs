//! Environments that use services of other environments: these have to be up first.

use super::Project;
use crate::commands::Failure;
use groma_lang::{Diagnostic, Diagnostics};
use groma_platform::record::Record;
use groma_platform::{Environment, UseTarget};
use std::collections::BTreeSet;

impl Project<'_> {
    /// Refuses to plan an environment that uses services of others as long as the states
    /// of these do not tell where the services are, and names the commands that change that.
    pub fn others_are_up(&self, env: &Environment, record: &Record) -> Result<(), Failure> {
        let (mut diags, mut said) = (Diagnostics::new(), BTreeSet::new());
        for client in env.components.services.values() {
            for u in &client.uses {
                let UseTarget::Elsewhere { environment, service } = &u.target else { continue };
                let state = self.stored(environment)?;
                let links = state.outputs.get("links").and_then(|o| o.value.as_fields());
                let label = service.replace(['-', '.'], "_");
                if links.is_some_and(|l| l.get(&label).is_some()) || !said.insert(environment) {
                    continue;
                }
                let (why, verb) = match record.environments.get(environment) {
                    None => ("is not up", "up"),
                    Some(live) if live.parked => ("is parked", "resume"),
                    Some(_) => ("was brought up without it", "up"),
                };
                let text = format!(
                    "service.{} of {} uses service.{service} of {environment}, which {why}. Do this first:\n  {}",
                    client.name,
                    env.slug,
                    self.command_for(verb, None, environment)
                );
                diags.push(Diagnostic::error(format!("{environment} has to be up first"), text).at(u.span));
            }
        }
        self.s.check(&diags)
    }
}
