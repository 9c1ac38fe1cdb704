//! What AWS computes of a place: in which VPC something is whose subnets are named.

use std::collections::{HashMap, HashSet};

use groma_value::Value;

use super::build::*;
use super::read::Known;
use crate::model::*;

/// Types that may be given a VPC by `vpc_id`, and otherwise are in the default one.
const BY_DEFAULT: [&str; 9] = [
    "aws_alb_target_group",
    "aws_default_security_group",
    "aws_default_subnet",
    "aws_ec2_client_vpn_endpoint",
    "aws_flow_log",
    "aws_internet_gateway",
    "aws_lb_target_group",
    "aws_security_group",
    "aws_vpn_gateway",
];

/// All texts of a value, with the name of the attribute that they are in.
fn texts<'w>(v: &'w Value, name: &'w str, f: &mut dyn FnMut(&'w str, &'w str)) {
    match v.peel() {
        Value::String(s) => f(name, s),
        Value::Object(o) => o.iter().for_each(|(n, x)| texts(x, n, f)),
        Value::Map(m) => m.items.values().for_each(|x| texts(x, name, f)),
        other => other.as_elements().unwrap_or_default().iter().for_each(|x| texts(x, name, f)),
    }
}

impl<'w> Build<'w> {
    /// A VPC's id that nothing here is the id of may still be known: what names subnets is in their
    /// VPC (`aws_lb.x.vpc_id`, `aws_eks_cluster.x.vpc_config[0].vpc_id`). Others, of what is not in the
    /// default VPC unless it says so, are ids of a VPC that nobody knows.
    pub(crate) fn read_computed_vpcs(&mut self) {
        let mut of_subnet: HashMap<&'w str, &'w str> = HashMap::new();
        let subnets = self.of_any(&["aws_subnet", "aws_default_subnet"]);
        for o in subnets.iter().copied().chain(self.data("aws_subnet")) {
            if let (Known::Is(id), Known::Is(vpc)) = (self.get(o, "id").id(), self.get(o, "vpc_id").id()) {
                of_subnet.insert(id, vpc);
            }
        }
        let world = self.world;
        // One may lead to the next.
        for _ in 0..4 {
            let mut found: Vec<(&'w str, VpcId)> = Vec::new();
            let mut seen: HashSet<&'w str> = HashSet::new();
            for object in &world.objects {
                let mut missing: HashSet<&'w str> = HashSet::new();
                let mut vpcs: HashSet<VpcId> = HashSet::new();
                texts(&object.values, "", &mut |name, text| {
                    if name.ends_with("vpc_id") && !text.is_empty() && !self.vpcs.contains_key(text) {
                        missing.insert(text);
                    }
                    vpcs.extend(of_subnet.get(text).and_then(|v| self.vpcs.get(v)));
                });
                if !BY_DEFAULT.contains(&&*object.addr.resource.ty) {
                    seen.extend(&missing);
                }
                if let (1, [vpc]) = (missing.len(), &vpcs.iter().copied().collect::<Vec<_>>()[..]) {
                    found.extend(missing.iter().map(|id| (*id, *vpc)));
                }
            }
            self.computed = seen;
            if found.is_empty() {
                break;
            }
            for (id, vpc) in found {
                self.vpcs.entry(id).or_insert(vpc);
                self.computed.remove(id);
            }
        }
    }
}
