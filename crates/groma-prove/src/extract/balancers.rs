//! Load balancers, and who passes connections on to whom.

use std::collections::HashMap;

use super::build::*;
use super::interfaces::Spec;
use super::read::{Known, View};
use super::subnets::push_new;
use crate::model::*;

const LBS: &[&str] = &["aws_lb", "aws_alb"];
const LISTENERS: &[&str] = &["aws_lb_listener", "aws_alb_listener"];
const TARGET_GROUPS: &[&str] = &["aws_lb_target_group", "aws_alb_target_group"];

/// What a target group leads to.
#[derive(Clone, Debug)]
pub(super) struct Goal {
    pub(super) item: ItemId,
    pub(super) node: NodeId,
    /// The port that replaces the group's.
    pub(super) port: Port,
    /// Whether nothing of the network is needed (functions).
    pub(super) direct: bool,
    pub(super) presence: Presence,
}
#[derive(Clone, Copy, Debug)]
pub(super) enum Port {
    OfGroup,
    Is(u16),
    Any,
}

impl<'w> Build<'w> {
    pub(crate) fn read_balancers(&mut self) {
        for o in self.of_any(LBS) {
            self.read_balancer(o);
        }
        for o in self.data("aws_lb").into_iter().chain(self.data("aws_alb")) {
            let managed = match self.get(o, "arn").id() {
                Known::Is(arn) => self.find(o, LBS, arn).is_some_and(|x| x != o),
                _ => true,
            };
            if !managed {
                self.read_balancer(o);
            }
        }
        for o in self.of("aws_elb") {
            self.read_classic(o);
        }
    }

    fn read_balancer(&mut self, o: Obj) {
        let item = self.item(o);
        let node = self.node(o);
        let kind = match self.get(o, "load_balancer_type").text() {
            Known::Is(k) => k,
            Known::Absent => "application",
            Known::Unknown => {
                self.unsupported(item, "what kind of load balancer it is is not known", Vec::new());
                "network"
            }
        };
        let mut subnets = Vec::new();
        let many = self.get(o, "subnets").many();
        subnets.extend(self.subnets_from(o, &many));
        let mapping = self.get(o, "subnet_mapping").many();
        for m in &mapping.items {
            let s = self.subnet(o, m.get("subnet_id").id(), None);
            push_new(&mut subnets, s);
        }
        if subnets.is_empty() {
            subnets.push(self.subnet(o, Known::Unknown, None));
        }
        let internal = self.tri(o, "internal", false);
        let address = self.get(o, "ip_address_type").text();
        // "Application Load Balancers", IP address type: internet gateways do not lead to internal
        // ones (`ipv6.deny_all_igw_traffic`), though their IPv6 addresses are public ones.
        let v6 = match address {
            Known::Is(t) if t.starts_with("dualstack") && internal != Tri::No => Tri::Maybe(self.doubt(
                item,
                "ip_address_type",
                "of an internal load balancer the IPv6 addresses are for inside only",
            )),
            Known::Is(t) => yes(t.starts_with("dualstack")),
            Known::Absent => Tri::No,
            Known::Unknown => Tri::Maybe(self.doubt(item, "ip_address_type", NOT_KNOWN)),
        };
        // "Application Load Balancers", scheme: internet-facing nodes have public addresses.
        let public = match (internal, address) {
            (_, Known::Is("dualstack-without-public-ipv4")) => Tri::No,
            (Tri::Yes, _) => Tri::No,
            (Tri::No, _) => Tri::Yes,
            (maybe, _) => maybe,
        };
        for subnet in subnets {
            let vpc = self.vpc_of_subnet(subnet);
            // "Update the security groups for your Network Load Balancer": without groups nothing
            // filters; application load balancers have the default group then.
            let many = self.get(o, "security_groups").many();
            let groups = match kind {
                "gateway" => None,
                "network" if many.absent => None,
                "network" => Some(self.groups_at(o, "security_groups", None)),
                _ => Some(self.groups_at(o, "security_groups", Some(vpc))),
            };
            let spec = Spec {
                kind: InterfaceKind::LoadBalancer,
                groups,
                families: (Tri::Yes, v6),
                public,
                many: true,
                ..Spec::new(item, node, subnet)
            };
            self.interface_of(o, spec);
        }
    }

    /// Listeners and targets, once all interfaces are known.
    pub(crate) fn read_relays(&mut self) {
        let goals = self.goals();
        let mut listens: HashMap<Obj, Option<Vec<(Protocol, Ports)>>> = HashMap::new();
        for lb in self.of_any(LBS) {
            listens.insert(lb, Some(Vec::new()));
        }
        for l in self.of_any(LISTENERS) {
            let lb = match self.get(l, "load_balancer_arn").id() {
                Known::Is(arn) => self.find(l, LBS, arn),
                _ => None,
            };
            let Some(lb) = lb else {
                let item = self.item(l);
                self.unsupported(
                    item,
                    "to which load balancer it belongs is not in this configuration",
                    Vec::new(),
                );
                continue;
            };
            let accepts = self.listener_ports(l);
            let known = listens.entry(lb).or_insert(None);
            match (&accepts, known.as_mut()) {
                (Some(a), Some(k)) => k.extend(a.iter().copied()),
                _ => *known = None,
            }
            let mut actions = self.actions_of(l, "default_action");
            let id = self.get(l, "arn").id();
            for r in self.of_any(&["aws_lb_listener_rule", "aws_alb_listener_rule"]) {
                let of = self.get(r, "listener_arn").id();
                if of == id || of.is_unknown() {
                    actions.extend(self.actions_of(r, "action"));
                }
            }
            for (by, group) in actions {
                self.relay_to_group(by, lb, accepts.as_deref(), group, &goals);
            }
        }
        for (lb, ports) in listens {
            let node = self.node(lb);
            self.net.nodes[node.index()].listens = ports;
        }
        self.classic_relays();
        self.read_entries();
    }

    /// On which ports all listeners of a load balancer accept; `None`: that is not known.
    pub(crate) fn listener_ports_of(&self, lb: Obj) -> Option<Vec<(Protocol, Ports)>> {
        let arn = self.get(lb, "arn").id();
        let mut ports = Vec::new();
        for l in self.of_any(LISTENERS) {
            let of = self.get(l, "load_balancer_arn").id();
            if of.is_unknown() {
                return None;
            }
            if of == arn {
                self.listener_ports(l)?.into_iter().for_each(|p| push_new(&mut ports, p));
            }
        }
        let managed = self.world.objects[lb].addr.resource.mode == groma_value::addr::Mode::Managed;
        (managed && !ports.is_empty()).then_some(ports)
    }

    /// On which ports a listener accepts; `None`: any.
    fn listener_ports(&self, l: Obj) -> Option<Vec<(Protocol, Ports)>> {
        let lb = match self.get(l, "load_balancer_arn").id() {
            Known::Is(arn) => self.find(l, LBS, arn),
            _ => None,
        };
        // Gateway load balancers take all ports.
        if lb.is_some_and(|lb| self.get(lb, "load_balancer_type").text() == Known::Is("gateway")) {
            return None;
        }
        let port = self.get(l, "port").num().is().and_then(|p| u16::try_from(p).ok())?;
        let ports = Ports { from: port, to: port };
        let numbers: &[u8] = match self.get(l, "protocol").text() {
            Known::Is("UDP" | "QUIC") => &[17],
            Known::Is("TCP_UDP" | "TCP_QUIC") => &[6, 17],
            Known::Is("TCP" | "TLS" | "HTTP" | "HTTPS") => &[6],
            // Derived from the port.
            Known::Absent => &[6],
            _ => &[6, 17],
        };
        Some(numbers.iter().map(|n| (Protocol::Number(*n), ports)).collect())
    }

    /// The target groups that actions forward to.
    fn actions_of(&mut self, o: Obj, name: &str) -> Vec<(Obj, Known<&'w str>)> {
        let mut out = Vec::new();
        let many = self.get(o, name).many();
        for a in &many.items {
            if !a.get("target_group_arn").is_absent() {
                out.push((o, a.get("target_group_arn").id()));
            }
            let groups = a.at("forward.target_group").many();
            out.extend(groups.items.iter().map(|g| (o, g.get("arn").id())));
            if groups.unknown {
                out.push((o, Known::Unknown));
            }
        }
        if many.unknown {
            out.push((o, Known::Unknown));
        }
        out
    }

    fn relay_to_group(
        &mut self,
        by: Obj,
        lb: Obj,
        accepts: Option<&[(Protocol, Ports)]>,
        group: Known<&'w str>,
        goals: &HashMap<Obj, Vec<Goal>>,
    ) {
        let item = self.item(by);
        let found = match group {
            Known::Is(arn) => self.find(by, TARGET_GROUPS, arn),
            _ => None,
        };
        let Some(group) = found else {
            self.unsupported(item, "to which targets it forwards is not in this configuration", Vec::new());
            return;
        };
        let from = self.node(lb);
        let udp = |p: &Protocol| *p == Protocol::Number(17);
        let protocols: Vec<Protocol> = match self.get(group, "protocol").text() {
            Known::Is("UDP" | "GENEVE" | "QUIC") => vec![Protocol::Number(17)],
            Known::Is("TCP_UDP" | "TCP_QUIC") => vec![Protocol::Number(6), Protocol::Number(17)],
            Known::Is(_) | Known::Absent => vec![Protocol::Number(6)],
            Known::Unknown => vec![Protocol::Any],
        };
        let of_group = self.get(group, "port").num().is().and_then(|p| u16::try_from(p).ok());
        // "Condition types for listener rules": for some sources only.
        let narrow = self.get(by, "condition").many().items.iter().any(|c| !c.get("source_ip").is_absent());
        let narrow = match narrow {
            true => self.maybe(item, "condition", "the rule is for some sources only"),
            false => Presence::Sure,
        };
        let keeps_client = self.keeps_client(lb, group, &protocols);
        let accepts: Vec<Option<(Protocol, Ports)>> = match accepts {
            Some(a) => a.iter().copied().map(Some).collect(),
            None => vec![None],
        };
        for goal in goals.get(&group).cloned().unwrap_or_default() {
            for accept in &accepts {
                for protocol in &protocols {
                    if let Some((p, _)) = accept
                        && accepts.len() > 1
                        && udp(p) != udp(protocol)
                    {
                        continue;
                    }
                    let port = match goal.port {
                        Port::OfGroup => of_group,
                        Port::Is(p) => Some(p),
                        Port::Any => None,
                    };
                    let connects = match port {
                        Some(p) => Some((*protocol, Ports { from: p, to: p })),
                        None => Some((*protocol, Ports { from: 0, to: u16::MAX })),
                    };
                    let relay = Relay {
                        item: goal.item,
                        from,
                        accepts: *accept,
                        to: goal.node,
                        connects,
                        keeps_client,
                        direct: goal.direct,
                        presence: both(goal.presence, narrow),
                    };
                    push_new(&mut self.net.relays, relay);
                }
            }
        }
    }

    /// "Client IP preservation" (Network Load Balancers): for instances and load balancers by
    /// default, for addresses only with UDP. That connections by PrivateLink are not seen so is the
    /// engine's to say.
    fn keeps_client(&mut self, lb: Obj, group: Obj, protocols: &[Protocol]) -> Tri {
        let item = self.item(group);
        if !matches!(self.get(lb, "load_balancer_type").text(), Known::Is("network" | "gateway")) {
            return Tri::No;
        }
        let udp = protocols.contains(&Protocol::Number(17));
        let default = match self.get(group, "target_type").text() {
            Known::Is("ip") => udp,
            Known::Is("lambda") => false,
            Known::Is(_) | Known::Absent => true,
            Known::Unknown => return Tri::Maybe(self.doubt(item, "target_type", NOT_KNOWN)),
        };
        let keeps = match self.get(group, "preserve_client_ip").flag() {
            Known::Is(b) => b || (udp && default),
            Known::Absent => default,
            Known::Unknown => return Tri::Maybe(self.doubt(item, "preserve_client_ip", NOT_KNOWN)),
        };
        yes(keeps)
    }

    /// What each target group leads to.
    fn goals(&mut self) -> HashMap<Obj, Vec<Goal>> {
        let mut goals: HashMap<Obj, Vec<Goal>> = HashMap::new();
        for a in self.of_any(&["aws_lb_target_group_attachment", "aws_alb_target_group_attachment"]) {
            let Some(group) = self.group_at(a, self.get(a, "target_group_arn")) else { continue };
            let port = match self.get(a, "port").num() {
                Known::Is(p) => u16::try_from(p).map_or(Port::Any, Port::Is),
                Known::Absent => Port::OfGroup,
                Known::Unknown => Port::Any,
            };
            let made = self.goals_of_attachment(a, group, port);
            goals.entry(group).or_default().extend(made);
        }
        for o in self.of_any(&["aws_autoscaling_group", "aws_spot_fleet_request"]) {
            let (arns, sources) =
                (self.get(o, "target_group_arns").many(), self.get(o, "traffic_source").many());
            self.unknown_groups(o, arns.unknown || sources.unknown);
            let mut groups = arns.items;
            groups.extend(sources.items.iter().map(|t| t.get("identifier")));
            for g in groups {
                self.goal_of(&mut goals, o, o, g, Port::OfGroup);
            }
        }
        for (ty, path) in [
            ("aws_autoscaling_attachment", "lb_target_group_arn"),
            ("aws_autoscaling_traffic_source_attachment", "traffic_source.identifier"),
        ] {
            for a in self.of(ty) {
                let group = self.get(a, path);
                if group.is_absent() {
                    continue;
                }
                let to = match self.get(a, "autoscaling_group_name").id() {
                    Known::Is(n) => self.find(a, &["aws_autoscaling_group"], n),
                    _ => None,
                };
                match to {
                    Some(to) => self.goal_of(&mut goals, a, to, group, Port::OfGroup),
                    None => {
                        let item = self.item(a);
                        self.unsupported(
                            item,
                            "which instances it registers is not in this configuration",
                            Vec::new(),
                        );
                    }
                }
            }
        }
        for o in self.of_any(&["aws_ecs_service", "aws_ecs_task_set"]) {
            let own = !self.get(o, "network_configuration").is_absent();
            let many = self.get(o, "load_balancer").many();
            self.unknown_groups(o, many.unknown);
            for b in many.items {
                // "Use an Application Load Balancer for Amazon ECS": with an interface of its own a
                // task is reached on the container's port, otherwise on a port of the host.
                let port = match b.get("container_port").num() {
                    Known::Is(p) if own => u16::try_from(p).map_or(Port::Any, Port::Is),
                    _ => Port::Any,
                };
                self.goal_of(&mut goals, o, o, b.get("target_group_arn"), port);
                // Blue and green ("Amazon ECS deployments").
                let other = b.at("advanced_configuration.alternate_target_group_arn");
                self.goal_of(&mut goals, o, o, other, port);
            }
        }
        goals
    }
    fn group_at(&mut self, o: Obj, view: View<'w>) -> Option<Obj> {
        match view.id() {
            Known::Is(arn) => {
                let found = self.find(o, TARGET_GROUPS, arn);
                if found.is_none() {
                    let item = self.item(o);
                    self.unsupported(
                        item,
                        "it is a target of a group that is not in this configuration",
                        Vec::new(),
                    );
                }
                found
            }
            Known::Absent => None,
            Known::Unknown => {
                let item = self.item(o);
                self.unsupported(item, "to which target group it belongs is not known", Vec::new());
                None
            }
        }
    }
    fn unknown_groups(&mut self, o: Obj, unknown: bool) {
        if unknown {
            let item = self.item(o);
            self.unsupported(item, "to which target groups it belongs is not known", Vec::new());
        }
    }
    fn goal_of(
        &mut self,
        goals: &mut HashMap<Obj, Vec<Goal>>,
        by: Obj,
        to: Obj,
        group: View<'w>,
        port: Port,
    ) {
        let Some(group) = self.group_at(by, group) else { return };
        let item = self.item(by);
        let node = self.node(to);
        let goal = Goal { item, node, port, direct: false, presence: Presence::Sure };
        goals.entry(group).or_default().push(goal);
    }
}
