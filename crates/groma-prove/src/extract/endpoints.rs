//! VPC endpoints, endpoint services, client VPN.

use super::build::*;
use super::interfaces::Spec;
use super::lists::service_of;
use super::read::{Known, Many};
use super::subnets::push_new;
use crate::model::*;

impl<'w> Build<'w> {
    /// Endpoints, before routes.
    pub(crate) fn read_endpoints(&mut self) {
        for o in self.of("aws_vpc_endpoint") {
            let kind = match self.get(o, "vpc_endpoint_type").text() {
                Known::Absent => "Gateway",
                Known::Is(t) => t,
                Known::Unknown => "",
            };
            match kind {
                "Gateway" => self.gateway_endpoint(o),
                "Interface" => self.interface_endpoint(o),
                "GatewayLoadBalancer" => self.inspection_endpoint(o),
                _ => {
                    self.interface_endpoint(o);
                    let item = self.item(o);
                    self.unsupported(item, "it leads to resources of others (VPC Lattice)", Vec::new());
                }
            }
        }
        for o in self.of("aws_networkfirewall_firewall") {
            self.read_firewall(o);
        }
    }

    fn subnets_of_endpoint(&mut self, o: Obj) -> Vec<SubnetId> {
        let vpc = self.vpc_at(o, "vpc_id");
        let mut out = Vec::new();
        let mut views: Vec<Known<&'w str>> = Vec::new();
        let many = self.get(o, "subnet_ids").many();
        views.extend(many.items.iter().map(|v| v.id()));
        if many.unknown {
            views.push(Known::Unknown);
        }
        let configured = self.get(o, "subnet_configuration").many();
        views.extend(configured.items.iter().map(|v| v.get("subnet_id").id()));
        let id = self.get(o, "id").id();
        for a in self.of("aws_vpc_endpoint_subnet_association") {
            let of = self.get(a, "vpc_endpoint_id").id();
            if of.is_unknown() || of == id {
                views.push(self.get(a, "subnet_id").id());
            }
        }
        for v in views {
            if !v.is_absent() {
                push_new(&mut out, self.subnet(o, v, Some(vpc)));
            }
        }
        out
    }

    /// "Gateway endpoints": a route for the service's prefix list in each associated table.
    fn gateway_endpoint(&mut self, o: Obj) {
        let item = self.item(o);
        let vpc = self.vpc_at(o, "vpc_id");
        let service = match self.get(o, "service_name").text() {
            Known::Is(name) => self.service(service_of(name).unwrap_or(name)),
            _ => {
                self.unsupported(item, "to which service it leads is not known", vec![vpc]);
                self.service("unknown")
            }
        };
        let presence = self.policy(o);
        let kind = GatewayKind::Service { service };
        self.net.gateways.push(Gateway { item, vpc: Some(vpc), kind, table: None, presence });
        let g = GatewayId(self.net.gateways.len() as u32 - 1);
        if let Known::Is(id) = self.get(o, "id").id() {
            self.gateways.insert(id, g);
        }
        if let Known::Is(id) = self.get(o, "prefix_list_id").id()
            && !self.lists.contains_key(id)
        {
            let item = self.named(format!("the prefix list {id}"), None);
            self.net.prefix_lists.push(PrefixList { item, entries: None, service: Some(service) });
            self.lists.insert(id, PrefixListId(self.net.prefix_lists.len() as u32 - 1));
        }
    }
    /// The routes of gateway endpoints.
    pub(crate) fn read_endpoint_routes(&mut self) {
        for o in self.of("aws_vpc_endpoint") {
            let Known::Is(id) = self.get(o, "id").id() else { continue };
            let Some(g) = self.gateways.get(id).copied() else { continue };
            let many = self.get(o, "route_table_ids").many();
            for t in &many.items {
                self.endpoint_route(o, o, g, t.id());
            }
            if many.unknown {
                self.endpoint_route(o, o, g, Known::Unknown);
            }
        }
        for o in self.of("aws_vpc_endpoint_route_table_association") {
            let table = self.get(o, "route_table_id").id();
            match self.get(o, "vpc_endpoint_id").id() {
                Known::Is(id) => {
                    if let Some(g) = self.gateways.get(id).copied() {
                        let e = self.find(o, &["aws_vpc_endpoint"], id).unwrap_or(o);
                        self.endpoint_route(o, e, g, table);
                    }
                }
                _ => {
                    let item = self.item(o);
                    self.unsupported(item, "which endpoint it concerns is not known", Vec::new());
                }
            }
        }
    }
    fn endpoint_route(&mut self, o: Obj, endpoint: Obj, g: GatewayId, table: Known<&'w str>) {
        let item = self.item(o);
        let vpc = self.net.gateways[g.index()].vpc;
        let (tables, presence) = match (table, vpc) {
            (Known::Unknown, Some(v)) => {
                let doubt = self.maybe(item, "route_table_ids", NOT_KNOWN);
                (self.tables_of(v), doubt)
            }
            (Known::Absent, _) => return,
            (id, v) => (vec![self.table(o, "route_table_ids", id, v).0], Presence::Sure),
        };
        let list = match self.get(endpoint, "prefix_list_id").id() {
            Known::Is(l) => self.lists.get(l).copied(),
            _ => None,
        };
        let entries = list.and_then(|l| self.net.prefix_lists[l.index()].entries.clone());
        for t in tables {
            match &entries {
                Some(e) => {
                    for r in e {
                        self.push_route(t, Some(*r), Target::Gateway(g), false, presence, item);
                    }
                }
                // The service's addresses.
                None => self.push_route(t, None, Target::Gateway(g), false, presence, item),
            }
        }
    }

    /// "Access an AWS service using an interface VPC endpoint": an interface in each subnet, with
    /// the VPC's default group where none is named.
    fn interface_endpoint(&mut self, o: Obj) {
        let item = self.item(o);
        let vpc = self.vpc_at(o, "vpc_id");
        let id = self.get(o, "id").id();
        let mut many: Vec<Many<'w>> = vec![self.get(o, "security_group_ids").many()];
        for a in self.of("aws_vpc_endpoint_security_group_association") {
            let of = self.get(a, "vpc_endpoint_id").id();
            if of == id || of.is_unknown() {
                many.push(self.get(a, "security_group_id").many());
            }
        }
        // Associated groups come beside the default one, unless they replace it.
        let replaced = self.of("aws_vpc_endpoint_security_group_association").into_iter().any(|a| {
            self.get(a, "vpc_endpoint_id").id() == id
                && self.get(a, "replace_default_association").flag() == Known::Is(true)
        });
        let node = self.node(o);
        let v6 = match self.get(o, "ip_address_type").text() {
            Known::Is(t) => yes(t.contains("dualstack") || t == "ipv6"),
            Known::Absent => Tri::No,
            Known::Unknown => Tri::Maybe(self.doubt(item, "ip_address_type", NOT_KNOWN)),
        };
        for subnet in self.subnets_of_endpoint(o) {
            let mut groups = self.groups_of(o, "security_group_ids", &many, Some(vpc));
            if many[0].absent && many.len() > 1 && !replaced {
                let default = self.vpc_info[vpc.index()].group;
                if !groups.known.iter().any(|(g, _)| *g == default) {
                    groups.known.push((default, Presence::Sure));
                }
            }
            let spec = Spec {
                kind: InterfaceKind::Endpoint,
                groups: Some(groups),
                families: (Tri::Yes, v6),
                ..Spec::new(item, node, subnet)
            };
            let i = self.interface_of(o, spec);
            self.name_interface(o, i, &["id"]);
        }
        self.endpoint_relay(o, node);
    }
    /// "Control access to VPC endpoints using endpoint policies": without one all is allowed;
    /// what one refuses is not read, so nothing is certain.
    fn policy(&mut self, o: Obj) -> Presence {
        let id = self.get(o, "id").id();
        let policy = self.get(o, "policy");
        let full = matches!(policy.text(), Known::Is(p) if allows_all(p));
        let own = !policy.is_absent() && !policy.is_stand_in() && !full;
        let added = self.of("aws_vpc_endpoint_policy").into_iter().any(|p| {
            let of = self.get(p, "vpc_endpoint_id").id();
            of.is_unknown() || of == id
        });
        if !own && !added {
            return Presence::Sure;
        }
        let item = self.item(o);
        self.maybe(item, "policy", "what its policy refuses is not looked at")
    }
    /// Where an endpoint leads: to a service of AWS, or to a load balancer of this world.
    fn endpoint_relay(&mut self, o: Obj, from: NodeId) {
        let item = self.item(o);
        let relay = |to, presence| Relay::inside(item, from, to, presence);
        let name = match self.get(o, "service_name").id() {
            Known::Is(n) => n,
            _ => {
                self.unsupported(item, "to which service it leads is not known", Vec::new());
                return;
            }
        };
        let service = self.find(o, &["aws_vpc_endpoint_service"], name);
        let Some(s) = service else {
            let to = self.service(service_of(name).unwrap_or(name));
            let presence = self.policy(o);
            self.net.relays.push(relay(to, presence));
            return;
        };
        // "Share your services through AWS PrivateLink": connections may have to be accepted.
        let needs = self.get(s, "acceptance_required").flag() != Known::Is(false);
        let id = self.get(o, "id").id();
        let accepted = self.get(o, "auto_accept").flag() == Known::Is(true)
            || self
                .of("aws_vpc_endpoint_connection_accepter")
                .into_iter()
                .any(|a| self.get(a, "vpc_endpoint_id").id() == id);
        let presence = if needs && !accepted {
            self.maybe(
                item,
                "service_name",
                "whether the connection is accepted is not in this configuration",
            )
        } else {
            Presence::Sure
        };
        let many = self.get(s, "network_load_balancer_arns").many();
        let mut known = !many.unknown;
        for b in &many.items {
            match b.id() {
                Known::Is(arn) => match self.find(s, &["aws_lb", "aws_alb"], arn) {
                    Some(lb) => {
                        let to = self.node(lb);
                        let presence = self.enforced(lb, presence);
                        // The port is that of the connection to the endpoint.
                        match self.listener_ports_of(lb) {
                            Some(ports) => {
                                for on in ports {
                                    let on = Some(on);
                                    self.net.relays.push(Relay {
                                        accepts: on,
                                        connects: on,
                                        ..relay(to, presence)
                                    });
                                }
                            }
                            None => self.net.relays.push(relay(to, presence)),
                        }
                    }
                    None => known = false,
                },
                _ => known = false,
            }
        }
        if !known {
            self.unsupported(item, "to which load balancer its service leads is not known", Vec::new());
        }
    }
    /// "Update the security groups for your Network Load Balancer": its groups look at what comes
    /// by PrivateLink unless that is turned off, and whose address they see then is not known.
    fn enforced(&mut self, lb: Obj, presence: Presence) -> Presence {
        let off = self.get(lb, "enforce_security_group_inbound_rules_on_private_link_traffic").text();
        if self.get(lb, "security_groups").is_absent() || off == Known::Is("off") {
            return presence;
        }
        let item = self.item(lb);
        let enforced = self.maybe(item, "security_groups", "its groups may refuse what comes by PrivateLink");
        both(presence, enforced)
    }

    /// "Gateway Load Balancer endpoints": packets pass through, nothing filters.
    fn inspection_endpoint(&mut self, o: Obj) {
        let item = self.item(o);
        let node = self.node(o);
        let presence = self.maybe(item, "", "what the appliances behind it refuse is not known");
        for subnet in self.subnets_of_endpoint(o) {
            let i = self.inspection(o, item, node, subnet);
            self.net.interfaces[i.index()].presence = presence;
        }
        let interfaces = self.holders.get(&o).cloned().unwrap_or_default();
        if let Known::Is(id) = self.get(o, "id").id() {
            self.enis.entry(id).or_default().extend(interfaces);
        }
    }
    pub(super) fn inspection(&mut self, o: Obj, item: ItemId, node: NodeId, subnet: SubnetId) -> InterfaceId {
        let families = self.subnet_info[subnet.index()].families;
        let spec = Spec {
            kind: InterfaceKind::Inspection,
            families,
            source_dest_check: Tri::No,
            ..Spec::new(item, node, subnet)
        };
        self.interface_of(o, spec)
    }

    /// "AWS Client VPN": clients appear with addresses of the interfaces in the associated subnets,
    /// which have the endpoint's groups, or the VPC's default one.
    pub(crate) fn read_client_vpn(&mut self) {
        for o in self.of("aws_ec2_client_vpn_endpoint") {
            let item = self.item(o);
            let node = self.node(o);
            self.net.nodes[node.index()].listens = Some(Vec::new());
            let id = self.get(o, "id").id();
            let everywhere = self.of("aws_ec2_client_vpn_authorization_rule").into_iter().any(|r| {
                let range = self.get(r, "target_network_cidr").net();
                self.get(r, "client_vpn_endpoint_id").id() == id
                    && matches!(range, Known::Is(n) if n.prefix_len() == 0)
            });
            let presence = if everywhere {
                Presence::Sure
            } else {
                self.maybe(item, "", "which networks clients are authorized for is not modelled")
            };
            for a in self.of("aws_ec2_client_vpn_network_association") {
                let of = self.get(a, "client_vpn_endpoint_id").id();
                if of != id && !of.is_unknown() {
                    continue;
                }
                let subnet = self.subnet_at(a, "subnet_id");
                let vpc = self.vpc_of_subnet(subnet);
                let groups = self.groups_at(o, "security_group_ids", Some(vpc));
                // "Access to the internet using Client VPN": a route to an internet gateway is enough.
                let spec = Spec {
                    groups: Some(groups),
                    public: Tri::Yes,
                    many: true,
                    presence,
                    ..Spec::new(item, node, subnet)
                };
                self.interface_of(o, spec);
            }
        }
    }
}

/// Whether a policy refuses nobody anything: "the default endpoint policy" ("Control access to VPC
/// endpoints using endpoint policies"), or one that says the same.
fn allows_all(policy: &str) -> bool {
    use serde_json::Value;
    let Ok(policy) = serde_json::from_str::<Value>(policy) else { return false };
    // One of something may be written without its list.
    let statements = match &policy["Statement"] {
        Value::Array(all) => all.iter().collect(),
        one => vec![one],
    };
    let all = |v: &Value| match v {
        Value::Array(list) => list.iter().any(|v| v == "*"),
        v => v == "*",
    };
    let anybody = |v: &Value| all(v) || all(&v["AWS"]);
    let open = |s: &Value| {
        s["Effect"] == "Allow"
            && s.get("Condition").is_none()
            && anybody(&s["Principal"])
            && all(&s["Action"])
            && all(&s["Resource"])
    };
    statements.iter().all(|s| s["Effect"] == "Allow") && statements.iter().any(|s| open(s))
}

#[cfg(test)]
mod tests {
    use super::allows_all;

    #[test]
    fn policies_that_allow_all() {
        let statement = |s: &str| format!("{{\"Version\":\"2008-10-17\",\"Statement\":{s}}}");
        let full = r#"{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}"#;
        assert!(allows_all(&statement(&format!("[{full}]"))) && allows_all(&statement(full)));
        assert!(allows_all(&statement(
            r#"[{"Action":["*"],"Effect":"Allow","Principal":{"AWS":"*"},"Resource":["*"]}]"#
        )));
        for refuses in [
            r#"[{"Action":"s3:*","Effect":"Allow","Principal":"*","Resource":"*"}]"#,
            r#"[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"arn:aws:s3:::a/*"}]"#,
            r#"[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*","Condition":{}}]"#,
            r#"[{"Action":"*","Effect":"Allow","Principal":{"AWS":"123456789012"},"Resource":"*"}]"#,
            &format!(
                "[{full},{{\"Action\":\"*\",\"Effect\":\"Deny\",\"Principal\":\"*\",\"Resource\":\"*\"}}]"
            ),
            "[]",
        ] {
            assert!(!allows_all(&statement(refuses)), "{refuses}");
        }
        assert!(!allows_all("no JSON"));
    }
}
