//! What AWS has with an environment's tag, but no state knows: a run that died between
//! AWS's doing and its own noting leaves such objects.

use super::{Project, aftermath};
use crate::commands::Failure;
use groma_lang::Diagnostic;
use groma_platform::Environment;
use groma_platform::compile::{Root, tag};
use std::collections::BTreeSet;

/// What AWS makes by itself, with the tags of what made it.
const MADE_BY_AWS: &[&str] =
    &[":instance/", ":volume/", ":network-interface/", ":task/", ":snapshot:", ":cluster-snapshot:"];

impl Project<'_> {
    /// Warns of objects of an environment that are in none of its states.
    pub fn warn_of_strays(&self, env: &Environment, roots: &[Root]) -> Result<(), Failure> {
        let key = tag("environment");
        let found: Vec<(String, String)> = if let Some(s) = self.s.sandbox.get() {
            let all = s.world().tagged(&key, &env.slug).map_err(|e| e.to_string())?;
            all.into_iter().map(|o| (o.ty.clone(), o.arn.clone().unwrap_or(o.id.clone()))).collect()
        } else {
            let Some(a) = self.manifest.platform.accounts.iter().find(|a| a.name == env.account) else {
                return Ok(());
            };
            let caller = self.caller(a, &env.region)?;
            let all = groma_aws::tagging::resources_with_tag(&caller, &key, &env.slug)
                .map_err(|e| e.to_string())?;
            all.into_iter()
                .filter(|r| r.tags.get(&tag("platform")).is_none_or(|p| *p == self.manifest.platform.name))
                .map(|r| (r.arn.split(':').nth(2).unwrap_or("").to_owned(), r.arn))
                .collect()
        };
        let mut known = BTreeSet::new();
        for root in roots {
            let state = self.stored(&root.name)?;
            for (_, o) in aftermath::objects(&state, &[]) {
                known.extend(["arn", "id"].iter().filter_map(|n| aftermath::text(&o, n)));
            }
        }
        let strays: Vec<String> = found
            .into_iter()
            .filter(|(_, id)| !MADE_BY_AWS.iter().any(|m| id.contains(m)))
            // An ARN of the tagging service may say more, or less, than the provider's.
            .filter(|(_, id)| {
                !known
                    .iter()
                    .any(|k| id == k || id.ends_with(&format!("/{k}")) || k.starts_with(&format!("{id}:")))
            })
            .map(|(what, id)| format!("  - {what} {id}"))
            .collect();
        if !strays.is_empty() {
            let warning = Diagnostic::warning(
                format!("Something of {} is in no state", env.slug),
                format!(
                    "The run before this one did not come to its end. AWS has these with the environment's tag, and Groma does not know them; that run may have made them without hearing of it:\n{}\n\nThey may cost money. Remove them by hand if they are not yours.",
                    strays.join("\n")
                ),
            );
            self.s.ui.diags(&warning.into(), &self.s.sources);
        }
        Ok(())
    }
}
