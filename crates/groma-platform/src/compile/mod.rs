//! From what a manifest means to root modules of plain Terraform.
//!
//! There is one root module for each declared network and for each environment, and
//! one for what the platform has once (registries of images, the organization) where
//! there is such a thing. They know each other through `terraform_remote_state`.
//!
//! The texts depend on the manifest and the record alone: the same two give the same
//! bytes.

mod environment;
pub(crate) mod grants;
mod network;
mod once;
mod operations;
mod package;
mod remains;
mod setup;
mod write;

pub(crate) use grants::settings_of;
pub use network::{local_backend, s3_backend};

use crate::hcl::{self, Block, Ex};
use crate::manifest::Manifest;
use crate::model::*;
use crate::record::{Live, Record, network_key, own_key};
use crate::{addresses, modules};
use groma_lang::Diagnostic;
use ipnet::Ipv4Net;
use std::collections::{BTreeMap, BTreeSet};

/// The name of the root module of what exists once.
pub const ONCE: &str = "platform";

/// The addresses from which Cloudflare connects, as it publishes them.
pub const CLOUDFLARE: &[&str] = &[
    "173.245.48.0/20",
    "103.21.244.0/22",
    "103.22.200.0/22",
    "103.31.4.0/22",
    "141.101.64.0/18",
    "108.162.192.0/18",
    "190.93.240.0/20",
    "188.114.96.0/20",
    "197.234.240.0/22",
    "198.41.128.0/17",
    "162.158.0.0/15",
    "104.16.0.0/13",
    "104.24.0.0/14",
    "172.64.0.0/13",
    "131.0.72.0/22",
];

/// A root module.
#[derive(Clone, Debug)]
pub struct Root {
    /// The directory's name: `platform`, `network-NAME` or the environment's slug.
    pub name: String,
    /// For people: `network shared`.
    pub title: String,
    /// What it is for.
    pub of: RootOf,
    /// The account's name.
    pub account: String,
    /// The region.
    pub region: String,
    /// Whether something in it must not be lost.
    pub protect: bool,
    /// The root modules whose outputs it reads.
    pub needs: Vec<String>,
    /// The files: path relative to the root module's directory, and bytes.
    pub files: BTreeMap<String, Vec<u8>>,
    /// The embedded modules that it calls.
    pub modules: BTreeSet<String>,
}

/// What a root module is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RootOf {
    /// What the platform has once.
    Once,
    /// A declared network.
    Network(String),
    /// An environment, by slug.
    Environment(String),
}

/// The name of the module that a component is compiled to: `service_web`.
pub fn module_name(id: &ComponentId) -> String {
    write::module_label(id.kind, &id.name)
}

/// A backend: its type and its arguments.
pub type Backend = (String, Vec<(String, String)>);

/// Compiles root modules.
pub struct Compiler<'a> {
    /// The manifest.
    pub manifest: &'a Manifest,
    /// What is remembered; see [`allocate`].
    pub record: &'a Record,
    /// Where the state of a root module is, by its name; as seen from the root
    /// module's directory.
    pub backend: &'a dyn Fn(&str) -> Backend,
}

/// Gives addresses to all networks that need some and have none yet: those that are
/// declared, and those of environments that are up.
pub fn allocate(manifest: &Manifest, record: &mut Record) -> Result<(), Diagnostic> {
    let mut taken: Vec<Ipv4Net> = manifest.networks.values().filter_map(|n| n.cidr).collect();
    let mut wanted: Vec<(String, Option<Ipv4Net>, groma_lang::Span)> = Vec::new();
    for (name, n) in &manifest.networks {
        wanted.push((network_key(name), n.cidr, n.span));
    }
    for info in manifest.environments() {
        let labels: Vec<(String, Option<String>)> = match &info.each {
            None => vec![(info.name.clone(), None)],
            Some(_) => record
                .environments
                .iter()
                .filter(|(_, l)| l.name == info.name)
                .map(|(slug, l)| (slug.clone(), l.label.clone()))
                .collect(),
        };
        for (slug, label) in labels {
            if info.network != NetworkRef::Own {
                continue;
            }
            let env = manifest.environment(&info.name, label.as_deref())?;
            taken.extend(env.own_network.cidr);
            taken.extend(env.components.vpns.values().flat_map(|v| v.cidrs.iter().copied()));
            wanted.push((own_key(&slug), env.own_network.cidr, info.span));
        }
    }
    taken.extend(record.addresses.values().copied());
    for (key, said, span) in wanted {
        match (said, record.addresses.get(&key)) {
            (Some(c), _) => {
                record.addresses.insert(key, c);
            }
            (None, Some(_)) => {}
            (None, None) => {
                let Some(c) = addresses::free(manifest.platform.addresses, &taken) else {
                    return Err(Diagnostic::error(
                        "No addresses left",
                        format!(
                            "Every block of {} is given to another network. Set addresses in the platform block to a larger range, or take down what is not needed.",
                            manifest.platform.addresses
                        ),
                    )
                    .at(span));
                };
                taken.push(c);
                record.addresses.insert(key, c);
            }
        }
    }
    Ok(())
}

impl<'a> Compiler<'a> {
    /// The root modules that an environment needs, in the order of creation; its own
    /// is the last.
    pub fn roots(&self, env: &Environment) -> Result<Vec<Root>, Diagnostic> {
        let mut out = Vec::new();
        out.extend(self.once_root()?);
        let mut names = Vec::new();
        if let NetworkRef::Named(n) = &env.network {
            self.network_order(n, &mut names);
        }
        for n in names {
            out.push(self.network_root(&n)?);
        }
        out.push(self.environment_root(env)?);
        Ok(out)
    }

    /// A network after those that it has routes to.
    fn network_order(&self, name: &str, out: &mut Vec<String>) {
        if out.iter().any(|n| n == name) {
            return;
        }
        if let Some(n) = self.manifest.networks.get(name) {
            for p in &n.peers {
                self.network_order(p, out);
            }
            out.push(name.to_owned());
        }
    }

    /// The account of a name.
    fn account(&self, name: &str) -> Result<&'a Account, Diagnostic> {
        self.manifest.platform.accounts.iter().find(|a| a.name == name).ok_or_else(|| {
            Diagnostic::error(
                "Missing account",
                format!("The platform has no account {name:?}. Add it to accounts in the platform block."),
            )
            .at(self.manifest.platform.span)
        })
    }

    /// What is remembered of an environment.
    fn live(&self, slug: &str) -> Live {
        self.record.environments.get(slug).cloned().unwrap_or_default()
    }

    /// The environments in a network: those of the manifest that are not one of many,
    /// and of the others those that are up.
    fn environments_in(&self, network: &str) -> Result<Vec<Environment>, Diagnostic> {
        let mut out = Vec::new();
        let here = NetworkRef::Named(network.to_owned());
        for info in self.manifest.environments().iter().filter(|i| i.network == here) {
            match &info.each {
                None => out.push(self.manifest.environment(&info.name, None)?),
                Some(_) => {
                    for live in self.record.environments.values().filter(|l| l.name == info.name) {
                        out.push(self.manifest.environment(&info.name, live.label.as_deref())?);
                    }
                }
            }
        }
        Ok(out)
    }

    /// The environment whose components a network's shared ones are made like: the
    /// first one that has them all.
    fn model_of(&self, network: &str) -> Result<Option<Environment>, Diagnostic> {
        for info in self.manifest.environments() {
            if info.network == NetworkRef::Named(network.to_owned()) {
                let label = info.each.as_ref().map(|_| "any");
                return self.manifest.environment(&info.name, label).map(Some);
            }
        }
        Ok(None)
    }

    /// The network that an environment is in.
    fn network_of<'e>(&'e self, env: &'e Environment) -> &'e Network {
        match &env.network {
            NetworkRef::Named(n) => self.manifest.networks.get(n).unwrap_or(&env.own_network),
            NetworkRef::Own => &env.own_network,
        }
    }

    /// The `terraform` block and the providers of a root module.
    fn settings(&self, root: &str, tags: &[(&str, &str)], account: &Account, region: &str) -> Vec<Block> {
        let (kind, config) = (self.backend)(root);
        let mut backend = Block::new("backend", &[&kind]);
        for (k, v) in &config {
            backend.set(k, backend_value(v));
        }
        let required = Block::new("required_providers", &[]).arg(
            "aws",
            Ex::Map(vec![
                ("source".into(), Ex::text("hashicorp/aws")),
                ("version".into(), Ex::text(">= 5.80.0, < 6.0.0")),
            ]),
        );
        let mut terraform = Block::new("terraform", &[]).arg("required_version", Ex::text(">= 1.5.0"));
        terraform = terraform.block(required);
        if !kind.is_empty() {
            terraform = terraform.block(backend);
        }
        vec![terraform, self.provider(None, tags, account, region)]
    }

    /// A provider block. Its tags are how everything is found again.
    fn provider(&self, alias: Option<&str>, tags: &[(&str, &str)], account: &Account, region: &str) -> Block {
        let mut all: Vec<(String, Ex)> = vec![(tag("platform"), Ex::text(&self.manifest.platform.name))];
        all.extend(tags.iter().map(|(k, v)| (tag(k), Ex::text(*v))));
        all.extend(self.manifest.platform.tags.iter().map(|(k, v)| (k.clone(), Ex::text(v))));
        let mut p = Block::new("provider", &["aws"])
            .maybe("alias", alias.map(Ex::text))
            .arg("region", Ex::text(region))
            .arg("allowed_account_ids", Ex::texts([&account.id]))
            .maybe("profile", account.profile.as_ref().map(Ex::text));
        if let Some(role) = &account.role {
            p = p.block(Block::new("assume_role", &[]).arg("role_arn", Ex::text(role)));
        }
        p.block(Block::new("default_tags", &[]).arg("tags", Ex::Map(all)))
    }

    /// The outputs of another root module, as `data.terraform_remote_state.NAME`.
    fn remote_state(&self, label: &str, root: &str) -> Block {
        let (kind, config) = (self.backend)(root);
        // A state that is found by the default path of the local backend.
        let (kind, config) = if kind.is_empty() {
            ("local".to_owned(), vec![("path".to_owned(), format!("../{root}/terraform.tfstate"))])
        } else {
            (kind, config)
        };
        Block::new("data", &["terraform_remote_state", label])
            .arg("backend", Ex::text(kind))
            .arg("config", Ex::Map(config.iter().map(|(k, v)| (k.clone(), backend_value(v))).collect()))
    }
}

fn backend_value(v: &str) -> Ex {
    if v == "true" { Ex::raw("true") } else { Ex::text(v) }
}

/// The key of one of Groma's tags.
pub fn tag(name: &str) -> String {
    format!("groma:{name}")
}

/// A label for HCL from a component's name.
fn label(s: &str) -> String {
    s.replace(['-', '.'], "_")
}

/// The availability zones' count as an expression, and so on: a module call.
fn call(name: &str, module: &str) -> Block {
    Block::new("module", &[name]).arg("source", Ex::text(format!("../../modules/{module}"))).gap()
}

/// The files of a root module from its sections; empty sections give no file.
fn files(sections: BTreeMap<&'static str, Vec<Block>>) -> BTreeMap<String, Vec<u8>> {
    sections
        .into_iter()
        .filter(|(_, b)| !b.is_empty())
        .map(|(name, blocks)| (format!("{name}.tf"), hcl::file(&blocks).into_bytes()))
        .collect()
}

/// The embedded modules that a set of them needs: themselves and those that they call.
pub fn with_callees(wanted: &BTreeSet<String>) -> BTreeSet<String> {
    let mut out = wanted.clone();
    let mut queue: Vec<String> = wanted.iter().cloned().collect();
    while let Some(m) = queue.pop() {
        for (_, text) in modules::files(&m) {
            for part in text.split("\"../").skip(1) {
                let Some(name) = part.split('"').next() else { continue };
                if modules::names().contains(&name) && out.insert(name.to_owned()) {
                    queue.push(name.to_owned());
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests;
