//! Scenes for tests, in few words.

use super::super::{Caller, Scene};
use crate::model::*;
use groma_lang::{FileId, Span};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn span() -> Span {
    Span::new(FileId(0), 0, 0)
}

/// An environment with its surroundings; owns what a scene borrows.
pub(super) struct World {
    pub platform: Platform,
    pub network: Network,
    pub env: Environment,
    pub address: &'static str,
    pub neighbours: Vec<&'static str>,
    pub callers: Vec<Caller>,
    pub nat: u32,
    pub endpoints: Vec<&'static str>,
    pub parked: bool,
}

fn component(text: &str) -> (ComponentId, Option<Right>) {
    let parts: Vec<&str> = text.split('.').collect();
    let kinds = [
        Kind::Service,
        Kind::Function,
        Kind::Database,
        Kind::Cache,
        Kind::Queue,
        Kind::Topic,
        Kind::Stream,
        Kind::Bucket,
        Kind::Secret,
        Kind::Mail,
    ];
    let kind = kinds.into_iter().find(|k| k.keyword() == parts[0]).unwrap_or_else(|| panic!("{text}"));
    let rights = [
        Right::Read,
        Right::Write,
        Right::Send,
        Right::Receive,
        Right::Publish,
        Right::Produce,
        Right::Consume,
        Right::Connect,
        Right::Invoke,
    ];
    let right = parts.get(2).and_then(|w| rights.into_iter().find(|r| r.word() == *w));
    (ComponentId { kind, name: parts[1].to_owned() }, right)
}

/// `database.main.write`, `cache.main`, `internet`, `internet:HOST`, `env:dev.web`.
pub(super) fn uses(list: &[&str]) -> Vec<Use> {
    let tcp = |port| Port { protocol: "tcp".into(), port };
    list.iter()
        .map(|text| {
            let target = if *text == "internet" {
                UseTarget::Internet { host: None, ports: vec![tcp(443), tcp(80)] }
            } else if let Some(port) = text.strip_prefix("internet:port:") {
                UseTarget::Internet { host: None, ports: vec![tcp(port.parse().unwrap())] }
            } else if let Some(host) = text.strip_prefix("internet:") {
                UseTarget::Internet { host: Some(host.into()), ports: vec![tcp(443)] }
            } else if let Some(rest) = text.strip_prefix("env:") {
                let (environment, service) = rest.split_once('.').unwrap();
                UseTarget::Elsewhere { environment: environment.into(), service: service.into() }
            } else {
                let (id, right) = component(text);
                let right = right.unwrap_or(match id.kind {
                    Kind::Database | Kind::Bucket => Right::Write,
                    Kind::Secret => Right::Read,
                    Kind::Mail => Right::Send,
                    Kind::Function => Right::Invoke,
                    _ => Right::Connect,
                });
                UseTarget::Component { id, right }
            };
            Use { target, span: span() }
        })
        .collect()
}

impl World {
    pub fn new(platform: &str, slug: &str, account: (&str, &str)) -> World {
        let network = Network {
            name: slug.to_owned(),
            account: account.0.to_owned(),
            region: "eu-west-1".into(),
            zones: 3,
            cidr: None,
            nat: Nat::Auto,
            shares: BTreeSet::new(),
            shares_load_balancer: false,
            peers: vec![],
            firewall: None,
            accounts: vec![],
            flow_log_days: 0,
            ipv6: false,
            endpoints: BTreeSet::new(),
            span: span(),
        };
        World {
            platform: Platform {
                region_span: span(),
                name: platform.to_owned(),
                region: "eu-west-1".into(),
                accounts: vec![Account {
                    name: account.0.to_owned(),
                    id: account.1.to_owned(),
                    profile: None,
                    role: None,
                    span: span(),
                }],
                state: StateLocation::Local,
                domain: None,
                time_zone: "Europe/London".into(),
                tags: BTreeMap::new(),
                addresses: "10.0.0.0/8".parse().unwrap(),
                span: span(),
            },
            env: Environment {
                name: slug.to_owned(),
                label: None,
                slug: slug.to_owned(),
                account: account.0.to_owned(),
                region: "eu-west-1".into(),
                network: NetworkRef::Named(slug.to_owned()),
                own_network: network.clone(),
                protect: false,
                like: None,
                size: 1.0,
                park: None,
                park_load_balancer: false,
                ttl: None,
                components: Components::default(),
                span: span(),
            },
            network,
            address: "10.0.0.0/16",
            neighbours: vec![],
            callers: vec![],
            nat: 0,
            endpoints: vec![],
            parked: false,
        }
    }

    pub fn scene(&self) -> Scene<'_> {
        Scene {
            platform: &self.platform,
            network: &self.network,
            environment: &self.env,
            address: self.address.parse().ok(),
            neighbours: self.neighbours.iter().map(|s| (*s).to_owned()).collect(),
            callers: self.callers.clone(),
            shared: self.env.components.clone(),
            shared_protected: self.env.protect,
            nat_gateways: self.nat,
            endpoints: self.endpoints.iter().map(|s| (*s).to_owned()).collect(),
            parked: self.parked,
            proofs: None,
        }
    }

    /// A service on instances; `hosts` and `scale` as they come.
    pub fn service(&mut self, name: &str, hosts: &[&str], scale: (u32, u32), list: &[&str]) -> &mut Service {
        let s = Service {
            name: name.to_owned(),
            run: Run::Instances,
            image: Image {
                name: "app".into(),
                source: ImageSource::Machine { parameter: "/aws/x".into(), architecture: "arm64".into() },
                setup: vec![],
                span: span(),
            },
            instance: "t4g.small".into(),
            cpu: 256,
            memory: 512,
            command: None,
            hosts: hosts.iter().map(|s| (*s).to_owned()).collect(),
            paths: vec![],
            port: (!hosts.is_empty()).then_some(8080),
            health: "/".into(),
            scale: Scale {
                min: scale.0,
                max: scale.1,
                cpu: None,
                requests: None,
                backlog: None,
                backlog_each: 100,
            },
            uses: uses(list),
            settings: BTreeMap::new(),
            idle: 60,
            drain: 30,
            sticky: false,
            volume: 20,
            spot: false,
            script: None,
            edge: None,
            log_days: 30,
            span: span(),
        };
        self.env.components.services.insert(name.to_owned(), s);
        self.env.components.services.get_mut(name).unwrap()
    }

    /// A service of containers from a directory.
    pub fn containers(
        &mut self,
        name: &str,
        run: Run,
        hosts: &[&str],
        scale: (u32, u32),
        list: &[&str],
    ) -> &mut Service {
        let s = self.service(name, hosts, scale, list);
        s.run = run;
        s.image.source = ImageSource::Build { directory: "app".into() };
        s
    }

    pub fn function(&mut self, name: &str, on: Vec<Trigger>, list: &[&str]) {
        let f = Function {
            name: name.to_owned(),
            code: format!("functions/{name}").into(),
            runtime: "nodejs22.x".into(),
            handler: "index.handler".into(),
            memory: 256,
            timeout: 30,
            on: on.into_iter().map(|t| (t, span())).collect(),
            uses: uses(list),
            settings: BTreeMap::new(),
            log_days: 30,
            span: span(),
        };
        self.env.components.functions.insert(name.to_owned(), f);
    }

    pub fn job(&mut self, name: &str, schedule: &str, list: &[&str]) {
        let j = Job {
            name: name.to_owned(),
            schedule: schedule.to_owned(),
            image: Image {
                name: "app".into(),
                source: ImageSource::Build { directory: "app".into() },
                setup: vec![],
                span: span(),
            },
            cpu: 512,
            memory: 1024,
            command: None,
            uses: uses(list),
            settings: BTreeMap::new(),
            log_days: 30,
            span: span(),
        };
        self.env.components.jobs.insert(name.to_owned(), j);
    }

    pub fn database(&mut self, name: &str, engine: &str, class: &str, readers: u32) {
        let d = Database {
            name: name.to_owned(),
            engine: engine.to_owned(),
            class: class.to_owned(),
            readers,
            database: "app".into(),
            storage: 20,
            serverless: None,
            backup_days: 7,
            parameters: BTreeMap::new(),
            restore: None,
            span: span(),
        };
        self.env.components.databases.insert(name.to_owned(), d);
    }

    pub fn cache(&mut self, name: &str, engine: &str, replicas: u32, shards: u32) {
        let c = Cache {
            name: name.to_owned(),
            engine: engine.to_owned(),
            node: "cache.t4g.small".into(),
            replicas,
            shards,
            backup_days: 1,
            span: span(),
        };
        self.env.components.caches.insert(name.to_owned(), c);
    }

    pub fn stream(&mut self, name: &str) {
        let s = Stream {
            name: name.to_owned(),
            version: "3.7".into(),
            brokers_per_zone: 1,
            instance: "kafka.t3.small".into(),
            storage: 100,
            span: span(),
        };
        self.env.components.streams.insert(name.to_owned(), s);
    }

    pub fn queue(&mut self, name: &str) {
        let q = Queue {
            name: name.to_owned(),
            fifo: false,
            visibility: 60,
            retention_days: 4,
            retries: 5,
            span: span(),
        };
        self.env.components.queues.insert(name.to_owned(), q);
    }

    pub fn topic(&mut self, name: &str, to: Vec<Subscriber>) {
        let to = to.into_iter().map(|s| (s, span())).collect();
        self.env
            .components
            .topics
            .insert(name.to_owned(), Topic { name: name.to_owned(), fifo: false, to, span: span() });
    }

    pub fn bucket(&mut self, name: &str, cdn: Option<&str>, copy: Option<&str>) -> &mut Bucket {
        let b = Bucket {
            name: name.to_owned(),
            versions: true,
            expire_days: 0,
            cdn: cdn.map(str::to_owned),
            copy: copy.map(str::to_owned),
            cors: vec![],
            edge: None,
            span: span(),
        };
        self.env.components.buckets.insert(name.to_owned(), b);
        self.env.components.buckets.get_mut(name).unwrap()
    }

    pub fn secret(&mut self, name: &str) {
        let s = Secret { name: name.to_owned(), description: String::new(), span: span() };
        self.env.components.secrets.insert(name.to_owned(), s);
    }

    pub fn mail(&mut self, domain: &str) {
        let m = Mail { name: "mail".into(), domain: domain.to_owned(), span: span() };
        self.env.components.mails.insert("mail".into(), m);
    }

    pub fn access(&mut self, name: &str, allow: &[&str], list: &[&str]) {
        let a = Access {
            name: name.to_owned(),
            group: format!("sso:{name}"),
            tunnel: uses(list),
            allow: allow.iter().map(|s| (*s).to_owned()).collect(),
            ttl: 3600,
            span: span(),
        };
        self.env.components.accesses.insert(name.to_owned(), a);
    }

    pub fn role(&mut self, name: &str, trusted: &str, list: &[&str]) {
        let r = Role {
            name: name.to_owned(),
            trusted: vec![trusted.to_owned()],
            uses: uses(list),
            may: vec!["deploy".into()],
            span: span(),
        };
        self.env.components.roles.insert(name.to_owned(), r);
    }

    pub fn edge(&mut self, name: &str, kind: EdgeKind) {
        let e = Edge { name: name.to_owned(), kind, rate: 2000, allow: vec![], span: span() };
        self.env.components.edges.insert(name.to_owned(), e);
    }

    pub fn vpn(&mut self, name: &str, list: &[&str]) {
        let v = Vpn {
            name: name.to_owned(),
            peer: "203.0.113.9".into(),
            cidrs: vec!["192.168.10.0/24".parse().unwrap()],
            asn: 65000,
            reaches: uses(list),
            span: span(),
        };
        self.env.components.vpns.insert(name.to_owned(), v);
    }

    pub fn alarm(&mut self, email: &str) {
        let a = Alarm { name: "ops".into(), emails: vec![email.to_owned()], span: span() };
        self.env.components.alarms.insert("ops".into(), a);
    }
}
