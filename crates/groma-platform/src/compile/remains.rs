//! Root modules that have nothing but a backend and providers: what is needed to take
//! down what the manifest says nothing of any more.

use super::{Compiler, ONCE, Root, RootOf, files, label};
use crate::model::*;
use crate::record::Kept;
use std::collections::{BTreeMap, BTreeSet};

impl Compiler<'_> {
    /// A root module without resources for a state that has some. `aliases` are the
    /// provider configurations besides the first that the state names.
    pub fn remains(&self, name: &str, kept: &Kept, aliases: &BTreeSet<String>) -> Root {
        let (of, title, tag) = match name.strip_prefix("network-") {
            Some(n) => (RootOf::Network(n.to_owned()), format!("network {n}"), ("network", n)),
            None if name == ONCE => (RootOf::Once, ONCE.to_owned(), ("root", name)),
            None => {
                (RootOf::Environment(name.to_owned()), format!("environment {name}"), ("environment", name))
            }
        };
        let account = self.account_of(kept);
        let mut main = self.settings(name, &[tag], &account, &kept.region);
        for alias in aliases {
            let (account, region) = self.place_of(name, alias, kept);
            main.push(self.provider(Some(alias), &[tag], &account, &region));
        }
        Root {
            name: name.to_owned(),
            title,
            of,
            account: kept.account.clone(),
            region: kept.region.clone(),
            protect: kept.protect,
            needs: Vec::new(),
            files: files(BTreeMap::from([("main", main)])),
            modules: BTreeSet::new(),
        }
    }

    /// The names of the root modules that an environment needs, its own among them.
    pub fn names(&self, env: &Environment) -> Vec<String> {
        let mut networks = Vec::new();
        if let NetworkRef::Named(n) = &env.network {
            self.network_order(n, &mut networks);
        }
        let mut out: Vec<String> = networks.iter().map(|n| format!("network-{n}")).collect();
        out.extend([ONCE.to_owned(), env.slug.clone()]);
        out
    }

    /// The account of a root module that was applied: as the manifest has it now, if it
    /// still has it.
    pub fn account_of(&self, kept: &Kept) -> Account {
        let declared = self.manifest.platform.accounts.iter().find(|a| a.id == kept.account_id);
        declared.cloned().unwrap_or_else(|| Account {
            name: kept.account.clone(),
            id: kept.account_id.clone(),
            profile: None,
            role: None,
            span: self.manifest.platform.span,
        })
    }

    /// Where a provider configuration works, by what its name says.
    fn place_of(&self, root: &str, alias: &str, kept: &Kept) -> (Account, String) {
        if alias == "us_east_1" {
            return (self.account_of(kept), alias.replace('_', "-"));
        }
        let other = match (alias, alias.strip_prefix("peer_"), alias.strip_prefix("environment_")) {
            // The network that this environment is in.
            ("network", ..) => kept.needs.iter().find(|n| n.starts_with("network-")).cloned(),
            (_, Some(n), _) => self.root_called(&format!("network_{n}")),
            (.., Some(n)) => self.root_called(n),
            _ => None,
        };
        let other = other.filter(|o| o != root).and_then(|o| self.record.roots.get(&o)).unwrap_or(kept);
        (self.account_of(other), other.region.clone())
    }

    /// The root module of a label.
    fn root_called(&self, wanted: &str) -> Option<String> {
        self.record.roots.keys().find(|name| label(name) == wanted).cloned()
    }
}
