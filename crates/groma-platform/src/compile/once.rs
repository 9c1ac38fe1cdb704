//! The root module of what a platform has once: registries of container images and
//! the organization.

use super::write::Writer;
use super::{Compiler, ONCE, Root, RootOf, files, label};
use crate::hcl::{Block, Ex};
use crate::model::*;
use groma_lang::Diagnostic;
use std::collections::{BTreeMap, BTreeSet};

impl Compiler<'_> {
    /// The root module, if the manifest has anything for it.
    pub fn once_root(&self) -> Result<Option<Root>, Diagnostic> {
        let m = self.manifest;
        let built: Vec<&Image> =
            m.images.values().filter(|i| matches!(i.source, ImageSource::Build { .. })).collect();
        let github = self.trusts_github()?;
        if built.is_empty() && m.organization.is_none() && !github {
            return Ok(None);
        }
        let Some(first) = m.platform.accounts.first() else { return Ok(None) };
        let mut w = Writer {
            c: self,
            prefix: m.platform.name.clone(),
            account: first,
            region: m.platform.region.clone(),
            protect: m.environments().iter().any(|e| e.protect),
            network: String::new(),
            lender: None,
            sections: BTreeMap::new(),
            modules: BTreeSet::new(),
        };
        for b in self.settings(ONCE, &[], first, &m.platform.region) {
            w.add("main", b);
        }
        let protect = w.protect;
        let others: Vec<&str> = m.platform.accounts.iter().skip(1).map(|a| a.id.as_str()).collect();
        for i in built {
            let key = format!("registry_{}", label(&i.name));
            let b = w
                .regional(&key, "registry", &registry(&m.platform.name, &i.name))
                .some("readers", Ex::texts(others.iter().copied()))
                .some("writers", Ex::texts(self.pushers(&i.name)?))
                .arg("protect", Ex::raw(protect.to_string()));
            w.add("registries", b);
            let url = Ex::raw(format!("module.{key}.repository_url"));
            w.add("outputs", Block::new("output", &[&key]).arg("value", url));
        }
        if github {
            let b = Block::new("resource", &["aws_iam_openid_connect_provider", "github"])
                .comment("Who GitHub's workflows are. An account can have this once only.")
                .arg("url", Ex::text("https://token.actions.githubusercontent.com"))
                .arg("client_id_list", Ex::texts(["sts.amazonaws.com"]));
            w.add("github", b);
        }
        if let Some(o) = &m.organization {
            w.modules.insert("organization".into());
            let accounts = o
                .accounts
                .iter()
                .map(|(name, (email, unit))| {
                    let mut f = vec![("email".to_owned(), Ex::text(email))];
                    f.extend(unit.as_ref().map(|u| ("unit".to_owned(), Ex::text(u))));
                    (name.clone(), Ex::Map(f))
                })
                .collect();
            let b = super::call("organization", "organization")
                .some("accounts", Ex::Map(accounts))
                .some("units", Ex::texts(&o.units))
                .some("guardrails", Ex::texts(&o.guardrails))
                .some("regions", Ex::texts(&o.regions));
            w.add("organization", b);
        }
        Ok(Some(Root {
            name: ONCE.into(),
            title: "platform".into(),
            of: RootOf::Once,
            account: first.name.clone(),
            region: m.platform.region.clone(),
            protect,
            needs: Vec::new(),
            files: files(w.sections),
            modules: w.modules,
        }))
    }

    /// Whether any role lets workflows of GitHub in.
    fn trusts_github(&self) -> Result<bool, Diagnostic> {
        for info in self.manifest.environments() {
            let label = info.each.as_ref().map(|_| "any");
            let env = self.manifest.environment(&info.name, label)?;
            if env.components.roles.values().any(|r| r.trusted.iter().any(|t| t.starts_with("github:"))) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The name of an image's registry.
pub(super) fn registry(platform: &str, image: &str) -> String {
    format!("{platform}-{image}")
}
