//! ECS and EKS.

use super::build::*;
use super::groups::Groups;
use super::interfaces::Spec;
use super::managed::tcp;
use super::read::{Known, View};
use crate::model::*;

impl<'w> Build<'w> {
    pub(crate) fn read_containers(&mut self) {
        for o in self.of_any(&["aws_ecs_service", "aws_ecs_task_set"]) {
            self.read_tasks(o);
        }
        for o in self.of("aws_eks_cluster") {
            self.read_eks_cluster(o);
        }
        for o in self.of("aws_eks_node_group") {
            self.read_node_group(o);
        }
        for o in self.of("aws_eks_fargate_profile") {
            self.read_fargate_profile(o);
        }
    }

    /// "Amazon ECS task networking": with `awsvpc` each task has an interface; otherwise tasks use
    /// those of the instances that they run on.
    fn read_tasks(&mut self, o: Obj) {
        let item = self.item(o);
        let node = self.node(o);
        if !self.get(o, "vpc_lattice_configurations").is_absent() {
            self.unsupported(item, "VPC Lattice leads to its tasks", Vec::new());
        }
        let network = self.get(o, "network_configuration");
        if network.is_absent() {
            self.tasks_on_instances(o);
            return;
        }
        let many = network.get("subnets").many();
        let subnets = if network.is_unknown() || many.absent {
            vec![self.subnet(o, Known::Unknown, None)]
        } else {
            self.subnets_from(o, &many)
        };
        let public = self.tri(o, "network_configuration.assign_public_ip", false);
        for subnet in subnets {
            let vpc = self.vpc_of_subnet(subnet);
            let groups = self.groups_at(o, "network_configuration.security_groups", Some(vpc));
            // "Amazon ECS account settings", dualStackIPv6: where the account has it on, tasks in
            // subnets with an IPv6 range get an address of it.
            let v6 = match self.subnet_info[subnet.index()].families {
                (_, Tri::No) => Tri::No,
                (Tri::No, _) => Tri::Yes,
                _ => Tri::Maybe(self.doubt(
                    item,
                    "",
                    "whether tasks get IPv6 addresses is a setting of the account",
                )),
            };
            let spec = Spec {
                groups: Some(groups),
                families: (Tri::Yes, v6),
                public,
                many: true,
                ..Spec::new(item, node, subnet)
            };
            self.interface_of(o, spec);
        }
    }

    /// The interfaces of the instances of a cluster. Which they are is known where a capacity
    /// provider names them; otherwise instances join by themselves.
    fn tasks_on_instances(&mut self, o: Obj) {
        let item = self.item(o);
        let node = self.node(o);
        let mut groups: Vec<Obj> = Vec::new();
        let mut names: Vec<&'w str> = Vec::new();
        for c in self.get(o, "capacity_provider_strategy").many().items {
            names.extend(c.get("capacity_provider").id().is());
        }
        let cluster = match self.get(o, "cluster").id() {
            Known::Is(c) => self.find(o, &["aws_ecs_cluster"], c),
            _ => None,
        };
        if names.is_empty() {
            for p in self.of("aws_ecs_cluster_capacity_providers") {
                let of = match self.get(p, "cluster_name").id() {
                    Known::Is(c) => self.find(p, &["aws_ecs_cluster"], c),
                    _ => cluster,
                };
                if of == cluster {
                    names.extend(
                        self.get(p, "capacity_providers").many().items.iter().filter_map(|v| v.id().is()),
                    );
                }
            }
        }
        for n in names {
            if let Some(p) = self.find(o, &["aws_ecs_capacity_provider"], n)
                && let Known::Is(g) = self.get(p, "auto_scaling_group_provider.auto_scaling_group_arn").id()
            {
                groups.extend(self.find(p, &["aws_autoscaling_group"], g));
            }
        }
        groups.dedup();
        let sure = !groups.is_empty();
        if !sure {
            groups = self.of_any(&[
                "aws_autoscaling_group",
                "aws_instance",
                "aws_spot_instance_request",
                "aws_ec2_fleet",
            ]);
            if groups.is_empty() {
                self.unsupported(
                    item,
                    "on which instances its tasks run is not in this configuration",
                    Vec::new(),
                );
            }
        }
        let presence = match sure {
            true => Presence::Sure,
            false => self.maybe(item, "launch_type", "on which instances its tasks run is not known"),
        };
        for g in groups {
            for i in self.holders.get(&g).cloned().unwrap_or_default() {
                let mut copy = self.net.interfaces[i.index()].clone();
                copy.item = item;
                copy.node = node;
                copy.many = true;
                copy.presence = both(copy.presence, presence);
                self.net.interfaces.push(copy);
                let id = InterfaceId(self.net.interfaces.len() as u32 - 1);
                self.holders.entry(o).or_default().push(id);
            }
        }
    }

    /// The cluster's own group ("Amazon EKS security group requirements": in from its members, out
    /// to everywhere), made once.
    fn cluster_group(&mut self, o: Obj) -> GroupId {
        let id = self.get(o, "vpc_config.cluster_security_group_id").id();
        if let Known::Is(id) = id
            && let Some(g) = self.groups.get(id)
        {
            return *g;
        }
        let item = self.item(o);
        let name = self.part("the cluster security group", item);
        if let Some(g) = self
            .net
            .groups
            .iter()
            .position(|g| self.net.items[g.item.index()].name == self.net.items[name.index()].name)
        {
            return GroupId(g as u32);
        }
        let first = self.get(o, "vpc_config.subnet_ids").many().items.first().map(|v| v.id());
        let subnet = self.subnet(o, first.unwrap_or(Known::Unknown), None);
        let vpc = self.vpc_of_subnet(subnet);
        let g = self.add_group(name, vpc);
        self.default_group_rules(g);
        if let Known::Is(id) = id {
            self.groups.insert(id, g);
        }
        g
    }
    /// Before rules are read, as they may name it.
    pub(crate) fn read_cluster_groups(&mut self) {
        for o in self.of("aws_eks_cluster") {
            self.cluster_group(o);
        }
    }
    fn read_eks_cluster(&mut self, o: Obj) {
        let item = self.item(o);
        let node = self.node(o);
        let own = self.cluster_group(o);
        self.net.nodes[node.index()].listens = Some(vec![tcp(443, 443)]);
        let many = self.get(o, "vpc_config.subnet_ids").many();
        for subnet in self.subnets_from(o, &many) {
            let mut groups = self.groups_at(o, "vpc_config.security_group_ids", None);
            groups.known.push((own, Presence::Sure));
            let spec = Spec { groups: Some(groups), many: true, ..Spec::new(item, node, subnet) };
            self.interface_of(o, spec);
        }
        self.eks_public_endpoint(o, node);
        // "EKS Auto Mode": it creates load balancers and instances on its own.
        if self.get(o, "compute_config.enabled").flag() == Known::Is(true)
            || self.get(o, "kubernetes_network_config.elastic_load_balancing.enabled").flag()
                == Known::Is(true)
        {
            let vpc = self.net.groups[own.index()].vpc;
            self.unsupported(item, "it creates instances and load balancers on its own", vec![vpc]);
        }
    }
    /// "Cluster API server endpoint": public unless that is turned off, for everybody unless
    /// ranges are named.
    fn eks_public_endpoint(&mut self, o: Obj, to: NodeId) {
        let item = self.item(o);
        let mut presence = match self.tri(o, "vpc_config.endpoint_public_access", true) {
            Tri::No => return,
            Tri::Yes => Presence::Sure,
            Tri::Maybe(d) => Presence::Maybe(d),
        };
        let ranges = self.get(o, "vpc_config.public_access_cidrs").many();
        let all = |v: &View<'_>| matches!(v.net(), Known::Is(n) if n.prefix_len() == 0);
        if !ranges.absent && !ranges.items.iter().any(all) {
            presence = self.maybe(item, "vpc_config.public_access_cidrs", "it is for some ranges only");
        }
        self.net.relays.push(Relay {
            item,
            from: self.internet,
            accepts: Some(tcp(443, 443)),
            to,
            connects: Some(tcp(443, 443)),
            keeps_client: Tri::No,
            direct: true,
            presence,
        });
    }
    fn eks_groups(&mut self, o: Obj) -> Groups {
        let cluster = match self.get(o, "cluster_name").id() {
            Known::Is(c) => self.find(o, &["aws_eks_cluster"], c),
            _ => None,
        };
        match cluster {
            Some(c) => Groups { known: vec![(self.cluster_group(c), Presence::Sure)], unknown: None },
            None => {
                let item = self.item(o);
                let doubt = self.doubt(item, "cluster_name", "the cluster is not in this configuration");
                Groups { known: Vec::new(), unknown: Some(doubt) }
            }
        }
    }
    /// "Launch template support": groups of the template replace the cluster's; without a template
    /// remote access makes a group of its own, open to everybody where no sources are named.
    fn read_node_group(&mut self, o: Obj) {
        let item = self.item(o);
        let node = self.node(o);
        let mut groups = self.eks_groups(o);
        let mut public = None;
        if let Some((of_template, said)) = self.template_groups(o) {
            if !of_template.known.is_empty() || of_template.unknown.is_some() {
                groups = of_template;
            }
            public = Some(said);
        }
        let access = self.get(o, "remote_access");
        if !access.get("ec2_ssh_key").is_absent() {
            let many = self.get(o, "subnet_ids").many();
            let first = many.items.first().map_or(Known::Unknown, |v| v.id());
            let subnet = self.subnet(o, first, None);
            let vpc = self.vpc_of_subnet(subnet);
            let name = self.part("the remote access security group", item);
            let g = self.add_group(name, vpc);
            let sources = access.get("source_security_group_ids").many();
            let mut peers: Vec<(Peer, Presence)> = Vec::new();
            for s in &sources.items {
                match s.id() {
                    Known::Is(id) => peers.push((Peer::Group(self.group(o, id)), Presence::Sure)),
                    _ => {
                        let doubt = self.doubt(item, "remote_access.source_security_group_ids", NOT_KNOWN);
                        peers.push((Peer::Anything(doubt), Presence::Maybe(doubt)));
                    }
                }
            }
            if sources.items.is_empty() {
                peers.push((Peer::Range(super::vpc::everything()[0]), Presence::Sure));
            }
            for (peer, presence) in peers {
                let (protocol, ports) = tcp(22, 22);
                let rule = Rule { protocol, ports: Some(ports), icmp: None, peer, presence, item };
                self.net.groups[g.index()].ingress.push(rule);
            }
            groups.known.push((g, Presence::Sure));
        }
        let many = self.get(o, "subnet_ids").many();
        for subnet in self.subnets_from(o, &many) {
            let public = self.public(o, public.unwrap_or(Known::Absent), subnet);
            let v6 = self.subnet_info[subnet.index()].assign_v6;
            let spec = Spec {
                groups: Some(groups.clone()),
                families: (Tri::Yes, v6),
                public,
                many: true,
                // "Amazon VPC CNI": pods have addresses of the interfaces.
                ..Spec::new(item, node, subnet)
            };
            self.interface_of(o, spec);
        }
    }
    fn read_fargate_profile(&mut self, o: Obj) {
        let item = self.item(o);
        let node = self.node(o);
        let groups = self.eks_groups(o);
        let many = self.get(o, "subnet_ids").many();
        for subnet in self.subnets_from(o, &many) {
            let spec = Spec { groups: Some(groups.clone()), many: true, ..Spec::new(item, node, subnet) };
            self.interface_of(o, spec);
        }
    }
}
