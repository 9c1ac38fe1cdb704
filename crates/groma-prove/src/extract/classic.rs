//! Classic load balancers.

use super::build::*;
use super::interfaces::{INSTANCES, Spec};
use super::managed::tcp;
use super::read::{Known, View};
use crate::model::*;

/// Ports; any where absent.
type On = Option<(Protocol, Ports)>;

impl<'w> Build<'w> {
    pub(crate) fn read_classic(&mut self, o: Obj) {
        let item = self.item(o);
        let node = self.node(o);
        let many = self.get(o, "subnets").many();
        let mut subnets = self.subnets_from(o, &many);
        if subnets.is_empty() {
            subnets = self.default_subnets(o);
        }
        let internal = self.tri(o, "internal", false);
        let public = match internal {
            Tri::Yes => Tri::No,
            Tri::No => Tri::Yes,
            maybe => maybe,
        };
        for subnet in subnets {
            let vpc = self.vpc_of_subnet(subnet);
            let groups = self.groups_at(o, "security_groups", Some(vpc));
            // "aws_elb", `source_security_group_id`: for rules of instances behind it.
            if let (Known::Is(id), [(first, _), ..]) =
                (self.get(o, "source_security_group_id").id(), &groups.known[..])
            {
                self.groups.entry(id).or_insert(*first);
            }
            let spec = Spec {
                kind: InterfaceKind::LoadBalancer,
                groups: Some(groups),
                public,
                many: true,
                ..Spec::new(item, node, subnet)
            };
            self.interface_of(o, spec);
        }
    }

    pub(crate) fn classic_relays(&mut self) {
        for lb in self.of("aws_elb") {
            let from = self.node(lb);
            let id = self.get(lb, "id").id();
            let name = self.get(lb, "name").id();
            let mut to: Vec<(ItemId, NodeId)> = Vec::new();
            let item = self.item(lb);
            let many = self.get(lb, "instances").many();
            let mut unknown = many.unknown;
            for i in &many.items {
                let found = i.id().is().and_then(|t| self.find(lb, &INSTANCES, t));
                match found {
                    Some(o) => to.push((item, self.node(o))),
                    None => unknown = true,
                }
            }
            if unknown {
                self.unsupported(
                    item,
                    "to which instances it leads is not in this configuration",
                    Vec::new(),
                );
            }
            let mine = |k: Known<&str>| k.is_unknown() || k == id || (k == name && !name.is_absent());
            for a in self.of("aws_elb_attachment") {
                if mine(self.get(a, "elb").id())
                    && let Known::Is(t) = self.get(a, "instance").id()
                    && let Some(o) = self.find(a, &INSTANCES, t)
                {
                    to.push((self.item(a), self.node(o)));
                }
            }
            for g in self.of_any(&["aws_autoscaling_group", "aws_spot_fleet_request"]) {
                let many = self.get(g, "load_balancers").many();
                if many.items.iter().any(|v| mine(v.id())) {
                    to.push((self.item(g), self.node(g)));
                }
            }
            for a in self.of("aws_autoscaling_attachment") {
                let elb = self.get(a, "elb");
                if !elb.is_absent()
                    && mine(elb.id())
                    && let Known::Is(n) = self.get(a, "autoscaling_group_name").id()
                    && let Some(g) = self.find(a, &["aws_autoscaling_group"], n)
                {
                    to.push((self.item(a), self.node(g)));
                }
            }
            for s in self.of("aws_ecs_service") {
                for b in self.get(s, "load_balancer").many().items {
                    if !b.get("elb_name").is_absent() && mine(b.get("elb_name").id()) {
                        to.push((self.item(s), self.node(s)));
                    }
                }
            }
            let mut listens = Some(Vec::new());
            let listeners = self.get(lb, "listener").many();
            if listeners.unknown {
                listens = None;
            }
            let port = |v: View<'w>, name: &str| {
                let n = v.get(name).num().is().and_then(|p| u16::try_from(p).ok());
                n.map(|n| tcp(n, n))
            };
            let mut pairs: Vec<(On, On)> =
                listeners.items.iter().map(|l| (port(*l, "lb_port"), port(*l, "instance_port"))).collect();
            if listeners.unknown {
                pairs.push((None, None));
            }
            for (accepts, connects) in pairs {
                match (accepts, listens.as_mut()) {
                    (Some(a), Some(l)) => l.push(a),
                    _ => listens = None,
                }
                for (item, to) in &to {
                    self.net.relays.push(Relay {
                        item: *item,
                        from,
                        accepts,
                        to: *to,
                        connects,
                        keeps_client: Tri::No,
                        direct: false,
                        presence: Presence::Sure,
                    });
                }
            }
            self.net.nodes[from.index()].listens = listens;
        }
    }
}
