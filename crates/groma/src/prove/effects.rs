//! What single steps of an apply do to who reaches whom, whatever else is there.

use super::moments::{Change, Moments};
use groma_prove::Touches;
use groma_prove::world::Object;
use groma_value::{Name, Value};
use std::collections::BTreeMap;

/// What a step does to who reaches whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It can only make more possible.
    Opens,
    /// It can only make less possible.
    Closes,
    /// A route or an association: it may do both, and the model has a doubt for it.
    Leads,
    /// It may do both.
    Both,
}

/// Types of which a new object only makes more possible, and whose end only less: nothing goes by
/// another way because it is there, and nothing that is there depends on its not being there.
pub const OPENS: [&str; 48] = [
    "aws_alb",
    "aws_alb_listener",
    "aws_alb_listener_rule",
    "aws_alb_target_group_attachment",
    "aws_apigatewayv2_vpc_link",
    "aws_autoscaling_attachment",
    "aws_autoscaling_group",
    "aws_cloudfront_vpc_origin",
    "aws_db_instance",
    "aws_db_proxy",
    "aws_db_proxy_target",
    "aws_docdb_cluster",
    "aws_docdb_cluster_instance",
    "aws_ecs_service",
    "aws_efs_mount_target",
    "aws_egress_only_internet_gateway",
    "aws_eip",
    "aws_eip_association",
    "aws_elasticache_cluster",
    "aws_elasticache_replication_group",
    "aws_elasticache_serverless_cache",
    "aws_elb",
    "aws_instance",
    "aws_internet_gateway",
    "aws_lambda_function",
    "aws_lb",
    "aws_lb_listener",
    "aws_lb_listener_rule",
    "aws_lb_target_group_attachment",
    "aws_memorydb_cluster",
    "aws_mq_broker",
    "aws_msk_cluster",
    "aws_nat_gateway",
    "aws_network_interface",
    "aws_networkfirewall_firewall",
    "aws_opensearch_domain",
    "aws_rds_cluster",
    "aws_rds_cluster_instance",
    "aws_redshift_cluster",
    "aws_route_table",
    "aws_scheduler_schedule",
    "aws_security_group",
    "aws_security_group_rule",
    "aws_spot_instance_request",
    "aws_subnet",
    "aws_vpc",
    "aws_vpc_security_group_egress_rule",
    "aws_vpc_security_group_ingress_rule",
];

/// Types whose objects are routes, or have some beside what they open.
pub const ROUTES: [&str; 3] = ["aws_route", "aws_vpc_endpoint", "aws_vpc_endpoint_route_table_association"];

/// The association of a subnet, or of a gateway, with a route table.
pub const ASSOCIATION: &str = "aws_route_table_association";

/// Network ACLs, and what belongs to them.
pub const ACLS: [&str; 4] =
    ["aws_default_network_acl", "aws_network_acl", "aws_network_acl_association", "aws_network_acl_rule"];

/// The type of an object.
pub fn ty(o: &Object) -> &str {
    &o.addr.resource.ty
}

/// An attribute that is a text with something in it.
pub fn text(o: &Object, name: &str) -> Option<String> {
    let value = o.values.get_attr(name)?.unmark().0;
    value.as_str().filter(|t| !t.is_empty()).map(str::to_owned)
}

/// Whether an attribute has nothing in it, for sure.
pub fn empty(o: &Object, name: &str) -> bool {
    let Some(v) = o.values.get_attr(name).map(|v| v.unmark().0) else { return true };
    v.is_null() || v.is_known() && v.as_elements().is_some_and(<[Value]>::is_empty)
}

/// Whether two versions of an object differ in nothing but tags.
pub fn alike(a: &Object, b: &Object) -> bool {
    let fields = |o: &Object| -> BTreeMap<Name, Value> {
        let plain = o.values.unmark_deep().0;
        let all = plain.as_fields().map(|f| f.iter().map(|(n, v)| (n.clone(), v.clone())).collect());
        let mut all: BTreeMap<Name, Value> = all.unwrap_or_default();
        all.retain(|n, _| !matches!(&**n, "tags" | "tags_all"));
        all
    };
    fields(a) == fields(b)
}

impl<'a> Moments<'a> {
    /// Whether a VPC is new of which `name` is the attribute with this value.
    fn in_new_vpc(&self, name: &str, id: Option<String>) -> bool {
        let Some(id) = id else { return false };
        let made = self.changes.iter().filter(|c| c.removes.is_none()).filter_map(|c| c.adds);
        let mut vpcs = made.filter(|o| ty(o) == "aws_vpc");
        vpcs.any(|o| text(o, name).as_deref() == Some(id.as_str()))
    }

    /// What a change does.
    pub(super) fn effect(&self, c: &Change<'a>) -> Effect {
        let (object, made) = match (c.adds, c.removes) {
            (Some(o), None) => (o, true),
            (None, Some(o)) => (o, false),
            _ => return Effect::Both,
        };
        let ty = ty(object);
        // What is only named is named by what comes after it.
        if OPENS.binary_search(&ty).is_ok() || groma_prove::touches(ty) == Touches::ByName {
            return if made { Effect::Opens } else { Effect::Closes };
        }
        if ROUTES.contains(&ty) {
            // "Route tables": a route for a VPC's own range stands in for the local one.
            let range = ["destination_cidr_block", "destination_ipv6_cidr_block"].map(|n| text(object, n));
            let ranges = ["cidr_block", "ipv6_cidr_block"];
            let local = |o: &Object| {
                o.addr.resource.ty.starts_with("aws_vpc")
                    && ranges.iter().any(|n| text(o, n).is_some_and(|r| range.contains(&Some(r))))
            };
            return if self.objects().any(local) { Effect::Both } else { Effect::Leads };
        }
        if ty == ASSOCIATION {
            let subnet = text(object, "subnet_id");
            let same = |o: &&Object| super::effects::ty(o) == ASSOCIATION && text(o, "subnet_id") == subnet;
            let known = subnet.is_some()
                && empty(object, "gateway_id")
                && self.objects().any(|o| super::effects::ty(o) == "aws_subnet" && text(o, "id") == subnet);
            return if known && self.objects().filter(same).count() == 1 {
                Effect::Leads
            } else {
                Effect::Both
            };
        }
        if !made {
            return Effect::Both;
        }
        match ty {
            // Without rules of its own it has less than AWS gives it.
            "aws_default_security_group" if empty(object, "ingress") && empty(object, "egress") => {
                Effect::Closes
            }
            // The main table of a new VPC leads nowhere.
            "aws_default_route_table"
                if self.in_new_vpc("default_route_table_id", text(object, "default_route_table_id")) =>
            {
                Effect::Opens
            }
            // "Default network ACL": that of a new VPC lets everything through.
            "aws_default_network_acl"
                if self.in_new_vpc("default_network_acl_id", text(object, "default_network_acl_id")) =>
            {
                Effect::Closes
            }
            "aws_network_acl" if self.in_new_vpc("id", text(object, "vpc_id")) => Effect::Closes,
            _ => Effect::Both,
        }
    }
}
