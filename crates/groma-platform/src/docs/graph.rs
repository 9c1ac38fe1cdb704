//! The things of an environment and the flows between them, as both the page and the
//! picture tell them.

use super::Scene;
use super::proofs::Told;
use super::text::{count, duration};
use crate::model::*;
use std::collections::BTreeMap;

/// What a thing is, for its sign, its colour and the legend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sort {
    Internet,
    People,
    Site,
    Role,
    Elsewhere,
    Edge,
    Cdn,
    LoadBalancer,
    Nat,
    Service,
    Function,
    Job,
    Database,
    Cache,
    Stream,
    Queue,
    Topic,
    Bucket,
    Secret,
    Mail,
    Alarm,
    Module,
}

impl Sort {
    /// The word in the legend.
    pub fn word(self) -> &'static str {
        match self {
            Sort::Internet => "internet",
            Sort::People => "people",
            Sort::Site => "other site",
            Sort::Role => "role",
            Sort::Elsewhere => "other environment",
            Sort::Edge => "edge",
            Sort::Cdn => "CDN",
            Sort::LoadBalancer => "load balancer",
            Sort::Nat => "NAT",
            Sort::Service => "service",
            Sort::Function => "function",
            Sort::Job => "job",
            Sort::Database => "database",
            Sort::Cache => "cache",
            Sort::Stream => "stream",
            Sort::Queue => "queue",
            Sort::Topic => "topic",
            Sort::Bucket => "bucket",
            Sort::Secret => "secret",
            Sort::Mail => "mail",
            Sort::Alarm => "alarm",
            Sort::Module => "module",
        }
    }
}

/// Where a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// Whoever comes from outside.
    Outside,
    /// In front of the network.
    Edge,
    /// The public subnets.
    Public,
    /// The private subnets.
    Private,
    /// The data subnets.
    Data,
    /// AWS services of the region, outside of the network.
    Services,
    /// What the environment reaches outside.
    Beyond,
}

/// A thing.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// Unique: `service.web`.
    pub id: String,
    pub sort: Sort,
    pub place: Place,
    pub title: String,
    /// What it is.
    pub word: &'static str,
    /// What there is to know, one fact a line.
    pub lines: Vec<String>,
    /// Whether it stands still while the environment is parked.
    pub off: bool,
}

/// Who may reach what.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Flow {
    /// The id of a node.
    pub from: String,
    /// The id of a node.
    pub to: String,
    /// The right, the port, or both.
    pub label: String,
    /// Where the manifest says it: `uses of service.web`.
    pub why: String,
    /// What was proved of it.
    pub told: Told,
}

/// Things and flows, each once, in a lasting order.
#[derive(Clone, Debug, Default)]
pub(super) struct Graph {
    pub nodes: Vec<Node>,
    pub flows: Vec<Flow>,
}

/// The node of everything that comes from the internet.
pub(super) const INTERNET: &str = "internet";
/// The node of everything that is reached on the internet.
pub(super) const OUT: &str = "internet.out";

/// The ports of load balancers: HTTPS, and HTTP, which leads to HTTPS.
const ENTRY: &str = "443, 80";

/// The port of the internal load balancer.
const INSIDE_PORT: u16 = 80;

impl Graph {
    /// All of a scene.
    pub fn new(scene: &Scene<'_>) -> Graph {
        let mut b = Builder { scene, g: Graph::default() };
        b.clients();
        b.workers();
        b.people();
        b.data();
        b.services();
        b.beyond();
        let mut g = b.g;
        let mut seen = std::collections::BTreeSet::new();
        let known: std::collections::BTreeSet<String> = g.nodes.iter().map(|n| n.id.clone()).collect();
        g.flows.retain(|f| known.contains(&f.from) && known.contains(&f.to));
        g.flows.retain(|f| seen.insert((f.from.clone(), f.to.clone(), f.label.clone())));
        g
    }
}

struct Builder<'a, 's> {
    scene: &'a Scene<'s>,
    g: Graph,
}

fn id(kind: Kind, name: &str) -> String {
    format!("{}.{name}", kind.keyword())
}

/// The load balancer's id of services behind an edge, or behind none.
pub(super) fn balancer(edge: Option<&str>) -> String {
    edge.map_or_else(|| "load_balancer".to_owned(), |e| format!("load_balancer.{e}"))
}

impl Builder<'_, '_> {
    fn node(&mut self, id: impl Into<String>, sort: Sort, place: Place, title: &str, lines: Vec<String>) {
        let lines = lines.into_iter().filter(|l| !l.is_empty()).collect();
        self.g.nodes.push(Node {
            id: id.into(),
            sort,
            place,
            title: title.to_owned(),
            word: sort.word(),
            lines,
            off: false,
        });
    }

    fn flow(
        &mut self,
        from: impl Into<String>,
        to: impl Into<String>,
        label: impl Into<String>,
        why: String,
    ) {
        let mut flow =
            Flow { from: from.into(), to: to.into(), label: label.into(), why, told: Told::NotAsked };
        flow.told = Told::of(self.scene.proofs.as_deref(), &flow);
        self.g.flows.push(flow);
    }

    /// Says of the last node what it is, where that is not its sort.
    fn called(&mut self, word: &'static str) {
        if let Some(n) = self.g.nodes.last_mut() {
            n.word = word;
        }
    }

    /// Switches the last node off while the environment is parked.
    fn parks(&mut self, line: &str) {
        if self.scene.parked
            && let Some(n) = self.g.nodes.last_mut()
        {
            n.off = true;
            n.lines.insert(0, line.to_owned());
        }
    }

    /// What leads from clients to services and public buckets.
    fn clients(&mut self) {
        let env = self.scene.environment;
        let c = &env.components;
        let mut balancers: BTreeMap<Option<&str>, u32> = BTreeMap::new();
        for s in c.services.values().filter(|s| !s.hosts.is_empty()) {
            let idle = balancers.entry(s.edge.as_deref()).or_insert(0);
            *idle = s.idle.max(*idle);
        }
        let cdns: Vec<&Bucket> = c.buckets.values().filter(|b| b.cdn.is_some()).collect();
        if !balancers.is_empty() || !cdns.is_empty() {
            self.node(INTERNET, Sort::Internet, Place::Outside, "Internet", vec![]);
            self.called("clients");
        }
        for e in c.edges.values() {
            let used = balancers.contains_key(&Some(e.name.as_str()));
            if !used {
                // Nothing is behind it here, or a CDN, which then says so.
                continue;
            }
            self.node(id(Kind::Edge, &e.name), Sort::Edge, Place::Edge, &e.name, edge_lines(e));
            let why = |s: &str| format!("{s} of services behind edge.{}", e.name);
            self.flow(INTERNET, id(Kind::Edge, &e.name), "443", why("host"));
            self.flow(id(Kind::Edge, &e.name), balancer(Some(&e.name)), ENTRY, why("edge"));
        }
        for b in cdns {
            let host = b.cdn.clone().unwrap_or_default();
            let mut lines = vec!["CloudFront".to_owned(), host];
            if let Some(e) = b.edge.as_ref().and_then(|e| c.edges.get(e)) {
                lines.push(format!("AWS WAF of {}", e.name));
            }
            let cdn = format!("cdn.{}", b.name);
            self.node(&cdn, Sort::Cdn, Place::Edge, &b.name, lines);
            self.flow(INTERNET, &cdn, "443", format!("cdn of bucket.{}", b.name));
            self.flow(&cdn, id(Kind::Bucket, &b.name), "read", format!("cdn of bucket.{}", b.name));
        }
        for (edge, idle) in &balancers {
            let shared = edge.is_none() && self.shares_balancer();
            let mut lines = vec!["80 leads to 443".to_owned()];
            if shared {
                lines.push("shared in the network".into());
            } else if *idle != 60 {
                lines.push(format!("idle {}", duration(u64::from(*idle))));
            }
            let lb = balancer(*edge);
            self.node(&lb, Sort::LoadBalancer, Place::Public, edge.unwrap_or("load balancer"), lines);
            if edge.is_none() {
                self.called("");
            }
            if env.park_load_balancer && !shared {
                self.parks("parked: removed");
            }
            if !edge.is_some_and(|e| c.edges.contains_key(e)) {
                self.flow(INTERNET, &lb, ENTRY, "host of services".into());
            }
        }
        for s in c.services.values().filter(|s| !s.hosts.is_empty()) {
            let port = s.port.map(|p| p.to_string()).unwrap_or_default();
            let why = format!("host of service.{}", s.name);
            self.flow(balancer(s.edge.as_deref()), id(Kind::Service, &s.name), port, why);
        }
        if self.scene.nat_gateways > 0 {
            let text = match self.scene.nat_gateways {
                1 => "one gateway".to_owned(),
                n => format!("{n} gateways, one a zone"),
            };
            self.node("nat", Sort::Nat, Place::Public, "NAT", vec![text]);
            self.called("way out");
            if self.scene.environment.network == NetworkRef::Own {
                self.parks("parked: removed");
            }
        }
    }

    fn shares_balancer(&self) -> bool {
        self.scene.network.shares_load_balancer && self.scene.environment.network != NetworkRef::Own
    }

    /// What runs.
    fn workers(&mut self) {
        let c = &self.scene.environment.components;
        let mut services: Vec<&Service> = c.services.values().collect();
        // What clients meet first is first.
        services.sort_by_key(|s| (s.hosts.is_empty(), &s.name));
        for s in services {
            let me = id(Kind::Service, &s.name);
            self.node(&me, Sort::Service, Place::Private, &s.name, service_lines(s));
            self.parks("parked: none runs");
            self.uses(&me, &s.uses);
            if s.run != Run::Instances
                && matches!(s.image.source, ImageSource::Container { .. })
                && !s.uses.iter().any(|u| matches!(u.target, UseTarget::Internet { .. }))
            {
                self.flow(&me, OUT, "image registry 443", format!("image of service.{}", s.name));
            }
        }
        for f in c.functions.values() {
            let me = id(Kind::Function, &f.name);
            let mut lines = vec![
                f.runtime.clone(),
                format!("{} · at most {}", memory(f.memory), duration(u64::from(f.timeout))),
            ];
            for (on, _) in &f.on {
                if let Trigger::Schedule(s) = on {
                    lines.push(format!("runs at {s}"));
                }
            }
            self.node(&me, Sort::Function, Place::Private, &f.name, lines);
            for (on, _) in &f.on {
                let (from, label) = match on {
                    Trigger::Created(b) => (id(Kind::Bucket, b), "object created"),
                    Trigger::Removed(b) => (id(Kind::Bucket, b), "object removed"),
                    Trigger::Queue(q) => (id(Kind::Queue, q), "message"),
                    Trigger::Topic(t) => (id(Kind::Topic, t), "notification"),
                    Trigger::Schedule(_) => continue,
                };
                self.flow(from, &me, label, format!("on of function.{}", f.name));
            }
            self.uses(&me, &f.uses);
        }
        for j in c.jobs.values() {
            let me = id(Kind::Job, &j.name);
            let lines = vec![format!("runs at {}", j.schedule), size(j.cpu, j.memory)];
            self.node(&me, Sort::Job, Place::Private, &j.name, lines);
            self.parks("parked: does not run");
            self.uses(&me, &j.uses);
        }
    }

    /// Ways in besides the load balancer.
    fn people(&mut self) {
        let mut callers: BTreeMap<&str, Vec<&super::Caller>> = BTreeMap::new();
        for c in &self.scene.callers {
            callers.entry(&c.environment).or_default().push(c);
        }
        for (environment, list) in callers {
            let me = format!("caller.{environment}");
            let mut from: Vec<&str> = list.iter().map(|c| c.from.as_str()).collect();
            from.sort_unstable();
            from.dedup();
            let lines = vec![format!("its {}", from.join(", "))];
            self.node(&me, Sort::Elsewhere, Place::Outside, environment, lines);
            self.called("environment");
            for c in list {
                let why = format!("uses of service.{} in {environment}", c.from);
                self.flow(&me, id(Kind::Service, &c.service), format!("connect {INSIDE_PORT}"), why);
            }
        }
        let c = &self.scene.environment.components;
        for a in c.accesses.values() {
            let (me, bastion) = (id(Kind::Access, &a.name), format!("bastion.{}", a.name));
            let mut lines = vec![a.group.clone()];
            if !a.allow.is_empty() {
                lines.push(format!("from {}", a.allow.join(", ")));
            }
            self.node(&me, Sort::People, Place::Outside, &a.name, lines);
            let lines = vec![format!("sessions of {}", duration(a.ttl))];
            self.node(&bastion, Sort::People, Place::Private, &a.name, lines);
            self.called("tunnel");
            self.parks("parked: removed");
            self.flow(&me, &bastion, "session", format!("group of access.{}", a.name));
            self.reaches(&bastion, &a.tunnel, &format!("tunnel of access.{}", a.name));
        }
        for v in c.vpns.values() {
            let me = id(Kind::Vpn, &v.name);
            let mut lines = vec![format!("VPN {}", v.peer)];
            lines.extend(v.cidrs.iter().map(ToString::to_string));
            self.node(&me, Sort::Site, Place::Outside, &v.name, lines);
            self.reaches(&me, &v.reaches, &format!("reaches of vpn.{}", v.name));
        }
        for r in c.roles.values() {
            let me = id(Kind::Role, &r.name);
            let mut lines: Vec<String> = r.trusted.iter().map(|t| format!("for {t}")).collect();
            if !r.may.is_empty() {
                lines.push(format!("may {}", r.may.join(", ")));
            }
            self.node(&me, Sort::Role, Place::Outside, &r.name, lines);
            self.uses(&me, &r.uses);
        }
    }

    /// What keeps data inside the network.
    fn data(&mut self) {
        let scene = self.scene;
        let line = |shared: bool| shared.then(|| "shared in the network".to_owned());
        for d in scene.databases() {
            let mut lines = database_lines(d.is, d.protected);
            lines.extend(line(d.shared));
            self.node(id(Kind::Database, &d.is.name), Sort::Database, Place::Data, &d.is.name, lines);
            if !d.shared {
                self.parks("parked: stopped");
            }
        }
        for d in scene.caches() {
            let mut lines = vec![engine(&d.is.engine), format!("{} · {}", nodes(d.is), d.is.node)];
            lines.extend(line(d.shared));
            self.node(id(Kind::Cache, &d.is.name), Sort::Cache, Place::Data, &d.is.name, lines);
        }
        for d in scene.streams() {
            let mut lines = vec![
                format!("Kafka {}", d.is.version),
                format!("{} · {}", brokers(scene, d.is), d.is.instance),
            ];
            lines.extend(line(d.shared));
            self.node(id(Kind::Stream, &d.is.name), Sort::Stream, Place::Data, &d.is.name, lines);
        }
    }

    /// AWS services of the region.
    fn services(&mut self) {
        let c = &self.scene.environment.components;
        for q in c.queues.values() {
            let lines = if q.fifo { vec!["in order".to_owned()] } else { vec![] };
            self.node(id(Kind::Queue, &q.name), Sort::Queue, Place::Services, &q.name, lines);
        }
        for t in c.topics.values() {
            let me = id(Kind::Topic, &t.name);
            let mut lines = if t.fifo { vec!["in order".to_owned()] } else { vec![] };
            for (to, _) in &t.to {
                match to {
                    Subscriber::Email(e) => lines.push(format!("to {e}")),
                    Subscriber::Https(u) => lines.push(format!("to {u}")),
                    Subscriber::Queue(_) => {}
                }
            }
            self.node(&me, Sort::Topic, Place::Services, &t.name, lines);
            for (to, _) in &t.to {
                if let Subscriber::Queue(q) = to {
                    self.flow(&me, id(Kind::Queue, q), "notification", format!("to of topic.{}", t.name));
                }
            }
        }
        for b in c.buckets.values() {
            let me = id(Kind::Bucket, &b.name);
            self.node(&me, Sort::Bucket, Place::Services, &b.name, vec![]);
            if let Some(to) = &b.copy {
                self.flow(&me, id(Kind::Bucket, to), "copy", format!("copy of bucket.{}", b.name));
            }
        }
        for s in c.secrets.values() {
            let lines = vec![s.description.clone()];
            self.node(id(Kind::Secret, &s.name), Sort::Secret, Place::Services, &s.name, lines);
        }
        for m in c.mails.values() {
            let lines = vec![format!("from {}", m.domain)];
            self.node(id(Kind::Mail, &m.name), Sort::Mail, Place::Services, &m.name, lines);
        }
        for a in c.alarms.values() {
            let lines = a.emails.iter().map(|e| format!("to {e}")).collect();
            self.node(id(Kind::Alarm, &a.name), Sort::Alarm, Place::Services, &a.name, lines);
        }
        for m in c.modules.values() {
            let version = m.version.as_ref().map(|v| format!(" {v}")).unwrap_or_default();
            let lines = vec![format!("{}{version}", m.source)];
            self.node(id(Kind::Module, &m.name), Sort::Module, Place::Services, &m.name, lines);
        }
    }

    /// What is reached outside: only what some flow leads to.
    fn beyond(&mut self) {
        let mut elsewhere: Vec<String> =
            self.g.flows.iter().filter(|f| f.to.starts_with("environment.")).map(|f| f.to.clone()).collect();
        elsewhere.sort();
        elsewhere.dedup();
        for e in elsewhere {
            let name = e.trim_start_matches("environment.").to_owned();
            self.node(e, Sort::Elsewhere, Place::Beyond, &name, vec![]);
            self.called("environment");
        }
        if self.g.flows.iter().any(|f| f.to == OUT) {
            let line = match &self.scene.network.firewall {
                Some(_) => "through firewall and NAT",
                None => "through NAT",
            };
            self.node(OUT, Sort::Internet, Place::Beyond, "Internet", vec![line.into()]);
        }
    }

    fn uses(&mut self, from: &str, uses: &[Use]) {
        self.reaches(from, uses, &format!("uses of {from}"));
    }

    fn reaches(&mut self, from: &str, uses: &[Use], why: &str) {
        for u in uses {
            let (to, label) = self.target(&u.target);
            self.flow(from, to, label, why.to_owned());
        }
    }

    /// The node that is used, and the label of the arrow.
    fn target(&self, target: &UseTarget) -> (String, String) {
        let c = &self.scene.environment.components;
        match target {
            UseTarget::Component { id, right } => {
                let word = right.word();
                let label = match id.kind {
                    Kind::Database => {
                        let port = c.databases.get(&id.name).map_or(3306, Database::port);
                        format!("{word} {port}")
                    }
                    Kind::Cache => format!("{word} 6379"),
                    Kind::Stream => format!("{word} 9098"),
                    Kind::Service => format!("{word} {INSIDE_PORT}"),
                    _ => word.to_owned(),
                };
                (id.to_string(), label)
            }
            UseTarget::Elsewhere { environment, service } => {
                (format!("environment.{environment}"), format!("{service} {INSIDE_PORT}"))
            }
            UseTarget::Internet { host, ports } => {
                let ports: Vec<String> = ports
                    .iter()
                    .map(|p| match p.protocol.as_str() {
                        "tcp" => p.port.to_string(),
                        other => format!("{other}/{}", p.port),
                    })
                    .collect();
                (OUT.to_owned(), format!("{} {}", host.as_deref().unwrap_or("any host"), ports.join(", ")))
            }
        }
    }
}

/// `3 brokers`
pub(super) fn brokers(scene: &Scene<'_>, s: &Stream) -> String {
    count(s.brokers_per_zone * u32::from(scene.network.zones), "broker", "brokers")
}

fn edge_lines(e: &Edge) -> Vec<String> {
    let mut lines = vec![
        match e.kind {
            EdgeKind::Cloudflare => "Cloudflare",
            EdgeKind::Waf => "AWS WAF",
            EdgeKind::Cloudfront => "CloudFront + WAF",
        }
        .to_owned(),
    ];
    if e.kind != EdgeKind::Cloudflare {
        lines.push(format!("{} requests in 5 min", e.rate));
    }
    if !e.allow.is_empty() {
        lines.push(format!("from {}", e.allow.join(", ")));
    }
    lines
}

/// How a service runs: `instances`.
pub(super) fn run(r: Run) -> &'static str {
    match r {
        Run::Instances => "instances",
        Run::Fargate => "Fargate",
        Run::Containers => "containers on instances",
    }
}

/// How many of a service: `2`, `2–8`.
pub(super) fn range(s: &Scale) -> String {
    if s.max > s.min { format!("{}–{}", s.min, s.max) } else { s.min.to_string() }
}

/// What each of a service has: `t4g.small`, `0.25 vCPU, 512 MB`.
pub(super) fn each(s: &Service) -> String {
    match s.run {
        Run::Instances => format!("{}{}", s.instance, if s.spot { ", spot" } else { "" }),
        _ => size(s.cpu, s.memory),
    }
}

/// What a changing number of a service keeps: `CPU at 60 %`.
pub(super) fn follows(s: &Scale) -> Vec<String> {
    let mut out = Vec::new();
    out.extend(s.cpu.map(|n| format!("CPU at {n} %")));
    out.extend(s.requests.map(|n| format!("{n} requests a minute for each")));
    out.extend(s.backlog.as_ref().map(|q| format!("{} waiting in {q} for each", s.backlog_each)));
    out
}

fn service_lines(s: &Service) -> Vec<String> {
    let mut lines = vec![match s.run {
        Run::Instances => format!("{} × {}", range(&s.scale), each(s)),
        Run::Fargate => format!("{} on Fargate", range(&s.scale)),
        Run::Containers => format!("{} {}", range(&s.scale), run(s.run)),
    }];
    if s.run != Run::Instances {
        lines.push(format!("each {}", each(s)));
    }
    if s.scale.max > s.scale.min {
        lines.extend(follows(&s.scale).into_iter().map(|f| format!("keeps {f}")));
    }
    lines.extend(s.hosts.iter().cloned());
    if !s.paths.is_empty() {
        lines.push(s.paths.join(", "));
    }
    lines
}

/// `Aurora MySQL 8.0`.
pub(super) fn engine(engine: &str) -> String {
    let names = [
        ("aurora-mysql-", "Aurora MySQL"),
        ("aurora-postgresql-", "Aurora PostgreSQL"),
        ("mysql-", "MySQL"),
        ("postgres-", "PostgreSQL"),
        ("mariadb-", "MariaDB"),
        ("redis-", "Redis"),
        ("valkey-", "Valkey"),
    ];
    names
        .iter()
        .find_map(|(prefix, name)| engine.strip_prefix(prefix).map(|v| format!("{name} {v}")))
        .unwrap_or_else(|| engine.to_owned())
}

/// Writer and readers of a database, or the instance and its standby.
pub(super) fn members(d: &Database, protect: bool) -> String {
    if d.engine.starts_with("aurora") {
        match d.readers {
            0 => "1 writer".to_owned(),
            n => format!("1 writer, {}", count(n, "reader", "readers")),
        }
    } else if protect {
        "1 instance, 1 standby".to_owned()
    } else {
        "1 instance".to_owned()
    }
}

/// What each member of a database has: `db.r7g.large`, `0.5–8 capacity units`.
pub(super) fn class(d: &Database) -> String {
    match d.serverless {
        Some((min, max)) => format!("{min}–{max} capacity units"),
        None => d.class.clone(),
    }
}

fn database_lines(d: &Database, protect: bool) -> Vec<String> {
    let mut lines = vec![engine(&d.engine), members(d, protect), class(d)];
    if !d.engine.starts_with("aurora") {
        lines.push(format!("{} GB", d.storage));
    }
    lines
}

/// The nodes of a cache: `1 node`, `3 shards of 2 nodes`.
pub(super) fn nodes(c: &Cache) -> String {
    let each = count(c.replicas + 1, "node", "nodes");
    if c.shards > 0 { format!("{} of {each}", count(c.shards, "shard", "shards")) } else { each }
}

/// `512 MB`, `2 GB`.
pub(super) fn memory(mib: u32) -> String {
    if mib >= 1024 && mib.is_multiple_of(512) {
        format!("{} GB", f64::from(mib) / 1024.0)
    } else {
        format!("{mib} MB")
    }
}

/// `0.25 vCPU, 512 MB`.
pub(super) fn size(cpu: u32, mib: u32) -> String {
    format!("{} vCPU, {}", f64::from(cpu) / 1024.0, memory(mib))
}

/// What protects and parks an environment, in a few words.
pub(super) fn facts(scene: &Scene<'_>) -> Vec<String> {
    let env = scene.environment;
    let mut out = Vec::new();
    if env.protect {
        out.push("protected".to_owned());
    }
    if let Some(l) = &env.like {
        let size = if (env.size - 1.0).abs() > f64::EPSILON {
            format!(", {} of its size", percent(env.size))
        } else {
            String::new()
        };
        out.push(format!("like {l}{size}"));
    }
    if let Some(p) = &env.park {
        out.push(format!("parks {}", p.text));
    }
    if let Some(t) = env.ttl {
        out.push(format!("lives {} after the last up", duration(t)));
    }
    out
}

/// `25 %`.
pub(super) fn percent(f: f64) -> String {
    format!("{} %", (f * 1000.0).round() / 10.0)
}

/// The tiers' blocks of a network's addresses: what the module `network` makes of a
/// CIDR, independent of which zones there are. `(range, length of each subnet's prefix)`
/// for public, private and data.
pub(super) fn tiers(cidr: ipnet::Ipv4Net) -> Option<[(ipnet::Ipv4Net, u8); 3]> {
    let p = cidr.prefix_len();
    let block = |bits: u8, n: usize| cidr.subnets(p + bits).ok().and_then(|mut s| s.nth(n));
    if p + 6 > 32 {
        return None;
    }
    Some([(block(3, 6)?, p + 6), (block(1, 0)?, p + 4), (block(2, 2)?, p + 5)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers_as_the_module_cuts_them() {
        let t = tiers("10.0.0.0/16".parse().unwrap()).unwrap();
        assert_eq!(
            t.map(|(n, p)| format!("{n} /{p}")),
            ["10.0.192.0/19 /22", "10.0.0.0/17 /20", "10.0.128.0/18 /21"]
        );
    }

    #[test]
    fn amounts() {
        assert_eq!(size(256, 512), "0.25 vCPU, 512 MB");
        assert_eq!(size(1024, 2048), "1 vCPU, 2 GB");
        assert_eq!(engine("aurora-postgresql-16"), "Aurora PostgreSQL 16");
        assert_eq!(percent(0.25), "25 %");
    }
}
