//! Interfaces that services of AWS put into subnets, by the rows of [`super::managed_types`].

use ipnet::Ipv4Net;

use super::build::*;
use super::groups::Groups;
use super::interfaces::Spec;
use super::managed_types::Subnets::{Group, Here};
use super::managed_types::{Beside, DB, Public, ROWS, Row, V6, Without};
use super::read::{Known, Many};
use super::vpc::everything;
use crate::model::*;
use crate::world::Location;

impl<'w> Build<'w> {
    pub(crate) fn read_managed(&mut self) {
        for r in ROWS {
            for o in self.of(r.ty) {
                if !self.holders.contains_key(&o) {
                    self.read_row(o, r);
                }
            }
        }
        for o in self.of("aws_apprunner_service") {
            self.read_app_runner(o);
        }
        self.read_studio_users();
        self.read_pollers();
        // "EC2 Instance Connect Endpoint": with client addresses preserved, instances see those.
        for o in self.of("aws_ec2_instance_connect_endpoint") {
            if self.get(o, "preserve_client_ip").flag() != Known::Is(false) {
                for i in self.holders.get(&o).cloned().unwrap_or_default() {
                    self.net.interfaces[i.index()].source_dest_check = Tri::No;
                }
            }
        }
    }

    /// The elements at a path; `a*b`: the `b` of all elements of `a`.
    fn all_at(&self, o: Obj, path: &str) -> Many<'w> {
        let Some((list, name)) = path.split_once('*') else { return self.get(o, path).many() };
        let many = self.get(o, list).many();
        let items = many.items.iter().map(|v| v.get(name)).collect();
        Many { items, ..many }
    }

    /// The subnets of a group of subnets; `None`: no group is named.
    pub(crate) fn subnets_of_group(&mut self, o: Obj, path: &str, types: &[&str]) -> Option<Vec<SubnetId>> {
        let all = ["aws_db_subnet_group", "aws_docdb_subnet_group", "aws_neptune_subnet_group"];
        let types = if types == DB { &all } else { types };
        let view = self.get(o, path);
        let id = match view.id() {
            Known::Absent | Known::Is("default") => return None,
            Known::Is(id) => id,
            Known::Unknown => return Some(vec![self.subnet(o, Known::Unknown, None)]),
        };
        let Some(group) = self.find(o, types, id) else {
            // A stand-in for what AWS takes by itself.
            return if view.is_stand_in() { None } else { Some(vec![self.subnet(o, Known::Is(id), None)]) };
        };
        let many = self.get(group, "subnet_ids").many();
        Some(self.subnets_from(group, &many))
    }
    pub(crate) fn subnets_from(&mut self, o: Obj, many: &Many<'w>) -> Vec<SubnetId> {
        let mut out: Vec<SubnetId> = many.items.iter().map(|s| self.subnet(o, s.id(), None)).collect();
        if many.unknown {
            // Those that are known tell the VPC.
            let vpc = out.first().map(|s| self.vpc_of_subnet(*s));
            out.push(self.subnet(o, Known::Unknown, vpc));
        }
        out
    }

    fn read_row(&mut self, o: Obj, r: &Row) {
        let item = self.item(o);
        let mut subnets = match r.subnets {
            Here(paths) => {
                let mut out = Vec::new();
                for p in paths {
                    let many = self.all_at(o, p);
                    out.extend(self.subnets_from(o, &many));
                }
                out
            }
            Group(path, types) => self.subnets_of_group(o, path, types).unwrap_or_default(),
        };
        // A member is where its replication group is.
        if r.ty == "aws_elasticache_cluster"
            && let Known::Is(group) = self.get(o, "replication_group_id").id()
            && let Some(group) = self.find(o, &["aws_elasticache_replication_group"], group)
        {
            let row = ROWS.iter().find(|r| r.ty == "aws_elasticache_replication_group");
            if let (Some(row), false) = (row, self.holders.contains_key(&group)) {
                self.read_row(group, row);
            }
            self.copy_interfaces(group, o);
            return;
        }
        if subnets.is_empty() {
            match r.without {
                Without::Nothing => return self.read_beside(o, r.beside),
                Without::Default => subnets = self.default_subnets(o),
                Without::Elsewhere => return self.run_elsewhere(o),
                Without::Public => {
                    let endpoint = self.get(o, "endpoint_details.vpc_endpoint_id");
                    if endpoint.is_absent() {
                        self.public_endpoint(o);
                    }
                    return;
                }
            }
        }
        let node = self.node(o);
        if let Some(ports) = r.listens {
            let ports = ports.iter().map(|(a, b)| tcp(*a, *b)).collect();
            self.net.nodes[node.index()].listens = Some(ports);
        }
        for subnet in subnets {
            let vpc = self.vpc_of_subnet(subnet);
            let many: Vec<Many<'w>> = r.groups.iter().map(|p| self.words_at(o, p)).collect();
            let default = (!r.own_groups).then_some(vpc);
            let groups = self.groups_of(o, r.groups.first().unwrap_or(&""), &many, default);
            let public = match r.public {
                Public::No => Tri::No,
                // "CreateReplicationInstance", PubliclyAccessible: true by default.
                Public::Flag(path)
                    if r.ty == "aws_dms_replication_instance" && self.get(o, path).is_absent() =>
                {
                    Tri::Maybe(self.doubt(item, path, "AWS's default is a public address"))
                }
                Public::Flag(path) => self.tri(o, path, false),
                Public::Text(path, text) => match self.get(o, path).many() {
                    m if m.unknown => Tri::Maybe(self.doubt(item, path, NOT_KNOWN)),
                    m => yes(m.items.iter().any(|v| match v.id() {
                        Known::Is(t) => text.is_empty() || t == text,
                        _ => text.is_empty(),
                    })),
                },
                // "Fargate": the definition of a job says whether it gets a public address.
                Public::AsSubnet if self.runs_on_fargate(o, r) => {
                    Tri::Maybe(self.doubt(item, "", "the definition of a job says whether it is public"))
                }
                Public::AsSubnet => self.subnet_info[subnet.index()].public,
                Public::FlagOrSubnet(path) => {
                    or(self.tri(o, path, false), self.subnet_info[subnet.index()].public)
                }
            };
            let v6 = match r.v6 {
                V6::Perhaps => match self.subnet_info[subnet.index()].families.1 {
                    Tri::No => Tri::No,
                    _ => Tri::Maybe(self.doubt(item, "", "whether it has an IPv6 address is up to AWS")),
                },
                V6::If(path, text) => match self.get(o, path).text() {
                    Known::Is(t) => yes(t.contains(text)),
                    Known::Absent => Tri::No,
                    Known::Unknown => Tri::Maybe(self.doubt(item, path, NOT_KNOWN)),
                },
                V6::Flag(path) => self.tri(o, path, false),
            };
            let spec = Spec {
                groups: Some(groups),
                families: (Tri::Yes, v6),
                public,
                many: true,
                ..Spec::new(item, node, subnet)
            };
            let i = self.interface_of(o, spec);
            self.name_interface(o, i, &["network_interface_id"]);
        }
        self.listen_as_known(o);
        self.read_beside(o, r.beside);
        // "Amazon MQ for RabbitMQ", public access: such a broker is in no VPC of its owner, whose
        // groups do not count.
        if r.ty == "aws_mq_broker"
            && !matches!(self.get(o, "engine_type").text(), Known::Is(t) if !t.eq_ignore_ascii_case("rabbitmq"))
            && self.tri(o, "publicly_accessible", false) != Tri::No
        {
            let presence = self.maybe(item, "publicly_accessible", "groups do not count for public RabbitMQ");
            self.entry_from_internet(o, None, Tri::No, presence);
        }
    }
    fn runs_on_fargate(&self, o: Obj, r: &Row) -> bool {
        r.ty == "aws_batch_compute_environment"
            && !matches!(self.get(o, "compute_resources.type").text(), Known::Is("EC2" | "SPOT"))
    }
    /// What an object has beside its interfaces in subnets.
    fn read_beside(&mut self, o: Obj, beside: Beside) {
        let item = self.item(o);
        match beside {
            Beside::Nothing => {}
            Beside::WayOut(path, off) => {
                let presence = match self.get(o, path).text() {
                    Known::Is(t) if t == off => return,
                    Known::Is(_) | Known::Absent => Presence::Sure,
                    Known::Unknown => self.maybe(item, path, NOT_KNOWN),
                };
                let node = self.node(o);
                let listens = self.net.nodes[node.index()].listens.take();
                self.run_elsewhere(o);
                self.net.nodes[node.index()].listens = listens;
                if let Some(i) = self.holders.get(&o).and_then(|h| h.last()) {
                    self.net.interfaces[i.index()].presence = presence;
                }
            }
            Beside::Endpoint(path, on) => match self.get(o, path).text() {
                Known::Is(t) if t != on => {}
                Known::Absent => {}
                _ => self.endpoint_of_iam(o),
            },
            Beside::PublicEndpoint => self.endpoint_of_iam(o),
        }
    }
    /// An endpoint on the internet for those whom IAM lets in.
    fn endpoint_of_iam(&mut self, o: Obj) {
        let item = self.item(o);
        let presence = self.maybe(item, "", "IAM decides whose requests pass");
        self.entry_from_internet(o, Some(tcp(443, 443)), Tri::No, presence);
    }
    /// From the internet to an object, whatever there is in between.
    fn entry_from_internet(
        &mut self,
        o: Obj,
        accepts: Option<(Protocol, Ports)>,
        keeps_client: Tri,
        presence: Presence,
    ) {
        let (item, to) = (self.item(o), self.node(o));
        self.net.relays.push(Relay {
            item,
            from: self.internet,
            accepts,
            to,
            connects: None,
            keeps_client,
            direct: true,
            presence,
        });
    }
    /// "SecurityGroups" (SageMaker UserSettings): what a user runs has groups of its own.
    fn read_studio_users(&mut self) {
        for o in self.of("aws_sagemaker_user_profile") {
            let many = self.get(o, "user_settings.security_groups").many();
            let domain = match self.get(o, "domain_id").id() {
                Known::Is(d) => self.find(o, &["aws_sagemaker_domain"], d),
                _ => None,
            };
            let (false, Some(domain)) = (many.absent, domain) else { continue };
            let item = self.item(o);
            let groups = self.groups_of(o, "user_settings.security_groups", &[many], None);
            for i in self.holders.get(&domain).cloned().unwrap_or_default() {
                let of = self.net.interfaces[i.index()].clone();
                if self.elsewhere.is_some_and(|(s, _)| s == of.subnet) {
                    continue;
                }
                let (known, unknown_groups) = (Some(groups.known.clone()), groups.unknown);
                let copy = Interface { item, groups: known, unknown_groups, ..of };
                self.net.interfaces.push(copy);
                let id = InterfaceId(self.net.interfaces.len() as u32 - 1);
                self.holders.entry(o).or_default().push(id);
            }
        }
    }
    /// "Using Lambda with self-managed Apache Kafka", "with Amazon MSK", "with Amazon MQ": pollers
    /// have interfaces in the subnets and groups that are named, or in those of the cluster.
    fn read_pollers(&mut self) {
        for o in self.of("aws_lambda_event_source_mapping") {
            let source = match self.get(o, "event_source_arn").id() {
                Known::Is(arn) => {
                    self.find(o, &["aws_msk_cluster", "aws_msk_serverless_cluster", "aws_mq_broker"], arn)
                }
                _ => None,
            };
            if let Some(source) = source {
                self.copy_interfaces(source, o);
                let node = self.node(o);
                self.net.nodes[node.index()].listens = Some(Vec::new());
            }
            let access = self.get(o, "source_access_configuration").many();
            let (mut subnets, mut groups) = (Vec::new(), Groups { known: Vec::new(), unknown: None });
            let mut unknown = access.unknown && !self.get(o, "self_managed_event_source").is_absent();
            for a in access.items {
                match (a.get("type").text(), a.get("uri").id()) {
                    (Known::Is("VPC_SUBNET"), Known::Is(uri)) => {
                        let id = uri.strip_prefix("subnet:").unwrap_or(uri);
                        subnets.push(self.subnet(o, Known::Is(id), None));
                    }
                    (Known::Is("VPC_SECURITY_GROUP"), Known::Is(uri)) => {
                        let id = uri.strip_prefix("security_group:").unwrap_or(uri);
                        groups.known.push((self.group(o, id), Presence::Sure));
                    }
                    (Known::Is("VPC_SUBNET" | "VPC_SECURITY_GROUP"), _) => unknown = true,
                    _ => {}
                }
            }
            let item = self.item(o);
            if unknown {
                self.unsupported(item, "in which subnets it polls is not known", Vec::new());
            }
            let node = if subnets.is_empty() { continue } else { self.node(o) };
            self.net.nodes[node.index()].listens = Some(Vec::new());
            for subnet in subnets {
                let groups = Some(groups.clone());
                self.interface_of(o, Spec { groups, many: true, ..Spec::new(item, node, subnet) });
            }
        }
    }
    /// Gives `to` what `from` has.
    fn copy_interfaces(&mut self, from: Obj, to: Obj) {
        let (item, node, of) = (self.item(to), self.node(to), self.node(from));
        self.net.nodes[node.index()].listens = self.net.nodes[of.index()].listens.clone();
        for i in self.holders.get(&from).cloned().unwrap_or_default() {
            let copy = Interface { item, node, ..self.net.interfaces[i.index()].clone() };
            self.net.interfaces.push(copy);
            let id = InterfaceId(self.net.interfaces.len() as u32 - 1);
            self.holders.entry(to).or_default().push(id);
        }
    }
    /// Groups, also as one text with commas.
    fn words_at(&self, o: Obj, path: &str) -> Many<'w> {
        let view = self.get(o, path);
        // `additional_master_security_groups` is one text; whoever writes several is read as the
        // first of them, with the rest unknown.
        let mut many = view.many();
        if let Known::Is(t) = view.id()
            && t.contains(',')
        {
            many = Many { items: Vec::new(), unknown: true, absent: false };
        }
        many
    }
    /// All default subnets of the default VPC.
    pub(crate) fn default_subnets(&mut self, o: Obj) -> Vec<SubnetId> {
        let vpc = self.default_vpc(o);
        let own: Vec<SubnetId> = self.vpc_info[vpc.index()].subnets.clone();
        let own: Vec<SubnetId> =
            own.into_iter().filter(|s| self.net.subnets[s.index()].zone.is_some()).collect();
        if own.is_empty() { vec![self.subnet(o, Known::Absent, Some(vpc))] } else { own }
    }
    /// In a network of AWS: out to the internet, and nothing in.
    fn run_elsewhere(&mut self, o: Obj) {
        let (subnet, group) = match self.elsewhere {
            Some(made) => made,
            None => self.make_elsewhere(),
        };
        let (item, node) = (self.item(o), self.node(o));
        self.net.nodes[node.index()].listens = Some(Vec::new());
        let groups = Groups { known: vec![(group, Presence::Sure)], unknown: None };
        let spec = Spec { groups: Some(groups), public: Tri::Yes, ..Spec::new(item, node, subnet) };
        self.interface_of(o, spec);
    }
    fn make_elsewhere(&mut self) -> (SubnetId, GroupId) {
        let item = self.named("the network of AWS outside of VPCs", None);
        let vpc = self.add_vpc(item, Location::default(), true);
        let range = Ipv4Net::new_assert([169, 254, 76, 0].into(), 23).into();
        self.net.vpcs[vpc.index()].ranges.push(range);
        let info = SubnetInfo { public: Tri::Yes, assign_v6: Tri::No, families: (Tri::Yes, Tri::No) };
        let subnet = self.add_subnet(item, vpc, info);
        self.net.subnets[subnet.index()].ranges.push(range);
        let gateway = self.internet_gateway_of(vpc, item);
        let (table, all) = (self.vpc_info[vpc.index()].main, everything()[0]);
        self.push_route(table, Some(all), Target::Gateway(gateway), false, Presence::Sure, item);
        let group = self.vpc_info[vpc.index()].group;
        self.net.groups[group.index()].ingress.clear();
        self.elsewhere = Some((subnet, group));
        (subnet, group)
    }

    /// "Networking with App Runner": public unless it says otherwise; out to the internet, or
    /// by the interfaces of a connector.
    fn read_app_runner(&mut self, o: Obj) {
        if self.tri(o, "network_configuration.ingress_configuration.is_publicly_accessible", true) != Tri::No
        {
            self.public_endpoint(o);
        }
        let connector = self.get(o, "network_configuration.egress_configuration.vpc_connector_arn");
        match connector.id() {
            Known::Absent => self.run_elsewhere(o),
            Known::Is(arn) if let Some(c) = self.find(o, &["aws_apprunner_vpc_connector"], arn) => {
                self.copy_interfaces(c, o);
            }
            _ => {
                let item = self.item(o);
                self.unsupported(item, "by which interfaces it goes out is not known", Vec::new());
            }
        }
        let node = self.node(o);
        self.net.nodes[node.index()].listens = None;
    }

    /// A service's endpoint on the internet.
    pub(crate) fn public_endpoint(&mut self, o: Obj) {
        self.entry_from_internet(o, None, Tri::Yes, Presence::Sure);
    }

    /// Ports of caches and file systems ("Amazon ElastiCache: Access and permissions", "Amazon EFS:
    /// Using VPC security groups"). Unknown or unlisted: any.
    fn listen_as_known(&mut self, o: Obj) {
        let ports: Option<Vec<u16>> = match self.ty(o) {
            "aws_efs_mount_target" => Some(vec![2049]),
            "aws_elasticache_cluster" | "aws_elasticache_replication_group" | "aws_memorydb_cluster" => {
                let default = match self.get(o, "engine").text() {
                    Known::Is("memcached") => Some(11211),
                    Known::Is(_) => Some(6379),
                    Known::Absent if self.ty(o) != "aws_elasticache_cluster" => Some(6379),
                    _ => None,
                };
                match self.get(o, "port").num() {
                    Known::Is(n) => u16::try_from(n).ok().map(|n| vec![n]),
                    Known::Absent => default.map(|n| vec![n]),
                    Known::Unknown => None,
                }
            }
            "aws_docdb_cluster" => self.port_or(o, 27017),
            "aws_neptune_cluster" => self.port_or(o, 8182),
            _ => return,
        };
        let node = self.node(o);
        self.net.nodes[node.index()].listens = ports.map(|p| p.into_iter().map(|p| tcp(p, p)).collect());
    }
    fn port_or(&self, o: Obj, default: u16) -> Option<Vec<u16>> {
        match self.get(o, "port").num() {
            Known::Is(n) => u16::try_from(n).ok().map(|n| vec![n]),
            Known::Absent => Some(vec![default]),
            Known::Unknown => None,
        }
    }
}

/// A range of TCP ports.
pub(crate) fn tcp(from: u16, to: u16) -> (Protocol, Ports) {
    (Protocol::Number(6), Ports { from, to })
}
