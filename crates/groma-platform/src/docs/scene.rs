//! A scene from a manifest and what is remembered.

use super::{Caller, Scene};
use crate::compile::grants::{endpoints, reaches_internet};
use crate::manifest::{EnvironmentInfo, Manifest};
use crate::model::*;
use crate::record::{Record, network_key, own_key};
use groma_lang::Diagnostic;
use std::collections::{BTreeMap, BTreeSet};

impl<'a> Scene<'a> {
    /// The scene of an environment: as it is while it is up, or parked where the record
    /// says so.
    ///
    /// # Errors
    /// Those of [`Manifest::environment`] for the environments around it.
    pub fn new(
        manifest: &'a Manifest,
        env: &'a Environment,
        record: &Record,
    ) -> Result<Scene<'a>, Diagnostic> {
        let (network, address) = match &env.network {
            NetworkRef::Named(n) => {
                (manifest.networks.get(n).unwrap_or(&env.own_network), record.addresses.get(&network_key(n)))
            }
            NetworkRef::Own => (&env.own_network, record.addresses.get(&own_key(&env.slug))),
        };
        let parked = |slug: &str| record.environments.get(slug).is_some_and(|l| l.parked);
        let around = around(manifest, env, record)?;
        let callers = callers(manifest, env)?;
        let linked: BTreeSet<&str> = env
            .components
            .services
            .values()
            .flat_map(|s| &s.uses)
            .filter_map(|u| match &u.target {
                UseTarget::Elsewhere { environment, .. } => Some(environment.as_str()),
                _ => None,
            })
            .chain(callers.iter().map(|c| c.environment.as_str()))
            .collect();
        let neighbours =
            around.iter().filter(|e| !linked.contains(e.name.as_str())).map(|e| e.slug.clone()).collect();
        // NAT gateways follow what is up; this environment counts as up, because the
        // page says what it is then.
        let up = around.iter().filter(|e| record.environments.contains_key(&e.slug) && !parked(&e.slug));
        let live: Vec<&Environment> = up.chain([env]).collect();
        let nat_gateways = match network.nat {
            _ if !live.iter().any(|e| reaches_internet(&e.components)) => 0,
            Nat::None => 0,
            Nat::Single => 1,
            Nat::Zonal => u32::from(network.zones),
            Nat::Auto if live.iter().any(|e| e.protect) => u32::from(network.zones),
            Nat::Auto => 1,
        };
        // What a network shares is made like that of its first environment.
        let model = match &env.network {
            NetworkRef::Named(_) => around.iter().chain([env]).min_by_key(|e| place(manifest, &e.name)),
            NetworkRef::Own => None,
        };
        Ok(Scene {
            shared: model.map(|m| m.components.clone()).unwrap_or_default(),
            shared_protected: around.iter().chain([env]).any(|e| e.protect),
            platform: &manifest.platform,
            network,
            environment: env,
            address: address.copied().or(network.cidr),
            neighbours,
            callers,
            nat_gateways,
            endpoints: network
                .endpoints
                .iter()
                .cloned()
                .chain(around.iter().chain([env]).flat_map(|e| endpoints(&e.components)))
                .collect(),
            parked: parked(&env.slug),
            proofs: None,
        })
    }
}

/// Where an environment is written.
fn place(manifest: &Manifest, name: &str) -> Option<usize> {
    manifest.environments().iter().position(|i| i.name == name)
}

impl Scene<'_> {
    fn is_shared(&self, kind: Kind, name: &str) -> bool {
        self.environment.network != NetworkRef::Own
            && self.network.shares.contains(&ComponentId { kind, name: name.to_owned() })
    }

    /// What the environment has of a kind, as it is: its own, or the network's.
    fn stores<'b, T>(
        &'b self,
        kind: Kind,
        of: impl Fn(&'b Components) -> &'b BTreeMap<String, T>,
    ) -> Vec<Store<'b, T>> {
        of(&self.environment.components)
            .iter()
            .map(|(name, own)| {
                let shared = self.is_shared(kind, name);
                let is = of(&self.shared).get(name).filter(|_| shared).unwrap_or(own);
                let protected = if shared { self.shared_protected } else { self.environment.protect };
                Store { is, shared, protected }
            })
            .collect()
    }

    pub(super) fn databases(&self) -> Vec<Store<'_, Database>> {
        self.stores(Kind::Database, |c| &c.databases)
    }

    pub(super) fn caches(&self) -> Vec<Store<'_, Cache>> {
        self.stores(Kind::Cache, |c| &c.caches)
    }

    pub(super) fn streams(&self) -> Vec<Store<'_, Stream>> {
        self.stores(Kind::Stream, |c| &c.streams)
    }
}

/// A database, a cache or a stream.
pub(super) struct Store<'a, T> {
    pub is: &'a T,
    /// Whether it exists once for all environments of the network.
    pub shared: bool,
    /// Whether it must not be lost.
    pub protected: bool,
}

/// The labels of the environments of a name: none, or those that are up.
fn labels(info: &EnvironmentInfo, record: &Record) -> Vec<Option<String>> {
    match info.each {
        None => vec![None],
        Some(_) => {
            record.environments.values().filter(|l| l.name == info.name).map(|l| l.label.clone()).collect()
        }
    }
}

/// The other environments in the same network: those that are declared, and those of
/// many that are up.
fn around(manifest: &Manifest, env: &Environment, record: &Record) -> Result<Vec<Environment>, Diagnostic> {
    let mut out = Vec::new();
    if env.network == NetworkRef::Own {
        return Ok(out);
    }
    for info in manifest.environments().iter().filter(|i| i.network == env.network) {
        for label in labels(info, record) {
            let other = manifest.environment(&info.name, label.as_deref())?;
            if other.slug != env.slug {
                out.push(other);
            }
        }
    }
    Ok(out)
}

/// Who connects to this environment's services from others.
fn callers(manifest: &Manifest, env: &Environment) -> Result<Vec<Caller>, Diagnostic> {
    let mut out = BTreeSet::new();
    for info in manifest.environments().iter().filter(|i| i.name != env.name) {
        let other = manifest.environment(&info.name, info.each.as_ref().map(|_| "any"))?;
        for s in other.components.services.values() {
            for u in &s.uses {
                if let UseTarget::Elsewhere { environment, service } = &u.target
                    && *environment == env.name
                {
                    out.insert(Caller {
                        environment: info.name.clone(),
                        from: s.name.clone(),
                        service: service.clone(),
                    });
                }
            }
        }
    }
    Ok(out.into_iter().collect())
}
