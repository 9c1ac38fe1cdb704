//! The page.

use super::Scene;
use super::graph::{self, Flow, Graph, INTERNET, Node, OUT, Sort};
use super::settings;
use super::text::{cell, count, duration, list};
use crate::model::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The page of a scene.
pub(super) fn page(scene: &Scene<'_>, diagram_file: &str) -> String {
    let graph = Graph::new(scene);
    let mut p = Page { scene, graph: &graph, out: String::new() };
    p.head(diagram_file);
    p.runs();
    p.reach();
    p.data();
    p.network();
    p.people();
    p.settings();
    p.always();
    p.modules();
    p.out
}

struct Page<'a, 's> {
    scene: &'a Scene<'s>,
    graph: &'a Graph,
    out: String,
}

fn code(s: &str) -> String {
    format!("`{s}`")
}

fn codes<'a>(items: impl IntoIterator<Item = &'a String>) -> String {
    items.into_iter().map(|s| code(s)).collect::<Vec<_>>().join(", ")
}

fn yes(b: bool) -> String {
    if b { "yes" } else { "no" }.to_owned()
}

fn days(n: u32) -> String {
    if n == 0 { "none".to_owned() } else { count(n, "day", "days") }
}

/// What is run: an image of the manifest by its name.
fn image(i: &Image) -> String {
    match &i.source {
        ImageSource::Container { uri } => code(uri),
        _ => code(&i.name),
    }
}

/// Where an image comes from.
fn source(i: &Image) -> String {
    match &i.source {
        ImageSource::Machine { parameter, architecture } => {
            format!("newest machine image ({architecture}) of {}", code(parameter))
        }
        ImageSource::Ami { id, architecture } => format!("machine image {} ({architecture})", code(id)),
        ImageSource::Build { directory } => format!("container image, built from {}", code(directory)),
        ImageSource::Container { uri } => format!("container image {}", code(uri)),
    }
}

impl Page<'_, '_> {
    fn heading(&mut self, text: &str) {
        let _ = write!(self.out, "## {text}\n\n");
    }

    fn paragraph(&mut self, text: &str) {
        let _ = write!(self.out, "{text}\n\n");
    }

    /// A table; nothing without rows.
    fn table(&mut self, head: &[&str], rows: &[Vec<String>]) {
        if rows.is_empty() {
            return;
        }
        let _ = writeln!(self.out, "| {} |", head.join(" | "));
        let _ = writeln!(self.out, "|{}", " --- |".repeat(head.len()));
        for r in rows {
            let cells: Vec<String> = r.iter().map(|c| cell(c)).collect();
            let _ = writeln!(self.out, "| {} |", cells.join(" | "));
        }
        self.out.push('\n');
    }

    /// A table with its own small heading; nothing without rows.
    fn part(&mut self, title: &str, head: &[&str], rows: &[Vec<String>]) {
        if !rows.is_empty() {
            let _ = write!(self.out, "### {title}\n\n");
            self.table(head, rows);
        }
    }

    fn head(&mut self, diagram_file: &str) {
        let (s, env) = (self.scene, self.scene.environment);
        let _ = write!(self.out, "# {}: {}\n\n", s.platform.name, env.slug);
        let name = match &env.label {
            Some(l) => format!("{} -each={l}", env.name),
            None => env.name.clone(),
        };
        self.paragraph(&format!(
            "Made from the manifest by `groma docs {name}`. To change what is here, change the manifest."
        ));
        self.paragraph(&format!("![What there is in {}, and who may reach what]({diagram_file})", env.slug));
        let account = s.platform.accounts.iter().find(|a| a.name == env.account);
        let id = account.map(|a| format!(" ({})", a.id)).unwrap_or_default();
        let network = match &env.network {
            NetworkRef::Named(n) => code(n),
            NetworkRef::Own => "one of its own".to_owned(),
        };
        let mut rows = vec![
            vec!["Account".into(), format!("{}{id}", env.account)],
            vec!["Region".into(), env.region.clone()],
            vec!["Network".into(), network],
        ];
        if let Some(l) = &env.like {
            let mut text = format!("like {}", code(l));
            if (env.size - 1.0).abs() > f64::EPSILON {
                let _ = write!(text, ", with {} of its capacity", graph::percent(env.size));
            }
            rows.push(vec!["Made".into(), text]);
        }
        let protect = if env.protect {
            "yes: it cannot be taken down, and databases, buckets and load balancers refuse deletion"
        } else {
            "no: it can be taken down with everything in it"
        };
        rows.push(vec!["Protected".into(), protect.into()]);
        if let Some(p) = &env.park {
            rows.push(vec!["Parks".into(), format!("{} ({})", p.text, s.platform.time_zone)]);
        }
        if let Some(t) = env.ttl {
            rows.push(vec!["Lives".into(), format!("{} after the last `up`", duration(t))]);
        }
        if s.parked {
            rows.push(vec!["Now".into(), "**parked**".into()]);
        }
        self.table(&["", ""], &rows);
    }

    /// Services, functions, jobs.
    fn runs(&mut self) {
        let c = &self.scene.environment.components;
        if c.services.is_empty() && c.functions.is_empty() && c.jobs.is_empty() {
            return;
        }
        self.heading("What runs");
        let services: Vec<Vec<String>> = c
            .services
            .values()
            .map(|s| {
                let scales = if s.scale.max > s.scale.min {
                    graph::follows(&s.scale).join("; ")
                } else {
                    String::new()
                };
                vec![
                    s.name.clone(),
                    graph::run(s.run).to_owned(),
                    graph::range(&s.scale),
                    graph::each(s),
                    scales,
                    image(&s.image),
                    format!("{} days", s.log_days),
                ]
            })
            .collect();
        let head = ["Service", "Runs as", "How many", "Each", "Keeps", "From", "Logs kept"];
        self.part("Services", &head, &services);
        let mut hosts = Vec::new();
        for s in c.services.values().filter(|s| s.port.is_some()) {
            let port = s.port.map(|p| p.to_string()).unwrap_or_default();
            let names = if s.hosts.is_empty() { "none: inside only".to_owned() } else { codes(&s.hosts) };
            let paths = if s.paths.is_empty() { "all".to_owned() } else { codes(&s.paths) };
            let front = s.edge.as_ref().and_then(|e| c.edges.get(e)).map_or("", |e| match e.kind {
                EdgeKind::Cloudflare => "Cloudflare",
                EdgeKind::Waf => "AWS WAF",
                EdgeKind::Cloudfront => "CloudFront with AWS WAF",
            });
            hosts.push(vec![s.name.clone(), names, paths, port, code(&s.health), front.to_owned()]);
        }
        let head = ["Service", "Host names", "Paths", "Port", "Healthy when this answers 200", "Behind"];
        self.part("Where services listen", &head, &hosts);
        let functions: Vec<Vec<String>> = c
            .functions
            .values()
            .map(|f| {
                let on: Vec<String> = f.on.iter().map(|(t, _)| trigger(t)).collect();
                vec![
                    f.name.clone(),
                    list(&on),
                    f.runtime.clone(),
                    graph::memory(f.memory),
                    duration(u64::from(f.timeout)),
                    code(&f.code.display().to_string().replace('\\', "/")),
                ]
            })
            .collect();
        let head = ["Function", "Started by", "Runtime", "Memory", "At most", "Code"];
        self.part("Functions", &head, &functions);
        let jobs: Vec<Vec<String>> = c
            .jobs
            .values()
            .map(|j| {
                let command = j.command.as_ref().map(|c| code(&c.join(" "))).unwrap_or_default();
                vec![
                    j.name.clone(),
                    code(&j.schedule),
                    graph::size(j.cpu, j.memory),
                    image(&j.image),
                    command,
                ]
            })
            .collect();
        let head = ["Job", "Runs at", "Size", "From", "Command"];
        self.part("Jobs", &head, &jobs);
        let images: BTreeMap<&str, &Image> = c
            .services
            .values()
            .map(|s| &s.image)
            .chain(c.jobs.values().map(|j| &j.image))
            .filter(|i| !matches!(i.source, ImageSource::Container { .. }))
            .map(|i| (i.name.as_str(), i))
            .collect();
        let images: Vec<Vec<String>> =
            images.values().map(|i| vec![i.name.clone(), source(i), codes(&i.setup)]).collect();
        if !jobs.is_empty() {
            let text = format!("Times of jobs are in {}.", self.scene.platform.time_zone);
            self.paragraph(&text);
        }
        self.part("Images", &["Image", "What it is", "Set up with"], &images);
    }

    fn name(&self, id: &str) -> String {
        match id {
            INTERNET => return "anybody on the internet".to_owned(),
            OUT => return "the internet".to_owned(),
            _ => {}
        }
        self.graph.nodes.iter().find(|n| n.id == id).map_or_else(|| id.to_owned(), called)
    }

    fn reach(&mut self) {
        if self.graph.flows.is_empty() {
            return;
        }
        self.heading("Who may reach what");
        self.paragraph("This is the whole list: security groups and permissions are made from it, and what is not in it has no way.");
        let asked = self.scene.proofs.is_some();
        if asked {
            self.paragraph("What is proved works, whatever is unknown turns out to be: it was worked out from the plan. What is not in the network (calls of AWS's services, edges, sessions) is decided by permissions.");
        }
        let order = |id: &str| self.graph.nodes.iter().position(|n| n.id == id);
        let mut flows: Vec<&Flow> = self.graph.flows.iter().collect();
        flows.sort_by_key(|f| (order(&f.from), order(&f.to)));
        let rows: Vec<Vec<String>> = flows
            .iter()
            .map(|f| {
                let (what, of) = f.why.split_once(" of ").unwrap_or(("", &f.why));
                let why = if what.is_empty() { of.to_owned() } else { format!("{} of {of}", code(what)) };
                let mut row = vec![self.name(&f.from), self.name(&f.to), f.label.clone(), why];
                if asked {
                    row.push(f.told.words().to_owned());
                }
                row
            })
            .collect();
        let columns = ["From", "To", "What, and on which port", "Because of", "Connection"];
        self.table(&columns[..if asked { 5 } else { 4 }], &rows);
        let named = self.graph.flows.iter().any(|f| f.to == OUT && !f.label.starts_with("any host"));
        if named && self.scene.network.firewall.is_none() {
            self.paragraph("Hosts on the internet are named for people: security groups know addresses only, so the port is open to any address.");
        }
        self.paragraph("Besides, services, jobs and tunnels reach AWS itself (logs, sessions, images, objects) through endpoints of the network.");
    }

    fn data(&mut self) {
        let c = &self.scene.environment.components;
        let any = !c.databases.is_empty()
            || !c.caches.is_empty()
            || !c.streams.is_empty()
            || !c.queues.is_empty()
            || !c.topics.is_empty()
            || !c.buckets.is_empty()
            || !c.secrets.is_empty();
        if !any {
            return;
        }
        self.heading("What keeps data");
        let protect = self.scene.environment.protect;
        let rows: Vec<Vec<String>> = self
            .scene
            .databases()
            .iter()
            .map(|d| {
                let protection = match d.protected {
                    true => "refuses deletion; a last snapshot stays",
                    false => "none: nothing stays when it is removed",
                };
                vec![
                    once(&d.is.name, d.shared),
                    graph::engine(&d.is.engine),
                    graph::members(d.is, d.protected),
                    graph::class(d.is),
                    d.is.port().to_string(),
                    format!("any moment of the last {}", count(d.is.backup_days, "day", "days")),
                    protection.to_owned(),
                ]
            })
            .collect();
        let head = ["Database", "Engine", "Members", "Each", "Port", "Can be restored to", "Protection"];
        self.part("Databases", &head, &rows);
        let rows: Vec<Vec<String>> = self
            .scene
            .caches()
            .iter()
            .map(|d| {
                vec![
                    once(&d.is.name, d.shared),
                    graph::engine(&d.is.engine),
                    graph::nodes(d.is),
                    d.is.node.clone(),
                    days(d.is.backup_days),
                    if d.protected { "a last snapshot stays" } else { "none" }.to_owned(),
                ]
            })
            .collect();
        self.part("Caches", &["Cache", "Engine", "Nodes", "Each", "Snapshots of", "Protection"], &rows);
        let rows: Vec<Vec<String>> = self
            .scene
            .streams()
            .iter()
            .map(|d| {
                vec![
                    once(&d.is.name, d.shared),
                    format!("Kafka {}", d.is.version),
                    graph::brokers(self.scene, d.is),
                    d.is.instance.clone(),
                    format!("{} GB", d.is.storage),
                    if d.protected { "topics cannot be deleted" } else { "none" }.to_owned(),
                ]
            })
            .collect();
        self.part("Streams", &["Stream", "Version", "Brokers", "Each", "Disk of each", "Protection"], &rows);
        let rows: Vec<Vec<String>> = c
            .queues
            .values()
            .map(|q| {
                vec![
                    q.name.clone(),
                    yes(q.fifo),
                    count(q.retention_days, "day", "days"),
                    duration(u64::from(q.visibility)),
                    count(q.retries, "try", "tries"),
                ]
            })
            .collect();
        let head = ["Queue", "In order", "Messages kept", "Hidden while worked on", "Set aside after"];
        self.part("Queues", &head, &rows);
        let rows: Vec<Vec<String>> = c
            .topics
            .values()
            .map(|t| {
                let to: Vec<String> =
                    t.to.iter()
                        .map(|(s, _)| match s {
                            Subscriber::Queue(q) => format!("queue {q}"),
                            Subscriber::Email(e) => e.clone(),
                            Subscriber::Https(u) => u.clone(),
                        })
                        .collect();
                vec![t.name.clone(), yes(t.fifo), list(&to)]
            })
            .collect();
        self.part("Topics", &["Topic", "In order", "Notifies"], &rows);
        let rows: Vec<Vec<String>> = c
            .buckets
            .values()
            .map(|b| {
                let edge = b.edge.as_ref().map(|e| format!(", behind AWS WAF ({e})")).unwrap_or_default();
                vec![
                    b.name.clone(),
                    b.cdn.as_ref().map_or_else(
                        || "no".to_owned(),
                        |h| format!("through CloudFront as {}{edge}", code(h)),
                    ),
                    if b.versions { "kept" } else { "not kept" }.to_owned(),
                    if b.expire_days == 0 {
                        "never".into()
                    } else {
                        format!("after {}", count(b.expire_days, "day", "days"))
                    },
                    b.copy.clone().unwrap_or_default(),
                    if protect { "refuses deletion while not empty" } else { "none" }.to_owned(),
                ]
            })
            .collect();
        let head = ["Bucket", "Public", "Earlier versions", "Objects go", "Copied to", "Protection"];
        self.part("Buckets", &head, &rows);
        let rows: Vec<Vec<String>> = c
            .secrets
            .values()
            .map(|s| {
                let protection = if protect { "can be restored for 30 days" } else { "none" };
                vec![s.name.clone(), s.description.clone(), protection.to_owned()]
            })
            .collect();
        self.part("Secrets", &["Secret", "For", "Protection"], &rows);
    }

    fn network(&mut self) {
        let (s, n) = (self.scene, self.scene.network);
        self.heading("The network");
        let zones = count(u32::from(n.zones), "availability zone", "availability zones");
        let mut text = match &s.environment.network {
            NetworkRef::Named(name) => format!("The network {} has {zones}", code(name)),
            NetworkRef::Own => format!("The environment has a network of its own with {zones}"),
        };
        let address = s.address.or(n.cidr);
        match address {
            Some(a) => {
                let _ = write!(text, " and the addresses {}.", code(&a.to_string()));
            }
            None => text.push_str("; its addresses are given to it when it is first brought up."),
        }
        text.push_str(" Each zone has one subnet of each tier.");
        self.paragraph(&text);
        let tiers = address.and_then(graph::tiers);
        let nat = match s.nat_gateways {
            0 => "none: AWS services through endpoints".to_owned(),
            1 => "one NAT gateway for all zones".to_owned(),
            n => format!("{n} NAT gateways, one in each zone"),
        };
        let nat = match &n.firewall {
            Some(domains) if s.nat_gateways > 0 => {
                format!("{nat}, behind a firewall that lets through: {}", codes(domains))
            }
            _ => nat,
        };
        let about = [
            ("Public", "load balancers, NAT gateways", "internet gateway".to_owned()),
            ("Private", "services, functions, jobs, tunnels", nat),
            ("Data", "databases, caches, streams", "none".to_owned()),
        ];
        let rows: Vec<Vec<String>> = about
            .into_iter()
            .enumerate()
            .map(|(k, (tier, holds, out))| {
                let (range, each) = tiers.map_or((String::new(), String::new()), |t| {
                    (code(&t[k].0.to_string()), format!("a /{}", t[k].1))
                });
                vec![tier.to_owned(), range, each, holds.to_owned(), out]
            })
            .collect();
        self.table(&["Subnets", "Addresses", "In each zone", "Hold", "Way out"], &rows);
        if !s.endpoints.is_empty() {
            let text = format!(
                "Interface endpoints to AWS services: {}. Objects in buckets go through a gateway endpoint.",
                codes(&s.endpoints)
            );
            self.paragraph(&text);
        }
        if n.flow_log_days > 0 {
            self.paragraph(&format!("Flow logs are kept for {}.", count(n.flow_log_days, "day", "days")));
        }
        if n.ipv6 {
            self.paragraph("Subnets have addresses of IPv6 too.");
        }
        if !n.peers.is_empty() && s.environment.network != NetworkRef::Own {
            self.paragraph(&format!(
                "There are routes to and from: {}. Routes alone open nothing; see who may reach what.",
                codes(&n.peers)
            ));
        }
        if !n.accounts.is_empty() && s.environment.network != NetworkRef::Own {
            self.paragraph(&format!("Its subnets are shared with the accounts {}.", codes(&n.accounts)));
        }
        if !s.neighbours.is_empty() {
            self.paragraph(&format!(
                "In the same network, with no path from or to this environment: {}.",
                codes(&s.neighbours)
            ));
        }
        let mut shared: Vec<String> = Vec::new();
        if s.environment.network != NetworkRef::Own {
            shared.extend(n.shares.iter().map(ToString::to_string));
            if n.shares_load_balancer {
                shared.push("load_balancer".into());
            }
        }
        if !shared.is_empty() {
            self.paragraph(&format!("Once for all environments of the network: {}.", codes(&shared)));
        }
    }

    /// What a node leads to, in words.
    fn leads(&self, from: &str) -> String {
        let to: Vec<String> = self
            .graph
            .flows
            .iter()
            .filter(|f| f.from == from)
            .map(|f| format!("{} ({})", self.name(&f.to), f.label))
            .collect();
        list(&to)
    }

    fn people(&mut self) {
        let c = &self.scene.environment.components;
        if c.accesses.is_empty() && c.vpns.is_empty() && c.roles.is_empty() && c.alarms.is_empty() {
            return;
        }
        self.heading("Ways in for people and programs");
        let rows: Vec<Vec<String>> = c
            .accesses
            .values()
            .map(|a| {
                let from = if a.allow.is_empty() { "anywhere".to_owned() } else { codes(&a.allow) };
                let to = self.leads(&format!("bastion.{}", a.name));
                vec![a.name.clone(), code(&a.group), from, duration(a.ttl), to]
            })
            .collect();
        let head = ["Tunnel", "For", "From", "A session lasts", "Leads to"];
        self.part("People", &head, &rows);
        if !rows.is_empty() {
            self.paragraph("Tunnels are sessions of AWS Systems Manager: no port is open for them.");
        }
        let rows: Vec<Vec<String>> = c
            .vpns
            .values()
            .map(|v| {
                let cidrs: Vec<String> = v.cidrs.iter().map(ToString::to_string).collect();
                let to = self.leads(&format!("vpn.{}", v.name));
                vec![v.name.clone(), code(&v.peer), codes(&cidrs), v.asn.to_string(), to]
            })
            .collect();
        self.part("Other sites, by VPN", &["Site", "Address", "Its networks", "ASN", "Reaches"], &rows);
        let rows: Vec<Vec<String>> = c
            .roles
            .values()
            .map(|r| {
                vec![
                    r.name.clone(),
                    codes(&r.trusted),
                    self.leads(&format!("role.{}", r.name)),
                    codes(&r.may),
                ]
            })
            .collect();
        self.part("Roles", &["Role", "Taken by", "Uses", "May"], &rows);
        let rows: Vec<Vec<String>> =
            c.alarms.values().map(|a| vec![a.name.clone(), a.emails.join(", ")]).collect();
        self.part("Who is told when something is wrong", &["Alarms", "To"], &rows);
    }

    fn settings(&mut self) {
        let all = settings::all(self.scene);
        if all.is_empty() {
            return;
        }
        self.heading("Settings");
        self.paragraph("The names of what each part finds in its environment. Values are not written here.");
        let common: BTreeSet<&str> = ["AWS_REGION_NAME", "GROMA_ENVIRONMENT", "GROMA_PLATFORM"].into();
        let rows: Vec<Vec<String>> = all
            .iter()
            .map(|(id, names)| {
                let own: Vec<&String> = names.iter().filter(|n| !common.contains(n.as_str())).collect();
                vec![format!("{} {}", id.kind.keyword(), id.name), codes(own)]
            })
            .collect();
        self.table(&["Part", "Settings"], &rows);
        let common: Vec<String> = common.into_iter().map(str::to_owned).collect();
        self.paragraph(&format!("All have {} too.", codes(&common)));
    }

    /// What exists and counts whether or not anybody uses it.
    fn always(&mut self) {
        let (s, env) = (self.scene, self.scene.environment);
        let c = &env.components;
        let own = env.network == NetworkRef::Own;
        let mut rows: Vec<Vec<String>> = Vec::new();
        let mut row =
            |what: String, many: String, parked: &str| rows.push(vec![what, many, parked.to_owned()]);
        for v in c.services.values() {
            let each = if v.run == Run::Containers { "containers".to_owned() } else { graph::each(v) };
            row(format!("service {}", v.name), format!("at least {} × {each}", v.scale.min), "none");
        }
        if c.services.values().any(|v| v.run == Run::Containers) {
            row("instances for containers".into(), "at least 1".into(), "none");
        }
        let balancer = if env.park_load_balancer { "removed" } else { "stays" };
        for n in self.graph.nodes.iter().filter(|n| n.sort == Sort::LoadBalancer) {
            let shared = n.id == graph::balancer(None) && s.network.shares_load_balancer && !own;
            let title = if shared { "load balancer, shared".to_owned() } else { called(n) };
            row(title, "1".into(), if shared { "stays" } else { balancer });
        }
        let inside = |f: &&Flow| f.to.starts_with("service.") && f.label.starts_with("connect");
        if self.graph.flows.iter().any(|f| inside(&f)) {
            row("internal load balancer".into(), "1".into(), balancer);
        }
        for d in s.databases() {
            let many = format!("{}: {}", graph::members(d.is, d.protected), graph::class(d.is));
            let parked = if d.shared { "stays" } else { "stopped" };
            row(format!("database {}", once(&d.is.name, d.shared)), many, parked);
        }
        for d in s.caches() {
            let many = format!("{}: {}", graph::nodes(d.is), d.is.node);
            row(format!("cache {}", once(&d.is.name, d.shared)), many, "stays");
        }
        for d in s.streams() {
            let many = format!("{}: {}", graph::brokers(s, d.is), d.is.instance);
            row(format!("stream {}", once(&d.is.name, d.shared)), many, "stays");
        }
        for a in c.accesses.values() {
            row(format!("tunnel {}", a.name), "1 small instance".into(), "removed");
        }
        for v in c.vpns.values() {
            row(format!("VPN {}", v.name), "1 connection".into(), "stays");
        }
        if s.nat_gateways > 0 {
            let parked = if own { "removed" } else { "stays while another environment needs it" };
            row("NAT".into(), count(s.nat_gateways, "gateway", "gateways"), parked);
        }
        if s.network.firewall.is_some() {
            row(
                "firewall of the network".into(),
                format!("1 endpoint in each of {} zones", s.network.zones),
                "stays",
            );
        }
        if !s.endpoints.is_empty() {
            let many = format!("{} in each of {} zones", s.endpoints.len(), s.network.zones);
            row("interface endpoints".into(), many, "stay");
        }
        if rows.is_empty() {
            return;
        }
        self.heading("What is always on");
        self.paragraph("What exists whether or not anybody uses it, and so costs all the time. Everything else is paid for by use.");
        self.table(&["Part", "How much", "While parked"], &rows);
    }

    fn modules(&mut self) {
        let c = &self.scene.environment.components;
        let rows: Vec<Vec<String>> = c
            .modules
            .values()
            .map(|m| {
                vec![
                    m.name.clone(),
                    code(&m.source),
                    m.version.clone().unwrap_or_default(),
                    codes(m.inputs.keys()),
                ]
            })
            .collect();
        if rows.is_empty() {
            return;
        }
        self.heading("Other modules");
        self.paragraph("What these make is not known here.");
        self.table(&["Module", "Source", "Version", "Inputs"], &rows);
    }
}

/// A name, and whether the thing exists once in the network.
fn once(name: &str, shared: bool) -> String {
    if shared { format!("{name}, shared in the network") } else { name.to_owned() }
}

/// What starts a function, in words.
fn trigger(t: &Trigger) -> String {
    match t {
        Trigger::Created(b) => format!("new objects in bucket {b}"),
        Trigger::Removed(b) => format!("removed objects of bucket {b}"),
        Trigger::Queue(q) => format!("messages in queue {q}"),
        Trigger::Topic(t) => format!("notifications of topic {t}"),
        Trigger::Schedule(s) => code(s),
    }
}

/// A node as it is called in a sentence.
fn called(n: &Node) -> String {
    if n.word.is_empty() || n.title.eq_ignore_ascii_case(n.word) {
        n.title.clone()
    } else {
        format!("{} {}", n.word, n.title)
    }
}
