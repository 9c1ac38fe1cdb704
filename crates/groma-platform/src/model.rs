//! What a manifest means: one value for each thing that it declares, references
//! resolved, defaults filled in, `like`, `size` and overrides applied.

use groma_lang::Span;
use ipnet::Ipv4Net;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// The `platform` block.
#[derive(Clone, Debug)]
pub struct Platform {
    /// The name: the first part of every resource's name.
    pub name: String,
    /// The AWS region where nothing else is said.
    pub region: String,
    /// The accounts by the manifest's names for them, in the order of writing.
    pub accounts: Vec<Account>,
    /// Where states and what is remembered are kept.
    pub state: StateLocation,
    /// The Route 53 zone in which host names are made. Without it, each host gets a
    /// zone of its own, to which the parent domain must delegate.
    pub domain: Option<String>,
    /// The IANA time zone of schedules.
    pub time_zone: String,
    /// Tags on everything, besides `groma:platform` and `groma:environment`.
    pub tags: BTreeMap<String, String>,
    /// Where networks without `cidr` take their addresses from.
    pub addresses: Ipv4Net,
    /// Where `region` is written.
    pub region_span: Span,
    /// The block.
    pub span: Span,
}

/// An AWS account.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// The manifest's name for it.
    pub name: String,
    /// Twelve digits.
    pub id: String,
    /// The profile of the AWS configuration files to use.
    pub profile: Option<String>,
    /// The ARN of a role to assume.
    pub role: Option<String>,
    /// Where it is declared.
    pub span: Span,
}

/// Where states are kept.
#[derive(Clone, Debug, PartialEq)]
pub enum StateLocation {
    /// Files below `.groma/state`.
    Local,
    /// Objects in a bucket, locked by lock objects.
    S3 {
        /// The bucket's name.
        bucket: String,
        /// The bucket's region.
        region: String,
        /// What the objects' keys begin with; no slash at the end.
        prefix: String,
    },
}

/// NAT gateways of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nat {
    /// One where something reaches the internet, none otherwise; one in each zone
    /// where a protected environment does.
    Auto,
    /// Never.
    None,
    /// One for all zones.
    Single,
    /// One in each zone.
    Zonal,
}

/// A `network` block, or the network that an environment without one has for itself.
#[derive(Clone, Debug)]
pub struct Network {
    /// Its name; the environment's slug for an environment's own network.
    pub name: String,
    /// The account's name.
    pub account: String,
    /// The region.
    pub region: String,
    /// How many availability zones, 1 to 6.
    pub zones: u8,
    /// The addresses, where the manifest says them.
    pub cidr: Option<Ipv4Net>,
    /// NAT gateways.
    pub nat: Nat,
    /// Components that exist once in this network and serve all its environments.
    pub shares: BTreeSet<ComponentId>,
    /// Whether its environments share one load balancer.
    pub shares_load_balancer: bool,
    /// Networks to which there is a route, by peering.
    pub peers: Vec<String>,
    /// Domains that an AWS Network Firewall lets through to the internet.
    pub firewall: Option<Vec<String>>,
    /// Accounts (manifest's names) with which the subnets are shared.
    pub accounts: Vec<String>,
    /// How long flow logs are kept, in days; 0 for none.
    pub flow_log_days: u32,
    /// Whether addresses of IPv6 are given too.
    pub ipv6: bool,
    /// Interface endpoints besides those that are needed (`"kms"`).
    pub endpoints: BTreeSet<String>,
    /// Where it is declared.
    pub span: Span,
}

/// The network of an environment.
#[derive(Clone, Debug, PartialEq)]
pub enum NetworkRef {
    /// A declared network, with a root module of its own.
    Named(String),
    /// One of its own, in the environment's root module.
    Own,
}

/// An environment as it is brought up: one for each name, and for `each` one for
/// each label.
#[derive(Clone, Debug)]
pub struct Environment {
    /// The block's name: `branch`.
    pub name: String,
    /// The label of `-each`, if the environment is one of many.
    pub label: Option<String>,
    /// What resources are called by: `branch-fix-login`. At most 20 characters of
    /// `[a-z0-9-]`.
    pub slug: String,
    /// The account's name.
    pub account: String,
    /// The region.
    pub region: String,
    /// Its network.
    pub network: NetworkRef,
    /// The settings of an own network (unused for a named one).
    pub own_network: Network,
    /// Whether it must not be lost: deletion protection, final snapshots, `down` refuses.
    pub protect: bool,
    /// The environment that it is like.
    pub like: Option<String>,
    /// The share of the original's capacity.
    pub size: f64,
    /// When it is parked.
    pub park: Option<Schedule>,
    /// Whether parking removes the load balancer too.
    pub park_load_balancer: bool,
    /// How many seconds it lives after `up`.
    pub ttl: Option<u64>,
    /// Everything in it.
    pub components: Components,
    /// Where it is declared.
    pub span: Span,
}

/// What an environment contains, by name. Components that `only` or `except` keep
/// out are not in it.
#[derive(Clone, Debug, Default)]
pub struct Components {
    /// `service` blocks.
    pub services: BTreeMap<String, Service>,
    /// `function` blocks.
    pub functions: BTreeMap<String, Function>,
    /// `job` blocks.
    pub jobs: BTreeMap<String, Job>,
    /// `database` blocks.
    pub databases: BTreeMap<String, Database>,
    /// `cache` blocks.
    pub caches: BTreeMap<String, Cache>,
    /// `queue` blocks.
    pub queues: BTreeMap<String, Queue>,
    /// `topic` blocks.
    pub topics: BTreeMap<String, Topic>,
    /// `stream` blocks.
    pub streams: BTreeMap<String, Stream>,
    /// `bucket` blocks.
    pub buckets: BTreeMap<String, Bucket>,
    /// `secret` blocks.
    pub secrets: BTreeMap<String, Secret>,
    /// `mail` blocks.
    pub mails: BTreeMap<String, Mail>,
    /// `access` blocks.
    pub accesses: BTreeMap<String, Access>,
    /// `role` blocks.
    pub roles: BTreeMap<String, Role>,
    /// `edge` blocks.
    pub edges: BTreeMap<String, Edge>,
    /// `vpn` blocks.
    pub vpns: BTreeMap<String, Vpn>,
    /// `alarm` blocks.
    pub alarms: BTreeMap<String, Alarm>,
    /// `module` blocks.
    pub modules: BTreeMap<String, ModuleCall>,
}

impl Components {
    /// The ids of all components, by kind and name.
    pub fn ids(&self) -> impl Iterator<Item = ComponentId> {
        fn of<T>(kind: Kind, map: &BTreeMap<String, T>) -> impl Iterator<Item = ComponentId> + '_ {
            map.keys().map(move |name| ComponentId { kind, name: name.clone() })
        }
        of(Kind::Service, &self.services)
            .chain(of(Kind::Function, &self.functions))
            .chain(of(Kind::Job, &self.jobs))
            .chain(of(Kind::Database, &self.databases))
            .chain(of(Kind::Cache, &self.caches))
            .chain(of(Kind::Queue, &self.queues))
            .chain(of(Kind::Topic, &self.topics))
            .chain(of(Kind::Stream, &self.streams))
            .chain(of(Kind::Bucket, &self.buckets))
            .chain(of(Kind::Secret, &self.secrets))
            .chain(of(Kind::Mail, &self.mails))
            .chain(of(Kind::Access, &self.accesses))
            .chain(of(Kind::Role, &self.roles))
            .chain(of(Kind::Edge, &self.edges))
            .chain(of(Kind::Vpn, &self.vpns))
            .chain(of(Kind::Alarm, &self.alarms))
            .chain(of(Kind::Module, &self.modules))
    }
}

/// The kinds of components.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Kind {
    Service,
    Function,
    Job,
    Database,
    Cache,
    Queue,
    Topic,
    Stream,
    Bucket,
    Secret,
    Mail,
    Access,
    Role,
    Edge,
    Vpn,
    Alarm,
    Module,
}

impl Kind {
    /// The block's keyword.
    pub fn keyword(self) -> &'static str {
        match self {
            Kind::Service => "service",
            Kind::Function => "function",
            Kind::Job => "job",
            Kind::Database => "database",
            Kind::Cache => "cache",
            Kind::Queue => "queue",
            Kind::Topic => "topic",
            Kind::Stream => "stream",
            Kind::Bucket => "bucket",
            Kind::Secret => "secret",
            Kind::Mail => "mail",
            Kind::Access => "access",
            Kind::Role => "role",
            Kind::Edge => "edge",
            Kind::Vpn => "vpn",
            Kind::Alarm => "alarm",
            Kind::Module => "module",
        }
    }
}

/// A component's kind and name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ComponentId {
    /// The kind.
    pub kind: Kind,
    /// The name.
    pub name: String,
}

impl std::fmt::Display for ComponentId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.kind.keyword(), self.name)
    }
}

/// What may be done with what is named in `uses`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Right {
    /// `database.x.read` (the reader endpoint), `bucket.x.read`, `secret.x.read`.
    Read,
    /// `database.x.write`, `bucket.x.write` (read, write and delete).
    Write,
    /// `queue.x.send`, `mail.x.send`.
    Send,
    /// `queue.x.receive`.
    Receive,
    /// `topic.x.publish`.
    Publish,
    /// `stream.x.produce`.
    Produce,
    /// `stream.x.consume`.
    Consume,
    /// `service.x`, `cache.x`: a connection to its port.
    Connect,
    /// `function.x.invoke`.
    Invoke,
}

impl Right {
    /// The word in a reference.
    pub fn word(self) -> &'static str {
        match self {
            Right::Read => "read",
            Right::Write => "write",
            Right::Send => "send",
            Right::Receive => "receive",
            Right::Publish => "publish",
            Right::Produce => "produce",
            Right::Consume => "consume",
            Right::Connect => "connect",
            Right::Invoke => "invoke",
        }
    }
}

/// One element of `uses`.
#[derive(Clone, Debug)]
pub struct Use {
    /// What is used.
    pub target: UseTarget,
    /// Where it is written.
    pub span: Span,
}

/// What is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UseTarget {
    /// A component of the same environment.
    Component {
        /// Which.
        id: ComponentId,
        /// What may be done with it.
        right: Right,
    },
    /// A service of another environment, in the same or a peered network:
    /// `environment.dev.service.web`.
    Elsewhere {
        /// The environment's name.
        environment: String,
        /// The service.
        service: String,
    },
    /// `internet` (any host, TCP 443 and 80), `internet.host["api.stripe.com"]` (TCP 443),
    /// `internet.port["tcp/25"]`.
    Internet {
        /// The host's name, for people and for a network firewall; security groups
        /// know addresses only.
        host: Option<String>,
        /// The ports.
        ports: Vec<Port>,
    },
}

/// A port of a protocol.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Port {
    /// `tcp` or `udp`.
    pub protocol: String,
    /// The port.
    pub port: u16,
}

/// An `image` block: what instances start from, or what containers run.
#[derive(Clone, Debug)]
pub struct Image {
    /// Its name.
    pub name: String,
    /// Where it comes from.
    pub source: ImageSource,
    /// Files that set it up when it is built (playbooks, scripts).
    pub setup: Vec<String>,
    /// Where it is declared.
    pub span: Span,
}

/// Where an image comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImageSource {
    /// A machine image by its short name, `ubuntu-24.04-arm64`: the SSM parameter that
    /// AWS or the distributor publishes, and the architecture.
    Machine {
        /// The public parameter's path.
        parameter: String,
        /// `arm64` or `x86_64`.
        architecture: String,
    },
    /// A machine image by its id.
    Ami {
        /// `ami-…`
        id: String,
        /// `arm64` or `x86_64`.
        architecture: String,
    },
    /// A container image that is built from a directory and kept in a registry of the
    /// platform.
    Build {
        /// The directory with the Dockerfile.
        directory: String,
    },
    /// A container image somewhere else, `docker.io/library/nginx:1.27`.
    Container {
        /// The reference.
        uri: String,
    },
}

/// How a service runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    /// Instances in an autoscaling group.
    Instances,
    /// Containers on Fargate.
    Fargate,
    /// Containers on the environment's own instances.
    Containers,
}

/// How many of a service run.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    /// At least.
    pub min: u32,
    /// At most.
    pub max: u32,
    /// The average processor use to keep, in percent.
    pub cpu: Option<u32>,
    /// Requests a minute for each, to keep.
    pub requests: Option<u32>,
    /// The queue whose backlog is to be kept short.
    pub backlog: Option<String>,
    /// Messages waiting for each worker.
    pub backlog_each: u32,
}

/// A `service`.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// How it runs.
    pub run: Run,
    /// What it runs.
    pub image: Image,
    /// The instance type, for instances.
    pub instance: String,
    /// Processor units of 1/1024, for containers.
    pub cpu: u32,
    /// MiB, for containers.
    pub memory: u32,
    /// The command, for containers.
    pub command: Option<Vec<String>>,
    /// Public host names of this environment's service, final.
    pub hosts: Vec<String>,
    /// Paths that it serves on its hosts; empty for all.
    pub paths: Vec<String>,
    /// The port that it listens on; `None` if nothing connects to it.
    pub port: Option<u16>,
    /// The path that answers 200 when it is healthy.
    pub health: String,
    /// How many.
    pub scale: Scale,
    /// What it may reach.
    pub uses: Vec<Use>,
    /// Settings of its own.
    pub settings: BTreeMap<String, String>,
    /// Seconds that an idle connection stays open at the load balancer.
    pub idle: u32,
    /// Seconds that connections have to finish when one is taken out.
    pub drain: u32,
    /// Whether a client stays with one of them.
    pub sticky: bool,
    /// GiB of the root volume, for instances.
    pub volume: u32,
    /// Whether spare capacity may be used, which AWS can take back.
    pub spot: bool,
    /// A script run at first start, for instances (the file's text).
    pub script: Option<String>,
    /// The edge in front of it.
    pub edge: Option<String>,
    /// How long logs are kept, in days.
    pub log_days: u32,
    /// Where it is declared.
    pub span: Span,
}

/// What starts a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// `bucket.x.created`: objects arrive.
    Created(String),
    /// `bucket.x.removed`.
    Removed(String),
    /// `queue.x`: messages.
    Queue(String),
    /// `topic.x`: notifications.
    Topic(String),
    /// `schedule["cron(…)"]` or `schedule["rate(5 minutes)"]`.
    Schedule(String),
}

/// A `function`.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// The directory of its code, relative to the manifest.
    pub code: PathBuf,
    /// `nodejs22.x`
    pub runtime: String,
    /// `index.handler`
    pub handler: String,
    /// MiB.
    pub memory: u32,
    /// Seconds.
    pub timeout: u32,
    /// What starts it.
    pub on: Vec<(Trigger, Span)>,
    /// What it may reach.
    pub uses: Vec<Use>,
    /// Settings of its own.
    pub settings: BTreeMap<String, String>,
    /// How long logs are kept, in days.
    pub log_days: u32,
    /// Where it is declared.
    pub span: Span,
}

/// A `job`: a container that runs at times and ends.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its name.
    pub name: String,
    /// `cron(…)` or `rate(…)`.
    pub schedule: String,
    /// What it runs.
    pub image: Image,
    /// Processor units of 1/1024.
    pub cpu: u32,
    /// MiB.
    pub memory: u32,
    /// The command.
    pub command: Option<Vec<String>>,
    /// What it may reach.
    pub uses: Vec<Use>,
    /// Settings of its own.
    pub settings: BTreeMap<String, String>,
    /// How long logs are kept, in days.
    pub log_days: u32,
    /// Where it is declared.
    pub span: Span,
}

/// A `database`.
#[derive(Clone, Debug)]
pub struct Database {
    /// Its name.
    pub name: String,
    /// `aurora-mysql-8.0`, `aurora-postgresql-16`, `mysql-8.0`, `postgres-16`, `mariadb-11.4`.
    pub engine: String,
    /// The instance class, after `size`.
    pub class: String,
    /// Readers besides the writer.
    pub readers: u32,
    /// The database in it.
    pub database: String,
    /// GiB, for what is not Aurora.
    pub storage: u32,
    /// Aurora capacity units, smallest and largest, instead of a class.
    pub serverless: Option<(f64, f64)>,
    /// Days that can be gone back.
    pub backup_days: u32,
    /// Engine parameters.
    pub parameters: BTreeMap<String, String>,
    /// A snapshot to start from.
    pub restore: Option<String>,
    /// Where it is declared.
    pub span: Span,
}

impl Database {
    /// The port that the engine listens on.
    pub fn port(&self) -> u16 {
        if self.engine.contains("postgres") { 5432 } else { 3306 }
    }
}

/// A `cache`.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Cache {
    pub name: String,
    /// `redis-7.1` or `valkey-8.0`.
    pub engine: String,
    /// The node type, after `size`.
    pub node: String,
    /// Copies of each shard.
    pub replicas: u32,
    /// Shards; 0 without cluster mode.
    pub shards: u32,
    pub backup_days: u32,
    pub span: Span,
}

/// A `queue`.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Queue {
    pub name: String,
    pub fifo: bool,
    /// Seconds that a received message is hidden from others.
    pub visibility: u32,
    pub retention_days: u32,
    /// Receives after which a message goes to the dead-letter queue.
    pub retries: u32,
    pub span: Span,
}

/// A `topic`.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Topic {
    pub name: String,
    pub fifo: bool,
    pub to: Vec<(Subscriber, Span)>,
    pub span: Span,
}

/// Who gets the notifications of a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subscriber {
    /// A queue of the environment.
    Queue(String),
    /// `email:…`
    Email(String),
    /// `https://…`
    Https(String),
}

/// A `stream` (Kafka).
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Stream {
    pub name: String,
    pub version: String,
    pub brokers_per_zone: u32,
    pub instance: String,
    /// GiB for each broker.
    pub storage: u32,
    pub span: Span,
}

/// A `bucket`.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Bucket {
    pub name: String,
    pub versions: bool,
    /// Days after which objects are removed; 0 for never.
    pub expire_days: u32,
    /// The host of a CDN in front of it.
    pub cdn: Option<String>,
    /// The bucket that gets a copy of each object.
    pub copy: Option<String>,
    pub cors: Vec<String>,
    /// The edge (firewall) of its CDN.
    pub edge: Option<String>,
    pub span: Span,
}

/// A `secret`.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Secret {
    pub name: String,
    pub description: String,
    pub span: Span,
}

/// A `mail` block: a domain from which mail is sent.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Mail {
    pub name: String,
    pub domain: String,
    pub span: Span,
}

/// An `access` block: people's way in.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Access {
    pub name: String,
    /// `sso:GROUP`, `account` or an ARN.
    pub group: String,
    /// What can be reached through the tunnel.
    pub tunnel: Vec<Use>,
    /// Addresses that people come from; empty for any.
    pub allow: Vec<String>,
    /// Seconds that a session lasts.
    pub ttl: u64,
    pub span: Span,
}

/// A `role` block: who, from outside, may do what.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Role {
    pub name: String,
    /// `github:org/repo`, `account:NAME`, `sso:GROUP`, `service:…`, an ARN.
    pub trusted: Vec<String>,
    pub uses: Vec<Use>,
    /// Operations of the platform (`deploy`, `park`, `scale`, …).
    pub may: Vec<String>,
    pub span: Span,
}

/// What stands in front of a load balancer or a CDN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EdgeKind {
    /// Cloudflare: the load balancer admits its ranges only.
    Cloudflare,
    /// AWS WAF on the load balancer.
    Waf,
    /// CloudFront, with AWS WAF, before the load balancer.
    Cloudfront,
}

/// An `edge`.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Edge {
    pub name: String,
    pub kind: EdgeKind,
    /// Requests in five minutes from one address.
    pub rate: u32,
    /// Address ranges that may come in, in place of all (or of Cloudflare's).
    pub allow: Vec<String>,
    pub span: Span,
}

/// A `vpn`: a tunnel to another site.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Vpn {
    pub name: String,
    /// The other side's public address.
    pub peer: String,
    /// The other side's networks.
    pub cidrs: Vec<Ipv4Net>,
    pub asn: u32,
    /// What the other side may connect to.
    pub reaches: Vec<Use>,
    pub span: Span,
}

/// An `alarm` block: who is told, and alarms besides the basic ones.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Alarm {
    pub name: String,
    /// Mail addresses.
    pub emails: Vec<String>,
    pub span: Span,
}

/// A `module` block: any Terraform module as a part of an environment.
#[derive(Clone, Debug)]
pub struct ModuleCall {
    /// Its name.
    pub name: String,
    /// Its source, as Terraform has it; a relative path is relative to the manifest.
    pub source: String,
    /// The version, for a registry's module.
    pub version: Option<String>,
    /// Inputs as HCL expression texts. References to components have been translated:
    /// see [`ModuleInput`].
    pub inputs: BTreeMap<String, ModuleInput>,
    /// Where it is declared.
    pub span: Span,
}

/// An input of a module.
#[derive(Clone, Debug, PartialEq)]
pub enum ModuleInput {
    /// A constant, as HCL text.
    Constant(String),
    /// An attribute of a component: `queue.jobs.url`, `network.vpc_id`,
    /// `environment.name`.
    Attribute(Vec<String>),
    /// A list of inputs.
    List(Vec<ModuleInput>),
    /// An object of inputs.
    Object(BTreeMap<String, ModuleInput>),
}

/// When something is parked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// As written: `Mon-Fri 20:00-07:00, Sat-Sun`.
    pub text: String,
    /// When parking begins: EventBridge Scheduler and Auto Scaling cron fields,
    /// without `cron()`: minute, hour, day of month, month, day of week.
    pub stop: Vec<Cron>,
    /// When it ends.
    pub start: Vec<Cron>,
}

/// A time that comes back each week.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cron {
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 23.
    pub hour: u8,
    /// Days of the week, 0 is Monday.
    pub days: Vec<u8>,
}

/// A `prove` block: what must hold, for the prover.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Prove {
    pub name: String,
    /// `staging -> prod`
    pub never: Vec<(String, Span)>,
    pub always: Vec<(String, Span)>,
    /// What the apply adds to what is possible, and nothing else.
    pub adds: Vec<(String, Span)>,
    /// Whether nothing but what is declared is possible: in a manifest what `uses`, hosts
    /// and tunnels say, elsewhere what `always` says.
    pub exactly: bool,
    /// Ends from which nothing leaves to the internet or to outside networks.
    pub no_egress: Vec<(String, Span)>,
    /// Ends from which everything to the internet crosses NAT, or a firewall.
    pub nat: Vec<(String, Span)>,
    pub firewall: Vec<(String, Span)>,
    /// Whether `always` holds when any one zone is lost.
    pub zone_loss: bool,
    /// Whether `never` holds at every intermediate step.
    pub steps: bool,
    /// Whether ways over the internet count for `never`.
    pub public: bool,
    pub span: Span,
}

impl Prove {
    /// All connections that it names.
    pub fn connections(&self) -> impl Iterator<Item = &(String, Span)> {
        self.never.iter().chain(&self.always).chain(&self.adds)
    }

    /// Whether there is nothing to prove.
    pub fn says_nothing(&self) -> bool {
        let lists = [&self.never, &self.always, &self.adds, &self.no_egress, &self.nat, &self.firewall];
        lists.iter().all(|l| l.is_empty()) && !self.exactly
    }
}

/// The `organization` block: accounts and what holds in all of them.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Organization {
    pub name: String,
    /// Accounts to make: name and mail address of the owner, and the unit.
    pub accounts: BTreeMap<String, (String, Option<String>)>,
    pub units: Vec<String>,
    /// `leave`, `root-user`, `regions`, `public-buckets`, `cloudtrail`
    pub guardrails: BTreeSet<String>,
    /// Regions that may be used.
    pub regions: Vec<String>,
    pub span: Span,
}
