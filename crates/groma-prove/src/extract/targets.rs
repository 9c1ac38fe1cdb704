//! What is registered with target groups.

use super::balancers::{Goal, Port};
use super::build::*;
use super::read::Known;
use super::subnets::push_new;
use crate::model::*;

impl Build<'_> {
    /// What an attachment's `target_id` means: an instance, an address, a function or a load
    /// balancer.
    pub(super) fn goals_of_attachment(&mut self, a: Obj, group: Obj, port: Port) -> Vec<Goal> {
        let item = self.item(a);
        let view = self.get(a, "target_id");
        let Known::Is(id) = view.id() else {
            self.unsupported(item, "what it registers is not known", Vec::new());
            return Vec::new();
        };
        let goal = |node, direct, presence| Goal { item, node, port, direct, presence };
        let types = [
            "aws_instance",
            "aws_spot_instance_request",
            "aws_lambda_function",
            "aws_lambda_alias",
            "aws_lb",
            "aws_alb",
        ];
        let address = super::read::parse_net(id);
        // Several VPCs may have the same addresses.
        let same = if address.is_some() { self.find_all(&types, id) } else { Vec::new() };
        if same.len() < 2
            && let Some(mut to) = self.find(a, &types, id)
        {
            if self.ty(to) == "aws_lambda_alias"
                && let Known::Is(f) = self.get(to, "function_name").id()
            {
                to = self.find(to, &["aws_lambda_function"], f).unwrap_or(to);
            }
            let direct = self.ty(to).starts_with("aws_lambda");
            let node = self.node(to);
            return vec![goal(node, direct, Presence::Sure)];
        }
        if self.get(group, "target_type").text() != Known::Is("ip") {
            self.unsupported(item, "what it registers is not in this configuration", Vec::new());
            return Vec::new();
        }
        // An address that an interface was given.
        let Some(net) = address else {
            self.unsupported(item, "what it registers is not known", Vec::new());
            return Vec::new();
        };
        let mut out: Vec<Goal> = Vec::new();
        // The target group's VPC tells which of them is meant; in others it is reached by a peering.
        let vpc = match self.get(group, "vpc_id").id() {
            Known::Is(v) => self.vpcs.get(v).copied(),
            _ => None,
        };
        let named: Vec<NodeId> = same.into_iter().map(|o| self.node(o)).collect();
        let mut exact: Vec<(NodeId, bool)> = Vec::new();
        for i in &self.net.interfaces {
            if i.addresses.contains(&net) || named.contains(&i.node) {
                push_new(&mut exact, (i.node, Some(self.vpc_of_subnet(i.subnet)) == vpc));
            }
        }
        if exact.iter().any(|(_, here)| *here) {
            exact.retain(|(_, here)| *here);
        }
        if let [(n, _)] = exact[..] {
            return vec![goal(n, false, Presence::Sure)];
        }
        let doubt = self.maybe(item, "target_id", "whose address it is is not known");
        if !exact.is_empty() {
            return exact.into_iter().map(|(n, _)| goal(n, false, doubt)).collect();
        }
        for i in &self.net.interfaces {
            let s = &self.net.subnets[i.subnet.index()];
            if (view.is_stand_in() || s.ranges.is_empty() || s.ranges.iter().any(|r| r.contains(&net)))
                && i.addresses.is_empty()
                && i.kind != InterfaceKind::Nat
                && !out.iter().any(|g| g.node == i.node)
            {
                out.push(goal(i.node, false, doubt));
            }
        }
        if out.is_empty() {
            self.unsupported(
                item,
                "the address that it registers is of nothing in this configuration",
                Vec::new(),
            );
        }
        out
    }
}
