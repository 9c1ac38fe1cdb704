//! What exists although the manifest says nothing of it any more: environments whose block
//! is gone, networks that nobody is in.

use super::{Project, aftermath};
use crate::commands::Failure;
use groma_platform::compile::{Compiler, Root};
use groma_platform::record::{Kept, Live, Record};
use std::collections::BTreeSet;

/// An environment that is up, or half up, and is not declared.
pub struct Remains {
    /// What its resources are called by.
    pub slug: String,
    /// What is remembered of it.
    pub live: Live,
    /// What is kept of its root module.
    pub kept: Kept,
}

impl Project<'_> {
    /// Whether the manifest declares an environment that is remembered.
    pub fn declares(&self, live: &Live) -> bool {
        self.manifest
            .environments()
            .iter()
            .any(|i| i.name == live.name && i.each.is_some() == live.label.is_some())
    }

    /// What is kept of a root module. Of those that were applied before anything was
    /// kept: where the platform is.
    pub fn kept(&self, record: &Record, root: &str) -> Kept {
        record.roots.get(root).cloned().unwrap_or_else(|| {
            let platform = &self.manifest.platform;
            let first = platform.accounts.first();
            Kept {
                account: first.map(|a| a.name.clone()).unwrap_or_default(),
                account_id: first.map(|a| a.id.clone()).unwrap_or_default(),
                region: platform.region.clone(),
                ..Kept::default()
            }
        })
    }

    /// The environment of a name (or slug) and label that is remembered and not declared.
    pub fn remains(&self, record: &Record, name: &str, label: Option<&str>) -> Option<Remains> {
        let found = record.environments.iter().find(|(slug, live)| {
            let named = live.name == name && live.label.as_deref() == label;
            (named || *slug == name && label.is_none()) && !self.declares(live)
        });
        let (slug, live) = found?;
        Some(Remains { slug: slug.clone(), live: live.clone(), kept: self.kept(record, slug) })
    }

    /// The root modules that environments need, but for one: as they were applied, and as
    /// the manifest has them now.
    pub fn used(&self, record: &Record, but: &str) -> BTreeSet<String> {
        let mut out = BTreeSet::new();
        for (slug, live) in record.environments.iter().filter(|(slug, _)| *slug != but) {
            out.extend(record.with_needs(slug));
            match self.manifest.environment(&live.name, live.label.as_deref()) {
                Ok(env) => out.extend(self.compiler(record, |c| c.names(&env))),
                // Of those that were applied before anything was kept nobody knows.
                Err(_) if !record.roots.contains_key(slug) => {
                    out.extend(record.networks.iter().map(|n| format!("network-{n}")));
                }
                Err(_) => {}
            }
        }
        out
    }

    /// Networks that are there and that no environment needs.
    pub fn idle_networks(&self, record: &Record) -> Vec<String> {
        let used = self.used(record, "");
        record.networks.iter().filter(|n| !used.contains(&format!("network-{n}"))).cloned().collect()
    }

    fn compiler<T>(&self, record: &Record, f: impl FnOnce(&Compiler<'_>) -> T) -> T {
        let backend = |root: &str| self.backend(root);
        f(&Compiler { manifest: &self.manifest, record, backend: &backend })
    }

    /// A root module for what is left of one.
    pub fn remnant(&self, record: &Record, root: &str) -> Result<Root, Failure> {
        let state = self.stored(root)?;
        let aliases = aftermath::aliases(&state);
        let kept = self.kept(record, root);
        Ok(self.compiler(record, |c| c.remains(root, &kept, &aliases)))
    }

    /// The account of a root module that was applied.
    pub fn account_of(&self, kept: &Kept) -> groma_platform::Account {
        self.compiler(&Record::default(), |c| c.account_of(kept))
    }
}
