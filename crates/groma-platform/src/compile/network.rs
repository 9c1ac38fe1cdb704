//! The root module of a declared network, and what a network needs.

use super::write::Writer;
use super::{Backend, Compiler, Root, RootOf, files, label};
use crate::hcl::{Block, Ex};
use crate::model::*;
use crate::record::{network_key, own_key};
use groma_lang::Diagnostic;
use std::collections::{BTreeMap, BTreeSet};

impl Compiler<'_> {
    /// The root module of a declared network.
    pub fn network_root(&self, name: &str) -> Result<Root, Diagnostic> {
        let n = self.manifest.networks.get(name).ok_or_else(|| {
            Diagnostic::error("Unknown network", format!("The manifest has no network {name:?}."))
        })?;
        let account = self.account(&n.account)?;
        let environments = self.environments_in(name)?;
        let protect = environments.iter().any(|e| e.protect);
        let root = format!("network-{name}");
        let prefix = format!("{}-{name}", self.manifest.platform.name);
        let mut w = Writer {
            c: self,
            prefix: prefix.clone(),
            account,
            region: n.region.clone(),
            protect,
            network: "module.network".into(),
            lender: None,
            sections: BTreeMap::new(),
            modules: BTreeSet::new(),
        };
        let tags = [("network", name)];
        for b in self.settings(&root, &tags, account, &n.region) {
            w.add("main", b);
        }
        // An environment that exists nowhere yet counts for what it will need, except
        // for NAT gateways, which cost while nobody uses them.
        let mut all: Vec<Environment> = environments;
        if let Some(e) = self.model_of(name)?.filter(|e| !all.iter().any(|a| a.name == e.name)) {
            all.push(e);
        }
        let live: Vec<&Environment> =
            all.iter().filter(|e| self.record.environments.get(&e.slug).is_some_and(|l| !l.parked)).collect();
        let cidr = self.record.addresses.get(&network_key(name)).copied();
        self.network_module(&mut w, &prefix, n, cidr, &all, &live)?;

        let mut needs = Vec::new();
        for peer in &n.peers {
            self.peering(&mut w, n, peer)?;
            needs.push(format!("network-{peer}"));
        }

        let model = all.first();
        let mut outputs = vec![("network", Ex::raw("module.network"))];
        let mut names = Vec::new();
        if let Some(model) = model {
            for id in &n.shares {
                w.shared(id, &model.components)?;
                names.push(format!("{}_{}", id.kind.keyword(), label(&id.name)));
            }
        }
        if n.shares_load_balancer {
            let mut hosts: Vec<String> = Vec::new();
            let mut idle = 60;
            for e in all.iter().filter(|e| e.label.is_none()) {
                for s in e.components.services.values().filter(|s| s.edge.is_none()) {
                    idle = idle.max(s.idle);
                    hosts.extend(s.hosts.iter().cloned());
                }
            }
            hosts.sort();
            hosts.dedup();
            let domain = self.manifest.platform.domain.clone();
            w.load_balancer("load_balancer", None, &hosts, idle, domain.as_deref());
            names.push("load_balancer".into());
        }
        let slugs: Vec<&Environment> =
            all.iter().filter(|e| self.record.environments.contains_key(&e.slug)).collect();
        let parked = !slugs.is_empty() && live.is_empty();
        if parked || all.iter().any(super::operations::parkable) {
            self.park_shared(&mut w, &prefix, n, model, parked);
        }
        if n.accounts.iter().any(|a| *a != n.account) {
            self.share_subnets(&mut w, &prefix, n)?;
        }
        for n in &names {
            outputs.push((n, Ex::raw(format!("module.{n}"))));
        }
        for (k, v) in outputs {
            w.add("outputs", Block::new("output", &[k]).arg("value", v));
        }
        Ok(Root {
            name: root,
            title: format!("network {name}"),
            of: RootOf::Network(name.to_owned()),
            account: n.account.clone(),
            region: n.region.clone(),
            protect,
            needs,
            files: files(w.sections),
            modules: w.modules,
        })
    }

    /// The call of the module `network`.
    pub(super) fn network_module(
        &self,
        w: &mut Writer<'_>,
        resource: &str,
        n: &Network,
        cidr: Option<ipnet::Ipv4Net>,
        all: &[Environment],
        live: &[&Environment],
    ) -> Result<(), Diagnostic> {
        let cidr = cidr.ok_or_else(|| {
            Diagnostic::error(
                "A network without addresses",
                format!("The network {:?} was given no addresses.", n.name),
            )
            .at(n.span)
        })?;
        let mut endpoints: BTreeSet<String> = n.endpoints.clone();
        for e in all {
            endpoints.extend(super::grants::endpoints(&e.components));
        }
        let outside = live.iter().any(|e| super::grants::reaches_internet(&e.components));
        let nat = match n.nat {
            Nat::None => "none",
            _ if !outside => "none",
            Nat::Single => "single",
            Nat::Zonal => "zonal",
            Nat::Auto if live.iter().any(|e| e.protect) => "zonal",
            Nat::Auto => "single",
        };
        let (region, account) = (w.region.clone(), w.account.id.clone());
        let b = w
            .module("network", "network", resource)
            .arg("region", Ex::text(region))
            .arg("account_id", Ex::text(account))
            .arg("cidr", Ex::text(cidr.to_string()))
            .arg("zones", Ex::number(n.zones))
            .gap()
            .arg("nat", Ex::text(nat))
            .some("interface_endpoints", Ex::texts(endpoints))
            .when(n.ipv6, "ipv6", Ex::raw("true"))
            .when(n.flow_log_days > 0, "flow_log_days", Ex::number(n.flow_log_days))
            .maybe(
                "firewall",
                n.firewall
                    .as_ref()
                    .filter(|_| nat != "none")
                    .map(|d| Ex::Map(vec![("domains".into(), Ex::texts(d))])),
            );
        let admitted = admitted(all);
        let b = b.some("data_admit_cidrs", Ex::texts(admitted));
        w.add("network", b);
        Ok(())
    }

    /// The route to another network.
    fn peering(&self, w: &mut Writer<'_>, n: &Network, peer: &str) -> Result<(), Diagnostic> {
        let other = self.manifest.networks.get(peer).ok_or_else(|| {
            Diagnostic::error("Unknown network", format!("The manifest has no network {peer:?}.")).at(n.span)
        })?;
        let key = format!("network_{}", label(peer));
        let alias = format!("peer_{}", label(peer));
        let account = self.account(&other.account)?;
        // The tags of this network on both sides: within one account the connection is one
        // thing, and both resources of it would change its tags for ever.
        let b = self.provider(Some(&alias), &[("network", &n.name)], account, &other.region);
        w.add("main", b);
        let b = self.remote_state(&key, &format!("network-{peer}"));
        w.add("main", b);
        let side = |network: &str, account: &str, region: &str| {
            let tables = format!("{network}.route_table_ids");
            Ex::Map(vec![
                ("vpc_id".into(), Ex::raw(format!("{network}.vpc_id"))),
                ("cidr".into(), Ex::raw(format!("{network}.cidr"))),
                ("account_id".into(), Ex::text(account)),
                ("region".into(), Ex::text(region)),
                ("route_table_ids".into(), Ex::raw(tables)),
            ])
        };
        let requester = side("module.network", &w.account.id.clone(), &n.region);
        let theirs = format!("data.terraform_remote_state.{key}.outputs.network");
        let accepter = side(&theirs, &account.id, &other.region);
        let resource = format!("{}-{peer}", w.prefix);
        let b = w
            .module(&format!("peering_{}", label(peer)), "peering", &resource)
            .arg("requester", requester)
            .arg("accepter", accepter)
            .gap()
            .arg("providers", Ex::raw(format!("{{ aws.requester = aws, aws.accepter = aws.{alias} }}")));
        w.add("network", b);
        Ok(())
    }

    /// Keeps shared databases stopped while all environments are parked.
    fn park_shared(
        &self,
        w: &mut Writer<'_>,
        prefix: &str,
        n: &Network,
        model: Option<&Environment>,
        parked: bool,
    ) {
        let (mut clusters, mut instances) = (Vec::new(), Vec::new());
        for id in n.shares.iter().filter(|id| id.kind == Kind::Database) {
            let Some(d) = model.and_then(|m| m.components.databases.get(&id.name)) else { continue };
            let identifier = Ex::raw(format!("module.database_{}.identifier", label(&d.name)));
            let to = if d.engine.starts_with("aurora") { &mut clusters } else { &mut instances };
            to.push((d.name.clone(), identifier));
        }
        if clusters.is_empty() && instances.is_empty() {
            return;
        }
        let b = w
            .regional("park", "park", prefix)
            .some("clusters", Ex::Map(clusters))
            .some("instances", Ex::Map(instances))
            .arg("time_zone", Ex::text(&self.manifest.platform.time_zone))
            .when(parked, "parked", Ex::raw("true"));
        w.add("park", b);
    }

    /// The network's subnets for the other accounts.
    fn share_subnets(&self, w: &mut Writer<'_>, prefix: &str, n: &Network) -> Result<(), Diagnostic> {
        let mut ids = Vec::new();
        for a in n.accounts.iter().filter(|a| **a != n.account) {
            ids.push((a.clone(), Ex::text(&self.account(a)?.id)));
        }
        let arns = format!(
            "{{ for i, id in concat(module.network.public_subnet_ids, module.network.private_subnet_ids, module.network.data_subnet_ids) : \"subnet-${{i}}\" => \"arn:aws:ec2:{}:{}:subnet/${{id}}\" }}",
            w.region, w.account.id
        );
        let b = w
            .module("share", "share", prefix)
            .arg("resource_arns", Ex::raw(arns))
            .arg("principals", Ex::Map(ids));
        w.add("network", b);
        Ok(())
    }

    /// The addresses of an environment's own network.
    pub(super) fn own_cidr(&self, slug: &str) -> Option<ipnet::Ipv4Net> {
        self.record.addresses.get(&own_key(slug)).copied()
    }
}

/// The ranges outside that may reach data: those of sites whose tunnel reaches a
/// database, a cache or a stream.
fn admitted(all: &[Environment]) -> Vec<String> {
    let mut out = BTreeSet::new();
    for v in all.iter().flat_map(|e| e.components.vpns.values()) {
        let data = v.reaches.iter().any(|u| {
            matches!(&u.target, UseTarget::Component { id, .. } if matches!(id.kind, Kind::Database | Kind::Cache | Kind::Stream))
        });
        if data {
            out.extend(v.cidrs.iter().map(ToString::to_string));
        }
    }
    out.into_iter().collect()
}

/// A backend that keeps the state in files below a directory, as seen from the root
/// modules' directories.
pub fn local_backend(states: &str, root: &str) -> Backend {
    ("local".into(), vec![("path".into(), format!("{states}/{root}.tfstate"))])
}

/// A backend that keeps the state in a bucket.
pub fn s3_backend(bucket: &str, region: &str, prefix: &str, root: &str) -> Backend {
    let key = if prefix.is_empty() { format!("{root}.tfstate") } else { format!("{prefix}/{root}.tfstate") };
    let mut config = vec![("bucket".to_owned(), bucket.to_owned()), ("key".to_owned(), key)];
    config.push(("region".into(), region.into()));
    config.push(("encrypt".into(), "true".into()));
    config.push(("use_lockfile".into(), "true".into()));
    ("s3".into(), config)
}
