//! What a role may do with an environment as a whole (`may`): what the module `role`
//! must know to write the statements.

use super::once::registry;
use super::write::Writer;
use super::{Compiler, label};
use crate::hcl::Ex;
use crate::model::*;
use crate::record::RECORD;
use std::collections::{BTreeMap, BTreeSet};

/// Whether a role of the environment may park it or bring it back: what parking needs is
/// made beforehand then, so that nobody who parks has to make roles.
pub(super) fn parkable(env: &Environment) -> bool {
    env.components.roles.values().any(|r| r.may.iter().any(|m| m == "park" || m == "resume"))
}

impl Compiler<'_> {
    /// The argument `operations` of a role, if it may do anything.
    pub(super) fn operations(&self, w: &Writer<'_>, env: &Environment, role: &Role) -> Option<Ex> {
        if role.may.is_empty() {
            return None;
        }
        let c = &env.components;
        let m = self.manifest;
        let text = |s: &str| Ex::text(s);
        let mut out = vec![
            ("may".to_owned(), Ex::texts(&role.may)),
            ("platform".into(), text(&m.platform.name)),
            ("environment".into(), text(&env.slug)),
            ("region".into(), text(&env.region)),
        ];
        let network = match &env.network {
            NetworkRef::Named(n) => m.networks.get(n),
            NetworkRef::Own => None,
        };
        let mut put = |name: &str, v: Ex| {
            if !v.is_empty() {
                out.push((name.to_owned(), v));
            }
        };
        if let Some(n) = network {
            put("network", text(&n.name));
        }
        let instances = c.services.values().filter(|s| s.run == Run::Instances);
        let mut groups: BTreeSet<String> = instances.clone().map(|s| w.name(&s.name)).collect();
        if c.services.values().any(|s| s.run == Run::Containers) {
            groups.insert(w.name("cluster"));
        }
        put("groups", Ex::texts(&groups));
        let containers = c.services.values().filter(|s| s.run != Run::Instances);
        put("services", Ex::Map(containers.map(|s| (w.name(&s.name), text(&w.prefix))).collect()));
        put("functions", Ex::texts(c.functions.keys().map(|f| w.name(f))));
        put(
            "parameters",
            Ex::texts(instances.map(|s| format!("/{}/{}/{}", m.platform.name, env.slug, s.name))),
        );
        let images = c.services.values().map(|s| &s.image).chain(c.jobs.values().map(|j| &j.image));
        let built: BTreeSet<&str> = images
            .filter(|i| matches!(i.source, ImageSource::Build { .. }))
            .map(|i| i.name.as_str())
            .collect();
        let owner = m.platform.accounts.first().map_or("", |a| a.id.as_str());
        let arn = |i: &&str| {
            format!("arn:aws:ecr:{}:{owner}:repository/{}", m.platform.region, registry(&m.platform.name, i))
        };
        put("registries", Ex::texts(built.iter().map(arn)));
        let cdns = c.buckets.values().filter(|b| b.cdn.is_some()).map(|b| b.name.as_str());
        let fronts = c.edges.values().filter(|e| e.kind == EdgeKind::Cloudfront).map(|e| e.name.as_str());
        let fronts = fronts
            .filter(|e| c.services.values().any(|s| !s.hosts.is_empty() && s.edge.as_deref() == Some(e)));
        let arns = cdns.chain(fronts).map(|n| Ex::raw(format!("module.cdn_{}.arn", label(n))));
        put("distributions", Ex::List(arns.collect()));

        // Databases of the network stop when the last environment in it is parked.
        let shared = |name: &str| {
            let id = ComponentId { kind: Kind::Database, name: name.to_owned() };
            network.filter(|n| n.shares.contains(&id))
        };
        let (mut clusters, mut databases) = (Vec::new(), Vec::new());
        let mut schedules: BTreeMap<String, String> = BTreeMap::new();
        for d in c.databases.values() {
            let prefix = match shared(&d.name) {
                Some(n) => format!("{}-{}", m.platform.name, n.name),
                None => w.prefix.clone(),
            };
            let to = if d.engine.starts_with("aurora") { &mut clusters } else { &mut databases };
            to.push(format!("{prefix}-{}", d.name));
            schedules.insert(format!("{prefix}/*"), prefix);
        }
        for j in c.jobs.keys() {
            schedules.insert(format!("default/{}", w.name(j)), format!("{}-schedule", w.name(j)));
        }
        for f in c.functions.values().filter(|f| f.on.iter().any(|(t, _)| matches!(t, Trigger::Schedule(_))))
        {
            schedules
                .insert(format!("default/{}-*", w.name(&f.name)), format!("{}-schedule", w.name(&f.name)));
        }
        put("clusters", Ex::texts(clusters));
        put("databases", Ex::texts(databases));
        put("schedules", Ex::Map(schedules.into_iter().map(|(k, v)| (k, Ex::text(v))).collect()));
        put("bastions", Ex::texts(c.accesses.keys().map(|a| format!("{}-bastion", w.name(a)))));
        if let Some(states) = self.states(env) {
            put("states", states);
        }
        Some(Ex::Map(out))
    }

    /// The keys of the states that commands about an environment read and write, where
    /// they are in a bucket.
    fn states(&self, env: &Environment) -> Option<Ex> {
        let key = |root: &str| {
            let (kind, config) = (self.backend)(root);
            let value = |name: &str| config.iter().find(|(k, _)| k == name).map(|(_, v)| v.clone());
            let key = value("key")?.strip_suffix(".tfstate")?.to_owned();
            (kind == "s3").then_some((value("bucket")?, key))
        };
        let mut write = vec![RECORD.to_owned(), env.slug.clone()];
        let mut read = BTreeSet::from([super::ONCE.to_owned()]);
        if let NetworkRef::Named(n) = &env.network {
            let mut order = Vec::new();
            self.network_order(n, &mut order);
            read.extend(order.iter().map(|n| format!("network-{n}")));
            write.push(format!("network-{n}"));
        }
        let uses = env.components.services.values().flat_map(|s| &s.uses);
        read.extend(uses.filter_map(|u| match &u.target {
            UseTarget::Elsewhere { environment, .. } => Some(environment.clone()),
            _ => None,
        }));
        let (bucket, _) = key(RECORD)?;
        let keys =
            |roots: &mut dyn Iterator<Item = &String>| Ex::texts(roots.filter_map(|r| Some(key(r)?.1)));
        Some(Ex::Map(vec![
            ("bucket".into(), Ex::text(bucket)),
            ("read".into(), keys(&mut read.iter().filter(|r| !write.contains(r)))),
            ("write".into(), keys(&mut write.iter())),
        ]))
    }

    /// The roles that push images, as patterns of their ARNs: those of other accounts
    /// must be let in by the registry, too.
    pub(super) fn pushers(&self, image: &str) -> Result<Vec<String>, groma_lang::Diagnostic> {
        let mut out = BTreeSet::new();
        let first = self.manifest.platform.accounts.first().map(|a| a.name.as_str());
        for info in self.manifest.environments().iter().filter(|i| Some(i.account.as_str()) != first) {
            let label = info.each.as_ref().map(|_| "any");
            let env = self.manifest.environment(&info.name, label)?;
            let c = &env.components;
            let mut images = c.services.values().map(|s| &s.image).chain(c.jobs.values().map(|j| &j.image));
            if !images.any(|i| i.name == image) {
                continue;
            }
            let account = self.account(&env.account)?;
            let slug = if info.each.is_some() { format!("{}-*", info.name) } else { env.slug.clone() };
            for r in c.roles.values().filter(|r| r.may.iter().any(|m| m == "deploy")) {
                out.insert(format!(
                    "arn:aws:iam::{}:role/{}-{slug}-{}",
                    account.id, self.manifest.platform.name, r.name
                ));
            }
        }
        Ok(out.into_iter().collect())
    }
}
