//! The pieces that root modules of networks and environments have in common: a
//! builder with sections, handles of what exists, and calls of the modules for data.

use super::{Compiler, call, label};
use crate::hcl::{Block, Ex};
use crate::model::*;
use groma_lang::Diagnostic;
use std::collections::{BTreeMap, BTreeSet};

/// A root module in the making.
pub(super) struct Writer<'a> {
    pub c: &'a Compiler<'a>,
    /// What all names begin with: `levels-prod`.
    pub prefix: String,
    pub account: &'a Account,
    pub region: String,
    pub protect: bool,
    /// The expression of the network: `module.network` or `local.network`.
    pub network: String,
    /// The id of the network's account, where it is another one: the environment works
    /// in subnets that were lent to it.
    pub lender: Option<String>,
    pub sections: BTreeMap<&'static str, Vec<Block>>,
    pub modules: BTreeSet<String>,
}

impl Writer<'_> {
    /// Adds a block to a file.
    pub fn add(&mut self, section: &'static str, b: Block) {
        self.sections.entry(section).or_default().push(b);
    }

    /// A call of an embedded module with the arguments that all have.
    pub fn module(&mut self, name: &str, module: &str, resource: &str) -> Block {
        self.modules.insert(module.to_owned());
        call(name, module).arg("name", Ex::text(resource))
    }

    /// As [`Writer::module`], with region and account.
    pub fn regional(&mut self, name: &str, module: &str, resource: &str) -> Block {
        let (region, id) = (self.region.clone(), self.account.id.clone());
        self.module(name, module, resource).arg("region", Ex::text(region)).arg("account_id", Ex::text(id))
    }

    /// The name of a component's resources.
    pub fn name(&self, component: &str) -> String {
        format!("{}-{component}", self.prefix)
    }

    /// An attribute of the network.
    pub fn net(&self, attribute: &str) -> Ex {
        Ex::raw(format!("{}.{attribute}", self.network))
    }

    /// A bucket's name: buckets of all accounts of the world share one name space.
    pub fn bucket_name(&self, bucket: &str) -> String {
        format!("{}-{bucket}-{}", self.prefix, self.account.id)
    }

    /// The ARN of something of a service in this region and account.
    pub fn arn(&self, service: &str, rest: &str) -> Ex {
        Ex::text(format!("arn:aws:{service}:{}:{}:{rest}", self.region, self.account.id))
    }

    /// A database.
    pub fn database(&mut self, d: &Database) {
        let name = self.name(&d.name);
        let b = self
            .regional(&module_label(Kind::Database, &d.name), "database", &name)
            .gap()
            .arg("vpc_id", self.net("vpc_id"))
            .arg("subnet_ids", self.net("data_subnet_ids"))
            .gap()
            .arg("engine", Ex::text(&d.engine))
            .when(d.serverless.is_none(), "instance_class", Ex::text(&d.class))
            .when(d.engine.starts_with("aurora"), "readers", Ex::number(d.readers))
            .when(!d.engine.starts_with("aurora"), "storage_gb", Ex::number(d.storage))
            .maybe(
                "serverless",
                d.serverless.map(|(min, max)| {
                    Ex::Map(vec![("min".into(), Ex::number(min)), ("max".into(), Ex::number(max))])
                }),
            )
            .arg("database", Ex::text(&d.database))
            .arg("backup_days", Ex::number(d.backup_days))
            .some("parameters", texts(&d.parameters))
            .maybe("restore", d.restore.as_ref().map(Ex::text))
            .arg("protect", Ex::raw(self.protect.to_string()));
        self.add("data", b);
    }

    /// A cache.
    pub fn cache(&mut self, c: &Cache) {
        let name = self.name(&c.name);
        let b = self
            .regional(&module_label(Kind::Cache, &c.name), "cache", &name)
            .gap()
            .arg("vpc_id", self.net("vpc_id"))
            .arg("subnet_ids", self.net("data_subnet_ids"))
            .gap()
            .arg("engine", Ex::text(&c.engine))
            .arg("node_type", Ex::text(&c.node))
            .arg("replicas", Ex::number(c.replicas))
            .arg("shards", Ex::number(c.shards))
            .arg("backup_days", Ex::number(c.backup_days))
            .arg("protect", Ex::raw(self.protect.to_string()));
        self.add("data", b);
    }

    /// A stream.
    pub fn stream(&mut self, s: &Stream) {
        let name = self.name(&s.name);
        let b = self
            .regional(&module_label(Kind::Stream, &s.name), "stream", &name)
            .gap()
            .arg("vpc_id", self.net("vpc_id"))
            .arg("subnet_ids", self.net("data_subnet_ids"))
            .gap()
            .arg("kafka_version", Ex::text(&s.version))
            .arg("brokers_per_zone", Ex::number(s.brokers_per_zone))
            .arg("instance_type", Ex::text(&s.instance))
            .arg("storage_gb", Ex::number(s.storage))
            .arg("protect", Ex::raw(self.protect.to_string()));
        self.add("data", b);
    }

    /// What a network or an environment may hold for others.
    pub fn shared(&mut self, id: &ComponentId, c: &Components) -> Result<(), Diagnostic> {
        match id.kind {
            Kind::Database => c.databases.get(&id.name).map(|d| self.database(d)),
            Kind::Cache => c.caches.get(&id.name).map(|d| self.cache(d)),
            Kind::Stream => c.streams.get(&id.name).map(|d| self.stream(d)),
            _ => {
                return Err(Diagnostic::error(
                    "This cannot be shared",
                    format!(
                        "A network can share databases, caches, streams and its load balancer, not {id}: everything else belongs to one environment. Remove it from share."
                    ),
                ));
            }
        };
        Ok(())
    }

    /// A load balancer.
    #[allow(clippy::too_many_arguments)]
    pub fn load_balancer(
        &mut self,
        key: &str,
        edge: Option<&Edge>,
        hosts: &[String],
        idle: u32,
        domain: Option<&str>,
    ) {
        let resource = match edge {
            None => self.prefix.clone(),
            Some(e) => self.name(&e.name),
        };
        let protect = self.protect;
        let (hosts, dns): (Vec<String>, bool) = match edge.map(|e| e.kind) {
            Some(EdgeKind::Cloudfront) => (hosts.iter().map(|h| origin(h)).collect(), true),
            _ => (hosts.to_vec(), true),
        };
        let waf = edge.is_some_and(|e| e.kind == EdgeKind::Waf);
        let b = self
            .module(key, "load-balancer", &resource)
            .gap()
            .arg("vpc_id", self.net("vpc_id"))
            .arg("subnet_ids", self.net("public_subnet_ids"))
            .gap()
            .arg("hosts", Ex::texts(&hosts))
            .maybe("zone", domain.map(Ex::text))
            .when(!dns, "dns", Ex::raw("false"))
            .arg("idle_timeout", Ex::number(idle))
            .when(waf, "web_acl", Ex::raw("true"))
            .maybe(
                "web_acl_arn",
                edge.filter(|_| waf).map(|e| Ex::raw(format!("module.edge_{}.arn", label(&e.name)))),
            )
            .arg("protect", Ex::raw(protect.to_string()));
        self.add("load_balancer", b);
        let group = End::Group(format!("module.{key}.security_group_id"));
        let ports = ["443", "80"].map(|p| tcp(p.parse().unwrap_or(443)));
        let from = match edge {
            Some(e) if !e.allow.is_empty() => End::Cidrs(e.allow.clone()),
            Some(e) if e.kind == EdgeKind::Cloudflare => {
                End::Prefixes(format!("module.ingress_{}.prefix_list_id", label(&e.name)))
            }
            Some(e) if e.kind == EdgeKind::Cloudfront => {
                End::Prefixes("data.aws_ec2_managed_prefix_list.cloudfront.id".into())
            }
            _ => End::Cidrs(vec!["0.0.0.0/0".into()]),
        };
        self.connect(
            &format!("{key}_ingress"),
            &format!("{resource}-in"),
            "clients to the load balancer",
            &from,
            &group,
            &ports,
        );
    }

    /// An edge between two ends: what lets one connect to the other.
    pub fn connect(&mut self, key: &str, name: &str, text: &str, from: &End, to: &End, ports: &[Port]) {
        let key = format!("edge_{}", label(key));
        let foreign = match (to, &self.lender) {
            (End::Group(g), Some(lender)) if g.starts_with("local.") => Some((g.clone(), lender.clone())),
            _ => None,
        };
        let Some((group, lender)) = foreign else {
            let b = self.module(&key, "connection", name).arg("description", Ex::text(text)).gap();
            self.add("connections", ends(b, from, to, ports));
            return;
        };
        // Each side's rule is made in the account that owns the group.
        let own = self.account.id.clone();
        let theirs = End::Group(format!("\"{lender}/${{{group}}}\""));
        let b = self.module(&key, "connection", name).arg("description", Ex::text(text)).gap();
        self.add("connections", ends(b, from, &theirs, ports).arg("ends", Ex::text("from")));
        let ours = match from {
            End::Group(g) => End::Group(format!("\"{own}/${{{g}}}\"")),
            other => other.clone(),
        };
        let b = self
            .module(&format!("{key}_network"), "connection", name)
            .arg("description", Ex::text(text))
            .gap();
        let b = ends(b, &ours, to, ports)
            .arg("ends", Ex::text("to"))
            .gap()
            .arg("providers", Ex::Map(vec![("aws".into(), Ex::raw("aws.network"))]));
        self.add("connections", b);
    }
}

/// A connection's ends and ports.
fn ends(mut b: Block, from: &End, to: &End, ports: &[Port]) -> Block {
    for (side, end) in [("from", from), ("to", to)] {
        match end {
            End::Group(g) => b.set(&format!("{side}_security_group_id"), Ex::raw(g)),
            End::Cidrs(c) => {
                b.set(&format!("{side}_is_group"), Ex::raw("false"));
                b.set(&format!("{side}_cidrs"), Ex::texts(c));
            }
            End::Prefixes(p) => {
                b.set(&format!("{side}_is_group"), Ex::raw("false"));
                b.set(&format!("{side}_prefix_list_ids"), Ex::Map(vec![("list".into(), Ex::raw(p))]));
            }
        }
    }
    let ports = ports
        .iter()
        .map(|p| {
            let mut f = Vec::new();
            if p.protocol != "tcp" {
                f.push(("protocol".into(), Ex::text(&p.protocol)));
            }
            f.push(("from".into(), Ex::number(p.port)));
            Ex::Map(f)
        })
        .collect();
    b.arg("ports", Ex::List(ports))
}

/// One end of an edge.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum End {
    /// A security group, as an expression.
    Group(String),
    /// Address ranges.
    Cidrs(Vec<String>),
    /// A prefix list, as an expression.
    Prefixes(String),
}

/// A port of TCP.
pub(super) fn tcp(port: u16) -> Port {
    Port { protocol: "tcp".into(), port }
}

/// The host under which a CDN reaches the load balancer behind it.
pub(super) fn origin(host: &str) -> String {
    format!("origin-{host}")
}

/// The label of a component's module call.
pub(super) fn module_label(kind: Kind, name: &str) -> String {
    format!("{}_{}", kind.keyword(), label(name))
}

/// A map of strings.
pub(super) fn texts(m: &BTreeMap<String, String>) -> Ex {
    Ex::Map(m.iter().map(|(k, v)| (k.clone(), Ex::text(v))).collect())
}
