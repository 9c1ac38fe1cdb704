//! The root module of an environment.

use super::grants::{Around, Grants, grants};
use super::once::registry;
use super::operations::parkable;
use super::setup::first_start;
use super::write::{End, Writer, module_label, origin, tcp};
use super::{CLOUDFLARE, Compiler, ONCE, Root, RootOf, files, label, package};
use crate::hcl::{Block, Ex};
use crate::model::*;
use crate::record::Live;
use groma_lang::Diagnostic;
use std::collections::{BTreeMap, BTreeSet};

/// What is put together while an environment's root module is written.
struct Builder<'a, 'e> {
    w: Writer<'a>,
    env: &'e Environment,
    around: Around<'e>,
    live: Live,
    domain: Option<String>,
    time_zone: String,
    /// The load balancer of each edge (and of none), for services with hosts.
    balancers: BTreeMap<Option<String>, String>,
    /// Files besides `.tf`.
    extra: BTreeMap<String, Vec<u8>>,
    /// Services that something connects to inside.
    inside: BTreeSet<String>,
    /// Whether another environment connects to one of them.
    linked: bool,
    alarms: Alarms,
}

#[derive(Default)]
struct Alarms {
    services: Vec<(String, Ex)>,
    databases: Vec<(String, Ex)>,
    queues: Vec<(String, Ex)>,
    functions: Vec<(String, Ex)>,
}

/// A map whose values are given as name and value.
fn object(fields: Vec<(&str, Ex)>) -> Ex {
    Ex::Map(fields.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())
}

impl Compiler<'_> {
    /// The root module of an environment.
    pub fn environment_root(&self, env: &Environment) -> Result<Root, Diagnostic> {
        let account = self.account(&env.account)?;
        let network = self.network_of(env);
        let named = match &env.network {
            NetworkRef::Named(n) => Some(n.clone()),
            NetworkRef::Own => None,
        };
        let none = BTreeSet::new();
        let prefix = format!("{}-{}", self.manifest.platform.name, env.slug);
        let mut inside = BTreeSet::new();
        let c = &env.components;
        let uses = c.services.values().flat_map(|s| &s.uses);
        let uses = uses
            .chain(c.functions.values().flat_map(|s| &s.uses))
            .chain(c.jobs.values().flat_map(|s| &s.uses));
        let uses = uses.chain(c.accesses.values().flat_map(|a| &a.tunnel));
        let uses = uses.chain(c.vpns.values().flat_map(|v| &v.reaches));
        for u in uses {
            if let UseTarget::Component { id, .. } = &u.target
                && id.kind == Kind::Service
            {
                inside.insert(id.name.clone());
            }
        }
        let linked = self.linked_from(env)?;
        let is_linked = !linked.is_empty();
        inside.extend(linked);
        let mut b = Builder {
            w: Writer {
                c: self,
                prefix: prefix.clone(),
                account,
                region: env.region.clone(),
                protect: env.protect,
                network: if named.is_some() { "local.network".into() } else { "module.network".into() },
                lender: match &named {
                    Some(_) if network.account != env.account => {
                        Some(self.account(&network.account)?.id.clone())
                    }
                    _ => None,
                },
                sections: BTreeMap::new(),
                modules: BTreeSet::new(),
            },
            env,
            around: Around {
                env,
                shares: if named.is_some() { &network.shares } else { &none },
                internal_zone: format!("{}.{}.internal", env.slug, self.manifest.platform.name),
            },
            live: self.live(&env.slug),
            domain: self.manifest.platform.domain.clone(),
            time_zone: self.manifest.platform.time_zone.clone(),
            balancers: BTreeMap::new(),
            extra: BTreeMap::new(),
            inside,
            linked: is_linked,
            alarms: Alarms::default(),
        };
        let tags = [("environment", env.slug.as_str())];
        for block in self.settings(&env.slug, &tags, account, &env.region) {
            b.w.add("main", block);
        }
        let mut needs = Vec::new();
        if self.once_root()?.is_some() {
            needs.push(ONCE.to_owned());
        }
        match &named {
            Some(n) => {
                let root = format!("network-{n}");
                b.w.add("main", self.remote_state("network", &root));
                let mut locals = Block::new("locals", &[])
                    .arg("network", Ex::raw("data.terraform_remote_state.network.outputs.network"));
                if !network.shares.is_empty() || network.shares_load_balancer {
                    locals.set("shared", Ex::raw("data.terraform_remote_state.network.outputs"));
                }
                b.w.add("main", locals);
                if b.w.lender.is_some() {
                    let lender = self.account(&network.account)?;
                    let p = self.provider(Some("network"), &tags, lender, &network.region);
                    b.w.add("main", p);
                }
                needs.push(root);
            }
            None => {
                let live: Vec<&Environment> = if b.live.parked { vec![] } else { vec![env] };
                let cidr = self.own_cidr(&env.slug);
                self.network_module(
                    &mut b.w,
                    &prefix,
                    &env.own_network,
                    cidr,
                    std::slice::from_ref(env),
                    &live,
                )?;
            }
        }
        b.data()?;
        b.edges()?;
        b.services(network)?;
        b.functions()?;
        b.jobs();
        b.people();
        b.links(self)?;
        b.modules()?;
        b.watch();
        b.outputs();
        for other in b.elsewhere() {
            needs.push(other);
        }
        let mut all = files(b.w.sections);
        all.extend(b.extra);
        Ok(Root {
            name: env.slug.clone(),
            title: format!("environment {}", env.slug),
            of: RootOf::Environment(env.slug.clone()),
            account: env.account.clone(),
            region: env.region.clone(),
            protect: env.protect,
            needs,
            files: all,
            modules: b.w.modules,
        })
    }

    /// The services of an environment to which other environments connect.
    fn linked_from(&self, env: &Environment) -> Result<Vec<String>, Diagnostic> {
        let mut out = Vec::new();
        for info in self.manifest.environments().iter().filter(|i| i.name != env.name) {
            let label = info.each.as_ref().map(|_| "any");
            let other = self.manifest.environment(&info.name, label)?;
            for s in other.components.services.values() {
                for u in &s.uses {
                    if let UseTarget::Elsewhere { environment, service } = &u.target
                        && *environment == env.name
                    {
                        out.push(service.clone());
                    }
                }
            }
        }
        Ok(out)
    }
}

impl Builder<'_, '_> {
    fn shared(&self, kind: Kind, name: &str) -> bool {
        self.around.shares.contains(&ComponentId { kind, name: name.to_owned() })
    }

    /// Everything that keeps data.
    fn data(&mut self) -> Result<(), Diagnostic> {
        let c = &self.env.components;
        for d in c.databases.values() {
            if !self.shared(Kind::Database, &d.name) {
                self.w.database(d);
                let m = module_label(Kind::Database, &d.name);
                self.alarms.databases.push((
                    d.name.clone(),
                    object(vec![
                        ("identifier", Ex::raw(format!("module.{m}.identifier"))),
                        (
                            "kind",
                            Ex::text(if d.engine.starts_with("aurora") { "cluster" } else { "instance" }),
                        ),
                    ]),
                ));
            }
        }
        for d in c.caches.values().filter(|d| !self.shared(Kind::Cache, &d.name)).cloned().collect::<Vec<_>>()
        {
            self.w.cache(&d);
        }
        for d in
            c.streams.values().filter(|d| !self.shared(Kind::Stream, &d.name)).cloned().collect::<Vec<_>>()
        {
            self.w.stream(&d);
        }
        for q in c.queues.values() {
            let m = module_label(Kind::Queue, &q.name);
            let name = self.w.name(&q.name);
            let mut publishers = Vec::new();
            for t in c.topics.values() {
                if t.to.iter().any(|(s, _)| *s == Subscriber::Queue(q.name.clone())) {
                    let arn = self.w.arn("sns", &self.w.name(&t.name));
                    publishers.push((
                        t.name.clone(),
                        object(vec![("principal", Ex::text("sns.amazonaws.com")), ("source_arn", arn)]),
                    ));
                }
            }
            let b = self
                .w
                .regional(&m, "queue", &name)
                .when(q.fifo, "fifo", Ex::raw("true"))
                .arg("visibility_seconds", Ex::number(q.visibility))
                .arg("retention_days", Ex::number(q.retention_days))
                .arg("retries", Ex::number(q.retries))
                .some("publishers", Ex::Map(publishers));
            self.w.add("data", b);
            self.alarms.queues.push((
                q.name.clone(),
                object(vec![
                    ("queue_name", Ex::raw(format!("module.{m}.queue_name"))),
                    ("dead_letter_queue_name", Ex::raw(format!("module.{m}.dead_letter_queue_name"))),
                ]),
            ));
        }
        for t in c.topics.values() {
            let mut subscriptions = Vec::new();
            for (i, (s, _)) in t.to.iter().enumerate() {
                let (key, protocol, endpoint) = match s {
                    Subscriber::Queue(q) => (
                        format!("queue-{q}"),
                        "sqs",
                        Ex::raw(format!("module.{}.arn", module_label(Kind::Queue, q))),
                    ),
                    Subscriber::Email(e) => (format!("email-{i}"), "email", Ex::text(e)),
                    Subscriber::Https(u) => (format!("https-{i}"), "https", Ex::text(u)),
                };
                subscriptions
                    .push((key, object(vec![("protocol", Ex::text(protocol)), ("endpoint", endpoint)])));
            }
            for f in c.functions.values() {
                if f.on.iter().any(|(on, _)| *on == Trigger::Topic(t.name.clone())) {
                    let arn = Ex::raw(format!("module.{}.arn", module_label(Kind::Function, &f.name)));
                    subscriptions.push((
                        format!("function-{}", f.name),
                        object(vec![("protocol", Ex::text("lambda")), ("endpoint", arn)]),
                    ));
                }
            }
            let name = self.w.name(&t.name);
            let b = self
                .w
                .regional(&module_label(Kind::Topic, &t.name), "topic", &name)
                .when(t.fifo, "fifo", Ex::raw("true"))
                .some("subscriptions", Ex::Map(subscriptions));
            self.w.add("data", b);
        }
        for b in c.buckets.values() {
            self.bucket(b);
        }
        for s in c.secrets.values() {
            let name = format!("{}/{}/{}", self.w.c.manifest.platform.name, self.env.slug, s.name);
            let protect = self.w.protect;
            let b = self
                .w
                .regional(&module_label(Kind::Secret, &s.name), "secret", &name)
                .when(!s.description.is_empty(), "description", Ex::text(&s.description))
                .arg("protect", Ex::raw(protect.to_string()));
            self.w.add("data", b);
        }
        for m in c.mails.values() {
            let name = self.w.name(&m.name);
            let domain = self.domain.clone();
            let b = self
                .w
                .regional(&module_label(Kind::Mail, &m.name), "mail", &name)
                .arg("domain", Ex::text(&m.domain))
                .maybe("zone", domain.as_ref().map(Ex::text))
                .when(domain.is_none(), "dns", Ex::raw("false"));
            self.w.add("data", b);
        }
        Ok(())
    }

    fn bucket(&mut self, bucket: &Bucket) {
        let c = &self.env.components;
        let mut notifications = Vec::new();
        for f in c.functions.values() {
            let events: Vec<&str> =
                f.on.iter()
                    .filter_map(|(on, _)| match on {
                        Trigger::Created(b) if *b == bucket.name => Some("s3:ObjectCreated:*"),
                        Trigger::Removed(b) if *b == bucket.name => Some("s3:ObjectRemoved:*"),
                        _ => None,
                    })
                    .collect();
            if !events.is_empty() {
                let arn = Ex::raw(format!("module.{}.arn", module_label(Kind::Function, &f.name)));
                notifications.push((
                    f.name.clone(),
                    object(vec![
                        ("target", Ex::text("function")),
                        ("arn", arn),
                        ("events", Ex::texts(events)),
                    ]),
                ));
            }
        }
        let m = module_label(Kind::Bucket, &bucket.name);
        let name = self.w.bucket_name(&bucket.name);
        let protect = self.w.protect;
        let b = self
            .w
            .regional(&m, "bucket", &name)
            .when(!bucket.versions, "versioned", Ex::raw("false"))
            .when(bucket.expire_days > 0, "expire_days", Ex::number(bucket.expire_days))
            .some("cors_origins", Ex::texts(&bucket.cors))
            .some("notifications", Ex::Map(notifications))
            .when(bucket.copy.is_some(), "replicate", Ex::raw("true"))
            .maybe(
                "replica",
                bucket.copy.as_ref().map(|to| {
                    object(vec![(
                        "bucket_arn",
                        Ex::raw(format!("module.{}.arn", module_label(Kind::Bucket, to))),
                    )])
                }),
            )
            .when(bucket.cdn.is_some(), "cdn", Ex::raw("true"))
            .maybe(
                "cdn_arn",
                bucket.cdn.as_ref().map(|_| Ex::raw(format!("module.cdn_{}.arn", label(&bucket.name)))),
            )
            .arg("protect", Ex::raw(protect.to_string()));
        self.w.add("data", b);
        if let Some(host) = &bucket.cdn {
            let origin = object(vec![
                ("id", Ex::raw(format!("module.{m}.id"))),
                ("arn", Ex::raw(format!("module.{m}.arn"))),
                ("regional_domain_name", Ex::raw(format!("module.{m}.regional_domain_name"))),
            ]);
            self.cdn(&bucket.name, std::slice::from_ref(host), ("bucket", origin), bucket.edge.as_deref());
        }
    }

    fn cdn(&mut self, key: &str, hosts: &[String], origin: (&str, Ex), edge: Option<&str>) {
        let name = self.w.name(key);
        let domain = self.domain.clone();
        let firewall =
            edge.and_then(|e| self.env.components.edges.get(e)).filter(|e| e.kind == EdgeKind::Cloudfront);
        let b = self
            .w
            .module(&format!("cdn_{}", label(key)), "cdn", &name)
            .arg("hosts", Ex::texts(hosts))
            .maybe("zone", domain.map(Ex::text))
            .arg(origin.0, origin.1)
            .maybe("web_acl_arn", firewall.map(|e| Ex::raw(format!("module.edge_{}.arn", label(&e.name)))))
            .gap()
            .arg("providers", Ex::raw("{ aws = aws, aws.us_east_1 = aws.us_east_1 }"));
        self.w.add("cdn", b);
        self.us_east_1();
    }

    /// CloudFront's certificates and firewalls live in one region.
    fn us_east_1(&mut self) {
        let has =
            self.w.sections.get("main").is_some_and(|m| m.len() > 2 && self.w.modules.contains("~us-east-1"));
        if has {
            return;
        }
        self.w.modules.insert("~us-east-1".into());
        let tags = [("environment", self.env.slug.as_str())];
        let p = self.w.c.provider(Some("us_east_1"), &tags, self.w.account, "us-east-1");
        self.w.add("main", p);
    }

    /// What stands in front.
    fn edges(&mut self) -> Result<(), Diagnostic> {
        for e in self.env.components.edges.values() {
            let name = self.w.name(&e.name);
            let key = format!("edge_{}", label(&e.name));
            match e.kind {
                EdgeKind::Cloudflare if e.allow.is_empty() => {
                    let b = self
                        .w
                        .module(&format!("ingress_{}", label(&e.name)), "ingress-list", &name)
                        .arg("cidrs4", Ex::texts(CLOUDFLARE.iter().copied()));
                    self.w.add("load_balancer", b);
                }
                EdgeKind::Cloudflare => {}
                EdgeKind::Waf => {
                    let b = self
                        .w
                        .module(&key, "edge", &name)
                        .arg("scope", Ex::text("REGIONAL"))
                        .arg("rate_limit", Ex::number(e.rate))
                        .some("allow_cidrs", Ex::texts(&e.allow));
                    self.w.add("load_balancer", b);
                }
                EdgeKind::Cloudfront => {
                    let b = self
                        .w
                        .module(&key, "edge", &name)
                        .arg("scope", Ex::text("CLOUDFRONT"))
                        .arg("rate_limit", Ex::number(e.rate))
                        .some("allow_cidrs", Ex::texts(&e.allow))
                        .gap()
                        .arg("providers", object(vec![("aws", Ex::raw("aws.us_east_1"))]));
                    self.w.add("cdn", b);
                    self.us_east_1();
                }
            }
        }
        Ok(())
    }

    fn services(&mut self, network: &Network) -> Result<(), Diagnostic> {
        let env = self.env;
        let parked_lb = self.live.parked && env.park_load_balancer;
        // The public load balancers, one for each edge.
        let mut by_edge: BTreeMap<Option<String>, (Vec<String>, u32)> = BTreeMap::new();
        for s in env.components.services.values().filter(|s| !s.hosts.is_empty()) {
            let e = by_edge.entry(s.edge.clone()).or_insert((Vec::new(), 60));
            e.0.extend(s.hosts.iter().cloned());
            e.1 = e.1.max(s.idle);
        }
        for (edge, (mut hosts, idle)) in by_edge {
            hosts.sort();
            hosts.dedup();
            if parked_lb {
                continue;
            }
            let e = edge.as_ref().and_then(|e| env.components.edges.get(e)).cloned();
            if edge.is_none() && network.shares_load_balancer && env.network != NetworkRef::Own {
                self.shared_balancer(&hosts);
                self.balancers.insert(None, "local.shared.load_balancer".into());
                continue;
            }
            let key = match &edge {
                None => "load_balancer".to_owned(),
                Some(e) => format!("load_balancer_{}", label(e)),
            };
            let domain = self.domain.clone();
            self.w.load_balancer(&key, e.as_ref(), &hosts, idle, domain.as_deref());
            if let Some(e) = e.filter(|e| e.kind == EdgeKind::Cloudfront) {
                let list = Block::new("data", &["aws_ec2_managed_prefix_list", "cloudfront"])
                    .arg("name", Ex::text("com.amazonaws.global.cloudfront.origin-facing"));
                self.w.add("load_balancer", list);
                let first = hosts.first().map(|h| origin(h)).unwrap_or_default();
                let o = object(vec![("dns_name", Ex::text(first))]);
                self.cdn(&e.name, &hosts, ("load_balancer", o), Some(&e.name));
            }
            self.balancers.insert(edge, format!("module.{key}"));
        }
        if self.internal() {
            self.internal_balancer();
        }
        let containers = env.components.services.values().any(|s| s.run != Run::Instances);
        if containers || !env.components.jobs.is_empty() {
            self.cluster();
        }
        let services: Vec<Service> = env.components.services.values().cloned().collect();
        for (i, s) in services.iter().enumerate() {
            self.service(s, i)?;
        }
        Ok(())
    }

    /// Whether there is an internal load balancer. Parking keeps the one that another
    /// environment's rules name.
    fn internal(&self) -> bool {
        let parked = self.live.parked && self.env.park_load_balancer;
        !self.inside.is_empty() && (self.linked || !parked)
    }

    /// What a load balancer of the network needs for this environment's hosts.
    fn shared_balancer(&mut self, hosts: &[String]) {
        if self.env.label.is_none() {
            return;
        }
        // The network knows the hosts of environments of which there is one; the
        // others bring their certificate and their names themselves.
        let name = self.w.prefix.clone();
        let zone = match &self.domain {
            Some(domain) => {
                let zone = Block::new("data", &["aws_route53_zone", "hosts"]).arg("name", Ex::text(domain));
                self.w.add("load_balancer", zone);
                "data.aws_route53_zone.hosts.zone_id"
            }
            None => {
                let zone = Block::new("resource", &["aws_route53_zone", "hosts"])
                    .arg("for_each", Ex::raw("local.hosts"))
                    .gap()
                    .arg("name", Ex::raw("each.value"));
                self.w.add("load_balancer", zone);
                "aws_route53_zone.hosts[each.value].zone_id"
            }
        };
        let set =
            format!("toset([{}])", hosts.iter().map(|h| format!("\"{h}\"")).collect::<Vec<_>>().join(", "));
        self.w.add("load_balancer", Block::new("locals", &[]).arg("hosts", Ex::raw(set)));
        let record = Block::new("resource", &["aws_route53_record", "hosts"])
            .arg("for_each", Ex::raw("local.hosts"))
            .gap()
            .arg("zone_id", Ex::raw(zone))
            .arg("name", Ex::raw("each.value"))
            .arg("type", Ex::text("A"))
            .block(
                Block::new("alias", &[])
                    .arg("name", Ex::raw("local.shared.load_balancer.dns_name"))
                    .arg("zone_id", Ex::raw("local.shared.load_balancer.zone_id"))
                    .arg("evaluate_target_health", Ex::raw("true")),
            );
        self.w.add("load_balancer", record);
        let mut b = self.w.module("certificate", "certificate", &name).arg("hosts", Ex::texts(hosts));
        b = match &self.domain {
            Some(domain) => b.arg("zone", Ex::text(domain)),
            None => b.arg(
                "zone_ids",
                Ex::raw("{ for host, zone in aws_route53_zone.hosts : host => zone.zone_id }"),
            ),
        };
        self.w.add("load_balancer", b);
        self.w.add(
            "load_balancer",
            Block::new("resource", &["aws_lb_listener_certificate", "this"])
                .arg("listener_arn", Ex::raw("local.shared.load_balancer.listener_arn"))
                .arg("certificate_arn", Ex::raw("module.certificate.arn")),
        );
    }

    fn internal_balancer(&mut self) {
        let name = self.w.name("internal");
        let protect = self.w.protect;
        let b = self
            .w
            .module("internal_load_balancer", "load-balancer", &name)
            .gap()
            .arg("vpc_id", self.w.net("vpc_id"))
            .arg("subnet_ids", self.w.net("private_subnet_ids"))
            .arg("internal", Ex::raw("true"))
            .arg("protect", Ex::raw(protect.to_string()));
        self.w.add("load_balancer", b);
        let target = object(vec![
            ("dns_name", Ex::raw("module.internal_load_balancer.dns_name")),
            ("zone_id", Ex::raw("module.internal_load_balancer.zone_id")),
        ]);
        let zone = self.around.internal_zone.clone();
        let aliases = self.inside.iter().map(|s| (format!("{s}.{zone}"), target.clone())).collect();
        let b = self
            .w
            .module("internal_zone", "private-zone", &zone)
            .arg("vpc_id", self.w.net("vpc_id"))
            .arg("aliases", Ex::Map(aliases));
        self.w.add("load_balancer", b);
    }

    fn cluster(&mut self) {
        let env = self.env;
        let on_instances = env.components.services.values().any(|s| s.run == Run::Containers);
        let name = self.w.prefix.clone();
        let count: u32 =
            env.components.services.values().filter(|s| s.run == Run::Containers).map(|s| s.scale.max).sum();
        let tags = self.tags();
        let mut b = self.w.regional("cluster", "container-cluster", &name);
        if on_instances {
            let parked = self.live.parked;
            let shared = env.components.services.values().filter(|s| s.run == Run::Containers);
            let volume = shared.map(|s| s.volume).max().unwrap_or(0).max(40);
            b = b
                .arg("capacity", Ex::text("both"))
                .arg("tags", tags)
                .arg("vpc_id", self.w.net("vpc_id"))
                .arg("subnet_ids", self.w.net("private_subnet_ids"))
                .arg("instance_type", Ex::text(cluster_instance(env)))
                .arg("volume_gb", Ex::number(volume))
                .arg("min", Ex::number(if parked { 0 } else { 1 }))
                .arg("max", Ex::number(if parked { 0 } else { count.max(2) }));
        } else {
            b = b.arg("capacity", Ex::text("fargate"));
        }
        self.w.add("services", b);
        if on_instances {
            let from = End::Group("module.cluster.security_group_id".into());
            let to = End::Group(format!("{}.endpoint_security_group_id", self.w.network));
            let name = self.w.name("cluster-endpoints");
            self.w.connect(
                "cluster_endpoints",
                &name,
                "instances of the cluster to AWS services",
                &from,
                &to,
                &[tcp(443)],
            );
            let s3 = End::Prefixes(format!("{}.gateway_prefix_list_ids[\"s3\"]", self.w.network));
            let name = self.w.name("cluster-s3");
            self.w.connect("cluster_s3", &name, "instances of the cluster to S3", &from, &s3, &[tcp(443)]);
        }
    }

    /// The tags of the provider, for what autoscaling groups start: the provider's own
    /// do not reach that.
    fn tags(&self) -> Ex {
        let platform = &self.w.c.manifest.platform;
        let mut all = vec![
            (super::tag("platform"), Ex::text(&platform.name)),
            (super::tag("environment"), Ex::text(&self.env.slug)),
        ];
        all.extend(platform.tags.iter().map(|(k, v)| (k.clone(), Ex::text(v))));
        Ex::Map(all)
    }

    /// Settings that everything gets.
    fn common_settings(&self, own: &BTreeMap<String, String>) -> Vec<(String, Ex)> {
        let mut out = vec![
            ("AWS_REGION_NAME".to_owned(), Ex::text(&self.env.region)),
            ("GROMA_ENVIRONMENT".to_owned(), Ex::text(&self.env.slug)),
            ("GROMA_PLATFORM".to_owned(), Ex::text(&self.w.c.manifest.platform.name)),
        ];
        out.extend(own.iter().map(|(k, v)| (k.clone(), Ex::text(v))));
        out
    }

    /// The edges of a client, as connections from its security group.
    fn connect_client(&mut self, name: &str, module: &str, g: &Grants, always: bool, s3: bool) {
        let from = End::Group(format!("module.{module}.security_group_id"));
        for (key, text, to, ports) in &g.edges {
            let resource = format!("{}-{}", self.w.name(name), key.replace('_', "-"));
            self.w.connect(&format!("{name}_{key}"), &resource, &format!("{name} {text}"), &from, to, ports);
        }
        if g.endpoints || always {
            let to = End::Group(format!("{}.endpoint_security_group_id", self.w.network));
            let resource = format!("{}-endpoints", self.w.name(name));
            self.w.connect(
                &format!("{name}_endpoints"),
                &resource,
                &format!("{name} to AWS services"),
                &from,
                &to,
                &[tcp(443)],
            );
        }
        if g.s3 || s3 {
            let to = End::Prefixes(format!("{}.gateway_prefix_list_ids[\"s3\"]", self.w.network));
            let resource = format!("{}-s3", self.w.name(name));
            self.w.connect(
                &format!("{name}_s3"),
                &resource,
                &format!("{name} to S3"),
                &from,
                &to,
                &[tcp(443)],
            );
        }
    }

    /// The image's expression.
    fn image(&self, i: &Image) -> Ex {
        match &i.source {
            ImageSource::Machine { parameter, .. } => Ex::text(format!("resolve:ssm:{parameter}")),
            ImageSource::Ami { id, .. } => Ex::text(id),
            ImageSource::Container { uri } => Ex::text(uri),
            ImageSource::Build { .. } => {
                let m = self.w.c.manifest;
                let account = m.platform.accounts.first().map_or("", |a| a.id.as_str());
                Ex::text(format!(
                    "{account}.dkr.ecr.{}.amazonaws.com/{}:latest",
                    m.platform.region,
                    registry(&m.platform.name, &i.name)
                ))
            }
        }
    }

    fn service(&mut self, s: &Service, index: usize) -> Result<(), Diagnostic> {
        let env = self.env;
        let m = module_label(Kind::Service, &s.name);
        let mut g = grants(&self.w, &self.around, &s.uses);
        let containers = s.run != Run::Instances;
        if !containers {
            g.read_secrets();
        }
        let (mut min, mut max) = (s.scale.min, s.scale.max);
        if let Some(n) = self.live.scale.get(&s.name) {
            (min, max) = (*n, max.max(*n));
        }
        let desired = self.live.desired.get(&s.name).map(|n| (*n).clamp(min, max));
        let mut settings = self.common_settings(&s.settings);
        if let Some(port) = s.port {
            settings.push(("PORT".into(), Ex::text(port.to_string())));
        }
        settings.append(&mut g.settings);
        let name = self.w.name(&s.name);
        let module = if containers { "service-containers" } else { "service-instances" };
        let prefix = format!("/{}/{}/{}", self.w.c.manifest.platform.name, env.slug, s.name);
        let tags = self.tags();
        let mut b = self
            .w
            .regional(&m, module, &name)
            .gap()
            .arg("vpc_id", self.w.net("vpc_id"))
            .arg("subnet_ids", self.w.net("private_subnet_ids"))
            .gap()
            .arg("image", self.image(&s.image));
        if containers {
            let arm = !matches!(&s.image.source, ImageSource::Machine { architecture, .. } if architecture == "x86_64");
            b = b
                .arg("cluster_arn", Ex::raw("module.cluster.cluster_arn"))
                .arg("cluster_name", Ex::raw("module.cluster.cluster_name"))
                .arg("launch", Ex::text(if s.run == Run::Fargate { "fargate" } else { "instances" }))
                .when(
                    s.run == Run::Containers,
                    "capacity_provider",
                    Ex::raw("module.cluster.capacity_provider"),
                )
                .arg("cpu", Ex::number(s.cpu))
                .arg("memory", Ex::number(s.memory))
                .arg("architecture", Ex::text(if arm { "ARM64" } else { "X86_64" }))
                .maybe("command", s.command.as_ref().map(Ex::texts))
                .some("secrets", Ex::Map(std::mem::take(&mut g.secrets)));
        } else {
            b = b
                .arg("instance_type", Ex::text(&s.instance))
                .arg("volume_gb", Ex::number(s.volume))
                .when(s.spot, "spot", Ex::raw("true"))
                .maybe("script", first_start(&self.w.c.manifest.dir, s)?.map(Ex::text))
                .arg("parameter_prefix", Ex::text(prefix))
                .arg("tags", tags.clone());
        }
        b = b
            .gap()
            .arg("min", Ex::number(min))
            .arg("max", Ex::number(max))
            .maybe("desired", desired.map(Ex::number))
            .maybe("cpu_target", s.scale.cpu.map(Ex::number))
            .maybe("requests_target", s.scale.requests.map(Ex::number))
            .maybe(
                "backlog",
                s.scale.backlog.as_ref().map(|q| {
                    object(vec![
                        (
                            "queue_name",
                            Ex::raw(format!("module.{}.queue_name", module_label(Kind::Queue, q))),
                        ),
                        ("per_instance", Ex::number(s.scale.backlog_each)),
                    ])
                }),
            )
            .when(self.live.parked, "parked", Ex::raw("true"));
        let mut attachments = Vec::new();
        if let Some(port) = s.port {
            b = b.gap().arg("port", Ex::number(port)).arg("health", Ex::text(&s.health));
            b = b.arg("drain", Ex::number(s.drain)).when(s.sticky, "sticky", Ex::raw("true"));
            if !s.hosts.is_empty()
                && let Some(lb) = self.balancers.get(&s.edge)
            {
                let base = if lb.starts_with("local.") { self.shared_priority() } else { 0 };
                attachments.push(("public", lb.clone(), s.hosts.clone(), base + 1 + index as u32));
            }
            if self.inside.contains(&s.name) && self.internal() {
                let host = format!("{}.{}", s.name, self.around.internal_zone);
                attachments.push((
                    "internal",
                    "module.internal_load_balancer".into(),
                    vec![host],
                    1 + index as u32,
                ));
            }
            let list = attachments
                .iter()
                .map(|(key, lb, hosts, priority)| {
                    let mut f = vec![
                        ("listener_arn", Ex::raw(format!("{lb}.listener_arn"))),
                        ("arn_suffix", Ex::raw(format!("{lb}.arn_suffix"))),
                        ("hosts", Ex::texts(hosts)),
                        ("priority", Ex::number(priority)),
                    ];
                    if !s.paths.is_empty() && *key == "public" {
                        f.push(("paths", Ex::texts(&s.paths)));
                    }
                    ((*key).to_owned(), object(f))
                })
                .collect();
            b = b.some("load_balancers", Ex::Map(list));
        }
        b = b
            .gap()
            .arg("settings", Ex::Map(settings))
            .some("statements", Ex::List(g.statements.clone()))
            .arg("log_retention_days", Ex::number(s.log_days));
        if let Some(p) = &env.park {
            b = b
                .arg("schedules", schedules(p, min, max, containers))
                .arg("time_zone", Ex::text(&self.time_zone));
        }
        self.w.add("services", b);

        for (key, lb, _, _) in &attachments {
            let from = End::Group(format!("{lb}.security_group_id"));
            let to = End::Group(format!("module.{m}.security_group_id"));
            let resource = format!("{name}-{key}");
            let text = format!("{key} load balancer to {}", s.name);
            self.w.connect(
                &format!("{}_{key}", s.name),
                &resource,
                &text,
                &from,
                &to,
                &[tcp(s.port.unwrap_or(80))],
            );
        }
        fetch_image(&s.image, &mut g);
        self.connect_client(&s.name, &m, &g, true, true);
        let f = vec![
            ("attached", Ex::raw((!attachments.is_empty()).to_string())),
            if containers {
                ("service_name", Ex::raw(format!("module.{m}.service_name")))
            } else {
                ("autoscaling_group_name", Ex::raw(format!("module.{m}.autoscaling_group_name")))
            },
        ];
        let mut f = f;
        if containers {
            f.push(("cluster_name", Ex::raw("module.cluster.cluster_name")));
        }
        if let Some((_, lb, _, _)) = attachments.first() {
            f.push(("target_group_arn_suffix", Ex::raw(format!("module.{m}.target_group_arn_suffix"))));
            f.push(("load_balancer_arn_suffix", Ex::raw(format!("{lb}.arn_suffix"))));
        }
        self.alarms.services.push((s.name.clone(), object(f)));
        Ok(())
    }

    /// Where this environment's rules begin at a load balancer that several share.
    fn shared_priority(&self) -> u32 {
        let sum = self.env.slug.bytes().fold(7u32, |h, b| h.wrapping_mul(31).wrapping_add(u32::from(b)));
        100 + (sum % 490) * 100
    }

    fn functions(&mut self) -> Result<(), Diagnostic> {
        let functions: Vec<Function> = self.env.components.functions.values().cloned().collect();
        for f in &functions {
            let m = module_label(Kind::Function, &f.name);
            let mut g = grants(&self.w, &self.around, &f.uses);
            g.read_secrets();
            let packed = package::pack(&self.w.c.manifest.dir.join(&f.code)).map_err(|e| {
                Diagnostic::error("The code of a function cannot be packed", format!("{e}.")).at(f.span)
            })?;
            let path = format!("packages/{}.zip", f.name);
            let mut settings = self.common_settings(&f.settings);
            settings.append(&mut g.settings);
            let (mut queues, mut invokers, mut schedules) = (Vec::new(), Vec::new(), Vec::new());
            for (i, (on, _)) in f.on.iter().enumerate() {
                match on {
                    Trigger::Queue(q) => {
                        let arn = Ex::raw(format!("module.{}.arn", module_label(Kind::Queue, q)));
                        queues.push((q.clone(), object(vec![("arn", arn)])));
                    }
                    Trigger::Created(b) | Trigger::Removed(b) => {
                        let arn = Ex::text(format!("arn:aws:s3:::{}", self.w.bucket_name(b)));
                        let v =
                            object(vec![("principal", Ex::text("s3.amazonaws.com")), ("source_arn", arn)]);
                        if !invokers.iter().any(|(k, _)| *k == format!("bucket-{b}")) {
                            invokers.push((format!("bucket-{b}"), v));
                        }
                    }
                    Trigger::Topic(t) => {
                        let arn = self.w.arn("sns", &self.w.name(t));
                        let v =
                            object(vec![("principal", Ex::text("sns.amazonaws.com")), ("source_arn", arn)]);
                        invokers.push((format!("topic-{t}"), v));
                    }
                    Trigger::Schedule(s) => schedules.push((format!("schedule-{i}"), Ex::text(s))),
                }
            }
            let name = self.w.name(&f.name);
            let b = self
                .w
                .regional(&m, "function", &name)
                .gap()
                .arg("package", Ex::raw(format!("\"${{path.module}}/{path}\"")))
                .arg("package_hash", Ex::text(&packed.hash))
                .arg("runtime", Ex::text(&f.runtime))
                .arg("handler", Ex::text(&f.handler))
                .arg("memory", Ex::number(f.memory))
                .arg("timeout", Ex::number(f.timeout))
                .gap()
                .arg("inside", Ex::raw("true"))
                .arg("vpc_id", self.w.net("vpc_id"))
                .arg("subnet_ids", self.w.net("private_subnet_ids"))
                .gap()
                .arg("settings", Ex::Map(settings))
                .some("statements", Ex::List(g.statements.clone()))
                .some("queues", Ex::Map(queues))
                .some("invokers", Ex::Map(invokers))
                .some("schedules", Ex::Map(schedules))
                .when(self.live.parked, "parked", Ex::raw("true"))
                .arg("log_retention_days", Ex::number(f.log_days));
            self.w.add("functions", b);
            self.extra.insert(path, packed.bytes);
            self.connect_client(&f.name, &m, &g, false, false);
            self.alarms.functions.push((
                f.name.clone(),
                object(vec![("function_name", Ex::raw(format!("module.{m}.function_name")))]),
            ));
        }
        Ok(())
    }

    fn jobs(&mut self) {
        let jobs: Vec<Job> = self.env.components.jobs.values().cloned().collect();
        for j in &jobs {
            let m = module_label(Kind::Job, &j.name);
            let mut g = grants(&self.w, &self.around, &j.uses);
            let mut settings = self.common_settings(&j.settings);
            settings.append(&mut g.settings);
            let name = self.w.name(&j.name);
            let time_zone = self.time_zone.clone();
            let b = self
                .w
                .regional(&m, "job", &name)
                .gap()
                .arg("schedule", Ex::text(&j.schedule))
                .arg("time_zone", Ex::text(time_zone))
                .arg("cluster_arn", Ex::raw("module.cluster.cluster_arn"))
                .arg("image", self.image(&j.image))
                .arg("cpu", Ex::number(j.cpu))
                .arg("memory", Ex::number(j.memory))
                .maybe("command", j.command.as_ref().map(Ex::texts))
                .gap()
                .arg("vpc_id", self.w.net("vpc_id"))
                .arg("subnet_ids", self.w.net("private_subnet_ids"))
                .gap()
                .arg("settings", Ex::Map(settings))
                .some("secrets", Ex::Map(std::mem::take(&mut g.secrets)))
                .some("statements", Ex::List(g.statements.clone()))
                .arg("log_retention_days", Ex::number(j.log_days))
                .when(self.live.parked, "parked", Ex::raw("true"));
            self.w.add("services", b);
            fetch_image(&j.image, &mut g);
            self.connect_client(&j.name, &m, &g, true, true);
        }
    }

    /// Ways in for people and other sites, and roles for what is outside.
    fn people(&mut self) {
        let env = self.env;
        for a in env.components.accesses.values() {
            let m = module_label(Kind::Access, &a.name);
            let name = self.w.name(&a.name);
            let b = self
                .w
                .regional(&m, "access", &name)
                .arg("vpc_id", self.w.net("vpc_id"))
                .arg("subnet_ids", self.w.net("private_subnet_ids"))
                .gap()
                .arg("group", Ex::text(&a.group))
                .some("allow_cidrs", Ex::texts(&a.allow))
                .arg("session_hours", Ex::number(a.ttl.div_ceil(3600).clamp(1, 12)))
                .when(self.live.parked, "bastion", Ex::raw("false"));
            self.w.add("access", b);
            let g = grants(&self.w, &self.around, &a.tunnel);
            let only_edges = Grants { edges: g.edges, ..Grants::default() };
            self.connect_client(&a.name, &m, &only_edges, true, false);
        }
        for r in env.components.roles.values() {
            let g = grants(&self.w, &self.around, &r.uses);
            let mut g = g;
            g.read_secrets();
            let trusted = r.trusted.iter().map(|t| match t.strip_prefix("account:") {
                Some(name) => {
                    let id = self.w.c.manifest.platform.accounts.iter().find(|a| a.name == name);
                    format!("account:{}", id.map_or(name, |a| a.id.as_str()))
                }
                None => t.clone(),
            });
            let trusted: Vec<String> = trusted.collect();
            let name = self.w.name(&r.name);
            let account = self.w.account.id.clone();
            let operations = self.w.c.operations(&self.w, env, r);
            let b = self
                .w
                .module(&module_label(Kind::Role, &r.name), "role", &name)
                .arg("account_id", Ex::text(account))
                .arg("trusted", Ex::texts(trusted))
                .some("statements", Ex::List(g.statements))
                .maybe("operations", operations);
            self.w.add("access", b);
        }
        for v in env.components.vpns.values() {
            let m = module_label(Kind::Vpn, &v.name);
            let name = self.w.name(&v.name);
            let b = self
                .w
                .module(&m, "vpn", &name)
                .arg("vpc_id", self.w.net("vpc_id"))
                .arg("route_table_ids", self.tables_towards(&v.reaches))
                .gap()
                .arg("peer_ip", Ex::text(&v.peer))
                .arg("peer_cidrs", Ex::texts(v.cidrs.iter().map(ToString::to_string)))
                .arg("asn", Ex::number(v.asn));
            self.w.add("access", b);
            let g = grants(&self.w, &self.around, &v.reaches);
            let from = End::Cidrs(v.cidrs.iter().map(ToString::to_string).collect());
            for (key, text, to, ports) in &g.edges {
                let resource = format!("{name}-{}", key.replace('_', "-"));
                self.w.connect(
                    &format!("{}_{key}", v.name),
                    &resource,
                    &format!("{} {text}", v.name),
                    &from,
                    to,
                    ports,
                );
            }
        }
    }

    /// The tables of the subnets in which something is that the other side of a VPN reaches:
    /// answers need a route there, and nothing else has business there.
    fn tables_towards(&self, reaches: &[Use]) -> Ex {
        let all = self.w.net("route_table_ids");
        let service =
            |u: &Use| matches!(&u.target, UseTarget::Component { id, .. } if id.kind == Kind::Service);
        if reaches.iter().any(service) || reaches.is_empty() {
            return all;
        }
        let network = &self.w.network;
        Ex::raw(format!("{{ data = {network}.route_table_ids[\"data\"] }}"))
    }

    /// The roots of environments that this one's services connect to.
    fn elsewhere(&self) -> BTreeSet<String> {
        let uses = self.env.components.services.values().flat_map(|s| &s.uses);
        uses.filter_map(|u| match &u.target {
            UseTarget::Elsewhere { environment, .. } => Some(environment.clone()),
            _ => None,
        })
        .collect()
    }

    /// Edges to services of other environments: the rules on both sides, the other
    /// one's made with the other one's provider.
    fn links(&mut self, c: &Compiler<'_>) -> Result<(), Diagnostic> {
        for other in self.elsewhere() {
            let target = c.manifest.environment(&other, None)?;
            let key = label(&other);
            let account = c.account(&target.account)?;
            let tags = [("environment", self.env.slug.as_str())];
            let p = c.provider(Some(&format!("environment_{key}")), &tags, account, &target.region);
            self.w.add("main", p);
            self.w.add("main", c.remote_state(&format!("environment_{key}"), &other));
        }
        for s in self.env.components.services.values() {
            for u in &s.uses {
                let UseTarget::Elsewhere { environment, service } = &u.target else { continue };
                let (env, svc) = (label(environment), label(service));
                let link = format!("data.terraform_remote_state.environment_{env}.outputs.links.{svc}");
                let from = format!("module.{}.security_group_id", module_label(Kind::Service, &s.name));
                let name = format!("{}_{env}_{svc}", label(&s.name));
                let account = &self.w.account.id;
                let rule = |kind: &str, group: Ex, other: Ex| {
                    Block::new("resource", &[kind, &name])
                        .arg("security_group_id", group)
                        .arg("referenced_security_group_id", other)
                        .arg("ip_protocol", Ex::text("tcp"))
                        .arg("from_port", Ex::number(80))
                        .arg("to_port", Ex::number(80))
                        .arg("description", Ex::text(format!("{} to {environment} {service}", s.name)))
                };
                let reference = Ex::raw(format!("\"${{{link}.account_id}}/${{{link}.security_group_id}}\""));
                let same = c.manifest.environment(environment, None)?.account == self.env.account;
                let to = if same { Ex::raw(format!("{link}.security_group_id")) } else { reference };
                let back = if same { Ex::raw(&from) } else { Ex::raw(format!("\"{account}/${{{from}}}\"")) };
                let b = rule("aws_vpc_security_group_egress_rule", Ex::raw(&from), to);
                self.w.add("connections", b);
                let b = rule(
                    "aws_vpc_security_group_ingress_rule",
                    Ex::raw(format!("{link}.security_group_id")),
                    back,
                )
                .arg("provider", Ex::raw(format!("aws.environment_{env}")));
                self.w.add("connections", b);
            }
        }
        Ok(())
    }

    /// Modules from elsewhere.
    fn modules(&mut self) -> Result<(), Diagnostic> {
        for m in self.env.components.modules.values() {
            let local = m.source.starts_with("./") || m.source.starts_with("../");
            let source = if local { format!("../../modules/custom-{}", m.name) } else { m.source.clone() };
            let mut b = Block::new("module", &[&module_label(Kind::Module, &m.name)])
                .arg("source", Ex::text(source))
                .maybe("version", m.version.as_ref().map(Ex::text))
                .gap();
            for (k, v) in &m.inputs {
                let v = self.input(v);
                b.set(k, v);
            }
            if local {
                self.w.modules.insert(format!("custom-{}={}", m.name, m.source));
            }
            self.w.add("modules", b);
        }
        Ok(())
    }

    fn input(&self, v: &ModuleInput) -> Ex {
        match v {
            ModuleInput::Constant(text) => Ex::raw(text),
            ModuleInput::List(l) => Ex::List(l.iter().map(|i| self.input(i)).collect()),
            ModuleInput::Object(m) => Ex::Map(m.iter().map(|(k, v)| (k.clone(), self.input(v))).collect()),
            ModuleInput::Attribute(parts) => {
                let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
                match parts[..] {
                    ["network", a] => self.w.net(a),
                    ["environment", "name" | "slug"] => Ex::text(&self.env.slug),
                    ["environment", "region"] => Ex::text(&self.env.region),
                    ["environment", "account_id"] => Ex::text(&self.w.account.id),
                    ["module", name, a] => Ex::raw(format!("module.module_{}.{a}", label(name))),
                    [kind, name, a] => self.attribute(kind, name, a),
                    _ => Ex::raw("null"),
                }
            }
        }
    }

    /// An attribute of a component, by its name in the manifest.
    fn attribute(&self, kind: &str, name: &str, attribute: &str) -> Ex {
        let own = format!("{kind}_{}", label(name));
        match kind {
            // Known before it exists.
            "bucket" if attribute == "name" => return Ex::text(self.w.bucket_name(name)),
            "edge" => return Ex::raw(format!("module.edge_{}.{attribute}", label(name))),
            "alarm" => return Ex::raw(format!("module.alarms.{attribute}")),
            _ => {}
        }
        let output = output(kind, attribute);
        let shared = self.around.shares.iter().any(|id| module_label(id.kind, &id.name) == own);
        let base = if shared { "local.shared" } else { "module" };
        Ex::raw(format!("{base}.{own}.{output}"))
    }

    /// Alarms, and what parks.
    fn watch(&mut self) {
        let emails: Vec<&String> = self.env.components.alarms.values().flat_map(|a| &a.emails).collect();
        let a = std::mem::take(&mut self.alarms);
        let name = self.w.prefix.clone();
        if !(a.services.is_empty() && a.databases.is_empty() && a.queues.is_empty() && a.functions.is_empty())
        {
            // What stands still on purpose must not ring.
            let services = if self.live.parked { Vec::new() } else { a.services };
            let b = self
                .w
                .module("alarms", "alarms", &name)
                .some("emails", Ex::texts(emails))
                .some("services", Ex::Map(services))
                .some("databases", Ex::Map(a.databases))
                .some("queues", Ex::Map(a.queues))
                .some("functions", Ex::Map(a.functions));
            self.w.add("alarms", b);
        }
        let databases = self.env.components.databases.values();
        let (mut clusters, mut instances) = (Vec::new(), Vec::new());
        for d in databases.filter(|d| !self.shared(Kind::Database, &d.name)) {
            let id = Ex::raw(format!("module.{}.identifier", module_label(Kind::Database, &d.name)));
            if d.engine.starts_with("aurora") {
                clusters.push((d.name.clone(), id))
            } else {
                instances.push((d.name.clone(), id))
            }
        }
        let wanted = self.env.park.is_some() || self.live.parked || parkable(self.env);
        if wanted && !(clusters.is_empty() && instances.is_empty()) {
            let (stop, start) = match &self.env.park {
                Some(p) => {
                    (p.stop.iter().map(six_fields).collect(), p.start.iter().map(six_fields).collect())
                }
                None => (Vec::new(), Vec::new()),
            };
            let time_zone = self.time_zone.clone();
            let b = self
                .w
                .regional("park", "park", &name)
                .some("clusters", Ex::Map(clusters))
                .some("instances", Ex::Map(instances))
                .some("stop", Ex::texts(stop))
                .some("start", Ex::texts(start))
                .arg("time_zone", Ex::text(time_zone))
                .when(self.live.parked, "parked", Ex::raw("true"));
            self.w.add("park", b);
        }
    }

    fn outputs(&mut self) {
        let c = &self.env.components;
        let mut hosts = Vec::new();
        for s in c.services.values().filter(|s| !s.hosts.is_empty()) {
            hosts.push((s.name.clone(), Ex::texts(&s.hosts)));
        }
        let mut endpoints = Vec::new();
        for d in c.databases.values() {
            let h = self.around.handle(&ComponentId { kind: Kind::Database, name: d.name.clone() });
            endpoints.push((format!("database.{}", d.name), Ex::raw(format!("{h}.endpoint"))));
        }
        for q in c.queues.values() {
            endpoints.push((
                format!("queue.{}", q.name),
                Ex::raw(format!("module.{}.url", module_label(Kind::Queue, &q.name))),
            ));
        }
        for b in c.buckets.values() {
            endpoints.push((format!("bucket.{}", b.name), Ex::text(self.w.bucket_name(&b.name))));
        }
        for a in c.accesses.values() {
            endpoints.push((
                format!("access.{}", a.name),
                Ex::raw(format!("module.{}.role_arn", module_label(Kind::Access, &a.name))),
            ));
        }
        let mut groups = Vec::new();
        for s in c.services.values() {
            let attribute = if s.run == Run::Instances { "autoscaling_group_name" } else { "service_name" };
            groups.push((
                s.name.clone(),
                Ex::raw(format!("module.{}.{attribute}", module_label(Kind::Service, &s.name))),
            ));
        }
        let mut delegations = Vec::new();
        if self.domain.is_none() {
            for lb in self.balancers.values().filter(|b| b.starts_with("module.")) {
                delegations.push(Ex::raw(format!("{lb}.name_servers")));
            }
        }
        let links: Vec<(String, Ex)> = self
            .inside
            .iter()
            .map(|s| {
                let url = format!("http://{s}.{}", self.around.internal_zone);
                (
                    label(s),
                    object(vec![
                        ("url", Ex::text(url)),
                        ("account_id", Ex::text(&self.w.account.id)),
                        ("security_group_id", Ex::raw("module.internal_load_balancer.security_group_id")),
                    ]),
                )
            })
            .collect();
        let has_internal = self.internal();
        let mut add = |name: &str, text: &str, v: Ex| {
            if !v.is_empty() {
                let b = Block::new("output", &[name]).arg("description", Ex::text(text)).arg("value", v);
                self.w.add("outputs", b);
            }
        };
        add("hosts", "Host names by service.", Ex::Map(hosts));
        add("endpoints", "How what keeps data is reached, by component.", Ex::Map(endpoints));
        add("groups", "Autoscaling groups and container services, by service.", Ex::Map(groups));
        if has_internal {
            add("links", "What other environments may connect to.", Ex::Map(links));
        }
        if let [one] = &delegations[..] {
            add(
                "name_servers",
                "The name servers to which the parent domain must delegate each host.",
                one.clone(),
            );
        } else if !delegations.is_empty() {
            let all: Vec<String> = delegations
                .iter()
                .map(|d| match d {
                    Ex::Raw(r) => r.clone(),
                    _ => String::new(),
                })
                .collect();
            add(
                "name_servers",
                "The name servers to which the parent domain must delegate each host.",
                Ex::raw(format!("merge({})", all.join(", "))),
            );
        }
    }
}

/// The output of a component's module that is an attribute of the manifest.
fn output<'a>(kind: &str, attribute: &'a str) -> &'a str {
    match (kind, attribute) {
        ("function", "name") => "function_name",
        ("queue", "name") => "queue_name",
        ("topic", "name") => "topic_name",
        ("secret", "name") => "secret_name",
        ("bucket", "name") => "bucket",
        ("cache", "endpoint") => "primary_endpoint",
        ("stream", "brokers") => "bootstrap_brokers",
        (_, a) => a,
    }
}

/// The instance type that all containers of an environment share.
fn cluster_instance(env: &Environment) -> &str {
    let shared = env.components.services.values().filter(|s| s.run == Run::Containers);
    let mut types = shared.map(|s| s.instance.as_str());
    let first = types.clone().next().unwrap_or("t4g.medium");
    types.find(|t| *t != "t4g.medium").unwrap_or(first)
}

/// A registry elsewhere is on the internet.
fn fetch_image(image: &Image, g: &mut Grants) {
    if matches!(image.source, ImageSource::Container { .. }) && !g.edges.iter().any(|e| e.0 == "internet") {
        let any = End::Cidrs(vec!["0.0.0.0/0".into()]);
        g.edges.push(("registry".into(), "to the registry of its image".into(), any, vec![tcp(443)]));
    }
}

const DAYS: [&str; 7] = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"];

/// A cron expression of EventBridge and Application Auto Scaling.
pub(super) fn six_fields(c: &Cron) -> String {
    let days: Vec<&str> = c.days.iter().map(|d| DAYS[usize::from(*d % 7)]).collect();
    format!("cron({} {} ? * {} *)", c.minute, c.hour, days.join(","))
}

/// A cron expression of Auto Scaling groups: five fields, Sunday is 0.
fn five_fields(c: &Cron) -> String {
    let days: Vec<String> = c.days.iter().map(|d| ((d + 1) % 7).to_string()).collect();
    format!("{} {} * * {}", c.minute, c.hour, days.join(","))
}

/// Scheduled counts of a service: nothing while parked, what it has otherwise.
fn schedules(p: &Schedule, min: u32, max: u32, containers: bool) -> Ex {
    let at = |c: &Cron| Ex::text(if containers { six_fields(c) } else { five_fields(c) });
    let counts = |c: &Cron, min: u32, max: u32| {
        object(vec![
            ("recurrence", at(c)),
            ("min", Ex::number(min)),
            ("max", Ex::number(max)),
            ("desired", Ex::number(min)),
        ])
    };
    let stop = p.stop.iter().enumerate().map(|(i, c)| (format!("park-{i}"), counts(c, 0, 0)));
    let start = p.start.iter().enumerate().map(|(i, c)| (format!("resume-{i}"), counts(c, min, max)));
    Ex::Map(stop.chain(start).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_attribute_of_the_manifest_is_an_output() {
        let mut seen = 0;
        for block in crate::manifest::spec::BLOCKS {
            let modules: &[&str] = match block.keyword {
                "service" => &["service-instances", "service-containers"],
                "alarm" => &["alarms"],
                other => &[other],
            };
            // These are not outputs of a module of their own.
            if ["environment", "platform"].contains(&block.keyword) {
                continue;
            }
            for (attribute, _) in block.attributes {
                for module in modules {
                    let wanted = format!("output \"{}\" {{", output(block.keyword, attribute));
                    let texts: String = crate::modules::files(module).map(|(_, t)| t).collect();
                    assert!(texts.contains(&wanted), "{module} has no {wanted}");
                    seen += 1;
                }
            }
        }
        assert!(seen > 40, "{seen}");
    }

    #[test]
    fn cron_fields() {
        let c = Cron { minute: 30, hour: 20, days: vec![0, 4, 6] };
        assert_eq!(six_fields(&c), "cron(30 20 ? * MON,FRI,SUN *)");
        assert_eq!(five_fields(&c), "30 20 * * 1,5,0");
    }
}
